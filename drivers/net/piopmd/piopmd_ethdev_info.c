/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>

#include "piopmd.h"
#include "piopmd_ethdev.h"
#include "piopmd_io.h"

#define ETHDEV_RX_OFFLOADS \
	(RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH)
#define ETHDEV_TX_OFFLOADS \
	(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
	 RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS | \
	 RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE)

/* A frame and its option descriptor fit the smallest ring. */
#define ETHDEV_TX_SEGS_MAX	(PIOPMD_DP_RING_LIMIT(PIOPMD_TXQ_DESC_MIN) - 1)

int
piopmd_dev_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_limits *limits = &ad->limits;

	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = PIOPMD_MTU_MAX;
	info->max_rx_pktlen = PIOPMD_MTU_MAX + PIOPMD_FRAME_OVERHEAD;
	info->min_rx_bufsize = 512;
	info->max_rx_queues = limits->nb_queues;
	info->max_tx_queues = limits->nb_queues;
	info->max_mac_addrs = PIOPMD_MAC_ADDRS_MAX;
	info->rx_offload_capa = ETHDEV_RX_OFFLOADS;
	info->rx_queue_offload_capa = RTE_ETH_RX_OFFLOAD_SCATTER;
	info->tx_offload_capa = ETHDEV_TX_OFFLOADS;
	info->tx_queue_offload_capa = ETHDEV_TX_OFFLOADS;
	info->flow_type_rss_offloads = piopmd_rss_types_supported(ad);
	if (limits->rss) {
		info->reta_size = PIOPMD_RETA_SIZE;
		info->hash_key_size = PIOPMD_RSS_KEY_LEN;
	}
	info->rx_desc_lim = (struct rte_eth_desc_lim){
		.nb_min = PIOPMD_RXQ_DESC_MIN, .nb_max = EF10_RXQ_SIZE_MAX,
		.nb_align = EF10_RX_DESC_WPTR_ALIGN,
	};
	info->tx_desc_lim = (struct rte_eth_desc_lim){
		.nb_min = PIOPMD_TXQ_DESC_MIN, .nb_max = (uint16_t)limits->txq_entries_max,
		.nb_align = 1, .nb_seg_max = ETHDEV_TX_SEGS_MAX, .nb_mtu_seg_max = ETHDEV_TX_SEGS_MAX,
	};
	info->default_rxportconf.ring_size = PIOPMD_RXQ_DESC_DEF;
	info->default_txportconf.ring_size = PIOPMD_TXQ_DESC_DEF;
	info->default_rxportconf.nb_queues = 1;
	info->default_txportconf.nb_queues = 1;
	/* the device always drops what finds no descriptor */
	info->default_rxconf.rx_drop_en = 1;
	info->speed_capa = piopmd_link_speed_capa(ad->phy_caps);
	/* not for transmit queues: a port has one burst function, chosen at start for all of them */
	info->dev_capa = RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP | RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP;
	info->err_handle_mode = RTE_ETH_ERROR_HANDLE_MODE_PROACTIVE;
	return 0;
}

int
piopmd_dev_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG)
{
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return piopmd_stats_get(dev, stats PIOPMD_QSTATS_PASS);
	ret = piopmd_control_begin(dev);
	return ret != 0 ? ret :
		piopmd_control_end(dev, piopmd_stats_get(dev, stats PIOPMD_QSTATS_PASS));
}

int
piopmd_dev_stats_reset(struct rte_eth_dev *dev)
{
	int ret = piopmd_control_begin(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_stats_reset(dev));
}

int
piopmd_fw_version_get(struct rte_eth_dev *dev, char *version, size_t size)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int len;

	len = snprintf(version, size, "%u.%u.%u.%u rx%x tx%x", ad->fw_version[0], ad->fw_version[1],
		       ad->fw_version[2], ad->fw_version[3], ad->caps.rx_fw_id, ad->caps.tx_fw_id);
	if (len < 0)
		return -EINVAL;
	/* ethdev wants to know the size with the terminator when it did not fit */
	return (size_t)len < size ? 0 : len + 1;
}

/* The registers of a VF that can be read. */
int
piopmd_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	static const uint32_t regs[] = {
		EF10_REG_BIU_HW_REV_ID, EF10_REG_BIU_MC_SFT_STATUS, EF10_REG_BIU_INT_ISR,
	};
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct rte_pci_device *pci = piopmd_pci_of(dev);
	uint32_t *data = info->data;
	uint32_t i;

	if (data == NULL) {
		info->length = RTE_DIM(regs);
		info->width = sizeof(uint32_t);
		return 0;
	}
	if (info->offset != 0 || (info->length != 0 && info->length != RTE_DIM(regs)))
		return -ENOTSUP;
	for (i = 0; i < RTE_DIM(regs); i++)
		data[i] = piopmd_io_read32(ad->map.base, regs[i]);
	info->length = RTE_DIM(regs);
	info->width = sizeof(uint32_t);
	info->version = (uint32_t)pci->id.vendor_id << 16 | pci->id.device_id;
	return 0;
}

const uint32_t *
piopmd_supported_ptypes_get(struct rte_eth_dev *dev PIOPMD_PTYPES_COUNT_ARG)
{
	static const uint32_t ptypes[] = {
		RTE_PTYPE_L2_ETHER,
		RTE_PTYPE_L2_ETHER_ARP,
		RTE_PTYPE_L2_ETHER_VLAN,
		RTE_PTYPE_L2_ETHER_QINQ,
		RTE_PTYPE_L3_IPV4_EXT_UNKNOWN,
		RTE_PTYPE_L3_IPV6_EXT_UNKNOWN,
		RTE_PTYPE_L4_FRAG,
		RTE_PTYPE_L4_TCP,
		RTE_PTYPE_L4_UDP,
		RTE_PTYPE_UNKNOWN,
	};

	RTE_SET_USED(dev);
	PIOPMD_PTYPES_COUNT_SET(RTE_DIM(ptypes) - 1);
	return ptypes;
}
