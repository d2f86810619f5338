/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef RTE_PIO_STORE_H
#define RTE_PIO_STORE_H

/**
 * @file
 * Stores to adapter memory, by lines of 64 bytes.
 *
 * @warning
 * @b EXPERIMENTAL: all functions in this file may change without notice.
 *
 * One way to store a line per kind. The CPU decides at run time which kinds exist
 * (rte_pio_store_kind_supported()), the mapping which is best (rte_pio_store_kind_best()).
 * rte_pio_store_line(), _copy() and _gather() take the kind as an argument and are forced inline:
 * called with a constant they become one body per kind, which a driver compiles once for each and
 * chooses between when a queue starts. No compiler flag is needed for any kind, because the wide
 * moves are written as single instructions of their own.
 *
 * Rules all kinds keep: the destination is 64-byte aligned, the source has any alignment and is
 * never read past its end, lines are written in ascending order, each completely (the tail is
 * padded with zeros), with stores of at least 8 naturally aligned bytes. The destination is never
 * read. No kind uses non-temporal stores: on ordinary memory they cost more than they save, and
 * on a write-combining mapping they change nothing.
 *
 * All stores here are weakly ordered where the mapping is write combining, and MOVDIR64B is so
 * everywhere: rte_pio_store_fence() goes between the last line and the doorbell.
 *
 * Any thread; nothing here waits or fails.
 */

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_common.h>
#include <rte_compat.h>
#include <rte_config.h>

#include <rte_pio_core.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a line is stored. */
enum rte_pio_store_kind {
	RTE_PIO_STORE_AUTO,		/**< The best there is; never the kind of a copy. */
	RTE_PIO_STORE_SCALAR,		/**< 8 stores of 8 bytes; every CPU. */
	RTE_PIO_STORE_SSE2,		/**< 4 of 16 bytes; every x86-64. */
	RTE_PIO_STORE_AVX2,		/**< 2 of 32 bytes. */
	RTE_PIO_STORE_AVX512,		/**< 1 of 64 bytes. */
	RTE_PIO_STORE_MOVDIR64B,	/**< 1 direct store: 64 bytes at once on any mapping. */
	RTE_PIO_STORE_NEON,		/**< 2 pairs of 16 bytes; every arm64. */
	RTE_PIO_STORE_MAX,
};

/** How the CPU sees adapter memory. */
enum rte_pio_map_kind {
	RTE_PIO_MAP_NONE,	/**< Not mapped. */
	RTE_PIO_MAP_UNKNOWN,	/**< Mapped, type not known. */
	RTE_PIO_MAP_UC,		/**< Uncached: one bus transaction per store instruction. */
	RTE_PIO_MAP_WC,		/**< Write combining: 64 bytes cross the bus at once. */
	RTE_PIO_MAP_WB,		/**< Ordinary memory. */
	RTE_PIO_MAP_MAX,
};

/** Bytes of a line. */
#define RTE_PIO_STORE_LINE 64

/**
 * Name of a mapping, such as "write-combining". Any thread.
 *
 * @param map Mapping.
 * @return The name; "unknown" for a value out of range. Never NULL.
 */
__rte_experimental
const char *rte_pio_map_kind_name(enum rte_pio_map_kind map);

/**
 * Name of a kind, such as "avx512". Any thread.
 *
 * @param kind Kind.
 * @return The name; "unknown" for a value out of range. Never NULL.
 */
__rte_experimental
const char *rte_pio_store_kind_name(enum rte_pio_store_kind kind);

/**
 * Find a kind by its name. Any thread.
 *
 * @param name As rte_pio_store_kind_name() gives it.
 * @return The kind; RTE_PIO_STORE_MAX if there is none, or name is NULL.
 */
__rte_experimental
enum rte_pio_store_kind rte_pio_store_kind_parse(const char *name);

/**
 * Ask whether this build has the kind, and CPU and operating system can run it. Any thread.
 *
 * @param kind Kind.
 * @return True if so. AUTO is always supported.
 */
__rte_experimental
bool rte_pio_store_kind_supported(enum rte_pio_store_kind kind);

/**
 * The kind to use for a mapping: the one that was forced if any, else
 * - uncached: MOVDIR64B, else SCALAR (wider ones gain nothing there and may be split);
 * - otherwise the widest plain store; MOVDIR64B rather than anything below 64 bytes
 *   unless the mapping is known to be ordinary memory.
 *
 * EAL's --force-max-simd-bitwidth below 256 is obeyed.
 *
 * @param map Mapping of the destination.
 * @return A supported kind, never AUTO.
 */
__rte_experimental
enum rte_pio_store_kind rte_pio_store_kind_best(enum rte_pio_map_kind map);

/**
 * Tell which kind was forced in this process. Any thread.
 *
 * @return The kind, or AUTO.
 */
__rte_experimental
enum rte_pio_store_kind rte_pio_store_kind_get(void);

/**
 * Force a kind in this process, for queues started from now on; AUTO ends it.
 *
 * Control thread.
 *
 * @param kind Kind.
 * @return
 *   - 0
 *   - -EINVAL: no such kind.
 *   - -ENOTSUP: this CPU or build lacks it.
 */
__rte_experimental
int rte_pio_store_kind_set(enum rte_pio_store_kind kind);

/**
 * Order all stores before this call before all stores after it, on any mapping.
 */
static __rte_always_inline void
rte_pio_store_fence(void)
{
#if defined(RTE_ARCH_X86)
	asm volatile("sfence" ::: "memory");
#elif defined(RTE_ARCH_ARM64)
	asm volatile("dmb oshst" ::: "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/** @cond INTERNAL */

/*
 * One full line per kind. dst is 64-byte aligned, src is not. A test may define one of these
 * names before it includes this header, to look at the arguments or to stand in for an
 * instruction that its CPU lacks.
 */

#ifndef RTE_PIO_STORE_INSN_SCALAR
/** @internal Eight 8-byte stores. */
static __rte_always_inline void
rte_pio_store_insn_scalar(void *dst, const void *src)
{
	uint64_t line[8];
	unsigned int i;

	memcpy(line, src, sizeof(line));
	/* Volatile: the compiler must neither merge, split, nor reorder them, nor call memcpy. */
	for (i = 0; i < 8; i++)
		((volatile uint64_t *)dst)[i] = line[i];
}
#define RTE_PIO_STORE_INSN_SCALAR rte_pio_store_insn_scalar
#endif

#if defined(RTE_ARCH_X86_64)

#ifndef RTE_PIO_STORE_INSN_SSE2
/** @internal Four 16-byte stores. */
static __rte_always_inline void
rte_pio_store_insn_sse2(void *dst, const void *src)
{
	asm volatile("movdqu	(%1), %%xmm0\n\t"
		     "movdqu	16(%1), %%xmm1\n\t"
		     "movdqu	32(%1), %%xmm2\n\t"
		     "movdqu	48(%1), %%xmm3\n\t"
		     "movdqa	%%xmm0, (%0)\n\t"
		     "movdqa	%%xmm1, 16(%0)\n\t"
		     "movdqa	%%xmm2, 32(%0)\n\t"
		     "movdqa	%%xmm3, 48(%0)"
		     : : "r" (dst), "r" (src)
		     : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
}
#define RTE_PIO_STORE_INSN_SSE2 rte_pio_store_insn_sse2
#endif

#ifndef RTE_PIO_STORE_INSN_AVX2
/**
 * @internal Two 32-byte stores. Leaves the upper halves dirty: rte_pio_store_end() cleans them
 * once per frame.
 */
static __rte_always_inline void
rte_pio_store_insn_avx2(void *dst, const void *src)
{
	asm volatile("vmovdqu	(%1), %%ymm0\n\t"
		     "vmovdqu	32(%1), %%ymm1\n\t"
		     "vmovdqa	%%ymm0, (%0)\n\t"
		     "vmovdqa	%%ymm1, 32(%0)"
		     : : "r" (dst), "r" (src) : "xmm0", "xmm1", "memory");
}
#define RTE_PIO_STORE_INSN_AVX2 rte_pio_store_insn_avx2
#endif

#ifndef RTE_PIO_STORE_INSN_AVX512
/*
 * Register 16 and the masks exist in AVX-512 only: code that was compiled without it cannot hold
 * anything there, and register 16 makes no upper half dirty, so no vzeroupper is owed.
 */
#ifdef __AVX512F__
#define RTE_PIO_STORE_CLOBBER16 "xmm16", "k1", "memory"
#else
#define RTE_PIO_STORE_CLOBBER16 "memory"
#endif
/** @internal One 64-byte store. */
static __rte_always_inline void
rte_pio_store_insn_avx512(void *dst, const void *src)
{
	asm volatile("vmovdqu64	(%1), %%zmm16\n\t"
		     "vmovdqa64	%%zmm16, (%0)"
		     : : "r" (dst), "r" (src) : RTE_PIO_STORE_CLOBBER16);
}
#define RTE_PIO_STORE_INSN_AVX512 rte_pio_store_insn_avx512

/**
 * @internal 1..64 bytes as one zero-padded 64-byte store. Bytes that the mask leaves out are not
 * read, so the source may end where memory ends.
 *
 * @param dst 64-byte aligned.
 * @param src n readable bytes.
 * @param n   Bytes, 1..64.
 */
static __rte_always_inline void
rte_pio_store_insn_avx512_last(void *dst, const void *src, uint32_t n)
{
	uint64_t mask;

	/* a shift would need the count in a certain register, and could not tell 64 from 0 */
	asm("bzhi	%1, %2, %0" : "=r" (mask) : "r" ((uint64_t)n), "r" (UINT64_MAX) : "cc");
	asm volatile("kmovq	%2, %%k1\n\t"
		     "vmovdqu8	(%1), %%zmm16%{%%k1%}%{z%}\n\t"
		     "vmovdqa64	%%zmm16, (%0)"
		     : : "r" (dst), "r" (src), "r" (mask) : RTE_PIO_STORE_CLOBBER16);
}
#define RTE_PIO_STORE_INSN_AVX512_LAST rte_pio_store_insn_avx512_last
#endif

#ifndef RTE_PIO_STORE_INSN_MOVDIR64B
/** @internal One 64-byte direct store. */
static __rte_always_inline void
rte_pio_store_insn_movdir64b(void *dst, const void *src)
{
	/* movdir64b (%rdx), %rax: spelt in bytes for assemblers that do not know it. */
	asm volatile(".byte 0x66, 0x0f, 0x38, 0xf8, 0x02"
		     : : "a" (dst), "d" (src) : "memory");
}
#define RTE_PIO_STORE_INSN_MOVDIR64B rte_pio_store_insn_movdir64b
#endif

#elif defined(RTE_ARCH_ARM64)

#ifndef RTE_PIO_STORE_INSN_NEON
/** @internal Two stores of a register pair, 32 bytes each. */
static __rte_always_inline void
rte_pio_store_insn_neon(void *dst, const void *src)
{
	asm volatile("ldp	q0, q1, [%1]\n\t"
		     "ldp	q2, q3, [%1, #32]\n\t"
		     "stp	q0, q1, [%0]\n\t"
		     "stp	q2, q3, [%0, #32]"
		     : : "r" (dst), "r" (src) : "v0", "v1", "v2", "v3", "memory");
}
#define RTE_PIO_STORE_INSN_NEON rte_pio_store_insn_neon
#endif

#endif /* RTE_ARCH_ARM64 */

/** @endcond */

/**
 * Store one line.
 *
 * @param kind A supported kind; a constant makes the choice vanish.
 * @param dst  64-byte aligned.
 * @param src  64 readable bytes, any alignment.
 */
static __rte_always_inline void
rte_pio_store_line(enum rte_pio_store_kind kind, void *dst, const void *src)
{
	switch (kind) {
#ifdef RTE_PIO_STORE_INSN_SSE2
	case RTE_PIO_STORE_SSE2:
		RTE_PIO_STORE_INSN_SSE2(dst, src);
		break;
#endif
#ifdef RTE_PIO_STORE_INSN_AVX2
	case RTE_PIO_STORE_AVX2:
		RTE_PIO_STORE_INSN_AVX2(dst, src);
		break;
#endif
#ifdef RTE_PIO_STORE_INSN_AVX512
	case RTE_PIO_STORE_AVX512:
		RTE_PIO_STORE_INSN_AVX512(dst, src);
		break;
#endif
#ifdef RTE_PIO_STORE_INSN_MOVDIR64B
	case RTE_PIO_STORE_MOVDIR64B:
		RTE_PIO_STORE_INSN_MOVDIR64B(dst, src);
		break;
#endif
#ifdef RTE_PIO_STORE_INSN_NEON
	case RTE_PIO_STORE_NEON:
		RTE_PIO_STORE_INSN_NEON(dst, src);
		break;
#endif
	default:
		RTE_PIO_STORE_INSN_SCALAR(dst, src);
		break;
	}
}

/**
 * End a series of rte_pio_store_line() of a kind, before other vector code runs. _copy() and
 * _gather() do it themselves.
 *
 * @param kind The kind of the series.
 */
static __rte_always_inline void
rte_pio_store_end(enum rte_pio_store_kind kind)
{
#if defined(RTE_ARCH_X86_64) && !defined(__AVX__)
	/* Dirty upper halves slow down SSE code; code compiled for AVX looks after itself. */
	if (kind == RTE_PIO_STORE_AVX2)
		asm volatile("vzeroupper" ::: "memory");
#else
	(void)kind;
#endif
}

/**
 * @internal Copy n < 64 bytes to a zeroed line: few branches, no call, no byte past the end.
 *
 * @param line Destination.
 * @param src  n readable bytes.
 * @param n    Bytes, 0..63.
 */
static __rte_always_inline void
rte_pio_store_stage(uint8_t *line, const uint8_t *src, uint32_t n)
{
	/* Each branch copies the head and the tail of the rest; the two may overlap. */
	if (n >= 32) {
		memcpy(line, src, 32);
		memcpy(line + n - 32, src + n - 32, 32);
	} else if (n >= 16) {
		memcpy(line, src, 16);
		memcpy(line + n - 16, src + n - 16, 16);
	} else if (n >= 8) {
		memcpy(line, src, 8);
		memcpy(line + n - 8, src + n - 8, 8);
	} else if (n >= 4) {
		memcpy(line, src, 4);
		memcpy(line + n - 4, src + n - 4, 4);
	} else if (n > 0) {
		line[0] = src[0];
		line[n / 2] = src[n / 2];
		line[n - 1] = src[n - 1];
	}
}

/** A line under construction. */
struct rte_pio_store_buf {
	uint8_t line[RTE_PIO_STORE_LINE] __rte_aligned(RTE_PIO_STORE_LINE);	/**< Its bytes. */
};

/**
 * @internal Store the last 1..64 bytes of a frame as a line padded with zeros.
 *
 * @param kind A supported kind.
 * @param dst  64-byte aligned.
 * @param src  n readable bytes.
 * @param n    Bytes, 1..64.
 */
static __rte_always_inline void
rte_pio_store_last(enum rte_pio_store_kind kind, void *dst, const void *src, uint32_t n)
{
	struct rte_pio_store_buf buf;

#ifdef RTE_PIO_STORE_INSN_AVX512_LAST
	/* no branch; and a line staged in memory, as below, would stall the load that follows */
	if (kind == RTE_PIO_STORE_AVX512) {
		RTE_PIO_STORE_INSN_AVX512_LAST(dst, src, n);
		return;
	}
#endif
	if (n == RTE_PIO_STORE_LINE) {
		rte_pio_store_line(kind, dst, src);
		return;
	}
	memset(buf.line, 0, sizeof(buf.line));
	rte_pio_store_stage(buf.line, (const uint8_t *)src, n);
	rte_pio_store_line(kind, dst, buf.line);
}

/**
 * @internal As rte_pio_store_copy(), with the distance of lines at the destination.
 *
 * @param kind A supported kind.
 * @param dst  64-byte aligned.
 * @param src  len readable bytes.
 * @param len  Bytes, any.
 * @param step 64; 0 lets all lines fall on the first one, for warming.
 */
static __rte_always_inline void
rte_pio_store_copy_step(enum rte_pio_store_kind kind, void *dst, const void *src, uint32_t len,
			uint32_t step)
{
	const uint8_t *s = (const uint8_t *)src;
	uint8_t *d = (uint8_t *)dst;

	for (; len > RTE_PIO_STORE_LINE; len -= RTE_PIO_STORE_LINE) {
		rte_pio_store_line(kind, d, s);
		d += step;
		s += RTE_PIO_STORE_LINE;
		/* three registers suffice; what compilers make of it takes six, to be saved first */
		asm volatile("" : "+r" (len));
	}
	if (len > 0)
		rte_pio_store_last(kind, d, s, len);
	rte_pio_store_end(kind);
}

/**
 * Store a flat frame: ceil(len / 64) lines, the last one padded with zeros.
 *
 * @param kind A supported kind; a constant makes the choice vanish.
 * @param dst  64-byte aligned, room for len rounded up to 64.
 * @param src  len readable bytes, any alignment.
 * @param len  Bytes, any.
 */
static __rte_always_inline void
rte_pio_store_copy(enum rte_pio_store_kind kind, void *dst, const void *src, uint32_t len)
{
	rte_pio_store_copy_step(kind, dst, src, len, RTE_PIO_STORE_LINE);
}

/**
 * Store a frame gathered from pieces, packed without gaps, the last line padded with zeros.
 *
 * @param kind A supported kind; a constant makes the choice vanish.
 * @param dst  64-byte aligned, room for the sum of the pieces rounded up to 64.
 * @param iov  Pieces, any alignment and length.
 * @param n    Number of pieces.
 */
static __rte_always_inline void
rte_pio_store_gather(enum rte_pio_store_kind kind, void *dst, const struct rte_pio_iov *iov,
		     uint16_t n)
{
	struct rte_pio_store_buf buf;
	uint8_t *d = (uint8_t *)dst;
	uint32_t fill = 0;
	uint16_t i;

	memset(buf.line, 0, sizeof(buf.line));
	for (i = 0; i < n; i++) {
		const uint8_t *s = (const uint8_t *)iov[i].base;
		uint32_t left = iov[i].len;

		while (left > 0) {
			uint32_t part = RTE_MIN(left, RTE_PIO_STORE_LINE - fill);

			if (part == RTE_PIO_STORE_LINE) {
				rte_pio_store_line(kind, d, s);
				d += RTE_PIO_STORE_LINE;
			} else {
				rte_pio_store_stage(buf.line + fill, s, part);
				fill += part;
				if (fill == RTE_PIO_STORE_LINE) {
					rte_pio_store_line(kind, d, buf.line);
					d += RTE_PIO_STORE_LINE;
					memset(buf.line, 0, sizeof(buf.line));
					fill = 0;
				}
			}
			s += part;
			left -= part;
		}
	}
	if (fill > 0)
		rte_pio_store_line(kind, d, buf.line);
	rte_pio_store_end(kind);
}

#ifdef __cplusplus
}
#endif

#endif /* RTE_PIO_STORE_H */
