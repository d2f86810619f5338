/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Stand-in for DPDK's rte_stdatomic.h (since 23.11): those of its names that are used here, on the
 * compiler's atomic built-ins, as DPDK itself does when it was built without enable_stdatomic.
 */

#ifndef RTE_STDATOMIC_H
#define RTE_STDATOMIC_H

#define __rte_atomic

#define rte_memory_order_release __ATOMIC_RELEASE
#define rte_memory_order_seq_cst __ATOMIC_SEQ_CST

#define rte_atomic_store_explicit(ptr, val, order) \
	__atomic_store_n(ptr, val, order)
#define rte_atomic_thread_fence(order) \
	__atomic_thread_fence(order)

#endif /* RTE_STDATOMIC_H */
