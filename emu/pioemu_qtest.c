/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "pioemu_qtest.h"

#define QTEST_NB_SENT (PIOEMU_QTEST_MAX_FN * PIOEMU_PCICFG_MSIX_MAX)

_Static_assert((QTEST_NB_SENT & (QTEST_NB_SENT - 1)) == 0, "free-running index");

void
pioemu_qtest_init(struct pioemu_qtest *qtest, int sock)
{
	memset(qtest, 0, sizeof(*qtest));
	qtest->sock = sock;
}

/* 0, -EAGAIN when the socket is full, -ENOTCONN */
static int
qtest_line_send(int sock, uint64_t addr, uint32_t data)
{
	char line[64];
	ssize_t sent;
	int len;

	len = snprintf(line, sizeof(line), "writel 0x%" PRIx64 " 0x%" PRIx32 "\n", addr, data);
	/* A stream socket takes a line this short whole or not at all. */
	sent = send(sock, line, (size_t)len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent == len)
		return 0;
	return sent < 0 && errno == EAGAIN ? -EAGAIN : -ENOTCONN;
}

int
pioemu_qtest_send(struct pioemu_qtest *qtest, struct pioemu_qemu_fn *fns, unsigned int nb_fns)
{
	unsigned int i;

	for (i = 0; i < nb_fns; i++) {
		uint64_t addr;
		uint32_t data;
		int vector, rc;

		while ((vector = pioemu_pcicfg_msix_take(&fns[i].cfg, ~qtest->under_way[i],
				&addr, &data)) >= 0) {
			rc = qtest_line_send(qtest->sock, addr, data);
			if (rc != 0) {
				pioemu_pcicfg_msix_raise(&fns[i].cfg, (unsigned int)vector);
				return rc == -EAGAIN ? 0 : rc;
			}
			qtest->under_way[i] |= UINT32_C(1) << vector;
			qtest->sent[qtest->added++ % QTEST_NB_SENT] =
				(struct pioemu_qtest_sent) { (uint8_t)i, (uint8_t)vector };
		}
	}
	return 0;
}

static void
qtest_answer_take(struct pioemu_qtest *qtest, bool ok)
{
	struct pioemu_qtest_sent *sent = &qtest->sent[qtest->answered % QTEST_NB_SENT];

	if (!ok && qtest->nb_refused++ == 0)
		fprintf(stderr, "pioemu: QEMU refuses an interrupt message\n");
	if (qtest->answered == qtest->added)
		return;
	qtest->answered++;
	qtest->under_way[sent->fn] &= ~(UINT32_C(1) << sent->vector);
}

int
pioemu_qtest_recv(struct pioemu_qtest *qtest)
{
	char buf[512];
	ssize_t got, i;

	got = recv(qtest->sock, buf, sizeof(buf), MSG_DONTWAIT);
	if (got == 0)
		return -ENOTCONN;
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -ENOTCONN;

	/* One line per command; its first letter tells: OK, or FAIL and ERR with a text. */
	for (i = 0; i < got; i++) {
		if (!qtest->in_line)
			qtest_answer_take(qtest, buf[i] == 'O');
		qtest->in_line = buf[i] != '\n';
	}
	return 0;
}
