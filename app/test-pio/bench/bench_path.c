/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <string.h>

#include <ethdev_driver.h>

#include "bench_path.h"

#define BUSY_MASK 0xffffu	/* calls without room between two looks at the clock */
#define MODEL_WAIT_NS 1e9

/* Lengths of the mix, most of them short */
static const uint16_t mix[] = { 64, 64, 64, 256, 64, 64, 570, 64, 64, 1514, 64, 64 };

/* Frames without mbuf lie in memory of their own, as an application would have them. */
static uint8_t frame_model[RTE_ALIGN(BENCH_LEN_MAX, 64)] __rte_cache_aligned;
static uint8_t frame_mem[8][RTE_ALIGN(BENCH_LEN_MAX, 64)] __rte_cache_aligned;
static struct rte_mbuf *mbufs[BENCH_FRAMES_MAX];
static struct rte_pio_iov iov[BENCH_FRAMES_MAX];

void
bench_frames_address(const struct rte_ether_addr *dst)
{
	/* an address that no port has: the emulator's loopback brings nothing back */
	static const struct rte_ether_addr nobody = {{ 0x02, 0xbe, 0xac, 0, 0, 1 }};
	static const uint8_t ip[] = {
		0x02, 0xbe, 0xac, 0, 0, 2, 0x08, 0x00,			/* source, IPv4 */
		0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0,		/* UDP */
		10, 0, 0, 1, 10, 0, 0, 2, 0x10, 0, 0x10, 1, 0, 26, 0, 0,
	};
	uint32_t i;

	for (i = 0; i < sizeof(frame_model); i++)
		frame_model[i] = (uint8_t)(i * 7);
	memcpy(frame_model, dst != NULL ? dst : &nobody, sizeof(*dst));
	memcpy(frame_model + sizeof(*dst), ip, sizeof(ip));
	for (i = 0; i < RTE_DIM(frame_mem); i++)
		memcpy(frame_mem[i], frame_model, sizeof(frame_model));
}

const void *
bench_frame(void)
{
	return frame_model;
}

static bool
path_takes_mbufs(const struct bench_path *p)
{
	return p->call == BENCH_TX_BURST || p->call == BENCH_RING_NO_PUSH;
}

/* Of the frame that comes next when len is asked for. */
static uint32_t
path_len(uint32_t len)
{
	static unsigned int next;

	if (len != 0)
		return len;
	next = next + 1 == RTE_DIM(mix) ? 0 : next + 1;
	return mix[next];
}

void
bench_path_load(const struct bench_path *p, uint32_t len, uint32_t n)
{
	uint32_t i;

	if (!path_takes_mbufs(p)) {
		for (i = 0; i < n; i++) {
			iov[i].base = frame_mem[i % RTE_DIM(frame_mem)];
			iov[i].len = path_len(len);
			memcpy(frame_mem[i % RTE_DIM(frame_mem)], frame_model, iov[i].len);
		}
		rte_mb();
		return;
	}
	if (rte_pktmbuf_alloc_bulk(bench.pool, mbufs, n) != 0)
		bench_fail("%s: no mbufs left", p->name);
	for (i = 0; i < n; i++) {
		const uint32_t size = path_len(len);

		mbufs[i]->data_len = (uint16_t)size;
		mbufs[i]->pkt_len = size;
		memcpy(rte_pktmbuf_mtod(mbufs[i], void *), frame_model, size);
	}
	/* what waits in the store buffer must not be counted as the driver's */
	rte_mb();
}

void
bench_path_unload(const struct bench_path *p, uint32_t sent, uint32_t n)
{
	if (path_takes_mbufs(p) && sent < n)
		rte_pktmbuf_free_bulk(&mbufs[sent], n - sent);
}

struct piopmd_dp_txq *
bench_path_txq(const struct bench_path *p)
{
	return rte_eth_devices[p->port->id].data->tx_queues[p->queue];
}

/*
 * The floor's queue belongs to the driver, which completes what the floor sends; so both agree on
 * where the ring and the slots are, before and after.
 */
static void
floor_borrow(const struct piopmd_dp_txq *q, struct bench_floor *f)
{
	*f = (struct bench_floor){
		.hw_ring = q->hw_ring,
		.doorbell = q->doorbell,
		.window = q->pio_map,
		.mask = q->ptr_mask,
		.added = q->added,
		.slot = q->slots.next,
		.slot_size = q->slots.size,
		.slots_begin = q->slots.begin,
		.slots_end = q->slots.end,
	};
}

static void
floor_return(struct piopmd_dp_txq *q, const struct bench_floor *f)
{
	q->slots.nb_free -= f->added - q->added;
	q->slots.next = f->slot;
	q->added = f->added;
}

/* On a busy machine the model's thread may not have run for a while. */
static void
floor_wait(const struct bench_path *p, uint16_t queue, const struct piopmd_dp_txq *q, uint32_t n)
{
	const uint64_t start = bench_tsc();

	while (q->slots.nb_free < n) {
		if (bench_ns((double)(bench_tsc() - start)) > MODEL_WAIT_NS)
			bench_fail("the floor has no slots");
		rte_pio_reap(p->port->id, queue);
	}
}

#define FLOOR_FIRE(KIND) \
static __rte_noinline void \
floor_fire_##KIND(struct bench_floor *f, uint32_t len, uint32_t burst, uint32_t n, \
		  struct bench_shot *shot) \
{ \
	uint32_t i; \
\
	shot->start = bench_tsc_begin(); \
	if (burst == 1) { \
		for (i = 0; i < n; i++) \
			bench_floor_pio(f, iov[i].base, len, RTE_PIO_STORE_##KIND); \
	} else { \
		for (i = 0; i < n; i += burst) \
			bench_floor_pio_burst(f, iov[i].base, len, burst, RTE_PIO_STORE_##KIND); \
	} \
	shot->cycles = bench_tsc_end() - shot->start; \
}
BENCH_FLOOR_KINDS(FLOOR_FIRE)

static void
floor_fire(struct bench_path *p, uint16_t queue, uint32_t len, uint32_t burst, uint32_t n,
	   struct bench_shot *shot)
{
	struct piopmd_dp_txq *q = rte_eth_devices[p->port->id].data->tx_queues[queue];
	struct rte_pio_queue_info info;
	struct bench_floor f;

	if (p->store == RTE_PIO_STORE_AUTO) {
		if (rte_pio_queue_info_get(p->port->id, queue, &info) != 0)
			bench_fail("the floor has no queue");
		p->store = info.store;
	}
	floor_wait(p, queue, q, n);
	floor_borrow(q, &f);
	switch (p->store) {
#define FLOOR_CASE(KIND) \
	case RTE_PIO_STORE_##KIND: \
		floor_fire_##KIND(&f, len, burst, n, shot); \
		break;
	BENCH_FLOOR_KINDS(FLOOR_CASE)
	default:
		bench_fail("no floor for this store kind");
	}
	floor_return(q, &f);
	shot->sent = n;
}

/* The model's thread may be off its CPU for a while; but not for ever. */
static __rte_always_inline bool
fire_goes_on(uint32_t busy, uint64_t start)
{
	return likely((busy & BUSY_MASK) != BUSY_MASK) ||
		bench_ns((double)(bench_tsc() - start)) < MODEL_WAIT_NS;
}

/* A frame that finds no room is tried again, as an application would; but not for ever. */
static void
send_fire(const struct bench_path *p, uint16_t queue, uint32_t burst, uint32_t n,
	  struct bench_shot *shot)
{
	const uint32_t flags = p->call == BENCH_SEND_ONLY ? RTE_PIO_NO_FALLBACK : 0;
	const uint16_t port = p->port->id;
	uint32_t sent = 0, busy = 0;

	shot->start = bench_tsc_begin();
	while (sent < n && fire_goes_on(busy, shot->start)) {
		int ret;

		if (burst == 1)
			ret = rte_pio_send(port, queue, iov[sent].base, iov[sent].len, flags) >= 0;
		else
			ret = rte_pio_send_burst(port, queue, &iov[sent],
						 (uint16_t)RTE_MIN(burst, n - sent), flags);
		if (unlikely(ret <= 0))
			busy++;
		else
			sent += (uint32_t)ret;
	}
	shot->cycles = bench_tsc_end() - shot->start;
	shot->sent = sent;
	shot->busy = busy;
}

static void
tx_burst_fire(const struct bench_path *p, uint16_t queue, uint32_t burst, uint32_t n,
	      struct bench_shot *shot)
{
	const uint16_t port = p->port->id;
	uint32_t sent = 0, busy = 0;

	shot->start = bench_tsc_begin();
	while (sent < n && fire_goes_on(busy, shot->start)) {
		const uint16_t nb = rte_eth_tx_burst(port, queue, &mbufs[sent],
						     (uint16_t)RTE_MIN(burst, n - sent));

		sent += nb;
		busy += nb == 0;
	}
	shot->cycles = bench_tsc_end() - shot->start;
	shot->sent = sent;
	shot->busy = busy;
}

/* A frame by the ring whose descriptor does not ride on the doorbell: the device has to read it. */
static void
no_push_fire(const struct bench_path *p, uint16_t queue, uint32_t n, struct bench_shot *shot)
{
	struct piopmd_dp_txq *q = rte_eth_devices[p->port->id].data->tx_queues[queue];
	uint32_t i;

	if (!q->simple)
		bench_fail("%s: the queue is not a simple one", p->name);
	if (q->added - q->completed > q->reap_fill)
		rte_eth_tx_done_cleanup(p->port->id, queue, 0);
	shot->start = bench_tsc_begin();
	for (i = 0; i < n && q->added - q->completed != q->max_fill; i++) {
		const uint32_t id = q->added & q->ptr_mask;

		piopmd_io_desc_put(&q->hw_ring[id], ef10_tx_desc_dma(
			rte_mbuf_data_iova(mbufs[i]), mbufs[i]->data_len, false));
		q->sw_ring[id] = mbufs[i];
		q->added++;
		piopmd_io_tx_doorbell(q->doorbell, 0, q->added & q->ptr_mask);
	}
	shot->cycles = bench_tsc_end() - shot->start;
	shot->sent = i;
}

static void
template_fire(struct bench_path *p, uint32_t n, struct bench_shot *shot)
{
	uint64_t word = bench_tsc();
	const struct rte_pio_update update = { &word, 42, sizeof(word) };
	uint32_t i, sent = 0, next = p->next_t;

	shot->start = bench_tsc_begin();
	for (i = 0; i < n; i++) {
		int ret = p->call == BENCH_TEMPLATE_SEND ? rte_pio_template_send(p->t[next], 0) :
			rte_pio_template_update_send(p->t[next], &update, 1, 0);

		/* one that is still in flight leaves by the ring; the share by PIO tells */
		sent += ret >= 0;
		if (++next == p->nb_t)
			next = 0;
	}
	shot->cycles = bench_tsc_end() - shot->start;
	shot->sent = sent;
	p->next_t = next;
}

static void
warm_fire(const struct bench_path *p, uint16_t queue, uint32_t len, uint32_t n,
	  struct bench_shot *shot)
{
	uint32_t i, done = 0;

	shot->start = bench_tsc_begin();
	for (i = 0; i < n; i++)
		done += rte_pio_warm(p->port->id, queue, len) == RTE_PIO_BY_PIO;
	shot->cycles = bench_tsc_end() - shot->start;
	shot->sent = done;
}

struct bench_shot
bench_path_fire(struct bench_path *p, uint16_t queue, uint32_t len, uint32_t burst, uint32_t n)
{
	struct bench_shot shot = {0};

	switch (p->call) {
	case BENCH_NOTHING:
		shot.start = bench_tsc_begin();
		shot.cycles = bench_tsc_end() - shot.start;
		shot.sent = n;
		break;
	case BENCH_RING_NO_PUSH:
		no_push_fire(p, queue, n, &shot);
		break;
	case BENCH_FLOOR:
		floor_fire(p, queue, len, burst, n, &shot);
		break;
	case BENCH_SEND:
	case BENCH_SEND_ONLY:
		send_fire(p, queue, burst, n, &shot);
		break;
	case BENCH_TX_BURST:
		tx_burst_fire(p, queue, burst, n, &shot);
		break;
	case BENCH_TEMPLATE_SEND:
	case BENCH_TEMPLATE_UPDATE:
		template_fire(p, n, &shot);
		break;
	case BENCH_WARM:
		warm_fire(p, queue, len, n, &shot);
		break;
	}
	return shot;
}

void
bench_path_settle(struct bench_path *p)
{
	if (p->port->vf != NULL) {
		bench_model_run();
		/* nobody else takes the floor's completions */
		if (p->call == BENCH_FLOOR) {
			rte_pio_reap(p->port->id, p->queue);
			rte_pio_reap(p->port->id, p->lead);
		}
	} else if (p->port == &bench_ports[BENCH_PORT_MEMRING]) {
		bench_port_drain(p->port);
	} else if (p->port == &bench_ports[BENCH_PORT_MEMIF]) {
		bench_port_drain(&bench_ports[BENCH_PORT_MEMIF_PEER]);
	}
}

void
bench_path_templates_make(struct bench_path *p, uint32_t len, uint32_t n)
{
	const struct rte_pio_template_conf conf = {
		.data = frame_model,
		.len = len,
		.resident = RTE_PIO_RESIDENT_REQUIRED,
	};

	const uint64_t start = bench_tsc();

	p->next_t = 0;
	/* templates freed in flight give their memory back when somebody has seen the last send end */
	while (rte_pio_template_alloc(p->port->id, p->queue, &conf, &p->t[0]) != 0) {
		if (bench_ns((double)(bench_tsc() - start)) > MODEL_WAIT_NS)
			bench_fail("%s: no template of %u bytes", p->name, len);
		rte_pio_reap(p->port->id, p->queue);
	}
	for (p->nb_t = 1; p->nb_t < RTE_MIN(n, BENCH_TEMPLATES_MAX); p->nb_t++) {
		if (rte_pio_template_alloc(p->port->id, p->queue, &conf, &p->t[p->nb_t]) != 0)
			break;
	}
}

void
bench_path_templates_free(struct bench_path *p)
{
	/* what is still in flight would keep its memory until somebody looks */
	rte_pio_reap(p->port->id, p->queue);
	while (p->nb_t != 0)
		rte_pio_template_free(p->t[--p->nb_t]);
}
