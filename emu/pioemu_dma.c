/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* DMA address spaces. Nothing reaches host memory except through what is mapped here. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pioemu_priv.h"

#define IOMMU_MAPS_DEFAULT 65535	/* dma_entry_limit of vfio_iommu_type1 */

struct pioemu_iommu *
pioemu_iommu_create(struct pioemu_nic *nic, uint32_t max_maps)
{
	struct pioemu_iommu *iommu = calloc(1, sizeof(*iommu));

	if (iommu == NULL)
		return NULL;
	iommu->nic = nic;
	iommu->max = max_maps == 0 ? IOMMU_MAPS_DEFAULT : max_maps;
	return iommu;
}

/* Drop every host pointer that was taken from the maps. */
static void
dma_forget(struct pioemu_vf *vf)
{
	memset(vf->dma_cache, 0, sizeof(vf->dma_cache));
	vf->dma_gen++;
}

static void
iommu_changed(struct pioemu_iommu *iommu)
{
	struct pioemu_nic *nic = iommu->nic;
	uint16_t i;

	for (i = 0; i < nic->nb_vfs; i++) {
		if (nic->vfs[i] != NULL && nic->vfs[i]->iommu == iommu)
			dma_forget(nic->vfs[i]);
	}
}

void
pioemu_iommu_destroy(struct pioemu_iommu *iommu)
{
	struct pioemu_nic *nic;
	uint16_t i;

	if (iommu == NULL)
		return;
	nic = iommu->nic;
	pioemu_nic_enter(nic);
	iommu_changed(iommu);
	for (i = 0; i < nic->nb_vfs; i++) {
		if (nic->vfs[i] != NULL && nic->vfs[i]->iommu == iommu)
			nic->vfs[i]->iommu = NULL;
	}
	pioemu_nic_leave(nic);
	free(iommu->maps);
	free(iommu);
}

/* Index of the first map that ends behind iova. */
static uint32_t
iommu_find(const struct pioemu_iommu *iommu, uint64_t iova)
{
	uint32_t lo = 0, hi = iommu->nb;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct pioemu_map *map = &iommu->maps[mid];

		if (map->iova + (map->len - 1) < iova)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
iommu_map_locked(struct pioemu_iommu *iommu, const struct pioemu_map *map)
{
	uint32_t i = iommu_find(iommu, map->iova);

	if (i < iommu->nb && iommu->maps[i].iova <= map->iova + (map->len - 1))
		return -EEXIST;
	if (iommu->nb == iommu->max)
		return -ENOSPC;
	if (iommu->nb == iommu->room) {
		uint32_t room = iommu->room == 0 ? 64 : iommu->room * 2;
		struct pioemu_map *maps = realloc(iommu->maps, room * sizeof(*maps));

		if (maps == NULL)
			return -ENOMEM;
		iommu->maps = maps;
		iommu->room = room;
	}
	memmove(&iommu->maps[i + 1], &iommu->maps[i], (iommu->nb - i) * sizeof(*map));
	iommu->maps[i] = *map;
	iommu->nb++;
	/* rings that were not mapped so far may be now */
	iommu_changed(iommu);
	return 0;
}

int
pioemu_iommu_map(struct pioemu_iommu *iommu, uint64_t iova, uint64_t len, void *host,
		 uint32_t perm)
{
	const struct pioemu_map map = {
		.iova = iova, .len = len, .host = host, .perm = perm,
	};
	int rc;

	if (len == 0 || iova + (len - 1) < iova ||
	    (perm & (PIOEMU_DMA_READ | PIOEMU_DMA_WRITE)) == 0)
		return -EINVAL;
	pioemu_nic_enter(iommu->nic);
	rc = iommu_map_locked(iommu, &map);
	pioemu_nic_leave(iommu->nic);
	return rc;
}

int
pioemu_iommu_unmap(struct pioemu_iommu *iommu, uint64_t iova, uint64_t len, uint64_t *unmapped)
{
	uint64_t end = iova + (len - 1), bytes = 0;
	uint32_t first, last;
	int rc = 0;

	if (unmapped != NULL)
		*unmapped = 0;
	if (len == 0 || end < iova)
		return -EINVAL;
	pioemu_nic_enter(iommu->nic);
	first = iommu_find(iommu, iova);
	for (last = first; last < iommu->nb && iommu->maps[last].iova <= end; last++) {
		const struct pioemu_map *map = &iommu->maps[last];

		if (map->iova < iova || map->iova + (map->len - 1) > end)
			rc = -EINVAL;
		bytes += map->len;
	}
	if (rc == 0 && last > first) {
		memmove(&iommu->maps[first], &iommu->maps[last],
			(iommu->nb - last) * sizeof(iommu->maps[0]));
		iommu->nb -= last - first;
		iommu_changed(iommu);
		if (unmapped != NULL)
			*unmapped = bytes;
	}
	pioemu_nic_leave(iommu->nic);
	return rc;
}

void
pioemu_iommu_unmap_all(struct pioemu_iommu *iommu)
{
	pioemu_nic_enter(iommu->nic);
	iommu->nb = 0;
	iommu_changed(iommu);
	pioemu_nic_leave(iommu->nic);
}

void
pioemu_vf_iommu_set(struct pioemu_vf *vf, struct pioemu_iommu *iommu)
{
	pioemu_nic_enter(vf->nic);
	vf->iommu = iommu;
	dma_forget(vf);
	pioemu_nic_leave(vf->nic);
}

void
pioemu_vf_bus_master_set(struct pioemu_vf *vf, bool on)
{
	pioemu_nic_enter(vf->nic);
	vf->bus_master = on;
	dma_forget(vf);
	pioemu_nic_leave(vf->nic);
}

/*
 * Look up the longest stretch around iova that is contiguous in host memory too and has one
 * permission, into the cache. DPDK maps hugepages or even 4 KiB pages one by one; joined here, most
 * devices see one or two stretches.
 */
static const struct pioemu_map *
dma_lookup(struct pioemu_vf *vf, uint64_t iova)
{
	const struct pioemu_iommu *iommu = vf->iommu;
	struct pioemu_map *entry;
	uint32_t i, j;

	vf->stats.dma_lookups++;
	if (iommu == NULL)
		return NULL;
	i = iommu_find(iommu, iova);
	if (i == iommu->nb || iommu->maps[i].iova > iova)
		return NULL;
	entry = &vf->dma_cache[vf->dma_next++ % PIOEMU_DMA_CACHE];
	*entry = iommu->maps[i];
	for (j = i + 1; j < iommu->nb; j++) {
		const struct pioemu_map *map = &iommu->maps[j];

		if (map->iova != entry->iova + entry->len || map->perm != entry->perm ||
		    map->host != entry->host + entry->len)
			break;
		entry->len += map->len;
	}
	for (j = i; j > 0; j--) {
		const struct pioemu_map *map = &iommu->maps[j - 1];

		if (map->iova + map->len != entry->iova || map->perm != entry->perm ||
		    map->host + map->len != entry->host)
			break;
		entry->iova = map->iova;
		entry->host = map->host;
		entry->len += map->len;
	}
	return entry;
}

#define DMA_COMMAND_MASTER 0x4	/* bus master bit of the PCI command register */

static bool
dma_is_master(const struct pioemu_vf *vf)
{
	const uint16_t *command = vf->conf.pci_command;

	return vf->bus_master && (command == NULL ||
		(__atomic_load_n(command, __ATOMIC_RELAXED) & DMA_COMMAND_MASTER) != 0);
}

/* Host memory at iova and how many bytes of it follow; NULL, with a violation, when there is none. */
static uint8_t *
dma_find(struct pioemu_vf *vf, uint64_t iova, uint32_t len, uint32_t perm, uint64_t *avail)
{
	const struct pioemu_map *map = NULL;
	unsigned int i;

	for (i = 0; i < PIOEMU_DMA_CACHE; i++) {
		map = &vf->dma_cache[i];
		if (iova - map->iova < map->len)
			break;
	}
	if (PIOEMU_UNLIKELY(i == PIOEMU_DMA_CACHE))
		map = dma_lookup(vf, iova);
	if (PIOEMU_UNLIKELY(!dma_is_master(vf))) {
		pioemu_violation(vf, PIOEMU_VIOLATION_DMA_BUS_MASTER,
			"%s of %u bytes at 0x%llx", perm == PIOEMU_DMA_READ ? "read" : "write",
			len, (unsigned long long)iova);
		return NULL;
	}
	if (PIOEMU_UNLIKELY(map == NULL)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_DMA_UNMAPPED,
			"%s of %u bytes at 0x%llx", perm == PIOEMU_DMA_READ ? "read" : "write",
			len, (unsigned long long)iova);
		return NULL;
	}
	if (PIOEMU_UNLIKELY((map->perm & perm) == 0)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_DMA_PERMISSION,
			"%s of %u bytes at 0x%llx", perm == PIOEMU_DMA_READ ? "read" : "write",
			len, (unsigned long long)iova);
		return NULL;
	}
	*avail = map->len - (iova - map->iova);
	return map->host + (iova - map->iova);
}

/*
 * memcpy, but never inlined: where gcc knows an upper limit of the length it prefers "rep movsq", which
 * costs more than the call for the frames that matter.
 */
void
pioemu_dma_copy(void *to, const void *from, size_t len)
{
	memcpy(to, from, len);
}

/* len bytes at iova when they are contiguous in host memory. NULL: use _read or _write */
uint8_t *
pioemu_dma_ptr(struct pioemu_vf *vf, uint64_t iova, uint32_t len, uint32_t perm)
{
	uint64_t avail;
	uint8_t *p = dma_find(vf, iova, len, perm, &avail);

	return p != NULL && avail >= len ? p : NULL;
}

bool
pioemu_dma_read(struct pioemu_vf *vf, uint64_t iova, void *buf, uint32_t len)
{
	uint8_t *to = buf;

	while (len > 0) {
		uint64_t avail;
		const uint8_t *from = dma_find(vf, iova, len, PIOEMU_DMA_READ, &avail);
		uint32_t n;

		if (from == NULL)
			return false;
		n = avail < len ? (uint32_t)avail : len;
		memcpy(to, from, n);
		to += n;
		iova += n;
		len -= n;
	}
	return true;
}

bool
pioemu_dma_write(struct pioemu_vf *vf, uint64_t iova, const void *buf, uint32_t len)
{
	const uint8_t *from = buf;

	while (len > 0) {
		uint64_t avail;
		uint8_t *to = dma_find(vf, iova, len, PIOEMU_DMA_WRITE, &avail);
		uint32_t n;

		if (to == NULL)
			return false;
		n = avail < len ? (uint32_t)avail : len;
		memcpy(to, from, n);
		from += n;
		iova += n;
		len -= n;
	}
	return true;
}

/* addrs: little-endian 64-bit addresses of 4 KiB pages, as the INIT commands list them. */
void
pioemu_ring_init(struct pioemu_ring *ring, const uint8_t *addrs, uint32_t nb_pages, uint32_t perm)
{
	uint32_t i;

	memset(ring, 0, sizeof(*ring));
	ring->nb_pages = nb_pages;
	ring->perm = perm;
	for (i = 0; i < nb_pages; i++)
		ring->iova[i] = ef10_le64_get(addrs + 8 * i);
}

/*
 * Make host[] valid for this round: the maps cannot change while the lock is held. false: a page is
 * not there; said once, until the maps change.
 */
bool
pioemu_ring_map(struct pioemu_vf *vf, struct pioemu_ring *ring)
{
	uint32_t i;

	if (PIOEMU_LIKELY(ring->gen == vf->dma_gen))
		return !ring->broken;
	ring->gen = vf->dma_gen;
	ring->broken = false;
	for (i = 0; i < ring->nb_pages && !ring->broken; i++) {
		uint8_t *p = pioemu_dma_ptr(vf, ring->iova[i], EF10_DMA_PAGE_SIZE, ring->perm);

		ring->host[i] = (uint64_t *)(void *)p;
		if (p == NULL || ((uintptr_t)p & 7) != 0)
			ring->broken = true;
	}
	return !ring->broken;
}
