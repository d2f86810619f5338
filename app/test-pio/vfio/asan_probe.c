/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* A program linked with AddressSanitizer: its runtime must come before what is preloaded */

#include <fcntl.h>
#include <stdio.h>

int
main(void)
{
	if (open("/dev/vfio/vfio", O_RDWR) < 0)
		return 1;
	puts("asan");
	return 0;
}
