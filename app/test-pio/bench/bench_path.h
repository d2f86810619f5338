/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_PATH_H
#define BENCH_PATH_H

/* Ways to send. */

#include <stdint.h>

#include <rte_pio.h>

#include "bench.h"
#include "bench_floor.h"
#include "bench_port.h"
#include "piopmd_dp_queue.h"

#define BENCH_TEMPLATES_MAX 32u

enum bench_call {
	BENCH_NOTHING,		/* what the time stamps and the machine show by themselves */
	BENCH_FLOOR,		/* hand-written PIO, on a queue borrowed from the driver */
	BENCH_SEND,		/* rte_pio_send() or rte_pio_send_burst() */
	BENCH_SEND_ONLY,	/* the same without fallback */
	BENCH_TX_BURST,		/* rte_eth_tx_burst() */
	BENCH_RING_NO_PUSH,	/* hand-written descriptor, doorbell without one; simple queue */
	BENCH_TEMPLATE_SEND,
	BENCH_TEMPLATE_UPDATE,	/* rte_pio_template_update_send(), 8 bytes */
	BENCH_WARM,		/* rte_pio_warm() */
};

struct bench_path {
	const char *name;
	struct bench_port *port;
	uint16_t queue;
	uint16_t lead;		/* a queue of the same kind, to run the code before it is measured */
	enum bench_call call;
	/* templates */
	struct rte_pio_template *t[BENCH_TEMPLATES_MAX];
	uint32_t nb_t;
	uint32_t next_t;
	enum rte_pio_store_kind store;	/* of the floor; AUTO: not known yet */
};

/* Port by the end of its role's name; the queue, and the one that runs ahead of it */
#define BENCH_PATH(name_, role_, queue_, lead_, call_) \
	{ .name = name_, .port = PORT(role_), .queue = queue_, .lead = lead_, .call = call_ }

struct bench_shot {
	uint64_t start;		/* TSC just before the call */
	uint64_t cycles;	/* of all calls, overhead not yet subtracted */
	uint32_t sent;		/* frames taken */
	uint32_t busy;		/* calls that found no room */
};

/* What the next calls send: n frames of len bytes (0: of mixed lengths), warm in the cache. */
void bench_path_load(const struct bench_path *p, uint32_t len, uint32_t n);
/* Send them, burst frames a call, and take the time. */
struct bench_shot bench_path_fire(struct bench_path *p, uint16_t queue, uint32_t len,
				  uint32_t burst, uint32_t n);
/* Free what nobody took: of n frames all but the first sent. */
void bench_path_unload(const struct bench_path *p, uint32_t sent, uint32_t n);

/* Inline: let the other end take what was sent. */
void bench_path_settle(struct bench_path *p);

/* Make n templates of len bytes on the path's queue; less when memory ends. At least 1. */
void bench_path_templates_make(struct bench_path *p, uint32_t len, uint32_t n);
void bench_path_templates_free(struct bench_path *p);

/* The driver's queue object. Only for a port of net_piopmd. */
struct piopmd_dp_txq *bench_path_txq(const struct bench_path *p);

/* Ethernet header of the frames that follow: NULL: to nobody. */
void bench_frames_address(const struct rte_ether_addr *dst);
/* A frame as bench_path_load() makes it. */
const void *bench_frame(void);

#endif /* BENCH_PATH_H */
