/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Stand-in for DPDK's eal_export.h (since 25.07), for older and installed DPDK. From 25.07 on
 * DPDK's build makes the version map from these lines; before, and out of tree, version.map says
 * what is exported and the lines mean nothing.
 */

#ifndef EAL_EXPORT_H
#define EAL_EXPORT_H

#define RTE_EXPORT_EXPERIMENTAL_SYMBOL(symbol, version)

#endif /* EAL_EXPORT_H */
