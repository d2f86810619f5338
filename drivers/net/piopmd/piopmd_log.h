/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_LOG_H
#define PIOPMD_LOG_H

/*
 * Log types of the control plane: pmd.net.piopmd.init (probe, mapping, attach), .driver (ethdev
 * operations, events) and .mcdi (requests to the management controller). Formats carry no newline.
 * The datapath does not log.
 *
 * A failure is logged once, where it is detected, with what the user can do about it. name is the PCI
 * address of the device that the message is about.
 */

#include <rte_log.h>

#include "piopmd_compat.h"

#ifdef __cplusplus
extern "C" {
#endif

extern int piopmd_logtype_init;
extern int piopmd_logtype_driver;
extern int piopmd_logtype_mcdi;

#define RTE_LOGTYPE_PIOPMD_INIT		piopmd_logtype_init
#define RTE_LOGTYPE_PIOPMD_DRV		piopmd_logtype_driver
#define RTE_LOGTYPE_PIOPMD_MCDI		piopmd_logtype_mcdi

#define PIOPMD_LOG_INIT(level, name, ...) \
	RTE_LOG_LINE_PREFIX(level, PIOPMD_INIT, "%s: ", name, __VA_ARGS__)
#define PIOPMD_LOG_DRV(level, name, ...) \
	RTE_LOG_LINE_PREFIX(level, PIOPMD_DRV, "%s: ", name, __VA_ARGS__)
#define PIOPMD_LOG_MCDI(level, name, ...) \
	RTE_LOG_LINE_PREFIX(level, PIOPMD_MCDI, "%s: ", name, __VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_LOG_H */
