/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The benchmark's histogram, and its mean of pieces, against plain arithmetic. */

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

extern "C" {
#include "bench_hist.h"
#include "bench_tsc.h"
}

namespace
{

std::unique_ptr<struct bench_hist>
Hist()
{
	auto h = std::make_unique<struct bench_hist>();

	bench_hist_reset(h.get());
	return h;
}

TEST(BenchHist, SmallValuesHaveABucketEach)
{
	for (uint64_t v = 0; v < 2 * BENCH_HIST_SUB; v++)
		EXPECT_EQ(bench_hist_value(bench_hist_index(v)), v);
}

TEST(BenchHist, AValueIsKnownToLessThanAHundredth)
{
	for (uint64_t v = 2 * BENCH_HIST_SUB; v < UINT64_C(1) << BENCH_HIST_BITS; v += v / 61) {
		const auto got = static_cast<double>(bench_hist_value(bench_hist_index(v)));

		ASSERT_NEAR(got, static_cast<double>(v), static_cast<double>(v) * 0.005) << v;
	}
}

TEST(BenchHist, BucketsAreInOrderWithoutHoles)
{
	uint32_t last = bench_hist_index(0);

	for (uint64_t v = 1; v < 1 << 20; v++) {
		const uint32_t i = bench_hist_index(v);

		ASSERT_GE(i, last) << v;
		ASSERT_LE(i, last + 1) << v;
		last = i;
	}
}

TEST(BenchHist, WhatIsTooLargeCountsAsTheLargest)
{
	const uint32_t top = bench_hist_index((UINT64_C(1) << BENCH_HIST_BITS) - 1);

	EXPECT_EQ(top, BENCH_HIST_BUCKETS - 1);
	EXPECT_EQ(bench_hist_index(UINT64_MAX), top);
}

TEST(BenchHist, PercentilesAreThoseOfTheSortedValues)
{
	auto h = Hist();
	std::mt19937_64 random(1);
	std::vector<uint64_t> all;

	for (int i = 0; i < 20000; i++) {
		all.push_back(20 + (random() >> (45 + random() % 16)));
		bench_hist_add(h.get(), static_cast<int64_t>(all.back()));
	}
	std::sort(all.begin(), all.end());
	for (double share : { 0.5, 0.9, 0.99, 0.999 }) {
		const auto want = static_cast<double>(all[static_cast<size_t>(share * 20000) - 1]);

		EXPECT_NEAR(static_cast<double>(bench_hist_percentile(h.get(), share)), want, want * 0.005);
	}
	EXPECT_EQ(h->min, all.front());
	EXPECT_EQ(h->max, all.back());
	EXPECT_EQ(h->total, all.size());
}

TEST(BenchHist, NegativeDifferencesOfClocksCountAsNothing)
{
	auto h = Hist();

	bench_hist_add(h.get(), -15);
	EXPECT_EQ(h->count[0], 1u);
	EXPECT_EQ(h->min, 0u);
}

TEST(BenchMean, LeavesOutWhatIsLongerThanEightMediansAndSaysSo)
{
	std::vector<uint64_t> pieces(100, 100);

	pieces[3] = 800;
	pieces[50] = 801;
	const struct bench_mean m = bench_mean(pieces.data(), 100, 10);

	EXPECT_DOUBLE_EQ(m.cycles, (98 * 100 + 800) / 99.0 / 10);
	EXPECT_DOUBLE_EQ(m.cut, 0.01);
	EXPECT_DOUBLE_EQ(m.all, (98 * 100 + 800 + 801) / 100.0 / 10);
}

TEST(BenchMean, PiecesOfNextToNothingAreNotCutByTheirOwnMedian)
{
	std::vector<uint64_t> pieces(10, 2);

	pieces[0] = 300;
	EXPECT_DOUBLE_EQ(bench_mean(pieces.data(), 10, 1).cut, 0);
	pieces.assign(10, 2);
	pieces[0] = 321;
	EXPECT_DOUBLE_EQ(bench_mean(pieces.data(), 10, 1).cut, 0.1);
}

} /* namespace */
