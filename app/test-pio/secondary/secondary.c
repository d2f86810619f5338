/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Both sides of the test of secondary processes, see test_secondary.py.
 *
 *	pio-test-secondary EAL-OPTIONS -- primary
 *	pio-test-secondary EAL-OPTIONS --proc-type=secondary -- WHAT
 *
 * Port 0 is a VF with PIO, port 1 one without. The primary owns queue 0 of both, the secondary
 * queue 1. The primary takes commands from stdin and answers each by a line.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <rte_pio.h>

#include "api/fake_driver.h"

#define PIO_PORT 0
#define RING_PORT 1
#define MINE 0	/* the primary's queue */
#define YOURS 1	/* the secondary's */
#define POOL "secondary"

static unsigned int failed;

#define EXPECT(is, want) expect(__LINE__, #is, (int64_t)(is), (int64_t)(want))

static void
expect(int line, const char *what, int64_t is, int64_t want)
{
	if (is == want)
		return;
	printf("secondary.c:%d: %s is %" PRId64 " and not %" PRId64 "\n", line, what, is, want);
	failed++;
}

/* A frame that says where it comes from. */
static const uint8_t *
frame_make(uint8_t *f, uint32_t len, uint8_t queue, uint32_t seq)
{
	static const uint8_t head[] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5 };
	uint32_t i;

	memcpy(f, head, sizeof(head));
	f[14] = queue;
	f[15] = (uint8_t)seq;
	for (i = 16; i < len; i++)
		f[i] = (uint8_t)(queue * 91 + seq * 7 + i);
	return f;
}

/* Wait for a slot, but not for ever: the adapter's time is not ours. */
static void
credit_wait(uint16_t queue)
{
	uint64_t end = rte_get_timer_cycles() + 10 * rte_get_timer_hz();
	struct rte_pio_credits credits;

	do {
		EXPECT(rte_pio_credits(PIO_PORT, queue, &credits), 0);
	} while (failed == 0 && credits.frames == 0 && rte_get_timer_cycles() < end);
}

/* nb small frames by PIO, one long one by the ring. */
static void
frames_send(uint16_t queue, uint32_t seq, uint32_t nb)
{
	uint8_t f[1024];
	uint32_t i;

	for (i = 0; i < nb; i++) {
		credit_wait(queue);
		frame_make(f, 64 + i, (uint8_t)queue, seq + i);
		EXPECT(rte_pio_send(PIO_PORT, queue, f, 64 + i, 0), RTE_PIO_BY_PIO);
	}
	frame_make(f, 1000, (uint8_t)queue, seq + nb);
	EXPECT(rte_pio_send(PIO_PORT, queue, f, 1000, 0), RTE_PIO_BY_RING);
}

/* Primary */

static int
port_start(uint16_t port, struct rte_mempool *mp)
{
	struct rte_eth_conf conf = { 0 };
	struct rte_pio_queue_conf pc;
	uint16_t q;

	if (rte_eth_dev_configure(port, 1, 2, &conf) != 0 ||
	    rte_eth_rx_queue_setup(port, 0, 512, SOCKET_ID_ANY, NULL, mp) != 0)
		return -1;
	for (q = 0; q < 2; q++) {
		if (rte_eth_tx_queue_setup(port, q, 512, SOCKET_ID_ANY, NULL) != 0 ||
		    rte_pio_queue_conf_default(port, &pc) != 0)
			return -1;
		pc.fallback_mp = mp;
		if (port == PIO_PORT) {
			pc.policy = RTE_PIO_POLICY_REQUIRE;
			pc.template_mem = 192;
		}
		if (rte_pio_queue_setup(port, q, &pc) != 0)
			return -1;
	}
	return rte_eth_dev_start(port);
}

/* What the primary says about the queue of the other one. */
static void
stats_print(void)
{
	struct rte_pio_queue_stats stats;

	EXPECT(rte_pio_stats_get(PIO_PORT, YOURS, &stats), 0);
	printf("stats %" PRIu64 " %" PRIu64 "\n", stats.pio_packets, stats.ring_packets);
}

static int
primary(void)
{
	struct rte_mempool *mp;
	uint32_t seq = 0;
	char line[64];

	mp = rte_pktmbuf_pool_create(POOL, 2047, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (mp == NULL || port_start(PIO_PORT, mp) != 0 || port_start(RING_PORT, mp) != 0) {
		printf("the ports do not start: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	/* where others join */
	printf("ready %s\n", getenv("PIOEMU_SESSION"));
	while (failed == 0 && fflush(stdout) == 0 && fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "send\n") == 0) {
			frames_send(MINE, seq, 3);
			seq += 4;
			printf("sent\n");
		} else if (strcmp(line, "stats\n") == 0) {
			stats_print();
		} else if (strcmp(line, "stop\n") == 0) {
			EXPECT(rte_eth_dev_stop(PIO_PORT), 0);
			printf("stopped\n");
		} else if (strcmp(line, "start\n") == 0) {
			EXPECT(rte_eth_dev_start(PIO_PORT), 0);
			printf("started\n");
		} else if (strcmp(line, "close\n") == 0) {
			EXPECT(rte_eth_dev_stop(PIO_PORT), 0);
			EXPECT(rte_eth_dev_close(PIO_PORT), 0);
			printf("closed\n");
		} else {
			break;
		}
	}
	if (rte_eth_dev_is_valid_port(PIO_PORT)) {
		EXPECT(rte_eth_dev_stop(PIO_PORT), 0);
		EXPECT(rte_eth_dev_close(PIO_PORT), 0);
	}
	EXPECT(rte_eth_dev_stop(RING_PORT), 0);
	EXPECT(rte_eth_dev_close(RING_PORT), 0);
	EXPECT(rte_mempool_avail_count(mp), 2047);
	return 0;
}

/* Secondary */

/* What changes something is the primary's. errno: see the markers in test_secondary.py */
static void
control_is_refused(uint16_t port)
{
	struct rte_pio_queue_conf conf;
	struct rte_pio_wc_info wc;

	EXPECT(rte_pio_queue_conf_default(port, &conf), 0);
	EXPECT(rte_pio_queue_setup(port, YOURS, &conf), -EPERM);
	EXPECT(rte_pio_queue_release(port, YOURS), -EPERM);
	EXPECT(rte_pio_queue_start(port, YOURS), -EPERM);
	EXPECT(rte_pio_queue_stop(port, YOURS), -EPERM);
	EXPECT(rte_pio_threshold_set(port, YOURS, 64), -EPERM);
	EXPECT(rte_pio_wc_selftest(port, &wc), -EPERM);
	EXPECT(rte_pio_stats_reset(port, YOURS), -EPERM);
}

static void
information_is_read(void)
{
	struct rte_pio_queue_info qi;
	struct rte_pio_wc_info wc;
	struct rte_pio_info info;
	FILE *null = fopen("/dev/null", "w");

	EXPECT(rte_pio_info_get(PIO_PORT, &info), 0);
	EXPECT((info.flags & RTE_PIO_CAP_SECONDARY) != 0, true);
	EXPECT(info.nb_queues, 2);
	EXPECT(info.nb_holders, 2);
	EXPECT(info.nb_bufs_free, info.nb_bufs - 2);
	EXPECT(rte_pio_queue_info_get(PIO_PORT, YOURS, &qi), 0);
	EXPECT(qi.state, RTE_PIO_QUEUE_STARTED);
	EXPECT(qi.template_mem, 192);
	EXPECT(qi.conf.policy, RTE_PIO_POLICY_REQUIRE);
	EXPECT(rte_pio_wc_info_get(PIO_PORT, &wc), 0);
	EXPECT(wc.granted != RTE_PIO_MAP_NONE, true);
	EXPECT(rte_pio_dump(null, PIO_PORT), 0);
	fclose(null);
}

static void
queue_is_sent_on(void)
{
	struct rte_pio_template_conf tc = { 0 };
	struct rte_pio_queue_stats before, after;
	struct rte_pio_template_info ti;
	struct rte_pio_template *t;
	struct rte_pio_update u = { "x", 15, 1 };
	struct rte_pio_iov iov[2];
	uint8_t f[1024], seq = 4;
	struct rte_mbuf *m;

	EXPECT(rte_pio_stats_get(PIO_PORT, YOURS, &before), 0);
	frames_send(YOURS, 0, 3);
	credit_wait(YOURS);
	frame_make(f, 100, YOURS, seq);
	iov[0] = (struct rte_pio_iov){ f, 33 };
	iov[1] = (struct rte_pio_iov){ f + 33, 67 };
	EXPECT(rte_pio_sendv(PIO_PORT, YOURS, iov, 2, RTE_PIO_MORE), RTE_PIO_BY_PIO);
	EXPECT(rte_pio_reap(PIO_PORT, YOURS), 0);
	EXPECT(rte_pio_warm(PIO_PORT, YOURS, 64), RTE_PIO_BY_PIO);

	/* an mbuf of the pool that both share */
	m = rte_pktmbuf_alloc(rte_mempool_lookup(POOL));
	EXPECT(m != NULL, true);
	frame_make((uint8_t *)rte_pktmbuf_append(m, 800), 800, YOURS, ++seq);
	EXPECT(rte_eth_tx_burst(PIO_PORT, YOURS, &m, 1), 1);

	/* a template that this process makes, patches, sends and frees */
	frame_make(f, 128, YOURS, ++seq);
	tc.data = f;
	tc.len = 128;
	tc.nb_slots = 2;
	tc.resident = RTE_PIO_RESIDENT_REQUIRED;
	EXPECT(rte_pio_template_alloc(PIO_PORT, YOURS, &tc, &t), -ENOSPC);
	tc.nb_slots = 1;
	tc.len = 100;
	frame_make(f, 100, YOURS, seq);
	EXPECT(rte_pio_template_alloc(PIO_PORT, YOURS, &tc, &t), 0);
	EXPECT(rte_pio_template_info_get(t, &ti), 0);
	EXPECT(ti.resident, true);
	EXPECT(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	/* its one slot may be in flight still: then it goes by the ring */
	EXPECT(rte_pio_template_update_send(t, &u, 1, 0) >= 0, true);
	EXPECT(rte_pio_template_free(t), 0);

	EXPECT(rte_pio_stats_get(PIO_PORT, YOURS, &after), 0);
	EXPECT(after.pio_packets + after.ring_packets - before.pio_packets - before.ring_packets,
	       8);
	/* The memory of the template returns, and with it the primary can close. */
	credit_wait(YOURS);
	while (failed == 0) {
		struct rte_pio_queue_info qi;

		EXPECT(rte_pio_reap(PIO_PORT, YOURS), 0);
		EXPECT(rte_pio_queue_info_get(PIO_PORT, YOURS, &qi), 0);
		if (qi.template_mem_free == 192)
			break;
	}
	printf("stats %" PRIu64 " %" PRIu64 "\n", after.pio_packets, after.ring_packets);
}

static void
port_without_pio(void)
{
	struct rte_pio_queue_info qi;
	uint8_t f[64];

	/* The stand-in takes part from here on. */
	EXPECT(rte_pio_queue_info_get(RING_PORT, YOURS, &qi), 0);
	EXPECT(qi.state, RTE_PIO_QUEUE_RING);
	EXPECT(qi.reason, RTE_PIO_FB_NO_DRIVER);
	frame_make(f, 64, YOURS, 0);
	EXPECT(rte_pio_send(RING_PORT, YOURS, f, 64, 0), RTE_PIO_BY_RING);
	control_is_refused(RING_PORT);
	/* A driver of this process only: the primary has none for the port. */
	EXPECT(fake_driver_register(RING_PORT), -ENODEV);
}

/* The primary has stopped the port, or does not run at all. */
static void
port_is_down(void)
{
	struct rte_pio_credits credits;
	uint8_t f[64];

	frame_make(f, 64, YOURS, 0);
	EXPECT(rte_pio_send(PIO_PORT, YOURS, f, 64, 0), -ENETDOWN);
	EXPECT(rte_pio_credits(PIO_PORT, YOURS, &credits), -ENETDOWN);
	EXPECT(rte_pio_reap(PIO_PORT, YOURS), -ENETDOWN);
}

/* The primary closes the port while it is attached here. */
static void
port_is_outlived(void)
{
	char line[64];

	printf("attached\n");
	fflush(stdout);
	EXPECT(fgets(line, sizeof(line), stdin) != NULL, true);
	EXPECT(rte_eth_dev_close(PIO_PORT), 0);
	EXPECT(rte_eth_dev_is_valid_port(PIO_PORT), 0);
	printf("closed here, too\n");
}

static void
secondary(const char *what)
{
	if (strcmp(what, "outlive") == 0) {
		port_is_outlived();
		return;
	}
	if (strcmp(what, "down") == 0) {
		port_is_down();
		return;
	}
	information_is_read();
	control_is_refused(PIO_PORT);
	queue_is_sent_on();
	port_without_pio();
}

int
main(int argc, char **argv)
{
	int nb = rte_eal_init(argc, argv);
	int ret = 0;

	if (nb < 0 || nb + 1 != argc - 1) {
		printf("EAL does not start: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	if (rte_eth_dev_count_avail() != 2) {
		printf("%u ports and not 2\n", rte_eth_dev_count_avail());
		ret = 1;
	} else if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		ret = primary();
	} else {
		secondary(argv[nb + 1]);
	}
	rte_eal_cleanup();
	return ret != 0 || failed != 0;
}
