/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Round trip: from the call to the frame received again, by a cable that leads back or from a second
 * port. The one latency that hardware shows without instruments; on the emulator the loopback
 * wire takes the place of the cable.
 */

#include <rte_ethdev.h>

#include "bench_latency.h"

#define RTT_CALLS	400u
#define RTT_ROUNDS	4
#define RTT_WAIT_NS	2e6
#define RTT_GAP_NS	5000u

static struct bench_latency results[4];
static uint32_t lost[4];

/* False: it did not come back. */
static bool
rtt_one(struct bench_path *p, struct bench_port *rx, uint32_t len, struct bench_latency *l)
{
	struct rte_mbuf *m[8];
	struct bench_shot shot;
	uint64_t now;
	uint16_t n;

	bench_path_load(p, len, 1);
	bench_spin_ns(RTT_GAP_NS + bench_random() % 1000);
	bench_port_drain(rx);
	shot = bench_path_fire(p, p->queue, len, 1, 1);
	do {
		n = rte_eth_rx_burst(rx->id, 0, m, RTE_DIM(m));
		now = bench_tsc();
	} while (n == 0 && bench_ns((double)(now - shot.start)) < RTT_WAIT_NS);
	if (n == 0)
		return false;
	rte_pktmbuf_free_bulk(m, n);
	bench_hist_add(&l->done, (int64_t)(now - shot.start));
	bench_hist_add(&l->call, (int64_t)(shot.cycles - RTE_MIN(shot.cycles, bench.overhead)));
	return true;
}

static void
rtt_record(const struct bench_path *p, uint32_t len, const struct bench_latency *l, uint32_t nb_lost)
{
	bench_out_begin("rtt");
	bench_out_str("path", p->name);
	bench_out_int("len", len);
	bench_out_hist("call", &l->call);
	bench_out_hist("rtt", &l->done);
	bench_out_int("lost", nb_lost);
	bench_out_end();
}

/* Who receives what the path sends, and tell the frames so. */
static struct bench_port *
rtt_receiver(const struct bench_path *p)
{
	struct bench_port *rx = bench_port_here(BENCH_PORT_RX) ? PORT(RX) : p->port;
	struct rte_ether_addr mac;

	rte_eth_macaddr_get(rx->id, &mac);
	bench_frames_address(&mac);
	return rx;
}

void
bench_phase_rtt(void)
{
	static const uint32_t lens[] = { 64, 128, 256, 512, 1024, 1514 };
	struct bench_path paths[] = {
		BENCH_PATH("rte_pio_send", PIO, 0, 0, BENCH_SEND),
		BENCH_PATH("tx_burst PIO", PIO, 0, 0, BENCH_TX_BURST),
		BENCH_PATH("tx_burst ring", PIO, 1, 1, BENCH_TX_BURST),
		BENCH_PATH("net_sfc ef10_simple", SFC_SIMPLE, 0, 0, BENCH_TX_BURST),
	};
	const unsigned int nb = bench_port_here(BENCH_PORT_SFC_SIMPLE) ? 4 : 3;
	unsigned int i, j, k, round;

	if (nb == 4)
		bench_port_start(PORT(SFC_SIMPLE), 1, NULL);
	if (bench_port_here(BENCH_PORT_RX))
		bench_port_start(PORT(RX), 1, NULL);
	for (i = 0; i < RTE_DIM(lens); i++) {
		const struct bench_queue_conf conf[2] = {{ .threshold = lens[i] }};

		bench_port_start(PORT(PIO), 2, conf);
		for (j = 0; j < nb; j++) {
			bench_latency_reset(&results[j]);
			lost[j] = 0;
		}
		for (round = 0; round < RTT_ROUNDS; round++) {
			for (j = 0; j < nb; j++) {
				struct bench_port *rx = rtt_receiver(&paths[j]);

				bench_sched_rest();
				for (k = 0; k < bench_scaled(RTT_CALLS); k++)
					lost[j] += !rtt_one(&paths[j], rx, lens[i], &results[j]);
			}
		}
		for (j = 0; j < nb; j++)
			rtt_record(&paths[j], lens[i], &results[j], lost[j]);
	}
	bench_frames_address(NULL);
	for (j = 0; j < nb; j++)
		bench_port_stop(paths[j].port);
	bench_port_stop(PORT(RX));
}
