/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Wires from and to classic pcap files. Format: draft-ietf-opsawg-pcap; magic numbers below. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pioemu_priv.h"

#define PCAP_MAGIC_US	0xA1B2C3D4u
#define PCAP_MAGIC_NS	0xA1B23C4Du
#define PCAP_HDR_LEN	24u
#define PCAP_REC_LEN	16u
#define PCAP_SNAPLEN	65535u
#define PCAP_ETHERNET	1u

struct wire_pcap {
	struct pioemu_wire wire;
	FILE *file;
	bool swapped, loop, end;
	bool have;			/* frame holds one that nobody could take yet */
	bool dirty;
	uint64_t absent_until;		/* ticks; 0: the queue of the frame at hand is there */
	uint32_t len;
	uint8_t frame[PIOEMU_FRAME_MAX + 64];
};

static uint32_t
pcap_u32(const struct wire_pcap *pcap, const uint8_t *p)
{
	uint32_t value = ef10_le32_get(p);

	return pcap->swapped ? __builtin_bswap32(value) : value;
}

static void
pcap_detach(struct pioemu_wire *wire, struct pioemu_vf *vf)
{
	(void)vf;
	fclose(((struct wire_pcap *)wire)->file);
}

/* Next record into pcap->frame. Longer ones than the wire carries are skipped. */
static bool
pcap_read(struct wire_pcap *pcap)
{
	uint8_t rec[PCAP_REC_LEN];
	bool rewound = false;

	while (!pcap->end) {
		uint32_t len;

		if (fread(rec, sizeof(rec), 1, pcap->file) != 1) {
			/* a file without any frame ends even when it is to be repeated */
			if (!pcap->loop || rewound ||
			    fseek(pcap->file, PCAP_HDR_LEN, SEEK_SET) != 0) {
				pcap->end = true;
				break;
			}
			rewound = true;
			continue;
		}
		len = pcap_u32(pcap, rec + 8);
		if (len > PIOEMU_FRAME_MAX) {
			pcap->end = fseek(pcap->file, (long)len, SEEK_CUR) != 0;
			continue;
		}
		if (fread(pcap->frame, 1, len, pcap->file) != len) {
			pcap->end = true;
			break;
		}
		if (len < PIOEMU_ETH_MIN) {
			memset(pcap->frame + len, 0, PIOEMU_ETH_MIN - len);
			len = PIOEMU_ETH_MIN;
		}
		pcap->len = len;
		return true;
	}
	return false;
}

#define PCAP_ABSENT_MS	1000

/* A frame whose queue is not there waits too, in case a driver is just starting one after the other. */
static bool
pcap_deliver(struct wire_pcap *pcap, struct pioemu_vf *vf)
{
	enum pioemu_rx_result rc = pioemu_rx_deliver(vf, pcap->frame, pcap->len, 0, true);
	uint64_t now = vf->nic->now;

	if (rc == PIOEMU_RX_ABSENT) {
		if (pcap->absent_until == 0)
			pcap->absent_until = now +
				pioemu_time_ticks(vf->nic, PCAP_ABSENT_MS * 1000000ull);
		if (now < pcap->absent_until)
			return false;
		rc = pioemu_rx_deliver(vf, pcap->frame, pcap->len, 0, false);
	} else {
		pcap->absent_until = 0;
	}
	return rc != PIOEMU_RX_NODESC && rc != PIOEMU_RX_HELD;
}

/*
 * Frames wait until the function can take them: until a filter wants one, which is when the driver
 * has set itself up, and until there are descriptors.
 */
static unsigned int
pcap_poll(struct pioemu_wire *wire, struct pioemu_vf *vf)
{
	struct wire_pcap *pcap = (struct wire_pcap *)wire;
	unsigned int done = 0;

	if (vf->nb_filters == 0 || vf->nb_rx == 0 || vf->mac.drain || !vf->nic->link_up)
		return 0;
	for (; done < PIOEMU_RX_BUDGET; done++) {
		if (!pcap->have && !pcap_read(pcap))
			break;
		pcap->have = !pcap_deliver(pcap, vf);
		if (pcap->have)
			break;
	}
	return done;
}

static enum pioemu_wire_result
pcap_in_out(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi, const uint8_t *frame,
	    uint32_t len)
{
	(void)wire;
	(void)vf;
	(void)vi;
	(void)frame;
	(void)len;
	return PIOEMU_WIRE_TAKEN;
}

static const struct pioemu_wire_ops pcap_in_ops = {
	.name = "pcap-in", .out = pcap_in_out, .poll = pcap_poll, .detach = pcap_detach,
};

/* false: not a classic pcap file of Ethernet frames */
static bool
pcap_header_read(struct wire_pcap *pcap)
{
	uint8_t hdr[PCAP_HDR_LEN];
	uint32_t magic;

	if (fread(hdr, sizeof(hdr), 1, pcap->file) != 1)
		return false;
	magic = ef10_le32_get(hdr);
	pcap->swapped = magic == __builtin_bswap32(PCAP_MAGIC_US) ||
		magic == __builtin_bswap32(PCAP_MAGIC_NS);
	magic = pcap_u32(pcap, hdr);
	return (magic == PCAP_MAGIC_US || magic == PCAP_MAGIC_NS) &&
		(pcap_u32(pcap, hdr + 20) & 0xFFFF) == PCAP_ETHERNET;
}

static struct wire_pcap *
pcap_open(const char *path, const char *mode, const struct pioemu_wire_ops *ops, char *err,
	  size_t err_len, int *rc)
{
	struct wire_pcap *pcap = calloc(1, sizeof(*pcap));

	if (pcap == NULL) {
		*rc = -ENOMEM;
		return NULL;
	}
	pcap->wire.ops = ops;
	pcap->file = fopen(path, mode);
	if (pcap->file == NULL) {
		*rc = -errno;
		snprintf(err, err_len, "%s: %s", path, strerror(-*rc));
		free(pcap);
		return NULL;
	}
	return pcap;
}

int
pioemu_wire_pcap_in(const char *path, bool loop, struct pioemu_wire **wire, char *err,
		    size_t err_len)
{
	struct wire_pcap *pcap;
	int rc = 0;

	pcap = pcap_open(path, "rbe", &pcap_in_ops, err, err_len, &rc);
	if (pcap == NULL)
		return rc;
	pcap->loop = loop;
	if (!pcap_header_read(pcap)) {
		snprintf(err, err_len, "%s: not a classic pcap file of Ethernet frames", path);
		fclose(pcap->file);
		free(pcap);
		return -EINVAL;
	}
	*wire = &pcap->wire;
	return 0;
}

int
pioemu_pcap_check(const char *path, char *err, size_t err_len)
{
	struct pioemu_wire *wire;
	int rc = pioemu_wire_pcap_in(path, false, &wire, err, err_len);

	if (rc == 0) {
		pcap_detach(wire, NULL);
		free(wire);
	}
	return rc;
}

static enum pioemu_wire_result
pcap_out(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi, const uint8_t *frame,
	 uint32_t len)
{
	struct wire_pcap *pcap = (struct wire_pcap *)wire;
	uint8_t rec[PCAP_REC_LEN];
	struct timespec ts;

	(void)vi;
	clock_gettime(CLOCK_REALTIME, &ts);
	ef10_le32_put(rec, (uint32_t)ts.tv_sec);
	ef10_le32_put(rec + 4, (uint32_t)ts.tv_nsec);
	ef10_le32_put(rec + 8, len);
	ef10_le32_put(rec + 12, len);
	if (fwrite(rec, sizeof(rec), 1, pcap->file) != 1 ||
	    fwrite(frame, 1, len, pcap->file) != len)
		vf->stats.wire_drops++;
	pcap->dirty = true;
	return PIOEMU_WIRE_TAKEN;
}

static void
pcap_idle(struct pioemu_wire *wire)
{
	struct wire_pcap *pcap = (struct wire_pcap *)wire;

	if (pcap->dirty)
		fflush(pcap->file);
	pcap->dirty = false;
}

static const struct pioemu_wire_ops pcap_out_ops = {
	.name = "pcap-out", .out = pcap_out, .idle = pcap_idle, .detach = pcap_detach,
};

int
pioemu_wire_pcap_out(const char *path, struct pioemu_wire **wire, char *err, size_t err_len)
{
	uint8_t hdr[PCAP_HDR_LEN] = { 0 };
	struct wire_pcap *pcap;
	int rc = 0;

	pcap = pcap_open(path, "wbe", &pcap_out_ops, err, err_len, &rc);
	if (pcap == NULL)
		return rc;
	ef10_le32_put(hdr, PCAP_MAGIC_NS);
	ef10_le16_put(hdr + 4, 2);
	ef10_le16_put(hdr + 6, 4);
	ef10_le32_put(hdr + 16, PCAP_SNAPLEN);
	ef10_le32_put(hdr + 20, PCAP_ETHERNET);
	if (fwrite(hdr, sizeof(hdr), 1, pcap->file) != 1 || fflush(pcap->file) != 0) {
		rc = -EIO;
		snprintf(err, err_len, "%s: cannot be written", path);
		fclose(pcap->file);
		free(pcap);
		return rc;
	}
	*wire = &pcap->wire;
	return 0;
}
