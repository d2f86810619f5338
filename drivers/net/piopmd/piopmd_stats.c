/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "piopmd.h"
#include "piopmd_io.h"

#define STATS_ZONE		"mac_stats"
/* How long a reader waits for the device to finish writing a set. */
#define STATS_CONSISTENT_US	1000u

/* Counters of the device that are shown, and under which name. */
static const struct stats_counter {
	const char *name;
	uint16_t index;
} stats_counters[] = {
	{ "mac_tx_packets", EF10_MAC_STAT_TX_PKTS },
	{ "mac_tx_bytes", EF10_MAC_STAT_TX_BYTES },
	{ "mac_tx_pause_packets", EF10_MAC_STAT_TX_PAUSE_PKTS },
	{ "mac_tx_unicast_packets", EF10_MAC_STAT_TX_UNICAST_PKTS },
	{ "mac_tx_multicast_packets", EF10_MAC_STAT_TX_MULTICAST_PKTS },
	{ "mac_tx_broadcast_packets", EF10_MAC_STAT_TX_BROADCAST_PKTS },
	{ "mac_tx_lt_64_packets", EF10_MAC_STAT_TX_LT64_PKTS },
	{ "mac_tx_64_packets", EF10_MAC_STAT_TX_64_PKTS },
	{ "mac_tx_65_to_127_packets", EF10_MAC_STAT_TX_65_TO_127_PKTS },
	{ "mac_tx_128_to_255_packets", EF10_MAC_STAT_TX_128_TO_255_PKTS },
	{ "mac_tx_256_to_511_packets", EF10_MAC_STAT_TX_256_TO_511_PKTS },
	{ "mac_tx_512_to_1023_packets", EF10_MAC_STAT_TX_512_TO_1023_PKTS },
	{ "mac_tx_1024_to_15xx_packets", EF10_MAC_STAT_TX_1024_TO_15XX_PKTS },
	{ "mac_tx_15xx_to_jumbo_packets", EF10_MAC_STAT_TX_15XX_TO_JUMBO_PKTS },
	{ "mac_tx_gt_jumbo_packets", EF10_MAC_STAT_TX_GTJUMBO_PKTS },
	{ "mac_rx_packets", EF10_MAC_STAT_RX_PKTS },
	{ "mac_rx_bytes", EF10_MAC_STAT_RX_BYTES },
	{ "mac_rx_pause_packets", EF10_MAC_STAT_RX_PAUSE_PKTS },
	{ "mac_rx_good_packets", EF10_MAC_STAT_RX_GOOD_PKTS },
	{ "mac_rx_unicast_packets", EF10_MAC_STAT_RX_UNICAST_PKTS },
	{ "mac_rx_multicast_packets", EF10_MAC_STAT_RX_MULTICAST_PKTS },
	{ "mac_rx_broadcast_packets", EF10_MAC_STAT_RX_BROADCAST_PKTS },
	{ "mac_rx_undersize_packets", EF10_MAC_STAT_RX_UNDERSIZE_PKTS },
	{ "mac_rx_64_packets", EF10_MAC_STAT_RX_64_PKTS },
	{ "mac_rx_65_to_127_packets", EF10_MAC_STAT_RX_65_TO_127_PKTS },
	{ "mac_rx_128_to_255_packets", EF10_MAC_STAT_RX_128_TO_255_PKTS },
	{ "mac_rx_256_to_511_packets", EF10_MAC_STAT_RX_256_TO_511_PKTS },
	{ "mac_rx_512_to_1023_packets", EF10_MAC_STAT_RX_512_TO_1023_PKTS },
	{ "mac_rx_1024_to_15xx_packets", EF10_MAC_STAT_RX_1024_TO_15XX_PKTS },
	{ "mac_rx_15xx_to_jumbo_packets", EF10_MAC_STAT_RX_15XX_TO_JUMBO_PKTS },
	{ "mac_rx_gt_jumbo_packets", EF10_MAC_STAT_RX_GTJUMBO_PKTS },
	{ "mac_rx_bad_fcs_errors", EF10_MAC_STAT_RX_BAD_FCS_PKTS },
	{ "mac_rx_align_errors", EF10_MAC_STAT_RX_ALIGN_ERROR_PKTS },
	{ "mac_rx_jabber_errors", EF10_MAC_STAT_RX_JABBER_PKTS },
	{ "mac_rx_overflow_packets", EF10_MAC_STAT_RX_OVERFLOW_PKTS },
	{ "mac_rx_nodesc_drop_packets", EF10_MAC_STAT_RX_NODESC_DROPS },
	{ "vadapter_rx_unicast_packets", EF10_MAC_STAT_VADAPTER_RX_UNICAST_PACKETS },
	{ "vadapter_rx_unicast_bytes", EF10_MAC_STAT_VADAPTER_RX_UNICAST_BYTES },
	{ "vadapter_rx_multicast_packets", EF10_MAC_STAT_VADAPTER_RX_MULTICAST_PACKETS },
	{ "vadapter_rx_multicast_bytes", EF10_MAC_STAT_VADAPTER_RX_MULTICAST_BYTES },
	{ "vadapter_rx_broadcast_packets", EF10_MAC_STAT_VADAPTER_RX_BROADCAST_PACKETS },
	{ "vadapter_rx_broadcast_bytes", EF10_MAC_STAT_VADAPTER_RX_BROADCAST_BYTES },
	{ "vadapter_rx_bad_packets", EF10_MAC_STAT_VADAPTER_RX_BAD_PACKETS },
	{ "vadapter_rx_bad_bytes", EF10_MAC_STAT_VADAPTER_RX_BAD_BYTES },
	{ "vadapter_rx_overflow", EF10_MAC_STAT_VADAPTER_RX_OVERFLOW },
	{ "vadapter_tx_unicast_packets", EF10_MAC_STAT_VADAPTER_TX_UNICAST_PACKETS },
	{ "vadapter_tx_unicast_bytes", EF10_MAC_STAT_VADAPTER_TX_UNICAST_BYTES },
	{ "vadapter_tx_multicast_packets", EF10_MAC_STAT_VADAPTER_TX_MULTICAST_PACKETS },
	{ "vadapter_tx_multicast_bytes", EF10_MAC_STAT_VADAPTER_TX_MULTICAST_BYTES },
	{ "vadapter_tx_broadcast_packets", EF10_MAC_STAT_VADAPTER_TX_BROADCAST_PACKETS },
	{ "vadapter_tx_broadcast_bytes", EF10_MAC_STAT_VADAPTER_TX_BROADCAST_BYTES },
	{ "vadapter_tx_bad_packets", EF10_MAC_STAT_VADAPTER_TX_BAD_PACKETS },
	{ "vadapter_tx_bad_bytes", EF10_MAC_STAT_VADAPTER_TX_BAD_BYTES },
	{ "vadapter_tx_overflow", EF10_MAC_STAT_VADAPTER_TX_OVERFLOW },
	/* ordered by index from here on: older firmware has not got these */
	{ "fec_uncorrected_errors", EF10_MAC_STAT_FEC_UNCORRECTED_ERRORS },
	{ "fec_corrected_errors", EF10_MAC_STAT_FEC_CORRECTED_ERRORS },
	{ "fec_corrected_symbols_lane0", EF10_MAC_STAT_FEC_CORRECTED_SYMBOLS_LANE0 },
	{ "fec_corrected_symbols_lane1", EF10_MAC_STAT_FEC_CORRECTED_SYMBOLS_LANE1 },
	{ "fec_corrected_symbols_lane2", EF10_MAC_STAT_FEC_CORRECTED_SYMBOLS_LANE2 },
	{ "fec_corrected_symbols_lane3", EF10_MAC_STAT_FEC_CORRECTED_SYMBOLS_LANE3 },
};

/* How many of them this firmware has; its last counter is the end of the generation. */
static unsigned int
stats_counters_nb(const struct piopmd_adapter *ad)
{
	unsigned int nb = RTE_DIM(stats_counters);

	while (nb != 0 && stats_counters[nb - 1].index + 1u >= ad->caps.nb_mac_stats)
		nb--;
	return nb;
}

static size_t
stats_size(const struct piopmd_adapter *ad)
{
	return ad->caps.nb_mac_stats * sizeof(uint64_t);
}

int
piopmd_stats_setup(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_stats *stats = &ad->stats;

	stats->mz = rte_eth_dma_zone_reserve(dev, STATS_ZONE, 0, stats_size(ad),
					     EF10_DMA_PAGE_SIZE, dev->data->numa_node);
	stats->raw = rte_calloc("piopmd_stats", ad->caps.nb_mac_stats, sizeof(uint64_t), 0);
	stats->base = rte_calloc("piopmd_stats", ad->caps.nb_mac_stats, sizeof(uint64_t), 0);
	if (stats->mz == NULL || stats->raw == NULL || stats->base == NULL) {
		PIOPMD_LOG_INIT(ERR, piopmd_name_of(dev), "no memory for statistics");
		piopmd_stats_release(dev);
		return -ENOMEM;
	}
	memset(stats->mz->addr, 0, stats_size(ad));
	return 0;
}

void
piopmd_stats_release(struct rte_eth_dev *dev)
{
	struct piopmd_stats *stats = &piopmd_adapter_of(dev)->stats;

	if (stats->mz != NULL)
		rte_eth_dma_zone_free(dev, STATS_ZONE, 0);
	rte_free(stats->raw);
	rte_free(stats->base);
	memset(stats, 0, sizeof(*stats));
}

int
piopmd_stats_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_stats *stats = &ad->stats;
	uint16_t period_ms = ad->devargs.stats_period_ms;
	int ret;

	stats->periodic = false;
	if (period_ms != 0) {
		ret = piopmd_cmd_mac_stats_periodic(&ad->mcdi, stats->mz->iova,
						    (uint32_t)stats_size(ad), period_ms);
		/* firmware that does not do it by itself is asked each time */
		if (ret != 0 && ret != -ENOTSUP && ret != -EPERM)
			return ret;
		stats->periodic = ret == 0;
	}
	stats->running = true;
	return 0;
}

/* The set in DMA memory, if the device is not just writing it. */
static bool
stats_copy(struct piopmd_adapter *ad)
{
	const volatile uint64_t *dma = ad->stats.mz->addr;
	uint16_t last = (uint16_t)(ad->caps.nb_mac_stats - 1);
	uint64_t end, start;
	uint16_t i;

	end = dma[last];
	piopmd_io_dma_rmb(); /* the device writes the end last */
	for (i = 0; i < last; i++)
		ad->stats.raw[i] = rte_le_to_cpu_64(dma[i]);
	piopmd_io_dma_rmb();
	start = dma[EF10_MAC_STAT_GENERATION_START];
	return start == end;
}

static int
stats_read(struct piopmd_adapter *ad)
{
	uint64_t begin = rte_get_timer_cycles();
	int ret;

	/* a secondary reads what is there: requests are the primary's */
	if (rte_eal_process_type() == RTE_PROC_PRIMARY && ad->stats.running &&
	    !ad->stats.periodic && ad->mcdi.state == PIOPMD_MCDI_READY) {
		ret = piopmd_cmd_mac_stats_upload(&ad->mcdi, ad->stats.mz->iova,
						  (uint32_t)stats_size(ad));
		if (ret != 0)
			return ret;
	}
	while (!stats_copy(ad)) {
		if ((rte_get_timer_cycles() - begin) * US_PER_S / rte_get_timer_hz() >
		    STATS_CONSISTENT_US)
			return -EAGAIN;
		rte_pause();
	}
	return 0;
}

void
piopmd_stats_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (!ad->stats.running)
		return;
	/* what there is to read after the stop; a set that cannot be had is an older one */
	if (ad->mcdi.state == PIOPMD_MCDI_READY) {
		piopmd_cmd_mac_stats_upload(&ad->mcdi, ad->stats.mz->iova,
					    (uint32_t)stats_size(ad));
		piopmd_cmd_mac_stats_periodic(&ad->mcdi, 0, 0, 0);
	}
	ad->stats.running = false;
}

/* Less than a reset has seen: the device has begun anew meanwhile. */
static uint64_t
stats_counter(const struct piopmd_adapter *ad, uint16_t index)
{
	uint64_t raw = ad->stats.raw[index];
	uint64_t base = ad->stats.base[index];

	return raw >= base ? raw - base : raw;
}

static void
stats_rxq_get(const struct piopmd_rxq *rxq, struct piopmd_dp_rx_stats *rx)
{
	piopmd_dp_rx_stats_get(rxq->dp, rx);
	rx->packets -= rxq->stats_base.packets;
	rx->bytes -= rxq->stats_base.bytes;
	rx->errors -= rxq->stats_base.errors;
	rx->aborts -= rxq->stats_base.aborts;
	rx->nombuf -= rxq->stats_base.nombuf;
}

static void
stats_txq_get(const struct piopmd_txq *txq, struct piopmd_dp_tx_stats *tx)
{
	piopmd_dp_tx_stats_get(txq->dp, tx);
	tx->packets -= txq->stats_base.packets;
	tx->bytes -= txq->stats_base.bytes;
	tx->dropped -= txq->stats_base.dropped;
}

static void
stats_queues_add(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_dp_rx_stats rx;
	struct piopmd_dp_tx_stats tx;
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		if (ad->rxq[i] == NULL)
			continue;
		stats_rxq_get(ad->rxq[i], &rx);
		stats->ipackets += rx.packets;
		stats->ibytes += rx.bytes;
		stats->ierrors += rx.errors;
		stats->rx_nombuf += rx.nombuf;
		if (PIOPMD_QSTATS(stats) != NULL && i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			PIOPMD_QSTATS(stats)->q_ipackets[i] = rx.packets;
			PIOPMD_QSTATS(stats)->q_ibytes[i] = rx.bytes;
			PIOPMD_QSTATS(stats)->q_errors[i] = rx.errors;
		}
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		if (ad->txq[i] == NULL)
			continue;
		stats_txq_get(ad->txq[i], &tx);
		stats->opackets += tx.packets;
		stats->obytes += tx.bytes;
		stats->oerrors += tx.dropped + ad->txq[i]->nb_lost - ad->txq[i]->nb_lost_base;
		if (PIOPMD_QSTATS(stats) != NULL && i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			PIOPMD_QSTATS(stats)->q_opackets[i] = tx.packets;
			PIOPMD_QSTATS(stats)->q_obytes[i] = tx.bytes;
		}
	}
}

/*
 * Frames are counted by the queues: exactly, and at once. What never reached a queue only the device
 * knows; behind a virtual switch the port's counters are everybody's, so the virtual port's are used.
 */
int
piopmd_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	bool evb = (ad->caps.flags1 & EF10_GET_CAPABILITIES_FLAGS1_EVB) != 0;
	int ret;

	stats_queues_add(dev, stats PIOPMD_QSTATS_PASS);
	ret = stats_read(ad);
	if (ret != 0)
		return ret;
	stats->imissed = stats_counter(ad, evb ? EF10_MAC_STAT_VADAPTER_RX_OVERFLOW :
				       EF10_MAC_STAT_RX_NODESC_DROPS);
	stats->ierrors += stats_counter(ad, evb ? EF10_MAC_STAT_VADAPTER_RX_BAD_PACKETS :
					EF10_MAC_STAT_RX_BAD_FCS_PKTS);
	stats->oerrors += stats_counter(ad, evb ? EF10_MAC_STAT_VADAPTER_TX_BAD_PACKETS :
					EF10_MAC_STAT_TX_BAD_FCS_PKTS);
	return 0;
}

int
piopmd_stats_reset(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;
	int ret;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		if (ad->rxq[i] != NULL)
			piopmd_dp_rx_stats_get(ad->rxq[i]->dp, &ad->rxq[i]->stats_base);
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		if (ad->txq[i] == NULL)
			continue;
		piopmd_dp_tx_stats_get(ad->txq[i]->dp, &ad->txq[i]->stats_base);
		ad->txq[i]->nb_lost_base = ad->txq[i]->nb_lost;
	}
	/* the device's counters are not ours alone: what they are now is zero from now on */
	ret = stats_read(ad);
	if (ret == 0)
		memcpy(ad->stats.base, ad->stats.raw, stats_size(ad));
	return ret;
}

/* Extended statistics: the device's counters, then those of rte_pio. */

int
piopmd_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int size)
{
	unsigned int nb_mac = stats_counters_nb(piopmd_adapter_of(dev));
	unsigned int nb = nb_mac + rte_pio_driver_xstats_count(dev);
	unsigned int i;

	if (names == NULL || size < nb)
		return (int)nb;
	for (i = 0; i < nb_mac; i++)
		snprintf(names[i].name, sizeof(names[i].name), "%s", stats_counters[i].name);
	rte_pio_driver_xstats_names_get(dev, names + i, size - i);
	return (int)nb;
}

int
piopmd_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int size)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	unsigned int nb_pio = rte_pio_driver_xstats_count(dev);
	unsigned int nb_mac = stats_counters_nb(ad);
	unsigned int nb = nb_mac + nb_pio;
	uint64_t *values;
	unsigned int i;
	int ret;

	if (xstats == NULL || size < nb)
		return (int)nb;
	ret = stats_read(ad);
	if (ret != 0)
		return ret;
	for (i = 0; i < nb_mac; i++)
		xstats[i].value = stats_counter(ad, stats_counters[i].index);
	if (nb_pio != 0) {
		values = calloc(nb_pio, sizeof(*values));
		if (values == NULL)
			return -ENOMEM;
		rte_pio_driver_xstats_get(dev, values, nb_pio);
		for (; i < nb; i++)
			xstats[i].value = values[i - nb_mac];
		free(values);
	}
	for (i = 0; i < nb; i++)
		xstats[i].id = i;
	return (int)nb;
}

int
piopmd_xstats_reset(struct rte_eth_dev *dev)
{
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -EPERM; /* as the reset of the basic statistics */
	ret = piopmd_stats_reset(dev);
	if (ret == 0)
		rte_pio_driver_xstats_reset(dev);
	return ret;
}
