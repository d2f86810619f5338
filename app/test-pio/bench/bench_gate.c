/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <math.h>
#include <pthread.h>
#include <sched.h>

#include "bench.h"
#include "bench_gate.h"

#define PING_ROUNDS	4000u
#define PING_MAX_NS	300e6	/* on a machine where both never run at the same time */
#define GATE_SPINS_MASK	0xfffu	/* between two looks at the clock */
#define GAP_NS		20e6
#define GAP_MIN_NS	1000.0
#define ADDS		20000u

/* Two hardware threads of one core pass a line in a quarter of what two cores need. */
#define ONEWAY_MIN_NS	40.0
#define CHANGE_MAX	0.15
#define LOST_MAX	0.03

static struct {
	uint64_t word __rte_cache_aligned;
	volatile bool stop __rte_cache_aligned;
} ping;

static void *
gate_pong(void *arg)
{
	uint64_t want = 1;

	RTE_SET_USED(arg);
	while (!ping.stop) {
		if (__atomic_load_n(&ping.word, __ATOMIC_ACQUIRE) != want)
			continue;
		__atomic_store_n(&ping.word, want + 1, __ATOMIC_RELEASE);
		want += 2;
	}
	return NULL;
}

/* The other CPU may belong to somebody of higher priority for good. False: no answer until end. */
static bool
gate_wait(uint64_t want, uint64_t end)
{
	uint32_t n = 0;

	while (__atomic_load_n(&ping.word, __ATOMIC_ACQUIRE) != want) {
		if ((++n & GATE_SPINS_MASK) == 0 && bench_tsc() > end)
			return false;
	}
	return true;
}

/* The model is held off: its core is free for the other player. */
static void
gate_oneway(struct bench_gate *g)
{
	static struct bench_hist h;
	pthread_attr_t attr;
	pthread_t thread;
	cpu_set_t cpus;
	uint64_t i, end;

	CPU_ZERO(&cpus);
	CPU_SET(bench.opt.model_core, &cpus);
	ping.word = 0;
	ping.stop = false;
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(cpus), &cpus);
	if (pthread_create(&thread, &attr, gate_pong, NULL) != 0)
		bench_fail("no thread on CPU %d", bench.opt.model_core);
	pthread_attr_destroy(&attr);
	bench_hist_reset(&h);
	end = bench_tsc() + (uint64_t)(PING_MAX_NS * bench.cycles_per_ns);
	for (i = 0; i < PING_ROUNDS; i++) {
		const uint64_t t0 = bench_tsc();

		__atomic_store_n(&ping.word, 2 * i + 1, __ATOMIC_RELEASE);
		if (t0 > end || !gate_wait(2 * i + 2, end))
			break;
		if (i >= PING_ROUNDS / 10)
			bench_hist_add(&h, (int64_t)(bench_tsc() - t0));
	}
	ping.stop = true;
	pthread_join(thread, NULL);
	g->complete = i == PING_ROUNDS;
	if (!g->complete)
		return;
	g->oneway_ns = bench_ns((double)bench_hist_percentile(&h, 0.5)) / 2;
	g->oneway_p99_ns = bench_ns((double)bench_hist_percentile(&h, 0.99)) / 2;
}

static void
gate_gaps(struct bench_gate *g)
{
	const uint64_t limit = (uint64_t)(GAP_NS * bench.cycles_per_ns);
	const uint64_t gap_min = (uint64_t)(GAP_MIN_NS * bench.cycles_per_ns);
	const uint64_t start = bench_tsc();
	uint64_t last = start, lost = 0;
	unsigned int gaps = 0;

	while (last - start < limit) {
		const uint64_t now = bench_tsc();

		if (now - last > gap_min) {
			lost += now - last;
			gaps++;
		}
		last = now;
	}
	g->lost = (double)lost / (double)(last - start);
	g->gaps_per_s = gaps / (bench_ns((double)(last - start)) * 1e-9);
}

/* A chain of additions that wait for each other: one core cycle each. The best of many. */
static void
gate_clock(struct bench_gate *g)
{
	uint64_t best = UINT64_MAX;
	unsigned int i, j;

	for (i = 0; i < 32; i++) {
		uint64_t x = i;
		const uint64_t t0 = bench_tsc_begin();

		for (j = 0; j < ADDS; j++) {
			x += 3;
			asm volatile("" : "+r" (x));
		}
		best = RTE_MIN(best, bench_tsc_end() - t0);
	}
	g->tsc_per_add = (double)best / ADDS;
}

void
bench_gate_look(struct bench_gate *g)
{
	*g = (struct bench_gate){ .complete = true };
	bench_model_hold();
	bench_sched_on();
	gate_clock(g);
	/* it follows the clock: what holds for one run need not for the next */
	bench.overhead = bench_tsc_overhead();
	g->overhead = bench.overhead;
	gate_gaps(g);
	if (bench.opt.model_core >= 0)
		gate_oneway(g);
	bench_sched_off();
	bench_model_release();
}

static bool
gate_changed(double a, double b)
{
	return fabs(a - b) > CHANGE_MAX * fmin(a, b);
}

const char *
bench_gate_verdict(const struct bench_gate *before, const struct bench_gate *after)
{
	if (!before->complete || !after->complete || before->lost > LOST_MAX || after->lost > LOST_MAX)
		return "the CPU was taken away";
	if (gate_changed(before->tsc_per_add, after->tsc_per_add))
		return "the clock changed";
	if (before->oneway_ns == 0)
		return NULL;
	if (before->oneway_ns < ONEWAY_MIN_NS || after->oneway_ns < ONEWAY_MIN_NS)
		return "both CPUs on one core";
	if (gate_changed(before->oneway_ns, after->oneway_ns))
		return "the way between the cores changed";
	return NULL;
}

void
bench_gate_record(const char *when, const struct bench_gate *g)
{
	bench_out_begin("gate");
	bench_out_str("when", when);
	bench_out_num("oneway_ns", g->oneway_ns);
	bench_out_num("oneway_p99_ns", g->oneway_p99_ns);
	bench_out_num("lost", g->lost);
	bench_out_num("gaps_per_s", g->gaps_per_s);
	bench_out_num("tsc_per_add", g->tsc_per_add);
	bench_out_int("overhead_cycles", (int64_t)g->overhead);
	bench_out_end();
}
