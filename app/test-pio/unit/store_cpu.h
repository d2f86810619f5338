/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef STORE_CPU_H
#define STORE_CPU_H

/* The choice of a store kind, see store_cpu.c. */

#include <stdbool.h>

#include <rte_pio_store.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What CPU and EAL pretend to have. */
struct store_cpu {
	bool avx2, avx512, avx512bw, bmi2, movdir64b, osxsave;
	uint16_t bitwidth;
};
extern struct store_cpu store_cpu;

bool store_cpu_kind_supported(enum rte_pio_store_kind kind);
enum rte_pio_store_kind store_cpu_kind_best(enum rte_pio_map_kind map);
enum rte_pio_store_kind store_cpu_kind_get(void);
int store_cpu_kind_set(enum rte_pio_store_kind kind);

#ifdef __cplusplus
}
#endif

#endif /* STORE_CPU_H */
