/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_RXQ_H
#define PIOPMD_RXQ_H

/*
 * Receive queues, control side: memory, INIT_RXQ, flush. The datapath's object is in piopmd_dp.h; it is
 * what ethdev's rx_queues[] points to.
 *
 * Adapter lock held.
 */

#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>

#include "piopmd_dp.h"
#include "piopmd_evq.h"

struct piopmd_adapter;

#define PIOPMD_FLUSH_US		(2 * 1000 * 1000u)	/* a flush event follows FINI within this */
#define PIOPMD_RXQ_DESC_MIN	64u			/* nb_desc; the ring itself is larger */
#define PIOPMD_RXQ_DESC_DEF	512u

struct piopmd_rxq {
	struct piopmd_dp_rxq *dp;
	struct piopmd_evq evq;
	const struct rte_memzone *mz;	/* descriptor ring */
	struct rte_mbuf **sw_ring;
	struct rte_mempool *mb_pool;
	uint64_t offloads;
	uint32_t nb_entries;
	uint16_t nb_desc;		/* as asked for */
	uint16_t free_thresh;
	uint16_t queue_id;
	int socket_id;
	uint32_t buf_size;
	struct piopmd_dp_rx_stats stats_base;	/* at the last reset of the statistics */
	bool deferred;			/* dev_start leaves it alone */
	bool wanted;			/* runs while the port does; a recovery keeps it so */
	bool started;
};

/* False for a queue that is not set up. */
static inline bool
piopmd_rxq_runs(const struct piopmd_rxq *rxq)
{
	return rxq != NULL && rxq->started;
}

int piopmd_rxq_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		     unsigned int socket_id, const struct rte_eth_rxconf *conf,
		     struct rte_mempool *mp);
void piopmd_rxq_release(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_rxq_start(struct rte_eth_dev *dev, uint16_t queue_id);
/* May be repeated. */
void piopmd_rxq_stop(struct rte_eth_dev *dev, uint16_t queue_id);

/* Longest frame (without FCS) that fits one buffer of the queue's pool. */
uint32_t piopmd_rxq_frame_max(const struct piopmd_rxq *rxq);

#endif /* PIOPMD_RXQ_H */
