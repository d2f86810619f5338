/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_DEBUG_H
#define PIOPMD_DEBUG_H

/*
 * What the datapath believes about itself, checked in builds with PIOPMD_DEBUG only. Nothing that
 * an application or a device can bring about may stand in one of these.
 */

#ifdef PIOPMD_DEBUG
#include <rte_debug.h>
#define PIOPMD_ASSERT(cond) RTE_VERIFY(cond)
#else
#define PIOPMD_ASSERT(cond) ((void)sizeof(cond))
#endif

#endif /* PIOPMD_DEBUG_H */
