/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Receive side scaling: contexts and the Toeplitz hash. */

#include <stdlib.h>
#include <string.h>

#include "pioemu_priv.h"

#define RSS_ID_BASE	0x52530000u	/* opaque to the driver */
#define RSS_FLAGS_DEFAULT	0x0Fu	/* the four TOEPLITZ_*_EN bits */
#define RSS_FLAGS_EN	0xFFu
#define RSS_INPUT_MAX	36

struct pioemu_rss *
pioemu_rss_get(struct pioemu_vf *vf, uint32_t id)
{
	uint32_t i = id - RSS_ID_BASE;

	return i < PIOEMU_RSS_MAX ? vf->rss[i] : NULL;
}

uint32_t
pioemu_rss_alloc(struct pioemu_vf *vf, uint32_t type, uint32_t nb_queues, uint32_t *id)
{
	struct pioemu_rss *rss;
	uint32_t slot, i;

	if (nb_queues == 0 || nb_queues > 64 || type > EF10_RSS_CONTEXT_ALLOC_TYPE_EVEN_SPREADING)
		return EF10_MCDI_ERR_EINVAL;
	for (slot = 0; slot < PIOEMU_RSS_MAX && vf->rss[slot] != NULL; slot++)
		;
	if (slot == PIOEMU_RSS_MAX)
		return EF10_MCDI_ERR_ENOSPC;
	rss = calloc(1, sizeof(*rss));
	if (rss == NULL)
		return EF10_MCDI_ERR_ENOMEM;
	rss->nb_queues = (uint16_t)nb_queues;
	rss->exclusive = type == EF10_RSS_CONTEXT_ALLOC_TYPE_EXCLUSIVE;
	rss->flags = RSS_FLAGS_DEFAULT;
	/* key and table of a new exclusive context are all zero; the others spread evenly */
	for (i = 0; i < EF10_RSS_CONTEXT_TABLE_LEN && !rss->exclusive; i++)
		rss->table[i] = (uint8_t)(i % nb_queues);
	vf->rss[slot] = rss;
	*id = RSS_ID_BASE + slot;
	return 0;
}

uint32_t
pioemu_rss_free(struct pioemu_vf *vf, uint32_t id)
{
	struct pioemu_rss *rss = pioemu_rss_get(vf, id);
	uint32_t i;

	if (rss == NULL)
		return EF10_MCDI_ERR_ENOENT;
	for (i = 0; i < vf->nb_filters; i++) {
		if (vf->filters[i].rss == id)
			return EF10_MCDI_ERR_EBUSY;
	}
	vf->rss[id - RSS_ID_BASE] = NULL;
	free(rss);
	return 0;
}

void
pioemu_rss_free_all(struct pioemu_vf *vf)
{
	uint32_t i;

	for (i = 0; i < PIOEMU_RSS_MAX; i++) {
		free(vf->rss[i]);
		vf->rss[i] = NULL;
	}
}

/* 32 bits of the key from bit position "bit" on; bits beyond the key are 0. */
static uint32_t
rss_key_window(const uint8_t *key, uint32_t bit)
{
	uint64_t bits = 0;
	uint32_t i, byte = bit / 8;

	for (i = 0; i < 5; i++)
		bits = bits << 8 | (byte + i < EF10_RSS_CONTEXT_KEY_LEN ? key[byte + i] : 0);
	return (uint32_t)(bits >> (8 - bit % 8));
}

/* The hash is linear in its input: what every 4 bits of it contribute is worked out here once. */
void
pioemu_rss_key_set(struct pioemu_rss *rss, const uint8_t *key)
{
	uint32_t pos, value, bit;

	memcpy(rss->key, key, sizeof(rss->key));
	for (pos = 0; pos < 2 * RSS_INPUT_MAX; pos++) {
		for (value = 0; value < 16; value++) {
			uint32_t sum = 0;

			for (bit = 0; bit < 4; bit++) {
				if ((value & (8u >> bit)) != 0)
					sum ^= rss_key_window(key, 4 * pos + bit);
			}
			rss->nibble[pos][value] = sum;
		}
	}
}

static uint32_t
rss_toeplitz(const struct pioemu_rss *rss, const uint8_t *input, uint32_t len)
{
	uint32_t hash = 0, i;

	for (i = 0; i < len; i++)
		hash ^= rss->nibble[2 * i][input[i] >> 4] ^ rss->nibble[2 * i + 1][input[i] & 15];
	return hash;
}

/* What the context wants hashed for this kind of frame: EF10_RSS_MODE_HASH_* bits. */
static uint32_t
rss_mode(const struct pioemu_rss *rss, const struct pioemu_pkt *pkt, bool ip6)
{
	const uint32_t addr = EF10_RSS_MODE_HASH_SRC_ADDR | EF10_RSS_MODE_HASH_DST_ADDR;
	const uint32_t port = EF10_RSS_MODE_HASH_SRC_PORT | EF10_RSS_MODE_HASH_DST_PORT;
	uint32_t f = rss->flags;

	if ((f & ~RSS_FLAGS_EN) != 0) {
		/* 8: TCP, 12: UDP, 16: other; 12 bits further for IPv6 */
		uint32_t lbn = pkt->l4_class == EF10_RX_L4_CLASS_TCP ?
			EF10_RSS_CONTEXT_FLAGS_TCP_IPV4_RSS_MODE_LBN :
			pkt->l4_class == EF10_RX_L4_CLASS_UDP ?
			EF10_RSS_CONTEXT_FLAGS_UDP_IPV4_RSS_MODE_LBN :
			EF10_RSS_CONTEXT_FLAGS_OTHER_IPV4_RSS_MODE_LBN;

		return f >> (lbn + (ip6 ? 12 : 0)) & 15;
	}
	if (pkt->l4_class == EF10_RX_L4_CLASS_TCP &&
	    (f & (ip6 ? EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_TCPV6_EN :
		  EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_TCPV4_EN)) != 0)
		return addr | port;
	if ((f & (ip6 ? EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_IPV6_EN :
		  EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_IPV4_EN)) != 0)
		return addr;
	return 0;
}

/* Hash of a frame, 0 when the context hashes nothing of it. Input order: source, destination, ports. */
uint32_t
pioemu_rss_hash(const struct pioemu_rss *rss, const struct pioemu_pkt *pkt)
{
	bool ip6 = pkt->l3_class == EF10_RX_L3_CLASS_IP6 ||
		pkt->l3_class == EF10_RX_L3_CLASS_IP6_FRAG;
	const uint8_t *ip = pkt->data + pkt->l3_off;
	uint32_t addr_len = ip6 ? 16 : 4, len = 0, mode;
	uint8_t input[RSS_INPUT_MAX];

	if (pkt->l3_off == 0)
		return 0;
	mode = rss_mode(rss, pkt, ip6);
	if ((mode & EF10_RSS_MODE_HASH_SRC_ADDR) != 0) {
		memcpy(input + len, ip + (ip6 ? 8 : 12), addr_len);
		len += addr_len;
	}
	if ((mode & EF10_RSS_MODE_HASH_DST_ADDR) != 0) {
		memcpy(input + len, ip + (ip6 ? 24 : 16), addr_len);
		len += addr_len;
	}
	if (pkt->l4_off != 0 && (mode & EF10_RSS_MODE_HASH_SRC_PORT) != 0) {
		memcpy(input + len, pkt->data + pkt->l4_off, 2);
		len += 2;
	}
	if (pkt->l4_off != 0 && (mode & EF10_RSS_MODE_HASH_DST_PORT) != 0) {
		memcpy(input + len, pkt->data + pkt->l4_off + 2, 2);
		len += 2;
	}
	return len == 0 ? 0 : rss_toeplitz(rss, input, len);
}
