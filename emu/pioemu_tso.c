/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * TCP segmentation, version 2 ("FATSO"). Off unless the configuration sets the capability. Every segment
 * gets the header as the driver gave it, with lengths, IPv4 id, sequence number, flags and checksums of its
 * own. Source of the descriptors: DPDK drivers/common/sfc_efx/base/ef10_tx.c, ef10_tx_qdesc_tso2_create.
 */

#include <string.h>

#include "pioemu_priv.h"

#define TCP_FLAGS_OFST	13u
#define TCP_FIN		0x01u
#define TCP_PSH		0x08u
#define TCP_CWR		0x80u

/* One of the two option descriptors. false: not enabled on the queue, or not in this order */
bool
pioemu_tso_option(struct pioemu_tso *tso, uint64_t desc)
{
	switch (EF10_GET(desc, TX_TSO_TYPE)) {
	case EF10_TX_TSO_TYPE_FATSO2A:
		if (!tso->enabled || tso->options != 0)
			return false;
		tso->seq = (uint32_t)EF10_GET(desc, TX_TSO_SEQNO);
		tso->ip_id = (uint16_t)EF10_GET(desc, TX_TSO_IP_ID);
		tso->options = 1;
		return true;
	case EF10_TX_TSO_TYPE_FATSO2B:
		tso->mss = (uint16_t)EF10_GET(desc, TX_TSO_MSS);
		if (tso->options != 1 || tso->mss == 0)
			return false;
		tso->options = 2;
		tso->sent = 0;
		return true;
	default:
		return false;
	}
}

/* Offsets of IP and TCP in a header; false: it is not a complete TCP header over IPv4 or IPv6 */
static bool
tso_header(const uint8_t *hdr, uint32_t len, struct pioemu_pkt *pkt, uint32_t *tcp)
{
	pioemu_frame_parse(pkt, hdr, len);
	if (pkt->l3_off == 0 || pkt->ip_proto != 6)
		return false;
	if (pkt->l3_class == EF10_RX_L3_CLASS_IP4)
		*tcp = pkt->l3_off + (hdr[pkt->l3_off] & 15) * 4u;
	else if (pkt->l3_class == EF10_RX_L3_CLASS_IP6)
		*tcp = pkt->l3_off + 40u;
	else
		return false;
	return *tcp + 20 <= len && *tcp + (hdr[*tcp + 12] >> 4) * 4u == len;
}

static void
tso_put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* Write segment number nb, whose payload starts at "at" and has len bytes. */
static void
tso_segment(struct pioemu_vf *vf, const struct pioemu_tso *tso, const struct pioemu_pkt *pkt,
	    uint32_t tcp, uint32_t at, uint32_t len, bool last)
{
	uint8_t *seg = vf->segment;
	uint32_t total = tso->hdr_len - pkt->l3_off + len, seq = tso->seq + at;
	uint8_t *flags = seg + tcp + TCP_FLAGS_OFST;

	memcpy(seg, vf->frame, tso->hdr_len);
	pioemu_dma_copy(seg + tso->hdr_len, vf->frame + tso->hdr_len + at, len);
	if (pkt->l3_class == EF10_RX_L3_CLASS_IP4) {
		tso_put16(seg + pkt->l3_off + 2, total);
		tso_put16(seg + pkt->l3_off + 4, tso->ip_id + at / tso->mss);
	} else {
		tso_put16(seg + pkt->l3_off + 4, total - 40);
	}
	tso_put16(seg + tcp + 4, seq >> 16);
	tso_put16(seg + tcp + 6, seq);
	if (!last)
		*flags &= (uint8_t)~(TCP_FIN | TCP_PSH);
	if (at != 0)
		*flags &= (uint8_t)~TCP_CWR;
	pioemu_frame_csum_insert(seg, tso->hdr_len + len, true, true);
}

/* All segments of the frame in vf->frame, going on where a full wire stopped the last attempt. */
enum pioemu_txq_step
pioemu_tso_send(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t len)
{
	struct pioemu_tso *tso = &txq->tso;
	uint32_t payload = len - tso->hdr_len, tcp = 0;
	enum pioemu_txq_step step;
	struct pioemu_pkt pkt;

	if (tso->options != 2 || payload == 0 || tso->hdr_len + tso->mss > PIOEMU_FRAME_MAX ||
	    !tso_header(vf->frame, tso->hdr_len, &pkt, &tcp)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_TX_DESC,
			"txq %u: TSO of %u bytes, header %u, segments of %u", txq->vi, len,
			tso->hdr_len, tso->mss);
		pioemu_txq_error(vf, txq, EF10_MCDI_EV_TX_BAD_OPTDESC);
		return PIOEMU_TXQ_DEAD;
	}
	while (tso->sent < payload) {
		uint32_t n = payload - tso->sent < tso->mss ? payload - tso->sent : tso->mss;

		tso_segment(vf, tso, &pkt, tcp, tso->sent, n, tso->sent + n == payload);
		step = pioemu_txq_emit(vf, txq, vf->segment, tso->hdr_len + n);
		if (step != PIOEMU_TXQ_FRAME)
			return step;
		tso->sent += n;
	}
	tso->options = 0;
	return PIOEMU_TXQ_FRAME;
}
