/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef STORE_KINDS_H
#define STORE_KINDS_H

/*
 * rte_pio_store.h compiled as a driver does it: one body per kind, chosen by a table. Three times:
 * with the project's flags, with AVX-512 switched on (other branches of the header), and with
 * stand-ins for the instructions that keep a record of their arguments.
 */

#include <stdint.h>

#include <rte_pio_store.h>

#ifdef __cplusplus
extern "C" {
#endif

struct store_kind {
	void (*line)(void *dst, const void *src);
	void (*copy)(void *dst, const void *src, uint32_t len);
	void (*gather)(void *dst, const struct rte_pio_iov *iov, uint16_t n);
};

/* By kind; AUTO stands for no kind that exists, which is SCALAR's body. */
extern const struct store_kind store_kinds[RTE_PIO_STORE_MAX];
extern const struct store_kind store_kinds_avx512[RTE_PIO_STORE_MAX];
extern const struct store_kind store_kinds_recorded[RTE_PIO_STORE_MAX];

/* What a stand-in was called with. */
struct store_record {
	enum rte_pio_store_kind kind;
	void *dst;
	const void *src;
};
extern struct store_record store_records[128];
extern unsigned int store_nb_records;

/*
 * Every length and alignment of the source, with memory that faults right behind it and in front
 * of it, and around the destination. NULL: as it should be; else what is not. Memory that may not
 * be touched kills the process.
 */
const char *store_check_copy(const struct store_kind *kind);
/* The same for frames of several pieces. */
const char *store_check_gather(const struct store_kind *kind);

#ifdef __cplusplus
}
#endif

#endif /* STORE_KINDS_H */
