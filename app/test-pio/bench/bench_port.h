/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_PORT_H
#define BENCH_PORT_H

/* The ports that are compared. */

#include <stdbool.h>
#include <stdint.h>

#include "pioemu.h"

#define BENCH_QUEUES_MAX 16u

enum bench_port_role {
	BENCH_PORT_PIO,		/* net_piopmd, queues that opt in */
	BENCH_PORT_RING,	/* net_piopmd, none does */
	BENCH_PORT_SFC_SIMPLE,	/* net_sfc, tx_datapath=ef10_simple */
	BENCH_PORT_SFC,		/* net_sfc, tx_datapath=ef10 */
	BENCH_PORT_MEMNULL,
	BENCH_PORT_MEMRING,	/* net_ring */
	BENCH_PORT_MEMIF_PEER,	/* started before the other end */
	BENCH_PORT_MEMIF,
	BENCH_PORT_RX,		/* hardware: where frames come back, if not to their sender */
	BENCH_PORT_NUM,
};

/* How a transmit queue opts in. threshold 0: it does not */
struct bench_queue_conf {
	uint32_t threshold;
	uint32_t mem;		/* 0: a whole buffer */
	uint32_t template_mem;
};

struct bench_port {
	const char *name;
	char address[64];	/* what EAL calls it; "": not here */
	uint16_t id;
	struct pioemu_vf *vf;	/* NULL: not on the emulator */
	uint16_t nb_txq;
	bool fast_free;		/* the offload of that name is on */
	bool started;
};

extern struct bench_port bench_ports[BENCH_PORT_NUM];
#define PORT(role) (&bench_ports[BENCH_PORT_##role])

static inline bool
bench_port_here(enum bench_port_role role)
{
	return bench_ports[role].address[0] != '\0';
}

/* Look the ports up after EAL has started. */
void bench_ports_find(void);
/*
 * Stop, set up and start a port: nb_txq transmit queues, one receive queue. conf[q] for each queue, or
 * NULL. Ends the program when the port refuses.
 */
void bench_port_start(struct bench_port *p, uint16_t nb_txq, const struct bench_queue_conf *conf);
/* Fewer running queues: less for the model to look at. */
void bench_port_stop(struct bench_port *p);
/*
 * All but the two ends of net_memif: when one goes, EAL's interrupt thread takes the other down, while
 * we do the same (22.11: rings are freed twice). These end with the process.
 */
void bench_ports_close(void);
/* Take what has arrived at a port and free it. */
void bench_port_drain(struct bench_port *p);

/* PIO slots of an opted-in queue. */
uint32_t bench_port_slots(const struct bench_port *p, uint16_t queue);

#endif /* BENCH_PORT_H */
