/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "piopmd.h"

#define RSS_TYPES_IPV4	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER)
#define RSS_TYPES_IPV6	(RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER | \
			 RTE_ETH_RSS_IPV6_EX)
#define RSS_TYPES_TCP4	RTE_ETH_RSS_NONFRAG_IPV4_TCP
#define RSS_TYPES_TCP6	(RTE_ETH_RSS_NONFRAG_IPV6_TCP | RTE_ETH_RSS_IPV6_TCP_EX)
#define RSS_TYPES_UDP4	RTE_ETH_RSS_NONFRAG_IPV4_UDP
#define RSS_TYPES_UDP6	(RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_UDP_EX)

#define RSS_MODE_2TUPLE	(EF10_RSS_MODE_HASH_SRC_ADDR | EF10_RSS_MODE_HASH_DST_ADDR)
#define RSS_MODE_4TUPLE	(RSS_MODE_2TUPLE | EF10_RSS_MODE_HASH_SRC_PORT | EF10_RSS_MODE_HASH_DST_PORT)

/* The key of the Toeplitz hash's published test vectors ("Verifying the RSS Hash Calculation"). */
static const uint8_t rss_key_default[PIOPMD_RSS_KEY_LEN] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static bool
rss_has_modes(const struct piopmd_adapter *ad)
{
	return (ad->caps.flags1 & EF10_GET_CAPABILITIES_FLAGS1_ADDITIONAL_RSS_MODES) != 0;
}

uint64_t
piopmd_rss_types_supported(const struct piopmd_adapter *ad)
{
	uint64_t types = RSS_TYPES_IPV4 | RSS_TYPES_IPV6 | RSS_TYPES_TCP4 | RSS_TYPES_TCP6;

	if (!ad->limits.rss)
		return 0;
	if (rss_has_modes(ad))
		types |= RSS_TYPES_UDP4 | RSS_TYPES_UDP6;
	return types;
}

/* A kind of frame is hashed by the most specific type that names it. */
static uint64_t
rss_mode(uint64_t types, uint64_t l4_types, uint64_t ip_types)
{
	if ((types & l4_types) != 0)
		return RSS_MODE_4TUPLE;
	return (types & ip_types) != 0 ? RSS_MODE_2TUPLE : 0;
}

static uint32_t
rss_flags(const struct piopmd_adapter *ad, uint64_t types)
{
	uint64_t flags = 0;

	if (!rss_has_modes(ad)) {
		if ((types & RSS_TYPES_IPV4) != 0)
			flags |= EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_IPV4_EN;
		if ((types & RSS_TYPES_TCP4) != 0)
			flags |= EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_TCPV4_EN;
		if ((types & RSS_TYPES_IPV6) != 0)
			flags |= EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_IPV6_EN;
		if ((types & RSS_TYPES_TCP6) != 0)
			flags |= EF10_RSS_CONTEXT_FLAGS_TOEPLITZ_TCPV6_EN;
		return (uint32_t)flags;
	}
	flags |= EF10_PUT(RSS_CONTEXT_FLAGS_TCP_IPV4_RSS_MODE,
			  rss_mode(types, RSS_TYPES_TCP4, RSS_TYPES_IPV4));
	flags |= EF10_PUT(RSS_CONTEXT_FLAGS_UDP_IPV4_RSS_MODE,
			  rss_mode(types, RSS_TYPES_UDP4, RSS_TYPES_IPV4));
	flags |= EF10_PUT(RSS_CONTEXT_FLAGS_OTHER_IPV4_RSS_MODE, rss_mode(types, 0, RSS_TYPES_IPV4));
	flags |= EF10_PUT(RSS_CONTEXT_FLAGS_TCP_IPV6_RSS_MODE,
			  rss_mode(types, RSS_TYPES_TCP6, RSS_TYPES_IPV6));
	flags |= EF10_PUT(RSS_CONTEXT_FLAGS_UDP_IPV6_RSS_MODE,
			  rss_mode(types, RSS_TYPES_UDP6, RSS_TYPES_IPV6));
	flags |= EF10_PUT(RSS_CONTEXT_FLAGS_OTHER_IPV6_RSS_MODE, rss_mode(types, 0, RSS_TYPES_IPV6));
	return (uint32_t)flags;
}

static void
rss_table_default(struct piopmd_adapter *ad, uint16_t nb_rxq)
{
	unsigned int i;

	for (i = 0; i < PIOPMD_RETA_SIZE; i++)
		ad->rss.table[i] = (uint8_t)(i % nb_rxq);
}

static int
rss_conf_check(struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf)
{
	if (conf->rss_key != NULL && conf->rss_key_len != 0 &&
	    conf->rss_key_len != PIOPMD_RSS_KEY_LEN) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "RSS key of %u bytes: it has %u",
			       conf->rss_key_len, PIOPMD_RSS_KEY_LEN);
		return -EINVAL;
	}
	if ((conf->rss_hf & ~piopmd_rss_types_supported(piopmd_adapter_of(dev))) != 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "RSS types %#" PRIx64 " are not supported",
			       conf->rss_hf & ~piopmd_rss_types_supported(piopmd_adapter_of(dev)));
		return -EINVAL;
	}
	return 0;
}

int
piopmd_rss_configure(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const struct rte_eth_rss_conf *rss_conf = &conf->rx_adv_conf.rss_conf;
	uint16_t nb_rxq = dev->data->nb_rx_queues;
	int ret;

	ad->rss.context = EF10_RSS_CONTEXT_ID_INVALID;
	ad->rss.flat_context = EF10_RSS_CONTEXT_ID_INVALID;
	ad->rss.on = (conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0 && nb_rxq != 0;
	if (!ad->rss.on)
		return 0;
	if (!ad->limits.rss) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "RSS is not to be had from this adapter");
		return -ENOTSUP;
	}
	ret = rss_conf_check(dev, rss_conf);
	if (ret != 0)
		return ret;
	ad->rss.types = rss_conf->rss_hf;
	memcpy(ad->rss.key, rss_conf->rss_key != NULL ? rss_conf->rss_key : rss_key_default,
	       PIOPMD_RSS_KEY_LEN);
	rss_table_default(ad, nb_rxq);
	return 0;
}

const uint8_t *
piopmd_rss_key(const struct piopmd_adapter *ad)
{
	return ad->rss.on ? ad->rss.key : rss_key_default;
}

int
piopmd_rss_context_make(struct piopmd_adapter *ad, const struct piopmd_rss_conf *conf,
			uint32_t *context)
{
	uint32_t id;
	int ret;

	ret = piopmd_cmd_rss_alloc(&ad->mcdi, conf->nb_queues, &id);
	if (ret != 0)
		return ret;
	ret = piopmd_cmd_rss_flags_set(&ad->mcdi, id, rss_flags(ad, conf->types));
	if (ret == 0)
		ret = piopmd_cmd_rss_key_set(&ad->mcdi, id, conf->key);
	if (ret == 0)
		ret = piopmd_cmd_rss_table_set(&ad->mcdi, id, conf->table);
	if (ret != 0)
		piopmd_rss_context_free(ad, &id);
	else
		*context = id;
	return ret;
}

void
piopmd_rss_context_free(struct piopmd_adapter *ad, uint32_t *context)
{
	if (*context != EF10_RSS_CONTEXT_ID_INVALID && ad->mcdi.state == PIOPMD_MCDI_READY)
		piopmd_cmd_rss_free(&ad->mcdi, *context);
	*context = EF10_RSS_CONTEXT_ID_INVALID;
}

int
piopmd_rss_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_rss *rss = &ad->rss;
	const struct piopmd_rss_conf conf = {
		.nb_queues = ad->nb_rxq, .types = rss->types, .key = rss->key, .table = rss->table,
	};
	int ret;

	if (!rss->on)
		return 0;
	ret = piopmd_rss_context_make(ad, &conf, &rss->context);
	if (ret != 0)
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "no RSS context to be had: %s",
			       rte_strerror(-ret));
	return ret;
}

void
piopmd_rss_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	piopmd_rss_context_free(ad, &ad->rss.flat_context);
	piopmd_rss_context_free(ad, &ad->rss.context);
}

int
piopmd_rss_flat_get(struct piopmd_adapter *ad, uint32_t *context)
{
	static const uint8_t table[PIOPMD_RETA_SIZE];
	struct piopmd_rss *rss = &ad->rss;
	const struct piopmd_rss_conf conf = {
		.nb_queues = 1, .types = rss->types, .key = rss->key, .table = table,
	};
	int ret = 0;

	if (rss->on && rss->flat_context == EF10_RSS_CONTEXT_ID_INVALID)
		ret = piopmd_rss_context_make(ad, &conf, &rss->flat_context);
	*context = rss->flat_context;
	return ret;
}

static bool
rss_is_running(const struct piopmd_adapter *ad)
{
	return ad->rss.context != EF10_RSS_CONTEXT_ID_INVALID;
}

/* Types and key into the contexts that follow the port's. */
static int
rss_contexts_rewrite(struct piopmd_adapter *ad)
{
	const uint32_t contexts[] = { ad->rss.context, ad->rss.flat_context };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < RTE_DIM(contexts) && ret == 0; i++) {
		if (contexts[i] == EF10_RSS_CONTEXT_ID_INVALID)
			continue;
		ret = piopmd_cmd_rss_flags_set(&ad->mcdi, contexts[i],
					       rss_flags(ad, ad->rss.types));
		if (ret == 0)
			ret = piopmd_cmd_rss_key_set(&ad->mcdi, contexts[i], ad->rss.key);
	}
	return ret;
}

int
piopmd_rss_hash_update(struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_rss before = ad->rss;
	int ret;

	if (!ad->rss.on)
		return conf->rss_hf == 0 ? 0 : -ENOTSUP;
	ret = rss_conf_check(dev, conf);
	if (ret != 0)
		return ret;
	ad->rss.types = conf->rss_hf;
	if (conf->rss_key != NULL)
		memcpy(ad->rss.key, conf->rss_key, PIOPMD_RSS_KEY_LEN);
	if (!rss_is_running(ad))
		return 0;

	ret = rss_contexts_rewrite(ad);
	if (ret != 0) {
		ad->rss = before;
		rss_contexts_rewrite(ad);
	}
	return ret;
}

int
piopmd_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	const struct piopmd_rss *rss = &piopmd_adapter_of(dev)->rss;

	conf->rss_hf = rss->on ? rss->types : 0;
	if (conf->rss_key != NULL && conf->rss_key_len >= PIOPMD_RSS_KEY_LEN)
		memcpy(conf->rss_key, piopmd_rss_key(piopmd_adapter_of(dev)), PIOPMD_RSS_KEY_LEN);
	conf->rss_key_len = PIOPMD_RSS_KEY_LEN;
	return 0;
}

int
piopmd_rss_reta_update(struct rte_eth_dev *dev, const struct rte_eth_rss_reta_entry64 *reta,
		       uint16_t size)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint8_t table[PIOPMD_RETA_SIZE];
	const struct rte_eth_rss_reta_entry64 *group;
	uint16_t i;
	int ret = 0;

	if (!ad->rss.on)
		return -ENOTSUP;
	if (size != PIOPMD_RETA_SIZE) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "redirection table of %u entries: it has %u",
			       size, PIOPMD_RETA_SIZE);
		return -EINVAL;
	}
	memcpy(table, ad->rss.table, sizeof(table));
	for (i = 0; i < size; i++) {
		group = &reta[i / RTE_ETH_RETA_GROUP_SIZE];
		if ((group->mask & (UINT64_C(1) << (i % RTE_ETH_RETA_GROUP_SIZE))) == 0)
			continue;
		if (group->reta[i % RTE_ETH_RETA_GROUP_SIZE] >= dev->data->nb_rx_queues)
			return -EINVAL;
		table[i] = (uint8_t)group->reta[i % RTE_ETH_RETA_GROUP_SIZE];
	}
	if (rss_is_running(ad))
		ret = piopmd_cmd_rss_table_set(&ad->mcdi, ad->rss.context, table);
	if (ret == 0)
		memcpy(ad->rss.table, table, sizeof(table));
	return ret;
}

int
piopmd_rss_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t size)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_eth_rss_reta_entry64 *group;
	uint16_t i;

	if (!ad->rss.on)
		return -ENOTSUP;
	if (size != PIOPMD_RETA_SIZE)
		return -EINVAL;
	for (i = 0; i < size; i++) {
		group = &reta[i / RTE_ETH_RETA_GROUP_SIZE];
		if ((group->mask & (UINT64_C(1) << (i % RTE_ETH_RETA_GROUP_SIZE))) != 0)
			group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = ad->rss.table[i];
	}
	return 0;
}
