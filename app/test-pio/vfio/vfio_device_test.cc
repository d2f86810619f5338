/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Regions, configuration space, interrupts and DMA maps of a device */

#include <sys/eventfd.h>
#include <vector>

#include "vfio_test.h"

#define BAR_LEN (64u * 8192)

TEST_F(Vfio, RegionsAreThoseOfVfioPci)
{
	struct vfio_device_info info = {};
	struct vfio_region_info r;

	attach();
	info.argsz = sizeof(info);
	ASSERT_EQ(call(device, VFIO_DEVICE_GET_INFO, &info), 0);
	EXPECT_EQ(info.flags, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	ASSERT_EQ(region(VFIO_PCI_BAR0_REGION_INDEX, &r), 0);
	EXPECT_EQ(r.argsz, sizeof(r));
	EXPECT_EQ(r.size, BAR_LEN);
	EXPECT_EQ(r.offset, 0u);
	EXPECT_EQ(r.flags, VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE |
		  VFIO_REGION_INFO_FLAG_MMAP);
	ASSERT_EQ(region(VFIO_PCI_BAR1_REGION_INDEX, &r), 0);
	EXPECT_EQ(r.size, 0u);
	ASSERT_EQ(region(VFIO_PCI_BAR2_REGION_INDEX, &r), 0);
	EXPECT_NE(r.size, 0u);
	EXPECT_EQ(r.flags & VFIO_REGION_INFO_FLAG_MMAP, 0u);
	ASSERT_EQ(region(VFIO_PCI_CONFIG_REGION_INDEX, &r), 0);
	EXPECT_EQ(r.offset, 7ull << 40);
	EXPECT_NE(r.size, 0u);
	EXPECT_EQ(region(VFIO_PCI_NUM_REGIONS, &r), -EINVAL);
	r.argsz = 8;
	EXPECT_EQ(call(device, VFIO_DEVICE_GET_REGION_INFO, &r), -EINVAL);
}

/* Registers by VFIO, resource0 and resource0_wc are the same ones */
TEST_F(Vfio, BarIsOneMemoryUnderThreeNames)
{
	int fd[3];
	volatile uint64_t *bar[3];

	attach();
	fd[0] = device;
	fd[1] = open(vfio_test_sysfs("resource0").c_str(), O_RDWR);
	fd[2] = open(vfio_test_sysfs("resource0_wc").c_str(), O_RDWR);
	for (int i = 0; i < 3; i++) {
		ASSERT_GE(fd[i], 0);
		bar[i] = (volatile uint64_t *)mmap(nullptr, 2 * 4096, PROT_READ | PROT_WRITE,
						   MAP_SHARED, fd[i], 0);
		ASSERT_NE((void *)bar[i], MAP_FAILED);
		EXPECT_EQ((uint32_t)bar[i][0], 0xEB14FACEu);	/* HW_REV_ID: the model is there */
	}
	for (int i = 0; i < 3; i++) {
		bar[i][4096 / 8] = 0x1234u + (unsigned int)i;	/* the PIO window */
		for (int k = 0; k < 3; k++)
			EXPECT_EQ(bar[k][4096 / 8], 0x1234u + (unsigned int)i);
	}
	for (int i = 0; i < 3; i++)
		munmap((void *)bar[i], 2 * 4096);
	close(fd[1]);
	close(fd[2]);
}

TEST_F(Vfio, ConfigurationSpaceHasMsixInAnotherBar)
{
	uint32_t cap;
	bool express = false, msix = false;

	attach();
	EXPECT_EQ(config(0), 0x1b031924u);
	EXPECT_EQ(config(4, 2), 0u);			/* decoding and mastering are off */
	EXPECT_EQ(config(8) >> 8, 0x020000u);
	EXPECT_EQ(config(0x10) & 0xf, 0xcu);		/* 64 bit, prefetchable */
	ASSERT_NE(config(6, 2) & 0x10, 0u);
	for (cap = config(0x34, 1); cap != 0; cap = config(cap + 1, 1)) {
		if (config(cap, 1) == 0x10) {
			express = true;
			EXPECT_NE(config(cap + 4) & (1u << 28), 0u);	/* FLR */
		}
		if (config(cap, 1) == 0x11) {
			msix = true;
			EXPECT_EQ(config(cap + 2, 2) & 0x7ff, 31u);
			EXPECT_EQ(config(cap + 4) & 7, 2u);
		}
	}
	EXPECT_TRUE(express);
	EXPECT_TRUE(msix);
}

/* ---- interrupts ---- */

class VfioIrq : public Vfio
{
protected:
	int event = -1;

	void
	SetUp() override
	{
		Vfio::SetUp();
		attach();
		event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	}

	void
	TearDown() override
	{
		if (event >= 0)
			close(event);
		Vfio::TearDown();
	}

	int
	set(uint32_t index, uint32_t flags, uint32_t start, uint32_t count,
	    const std::vector<int> &fds = {})
	{
		std::vector<char> buf(sizeof(struct vfio_irq_set) + fds.size() * sizeof(int));
		auto *arg = (struct vfio_irq_set *)buf.data();

		arg->argsz = (uint32_t)buf.size();
		arg->flags = flags;
		arg->index = index;
		arg->start = start;
		arg->count = count;
		if (!fds.empty())
			memcpy(arg->data, fds.data(), fds.size() * sizeof(int));
		return call(device, VFIO_DEVICE_SET_IRQS, arg);
	}

	/* How often the eventfd fired since last asked */
	static uint64_t
	fired(int fd)
	{
		uint64_t n = 0;

		return read(fd, &n, sizeof(n)) == (ssize_t)sizeof(n) ? n : 0;
	}
};

static const uint32_t irq_event = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
static const uint32_t irq_none = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER;

TEST_F(VfioIrq, VfHasMsixErrorAndRequestOnly)
{
	const uint32_t count[VFIO_PCI_NUM_IRQS] = { 0, 0, 32, 1, 1 };

	for (uint32_t i = 0; i < VFIO_PCI_NUM_IRQS; i++) {
		struct vfio_irq_info info = {};

		info.argsz = sizeof(info);
		info.index = i;
		ASSERT_EQ(call(device, VFIO_DEVICE_GET_IRQ_INFO, &info), 0);
		EXPECT_EQ(info.count, count[i]) << i;
		EXPECT_NE(info.flags & VFIO_IRQ_INFO_EVENTFD, 0u);
	}
}

TEST_F(VfioIrq, TriggeredVectorFiresItsEventfdOnly)
{
	int other = eventfd(0, EFD_NONBLOCK);

	ASSERT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_event, 0, 3, { event, -1, other }), 0);
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_none, 2, 1), 0);
	EXPECT_EQ(fired(other), 1u);
	EXPECT_EQ(fired(event), 0u);
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_none, 0, 2), 0);
	EXPECT_EQ(fired(event), 1u);
	EXPECT_EQ(fired(other), 0u);
	close(other);
}

TEST_F(VfioIrq, CountZeroSwitchesAllOff)
{
	ASSERT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_event, 0, 1, { event }), 0);
	ASSERT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_none, 0, 0), 0);
	ASSERT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_none, 0, 1), 0);
	EXPECT_EQ(fired(event), 0u);
}

TEST_F(VfioIrq, DeviceKeepsTheEventfdThatTheProgramCloses)
{
	int copy = dup(event);

	ASSERT_EQ(set(VFIO_PCI_REQ_IRQ_INDEX, irq_event, 0, 1, { event }), 0);
	close(event);
	event = copy;
	ASSERT_EQ(set(VFIO_PCI_REQ_IRQ_INDEX, irq_none, 0, 1), 0);
	EXPECT_EQ(fired(copy), 1u);
}

TEST_F(VfioIrq, WrongRequestsAreRefused)
{
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_event, 32, 1, { event }), -EINVAL);
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_event, 31, 2, { event, event }), -EINVAL);
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_event, 0, 2, { event }), -EINVAL);
	EXPECT_EQ(set(VFIO_PCI_INTX_IRQ_INDEX, irq_event, 0, 1, { event }), -EINVAL);
	EXPECT_EQ(set(VFIO_PCI_ERR_IRQ_INDEX, irq_event, 0, 2, { event, event }), -EINVAL);
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_DATA_EVENTFD |
		      VFIO_IRQ_SET_ACTION_MASK, 0, 1, { event }), -EINVAL);
	EXPECT_EQ(set(VFIO_PCI_MSIX_IRQ_INDEX, irq_event, 0, 1, { 9999 }), -EBADF);
	EXPECT_EQ(set(VFIO_PCI_NUM_IRQS, irq_none, 0, 0), -EINVAL);
}

/* ---- DMA maps ---- */

class VfioDma : public Vfio
{
protected:
	static constexpr uint64_t page = 4096;
	char *mem = nullptr;

	void
	SetUp() override
	{
		Vfio::SetUp();
		mem = (char *)mmap(nullptr, 16 * page, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ASSERT_NE((void *)mem, MAP_FAILED);
	}

	void
	TearDown() override
	{
		Vfio::TearDown();
		munmap(mem, 16 * page);
	}
};

TEST_F(VfioDma, MapsAreCheckedAsTheKernelDoes)
{
	const uint32_t rw = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;

	join();
	EXPECT_EQ(map(container, mem, 0x100000, 2 * page), 0);
	EXPECT_EQ(map(container, mem, 0x101000, 2 * page), -EEXIST);
	EXPECT_EQ(map(container, mem + 1, 0x200000, page), -EINVAL);
	EXPECT_EQ(map(container, mem, 0x200001, page), -EINVAL);
	EXPECT_EQ(map(container, mem, 0x200000, page - 1), -EINVAL);
	EXPECT_EQ(map(container, mem, 0x200000, 0), -EINVAL);
	EXPECT_EQ(map(container, mem, 0x200000, page, 0), -EINVAL);
	EXPECT_EQ(map(container, mem, 0x200000, page, rw | 0x80), -EINVAL);
	EXPECT_EQ(map(container, mem, ~0ull & ~(page - 1), 2 * page), -EINVAL);
	EXPECT_EQ(map(container, mem, 0x200000, page, VFIO_DMA_MAP_FLAG_READ), 0);
	munmap(mem + 8 * page, page);
	EXPECT_EQ(map(container, mem + 7 * page, 0x300000, 2 * page), -EFAULT);
}

TEST_F(VfioDma, Version2UnmapsWholeMapsOnly)
{
	uint64_t size;

	join(VFIO_TYPE1v2_IOMMU);
	ASSERT_EQ(map(container, mem, 0x100000, 4 * page), 0);
	ASSERT_EQ(map(container, mem, 0x104000, 4 * page), 0);
	size = 2 * page;
	EXPECT_EQ(unmap(container, 0x100000, &size), -EINVAL);
	size = 6 * page;
	EXPECT_EQ(unmap(container, 0x100000, &size), -EINVAL);
	size = 8 * page;
	EXPECT_EQ(unmap(container, 0x100000, &size), 0);
	EXPECT_EQ(size, 8 * page);
	size = 8 * page;
	EXPECT_EQ(unmap(container, 0x100000, &size), 0);
	EXPECT_EQ(size, 0u);
}

TEST_F(VfioDma, Version1SaysThatNothingWasUnmapped)
{
	uint64_t size = page;

	join(VFIO_TYPE1_IOMMU);
	ASSERT_EQ(map(container, mem, 0x100000, 4 * page), 0);
	EXPECT_EQ(unmap(container, 0x101000, &size), 0);
	EXPECT_EQ(size, 0u);
	size = 4 * page;
	EXPECT_EQ(unmap(container, 0x100000, &size), 0);
	EXPECT_EQ(size, 4 * page);
}

/* dma_entry_limit of vfio_iommu_type1; DPDK 25.11 without huge pages comes this far */
TEST_F(VfioDma, ThereAre65535Maps)
{
	uint64_t n, size;

	join();
	for (n = 0; n < 65535; n++)
		ASSERT_EQ(map(container, mem + n % 16 * page, n * 2 * page, page), 0) << n;
	EXPECT_EQ(map(container, mem, n * 2 * page, page), -ENOSPC);
	size = page;
	EXPECT_EQ(unmap(container, 0x2000, &size), 0);
	EXPECT_EQ(size, page);
	EXPECT_EQ(map(container, mem, n * 2 * page, page), 0);
}

TEST_F(VfioDma, ContainerForgetsItsMapsWithTheLastGroup)
{
	int second;

	join();
	second = open("/dev/vfio/78", O_RDWR);
	ASSERT_GE(second, 0);
	ASSERT_EQ(call(second, VFIO_GROUP_SET_CONTAINER, &container), 0);
	ASSERT_EQ(map(container, mem, 0x100000, page), 0);
	close(second);
	EXPECT_EQ(map(container, mem, 0x100000, page), -EEXIST);
	release();
	EXPECT_EQ(map(container, mem, 0x100000, page), -EINVAL);	/* no IOMMU type any more */
	join();
	EXPECT_EQ(map(container, mem, 0x100000, page), 0);
}
