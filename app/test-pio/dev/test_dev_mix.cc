/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Several transmit queues at once, completions that come late and in odd batches, and no room. */

#include <cstring>
#include <random>

#include "dev_port.h"

namespace {

constexpr uint16_t nb_queues = 4;

class DevMix : public DevPort {
protected:
	/* frames carry queue and number where the payload begins */
	static constexpr size_t tag_off = 14;

	Frame tagged(uint32_t len, uint16_t queue, uint32_t nb) const
	{
		Frame f = frame(len, nb * nb_queues + queue);

		f[tag_off] = static_cast<uint8_t>(queue);
		memcpy(&f[tag_off + 1], &nb, sizeof(nb));
		return f;
	}
	/* sends until nothing is taken any more; returns what was taken */
	std::vector<Frame> fill(uint32_t len, uint32_t at_most)
	{
		std::vector<Frame> taken;

		while (taken.size() < at_most) {
			Frame f = tagged(len, 0, static_cast<uint32_t>(taken.size()));
			struct rte_mbuf *m = mbuf(f);

			EXPECT_NE(m, nullptr);
			if (m == nullptr || rte_eth_tx_burst(port, 0, &m, 1) != 1) {
				rte_pktmbuf_free(m);
				break;
			}
			taken.push_back(f);
		}
		return taken;
	}
};

TEST_F(DevMix, FourQueuesKeepTheirOrderAndContent)
{
	constexpr uint32_t nb_frames = 20000;
	std::mt19937 random(20);
	std::vector<Frame> sent[nb_queues];
	uint32_t total = 0;

	conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	up(1, nb_queues, "class=pio,pio_txqs=[0-3],pio_threshold=256");
	ctl->vf_tx_delay_set(vf, 0, 20000);
	ctl->vf_tx_batch_random_set(vf, 9);
	capture_on(2 * nb_frames);

	while (total < nb_frames) {
		const uint16_t queue = random() % nb_queues;
		const unsigned int nb_segs = random() % 8 == 0 ? 2 + random() % 3 : 1;
		const unsigned int burst = 1 + random() % 32;
		std::vector<Frame> frames;

		for (unsigned int i = 0; i < burst; i++) {
			/* mostly small, some at the edge of the threshold, some long */
			const uint32_t kind = random() % 8;
			const uint32_t len = kind < 5 ? 60 + random() % 197 :
				kind == 5 ? 250 + random() % 14 : 60 + random() % 1459;

			frames.push_back(tagged(len, queue,
				static_cast<uint32_t>(sent[queue].size() + frames.size())));
		}
		ASSERT_TRUE(send(queue, frames, burst, nb_segs));
		sent[queue].insert(sent[queue].end(), frames.begin(), frames.end());
		total += burst;
	}

	size_t seen[nb_queues] = {};
	for (const Frame &f : captured(total)) {
		const uint16_t queue = f[tag_off];

		ASSERT_LT(queue, nb_queues);
		ASSERT_LT(seen[queue], sent[queue].size());
		ASSERT_EQ(f, sent[queue][seen[queue]]) << "queue " << queue << " frame " << seen[queue];
		seen[queue]++;
	}
	uint64_t by_pio = 0;
	for (uint16_t q = 0; q < nb_queues; q++) {
		const std::string prefix = "tx_q" + std::to_string(q) + "_pio_";

		EXPECT_EQ(seen[q], sent[q].size()) << "queue " << q;
		EXPECT_GT(xstat(prefix + "packets"), 0u) << "queue " << q;
		by_pio += xstat(prefix + "packets");
	}
	EXPECT_EQ(by_pio, emu_stats().tx_pio_frames);
	EXPECT_GT(xstat("tx_pio_fallback_segs"), 0u);
	EXPECT_EQ(by_pio + xstat("tx_pio_ring_packets"), total);
}

TEST_F(DevMix, FullRingTakesNothingAndLosesNothing)
{
	up();
	capture_on();
	ctl->vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_FETCH);
	std::vector<Frame> taken = fill(100, 2 * nb_txd);
	EXPECT_GT(taken.size(), nb_txd - 16u);
	EXPECT_LT(taken.size(), nb_txd);
	for (int i = 0; i < 100; i++)
		EXPECT_TRUE(fill(100, 1).empty()) << "the ring is full";
	ctl->vf_hold_set(vf, PIOEMU_ALL, 0);
	EXPECT_EQ(captured(taken.size()), taken);
	EXPECT_TRUE(wait_for([&] { return fill(100, 1).size() == 1; })) << "room again";
}

TEST_F(DevMix, WithoutFreeSlotsFramesGoByTheRingInOrder)
{
	up(1, 1, "class=pio,pio_txqs=0,pio_threshold=256");
	capture_on();
	ctl->vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_EVENT);
	std::vector<Frame> taken = fill(200, 100);
	ASSERT_EQ(taken.size(), 100u);
	EXPECT_EQ(captured(100), taken) << "completions are withheld, not frames";
	const uint64_t slots = xstat("tx_pio_packets");
	EXPECT_GT(slots, 0u);
	EXPECT_EQ(xstat("tx_pio_fallback_no_slot"), 100 - slots);
	ctl->vf_hold_set(vf, PIOEMU_ALL, 0);

	/* the slots come back */
	EXPECT_TRUE(wait_for([&] {
		EXPECT_EQ(fill(200, 1).size(), 1u);
		return xstat("tx_pio_packets") > slots;
	}));
}

} /* namespace */
