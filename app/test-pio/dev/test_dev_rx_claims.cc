/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What an mbuf says about a received frame, for each kind of frame: packet type, checksums, hash. And
 * no more and no fewer packet types than the port claims.
 */

#include <cstring>
#include <set>

#include "dev_port.h"

namespace {

constexpr uint64_t kIpGood = RTE_MBUF_F_RX_IP_CKSUM_GOOD, kIpBad = RTE_MBUF_F_RX_IP_CKSUM_BAD;
constexpr uint64_t kL4Good = RTE_MBUF_F_RX_L4_CKSUM_GOOD, kL4Bad = RTE_MBUF_F_RX_L4_CKSUM_BAD;
constexpr uint64_t kHash = RTE_MBUF_F_RX_RSS_HASH;
constexpr uint32_t kEther = RTE_PTYPE_L2_ETHER;
constexpr uint32_t kIp4 = RTE_PTYPE_L3_IPV4_EXT_UNKNOWN, kIp6 = RTE_PTYPE_L3_IPV6_EXT_UNKNOWN;
constexpr uint32_t kTcp = RTE_PTYPE_L4_TCP, kUdp = RTE_PTYPE_L4_UDP, kFrag = RTE_PTYPE_L4_FRAG;
constexpr uint8_t TCP = 6, UDP = 17, ICMP = 1;

/* A frame, made of pieces with right checksums unless told otherwise. */
struct Kind {
	const char *name;
	std::vector<uint16_t> tags;	/* Ethernet types of the tags */
	uint16_t type;
	uint8_t proto;
	bool fragment = false;
	bool options = false;		/* IPv4 options, IPv6 extension header */
	bool bad_ip = false;
	bool bad_l4 = false;
	bool no_csum = false;		/* of UDP */
	uint32_t ptype = 0;
	uint64_t flags = 0;
};

class DevRxClaims : public DevPort {
protected:
	static void put16(Frame &f, uint32_t v)
	{
		f.push_back(static_cast<uint8_t>(v >> 8));
		f.push_back(static_cast<uint8_t>(v));
	}

	static uint16_t sum(const uint8_t *data, size_t len, uint32_t start)
	{
		for (size_t i = 0; i < len; i++)
			start += i % 2 == 0 ? data[i] << 8 : data[i];
		while (start >> 16 != 0)
			start = (start & 0xffff) + (start >> 16);
		return static_cast<uint16_t>(~start);
	}

	static Frame l4(const Kind &k, const Frame &addrs)
	{
		Frame f;
		size_t at = k.proto == TCP ? 16 : 6;

		put16(f, 1000);
		put16(f, 2000);
		if (k.proto == TCP)
			f.insert(f.end(), { 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 1, 0, 0, 0, 0, 0 });
		else
			f.insert(f.end(), { 0, 32, 0, 0 });
		f.resize(k.proto == TCP ? 44 : 32, 0x5a);
		if (k.proto == ICMP || k.no_csum)
			return f;
		uint32_t pseudo = static_cast<uint32_t>(k.proto + f.size());
		pseudo += static_cast<uint16_t>(~sum(addrs.data(), addrs.size(), 0));
		uint16_t check = sum(f.data(), f.size(), pseudo);
		if (k.bad_l4)
			check ^= 0x0101;
		f[at] = static_cast<uint8_t>(check >> 8);
		f[at + 1] = static_cast<uint8_t>(check);
		return f;
	}

	static void put_ip4(Frame &f, const Kind &k)
	{
		const Frame addrs = { 10, 0, 0, 1, 10, 0, 0, 2 };
		const Frame data = l4(k, addrs);
		size_t at = f.size(), hdr = k.options ? 24 : 20;

		f.insert(f.end(), { static_cast<uint8_t>(0x40 | hdr / 4), 0 });
		put16(f, static_cast<uint32_t>(hdr + data.size()));
		put16(f, 7);
		put16(f, k.fragment ? 0x2000 : 0);
		f.insert(f.end(), { 64, k.proto, 0, 0 });
		f.insert(f.end(), addrs.begin(), addrs.end());
		if (k.options)
			f.insert(f.end(), { 1, 1, 1, 0 });
		uint16_t check = sum(&f[at], hdr, 0) ^ (k.bad_ip ? 0x0101 : 0);
		f[at + 10] = static_cast<uint8_t>(check >> 8);
		f[at + 11] = static_cast<uint8_t>(check);
		f.insert(f.end(), data.begin(), data.end());
	}

	static void put_ip6(Frame &f, const Kind &k)
	{
		Frame addrs(32, 0x20);
		Frame ext;

		addrs[31] = 2;
		const Frame data = l4(k, addrs);
		if (k.fragment)
			ext = { k.proto, 0, 0, 1, 0, 0, 0, 7 };
		else if (k.options)
			ext = { k.proto, 0, 1, 4, 0, 0, 0, 0 };
		f.insert(f.end(), { 0x60, 0, 0, 0 });
		put16(f, static_cast<uint32_t>(ext.size() + data.size()));
		f.push_back(k.fragment ? 44 : k.options ? 60 : k.proto);
		f.push_back(64);
		f.insert(f.end(), addrs.begin(), addrs.end());
		f.insert(f.end(), ext.begin(), ext.end());
		f.insert(f.end(), data.begin(), data.end());
	}

	Frame make(const Kind &k) const
	{
		Frame f(12);

		memcpy(&f[0], &mac, 6);
		memcpy(&f[6], &mac, 6);
		for (uint16_t tag : k.tags) {
			put16(f, tag);
			put16(f, 5);
		}
		put16(f, k.type);
		if (k.type == 0x0800)
			put_ip4(f, k);
		else if (k.type == 0x86dd)
			put_ip6(f, k);
		if (f.size() < 60)
			f.resize(60, 0);
		return f;
	}

	static std::vector<Kind> kinds()
	{
		const uint16_t v4 = 0x0800, v6 = 0x86dd;
		const uint64_t ip = kHash | kIpGood, both = ip | kL4Good;
		std::vector<Kind> all;
		auto add = [&](const char *name, uint16_t type, uint8_t proto, uint32_t ptype,
			       uint64_t flags) -> Kind & {
			Kind k = {};

			k.name = name;
			k.type = type;
			k.proto = proto;
			k.ptype = kEther | ptype;
			k.flags = flags;
			all.push_back(k);
			return all.back();
		};

		add("tcp4", v4, TCP, kIp4 | kTcp, both);
		add("udp4", v4, UDP, kIp4 | kUdp, both);
		add("udp4 without checksum", v4, UDP, kIp4 | kUdp, both).no_csum = true;
		add("icmp4", v4, ICMP, kIp4, ip);
		add("tcp4 with options", v4, TCP, kIp4 | kTcp, both).options = true;
		add("fragment of udp4", v4, UDP, kIp4 | kFrag, ip).fragment = true;
		add("tcp4, bad ip", v4, TCP, kIp4 | kTcp, kHash | kIpBad | kL4Good).bad_ip = true;
		add("tcp4, bad tcp", v4, TCP, kIp4 | kTcp, ip | kL4Bad).bad_l4 = true;
		add("udp4, bad udp", v4, UDP, kIp4 | kUdp, ip | kL4Bad).bad_l4 = true;
		Kind &worst = add("udp4, all bad", v4, UDP, kIp4 | kUdp, kHash | kIpBad | kL4Bad);
		worst.bad_ip = worst.bad_l4 = true;
		/* what cannot be verified is not bad */
		Kind &part = add("fragment, bad udp", v4, UDP, kIp4 | kFrag, ip);
		part.fragment = part.bad_l4 = true;
		add("tcp6", v6, TCP, kIp6 | kTcp, kHash | kL4Good);
		add("udp6", v6, UDP, kIp6 | kUdp, kHash | kL4Good);
		add("other6", v6, ICMP, kIp6, kHash);
		add("udp6 behind options", v6, UDP, kIp6 | kUdp, kHash | kL4Good).options = true;
		add("fragment of tcp6", v6, TCP, kIp6 | kFrag, kHash).fragment = true;
		add("tcp6, bad tcp", v6, TCP, kIp6 | kTcp, kHash | kL4Bad).bad_l4 = true;
		add("udp6, bad udp", v6, UDP, kIp6 | kUdp, kHash | kL4Bad).bad_l4 = true;
		add("other", 0x88b5, 0, 0, 0);
		add("arp", 0x0806, 0, 0, 0).ptype = RTE_PTYPE_L2_ETHER_ARP;
		Kind &tag = add("udp4 in a vlan", v4, UDP, 0, both);
		tag.tags = { 0x8100 };
		tag.ptype = RTE_PTYPE_L2_ETHER_VLAN | kIp4 | kUdp;
		Kind &tags = add("tcp6 in two vlans", v6, TCP, 0, kHash | kL4Good);
		tags.tags = { 0x88a8, 0x8100 };
		tags.ptype = RTE_PTYPE_L2_ETHER_QINQ | kIp6 | kTcp;
		return all;
	}
};

TEST_F(DevRxClaims, EachKindOfFrameIsDescribed)
{
	const uint64_t mask = kHash | RTE_MBUF_F_RX_IP_CKSUM_MASK | RTE_MBUF_F_RX_L4_CKSUM_MASK;
	std::set<uint32_t> seen, claimed;
	uint32_t ptypes[32];

	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH;
	conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;
	up();
	for (const Kind &k : kinds()) {
		Frame f = make(k);

		ASSERT_EQ(inject(f), PIOEMU_RX_OK) << k.name;
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		ASSERT_EQ(got.size(), 1u) << k.name;
		const struct rte_mbuf *m = got[0];
		EXPECT_EQ(bytes_of(m), f) << k.name;
		EXPECT_EQ(m->packet_type, k.ptype) << k.name;
		EXPECT_EQ(m->ol_flags & mask, k.flags) << k.name;
		EXPECT_EQ(m->ol_flags & ~mask, 0u) << k.name;
		EXPECT_EQ(m->hash.rss != 0, (k.flags & kHash) != 0) << k.name;
		for (uint32_t part : { RTE_PTYPE_L2_MASK, RTE_PTYPE_L3_MASK, RTE_PTYPE_L4_MASK })
			seen.insert(m->packet_type & part);
		rte_pktmbuf_free(got[0]);
	}
	seen.erase(0);
	int nb = rte_eth_dev_get_supported_ptypes(port, RTE_PTYPE_ALL_MASK, ptypes, 32);
	ASSERT_GT(nb, 0);
	claimed.insert(ptypes, ptypes + nb);
	EXPECT_EQ(seen, claimed);
}

TEST_F(DevRxClaims, OnlyWhatWasAskedForIsSaid)
{
	up();
	for (const Kind &k : kinds()) {
		ASSERT_EQ(inject(make(k)), PIOEMU_RX_OK) << k.name;
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		ASSERT_EQ(got.size(), 1u) << k.name;
		EXPECT_EQ(got[0]->packet_type, k.ptype) << k.name;
		EXPECT_EQ(got[0]->ol_flags, 0u) << k.name;
		rte_pktmbuf_free(got[0]);
	}
}

} /* namespace */
