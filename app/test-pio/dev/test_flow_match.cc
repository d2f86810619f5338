/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What rules match: for each combination of fields, frames that match reach the rule's queue, frames that
 * differ in one field go where they went before, and so do all when the rule is gone.
 */

#include "flow_port.h"

namespace {

const Mac kOther = { 0x02, 0, 0, 0, 0, 0x42 };
const Mac kGroup = { 0x01, 0, 0x5e, 1, 2, 3 };
const Mac kBroadcast = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
const Mac kSource = { 0x02, 0, 0, 0, 0, 0x77 };

class DevFlowMatch : public FlowPort {
protected:
	/* the frame goes to queue 3 with the rule and elsewhere without; the others always elsewhere */
	void check(const Pattern &p, const Pkt &match, const std::vector<Pkt> &others)
	{
		std::vector<std::string> before;

		std::string match_before = queues_of(match);
		for (const Pkt &other : others)
			before.push_back(queues_of(other));
		EXPECT_NE(match_before, "3");

		struct rte_flow *flow = to_queue(p, 3);
		ASSERT_NE(flow, nullptr) << error.message;
		EXPECT_EQ(queues_of(match), "3");
		for (size_t i = 0; i < others.size(); i++)
			EXPECT_EQ(queues_of(others[i]), before[i]) << "frame " << i;
		destroy(flow);

		flow = to_nobody(p);
		ASSERT_NE(flow, nullptr) << error.message;
		EXPECT_EQ(queues_of(match), "");
		for (size_t i = 0; i < others.size(); i++)
			EXPECT_EQ(queues_of(others[i]), before[i]) << "frame " << i;
		destroy(flow);

		EXPECT_EQ(queues_of(match), match_before);
	}

	template <typename F> static Pkt but(Pkt p, const F &change)
	{
		change(p);
		return p;
	}

	/* a mask of the group bit alone */
	static Pattern group_bit(const Mac &addr)
	{
		struct rte_flow_item_eth spec = {}, mask = {};

		memcpy(&spec.hdr.dst_addr, addr.data(), 6);
		mask.hdr.dst_addr.addr_bytes[0] = 1;
		return Pattern().add(RTE_FLOW_ITEM_TYPE_ETH, spec, mask);
	}
};

TEST_F(DevFlowMatch, Addresses)
{
	Mac addr;

	up(4, 1);
	addr = own();
	check(Pattern().eth(&addr), pkt(), { pkt_to(kBroadcast), pkt_to(kOther) });
	check(Pattern().eth(&kOther), pkt_to(kOther), { pkt(), pkt_to(kGroup) });
	check(Pattern().eth(&kGroup), pkt_to(kGroup), { pkt(), pkt_to(kBroadcast) });
	check(Pattern().eth(&kBroadcast), pkt_to(kBroadcast), { pkt(), pkt_to(kGroup) });
	Mac strange = { 0x02, 0, 0, 0, 0, 0x78 };
	check(Pattern().eth(&addr, &kSource), pkt(),
	      { but(pkt(), [&](Pkt &p) { p.src = strange; }), pkt_to(kOther) });
}

TEST_F(DevFlowMatch, AddressesThatNobodyTakes)
{
	up(4, 1);
	check(group_bit(kOther), pkt_to(kOther), { pkt(), pkt_to(kBroadcast), pkt_to(kGroup) });
	check(group_bit(kGroup), pkt_to(kGroup), { pkt(), pkt_to(kBroadcast), pkt_to(kOther) });
	/* both, with two filters */
	uint16_t before = resources().nb_filters;
	check(Pattern().eth(), pkt_to(kOther), { pkt(), pkt_to(kBroadcast) });
	check(Pattern(), pkt_to(kGroup), { pkt(), pkt_to(kBroadcast) });
	struct rte_flow *flow = to_queue(Pattern().eth(), 2);
	ASSERT_NE(flow, nullptr);
	EXPECT_EQ(resources().nb_filters, before + 2);
	destroy(flow);
	/* the port's own filters for this come back */
	ASSERT_EQ(rte_eth_promiscuous_enable(port), 0);
	EXPECT_EQ(queues_of(pkt_to(kOther)), "0");
	check(Pattern().eth(), pkt_to(kOther), { pkt(), pkt_to(kBroadcast) });
	EXPECT_EQ(queues_of(pkt_to(kGroup)), "0");
}

TEST_F(DevFlowMatch, Vlans)
{
	Mac addr;
	Pkt tagged, twice;

	up(4, 1);
	addr = own();
	tagged = but(pkt(), [](Pkt &p) { p.vlans = { 0x123 }; });
	twice = but(pkt(), [](Pkt &p) { p.vlans = { 0x123, 0x45 }; });
	Pkt strange = but(pkt(), [](Pkt &p) { p.vlans = { 0x124 }; });
	check(Pattern().eth(&addr).vlan(0x123), tagged, { strange, pkt() });
	check(Pattern().eth(&addr).vlan(0x123), but(tagged, [](Pkt &p) { p.vlans = { 0xe123 }; }), {});
	check(Pattern().eth(&addr).vlan(0x123).vlan(0x45), twice,
	      { tagged, pkt(), but(twice, [](Pkt &p) { p.vlans[1]++; }),
		but(twice, [](Pkt &p) { p.vlans[0]++; }) });
	Pkt arp = but(tagged, [](Pkt &p) { p.type = 0x0806; });
	check(Pattern().eth(&addr).vlan(0x123, 0x0806), arp, { tagged, strange,
	      but(arp, [](Pkt &p) { p.vlans = {}; }), but(arp, [](Pkt &p) { p.dst = kOther; }) });
	/* to whomever: unicast and group addresses that nobody takes */
	check(Pattern().vlan(0x123), but(tagged, [](Pkt &p) { p.dst = kOther; }),
	      { tagged, pkt_to(kOther) });
	check(Pattern().eth().vlan(0x123), but(tagged, [](Pkt &p) { p.dst = kGroup; }),
	      { tagged, pkt_to(kGroup), pkt_to(kBroadcast) });
}

TEST_F(DevFlowMatch, EthernetTypes)
{
	Mac addr;
	Pkt arp;

	up(4, 1);
	addr = own();
	arp = but(pkt(), [](Pkt &p) { p.type = 0x0806; });
	check(Pattern().eth(nullptr, nullptr, 0x0806), arp,
	      { pkt(), but(pkt(), [](Pkt &p) { p.type = 0x88b5; }) });
	/* that type comes before the address, whoever it is to */
	check(Pattern().eth(nullptr, nullptr, 0x0806), but(arp, [](Pkt &p) { p.dst = kBroadcast; }),
	      { pkt_to(kBroadcast) });
	check(Pattern().eth(&addr, nullptr, 0x0806), arp,
	      { pkt(), but(arp, [](Pkt &p) { p.dst = kOther; }) });
}

TEST_F(DevFlowMatch, Internet4)
{
	up(4, 1);
	const Pkt udp = pkt();
	const Pkt tcp = but(udp, [](Pkt &p) { p.proto = IPPROTO_TCP; });
	const Pkt dip = but(udp, [](Pkt &p) { p.dip[3]++; });
	const Pkt sip = but(udp, [](Pkt &p) { p.sip[3]++; });
	const Pkt dport = but(udp, [](Pkt &p) { p.dport++; });
	const Pkt sport = but(udp, [](Pkt &p) { p.sport++; });
	const Pkt icmp = but(udp, [](Pkt &p) { p.proto = IPPROTO_ICMP; });

	check(Pattern().eth().ip4(nullptr, &udp), udp, { dip });
	check(Pattern().ip4(nullptr, &udp), tcp, { dip });
	check(Pattern().ip4(nullptr, nullptr, IPPROTO_ICMP), icmp, { udp, tcp });
	check(Pattern().ip4(&udp, &udp, IPPROTO_ICMP), icmp, { udp, dip, sip });
	check(Pattern().eth().ip4(&udp, &udp).udp(), udp, { tcp, dip, sip });
	check(Pattern().eth().ip4(nullptr, &udp).udp(-1, 2000), udp, { tcp, dip, dport });
	check(Pattern().ip4(nullptr, &udp).tcp(-1, 2000), tcp, { udp });
	check(Pattern().eth().ip4(&udp, &udp).udp(1000, 2000), udp, { tcp, dip, sip, dport, sport });
	check(Pattern().eth().ip4(&udp, &udp).tcp(1000, 2000), tcp,
	      { udp, but(tcp, [](Pkt &p) { p.sport++; }) });
	/* tagged or not */
	check(Pattern().eth().ip4(&udp, &udp).udp(1000, 2000),
	      but(udp, [](Pkt &p) { p.vlans = { 5 }; }), { sport });
}

TEST_F(DevFlowMatch, Internet6)
{
	up(4, 1);
	const Pkt udp = but(pkt(), [](Pkt &p) { p.type = 0x86dd; p.sip[15] = 1; p.dip[15] = 2; });
	const Pkt tcp = but(udp, [](Pkt &p) { p.proto = IPPROTO_TCP; });
	const Pkt dip = but(udp, [](Pkt &p) { p.dip[15]++; });
	const Pkt sip = but(udp, [](Pkt &p) { p.sip[15]++; });
	const Pkt dport = but(udp, [](Pkt &p) { p.dport++; });
	const Pkt sport = but(udp, [](Pkt &p) { p.sport++; });

	check(Pattern().eth().ip6(nullptr, &udp), udp, { dip, pkt() });
	check(Pattern().eth().ip6(&udp, &udp).tcp(), tcp, { udp });
	check(Pattern().eth().ip6(nullptr, &udp).udp(-1, 2000), udp, { tcp, dip, dport, pkt() });
	check(Pattern().eth().ip6(&udp, &udp).udp(1000, 2000), udp, { tcp, dip, sip, dport, sport });
	check(Pattern().ip6(&udp, &udp, IPPROTO_TCP).tcp(1000, 2000), tcp,
	      { udp, but(tcp, [](Pkt &p) { p.dport++; }) });
}

/* Several rules: the more specific one wins, in whatever order they were made. */
TEST_F(DevFlowMatch, MoreSpecificRulesWin)
{
	up(4, 1);
	const Pkt p = pkt();
	const std::vector<Pattern> patterns = {
		Pattern().ip4(&p, &p).udp(1000, 2000), Pattern().ip4(nullptr, &p).udp(-1, 2000),
		Pattern().ip4(nullptr, &p),
	};

	for (bool reverse : { false, true }) {
		std::array<struct rte_flow *, 3> flows;

		for (uint16_t i = 0; i < 3; i++) {
			uint16_t which = reverse ? 2 - i : i;

			flows[which] = to_queue(patterns[which], which + 1);
			ASSERT_NE(flows[which], nullptr) << error.message;
		}
		EXPECT_EQ(queues_of(p), "1");
		EXPECT_EQ(queues_of(but(p, [](Pkt &x) { x.sport = 9; })), "2");
		EXPECT_EQ(queues_of(but(p, [](Pkt &x) { x.dport = 9; })), "3");
		EXPECT_EQ(queues_of(but(p, [](Pkt &x) { x.dip[0] = 9; })), "0");
		destroy(flows[0]);
		EXPECT_EQ(queues_of(p), "2");
		destroy(flows[1]);
		EXPECT_EQ(queues_of(p), "3");
		destroy(flows[2]);
		EXPECT_EQ(queues_of(p), "0");
	}
}

} /* namespace */
