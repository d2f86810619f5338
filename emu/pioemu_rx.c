/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Way of a frame from the wire to the queues that want it. */

#include <string.h>

#include "pioemu_priv.h"

#define FCS_LEN 4

/* Classes and error bits of the receive event. */
static uint64_t
rx_event(const struct pioemu_pkt *pkt, uint32_t flags)
{
	return EF10_PUT(EV_CODE, EF10_EV_CODE_RX) |
		EF10_PUT(RX_EV_ECRC_ERR, (flags & PIOEMU_INJECT_BAD_FCS) != 0) |
		EF10_PUT(RX_EV_IPCKSUM_ERR, pkt->ip_bad) |
		EF10_PUT(RX_EV_TCPUDP_CKSUM_ERR, pkt->l4_bad) |
		EF10_PUT(RX_EV_MAC_CLASS, pkt->len > 0 && (pkt->data[0] & 1) != 0) |
		EF10_PUT(RX_EV_ETH_BASE_CLASS, pkt->eth_base) |
		EF10_PUT(RX_EV_ETH_TAG_CLASS, pkt->nb_vlan) |
		EF10_PUT(RX_EV_L3_CLASS, pkt->l3_class) |
		EF10_PUT(RX_EV_L4_CLASS, pkt->l4_class);
}

/* All queues that would take the frame can take it now. */
static bool
rx_has_room(struct pioemu_vf *vf, const struct pioemu_rx_dest *dest, uint32_t nb, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < nb; i++) {
		if (!pioemu_rxq_has_room(vf, dest[i].vi, len))
			return false;
	}
	return true;
}

static bool
rx_is_absent(struct pioemu_vf *vf, const struct pioemu_rx_dest *dest, uint32_t nb)
{
	uint32_t i;

	for (i = 0; i < nb; i++) {
		if (!vf->vis[dest[i].vi].rxq.active)
			return true;
	}
	return false;
}

static bool
rx_is_held(struct pioemu_vf *vf, const struct pioemu_rx_dest *dest, uint32_t nb)
{
	uint32_t i;

	for (i = 0; i < nb; i++) {
		if (((vf->hold_all | vf->vis[dest[i].vi].hold) & PIOEMU_HOLD_RX) != 0)
			return true;
	}
	return false;
}

/*
 * REJECT_UNCST of SET_MAC keeps other stations' frames, and group frames too, from the filters (upstream's
 * ef10_mac.c, bug 41141).
 */
static bool
rx_is_rejected(const struct pioemu_vf *vf, const uint8_t *frame)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	return vf->mac.reject && memcmp(frame, vf->mac.station, 6) != 0 &&
		memcmp(frame, broadcast, 6) != 0;
}

/*
 * may_wait: with rings that are full, held or not there, nothing is counted or delivered, and the caller
 * asks again with the same frame. Otherwise they drop it.
 */
enum pioemu_rx_result
pioemu_rx_deliver(struct pioemu_vf *vf, const uint8_t *frame, uint32_t len, uint32_t flags,
		  bool may_wait)
{
	struct pioemu_rx_dest dest[PIOEMU_RX_DEST_MAX];
	enum pioemu_rx_result best, rc;
	struct pioemu_pkt pkt;
	uint64_t event;
	uint32_t nb, i;

	if (!vf->nic->link_up || vf->mac.drain || vf->gone) {
		vf->stats.rx_drop_link++;
		return PIOEMU_RX_LINK_DOWN;
	}
	if (vf->mac.mtu != 0 && len + FCS_LEN > vf->mac.mtu) {
		vf->stats.rx_drop_trunc++;
		vf->mac.count[EF10_MAC_STAT_RX_JABBER_PKTS]++;
		return PIOEMU_RX_TOO_LONG;
	}
	pioemu_frame_parse(&pkt, frame, len);
	nb = rx_is_rejected(vf, frame) ? 0 : pioemu_filter_lookup(vf, &pkt, dest);
	if (nb == 0) {
		vf->stats.rx_drop_filter++;
		return PIOEMU_RX_FILTERED;
	}
	if (rx_is_held(vf, dest, nb))
		return PIOEMU_RX_HELD;
	if (may_wait && rx_is_absent(vf, dest, nb))
		return PIOEMU_RX_ABSENT;
	if (may_wait && !rx_has_room(vf, dest, nb, len))
		return PIOEMU_RX_NODESC;
	pioemu_frame_verify(&pkt);
	event = rx_event(&pkt, flags);
	PIOEMU_TRACE(vf, FRAME, "rx vi=%u len=%u hash=0x%08x", dest[0].vi, len, dest[0].hash);
	best = PIOEMU_RX_FILTERED;
	for (i = 0; i < nb; i++) {
		rc = pioemu_rxq_deliver(vf, dest[i].vi, &pkt, dest[i].hash, event);
		if (rc == PIOEMU_RX_OK || best != PIOEMU_RX_OK)
			best = rc;
	}
	if (best == PIOEMU_RX_OK)
		pioemu_mac_count(vf, false, frame, len);
	else if (best == PIOEMU_RX_NODESC)
		pioemu_mac_overflow(vf);
	return best;
}

enum pioemu_rx_result
pioemu_vf_frame_inject(struct pioemu_vf *vf, const void *frame, uint32_t len, uint32_t flags)
{
	uint8_t padded[PIOEMU_ETH_MIN] = { 0 };
	enum pioemu_rx_result rc;

	if (len > PIOEMU_FRAME_MAX)
		return PIOEMU_RX_TOO_LONG;
	if (len < PIOEMU_ETH_MIN && (flags & PIOEMU_INJECT_NO_PAD) == 0) {
		__builtin_memcpy(padded, frame, len);
		frame = padded;
		len = PIOEMU_ETH_MIN;
	}
	pioemu_nic_enter(vf->nic);
	rc = pioemu_rx_deliver(vf, frame, len, flags, false);
	pioemu_rxq_flush(vf);
	pioemu_nic_leave(vf->nic);
	/* a held queue looks full to whoever cannot wait */
	return rc == PIOEMU_RX_HELD ? PIOEMU_RX_NODESC : rc;
}
