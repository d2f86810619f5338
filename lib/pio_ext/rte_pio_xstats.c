/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The counters of a queue by name: ethdev xstats of PIO drivers, telemetry and the dump all show
 * these. xstats: the port's totals first, then the opted-in queues.
 */

#include <stddef.h>
#include <stdio.h>

#include <ethdev_driver.h>

#include <eal_export.h>
#include <piopmd_compat.h>

#include "rte_pio_private.h"

static const struct {
	const char *name;
	size_t offset;
} pio_counters[] = {
	{ "packets", offsetof(struct rte_pio_queue_stats, pio_packets) },
	{ "bytes", offsetof(struct rte_pio_queue_stats, pio_bytes) },
	{ "ring_packets", offsetof(struct rte_pio_queue_stats, ring_packets) },
	{ "ring_bytes", offsetof(struct rte_pio_queue_stats, ring_bytes) },
	{ "template_packets", offsetof(struct rte_pio_queue_stats, template_sends) },
	{ "template_updates", offsetof(struct rte_pio_queue_stats, template_updates) },
	{ "template_lines", offsetof(struct rte_pio_queue_stats, template_lines) },
	{ "warms", offsetof(struct rte_pio_queue_stats, warms) },
};

#define PIO_NB_PLAIN RTE_DIM(pio_counters)
/* Reason 0 is no reason. */
#define PIO_NB_REASONS (RTE_PIO_FB_MAX - 1)
#define PIO_NB_COUNTERS (PIO_NB_PLAIN + 2 * PIO_NB_REASONS)

static_assert(PIO_NB_PLAIN + 2 * RTE_PIO_FB_MAX ==
	      sizeof(struct rte_pio_queue_stats) / sizeof(uint64_t), "a counter has no name");

unsigned int
pio_counters_count(void)
{
	return PIO_NB_COUNTERS;
}

void
pio_counter_name(unsigned int i, char *name, size_t size)
{
	if (i < PIO_NB_PLAIN) {
		snprintf(name, size, "%s", pio_counters[i].name);
		return;
	}
	i -= PIO_NB_PLAIN;
	snprintf(name, size, "%s_%s", i < PIO_NB_REASONS ? "fallback" : "refused",
		 rte_pio_fb_reason_name((enum rte_pio_fb_reason)(1 + i % PIO_NB_REASONS)));
}

uint64_t
pio_counter_value(const struct rte_pio_queue_stats *stats, unsigned int i)
{
	if (i < PIO_NB_PLAIN)
		return *(const uint64_t *)((const char *)stats + pio_counters[i].offset);
	i -= PIO_NB_PLAIN;
	return i < PIO_NB_REASONS ? stats->fallback[1 + i] : stats->refused[1 + i - PIO_NB_REASONS];
}

/* Next opted-in queue from q on; false: none. */
static bool
pio_queue_next(const struct rte_eth_dev *dev, uint32_t *q)
{
	for (; *q < dev->data->nb_tx_queues; (*q)++) {
		if (pio_queue_get(dev->data->port_id, (uint16_t)*q) != NULL)
			return true;
	}
	return false;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_xstats_count, 26.11)
unsigned int
rte_pio_driver_xstats_count(struct rte_eth_dev *dev)
{
	unsigned int nb = PIO_NB_COUNTERS;
	uint32_t q;

	pio_lock();
	for (q = 0; pio_queue_next(dev, &q); q++)
		nb += PIO_NB_COUNTERS;
	pio_unlock();
	return nb;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_xstats_names_get, 26.11)
unsigned int
rte_pio_driver_xstats_names_get(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
				unsigned int size)
{
	char name[RTE_ETH_XSTATS_NAME_SIZE - 16];
	unsigned int i, nb = 0;
	uint32_t q;

	pio_lock();
	for (i = 0; i < PIO_NB_COUNTERS; i++, nb++) {
		pio_counter_name(i, name, sizeof(name));
		if (nb < size)
			snprintf(names[nb].name, sizeof(names[nb].name), "tx_pio_%s", name);
	}
	for (q = 0; pio_queue_next(dev, &q); q++) {
		for (i = 0; i < PIO_NB_COUNTERS; i++, nb++) {
			pio_counter_name(i, name, sizeof(name));
			if (nb < size)
				snprintf(names[nb].name, sizeof(names[nb].name), "tx_q%u_pio_%s", q,
					 name);
		}
	}
	pio_unlock();
	return nb;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_xstats_get, 26.11)
unsigned int
rte_pio_driver_xstats_get(struct rte_eth_dev *dev, uint64_t *values, unsigned int size)
{
	uint16_t port_id = dev->data->port_id;
	struct rte_pio_queue_stats stats;
	unsigned int i, nb = PIO_NB_COUNTERS;
	uint32_t q;

	for (i = 0; i < RTE_MIN(size, (unsigned int)PIO_NB_COUNTERS); i++)
		values[i] = 0;
	pio_lock();
	for (q = 0; pio_queue_next(dev, &q); q++) {
		pio_queue_stats_read(pio_queue_get(port_id, (uint16_t)q), &stats);
		for (i = 0; i < PIO_NB_COUNTERS; i++, nb++) {
			if (i < size)
				values[i] += pio_counter_value(&stats, i);
			if (nb < size)
				values[nb] = pio_counter_value(&stats, i);
		}
	}
	pio_unlock();
	return nb;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_xstats_reset, 26.11)
void
rte_pio_driver_xstats_reset(struct rte_eth_dev *dev)
{
	uint32_t q;

	pio_lock();
	for (q = 0; pio_queue_next(dev, &q); q++)
		pio_queue_stats_rebase(pio_queue_get(dev->data->port_id, (uint16_t)q));
	pio_unlock();
}
