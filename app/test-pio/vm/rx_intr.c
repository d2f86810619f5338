/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Receive interrupts through ethdev's public interface, on a port whose frames come back to it: arm
 * the queue, sleep, send a frame, be woken by it. Then the same with the interrupt disarmed, when
 * nothing may wake. Prints a line for each round; exit code 0 when all are as they must be.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_mbuf.h>

#define ROUNDS 5
#define NB_MBUFS 1023
#define NB_DESC 128
#define FRAME_LEN 60
#define WAKE_MS 5000     /* far longer than any interrupt takes */
#define SILENCE_MS 300

static const uint16_t port;

static int
port_start(struct rte_mempool *pool)
{
	struct rte_eth_conf conf = { .intr_conf = { .rxq = 1 } };
	int rc;

	rc = rte_eth_dev_configure(port, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_rx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL, pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(port, 0, NB_DESC, SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(port);
	if (rc == 0)
		rc = rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, NULL);
	if (rc != 0)
		printf("not ok set-up: %s\n", strerror(-rc));
	return rc;
}

static int
frame_send(struct rte_mempool *pool)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool);
	struct rte_ether_hdr *eth;

	if (m == NULL)
		return -ENOMEM;
	eth = (struct rte_ether_hdr *)rte_pktmbuf_append(m, FRAME_LEN);
	memset(eth, 0, FRAME_LEN);
	rte_eth_macaddr_get(port, &eth->dst_addr);
	rte_eth_macaddr_get(port, &eth->src_addr);
	eth->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
	if (rte_eth_tx_burst(port, 0, &m, 1) == 1)
		return 0;
	rte_pktmbuf_free(m);
	return -EAGAIN;
}

/* All that has come. The frame is there at the latest when an interrupt told so. */
static unsigned int
frames_take(void)
{
	struct rte_mbuf *m[32];
	unsigned int nb, total = 0;

	while ((nb = rte_eth_rx_burst(port, 0, m, RTE_DIM(m))) != 0) {
		rte_pktmbuf_free_bulk(m, nb);
		total += nb;
	}
	return total;
}

static int
round_run(struct rte_mempool *pool, int round, int armed)
{
	struct rte_epoll_event event;
	int rc, woken;
	unsigned int nb;

	if (armed)
		rc = rte_eth_dev_rx_intr_enable(port, 0);
	else
		rc = rte_eth_dev_rx_intr_disable(port, 0);
	if (rc == 0)
		rc = frame_send(pool);
	if (rc != 0) {
		printf("not ok round %d: %s\n", round, strerror(-rc));
		return rc;
	}
	woken = rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, armed ? WAKE_MS : SILENCE_MS);
	rte_eth_dev_rx_intr_disable(port, 0);
	nb = frames_take();
	printf("%s round %d: %s, woken %d, frames %u\n", woken == armed && nb == 1 ? "ok" : "not ok",
		round, armed ? "armed" : "disarmed", woken, nb);
	return woken == armed && nb == 1 ? 0 : -EIO;
}

int
main(int argc, char **argv)
{
	struct rte_mempool *pool;
	int round, failed = 0;

	if (rte_eal_init(argc, argv) < 0 || rte_eth_dev_count_avail() != 1) {
		printf("not ok EAL: exactly one port is needed\n");
		return EXIT_FAILURE;
	}
	pool = rte_pktmbuf_pool_create("rx_intr", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	if (pool == NULL || port_start(pool) != 0)
		return EXIT_FAILURE;

	for (round = 0; round < ROUNDS; round++)
		failed |= round_run(pool, round, round != ROUNDS - 1) != 0;

	rte_eth_dev_stop(port);
	rte_eth_dev_close(port);
	rte_eal_cleanup();
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
