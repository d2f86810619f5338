/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <stdlib.h>

#include "bench_tsc.h"

#define TSC_SAMPLES 1001

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
