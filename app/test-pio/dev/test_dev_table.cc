/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * doc/guides/nics/features/piopmd.ini against the driver. For each feature that DPDK's default.ini
 * has (22.11), a question to the port through ethdev; the answer and the file must agree.
 */

#include <cctype>
#include <cstring>
#include <fstream>
#include <map>

#include <rte_flow.h>
#include <rte_power_intrinsics.h>
#include <rte_tm.h>

#include "dev_port.h"
#include "dev/features_path.h"

namespace {

using Sections = std::map<std::string, std::map<std::string, std::string>>;

Sections
file_read()
{
	std::ifstream file(FEATURES_DIR "/features/piopmd.ini");
	Sections sections;
	std::string line, section;

	while (std::getline(file, line)) {
		const size_t eq = line.find('=');

		if (line.empty() || line[0] == ';')
			continue;
		if (line[0] == '[') {
			section = line.substr(1, line.find(']') - 1);
			continue;
		}
		if (eq == std::string::npos) {
			ADD_FAILURE() << "bad line: " << line;
			continue;
		}
		const size_t end = line.find_last_not_of(' ', eq - 1);
		const size_t value = line.find_first_not_of(' ', eq + 1);
		EXPECT_TRUE(sections[section].emplace(line.substr(0, end + 1),
						      line.substr(value)).second)
			<< line << ": twice";
	}
	return sections;
}

class DevTable : public DevPort {
protected:
	struct rte_eth_dev_info info;

	bool rx(uint64_t offload) const { return (info.rx_offload_capa & offload) != 0; }
	bool tx(uint64_t offload) const { return (info.tx_offload_capa & offload) != 0; }
	bool capa(uint64_t bit) const { return (info.dev_capa & bit) != 0; }
	bool flag(uint32_t bit) const { return (*info.dev_flags & bit) != 0; }

	bool queue_stops()
	{
		return rte_eth_dev_tx_queue_stop(port, 0) == 0 &&
			rte_eth_dev_tx_queue_start(port, 0) == 0 &&
			rte_eth_dev_rx_queue_stop(port, 0) == 0 &&
			rte_eth_dev_rx_queue_start(port, 0) == 0;
	}

	bool second_address()
	{
		struct rte_ether_addr addr = {{ 0x02, 0, 0, 0, 0, 9 }};

		return rte_eth_dev_mac_addr_add(port, &addr, 0) == 0 &&
			rte_eth_dev_mac_addr_remove(port, &addr) == 0;
	}

	bool group_address()
	{
		struct rte_ether_addr addr = {{ 0x01, 0x00, 0x5e, 0, 0, 9 }};

		return rte_eth_dev_set_mc_addr_list(port, &addr, 1) == 0 &&
			rte_eth_dev_set_mc_addr_list(port, nullptr, 0) == 0;
	}

	bool reta()
	{
		struct rte_eth_rss_reta_entry64 table[2];

		memset(table, 0, sizeof(table));
		table[0].mask = 1;
		return info.reta_size == 128 &&
			rte_eth_dev_rss_reta_query(port, table, info.reta_size) == 0 &&
			rte_eth_dev_rss_reta_update(port, table, info.reta_size) == 0;
	}

	bool rss_key()
	{
		uint8_t key[64] = {};
		struct rte_eth_rss_conf rss = {};

		rss.rss_key = key;
		rss.rss_key_len = info.hash_key_size;
		rss.rss_hf = RTE_ETH_RSS_IPV4;
		return info.hash_key_size != 0 && rte_eth_dev_rss_hash_update(port, &rss) == 0;
	}

	/* both: Y, one: P */
	std::string flow_control()
	{
		struct rte_eth_fc_conf fc;
		const bool get = rte_eth_dev_flow_ctrl_get(port, &fc) == 0;
		const bool set = rte_eth_dev_flow_ctrl_set(port, &fc) == 0;

		return get && set ? "Y" : get || set ? "P" : "";
	}

	bool per_queue_stats()
	{
		struct rte_eth_stats stats;
		const Frame f = frame(64, 1);

		capture_on();
		EXPECT_TRUE(send(0, { f }));
		EXPECT_EQ(captured(1).size(), 1u);
		return rte_eth_stats_get(port, &stats) == 0 && stats.q_opackets[0] == 1;
	}

	template <typename Fn> static bool works(Fn fn) { return fn() >= 0; }

	std::map<std::string, std::string> features();
	std::vector<struct rte_flow_item> flow_pattern(int type);
	std::map<std::string, std::string> flow_items();
	std::map<std::string, std::string> flow_actions();
	void compare(const std::string &section, const std::map<std::string, std::string> &real);
};

std::map<std::string, std::string>
DevTable::features()
{
	struct rte_eth_burst_mode mode;
	struct rte_power_monitor_cond cond;
	struct rte_dev_reg_info regs = {};
	struct rte_eth_dev_module_info module;
	struct rte_eth_fec_capa fec;
	struct rte_eth_link link;
	struct rte_eth_stats stats;
	struct rte_eth_dcb_info dcb;
	struct rte_eth_ip_reassembly_params reassembly;
	struct rte_tm_capabilities tm;
	struct rte_tm_error tm_error;
	struct timespec time;
	uint32_t ptypes[32];
	char text[64];
	std::map<std::string, std::string> y;
	auto set = [&](const char *name, bool has) {
		EXPECT_TRUE(y.emplace(name, has ? "Y" : "").second) << name;
	};

	set("Speed capabilities", info.speed_capa != 0);
	set("Link speed configuration", (info.speed_capa & RTE_ETH_LINK_SPEED_FIXED) != 0);
	set("Link status", rte_eth_link_get_nowait(port, &link) == 0 && link.link_status != 0);
	set("Link status event", flag(RTE_ETH_DEV_INTR_LSC));
	set("Removal event", flag(RTE_ETH_DEV_INTR_RMV));
	set("Queue status event", false); /* an event of vhost alone */
	set("Rx interrupt", rte_eth_dev_rx_intr_enable(port, 0) == 0 &&
	    rte_eth_dev_rx_intr_disable(port, 0) == 0);
	set("Lock-free Tx queue", tx(RTE_ETH_TX_OFFLOAD_MT_LOCKFREE));
	set("Fast mbuf free", tx(RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE));
	set("Free Tx mbuf on demand", rte_eth_tx_done_cleanup(port, 0, 0) >= 0);
	set("Queue start/stop", queue_stops());
	set("Runtime Rx queue setup", capa(RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP));
	set("Runtime Tx queue setup", capa(RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP));
	set("Shared Rx queue", capa(RTE_ETH_DEV_CAPA_RXQ_SHARE));
	set("Burst mode info", rte_eth_rx_burst_mode_get(port, 0, &mode) == 0 &&
	    rte_eth_tx_burst_mode_get(port, 0, &mode) == 0);
	set("Power mgmt address monitor", rte_eth_get_monitor_addr(port, 0, &cond) == 0);
	set("MTU update", rte_eth_dev_set_mtu(port, 1400) == 0);
	set("Buffer split on Rx", rx(RTE_ETH_RX_OFFLOAD_BUFFER_SPLIT));
	set("Scattered Rx", rx(RTE_ETH_RX_OFFLOAD_SCATTER));
	set("LRO", rx(RTE_ETH_RX_OFFLOAD_TCP_LRO));
	set("TSO", tx(RTE_ETH_TX_OFFLOAD_TCP_TSO));
	set("Promiscuous mode", rte_eth_promiscuous_enable(port) == 0 &&
	    rte_eth_promiscuous_disable(port) == 0);
	set("Allmulticast mode", rte_eth_allmulticast_enable(port) == 0 &&
	    rte_eth_allmulticast_disable(port) == 0);
	set("Unicast MAC filter", info.max_mac_addrs > 1 && second_address());
	set("Multicast MAC filter", group_address());
	set("RSS hash", (info.flow_type_rss_offloads & RTE_ETH_RSS_IPV4) != 0 &&
	    rx(RTE_ETH_RX_OFFLOAD_RSS_HASH));
	set("RSS key update", rss_key());
	set("RSS reta update", reta());
	set("Inner RSS", (info.flow_type_rss_offloads & RTE_ETH_RSS_LEVEL_MASK) != 0);
	set("VMDq", info.max_vmdq_pools != 0);
	set("SR-IOV", info.max_vfs != 0);
	set("DCB", rte_eth_dev_get_dcb_info(port, &dcb) == 0);
	set("VLAN filter", rx(RTE_ETH_RX_OFFLOAD_VLAN_FILTER));
	y["Flow control"] = flow_control();
	set("Rate limitation", rte_eth_set_queue_rate_limit(port, 0, 10) == 0);
	set("Congestion management", false); /* rte_cman is experimental; it answers through flow ops */
	set("Traffic manager", rte_tm_capabilities_get(port, &tm, &tm_error) == 0);
	set("Inline crypto", rx(RTE_ETH_RX_OFFLOAD_SECURITY) || tx(RTE_ETH_TX_OFFLOAD_SECURITY));
	set("Inline protocol", rte_eth_dev_get_sec_ctx(port) != nullptr);
	set("CRC offload", rx(RTE_ETH_RX_OFFLOAD_KEEP_CRC));
	set("VLAN offload", rx(RTE_ETH_RX_OFFLOAD_VLAN_STRIP) || tx(RTE_ETH_TX_OFFLOAD_VLAN_INSERT));
	set("QinQ offload", rx(RTE_ETH_RX_OFFLOAD_QINQ_STRIP) || tx(RTE_ETH_TX_OFFLOAD_QINQ_INSERT));
	set("FEC", works([&] { return rte_eth_fec_get_capability(port, nullptr, 0); }) ||
	    works([&] { return rte_eth_fec_get_capability(port, &fec, 1); }));
	set("IP reassembly", rte_eth_ip_reassembly_capability_get(port, &reassembly) == 0);
	set("L3 checksum offload", rx(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) && tx(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM));
	set("L4 checksum offload", rx(RTE_ETH_RX_OFFLOAD_TCP_CKSUM) && rx(RTE_ETH_RX_OFFLOAD_UDP_CKSUM) &&
	    tx(RTE_ETH_TX_OFFLOAD_TCP_CKSUM) && tx(RTE_ETH_TX_OFFLOAD_UDP_CKSUM));
	set("Timestamp offload", rx(RTE_ETH_RX_OFFLOAD_TIMESTAMP));
	set("MACsec offload", rx(RTE_ETH_RX_OFFLOAD_MACSEC_STRIP));
	set("Inner L3 checksum", rx(RTE_ETH_RX_OFFLOAD_OUTER_IPV4_CKSUM));
	set("Inner L4 checksum", rx(RTE_ETH_RX_OFFLOAD_OUTER_UDP_CKSUM));
	set("Packet type parsing",
	    rte_eth_dev_get_supported_ptypes(port, UINT32_MAX, ptypes, RTE_DIM(ptypes)) > 0);
	set("Timesync", rte_eth_timesync_read_time(port, &time) == 0);
	set("Rx descriptor status", rte_eth_rx_descriptor_status(port, 0, 0) >= 0);
	set("Tx descriptor status", rte_eth_tx_descriptor_status(port, 0, 0) >= 0);
	set("Basic stats", rte_eth_stats_get(port, &stats) == 0);
	set("Extended stats", xstat("tx_pio_packets") != UINT64_MAX);
	set("Stats per queue", per_queue_stats());
	set("FW version", rte_eth_dev_fw_version_get(port, text, sizeof(text)) == 0);
	set("EEPROM dump", rte_eth_dev_get_eeprom_length(port) > 0);
	set("Module EEPROM dump", rte_eth_dev_get_module_info(port, &module) == 0);
	set("Registers dump", rte_eth_dev_get_reg_info(port, &regs) == 0);
	set("LED", rte_eth_led_on(port) == 0);
	/* secondary processes send and receive in the tests of the contract and the front ends */
	set("Multiprocess aware", true);
	set("FreeBSD", false);
#ifdef RTE_EXEC_ENV_LINUX
	set("Linux", true);
#endif
	set("Windows", false);
	set("ARMv7", false);
	set("ARMv8", false); /* it compiles; nobody has run it */
	set("LoongArch64", false);
	set("Power8", false);
	set("rv64", false);
	set("x86-32", false);
#ifdef RTE_ARCH_X86_64
	set("x86-64", true);
#endif
	set("Usage doc", std::ifstream(FEATURES_DIR "/piopmd.rst").good());
	set("Design doc", false);
	set("Perf doc", false);
	return y;
}

std::string
lower(const char *name)
{
	std::string s = name;

	for (char &c : s)
		c = static_cast<char>(tolower(c));
	return s;
}

/* A pattern that EF10's filters know, with an item of this type in it; without specs for the rest. */
std::vector<struct rte_flow_item>
DevTable::flow_pattern(int type)
{
	static struct rte_flow_item_eth eth, eth_mask;
	static struct rte_flow_item_vlan vlan, vlan_mask;
	static struct rte_flow_item_ipv4 ip4, ip4_mask;
	static struct rte_flow_item_ipv6 ip6, ip6_mask;
	static struct rte_flow_item_udp udp, udp_mask;
	static struct rte_flow_item_tcp tcp, tcp_mask;
	const enum rte_flow_item_type t = static_cast<enum rte_flow_item_type>(type);
	const struct rte_flow_item any_eth = { RTE_FLOW_ITEM_TYPE_ETH, nullptr, nullptr, nullptr };
	const struct rte_flow_item to_ip4 = { RTE_FLOW_ITEM_TYPE_IPV4, &ip4, nullptr, &ip4_mask };
	const struct rte_flow_item to_ip6 = { RTE_FLOW_ITEM_TYPE_IPV6, &ip6, nullptr, &ip6_mask };
	const struct rte_flow_item to_udp = { RTE_FLOW_ITEM_TYPE_UDP, &udp, nullptr, &udp_mask };
	const struct rte_flow_item to_tcp = { RTE_FLOW_ITEM_TYPE_TCP, &tcp, nullptr, &tcp_mask };
	const struct rte_flow_item to_mac = { RTE_FLOW_ITEM_TYPE_ETH, &eth, nullptr, &eth_mask };
	const struct rte_flow_item in_vlan = { RTE_FLOW_ITEM_TYPE_VLAN, &vlan, nullptr, &vlan_mask };
	const struct rte_flow_item plain = { t, nullptr, nullptr, nullptr };

	memcpy(&eth.dst, &mac, sizeof(mac));
	memset(&eth_mask.dst, 0xff, sizeof(eth_mask.dst));
	vlan.tci = RTE_BE16(5);
	vlan_mask.tci = RTE_BE16(0xfff);
	ip4.hdr.dst_addr = RTE_BE32(0x0a000001);
	ip4_mask.hdr.dst_addr = UINT32_MAX;
	ip6.hdr.dst_addr[0] = 0xfd;
	memset(ip6_mask.hdr.dst_addr, 0xff, sizeof(ip6_mask.hdr.dst_addr));
	udp.hdr.dst_port = tcp.hdr.dst_port = RTE_BE16(53);
	udp_mask.hdr.dst_port = tcp_mask.hdr.dst_port = UINT16_MAX;
	switch (t) {
	case RTE_FLOW_ITEM_TYPE_ETH:
		return { to_mac };
	case RTE_FLOW_ITEM_TYPE_VLAN:
		return { to_mac, in_vlan };
	case RTE_FLOW_ITEM_TYPE_IPV4:
	case RTE_FLOW_ITEM_TYPE_UDP:
		return { any_eth, to_ip4, to_udp };
	case RTE_FLOW_ITEM_TYPE_IPV6:
		return { any_eth, to_ip6, to_udp };
	case RTE_FLOW_ITEM_TYPE_TCP:
		return { any_eth, to_ip4, to_tcp };
	default:
		return { to_mac, plain };
	}
}

std::map<std::string, std::string>
DevTable::flow_items()
{
	std::map<std::string, std::string> y;
	const struct rte_flow_action_queue queue = { 0 };
	const struct rte_flow_action actions[] = {
		{ RTE_FLOW_ACTION_TYPE_QUEUE, &queue }, { RTE_FLOW_ACTION_TYPE_END, nullptr },
	};
	const struct rte_flow_attr attr = { 0, 0, 1, 0, 0, 0 };

	for (int type = RTE_FLOW_ITEM_TYPE_VOID + 1; type < 256; type++) {
		std::vector<struct rte_flow_item> pattern = flow_pattern(type);
		const char *name = nullptr;
		struct rte_flow_error error;

		if (rte_flow_conv(RTE_FLOW_CONV_OP_ITEM_NAME_PTR, &name, sizeof(name),
				  reinterpret_cast<const void *>((uintptr_t)type), nullptr) <= 0 ||
		    name == nullptr)
			continue;
		pattern.push_back({ RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr });
		y[lower(name)] =
			rte_flow_validate(port, &attr, pattern.data(), actions, &error) == 0 ? "Y" : "";
	}
	return y;
}

std::map<std::string, std::string>
DevTable::flow_actions()
{
	std::map<std::string, std::string> y;
	struct rte_flow_item_eth eth = {}, mask = {};
	const uint16_t queues[] = { 0, 1 };
	struct rte_flow_action_rss rss = {};
	const struct rte_flow_action_queue queue = { 0 };
	const struct rte_flow_attr attr = { 0, 0, 1, 0, 0, 0 };
	uint8_t zeros[256] = {};

	rss.types = RTE_ETH_RSS_IPV4;
	rss.queue = queues;
	rss.queue_num = 2;
	memcpy(&eth.dst, &mac, sizeof(mac));
	memset(&mask.dst, 0xff, sizeof(mask.dst));
	const struct rte_flow_item pattern[] = {
		{ RTE_FLOW_ITEM_TYPE_ETH, &eth, nullptr, &mask },
		{ RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr },
	};
	for (int type = RTE_FLOW_ACTION_TYPE_VOID + 1; type < 256; type++) {
		const char *name = nullptr;

		if (rte_flow_conv(RTE_FLOW_CONV_OP_ACTION_NAME_PTR, &name, sizeof(name),
				  reinterpret_cast<const void *>((uintptr_t)type), nullptr) <= 0 ||
		    name == nullptr)
			continue;
		const enum rte_flow_action_type t = static_cast<enum rte_flow_action_type>(type);
		const void *action_conf = t == RTE_FLOW_ACTION_TYPE_QUEUE ?
			static_cast<const void *>(&queue) :
			t == RTE_FLOW_ACTION_TYPE_RSS ? static_cast<const void *>(&rss) : zeros;
		bool valid = false;
		/* alone, or beside a fate */
		for (const bool fate : { false, true }) {
			struct rte_flow_error error;
			const struct rte_flow_action end = { RTE_FLOW_ACTION_TYPE_END, nullptr };
			const struct rte_flow_action actions[] = {
				{ t, action_conf },
				fate ? rte_flow_action{ RTE_FLOW_ACTION_TYPE_QUEUE, &queue } : end, end,
			};
			valid |= rte_flow_validate(port, &attr, pattern, actions, &error) == 0;
		}
		y[lower(name)] = valid ? "Y" : "";
	}
	return y;
}

void
DevTable::compare(const std::string &section, const std::map<std::string, std::string> &real)
{
	Sections sections = file_read();
	auto &claimed = sections[section];

	for (const auto &entry : claimed)
		EXPECT_NE(real.find(entry.first), real.end()) << entry.first << ": no such feature";
	for (const auto &entry : real) {
		const auto claim = claimed.find(entry.first);

		EXPECT_EQ(claim == claimed.end() ? "" : claim->second, entry.second)
			<< "[" << section << "] " << entry.first << ": the file, then the driver";
	}
}

TEST_F(DevTable, FeatureFileSaysWhatTheDriverDoes)
{
	conf.intr_conf.rxq = 1;
	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	up(2, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	compare("Features", features());
	compare("rte_flow items", flow_items());
	compare("rte_flow actions", flow_actions());
	for (const auto &section : file_read())
		EXPECT_TRUE(section.first == "Features" || section.first == "rte_flow items" ||
			    section.first == "rte_flow actions") << section.first;
}

} /* namespace */
