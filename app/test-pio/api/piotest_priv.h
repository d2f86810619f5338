/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOTEST_PRIV_H
#define PIOTEST_PRIV_H

/* Inside of net_piotest: the device's state, the driver's queue. */

#include <ethdev_driver.h>

#include "piotest.h"

#define PIOTEST_WIRE_MAX	16384
#define PIOTEST_RING_MAX	512	/**< Most entries of a ring. */

/** A frame that has left. */
struct piotest_frame {
	struct piotest_frame *next;
	uint32_t len;
	uint8_t data[];
};

struct piotest_dev {
	struct piotest_hwq queue[PIOTEST_MAX_QUEUES];
	bool held;
	struct piotest_violations violations;
	uint64_t doorbells;
	uint64_t sums[PIOTEST_MAX_QUEUES][PIOTEST_RING_MAX];
	struct piotest_frame *frames;
	struct piotest_frame **frames_end;
	uint32_t nb_frames;
	uint8_t scratch[PIOTEST_WIRE_MAX];
};

uint32_t piotest_dev_capture_take(struct piotest_dev *dev, void *frame, uint32_t size);

/** Why a queue takes no calls; 0: it does. Written by control, read by the queue's thread. */
enum piotest_state {
	PIOTEST_RUNNING,
	PIOTEST_STOPPED,	/**< -ENETDOWN */
	PIOTEST_FAILED,		/**< -EIO */
	PIOTEST_NO_OPT_IN,	/**< -ENOTSUP: the dummy */
};

/** What an entry leads to when it completes. */
struct piotest_sw_entry {
	struct rte_mbuf *mbuf;		/**< Frame by the ring: free it. */
	struct rte_pio_driver_template *t;	/**< Template: its slot is free again. */
	uint16_t slot;
	uint16_t credit;		/**< Bytes of credit that come back. */
};

struct piotest_txq {
	struct piotest_dev *dev;
	struct piotest_hwq *hw;
	uint16_t port_id;
	uint16_t queue_id;
	uint16_t nb_desc;

	/* the ring: slots of PIOTEST_ENTRY bytes */
	struct rte_pio_slots entries;
	uint8_t *ring;			/**< In device memory or in host_ring. */
	uint8_t *host_ring;
	uint8_t *bounce;		/**< PIOTEST_FRAME_MAX bytes for each entry. */
	struct piotest_sw_entry *sw;
	uint32_t sw_next;		/**< Where the next post goes. */
	uint32_t sw_oldest;		/**< What completes next. */
	uint32_t added;			/**< Free-running, like the next three. */
	uint32_t pushed;
	uint32_t reaped;
	uint32_t completed;		/**< Written by the device. */

	/* published by control */
	enum piotest_state state;
	bool pio_on;
	uint32_t threshold;
	uint32_t frame_max;

	/* PIO; set up at opt-in */
	bool opted_in;
	bool fallback_ring;
	bool has_memory;
	enum rte_pio_fb_reason off_reason;	/**< Why there is no memory. */
	enum rte_pio_store_kind kind;
	struct rte_mempool *mp;
	uint64_t tx_ol_flags;
	uint16_t l2_len;
	uint16_t l3_len;
	uint32_t slot_size;
	uint32_t template_off;
	uint32_t template_mem;
	uint32_t scratch_off;
	uint32_t credit;
	struct rte_pio_driver_templates templates;
	struct rte_pio_queue_stats stats;
	uint64_t lines;
	uint64_t tx_packets;		/**< What ethdev counts: by either path. */
	uint64_t tx_bytes;
};

/** Buffers that several ports share. */
struct piotest_pool {
	char name[32];
	uint32_t nb_ports;	/**< That draw from it; 0: unused entry. */
	uint32_t nb_bufs;
	uint32_t nb_free;
	uint32_t nb_taken;	/**< By others, which a driver cannot know. */
};

struct piotest_port {
	struct piotest_dev *hw;
	struct piotest_pool *pool;
	bool privilege;
	bool map;
	bool wc;
	enum rte_pio_wc_verdict measured;
	uint32_t burst_ps;
	uint32_t single_ps;
	struct rte_ether_addr mac;
	/** Queues live here, so that a queue with templates can outlast ethdev's release. */
	struct piotest_txq *txq[PIOTEST_MAX_QUEUES];
};

static inline struct piotest_port *
piotest_port(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/* piotest_ext.c */
extern const struct rte_pio_driver_ops piotest_pio_ops;
/** The pool of that name, made if there is none; NULL: too many. Give it back by nb_ports--. */
struct piotest_pool *piotest_pool_get(const char *name, uint32_t nb_bufs);
/** Take a queue's device memory away. */
void piotest_ungrant(struct piotest_port *port, struct piotest_txq *q);

/* piotest_tx.c */
extern const struct rte_pio_fp_ops piotest_fp_ops;
extern const struct piotest_txq piotest_txq_dummy;

uint16_t piotest_tx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb);
/** Begin with an empty ring at the device's next entry; reload the templates. */
void piotest_txq_start(struct piotest_txq *q, struct rte_eth_dev *dev);
/** Take what has completed, give up the rest. */
void piotest_txq_purge(struct piotest_txq *q);
void piotest_txq_ring(struct piotest_txq *q);

#endif /* PIOTEST_PRIV_H */
