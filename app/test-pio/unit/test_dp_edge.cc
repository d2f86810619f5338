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

} // namespace dp
