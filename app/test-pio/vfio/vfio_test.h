/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef VFIO_TEST_H
#define VFIO_TEST_H

/*
 * The VFIO preload seen by a program that makes the system calls itself, without DPDK. What is
 * expected here is what linux/vfio.h says and what the kernel's vfio-pci and type 1 driver do.
 */

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <gtest/gtest.h>

#define VFIO_TEST_BDF "0000:01:00.1"

/* ioctl() as a number: the result or a negative errno */
template <typename... Args>
static inline int
call(int fd, unsigned long req, Args... args)
{
	int rc = ioctl(fd, req, args...);

	return rc < 0 ? -errno : rc;
}

static inline std::string
vfio_test_sysfs(const std::string &name)
{
	return std::string(getenv("SYSFS_PCI_DEVICES")) + "/" VFIO_TEST_BDF "/" + name;
}

static inline std::string
vfio_test_read(const std::string &path)
{
	std::ifstream in(path);
	std::stringstream text;

	text << in.rdbuf();
	return text.str();
}

/* A container, the group of VF 0 in it and the device, as far as a test wants to go */
class Vfio : public ::testing::Test
{
protected:
	int container = -1, group = -1, device = -1;

	void
	SetUp() override
	{
		container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
		ASSERT_GE(container, 0) << strerror(errno);
	}

	void
	TearDown() override
	{
		release();
		if (container >= 0)
			close(container);
	}

	void
	join(int iommu = VFIO_TYPE1_IOMMU)
	{
		group = open("/dev/vfio/77", O_RDWR | O_CLOEXEC);
		ASSERT_GE(group, 0) << strerror(errno);
		ASSERT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
		ASSERT_EQ(call(container, VFIO_SET_IOMMU, iommu), 0);
	}

	void
	attach()
	{
		join();
		device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, VFIO_TEST_BDF);
		ASSERT_GE(device, 0) << strerror(errno);
	}

	void
	release()
	{
		if (device >= 0)
			close(device);
		if (group >= 0)
			close(group);
		device = -1;
		group = -1;
	}

	static int
	map(int fd, void *vaddr, uint64_t iova, uint64_t size,
	    uint32_t flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)
	{
		struct vfio_iommu_type1_dma_map arg = {};

		arg.argsz = sizeof(arg);
		arg.flags = flags;
		arg.vaddr = (uintptr_t)vaddr;
		arg.iova = iova;
		arg.size = size;
		return call(fd, VFIO_IOMMU_MAP_DMA, &arg);
	}

	/* size becomes what was unmapped */
	static int
	unmap(int fd, uint64_t iova, uint64_t *size)
	{
		struct vfio_iommu_type1_dma_unmap arg = {};
		int rc;

		arg.argsz = sizeof(arg);
		arg.iova = iova;
		arg.size = *size;
		rc = call(fd, VFIO_IOMMU_UNMAP_DMA, &arg);
		*size = arg.size;
		return rc;
	}

	int
	region(uint32_t index, struct vfio_region_info *info)
	{
		memset(info, 0, sizeof(*info));
		info->argsz = sizeof(*info);
		info->index = index;
		return call(device, VFIO_DEVICE_GET_REGION_INFO, info);
	}

	uint32_t
	config(uint32_t off, size_t len = 4)
	{
		uint32_t value = 0;

		EXPECT_EQ(pread(device, &value, len,
				((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40) + off), (ssize_t)len);
		return value;
	}
};

#endif /* VFIO_TEST_H */
