/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Wires: frames out to all wires of a function, frames in from each; loopback, peer, capture. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pioemu_priv.h"

/*
 * A frame leaves. done has a bit per wire that took it already, so that a frame which has to wait for
 * one wire does not go twice to another.
 */
enum pioemu_wire_result
pioemu_wire_out(struct pioemu_vf *vf, uint16_t vi, uint32_t *done, uint8_t *frame, uint32_t len)
{
	enum pioemu_wire_result rc;
	uint32_t i;

	if (len < PIOEMU_ETH_MIN) {
		memset(frame + len, 0, PIOEMU_ETH_MIN - len);
		len = PIOEMU_ETH_MIN;
	}
	if (PIOEMU_UNLIKELY(!vf->nic->link_up)) {
		vf->vis[vi].stats.tx_drop_link++;
		return PIOEMU_WIRE_TAKEN;
	}
	for (i = 0; i < vf->nb_wires; i++) {
		if ((*done & (1u << i)) != 0)
			continue;
		rc = vf->wires[i]->ops->out(vf->wires[i], vf, vi, frame, len);
		if (PIOEMU_UNLIKELY(rc != PIOEMU_WIRE_TAKEN))
			return rc;
		*done |= 1u << i;
	}
	PIOEMU_TRACE(vf, FRAME, "tx vi=%u len=%u", vi, len);
	pioemu_mac_count(vf, true, frame, len);
	return PIOEMU_WIRE_TAKEN;
}

unsigned int
pioemu_wire_poll(struct pioemu_vf *vf)
{
	unsigned int done = 0;
	uint32_t i;

	for (i = 0; i < vf->nb_wires; i++) {
		if (vf->wires[i]->ops->poll != NULL)
			done += vf->wires[i]->ops->poll(vf->wires[i], vf);
	}
	return done;
}

void
pioemu_wire_idle(struct pioemu_vf *vf)
{
	uint32_t i;

	for (i = 0; i < vf->nb_wires; i++) {
		if (vf->wires[i]->ops->idle != NULL)
			vf->wires[i]->ops->idle(vf->wires[i]);
	}
}

static int
wire_attach(struct pioemu_vf *vf, struct pioemu_wire *wire)
{
	if (vf->nb_wires == PIOEMU_WIRES_MAX)
		return -ENOSPC;
	vf->wires[vf->nb_wires++] = wire;
	wire->users++;
	return 0;
}

/* The wires that were attached last, until nb are left */
static void
wire_detach(struct pioemu_vf *vf, uint32_t nb)
{
	while (vf->nb_wires > nb) {
		struct pioemu_wire *wire = vf->wires[--vf->nb_wires];

		wire->users--;
		if (wire->ops->detach != NULL)
			wire->ops->detach(wire, vf);
		if (wire->users == 0)
			free(wire);
	}
}

void
pioemu_wire_detach_all(struct pioemu_vf *vf)
{
	wire_detach(vf, 0);
}

void
pioemu_vf_wire_remove_all(struct pioemu_vf *vf)
{
	pioemu_nic_enter(vf->nic);
	pioemu_wire_detach_all(vf);
	pioemu_nic_leave(vf->nic);
}

/* To another function, or back to the same one. */
static enum pioemu_wire_result
wire_deliver(struct pioemu_vf *from, struct pioemu_vf *to, const uint8_t *frame, uint32_t len)
{
	bool may_wait = from->conf.flow_control || to->conf.flow_control;
	enum pioemu_rx_result rc = pioemu_rx_deliver(to, frame, len, 0, may_wait);

	if (PIOEMU_UNLIKELY(rc == PIOEMU_RX_HELD))
		return PIOEMU_WIRE_HELD;
	if (PIOEMU_UNLIKELY(rc == PIOEMU_RX_ABSENT))
		pioemu_rx_deliver(to, frame, len, 0, false);
	return rc == PIOEMU_RX_NODESC && may_wait ? PIOEMU_WIRE_WAIT : PIOEMU_WIRE_TAKEN;
}

static enum pioemu_wire_result
loopback_out(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi, const uint8_t *frame,
	     uint32_t len)
{
	(void)wire;
	(void)vi;
	return wire_deliver(vf, vf, frame, len);
}

static const struct pioemu_wire_ops loopback_ops = { .name = "loopback", .out = loopback_out };

struct wire_peer {
	struct pioemu_wire wire;
	struct pioemu_vf *end[2];
};

static enum pioemu_wire_result
peer_out(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi, const uint8_t *frame,
	 uint32_t len)
{
	struct wire_peer *peer = (struct wire_peer *)wire;
	struct pioemu_vf *to = peer->end[0] == vf ? peer->end[1] : peer->end[0];

	(void)vi;
	return to == NULL ? PIOEMU_WIRE_TAKEN : wire_deliver(vf, to, frame, len);
}

static void
peer_detach(struct pioemu_wire *wire, struct pioemu_vf *vf)
{
	struct wire_peer *peer = (struct wire_peer *)wire;

	peer->end[peer->end[0] == vf ? 0 : 1] = NULL;
}

static const struct pioemu_wire_ops peer_ops = {
	.name = "peer", .out = peer_out, .detach = peer_detach,
};

int
pioemu_vf_wire_add_peer(struct pioemu_vf *a, struct pioemu_vf *b)
{
	struct wire_peer *peer;
	int rc = -ENOSPC;

	if (a == b || a->nic != b->nic)
		return -EINVAL;
	peer = calloc(1, sizeof(*peer));
	if (peer == NULL)
		return -ENOMEM;
	peer->wire.ops = &peer_ops;
	peer->end[0] = a;
	peer->end[1] = b;
	pioemu_nic_enter(a->nic);
	if (a->nb_wires < PIOEMU_WIRES_MAX && b->nb_wires < PIOEMU_WIRES_MAX) {
		wire_attach(a, &peer->wire);
		rc = wire_attach(b, &peer->wire);
	}
	pioemu_nic_leave(a->nic);
	if (rc != 0)
		free(peer);
	return rc;
}

/* Capture: a ring of copies for tests, or a callback. */
struct capture_frame {
	uint8_t *data;
	uint32_t len;
	uint16_t vi;
};

struct wire_capture {
	struct pioemu_wire wire;
	pioemu_frame_cb cb;
	void *arg;
	uint32_t room;
	uint64_t head, tail;
	struct capture_frame *frames;
};

static enum pioemu_wire_result
capture_out(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi, const uint8_t *frame,
	    uint32_t len)
{
	struct wire_capture *cap = (struct wire_capture *)wire;
	struct capture_frame *slot;

	if (cap->cb != NULL) {
		cap->cb(cap->arg, vf->index, vi, frame, len);
		return PIOEMU_WIRE_TAKEN;
	}
	slot = &cap->frames[cap->tail % cap->room];
	if (cap->tail - cap->head == cap->room || (slot->data = malloc(len)) == NULL) {
		vf->stats.wire_drops++;
		return PIOEMU_WIRE_TAKEN;
	}
	memcpy(slot->data, frame, len);
	slot->len = len;
	slot->vi = vi;
	cap->tail++;
	return PIOEMU_WIRE_TAKEN;
}

static void
capture_detach(struct pioemu_wire *wire, struct pioemu_vf *vf)
{
	struct wire_capture *cap = (struct wire_capture *)wire;

	(void)vf;
	for (; cap->head != cap->tail; cap->head++)
		free(cap->frames[cap->head % cap->room].data);
	free(cap->frames);
}

static const struct pioemu_wire_ops capture_ops = {
	.name = "capture", .out = capture_out, .detach = capture_detach,
};

static int
wire_add(struct pioemu_vf *vf, struct pioemu_wire *wire)
{
	int rc;

	pioemu_nic_enter(vf->nic);
	rc = wire_attach(vf, wire);
	pioemu_nic_leave(vf->nic);
	return rc;
}

int
pioemu_vf_wire_add_capture(struct pioemu_vf *vf, uint32_t max_frames, pioemu_frame_cb cb, void *arg)
{
	struct wire_capture *cap;
	int rc;

	if (cb == NULL && max_frames == 0)
		return -EINVAL;
	cap = calloc(1, sizeof(*cap));
	if (cap == NULL)
		return -ENOMEM;
	cap->wire.ops = &capture_ops;
	cap->cb = cb;
	cap->arg = arg;
	cap->room = max_frames;
	cap->frames = cb == NULL ? calloc(max_frames, sizeof(*cap->frames)) : NULL;
	rc = cb == NULL && cap->frames == NULL ? -ENOMEM : wire_add(vf, &cap->wire);
	if (rc != 0) {
		free(cap->frames);
		free(cap);
	}
	return rc;
}

static struct wire_capture *
capture_find(struct pioemu_vf *vf)
{
	uint32_t i;

	for (i = 0; i < vf->nb_wires; i++) {
		struct wire_capture *cap = (struct wire_capture *)vf->wires[i];

		if (vf->wires[i]->ops == &capture_ops && cap->cb == NULL)
			return cap;
	}
	return NULL;
}

uint32_t
pioemu_vf_capture_take(struct pioemu_vf *vf, void *frame, uint32_t size, uint16_t *vi)
{
	struct wire_capture *cap;
	uint32_t len = 0;

	pioemu_nic_enter(vf->nic);
	cap = capture_find(vf);
	if (cap != NULL && cap->head != cap->tail) {
		struct capture_frame *slot = &cap->frames[cap->head++ % cap->room];

		len = slot->len < size ? slot->len : size;
		memcpy(frame, slot->data, len);
		if (vi != NULL)
			*vi = slot->vi;
		len = slot->len;
		free(slot->data);
	}
	pioemu_nic_leave(vf->nic);
	return len;
}

uint32_t
pioemu_vf_capture_count(struct pioemu_vf *vf)
{
	struct wire_capture *cap;
	uint32_t nb;

	pioemu_nic_enter(vf->nic);
	cap = capture_find(vf);
	nb = cap == NULL ? 0 : (uint32_t)(cap->tail - cap->head);
	pioemu_nic_leave(vf->nic);
	return nb;
}

/* One item of a spec. */
static int
wire_add_item(struct pioemu_vf *vf, const char *item, char *err, size_t err_len)
{
	struct pioemu_wire *wire = NULL;
	const char *value = strchr(item, '=');
	size_t key = value == NULL ? strlen(item) : (size_t)(value - item);
	int rc;

	value = value == NULL ? "" : value + 1;
	if (strcmp(item, "none") == 0)
		return 0;
	if (strcmp(item, "loopback") == 0) {
		wire = calloc(1, sizeof(*wire));
		rc = wire == NULL ? -ENOMEM : 0;
		if (wire != NULL)
			wire->ops = &loopback_ops;
	} else if (*value == '\0') {
		snprintf(err, err_len, "wire \"%s\" is not known or lacks its value: want none, "
			"loopback, tap=NAME, pcap-in=FILE, pcap-loop=FILE or pcap-out=FILE", item);
		return -EINVAL;
	} else if (strncmp(item, "tap", key) == 0 && key == 3) {
		rc = pioemu_wire_tap(value, &wire, err, err_len);
	} else if (strncmp(item, "pcap-in", key) == 0 && key == 7) {
		rc = pioemu_wire_pcap_in(value, false, &wire, err, err_len);
	} else if (strncmp(item, "pcap-loop", key) == 0 && key == 9) {
		rc = pioemu_wire_pcap_in(value, true, &wire, err, err_len);
	} else if (strncmp(item, "pcap-out", key) == 0 && key == 8) {
		rc = pioemu_wire_pcap_out(value, &wire, err, err_len);
	} else {
		snprintf(err, err_len, "wire \"%s\" is not known: want none, loopback, tap=NAME, "
			"pcap-in=FILE, pcap-loop=FILE or pcap-out=FILE", item);
		return -EINVAL;
	}
	if (rc != 0)
		return rc;
	rc = wire_add(vf, wire);
	if (rc != 0) {
		snprintf(err, err_len, "more than %u wires", PIOEMU_WIRES_MAX);
		if (wire->ops->detach != NULL)
			wire->ops->detach(wire, vf);
		free(wire);
	}
	return rc;
}

int
pioemu_vf_wire_add_spec(struct pioemu_vf *vf, const char *spec, char *err, size_t err_len)
{
	char *copy = strdup(spec), *rest = copy, *item;
	const uint32_t before = vf->nb_wires;
	char local[160] = "";
	int rc = 0;

	if (copy == NULL)
		return -ENOMEM;
	while (rc == 0 && (item = strsep(&rest, ",")) != NULL)
		rc = wire_add_item(vf, item, local, sizeof(local));
	free(copy);
	if (rc != 0) {
		pioemu_nic_enter(vf->nic);
		wire_detach(vf, before);
		pioemu_nic_leave(vf->nic);
	}
	if (err != NULL && err_len > 0)
		snprintf(err, err_len, "%s", local);
	return rc;
}
