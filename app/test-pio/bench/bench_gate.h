/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_GATE_H
#define BENCH_GATE_H

/*
 * What the machine is like now. A virtual machine's cores move: for a while both may share one
 * real core, run slower, or be taken away. A run counts only if the machine was itself before and
 * after it.
 */

#include <stdbool.h>

struct bench_gate {
	bool complete;		/* false: the CPUs were too busy to look at them */
	double oneway_ns;	/* one cache line to the other core, median; 0: one core only */
	double oneway_p99_ns;
	double lost;		/* share of time that the thread did not have, 0..1 */
	double gaps_per_s;	/* interruptions above 1 us */
	double tsc_per_add;	/* TSC cycles of an addition: 1 / (core clock / TSC clock) */
	uint64_t overhead;	/* TSC cycles of an empty measurement, subtracted from the others */
};

void bench_gate_look(struct bench_gate *g);
/* NULL: the run counts; else why not */
const char *bench_gate_verdict(const struct bench_gate *before, const struct bench_gate *after);
void bench_gate_record(const char *when, const struct bench_gate *g);

#endif /* BENCH_GATE_H */
