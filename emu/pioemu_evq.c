/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Event queues: write events, prime and raise interrupts. */

#include <string.h>

#include "pioemu_priv.h"

#define EVQ_FLAG_INTERRUPTING	0x001u	/* INIT_EVQ FLAGS */
#define EVQ_FLAG_INT_ARMD	0x004u
#define EVQ_FLAG_RX_MERGE	0x010u
#define EVQ_FLAG_TX_MERGE	0x020u

static struct pioemu_evq *
evq_get(struct pioemu_vf *vf, uint16_t id)
{
	return id < vf->conf.nb_vis && vf->vis[id].evq.active ? &vf->vis[id].evq : NULL;
}

/* Tell the host that an armed queue has events: an interrupt, or a wake-up event on another queue. */
static void
evq_notify(struct pioemu_vf *vf, struct pioemu_evq *evq)
{
	evq->armed = false;
	if (!evq->interrupting) {
		/* the target interrupts; it never is a queue that itself only wakes another */
		struct pioemu_evq *target = evq_get(vf, evq->target);

		if (target != NULL && target->interrupting)
			pioemu_evq_write(vf, evq->target,
				EF10_PUT(EV_CODE, EF10_EV_CODE_DRIVER) |
				EF10_PUT(DRV_EV_SUB_CODE, EF10_DRV_EV_SUB_CODE_WAKE_UP) |
				EF10_PUT(DRV_EV_EVQ_ID, evq->id));
		return;
	}
	if (evq->target >= vf->conf.nb_vectors || vf->ops.irq_raise == NULL)
		return;
	vf->stats.irqs++;
	PIOEMU_TRACE(vf, EVENT, "irq vector=%u evq=%u", evq->target, evq->id);
	vf->ops.irq_raise(vf->conf.host, evq->target);
}

/*
 * One event. An entry the driver has not given back (all ones) is never overwritten: what silicon
 * then does is not known, and a counted loss is what tests can see.
 */
void
pioemu_evq_write(struct pioemu_vf *vf, uint16_t id, uint64_t event)
{
	struct pioemu_evq *evq = evq_get(vf, id);
	uint64_t *slot;

	if (PIOEMU_UNLIKELY(evq == NULL || !pioemu_ring_map(vf, &evq->ring))) {
		vf->stats.events_lost++;
		if (evq != NULL)
			pioemu_violation(vf, PIOEMU_VIOLATION_DMA_UNMAPPED,
				"event queue %u is not mapped", id);
		return;
	}
	slot = pioemu_ring_entry(&evq->ring, (uint32_t)evq->written & (evq->size - 1));
	if (PIOEMU_UNLIKELY(__atomic_load_n(slot, __ATOMIC_RELAXED) != EF10_EVENT_EMPTY)) {
		vf->stats.events_lost++;
		pioemu_violation(vf, PIOEMU_VIOLATION_EVQ_OVERRUN,
			"evq %u entry %u holds 0x%016llx, new 0x%016llx", id,
			(uint32_t)evq->written & (evq->size - 1), (unsigned long long)*slot,
			(unsigned long long)event);
		return;
	}
	PIOEMU_TRACE(vf, EVENT, "event evq=%u idx=%u 0x%016llx", id,
		(uint32_t)evq->written & (evq->size - 1), (unsigned long long)event);
	/* release: whatever the event announces is in memory before it */
	__atomic_store_n(slot, event, __ATOMIC_RELEASE);
	evq->written++;
	if (PIOEMU_UNLIKELY(evq->armed))
		evq_notify(vf, evq);
}

/* An event for the function: goes where LOG_CTRL said, or nowhere. */
void
pioemu_evq_log(struct pioemu_vf *vf, uint64_t event)
{
	if (vf->log_events && evq_get(vf, vf->log_evq) != NULL)
		pioemu_evq_write(vf, vf->log_evq, event);
}

/* EVQ_RPTR was written: the driver has consumed up to value and wants to hear of what follows. */
void
pioemu_evq_rptr(struct pioemu_vf *vf, uint16_t id, uint32_t value)
{
	struct pioemu_evq *evq = evq_get(vf, id);
	uint32_t rptr = (uint32_t)EF10_GET(value, EVQ_RPTR);

	PIOEMU_TRACE(vf, DOORBELL, "evq_rptr evq=%u value=0x%x", id, value);
	if (evq == NULL)
		return;
	if (rptr >= evq->size || value > (EF10_MASK(EVQ_RPTR) | EF10_MASK(EVQ_RPTR_VLD)))
		pioemu_violation(vf, PIOEMU_VIOLATION_EVQ_RPTR, "evq %u of %u entries: 0x%x", id,
			evq->size, value);
	evq->rptr = rptr & (evq->size - 1);
	evq->armed = true;
	if (evq->rptr != ((uint32_t)evq->written & (evq->size - 1)))
		evq_notify(vf, evq);
}

/* Polled BAR: take EVQ_RPTR writes. Equal values count too, hence the exchange. */
void
pioemu_evq_poll(struct pioemu_vf *vf)
{
	uint16_t i;

	for (i = 0; i < vf->nb_ev; i++) {
		uint32_t *reg = pioemu_vf_reg(vf, vf->ev_active[i], EF10_REG_EVQ_RPTR);
		uint32_t value;

		if (__atomic_load_n(reg, __ATOMIC_RELAXED) == PIOEMU_RPTR_IDLE)
			continue;
		value = __atomic_exchange_n(reg, PIOEMU_RPTR_IDLE, __ATOMIC_ACQ_REL);
		pioemu_evq_rptr(vf, vf->ev_active[i], value);
	}
}

/* 0 or MC errno. Arguments have been checked except for the queue's state. */
uint32_t
pioemu_evq_init(struct pioemu_vf *vf, uint16_t id, uint32_t size, uint32_t flags, uint16_t target,
		const uint8_t *addrs)
{
	struct pioemu_evq *evq = &vf->vis[id].evq;

	if (evq->active)
		return EF10_MCDI_ERR_EALREADY;
	memset(evq, 0, sizeof(*evq));
	evq->id = id;
	evq->size = size;
	evq->target = target;
	evq->interrupting = (flags & EVQ_FLAG_INTERRUPTING) != 0;
	evq->armed = (flags & EVQ_FLAG_INT_ARMD) != 0;
	evq->rx_merge = (flags & EVQ_FLAG_RX_MERGE) != 0;
	evq->tx_merge = (flags & EVQ_FLAG_TX_MERGE) != 0;
	pioemu_ring_init(&evq->ring, addrs, EF10_RING_PAGES(size), PIOEMU_DMA_WRITE);
	evq->active = true;
	if (!vf->conf.bar_trapping)
		__atomic_store_n(pioemu_vf_reg(vf, id, EF10_REG_EVQ_RPTR), PIOEMU_RPTR_IDLE,
			__ATOMIC_RELAXED);
	pioemu_list_add(vf->ev_active, &vf->nb_ev, id);
	pioemu_evq_write(vf, id, EF10_PUT(EV_CODE, EF10_EV_CODE_DRIVER) |
		EF10_PUT(DRV_EV_SUB_CODE, EF10_DRV_EV_SUB_CODE_START_UP) |
		EF10_PUT(DRV_EV_EVQ_ID, id));
	return 0;
}

void
pioemu_evq_fini(struct pioemu_vf *vf, uint16_t id)
{
	vf->vis[id].evq.active = false;
	pioemu_list_remove(vf->ev_active, &vf->nb_ev, id);
}
