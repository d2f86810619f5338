/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* `pioemu run`, `join` and `ctl`: start programs with the VFIO preload, talk to them */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pioemu_elf.h"
#include "pioemu_main.h"
#include "pioemu_refuse.h"
#include "pioemu_session.h"
#include "pioemu_vfio_msg.h"

#define RUN_PRELOAD "libpioemu_vfio.so"
#define RUN_REFUSE "libpioemu_refuse.so"
#define RUN_OPTIONS_MAX 64

static pid_t run_child;

/* ---- what to start, and what to preload ---- */

/* As execvp() finds it. 0, or the exit status */
static int
run_find(const char *name, char *path, size_t len)
{
	const char *dirs = getenv("PATH");
	int status = PIOEMU_EXIT_NOT_FOUND;

	if (strchr(name, '/') != NULL) {
		snprintf(path, len, "%s", name);
		if (access(path, X_OK) == 0)
			return 0;
		fprintf(stderr, "pioemu: %s: %s\n", name, strerror(errno));
		return errno == ENOENT ? PIOEMU_EXIT_NOT_FOUND : PIOEMU_EXIT_NOT_EXEC;
	}
	if (dirs == NULL)
		dirs = "/usr/bin:/bin";
	while (*dirs != '\0') {
		size_t n = strcspn(dirs, ":");
		struct stat st;

		snprintf(path, len, "%.*s/%s", n != 0 ? (int)n : 1, n != 0 ? dirs : ".", name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
			if (access(path, X_OK) == 0)
				return 0;
			status = PIOEMU_EXIT_NOT_EXEC;
		}
		dirs += n + (dirs[n] == ':');
	}
	fprintf(stderr, "pioemu: %s: %s\n", name, status == PIOEMU_EXIT_NOT_FOUND ?
		"no such program in PATH" : "not executable");
	return status;
}

/*
 * The dynamic loader takes blanks and colons for separators. A link in the session's directory
 * leads it to an object below such a name. 0 or negative errno
 */
static int
run_object_link(const struct pioemu_session *s, const char *name, char *path, size_t len)
{
	char link[PATH_MAX];

	if (strpbrk(path, " :") == NULL)
		return 0;
	snprintf(link, sizeof(link), "%s/%s", s->dir, name);
	if (strpbrk(link, " :") != NULL) {
		fprintf(stderr, "pioemu: %s cannot be preloaded, nor by way of %s: both have a"
			" space or colon; set PIOEMU_DIR to a directory without\n", path, s->dir);
		return -EINVAL;
	}
	if (symlink(path, link) != 0 && errno != EEXIST) {
		fprintf(stderr, "pioemu: %s: %s\n", link, strerror(errno));
		return -errno;
	}
	snprintf(path, len, "%s", link);
	return 0;
}

/* Beside this program (build tree), or where it was installed. 0 or negative errno */
static int
run_object(const struct pioemu_session *s, const char *name, char *path, size_t len)
{
	const char *env = getenv("PIOEMU_LIBDIR");
	char self[PATH_MAX / 2], full[PATH_MAX];
	ssize_t n;
	char *end;

	if (env != NULL) {
		snprintf(path, len, "%s/%s", env, name);
	} else {
		n = readlink("/proc/self/exe", self, sizeof(self) - 1);
		if (n < 0)
			return -errno;
		self[n] = '\0';
		end = strrchr(self, '/');
		if (end != NULL)
			*end = '\0';
		snprintf(path, len, "%s/%s", self, name);
		if (access(path, R_OK) != 0)
			snprintf(path, len, "%s/%s", PIOEMU_BUILD_LIBDIR, name);
	}
	if (access(path, R_OK) != 0 || realpath(path, full) == NULL) {
		fprintf(stderr, "pioemu: %s: %s; set PIOEMU_LIBDIR to where it is\n", path,
			strerror(errno));
		return -ENOENT;
	}
	snprintf(path, len, "%s", full);
	return run_object_link(s, name, path, len);
}

/* 0, or the exit status. The program is known to exist */
static int
run_check_program(const char *path, struct pioemu_elf *elf)
{
	struct stat st;

	if (pioemu_elf_read(path, elf) != 0 || !elf->elf)
		return 0;	/* unreadable or a script: exec will say what it thinks of it */
	if (!elf->native || !elf->dynamic) {
		fprintf(stderr, "pioemu: %s %s: nothing can be preloaded into it\n", path,
			elf->native ? "is statically linked" : "is not a program of this machine");
		return PIOEMU_EXIT_NOT_EXEC;
	}
	if (stat(path, &st) == 0 && (st.st_mode & (S_ISUID | S_ISGID)) != 0 && geteuid() != 0)
		fprintf(stderr, "pioemu: %s is set-user-ID: the VFs will not show in it\n", path);
	return 0;
}

/*
 * LD_PRELOAD of the program. AddressSanitizer's runtime must be the first object of all, be it
 * that the program or that our object is built with it.
 */
static int
run_environment(const struct pioemu_session *s, const struct pioemu_elf *elf, uint32_t faults)
{
	const char *refuse = (faults & PIOEMU_CONF_FAULT(EPERM)) != 0 ? PIOEMU_REFUSE_EPERM :
			     (faults & PIOEMU_CONF_FAULT(EINVAL)) != 0 ? PIOEMU_REFUSE_EINVAL :
			     (faults & PIOEMU_CONF_FAULT(CLAIM)) != 0 ? PIOEMU_REFUSE_CLAIM : NULL;
	const char *old = getenv("LD_PRELOAD");
	char object[PATH_MAX], extra[PATH_MAX] = "", list[3 * PATH_MAX], pci[PATH_MAX];
	struct pioemu_elf own;
	const char *asan = elf->asan;

	if (run_object(s, RUN_PRELOAD, object, sizeof(object)) != 0 ||
	    (refuse != NULL && run_object(s, RUN_REFUSE, extra, sizeof(extra)) != 0))
		return PIOEMU_EXIT_FAILED;
	if (asan[0] == '\0' && pioemu_elf_read(object, &own) == 0)
		asan = own.asan;
	if (old != NULL && asan[0] != '\0' && strstr(old, "libasan") != NULL)
		asan = "";
	snprintf(list, sizeof(list), "%s%s%s%s%s%s%s", asan, asan[0] != '\0' ? " " : "",
		 old != NULL ? old : "", old != NULL ? " " : "", object,
		 extra[0] != '\0' ? " " : "", extra);
	snprintf(pci, sizeof(pci), "%s/root/sys/bus/pci/devices", s->dir);
	if (setenv("LD_PRELOAD", list, 1) != 0 || setenv(PIOEMU_SESSION_ENV, s->dir, 1) != 0 ||
	    setenv("SYSFS_PCI_DEVICES", pci, 1) != 0 ||
	    (refuse != NULL && setenv(PIOEMU_REFUSE_ENV, refuse, 1) != 0)) {
		fprintf(stderr, "pioemu: %s\n", strerror(errno));
		return PIOEMU_EXIT_FAILED;
	}
	return 0;
}

/* ---- run ---- */

/* Signals somebody sends to us are meant for the program; those of the terminal it gets anyway */
static void
run_forward(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (run_child > 0 && info->si_code <= 0)
		kill(run_child, sig);
}

static void
run_signals(bool catch)
{
	static const int sigs[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };
	struct sigaction sa = { .sa_flags = SA_SIGINFO | SA_RESTART };
	unsigned int i;

	sa.sa_sigaction = run_forward;
	if (!catch) {
		sa.sa_flags = 0;
		sa.sa_handler = SIG_DFL;
	}
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++) {
		struct sigaction old;

		/* What was ignored for us (nohup) stays so for the program */
		if (sigaction(sigs[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(sigs[i], &sa, NULL);
	}
}

/* In the child: never returns */
static void
run_exec(const struct pioemu_session *s, const char *path, char **argv, pid_t parent)
{
	int status;

	run_signals(false);
	/* Nobody would remove the directory, nor wait for a program that only a signal ends */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(PIOEMU_EXIT_FAILED);
	/* The directory belongs to somebody as long as the program or a child of it lives */
	if (s->lock_fd >= 0)
		fcntl(s->lock_fd, F_SETFD, 0);
	execv(path, argv);
	status = errno == ENOENT ? PIOEMU_EXIT_NOT_FOUND : PIOEMU_EXIT_NOT_EXEC;
	fprintf(stderr, "pioemu: %s: %s\n", path, strerror(errno));
	_exit(status);
}

/* The wait status, or -errno */
static int
run_program(const struct pioemu_session *s, const char *path, char **argv)
{
	pid_t parent = getpid();
	sigset_t all, old;
	int status;

	/* No signal gets lost between fork() and the day we know the child */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	run_signals(true);
	run_child = fork();
	if (run_child == 0) {
		run_signals(false);
		sigprocmask(SIG_SETMASK, &old, NULL);
		run_exec(s, path, argv, parent);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (run_child < 0)
		return -errno;
	while (waitpid(run_child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return status;
}

static void
run_copy_report(const char *path, FILE *out)
{
	FILE *in = fopen(path, "re");
	char buf[4096];
	size_t len;

	if (in == NULL)
		return;
	while ((len = fread(buf, 1, sizeof(buf), in)) != 0)
		fwrite(buf, 1, len, out);
	fclose(in);
}

/* What the processes that had the VFs left: statistics and violations */
static void
run_show_report(const struct pioemu_session *s, const struct pioemu_conf *conf)
{
	DIR *d = opendir(s->dir);
	char path[PATH_MAX];
	struct dirent *e;
	FILE *out = stderr;

	if (d == NULL)
		return;
	if (conf->stats_file[0] != '\0') {
		out = fopen(conf->stats_file, "we");
		if (out == NULL) {
			fprintf(stderr, "pioemu: %s: %s\n", conf->stats_file, strerror(errno));
			out = stderr;
		}
	}
	while ((e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, "report.", 7) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", s->dir, e->d_name);
		run_copy_report(path, out);
	}
	if (out != stderr)
		fclose(out);
	closedir(d);
}

/* End the way the program ended */
static int
run_result(int status)
{
	const struct rlimit no_core = { 0, 0 };

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	run_signals(false);
	setrlimit(RLIMIT_CORE, &no_core);
	raise(WTERMSIG(status));
	return 128 + WTERMSIG(status);	/* a signal that does not end processes by default */
}

/* Options up to the program. 0 and *first its index in argv, or the exit status */
static int
run_options(int argc, char **argv, struct pioemu_conf *conf, int *first)
{
	struct option opts[RUN_OPTIONS_MAX + 2] = { { NULL, 0, NULL, 0 } };
	const char *name, *arg;
	char err[1024];
	int i, c, index;

	for (i = 0; i < RUN_OPTIONS_MAX && (name = pioemu_conf_option((unsigned int)i, &arg)) != NULL;
	     i++) {
		opts[i].name = name;
		opts[i].has_arg = arg != NULL ? required_argument : optional_argument;
		opts[i].val = 1;
	}
	opterr = 0;
	opts[i] = (struct option){ "help", no_argument, NULL, 'h' };
	while ((c = getopt_long(argc, argv, "+:h", opts, &index)) != -1) {
		if (c == 'h') {
			pioemu_help();
			exit(0);
		}
		if (c == ':')
			return pioemu_usage("run: %s needs a value", argv[optind - 1]);
		if (c != 1)
			return pioemu_usage("run: unknown option '%s'", argv[optind - 1]);
		if (pioemu_conf_set(conf, opts[index].name, optarg, err, sizeof(err)) != 0)
			return pioemu_usage("run: %s", err);
	}
	if (optind == argc)
		return pioemu_usage("run: the program to start is missing");
	if (pioemu_conf_check(conf, err, sizeof(err)) != 0)
		return pioemu_usage("run: %s", err);
	*first = optind;
	return 0;
}

int
pioemu_run_main(int argc, char **argv)
{
	static struct pioemu_conf conf;
	struct pioemu_session session;
	char path[PATH_MAX], err[1024];
	struct pioemu_elf elf;
	int first = 0, rc, status;

	pioemu_conf_default(&conf);
	rc = run_options(argc, argv, &conf, &first);
	if (rc != 0)
		return rc;
	if ((rc = run_find(argv[first], path, sizeof(path))) != 0 ||
	    (rc = run_check_program(path, &elf)) != 0)
		return rc;
	if (pioemu_session_create(&session, &conf, err, sizeof(err)) != 0) {
		fprintf(stderr, "pioemu: %s\n", err);
		return PIOEMU_EXIT_FAILED;
	}
	rc = run_environment(&session, &elf, conf.faults);
	if (rc != 0) {
		pioemu_session_remove(&session);
		return rc;
	}
	status = run_program(&session, path, argv + first);
	run_show_report(&session, &conf);
	if (!conf.keep)
		pioemu_session_remove(&session);
	else
		fprintf(stderr, "pioemu: kept %s\n", session.dir);
	if (status < 0) {
		fprintf(stderr, "pioemu: %s\n", strerror(-status));
		return PIOEMU_EXIT_FAILED;
	}
	return run_result(status);
}

/* ---- join and ctl ---- */

/* --session NAME in front of the rest. 0, or the exit status */
static int
join_options(int argc, char **argv, const char *what, struct pioemu_session *s, int *first)
{
	static const struct option opts[] = {
		{ "session", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
	};
	const char *name = NULL;
	char err[1280];
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:", opts, NULL)) != -1) {
		if (c == ':')
			return pioemu_usage("%s: --session needs a value", argv[0]);
		if (c != 's')
			return pioemu_usage("%s: unknown option '%s'", argv[0], argv[optind - 1]);
		name = optarg;
	}
	if (optind == argc)
		return pioemu_usage("%s: the %s is missing", argv[0], what);
	*first = optind;
	if (name == NULL)
		name = getenv(PIOEMU_SESSION_ENV);
	if (pioemu_session_find(s, name, err, sizeof(err)) != 0) {
		fprintf(stderr, "pioemu: %s\n", err);
		return PIOEMU_EXIT_FAILED;
	}
	return 0;
}

int
pioemu_join_main(int argc, char **argv)
{
	static struct pioemu_conf conf;
	struct pioemu_session session;
	char path[PATH_MAX], file[PATH_MAX];
	struct pioemu_elf elf;
	int first, rc;

	if ((rc = join_options(argc, argv, "program to start", &session, &first)) != 0 ||
	    (rc = run_find(argv[first], path, sizeof(path))) != 0 ||
	    (rc = run_check_program(path, &elf)) != 0)
		return rc;
	snprintf(file, sizeof(file), "%s/conf", session.dir);
	rc = pioemu_conf_load(&conf, file);
	if (rc != 0) {
		fprintf(stderr, "pioemu: %s: %s\n", file, rc == -EPROTO ?
			"the session is of another build of pioemu" : strerror(-rc));
		return PIOEMU_EXIT_FAILED;
	}
	rc = run_environment(&session, &elf, conf.faults);
	if (rc != 0)
		return rc;
	execv(path, argv + first);
	fprintf(stderr, "pioemu: %s: %s\n", path, strerror(errno));
	return errno == ENOENT ? PIOEMU_EXIT_NOT_FOUND : PIOEMU_EXIT_NOT_EXEC;
}

int
pioemu_ctl_main(int argc, char **argv)
{
	static struct pioemu_vfio_call call;
	struct pioemu_session session;
	char *text = (char *)call.arg;
	int first, i, rc;

	rc = join_options(argc, argv, "command", &session, &first);
	if (rc != 0)
		return rc;
	for (i = first; i < argc; i++) {
		size_t used = strlen(text);

		if ((size_t)snprintf(text + used, sizeof(call.arg) - used, "%s%s",
				     i > first ? " " : "", argv[i]) >= sizeof(call.arg) - used)
			return pioemu_usage("ctl: the command is too long");
	}
	call.kind = PIOEMU_VFIO_CTL;
	rc = pioemu_vfio_msg_ask(session.dir, &call);
	if (rc != 0) {
		fprintf(stderr, "pioemu: no process of %s has the VFs\n", session.dir);
		return PIOEMU_EXIT_FAILED;
	}
	text[sizeof(call.arg) - 1] = '\0';
	if (call.result == 0) {
		fputs(text, stdout);
		return 0;
	}
	fprintf(stderr, "pioemu: ctl: %s\n", text[0] != '\0' ? text : strerror(-call.result));
	return call.result == -EINVAL ? PIOEMU_EXIT_USAGE : 1;
}
