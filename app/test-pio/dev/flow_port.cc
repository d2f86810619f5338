/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include "flow_port.h"

static void
put16(Frame &f, uint16_t value)
{
	f.push_back(static_cast<uint8_t>(value >> 8));
	f.push_back(static_cast<uint8_t>(value));
}

static void
put_ip(Frame &f, const Pkt &p, uint16_t l4_len)
{
	if (p.type == 0x0800) {
		f.insert(f.end(), { 0x45, 0 });
		put16(f, static_cast<uint16_t>(20 + l4_len));
		f.insert(f.end(), { 0, 1, 0, 0, 64, p.proto, 0, 0 });
		size_t at = f.size() - 12;
		f.insert(f.end(), p.sip.begin(), p.sip.begin() + 4);
		f.insert(f.end(), p.dip.begin(), p.dip.begin() + 4);
		uint32_t sum = 0;
		for (size_t i = at; i < at + 20; i += 2)
			sum += static_cast<uint32_t>(f[i] << 8 | f[i + 1]);
		sum = (sum & 0xffff) + (sum >> 16);
		sum = ~((sum & 0xffff) + (sum >> 16));
		f[at + 10] = static_cast<uint8_t>(sum >> 8);
		f[at + 11] = static_cast<uint8_t>(sum);
		return;
	}
	f.insert(f.end(), { 0x60, 0, 0, 0 });
	put16(f, l4_len);
	f.insert(f.end(), { p.proto, 64 });
	f.insert(f.end(), p.sip.begin(), p.sip.end());
	f.insert(f.end(), p.dip.begin(), p.dip.end());
}

Frame
Pkt::frame() const
{
	uint16_t l4_len = proto == IPPROTO_TCP ? 24 : 16;
	Frame f(dst.begin(), dst.end());

	f.insert(f.end(), src.begin(), src.end());
	for (uint16_t vlan : vlans) {
		put16(f, 0x8100);
		put16(f, vlan);
	}
	put16(f, type);
	if (type == 0x0800 || type == 0x86dd) {
		put_ip(f, *this, l4_len);
		put16(f, sport);
		put16(f, dport);
		if (proto == IPPROTO_TCP) {
			f.insert(f.end(), { 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0 });
		} else {
			put16(f, l4_len);
			put16(f, 0); /* no checksum */
		}
		f.insert(f.end(), 8, 0xa5);
	}
	if (f.size() < 60)
		f.resize(60);
	return f;
}

Pattern &
Pattern::eth(const Mac *dst, const Mac *src, int type)
{
	struct rte_flow_item_eth spec = {}, mask = {};

	if (dst != nullptr) {
		memcpy(&spec.hdr.dst_addr, dst->data(), 6);
		memset(&mask.hdr.dst_addr, 0xff, 6);
	}
	if (src != nullptr) {
		memcpy(&spec.hdr.src_addr, src->data(), 6);
		memset(&mask.hdr.src_addr, 0xff, 6);
	}
	if (type >= 0) {
		spec.hdr.ether_type = rte_cpu_to_be_16(static_cast<uint16_t>(type));
		mask.hdr.ether_type = 0xffff;
	}
	return add(RTE_FLOW_ITEM_TYPE_ETH, spec, mask);
}

Pattern &
Pattern::vlan(uint16_t id, int type)
{
	struct rte_flow_item_vlan spec = {}, mask = {};

	spec.hdr.vlan_tci = rte_cpu_to_be_16(id);
	mask.hdr.vlan_tci = RTE_BE16(0x0fff);
	if (type >= 0) {
		spec.hdr.eth_proto = rte_cpu_to_be_16(static_cast<uint16_t>(type));
		mask.hdr.eth_proto = 0xffff;
	}
	return add(RTE_FLOW_ITEM_TYPE_VLAN, spec, mask);
}

Pattern &
Pattern::ip4(const Pkt *src, const Pkt *dst, int proto)
{
	struct rte_flow_item_ipv4 spec = {}, mask = {};

	if (src != nullptr) {
		memcpy(&spec.hdr.src_addr, src->sip.data(), 4);
		memset(&mask.hdr.src_addr, 0xff, 4);
	}
	if (dst != nullptr) {
		memcpy(&spec.hdr.dst_addr, dst->dip.data(), 4);
		memset(&mask.hdr.dst_addr, 0xff, 4);
	}
	if (proto >= 0) {
		spec.hdr.next_proto_id = static_cast<uint8_t>(proto);
		mask.hdr.next_proto_id = 0xff;
	}
	return add(RTE_FLOW_ITEM_TYPE_IPV4, spec, mask);
}

Pattern &
Pattern::ip6(const Pkt *src, const Pkt *dst, int proto)
{
	struct rte_flow_item_ipv6 spec = {}, mask = {};

	if (src != nullptr) {
		memcpy(&spec.hdr.src_addr, src->sip.data(), 16);
		memset(&mask.hdr.src_addr, 0xff, 16);
	}
	if (dst != nullptr) {
		memcpy(&spec.hdr.dst_addr, dst->dip.data(), 16);
		memset(&mask.hdr.dst_addr, 0xff, 16);
	}
	if (proto >= 0) {
		spec.hdr.proto = static_cast<uint8_t>(proto);
		mask.hdr.proto = 0xff;
	}
	return add(RTE_FLOW_ITEM_TYPE_IPV6, spec, mask);
}

template <typename T>
static Pattern &
ports(Pattern &p, enum rte_flow_item_type type, int sport, int dport)
{
	T spec = {}, mask = {};

	if (sport < 0 && dport < 0)
		return p.add(type);
	if (sport >= 0) {
		spec.hdr.src_port = rte_cpu_to_be_16(static_cast<uint16_t>(sport));
		mask.hdr.src_port = 0xffff;
	}
	if (dport >= 0) {
		spec.hdr.dst_port = rte_cpu_to_be_16(static_cast<uint16_t>(dport));
		mask.hdr.dst_port = 0xffff;
	}
	return p.add(type, spec, mask);
}

Pattern &
Pattern::udp(int sport, int dport)
{
	return ports<struct rte_flow_item_udp>(*this, RTE_FLOW_ITEM_TYPE_UDP, sport, dport);
}

Pattern &
Pattern::tcp(int sport, int dport)
{
	return ports<struct rte_flow_item_tcp>(*this, RTE_FLOW_ITEM_TYPE_TCP, sport, dport);
}

struct rte_flow *
FlowPort::create(Pattern p, const std::vector<struct rte_flow_action> &actions)
{
	std::vector<struct rte_flow_action> all = actions;

	all.push_back({ RTE_FLOW_ACTION_TYPE_END, nullptr });
	error = {};
	return rte_flow_create(port, &ingress, p.get(), all.data(), &error);
}

struct rte_flow *
FlowPort::to_queue(const Pattern &p, uint16_t queue)
{
	const struct rte_flow_action_queue conf = { queue };

	return create(p, { { RTE_FLOW_ACTION_TYPE_QUEUE, &conf } });
}

struct rte_flow *
FlowPort::to_nobody(const Pattern &p)
{
	return create(p, { { RTE_FLOW_ACTION_TYPE_DROP, nullptr } });
}

struct rte_flow *
FlowPort::spread(const Pattern &p, const struct rte_flow_action_rss &rss)
{
	return create(p, { { RTE_FLOW_ACTION_TYPE_RSS, &rss } });
}

void
FlowPort::destroy(struct rte_flow *flow)
{
	EXPECT_EQ(rte_flow_destroy(port, flow, &error), 0) << error.message;
}

std::string
FlowPort::queues_of(const Pkt &pkt, uint32_t *hash)
{
	Frame sent = pkt.frame();
	enum pioemu_rx_result result = inject(sent);
	std::string got;
	struct rte_eth_dev_info info;

	EXPECT_EQ(rte_eth_dev_info_get(port, &info), 0);
	wait_for([&] {
		for (uint16_t q = 0; q < info.nb_rx_queues; q++) {
			struct rte_mbuf *m;

			if (rte_eth_rx_burst(port, q, &m, 1) != 1)
				continue;
			got += static_cast<char>('0' + q);
			EXPECT_EQ(bytes_of(m), sent);
			if (hash != nullptr)
				*hash = (m->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0 ?
					m->hash.rss : 0;
			rte_pktmbuf_free(m);
		}
		return result != PIOEMU_RX_OK || !got.empty();
	});
	return got;
}

Mac
FlowPort::own() const
{
	Mac addr;

	memcpy(addr.data(), &mac, 6);
	return addr;
}

Pkt
FlowPort::pkt_to(const Mac &dst) const
{
	Pkt p;

	p.dst = dst;
	return p;
}
