/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Transmit queues as the control plane handles them: set-up, start, stop, PIO memory. */

#include <errno.h>
#include <string.h>

#include "piopmd_dp_tx.h"

const struct piopmd_dp_txq piopmd_dp_txq_dummy = {
	.ctl = PIOPMD_DP_CTL_NO_OPT_IN,
};

/* EF10_TX_CSUM_FLAG_* for RTE_ETH_TX_OFFLOAD_*. */
static uint32_t
txq_csum_mask(uint64_t offloads)
{
	uint32_t mask = EF10_TX_CSUM_FLAG_NONE;

	if ((offloads & RTE_ETH_TX_OFFLOAD_IPV4_CKSUM) != 0)
		mask |= EF10_TX_CSUM_FLAG_IP;
	if ((offloads & (RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM)) != 0)
		mask |= EF10_TX_CSUM_FLAG_UDP_TCP;
	return mask;
}

/* One segment per frame, one pool, no checksum switches, no slots among the descriptors. */
static bool
txq_simple(const struct piopmd_dp_txq *q)
{
	return q->fast_free && q->csum_mask == EF10_TX_CSUM_FLAG_NONE && !q->pio_opted_in;
}

int
piopmd_dp_txq_init(struct piopmd_dp_txq *q, const struct piopmd_dp_txq_conf *conf)
{
	if (!rte_is_power_of_2(conf->nb_entries) || conf->nb_entries < EF10_TXQ_SIZE_MIN ||
	    conf->nb_entries > EF10_TXQ_SIZE_MAX_HUNTINGTON || conf->max_fill == 0 ||
	    conf->max_fill > PIOPMD_DP_RING_LIMIT(conf->nb_entries) || conf->free_thresh == 0 ||
	    conf->free_thresh > conf->max_fill || conf->frame_max == 0 ||
	    conf->hw_ring == NULL || conf->evq_ring == NULL || conf->sw_ring == NULL ||
	    conf->vi_base == NULL)
		return -EINVAL;

	memset(q, 0, sizeof(*q));
	q->ctl = PIOPMD_DP_CTL_STOPPED;
	q->ptr_mask = conf->nb_entries - 1;
	q->max_fill = conf->max_fill;
	q->hw_ring = conf->hw_ring;
	q->doorbell = (volatile uint8_t *)conf->vi_base + EF10_REG_TX_DESC_UPD;
	q->sw_ring = conf->sw_ring;
	q->evq_ring = conf->evq_ring;
	q->reap_fill = conf->max_fill - conf->free_thresh;
	piopmd_dp_txq_frame_max_publish(q, conf->frame_max);
	q->csum_mask = txq_csum_mask(conf->offloads);
	q->csum_ask = q->csum_mask != EF10_TX_CSUM_FLAG_NONE ? PIOPMD_TX_CSUM_ASK : 0;
	q->multi_segs = (conf->offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
	q->fast_free = !q->multi_segs &&
		(conf->offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0;
	q->simple = txq_simple(q);
	q->pio_off_mask = UINT32_MAX;
	rte_spinlock_init(&q->templates_lock);
	q->pio_mem_reason = RTE_PIO_FB_NO_MEMORY;
	q->socket_id = conf->socket_id;
	q->port_id = conf->port_id;
	q->queue_id = conf->queue_id;
	return 0;
}

void
piopmd_dp_txq_start(struct piopmd_dp_txq *q, uint32_t evq_read_ptr)
{
	const uint32_t start = PIOPMD_COUNTER_START(q->ptr_mask + 1);

	memset(q->sw_ring, 0, (q->ptr_mask + 1) * sizeof(q->sw_ring[0]));
	q->evq_ptr = start + evq_read_ptr;
	/* the option below counts as completed: whether it has an event is up to the adapter */
	q->added = start + 1;
	q->completed = q->added;
	q->done = q->added;
	q->nb_other = 0;
	q->own = 0;
	q->csum = EF10_TX_CSUM_FLAG_NONE;
	rte_pio_slots_init(&q->slots, q->slots.begin, q->slots.nb, q->slots.size);
	/* the buffer was linked anew: the queue's thread finds its templates stale */
	q->generation = RTE_MAX(q->generation + 1, 1u);

	piopmd_io_desc_put(&q->hw_ring[0], ef10_tx_desc_csum(EF10_TX_CSUM_FLAG_NONE));
	piopmd_io_tx_doorbell(q->doorbell, q->hw_ring[0], 1);

	__atomic_store_n(&q->ctl, 0, __ATOMIC_RELEASE);
	piopmd_pio_publish(q);
}

static void
txq_ctl_set(struct piopmd_dp_txq *q, uint32_t bit)
{
	__atomic_fetch_or(&q->ctl, bit, __ATOMIC_RELAXED);
	piopmd_pio_publish(q);
}

uint32_t
piopmd_dp_txq_drain(struct piopmd_dp_txq *q)
{
	if (q->ctl == 0)
		piopmd_tx_flush(q);
	rte_spinlock_lock(&q->templates_lock);
	piopmd_dp_tx_done_cleanup(q, 0);
	rte_spinlock_unlock(&q->templates_lock);
	return q->added - q->done;
}

uint32_t
piopmd_dp_txq_stop(struct piopmd_dp_txq *q)
{
	if (q->ctl == 0)
		piopmd_tx_flush(q);
	txq_ctl_set(q, PIOPMD_DP_CTL_STOPPED);
	return q->evq_ptr - PIOPMD_COUNTER_START(q->ptr_mask + 1);
}

uint32_t
piopmd_dp_txq_purge(struct piopmd_dp_txq *q)
{
	const uint32_t n = q->added - q->done;

	q->done = q->added;
	q->own = 0;
	/* cleanup takes back what is done, of either kind of queue */
	rte_spinlock_lock(&q->templates_lock);
	piopmd_dp_tx_done_cleanup(q, 0);
	rte_spinlock_unlock(&q->templates_lock);
	return n;
}

void
piopmd_dp_txq_fail(struct piopmd_dp_txq *q)
{
	txq_ctl_set(q, PIOPMD_DP_CTL_FAILED);
}

void
piopmd_dp_txq_frame_max_publish(struct piopmd_dp_txq *q, uint32_t frame_max)
{
	/* before template_max is read; who allocates a template does it the other way round */
	__atomic_store_n(&q->frame_max, frame_max, __ATOMIC_SEQ_CST);
	__atomic_store_n(&q->single_max, RTE_MIN(frame_max, EF10_TX_DMA_LEN_MAX),
			 __ATOMIC_RELAXED);
	if (q->pio_opted_in)
		piopmd_pio_publish(q);
}

bool
piopmd_dp_txq_exception(const struct piopmd_dp_txq *q)
{
	const uint32_t ptr = __atomic_load_n(&q->evq_ptr, __ATOMIC_RELAXED);

	/* what the owner found to be impossible may well look like an event of its own */
	return (__atomic_load_n(&q->own, __ATOMIC_RELAXED) & PIOPMD_DP_OWN_EXCEPTION) != 0 ||
		piopmd_dp_event_foreign(q->evq_ring, ptr, q->ptr_mask, EF10_EV_CODE_TX);
}

void
piopmd_dp_tx_stats_get(const struct piopmd_dp_txq *q, struct piopmd_dp_tx_stats *stats)
{
	const struct rte_pio_queue_stats *s = &q->stats;

	stats->packets = __atomic_load_n(&s->pio_packets, __ATOMIC_RELAXED) +
		__atomic_load_n(&s->ring_packets, __ATOMIC_RELAXED);
	stats->bytes = __atomic_load_n(&s->pio_bytes, __ATOMIC_RELAXED) +
		__atomic_load_n(&s->ring_bytes, __ATOMIC_RELAXED);
	stats->dropped = __atomic_load_n(&q->dropped, __ATOMIC_RELAXED);
}

void
piopmd_dp_txq_ack_clear(struct piopmd_dp_txq *q)
{
	__atomic_store_n(&q->ack, 0, __ATOMIC_RELAXED);
}

bool
piopmd_dp_txq_ack(const struct piopmd_dp_txq *q)
{
	return __atomic_load_n(&q->ack, __ATOMIC_ACQUIRE) != 0;
}

size_t
piopmd_dp_txq_size(void)
{
	return sizeof(struct piopmd_dp_txq);
}

/* PIO memory */

void
piopmd_pio_publish(struct piopmd_dp_txq *q)
{
	enum rte_pio_fb_reason reason = q->pio_mem_reason;
	uint32_t generation = q->generation;
	uint32_t span = 0;

	if (reason == RTE_PIO_FB_NONE && !q->pio_enabled)
		reason = RTE_PIO_FB_STOPPED;
	if (reason == RTE_PIO_FB_NONE && q->ctl == 0)
		span = RTE_MIN(q->pio_threshold, q->frame_max) - RTE_PIO_FRAME_MIN + 1;
	__atomic_store_n(&q->pio_off_reason, reason, __ATOMIC_RELAXED);
	if (__atomic_load_n(&q->template_max, __ATOMIC_SEQ_CST) > q->frame_max || span == 0)
		generation = 0;
	__atomic_store_n(&q->template_generation, generation, __ATOMIC_RELEASE);
	__atomic_store_n(&q->pio_span, span, __ATOMIC_RELEASE);
}

static void
pio_window_set(struct piopmd_dp_txq *q, void *window, enum rte_pio_fb_reason off_reason)
{
	const struct rte_pio_driver_layout *l = &q->pio_layout;
	const uint32_t dev_off = q->pio_dev_off;

	q->pio_mem_reason = window == NULL ? off_reason : RTE_PIO_FB_NONE;
	q->pio_map = window == NULL ? NULL : (uint8_t *)window - dev_off;
	q->pio_scratch = window == NULL ? NULL : (uint8_t *)window + l->scratch_off;
	rte_pio_slots_init(&q->slots, dev_off, window == NULL ? 0 : l->nb_slots, l->slot_size);
	q->pio_reap_credits = l->nb_slots >= PIOPMD_PIO_REAP_SLOTS ? PIOPMD_PIO_REAP_CREDITS : 0;
	piopmd_pio_publish(q);
}

int
piopmd_dp_txq_pio_attach(struct piopmd_dp_txq *q, const struct piopmd_dp_pio_conf *conf)
{
	struct rte_pio_driver_layout layout = {0};
	int ret;

	if (conf->threshold < RTE_PIO_FRAME_MIN || conf->threshold > EF10_TX_PIO_LEN_MAX)
		return -EINVAL;
	if (conf->window != NULL) {
		if ((uintptr_t)conf->window % RTE_PIO_LINE != 0 ||
		    conf->dev_off % EF10_PIO_OFFSET_ALIGN != 0 ||
		    conf->dev_off + conf->size > EF10_PIOBUF_SIZE_MAX)
			return -EINVAL;
		ret = rte_pio_driver_layout(conf->size, conf->threshold, conf->template_mem,
					    &layout);
		if (ret != 0)
			return ret;
	}

	q->pio_layout = layout;
	q->pio_mem = conf->window == NULL ? 0 : conf->size;
	q->pio_dev_off = conf->dev_off;
	q->pio_threshold = conf->threshold;
	q->pio_fallback_mp = conf->fallback_mp;
	q->pio_fallback_ring = conf->fallback_ring;
	q->pio_csum = piopmd_tx_csum(conf->tx_ol_flags) & q->csum_mask;
	q->pio_enabled = true;
	q->pio_opted_in = true;
	q->simple = txq_simple(q);
	rte_pio_driver_templates_init(&q->templates, conf->dev_off + layout.template_off,
				      layout.template_mem);
	pio_window_set(q, conf->window, conf->off_reason);
	return 0;
}

void
piopmd_dp_txq_pio_move(struct piopmd_dp_txq *q, void *window, enum rte_pio_fb_reason off_reason)
{
	if (q->pio_mem == 0)
		window = NULL;
	pio_window_set(q, window, off_reason);
}

int
piopmd_dp_txq_pio_detach(struct piopmd_dp_txq *q)
{
	if (q->templates.nb != 0)
		return -EBUSY;
	q->pio_opted_in = false;
	q->simple = txq_simple(q);
	q->pio_enabled = false;
	q->pio_mem = 0;
	memset(&q->pio_layout, 0, sizeof(q->pio_layout));
	pio_window_set(q, NULL, RTE_PIO_FB_NO_MEMORY);
	return 0;
}

void
piopmd_dp_txq_pio_enable_publish(struct piopmd_dp_txq *q, bool on)
{
	q->pio_enabled = on;
	piopmd_pio_publish(q);
}

int
piopmd_dp_txq_pio_threshold_publish(struct piopmd_dp_txq *q, uint32_t threshold)
{
	if (q->pio_mem == 0)
		return -ENOTSUP;
	if (threshold < RTE_PIO_FRAME_MIN || threshold > q->pio_layout.slot_size)
		return -EINVAL;
	q->pio_threshold = threshold;
	piopmd_pio_publish(q);
	return 0;
}

void
piopmd_dp_txq_pio_info_get(const struct piopmd_dp_txq *q, struct piopmd_dp_pio_info *info)
{
	info->opted_in = q->pio_opted_in;
	info->enabled = q->pio_mem_reason == RTE_PIO_FB_NONE && q->pio_enabled;
	info->off_reason = __atomic_load_n(&q->pio_off_reason, __ATOMIC_RELAXED);
	info->size = q->pio_mem;
	info->slot_size = q->pio_layout.slot_size;
	info->nb_slots = q->slots.nb;
	info->threshold = q->pio_threshold;
	info->template_mem = q->pio_layout.template_mem;
	info->template_mem_free = rte_pio_driver_templates_mem_free(&q->templates);
	info->scratch = q->pio_scratch;
}

struct rte_pio_queue_stats *
piopmd_dp_txq_pio_stats(struct piopmd_dp_txq *q)
{
	return &q->stats;
}
