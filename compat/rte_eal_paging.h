/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Stand-in for EAL's rte_eal_paging.h, which no version installs, not even with its driver SDK,
 * while every version exports the functions to drivers (INTERNAL node of librte_eal). Used only
 * when no DPDK source tree is in the search path.
 */

#ifndef COMPAT_RTE_EAL_PAGING_H
#define COMPAT_RTE_EAL_PAGING_H

#include <stddef.h>
#include <stdint.h>

#include <rte_compat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* access of a mapping, or-ed */
enum rte_mem_prot {
	RTE_PROT_READ = 0x1,
	RTE_PROT_WRITE = 0x2,
	RTE_PROT_EXECUTE = 0x4,
};

/* kind of a mapping, or-ed */
enum rte_map_flags {
	RTE_MAP_SHARED = 0x1,
	RTE_MAP_ANONYMOUS = 0x2,
	RTE_MAP_PRIVATE = 0x4,
	RTE_MAP_FORCE_ADDRESS = 0x8,
};

/* mmap(); NULL and rte_errno on failure */
__rte_internal
void *
rte_mem_map(void *requested_addr, size_t size, int prot, int flags, int fd, uint64_t offset);

/* munmap() */
__rte_internal
int
rte_mem_unmap(void *virt, size_t size);

/* never fails */
__rte_internal
size_t
rte_mem_page_size(void);

#ifdef __cplusplus
}
#endif

#endif /* COMPAT_RTE_EAL_PAGING_H */
