/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Recovery: what happens when the management controller reboots, a queue reports an error, or the
 * device disappears.
 *
 *	noticed by	an event (MC_REBOOT, TX_ERR, RX_ERR), the boot count in the status word, a
 *			command that got no answer, an event that the datapath cannot read
 *	then		ERR_RECOVERING is reported; rte_pio calls answer -EIO and bursts 0, in every
 *			process; each queue's thread is given time to come by; everything is torn down
 *			and built anew, PIO buffers and templates included; RECOVERY_SUCCESS
 *	or		after RECOVER_TRIES attempts RECOVERY_FAILED: the port stays down until dev_stop and
 *			dev_start, which begin afresh
 *	device gone	INTR_RMV is reported, the port stays down
 *
 * Frames that had been given to the adapter and have no completion are freed and counted as errors;
 * they are never sent again.
 *
 * All this runs in the alarm's thread with the adapter lock held, a step in each alarm. The
 * application is told at the end of a step, when nothing of the port is needed any more: its callbacks
 * may call anything, rte_eth_dev_close() included. Who stops the port meanwhile hears no more of it.
 */

#include <errno.h>

#include <rte_cycles.h>

#include "piopmd.h"

#define RECOVER_TRIES		3u
/* How long queue threads get to leave their bursts. One that does not poll never comes by. */
#define RECOVER_GRACE_US	(50 * 1000u)
#define RECOVER_GRACE_PAUSE_US	50u

/* Bursts */

/*
 * ethdev replaces the same pointers when the application stops the port, without any lock; so each is
 * changed only if it is what we think it is.
 */
static void
recover_bursts_block(struct rte_eth_dev *dev)
{
	struct rte_eth_fp_ops *fp = &rte_eth_fp_ops[dev->data->port_id];
	eth_rx_burst_t rx = dev->rx_pkt_burst;
	eth_tx_burst_t tx = dev->tx_pkt_burst;

	__atomic_compare_exchange_n(&fp->rx_pkt_burst, &rx, piopmd_dp_rx_burst_blocked, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	__atomic_compare_exchange_n(&fp->tx_pkt_burst, &tx, piopmd_dp_tx_burst_blocked, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void
recover_bursts_unblock(struct rte_eth_dev *dev)
{
	struct rte_eth_fp_ops *fp = &rte_eth_fp_ops[dev->data->port_id];
	eth_rx_burst_t rx = piopmd_dp_rx_burst_blocked;
	eth_tx_burst_t tx = piopmd_dp_tx_burst_blocked;

	__atomic_compare_exchange_n(&fp->rx_pkt_burst, &rx, dev->rx_pkt_burst, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	__atomic_compare_exchange_n(&fp->tx_pkt_burst, &tx, dev->tx_pkt_burst, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static bool
recover_queues_left(const struct piopmd_adapter *ad)
{
	uint16_t i;

	for (i = 0; i < ad->nb_rxq; i++) {
		if (piopmd_rxq_runs(ad->rxq[i]) && !piopmd_dp_rxq_ack(ad->rxq[i]->dp))
			return false;
	}
	for (i = 0; i < ad->nb_txq; i++) {
		if (ad->txq[i]->started && !piopmd_dp_txq_ack(ad->txq[i]->dp))
			return false;
	}
	return true;
}

/* Takes every queue away from its thread, in all processes. */
static void
recover_queues_fail(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	rte_pio_driver_fp_block(dev->data->port_id, -EIO);
	for (i = 0; i < ad->nb_rxq; i++) {
		if (ad->rxq[i] == NULL)
			continue; /* being set up again while the port runs */
		piopmd_dp_rxq_ack_clear(ad->rxq[i]->dp);
		piopmd_dp_rxq_fail(ad->rxq[i]->dp);
	}
	for (i = 0; i < ad->nb_txq; i++) {
		piopmd_dp_txq_ack_clear(ad->txq[i]->dp);
		piopmd_dp_txq_fail(ad->txq[i]->dp);
	}
	recover_bursts_block(dev);
}

static void
recover_grace_wait(struct piopmd_adapter *ad)
{
	uint64_t start = rte_get_timer_cycles();
	uint64_t limit = RECOVER_GRACE_US * rte_get_timer_hz() / US_PER_S;

	while (!recover_queues_left(ad) && rte_get_timer_cycles() - start < limit)
		rte_delay_us_sleep(RECOVER_GRACE_PAUSE_US);
}

/* What to do */

static bool
recover_queue_exception(const struct piopmd_adapter *ad)
{
	uint16_t i;

	for (i = 0; i < ad->nb_rxq; i++) {
		if (piopmd_rxq_runs(ad->rxq[i]) && piopmd_dp_rxq_exception(ad->rxq[i]->dp))
			return true;
	}
	for (i = 0; i < ad->nb_txq; i++) {
		if (ad->txq[i]->started && piopmd_dp_txq_exception(ad->txq[i]->dp))
			return true;
	}
	return false;
}

enum piopmd_health
piopmd_recover_check(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	if (ad->state != PIOPMD_STARTED || ad->health == PIOPMD_HEALTH_FAILED ||
	    ad->health == PIOPMD_HEALTH_GONE)
		return PIOPMD_HEALTH_OK; /* nothing to do about it */
	ret = piopmd_mcdi_check(&ad->mcdi);
	if (ret == -ENODEV)
		return PIOPMD_HEALTH_GONE;
	if (ret != 0 || ad->recovery_wanted || ad->health == PIOPMD_HEALTH_RECOVERING ||
	    recover_queue_exception(ad))
		return PIOPMD_HEALTH_RECOVERING;
	return PIOPMD_HEALTH_OK;
}

static int
recover_reattach(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	/* nothing that was ours is ours any more */
	for (i = 0; i < PIOPMD_TXQ_MAX; i++) {
		if (ad->txq[i] != NULL)
			piopmd_txq_piobuf_forget(ad, ad->txq[i]);
	}
	return piopmd_nic_reattach(ad, piopmd_name_of(dev));
}

int
piopmd_recover_attach(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	ret = piopmd_mcdi_check(&ad->mcdi);
	if (ret == -ENODEV || (ret == 0 && ad->attached))
		return ret;
	return recover_reattach(dev);
}

int
piopmd_recover_reset(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (piopmd_mcdi_check(&ad->mcdi) == -ENODEV)
		return -ENODEV;
	ad->attached = false;
	return recover_reattach(dev);
}

/* One attempt. */
static int
recover_rebuild(struct rte_eth_dev *dev)
{
	int ret;

	piopmd_port_stop(dev);
	ret = piopmd_recover_attach(dev);
	if (ret == 0)
		ret = piopmd_port_start(dev);
	return ret;
}

static void
recover_locked(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	if (ad->health == PIOPMD_HEALTH_OK) {
		ad->recover_tries = 0;
		ad->health = PIOPMD_HEALTH_RECOVERING;
		recover_queues_fail(dev);
		recover_grace_wait(ad);
	}
	ad->recover_tries++;
	ret = recover_rebuild(dev);
	if (ret == 0) {
		ad->health = PIOPMD_HEALTH_OK;
		ad->nb_recoveries++;
		ad->link_changed = true; /* look at it once more */
		PIOPMD_LOG_DRV(NOTICE, piopmd_name_of(dev), "recovered");
	} else if (ret == -ENODEV) {
		ad->health = PIOPMD_HEALTH_GONE;
	} else if (ad->recover_tries == RECOVER_TRIES) {
		ad->health = PIOPMD_HEALTH_FAILED;
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "given up after %u attempts to recover: stop "
			       "and start the port to try again", RECOVER_TRIES);
	}
}

/* For good: ethdev shows what is stored here when the application has asked for link interrupts. */
static enum rte_eth_event_type
recover_give_up(struct rte_eth_dev *dev, enum rte_eth_event_type event)
{
	struct rte_eth_link link;

	if (piopmd_link_get(dev, &link) == 0)
		rte_eth_linkstatus_set(dev, &link);
	return event;
}

enum rte_eth_event_type
piopmd_recover_step(struct rte_eth_dev *dev, enum piopmd_health need)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (need == PIOPMD_HEALTH_GONE) {
		ad->health = PIOPMD_HEALTH_GONE;
		recover_queues_fail(dev);
		return recover_give_up(dev, RTE_ETH_EVENT_INTR_RMV);
	}
	if (!ad->recovery_told) {
		PIOPMD_LOG_DRV(NOTICE, piopmd_name_of(dev), "the device lost its state: recovering");
		ad->recovery_told = true;
		return RTE_ETH_EVENT_ERR_RECOVERING;
	}
	recover_locked(dev);
	ad->recovery_told = ad->health == PIOPMD_HEALTH_RECOVERING;
	switch (ad->health) {
	case PIOPMD_HEALTH_OK:
		recover_bursts_unblock(dev);
		rte_pio_driver_fp_unblock(dev->data->port_id);
		return RTE_ETH_EVENT_RECOVERY_SUCCESS;
	case PIOPMD_HEALTH_FAILED:
		return recover_give_up(dev, RTE_ETH_EVENT_RECOVERY_FAILED);
	case PIOPMD_HEALTH_GONE:
		return recover_give_up(dev, RTE_ETH_EVENT_INTR_RMV);
	default:
		return RTE_ETH_EVENT_MAX; /* another attempt follows */
	}
}
