/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef FIRST_CPU_H
#define FIRST_CPU_H

#include <cstdio>
#include <sched.h>

/*
 * For EAL's --lcores: lcore 0 on the first CPU that we may use. In a container that need not be
 * CPU 0, which EAL takes for -l 0.
 */
static inline const char *
first_cpu_lcore()
{
	static char text[16];
	cpu_set_t cpus;
	int cpu = 0;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &cpus))
			cpu++;
	snprintf(text, sizeof(text), "0@%d", cpu);
	return text;
}

#endif /* FIRST_CPU_H */
