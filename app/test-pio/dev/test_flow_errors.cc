/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Rules that cannot be: the errno, the part of the rule that is to blame, and a message. */

#include <cerrno>

#include "flow_port.h"

namespace {

class DevFlowErrors : public FlowPort {
protected:
	const Mac group = { 0x01, 0, 0x5e, 0, 0, 1 };
	const struct rte_flow_action_queue queue1 = { 1 };
	const std::vector<struct rte_flow_action> fate = {
		{ RTE_FLOW_ACTION_TYPE_QUEUE, &queue1 },
	};

	/*
	 * validate and create say the same and change nothing. blame: index of the item, action or, for
	 * ACTION_CONF, of the action whose conf it is; -1: nothing in particular
	 */
	void refused(Pattern p, std::vector<struct rte_flow_action> actions, int err,
		     enum rte_flow_error_type type, int blame, const std::string &message)
	{
		uint16_t filters = resources().nb_filters;
		const void *cause = nullptr;

		p.get();
		actions.push_back({ RTE_FLOW_ACTION_TYPE_END, nullptr });
		if (blame >= 0 && type == RTE_FLOW_ERROR_TYPE_ACTION_CONF)
			cause = actions[blame].conf;
		else if (blame >= 0 && type >= RTE_FLOW_ERROR_TYPE_ACTION_NUM)
			cause = &actions[blame];
		else if (blame >= 0)
			cause = &p.items[blame];
		error = {};
		EXPECT_EQ(rte_flow_validate(port, &ingress, p.items.data(), actions.data(), &error),
			  -err) << message;
		expect_error(type, cause, message);
		error = {};
		EXPECT_EQ(rte_flow_create(port, &ingress, p.items.data(), actions.data(), &error),
			  nullptr) << message;
		EXPECT_EQ(rte_errno, err) << message;
		expect_error(type, cause, message);
		EXPECT_EQ(resources().nb_filters, filters);
	}

	void expect_error(enum rte_flow_error_type type, const void *cause,
			  const std::string &message)
	{
		EXPECT_EQ(error.type, type) << message;
		EXPECT_EQ(error.cause, cause) << message;
		ASSERT_NE(error.message, nullptr) << message;
		EXPECT_NE(std::string(error.message).find(message), std::string::npos)
			<< error.message;
	}

	void bad_pattern(const Pattern &p, int err, enum rte_flow_error_type type, int blame,
			 const std::string &message)
	{
		refused(p, fate, err, type, blame, message);
	}

	void bad_actions(const std::vector<struct rte_flow_action> &actions, int err,
			 enum rte_flow_error_type type, int blame, const std::string &message)
	{
		refused(Pattern().eth(&group), actions, err, type, blame, message);
	}

	void bad_rss(const struct rte_flow_action_rss &rss, const std::string &message)
	{
		bad_actions({ { RTE_FLOW_ACTION_TYPE_RSS, &rss } }, EINVAL,
			    RTE_FLOW_ERROR_TYPE_ACTION_CONF, 0, message);
	}
};

TEST_F(DevFlowErrors, Attributes)
{
	const struct rte_flow_action actions[] = {
		fate[0], { RTE_FLOW_ACTION_TYPE_END, nullptr },
	};
	struct {
		struct rte_flow_attr attr;
		enum rte_flow_error_type type;
		const char *message;
	} cases[] = {
		{ ingress, RTE_FLOW_ERROR_TYPE_ATTR_GROUP, "one group" },
		{ ingress, RTE_FLOW_ERROR_TYPE_ATTR_PRIORITY, "order is fixed" },
		{ ingress, RTE_FLOW_ERROR_TYPE_ATTR_INGRESS, "for ingress" },
		{ ingress, RTE_FLOW_ERROR_TYPE_ATTR_EGRESS, "no transmit filters" },
		{ ingress, RTE_FLOW_ERROR_TYPE_ATTR_TRANSFER, "what others get" },
	};
	Pattern p = Pattern().eth(&group);

	cases[0].attr.group = 1;
	cases[1].attr.priority = 3;
	cases[2].attr.ingress = 0;
	cases[3].attr.egress = 1;
	cases[4].attr.transfer = 1;
	cases[4].attr.ingress = 0;
	up(2, 1);
	p.get();
	for (const auto &c : cases) {
		EXPECT_EQ(rte_flow_validate(port, &c.attr, p.items.data(), actions, &error), -ENOTSUP);
		expect_error(c.type, &c.attr, c.message);
	}
	EXPECT_EQ(rte_flow_validate(port, nullptr, p.items.data(), actions, &error), -EINVAL);
	expect_error(RTE_FLOW_ERROR_TYPE_ATTR, nullptr, "no attributes");
	EXPECT_EQ(rte_flow_validate(port, &ingress, nullptr, actions, &error), -EINVAL);
	expect_error(RTE_FLOW_ERROR_TYPE_ITEM_NUM, nullptr, "no pattern");
	EXPECT_EQ(rte_flow_validate(port, &ingress, p.items.data(), nullptr, &error), -EINVAL);
	expect_error(RTE_FLOW_ERROR_TYPE_ACTION_NUM, nullptr, "no actions");
	/* a caller that does not want to know why */
	EXPECT_EQ(rte_flow_validate(port, nullptr, p.items.data(), actions, nullptr), -EINVAL);
}

TEST_F(DevFlowErrors, Items)
{
	struct rte_flow_item_eth eth = {}, eth_mask = {};
	struct rte_flow_item_vlan vlan = {}, vlan_mask = {};
	struct rte_flow_item_ipv4 ip = {}, ip_mask = {}, ip_last = {};
	struct rte_flow_item_tcp tcp = {}, tcp_mask = {};
	const auto mask = RTE_FLOW_ERROR_TYPE_ITEM_MASK;

	up(2, 1);
	bad_pattern(Pattern().eth().add(RTE_FLOW_ITEM_TYPE_ICMP), ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM, 1,
		    "item not supported");
	bad_pattern(Pattern().add(RTE_FLOW_ITEM_TYPE_ETH, nullptr, &eth_mask), EINVAL,
		    RTE_FLOW_ERROR_TYPE_ITEM_SPEC, 0, "without spec");
	bad_pattern(Pattern().add(RTE_FLOW_ITEM_TYPE_ETH, nullptr, nullptr, &eth), EINVAL,
		    RTE_FLOW_ERROR_TYPE_ITEM_SPEC, 0, "without spec");

	memset(&eth_mask.hdr.dst_addr, 0xff, 3);
	bad_pattern(Pattern().add(RTE_FLOW_ITEM_TYPE_ETH, eth, eth_mask), ENOTSUP, mask, 0,
		    "whole field");
	eth_mask = {};
	eth_mask.hdr.ether_type = RTE_BE16(0xff00);
	bad_pattern(Pattern().add(RTE_FLOW_ITEM_TYPE_ETH, eth, eth_mask), ENOTSUP, mask, 0,
		    "whole field");
	eth_mask = {};
	eth_mask.has_vlan = 1;
	bad_pattern(Pattern().add(RTE_FLOW_ITEM_TYPE_ETH, eth, eth_mask), ENOTSUP, mask, 0,
		    "filters do not match");

	bad_pattern(Pattern().eth().add(RTE_FLOW_ITEM_TYPE_VLAN), ENOTSUP, mask, 1, "VLAN id");
	vlan_mask.hdr.vlan_tci = 0xffff;
	bad_pattern(Pattern().eth().add(RTE_FLOW_ITEM_TYPE_VLAN, vlan, vlan_mask), ENOTSUP, mask, 1,
		    "VLAN id");
	bad_pattern(Pattern().eth(nullptr, nullptr, 0x8100).vlan(3), ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM,
		    1, "type of a tag");
	bad_pattern(Pattern().vlan(3).vlan(4).vlan(5), ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM, 2,
		    "two tags");

	ip_mask.hdr.src_addr = RTE_BE32(0xffffff00);
	bad_pattern(Pattern().eth().add(RTE_FLOW_ITEM_TYPE_IPV4, ip, ip_mask), ENOTSUP, mask, 1,
		    "whole field");
	ip_mask = {};
	ip_mask.hdr.time_to_live = 0xff;
	bad_pattern(Pattern().eth().add(RTE_FLOW_ITEM_TYPE_IPV4, ip, ip_mask), ENOTSUP, mask, 1,
		    "filters do not match");
	ip_mask = {};
	ip_mask.hdr.dst_addr = 0xffffffff;
	ip_last.hdr.dst_addr = RTE_BE32(5);
	bad_pattern(Pattern().eth().add(RTE_FLOW_ITEM_TYPE_IPV4, &ip, &ip_mask, &ip_last, sizeof(ip)),
		    ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM_LAST, 1, "no ranges");
	tcp_mask.hdr.tcp_flags = 0x02;
	bad_pattern(Pattern().eth().ip4(nullptr, nullptr).add(RTE_FLOW_ITEM_TYPE_TCP, tcp, tcp_mask),
		    ENOTSUP, mask, 2, "filters do not match");
}

TEST_F(DevFlowErrors, ItemsThatDoNotGoTogether)
{
	const auto item = RTE_FLOW_ERROR_TYPE_ITEM;
	const Pkt pkt;

	up(2, 1);
	bad_pattern(Pattern().eth().udp(1), ENOTSUP, item, 1, "cannot follow");
	bad_pattern(Pattern().ip4(&pkt, &pkt).eth(), ENOTSUP, item, 1, "cannot follow");
	bad_pattern(Pattern().ip4(&pkt, &pkt).udp(1, 2).tcp(1, 2), ENOTSUP, item, 2, "cannot follow");
	bad_pattern(Pattern().eth(nullptr, nullptr, 0x0806).ip4(&pkt, &pkt), EINVAL, item, 1,
		    "Ethernet type before");
	bad_pattern(Pattern().vlan(3, 0x86dd).ip4(&pkt, &pkt), EINVAL, item, 1, "Ethernet type before");
	bad_pattern(Pattern().ip4(&pkt, &pkt, IPPROTO_TCP).udp(1, 2), EINVAL, item, 1,
		    "IP protocol before");
}

TEST_F(DevFlowErrors, WhatTheFirmwareLacks)
{
	const auto none = RTE_FLOW_ERROR_TYPE_UNSPECIFIED;
	const Mac addr = { 2, 0, 0, 0, 0, 1 };
	const Pkt pkt;

	up(2, 1);
	bad_pattern(Pattern().eth(nullptr, &addr), ENOTSUP, none, -1, "no filter on this combination");
	bad_pattern(Pattern().eth(&addr).ip4(&pkt, &pkt), ENOTSUP, none, -1, "no filter on this");
	bad_pattern(Pattern().udp(1, 2), ENOTSUP, none, -1, "no filter on this combination");
	bad_pattern(Pattern().eth().ip4(nullptr, nullptr), ENOTSUP, none, -1, "never applies");
	bad_pattern(Pattern().eth(&addr).ip6(nullptr, nullptr), ENOTSUP, none, -1, "never applies");
	bad_pattern(Pattern().ip4(nullptr, nullptr).tcp(), ENOTSUP, none, -1, "never applies");
}

TEST_F(DevFlowErrors, Actions)
{
	const struct rte_flow_action_queue queue2 = { 2 };
	const struct rte_flow_action_mark mark = { 1 };
	const auto action = RTE_FLOW_ERROR_TYPE_ACTION;

	up(2, 1);
	bad_actions({}, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION_NUM, 0, "where do the frames go");
	bad_actions({ { RTE_FLOW_ACTION_TYPE_QUEUE, &queue2 } }, EINVAL,
		    RTE_FLOW_ERROR_TYPE_ACTION_CONF, 0, "no such receive queue");
	bad_actions({ { RTE_FLOW_ACTION_TYPE_QUEUE, nullptr } }, EINVAL,
		    RTE_FLOW_ERROR_TYPE_ACTION_CONF, 0, "without a queue");
	bad_actions({ fate[0], { RTE_FLOW_ACTION_TYPE_VOID, nullptr },
		    { RTE_FLOW_ACTION_TYPE_DROP, nullptr } }, ENOTSUP, action, 2, "not several");
	bad_actions({ { RTE_FLOW_ACTION_TYPE_MARK, &mark }, fate[0] }, ENOTSUP, action, 0,
		    "no room for a mark");
	bad_actions({ { RTE_FLOW_ACTION_TYPE_FLAG, nullptr }, fate[0] }, ENOTSUP, action, 0,
		    "no room for a mark");
	bad_actions({ fate[0], { RTE_FLOW_ACTION_TYPE_COUNT, nullptr } }, ENOTSUP, action, 1,
		    "does not count");
	bad_actions({ { RTE_FLOW_ACTION_TYPE_PASSTHRU, nullptr } }, ENOTSUP, action, 0,
		    "action not supported");
}

TEST_F(DevFlowErrors, ActionRss)
{
	const uint16_t queues[] = { 0, 1 }, bad_queue[] = { 7 };
	const uint8_t key[52] = {};
	struct rte_flow_action_rss rss = {};

	up(2, 1);
	bad_actions({ { RTE_FLOW_ACTION_TYPE_RSS, nullptr } }, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION_CONF,
		    0, "without a configuration");
	bad_rss(rss, "1 to 128 queues");
	rss.queue = queues;
	rss.queue_num = 129;
	bad_rss(rss, "1 to 128 queues");
	rss.queue = bad_queue;
	rss.queue_num = 1;
	bad_rss(rss, "no such receive queue");
	rss.queue = queues;
	rss.queue_num = 2;
	rss.func = RTE_ETH_HASH_FUNCTION_SIMPLE_XOR;
	bad_rss(rss, "Toeplitz");
	rss.func = RTE_ETH_HASH_FUNCTION_TOEPLITZ;
	rss.level = 2;
	bad_rss(rss, "level 0");
	rss.level = 0;
	rss.types = RTE_ETH_RSS_L2_PAYLOAD;
	bad_rss(rss, "flow_type_rss_offloads");
	rss.types = 0;
	rss.key = key;
	rss.key_len = sizeof(key);
	bad_rss(rss, "40 bytes");
	rss.key = nullptr;
	rss.key_len = 40;
	bad_rss(rss, "40 bytes");
}

TEST_F(DevFlowErrors, HandlesAndTwins)
{
	Pattern p = Pattern().eth(&group);

	up(2, 1);
	struct rte_flow *flow = to_queue(p, 1);
	ASSERT_NE(flow, nullptr) << error.message;
	refused(p, { { RTE_FLOW_ACTION_TYPE_DROP, nullptr } }, EEXIST, RTE_FLOW_ERROR_TYPE_UNSPECIFIED,
		-1, "with this pattern already");
	const struct rte_flow_action queue = fate[0];
	EXPECT_EQ(rte_flow_query(port, flow, &queue, nullptr, &error), -ENOTSUP);
	expect_error(RTE_FLOW_ERROR_TYPE_ACTION, &queue, "can be queried");
	destroy(flow);
	EXPECT_EQ(rte_flow_destroy(port, flow, &error), -EINVAL);
	expect_error(RTE_FLOW_ERROR_TYPE_HANDLE, nullptr, "no such flow rule");
	EXPECT_EQ(rte_flow_query(port, flow, &queue, nullptr, &error), -EINVAL);
	expect_error(RTE_FLOW_ERROR_TYPE_HANDLE, nullptr, "no such flow rule");
}

TEST_F(DevFlowErrors, RssContextsRunOut)
{
	const uint16_t queues[] = { 0, 1 };
	struct rte_flow_action_rss rss = {};
	Mac addr = { 2, 0, 0, 0, 1, 0 };

	rss.queue = queues;
	rss.queue_num = 2;
	up(2, 1);
	uint16_t before = resources().nb_filters;
	unsigned int nb = 0;
	while (nb < 256) {
		addr[5] = static_cast<uint8_t>(nb);
		if (spread(Pattern().eth(&addr), rss) == nullptr)
			break;
		nb++;
	}
	EXPECT_GT(nb, 16u);
	EXPECT_EQ(rte_errno, ENOSPC);
	expect_error(RTE_FLOW_ERROR_TYPE_UNSPECIFIED, nullptr, "no filter or RSS context left");
	EXPECT_EQ(resources().nb_filters, before + nb);
	EXPECT_EQ(resources().nb_rss, nb);
	/* what has none needs none */
	EXPECT_NE(to_queue(Pattern().eth(&addr), 1), nullptr) << error.message;
	EXPECT_EQ(rte_flow_flush(port, &error), 0);
	EXPECT_EQ(resources().nb_filters, before);
	EXPECT_EQ(resources().nb_rss, 0);
}

/* Each command of a rule fails in turn; what was there before is there again. */
TEST_F(DevFlowErrors, CommandsFail)
{
	const uint16_t queues[] = { 0, 1 };
	struct rte_flow_action_rss rss = {};

	rss.queue = queues;
	rss.queue_num = 2;
	up(2, 1);
	Pattern p = Pattern().eth();
	struct rte_flow *flow = nullptr;
	for (uint32_t i = 0; flow == nullptr && i < 32; i++) {
		struct pioemu_mcdi_fault fault = { PIOEMU_MCDI_ANY, i, 1, PIOEMU_MCDI_FAIL, 0x05 };
		uint16_t before = resources().nb_filters;

		ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
		flow = spread(p, rss);
		ctl->vf_mcdi_fault_clear(vf);
		if (flow == nullptr) {
			EXPECT_NE(std::string(error.message).find("refuses"), std::string::npos);
			EXPECT_EQ(resources().nb_filters, before);
			EXPECT_EQ(resources().nb_rss, 0);
			EXPECT_EQ(queues_of(pkt()), "0");
		}
	}
	ASSERT_NE(flow, nullptr);
	/* a filter that does not go away can be destroyed later */
	struct pioemu_mcdi_fault fault = { 0x8a, 1, 1, PIOEMU_MCDI_FAIL, 0x05 };
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	EXPECT_EQ(rte_flow_destroy(port, flow, &error), -EIO);
	expect_error(RTE_FLOW_ERROR_TYPE_HANDLE, flow, "try again");
	ctl->vf_mcdi_fault_clear(vf);
	destroy(flow);
	EXPECT_EQ(resources().nb_rss, 0);
	EXPECT_EQ(queues_of(pkt()), "0");
}

/* A run of its own: pioemu run --privileges 0x17ec, without INSECURE_FILTERS */
class FlowPrivileges : public FlowPort {
};

TEST_F(FlowPrivileges, FiltersThatThePfDoesNotGrant)
{
	const Mac group = { 0x01, 0, 0x5e, 0, 0, 1 };
	const Pkt pkt;

	up(2, 1);
	uint16_t before = resources().nb_filters;
	EXPECT_EQ(to_queue(Pattern().ip4(nullptr, &pkt).udp(-1, 7), 1), nullptr);
	EXPECT_EQ(rte_errno, EPERM);
	EXPECT_EQ(error.type, RTE_FLOW_ERROR_TYPE_UNSPECIFIED);
	EXPECT_NE(std::string(error.message).find("INSECURE_FILTERS"), std::string::npos);
	EXPECT_EQ(resources().nb_filters, before);
	EXPECT_NE(to_queue(Pattern().eth(&group), 1), nullptr) << error.message;
	EXPECT_EQ(queues_of(pkt_to(group)), "1");
}

} /* namespace */
