/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_DP_TX_H
#define PIOPMD_DP_TX_H

/**
 * @file
 * What the ring path and the PIO path of a transmit queue share: both write into the same ring,
 * which is what keeps their frames in order.
 */

#include <string.h>

#include <rte_branch_prediction.h>

#include "piopmd_debug.h"
#include "piopmd_dp_queue.h"
#include "piopmd_io.h"
#include "piopmd_tweak.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Take completions: free mbufs, give slots and templates back. */
void piopmd_tx_reap(struct piopmd_dp_txq *q);

/** Burst functions without PIO code: of any queue, of simple ones, and the one that asks which. */
uint16_t piopmd_tx_burst_full(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
uint16_t piopmd_tx_burst_simple(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
uint16_t piopmd_tx_burst_ring(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

/** Publish pio_span and its reason, for the queue's present state. Control thread. */
void piopmd_pio_publish(struct piopmd_dp_txq *q);

/** What control has published; what it did before it let the queue run is seen after this. */
static __rte_always_inline uint32_t
piopmd_tx_ctl(const struct piopmd_dp_txq *q)
{
	return __atomic_load_n(&q->ctl, __ATOMIC_ACQUIRE);
}

/** pio_span, likewise: who finds it not 0 needs no look at ctl. */
static __rte_always_inline uint32_t
piopmd_tx_span(const struct piopmd_dp_txq *q)
{
	return __atomic_load_n(&q->pio_span, __ATOMIC_ACQUIRE);
}

/** Free descriptors. */
static __rte_always_inline uint32_t
piopmd_tx_room(const struct piopmd_dp_txq *q, uint32_t added)
{
	return q->max_fill - (added - q->completed);
}

/**
 * What may ride on the doorbell: a PIO descriptor or a whole frame's DMA descriptor. Options and
 * pieces of a frame ring without a push, which the hardware understands as a pushed 0.
 */
static __rte_always_inline uint64_t
piopmd_tx_pushable(uint64_t desc)
{
	const uint64_t kind = EF10_MASK(TX_IS_OPT) | EF10_MASK(TX_DMA_CONT);

	if (likely((desc & kind) == 0 ||
		   desc >> EF10_TX_OPT_TYPE_LBN == (8 | EF10_TX_OPT_TYPE_PIO)))
		return desc;
	return 0;
}

/**
 * Announce the descriptors up to added, of which desc is the first. It comes as a value: read back
 * from the ring, a line that the adapter has read is fetched before the store to it has made it
 * ours, and the doorbell waits for both.
 */
static __rte_always_inline void
piopmd_tx_push(struct piopmd_dp_txq *q, uint64_t desc, uint32_t added)
{
	piopmd_io_tx_doorbell(q->doorbell, piopmd_tx_pushable(desc), added & q->ptr_mask);
}

/** Ring for what RTE_PIO_MORE held back. */
static inline void
piopmd_tx_flush(struct piopmd_dp_txq *q)
{
	if ((q->own & PIOPMD_DP_OWN_PENDING) == 0)
		return;
	if ((q->own & PIOPMD_DP_OWN_LINES) != 0)
		piopmd_io_pio_fence();
	piopmd_tx_push(q, q->push_desc, q->added);
	q->own &= ~(PIOPMD_DP_OWN_PENDING | PIOPMD_DP_OWN_LINES);
}

/** The first descriptor that the adapter has not been told of. */
static __rte_always_inline uint32_t
piopmd_tx_pushed(const struct piopmd_dp_txq *q)
{
	return (q->own & PIOPMD_DP_OWN_PENDING) != 0 ? q->pushed : q->added;
}

/** The first descriptor for piopmd_tx_hold(), if desc stands at added: 0 behind an option. */
static __rte_always_inline uint64_t
piopmd_tx_first(const struct piopmd_dp_txq *q, uint32_t added, uint64_t desc)
{
	return added == q->added ? desc : 0;
}

/**
 * Descriptors up to added are written, of which desc is the first; piopmd_tx_flush() is left to the
 * caller or a later call.
 */
static __rte_always_inline void
piopmd_tx_hold(struct piopmd_dp_txq *q, uint64_t desc, uint32_t added, bool lines)
{
	if ((q->own & PIOPMD_DP_OWN_PENDING) == 0) {
		q->pushed = q->added;
		q->push_desc = desc;
	}
	q->added = added;
	q->own |= PIOPMD_DP_OWN_PENDING | (lines ? PIOPMD_DP_OWN_LINES : 0);
}

/** Write a descriptor that is neither a PIO slot's nor followed by its doorbell at once. */
static __rte_always_inline void
piopmd_tx_put(struct piopmd_dp_txq *q, uint32_t added, uint64_t desc, void *tag)
{
	const uint32_t id = added & q->ptr_mask;

	piopmd_io_desc_put(&q->hw_ring[id], desc);
	q->sw_ring[id] = tag;
	q->nb_other++;
}

/** The bits of ol_flags that ask for a checksum stand together: from this one on ... */
#define PIOPMD_TX_CSUM_ASK_SHIFT 52
/** ... these. */
#define PIOPMD_TX_CSUM_ASK ((RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK) >> \
			    PIOPMD_TX_CSUM_ASK_SHIFT)
static_assert(PIOPMD_TX_CSUM_ASK == 7, "three bits from bit 52");

/** EF10_TX_CSUM_FLAG_* for RTE_MBUF_F_TX_* flags. */
static __rte_always_inline uint32_t
piopmd_tx_csum(uint64_t ol_flags)
{
	const uint64_t l4 = ol_flags & RTE_MBUF_F_TX_L4_MASK;
	uint32_t csum = EF10_TX_CSUM_FLAG_NONE;

	if ((ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0)
		csum |= EF10_TX_CSUM_FLAG_IP;
	if (l4 == RTE_MBUF_F_TX_TCP_CKSUM || l4 == RTE_MBUF_F_TX_UDP_CKSUM)
		csum |= EF10_TX_CSUM_FLAG_UDP_TCP;
	return csum;
}

/**
 * True if a frame wants the checksums that the adapter applies already, csum. May be false for a
 * frame that asks for none of those that the queue offers: the long way finds out.
 */
static __rte_always_inline bool
piopmd_tx_csum_kept(const struct piopmd_dp_txq *q, const struct rte_mbuf *m, uint32_t csum)
{
	if (likely(((uint32_t)(m->ol_flags >> PIOPMD_TX_CSUM_ASK_SHIFT) & q->csum_ask) == 0))
		return csum == EF10_TX_CSUM_FLAG_NONE;
	return csum != EF10_TX_CSUM_FLAG_NONE &&
		(piopmd_tx_csum(m->ol_flags) & q->csum_mask) == csum;
}

/**
 * Bring the adapter's sticky checksum state to csum for the frame that follows.
 * @return added, advanced by the option descriptor if it took one.
 */
static __rte_always_inline uint32_t
piopmd_tx_csum_switch(struct piopmd_dp_txq *q, uint32_t added, uint32_t csum)
{
	if (likely(csum == q->csum))
		return added;
	piopmd_tx_put(q, added, ef10_tx_desc_csum(csum), PIOPMD_TX_TAG_NONE);
	q->csum = csum;
	if (csum == EF10_TX_CSUM_FLAG_NONE)
		q->own &= ~PIOPMD_DP_OWN_CSUM;
	else
		q->own |= PIOPMD_DP_OWN_CSUM;
	return added + 1;
}

/** How the attempt to put an mbuf into the ring ended. */
enum piopmd_tx_post {
	PIOPMD_TX_POSTED,
	PIOPMD_TX_NO_ROOM,	/**< Nothing changed; room will come. */
	PIOPMD_TX_UNSENDABLE,	/**< Nothing changed; no ring has descriptors for this. */
};

/**
 * Write the DMA descriptors of a frame of any shape, without a doorbell.
 * @param added Advanced when it was posted.
 * @param desc  Set to the first of them then.
 */
enum piopmd_tx_post piopmd_tx_post_any(struct piopmd_dp_txq *q, struct rte_mbuf *m,
				       uint32_t *added, uint64_t *desc);

/** The descriptor of a frame of one segment, not longer than one takes. */
static __rte_always_inline uint64_t
piopmd_tx_desc(const struct rte_mbuf *m)
{
	return ef10_tx_desc_dma(rte_mbuf_data_iova(m), m->data_len, false);
}

/** As piopmd_tx_post_any(), with the common case inline: one segment, checksums as they are. */
static __rte_always_inline enum piopmd_tx_post
piopmd_tx_post(struct piopmd_dp_txq *q, struct rte_mbuf *m, uint32_t *added, uint64_t *desc)
{
	const uint32_t len = m->data_len;

	if (likely(m->nb_segs == 1 && len == m->pkt_len && len - 1 < q->single_max &&
		   piopmd_tx_csum_kept(q, m, q->csum) && piopmd_tx_room(q, *added) != 0)) {
		*desc = piopmd_tx_desc(m);
		piopmd_tx_put(q, *added, *desc, m);
		++*added;
		return PIOPMD_TX_POSTED;
	}
	return piopmd_tx_post_any(q, m, added, desc);
}

/** Give objects to a pool whose cache has no room for them. */
void piopmd_tx_pool_put_slow(struct rte_mempool *mp, void *const *objs, uint32_t n);

/** If a pool's cache exists and takes n more without giving some away. */
static __rte_always_inline bool
piopmd_tx_cache_room(const struct rte_mempool_cache *cache, uint32_t n)
{
	return likely(cache != NULL && cache->len + n <= cache->flushthresh);
}

/**
 * rte_mempool_put_bulk() with the common case alone inline: a burst of one frame notices the rest,
 * and the code of a burst is a tenth of the size.
 */
static __rte_always_inline void
piopmd_tx_pool_put(struct rte_mempool *mp, void *const *objs, uint32_t n)
{
	struct rte_mempool_cache *cache = rte_mempool_default_cache(mp, rte_lcore_id());
	void **to;

	if (!piopmd_tx_cache_room(cache, n)) {
		piopmd_tx_pool_put_slow(mp, objs, n);
		return;
	}
	to = &cache->objs[cache->len];
	cache->len += n;
	if (n == 1)
		to[0] = objs[0];
	else
		memcpy(to, objs, n * sizeof(objs[0]));
}

/** mbufs on their way back to their pools. */
struct piopmd_tx_bulk {
	struct rte_mbuf *m[PIOPMD_TX_FREE_BULK];
	uint32_t n;
};

static __rte_always_inline void
piopmd_tx_bulk_flush(struct piopmd_tx_bulk *bulk)
{
	if (bulk->n != 0)
		piopmd_tx_pool_put(bulk->m[0]->pool, (void *const *)bulk->m, bulk->n);
	bulk->n = 0;
}

/** Collect an mbuf that is ready for its pool. */
static __rte_always_inline void
piopmd_tx_bulk_add(struct piopmd_tx_bulk *bulk, struct rte_mbuf *m)
{
	if (unlikely(bulk->n == PIOPMD_TX_FREE_BULK ||
		     (bulk->n != 0 && bulk->m[0]->pool != m->pool)))
		piopmd_tx_bulk_flush(bulk);
	bulk->m[bulk->n++] = m;
}

/** Free one segment. */
static __rte_always_inline void
piopmd_tx_bulk_free(struct piopmd_tx_bulk *bulk, struct rte_mbuf *m)
{
	m = rte_pktmbuf_prefree_seg(m);
	if (likely(m != NULL))
		piopmd_tx_bulk_add(bulk, m);
}

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_DP_TX_H */
