/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Records: one JSON object a line. */

#include <inttypes.h>

#include "bench.h"

void
bench_out_begin(const char *type)
{
	fprintf(bench.out, "{\"type\":\"%s\",\"run\":%u", type, bench.run);
}

/* Names come from this program, DPDK and the kernel; what would break the line is left out. */
void
bench_out_str(const char *key, const char *value)
{
	fprintf(bench.out, ",\"%s\":\"", key);
	for (; *value != '\0'; value++) {
		if (*value >= ' ' && *value != '"' && *value != '\\')
			fputc(*value, bench.out);
	}
	fputc('"', bench.out);
}

void
bench_out_num(const char *key, double value)
{
	fprintf(bench.out, ",\"%s\":%.4g", key, value);
}

void
bench_out_int(const char *key, int64_t value)
{
	fprintf(bench.out, ",\"%s\":%" PRId64, key, value);
}

/* Pairs of value and count; empty buckets are left out. */
void
bench_out_hist(const char *key, const struct bench_hist *h)
{
	const char *sep = "";
	uint32_t i;

	fprintf(bench.out, ",\"%s\":[", key);
	for (i = 0; i < BENCH_HIST_BUCKETS; i++) {
		if (h->count[i] == 0)
			continue;
		fprintf(bench.out, "%s[%" PRIu64 ",%u]", sep, bench_hist_value(i), h->count[i]);
		sep = ",";
	}
	fputc(']', bench.out);
}

void
bench_out_mean(const struct bench_mean *m)
{
	bench_out_num("cycles", m->cycles);
	bench_out_num("cut", m->cut);
	bench_out_num("cycles_all", m->all);
}

void
bench_out_end(void)
{
	fputs("}\n", bench.out);
}
