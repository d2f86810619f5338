/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Frames by PIO: the send calls of rte_pio, and rte_eth_tx_burst() on queues that opted in.
 *
 * A PIO send copies the frame to the next slot, writes a descriptor of the slot into the same ring
 * that DMA descriptors use, fences and rings. Slots are given out in order, and as completions
 * are cumulative they come back in order. Every check comes before the first byte crosses the bus.
 */

#include <string.h>

#include "piopmd_dp_pio.h"

void
piopmd_pio_make_room(struct piopmd_dp_txq *q)
{
	piopmd_tx_flush(q);
	piopmd_tx_reap(q);
}

__rte_noinline int
piopmd_pio_sent_reap(struct piopmd_dp_txq *q)
{
	piopmd_tx_reap(q);
	return RTE_PIO_BY_PIO;
}

/* Why a frame above the threshold does not go by PIO. */
static __rte_always_inline enum rte_pio_fb_reason
pio_long_reason(const struct piopmd_dp_txq *q, uint32_t len)
{
	return len > RTE_MIN(q->slots.size, q->frame_max) ? RTE_PIO_FB_LEN : RTE_PIO_FB_THRESHOLD;
}

/*
 * Why a frame cannot go by PIO now, RTE_PIO_FB_NONE if it can. What is true of the queue comes
 * first, then what is true of the frame, then what passes.
 */
static enum rte_pio_fb_reason
pio_admit(struct piopmd_dp_txq *q, uint32_t len, uint32_t csum, bool reap)
{
	const uint32_t descs = piopmd_pio_descs(q, csum);

	if (unlikely(q->pio_span == 0))
		return q->pio_off_reason == RTE_PIO_FB_NONE ? RTE_PIO_FB_STOPPED :
			(enum rte_pio_fb_reason)q->pio_off_reason;
	if (len >= q->pio_span + RTE_PIO_FRAME_MIN)
		return pio_long_reason(q, len);
	if (reap && (piopmd_tx_room(q, q->added) < descs || q->slots.nb_free == 0))
		piopmd_pio_make_room(q);
	if (piopmd_tx_room(q, q->added) < descs)
		return RTE_PIO_FB_RING_FULL;
	if (q->slots.nb_free == 0)
		return RTE_PIO_FB_NO_SLOT;
	return RTE_PIO_FB_NONE;
}

int
piopmd_pio_ring_begin(struct piopmd_dp_txq *q, const struct piopmd_pio_ring *r,
		      struct rte_mbuf **m)
{
	const uint32_t descs = piopmd_pio_descs(q, r->csum);

	if ((r->flags & RTE_PIO_NO_FALLBACK) != 0 || !q->pio_fallback_ring)
		return rte_pio_driver_refuse(&q->stats, r->reason);
	if (r->len > piopmd_pio_ring_max(q))
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_LEN);
	if (piopmd_tx_room(q, q->added) < descs)
		piopmd_pio_make_room(q);
	if (piopmd_tx_room(q, q->added) < descs)
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_RING_FULL);
	*m = rte_pio_driver_mbuf(q->pio_fallback_mp, NULL, 0, r->len);
	if (*m == NULL) {
		q->stats.refused[r->reason]++;
		return -ENOBUFS;
	}
	return 0;
}

int
piopmd_pio_ring_end(struct piopmd_dp_txq *q, const struct piopmd_pio_ring *r, struct rte_mbuf *m)
{
	const uint32_t added = piopmd_tx_csum_switch(q, q->added, r->csum);
	const uint64_t desc = ef10_tx_desc_dma(rte_mbuf_data_iova(m), r->len, false);

	piopmd_tx_put(q, added, desc, m);
	piopmd_tx_hold(q, piopmd_tx_first(q, added, desc), added + 1, false);
	if ((r->flags & RTE_PIO_MORE) == 0)
		piopmd_tx_flush(q);
	rte_pio_driver_fallback(&q->stats, r->reason, 1, r->len);
	return RTE_PIO_BY_RING;
}

/* Gather a checked frame into an mbuf and send it by the ring. */
static int
pio_by_ring(struct piopmd_dp_txq *q, const struct rte_pio_iov *iov, uint16_t n,
	    const struct piopmd_pio_ring *r)
{
	struct rte_mbuf *m;
	uint8_t *data;
	uint16_t i;
	int ret;

	ret = piopmd_pio_ring_begin(q, r, &m);
	if (ret != 0)
		return ret;
	data = rte_pktmbuf_mtod(m, uint8_t *);
	for (i = 0; i < n; i++) {
		if (iov[i].len == 0)
			continue;
		memcpy(data, iov[i].base, iov[i].len);
		data += iov[i].len;
	}
	return piopmd_pio_ring_end(q, r, m);
}

/* Copy a frame to the next slot and post it; pio_admit() said yes. Fence and doorbell follow. */
static void
pio_post(struct piopmd_dp_txq *q, const struct rte_pio_iov *iov, uint16_t n, uint32_t len,
	 uint32_t csum, enum rte_pio_store_kind kind)
{
	const uint32_t added = piopmd_tx_csum_switch(q, q->added, csum);
	const uint32_t off = rte_pio_slots_take(&q->slots);
	const uint64_t desc = piopmd_pio_desc(off, len);

	piopmd_io_pio_gather(kind, piopmd_pio_addr(q, off), iov, n);
	piopmd_io_desc_put(&q->hw_ring[added & q->ptr_mask], desc);
	piopmd_tx_hold(q, piopmd_tx_first(q, added, desc), added + 1, true);
	q->stats.pio_packets++;
	q->stats.pio_bytes += len;
}

/* Any send of rte_pio whose arguments are sound. */
static int
pio_send_any(struct piopmd_dp_txq *q, const struct rte_pio_iov *iov, uint16_t n, uint32_t len,
	     uint32_t flags, enum rte_pio_store_kind kind)
{
	const uint32_t csum = (flags & RTE_PIO_CSUM) != 0 ? q->pio_csum : EF10_TX_CSUM_FLAG_NONE;
	struct piopmd_pio_ring ring = { len, csum, flags, RTE_PIO_FB_NONE };
	int ret;

	if ((flags & RTE_PIO_CSUM) != 0 && csum == EF10_TX_CSUM_FLAG_NONE)
		return -EINVAL;
	ret = piopmd_pio_state(q);
	if (ret != 0)
		return ret;
	ring.reason = pio_admit(q, len, csum, true);
	if (likely(ring.reason == RTE_PIO_FB_NONE)) {
		pio_post(q, iov, n, len, csum, kind);
		if ((flags & RTE_PIO_MORE) == 0)
			piopmd_tx_flush(q);
		return RTE_PIO_BY_PIO;
	}
	ret = pio_by_ring(q, iov, n, &ring);
	rte_pio_driver_trace_fallback(q->port_id, q->queue_id, ring.reason, len, ret);
	return ret;
}

typedef int (*pio_send_t)(void *queue, const void *frame, uint32_t len, uint32_t flags);

/* The frame lengths of a warming send are read from here. */
static const uint8_t pio_zeros[EF10_PIOBUF_SIZE_MAX];

void
piopmd_pio_twin_make(struct piopmd_pio_twin *twin, struct piopmd_dp_txq *q)
{
	struct piopmd_dp_txq *w = &twin->q;

	/* the two lines that a send looks at, and with them their copies in the cache */
	memcpy(w, q, 2 * PIOPMD_LINE_SIZE);
	w->hw_ring = twin->ring;
	w->sw_ring = twin->sw_ring;
	w->ptr_mask = 0;
	w->doorbell = twin->doorbell;
	w->pio_map = q->pio_scratch;
	w->pio_off_mask = 0;
	w->own = 0;
	w->completed = w->added;
	w->done = w->added;
	w->evq_ring = twin->evq;
	w->evq_ptr = 0;
	twin->evq[0] = EF10_EVENT_EMPTY;
	w->stats.template_sends = 0;
	w->slots.nb_free = UINT32_MAX;
	w->generation = q->generation;

	/* what the real send will write; a prefetch changes nothing */
	__builtin_prefetch(&q->hw_ring[q->added & q->ptr_mask], 1);
	__builtin_prefetch((const void *)(uintptr_t)q->doorbell, 1);
	__builtin_prefetch(&q->evq_ring[q->evq_ptr & q->ptr_mask], 0);
}

/* The same function that sends runs, on a stand-in for the queue. */
static int
pio_warm(struct piopmd_dp_txq *q, uint32_t len, pio_send_t send)
{
	struct piopmd_pio_twin twin;
	int ret;

	ret = piopmd_pio_state(q);
	if (ret != 0)
		return ret;
	if (q->pio_span == 0 || len - RTE_PIO_FRAME_MIN >= q->pio_span)
		return RTE_PIO_BY_RING;
	piopmd_pio_twin_make(&twin, q);
	q->stats.warms++;
	return send(&twin.q, pio_zeros, len, 0);
}

/*
 * A send that is not plain: flags, pending or sticky state, no room, no slot, bad arguments. len is
 * the result of the argument check: negative errno or length.
 */
static __rte_noinline int
pio_send_slow(struct piopmd_dp_txq *q, const struct rte_pio_iov *iov, uint16_t n, int64_t len,
	      uint32_t flags, enum rte_pio_store_kind kind, pio_send_t send)
{
	int ret;

	if ((q->ctl & PIOPMD_DP_CTL_NO_OPT_IN) != 0)
		return -ENOTSUP;
	/* warming rings nothing, not even when it is asked for wrongly */
	if ((flags & RTE_PIO_WARM) != 0)
		return len < 0 ? (int)len : pio_warm(q, (uint32_t)RTE_MIN(len, UINT32_MAX), send);
	ret = len < 0 ? (int)len :
		pio_send_any(q, iov, n, (uint32_t)RTE_MIN(len, UINT32_MAX), flags, kind);
	/* a send that fails rings for what is pending, too */
	if (ret < 0 && q->ctl == 0)
		piopmd_tx_flush(q);
	return ret;
}

static __rte_noinline int
pio_send_flat_slow(struct piopmd_dp_txq *q, const void *frame, uint32_t len, uint32_t flags,
		   enum rte_pio_store_kind kind, pio_send_t send)
{
	const struct rte_pio_iov iov = { frame, len };
	const int ret = rte_pio_driver_frame_check(frame, len, flags);

	return pio_send_slow(q, &iov, 1, ret != 0 ? ret : (int64_t)len, flags, kind, send);
}

/* All that a plain frame needs is at hand. */
static __rte_always_inline bool
pio_plain(const struct piopmd_dp_txq *q, uint32_t len, uint32_t span, uint32_t added)
{
	return likely(len - RTE_PIO_FRAME_MIN < span && q->slots.nb_free != 0 &&
		      piopmd_tx_room(q, added) != 0);
}

/*
 * All of a plain send but the look for completions. warms: this may be a send on a twin, whose
 * lines all fall on the scratch line.
 */
static __rte_always_inline void
pio_send_plain(struct piopmd_dp_txq *q, const void *frame, uint32_t len, uint32_t added,
	       const bool warms, const enum rte_pio_store_kind kind)
{
	const uint32_t off = rte_pio_slots_take(&q->slots);
	const uint64_t desc = piopmd_pio_desc(off, len);

	if (warms)
		piopmd_io_pio_copy(kind, piopmd_pio_addr(q, off), frame, len,
				   RTE_PIO_LINE & q->pio_off_mask);
	else
		piopmd_io_pio_copy(kind, q->pio_map + off, frame, len, RTE_PIO_LINE);
	piopmd_io_desc_put(&q->hw_ring[added & q->ptr_mask], desc);
	piopmd_io_pio_fence();
	piopmd_io_tx_doorbell(q->doorbell, desc, (added + 1) & q->ptr_mask);
	q->added = added + 1;
	q->stats.pio_packets++;
	q->stats.pio_bytes += len;
}

static __rte_always_inline int
pio_send_body(struct piopmd_dp_txq *q, const void *frame, uint32_t len, uint32_t flags,
	      const enum rte_pio_store_kind kind, pio_send_t self)
{
	const uint32_t span = piopmd_tx_span(q);
	const uint32_t added = q->added;

	if (unlikely(!pio_plain(q, len, span, added) || (flags | q->own) != 0 || frame == NULL))
		return pio_send_flat_slow(q, frame, len, flags, kind, self);

	pio_send_plain(q, frame, len, added, true, kind);
	if (unlikely(q->slots.nb_free <= q->pio_reap_credits))
		return piopmd_pio_sent_reap(q);
	return RTE_PIO_BY_PIO;
}

static __rte_always_inline int
pio_sendv_body(struct piopmd_dp_txq *q, const struct rte_pio_iov *iov, uint16_t n, uint32_t flags,
	       const enum rte_pio_store_kind kind, pio_send_t send)
{
	const int64_t len = rte_pio_driver_iov_check(iov, n, flags);
	const uint32_t span = piopmd_tx_span(q);
	const uint32_t added = q->added;
	uint64_t desc;
	uint32_t off;

	if (unlikely(len < 0 || len > UINT32_MAX || !pio_plain(q, (uint32_t)len, span, added) ||
		     (flags | q->own) != 0))
		return pio_send_slow(q, iov, n, len, flags, kind, send);

	off = rte_pio_slots_take(&q->slots);
	desc = piopmd_pio_desc(off, (uint32_t)len);
	piopmd_io_pio_gather(kind, piopmd_pio_addr(q, off), iov, n);
	piopmd_io_desc_put(&q->hw_ring[added & q->ptr_mask], desc);
	piopmd_io_pio_fence();
	piopmd_io_tx_doorbell(q->doorbell, desc, (added + 1) & q->ptr_mask);
	q->added = added + 1;
	q->stats.pio_packets++;
	q->stats.pio_bytes += (uint64_t)len;
	if (unlikely(q->slots.nb_free <= q->pio_reap_credits))
		return piopmd_pio_sent_reap(q);
	return RTE_PIO_BY_PIO;
}

/* Frame i of a burst that is not plain; the doorbell is left to the burst. */
static __rte_noinline int
pio_send_burst_one(struct piopmd_dp_txq *q, const struct rte_pio_iov *frame, uint32_t flags,
		   enum rte_pio_store_kind kind)
{
	const int ret = rte_pio_driver_frame_check(frame->base, frame->len, flags);

	return ret != 0 ? ret : pio_send_any(q, frame, 1, frame->len, flags | RTE_PIO_MORE, kind);
}

static __rte_always_inline int
pio_send_burst_body(struct piopmd_dp_txq *q, const struct rte_pio_iov *frames, uint16_t n,
		    uint32_t flags, const enum rte_pio_store_kind kind, pio_send_t send)
{
	const bool plain_flags = (flags & ~(RTE_PIO_MORE | RTE_PIO_NO_FALLBACK)) == 0;
	const uint32_t span = piopmd_tx_span(q);
	int ret = unlikely(frames == NULL && n != 0) ? -EINVAL : 0;
	uint16_t i = 0;

	if (unlikely((q->ctl & PIOPMD_DP_CTL_NO_OPT_IN) != 0))
		return -ENOTSUP;
	if (unlikely((flags & RTE_PIO_WARM) != 0 && n != 0 && ret == 0)) {
		ret = send(q, frames[0].base, frames[0].len, flags);
		return ret < 0 ? ret : n;
	}
	while (ret >= 0 && i < n) {
		const uint32_t added = q->added;

		if (likely(plain_flags && pio_plain(q, frames[i].len, span, added) &&
			   (q->own & ~(PIOPMD_DP_OWN_PENDING | PIOPMD_DP_OWN_LINES)) == 0 &&
			   frames[i].base != NULL)) {
			const uint32_t off = rte_pio_slots_take(&q->slots);
			const uint64_t desc = piopmd_pio_desc(off, frames[i].len);

			piopmd_io_pio_copy(kind, q->pio_map + off, frames[i].base, frames[i].len,
					   RTE_PIO_LINE);
			piopmd_io_desc_put(&q->hw_ring[added & q->ptr_mask], desc);
			q->stats.pio_packets++;
			q->stats.pio_bytes += frames[i].len;
			piopmd_tx_hold(q, desc, added + 1, true);
		} else {
			ret = pio_send_burst_one(q, &frames[i], flags, kind);
			if (ret < 0)
				break;
		}
		i++;
	}
	/* an error rings, as does the end of the burst unless more was announced */
	if ((ret < 0 || (flags & RTE_PIO_MORE) == 0) && q->ctl == 0)
		piopmd_tx_flush(q);
	if (q->slots.nb_free <= q->pio_reap_credits && q->ctl == 0)
		piopmd_tx_reap(q);
	return i == 0 && ret < 0 ? ret : i;
}

/* rte_eth_tx_burst() */

/* mbufs of any pool, with references or without. */
static __rte_noinline void
pio_mbufs_free_any(struct rte_mbuf **m, uint32_t n)
{
	struct piopmd_tx_bulk bulk;
	uint32_t i;

	bulk.n = 0;
	for (i = 0; i < n; i++)
		piopmd_tx_bulk_free(&bulk, m[i]);
	piopmd_tx_bulk_flush(&bulk);
}

/*
 * As a rule mbufs are nobody else's. The flags and the count are looked at here, because
 * rte_pktmbuf_prefree_seg() would look at the second cache line.
 */
static __rte_always_inline bool
pio_mbuf_own(const struct rte_mbuf *m)
{
	return likely(rte_mbuf_refcnt_read(m) == 1 && RTE_MBUF_DIRECT(m));
}

/*
 * Give back mbufs whose frames left by PIO: one segment each, and as a rule all of one pool, which
 * takes them from the caller's array.
 */
static __rte_always_inline void
pio_mbufs_free(struct rte_mbuf **m, uint32_t n, const bool fast_free)
{
	struct rte_mempool *mp = m[0]->pool;
	uint32_t i;

	for (i = 0; !fast_free && i < n; i++) {
		if (unlikely(m[i]->pool != mp || !pio_mbuf_own(m[i]))) {
			pio_mbufs_free_any(m, n);
			return;
		}
	}
	piopmd_tx_pool_put(mp, (void *const *)m, n);
}

/*
 * An mbuf that does not simply go by PIO. What came before it in the burst is pending, as after
 * RTE_PIO_MORE. Returns false when there is no room: the burst ends.
 */
static __rte_noinline bool
pio_tx_other(struct piopmd_dp_txq *q, struct rte_mbuf *m, bool reap, enum rte_pio_store_kind kind)
{
	const uint32_t csum = piopmd_tx_csum(m->ol_flags) & q->csum_mask;
	const uint32_t len = m->pkt_len;
	const bool single = m->nb_segs == 1 && m->data_len == len && len != 0;
	enum rte_pio_fb_reason reason;
	enum piopmd_tx_post post;
	uint64_t desc = 0;
	uint32_t added;

	reason = pio_admit(q, len, csum, reap && single);
	if (reason == RTE_PIO_FB_NONE && single) {
		const struct rte_pio_iov iov = { rte_pktmbuf_mtod(m, void *), len };

		pio_post(q, &iov, 1, len, csum, kind);
		rte_pktmbuf_free_seg(m);
		return true;
	}
	if (!single && (reason == RTE_PIO_FB_NONE || reason == RTE_PIO_FB_NO_SLOT ||
			reason == RTE_PIO_FB_RING_FULL))
		reason = RTE_PIO_FB_SEGS;

	added = q->added;
	post = piopmd_tx_post(q, m, &added, &desc);
	if (post == PIOPMD_TX_NO_ROOM && reap) {
		piopmd_pio_make_room(q);
		post = piopmd_tx_post(q, m, &added, &desc);
	}
	if (post == PIOPMD_TX_NO_ROOM)
		return false;
	if (post == PIOPMD_TX_UNSENDABLE) {
		rte_pktmbuf_free(m);
		q->dropped++;
		return true;
	}
	piopmd_tx_hold(q, desc, added, false);
	rte_pio_driver_fallback(&q->stats, reason, 1, len);
	return true;
}

/* A frame of one segment that one descriptor takes, with the checksums csum. */
static __rte_always_inline bool
pio_tx_single(const struct piopmd_dp_txq *q, const struct rte_mbuf *m, uint32_t csum)
{
	const uint32_t len = m->data_len;

	return m->nb_segs == 1 && len == m->pkt_len && len - 1 < q->single_max &&
		piopmd_tx_csum_kept(q, m, csum);
}

/*
 * Frames at the head of a burst that are plain but for their length, or for the slots: post them by
 * the ring, as after RTE_PIO_MORE. Returns how many.
 */
static __rte_noinline uint32_t
pio_tx_ring_run(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t n)
{
	const uint32_t span = piopmd_tx_span(q);
	const uint32_t off_reason = q->pio_off_reason;
	const uint32_t first = q->added;
	uint32_t reason;
	uint64_t bytes = 0;
	uint32_t added = first;
	uint32_t i;

	n = RTE_MIN(n, piopmd_tx_room(q, first));
	if (unlikely(span == 0 && off_reason == RTE_PIO_FB_NONE))
		return 0;
	for (i = 0; i < n; i++, added++) {
		struct rte_mbuf *m = pkts[i];
		const uint32_t len = m->data_len;

		if (unlikely(!pio_tx_single(q, m, q->csum)))
			break;
		if (span == 0)
			reason = off_reason;
		else if (len >= span + RTE_PIO_FRAME_MIN)
			reason = pio_long_reason(q, len);
		else if (q->slots.nb_free == 0)
			reason = RTE_PIO_FB_NO_SLOT;
		else
			break;
		piopmd_tx_put(q, added, piopmd_tx_desc(m), m);
		q->stats.fallback[reason]++;
		bytes += len;
	}
	if (i == 0)
		return 0;
	q->stats.ring_packets += i;
	q->stats.ring_bytes += bytes;
	piopmd_tx_hold(q, piopmd_tx_desc(pkts[0]), added, false);
	return i;
}

/* Whether completions are to be looked for behind the doorbell, where it delays nobody. */
static __rte_always_inline bool
pio_tx_reap_due(const struct piopmd_dp_txq *q)
{
	return unlikely(q->slots.nb_free <= q->pio_reap_credits ||
			q->added - q->completed > q->reap_fill);
}

static __rte_always_inline void
pio_tx_reap(struct piopmd_dp_txq *q)
{
	if (pio_tx_reap_due(q))
		piopmd_tx_reap(q);
}

/*
 * Copy and post the frames at the head of a burst that are plain, until the burst, room, slots or
 * *left, the bytes until the next doorbell, end. Returns how many.
 */
static __rte_always_inline uint32_t
pio_tx_fill(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t n, uint32_t csum,
	    uint32_t *left, const enum rte_pio_store_kind kind)
{
	/* few values in registers: what is only read costs less as an operand in memory */
	const uint32_t span = piopmd_tx_span(q);
	struct rte_mbuf **const begin = pkts;
	struct rte_mbuf **end;
	uint32_t off = q->slots.next;
	uint32_t added = q->added;
	uint32_t bytes = 0;
	uint32_t i;

	n = RTE_MIN(n, RTE_MIN(q->slots.nb_free, piopmd_tx_room(q, added)));
	end = pkts + n;
	for (; pkts != end && bytes < *left; pkts++, added++) {
		const struct rte_mbuf *m = *pkts;
		const uint32_t len = m->data_len;

		if (unlikely(len - RTE_PIO_FRAME_MIN >= span || m->nb_segs != 1 ||
			     !piopmd_tx_csum_kept(q, m, csum)))
			break;
		piopmd_io_pio_copy(kind, q->pio_map + off, rte_pktmbuf_mtod(m, const void *), len,
				   RTE_PIO_LINE);
		piopmd_io_desc_put(&q->hw_ring[added & q->ptr_mask], piopmd_pio_desc(off, len));
		off += q->slots.size;
		if (unlikely(off == q->slots.end))
			off = q->slots.begin;
		bytes += len;
	}
	i = (uint32_t)(pkts - begin);
	q->slots.next = off;
	q->slots.nb_free -= i;
	q->stats.pio_packets += i;
	q->stats.pio_bytes += bytes;
	*left -= RTE_MIN(*left, bytes);
	return i;
}

/*
 * A burst, or the rest of one, that is not plain from end to end, or begins with something pending;
 * held: it is frames of this burst. After each piece the queue is left as a call with RTE_PIO_MORE
 * would leave it.
 */
static __rte_always_inline uint16_t
pio_tx_mixed_body(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t nb_pkts, bool held,
		  const enum rte_pio_store_kind kind)
{
	uint32_t left = PIOPMD_PIO_PUSH_BYTES;
	bool reap = true;
	uint32_t i = 0;

	/* frames that have their descriptors count, whatever happened since */
	if (!held && (piopmd_tx_ctl(q) | (q->own & PIOPMD_DP_OWN_EXCEPTION)) != 0)
		return 0;
	while (i != nb_pkts) {
		const uint32_t off = q->slots.next;
		uint32_t run;

		run = pio_tx_fill(q, &pkts[i], nb_pkts - i, q->csum, &left, kind);
		if (run != 0) {
			piopmd_tx_hold(q, piopmd_pio_desc(off, pkts[i]->data_len), q->added + run,
				       true);
			pio_mbufs_free(&pkts[i], run, q->fast_free);
		} else if (left == 0) {
			piopmd_tx_flush(q);
			left = PIOPMD_PIO_PUSH_BYTES;
		} else if (!reap && (run = pio_tx_ring_run(q, &pkts[i], nb_pkts - i)) != 0) {
			/* no slot came free when it was looked for */
		} else if (pio_tx_other(q, pkts[i], reap, kind)) {
			reap = false;
			run = 1;
		} else {
			break;
		}
		i += run;
	}
	piopmd_tx_flush(q);
	pio_tx_reap(q);
	return (uint16_t)i;
}

/* Bursts of which every frame is plain; anything else goes on in the other functions of the kind. */
typedef uint16_t (*pio_tx_mixed_t)(struct piopmd_dp_txq *q, struct rte_mbuf **pkts,
				   uint32_t nb_pkts, bool held);
typedef uint16_t (*pio_tx_many_t)(struct piopmd_dp_txq *q, struct rte_mbuf **pkts,
				  uint32_t nb_pkts);

static __rte_always_inline uint16_t
pio_tx_many_body(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t nb_pkts,
		 const enum rte_pio_store_kind kind, pio_tx_mixed_t mixed)
{
	bool held = false;
	uint32_t i = 0;

	while (likely(q->own == 0) && i != nb_pkts) {
		const struct rte_mbuf *first = pkts[i];
		const uint32_t off = q->slots.next;
		uint32_t left = PIOPMD_PIO_PUSH_BYTES;
		const uint32_t run = pio_tx_fill(q, &pkts[i], nb_pkts - i,
						 EF10_TX_CSUM_FLAG_NONE, &left, kind);
		const uint64_t desc = piopmd_pio_desc(off, first->data_len);
		const uint32_t added = q->added + run;

		i += run;
		if (unlikely(i != nb_pkts && left != 0)) {
			held = run != 0;
			if (held)
				piopmd_tx_hold(q, desc, added, true);
			break;
		}
		piopmd_io_pio_fence();
		piopmd_io_tx_doorbell(q->doorbell, desc, added & q->ptr_mask);
		q->added = added;
	}
	if (i != 0)
		pio_mbufs_free(pkts, i, q->fast_free);
	if (unlikely(i != nb_pkts || i == 0))
		return (uint16_t)(i + mixed(q, &pkts[i], nb_pkts - i, held));
	pio_tx_reap(q);
	return (uint16_t)i;
}

/* What follows the doorbell of a burst of one frame, if it is not the plain case. */
static __rte_noinline uint16_t
pio_tx_one_end(struct piopmd_dp_txq *q, struct rte_mbuf *m)
{
	pio_mbufs_free(&m, 1, q->fast_free);
	pio_tx_reap(q);
	return 1;
}

/*
 * A burst of one frame above the threshold, the other common one: by the ring at once. False: it is
 * something else, nothing was done.
 */
static __rte_always_inline bool
pio_tx_one_by_ring(struct piopmd_dp_txq *q, struct rte_mbuf *m, uint32_t span)
{
	const uint32_t added = q->added;
	const uint32_t len = m->data_len;
	uint64_t desc;

	if (span == 0 || len < span + RTE_PIO_FRAME_MIN || q->own != 0 ||
	    piopmd_tx_room(q, added) == 0 || !pio_tx_single(q, m, EF10_TX_CSUM_FLAG_NONE))
		return false;
	desc = piopmd_tx_desc(m);
	piopmd_tx_put(q, added, desc, m);
	piopmd_io_tx_doorbell(q->doorbell, desc, (added + 1) & q->ptr_mask);
	q->added = added + 1;
	rte_pio_driver_fallback(&q->stats, pio_long_reason(q, len), 1, len);
	return true;
}

/* A burst of one frame that does not go by PIO without further ado. */
static __rte_noinline uint16_t
pio_tx_one_hard(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t span,
		pio_tx_mixed_t mixed)
{
	if (!pio_tx_one_by_ring(q, pkts[0], span))
		return mixed(q, pkts, 1, false);
	pio_tx_reap(q);
	return 1;
}

/*
 * A burst of one frame has a body of its own, all of whose calls are in last place: the fence waits
 * for every store before it, and a loop or a call that returns costs some for saved registers.
 */
static __rte_always_inline uint16_t
pio_tx_burst_body(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts,
		  const enum rte_pio_store_kind kind, pio_tx_many_t many, pio_tx_mixed_t mixed)
{
	struct rte_mempool_cache *cache;
	struct rte_mbuf *m;
	uint32_t span, added;

	if (nb_pkts != 1)
		return many(q, pkts, nb_pkts);
	m = pkts[0];
	span = piopmd_tx_span(q);
	added = q->added;
	if (unlikely(!pio_plain(q, m->data_len, span, added) || q->own != 0 || m->nb_segs != 1 ||
		     !piopmd_tx_csum_kept(q, m, EF10_TX_CSUM_FLAG_NONE)))
		return pio_tx_one_hard(q, pkts, span, mixed);

	pio_send_plain(q, rte_pktmbuf_mtod(m, const void *), m->data_len, added, false, kind);
	cache = rte_mempool_default_cache(m->pool, rte_lcore_id());
	if (unlikely(pio_tx_reap_due(q) || !piopmd_tx_cache_room(cache, 1) ||
		     (!q->fast_free && !pio_mbuf_own(m))))
		return pio_tx_one_end(q, m);
	cache->objs[cache->len++] = m;
	return 1;
}

/* Calls that do not depend on the store kind */

static int
pio_credits(void *queue, struct rte_pio_credits *credits)
{
	struct piopmd_dp_txq *q = queue;
	uint32_t room;
	int ret;

	if ((q->ctl & PIOPMD_DP_CTL_NO_OPT_IN) != 0)
		return -ENOTSUP;
	if (credits == NULL)
		return -EINVAL;
	ret = piopmd_pio_state(q);
	if (ret != 0)
		return ret;

	piopmd_tx_reap(q);
	room = piopmd_tx_room(q, q->added);
	/* the first frame switches checksum insertion off */
	if (q->csum != EF10_TX_CSUM_FLAG_NONE && room != 0)
		room--;
	credits->frames = q->pio_span == 0 ? 0 : RTE_MIN(room, q->slots.nb_free);
	credits->bytes = credits->frames * q->slots.size;
	return 0;
}

static int
pio_reap(void *queue)
{
	struct piopmd_dp_txq *q = queue;
	int ret;

	if ((q->ctl & PIOPMD_DP_CTL_NO_OPT_IN) != 0)
		return -ENOTSUP;
	ret = piopmd_pio_state(q);
	if (ret != 0)
		return ret;
	piopmd_pio_make_room(q);
	return 0;
}

/* One function per call and kind */

#define PIO_CALLS(suffix, KIND) \
static __rte_noinline int \
pio_send_##suffix(void *queue, const void *frame, uint32_t len, uint32_t flags) \
{ \
	return pio_send_body(queue, frame, len, flags, RTE_PIO_STORE_##KIND, pio_send_##suffix); \
} \
static int \
pio_sendv_##suffix(void *queue, const struct rte_pio_iov *iov, uint16_t n, uint32_t flags) \
{ \
	return pio_sendv_body(queue, iov, n, flags, RTE_PIO_STORE_##KIND, pio_send_##suffix); \
} \
static int \
pio_send_burst_##suffix(void *queue, const struct rte_pio_iov *frames, uint16_t n, \
			uint32_t flags) \
{ \
	return pio_send_burst_body(queue, frames, n, flags, RTE_PIO_STORE_##KIND, \
				   pio_send_##suffix); \
} \
static int \
pio_warm_##suffix(void *queue, uint32_t len) \
{ \
	return pio_send_##suffix(queue, pio_zeros, len, RTE_PIO_WARM); \
} \
static __rte_noinline uint16_t \
pio_tx_mixed_##suffix(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t nb_pkts, \
		      bool held) \
{ \
	return pio_tx_mixed_body(q, pkts, nb_pkts, held, RTE_PIO_STORE_##KIND); \
} \
static __rte_noinline uint16_t \
pio_tx_many_##suffix(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint32_t nb_pkts) \
{ \
	return pio_tx_many_body(q, pkts, nb_pkts, RTE_PIO_STORE_##KIND, pio_tx_mixed_##suffix); \
} \
static __rte_noinline uint16_t \
pio_tx_queue_##suffix(struct piopmd_dp_txq *q, struct rte_mbuf **pkts, uint16_t nb_pkts) \
{ \
	return pio_tx_burst_body(q, pkts, nb_pkts, RTE_PIO_STORE_##KIND, pio_tx_many_##suffix, \
				 pio_tx_mixed_##suffix); \
} \
static uint16_t \
pio_tx_burst_##suffix(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts) \
{ \
	struct piopmd_dp_txq *q = queue; \
\
	if (q->pio_opted_in) \
		return pio_tx_queue_##suffix(q, pkts, nb_pkts); \
	if (q->simple) \
		return piopmd_tx_burst_simple(q, pkts, nb_pkts); \
	return piopmd_tx_burst_full(q, pkts, nb_pkts); \
} \
static const struct rte_pio_fp_ops pio_fp_##suffix = { \
	.send = pio_send_##suffix, \
	.sendv = pio_sendv_##suffix, \
	.send_burst = pio_send_burst_##suffix, \
	.template_send = piopmd_template_send_##suffix, \
	.template_update_send = piopmd_template_update_send_##suffix, \
	.template_update = piopmd_template_update_##suffix, \
	.warm = pio_warm_##suffix, \
	.credits = pio_credits, \
	.reap = pio_reap, \
	.template_alloc = piopmd_template_alloc_##suffix, \
	.template_info_get = piopmd_template_info_get, \
	.template_free = piopmd_template_free, \
};
PIOPMD_PIO_KINDS(PIO_CALLS)

static enum rte_pio_store_kind
pio_kind(enum rte_pio_store_kind kind)
{
	if (kind == RTE_PIO_STORE_AUTO || !rte_pio_store_kind_supported(kind))
		return rte_pio_store_kind_best(RTE_PIO_MAP_UNKNOWN);
	return kind;
}

const struct rte_pio_fp_ops *
piopmd_dp_pio_fp_select(enum rte_pio_store_kind kind)
{
	switch (pio_kind(kind)) {
#define PIO_FP(suffix, KIND) \
	case RTE_PIO_STORE_##KIND: \
		return &pio_fp_##suffix;
	PIOPMD_PIO_KINDS(PIO_FP)
	default:
		return &pio_fp_scalar;
	}
}

eth_tx_burst_t
piopmd_dp_tx_burst_any(enum rte_pio_store_kind kind, const char **name)
{
	switch (pio_kind(kind)) {
#define PIO_BURST(suffix, KIND) \
	case RTE_PIO_STORE_##KIND: \
		*name = "PIOPMD PIO (" #suffix ")"; \
		return pio_tx_burst_##suffix;
	PIOPMD_PIO_KINDS(PIO_BURST)
	default:
		*name = "PIOPMD PIO (scalar)";
		return pio_tx_burst_scalar;
	}
}
