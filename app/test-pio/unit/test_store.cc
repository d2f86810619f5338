/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* rte_pio_store.h: each kind of store, exact to the byte, and the choice between them. */

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "store_cpu.h"
#include "store_kinds.h"

namespace {

constexpr unsigned kLine = RTE_PIO_STORE_LINE;

std::string
KindName(const ::testing::TestParamInfo<int> &info)
{
	return rte_pio_store_kind_name(static_cast<rte_pio_store_kind>(info.param));
}

/* Every kind on the CPU's own instruction. */
class StoreKind : public ::testing::TestWithParam<int> {
protected:
	void
	SetUp() override
	{
		kind = static_cast<rte_pio_store_kind>(GetParam());
		if (!rte_pio_store_kind_supported(kind))
			GTEST_SKIP() << "this CPU has no " << rte_pio_store_kind_name(kind)
				     << ": see StoreStandIn";
	}

	rte_pio_store_kind kind;
};

INSTANTIATE_TEST_SUITE_P(All, StoreKind, ::testing::Range<int>(RTE_PIO_STORE_SCALAR,
							       RTE_PIO_STORE_MAX), KindName);

TEST_P(StoreKind, CopiesExactBytesOfEveryLengthAndAlignment)
{
	const char *fault = store_check_copy(&store_kinds[kind]);
	EXPECT_EQ(fault, nullptr) << fault;
}

TEST_P(StoreKind, GathersExactBytes)
{
	const char *fault = store_check_gather(&store_kinds[kind]);
	EXPECT_EQ(fault, nullptr) << fault;
}

TEST_P(StoreKind, IsTheSameInCodeForAvx512)
{
	if (!rte_pio_store_kind_supported(RTE_PIO_STORE_AVX512))
		GTEST_SKIP() << "this CPU cannot run code for AVX-512";
	const char *fault = store_check_copy(&store_kinds_avx512[kind]);
	EXPECT_EQ(fault, nullptr) << fault;
	fault = store_check_gather(&store_kinds_avx512[kind]);
	EXPECT_EQ(fault, nullptr) << fault;
}

/* Every kind, also those that this CPU lacks, on stand-ins that look at their arguments. */
class StoreStandIn : public ::testing::TestWithParam<int> {
protected:
	void
	SetUp() override
	{
		kind = static_cast<rte_pio_store_kind>(GetParam());
		table = &store_kinds_recorded[kind];
		store_nb_records = 0;
	}

	/* Lines ascend from dst, each once, aligned, all of this kind. */
	void
	ExpectLines(const uint8_t *dst, unsigned nb)
	{
		ASSERT_EQ(store_nb_records, nb);
		for (unsigned i = 0; i < nb; i++) {
			ASSERT_EQ(store_records[i].kind, kind);
			ASSERT_EQ(store_records[i].dst, dst + i * kLine);
			ASSERT_EQ((uintptr_t)store_records[i].dst % kLine, 0u);
		}
	}

	rte_pio_store_kind kind;
	const store_kind *table;
	alignas(kLine) uint8_t dst[1664];
	uint8_t src[1664 + kLine];
};

INSTANTIATE_TEST_SUITE_P(All, StoreStandIn, ::testing::Range<int>(RTE_PIO_STORE_SCALAR,
								  RTE_PIO_STORE_MAX), KindName);

TEST_P(StoreStandIn, IsGivenAscendingAlignedLines)
{
	for (uint32_t len = 0; len <= 1600; len++) {
		for (unsigned align : { 0u, 1u, 31u, 63u }) {
			store_nb_records = 0;
			table->copy(dst, src + align, len);
			ASSERT_NO_FATAL_FAILURE(ExpectLines(dst, (len + kLine - 1) / kLine));
		}
	}
}

TEST_P(StoreStandIn, ReadsWholeLinesInPlaceAndTheTailFromACopy)
{
	for (uint32_t len = 1; len <= 512; len++) {
		store_nb_records = 0;
		table->copy(dst, src + 3, len);
		for (unsigned i = 0; i < len / kLine; i++)
			ASSERT_EQ(store_records[i].src, src + 3 + i * kLine);
		if (len % kLine == 0)
			continue;
		/* 64 bytes from anywhere in the frame would reach past its end. */
		const uint8_t *tail = static_cast<const uint8_t *>(store_records[len / kLine].src);
		ASSERT_TRUE(tail + kLine <= src || tail >= src + sizeof(src)) << len;
		ASSERT_EQ((uintptr_t)tail % kLine, 0u);
	}
}

TEST_P(StoreStandIn, GathersEachLineOnce)
{
	for (uint32_t first = 0; first <= 130; first++) {
		for (uint32_t second = 0; second <= 130; second++) {
			const rte_pio_iov iov[] = { { src + 1, first }, { nullptr, 0 },
						    { src + 200, second } };

			store_nb_records = 0;
			table->gather(dst, iov, 3);
			ASSERT_NO_FATAL_FAILURE(
				ExpectLines(dst, (first + second + kLine - 1) / kLine));
		}
	}
}

TEST_P(StoreStandIn, CopiesExactBytesOfEveryLengthAndAlignment)
{
	const char *fault = store_check_copy(table);
	EXPECT_EQ(fault, nullptr) << fault;
	fault = store_check_gather(table);
	EXPECT_EQ(fault, nullptr) << fault;
}

/* A driver that asks for a kind this build does not know gets the one that every CPU has. */
TEST(StoreKinds, AnUnknownOneIsScalar)
{
	alignas(kLine) uint8_t dst[kLine], src[kLine] = { 1, 2, 3 };

	store_nb_records = 0;
	store_kinds_recorded[RTE_PIO_STORE_AUTO].line(dst, src);
	ASSERT_EQ(store_nb_records, 1u);
	EXPECT_EQ(store_records[0].kind, RTE_PIO_STORE_SCALAR);
	EXPECT_EQ(std::memcmp(dst, src, kLine), 0);
}

TEST(StoreKinds, AreTheCpus)
{
	std::ifstream cpuinfo("/proc/cpuinfo");
	std::set<std::string> flags;

	for (std::string line; flags.empty() && std::getline(cpuinfo, line);) {
		if (line.rfind("flags", 0) != 0)
			continue;
		std::istringstream words(line);
		for (std::string word; words >> word;)
			flags.insert(word);
	}
	EXPECT_TRUE(rte_pio_store_kind_supported(RTE_PIO_STORE_AUTO));
	EXPECT_TRUE(rte_pio_store_kind_supported(RTE_PIO_STORE_SCALAR));
	EXPECT_FALSE(rte_pio_store_kind_supported(RTE_PIO_STORE_MAX));
	EXPECT_FALSE(rte_pio_store_kind_supported(static_cast<rte_pio_store_kind>(-1)));
#ifdef RTE_ARCH_X86_64
	EXPECT_TRUE(rte_pio_store_kind_supported(RTE_PIO_STORE_SSE2));
	EXPECT_FALSE(rte_pio_store_kind_supported(RTE_PIO_STORE_NEON));
	EXPECT_EQ(rte_pio_store_kind_supported(RTE_PIO_STORE_AVX2), flags.count("avx2") != 0);
	EXPECT_EQ(rte_pio_store_kind_supported(RTE_PIO_STORE_AVX512),
		  flags.count("avx512f") != 0);
	EXPECT_EQ(rte_pio_store_kind_supported(RTE_PIO_STORE_MOVDIR64B),
		  flags.count("movdir64b") != 0);
#endif
}

TEST(StoreKinds, HaveNamesThatCanBeRead)
{
	std::set<std::string> seen;

	for (int k = 0; k < RTE_PIO_STORE_MAX; k++) {
		const char *name = rte_pio_store_kind_name(static_cast<rte_pio_store_kind>(k));

		EXPECT_TRUE(seen.insert(name).second) << name;
		EXPECT_EQ(rte_pio_store_kind_parse(name), k);
	}
	EXPECT_STREQ(rte_pio_store_kind_name(RTE_PIO_STORE_MAX), "unknown");
	EXPECT_STREQ(rte_pio_store_kind_name(static_cast<rte_pio_store_kind>(-1)), "unknown");
	EXPECT_EQ(rte_pio_store_kind_parse("sse3"), RTE_PIO_STORE_MAX);
	EXPECT_EQ(rte_pio_store_kind_parse(""), RTE_PIO_STORE_MAX);
	EXPECT_EQ(rte_pio_store_kind_parse(nullptr), RTE_PIO_STORE_MAX);
	for (int m = 0; m < RTE_PIO_MAP_MAX; m++)
		EXPECT_TRUE(seen.insert(rte_pio_map_kind_name(
			static_cast<rte_pio_map_kind>(m))).second);
	EXPECT_STREQ(rte_pio_map_kind_name(RTE_PIO_MAP_MAX), "unknown");
}

/* errno: rte_pio_store_kind_set EINVAL ENOTSUP */
TEST(StoreKinds, CanBeForcedWhereTheyExist)
{
	for (int k = 0; k < RTE_PIO_STORE_MAX; k++) {
		const rte_pio_store_kind kind = static_cast<rte_pio_store_kind>(k);

		if (!rte_pio_store_kind_supported(kind)) {
			EXPECT_EQ(rte_pio_store_kind_set(kind), -ENOTSUP);
			EXPECT_EQ(rte_pio_store_kind_get(), RTE_PIO_STORE_AUTO);
			continue;
		}
		EXPECT_EQ(rte_pio_store_kind_set(kind), 0);
		EXPECT_EQ(rte_pio_store_kind_get(), kind);
		for (int m = 0; m < RTE_PIO_MAP_MAX && kind != RTE_PIO_STORE_AUTO; m++)
			EXPECT_EQ(rte_pio_store_kind_best(static_cast<rte_pio_map_kind>(m)), kind);
		EXPECT_EQ(rte_pio_store_kind_set(RTE_PIO_STORE_MAX), -EINVAL);
		EXPECT_EQ(rte_pio_store_kind_set(static_cast<rte_pio_store_kind>(-1)), -EINVAL);
		EXPECT_EQ(rte_pio_store_kind_get(), kind) << "an error changed it";
		EXPECT_EQ(rte_pio_store_kind_set(RTE_PIO_STORE_AUTO), 0);
	}
	for (int m = 0; m < RTE_PIO_MAP_MAX; m++) {
		const auto best = rte_pio_store_kind_best(static_cast<rte_pio_map_kind>(m));

		EXPECT_NE(best, RTE_PIO_STORE_AUTO);
		EXPECT_TRUE(rte_pio_store_kind_supported(best));
	}
}

#ifdef RTE_ARCH_X86_64

/* The choice, on CPUs that are not at hand. */
TEST(StoreKinds, TheBestFollowsCpuMappingAndLimit)
{
	/* xgetbv is the real CPU's: without AVX there, a pretended one is not believed. */
	if (!rte_pio_store_kind_supported(RTE_PIO_STORE_AVX512))
		GTEST_SKIP() << "the operating system saves no AVX-512 registers";
	const struct {
		bool avx2, avx512, avx512bw, bmi2, movdir64b, osxsave;
		uint16_t bitwidth;
		rte_pio_store_kind uc, wc, wb;
	} cases[] = {
		{ false, false, false, false, false, false, 256, RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_SSE2,
		  RTE_PIO_STORE_SSE2 },
		{ true, false, false, true, false, true, 256, RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_AVX2,
		  RTE_PIO_STORE_AVX2 },
		/* The CPU has it, the operating system does not save its registers. */
		{ true, true, true, true, false, false, 512, RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_SSE2,
		  RTE_PIO_STORE_SSE2 },
		{ true, true, true, true, false, true, 256, RTE_PIO_STORE_SCALAR,
		  RTE_PIO_STORE_AVX512, RTE_PIO_STORE_AVX512 },
		{ true, false, false, true, true, true, 256, RTE_PIO_STORE_MOVDIR64B,
		  RTE_PIO_STORE_MOVDIR64B, RTE_PIO_STORE_AVX2 },
		{ true, true, true, true, true, true, 256, RTE_PIO_STORE_MOVDIR64B,
		  RTE_PIO_STORE_AVX512, RTE_PIO_STORE_AVX512 },
		/* Xeon Phi: lines by one store, but no loads by bytes. */
		{ true, true, false, true, false, true, 256, RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_AVX2,
		  RTE_PIO_STORE_AVX2 },
		/* A hypervisor that hides BMI2: no mask for the end of a frame. */
		{ true, true, true, false, false, true, 256, RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_AVX2,
		  RTE_PIO_STORE_AVX2 },
		/* --force-max-simd-bitwidth=128 means every vector unit. */
		{ true, true, true, true, true, true, 128, RTE_PIO_STORE_MOVDIR64B,
		  RTE_PIO_STORE_MOVDIR64B, RTE_PIO_STORE_SSE2 },
		{ true, true, true, true, false, true, 64, RTE_PIO_STORE_SCALAR, RTE_PIO_STORE_SSE2,
		  RTE_PIO_STORE_SSE2 },
	};
	for (size_t i = 0; i < std::size(cases); i++) {
		const auto &c = cases[i];

		SCOPED_TRACE(i);
		const bool avx512 = c.avx512 && c.avx512bw && c.bmi2 && c.osxsave;
		store_cpu = { c.avx2, c.avx512, c.avx512bw, c.bmi2, c.movdir64b, c.osxsave,
			      c.bitwidth };
		EXPECT_EQ(store_cpu_kind_best(RTE_PIO_MAP_UC), c.uc);
		EXPECT_EQ(store_cpu_kind_best(RTE_PIO_MAP_WC), c.wc);
		EXPECT_EQ(store_cpu_kind_best(RTE_PIO_MAP_UNKNOWN), c.wc);
		EXPECT_EQ(store_cpu_kind_best(RTE_PIO_MAP_WB), c.wb);
		EXPECT_EQ(store_cpu_kind_supported(RTE_PIO_STORE_MOVDIR64B), c.movdir64b);
		EXPECT_EQ(store_cpu_kind_supported(RTE_PIO_STORE_AVX512), avx512);
		EXPECT_EQ(store_cpu_kind_set(RTE_PIO_STORE_AVX512),
			  avx512 ? 0 : -ENOTSUP);
		EXPECT_EQ(store_cpu_kind_set(RTE_PIO_STORE_AUTO), 0);
	}
	/* What is forced is forced, whatever EAL's limit. */
	store_cpu = { true, true, true, true, true, true, 64 };
	EXPECT_EQ(store_cpu_kind_set(RTE_PIO_STORE_AVX512), 0);
	EXPECT_EQ(store_cpu_kind_best(RTE_PIO_MAP_UC), RTE_PIO_STORE_AVX512);
	EXPECT_EQ(store_cpu_kind_get(), RTE_PIO_STORE_AVX512);
	EXPECT_EQ(store_cpu_kind_set(RTE_PIO_STORE_AUTO), 0);
}

#endif

} /* namespace */
