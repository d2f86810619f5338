/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal_paging.h>
#include <rte_errno.h>
#include <rte_memory.h>

#include "ef10_regs.h"

#include "piopmd_log.h"
#include "piopmd_map.h"
#include "piopmd_vfio.h"

/* What the steps of the split rung end with when it is not an errno of open() or mmap(). */
#define MAP_ERR_CLAIMED_AT_OPEN	EBUSY
#define MAP_ERR_REGS_NOT_UC	EFAULT
#define MAP_ERR_PIO_NOT_WC	EEXIST
#define MAP_ERR_UNVERIFIED	ENODATA
#define MAP_ERR_PAGE_SIZE	EOPNOTSUPP
#define MAP_ERR_SWITCHED_OFF	ECANCELED
#define MAP_ERR_NO_VFIO_WC	ENOTSUP

struct map_files {
	int regs;	/* resource0 */
	int pio;	/* resource0_wc */
};

const char *
piopmd_map_rung_name(enum piopmd_map_rung rung)
{
	static const char * const names[] = {
		[PIOPMD_MAP_RUNG_VFIO_WC] = "vfio-wc",
		[PIOPMD_MAP_RUNG_SPLIT] = "split",
		[PIOPMD_MAP_RUNG_VFIO] = "vfio",
		[PIOPMD_MAP_RUNGS] = "none",
	};

	return names[rung];
}

/* Why a rung is refused, by what its steps returned. */
static const struct map_reason {
	int err;
	const char *reason;
	const char *advice;
} map_reasons[] = {
	{ ENOENT, "there is no resource0_wc: BAR not prefetchable, or a kernel without PAT",
	  "nothing to do on this adapter and kernel" },
	{ EACCES, "resource0 or resource0_wc may not be opened",
	  "run as root, or chown both files of the device to the user" },
	{ EPERM, "the kernel is locked down and forbids mapping resource0",
	  "switch off Secure Boot or lockdown" },
	{ EIO, "the device cannot be opened through VFIO: EAL's message says why",
	  "end the program that uses it, or let this user open its /dev/vfio/GROUP" },
	{ EINVAL, "the BAR is claimed by another mapping of it",
	  "end the program that uses the device, then start again" },
	{ MAP_ERR_CLAIMED_AT_OPEN, "this kernel's vfio-pci claims the BAR when the device is opened",
	  "nothing to do on this kernel" },
	{ MAP_ERR_REGS_NOT_UC, "a register page would not be uncached",
	  "end the program that maps the BAR write-combining" },
	{ MAP_ERR_PIO_NOT_WC, "a PIO page is not write-combining: an older mapping of the BAR wins",
	  "end the program that maps the BAR" },
	{ MAP_ERR_UNVERIFIED, "the memory type cannot be verified",
	  "mount debugfs and run as root, or give wc=any" },
	{ MAP_ERR_PAGE_SIZE, "the pages of this kernel are larger than 4 KiB",
	  "use a kernel with 4 KiB pages" },
	{ MAP_ERR_SWITCHED_OFF, "switched off by pio_map=vfio", "give pio_map=auto" },
	{ MAP_ERR_NO_VFIO_WC, "this kernel's vfio-pci offers no write-combining mapping", "" },
};

/* Returns -err. */
static int
map_refuse(struct piopmd_map *map, enum piopmd_map_rung rung, int err)
{
	struct piopmd_map_refusal *refused = &map->refused[rung];
	const char *reason = strerror(err);
	const char *advice = "";
	size_t i;

	for (i = 0; i < RTE_DIM(map_reasons); i++) {
		if (map_reasons[i].err == err) {
			reason = map_reasons[i].reason;
			advice = map_reasons[i].advice;
		}
	}
	refused->err = err;
	snprintf(refused->reason, sizeof(refused->reason), "%s", reason);
	snprintf(refused->advice, sizeof(refused->advice), "%s", advice);
	return -err;
}

static void
map_files_close(const struct map_files *files)
{
	if (files->pio >= 0)
		close(files->pio);
	if (files->regs >= 0)
		close(files->regs);
}

static int
map_file_open(const struct rte_pci_device *pci, const char *file)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", rte_pci_get_sysfs_path(), pci->name, file);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int
map_files_open(const struct rte_pci_device *pci, struct map_files *files)
{
	int ret;

	files->regs = -1;
	files->pio = -1;
	ret = map_file_open(pci, "resource0");
	if (ret >= 0) {
		files->regs = ret;
		ret = map_file_open(pci, "resource0_wc");
	}
	if (ret < 0) {
		map_files_close(files);
		return ret;
	}
	files->pio = ret;
	return 0;
}

static int
map_reserve_end_find(const struct rte_memseg_list *msl, void *arg)
{
	uint8_t **end = arg;

	if ((uint8_t *)msl->base_va + msl->len > *end)
		*end = (uint8_t *)msl->base_va + msl->len;
	return 0;
}

/*
 * The BAR's range of addresses without access, so that offsets of the BAR are offsets from one base.
 * Behind EAL's memory, where a secondary process has the best chance to find it free.
 */
static int
map_reserve(struct piopmd_map *map)
{
	uint8_t *hint = NULL;

	rte_memseg_list_walk(map_reserve_end_find, &hint);
	map->base = rte_mem_map(hint, map->len, 0, RTE_MAP_PRIVATE | RTE_MAP_ANONYMOUS, -1, 0);
	return map->base == NULL ? -rte_errno : 0;
}

static int
map_page(const struct piopmd_map *map, int fd, uint64_t offset)
{
	if (rte_mem_map(map->base + offset, PIOPMD_MAP_PAGE_SIZE, RTE_PROT_READ | RTE_PROT_WRITE,
			RTE_MAP_SHARED | RTE_MAP_FORCE_ADDRESS, fd, offset) == NULL)
		return -rte_errno;
	return 0;
}

/* Windows first..last-1; each register page before its PIO page, ranges disjoint. */
static int
map_split_pages(const struct piopmd_map *map, const struct map_files *files, uint32_t stride,
		uint16_t first, uint16_t last, uint16_t nb_pio)
{
	uint64_t window;
	uint16_t i;
	int ret;

	for (i = first; i < last; i++) {
		window = (uint64_t)i * stride;
		ret = map_page(map, files->regs, window);
		if (ret == 0 && i < nb_pio)
			ret = map_page(map, files->pio, window + PIOPMD_MAP_PIO_PAGE);
		if (ret != 0)
			return ret;
	}
	return 0;
}

/* Whether sysfs still maps this BAR. If not, the pages mapped before are dead. */
static int
map_split_claim_check(const struct map_files *files)
{
	void *scratch;

	scratch = rte_mem_map(NULL, PIOPMD_MAP_PAGE_SIZE, RTE_PROT_READ | RTE_PROT_WRITE,
			      RTE_MAP_SHARED, files->regs, 0);
	if (scratch == NULL)
		return rte_errno == EINVAL ? -MAP_ERR_CLAIMED_AT_OPEN : -rte_errno;
	rte_mem_unmap(scratch, PIOPMD_MAP_PAGE_SIZE);
	return 0;
}

static enum piopmd_memtype
map_type_merge(const struct piopmd_memtype_page *pages, size_t nb_pages, enum piopmd_memtype good)
{
	enum piopmd_memtype type = good;
	size_t i;

	for (i = 0; i < nb_pages; i++) {
		if (pages[i].type == good)
			continue;
		if (pages[i].type != PIOPMD_MEMTYPE_UNKNOWN)
			return pages[i].type;
		type = PIOPMD_MEMTYPE_UNKNOWN;
	}
	return type;
}

/* Reads the types of all mapped pages. Returns 0 or what is wrong. */
static int
map_split_type_check(struct piopmd_map *map, const char *name, uint32_t stride, uint16_t nb_windows,
		     uint16_t nb_pio)
{
	struct piopmd_memtype_page *pages;
	uint16_t i;
	int ret;

	pages = calloc(nb_windows + nb_pio, sizeof(*pages));
	if (pages == NULL)
		return -ENOMEM;
	for (i = 0; i < nb_windows; i++)
		pages[i].phys = map->phys + (uint64_t)i * stride;
	for (i = 0; i < nb_pio; i++)
		pages[nb_windows + i].phys = pages[i].phys + PIOPMD_MAP_PIO_PAGE;

	/* a list that cannot be read leaves every type unknown, which is an answer too */
	ret = piopmd_memtype_lookup(PIOPMD_MEMTYPE_LIST_PATH, pages, nb_windows + nb_pio);
	if (ret != 0)
		PIOPMD_LOG_INIT(DEBUG, name, "memory types cannot be verified: %s: %s",
				PIOPMD_MEMTYPE_LIST_PATH, strerror(-ret));
	map->regs_type = map_type_merge(pages, nb_windows, PIOPMD_MEMTYPE_UC);
	map->pio_type = map_type_merge(pages + nb_windows, nb_pio, PIOPMD_MEMTYPE_WC);
	free(pages);

	if (map->regs_type != PIOPMD_MEMTYPE_UC && map->regs_type != PIOPMD_MEMTYPE_UNKNOWN)
		return -MAP_ERR_REGS_NOT_UC;
	if (map->pio_type != PIOPMD_MEMTYPE_WC && map->pio_type != PIOPMD_MEMTYPE_UNKNOWN)
		return -MAP_ERR_PIO_NOT_WC;
	if (map->wc_require && map->pio_type != PIOPMD_MEMTYPE_WC)
		return -MAP_ERR_UNVERIFIED;
	return 0;
}

static void
map_release(struct piopmd_map *map)
{
	if (map->base != NULL)
		rte_mem_unmap(map->base, map->len);
	map->base = NULL;
	map->nb_windows = 0;
	map->nb_pio = 0;
	map->regs_type = PIOPMD_MEMTYPE_UNKNOWN;
	map->pio_type = PIOPMD_MEMTYPE_UNKNOWN;
	map->rung = PIOPMD_MAP_RUNGS;
}

/* Window 0, the device, and the two checks. */
static int
map_split_open(struct piopmd_map *map, struct rte_pci_device *pci)
{
	struct map_files files;
	int ret;

	if (rte_mem_page_size() > PIOPMD_MAP_PAGE_SIZE)
		return -MAP_ERR_PAGE_SIZE;
	ret = map_files_open(pci, &files);
	if (ret != 0)
		return ret;
	ret = map_reserve(map);
	if (ret == 0)
		ret = map_split_pages(map, &files, 0, 0, 1, 1);
	if (ret != 0)
		goto fail_map;

	ret = piopmd_vfio_open(pci);
	if (ret != 0)
		goto fail_map;
	ret = map_split_claim_check(&files);
	if (ret == 0)
		ret = map_split_type_check(map, pci->name, 0, 1, 1);
	if (ret == 0)
		ret = piopmd_vfio_req_arm(pci);
	if (ret != 0)
		goto fail_vfio;

	map_files_close(&files);
	map->rung = PIOPMD_MAP_RUNG_SPLIT;
	map->nb_windows = 1;
	map->nb_pio = 1;
	return 0;

fail_vfio:
	map_release(map);
	piopmd_vfio_close(pci);
fail_map:
	map_release(map);
	map_files_close(&files);
	return ret;
}

/*
 * VFIO asks for an uncached mapping, but an older mapping of the BAR imposes its type without a word,
 * where the kernel does not revoke it instead (iomem=relaxed).
 */
static int
map_vfio_type_check(const struct piopmd_map *map)
{
	struct piopmd_memtype_page page = { .phys = map->phys };

	piopmd_memtype_lookup(PIOPMD_MEMTYPE_LIST_PATH, &page, 1);
	if (page.type == PIOPMD_MEMTYPE_WC || page.type == PIOPMD_MEMTYPE_OTHER)
		return -MAP_ERR_REGS_NOT_UC;
	return 0;
}

static int
map_vfio_open(struct piopmd_map *map, struct rte_pci_device *pci)
{
	int ret = rte_pci_map_device(pci);

	if (ret != 0)
		return ret > 0 ? -ENODEV : -EIO;
	map->base = pci->mem_resource[EF10_VF_MEM_BAR].addr;
	if (map->base == NULL) {
		rte_pci_unmap_device(pci);
		return -ENXIO;
	}
	ret = map_vfio_type_check(map);
	if (ret != 0) {
		rte_pci_unmap_device(pci);
		map->base = NULL; /* EAL's mapping, not ours to unmap */
		return ret;
	}
	map->rung = PIOPMD_MAP_RUNG_VFIO;
	map->regs_type = PIOPMD_MEMTYPE_UC;
	map->pio_type = PIOPMD_MEMTYPE_UC;
	return 0;
}

static int
map_split_try(struct piopmd_map *map, struct rte_pci_device *pci)
{
	int ret;

	if (map->refused[PIOPMD_MAP_RUNG_SPLIT].err != 0)
		return -map->refused[PIOPMD_MAP_RUNG_SPLIT].err;
	ret = map_split_open(map, pci);
	if (ret != 0) {
		map_refuse(map, PIOPMD_MAP_RUNG_SPLIT, -ret);
		PIOPMD_LOG_INIT(INFO, pci->name, "no split mapping: %s",
				map->refused[PIOPMD_MAP_RUNG_SPLIT].reason);
	}
	return ret;
}

int
piopmd_map_open(struct piopmd_map *map, struct rte_pci_device *pci, enum piopmd_map_mode mode,
		bool wc_require)
{
	const struct rte_mem_resource *bar = &pci->mem_resource[EF10_VF_MEM_BAR];
	int ret;

	map->rung = PIOPMD_MAP_RUNGS;
	if (pci->kdrv != RTE_PCI_KDRV_VFIO) {
		PIOPMD_LOG_INIT(ERR, pci->name,
				"not bound to vfio-pci: dpdk-devbind.py -b vfio-pci %s", pci->name);
		return -ENODEV;
	}
	if (bar->len < EF10_VI_STRIDE_MIN || bar->phys_addr == 0) {
		PIOPMD_LOG_INIT(ERR, pci->name, "BAR %u is missing or too small", EF10_VF_MEM_BAR);
		return -ENODEV;
	}
	map->len = bar->len;
	map->phys = bar->phys_addr;
	map->wc_require = wc_require;

	map_refuse(map, PIOPMD_MAP_RUNG_VFIO_WC, MAP_ERR_NO_VFIO_WC);
	if (mode == PIOPMD_MAP_MODE_VFIO)
		ret = map_refuse(map, PIOPMD_MAP_RUNG_SPLIT, MAP_ERR_SWITCHED_OFF);
	else
		ret = map_split_try(map, pci);
	if (ret == 0)
		return 0;
	if (mode == PIOPMD_MAP_MODE_SPLIT) {
		PIOPMD_LOG_INIT(ERR, pci->name, "pio_map=split cannot be had: %s; %s",
				map->refused[PIOPMD_MAP_RUNG_SPLIT].reason,
				map->refused[PIOPMD_MAP_RUNG_SPLIT].advice);
		return ret;
	}
	if (wc_require) {
		PIOPMD_LOG_INIT(ERR, pci->name, "wc=require cannot be met: %s; %s",
				map->refused[PIOPMD_MAP_RUNG_SPLIT].reason,
				map->refused[PIOPMD_MAP_RUNG_SPLIT].advice);
		return -ENXIO;
	}

	ret = map_vfio_open(map, pci);
	if (ret != 0) {
		map_refuse(map, PIOPMD_MAP_RUNG_VFIO, -ret);
		PIOPMD_LOG_INIT(ERR, pci->name, "cannot map the device: %s; %s",
				map->refused[PIOPMD_MAP_RUNG_VFIO].reason,
				map->refused[PIOPMD_MAP_RUNG_VFIO].advice);
	}
	return ret;
}

static int
map_split_windows(struct piopmd_map *map, struct rte_pci_device *pci, uint32_t stride,
		  uint16_t nb_windows, uint16_t nb_pio)
{
	struct map_files files;
	int ret;

	ret = map_files_open(pci, &files);
	if (ret == 0) {
		ret = map_split_pages(map, &files, stride, 1, nb_windows, nb_pio);
		map_files_close(&files);
	}
	if (ret == 0)
		ret = map_split_type_check(map, pci->name, stride, nb_windows, nb_pio);
	if (ret != 0) {
		map_refuse(map, PIOPMD_MAP_RUNG_SPLIT, -ret);
		PIOPMD_LOG_INIT(WARNING, pci->name, "the split mapping cannot be kept: %s",
				map->refused[PIOPMD_MAP_RUNG_SPLIT].reason);
		return -EAGAIN;
	}
	return 0;
}

int
piopmd_map_windows(struct piopmd_map *map, struct rte_pci_device *pci, uint32_t stride,
		   uint16_t nb_windows, uint16_t nb_pio)
{
	int ret = 0;

	if (nb_windows == 0 || nb_pio == 0 || nb_pio > nb_windows ||
	    stride < EF10_VI_STRIDE_MIN || (uint64_t)nb_windows * stride > map->len)
		return -EINVAL;
	if (map->rung == PIOPMD_MAP_RUNG_SPLIT)
		ret = map_split_windows(map, pci, stride, nb_windows, nb_pio);
	if (ret != 0)
		return ret;
	map->stride = stride;
	map->nb_windows = nb_windows;
	map->nb_pio = nb_pio;
	return 0;
}

void
piopmd_map_close(struct piopmd_map *map, struct rte_pci_device *pci)
{
	enum piopmd_map_rung rung = map->rung;

	if (rung == PIOPMD_MAP_RUNG_VFIO) {
		rte_pci_unmap_device(pci);
		map->base = NULL; /* EAL's mapping, not ours to unmap */
	}
	map_release(map);
	if (rung == PIOPMD_MAP_RUNG_SPLIT)
		piopmd_vfio_close(pci);
}

int
piopmd_map_secondary(const struct piopmd_map *map, struct rte_pci_device *pci)
{
	struct map_files files;
	void *range;
	int ret;

	if (map->rung == PIOPMD_MAP_RUNG_VFIO)
		return rte_pci_map_device(pci) == 0 ? 0 : -EIO;

	range = rte_mem_map(map->base, map->len, 0, RTE_MAP_PRIVATE | RTE_MAP_ANONYMOUS, -1, 0);
	if (range == NULL)
		return -rte_errno;
	if (range != map->base) {
		PIOPMD_LOG_INIT(ERR, pci->name, "the primary's address %p of the BAR is taken here",
				(void *)map->base);
		rte_mem_unmap(range, map->len);
		return -EBUSY;
	}
	ret = map_files_open(pci, &files);
	if (ret == 0) {
		ret = map_split_pages(map, &files, map->stride, 0, map->nb_windows, map->nb_pio);
		map_files_close(&files);
	}
	if (ret != 0) {
		PIOPMD_LOG_INIT(ERR, pci->name, "cannot map the BAR as the primary did: %s",
				strerror(-ret));
		rte_mem_unmap(map->base, map->len);
	}
	return ret;
}

void
piopmd_map_secondary_close(const struct piopmd_map *map, struct rte_pci_device *pci)
{
	if (map->rung == PIOPMD_MAP_RUNG_VFIO)
		rte_pci_unmap_device(pci);
	else if (map->base != NULL)
		rte_mem_unmap(map->base, map->len);
}
