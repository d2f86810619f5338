/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_interrupts.h>

#include "piopmd.h"

/* How soon a callback comes back that found the adapter busy. */
#define LINK_RETRY_US	(10 * 1000u)

static uint32_t
link_speed_num(uint32_t mbps)
{
	switch (mbps) {
	case RTE_ETH_SPEED_NUM_100M:
	case RTE_ETH_SPEED_NUM_1G:
	case RTE_ETH_SPEED_NUM_10G:
	case RTE_ETH_SPEED_NUM_25G:
	case RTE_ETH_SPEED_NUM_40G:
	case RTE_ETH_SPEED_NUM_50G:
	case RTE_ETH_SPEED_NUM_100G:
		return mbps;
	default:
		return RTE_ETH_SPEED_NUM_UNKNOWN;
	}
}

uint32_t
piopmd_link_speed_capa(uint32_t phy_caps)
{
	static const struct {
		uint32_t phy;
		uint32_t eth;
	} map[] = {
		{ EF10_PHY_CAP_100HDX, RTE_ETH_LINK_SPEED_100M_HD },
		{ EF10_PHY_CAP_100FDX, RTE_ETH_LINK_SPEED_100M },
		{ EF10_PHY_CAP_1000FDX, RTE_ETH_LINK_SPEED_1G },
		{ EF10_PHY_CAP_10000FDX, RTE_ETH_LINK_SPEED_10G },
		{ EF10_PHY_CAP_25000FDX, RTE_ETH_LINK_SPEED_25G },
		{ EF10_PHY_CAP_40000FDX, RTE_ETH_LINK_SPEED_40G },
		{ EF10_PHY_CAP_50000FDX, RTE_ETH_LINK_SPEED_50G },
		{ EF10_PHY_CAP_100000FDX, RTE_ETH_LINK_SPEED_100G },
	};
	uint32_t speeds = 0;
	size_t i;

	for (i = 0; i < RTE_DIM(map); i++) {
		if ((phy_caps & map[i].phy) != 0)
			speeds |= map[i].eth;
	}
	return speeds;
}

int
piopmd_link_get(struct rte_eth_dev *dev, struct rte_eth_link *link)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_cmd_link now;
	int ret;

	memset(link, 0, sizeof(*link));
	link->link_autoneg = (dev->data->dev_conf.link_speeds & RTE_ETH_LINK_SPEED_FIXED) == 0 ?
		RTE_ETH_LINK_AUTONEG : RTE_ETH_LINK_FIXED;
	/* nothing passes a port that has failed, whatever the cable says */
	if (ad->state != PIOPMD_STARTED || ad->health == PIOPMD_HEALTH_FAILED ||
	    ad->health == PIOPMD_HEALTH_GONE)
		return 0;
	ret = piopmd_cmd_link_get(&ad->mcdi, &now);
	if (ret != 0 || !now.up)
		return ret;
	link->link_status = RTE_ETH_LINK_UP;
	link->link_speed = link_speed_num(now.speed_mbps);
	link->link_duplex = now.full_duplex ? RTE_ETH_LINK_FULL_DUPLEX : RTE_ETH_LINK_HALF_DUPLEX;
	return 0;
}

/*
 * What both callbacks do: read the management events, look at the queues. Adapter lock held. Returns
 * whether the link's status has changed, so that the caller can report it without the lock.
 */
static bool
link_events_process(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_eth_link link;

	if (ad->state != PIOPMD_STARTED)
		return false;
	piopmd_evq_poll(ad, &ad->mgmt_evq);
	if (!ad->link_changed)
		return false;
	ad->link_changed = false;
	if (piopmd_link_get(dev, &link) != 0)
		return false;
	return rte_eth_linkstatus_set(dev, &link) == 0;
}

/* Adapter lock held. What the application is to be told, RTE_ETH_EVENT_MAX: nothing. */
static enum rte_eth_event_type
housekeeping_locked(struct rte_eth_dev *dev, uint64_t *next_us)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	bool changed = link_events_process(dev);
	enum piopmd_health need = piopmd_recover_check(dev);

	*next_us = need == PIOPMD_HEALTH_OK ? PIOPMD_HOUSEKEEPING_US : LINK_RETRY_US;
	/* to a device that is gone nothing is written */
	if (ad->intr_on && need == PIOPMD_HEALTH_OK && ad->health == PIOPMD_HEALTH_OK)
		piopmd_evq_prime(ad, &ad->mgmt_evq);
	/* one report at a time: the next run does the rest */
	if (changed && dev->data->dev_conf.intr_conf.lsc != 0)
		return RTE_ETH_EVENT_INTR_LSC;
	return need == PIOPMD_HEALTH_OK ? RTE_ETH_EVENT_MAX : piopmd_recover_step(dev, need);
}

/*
 * The alarm. It sets itself again as long as the port is started; dev_stop changes the state first
 * and cancels then, so that none is left over. The application is called last of all, because it may
 * close the port: nothing here is touched after that.
 */
static void
housekeeping(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	enum rte_eth_event_type event = RTE_ETH_EVENT_MAX;
	uint64_t next_us = LINK_RETRY_US;

	if (pthread_mutex_trylock(&ad->lock) == 0) {
		event = housekeeping_locked(dev, &next_us);
		pthread_mutex_unlock(&ad->lock);
	}
	if (ad->state == PIOPMD_STARTED && rte_eal_alarm_set(next_us, housekeeping, dev) != 0)
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "cannot set an alarm: link and errors are not "
			       "watched any more");
	if (event != RTE_ETH_EVENT_MAX)
		rte_eth_dev_callback_process(dev, event, NULL);
}

int
piopmd_housekeeping_start(struct rte_eth_dev *dev)
{
	int ret = rte_eal_alarm_set(PIOPMD_HOUSEKEEPING_US, housekeeping, dev);

	if (ret != 0)
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "cannot set an alarm: %s", rte_strerror(-ret));
	return ret;
}

void
piopmd_housekeeping_stop(struct rte_eth_dev *dev)
{
	rte_eal_alarm_cancel(housekeeping, dev);
}

/*
 * Leaves everything to the alarm, at once: a recovery unregisters this handler, and so does an
 * application that closes the port when it is told of a change, and both would wait for its end.
 */
static void
link_intr_handler(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	/* when busy, the alarm comes a little later by itself and arms the interrupt again */
	if (pthread_mutex_trylock(&ad->lock) != 0)
		return;
	if (ad->state == PIOPMD_STARTED && rte_eal_alarm_cancel(housekeeping, dev) >= 0)
		rte_eal_alarm_set(1, housekeeping, dev);
	pthread_mutex_unlock(&ad->lock);
}

/* One vector for each receive queue; they stay over a recovery, since applications wait for them. */
static int
intr_vectors_get(struct rte_eth_dev *dev, struct rte_intr_handle *handle)
{
	uint16_t nb = dev->data->nb_rx_queues;
	uint16_t i;

	if (rte_intr_nb_efd_get(handle) != 0)
		return 0;
	if (rte_intr_cap_multiple(handle) == 0 || rte_intr_efd_enable(handle, nb) != 0) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev),
			       "no interrupt vectors for %u receive queues", nb);
		return -ENOTSUP;
	}
	if (rte_intr_vec_list_alloc(handle, "piopmd_vectors", nb) != 0) {
		rte_intr_efd_disable(handle);
		return -EIO;
	}
	for (i = 0; i < nb; i++)
		rte_intr_vec_list_index_set(handle, i, RTE_INTR_VEC_RXTX_OFFSET + i);
	return 0;
}

static void
intr_vectors_put(struct rte_eth_dev *dev, struct rte_intr_handle *handle)
{
	if (piopmd_adapter_of(dev)->health == PIOPMD_HEALTH_RECOVERING ||
	    rte_intr_nb_efd_get(handle) == 0)
		return;
	rte_intr_efd_disable(handle);
	rte_intr_vec_list_free(handle);
}

int
piopmd_intr_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_intr_handle *handle = piopmd_pci_of(dev)->intr_handle;
	/* EAL asserts that vectors are asked for */
	bool rxq = dev->data->dev_conf.intr_conf.rxq != 0 && dev->data->nb_rx_queues != 0;
	int ret;

	ad->intr_on = false;
	if (rte_intr_type_get(handle) != RTE_INTR_HANDLE_VFIO_MSIX)
		return rxq ? -ENOTSUP : 0;
	if (rxq) {
		ret = intr_vectors_get(dev, handle);
		if (ret != 0)
			return ret;
	}
	if (rte_intr_callback_register(handle, link_intr_handler, dev) != 0)
		goto fail_register;
	if (rte_intr_enable(handle) != 0)
		goto fail_enable;
	ad->intr_on = true;
	piopmd_evq_prime(ad, &ad->mgmt_evq);
	return 0;

fail_enable:
	rte_intr_callback_unregister(handle, link_intr_handler, dev);
fail_register:
	intr_vectors_put(dev, handle);
	PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "cannot enable interrupts");
	return -EIO;
}

void
piopmd_intr_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_intr_handle *handle = piopmd_pci_of(dev)->intr_handle;

	if (ad->intr_on) {
		ad->intr_on = false;
		rte_intr_disable(handle);
		/* the handler only tries the lock, so that waiting for it is safe */
		rte_intr_callback_unregister_sync(handle, link_intr_handler, dev);
	}
	intr_vectors_put(dev, handle);
}

/*
 * The kernel wants the device back. Reported from an alarm and not from the interrupt's callback, so
 * that the application may detach the device right there.
 */
static void
removal_report(void *arg)
{
	struct rte_eth_dev *dev = arg;
	bool split = piopmd_adapter_of(dev)->map.rung == PIOPMD_MAP_RUNG_SPLIT;
	char name[RTE_DEV_NAME_MAX_LEN];

	snprintf(name, sizeof(name), "%s", piopmd_name_of(dev));
	PIOPMD_LOG_DRV(NOTICE, name, "the kernel asks to give the device back: detach it");
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
	/* dev may be gone. For devices that EAL has mapped, EAL reports this by itself */
	if (split)
		rte_dev_event_callback_process(name, RTE_DEV_EVENT_REMOVE);
}

static void
removal_handler(void *arg)
{
	if (rte_eal_alarm_set(1, removal_report, arg) != 0)
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(arg), "cannot report that the device is wanted back");
}

int
piopmd_removal_watch(struct rte_eth_dev *dev)
{
	struct rte_intr_handle *handle = piopmd_pci_of(dev)->vfio_req_intr_handle;

	if (handle == NULL || rte_intr_fd_get(handle) < 0)
		return 0; /* a kernel without the request */
	if (rte_intr_callback_register(handle, removal_handler, dev) != 0) {
		PIOPMD_LOG_INIT(ERR, piopmd_name_of(dev), "cannot watch for removal");
		return -EIO;
	}
	return 0;
}

void
piopmd_removal_unwatch(struct rte_eth_dev *dev)
{
	struct rte_intr_handle *handle = piopmd_pci_of(dev)->vfio_req_intr_handle;

	if (handle != NULL && rte_intr_fd_get(handle) >= 0)
		rte_intr_callback_unregister_sync(handle, removal_handler, dev);
	rte_eal_alarm_cancel(removal_report, dev);
}
