/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * A second object to preload, only for the --sysfs-fault kinds where the kernel refuses mmap() of
 * resource0 and resource0_wc. Without such a fault no program has mmap() interposed.
 */

/* With 64 the C library gives the plain calls the names of the others; both are defined here */
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pioemu_refuse.h"

/* The VFIO device of the same VF is open: its claim, as newer kernels make it at open */
static bool
refuse_claimed(const char *dir, const char *resource)
{
	const char *device = strstr(resource, "/0000:01:00.");
	char path[PATH_MAX];
	bool claimed;
	int fd;

	if (device == NULL)
		return false;
	snprintf(path, sizeof(path), "%s/vf%d", dir, device[12] - '1');
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	claimed = flock(fd, LOCK_EX | LOCK_NB) != 0;
	close(fd);
	return claimed;
}

/* The errno of the refusal, or 0 */
static int
refuse_errno(int fd)
{
	const char *what = getenv(PIOEMU_REFUSE_ENV);
	const char *dir = getenv("PIOEMU_SESSION");
	char link[64], path[PATH_MAX];
	const char *last;
	ssize_t len;

	if (what == NULL || dir == NULL)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return 0;
	path[len] = '\0';
	last = strrchr(path, '/');
	if (strncmp(path, dir, strlen(dir)) != 0 ||
	    (strcmp(last, "/resource0") != 0 && strcmp(last, "/resource0_wc") != 0))
		return 0;
	if (strcmp(what, PIOEMU_REFUSE_EPERM) == 0)
		return EPERM;
	if (strcmp(what, PIOEMU_REFUSE_EINVAL) == 0 || refuse_claimed(dir, path))
		return EINVAL;
	return 0;
}

__attribute__((visibility("default"))) void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	int err = fd >= 0 && (flags & MAP_ANONYMOUS) == 0 ? refuse_errno(fd) : 0;

	if (err != 0) {
		errno = err;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, off);
}

__attribute__((visibility("default"), alias("mmap"))) void *
mmap64(void *addr, size_t len, int prot, int flags, int fd, off64_t off);
