/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rte_log.h>

#include "piopmd_devargs.h"
#include "piopmd_log.h"

int piopmd_logtype_init;
int piopmd_logtype_driver;
int piopmd_logtype_mcdi;

namespace {

class DrvDevargs : public ::testing::Test {
protected:
	struct piopmd_devargs da;
	char *text = nullptr;
	size_t text_len = 0;
	FILE *log = nullptr;

	void SetUp() override
	{
		memset(&da, 0x5a, sizeof(da));
		log = open_memstream(&text, &text_len);
		rte_openlog_stream(log);
	}

	void TearDown() override
	{
		rte_openlog_stream(nullptr);
		fclose(log);
		free(text);
	}

	int parse(const char *args) { return piopmd_devargs_parse("0000:01:00.1", args, &da); }

	/* fails, changes nothing, and says all of this in one line */
	void refused(const char *args, const std::vector<std::string> &words)
	{
		const struct piopmd_devargs before = da;

		fflush(log);
		size_t start = text_len;
		EXPECT_EQ(parse(args), -EINVAL) << args;
		EXPECT_EQ(memcmp(&before, &da, sizeof(da)), 0) << args;
		fflush(log);
		std::string line(text + start);
		EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
		EXPECT_NE(line.find("0000:01:00.1"), std::string::npos) << line;
		for (const std::string &w : words)
			EXPECT_NE(line.find(w), std::string::npos) << w << " in " << line;
	}
};

TEST_F(DrvDevargs, OnlyClassPioClaims)
{
	EXPECT_TRUE(piopmd_devargs_is_ours("class=pio"));
	EXPECT_TRUE(piopmd_devargs_is_ours("pio_txqs=0-3,7,class=pio"));
	EXPECT_FALSE(piopmd_devargs_is_ours(nullptr));
	EXPECT_FALSE(piopmd_devargs_is_ours(""));
	EXPECT_FALSE(piopmd_devargs_is_ours("class=net"));
	EXPECT_FALSE(piopmd_devargs_is_ours("class=vdpa"));
	EXPECT_FALSE(piopmd_devargs_is_ours("class"));
	EXPECT_FALSE(piopmd_devargs_is_ours("pio_txqs=0"));
	EXPECT_FALSE(piopmd_devargs_is_ours("class=pioneer"));
}

TEST_F(DrvDevargs, Defaults)
{
	ASSERT_EQ(parse("class=pio"), 0);
	EXPECT_EQ(da.pio_txqs, 0u);
	EXPECT_FALSE(da.pio_txqs_all);
	EXPECT_EQ(da.pio_threshold, 0);
	EXPECT_EQ(da.map_mode, PIOPMD_MAP_MODE_AUTO);
	EXPECT_FALSE(da.wc_require);
	EXPECT_EQ(da.stats_period_ms, 1000);
	ASSERT_EQ(parse(nullptr), 0);
	ASSERT_EQ(parse(""), 0);
}

TEST_F(DrvDevargs, QueueLists)
{
	static const struct {
		const char *args;
		uint64_t mask;
	} good[] = {
		{ "pio_txqs=0", 0x1 },
		{ "pio_txqs=7", 0x80 },
		{ "pio_txqs=0-3", 0xf },
		{ "pio_txqs=[0-3,7]", 0x8f },
		{ "pio_txqs=0-3,7", 0x8f },
		{ "pio_txqs=0-3,7,9-10,wc=any", 0x68f },
		{ "pio_txqs=[63]", UINT64_C(1) << 63 },
		{ "pio_txqs=0-63", UINT64_MAX },
		{ "pio_txqs=5-5", 0x20 },
		{ "pio_txqs=[1,1,1]", 0x2 },
	};

	for (const auto &g : good) {
		ASSERT_EQ(parse(g.args), 0) << g.args;
		EXPECT_EQ(da.pio_txqs, g.mask) << g.args;
		EXPECT_FALSE(da.pio_txqs_all);
	}
	ASSERT_EQ(parse("pio_txqs=all"), 0);
	EXPECT_TRUE(da.pio_txqs_all);
}

TEST_F(DrvDevargs, BadQueueListsNameKeyValueAndRange)
{
	for (const char *value : { "64", "-1", "3-1", "0-64", "x", "0-", "[0", "0]", "[]", "0x", "1.5",
				   "0--1", "99999999999999999999", "[0,,1]" }) {
		std::string args = std::string("class=pio,pio_txqs=") + value;

		refused(args.c_str(), { "pio_txqs", value, "0 to 63" });
	}
	refused("pio_txqs=0,x", { "pio_txqs", "x", "0 to 63" });
	refused("pio_txqs=", { "pio_txqs", "0 to 63" });
	refused("pio_txqs", { "pio_txqs", "0 to 63" });
}

TEST_F(DrvDevargs, OtherKeys)
{
	ASSERT_EQ(parse("class=pio,pio_threshold=128,pio_map=split,wc=require,stats_period_ms=0"), 0);
	EXPECT_EQ(da.pio_threshold, 128);
	EXPECT_EQ(da.map_mode, PIOPMD_MAP_MODE_SPLIT);
	EXPECT_TRUE(da.wc_require);
	EXPECT_EQ(da.stats_period_ms, 0);
	ASSERT_EQ(parse("pio_map=vfio,wc=any,stats_period_ms=65535"), 0);
	EXPECT_EQ(da.map_mode, PIOPMD_MAP_MODE_VFIO);
	EXPECT_FALSE(da.wc_require);
	EXPECT_EQ(da.stats_period_ms, 65535);
	ASSERT_EQ(parse("pio_map=auto,pio_threshold=60"), 0);
	EXPECT_EQ(da.map_mode, PIOPMD_MAP_MODE_AUTO);
	ASSERT_EQ(parse("pio_threshold=4032"), 0);
}

TEST_F(DrvDevargs, BadValuesNameKeyValueAndRange)
{
	refused("pio_threshold=59", { "pio_threshold", "59", "60 to 4032" });
	refused("pio_threshold=4033", { "pio_threshold", "4033", "60 to 4032" });
	refused("pio_threshold=abc", { "pio_threshold", "abc", "60 to 4032" });
	refused("pio_threshold=", { "pio_threshold", "60 to 4032" });
	refused("pio_map=uio", { "pio_map", "uio", "auto, split, vfio" });
	refused("wc=yes", { "wc", "yes", "any, require" });
	refused("stats_period_ms=65536", { "stats_period_ms", "65536", "0 to 65535" });
	refused("class=net", { "class", "net", "pio" });
}

TEST_F(DrvDevargs, UnknownAndRepeatedKeysAreNamed)
{
	refused("class=pio,pio_tx=0", { "pio_tx", "pio_txqs" });
	refused("wc=any,wc=any", { "wc", "twice" });
	refused("7", { "7" });
	/* a bare number belongs to pio_txqs only right behind it */
	refused("pio_txqs=0,wc=any,7", { "7" });
}

} /* namespace */
