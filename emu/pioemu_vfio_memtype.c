/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * /sys/kernel/debug/x86/pat_memtype_list: which physical ranges are mapped with which memory
 * type. Where a kernel keeps a list, we look at the mappings that exist: of resource0
 * (uncached-minus), resource0_wc (write-combining) and of the VFIO device (uncached-minus, all of
 * the BAR: vfio-pci maps it whole, and its claim outlives the others), in this process and in the
 * one that has the VFs.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pioemu_vfio.h"
#include "pioemu_vfio_maps.h"

#define MEMTYPE_RANGES_MAX 4096

struct memtype_range {
	uint64_t start, end;
	bool wc;
};

struct memtype_list {
	struct memtype_range r[MEMTYPE_RANGES_MAX];
	uint32_t nb;
	bool vfio[PIOEMU_CONF_VFS_MAX];		/* mapped through the VFIO device */
	uint32_t faults;
};

static void
memtype_add(struct memtype_list *list, uint64_t start, uint64_t end, bool wc)
{
	if (list->nb < MEMTYPE_RANGES_MAX)
		list->r[list->nb++] = (struct memtype_range){ start, end, wc };
}

static void
memtype_map(const struct pioemu_vfio_map *map, void *arg)
{
	struct memtype_list *list = arg;
	uint64_t start = pioemu_session_bar_phys(map->vf) + map->off;
	uint64_t end = start + (map->end - map->start);

	switch (map->kind) {
	case PIOEMU_VFIO_MAP_DEVICE:
		if (map->off < PIOEMU_SESSION_REGION(1))
			list->vfio[map->vf] = true;
		break;
	case PIOEMU_VFIO_MAP_RESOURCE:
		memtype_add(list, start, end, (list->faults & PIOEMU_CONF_FAULT(REG_WC)) != 0);
		break;
	case PIOEMU_VFIO_MAP_RESOURCE_WC:
		memtype_add(list, start, end, (list->faults & PIOEMU_CONF_FAULT(OLDER_UC)) == 0);
		break;
	}
}

static int
memtype_compare(const void *a, const void *b)
{
	const struct memtype_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The whole BAR of a VF that is mapped through its VFIO device; the types below it give way */
static void
memtype_vfio(struct memtype_list *list, const char *dir)
{
	struct pioemu_conf *conf = malloc(sizeof(*conf));
	char path[PATH_MAX];
	uint32_t vf;

	snprintf(path, sizeof(path), "%s/conf", dir);
	if (conf != NULL && pioemu_conf_load(conf, path) == 0) {
		for (vf = 0; vf < conf->nb_vfs; vf++) {
			uint64_t start = pioemu_session_bar_phys(vf);
			uint64_t end = start + pioemu_vf_bar_len(&conf->vf[vf].dev);
			uint32_t i;

			if (!list->vfio[vf])
				continue;
			for (i = 0; i < list->nb; i++)
				if (list->r[i].start >= start && list->r[i].start < end)
					list->r[i].wc = false;
			memtype_add(list, start, end, false);
		}
	}
	free(conf);
}

static void
memtype_write(struct memtype_list *list, FILE *out)
{
	uint32_t i;

	qsort(list->r, list->nb, sizeof(list->r[0]), memtype_compare);
	fprintf(out, "PAT memtype list:\n");
	for (i = 0; i < list->nb; i++)
		fprintf(out, "PAT: [mem 0x%016llx-0x%016llx] %s\n",
			(unsigned long long)list->r[i].start, (unsigned long long)list->r[i].end,
			list->r[i].wc ? "write-combining" : "uncached-minus");
}

static int
memtype_generate(const char *dir, uint32_t faults, int fd)
{
	struct memtype_list *list = calloc(1, sizeof(*list));
	char path[PATH_MAX], pid[16] = "", self[16];
	FILE *out, *host;

	out = fdopen(dup(fd), "w");
	if (list == NULL || out == NULL) {
		free(list);
		return -ENOMEM;
	}
	list->faults = faults;
	snprintf(self, sizeof(self), "%d", getpid());
	pioemu_vfio_maps_walk(dir, self, memtype_map, list);
	snprintf(path, sizeof(path), "%s/host", dir);
	host = fopen(path, "re");
	if (host != NULL) {
		if (fscanf(host, "%15[0-9]", pid) == 1 && strcmp(pid, self) != 0)
			pioemu_vfio_maps_walk(dir, pid, memtype_map, list);
		fclose(host);
	}
	memtype_vfio(list, dir);
	memtype_write(list, out);
	free(list);
	return fclose(out) == 0 ? 0 : -errno;
}

int
pioemu_vfio_memtype_open(const char *dir, uint32_t faults, int cloexec)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, rc;

	if ((faults & PIOEMU_CONF_FAULT(LIST_EACCES)) != 0) {
		errno = EACCES;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/root/sys/kernel/debug/x86/pat_memtype_list", dir);
	if (stat(path, &st) != 0)
		return -1;
	if (st.st_size != 0)
		return open(path, O_RDONLY | cloexec);
	fd = memfd_create("pat_memtype_list", cloexec != 0 ? MFD_CLOEXEC : 0);
	if (fd < 0)
		return -1;
	rc = memtype_generate(dir, faults, fd);
	if (rc != 0 || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		errno = rc != 0 ? -rc : EIO;
		return -1;
	}
	return fd;
}
