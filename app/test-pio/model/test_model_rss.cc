/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * RSS contexts. The vectors are those of Microsoft's "Verifying the RSS Hash Calculation" (Windows
 * driver documentation, network).
 */

#include <arpa/inet.h>

#include "model_fixture.h"

using namespace mini;

namespace {

const Bytes kKey = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

struct Vector {
	const char *dst, *src;
	uint16_t dst_port, src_port;
	uint32_t addr_hash, tcp_hash;
};

const Vector kIp4[] = {
	{ "161.142.100.80", "66.9.149.187", 1766, 2794, 0x323e8fc2, 0x51ccc178 },
	{ "65.69.140.83", "199.92.111.2", 4739, 14230, 0xd718262a, 0xc626b0ea },
	{ "12.22.207.184", "24.19.198.95", 38024, 12898, 0xd2d0a5de, 0x5c2b394a },
	{ "209.142.163.6", "38.27.205.30", 2217, 48228, 0x82989176, 0xafc7327f },
	{ "202.188.127.2", "153.39.163.191", 1303, 44251, 0x5d1809c5, 0x10e828a2 },
};
const Vector kIp6[] = {
	{ "3ffe:2501:200:3::1", "3ffe:2501:200:1fff::7", 1766, 2794, 0x2cc18cd5, 0x40207d3d },
	{ "ff02::1", "3ffe:501:8::260:97ff:fe40:efab", 4739, 14230, 0x0f0c461c, 0xdde51bbf },
	{ "fe80::200:f8ff:fe21:67cf", "3ffe:1900:4545:3:200:f8ff:fe21:67cf", 38024, 44251,
	  0x4b61e985, 0x02d1feef },
};

FrameSpec
frameOf(const Vector &v, bool ip6, uint8_t proto)
{
	FrameSpec spec;

	spec.ip6 = ip6;
	spec.proto = proto;
	spec.len = 90;
	inet_pton(ip6 ? AF_INET6 : AF_INET, v.dst, spec.dst_ip);
	inet_pton(ip6 ? AF_INET6 : AF_INET, v.src, spec.src_ip);
	spec.dst_port = v.dst_port;
	spec.src_port = v.src_port;
	return spec;
}

class Rss : public ModelTest {
protected:
	uint32_t ctx = 0;
	Evq evs[4];
	Rxq rxqs[4];

	int set(uint32_t cmd, const Bytes &data)
	{
		Bytes in;

		put32(in, 0, ctx);
		in.insert(in.end(), data.begin(), data.end());
		return drv->mcdi(cmd, in).err;
	}

	int flags(uint32_t value)
	{
		Bytes b;

		put32(b, 0, value);
		return set(0xE1, b);
	}

	/* four RX queues on VIs 4..7, a context over them that takes everything */
	void startRss()
	{
		Bytes table(128);
		Driver::Filter all;

		open();
		ASSERT_EQ(drv->attach(), 0);
		ASSERT_EQ(drv->allocVis(8), 0);
		ASSERT_EQ(drv->vadaptor(), 0);
		for (uint16_t i = 0; i < 4; i++) {
			ASSERT_EQ(drv->initEvq(evs[i], i), 0);
			drv->event(evs[i]);
			ASSERT_EQ(drv->initRxq(rxqs[i], 4 + i, i, 512, 256), 0);
			drv->rxPost(rxqs[i], 504);
		}
		ASSERT_EQ(drv->rssAlloc(4, &ctx), 0);
		ASSERT_EQ(set(0xA0, kKey), 0);
		for (int i = 0; i < 128; i++)
			table[i] = i % 4;
		ASSERT_EQ(set(0xA2, table), 0);
		all.match = 0x80000000u;
		all.queue = 4;
		all.rss = ctx;
		ASSERT_EQ(drv->filterInsert(all), 0);
	}

	/* hash in the prefix of the frame, which must be in the queue that the table says */
	uint32_t hashOf(const FrameSpec &spec)
	{
		Bytes frame = makeFrame(spec);
		uint32_t used[4], hash = 0;
		int found = 0;

		for (int i = 0; i < 4; i++)
			used[i] = (uint32_t)stats(4 + i).rx_frames;
		EXPECT_EQ(pioemu_vf_frame_inject(vf, frame.data(), (uint32_t)frame.size(), 0),
			PIOEMU_RX_OK);
		for (uint32_t i = 0; i < 4; i++) {
			if (stats(4 + i).rx_frames == used[i])
				continue;
			hash = get32(drv->rxBuf(rxqs[i], used[i]));
			EXPECT_EQ(hash % 128 % 4, i);
			found++;
		}
		EXPECT_EQ(found, 1);
		return hash;
	}
};

TEST_F(Rss, MicrosoftVectorsByTcp)
{
	startRss();
	for (const Vector &v : kIp4)
		EXPECT_EQ(hashOf(frameOf(v, false, 6)), v.tcp_hash) << v.dst;
	for (const Vector &v : kIp6)
		EXPECT_EQ(hashOf(frameOf(v, true, 6)), v.tcp_hash) << v.dst;
}

TEST_F(Rss, MicrosoftVectorsByAddress)
{
	startRss();
	/* the four EN flags know no UDP: addresses only */
	for (const Vector &v : kIp4)
		EXPECT_EQ(hashOf(frameOf(v, false, 17)), v.addr_hash) << v.dst;
	for (const Vector &v : kIp6)
		EXPECT_EQ(hashOf(frameOf(v, true, 17)), v.addr_hash) << v.dst;
	/* TCP without TOEPLITZ_TCPV4_EN, TCPV6_EN too */
	ASSERT_EQ(flags(0x5), 0);
	EXPECT_EQ(hashOf(frameOf(kIp4[0], false, 6)), kIp4[0].addr_hash);
	EXPECT_EQ(hashOf(frameOf(kIp6[0], true, 6)), kIp6[0].addr_hash);
}

TEST_F(Rss, ModesPerPacketType)
{
	const Vector &v = kIp4[0];

	startRss();
	/* UDP/IPv4: all four fields; TCP/IPv4: addresses only; everything else: nothing */
	ASSERT_EQ(flags(0xF << 12 | 0x3 << 8), 0);
	EXPECT_EQ(hashOf(frameOf(v, false, 17)), v.tcp_hash);
	EXPECT_EQ(hashOf(frameOf(v, false, 6)), v.addr_hash);
	EXPECT_EQ(hashOf(frameOf(v, false, 1)), 0u);
	EXPECT_EQ(hashOf(frameOf(kIp6[0], true, 6)), 0u);
	/* other IPv6, UDP/IPv6 */
	ASSERT_EQ(flags(0x3u << 28 | 0xFu << 24), 0);
	EXPECT_EQ(hashOf(frameOf(kIp6[1], true, 17)), kIp6[1].tcp_hash);
	EXPECT_EQ(hashOf(frameOf(kIp6[1], true, 58)), kIp6[1].addr_hash);
	/* all off */
	ASSERT_EQ(flags(0), 0);
	EXPECT_EQ(hashOf(frameOf(v, false, 6)), 0u);
}

TEST_F(Rss, FragmentsHashByAddress)
{
	FrameSpec spec = frameOf(kIp4[2], false, 6);

	startRss();
	Bytes frame = makeFrame(spec);
	frame[20] |= 0x20;
	ASSERT_EQ(pioemu_vf_frame_inject(vf, frame.data(), (uint32_t)frame.size(), 0),
		PIOEMU_RX_OK);
	for (uint32_t i = 0; i < 4; i++) {
		if (stats(4 + i).rx_frames == 1) {
			EXPECT_EQ(get32(drv->rxBuf(rxqs[i], 0)), kIp4[2].addr_hash);
		}
	}
}

TEST_F(Rss, SpreadsOverAllQueues)
{
	startRss();
	for (uint16_t i = 0; i < 400; i++) {
		FrameSpec spec;

		spec.proto = 6;
		spec.src_port = (uint16_t)(1000 + i);
		hashOf(spec);
	}
	for (int i = 0; i < 4; i++)
		EXPECT_GT(stats(4 + i).rx_frames, 50u);
}

TEST_F(Rss, SettingsCanBeReadBack)
{
	startRss();
	Bytes in;
	put32(in, 0, ctx);
	Answer a = drv->mcdi(0xA1, in);
	ASSERT_EQ(a.data.size(), 44u);
	EXPECT_EQ(Bytes(a.data.begin() + 4, a.data.end()), kKey);
	a = drv->mcdi(0xA3, in);
	ASSERT_EQ(a.data.size(), 132u);
	EXPECT_EQ(a.data[4 + 5], 1);
	ASSERT_EQ(flags(0x12345600), 0);
	a = drv->mcdi(0xE2, in);
	ASSERT_EQ(a.data.size(), 8u);
	EXPECT_EQ(get32(&a.data[4]), 0x12345600u);
}

TEST_F(Rss, Errors)
{
	uint32_t ids[64], more;

	conf.caps1_clear = 1u << 13;
	startRss();
	EXPECT_EQ(flags(0x100), 0x16) << "no additional modes on this firmware";
	EXPECT_EQ(flags(0xF), 0);
	EXPECT_EQ(drv->rssAlloc(0, &more), 0x16);
	EXPECT_EQ(drv->rssAlloc(65, &more), 0x16);
	for (int i = 1; i < 64; i++)
		ASSERT_EQ(drv->rssAlloc(1, &ids[i]), 0);
	EXPECT_EQ(drv->rssAlloc(1, &more), 0x1C);
	Bytes in;
	put32(in, 0, ctx);
	EXPECT_EQ(drv->mcdi(0x9F, in).err, 0x10) << "a filter uses it";
	put32(in, 0, ids[7]);
	EXPECT_EQ(drv->mcdi(0x9F, in).err, 0);
	EXPECT_EQ(drv->mcdi(0x9F, in).err, 2);
	EXPECT_EQ(drv->rssAlloc(1, &more), 0);
	ctx = 0xFFFFFFFFu;
	EXPECT_EQ(flags(1), 2);
	EXPECT_EQ(set(0xA0, kKey), 2);
}

} /* namespace */
