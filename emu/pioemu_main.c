/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The program `pioemu`: one command per way of having a software EF10 VF */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pioemu_conf.h"
#include "pioemu_main.h"
#include "pioemu_qemu.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} main_commands[] = {
	{ "run", pioemu_run_main },
	{ "join", pioemu_join_main },
	{ "ctl", pioemu_ctl_main },
	{ "qemu", pioemu_qemu_main },
};

int
pioemu_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("pioemu: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\nTry 'pioemu --help'.\n", stderr);
	return PIOEMU_EXIT_USAGE;
}

void
pioemu_help(void)
{
	printf("Usage: pioemu run [OPTION]... [--] PROGRAM [ARGUMENT]...\n"
	       "       pioemu join [--session NAME] [--] PROGRAM [ARGUMENT]...\n"
	       "       pioemu ctl [--session NAME] COMMAND\n"
	       "       pioemu qemu [OPTION]... -- QEMU [ARGUMENT]...\n"
	       "       pioemu --help | --version\n\n"
	       "Software EF10 virtual functions (1924:1b03 and others) for programs that use DPDK.\n\n"
	       "run   starts PROGRAM on a machine of its own that has such VFs, bound to vfio-pci;\n"
	       "      the host's PCI devices are hidden from DPDK. The exit status is PROGRAM's.\n"
	       "join  starts a further program on the VFs of a `pioemu run` that is going on, for\n"
	       "      instance a DPDK secondary process.\n"
	       "ctl   does something to these VFs; 'pioemu ctl help' lists what.\n"
	       "qemu  starts a virtual machine with such VFs; see pioemu qemu --help.\n\n"
	       "Options of run:\n");
	pioemu_conf_help(stdout, true);
	printf("\nOptions of join and ctl:\n"
	       "    --session NAME             which `pioemu run`, when there are several\n\n"
	       "Environment:\n"
	       "  PIOEMU_DIR       where temporary directories are made (/dev/shm)\n"
	       "  PIOEMU_LIBDIR    where the objects to preload are\n"
	       "  PIOEMU_SESSION   set for PROGRAM: its temporary directory\n\n"
	       "Exit status: PROGRAM's; 2 wrong usage; 125 pioemu failed; 126 PROGRAM cannot be\n"
	       "run; 127 PROGRAM was not found; 128+N PROGRAM was killed by signal N.\n");
}

int
main(int argc, char **argv)
{
	unsigned int i;

	if (argc < 2)
		return pioemu_usage("a command is missing: run, join, ctl or qemu");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		pioemu_help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("pioemu %s\n", PIOEMU_BUILD_VERSION);
		return 0;
	}
	for (i = 0; i < sizeof(main_commands) / sizeof(main_commands[0]); i++)
		if (strcmp(argv[1], main_commands[i].name) == 0)
			return main_commands[i].run(argc - 1, argv + 1);
	return pioemu_usage("unknown command '%s'", argv[1]);
}
