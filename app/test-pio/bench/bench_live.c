/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Latency to the device, with the model on the other core: hot, cold, under load, modelled PCIe. */

#include <math.h>

#include <rte_ethdev.h>

#include "bench_latency.h"

#define LIVE_ROUNDS	4
#define LIVE_CALLS	250u
#define COLD_CALLS	40u
#define GAP_NS		4000u	/* the slowest case is over and the model idle */

#define NB_MAX 12u
#define LIVE_TEMPLATES 8u

enum { Q_SEND, Q_FLOOR, Q_TEMPLATE, Q_UPDATE, Q_NUM };

static struct bench_latency results[NB_MAX];

static unsigned int
live_paths_keep(struct bench_path *paths, unsigned int nb)
{
	unsigned int i, kept = 0;

	for (i = 0; i < nb; i++) {
		if (paths[i].port->address[0] != '\0')
			paths[kept++] = paths[i];
	}
	return kept;
}

/* One queue of each port and, on the PIO port, those of the phase. threshold 0: the default */
static void
live_ports_start(uint32_t threshold, uint32_t template_len)
{
	struct bench_queue_conf conf[Q_NUM] = {
		[Q_SEND] = { .threshold = threshold },
		[Q_FLOOR] = { .threshold = threshold },
		[Q_TEMPLATE] = { .threshold = 64 },
		[Q_UPDATE] = { .threshold = 64 },
	};
	const uint32_t room = BENCH_WINDOW - 2 * RTE_PIO_LINE;
	const uint32_t size = RTE_ALIGN_CEIL(template_len, RTE_PIO_LINE);

	/* without templates, without their queues: less for the model to look at */
	if (template_len != 0) {
		conf[Q_TEMPLATE].template_mem = RTE_MIN(room / size, LIVE_TEMPLATES) * size;
		conf[Q_UPDATE].template_mem = conf[Q_TEMPLATE].template_mem;
	}
	bench_port_start(PORT(PIO), template_len != 0 ? Q_NUM : Q_TEMPLATE, conf);
}

static void
live_others(bool start)
{
	static const enum bench_port_role roles[] = {
		BENCH_PORT_RING, BENCH_PORT_SFC_SIMPLE, BENCH_PORT_SFC,
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(roles); i++) {
		if (!bench_port_here(roles[i]))
			continue;
		if (start)
			bench_port_start(&bench_ports[roles[i]], 1, NULL);
		else
			bench_port_stop(&bench_ports[roles[i]]);
	}
	if (!start)
		bench_port_stop(PORT(PIO));
}

/* All paths by turns; extra writes what else belongs to the records. */
static void
live_case(const char *type, struct bench_path *paths, unsigned int nb,
	  const struct bench_latency_conf *conf, unsigned int rounds,
	  void (*extra)(const void *), const void *arg)
{
	struct bench_latency_conf c = *conf;
	unsigned int round, i;

	c.raw = true;
	for (i = 0; i < nb; i++) {
		bench_latency_reset(&results[i]);
		if (paths[i].call == BENCH_TEMPLATE_SEND || paths[i].call == BENCH_TEMPLATE_UPDATE)
			bench_path_templates_make(&paths[i], c.len, LIVE_TEMPLATES);
	}
	for (round = 0; round <= rounds; round++) {
		for (i = 0; i < nb; i++) {
			bench_sched_rest();
			/* round 0 is for the caches */
			c.n = round == 0 ? RTE_MIN(conf->n, 20u) : conf->n;
			bench_latency_batch(&paths[i], &c, &results[i]);
			if (round == 0)
				bench_latency_reset(&results[i]);
		}
	}
	for (i = 0; i < nb; i++) {
		bench_out_begin(type);
		bench_latency_record(&paths[i], conf, &results[i]);
		if (extra != NULL)
			extra(arg);
		bench_out_end();
		bench_path_templates_free(&paths[i]);
	}
}

void
bench_phase_latency(void)
{
	static const uint32_t lens[] = { 64, 128, 256, 512, 1024, 1514 };
	struct bench_path paths[] = {
		BENCH_PATH("floor", PIO, Q_FLOOR, Q_FLOOR, BENCH_FLOOR),
		BENCH_PATH("rte_pio_send", PIO, Q_SEND, Q_SEND, BENCH_SEND),
		BENCH_PATH("tx_burst PIO", PIO, Q_SEND, Q_SEND, BENCH_TX_BURST),
		BENCH_PATH("template_send", PIO, Q_TEMPLATE, Q_TEMPLATE, BENCH_TEMPLATE_SEND),
		BENCH_PATH("template_update_send", PIO, Q_UPDATE, Q_UPDATE, BENCH_TEMPLATE_UPDATE),
		BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("net_sfc ef10", SFC, 0, 0, BENCH_TX_BURST),
	};
	const unsigned int nb = live_paths_keep(paths, RTE_DIM(paths));
	unsigned int i;

	live_others(true);
	bench_latency_stamps(paths, nb, true);
	for (i = 0; i < RTE_DIM(lens); i++) {
		/* percentiles up to 99.9 are of the shortest frames: more of these */
		const struct bench_latency_conf c = {
			.len = lens[i], .burst = 1, .gap_ns = GAP_NS,
			.n = bench_scaled(lens[i] == 64 ? 2 * LIVE_CALLS : LIVE_CALLS),
		};

		live_ports_start(lens[i], lens[i]);
		live_case("latency", paths, nb, &c, LIVE_ROUNDS, NULL, NULL);
	}
	bench_latency_stamps(paths, nb, false);
	live_others(false);
}

void
bench_phase_cold(void)
{
	struct bench_path paths[] = {
		BENCH_PATH("floor", PIO, Q_FLOOR, Q_FLOOR, BENCH_FLOOR),
		BENCH_PATH("rte_pio_send", PIO, Q_SEND, Q_SEND, BENCH_SEND),
		BENCH_PATH("tx_burst PIO", PIO, Q_SEND, Q_SEND, BENCH_TX_BURST),
		BENCH_PATH("template_send", PIO, Q_TEMPLATE, Q_TEMPLATE, BENCH_TEMPLATE_SEND),
		BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("net_sfc ef10", SFC, 0, 0, BENCH_TX_BURST),
	};
	const unsigned int nb = live_paths_keep(paths, RTE_DIM(paths));
	unsigned int mode;

	live_others(true);
	live_ports_start(64, 64);
	bench_latency_stamps(paths, nb, true);
	for (mode = BENCH_HOT; mode < BENCH_MODE_NUM; mode++) {
		struct bench_path some[RTE_DIM(paths)];
		const struct bench_latency_conf c = {
			.len = 64, .burst = 1, .gap_ns = GAP_NS, .mode = mode,
			.n = bench_scaled(COLD_CALLS),
		};
		unsigned int i, nb_some = 0;

		/* what can be warmed */
		for (i = 0; i < nb; i++) {
			if (mode != BENCH_COLD_WARM || paths[i].call == BENCH_SEND ||
			    paths[i].call == BENCH_TEMPLATE_SEND)
				some[nb_some++] = paths[i];
		}
		live_case("cold", some, nb_some, &c, LIVE_ROUNDS, NULL, NULL);
	}
	bench_latency_stamps(paths, nb, false);
	live_others(false);
}

/* Modelled PCIe */

struct modelled {
	const char *name;
	struct pioemu_time_params t;
};

/*
 * Sources of the figures: the guide, doc/guides/tools/benchmark.rst. Gen3 x8: DMA read round trip
 * as measured by pcie-bench (SIGCOMM 2018) on a local socket; posted writes take half of it; 88
 * bytes of a 64-byte write at the link's rate; the drain of the write-combining buffer at the
 * fence is an assumption. Gen4, Gen5: link rates, and assumptions about the rest.
 */
static const struct modelled modelled_gens[] = {
	{ "no PCIe", { 0, 0, 0, 0, 0 } },
	{ "Gen3 x8", { 532, 290, 250, 12, 40 } },
	{ "Gen4 x8", { 450, 150, 215, 6, 40 } },
	{ "Gen5 x8", { 400, 80, 190, 3, 40 } },
};

static void
modelled_extra(const void *arg)
{
	const struct modelled *m = arg;

	bench_out_str("model", m->name);
	bench_out_int("read_ns", m->t.read_ns);
	bench_out_int("read_ps_per_byte", m->t.read_ps_per_byte);
	bench_out_int("posted_ns", m->t.posted_ns);
	bench_out_int("line_ns", m->t.line_ns);
	bench_out_int("fence_ns", m->t.fence_ns);
}

static void
modelled_case(struct bench_path *paths, unsigned int nb, uint32_t len, const struct modelled *m,
	      unsigned int calls)
{
	const struct bench_latency_conf c = {
		.len = len, .burst = 1, .n = bench_scaled(calls), .event = true,
		.gap_ns = GAP_NS + 2 * (m->t.read_ns + m->t.posted_ns),
	};

	bench.ctl->nic_time_set(bench.nic, &m->t);
	live_case("modelled", paths, nb, &c, LIVE_ROUNDS, modelled_extra, m);
}

void
bench_phase_modelled(void)
{
	static const uint32_t lens[] = { 64, 256, 1024, 1514 };
	static const uint32_t sweep_ns[] = { 0, 250, 400, 550, 700, 850, 1000 };
	static const struct modelled off = { "off", { 0, 0, 0, 0, 0 } };
	struct bench_path ours[] = {
		BENCH_PATH("rte_pio_send", PIO, Q_SEND, Q_SEND, BENCH_SEND),
		BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST),
	};
	struct bench_path sfc[] = {
		BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST),
	};
	struct bench_path no_push = BENCH_PATH("ring, not pushed", RING, 0, 0, BENCH_RING_NO_PUSH);
	unsigned int i, j;

	if (bench_port_here(BENCH_PORT_SFC_SIMPLE))
		bench_port_start(PORT(SFC_SIMPLE), 1, NULL);
	bench_port_start(PORT(RING), 1, NULL);
	bench_latency_stamps(ours, RTE_DIM(ours), true);
	bench_latency_stamps(sfc, RTE_DIM(sfc), bench_port_here(BENCH_PORT_SFC_SIMPLE));
	for (i = 0; i < RTE_DIM(lens); i++) {
		struct bench_path all[RTE_DIM(ours) + 1 + RTE_DIM(sfc)];
		unsigned int nb = 0;

		live_ports_start(lens[i], 0);
		all[nb++] = ours[0];
		all[nb++] = ours[1];
		all[nb++] = no_push;
		if (bench_port_here(BENCH_PORT_SFC_SIMPLE))
			all[nb++] = sfc[0];
		for (j = 0; j < RTE_DIM(modelled_gens); j++)
			modelled_case(all, nb, lens[i], &modelled_gens[j], LIVE_CALLS / 2);
		if (lens[i] != 64 && lens[i] != 1024)
			continue;
		/* read time alone: what comes out must be what was put in */
		for (j = 0; j < RTE_DIM(sweep_ns); j++) {
			const struct modelled m = { "sweep", { sweep_ns[j], 0, 250, 12, 40 } };

			modelled_case(all, nb, lens[i], &m, LIVE_CALLS / 2);
		}
	}
	bench.ctl->nic_time_set(bench.nic, &off.t);
	bench_latency_stamps(ours, RTE_DIM(ours), false);
	bench_latency_stamps(sfc, RTE_DIM(sfc), false);
	live_others(false);
}

/* PIO on, as it is by default, against the ring: is it ever slower? */

void
bench_phase_threshold(void)
{
	static const uint32_t lens[] = { 64, 128, 200, 256, 257, 512, 1024, 1514 };
	static const uint32_t bursts[] = { 1, 4, 16, 32 };
	const struct modelled *m = &modelled_gens[1];
	struct bench_path paths[] = {
		BENCH_PATH("tx_burst PIO", PIO, Q_SEND, Q_SEND, BENCH_TX_BURST),
		BENCH_PATH("tx_burst ring", RING, 0, 0, BENCH_TX_BURST),
	};
	struct rte_pio_queue_conf advice;
	unsigned int i, j;

	if (rte_pio_queue_conf_default(PORT(PIO)->id, &advice) != 0)
		bench_fail("the driver has no advice");
	bench_port_start(PORT(RING), 1, NULL);
	live_ports_start(advice.threshold, 0);
	bench_latency_stamps(paths, RTE_DIM(paths), true);
	bench.ctl->nic_time_set(bench.nic, &m->t);
	for (i = 0; i < RTE_DIM(lens); i++) {
		for (j = 0; j < RTE_DIM(bursts); j++) {
			const struct bench_latency_conf c = {
				.len = lens[i], .burst = bursts[j],
				.n = bench_scaled(LIVE_CALLS / 5),
				/* every frame of the burst is done, and its event */
				.gap_ns = GAP_NS + 2000 + 1000 * bursts[j],
			};

			live_case("threshold", paths, RTE_DIM(paths), &c, LIVE_ROUNDS,
				  modelled_extra, m);
		}
	}
	bench.ctl->nic_time_set(bench.nic, &modelled_gens[0].t);
	bench_latency_stamps(paths, RTE_DIM(paths), false);
	live_others(false);
}

/* Do queues that nobody uses delay one that somebody does? */

static void
queues_extra(const void *arg)
{
	bench_out_int("queues", *(const uint16_t *)arg);
}

void
bench_phase_queues(void)
{
	static const uint16_t nb_queues[] = { 1, 4, 16 };
	const struct bench_latency_conf c = {
		.len = 64, .burst = 1, .gap_ns = GAP_NS, .n = bench_scaled(LIVE_CALLS),
	};
	struct bench_path path = BENCH_PATH("rte_pio_send", PIO, 0, 0, BENCH_SEND);
	struct bench_queue_conf conf[BENCH_QUEUES_MAX];
	unsigned int i;

	for (i = 0; i < BENCH_QUEUES_MAX; i++)
		conf[i] = (struct bench_queue_conf){ .threshold = 64 };
	bench_latency_stamps(&path, 1, true);
	for (i = 0; i < RTE_DIM(nb_queues); i++) {
		bench_port_start(PORT(PIO), nb_queues[i], conf);
		live_case("queues", &path, 1, &c, LIVE_ROUNDS, queues_extra, &nb_queues[i]);
	}
	bench_latency_stamps(&path, 1, false);
	bench_port_stop(PORT(PIO));
}
