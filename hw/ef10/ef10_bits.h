/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef EF10_BITS_H
#define EF10_BITS_H

/*
 * Bit fields and byte order of everything the adapter reads or writes.
 *
 * A field X is declared once, as the pair EF10_X_LBN (number of its lowest bit, from bit 0 = least
 * significant) and EF10_X_WIDTH (bits), and is used only through
 *
 *	EF10_GET(word, X)	value of field X in a 32- or 64-bit word
 *	EF10_PUT(X, value)	value moved to its place, to be ORed with other fields
 *	EF10_MASK(X)		all bits of the field; a constant expression
 *
 * Example, a completion event of descriptor 0x1F4:
 *
 *	ev = EF10_PUT(EV_CODE, EF10_EV_CODE_TX) | EF10_PUT(TX_EV_DESCR_INDX, 0x1F4);
 *	EF10_GET(ev, TX_EV_DESCR_INDX) == 0x1F4
 *
 * Registers, descriptors, events and MCDI words are little endian; a word in this sense is already
 * in host order. ef10_leNN_get() and ef10_leNN_put() move words from and to byte buffers.
 */

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Checks that cost time on the fast path: only in builds that define EF10_DEBUG. */
#ifdef EF10_DEBUG
#define EF10_ASSERT(cond) assert(cond)
#else
#define EF10_ASSERT(cond) ((void)0)
#endif

#if defined(__clang__)
#if __has_attribute(error)
#define EF10_COMPILE_ERROR(msg) __attribute__((error(msg)))
#endif
#elif defined(__GNUC__)
#define EF10_COMPILE_ERROR(msg) __attribute__((error(msg)))
#endif
#ifndef EF10_COMPILE_ERROR
#define EF10_COMPILE_ERROR(msg)
#endif

/*
 * Never defined: a call that survives optimisation stops the build (compiler error, or the linker
 * where the attribute is unknown).
 */
void ef10_put_value_too_wide(void) EF10_COMPILE_ERROR("EF10_PUT: value does not fit its field");

#define EF10_FIELD_ONES(width) (UINT64_MAX >> (64 - (width)))

#define EF10_MASK(field) (EF10_FIELD_ONES(EF10_##field##_WIDTH) << EF10_##field##_LBN)

#define EF10_GET(word, field) \
	(((uint64_t)(word) >> EF10_##field##_LBN) & EF10_FIELD_ONES(EF10_##field##_WIDTH))

#define EF10_PUT(field, value) \
	ef10_field_put((uint64_t)(value), EF10_##field##_LBN, EF10_##field##_WIDTH)

/* Word with one field replaced. */
#define EF10_SET(word, field, value) \
	(((uint64_t)(word) & ~EF10_MASK(field)) | EF10_PUT(field, value))

#if defined(__GNUC__)
__attribute__((always_inline))
#endif
static inline uint64_t
ef10_field_put(uint64_t value, unsigned int lbn, unsigned int width)
{
#if defined(__GNUC__) && defined(__OPTIMIZE__)
	if (__builtin_constant_p(value) && (value & ~EF10_FIELD_ONES(width)) != 0)
		ef10_put_value_too_wide();
#endif
	EF10_ASSERT((value & ~EF10_FIELD_ONES(width)) == 0);
	return (value & EF10_FIELD_ONES(width)) << lbn;
}

/* Little-endian words at any alignment; compilers turn each into one load or store. */

static inline uint16_t
ef10_le16_get(const uint8_t *p)
{
	return (uint16_t)(p[0] | (p[1] << 8));
}

static inline uint32_t
ef10_le32_get(const uint8_t *p)
{
	return (uint32_t)p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) |
		((uint32_t)p[3] << 24);
}

static inline uint64_t
ef10_le64_get(const uint8_t *p)
{
	return (uint64_t)ef10_le32_get(p) | ((uint64_t)ef10_le32_get(p + 4) << 32);
}

static inline void
ef10_le16_put(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static inline void
ef10_le32_put(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
	p[2] = (uint8_t)(value >> 16);
	p[3] = (uint8_t)(value >> 24);
}

static inline void
ef10_le64_put(uint8_t *p, uint64_t value)
{
	ef10_le32_put(p, (uint32_t)value);
	ef10_le32_put(p + 4, (uint32_t)(value >> 32));
}

#ifdef __cplusplus
}
#endif

#endif /* EF10_BITS_H */
