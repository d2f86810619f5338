/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * resource0, resource0_wc and the kernel's memory type list, as they are and as they are refused.
 * The tests of VfioRefusal are run one by one, each below the --sysfs-fault of its name.
 */

#include <csetjmp>
#include <csignal>

#include "vfio_test.h"

#define PAGE 4096u
#define LIST "/sys/kernel/debug/x86/pat_memtype_list"

class VfioMapping : public Vfio
{
protected:
	/* Physical address of BAR 0 */
	unsigned long long
	phys()
	{
		unsigned long long start = 0;

		sscanf(vfio_test_read(vfio_test_sysfs("resource")).c_str(), "%llx", &start);
		return start;
	}

	void *
	map_sysfs(const char *name, off_t off, size_t len = PAGE)
	{
		int fd = open(vfio_test_sysfs(name).c_str(), O_RDWR | O_CLOEXEC);
		void *addr;
		int err;

		if (fd < 0)
			return MAP_FAILED;
		addr = mmap(nullptr, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, off);
		err = errno;
		close(fd);
		errno = err;
		return addr;
	}

	/* The type of the page at this offset of the BAR; "" when the list does not have it */
	std::string
	type(uint64_t off)
	{
		std::istringstream text(vfio_test_read(LIST));
		unsigned long long start, end, at = phys() + off;
		std::string line;
		char name[32];

		while (std::getline(text, line))
			if (sscanf(line.c_str(), "PAT: [mem %llx-%llx] %31s", &start, &end,
				   name) == 3 && at >= start && at < end)
				return name;
		return "";
	}
};

TEST_F(VfioMapping, ListFollowsTheMappings)
{
	void *reg = map_sysfs("resource0", 0), *pio = map_sysfs("resource0_wc", PAGE);

	ASSERT_NE(reg, MAP_FAILED);
	ASSERT_NE(pio, MAP_FAILED);
	EXPECT_EQ(type(0), "uncached-minus");
	EXPECT_EQ(type(PAGE), "write-combining");
	EXPECT_EQ(type(2 * PAGE), "");
	munmap(pio, PAGE);
	EXPECT_EQ(type(PAGE), "");
	munmap(reg, PAGE);
}

TEST_F(VfioMapping, ListReadByStdioIsTheSame)
{
	void *pio = map_sysfs("resource0_wc", PAGE);
	FILE *f = fopen(LIST, "r");
	char line[256];

	ASSERT_NE(pio, MAP_FAILED);
	ASSERT_NE(f, nullptr);
	EXPECT_NE(fgets(line, sizeof(line), f), nullptr);
	EXPECT_STREQ(line, "PAT memtype list:\n");
	EXPECT_NE(fgets(line, sizeof(line), f), nullptr);
	EXPECT_NE(strstr(line, "write-combining"), nullptr) << line;
	fclose(f);
	munmap(pio, PAGE);
}

/* The claim of vfio-pci's own mapping goes over the whole BAR, and it is uncached */
TEST_F(VfioMapping, VfioMappingMakesTheBarUncached)
{
	void *pio = map_sysfs("resource0_wc", PAGE), *bar;

	ASSERT_NE(pio, MAP_FAILED);
	attach();
	EXPECT_EQ(type(PAGE), "write-combining");
	bar = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	ASSERT_NE(bar, MAP_FAILED);
	EXPECT_EQ(type(PAGE), "uncached-minus");
	EXPECT_EQ(type(5 * PAGE), "uncached-minus");
	munmap(bar, PAGE);
	munmap(pio, PAGE);
}

/* ---- refusals ---- */

class VfioRefusal : public VfioMapping
{
};

TEST_F(VfioRefusal, no_wc)
{
	EXPECT_EQ(map_sysfs("resource0_wc", PAGE), MAP_FAILED);
	EXPECT_EQ(errno, ENOENT);
	EXPECT_NE(map_sysfs("resource0", 0), MAP_FAILED);
}

TEST_F(VfioRefusal, not_prefetchable)
{
	unsigned long long start, end, flags;

	EXPECT_EQ(map_sysfs("resource0_wc", PAGE), MAP_FAILED);
	EXPECT_EQ(errno, ENOENT);
	ASSERT_EQ(sscanf(vfio_test_read(vfio_test_sysfs("resource")).c_str(), "%llx %llx %llx",
			 &start, &end, &flags), 3);
	EXPECT_EQ(flags & 0x2000, 0u);
	attach();
	EXPECT_EQ(config(0x10) & 0xf, 0x4u);
}

TEST_F(VfioRefusal, eacces)
{
	for (const char *name : { "resource0", "resource0_wc" }) {
		EXPECT_EQ(open(vfio_test_sysfs(name).c_str(), O_RDWR), -1);
		EXPECT_EQ(errno, EACCES);
	}
	EXPECT_NE(vfio_test_read(vfio_test_sysfs("resource")), "");
}

TEST_F(VfioRefusal, wc_eacces)
{
	EXPECT_EQ(open(vfio_test_sysfs("resource0_wc").c_str(), O_RDWR), -1);
	EXPECT_EQ(errno, EACCES);
	EXPECT_NE(map_sysfs("resource0", 0), MAP_FAILED);
}

/* VFIO's own mapping is not concerned */
TEST_F(VfioRefusal, eperm)
{
	EXPECT_EQ(map_sysfs("resource0", 0), MAP_FAILED);
	EXPECT_EQ(errno, EPERM);
	EXPECT_EQ(map_sysfs("resource0_wc", PAGE), MAP_FAILED);
	EXPECT_EQ(errno, EPERM);
	attach();
	EXPECT_NE(mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0), MAP_FAILED);
}

TEST_F(VfioRefusal, einval)
{
	EXPECT_EQ(map_sysfs("resource0", 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_EQ(map_sysfs("resource0_wc", PAGE), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	attach();
	EXPECT_NE(mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0), MAP_FAILED);
}

static sigjmp_buf bus_error;

static void
on_bus_error(int)
{
	siglongjmp(bus_error, 1);
}

static bool
touch_is_bus_error(void *addr)
{
	struct sigaction sa = {}, old;
	bool died;

	sa.sa_handler = on_bus_error;
	sigaction(SIGBUS, &sa, &old);
	died = sigsetjmp(bus_error, 1) != 0;
	if (!died)
		*(volatile uint32_t *)addr;
	sigaction(SIGBUS, &old, nullptr);
	return died;
}

TEST_F(VfioRefusal, claimed_at_open)
{
	void *reg = map_sysfs("resource0", 0), *pio = map_sysfs("resource0_wc", PAGE), *bar;

	ASSERT_NE(reg, MAP_FAILED);
	ASSERT_NE(pio, MAP_FAILED);
	EXPECT_FALSE(touch_is_bus_error(reg));
	attach();
	EXPECT_EQ(map_sysfs("resource0", 0), MAP_FAILED);
	EXPECT_EQ(errno, EINVAL);
	EXPECT_TRUE(touch_is_bus_error(reg));
	EXPECT_TRUE(touch_is_bus_error(pio));
	bar = mmap(nullptr, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	ASSERT_NE(bar, MAP_FAILED);
	EXPECT_FALSE(touch_is_bus_error(bar));
	munmap(bar, PAGE);
	munmap(reg, PAGE);
	munmap(pio, PAGE);
	release();
	EXPECT_NE(map_sysfs("resource0", 0), MAP_FAILED);
}

TEST_F(VfioRefusal, older_uc)
{
	ASSERT_NE(map_sysfs("resource0", 0), MAP_FAILED);
	ASSERT_NE(map_sysfs("resource0_wc", PAGE), MAP_FAILED);
	EXPECT_EQ(type(0), "uncached-minus");
	EXPECT_EQ(type(PAGE), "uncached-minus");
}

TEST_F(VfioRefusal, reg_wc)
{
	ASSERT_NE(map_sysfs("resource0", 0), MAP_FAILED);
	EXPECT_EQ(type(0), "write-combining");
}

TEST_F(VfioRefusal, no_memtype)
{
	EXPECT_EQ(open(LIST, O_RDONLY), -1);
	EXPECT_EQ(errno, ENOENT);
}

TEST_F(VfioRefusal, memtype_eacces)
{
	EXPECT_EQ(open(LIST, O_RDONLY), -1);
	EXPECT_EQ(errno, EACCES);
	EXPECT_EQ(fopen(LIST, "r"), nullptr);
	EXPECT_EQ(errno, EACCES);
}

/* Below --memtype */
TEST_F(VfioRefusal, scripted_list)
{
	EXPECT_EQ(vfio_test_read(LIST), vfio_test_read(getenv("VFIO_TEST_LIST")));
	EXPECT_NE(vfio_test_read(LIST), "");
}
