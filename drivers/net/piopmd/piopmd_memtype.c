/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "piopmd_memtype.h"

/* Type names of the kernel (arch/x86/mm/pat/memtype.c, cattr_name). */
static enum piopmd_memtype
memtype_parse(const char *name)
{
	if (strncmp(name, "uncached", strlen("uncached")) == 0)
		return PIOPMD_MEMTYPE_UC;
	if (strncmp(name, "write-combining", strlen("write-combining")) == 0)
		return PIOPMD_MEMTYPE_WC;
	return PIOPMD_MEMTYPE_OTHER;
}

/* The two forms of a line, since and before Linux 5.6. The end is the first byte not covered. */
static int
memtype_line_parse(const char *line, uint64_t *start, uint64_t *end, enum piopmd_memtype *type)
{
	char name[32];

	if (sscanf(line, "PAT: [mem 0x%" SCNx64 "-0x%" SCNx64 "] %31s", start, end, name) != 3 &&
	    sscanf(line, "%31s @ 0x%" SCNx64 "-0x%" SCNx64, name, start, end) != 3)
		return -EINVAL;
	*type = memtype_parse(name);
	return 0;
}

int
piopmd_memtype_lookup(const char *path, struct piopmd_memtype_page *pages, size_t nb_pages)
{
	enum piopmd_memtype type;
	uint64_t start, end;
	char line[160];
	FILE *list;
	size_t i;

	for (i = 0; i < nb_pages; i++)
		pages[i].type = PIOPMD_MEMTYPE_UNKNOWN;

	list = fopen(path, "re");
	if (list == NULL)
		return -errno;
	while (fgets(line, sizeof(line), list) != NULL) {
		if (memtype_line_parse(line, &start, &end, &type) != 0)
			continue;
		for (i = 0; i < nb_pages; i++) {
			if (pages[i].phys < start || pages[i].phys >= end)
				continue;
			if (pages[i].type != PIOPMD_MEMTYPE_UNKNOWN && pages[i].type != type)
				pages[i].type = PIOPMD_MEMTYPE_OTHER;
			else
				pages[i].type = type;
		}
	}
	fclose(list);
	return 0;
}

const char *
piopmd_memtype_name(enum piopmd_memtype type)
{
	static const char * const names[] = {
		[PIOPMD_MEMTYPE_UNKNOWN] = "not verified",
		[PIOPMD_MEMTYPE_UC] = "uncached",
		[PIOPMD_MEMTYPE_WC] = "write-combining",
		[PIOPMD_MEMTYPE_OTHER] = "other",
	};

	return names[type];
}
