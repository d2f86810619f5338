/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Self-test of a mapping. Per round, a number of bursts (eight stores of 8 bytes to one line, then
 * a fence) and of single stores with a fence are timed; the fastest round counts, because
 * interrupts and migrations only ever add. What is compared is timed by turns, so that other work
 * that lasts, such as a host's below a virtual machine, adds to both.
 *
 *	uncached         every store is a bus transaction: the burst costs several single ones
 *	write combining  the line crosses once: burst and single cost about the same
 *	plain memory     burst and single cost about the same, too - but as little as on the stack
 *
 * Hence the third figure, the single store to ordinary memory: a mapping that is not clearly
 * slower is no bus, and nothing is said about it.
 */

#include <eal_export.h>
#include <rte_common.h>
#include <rte_cycles.h>

#include "rte_pio_private.h"

#define PIO_WC_ROUNDS 32
#define PIO_WC_OPS 32	/* per round: about 50 us on a bus that takes 200 ns per store */

/* A bus is at least that much slower than memory (which the fence makes some ns). */
#define PIO_WC_BUS_RATIO 4
/* One transaction or eight: the two limits leave room for other costs in between. */
#define PIO_WC_COMBINING_RATIO 2
#define PIO_WC_SINGLES_RATIO 4

static uint64_t
pio_wc_round(void *to, unsigned int stores)
{
	volatile uint64_t *line = to;
	uint64_t begin = rte_rdtsc_precise();
	unsigned int i, w;

	for (i = 0; i < PIO_WC_OPS; i++) {
		for (w = 0; w < stores; w++)
			line[w] = i;
		rte_pio_store_fence();
	}
	return rte_rdtsc_precise() - begin;
}

/* Of one operation. */
static uint32_t
pio_wc_round_ps(uint64_t round_cycles)
{
	double ps = (double)round_cycles * 1e12 / (double)rte_get_tsc_hz() / PIO_WC_OPS;

	return ps < UINT32_MAX ? (uint32_t)ps : UINT32_MAX;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_wc_verdict, 26.11)
enum rte_pio_wc_verdict
rte_pio_driver_wc_verdict(uint32_t burst_ps, uint32_t single_ps, uint32_t memory_ps)
{
	if ((uint64_t)single_ps < (uint64_t)memory_ps * PIO_WC_BUS_RATIO || single_ps == 0)
		return RTE_PIO_WC_NOT_DISTINGUISHABLE;
	if ((uint64_t)burst_ps <= (uint64_t)single_ps * PIO_WC_COMBINING_RATIO)
		return RTE_PIO_WC_COMBINING;
	if ((uint64_t)burst_ps >= (uint64_t)single_ps * PIO_WC_SINGLES_RATIO)
		return RTE_PIO_WC_NOT_COMBINING;
	return RTE_PIO_WC_NOT_DISTINGUISHABLE;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_wc_measure, 26.11)
void
rte_pio_driver_wc_measure(void *line, struct rte_pio_wc_info *info)
{
	uint64_t memory = UINT64_MAX, single = UINT64_MAX, burst = UINT64_MAX;
	struct rte_pio_store_buf buf;
	unsigned int i;

	for (i = 0; i < PIO_WC_ROUNDS; i++) {
		memory = RTE_MIN(memory, pio_wc_round(buf.line, 1));
		single = RTE_MIN(single, pio_wc_round(line, 1));
		burst = RTE_MIN(burst, pio_wc_round(line, 8));
	}
	info->single_ps = pio_wc_round_ps(single);
	info->burst_ps = pio_wc_round_ps(burst);
	info->measured = rte_pio_driver_wc_verdict(info->burst_ps, info->single_ps,
			pio_wc_round_ps(memory));
}
