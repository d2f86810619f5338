/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "piopmd.h"
#include "piopmd_io.h"

#define ETHDEV_ZONE_MGMT	"mgmt_evq"

#define ETHDEV_RX_OFFLOADS \
	(RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_SCATTER | RTE_ETH_RX_OFFLOAD_RSS_HASH)
#define ETHDEV_TX_OFFLOADS \
	(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
	 RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_MULTI_SEGS | \
	 RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE)

/*
 * Every operation that changes something begins here. Such operations are the primary process's; in a
 * secondary they answer -EPERM. On success the adapter lock is held.
 */
static int
control_begin(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -EPERM;
	ad = piopmd_adapter_of(dev);
	pthread_mutex_lock(&ad->lock);
	return 0;
}

/* For what needs the running hardware, if there is any: not in the middle of a recovery. */
static int
control_begin_healthy(struct rte_eth_dev *dev)
{
	static const int errors[] = {
		[PIOPMD_HEALTH_OK] = 0,
		[PIOPMD_HEALTH_RECOVERING] = -EIO,
		[PIOPMD_HEALTH_FAILED] = -EIO,
		[PIOPMD_HEALTH_GONE] = -ENODEV,
	};
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = control_begin(dev);

	if (ret != 0)
		return ret;
	ret = errors[ad->health];
	if (ret != 0)
		pthread_mutex_unlock(&ad->lock);
	return ret;
}

static int
control_end(struct rte_eth_dev *dev, int ret)
{
	pthread_mutex_unlock(&piopmd_adapter_of(dev)->lock);
	return ret;
}

void
piopmd_burst_select(struct rte_eth_dev *dev)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const char *name;

	dev->tx_pkt_burst = piopmd_dp_tx_burst_select(dev->data->tx_queues,
						      dev->data->nb_tx_queues, ad->store, &name);
	dev->tx_pkt_prepare = piopmd_dp_tx_prepare_select(dev->data->tx_queues,
							  dev->data->nb_tx_queues);
	dev->rx_pkt_burst = piopmd_dp_rx_burst_select(dev->data->rx_queues,
						      dev->data->nb_rx_queues, &name);
}

/* Configuration */

static int
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
		.nb_align = 1,
	};
	info->default_rxportconf.ring_size = PIOPMD_RXQ_DESC_DEF;
	info->default_txportconf.ring_size = PIOPMD_TXQ_DESC_DEF;
	info->default_rxportconf.nb_queues = 1;
	info->default_txportconf.nb_queues = 1;
	/* the device always drops what finds no descriptor */
	info->default_rxconf.rx_drop_en = 1;
	info->speed_capa = piopmd_link_speed_capa(ad->phy.caps);
	info->dev_capa = RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP |
		RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP;
	info->err_handle_mode = RTE_ETH_ERROR_HANDLE_MODE_PROACTIVE;
	return 0;
}

static int
configure_check(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const char *name = piopmd_name_of(dev);

	if (conf->lpbk_mode != 0) {
		PIOPMD_LOG_DRV(ERR, name, "loopback mode %u: a VF has none", conf->lpbk_mode);
		return -ENOTSUP;
	}
	if ((conf->link_speeds & RTE_ETH_LINK_SPEED_FIXED) != 0) {
		PIOPMD_LOG_DRV(ERR, name, "the link speed is the PF's to fix");
		return -ENOTSUP;
	}
	if (conf->txmode.mq_mode != RTE_ETH_MQ_TX_NONE) {
		PIOPMD_LOG_DRV(ERR, name, "transmit mode %u is not supported", conf->txmode.mq_mode);
		return -ENOTSUP;
	}
	if ((conf->rxmode.mq_mode & ~RTE_ETH_MQ_RX_RSS_FLAG) != 0) {
		PIOPMD_LOG_DRV(ERR, name, "receive mode %u is not supported", conf->rxmode.mq_mode);
		return -ENOTSUP;
	}
	if (conf->intr_conf.rxq != 0 &&
	    rte_intr_type_get(piopmd_pci_of(dev)->intr_handle) != RTE_INTR_HANDLE_VFIO_MSIX) {
		PIOPMD_LOG_DRV(ERR, name, "receive interrupts need MSI-X vectors");
		return -ENOTSUP;
	}
	return 0;
}

static int
piopmd_dev_configure(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	ret = control_begin(dev);
	if (ret != 0)
		return ret;
	ret = configure_check(dev);
	if (ret == 0)
		ret = piopmd_rss_configure(dev);
	ad->state = ret == 0 ? PIOPMD_CONFIGURED : PIOPMD_ATTACHED;
	return control_end(dev, ret);
}

static int
piopmd_rx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		      unsigned int socket_id, const struct rte_eth_rxconf *conf,
		      struct rte_mempool *mp)
{
	int ret = control_begin(dev);

	if (ret != 0)
		return ret;
	return control_end(dev, piopmd_rxq_setup(dev, queue_id, nb_desc, socket_id, conf, mp));
}

static void
piopmd_rx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	if (control_begin(dev) != 0)
		return;
	piopmd_rxq_release(dev, queue_id);
	control_end(dev, 0);
}

static int
piopmd_tx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		      unsigned int socket_id, const struct rte_eth_txconf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = control_begin(dev);

	if (ret != 0)
		return ret;
	if (ad->txq[queue_id] != NULL) {
		/* its release was refused: templates live on it */
		dev->data->tx_queues[queue_id] = ad->txq[queue_id]->dp;
		return control_end(dev, -EBUSY);
	}
	ret = control_end(dev, piopmd_txq_setup(dev, queue_id, nb_desc, socket_id, conf));
	if (ret == 0)
		ret = piopmd_ext_devargs_apply(dev, queue_id);
	return ret;
}

static void
piopmd_tx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return;
	if (rte_pio_driver_queue_release(dev, queue_id) != 0)
		return; /* a queue with templates stays: piopmd_tx_queue_setup answers -EBUSY */
	if (control_begin(dev) != 0)
		return;
	piopmd_txq_release(dev, queue_id);
	control_end(dev, 0);
}

/* Start and stop */

static int
dev_start_locked(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_eth_link link;
	int ret;

	/* the MC may have rebooted while the port was stopped */
	ret = piopmd_recover_attach(dev);
	if (ret == 0)
		ret = piopmd_port_start(dev);
	if (ret != 0)
		return ret;
	ret = piopmd_housekeeping_start(dev);
	if (ret != 0) {
		piopmd_port_stop(dev);
		return ret;
	}
	ad->state = PIOPMD_STARTED;
	ad->health = PIOPMD_HEALTH_OK;
	piopmd_burst_select(dev);
	/* with link interrupts ethdev shows what is stored here and never asks */
	if (piopmd_link_get(dev, &link) == 0)
		rte_eth_linkstatus_set(dev, &link);
	return 0;
}

static int
piopmd_dev_start(struct rte_eth_dev *dev)
{
	uint16_t i;
	int ret;

	ret = control_begin(dev);
	if (ret == 0)
		ret = control_end(dev, dev_start_locked(dev));
	if (ret != 0)
		return ret;
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		piopmd_ext_templates_restore(dev, i);
	rte_pio_driver_fp_unblock(dev->data->port_id);
	return 0;
}

static int
piopmd_dev_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_eth_link link = { 0 };
	bool started;
	int ret;

	ret = control_begin(dev);
	if (ret != 0)
		return ret;
	rte_pio_driver_fp_block(dev->data->port_id, -ENETDOWN);
	started = ad->state == PIOPMD_STARTED;
	if (started)
		ad->state = PIOPMD_CONFIGURED;
	control_end(dev, 0);
	if (!started)
		return 0;

	piopmd_housekeeping_stop(dev);
	ret = control_begin(dev);
	if (ret != 0)
		return ret;
	piopmd_port_stop(dev);
	ad->health = PIOPMD_HEALTH_OK;
	rte_eth_linkstatus_set(dev, &link);
	return control_end(dev, 0);
}

int
piopmd_dev_close(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		piopmd_ext_unregister(dev);
		piopmd_pci_close(dev);
		return 0;
	}
	if (ad == NULL)
		return 0;
	piopmd_removal_unwatch(dev);
	piopmd_dev_stop(dev);
	piopmd_ext_unregister(dev);
	for (i = 0; i < PIOPMD_RXQ_MAX; i++) {
		if (ad->rxq[i] != NULL)
			piopmd_rxq_release(dev, i);
	}
	for (i = 0; i < PIOPMD_TXQ_MAX; i++) {
		if (ad->txq[i] != NULL)
			piopmd_txq_release(dev, i);
	}
	dev->data->nb_rx_queues = 0;
	dev->data->nb_tx_queues = 0;
	piopmd_evq_release(dev, &ad->mgmt_evq, ETHDEV_ZONE_MGMT);
	piopmd_stats_release(dev);
	piopmd_pci_close(dev);
	return 0;
}

static int
piopmd_rx_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = control_begin_healthy(dev);

	if (ret != 0)
		return ret;
	if (ad->state != PIOPMD_STARTED)
		return control_end(dev, -EINVAL);
	if (!ad->rxq[queue_id]->started) {
		ret = piopmd_rxq_start(dev, queue_id);
		if (ret == 0 && queue_id == 0) {
			ret = piopmd_filters_start(dev);
			if (ret != 0)
				piopmd_rxq_stop(dev, queue_id);
		}
	}
	return control_end(dev, ret);
}

static int
piopmd_rx_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	int ret = control_begin(dev);

	if (ret != 0)
		return ret;
	if (queue_id == 0)
		piopmd_filters_stop(dev);
	piopmd_rxq_stop(dev, queue_id);
	return control_end(dev, 0);
}

static int
piopmd_tx_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = control_begin_healthy(dev);

	if (ret != 0)
		return ret;
	if (ad->state != PIOPMD_STARTED)
		return control_end(dev, -EINVAL);
	if (!ad->txq[queue_id]->started)
		ret = piopmd_txq_start(dev, queue_id);
	ret = control_end(dev, ret);
	if (ret == 0)
		piopmd_ext_templates_restore(dev, queue_id);
	return ret;
}

static int
piopmd_tx_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	int ret = control_begin(dev);

	if (ret != 0)
		return ret;
	piopmd_txq_stop(dev, queue_id);
	return control_end(dev, 0);
}

static int
piopmd_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (dev->data->dev_conf.intr_conf.rxq == 0 || ad->rxq[queue_id] == NULL)
		return -ENOTSUP;
	piopmd_dp_rxq_intr_enable(ad->rxq[queue_id]->dp);
	return 0;
}

static int
piopmd_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (dev->data->dev_conf.intr_conf.rxq == 0 || ad->rxq[queue_id] == NULL)
		return -ENOTSUP;
	piopmd_dp_rxq_intr_disable(ad->rxq[queue_id]->dp);
	return 0;
}

/* Addresses, modes, MTU, link */

static int
piopmd_promiscuous_enable(struct rte_eth_dev *dev)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_promiscuous_set(dev, true));
}

static int
piopmd_promiscuous_disable(struct rte_eth_dev *dev)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_promiscuous_set(dev, false));
}

static int
piopmd_allmulticast_enable(struct rte_eth_dev *dev)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_allmulticast_set(dev, true));
}

static int
piopmd_allmulticast_disable(struct rte_eth_dev *dev)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_allmulticast_set(dev, false));
}

static int
piopmd_dev_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_mac_addr_set(dev, addr));
}

static int
piopmd_dev_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
			uint32_t pool)
{
	int ret = control_begin_healthy(dev);

	RTE_SET_USED(pool);
	return ret != 0 ? ret : control_end(dev, piopmd_mac_addr_add(dev, addr, index));
}

static void
piopmd_dev_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	if (control_begin(dev) != 0)
		return;
	piopmd_mac_addr_remove(dev, index);
	control_end(dev, 0);
}

static int
piopmd_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t nb)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_mc_addrs_set(dev, addrs, nb));
}

static int
piopmd_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_port_mtu_set(dev, mtu));
}

static int
piopmd_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct rte_eth_link link;
	int ret;

	RTE_SET_USED(wait_to_complete); /* the adapter answers at once */
	ret = control_begin(dev);
	if (ret != 0)
		return ret;
	ret = piopmd_link_get(dev, &link);
	if (ret == 0)
		ret = rte_eth_linkstatus_set(dev, &link);
	return control_end(dev, ret);
}

static int
piopmd_dev_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_rss_hash_update(dev, conf));
}

static int
piopmd_dev_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta, uint16_t size)
{
	int ret = control_begin_healthy(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_rss_reta_update(dev, reta, size));
}

/* Information */

static int
piopmd_dev_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG)
{
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return piopmd_stats_get(dev, stats PIOPMD_QSTATS_PASS);
	ret = control_begin(dev);
	return ret != 0 ? ret :
		control_end(dev, piopmd_stats_get(dev, stats PIOPMD_QSTATS_PASS));
}

static int
piopmd_dev_stats_reset(struct rte_eth_dev *dev)
{
	int ret = control_begin(dev);

	return ret != 0 ? ret : control_end(dev, piopmd_stats_reset(dev));
}

static int
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

static void
piopmd_rxq_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_rxq_info *info)
{
	const struct piopmd_rxq *rxq = piopmd_adapter_of(dev)->rxq[queue_id];

	info->mp = rxq->mb_pool;
	info->nb_desc = rxq->nb_desc;
	info->rx_buf_size = (uint16_t)rxq->buf_size;
	info->scattered_rx = (rxq->offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	info->conf.rx_free_thresh = rxq->free_thresh;
	info->conf.rx_drop_en = 1;
	info->conf.rx_deferred_start = rxq->deferred;
	info->conf.offloads = rxq->offloads;
}

static void
piopmd_txq_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_txq_info *info)
{
	const struct piopmd_txq *txq = piopmd_adapter_of(dev)->txq[queue_id];

	info->nb_desc = txq->nb_desc;
	info->conf.tx_free_thresh = txq->free_thresh;
	info->conf.tx_deferred_start = txq->deferred;
	info->conf.offloads = txq->offloads;
}

static int
piopmd_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_burst_mode *mode)
{
	const char *name = NULL;

	RTE_SET_USED(queue_id);
	piopmd_dp_rx_burst_select(dev->data->rx_queues, dev->data->nb_rx_queues, &name);
	snprintf(mode->info, sizeof(mode->info), "%s", name);
	return 0;
}

static int
piopmd_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_burst_mode *mode)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const char *name = NULL;

	RTE_SET_USED(queue_id);
	piopmd_dp_tx_burst_select(dev->data->tx_queues, dev->data->nb_tx_queues, ad->store, &name);
	snprintf(mode->info, sizeof(mode->info), "%s", name);
	return 0;
}

/* The registers of a VF that can be read. */
static int
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

static const uint32_t *
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

const struct eth_dev_ops piopmd_eth_dev_ops = {
	.dev_configure = piopmd_dev_configure,
	.dev_start = piopmd_dev_start,
	.dev_stop = piopmd_dev_stop,
	.dev_close = piopmd_dev_close,
	.dev_infos_get = piopmd_dev_infos_get,
	.dev_supported_ptypes_get = piopmd_supported_ptypes_get,
	.link_update = piopmd_link_update,
	.promiscuous_enable = piopmd_promiscuous_enable,
	.promiscuous_disable = piopmd_promiscuous_disable,
	.allmulticast_enable = piopmd_allmulticast_enable,
	.allmulticast_disable = piopmd_allmulticast_disable,
	.mac_addr_set = piopmd_dev_mac_addr_set,
	.mac_addr_add = piopmd_dev_mac_addr_add,
	.mac_addr_remove = piopmd_dev_mac_addr_remove,
	.set_mc_addr_list = piopmd_set_mc_addr_list,
	.mtu_set = piopmd_mtu_set,
	.rx_queue_setup = piopmd_rx_queue_setup,
	.rx_queue_release = piopmd_rx_queue_release,
	.rx_queue_start = piopmd_rx_queue_start,
	.rx_queue_stop = piopmd_rx_queue_stop,
	.rx_queue_intr_enable = piopmd_rx_queue_intr_enable,
	.rx_queue_intr_disable = piopmd_rx_queue_intr_disable,
	.tx_queue_setup = piopmd_tx_queue_setup,
	.tx_queue_release = piopmd_tx_queue_release,
	.tx_queue_start = piopmd_tx_queue_start,
	.tx_queue_stop = piopmd_tx_queue_stop,
	.tx_done_cleanup = piopmd_dp_tx_done_cleanup,
	.rxq_info_get = piopmd_rxq_info_get,
	.txq_info_get = piopmd_txq_info_get,
	.rx_burst_mode_get = piopmd_rx_burst_mode_get,
	.tx_burst_mode_get = piopmd_tx_burst_mode_get,
	.rss_hash_update = piopmd_dev_rss_hash_update,
	.rss_hash_conf_get = piopmd_rss_hash_conf_get,
	.reta_update = piopmd_dev_reta_update,
	.reta_query = piopmd_rss_reta_query,
	.stats_get = piopmd_dev_stats_get,
	.stats_reset = piopmd_dev_stats_reset,
	.xstats_get = piopmd_xstats_get,
	.xstats_get_names = piopmd_xstats_get_names,
	.xstats_reset = piopmd_xstats_reset,
	.fw_version_get = piopmd_fw_version_get,
	.get_reg = piopmd_get_reg,
};

int
piopmd_port_init(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	dev->data->mac_addrs = rte_calloc("piopmd_mac_addrs", PIOPMD_MAC_ADDRS_MAX,
					  sizeof(struct rte_ether_addr), 0);
	if (dev->data->mac_addrs == NULL)
		return -ENOMEM;
	dev->data->mac_addrs[0] = ad->mac_perm;
	ad->filters.uc_addrs[0] = ad->mac_perm;

	ret = piopmd_evq_setup(dev, &ad->mgmt_evq, ETHDEV_ZONE_MGMT, 0, PIOPMD_EVQ_MGMT_ENTRIES,
			       dev->data->numa_node);
	if (ret != 0)
		return ret;
	ret = piopmd_stats_setup(dev);
	if (ret != 0)
		goto fail_stats;
	dev->dev_ops = &piopmd_eth_dev_ops;
	dev->rx_queue_count = piopmd_dp_rx_queue_count;
	dev->rx_descriptor_status = piopmd_dp_rx_descriptor_status;
	dev->tx_descriptor_status = piopmd_dp_tx_descriptor_status;
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	ret = piopmd_ext_register(dev);
	if (ret != 0)
		goto fail_ext;
	ret = piopmd_removal_watch(dev);
	if (ret != 0)
		goto fail_watch;
	piopmd_burst_select(dev);
	ad->state = PIOPMD_ATTACHED;
	return 0;

fail_watch:
	piopmd_ext_unregister(dev);
fail_ext:
	dev->dev_ops = NULL;
	piopmd_stats_release(dev);
fail_stats:
	piopmd_evq_release(dev, &ad->mgmt_evq, ETHDEV_ZONE_MGMT);
	return ret;
}
