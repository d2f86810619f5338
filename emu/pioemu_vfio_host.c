/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The process that has the VFs. Two threads: the model's own, and the server's
 * (pioemu_vfio_server.c). host_lock protects the objects below; the nic's lock, which comes
 * after it, protects what the model's callbacks see.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pioemu_vfio.h"

/*
 * Without work the model's thread spins for a while, then sleeps: a thousandth of the time that it
 * has been idle, within these bounds. The longest sleep costs 3 % of a CPU.
 */
#define HOST_SPIN_NS		(30 * 1000)
#define HOST_SLEEP_MIN_NS	(20 * 1000)
#define HOST_SLEEP_MAX_NS	(300 * 1000)
#define HOST_FD_MIN		512

static struct pioemu_vfio_host host;
static pthread_mutex_t host_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int host_pid;		/* 0: not the host */
static int host_lock_fd = -1;
static char host_dir[PATH_MAX - 64];
static FILE *host_trace;
static cpu_set_t host_cpus;		/* of the process when it was loaded, before EAL pins it */
static pthread_t host_thread;
static atomic_bool host_stop;

/*
 * A child after fork(): without our threads, one of which may have held the lock, and with copies
 * of our descriptors, which would keep the session's claim and socket beyond the host's end.
 */
static void
host_forked(void)
{
	pthread_mutex_init(&host_lock, NULL);
	if (host_pid == 0)
		return;
	host_pid = 0;
	close(host_lock_fd);
	host_lock_fd = -1;
	pioemu_vfio_server_forget();
}

__attribute__((constructor)) static void
host_load(void)
{
	if (sched_getaffinity(0, sizeof(host_cpus), &host_cpus) != 0)
		CPU_ZERO(&host_cpus);
	pthread_atfork(NULL, NULL, host_forked);
}

bool
pioemu_vfio_host_here(void)
{
	return host_pid != 0 && host_pid == getpid();
}

int
pioemu_vfio_fd_hide(int fd)
{
	int hidden = fcntl(fd, F_DUPFD_CLOEXEC, HOST_FD_MIN);

	if (hidden < 0)
		return fd;	/* too few descriptors allowed: stay where we are */
	close(fd);
	return hidden;
}

/* ---- the model's thread ---- */

static uint64_t
host_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

static void
host_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield" ::: "memory");
#endif
}

/*
 * Nothing to do. A driver that waits for MCDI looks after 10 us and doubles that, so short sleeps
 * cost it little, and they leave the CPU to a polling lcore that may have to share it with us.
 */
static void
host_idle(uint64_t *idle_since)
{
	struct timespec ts = { 0, HOST_SLEEP_MIN_NS };
	uint64_t now, idle;

	if (host.conf.idle == PIOEMU_CONF_IDLE_SPIN) {
		host_pause();
		return;
	}
	if (host.conf.idle == PIOEMU_CONF_IDLE_YIELD) {
		sched_yield();
		return;
	}
	now = host_now_ns();
	if (*idle_since == 0)
		*idle_since = now;
	idle = now - *idle_since;
	if (idle < HOST_SPIN_NS) {
		host_pause();
		return;
	}
	if (idle / 1000 > HOST_SLEEP_MIN_NS)
		ts.tv_nsec = idle / 1000 < HOST_SLEEP_MAX_NS ? (long)(idle / 1000) :
							     HOST_SLEEP_MAX_NS;
	nanosleep(&ts, NULL);
}

static void *
host_run(void *arg)
{
	uint64_t idle_since = 0;

	(void)arg;
	prctl(PR_SET_NAME, "pioemu-model");
	prctl(PR_SET_TIMERSLACK, 1);
	while (!atomic_load_explicit(&host_stop, memory_order_relaxed)) {
		if (pioemu_nic_poll(host.nic) != 0)
			idle_since = 0;
		else
			host_idle(&idle_since);
	}
	return NULL;
}

static int
host_thread_start(void)
{
	sigset_t all, old;
	cpu_set_t cpus;
	int rc;

	if (host.conf.core >= 0) {
		CPU_ZERO(&cpus);
		CPU_SET(host.conf.core, &cpus);
	} else {
		cpus = host_cpus;
	}
	/* The program's signals are not for us */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = -pthread_create(&host_thread, NULL, host_run, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc == 0 && CPU_COUNT(&cpus) != 0 &&
	    pthread_setaffinity_np(host_thread, sizeof(cpus), &cpus) != 0 && host.conf.core >= 0)
		pioemu_vfio_say("the model cannot run on CPU %d: it runs anywhere",
				host.conf.core);
	return rc;
}

/* ---- start and end ---- */

static void
host_irq_raise(void *arg, uint16_t vector)
{
	struct pioemu_vfio_dev *dev = arg;

	if (vector < dev->irqs.nb_msix)
		pioemu_vfio_irq_fire(dev->irqs.msix[vector]);
}

static void
host_trace_line(void *arg, const char *line)
{
	fprintf(arg, "%s\n", line);
}

void
pioemu_vfio_host_cfg_reset(struct pioemu_vfio_host *h, struct pioemu_vfio_dev *dev)
{
	pioemu_session_cfg((unsigned int)(dev - h->devs), &dev->conf->dev, dev->cfg,
			   PIOEMU_PCICFG_SIZE);
}

static int
host_dev_start(uint32_t nr)
{
	static const struct pioemu_host_ops ops = { .irq_raise = host_irq_raise };
	struct pioemu_vfio_dev *dev = &host.devs[nr];
	struct pioemu_vf_config conf = host.conf.vf[nr].dev;
	size_t bar_len = pioemu_vf_bar_len(&conf);
	char path[PATH_MAX];
	int fd;

	dev->conf = &host.conf.vf[nr];
	snprintf(path, sizeof(path), "%s/mem%u", host_dir, nr);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dev->file = pioemu_vfio_fd_hide(fd);
	/* A host process before us may have left its registers */
	if (ftruncate(dev->file, 0) != 0 ||
	    ftruncate(dev->file, (off_t)PIOEMU_SESSION_REGION(9)) != 0)
		return -errno;
	dev->bar = mmap(NULL, bar_len, PROT_READ | PROT_WRITE, MAP_SHARED, dev->file, 0);
	dev->cfg = mmap(NULL, PIOEMU_PCICFG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			dev->file, (off_t)PIOEMU_SESSION_REGION(7));
	if (dev->bar == MAP_FAILED || dev->cfg == MAP_FAILED)
		return -errno;
	pioemu_vfio_host_cfg_reset(&host, dev);
	conf.bar = dev->bar;
	conf.pci_command = (const uint16_t *)(const void *)(dev->cfg + PIOEMU_PCICFG_COMMAND);
	conf.ops = &ops;
	conf.host = dev;
	if (pioemu_vfio_irqs_init(&dev->irqs, conf.nb_vectors) != 0)
		return -ENOMEM;
	return pioemu_vf_create(host.nic, &conf, &dev->vf);
}

static int
host_wires_start(void)
{
	char err[512] = "";
	uint32_t i;
	int rc = 0;

	for (i = 0; i < host.conf.nb_vfs && rc == 0; i++) {
		const struct pioemu_conf_vf *conf = &host.conf.vf[i];

		if (conf->wire[0] != '\0')
			rc = pioemu_vf_wire_add_spec(host.devs[i].vf, conf->wire, err, sizeof(err));
		if (rc == 0 && (i & 1) != 0 && (conf->peer || host.conf.vf[i ^ 1].peer))
			rc = pioemu_vf_wire_add_peer(host.devs[i ^ 1].vf, host.devs[i].vf);
		if (rc != 0)
			pioemu_vfio_say("VF %u: wire '%s': %s", i, conf->wire,
					err[0] != '\0' ? err : strerror(-rc));
		pioemu_vf_tx_delay_set(host.devs[i].vf, conf->tx_delay_min_ns,
				       conf->tx_delay_max_ns);
	}
	return rc;
}

static int
host_trace_start(void)
{
	if (host.conf.trace_file[0] == '\0')
		return 0;
	host_trace = fopen(host.conf.trace_file, "we");
	if (host_trace == NULL) {
		pioemu_vfio_say("trace %s: %s", host.conf.trace_file, strerror(errno));
		return -errno;
	}
	pioemu_nic_trace_set(host.nic, host.conf.trace_mask, host_trace_line, host_trace);
	return 0;
}

/* One process of the session at a time */
static int
host_claim(const char *dir)
{
	char path[PATH_MAX], pid[16] = "";
	int fd, len;

	snprintf(path, sizeof(path), "%s/host", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (read(fd, pid, sizeof(pid) - 1) <= 0)
			strcpy(pid, "?");
		close(fd);
		pioemu_vfio_say("process %s of this session has the VFs; a further process can"
				" only join it as a DPDK secondary process", pid);
		return -EBUSY;
	}
	len = snprintf(pid, sizeof(pid), "%d", getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)len, 0) != len) {
		close(fd);
		return -EIO;
	}
	host_lock_fd = pioemu_vfio_fd_hide(fd);
	return 0;
}

static int
host_start_locked(const char *dir)
{
	char path[PATH_MAX];
	uint32_t i;
	int rc;

	if (strlen(dir) >= sizeof(host_dir))
		return -ENAMETOOLONG;
	rc = host_claim(dir);
	if (rc != 0)
		return rc;
	memset(&host, 0, sizeof(host));
	strcpy(host_dir, dir);
	for (i = 0; i < PIOEMU_VFIO_CONTAINERS; i++)
		host.containers[i].fifo = -1;
	for (i = 0; i < PIOEMU_CONF_VFS_MAX; i++)
		host.groups[i].fifo = -1;
	snprintf(path, sizeof(path), "%s/conf", dir);
	rc = pioemu_conf_load(&host.conf, path);
	if (rc != 0) {
		pioemu_vfio_say("%s: %s", path, rc == -EPROTO ?
				"the launcher and the preloaded object are of different builds" :
				strerror(-rc));
		return rc;
	}
	host.nic = pioemu_nic_create(&host.conf.nic);
	if (host.nic == NULL)
		return -ENOMEM;
	rc = host_trace_start();
	for (i = 0; i < host.conf.nb_vfs && rc == 0; i++)
		rc = host_dev_start(i);
	if (rc == 0)
		rc = host_wires_start();
	if (rc == 0)
		rc = host_thread_start();
	if (rc == 0)
		rc = pioemu_vfio_server_start(dir);
	return rc;
}

/* Become the host; nothing when it is already. Negative errno: -EBUSY another process is */
static int
host_start(void)
{
	static pid_t failed_pid;
	static int failed;
	const char *dir = pioemu_vfio_dir();
	int rc = 0;

	if (dir == NULL)
		return -ENODEV;
	pthread_mutex_lock(&host_lock);
	if (pioemu_vfio_host_here()) {
		rc = 0;
	} else if (failed_pid == getpid()) {
		rc = failed;	/* half started: what failed once would fail again */
	} else {
		rc = host_start_locked(dir);
		if (rc == 0)
			host_pid = getpid();
		else if (rc != -EBUSY) {
			pioemu_vfio_say("the VFs cannot start: %s", strerror(-rc));
			failed_pid = getpid();
			failed = rc;
		}
	}
	pthread_mutex_unlock(&host_lock);
	return rc;
}

__attribute__((destructor)) static void
host_unload(void)
{
	if (!pioemu_vfio_host_here())
		return;
	pioemu_vfio_server_stop();
	atomic_store(&host_stop, true);
	pthread_join(host_thread, NULL);
	pthread_mutex_lock(&host_lock);
	pioemu_vfio_host_report();
	host_pid = 0;
	pioemu_nic_destroy(host.nic);	/* flushes the wires */
	if (host_trace != NULL)
		fclose(host_trace);
	pthread_mutex_unlock(&host_lock);
	close(host_lock_fd);
}

/* ---- what the launcher shows at the end ---- */

void
pioemu_vfio_host_report(void)
{
	char path[PATH_MAX], tmp[PATH_MAX];
	uint32_t i;
	FILE *out;

	snprintf(path, sizeof(path), "%s/report.%d", host_dir, getpid());
	snprintf(tmp, sizeof(tmp), "%s/tmp.%d", host_dir, getpid());
	out = fopen(tmp, "we");
	if (out == NULL)
		return;		/* the launcher is gone, and its directory */
	for (i = 0; i < host.conf.nb_vfs; i++)
		if (host.conf.stats || pioemu_vf_violation_total(host.devs[i].vf) != 0)
			pioemu_vf_dump(host.devs[i].vf, out);
	if (fclose(out) == 0)
		rename(tmp, path);
	if (host_trace != NULL)
		fflush(host_trace);
}

/* ---- objects ---- */

/* Opened by a name of its own and with a reading end of ours that sees the last close */
static int
host_fifo(const char *name, int flags, int *ours)
{
	char path[PATH_MAX];
	int fd, rd;

	snprintf(path, sizeof(path), "%s/obj/%s", host_dir, name);
	unlink(path);
	if (mkfifo(path, 0600) != 0)
		return -errno;
	rd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (rd < 0)
		return -errno;
	fd = open(path, O_RDWR | (flags & O_CLOEXEC));
	if (fd < 0) {
		close(rd);
		return -errno;
	}
	*ours = pioemu_vfio_fd_hide(rd);
	return fd;
}

static bool
host_fifo_closed(int fifo)
{
	struct pollfd p = { .fd = fifo };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0;
}

static bool
host_dev_closed(const struct pioemu_vfio_dev *dev)
{
	if (flock(dev->file, LOCK_EX | LOCK_NB) != 0)
		return false;
	flock(dev->file, LOCK_UN);
	return true;
}

static void
host_reap_locked(void)
{
	uint32_t i;

	for (i = 0; i < host.conf.nb_vfs; i++) {
		struct pioemu_vfio_dev *dev = &host.devs[i];
		struct pioemu_vfio_group *group = &host.groups[i];

		if (dev->open && host_dev_closed(dev))
			pioemu_vfio_dev_release(&host, dev);
		/* An open device keeps its group, as in the kernel */
		if (group->fifo < 0 || dev->open || !host_fifo_closed(group->fifo))
			continue;
		pioemu_vfio_group_detach(&host, i);
		close(group->fifo);
		group->fifo = -1;
	}
	for (i = 0; i < PIOEMU_VFIO_CONTAINERS; i++) {
		struct pioemu_vfio_container *container = &host.containers[i];

		if (container->fifo < 0 || container->nb_groups != 0 ||
		    !host_fifo_closed(container->fifo))
			continue;
		close(container->fifo);
		container->fifo = -1;
	}
}

void
pioemu_vfio_host_reap(void)
{
	pthread_mutex_lock(&host_lock);
	host_reap_locked();
	pthread_mutex_unlock(&host_lock);
}

int
pioemu_vfio_host_open_container(int flags)
{
	struct pioemu_vfio_container *container = NULL;
	char name[16];
	uint32_t i;
	int rc;

	rc = host_start();
	if (rc != 0)
		return rc;
	pthread_mutex_lock(&host_lock);
	host_reap_locked();
	for (i = 0; i < PIOEMU_VFIO_CONTAINERS && container == NULL; i++)
		if (host.containers[i].fifo < 0)
			container = &host.containers[i];
	rc = -ENFILE;
	if (container != NULL) {
		snprintf(name, sizeof(name), "c%u", i - 1);
		memset(container, 0, sizeof(*container));
		container->fifo = -1;
		rc = host_fifo(name, flags, &container->fifo);
	}
	pthread_mutex_unlock(&host_lock);
	return rc;
}

int
pioemu_vfio_host_open_group(uint32_t nr, int flags)
{
	struct pioemu_vfio_group *group;
	char name[16];
	int rc;

	rc = host_start();
	if (rc != 0)
		return rc;
	if (nr < PIOEMU_SESSION_GROUP0 || nr - PIOEMU_SESSION_GROUP0 >= host.conf.nb_vfs)
		return -ENOENT;
	pthread_mutex_lock(&host_lock);
	host_reap_locked();
	group = &host.groups[nr - PIOEMU_SESSION_GROUP0];
	rc = -EBUSY;
	if (group->fifo < 0) {
		snprintf(name, sizeof(name), "g%u", nr);
		rc = host_fifo(name, flags, &group->fifo);
	}
	pthread_mutex_unlock(&host_lock);
	return rc;
}

void
pioemu_vfio_host_exec(struct pioemu_vfio_call *call)
{
	pthread_mutex_lock(&host_lock);
	host_reap_locked();
	if (call->kind == PIOEMU_VFIO_CTL)
		pioemu_vfio_ctl(&host, call);
	else
		pioemu_vfio_ioctl(&host, call);
	pthread_mutex_unlock(&host_lock);
}

/* ---- for tests in the program, see pioemu.h ---- */

static struct pioemu_vf *
host_vf_by_index(uint16_t n)
{
	if (!pioemu_vfio_host_here() && host_start() != 0)
		return NULL;
	return n < host.conf.nb_vfs ? host.devs[n].vf : NULL;
}

PIOEMU_VFIO_EXPORT const struct pioemu_ctl *pioemu_ctl_get(uint32_t version);

const struct pioemu_ctl *
pioemu_ctl_get(uint32_t version)
{
	return pioemu_ctl_table(version, host_vf_by_index);
}
