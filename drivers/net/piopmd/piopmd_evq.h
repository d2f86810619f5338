/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_EVQ_H
#define PIOPMD_EVQ_H

/*
 * Event queues, control side.
 *
 * Event queue 0 (management) is the control plane's alone. Those of receive and transmit queues are
 * read by the datapath while the queue runs; before its start (START_UP) and after its stop (flush)
 * the control plane reads them, from the position that the datapath hands over.
 *
 *	setup -> start (INIT_EVQ, waits for START_UP) -> poll ... -> stop (FINI_EVQ) -> release
 *
 * Control thread, adapter lock held.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_memzone.h>

struct piopmd_adapter;
struct rte_eth_dev;

#define PIOPMD_EVQ_START_UP_US	(2 * 1000 * 1000u)	/* START_UP follows INIT_EVQ within this */
#define PIOPMD_EVQ_MGMT		0u			/* index of the management queue */
#define PIOPMD_EVQ_MGMT_ENTRIES	512u

struct piopmd_evq {
	const struct rte_memzone *mz;
	uint64_t *ring;
	uint32_t nb_entries;
	uint32_t read_ptr;		/* events consumed, free-running */
	uint16_t index;			/* in the adapter; valid while started */
	uint16_t queue_id;		/* of the zone's name */
	bool started;
	bool start_up;			/* START_UP was seen */
	bool flushed;			/* TX_FLUSH or RX_FLUSH of the queue was seen */
};

/* Interrupt of an event queue. */
struct piopmd_evq_intr {
	bool on;
	uint16_t vector;
};

/* -ENOMEM. zone and queue_id name the memory. */
int piopmd_evq_setup(struct rte_eth_dev *dev, struct piopmd_evq *evq, const char *zone,
		     uint16_t queue_id, uint32_t nb_entries, int socket_id);
void piopmd_evq_release(struct rte_eth_dev *dev, struct piopmd_evq *evq, const char *zone);

/* -ETIMEDOUT no START_UP; the errors of INIT_EVQ. */
int piopmd_evq_start(struct piopmd_adapter *ad, struct piopmd_evq *evq, uint16_t index,
		     const struct piopmd_evq_intr *intr);
/* May be repeated. */
void piopmd_evq_stop(struct piopmd_adapter *ad, struct piopmd_evq *evq);

/* Consumes all events that are there. */
void piopmd_evq_poll(struct piopmd_adapter *ad, struct piopmd_evq *evq);

/* Polls until *flag is set. -ETIMEDOUT after timeout_us. */
int piopmd_evq_wait(struct piopmd_adapter *ad, struct piopmd_evq *evq, const bool *flag,
		    uint32_t timeout_us);

/* Arms the interrupt: the next event raises it, also one that is there already. */
void piopmd_evq_prime(struct piopmd_adapter *ad, const struct piopmd_evq *evq);

#endif /* PIOPMD_EVQ_H */
