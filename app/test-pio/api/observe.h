/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef OBSERVE_H
#define OBSERVE_H

/* Helpers of drivers, by port id: DPDK's driver headers are C. */

#include <stdint.h>

#include <rte_ethdev.h>
#include <rte_pio_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

unsigned int pio_observe_xstats_count(uint16_t port);
unsigned int pio_observe_xstats_names_get(uint16_t port, struct rte_eth_xstat_name *names,
					  unsigned int size);
unsigned int pio_observe_xstats_get(uint16_t port, uint64_t *values, unsigned int size);

/* struct rte_eth_dev of a port, NULL: none there. */
struct rte_eth_dev *pio_observe_dev(uint16_t port);

#ifdef __cplusplus
}
#endif

#endif /* OBSERVE_H */
