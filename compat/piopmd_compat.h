/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The differences between DPDK 22.11 and 26.x which a header of its own cannot bridge: the only
 * file of the project that looks at RTE_VERSION. The code is written for the newest DPDK; what
 * an older one lacks is defined here, under DPDK's own name where DPDK has one.
 */

#ifndef PIOPMD_COMPAT_H
#define PIOPMD_COMPAT_H

#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_log.h>
#include <rte_version.h>

/* --- EAL and logging --- */

#ifndef RTE_LOG_LINE /* 24.03: adds the newline itself and rejects one in the format */
#define RTE_LOG_LINE(level, type, ...) \
	rte_log(RTE_LOG_ ## level, RTE_LOGTYPE_ ## type, \
		RTE_FMT(#type ": " RTE_FMT_HEAD(__VA_ARGS__ ,) "\n", RTE_FMT_TAIL(__VA_ARGS__ ,)))
#endif

#ifndef RTE_LOG_LINE_PREFIX /* 24.03: as above, with a prefix that takes arguments */
#define RTE_LOG_COMMA ,
#define RTE_LOG_LINE_PREFIX(level, type, prefix, args, ...) \
	rte_log(RTE_LOG_ ## level, RTE_LOGTYPE_ ## type, \
		RTE_FMT(#type ": " prefix RTE_FMT_HEAD(__VA_ARGS__ ,) "\n", \
			args RTE_LOG_COMMA RTE_FMT_TAIL(__VA_ARGS__ ,)))
#endif

/* --- telemetry --- */

#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
#define rte_tel_data_add_dict_uint rte_tel_data_add_dict_u64
#endif

/* --- ethdev operations whose signature has changed --- */

/*
 * 24.03: dev_supported_ptypes_get says how many types there are; before, the array ends with
 * RTE_PTYPE_UNKNOWN. Write the array with that end mark, the operation as
 *	static const uint32_t *
 *	x_ptypes_get(struct rte_eth_dev *dev PIOPMD_PTYPES_COUNT_ARG)
 * and store the count by PIOPMD_PTYPES_COUNT_SET(number of types without the mark).
 */
#if RTE_VERSION < RTE_VERSION_NUM(24, 3, 0, 0)
#define PIOPMD_PTYPES_COUNT_ARG
#define PIOPMD_PTYPES_COUNT_SET(n) RTE_SET_USED(n)
#else
#define PIOPMD_PTYPES_COUNT_ARG , size_t *no_of_elements
#define PIOPMD_PTYPES_COUNT_SET(n) (*no_of_elements = (n))
#endif

/* 24.03: rte_eth_tx_queue_count() */
#if RTE_VERSION < RTE_VERSION_NUM(24, 3, 0, 0)
#define PIOPMD_TX_QUEUE_COUNT_SET(dev, fn) RTE_SET_USED(fn)
#else
#define PIOPMD_TX_QUEUE_COUNT_SET(dev, fn) ((dev)->tx_queue_count = (fn))
#endif

/*
 * 25.11: per-queue statistics have left struct rte_eth_stats for an argument of stats_get, which
 * may be NULL. Write the operation as
 *	static int
 *	x_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG)
 * and take PIOPMD_QSTATS(stats), NULL when the caller wants none, for the q_* arrays.
 * PIOPMD_QSTATS_PASS hands the argument on: x_add(dev, stats PIOPMD_QSTATS_PASS).
 */
#if RTE_VERSION < RTE_VERSION_NUM(25, 11, 0, 0)
#define PIOPMD_QSTATS_ARG
#define PIOPMD_QSTATS_PASS
#define PIOPMD_QSTATS(stats) (stats)
#else
#define PIOPMD_QSTATS_ARG , struct eth_queue_stats *qstats
#define PIOPMD_QSTATS_PASS , qstats
#define PIOPMD_QSTATS(stats) (qstats)
#endif

/* 25.11: rx_queue_count returns an int, which may be a negative errno */
#if RTE_VERSION < RTE_VERSION_NUM(25, 11, 0, 0)
typedef uint32_t piopmd_queue_count_t;
#else
typedef int piopmd_queue_count_t;
#endif

#endif /* PIOPMD_COMPAT_H */
