/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <stdlib.h>

#include "bench_tsc.h"

#define TSC_SAMPLES	1001
#define PIECE_CUT	8u	/* times the median: interrupted */
#define PIECE_MIN	40u	/* cycles: a median of less is mostly that of the measurement */

static int
tsc_cmp(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

uint64_t
bench_tsc_overhead(void)
{
	uint64_t d[TSC_SAMPLES];
	uint64_t t0;
	int i;

	for (i = 0; i < TSC_SAMPLES; i++) {
		t0 = bench_tsc_begin();
		d[i] = bench_tsc_end() - t0;
	}
	qsort(d, TSC_SAMPLES, sizeof(d[0]), tsc_cmp);
	return d[TSC_SAMPLES / 2];
}

struct bench_mean
bench_mean(uint64_t *pieces, uint32_t n, uint32_t frames)
{
	struct bench_mean m = { 0, 0, 0 };
	uint64_t sum = 0, limit;
	uint32_t kept, i;

	qsort(pieces, n, sizeof(pieces[0]), tsc_cmp);
	limit = PIECE_CUT * RTE_MAX(pieces[n / 2], PIECE_MIN);
	for (kept = 0; kept < n && pieces[kept] <= limit; kept++)
		sum += pieces[kept];
	m.cycles = (double)sum / kept / frames;
	for (i = kept; i < n; i++)
		sum += pieces[i];
	m.all = (double)sum / n / frames;
	m.cut = (double)(n - kept) / n;
	return m;
}
