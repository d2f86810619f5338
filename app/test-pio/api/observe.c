/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <ethdev_driver.h>

#include "observe.h"

struct rte_eth_dev *
pio_observe_dev(uint16_t port)
{
	return rte_eth_dev_is_valid_port(port) ? &rte_eth_devices[port] : NULL;
}

unsigned int
pio_observe_xstats_count(uint16_t port)
{
	return rte_pio_driver_xstats_count(pio_observe_dev(port));
}

unsigned int
pio_observe_xstats_names_get(uint16_t port, struct rte_eth_xstat_name *names, unsigned int size)
{
	return rte_pio_driver_xstats_names_get(pio_observe_dev(port), names, size);
}

unsigned int
pio_observe_xstats_get(uint16_t port, uint64_t *values, unsigned int size)
{
	return rte_pio_driver_xstats_get(pio_observe_dev(port), values, size);
}
