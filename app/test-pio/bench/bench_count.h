/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

/*
 * Exact instruction counts without any tool: between begin and end the CPU's trap flag is set, so
 * that every instruction of the calling thread raises SIGTRAP, whose handler counts. Interrupts,
 * other processes and other threads change nothing, and every instruction that the CPU knows can
 * be counted. System calls count as one.
 */

#include <stdbool.h>
#include <stdint.h>

/* false: not on this architecture, or the platform does not deliver the traps */
bool bench_count_init(void);
void bench_count_begin(void);
/* Instructions since begin, those of the two calls themselves subtracted. */
uint64_t bench_count_end(void);

#endif /* BENCH_COUNT_H */
