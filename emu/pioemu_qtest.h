/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_QTEST_H
#define PIOEMU_QTEST_H

/*
 * MSI-X messages into a QEMU guest. The proxy protocol has no message for them, but an MSI is a
 * 4-byte write on the bus, and QEMU's qtest socket takes such writes ("writel ADDRESS DATA",
 * answered "OK"). QEMU acts on them in its main loop, so the answer must never be waited for:
 * lines are sent without blocking and answers are counted when they come. A vector whose last
 * message is still under way stays in its function's pending bits and is sent after the answer.
 */

#include "pioemu_qemu.h"

#define PIOEMU_QTEST_MAX_FN 4

struct pioemu_qtest_sent {
	uint8_t fn;
	uint8_t vector;
};

struct pioemu_qtest {
	int sock;
	uint32_t under_way[PIOEMU_QTEST_MAX_FN];  /* a bit per vector */
	/* the order in which answers will come; at most one entry per vector */
	struct pioemu_qtest_sent sent[PIOEMU_QTEST_MAX_FN * PIOEMU_PCICFG_MSIX_MAX];
	uint32_t added;
	uint32_t answered;
	uint64_t nb_refused;                      /* answers other than OK */
	bool in_line;                             /* an answer's line has begun */
};

void
pioemu_qtest_init(struct pioemu_qtest *qtest, int sock);

/* Send whatever the functions have pending and unmasked. -ENOTCONN when QEMU is gone. */
int
pioemu_qtest_send(struct pioemu_qtest *qtest, struct pioemu_qemu_fn *fns, unsigned int nb_fns);

/* Take the answers that have arrived. -ENOTCONN when QEMU is gone. */
int
pioemu_qtest_recv(struct pioemu_qtest *qtest);

#endif /* PIOEMU_QTEST_H */
