/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "pioemu_session.h"
#include "pioemu_vfio_maps.h"

/* One line of /proc/<pid>/maps; false: not one of ours */
static bool
maps_parse(const char *dir, const char *line, struct pioemu_vfio_map *map)
{
	unsigned long long start, end, off;
	char path[PATH_MAX] = "", bdf[16];
	const char *rest;

	if (sscanf(line, "%llx-%llx %*s %llx %*s %*s %4095[^\n]", &start, &end, &off, path) != 4 ||
	    strncmp(path, dir, strlen(dir)) != 0)
		return false;
	map->start = start;
	map->end = end;
	map->off = off;
	map->kind = PIOEMU_VFIO_MAP_DEVICE;
	rest = path + strlen(dir);
	if (sscanf(rest, "/vf%u", &map->vf) == 1)
		return map->vf < PIOEMU_CONF_VFS_MAX;
	for (map->vf = 0; map->vf < PIOEMU_CONF_VFS_MAX; map->vf++)
		if (strstr(rest, pioemu_session_bdf(map->vf, bdf, sizeof(bdf))) != NULL)
			break;
	rest = strrchr(path, '/');
	if (strcmp(rest, "/resource0") == 0)
		map->kind = PIOEMU_VFIO_MAP_RESOURCE;
	else if (strcmp(rest, "/resource0_wc") == 0)
		map->kind = PIOEMU_VFIO_MAP_RESOURCE_WC;
	else
		return false;
	return map->vf < PIOEMU_CONF_VFS_MAX;
}

void
pioemu_vfio_maps_walk(const char *dir, const char *pid,
		      void (*fn)(const struct pioemu_vfio_map *map, void *arg), void *arg)
{
	struct pioemu_vfio_map map;
	char path[64];
	char *line = NULL;
	size_t room = 0;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	maps = fopen(path, "re");
	if (maps == NULL)
		return;
	while (getline(&line, &room, maps) > 0)
		if (maps_parse(dir, line, &map))
			fn(&map, arg);
	free(line);
	fclose(maps);
}

struct maps_revocation {
	uint32_t vf;
	int empty;	/* a file of no length: touching a mapping of it is SIGBUS */
};

static void
maps_revoke_one(const struct pioemu_vfio_map *map, void *arg)
{
	const struct maps_revocation *r = arg;

	if (map->vf != r->vf || map->kind == PIOEMU_VFIO_MAP_DEVICE)
		return;
	mmap((void *)(uintptr_t)map->start, map->end - map->start, PROT_READ | PROT_WRITE,
	     MAP_SHARED | MAP_FIXED, r->empty, 0);
}

void
pioemu_vfio_maps_revoke(const char *dir, uint32_t vf)
{
	struct maps_revocation r = { vf, memfd_create("revoked", MFD_CLOEXEC) };

	if (r.empty < 0)
		return;
	pioemu_vfio_maps_walk(dir, "self", maps_revoke_one, &r);
	close(r.empty);
}
