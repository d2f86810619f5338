/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Trapping BAR: every access of the driver, one by one. */

#include <string.h>

#include "pioemu_priv.h"

#define BAR_ONES	UINT64_MAX

static bool
bar_in_range(const struct pioemu_vf *vf, uint64_t off, unsigned int len)
{
	return len >= 1 && len <= 8 && off < vf->bar_len && len <= vf->bar_len - off;
}

uint64_t
pioemu_vf_bar_read(struct pioemu_vf *vf, uint64_t off, unsigned int len)
{
	uint32_t stride = vf->conf.vi_stride;
	uint64_t value = 0;

	pioemu_nic_enter(vf->nic);
	if (vf->gone) {
		value = BAR_ONES;
	} else if (!bar_in_range(vf, off, len)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_REG_UNKNOWN, "read of %u bytes at 0x%llx", len,
			(unsigned long long)off);
		value = BAR_ONES;
	} else if (off % stride >= EF10_REG_TX_PIOBUF) {
		/* write-only apertures */
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_READ, "%u bytes at 0x%llx", len,
			(unsigned long long)off);
		value = BAR_ONES;
	} else {
		memcpy(&value, vf->bar + off, len);
	}
	PIOEMU_TRACE(vf, BAR, "bar read%u 0x%llx = 0x%llx", len, (unsigned long long)off,
		(unsigned long long)value);
	pioemu_nic_leave(vf->nic);
	return len >= 8 ? value : value & ((1ull << (8 * len)) - 1);
}

/* Huntington bug 35388: EVQ registers hide behind TX_DESC_UPD. true: it was one of those writes */
static bool
bar_indirect(struct pioemu_vf *vf, uint16_t vi, uint32_t value)
{
	if (!vf->indirect)
		return false;
	if (EF10_GET(value, DD_EVQ_IND_TIMER_FLAGS) == EF10_DD_EVQ_IND_TIMER_FLAGS_VAL)
		return true;
	switch (EF10_GET(value, DD_EVQ_IND_RPTR_FLAGS)) {
	case EF10_DD_EVQ_IND_RPTR_FLAGS_HIGH:
		vf->ind_rptr_hi = (uint32_t)EF10_GET(value, DD_EVQ_IND_RPTR);
		return true;
	case EF10_DD_EVQ_IND_RPTR_FLAGS_LOW:
		pioemu_evq_rptr(vf, vi, vf->ind_rptr_hi << 8 |
			(uint32_t)EF10_GET(value, DD_EVQ_IND_RPTR));
		return true;
	default:
		return false;
	}
}

/* The write that covers the WPTR word rings. What the collector then holds is the pushed copy. */
static void
bar_tx_doorbell(struct pioemu_vf *vf, uint16_t vi, uint32_t wptr)
{
	struct pioemu_txq *txq = &vf->vis[vi].txq;

	if (bar_indirect(vf, vi, wptr))
		return;
	if (!txq->active) {
		if (!txq->dead)
			pioemu_violation(vf, PIOEMU_VIOLATION_TX_DEAD, "doorbell of txq %u: %u", vi,
				wptr);
		return;
	}
	txq->wptr_new = wptr;
	txq->doorbell = true;
	txq->has_push = vf->collected == 3;
	txq->push = vf->collector;
	vf->collected = 0;
	pioemu_txq_service(vf, txq);
	pioemu_rxq_flush(vf);
}

/* One naturally aligned word of a register, value in host order. */
static void
bar_write_word(struct pioemu_vf *vf, uint16_t vi, uint32_t reg, uint32_t value)
{
	struct pioemu_rxq *rxq = &vf->vis[vi].rxq;
	bool first = vi == 0;

	switch (reg) {
	case EF10_REG_MC_DB_LWRD:
		if (first)
			vf->mc_db_high = value;
		break;
	case EF10_REG_MC_DB_HWRD:
		if (first)
			pioemu_mcdi_doorbell(vf, (uint64_t)vf->mc_db_high << 32 | value);
		break;
	case EF10_REG_EVQ_RPTR:
		pioemu_evq_rptr(vf, vi, value);
		break;
	case EF10_REG_EVQ_TMR:
		break;
	case EF10_REG_RX_DESC_UPD:
		if (rxq->active)
			pioemu_rxq_doorbell(vf, rxq, value);
		else if (!rxq->dead)
			pioemu_violation(vf, PIOEMU_VIOLATION_TX_DEAD, "doorbell of rxq %u: %u", vi,
				value);
		break;
	case EF10_REG_TX_DESC_UPD:
		vf->collector = (vf->collector & ~(uint64_t)UINT32_MAX) | value;
		vf->collected |= 1;
		break;
	case EF10_REG_TX_DESC_UPD + 4:
		vf->collector = (vf->collector & UINT32_MAX) | (uint64_t)value << 32;
		vf->collected |= 2;
		break;
	case EF10_REG_TX_DESC_UPD_WPTR:
		bar_tx_doorbell(vf, vi, value);
		break;
	case EF10_REG_TX_DESC_UPD_WPTR + 4:
		/* "upper 32 bits ignored" */
		break;
	default:
		pioemu_violation(vf, PIOEMU_VIOLATION_REG_UNKNOWN, "write of 0x%x at 0x%x of vi %u",
			value, reg, vi);
		break;
	}
}

static void
bar_write_reg(struct pioemu_vf *vf, uint16_t vi, uint32_t reg, unsigned int len, uint64_t value)
{
	bool tx = reg == EF10_REG_TX_DESC_UPD || reg == EF10_REG_TX_DESC_UPD_WPTR;

	/* 64 bits at once are right for the transmit doorbell only */
	if (len % 4 != 0 || reg % 4 != 0 || (len == 8 && !tx)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_DOORBELL_WIDTH, "%u bytes at 0x%x of vi %u", len,
			reg, vi);
		if (len % 4 != 0 || reg % 4 != 0)
			return;
	}
	bar_write_word(vf, vi, reg, (uint32_t)value);
	if (len == 8)
		bar_write_word(vf, vi, reg + 4, (uint32_t)(value >> 32));
}

void
pioemu_vf_bar_write(struct pioemu_vf *vf, uint64_t off, unsigned int len, uint64_t value)
{
	uint32_t reg = (uint32_t)(off % vf->conf.vi_stride);
	uint64_t vi = off / vf->conf.vi_stride;

	pioemu_nic_enter(vf->nic);
	PIOEMU_TRACE(vf, BAR, "bar write%u 0x%llx = 0x%llx", len, (unsigned long long)off,
		(unsigned long long)value);
	if (vf->gone) {
		/* nobody there */
	} else if (!bar_in_range(vf, off, len) || vi >= vf->conf.nb_vis) {
		pioemu_violation(vf, PIOEMU_VIOLATION_REG_UNKNOWN, "write of %u bytes at 0x%llx", len,
			(unsigned long long)off);
	} else if (reg >= EF10_REG_TX_PIOBUF && reg < EF10_REG_TX_PIOBUF + PIOEMU_PIOBUF_MAX) {
		pioemu_pio_write(vf, (uint16_t)vi, reg - EF10_REG_TX_PIOBUF, len, value);
	} else {
		bar_write_reg(vf, (uint16_t)vi, reg, len, value);
	}
	pioemu_nic_leave(vf->nic);
}
