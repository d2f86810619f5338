/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What the extension costs a queue that does not use it: bursts by the function that the driver gave
 * ethdev for the port, against the ring's own, which contains nothing of the extension: it is what a
 * port has on which no queue opted in. Both are called by rte_eth_tx_burst(), for the same queue, piece
 * by piece in turns, the model inline. On a port without any PIO queue the two are the same function,
 * and what differs is how well a hundredth can be told.
 */

#include <rte_ethdev.h>

#include "bench_path.h"

#define ALONE_ROUNDS	9
#define ALONE_PIECES	400u	/* of each function, a round */
#define ALONE_PIECE	32u
#define ALONE_LEN	64u

enum { ALONE_DRIVER, ALONE_DATAPATH, ALONE_NUM };

static const char *const alone_names[ALONE_NUM] = {
	[ALONE_DRIVER] = "driver",
	[ALONE_DATAPATH] = "ring's function",
};

static struct {
	const char *what;
	struct bench_path path;
} alone_cases[] = {
	{ "no PIO queue on the port", BENCH_PATH("tx_burst ring", RING, 0, 1, BENCH_TX_BURST) },
	{ "beside a PIO queue", BENCH_PATH("tx_burst ring", PIO, 1, 2, BENCH_TX_BURST) },
};

/* A piece by a function that rte_eth_tx_burst() is made to find, the code run in before. */
static uint64_t
alone_piece(struct bench_path *p, uint32_t burst, eth_tx_burst_t function)
{
	const eth_tx_burst_t own = rte_eth_fp_ops[p->port->id].tx_pkt_burst;
	struct bench_shot ahead, shot;

	rte_eth_fp_ops[p->port->id].tx_pkt_burst = function;
	bench_path_load(p, ALONE_LEN, ALONE_PIECE);
	ahead = bench_path_fire(p, p->lead, ALONE_LEN, burst, ALONE_PIECE);
	bench_path_load(p, ALONE_LEN, ALONE_PIECE);
	shot = bench_path_fire(p, p->queue, ALONE_LEN, burst, ALONE_PIECE);
	rte_eth_fp_ops[p->port->id].tx_pkt_burst = own;
	if (ahead.sent != ALONE_PIECE || shot.sent != ALONE_PIECE)
		bench_fail("%s: %u and %u of %u sent", p->name, ahead.sent, shot.sent, ALONE_PIECE);
	bench_path_settle(p);
	return shot.cycles - RTE_MIN(shot.cycles, bench.overhead);
}

static void
alone_round(const char *what, struct bench_path *p, uint32_t burst, unsigned int round)
{
	const eth_tx_burst_t functions[ALONE_NUM] = {
		[ALONE_DRIVER] = rte_eth_fp_ops[p->port->id].tx_pkt_burst,
		[ALONE_DATAPATH] = rte_eth_fp_ops[PORT(RING)->id].tx_pkt_burst,
	};
	static uint64_t pieces[ALONE_NUM][ALONE_PIECES * 100 + 1];
	const uint32_t n = RTE_MIN(bench_scaled(ALONE_PIECES), (uint32_t)RTE_DIM(pieces[0]));
	uint32_t i, v;

	for (i = 0; i < n; i++) {
		/* drawn, because completions and the pool have rhythms of their own */
		const uint32_t first = (uint32_t)(bench_random() >> 32) % ALONE_NUM;

		for (v = 0; v < ALONE_NUM; v++) {
			const uint32_t turn = (first + v) % ALONE_NUM;

			pieces[turn][i] = alone_piece(p, burst, functions[turn]);
		}
	}
	for (v = 0; v < ALONE_NUM && round != 0; v++) {
		const struct bench_mean m = bench_mean(pieces[v], n, ALONE_PIECE);

		bench_out_begin("alone");
		bench_out_str("what", what);
		bench_out_str("path", alone_names[v]);
		bench_out_int("len", ALONE_LEN);
		bench_out_int("burst", burst);
		bench_out_int("round", round);
		bench_out_mean(&m);
		bench_out_end();
	}
}

void
bench_phase_alone(void)
{
	static const uint32_t bursts[] = { 1, ALONE_PIECE };
	const struct bench_queue_conf conf[3] = {{ .threshold = ALONE_LEN }};
	unsigned int i, j, round;

	bench_port_start(PORT(RING), 2, NULL);
	bench_port_start(PORT(PIO), RTE_DIM(conf), conf);
	/* the second port has another function, or there is nothing to compare */
	if (rte_eth_fp_ops[PORT(PIO)->id].tx_pkt_burst == rte_eth_fp_ops[PORT(RING)->id].tx_pkt_burst)
		bench_fail("a port with a PIO queue sends as one without");
	bench_model_hold();
	/* round 0 is for the caches */
	for (round = 0; round <= ALONE_ROUNDS; round++) {
		for (i = 0; i < RTE_DIM(alone_cases); i++) {
			struct bench_path *p = &alone_cases[i].path;

			if (!bench_path_txq(p)->simple)
				bench_fail("%s: not the ring's simple datapath", p->name);
			for (j = 0; j < RTE_DIM(bursts); j++) {
				bench_sched_rest();
				alone_round(alone_cases[i].what, p, bursts[j], round);
			}
		}
	}
	bench_model_release();
	bench_port_stop(PORT(RING));
	bench_port_stop(PORT(PIO));
}
