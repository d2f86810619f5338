/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Trace lines: who looks at them decides by the mask what they cost. */

#include "pioemu_priv.h"

#define TRACE_LINE_MAX 512

void
pioemu_trace_line(struct pioemu_vf *vf, const char *fmt, ...)
{
	struct pioemu_nic *nic = vf->nic;
	char line[TRACE_LINE_MAX];
	uint64_t us;
	va_list ap;
	int n;

	if (nic->trace_cb == NULL)
		return;
	us = (uint64_t)((double)pioemu_time_now(nic) / nic->ticks_per_ns / 1000.0);
	n = snprintf(line, sizeof(line), "%llu.%06llu vf%u ", (unsigned long long)(us / 1000000),
		(unsigned long long)(us % 1000000), vf->index);
	va_start(ap, fmt);
	vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	nic->trace_cb(nic->trace_arg, line);
}

/* The first bytes of a message or frame. */
void
pioemu_trace_bytes(struct pioemu_vf *vf, const char *what, const uint8_t *data, uint32_t len)
{
	char hex[3 * 64 + 1];
	uint32_t i, n = len < 64 ? len : 64;

	for (i = 0; i < n; i++)
		snprintf(hex + 3 * i, 4, " %02x", data[i]);
	hex[3 * n] = '\0';
	pioemu_trace_line(vf, "%s len=%u:%s%s", what, len, hex, n < len ? " ..." : "");
}

void
pioemu_nic_trace_set(struct pioemu_nic *nic, uint32_t mask, pioemu_trace_cb cb, void *arg)
{
	pioemu_nic_enter(nic);
	nic->trace_mask = cb == NULL ? 0 : mask;
	nic->trace_cb = cb;
	nic->trace_arg = arg;
	pioemu_nic_leave(nic);
}
