/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_MAP_H
#define PIOPMD_MAP_H

/*
 * How the BAR comes into the process: the mapping ladder.
 *
 * Registers must be uncached; the PIO windows want write combining, so that 64 bytes cross PCIe as one
 * packet. Both live in the same BAR, in 4 KiB pages of their own: window n of the BAR starts at
 * n * stride, its registers are in the first page and its PIO aperture in the second. The rungs, best
 * first:
 *
 *	VFIO_WC	a write-combining mapping made by VFIO itself. No released kernel offers one.
 *	SPLIT	sysfs resource0 for the register pages and resource0_wc for the PIO pages; VFIO only
 *		for container, DMA, interrupts, config space and reset
 *	VFIO	rte_pci_map_device(): everything uncached
 *
 * SPLIT rests on an order. VFIO claims the whole BAR as uncached when it maps it for the first time,
 * and from then on no other type can be had; so VFIO is never asked to map it. Newer kernels claim it
 * when the device is opened; so window 0 is mapped before the device is opened, and afterwards one more
 * mapping is tried (the "claim check"): if it is refused, the earlier ones are dead, they are given
 * back before they are touched, and the ladder goes on. mmap() reports success with another
 * type than asked for when an older mapping has that type; so the kernel's list is read where it can
 * be. A register page that is write-combining is never used.
 *
 * Call order: piopmd_map_open -> (attach, which tells stride and number of VIs) ->
 * piopmd_map_windows -> ... -> piopmd_map_close. piopmd_map_windows may answer -EAGAIN: SPLIT cannot
 * be kept; detach, close, and open again, which starts from the next rung.
 *
 * Addresses do not depend on the rung: register x of the BAR is at base + x in every process.
 * A secondary process calls piopmd_map_secondary, which maps at the primary's addresses or fails.
 *
 * All functions: control thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bus_pci_driver.h>

#include "piopmd_devargs.h"
#include "piopmd_memtype.h"

#define PIOPMD_MAP_PAGE_SIZE		4096u
#define PIOPMD_MAP_PIO_PAGE		0x1000u	/* of the aperture in its window */

enum piopmd_map_rung {
	PIOPMD_MAP_RUNG_VFIO_WC,
	PIOPMD_MAP_RUNG_SPLIT,
	PIOPMD_MAP_RUNG_VFIO,
	PIOPMD_MAP_RUNGS,	/* also: not mapped */
};

/* Why a rung was refused; err 0: it was not, or was not tried. */
struct piopmd_map_refusal {
	int err;		/* positive errno */
	char reason[128];	/* what happened */
	char advice[128];	/* what to do about it; may be empty */
};

/* Lives in memory shared with secondary processes: no process-local pointer except base. */
struct piopmd_map {
	uint8_t *base;			/* same address in all processes; NULL: not mapped */
	uint64_t len;			/* of the BAR */
	uint64_t phys;
	enum piopmd_map_rung rung;
	bool wc_require;
	uint32_t stride;		/* set by piopmd_map_windows */
	uint16_t nb_windows;		/* whose registers are mapped */
	uint16_t nb_pio;		/* of these, the first nb_pio have their PIO page mapped too */
	enum piopmd_memtype regs_type;	/* what the kernel's list says */
	enum piopmd_memtype pio_type;
	struct piopmd_map_refusal refused[PIOPMD_MAP_RUNGS];
};

const char *piopmd_map_rung_name(enum piopmd_map_rung rung);

/*
 * Opens the device and maps its BAR as far as the registers of window 0. Rungs with a recorded refusal
 * are left out, so that a zeroed *map starts at the top.
 *
 * -ENODEV the device is not bound to vfio-pci; -EIO VFIO did not give it; or the error of the rung that
 * mode asks for. -ENXIO wc_require and no rung that can be write-combining. Everything is undone.
 */
int piopmd_map_open(struct piopmd_map *map, struct rte_pci_device *pci, enum piopmd_map_mode mode,
		    bool wc_require);

/*
 * Maps the windows 0..nb_windows-1, the first nb_pio with their PIO page.
 *
 * -EINVAL they do not fit the BAR; -EAGAIN see above.
 */
int piopmd_map_windows(struct piopmd_map *map, struct rte_pci_device *pci, uint32_t stride,
		       uint16_t nb_windows, uint16_t nb_pio);

/* Unmaps and closes the device. May be repeated. Keeps the refusals. */
void piopmd_map_close(struct piopmd_map *map, struct rte_pci_device *pci);

/*
 * Maps in a secondary process what the primary has mapped. -EBUSY an address is taken here; or the
 * error of open() or mmap().
 */
int piopmd_map_secondary(const struct piopmd_map *map, struct rte_pci_device *pci);
void piopmd_map_secondary_close(const struct piopmd_map *map, struct rte_pci_device *pci);

#endif /* PIOPMD_MAP_H */
