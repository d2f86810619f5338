/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Transmit queues: doorbells, descriptors, frames. Completions: pioemu_txdone.c. */

#include <stdlib.h>
#include <string.h>

#include "pioemu_priv.h"

#define TX_FRAME_MAX	PIOEMU_FRAME_MAX

uint32_t
pioemu_txq_init(struct pioemu_vf *vf, uint16_t vi, uint32_t size, uint16_t evq, uint16_t label,
		uint32_t flags, const uint8_t *addrs)
{
	struct pioemu_txq *txq = &vf->vis[vi].txq;

	if (txq->active)
		return EF10_MCDI_ERR_EALREADY;
	memset(txq, 0, sizeof(*txq));
	txq->done = calloc(size, sizeof(*txq->done));
	txq->seen = calloc(size, sizeof(*txq->seen));
	if (txq->done == NULL || txq->seen == NULL) {
		free(txq->done);
		free(txq->seen);
		txq->done = NULL;
		txq->seen = NULL;
		return EF10_MCDI_ERR_ENOMEM;
	}
	txq->vi = vi;
	txq->size = size;
	txq->evq = evq;
	txq->label = label;
	if ((flags & EF10_INIT_TXQ_FLAGS_IP_CSUM_DIS) == 0)
		txq->option |= EF10_TX_CSUM_FLAG_IP;
	if ((flags & EF10_INIT_TXQ_FLAGS_TCP_CSUM_DIS) == 0)
		txq->option |= EF10_TX_CSUM_FLAG_UDP_TCP;
	txq->tso.enabled = (flags & EF10_INIT_TXQ_FLAGS_TSOV2_EN) != 0;
	pioemu_ring_init(&txq->ring, addrs, EF10_RING_PAGES(size), PIOEMU_DMA_READ);
	/* a stale write pointer of the VI's last life must not look like a doorbell */
	__atomic_store_n(pioemu_vf_reg(vf, vi, EF10_REG_TX_DESC_UPD_WPTR), 0, __ATOMIC_RELAXED);
	txq->active = true;
	pioemu_list_add(vf->tx_active, &vf->nb_tx, vi);
	return 0;
}

static void
txq_flush_events(struct pioemu_vf *vf, struct pioemu_txq *txq)
{
	uint32_t data = (uint32_t)EF10_PUT(MCDI_EV_TX_FLUSH_TXQ, txq->vi);

	pioemu_evq_write(vf, txq->evq, ef10_mcdi_ev(EF10_MCDI_EV_CODE_TX_FLUSH, data));
	if (vf->vis[0].evq.active)
		pioemu_evq_write(vf, 0, ef10_mcdi_ev(EF10_MCDI_EV_CODE_TX_FLUSH,
			data | (uint32_t)EF10_PUT(MCDI_EV_TX_FLUSH_TO_DRIVER, 1)));
}

/* Frames that left are completed, the rest of the ring is dropped, then the flush is told. */
void
pioemu_txq_fini(struct pioemu_vf *vf, uint16_t vi, bool event)
{
	struct pioemu_txq *txq = &vf->vis[vi].txq;

	if (!txq->active)
		return;
	if (event) {
		pioemu_txdone_service(vf, txq, true);
		txq_flush_events(vf, txq);
	}
	txq->active = false;
	pioemu_list_remove(vf->tx_active, &vf->nb_tx, vi);
	free(txq->done);
	free(txq->seen);
	txq->done = NULL;
	txq->seen = NULL;
	if (vf->conf.pio_link_strict && vf->vis[vi].pio >= 0)
		pioemu_pio_unlink(vf, vi);
}

/*
 * The adapter gives up on the queue: error event, then the flush it does by itself, and the queue is gone
 * (libefx ef10_ev.c: the firmware destroys it after the flush event). The error event goes to the queue's
 * own event queue only: there ef_vi looks for it, and on event queue 0 net_sfc would panic.
 */
void
pioemu_txq_error(struct pioemu_vf *vf, struct pioemu_txq *txq, uint8_t type)
{
	uint64_t event = ef10_mcdi_ev(EF10_MCDI_EV_CODE_TX_ERR,
		(uint32_t)(EF10_PUT(MCDI_EV_TX_ERR_TXQ, txq->vi) |
			EF10_PUT(MCDI_EV_TX_ERR_TYPE, type)));

	if (!txq->active)
		return;
	vf->vis[txq->vi].stats.tx_errors++;
	PIOEMU_TRACE(vf, FAULT, "tx_err vi=%u type=%u", txq->vi, type);
	pioemu_evq_write(vf, txq->evq, event);
	txq_flush_events(vf, txq);
	pioemu_txq_fini(vf, txq->vi, false);
	txq->dead = true;
}

/* The clock after everything that was read before; by itself it waits for nothing. */
static uint64_t
txq_now(const struct pioemu_vf *vf)
{
#if defined(__x86_64__)
	__builtin_ia32_lfence();
#endif
	return pioemu_time_now(vf->nic);
}

/*
 * See whether the doorbell rang. Polled BAR: the register is memory, and only a changed value shows;
 * the pushed copy is one 16-byte store together with it, but loses to a later 4-byte store, so it is
 * believed only when it equals the one new descriptor.
 */
static void
txq_doorbell(struct pioemu_vf *vf, struct pioemu_txq *txq)
{
	struct pioemu_stats *stats = &vf->vis[txq->vi].stats;
	bool stamped = vf->nic->timed || vf->stamps != NULL;
	bool has_push = false;
	uint64_t push = 0, seen;
	uint32_t value, delta, i;

	if (vf->conf.bar_trapping) {
		if (!txq->doorbell)
			return;
		txq->doorbell = false;
		value = txq->wptr_new;
		has_push = txq->has_push;
		push = txq->push;
	} else {
		/* pairs with the driver's barrier between its ring stores and its doorbell */
		value = __atomic_load_n(pioemu_vf_reg(vf, txq->vi, EF10_REG_TX_DESC_UPD_WPTR),
			__ATOMIC_ACQUIRE) & (uint32_t)EF10_MASK(TX_DESC_WPTR);
		if (value == txq->wptr)
			return;
	}
	value &= (uint32_t)EF10_MASK(TX_DESC_WPTR);
	if (PIOEMU_UNLIKELY(value >= txq->size)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_WPTR_RANGE, "txq %u: %u of %u", txq->vi, value,
			txq->size);
		txq->wptr = value;
		return;
	}
	/* before anything else is waited for */
	seen = PIOEMU_UNLIKELY(stamped) ? txq_now(vf) & ~1ull : 0;
	delta = (value - txq->wptr) & (txq->size - 1);
	txq->wptr = value;
	stats->tx_doorbells++;
	if (txq->added + delta - txq->signalled >= txq->size)
		pioemu_violation(vf, PIOEMU_VIOLATION_TX_OVERRUN,
			"txq %u: %u announced, %u of %u not yet completed", txq->vi, delta,
			txq->added - txq->signalled, txq->size);
	if (PIOEMU_UNLIKELY(stamped) && !vf->conf.bar_trapping && delta == 1) {
		uint64_t *reg = (uint64_t *)(void *)pioemu_vf_reg(vf, txq->vi,
			EF10_REG_TX_DESC_UPD);

		/* taken away, so that the next 4-byte doorbell does not inherit it */
		push = __atomic_exchange_n(reg, 0, __ATOMIC_RELAXED);
		has_push = push != 0;
	}
	if (has_push && delta == 1 && pioemu_ring_map(vf, &txq->ring) &&
	    *pioemu_ring_entry(&txq->ring, txq->added & (txq->size - 1)) == push)
		stats->tx_pushes++;
	else
		has_push = false;
	if (PIOEMU_UNLIKELY(stamped)) {
		seen |= has_push;
		for (i = 0; i < delta; i++)
			txq->seen[(txq->added + i) & (txq->size - 1)] = seen;
	}
	PIOEMU_TRACE(vf, DOORBELL, "tx_doorbell vi=%u wptr=%u new=%u%s", txq->vi, value, delta,
		has_push ? " push" : "");
	txq->added += delta;
	txq->wait_more = false;
}

/* Sticky options. false: no such option on this adapter */
static bool
txq_option(struct pioemu_vf *vf, struct pioemu_txq *txq, uint64_t desc)
{
	uint32_t nb;

	switch (EF10_GET(desc, TX_OPT_TYPE)) {
	case EF10_TX_OPT_TYPE_CSUM:
		txq->option = (uint32_t)desc & EF10_TX_CSUM_FLAGS_ALL;
		return true;
	case EF10_TX_OPT_TYPE_VLAN:
		nb = (uint32_t)EF10_GET(desc, TX_VLAN_OP);
		if ((vf->caps1 & EF10_GET_CAPABILITIES_FLAGS1_TX_VLAN_INSERTION) == 0 || nb > 2)
			return false;
		txq->vlan_nb = nb;
		txq->vlan_tci[0] = (uint16_t)EF10_GET(desc, TX_VLAN_TAG1);
		txq->vlan_tci[1] = (uint16_t)EF10_GET(desc, TX_VLAN_TAG2);
		return true;
	case EF10_TX_OPT_TYPE_TSO:
		return pioemu_tso_option(&txq->tso, desc);
	default:
		return false;
	}
}

/* Tags go behind the MAC addresses. */
static uint32_t
txq_vlan_insert(struct pioemu_txq *txq, uint8_t *frame, uint32_t len)
{
	uint32_t i;

	if (len < 14)
		return len;
	memmove(frame + 12 + 4 * txq->vlan_nb, frame + 12, len - 12);
	for (i = 0; i < txq->vlan_nb; i++) {
		uint8_t *tag = frame + 12 + 4 * i;

		tag[0] = 0x81;
		tag[1] = 0x00;
		tag[2] = (uint8_t)(txq->vlan_tci[i] >> 8);
		tag[3] = (uint8_t)txq->vlan_tci[i];
	}
	return len + 4 * txq->vlan_nb;
}

static enum pioemu_txq_step
txq_fail(struct pioemu_vf *vf, struct pioemu_txq *txq, uint8_t type)
{
	pioemu_txq_error(vf, txq, type);
	return PIOEMU_TXQ_DEAD;
}

/* Append one DMA segment. false: the frame is too long, or memory is not there (*type says which) */
static bool
txq_segment(struct pioemu_vf *vf, struct pioemu_txq *txq, uint64_t desc, uint32_t *len,
	    uint8_t *type)
{
	uint32_t max = txq->tso.options != 0 ? PIOEMU_TSO_MAX : TX_FRAME_MAX;
	uint32_t n = (uint32_t)EF10_GET(desc, TX_DMA_LEN);

	if (PIOEMU_UNLIKELY(n == 0)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_TX_DESC, "txq %u: length 0 in 0x%016llx",
			txq->vi, (unsigned long long)desc);
		*type = EF10_MCDI_EV_TX_ERR_BAD_DMA_OR_PIO;
		return false;
	}
	if (PIOEMU_UNLIKELY(*len + n > max)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_TX_TOO_LONG, "txq %u: %u bytes or more",
			txq->vi, *len + n);
		*type = EF10_MCDI_EV_TX_ERR_2BIG;
		return false;
	}
	if (PIOEMU_UNLIKELY(!pioemu_dma_read(vf, EF10_GET(desc, TX_DMA_ADDR), vf->frame + *len, n))) {
		*type = EF10_MCDI_EV_TX_ERR_BAD_DMA_OR_PIO;
		return false;
	}
	*len += n;
	return true;
}

/*
 * Collect the frame that starts at fetched in vf->frame. PIOEMU_TXQ_FRAME: *end is the counter behind it
 * and *kind what it is made of.
 */
static enum pioemu_txq_step
txq_gather(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t *end, uint32_t *len,
	   enum pioemu_tx_kind *kind)
{
	uint32_t at = txq->fetched;
	uint8_t type = 0;
	bool more;

	*len = 0;
	*kind = vf->conf.tx_recheck ? PIOEMU_TX_DMA : PIOEMU_TX_PLAIN;
	do {
		uint64_t desc;

		if (PIOEMU_UNLIKELY(at == txq->added)) {
			/* the rest has not been announced; with a full ring it never will be */
			if (at - txq->signalled >= txq->size - 1) {
				pioemu_violation(vf, PIOEMU_VIOLATION_TX_NO_EOP,
					"txq %u: frame of %u descriptors or more", txq->vi,
					at - txq->fetched);
				return txq_fail(vf, txq, EF10_MCDI_EV_TX_ERR_NO_EOP);
			}
			txq->wait_more = true;
			return PIOEMU_TXQ_IDLE;
		}
		desc = __atomic_load_n(pioemu_ring_entry(&txq->ring, at & (txq->size - 1)),
			__ATOMIC_RELAXED);
		if (!txq->retry)
			PIOEMU_TRACE(vf, DESC, "tx_desc vi=%u idx=%u 0x%016llx", txq->vi,
				at & (txq->size - 1), (unsigned long long)desc);
		at++;
		if (EF10_GET(desc, TX_IS_OPT) == 0) {
			if (!txq_segment(vf, txq, desc, len, &type))
				return txq_fail(vf, txq, type);
			more = EF10_GET(desc, TX_DMA_CONT) != 0;
		} else if (EF10_GET(desc, TX_OPT_TYPE) == EF10_TX_OPT_TYPE_PIO) {
			*kind = PIOEMU_TX_PIO;
			if (*len + EF10_TX_PIO_LEN_MAX > TX_FRAME_MAX ||
			    !pioemu_pio_read(vf, txq, desc, vf->frame, len))
				return txq_fail(vf, txq, EF10_MCDI_EV_TX_ERR_BAD_DMA_OR_PIO);
			more = EF10_GET(desc, TX_PIO_CONT) != 0;
		} else if (at == txq->fetched + 1) {
			if (!txq_option(vf, txq, desc)) {
				pioemu_violation(vf, PIOEMU_VIOLATION_TX_DESC,
					"txq %u: option 0x%016llx", txq->vi,
					(unsigned long long)desc);
				return txq_fail(vf, txq, EF10_MCDI_EV_TX_BAD_OPTDESC);
			}
			*kind = PIOEMU_TX_OPTION;
			break;
		} else {
			pioemu_violation(vf, PIOEMU_VIOLATION_TX_DESC,
				"txq %u: option 0x%016llx inside of a frame", txq->vi,
				(unsigned long long)desc);
			return txq_fail(vf, txq, EF10_MCDI_EV_TX_OPT_IN_PKT);
		}
		if (at == txq->fetched + 1)
			txq->tso.hdr_len = *len;
	} while (more);
	*end = at;
	return PIOEMU_TXQ_FRAME;
}

/*
 * Model time: when the whole frame would be in the device. Pushed and programmed frames save the read
 * of their descriptor, programmed ones also that of their payload.
 */
static uint64_t
txq_arrival(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t len, enum pioemu_tx_kind kind)
{
	const struct pioemu_nic *nic = vf->nic;
	const struct pioemu_time_params *t = &nic->conf.time;
	uint64_t seen = txq->seen[txq->fetched & (txq->size - 1)];
	uint64_t at = (seen & ~1ull) + pioemu_time_ticks(nic, t->posted_ns);

	if ((seen & 1) == 0)
		at += pioemu_time_dma_read(nic, EF10_DESC_SIZE);
	if (kind == PIOEMU_TX_PIO)
		return at + pioemu_time_ticks(nic, t->fence_ns +
			(uint64_t)t->line_ns * ((len + 63) / 64));
	return at + pioemu_time_dma_read(nic, len);
}

static void
txq_stamp(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t len, enum pioemu_tx_kind kind,
	  uint64_t arrived)
{
	uint64_t seen = txq->seen[txq->fetched & (txq->size - 1)];
	struct pioemu_stamp *stamp = &vf->stamps[vf->stamps_head % vf->stamps_room];

	stamp->seen = seen & ~1ull;
	stamp->done = arrived;
	stamp->seq = txq->seq;
	stamp->vi = txq->vi;
	stamp->len = (uint16_t)len;
	stamp->pio = kind == PIOEMU_TX_PIO;
	stamp->pushed = (seen & 1) != 0;
	vf->stamps_head++;
	if (vf->stamps_head - vf->stamps_tail > vf->stamps_room)
		vf->stamps_tail = vf->stamps_head - vf->stamps_room;
}

/*
 * Tag and send what was built in "frame", which is built anew when it has to wait. The wires may want it
 * later; the sender waits with it, for a while.
 */
enum pioemu_txq_step
pioemu_txq_emit(struct pioemu_vf *vf, struct pioemu_txq *txq, uint8_t *frame, uint32_t len)
{
	struct pioemu_stats *stats = &vf->vis[txq->vi].stats;

	if (PIOEMU_UNLIKELY(txq->vlan_nb != 0))
		len = txq_vlan_insert(txq, frame, len);
	switch (pioemu_wire_out(vf, txq->vi, &txq->wire_done, frame, len)) {
	case PIOEMU_WIRE_TAKEN:
		break;
	case PIOEMU_WIRE_HELD:
		return PIOEMU_TXQ_WAIT;
	case PIOEMU_WIRE_WAIT:
		if (txq->stall_until == 0)
			txq->stall_until = vf->nic->now + pioemu_time_ticks(vf->nic,
				PIOEMU_STALL_MS * 1000000ull);
		if (vf->nic->now < txq->stall_until)
			return PIOEMU_TXQ_WAIT;
		vf->stats.wire_drops++;
		break;
	}
	txq->stall_until = 0;
	txq->wire_done = 0;
	stats->tx_frames++;
	stats->tx_bytes += len;
	return PIOEMU_TXQ_FRAME;
}

/* Checksums, then out. */
static enum pioemu_txq_step
txq_send(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t len)
{
	if ((txq->option & (EF10_TX_CSUM_FLAG_IP | EF10_TX_CSUM_FLAG_UDP_TCP)) != 0)
		pioemu_frame_csum_insert(vf->frame, len,
			(txq->option & EF10_TX_CSUM_FLAG_IP) != 0,
			(txq->option & EF10_TX_CSUM_FLAG_UDP_TCP) != 0);
	return pioemu_txq_emit(vf, txq, vf->frame, len);
}

/* One frame or option. */
static enum pioemu_txq_step
txq_next(struct pioemu_vf *vf, struct pioemu_txq *txq)
{
	struct pioemu_stats *stats = &vf->vis[txq->vi].stats;
	enum pioemu_tx_kind kind;
	enum pioemu_txq_step step;
	uint32_t end, len;
	uint64_t sum = 0, arrived = 0;

	step = txq_gather(vf, txq, &end, &len, &kind);
	if (step != PIOEMU_TXQ_FRAME)
		return step;
	if (kind == PIOEMU_TX_OPTION)
		goto done;
	if (PIOEMU_UNLIKELY(vf->nic->timed) &&
	    pioemu_time_now(vf->nic) < txq_arrival(vf, txq, len, kind)) {
		txq->retry = true;
		return PIOEMU_TXQ_WAIT;
	}
	if (PIOEMU_UNLIKELY(vf->stamps != NULL))
		arrived = txq_now(vf);
	if (kind != PIOEMU_TX_PLAIN)
		sum = pioemu_txdone_sum(vf, txq, txq->fetched, end);
	step = PIOEMU_UNLIKELY(txq->tso.options != 0) ? pioemu_tso_send(vf, txq, len) :
		txq_send(vf, txq, len);
	if (step != PIOEMU_TXQ_FRAME) {
		txq->retry = step == PIOEMU_TXQ_WAIT;
		return step;
	}
	if (kind == PIOEMU_TX_PIO) {
		stats->tx_pio_frames++;
		stats->tx_pio_bytes += len;
	}
	if (PIOEMU_UNLIKELY(vf->stamps != NULL))
		txq_stamp(vf, txq, len, kind, arrived);
	txq->seq++;
done:
	stats->tx_desc += end - txq->fetched;
	txq->fetched = end;
	txq->retry = false;
	pioemu_txdone_add(vf, txq, end, kind, sum);
	return PIOEMU_TXQ_FRAME;
}

/* A round over one queue. Returns how much was done. */
unsigned int
pioemu_txq_service(struct pioemu_vf *vf, struct pioemu_txq *txq)
{
	uint32_t hold = vf->hold_all | vf->vis[txq->vi].hold;
	unsigned int done = 0;

	txq_doorbell(vf, txq);
	while (txq->fetched != txq->added && !txq->wait_more && done < PIOEMU_TX_BUDGET &&
	       (hold & PIOEMU_HOLD_TX_FETCH) == 0 && txq->done_tail - txq->done_head < txq->size) {
		if (!pioemu_ring_map(vf, &txq->ring)) {
			pioemu_violation(vf, PIOEMU_VIOLATION_DMA_UNMAPPED,
				"ring of txq %u is not mapped", txq->vi);
			pioemu_txq_error(vf, txq, EF10_MCDI_EV_TX_ERR_DL_FAIL);
			return done + 1;
		}
		if (txq_next(vf, txq) != PIOEMU_TXQ_FRAME)
			break;
		done++;
	}
	if (txq->active && txq->done_head != txq->done_tail)
		done += pioemu_txdone_service(vf, txq, false);
	return done;
}
