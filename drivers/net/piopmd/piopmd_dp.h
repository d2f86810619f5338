/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_DP_H
#define PIOPMD_DP_H

/**
 * @file
 * The seam between the control plane and the datapath of net_piopmd.
 *
 * The control plane allocates rings and queue objects, talks to the adapter and calls the
 * functions below; the datapath never allocates, logs, locks or calls the control plane.
 *
 *	setup   piopmd_dp_txq_init(q, &conf)            piopmd_dp_rxq_init(q, &conf)
 *	opt in  piopmd_dp_txq_pio_attach(q, &pio_conf)
 *	start   INIT_EVQ, INIT_TXQ, LINK_PIOBUF, then
 *	        piopmd_dp_txq_start(q, evq_read_ptr)    piopmd_dp_rxq_start(q, evq_read_ptr)
 *	run     the burst functions that piopmd_dp_*_burst_select() named, and the rte_pio calls
 *	stop    piopmd_dp_txq_stop(q)                   piopmd_dp_rxq_stop(q)
 *	        (control plane: flush, drain the event queue from the read pointer it got)
 *	        piopmd_dp_txq_purge(q)                  piopmd_dp_rxq_purge(q)
 *	opt out piopmd_dp_txq_pio_detach(q)
 *
 * Counters run freely over 32 bits; an index exists only after masking. One transmit ring, 8
 * entries, worked example (entries are descriptors, not frames):
 *
 *	counter     value       index  meaning
 *	completed   0xfffffffe  6      the oldest descriptor the adapter may still read
 *	pushed      0x00000001  1      the first one it has not been told of
 *	added       0x00000003  3      where the next one is written
 *
 * Indices 6, 7 and 0 are in flight; 1 and 2 wait for a doorbell (RTE_PIO_MORE); 3, 4 and 5 are
 * free. Fill is added - completed = 5. The first doorbell carries descriptor 1 and write
 * pointer 3.
 *
 * Threads: init, attach, detach, start, stop, purge and select are the control thread's. Bursts
 * and rte_pio calls belong to the one thread that owns the queue. The functions that are named
 * "publish" only store one word that the queue's thread reads.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <rte_pio_driver.h>

#include "piopmd_compat.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * How many descriptors of an n-entry ring may be in flight: one free so that head and tail
 * differ, 7 events that may be consumed but not yet cleared (the event ring is as large as the
 * descriptor ring and is cleared by whole cache lines), one error and one flush event.
 */
#define PIOPMD_DP_RING_LIMIT(n) ((n) - 10u)

/** Bytes the adapter writes in front of a received frame. */
#define PIOPMD_DP_RX_PREFIX_SIZE 14u

/** Words of struct piopmd_dp_txq::ctl and struct piopmd_dp_rxq::ctl, written by control only. */
#define PIOPMD_DP_CTL_STOPPED	0x1u	/**< Not started: calls answer -ENETDOWN, bursts 0. */
#define PIOPMD_DP_CTL_FAILED	0x2u	/**< Device lost, recovery follows: -EIO, bursts 0. */
#define PIOPMD_DP_CTL_NO_OPT_IN	0x4u	/**< The dummy queue: rte_pio calls answer -ENOTSUP. */

/** Words of struct piopmd_dp_txq::own and struct piopmd_dp_rxq::own, written by the owner only. */
#define PIOPMD_DP_OWN_EXCEPTION	0x1u	/**< An event for control waits at the read pointer. */
#define PIOPMD_DP_OWN_PENDING	0x2u	/**< Descriptors wait for a doorbell (RTE_PIO_MORE). */
#define PIOPMD_DP_OWN_LINES	0x4u	/**< PIO lines among them: a fence goes before it. */
#define PIOPMD_DP_OWN_CSUM	0x8u	/**< The adapter inserts checksums until told not to. */

struct piopmd_dp_txq;
struct piopmd_dp_rxq;

/* Transmit: control side */

/** What a transmit queue is made of. The memory belongs to the caller and outlives the queue. */
struct piopmd_dp_txq_conf {
	uint16_t port_id;
	uint16_t queue_id;
	/** Entries of the descriptor ring and of the event ring: a power of two, 512..4096. */
	uint32_t nb_entries;
	/** In-flight limit, at most PIOPMD_DP_RING_LIMIT(nb_entries). */
	uint32_t max_fill;
	/** Reap when fewer free descriptors than this are left; 1..max_fill. */
	uint32_t free_thresh;
	/** Descriptor ring, 4 KiB aligned. */
	uint64_t *hw_ring;
	/** Event ring, 4 KiB aligned, all ones when INIT_EVQ is sent. */
	uint64_t *evq_ring;
	/** nb_entries pointers, zeroed, cache aligned. */
	void **sw_ring;
	/** CPU address of this queue's VI window in the register mapping. */
	volatile void *vi_base;
	/** RTE_ETH_TX_OFFLOAD_* of queue and port. */
	uint64_t offloads;
	/** Longest frame without FCS the ring takes; see piopmd_dp_txq_frame_max_publish(). */
	uint32_t frame_max;
	/** Where the queue's templates are allocated. */
	int socket_id;
};

/** The PIO side of a queue that opted in. */
struct piopmd_dp_pio_conf {
	/**
	 * CPU address of the first byte granted, 64-byte aligned; NULL when no adapter memory or
	 * no mapping was to be had: the queue then takes every call and sends by the ring.
	 */
	void *window;
	/** Why window is NULL (or why PIO is off from the start). */
	enum rte_pio_fb_reason off_reason;
	/** The same byte as the adapter counts: offset in the linked buffer, multiple of 64. */
	uint32_t dev_off;
	/** Bytes granted, multiple of 64. */
	uint32_t size;
	/** Bytes of it kept for templates. */
	uint32_t template_mem;
	/** Longest frame that goes by PIO; slots are this rounded up to 64. */
	uint32_t threshold;
	/** Where an mbuf-less frame gets its mbuf when it goes by the ring; may be NULL. */
	struct rte_mempool *fallback_mp;
	/** False: a frame that cannot go by PIO is refused (fallback NONE). */
	bool fallback_ring;
	/** Checksum insertion that RTE_PIO_CSUM asks for: RTE_MBUF_F_TX_* bits. */
	uint64_t tx_ol_flags;
};

/** Counters of one transmit queue. They never go back: who resets subtracts what was then. */
struct piopmd_dp_tx_stats {
	uint64_t packets;	/**< Frames sent, by PIO and by the ring. */
	uint64_t bytes;		/**< Their bytes, without FCS. */
	uint64_t dropped;	/**< Frames freed unsent: empty, longer than frame_max, too many pieces. */
};

/**
 * Make a stopped queue out of zeroed memory.
 * @return 0; -EINVAL: conf breaks one of the rules above, q unchanged.
 */
int piopmd_dp_txq_init(struct piopmd_dp_txq *q, const struct piopmd_dp_txq_conf *conf);

/**
 * Let a queue run. The descriptor ring of INIT_TXQ must be fresh (write pointer 0): the function
 * posts and pushes the first descriptor, a checksum option that switches everything off, which
 * also clears the adapter's push collector of what an earlier queue left there.
 * @param evq_read_ptr Events the control path consumed since INIT_EVQ (START_UP: 1).
 */
void piopmd_dp_txq_start(struct piopmd_dp_txq *q, uint32_t evq_read_ptr);

/**
 * Ring for what RTE_PIO_MORE held back and take completions of a queue that is about to stop; its
 * thread must have left it.
 * @return Descriptors still in flight.
 */
uint32_t piopmd_dp_txq_drain(struct piopmd_dp_txq *q);

/**
 * Stop using a queue; its thread must have left it. Rings for what RTE_PIO_MORE held back.
 * @return How many events have been consumed: where the control path goes on reading.
 */
uint32_t piopmd_dp_txq_stop(struct piopmd_dp_txq *q);

/**
 * Take back what a stopped and flushed queue still holds: mbufs, slots, templates in flight.
 * @return Descriptors without a completion.
 */
uint32_t piopmd_dp_txq_purge(struct piopmd_dp_txq *q);

/** Publish that the device is gone: calls answer -EIO until the next start. */
void piopmd_dp_txq_fail(struct piopmd_dp_txq *q);

/** Publish the longest frame that the ring takes (MTU + L2 header, FCS not counted). */
void piopmd_dp_txq_frame_max_publish(struct piopmd_dp_txq *q, uint32_t frame_max);

/**
 * True when an unread event is not the datapath's (TX_ERR, flush, ...), or the one at the read
 * pointer tells something impossible. Looks by itself too, so that a foreign event is noticed on a
 * queue that nobody uses; any control thread, queue running.
 */
bool piopmd_dp_txq_exception(const struct piopmd_dp_txq *q);

/** ethdev's tx_descriptor_status; queue's thread. */
int piopmd_dp_tx_descriptor_status(void *tx_queue, uint16_t offset);
/** ethdev's tx_queue_count: descriptors whose event was not seen; queue's thread. */
int piopmd_dp_tx_queue_count(void *tx_queue);

/** ethdev's tx_done_cleanup; queue's thread. free_cnt counts mbufs, 0 means all. */
int piopmd_dp_tx_done_cleanup(void *tx_queue, uint32_t free_cnt);

/** Any thread. */
void piopmd_dp_tx_stats_get(const struct piopmd_dp_txq *q, struct piopmd_dp_tx_stats *stats);

/* Transmit: PIO side */

/**
 * Opt a stopped queue in and give it its PIO memory: slots first, then the template reserve, the
 * scratch line last (rte_pio_driver_layout()).
 * @return 0; -EINVAL: misaligned, or threshold out of range; -ENOSPC: not even one slot fits.
 */
int piopmd_dp_txq_pio_attach(struct piopmd_dp_txq *q, const struct piopmd_dp_pio_conf *conf);

/**
 * Move a stopped and purged queue to another buffer of the same size, at the same offset in it,
 * or to none (window NULL: everything goes by the ring and counts off_reason). Templates find out
 * about it by the queue's next start.
 */
void piopmd_dp_txq_pio_move(struct piopmd_dp_txq *q, void *window,
			    enum rte_pio_fb_reason off_reason);

/** Opt a stopped queue out. @return 0; -EBUSY: templates exist. */
int piopmd_dp_txq_pio_detach(struct piopmd_dp_txq *q);

/** Publish PIO on or off (rte_pio_queue_start/_stop). */
void piopmd_dp_txq_pio_enable_publish(struct piopmd_dp_txq *q, bool on);

/** Publish the threshold. @return 0; -EINVAL: longer than a slot, or shorter than a header. */
int piopmd_dp_txq_pio_threshold_publish(struct piopmd_dp_txq *q, uint32_t threshold);

/** What the queue got, for rte_pio_queue_info_get; any thread. */
struct piopmd_dp_pio_info {
	bool opted_in;
	bool enabled;			/**< Neither stopped nor without memory. */
	enum rte_pio_fb_reason off_reason;
	uint32_t size;
	uint32_t slot_size;
	uint32_t nb_slots;
	uint32_t threshold;
	uint32_t template_mem;
	uint32_t template_mem_free;
	void *scratch;			/**< The scratch line, for the self-test; NULL without. */
};
void piopmd_dp_txq_pio_info_get(const struct piopmd_dp_txq *q, struct piopmd_dp_pio_info *info);

/** The library's counters of a queue; written by the queue's thread. */
struct rte_pio_queue_stats *piopmd_dp_txq_pio_stats(struct piopmd_dp_txq *q);

/**
 * The rte_pio calls for one store kind, on struct piopmd_dp_txq. A kind that this build or CPU
 * lacks (or RTE_PIO_STORE_AUTO) gives the best one that there is.
 */
const struct rte_pio_fp_ops *piopmd_dp_pio_fp_select(enum rte_pio_store_kind kind);

/**
 * What queues without opt-in stand on, piopmd_dp_txq_size() bytes for rte_pio_driver_register():
 * every call answers -ENOTSUP.
 */
extern const struct piopmd_dp_txq piopmd_dp_txq_dummy;

/**
 * Choose the burst function that suits the queues a port has now. Without an opted-in queue it is
 * one without any PIO code; otherwise it is piopmd_dp_tx_burst_any(). Changes nothing.
 * @param queues The struct piopmd_dp_txq pointers that ethdev passes, NULL entries skipped.
 * @param name   Set to a name for rte_eth_tx_burst_mode_get().
 */
eth_tx_burst_t piopmd_dp_tx_burst_select(void *const *queues, uint16_t nb_queues,
					 enum rte_pio_store_kind kind, const char **name);

/**
 * The burst function that asks each queue what suits it, so that it fits whatever queues a port
 * gets later: a secondary process is not told of them.
 */
eth_tx_burst_t piopmd_dp_tx_burst_any(enum rte_pio_store_kind kind, const char **name);

/** Prepare function that goes with it. */
eth_tx_prep_t piopmd_dp_tx_prepare_select(void *const *queues, uint16_t nb_queues);

/* Receive */

/** What a receive queue is made of. The memory belongs to the caller and outlives the queue. */
struct piopmd_dp_rxq_conf {
	uint16_t port_id;
	uint16_t queue_id;
	/** Entries of the descriptor ring and of the event ring: a power of two, 512..4096. */
	uint32_t nb_entries;
	/** Buffers posted at most, a multiple of 8, at most PIOPMD_DP_RING_LIMIT(nb_entries). */
	uint32_t max_fill;
	/** Refill when at least this many are missing; 8..max_fill. */
	uint32_t refill_threshold;
	/** Where buffers come from. */
	struct rte_mempool *mb_pool;
	/** Bytes the adapter may write behind RTE_PKTMBUF_HEADROOM, prefix included; <= 16383. */
	uint32_t buf_size;
	/** Descriptor ring, 4 KiB aligned. */
	uint64_t *hw_ring;
	/** Event ring, 4 KiB aligned, all ones when INIT_EVQ is sent. */
	uint64_t *evq_ring;
	/** nb_entries + 8 pointers, zeroed, cache aligned. */
	struct rte_mbuf **sw_ring;
	/** CPU address of the VI window of this receive queue. */
	volatile void *vi_base;
	/** CPU address of the VI window of its event queue. */
	volatile void *evq_vi_base;
	/** Prime the event queue by the indirect writes of Huntington bug 35388. */
	bool prime_indirect;
	/** The hash in the prefix is valid: deliver it. */
	bool rss_hash;
	/** RTE_ETH_RX_OFFLOAD_* of queue and port. */
	uint64_t offloads;
};

/** Counters of one receive queue. They never go back: who resets subtracts what was then. */
struct piopmd_dp_rx_stats {
	uint64_t packets;
	uint64_t bytes;		/**< Without FCS and prefix. */
	uint64_t errors;	/**< Frames dropped for a bad FCS or a truncation. */
	uint64_t aborts;	/**< Frames the adapter gave up for want of descriptors. */
	uint64_t nombuf;	/**< Buffers that the mempool did not have. */
};

/** Make a stopped queue out of zeroed memory. @return 0; -EINVAL: conf breaks a rule. */
int piopmd_dp_rxq_init(struct piopmd_dp_rxq *q, const struct piopmd_dp_rxq_conf *conf);

/**
 * Post buffers and let the queue run.
 * @param evq_read_ptr Events the control path consumed since INIT_EVQ (START_UP: 1).
 * @return 0; -ENOMEM: not even 8 buffers in the mempool, queue still stopped.
 */
int piopmd_dp_rxq_start(struct piopmd_dp_rxq *q, uint32_t evq_read_ptr);

/** Stop using a queue. @return How many events have been consumed. */
uint32_t piopmd_dp_rxq_stop(struct piopmd_dp_rxq *q);

/** Free every buffer of a stopped and flushed queue. */
void piopmd_dp_rxq_purge(struct piopmd_dp_rxq *q);

/** Publish that the device is gone: bursts answer 0 until the next start. */
void piopmd_dp_rxq_fail(struct piopmd_dp_rxq *q);

/** True when an unread event is not the datapath's, as for transmit queues. */
bool piopmd_dp_rxq_exception(const struct piopmd_dp_rxq *q);

/** ethdev's rx_descriptor_status and rx_queue_count; queue's thread. */
int piopmd_dp_rx_descriptor_status(void *rx_queue, uint16_t offset);
piopmd_queue_count_t piopmd_dp_rx_queue_count(void *rx_queue);

/** Where the device writes the next event; EF10_EVENT_EMPTY until then. Queue's thread. */
volatile void *piopmd_dp_rxq_event_next(const struct piopmd_dp_rxq *q);

/** Arm (and keep armed after each burst) or stop arming the event queue's interrupt. */
void piopmd_dp_rxq_intr_enable(struct piopmd_dp_rxq *q);
void piopmd_dp_rxq_intr_disable(struct piopmd_dp_rxq *q);

void piopmd_dp_rx_stats_get(const struct piopmd_dp_rxq *q, struct piopmd_dp_rx_stats *stats);

/** Choose the burst function of a port. */
eth_rx_burst_t piopmd_dp_rx_burst_select(void *const *queues, uint16_t nb_queues,
					 const char **name);

/* Recovery: what the burst tables point to while queues are torn down and rebuilt */

/**
 * Bursts that answer 0 and note in the queue that its thread has come by, after which it is
 * certain that no earlier burst is still running there.
 */
uint16_t piopmd_dp_tx_burst_blocked(void *tx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
uint16_t piopmd_dp_rx_burst_blocked(void *rx_queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
void piopmd_dp_txq_ack_clear(struct piopmd_dp_txq *q);
bool piopmd_dp_txq_ack(const struct piopmd_dp_txq *q);
void piopmd_dp_rxq_ack_clear(struct piopmd_dp_rxq *q);
bool piopmd_dp_rxq_ack(const struct piopmd_dp_rxq *q);

/** Sizes for whoever allocates queue objects; both want cache alignment. */
size_t piopmd_dp_txq_size(void);
size_t piopmd_dp_rxq_size(void);

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_DP_H */
