/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <string.h>

#include "pioemu_pcicfg.h"

/* Offsets and bits of the PCI Local Bus 3.0 and PCI Express Base 3.0 specifications; the names
 * are those of Linux' pci_regs.h.
 */
#define CFG_VENDOR_ID 0x00
#define CFG_DEVICE_ID 0x02
#define CFG_COMMAND PIOEMU_PCICFG_COMMAND
#define CFG_COMMAND_MEMORY 0x0002
#define CFG_COMMAND_MASTER 0x0004
#define CFG_COMMAND_WRITABLE 0x0546 /* memory, master, parity, SERR, INTx disable */
#define CFG_STATUS 0x06
#define CFG_STATUS_CAP_LIST 0x0010
#define CFG_CLASS 0x0a
#define CFG_CLASS_ETHERNET 0x0200
#define CFG_CACHE_LINE 0x0c
#define CFG_BAR0 0x10
#define CFG_BAR2 0x18
#define CFG_BAR_MEM_64 0x4
#define CFG_BAR_MEM_PREFETCH 0x8
#define CFG_BAR_FLAGS 0xf
#define CFG_SUBSYS_VENDOR 0x2c
#define CFG_SUBSYS_ID 0x2e
#define CFG_CAP_PTR 0x34
#define CFG_INT_LINE 0x3c

#define CFG_EXP 0x40
#define CFG_EXP_ID 0x10
#define CFG_EXP_FLAGS (CFG_EXP + 0x02)
#define CFG_EXP_DEVCAP (CFG_EXP + 0x04)
#define CFG_EXP_DEVCTL (CFG_EXP + 0x08)
#define CFG_EXP_DEVCTL_WRITABLE 0x7fff /* bit 15 acts and reads as zero */
#define CFG_EXP_DEVCTL_FLR 0x8000
#define CFG_EXP_DEVCAP_RBER (1u << 15)
#define CFG_EXP_DEVCAP_FLR (1u << 28)
#define CFG_EXP_LNKCAP (CFG_EXP + 0x0c)
#define CFG_EXP_LNKSTA (CFG_EXP + 0x12)
#define CFG_EXP_LINK_8GT_X8 0x83
#define CFG_EXP_DEVCTL2 (CFG_EXP + 0x28)

#define CFG_MSIX 0x80
#define CFG_MSIX_ID 0x11
#define CFG_MSIX_CTL (CFG_MSIX + 0x02)
#define CFG_MSIX_CTL_MASKALL 0x4000
#define CFG_MSIX_CTL_ENABLE 0x8000
#define CFG_MSIX_TABLE (CFG_MSIX + 0x04)
#define CFG_MSIX_PBA (CFG_MSIX + 0x08)
#define CFG_MSIX_BIR 2

#define MSIX_ENTRY_SIZE 16
#define MSIX_ENTRY_CTL 12
#define MSIX_ENTRY_CTL_MASKED 0x1
#define MSIX_PBA_OFF 0x800

static void
cfg_put(uint8_t *bytes, uint64_t value, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t
cfg_get(const uint8_t *bytes, unsigned int len)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < len; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

int
pioemu_pcicfg_init(struct pioemu_pcicfg *cfg, const struct pioemu_pcicfg_conf *conf)
{
	if (conf->bar0_size < 4096 || (conf->bar0_size & (conf->bar0_size - 1)) != 0)
		return -EINVAL;
	if (conf->msix_vectors == 0 || conf->msix_vectors > PIOEMU_PCICFG_MSIX_MAX)
		return -EINVAL;

	memset(cfg, 0, sizeof(*cfg));
	cfg->conf = *conf;
	cfg_put(&cfg->wmask[CFG_COMMAND], CFG_COMMAND_WRITABLE, 2);
	cfg->wmask[CFG_CACHE_LINE] = 0xff;
	cfg->wmask[CFG_INT_LINE] = 0xff;
	/* Sizing a BAR is reading back which bits can be written: the masks are the sizes. */
	cfg_put(&cfg->wmask[CFG_BAR0], ~(conf->bar0_size - 1), 8);
	cfg_put(&cfg->wmask[CFG_BAR2], ~(uint64_t)(PIOEMU_PCICFG_MSIX_BAR_SIZE - 1), 4);
	cfg_put(&cfg->wmask[CFG_EXP_DEVCTL], CFG_EXP_DEVCTL_WRITABLE, 2);
	cfg_put(&cfg->wmask[CFG_EXP_DEVCTL2], 0x001f, 2);
	cfg_put(&cfg->wmask[CFG_MSIX_CTL], CFG_MSIX_CTL_ENABLE | CFG_MSIX_CTL_MASKALL, 2);
	pioemu_pcicfg_reset(cfg);
	return 0;
}

void
pioemu_pcicfg_reset(struct pioemu_pcicfg *cfg)
{
	uint8_t *reg = cfg->reg;
	unsigned int vector;

	memset(reg, 0, sizeof(cfg->reg));
	cfg_put(&reg[CFG_VENDOR_ID], cfg->conf.vendor_id, 2);
	cfg_put(&reg[CFG_DEVICE_ID], cfg->conf.device_id, 2);
	cfg_put(&reg[CFG_STATUS], CFG_STATUS_CAP_LIST, 2);
	cfg_put(&reg[CFG_CLASS], CFG_CLASS_ETHERNET, 2);
	reg[CFG_BAR0] = CFG_BAR_MEM_64 | (cfg->conf.bar0_prefetch ? CFG_BAR_MEM_PREFETCH : 0);
	cfg_put(&reg[CFG_SUBSYS_VENDOR], cfg->conf.vendor_id, 2);
	cfg_put(&reg[CFG_SUBSYS_ID], PIOEMU_PCICFG_SUBSYSTEM, 2);
	reg[CFG_CAP_PTR] = CFG_EXP;

	reg[CFG_EXP] = CFG_EXP_ID;
	reg[CFG_EXP + 1] = CFG_MSIX;
	cfg_put(&reg[CFG_EXP_FLAGS], 2, 2); /* version 2, endpoint */
	cfg_put(&reg[CFG_EXP_DEVCAP], CFG_EXP_DEVCAP_RBER | CFG_EXP_DEVCAP_FLR, 4);
	cfg_put(&reg[CFG_EXP_LNKCAP], CFG_EXP_LINK_8GT_X8, 4);
	cfg_put(&reg[CFG_EXP_LNKSTA], CFG_EXP_LINK_8GT_X8, 2);

	reg[CFG_MSIX] = CFG_MSIX_ID;
	cfg_put(&reg[CFG_MSIX_CTL], (uint64_t)cfg->conf.msix_vectors - 1, 2);
	cfg_put(&reg[CFG_MSIX_TABLE], CFG_MSIX_BIR, 4);
	cfg_put(&reg[CFG_MSIX_PBA], MSIX_PBA_OFF | CFG_MSIX_BIR, 4);

	memset(cfg->msix, 0, sizeof(cfg->msix));
	for (vector = 0; vector < cfg->conf.msix_vectors; vector++)
		cfg->msix[vector * MSIX_ENTRY_SIZE + MSIX_ENTRY_CTL] = MSIX_ENTRY_CTL_MASKED;
}

static bool
cfg_is_valid_access(uint32_t off, unsigned int len)
{
	return len >= 1 && len <= 4 && off < PIOEMU_PCICFG_SIZE &&
		len <= PIOEMU_PCICFG_SIZE - off;
}

uint32_t
pioemu_pcicfg_read(const struct pioemu_pcicfg *cfg, uint32_t off, unsigned int len)
{
	if (!cfg_is_valid_access(off, len))
		return UINT32_MAX;
	return (uint32_t)cfg_get(&cfg->reg[off], len);
}

enum pioemu_pcicfg_action
pioemu_pcicfg_write(struct pioemu_pcicfg *cfg, uint32_t off, uint32_t value, unsigned int len)
{
	uint8_t bars[12];
	unsigned int i;

	if (!cfg_is_valid_access(off, len))
		return PIOEMU_PCICFG_NONE;

	for (i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)(value >> (8 * i));
		uint8_t mask = cfg->wmask[off + i];

		cfg->reg[off + i] = (cfg->reg[off + i] & ~mask) | (byte & mask);
	}

	/* Is the byte that holds the FLR bit among those written, with the bit set? */
	if (off > CFG_EXP_DEVCTL + 1 || off + len <= CFG_EXP_DEVCTL + 1)
		return PIOEMU_PCICFG_NONE;
	value >>= 8 * (CFG_EXP_DEVCTL + 1 - off);
	if ((value & (CFG_EXP_DEVCTL_FLR >> 8)) == 0)
		return PIOEMU_PCICFG_NONE;
	/*
	 * The specification lets a function level reset clear the BARs, and the kernel saves and
	 * restores them. QEMU however moves its own copy of the BAR only on writes, so nothing is
	 * gained by clearing them here but a window in which the two disagree.
	 */
	memcpy(bars, &cfg->reg[CFG_BAR0], sizeof(bars));
	pioemu_pcicfg_reset(cfg);
	memcpy(&cfg->reg[CFG_BAR0], bars, sizeof(bars));
	return PIOEMU_PCICFG_FLR;
}

enum pioemu_pcicfg_target
pioemu_pcicfg_decode(const struct pioemu_pcicfg *cfg, uint64_t addr, unsigned int len,
		uint64_t *off)
{
	uint64_t bar0 = cfg_get(&cfg->reg[CFG_BAR0], 8) & ~(uint64_t)CFG_BAR_FLAGS;
	uint64_t bar2 = cfg_get(&cfg->reg[CFG_BAR2], 4) & ~(uint64_t)CFG_BAR_FLAGS;

	if ((cfg_get(&cfg->reg[CFG_COMMAND], 2) & CFG_COMMAND_MEMORY) == 0)
		return PIOEMU_PCICFG_NOWHERE;
	if (len == 0 || len > sizeof(uint64_t))
		return PIOEMU_PCICFG_NOWHERE;

	if (addr >= bar0 && addr - bar0 <= cfg->conf.bar0_size - len) {
		*off = addr - bar0;
		return PIOEMU_PCICFG_BAR0;
	}
	if (addr >= bar2 && addr - bar2 <= PIOEMU_PCICFG_MSIX_BAR_SIZE - len) {
		*off = addr - bar2;
		return PIOEMU_PCICFG_MSIX;
	}
	return PIOEMU_PCICFG_NOWHERE;
}

bool
pioemu_pcicfg_is_bus_master(const struct pioemu_pcicfg *cfg)
{
	return (cfg_get(&cfg->reg[CFG_COMMAND], 2) & CFG_COMMAND_MASTER) != 0;
}

uint64_t
pioemu_pcicfg_msix_read(const struct pioemu_pcicfg *cfg, uint64_t off, unsigned int len)
{
	return cfg_get(&cfg->msix[off], len);
}

void
pioemu_pcicfg_msix_write(struct pioemu_pcicfg *cfg, uint64_t off, uint64_t value,
		unsigned int len)
{
	/* The pending bits and the rest of the page are read-only. */
	if (off + len > (uint64_t)cfg->conf.msix_vectors * MSIX_ENTRY_SIZE)
		return;
	cfg_put(&cfg->msix[off], value, len);
}

void
pioemu_pcicfg_msix_raise(struct pioemu_pcicfg *cfg, unsigned int vector)
{
	if (vector < cfg->conf.msix_vectors)
		cfg->msix[MSIX_PBA_OFF + vector / 8] |= (uint8_t)(1u << (vector % 8));
}

int
pioemu_pcicfg_msix_take(struct pioemu_pcicfg *cfg, uint32_t eligible, uint64_t *msg_addr,
		uint32_t *msg_data)
{
	uint64_t ctl = cfg_get(&cfg->reg[CFG_MSIX_CTL], 2);
	unsigned int vector;

	if ((ctl & CFG_MSIX_CTL_ENABLE) == 0 || (ctl & CFG_MSIX_CTL_MASKALL) != 0)
		return -EAGAIN;
	for (vector = 0; vector < cfg->conf.msix_vectors; vector++) {
		const uint8_t *entry = &cfg->msix[vector * MSIX_ENTRY_SIZE];
		uint8_t *pending = &cfg->msix[MSIX_PBA_OFF + vector / 8];
		uint8_t bit = (uint8_t)(1u << (vector % 8));

		if ((*pending & bit) == 0 || (eligible & (UINT32_C(1) << vector)) == 0 ||
				(entry[MSIX_ENTRY_CTL] & MSIX_ENTRY_CTL_MASKED) != 0)
			continue;
		*pending &= (uint8_t)~bit;
		*msg_addr = cfg_get(entry, 8);
		*msg_data = (uint32_t)cfg_get(entry + 8, 4);
		return (int)vector;
	}
	return -EAGAIN;
}
