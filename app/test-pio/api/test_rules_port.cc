/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Rules R10 to R16: mapping, stores, reasons, sharing, lengths, any port. */

#include <cstring>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* R10: what the mapping really is. */

PIO_SUITE(R10_MappingIsTold, AllSubjects);

TEST_P(R10_MappingIsTold, AskedGrantedAndWhyNotBetter)
{
	Start();
	rte_pio_wc_info wc;
	ASSERT_EQ(rte_pio_wc_info_get(port, &wc), 0);
	ASSERT_GE(wc.nb_rungs, 1u);
	ASSERT_LE(wc.nb_rungs, RTE_PIO_WC_RUNGS_MAX);
	unsigned taken = 0;
	for (unsigned i = 0; i < wc.nb_rungs; i++) {
		EXPECT_NE(wc.rungs[i].name[0], '\0');
		if (wc.rungs[i].taken) {
			taken++;
			EXPECT_EQ(wc.rungs[i].error, 0);
			EXPECT_EQ(i, wc.nb_rungs - 1u) << "rungs below the one taken are no news";
		} else {
			EXPECT_LT(wc.rungs[i].error, 0);
			EXPECT_NE(wc.rungs[i].reason[0], '\0');
		}
	}
	EXPECT_EQ(taken, subject->HasPio() ? 1u : 0u);
	EXPECT_EQ(wc.granted == RTE_PIO_MAP_NONE, !subject->HasPio());
	EXPECT_EQ(wc.measured, RTE_PIO_WC_NOT_MEASURED);
}

TEST_P(R10_MappingIsTold, PlainMemoryIsNeverCalledCombining)
{
	Start();
	rte_pio_wc_info wc;
	if (!subject->HasPio()) {
		EXPECT_EQ(rte_pio_wc_selftest(port, &wc), -ENOTSUP);
		return;
	}
	/* What all subjects map in these tests is memory. */
	ASSERT_EQ(rte_pio_wc_selftest(port, &wc), 0);
	EXPECT_EQ(wc.measured, RTE_PIO_WC_NOT_DISTINGUISHABLE);
	EXPECT_GT(wc.burst_ps, 0u);
	EXPECT_GT(wc.single_ps, 0u);
	/* It is kept, and it emitted nothing. */
	rte_pio_wc_info again;
	ASSERT_EQ(rte_pio_wc_info_get(port, &again), 0);
	EXPECT_EQ(again.measured, wc.measured);
	EXPECT_EQ(again.burst_ps, wc.burst_ps);
	ExpectFrames({});
}

/* R11: every store kind that this CPU has, chosen at run time. */

PIO_SUITE(R11_StoresAreChosenAtRunTime, PioSubjects);

TEST_P(R11_StoresAreChosenAtRunTime, EachKindSendsExactBytes)
{
	unsigned tried = 0;

	for (int k = RTE_PIO_STORE_AUTO + 1; k < RTE_PIO_STORE_MAX; k++) {
		const rte_pio_store_kind kind = (rte_pio_store_kind)k;

		SCOPED_TRACE(rte_pio_store_kind_name(kind));
		if (!rte_pio_store_kind_supported(kind)) {
			EXPECT_EQ(rte_pio_store_kind_set(kind), -ENOTSUP);
			continue;
		}
		tried++;
		ASSERT_EQ(rte_pio_store_kind_set(kind), 0);
		Start();
		EXPECT_EQ(Queue().store, kind);
		/* Odd addresses in front, and a template. */
		const Frame block = MakeFrame(400, k);
		for (uint32_t len = 60; len <= 256; len += 7) {
			for (uint32_t shift = 0; shift < 64; shift += 13) {
				Frame f(block.begin() + shift, block.begin() + shift + len);

				ASSERT_EQ(rte_pio_send(port, 0, block.data() + shift, len, 0),
					  RTE_PIO_BY_PIO);
				ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
			}
		}
		rte_pio_template *t = Template(block, 2);
		ASSERT_NE(t, nullptr);
		EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
		ExpectFrames({ block });
		templates.clear();
		rte_pio_template_free(t);
		StopPort();
		ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	}
	ASSERT_EQ(rte_pio_store_kind_set(RTE_PIO_STORE_AUTO), 0);
	EXPECT_GE(tried, 2u);
}

/* R12: every reason has a name and a counter. */

PIO_SUITE(R12_ReasonsAreCounted, PioSubjects);

TEST_P(R12_ReasonsAreCounted, RingFramesAreTheSumOfTheReasons)
{
	Start();
	for (uint32_t i = 0; i < 200; i++) {
		subject->Hold(port, i % 20 > 10);
		if (i % 3 == 0)
			Burst(MakeFrame(64 + 20 * (i % 40), i), i % 5 == 0 ? 2 : 1);
		else
			Send(MakeFrame(64 + 20 * (i % 40), i));
	}
	subject->Hold(port, false);
	const rte_pio_queue_stats s = Stats();
	uint64_t sum = 0;
	for (uint64_t n : s.fallback)
		sum += n;
	EXPECT_GT(sum, 0u);
	EXPECT_EQ(s.ring_packets, sum);
	EXPECT_EQ(s.fallback[RTE_PIO_FB_NONE], 0u);
	Take(s.ring_packets + s.pio_packets);
}

TEST_P(R12_ReasonsAreCounted, LenAndThreshold)
{
	Start([](rte_pio_queue_conf &c) { c.threshold = 100; });
	EXPECT_EQ(Send(MakeFrame(101, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(128, 2)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(129, 3)), RTE_PIO_BY_RING);
	EXPECT_TRUE(Burst(MakeFrame(101, 4)));
	EXPECT_TRUE(Burst(MakeFrame(129, 5)));
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_THRESHOLD], 3u);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_LEN], 2u);
	EXPECT_EQ(Send(MakeFrame(101, 6), RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	EXPECT_EQ(Send(MakeFrame(129, 7), RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_THRESHOLD], 1u);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_LEN], 1u);
	EXPECT_EQ(Stats().ring_packets, 5u);
	Take(5);
}

TEST_P(R12_ReasonsAreCounted, NoRoom)
{
	const rte_pio_fb_reason room = subject->RoomReason();

	Start();
	subject->Hold(port, true);
	ASSERT_GT(ExhaustPio(Queue().threshold, 0), 0u);
	EXPECT_EQ(Stats().refused[room], 1u);
	EXPECT_EQ(Send(MakeFrame(Queue().threshold, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Stats().fallback[room], 1u);
	ExhaustRing(2);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_RING_FULL], 1u);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_RING_FULL], 0u);
}

TEST_P(R12_ReasonsAreCounted, SegmentsAndOffloads)
{
	ASSERT_NO_FATAL_FAILURE(Configure(1, "", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM));
	Start();
	EXPECT_TRUE(Burst(MakeFrame(120, 1), 2));
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_SEGS], 1u);
	ExpectFrames({ MakeFrame(120, 1) });
}

TEST_P(R12_ReasonsAreCounted, Stopped)
{
	Start();
	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_STOPPED);
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_STOPPED);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_TRUE(Burst(MakeFrame(64, 2)));
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_STOPPED], 2u);
	EXPECT_EQ(Send(MakeFrame(64, 3), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_STOPPED], 1u);
	ASSERT_EQ(rte_pio_queue_start(port, 0), 0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_STARTED);
	EXPECT_EQ(Send(MakeFrame(64, 4)), RTE_PIO_BY_PIO);
	ExpectFrames({ MakeFrame(64, 1), MakeFrame(64, 2), MakeFrame(64, 4) });
}

TEST_P(R12_ReasonsAreCounted, NoPrivilege)
{
	ASSERT_TRUE(subject->ForbidPio());
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	EXPECT_EQ(info.flags & RTE_PIO_CAP_PIO, 0u);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_PRIVILEGE);
	rte_pio_queue_conf conf = Conf([](rte_pio_queue_conf &c) {
		c.policy = RTE_PIO_POLICY_REQUIRE;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENXIO);
	Start();
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_NO_PRIVILEGE);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_NO_PRIVILEGE], 1u);
	ExpectFrames({ MakeFrame(64, 1) });
}

TEST_P(R12_ReasonsAreCounted, NoMapping)
{
	if (!subject->ForbidMapping())
		GTEST_SKIP() << "this subject's window always maps";
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_queue_conf conf = Conf([](rte_pio_queue_conf &c) {
		c.policy = RTE_PIO_POLICY_REQUIRE;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENXIO);
	Start();
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_NO_MAPPING);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_NO_MAPPING], 1u);
	Take(1);
}

TEST_P(R12_ReasonsAreCounted, DeviceLostItsMemory)
{
	if (!subject->CanFail())
		GTEST_SKIP() << "this device cannot be made to fail";
	Start();
	const Frame f = MakeFrame(100, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	subject->RebootWithoutMemory(port);
	Take(0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_DEVICE);
	EXPECT_EQ(Send(MakeFrame(64, 2)), RTE_PIO_BY_RING);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_DEVICE], 2u);
	ExpectFrames({ MakeFrame(64, 2), f });
}

TEST_P(R12_ReasonsAreCounted, ResetStartsFromZero)
{
	Start();
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(MakeFrame(1000, 2)), RTE_PIO_BY_RING);
	ASSERT_EQ(rte_pio_stats_reset(port, 0), 0);
	rte_pio_queue_stats zero = {};
	const rte_pio_queue_stats s = Stats();
	EXPECT_EQ(std::memcmp(&s, &zero, sizeof(s)), 0);
	EXPECT_EQ(Send(MakeFrame(64, 3)), RTE_PIO_BY_PIO);
	EXPECT_EQ(Stats().pio_packets, 1u);
	EXPECT_EQ(Stats().pio_bytes, 64u);
	Take(3);
}

/* R13: all of it works without hardware. */

PIO_SUITE(R13_NoHardwareNeeded, PioSubjects);

TEST_P(R13_NoHardwareNeeded, ThePortHasPioAndTemplates)
{
	Start();
	rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	EXPECT_NE(info.flags & RTE_PIO_CAP_PIO, 0u);
	EXPECT_NE(info.flags & RTE_PIO_CAP_TEMPLATE, 0u);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NONE);
	EXPECT_EQ(info.nb_queues, 1u);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_STARTED);
}

/* R14: adapter memory is shared, and can be accounted for. */

PIO_SUITE(R14_MemoryIsAccountedFor, PioSubjects);

TEST_P(R14_MemoryIsAccountedFor, WhoHoldsWhatIsVisible)
{
	ASSERT_NO_FATAL_FAILURE(Configure(2));
	uint16_t other = subject->Attach("");
	ASSERT_NO_FATAL_FAILURE(Setup(other, 2, 0));
	extra_ports.push_back(other);
	rte_pio_info info;

	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	const uint32_t all = info.nb_bufs;
	EXPECT_EQ(info.nb_bufs_free, all);
	EXPECT_EQ(info.mem_free, info.mem_total);
	EXPECT_EQ(info.nb_holders, 0u);
	EXPECT_NE(info.flags & RTE_PIO_CAP_SHARED_POOL, 0u);
	subject->LimitPool(port, 2);

	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 1, &conf), 0);
	ASSERT_EQ(rte_pio_queue_setup(other, 0, &conf), 0);
	/* Both ports tell the same. */
	for (uint16_t p : { port, other }) {
		ASSERT_EQ(rte_pio_info_get(p, &info), 0);
		EXPECT_EQ(info.nb_bufs_free, info.nb_bufs - 2);
		EXPECT_EQ(info.mem_free, info.mem_total - 2 * info.buf_size);
		EXPECT_EQ(info.nb_queues, 1u);
		ASSERT_EQ(info.nb_holders, 2u);
		EXPECT_EQ(info.holders[0].port_id, port);
		EXPECT_EQ(info.holders[0].queue_id, 1u);
		EXPECT_EQ(info.holders[1].port_id, other);
		EXPECT_EQ(info.holders[1].queue_id, 0u);
		EXPECT_LE(info.holders[0].mem, info.buf_size);
		EXPECT_GT(info.holders[1].mem, 0u);
	}

	/* Nothing is left: TRY runs by the ring, REQUIRE and fallback NONE are told so. */
	conf.policy = RTE_PIO_POLICY_REQUIRE;
	EXPECT_EQ(rte_pio_queue_setup(other, 1, &conf), -ENOSPC);
	conf.policy = RTE_PIO_POLICY_TRY;
	conf.fallback = RTE_PIO_FALLBACK_NONE;
	EXPECT_EQ(rte_pio_queue_setup(other, 1, &conf), -ENOSPC);
	conf.fallback = RTE_PIO_FALLBACK_RING;
	ASSERT_EQ(rte_pio_queue_setup(other, 1, &conf), 0);
	rte_pio_queue_info qi;
	ASSERT_EQ(rte_pio_queue_info_get(other, 1, &qi), 0);
	EXPECT_EQ(qi.state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(qi.reason, RTE_PIO_FB_NO_MEMORY);
	EXPECT_EQ(qi.mem, 0u);
	ASSERT_EQ(rte_eth_dev_start(other), 0);
	const Frame f = MakeFrame(64, 1);
	EXPECT_EQ(rte_pio_send(other, 1, f.data(), 64, 0), RTE_PIO_BY_RING);
	rte_pio_queue_stats stats;
	ASSERT_EQ(rte_pio_stats_get(other, 1, &stats), 0);
	EXPECT_EQ(stats.fallback[RTE_PIO_FB_NO_MEMORY], 1u);
	rte_eth_dev_stop(other);
	subject->Take(other, 1);

	/* What one gives back, the other can have. */
	ASSERT_EQ(rte_pio_queue_release(port, 1), 0);
	ASSERT_EQ(rte_pio_queue_release(other, 1), 0);
	conf.policy = RTE_PIO_POLICY_REQUIRE;
	EXPECT_EQ(rte_pio_queue_setup(other, 1, &conf), 0);
	ASSERT_EQ(rte_pio_queue_release(other, 1), 0);
	ASSERT_EQ(rte_pio_queue_release(other, 0), 0);
}

TEST_P(R14_MemoryIsAccountedFor, MinimumAndPreference)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	ASSERT_GT(info.buf_size, 0u);
	/* More than a buffer holds is no minimum that can be met. */
	rte_pio_queue_conf conf = Conf([&](rte_pio_queue_conf &c) {
		c.policy = RTE_PIO_POLICY_REQUIRE;
		c.mem_min = c.mem_pref = info.buf_size + 64;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOSPC);
	/* As a preference it is capped. */
	conf.mem_min = 0;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	EXPECT_LE(Queue().mem, info.buf_size);
	EXPECT_GE(Queue().mem, Queue().conf.mem_min);
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	rte_pio_info after;
	ASSERT_EQ(rte_pio_info_get(port, &after), 0);
	EXPECT_EQ(after.mem_free, info.mem_free);
}

/* R15: MTU and frame length. */

PIO_SUITE(R15_LengthsAreWithoutFcs, CaptureSubjects);

TEST_P(R15_LengthsAreWithoutFcs, TheLimitsFollowTheMtu)
{
	Start();
	for (uint16_t mtu : { 1500, 1000, 576, 1500 }) {
		SCOPED_TRACE(mtu);
		StopPort();
		if (rte_eth_dev_set_mtu(port, mtu) != 0)
			GTEST_SKIP() << "this port's MTU cannot be changed";
		ASSERT_NO_FATAL_FAILURE(StartPort());
		rte_pio_info info;
		ASSERT_EQ(rte_pio_info_get(port, &info), 0);
		EXPECT_EQ(info.mtu, mtu);
		EXPECT_EQ(Queue().mtu, mtu);
		/* Header and one VLAN tag. */
		EXPECT_EQ(Queue().ring_frame_max, mtu + 18u);
		EXPECT_EQ(info.ring_frame_max, mtu + 18u);
		Frame most = MakeFrame(mtu + 18, mtu), more = MakeFrame(mtu + 19, mtu);
		EXPECT_EQ(Send(most), RTE_PIO_BY_RING);
		EXPECT_EQ(Send(more), -EMSGSIZE);
		ExpectFrames({ most });
	}
}

TEST_P(R15_LengthsAreWithoutFcs, PioObeysTheMtuToo)
{
	if (!subject->HasPio())
		GTEST_SKIP() << "no PIO here";
	Start();
	StopPort();
	ASSERT_EQ(rte_eth_dev_set_mtu(port, 100), 0);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(Send(MakeFrame(118, 1)), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(MakeFrame(119, 2)), -EMSGSIZE);
	ExpectFrames({ MakeFrame(118, 1) });
}

TEST_P(R15_LengthsAreWithoutFcs, TemplatesObeyTheMtuToo)
{
	const Frame f = MakeFrame(200, 1);
	rte_pio_template *t;

	if (!subject->HasPio())
		GTEST_SKIP() << "no PIO here";
	Start();
	t = Template(f, 1, 200);
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	Settle();
	StopPort();
	ASSERT_EQ(rte_eth_dev_set_mtu(port, 100), 0);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), -EMSGSIZE);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	EXPECT_EQ(rte_pio_template_update_send(t, nullptr, 0, 0), -EMSGSIZE);
	StopPort();
	ASSERT_EQ(rte_eth_dev_set_mtu(port, 1500), 0);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ f, f });
}

TEST_P(R15_LengthsAreWithoutFcs, TheShortestIsAHeader)
{
	Start();
	EXPECT_EQ(Send(MakeFrame(14, 1)), PioPath());
	EXPECT_EQ(rte_pio_send(port, 0, MakeFrame(13, 2).data(), 13, 0), -EINVAL);
	/* Padded to 60 with zeros, whatever was there before. */
	EXPECT_EQ(Send(MakeFrame(59, 3)), PioPath());
	/* Room for all four in the smallest PIO buffer there is. */
	Settle();
	EXPECT_EQ(Send(MakeFrame(60, 4)), PioPath());
	EXPECT_EQ(Send(MakeFrame(15, 5)), PioPath());
	ExpectFrames({ MakeFrame(14, 1), MakeFrame(59, 3), MakeFrame(60, 4), MakeFrame(15, 5) });
	/* ... and counted as they were given. */
	EXPECT_EQ(Stats().pio_bytes + Stats().ring_bytes, 14u + 59 + 60 + 15);
}

/* R16: the same application on a port without PIO. */

PIO_SUITE(R16_AnyPortWillDo, AllSubjects);

TEST_P(R16_AnyPortWillDo, TheSameApplicationRuns)
{
	Start();
	const Frame f = MakeFrame(64, 1), g = MakeFrame(100, 2);
	const rte_pio_iov iov[] = { { f.data(), 40 }, { f.data() + 40, 24 } };
	const rte_pio_iov frames[] = { { f.data(), 64 }, { g.data(), 100 } };
	const rte_pio_update u = { "hello", 50, 5 };
	rte_pio_template *t = Template(g, 2, 200);
	ASSERT_NE(t, nullptr);

	EXPECT_EQ(Send(f), PioPath());
	EXPECT_EQ(rte_pio_sendv(port, 0, iov, 2, 0), PioPath());
	EXPECT_EQ(rte_pio_send_burst(port, 0, frames, 2, 0), 2);
	EXPECT_TRUE(Burst(f));
	/* Room for all of it in the smallest PIO buffer there is. */
	Settle();
	EXPECT_GE(Credits().frames, subject->HasPio() ? 1u : 0u);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), PioPath());
	EXPECT_EQ(rte_pio_reap(port, 0), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	EXPECT_EQ(rte_pio_template_update(t, 14, "x", 1), 0);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), PioPath());
	Frame h = g;
	h[14] = 'x';
	std::memcpy(&h[50], "hello", 5);
	ExpectFrames({ f, f, f, g, f, g, h });
	if (!subject->HasPio()) {
		EXPECT_EQ(Stats().fallback[RTE_PIO_FB_NO_DRIVER], 6u);
		EXPECT_EQ(Stats().ring_packets, 6u) << "its own sends; mbufs are not seen";
		EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_RING);
		EXPECT_EQ(Queue().reason, RTE_PIO_FB_NO_DRIVER);
	}
}

TEST_P(R16_AnyPortWillDo, WhatAPortWithoutPioSaysOfItself)
{
	if (subject->HasPio())
		GTEST_SKIP() << "this port has PIO";
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	EXPECT_EQ(info.flags, 0u);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_DRIVER);
	EXPECT_EQ(info.nb_bufs, 0u);
	EXPECT_EQ(info.nb_holders, 0u);
	EXPECT_EQ(info.ring_frame_max, info.mtu + 18u);
	rte_pio_queue_conf conf = Conf();
	EXPECT_EQ(conf.policy, RTE_PIO_POLICY_TRY);
	EXPECT_EQ(conf.fallback, RTE_PIO_FALLBACK_RING);
	conf.policy = RTE_PIO_POLICY_REQUIRE;
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOTSUP);
	conf.policy = RTE_PIO_POLICY_TRY;
	conf.fallback = RTE_PIO_FALLBACK_NONE;
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOTSUP);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
}

TEST_P(R16_AnyPortWillDo, AllMbufsComeBack)
{
	/* The fixture counts the pool: many sends, some of which fail. */
	Start();
	for (uint32_t i = 0; i < 3000; i++) {
		Send(MakeFrame(14 + i % 1500, i), i % 7 == 0 ? RTE_PIO_NO_FALLBACK : 0);
		if (i % 50 == 0)
			Take(0);
	}
	Take(0);
}

TEST_P(R16_AnyPortWillDo, AFullRingKeepsNoMbuf)
{
	if (!subject->CanHold())
		GTEST_SKIP() << "this port is never full";
	Start();
	subject->Hold(port, true);
	ASSERT_GT(ExhaustRing(0), 0u);
	const unsigned mbufs = rte_mempool_avail_count(pool);
	for (uint32_t i = 0; i < 10; i++)
		EXPECT_EQ(Send(MakeFrame(64, i)), -EAGAIN);
	EXPECT_EQ(rte_mempool_avail_count(pool), mbufs);
}

TEST_P(R16_AnyPortWillDo, ATemplateGrowsWithTheSend)
{
	Start();
	const Frame f = MakeFrame(100, 1), more = MakeFrame(80, 2);
	const rte_pio_update u[] = { { more.data(), 90, 40 }, { more.data(), 120, 80 } };
	rte_pio_template *t = Template(f, 1, 200);
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(rte_pio_template_update_send(t, u, 2, 0), PioPath());
	Frame want(f.begin(), f.begin() + 90);
	want.insert(want.end(), more.begin(), more.begin() + 30);
	want.insert(want.end(), more.begin(), more.end());
	EXPECT_EQ(Info(t).len, 200u);
	ExpectFrames({ want });
}

TEST_P(R16_AnyPortWillDo, NoPoolNoMbufs)
{
	Start([](rte_pio_queue_conf &c) { c.fallback_mp = nullptr; });
	EXPECT_EQ(Send(MakeFrame(1000, 1)), -ENOBUFS);
	EXPECT_TRUE(Burst(MakeFrame(1000, 2)));
	ExpectFrames({ MakeFrame(1000, 2) });
}

TEST_P(R16_AnyPortWillDo, AFrameMustFitOneMbufOfThePool)
{
	rte_mempool *small = rte_pktmbuf_pool_create("pio_small", 31, 0, 0,
						     RTE_PKTMBUF_HEADROOM + 512, SOCKET_ID_ANY);
	ASSERT_NE(small, nullptr);
	Start([&](rte_pio_queue_conf &c) { c.fallback_mp = small; });
	EXPECT_EQ(Queue().ring_frame_max, 512u);
	EXPECT_EQ(Send(MakeFrame(512, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(513, 2)), -EMSGSIZE);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_LEN], 1u);
	ExpectFrames({ MakeFrame(512, 1) });
	StopPort();
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	rte_mempool_free(small);
}
