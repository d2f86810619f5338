/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Receive: classes, checksums, prefix, merging, scatter, drops. Event layout: DPDK efx_regs_ef10.h */

#include "model_fixture.h"

using namespace mini;

namespace {

class Rx : public ModelBar {
protected:
	enum pioemu_rx_result inject(const Bytes &frame, uint32_t flags = 0)
	{
		return pioemu_vf_frame_inject(vf, frame.data(), (uint32_t)frame.size(), flags);
	}

	uint64_t eventOf(const Bytes &frame, uint32_t flags = 0)
	{
		EXPECT_EQ(inject(frame, flags), PIOEMU_RX_OK);
		return drv->expectEvent(drv->rxev);
	}
};

struct Ev {
	explicit Ev(uint64_t e) : v(e) {}
	uint64_t v;
	uint64_t bits(int lbn, int width) const { return v >> lbn & ((1ull << width) - 1); }
	uint64_t bytes() const { return bits(0, 14); }
	bool cont() const { return bits(14, 1); }
	bool bad_fcs() const { return bits(24, 1); }
	bool bad_ip() const { return bits(25, 1); }
	bool bad_l4() const { return bits(26, 1); }
	uint64_t mac() const { return bits(35, 1); }
	uint64_t base() const { return bits(36, 3); }
	uint64_t tags() const { return bits(39, 3); }
	uint64_t l3() const { return bits(42, 3); }
	uint64_t l4() const { return bits(45, 3); }
	uint64_t lbits() const { return bits(48, 4); }
};

TEST_P(Rx, GoldenEventOfAUdpFrame)
{
	FrameSpec spec;

	startLoopback();
	for (int i = 0; i < 4; i++)
		eventOf(makeFrame(spec));
	/* 64 bytes, UDP (46) over IPv4 (42), Ethernet II, the 5th descriptor (48) */
	EXPECT_EQ(eventOf(makeFrame(spec)), 0x000544000000004Eull);
}

TEST_P(Rx, Classes)
{
	FrameSpec spec;

	startLoopback();
	spec.len = 120;
	Ev ev(eventOf(makeFrame(spec)));
	EXPECT_EQ(ev.l3(), 1u);
	EXPECT_EQ(ev.l4(), 2u);
	EXPECT_EQ(ev.tags(), 0u);
	spec.proto = 6;
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).l4(), 1u);
	spec.ip6 = true;
	ev = Ev(eventOf(makeFrame(spec)));
	EXPECT_EQ(ev.l3(), 2u);
	EXPECT_EQ(ev.l4(), 1u);
	spec.proto = 58;
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).l4(), 0u);
	spec.vlans = { 7 };
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).tags(), 1u);
	spec.vlans = { 7, 8 };
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).tags(), 2u);
	EXPECT_EQ(Ev(eventOf(plainFrame(64, 1, 0x0806))).l3(), 5u) << "ARP";
	EXPECT_EQ(Ev(eventOf(plainFrame(64, 1, 0x8906))).l3(), 3u) << "FCoE";
	EXPECT_EQ(Ev(eventOf(plainFrame(64, 1, 0x88B5))).l3(), 0u);
	/* fragments */
	spec = FrameSpec();
	Bytes frame = makeFrame(spec);
	frame[20] = 0x20;
	ev = Ev(eventOf(frame));
	EXPECT_EQ(ev.l3(), 4u);
	EXPECT_EQ(ev.l4(), 0u);
	spec.ip6 = true;
	spec.proto = 44;
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).l3(), 6u);
	/* LLC and SNAP */
	Bytes llc = plainFrame(64, 1, 0x0026);
	EXPECT_EQ(Ev(eventOf(llc)).base(), 1u);
	const uint8_t snap[8] = { 0xAA, 0xAA, 3, 0, 0, 0, 0x08, 0x06 };
	memcpy(&llc[14], snap, 8);
	ev = Ev(eventOf(llc));
	EXPECT_EQ(ev.base(), 2u);
	EXPECT_EQ(ev.l3(), 5u);
	/* group addresses */
	spec = FrameSpec();
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).mac(), 0u);
	spec.dst[0] = 0x03;
	EXPECT_EQ(Ev(eventOf(makeFrame(spec))).mac(), 1u);
}

TEST_P(Rx, ChecksumErrors)
{
	startLoopback();
	for (bool ip6 : { false, true }) {
		for (uint8_t proto : { (uint8_t)6, (uint8_t)17 }) {
			for (uint32_t len = 74; len < 90; len++) {
				FrameSpec spec;

				spec.ip6 = ip6;
				spec.proto = proto;
				spec.len = len;
				Ev ev(eventOf(makeFrame(spec)));
				EXPECT_FALSE(ev.bad_ip() || ev.bad_l4()) << len;
				spec.bad_l4 = true;
				ev = Ev(eventOf(makeFrame(spec)));
				EXPECT_FALSE(ev.bad_ip());
				EXPECT_TRUE(ev.bad_l4());
				if (ip6)
					continue;
				spec.bad_l4 = false;
				spec.bad_ip = true;
				ev = Ev(eventOf(makeFrame(spec)));
				EXPECT_TRUE(ev.bad_ip());
				EXPECT_FALSE(ev.bad_l4());
			}
		}
	}
	/* UDP over IPv4 may go without; over IPv6 it may not (RFC 2460, 8.1) */
	FrameSpec none;
	Bytes frame = makeFrame(none);
	frame[40] = frame[41] = 0;
	EXPECT_FALSE(Ev(eventOf(frame)).bad_l4());
	none.ip6 = true;
	frame = makeFrame(none);
	frame[60] = frame[61] = 0;
	EXPECT_TRUE(Ev(eventOf(frame)).bad_l4());
}

TEST_P(Rx, BadFcsIsFlagged)
{
	startLoopback();
	EXPECT_TRUE(Ev(eventOf(plainFrame(64), PIOEMU_INJECT_BAD_FCS)).bad_fcs());
	EXPECT_FALSE(Ev(eventOf(plainFrame(64))).bad_fcs());
}

TEST_P(Rx, PrefixHasTagsAndLength)
{
	FrameSpec spec;

	startLoopback();
	spec.vlans = { 0x2123, 0x0456 };
	spec.len = 300;
	eventOf(makeFrame(spec));
	const uint8_t *p = drv->rxBuf(drv->rxq, 0);
	EXPECT_EQ(p[4] << 8 | p[5], 0x2123);
	EXPECT_EQ(p[6] << 8 | p[7], 0x0456);
	EXPECT_EQ(get16(p + 8), 300u);
	EXPECT_EQ(Bytes(p + 14, p + 314), makeFrame(spec));
}

TEST_P(Rx, QueueWithoutPrefix)
{
	Rxq q;
	Driver::Filter f;

	startLoopback();
	ASSERT_EQ(drv->initRxq(q, 2, 1, 512, 2048, 0), 0);
	drv->rxPost(q, 8);
	f.match = 0x40;
	f.ethertype = 0x88B6;
	f.queue = 2;
	ASSERT_EQ(drv->filterInsert(f), 0);
	Bytes frame = plainFrame(64, 1, 0x88B6);
	Ev ev(eventOf(frame));
	EXPECT_EQ(ev.bytes(), 64u);
	EXPECT_EQ(Bytes(drv->rxBuf(q, 0), drv->rxBuf(q, 0) + 64), frame);
}

TEST_P(Rx, EqualFramesShareAnEvent)
{
	uint32_t counted = 0;

	conf.rx_merge_max = 15;
	startLoopback();
	for (int i = 0; i < 40; i++)
		drv->txFrame(drv->txq, plainFrame(60 + i));
	drv->txPush(drv->txq);
	drv->poll(2);
	int events = 0;
	while (auto e = drv->event(drv->rxev)) {
		counted += (uint32_t)(Ev(*e).lbits() - counted) & 15;
		events++;
	}
	EXPECT_EQ(counted, 40u);
	EXPECT_EQ(events, 3);
	for (uint32_t i = 0; i < 40; i++)
		EXPECT_EQ(get16(drv->rxBuf(drv->rxq, i) + 8), 60 + i);
}

TEST_P(Rx, OtherClassesDoNot)
{
	FrameSpec udp;

	startLoopback();
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txFrame(drv->txq, makeFrame(udp));
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(2);
	EXPECT_EQ(Ev(*drv->event(drv->rxev)).lbits(), 2u);
	Ev ev(*drv->event(drv->rxev));
	EXPECT_EQ(ev.lbits(), 3u);
	EXPECT_EQ(ev.l4(), 2u);
	EXPECT_EQ(Ev(*drv->event(drv->rxev)).lbits(), 4u);
	EXPECT_EQ(drv->event(drv->rxev), std::nullopt);
}

TEST_P(Rx, ScatterOverSeveralBuffers)
{
	Rxq q;
	Evq evq;
	Driver::Filter f;
	Bytes frame = plainFrame(1000, 1, 0x88B6);

	startLoopback();
	ASSERT_EQ(drv->initEvq(evq, 3), 0);
	drv->event(evq);
	ASSERT_EQ(drv->initRxq(q, 2, 3, 512, 256), 0);
	drv->rxPost(q, 8);
	f.match = 0x40;
	f.ethertype = 0x88B6;
	f.queue = 2;
	ASSERT_EQ(drv->filterInsert(f), 0);
	ASSERT_EQ(inject(frame), PIOEMU_RX_OK);
	Bytes got;
	for (uint32_t i = 0; i < 4; i++) {
		Ev ev(drv->expectEvent(evq));

		EXPECT_EQ(ev.lbits(), i + 1);
		EXPECT_EQ(ev.cont(), i < 3);
		EXPECT_EQ(ev.bytes(), i < 3 ? 256u : 1014u - 768);
		const uint8_t *p = drv->rxBuf(q, i);
		got.insert(got.end(), p + (i == 0 ? 14 : 0), p + ev.bytes());
	}
	EXPECT_EQ(got, frame);
	EXPECT_EQ(get16(drv->rxBuf(q, 0) + 8), 1000u);
	/* four descriptors are left: not enough for five, which change nothing */
	EXPECT_EQ(inject(plainFrame(1100, 1, 0x88B6)), PIOEMU_RX_NODESC);
	EXPECT_EQ(stats(2).rx_drop_nodesc, 1u);
	pioemu_vi_info info;
	pioemu_vf_vi_info_get(vf, 2, &info);
	EXPECT_EQ(info.rx_avail, 4u);
}

TEST_P(Rx, NoScatterDropsWhatDoesNotFit)
{
	Rxq q;
	Driver::Filter f;

	startLoopback();
	ASSERT_EQ(drv->initRxq(q, 2, 1, 512, 256, 0x300), 0);
	drv->rxPost(q, 8);
	f.match = 0x40;
	f.ethertype = 0x88B6;
	f.queue = 2;
	ASSERT_EQ(drv->filterInsert(f), 0);
	EXPECT_EQ(inject(plainFrame(243, 1, 0x88B6)), PIOEMU_RX_TOO_LONG);
	EXPECT_EQ(inject(plainFrame(242, 1, 0x88B6)), PIOEMU_RX_OK);
	EXPECT_EQ(stats(2).rx_drop_trunc, 1u);
}

TEST_P(Rx, NoDescriptorDropsAndCounts)
{
	startLoopback();
	for (int i = 0; i < 256; i++)
		ASSERT_EQ(inject(plainFrame(64)), PIOEMU_RX_OK);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_NODESC);
	drv->rxPost(drv->rxq, 8);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_OK);
	EXPECT_EQ(stats().rx_drop_nodesc, 1u);
	EXPECT_EQ(stats().rx_frames, 257u);
}

TEST_P(Rx, FlowControlWaitsInstead)
{
	conf.flow_control = true;
	startLoopback();
	for (int i = 0; i < 300; i++)
		drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(50);
	EXPECT_EQ(stats().rx_frames, 256u);
	EXPECT_EQ(stats().tx_frames, 256u) << "the sender waits";
	drv->rxPost(drv->rxq, 64);
	drv->poll(50);
	EXPECT_EQ(stats().rx_frames, 300u);
	EXPECT_EQ(stats().rx_drop_nodesc, 0u);
	/* but not for ever */
	for (int i = 0; i < 30; i++)
		drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(4);
	EXPECT_EQ(stats().tx_frames, 320u);
	now += 101000000;
	drv->poll(4);
	EXPECT_EQ(stats().wire_drops, 1u);
}

TEST_P(Rx, HeldFramesWaitOnTheWire)
{
	startLoopback();
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_RX);
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(4);
	now += 1000000000;
	drv->poll(4);
	EXPECT_EQ(stats().rx_frames, 0u);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_NODESC);
	pioemu_vf_hold_set(vf, 1, 0);
	drv->poll(4);
	EXPECT_EQ(stats().rx_frames, 1u);
}

TEST_P(Rx, MtuDrainAndLink)
{
	Bytes mac(28);

	startLoopback();
	put32(mac, 0, 0x608);	/* what net_sfc sets for an MTU of 1500 */
	put32(mac, 20, 3);
	ASSERT_EQ(drv->mcdi(0x2C, mac).err, 0);
	EXPECT_EQ(inject(plainFrame(1518)), PIOEMU_RX_OK);
	EXPECT_EQ(inject(plainFrame(1600)), PIOEMU_RX_TOO_LONG);
	put32(mac, 4, 1);
	ASSERT_EQ(drv->mcdi(0x2C, mac).err, 0);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_LINK_DOWN);
	/* the extended form changes only what CONTROL names: here the MTU, not DRAIN */
	put32(mac, 0, 9018);
	put32(mac, 4, 0);
	put32(mac, 28, 1);
	ASSERT_EQ(drv->mcdi(0x2C, mac).err, 0);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_LINK_DOWN);
	put32(mac, 28, 3);
	ASSERT_EQ(drv->mcdi(0x2C, mac).err, 0);
	EXPECT_EQ(inject(plainFrame(1800)), PIOEMU_RX_OK);
	pioemu_nic_link_set(nic, false, 0);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_LINK_DOWN);
	EXPECT_EQ(inject(Bytes(20000)), PIOEMU_RX_TOO_LONG);
	EXPECT_EQ(stats().rx_drop_link, 3u);
}

TEST_P(Rx, RuntsDoNotConfuseTheParser)
{
	startLoopback();
	for (uint32_t len = 1; len < 60; len++) {
		FrameSpec spec;
		Bytes frame = makeFrame(spec);

		frame.resize(len);
		EXPECT_EQ(inject(frame, PIOEMU_INJECT_NO_PAD), PIOEMU_RX_OK) << len;
	}
}

TEST_P(Rx, ViolationRxWptr)
{
	startLoopback();
	drv->write32(drv->vi(1) + 0x830, 260);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_OK);
	expectViolation(PIOEMU_VIOLATION_RX_WPTR);
}

TEST_P(Rx, ViolationWptrRange)
{
	startLoopback();
	drv->write32(drv->vi(1) + 0x830, 1024);
	inject(plainFrame(64));
	expectViolation(PIOEMU_VIOLATION_WPTR_RANGE);
}

TEST_P(Rx, ViolationRxOverrun)
{
	startLoopback();
	/* 256 are posted and one is used: 504 more are too many for a ring of 512 */
	inject(plainFrame(64));
	drv->write32(drv->vi(1) + 0x830, 248);
	inject(plainFrame(64));
	expectViolation(PIOEMU_VIOLATION_RX_OVERRUN);
}

TEST_P(Rx, ViolationRxDesc)
{
	startLoopback();
	uint64_t bad = rxDesc(kIova, 14);
	memcpy(drv->rxq.mem.ptr, &bad, 8);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_FILTERED);
	expectViolation(PIOEMU_VIOLATION_RX_DESC);
	/* RX_ERR 0x11, type 1, queue 1; then the flush */
	EXPECT_EQ(drv->expectEvent(drv->rxev), 0xC001100000001001ull);
	EXPECT_EQ(drv->expectEvent(drv->rxev), 0xC001000000000001ull);
	EXPECT_EQ(drv->fini(0x84, 1), 0x72);
}

TEST_P(Rx, ViolationUnmappedBuffer)
{
	startLoopback();
	uint64_t bad = rxDesc(0x1000, 2048);
	memcpy(drv->rxq.mem.ptr, &bad, 8);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_FILTERED);
	EXPECT_GE(violations(PIOEMU_VIOLATION_DMA_UNMAPPED), 1u);
	EXPECT_EQ(drv->expectEvent(drv->rxev), 0xC001100000009001ull);
	expect_clean = false;
}

TEST_P(Rx, InjectedErrorLooksTheSame)
{
	startLoopback();
	EXPECT_EQ(pioemu_vf_rx_err_inject(vf, 3, 1), -ENOENT);
	EXPECT_EQ(pioemu_vf_rx_err_inject(vf, 1, 1), 0);
	EXPECT_EQ(drv->expectEvent(drv->rxev), 0xC001100000001001ull);
	EXPECT_EQ(inject(plainFrame(64)), PIOEMU_RX_FILTERED);
}

TEST_P(Rx, ViolationEvqOverrun)
{
	startLoopback();
	/* 512 entries, one used by "start up", and nobody consumes */
	for (int i = 0; i < 512; i++) {
		FrameSpec spec;

		spec.proto = i % 2 ? 6 : 17;
		if (i % 64 == 0)
			drv->rxPost(drv->rxq, 64);
		inject(makeFrame(spec));
	}
	EXPECT_EQ(violations(PIOEMU_VIOLATION_EVQ_OVERRUN), 0u);
	inject(plainFrame(64));
	expectViolation(PIOEMU_VIOLATION_EVQ_OVERRUN);
	EXPECT_EQ(stats().events_lost, 1u);
}

INSTANTIATE_BARS(Rx);

} /* namespace */
