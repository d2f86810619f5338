/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What the adapter sees, in which order: lines, descriptors, fences, doorbells. Golden words are
 * typed by hand from the descriptor tables of DPDK's efx_regs_ef10.h.
 */

#include <cstring>

#include "dp_fixture.h"

namespace dp
{

class DpOrder : public TxTest
{
protected:
	const TraceEntry &at(size_t i) { return trace().at(i); }
	uintptr_t doorbell() const { return regs_.addr() + 0xA10; }
	uintptr_t ring(uint32_t i) const { return hw_ring_.addr() + 8 * i; }
};

/* Each store kind sends through its own copy of the code. */
class DpOrderKind : public DpOrder, public ::testing::WithParamInterface<int>
{
protected:
	void SetUp() override
	{
		kind_ = static_cast<enum rte_pio_store_kind>(GetParam());
		if (!rte_pio_store_kind_supported(kind_))
			GTEST_SKIP() << "this CPU has no " << rte_pio_store_kind_name(kind_);
	}
};

TEST_P(DpOrderKind, PioSendIsLinesDescriptorFenceDoorbell)
{
	const Bytes f = frame_make(130);

	pio_queue();
	ASSERT_EQ(send(f), RTE_PIO_BY_PIO);
	ASSERT_EQ(trace_ops(), "LLLDFwB");
	for (size_t i = 0; i < 3; i++) {
		EXPECT_EQ(at(i).addr, window_.addr() + 64 * i) << "lines ascend";
		EXPECT_EQ(at(i).size, 64u);
		EXPECT_EQ(at(i).kind, GetParam());
	}
	EXPECT_EQ(memcmp(at(0).data, &f[0], 64), 0);
	EXPECT_EQ(memcmp(at(1).data, &f[64], 64), 0);
	EXPECT_EQ(memcmp(at(2).data, &f[128], 2), 0);
	for (size_t i = 2; i < 64; i++)
		EXPECT_EQ(at(2).data[i], 0) << "the last line is padded";
	EXPECT_EQ(at(3).addr, ring(1));
	EXPECT_EQ(at(3).word(0), 0x9000008200000000u);
	EXPECT_EQ(at(6).addr, doorbell());
	EXPECT_EQ(at(6).size, 16u);
	EXPECT_EQ(at(6).word(0), 0x9000008200000000u) << "the descriptor is pushed";
	EXPECT_EQ(at(6).word(1), 2u) << "write pointer";
}

TEST_P(DpOrderKind, MbufByPioIsTheSame)
{
	const Bytes f = frame_make(64);

	pio_queue();
	ASSERT_EQ(burst({ mbuf_make(f) }), 1);
	ASSERT_EQ(trace_ops(), "LDFwB");
	EXPECT_EQ(memcmp(at(0).data, f.data(), 64), 0);
	EXPECT_EQ(at(0).kind, GetParam());
	EXPECT_EQ(at(1).word(0), 0x9000004000000000u);
	EXPECT_EQ(at(4).word(0), 0x9000004000000000u);
	EXPECT_EQ(at(4).word(1), 2u);
	EXPECT_EQ(pool_in_use(pool_), 0u) << "the mbuf is free on return";
}

TEST_P(DpOrderKind, GatheredSendIsTheSame)
{
	const Bytes f = frame_make(100);
	const struct rte_pio_iov iov[] = { { &f[0], 14 }, { nullptr, 0 }, { &f[14], 51 }, { &f[65], 35 } };

	pio_queue();
	ASSERT_EQ(fp_->sendv(q_, iov, 4, 0), RTE_PIO_BY_PIO);
	ASSERT_EQ(trace_ops(), "LLDFwB");
	EXPECT_EQ(memcmp(at(0).data, &f[0], 64), 0);
	EXPECT_EQ(memcmp(at(1).data, &f[64], 36), 0);
	EXPECT_EQ(at(2).word(0), 0x9000006400000000u);
}

TEST_P(DpOrderKind, SendBurstHasOneFenceAndOneDoorbell)
{
	const Bytes a = frame_make(64, 1), b = frame_make(200, 2), c = frame_make(14, 3);
	const struct rte_pio_iov frames[] = { { a.data(), 64 }, { b.data(), 200 }, { c.data(), 14 } };

	pio_queue();
	ASSERT_EQ(fp_->send_burst(q_, frames, 3, 0), 3);
	ASSERT_EQ(trace_ops(), "LDLLLLDLDFwB");
	EXPECT_EQ(at(1).word(0), 0x9000004000000000u);
	EXPECT_EQ(at(6).word(0), 0x900000C800000100u) << "second slot, at 256";
	EXPECT_EQ(at(8).word(0), 0x9000003C00000200u) << "14 bytes leave as 60";
	EXPECT_EQ(at(11).word(0), 0x9000004000000000u) << "the first one is pushed";
	EXPECT_EQ(at(11).word(1), 4u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, DpOrderKind,
			 ::testing::Values(RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_SSE2,
					   RTE_PIO_STORE_AVX2, RTE_PIO_STORE_AVX512,
					   RTE_PIO_STORE_MOVDIR64B),
			 [](const ::testing::TestParamInfo<int> &i) {
				 return rte_pio_store_kind_name(
					 static_cast<enum rte_pio_store_kind>(i.param));
			 });

TEST_F(DpOrder, QueueStartPushesTheOptionThatClearsTheCollector)
{
	ring_queue();
	stop_and_purge();
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	trace_clear();
	piopmd_dp_txq_start(q_, 1);
	ASSERT_EQ(trace_ops(), "DwB");
	EXPECT_EQ(at(0).addr, ring(0));
	EXPECT_EQ(at(0).word(0), 0x8000000000000000u);
	EXPECT_EQ(at(2).word(1), 1u);
}

TEST_F(DpOrder, RingSendHasNoFence)
{
	struct rte_mbuf *m = mbuf_make(frame_make(60));
	const uint64_t desc = UINT64_C(0x003C) << 48 | rte_mbuf_data_iova(m);

	ring_queue();
	ASSERT_EQ(burst({ m }), 1);
	ASSERT_EQ(trace_ops(), "DwB");
	EXPECT_EQ(at(0).addr, ring(1));
	EXPECT_EQ(at(0).word(0), desc);
	EXPECT_EQ(at(2).addr, doorbell());
	EXPECT_EQ(at(2).size, 16u);
	EXPECT_EQ(at(2).word(0), desc);
	EXPECT_EQ(at(2).word(1), 2u);
	stop_and_purge();
}

TEST_F(DpOrder, SimpleRingBurstHasOneDoorbell)
{
	struct rte_mbuf *a = mbuf_make(frame_make(60)), *b = mbuf_make(frame_make(1514));

	ring_queue(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
	ASSERT_EQ(burst({ a, b }), 2);
	ASSERT_EQ(trace_ops(), "DDwB");
	EXPECT_EQ(at(0).word(0), UINT64_C(0x003C) << 48 | rte_mbuf_data_iova(a));
	EXPECT_EQ(at(1).word(0), UINT64_C(0x05EA) << 48 | rte_mbuf_data_iova(b));
	EXPECT_EQ(at(3).word(0), at(0).word(0));
	EXPECT_EQ(at(3).word(1), 3u);
	stop_and_purge();
}

TEST_F(DpOrder, MultiSegmentFrameRingsWithoutAPush)
{
	ring_queue(RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	ASSERT_EQ(burst({ chain_make(frame_make(300), { 100, 250 }) }), 1);
	ASSERT_EQ(trace_ops(), "DDDwB");
	EXPECT_EQ(at(0).word(0) >> 48, 0x4064u) << "100 bytes, more to come";
	EXPECT_EQ(at(1).word(0) >> 48, 0x4096u);
	EXPECT_EQ(at(2).word(0) >> 48, 0x0032u);
	EXPECT_EQ(at(4).word(0), 0u) << "a piece of a frame is not pushed";
	EXPECT_EQ(at(4).word(1), 4u);
	stop_and_purge();
}

TEST_F(DpOrder, MixKeepsOrderWithOneFenceAndOneDoorbell)
{
	const Bytes a = frame_make(60, 1), b = frame_make(1000, 2), c = frame_make(65, 3);

	pio_queue();
	ASSERT_EQ(burst({ mbuf_make(a), mbuf_make(b), mbuf_make(c) }), 3);
	ASSERT_EQ(trace_ops(), "LDDLLDFwB");
	EXPECT_EQ(at(1).word(0), 0x9000003C00000000u);
	EXPECT_EQ(at(2).word(0) >> 48, 0x03E8u);
	EXPECT_EQ(at(5).word(0), 0x9000004100000100u);
	EXPECT_EQ(at(8).word(0), 0x9000003C00000000u);
	EXPECT_EQ(at(8).word(1), 4u);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 3u);
	EXPECT_EQ(sent[0].data, a);
	EXPECT_EQ(sent[1].data, b);
	EXPECT_EQ(sent[2].data, c);
	stop_and_purge();
}

TEST_F(DpOrder, LongBurstRingsBeforeAllIsCopied)
{
	pio_queue();
	/* 256 bytes each: the adapter learns of the first two while the third is copied */
	ASSERT_EQ(burst({ mbuf_make(frame_make(256, 1)), mbuf_make(frame_make(256, 2)),
			  mbuf_make(frame_make(256, 3)), mbuf_make(frame_make(256, 4)),
			  mbuf_make(frame_make(64, 5)) }), 5);
	ASSERT_EQ(trace_ops(), "LLLLDLLLLDFwB" "LLLLDLLLLDFwB" "LDFwB");
	EXPECT_EQ(at(12).word(0), 0x9000010000000000u);
	EXPECT_EQ(at(12).word(1), 3u);
	EXPECT_EQ(at(25).word(0), 0x9000010000000200u);
	EXPECT_EQ(at(25).word(1), 5u);
	EXPECT_EQ(at(30).word(1), 6u);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 5u);
	for (size_t i = 0; i < 4; i++)
		EXPECT_EQ(sent[i].data, frame_make(256, static_cast<int>(i) + 1));
	EXPECT_EQ(pool_in_use(pool_), 0u);
}

TEST_F(DpOrder, BurstOfRingFramesOnAPioQueueHasOneDoorbell)
{
	pio_queue();
	ASSERT_EQ(burst({ mbuf_make(frame_make(1000, 1)), mbuf_make(frame_make(300, 2)),
			  mbuf_make(frame_make(257, 3)), mbuf_make(frame_make(256, 4)),
			  mbuf_make(frame_make(257, 5)) }), 5);
	EXPECT_EQ(trace_ops(), "DDDLLLLDDFwB");
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 5u);
	EXPECT_TRUE(sent[3].pio);
	EXPECT_FALSE(sent[4].pio);
	stop_and_purge();
}

TEST_F(DpOrder, RingFrameOnAPioQueueNeedsNoFence)
{
	pio_queue();
	ASSERT_EQ(burst({ mbuf_make(frame_make(1000)) }), 1);
	EXPECT_EQ(trace_ops(), "DwB");
	stop_and_purge();
}

TEST_F(DpOrder, MoreDelaysFenceAndDoorbellToTheNextSend)
{
	pio_queue();
	ASSERT_EQ(send(frame_make(64, 1), RTE_PIO_MORE), RTE_PIO_BY_PIO);
	ASSERT_EQ(send(frame_make(64, 2), RTE_PIO_MORE), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "LDLD");
	ASSERT_EQ(send(frame_make(64, 3)), RTE_PIO_BY_PIO);
	ASSERT_EQ(trace_ops(), "LDLDLDFwB");
	EXPECT_EQ(at(8).word(0), 0x9000004000000000u) << "the first one is pushed";
	EXPECT_EQ(at(8).word(1), 4u);
	EXPECT_EQ(fetch().size(), 3u);
}

TEST_F(DpOrder, EveryLaterCallRingsForWhatIsPending)
{
	struct rte_mbuf *none = nullptr;

	pio_queue();
	auto hold = [this] {
		trace_clear();
		ASSERT_EQ(send(frame_make(64), RTE_PIO_MORE), RTE_PIO_BY_PIO);
		ASSERT_EQ(trace_ops(), "LD");
		trace_clear();
	};

	hold();
	EXPECT_EQ(fp_->send(q_, nullptr, 64, RTE_PIO_MORE), -EINVAL);
	EXPECT_EQ(trace_ops(), "FwB") << "a send that fails";
	hold();
	EXPECT_EQ(burst_(q_, &none, 0), 0);
	EXPECT_EQ(trace_ops(), "FwB") << "tx_burst";
	hold();
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(trace_ops(), "FwB") << "reap";
	hold();
	piopmd_dp_txq_stop(q_);
	EXPECT_EQ(trace_ops(), "FwB") << "stop";
	EXPECT_EQ(fetch().size(), 4u);
}

TEST_F(DpOrder, ReceivePrimingOfHuntingtonGoesByTheTransmitDoorbell)
{
	/* bug 35388: high part 0x800 | rptr[15:8], then 0x900 | rptr[7:0], both at 0xA18 */
	Memory q_mem(piopmd_dp_rxq_size()), sw((kEntries + 8) * sizeof(void *)), evq(kEntries * 8, 0xFF);
	struct piopmd_dp_rxq *rxq = q_mem.as<struct piopmd_dp_rxq>();
	struct piopmd_dp_rxq_conf conf = {};

	conf.nb_entries = kEntries;
	conf.max_fill = 64;
	conf.refill_threshold = 8;
	conf.mb_pool = pool_;
	conf.buf_size = 2048;
	conf.hw_ring = hw_ring_.as<uint64_t>();
	conf.evq_ring = evq.as<uint64_t>();
	conf.sw_ring = sw.as<struct rte_mbuf *>();
	conf.vi_base = regs_.as<void>();
	conf.evq_vi_base = regs_.as<void>();
	conf.prime_indirect = true;
	ASSERT_EQ(piopmd_dp_rxq_init(rxq, &conf), 0);
	ASSERT_EQ(piopmd_dp_rxq_start(rxq, 0x123), 0);
	trace_clear();
	piopmd_dp_rxq_intr_enable(rxq);
	ASSERT_EQ(trace_ops(), "wRwR");
	EXPECT_EQ(at(1).addr, regs_.addr() + 0xA18);
	EXPECT_EQ(static_cast<uint32_t>(at(1).word(0)), 0x801u);
	EXPECT_EQ(at(3).addr, regs_.addr() + 0xA18);
	EXPECT_EQ(static_cast<uint32_t>(at(3).word(0)), 0x923u);
	piopmd_dp_rxq_stop(rxq);
	piopmd_dp_rxq_purge(rxq);
}

TEST(DpTrace, KindNumbersAreTheLibrarys)
{
	EXPECT_EQ(RTE_PIO_STORE_SCALAR, 1);
	EXPECT_EQ(RTE_PIO_STORE_SSE2, 2);
	EXPECT_EQ(RTE_PIO_STORE_AVX2, 3);
	EXPECT_EQ(RTE_PIO_STORE_AVX512, 4);
	EXPECT_EQ(RTE_PIO_STORE_MOVDIR64B, 5);
	EXPECT_EQ(RTE_PIO_STORE_NEON, 6);
}

} // namespace dp
