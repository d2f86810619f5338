/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The host process's second thread. It sleeps until another process of the session calls, a
 * descriptor of ours is closed for the last time, or a second has passed (the report).
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "pioemu_vfio_msg.h"

#define SERVER_REPORT_MS 1000
/*
 * The kernel announces a close before it lets go of the file, so that the first look may come too
 * early to see a hang-up or a free lock: look again.
 */
#define SERVER_AGAIN_MS 5
#define SERVER_AGAIN_MAX 40
#define SERVER_PEER_SEC 1	/* a peer that connected and then says nothing */

static struct {
	pthread_t thread;
	int listen, closed, stop;
	atomic_bool end;	/* beside stop, which a program that closes everything closes too */
} server = { .listen = -1, .closed = -1, .stop = -1 };

/* Peers are processes of the same user: the directory lets nobody else in */
static void
server_answer(int sock)
{
	static struct pioemu_vfio_call call;
	struct timeval tv = { .tv_sec = SERVER_PEER_SEC };
	uint32_t i;

	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	if (pioemu_vfio_msg_recv(sock, &call) != 0)
		return;
	pioemu_vfio_host_exec(&call);
	for (i = 0; i < call.nb_fds; i++)
		if (call.fds[i] >= 0)
			close(call.fds[i]);
	call.nb_fds = 0;
	pioemu_vfio_msg_send(sock, &call, NULL, 0);
}

static void *
server_run(void *arg)
{
	struct pollfd p[3] = {
		{ .fd = server.stop, .events = POLLIN },
		{ .fd = server.listen, .events = POLLIN },
		{ .fd = server.closed, .events = POLLIN },
	};
	char events[4096];
	int sock, i, again = 0;

	(void)arg;
	prctl(PR_SET_NAME, "pioemu-server");
	for (;;) {
		int nb = poll(p, 3, again > 0 ? SERVER_AGAIN_MS : SERVER_REPORT_MS);

		if ((p[0].revents & POLLIN) != 0 || atomic_load(&server.end))
			return NULL;
		/* No longer ours: a negative descriptor is one that poll() leaves out */
		for (i = 0; i < 3; i++)
			if ((p[i].revents & POLLNVAL) != 0)
				p[i].fd = -1;
		if (nb == 0 && again > 0) {
			again--;
			pioemu_vfio_host_reap();
		} else if (nb == 0) {
			/* a process that is long between closing and letting go is seen here */
			pioemu_vfio_host_reap();
			pioemu_vfio_host_report();
		}
		if (nb > 0 && (p[1].revents & POLLIN) != 0) {
			sock = accept4(server.listen, NULL, NULL, SOCK_CLOEXEC);
			if (sock >= 0) {
				server_answer(sock);
				close(sock);
			}
		}
		/* What the events say does not matter: reap looks at everything */
		if (nb > 0 && (p[2].revents & POLLIN) != 0 &&
		    read(server.closed, events, sizeof(events)) > 0) {
			again = SERVER_AGAIN_MAX;
			pioemu_vfio_host_reap();
		}
	}
}

static int
server_listen(const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock;

	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/ctl", dir) >=
	    sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	unlink(addr.sun_path);
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	server.listen = pioemu_vfio_fd_hide(sock);
	if (bind(server.listen, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
	    listen(server.listen, 16) != 0)
		return -errno;
	return 0;
}

/* Last closes of containers, groups (obj/) and devices (the directory itself) */
static int
server_watch(const char *dir)
{
	char path[PATH_MAX];
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return -errno;
	server.closed = pioemu_vfio_fd_hide(fd);
	snprintf(path, sizeof(path), "%s/obj", dir);
	if (inotify_add_watch(server.closed, path, IN_CLOSE_WRITE) < 0 ||
	    inotify_add_watch(server.closed, dir, IN_CLOSE_WRITE) < 0)
		return -errno;
	return 0;
}

int
pioemu_vfio_server_start(const char *dir)
{
	sigset_t all, old;
	int rc;

	rc = server_listen(dir);
	if (rc == 0)
		rc = server_watch(dir);
	if (rc != 0)
		return rc;
	server.stop = eventfd(0, EFD_CLOEXEC);
	if (server.stop < 0)
		return -errno;
	server.stop = pioemu_vfio_fd_hide(server.stop);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = -pthread_create(&server.thread, NULL, server_run, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc;
}

void
pioemu_vfio_server_stop(void)
{
	atomic_store(&server.end, true);
	pioemu_vfio_irq_fire(server.stop);	/* an eventfd like any other */
	pthread_join(server.thread, NULL);
	pioemu_vfio_server_forget();
}

void
pioemu_vfio_server_forget(void)
{
	close(server.listen);
	close(server.closed);
	close(server.stop);
	server.listen = server.closed = server.stop = -1;
}
