/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

/*
 * The floor: what no driver of this adapter can do without. Lines to the PIO window, an 8-byte
 * descriptor, the fence, a 16-byte doorbell; nothing is checked, counted, freed or completed. It
 * stores with the same instructions and fences like the driver, so that what is left between the
 * two is the driver's own.
 */

#include <stdint.h>

#include <rte_common.h>
#include <rte_pio_store.h>

#include "ef10_desc.h"
#include "piopmd_io.h"

struct bench_floor {
	uint64_t *hw_ring;
	volatile void *doorbell;
	uint8_t *window;	/* CPU address of adapter offset 0 */
	uint32_t mask;
	uint32_t added;
	uint32_t slot;		/* offset of the next slot */
	uint32_t slot_size;
	uint32_t slots_begin;
	uint32_t slots_end;
};

/* Returns the descriptor. */
static __rte_always_inline uint64_t
bench_floor_fill(struct bench_floor *f, const void *frame, uint32_t len,
		 const enum rte_pio_store_kind kind)
{
	const uint32_t slot = f->slot;
	const uint64_t desc = ef10_tx_desc_pio(slot, len);

	rte_pio_store_copy(kind, f->window + slot, frame, len);
	piopmd_io_desc_put(&f->hw_ring[f->added & f->mask], desc);
	f->slot = slot + f->slot_size == f->slots_end ? f->slots_begin : slot + f->slot_size;
	f->added++;
	return desc;
}

/*
 * first: the first descriptor, from a register. Reading it back from the ring would fetch the line to
 * read it while the store waits to own it: the doorbell would leave one way between the cores later.
 */
static __rte_always_inline void
bench_floor_ring(struct bench_floor *f, uint64_t first)
{
	piopmd_io_tx_doorbell(f->doorbell, first, f->added & f->mask);
}

/* One frame by PIO. */
static __rte_always_inline void
bench_floor_pio(struct bench_floor *f, const void *frame, uint32_t len,
		const enum rte_pio_store_kind kind)
{
	const uint64_t first = bench_floor_fill(f, frame, len, kind);

	piopmd_io_pio_fence();
	bench_floor_ring(f, first);
}

/* n frames by PIO, one fence, one doorbell. */
static __rte_always_inline void
bench_floor_pio_burst(struct bench_floor *f, const void *frame, uint32_t len, uint32_t n,
		      const enum rte_pio_store_kind kind)
{
	const uint64_t first = bench_floor_fill(f, frame, len, kind);
	uint32_t i;

	for (i = 1; i < n; i++)
		bench_floor_fill(f, frame, len, kind);
	piopmd_io_pio_fence();
	bench_floor_ring(f, first);
}

/* One frame that is in the window already. */
static __rte_always_inline void
bench_floor_template(struct bench_floor *f, uint32_t len)
{
	const uint64_t desc = ef10_tx_desc_pio(f->slot, len);

	piopmd_io_desc_put(&f->hw_ring[f->added & f->mask], desc);
	f->added++;
	bench_floor_ring(f, desc);
}

/* n frames by the descriptor ring, one doorbell. */
static __rte_always_inline void
bench_floor_dma(struct bench_floor *f, const uint64_t *iova, uint32_t len, uint32_t n)
{
	const uint64_t first = ef10_tx_desc_dma(iova[0], len, false);
	uint32_t i;

	piopmd_io_desc_put(&f->hw_ring[f->added++ & f->mask], first);
	for (i = 1; i < n; i++)
		piopmd_io_desc_put(&f->hw_ring[f->added++ & f->mask],
				   ef10_tx_desc_dma(iova[i], len, false));
	bench_floor_ring(f, first);
}

/* name(f, frame, len, n) with the kind chosen at run time, outside of the measured loop. */
#define BENCH_FLOOR_KINDS(X) X(SCALAR) X(SSE2) X(AVX2) X(AVX512) X(MOVDIR64B)

#endif /* BENCH_FLOOR_H */
