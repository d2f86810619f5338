/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_QEMU_H
#define PIOEMU_QEMU_H

/*
 * One VF served to one x-pci-proxy-dev of a stock QEMU (7.2 or newer), over one end of a socket
 * pair whose other end QEMU inherits. QEMU waits for each answer with its big lock held, so
 * serving must not wait for QEMU in turn: interrupts leave through pioemu_qtest.h, which never
 * blocks. One thread serves everything.
 */

#include <stdbool.h>
#include <stdint.h>

#include "pioemu.h"
#include "pioemu_pcicfg.h"

/* Guest RAM comes in at most so many pieces per message (QEMU's REMOTE_MAX_FDS). */
#define PIOEMU_QEMU_MAX_RAM 8

struct pioemu_qemu_ram {
	void *map;
	uint64_t len;
	uint64_t gpa;        /* guest-physical address */
	uint64_t fd_off;
	uint64_t inode;      /* of the file; these three tell when nothing has changed */
};

struct pioemu_qemu_fn {
	int sock;
	struct pioemu_vf *vf;
	struct pioemu_iommu *iommu;  /* guest-physical addresses of guest RAM; nothing else */
	struct pioemu_pcicfg cfg;
	struct pioemu_qemu_ram ram[PIOEMU_QEMU_MAX_RAM];
	unsigned int nb_ram;
	uint64_t nb_accesses;        /* BAR cycles served */
	uint64_t nb_stray;           /* of these, to no BAR or with decoding off */
};

/*
 * Make the VF, its config space and DMA space. conf is taken as it is, but for what this front
 * end decides: trapping BAR, interrupt delivery. -EINVAL, -ENOMEM as pioemu_vf_create.
 */
int
pioemu_qemu_fn_create(struct pioemu_qemu_fn *fn, struct pioemu_nic *nic, int sock,
		const struct pioemu_vf_config *conf);

void
pioemu_qemu_fn_destroy(struct pioemu_qemu_fn *fn);

/*
 * Answer one message that is waiting on fn->sock. 0; -ENOTCONN when QEMU has closed its end;
 * -EPROTO, after a line on stderr, when the peer is not the QEMU proxy this file knows.
 */
int
pioemu_qemu_fn_serve(struct pioemu_qemu_fn *fn);

/* Sub-command of the launcher; returns its exit status. */
int
pioemu_qemu_main(int argc, char **argv);

#endif /* PIOEMU_QEMU_H */
