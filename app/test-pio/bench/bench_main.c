/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Options, EAL, runs. bench.h says what is what. */

#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_version.h>

#include <rte_pio.h>

#include "bench.h"
#include "bench_gate.h"
#include "bench_path.h"
#include "bench_port.h"

#define POOL_SIZE	16383u
#define POOL_CACHE	512u
#define MODEL_IDLE	3	/* rounds without work: the model has done everything */

struct bench bench;

static const struct {
	const char *name;
	void (*run)(void);
	bool hardware;
} phases[] = {
	{ "cpu", bench_phase_cpu, false },
	{ "rx", bench_phase_rx, false },
	{ "alone", bench_phase_alone, false },
	{ "latency", bench_phase_latency, false },
	{ "tail", bench_phase_tail, false },
	{ "cold", bench_phase_cold, false },
	{ "load", bench_phase_load, false },
	{ "rate", bench_phase_rate, false },
	{ "queues", bench_phase_queues, false },
	{ "modelled", bench_phase_modelled, false },
	{ "threshold", bench_phase_threshold, false },
	{ "rtt", bench_phase_rtt, true },
};

void
bench_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("dpdk-test-pio-perf: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (bench.out != NULL)
		fflush(bench.out);
	/* the model's thread may be waiting for us */
	bench_model_release();
	_exit(EXIT_FAILURE);
}

uint64_t
bench_random(void)
{
	bench.seed ^= bench.seed << 13;
	bench.seed ^= bench.seed >> 7;
	bench.seed ^= bench.seed << 17;
	return bench.seed;
}

void
bench_spin_ns(uint64_t ns)
{
	const uint64_t end = bench_tsc() + (uint64_t)((double)ns * bench.cycles_per_ns);

	while (bench_tsc() < end)
		;
}

void
bench_model_hold(void)
{
	if (bench.ctl == NULL || bench.model_held)
		return;
	bench.ctl->nic_lock(bench.nic);
	bench.model_held = true;
}

void
bench_model_run(void)
{
	unsigned int idle = 0;

	if (bench.ctl == NULL)
		return;
	while (idle < MODEL_IDLE)
		idle = bench.ctl->nic_poll(bench.nic) == 0 ? idle + 1 : 0;
}

void
bench_model_release(void)
{
	if (!bench.model_held)
		return;
	bench.ctl->nic_unlock(bench.nic);
	bench.model_held = false;
}

static void
usage(FILE *f)
{
	fputs("usage: pioemu run --vfs 4 --core 1 --idle spin -- dpdk-test-pio-perf [OPTION]...\n"
	      "       dpdk-test-pio-perf --pio ADDRESS [--rx ADDRESS] [--sfc ADDRESS] [OPTION]...\n"
	      "\n"
	      "Writes results.jsonl and samples.csv; usertools/pio-bench.py runs this program\n"
	      "and makes tables and plots of them.\n"
	      "\n"
	      "  --runs N       runs that count (7); rejected ones are repeated up to as often\n"
	      "  --first N      number of the first run (1)\n"
	      "  --time S       no further run begins after S seconds\n"
	      "  --scale N      percent of the usual number of samples (100)\n"
	      "  --phases LIST  of cpu,rx,alone,latency,tail,cold,load,rate,queues,modelled,\n"
	      "                 threshold,rtt (all)\n"
	      "  --len N        phase cpu with frames of one length, of 64,128,256,512,1024,1514\n"
	      "  --out DIR      where the files go (.)\n"
	      "  --core N       CPU that measures (0)\n"
	      "  --model-core N CPU of the model's thread (1)\n"
	      "  --huge         EAL with hugepages\n"
	      "  --fifo         real-time priority\n"
	      "On hardware, round trips by a loopback cable or from port to port:\n"
	      "  --pio ADDRESS  VF that sends, bound to vfio-pci\n"
	      "  --rx ADDRESS   VF that receives, if it is another one\n"
	      "  --sfc ADDRESS  VF for net_sfc, looped back as well\n", f);
}

static unsigned int
option_number(const char *name, const char *text, unsigned int min, unsigned int max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < min || n > max) {
		fprintf(stderr, "--%s: '%s' is not a number from %u to %u\n", name, text, min, max);
		exit(2);
	}
	return (unsigned int)n;
}

static void
phases_check(const char *list)
{
	char copy[256], *word, *save = NULL;
	unsigned int i;

	snprintf(copy, sizeof(copy), "%s", list);
	for (word = strtok_r(copy, ",", &save); word != NULL; word = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < RTE_DIM(phases); i++) {
			if (strcmp(word, phases[i].name) == 0)
				break;
		}
		if (i == RTE_DIM(phases)) {
			fprintf(stderr, "--phases: there is no phase '%s'\n", word);
			exit(2);
		}
	}
}

static void
options_parse(int argc, char **argv)
{
	enum { RUNS = 256, FIRST, SCALE, TIME, LEN, PHASES, OUT, CORE, MODEL_CORE, HUGE, FIFO, PIO, RX,
	       SFC };
	static const struct option longs[] = {
		{ "runs", required_argument, NULL, RUNS },
		{ "first", required_argument, NULL, FIRST },
		{ "scale", required_argument, NULL, SCALE },
		{ "time", required_argument, NULL, TIME },
		{ "len", required_argument, NULL, LEN },
		{ "phases", required_argument, NULL, PHASES },
		{ "out", required_argument, NULL, OUT },
		{ "core", required_argument, NULL, CORE },
		{ "model-core", required_argument, NULL, MODEL_CORE },
		{ "huge", no_argument, NULL, HUGE },
		{ "fifo", no_argument, NULL, FIFO },
		{ "pio", required_argument, NULL, PIO },
		{ "rx", required_argument, NULL, RX },
		{ "sfc", required_argument, NULL, SFC },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct bench_options *o = &bench.opt;
	int c;

	*o = (struct bench_options){ .runs = 7, .first = 1, .scale = 100, .fifo = false, .model_core = 1,
				     .out = "." };
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (c) {
		case RUNS: o->runs = option_number("runs", optarg, 1, 1000); break;
		case FIRST: o->first = option_number("first", optarg, 1, 1000000); break;
		case SCALE: o->scale = option_number("scale", optarg, 1, 10000); break;
		case TIME: o->seconds = option_number("time", optarg, 1, 1000000); break;
		case LEN: o->len = option_number("len", optarg, 64, BENCH_LEN_MAX); break;
		case PHASES: o->phases = optarg; phases_check(optarg); break;
		case OUT: o->out = optarg; break;
		case CORE: o->core = (int)option_number("core", optarg, 0, 1023); break;
		case MODEL_CORE:
			o->model_core = (int)option_number("model-core", optarg, 0, 1023);
			break;
		case HUGE: o->huge = true; break;
		case FIFO: o->fifo = true; break;
		case PIO: o->pio = optarg; break;
		case RX: o->rx = optarg; break;
		case SFC: o->sfc = optarg; break;
		case 'h': usage(stdout); exit(0);
		default: usage(stderr); exit(2);
		}
	}
	if (optind != argc) {
		usage(stderr);
		exit(2);
	}
	if (o->pio == NULL && (o->rx != NULL || o->sfc != NULL)) {
		fputs("--rx and --sfc need --pio ADDRESS, the VF that sends\n", stderr);
		exit(2);
	}
}

static void
model_find(void)
{
	pioemu_ctl_get_fn get = (pioemu_ctl_get_fn)dlsym(RTLD_DEFAULT, PIOEMU_CTL_SYMBOL);

	/* Named VFs are measured from outside, as hardware is, also when they are emulated ones. */
	if (bench.opt.pio != NULL) {
		bench.opt.model_core = -1;
		bench.stand_in = get != NULL;
		return;
	}
	if (get == NULL) {
		fputs("there is no emulated VF, and no --pio names a real one\n", stderr);
		usage(stderr);
		exit(2);
	}
	bench.ctl = get(PIOEMU_VERSION);
	if (bench.ctl == NULL)
		bench_fail("this pioemu is of another version");
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || bench.opt.core == bench.opt.model_core)
		bench_fail("the model needs a CPU of its own");
}

/* Which port is where. */
static void
addresses_set(void)
{
	static const char *const emulated[] = {
		[BENCH_PORT_PIO] = "0000:01:00.1",
		[BENCH_PORT_RING] = "0000:01:00.2",
		[BENCH_PORT_SFC_SIMPLE] = "0000:01:00.3",
		[BENCH_PORT_SFC] = "0000:01:00.4",
		[BENCH_PORT_MEMNULL] = "net_null0",
		[BENCH_PORT_MEMRING] = "net_ring0",
		[BENCH_PORT_MEMIF] = "net_memif1",
		[BENCH_PORT_MEMIF_PEER] = "net_memif0",
	};
	const char *const real[] = {
		[BENCH_PORT_PIO] = bench.opt.pio,
		[BENCH_PORT_SFC_SIMPLE] = bench.opt.sfc,
		[BENCH_PORT_RX] = bench.opt.rx,
	};
	unsigned int i;

	for (i = 0; i < BENCH_PORT_NUM; i++) {
		const char *a = NULL;

		if (bench.ctl == NULL)
			a = i < RTE_DIM(real) ? real[i] : NULL;
		else
			a = i < RTE_DIM(emulated) ? emulated[i] : NULL;
		if (a != NULL)
			snprintf(bench_ports[i].address, sizeof(bench_ports[i].address), "%s", a);
	}
}

/* What EAL is told about a port; "" when nothing. */
static void
eal_device_arg(enum bench_port_role role, char *arg, size_t len)
{
	const char *a = bench_ports[role].address;

	arg[0] = '\0';
	switch (role) {
	case BENCH_PORT_PIO:
	case BENCH_PORT_RING:
	case BENCH_PORT_RX:
		snprintf(arg, len, "-a%s,class=pio", a);
		break;
	case BENCH_PORT_SFC_SIMPLE:
		snprintf(arg, len, "-a%s,tx_datapath=ef10_simple,rx_datapath=ef10", a);
		break;
	case BENCH_PORT_SFC:
		snprintf(arg, len, "-a%s,tx_datapath=ef10,rx_datapath=ef10", a);
		break;
	case BENCH_PORT_MEMNULL:
	case BENCH_PORT_MEMRING:
		snprintf(arg, len, "--vdev=%s", a);
		break;
	case BENCH_PORT_MEMIF:
	case BENCH_PORT_MEMIF_PEER:
		snprintf(arg, len, "--vdev=%s,role=%s,socket-abstract=yes,socket=pio-bench-%d", a,
			 role == BENCH_PORT_MEMIF ? "client" : "server", (int)getpid());
		break;
	case BENCH_PORT_NUM:
		break;
	}
}

static void
eal_start(char *prog)
{
	static char devices[BENCH_PORT_NUM][1024];
	static char lcore[16];
	char *argv[BENCH_PORT_NUM + 16];
	int argc = 0;
	unsigned int i;

	snprintf(lcore, sizeof(lcore), "%d", bench.opt.core);
	argv[argc++] = prog;
	argv[argc++] = (char *)(uintptr_t)"--no-shconf";
	argv[argc++] = (char *)(uintptr_t)"--no-telemetry";
	argv[argc++] = (char *)(uintptr_t)"--log-level=lib.eal:error";
	argv[argc++] = (char *)(uintptr_t)"--log-level=pmd:error";
	argv[argc++] = (char *)(uintptr_t)"-l";
	argv[argc++] = lcore;
	if (!bench.opt.huge) {
		argv[argc++] = (char *)(uintptr_t)"--no-huge";
		argv[argc++] = (char *)(uintptr_t)"-m";
		argv[argc++] = (char *)(uintptr_t)"256";
	}
	for (i = 0; i < BENCH_PORT_NUM; i++) {
		if (bench_ports[i].address[0] == '\0')
			continue;
		eal_device_arg(i, devices[i], sizeof(devices[i]));
		argv[argc++] = devices[i];
	}
	argv[argc] = NULL;
	if (rte_eal_init(argc, argv) < 0)
		bench_fail("EAL does not start: %s", rte_strerror(rte_errno));
	bench.pool = rte_pktmbuf_pool_create("bench", POOL_SIZE, POOL_CACHE, 0,
					     RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (bench.pool == NULL)
		bench_fail("no mbufs: %s", rte_strerror(rte_errno));
}

static FILE *
out_open(const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", bench.opt.out, name);
	f = fopen(path, "w");
	if (f == NULL)
		bench_fail("%s: %s", path, strerror(errno));
	return f;
}

/* "model name" of the first CPU */
static void
cpu_model(char *name, size_t len)
{
	char line[256];
	FILE *f = fopen("/proc/cpuinfo", "r");

	snprintf(name, len, "unknown");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		const char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
			snprintf(name, len, "%s", colon + 2);
			break;
		}
	}
	if (f != NULL)
		fclose(f);
}

static void
conditions_record(void)
{
	struct rte_pio_wc_info wc;
	struct utsname un;
	char cpu[128], when[64];
	time_t now = time(NULL);

	cpu_model(cpu, sizeof(cpu));
	uname(&un);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M UTC", gmtime(&now));
	bench_out_begin("conditions");
	bench_out_str("adapter", bench.ctl != NULL ? "emulated by pioemu" :
		      bench.stand_in ? "emulated by pioemu, in place of hardware" : "hardware");
	bench_out_str("date", when);
	bench_out_str("cpu", cpu);
	bench_out_int("cpus", sysconf(_SC_NPROCESSORS_ONLN));
	bench_out_str("kernel", un.release);
	bench_out_str("dpdk", rte_version());
	bench_out_str("compiler", __VERSION__);
	bench_out_str("memory", bench.opt.huge ? "hugepages" : "4 KiB pages");
	bench_out_str("priority", bench.opt.fifo ? "SCHED_FIFO" : "ordinary");
	bench_out_num("tsc_ghz", bench.cycles_per_ns);
	bench_out_int("overhead_cycles", (int64_t)bench.overhead);
	bench_out_int("core", bench.opt.core);
	bench_out_int("model_core", bench.opt.model_core);
	bench_out_int("scale", bench.opt.scale);
	if (rte_pio_wc_info_get(bench_ports[BENCH_PORT_PIO].id, &wc) == 0) {
		bench_out_str("store", rte_pio_store_kind_name(wc.store));
		bench_out_str("mapping", rte_pio_map_kind_name(wc.granted));
	}
	bench_out_end();
}

static bool
phase_wanted(const char *name)
{
	const char *list = bench.opt.phases;
	const size_t len = strlen(name);

	while (list != NULL) {
		if (strncmp(list, name, len) == 0 && (list[len] == ',' || list[len] == '\0'))
			return true;
		list = strchr(list, ',');
		list = list != NULL ? list + 1 : NULL;
	}
	return bench.opt.phases == NULL;
}

/* Everything once. NULL: it counts */
static const char *
run_once(void)
{
	struct bench_gate before, after;
	const char *verdict;
	unsigned int i;

	bench_gate_look(&before);
	bench_gate_record("before", &before);
	for (i = 0; i < RTE_DIM(phases); i++) {
		if (!phase_wanted(phases[i].name) || (bench.ctl == NULL && !phases[i].hardware))
			continue;
		fprintf(stderr, "\rrun %u: %-12s", bench.run, phases[i].name);
		phases[i].run();
	}
	bench_sched_off();
	bench_gate_look(&after);
	bench_gate_record("after", &after);
	verdict = bench_gate_verdict(&before, &after);
	bench_out_begin("run");
	bench_out_str("verdict", verdict != NULL ? verdict : "ok");
	bench_out_end();
	fflush(bench.out);
	fprintf(stderr, "\rrun %u: %s%s\n", bench.run, verdict != NULL ? "rejected: " : "ok        ",
		verdict != NULL ? verdict : "");
	return verdict;
}

static void
violations_record(void)
{
	unsigned int i;
	uint64_t n = 0;

	if (bench.ctl == NULL)
		return;
	for (i = 0; i < BENCH_PORT_NUM; i++) {
		if (bench_ports[i].vf != NULL)
			n += bench.ctl->vf_violation_total(bench_ports[i].vf);
	}
	bench_out_begin("violations");
	bench_out_int("total", (int64_t)n);
	bench_out_end();
}

int
main(int argc, char **argv)
{
	unsigned int last, ok = 0;
	uint64_t start;

	options_parse(argc, argv);
	model_find();
	addresses_set();
	eal_start(argv[0]);
	bench_ports_find();
	if (bench.ctl != NULL)
		bench.nic = bench.ctl->vf_nic(bench_ports[BENCH_PORT_PIO].vf);
	bench.out = out_open("results.jsonl");
	bench.raw = out_open("samples.csv");
	fputs("run,path,len,burst,mode,call,seen,done\n", bench.raw);
	bench.seed = 88172645463325252ull;
	bench.cycles_per_ns = (double)rte_get_tsc_hz() / 1e9;
	bench.overhead = bench_tsc_overhead();
	bench_frames_address(NULL);
	bench_sched_start();
	conditions_record();
	start = bench_tsc();
	last = bench.opt.first + 2 * bench.opt.runs;
	for (bench.run = bench.opt.first; ok < bench.opt.runs && bench.run < last; bench.run++) {
		if (bench.opt.seconds != 0 &&
		    bench_ns((double)(bench_tsc() - start)) > bench.opt.seconds * 1e9)
			break;
		ok += run_once() == NULL;
	}
	violations_record();
	fclose(bench.out);
	fclose(bench.raw);
	if (ok < bench.opt.runs)
		fprintf(stderr, "only %u of %u runs count: too busy or out of time\n", ok,
			bench.opt.runs);
	bench_ports_close();
	/* EAL would close net_memif */
	if (bench_port_here(BENCH_PORT_MEMIF))
		_exit(0);
	rte_eal_cleanup();
	return 0;
}
