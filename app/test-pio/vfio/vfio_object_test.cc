/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Containers, groups and devices: order of calls, errors, life time */

#include <dirent.h>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>

#include "vfio_test.h"

TEST_F(Vfio, ContainerTellsVersionAndIommuTypes)
{
	EXPECT_EQ(call(container, VFIO_GET_API_VERSION), VFIO_API_VERSION);
	EXPECT_EQ(call(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU), 1);
	EXPECT_EQ(call(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU), 1);
	EXPECT_EQ(call(container, VFIO_CHECK_EXTENSION, VFIO_SPAPR_TCE_v2_IOMMU), 0);
	EXPECT_EQ(call(container, VFIO_CHECK_EXTENSION, VFIO_NOIOMMU_IOMMU), 0);
}

TEST_F(Vfio, IommuTypeIsSetOnceAndOnlyWithAGroup)
{
	EXPECT_EQ(call(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), -EINVAL);
	group = open("/dev/vfio/77", O_RDWR);
	ASSERT_GE(group, 0);
	ASSERT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	EXPECT_EQ(call(container, VFIO_SET_IOMMU, VFIO_SPAPR_TCE_v2_IOMMU), -ENODEV);
	EXPECT_EQ(call(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(call(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -EINVAL);
}

TEST_F(Vfio, MappingNeedsAnIommuType)
{
	static char page[4096] __attribute__((aligned(4096)));

	EXPECT_EQ(map(container, page, 0x1000, sizeof(page)), -EINVAL);
}

TEST_F(Vfio, GroupIsOpenedByOneAtATime)
{
	group = open("/dev/vfio/77", O_RDWR);
	ASSERT_GE(group, 0);
	EXPECT_EQ(open("/dev/vfio/77", O_RDWR), -1);
	EXPECT_EQ(errno, EBUSY);
	close(group);
	group = open("/dev/vfio/77", O_RDWR);
	EXPECT_GE(group, 0);
}

TEST_F(Vfio, ThereIsNothingElseBelowDevVfio)
{
	for (const char *name : { "/dev/vfio/76", "/dev/vfio/1000", "/dev/vfio/noiommu-77",
				  "/dev/vfio/77x", "/dev/vfio/" }) {
		errno = 0;
		EXPECT_EQ(open(name, O_RDWR), -1) << name;
		EXPECT_EQ(errno, ENOENT) << name;
	}
}

TEST_F(Vfio, GroupTellsWhetherItHasAContainer)
{
	struct vfio_group_status status = {};

	group = open("/dev/vfio/77", O_RDWR);
	status.argsz = sizeof(status);
	ASSERT_EQ(call(group, VFIO_GROUP_GET_STATUS, &status), 0);
	EXPECT_EQ(status.flags, VFIO_GROUP_FLAGS_VIABLE);
	ASSERT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	ASSERT_EQ(call(group, VFIO_GROUP_GET_STATUS, &status), 0);
	EXPECT_EQ(status.flags, VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
	EXPECT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &container), -EINVAL);
	EXPECT_EQ(call(group, VFIO_GROUP_UNSET_CONTAINER), 0);
	EXPECT_EQ(call(group, VFIO_GROUP_UNSET_CONTAINER), -EINVAL);
	status.argsz = 4;
	EXPECT_EQ(call(group, VFIO_GROUP_GET_STATUS, &status), -EINVAL);
}

TEST_F(Vfio, OnlyContainersCanTakeAGroup)
{
	int null = open("/dev/null", O_RDWR), bad = 9999;

	group = open("/dev/vfio/77", O_RDWR);
	EXPECT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &null), -EINVAL);
	EXPECT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &bad), -EBADF);
	close(null);
}

TEST_F(Vfio, DeviceNeedsContainerTypeAndItsName)
{
	group = open("/dev/vfio/77", O_RDWR);
	EXPECT_EQ(call(group, VFIO_GROUP_GET_DEVICE_FD, VFIO_TEST_BDF), -EINVAL);
	ASSERT_EQ(call(group, VFIO_GROUP_SET_CONTAINER, &container), 0);
	EXPECT_EQ(call(group, VFIO_GROUP_GET_DEVICE_FD, VFIO_TEST_BDF), -EINVAL);
	ASSERT_EQ(call(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	EXPECT_EQ(call(group, VFIO_GROUP_GET_DEVICE_FD, "0000:01:00.2"), -ENODEV);
	EXPECT_EQ(call(group, VFIO_GROUP_GET_DEVICE_FD,
		       VFIO_TEST_BDF " vf_token=00000000-0000-0000-0000-000000000001"), -EINVAL);
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, VFIO_TEST_BDF);
	ASSERT_GE(device, 0);
	EXPECT_EQ(fcntl(device, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(call(group, VFIO_GROUP_UNSET_CONTAINER), -EBUSY);
}

TEST_F(Vfio, UnknownCallsAreRefused)
{
	attach();
	EXPECT_EQ(call(container, VFIO_DEVICE_RESET), -ENOTTY);
	EXPECT_EQ(call(group, VFIO_DEVICE_RESET), -ENOTTY);
	EXPECT_EQ(call(device, VFIO_GET_API_VERSION), -ENOTTY);
	EXPECT_EQ(call(device, _IO(VFIO_TYPE, VFIO_BASE + 99)), -ENOTTY);
	EXPECT_EQ(call(device, VFIO_DEVICE_RESET), 0);
}

/* Numbers may change, what is behind them does not */
TEST_F(Vfio, DescriptorsAreKnownByWhatTheyAre)
{
	int copy = dup(container), other[2];

	EXPECT_EQ(call(copy, VFIO_GET_API_VERSION), VFIO_API_VERSION);
	close(container);
	EXPECT_EQ(call(copy, VFIO_GET_API_VERSION), VFIO_API_VERSION);
	ASSERT_EQ(pipe(other), 0);	/* takes the container's old number */
	EXPECT_EQ(call(other[0], VFIO_GET_API_VERSION), -ENOTTY);
	EXPECT_EQ(call(other[1], VFIO_GET_API_VERSION), -ENOTTY);
	close(other[0]);
	close(other[1]);
	container = copy;
}

TEST_F(Vfio, ContainersAreApart)
{
	static char page[4096] __attribute__((aligned(4096)));
	int other = open("/dev/vfio/vfio", O_RDWR);

	ASSERT_GE(other, 0);
	join();
	EXPECT_EQ(map(container, page, 0x10000, sizeof(page)), 0);
	EXPECT_EQ(map(other, page, 0x10000, sizeof(page)), -EINVAL);
	close(other);
	EXPECT_EQ(map(container, page, 0x10000, sizeof(page)), -EEXIST);
}

TEST_F(Vfio, ManyContainersComeAndGo)
{
	int fd[64];

	close(container);
	for (int round = 0; round < 3; round++) {
		for (int &f : fd) {
			f = open("/dev/vfio/vfio", O_RDWR);
			ASSERT_GE(f, 0);
		}
		EXPECT_EQ(open("/dev/vfio/vfio", O_RDWR), -1);
		for (int f : fd)
			close(f);
	}
	container = open("/dev/vfio/vfio", O_RDWR);
	EXPECT_GE(container, 0);
}

/* As at detach: all of it is new afterwards */
TEST_F(Vfio, LastCloseGivesEverythingBack)
{
	static char page[4096] __attribute__((aligned(4096)));
	struct vfio_group_status status = {};
	const uint16_t command = 6;

	attach();
	ASSERT_EQ(map(container, page, 0x10000, sizeof(page)), 0);
	ASSERT_EQ(pwrite(device, &command, 2, ((off_t)VFIO_PCI_CONFIG_REGION_INDEX << 40) + 4), 2);
	EXPECT_EQ(config(4, 2), command);
	release();

	group = open("/dev/vfio/77", O_RDWR);
	ASSERT_GE(group, 0);
	status.argsz = sizeof(status);
	ASSERT_EQ(call(group, VFIO_GROUP_GET_STATUS, &status), 0);
	EXPECT_EQ(status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET, 0u);
	close(group);
	attach();
	EXPECT_EQ(map(container, page, 0x10000, sizeof(page)), 0);
	EXPECT_EQ(config(4, 2), 0u);
}

TEST_F(Vfio, MappingOfTheBarKeepsTheDeviceOpen)
{
	void *bar;

	attach();
	bar = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, device, 0);
	ASSERT_NE(bar, MAP_FAILED);
	release();
	EXPECT_EQ(open("/dev/vfio/77", O_RDWR), -1);
	EXPECT_EQ(errno, EBUSY);
	munmap(bar, 4096);
	group = open("/dev/vfio/77", O_RDWR);
	EXPECT_GE(group, 0);
}

/* A child has the descriptors, but not the memory that the device reaches: it has to ask */
TEST_F(Vfio, ForkedChildCallsThroughItsParent)
{
	int status;
	pid_t pid;

	attach();
	pid = fork();
	ASSERT_GE(pid, 0);
	if (pid == 0) {
		struct vfio_device_info info = {};

		info.argsz = sizeof(info);
		if (call(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1_IOMMU) != 1)
			_exit(1);
		if (call(device, VFIO_DEVICE_GET_INFO, &info) != 0 ||
		    info.num_regions != VFIO_PCI_NUM_REGIONS)
			_exit(2);
		if (open("/dev/vfio/vfio", O_RDWR) != -1 || errno != EBUSY)
			_exit(3);
		_exit(0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
	EXPECT_EQ(call(device, VFIO_DEVICE_RESET), 0);
}

static std::set<std::string>
list(const char *path)
{
	std::set<std::string> names;
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == nullptr)
		return names;
	while ((e = readdir(d)) != nullptr)
		if (e->d_name[0] != '.')
			names.insert(e->d_name);
	closedir(d);
	return names;
}

TEST(VfioTree, ShowsTheHostOnlyItsVfs)
{
	struct stat st;

	EXPECT_EQ(list(getenv("SYSFS_PCI_DEVICES")),
		  (std::set<std::string>{ "0000:01:00.1", "0000:01:00.2" }));
	EXPECT_EQ(list("/sys/kernel/iommu_groups"), (std::set<std::string>{ "77", "78" }));
	EXPECT_EQ(list("/dev/vfio"), (std::set<std::string>{ "77", "78", "vfio" }));
	EXPECT_EQ(stat("/sys/module/vfio", &st), 0);
	EXPECT_EQ(stat("/sys/module/vfio_pci", &st), 0);
	EXPECT_EQ(access("/dev/vfio/77", F_OK), 0);
}

TEST(VfioTree, DescribesAnEf10VfBoundToVfioPci)
{
	char link[256];
	ssize_t len;

	EXPECT_EQ(vfio_test_read(vfio_test_sysfs("vendor")), "0x1924\n");
	EXPECT_EQ(vfio_test_read(vfio_test_sysfs("device")), "0x1b03\n");
	EXPECT_EQ(vfio_test_read(vfio_test_sysfs("class")), "0x020000\n");
	EXPECT_EQ(vfio_test_read(vfio_test_sysfs("numa_node")), "0\n");
	len = readlink(vfio_test_sysfs("driver").c_str(), link, sizeof(link));
	ASSERT_GT(len, 0);
	EXPECT_EQ(std::string(link, (size_t)len).substr((size_t)len - 9), "/vfio-pci");
	len = readlink(vfio_test_sysfs("iommu_group").c_str(), link, sizeof(link));
	ASSERT_GT(len, 0);
	EXPECT_EQ(std::string(link, (size_t)len).substr((size_t)len - 3), "/77");
}

TEST(VfioTree, ResourceHasSevenLinesAndThePrefetchableFlag)
{
	std::istringstream text(vfio_test_read(vfio_test_sysfs("resource")));
	unsigned long long start, end, flags;
	std::string line;
	int lines = 0;

	while (std::getline(text, line)) {
		ASSERT_EQ(sscanf(line.c_str(), "%llx %llx %llx", &start, &end, &flags), 3);
		if (lines == 0) {
			EXPECT_EQ(end - start + 1, 64u * 8192);
			EXPECT_EQ(flags & 0x2200u, 0x2200u);	/* memory, prefetchable */
		}
		lines++;
	}
	EXPECT_EQ(lines, 7);
}
