/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Each instruction of rte_pio_store.h replaced by one that keeps its arguments and copies, so that
 * the code around it is tested on a CPU, and on an architecture, that does not have it.
 */

void store_insn_scalar(void *dst, const void *src);
void store_insn_sse2(void *dst, const void *src);
void store_insn_avx2(void *dst, const void *src);
void store_insn_avx512(void *dst, const void *src);
void store_insn_movdir64b(void *dst, const void *src);
void store_insn_neon(void *dst, const void *src);

#define RTE_PIO_STORE_INSN_SCALAR store_insn_scalar
#define RTE_PIO_STORE_INSN_SSE2 store_insn_sse2
#define RTE_PIO_STORE_INSN_AVX2 store_insn_avx2
#define RTE_PIO_STORE_INSN_AVX512 store_insn_avx512
#define RTE_PIO_STORE_INSN_MOVDIR64B store_insn_movdir64b
#define RTE_PIO_STORE_INSN_NEON store_insn_neon

#define STORE_KINDS store_kinds_recorded
#include "store_kinds.c"

struct store_record store_records[128];
unsigned int store_nb_records;

#define STAND_IN(name, kind) \
void \
store_insn_##name(void *dst, const void *src) \
{ \
	if (store_nb_records < RTE_DIM(store_records)) \
		store_records[store_nb_records] = (struct store_record){ \
			RTE_PIO_STORE_##kind, dst, src, \
		}; \
	store_nb_records++; \
	memcpy(dst, src, RTE_PIO_STORE_LINE); \
}

STAND_IN(scalar, SCALAR)
STAND_IN(sse2, SSE2)
STAND_IN(avx2, AVX2)
STAND_IN(avx512, AVX512)
STAND_IN(movdir64b, MOVDIR64B)
STAND_IN(neon, NEON)
