/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Open loop: when a frame is to be sent is decided beforehand, and its latency counts from then. A
 * sender that falls behind, for whatever reason, finds all of it in the figures.
 */

#include <math.h>

#include "bench_latency.h"

#define LOAD_FRAMES	4000u
#define LOAD_LEN	64u

static uint64_t intended[LOAD_FRAMES];
static struct bench_latency load_result;

/* Poisson: exponential gaps around the mean. */
static void
load_plan(double rate_mpps)
{
	const double mean = 1000.0 / rate_mpps * bench.cycles_per_ns;
	double at = 0;
	uint32_t i;

	for (i = 0; i < LOAD_FRAMES; i++) {
		const double u = (double)(bench_random() >> 11) / (double)(UINT64_C(1) << 53);

		at += -log(1 - u) * mean;
		intended[i] = (uint64_t)at;
	}
}

/* Send all of them, each not before its time. Returns how many calls found no room. */
static uint32_t
load_send(struct bench_path *p)
{
	const uint64_t begin = bench_tsc() + (uint64_t)(20000 * bench.cycles_per_ns);
	uint32_t i, busy = 0;

	for (i = 0; i < LOAD_FRAMES; i++) {
		struct bench_shot shot;

		intended[i] += begin;
		bench_path_load(p, LOAD_LEN, 1);
		while (bench_tsc() < intended[i])
			;
		shot = bench_path_fire(p, p->queue, LOAD_LEN, 1, 1);
		busy += shot.busy;
		bench_hist_add(&load_result.call,
			       (int64_t)(shot.cycles - RTE_MIN(shot.cycles, bench.overhead)));
	}
	return busy;
}

static void
load_case(struct bench_path *p, double rate_mpps)
{
	static struct pioemu_stamp stamps[LOAD_FRAMES + 1];
	struct bench_latency *l = &load_result;
	uint32_t i, n, busy;

	bench_latency_reset(l);
	bench_spin_ns(20000);
	bench.ctl->vf_stamps_take(p->port->vf, stamps, RTE_DIM(stamps));
	load_plan(rate_mpps);
	busy = load_send(p);
	bench_spin_ns(2000000);
	n = bench.ctl->vf_stamps_take(p->port->vf, stamps, RTE_DIM(stamps));
	if (n != LOAD_FRAMES) {
		l->lost = LOAD_FRAMES;
		n = 0;
	}
	for (i = 0; i < n; i++) {
		bench_hist_add(&l->seen, (int64_t)(stamps[i].seen - intended[i]));
		bench_hist_add(&l->done, (int64_t)(stamps[i].done - intended[i]));
		l->pio += stamps[i].pio;
	}
	bench_out_begin("load");
	bench_out_str("path", p->name);
	bench_out_int("len", LOAD_LEN);
	bench_out_num("mpps", rate_mpps);
	bench_out_hist("call", &l->call);
	bench_out_hist("seen", &l->seen);
	bench_out_hist("done", &l->done);
	bench_out_num("pio_share", n == 0 ? 0 : (double)l->pio / n);
	bench_out_int("busy", busy);
	bench_out_int("lost", l->lost);
	bench_out_end();
}

void
bench_phase_load(void)
{
	static const double rates_mpps[] = { 0.2, 0.5, 1.0, 1.5 };
	struct bench_path paths[] = {
		BENCH_PATH("rte_pio_send", PIO, 0, 0, BENCH_SEND),
		BENCH_PATH("tx_burst PIO", PIO, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST),
	};
	const struct bench_queue_conf conf = { .threshold = LOAD_LEN };
	unsigned int i, j, nb = RTE_DIM(paths);

	if (!bench_port_here(BENCH_PORT_SFC_SIMPLE))
		nb--;
	else
		bench_port_start(PORT(SFC_SIMPLE), 1, NULL);
	bench_port_start(PORT(RING), 1, NULL);
	bench_port_start(PORT(PIO), 1, &conf);
	bench_latency_stamps(paths, nb, true);
	for (i = 0; i < RTE_DIM(rates_mpps); i++) {
		for (j = 0; j < nb; j++) {
			bench_sched_rest();
			load_case(&paths[j], rates_mpps[i]);
		}
	}
	bench_latency_stamps(paths, nb, false);
	for (j = 0; j < nb; j++)
		bench_port_stop(paths[j].port);
}
