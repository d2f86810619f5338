/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_ELF_H
#define PIOEMU_ELF_H

/* What the launcher has to know of a program before it preloads something into it */

#include <stdbool.h>

struct pioemu_elf {
	bool elf;		/* false: a script or something else */
	bool native;		/* of this machine's architecture, 64 bit */
	bool dynamic;		/* has a program interpreter: LD_PRELOAD works */
	char asan[64];		/* soname of the AddressSanitizer runtime it needs, or "" */
};

/* 0 or negative errno */
int pioemu_elf_read(const char *path, struct pioemu_elf *info);

#endif /* PIOEMU_ELF_H */
