/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Control operations at random under traffic. PIO_SOAK_CYCLES says how many, PIO_SOAK_SEED repeats a run.
 */

#include <cstdlib>
#include <cstring>

#include <rte_flow.h>

#include "soak_port.h"

namespace {

class SoakControl : public SoakPort {
protected:
	struct rte_flow *rule = nullptr;

	struct Op {
		const char *name;
		uint32_t weight;
		void (SoakControl::*run)();
	};
	static const Op ops[];

	/* operations that lose nothing */

	void mtu()
	{
		ASSERT_EQ(rte_eth_dev_set_mtu(port, static_cast<uint16_t>(1500 + rnd(7000))), 0);
	}

	void rss()
	{
		struct rte_eth_rss_reta_entry64 reta[2] = {};
		struct rte_eth_rss_conf rss = {};
		uint8_t key[40];

		for (uint8_t &b : key)
			b = static_cast<uint8_t>(rnd(256));
		rss.rss_key = key;
		rss.rss_key_len = sizeof(key);
		rss.rss_hf = rnd(2) != 0 ? RTE_ETH_RSS_IPV4 : RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;
		ASSERT_EQ(rte_eth_dev_rss_hash_update(port, &rss), 0);
		for (auto &group : reta) {
			group.mask = random();
			for (uint16_t &queue : group.reta)
				queue = static_cast<uint16_t>(rnd(nb_queues));
		}
		ASSERT_EQ(rte_eth_dev_rss_reta_update(port, reta, 128), 0);
	}

	void addresses()
	{
		struct rte_ether_addr list[8], own;

		for (size_t i = 0; i < 8; i++)
			list[i] = {{ 0x01, 0x00, 0x5e, 0, 0, static_cast<uint8_t>(rnd(64)) }};
		ASSERT_EQ(rte_eth_dev_set_mc_addr_list(port, list, rnd(8)), 0);
		list[0] = {{ 0x02, 0, 0, 0, 0, static_cast<uint8_t>(1 + rnd(64)) }};
		ASSERT_EQ(rte_eth_dev_mac_addr_add(port, &list[0], 0), 0);
		ASSERT_EQ(rte_eth_dev_mac_addr_remove(port, &list[0]), 0);
		own = mac;
		own.addr_bytes[5] = static_cast<uint8_t>(rnd(256));
		ASSERT_EQ(rte_eth_dev_default_mac_addr_set(port, &own), 0);
		mac = own;
	}

	void modes()
	{
		ASSERT_EQ(rnd(2) != 0 ? rte_eth_promiscuous_enable(port) :
			  rte_eth_promiscuous_disable(port), 0);
		ASSERT_EQ(rnd(2) != 0 ? rte_eth_allmulticast_enable(port) :
			  rte_eth_allmulticast_disable(port), 0);
	}

	void flows()
	{
		struct rte_flow_item_eth eth = {}, eth_mask = {};
		const struct rte_flow_action_queue queue = { static_cast<uint16_t>(rnd(nb_queues)) };
		const struct rte_flow_attr attr = { 0, 0, 1, 0, 0, 0 };
		const struct rte_flow_item pattern[] = {
			{ RTE_FLOW_ITEM_TYPE_ETH, &eth, nullptr, &eth_mask },
			{ RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr },
		};
		const struct rte_flow_action actions[] = {
			{ RTE_FLOW_ACTION_TYPE_QUEUE, &queue }, { RTE_FLOW_ACTION_TYPE_END, nullptr },
		};
		struct rte_flow_error error = {};

		if (rule != nullptr) {
			ASSERT_EQ(rnd(4) != 0 ? rte_flow_destroy(port, rule, &error) :
				  rte_flow_flush(port, &error), 0);
			rule = nullptr;
			return;
		}
		eth.type = RTE_BE16(0x88b6);
		eth_mask.type = UINT16_MAX;
		rule = rte_flow_create(port, &attr, pattern, actions, &error);
		ASSERT_NE(rule, nullptr) << error.message;
	}

	void template_set()
	{
		templates_free();
		templates_make();
	}

	void look()
	{
		std::vector<struct rte_eth_xstat> values(1000);
		struct rte_eth_stats stats;
		struct rte_eth_link link;

		ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
		ASSERT_GT(rte_eth_xstats_get(port, values.data(), 1000), 60);
		ASSERT_EQ(rte_eth_link_get_nowait(port, &link), 0);
		for (uint16_t q = 0; q < nb_queues; q++)
			ASSERT_GE(rte_eth_tx_done_cleanup(port, q, rnd(20)), 0);
	}

	/* what is delivered and not yet received may go */

	void restart()
	{
		ASSERT_EQ(rte_eth_dev_stop(port), 0);
		states(false);
		rx_window();
		if (rnd(3) == 0)
			mtu();
		ASSERT_EQ(rte_eth_dev_start(port), 0);
		states(true);
	}

	void reset()
	{
		ASSERT_EQ(rte_eth_dev_reset(port), 0);
		states(false);
		rx_window();
		ASSERT_EQ(rte_eth_dev_start(port), 0);
		states(true);
	}

	void rx_queue()
	{
		const uint16_t q = static_cast<uint16_t>(rnd(nb_queues));

		ASSERT_EQ(rte_eth_dev_rx_queue_stop(port, q), 0);
		rx_started[q] = false;
		rx_window();
		traffic(rnd(4));
		rx_window();
		ASSERT_EQ(rte_eth_dev_rx_queue_start(port, q), 0);
		rx_started[q] = true;
	}

	void tx_queue()
	{
		const uint16_t q = static_cast<uint16_t>(rnd(nb_queues));

		ASSERT_EQ(rte_eth_dev_tx_queue_stop(port, q), 0);
		tx_started[q] = false;
		traffic(rnd(4));
		ASSERT_EQ(rte_eth_dev_tx_queue_start(port, q), 0);
		tx_started[q] = true;
	}

	void reattach()
	{
		rule = nullptr;
		take_down();
		if (!HasFatalFailure())
			bring_up();
	}

	void link()
	{
		ctl->nic_link_set(ctl->vf_nic(vf), false, 10000);
		rx_window();
		tx_window();
		traffic(2);
		tx_window();
		rx_window();
		ctl->nic_link_set(ctl->vf_nic(vf), true, 10000);
	}

	/* the device loses its state */

	void reboot()
	{
		const int before = nb_success;

		tx_window();
		rx_window();
		ctl->nic_mc_reboot(ctl->vf_nic(vf), rnd(8) != 0);
		recovered(before, "MC reboot");
	}

	void queue_error()
	{
		const int before = nb_success;
		const uint16_t q = static_cast<uint16_t>(rnd(nb_queues));

		tx_window();
		rx_window();
		ASSERT_EQ(rnd(2) != 0 ? ctl->vf_tx_err_inject(vf, q, 1) :
			  ctl->vf_rx_err_inject(vf, q, 1), 0);
		recovered(before, "queue error");
	}

	/* and the application does something at that moment */
	void reboot_and_restart()
	{
		tx_window();
		rx_window();
		ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
		traffic(rnd(3));
		if (rnd(4) == 0)
			reattach();
		else
			restart();
		EXPECT_TRUE(wait_for([&] {
			tx_window();
			rx_window();
			traffic(1);
			return HasFatalFailure() || rte_eth_dev_set_mtu(port, 1500) == 0;
		}, 30000));
		tx_window();
		rx_window();
	}
};

const SoakControl::Op SoakControl::ops[] = {
	{ "mtu", 10, &SoakControl::mtu },
	{ "rss", 10, &SoakControl::rss },
	{ "addresses", 10, &SoakControl::addresses },
	{ "modes", 10, &SoakControl::modes },
	{ "flows", 10, &SoakControl::flows },
	{ "templates", 8, &SoakControl::template_set },
	{ "look", 8, &SoakControl::look },
	{ "link", 2, &SoakControl::link },
	{ "restart", 6, &SoakControl::restart },
	{ "reset", 3, &SoakControl::reset },
	{ "rx queue", 8, &SoakControl::rx_queue },
	{ "tx queue", 8, &SoakControl::tx_queue },
	{ "reattach", 3, &SoakControl::reattach },
	{ "reboot", 2, &SoakControl::reboot },
	{ "queue error", 2, &SoakControl::queue_error },
	{ "reboot and restart", 1, &SoakControl::reboot_and_restart },
};

uint32_t
environment(const char *name, uint32_t otherwise)
{
	const char *value = getenv(name);

	return value == nullptr ? otherwise : static_cast<uint32_t>(strtoul(value, nullptr, 0));
}

TEST_F(SoakControl, NothingIsLostLeakedOrSentTwice)
{
	const uint32_t nb_cycles = environment("PIO_SOAK_CYCLES", 300);
	const uint32_t seed = environment("PIO_SOAK_SEED", 20261122);
	uint32_t total = 0;
	std::map<std::string, uint32_t> counts;

	printf("%u cycles, PIO_SOAK_SEED=%u\n", nb_cycles, seed);
	random.seed(seed);
	for (const Op &op : ops)
		total += op.weight;
	bring_up();
	for (uint32_t i = 0; i < nb_cycles && !HasFatalFailure(); i++) {
		uint32_t pick = rnd(total);
		const Op *op = ops;

		while (pick >= op->weight)
			pick -= op++->weight;
		SCOPED_TRACE("cycle " + std::to_string(i) + ", " + op->name);
		traffic(1 + rnd(6));
		if (HasFatalFailure())
			break;
		(this->*op->run)();
		counts[op->name]++;
		if (!HasFatalFailure() && rnd(4) == 0)
			settle(op->name);
	}
	ASSERT_FALSE(HasFatalFailure());
	settle("end");
	take_down();
	EXPECT_LE(nb_lost, nb_oerrors) << "what is lost is counted";
	for (const auto &count : counts)
		printf("%s %u, ", count.first.c_str(), count.second);
	printf("\nsent %lu (by rte_pio %lu), lost %lu of %lu counted; received %lu, lost %lu\n", nb_sent,
	       nb_by_pio, nb_lost, nb_oerrors, nb_received, nb_rx_lost);
	EXPECT_GT(nb_by_pio, nb_cycles / 4);
	EXPECT_GT(nb_received, nb_cycles / 4);
}

} /* namespace */
