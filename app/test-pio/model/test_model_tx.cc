/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Transmit: segments, offloads, completions, errors. */

#include <arpa/inet.h>

#include "model_fixture.h"

using namespace mini;

namespace {

class Tx : public ModelBar {
protected:
	uint32_t sent = 0;

	void send(const Bytes &frame, uint32_t seg = 16383)
	{
		drv->txFrame(drv->txq, frame, seg);
		drv->txPush(drv->txq);
	}

	/* index of the last completed descriptor, or -1 */
	int completion()
	{
		uint64_t ev = drv->expectEvent(drv->txev);

		if (ev >> 60 != 2)
			return -1;
		return (int)(ev & 0xFFFF);
	}
};

TEST_P(Tx, SegmentsBecomeOneFrame)
{
	startCapture();
	for (uint32_t seg : { 1u, 7u, 64u, 1000u, 9000u }) {
		Bytes frame = plainFrame(seg < 64 ? 100 : 9000, (uint8_t)seg);

		send(frame, seg);
		drv->poll(2);
		EXPECT_EQ(taken(), frame) << seg;
	}
	EXPECT_EQ(stats().tx_frames, 5u);
}

TEST_P(Tx, ShortFramesArePadded)
{
	startCapture();
	send(plainFrame(20));
	drv->poll(2);
	Bytes frame = taken(), want = plainFrame(20);
	want.resize(60);
	EXPECT_EQ(frame, want);
}

TEST_P(Tx, ChecksumsAreInsertedOnlyWhenAsked)
{
	FrameSpec raw, right;

	startCapture();
	for (bool ip6 : { false, true }) {
		for (uint8_t proto : { (uint8_t)6, (uint8_t)17 }) {
			raw = FrameSpec();
			raw.ip6 = ip6;
			raw.proto = proto;
			raw.len = 133;
			raw.vlans = { 5 };
			right = raw;
			raw.no_csum = true;
			Bytes without = makeFrame(raw), with = makeFrame(right);

			ASSERT_NE(with, without);
			/* option: IP and L4 checksums; then off again */
			drv->txPost(drv->txq, 0x8000000000000003ull);
			send(without);
			drv->txPost(drv->txq, 0x8000000000000000ull);
			send(without);
			drv->poll(2);
			EXPECT_EQ(taken(), with);
			EXPECT_EQ(taken(), without);
		}
	}
	/* sticky: the second frame is done too */
	raw = FrameSpec();
	right = raw;
	raw.no_csum = true;
	drv->txPost(drv->txq, 0x8000000000000003ull);
	send(makeFrame(raw));
	send(makeFrame(raw));
	drv->poll(2);
	EXPECT_EQ(taken(), makeFrame(right));
	EXPECT_EQ(taken(), makeFrame(right));
}

TEST_P(Tx, InitFlagsAreTheFirstChecksumState)
{
	FrameSpec raw, right;
	Txq txq;

	startCapture();
	raw.no_csum = true;
	/* neither IP_CSUM_DIS nor TCP_CSUM_DIS */
	ASSERT_EQ(drv->initTxq(txq, 2, 2, 512, 0), 0);
	drv->txFrame(txq, makeFrame(raw));
	drv->txPush(txq);
	drv->poll(2);
	EXPECT_EQ(taken(), makeFrame(right));
}

TEST_P(Tx, ChecksumOffloadLeavesOtherFramesAlone)
{
	Bytes arp = plainFrame(60, 3, 0x0806), odd = plainFrame(70, 4, 0x0800);
	FrameSpec frag;

	startCapture();
	frag.no_csum = true;
	Bytes f = makeFrame(frag);
	f[20] = 0x20;	/* more fragments: only the IP header may be done */
	drv->txPost(drv->txq, 0x8000000000000002ull);
	send(arp);
	send(odd);
	send(f);
	drv->poll(2);
	EXPECT_EQ(taken(), arp);
	EXPECT_EQ(taken(), odd);
	EXPECT_EQ(taken(), f);
}

TEST_P(Tx, VlanTagsAreInserted)
{
	Bytes frame = plainFrame(64);

	startCapture();
	/* type 6: TAG1 0x0123, TAG2 0x0456; first one, then two, then none */
	drv->txPost(drv->txq, 0xE000000100000123ull);
	send(frame);
	drv->txPost(drv->txq, 0xE000000204560123ull);
	send(frame);
	drv->txPost(drv->txq, 0xE000000000000000ull);
	send(frame);
	drv->poll(2);
	Bytes one = frame, two = frame;
	const uint8_t tag1[4] = { 0x81, 0, 0x01, 0x23 }, tag2[4] = { 0x81, 0, 0x04, 0x56 };
	one.insert(one.begin() + 12, tag1, tag1 + 4);
	two.insert(two.begin() + 12, tag2, tag2 + 4);
	two.insert(two.begin() + 12, tag1, tag1 + 4);
	EXPECT_EQ(taken(), one);
	EXPECT_EQ(taken(), two);
	EXPECT_EQ(taken(), frame);
}

TEST_P(Tx, ManyWrapsInOrder)
{
	uint32_t completed = 1, next = 0;

	open();
	struct Sink {
		uint32_t nb = 0;
		bool ordered = true;
	} sink;
	pioemu_vf_wire_add_capture(vf, 0, [](void *arg, uint16_t, uint16_t, const void *frame,
					     uint32_t len) {
		Sink *s = static_cast<Sink *>(arg);

		if (len != 60 || get32(static_cast<const uint8_t *>(frame) + 14) != s->nb)
			s->ordered = false;
		s->nb++;
	}, &sink);
	drv->startPair();
	Mem mem = drv->alloc(512 * 64);
	while (completed < 40001) {
		uint32_t burst = 1 + next % 37;

		while (burst-- > 0 && drv->txq.added - completed < 500 && next < 40000) {
			Mem slot = { mem.ptr + 64 * (next % 512), mem.iova + 64 * (next % 512) };
			Bytes frame = plainFrame(60);

			memcpy(frame.data() + 14, &next, 4);
			memcpy(slot.ptr, frame.data(), 60);
			drv->txPost(drv->txq, txDma(slot.iova, 60));
			next++;
		}
		drv->txPush(drv->txq);
		drv->poll();
		while (auto ev = drv->event(drv->txev)) {
			ASSERT_EQ(*ev >> 60, 2u);
			completed += ((uint32_t)*ev - (completed - 1)) & 511;
		}
	}
	EXPECT_EQ(sink.nb, 40000u);
	EXPECT_TRUE(sink.ordered);
	EXPECT_EQ(stats().tx_frames, 40000u);
	EXPECT_EQ(stats().events_lost, 0u);
}

TEST_P(Tx, OneEventPerBatchWhenMergingIsGranted)
{
	startCapture();
	for (int i = 0; i < 40; i++)
		drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	EXPECT_EQ(completion(), 40);
	EXPECT_EQ(drv->event(drv->txev), std::nullopt);
}

TEST_P(Tx, OneEventPerFrameOtherwise)
{
	Evq evq;
	Txq txq;

	startCapture();
	/* type 1, low latency: no merging */
	ASSERT_EQ(drv->initEvq(evq, 3, 512, 0x80), 0);
	drv->event(evq);
	ASSERT_EQ(drv->initTxq(txq, 3, 3), 0);
	for (int i = 0; i < 5; i++)
		drv->txFrame(txq, plainFrame(64), 30);
	drv->txPush(txq);
	drv->poll();
	for (uint64_t i = 0; i < 5; i++)
		EXPECT_EQ(drv->event(evq), 0x2000000000000000ull + 3 * i + 2);
	EXPECT_EQ(drv->event(evq), std::nullopt);
}

TEST_P(Tx, RandomBatchesCoverEverythingInOrder)
{
	int last = 0;

	startCapture();
	pioemu_vf_tx_batch_random_set(vf, 7);
	for (int i = 0; i < 200; i++)
		drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(8);
	int events = 0;
	while (auto ev = drv->event(drv->txev)) {
		EXPECT_GT((int)(*ev & 0xFFFF), last);
		EXPECT_LE((int)(*ev & 0xFFFF), last + 7);
		last = (int)(*ev & 0xFFFF);
		events++;
	}
	EXPECT_EQ(last, 200);
	EXPECT_GT(events, 200 / 7);
}

TEST_P(Tx, DelayedCompletionKeepsOrderAndTime)
{
	startCapture();
	pioemu_vf_tx_delay_set(vf, 1000, 1000);
	send(plainFrame(64));
	drv->poll(4);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u) << "it left at once";
	EXPECT_EQ(drv->event(drv->txev), std::nullopt);
	now += 999;
	drv->poll(2);
	EXPECT_EQ(drv->event(drv->txev), std::nullopt);
	now += 1;
	EXPECT_EQ(completion(), 1);
}

TEST_P(Tx, HeldFetchLetsTheRingRunDry)
{
	startCapture();
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_TX_FETCH);
	for (int i = 0; i < 500; i++)
		send(plainFrame(64));
	drv->poll(4);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
	pioemu_vi_info info;
	pioemu_vf_vi_info_get(vf, 1, &info);
	EXPECT_EQ(info.tx_pending, 500u);
	pioemu_vf_hold_set(vf, 1, 0);
	drv->poll(20);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 500u);
	pioemu_vf_vi_info_get(vf, 1, &info);
	EXPECT_EQ(info.tx_pending, 0u);
}

TEST_P(Tx, HeldEventsAreWrittenOnRelease)
{
	startCapture();
	pioemu_vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_EVENT);
	for (int i = 0; i < 3; i++)
		send(plainFrame(64));
	drv->poll(4);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 3u);
	EXPECT_EQ(drv->event(drv->txev), std::nullopt);
	pioemu_vf_hold_set(vf, PIOEMU_ALL, 0);
	EXPECT_EQ(completion(), 3);
}

TEST_P(Tx, FlushCompletesWhatLeft)
{
	startCapture();
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_TX_EVENT);
	send(plainFrame(64));
	drv->poll(2);
	ASSERT_EQ(drv->fini(0x85, 1), 0);
	EXPECT_EQ(completion(), 1);
	EXPECT_EQ(drv->expectEvent(drv->txev), 0xC000C00000000001ull);
}

TEST_P(Tx, LinkDownDropsAndCompletes)
{
	startCapture();
	pioemu_nic_link_set(nic, false, 10000);
	send(plainFrame(64));
	EXPECT_EQ(completion(), 1);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
	EXPECT_EQ(stats().tx_drop_link, 1u);
	pioemu_nic_link_set(nic, true, 10000);
	send(plainFrame(64));
	EXPECT_EQ(completion(), 2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
}

/* Errors: TX_ERR event 0x0B with queue and type, then the flush; FINI answers EALREADY */
class TxError : public Tx {
protected:
	void expectDead(uint32_t type)
	{
		EXPECT_EQ(drv->expectEvent(drv->txev), 0xC000B00000000001ull | type << 12);
		EXPECT_EQ(drv->expectEvent(drv->txev), 0xC000C00000000001ull);
		/* event queue 0 hears of the flush */
		EXPECT_EQ(drv->expectEvent(drv->ev0), 0xC000C00000001001ull);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
		EXPECT_EQ(stats(1).tx_errors, 1u);
		/* nothing more comes out of it */
		drv->txFrame(drv->txq, plainFrame(64));
		drv->txPush(drv->txq);
		drv->poll(4);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
		/* the adapter destroyed it: FINI may be left out, but does no harm */
		if (type != 5) {
			EXPECT_EQ(drv->fini(0x85, 1), 0x72);
		}
		EXPECT_EQ(drv->initTxq(drv->txq, 1, 2), 0);
		drv->txFrame(drv->txq, plainFrame(64));
		drv->txPush(drv->txq);
		drv->poll(4);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
	}
};

TEST_P(TxError, UnmappedPayload)
{
	startCapture();
	drv->txPost(drv->txq, txDma(0xDEAD000, 64));
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_DMA_UNMAPPED);
	expectDead(9);
}

TEST_P(TxError, PayloadThatRunsOutOfTheMapping)
{
	startCapture();
	drv->txPost(drv->txq, txDma(kIova + kArena - 32, 64));
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_DMA_UNMAPPED);
	expectDead(9);
}

TEST_P(TxError, LengthZero)
{
	startCapture();
	drv->txPost(drv->txq, txDma(kIova, 0));
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_TX_DESC);
	expectDead(9);
}

TEST_P(TxError, UnknownOption)
{
	startCapture();
	drv->txPost(drv->txq, 0xF000000000000000ull);	/* TSO is not offered */
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_TX_DESC);
	expectDead(5);
}

TEST_P(TxError, OptionInsideOfAFrame)
{
	startCapture();
	drv->txPost(drv->txq, txDma(kIova, 64, true));
	drv->txPost(drv->txq, 0x8000000000000000ull);
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_TX_DESC);
	expectDead(8);
}

TEST_P(TxError, FrameTooLong)
{
	startCapture();
	drv->txPost(drv->txq, txDma(kIova, 9000, true));
	drv->txPost(drv->txq, txDma(kIova, 300));
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_TX_TOO_LONG);
	expectDead(3);
}

TEST_P(TxError, FrameWithoutEnd)
{
	startCapture();
	for (int i = 0; i < 511; i++)
		drv->txPost(drv->txq, txDma(kIova, 1, true));
	drv->txPush(drv->txq);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_TX_NO_EOP);
	expectDead(2);
}

TEST_P(TxError, InjectedErrorLooksTheSame)
{
	startCapture();
	EXPECT_EQ(pioemu_vf_tx_err_inject(vf, 7, 9), -ENOENT);
	EXPECT_EQ(pioemu_vf_tx_err_inject(vf, 1, 1), 0);
	expectDead(1);
}

TEST_P(Tx, IncompleteFrameWaitsForItsRest)
{
	Bytes frame = plainFrame(100);
	Mem mem;

	startCapture();
	mem = drv->alloc(128, 1);
	memcpy(mem.ptr, frame.data(), 100);
	drv->txPost(drv->txq, txDma(mem.iova, 50, true));
	drv->txPush(drv->txq);
	drv->poll(4);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
	drv->txPost(drv->txq, txDma(mem.iova + 50, 50));
	drv->txPush(drv->txq);
	drv->poll(4);
	EXPECT_EQ(taken(), frame);
}

TEST_P(Tx, OverrunIsSeen)
{
	startCapture();
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_TX_EVENT);
	for (int i = 0; i < 300; i++)
		drv->txFrame(drv->txq, plainFrame(60));
	drv->txPush(drv->txq);
	drv->poll(8);
	for (int i = 0; i < 300; i++)
		drv->txFrame(drv->txq, plainFrame(60));
	drv->txPush(drv->txq);
	drv->poll(8);
	expectViolation(PIOEMU_VIOLATION_TX_OVERRUN);
}

TEST_P(Tx, WritePointerBeyondTheRing)
{
	startCapture();
	drv->write32(drv->vi(1) + 0xA18, 600);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_WPTR_RANGE);
}

TEST_P(Tx, RecheckSeesPayloadThatChanges)
{
	conf.tx_recheck = true;
	startCapture();
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_TX_EVENT);
	Mem mem = drv->alloc(64, 64);
	memset(mem.ptr, 1, 64);
	drv->txPost(drv->txq, txDma(mem.iova, 64));
	drv->txPush(drv->txq);
	drv->poll(2);
	mem.ptr[63] = 2;
	pioemu_vf_hold_set(vf, 1, 0);
	EXPECT_EQ(completion(), 1);
	expectViolation(PIOEMU_VIOLATION_TX_CHANGED);
}

TEST_P(Tx, StampsTellPushAndOrder)
{
	pioemu_stamp stamps[8];

	startCapture();
	ASSERT_EQ(pioemu_vf_stamps_enable(vf, 4), 0);
	for (int i = 0; i < 6; i++) {
		drv->txFrame(drv->txq, plainFrame(64 + i));
		drv->txPush(drv->txq, i % 2 == 0);
		now += 100;
		drv->poll();
	}
	ASSERT_EQ(pioemu_vf_stamps_take(vf, stamps, 8), 4u) << "the last four are kept";
	for (uint32_t i = 0; i < 4; i++) {
		EXPECT_EQ(stamps[i].seq, i + 2);
		EXPECT_EQ(stamps[i].len, 66 + i);
		EXPECT_EQ(stamps[i].vi, 1);
		EXPECT_EQ(stamps[i].pushed, i % 2 == 0);
		EXPECT_FALSE(stamps[i].pio);
		EXPECT_GE(stamps[i].done, stamps[i].seen);
	}
	EXPECT_EQ(pioemu_vf_stamps_take(vf, stamps, 8), 0u);
	ASSERT_EQ(pioemu_vf_stamps_enable(vf, 0), 0);
}

TEST_P(Tx, ModelTimeDelaysByTheFormula)
{
	pioemu_time_params t = {};

	startCapture();
	t.read_ns = 500;
	t.read_ps_per_byte = 1000;
	t.posted_ns = 250;
	pioemu_nic_time_set(nic, &t);
	now += now & 1;
	auto arrives = [&](uint64_t ns) {
		drv->poll(2);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
		now += ns - 1;
		drv->poll(2);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
		now += 1;
		drv->poll(2);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
		taken();
		/* the completion is a posted write too */
		EXPECT_EQ(drv->event(drv->txev), std::nullopt);
		now += 250;
		EXPECT_NE(completion(), -1);
		now += now & 1;
	};
	/* not pushed: doorbell, read of 8 bytes, read of 64 bytes */
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	arrives(250 + 508 + 564);
	/* pushed: one read less */
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq, true);
	arrives(250 + 564);
	pioemu_nic_time_set(nic, &nic_conf.time);
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
}

/* TSO version 2: FATSO2A with sequence number and id, FATSO2B with the MSS, header, payload */
class TxTso : public Tx {
protected:
	TxTso() { conf.caps2_set = 1; }

	void options(uint32_t seq, uint16_t id, uint16_t mss)
	{
		drv->txPost(drv->txq, 0xF200000000000000ull | (uint64_t)id << 32 | seq);
		drv->txPost(drv->txq, 0xF300000000000000ull | (uint64_t)mss << 32);
	}

	void startTso()
	{
		startCapture();
		EXPECT_EQ(get16(&drv->mcdi(0xBE).data[24]), 32) << "contexts";
		ASSERT_EQ(drv->fini(0x85, 1), 0);
		while (drv->event(drv->txev))
			;
		ASSERT_EQ(drv->initTxq(drv->txq, 1, 2, 512, 6 | 1u << 12), 0);
	}

	/* header and payload as a driver hands them over; segs: payload descriptors */
	void sendTso(const Bytes &frame, uint32_t hdr, uint32_t seg)
	{
		Mem mem = drv->alloc(frame.size(), 1);

		memcpy(mem.ptr, frame.data(), frame.size());
		drv->txPost(drv->txq, txDma(mem.iova, hdr, true));
		for (uint32_t at = hdr; at < frame.size(); at += seg) {
			uint32_t n = (uint32_t)frame.size() - at < seg ?
				(uint32_t)frame.size() - at : seg;

			drv->txPost(drv->txq, txDma(mem.iova + at, n, at + n < frame.size()));
		}
		drv->txPush(drv->txq);
	}
};

TEST_P(TxTso, SegmentsAreWholeFrames)
{
	startTso();
	for (bool ip6 : { false, true }) {
		FrameSpec spec;
		uint32_t hdr = ip6 ? 74 : 54, at = hdr, nb = 0;

		spec.proto = 6;
		spec.ip6 = ip6;
		spec.len = hdr + 3500;
		spec.no_csum = true;
		Bytes frame = makeFrame(spec);
		size_t flags = hdr - 7;
		frame[flags] = 0x80 | 0x10 | 0x08 | 0x01;	/* CWR ACK PSH FIN */
		options(0xFFFFFF00u, 0xFFFF, 1000);
		sendTso(frame, hdr, 1300);
		drv->poll(2);
		ASSERT_EQ(pioemu_vf_capture_count(vf), 4u);
		for (; nb < 4; nb++) {
			Bytes seg = taken();
			uint32_t len = nb < 3 ? 1000 : 500, seq = 0xFFFFFF00u + 1000 * nb;

			ASSERT_EQ(seg.size(), hdr + len);
			EXPECT_EQ(Bytes(seg.begin() + hdr, seg.end()),
				Bytes(frame.begin() + at, frame.begin() + at + len));
			at += len;
			EXPECT_EQ(ntohl(get32(&seg[hdr - 16])), seq);
			EXPECT_EQ(seg[flags], nb == 0 ? 0x90 : nb < 3 ? 0x10 : 0x19);
			if (ip6) {
				EXPECT_EQ(seg[18] << 8 | seg[19], 20u + len);
			} else {
				EXPECT_EQ(seg[16] << 8 | seg[17], 40u + len);
				EXPECT_EQ(seg[18] << 8 | seg[19], (0xFFFF + nb) & 0xFFFF);
			}
			/* the receive side of the model has the last word about checksums */
			ASSERT_EQ(pioemu_vf_frame_inject(vf, seg.data(), (uint32_t)seg.size(), 0),
				PIOEMU_RX_OK);
			uint64_t ev = drv->expectEvent(drv->rxev);
			EXPECT_EQ(ev >> 25 & 3, 0u) << "IP or TCP checksum";
			EXPECT_EQ(ev >> 45 & 3, 1u) << "TCP";
		}
	}
	/* one completion for each: 2 options, header, 3 payload descriptors */
	EXPECT_EQ(completion(), 5);
	EXPECT_EQ(completion(), 11);
	/* the next frame is an ordinary one */
	send(plainFrame(100));
	drv->poll(2);
	EXPECT_EQ(taken(), plainFrame(100));
}

TEST_P(TxTso, LongestFrame)
{
	FrameSpec spec;

	startTso();
	spec.proto = 6;
	spec.len = 54 + 65000;
	options(1, 1, 8960);
	sendTso(makeFrame(spec), 54, 16000);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 8u);
}

TEST_P(TxTso, WaitsInTheMiddle)
{
	FrameSpec spec;

	conf.flow_control = true;
	startTso();
	ASSERT_EQ(pioemu_vf_wire_add_spec(vf, "loopback", nullptr, 0), 0);
	spec.proto = 6;
	spec.len = 54 + 30000;
	options(1, 1, 100);
	sendTso(makeFrame(spec), 54, 15000);
	drv->poll(20);
	EXPECT_EQ(stats().rx_frames, 256u);
	drv->rxPost(drv->rxq, 64);
	drv->poll(20);
	EXPECT_EQ(stats().rx_frames, 300u);
	EXPECT_EQ(stats().tx_frames, 300u);
	/* each segment once, on each wire */
	for (uint32_t i = 0; i < 300; i++)
		ASSERT_EQ(ntohl(get32(&taken()[38])), 1 + 100 * i);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
}

TEST_P(TxTso, Errors)
{
	FrameSpec tcp, udp;

	tcp.proto = 6;
	tcp.len = 1000;
	udp.len = 1000;
	const std::function<void()> bad[] = {
		[&] { drv->txPost(drv->txq, 0xF300000100000000ull); send(makeFrame(tcp)); },
		[&] { drv->txPost(drv->txq, 0xF200000000000000ull); send(makeFrame(tcp)); },
		[&] { options(1, 1, 0); send(makeFrame(tcp)); },
		[&] { options(1, 1, 100); sendTso(makeFrame(udp), 42, 2000); },
		[&] { options(1, 1, 100); sendTso(makeFrame(tcp), 60, 2000); },
		[&] { options(1, 1, 100); send(makeFrame(tcp)); },
		[&] { options(1, 1, 9200); sendTso(makeFrame(tcp), 54, 2000); },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		SCOPED_TRACE(i);
		startTso();
		bad[i]();
		drv->poll(2);
		expectViolation(PIOEMU_VIOLATION_TX_DESC);
		EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
		drv.reset();
		pioemu_nic_destroy(nic);
		nic = nullptr;
	}
}

INSTANTIATE_BARS(TxTso);
INSTANTIATE_BARS(Tx);
INSTANTIATE_BARS(TxError);

} /* namespace */
