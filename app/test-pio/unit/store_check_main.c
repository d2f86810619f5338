/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The store test as a program without library, for the kinds of another architecture. */

#include <stdio.h>

#include "store_kinds.h"

static int
check(const char *name, const struct store_kind *kind)
{
	const char *fault = store_check_copy(kind);

	if (fault == NULL)
		fault = store_check_gather(kind);
	if (fault != NULL)
		printf("%s: %s\n", name, fault);
	return fault != NULL;
}

int
main(void)
{
	int failed = check("scalar", &store_kinds[RTE_PIO_STORE_SCALAR]);

#ifdef RTE_ARCH_ARM64
	failed += check("neon", &store_kinds[RTE_PIO_STORE_NEON]);
#endif
	return failed != 0;
}
