/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* What is measured in plain memory. Each run function sends or receives c->n frames. */

#include <rte_pio.h>

#include "bench_bare.h"

#define FAST_FREE	RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE
#define CSUM		(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM)

/* The floor, with the instructions of the kind that the driver was told to use */

#define FLOOR(KIND) \
static void \
floor_pio_##KIND(struct bare *b) \
{ \
	uint32_t i; \
\
	for (i = 0; i < b->c->n; i++) \
		bench_floor_pio(&b->floor, b->iov[i].base, b->c->len, RTE_PIO_STORE_##KIND); \
} \
static void \
floor_pio_burst_##KIND(struct bare *b) \
{ \
	bench_floor_pio_burst(&b->floor, b->frame, b->c->len, b->c->n, RTE_PIO_STORE_##KIND); \
}
BENCH_FLOOR_KINDS(FLOOR)

static void
run_floor_pio(struct bare *b)
{
	switch (b->kind) {
#define FLOOR_PIO(KIND) case RTE_PIO_STORE_##KIND: floor_pio_##KIND(b); break;
	BENCH_FLOOR_KINDS(FLOOR_PIO)
	default: b->failed++;
	}
}

static void
run_floor_pio_burst(struct bare *b)
{
	switch (b->kind) {
#define FLOOR_PIO_BURST(KIND) case RTE_PIO_STORE_##KIND: floor_pio_burst_##KIND(b); break;
	BENCH_FLOOR_KINDS(FLOOR_PIO_BURST)
	default: b->failed++;
	}
}

static void
run_floor_template(struct bare *b)
{
	uint32_t i;

	for (i = 0; i < b->c->n; i++)
		bench_floor_template(&b->floor, b->c->len);
}

static void
run_floor_dma(struct bare *b)
{
	uint32_t i;

	for (i = 0; i < b->c->n; i += b->c->burst)
		bench_floor_dma(&b->floor, &b->iova[i], b->c->len, b->c->burst);
}

/* The driver, called like the inline functions of rte_pio.h and rte_ethdev.h call it */

static void
run_send(struct bare *b)
{
	uint32_t i;

	for (i = 0; i < b->c->n; i++)
		b->failed += b->fp->send(b->txq, b->iov[i].base, b->c->len, 0) != RTE_PIO_BY_PIO;
}

static void
run_sendv(struct bare *b)
{
	struct rte_pio_iov iov[2];
	uint32_t i;

	for (i = 0; i < b->c->n; i++) {
		iov[0].base = b->iov[i].base;
		iov[0].len = 42;
		iov[1].base = b->frame;
		iov[1].len = b->c->len - 42;
		b->failed += b->fp->sendv(b->txq, iov, 2, 0) != RTE_PIO_BY_PIO;
	}
}

static void
run_send_burst(struct bare *b)
{
	b->failed += b->fp->send_burst(b->txq, b->iov, (uint16_t)b->c->n, 0) != (int)b->c->n;
}

static void
run_warm(struct bare *b)
{
	uint32_t i;

	for (i = 0; i < b->c->n; i++)
		b->failed += b->fp->warm(b->txq, b->c->len) != RTE_PIO_BY_PIO;
}

static void
run_tx_burst(struct bare *b)
{
	const uint16_t burst = (uint16_t)b->c->burst;
	uint32_t i;

	for (i = 0; i < b->c->n; i += burst)
		b->failed += b->tx_burst(b->txq, &b->mbufs[i], burst) != burst;
}

static void
run_template_send(struct bare *b)
{
	uint32_t i;

	for (i = 0; i < b->c->n; i++)
		b->failed += b->fp->template_send(b->t[i], 0) != RTE_PIO_BY_PIO;
}

static void
run_template_update_send(struct bare *b)
{
	uint64_t word = b->evq_write;
	const struct rte_pio_update update = { &word, 42, sizeof(word) };
	uint32_t i;

	for (i = 0; i < b->c->n; i++)
		b->failed += b->fp->template_update_send(b->t[i], &update, 1, 0) != RTE_PIO_BY_PIO;
}

static void
run_rx_burst(struct bare *b)
{
	const uint16_t burst = (uint16_t)b->c->burst;
	uint32_t i;

	for (i = 0; i < b->c->n; i += burst)
		b->failed += b->rx_burst(b->rxq, &b->mbufs[i], burst) != burst;
}

static void
run_rx_empty(struct bare *b)
{
	uint32_t i;

	for (i = 0; i < b->c->n; i++)
		b->failed += b->rx_burst(b->rxq, b->mbufs, 32) != 0;
}

/* Cases whose mbufs nobody took, and cases without mbufs */

static void
complete_and_free(struct bare *b)
{
	bare_tx_complete(b);
	rte_pktmbuf_free_bulk(b->mbufs, b->c->n);
}

/* A frame that the adapter has completed holds its slot until somebody looks. */
static void
complete_and_reap(struct bare *b)
{
	bare_tx_complete(b);
	b->fp->reap(b->txq);
	rte_pktmbuf_free_bulk(b->mbufs, b->c->n);
}

static void
free_only(struct bare *b)
{
	rte_pktmbuf_free_bulk(b->mbufs, b->c->n);
}

static void
nothing(struct bare *b)
{
	RTE_SET_USED(b);
}

#define TX		.prepare = bare_tx_prepare
#define TAKEN		.complete = bare_tx_complete
#define KEPT		.complete = complete_and_free
#define RX		.rx = true, .prepare = bare_rx_prepare, .complete = bare_rx_complete

#define FLOOR_CASE(name_, len_, n_, run_) \
	{ .name = name_, .len = len_, .burst = 1, .n = n_, TX, .run = run_, .complete = free_only }
#define SEND_CASE(name_, len_, n_, run_) \
	{ .name = name_, .len = len_, .burst = 1, .n = n_, .threshold = len_, TX, .run = run_, KEPT }
#define BURST_CASE(name_, len_, burst_, n_, threshold_, offloads_) \
	{ .name = name_, .len = len_, .burst = burst_, .n = n_, .threshold = threshold_, \
	  .offloads = offloads_, TX, .run = run_tx_burst, TAKEN }
#define TEMPLATE_CASE(name_, len_, n_, mem_, run_) \
	{ .name = name_, .len = len_, .burst = 1, .n = n_, .threshold = 64, \
	  .template_mem = mem_, TX, .run = run_, .complete = complete_and_reap }

const struct bare_case bare_cases[] = {
	FLOOR_CASE("floor_pio_64", 64, 24, run_floor_pio),
	FLOOR_CASE("floor_pio_256", 256, 8, run_floor_pio),
	FLOOR_CASE("floor_pio_1024", 1024, 2, run_floor_pio),
	FLOOR_CASE("floor_pio_1514", 1514, 2, run_floor_pio),
	FLOOR_CASE("floor_pio_64_burst32", 64, 32, run_floor_pio_burst),
	FLOOR_CASE("floor_template_64", 64, 16, run_floor_template),
	FLOOR_CASE("floor_ring_64", 64, 24, run_floor_dma),
	{ .name = "floor_ring_64_burst32", .len = 64, .burst = 32, .n = 32, TX,
	  .run = run_floor_dma, .complete = free_only },
	SEND_CASE("send_64", 64, 24, run_send),
	SEND_CASE("send_60", 60, 24, run_send),
	SEND_CASE("send_256", 256, 8, run_send),
	SEND_CASE("send_1024", 1024, 1, run_send),
	SEND_CASE("send_1514", 1514, 1, run_send),
	SEND_CASE("sendv_64", 64, 24, run_sendv),
	SEND_CASE("send_burst_64_burst32", 64, 32, run_send_burst),
	{ .name = "warm_64", .len = 64, .burst = 1, .n = 24, .threshold = 64, TX,
	  .run = run_warm, .complete = free_only },
	BURST_CASE("tx_pio_64", 64, 1, 24, 64, FAST_FREE),
	BURST_CASE("tx_pio_256", 256, 1, 8, 256, FAST_FREE),
	BURST_CASE("tx_pio_1024", 1024, 1, 1, 1024, FAST_FREE),
	BURST_CASE("tx_pio_64_burst32", 64, 32, 32, 64, FAST_FREE),
	BURST_CASE("tx_pio_full_64", 64, 1, 24, 64, CSUM),
	BURST_CASE("tx_pio_full_64_burst32", 64, 32, 32, 64, CSUM),
	BURST_CASE("tx_ring_64", 64, 1, 32, 0, FAST_FREE),
	BURST_CASE("tx_ring_64_burst32", 64, 32, 32, 0, FAST_FREE),
	BURST_CASE("tx_ring_full_64", 64, 1, 32, 0, CSUM),
	BURST_CASE("tx_ring_full_64_burst32", 64, 32, 32, 0, CSUM),
	{ .name = "tx_ring_beside_pio_64", .len = 64, .burst = 1, .n = 32,
	  .offloads = FAST_FREE, .beside_pio = true, TX, .run = run_tx_burst, TAKEN },
	{ .name = "tx_ring_beside_pio_64_burst32", .len = 64, .burst = 32, .n = 32,
	  .offloads = FAST_FREE, .beside_pio = true, TX, .run = run_tx_burst, TAKEN },
	TEMPLATE_CASE("template_send_64", 64, 16, 1024, run_template_send),
	TEMPLATE_CASE("template_send_1514", 1514, 1, 1536, run_template_send),
	TEMPLATE_CASE("template_update_send_64", 64, 16, 1024, run_template_update_send),
	TEMPLATE_CASE("template_update_send_1514", 1514, 1, 1536, run_template_update_send),
	{ .name = "rx_64_burst32", .len = 64, .burst = 32, .n = 32, RX, .run = run_rx_burst },
	{ .name = "rx_64", .len = 64, .burst = 1, .n = 32, RX, .run = run_rx_burst },
	{ .name = "rx_merged_64_burst32", .len = 64, .burst = 32, .n = 32, .merged = true, RX,
	  .run = run_rx_burst },
	{ .name = "rx_empty", .len = 64, .burst = 1, .n = 32, .rx = true, .prepare = nothing,
	  .run = run_rx_empty, .complete = nothing },
	{ .name = NULL },
};
