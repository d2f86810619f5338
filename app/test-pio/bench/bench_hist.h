/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_HIST_H
#define BENCH_HIST_H

/*
 * Log-linear histogram in the manner of HdrHistogram: every power of two is cut into 128 equal
 * buckets, so that a value is known to 0.8 % whatever its size, from nanoseconds to minutes, at the
 * cost of one shift and one increment. Histograms of several runs add up.
 */

#include <stdint.h>
#include <string.h>

#include <rte_common.h>

#define BENCH_HIST_SUB_LOG2	7u
#define BENCH_HIST_SUB		(1u << BENCH_HIST_SUB_LOG2)
#define BENCH_HIST_BITS		40u	/* larger values count as the largest */
#define BENCH_HIST_BUCKETS	((BENCH_HIST_BITS - BENCH_HIST_SUB_LOG2 + 1) * BENCH_HIST_SUB)

struct bench_hist {
	uint64_t total;
	uint64_t min, max;
	uint32_t count[BENCH_HIST_BUCKETS];
};

static inline void
bench_hist_reset(struct bench_hist *h)
{
	memset(h, 0, sizeof(*h));
	h->min = UINT64_MAX;
}

/* 0..127 have a bucket each; from 128 on the top 8 bits of a value choose it. */
static inline uint32_t
bench_hist_index(uint64_t value)
{
	uint32_t shift;

	if (value >= UINT64_C(1) << BENCH_HIST_BITS)
		value = (UINT64_C(1) << BENCH_HIST_BITS) - 1;
	if (value < BENCH_HIST_SUB)
		return (uint32_t)value;
	shift = 63u - (uint32_t)__builtin_clzll(value) - BENCH_HIST_SUB_LOG2;
	return (shift << BENCH_HIST_SUB_LOG2) + (uint32_t)(value >> shift);
}

/* The middle of a bucket. */
static inline uint64_t
bench_hist_value(uint32_t index)
{
	const uint32_t shift = index < 2 * BENCH_HIST_SUB ? 0 :
		(index >> BENCH_HIST_SUB_LOG2) - 1;
	const uint64_t low = (uint64_t)(index - (shift << BENCH_HIST_SUB_LOG2)) << shift;

	return low + ((UINT64_C(1) << shift) - 1) / 2;
}

/* Negative: the clocks of two cores differ by a few cycles; counts as 0. */
static inline void
bench_hist_add(struct bench_hist *h, int64_t value)
{
	const uint64_t v = value < 0 ? 0 : (uint64_t)value;

	h->count[bench_hist_index(v)]++;
	h->total++;
	h->min = RTE_MIN(h->min, v);
	h->max = RTE_MAX(h->max, v);
}

/* The value that this share (0..1) of all values does not exceed. */
static inline uint64_t
bench_hist_percentile(const struct bench_hist *h, double share)
{
	uint64_t want = (uint64_t)(share * (double)h->total + 0.5);
	uint64_t seen = 0;
	uint32_t i;

	want = RTE_MAX(want, UINT64_C(1));
	for (i = 0; i < BENCH_HIST_BUCKETS; i++) {
		seen += h->count[i];
		if (seen >= want)
			return bench_hist_value(i);
	}
	return h->max;
}

#endif /* BENCH_HIST_H */
