/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Real-time priority for the measuring thread and the model's, where the system grants it. The
 * kernel stops real-time threads that take 95 % of a second; so we rest before it does.
 */

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

#define MODEL_THREAD	"pioemu-model"
#define WORK_NS		(700 * 1000 * 1000ull)
#define REST_US		(60 * 1000u)

static uint64_t work_since;
static pid_t model_tid;

static int
sched_set(bool fifo)
{
	const struct sched_param param = { .sched_priority = fifo ? 1 : 0 };
	const int policy = fifo ? SCHED_FIFO : SCHED_OTHER;

	if (sched_setscheduler(0, policy, &param) != 0 ||
	    (model_tid != 0 && sched_setscheduler(model_tid, policy, &param) != 0))
		return -errno;
	return 0;
}

/* The thread of this process that has the name; 0: none. */
static pid_t
sched_thread_find(const char *name)
{
	DIR *d = opendir("/proc/self/task");
	struct dirent *e;
	pid_t found = 0;

	if (d == NULL)
		return 0;
	while (found == 0 && (e = readdir(d)) != NULL) {
		char path[sizeof("/proc/self/task//comm") + sizeof(e->d_name)], comm[32] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/comm", e->d_name);
		f = fopen(path, "r");
		if (f == NULL)
			continue;
		if (fgets(comm, sizeof(comm), f) != NULL &&
		    strncmp(comm, name, strlen(name)) == 0)
			found = (pid_t)atoi(e->d_name);
		fclose(f);
	}
	closedir(d);
	return found;
}

void
bench_sched_start(void)
{
	int ret;

	if (!bench.opt.fifo)
		return;
	model_tid = sched_thread_find(MODEL_THREAD);
	ret = sched_set(true);
	sched_set(false);
	if (ret != 0) {
		fprintf(stderr, "no real-time priority (%s): more runs will be rejected\n",
			strerror(-ret));
		bench.opt.fifo = false;
	}
}

void
bench_sched_on(void)
{
	work_since = bench_tsc();
	if (bench.opt.fifo)
		sched_set(true);
}

/* Control commands need EAL's and the model's threads, which share the CPUs with us. */
void
bench_sched_off(void)
{
	if (bench.opt.fifo)
		sched_set(false);
}

void
bench_sched_rest(void)
{
	const bool held = bench.model_held;

	if (!bench.opt.fifo ||
	    bench_ns((double)(bench_tsc() - work_since)) < (double)WORK_NS)
		return;
	/* a control command of a driver's own that waits for the model gets its turn */
	bench_model_release();
	bench_sched_off();
	usleep(REST_US);
	bench_sched_on();
	if (held)
		bench_model_hold();
}
