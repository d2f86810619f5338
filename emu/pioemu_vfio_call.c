/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * A VFIO ioctl as a message: the argument is copied in, carried out by the host process (which
 * may be this one) and copied back, as the kernel does it.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "pioemu_vfio.h"
#include "pioemu_vfio_maps.h"
#include "pioemu_vfio_msg.h"

enum pioemu_vfio_kind
pioemu_vfio_identify(int fd, uint32_t *nr)
{
	char link[64], path[PATH_MAX];
	const char *dir = pioemu_vfio_dir();
	size_t dir_len;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (dir == NULL || len < 0)
		return PIOEMU_VFIO_NONE;
	path[len] = '\0';
	dir_len = strlen(dir);
	if (strncmp(path, dir, dir_len) != 0)
		return PIOEMU_VFIO_NONE;
	/* A name that was unlinked since carries " (deleted)" behind its number */
	if (sscanf(path + dir_len, "/obj/c%u", nr) == 1)
		return PIOEMU_VFIO_CONTAINER;
	if (sscanf(path + dir_len, "/obj/g%u", nr) == 1)
		return PIOEMU_VFIO_GROUP;
	if (sscanf(path + dir_len, "/vf%u", nr) == 1)
		return PIOEMU_VFIO_DEVICE;
	return PIOEMU_VFIO_NONE;
}

static void
call_run(struct pioemu_vfio_call *call)
{
	int rc;

	if (pioemu_vfio_host_here()) {
		pioemu_vfio_host_exec(call);
		return;
	}
	rc = pioemu_vfio_msg_ask(pioemu_vfio_dir(), call);
	if (rc != 0)
		call->result = rc;
}

/* Copy an argument in that starts with its own length */
static int
call_arg_sized(struct pioemu_vfio_call *call, const void *arg)
{
	uint32_t argsz;

	if (arg == NULL)
		return -EFAULT;
	memcpy(&argsz, arg, sizeof(argsz));
	if (argsz < sizeof(argsz))
		return -EINVAL;
	call->len = argsz < sizeof(call->arg) ? argsz : sizeof(call->arg);
	memcpy(call->arg, arg, call->len);
	return 0;
}

/* The eventfds of SET_IRQS travel apart, since another process has other numbers for them */
static int
call_arg_irqs(struct pioemu_vfio_call *call, const void *arg)
{
	struct vfio_irq_set set;
	int rc = call_arg_sized(call, arg);

	if (rc != 0)
		return rc;
	if (call->len < sizeof(set))
		return -EINVAL;
	memcpy(&set, call->arg, sizeof(set));
	if ((set.flags & VFIO_IRQ_SET_DATA_TYPE_MASK) != VFIO_IRQ_SET_DATA_EVENTFD)
		return 0;
	if (set.count > PIOEMU_VFIO_FDS_MAX ||
	    call->len < sizeof(set) + set.count * sizeof(int32_t))
		return -EINVAL;
	call->nb_fds = set.count;
	memcpy(call->fds, call->arg + sizeof(set), set.count * sizeof(int32_t));
	return 0;
}

static int
call_arg_in(struct pioemu_vfio_call *call, const void *arg)
{
	uint32_t nr;
	int fd;

	switch (call->req) {
	case VFIO_GET_API_VERSION:
	case VFIO_GROUP_UNSET_CONTAINER:
	case VFIO_DEVICE_RESET:
		return 0;
	case VFIO_CHECK_EXTENSION:
	case VFIO_SET_IOMMU:
		call->value = (uintptr_t)arg;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		if (arg == NULL)
			return -EFAULT;
		memcpy(&fd, arg, sizeof(fd));
		if (pioemu_vfio_identify(fd, &nr) != PIOEMU_VFIO_CONTAINER)
			return fcntl(fd, F_GETFD) < 0 ? -EBADF : -EINVAL;
		call->value = nr;
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		if (arg == NULL)
			return -EFAULT;
		call->len = (uint32_t)strnlen(arg, 255) + 1;
		memcpy(call->arg, arg, call->len - 1);
		return 0;
	case VFIO_DEVICE_SET_IRQS:
		return call_arg_irqs(call, arg);
	case VFIO_GROUP_GET_STATUS:
	case VFIO_IOMMU_GET_INFO:
	case VFIO_IOMMU_MAP_DMA:
	case VFIO_IOMMU_UNMAP_DMA:
	case VFIO_DEVICE_GET_INFO:
	case VFIO_DEVICE_GET_REGION_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
		return call_arg_sized(call, arg);
	default:
		return -ENOTTY;
	}
}

/*
 * The device's descriptor is the device's file, opened by whoever asks. Its shared lock tells the
 * host that somebody has the device open; it goes with the last duplicate and the last mapping.
 */
static int
call_device_open(struct pioemu_vfio_call *call)
{
	uint32_t vf = call->nr - PIOEMU_SESSION_GROUP0;
	const char *dir = pioemu_vfio_dir();
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/vf%u", dir, vf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_SH) == 0) {
		call_run(call);
		if (call->result == 0) {
			if ((pioemu_vfio_faults(dir) & PIOEMU_CONF_FAULT(CLAIM)) != 0)
				pioemu_vfio_maps_revoke(dir, vf);
			return fd;
		}
	} else {
		call->result = -errno;
	}
	close(fd);
	return call->result;
}

int
pioemu_vfio_call_ioctl(enum pioemu_vfio_kind kind, uint32_t nr, unsigned long req, void *arg)
{
	struct pioemu_vfio_call *call = calloc(1, sizeof(*call));
	int result;

	if (call == NULL) {
		errno = ENOMEM;
		return -1;
	}
	call->kind = kind;
	call->nr = nr;
	call->req = req;
	call->result = call_arg_in(call, arg);
	if (call->result == 0) {
		if (req == VFIO_GROUP_GET_DEVICE_FD)
			call->result = call_device_open(call);
		else
			call_run(call);
	}
	result = call->result;
	/* Sized structures come back; strings and numbers do not */
	if (result >= 0 && call->len != 0 && req != VFIO_GROUP_GET_DEVICE_FD &&
	    req != VFIO_DEVICE_SET_IRQS)
		memcpy(arg, call->arg, call->len);
	free(call);
	if (result < 0) {
		errno = -result;
		return -1;
	}
	return result;
}
