/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Frames a second, with events, the model on the other core. One thread sends as fast as it can;
 * with several queues it goes round them. The model is one thread too: with it more queues mean
 * more to look at, not more to work with.
 */

#include <string.h>

#include <rte_ethdev.h>

#include "bench_path.h"

#define RATE_ROUNDS	3
#define RATE_NS		8000000u


struct rate_case {
	const char *what;	/* which series */
	struct bench_path *p;
	uint16_t nb_queues;
	uint32_t len;		/* 0: mixed */
	uint32_t burst;
	uint32_t slots;
};

/* Frames between two looks at the clock; queues that take turns do so frame by frame. */
static uint32_t
rate_piece(const struct rate_case *c)
{
	return c->nb_queues > 1 || strcmp(c->what, "queues") == 0 ? 1 : RTE_MAX(c->burst, 16u);
}

static uint64_t
rate_send(struct bench_path *p, const struct rate_case *c, uint64_t limit, uint64_t *cycles)
{
	const uint32_t piece = rate_piece(c);
	const uint64_t start = bench_tsc();
	uint64_t sent = 0, now = start;
	uint16_t queue = p->queue;

	while (now - start < limit) {
		struct bench_shot shot;

		/* the floor takes no completions itself: the driver's code does */
		while (p->call == BENCH_FLOOR && bench_path_txq(p)->slots.nb_free < piece)
			rte_pio_reap(p->port->id, p->queue);
		bench_path_load(p, c->len, piece);
		shot = bench_path_fire(p, queue, c->len, c->burst, piece);
		bench_path_unload(p, shot.sent, piece);
		sent += shot.sent;
		if (c->nb_queues > 1 && ++queue == c->nb_queues)
			queue = 0;
		now = bench_tsc();
	}
	*cycles = now - start;
	return sent;
}

static void
rate_run(const struct rate_case *c, unsigned int round)
{
	const uint64_t limit = (uint64_t)(RATE_NS * bench.cycles_per_ns) * bench.opt.scale / 100;
	struct pioemu_stats before, after;
	uint64_t sent, cycles = 1;

	bench_sched_rest();
	bench_spin_ns(100000);
	bench.ctl->vf_stats_get(c->p->port->vf, PIOEMU_ALL, &before);
	sent = rate_send(c->p, c, limit, &cycles);
	/* what is in flight now was accepted, and leaves */
	bench_spin_ns(2000000);
	bench.ctl->vf_stats_get(c->p->port->vf, PIOEMU_ALL, &after);
	if (c->p->call == BENCH_FLOOR)
		rte_pio_reap(c->p->port->id, c->p->queue);
	if (round == 0)
		return;
	bench_out_begin("rate");
	bench_out_str("what", c->what);
	bench_out_str("path", c->p->name);
	bench_out_int("round", round);
	bench_out_int("queues", c->nb_queues);
	bench_out_int("len", c->len);
	bench_out_int("burst", c->burst);
	bench_out_int("slots", c->slots);
	bench_out_num("mpps", (double)sent / bench_ns((double)cycles) * 1000);
	bench_out_int("sent", (int64_t)sent);
	bench_out_int("left", (int64_t)(after.tx_frames - before.tx_frames));
	bench_out_int("left_by_pio", (int64_t)(after.tx_pio_frames - before.tx_pio_frames));
	bench_out_end();
}

static void
rate_series(struct rate_case *cases, unsigned int nb)
{
	unsigned int round, i;

	for (round = 0; round <= RATE_ROUNDS; round++) {
		for (i = 0; i < nb; i++)
			rate_run(&cases[i], round);
	}
}

/* The same conf for nb queues. */
static void
rate_port_start(uint16_t nb, const struct bench_queue_conf *conf)
{
	struct bench_queue_conf all[BENCH_QUEUES_MAX];
	uint16_t q;

	for (q = 0; q < nb; q++)
		all[q] = *conf;
	bench_port_start(PORT(PIO), nb, all);
}

void
bench_phase_rate(void)
{
	static const uint16_t queues[] = { 1, 2, 4, 8, 16 };
	static const uint32_t slots[] = { 1, 2, 4, 8, 16 };
	struct bench_path floor = BENCH_PATH("floor", PIO, 1, 1, BENCH_FLOOR);
	struct bench_path send = BENCH_PATH("rte_pio_send", PIO, 0, 0, BENCH_SEND);
	struct bench_path only = BENCH_PATH("rte_pio_send, PIO only", PIO, 0, 0, BENCH_SEND_ONLY);
	struct bench_path burst = BENCH_PATH("tx_burst PIO", PIO, 0, 0, BENCH_TX_BURST);
	struct bench_path ring = BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST);
	struct bench_path simple = BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST);
	struct bench_path sfc = BENCH_PATH("net_sfc ef10", SFC, 0, 0, BENCH_TX_BURST);
	struct bench_queue_conf conf = { .threshold = 64 };
	unsigned int i;

	bench_port_start(PORT(RING), 1, NULL);
	if (bench_port_here(BENCH_PORT_SFC_SIMPLE)) {
		bench_port_start(PORT(SFC_SIMPLE), 1, NULL);
		bench_port_start(PORT(SFC), 1, NULL);
	}
	rate_port_start(2, &conf);
	struct rate_case one[] = {
		{ "one queue", &floor, 1, 64, 1, 0 },
		{ "one queue", &only, 1, 64, 1, 0 },
		{ "one queue", &send, 1, 64, 1, 0 },
		{ "one queue", &burst, 1, 64, 1, 0 },
		{ "one queue", &ring, 1, 64, 1, 0 },
		{ "one queue", &burst, 1, 64, 32, 0 },
		{ "one queue", &ring, 1, 64, 32, 0 },
		{ "one queue", &simple, 1, 64, 1, 0 },
		{ "one queue", &simple, 1, 64, 32, 0 },
		{ "one queue", &sfc, 1, 64, 1, 0 },
		{ "one queue", &sfc, 1, 64, 32, 0 },
	};
	rate_series(one, bench_port_here(BENCH_PORT_SFC_SIMPLE) ? RTE_DIM(one) : RTE_DIM(one) - 4);
	bench_port_stop(PORT(RING));
	bench_port_stop(PORT(SFC_SIMPLE));
	bench_port_stop(PORT(SFC));

	for (i = 0; i < RTE_DIM(slots); i++) {
		struct rate_case c = { "slots", &only, 1, 64, 1, slots[i] };

		conf.mem = (slots[i] + 1) * RTE_PIO_LINE;
		rate_port_start(1, &conf);
		rate_series(&c, 1);
		/* the same with leave to use the ring when the slots are used up */
		c.what = "slots, then ring";
		c.p = &send;
		rate_series(&c, 1);
	}
	conf.mem = 0;
	for (i = 0; i < RTE_DIM(queues); i++) {
		struct rate_case c = { "queues", &only, queues[i], 64, 1, 0 };

		rate_port_start(queues[i], &conf);
		rate_series(&c, 1);
	}
	struct rate_case mixed = { "mixed lengths", &burst, 1, 0, 1, 0 };
	conf.threshold = 256;
	rate_port_start(1, &conf);
	rate_series(&mixed, 1);
	mixed.burst = 8;
	rate_series(&mixed, 1);
	bench_port_stop(PORT(PIO));
}
