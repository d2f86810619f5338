/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The checks of EF10_PUT at run time exist in debug builds of the headers only; test those. */
#define EF10_DEBUG

#include <string.h>

#include <gtest/gtest.h>

#include "ef10_bits.h"

/* Fields of our own, so that this file does not depend on the tables it helps to trust */
#define EF10_T_LOW_LBN 0
#define EF10_T_LOW_WIDTH 4
#define EF10_T_MID_LBN 28
#define EF10_T_MID_WIDTH 12
#define EF10_T_TOP_LBN 63
#define EF10_T_TOP_WIDTH 1
#define EF10_T_ALL_LBN 0
#define EF10_T_ALL_WIDTH 64

/* usable where a constant is required */
static_assert(EF10_MASK(T_MID) == 0xFFF0000000, "mask in a constant expression");
static_assert(EF10_GET(0x123456789ABCDEF0, T_MID) == 0x789, "get in a constant expression");

TEST(HwBits, MaskCoversTheFieldAndNothingElse)
{
	EXPECT_EQ(EF10_MASK(T_LOW), 0xFull);
	EXPECT_EQ(EF10_MASK(T_MID), 0xFFF0000000ull);
	EXPECT_EQ(EF10_MASK(T_TOP), 0x8000000000000000ull);
	EXPECT_EQ(EF10_MASK(T_ALL), 0xFFFFFFFFFFFFFFFFull);
}

TEST(HwBits, GetTakesTheFieldOutOf32And64BitWords)
{
	EXPECT_EQ(EF10_GET(0x123456789ABCDEF0ull, T_LOW), 0x0u);
	EXPECT_EQ(EF10_GET(0x123456789ABCDEF0ull, T_MID), 0x789u);
	EXPECT_EQ(EF10_GET(0x123456789ABCDEF0ull, T_ALL), 0x123456789ABCDEF0ull);
	EXPECT_EQ(EF10_GET(UINT64_MAX, T_TOP), 1u);
	/* a 32-bit word has nothing above bit 31 to leak in */
	EXPECT_EQ(EF10_GET(UINT32_C(0xFABCDEF5), T_MID), 0xFu);
	EXPECT_EQ(EF10_GET(UINT32_C(0xFABCDEF5), T_LOW), 0x5u);
}

TEST(HwBits, PutMovesTheValueToItsPlace)
{
	EXPECT_EQ(EF10_PUT(T_LOW, 0xF), 0xFull);
	EXPECT_EQ(EF10_PUT(T_MID, 0x789), 0x7890000000ull);
	EXPECT_EQ(EF10_PUT(T_TOP, true), 0x8000000000000000ull);
	EXPECT_EQ(EF10_PUT(T_ALL, UINT64_MAX), UINT64_MAX);
}

TEST(HwBits, SetReplacesOneFieldOnly)
{
	EXPECT_EQ(EF10_SET(0x123456789ABCDEF0ull, T_MID, 0xFED), 0x123456FEDABCDEF0ull);
	EXPECT_EQ(EF10_SET(UINT64_MAX, T_TOP, 0), 0x7FFFFFFFFFFFFFFFull);
}

TEST(HwBitsDeathTest, PutOfAValueTooWideAsserts)
{
	/* volatile: the compiler must not know the value, or it refuses it itself */
	volatile uint64_t value = 0x1000;

	EXPECT_DEATH((void)EF10_PUT(T_MID, value), "value");
}

TEST(HwBits, LittleEndianWordsAtAnyAlignment)
{
	const uint8_t bytes[] = {0xAA, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};

	EXPECT_EQ(ef10_le16_get(bytes + 1), 0x2301);
	EXPECT_EQ(ef10_le32_get(bytes + 1), 0x67452301u);
	EXPECT_EQ(ef10_le32_get(bytes + 5), 0xEFCDAB89u);
	EXPECT_EQ(ef10_le64_get(bytes + 1), 0xEFCDAB8967452301ull);
}

TEST(HwBits, LittleEndianStoresTouchTheirBytesOnly)
{
	uint8_t bytes[10];

	memset(bytes, 0x5A, sizeof(bytes));
	ef10_le64_put(bytes + 1, 0xEFCDAB8967452301);
	const uint8_t want64[] = {0x5A, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x5A};
	EXPECT_EQ(memcmp(bytes, want64, sizeof(bytes)), 0);

	memset(bytes, 0x5A, sizeof(bytes));
	ef10_le32_put(bytes + 3, 0x89674523);
	const uint8_t want32[] = {0x5A, 0x5A, 0x5A, 0x23, 0x45, 0x67, 0x89, 0x5A, 0x5A, 0x5A};
	EXPECT_EQ(memcmp(bytes, want32, sizeof(bytes)), 0);

	memset(bytes, 0x5A, sizeof(bytes));
	ef10_le16_put(bytes + 5, 0xCDAB);
	const uint8_t want16[] = {0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0xAB, 0xCD, 0x5A, 0x5A, 0x5A};
	EXPECT_EQ(memcmp(bytes, want16, sizeof(bytes)), 0);
}
