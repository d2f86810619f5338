/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* PIO under pressure: slots that run dry, live slots, templates that are patched in flight. */

#include <cstring>

#include <rte_pio_driver.h>

#include "dev_port.h"
#include "drivers/net/piopmd/piopmd_dp_queue.h"

namespace {

class DevTraffic : public DevPort {
protected:
	void expect_frames(const std::vector<Frame> &expected)
	{
		std::vector<Frame> got = captured(expected.size());

		ASSERT_EQ(got.size(), expected.size());
		for (size_t i = 0; i < expected.size(); i++)
			ASSERT_EQ(got[i], padded(expected[i])) << "frame " << i;
	}

	void up_with_pio(uint32_t template_mem)
	{
		struct rte_pio_queue_conf qc;

		ASSERT_EQ(attach(), 0);
		ASSERT_EQ(configure(1, 1), 0);
		ASSERT_EQ(rte_pio_queue_conf_default(port, &qc), 0);
		qc.policy = RTE_PIO_POLICY_REQUIRE;
		qc.template_mem = template_mem;
		qc.fallback_mp = pool;
		ASSERT_EQ(rte_pio_queue_setup(port, 0, &qc), 0);
		ASSERT_EQ(rte_eth_dev_start(port), 0);
	}

	struct rte_pio_template *template_make(const Frame &f, uint16_t nb_slots)
	{
		struct rte_pio_template_conf tc;
		struct rte_pio_template *t = nullptr;

		memset(&tc, 0, sizeof(tc));
		tc.data = f.data();
		tc.len = static_cast<uint32_t>(f.size());
		tc.nb_slots = nb_slots;
		tc.resident = RTE_PIO_RESIDENT_REQUIRED;
		EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
		return t;
	}
};

TEST_F(DevTraffic, SlotsRunOutAndComeBack)
{
	struct rte_pio_credits credits;
	std::vector<Frame> sent;

	up_with_pio(0);
	capture_on();
	ctl->vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_EVENT);
	ASSERT_EQ(rte_pio_credits(port, 0, &credits), 0);
	ASSERT_GT(credits.frames, 3u);
	for (uint32_t i = 0; i < credits.frames; i++) {
		sent.push_back(frame(64 + i, i));
		ASSERT_EQ(rte_pio_send(port, 0, sent.back().data(),
				       static_cast<uint32_t>(sent.back().size()),
				       RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO) << i;
	}
	EXPECT_EQ(rte_pio_send(port, 0, sent[0].data(), 64, RTE_PIO_NO_FALLBACK), -EAGAIN);
	sent.push_back(frame(100, 99));
	EXPECT_EQ(rte_pio_send(port, 0, sent.back().data(), 100, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(xstat("tx_pio_fallback_no_slot"), 1u);
	expect_frames(sent);
	ctl->vf_hold_set(vf, PIOEMU_ALL, 0);
	EXPECT_TRUE(wait_for([&] {
		struct rte_pio_credits now;

		return rte_pio_credits(port, 0, &now) == 0 && now.frames == credits.frames;
	}));
	EXPECT_EQ(rte_pio_send(port, 0, sent[0].data(), 64, RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO);
}

/* What rule R7 forbids is visible: the datapath never does it, so the test does. */
TEST_F(DevTraffic, OverwritingALiveTemplateIsSeenByTheModel)
{
	const Frame f = frame(100, 1);

	up_with_pio(512);
	capture_on();
	ctl->vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_EVENT);
	struct rte_pio_template *t = template_make(f, 1);
	ASSERT_NE(t, nullptr);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	expect_frames({ f });

	auto *q = static_cast<struct piopmd_dp_txq *>(rte_eth_fp_ops[port].txq.data[0]);
	auto *base = reinterpret_cast<struct rte_pio_driver_template *>(t);
	volatile uint64_t *slot = reinterpret_cast<volatile uint64_t *>(q->pio_map + base->slot_off[0]);
	uint64_t original;

	memcpy(&original, f.data(), sizeof(original));
	*slot = ~original;
	expect_violations = true;
	ctl->vf_hold_set(vf, PIOEMU_ALL, 0);
	EXPECT_TRUE(wait_for([&] {
		return ctl->vf_violation_get(vf, PIOEMU_VIOLATION_PIO_CHANGED, nullptr) == 1;
	}));
	EXPECT_EQ(ctl->vf_violation_total(vf), 1u);
	ASSERT_EQ(rte_pio_reap(port, 0), 0);
	EXPECT_EQ(rte_pio_template_free(t), 0);
	ctl->vf_violation_reset(vf);
}

/* The same pressure through the API: the answer is the ring, another slot, or -EBUSY. */
TEST_F(DevTraffic, UpdatesOfLiveTemplatesNeverReachTheWire)
{
	std::vector<Frame> expected;

	up_with_pio(1024);
	capture_on(65536);
	ctl->vf_tx_delay_set(vf, 1000, 50000);
	Frame now[2] = { frame(150, 1), frame(200, 2) };
	struct rte_pio_template *t[2] = { template_make(now[0], 1), template_make(now[1], 2) };
	ASSERT_NE(t[0], nullptr);
	ASSERT_NE(t[1], nullptr);
	for (uint32_t i = 0; i < 4000; i++) {
		const unsigned int k = i % 2;
		const struct rte_pio_update u = { &i, 40 + i % 60, sizeof(i) };
		int ret = 0;

		if (i % 5 == 0) {
			ASSERT_EQ(rte_pio_template_update(t[k], u.offset, u.data, u.len), 0);
			memcpy(&now[k][u.offset], &i, sizeof(i));
			ASSERT_TRUE(wait_for([&] {
				ret = rte_pio_template_send(t[k], RTE_PIO_NO_FALLBACK);
				return ret != -EAGAIN;
			}));
		} else {
			ASSERT_TRUE(wait_for([&] {
				ret = rte_pio_template_update_send(t[k], &u, 1,
						i % 7 == 0 ? (uint32_t)RTE_PIO_NO_FALLBACK : 0);
				return ret != -EAGAIN && ret != -ENOBUFS;
			}));
			if (ret >= 0)
				memcpy(&now[k][u.offset], &i, sizeof(i));
		}
		if (ret >= 0)
			expected.push_back(now[k]);
		else
			ASSERT_EQ(ret, -EBUSY);
	}
	expect_frames(expected);
	EXPECT_EQ(ctl->vf_violation_get(vf, PIOEMU_VIOLATION_PIO_CHANGED, nullptr), 0u);
	EXPECT_EQ(rte_pio_template_free(t[0]), 0);
	EXPECT_EQ(rte_pio_template_free(t[1]), 0);
	/* the lines come back with the completions */
	EXPECT_TRUE(wait_for([&] {
		struct rte_pio_queue_info info;

		return rte_pio_reap(port, 0) == 0 && rte_pio_queue_info_get(port, 0, &info) == 0 &&
			info.template_mem_free == info.template_mem;
	}));
}

} /* namespace */
