/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Table of the control functions, for programs that run under the preload. */

#include "pioemu_priv.h"

const struct pioemu_ctl *
pioemu_ctl_table(uint32_t version, struct pioemu_vf *(*vf_by_index)(uint16_t n))
{
	static struct pioemu_ctl table = {
		.version = PIOEMU_VERSION,
		.size = sizeof(table),
#define CTL_ENTRY(name) .name = pioemu_##name,
		PIOEMU_CTL_LIST(CTL_ENTRY)
#undef CTL_ENTRY
	};

	if (version != PIOEMU_VERSION)
		return NULL;
	table.vf_by_index = vf_by_index;
	return &table;
}
