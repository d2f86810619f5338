/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef EF10_REGS_H
#define EF10_REGS_H

/*
 * PCI identity, BAR layout and registers of EF10 virtual functions (SFC9100 Huntington, SFC9200
 * Medford, X2 Medford2).
 *
 * The memory BAR holds one window per virtual interface (VI): window n starts at n * stride. The
 * function-level registers exist once, in the first 4 KiB of the BAR; the per-VI registers repeat
 * in every window at the same offset, whatever the stride. Registers (below 0x1000) and the PIO
 * aperture never share a 4 KiB page, so the two may be mapped with different memory types.
 *
 * Sources: DPDK drivers/common/sfc_efx/base/efx_regs_ef10.h (ER_DZ_* = all EF10, ER_EZ_* = Medford
 * and later, ER_FZ_* = Medford2), efx.h (PCI ids), hunt_impl.h, medford_impl.h, medford2_impl.h
 * (piobufs); Onload ef10_regs.h (CTPIO). Names in comments are theirs.
 */

#include "ef10_bits.h"

#ifdef __cplusplus
extern "C" {
#endif

/* PCI identity (EFX_PCI_VENID_SFC, EFX_PCI_DEVID_*) */
#define EF10_PCI_VENDOR				0x1924
#define EF10_PCI_DEVICE_HUNTINGTON_VF		0x1903	/* EFX_PCI_DEVID_FARMINGDALE_VF, SFC9120 */
#define EF10_PCI_DEVICE_HUNTINGTON_GREENPORT_VF	0x1923	/* EFX_PCI_DEVID_GREENPORT_VF, SFC9140 */
#define EF10_PCI_DEVICE_MEDFORD_VF		0x1A03	/* EFX_PCI_DEVID_MEDFORD_VF */
#define EF10_PCI_DEVICE_MEDFORD2_VF		0x1B03	/* EFX_PCI_DEVID_MEDFORD2_VF */
#define EF10_PCI_CLASS_ETHERNET			0x020000	/* network controller, Ethernet */

enum ef10_family {
	EF10_FAMILY_UNKNOWN = 0,
	EF10_FAMILY_HUNTINGTON,
	EF10_FAMILY_MEDFORD,
	EF10_FAMILY_MEDFORD2,
};

static inline enum ef10_family
ef10_family_of(uint16_t pci_vendor, uint16_t pci_device)
{
	if (pci_vendor != EF10_PCI_VENDOR)
		return EF10_FAMILY_UNKNOWN;
	switch (pci_device) {
	case EF10_PCI_DEVICE_HUNTINGTON_VF:
	case EF10_PCI_DEVICE_HUNTINGTON_GREENPORT_VF:
		return EF10_FAMILY_HUNTINGTON;
	case EF10_PCI_DEVICE_MEDFORD_VF:
		return EF10_FAMILY_MEDFORD;
	case EF10_PCI_DEVICE_MEDFORD2_VF:
		return EF10_FAMILY_MEDFORD2;
	default:
		return EF10_FAMILY_UNKNOWN;
	}
}

static inline const char *
ef10_family_name(enum ef10_family family)
{
	switch (family) {
	case EF10_FAMILY_HUNTINGTON:
		return "Huntington";
	case EF10_FAMILY_MEDFORD:
		return "Medford";
	case EF10_FAMILY_MEDFORD2:
		return "Medford2";
	default:
		return "unknown";
	}
}

/* The memory BAR of a VF. (PFs of the first two families use BAR 2; a PF is not our business.) */
/* EFX_MEM_BAR_HUNTINGTON_VF, _MEDFORD_VF, _MEDFORD2 */
#define EF10_VF_MEM_BAR				0

/*
 * Window stride. Huntington and Medford: always 8 KiB. Medford2: VI_WINDOW_MODE of GET_CAPABILITIES
 * V3 says which; a response too short to hold it is an error there, never "8 KiB".
 */
#define EF10_VI_STRIDE_8K			0x2000u	/* VI_WINDOW_MODE_8K */
#define EF10_VI_STRIDE_16K			0x4000u	/* VI_WINDOW_MODE_16K */
#define EF10_VI_STRIDE_64K			0x10000u	/* VI_WINDOW_MODE_64K */
#define EF10_VI_STRIDE_MIN			EF10_VI_STRIDE_8K
#define EF10_VI_WINDOWS_MAX			2048u	/* ER_DZ_*_REG_ROWS */

/* Stride for a VI_WINDOW_MODE value; 0 when the mode is not known. */
static inline uint32_t
ef10_vi_stride(uint8_t vi_window_mode)
{
	switch (vi_window_mode) {
	case 0:
		return EF10_VI_STRIDE_8K;
	case 1:
		return EF10_VI_STRIDE_16K;
	case 2:
		return EF10_VI_STRIDE_64K;
	default:
		return 0;
	}
}

/* BAR offset of a register of one VI. vi is relative to the function, from 0. */
static inline uint64_t
ef10_vi_reg(uint32_t stride, uint32_t vi, uint32_t reg)
{
	return (uint64_t)vi * stride + reg;
}

enum ef10_reg_scope {
	EF10_REG_SCOPE_FUNCTION,	/* once, at the offset from the start of the BAR */
	EF10_REG_SCOPE_VI,		/* in every VI window */
};

enum ef10_reg_access {
	EF10_REG_RO,
	EF10_REG_WO,
};

#define EF10_HW_REV_ID				0xEB14FACEu	/* ER_DZ_BIU_HW_REV_ID_REG_RESET */
/* ER_DZ_BIU_MC_SFT_STATUS_REG_RESET, no MC yet */
#define EF10_MC_STATUS_RESET			0x1111FACEu

/*
 * The registers: X(name, offset, width, count, scope, access, reset)
 *
 *	width	bits of one access, which must be naturally aligned; for the two apertures the
 *		narrowest store that silicon takes
 *	count	number of such words, one behind the other
 *	reset	value of each word after power-on. Write-only words have none that can be seen
 *
 * Upstream calls register X ER_DZ_X_REG, except the last three.
 *
 *	BIU_HW_REV_ID	constant, tells that this is an EF10 BAR
 *	BIU_MC_SFT_STATUS  status words of the management controller (MC); a VF uses word 0. See
 *		EF10_MC_STATUS_*
 *	BIU_INT_ISR	legacy interrupt bitmap. VFs have MSI-X only
 *	MC_DB_LWRD	MCDI doorbell, HIGH 32 bits of the request's DMA address. Write it first
 *	MC_DB_HWRD	MCDI doorbell, LOW 32 bits; this write starts the request. The firmware
 *		swaps the two words, hence the names
 *	EVQ_RPTR	event queue read pointer, primes the interrupt. Not used when polling
 *	EVQ_TMR		interrupt moderation. Not used where SET_EVQ_TMR is
 *	RX_DESC_UPD	receive doorbell. Ring stores must be visible first
 *	TX_DESC_UPD	lower 64 bits of the 96-bit transmit doorbell: the pushed descriptor
 *	TX_DESC_UPD_WPTR  its last word, the one that rings. One aligned 16-byte store at
 *		TX_DESC_UPD writes both (the top 4 bytes are ignored); a 4-byte store here alone
 *		rings without a push. Ring stores, and write-combined PIO data, must be visible first
 *	TX_PIOBUF	ER_DZ_TX_PIOBUF: aperture onto the PIO buffer linked to this VI. Huntington
 *		decodes the first 2 KiB only
 *	CTPIO		cut-through aperture of Medford2; exists with a stride of 16 KiB or more
 */
#define EF10_REG_LIST(X) \
	X(BIU_HW_REV_ID, 0x000, 32, 1, FUNCTION, RO, EF10_HW_REV_ID) \
	X(BIU_MC_SFT_STATUS, 0x010, 32, 8, FUNCTION, RO, EF10_MC_STATUS_RESET) \
	X(BIU_INT_ISR, 0x090, 32, 1, FUNCTION, RO, 0) \
	X(MC_DB_LWRD, 0x200, 32, 1, FUNCTION, WO, 0) \
	X(MC_DB_HWRD, 0x204, 32, 1, FUNCTION, WO, 0) \
	X(EVQ_RPTR, 0x400, 32, 1, VI, WO, 0) \
	X(EVQ_TMR, 0x420, 32, 1, VI, WO, 0) \
	X(RX_DESC_UPD, 0x830, 32, 1, VI, WO, 0) \
	X(TX_DESC_UPD, 0xA10, 32, 2, VI, WO, 0) \
	X(TX_DESC_UPD_WPTR, 0xA18, 32, 1, VI, WO, 0) \
	X(TX_PIOBUF, 0x1000, 64, 512, VI, WO, 0) \
	X(CTPIO, 0x3000, 64, 512, VI, WO, 0)

/* EF10_REG_<NAME>: offset in the BAR or in the VI window */
enum ef10_reg {
#define EF10_REG_ENUM(name, offset, width, count, scope, access, reset) EF10_REG_##name = offset,
	EF10_REG_LIST(EF10_REG_ENUM)
#undef EF10_REG_ENUM
};

/* Name of the register at this offset of a BAR (VI 0) or of a VI window; NULL: there is none. */
static inline const char *
ef10_reg_name(uint64_t reg)
{
#define EF10_REG_MATCH(name, offset, width, count, scope, access, reset) \
	if (reg - (offset) < (width) / 8 * (count)) \
		return #name;
	EF10_REG_LIST(EF10_REG_MATCH)
#undef EF10_REG_MATCH
	return 0;
}

/* BIU_MC_SFT_STATUS (Linux ef10.c, efx_ef10_get_warm_boot_count) */
#define EF10_MC_STATUS_SIGNATURE_LBN		16	/* SIGNATURE_OK while the MC runs */
#define EF10_MC_STATUS_SIGNATURE_WIDTH		16
#define EF10_MC_STATUS_BOOT_COUNT_LBN		0	/* changes when the MC reboots */
#define EF10_MC_STATUS_BOOT_COUNT_WIDTH		16
#define EF10_MC_STATUS_SIGNATURE_OK		0xB007
/* read of a BAR that is not there any more */
#define EF10_MC_STATUS_GONE			0xFFFFFFFFu

/*
 * Written to MC_DB_HWRD without a request: makes the doorbell state known and abandons a request in
 * flight. No request has it as address, as buffers are aligned (efx_mcdi_init, Linux at probe).
 */
#define EF10_MC_DB_CANCEL			1u

/* EVQ_RPTR */
#define EF10_EVQ_RPTR_LBN			0	/* ERF_DZ_EVQ_RPTR */
#define EF10_EVQ_RPTR_WIDTH			15
#define EF10_EVQ_RPTR_VLD_LBN			15	/* ERF_DZ_EVQ_RPTR_VLD */
#define EF10_EVQ_RPTR_VLD_WIDTH			1

/* EVQ_TMR */
#define EF10_EVQ_TMR_VAL_LBN			0	/* ERF_DZ_TC_TIMER_VAL */
#define EF10_EVQ_TMR_VAL_WIDTH			14
#define EF10_EVQ_TMR_MODE_LBN			14	/* ERF_DZ_TC_TIMER_MODE */
#define EF10_EVQ_TMR_MODE_WIDTH			2
#define EF10_EVQ_TMR_REL_VAL_LBN		16	/* ERF_FZ_TC_TMR_REL_VAL, Medford2 */
#define EF10_EVQ_TMR_REL_VAL_WIDTH		14
#define EF10_EVQ_TMR_MODE_DISABLE		0	/* FFE_CZ_TIMER_MODE_DIS */
#define EF10_EVQ_TMR_MODE_IMMEDIATE		1	/* FFE_CZ_TIMER_MODE_IMMED_START */
#define EF10_EVQ_TMR_MODE_TRIGGERED		2	/* FFE_CZ_TIMER_MODE_TRIG_START */
#define EF10_EVQ_TMR_MODE_HOLD_OFF		3	/* FFE_CZ_TIMER_MODE_INT_HLDOFF */

/* RX_DESC_UPD. Hardware fetches descriptors in eights: the pointer must be a multiple of 8. */
#define EF10_RX_DESC_WPTR_LBN			0	/* ERF_DZ_RX_DESC_WPTR */
#define EF10_RX_DESC_WPTR_WIDTH			12
#define EF10_RX_DESC_WPTR_ALIGN			8u
/* its other use, packed-stream credits */
#define EF10_RX_DESC_MAGIC_DOORBELL_LBN		11	/* ERF_DZ_RX_DESC_MAGIC_DOORBELL */
#define EF10_RX_DESC_MAGIC_DOORBELL_WIDTH	1
#define EF10_RX_DESC_MAGIC_CMD_LBN		8	/* ERF_DZ_RX_DESC_MAGIC_CMD */
#define EF10_RX_DESC_MAGIC_CMD_WIDTH		3
#define EF10_RX_DESC_MAGIC_DATA_LBN		0	/* ERF_DZ_RX_DESC_MAGIC_DATA */
#define EF10_RX_DESC_MAGIC_DATA_WIDTH		8

/* TX_DESC_UPD_WPTR (bits 64..75 of the whole register) */
#define EF10_TX_DESC_WPTR_LBN			0	/* ERF_DZ_TX_DESC_WPTR - 64 */
#define EF10_TX_DESC_WPTR_WIDTH			12

/*
 * Huntington bug 35388: where WORKAROUND(BUG35388) answered success or EPERM, EVQ_RPTR and
 * EVQ_TMR must not be written; the values go to TX_DESC_UPD_WPTR of the same VI, marked by their
 * top bits, and transmit rings have at most 2048 entries, as the pointer lost a bit. The read
 * pointer takes two writes, high part first.
 */
/* ER_DD_EVQ_INDIRECT */
#define EF10_REG_DD_EVQ_INDIRECT		EF10_REG_TX_DESC_UPD_WPTR
#define EF10_DD_EVQ_IND_RPTR_FLAGS_LBN		8	/* ERF_DD_EVQ_IND_RPTR_FLAGS */
#define EF10_DD_EVQ_IND_RPTR_FLAGS_WIDTH	4
#define EF10_DD_EVQ_IND_RPTR_FLAGS_HIGH		8	/* EFE_DD_EVQ_IND_RPTR_FLAGS_HIGH */
#define EF10_DD_EVQ_IND_RPTR_FLAGS_LOW		9	/* EFE_DD_EVQ_IND_RPTR_FLAGS_LOW */
#define EF10_DD_EVQ_IND_RPTR_LBN		0	/* ERF_DD_EVQ_IND_RPTR */
#define EF10_DD_EVQ_IND_RPTR_WIDTH		8
#define EF10_DD_EVQ_IND_TIMER_FLAGS_LBN		10	/* ERF_DD_EVQ_IND_TIMER_FLAGS */
#define EF10_DD_EVQ_IND_TIMER_FLAGS_WIDTH	2
#define EF10_DD_EVQ_IND_TIMER_FLAGS_VAL		3	/* EFE_DD_EVQ_IND_TIMER_FLAGS */
#define EF10_DD_EVQ_IND_TIMER_MODE_LBN		8	/* ERF_DD_EVQ_IND_TIMER_MODE */
#define EF10_DD_EVQ_IND_TIMER_MODE_WIDTH	2
#define EF10_DD_EVQ_IND_TIMER_VAL_LBN		0	/* ERF_DD_EVQ_IND_TIMER_VAL */
#define EF10_DD_EVQ_IND_TIMER_VAL_WIDTH		8

#define EF10_DD_EVQ_RPTR_HI(rptr) \
	((uint32_t)(EF10_PUT(DD_EVQ_IND_RPTR_FLAGS, EF10_DD_EVQ_IND_RPTR_FLAGS_HIGH) | \
		EF10_PUT(DD_EVQ_IND_RPTR, ((rptr) >> 8) & 0xFF)))
#define EF10_DD_EVQ_RPTR_LO(rptr) \
	((uint32_t)(EF10_PUT(DD_EVQ_IND_RPTR_FLAGS, EF10_DD_EVQ_IND_RPTR_FLAGS_LOW) | \
		EF10_PUT(DD_EVQ_IND_RPTR, (rptr) & 0xFF)))
#define EF10_DD_EVQ_TMR(mode, val) \
	((uint32_t)(EF10_PUT(DD_EVQ_IND_TIMER_FLAGS, EF10_DD_EVQ_IND_TIMER_FLAGS_VAL) | \
		EF10_PUT(DD_EVQ_IND_TIMER_MODE, mode) | EF10_PUT(DD_EVQ_IND_TIMER_VAL, val)))

/*
 * PIO buffers. GET_CAPABILITIES V2 reports count and size; these are the constants of the
 * families, and what to assume where the response is short or says 0 (Linux ef10.c). The pool is
 * shared by all functions of the adapter: a VF may find it empty.
 */
#define EF10_PIOBUF_COUNT			16u	/* HUNT_PIOBUF_NBUFS and later */
#define EF10_PIOBUF_SIZE_HUNTINGTON		2048u	/* HUNT_PIOBUF_SIZE */
/* MEDFORD_PIOBUF_SIZE, MEDFORD2_PIOBUF_SIZE */
#define EF10_PIOBUF_SIZE_MEDFORD		4096u
#define EF10_PIOBUF_SIZE_MAX			4096u
#define EF10_PIOBUF_SIZE_ASSUMED		2048u

static inline uint32_t
ef10_piobuf_size(enum ef10_family family)
{
	switch (family) {
	case EF10_FAMILY_HUNTINGTON:
		return EF10_PIOBUF_SIZE_HUNTINGTON;
	case EF10_FAMILY_MEDFORD:
	case EF10_FAMILY_MEDFORD2:
		return EF10_PIOBUF_SIZE_MEDFORD;
	default:
		return 0;
	}
}

/*
 * Rules for stores to TX_PIOBUF: aligned 8-byte stores or aligned multiples of them, nothing
 * narrower (silicon bug; Onload memcpy_to_io.h, Linux tx.c), no holes inside a write-combining
 * line (bug 49906). The buffer offset in a descriptor must be a multiple of 64 and the length at
 * least 16 (Onload ef_vi PIO calls refuse others).
 */
#define EF10_PIO_STORE_BYTES			8u
#define EF10_PIO_OFFSET_ALIGN			64u
#define EF10_PIO_LEN_MIN			16u

#ifdef __cplusplus
}
#endif

#endif /* EF10_REGS_H */
