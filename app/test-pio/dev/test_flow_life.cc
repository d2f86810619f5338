/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Where the frames of a rule go, and what a rule lives through. */

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <numeric>

#include <rte_thash.h>

#include "flow_port.h"

namespace {

class DevFlow : public FlowPort {
protected:
	void rss_on()
	{
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH;
		conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	}

	static uint32_t softrss(const Pkt &p, bool with_ports, const uint8_t *key)
	{
		uint32_t tuple[3] = {
			static_cast<uint32_t>(p.sip[0] << 24 | p.sip[1] << 16 | p.sip[2] << 8 | p.sip[3]),
			static_cast<uint32_t>(p.dip[0] << 24 | p.dip[1] << 16 | p.dip[2] << 8 | p.dip[3]),
			static_cast<uint32_t>(p.sport << 16 | p.dport),
		};

		return rte_softrss(tuple, with_ports ? 3 : 2, key);
	}

	std::vector<uint8_t> port_key()
	{
		std::vector<uint8_t> key(40);
		struct rte_eth_rss_conf rss = { key.data(), 40, 0 };

		EXPECT_EQ(rte_eth_dev_rss_hash_conf_get(port, &rss), 0);
		return key;
	}

	/* every frame goes where hash and queue list say, and together they use all queues */
	void check_spread(const struct rte_flow_action_rss &rss, bool with_ports, const uint8_t *key,
			  bool hash_in_mbuf)
	{
		std::vector<uint16_t> queues(rss.queue, rss.queue + rss.queue_num);
		std::string used;
		Pkt p = pkt();

		for (uint16_t i = 0; i < 64; i++) {
			uint32_t got = 0;

			p.sport = static_cast<uint16_t>(1000 + 13 * i);
			p.sip[3] = static_cast<uint8_t>(i);
			uint32_t hash = softrss(p, with_ports, key);
			uint16_t queue = queues[hash % 128 % queues.size()];
			std::string where(1, static_cast<char>('0' + queue));
			EXPECT_EQ(queues_of(p, &got), where) << "frame " << i;
			if (hash_in_mbuf) {
				EXPECT_EQ(got, hash);
			}
			if (used.find(where) == std::string::npos)
				used += where;
		}
		std::sort(queues.begin(), queues.end());
		queues.erase(std::unique(queues.begin(), queues.end()), queues.end());
		EXPECT_EQ(used.size(), queues.size());
	}
};

TEST_F(DevFlow, RssSpreadsWithTheRulesKeyToTheRulesQueues)
{
	const uint16_t queues[] = { 3, 1, 3, 2 };
	std::vector<uint8_t> key(40);
	struct rte_flow_action_rss rss = {};
	Mac addr;

	std::iota(key.begin(), key.end(), 11);
	rss.func = RTE_ETH_HASH_FUNCTION_TOEPLITZ;
	rss.types = RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	rss.key = key.data();
	rss.key_len = 40;
	rss.queue = queues;
	rss.queue_num = 4;
	up(4, 1);
	addr = own();
	struct rte_flow *flow = spread(Pattern().eth(&addr), rss);
	ASSERT_NE(flow, nullptr) << error.message;
	EXPECT_EQ(resources().nb_rss, 1);
	check_spread(rss, true, key.data(), false);

	/* the rule as it is */
	const struct rte_flow_action action = { RTE_FLOW_ACTION_TYPE_RSS, nullptr };
	struct rte_flow_action_rss is = {};
	ASSERT_EQ(rte_flow_query(port, flow, &action, &is, &error), 0) << error.message;
	EXPECT_EQ(is.types, rss.types);
	EXPECT_EQ(is.func, rss.func);
	ASSERT_EQ(is.queue_num, 4u);
	EXPECT_EQ(memcmp(is.queue, queues, sizeof(queues)), 0);
	ASSERT_EQ(is.key_len, 40u);
	EXPECT_EQ(memcmp(is.key, key.data(), 40), 0);
	destroy(flow);
	EXPECT_EQ(resources().nb_rss, 0);
	EXPECT_EQ(queues_of(pkt()), "0");
}

TEST_F(DevFlow, RssTakesFromThePortWhatItLeavesOpen)
{
	const uint16_t queues[] = { 1, 2 };
	struct rte_flow_action_rss rss = {};

	rss_on();
	rss.queue = queues;
	rss.queue_num = 2;
	up(4, 1);
	const Pkt p = pkt();
	struct rte_flow *flow = spread(Pattern().ip4(nullptr, &p).udp(-1, 2000), rss);
	ASSERT_NE(flow, nullptr) << error.message;
	check_spread(rss, true, port_key().data(), true);
	destroy(flow);
	rss.types = RTE_ETH_RSS_IPV4;
	flow = spread(Pattern().ip4(nullptr, &p).udp(-1, 2000), rss);
	ASSERT_NE(flow, nullptr) << error.message;
	check_spread(rss, false, port_key().data(), true);
}

TEST_F(DevFlow, FramesOfAQueueRuleHaveTheirHash)
{
	uint32_t hash = 0;

	rss_on();
	up(4, 1);
	const Pkt p = pkt();
	ASSERT_NE(to_queue(Pattern().ip4(nullptr, &p).udp(-1, 2000), 2), nullptr) << error.message;
	ASSERT_NE(to_queue(Pattern().ip4(nullptr, &p).tcp(-1, 2000), 1), nullptr) << error.message;
	EXPECT_EQ(resources().nb_rss, 2) << "the port's and one for all such rules";
	EXPECT_EQ(queues_of(p, &hash), "2");
	EXPECT_EQ(hash, softrss(p, true, port_key().data()));

	/* and follow a change of the port's key */
	std::vector<uint8_t> key(40, 0x6b);
	struct rte_eth_rss_conf rss = { key.data(), 40, RTE_ETH_RSS_IPV4 };
	key[7] = 1;
	ASSERT_EQ(rte_eth_dev_rss_hash_update(port, &rss), 0);
	EXPECT_EQ(queues_of(p, &hash), "2");
	EXPECT_EQ(hash, softrss(p, false, key.data()));
}

TEST_F(DevFlow, RulesAreKeptOverStopAndStart)
{
	const uint16_t queues[] = { 1, 2 };
	struct rte_flow_action_rss rss = {};
	struct rte_eth_dev_info info;
	Mac addr;

	rss.queue = queues;
	rss.queue_num = 2;
	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	EXPECT_NE(info.dev_capa & RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP, 0u);
	ASSERT_EQ(configure(4, 1), 0);
	const Pkt p = pkt();
	addr = own();
	/* made before the first start, while running and while stopped */
	ASSERT_NE(to_queue(Pattern().eth(&addr), 3), nullptr) << error.message;
	EXPECT_EQ(resources().nb_filters, 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(queues_of(p), "3");
	ASSERT_NE(spread(Pattern().ip4(nullptr, &p).udp(-1, 7), rss), nullptr) << error.message;
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	EXPECT_EQ(resources().nb_filters, 0);
	EXPECT_EQ(resources().nb_rss, 0);
	struct rte_flow *third = to_queue(Pattern().ip4(&p, &p).udp(1000, 8), 1);
	ASSERT_NE(third, nullptr) << error.message;
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(rte_eth_dev_start(port), 0);
		Pkt udp = p;
		EXPECT_EQ(queues_of(udp), "3");
		udp.dport = 7;
		EXPECT_NE(queues_of(udp), "3");
		udp.dport = 8;
		EXPECT_EQ(queues_of(udp), "1");
		ASSERT_EQ(rte_eth_dev_stop(port), 0);
	}

	/* fewer queues than a rule needs */
	EXPECT_EQ(rte_eth_dev_configure(port, 3, 1, &conf), -EINVAL);
	ASSERT_EQ(rte_flow_flush(port, &error), 0);
	ASSERT_EQ(configure(3, 1), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(queues_of(p), "0");
}

TEST_F(DevFlow, RulesSurviveAnMcReboot)
{
	const uint16_t queues[] = { 2, 3 };
	struct rte_flow_action_rss rss = {};
	std::atomic<int> nb_success{0};
	auto on_event = [](uint16_t, enum rte_eth_event_type, void *arg, void *) {
		(*static_cast<std::atomic<int> *>(arg))++;
		return 0;
	};

	rss_on();
	rss.queue = queues;
	rss.queue_num = 2;
	up(4, 1);
	ASSERT_EQ(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_RECOVERY_SUCCESS, on_event,
						&nb_success), 0);
	const Pkt p = pkt();
	ASSERT_NE(spread(Pattern().ip4(nullptr, &p).udp(-1, 2000), rss), nullptr) << error.message;
	struct rte_flow *flow = to_queue(Pattern().ip4(&p, &p).udp(1000, 2000), 1);
	ASSERT_NE(flow, nullptr) << error.message;
	struct pioemu_vf_resources before = resources();
	ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
	ASSERT_TRUE(wait_for([&] {
		struct rte_mbuf *m;

		for (uint16_t q = 0; q < 4; q++) {
			if (rte_eth_rx_burst(port, q, &m, 1) == 1)
				rte_pktmbuf_free(m);
		}
		return nb_success == 1;
	}, 10000));
	EXPECT_EQ(resources().nb_filters, before.nb_filters);
	EXPECT_EQ(resources().nb_rss, before.nb_rss);
	EXPECT_EQ(queues_of(p), "1");
	destroy(flow);
	check_spread(rss, true, port_key().data(), true);
	rte_eth_dev_callback_unregister(port, RTE_ETH_EVENT_RECOVERY_SUCCESS, on_event, &nb_success);
}

TEST_F(DevFlow, RulesAreThereAfterAReset)
{
	up(4, 1);
	const Pkt p = pkt();
	ASSERT_NE(to_queue(Pattern().ip4(nullptr, &p).udp(-1, 2000), 2), nullptr) << error.message;
	EXPECT_EQ(queues_of(p), "2");
	ASSERT_EQ(rte_eth_dev_reset(port), 0);
	EXPECT_EQ(resources().nb_filters, 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(queues_of(p), "2");
	ASSERT_EQ(rte_flow_flush(port, &error), 0);
	EXPECT_EQ(queues_of(p), "0");
}

TEST_F(DevFlow, IsolationLeavesOnlyRules)
{
	Mac addr;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_flow_isolate(port, 1, &error), 0) << error.message;
	ASSERT_EQ(configure(4, 1), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(resources().nb_filters, 0);
	EXPECT_EQ(queues_of(pkt()), "");
	addr = own();
	struct rte_flow *flow = to_queue(Pattern().eth(&addr), 2);
	ASSERT_NE(flow, nullptr) << error.message;
	EXPECT_EQ(queues_of(pkt()), "2");
	EXPECT_EQ(queues_of(pkt_to({ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })), "");
	/* a wish that counts later */
	EXPECT_EQ(rte_eth_promiscuous_enable(port), 0);
	EXPECT_EQ(queues_of(pkt_to({ 2, 0, 0, 0, 0, 9 })), "");
	ASSERT_EQ(rte_flow_isolate(port, 0, &error), 0) << error.message;
	EXPECT_EQ(queues_of(pkt()), "2");
	EXPECT_EQ(queues_of(pkt_to({ 2, 0, 0, 0, 0, 9 })), "0");
	EXPECT_EQ(queues_of(pkt_to({ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })), "0");
	ASSERT_EQ(rte_flow_isolate(port, 1, &error), 0) << error.message;
	destroy(flow);
	EXPECT_EQ(queues_of(pkt()), "");
	ASSERT_EQ(rte_flow_isolate(port, 0, &error), 0) << error.message;
	EXPECT_EQ(queues_of(pkt()), "0");
}

TEST_F(DevFlow, RulesStayWhenTheAddressChanges)
{
	const struct rte_ether_addr fresh = {{ 0x02, 0, 0, 0, 0, 0x31 }};
	Mac addr;

	up(4, 1);
	const Pkt p = pkt();
	addr = own();
	ASSERT_NE(to_queue(Pattern().eth(&addr), 3), nullptr) << error.message;
	ASSERT_NE(to_queue(Pattern().ip4(nullptr, &p).udp(-1, 7), 2), nullptr) << error.message;
	struct rte_ether_addr copy = fresh;
	ASSERT_EQ(rte_eth_dev_default_mac_addr_set(port, &copy), 0);
	EXPECT_EQ(queues_of(p), "3") << "a rule is for the address it names";
	Pkt other = p;
	memcpy(other.dst.data(), &fresh, 6);
	EXPECT_EQ(queues_of(other), "0");
	other.dport = 7;
	EXPECT_EQ(queues_of(other), "2");
	EXPECT_EQ(rte_flow_flush(port, &error), 0);
	EXPECT_EQ(queues_of(p), "");
}

TEST_F(DevFlow, QueuesMayStopAndStart)
{
	Mac addr;

	up(4, 1);
	addr = own();
	const Pkt p = pkt();
	ASSERT_NE(to_queue(Pattern().ip4(nullptr, &p).udp(-1, 7), 2), nullptr) << error.message;
	Pkt udp = p;
	udp.dport = 7;
	ASSERT_EQ(rte_eth_dev_rx_queue_stop(port, 0), 0);
	EXPECT_EQ(queues_of(p), "") << "the port's own filters lead to queue 0";
	EXPECT_EQ(queues_of(udp), "2");
	struct rte_flow *flow = to_queue(Pattern().eth(&addr), 3);
	ASSERT_NE(flow, nullptr) << error.message;
	EXPECT_EQ(queues_of(p), "3");
	ASSERT_EQ(rte_eth_dev_rx_queue_start(port, 0), 0);
	EXPECT_EQ(queues_of(p), "3");
	destroy(flow);
	EXPECT_EQ(queues_of(p), "0");
	ASSERT_EQ(rte_eth_dev_rx_queue_stop(port, 2), 0);
	EXPECT_EQ(queues_of(udp), "");
	ASSERT_EQ(rte_eth_dev_rx_queue_start(port, 2), 0);
	EXPECT_EQ(queues_of(udp), "2");
}

TEST_F(DevFlow, NoFrameIsLostWhileOtherRulesComeAndGo)
{
	up(4, 1);
	const Pkt p = pkt();

	for (int i = 0; i < 50; i++) {
		struct rte_flow *flow = to_queue(Pattern().ip4(nullptr, &p).udp(-1, 7), 2);

		ASSERT_NE(flow, nullptr) << error.message;
		EXPECT_EQ(queues_of(p), "0");
		destroy(flow);
		EXPECT_EQ(queues_of(p), "0");
	}
	EXPECT_EQ(emu_stats().rx_drop_filter, 0u);
}

} /* namespace */
