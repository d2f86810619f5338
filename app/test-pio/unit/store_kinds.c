/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include "store_kinds.h"

#ifndef STORE_KINDS
#define STORE_KINDS store_kinds
#endif

/* Not static: the names are what check_store_code.sh looks for. */
#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(what, kind) PASTE(PASTE(STORE_KINDS, what), kind)

#define BODY(kind) \
void NAME(line, kind)(void *dst, const void *src); \
void NAME(copy, kind)(void *dst, const void *src, uint32_t len); \
void NAME(gather, kind)(void *dst, const struct rte_pio_iov *iov, uint16_t n); \
void \
NAME(line, kind)(void *dst, const void *src) \
{ \
	rte_pio_store_line(RTE_PIO_STORE_##kind, dst, src); \
	rte_pio_store_end(RTE_PIO_STORE_##kind); \
} \
void \
NAME(copy, kind)(void *dst, const void *src, uint32_t len) \
{ \
	rte_pio_store_copy(RTE_PIO_STORE_##kind, dst, src, len); \
	rte_pio_store_fence(); \
} \
void \
NAME(gather, kind)(void *dst, const struct rte_pio_iov *iov, uint16_t n) \
{ \
	rte_pio_store_gather(RTE_PIO_STORE_##kind, dst, iov, n); \
	rte_pio_store_fence(); \
}

BODY(AUTO)
BODY(SCALAR)
BODY(SSE2)
BODY(AVX2)
BODY(AVX512)
BODY(MOVDIR64B)
BODY(NEON)

#define ENTRY(kind) \
	[RTE_PIO_STORE_##kind] = { NAME(line, kind), NAME(copy, kind), NAME(gather, kind) }

const struct store_kind STORE_KINDS[RTE_PIO_STORE_MAX] = {
	ENTRY(AUTO), ENTRY(SCALAR), ENTRY(SSE2), ENTRY(AVX2), ENTRY(AVX512), ENTRY(MOVDIR64B),
	ENTRY(NEON),
};
