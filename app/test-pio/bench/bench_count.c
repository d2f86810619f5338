/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <signal.h>
#include <stddef.h>

#include <rte_common.h>

#include "bench_count.h"

#if defined(RTE_ARCH_X86_64)

#define EFLAGS_TF "0x100"

static volatile uint64_t count_steps;
static uint64_t count_own;

/* The kernel clears the flag for the handler and sets it again behind it. */
static void
count_trap(int sig)
{
	RTE_SET_USED(sig);
	count_steps++;
}

/* below the red zone, which the caller may be using */
#define COUNT_FLAGS(op) \
	asm volatile("leaq	-128(%%rsp), %%rsp\n\t" \
		     "pushfq\n\t" \
		     op "\n\t" \
		     "popfq\n\t" \
		     "leaq	128(%%rsp), %%rsp" : : : "memory", "cc")

void
bench_count_begin(void)
{
	count_steps = 0;
	COUNT_FLAGS("orq $" EFLAGS_TF ", (%%rsp)");
}

uint64_t
bench_count_end(void)
{
	COUNT_FLAGS("andq $~" EFLAGS_TF ", (%%rsp)");
	return count_steps - count_own;
}

bool
bench_count_init(void)
{
	struct sigaction sa = { .sa_handler = count_trap };

	if (sigaction(SIGTRAP, &sa, NULL) != 0)
		return false;
	count_own = 0;
	bench_count_begin();
	count_own = bench_count_end();
	return count_own != 0;
}

#else

bool
bench_count_init(void)
{
	return false;
}

void
bench_count_begin(void)
{
}

uint64_t
bench_count_end(void)
{
	return 0;
}

#endif
