/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Clock of the model, and the delays of modelled PCIe. */

#include <time.h>

#include "pioemu_priv.h"

static uint64_t
time_monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t
time_stamp(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return time_monotonic_ns();
#endif
}

#if defined(__x86_64__)
static double time_tsc_per_ns;

/* The TSC against the system's clock, over long enough that one preempted read does not matter. */
static void
time_calibrate(void)
{
	uint64_t ns0, ns1, tsc0, tsc1;

	ns0 = time_monotonic_ns();
	tsc0 = time_stamp();
	do {
		ns1 = time_monotonic_ns();
		tsc1 = time_stamp();
	} while (ns1 - ns0 < 5000000);
	time_tsc_per_ns = (double)(tsc1 - tsc0) / (double)(ns1 - ns0);
}
#endif

double
pioemu_time_ticks_per_ns(void)
{
#if defined(__x86_64__)
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, time_calibrate);
	return time_tsc_per_ns;
#else
	return 1.0;
#endif
}

uint64_t
pioemu_time_now(const struct pioemu_nic *nic)
{
	if (nic->conf.now_ns != NULL)
		return nic->conf.now_ns(nic->conf.now_arg);
	return time_stamp();
}

uint64_t
pioemu_time_ticks(const struct pioemu_nic *nic, uint64_t ns)
{
	return (uint64_t)((double)ns * nic->ticks_per_ns);
}

/* Round trip of a DMA read of len bytes, in ticks. */
uint64_t
pioemu_time_dma_read(const struct pioemu_nic *nic, uint32_t len)
{
	const struct pioemu_time_params *t = &nic->conf.time;

	return pioemu_time_ticks(nic, t->read_ns + (uint64_t)len * t->read_ps_per_byte / 1000);
}
