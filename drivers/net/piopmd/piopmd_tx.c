/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Transmit datapath: the ring, its completions, and what a queue is made of. PIO is in
 * piopmd_pio.c; nothing here contains a PIO store.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "piopmd_dp_tx.h"

#define EVENTS_PER_LINE (PIOPMD_LINE_SIZE / EF10_EVENT_SIZE)

__rte_noinline void
piopmd_tx_pool_put_slow(struct rte_mempool *mp, void *const *objs, uint32_t n)
{
	rte_mempool_put_bulk(mp, objs, n);
}

/* The adapter may use entries again only after a doorbell, which all of these stores precede. */
static __rte_always_inline void
tx_events_clear(uint64_t *ring, uint32_t mask, uint32_t from, uint32_t to)
{
	from &= ~(uint32_t)(EVENTS_PER_LINE - 1);
	to &= ~(uint32_t)(EVENTS_PER_LINE - 1);
	for (; from != to; from += EVENTS_PER_LINE)
		memset(&ring[from & mask], 0xff, PIOPMD_LINE_SIZE);
}

/*
 * Advance q->done. Events are cumulative, so only the last one counts. An index that was never
 * announced, or an event that is not a completion, is left to the control path.
 */
static __rte_always_inline void
tx_events_poll(struct piopmd_dp_txq *q)
{
	const uint64_t *const ring = q->evq_ring;
	const uint32_t mask = q->ptr_mask;
	const uint32_t first = q->evq_ptr;
	const uint32_t last = first + mask;
	uint32_t ptr = first;
	uint64_t ev, ev_last = 0;
	uint32_t n;

	for (;;) {
		ev = __atomic_load_n(&ring[ptr & mask], __ATOMIC_ACQUIRE);
		/* a full ring of events cannot be: what remains then is an exception too */
		if (EF10_GET(ev, EV_CODE) != EF10_EV_CODE_TX || ptr == last)
			break;
		ev_last = ev;
		ptr++;
	}
	if (unlikely(ev != EF10_EVENT_EMPTY))
		q->own |= PIOPMD_DP_OWN_EXCEPTION;
	if (ptr == first)
		return;

	n = ((uint32_t)EF10_GET(ev_last, TX_EV_DESCR_INDX) - (q->done - 1)) & mask;
	if (unlikely(n > piopmd_tx_pushed(q) - q->done)) {
		q->own |= PIOPMD_DP_OWN_EXCEPTION;
		return;
	}
	q->done += n;
	q->evq_ptr = ptr;
	tx_events_clear(q->evq_ring, mask, first, ptr);
}

/* Take back what an entry of sw_ring stands for that is no slot. */
static __rte_always_inline void
tx_reclaim_one(void *entry, struct piopmd_tx_bulk *bulk, const bool fast_free)
{
	if (((uintptr_t)entry & 1) == 0) {
		/* the fallback pool's mbufs are of another pool, but without references too */
		if (fast_free)
			piopmd_tx_bulk_add(bulk, entry);
		else
			piopmd_tx_bulk_free(bulk, entry);
	} else if (entry != PIOPMD_TX_TAG_NONE) {
		struct rte_pio_driver_template *t = (void *)((uintptr_t)entry & ~(uintptr_t)3);

		rte_pio_driver_template_completed(t, (uintptr_t)entry >> 1 & 1);
	}
}

/* Take back up to and without descriptor end. */
static void
tx_reclaim(struct piopmd_dp_txq *q, uint32_t end)
{
	const uint32_t mask = q->ptr_mask;
	const bool fast_free = q->fast_free;
	void **const sw = q->sw_ring;
	uint32_t completed = q->completed;
	uint32_t nb_slots = end - completed;
	uint32_t nb_other = q->nb_other;
	struct piopmd_tx_bulk bulk;

	bulk.n = 0;
	for (; nb_other != 0 && completed != end; completed++) {
		void **at = &sw[completed & mask];
		void *entry = *at;

		if (entry == NULL)
			continue;
		*at = NULL;
		nb_other--;
		nb_slots--;
		tx_reclaim_one(entry, &bulk, fast_free);
	}
	piopmd_tx_bulk_flush(&bulk);
	rte_pio_slots_put(&q->slots, nb_slots);
	q->nb_other = nb_other;
	q->completed = end;
}

void
piopmd_tx_reap(struct piopmd_dp_txq *q)
{
	tx_events_poll(q);
	if (q->done != q->completed)
		tx_reclaim(q, q->done);
}

/*
 * The ring of a queue whose frames are all one segment of one pool holds mbufs and nothing else,
 * in the order they go back: the pool takes them straight from there.
 */
static void
tx_reclaim_simple(struct piopmd_dp_txq *q, uint32_t end)
{
	const uint32_t id = q->completed & q->ptr_mask;
	const uint32_t n = end - q->completed;
	const uint32_t run = RTE_MIN(n, q->ptr_mask + 1 - id);
	struct rte_mempool *mp = ((struct rte_mbuf *)q->sw_ring[id])->pool;

	piopmd_tx_pool_put(mp, &q->sw_ring[id], run);
	if (run != n)
		piopmd_tx_pool_put(mp, &q->sw_ring[0], n - run);
	q->completed = end;
}

static __rte_noinline void
tx_reap_simple(struct piopmd_dp_txq *q)
{
	tx_events_poll(q);
	if (q->done != q->completed)
		tx_reclaim_simple(q, q->done);
}

/* Descriptors of a frame; UINT32_MAX for one that cannot be sent. */
static uint32_t
tx_descs_of(const struct piopmd_dp_txq *q, const struct rte_mbuf *m)
{
	const struct rte_mbuf *seg;
	uint32_t len = 0;
	uint32_t n = 0;

	if (m->pkt_len == 0 || m->pkt_len > q->frame_max)
		return UINT32_MAX;
	for (seg = m; seg != NULL; seg = seg->next) {
		len += seg->data_len;
		/* 65535 bytes at most: up to 5 pieces, and an empty segment has none */
		for (uint32_t left = seg->data_len; left != 0; n++)
			left -= RTE_MIN(left, EF10_TX_DMA_LEN_MAX);
	}
	/* a chain that does not add up would never end on the adapter's side */
	return len == m->pkt_len ? n : UINT32_MAX;
}

/* One segment; *left counts down to the end of the frame. Returns added, advanced. */
static uint32_t
tx_post_seg(struct piopmd_dp_txq *q, struct rte_mbuf *seg, uint32_t added, uint32_t *left)
{
	rte_iova_t addr = rte_mbuf_data_iova(seg);
	uint32_t len = seg->data_len;

	while (len > EF10_TX_DMA_LEN_MAX) {
		piopmd_tx_put(q, added++, ef10_tx_desc_dma(addr, EF10_TX_DMA_LEN_MAX, true),
			      PIOPMD_TX_TAG_NONE);
		addr += EF10_TX_DMA_LEN_MAX;
		len -= EF10_TX_DMA_LEN_MAX;
		*left -= EF10_TX_DMA_LEN_MAX;
	}
	*left -= len;
	piopmd_tx_put(q, added++, ef10_tx_desc_dma(addr, len, *left != 0), seg);
	return added;
}

enum piopmd_tx_post
piopmd_tx_post_any(struct piopmd_dp_txq *q, struct rte_mbuf *m, uint32_t *added, uint64_t *desc)
{
	const uint32_t csum = piopmd_tx_csum(m->ol_flags) & q->csum_mask;
	const uint32_t n = tx_descs_of(q, m);
	const uint32_t first = *added;
	uint32_t left = m->pkt_len;

	if (n == UINT32_MAX || n + 1 > q->max_fill)
		return PIOPMD_TX_UNSENDABLE;
	if (n + (csum != q->csum) > piopmd_tx_room(q, *added))
		return PIOPMD_TX_NO_ROOM;

	*added = piopmd_tx_csum_switch(q, *added, csum);
	while (m != NULL) {
		struct rte_mbuf *next = m->next;

		if (likely(m->data_len != 0))
			*added = tx_post_seg(q, m, *added, &left);
		else
			rte_pktmbuf_free_seg(m);
		m = next;
	}
	*desc = q->hw_ring[first & q->ptr_mask];
	return PIOPMD_TX_POSTED;
}

/* Any frame of any pool; no PIO. */
uint16_t
piopmd_tx_burst_full(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct piopmd_dp_txq *q = tx_queue;
	uint32_t added, announced;
	uint64_t desc, first = 0;
	uint64_t bytes = 0;
	bool reaped = false;
	uint16_t dropped = 0;
	uint16_t i;

	if (unlikely((piopmd_tx_ctl(q) | (q->own & PIOPMD_DP_OWN_EXCEPTION)) != 0))
		return 0;
	added = q->added;
	announced = added;
	if (added - q->completed > q->reap_fill) {
		piopmd_tx_reap(q);
		reaped = true;
	}
	for (i = 0; i < nb_pkts; i++) {
		/* not to be read afterwards: an empty first segment is freed at once */
		const uint32_t len = pkts[i]->pkt_len;
		enum piopmd_tx_post post;
		bool begins = added == announced;

		if (i + 1 != nb_pkts)
			rte_mbuf_prefetch_part1(pkts[i + 1]);
		post = piopmd_tx_post(q, pkts[i], &added, &desc);
		if (unlikely(post == PIOPMD_TX_NO_ROOM && !reaped)) {
			/* what is in the ring should move while we look for room */
			if (added != announced)
				piopmd_tx_push(q, first, added);
			announced = added;
			begins = true;
			q->added = added;
			piopmd_tx_reap(q);
			reaped = true;
			post = piopmd_tx_post(q, pkts[i], &added, &desc);
		}
		if (unlikely(post == PIOPMD_TX_NO_ROOM))
			break;
		if (unlikely(post == PIOPMD_TX_UNSENDABLE)) {
			rte_pktmbuf_free(pkts[i]);
			dropped++;
			continue;
		}
		if (begins)
			first = desc;
		bytes += len;
	}
	if (likely(added != announced))
		piopmd_tx_push(q, first, added);
	q->added = added;
	q->stats.ring_packets += i - dropped;
	q->stats.ring_bytes += bytes;
	q->dropped += dropped;
	return i;
}

/*
 * One segment per frame, one pool, no references, no checksum switches, no PIO. A frame that
 * breaks this ends the burst; found at its head, it is freed and counted.
 */
uint16_t
piopmd_tx_burst_simple(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct piopmd_dp_txq *q = tx_queue;
	const uint32_t ctl = piopmd_tx_ctl(q);
	const uint32_t mask = q->ptr_mask;
	const uint32_t len_max = q->single_max;
	const uint32_t added = q->added;
	uint64_t *const hw = q->hw_ring;
	void **const sw = q->sw_ring;
	uint32_t fill = added - q->completed;
	uint32_t n = nb_pkts;
	uint64_t bytes = 0;
	uint32_t i;

	if (unlikely((ctl | q->own) != 0))
		return 0;
	if (fill > q->reap_fill || fill + n > q->max_fill) {
		tx_reap_simple(q);
		fill = added - q->completed;
	}
	n = RTE_MIN(n, q->max_fill - fill);
	if (unlikely(n == 0))
		return 0;

	for (i = 0; i < n; i++) {
		const uint32_t id = (added + i) & mask;
		struct rte_mbuf *m = pkts[i];
		const uint32_t len = m->data_len;

		if (unlikely(len - 1 >= len_max || len != m->pkt_len))
			break;
		piopmd_io_desc_put(&hw[id], ef10_tx_desc_dma(rte_mbuf_data_iova(m), len, false));
		sw[id] = m;
		bytes += len;
	}
	if (unlikely(i == 0)) {
		rte_pktmbuf_free(pkts[0]);
		q->dropped++;
		return 1;
	}
	/* as piopmd_tx_push() does it: not read back from the ring */
	piopmd_io_tx_doorbell(q->doorbell, piopmd_tx_desc(pkts[0]), (added + i) & mask);
	q->added = added + i;
	q->stats.ring_packets += i;
	q->stats.ring_bytes += bytes;
	return (uint16_t)i;
}

/* Descriptors count against the queue as long as their event was not seen. */
int
piopmd_dp_tx_descriptor_status(void *tx_queue, uint16_t offset)
{
	struct piopmd_dp_txq *q = tx_queue;
	uint32_t free_descs;

	if (offset > q->ptr_mask)
		return -EINVAL;
	if (offset >= q->max_fill)
		return RTE_ETH_TX_DESC_UNAVAIL;
	if ((q->ctl | (q->own & PIOPMD_DP_OWN_EXCEPTION)) == 0)
		tx_events_poll(q);
	/* 0 is the next one to be written; behind the free ones come those in flight, oldest first */
	free_descs = q->max_fill - (q->added - q->done);
	return offset < free_descs ? RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL;
}

int
piopmd_dp_tx_queue_count(void *tx_queue)
{
	struct piopmd_dp_txq *q = tx_queue;

	if ((q->ctl | (q->own & PIOPMD_DP_OWN_EXCEPTION)) == 0)
		tx_events_poll(q);
	return (int)(q->added - q->done);
}

/* Where the completed descriptors of up to free_cnt frames end (0: of all); *n: how many frames. */
static uint32_t
tx_done_end(const struct piopmd_dp_txq *q, uint32_t free_cnt, uint32_t *n)
{
	uint32_t end = q->completed;

	*n = 0;
	while (end != q->done) {
		const uint32_t id = end++ & q->ptr_mask;
		const uintptr_t entry = (uintptr_t)q->sw_ring[id];

		/* an mbuf, and the last of its frame */
		if (entry != 0 && (entry & 1) == 0 &&
		    EF10_GET(rte_le_to_cpu_64(q->hw_ring[id]), TX_DMA_CONT) == 0 &&
		    ++*n == free_cnt)
			break;
	}
	return end;
}

int
piopmd_dp_tx_done_cleanup(void *tx_queue, uint32_t free_cnt)
{
	struct piopmd_dp_txq *q = tx_queue;
	uint32_t end, n;

	if (q->ctl == 0 && (q->own & PIOPMD_DP_OWN_EXCEPTION) == 0)
		tx_events_poll(q);
	end = tx_done_end(q, free_cnt, &n);
	if (end == q->completed)
		return 0;
	if (q->simple)
		tx_reclaim_simple(q, end);
	else
		tx_reclaim(q, end);
	return (int)n;
}

#define TX_OL_SUPPORTED \
	(RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6)

static int
tx_prepare_one(const struct piopmd_dp_txq *q, const struct rte_mbuf *m)
{
	const uint64_t asked = m->ol_flags & RTE_MBUF_F_TX_OFFLOAD_MASK;
	const uint32_t n = tx_descs_of(q, m);

	if ((asked & ~TX_OL_SUPPORTED) != 0 ||
	    (asked & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_SCTP_CKSUM ||
	    (piopmd_tx_csum(asked) & ~q->csum_mask) != 0 || (m->nb_segs != 1 && !q->multi_segs))
		return ENOTSUP;
	return n == UINT32_MAX || n + 1 > q->max_fill ? EINVAL : 0;
}

/* The hardware computes whole checksums, pseudo header included: frames are only checked. */
static uint16_t
tx_prepare(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	uint16_t i;

	for (i = 0; i < nb_pkts; i++) {
		const int error = tx_prepare_one(tx_queue, pkts[i]);

		if (error != 0) {
			rte_errno = error;
			break;
		}
	}
	return i;
}

eth_tx_prep_t
piopmd_dp_tx_prepare_select(void *const *queues, uint16_t nb_queues)
{
	RTE_SET_USED(queues);
	RTE_SET_USED(nb_queues);
	return tx_prepare;
}

uint16_t
piopmd_tx_burst_ring(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct piopmd_dp_txq *q = tx_queue;

	return q->simple ? piopmd_tx_burst_simple(tx_queue, pkts, nb_pkts) :
		piopmd_tx_burst_full(tx_queue, pkts, nb_pkts);
}

eth_tx_burst_t
piopmd_dp_tx_burst_select(void *const *queues, uint16_t nb_queues, enum rte_pio_store_kind kind,
			  const char **name)
{
	uint16_t nb_simple = 0;
	uint16_t nb = 0;
	uint16_t i;

	for (i = 0; i < nb_queues; i++) {
		const struct piopmd_dp_txq *q = queues[i];

		if (q == NULL)
			continue;
		if (q->pio_opted_in)
			return piopmd_dp_tx_burst_any(kind, name);
		nb++;
		nb_simple += q->simple;
	}
	*name = "PIOPMD ring";
	if (nb_simple == 0)
		return piopmd_tx_burst_full;
	if (nb_simple != nb)
		return piopmd_tx_burst_ring;
	*name = "PIOPMD ring, simple";
	return piopmd_tx_burst_simple;
}

uint16_t
piopmd_dp_tx_burst_blocked(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct piopmd_dp_txq *q = tx_queue;

	RTE_SET_USED(pkts);
	RTE_SET_USED(nb_pkts);
	__atomic_store_n(&q->ack, 1, __ATOMIC_RELEASE);
	return 0;
}
