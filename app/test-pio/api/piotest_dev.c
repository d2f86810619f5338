/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The device of net_piotest. It trusts nobody: what makes no sense is counted and skipped. */

#include <stdlib.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "piotest_priv.h"

struct piotest_dev *
piotest_dev_create(void)
{
	return calloc(1, sizeof(struct piotest_dev));
}

static void
piotest_capture_clear(struct piotest_dev *dev)
{
	while (dev->frames != NULL) {
		struct piotest_frame *f = dev->frames;

		dev->frames = f->next;
		free(f);
	}
	dev->frames_end = &dev->frames;
	dev->nb_frames = 0;
}

void
piotest_dev_destroy(struct piotest_dev *dev)
{
	piotest_capture_clear(dev);
	free(dev);
}

struct piotest_hwq *
piotest_dev_queue(struct piotest_dev *dev, uint16_t queue_id)
{
	return &dev->queue[queue_id];
}

/* IPv4 with UDP or TCP; anything else is left as it is. */
static void
piotest_csum_insert(uint8_t *frame, uint32_t len, uint32_t l3_off)
{
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(frame + l3_off);
	uint8_t *l4;

	if (len < l3_off + sizeof(*ip) || (ip->version_ihl >> 4) != 4)
		return;
	l4 = (uint8_t *)ip + rte_ipv4_hdr_len(ip);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	if (l4 + sizeof(struct rte_udp_hdr) > frame + len)
		return;
	if (ip->next_proto_id == IPPROTO_UDP) {
		struct rte_udp_hdr *udp = (struct rte_udp_hdr *)l4;

		udp->dgram_cksum = 0;
		udp->dgram_cksum = rte_ipv4_udptcp_cksum(ip, udp);
	}
}

static void
piotest_capture(struct piotest_dev *dev, const uint8_t *data, uint32_t len)
{
	/* A wire pads like a MAC. */
	uint32_t wire_len = RTE_MAX(len, 60u);
	struct piotest_frame *f = calloc(1, sizeof(*f) + wire_len);

	if (f == NULL)
		return;
	f->len = wire_len;
	memcpy(f->data, data, len);
	if (dev->frames == NULL)
		dev->frames_end = &dev->frames;
	*dev->frames_end = f;
	dev->frames_end = &f->next;
	dev->nb_frames++;
}

/* The count wraps at 2^32, the ring does not divide that: positions are kept apart. */
static uint32_t
piotest_entry_pos(const struct piotest_hwq *q, uint32_t seq)
{
	return (q->pos + (seq - q->fetched)) % q->ring_entries;
}

static const struct piotest_entry *
piotest_entry_at(const struct piotest_hwq *q, uint32_t seq)
{
	return (const struct piotest_entry *)(q->ring + (size_t)piotest_entry_pos(q, seq) *
					      PIOTEST_ENTRY);
}

/* Append the bytes of one entry to a frame. */
static bool
piotest_entry_read(const struct piotest_hwq *q, const struct piotest_entry *e, uint8_t *frame,
		   uint32_t *len)
{
	if (*len + e->len > PIOTEST_WIRE_MAX)
		return false;
	switch (e->type) {
	case PIOTEST_ENTRY_PUSH:
		if (e->inline_len > PIOTEST_INLINE || e->inline_len > e->len ||
		    q->memory == NULL)
			return false;
		memcpy(frame + *len, e->data, e->inline_len);
		if (e->len > e->inline_len)
			memcpy(frame + *len + e->inline_len, (const void *)(uintptr_t)e->dma,
			       e->len - e->inline_len);
		break;
	case PIOTEST_ENTRY_DMA:
		memcpy(frame + *len, (const void *)(uintptr_t)e->dma, e->len);
		break;
	case PIOTEST_ENTRY_TEMPLATE:
		if (q->memory == NULL || e->offset + e->len > PIOTEST_BUF_SIZE)
			return false;
		memcpy(frame + *len, q->memory + e->offset, e->len);
		break;
	default:
		return false;
	}
	*len += e->len;
	return true;
}

/* Read the frame that begins at entry seq. @return Entries it takes, 0: it makes no sense. */
static uint32_t
piotest_frame_read(struct piotest_dev *dev, const struct piotest_hwq *q, uint32_t seq,
		   uint8_t *frame, uint32_t *len, const struct piotest_entry **first)
{
	const struct piotest_entry *e;
	uint32_t nb = 0;

	*len = 0;
	*first = piotest_entry_at(q, seq);
	do {
		if (seq + nb == q->tail)
			return 0;
		e = piotest_entry_at(q, seq + nb);
		if (e->seq != seq + nb)
			dev->violations.sequence++;
		if (!piotest_entry_read(q, e, frame, len))
			return 0;
		nb++;
	} while (e->more != 0);
	return nb;
}

/* A sum over what the device will send: taken at the doorbell and again when it is sent. */
static uint64_t
piotest_sum(const uint8_t *frame, uint32_t len)
{
	uint64_t sum = len;
	uint32_t i;

	for (i = 0; i < len; i++)
		sum = sum * 31 + frame[i];
	return sum;
}

/* Let one frame leave. */
static bool
piotest_dev_step(struct piotest_dev *dev, struct piotest_hwq *q)
{
	const struct piotest_entry *first;
	uint32_t len, nb;

	if (q->fetched == q->tail)
		return false;
	nb = piotest_frame_read(dev, q, q->fetched, dev->scratch, &len, &first);
	if (nb == 0) {
		dev->violations.malformed++;
		nb = 1;
	} else {
		if (piotest_sum(dev->scratch, len) !=
		    dev->sums[q - dev->queue][q->pos])
			dev->violations.overwritten++;
		if (first->csum != 0)
			piotest_csum_insert(dev->scratch, len, first->l3_off);
		piotest_capture(dev, dev->scratch, len);
	}
	q->pos = piotest_entry_pos(q, q->fetched + nb);
	q->fetched += nb;
	/* The driver polls this word, as it would poll what DMA wrote. */
	__atomic_store_n(q->completed, q->fetched, __ATOMIC_RELEASE);
	return true;
}

/* What is announced is noted now, so that a change before it leaves is seen. */
static void
piotest_dev_note(struct piotest_dev *dev, struct piotest_hwq *q, uint32_t from)
{
	const struct piotest_entry *first;
	uint32_t len, nb, pushed = 0;
	uint32_t seq;

	for (seq = q->fetched; seq != q->tail; seq += nb) {
		nb = piotest_frame_read(dev, q, seq, dev->scratch, &len, &first);
		if (nb == 0) {
			nb = 1;
			continue;
		}
		if (first->type == PIOTEST_ENTRY_PUSH)
			pushed += RTE_ALIGN_CEIL(len, 64);
		if ((int32_t)(seq - from) >= 0)
			dev->sums[q - dev->queue][piotest_entry_pos(q, seq)] =
				piotest_sum(dev->scratch, len);
	}
	if (pushed > PIOTEST_CREDITS)
		dev->violations.credits++;
}

void
piotest_dev_doorbell(struct piotest_dev *dev, struct piotest_hwq *q, uint32_t tail)
{
	uint32_t from = q->tail;

	dev->doorbells++;
	if (!q->enabled)
		return;
	if (tail - q->fetched > q->ring_entries) {
		dev->violations.overrun++;
		return;
	}
	q->tail = tail;
	piotest_dev_note(dev, q, from);
	while (!dev->held && piotest_dev_step(dev, q))
		;
}

void
piotest_dev_flush(struct piotest_dev *dev)
{
	unsigned int i;

	for (i = 0; i < PIOTEST_MAX_QUEUES; i++) {
		while (dev->queue[i].enabled && piotest_dev_step(dev, &dev->queue[i]))
			;
	}
}

void
piotest_dev_reset(struct piotest_dev *dev)
{
	unsigned int i;

	for (i = 0; i < PIOTEST_MAX_QUEUES; i++) {
		struct piotest_hwq *q = &dev->queue[i];

		q->fetched = q->tail;
		q->enabled = false;
		if (q->memory != NULL)
			memset(q->memory, 0xdb, PIOTEST_BUF_SIZE);
	}
}

uint32_t
piotest_dev_capture_take(struct piotest_dev *dev, void *frame, uint32_t size)
{
	struct piotest_frame *f = dev->frames;
	uint32_t len;

	if (f == NULL)
		return 0;
	len = f->len;
	memcpy(frame, f->data, RTE_MIN(len, size));
	dev->frames = f->next;
	dev->nb_frames--;
	free(f);
	return len;
}
