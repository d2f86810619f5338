/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * pio-bench-bare: what a frame costs the CPU in the datapath alone, in instructions or in cycles.
 *
 *	pio-bench-bare count [--kind NAME] [--budget FILE] [--write FILE]
 *	pio-bench-bare time  [--kind NAME] [--only PREFIX]
 *	pio-bench-bare compiler
 *
 * Counting is exact and repeatable; with a budget file it is the guard against regressions. Exit
 * code 0: within the budget, 1: above it, 77: cannot count here.
 */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_atomic.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "bench_bare.h"
#include "bench_count.h"
#include "bench_tsc.h"

#define ROUNDS_WARM	64	/* past every first time: pools, templates, ring wraps */
#define ROUNDS_COUNT	3
#define ROUNDS_TIME	4000
#define EXIT_SKIP	77
/* What a count depends on besides the source: a budget is for one of these. */
#if defined(__SANITIZE_ADDRESS__)
#define COMPILER_MODE	" sanitized"
#elif defined(__OPTIMIZE__)
#define COMPILER_MODE	" optimized"
#else
#define COMPILER_MODE	" not optimized"
#endif
#ifdef __clang__
#define COMPILER_NAME	"clang "
#else
#define COMPILER_NAME	"gcc "
#endif
#define COMPILER	COMPILER_NAME __VERSION__ COMPILER_MODE
/* Fewer than this share of the budget, in percent: it is time to record a new one. */
#define BUDGET_SLACK	97

struct options {
	bool count;
	enum rte_pio_store_kind kind;
	const char *budget;
	const char *write;
	const char *only;
};

static void
bare_round(struct bare *b)
{
	b->c->prepare(b);
	b->c->run(b);
	b->c->complete(b);
}

/* Instructions per frame, in hundredths. */
static uint64_t
bare_count(struct bare *b)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < ROUNDS_COUNT; i++) {
		b->c->prepare(b);
		bench_count_begin();
		b->c->run(b);
		sum += bench_count_end();
		b->c->complete(b);
	}
	return sum * 100 / (ROUNDS_COUNT * b->c->n);
}

static int
cmp_u64(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Median cycles of a round per frame, in hundredths. */
static uint64_t
bare_time(struct bare *b, uint64_t overhead)
{
	static uint64_t cycles[ROUNDS_TIME];
	uint64_t t0;
	unsigned int i;

	for (i = 0; i < ROUNDS_TIME; i++) {
		b->c->prepare(b);
		/* its stores are not the sends' */
		rte_mb();
		t0 = bench_tsc_begin();
		b->c->run(b);
		cycles[i] = bench_tsc_end() - t0;
		b->c->complete(b);
	}
	qsort(cycles, ROUNDS_TIME, sizeof(cycles[0]), cmp_u64);
	return RTE_MAX(cycles[ROUNDS_TIME / 2], overhead) - overhead == 0 ? 0 :
		(cycles[ROUNDS_TIME / 2] - overhead) * 100 / b->c->n;
}

/* The recorded count of a case for a kind, in hundredths; 0: there is none. */
static uint64_t
budget_get(const char *file, enum rte_pio_store_kind kind, const char *name)
{
	char line[256], k[32], n[64];
	uint64_t found = 0;
	double value;
	FILE *f = fopen(file, "r");

	if (f == NULL)
		rte_exit(EXIT_FAILURE, "%s: %s\n", file, strerror(errno));
	while (found == 0 && fgets(line, sizeof(line), f) != NULL) {
		if (line[0] != '#' && sscanf(line, "%31s %63s %lf", k, n, &value) == 3 &&
		    strcmp(k, rte_pio_store_kind_name(kind)) == 0 && strcmp(n, name) == 0)
			found = (uint64_t)(value * 100 + 0.5);
	}
	fclose(f);
	return found;
}

/* Print a count beside its budget. False: it is above. */
static bool
budget_check(const struct options *o, const struct bare_case *c, uint64_t count)
{
	uint64_t budget;

	if (o->budget == NULL) {
		printf("%-32s %8.2f\n", c->name, (double)count / 100);
		return true;
	}
	budget = budget_get(o->budget, o->kind, c->name);
	printf("%-32s %8.2f  budget %8.2f  %s\n", c->name, (double)count / 100,
	       (double)budget / 100, budget == 0 ? "NOT RECORDED" : count > budget ? "ABOVE" :
	       count * 100 < budget * BUDGET_SLACK ? "below: record it" : "ok");
	return budget != 0 && count <= budget;
}

static int
bare_run_all(struct bare *b, const struct options *o)
{
	const uint64_t overhead = bench_tsc_overhead();
	FILE *out = o->write == NULL ? NULL : fopen(o->write, "a");
	const struct bare_case *c;
	unsigned int i;
	int ret = 0;

	if (o->write != NULL && out == NULL)
		rte_exit(EXIT_FAILURE, "%s: %s\n", o->write, strerror(errno));
	for (c = bare_cases; c->name != NULL; c++) {
		uint64_t value;

		if (o->only != NULL && strncmp(c->name, o->only, strlen(o->only)) != 0)
			continue;
		i = 0;
		if (bare_setup(b, c, o->kind) != 0)
			rte_exit(EXIT_FAILURE, "%s: no queue\n", c->name);
		for (; i < ROUNDS_WARM; i++)
			bare_round(b);
		b->failed = 0;
		value = o->count ? bare_count(b) : bare_time(b, overhead);
		if (b->failed != 0)
			rte_exit(EXIT_FAILURE, "%s: %" PRIu64 " calls failed\n", c->name,
				 b->failed);
		if (!o->count)
			printf("%-32s %8.2f\n", c->name, (double)value / 100);
		else if (!budget_check(o, c, value))
			ret = 1;
		if (out != NULL)
			fprintf(out, "%-10s %-32s %.2f\n", rte_pio_store_kind_name(o->kind),
				c->name, (double)value / 100);
		bare_teardown(b);
	}
	if (out != NULL)
		fclose(out);
	return ret;
}

static void
options_parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "kind", required_argument, NULL, 'k' },
		{ "budget", required_argument, NULL, 'b' },
		{ "write", required_argument, NULL, 'w' },
		{ "only", required_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*o = (struct options){ .kind = RTE_PIO_STORE_SSE2 };
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 'k': o->kind = rte_pio_store_kind_parse(optarg); break;
		case 'b': o->budget = optarg; break;
		case 'w': o->write = optarg; break;
		case 'o': o->only = optarg; break;
		default: exit(2);
		}
	}
	if (optind + 1 != argc ||
	    (strcmp(argv[optind], "count") != 0 && strcmp(argv[optind], "time") != 0) ||
	    o->kind == RTE_PIO_STORE_AUTO || o->kind >= RTE_PIO_STORE_MAX) {
		fprintf(stderr, "usage: pio-bench-bare count|time [--kind sse2|avx2|...] "
			"[--budget FILE] [--write FILE] [--only PREFIX]\n");
		exit(2);
	}
	o->count = strcmp(argv[optind], "count") == 0;
}

int
main(int argc, char **argv)
{
	static char *eal_args[] = { "pio-bench-bare", "--no-huge", "-m", "64", "--no-pci",
				    "--no-shconf", "--no-telemetry", "-l", "0",
				    "--log-level=lib.eal:error", NULL };
	struct options o;
	struct bare b;

	if (argc == 2 && strcmp(argv[1], "compiler") == 0) {
		puts(COMPILER);
		return 0;
	}
	options_parse(argc, argv, &o);
	if (!rte_pio_store_kind_supported(o.kind)) {
		printf("this CPU has no %s stores\n", rte_pio_store_kind_name(o.kind));
		return EXIT_SKIP;
	}
	if (o.count && !bench_count_init()) {
		printf("instructions cannot be counted here\n");
		return EXIT_SKIP;
	}
	if (rte_eal_init((int)RTE_DIM(eal_args) - 1, eal_args) < 0)
		rte_exit(EXIT_FAILURE, "EAL does not start: %s\n", rte_strerror(rte_errno));
	if (bare_init(&b) != 0)
		rte_exit(EXIT_FAILURE, "out of memory\n");
	return bare_run_all(&b, &o);
}
