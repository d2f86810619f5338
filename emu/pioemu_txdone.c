/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Completion of transmitted frames: when, in how many events, and whether the driver touched what it
 * had given away.
 */

#include <string.h>

#include "pioemu_priv.h"

#define SUM_PRIME 0x9E3779B97F4A7C15ull

/* Two sums side by side: one alone would wait for its multiplications. */
static uint64_t
sum_bytes(const uint8_t *p, uint32_t len, uint64_t sum)
{
	uint64_t a = sum, b = 1, word[2] = { 0, 0 };

	for (; len >= 16; p += 16, len -= 16) {
		memcpy(word, p, 16);
		a = (a ^ word[0]) * SUM_PRIME;
		b = (b ^ word[1]) * SUM_PRIME;
	}
	if (len > 0) {
		word[0] = len;
		word[1] = 0;
		a = (a ^ word[0]) * SUM_PRIME;
		for (; len > 0; p++, len--)
			b = (b ^ *p) * SUM_PRIME;
	}
	return (a ^ a >> 29 ^ b >> 31 ^ b) * SUM_PRIME;
}

/* Over everything the descriptors [first, end) name that must not change until completion. */
uint64_t
pioemu_txdone_sum(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t first, uint32_t end)
{
	const uint8_t *pio = pioemu_pio_bytes(vf, txq->vi);
	uint64_t sum = 1;
	uint32_t at;

	if (!pioemu_ring_map(vf, &txq->ring))
		return 0;
	for (at = first; at != end; at++) {
		uint64_t desc = *pioemu_ring_entry(&txq->ring, at & (txq->size - 1));

		if (EF10_GET(desc, TX_IS_OPT) != 0) {
			uint32_t off = (uint32_t)EF10_GET(desc, TX_PIO_ADDR);
			uint32_t len = (uint32_t)EF10_GET(desc, TX_PIO_LEN);

			if (pio != NULL && off + len <= vf->piobuf_size)
				sum = sum_bytes(pio + off, len, sum);
		} else if (vf->conf.tx_recheck) {
			uint32_t len = (uint32_t)EF10_GET(desc, TX_DMA_LEN);
			const uint8_t *p = pioemu_dma_ptr(vf, EF10_GET(desc, TX_DMA_ADDR), len,
				PIOEMU_DMA_READ);

			if (p != NULL)
				sum = sum_bytes(p, len, sum);
		}
	}
	return sum;
}

void
pioemu_txdone_add(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t end,
		  enum pioemu_tx_kind kind, uint64_t sum)
{
	struct pioemu_tx_done *done = &txq->done[txq->done_tail++ & (txq->size - 1)];
	uint64_t delay_ns = vf->tx_delay_min_ns;

	done->end = end;
	done->kind = (uint8_t)kind;
	done->sum = sum;
	done->due = 0;
	if (vf->tx_delay_max_ns > vf->tx_delay_min_ns)
		delay_ns += pioemu_random(vf->nic, vf->tx_delay_max_ns - vf->tx_delay_min_ns + 1);
	if (vf->nic->timed)
		delay_ns += vf->nic->conf.time.posted_ns;
	if (delay_ns != 0)
		done->due = pioemu_time_now(vf->nic) + pioemu_time_ticks(vf->nic, delay_ns);
}

static void
txdone_check(struct pioemu_vf *vf, struct pioemu_txq *txq, const struct pioemu_tx_done *done)
{
	if (done->kind < PIOEMU_TX_DMA ||
	    pioemu_txdone_sum(vf, txq, txq->completed, done->end) == done->sum)
		return;
	pioemu_violation(vf, done->kind == PIOEMU_TX_PIO ? PIOEMU_VIOLATION_PIO_CHANGED :
		PIOEMU_VIOLATION_TX_CHANGED, "txq %u: frame of descriptors %u..%u", txq->vi,
		txq->completed & (txq->size - 1), (done->end - 1) & (txq->size - 1));
}

static void
txdone_event(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t end)
{
	txq->signalled = end;
	vf->vis[txq->vi].stats.tx_events++;
	pioemu_evq_write(vf, txq->evq, EF10_PUT(EV_CODE, EF10_EV_CODE_TX) |
		EF10_PUT(TX_EV_QLABEL, txq->label) |
		EF10_PUT(TX_EV_DESCR_INDX, (end - 1) & (txq->size - 1)));
}

/* Descriptors that the next event may cover. */
static uint32_t
txdone_batch(struct pioemu_vf *vf, struct pioemu_txq *txq)
{
	if (vf->tx_batch_random != 0)
		return 1 + pioemu_random(vf->nic, vf->tx_batch_random);
	return vf->vis[txq->evq].evq.tx_merge ? vf->conf.tx_merge_max : 1;
}

/*
 * Complete in order whatever is due. Options on their own raise no event: whether silicon does is not
 * known, and drivers must take both; a random batch size shows them the other kind.
 */
unsigned int
pioemu_txdone_service(struct pioemu_vf *vf, struct pioemu_txq *txq, bool at_once)
{
	uint32_t hold = vf->hold_all | vf->vis[txq->vi].hold;
	uint32_t batch = txdone_batch(vf, txq);
	bool frame = vf->tx_batch_random != 0;
	uint64_t now = vf->nic->now;
	unsigned int nb = 0;

	if ((hold & PIOEMU_HOLD_TX_EVENT) != 0 && !at_once)
		return 0;
	if (vf->nic->timed || vf->tx_delay_max_ns != 0)
		now = pioemu_time_now(vf->nic);
	while (txq->done_head != txq->done_tail) {
		const struct pioemu_tx_done *done = &txq->done[txq->done_head & (txq->size - 1)];

		if (done->due > now && !at_once)
			break;
		txdone_check(vf, txq, done);
		txq->done_head++;
		txq->completed = done->end;
		frame = frame || done->kind != PIOEMU_TX_OPTION;
		nb++;
		if (!frame) {
			txq->signalled = done->end;
		} else if (txq->completed - txq->signalled >= batch) {
			txdone_event(vf, txq, txq->completed);
			batch = txdone_batch(vf, txq);
			frame = vf->tx_batch_random != 0;
		}
	}
	if (txq->completed != txq->signalled)
		txdone_event(vf, txq, txq->completed);
	return nb;
}
