/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_MEMTYPE_H
#define PIOPMD_MEMTYPE_H

/*
 * What memory type the kernel has really given to a physical page. x86 kernels list it in debugfs;
 * mmap() itself succeeds with another type than asked for, without a word, when an older mapping of
 * the page has that type.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIOPMD_MEMTYPE_LIST_PATH	"/sys/kernel/debug/x86/pat_memtype_list"

enum piopmd_memtype {
	PIOPMD_MEMTYPE_UNKNOWN,	/* no list, not readable, or page not in it */
	PIOPMD_MEMTYPE_UC,	/* uncached or uncached-minus */
	PIOPMD_MEMTYPE_WC,	/* write-combining */
	PIOPMD_MEMTYPE_OTHER,	/* anything else, or entries that differ */
};

/* A page to look up. */
struct piopmd_memtype_page {
	uint64_t phys;
	enum piopmd_memtype type;	/* result */
};

/*
 * Looks up all pages in one pass over the list at path. A page is of the type that every entry
 * covering it agrees on. Returns 0, or the negative errno of the list's open(): then every type is
 * PIOPMD_MEMTYPE_UNKNOWN.
 */
int piopmd_memtype_lookup(const char *path, struct piopmd_memtype_page *pages, size_t nb_pages);

const char *piopmd_memtype_name(enum piopmd_memtype type);

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_MEMTYPE_H */
