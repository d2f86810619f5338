/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_IO_H
#define PIOPMD_IO_H

/**
 * @file
 * Every store to the adapter and every fence of the driver.
 *
 * The order the adapter needs, and who keeps it:
 *
 *	1. all lines of a frame in the PIO window	piopmd_io_pio_*, ascending, 64 bytes each
 *	2. its descriptor in the ring (host memory)	piopmd_io_desc_put
 *	3. one store fence				piopmd_io_pio_fence
 *	4. the doorbell					piopmd_io_tx_doorbell
 *
 * 1 before 4 is what the fence is for: stores to a write-combining (or direct-store) destination
 * are weakly ordered, even on x86. 2 before 4 needs no instruction on x86, where stores to host
 * memory stay in order, and a store barrier elsewhere: the doorbell contains it. Whether 2 stands
 * before or after 3 makes no difference, as the adapter reads neither before 4. The other side of
 * each pair is the adapter, or in the emulator the load of the write pointer.
 *
 * The PIOPMD_IO_* macros are the instructions. A test defines them before it includes this
 * header (app/test-pio/piopmd_io_trace.h) and sees which ones the functions issue, in which order.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_atomic.h>
#include <rte_byteorder.h>
#include <rte_common.h>
#ifdef RTE_ARCH_X86
#include <rte_vect.h>
#endif

#include <rte_pio_store.h>

#include "ef10_desc.h"
#include "ef10_regs.h"

#ifndef PIOPMD_IO_STORE32
/** One aligned 4-byte store to a register. */
#define PIOPMD_IO_STORE32(addr, value) (*(volatile uint32_t *)(addr) = rte_cpu_to_le_32(value))
#endif

#ifndef PIOPMD_IO_STORE128
/** One aligned 16-byte store to a register. */
#if defined(RTE_ARCH_X86)
#define PIOPMD_IO_STORE128(addr, lo, hi) \
	(*(volatile __m128i *)(addr) = _mm_set_epi64x((int64_t)(hi), (int64_t)(lo)))
#elif defined(RTE_ARCH_ARM64)
#define PIOPMD_IO_STORE128(addr, lo, hi) \
	asm volatile("stp %0, %1, [%2]" : : "r"(lo), "r"(hi), "r"(addr) : "memory")
#else
#error "the transmit doorbell needs a 16-byte store"
#endif
#endif

#ifndef PIOPMD_IO_DESC_STORE
/** One aligned 8-byte store to a ring in host memory. */
#define PIOPMD_IO_DESC_STORE(addr, value) (*(addr) = rte_cpu_to_le_64(value))
#endif

#ifndef PIOPMD_IO_WMB
/** Host memory and registers before, registers after; a compiler barrier on x86. */
#define PIOPMD_IO_WMB() rte_io_wmb()
#endif

#ifndef PIOPMD_IO_FENCE
/** PIO lines before, registers after: also orders what a write-combining buffer holds. */
#define PIOPMD_IO_FENCE() rte_pio_store_fence()
#endif

/** Registers: one aligned 32-bit access. */
static __rte_always_inline void
piopmd_io_write32(volatile void *base, uint32_t reg, uint32_t value)
{
	PIOPMD_IO_STORE32((volatile uint8_t *)base + reg, value);
}

static __rte_always_inline uint32_t
piopmd_io_read32(const volatile void *base, uint32_t reg)
{
	return rte_le_to_cpu_32(*(const volatile uint32_t *)((const volatile uint8_t *)base + reg));
}

/**
 * Start a management command: the high half of its DMA address first, the low half triggers. The
 * request in host memory must be complete before.
 */
static inline void
piopmd_io_mcdi_doorbell(volatile void *bar, uint64_t dma_addr)
{
	PIOPMD_IO_WMB();
	piopmd_io_write32(bar, EF10_REG_MC_DB_LWRD, (uint32_t)(dma_addr >> 32));
	PIOPMD_IO_WMB();
	piopmd_io_write32(bar, EF10_REG_MC_DB_HWRD, (uint32_t)dma_addr);
}

/**
 * Between loads of memory that the adapter writes: what precedes is the word that it stores last
 * (or first, when it is read last), what follows may be relied upon after it.
 */
static inline void
piopmd_io_dma_rmb(void)
{
	rte_io_rmb();
}

/** One descriptor, one 8-byte store to the ring. */
static __rte_always_inline void
piopmd_io_desc_put(uint64_t *entry, uint64_t desc)
{
	PIOPMD_IO_DESC_STORE(entry, desc);
}

/**
 * Transmit doorbell: one 16-byte store of the pushed descriptor and the write pointer. One store,
 * because the adapter collects narrower ones in a register that all queues of the port share. A
 * descriptor of 0 pushes nothing.
 */
static __rte_always_inline void
piopmd_io_tx_doorbell(volatile void *doorbell, uint64_t desc, uint32_t wptr)
{
	PIOPMD_IO_WMB();
	PIOPMD_IO_STORE128(doorbell, desc, (uint64_t)wptr);
}

/** Receive doorbell; wptr is a multiple of 8. */
static __rte_always_inline void
piopmd_io_rx_doorbell(volatile void *vi_base, uint32_t wptr)
{
	PIOPMD_IO_WMB();
	piopmd_io_write32(vi_base, EF10_REG_RX_DESC_UPD, wptr);
}

/**
 * Arm the interrupt of an event queue; rptr is masked. Indirect: Huntington with bug 35388 takes
 * the pointer in two halves through the transmit doorbell, the high half first.
 */
static inline void
piopmd_io_evq_prime(volatile void *vi_base, uint32_t rptr, bool indirect)
{
	PIOPMD_IO_WMB();
	if (indirect) {
		piopmd_io_write32(vi_base, EF10_REG_DD_EVQ_INDIRECT, EF10_DD_EVQ_RPTR_HI(rptr));
		PIOPMD_IO_WMB();
		piopmd_io_write32(vi_base, EF10_REG_DD_EVQ_INDIRECT, EF10_DD_EVQ_RPTR_LO(rptr));
	} else {
		piopmd_io_write32(vi_base, EF10_REG_EVQ_RPTR, (uint32_t)EF10_PUT(EVQ_RPTR, rptr));
	}
}

/** One line of the PIO window. */
static __rte_always_inline void
piopmd_io_pio_line(const enum rte_pio_store_kind kind, uint8_t *dst, const void *line)
{
	rte_pio_store_line(kind, dst, line);
}

/**
 * A flat frame to the PIO window, by lines, the last one padded with zeros.
 * @param step 64; 0 lets all lines fall on the first one, for warming.
 */
static __rte_always_inline void
piopmd_io_pio_copy(const enum rte_pio_store_kind kind, uint8_t *dst, const void *frame,
		   uint32_t len, uint32_t step)
{
	rte_pio_store_copy_step(kind, dst, frame, len, step);
}

/** A gathered frame to the PIO window. */
static __rte_always_inline void
piopmd_io_pio_gather(const enum rte_pio_store_kind kind, uint8_t *dst,
		     const struct rte_pio_iov *iov, uint16_t n)
{
	rte_pio_store_gather(kind, dst, iov, n);
}

/** After piopmd_io_pio_line(), once. */
static __rte_always_inline void
piopmd_io_pio_end(const enum rte_pio_store_kind kind)
{
	rte_pio_store_end(kind);
}

/** The store fence between PIO lines and the doorbell. */
static __rte_always_inline void
piopmd_io_pio_fence(void)
{
	PIOPMD_IO_FENCE();
}

#endif /* PIOPMD_IO_H */
