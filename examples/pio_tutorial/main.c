/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * A tour of rte_pio, step by step: opt in, send, look at the fallback, use credits, warm, keep a
 * template, mix with rte_eth_tx_burst(), read the counters. The same code runs on a port with PIO
 * and on one without.
 *
 *	pio_tutorial [EAL options] -- [-l]
 *
 * -l: the wire is a loop; every frame must come back unchanged and in order. Exit code 0: every
 * frame was sent (and came back); 1: something else happened, the last line says what.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include <rte_pio.h>

#define RX_DESC		512
#define TX_DESC		512
#define NB_MBUFS	2047
#define BURST		32

#define QUEUE		0	/* the transmit queue that opts in */
#define SMALL		64	/* bytes of a frame that PIO is made for */
#define NB_SMALL	4
#define NB_GUARDED	8
#define NB_TEMPLATE	10
#define NB_MBUF_FRAMES	4
#define WAIT_S		5	/* longest wait for room, or for a frame to come back */

/* What every frame of the tour looks like. */
struct tour_frame {
	struct rte_ether_hdr eth;
	uint16_t zero;		/* puts the number on a multiple of 4 */
	rte_be32_t seq;		/* 0, 1, 2, ... in the order of the calls */
	uint8_t fill[RTE_ETHER_MAX_LEN];
};

struct tour {
	uint16_t port;
	bool loop;			/* frames come back */
	uint32_t sent;
	uint32_t by_pio;		/* ... of those that rte_pio calls sent */
	uint32_t by_ring;
	uint32_t received;
	uint32_t max_len;		/* longest frame the ring takes */
	struct rte_mempool *pool;
	struct tour_frame frame;
};

static void __rte_noreturn
tour_fail(const char *what, int error)
{
	rte_exit(EXIT_FAILURE, "failed: %s: %s\n", what, rte_strerror(-error));
}

/* Frames */

/* Give the frame its number: the only bytes that change from one to the next. */
static void
tour_frame_number(struct tour *tour)
{
	tour->frame.seq = rte_cpu_to_be_32(tour->sent);
}

/* To ourselves, of an EtherType for local experiments. */
static void
tour_frame_init(struct tour *tour)
{
	struct rte_ether_hdr *eth = &tour->frame.eth;
	unsigned int i;
	int ret;

	ret = rte_eth_macaddr_get(tour->port, &eth->src_addr);
	if (ret != 0)
		tour_fail("MAC address", ret);
	eth->dst_addr = eth->src_addr;
	eth->ether_type = rte_cpu_to_be_16(0x88b5);
	for (i = 0; i < sizeof(tour->frame.fill); i++)
		tour->frame.fill[i] = (uint8_t)i;
}

static void
tour_frame_check(struct tour *tour, const struct rte_mbuf *m)
{
	const uint32_t len = RTE_MIN(m->data_len, sizeof(struct tour_frame));
	struct tour_frame f;

	/* Adapters put frames where they like: the data need not be aligned. */
	memset(&f, 0, sizeof(f));
	memcpy(&f, rte_pktmbuf_mtod(m, const void *), len);
	if (len < SMALL || memcmp(&f.eth, &tour->frame.eth, sizeof(f.eth)) != 0 ||
	    memcmp(f.fill, tour->frame.fill, len - offsetof(struct tour_frame, fill)) != 0)
		rte_exit(EXIT_FAILURE, "failed: frame %" PRIu32 " came back changed\n",
			 tour->received);
	if (rte_be_to_cpu_32(f.seq) != tour->received)
		rte_exit(EXIT_FAILURE, "failed: frame %" PRIu32 " came back, not %" PRIu32 "\n",
			 rte_be_to_cpu_32(f.seq), tour->received);
	tour->received++;
}

static void
tour_receive(struct tour *tour)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t i, nb;

	nb = rte_eth_rx_burst(tour->port, 0, pkts, BURST);
	for (i = 0; i < nb; i++) {
		if (tour->loop)
			tour_frame_check(tour, pkts[i]);
		rte_pktmbuf_free(pkts[i]);
	}
}

/* Set-up. 8< */

/* Opt queue 0 in: after its set-up, before the port starts. */
static void
tour_opt_in(struct tour *tour)
{
	struct rte_pio_queue_conf conf;
	int ret;

	ret = rte_pio_queue_conf_default(tour->port, &conf);
	if (ret != 0)
		tour_fail("rte_pio_queue_conf_default", ret);

	/* Policy TRY and fallback RING are the default: this works on every port. */
	conf.fallback_mp = tour->pool;
	/* Room for one template of 64 bytes in two slots. */
	conf.template_mem = 2 * SMALL;
	conf.nb_templates_max = 1;

	ret = rte_pio_queue_setup(tour->port, QUEUE, &conf);
	if (ret == -EEXIST) {
		/* A device argument such as pio_txqs= has done it, without a pool of ours. */
		rte_pio_queue_release(tour->port, QUEUE);
		ret = rte_pio_queue_setup(tour->port, QUEUE, &conf);
	}
	if (ret != 0)
		tour_fail("rte_pio_queue_setup", ret);
}
/* >8 End of set-up. */

/* What was granted. 8< */
static void
tour_show_queue(struct tour *tour)
{
	struct rte_pio_queue_info info;
	struct rte_pio_wc_info wc;
	unsigned int i;
	int ret;

	ret = rte_pio_queue_info_get(tour->port, QUEUE, &info);
	if (ret != 0)
		tour_fail("rte_pio_queue_info_get", ret);
	tour->max_len = info.ring_frame_max;

	printf("queue %u: %s", QUEUE, rte_pio_queue_state_name(info.state));
	if (info.reason != RTE_PIO_FB_NONE)
		printf(", because of %s", rte_pio_fb_reason_name(info.reason));
	printf("\n  %u slots of %u bytes, threshold %u, %u bytes for templates\n", info.nb_slots,
	       info.slot_size, info.threshold, info.template_mem);

	ret = rte_pio_wc_info_get(tour->port, &wc);
	if (ret != 0)
		tour_fail("rte_pio_wc_info_get", ret);
	printf("  mapping %s, stores %s\n", rte_pio_map_kind_name(wc.granted),
	       rte_pio_store_kind_name(wc.store));
	for (i = 0; i < wc.nb_rungs; i++)
		printf("  rung %s: %s%s\n", wc.rungs[i].name,
		       wc.rungs[i].taken ? "in use" : "refused: ", wc.rungs[i].reason);
}
/* >8 End of what was granted. */

/* Sending */

/* Note what a send has answered, and say so. */
static void
tour_sent(struct tour *tour, const char *what, uint32_t len, int path)
{
	if (path < 0)
		tour_fail(what, path);
	printf("  frame %2" PRIu32 ", %4" PRIu32 " bytes, by %s\n", tour->sent, len,
	       path == RTE_PIO_BY_PIO ? "PIO" : "the ring");
	if (path == RTE_PIO_BY_PIO)
		tour->by_pio++;
	else
		tour->by_ring++;
	tour->sent++;
}

/* One frame. 8< */
static void
tour_send(struct tour *tour, uint32_t len, uint32_t flags)
{
	uint64_t end = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();
	int path;

	tour_frame_number(tour);
	do {
		/* The call decides the path and says which; the memory is ours again. */
		path = rte_pio_send(tour->port, QUEUE, &tour->frame, len, flags);
		/* No room now: nothing was sent, nothing was changed. */
	} while (path == -EAGAIN && rte_get_timer_cycles() < end);
	tour_sent(tour, "rte_pio_send", len, path);
}
/* >8 End of one frame. */

/* Credits. 8< */
static void
tour_send_guarded(struct tour *tour)
{
	struct rte_pio_credits credits;
	unsigned int i;
	int ret;

	ret = rte_pio_credits(tour->port, QUEUE, &credits);
	if (ret != 0)
		tour_fail("rte_pio_credits", ret);
	printf("  credits: %" PRIu32 " frames, %" PRIu32 " bytes\n", credits.frames,
	       credits.bytes);
	for (i = 0; i < NB_GUARDED; i++) {
		/* As many as promised go by PIO for certain; then the ring may help out. */
		bool promised = i < credits.frames;

		tour_send(tour, SMALL, promised ? RTE_PIO_NO_FALLBACK : 0);
	}
}
/* >8 End of credits. */

/* Template. 8< */
static void
tour_send_template(struct tour *tour)
{
	const struct rte_pio_template_conf conf = {
		.data = &tour->frame,
		.len = SMALL,
		.nb_slots = 2,	/* it can be patched while its last send is in flight */
		.resident = RTE_PIO_RESIDENT_PREFERRED,
	};
	const struct rte_pio_update update = {
		.data = &tour->frame.seq,
		.offset = offsetof(struct tour_frame, seq),
		.len = sizeof(tour->frame.seq),
	};
	struct rte_pio_template_info info;
	struct rte_pio_template *t;
	unsigned int i;
	int ret;

	ret = rte_pio_template_alloc(tour->port, QUEUE, &conf, &t);
	if (ret != 0)
		tour_fail("rte_pio_template_alloc", ret);

	for (i = 0; i < NB_TEMPLATE; i++) {
		uint64_t end = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();

		tour_frame_number(tour);
		do {
			/* The critical path: four bytes change, one 64-byte line crosses. */
			ret = rte_pio_template_update_send(t, &update, 1, 0);
		} while (ret == -EAGAIN && rte_get_timer_cycles() < end);
		tour_sent(tour, "rte_pio_template_update_send", SMALL, ret);
	}

	ret = rte_pio_template_info_get(t, &info);
	if (ret != 0)
		tour_fail("rte_pio_template_info_get", ret);
	printf("  %s, %u slots: %" PRIu64 " sends by PIO, %" PRIu64 " by the ring, %" PRIu64
	       " lines crossed\n", info.resident ? "resident" : "in host memory", info.nb_slots,
	       info.sends, info.ring_sends, info.lines);
	/* Never waits; the lines return when the last send has completed. */
	rte_pio_template_free(t);
}
/* >8 End of template. */

/* Mbufs of rte_eth_tx_burst() keep their place among the frames of rte_pio calls. */
static void
tour_send_mbufs(struct tour *tour)
{
	uint64_t end = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();
	struct rte_mbuf *pkts[NB_MBUF_FRAMES];
	uint16_t i, nb = 0;

	if (rte_pktmbuf_alloc_bulk(tour->pool, pkts, NB_MBUF_FRAMES) != 0)
		tour_fail("rte_pktmbuf_alloc_bulk", -ENOMEM);
	for (i = 0; i < NB_MBUF_FRAMES; i++) {
		tour_frame_number(tour);
		memcpy(rte_pktmbuf_append(pkts[i], SMALL), &tour->frame, SMALL);
		tour->sent++;
	}
	do {
		nb += rte_eth_tx_burst(tour->port, QUEUE, &pkts[nb], NB_MBUF_FRAMES - nb);
	} while (nb < NB_MBUF_FRAMES && rte_get_timer_cycles() < end);
	if (nb < NB_MBUF_FRAMES)
		tour_fail("rte_eth_tx_burst", -ETIMEDOUT);
}

/* Counters. 8< */
static void
tour_show_stats(const struct tour *tour)
{
	struct rte_pio_queue_stats stats;
	enum rte_pio_fb_reason reason;
	int ret;

	ret = rte_pio_stats_get(tour->port, QUEUE, &stats);
	if (ret != 0)
		tour_fail("rte_pio_stats_get", ret);
	printf("  by PIO %" PRIu64 " frames, %" PRIu64 " bytes\n", stats.pio_packets,
	       stats.pio_bytes);
	printf("  by the ring %" PRIu64 " frames, %" PRIu64 " bytes\n", stats.ring_packets,
	       stats.ring_bytes);
	for (reason = RTE_PIO_FB_NONE; reason < RTE_PIO_FB_MAX; reason++)
		if (stats.fallback[reason] != 0)
			printf("    %" PRIu64 " because of %s\n", stats.fallback[reason],
			       rte_pio_fb_reason_name(reason));
	/* A port without PIO counts rte_pio calls only, so there may be less than were sent. */
	if (stats.pio_packets < tour->by_pio || stats.ring_packets < tour->by_ring)
		rte_exit(EXIT_FAILURE, "failed: frames are missing in the counters\n");
}
/* >8 End of counters. */

/* The tour */

static void
tour_run(struct tour *tour)
{
	uint64_t end;
	unsigned int i;
	int ret;

	printf("small frames\n");
	for (i = 0; i < NB_SMALL; i++)
		tour_send(tour, SMALL, 0);

	printf("a frame as long as the MTU allows\n");
	tour_send(tour, RTE_MIN(tour->max_len, (uint32_t)RTE_ETHER_MAX_LEN - RTE_ETHER_CRC_LEN), 0);

	printf("frames with credits\n");
	tour_send_guarded(tour);

	printf("a frame on a warm path\n");
	ret = rte_pio_warm(tour->port, QUEUE, SMALL);
	if (ret < 0)
		tour_fail("rte_pio_warm", ret);
	printf("  %s\n", ret == RTE_PIO_BY_PIO ? "warmed" : "nothing to warm: by the ring");
	tour_send(tour, SMALL, 0);

	printf("a template\n");
	tour_send_template(tour);

	printf("%u mbufs by rte_eth_tx_burst()\n", NB_MBUF_FRAMES);
	tour_send_mbufs(tour);

	printf("counters\n");
	tour_show_stats(tour);

	end = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();
	do {
		tour_receive(tour);
	} while (tour->loop && tour->received < tour->sent && rte_get_timer_cycles() < end);
	if (tour->loop && tour->received != tour->sent)
		rte_exit(EXIT_FAILURE, "failed: %" PRIu32 " of %" PRIu32 " frames came back\n",
			 tour->received, tour->sent);
}

/* The port: one receive and one transmit queue. */
static void
tour_port_init(struct tour *tour)
{
	struct rte_eth_conf conf;
	uint16_t nb_rx = RX_DESC, nb_tx = TX_DESC;
	int socket = rte_eth_dev_socket_id(tour->port);
	int ret;

	memset(&conf, 0, sizeof(conf));
	tour->pool = rte_pktmbuf_pool_create("tour", NB_MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					     socket);
	if (tour->pool == NULL)
		tour_fail("rte_pktmbuf_pool_create", -rte_errno);
	ret = rte_eth_dev_configure(tour->port, 1, 1, &conf);
	if (ret != 0)
		tour_fail("rte_eth_dev_configure", ret);
	ret = rte_eth_dev_adjust_nb_rx_tx_desc(tour->port, &nb_rx, &nb_tx);
	if (ret != 0)
		tour_fail("rte_eth_dev_adjust_nb_rx_tx_desc", ret);
	ret = rte_eth_rx_queue_setup(tour->port, 0, nb_rx, (unsigned int)socket, NULL, tour->pool);
	if (ret != 0)
		tour_fail("rte_eth_rx_queue_setup", ret);
	ret = rte_eth_tx_queue_setup(tour->port, QUEUE, nb_tx, (unsigned int)socket, NULL);
	if (ret != 0)
		tour_fail("rte_eth_tx_queue_setup", ret);
}

static void
tour_options(struct tour *tour, int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "l")) != -1) {
		if (opt != 'l')
			rte_exit(EXIT_FAILURE, "usage: pio_tutorial [EAL options] -- [-l]\n");
		tour->loop = true;
	}
}

int
main(int argc, char **argv)
{
	static struct tour tour;
	struct rte_pio_info info;
	int ret;

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		rte_exit(EXIT_FAILURE, "failed: EAL did not start\n");
	tour_options(&tour, argc - ret, argv + ret);
	tour.port = (uint16_t)rte_eth_find_next_owned_by(0, RTE_ETH_DEV_NO_OWNER);
	if (tour.port >= RTE_MAX_ETHPORTS)
		rte_exit(EXIT_FAILURE, "failed: there is no port\n");

	ret = rte_pio_info_get(tour.port, &info);
	if (ret != 0)
		tour_fail("rte_pio_info_get", ret);
	printf("port %u: %s", tour.port, (info.flags & RTE_PIO_CAP_PIO) != 0 ? "has PIO" : "no PIO");
	printf(", %u of %u buffers of %u bytes free\n", info.nb_bufs_free, info.nb_bufs,
	       info.buf_size);

	tour_port_init(&tour);
	tour_opt_in(&tour);
	tour_show_queue(&tour);
	tour_frame_init(&tour);
	ret = rte_eth_dev_start(tour.port);
	if (ret != 0)
		tour_fail("rte_eth_dev_start", ret);

	tour_run(&tour);

	/* What was not freed or released would be at close, with a word in the log. */
	ret = rte_eth_dev_stop(tour.port);
	if (ret != 0)
		tour_fail("rte_eth_dev_stop", ret);
	ret = rte_pio_queue_release(tour.port, QUEUE);
	if (ret != 0)
		tour_fail("rte_pio_queue_release", ret);
	rte_eth_dev_close(tour.port);
	rte_mempool_free(tour.pool);
	rte_eal_cleanup();

	printf("done: %" PRIu32 " frames, %" PRIu32 " by PIO, %" PRIu32 " by the ring, %u by "
	       "rte_eth_tx_burst()", tour.sent, tour.by_pio, tour.by_ring, NB_MBUF_FRAMES);
	if (tour.loop)
		printf("; %" PRIu32 " came back", tour.received);
	printf("\n");
	return 0;
}
