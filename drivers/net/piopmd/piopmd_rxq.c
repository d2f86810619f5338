/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "piopmd.h"

#define RXQ_ZONE_RING	"rx_ring"
#define RXQ_ZONE_EVQ	"rx_evq"
/* A buffer smaller than this holds no useful part of a frame. */
#define RXQ_BUF_MIN	256u

/* What the addresses of a mempool's buffers behind the headroom are certainly multiples of. */
static uint32_t
rxq_buf_align(struct rte_mempool *mp)
{
	const uint32_t off = sizeof(struct rte_mbuf) + rte_pktmbuf_priv_size(mp) +
		RTE_PKTMBUF_HEADROOM;
	uint32_t align = RTE_CACHE_LINE_SIZE;

	/* memory of the application's, cut into pieces of any size */
	if ((rte_pktmbuf_priv_flags(mp) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0)
		return 1;
	if ((mp->flags & RTE_MEMPOOL_F_NO_CACHE_ALIGN) != 0)
		align = sizeof(uint64_t);
	return RTE_MIN(align, off & -off);
}

/*
 * Bytes of a buffer that the device may use. Its writes are padded to a multiple of rx_pad in address
 * and length, so where a buffer's end is not aligned to that, the rest is lost (upstream's
 * sfc_rx_mb_pool_buf_size).
 */
static uint32_t
rxq_buf_size(const struct piopmd_adapter *ad, struct rte_mempool *mp)
{
	const uint32_t align = rxq_buf_align(mp);
	uint32_t room = rte_pktmbuf_data_room_size(mp);
	uint32_t pad = ad->limits.rx_pad;

	if (room < RTE_PKTMBUF_HEADROOM + RXQ_BUF_MIN + pad)
		return 0;
	room -= RTE_PKTMBUF_HEADROOM;
	if (pad > align)
		room -= pad - RTE_MIN(align, room & -room);
	else
		room = RTE_ALIGN_FLOOR(room, pad);
	return RTE_MIN(room, EF10_RX_DMA_LEN_MAX);
}

uint32_t
piopmd_rxq_frame_max(const struct piopmd_rxq *rxq)
{
	return rxq->buf_size - PIOPMD_DP_RX_PREFIX_SIZE;
}

static int
rxq_conf_check(struct rte_eth_dev *dev, uint16_t nb_desc, const struct rte_eth_rxconf *conf)
{
	if (nb_desc < PIOPMD_RXQ_DESC_MIN || nb_desc > EF10_RXQ_SIZE_MAX) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "%u receive descriptors: range %u to %u",
			       nb_desc, PIOPMD_RXQ_DESC_MIN, EF10_RXQ_SIZE_MAX);
		return -EINVAL;
	}
	if (conf->rx_free_thresh >= nb_desc) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "rx_free_thresh %u: range 0 to %u",
			       conf->rx_free_thresh, nb_desc - 1);
		return -EINVAL;
	}
	return 0;
}

/* In eights: that many descriptors the hardware fetches at once. */
static uint32_t
rxq_max_fill(const struct piopmd_rxq *rxq)
{
	return RTE_ALIGN_FLOOR(RTE_MIN((uint32_t)rxq->nb_desc,
				       PIOPMD_DP_RING_LIMIT(rxq->nb_entries)),
			       EF10_RX_DESC_WPTR_ALIGN);
}

static int
rxq_dp_init(struct rte_eth_dev *dev, struct piopmd_rxq *rxq)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_dp_rxq_conf conf = {
		.port_id = dev->data->port_id,
		.queue_id = rxq->queue_id,
		.nb_entries = rxq->nb_entries,
		.max_fill = rxq_max_fill(rxq),
		.refill_threshold = RTE_MIN(RTE_MAX(rxq->free_thresh, EF10_RX_DESC_WPTR_ALIGN),
					    rxq_max_fill(rxq)),
		.mb_pool = rxq->mb_pool,
		.buf_size = rxq->buf_size,
		.hw_ring = rxq->mz->addr,
		.evq_ring = rxq->evq.ring,
		.sw_ring = rxq->sw_ring,
		.vi_base = piopmd_vi_base(ad, rxq->queue_id),
		.evq_vi_base = piopmd_vi_base(ad, piopmd_rxq_evq_index(rxq->queue_id)),
		.prime_indirect = ad->limits.evq_indirect,
		.rss_hash = ad->rss.on && (rxq->offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0,
		.offloads = rxq->offloads,
	};

	return piopmd_dp_rxq_init(rxq->dp, &conf);
}

static void
rxq_free(struct rte_eth_dev *dev, struct piopmd_rxq *rxq)
{
	if (rxq == NULL)
		return;
	rte_free(rxq->sw_ring);
	if (rxq->mz != NULL)
		rte_eth_dma_zone_free(dev, RXQ_ZONE_RING, rxq->queue_id);
	piopmd_evq_release(dev, &rxq->evq, RXQ_ZONE_EVQ);
	rte_free(rxq->dp);
	rte_free(rxq);
}

static int
rxq_memory_alloc(struct rte_eth_dev *dev, struct piopmd_rxq *rxq)
{
	int ret;

	rxq->dp = rte_zmalloc_socket("piopmd_rxq_dp", piopmd_dp_rxq_size(), RTE_CACHE_LINE_SIZE,
				     rxq->socket_id);
	/* the datapath may look 8 entries past the end */
	rxq->sw_ring = rte_calloc_socket("piopmd_rxq_sw_ring", rxq->nb_entries + 8,
					 sizeof(*rxq->sw_ring), RTE_CACHE_LINE_SIZE, rxq->socket_id);
	if (rxq->dp == NULL || rxq->sw_ring == NULL)
		return -ENOMEM;
	ret = piopmd_evq_setup(dev, &rxq->evq, RXQ_ZONE_EVQ, rxq->queue_id, rxq->nb_entries,
			       rxq->socket_id);
	if (ret != 0)
		return ret;
	rxq->mz = rte_eth_dma_zone_reserve(dev, RXQ_ZONE_RING, rxq->queue_id,
					   rxq->nb_entries * EF10_DESC_SIZE, EF10_DMA_PAGE_SIZE,
					   rxq->socket_id);
	return rxq->mz == NULL ? -ENOMEM : 0;
}

int
piopmd_rxq_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		 unsigned int socket_id, const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_rxq *rxq;
	uint32_t buf_size;
	int ret;

	ret = rxq_conf_check(dev, nb_desc, conf);
	if (ret != 0)
		return ret;
	buf_size = rxq_buf_size(ad, mp);
	if (buf_size == 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "mempool %s: buffers are too small",
			       mp->name);
		return -EINVAL;
	}

	rxq = rte_zmalloc_socket("piopmd_rxq", sizeof(*rxq), RTE_CACHE_LINE_SIZE, (int)socket_id);
	if (rxq == NULL)
		goto fail_alloc;
	rxq->queue_id = queue_id;
	rxq->nb_desc = nb_desc;
	rxq->nb_entries = RTE_MAX(rte_align32pow2(nb_desc), EF10_RXQ_SIZE_MIN);
	rxq->free_thresh = conf->rx_free_thresh != 0 ?
		conf->rx_free_thresh : RTE_MIN(nb_desc / 4, 64);
	rxq->socket_id = (int)socket_id;
	rxq->mb_pool = mp;
	rxq->buf_size = buf_size;
	rxq->deferred = conf->rx_deferred_start != 0;
	rxq->offloads = conf->offloads | dev->data->dev_conf.rxmode.offloads;
	if (rxq_memory_alloc(dev, rxq) != 0)
		goto fail_alloc;
	ret = rxq_dp_init(dev, rxq);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "receive queue %u: bad configuration",
			       queue_id);
		goto fail_init;
	}

	ad->rxq[queue_id] = rxq;
	dev->data->rx_queues[queue_id] = rxq->dp;
	return 0;

fail_alloc:
	ret = -ENOMEM;
	PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "no memory for receive queue %u", queue_id);
fail_init:
	rxq_free(dev, rxq);
	return ret;
}

void
piopmd_rxq_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	piopmd_rxq_stop(dev, queue_id);
	rxq_free(dev, ad->rxq[queue_id]);
	ad->rxq[queue_id] = NULL;
	dev->data->rx_queues[queue_id] = NULL;
}

/* A frame of the MTU must fit one buffer, or be allowed to take several. */
static int
rxq_mtu_check(struct rte_eth_dev *dev, const struct piopmd_rxq *rxq)
{
	uint32_t frame = dev->data->mtu + PIOPMD_FRAME_OVERHEAD;

	if ((rxq->offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 || frame <= piopmd_rxq_frame_max(rxq))
		return 0;
	PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "receive queue %u: frames of MTU %u take %u bytes, a "
		       "buffer %u: enlarge the mempool's buffers or enable the scatter offload",
		       rxq->queue_id, dev->data->mtu, frame, piopmd_rxq_frame_max(rxq));
	return -EINVAL;
}

static void
rxq_flush(struct piopmd_adapter *ad, struct piopmd_rxq *rxq)
{
	int ret;

	if (ad->mcdi.state != PIOPMD_MCDI_READY)
		return;
	ret = piopmd_cmd_rxq_fini(&ad->mcdi, rxq->queue_id);
	if (ret == 0)
		ret = piopmd_evq_wait(ad, &rxq->evq, &rxq->evq.flushed, PIOPMD_FLUSH_US);
	if (ret != 0 && ret != -EALREADY)
		PIOPMD_LOG_DRV(ERR, ad->mcdi.name, "receive queue %u is not flushed: %s",
			       rxq->queue_id, rte_strerror(-ret));
}

int
piopmd_rxq_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_rxq *rxq = ad->rxq[queue_id];
	const struct piopmd_evq_intr intr = {
		.on = dev->data->dev_conf.intr_conf.rxq != 0 && ad->intr_on,
		.vector = (uint16_t)(1 + queue_id),
	};
	const struct piopmd_cmd_rxq cmd = {
		.ring = { .iova = rxq->mz->iova, .nb_entries = rxq->nb_entries },
		.index = queue_id,
		.evq = piopmd_rxq_evq_index(queue_id),
		.scatter = (rxq->offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0,
		.scatter_off_supported =
			(ad->caps.flags1 & EF10_GET_CAPABILITIES_FLAGS1_RX_DISABLE_SCATTER) != 0,
	};
	int ret;

	ret = rxq_mtu_check(dev, rxq);
	if (ret != 0)
		return ret;
	ret = piopmd_evq_start(ad, &rxq->evq, cmd.evq, &intr);
	if (ret != 0)
		return ret;
	ret = piopmd_cmd_rxq_init(&ad->mcdi, &cmd);
	if (ret != 0)
		goto fail_init;
	ret = piopmd_dp_rxq_start(rxq->dp, rxq->evq.read_ptr);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "mempool %s: no buffers for receive queue %u",
			       rxq->mb_pool->name, queue_id);
		goto fail_start;
	}
	rxq->started = true;
	dev->data->rx_queue_state[queue_id] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;

fail_start:
	rxq_flush(ad, rxq);
fail_init:
	piopmd_evq_stop(ad, &rxq->evq);
	return ret;
}

void
piopmd_rxq_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_rxq *rxq = ad->rxq[queue_id];

	if (rxq == NULL || !rxq->started)
		return;
	rxq->started = false;
	dev->data->rx_queue_state[queue_id] = RTE_ETH_QUEUE_STATE_STOPPED;
	rxq->evq.read_ptr = piopmd_dp_rxq_stop(rxq->dp);
	rxq_flush(ad, rxq);
	piopmd_evq_stop(ad, &rxq->evq);
	piopmd_dp_rxq_purge(rxq->dp);
}
