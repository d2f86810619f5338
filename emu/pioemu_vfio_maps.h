/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_VFIO_MAPS_H
#define PIOEMU_VFIO_MAPS_H

/* Mappings of a VF's memory in a process: /proc/<pid>/maps has the name they were made by */

#include <stdint.h>

enum pioemu_vfio_map_kind {
	PIOEMU_VFIO_MAP_DEVICE,		/* through the VFIO device */
	PIOEMU_VFIO_MAP_RESOURCE,	/* sysfs resource0 */
	PIOEMU_VFIO_MAP_RESOURCE_WC,	/* sysfs resource0_wc */
};

struct pioemu_vfio_map {
	enum pioemu_vfio_map_kind kind;
	uint32_t vf;
	uint64_t start, end;		/* addresses in the process */
	uint64_t off;			/* in the VF's memory: BAR 0 starts at 0 */
};

/* pid: "self" or a number */
void pioemu_vfio_maps_walk(const char *dir, const char *pid,
			   void (*fn)(const struct pioemu_vfio_map *map, void *arg), void *arg);
/*
 * The kernel claims the BAR of a VF: this process's mappings of resource0 and resource0_wc go,
 * and whoever touches one gets SIGBUS.
 */
void pioemu_vfio_maps_revoke(const char *dir, uint32_t vf);

#endif /* PIOEMU_VFIO_MAPS_H */
