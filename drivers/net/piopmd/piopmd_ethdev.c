/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <rte_malloc.h>

#include "piopmd.h"
#include "piopmd_ethdev.h"

#define ETHDEV_ZONE_MGMT	"mgmt_evq"

int
piopmd_control_begin(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -EPERM;
	ad = piopmd_adapter_of(dev);
	pthread_mutex_lock(&ad->lock);
	return 0;
}

int
piopmd_control_begin_healthy(struct rte_eth_dev *dev)
{
	static const int errors[] = {
		[PIOPMD_HEALTH_OK] = 0,
		[PIOPMD_HEALTH_RECOVERING] = -EIO,
		[PIOPMD_HEALTH_FAILED] = -EIO,
		[PIOPMD_HEALTH_GONE] = -ENODEV,
	};
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = piopmd_control_begin(dev);

	if (ret != 0)
		return ret;
	ret = errors[ad->health];
	if (ret != 0)
		pthread_mutex_unlock(&ad->lock);
	return ret;
}

int
piopmd_control_end(struct rte_eth_dev *dev, int ret)
{
	pthread_mutex_unlock(&piopmd_adapter_of(dev)->lock);
	return ret;
}

void
piopmd_burst_select(struct rte_eth_dev *dev)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const char *name;

	/* ethdev asks a secondary process once, at probe: queues may be set up or made anew later */
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		dev->tx_pkt_burst = piopmd_dp_tx_burst_select(dev->data->tx_queues,
							      dev->data->nb_tx_queues, ad->store,
							      &name);
	else
		dev->tx_pkt_burst = piopmd_dp_tx_burst_any(ad->store, &name);
	dev->tx_pkt_prepare = piopmd_dp_tx_prepare_select(dev->data->tx_queues,
							  dev->data->nb_tx_queues);
	dev->rx_pkt_burst = piopmd_dp_rx_burst_select(dev->data->rx_queues,
						      dev->data->nb_rx_queues, &name);
	dev->rx_queue_count = piopmd_dp_rx_queue_count;
	dev->rx_descriptor_status = piopmd_dp_rx_descriptor_status;
	dev->tx_descriptor_status = piopmd_dp_tx_descriptor_status;
	PIOPMD_TX_QUEUE_COUNT_SET(dev, piopmd_dp_tx_queue_count);
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

/*
 * ethdev has released what is beyond the new number, but a queue with templates stays, and nobody
 * could name it any more. One that stays below the number may have lost its place in ethdev's array to
 * a configuration that failed. Adapter lock not held.
 */
static int
configure_surplus_release(struct rte_eth_dev *dev)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		if (ad->txq[i] != NULL)
			dev->data->tx_queues[i] = ad->txq[i]->dp;
	}
	for (i = dev->data->nb_tx_queues; i < PIOPMD_TXQ_MAX; i++) {
		if (ad->txq[i] == NULL)
			continue;
		piopmd_tx_queue_release(dev, i);
		if (ad->txq[i] != NULL) {
			PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "transmit queue %u has templates: free "
				       "them before configuring %u transmit queues", i,
				       dev->data->nb_tx_queues);
			return -EBUSY;
		}
	}
	return 0;
}

static int
piopmd_dev_configure(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = rte_eal_process_type() == RTE_PROC_PRIMARY ? 0 : -EPERM;

	if (ret == 0)
		ret = configure_surplus_release(dev);
	if (ret == 0)
		ret = piopmd_control_begin(dev);
	if (ret != 0)
		return ret;
	ret = configure_check(dev);
	if (ret == 0)
		ret = piopmd_flows_check(dev, dev->data->nb_rx_queues);
	if (ret == 0)
		ret = piopmd_rss_configure(dev);
	ad->state = ret == 0 ? PIOPMD_CONFIGURED : PIOPMD_ATTACHED;
	return piopmd_control_end(dev, ret);
}

/* Start and stop */

/* All of them are set up, and those that are not deferred are to run. */
static int
dev_queues_want(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues && ad->rxq[i] != NULL; i++)
		ad->rxq[i]->wanted = !ad->rxq[i]->deferred;
	if (i != dev->data->nb_rx_queues) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "receive queue %u is not set up", i);
		return -EINVAL;
	}
	for (i = 0; i < dev->data->nb_tx_queues && ad->txq[i] != NULL; i++)
		ad->txq[i]->wanted = !ad->txq[i]->deferred;
	if (i != dev->data->nb_tx_queues) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "transmit queue %u is not set up", i);
		return -EINVAL;
	}
	return 0;
}

static int
dev_start_locked(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_eth_link link;
	int ret;

	ret = dev_queues_want(dev);
	if (ret != 0)
		return ret;
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
	ad->recovery_told = false;
	piopmd_burst_select(dev);
	/* with link interrupts ethdev shows what is stored here and never asks */
	if (piopmd_link_get(dev, &link) == 0)
		rte_eth_linkstatus_set(dev, &link);
	return 0;
}

static int
piopmd_dev_start(struct rte_eth_dev *dev)
{
	int ret;

	ret = piopmd_control_begin(dev);
	if (ret != 0)
		return ret;
	ret = dev_start_locked(dev);
	/* with the lock: a recovery that begins right now blocks after this, not before */
	if (ret == 0)
		rte_pio_driver_fp_unblock(dev->data->port_id);
	return piopmd_control_end(dev, ret);
}

static int
piopmd_dev_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_eth_link link = { 0 };
	bool started;
	int ret;

	ret = piopmd_control_begin(dev);
	if (ret != 0)
		return ret;
	rte_pio_driver_fp_block(dev->data->port_id, -ENETDOWN);
	started = ad->state == PIOPMD_STARTED;
	if (started)
		ad->state = PIOPMD_CONFIGURED;
	piopmd_control_end(dev, 0);
	if (!started)
		return 0;

	piopmd_housekeeping_stop(dev);
	ret = piopmd_control_begin(dev);
	if (ret != 0)
		return ret;
	/* a recovery that this interrupts keeps nothing */
	ad->health = PIOPMD_HEALTH_OK;
	piopmd_port_stop(dev);
	rte_eth_linkstatus_set(dev, &link);
	return piopmd_control_end(dev, 0);
}

/*
 * ethdev has stopped the port. What is in the adapter goes; the configuration and the queues stay, so
 * that dev_start is enough afterwards.
 */
static int
piopmd_dev_reset(struct rte_eth_dev *dev)
{
	int ret = piopmd_control_begin(dev);

	return ret != 0 ? ret : piopmd_control_end(dev, piopmd_recover_reset(dev));
}

int
piopmd_dev_close(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		piopmd_ext_unregister(dev);
		/* the primary may have closed the port meanwhile: what was mapped where went with it */
		if (ad != NULL)
			piopmd_pci_close(dev);
		return 0;
	}
	if (ad == NULL)
		return 0;
	piopmd_removal_unwatch(dev);
	piopmd_dev_stop(dev);
	piopmd_flows_free(ad);
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

const struct eth_dev_ops piopmd_eth_dev_ops = {
	.dev_configure = piopmd_dev_configure,
	.dev_start = piopmd_dev_start,
	.dev_stop = piopmd_dev_stop,
	.dev_close = piopmd_dev_close,
	.dev_reset = piopmd_dev_reset,
	.dev_infos_get = piopmd_dev_infos_get,
	.dev_supported_ptypes_get = piopmd_supported_ptypes_get,
	.link_update = piopmd_link_update,
	.flow_ctrl_get = piopmd_flow_ctrl_get,
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
	.get_monitor_addr = piopmd_get_monitor_addr,
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
	.flow_ops_get = piopmd_flow_ops_get,
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
	TAILQ_INIT(&ad->flows);

	ret = piopmd_evq_setup(dev, &ad->mgmt_evq, ETHDEV_ZONE_MGMT, 0, PIOPMD_EVQ_MGMT_ENTRIES,
			       dev->data->numa_node);
	if (ret != 0)
		return ret;
	ret = piopmd_stats_setup(dev);
	if (ret != 0)
		goto fail_stats;
	dev->dev_ops = &piopmd_eth_dev_ops;
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS |
		RTE_ETH_DEV_FLOW_OPS_THREAD_SAFE;
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
