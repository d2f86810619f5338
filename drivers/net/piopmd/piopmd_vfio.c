/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_interrupts.h>
#include <rte_vfio.h>

#include "piopmd_log.h"
#include "piopmd_vfio.h"

/* Command register of the PCI configuration header (PCI Local Bus Specification 6.2.2). */
#define VFIO_PCI_COMMAND		0x04
#define VFIO_PCI_COMMAND_MEMORY		0x0002
#define VFIO_PCI_COMMAND_MASTER		0x0004

static int
vfio_config_enable(struct rte_pci_device *pci, int fd)
{
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t command;
	off_t offset;

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &region) != 0)
		goto fail;
	offset = (off_t)region.offset + VFIO_PCI_COMMAND;
	if (pread(fd, &command, sizeof(command), offset) != (ssize_t)sizeof(command))
		goto fail;
	/* configuration space is little endian, and so is the mask on both sides */
	command |= VFIO_PCI_COMMAND_MEMORY | VFIO_PCI_COMMAND_MASTER;
	if (pwrite(fd, &command, sizeof(command), offset) != (ssize_t)sizeof(command))
		goto fail;
	return 0;

fail:
	PIOPMD_LOG_INIT(ERR, pci->name, "cannot set memory decoding and bus mastering: %s",
			strerror(errno));
	return -EIO;
}

static int
vfio_reset(struct rte_pci_device *pci, int fd)
{
	/* EINVAL: a device that has no reset; what is left over is freed at attach */
	if (ioctl(fd, VFIO_DEVICE_RESET) != 0 && errno != EINVAL) {
		PIOPMD_LOG_INIT(ERR, pci->name, "cannot reset the device: %s", strerror(errno));
		return -EIO;
	}
	return 0;
}

static int
vfio_intr_prepare(struct rte_pci_device *pci, int fd)
{
	struct vfio_irq_info irq = {
		.argsz = sizeof(irq),
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
	};
	int efd;

	if (ioctl(fd, VFIO_DEVICE_GET_IRQ_INFO, &irq) != 0 ||
	    (irq.flags & VFIO_IRQ_INFO_EVENTFD) == 0 || irq.count == 0) {
		PIOPMD_LOG_INIT(NOTICE, pci->name,
				"no MSI-X vectors: link and receive queues are polled");
		return 0;
	}
	if ((uint32_t)rte_intr_nb_intr_get(pci->intr_handle) < irq.count &&
	    rte_intr_event_list_update(pci->intr_handle, (int)irq.count) != 0)
		return -EIO;

	efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (efd < 0) {
		PIOPMD_LOG_INIT(ERR, pci->name, "cannot make an event descriptor: %s",
				strerror(errno));
		return -EIO;
	}
	rte_intr_fd_set(pci->intr_handle, efd);
	rte_intr_type_set(pci->intr_handle, RTE_INTR_HANDLE_VFIO_MSIX);
	return 0;
}

int
piopmd_vfio_open(struct rte_pci_device *pci)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int fd = -1;
	int ret;

	rte_intr_fd_set(pci->intr_handle, -1);
	rte_intr_dev_fd_set(pci->intr_handle, -1);
	rte_intr_fd_set(pci->vfio_req_intr_handle, -1);
	rte_intr_dev_fd_set(pci->vfio_req_intr_handle, -1);

	ret = rte_vfio_setup_device(rte_pci_get_sysfs_path(), pci->name, &fd, &info);
	if (ret != 0)
		return ret > 0 ? -ENODEV : -EIO;
	rte_intr_dev_fd_set(pci->intr_handle, fd);

	ret = vfio_config_enable(pci, fd);
	if (ret == 0)
		ret = vfio_reset(pci, fd);
	if (ret == 0)
		ret = vfio_intr_prepare(pci, fd);
	if (ret != 0)
		piopmd_vfio_close(pci);
	return ret;
}

static void
vfio_handle_close(struct rte_intr_handle *handle)
{
	int efd = rte_intr_fd_get(handle);

	if (efd >= 0)
		close(efd);
	rte_intr_fd_set(handle, -1);
	rte_intr_dev_fd_set(handle, -1);
	rte_intr_type_set(handle, RTE_INTR_HANDLE_UNKNOWN);
}

int
piopmd_vfio_req_arm(struct rte_pci_device *pci)
{
	struct rte_intr_handle *handle = pci->vfio_req_intr_handle;
	int efd;

	efd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (efd < 0)
		return -EIO;
	rte_intr_fd_set(handle, efd);
	rte_intr_dev_fd_set(handle, rte_intr_dev_fd_get(pci->intr_handle));
	rte_intr_type_set(handle, RTE_INTR_HANDLE_VFIO_REQ);

	if (rte_intr_enable(handle) != 0) {
		vfio_handle_close(handle);
		PIOPMD_LOG_INIT(ERR, pci->name, "cannot arm the device-request interrupt");
		return -EIO;
	}
	return 0;
}

static void
vfio_req_disarm(struct rte_pci_device *pci)
{
	struct rte_intr_handle *handle = pci->vfio_req_intr_handle;

	if (rte_intr_fd_get(handle) < 0)
		return;
	rte_intr_disable(handle);
	vfio_handle_close(handle);
}

void
piopmd_vfio_close(struct rte_pci_device *pci)
{
	int fd = rte_intr_dev_fd_get(pci->intr_handle);

	vfio_req_disarm(pci);
	vfio_handle_close(pci->intr_handle);
	if (fd >= 0 && rte_vfio_release_device(rte_pci_get_sysfs_path(), pci->name, fd) != 0)
		PIOPMD_LOG_INIT(ERR, pci->name, "VFIO did not take the device back");
}
