/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The store test as a program without library, for the kinds of another architecture. */

#include <stdio.h>

#include "store_kinds.h"

static int
check(const char *name, const struct store_kind *kind)
{
	const char *copy = store_check_copy(kind);
	const char *gather = store_check_gather(kind);

	if (copy == NULL && gather == NULL)
		return 0;
	printf("%s: %s\n", name, copy != NULL ? copy : gather);
	return 1;
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
