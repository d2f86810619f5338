/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <unistd.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <rte_pio.h>

#include "bench.h"
#include "bench_port.h"

#define LINK_WAIT_US	10000
#define LINK_WAIT_MAX	300	/* memif needs a moment to find its peer */

struct bench_port bench_ports[BENCH_PORT_NUM] = {
	[BENCH_PORT_PIO] = { .name = "piopmd, PIO" },
	[BENCH_PORT_RING] = { .name = "piopmd, ring only" },
	[BENCH_PORT_SFC_SIMPLE] = { .name = "net_sfc, ef10_simple" },
	[BENCH_PORT_SFC] = { .name = "net_sfc, ef10" },
	[BENCH_PORT_MEMNULL] = { .name = "net_null" },
	[BENCH_PORT_MEMRING] = { .name = "net_ring" },
	[BENCH_PORT_MEMIF] = { .name = "net_memif" },
	[BENCH_PORT_MEMIF_PEER] = { .name = "net_memif, other end" },
	[BENCH_PORT_RX] = { .name = "receiver" },
};

static void
port_check(const struct bench_port *p, const char *what, int ret)
{
	if (ret != 0)
		bench_fail("%s (%s): %s: %s", p->name, p->address, what, rte_strerror(-ret));
}

void
bench_ports_find(void)
{
	unsigned int i, nr;

	for (i = 0; i < BENCH_PORT_NUM; i++) {
		struct bench_port *p = &bench_ports[i];

		if (p->address[0] == '\0')
			continue;
		if (rte_eth_dev_get_port_by_name(p->address, &p->id) != 0)
			bench_fail("%s: no port %s", p->name, p->address);
		/* the emulator's VFs are functions 1.. of one device */
		if (bench.ctl != NULL && sscanf(p->address, "0000:01:00.%u", &nr) == 1)
			p->vf = bench.ctl->vf_by_index((uint16_t)(nr - 1));
	}
}

static void
port_queue_opt_in(struct bench_port *p, uint16_t queue, const struct bench_queue_conf *c)
{
	struct rte_pio_queue_conf conf;

	port_check(p, "PIO advice", rte_pio_queue_conf_default(p->id, &conf));
	conf.policy = RTE_PIO_POLICY_REQUIRE;
	conf.threshold = c->threshold;
	conf.mem_min = RTE_ALIGN_CEIL(c->threshold, RTE_PIO_LINE) + c->template_mem + RTE_PIO_LINE;
	if (c->mem != 0)
		conf.mem_pref = c->mem;
	conf.template_mem = c->template_mem;
	conf.nb_templates_max = RTE_PIO_TEMPLATE_MEM_MAX / RTE_PIO_LINE;
	conf.fallback_mp = bench.pool;
	port_check(p, "opt in", rte_pio_queue_setup(p->id, queue, &conf));
}

static void
port_link_wait(struct bench_port *p)
{
	struct rte_eth_link link;
	unsigned int i;

	for (i = 0; i < LINK_WAIT_MAX; i++) {
		if (rte_eth_link_get_nowait(p->id, &link) == 0 &&
		    link.link_status == RTE_ETH_LINK_UP)
			return;
		usleep(LINK_WAIT_US);
	}
	bench_fail("%s (%s): no link: connect its port by a loopback cable, or with the port of --rx",
		   p->name, p->address);
}

static void
port_configure(struct bench_port *p, uint16_t nb_txq)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;

	port_check(p, "information", rte_eth_dev_info_get(p->id, &info));
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	p->fast_free = conf.txmode.offloads != 0;
	conf.rxmode.offloads = info.rx_offload_capa &
		(RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH);
	if ((info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0) {
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = info.flow_type_rss_offloads;
	}
	port_check(p, "configure", rte_eth_dev_configure(p->id, 1, nb_txq, &conf));
	port_check(p, "receive queue", rte_eth_rx_queue_setup(p->id, 0, BENCH_RING,
							      SOCKET_ID_ANY, NULL, bench.pool));
	p->nb_txq = nb_txq;
}

void
bench_port_stop(struct bench_port *p)
{
	if (!p->started)
		return;
	bench_sched_off();
	port_check(p, "stop", rte_eth_dev_stop(p->id));
	p->started = false;
	bench_sched_on();
}

void
bench_port_start(struct bench_port *p, uint16_t nb_txq, const struct bench_queue_conf *conf)
{
	struct rte_eth_dev_info info;
	struct rte_eth_txconf tx;
	uint16_t q;

	bench_model_release();
	bench_port_stop(p);
	bench_sched_off();
	/* opting out comes first: a queue's memory is there for the next configuration */
	for (q = 0; q < p->nb_txq; q++)
		rte_pio_queue_release(p->id, q);
	port_configure(p, nb_txq);
	port_check(p, "information", rte_eth_dev_info_get(p->id, &info));
	tx = info.default_txconf;
	tx.offloads = p->fast_free ? RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE : 0;
	for (q = 0; q < nb_txq; q++) {
		port_check(p, "transmit queue",
			   rte_eth_tx_queue_setup(p->id, q, BENCH_RING, SOCKET_ID_ANY, &tx));
		if (conf != NULL && conf[q].threshold != 0)
			port_queue_opt_in(p, q, &conf[q]);
	}
	port_check(p, "start", rte_eth_dev_start(p->id));
	p->started = true;
	/* this end listens; the link is up when the other end has started too */
	if (p != PORT(MEMIF_PEER))
		port_link_wait(p);
	bench_sched_on();
}

void
bench_ports_close(void)
{
	unsigned int i;

	bench_model_release();
	for (i = 0; i < BENCH_PORT_NUM; i++) {
		if (bench_ports[i].address[0] == '\0' || i == BENCH_PORT_MEMIF ||
		    i == BENCH_PORT_MEMIF_PEER)
			continue;
		bench_port_stop(&bench_ports[i]);
		rte_eth_dev_close(bench_ports[i].id);
	}
}

void
bench_port_drain(struct bench_port *p)
{
	struct rte_mbuf *m[32];
	uint16_t n;

	while ((n = rte_eth_rx_burst(p->id, 0, m, RTE_DIM(m))) != 0)
		rte_pktmbuf_free_bulk(m, n);
}

uint32_t
bench_port_slots(const struct bench_port *p, uint16_t queue)
{
	struct rte_pio_queue_info info;

	port_check(p, "PIO information", rte_pio_queue_info_get(p->id, queue, &info));
	return info.nb_slots;
}
