/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <rte_errno.h>

#include "piopmd.h"

/*
 * The MAC belongs to the PF: firmware may refuse a VF, which then runs with what the PF has set
 * (upstream tolerates the refusal as well). It is told to reject nothing: REJECT_UNCST would keep group
 * frames and those for further addresses from the filters, which do the choosing (upstream's ef10_mac.c,
 * bug 41141).
 */
static int
port_mac_set(struct rte_eth_dev *dev, bool drain)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_cmd_mac mac = {
		.pdu = (uint16_t)PIOPMD_PDU(dev->data->mtu),
		.drain = drain,
		.addr = ad->filters.uc_addrs[0],
	};
	int ret = piopmd_cmd_mac_set(&ad->mcdi, &mac);

	return ret == -EPERM ? 0 : ret;
}

static int
port_pdu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if ((ad->caps.flags1 & EF10_GET_CAPABILITIES_FLAGS1_SET_MAC_ENHANCED) == 0)
		return port_mac_set(dev, false);
	return piopmd_cmd_mac_pdu_set(&ad->mcdi, (uint16_t)PIOPMD_PDU(mtu));
}

int
piopmd_port_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint32_t frame = mtu + PIOPMD_FRAME_OVERHEAD;
	uint16_t before = dev->data->mtu;
	uint16_t i;
	int ret;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct piopmd_rxq *rxq = ad->rxq[i];

		if (rxq != NULL && (rxq->offloads & RTE_ETH_RX_OFFLOAD_SCATTER) == 0 &&
		    frame > piopmd_rxq_frame_max(rxq)) {
			PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev),
				       "MTU %u: receive queue %u takes at most %u without the scatter "
				       "offload", mtu, i,
				       piopmd_rxq_frame_max(rxq) - PIOPMD_FRAME_OVERHEAD);
			return -EINVAL;
		}
	}
	if (ad->state == PIOPMD_STARTED) {
		dev->data->mtu = mtu; /* what port_mac_set sends */
		ret = port_pdu_set(dev, mtu);
		dev->data->mtu = before;
		if (ret != 0)
			return ret;
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		if (ad->txq[i] != NULL)
			piopmd_dp_txq_frame_max_publish(ad->txq[i]->dp, frame);
	}
	return 0;
}

static void
port_queues_stop(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++)
		piopmd_txq_stop(dev, i);
	piopmd_flows_stop(dev);
	piopmd_filters_stop(dev);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		piopmd_rxq_stop(dev, i);
}

static int
port_queues_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;
	int ret = 0;

	for (i = 0; i < dev->data->nb_rx_queues && ret == 0; i++) {
		if (ad->rxq[i] != NULL && ad->rxq[i]->wanted)
			ret = piopmd_rxq_start(dev, i);
	}
	for (i = 0; i < dev->data->nb_tx_queues && ret == 0; i++) {
		if (ad->txq[i]->wanted)
			ret = piopmd_txq_start(dev, i);
	}
	/* the port's own filters name receive queue 0; they come and go with it */
	if (ret == 0 && dev->data->nb_rx_queues != 0 && piopmd_rxq_runs(ad->rxq[0]))
		ret = piopmd_filters_start(dev);
	if (ret == 0)
		ret = piopmd_flows_start(dev);
	if (ret != 0)
		port_queues_stop(dev);
	return ret;
}

/* Steps of the start, in order; what was done is undone in the opposite order. */
int
piopmd_port_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const char *name = piopmd_name_of(dev);
	const struct piopmd_evq_intr mgmt_intr = { .on = true, .vector = 0 };
	int ret;

	ad->nb_rxq = dev->data->nb_rx_queues;
	ad->nb_txq = dev->data->nb_tx_queues;
	ad->recovery_wanted = false;

	ret = piopmd_cmd_events_route(&ad->mcdi, PIOPMD_EVQ_MGMT);
	if (ret != 0)
		return ret;
	ret = piopmd_vi_start(ad, (uint16_t)(1 + ad->nb_rxq + ad->nb_txq), name);
	if (ret != 0)
		return ret;
	ret = piopmd_evq_start(ad, &ad->mgmt_evq, PIOPMD_EVQ_MGMT, &mgmt_intr);
	if (ret != 0)
		goto fail_evq;
	ret = piopmd_intr_start(dev);
	if (ret != 0)
		goto fail_intr;
	ret = port_mac_set(dev, true);
	if (ret == 0)
		ret = port_pdu_set(dev, dev->data->mtu);
	if (ret == 0)
		ret = piopmd_cmd_vadaptor_mac_set(&ad->mcdi, &ad->filters.uc_addrs[0]);
	if (ret != 0 && ret != -ENOTSUP)
		goto fail_mac;
	ret = piopmd_stats_start(dev);
	if (ret != 0)
		goto fail_mac;
	ret = piopmd_rss_start(dev);
	if (ret != 0)
		goto fail_rss;
	ret = port_queues_start(dev);
	if (ret != 0)
		goto fail_queues;
	ret = port_mac_set(dev, false);
	if (ret != 0)
		goto fail_undrain;
	return 0;

fail_undrain:
	port_queues_stop(dev);
fail_queues:
	piopmd_rss_stop(dev);
fail_rss:
	piopmd_stats_stop(dev);
fail_mac:
	piopmd_intr_stop(dev);
fail_intr:
	piopmd_evq_stop(ad, &ad->mgmt_evq);
fail_evq:
	piopmd_vi_stop(ad);
	PIOPMD_LOG_DRV(ERR, name, "the port does not start: %s", rte_strerror(-ret));
	return ret;
}

void
piopmd_port_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	port_queues_stop(dev);
	piopmd_rss_stop(dev);
	if (ad->mcdi.state == PIOPMD_MCDI_READY)
		port_mac_set(dev, true);
	piopmd_stats_stop(dev);
	piopmd_intr_stop(dev);
	piopmd_evq_stop(ad, &ad->mgmt_evq);
	piopmd_vi_stop(ad);
}
