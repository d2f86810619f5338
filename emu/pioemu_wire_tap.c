/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Wire to a Linux TAP interface. */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pioemu_priv.h"

struct wire_tap {
	struct pioemu_wire wire;
	int fd;
	uint64_t next_read;		/* ticks: an idle interface is not asked all the time */
	bool have;
	uint32_t len;
	uint8_t frame[PIOEMU_FRAME_MAX + 64];
};

#define TAP_IDLE_US	20

static enum pioemu_wire_result
tap_out(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi, const uint8_t *frame,
	uint32_t len)
{
	struct wire_tap *tap = (struct wire_tap *)wire;

	(void)vi;
	if (write(tap->fd, frame, len) != (ssize_t)len)
		vf->stats.wire_drops++;
	return PIOEMU_WIRE_TAKEN;
}

static unsigned int
tap_poll(struct pioemu_wire *wire, struct pioemu_vf *vf)
{
	struct wire_tap *tap = (struct wire_tap *)wire;
	unsigned int done = 0;

	if (vf->nic->now < tap->next_read)
		return 0;
	while (done < PIOEMU_RX_BUDGET) {
		enum pioemu_rx_result rc;

		if (!tap->have) {
			ssize_t n = read(tap->fd, tap->frame, PIOEMU_FRAME_MAX);

			if (n <= 0) {
				tap->next_read = vf->nic->now +
					pioemu_time_ticks(vf->nic, TAP_IDLE_US * 1000);
				break;
			}
			tap->len = (uint32_t)n;
			if (tap->len < PIOEMU_ETH_MIN) {
				memset(tap->frame + tap->len, 0, PIOEMU_ETH_MIN - tap->len);
				tap->len = PIOEMU_ETH_MIN;
			}
		}
		rc = pioemu_rx_deliver(vf, tap->frame, tap->len, 0, vf->conf.flow_control);
		if (rc == PIOEMU_RX_ABSENT)
			pioemu_rx_deliver(vf, tap->frame, tap->len, 0, false);
		tap->have = rc == PIOEMU_RX_HELD || (rc == PIOEMU_RX_NODESC && vf->conf.flow_control);
		if (tap->have)
			break;
		done++;
	}
	return done;
}

static void
tap_detach(struct pioemu_wire *wire, struct pioemu_vf *vf)
{
	(void)vf;
	close(((struct wire_tap *)wire)->fd);
}

static const struct pioemu_wire_ops tap_ops = {
	.name = "tap", .out = tap_out, .poll = tap_poll, .detach = tap_detach,
};

/* Best effort: without the right to do so the user brings the interface up. */
static void
tap_up(const char *name)
{
	struct ifreq ifr;
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return;
	memset(&ifr, 0, sizeof(ifr));
	memcpy(ifr.ifr_name, name, strlen(name));
	if (ioctl(sock, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags |= IFF_UP;
		if (ioctl(sock, SIOCSIFFLAGS, &ifr) != 0)
			fprintf(stderr, "pioemu: %s stays down: %s\n", name, strerror(errno));
	}
	close(sock);
}

int
pioemu_wire_tap(const char *name, struct pioemu_wire **wire, char *err, size_t err_len)
{
	struct wire_tap *tap;
	struct ifreq ifr;
	int rc;

	if (strlen(name) >= IFNAMSIZ) {
		snprintf(err, err_len, "tap=%s: name longer than %d characters", name, IFNAMSIZ - 1);
		return -EINVAL;
	}
	tap = calloc(1, sizeof(*tap));
	if (tap == NULL)
		return -ENOMEM;
	tap->wire.ops = &tap_ops;
	tap->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	memset(&ifr, 0, sizeof(ifr));
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
	memcpy(ifr.ifr_name, name, strlen(name));
	if (tap->fd < 0 || ioctl(tap->fd, TUNSETIFF, &ifr) != 0) {
		rc = -errno;
		snprintf(err, err_len, "tap=%s: %s%s", name, strerror(errno), tap->fd < 0 ?
			" (/dev/net/tun)" : "");
		if (tap->fd >= 0)
			close(tap->fd);
		free(tap);
		return rc;
	}
	tap_up(ifr.ifr_name);
	*wire = &tap->wire;
	return 0;
}
