/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * What a frame costs the CPU: send by length and burst, receive. The model runs inline.
 *
 * A round sends some thousand frames by each path, a few dozen at a time, and sums their cycles; so
 * the work that comes only now and then (completions, pools) is in the sum as often as it comes.
 * In front of each timed piece a few frames, at least one burst, go by a second queue of the same
 * kind, because the model has run in between and code would be cold.
 */

#include <rte_ethdev.h>

#include "bench_path.h"

#define CPU_ROUNDS	9
#define CPU_FRAMES	1500u	/* a round and path */
#define CPU_PIECE	30u	/* most frames timed at once */
#define CPU_LEAD	4u

/* Queues of the PIO port in this phase */
enum { Q_SEND, Q_SEND_LEAD, Q_FLOOR, Q_FLOOR_LEAD, Q_TEMPLATE, Q_RING, Q_RING_LEAD, Q_NUM };


static struct bench_path cpu_paths[] = {
	BENCH_PATH("floor", PIO, Q_FLOOR, Q_FLOOR_LEAD, BENCH_FLOOR),
	BENCH_PATH("rte_pio_send", PIO, Q_SEND, Q_SEND_LEAD, BENCH_SEND),
	BENCH_PATH("tx_burst PIO", PIO, Q_SEND, Q_SEND_LEAD, BENCH_TX_BURST),
	BENCH_PATH("template_send", PIO, Q_TEMPLATE, Q_TEMPLATE, BENCH_TEMPLATE_SEND),
	BENCH_PATH("template_update_send", PIO, Q_TEMPLATE, Q_TEMPLATE, BENCH_TEMPLATE_UPDATE),
	BENCH_PATH("warm", PIO, Q_SEND, Q_SEND_LEAD, BENCH_WARM),
	BENCH_PATH("tx_burst ring", RING, 0, 1, BENCH_TX_BURST),
	BENCH_PATH("tx_burst ring beside PIO", PIO, Q_RING, Q_RING_LEAD, BENCH_TX_BURST),
	BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 1, BENCH_TX_BURST),
	BENCH_PATH("net_sfc ef10", SFC, 0, 1, BENCH_TX_BURST),
	BENCH_PATH("net_null", MEMNULL, 0, 0, BENCH_TX_BURST),
	BENCH_PATH("net_ring", MEMRING, 0, 0, BENCH_TX_BURST),
	BENCH_PATH("net_memif", MEMIF, 0, 0, BENCH_TX_BURST),
};

struct cpu_case {
	uint32_t len;
	uint32_t burst;
	uint32_t piece;		/* frames timed at once, a multiple of burst */
};

static bool
cpu_path_suits(const struct bench_path *p, const struct cpu_case *c)
{
	if (p->port->address[0] == '\0')
		return false;
	switch (p->call) {
	case BENCH_FLOOR:
	case BENCH_SEND:
		return c->burst <= bench_port_slots(p->port, p->queue);
	case BENCH_TX_BURST:
		return true;
	default:
		return c->burst == 1;
	}
}

/* Cycles of frames, the queue's own ones only. */
static struct bench_mean
cpu_round(struct bench_path *p, const struct cpu_case *c)
{
	static uint64_t pieces[CPU_FRAMES * 100 + 1];
	const bool template = p->call == BENCH_TEMPLATE_SEND || p->call == BENCH_TEMPLATE_UPDATE;
	/* a template is in flight after a send: half of them run ahead, half are timed */
	const uint32_t piece = template ? RTE_MIN(c->piece, p->nb_t / 2) : c->piece;
	const uint32_t lead = RTE_MIN(template ? piece : RTE_MAX(CPU_LEAD, c->burst), piece);
	const uint32_t total = RTE_MIN(bench_scaled(CPU_FRAMES), (uint32_t)RTE_DIM(pieces) - 1);
	uint32_t frames, n = 0;

	if (piece == 0)
		bench_fail("%s: %u templates of %u bytes are too few", p->name, p->nb_t, c->len);
	for (frames = 0; frames < total; frames += piece) {
		const uint32_t ahead = lead / c->burst * c->burst;
		struct bench_shot shot;

		if (ahead != 0) {
			bench_path_load(p, c->len, ahead);
			shot = bench_path_fire(p, p->lead, c->len, c->burst, ahead);
			if (shot.sent != ahead)
				bench_fail("%s: %u of %u sent ahead", p->name, shot.sent, ahead);
		}
		bench_path_load(p, c->len, piece);
		shot = bench_path_fire(p, p->queue, c->len, c->burst, piece);
		if (shot.sent != piece)
			bench_fail("%s: %u of %u bytes: %u of %u sent", p->name, c->burst, c->len,
				   shot.sent, piece);
		pieces[n++] = shot.cycles - RTE_MIN(shot.cycles, bench.overhead);
		bench_path_settle(p);
	}
	return bench_mean(pieces, n, piece);
}

/* Share of frames that left by PIO since the last call for this path. */
static double
cpu_pio_share(const struct bench_path *p)
{
	struct rte_pio_queue_stats s;
	double sum;

	if (rte_pio_stats_get(p->port->id, p->queue, &s) != 0)
		return -1;
	rte_pio_stats_reset(p->port->id, p->queue);
	sum = (double)(s.pio_packets + s.ring_packets);
	return sum == 0 ? -1 : (double)s.pio_packets / sum;
}

static void
cpu_record(const struct bench_path *p, const struct cpu_case *c, unsigned int round,
	   const struct bench_mean *m)
{
	const double share = cpu_pio_share(p);

	bench_out_begin("cpu");
	bench_out_str("path", p->name);
	bench_out_int("len", c->len);
	bench_out_int("burst", c->burst);
	bench_out_int("round", round);
	bench_out_mean(m);
	if (share >= 0)
		bench_out_num("pio_share", share);
	bench_out_end();
}

static void
cpu_case_run(const struct cpu_case *c)
{
	unsigned int round, i;

	/* round 0 is for the caches */
	for (round = 0; round <= bench_scaled(CPU_ROUNDS); round++) {
		for (i = 0; i < RTE_DIM(cpu_paths); i++) {
			struct bench_path *p = &cpu_paths[i];
			struct bench_mean m;

			if (!cpu_path_suits(p, c))
				continue;
			bench_sched_rest();
			if (p->call == BENCH_TEMPLATE_SEND || p->call == BENCH_TEMPLATE_UPDATE)
				bench_path_templates_make(p, c->len, 2 * c->piece);
			m = cpu_round(p, c);
			if (p->nb_t != 0)
				bench_path_templates_free(p);
			if (round != 0)
				cpu_record(p, c, round, &m);
			else
				cpu_pio_share(p);
		}
	}
}

/* Slots as long as the frame: as many of them as there can be. */
static void
cpu_ports_start(uint32_t len)
{
	struct bench_queue_conf conf[Q_NUM] = {0};
	uint32_t room = BENCH_WINDOW - RTE_PIO_LINE - RTE_ALIGN_CEIL(64u, RTE_PIO_LINE);
	uint32_t q;

	for (q = Q_SEND; q <= Q_FLOOR_LEAD; q++)
		conf[q].threshold = len;
	conf[Q_TEMPLATE].threshold = 64;
	conf[Q_TEMPLATE].template_mem = room / RTE_ALIGN_CEIL(len, RTE_PIO_LINE) *
		RTE_ALIGN_CEIL(len, RTE_PIO_LINE);
	bench_port_start(PORT(PIO), Q_NUM, conf);
}

void
bench_phase_cpu(void)
{
	static const uint32_t lens[] = { 64, 128, 256, 512, 1024, 1514 };
	static const uint32_t bursts[] = { 1, 8, 32 };
	unsigned int i, j;

	for (i = BENCH_PORT_RING; i < BENCH_PORT_MEMNULL; i++) {
		if (bench_port_here(i))
			bench_port_start(&bench_ports[i], 2, NULL);
	}
	/* once and for all: net_memif of 22.11 frees its rings again when it stops a second time */
	for (; i <= BENCH_PORT_MEMIF; i++) {
		if (bench_port_here(i) && !bench_ports[i].started)
			bench_port_start(&bench_ports[i], 1, NULL);
	}
	for (i = 0; i < RTE_DIM(lens); i++) {
		if (bench.opt.len != 0 && lens[i] != bench.opt.len)
			continue;
		cpu_ports_start(lens[i]);
		bench_model_hold();
		for (j = 0; j < RTE_DIM(bursts); j++) {
			struct cpu_case c = { lens[i], bursts[j], bursts[j] };
			const uint32_t slots = bench_port_slots(PORT(PIO), Q_SEND);

			/* half the slots: the rest completes meanwhile, as with a device */
			if (c.burst == 1)
				c.piece = RTE_MAX(RTE_MIN(CPU_PIECE, slots / 2), 1u);
			cpu_case_run(&c);
		}
		bench_model_release();
	}
	for (i = 0; i < BENCH_PORT_MEMNULL; i++)
		bench_port_stop(&bench_ports[i]);
}

/* Receive: frames and events are there before the call. */

#define RX_BURST	32u
#define RX_PIECES	60u

static const struct {
	const char *name;
	struct bench_port *port;
} rx_paths[] = {
	{ "piopmd", PORT(RING) },
	{ "net_sfc ef10", PORT(SFC) },
};

static struct bench_mean
rx_round(struct bench_port *p, uint32_t len)
{
	static uint64_t pieces[RX_PIECES * 100 + 1];
	const uint32_t total = RTE_MIN(bench_scaled(RX_PIECES), (uint32_t)RTE_DIM(pieces) - 1);
	struct rte_mbuf *m[RX_BURST];
	uint32_t piece, i;

	for (piece = 0; piece < total; piece++) {
		uint64_t t0;

		uint16_t n;

		for (i = 0; i < RX_BURST; i++) {
			if (bench.ctl->vf_frame_inject(p->vf, bench_frame(), len, 0) !=
			    PIOEMU_RX_OK)
				bench_fail("%s: a frame did not arrive", p->name);
		}
		bench_model_run();
		t0 = bench_tsc_begin();
		n = rte_eth_rx_burst(p->id, 0, m, RX_BURST);
		pieces[piece] = bench_tsc_end() - t0 - bench.overhead;
		if (n != RX_BURST)
			bench_fail("%s: %u of %u frames received", p->name, n, RX_BURST);
		rte_pktmbuf_free_bulk(m, n);
		bench_model_run();
	}
	return bench_mean(pieces, piece, RX_BURST);
}

void
bench_phase_rx(void)
{
	static const uint32_t lens[] = { 64, 256, 1514 };
	struct rte_ether_addr mac;
	unsigned int i, j, round;

	for (j = 0; j < RTE_DIM(rx_paths); j++)
		bench_port_start(rx_paths[j].port, 1, NULL);
	bench_model_hold();
	for (i = 0; i < RTE_DIM(lens); i++) {
		for (round = 0; round <= bench_scaled(CPU_ROUNDS); round++) {
			for (j = 0; j < RTE_DIM(rx_paths); j++) {
				struct bench_mean m;

				bench_sched_rest();
				rte_eth_macaddr_get(rx_paths[j].port->id, &mac);
				bench_frames_address(&mac);
				m = rx_round(rx_paths[j].port, lens[i]);
				if (round == 0)
					continue;
				bench_out_begin("rx");
				bench_out_str("path", rx_paths[j].name);
				bench_out_int("len", lens[i]);
				bench_out_int("burst", RX_BURST);
				bench_out_int("round", round);
				bench_out_mean(&m);
				bench_out_end();
			}
		}
	}
	bench_model_release();
	bench_frames_address(NULL);
	for (j = 0; j < RTE_DIM(rx_paths); j++)
		bench_port_stop(rx_paths[j].port);
}
