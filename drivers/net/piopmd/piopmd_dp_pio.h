/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_DP_PIO_H
#define PIOPMD_DP_PIO_H

/**
 * @file
 * What slot sends (piopmd_pio.c) and templates (piopmd_template.c) share.
 *
 * Fast paths exist once per store kind, as bodies that are inlined with a constant; everything
 * that is not the plain case exists once, takes the kind as an argument and is kept out of line.
 */

#include <errno.h>

#include "piopmd_dp_tx.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The kinds that this architecture has: X(suffix, RTE_PIO_STORE_<KIND>) */
#if defined(RTE_ARCH_X86_64)
#define PIOPMD_PIO_KINDS(X) \
	X(scalar, SCALAR) X(sse2, SSE2) X(avx2, AVX2) X(avx512, AVX512) X(movdir64b, MOVDIR64B)
#elif defined(RTE_ARCH_ARM64)
#define PIOPMD_PIO_KINDS(X) X(scalar, SCALAR) X(neon, NEON)
#else
#define PIOPMD_PIO_KINDS(X) X(scalar, SCALAR)
#endif

/** Frames shorter than this leave padded with zeros to it, like a MAC does it. */
#define PIOPMD_PIO_PAD 60u

/** The zeros between the frame and its padded end lie in the same line. */
static_assert(PIOPMD_PIO_PAD <= RTE_PIO_LINE, "one line holds a padded frame");

static __rte_always_inline uint64_t
piopmd_pio_desc(uint32_t dev_off, uint32_t len)
{
	if (unlikely(len < PIOPMD_PIO_PAD))
		len = PIOPMD_PIO_PAD;
	/* slots lie in the buffer and hold the frame, so neither field needs its mask */
	RTE_ASSERT(dev_off + len <= EF10_PIOBUF_SIZE_MAX && len <= EF10_TX_PIO_LEN_MAX);
	return ef10_tx_desc_pio(0, 0) + ((uint64_t)len << EF10_TX_PIO_LEN_LBN) + dev_off;
}

/** CPU address of an adapter offset; the scratch line in a twin made for warming. */
static __rte_always_inline uint8_t *
piopmd_pio_addr(const struct piopmd_dp_txq *q, uint32_t dev_off)
{
	return q->pio_map + (dev_off & q->pio_off_mask);
}

/** 0 if the queue may send, else -ENETDOWN or -EIO. */
static inline int
piopmd_pio_state(const struct piopmd_dp_txq *q)
{
	const uint32_t ctl = piopmd_tx_ctl(q);

	if (likely((ctl | (q->own & PIOPMD_DP_OWN_EXCEPTION)) == 0))
		return 0;
	if ((ctl & PIOPMD_DP_CTL_STOPPED) != 0)
		return -ENETDOWN;
	return -EIO;
}

/** Descriptors that a frame takes whose checksums are to be csum. */
static inline uint32_t
piopmd_pio_descs(const struct piopmd_dp_txq *q, uint32_t csum)
{
	return 1 + (csum != q->csum);
}

/** Announce what is pending, so that it can complete, and take completions. */
void piopmd_pio_make_room(struct piopmd_dp_txq *q);

/**
 * Take completions behind the doorbell of a send. A call in last place, for which the send need not
 * save registers in memory.
 * @return RTE_PIO_BY_PIO
 */
int piopmd_pio_sent_reap(struct piopmd_dp_txq *q);

/** A frame without mbuf that has to go by the ring. */
struct piopmd_pio_ring {
	uint32_t len;
	uint32_t csum;
	uint32_t flags;
	enum rte_pio_fb_reason reason;
};

/** Longest frame without mbuf that the ring takes. */
static inline uint32_t
piopmd_pio_ring_max(const struct piopmd_dp_txq *q)
{
	struct rte_mempool *mp = q->pio_fallback_mp;

	if (mp == NULL)
		return q->frame_max;
	return RTE_MIN(q->frame_max,
		       (uint32_t)rte_pktmbuf_data_room_size(mp) - RTE_PKTMBUF_HEADROOM);
}

/**
 * Everything that can go wrong, if queue and flags allow the ring at all.
 * @param m Set to an mbuf of the length, to be filled and handed to piopmd_pio_ring_end().
 * @return 0 or negative errno.
 */
int piopmd_pio_ring_begin(struct piopmd_dp_txq *q, const struct piopmd_pio_ring *r,
			  struct rte_mbuf **m);

/** Post the mbuf. @return RTE_PIO_BY_RING */
int piopmd_pio_ring_end(struct piopmd_dp_txq *q, const struct piopmd_pio_ring *r,
			struct rte_mbuf *m);

/** A stand-in for a queue on which a send stores to the scratch line and rings nothing. */
struct piopmd_pio_twin {
	struct piopmd_dp_txq q;
	uint64_t ring[1];
	uint64_t evq[1];
	void *sw_ring[1];
	uint64_t doorbell[2] __rte_aligned(16);
};

/**
 * Make a stand-in; only what a send that finds everything ready looks at is filled. Reading it
 * from q is part of the warming.
 */
void piopmd_pio_twin_make(struct piopmd_pio_twin *twin, struct piopmd_dp_txq *q);

/** Template calls of one kind, for the tables in piopmd_pio.c. */
#define PIOPMD_TEMPLATE_CALLS(suffix, KIND) \
	int piopmd_template_send_##suffix(struct rte_pio_template *t, uint32_t flags); \
	int piopmd_template_update_##suffix(struct rte_pio_template *t, uint32_t offset, \
					    const void *data, uint32_t len); \
	int piopmd_template_update_send_##suffix(struct rte_pio_template *t, \
						 const struct rte_pio_update *updates, uint16_t n, \
						 uint32_t flags); \
	int piopmd_template_alloc_##suffix(void *queue, const struct rte_pio_template_conf *conf, \
					   struct rte_pio_template **t);
PIOPMD_PIO_KINDS(PIOPMD_TEMPLATE_CALLS)

int piopmd_template_info_get(const struct rte_pio_template *t, struct rte_pio_template_info *info);
int piopmd_template_free(struct rte_pio_template *t);

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_DP_PIO_H */
