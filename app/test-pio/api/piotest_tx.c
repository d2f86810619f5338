/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Datapath of net_piotest. Every call is: checks that need nothing, reap, the reason why not by
 * PIO if any, then one of three posts (push, template, mbuf), then the doorbell.
 */

#include <errno.h>
#include <string.h>

#include "piotest_priv.h"

/** A checked frame in pieces, and what it asks for. */
struct piotest_frame_in {
	const struct rte_pio_iov *iov;
	uint16_t n;
	uint32_t len;
	bool csum;
};

static int
piotest_ready(const struct piotest_txq *q)
{
	switch (__atomic_load_n(&q->state, __ATOMIC_RELAXED)) {
	case PIOTEST_RUNNING:
		return 0;
	case PIOTEST_STOPPED:
		return -ENETDOWN;
	case PIOTEST_FAILED:
		return -EIO;
	default:
		return -ENOTSUP;
	}
}

static uint32_t
piotest_cost(uint32_t len)
{
	return RTE_ALIGN_CEIL(len, 64);
}

/* Device memory: what stands here is all that touches it. */

static void
piotest_store(struct piotest_txq *q, void *dst, const void *src, uint32_t len)
{
	rte_pio_store_copy(q->kind, dst, src, len);
	q->lines += (len + 63) / 64;
}

static void
piotest_store_template_line(void *ctx, uint32_t dev_off, const void *line)
{
	struct piotest_txq *q = ctx;

	piotest_store(q, q->hw->memory + dev_off, line, RTE_PIO_LINE);
}

void
piotest_txq_ring(struct piotest_txq *q)
{
	if (q->pushed == q->added)
		return;
	q->pushed = q->added;
	rte_pio_store_fence();
	piotest_dev_doorbell(q->dev, q->hw, q->added);
}

/* Completions */

static void
piotest_sw_complete(struct piotest_txq *q)
{
	struct piotest_sw_entry *sw = &q->sw[q->sw_oldest];

	if (++q->sw_oldest == q->entries.nb)
		q->sw_oldest = 0;
	q->credit += sw->credit;
	rte_pktmbuf_free(sw->mbuf);
	if (sw->t != NULL)
		rte_pio_driver_template_completed(sw->t, sw->slot);
	memset(sw, 0, sizeof(*sw));
}

static void
txq_reap(struct piotest_txq *q)
{
	uint32_t done = __atomic_load_n(&q->completed, __ATOMIC_ACQUIRE);
	uint32_t n = 0;

	for (; q->reaped != done; q->reaped++, n++)
		piotest_sw_complete(q);
	rte_pio_slots_put(&q->entries, n);
}

void
piotest_txq_purge(struct piotest_txq *q)
{
	txq_reap(q);
	for (; q->reaped != q->added; q->reaped++)
		piotest_sw_complete(q);
}

static void
piotest_template_reload(struct rte_pio_template *t, void *arg)
{
	struct rte_pio_driver_template *dt = (struct rte_pio_driver_template *)t;
	struct piotest_txq *q = arg;
	unsigned int slot;

	rte_pio_driver_template_invalidate(dt);
	for (slot = 0; slot < dt->nb_slots; slot++)
		q->stats.template_lines +=
			rte_pio_driver_template_flush(dt, slot, piotest_store_template_line, q);
}

void
piotest_txq_start(struct piotest_txq *q, struct rte_eth_dev *dev)
{
	uint32_t nb = q->has_memory ? q->template_off / PIOTEST_ENTRY : q->nb_desc;

	q->ring = q->has_memory ? q->hw->memory : q->host_ring;
	rte_pio_slots_init(&q->entries, 0, nb, PIOTEST_ENTRY);
	q->sw_next = 0;
	q->sw_oldest = 0;
	q->hw->ring = q->ring;
	q->hw->ring_entries = nb;
	q->hw->completed = &q->completed;
	q->hw->pos = 0;
	/* Counts start short of the wrap, so that every run sees it. */
	q->added = UINT32_MAX - 5;
	q->pushed = q->added;
	q->reaped = q->added;
	q->completed = q->added;
	q->hw->tail = q->added;
	q->hw->fetched = q->added;
	q->credit = PIOTEST_CREDITS;
	if (q->has_memory)
		rte_pio_driver_template_foreach(dev, q->queue_id, piotest_template_reload, q);
	q->hw->enabled = true;
}

/* Posting: there is room, nothing fails any more */

static struct piotest_sw_entry *
piotest_post(struct piotest_txq *q, struct piotest_entry *e, uint32_t nb_inline)
{
	uint32_t off = rte_pio_slots_take(&q->entries);
	struct piotest_sw_entry *sw = &q->sw[q->sw_next];
	uint32_t bytes = offsetof(struct piotest_entry, data) + nb_inline;

	e->seq = q->added++;
	if (++q->sw_next == q->entries.nb)
		q->sw_next = 0;
	if (q->has_memory)
		piotest_store(q, q->ring + off, e, bytes);
	else
		memcpy(q->ring + off, e, bytes);
	return sw;
}

static void
piotest_gather(uint8_t *out, const struct piotest_frame_in *f, uint32_t from, uint32_t len)
{
	uint32_t skip = from;
	uint16_t i;

	for (i = 0; i < f->n && len > 0; i++) {
		uint32_t part = f->iov[i].len;

		if (skip >= part) {
			skip -= part;
			continue;
		}
		part = RTE_MIN(part - skip, len);
		memcpy(out, (const uint8_t *)f->iov[i].base + skip, part);
		out += part;
		len -= part;
		skip = 0;
	}
}

/* Header inline, the rest to the bounce buffer of this entry. */
static void
piotest_push_fill(struct piotest_txq *q, const struct piotest_frame_in *f, struct piotest_entry *e,
		  uint8_t *bounce)
{
	memset(e, 0, sizeof(*e));
	e->type = PIOTEST_ENTRY_PUSH;
	/* Short frames are padded here: what is behind them inline is zeros. */
	e->len = (uint16_t)RTE_MAX(f->len, 60u);
	e->inline_len = (uint16_t)RTE_MIN((uint32_t)e->len, (uint32_t)PIOTEST_INLINE);
	e->csum = f->csum;
	e->l3_off = (uint8_t)q->l2_len;
	e->dma = (uintptr_t)bounce;
	piotest_gather(e->data, f, 0, RTE_MIN(f->len, (uint32_t)PIOTEST_INLINE));
	if (f->len > PIOTEST_INLINE)
		piotest_gather(bounce, f, PIOTEST_INLINE, f->len - PIOTEST_INLINE);
}

static void
piotest_push(struct piotest_txq *q, const struct piotest_frame_in *f)
{
	struct piotest_entry e;
	uint32_t cost = piotest_cost(f->len);

	piotest_push_fill(q, f, &e, q->bounce + (size_t)q->sw_next * PIOTEST_FRAME_MAX);
	piotest_post(q, &e, e.inline_len)->credit = (uint16_t)cost;
	q->credit -= cost;
	q->stats.pio_packets++;
	q->stats.pio_bytes += f->len;
	q->tx_packets++;
	q->tx_bytes += f->len;
}

/* The same code and stores, to the scratch entry. */
static void
piotest_push_warm(struct piotest_txq *q, const struct piotest_frame_in *f)
{
	uint8_t bounce[PIOTEST_FRAME_MAX];
	struct piotest_entry e;

	piotest_push_fill(q, f, &e, bounce);
	piotest_store(q, q->hw->memory + q->scratch_off, &e, sizeof(e));
	rte_pio_store_fence();
	q->stats.warms++;
}

static void
piotest_mbuf_post(struct piotest_txq *q, struct rte_mbuf *m)
{
	struct piotest_sw_entry *sw;
	struct rte_mbuf *seg = m;
	struct piotest_entry e;

	q->tx_packets++;
	q->tx_bytes += m->pkt_len;
	do {
		memset(&e, 0, sizeof(e));
		e.type = PIOTEST_ENTRY_DMA;
		e.more = seg->next != NULL;
		e.len = seg->data_len;
		e.csum = (m->ol_flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)) != 0;
		e.l3_off = (uint8_t)m->l2_len;
		e.dma = (uintptr_t)rte_pktmbuf_mtod(seg, void *);
		sw = piotest_post(q, &e, 0);
		seg = seg->next;
	} while (seg != NULL);
	/* Completions are whole frames: the last entry frees the chain. */
	sw->mbuf = m;
}

/* Decisions */

/* What is true of the queue, whatever the frame; NONE: PIO is in use. */
static enum rte_pio_fb_reason
piotest_queue_reason(const struct piotest_txq *q)
{
	if (!q->has_memory)
		return q->off_reason;
	return __atomic_load_n(&q->pio_on, __ATOMIC_RELAXED) ? RTE_PIO_FB_NONE :
		RTE_PIO_FB_STOPPED;
}

static enum rte_pio_fb_reason
piotest_frame_reason(const struct piotest_txq *q, uint32_t len)
{
	enum rte_pio_fb_reason reason = piotest_queue_reason(q);

	if (reason != RTE_PIO_FB_NONE)
		return reason;
	if (len > q->slot_size || len > q->frame_max)
		return RTE_PIO_FB_LEN;
	if (len > __atomic_load_n(&q->threshold, __ATOMIC_RELAXED))
		return RTE_PIO_FB_THRESHOLD;
	return RTE_PIO_FB_NONE;
}

/* What passes by itself. */
static enum rte_pio_fb_reason
piotest_room_reason(const struct piotest_txq *q, uint32_t len)
{
	if (q->entries.nb_free == 0)
		return RTE_PIO_FB_RING_FULL;
	if (q->credit < piotest_cost(len))
		return RTE_PIO_FB_NO_CREDIT;
	return RTE_PIO_FB_NONE;
}

/* May a frame that cannot go by PIO go by the ring? @return 0, or why the call fails. */
static int
piotest_ring_check(struct piotest_txq *q, enum rte_pio_fb_reason reason, uint32_t len,
		   uint32_t flags)
{
	if ((flags & RTE_PIO_NO_FALLBACK) != 0 || !q->fallback_ring)
		return rte_pio_driver_refuse(&q->stats, reason);
	if (len > RTE_MIN(q->frame_max, rte_pio_driver_ring_frame_max(UINT16_MAX, q->mp)))
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_LEN);
	if (q->entries.nb_free == 0)
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_RING_FULL);
	return 0;
}

/* The last step of a frame by the ring; m NULL: there was none to be had. */
static int
piotest_ring_post(struct piotest_txq *q, struct rte_mbuf *m, enum rte_pio_fb_reason reason,
		  uint64_t tx_ol_flags, uint16_t l2_len, uint16_t l3_len)
{
	if (m == NULL) {
		q->stats.refused[reason]++;
		return -ENOBUFS;
	}
	m->ol_flags |= tx_ol_flags;
	m->l2_len = l2_len;
	m->l3_len = l3_len;
	rte_pio_driver_fallback(&q->stats, reason, 1, m->pkt_len);
	piotest_mbuf_post(q, m);
	return RTE_PIO_BY_RING;
}

/*
 * End of every send: rings, also for what RTE_PIO_MORE held back when this one failed. Warming
 * emits nothing, not even that.
 */
static int
piotest_send_end(struct piotest_txq *q, uint32_t flags, int ret)
{
	if ((flags & RTE_PIO_WARM) == 0 && (ret < 0 || (flags & RTE_PIO_MORE) == 0))
		piotest_txq_ring(q);
	return ret;
}

static int
piotest_send_one(struct piotest_txq *q, const struct piotest_frame_in *f, uint32_t flags)
{
	enum rte_pio_fb_reason reason;
	int ret;

	txq_reap(q);
	reason = piotest_frame_reason(q, f->len);
	if ((flags & RTE_PIO_WARM) != 0) {
		if (reason != RTE_PIO_FB_NONE)
			return RTE_PIO_BY_RING;
		piotest_push_warm(q, f);
		return RTE_PIO_BY_PIO;
	}
	if (reason == RTE_PIO_FB_NONE)
		reason = piotest_room_reason(q, f->len);
	if (reason == RTE_PIO_FB_NONE) {
		piotest_push(q, f);
		return RTE_PIO_BY_PIO;
	}
	ret = piotest_ring_check(q, reason, f->len, flags);
	if (ret == 0)
		ret = piotest_ring_post(q, rte_pio_driver_mbuf(q->mp, f->iov, f->n, f->len), reason,
					f->csum ? q->tx_ol_flags : 0, q->l2_len, q->l3_len);
	rte_pio_driver_trace_fallback(q->port_id, q->queue_id, reason, f->len, ret);
	return ret;
}

static int
piotest_send_checked(struct piotest_txq *q, const struct piotest_frame_in *f, uint32_t flags)
{
	int ret = piotest_ready(q);

	if (ret == 0 && f->csum && q->tx_ol_flags == 0)
		ret = -EINVAL;
	return ret != 0 ? ret : piotest_send_one(q, f, flags);
}

static int
piotest_send(void *queue, const void *frame, uint32_t len, uint32_t flags)
{
	const struct rte_pio_iov iov = { .base = frame, .len = len };
	const struct piotest_frame_in f = {
		.iov = &iov, .n = 1, .len = len, .csum = (flags & RTE_PIO_CSUM) != 0,
	};
	struct piotest_txq *q = queue;

	if (q->state == PIOTEST_NO_OPT_IN)
		return -ENOTSUP;
	if (rte_pio_driver_frame_check(frame, len, flags) != 0)
		return piotest_send_end(q, flags, -EINVAL);
	return piotest_send_end(q, flags, piotest_send_checked(q, &f, flags));
}

static int
piotest_sendv(void *queue, const struct rte_pio_iov *iov, uint16_t n, uint32_t flags)
{
	struct piotest_frame_in f = { .iov = iov, .n = n, .csum = (flags & RTE_PIO_CSUM) != 0 };
	struct piotest_txq *q = queue;
	int64_t len;

	if (q->state == PIOTEST_NO_OPT_IN)
		return -ENOTSUP;
	len = rte_pio_driver_iov_check(iov, n, flags);
	if (len < 0)
		return piotest_send_end(q, flags, -EINVAL);
	f.len = (uint32_t)RTE_MIN(len, (int64_t)UINT32_MAX);
	return piotest_send_end(q, flags, piotest_send_checked(q, &f, flags));
}

static int
piotest_send_burst(void *queue, const struct rte_pio_iov *frames, uint16_t n, uint32_t flags)
{
	struct piotest_txq *q = queue;
	int ret = 0;
	uint16_t i;

	if (q->state == PIOTEST_NO_OPT_IN)
		return -ENOTSUP;
	if ((flags & ~RTE_PIO_FLAGS_ALL) != 0 || (frames == NULL && n > 0))
		return piotest_send_end(q, flags, -EINVAL);
	for (i = 0; i < n; i++) {
		ret = rte_pio_driver_frame_check(frames[i].base, frames[i].len, flags);
		if (ret == 0)
			ret = piotest_send_checked(q, &(const struct piotest_frame_in) {
				.iov = &frames[i], .n = 1, .len = frames[i].len,
				.csum = (flags & RTE_PIO_CSUM) != 0,
			}, flags);
		if (ret < 0)
			break;
	}
	piotest_send_end(q, flags, ret);
	return i > 0 ? i : ret;
}

static int
piotest_warm(void *queue, uint32_t len)
{
	static const uint8_t zeros[PIOTEST_FRAME_MAX];
	const struct rte_pio_iov iov = { .base = zeros, .len = len };
	const struct piotest_frame_in f = { .iov = &iov, .n = 1, .len = len };
	struct piotest_txq *q = queue;

	if (q->state == PIOTEST_NO_OPT_IN)
		return -ENOTSUP;
	if (len < RTE_PIO_FRAME_MIN)
		return -EINVAL;
	return piotest_send_checked(q, &f, RTE_PIO_WARM);
}

static int
piotest_credits(void *queue, struct rte_pio_credits *credits)
{
	struct piotest_txq *q = queue;
	int ret = piotest_ready(q);

	if (ret != 0)
		return ret;
	if (credits == NULL)
		return -EINVAL;
	txq_reap(q);
	*credits = (struct rte_pio_credits) { 0 };
	if (piotest_queue_reason(q) == RTE_PIO_FB_NONE) {
		uint32_t len = RTE_MIN(q->threshold, q->frame_max);

		credits->frames = RTE_MIN(q->entries.nb_free, q->credit / piotest_cost(len));
		credits->bytes = q->entries.nb_free != 0 ? q->credit : 0;
	}
	return 0;
}

static int
piotest_reap(void *queue)
{
	struct piotest_txq *q = queue;
	int ret = piotest_ready(q);

	if (ret != 0)
		return ret;
	piotest_txq_ring(q);
	txq_reap(q);
	return 0;
}

/* Templates */

/** A template, and the queue it is sent on. */
struct piotest_template {
	struct rte_pio_driver_template t;
	struct piotest_txq *q;
};

/* Is there device memory to write to now? While the port is down the shadow is all there is. */
static bool
piotest_live(const struct piotest_txq *q)
{
	return q->has_memory && q->state == PIOTEST_RUNNING;
}

static void
piotest_template_flush(struct piotest_txq *q, struct rte_pio_driver_template *t, unsigned int slot)
{
	q->stats.template_lines +=
		rte_pio_driver_template_flush(t, slot, piotest_store_template_line, q);
}

static int
piotest_template_alloc(void *queue, const struct rte_pio_template_conf *conf,
		       struct rte_pio_template **out)
{
	struct piotest_txq *q = queue;
	struct rte_pio_driver_template *t;
	unsigned int slot;
	int ret;

	txq_reap(q);
	ret = rte_pio_driver_template_create(&q->templates, q->port_id, q->queue_id, conf,
					     sizeof(struct piotest_template), SOCKET_ID_ANY, &t);
	if (ret != 0)
		return ret;
	((struct piotest_template *)t)->q = q;
	for (slot = 0; slot < t->nb_slots && piotest_live(q); slot++)
		piotest_template_flush(q, t, slot);
	rte_pio_store_fence();
	*out = &t->base;
	return 0;
}

static int
piotest_template_free(struct rte_pio_template *t)
{
	rte_pio_driver_template_destroy((struct rte_pio_driver_template *)t);
	return 0;
}

static int
piotest_template_info_get(const struct rte_pio_template *t, struct rte_pio_template_info *info)
{
	rte_pio_driver_template_info_get((const struct rte_pio_driver_template *)t, info);
	return 0;
}

static int
piotest_template_update(struct rte_pio_template *base, uint32_t offset, const void *data,
			uint32_t n)
{
	struct piotest_template *pt = (struct piotest_template *)base;
	struct rte_pio_driver_template *t = &pt->t;
	struct piotest_txq *q = pt->q;
	uint32_t len = t->len;
	int slot;

	if (rte_pio_driver_template_check(t, &len, offset, data, n) != 0)
		return -EINVAL;
	txq_reap(q);
	slot = rte_pio_driver_template_slot(t);
	if (slot < 0 && !q->fallback_ring)
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_TEMPLATE_BUSY);
	rte_pio_driver_template_patch(t, offset, data, n);
	q->stats.template_updates++;
	if (slot >= 0 && piotest_live(q))
		piotest_template_flush(q, t, (unsigned int)slot);
	rte_pio_store_fence();
	return 0;
}

static void
piotest_template_post(struct piotest_txq *q, struct rte_pio_driver_template *t, unsigned int slot,
		      bool csum)
{
	struct piotest_entry e = {
		.type = PIOTEST_ENTRY_TEMPLATE,
		.len = (uint16_t)RTE_MAX(t->len, 60u),
		.offset = t->slot_off[slot],
		.csum = csum,
		.l3_off = (uint8_t)t->l2_len,
	};
	struct piotest_sw_entry *sw = piotest_post(q, &e, 0);

	sw->t = t;
	sw->slot = (uint16_t)slot;
	rte_pio_driver_template_posted(t, slot);
	q->stats.template_sends++;
	q->stats.pio_packets++;
	q->stats.pio_bytes += t->len;
	q->tx_packets++;
	q->tx_bytes += t->len;
}

static int
piotest_template_check(const struct rte_pio_driver_template *t,
		       const struct rte_pio_update *updates, uint16_t n, uint32_t flags,
		       uint32_t *len)
{
	uint16_t i;

	if ((flags & ~RTE_PIO_FLAGS_ALL) != 0 || (updates == NULL && n > 0) ||
	    ((flags & RTE_PIO_CSUM) != 0 && t->tx_ol_flags == 0))
		return -EINVAL;
	*len = t->len;
	for (i = 0; i < n; i++) {
		if (rte_pio_driver_template_check(t, len, updates[i].offset, updates[i].data,
						  updates[i].len) != 0)
			return -EINVAL;
	}
	return 0;
}

static void
piotest_template_patch(struct piotest_txq *q, struct rte_pio_driver_template *t,
		       const struct rte_pio_update *updates, uint16_t n)
{
	uint16_t i;

	q->stats.template_updates += n;
	for (i = 0; i < n; i++)
		rte_pio_driver_template_patch(t, updates[i].offset, updates[i].data,
					      updates[i].len);
}

static enum rte_pio_fb_reason
piotest_template_reason(const struct piotest_txq *q, const struct rte_pio_driver_template *t,
			uint32_t len)
{
	enum rte_pio_fb_reason reason = piotest_queue_reason(q);

	if (reason != RTE_PIO_FB_NONE)
		return reason;
	if (t->nb_slots == 0)
		return RTE_PIO_FB_TEMPLATE_HOST;
	return len > q->frame_max ? RTE_PIO_FB_LEN : RTE_PIO_FB_NONE;
}

static int
piotest_template_send_one(struct piotest_txq *q, struct rte_pio_driver_template *t,
			  const struct rte_pio_update *updates, uint16_t n, uint32_t len,
			  uint32_t flags)
{
	const bool csum = (flags & RTE_PIO_CSUM) != 0;
	enum rte_pio_fb_reason reason;
	int ret, slot;

	txq_reap(q);
	reason = piotest_template_reason(q, t, len);
	if ((flags & RTE_PIO_WARM) != 0) {
		const struct rte_pio_iov iov = { .base = t->shadow, .len = t->len };
		const struct piotest_frame_in f = { .iov = &iov, .n = 1, .len = t->len };

		if (reason != RTE_PIO_FB_NONE || t->len > PIOTEST_FRAME_MAX)
			return RTE_PIO_BY_RING;
		piotest_push_warm(q, &f);
		return RTE_PIO_BY_PIO;
	}
	slot = rte_pio_driver_template_slot(t);
	if (reason == RTE_PIO_FB_NONE && q->entries.nb_free == 0)
		reason = RTE_PIO_FB_RING_FULL;
	if (reason == RTE_PIO_FB_NONE && slot < 0)
		reason = RTE_PIO_FB_TEMPLATE_BUSY;
	if (reason == RTE_PIO_FB_NONE) {
		piotest_template_patch(q, t, updates, n);
		piotest_template_flush(q, t, (unsigned int)slot);
		piotest_template_post(q, t, (unsigned int)slot, csum);
		return RTE_PIO_BY_PIO;
	}
	ret = piotest_ring_check(q, reason, len, flags);
	if (ret == 0)
		ret = piotest_ring_post(q, rte_pio_driver_template_mbuf(t, q->mp, updates, n),
					reason, csum ? t->tx_ol_flags : 0, t->l2_len, t->l3_len);
	if (ret == RTE_PIO_BY_RING) {
		piotest_template_patch(q, t, updates, n);
		t->ring_sends++;
	}
	rte_pio_driver_trace_fallback(q->port_id, q->queue_id, reason, len, ret);
	return ret;
}

static int
piotest_template_update_send(struct rte_pio_template *base, const struct rte_pio_update *updates,
			     uint16_t n, uint32_t flags)
{
	struct piotest_template *pt = (struct piotest_template *)base;
	uint32_t len;
	int ret;

	ret = piotest_template_check(&pt->t, updates, n, flags, &len);
	if (ret != 0)
		return piotest_send_end(pt->q, flags, ret);
	ret = piotest_ready(pt->q);
	if (ret != 0)
		return ret;
	ret = piotest_template_send_one(pt->q, &pt->t, updates, n, len, flags);
	return piotest_send_end(pt->q, flags, ret);
}

static int
piotest_template_send(struct rte_pio_template *t, uint32_t flags)
{
	return piotest_template_update_send(t, NULL, 0, flags);
}

/* mbufs */

/* Why an mbuf does not go by PIO. */
static enum rte_pio_fb_reason
piotest_mbuf_reason(const struct piotest_txq *q, const struct rte_mbuf *m)
{
	enum rte_pio_fb_reason reason = piotest_frame_reason(q, m->pkt_len);

	if (reason == RTE_PIO_FB_NONE && m->nb_segs != 1)
		reason = RTE_PIO_FB_SEGS;
	if (reason == RTE_PIO_FB_NONE && (m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK) != 0)
		reason = RTE_PIO_FB_OFFLOAD;
	if (reason == RTE_PIO_FB_NONE)
		reason = piotest_room_reason(q, m->pkt_len);
	return reason;
}

static bool
piotest_mbuf_send(struct piotest_txq *q, struct rte_mbuf *m)
{
	const struct rte_pio_iov iov = { rte_pktmbuf_mtod(m, void *), m->data_len };
	const struct piotest_frame_in f = { .iov = &iov, .n = 1, .len = m->pkt_len };
	enum rte_pio_fb_reason reason = RTE_PIO_FB_NONE;

	if (q->entries.nb_free < m->nb_segs)
		return false;
	if (!q->opted_in) {
		piotest_mbuf_post(q, m);
		return true;
	}
	reason = piotest_mbuf_reason(q, m);
	if (reason == RTE_PIO_FB_NONE) {
		piotest_push(q, &f);
		rte_pktmbuf_free(m);
	} else {
		rte_pio_driver_fallback(&q->stats, reason, 1, m->pkt_len);
		piotest_mbuf_post(q, m);
	}
	return true;
}

uint16_t
piotest_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	struct piotest_txq *q = queue;
	uint16_t i;

	if (q->state != PIOTEST_RUNNING)
		return 0;
	txq_reap(q);
	for (i = 0; i < nb; i++) {
		if (!piotest_mbuf_send(q, pkts[i]))
			break;
	}
	piotest_txq_ring(q);
	return i;
}

const struct rte_pio_fp_ops piotest_fp_ops = {
	.send = piotest_send,
	.sendv = piotest_sendv,
	.send_burst = piotest_send_burst,
	.template_send = piotest_template_send,
	.template_update_send = piotest_template_update_send,
	.template_update = piotest_template_update,
	.warm = piotest_warm,
	.credits = piotest_credits,
	.reap = piotest_reap,
	.template_alloc = piotest_template_alloc,
	.template_info_get = piotest_template_info_get,
	.template_free = piotest_template_free,
};

const struct piotest_txq piotest_txq_dummy = { .state = PIOTEST_NO_OPT_IN };
