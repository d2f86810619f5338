/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "piopmd.h"

static const struct rte_ether_addr filter_broadcast = {
	.addr_bytes = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
};

/*
 * Unicast addresses belong to one function; multicast ones are shared by subscription. The two
 * "unknown" matches take what no other filter of the adapter takes.
 */
static int
filter_insert(struct rte_eth_dev *dev, struct piopmd_filter_entry *entry)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_cmd_filter filter = {
		.match = entry->match,
		.dst_mac = entry->addr,
		.shared = entry->shared,
		.rxq = 0,
		.rss_context = ad->rss.context,
	};
	int ret = piopmd_cmd_filter_insert(&ad->mcdi, &filter, &entry->handle);

	if (ret != 0)
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "cannot receive " RTE_ETHER_ADDR_PRT_FMT
			       " (match %#x): %s", RTE_ETHER_ADDR_BYTES(&entry->addr), entry->match,
			       rte_strerror(-ret));
	return ret;
}

static void
filter_remove(struct piopmd_adapter *ad, const struct piopmd_filter_entry *entry)
{
	if (ad->mcdi.state == PIOPMD_MCDI_READY)
		piopmd_cmd_filter_remove(&ad->mcdi, entry->handle, entry->shared);
}

/*
 * Marks the entry as wanted; installs it if it is not there. Returns the error of that. Rules of rte_flow
 * come first: an entry that matches the same is not wanted.
 */
static int
filter_want(struct rte_eth_dev *dev, uint32_t match, const struct rte_ether_addr *addr)
{
	struct piopmd_filters *filters = &piopmd_adapter_of(dev)->filters;
	struct piopmd_filter_entry *entry;
	uint16_t i;
	int ret;

	if (piopmd_flows_claim(piopmd_adapter_of(dev), match, addr))
		return 0;
	for (i = 0; i < filters->nb; i++) {
		entry = &filters->entries[i];
		if (entry->match == match && rte_is_same_ether_addr(&entry->addr, addr)) {
			entry->wanted = true;
			return 0;
		}
	}
	if (filters->nb == PIOPMD_FILTERS_MAX)
		return -ENOSPC;
	entry = &filters->entries[filters->nb];
	entry->match = match;
	entry->addr = *addr;
	entry->shared = (match & EF10_FILTER_OP_MATCH_DST_MAC) == 0 ||
		rte_is_multicast_ether_addr(addr);
	entry->wanted = true;
	ret = filter_insert(dev, entry);
	if (ret == 0)
		filters->nb++;
	return ret;
}

/* The first error of several steps counts. */
static void
filter_result_merge(int *first, int ret)
{
	if (*first == 0)
		*first = ret;
}

static int
filters_insert_missing(struct rte_eth_dev *dev)
{
	const struct piopmd_filters *filters = &piopmd_adapter_of(dev)->filters;
	const struct rte_ether_addr none = { { 0 } };
	int ret = 0;
	uint16_t i;

	if (filters->isolated)
		return 0;
	for (i = 0; i < PIOPMD_MAC_ADDRS_MAX; i++) {
		if (!rte_is_zero_ether_addr(&filters->uc_addrs[i]))
			filter_result_merge(&ret, filter_want(dev, EF10_FILTER_OP_MATCH_DST_MAC,
							      &filters->uc_addrs[i]));
	}
	filter_result_merge(&ret, filter_want(dev, EF10_FILTER_OP_MATCH_DST_MAC,
					      &filter_broadcast));
	for (i = 0; i < filters->nb_mc_addrs; i++)
		filter_result_merge(&ret, filter_want(dev, EF10_FILTER_OP_MATCH_DST_MAC,
						      &filters->mc_addrs[i]));
	if (filters->promisc)
		filter_result_merge(&ret, filter_want(dev, EF10_FILTER_OP_MATCH_UNKNOWN_UCAST_DST,
						      &none));
	if (filters->promisc || filters->allmulti)
		filter_result_merge(&ret, filter_want(dev, EF10_FILTER_OP_MATCH_UNKNOWN_MCAST_DST,
						      &none));
	return ret;
}

static void
filters_remove_unwanted(struct piopmd_adapter *ad)
{
	struct piopmd_filters *filters = &ad->filters;
	uint16_t i = 0;

	while (i < filters->nb) {
		if (filters->entries[i].wanted) {
			i++;
			continue;
		}
		filter_remove(ad, &filters->entries[i]);
		filters->entries[i] = filters->entries[--filters->nb];
	}
}

int
piopmd_filters_apply(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;
	int ret;

	if (!ad->filters.active)
		return 0;
	for (i = 0; i < ad->filters.nb; i++)
		ad->filters.entries[i].wanted = false;
	ret = filters_insert_missing(dev);
	filters_remove_unwanted(ad);
	return ret;
}

int
piopmd_filters_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	ad->filters.active = true;
	ret = piopmd_filters_apply(dev);
	if (ret != 0)
		piopmd_filters_stop(dev);
	return ret;
}

void
piopmd_filters_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	ad->filters.active = false;
	for (i = 0; i < ad->filters.nb; i++)
		filter_remove(ad, &ad->filters.entries[i]);
	ad->filters.nb = 0;
}

/* Changes a mode and, if the adapter refuses, changes it back. */
static int
filter_mode_set(struct rte_eth_dev *dev, bool *mode, bool on)
{
	bool before = *mode;
	int ret;

	*mode = on;
	ret = piopmd_filters_apply(dev);
	if (ret != 0) {
		*mode = before;
		piopmd_filters_apply(dev);
	}
	return ret;
}

int
piopmd_promiscuous_set(struct rte_eth_dev *dev, bool on)
{
	return filter_mode_set(dev, &piopmd_adapter_of(dev)->filters.promisc, on);
}

int
piopmd_allmulticast_set(struct rte_eth_dev *dev, bool on)
{
	return filter_mode_set(dev, &piopmd_adapter_of(dev)->filters.allmulti, on);
}

/*
 * The virtual port takes a new address only while no filter is installed, unless the firmware has the
 * capability and the port was made with it (piopmd_vi.c).
 */
static int
filter_vadaptor_mac_set(struct rte_eth_dev *dev, const struct rte_ether_addr *addr)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	bool permitted = (ad->caps.flags1 & EF10_GET_CAPABILITIES_FLAGS1_PERMIT_SET_MAC) != 0;
	bool active = ad->filters.active;
	int ret;

	if (!ad->vadaptor_held)
		return 0;
	if (!permitted) {
		piopmd_flows_stop(dev);
		piopmd_filters_stop(dev);
	}
	ret = piopmd_cmd_vadaptor_mac_set(&ad->mcdi, addr);
	if (ret == -ENOTSUP)
		ret = 0;
	ad->filters.active = active;
	if (!permitted && ad->state == PIOPMD_STARTED && piopmd_flows_start(dev) != 0 && ret == 0)
		ret = -EIO;
	return ret;
}

int
piopmd_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_ether_addr before = ad->filters.uc_addrs[0];
	int ret;

	ad->filters.uc_addrs[0] = *addr;
	ret = filter_vadaptor_mac_set(dev, addr);
	if (ret == 0)
		ret = piopmd_filters_apply(dev);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "cannot change the address to "
			       RTE_ETHER_ADDR_PRT_FMT ": %s", RTE_ETHER_ADDR_BYTES(addr),
			       rte_strerror(-ret));
		ad->filters.uc_addrs[0] = before;
		filter_vadaptor_mac_set(dev, &before);
		piopmd_filters_apply(dev);
	}
	return ret;
}

int
piopmd_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index)
{
	struct piopmd_filters *filters = &piopmd_adapter_of(dev)->filters;
	int ret;

	if (index >= PIOPMD_MAC_ADDRS_MAX)
		return -EINVAL;
	filters->uc_addrs[index] = *addr;
	ret = piopmd_filters_apply(dev);
	if (ret != 0) {
		memset(&filters->uc_addrs[index], 0, sizeof(filters->uc_addrs[index]));
		piopmd_filters_apply(dev);
	}
	return ret;
}

void
piopmd_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	struct piopmd_filters *filters = &piopmd_adapter_of(dev)->filters;

	if (index >= PIOPMD_MAC_ADDRS_MAX)
		return;
	memset(&filters->uc_addrs[index], 0, sizeof(filters->uc_addrs[index]));
	piopmd_filters_apply(dev);
}

static void
filter_groups_store(struct piopmd_filters *filters, const struct rte_ether_addr *addrs, uint32_t nb)
{
	if (nb != 0)
		memcpy(filters->mc_addrs, addrs, nb * sizeof(*addrs));
	filters->nb_mc_addrs = (uint16_t)nb;
}

int
piopmd_mc_addrs_set(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t nb)
{
	struct piopmd_filters *filters = &piopmd_adapter_of(dev)->filters;
	struct rte_ether_addr before[PIOPMD_MC_ADDRS_MAX];
	uint16_t nb_before = filters->nb_mc_addrs;
	uint32_t i;
	int ret;

	if (nb > PIOPMD_MC_ADDRS_MAX) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "%u multicast addresses: at most %u", nb,
			       PIOPMD_MC_ADDRS_MAX);
		return -ENOSPC;
	}
	for (i = 0; i < nb; i++) {
		if (!rte_is_multicast_ether_addr(&addrs[i])) {
			PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), RTE_ETHER_ADDR_PRT_FMT
				       " is no multicast address", RTE_ETHER_ADDR_BYTES(&addrs[i]));
			return -EINVAL;
		}
	}
	memcpy(before, filters->mc_addrs, sizeof(before));
	filter_groups_store(filters, addrs, nb);
	ret = piopmd_filters_apply(dev);
	if (ret != 0) {
		filter_groups_store(filters, before, nb_before);
		piopmd_filters_apply(dev);
	}
	return ret;
}
