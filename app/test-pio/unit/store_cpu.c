/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* rte_pio_store.c once more, on a CPU and an EAL of the test's making. */

#include <rte_cpuflags.h>
#include <rte_vect.h>

#include "store_cpu.h"

#define rte_pio_store_kind_name store_cpu_kind_name
#define rte_pio_store_kind_parse store_cpu_kind_parse
#define rte_pio_store_kind_supported store_cpu_kind_supported
#define rte_pio_store_kind_best store_cpu_kind_best
#define rte_pio_store_kind_get store_cpu_kind_get
#define rte_pio_store_kind_set store_cpu_kind_set
#define rte_cpu_get_flag_enabled store_cpu_flag
#define rte_vect_get_max_simd_bitwidth store_cpu_bitwidth

struct store_cpu store_cpu;

static int
store_cpu_flag(enum rte_cpu_flag_t flag)
{
	switch (flag) {
	case RTE_CPUFLAG_AVX2: return store_cpu.avx2;
	case RTE_CPUFLAG_AVX512F: return store_cpu.avx512;
	case RTE_CPUFLAG_AVX512BW: return store_cpu.avx512bw;
	case RTE_CPUFLAG_BMI2: return store_cpu.bmi2;
	case RTE_CPUFLAG_MOVDIR64B: return store_cpu.movdir64b;
	case RTE_CPUFLAG_OSXSAVE: return store_cpu.osxsave;
	default: return 0;
	}
}

static uint16_t
store_cpu_bitwidth(void)
{
	return store_cpu.bitwidth;
}

#include "../../../lib/pio_ext/rte_pio_store.c"
