/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pioemu_vfio_msg.h"

union msg_control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(PIOEMU_VFIO_FDS_MAX * sizeof(int))];
};

int
pioemu_vfio_msg_send(int sock, struct pioemu_vfio_call *call, const int32_t *fds, uint32_t nb_fds)
{
	struct iovec iov = { .iov_base = call, .iov_len = sizeof(*call) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union msg_control control;
	int pass[PIOEMU_VFIO_FDS_MAX];
	uint32_t i, nb = 0;

	for (i = 0; i < nb_fds; i++)
		if (fds[i] >= 0)
			pass[nb++] = fds[i];
	if (nb != 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(nb * sizeof(int));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(nb * sizeof(int));
		memcpy(CMSG_DATA(&control.align), pass, nb * sizeof(int));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == (ssize_t)sizeof(*call) ? 0 : -errno;
}

int
pioemu_vfio_msg_recv(int sock, struct pioemu_vfio_call *call)
{
	struct iovec iov = { .iov_base = call, .iov_len = sizeof(*call) };
	union msg_control control;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	int got[PIOEMU_VFIO_FDS_MAX];
	struct cmsghdr *head;
	uint32_t i, nb = 0, next = 0;
	ssize_t len;

	do {
		len = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	head = CMSG_FIRSTHDR(&msg);
	if (head != NULL && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
		nb = (uint32_t)((head->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(got, CMSG_DATA(head), nb * sizeof(int));
	}
	if (len == (ssize_t)sizeof(*call) && call->nb_fds <= PIOEMU_VFIO_FDS_MAX) {
		for (i = 0; i < call->nb_fds; i++)
			if (call->fds[i] >= 0)
				call->fds[i] = next < nb ? got[next++] : -1;
	} else {
		len = len == 0 ? -ECONNRESET : -EPROTO;
	}
	while (next < nb)
		close(got[next++]);
	return len < 0 ? (int)len : 0;
}

int
pioemu_vfio_msg_ask(const char *dir, struct pioemu_vfio_call *call)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock, rc;

	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/ctl", dir) >=
	    sizeof(addr.sun_path))
		return -ENODEV;
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	rc = connect(sock, (struct sockaddr *)&addr, sizeof(addr)) != 0 ? -ENODEV : 0;
	if (rc == 0)
		rc = pioemu_vfio_msg_send(sock, call, call->fds, call->nb_fds);
	if (rc == 0)
		rc = pioemu_vfio_msg_recv(sock, call);
	close(sock);
	return rc;
}
