/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cpuflags.h>
#include <rte_vect.h>

#include <eal_export.h>

#include "rte_pio_store.h"

static const char *const pio_store_kind_names[RTE_PIO_STORE_MAX] = {
	[RTE_PIO_STORE_AUTO] = "auto",
	[RTE_PIO_STORE_SCALAR] = "scalar",
	[RTE_PIO_STORE_SSE2] = "sse2",
	[RTE_PIO_STORE_AVX2] = "avx2",
	[RTE_PIO_STORE_AVX512] = "avx512",
	[RTE_PIO_STORE_MOVDIR64B] = "movdir64b",
	[RTE_PIO_STORE_NEON] = "neon",
};

static enum rte_pio_store_kind pio_store_forced = RTE_PIO_STORE_AUTO;

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_store_kind_name, 26.11)
const char *
rte_pio_store_kind_name(enum rte_pio_store_kind kind)
{
	return (unsigned int)kind < RTE_PIO_STORE_MAX ? pio_store_kind_names[kind] : "unknown";
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_store_kind_parse, 26.11)
enum rte_pio_store_kind
rte_pio_store_kind_parse(const char *name)
{
	unsigned int i;

	for (i = 0; name != NULL && i < RTE_PIO_STORE_MAX; i++) {
		if (strcmp(name, pio_store_kind_names[i]) == 0)
			return (enum rte_pio_store_kind)i;
	}
	return RTE_PIO_STORE_MAX;
}

#ifdef RTE_ARCH_X86_64

/* Which register files the operating system saves: CPUID alone does not tell. */
#define PIO_XCR0_AVX	0x06u	/* SSE and the upper halves of YMM */
#define PIO_XCR0_AVX512	0xe6u	/* these, masks, upper halves of ZMM 0..15, ZMM 16..31 */

static bool
pio_xcr0_has(uint32_t bits)
{
	uint32_t lo, hi;

	if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_OSXSAVE) != 1)
		return false;
	asm volatile("xgetbv" : "=a" (lo), "=d" (hi) : "c" (0));
	return (lo & bits) == bits;
}

static bool
pio_store_cpu_has(enum rte_pio_store_kind kind)
{
	switch (kind) {
	case RTE_PIO_STORE_SSE2:
		return true;
	case RTE_PIO_STORE_AVX2:
		return rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) == 1 &&
			pio_xcr0_has(PIO_XCR0_AVX);
	case RTE_PIO_STORE_AVX512:
		/* BW, BMI2: the end of a frame is loaded by bytes, under a mask */
		return rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512F) == 1 &&
			rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512BW) == 1 &&
			rte_cpu_get_flag_enabled(RTE_CPUFLAG_BMI2) == 1 &&
			pio_xcr0_has(PIO_XCR0_AVX512);
	case RTE_PIO_STORE_MOVDIR64B:
		return rte_cpu_get_flag_enabled(RTE_CPUFLAG_MOVDIR64B) == 1;
	default:
		return false;
	}
}

#else

static bool
pio_store_cpu_has(enum rte_pio_store_kind kind)
{
#ifdef RTE_ARCH_ARM64
	return kind == RTE_PIO_STORE_NEON;
#else
	RTE_SET_USED(kind);
	return false;
#endif
}

#endif

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_store_kind_supported, 26.11)
bool
rte_pio_store_kind_supported(enum rte_pio_store_kind kind)
{
	return kind == RTE_PIO_STORE_AUTO || kind == RTE_PIO_STORE_SCALAR ||
		pio_store_cpu_has(kind);
}

/*
 * Best first, by mapping. EAL's default limit of 256 bits is for code that computes on wide
 * vectors and lowers the clock; one move of 64 bytes does not. A user who sets less than 256
 * means every vector unit.
 */
static const enum rte_pio_store_kind pio_store_best_uc[] = {
	RTE_PIO_STORE_MOVDIR64B, RTE_PIO_STORE_SCALAR,
};
/* Also where the type cannot be told: who maps device memory has asked for this one. */
static const enum rte_pio_store_kind pio_store_best_wc[] = {
	RTE_PIO_STORE_AVX512, RTE_PIO_STORE_MOVDIR64B, RTE_PIO_STORE_AVX2, RTE_PIO_STORE_SSE2,
	RTE_PIO_STORE_NEON, RTE_PIO_STORE_SCALAR,
};
/* MOVDIR64B is left out: it takes the line out of the caches, which a reading CPU pays for. */
static const enum rte_pio_store_kind pio_store_best_memory[] = {
	RTE_PIO_STORE_AVX512, RTE_PIO_STORE_AVX2, RTE_PIO_STORE_SSE2, RTE_PIO_STORE_NEON,
	RTE_PIO_STORE_SCALAR,
};

static bool
pio_store_width_allowed(enum rte_pio_store_kind kind)
{
	if (kind != RTE_PIO_STORE_AVX2 && kind != RTE_PIO_STORE_AVX512)
		return true;
	return rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_256;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_store_kind_best, 26.11)
enum rte_pio_store_kind
rte_pio_store_kind_best(enum rte_pio_map_kind map)
{
	const enum rte_pio_store_kind *k;

	if (pio_store_forced != RTE_PIO_STORE_AUTO)
		return pio_store_forced;
	if (map == RTE_PIO_MAP_UC)
		k = pio_store_best_uc;
	else if (map == RTE_PIO_MAP_WC || map == RTE_PIO_MAP_UNKNOWN)
		k = pio_store_best_wc;
	else
		k = pio_store_best_memory;
	/* Each list ends with the kind that every CPU has. */
	while (!rte_pio_store_kind_supported(*k) || !pio_store_width_allowed(*k))
		k++;
	return *k;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_store_kind_get, 26.11)
enum rte_pio_store_kind
rte_pio_store_kind_get(void)
{
	return pio_store_forced;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_store_kind_set, 26.11)
int
rte_pio_store_kind_set(enum rte_pio_store_kind kind)
{
	if ((unsigned int)kind >= RTE_PIO_STORE_MAX)
		return -EINVAL;
	if (!rte_pio_store_kind_supported(kind))
		return -ENOTSUP;
	pio_store_forced = kind;
	return 0;
}
