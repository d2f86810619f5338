/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_VFIO_MSG_H
#define PIOEMU_VFIO_MSG_H

/* Calls between processes of a session: one packet each way on a SOCK_SEQPACKET connection */

#include "pioemu_vfio.h"

/* fds[i] of -1 are left out of the packet and come out as -1 again. 0 or negative errno */
int pioemu_vfio_msg_send(int sock, struct pioemu_vfio_call *call, const int32_t *fds,
			 uint32_t nb_fds);
/* Descriptors received are close-on-exec and belong to the caller. -ECONNRESET: peer is gone */
int pioemu_vfio_msg_recv(int sock, struct pioemu_vfio_call *call);

/* Send to the process that has the VFs, wait for its answer. -ENODEV: there is none */
int pioemu_vfio_msg_ask(const char *dir, struct pioemu_vfio_call *call);

#endif /* PIOEMU_VFIO_MSG_H */
