/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What the VFIO ioctls do, as linux/vfio.h describes them and as the type 1 IOMMU driver of
 * Linux 6.1 and 6.12 answers. The host's lock is held.
 */

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/vfio.h>

#include "pioemu_vfio.h"

#define IOCTL_PAGE 4096u

/* The argument as a structure; false: the caller's is shorter than the kernel accepts */
#define IOCTL_ARG(call, type, last, ptr) \
	((call)->len >= offsetof(type, last) + sizeof(((type *)NULL)->last) ? \
	 (((ptr) = (type *)(void *)(call)->arg), true) : false)

/* ---- container ---- */

static int
ioctl_set_iommu(struct pioemu_vfio_host *host, struct pioemu_vfio_container *container,
		uint64_t type)
{
	uint32_t i;

	if (container->iommu_type != 0 || container->nb_groups == 0)
		return -EINVAL;
	if (type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU)
		return -ENODEV;
	container->iommu = pioemu_iommu_create(host->nic, 0);
	if (container->iommu == NULL)
		return -ENOMEM;
	container->iommu_type = (uint32_t)type;
	for (i = 0; i < host->conf.nb_vfs; i++)
		if (host->groups[i].container == container)
			pioemu_vf_iommu_set(host->devs[i].vf, container->iommu);
	return 0;
}

/* The kernel pins the pages, and refuses what it cannot pin */
static bool
ioctl_is_mapped(uint64_t vaddr, uint64_t size)
{
	unsigned char present[4096];
	uint64_t step = (uint64_t)sizeof(present) * IOCTL_PAGE;

	while (size != 0) {
		uint64_t len = size < step ? size : step;

		if (mincore((void *)(uintptr_t)vaddr, len, present) != 0)
			return false;
		vaddr += len;
		size -= len;
	}
	return true;
}

static int
ioctl_map_dma(struct pioemu_vfio_container *container, struct pioemu_vfio_call *call)
{
	const uint32_t known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	struct vfio_iommu_type1_dma_map *map;
	uint32_t perm = 0;

	if (!IOCTL_ARG(call, struct vfio_iommu_type1_dma_map, size, map) ||
	    (map->flags & ~known) != 0 || map->flags == 0 || map->size == 0 ||
	    ((map->iova | map->vaddr | map->size) & (IOCTL_PAGE - 1)) != 0 ||
	    map->iova + map->size - 1 < map->iova || map->vaddr + map->size - 1 < map->vaddr)
		return -EINVAL;
	if (!ioctl_is_mapped(map->vaddr, map->size))
		return -EFAULT;
	if ((map->flags & VFIO_DMA_MAP_FLAG_READ) != 0)
		perm |= PIOEMU_DMA_READ;
	if ((map->flags & VFIO_DMA_MAP_FLAG_WRITE) != 0)
		perm |= PIOEMU_DMA_WRITE;
	return pioemu_iommu_map(container->iommu, map->iova, map->size,
				(void *)(uintptr_t)map->vaddr, perm);
}

static int
ioctl_unmap_dma(struct pioemu_vfio_container *container, struct pioemu_vfio_call *call)
{
	struct vfio_iommu_type1_dma_unmap *unmap;
	uint64_t bytes = 0;
	int rc;

	if (!IOCTL_ARG(call, struct vfio_iommu_type1_dma_unmap, size, unmap) || unmap->flags != 0 ||
	    unmap->size == 0 || ((unmap->iova | unmap->size) & (IOCTL_PAGE - 1)) != 0)
		return -EINVAL;
	rc = pioemu_iommu_unmap(container->iommu, unmap->iova, unmap->size, &bytes);
	/* Version 1 of the interface says so instead when a mapping would be cut in two */
	if (rc == -EINVAL && container->iommu_type == VFIO_TYPE1_IOMMU)
		rc = 0;
	unmap->size = bytes;
	return rc;
}

static int
ioctl_iommu_info(struct pioemu_vfio_call *call)
{
	struct vfio_iommu_type1_info *info;

	if (!IOCTL_ARG(call, struct vfio_iommu_type1_info, iova_pgsizes, info))
		return -EINVAL;
	info->flags = VFIO_IOMMU_INFO_PGSIZES;
	info->iova_pgsizes = ~(uint64_t)(IOCTL_PAGE - 1);
	return 0;
}

static int
ioctl_container(struct pioemu_vfio_host *host, struct pioemu_vfio_container *container,
		struct pioemu_vfio_call *call)
{
	switch (call->req) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return call->value == VFIO_TYPE1_IOMMU || call->value == VFIO_TYPE1v2_IOMMU;
	case VFIO_SET_IOMMU:
		return ioctl_set_iommu(host, container, call->value);
	}
	if (container->iommu_type == 0)
		return -EINVAL;
	switch (call->req) {
	case VFIO_IOMMU_GET_INFO:
		return ioctl_iommu_info(call);
	case VFIO_IOMMU_MAP_DMA:
		return ioctl_map_dma(container, call);
	case VFIO_IOMMU_UNMAP_DMA:
		return ioctl_unmap_dma(container, call);
	default:
		return -ENOTTY;
	}
}

/* ---- group ---- */

static int
ioctl_set_container(struct pioemu_vfio_host *host, uint32_t vf, uint64_t nr)
{
	struct pioemu_vfio_group *group = &host->groups[vf];
	struct pioemu_vfio_container *container;

	if (nr >= PIOEMU_VFIO_CONTAINERS || host->containers[nr].fifo < 0)
		return -EBADF;
	if (group->container != NULL)
		return -EINVAL;
	container = &host->containers[nr];
	group->container = container;
	container->nb_groups++;
	pioemu_vf_iommu_set(host->devs[vf].vf, container->iommu);
	return 0;
}

/* The last group that leaves takes the container's mappings along */
void
pioemu_vfio_group_detach(struct pioemu_vfio_host *host, uint32_t vf)
{
	struct pioemu_vfio_container *container = host->groups[vf].container;

	if (container == NULL)
		return;
	host->groups[vf].container = NULL;
	pioemu_vf_iommu_set(host->devs[vf].vf, NULL);
	if (--container->nb_groups != 0)
		return;
	pioemu_iommu_destroy(container->iommu);
	container->iommu = NULL;
	container->iommu_type = 0;
}

static int
ioctl_group_status(struct pioemu_vfio_host *host, uint32_t vf, struct pioemu_vfio_call *call)
{
	struct vfio_group_status *status;

	if (!IOCTL_ARG(call, struct vfio_group_status, flags, status))
		return -EINVAL;
	status->flags = VFIO_GROUP_FLAGS_VIABLE;
	if (host->groups[vf].container != NULL)
		status->flags |= VFIO_GROUP_FLAGS_CONTAINER_SET;
	return 0;
}

/* The caller has opened the device's file already; here the device comes to life */
static int
ioctl_device_open(struct pioemu_vfio_host *host, uint32_t vf, struct pioemu_vfio_call *call)
{
	const struct pioemu_vfio_group *group = &host->groups[vf];
	struct pioemu_vfio_dev *dev = &host->devs[vf];
	char bdf[16];

	if (group->container == NULL || group->container->iommu_type == 0)
		return -EINVAL;
	call->arg[sizeof(call->arg) - 1] = '\0';
	if (strcmp((char *)call->arg, pioemu_session_bdf(vf, bdf, sizeof(bdf))) != 0)
		/* "<address> vf_token=<uuid>": this VF's PF knows no token */
		return strchr((char *)call->arg, ' ') != NULL ? -EINVAL : -ENODEV;
	if (!dev->open) {
		pioemu_vfio_host_cfg_reset(host, dev);
		pioemu_vf_reset(dev->vf);
		dev->open = true;
	}
	return 0;
}

static int
ioctl_group(struct pioemu_vfio_host *host, uint32_t vf, struct pioemu_vfio_call *call)
{
	switch (call->req) {
	case VFIO_GROUP_GET_STATUS:
		return ioctl_group_status(host, vf, call);
	case VFIO_GROUP_SET_CONTAINER:
		return ioctl_set_container(host, vf, call->value);
	case VFIO_GROUP_UNSET_CONTAINER:
		if (host->groups[vf].container == NULL)
			return -EINVAL;
		if (host->devs[vf].open)
			return -EBUSY;
		pioemu_vfio_group_detach(host, vf);
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return ioctl_device_open(host, vf, call);
	default:
		return -ENOTTY;
	}
}

/* ---- device ---- */

/* The last descriptor and the last mapping of the device are gone */
void
pioemu_vfio_dev_release(struct pioemu_vfio_host *host, struct pioemu_vfio_dev *dev)
{
	pioemu_nic_lock(host->nic);
	pioemu_vfio_irqs_release(&dev->irqs);
	pioemu_nic_unlock(host->nic);
	pioemu_vf_reset(dev->vf);
	dev->open = false;
}

static int
ioctl_device_info(struct pioemu_vfio_call *call)
{
	struct vfio_device_info *info;

	if (!IOCTL_ARG(call, struct vfio_device_info, num_irqs, info))
		return -EINVAL;
	info->flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info->num_regions = VFIO_PCI_NUM_REGIONS;
	info->num_irqs = VFIO_PCI_NUM_IRQS;
	return 0;
}

static int
ioctl_region_info(struct pioemu_vfio_dev *dev, struct pioemu_vfio_call *call)
{
	const uint32_t rw = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	struct vfio_region_info *info;

	if (!IOCTL_ARG(call, struct vfio_region_info, offset, info) ||
	    info->index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	info->offset = PIOEMU_SESSION_REGION(info->index);
	info->cap_offset = 0;
	info->flags = 0;
	info->size = 0;
	switch (info->index) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		info->flags = rw | VFIO_REGION_INFO_FLAG_MMAP;
		info->size = pioemu_vf_bar_len(&dev->conf->dev);
		break;
	case VFIO_PCI_BAR2_REGION_INDEX:
		info->flags = rw;	/* the MSI-X table is the kernel's: not to be mapped */
		info->size = PIOEMU_PCICFG_MSIX_BAR_SIZE;
		break;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		info->flags = rw;
		info->size = IOCTL_PAGE;	/* PCI Express: what is not there reads 0 */
		break;
	case VFIO_PCI_VGA_REGION_INDEX:
		return -EINVAL;
	}
	return 0;
}

static int
ioctl_irq_info(struct pioemu_vfio_dev *dev, struct pioemu_vfio_call *call)
{
	struct vfio_irq_info *info;

	if (!IOCTL_ARG(call, struct vfio_irq_info, count, info) ||
	    info->index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	info->flags = VFIO_IRQ_INFO_EVENTFD;
	switch (info->index) {
	case VFIO_PCI_MSIX_IRQ_INDEX:
		info->flags |= VFIO_IRQ_INFO_NORESIZE;
		info->count = dev->irqs.nb_msix;
		break;
	case VFIO_PCI_ERR_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		info->flags |= VFIO_IRQ_INFO_NORESIZE;
		info->count = 1;
		break;
	case VFIO_PCI_INTX_IRQ_INDEX:	/* a VF has neither pin nor MSI */
		info->flags |= VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED;
		info->count = 0;
		break;
	default:
		info->flags |= VFIO_IRQ_INFO_NORESIZE;
		info->count = 0;
	}
	return 0;
}

static int
ioctl_device(struct pioemu_vfio_host *host, struct pioemu_vfio_dev *dev,
	     struct pioemu_vfio_call *call)
{
	int rc;

	switch (call->req) {
	case VFIO_DEVICE_GET_INFO:
		return ioctl_device_info(call);
	case VFIO_DEVICE_GET_REGION_INFO:
		return ioctl_region_info(dev, call);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return ioctl_irq_info(dev, call);
	case VFIO_DEVICE_SET_IRQS:
		pioemu_nic_lock(host->nic);
		rc = pioemu_vfio_irqs_set(&dev->irqs, call);
		pioemu_nic_unlock(host->nic);
		return rc;
	case VFIO_DEVICE_RESET:
		pioemu_vf_reset(dev->vf);
		return 0;
	default:
		return -ENOTTY;
	}
}

void
pioemu_vfio_ioctl(struct pioemu_vfio_host *host, struct pioemu_vfio_call *call)
{
	uint32_t vf = call->kind == PIOEMU_VFIO_GROUP ? call->nr - PIOEMU_SESSION_GROUP0 : call->nr;

	call->result = -EBADF;
	if (call->kind == PIOEMU_VFIO_CONTAINER && call->nr < PIOEMU_VFIO_CONTAINERS &&
	    host->containers[call->nr].fifo >= 0)
		call->result = ioctl_container(host, &host->containers[call->nr], call);
	else if (call->kind == PIOEMU_VFIO_GROUP && vf < host->conf.nb_vfs &&
		 host->groups[vf].fifo >= 0)
		call->result = ioctl_group(host, vf, call);
	else if (call->kind == PIOEMU_VFIO_DEVICE && vf < host->conf.nb_vfs &&
		 host->devs[vf].open)
		call->result = ioctl_device(host, &host->devs[vf], call);
}
