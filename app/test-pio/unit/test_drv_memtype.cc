/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The reader of the kernel's memory-type list, on lists as Linux 6.1 (and before 5.6) writes them. */

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "piopmd_memtype.h"

namespace {

class DrvMemtype : public ::testing::Test {
protected:
	char path[32] = "/tmp/piopmd-memtype-XXXXXX";

	void SetUp() override
	{
		int fd = mkstemp(path);

		ASSERT_GE(fd, 0);
		close(fd);
	}

	void TearDown() override { unlink(path); }

	enum piopmd_memtype type_of(const std::string &list, uint64_t phys)
	{
		struct piopmd_memtype_page page = { phys, PIOPMD_MEMTYPE_OTHER };
		FILE *f = fopen(path, "w");

		fputs(list.c_str(), f);
		fclose(f);
		EXPECT_EQ(piopmd_memtype_lookup(path, &page, 1), 0);
		return page.type;
	}
};

const char *const list_6_1 =
	"PAT memtype list:\n"
	"PAT: [mem 0x000000007ffdc000-0x000000007ffe0000] write-back\n"
	"PAT: [mem 0x00000000fe800000-0x00000000fe801000] uncached-minus\n"
	"PAT: [mem 0x00000000fe801000-0x00000000fe802000] write-combining\n"
	"PAT: [mem 0x00000000fe802000-0x00000000fe804000] uncached\n";

TEST_F(DrvMemtype, PagesHaveTheTypeOfTheirEntry)
{
	EXPECT_EQ(type_of(list_6_1, 0xfe800000), PIOPMD_MEMTYPE_UC);
	EXPECT_EQ(type_of(list_6_1, 0xfe801000), PIOPMD_MEMTYPE_WC);
	EXPECT_EQ(type_of(list_6_1, 0xfe802000), PIOPMD_MEMTYPE_UC);
	EXPECT_EQ(type_of(list_6_1, 0xfe803000), PIOPMD_MEMTYPE_UC) << "inside an entry";
	EXPECT_EQ(type_of(list_6_1, 0x7ffdc000), PIOPMD_MEMTYPE_OTHER);
}

TEST_F(DrvMemtype, EndOfAnEntryIsNotCovered)
{
	EXPECT_EQ(type_of(list_6_1, 0xfe804000), PIOPMD_MEMTYPE_UNKNOWN);
	EXPECT_EQ(type_of(list_6_1, 0xfe7ff000), PIOPMD_MEMTYPE_UNKNOWN);
}

TEST_F(DrvMemtype, OlderFormIsRead)
{
	const char *list = "PAT memtype list:\n"
			   "uncached-minus @ 0xfe800000-0xfe801000\n"
			   "write-combining @ 0xfe801000-0xfe802000\n";

	EXPECT_EQ(type_of(list, 0xfe800000), PIOPMD_MEMTYPE_UC);
	EXPECT_EQ(type_of(list, 0xfe801000), PIOPMD_MEMTYPE_WC);
}

TEST_F(DrvMemtype, EntriesThatDifferAreNeither)
{
	std::string list = list_6_1;

	list += "PAT: [mem 0x00000000fe800000-0x00000000fea00000] write-combining\n";
	EXPECT_EQ(type_of(list, 0xfe800000), PIOPMD_MEMTYPE_OTHER);
	EXPECT_EQ(type_of(list, 0xfe801000), PIOPMD_MEMTYPE_WC) << "both say so";
}

TEST_F(DrvMemtype, GarbageIsSkipped)
{
	EXPECT_EQ(type_of("\n\nPAT: [mem]\nhello @ world\n", 0), PIOPMD_MEMTYPE_UNKNOWN);
	EXPECT_EQ(type_of("", 0xfe800000), PIOPMD_MEMTYPE_UNKNOWN);
}

TEST_F(DrvMemtype, UnreadableListLeavesEverythingUnknown)
{
	struct piopmd_memtype_page page = { 0xfe800000, PIOPMD_MEMTYPE_WC };

	EXPECT_EQ(piopmd_memtype_lookup("/nonexistent/list", &page, 1), -ENOENT);
	EXPECT_EQ(page.type, PIOPMD_MEMTYPE_UNKNOWN);
}

} /* namespace */
