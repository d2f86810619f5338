/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_SESSION_H
#define PIOEMU_SESSION_H

/*
 * The temporary directory of one `pioemu run`: what the emulated host's kernel shows.
 *
 *   <dir>/                 mode 0700, below /dev/shm (or $PIOEMU_DIR); flock()ed by the launcher
 *                          and, through the inherited descriptor, by every process it started
 *     conf                 the settings (pioemu_conf.h)
 *     mem0, mem1, ...      the VFs' memory: sparse files laid out as vfio-pci does, region n at
 *                          n << 40; BAR 0 is at 0. The model's own name of it
 *     vf0, vf1, ...        hard links to them: the VFIO devices
 *     obj/                 one FIFO per open container and group
 *     host, ctl            lock and socket of the process that runs the model
 *     report.<pid>         statistics and violations of such a process
 *     keep                 empty: the directory stays when nobody lives in it any more
 *     root/sys/..., root/dev/vfio/   what replaces these paths; resource0 and resource0_wc are
 *                          hard links to mem<n> too, so that all of them show the same memory,
 *                          and the names in /proc/<pid>/maps tell how it was mapped
 *
 * A directory whose lock can be had belongs to nobody any more: the next start removes it,
 * unless it is to be kept.
 */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "pioemu_conf.h"
#include "pioemu_pcicfg.h"

#define PIOEMU_SESSION_ENV	"PIOEMU_SESSION"
#define PIOEMU_SESSION_DIR_ENV	"PIOEMU_DIR"
#define PIOEMU_SESSION_PREFIX	"pioemu."
#define PIOEMU_SESSION_GROUP0	77		/* IOMMU group of VF 0; VF n has this plus n */
#define PIOEMU_SESSION_REGION(n) ((uint64_t)(n) << 40)
#define PIOEMU_SESSION_BAR2_OFF	(1ull << 31)	/* BAR 2 behind BAR 0 in physical memory */

struct pioemu_session {
	char dir[PATH_MAX - 256];
	int lock_fd;
};

/* "0000:01:00.1" for VF 0; each VF is a function of its own. buf: at least 16 bytes */
const char *pioemu_session_bdf(unsigned int vf, char *buf, size_t len);
/* Where BAR 0 of VF n would be in physical memory */
uint64_t pioemu_session_bar_phys(unsigned int vf);

/*
 * Configuration space of VF n as vfio-pci shows it: plain memory here, so what a program writes
 * stays. Memory decoding and bus mastering are off, so that a driver that forgets one shows.
 * len: up to PIOEMU_PCICFG_SIZE
 */
void pioemu_session_cfg(unsigned int vf, const struct pioemu_vf_config *dev, uint8_t *cfg,
			size_t len);

/* Remove what dead processes left, then make a new directory. Negative errno, reason in err */
int pioemu_session_create(struct pioemu_session *s, const struct pioemu_conf *conf, char *err,
			  size_t err_len);
void pioemu_session_remove(struct pioemu_session *s);
/* name: NULL (the only one there is), a directory anywhere, or its last part. Fills dir, keeps no lock */
int pioemu_session_find(struct pioemu_session *s, const char *name, char *err, size_t err_len);

#endif /* PIOEMU_SESSION_H */
