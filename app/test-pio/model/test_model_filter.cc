/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Receive filters: who gets which frame. Bits: MC_CMD_FILTER_OP_EXT_IN_MATCH_* */

#include "model_fixture.h"

using namespace mini;

namespace {

constexpr uint32_t kSrcIp = 1, kDstIp = 2, kSrcMac = 4, kSrcPort = 8, kDstMac = 0x10, kDstPort = 0x20,
	kEtherType = 0x40, kInnerVlan = 0x80, kOuterVlan = 0x100, kProto = 0x200,
	kUnknownMcast = 0x40000000u, kUnknownUcast = 0x80000000u;
constexpr int EPERM_ = 1, ENOENT_ = 2, EEXIST_ = 6, EINVAL_ = 0x16;

class Filter : public ModelTest {
protected:
	Evq ev;
	Rxq q[4];
	uint32_t seen[4] = {};

	/* four queues on VIs 1..4, no filter yet */
	void start(bool vadaptor = true)
	{
		open();
		ASSERT_EQ(drv->attach(), 0);
		ASSERT_EQ(drv->allocVis(8), 0);
		ASSERT_EQ(drv->vadaptor(), 0);
		ASSERT_EQ(drv->initEvq(ev, 0, 4096), 0);
		for (uint16_t i = 0; i < 4; i++) {
			ASSERT_EQ(drv->initRxq(q[i], 1 + i, 0, 512, 512), 0);
			drv->rxPost(q[i], 504);
		}
		if (!vadaptor) {
			Bytes in;

			put32(in, 0, 0x01000000);
			ASSERT_EQ(drv->mcdi(0x99, in).err, 0);
		}
	}

	/* queues that got it, as a string such as "1" or "24"; "" for nobody */
	std::string to(const Bytes &frame)
	{
		std::string got;

		pioemu_vf_frame_inject(vf, frame.data(), (uint32_t)frame.size(), 0);
		for (uint16_t i = 0; i < 4; i++) {
			uint32_t nb = (uint32_t)stats(1 + i).rx_frames;

			for (; seen[i] < nb; seen[i]++)
				got += (char)('1' + i);
		}
		return got;
	}

	uint64_t add(Driver::Filter f, uint16_t queue, bool subscribe = false)
	{
		uint64_t handle = 0;

		f.queue = queue;
		EXPECT_EQ(drv->filterInsert(f, &handle, subscribe), 0) << std::hex << f.match;
		return handle;
	}
};

Driver::Filter
match(uint32_t bits)
{
	Driver::Filter f;

	f.match = bits;
	return f;
}

Driver::Filter
mac(const uint8_t *addr, uint32_t more = 0)
{
	Driver::Filter f;

	f.match = kDstMac | more;
	memcpy(f.dst_mac, addr, 6);
	return f;
}

const uint8_t kBroadcast[6] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };

TEST_F(Filter, NothingWithoutFilters)
{
	start();
	EXPECT_EQ(to(makeFrame({})), "");
	EXPECT_EQ(stats().rx_drop_filter, 1u);
}

TEST_F(Filter, UnicastMulticastBroadcast)
{
	FrameSpec own, other, bcast, mcast;

	start();
	other.dst[5] = 9;
	memcpy(bcast.dst, kBroadcast, 6);
	mcast.dst[0] = 0x01;
	uint64_t h_own = add(mac(own.dst), 1);
	EXPECT_EQ(to(makeFrame(own)), "1");
	EXPECT_EQ(to(makeFrame(other)), "");
	EXPECT_EQ(to(makeFrame(bcast)), "");
	add(mac(kBroadcast), 2, true);
	EXPECT_EQ(to(makeFrame(bcast)), "2");
	EXPECT_EQ(to(makeFrame(mcast)), "");
	uint64_t h_all = add(match(kUnknownMcast), 3, true);
	EXPECT_EQ(to(makeFrame(mcast)), "3");
	EXPECT_EQ(to(makeFrame(bcast)), "2") << "the more specific one wins";
	add(match(kUnknownUcast), 4, true);
	EXPECT_EQ(to(makeFrame(other)), "4");
	EXPECT_EQ(to(makeFrame(own)), "1");
	ASSERT_EQ(drv->filterRemove(h_own), 0);
	EXPECT_EQ(to(makeFrame(own)), "4");
	ASSERT_EQ(drv->filterRemove(h_all, true), 0);
	EXPECT_EQ(to(makeFrame(mcast)), "");
}

TEST_F(Filter, MulticastReachesAllSubscribersOnce)
{
	FrameSpec mcast;

	start();
	mcast.dst[0] = 0x01;
	add(mac(mcast.dst), 1, true);
	add(mac(mcast.dst), 3, true);
	add(mac(mcast.dst), 3, true);
	add(match(kUnknownMcast), 4, true);
	EXPECT_EQ(to(makeFrame(mcast)), "13");
}

TEST_F(Filter, Tuples)
{
	FrameSpec spec;
	Driver::Filter five = match(kSrcIp | kDstIp | kSrcPort | kDstPort | kEtherType | kProto);
	Driver::Filter three = match(kDstIp | kDstPort | kEtherType | kProto);

	start();
	for (bool ip6 : { false, true }) {
		spec.ip6 = ip6;
		spec.len = 100;
		five.ethertype = three.ethertype = ip6 ? 0x86DD : 0x0800;
		five.proto = three.proto = 17;
		memcpy(five.src_ip, spec.src_ip, ip6 ? 16 : 4);
		memcpy(five.dst_ip, spec.dst_ip, ip6 ? 16 : 4);
		memcpy(three.dst_ip, spec.dst_ip, ip6 ? 16 : 4);
		five.src_port = spec.src_port;
		five.dst_port = three.dst_port = spec.dst_port;
		add(five, 1);
		add(three, 2);
	}
	for (bool ip6 : { false, true }) {
		FrameSpec f;

		f.ip6 = ip6;
		f.len = 100;
		EXPECT_EQ(to(makeFrame(f)), "1");
		f.vlans = { 3 };
		EXPECT_EQ(to(makeFrame(f)), "1");
		f.src_port++;
		EXPECT_EQ(to(makeFrame(f)), "2");
		f.dst_port++;
		EXPECT_EQ(to(makeFrame(f)), "");
		f.dst_port--;
		f.proto = 6;
		EXPECT_EQ(to(makeFrame(f)), "");
		f.proto = 17;
		f.dst_ip[3]++;
		EXPECT_EQ(to(makeFrame(f)), "");
	}
	/* a fragment has no ports */
	Bytes frame = makeFrame(FrameSpec());
	frame[20] |= 0x20;
	EXPECT_EQ(to(frame), "");
}

TEST_F(Filter, EthertypeProtocolAndVlan)
{
	FrameSpec spec, tagged, twice;
	Driver::Filter arp = match(kEtherType), udp = match(kEtherType | kProto);
	Driver::Filter vlan = mac(spec.dst, kOuterVlan);
	Driver::Filter both = mac(spec.dst, kOuterVlan | kInnerVlan);
	Driver::Filter untagged = mac(spec.dst, kOuterVlan);

	start();
	arp.ethertype = 0x0806;
	udp.ethertype = 0x0800;
	udp.proto = 17;
	vlan.outer_vlan = 0x123;
	both.outer_vlan = 0x123;
	both.inner_vlan = 0x45;
	add(arp, 1);
	EXPECT_EQ(to(plainFrame(60, 1, 0x0806)), "1");
	EXPECT_EQ(to(makeFrame(spec)), "");
	add(vlan, 2);
	tagged.vlans = { 0x123 };
	EXPECT_EQ(to(makeFrame(tagged)), "2");
	tagged.vlans = { 0xE123 };
	EXPECT_EQ(to(makeFrame(tagged)), "2") << "priority bits do not count";
	tagged.vlans = { 0x124 };
	EXPECT_EQ(to(makeFrame(tagged)), "");
	add(both, 3);
	twice.vlans = { 0x123, 0x45 };
	EXPECT_EQ(to(makeFrame(twice)), "3");
	twice.vlans = { 0x123, 0x46 };
	EXPECT_EQ(to(makeFrame(twice)), "2");
	/* VLAN 0 means: no tag */
	add(untagged, 4);
	EXPECT_EQ(to(makeFrame(spec)), "4");
	add(udp, 1);
	EXPECT_EQ(to(makeFrame(spec)), "1") << "type and protocol come before addresses";
	tagged.vlans = { 0x123 };
	EXPECT_EQ(to(makeFrame(tagged)), "1");
}

TEST_F(Filter, SourceAndInternetAddresses)
{
	FrameSpec spec;
	Driver::Filter source = mac(spec.dst, kSrcMac);
	Driver::Filter ip = match(kDstIp | kEtherType);

	start();
	memcpy(source.src_mac, spec.src, 6);
	add(mac(spec.dst), 1);
	add(source, 2);
	EXPECT_EQ(to(makeFrame(spec)), "2");
	spec.src[5]++;
	EXPECT_EQ(to(makeFrame(spec)), "1");
	ip.ethertype = 0x0800;
	memcpy(ip.dst_ip, spec.dst_ip, 4);
	add(ip, 3);
	EXPECT_EQ(to(makeFrame(spec)), "3");
	spec.dst_ip[3]++;
	EXPECT_EQ(to(makeFrame(spec)), "1");
}

TEST_F(Filter, UnknownAddressesOfOneVlan)
{
	FrameSpec spec;
	Driver::Filter ucast = match(kUnknownUcast | kOuterVlan);

	start();
	ucast.outer_vlan = 7;
	add(ucast, 1);
	add(match(kUnknownUcast), 2);
	spec.vlans = { 7 };
	EXPECT_EQ(to(makeFrame(spec)), "1");
	spec.vlans = { 8 };
	EXPECT_EQ(to(makeFrame(spec)), "2");
}

TEST_F(Filter, DropDestination)
{
	Driver::Filter f = mac(FrameSpec().dst);

	start();
	f.drop = true;
	add(f, 0);
	add(match(kUnknownUcast), 2);
	EXPECT_EQ(to(makeFrame({})), "");
	EXPECT_EQ(stats().rx_drop_filter, 1u);
}

TEST_F(Filter, ReplaceChangesTheQueue)
{
	Bytes in(180);

	start();
	uint64_t h = add(mac(FrameSpec().dst), 1);
	put32(in, 0, 4);
	put64(in, 4, h);
	put32(in, 12, 0x01000000);
	put32(in, 16, kDstMac);
	put32(in, 20, 1);
	put32(in, 24, 3);
	Answer a = drv->mcdi(0x8A, in);
	ASSERT_EQ(a.err, 0);
	EXPECT_EQ(get64(&a.data[4]), h);
	EXPECT_EQ(to(makeFrame({})), "3");
	put64(in, 4, h + 1);
	EXPECT_EQ(drv->mcdi(0x8A, in).err, ENOENT_);
}

TEST_F(Filter, Errors)
{
	Driver::Filter f = mac(FrameSpec().dst);
	uint64_t h;

	start();
	h = add(f, 1);
	EXPECT_EQ(drv->filterInsert(f), EEXIST_);
	EXPECT_EQ(drv->filterRemove(h, true), EINVAL_) << "inserted, not subscribed";
	EXPECT_EQ(drv->filterRemove(h), 0);
	EXPECT_EQ(drv->filterRemove(h), ENOENT_);
	EXPECT_EQ(drv->filterInsert(match(kSrcPort)), EINVAL_) << "not in the parser's list";
	f.queue = 8;
	EXPECT_EQ(drv->filterInsert(f), EINVAL_) << "a queue outside of the VIs";
	f.queue = 1;
	f.rss = 5;
	EXPECT_EQ(drv->filterInsert(f), ENOENT_) << "no such RSS context";
	Bytes in(180);
	in[0] = 9;
	EXPECT_EQ(drv->mcdi(0x8A, in).err, EINVAL_);
	expectViolation(PIOEMU_VIOLATION_MCDI_ARGUMENT);
	EXPECT_EQ(to(makeFrame({})), "");
}

TEST_F(Filter, NeedsAVadaptor)
{
	start(false);
	EXPECT_EQ(drv->filterInsert(mac(kBroadcast)), 0x1001);
}

TEST_F(Filter, PrivilegesDecide)
{
	conf.privileges = PIOEMU_PRIV_ONLOAD | 0x40;	/* UNICAST only */
	start();
	EXPECT_EQ(drv->filterInsert(match(kUnknownUcast)), EPERM_);
	EXPECT_EQ(drv->filterInsert(match(kUnknownMcast)), EPERM_);
	EXPECT_EQ(drv->filterInsert(mac(kBroadcast)), EPERM_);
	EXPECT_EQ(drv->filterInsert(match(kEtherType)), EPERM_);
	EXPECT_EQ(drv->filterInsert(mac(FrameSpec().dst)), 0);
}

TEST_F(Filter, ParserListIsWhatIsAccepted)
{
	start();
	Answer a = drv->mcdi(0xE4, { 1, 0, 0, 0 });
	ASSERT_EQ(a.err, 0);
	uint32_t nb = get32(&a.data[4]);
	ASSERT_GE(nb, 9u);
	ASSERT_LE(nb, 16u);
	ASSERT_EQ(a.data.size(), 8 + 4 * nb);
	for (uint32_t i = 0; i < nb; i++) {
		Driver::Filter f = match(get32(&a.data[8 + 4 * i]));

		f.queue = 1;
		f.dst_mac[0] = 2;
		EXPECT_EQ(drv->filterInsert(f), 0) << std::hex << f.match;
	}
	EXPECT_EQ(drv->mcdi(0xE4, { 2, 0, 0, 0 }).err, 0x5F);
}

TEST_F(Filter, ThousandFilters)
{
	FrameSpec spec;
	uint64_t first = 0;

	start();
	for (uint32_t i = 0; i < 1024; i++) {
		Driver::Filter f = mac(spec.dst);

		f.dst_mac[4] = (uint8_t)(i >> 8);
		f.dst_mac[5] = (uint8_t)i;
		uint64_t h = add(f, (uint16_t)(1 + i % 4));
		if (i == 0)
			first = h;
	}
	EXPECT_EQ(drv->filterInsert(match(kEtherType)), 0x1C);
	spec.dst[4] = 3;
	spec.dst[5] = 0xFE;
	EXPECT_EQ(to(makeFrame(spec)), "3");
	ASSERT_EQ(drv->filterRemove(first), 0);
	EXPECT_EQ(to(makeFrame(spec)), "3");
	spec.dst[4] = spec.dst[5] = 0;
	EXPECT_EQ(to(makeFrame(spec)), "");
}

TEST_F(Filter, VadaptorKeepsItsAddressWhileFiltersNeedIt)
{
	Bytes set(10), get;
	const uint8_t addr[6] = { 0x02, 1, 2, 3, 4, 5 };

	conf.caps1_clear = 1u << 11;	/* PERMIT_SET_MAC_WHEN_FILTERS_INSTALLED */
	start();
	put32(set, 0, 0x01000000);
	memcpy(&set[4], addr, 6);
	put32(get, 0, 0x01000000);
	uint64_t h = add(mac(kBroadcast), 1);
	EXPECT_EQ(drv->mcdi(0x5D, set).err, 0x1014);
	EXPECT_EQ(drv->mcdi(0x99, get).err, 0x1014) << "VADAPTOR_FREE";
	ASSERT_EQ(drv->filterRemove(h), 0);
	EXPECT_EQ(drv->mcdi(0x5D, set).err, 0);
	Answer a = drv->mcdi(0x5E, get);
	ASSERT_EQ(a.data.size(), 6u);
	EXPECT_EQ(memcmp(a.data.data(), addr, 6), 0);
	set[4] = 1;
	EXPECT_EQ(drv->mcdi(0x5D, set).err, EINVAL_) << "a group address";
	EXPECT_EQ(drv->mcdi(0x99, get).err, 0);
	EXPECT_EQ(drv->mcdi(0x5E, get).err, 0x1001);
}

} /* namespace */
