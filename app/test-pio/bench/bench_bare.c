/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench_bare.h"

#define BARE_REGS 8192u
#define BARE_POOL 2047u

static struct {
	uint8_t *regs;
	uint8_t *window;
	uint64_t *hw_ring, *floor_ring;
	uint64_t *evq;
	void **sw_ring;
} mem;

static void *
bare_alloc(size_t size)
{
	void *p = aligned_alloc(4096, RTE_ALIGN_CEIL(size, 4096));

	if (p != NULL)
		memset(p, 0, RTE_ALIGN_CEIL(size, 4096));
	return p;
}

int
bare_init(struct bare *b)
{
	memset(b, 0, sizeof(*b));
	mem.regs = bare_alloc(BARE_REGS);
	mem.window = bare_alloc(BARE_WINDOW);
	mem.hw_ring = bare_alloc(BARE_ENTRIES * sizeof(uint64_t));
	mem.floor_ring = bare_alloc(BARE_ENTRIES * sizeof(uint64_t));
	mem.evq = bare_alloc(BARE_ENTRIES * sizeof(uint64_t));
	/* a receive ring is 8 entries longer */
	mem.sw_ring = bare_alloc((BARE_ENTRIES + 8) * sizeof(void *));
	b->txq = bare_alloc(piopmd_dp_txq_size());
	b->rxq = bare_alloc(piopmd_dp_rxq_size());
	b->frame = bare_alloc(4096);
	b->pool = rte_pktmbuf_pool_create("bare", BARE_POOL, 256, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					  SOCKET_ID_ANY);
	if (mem.regs == NULL || mem.window == NULL || mem.hw_ring == NULL ||
	    mem.floor_ring == NULL || mem.evq == NULL || mem.sw_ring == NULL || b->txq == NULL ||
	    b->rxq == NULL || b->frame == NULL || b->pool == NULL)
		return -ENOMEM;
	return 0;
}

static int
bare_templates_make(struct bare *b)
{
	const struct rte_pio_template_conf conf = {
		.data = b->frame,
		.len = b->c->len,
		.room = b->c->len,
		.nb_slots = 1,
		.resident = RTE_PIO_RESIDENT_REQUIRED,
	};
	uint32_t i;
	int ret;

	for (i = 0; i < b->c->n; i++) {
		ret = b->fp->template_alloc(b->txq, &conf, &b->t[i]);
		if (ret != 0)
			return ret;
	}
	return 0;
}

static int
bare_tx_setup(struct bare *b)
{
	const struct bare_case *c = b->c;
	const struct piopmd_dp_txq_conf conf = {
		.nb_entries = BARE_ENTRIES,
		.max_fill = PIOPMD_DP_RING_LIMIT(BARE_ENTRIES),
		.free_thresh = PIOPMD_DP_RING_LIMIT(BARE_ENTRIES) - 64,
		.hw_ring = mem.hw_ring,
		.evq_ring = mem.evq,
		.sw_ring = mem.sw_ring,
		.vi_base = mem.regs,
		.offloads = c->offloads,
		.frame_max = 9018,
		.socket_id = SOCKET_ID_ANY,
	};
	const struct piopmd_dp_pio_conf pio = {
		.window = mem.window,
		.size = BARE_WINDOW,
		.template_mem = c->template_mem,
		.threshold = c->threshold,
		.fallback_mp = b->pool,
		.fallback_ring = true,
	};
	struct piopmd_dp_txq other = { .pio_opted_in = true };
	void *queues[2] = { b->txq, c->beside_pio ? &other : NULL };
	const char *name;
	int ret;

	ret = piopmd_dp_txq_init(b->txq, &conf);
	if (ret == 0 && c->threshold != 0)
		ret = piopmd_dp_txq_pio_attach(b->txq, &pio);
	if (ret != 0)
		return ret;
	b->tx_burst = piopmd_dp_tx_burst_select(queues, 2, b->kind, &name);
	b->fp = piopmd_dp_pio_fp_select(b->kind);
	piopmd_dp_txq_start(b->txq, 1);
	b->evq_write = 1;
	b->wptr = 1;
	return c->template_mem != 0 ? bare_templates_make(b) : 0;
}

static int
bare_rx_setup(struct bare *b)
{
	const struct piopmd_dp_rxq_conf conf = {
		.nb_entries = BARE_ENTRIES,
		.max_fill = 256,
		.refill_threshold = 32,
		.mb_pool = b->pool,
		.buf_size = RTE_MBUF_DEFAULT_DATAROOM,
		.hw_ring = mem.hw_ring,
		.evq_ring = mem.evq,
		.sw_ring = (struct rte_mbuf **)mem.sw_ring,
		.vi_base = mem.regs,
		.evq_vi_base = mem.regs,
		.rss_hash = true,
		.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_RSS_HASH,
	};
	void *queues[1] = { b->rxq };
	const char *name;
	int ret;

	memset(b->rxq, 0, piopmd_dp_rxq_size());
	ret = piopmd_dp_rxq_init(b->rxq, &conf);
	if (ret != 0)
		return ret;
	b->rx_burst = piopmd_dp_rx_burst_select(queues, 1, &name);
	b->evq_write = 1;
	b->wptr = 0;
	return piopmd_dp_rxq_start(b->rxq, 1);
}

static void
bare_floor_setup(struct bare *b)
{
	const uint32_t slot = RTE_ALIGN_CEIL(b->c->len, RTE_PIO_LINE);

	b->floor = (struct bench_floor){
		.hw_ring = mem.floor_ring,
		.doorbell = mem.regs + EF10_REG_TX_DESC_UPD,
		.window = mem.window,
		.mask = BARE_ENTRIES - 1,
		.slot_size = slot,
		.slots_end = (BARE_WINDOW - RTE_PIO_LINE) / slot * slot,
	};
}

int
bare_setup(struct bare *b, const struct bare_case *c, enum rte_pio_store_kind kind)
{
	b->c = c;
	b->kind = kind;
	b->failed = 0;
	memset(mem.evq, 0xff, BARE_ENTRIES * sizeof(uint64_t));
	memset(b->txq, 0, piopmd_dp_txq_size());
	bare_floor_setup(b);
	return c->rx ? bare_rx_setup(b) : bare_tx_setup(b);
}

void
bare_teardown(struct bare *b)
{
	uint32_t i;

	if (b->c->rx) {
		piopmd_dp_rxq_stop(b->rxq);
		piopmd_dp_rxq_purge(b->rxq);
		return;
	}
	if (b->c->template_mem != 0) {
		for (i = 0; i < b->c->n; i++)
			b->fp->template_free(b->t[i]);
	}
	piopmd_dp_txq_stop(b->txq);
	piopmd_dp_txq_purge(b->txq);
}

void
bare_tx_prepare(struct bare *b)
{
	const struct bare_case *c = b->c;
	uint32_t i;

	if (rte_pktmbuf_alloc_bulk(b->pool, b->mbufs, c->n) != 0)
		rte_exit(EXIT_FAILURE, "the pool is empty: mbufs are lost\n");
	for (i = 0; i < c->n; i++) {
		b->mbufs[i]->data_len = (uint16_t)c->len;
		b->mbufs[i]->pkt_len = c->len;
		memcpy(rte_pktmbuf_mtod(b->mbufs[i], void *), b->frame, c->len);
		b->iova[i] = rte_mbuf_data_iova(b->mbufs[i]);
		b->iov[i].base = rte_pktmbuf_mtod(b->mbufs[i], void *);
		b->iov[i].len = c->len;
	}
}

/* One event for everything announced. Mbufs of cases that take none are still ours. */
void
bare_tx_complete(struct bare *b)
{
	const uint32_t mask = BARE_ENTRIES - 1;
	uint32_t wptr = *(volatile uint32_t *)(mem.regs + EF10_REG_TX_DESC_UPD_WPTR);
	uint64_t *ev = &mem.evq[b->evq_write & mask];

	if (wptr == b->wptr)
		return;
	if (*ev != EF10_EVENT_EMPTY)
		b->failed++;
	*ev = EF10_PUT(EV_CODE, EF10_EV_CODE_TX) |
		EF10_PUT(TX_EV_DESCR_INDX, (wptr - 1) & mask);
	b->evq_write++;
	b->wptr = wptr;
}

/* Frames of n UDP packets, delivered behind their prefixes. */
void
bare_rx_prepare(struct bare *b)
{
	const uint32_t merge = b->c->merged ? 8 : 1;
	const uint32_t mask = BARE_ENTRIES - 1;
	uint32_t i;

	for (i = 0; i < b->c->n; i++) {
		uint8_t *at = (uint8_t *)(uintptr_t)EF10_GET(mem.hw_ring[b->wptr & mask],
							     RX_DMA_ADDR);

		memset(at, 0, EF10_RX_PREFIX_LEN);
		at[EF10_RX_PREFIX_PKT_LEN_OFST] = (uint8_t)b->c->len;
		at[EF10_RX_PREFIX_PKT_LEN_OFST + 1] = (uint8_t)(b->c->len >> 8);
		b->wptr++;
		if ((i + 1) % merge != 0)
			continue;
		mem.evq[b->evq_write++ & mask] = EF10_PUT(EV_CODE, EF10_EV_CODE_RX) |
			EF10_PUT(RX_EV_BYTES, b->c->len + EF10_RX_PREFIX_LEN) |
			EF10_PUT(RX_EV_DSC_PTR_LBITS, b->wptr & 15) |
			EF10_PUT(RX_EV_L3_CLASS, EF10_RX_L3_CLASS_IP4) |
			EF10_PUT(RX_EV_L4_CLASS, EF10_RX_L4_CLASS_UDP);
	}
}

void
bare_rx_complete(struct bare *b)
{
	rte_pktmbuf_free_bulk(b->mbufs, b->c->n);
}
