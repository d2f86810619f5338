/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef FLOW_PORT_H
#define FLOW_PORT_H

/* Rules of rte_flow and frames for them. */

#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <rte_flow.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "dev_port.h"

using Mac = std::array<uint8_t, 6>;

/* A frame, field by field. */
struct Pkt {
	Mac dst = {};
	Mac src = { 0x02, 0, 0, 0, 0, 0x77 };
	std::vector<uint16_t> vlans;
	uint16_t type = 0x0800;
	uint8_t proto = IPPROTO_UDP;
	std::array<uint8_t, 16> sip = { 10, 0, 0, 1 };
	std::array<uint8_t, 16> dip = { 10, 0, 0, 2 };
	uint16_t sport = 1000;
	uint16_t dport = 2000;

	Frame frame() const;
};

/* A pattern: items with their own spec and mask, which stay where they are. */
class Pattern {
public:
	std::vector<struct rte_flow_item> items;

	Pattern &add(enum rte_flow_item_type type, const void *spec = nullptr,
		     const void *mask = nullptr, const void *last = nullptr, size_t size = 0)
	{
		items.push_back({ type, keep(spec, size), keep(last, size), keep(mask, size) });
		return *this;
	}
	template <typename T> Pattern &add(enum rte_flow_item_type type, const T &spec, const T &mask)
	{
		return add(type, &spec, &mask, nullptr, sizeof(T));
	}
	Pattern &eth() { return add(RTE_FLOW_ITEM_TYPE_ETH); }
	Pattern &eth(const Mac *dst, const Mac *src = nullptr, int type = -1);
	Pattern &vlan(uint16_t id, int type = -1);
	Pattern &ip4(const Pkt *src, const Pkt *dst, int proto = -1);
	Pattern &ip6(const Pkt *src, const Pkt *dst, int proto = -1);
	Pattern &udp(int sport = -1, int dport = -1);
	Pattern &tcp(int sport = -1, int dport = -1);
	/* with its end */
	const struct rte_flow_item *get()
	{
		items.push_back({ RTE_FLOW_ITEM_TYPE_END, nullptr, nullptr, nullptr });
		return items.data();
	}

private:
	/* copies share it: their items point there */
	std::shared_ptr<std::deque<std::array<uint8_t, 64>>> kept =
		std::make_shared<std::deque<std::array<uint8_t, 64>>>();

	const void *keep(const void *data, size_t size)
	{
		if (data == nullptr || size == 0)
			return data;
		kept->emplace_back();
		memcpy(kept->back().data(), data, size);
		return kept->back().data();
	}
};

class FlowPort : public DevPort {
protected:
	const struct rte_flow_attr ingress = { .group = 0, .priority = 0, .ingress = 1, .egress = 0,
					       .transfer = 0, .reserved = 0 };
	struct rte_flow_error error = {};

	/* nullptr: *error says why */
	struct rte_flow *create(Pattern p, const std::vector<struct rte_flow_action> &actions);
	struct rte_flow *to_queue(const Pattern &p, uint16_t queue);
	struct rte_flow *to_nobody(const Pattern &p);
	struct rte_flow *spread(const Pattern &p, const struct rte_flow_action_rss &rss);
	void destroy(struct rte_flow *flow);
	/* the queues that get the frame, as a string: "", "2", "02" */
	std::string queues_of(const Pkt &pkt, uint32_t *hash = nullptr);
	Mac own() const;
	Pkt pkt_to(const Mac &dst) const;
	Pkt pkt() const { return pkt_to(own()); }
};

#endif /* FLOW_PORT_H */
