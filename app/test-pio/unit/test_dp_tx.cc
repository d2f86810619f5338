/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The ring of a transmit queue: room, completions, mbufs, offloads, and a device that misbehaves. */

#include <cerrno>
#include <cstring>
#include <random>

#include <rte_errno.h>

#include "dp_fixture.h"

namespace dp
{

class DpTx : public TxTest
{
protected:
	struct piopmd_dp_tx_stats stats()
	{
		struct piopmd_dp_tx_stats s;

		piopmd_dp_tx_stats_get(q_, &s);
		return s;
	}
};

/* The two burst functions without PIO, chosen by the offloads. */
class DpTxRing : public DpTx, public ::testing::WithParamInterface<bool>
{
protected:
	static constexpr uint64_t kFast = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;

	void make(uint32_t max_fill = kLimit)
	{
		queue_make(GetParam() ? kFast : 0, nullptr, max_fill);
	}
};

TEST_P(DpTxRing, FramesArriveWholeAndInOrderOverManyLaps)
{
	std::mt19937 rng(1);
	unsigned int seed = 0, seen = 0;

	/* counters start two laps before 2^32: the second of these many laps wraps them */
	make();
	for (unsigned int round = 0; round < 400; round++) {
		std::vector<struct rte_mbuf *> pkts;
		const unsigned int n = 1 + rng() % 40;

		for (unsigned int i = 0; i < n; i++, seed++)
			pkts.push_back(mbuf_make(frame_make(60 + seed % 1455, seed)));
		ASSERT_EQ(burst(pkts), n);
		for (const Sent &s : fetch()) {
			ASSERT_FALSE(s.pio);
			ASSERT_EQ(s.data, frame_make(60 + seen % 1455, seen)) << "frame " << seen;
			seen++;
		}
		ASSERT_EQ(seen, seed);
		if (rng() % 3 != 0)
			complete_all();
	}
	EXPECT_GT(seed, 4 * kEntries);
	EXPECT_EQ(stats().packets, seed);
	complete_all();
	EXPECT_GE(piopmd_dp_tx_done_cleanup(q_, 0), 0);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_P(DpTxRing, FullRingTakesExactlyItsLimitAndRefusesTheRest)
{
	std::vector<struct rte_mbuf *> pkts;

	make();
	for (uint32_t i = 0; i < kLimit + 20; i++)
		pkts.push_back(mbuf_make(frame_make(60, i)));
	uint32_t sent = 0;
	while (sent < pkts.size()) {
		const uint16_t n = burst({ pkts.begin() + sent,
					   pkts.begin() + std::min<long>(sent + 32, (long)pkts.size()) });
		if (n == 0)
			break;
		sent += n;
	}
	EXPECT_EQ(sent, kLimit);
	EXPECT_EQ(fetch().size(), kLimit);
	trace_clear();
	EXPECT_EQ(burst({ pkts[sent] }), 0);
	EXPECT_EQ(trace_ops(), "") << "a refused burst changes nothing";
	complete(100);
	EXPECT_EQ(burst({ pkts.begin() + sent, pkts.end() }), 20);
	EXPECT_EQ(fetch().size(), 20u);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_P(DpTxRing, OneEventCompletesEverythingBeforeIt)
{
	make(64);
	for (unsigned int i = 0; i < 64; i++)
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	fetch();
	complete_all();
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 64);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_P(DpTxRing, DoneCleanupStopsAtTheCountAsked)
{
	make();
	for (unsigned int i = 0; i < 30; i++)
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 0);
	fetch();
	complete(20); /* 20 frames: index 0 was the option */
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 5), 5);
	EXPECT_EQ(pool_in_use(pool_), 25u);
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 15);
	EXPECT_EQ(pool_in_use(pool_), 10u);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_P(DpTxRing, DescriptorStatusFollowsTheEvents)
{
	make(64);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 0), RTE_ETH_TX_DESC_DONE);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 63), RTE_ETH_TX_DESC_DONE);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 64), RTE_ETH_TX_DESC_UNAVAIL);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, kEntries), -EINVAL);
	for (unsigned int i = 0; i < 10; i++)
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	EXPECT_EQ(piopmd_dp_tx_queue_count(q_), 10);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 53), RTE_ETH_TX_DESC_DONE);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 54), RTE_ETH_TX_DESC_FULL);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 63), RTE_ETH_TX_DESC_FULL);
	fetch();
	complete(4);
	EXPECT_EQ(piopmd_dp_tx_queue_count(q_), 6);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 57), RTE_ETH_TX_DESC_DONE);
	EXPECT_EQ(piopmd_dp_tx_descriptor_status(q_, 58), RTE_ETH_TX_DESC_FULL);
	stop_and_purge();
}

TEST_P(DpTxRing, ConsumedEventsAreClearedByWholeLines)
{
	const uint64_t *ev = evq_.as<uint64_t>();

	make();
	for (unsigned int i = 0; i < 20; i++) {
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
		complete(i + 1);
	}
	/* entry 0 was control's; 1..20 consumed: two lines of eight are passed */
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 20);
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ(ev[i], UINT64_MAX) << i;
	EXPECT_NE(ev[16], UINT64_MAX);
	EXPECT_EQ(piopmd_dp_txq_stop(q_), 21u) << "control goes on reading here";
}

TEST_P(DpTxRing, FramesThatCannotBeSentAreFreedAndCounted)
{
	struct rte_mbuf *empty = rte_pktmbuf_alloc(pool_);
	struct rte_mbuf *big = mbuf_make(frame_make(60));
	struct rte_mbuf *good = mbuf_make(frame_make(61));
	uint16_t n, done = 0;

	make();
	big->data_len = 9019;
	big->pkt_len = 9019;
	std::vector<struct rte_mbuf *> pkts{ empty, big, good };
	while (done < 3) {
		n = burst({ pkts.begin() + done, pkts.end() });
		ASSERT_NE(n, 0) << "a caller that repeats what is left must not hang";
		done += n;
	}
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].data, frame_make(61));
	EXPECT_EQ(stats().dropped, 2u);
	EXPECT_EQ(stats().packets, 1u);
	EXPECT_EQ(stats().bytes, 61u);
	EXPECT_EQ(pool_in_use(pool_), 1u);
	stop_and_purge();
}

TEST_P(DpTxRing, StoppedOrFailedQueueSendsNothing)
{
	struct rte_mbuf *m = mbuf_make(frame_make(60));

	make();
	piopmd_dp_txq_fail(q_);
	EXPECT_EQ(burst({ m }), 0);
	piopmd_dp_txq_stop(q_);
	EXPECT_EQ(burst({ m }), 0);
	EXPECT_EQ(trace_ops(), "");
	rte_pktmbuf_free(m);
}

TEST_P(DpTxRing, ForeignEventStaysForControl)
{
	make();
	ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	fetch();
	complete_all();
	EXPECT_FALSE(piopmd_dp_txq_exception(q_));
	event(UINT64_C(0xC) << 60 | 0x1234); /* a management event */
	EXPECT_TRUE(piopmd_dp_txq_exception(q_)) << "seen behind completions nobody has read";
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 1) << "what came before it counts";
	EXPECT_TRUE(piopmd_dp_txq_exception(q_));
	struct rte_mbuf *m = mbuf_make(frame_make(60));
	EXPECT_EQ(burst({ m }), 0);
	rte_pktmbuf_free(m);
	EXPECT_EQ(piopmd_dp_txq_stop(q_), 2u) << "the foreign event is not consumed";
	EXPECT_EQ(evq_.as<uint64_t>()[2], UINT64_C(0xC) << 60 | 0x1234);
}

TEST_P(DpTxRing, CompletionOfWhatWasNeverSentIsAnException)
{
	make();
	for (unsigned int i = 0; i < 3; i++)
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	complete(200);
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 0);
	EXPECT_TRUE(piopmd_dp_txq_exception(q_));
	EXPECT_EQ(pool_in_use(pool_), 3u) << "nothing is freed on such a word";
	EXPECT_EQ(piopmd_dp_txq_stop(q_), 1u);
	EXPECT_EQ(piopmd_dp_txq_purge(q_), 3u);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_P(DpTxRing, EventRingFullOfGarbageEndsTheLoop)
{
	make();
	ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	for (uint32_t i = 0; i < kEntries; i++)
		evq_.as<uint64_t>()[i] = UINT64_C(2) << 60 | 1;
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 1);
	EXPECT_TRUE(piopmd_dp_txq_exception(q_));
}

TEST_P(DpTxRing, RestartAfterPurgeIsAFreshQueue)
{
	make();
	for (unsigned int i = 0; i < 50; i++)
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	piopmd_dp_txq_stop(q_);
	EXPECT_EQ(piopmd_dp_txq_purge(q_), 50u);
	EXPECT_EQ(piopmd_dp_txq_purge(q_), 0u) << "purge may be repeated";
	EXPECT_EQ(pool_in_use(pool_), 0u);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	piopmd_dp_txq_start(q_, 1);
	fetched_ = 1;
	evq_write_ = 1;
	ASSERT_EQ(burst({ mbuf_make(frame_make(77)) }), 1);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].data, frame_make(77));
	stop_and_purge();
}

INSTANTIATE_TEST_SUITE_P(Bursts, DpTxRing, ::testing::Bool(),
			 [](const ::testing::TestParamInfo<bool> &i) {
				 return i.param ? "simple" : "full";
			 });

TEST_F(DpTx, SegmentsOfAnySizeAreOneFrame)
{
	const Bytes f = frame_make(9000);

	ring_queue(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	ASSERT_EQ(burst({ chain_make(f, { 1, 2, 100, 100, 2000, 4000, 6000, 8000, 9000 }) }), 1);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].data, f);
	/* ten segments, of which two are empty: those have no descriptor */
	EXPECT_EQ(sent[0].last_desc - sent[0].first_desc + 1, 8u);
	complete_all();
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 1);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpTx, SegmentBeyondADescriptorIsSplit)
{
	struct rte_mempool *mp = pool_create(15, 65000, 0);
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	const Bytes f = frame_make(40000);

	ring_queue(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	piopmd_dp_txq_frame_max_publish(q_, 65535);
	memcpy(rte_pktmbuf_append(m, 40000), f.data(), f.size());
	ASSERT_EQ(burst({ m }), 1);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].data, f);
	/* 16383 + 16383 + 7234 */
	EXPECT_EQ(sent[0].last_desc - sent[0].first_desc + 1, 3u);
	complete(sent[0].first_desc);
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 0);
	EXPECT_EQ(pool_in_use(mp), 1u) << "its last piece is still in flight";
	complete_all();
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 1);
	EXPECT_EQ(pool_in_use(mp), 0u);
	rte_mempool_free(mp);
}

TEST_F(DpTx, FrameWithoutRoomForAllItsPiecesChangesNothing)
{
	queue_make(RTE_ETH_TX_OFFLOAD_MULTI_SEGS, nullptr, 8);
	for (unsigned int i = 0; i < 6; i++)
		ASSERT_EQ(burst({ mbuf_make(frame_make(60)) }), 1);
	struct rte_mbuf *m = chain_make(frame_make(300), { 100, 200 });
	trace_clear();
	EXPECT_EQ(burst({ m }), 0);
	EXPECT_EQ(trace_ops(), "");
	fetch();
	complete_all();
	EXPECT_EQ(burst({ m }), 1);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 1u);
	EXPECT_EQ(sent[0].data, frame_make(300));
	stop_and_purge();
}

TEST_F(DpTx, FrameThatNoRingHoldsIsDropped)
{
	std::vector<size_t> cuts;

	for (size_t i = 1; i < 100; i++)
		cuts.push_back(i);
	queue_make(RTE_ETH_TX_OFFLOAD_MULTI_SEGS, nullptr, 50);
	EXPECT_EQ(burst({ chain_make(frame_make(100), cuts) }), 1);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(stats().dropped, 1u);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpTx, ChainThatDoesNotAddUpIsDropped)
{
	ring_queue(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	struct rte_mbuf *m = chain_make(frame_make(300), { 100 });
	m->pkt_len = 301;
	EXPECT_EQ(burst({ m }), 1);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpTx, SharedAndClonedMbufsGoBackToTheirOwners)
{
	struct rte_mempool *other = pool_create(15, RTE_MBUF_DEFAULT_BUF_SIZE, 0);
	struct rte_mbuf *shared = mbuf_make(frame_make(60, 1));
	struct rte_mbuf *base = mbuf_make(frame_make(70, 2));
	struct rte_mbuf *clone = rte_pktmbuf_clone(base, other);

	ring_queue();
	rte_mbuf_refcnt_update(shared, 1);
	ASSERT_EQ(burst({ shared, clone }), 2);
	fetch();
	complete_all();
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 2);
	EXPECT_EQ(pool_in_use(other), 0u);
	EXPECT_EQ(pool_in_use(pool_), 2u) << "we still hold both";
	EXPECT_EQ(rte_mbuf_refcnt_read(shared), 1);
	EXPECT_EQ(rte_mbuf_refcnt_read(base), 1);
	rte_pktmbuf_free(shared);
	rte_pktmbuf_free(base);
	EXPECT_EQ(pool_in_use(pool_), 0u);
	rte_mempool_free(other);
}

TEST_F(DpTx, ChecksumOptionsAppearOnChangeOnly)
{
	const uint64_t both = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM;
	const uint64_t ip = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	const uint64_t flags[] = { 0, both, both, ip, 0, 0 };
	std::vector<struct rte_mbuf *> pkts;

	ring_queue(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM);
	for (uint64_t f : flags) {
		pkts.push_back(mbuf_make(frame_make(60)));
		pkts.back()->ol_flags |= f;
	}
	ASSERT_EQ(burst(pkts), 6);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 6u);
	const uint32_t expected[] = { 0, 3, 3, 1, 0, 0 };
	for (size_t i = 0; i < 6; i++)
		EXPECT_EQ(sent[i].csum, expected[i]) << i;
	EXPECT_EQ(trace_ops(), "DDDDDDDDDwB") << "six frames and three switches";
	EXPECT_EQ(trace()[1].word(0), 0x8000000000000003u);
	EXPECT_EQ(trace()[4].word(0), 0x8000000000000001u);
	EXPECT_EQ(trace()[6].word(0), 0x8000000000000000u);
	complete_all();
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 6);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpTx, OptionIsNotPushed)
{
	ring_queue(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
	struct rte_mbuf *m = mbuf_make(frame_make(60));
	m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	ASSERT_EQ(burst({ m }), 1);
	EXPECT_EQ(pushed(), 0u);
	EXPECT_EQ(wptr(), 3u);
	stop_and_purge();
}

TEST_F(DpTx, ChecksumFlagsWithoutTheOffloadAreIgnored)
{
	ring_queue();
	struct rte_mbuf *m = mbuf_make(frame_make(60));
	m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM;
	ASSERT_EQ(burst({ m }), 1);
	EXPECT_EQ(fetch().at(0).csum, 0u);
	stop_and_purge();
}

TEST_F(DpTx, PrepareNamesWhatCannotBeSent)
{
	void *queues[] = { q_ };
	const eth_tx_prep_t prepare = piopmd_dp_tx_prepare_select(queues, 1);
	struct rte_mbuf *m = mbuf_make(frame_make(60));
	auto prep = [&](uint64_t flags) {
		m->ol_flags = flags;
		rte_errno = 0;
		return prepare(q_, &m, 1) == 1 ? 0 : rte_errno;
	};

	ring_queue(RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
	EXPECT_EQ(prep(0), 0);
	EXPECT_EQ(prep(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM), 0);
	EXPECT_EQ(prep(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM), ENOTSUP);
	EXPECT_EQ(prep(RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_SCTP_CKSUM), ENOTSUP);
	EXPECT_EQ(prep(RTE_MBUF_F_TX_TCP_SEG), ENOTSUP);
	EXPECT_EQ(prep(RTE_MBUF_F_TX_VLAN), ENOTSUP);
	m->pkt_len = 0;
	EXPECT_EQ(prep(0), EINVAL);
	m->pkt_len = 60;
	rte_pktmbuf_free(m);
	m = chain_make(frame_make(100), { 50 });
	EXPECT_EQ(prep(0), ENOTSUP) << "two segments without the offload";
	rte_pktmbuf_free(m);
}

TEST_F(DpTx, BadConfigurationIsRefused)
{
	struct piopmd_dp_txq_conf good = {}, c;

	good.nb_entries = kEntries;
	good.max_fill = kLimit;
	good.free_thresh = 32;
	good.hw_ring = hw_ring_.as<uint64_t>();
	good.evq_ring = evq_.as<uint64_t>();
	good.sw_ring = sw_ring_.as<void *>();
	good.vi_base = regs_.as<void>();
	good.frame_max = 1518;
	ASSERT_EQ(piopmd_dp_txq_init(q_, &good), 0);
	auto refused = [&](auto change) {
		c = good;
		change(c);
		return piopmd_dp_txq_init(q_, &c) == -EINVAL;
	};
	EXPECT_TRUE(refused([](auto &x) { x.nb_entries = 256; }));
	EXPECT_TRUE(refused([](auto &x) { x.nb_entries = 8192; }));
	EXPECT_TRUE(refused([](auto &x) { x.nb_entries = 600; }));
	EXPECT_TRUE(refused([](auto &x) { x.max_fill = kLimit + 1; }));
	EXPECT_TRUE(refused([](auto &x) { x.max_fill = 0; }));
	EXPECT_TRUE(refused([](auto &x) { x.free_thresh = 0; }));
	EXPECT_TRUE(refused([](auto &x) { x.free_thresh = x.max_fill + 1; }));
	EXPECT_TRUE(refused([](auto &x) { x.hw_ring = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.evq_ring = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.sw_ring = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.vi_base = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.frame_max = 0; }));
}

TEST_F(DpTx, BlockedBurstAcknowledges)
{
	struct rte_mbuf *m = mbuf_make(frame_make(60));

	ring_queue();
	piopmd_dp_txq_ack_clear(q_);
	EXPECT_FALSE(piopmd_dp_txq_ack(q_));
	EXPECT_EQ(piopmd_dp_tx_burst_blocked(q_, &m, 1), 0);
	EXPECT_TRUE(piopmd_dp_txq_ack(q_));
	EXPECT_EQ(trace_ops(), "");
	rte_pktmbuf_free(m);
}

TEST_F(DpTx, PortWithoutOptInGetsABurstWithoutPioCode)
{
	void *queues[] = { nullptr, q_ };
	const char *name;

	ring_queue(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
	piopmd_dp_tx_burst_select(queues, 2, RTE_PIO_STORE_SSE2, &name);
	EXPECT_STREQ(name, "PIOPMD ring, simple");
	ring_queue(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM);
	piopmd_dp_tx_burst_select(queues, 2, RTE_PIO_STORE_SSE2, &name);
	EXPECT_STREQ(name, "PIOPMD ring");
	pio_queue();
	piopmd_dp_tx_burst_select(queues, 2, RTE_PIO_STORE_SSE2, &name);
	EXPECT_STREQ(name, "PIOPMD PIO (sse2)");
}

} // namespace dp
