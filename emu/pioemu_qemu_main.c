/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pioemu_conf.h"
#include "pioemu_main.h"
#include "pioemu_qemu.h"
#include "pioemu_qtest.h"

/* Where the VFs appear: 0000:00:10.0 and up, out of the way of what the user adds. */
#define QEMU_SLOT_DEFAULT 16
#define QEMU_SLOT_MAX 31

/*
 * Registers act at once, so the model only has to be polled for what comes from wires or takes
 * time. Guests under software emulation are slow: a millisecond is short for them, and two
 * cores have better things to do than to spin here.
 */
#define QEMU_POLL_IDLE_MS 1

/* After QEMU is asked to end; a guest that hangs must not keep us. */
#define QEMU_TERM_DEADLINE_S 10

struct qemu_run {
	struct pioemu_conf conf;
	unsigned int slot;
	struct pioemu_nic *nic;
	struct pioemu_qemu_fn fn[PIOEMU_QTEST_MAX_FN];
	unsigned int nb_fns;
	struct pioemu_qtest qtest;
	FILE *trace;
	int signals;                 /* signalfd */
	pid_t child;
	bool child_gone;
	int child_status;
};

static void
qemu_help(void)
{
	printf(
"Usage: pioemu qemu [OPTION]... -- QEMU [ARGUMENT]...\n"
"\n"
"Starts QEMU with one or more EF10 VFs as PCI devices (QEMU's x-pci-proxy-dev). What QEMU's\n"
"command line needs besides: one CPU (-smp 1), guest memory that can be shared, for instance\n"
"  -M q35,memory-backend=mem -object memory-backend-memfd,id=mem,size=1G,share=on -m 1024\n"
"and, for vfio-pci in the guest, -device intel-iommu,intremap=off (a line before other devices)\n"
"with intel_iommu=on on the kernel's command line. DPDK in the guest wants --iova-mode=pa.\n"
"\n"
"  --slot N          PCI slot of the first VF on the root bus, 1..%d (default %d)\n"
"  --bug35388 success|eperm|enoent\n"
"                    what Huntington VFs answer to WORKAROUND(35388) (default success, as real\n"
"                    firmware does: event queues and timers then go by indirect writes)\n"
"\n"
"The others are those of pioemu run, less what is about the host, which a guest has for itself:\n",
		QEMU_SLOT_MAX, QEMU_SLOT_DEFAULT);
	pioemu_conf_help(stdout, false);
	printf("\nSIGUSR1 takes the link down, SIGUSR2 brings it up again. Exit status: QEMU's; 2 wrong\n"
"usage; 125 pioemu failed; 127 QEMU was not found; 128+N QEMU was killed by signal N.\n");
}

/* Does the option take a value? -ENOENT: there is no such option here. */
static int
qemu_option_takes_value(const char *name)
{
	const char *known, *arg;
	unsigned int i;

	if (strcmp(name, "slot") == 0 || strcmp(name, "bug35388") == 0)
		return 1;
	if (pioemu_conf_is_host_option(name))
		return -ENOENT;
	for (i = 0; (known = pioemu_conf_option(i, &arg)) != NULL; i++) {
		if (strcmp(known, name) == 0)
			return arg != NULL;
	}
	return -ENOENT;
}

static int
qemu_bug35388_set(struct qemu_run *run, const char *value)
{
	/* MC_CMD_ERR_EPERM is 1 and MC_CMD_ERR_ENOENT 2 (ef10 MCDI error codes) */
	static const char * const answers[] = { "success", "eperm", "enoent" };
	unsigned int answer, i;

	for (answer = 0; answer < 3; answer++) {
		if (strcmp(answers[answer], value) != 0)
			continue;
		for (i = 0; i < PIOEMU_CONF_VFS_MAX; i++)
			run->conf.vf[i].dev.bug35388_answer = answer;
		return 0;
	}
	pioemu_usage("--bug35388 %s: not one of success, eperm, enoent", value);
	return -EINVAL;
}

static int
qemu_option_set(struct qemu_run *run, const char *name, const char *value)
{
	char err[256];
	char *end;

	if (strcmp(name, "bug35388") == 0)
		return qemu_bug35388_set(run, value);
	if (strcmp(name, "slot") == 0) {
		unsigned long slot = strtoul(value, &end, 10);

		if (end == value || *end != '\0' || slot < 1 || slot > QEMU_SLOT_MAX) {
			pioemu_usage("--slot %s: not a number 1..%d", value, QEMU_SLOT_MAX);
			return -EINVAL;
		}
		run->slot = (unsigned int)slot;
		return 0;
	}
	if (pioemu_conf_set(&run->conf, name, value, err, sizeof(err)) != 0) {
		pioemu_usage("--%s: %s", name, err);
		return -EINVAL;
	}
	return 0;
}

/* Returns the index of QEMU's own command, 0 when help was asked for, or -EINVAL. */
static int
qemu_args_parse(struct qemu_run *run, int argc, char **argv)
{
	char name[64], err[256];
	const char *value;
	int i, takes;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		size_t len = strcspn(argv[i], "=");

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return 0;
		if (strncmp(argv[i], "--", 2) != 0 || len - 2 >= sizeof(name)) {
			pioemu_usage("'%s' is not an option; QEMU's command comes behind --",
				argv[i]);
			return -EINVAL;
		}
		memcpy(name, argv[i] + 2, len - 2);
		name[len - 2] = '\0';
		value = argv[i][len] == '=' ? argv[i] + len + 1 : NULL;
		takes = qemu_option_takes_value(name);
		if (takes < 0) {
			pioemu_usage("unknown option --%s; see pioemu qemu --help", name);
			return -EINVAL;
		}
		if (takes == 1 && value == NULL)
			value = i + 1 < argc ? argv[++i] : NULL;
		if (takes == 1 && value == NULL) {
			pioemu_usage("--%s needs a value", name);
			return -EINVAL;
		}
		if (qemu_option_set(run, name, value) != 0)
			return -EINVAL;
	}
	if (i + 1 >= argc) {
		pioemu_usage("no QEMU command behind --; see pioemu qemu --help");
		return -EINVAL;
	}
	if (pioemu_conf_check(&run->conf, err, sizeof(err)) != 0) {
		pioemu_usage("%s", err);
		return -EINVAL;
	}
	if (run->conf.nb_vfs > PIOEMU_QTEST_MAX_FN ||
			run->slot + run->conf.nb_vfs - 1 > QEMU_SLOT_MAX) {
		pioemu_usage("at most %d VFs, and slots up to %d", PIOEMU_QTEST_MAX_FN, QEMU_SLOT_MAX);
		return -EINVAL;
	}
	return i + 1;
}

static void
qemu_trace_line(void *arg, const char *line)
{
	fprintf(arg, "%s\n", line);
}

static int
qemu_wires_add(struct qemu_run *run)
{
	char err[256];
	unsigned int i;
	int rc;

	for (i = 0; i < run->nb_fns; i++) {
		const struct pioemu_conf_vf *conf = &run->conf.vf[i];

		if (conf->peer && (i & 1) == 0 && i + 1 < run->nb_fns) {
			rc = pioemu_vf_wire_add_peer(run->fn[i].vf, run->fn[i + 1].vf);
			if (rc != 0) {
				fprintf(stderr, "pioemu: VF %u: peer wire: %s\n", i, strerror(-rc));
				return rc;
			}
		}
		if (conf->wire[0] == '\0')
			continue;
		rc = pioemu_vf_wire_add_spec(run->fn[i].vf, conf->wire, err, sizeof(err));
		if (rc != 0) {
			fprintf(stderr, "pioemu: VF %u: wire '%s': %s\n", i, conf->wire,
				rc == -EINVAL ? err : strerror(-rc));
			return rc;
		}
	}
	return 0;
}

/* Our ends of the sockets into run, QEMU's ends into theirs[]: one for each VF, then qtest's. */
static int
qemu_sockets_open(int *ours, int *theirs, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++) {
		int pair[2];

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
			fprintf(stderr, "pioemu: no socket pair: %s\n", strerror(errno));
			return -errno;
		}
		ours[i] = pair[0];
		theirs[i] = pair[1];
	}
	return 0;
}

static int
qemu_device_create(struct qemu_run *run, const int *socks)
{
	unsigned int i;
	int rc;

	run->nic = pioemu_nic_create(&run->conf.nic);
	if (run->nic == NULL)
		return -ENOMEM;
	if (run->conf.trace_file[0] != '\0') {
		run->trace = fopen(run->conf.trace_file, "w");
		if (run->trace == NULL) {
			fprintf(stderr, "pioemu: %s: %s\n", run->conf.trace_file, strerror(errno));
			return -errno;
		}
		pioemu_nic_trace_set(run->nic, run->conf.trace_mask, qemu_trace_line, run->trace);
	}
	for (i = 0; i < run->conf.nb_vfs; i++) {
		const struct pioemu_conf_vf *conf = &run->conf.vf[i];

		rc = pioemu_qemu_fn_create(&run->fn[i], run->nic, socks[i], &conf->dev);
		if (rc != 0) {
			fprintf(stderr, "pioemu: VF %u: %s\n", i, strerror(-rc));
			return rc;
		}
		run->nb_fns++;
		pioemu_vf_tx_delay_set(run->fn[i].vf, conf->tx_delay_min_ns, conf->tx_delay_max_ns);
	}
	return qemu_wires_add(run);
}

/* In the child: QEMU's own arguments, then the devices and the interrupt socket. */
static void
qemu_exec(struct qemu_run *run, char **argv, int argc, const int *theirs)
{
	unsigned int nb_vfs = run->conf.nb_vfs;
	char text[PIOEMU_QTEST_MAX_FN + 1][80];
	char **args;
	int n = 0;
	unsigned int i;

	args = calloc((size_t)argc + 2 * (nb_vfs + 2) + 1, sizeof(*args));
	if (args == NULL)
		return;
	for (; n < argc; n++)
		args[n] = argv[n];
	for (i = 0; i <= nb_vfs; i++) {
		int fd = dup(theirs[i]); /* the copy is not close-on-exec */

		if (i < nb_vfs)
			snprintf(text[i], sizeof(text[i]), "x-pci-proxy-dev,fd=%d,addr=0x%x", fd,
				run->slot + i);
		else
			snprintf(text[i], sizeof(text[i]), "socket,id=pioemu-qtest,fd=%d", fd);
		args[n++] = i < nb_vfs ? "-device" : "-chardev";
		args[n++] = text[i];
	}
	args[n++] = "-object";
	args[n++] = "qtest,id=pioemu-interrupts,chardev=pioemu-qtest,log=/dev/null";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(args[0], args);
	fprintf(stderr, "pioemu: %s: %s\n", args[0], strerror(errno));
}

static int
qemu_start(struct qemu_run *run, char **argv, int argc, const int *theirs)
{
	sigset_t mask, old;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGUSR1);
	sigaddset(&mask, SIGUSR2);
	sigprocmask(SIG_BLOCK, &mask, &old);
	run->signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (run->signals < 0)
		return -errno;

	fflush(NULL);
	run->child = fork();
	if (run->child < 0)
		return -errno;
	if (run->child == 0) {
		sigprocmask(SIG_SETMASK, &old, NULL);
		qemu_exec(run, argv, argc, theirs);
		_exit(PIOEMU_EXIT_NOT_FOUND);
	}
	return 0;
}

static void
qemu_signal_take(struct qemu_run *run)
{
	struct signalfd_siginfo info;

	if (read(run->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGUSR1:
	case SIGUSR2:
		pioemu_nic_link_set(run->nic, info.ssi_signo == SIGUSR2,
				run->conf.nic.link_speed_mbps);
		break;
	case SIGCHLD:
		if (waitpid(run->child, &run->child_status, WNOHANG) == run->child)
			run->child_gone = true;
		break;
	default:
		kill(run->child, SIGTERM);
		/* The alarm's default action ends us, and PR_SET_PDEATHSIG what is left. */
		alarm(QEMU_TERM_DEADLINE_S);
		break;
	}
}

static void
qemu_serve(struct qemu_run *run)
{
	struct pollfd pfd[PIOEMU_QTEST_MAX_FN + 2];
	const unsigned int qtest = run->nb_fns, signals = run->nb_fns + 1;
	bool was_idle = false;
	unsigned int i;

	for (i = 0; i < run->nb_fns; i++)
		pfd[i] = (struct pollfd) { .fd = run->fn[i].sock, .events = POLLIN };
	pfd[qtest] = (struct pollfd) { .fd = run->qtest.sock, .events = POLLIN };
	pfd[signals] = (struct pollfd) { .fd = run->signals, .events = POLLIN };

	/* A negative fd is one that poll() leaves out: QEMU's end is closed. */
	while (!run->child_gone) {
		if (poll(pfd, run->nb_fns + 2, was_idle ? QEMU_POLL_IDLE_MS : 0) < 0)
			continue;
		if (pfd[signals].revents != 0)
			qemu_signal_take(run);
		for (i = 0; i < run->nb_fns; i++) {
			if (pfd[i].fd >= 0 && pfd[i].revents != 0 &&
					pioemu_qemu_fn_serve(&run->fn[i]) != 0) {
				shutdown(pfd[i].fd, SHUT_RDWR);
				pfd[i].fd = -1;
			}
		}
		was_idle = pioemu_nic_poll(run->nic) == 0;
		if (pfd[qtest].fd >= 0 && pfd[qtest].revents != 0 &&
				pioemu_qtest_recv(&run->qtest) != 0)
			pfd[qtest].fd = -1;
		if (pfd[qtest].fd >= 0 &&
				pioemu_qtest_send(&run->qtest, run->fn, run->nb_fns) != 0)
			pfd[qtest].fd = -1;
	}
}

static void
qemu_report(struct qemu_run *run)
{
	FILE *out = stderr;
	unsigned int i;

	if (run->conf.stats_file[0] != '\0') {
		out = fopen(run->conf.stats_file, "w");
		if (out == NULL) {
			fprintf(stderr, "pioemu: %s: %s\n", run->conf.stats_file, strerror(errno));
			return;
		}
	}
	for (i = 0; i < run->nb_fns; i++) {
		if (!run->conf.stats && pioemu_vf_violation_total(run->fn[i].vf) == 0)
			continue;
		pioemu_vf_dump(run->fn[i].vf, out);
		fprintf(out, "proxy: %llu accesses, %llu to no BAR\n",
			(unsigned long long)run->fn[i].nb_accesses,
			(unsigned long long)run->fn[i].nb_stray);
	}
	if (out != stderr)
		fclose(out);
}

static void
qemu_device_destroy(struct qemu_run *run)
{
	unsigned int i;

	for (i = 0; i < run->nb_fns; i++)
		pioemu_qemu_fn_destroy(&run->fn[i]);
	if (run->nic != NULL)
		pioemu_nic_destroy(run->nic);
	if (run->trace != NULL)
		fclose(run->trace);
}

int
pioemu_qemu_main(int argc, char **argv)
{
	int ours[PIOEMU_QTEST_MAX_FN + 1], theirs[PIOEMU_QTEST_MAX_FN + 1];
	static struct qemu_run run; /* large, and zero */
	unsigned int i;
	int first, exit_status = PIOEMU_EXIT_FAILED;

	pioemu_conf_default(&run.conf);
	qemu_bug35388_set(&run, "success");
	run.slot = QEMU_SLOT_DEFAULT;
	first = qemu_args_parse(&run, argc, argv);
	if (first < 0)
		return PIOEMU_EXIT_USAGE;
	if (first == 0) {
		qemu_help();
		return EXIT_SUCCESS;
	}

	if (qemu_sockets_open(ours, theirs, run.conf.nb_vfs + 1u) != 0)
		return PIOEMU_EXIT_FAILED;
	if (qemu_device_create(&run, ours) != 0)
		goto fail_device;
	pioemu_qtest_init(&run.qtest, ours[run.conf.nb_vfs]);
	if (qemu_start(&run, argv + first, argc - first, theirs) != 0)
		goto fail_device;
	for (i = 0; i <= run.conf.nb_vfs; i++)
		close(theirs[i]);

	qemu_serve(&run);
	qemu_report(&run);
	exit_status = WIFEXITED(run.child_status) ? WEXITSTATUS(run.child_status) :
			128 + WTERMSIG(run.child_status);

fail_device:
	qemu_device_destroy(&run);
	return exit_status;
}
