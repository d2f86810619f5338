/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Transmit queues at their edges: bursts that are cut short, set-up under traffic, processes. */

#include <algorithm>
#include <cstring>

#include "dp_fixture.h"

namespace dp
{

class DpEdge : public TxTest
{
protected:
	const struct rte_pio_queue_stats &pio_stats() { return *piopmd_dp_txq_pio_stats(q_); }

	std::vector<struct rte_mbuf *> mbufs(unsigned int n, size_t len = 60)
	{
		std::vector<struct rte_mbuf *> pkts;

		for (unsigned int i = 0; i < n; i++)
			pkts.push_back(mbuf_make(frame_make(len, i)));
		return pkts;
	}

	static void free_from(const std::vector<struct rte_mbuf *> &pkts, size_t first)
	{
		for (size_t i = first; i < pkts.size(); i++)
			rte_pktmbuf_free(pkts[i]);
	}
};

TEST_F(DpEdge, PioBurstThatFindsNoRoomRingsOnceAndCountsOnce)
{
	auto conf = pio_conf(64);

	queue_make(0, &conf, 6);
	const auto pkts = mbufs(8);
	trace_clear();
	EXPECT_EQ(burst(pkts), 6u);
	const std::string ops = trace_ops();
	EXPECT_EQ(std::count(ops.begin(), ops.end(), 'B'), 1);
	EXPECT_EQ(pio_stats().pio_packets, 6u);
	EXPECT_EQ(pio_stats().pio_bytes, 6u * 60);
	EXPECT_EQ(fetch().size(), 6u);
	free_from(pkts, 6);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

/* piopmd_dp_txq_fail() in the middle of a burst: ctl is set, and nobody saw pio_span yet. */
TEST_F(DpEdge, FramesThatWereCopiedCountThoughTheDeviceFails)
{
	pio_queue();
	auto pkts = mbufs(2);
	pkts.push_back(mbuf_make(frame_make(1000)));
	q_->ctl |= PIOPMD_DP_CTL_FAILED;
	const uint16_t n = burst(pkts);
	EXPECT_GE(n, 2u);
	EXPECT_EQ(pio_stats().pio_packets, 2u);
	EXPECT_EQ(pio_stats().pio_packets + pio_stats().ring_packets, n);
	free_from(pkts, n);
	q_->ctl = 0;
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

static void
first_segment_gone(void *addr, void *opaque)
{
	(void)addr;
	/* somebody else has the mbuf now */
	static_cast<struct rte_mbuf *>(opaque)->pkt_len = 999999;
}

TEST_F(DpEdge, LengthIsReadBeforeAnEmptyFirstSegmentIsFreed)
{
	static uint8_t outside[64];
	static struct rte_mbuf_ext_shared_info info;
	struct piopmd_dp_tx_stats stats;

	ring_queue(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	struct rte_mbuf *head = rte_pktmbuf_alloc(pool_);
	info.free_cb = first_segment_gone;
	info.fcb_opaque = head;
	rte_mbuf_ext_refcnt_set(&info, 1);
	rte_pktmbuf_attach_extbuf(head, outside, reinterpret_cast<uintptr_t>(outside),
				  sizeof(outside), &info);
	ASSERT_EQ(rte_pktmbuf_chain(head, mbuf_make(frame_make(60))), 0);
	ASSERT_EQ(burst({ head }), 1);
	piopmd_dp_tx_stats_get(q_, &stats);
	EXPECT_EQ(stats.bytes, 60u);
	stop_and_purge();
}

/* A secondary process that attached before the primary had set up anything. */
TEST_F(DpEdge, BurstOfAProcessThatKnewNoQueuesServesEachKind)
{
	const char *name;
	const eth_tx_burst_t early = piopmd_dp_tx_burst_any(kind_, &name);
	const uint64_t offloads[] = { 0, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE };

	for (unsigned int i = 0; i < 4; i++) {
		auto conf = pio_conf();

		memset(evq_.as<void>(), 0xFF, kEntries * 8);
		fetched_ = evq_write_ = 1;
		queue_make(offloads[i % 2], i < 2 ? nullptr : &conf);
		burst_ = early;
		for (unsigned int round = 0; round < 3 * kEntries; round++) {
			ASSERT_EQ(burst(mbufs(1)), 1u) << i << " round " << round;
			ASSERT_EQ(fetch().at(0).pio, i >= 2);
			complete_all();
		}
		stop_and_purge();
		ASSERT_EQ(pool_in_use(pool_), 0u) << i;
		ASSERT_EQ(rte_mempool_avail_count(pool_), 2047u) << i;
	}
}

/* rte_eth_tx_queue_setup() on a started port: the queue is made anew, the function stays. */
TEST_F(DpEdge, QueueMadeAnewUnderTheBurstFunctionOfThePort)
{
	queue_make(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, nullptr);
	const eth_tx_burst_t chosen_at_start = burst_;
	struct piopmd_dp_txq_conf conf = {};

	stop_and_purge();
	conf.nb_entries = kEntries;
	conf.max_fill = kLimit;
	conf.free_thresh = 32;
	conf.hw_ring = hw_ring_.as<uint64_t>();
	conf.evq_ring = evq_.as<uint64_t>();
	conf.sw_ring = sw_ring_.as<void *>();
	conf.vi_base = regs_.as<void>();
	conf.offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	conf.frame_max = 9018;
	conf.socket_id = SOCKET_ID_ANY;
	ASSERT_EQ(piopmd_dp_txq_init(q_, &conf), 0);
	piopmd_dp_txq_start(q_, 1);
	burst_ = chosen_at_start;
	ASSERT_EQ(burst(mbufs(100)), 100u);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpEdge, AskingForTheBurstFunctionChangesNoQueue)
{
	void *queues[] = { q_ };
	const char *name;

	ring_queue(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
	const Bytes before(q_mem_.as<uint8_t>(), q_mem_.as<uint8_t>() + piopmd_dp_txq_size());
	piopmd_dp_tx_burst_select(queues, 1, kind_, &name);
	piopmd_dp_tx_burst_select(queues, 0, kind_, &name);
	EXPECT_EQ(memcmp(before.data(), q_, before.size()), 0);
}

} // namespace dp
