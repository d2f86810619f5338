/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Frames by PIO: slots, credits, fallbacks and their reasons, errors, warming. */

#include <cerrno>
#include <cstring>
#include <random>

#include "dp_fixture.h"

namespace dp
{

class DpPio : public TxTest
{
protected:
	const struct rte_pio_queue_stats &stats() { return *piopmd_dp_txq_pio_stats(q_); }
	struct rte_pio_credits credits()
	{
		struct rte_pio_credits c = {};

		EXPECT_EQ(fp_->credits(q_, &c), 0);
		return c;
	}
	/* An error changed nothing: no store, no counter, no mbuf. */
	void expect_refused(int ret, int error)
	{
		EXPECT_EQ(ret, error);
		EXPECT_EQ(trace_ops(), "");
		EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
		trace_clear();
	}
};

TEST_F(DpPio, EveryLengthArrivesAsSent)
{
	auto conf = pio_conf(1984);

	queue_make(0, &conf);
	for (unsigned int len = 14; len <= 1984; len++) {
		Bytes f = frame_make(len, len);

		ASSERT_EQ(send(f), RTE_PIO_BY_PIO) << len;
		const auto sent = fetch();
		ASSERT_EQ(sent.size(), 1u);
		f.resize(std::max(len, 60u), 0);
		ASSERT_EQ(sent[0].data, f) << "padded with zeros to 60";
		complete_all();
	}
}

TEST_F(DpPio, SlotsAreUsedInTurnAndNeverTwice)
{
	/* 2048 bytes: the scratch line, and 7 slots of 256 */
	pio_queue(256);
	for (unsigned int i = 0; i < 7; i++) {
		ASSERT_EQ(send(frame_make(200, i)), RTE_PIO_BY_PIO);
		EXPECT_EQ(pushed() & 0xFFF, 256u * i);
	}
	EXPECT_EQ(send(frame_make(200), RTE_PIO_NO_FALLBACK), -EAGAIN);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 7u);
	for (unsigned int i = 0; i < 7; i++)
		EXPECT_EQ(sent[i].data, frame_make(200, i));
	complete(2);
	EXPECT_EQ(credits().frames, 2u);
	ASSERT_EQ(send(frame_make(200, 8)), RTE_PIO_BY_PIO);
	EXPECT_EQ(pushed() & 0xFFF, 0u) << "the oldest slot";
	ASSERT_EQ(send(frame_make(200, 9)), RTE_PIO_BY_PIO);
	EXPECT_EQ(pushed() & 0xFFF, 256u);
	EXPECT_EQ(send(frame_make(200), RTE_PIO_NO_FALLBACK), -EAGAIN);
}

TEST_F(DpPio, CreditsAreExact)
{
	std::mt19937 rng(7);

	pio_queue(128); /* 15 slots */
	for (unsigned int round = 0; round < 500; round++) {
		const struct rte_pio_credits c = credits();

		EXPECT_EQ(c.bytes, c.frames * 128);
		for (uint32_t i = 0; i < c.frames; i++)
			ASSERT_EQ(send(frame_make(128), RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO);
		ASSERT_EQ(send(frame_make(128), RTE_PIO_NO_FALLBACK), -EAGAIN);
		const auto sent = fetch();
		/* complete some of them */
		if (!sent.empty() && rng() % 2 != 0)
			complete(sent[rng() % sent.size()].last_desc);
		else
			complete_all();
	}
}

TEST_F(DpPio, CreditsCountTheRingToo)
{
	auto conf = pio_conf(64);

	queue_make(0, &conf, 10); /* 31 slots, 10 descriptors */
	EXPECT_EQ(credits().frames, 10u);
	for (unsigned int i = 0; i < 10; i++)
		ASSERT_EQ(send(frame_make(64), RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO);
	trace_clear();
	EXPECT_EQ(send(frame_make(64)), -EAGAIN) << "the ring is no way out either";
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(stats().refused[RTE_PIO_FB_RING_FULL], 1u);
}

TEST_F(DpPio, CreditsAllowForTheSwitchThatComesFirst)
{
	auto conf = pio_conf(64);

	conf.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	queue_make(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, &conf, 10);
	ASSERT_EQ(send(frame_make(64), RTE_PIO_CSUM), RTE_PIO_BY_PIO);
	EXPECT_EQ(credits().frames, 7u) << "10 - option - frame - option";
	for (unsigned int i = 0; i < 7; i++)
		ASSERT_EQ(send(frame_make(64), RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO);
	EXPECT_EQ(send(frame_make(64), RTE_PIO_NO_FALLBACK), -EAGAIN);
}

TEST_F(DpPio, FallbackGoesByTheRingAndSaysSo)
{
	pio_queue(200); /* slots of 256 */
	ASSERT_EQ(send(frame_make(201)), RTE_PIO_BY_RING);
	ASSERT_EQ(send(frame_make(257)), RTE_PIO_BY_RING);
	for (unsigned int i = 0; i < 7; i++)
		ASSERT_EQ(send(frame_make(200)), RTE_PIO_BY_PIO);
	ASSERT_EQ(send(frame_make(200)), RTE_PIO_BY_RING);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 10u);
	EXPECT_EQ(sent[0].data, frame_make(201));
	EXPECT_EQ(sent[1].data, frame_make(257));
	EXPECT_FALSE(sent[9].pio);
	EXPECT_EQ(sent[9].data, frame_make(200));
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_THRESHOLD], 1u);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_LEN], 1u);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_NO_SLOT], 1u);
	EXPECT_EQ(stats().ring_packets, 3u);
	EXPECT_EQ(stats().ring_bytes, 201u + 257 + 200);
	EXPECT_EQ(stats().pio_packets, 7u);
	EXPECT_EQ(stats().pio_bytes, 1400u);
	complete_all();
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
}

TEST_F(DpPio, ErrorsChangeNothing)
{
	auto conf = pio_conf(200);
	const Bytes f = frame_make(9019);

	queue_make(0, &conf);
	auto s = [&](const void *frame, uint32_t len, uint32_t flags) {
		return fp_->send(q_, frame, len, flags);
	};
	expect_refused(s(nullptr, 64, 0), -EINVAL);
	expect_refused(s(f.data(), 13, 0), -EINVAL);
	expect_refused(s(f.data(), 0, 0), -EINVAL);
	expect_refused(s(f.data(), 64, 1u << 4), -EINVAL);
	expect_refused(s(f.data(), 64, 1u << 31), -EINVAL);
	expect_refused(s(f.data(), 64, RTE_PIO_CSUM), -EINVAL);
	expect_refused(s(f.data(), 201, RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	expect_refused(s(f.data(), 2049, 0), -EMSGSIZE); /* an mbuf of the fallback pool holds 2048 */
	expect_refused(s(f.data(), UINT32_MAX, 0), -EMSGSIZE);
	piopmd_dp_txq_frame_max_publish(q_, 1518);
	expect_refused(s(f.data(), 1519, 0), -EMSGSIZE);

	struct rte_pio_iov iov[2] = { { f.data(), 10 }, { nullptr, 10 } };
	expect_refused(fp_->sendv(q_, nullptr, 1, 0), -EINVAL);
	expect_refused(fp_->sendv(q_, iov, 0, 0), -EINVAL);
	expect_refused(fp_->sendv(q_, iov, 65, 0), -EINVAL);
	expect_refused(fp_->sendv(q_, iov, 1, 0), -EINVAL); /* 10 bytes */
	expect_refused(fp_->sendv(q_, iov, 2, 0), -EINVAL); /* a length without a base */
	expect_refused(fp_->send_burst(q_, nullptr, 1, 0), -EINVAL);
	expect_refused(fp_->send_burst(q_, nullptr, 0, 0), 0);
	iov[0].len = 13;
	expect_refused(fp_->send_burst(q_, iov, 1, 0), -EINVAL);
	EXPECT_EQ(fp_->credits(q_, nullptr), -EINVAL);
	EXPECT_EQ(stats().pio_packets + stats().ring_packets, 0u);
}

TEST_F(DpPio, WithoutFallbackPoolItIsNobufs)
{
	auto conf = pio_conf(200);

	conf.fallback_mp = nullptr;
	queue_make(0, &conf);
	expect_refused(send(frame_make(201)), -ENOBUFS);
	EXPECT_EQ(stats().refused[RTE_PIO_FB_THRESHOLD], 1u);
	EXPECT_EQ(send(frame_make(200)), RTE_PIO_BY_PIO);
}

TEST_F(DpPio, ExhaustedFallbackPoolIsNobufs)
{
	std::vector<struct rte_mbuf *> held(1023);

	pio_queue(200);
	ASSERT_EQ(rte_pktmbuf_alloc_bulk(fallback_pool_, held.data(), 1023), 0);
	EXPECT_EQ(send(frame_make(201)), -ENOBUFS);
	EXPECT_EQ(trace_ops(), "");
	rte_pktmbuf_free_bulk(held.data(), 1023);
	EXPECT_EQ(send(frame_make(201)), RTE_PIO_BY_RING);
	stop_and_purge();
}

TEST_F(DpPio, FallbackNoneRefuses)
{
	auto conf = pio_conf(200);

	conf.fallback_ring = false;
	queue_make(0, &conf);
	expect_refused(send(frame_make(201)), -EMSGSIZE);
	for (unsigned int i = 0; i < 7; i++)
		ASSERT_EQ(send(frame_make(200)), RTE_PIO_BY_PIO);
	trace_clear();
	expect_refused(send(frame_make(200)), -EAGAIN);
	EXPECT_EQ(stats().refused[RTE_PIO_FB_NO_SLOT], 1u);
	/* mbufs have a way out all the same */
	ASSERT_EQ(burst({ mbuf_make(frame_make(201)) }), 1);
	EXPECT_EQ(fetch().back().pio, false);
	piopmd_dp_txq_pio_enable_publish(q_, false);
	EXPECT_EQ(send(frame_make(64)), -ENOTSUP) << "PIO was stopped";
	stop_and_purge();
}

TEST_F(DpPio, DummyQueueAnswersNotsup)
{
	Memory mem(piopmd_dp_txq_size());
	struct rte_pio_credits c;
	const Bytes f = frame_make(64);
	const struct rte_pio_iov iov = { f.data(), 64 };

	pio_queue();
	memcpy(mem.as<void>(), &piopmd_dp_txq_dummy, piopmd_dp_txq_size());
	void *dummy = mem.as<void>();
	for (uint32_t flags : { 0u, (uint32_t)RTE_PIO_MORE, (uint32_t)RTE_PIO_WARM, ~0u }) {
		EXPECT_EQ(fp_->send(dummy, f.data(), 64, flags), -ENOTSUP);
		EXPECT_EQ(fp_->sendv(dummy, &iov, 1, flags), -ENOTSUP);
		EXPECT_EQ(fp_->send_burst(dummy, &iov, 1, flags), -ENOTSUP);
	}
	EXPECT_EQ(fp_->send(dummy, nullptr, 0, 0), -ENOTSUP);
	EXPECT_EQ(fp_->warm(dummy, 64), -ENOTSUP);
	EXPECT_EQ(fp_->credits(dummy, &c), -ENOTSUP);
	EXPECT_EQ(fp_->reap(dummy), -ENOTSUP);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(memcmp(dummy, &piopmd_dp_txq_dummy, piopmd_dp_txq_size()), 0) << "never written";
}

TEST_F(DpPio, StoppedAndFailedQueuesSayWhich)
{
	struct rte_pio_credits c;

	pio_queue();
	piopmd_dp_txq_stop(q_);
	expect_refused(send(frame_make(64)), -ENETDOWN);
	EXPECT_EQ(fp_->warm(q_, 64), -ENETDOWN);
	EXPECT_EQ(fp_->credits(q_, &c), -ENETDOWN);
	EXPECT_EQ(fp_->reap(q_), -ENETDOWN);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	piopmd_dp_txq_start(q_, 1);
	EXPECT_EQ(send(frame_make(64)), RTE_PIO_BY_PIO);
	trace_clear();
	piopmd_dp_txq_fail(q_);
	expect_refused(send(frame_make(64)), -EIO);
	EXPECT_EQ(fp_->warm(q_, 64), -EIO);
	EXPECT_EQ(fp_->credits(q_, &c), -EIO);
	EXPECT_EQ(fp_->reap(q_), -EIO);
}

TEST_F(DpPio, EventForControlMakesTheQueueAnswerEio)
{
	pio_queue();
	event(UINT64_C(0xC) << 60);
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(send(frame_make(64)), -EIO);
	EXPECT_EQ(trace_ops(), "");
}

TEST_F(DpPio, StopAndStartOfPioKeepOrder)
{
	pio_queue();
	ASSERT_EQ(send(frame_make(64, 1)), RTE_PIO_BY_PIO);
	piopmd_dp_txq_pio_enable_publish(q_, false);
	ASSERT_EQ(send(frame_make(64, 2)), RTE_PIO_BY_RING);
	ASSERT_EQ(burst({ mbuf_make(frame_make(64, 3)) }), 1);
	piopmd_dp_txq_pio_enable_publish(q_, true);
	ASSERT_EQ(send(frame_make(64, 4)), RTE_PIO_BY_PIO);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 4u);
	for (unsigned int i = 0; i < 4; i++) {
		EXPECT_EQ(sent[i].data, frame_make(64, i + 1));
		EXPECT_EQ(sent[i].pio, i == 0 || i == 3);
	}
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_STOPPED], 2u);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
}

TEST_F(DpPio, ThresholdTakesEffectAtOnce)
{
	pio_queue(256);
	ASSERT_EQ(piopmd_dp_txq_pio_threshold_publish(q_, 100), 0);
	EXPECT_EQ(send(frame_make(101)), RTE_PIO_BY_RING);
	EXPECT_EQ(send(frame_make(100)), RTE_PIO_BY_PIO);
	ASSERT_EQ(piopmd_dp_txq_pio_threshold_publish(q_, 256), 0);
	EXPECT_EQ(send(frame_make(256)), RTE_PIO_BY_PIO);
	EXPECT_EQ(piopmd_dp_txq_pio_threshold_publish(q_, 257), -EINVAL);
	EXPECT_EQ(piopmd_dp_txq_pio_threshold_publish(q_, 13), -EINVAL);
	EXPECT_EQ(send(frame_make(256)), RTE_PIO_BY_PIO) << "a refused value changes nothing";
	stop_and_purge();
}

TEST_F(DpPio, QueueWithoutMemorySendsByTheRingForThatReason)
{
	auto conf = pio_conf();

	conf.window = nullptr;
	conf.off_reason = RTE_PIO_FB_NO_PRIVILEGE;
	queue_make(0, &conf);
	ASSERT_EQ(send(frame_make(64)), RTE_PIO_BY_RING);
	ASSERT_EQ(burst({ mbuf_make(frame_make(64)) }), 1);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_NO_PRIVILEGE], 2u);
	ASSERT_EQ(burst({ mbuf_make(frame_make(64)), mbuf_make(frame_make(14)),
			  mbuf_make(frame_make(5)), mbuf_make(frame_make(1500)) }), 4);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_NO_PRIVILEGE], 6u);
	EXPECT_EQ(credits().frames, 0u);
	EXPECT_EQ(fp_->warm(q_, 64), RTE_PIO_BY_RING);
	EXPECT_EQ(send(frame_make(64), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	stop_and_purge();
}

TEST_F(DpPio, BurstOfMbufsFallsBackOneByOne)
{
	std::vector<struct rte_mbuf *> pkts;

	pio_queue(256);
	for (unsigned int i = 0; i < 12; i++)
		pkts.push_back(mbuf_make(frame_make(100, i)));
	ASSERT_EQ(burst(pkts), 12);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 12u);
	for (unsigned int i = 0; i < 12; i++) {
		EXPECT_EQ(sent[i].data, frame_make(100, i));
		EXPECT_EQ(sent[i].pio, i < 7);
	}
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_NO_SLOT], 5u);
	EXPECT_EQ(pool_in_use(pool_), 5u) << "those by PIO are free";
	complete_all();
	EXPECT_EQ(piopmd_dp_tx_done_cleanup(q_, 0), 5);
	EXPECT_EQ(pool_in_use(pool_), 0u);
	EXPECT_EQ(credits().frames, 7u);
}

TEST_F(DpPio, BurstCountsSegmentsRuntsAndLongFrames)
{
	auto conf = pio_conf(100);

	queue_make(RTE_ETH_TX_OFFLOAD_MULTI_SEGS, &conf);
	ASSERT_EQ(burst({ chain_make(frame_make(80), { 40 }), mbuf_make(frame_make(101)),
			  mbuf_make(frame_make(500)), mbuf_make(frame_make(5)) }), 4);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 4u);
	EXPECT_FALSE(sent[0].pio);
	EXPECT_EQ(sent[0].data, frame_make(80));
	EXPECT_FALSE(sent[1].pio);
	EXPECT_FALSE(sent[2].pio);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_SEGS], 1u);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_THRESHOLD], 1u);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_LEN], 1u);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpPio, LongFramesOneByOneGoByTheRingAndComeBack)
{
	auto conf = pio_conf(100);

	queue_make(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, &conf);
	for (unsigned int round = 0; round < 2 * kEntries; round++) {
		struct rte_mbuf *m = mbuf_make(frame_make(round % 2 == 0 ? 101 : 500, round));

		if (round % 8 == 7)
			m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
		ASSERT_EQ(burst({ m }), 1);
		const auto sent = fetch();
		ASSERT_EQ(sent.size(), 1u);
		ASSERT_FALSE(sent[0].pio);
		complete_all();
	}
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_THRESHOLD], kEntries);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_LEN], kEntries);
	EXPECT_EQ(stats().ring_packets, 2u * kEntries);
	EXPECT_EQ(stats().ring_bytes, 601u * kEntries);
	EXPECT_LT(pool_in_use(pool_), kEntries) << "completions are taken without being asked for";
	stop_and_purge();
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpPio, BurstReturnsSharedMbufsToTheirOwners)
{
	struct rte_mbuf *shared = mbuf_make(frame_make(60));
	struct rte_mbuf *base = mbuf_make(frame_make(61));
	struct rte_mbuf *clone = rte_pktmbuf_clone(base, fallback_pool_);

	pio_queue();
	rte_mbuf_refcnt_update(shared, 1);
	ASSERT_EQ(burst({ shared, clone, mbuf_make(frame_make(62)) }), 3);
	EXPECT_EQ(fetch().size(), 3u);
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
	EXPECT_EQ(pool_in_use(pool_), 2u);
	EXPECT_EQ(rte_mbuf_refcnt_read(shared), 1);
	rte_pktmbuf_free(shared);
	rte_pktmbuf_free(base);
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpPio, FastFreeQueueKeepsTheFallbackPoolApart)
{
	auto conf = pio_conf(100);

	queue_make(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, &conf);
	for (unsigned int round = 0; round < 3 * kEntries; round++) {
		ASSERT_EQ(burst({ mbuf_make(frame_make(64)), mbuf_make(frame_make(200)),
				  mbuf_make(frame_make(64)) }), 3);
		ASSERT_EQ(send(frame_make(150)), RTE_PIO_BY_RING);
		ASSERT_EQ(fetch().size(), 4u);
		complete_all();
		ASSERT_EQ(fp_->reap(q_), 0);
		ASSERT_EQ(pool_in_use(pool_), 0u);
		ASSERT_EQ(pool_in_use(fallback_pool_), 0u);
	}
}

TEST_F(DpPio, ChecksumsSwitchForThoseWhoAsk)
{
	auto conf = pio_conf(256);

	conf.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM;
	queue_make(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM, &conf);
	ASSERT_EQ(send(frame_make(64)), RTE_PIO_BY_PIO);
	trace_clear();
	ASSERT_EQ(send(frame_make(64), RTE_PIO_CSUM), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "DLDFwB");
	ASSERT_EQ(send(frame_make(64), RTE_PIO_CSUM), RTE_PIO_BY_PIO);
	ASSERT_EQ(send(frame_make(1000), RTE_PIO_CSUM), RTE_PIO_BY_RING);
	ASSERT_EQ(burst({ mbuf_make(frame_make(64)) }), 1);
	ASSERT_EQ(send(frame_make(64)), RTE_PIO_BY_PIO);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 6u);
	const uint32_t expected[] = { 0, 3, 3, 3, 0, 0 };
	for (size_t i = 0; i < 6; i++)
		EXPECT_EQ(sent[i].csum, expected[i]) << i;
	complete_all();
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(credits().frames, 7u) << "options give no slot back";
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
}

TEST_F(DpPio, SendBurstEndsAtTheFirstFrameThatCannotGo)
{
	const Bytes f = frame_make(64);
	struct rte_pio_iov frames[] = {
		{ f.data(), 64 }, { f.data(), 60 }, { f.data(), 3 }, { f.data(), 64 },
	};

	pio_queue();
	EXPECT_EQ(fp_->send_burst(q_, frames, 4, 0), 2);
	EXPECT_EQ(trace_ops(), "LDLDFwB") << "what went is announced";
	EXPECT_EQ(fetch().size(), 2u);
	trace_clear();
	EXPECT_EQ(fp_->send_burst(q_, frames, 4, RTE_PIO_MORE), 2);
	EXPECT_EQ(trace_ops(), "LDLDFwB") << "an error rings even with RTE_PIO_MORE";
	trace_clear();
	EXPECT_EQ(fp_->send_burst(q_, frames, 2, RTE_PIO_MORE), 2);
	EXPECT_EQ(trace_ops(), "LDLD");
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(fetch().size(), 4u);
}

TEST_F(DpPio, SendBurstFallsBackInOrder)
{
	std::vector<Bytes> data;
	std::vector<struct rte_pio_iov> frames;

	pio_queue(128); /* 15 slots */
	for (unsigned int i = 0; i < 20; i++)
		data.push_back(frame_make(i % 6 == 5 ? 600 : 100, i));
	for (const Bytes &d : data)
		frames.push_back({ d.data(), static_cast<uint32_t>(d.size()) });
	EXPECT_EQ(fp_->send_burst(q_, frames.data(), 20, 0), 20);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 20u);
	for (unsigned int i = 0; i < 20; i++)
		EXPECT_EQ(sent[i].data, data[i]) << i;
	EXPECT_EQ(stats().pio_packets, 15u);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_LEN], 3u);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_NO_SLOT], 2u);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
}

TEST_F(DpPio, WarmStoresToTheScratchLineAndNothingElse)
{
	const uintptr_t scratch = window_.addr() + 2048 - 64;
	const Bytes ring(hw_ring_.as<uint8_t>(), hw_ring_.as<uint8_t>() + kEntries * 8);

	pio_queue(256);
	for (unsigned int i = 0; i < 7; i++) /* legal with all slots in flight */
		ASSERT_EQ(send(frame_make(256, i), i == 6 ? RTE_PIO_MORE : 0), RTE_PIO_BY_PIO);
	const Bytes regs(regs_.as<uint8_t>(), regs_.as<uint8_t>() + 8192);
	const Bytes before(hw_ring_.as<uint8_t>(), hw_ring_.as<uint8_t>() + kEntries * 8);
	const Bytes slots(window_.as<uint8_t>(), window_.as<uint8_t>() + 2048 - 64);
	const struct rte_pio_queue_stats counted = stats();
	trace_clear();
	for (uint32_t len : { 14u, 64u, 65u, 256u }) {
		trace_clear();
		EXPECT_EQ(fp_->warm(q_, len), RTE_PIO_BY_PIO);
		unsigned int lines = 0;
		for (const TraceEntry &e : trace()) {
			EXPECT_FALSE(regs_.holds(e.addr));
			EXPECT_FALSE(hw_ring_.holds(e.addr));
			if (e.op == IO_TRACE_LINE) {
				EXPECT_EQ(e.addr, scratch);
				lines++;
			}
		}
		EXPECT_EQ(lines, (len + 63) / 64);
		/* the same instructions as a send */
		EXPECT_EQ(trace_ops(), std::string(lines, 'L') + "DFwB");
	}
	const Bytes f = frame_make(64);
	EXPECT_EQ(send(f, RTE_PIO_WARM), RTE_PIO_BY_PIO);
	EXPECT_EQ(fp_->warm(q_, 257), RTE_PIO_BY_RING);
	EXPECT_EQ(fp_->warm(q_, 13), -EINVAL);
	EXPECT_EQ(memcmp(regs_.as<void>(), regs.data(), regs.size()), 0) << "no doorbell";
	EXPECT_EQ(memcmp(hw_ring_.as<void>(), before.data(), before.size()), 0);
	EXPECT_EQ(memcmp(window_.as<void>(), slots.data(), slots.size()), 0) << "no live slot";
	EXPECT_EQ(stats().warms, counted.warms + 5);
	EXPECT_EQ(stats().pio_packets, counted.pio_packets);
	/* and the queue goes on where it was */
	EXPECT_EQ(fp_->reap(q_), 0);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 7u);
	for (unsigned int i = 0; i < 7; i++)
		EXPECT_EQ(sent[i].data, frame_make(256, i));
}

TEST_F(DpPio, RandomMixKeepsOrderAndContent)
{
	std::mt19937 rng(3);
	std::deque<Bytes> expected;
	unsigned int seed = 0;
	auto conf = pio_conf(192, 4096);

	queue_make(RTE_ETH_TX_OFFLOAD_MULTI_SEGS, &conf);
	auto make = [&] {
		const unsigned int sizes[] = { 14, 60, 64, 100, 191, 192, 193, 400, 1514 };

		return frame_make(sizes[rng() % 9], ++seed);
	};
	for (unsigned int round = 0; round < 6000; round++) {
		switch (rng() % 6) {
		case 0: {
			std::vector<struct rte_mbuf *> pkts;
			std::vector<Bytes> data;

			for (unsigned int i = 0; i <= rng() % 20; i++) {
				data.push_back(make());
				pkts.push_back(rng() % 4 == 0 ? chain_make(data.back(), { 7 })
							      : mbuf_make(data.back()));
			}
			const uint16_t n = burst(pkts);
			expected.insert(expected.end(), data.begin(), data.begin() + n);
			for (size_t i = n; i < pkts.size(); i++)
				rte_pktmbuf_free(pkts[i]);
			break;
		}
		case 1: {
			const Bytes a = make(), b = make();
			const struct rte_pio_iov frames[] = { { a.data(), (uint32_t)a.size() },
							      { b.data(), (uint32_t)b.size() } };
			const int n = fp_->send_burst(q_, frames, 2, rng() % 2 ? RTE_PIO_MORE : 0);

			if (n > 0)
				expected.push_back(a);
			if (n > 1)
				expected.push_back(b);
			break;
		}
		case 2: {
			const Bytes a = make();
			const uint32_t cut = rng() % a.size();
			const struct rte_pio_iov iov[] = { { a.data(), cut },
							   { a.data() + cut, (uint32_t)a.size() - cut } };

			if (fp_->sendv(q_, iov, 2, 0) >= 0)
				expected.push_back(a);
			break;
		}
		case 3:
			ASSERT_GE(fp_->warm(q_, 14 + rng() % 300), 0);
			break;
		default: {
			const Bytes a = make();

			if (send(a, rng() % 4) >= 0) /* MORE, NO_FALLBACK */
				expected.push_back(a);
		}
		}
		ASSERT_NO_FATAL_FAILURE(expect_next(expected));
		if (rng() % 3 == 0)
			complete_all();
	}
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(fetch().size(), expected.size());
	EXPECT_GT(stats().pio_packets, 1000u);
	EXPECT_GT(stats().ring_packets, 1000u);
	uint64_t sum = 0;
	for (unsigned int i = 0; i < RTE_PIO_FB_MAX; i++)
		sum += stats().fallback[i];
	EXPECT_EQ(stats().ring_packets, sum);
	complete_all();
	EXPECT_GE(fp_->reap(q_), 0);
	EXPECT_EQ(pool_in_use(pool_), 0u);
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
}

TEST_F(DpPio, AttachRefusesWhatDoesNotFit)
{
	ring_queue();
	stop_and_purge();
	auto attach = [&](auto change) {
		auto c = pio_conf();

		change(c);
		return piopmd_dp_txq_pio_attach(q_, &c);
	};
	EXPECT_EQ(attach([](auto &c) { c.threshold = 13; }), -EINVAL);
	EXPECT_EQ(attach([](auto &c) { c.threshold = 4096; }), -EINVAL);
	EXPECT_EQ(attach([](auto &c) { c.window = (uint8_t *)c.window + 8; }), -EINVAL);
	EXPECT_EQ(attach([](auto &c) { c.dev_off = 32; }), -EINVAL);
	EXPECT_EQ(attach([](auto &c) { c.size = 4160; }), -EINVAL);
	EXPECT_EQ(attach([](auto &c) { c.threshold = 1985; }), -ENOSPC);
	EXPECT_EQ(attach([](auto &c) { c.template_mem = 2048 - 64; }), -ENOSPC);
	struct piopmd_dp_pio_info info;
	piopmd_dp_txq_pio_info_get(q_, &info);
	EXPECT_FALSE(info.opted_in);
	EXPECT_EQ(attach([](auto &c) { c.template_mem = 192; }), 0);
	piopmd_dp_txq_pio_info_get(q_, &info);
	EXPECT_TRUE(info.opted_in);
	EXPECT_EQ(info.slot_size, 256u);
	EXPECT_EQ(info.nb_slots, 7u);
	EXPECT_EQ(info.template_mem, 192u);
	EXPECT_EQ(info.template_mem_free, 192u);
	EXPECT_EQ(info.scratch, window_.as<uint8_t>() + 1984);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
	piopmd_dp_txq_pio_info_get(q_, &info);
	EXPECT_FALSE(info.opted_in);
	EXPECT_EQ(info.scratch, nullptr);
}

TEST_F(DpPio, BufferThatMovesIsUsedAtItsNewAddress)
{
	Memory other(4096);

	pio_queue();
	ASSERT_EQ(send(frame_make(64)), RTE_PIO_BY_PIO);
	stop_and_purge();
	piopmd_dp_txq_pio_move(q_, nullptr, RTE_PIO_FB_DEVICE);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	piopmd_dp_txq_start(q_, 1);
	EXPECT_EQ(send(frame_make(64)), RTE_PIO_BY_RING);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_DEVICE], 1u);
	stop_and_purge();
	piopmd_dp_txq_pio_move(q_, other.as<void>(), RTE_PIO_FB_NONE);
	piopmd_dp_txq_start(q_, 1);
	trace_clear();
	EXPECT_EQ(send(frame_make(64)), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace()[0].addr, other.addr());
	EXPECT_EQ(credits().frames, 6u);
}

} // namespace dp
