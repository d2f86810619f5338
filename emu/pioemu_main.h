/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_MAIN_H
#define PIOEMU_MAIN_H

/*
 * Commands of the program `pioemu`. argv[0] is the command's name; the result is the exit status:
 * PIOEMU_EXIT_USAGE after a message for mistakes on the command line.
 */

#define PIOEMU_EXIT_USAGE	2
#define PIOEMU_EXIT_FAILED	125	/* of pioemu itself, as with env(1) and timeout(1) */
#define PIOEMU_EXIT_NOT_EXEC	126
#define PIOEMU_EXIT_NOT_FOUND	127

int pioemu_run_main(int argc, char **argv);
int pioemu_join_main(int argc, char **argv);
int pioemu_ctl_main(int argc, char **argv);

/* All commands and options, on the standard output */
void pioemu_help(void);
/* "pioemu: ..." on the standard error; returns PIOEMU_EXIT_USAGE */
int pioemu_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif /* PIOEMU_MAIN_H */
