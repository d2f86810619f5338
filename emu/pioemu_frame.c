/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Frames: parse headers, verify and insert checksums. Nothing is read beyond len. */

#include <string.h>

#include "pioemu_priv.h"

#define ETH_HDR		14u
#define TPID_8021Q	0x8100
#define TPID_8021AD	0x88A8
#define TYPE_IP4	0x0800
#define TYPE_IP6	0x86DD
#define TYPE_ARP	0x0806
#define TYPE_FCOE	0x8906
#define PROTO_TCP	6
#define PROTO_UDP	17
#define IP6_HOP		0
#define IP6_ROUTE	43
#define IP6_FRAG	44
#define IP6_DEST	60

static uint16_t
be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* One's complement sum of RFC 1071 over data, starting from sum; not inverted. */
static uint32_t
frame_sum(const uint8_t *data, uint32_t len, uint32_t sum)
{
	uint64_t total = sum;
	uint32_t word;

	for (; len >= 4; data += 4, len -= 4) {
		memcpy(&word, data, 4);
		total += word;
	}
	if (len >= 2) {
		total += (uint32_t)(data[0] | data[1] << 8);
		data += 2;
		len -= 2;
	}
	if (len == 1)
		total += data[0];
	total = (total & 0xFFFFFFFF) + (total >> 32);
	total = (total & 0xFFFF) + (total >> 16);
	total = (total & 0xFFFF) + (total >> 16);
	return (uint32_t)((total & 0xFFFF) + (total >> 16));
}

/* Sum of the pseudo header of TCP or UDP over IPv4 or IPv6 (RFC 793, 2460), l4_len bytes. */
static uint32_t
pseudo_sum(const struct pioemu_pkt *pkt)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;
	uint8_t tail[4] = { 0, pkt->ip_proto, (uint8_t)(pkt->l4_len >> 8), (uint8_t)pkt->l4_len };
	uint32_t sum = frame_sum(tail, 4, 0);

	if (pkt->l3_class == EF10_RX_L3_CLASS_IP4)
		return frame_sum(ip + 12, 8, sum);
	return frame_sum(ip + 8, 32, sum);
}

static void
parse_l4(struct pioemu_pkt *pkt, uint32_t off, uint32_t len)
{
	uint32_t min;

	if (pkt->ip_proto == PROTO_TCP)
		min = 20;
	else if (pkt->ip_proto == PROTO_UDP)
		min = 8;
	else
		return;
	if (len < min || off + len > pkt->len)
		return;
	pkt->l4_off = (uint16_t)off;
	pkt->l4_len = (uint16_t)len;
	pkt->l4_class = pkt->ip_proto == PROTO_TCP ? EF10_RX_L4_CLASS_TCP : EF10_RX_L4_CLASS_UDP;
}

static void
parse_ip4(struct pioemu_pkt *pkt, uint32_t off)
{
	const uint8_t *ip = pkt->data + off;
	uint32_t hdr, total;

	if (pkt->len < off + 20 || ip[0] >> 4 != 4)
		return;
	hdr = (ip[0] & 15) * 4u;
	total = be16(ip + 2);
	if (hdr < 20 || total < hdr || off + hdr > pkt->len)
		return;
	pkt->l3_off = (uint16_t)off;
	pkt->ip_proto = ip[9];
	/* more fragments, or not the first one: no L4 class */
	if ((be16(ip + 6) & 0x3FFF) != 0) {
		pkt->l3_class = EF10_RX_L3_CLASS_IP4_FRAG;
		return;
	}
	pkt->l3_class = EF10_RX_L3_CLASS_IP4;
	parse_l4(pkt, off + hdr, total - hdr);
}

static void
parse_ip6(struct pioemu_pkt *pkt, uint32_t off)
{
	const uint8_t *ip = pkt->data + off;
	uint32_t at = off + 40, end;
	unsigned int i;
	uint8_t next;

	if (pkt->len < at || ip[0] >> 4 != 6)
		return;
	end = at + be16(ip + 4);
	next = ip[6];
	pkt->l3_off = (uint16_t)off;
	pkt->l3_class = EF10_RX_L3_CLASS_IP6;
	/* silicon looks through a few extension headers; so does this */
	for (i = 0; i < 8 && (next == IP6_HOP || next == IP6_ROUTE || next == IP6_DEST); i++) {
		if (at + 8 > pkt->len)
			return;
		next = pkt->data[at];
		at += (pkt->data[at + 1] + 1u) * 8;
	}
	pkt->ip_proto = next;
	if (next == IP6_FRAG) {
		pkt->l3_class = EF10_RX_L3_CLASS_IP6_FRAG;
		return;
	}
	if (end > at)
		parse_l4(pkt, at, end - at);
}

void
pioemu_frame_parse(struct pioemu_pkt *pkt, const uint8_t *data, uint32_t len)
{
	uint32_t off = 12;
	uint16_t type;

	memset(pkt, 0, sizeof(*pkt));
	pkt->data = data;
	pkt->len = len;
	if (len < ETH_HDR)
		return;
	type = be16(data + off);
	while ((type == TPID_8021Q || type == TPID_8021AD) && pkt->nb_vlan < 2 &&
	       len >= off + 6) {
		pkt->vlan[pkt->nb_vlan++] = be16(data + off + 2);
		off += 4;
		type = be16(data + off);
	}
	off += 2;
	if (type < 0x0600) {
		/* a length: IEEE 802.3, with or without SNAP */
		pkt->eth_base = EF10_RX_ETH_BASE_CLASS_LLC;
		if (len < off + 8 || data[off] != 0xAA || data[off + 1] != 0xAA)
			return;
		pkt->eth_base = EF10_RX_ETH_BASE_CLASS_LLC_SNAP;
		type = be16(data + off + 6);
		off += 8;
	}
	pkt->ethertype = type;
	switch (type) {
	case TYPE_IP4:
		parse_ip4(pkt, off);
		break;
	case TYPE_IP6:
		parse_ip6(pkt, off);
		break;
	case TYPE_ARP:
		pkt->l3_class = EF10_RX_L3_CLASS_ARP;
		break;
	case TYPE_FCOE:
		pkt->l3_class = EF10_RX_L3_CLASS_FCOE;
		break;
	default:
		break;
	}
}

/* Set ip_bad and l4_bad where a checksum is wrong. A UDP checksum of 0 over IPv4 is "none". */
void
pioemu_frame_verify(struct pioemu_pkt *pkt)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;
	const uint8_t *l4 = pkt->data + pkt->l4_off;

	if (pkt->l3_class == EF10_RX_L3_CLASS_IP4 || pkt->l3_class == EF10_RX_L3_CLASS_IP4_FRAG)
		pkt->ip_bad = frame_sum(ip, (ip[0] & 15) * 4u, 0) != 0xFFFF;
	if (pkt->l4_off == 0)
		return;
	if (pkt->l4_class == EF10_RX_L4_CLASS_UDP && be16(l4 + 6) == 0) {
		pkt->l4_bad = pkt->l3_class != EF10_RX_L3_CLASS_IP4;
		return;
	}
	pkt->l4_bad = frame_sum(l4, pkt->l4_len, pseudo_sum(pkt)) != 0xFFFF;
}

/* What the transmit checksum offloads do. Frames they do not understand stay as they are. */
void
pioemu_frame_csum_insert(uint8_t *data, uint32_t len, bool ip, bool l4)
{
	struct pioemu_pkt pkt;
	uint32_t sum, at;

	pioemu_frame_parse(&pkt, data, len);
	if (ip && (pkt.l3_class == EF10_RX_L3_CLASS_IP4 ||
		   pkt.l3_class == EF10_RX_L3_CLASS_IP4_FRAG)) {
		uint8_t *hdr = data + pkt.l3_off;

		hdr[10] = 0;
		hdr[11] = 0;
		sum = ~frame_sum(hdr, (hdr[0] & 15) * 4u, 0);
		ef10_le16_put(hdr + 10, (uint16_t)sum);
	}
	if (!l4 || pkt.l4_off == 0)
		return;
	at = pkt.l4_off + (pkt.l4_class == EF10_RX_L4_CLASS_TCP ? 16u : 6u);
	ef10_le16_put(data + at, 0);
	sum = ~frame_sum(data + pkt.l4_off, pkt.l4_len, pseudo_sum(&pkt)) & 0xFFFF;
	/* 0 would mean "no checksum" in UDP (RFC 768) */
	if (sum == 0 && pkt.l4_class == EF10_RX_L4_CLASS_UDP)
		sum = 0xFFFF;
	ef10_le16_put(data + at, (uint16_t)sum);
}
