/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_ethdev.h>

#include "bench_latency.h"

#define STAMPS_MAX	8192u
#define CALLS_MAX	4096u
#define EVENT_WAIT_NS	100000.0
/* Level 2 is 2 MiB on the largest cores so far; twice that leaves nothing of ours behind. */
#define EVICT_DATA	(4u << 20)
#define EVICT_CODE	(256u << 10)

const char *const bench_mode_names[BENCH_MODE_NUM] = {
	[BENCH_HOT] = "hot",
	[BENCH_IDLE] = "idle 1 ms",
	[BENCH_COLD] = "cold",
	[BENCH_COLD_WARM] = "cold + warm",
};

static struct {
	uint64_t start, event;
	uint32_t cycles;
} calls[CALLS_MAX];

void
bench_latency_reset(struct bench_latency *l)
{
	memset(l, 0, sizeof(*l));
	bench_hist_reset(&l->call);
	bench_hist_reset(&l->seen);
	bench_hist_reset(&l->done);
	bench_hist_reset(&l->event);
	bench_hist_reset(&l->warm);
	bench_hist_reset(&l->take);
}

void
bench_latency_stamps(struct bench_path *paths, unsigned int nb, bool on)
{
	unsigned int i;

	for (i = 0; i < nb; i++) {
		struct pioemu_vf *vf = paths[i].port->vf;

		if (vf != NULL && bench.ctl->vf_stamps_enable(vf, on ? STAMPS_MAX : 0) != 0)
			bench_fail("no memory for stamps");
	}
}

/* Read data and run code until nothing of the driver is left in the core's own caches. */
static void
latency_evict(void)
{
	static volatile uint8_t *data;
	static uint8_t *code;
	uint32_t i;

	if (data == NULL) {
		data = aligned_alloc(4096, EVICT_DATA);
		code = mmap(NULL, EVICT_CODE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (data == NULL || code == MAP_FAILED)
			bench_fail("no memory to evict caches with");
		memset((void *)(uintptr_t)data, 1, EVICT_DATA);
#if defined(RTE_ARCH_X86_64)
		memset(code, 0xc3, EVICT_CODE);	/* ret */
#endif
		if (mprotect(code, EVICT_CODE, PROT_READ | PROT_EXEC) != 0)
			bench_fail("no executable memory to evict caches with");
	}
	for (i = 0; i < EVICT_DATA; i += 64)
		data[i]++;
#if defined(RTE_ARCH_X86_64)
	for (i = 0; i < EVICT_CODE; i += 64)
		((void (*)(void))(uintptr_t)(code + i))();
#endif
}

/* The same call that follows, or the nearest that has a warm form. */
static uint64_t
latency_warm(struct bench_path *p, uint32_t len)
{
	const uint64_t t0 = bench_tsc_begin();

	if (p->call == BENCH_TEMPLATE_SEND)
		rte_pio_template_send(p->t[p->next_t], RTE_PIO_WARM);
	else
		rte_pio_warm(p->port->id, p->queue, len);
	return bench_tsc_end() - t0;
}

/*
 * Where the event of the next frame will be: behind those that the driver has not taken yet. NULL:
 * not wanted, or not a queue of ours.
 */
static const uint64_t *
latency_event_place(const struct bench_path *p, bool wanted)
{
	const struct piopmd_dp_txq *q;
	uint32_t n;

	if (!wanted || (p->port != PORT(PIO) && p->port != PORT(RING)))
		return NULL;
	q = bench_path_txq(p);
	for (n = 0; n < q->ptr_mask; n++) {
		const uint64_t *ev = &q->evq_ring[(q->evq_ptr + n) & q->ptr_mask];

		if (__atomic_load_n(ev, __ATOMIC_ACQUIRE) == EF10_EVENT_EMPTY)
			return ev;
	}
	return NULL;
}

/* How long until it is in memory. Nobody takes it: the driver does later. */
static uint64_t
latency_event_wait(const uint64_t *ev, uint64_t start)
{
	uint64_t now;

	do {
		now = bench_tsc();
		if (__atomic_load_n(ev, __ATOMIC_ACQUIRE) != EF10_EVENT_EMPTY)
			return now - start;
	} while (bench_ns((double)(now - start)) < EVENT_WAIT_NS);
	return 0;
}

/*
 * What an application can do while it waits, so that no send has to. For the floor, whose completions
 * nobody takes otherwise, it is done when the driver's own send would do it.
 */
static void
latency_take(const struct bench_path *p, bool wanted, struct bench_latency *l)
{
	const struct piopmd_dp_txq *q = p->call == BENCH_FLOOR ? bench_path_txq(p) : NULL;
	uint64_t t0;

	if (!wanted && (q == NULL || q->slots.nb_free > q->pio_reap_credits))
		return;
	t0 = bench_tsc_begin();
	if (p->port == PORT(PIO))
		rte_pio_reap(p->port->id, p->queue);
	else
		rte_eth_tx_done_cleanup(p->port->id, p->queue, 0);
	bench_hist_add(&l->take, (int64_t)(bench_tsc_end() - t0 - bench.overhead));
}

static void
latency_prelude(struct bench_path *p, const struct bench_latency_conf *c, struct bench_latency *l)
{
	/* the device is done with the last frame; then it is idle again */
	bench_spin_ns(c->gap_ns / 2);
	latency_take(p, c->take, l);
	/* a random part, so that no rhythm of the model is met again and again */
	bench_spin_ns(c->gap_ns / 2 + bench_random() % (c->gap_ns / 4 + 1));
	switch (c->mode) {
	case BENCH_HOT:
	case BENCH_MODE_NUM:
		break;
	case BENCH_IDLE:
		usleep(1000);
		break;
	case BENCH_COLD:
		latency_evict();
		break;
	case BENCH_COLD_WARM:
		latency_evict();
		bench_hist_add(&l->warm, (int64_t)(latency_warm(p, c->len) - bench.overhead));
		break;
	}
}

/* Match stamps with calls: both are in order, and nobody else sends on this VF. */
static void
latency_collect(struct bench_path *p, const struct bench_latency_conf *c, uint32_t n,
		struct bench_latency *l)
{
	static struct pioemu_stamp stamps[STAMPS_MAX];
	const uint32_t nb = bench.ctl->vf_stamps_take(p->port->vf, stamps, STAMPS_MAX);
	uint32_t i;

	for (i = 0; i < n; i++) {
		bench_hist_add(&l->call, calls[i].cycles);
		if (calls[i].event != 0)
			bench_hist_add(&l->event, (int64_t)calls[i].event);
	}
	if (p->call == BENCH_NOTHING)
		return;
	if (nb != n * c->burst) {
		l->lost += n * c->burst;
		return;
	}
	for (i = 0; i < nb; i++) {
		const uint64_t start = calls[i / c->burst].start;

		if (i % c->burst == 0)
			bench_hist_add(&l->seen, (int64_t)(stamps[i].seen - start));
		bench_hist_add(&l->done, (int64_t)(stamps[i].done - start));
		l->pio += stamps[i].pio;
		l->pushed += stamps[i].pushed;
		if (!c->raw)
			continue;
		fprintf(bench.raw, "%u,%s,%u,%u,%s,%u,%" PRId64 ",%" PRId64 "\n", bench.run,
			p->name, c->len, c->burst, bench_mode_names[c->mode],
			calls[i / c->burst].cycles, (int64_t)(stamps[i].seen - start),
			(int64_t)(stamps[i].done - start));
	}
}

void
bench_latency_batch(struct bench_path *p, const struct bench_latency_conf *c,
		    struct bench_latency *l)
{
	static struct pioemu_stamp old[STAMPS_MAX];
	const uint32_t n = RTE_MIN(RTE_MIN(c->n, CALLS_MAX), STAMPS_MAX / c->burst);
	uint32_t i;

	bench_spin_ns(c->gap_ns);
	bench.ctl->vf_stamps_take(p->port->vf, old, STAMPS_MAX);
	for (i = 0; i < n; i++) {
		const uint64_t *ev;
		struct bench_shot shot;

		bench_path_load(p, c->len, c->burst);
		latency_prelude(p, c, l);
		ev = latency_event_place(p, c->event);
		shot = bench_path_fire(p, p->queue, c->len, c->burst, c->burst);
		calls[i].start = shot.start;
		calls[i].cycles = (uint32_t)(shot.cycles - RTE_MIN(shot.cycles, bench.overhead));
		calls[i].event = ev != NULL ? latency_event_wait(ev, shot.start) : 0;
		if (shot.sent != c->burst)
			bench_fail("%s: %u of %u frames of %u bytes sent", p->name, shot.sent,
				   c->burst, c->len);
	}
	/* the last ones */
	bench_spin_ns(10 * c->gap_ns);
	latency_collect(p, c, n, l);
}

void
bench_latency_record(const struct bench_path *p, const struct bench_latency_conf *c,
		     const struct bench_latency *l)
{
	const double frames = (double)l->done.total;

	bench_out_str("path", p->name);
	bench_out_int("len", c->len);
	bench_out_int("burst", c->burst);
	bench_out_str("mode", bench_mode_names[c->mode]);
	bench_out_hist("call", &l->call);
	bench_out_hist("seen", &l->seen);
	bench_out_hist("done", &l->done);
	if (l->event.total != 0)
		bench_out_hist("event", &l->event);
	if (l->warm.total != 0)
		bench_out_hist("warm", &l->warm);
	if (l->take.total != 0)
		bench_out_hist("take", &l->take);
	bench_out_num("pio_share", frames == 0 ? 0 : l->pio / frames);
	bench_out_num("pushed_share", frames == 0 ? 0 : l->pushed / frames);
	bench_out_int("lost", l->lost);
}
