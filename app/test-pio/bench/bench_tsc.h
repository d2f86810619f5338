/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_TSC_H
#define BENCH_TSC_H

/*
 * Time stamps around short pieces of code. The fences keep what is measured between the two reads;
 * they do not wait for stores to leave the store buffer, which would charge a send with the time
 * its lines travel. What an empty measurement shows is subtracted from every other one.
 */

#include <stdint.h>

#include <rte_common.h>
#include <rte_cycles.h>

static __rte_always_inline uint64_t
bench_tsc_begin(void)
{
#if defined(RTE_ARCH_X86_64)
	uint32_t lo, hi;

	asm volatile("lfence\n\trdtsc\n\tlfence" : "=a" (lo), "=d" (hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
#else
	return rte_rdtsc_precise();
#endif
}

static __rte_always_inline uint64_t
bench_tsc_end(void)
{
#if defined(RTE_ARCH_X86_64)
	uint32_t lo, hi;

	asm volatile("rdtscp\n\tlfence" : "=a" (lo), "=d" (hi) : : "ecx", "memory");
	return (uint64_t)hi << 32 | lo;
#else
	return rte_rdtsc_precise();
#endif
}

/* A plain stamp: nothing waits for it and it waits for nothing. */
static __rte_always_inline uint64_t
bench_tsc(void)
{
	return rte_rdtsc();
}

/* What two stamps with nothing between them show: the median of many. */
uint64_t bench_tsc_overhead(void);

/* What many pieces of the same work cost. */
struct bench_mean {
	double cycles;		/* of a frame, without the pieces during which somebody else ran */
	double cut;		/* share of such pieces */
	double all;		/* of a frame, with them */
};

/*
 * What a driver does now and then makes a piece twice as long as others, an interrupt ten times: what
 * is longer than eight medians is left out. Sorts the pieces, of so many frames each.
 */
struct bench_mean bench_mean(uint64_t *pieces, uint32_t n, uint32_t frames);

#endif /* BENCH_TSC_H */
