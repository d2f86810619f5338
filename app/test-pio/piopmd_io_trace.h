/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_IO_TRACE_H
#define PIOPMD_IO_TRACE_H

/*
 * The tracing twin of the datapath's instructions.
 *
 * Plain memory on x86 cannot show a missing fence or a doorbell that comes too soon. So the tests
 * compile the datapath a second time with this header in front (-include): every store that the
 * adapter may see and every fence is noted in order, with its address, width and bytes, and then
 * carried out. piopmd_io.h itself is the driver's own; only its instructions are replaced, so
 * that a mistake in it shows.
 */

#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

enum io_trace_op {
	IO_TRACE_LINE,		/* 64 bytes to the PIO window, by any store kind */
	IO_TRACE_DESC,		/* 8 bytes to a ring in host memory */
	IO_TRACE_WMB,		/* order of ring and registers */
	IO_TRACE_FENCE,		/* store fence that also orders PIO lines */
	IO_TRACE_STORE32,	/* register */
	IO_TRACE_STORE128,	/* transmit doorbell */
};

/* Note it; for stores also carry it out. kind: enum rte_pio_store_kind of a line, else 0. */
void io_trace_add(enum io_trace_op op, volatile void *addr, const void *data, unsigned int size,
		  int kind);

static inline void
io_trace_line(void *dst, const void *src, int kind)
{
	io_trace_add(IO_TRACE_LINE, dst, src, 64, kind);
}

static inline void
io_trace_store(enum io_trace_op op, volatile void *addr, uint64_t lo, uint64_t hi, unsigned int size)
{
	uint64_t data[2];

	data[0] = lo;
	data[1] = hi;
	io_trace_add(op, addr, data, size, 0);
}

#ifdef PIOPMD_IO_TRACED /* the datapath; tests only read the trace */

/* rte_pio_store.h: values of enum rte_pio_store_kind, checked in the tests */
#define RTE_PIO_STORE_INSN_SCALAR(dst, src) io_trace_line(dst, src, 1)
#define RTE_PIO_STORE_INSN_SSE2(dst, src) io_trace_line(dst, src, 2)
#define RTE_PIO_STORE_INSN_AVX2(dst, src) io_trace_line(dst, src, 3)
#define RTE_PIO_STORE_INSN_AVX512(dst, src) io_trace_line(dst, src, 4)
#define RTE_PIO_STORE_INSN_MOVDIR64B(dst, src) io_trace_line(dst, src, 5)
#define RTE_PIO_STORE_INSN_NEON(dst, src) io_trace_line(dst, src, 6)

/* piopmd_io.h */
#define PIOPMD_IO_STORE32(addr, value) io_trace_store(IO_TRACE_STORE32, addr, value, 0, 4)
#define PIOPMD_IO_STORE128(addr, lo, hi) io_trace_store(IO_TRACE_STORE128, addr, lo, hi, 16)
#define PIOPMD_IO_DESC_STORE(addr, value) io_trace_store(IO_TRACE_DESC, addr, value, 0, 8)
#define PIOPMD_IO_WMB() io_trace_add(IO_TRACE_WMB, 0, 0, 0, 0)
#define PIOPMD_IO_FENCE() io_trace_add(IO_TRACE_FENCE, 0, 0, 0, 0)

#endif /* PIOPMD_IO_TRACED */

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_IO_TRACE_H */
