/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_PCICFG_H
#define PIOEMU_PCICFG_H

/*
 * PCI configuration space and MSI-X state of one function, for front ends that see every
 * configuration cycle. The first 256 bytes only: QEMU's proxy is a conventional PCI device.
 *
 *	BAR 0/1  the function's registers and PIO windows, 64 bit, prefetchable or not
 *	BAR 2    MSI-X table and pending bits, 32 bit, memory of this file
 *	0x40     PCI Express capability version 2, with function level reset
 *	0x80     MSI-X capability
 *
 * One thread per function.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PIOEMU_PCICFG_SIZE 256
#define PIOEMU_PCICFG_MSIX_BAR_SIZE 4096
#define PIOEMU_PCICFG_MSIX_MAX 32
#define PIOEMU_PCICFG_COMMAND 0x04
#define PIOEMU_PCICFG_SUBSYSTEM 0x8003 /* any board: no driver looks at it */

struct pioemu_pcicfg_conf {
	uint16_t vendor_id;
	uint16_t device_id;
	uint64_t bar0_size;      /* bytes, a power of two, >= 4096 */
	bool bar0_prefetch;
	uint16_t msix_vectors;   /* 1 .. PIOEMU_PCICFG_MSIX_MAX */
};

/* What a configuration write asked for beyond changing bits. */
enum pioemu_pcicfg_action {
	PIOEMU_PCICFG_NONE = 0,
	PIOEMU_PCICFG_FLR = 1,   /* function level reset; the registers here are reset already */
};

/* Where an address on the bus leads. */
enum pioemu_pcicfg_target {
	PIOEMU_PCICFG_NOWHERE,
	PIOEMU_PCICFG_BAR0,
	PIOEMU_PCICFG_MSIX,
};

struct pioemu_pcicfg {
	struct pioemu_pcicfg_conf conf;
	uint8_t reg[PIOEMU_PCICFG_SIZE];
	uint8_t wmask[PIOEMU_PCICFG_SIZE];  /* bits that the host may change */
	uint8_t msix[PIOEMU_PCICFG_MSIX_BAR_SIZE];
};

/* 0, or -EINVAL when conf is out of range. */
int
pioemu_pcicfg_init(struct pioemu_pcicfg *cfg, const struct pioemu_pcicfg_conf *conf);

/* Conventional reset: everything that the host set is gone, BARs included. */
void
pioemu_pcicfg_reset(struct pioemu_pcicfg *cfg);

/* All ones beyond the space, as from a slot where nothing answers. */
uint32_t
pioemu_pcicfg_read(const struct pioemu_pcicfg *cfg, uint32_t off, unsigned int len);

enum pioemu_pcicfg_action
pioemu_pcicfg_write(struct pioemu_pcicfg *cfg, uint32_t off, uint32_t value, unsigned int len);

/* Which BAR decodes the len bytes at this bus address, and the offset in it. */
enum pioemu_pcicfg_target
pioemu_pcicfg_decode(const struct pioemu_pcicfg *cfg, uint64_t addr, unsigned int len,
		uint64_t *off);

bool
pioemu_pcicfg_is_bus_master(const struct pioemu_pcicfg *cfg);

/* The MSI-X BAR. off + len must be in range, as pioemu_pcicfg_decode() made sure. */
uint64_t
pioemu_pcicfg_msix_read(const struct pioemu_pcicfg *cfg, uint64_t off, unsigned int len);

void
pioemu_pcicfg_msix_write(struct pioemu_pcicfg *cfg, uint64_t off, uint64_t value,
		unsigned int len);

/* The function wants this vector: remembered in the pending bits until it is taken. */
void
pioemu_pcicfg_msix_raise(struct pioemu_pcicfg *cfg, unsigned int vector);

/*
 * Take one pending vector out of those in `eligible` (a bit each) that is enabled and unmasked.
 * Returns the vector with its message, or -EAGAIN when there is none.
 */
int
pioemu_pcicfg_msix_take(struct pioemu_pcicfg *cfg, uint32_t eligible, uint64_t *msg_addr,
		uint32_t *msg_data);

#endif /* PIOEMU_PCICFG_H */
