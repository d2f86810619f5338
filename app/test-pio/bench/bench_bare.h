/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_BARE_H
#define BENCH_BARE_H

/*
 * The datapath in plain memory: queues whose rings, registers and window are arrays, and an adapter
 * that does nothing until it is told to. No device, no second thread; what runs is the driver's
 * code and nothing else, so that its instructions can be counted.
 *
 * A case is measured in rounds:	prepare, run (this alone counts), complete
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_mbuf.h>

#include "bench_floor.h"
#include "piopmd_dp.h"
#include "piopmd_dp_queue.h"

#define BARE_ENTRIES	512u
#define BARE_WINDOW	4096u
#define BARE_FRAMES_MAX	64u
#define BARE_TEMPLATES	16u

struct bare;

struct bare_case {
	const char *name;
	uint32_t len;
	uint32_t burst;		/* frames of a call */
	uint32_t n;		/* frames of a round */
	uint32_t threshold;	/* 0: the queue does not opt in */
	uint32_t template_mem;
	uint64_t offloads;
	bool beside_pio;	/* another queue of the port opted in */
	bool rx;
	bool merged;		/* rx: events of 8 frames each */
	void (*prepare)(struct bare *b);
	void (*run)(struct bare *b);
	void (*complete)(struct bare *b);
};

struct bare {
	const struct bare_case *c;
	enum rte_pio_store_kind kind;
	struct piopmd_dp_txq *txq;
	struct piopmd_dp_rxq *rxq;
	const struct rte_pio_fp_ops *fp;
	eth_tx_burst_t tx_burst;
	eth_rx_burst_t rx_burst;
	struct rte_mempool *pool;
	struct rte_pio_template *t[BARE_TEMPLATES];
	struct bench_floor floor;
	struct rte_mbuf *mbufs[BARE_FRAMES_MAX];
	uint64_t iova[BARE_FRAMES_MAX];
	struct rte_pio_iov iov[BARE_FRAMES_MAX];
	uint8_t *frame;
	uint32_t evq_write;
	uint32_t wptr;		/* tx: doorbell last seen; rx: buffers filled */
	uint64_t failed;	/* calls that did not do what the case wants */
};

/* The cases, ended by one without a name. */
extern const struct bare_case bare_cases[];

/* Memory for all cases; EAL runs. -ENOMEM */
int bare_init(struct bare *b);
/* Make the queues of a case anew. Negative errno */
int bare_setup(struct bare *b, const struct bare_case *c, enum rte_pio_store_kind kind);
void bare_teardown(struct bare *b);

void bare_tx_prepare(struct bare *b);
void bare_tx_complete(struct bare *b);
void bare_rx_prepare(struct bare *b);
void bare_rx_complete(struct bare *b);

#endif /* BENCH_BARE_H */
