/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Receive queues: descriptors, prefix, buffers and events. */

#include <string.h>

#include "pioemu_priv.h"

uint32_t
pioemu_rxq_init(struct pioemu_vf *vf, uint16_t vi, uint32_t size, uint16_t evq, uint16_t label,
		uint32_t flags, const uint8_t *addrs)
{
	struct pioemu_rxq *rxq = &vf->vis[vi].rxq;

	if (rxq->active)
		return EF10_MCDI_ERR_EALREADY;
	memset(rxq, 0, sizeof(*rxq));
	rxq->vi = vi;
	rxq->size = size;
	rxq->evq = evq;
	rxq->label = label;
	rxq->prefix = (flags & EF10_INIT_RXQ_FLAGS_PREFIX) != 0;
	rxq->no_scatter = (flags & EF10_INIT_RXQ_FLAGS_DISABLE_SCATTER) != 0;
	pioemu_ring_init(&rxq->ring, addrs, EF10_RING_PAGES(size), PIOEMU_DMA_READ);
	__atomic_store_n(pioemu_vf_reg(vf, vi, EF10_REG_RX_DESC_UPD), 0, __ATOMIC_RELAXED);
	rxq->active = true;
	pioemu_list_add(vf->rx_active, &vf->nb_rx, vi);
	return 0;
}

static void
rxq_flush_events(struct pioemu_vf *vf, struct pioemu_rxq *rxq)
{
	uint32_t data = (uint32_t)EF10_PUT(MCDI_EV_RX_FLUSH_RXQ, rxq->vi);

	pioemu_evq_write(vf, rxq->evq, ef10_mcdi_ev(EF10_MCDI_EV_CODE_RX_FLUSH, data));
	if (vf->vis[0].evq.active)
		pioemu_evq_write(vf, 0, ef10_mcdi_ev(EF10_MCDI_EV_CODE_RX_FLUSH,
			data | (uint32_t)EF10_PUT(MCDI_EV_RX_FLUSH_TO_DRIVER, 1)));
}

void
pioemu_rxq_fini(struct pioemu_vf *vf, uint16_t vi, bool event)
{
	struct pioemu_rxq *rxq = &vf->vis[vi].rxq;

	if (!rxq->active)
		return;
	if (event) {
		pioemu_rxq_flush(vf);
		rxq_flush_events(vf, rxq);
	}
	rxq->active = false;
	pioemu_list_remove(vf->rx_active, &vf->nb_rx, vi);
	pioemu_list_remove(vf->rx_dirty, &vf->nb_rx_dirty, vi);
}

void
pioemu_rxq_error(struct pioemu_vf *vf, struct pioemu_rxq *rxq, uint8_t type)
{
	uint64_t event = ef10_mcdi_ev(EF10_MCDI_EV_CODE_RX_ERR,
		(uint32_t)(EF10_PUT(MCDI_EV_RX_ERR_RXQ, rxq->vi) |
			EF10_PUT(MCDI_EV_RX_ERR_TYPE, type)));

	if (!rxq->active)
		return;
	pioemu_rxq_flush(vf);
	vf->vis[rxq->vi].stats.rx_errors++;
	PIOEMU_TRACE(vf, FAULT, "rx_err vi=%u type=%u", rxq->vi, type);
	pioemu_evq_write(vf, rxq->evq, event);
	rxq_flush_events(vf, rxq);
	pioemu_rxq_fini(vf, rxq->vi, false);
	rxq->dead = true;
}

/* The write pointer was written (trapping), or is looked at because a frame came (polled). */
void
pioemu_rxq_doorbell(struct pioemu_vf *vf, struct pioemu_rxq *rxq, uint32_t value)
{
	uint32_t delta;

	value &= (uint32_t)EF10_MASK(RX_DESC_WPTR);
	if (value == rxq->wptr)
		return;
	if (PIOEMU_UNLIKELY(value >= rxq->size)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_WPTR_RANGE, "rxq %u: %u of %u", rxq->vi, value,
			rxq->size);
		rxq->wptr = value;
		return;
	}
	if (PIOEMU_UNLIKELY(value % EF10_RX_DESC_WPTR_ALIGN != 0)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_RX_WPTR, "rxq %u: %u", rxq->vi, value);
		value -= value % EF10_RX_DESC_WPTR_ALIGN;
	}
	delta = (value - rxq->wptr) & (rxq->size - 1);
	if (PIOEMU_UNLIKELY(rxq->added + delta - rxq->used >= rxq->size))
		pioemu_violation(vf, PIOEMU_VIOLATION_RX_OVERRUN, "rxq %u: %u announced, %u of %u unused",
			rxq->vi, delta, rxq->added - rxq->used, rxq->size);
	PIOEMU_TRACE(vf, DOORBELL, "rx_doorbell vi=%u wptr=%u new=%u", rxq->vi, value, delta);
	rxq->wptr = value;
	rxq->added += delta;
}

/* Descriptors the adapter may use now. */
static uint32_t
rxq_avail(struct pioemu_vf *vf, struct pioemu_rxq *rxq)
{
	if (!vf->conf.bar_trapping)
		pioemu_rxq_doorbell(vf, rxq, __atomic_load_n(pioemu_vf_reg(vf, rxq->vi,
			EF10_REG_RX_DESC_UPD), __ATOMIC_ACQUIRE));
	return rxq->added - rxq->used;
}

static uint64_t
rxq_desc(struct pioemu_rxq *rxq, uint32_t at)
{
	return __atomic_load_n(pioemu_ring_entry(&rxq->ring, at & (rxq->size - 1)),
		__ATOMIC_RELAXED);
}

/*
 * How many descriptors a frame takes, prefix included; 0: there are not enough, UINT32_MAX: the ring
 * or a descriptor is unusable.
 */
static uint32_t
rxq_count(struct pioemu_vf *vf, struct pioemu_rxq *rxq, uint32_t bytes)
{
	uint32_t avail = rxq_avail(vf, rxq), nb = 0;

	if (avail == 0)
		return 0;
	if (!pioemu_ring_map(vf, &rxq->ring)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_DMA_UNMAPPED, "ring of rxq %u is not mapped",
			rxq->vi);
		return UINT32_MAX;
	}
	while (bytes > 0) {
		uint64_t desc;
		uint32_t len;

		if (nb == avail)
			return 0;
		desc = rxq_desc(rxq, rxq->used + nb);
		len = (uint32_t)EF10_GET(desc, RX_DMA_LEN);
		if (PIOEMU_UNLIKELY(len <= EF10_RX_PREFIX_LEN ||
				    EF10_GET(desc, RX_DMA_RESERVED) != 0)) {
			pioemu_violation(vf, PIOEMU_VIOLATION_RX_DESC, "rxq %u idx %u: 0x%016llx",
				rxq->vi, (rxq->used + nb) & (rxq->size - 1),
				(unsigned long long)desc);
			return UINT32_MAX;
		}
		bytes -= len < bytes ? len : bytes;
		nb++;
	}
	return nb;
}

/* Is there room for a frame of len bytes? A queue that can never take it has room: it drops. */
bool
pioemu_rxq_has_room(struct pioemu_vf *vf, uint16_t vi, uint32_t len)
{
	struct pioemu_rxq *rxq = &vf->vis[vi].rxq;

	if (!rxq->active)
		return true;
	return rxq_count(vf, rxq, len + (rxq->prefix ? EF10_RX_PREFIX_LEN : 0)) != 0;
}

static void
rxq_prefix(uint8_t *prefix, const struct pioemu_pkt *pkt, uint32_t hash)
{
	memset(prefix, 0, EF10_RX_PREFIX_LEN);
	ef10_le32_put(prefix + EF10_RX_PREFIX_HASH_OFST, hash);
	if (pkt->nb_vlan > 0) {
		prefix[EF10_RX_PREFIX_VLAN_OUTER_OFST] = (uint8_t)(pkt->vlan[0] >> 8);
		prefix[EF10_RX_PREFIX_VLAN_OUTER_OFST + 1] = (uint8_t)pkt->vlan[0];
	}
	if (pkt->nb_vlan > 1) {
		prefix[EF10_RX_PREFIX_VLAN_INNER_OFST] = (uint8_t)(pkt->vlan[1] >> 8);
		prefix[EF10_RX_PREFIX_VLAN_INNER_OFST + 1] = (uint8_t)pkt->vlan[1];
	}
	ef10_le16_put(prefix + EF10_RX_PREFIX_PKT_LEN_OFST, (uint16_t)pkt->len);
}

/* Write the merged event of a queue. LBITS tells how many descriptors are done in all. */
static void
rxq_write_event(struct pioemu_vf *vf, struct pioemu_rxq *rxq)
{
	if (rxq->merged == 0)
		return;
	rxq->merged = 0;
	vf->vis[rxq->vi].stats.rx_events++;
	pioemu_evq_write(vf, rxq->evq, rxq->event |
		EF10_PUT(RX_EV_DSC_PTR_LBITS, rxq->used & 15));
}

void
pioemu_rxq_flush(struct pioemu_vf *vf)
{
	uint16_t i;

	for (i = 0; i < vf->nb_rx_dirty; i++)
		rxq_write_event(vf, &vf->vis[vf->rx_dirty[i]].rxq);
	vf->nb_rx_dirty = 0;
}

/* A whole frame in one buffer: may share the event of those before it if all classes are equal. */
static void
rxq_event(struct pioemu_vf *vf, struct pioemu_rxq *rxq, uint64_t event, uint32_t bytes)
{
	uint64_t classes = EF10_MASK(RX_EV_BYTES);
	uint32_t max = vf->vis[rxq->evq].evq.rx_merge ? vf->conf.rx_merge_max : 1;

	if (rxq->merged != 0 && ((rxq->event ^ event) & ~classes) != 0) {
		/* the event must not count the descriptor just used */
		rxq->used--;
		rxq_write_event(vf, rxq);
		rxq->used++;
	}
	if (rxq->merged == 0)
		pioemu_list_add(vf->rx_dirty, &vf->nb_rx_dirty, rxq->vi);
	rxq->event = (event & ~classes) | EF10_PUT(RX_EV_BYTES, bytes);
	rxq->merged++;
	if (rxq->merged >= max)
		rxq_write_event(vf, rxq);
}

/* Fill nb buffers. false: memory was not there */
static bool
rxq_fill(struct pioemu_vf *vf, struct pioemu_rxq *rxq, const struct pioemu_pkt *pkt, uint32_t hash,
	 uint64_t event, uint32_t nb)
{
	uint32_t prefix = rxq->prefix ? EF10_RX_PREFIX_LEN : 0, done = 0, i;
	uint8_t head[EF10_RX_PREFIX_LEN];

	rxq_prefix(head, pkt, hash);
	if (nb > 1)
		rxq_write_event(vf, rxq);
	for (i = 0; i < nb; i++) {
		uint64_t desc = rxq_desc(rxq, rxq->used);
		uint64_t addr = EF10_GET(desc, RX_DMA_ADDR);
		uint32_t room = (uint32_t)EF10_GET(desc, RX_DMA_LEN);
		uint32_t part, bytes;

		if (i != 0)
			prefix = 0;
		/* the driver may have changed the descriptor meanwhile: never trust it twice */
		if (room < prefix)
			return false;
		part = room - prefix < pkt->len - done ? room - prefix : pkt->len - done;
		bytes = prefix + part;
		PIOEMU_TRACE(vf, DESC, "rx_desc vi=%u idx=%u 0x%016llx bytes=%u", rxq->vi,
			rxq->used & (rxq->size - 1), (unsigned long long)desc, bytes);
		uint8_t *to = pioemu_dma_ptr(vf, addr, bytes, PIOEMU_DMA_WRITE);

		if (PIOEMU_LIKELY(to != NULL)) {
			if (prefix != 0)
				memcpy(to, head, EF10_RX_PREFIX_LEN);
			pioemu_dma_copy(to + prefix, pkt->data + done, part);
		} else if (!pioemu_dma_write(vf, addr, head, prefix) ||
			   !pioemu_dma_write(vf, addr + prefix, pkt->data + done, part)) {
			return false;
		}
		done += part;
		rxq->used++;
		if (nb == 1) {
			rxq_event(vf, rxq, event, bytes);
			break;
		}
		vf->vis[rxq->vi].stats.rx_events++;
		pioemu_evq_write(vf, rxq->evq, event | EF10_PUT(RX_EV_BYTES, bytes) |
			EF10_PUT(RX_EV_CONT, i + 1 < nb) |
			EF10_PUT(RX_EV_DSC_PTR_LBITS, rxq->used & 15));
	}
	return true;
}

/* One frame into one queue. event: its classes and error bits. */
enum pioemu_rx_result
pioemu_rxq_deliver(struct pioemu_vf *vf, uint16_t vi, const struct pioemu_pkt *pkt, uint32_t hash,
		   uint64_t event)
{
	struct pioemu_rxq *rxq = &vf->vis[vi].rxq;
	struct pioemu_stats *stats = &vf->vis[vi].stats;
	uint32_t nb;

	if (!rxq->active) {
		stats->rx_drop_filter++;
		return PIOEMU_RX_FILTERED;
	}
	nb = rxq_count(vf, rxq, pkt->len + (rxq->prefix ? EF10_RX_PREFIX_LEN : 0));
	if (nb == 0) {
		stats->rx_drop_nodesc++;
		return PIOEMU_RX_NODESC;
	}
	if (nb == UINT32_MAX) {
		pioemu_rxq_error(vf, rxq, EF10_MCDI_EV_TX_ERR_DL_FAIL);
		return PIOEMU_RX_FILTERED;
	}
	if (nb > 1 && rxq->no_scatter) {
		stats->rx_drop_trunc++;
		return PIOEMU_RX_TOO_LONG;
	}
	event |= EF10_PUT(RX_EV_QLABEL, rxq->label);
	if (!rxq_fill(vf, rxq, pkt, hash, event, nb)) {
		pioemu_rxq_error(vf, rxq, EF10_MCDI_EV_TX_ERR_BAD_DMA_OR_PIO);
		return PIOEMU_RX_FILTERED;
	}
	stats->rx_frames++;
	stats->rx_bytes += pkt->len;
	return PIOEMU_RX_OK;
}
