/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "piopmd.h"
#include "piopmd_tweak.h"

#define TXQ_ZONE_RING	"tx_ring"
#define TXQ_ZONE_EVQ	"tx_evq"
#define TXQ_DRAIN_PAUSE_US 20u

static int
txq_conf_check(struct rte_eth_dev *dev, uint16_t nb_desc, const struct rte_eth_txconf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (nb_desc < PIOPMD_TXQ_DESC_MIN || nb_desc > ad->limits.txq_entries_max) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "%u transmit descriptors: range %u to %u",
			       nb_desc, PIOPMD_TXQ_DESC_MIN, ad->limits.txq_entries_max);
		return -EINVAL;
	}
	if (conf->tx_free_thresh >= nb_desc) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "tx_free_thresh %u: range 0 to %u",
			       conf->tx_free_thresh, nb_desc - 1);
		return -EINVAL;
	}
	return 0;
}

static uint32_t
txq_max_fill(const struct piopmd_txq *txq)
{
	return RTE_MIN((uint32_t)txq->nb_desc, PIOPMD_DP_RING_LIMIT(txq->nb_entries));
}

/* Free descriptors below which a burst looks for completions, when the application leaves it open. */
static uint16_t
txq_free_thresh_advice(const struct piopmd_txq *txq)
{
	const uint32_t max_fill = txq_max_fill(txq);

	return (uint16_t)(max_fill - RTE_MIN(max_fill / 2, PIOPMD_TX_REAP_INFLIGHT));
}

static int
txq_dp_init(struct rte_eth_dev *dev, struct piopmd_txq *txq)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_dp_txq_conf conf = {
		.port_id = dev->data->port_id,
		.queue_id = txq->queue_id,
		.nb_entries = txq->nb_entries,
		.max_fill = txq_max_fill(txq),
		.free_thresh = RTE_MIN((uint32_t)txq->free_thresh, txq_max_fill(txq)),
		.hw_ring = txq->mz->addr,
		.evq_ring = txq->evq.ring,
		.sw_ring = txq->sw_ring,
		.vi_base = piopmd_vi_base(ad, txq->queue_id),
		.offloads = txq->offloads,
		.frame_max = dev->data->mtu + PIOPMD_FRAME_OVERHEAD,
		.socket_id = txq->socket_id,
	};

	return piopmd_dp_txq_init(txq->dp, &conf);
}

static void
txq_free(struct rte_eth_dev *dev, struct piopmd_txq *txq)
{
	if (txq == NULL)
		return;
	rte_free(txq->sw_ring);
	if (txq->mz != NULL)
		rte_eth_dma_zone_free(dev, TXQ_ZONE_RING, txq->queue_id);
	piopmd_evq_release(dev, &txq->evq, TXQ_ZONE_EVQ);
	rte_free(txq->dp);
	rte_free(txq);
}

static int
txq_memory_alloc(struct rte_eth_dev *dev, struct piopmd_txq *txq)
{
	int ret;

	txq->dp = rte_zmalloc_socket("piopmd_txq_dp", piopmd_dp_txq_size(), RTE_CACHE_LINE_SIZE,
				     txq->socket_id);
	txq->sw_ring = rte_calloc_socket("piopmd_txq_sw_ring", txq->nb_entries,
					 sizeof(*txq->sw_ring), RTE_CACHE_LINE_SIZE, txq->socket_id);
	if (txq->dp == NULL || txq->sw_ring == NULL)
		return -ENOMEM;
	ret = piopmd_evq_setup(dev, &txq->evq, TXQ_ZONE_EVQ, txq->queue_id, txq->nb_entries,
			       txq->socket_id);
	if (ret != 0)
		return ret;
	txq->mz = rte_eth_dma_zone_reserve(dev, TXQ_ZONE_RING, txq->queue_id,
					   txq->nb_entries * EF10_DESC_SIZE, EF10_DMA_PAGE_SIZE,
					   txq->socket_id);
	return txq->mz == NULL ? -ENOMEM : 0;
}

int
piopmd_txq_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		 unsigned int socket_id, const struct rte_eth_txconf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_txq *txq;
	int ret;

	ret = txq_conf_check(dev, nb_desc, conf);
	if (ret != 0)
		return ret;
	txq = rte_zmalloc_socket("piopmd_txq", sizeof(*txq), RTE_CACHE_LINE_SIZE, (int)socket_id);
	if (txq == NULL)
		goto fail_alloc;
	txq->queue_id = queue_id;
	txq->nb_desc = nb_desc;
	txq->nb_entries = RTE_MAX(rte_align32pow2(nb_desc), EF10_TXQ_SIZE_MIN);
	txq->free_thresh = conf->tx_free_thresh != 0 ? conf->tx_free_thresh :
		txq_free_thresh_advice(txq);
	txq->socket_id = (int)socket_id;
	txq->deferred = conf->tx_deferred_start != 0;
	txq->offloads = conf->offloads | dev->data->dev_conf.txmode.offloads;
	if (txq_memory_alloc(dev, txq) != 0)
		goto fail_alloc;
	ret = txq_dp_init(dev, txq);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "transmit queue %u: bad configuration",
			       queue_id);
		goto fail_init;
	}

	ad->txq[queue_id] = txq;
	dev->data->tx_queues[queue_id] = txq->dp;
	return 0;

fail_alloc:
	ret = -ENOMEM;
	PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "no memory for transmit queue %u", queue_id);
fail_init:
	txq_free(dev, txq);
	return ret;
}

void
piopmd_txq_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	piopmd_txq_stop(dev, queue_id);
	txq_free(dev, ad->txq[queue_id]);
	ad->txq[queue_id] = NULL;
	/* a configuration that failed has freed the array, and queues with templates outlive that */
	if (dev->data->tx_queues != NULL)
		dev->data->tx_queues[queue_id] = NULL;
}

/* PIO buffer */

static void
txq_piobuf_held_set(struct piopmd_adapter *ad, struct piopmd_txq *txq, bool held)
{
	uint16_t nb = (uint16_t)(ad->nb_piobufs_held + held - txq->pio.allocated);

	txq->pio.allocated = held;
	__atomic_store_n(&ad->nb_piobufs_held, nb, __ATOMIC_RELAXED);
}

int
piopmd_txq_piobuf_alloc(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	struct piopmd_txq_pio *pio = &txq->pio;
	int ret;

	if (txq->queue_id >= ad->map.nb_pio) {
		pio->reason = RTE_PIO_FB_NO_MAPPING;
		return -ENXIO;
	}
	if (!ad->limits.pio_privilege) {
		pio->reason = RTE_PIO_FB_NO_PRIVILEGE;
		PIOPMD_LOG_DRV(NOTICE, ad->mcdi.name,
			       "transmit queue %u: no PIO: the function lacks the ONLOAD privilege; the "
			       "PF's owner can grant it", txq->queue_id);
		return -ENXIO;
	}
	ret = piopmd_cmd_piobuf_alloc(&ad->mcdi, &pio->handle);
	if (ret == 0) {
		txq_piobuf_held_set(ad, txq, true);
		pio->reason = RTE_PIO_FB_NONE;
		return 0;
	}
	pio->reason = ret == -EPERM ? RTE_PIO_FB_NO_PRIVILEGE : RTE_PIO_FB_NO_MEMORY;
	PIOPMD_LOG_DRV(NOTICE, ad->mcdi.name, "transmit queue %u: no PIO buffer: %s", txq->queue_id,
		       ret == -ENOSPC ? "all are in use" : rte_strerror(-ret));
	if (ret == -EPERM)
		return -ENXIO;
	return ret == -ENODEV || ret == -EIO || ret == -ETIMEDOUT ? -EIO : -ENOSPC;
}

void
piopmd_txq_piobuf_free(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	struct piopmd_txq_pio *pio = &txq->pio;

	if (pio->allocated && ad->mcdi.state == PIOPMD_MCDI_READY)
		piopmd_cmd_piobuf_free(&ad->mcdi, pio->handle);
	txq_piobuf_held_set(ad, txq, false);
}

void
piopmd_txq_piobuf_forget(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	txq_piobuf_held_set(ad, txq, false);
	txq->pio.linked = false;
}

/* A queue that gets no link runs without PIO and counts why. */
static void
txq_pio_link(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	struct piopmd_txq_pio *pio = &txq->pio;
	int ret;

	if (!pio->opted_in || pio->conf.window == NULL)
		return; /* it never had memory */
	if (!pio->allocated && piopmd_txq_piobuf_alloc(ad, txq) != 0) {
		/* lost in a recovery, and somebody else was faster */
		pio->reason = RTE_PIO_FB_DEVICE;
		piopmd_dp_txq_pio_move(txq->dp, NULL, pio->reason);
		return;
	}
	ret = piopmd_cmd_piobuf_link(&ad->mcdi, pio->handle, txq->queue_id);
	pio->linked = ret == 0;
	if (ret != 0) {
		pio->reason = ret == -EPERM ? RTE_PIO_FB_NO_PRIVILEGE : RTE_PIO_FB_NO_MEMORY;
		PIOPMD_LOG_DRV(WARNING, ad->mcdi.name,
			       "transmit queue %u runs without PIO: LINK_PIOBUF: %s", txq->queue_id,
			       rte_strerror(-ret));
		piopmd_dp_txq_pio_move(txq->dp, NULL, pio->reason);
		return;
	}
	pio->reason = RTE_PIO_FB_NONE;
	piopmd_dp_txq_pio_move(txq->dp, pio->conf.window, pio->reason);
}

static void
txq_pio_unlink(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	int ret;

	if (!txq->pio.linked)
		return;
	txq->pio.linked = false;
	if (ad->mcdi.state != PIOPMD_MCDI_READY)
		return;
	ret = piopmd_cmd_piobuf_unlink(&ad->mcdi, txq->queue_id);
	if (ret != 0 && ret != -EALREADY && ret != -ENOENT)
		PIOPMD_LOG_DRV(WARNING, ad->mcdi.name, "transmit queue %u: UNLINK_PIOBUF: %s",
			       txq->queue_id, rte_strerror(-ret));
}

/* Start and stop */

static void
txq_flush(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	int ret;

	if (ad->mcdi.state != PIOPMD_MCDI_READY)
		return;
	ret = piopmd_cmd_txq_fini(&ad->mcdi, txq->queue_id);
	if (ret == 0)
		ret = piopmd_evq_wait(ad, &txq->evq, &txq->evq.flushed, PIOPMD_FLUSH_US);
	if (ret != 0 && ret != -EALREADY)
		PIOPMD_LOG_DRV(ERR, ad->mcdi.name, "transmit queue %u is not flushed: %s",
			       txq->queue_id, rte_strerror(-ret));
}

/* Frames that were accepted should leave: only a queue that stands still is flushed with frames in it. */
static void
txq_drain(struct piopmd_adapter *ad, struct piopmd_txq *txq)
{
	uint64_t start = rte_get_timer_cycles();
	uint64_t limit = PIOPMD_TXQ_DRAIN_US * rte_get_timer_hz() / US_PER_S;

	if (ad->mcdi.state != PIOPMD_MCDI_READY)
		return;
	while (piopmd_dp_txq_drain(txq->dp) != 0 && rte_get_timer_cycles() - start < limit)
		rte_delay_us_sleep(TXQ_DRAIN_PAUSE_US);
}

int
piopmd_txq_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_txq *txq = ad->txq[queue_id];
	const struct piopmd_evq_intr intr = { .on = false };
	const struct piopmd_cmd_txq cmd = {
		.ring = { .iova = txq->mz->iova, .nb_entries = txq->nb_entries },
		.index = queue_id,
		.evq = piopmd_txq_evq_index(ad, queue_id),
		.ip_csum = (txq->offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0,
		.l4_csum = (txq->offloads & (RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
					     RTE_ETH_TX_OFFLOAD_TCP_CKSUM)) != 0,
	};
	int ret;

	ret = piopmd_evq_start(ad, &txq->evq, cmd.evq, &intr);
	if (ret != 0)
		return ret;
	ret = piopmd_cmd_txq_init(&ad->mcdi, &cmd);
	if (ret != 0) {
		piopmd_evq_stop(ad, &txq->evq);
		return ret;
	}
	txq_pio_link(ad, txq);
	piopmd_dp_txq_frame_max_publish(txq->dp, dev->data->mtu + PIOPMD_FRAME_OVERHEAD);
	piopmd_dp_txq_start(txq->dp, txq->evq.read_ptr);
	txq->started = true;
	dev->data->tx_queue_state[queue_id] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

void
piopmd_txq_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_txq *txq = ad->txq[queue_id];

	if (txq == NULL || !txq->started)
		return;
	txq->started = false;
	dev->data->tx_queue_state[queue_id] = RTE_ETH_QUEUE_STATE_STOPPED;
	txq_drain(ad, txq);
	txq->evq.read_ptr = piopmd_dp_txq_stop(txq->dp);
	txq_pio_unlink(ad, txq);
	txq_flush(ad, txq);
	piopmd_evq_stop(ad, &txq->evq);
	txq->nb_lost += piopmd_dp_txq_purge(txq->dp);
}
