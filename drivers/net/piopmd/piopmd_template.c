/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Templates: frames that stay in the PIO window.
 *
 * A template has one or two slots in the window's template reserve and a host shadow that always
 * holds the current content; which lines of a slot differ from the shadow is one bit each. A slot
 * is written only while it is not in flight, which its entry in the queue's sw_ring ends. When no
 * slot can be written, or the template or the queue has no adapter memory, the frame leaves from
 * the shadow by the ring.
 *
 * Adapter memory does not survive an unlink. Only the queue's thread touches templates, even while
 * the port is stopped, so the control thread just counts the queue's starts: a template that was
 * written in an earlier one is dirty from end to end, which its next use finds out.
 */

#include <string.h>

#include "piopmd_dp_pio.h"

struct template {
	struct rte_pio_driver_template base;
	struct piopmd_dp_txq *q;
	uint32_t generation;	/* of the queue when the dirty bits were right; never 0 */
	uint64_t desc;		/* of a slot at offset 0, with the present length */
};

static __rte_always_inline struct template *
template_of(struct rte_pio_template *t)
{
	return (struct template *)t;
}

/* Queue and kind of the line store below, which must be a function. */
struct line_ctx {
	const struct piopmd_dp_txq *q;
	enum rte_pio_store_kind kind;
};

static __rte_always_inline void
template_line(void *ctx, uint32_t dev_off, const void *line)
{
	const struct line_ctx *c = ctx;

	piopmd_io_pio_line(c->kind, piopmd_pio_addr(c->q, dev_off), line);
}

/* Bring a slot up to the shadow; the fence is left to the caller. True if lines were written. */
static __rte_always_inline bool
template_flush(struct template *t, struct piopmd_dp_txq *q, unsigned int slot,
	       const enum rte_pio_store_kind kind)
{
	struct line_ctx ctx = { q, kind };
	const uint32_t lines = rte_pio_driver_template_flush(&t->base, slot, template_line, &ctx);

	if (lines == 0)
		return false;
	piopmd_io_pio_end(kind);
	q->stats.template_lines += lines;
	return true;
}

/* May lines be written now? Not while the buffer may be unlinked or gone. */
static bool
template_window(const struct template *t)
{
	return t->base.nb_slots != 0 && piopmd_tx_ctl(t->q) == 0 && t->q->pio_map != NULL;
}

/* Before the slots are looked at; the queue runs, which the caller has seen. */
static void
template_sync(struct template *t)
{
	if (likely(t->generation == t->q->generation))
		return;
	t->generation = t->q->generation;
	rte_pio_driver_template_invalidate(&t->base);
}

/* The length is a new one. */
static void
template_len_note(struct template *t)
{
	t->desc = piopmd_pio_desc(0, t->base.len);
}

/* Post a slot that is clean. Returns its descriptor. */
static __rte_always_inline uint64_t
template_post(struct template *t, struct piopmd_dp_txq *q, unsigned int slot, uint32_t added)
{
	const uint64_t desc = t->desc + t->base.slot_off[slot];

	piopmd_tx_put(q, added, desc, PIOPMD_TX_TAG_TEMPLATE(t, slot));
	rte_pio_driver_template_posted(&t->base, slot);
	q->stats.template_sends++;
	q->stats.pio_packets++;
	q->stats.pio_bytes += t->base.len;
	return desc;
}

/* Send */

/* Why a template of len bytes cannot go by PIO now; sets *slot if it can. */
static enum rte_pio_fb_reason
template_admit(struct template *t, uint32_t len, uint32_t csum, int *slot)
{
	struct piopmd_dp_txq *q = t->q;
	const uint32_t descs = piopmd_pio_descs(q, csum);

	if (unlikely(q->pio_span == 0))
		return q->pio_off_reason == RTE_PIO_FB_NONE ? RTE_PIO_FB_STOPPED :
			(enum rte_pio_fb_reason)q->pio_off_reason;
	if (t->base.nb_slots == 0)
		return RTE_PIO_FB_TEMPLATE_HOST;
	if (len > q->frame_max)
		return RTE_PIO_FB_LEN;
	template_sync(t);
	*slot = rte_pio_driver_template_slot(&t->base);
	if (*slot < 0 || piopmd_tx_room(q, q->added) < descs) {
		piopmd_pio_make_room(q);
		*slot = rte_pio_driver_template_slot(&t->base);
	}
	if (piopmd_tx_room(q, q->added) < descs)
		return RTE_PIO_FB_RING_FULL;
	return *slot < 0 ? RTE_PIO_FB_TEMPLATE_BUSY : RTE_PIO_FB_NONE;
}

static void
template_patch(struct template *t, const struct rte_pio_update *updates, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++)
		rte_pio_driver_template_patch(&t->base, updates[i].offset, updates[i].data,
					      updates[i].len);
	template_len_note(t);
	t->q->stats.template_updates += n;
}

/* From the shadow, by the ring. No patch is applied before it is certain that the frame goes. */
static int
template_by_ring(struct template *t, const struct rte_pio_update *updates, uint16_t n,
		 const struct piopmd_pio_ring *ring)
{
	struct rte_mbuf *m;
	int ret;

	ret = piopmd_pio_ring_begin(t->q, ring, &m);
	if (ret != 0)
		return ret;
	template_patch(t, updates, n);
	memcpy(rte_pktmbuf_mtod(m, void *), t->base.shadow, t->base.len);
	t->base.ring_sends++;
	return piopmd_pio_ring_end(t->q, ring, m);
}

/* A send whose arguments are sound; len: of the frame after the patches. */
static int
template_send_any(struct template *t, const struct rte_pio_update *updates, uint16_t n,
		  uint32_t len, uint32_t flags, enum rte_pio_store_kind kind)
{
	struct piopmd_dp_txq *q = t->q;
	struct piopmd_pio_ring ring = { len, EF10_TX_CSUM_FLAG_NONE, flags, RTE_PIO_FB_NONE };
	int slot = 0;
	uint32_t added;
	uint64_t desc;
	bool lines;
	int ret;

	if ((flags & RTE_PIO_CSUM) != 0) {
		ring.csum = piopmd_tx_csum(t->base.tx_ol_flags) & q->csum_mask;
		if (ring.csum == EF10_TX_CSUM_FLAG_NONE)
			return -EINVAL;
	}
	ret = piopmd_pio_state(q);
	if (ret != 0)
		return ret;
	ring.reason = template_admit(t, len, ring.csum, &slot);
	if (ring.reason != RTE_PIO_FB_NONE) {
		ret = template_by_ring(t, updates, n, &ring);
		rte_pio_driver_trace_fallback(q->port_id, q->queue_id, ring.reason, len, ret);
		return ret;
	}

	template_patch(t, updates, n);
	lines = template_flush(t, q, (unsigned int)slot, kind);
	added = piopmd_tx_csum_switch(q, q->added, ring.csum);
	desc = template_post(t, q, (unsigned int)slot, added);
	piopmd_tx_hold(q, piopmd_tx_first(q, added, desc), added + 1, lines);
	if ((flags & RTE_PIO_MORE) == 0)
		piopmd_tx_flush(q);
	return RTE_PIO_BY_PIO;
}

/* 0 if all patches fit in turn; *len becomes the length after them. */
static __rte_always_inline int
template_check(const struct template *t, const struct rte_pio_update *updates, uint16_t n,
	       uint32_t *len)
{
	uint16_t i;

	*len = t->base.len;
	if (unlikely(updates == NULL && n != 0))
		return -EINVAL;
	for (i = 0; i < n; i++)
		if (rte_pio_driver_template_check(&t->base, len, updates[i].offset,
						  updates[i].data, updates[i].len) != 0)
			return -EINVAL;
	return 0;
}

typedef int (*template_send_t)(struct rte_pio_template *t, const struct rte_pio_update *updates,
			       uint16_t n, uint32_t flags);

/* The function that sends run, on stand-ins for queue and template. */
static int
template_warm(struct template *t, const struct rte_pio_update *updates, uint16_t n,
	      template_send_t send)
{
	uint8_t shadow[RTE_PIO_TEMPLATE_MEM_MAX] __rte_cache_aligned;
	struct piopmd_pio_twin twin;
	struct template w;
	int ret;

	ret = piopmd_pio_state(t->q);
	if (ret != 0)
		return ret;
	if (t->q->pio_span == 0 || t->base.nb_slots == 0)
		return RTE_PIO_BY_RING;
	template_sync(t);
	piopmd_pio_twin_make(&twin, t->q);
	memcpy(&w, t, sizeof(w));
	memcpy(shadow, t->base.shadow, t->base.len);
	w.q = &twin.q;
	w.base.shadow = shadow;
	w.base.slot_state[0] = RTE_PIO_DRIVER_SLOT_FREE;
	t->q->stats.warms++;
	return send(&w.base.base, updates, n, 0);
}

/* A send that is not plain: flags, pending or sticky state, no slot, no room, bad arguments. */
static __rte_noinline int
template_send_slow(struct template *t, const struct rte_pio_update *updates, uint16_t n,
		   uint32_t flags, enum rte_pio_store_kind kind, template_send_t send)
{
	uint32_t len;
	int ret;

	ret = template_check(t, updates, n, &len);
	if (ret == 0 && (flags & ~RTE_PIO_FLAGS_ALL) != 0)
		ret = -EINVAL;
	if (ret == 0 && (flags & RTE_PIO_WARM) != 0)
		return template_warm(t, updates, n, send);
	if (ret == 0)
		ret = template_send_any(t, updates, n, len, flags, kind);
	/* a send that fails rings for what is pending, too */
	if (ret < 0 && t->q->ctl == 0)
		piopmd_tx_flush(t->q);
	return ret;
}

/*
 * A send for which not everything is at hand. As a rule the last send of the template was not seen
 * to end: after a look for completions, in front of the frame, it is plain after all.
 */
static __rte_noinline int
template_send_hard(struct template *t, const struct rte_pio_update *updates, uint16_t n,
		   uint32_t flags, enum rte_pio_store_kind kind, template_send_t self)
{
	struct piopmd_dp_txq *q = t->q;

	if (rte_pio_driver_template_slot(&t->base) < 0 && (flags & RTE_PIO_WARM) == 0 &&
	    (q->ctl | q->own) == 0) {
		piopmd_tx_reap(q);
		if (rte_pio_driver_template_slot(&t->base) >= 0)
			return self(&t->base.base, updates, n, flags);
	}
	return template_send_slow(t, updates, n, flags, kind, self);
}

/* What every plain send of a template needs; *slot is the one to use. */
static __rte_always_inline bool
template_plain(struct template *t, uint32_t flags, int *slot)
{
	const struct piopmd_dp_txq *q = t->q;
	/* first: what the control thread prepared before it published this is seen after it */
	const uint32_t generation = __atomic_load_n(&q->template_generation, __ATOMIC_ACQUIRE);

	*slot = rte_pio_driver_template_slot(&t->base);
	return likely(*slot >= 0 && (flags | q->own) == 0 && t->generation == generation &&
		      piopmd_tx_room(q, q->added) != 0);
}

/* Post and ring; fence and lines are done. */
static __rte_always_inline int
template_fire(struct template *t, struct piopmd_dp_txq *q, unsigned int slot)
{
	const uint32_t next = q->added + 1;
	const uint64_t desc = template_post(t, q, slot, q->added);

	piopmd_io_tx_doorbell(q->doorbell, desc, next & q->ptr_mask);
	q->added = next;
	/* now and then, behind the doorbell, so that templates sent in turn find their slots free */
	if (unlikely((q->stats.template_sends & PIOPMD_TEMPLATE_REAP_MASK) == 0))
		return piopmd_pio_sent_reap(q);
	return RTE_PIO_BY_PIO;
}

static __rte_always_inline int
template_send_body(struct rte_pio_template *handle, uint32_t flags,
		   const enum rte_pio_store_kind kind, template_send_t update_send)
{
	struct template *t = template_of(handle);
	int slot;

	if (unlikely(!template_plain(t, flags, &slot)))
		return template_send_hard(t, NULL, 0, flags, kind, update_send);
	if (unlikely((t->base.dirty[slot] & t->base.live) != 0))
		return update_send(handle, NULL, 0, flags);
	return template_fire(t, t->q, (unsigned int)slot);
}

static __rte_always_inline int
template_update_send_body(struct rte_pio_template *handle, const struct rte_pio_update *updates,
			  uint16_t n, uint32_t flags, const enum rte_pio_store_kind kind,
			  template_send_t self)
{
	struct template *t = template_of(handle);
	struct piopmd_dp_txq *q = t->q;
	uint32_t len;
	int slot;

	if (unlikely(!template_plain(t, flags, &slot) || template_check(t, updates, n, &len) != 0))
		return template_send_hard(t, updates, n, flags, kind, self);
	template_patch(t, updates, n);
	if (template_flush(t, q, (unsigned int)slot, kind))
		piopmd_io_pio_fence();
	return template_fire(t, q, (unsigned int)slot);
}

/* Update without a send */

static __rte_noinline int
template_update_any(struct template *t, const struct rte_pio_update *update,
		    enum rte_pio_store_kind kind)
{
	struct piopmd_dp_txq *q = t->q;
	uint32_t len;
	int slot;

	if (template_check(t, update, 1, &len) != 0)
		return -EINVAL;
	if ((q->ctl & PIOPMD_DP_CTL_FAILED) != 0)
		return -EIO;
	if (!template_window(t)) {
		template_patch(t, update, 1);
		return 0;
	}
	template_sync(t);
	slot = rte_pio_driver_template_slot(&t->base);
	if (slot < 0) {
		piopmd_pio_make_room(q);
		slot = rte_pio_driver_template_slot(&t->base);
	}
	if (slot < 0 && !q->pio_fallback_ring) {
		q->stats.refused[RTE_PIO_FB_TEMPLATE_BUSY]++;
		return -EBUSY;
	}
	template_patch(t, update, 1);
	if (slot >= 0 && template_flush(t, q, (unsigned int)slot, kind)) {
		/* the next send takes the slot that is up to date */
		t->base.cur = (uint8_t)slot;
		piopmd_io_pio_fence();
	}
	return 0;
}

/* Life */

/* Sends of templates that may be longer than the MTU allows look at their length. */
static void
template_room_publish(struct piopmd_dp_txq *q, uint32_t room)
{
	if (room <= q->template_max)
		return;
	__atomic_store_n(&q->template_max, room, __ATOMIC_SEQ_CST);
	if (room > __atomic_load_n(&q->frame_max, __ATOMIC_SEQ_CST))
		__atomic_store_n(&q->template_generation, 0, __ATOMIC_RELAXED);
}

static __rte_noinline int
template_alloc_any(struct piopmd_dp_txq *q, const struct rte_pio_template_conf *conf,
		   struct rte_pio_template **handle, enum rte_pio_store_kind kind)
{
	struct rte_pio_driver_template *base;
	struct template *t;
	unsigned int slot;
	int ret;

	if ((q->ctl & PIOPMD_DP_CTL_NO_OPT_IN) != 0)
		return -ENOTSUP;
	if ((q->ctl & PIOPMD_DP_CTL_FAILED) != 0)
		return -EIO;
	if ((piopmd_tx_csum(conf->tx_ol_flags) & ~q->csum_mask) != 0)
		return -ENOTSUP;
	/* without fallback the library asks for residency, and -ENOSPC follows below */
	if (q->pio_fallback_ring && conf->room > q->pio_layout.template_mem &&
	    conf->room > piopmd_pio_ring_max(q))
		return -EMSGSIZE;
	/* templates freed in flight hold their memory until somebody has seen them leave */
	if (piopmd_pio_state(q) == 0)
		piopmd_pio_make_room(q);
	ret = rte_pio_driver_template_create(&q->templates, q->port_id, q->queue_id, conf,
					     sizeof(*t), q->socket_id, &base);
	if (ret != 0)
		return ret;
	t = (struct template *)base;
	t->q = q;
	/* all of it is dirty, so that any generation is right */
	t->generation = RTE_MAX(q->generation, 1u);
	template_len_note(t);
	*handle = &base->base;
	if (t->base.nb_slots != 0)
		template_room_publish(q, t->base.room);
	if (!template_window(t))
		return 0;
	template_sync(t);
	for (slot = 0; slot < t->base.nb_slots; slot++)
		template_flush(t, q, slot, kind);
	piopmd_io_pio_fence();
	return 0;
}

int
piopmd_template_info_get(const struct rte_pio_template *t, struct rte_pio_template_info *info)
{
	rte_pio_driver_template_info_get((const struct rte_pio_driver_template *)t, info);
	return 0;
}

int
piopmd_template_free(struct rte_pio_template *t)
{
	struct piopmd_dp_txq *q = template_of(t)->q;

	/* contended only while a recovery empties the ring, for the length of the ring at most */
	rte_spinlock_lock(&q->templates_lock);
	rte_pio_driver_template_destroy((struct rte_pio_driver_template *)t);
	if (q->templates.nb == 0)
		__atomic_store_n(&q->template_max, 0, __ATOMIC_RELAXED);
	rte_spinlock_unlock(&q->templates_lock);
	return 0;
}

/* One function per call and kind */

#define TEMPLATE_CALLS(suffix, KIND) \
__rte_noinline int \
piopmd_template_update_send_##suffix(struct rte_pio_template *t, \
				     const struct rte_pio_update *updates, uint16_t n, \
				     uint32_t flags) \
{ \
	return template_update_send_body(t, updates, n, flags, RTE_PIO_STORE_##KIND, \
					 piopmd_template_update_send_##suffix); \
} \
int \
piopmd_template_send_##suffix(struct rte_pio_template *t, uint32_t flags) \
{ \
	return template_send_body(t, flags, RTE_PIO_STORE_##KIND, \
				  piopmd_template_update_send_##suffix); \
} \
int \
piopmd_template_update_##suffix(struct rte_pio_template *t, uint32_t offset, const void *data, \
				uint32_t len) \
{ \
	const struct rte_pio_update update = { data, offset, len }; \
\
	return template_update_any(template_of(t), &update, RTE_PIO_STORE_##KIND); \
} \
int \
piopmd_template_alloc_##suffix(void *queue, const struct rte_pio_template_conf *conf, \
			       struct rte_pio_template **t) \
{ \
	return template_alloc_any(queue, conf, t, RTE_PIO_STORE_##KIND); \
}
PIOPMD_PIO_KINDS(TEMPLATE_CALLS)
