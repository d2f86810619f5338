/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Receive datapath.
 *
 * The adapter writes a frame behind a 14-byte prefix into the posted buffers, in order, then an
 * event that tells how many buffers are used up. One event stands for one frame, for one piece of
 * a frame that takes several buffers, or (merged) for up to 15 whole frames of the same kind. What
 * a burst has no room for stays behind as q->ready frames that need no further event.
 *
 * Nothing the adapter writes is believed: a length, a count or a chain that cannot be is an error
 * that costs the frame, or an exception that leaves the event to the control path.
 */

#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_prefetch.h>

#include "piopmd_debug.h"
#include "piopmd_dp_queue.h"
#include "piopmd_io.h"
#include "piopmd_tweak.h"

#define EVENTS_PER_LINE (PIOPMD_LINE_SIZE / EF10_EVENT_SIZE)

static_assert(PIOPMD_RX_REFILL_BULK % EF10_RX_DESC_WPTR_ALIGN == 0, "whole doorbell units");
static_assert(PIOPMD_DP_RX_PREFIX_SIZE == EF10_RX_PREFIX_LEN, "one prefix size");

/* Packet type and flags that the class bits of an event stand for. */
struct rx_class {
	uint32_t ptype;
	uint32_t ol_flags;
};

/* Tag class, L3 class and L4 class are neighbours in the event: together an 8-bit index. */
#define RX_CLASS_LBN EF10_RX_EV_ETH_TAG_CLASS_LBN
#define RX_CLASS_COUNT 256u
#define RX_CLASS_INDEX(tag, l3, l4) ((tag) | (l3) << 3 | (l4) << 6)

static_assert(EF10_RX_EV_L3_CLASS_LBN == RX_CLASS_LBN + 3 &&
	      EF10_RX_EV_L4_CLASS_LBN == RX_CLASS_LBN + 6, "class bits are neighbours");

#define F_HASH ((uint32_t)RTE_MBUF_F_RX_RSS_HASH)
#define F_IP ((uint32_t)RTE_MBUF_F_RX_IP_CKSUM_GOOD)
#define F_L4 ((uint32_t)RTE_MBUF_F_RX_L4_CKSUM_GOOD)
#define F_IP_BAD ((uint32_t)RTE_MBUF_F_RX_IP_CKSUM_BAD)
#define F_L4_BAD ((uint32_t)RTE_MBUF_F_RX_L4_CKSUM_BAD)

/*
 * All L3 and L4 classes below one tag class; what is missing has the L2 type alone. Only Internet
 * frames are hashed.
 */
#define RX_CLASSES(tag, l2) \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_UNKNOWN, 0)] = { l2, 0 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_FCOE, 0)] = { l2, 0 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_ARP, 0)] = { \
		(tag) == EF10_RX_ETH_TAG_CLASS_NONE ? RTE_PTYPE_L2_ETHER_ARP : (l2), 0 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP4, EF10_RX_L4_CLASS_UNKNOWN)] = { \
		(l2) | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN, F_HASH | F_IP }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP4, EF10_RX_L4_CLASS_TCP)] = { \
		(l2) | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_TCP, F_HASH | F_IP | F_L4 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP4, EF10_RX_L4_CLASS_UDP)] = { \
		(l2) | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_UDP, F_HASH | F_IP | F_L4 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP4_FRAG, 0)] = { \
		(l2) | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_FRAG, F_HASH | F_IP }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP6, EF10_RX_L4_CLASS_UNKNOWN)] = { \
		(l2) | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN, F_HASH }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP6, EF10_RX_L4_CLASS_TCP)] = { \
		(l2) | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | RTE_PTYPE_L4_TCP, F_HASH | F_L4 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP6, EF10_RX_L4_CLASS_UDP)] = { \
		(l2) | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | RTE_PTYPE_L4_UDP, F_HASH | F_L4 }, \
	[RX_CLASS_INDEX(tag, EF10_RX_L3_CLASS_IP6_FRAG, 0)] = { \
		(l2) | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN | RTE_PTYPE_L4_FRAG, F_HASH }

static const struct rx_class rx_classes[RX_CLASS_COUNT] = {
	RX_CLASSES(EF10_RX_ETH_TAG_CLASS_NONE, RTE_PTYPE_L2_ETHER),
	RX_CLASSES(EF10_RX_ETH_TAG_CLASS_VLAN1, RTE_PTYPE_L2_ETHER_VLAN),
	RX_CLASSES(EF10_RX_ETH_TAG_CLASS_VLAN2, RTE_PTYPE_L2_ETHER_QINQ),
};

#define RX_EV_BAD_CSUM (EF10_MASK(RX_EV_IPCKSUM_ERR) | EF10_MASK(RX_EV_TCPUDP_CKSUM_ERR))
#define RX_EV_BAD_FRAME (EF10_MASK(RX_EV_ECRC_ERR) | EF10_MASK(RX_EV_ECC_ERR))

/* Bits that take an event off the common path. */
#define RX_EV_UNCOMMON (RX_EV_BAD_FRAME | EF10_MASK(RX_EV_CONT))

static __rte_always_inline void
rx_classify(uint64_t ev, uint32_t ol_mask, uint32_t *ptype, uint32_t *ol_flags)
{
	const struct rx_class *c = &rx_classes[(ev >> RX_CLASS_LBN) & (RX_CLASS_COUNT - 1)];
	uint32_t ol = c->ol_flags;

	/* an error of a checksum that this class does not have means nothing */
	if (unlikely((ev & RX_EV_BAD_CSUM) != 0)) {
		if ((ev & EF10_MASK(RX_EV_IPCKSUM_ERR)) != 0)
			ol ^= (c->ol_flags & F_IP) != 0 ? F_IP | F_IP_BAD : 0;
		if ((ev & EF10_MASK(RX_EV_TCPUDP_CKSUM_ERR)) != 0)
			ol ^= (c->ol_flags & F_L4) != 0 ? F_L4 | F_L4_BAD : 0;
	}
	*ptype = c->ptype;
	*ol_flags = ol & ol_mask;
}

static __rte_always_inline const uint8_t *
rx_prefix(const struct rte_mbuf *m)
{
	return (const uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM;
}

/* Everything an application reads of a fresh mbuf, in two 16-byte stores. */
static __rte_always_inline void
rx_mbuf_fill(const struct piopmd_dp_rxq *q, struct rte_mbuf *m, uint64_t ol_flags, uint32_t ptype,
	     uint32_t len, uint32_t hash)
{
	const uint64_t rearm = q->rearm;

	ol_flags |= q->ol_base;
#ifdef RTE_ARCH_X86
	static_assert(offsetof(struct rte_mbuf, ol_flags) ==
		      offsetof(struct rte_mbuf, rearm_data) + 8, "rearm_data, ol_flags");
	static_assert(offsetof(struct rte_mbuf, rearm_data) % 16 == 0, "aligned");
	static_assert(offsetof(struct rte_mbuf, packet_type) % 16 == 0, "aligned");
	static_assert(offsetof(struct rte_mbuf, pkt_len) ==
		      offsetof(struct rte_mbuf, packet_type) + 4, "packet_type, pkt_len");
	static_assert(offsetof(struct rte_mbuf, data_len) ==
		      offsetof(struct rte_mbuf, packet_type) + 8, "data_len, vlan_tci");
	static_assert(offsetof(struct rte_mbuf, hash) ==
		      offsetof(struct rte_mbuf, packet_type) + 12, "hash");

	*(__m128i *)(uintptr_t)&m->rearm_data =
		_mm_set_epi64x((int64_t)ol_flags, (int64_t)rearm);
	*(__m128i *)(uintptr_t)&m->packet_type =
		_mm_set_epi64x((int64_t)((uint64_t)hash << 32 | len),
			       (int64_t)((uint64_t)len << 32 | ptype));
#else
	memcpy(&m->rearm_data, &rearm, sizeof(rearm));
	m->ol_flags = ol_flags;
	m->packet_type = ptype;
	m->pkt_len = len;
	m->data_len = (uint16_t)len;
	m->vlan_tci = 0;
	m->hash.rss = hash;
#endif
}

/* The adapter may use entries again only after a doorbell, which all of these stores precede. */
static __rte_always_inline void
rx_events_clear(uint64_t *ring, uint32_t mask, uint32_t from, uint32_t to)
{
	from &= ~(EVENTS_PER_LINE - 1);
	to &= ~(EVENTS_PER_LINE - 1);
	for (; from != to; from += EVENTS_PER_LINE)
		memset(&ring[from & mask], 0xff, PIOPMD_LINE_SIZE);
}

/* Post buffers while at least bulk are missing. */
static __rte_noinline void
rx_refill(struct piopmd_dp_rxq *q)
{
	const uint32_t mask = q->ptr_mask;
	const uint32_t first = q->added;
	uint32_t added = first;
	uint32_t space = q->max_fill - (added - q->completed);

	for (; space >= PIOPMD_RX_REFILL_BULK; space -= PIOPMD_RX_REFILL_BULK) {
		const uint32_t id = added & mask;
		uint32_t i;

		if (unlikely(rte_mempool_get_bulk(q->mb_pool, (void **)&q->sw_ring[id],
						  PIOPMD_RX_REFILL_BULK) < 0)) {
			q->nombuf += PIOPMD_RX_REFILL_BULK;
			break;
		}
		for (i = 0; i < PIOPMD_RX_REFILL_BULK; i++)
			piopmd_io_desc_put(&q->hw_ring[id + i], q->desc_base |
					   rte_mbuf_data_iova_default(q->sw_ring[id + i]));
		added += PIOPMD_RX_REFILL_BULK;
	}
	if (added == first)
		return;
	q->added = added;
	piopmd_io_rx_doorbell(q->vi_base, added & mask);
}

static void
rx_chain_close(struct piopmd_dp_rxq *q, enum piopmd_rx_chain state)
{
	rte_pktmbuf_free(q->chain);
	q->chain = NULL;
	q->chain_last = NULL;
	q->chain_state = state;
}

/* The frame of event ev takes one more buffer, m; false: that cannot be, or the frame is bad. */
static bool
rx_chain_add(struct piopmd_dp_rxq *q, uint64_t ev, struct rte_mbuf *m)
{
	uint32_t bytes = (uint32_t)EF10_GET(ev, RX_EV_BYTES);
	uint32_t ol_flags;
	uint32_t ptype;

	if (q->chain_state == PIOPMD_RX_CHAIN_KEEP) {
		rx_mbuf_fill(q, m, 0, 0, bytes, 0);
		m->data_off = RTE_PKTMBUF_HEADROOM;
		q->chain->nb_segs++;
		q->chain->pkt_len += bytes;
		q->chain_last->next = m;
		q->chain_last = m;
		return bytes - 1 < q->len_max + PIOPMD_DP_RX_PREFIX_SIZE &&
			q->chain->nb_segs <= PIOPMD_RX_SEGS_MAX && (ev & RX_EV_BAD_FRAME) == 0;
	}

	/* only the first piece has a prefix */
	bytes -= PIOPMD_DP_RX_PREFIX_SIZE;
	rx_classify(ev, q->ol_mask, &ptype, &ol_flags);
	rx_mbuf_fill(q, m, ol_flags, ptype, bytes,
		     ef10_le32_get(rx_prefix(m) + EF10_RX_PREFIX_HASH_OFST));
	q->chain = m;
	q->chain_last = m;
	return bytes - 1 < q->len_max && q->scatter != 0 && (ev & RX_EV_BAD_FRAME) == 0;
}

/* One buffer of an uncommon event; returns the frame that it completes, if any. */
static struct rte_mbuf *
rx_piece(struct piopmd_dp_rxq *q, uint64_t ev)
{
	struct rte_mbuf *m = q->sw_ring[q->completed++ & q->ptr_mask];
	const bool more = EF10_GET(ev, RX_EV_CONT) != 0;

	if (q->chain_state == PIOPMD_RX_CHAIN_DROP) {
		rte_mbuf_raw_free(m);
	} else if (!rx_chain_add(q, ev, m)) {
		q->errors++;
		rx_chain_close(q, PIOPMD_RX_CHAIN_DROP);
	} else if (more) {
		q->chain_state = PIOPMD_RX_CHAIN_KEEP;
	} else {
		m = q->chain;
		q->chain = NULL;
		rx_chain_close(q, PIOPMD_RX_CHAIN_NONE);
		return m;
	}
	if (!more)
		q->chain_state = PIOPMD_RX_CHAIN_NONE;
	return NULL;
}

/*
 * An event that is not simply n sound frames. *frame is set when it completes a frame of several
 * buffers; false: exception, the event stays.
 */
static __rte_noinline bool
rx_event_uncommon(struct piopmd_dp_rxq *q, uint64_t ev, uint32_t n, struct rte_mbuf **frame)
{
	*frame = NULL;
	/* more buffers than were posted, or merged pieces: not what this hardware does */
	if (n > q->added - q->completed ||
	    (n > 1 && (q->chain_state != PIOPMD_RX_CHAIN_NONE || (ev & RX_EV_UNCOMMON) == 0 ||
		       EF10_GET(ev, RX_EV_CONT) != 0))) {
		q->own |= PIOPMD_DP_OWN_EXCEPTION;
		return false;
	}
	if (n == 0) {
		/* no descriptor for the next piece: the adapter gave the frame up */
		rx_chain_close(q, PIOPMD_RX_CHAIN_NONE);
		q->aborts++;
	}
	/* n > 1: merged frames that are all bad */
	for (; n != 0; n--)
		*frame = rx_piece(q, ev);
	return true;
}

static void
rx_prime(struct piopmd_dp_rxq *q)
{
	piopmd_io_evq_prime(q->evq_vi_base, q->evq_ptr & q->ptr_mask, q->prime_indirect);
	q->evq_primed = q->evq_ptr;
}

/* It may look behind the last buffer posted, see rx_ring_fill(). */
static __rte_always_inline void
rx_prefetch(const struct piopmd_dp_rxq *q, uint32_t next)
{
	const struct rte_mbuf *m = q->sw_ring[next & q->ptr_mask];

	rte_prefetch0(m);
	rte_prefetch0(rx_prefix(m));
}

/*
 * Take up to room frames of the event that is at hand; each has its length in its prefix. Returns
 * how many were taken, which is less when a length is impossible.
 */
static __rte_always_inline uint32_t
rx_merged_take(struct piopmd_dp_rxq *q, struct rte_mbuf **pkts, uint32_t room)
{
	const uint32_t n = RTE_MIN(q->ready, room);
	uint32_t completed = q->completed;
	uint32_t taken = 0;
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < n; i++, completed++) {
		struct rte_mbuf *m = q->sw_ring[completed & q->ptr_mask];
		const uint8_t *prefix = rx_prefix(m);
		uint32_t len = ef10_le16_get(prefix + EF10_RX_PREFIX_PKT_LEN_OFST);

		rx_prefetch(q, completed + 1);
		if (unlikely(len - 1 >= q->len_max)) {
			rte_mbuf_raw_free(m);
			q->errors++;
			continue;
		}
		rx_mbuf_fill(q, m, q->ready_ol_flags, q->ready_ptype, len,
			     ef10_le32_get(prefix + EF10_RX_PREFIX_HASH_OFST));
		bytes += len;
		pkts[taken++] = m;
	}
	q->completed = completed;
	q->ready -= n;
	q->packets += taken;
	q->bytes += bytes;
	return taken;
}

uint16_t
piopmd_dp_rx_burst(void *rx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct piopmd_dp_rxq *q = rx_queue;
	const uint32_t mask = q->ptr_mask;
	const uint32_t evq_first = q->evq_ptr;
	uint32_t evq_ptr = evq_first;
	uint32_t completed;
	uint32_t nb = 0;
	uint32_t single = 0;
	uint64_t bytes = 0;

	if (unlikely((q->ctl | q->own) != 0))
		return 0;

	if (unlikely(q->ready != 0))
		nb = rx_merged_take(q, pkts, nb_pkts);

	completed = q->completed;
	while (nb < nb_pkts) {
		const uint64_t ev = __atomic_load_n(&q->evq_ring[evq_ptr & mask], __ATOMIC_ACQUIRE);
		uint32_t n, len;

		/* the code of a receive event is 0, that of an empty entry 15 */
		static_assert(EF10_EV_CODE_RX == 0 && EF10_EV_CODE_LBN == 60, "code at the top");
		if (ev >> EF10_EV_CODE_LBN != EF10_EV_CODE_RX) {
			if (unlikely(ev != EF10_EVENT_EMPTY))
				q->own |= PIOPMD_DP_OWN_EXCEPTION;
			break;
		}
		n = (uint32_t)(EF10_GET(ev, RX_EV_DSC_PTR_LBITS) - completed) &
			(uint32_t)EF10_FIELD_ONES(EF10_RX_EV_DSC_PTR_LBITS_WIDTH);
		len = (uint32_t)EF10_GET(ev, RX_EV_BYTES) - PIOPMD_DP_RX_PREFIX_SIZE;

		if (likely(n == 1 && (ev & RX_EV_UNCOMMON) == 0 && len - 1 < q->len_max &&
			   q->chain_state == PIOPMD_RX_CHAIN_NONE && completed != q->added)) {
			struct rte_mbuf *m = q->sw_ring[completed & mask];
			uint32_t ol_flags;
			uint32_t ptype;

			rx_prefetch(q, completed + 1);
			rx_classify(ev, q->ol_mask, &ptype, &ol_flags);
			rx_mbuf_fill(q, m, ol_flags, ptype, len,
				     ef10_le32_get(rx_prefix(m) + EF10_RX_PREFIX_HASH_OFST));
			pkts[nb++] = m;
			completed++;
			evq_ptr++;
			single++;
			bytes += len;
			continue;
		}

		q->completed = completed;
		if (n > 1 && (ev & RX_EV_UNCOMMON) == 0 &&
		    q->chain_state == PIOPMD_RX_CHAIN_NONE && n <= q->added - completed) {
			rx_classify(ev, q->ol_mask, &q->ready_ptype, &q->ready_ol_flags);
			q->ready = n;
			evq_ptr++;
			nb += rx_merged_take(q, &pkts[nb], nb_pkts - nb);
		} else {
			struct rte_mbuf *frame;

			/* aborts use up no buffers: only this ends a ring full of them */
			if (unlikely(evq_ptr - evq_first == mask)) {
				q->own |= PIOPMD_DP_OWN_EXCEPTION;
				break;
			}
			if (!rx_event_uncommon(q, ev, n, &frame))
				break;
			evq_ptr++;
			if (frame != NULL) {
				pkts[nb++] = frame;
				single++;
				bytes += frame->pkt_len;
			}
		}
		completed = q->completed;
	}

	q->completed = completed;
	q->packets += single;
	q->bytes += bytes;
	if (evq_ptr != evq_first) {
		q->evq_ptr = evq_ptr;
		rx_events_clear(q->evq_ring, mask, evq_first, evq_ptr);
	}
	if (q->max_fill - (q->added - completed) >= q->refill_threshold)
		rx_refill(q);
	if (unlikely(q->intr) && q->evq_primed != evq_ptr)
		rx_prime(q);
	return (uint16_t)nb;
}

/* Events are only looked at: what they complete beyond what is known already. */
static uint32_t
rx_pending(const struct piopmd_dp_rxq *q)
{
	uint32_t pending = q->completed + q->ready;
	uint32_t i;

	if ((q->ctl | q->own) != 0)
		return 0;
	for (i = q->evq_ptr; pending != q->added; i++) {
		uint64_t ev = __atomic_load_n(&q->evq_ring[i & q->ptr_mask], __ATOMIC_ACQUIRE);

		/* bounded: an abort (0 buffers) is possible, a ring full of them is not */
		if (EF10_GET(ev, EV_CODE) != EF10_EV_CODE_RX || i - q->evq_ptr > q->ptr_mask)
			break;
		pending += (uint32_t)(EF10_GET(ev, RX_EV_DSC_PTR_LBITS) - pending) &
			(uint32_t)EF10_FIELD_ONES(EF10_RX_EV_DSC_PTR_LBITS_WIDTH);
		if (pending - q->completed > q->added - q->completed)
			return q->added - q->completed;
	}
	return pending - q->completed;
}

piopmd_queue_count_t
piopmd_dp_rx_queue_count(void *rx_queue)
{
	return rx_pending(rx_queue);
}

int
piopmd_dp_rx_descriptor_status(void *rx_queue, uint16_t offset)
{
	const struct piopmd_dp_rxq *q = rx_queue;

	if (offset > q->ptr_mask)
		return -EINVAL;
	if (offset < rx_pending(q))
		return RTE_ETH_RX_DESC_DONE;
	if (offset < q->added - q->completed)
		return RTE_ETH_RX_DESC_AVAIL;
	return RTE_ETH_RX_DESC_UNAVAIL;
}

static uint64_t
rx_rearm(uint16_t port_id)
{
	struct rte_mbuf m;
	uint64_t rearm;

	memset(&m, 0, sizeof(m));
	m.data_off = RTE_PKTMBUF_HEADROOM + PIOPMD_DP_RX_PREFIX_SIZE;
	rte_mbuf_refcnt_set(&m, 1);
	m.nb_segs = 1;
	m.port = port_id;
	memcpy(&rearm, &m.rearm_data, sizeof(rearm));
	return rearm;
}

/* RTE_MBUF_F_RX_* that the queue's offloads allow. */
static uint32_t
rx_ol_mask(const struct piopmd_dp_rxq_conf *conf)
{
	uint32_t mask = 0;

	if ((conf->offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0)
		mask |= F_IP | F_IP_BAD;
	if ((conf->offloads & (RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM)) != 0)
		mask |= F_L4 | F_L4_BAD;
	if (conf->rss_hash)
		mask |= F_HASH;
	return mask;
}

int
piopmd_dp_rxq_init(struct piopmd_dp_rxq *q, const struct piopmd_dp_rxq_conf *conf)
{
	if (!rte_is_power_of_2(conf->nb_entries) || conf->nb_entries < EF10_RXQ_SIZE_MIN ||
	    conf->nb_entries > EF10_RXQ_SIZE_MAX ||
	    conf->max_fill > PIOPMD_DP_RING_LIMIT(conf->nb_entries) ||
	    conf->refill_threshold < PIOPMD_RX_REFILL_BULK ||
	    conf->refill_threshold > conf->max_fill ||
	    conf->buf_size <= PIOPMD_DP_RX_PREFIX_SIZE || conf->buf_size > EF10_RX_DMA_LEN_MAX ||
	    conf->mb_pool == NULL || conf->hw_ring == NULL || conf->evq_ring == NULL ||
	    conf->sw_ring == NULL || conf->vi_base == NULL || conf->evq_vi_base == NULL)
		return -EINVAL;

	memset(q, 0, sizeof(*q));
	q->ctl = PIOPMD_DP_CTL_STOPPED;
	q->ptr_mask = conf->nb_entries - 1;
	q->evq_ring = conf->evq_ring;
	q->sw_ring = conf->sw_ring;
	q->rearm = rx_rearm(conf->port_id);
	q->len_max = conf->buf_size - PIOPMD_DP_RX_PREFIX_SIZE;
	q->ol_mask = rx_ol_mask(conf);
	q->refill_threshold = (uint16_t)conf->refill_threshold;
	q->max_fill = (uint16_t)conf->max_fill;
	/* what frees such an mbuf must see that its buffer is not its own */
	if ((rte_pktmbuf_priv_flags(conf->mb_pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) != 0)
		q->ol_base = RTE_MBUF_F_EXTERNAL;
	q->vi_base = conf->vi_base;
	q->scatter = (conf->offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0;
	q->hw_ring = conf->hw_ring;
	q->mb_pool = conf->mb_pool;
	q->desc_base = ef10_rx_desc(0, conf->buf_size);
	q->evq_vi_base = conf->evq_vi_base;
	q->prime_indirect = conf->prime_indirect;
	q->port_id = conf->port_id;
	q->queue_id = conf->queue_id;
	return 0;
}

/*
 * Entries in which no buffer was posted yet are NULL, or are left over from a pool that may be gone.
 * A burst reads one entry ahead without asking: let it find an mbuf of the pool there.
 */
static void
rx_ring_fill(struct piopmd_dp_rxq *q, uint32_t first)
{
	const uint32_t mask = q->ptr_mask;
	uint32_t i;

	for (i = q->added; i != first + mask + 1; i++)
		q->sw_ring[i & mask] = q->sw_ring[first & mask];
}

int
piopmd_dp_rxq_start(struct piopmd_dp_rxq *q, uint32_t evq_read_ptr)
{
	const uint32_t start = PIOPMD_COUNTER_START(q->ptr_mask + 1);

	q->evq_ptr = start + evq_read_ptr;
	q->evq_primed = q->evq_ptr - 1;
	q->added = start;
	q->completed = start;
	q->own = 0;
	rx_refill(q);
	if (q->added == start)
		return -ENOMEM;
	rx_ring_fill(q, start);
	__atomic_store_n(&q->ctl, 0, __ATOMIC_RELEASE);
	if (q->intr)
		rx_prime(q);
	return 0;
}

uint32_t
piopmd_dp_rxq_stop(struct piopmd_dp_rxq *q)
{
	__atomic_fetch_or(&q->ctl, PIOPMD_DP_CTL_STOPPED, __ATOMIC_RELAXED);
	return q->evq_ptr - PIOPMD_COUNTER_START(q->ptr_mask + 1);
}

void
piopmd_dp_rxq_purge(struct piopmd_dp_rxq *q)
{
	rx_chain_close(q, PIOPMD_RX_CHAIN_NONE);
	for (; q->completed != q->added; q->completed++)
		rte_mbuf_raw_free(q->sw_ring[q->completed & q->ptr_mask]);
	q->ready = 0;
}

void
piopmd_dp_rxq_fail(struct piopmd_dp_rxq *q)
{
	__atomic_fetch_or(&q->ctl, PIOPMD_DP_CTL_FAILED, __ATOMIC_RELAXED);
}

bool
piopmd_dp_rxq_exception(const struct piopmd_dp_rxq *q)
{
	const uint32_t ptr = __atomic_load_n(&q->evq_ptr, __ATOMIC_RELAXED);

	/* what the owner found to be impossible may well look like an event of its own */
	return (__atomic_load_n(&q->own, __ATOMIC_RELAXED) & PIOPMD_DP_OWN_EXCEPTION) != 0 ||
		piopmd_dp_event_foreign(q->evq_ring, ptr, q->ptr_mask, EF10_EV_CODE_RX);
}

void
piopmd_dp_rxq_intr_enable(struct piopmd_dp_rxq *q)
{
	q->intr = 1;
	if (q->ctl == 0)
		rx_prime(q);
}

volatile void *
piopmd_dp_rxq_event_next(const struct piopmd_dp_rxq *q)
{
	return &q->evq_ring[q->evq_ptr & q->ptr_mask];
}

/* The interrupt cannot be disarmed: it is not armed again. */
void
piopmd_dp_rxq_intr_disable(struct piopmd_dp_rxq *q)
{
	q->intr = 0;
}

void
piopmd_dp_rx_stats_get(const struct piopmd_dp_rxq *q, struct piopmd_dp_rx_stats *stats)
{
	stats->packets = __atomic_load_n(&q->packets, __ATOMIC_RELAXED);
	stats->bytes = __atomic_load_n(&q->bytes, __ATOMIC_RELAXED);
	stats->errors = __atomic_load_n(&q->errors, __ATOMIC_RELAXED);
	stats->aborts = __atomic_load_n(&q->aborts, __ATOMIC_RELAXED);
	stats->nombuf = __atomic_load_n(&q->nombuf, __ATOMIC_RELAXED);
}

eth_rx_burst_t
piopmd_dp_rx_burst_select(void *const *queues, uint16_t nb_queues, const char **name)
{
	RTE_SET_USED(queues);
	RTE_SET_USED(nb_queues);
	*name = "PIOPMD EF10 Rx";
	return piopmd_dp_rx_burst;
}

uint16_t
piopmd_dp_rx_burst_blocked(void *rx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct piopmd_dp_rxq *q = rx_queue;

	RTE_SET_USED(pkts);
	RTE_SET_USED(nb_pkts);
	__atomic_store_n(&q->ack, 1, __ATOMIC_RELEASE);
	return 0;
}

void
piopmd_dp_rxq_ack_clear(struct piopmd_dp_rxq *q)
{
	__atomic_store_n(&q->ack, 0, __ATOMIC_RELAXED);
}

bool
piopmd_dp_rxq_ack(const struct piopmd_dp_rxq *q)
{
	return __atomic_load_n(&q->ack, __ATOMIC_ACQUIRE) != 0;
}

size_t
piopmd_dp_rxq_size(void)
{
	return sizeof(struct piopmd_dp_rxq);
}
