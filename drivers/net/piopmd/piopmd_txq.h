/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_TXQ_H
#define PIOPMD_TXQ_H

/*
 * Transmit queues, control side: memory, INIT_TXQ, flush, and the link of a PIO buffer to the queue's
 * VI. The datapath's object is in piopmd_dp.h; it is what ethdev's tx_queues[] points to.
 *
 *	PIO buffer	ALLOC_PIOBUF at opt-in, FREE_PIOBUF at opt-out or close
 *			LINK_PIOBUF after INIT_TXQ, UNLINK_PIOBUF before FINI_TXQ: drivers differ in
 *			whether a link survives FINI_TXQ, and this order is right either way
 *
 * Adapter lock held.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>

#include "piopmd_dp.h"
#include "piopmd_evq.h"

struct piopmd_adapter;

/* A stop waits this long for what is in the ring to leave: 2048 frames of 9 KiB at 1 Gbit/s */
#define PIOPMD_TXQ_DRAIN_US	(200 * 1000u)
#define PIOPMD_TXQ_DESC_MIN	64u
#define PIOPMD_TXQ_DESC_DEF	512u

/* The PIO side of a queue that opted in. */
struct piopmd_txq_pio {
	bool opted_in;
	bool allocated;			/* handle is ours */
	bool linked;
	uint32_t handle;		/* of the PIO buffer */
	struct piopmd_dp_pio_conf conf;	/* as attached; window is NULL while there is no memory */
	enum rte_pio_fb_reason reason;	/* why there is no memory */
};

struct piopmd_txq {
	struct piopmd_dp_txq *dp;
	struct piopmd_evq evq;
	const struct rte_memzone *mz;	/* descriptor ring */
	void **sw_ring;
	uint64_t offloads;
	uint32_t nb_entries;
	uint16_t nb_desc;		/* as asked for */
	uint16_t free_thresh;
	uint16_t queue_id;
	bool deferred;			/* dev_start leaves it alone */
	bool wanted;			/* runs while the port does; a recovery keeps it so */
	bool started;
	uint64_t nb_lost;		/* descriptors that were never completed */
	uint64_t nb_lost_base;
	int socket_id;
	struct piopmd_dp_tx_stats stats_base;	/* at the last reset of the statistics */
	struct piopmd_txq_pio pio;
};

int piopmd_txq_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		     unsigned int socket_id, const struct rte_eth_txconf *conf);
void piopmd_txq_release(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_txq_start(struct rte_eth_dev *dev, uint16_t queue_id);
/* May be repeated. */
void piopmd_txq_stop(struct rte_eth_dev *dev, uint16_t queue_id);

/* Gets a PIO buffer for a queue. -ENOSPC pool empty, -ENXIO no privilege or no mapping. */
int piopmd_txq_piobuf_alloc(struct piopmd_adapter *ad, struct piopmd_txq *txq);
void piopmd_txq_piobuf_free(struct piopmd_adapter *ad, struct piopmd_txq *txq);
/* The adapter has lost it; the next start of the queue gets another one if it can. */
void piopmd_txq_piobuf_forget(struct piopmd_adapter *ad, struct piopmd_txq *txq);

#endif /* PIOPMD_TXQ_H */
