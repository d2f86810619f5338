/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_H
#define BENCH_H

/*
 * dpdk-test-pio-perf: the driver, its floor and its peers side by side in one process.
 *
 *	run	all phases once, between two looks at the machine (bench_gate.h); pio-bench.py starts
 *		a process for each, since where memory lies makes a difference as well
 *	phase	a family of questions: cpu, rx, alone, latency, tail, cold, load, rate, queues,
 *		modelled, threshold
 *	case	one question: frame length, burst, mode
 *	round	each path answers a case once; the next round asks all of them again
 *	path	one way to send: floor, rte_pio_send, rte_eth_tx_burst of some driver, ...
 *
 * What is compared is measured by turns within milliseconds, so that what the machine does
 * meanwhile meets all. Every answer becomes one record of the output, a line of JSON; statistics
 * over rounds and runs are made from these by usertools/pio-bench.py.
 *
 * On the emulator there are two ways to let the adapter work:
 *
 *	inline	the model's thread is held off; between two measurements the measuring thread
 *		runs the model itself. What is measured is the CPU's work with its memory in its
 *		own cache, and nothing else runs.
 *	live	the model's thread polls on the other core, as a device would: for everything
 *		that is a latency or a rate.
 *
 * On hardware there is only the second, and no stamps of the device.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_mbuf.h>

#include "pioemu.h"

#include "bench_hist.h"
#include "bench_tsc.h"

#define BENCH_FRAMES_MAX	64u	/* frames of a measurement */
#define BENCH_LEN_MAX		1514u
#define BENCH_RING		512u	/* descriptors of every ring */
#define BENCH_WINDOW		4096u

struct bench_port;

struct bench_options {
	unsigned int runs;
	unsigned int first;		/* number of the first */
	unsigned int seconds;		/* no further run begins then; 0: no limit */
	unsigned int scale;		/* percent of the usual number of samples */
	unsigned int len;		/* of frames in phase cpu; 0: all */
	const char *phases;		/* NULL: all */
	const char *out;		/* directory; NULL: current */
	bool fifo;
	bool huge;
	int core, model_core;
	const char *pio, *rx, *sfc;	/* hardware: addresses of VFs */
};

struct bench {
	struct bench_options opt;
	const struct pioemu_ctl *ctl;	/* NULL: on hardware, or as if */
	bool stand_in;			/* named VFs, which are emulated ones */
	struct pioemu_nic *nic;
	FILE *out, *raw;
	struct rte_mempool *pool;
	unsigned int run;
	uint64_t overhead;		/* cycles of an empty measurement */
	double cycles_per_ns;
	uint64_t seed;
	bool model_held;
};

extern struct bench bench;

/* Prints and ends the program: a benchmark that cannot go on has no result. */
void bench_fail(const char *fmt, ...) __rte_format_printf(1, 2) __rte_noreturn;

/* bench_out.c: records */
void bench_out_begin(const char *type);
void bench_out_str(const char *key, const char *value);
void bench_out_num(const char *key, double value);
void bench_out_int(const char *key, int64_t value);
void bench_out_hist(const char *key, const struct bench_hist *h);
/* cycles, cut, cycles_all */
void bench_out_mean(const struct bench_mean *m);
void bench_out_end(void);

/* bench_sched.c: keep others away, but let them live */
void bench_sched_start(void);
void bench_sched_on(void);
void bench_sched_off(void);
/* Call between measurements, at least every 100 ms: gives the CPU up for a while when it is due. */
void bench_sched_rest(void);

uint64_t bench_random(void);
void bench_spin_ns(uint64_t ns);
static inline double
bench_ns(double cycles)
{
	return cycles / bench.cycles_per_ns;
}
/* How many samples to take where usual is the usual number */
static inline unsigned int
bench_scaled(unsigned int usual)
{
	return RTE_MAX(usual * bench.opt.scale / 100, 3u);
}

/* The model, when the emulator is there */
void bench_model_hold(void);		/* from here on it only runs in bench_model_run() */
void bench_model_run(void);		/* until there is nothing left to do */
void bench_model_release(void);

/* Phases; each writes its records. */
void bench_phase_cpu(void);
void bench_phase_rx(void);
void bench_phase_alone(void);
void bench_phase_latency(void);
void bench_phase_tail(void);
void bench_phase_cold(void);
void bench_phase_load(void);
void bench_phase_rate(void);
void bench_phase_queues(void);
void bench_phase_modelled(void);
void bench_phase_threshold(void);
void bench_phase_rtt(void);

#endif /* BENCH_H */
