/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * rte_flow patterns as hardware filters. A filter compares whole fields for equality, and only those
 * combinations of fields that the firmware lists (GET_PARSER_DISP_INFO).
 */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "piopmd_flow.h"

#define M(field) EF10_FILTER_OP_MATCH_##field
#define FLOW_UNKNOWN_DST (M(UNKNOWN_UCAST_DST) | M(UNKNOWN_MCAST_DST))
#define FLOW_VLANS (M(OUTER_VLAN) | M(INNER_VLAN))

/* An item's field and the filter's. All are in network order on both sides. */
struct flow_field {
	uint32_t match;
	uint8_t item_ofst;
	uint8_t filter_ofst;
	uint8_t len;
};

#define FLOW_FIELD(bit, item, member, dest, size) { \
	.match = M(bit), \
	.item_ofst = offsetof(struct rte_flow_item_##item, hdr.member), \
	.filter_ofst = offsetof(struct piopmd_cmd_filter, dest), \
	.len = (size), \
}

static const struct flow_field flow_fields_eth[] = {
	FLOW_FIELD(DST_MAC, eth, dst_addr, dst_mac, RTE_ETHER_ADDR_LEN),
	FLOW_FIELD(SRC_MAC, eth, src_addr, src_mac, RTE_ETHER_ADDR_LEN),
	FLOW_FIELD(ETHER_TYPE, eth, ether_type, ether_type, 2),
};
/* the VLAN id has a rule of its own: flow_vlan_id_parse() */
static const struct flow_field flow_fields_vlan[] = {
	FLOW_FIELD(ETHER_TYPE, vlan, eth_proto, ether_type, 2),
};
static const struct flow_field flow_fields_ipv4[] = {
	FLOW_FIELD(SRC_IP, ipv4, src_addr, src_ip, 4),
	FLOW_FIELD(DST_IP, ipv4, dst_addr, dst_ip, 4),
	FLOW_FIELD(IP_PROTO, ipv4, next_proto_id, ip_proto, 1),
};
static const struct flow_field flow_fields_ipv6[] = {
	FLOW_FIELD(SRC_IP, ipv6, src_addr, src_ip, 16),
	FLOW_FIELD(DST_IP, ipv6, dst_addr, dst_ip, 16),
	FLOW_FIELD(IP_PROTO, ipv6, proto, ip_proto, 1),
};
static const struct flow_field flow_fields_tcp[] = {
	FLOW_FIELD(SRC_PORT, tcp, src_port, src_port, 2),
	FLOW_FIELD(DST_PORT, tcp, dst_port, dst_port, 2),
};
static const struct flow_field flow_fields_udp[] = {
	FLOW_FIELD(SRC_PORT, udp, src_port, src_port, 2),
	FLOW_FIELD(DST_PORT, udp, dst_port, dst_port, 2),
};

enum flow_layer {
	FLOW_LAYER_NONE,
	FLOW_LAYER_ETH,
	FLOW_LAYER_VLAN,
	FLOW_LAYER_IP,
	FLOW_LAYER_L4,
};

struct flow_item {
	enum rte_flow_item_type type;
	enum flow_layer layer;
	uint16_t ether_type;		/* what the item means by being there; 0: nothing */
	uint8_t ip_proto;
	uint8_t size;
	uint8_t nb_fields;
	const struct flow_field *fields;
	const void *mask;		/* in place of none */
};

#define FLOW_ITEM(upper, lower, ...) { \
	.type = RTE_FLOW_ITEM_TYPE_##upper, \
	.size = sizeof(struct rte_flow_item_##lower), \
	.nb_fields = RTE_DIM(flow_fields_##lower), \
	.fields = flow_fields_##lower, \
	.mask = &rte_flow_item_##lower##_mask, \
	__VA_ARGS__ \
}

static const struct flow_item flow_items[] = {
	FLOW_ITEM(ETH, eth, .layer = FLOW_LAYER_ETH),
	FLOW_ITEM(VLAN, vlan, .layer = FLOW_LAYER_VLAN),
	FLOW_ITEM(IPV4, ipv4, .layer = FLOW_LAYER_IP, .ether_type = RTE_ETHER_TYPE_IPV4),
	FLOW_ITEM(IPV6, ipv6, .layer = FLOW_LAYER_IP, .ether_type = RTE_ETHER_TYPE_IPV6),
	FLOW_ITEM(TCP, tcp, .layer = FLOW_LAYER_L4, .ip_proto = IPPROTO_TCP),
	FLOW_ITEM(UDP, udp, .layer = FLOW_LAYER_L4, .ip_proto = IPPROTO_UDP),
};

static bool
flow_bytes_all(const uint8_t *bytes, uint8_t len, uint8_t value)
{
	uint8_t i;

	for (i = 0; i < len; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

/* One field of an item into the filter. bits: the item's mask; what is dealt with is cleared in it. */
static int
flow_field_parse(const struct flow_field *field, const struct rte_flow_item *item, uint8_t *bits,
		 struct piopmd_cmd_filter *filter, struct rte_flow_error *error)
{
	uint8_t *mask = bits + field->item_ofst;

	if (flow_bytes_all(mask, field->len, 0))
		return 0;
	if (!flow_bytes_all(mask, field->len, 0xff))
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM_MASK, item,
					  "filters compare a whole field or nothing of it: mask all "
					  "ones or zero");
	memset(mask, 0, field->len);
	memcpy((uint8_t *)filter + field->filter_ofst,
	       (const uint8_t *)item->spec + field->item_ofst, field->len);
	filter->match |= field->match;
	return 0;
}

/* A mask of the group bit alone: all addresses of that kind that no other filter takes. */
static void
flow_eth_group_parse(const struct rte_flow_item *item, uint8_t *bits,
		     struct piopmd_cmd_filter *filter)
{
	static const uint8_t group_bit[RTE_ETHER_ADDR_LEN] = { 1 };
	const struct rte_flow_item_eth *spec = item->spec;
	uint8_t *mask = bits + offsetof(struct rte_flow_item_eth, hdr.dst_addr);

	if (memcmp(mask, group_bit, sizeof(group_bit)) != 0)
		return;
	memset(mask, 0, sizeof(group_bit));
	filter->match |= rte_is_multicast_ether_addr(&spec->hdr.dst_addr) ?
		M(UNKNOWN_MCAST_DST) : M(UNKNOWN_UCAST_DST);
}

/* The first VLAN item is the outer tag, the second one the inner. */
static int
flow_vlan_id_parse(const struct rte_flow_item *item, uint8_t *bits,
		   struct piopmd_cmd_filter *filter, struct rte_flow_error *error)
{
	const struct rte_flow_item_vlan *spec = item->spec;
	struct rte_flow_item_vlan *mask = (struct rte_flow_item_vlan *)bits;
	const rte_be16_t id_mask = RTE_BE16(RTE_ETH_VLAN_ID_MAX);

	if ((filter->match & M(ETHER_TYPE)) != 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM, item,
					  "filters do not match the Ethernet type of a tag: give the "
					  "type in the last VLAN item only");
	if (spec == NULL || mask->hdr.vlan_tci != id_mask)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM_MASK, item,
					  "of a tag exactly the VLAN id is matched: mask 0x0fff");
	if ((filter->match & M(INNER_VLAN)) != 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM, item,
					  "filters see two tags, not more");
	if ((filter->match & M(OUTER_VLAN)) != 0) {
		filter->inner_vlan = spec->hdr.vlan_tci & id_mask;
		filter->match |= M(INNER_VLAN);
	} else {
		filter->outer_vlan = spec->hdr.vlan_tci & id_mask;
		filter->match |= M(OUTER_VLAN);
	}
	mask->hdr.vlan_tci = 0;
	return 0;
}

/* What the item says by being there, such as "Ethernet type 0x0800". */
static int
flow_item_implied(const struct flow_item *desc, const struct rte_flow_item *item,
		  struct piopmd_cmd_filter *filter, struct rte_flow_error *error)
{
	const rte_be16_t ether_type = rte_cpu_to_be_16(desc->ether_type);

	if (desc->ether_type != 0) {
		if ((filter->match & M(ETHER_TYPE)) != 0 && filter->ether_type != ether_type)
			return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ITEM, item,
						  "the Ethernet type before it says otherwise");
		filter->ether_type = ether_type;
		filter->match |= M(ETHER_TYPE);
	}
	if (desc->ip_proto != 0) {
		if ((filter->match & M(IP_PROTO)) != 0 && filter->ip_proto != desc->ip_proto)
			return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ITEM, item,
						  "the IP protocol before it says otherwise");
		filter->ip_proto = desc->ip_proto;
		filter->match |= M(IP_PROTO);
	}
	return 0;
}

/* spec, last and mask fit together; copies the mask that counts. */
static int
flow_item_check(const struct flow_item *desc, const struct rte_flow_item *item, uint8_t *bits,
		struct rte_flow_error *error)
{
	const uint8_t *spec = item->spec;
	const uint8_t *last = item->last;
	uint8_t i;

	memset(bits, 0, desc->size);
	if (spec == NULL) {
		if (item->mask != NULL || last != NULL)
			return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ITEM_SPEC, item,
						  "mask or last without spec");
		return 0;
	}
	memcpy(bits, item->mask != NULL ? item->mask : desc->mask, desc->size);
	if (last == NULL || flow_bytes_all(last, desc->size, 0))
		return 0;
	for (i = 0; i < desc->size; i++) {
		if (((spec[i] ^ last[i]) & bits[i]) != 0)
			return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM_LAST, item,
						  "filters match no ranges: last must equal spec");
	}
	return 0;
}

static int
flow_item_parse(const struct flow_item *desc, const struct rte_flow_item *item,
		struct piopmd_cmd_filter *filter, struct rte_flow_error *error)
{
	uint8_t bits[UINT8_MAX] __rte_aligned(8); /* read as the items, too */
	uint8_t i;
	int ret;

	ret = flow_item_check(desc, item, bits, error);
	if (ret == 0)
		ret = flow_item_implied(desc, item, filter, error);
	if (ret == 0 && desc->layer == FLOW_LAYER_VLAN)
		ret = flow_vlan_id_parse(item, bits, filter, error);
	if (ret == 0 && desc->layer == FLOW_LAYER_ETH && item->spec != NULL)
		flow_eth_group_parse(item, bits, filter);
	for (i = 0; i < desc->nb_fields && ret == 0; i++)
		ret = flow_field_parse(&desc->fields[i], item, bits, filter, error);
	if (ret != 0)
		return ret;
	if (!flow_bytes_all(bits, desc->size, 0))
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM_MASK, item,
					  "the mask has a field that filters do not match");
	return 0;
}

/* Headers come in their order; the outermost ones may be left out. */
static bool
flow_layer_follows(enum flow_layer layer, enum flow_layer before)
{
	switch (before) {
	case FLOW_LAYER_NONE:
		return true;
	case FLOW_LAYER_ETH:
		return layer == FLOW_LAYER_VLAN || layer == FLOW_LAYER_IP;
	case FLOW_LAYER_VLAN:
		return layer == FLOW_LAYER_VLAN || layer == FLOW_LAYER_IP;
	case FLOW_LAYER_IP:
		return layer == FLOW_LAYER_L4;
	default:
		return false;
	}
}

static int
flow_items_parse(const struct rte_flow_item *item, struct piopmd_cmd_filter *filter,
		 struct rte_flow_error *error)
{
	enum flow_layer layer = FLOW_LAYER_NONE;
	const struct flow_item *desc;
	unsigned int i;
	int ret;

	for (; item->type != RTE_FLOW_ITEM_TYPE_END; item++) {
		if (item->type == RTE_FLOW_ITEM_TYPE_VOID)
			continue;
		for (i = 0; i < RTE_DIM(flow_items) && flow_items[i].type != item->type; i++)
			;
		if (i == RTE_DIM(flow_items))
			return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM, item,
						  "item not supported: ETH, VLAN, IPV4, IPV6, TCP and "
						  "UDP are");
		desc = &flow_items[i];
		if (!flow_layer_follows(desc->layer, layer))
			return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ITEM, item,
						  "the item cannot follow the one before it");
		layer = desc->layer;
		ret = flow_item_parse(desc, item, filter, error);
		if (ret != 0)
			return ret;
	}
	return 0;
}

/* What the firmware can do */

static bool
flow_match_supported(const struct piopmd_adapter *ad, uint32_t match)
{
	uint16_t i;

	for (i = 0; i < ad->limits.nb_matches; i++) {
		if (ad->limits.matches[i] == match)
			return true;
	}
	return false;
}

/* Some filter of this firmware looks at one of these fields. */
static bool
flow_field_known(const struct piopmd_adapter *ad, uint32_t fields)
{
	uint16_t i;

	for (i = 0; i < ad->limits.nb_matches; i++) {
		if ((ad->limits.matches[i] & fields) != 0)
			return true;
	}
	return false;
}

/*
 * Firmware that looks into the IP header does so before it looks for filters on less: such a filter is
 * accepted and never matches (known from sfc_flow.c, and its guide: "exceptions to flow rules").
 */
static bool
flow_match_ineffective(const struct piopmd_adapter *ad, const struct piopmd_cmd_filter *filter)
{
	switch (filter->match & ~(FLOW_VLANS | M(DST_MAC))) {
	case M(ETHER_TYPE):
		return (filter->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4) ||
			filter->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV6)) &&
			flow_field_known(ad, M(IP_PROTO) | M(SRC_IP) | M(DST_IP));
	case M(ETHER_TYPE) | M(IP_PROTO):
		return (filter->ip_proto == IPPROTO_TCP || filter->ip_proto == IPPROTO_UDP) &&
			flow_field_known(ad, M(SRC_PORT) | M(DST_PORT));
	default:
		return false;
	}
}

/*
 * A filter for one station belongs to whoever has it; one for a group, or for no destination at all, is
 * subscribed to.
 */
static bool
flow_filter_shared(const struct piopmd_cmd_filter *filter)
{
	if ((filter->match & M(DST_MAC)) != 0 && !rte_is_multicast_ether_addr(&filter->dst_mac))
		return false;
	if ((filter->match & M(DST_IP)) == 0)
		return true;
	if (filter->ether_type == RTE_BE16(RTE_ETHER_TYPE_IPV4))
		return filter->dst_ip[0] >> 4 == 0xe;
	return filter->dst_ip[0] == 0xff;
}

/* To anybody: if firmware has no filter for that, unicast and group addresses may have one each. */
static void
flow_filter_double(const struct piopmd_adapter *ad, struct rte_flow *flow)
{
	const uint32_t match = flow->filters[0].match;

	if (!flow_match_supported(ad, match | M(UNKNOWN_UCAST_DST)) ||
	    !flow_match_supported(ad, match | M(UNKNOWN_MCAST_DST)))
		return;
	flow->filters[1] = flow->filters[0];
	flow->filters[0].match |= M(UNKNOWN_UCAST_DST);
	flow->filters[1].match |= M(UNKNOWN_MCAST_DST);
	flow->nb_filters = 2;
}

int
piopmd_flow_pattern_parse(const struct piopmd_adapter *ad, const struct rte_flow_item *pattern,
			  struct rte_flow *flow, struct rte_flow_error *error)
{
	struct piopmd_cmd_filter *filter = &flow->filters[0];
	const uint32_t to_somebody = FLOW_UNKNOWN_DST | M(DST_MAC) | M(DST_IP);
	int ret;

	if (pattern == NULL)
		return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ITEM_NUM, NULL,
					  "no pattern");
	ret = flow_items_parse(pattern, filter, error);
	if (ret != 0)
		return ret;
	flow->nb_filters = 1;
	filter->shared = flow_filter_shared(filter);
	if (!flow_match_supported(ad, filter->match) && (filter->match & to_somebody) == 0)
		flow_filter_double(ad, flow);
	if (flow_match_ineffective(ad, filter))
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
					  "the firmware never applies a filter on IPv4, IPv6, TCP or "
					  "UDP as such: add an address or a port");
	if (!flow_match_supported(ad, filter->match))
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
					  "the firmware has no filter on this combination of fields");
	return 0;
}
