/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * How long the longest calls take: 64 bytes from hot caches, apart from each other, the model on the
 * other core, enough of them for p99.9. The same around nothing at all shows the machine's own
 * part. A send looks for completions when it is running out of slots or descriptors; who takes them
 * between sends instead pays there, and that is measured beside it.
 */

#include "bench_latency.h"

#define TAIL_ROUNDS	10u
#define TAIL_CALLS	2000u	/* a round and path */
#define TAIL_GAP_NS	1600u	/* payload and event are there in less than half of it */

enum { Q_SEND, Q_SEND_TAKE, Q_TX, Q_TX_TAKE, Q_FLOOR, Q_NUM };

static const struct tail_path {
	struct bench_path path;
	bool take;
} tail_all[] = {
	{ BENCH_PATH("nothing", PIO, 0, 0, BENCH_NOTHING), false },
	{ BENCH_PATH("floor", PIO, Q_FLOOR, Q_FLOOR, BENCH_FLOOR), false },
	{ BENCH_PATH("rte_pio_send", PIO, Q_SEND, Q_SEND, BENCH_SEND), false },
	{ BENCH_PATH("rte_pio_send, completions taken between", PIO, Q_SEND_TAKE, Q_SEND_TAKE,
		     BENCH_SEND), true },
	{ BENCH_PATH("tx_burst PIO", PIO, Q_TX, Q_TX, BENCH_TX_BURST), false },
	{ BENCH_PATH("tx_burst PIO, completions taken between", PIO, Q_TX_TAKE, Q_TX_TAKE,
		     BENCH_TX_BURST), true },
	{ BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST), false },
	{ BENCH_PATH("tx_burst ring, completions taken between", RING, 1, 1, BENCH_TX_BURST), true },
	/* upstream's driver has no tx_done_cleanup: it takes completions in a burst only */
	{ BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST), false },
	{ BENCH_PATH("net_sfc ef10", SFC, 0, 0, BENCH_TX_BURST), false },
};

#define TAIL_NUM RTE_DIM(tail_all)

static struct bench_latency tail_results[TAIL_NUM];

static void
tail_ports(bool start)
{
	static const struct { enum bench_port_role role; uint16_t queues; } others[] = {
		{ BENCH_PORT_RING, 2 }, { BENCH_PORT_SFC_SIMPLE, 1 }, { BENCH_PORT_SFC, 1 },
	};
	struct bench_queue_conf conf[Q_NUM];
	unsigned int i;

	for (i = 0; i < RTE_DIM(others); i++) {
		struct bench_port *p = &bench_ports[others[i].role];

		if (p->address[0] == '\0')
			continue;
		if (start)
			bench_port_start(p, others[i].queues, NULL);
		else
			bench_port_stop(p);
	}
	for (i = 0; i < Q_NUM; i++)
		conf[i] = (struct bench_queue_conf){ .threshold = 64 };
	if (start)
		bench_port_start(PORT(PIO), Q_NUM, conf);
	else
		bench_port_stop(PORT(PIO));
}

void
bench_phase_tail(void)
{
	struct bench_latency_conf c = { .len = 64, .burst = 1, .gap_ns = TAIL_GAP_NS };
	struct bench_path paths[TAIL_NUM];
	unsigned int i, round;

	for (i = 0; i < TAIL_NUM; i++) {
		paths[i] = tail_all[i].path;
		bench_latency_reset(&tail_results[i]);
	}
	tail_ports(true);
	bench_latency_stamps(paths, TAIL_NUM, true);
	for (round = 0; round <= TAIL_ROUNDS; round++) {
		for (i = 0; i < TAIL_NUM; i++) {
			if (paths[i].port->address[0] == '\0')
				continue;
			bench_sched_rest();
			c.take = tail_all[i].take;
			/* round 0 is for the caches */
			c.n = round == 0 ? 20 : bench_scaled(TAIL_CALLS);
			bench_latency_batch(&paths[i], &c, &tail_results[i]);
			if (round == 0)
				bench_latency_reset(&tail_results[i]);
		}
	}
	bench_latency_stamps(paths, TAIL_NUM, false);
	for (i = 0; i < TAIL_NUM; i++) {
		if (paths[i].port->address[0] == '\0')
			continue;
		bench_out_begin("tail");
		bench_latency_record(&paths[i], &c, &tail_results[i]);
		bench_out_end();
	}
	tail_ports(false);
}
