/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <string.h>

#include "piopmd.h"
#include "piopmd_ethdev.h"

int
piopmd_promiscuous_enable(struct rte_eth_dev *dev)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_promiscuous_set(dev, true));
}

int
piopmd_promiscuous_disable(struct rte_eth_dev *dev)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_promiscuous_set(dev, false));
}

int
piopmd_allmulticast_enable(struct rte_eth_dev *dev)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_allmulticast_set(dev, true));
}

int
piopmd_allmulticast_disable(struct rte_eth_dev *dev)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_allmulticast_set(dev, false));
}

int
piopmd_dev_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_mac_addr_set(dev, addr));
}

int
piopmd_dev_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
			uint32_t pool)
{
	int ret = piopmd_control_begin_healthy(dev);

	RTE_SET_USED(pool);
	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_mac_addr_add(dev, addr, index));
}

void
piopmd_dev_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	if (piopmd_control_begin(dev) != 0)
		return;
	piopmd_mac_addr_remove(dev, index);
	piopmd_control_end(dev, 0);
}

int
piopmd_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t nb)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_mc_addrs_set(dev, addrs, nb));
}

int
piopmd_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_port_mtu_set(dev, mtu));
}

int
piopmd_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct rte_eth_link link;
	int ret;

	RTE_SET_USED(wait_to_complete); /* the adapter answers at once */
	ret = piopmd_control_begin(dev);
	if (ret != 0)
		return ret;
	ret = piopmd_link_get(dev, &link);
	if (ret == 0)
		ret = rte_eth_linkstatus_set(dev, &link);
	return piopmd_control_end(dev, ret);
}

/* Pause frames are the PF's to configure; what it has made of them can be read. */
int
piopmd_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf)
{
	static const enum rte_eth_fc_mode modes[] = {
		[EF10_FCNTL_OFF] = RTE_ETH_FC_NONE,
		[EF10_FCNTL_RESPOND] = RTE_ETH_FC_RX_PAUSE,
		[EF10_FCNTL_BIDIR] = RTE_ETH_FC_FULL,
		[EF10_FCNTL_GENERATE] = RTE_ETH_FC_TX_PAUSE,
	};
	struct piopmd_cmd_link link;
	int ret = piopmd_control_begin_healthy(dev);

	if (ret != 0)
		return ret;
	ret = piopmd_cmd_link_get(&piopmd_adapter_of(dev)->mcdi, &link);
	if (ret == 0) {
		memset(conf, 0, sizeof(*conf));
		/* priority flow control is none of the modes */
		conf->mode = link.fcntl < RTE_DIM(modes) ? modes[link.fcntl] : RTE_ETH_FC_NONE;
		conf->autoneg = link.autoneg;
	}
	return piopmd_control_end(dev, ret);
}

int
piopmd_dev_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_rss_hash_update(dev, conf));
}

int
piopmd_dev_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
		       uint16_t size)
{
	int ret = piopmd_control_begin_healthy(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_rss_reta_update(dev, reta, size));
}
