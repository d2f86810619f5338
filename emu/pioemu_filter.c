/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Receive filters. A frame becomes a 64-byte key, a filter a key and a mask; filters are kept in the
 * order in which the parser tries them: the list it reports, most specific first.
 *
 * Which match combinations firmware offers differs between its variants; a driver has to ask
 * (GET_PARSER_DISP_INFO). The list here has what net_sfc needs, common tuples, and each field at least
 * once. Order: Onload's ef_vi guide (filters per firmware variant) has full tuples before local ones,
 * addresses, and unknown addresses last. It does not place Ethernet type and IP protocol; as these need
 * an administrator there, because they take what would go to others, they come before addresses here.
 */

#include <string.h>

#include "pioemu_priv.h"

#define M(field) EF10_FILTER_OP_MATCH_##field
#define TUPLE3 (M(DST_IP) | M(DST_PORT) | M(ETHER_TYPE) | M(IP_PROTO))

const uint32_t pioemu_filter_matches[] = {
	TUPLE3 | M(SRC_IP) | M(SRC_PORT),
	TUPLE3,
	M(DST_IP) | M(SRC_IP) | M(ETHER_TYPE) | M(IP_PROTO),
	M(DST_IP) | M(ETHER_TYPE),
	M(DST_MAC) | M(SRC_MAC),
	M(DST_MAC) | M(OUTER_VLAN) | M(ETHER_TYPE),
	M(DST_MAC) | M(ETHER_TYPE),
	M(ETHER_TYPE) | M(IP_PROTO),
	M(ETHER_TYPE),
	M(DST_MAC) | M(OUTER_VLAN) | M(INNER_VLAN),
	M(DST_MAC) | M(OUTER_VLAN),
	M(DST_MAC),
	M(UNKNOWN_UCAST_DST) | M(OUTER_VLAN),
	M(UNKNOWN_MCAST_DST) | M(OUTER_VLAN),
	M(UNKNOWN_UCAST_DST),
	M(UNKNOWN_MCAST_DST),
};
const uint32_t pioemu_filter_nb_matches =
	sizeof(pioemu_filter_matches) / sizeof(pioemu_filter_matches[0]);

/* The key: fields in network order as FILTER_OP has them */
#define KEY_SRC_IP	0
#define KEY_DST_IP	16
#define KEY_SRC_MAC	32
#define KEY_SRC_PORT	38
#define KEY_DST_MAC	40
#define KEY_DST_PORT	46
#define KEY_ETHER_TYPE	48
#define KEY_INNER_VLAN	50
#define KEY_OUTER_VLAN	52
#define KEY_IP_PROTO	54
#define KEY_HAS_IP	56	/* 1: there is an IP header */
#define KEY_HAS_PORTS	57	/* 1: there is a TCP or UDP header */
#define KEY_MCAST	58	/* 1: group address */

static const struct {
	uint32_t match;
	uint8_t in, key, len;
	uint8_t has;			/* presence byte to match too, 0: none */
} fields[] = {
	{ M(SRC_IP), EF10_FILTER_OP_IN_SRC_IP_OFST, KEY_SRC_IP, 16, KEY_HAS_IP },
	{ M(DST_IP), EF10_FILTER_OP_IN_DST_IP_OFST, KEY_DST_IP, 16, KEY_HAS_IP },
	{ M(SRC_MAC), EF10_FILTER_OP_IN_SRC_MAC_OFST, KEY_SRC_MAC, 6, 0 },
	{ M(SRC_PORT), EF10_FILTER_OP_IN_SRC_PORT_OFST, KEY_SRC_PORT, 2, KEY_HAS_PORTS },
	{ M(DST_MAC), EF10_FILTER_OP_IN_DST_MAC_OFST, KEY_DST_MAC, 6, 0 },
	{ M(DST_PORT), EF10_FILTER_OP_IN_DST_PORT_OFST, KEY_DST_PORT, 2, KEY_HAS_PORTS },
	{ M(ETHER_TYPE), EF10_FILTER_OP_IN_ETHER_TYPE_OFST, KEY_ETHER_TYPE, 2, 0 },
	{ M(INNER_VLAN), EF10_FILTER_OP_IN_INNER_VLAN_OFST, KEY_INNER_VLAN, 2, 0 },
	{ M(OUTER_VLAN), EF10_FILTER_OP_IN_OUTER_VLAN_OFST, KEY_OUTER_VLAN, 2, 0 },
	{ M(IP_PROTO), EF10_FILTER_OP_IN_IP_PROTO_OFST, KEY_IP_PROTO, 1, KEY_HAS_IP },
};
#define NB_FIELDS (sizeof(fields) / sizeof(fields[0]))

static void
filter_compile(struct pioemu_filter *filter, const uint8_t *req)
{
	uint8_t *key = (uint8_t *)filter->key, *mask = (uint8_t *)filter->mask;
	uint32_t i;

	for (i = 0; i < NB_FIELDS; i++) {
		if ((filter->match & fields[i].match) == 0)
			continue;
		memcpy(key + fields[i].key, req + fields[i].in, fields[i].len);
		memset(mask + fields[i].key, 0xFF, fields[i].len);
		if (fields[i].has != 0) {
			key[fields[i].has] = 1;
			mask[fields[i].has] = 1;
		}
	}
	/* of a tag only the VLAN id counts */
	for (i = KEY_INNER_VLAN; i <= KEY_OUTER_VLAN; i += 2) {
		mask[i] &= 0x0F;
		key[i] &= 0x0F;
	}
	if ((filter->match & (M(UNKNOWN_MCAST_DST) | M(UNKNOWN_UCAST_DST))) != 0) {
		key[KEY_MCAST] = (filter->match & M(UNKNOWN_MCAST_DST)) != 0;
		mask[KEY_MCAST] = 1;
	}
}

static void
filter_key(const struct pioemu_pkt *pkt, uint64_t *words)
{
	const uint8_t *ip = pkt->data + pkt->l3_off;
	uint8_t *key = (uint8_t *)words;

	memset(key, 0, PIOEMU_KEY_LEN);
	if (pkt->len < 14)
		return;
	memcpy(key + KEY_DST_MAC, pkt->data, 6);
	memcpy(key + KEY_SRC_MAC, pkt->data + 6, 6);
	key[KEY_MCAST] = pkt->data[0] & 1;
	key[KEY_ETHER_TYPE] = (uint8_t)(pkt->ethertype >> 8);
	key[KEY_ETHER_TYPE + 1] = (uint8_t)pkt->ethertype;
	if (pkt->nb_vlan > 0) {
		key[KEY_OUTER_VLAN] = (uint8_t)(pkt->vlan[0] >> 8 & 0x0F);
		key[KEY_OUTER_VLAN + 1] = (uint8_t)pkt->vlan[0];
		key[KEY_INNER_VLAN] = (uint8_t)(pkt->vlan[1] >> 8 & 0x0F);
		key[KEY_INNER_VLAN + 1] = (uint8_t)pkt->vlan[1];
	}
	if (pkt->l3_off == 0)
		return;
	key[KEY_HAS_IP] = 1;
	key[KEY_IP_PROTO] = pkt->ip_proto;
	if (pkt->l3_class == EF10_RX_L3_CLASS_IP4 || pkt->l3_class == EF10_RX_L3_CLASS_IP4_FRAG) {
		memcpy(key + KEY_SRC_IP, ip + 12, 4);
		memcpy(key + KEY_DST_IP, ip + 16, 4);
	} else {
		memcpy(key + KEY_SRC_IP, ip + 8, 16);
		memcpy(key + KEY_DST_IP, ip + 24, 16);
	}
	if (pkt->l4_off != 0) {
		key[KEY_HAS_PORTS] = 1;
		memcpy(key + KEY_SRC_PORT, pkt->data + pkt->l4_off, 2);
		memcpy(key + KEY_DST_PORT, pkt->data + pkt->l4_off + 2, 2);
	}
}

static bool
filter_matches(const struct pioemu_filter *filter, const uint64_t *key)
{
	uint64_t diff = 0;
	uint32_t i;

	for (i = 0; i < PIOEMU_KEY_LEN / 8; i++)
		diff |= (key[i] ^ filter->key[i]) & filter->mask[i];
	return diff == 0;
}

/* Queue and hash for one filter. */
static void
filter_dest(struct pioemu_vf *vf, const struct pioemu_filter *filter, const struct pioemu_pkt *pkt,
	    struct pioemu_rx_dest *dest)
{
	const struct pioemu_rss *rss = pioemu_rss_get(vf, filter->rss);

	dest->vi = (uint16_t)filter->queue;
	dest->hash = 0;
	if (rss == NULL)
		return;
	dest->hash = pioemu_rss_hash(rss, pkt);
	dest->vi = (uint16_t)(filter->queue + rss->table[dest->hash % EF10_RSS_CONTEXT_TABLE_LEN]);
}

/*
 * The queues that get the frame, each once. Unicast goes to the first filter that matches; group
 * addresses to all that match in the same way as the first (no multicast filter chaining).
 */
uint32_t
pioemu_filter_lookup(struct pioemu_vf *vf, const struct pioemu_pkt *pkt, struct pioemu_rx_dest *dest)
{
	uint64_t key[PIOEMU_KEY_LEN / 8];
	uint32_t nb = 0, prio = UINT32_MAX, i, j;

	filter_key(pkt, key);
	for (i = 0; i < vf->nb_filters && nb < PIOEMU_RX_DEST_MAX; i++) {
		const struct pioemu_filter *filter = &vf->filters[i];

		if (filter->prio > prio)
			break;
		if (!filter_matches(filter, key))
			continue;
		prio = filter->prio;
		if (filter->dest == EF10_FILTER_OP_RX_DEST_HOST) {
			filter_dest(vf, filter, pkt, &dest[nb]);
			for (j = 0; j < nb && dest[j].vi != dest[nb].vi; j++)
				;
			if (dest[nb].vi < vf->conf.nb_vis && j == nb)
				nb++;
		}
		if ((pkt->data[0] & 1) == 0)
			break;
	}
	return nb;
}

/* Privilege a filter of this kind needs (MC_CMD_PRIVILEGE_MASK_IN_GRP_*). */
static uint32_t
filter_privilege(uint32_t match, const uint8_t *mac)
{
	if ((match & M(UNKNOWN_UCAST_DST)) != 0)
		return EF10_PRIV_PROMISCUOUS;
	if ((match & M(UNKNOWN_MCAST_DST)) != 0)
		return EF10_PRIV_ALL_MULTICAST;
	if ((match & M(DST_MAC)) == 0)
		return EF10_PRIV_INSECURE_FILTERS;
	if ((mac[0] & 1) == 0)
		return EF10_PRIV_UNICAST;
	if (memcmp(mac, "\xff\xff\xff\xff\xff\xff", 6) == 0)
		return EF10_PRIV_BROADCAST;
	return EF10_PRIV_MULTICAST;
}

/* Read and check what INSERT, SUBSCRIBE and REPLACE have in common. */
static uint32_t
filter_read(struct pioemu_vf *vf, const uint8_t *req, struct pioemu_filter *filter)
{
	uint32_t mode = ef10_le32_get(req + EF10_FILTER_OP_IN_RX_MODE_OFST);

	memset(filter, 0, sizeof(*filter));
	filter->dest = ef10_le32_get(req + EF10_FILTER_OP_IN_RX_DEST_OFST);
	filter->queue = ef10_le32_get(req + EF10_FILTER_OP_IN_RX_QUEUE_OFST);
	filter->rss = EF10_RSS_CONTEXT_ID_INVALID;
	if (filter->dest > EF10_FILTER_OP_RX_DEST_HOST ||
	    (filter->dest == EF10_FILTER_OP_RX_DEST_HOST && filter->queue >= vf->nb_alloc))
		return EF10_MCDI_ERR_EINVAL;
	if (mode == EF10_FILTER_OP_RX_MODE_RSS) {
		filter->rss = ef10_le32_get(req + EF10_FILTER_OP_IN_RX_CONTEXT_OFST);
		if (pioemu_rss_get(vf, filter->rss) == NULL)
			return EF10_MCDI_ERR_ENOENT;
	} else if (mode != EF10_FILTER_OP_RX_MODE_SIMPLE) {
		return EF10_MCDI_ERR_EINVAL;
	}
	return 0;
}

static bool
filter_is_same(const struct pioemu_filter *a, const struct pioemu_filter *b)
{
	return a->match == b->match && memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

uint32_t
pioemu_filter_insert(struct pioemu_vf *vf, const uint8_t *req, bool subscribe, uint64_t *handle)
{
	struct pioemu_filter filter;
	uint32_t match = ef10_le32_get(req + EF10_FILTER_OP_IN_MATCH_FIELDS_OFST);
	uint32_t rc, prio, i;

	if (!vf->vadaptor)
		return EF10_MCDI_ERR_NO_VADAPTOR;
	for (prio = 0; prio < pioemu_filter_nb_matches; prio++) {
		if (pioemu_filter_matches[prio] == match)
			break;
	}
	if (prio == pioemu_filter_nb_matches)
		return EF10_MCDI_ERR_EINVAL;
	if ((vf->conf.privileges &
	     filter_privilege(match, req + EF10_FILTER_OP_IN_DST_MAC_OFST)) == 0)
		return EF10_MCDI_ERR_EPERM;
	rc = filter_read(vf, req, &filter);
	if (rc != 0)
		return rc;
	filter.match = match;
	filter.prio = prio;
	filter.exclusive = !subscribe;
	filter_compile(&filter, req);
	for (i = 0; i < vf->nb_filters; i++) {
		if (filter_is_same(&filter, &vf->filters[i]) &&
		    (filter.exclusive || vf->filters[i].exclusive))
			return EF10_MCDI_ERR_EEXIST;
	}
	if (vf->nb_filters == PIOEMU_FILTERS_MAX)
		return EF10_MCDI_ERR_ENOSPC;
	filter.handle = 0x465400000000ull | ++vf->filter_next;
	for (i = vf->nb_filters; i > 0 && vf->filters[i - 1].prio > prio; i--)
		vf->filters[i] = vf->filters[i - 1];
	vf->filters[i] = filter;
	vf->nb_filters++;
	*handle = filter.handle;
	return 0;
}

static struct pioemu_filter *
filter_find(struct pioemu_vf *vf, uint64_t handle)
{
	uint32_t i;

	for (i = 0; i < vf->nb_filters; i++) {
		if (vf->filters[i].handle == handle)
			return &vf->filters[i];
	}
	return NULL;
}

/* Change where a filter leads to, not what it matches. */
uint32_t
pioemu_filter_replace(struct pioemu_vf *vf, const uint8_t *req, uint64_t handle)
{
	struct pioemu_filter *filter = filter_find(vf, handle), dest;
	uint32_t rc;

	if (filter == NULL)
		return EF10_MCDI_ERR_ENOENT;
	rc = filter_read(vf, req, &dest);
	if (rc != 0)
		return rc;
	filter->dest = dest.dest;
	filter->queue = dest.queue;
	filter->rss = dest.rss;
	return 0;
}

uint32_t
pioemu_filter_remove(struct pioemu_vf *vf, uint64_t handle, bool unsubscribe)
{
	struct pioemu_filter *filter = filter_find(vf, handle);
	uint32_t i;

	if (filter == NULL)
		return EF10_MCDI_ERR_ENOENT;
	if (filter->exclusive == unsubscribe)
		return EF10_MCDI_ERR_EINVAL;
	i = (uint32_t)(filter - vf->filters);
	memmove(filter, filter + 1, (vf->nb_filters - i - 1) * sizeof(*filter));
	vf->nb_filters--;
	return 0;
}

void
pioemu_filter_remove_all(struct pioemu_vf *vf)
{
	vf->nb_filters = 0;
}
