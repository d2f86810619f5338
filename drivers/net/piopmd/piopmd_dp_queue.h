/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_DP_QUEUE_H
#define PIOPMD_DP_QUEUE_H

/**
 * @file
 * Queue objects of the datapath. Private to piopmd_rx.c, _tx.c, _pio*.c and their tests.
 *
 * A queue is laid out by who touches what how often: a line that every burst reads and nobody
 * writes, a line that every burst writes, then what only reaping, refill and set-up need. The
 * object lies in memory shared by all processes, so it holds no function pointers.
 */

#include <assert.h>
#include <stddef.h>

#include <rte_byteorder.h>
#include <rte_spinlock.h>

#include "ef10_desc.h"
#include "piopmd_dp.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PIOPMD_LINE_SIZE 64

/**
 * A transmit queue. Entries of sw_ring say what completes with a descriptor:
 *
 *	NULL			a slot of the PIO window
 *	mbuf			its segment may be freed
 *	PIOPMD_TX_TAG_NONE	nothing: an option, or a part of a segment
 *	tagged template		one slot of it may be written again
 *
 * They are NULL while the descriptor is not in flight, so that a PIO send, the common case, need
 * not store one; nb_other says whether there are any but PIO slots to look for.
 */
struct piopmd_dp_txq {
	/* Read by every send; ctl, pio_span and single_max are published by the control thread. */
	uint32_t ctl;			/**< PIOPMD_DP_CTL_*. */
	/** A frame may go by PIO if len - RTE_PIO_FRAME_MIN < pio_span; 0: PIO is not in use. */
	uint32_t pio_span;
	uint32_t ptr_mask;
	uint32_t max_fill;
	uint64_t *hw_ring;
	volatile void *doorbell;
	uint8_t *pio_map;		/**< CPU address of adapter offset 0. */
	void **sw_ring;
	uint64_t *evq_ring;
	uint32_t reap_fill;		/**< A burst that finds more in flight than this reaps. */
	uint32_t single_max;		/**< Longest frame that one DMA descriptor takes. */

	/* Written by every send. */
	uint32_t own;			/**< PIOPMD_DP_OWN_*. */
	uint32_t added;			/**< Descriptors written. */
	uint32_t completed;		/**< Descriptors whose resources were taken back. */
	/**
	 * Published: generation while PIO is in use and the MTU allows every template, else 0; a
	 * template of another is not clean.
	 */
	uint32_t template_generation;
	struct rte_pio_slots slots;	/**< Offsets as the adapter counts. */
	/** All ones; 0 in a twin made for warming, whose lines all fall on the scratch line. */
	uint32_t pio_off_mask;
	uint16_t nb_other;		/**< Of those in flight, how many are no PIO slots. */
	uint8_t csum_ask;		/**< Set-up: PIOPMD_TX_CSUM_ASK if offloads allow any. */
	uint8_t pio_reap_credits;	/**< Set-up: PIOPMD_PIO_REAP_CREDITS, 0 of few slots. */
	struct rte_pio_queue_stats stats;	/**< The first two are written by a PIO send. */

	/* Reaping and what is not the plain case. */
	uint32_t evq_ptr __rte_aligned(PIOPMD_LINE_SIZE);	/**< Events consumed. */
	uint32_t done;			/**< Descriptors known to have completed. */
	uint32_t pushed;		/**< Descriptors announced; valid while OWN_PENDING is set. */
	uint32_t csum;			/**< EF10_TX_CSUM_FLAG_* that the adapter applies now. */
	uint64_t push_desc;		/**< To ride on the doorbell, while OWN_PENDING is set. */
	uint32_t csum_mask;		/**< Those that the queue's offloads allow. */
	uint32_t frame_max;		/**< Published: longest frame of any shape. */
	uint32_t pio_csum;		/**< Those that RTE_PIO_CSUM asks for. */
	bool fast_free;			/**< One segment, one pool, no references. */
	bool multi_segs;		/**< RTE_ETH_TX_OFFLOAD_MULTI_SEGS. */
	/** Set-up: runs piopmd_tx_burst_simple(), so that sw_ring holds mbufs only. */
	bool simple;
	bool pio_opted_in;
	bool pio_fallback_ring;
	uint32_t pio_off_reason;	/**< Published: enum rte_pio_fb_reason while pio_span is 0. */
	struct rte_mempool *pio_fallback_mp;
	uint64_t dropped;		/**< Frames that no descriptor can stand for. */
	uint8_t *pio_scratch;		/**< CPU address of the scratch line. */

	/* Set-up and control only. */
	struct rte_pio_driver_templates templates __rte_aligned(PIOPMD_LINE_SIZE);
	uint32_t template_max;		/**< Published by the owner: longest that a template may become. */
	/** A template may be freed while a recovery takes back what is in flight. */
	rte_spinlock_t templates_lock;
	struct rte_pio_driver_layout pio_layout;
	uint32_t pio_mem;
	uint32_t pio_dev_off;
	uint32_t pio_threshold;
	uint32_t generation;		/**< Starts, by which the adapter's memory may be lost; never 0. */
	uint32_t pio_mem_reason;	/**< Why there is no window; RTE_PIO_FB_NONE with one. */
	bool pio_enabled;
	uint32_t ack;
	int socket_id;
	uint16_t port_id;
	uint16_t queue_id;
} __rte_cache_aligned;

static_assert(offsetof(struct piopmd_dp_txq, own) == PIOPMD_LINE_SIZE, "one read-only line");
static_assert(offsetof(struct piopmd_dp_txq, stats) == 2 * PIOPMD_LINE_SIZE - 16 &&
	      offsetof(struct rte_pio_queue_stats, pio_bytes) == 8, "one line written by PIO sends");

#define PIOPMD_TX_TAG_NONE ((void *)(uintptr_t)1)

/** A template in sw_ring: structures are aligned to 8 at least, so two bits are free. */
#define PIOPMD_TX_TAG_TEMPLATE(t, slot) ((void *)((uintptr_t)(t) + 1 + 2 * (uintptr_t)(slot)))

/** A frame that takes several buffers, between its first and its last piece. */
enum piopmd_rx_chain {
	PIOPMD_RX_CHAIN_NONE,	/**< The next piece is a first one. */
	PIOPMD_RX_CHAIN_KEEP,	/**< Pieces hang on piopmd_dp_rxq::chain. */
	PIOPMD_RX_CHAIN_DROP,	/**< Something was wrong: the rest is freed as it comes. */
};

struct piopmd_dp_rxq {
	/* Read by every burst; ctl is published by the control thread. */
	uint32_t ctl;			/**< PIOPMD_DP_CTL_*. */
	uint32_t ptr_mask;
	uint64_t *evq_ring;
	struct rte_mbuf **sw_ring;
	uint64_t rearm;			/**< data_off, refcnt, nb_segs, port of a fresh mbuf. */
	uint32_t len_max;		/**< Longest frame part in a first buffer. */
	uint32_t ol_mask;		/**< ol_flags that the queue may set. */
	uint16_t refill_threshold;
	uint16_t max_fill;
	uint16_t scatter;		/**< Frames may take several buffers. */
	uint16_t intr;			/**< Arm the interrupt after each burst. */
	uint64_t ol_base;		/**< ol_flags of the pool's every mbuf. */
	volatile void *vi_base;

	/* Written by every burst that receives. */
	uint32_t own;			/**< PIOPMD_DP_OWN_*. */
	uint32_t evq_ptr;		/**< Events consumed. */
	uint32_t completed;		/**< Buffers consumed. */
	uint32_t added;			/**< Buffers posted. */
	uint32_t ready;			/**< Frames of a merged event that nobody took yet. */
	uint32_t ready_ptype;		/**< Their packet type. */
	uint32_t ready_ol_flags;	/**< Their flags. */
	uint32_t chain_state;		/**< enum piopmd_rx_chain. */
	uint64_t packets;
	uint64_t bytes;
	struct rte_mbuf *chain;		/**< First segment of a frame whose end is to come. */
	struct rte_mbuf *chain_last;

	/* Refill. */
	uint64_t *hw_ring;
	struct rte_mempool *mb_pool;
	uint64_t desc_base;		/**< Length and headroom of a descriptor, address 0. */
	uint64_t errors;
	uint64_t aborts;
	uint64_t nombuf;
	uint32_t evq_primed;		/**< evq_ptr at the last priming. */
	uint32_t reserved[3];

	/* Set-up and control only. */
	volatile void *evq_vi_base;
	uint32_t ack;
	uint16_t port_id;
	uint16_t queue_id;
	bool prime_indirect;
} __rte_cache_aligned;

/** The burst function of receive queues, as piopmd_dp_rx_burst_select() gives it. */
uint16_t piopmd_dp_rx_burst(void *rx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

static_assert(offsetof(struct piopmd_dp_rxq, own) == PIOPMD_LINE_SIZE, "one read-only line");
static_assert(offsetof(struct piopmd_dp_rxq, hw_ring) == 2 * PIOPMD_LINE_SIZE, "one written line");
static_assert(offsetof(struct piopmd_dp_rxq, evq_vi_base) == 3 * PIOPMD_LINE_SIZE,
	      "refill has a line of its own");

/**
 * Look for an event that is not of the queue's own kind among those the owner has not read yet: it
 * may stand behind completions that an owner who does not call leaves unread. Any control thread;
 * the owner may move on meanwhile, what it leaves behind is its own kind of event or empty.
 */
static inline bool
piopmd_dp_event_foreign(const uint64_t *ring, uint32_t ptr, uint32_t mask, uint64_t own_code)
{
	uint32_t n;

	for (n = 0; n <= mask; n++) {
		const uint64_t ev = rte_le_to_cpu_64(__atomic_load_n(&ring[(ptr + n) & mask],
								     __ATOMIC_RELAXED));

		if (!ef10_event_present(ev))
			return false;
		if (EF10_GET(ev, EV_CODE) != own_code)
			return true;
	}
	return false;
}

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_DP_QUEUE_H */
