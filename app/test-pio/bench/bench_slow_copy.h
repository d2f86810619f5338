/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_SLOW_COPY_H
#define BENCH_SLOW_COPY_H

/*
 * A copy routine that somebody made slower by mistake: in front of the datapath (-include), it takes
 * the place of SSE2 stores. The guard must notice it.
 */

#include <stdint.h>
#include <string.h>

static inline void
bench_slow_line(void *dst, const void *src)
{
	uint64_t word;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		memcpy(&word, (const uint8_t *)src + 8 * i, sizeof(word));
		((volatile uint64_t *)dst)[i] = word;
	}
}
#define RTE_PIO_STORE_INSN_SSE2 bench_slow_line

#endif /* BENCH_SLOW_COPY_H */
