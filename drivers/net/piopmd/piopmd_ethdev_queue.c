/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>

#include "piopmd.h"
#include "piopmd_ethdev.h"

int
piopmd_rx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		      unsigned int socket_id, const struct rte_eth_rxconf *conf,
		      struct rte_mempool *mp)
{
	int ret = piopmd_control_begin(dev);

	if (ret != 0)
		return ret;
	return piopmd_control_end(dev, piopmd_rxq_setup(dev, queue_id, nb_desc, socket_id, conf, mp));
}

void
piopmd_rx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	if (piopmd_control_begin(dev) != 0)
		return;
	piopmd_rxq_release(dev, queue_id);
	piopmd_control_end(dev, 0);
}

int
piopmd_tx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		      unsigned int socket_id, const struct rte_eth_txconf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	/* ethdev's release may have been refused; the templates may be gone by now */
	piopmd_tx_queue_release(dev, queue_id);
	ret = piopmd_control_begin(dev);
	if (ret != 0)
		return ret;
	if (ad->txq[queue_id] != NULL) {
		dev->data->tx_queues[queue_id] = ad->txq[queue_id]->dp;
		return piopmd_control_end(dev, -EBUSY);
	}
	ret = piopmd_control_end(dev, piopmd_txq_setup(dev, queue_id, nb_desc, socket_id, conf));
	if (ret == 0)
		ret = piopmd_ext_devargs_apply(dev, queue_id);
	return ret;
}

void
piopmd_tx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY || piopmd_adapter_of(dev)->txq[queue_id] == NULL)
		return;
	if (rte_pio_driver_queue_release(dev, queue_id) != 0)
		return; /* a queue with templates stays: piopmd_tx_queue_setup answers -EBUSY */
	if (piopmd_control_begin(dev) != 0)
		return;
	piopmd_txq_release(dev, queue_id);
	piopmd_control_end(dev, 0);
}

int
piopmd_rx_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = piopmd_control_begin_healthy(dev);

	if (ret != 0)
		return ret;
	if (ad->state != PIOPMD_STARTED)
		return piopmd_control_end(dev, -EINVAL);
	if (!ad->rxq[queue_id]->started) {
		ret = piopmd_rxq_start(dev, queue_id);
		if (ret == 0 && queue_id == 0) {
			ret = piopmd_filters_start(dev);
			if (ret != 0)
				piopmd_rxq_stop(dev, queue_id);
		}
	}
	if (ret == 0)
		ad->rxq[queue_id]->wanted = true;
	return piopmd_control_end(dev, ret);
}

int
piopmd_rx_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	int ret = piopmd_control_begin(dev);

	if (ret != 0)
		return ret;
	piopmd_adapter_of(dev)->rxq[queue_id]->wanted = false;
	if (queue_id == 0)
		piopmd_filters_stop(dev);
	piopmd_rxq_stop(dev, queue_id);
	return piopmd_control_end(dev, 0);
}

int
piopmd_tx_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = piopmd_control_begin_healthy(dev);

	if (ret != 0)
		return ret;
	if (ad->state != PIOPMD_STARTED)
		return piopmd_control_end(dev, -EINVAL);
	if (!ad->txq[queue_id]->started)
		ret = piopmd_txq_start(dev, queue_id);
	if (ret == 0)
		ad->txq[queue_id]->wanted = true;
	return piopmd_control_end(dev, ret);
}

int
piopmd_tx_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	int ret = piopmd_control_begin(dev);

	if (ret != 0)
		return ret;
	piopmd_adapter_of(dev)->txq[queue_id]->wanted = false;
	piopmd_txq_stop(dev, queue_id);
	return piopmd_control_end(dev, 0);
}

int
piopmd_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (dev->data->dev_conf.intr_conf.rxq == 0 || ad->rxq[queue_id] == NULL)
		return -ENOTSUP;
	piopmd_dp_rxq_intr_enable(ad->rxq[queue_id]->dp);
	return 0;
}

int
piopmd_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (dev->data->dev_conf.intr_conf.rxq == 0 || ad->rxq[queue_id] == NULL)
		return -ENOTSUP;
	piopmd_dp_rxq_intr_disable(ad->rxq[queue_id]->dp);
	return 0;
}

/* Below UMWAIT: an event that is there before the wait begins must end it at once. */
static int
monitor_check(const uint64_t value, const uint64_t opaque[RTE_POWER_MONITOR_OPAQUE_SZ])
{
	RTE_SET_USED(opaque);
	return value != EF10_EVENT_EMPTY ? -1 : 0;
}

int
piopmd_get_monitor_addr(void *rx_queue, struct rte_power_monitor_cond *cond)
{
	cond->addr = piopmd_dp_rxq_event_next(rx_queue);
	cond->size = sizeof(uint64_t);
	cond->fn = monitor_check;
	return 0;
}

void
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

void
piopmd_txq_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_txq_info *info)
{
	const struct piopmd_txq *txq = piopmd_adapter_of(dev)->txq[queue_id];

	info->nb_desc = txq->nb_desc;
	info->conf.tx_free_thresh = txq->free_thresh;
	info->conf.tx_deferred_start = txq->deferred;
	info->conf.offloads = txq->offloads;
}

int
piopmd_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue_id,
			 struct rte_eth_burst_mode *mode)
{
	const char *name = NULL;

	RTE_SET_USED(queue_id);
	piopmd_dp_rx_burst_select(dev->data->rx_queues, dev->data->nb_rx_queues, &name);
	snprintf(mode->info, sizeof(mode->info), "%s", name);
	return 0;
}

int
piopmd_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue_id,
			 struct rte_eth_burst_mode *mode)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const char *name = NULL;

	RTE_SET_USED(queue_id);
	piopmd_dp_tx_burst_select(dev->data->tx_queues, dev->data->nb_tx_queues, ad->store, &name);
	snprintf(mode->info, sizeof(mode->info), "%s", name);
	return 0;
}
