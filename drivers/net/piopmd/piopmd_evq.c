/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include "piopmd.h"
#include "piopmd_io.h"

#define EVQ_SPIN_US	20u	/* polled without a pause first */
#define EVQ_PAUSE_US	50u

int
piopmd_evq_setup(struct rte_eth_dev *dev, struct piopmd_evq *evq, const char *zone,
		 uint16_t queue_id, uint32_t nb_entries, int socket_id)
{
	const struct rte_memzone *mz;

	mz = rte_eth_dma_zone_reserve(dev, zone, queue_id, nb_entries * EF10_EVENT_SIZE,
				      EF10_DMA_PAGE_SIZE, socket_id);
	if (mz == NULL) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "no memory for an event queue");
		return -ENOMEM;
	}
	memset(evq, 0, sizeof(*evq));
	evq->mz = mz;
	evq->ring = mz->addr;
	evq->nb_entries = nb_entries;
	evq->queue_id = queue_id;
	return 0;
}

void
piopmd_evq_release(struct rte_eth_dev *dev, struct piopmd_evq *evq, const char *zone)
{
	if (evq->mz != NULL)
		rte_eth_dma_zone_free(dev, zone, evq->queue_id);
	evq->mz = NULL;
	evq->ring = NULL;
}

int
piopmd_evq_start(struct piopmd_adapter *ad, struct piopmd_evq *evq, uint16_t index,
		 const struct piopmd_evq_intr *intr)
{
	const struct piopmd_cmd_evq cmd = {
		.ring = { .iova = evq->mz->iova, .nb_entries = evq->nb_entries },
		.index = index,
		.v2 = (ad->caps.flags2 & EF10_GET_CAPABILITIES_FLAGS2_INIT_EVQ_V2) != 0,
		.interrupting = intr->on,
		.vector = intr->vector,
		.target = PIOPMD_EVQ_MGMT,
	};
	int ret;

	memset(evq->ring, 0xff, (size_t)evq->nb_entries * EF10_EVENT_SIZE);
	evq->read_ptr = 0;
	evq->start_up = false;
	evq->flushed = false;
	evq->index = index;

	ret = piopmd_cmd_evq_init(&ad->mcdi, &cmd);
	if (ret != 0)
		return ret;
	evq->started = true;
	ret = piopmd_evq_wait(ad, evq, &evq->start_up, PIOPMD_EVQ_START_UP_US);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, ad->mcdi.name, "event queue %u does not come up", index);
		piopmd_evq_stop(ad, evq);
	}
	return ret;
}

void
piopmd_evq_stop(struct piopmd_adapter *ad, struct piopmd_evq *evq)
{
	if (evq->started && ad->mcdi.state == PIOPMD_MCDI_READY)
		piopmd_cmd_evq_fini(&ad->mcdi, evq->index);
	evq->started = false;
}

static void
evq_mcdi_event(struct piopmd_adapter *ad, struct piopmd_evq *evq, uint64_t ev)
{
	uint32_t code = (uint32_t)EF10_GET(ev, MCDI_EV_CODE);

	switch (code) {
	case EF10_MCDI_EV_CODE_LINKCHANGE:
	case EF10_MCDI_EV_CODE_LINKCHANGE_V2:
		ad->link_changed = true;
		break;
	case EF10_MCDI_EV_CODE_TX_FLUSH:
		/* a second copy comes to the management queue */
		evq->flushed |= EF10_GET(ev, MCDI_EV_TX_FLUSH_TO_DRIVER) == 0;
		break;
	case EF10_MCDI_EV_CODE_RX_FLUSH:
		evq->flushed |= EF10_GET(ev, MCDI_EV_RX_FLUSH_TO_DRIVER) == 0;
		break;
	case EF10_MCDI_EV_CODE_TX_ERR:
	case EF10_MCDI_EV_CODE_RX_ERR:
	case EF10_MCDI_EV_CODE_MC_REBOOT:
	case EF10_MCDI_EV_CODE_BADSSERT:
		if (!ad->recovery_wanted)
			PIOPMD_LOG_DRV(NOTICE, ad->mcdi.name, "event %s (%#" PRIx64 ") on event queue %u",
				       ef10_mcdi_ev_name(code), ev, evq->index);
		ad->recovery_wanted = true;
		break;
	default:
		PIOPMD_LOG_DRV(DEBUG, ad->mcdi.name, "event %s (%#" PRIx64 ")",
			       ef10_mcdi_ev_name(code), ev);
		break;
	}
}

static void
evq_event(struct piopmd_adapter *ad, struct piopmd_evq *evq, uint64_t ev)
{
	switch (EF10_GET(ev, EV_CODE)) {
	case EF10_EV_CODE_MCDI:
		evq_mcdi_event(ad, evq, ev);
		break;
	case EF10_EV_CODE_DRIVER:
		if (EF10_GET(ev, DRV_EV_SUB_CODE) == EF10_DRV_EV_SUB_CODE_START_UP)
			evq->start_up = true;
		break;
	case EF10_EV_CODE_RX:
	case EF10_EV_CODE_TX:
		/* of a queue that is being stopped: what it completes is purged in one go */
		break;
	default:
		PIOPMD_LOG_DRV(DEBUG, ad->mcdi.name, "unknown event %#" PRIx64, ev);
		break;
	}
}

static uint64_t *
evq_entry(const struct piopmd_evq *evq, uint32_t read_ptr)
{
	return &evq->ring[read_ptr & (evq->nb_entries - 1)];
}

static uint64_t
evq_entry_read(const uint64_t *entry)
{
	return rte_le_to_cpu_64(*(const volatile uint64_t *)entry);
}

/* One lap at most: a device that writes as fast as this reads must not keep the caller for ever. */
void
piopmd_evq_poll(struct piopmd_adapter *ad, struct piopmd_evq *evq)
{
	uint64_t *entry;
	uint64_t ev;
	uint32_t i;

	for (i = 0; i < evq->nb_entries; i++) {
		entry = evq_entry(evq, evq->read_ptr);
		ev = evq_entry_read(entry);
		if (!ef10_event_present(ev))
			break;
		*entry = EF10_EVENT_EMPTY;
		evq->read_ptr++;
		evq_event(ad, evq, ev);
	}
}

int
piopmd_evq_wait(struct piopmd_adapter *ad, struct piopmd_evq *evq, const bool *flag,
		uint32_t timeout_us)
{
	uint64_t start = rte_get_timer_cycles();
	uint64_t hz = rte_get_timer_hz();
	uint64_t waited;

	for (;;) {
		piopmd_evq_poll(ad, evq);
		if (*flag)
			return 0;
		waited = (rte_get_timer_cycles() - start) * US_PER_S / hz;
		if (waited > timeout_us)
			return -ETIMEDOUT;
		if (waited > EVQ_SPIN_US)
			rte_delay_us_sleep(EVQ_PAUSE_US);
		else
			rte_pause();
	}
}

void
piopmd_evq_prime(struct piopmd_adapter *ad, const struct piopmd_evq *evq)
{
	piopmd_io_evq_prime(piopmd_vi_base(ad, evq->index), evq->read_ptr & (evq->nb_entries - 1),
			    ad->limits.evq_indirect);
}
