/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The model behind the device: MCDI requests typed by hand show who reaches whose memory, and the
 * control table that the preload exports shows what the device thinks of it.
 */

#include <atomic>
#include <chrono>
#include <dlfcn.h>
#include <sys/eventfd.h>
#include <thread>

#include "pioemu.h"
#include "vfio_test.h"

/* MC_CMD_GET_VERSION, version 1 header: code 8, RESYNC, first request of an epoch */
#define MCDI_GET_VERSION 0x00000088u
#define MCDI_RESPONSE 0x00800000u
#define MC_DB 0x200

class VfioModel : public Vfio
{
protected:
	static constexpr uint64_t iova = 0x40000000;
	volatile uint32_t *bar = nullptr;
	volatile uint32_t *mem = nullptr;
	const struct pioemu_ctl *ctl = nullptr;
	struct pioemu_vf *vf = nullptr;

	void
	SetUp() override
	{
		auto get = (pioemu_ctl_get_fn)dlsym(RTLD_DEFAULT, PIOEMU_CTL_SYMBOL);

		ASSERT_NE(get, nullptr);
		ctl = get(PIOEMU_VERSION);
		ASSERT_NE(ctl, nullptr);
		EXPECT_EQ(get(PIOEMU_VERSION + 1), nullptr);
		Vfio::SetUp();
		attach();
		vf = ctl->vf_by_index(0);
		ASSERT_NE(vf, nullptr);
		EXPECT_EQ(ctl->vf_by_index(7), nullptr);
		ctl->vf_violation_reset(vf);
		bar = (volatile uint32_t *)mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED,
						device, 0);
		mem = (volatile uint32_t *)mmap(nullptr, 4096, PROT_READ | PROT_WRITE,
						MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ASSERT_NE((void *)bar, MAP_FAILED);
		ASSERT_NE((void *)mem, MAP_FAILED);
	}

	void
	TearDown() override
	{
		munmap((void *)bar, 8192);
		munmap((void *)mem, 4096);
		Vfio::TearDown();
	}

	void
	command(uint16_t value)
	{
		EXPECT_EQ(pwrite(device, &value, 2,
				 ((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40) + 4), 2);
	}

	void
	request()
	{
		mem[0] = MCDI_GET_VERSION;
		std::atomic_thread_fence(std::memory_order_seq_cst);
		bar[MC_DB / 4] = (uint32_t)(iova >> 32);
		bar[MC_DB / 4 + 1] = (uint32_t)iova;
	}

	/* true as soon as the condition holds; generously long for a machine that is busy */
	template <typename F>
	static bool
	until(F condition)
	{
		auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);

		while (!condition()) {
			if (std::chrono::steady_clock::now() > end)
				return false;
			std::this_thread::yield();
		}
		return true;
	}

	bool
	answered()
	{
		return until([this] { return (mem[0] & MCDI_RESPONSE) != 0; });
	}

	bool
	violated(enum pioemu_violation id)
	{
		return until([=] { return ctl->vf_violation_get(vf, id, nullptr) != 0; });
	}
};

TEST_F(VfioModel, AnswersInMappedMemory)
{
	ASSERT_EQ(map(container, (void *)mem, iova, 4096), 0);
	command(6);
	request();
	ASSERT_TRUE(answered());
	EXPECT_EQ(mem[0] & 0x7fu, 8u);		/* the command's code comes back */
	EXPECT_NE(mem[0] & 0xff00u, 0u);	/* with a payload */
	EXPECT_EQ(ctl->vf_violation_total(vf), 0u);
}

TEST_F(VfioModel, MemoryThatIsNotMappedIsOutOfReach)
{
	command(6);
	request();
	EXPECT_TRUE(violated(PIOEMU_VIOLATION_DMA_UNMAPPED));
	EXPECT_EQ(mem[0], MCDI_GET_VERSION);
}

TEST_F(VfioModel, UnmappedMemoryIsNotTouchedAnyMore)
{
	uint64_t size = 4096;

	ASSERT_EQ(map(container, (void *)mem, iova, 4096), 0);
	command(6);
	request();
	ASSERT_TRUE(answered());
	ASSERT_EQ(unmap(container, iova, &size), 0);
	request();
	EXPECT_TRUE(violated(PIOEMU_VIOLATION_DMA_UNMAPPED));
	EXPECT_EQ(mem[0], MCDI_GET_VERSION);
}

TEST_F(VfioModel, ReadOnlyMemoryIsNotWritten)
{
	ASSERT_EQ(map(container, (void *)mem, iova, 4096, VFIO_DMA_MAP_FLAG_READ), 0);
	command(6);
	request();
	EXPECT_TRUE(violated(PIOEMU_VIOLATION_DMA_PERMISSION));
	EXPECT_EQ(mem[0], MCDI_GET_VERSION);
}

TEST_F(VfioModel, NothingIsReachedWithoutBusMastering)
{
	ASSERT_EQ(map(container, (void *)mem, iova, 4096), 0);
	command(2);
	request();
	EXPECT_TRUE(violated(PIOEMU_VIOLATION_DMA_BUS_MASTER));
	EXPECT_EQ(mem[0], MCDI_GET_VERSION);
	command(6);
	request();
	EXPECT_TRUE(answered());
}

/* Maps come and go while the device works on others: the answers never fail */
TEST_F(VfioModel, MapsChangeUnderTraffic)
{
	static char other[64][4096] __attribute__((aligned(4096)));
	int round, i;

	ASSERT_EQ(map(container, (void *)mem, iova, 4096), 0);
	command(6);
	for (round = 0; round < 50; round++) {
		request();
		for (i = 0; i < 64; i++)
			ASSERT_EQ(map(container, other[i], (uint64_t)i * 8192, 4096), 0);
		ASSERT_TRUE(answered());
		for (i = 0; i < 64; i++) {
			uint64_t size = 4096;

			ASSERT_EQ(unmap(container, (uint64_t)i * 8192, &size), 0);
			ASSERT_EQ(size, 4096u);
		}
	}
	EXPECT_EQ(ctl->vf_violation_total(vf), 0u);
}

TEST_F(VfioModel, CloseResetsTheDevice)
{
	struct pioemu_stats before, after;

	ctl->vf_stats_get(vf, PIOEMU_ALL, &before);
	munmap((void *)bar, 8192);
	release();
	EXPECT_TRUE(until([&] {
		ctl->vf_stats_get(vf, PIOEMU_ALL, &after);
		return after.resets > before.resets;
	}));
	bar = (volatile uint32_t *)mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
