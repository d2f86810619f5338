/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* rte_pio_driver.h: the helpers by themselves, and what the library answers to drivers. */

#include <cstring>
#include <deque>
#include <set>

#include <rte_bus_vdev.h>

#include "fake_driver.h"
#include "observe.h"
#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* Layout: slots, then the reserve, the scratch line last. */

TEST(Helpers, LayoutOfTheExampleInRtePioH)
{
	struct rte_pio_driver_layout l;

	ASSERT_EQ(rte_pio_driver_layout(2048, 250, 192, &l), 0);
	EXPECT_EQ(l.slot_size, 256u);
	EXPECT_EQ(l.nb_slots, 7u) << "slots end at 1792";
	EXPECT_EQ(l.template_off, 1792u);
	EXPECT_EQ(l.template_mem, 192u);
	EXPECT_EQ(l.scratch_off, 1984u);
}

TEST(Helpers, LayoutWastesNothingAndOverlapsNothing)
{
	for (uint32_t mem = 64; mem <= 4096; mem += 64) {
		for (uint32_t threshold : { 14u, 60u, 64u, 65u, 200u, 256u, 1000u, 4000u }) {
			for (uint32_t reserve : { 0u, 1u, 64u, 500u, 4096u }) {
				const uint32_t slot = RTE_ALIGN_CEIL(threshold, 64u);
				const uint32_t lines = RTE_ALIGN_CEIL(reserve, 64u);
				struct rte_pio_driver_layout l;

				SCOPED_TRACE(::testing::Message() << mem << " " << threshold
					     << " " << reserve);
				const int ret = rte_pio_driver_layout(mem, threshold, reserve, &l);
				if (mem < 64 + slot + lines) {
					ASSERT_EQ(ret, -ENOSPC);
					continue;
				}
				ASSERT_EQ(ret, 0);
				ASSERT_EQ(l.scratch_off, mem - 64);
				ASSERT_EQ(l.template_mem, lines);
				ASSERT_EQ(l.template_off + lines, l.scratch_off);
				ASSERT_EQ(l.slot_size, slot);
				ASSERT_GE(l.nb_slots, 1u);
				ASSERT_LE(l.nb_slots * slot, l.template_off);
				ASSERT_GT((l.nb_slots + 1) * slot, l.template_off);
			}
		}
	}
}

TEST(Helpers, LayoutRefusesNonsense)
{
	struct rte_pio_driver_layout l;

	EXPECT_EQ(rte_pio_driver_layout(2047, 64, 0, &l), -EINVAL);
	EXPECT_EQ(rte_pio_driver_layout(2048, 13, 0, &l), -EINVAL);
	EXPECT_EQ(rte_pio_driver_layout(2048, 65536, 0, &l), -EINVAL);
	EXPECT_EQ(rte_pio_driver_layout(UINT32_MAX - 63, 64, UINT32_MAX, &l), -EINVAL);
	EXPECT_EQ(rte_pio_driver_layout(0, 64, 0, &l), -ENOSPC);
}

/* Slots: given and taken back in order, any number. */

TEST(Helpers, SlotsGoRound)
{
	for (uint32_t nb : { 1u, 2u, 3u, 7u, 16u, 31u }) {
		for (uint32_t size : { 64u, 192u, 256u }) {
			rte_pio_slots s;
			std::deque<uint32_t> out;
			uint32_t seed = nb;

			rte_pio_slots_init(&s, 128, nb, size);
			ASSERT_EQ(s.nb_free, nb);
			for (int i = 0; i < 2000; i++) {
				seed = seed * 1664525u + 1013904223u;
				if (s.nb_free > 0 && (seed >> 31) != 0) {
					const uint32_t off = rte_pio_slots_take(&s);

					ASSERT_EQ((off - 128) % size, 0u);
					ASSERT_LT(off, 128 + nb * size);
					for (uint32_t other : out)
						ASSERT_NE(other, off) << "given out twice";
					out.push_back(off);
				} else if (!out.empty()) {
					const uint32_t n = 1 + (seed >> 8) % out.size();

					rte_pio_slots_put(&s, n);
					out.erase(out.begin(), out.begin() + n);
				}
				ASSERT_EQ(s.nb_free, nb - out.size());
			}
		}
	}
}

/* The verdict, on times that are not measured. */

TEST(Helpers, VerdictOfMadeUpTimes)
{
	const struct {
		uint32_t burst, single, memory;
		rte_pio_wc_verdict verdict;
	} cases[] = {
		/* Write combining: the burst is one transaction. */
		{ 210000, 200000, 5000, RTE_PIO_WC_COMBINING },
		{ 400000, 200000, 5000, RTE_PIO_WC_COMBINING },
		{ 150000, 200000, 5000, RTE_PIO_WC_COMBINING },
		/* Uncached: it is eight. */
		{ 1600000, 200000, 5000, RTE_PIO_WC_NOT_COMBINING },
		{ 800000, 200000, 5000, RTE_PIO_WC_NOT_COMBINING },
		/* In between. */
		{ 500000, 200000, 5000, RTE_PIO_WC_NOT_DISTINGUISHABLE },
		{ 799999, 200000, 5000, RTE_PIO_WC_NOT_DISTINGUISHABLE },
		/* As fast as memory: no bus. */
		{ 6000, 5000, 5000, RTE_PIO_WC_NOT_DISTINGUISHABLE },
		{ 19999, 19999, 5000, RTE_PIO_WC_NOT_DISTINGUISHABLE },
		{ 20000, 20000, 5000, RTE_PIO_WC_COMBINING },
		{ 160000, 20000, 5000, RTE_PIO_WC_NOT_COMBINING },
		/* No time at all, and times that hardly fit. */
		{ 0, 0, 0, RTE_PIO_WC_NOT_DISTINGUISHABLE },
		{ UINT32_MAX, 1, 0, RTE_PIO_WC_NOT_COMBINING },
		{ UINT32_MAX, UINT32_MAX, 1, RTE_PIO_WC_COMBINING },
		{ UINT32_MAX, UINT32_MAX, UINT32_MAX, RTE_PIO_WC_NOT_DISTINGUISHABLE },
	};
	for (const auto &c : cases)
		EXPECT_EQ(rte_pio_driver_wc_verdict(c.burst, c.single, c.memory), c.verdict)
			<< c.burst << " " << c.single << " " << c.memory;
}

TEST(Helpers, MeasuringWritesItsLineOnly)
{
	alignas(64) uint8_t lines[3 * 64];
	rte_pio_wc_info info = {};

	std::memset(lines, 0xa5, sizeof(lines));
	rte_pio_driver_wc_measure(&lines[64], &info);
	EXPECT_EQ(info.measured, RTE_PIO_WC_NOT_DISTINGUISHABLE) << "this is memory";
	EXPECT_GT(info.burst_ps, 0u);
	EXPECT_GT(info.single_ps, 0u);
	for (int i = 0; i < 64; i++) {
		EXPECT_EQ(lines[i], 0xa5);
		EXPECT_EQ(lines[128 + i], 0xa5);
	}
}

/* The checks that stay in every build. */

TEST(Helpers, FramesAreChecked)
{
	uint8_t f[64] = {};

	EXPECT_EQ(rte_pio_driver_frame_check(f, 14, 0), 0);
	EXPECT_EQ(rte_pio_driver_frame_check(f, UINT32_MAX, RTE_PIO_FLAGS_ALL), 0);
	EXPECT_EQ(rte_pio_driver_frame_check(f, 13, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_frame_check(nullptr, 64, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_frame_check(f, 64, RTE_PIO_FLAGS_ALL + 1), -EINVAL);
}

TEST(Helpers, PiecesAreCheckedAndSummedWithoutOverflow)
{
	std::vector<rte_pio_iov> iov(RTE_PIO_IOV_MAX + 1, rte_pio_iov{ "x", UINT32_MAX });
	const rte_pio_iov hole[] = { { "header.header.", 14 }, { nullptr, 1 } };
	const rte_pio_iov empty[] = { { "header.header.", 14 }, { nullptr, 0 } };

	EXPECT_EQ(rte_pio_driver_iov_check(iov.data(), RTE_PIO_IOV_MAX, 0),
		  (int64_t)RTE_PIO_IOV_MAX * UINT32_MAX);
	EXPECT_EQ(rte_pio_driver_iov_check(iov.data(), RTE_PIO_IOV_MAX + 1, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_iov_check(iov.data(), 0, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_iov_check(nullptr, 1, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_iov_check(hole, 2, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_iov_check(empty, 2, 0), 14);
	EXPECT_EQ(rte_pio_driver_iov_check(empty, 2, 1u << 31), -EINVAL);
	iov[0].len = 13;
	EXPECT_EQ(rte_pio_driver_iov_check(iov.data(), 1, 0), -EINVAL);
}

/* Which errno a reason has. errno: rte_pio_driver_refuse EMSGSIZE EAGAIN EBUSY ENOTSUP */

TEST(Helpers, ReasonsHaveTheirErrno)
{
	rte_pio_queue_stats stats = {};

	for (int r = RTE_PIO_FB_NONE + 1; r < RTE_PIO_FB_MAX; r++) {
		const auto reason = (rte_pio_fb_reason)r;
		int want = -ENOTSUP;

		if (reason == RTE_PIO_FB_LEN || reason == RTE_PIO_FB_THRESHOLD)
			want = -EMSGSIZE;
		else if (reason == RTE_PIO_FB_NO_SLOT || reason == RTE_PIO_FB_NO_CREDIT ||
			 reason == RTE_PIO_FB_RING_FULL)
			want = -EAGAIN;
		else if (reason == RTE_PIO_FB_TEMPLATE_BUSY)
			want = -EBUSY;
		EXPECT_EQ(rte_pio_driver_refuse(&stats, reason), want)
			<< rte_pio_fb_reason_name(reason);
		EXPECT_EQ(stats.refused[r], 1u);
	}
	EXPECT_EQ(stats.refused[RTE_PIO_FB_NONE], 0u);
}

TEST(Helpers, NamesAreUniqueAndKnow)
{
	std::set<std::string> reasons;

	for (int r = 0; r < RTE_PIO_FB_MAX; r++)
		EXPECT_TRUE(reasons.insert(rte_pio_fb_reason_name((rte_pio_fb_reason)r)).second);
	EXPECT_STREQ(rte_pio_fb_reason_name(RTE_PIO_FB_MAX), "unknown");
	EXPECT_STREQ(rte_pio_queue_state_name(RTE_PIO_QUEUE_STATE_MAX), "unknown");
	EXPECT_STREQ(rte_pio_wc_verdict_name(RTE_PIO_WC_VERDICT_MAX), "unknown");
	EXPECT_STREQ(rte_pio_queue_state_name(RTE_PIO_QUEUE_STARTED), "started");
	EXPECT_STREQ(rte_pio_wc_verdict_name(RTE_PIO_WC_COMBINING), "combining");
}

/* Templates */

class TemplateHelper : public ::testing::Test {
protected:
	void
	SetUp() override
	{
		rte_pio_driver_templates_init(&set, 1024, 512);
	}

	void
	TearDown() override
	{
		for (rte_pio_driver_template *t : live)
			rte_pio_driver_template_destroy(t);
		EXPECT_EQ(set.used, 0u);
		EXPECT_EQ(set.nb, 0u);
	}

	int
	Create(uint32_t len, uint32_t room, uint16_t slots, rte_pio_resident resident,
	       rte_pio_driver_template **t)
	{
		content = MakeFrame(len, len);
		rte_pio_template_conf conf = {};
		conf.data = content.data();
		conf.len = len;
		conf.room = room;
		conf.nb_slots = slots;
		conf.resident = resident;
		const int ret = rte_pio_driver_template_create(&set, 3, 4, &conf, sizeof(**t),
							       SOCKET_ID_ANY, t);
		if (ret == 0)
			live.push_back(*t);
		return ret;
	}

	void
	Forget(rte_pio_driver_template *t)
	{
		live.erase(std::find(live.begin(), live.end(), t));
	}

	/* What crosses the bus: offset and first byte of each line. */
	static void
	Store(void *ctx, uint32_t dev_off, const void *line)
	{
		static_cast<TemplateHelper *>(ctx)->stored.push_back(dev_off);
		(void)line;
	}

	std::vector<uint32_t>
	Flush(rte_pio_driver_template *t, unsigned slot)
	{
		stored.clear();
		const uint32_t nb = rte_pio_driver_template_flush(t, slot, Store, this);
		EXPECT_EQ(nb, stored.size());
		return stored;
	}

	rte_pio_driver_templates set;
	std::vector<rte_pio_driver_template *> live;
	std::vector<uint32_t> stored;
	Frame content;
};

TEST_F(TemplateHelper, TakesAllItsLinesOrNone)
{
	rte_pio_driver_template *a, *b, *c;

	ASSERT_EQ(rte_pio_driver_templates_mem_free(&set), 512u);
	ASSERT_EQ(Create(100, 100, 2, RTE_PIO_RESIDENT_REQUIRED, &a), 0);
	EXPECT_EQ(a->slot_off[0], 1024u);
	EXPECT_EQ(a->slot_off[1], 1024u + 128);
	EXPECT_EQ(a->base.port_id, 3u);
	EXPECT_EQ(a->base.queue_id, 4u);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 256u);
	/* Three lines, twice: there are four. */
	EXPECT_EQ(Create(130, 130, 2, RTE_PIO_RESIDENT_REQUIRED, &b), -ENOSPC);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 256u);
	ASSERT_EQ(Create(130, 130, 2, RTE_PIO_RESIDENT_PREFERRED, &b), 0);
	EXPECT_EQ(b->nb_slots, 0u);
	EXPECT_EQ(rte_pio_driver_template_slot(b), -1);
	ASSERT_EQ(Create(14, 256, 1, RTE_PIO_RESIDENT_REQUIRED, &c), 0);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 0u);
	/* The lines of a come back together, and are found again. */
	Forget(a);
	rte_pio_driver_template_destroy(a);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 256u);
	ASSERT_EQ(Create(200, 256, 1, RTE_PIO_RESIDENT_REQUIRED, &a), 0);
	EXPECT_EQ(a->slot_off[0], 1024u);
}

TEST_F(TemplateHelper, HoldsSixtyFourLinesAndNoMore)
{
	rte_pio_driver_template *t;

	rte_pio_driver_templates_init(&set, 0, 8192);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 4096u);
	EXPECT_EQ(Create(4097, 4097, 1, RTE_PIO_RESIDENT_REQUIRED, &t), -ENOSPC);
	ASSERT_EQ(Create(4000, 4096, 1, RTE_PIO_RESIDENT_REQUIRED, &t), 0);
	EXPECT_EQ(t->live, UINT64_MAX >> 1);
	EXPECT_EQ(Flush(t, 0).size(), 63u);
	rte_pio_driver_template_patch(t, 4095, "x", 1);
	EXPECT_EQ(t->len, 4096u);
	EXPECT_EQ(Flush(t, 0), std::vector<uint32_t>{ 63 * 64 });
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 0u);
}

TEST_F(TemplateHelper, FlushesDirtyLinesOfEachSlotAscending)
{
	rte_pio_driver_template *t;

	ASSERT_EQ(Create(250, 256, 2, RTE_PIO_RESIDENT_REQUIRED, &t), 0);
	const uint32_t one = t->slot_off[1];
	EXPECT_EQ(Flush(t, 0), (std::vector<uint32_t>{ 1024, 1088, 1152, 1216 }));
	EXPECT_TRUE(Flush(t, 0).empty());
	rte_pio_driver_template_patch(t, 127, "ab", 2);
	EXPECT_EQ(Flush(t, 0), (std::vector<uint32_t>{ 1088, 1152 }));
	/* The other slot has still to be written as a whole. */
	EXPECT_EQ(Flush(t, 1), (std::vector<uint32_t>{ one, one + 64, one + 128, one + 192 }));
	/* Nothing new in no bytes; what is behind the end has not to be written. */
	rte_pio_driver_template_patch(t, 10, "", 0);
	EXPECT_TRUE(Flush(t, 0).empty());
	rte_pio_driver_template_patch(t, 64, nullptr, 0);
	EXPECT_EQ(t->len, 64u);
	EXPECT_TRUE(Flush(t, 0).empty());
	/* ... until it is in front of the end again, as zeros. */
	rte_pio_driver_template_patch(t, 130, nullptr, 0);
	EXPECT_EQ(Flush(t, 0), (std::vector<uint32_t>{ 1088, 1152 }));
	EXPECT_EQ(std::count(t->shadow + 64, t->shadow + 192, 0), 128);
	EXPECT_EQ(t->lines, 4u + 2 + 4 + 2);
}

TEST_F(TemplateHelper, SlotsTakeTurnsAroundWhatIsInFlight)
{
	rte_pio_driver_template *t;

	ASSERT_EQ(Create(64, 64, 2, RTE_PIO_RESIDENT_REQUIRED, &t), 0);
	EXPECT_EQ(rte_pio_driver_template_slot(t), 0);
	rte_pio_driver_template_posted(t, 0);
	EXPECT_EQ(rte_pio_driver_template_slot(t), 1);
	rte_pio_driver_template_posted(t, 1);
	EXPECT_EQ(rte_pio_driver_template_slot(t), -1);
	rte_pio_driver_template_completed(t, 0);
	EXPECT_EQ(rte_pio_driver_template_slot(t), 0);
	rte_pio_driver_template_completed(t, 1);
	rte_pio_template_info info = {};
	rte_pio_driver_template_info_get(t, &info);
	EXPECT_EQ(info.sends, 2u);
	EXPECT_EQ(info.in_flight, 0u);
}

TEST_F(TemplateHelper, FreeWaitsForTheLastSend)
{
	rte_pio_driver_template *t;

	ASSERT_EQ(Create(64, 64, 2, RTE_PIO_RESIDENT_REQUIRED, &t), 0);
	rte_pio_driver_template_posted(t, 0);
	rte_pio_driver_template_posted(t, 1);
	Forget(t);
	rte_pio_driver_template_destroy(t);
	EXPECT_EQ(set.nb, 1u);
	rte_pio_driver_template_completed(t, 1);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 384u);
	rte_pio_driver_template_completed(t, 0);
	EXPECT_EQ(rte_pio_driver_templates_mem_free(&set), 512u);
	EXPECT_EQ(set.nb, 0u);

	/* Lost memory: what is in flight will never complete. */
	ASSERT_EQ(Create(64, 64, 1, RTE_PIO_RESIDENT_REQUIRED, &t), 0);
	rte_pio_driver_template_posted(t, 0);
	EXPECT_EQ(Flush(t, 0).size(), 1u);
	rte_pio_driver_template_invalidate(t);
	EXPECT_EQ(rte_pio_driver_template_slot(t), 0);
	EXPECT_EQ(Flush(t, 0).size(), 1u) << "written anew";
	rte_pio_driver_template_posted(t, 0);
	Forget(t);
	rte_pio_driver_template_destroy(t);
	rte_pio_driver_template_invalidate(t);
	EXPECT_EQ(set.nb, 0u);
}

TEST_F(TemplateHelper, ChecksPatchesOneAfterTheOther)
{
	rte_pio_driver_template *t;
	uint32_t len = 100;

	ASSERT_EQ(Create(100, 150, 1, RTE_PIO_RESIDENT_REQUIRED, &t), 0);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 101, "x", 1), -EINVAL) << "a hole";
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 0, "x", 151), -EINVAL);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 100, "x", UINT32_MAX), -EINVAL);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 20, nullptr, 1), -EINVAL);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 13, nullptr, 0), -EINVAL);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 151, nullptr, 0), -EINVAL);
	EXPECT_EQ(len, 100u) << "what was refused changed it";
	/* The second patch begins where the first one ends. */
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 100, "x", 20), 0);
	EXPECT_EQ(len, 120u);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 120, "x", 30), 0);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 14, nullptr, 0), 0);
	EXPECT_EQ(rte_pio_driver_template_check(t, &len, 15, "x", 1), -EINVAL);
	EXPECT_EQ(t->len, 100u) << "a check changes nothing";
}

TEST_F(TemplateHelper, TheMbufHasThePatchesAndTheTemplateHasNot)
{
	rte_mempool *mp = rte_pktmbuf_pool_create("helper", 3, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
						  SOCKET_ID_ANY);
	rte_pio_driver_template *t;

	ASSERT_NE(mp, nullptr);
	ASSERT_EQ(Create(100, 150, 1, RTE_PIO_RESIDENT_PREFERRED, &t), 0);
	const rte_pio_update u[] = { { "abc", 20, 3 }, { nullptr, 50, 0 }, { nullptr, 60, 0 },
				     { "end", 60, 3 } };
	rte_mbuf *m = rte_pio_driver_template_mbuf(t, mp, u, 4);
	ASSERT_NE(m, nullptr);
	Frame want = content;
	std::memcpy(&want[20], "abc", 3);
	want.resize(50);
	want.resize(60, 0);
	want.insert(want.end(), { 'e', 'n', 'd' });
	ASSERT_EQ(m->pkt_len, want.size());
	EXPECT_EQ(std::memcmp(rte_pktmbuf_mtod(m, void *), want.data(), want.size()), 0);
	rte_pktmbuf_free(m);
	EXPECT_EQ(t->len, 100u);
	EXPECT_EQ(std::memcmp(t->shadow, content.data(), 100), 0);
	EXPECT_EQ(rte_pio_driver_template_mbuf(t, nullptr, nullptr, 0), nullptr);
	rte_mempool_free(mp);
}

TEST_F(TemplateHelper, NoHostMemory)
{
	rte_pio_driver_template *t;
	pio::HostMemoryEater eater;

	EXPECT_EQ(Create(64, 64, 1, RTE_PIO_RESIDENT_PREFERRED, &t), -ENOMEM);
	EXPECT_EQ(set.used, 0u);
}

/* Registration: what drivers can do wrong. */

class Registration : public ::testing::Test {
protected:
	void
	SetUp() override
	{
		rte_eth_conf conf = {};

		ASSERT_EQ(rte_vdev_init("net_null_driver", ""), 0);
		ASSERT_EQ(rte_eth_dev_get_port_by_name("net_null_driver", &port), 0);
		pool = rte_pktmbuf_pool_create("registration", 63, 0, 0,
					       RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
		ASSERT_NE(pool, nullptr);
		ASSERT_EQ(rte_eth_dev_configure(port, 1, 2, &conf), 0);
		ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 64, SOCKET_ID_ANY, nullptr, pool), 0);
		for (uint16_t q = 0; q < 2; q++)
			ASSERT_EQ(rte_eth_tx_queue_setup(port, q, 64, SOCKET_ID_ANY, nullptr), 0);
		dev = pio_observe_dev(port);
		fake_driver_binds = true;
		fake_driver_setup_ret = 0;
	}

	void
	TearDown() override
	{
		rte_pio_driver_unregister(dev);
		EXPECT_EQ(rte_vdev_uninit("net_null_driver"), 0);
		rte_mempool_free(pool);
	}

	int
	OptIn(uint16_t q)
	{
		rte_pio_queue_conf conf;

		EXPECT_EQ(rte_pio_queue_conf_default(port, &conf), 0);
		return rte_pio_queue_setup(port, q, &conf);
	}

	uint16_t port;
	rte_eth_dev *dev;
	rte_mempool *pool;
};

TEST_F(Registration, ArgumentsMustBeThere)
{
	const uint64_t dummy = 0;
	const rte_pio_driver_ops *ops = &fake_driver_ops;
	const struct rte_pio_fp_ops *fp = &fake_driver_fp;

	EXPECT_EQ(rte_pio_driver_register(nullptr, ops, fp, &dummy, 8), -EINVAL);
	EXPECT_EQ(rte_pio_driver_register(dev, nullptr, fp, &dummy, 8), -EINVAL);
	EXPECT_EQ(rte_pio_driver_register(dev, ops, nullptr, &dummy, 8), -EINVAL);
	EXPECT_EQ(rte_pio_driver_register(dev, ops, fp, nullptr, 8), -EINVAL);
	EXPECT_EQ(rte_pio_driver_register(dev, ops, fp, &dummy, 0), -EINVAL);
	/* Each operation is missed: they are pointers, one after the other. */
	for (size_t i = 0; i < offsetof(rte_pio_driver_ops, wc_selftest) / sizeof(void *); i++) {
		rte_pio_driver_ops incomplete = *ops;

		std::memset(reinterpret_cast<void **>(&incomplete) + i, 0, sizeof(void *));
		EXPECT_EQ(rte_pio_driver_register(dev, &incomplete, fp, &dummy, 8), -EINVAL) << i;
	}
	ASSERT_EQ(fake_driver_register(port), 0);
	for (size_t i = 1; i < offsetof(struct rte_pio_fp_ops, reserved) / sizeof(void *); i++) {
		struct rte_pio_fp_ops incomplete = *fp;

		std::memset(reinterpret_cast<void **>(&incomplete) + i, 0, sizeof(void *));
		EXPECT_EQ(rte_pio_driver_fp_set(dev, &incomplete), -EINVAL) << i;
	}
	EXPECT_EQ(rte_pio_driver_fp_set(dev, nullptr), -EINVAL);
}

TEST_F(Registration, OnceAPort)
{
	EXPECT_EQ(rte_pio_driver_fp_set(dev, &fake_driver_fp), -ENODEV);
	ASSERT_EQ(fake_driver_register(port), 0);
	const uint64_t dummy = 0;
	EXPECT_EQ(rte_pio_driver_register(dev, &fake_driver_ops, &fake_driver_fp, &dummy, 8),
		  -EEXIST);
	/* Blocked until it says so, and again. */
	ASSERT_EQ(OptIn(1), 0);
	const Frame f = MakeFrame(64, 1);
	EXPECT_EQ(rte_pio_send(port, 1, f.data(), 64, 0), -ENETDOWN);
	EXPECT_EQ(rte_pio_driver_fp_set(dev, &fake_driver_fp), 0);
	rte_pio_driver_fp_unblock(port);
	EXPECT_EQ(rte_pio_driver_fp_set(dev, &fake_driver_fp), -EBUSY);
	EXPECT_EQ(rte_pio_send(port, 1, f.data(), 64, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 64, 0), -ENOTSUP) << "on the dummy";
	rte_pio_driver_fp_block(port, -EIO);
	EXPECT_EQ(rte_pio_send(port, 1, f.data(), 64, 0), -EIO);
	rte_pio_driver_unregister(dev);
	EXPECT_EQ(rte_pio_send(port, 1, f.data(), 64, 0), -ENOTSUP);
	/* Of ports that nobody registered, and of no ports: nothing happens. */
	rte_pio_driver_unregister(dev);
	rte_pio_driver_fp_block(port, -EIO);
	rte_pio_driver_fp_unblock(port);
	rte_pio_driver_fp_block(UINT16_MAX, -EIO);
	rte_pio_driver_fp_unblock(UINT16_MAX);
	ASSERT_EQ(fake_driver_register(port), 0);
}

TEST_F(Registration, NoHostMemory)
{
	pio::HostMemoryEater eater;
	const uint64_t dummy = 0;

	EXPECT_EQ(rte_pio_driver_register(dev, &fake_driver_ops, &fake_driver_fp, &dummy, 8),
		  -ENOMEM);
	EXPECT_EQ(rte_pio_driver_fp_set(dev, &fake_driver_fp), -ENODEV) << "nothing is left of it";
}

TEST_F(Registration, QueuesAreBoundOnceAndFromSetUpOnly)
{
	static rte_pio_queue_stats stats;
	uint64_t queue;

	EXPECT_EQ(rte_pio_driver_queue_bind(dev, 0, &queue, &stats), -EINVAL) << "no driver";
	ASSERT_EQ(fake_driver_register(port), 0);
	EXPECT_EQ(rte_pio_driver_queue_bind(dev, 0, &queue, &stats), -EINVAL) << "no set-up";
	EXPECT_EQ(rte_pio_driver_queue_bind(dev, UINT16_MAX, &queue, &stats), -EINVAL);
	EXPECT_EQ(rte_pio_driver_queue_bind(dev, 0, &queue, nullptr), -EINVAL);
	ASSERT_EQ(OptIn(0), 0);
	EXPECT_EQ(fake_driver_bind_null, -EINVAL);
	EXPECT_EQ(fake_driver_bind_again, -EEXIST);
	EXPECT_EQ(rte_pio_driver_queue_bind(dev, 0, &queue, &stats), -EEXIST);
	rte_pio_queue_conf conf;
	EXPECT_TRUE(rte_pio_driver_queue_conf_get(dev, 0, &conf));
	EXPECT_EQ(conf.threshold, 200u) << "the advice has taken the place of 0";
	EXPECT_TRUE(rte_pio_driver_queue_conf_get(dev, 0, nullptr));
	EXPECT_FALSE(rte_pio_driver_queue_conf_get(dev, 1, &conf));
	EXPECT_EQ(rte_pio_driver_queue_release(dev, 0), 0);
	EXPECT_EQ(rte_pio_driver_queue_release(dev, 0), 0) << "also without opt-in";
	EXPECT_FALSE(rte_pio_driver_queue_conf_get(dev, 0, &conf));
}

TEST_F(Registration, ADriverThatBindsNothingHasFailed)
{
	ASSERT_EQ(fake_driver_register(port), 0);
	fake_driver_binds = false;
	EXPECT_EQ(OptIn(0), -EIO);
	rte_pio_queue_info info;
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &info), 0);
	EXPECT_EQ(info.state, RTE_PIO_QUEUE_NONE);
	/* Its own errors come through, and leave nothing behind. */
	fake_driver_binds = true;
	for (int error : { -ENOSPC, -ENXIO, -EIO, -ENOMEM }) {
		fake_driver_setup_ret = error;
		EXPECT_EQ(OptIn(0), error);
	}
	fake_driver_setup_ret = 0;
	EXPECT_EQ(OptIn(0), 0);
	/* Operations that are not needed. */
	rte_pio_wc_info wc;
	EXPECT_EQ(rte_pio_wc_selftest(port, &wc), -ENOTSUP);
}

TEST_F(Registration, TheStandInGivesWay)
{
	rte_pio_queue_conf conf = {};
	rte_pio_queue_info info;

	conf.fallback_mp = pool;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &info), 0);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_DRIVER);
	ASSERT_EQ(fake_driver_register(port), 0);
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &info), 0);
	EXPECT_EQ(info.state, RTE_PIO_QUEUE_NONE) << "it opts in anew";
	EXPECT_EQ(OptIn(0), 0);
}
