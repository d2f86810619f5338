/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pioemu_qemu.h"

/*
 * The proxy's messages, all in host byte order: this header, `size` bytes of payload, and file
 * descriptors as ancillary data (observed with QEMU 7.2; QEMU: hw/remote/mpqemu-link.c).
 */
struct qemu_msg_hdr {
	int32_t cmd;
	uint32_t pad;
	uint64_t size;
};

enum qemu_msg_cmd {
	QEMU_MSG_SYNC_SYSMEM,   /* where guest RAM is; fds; no answer */
	QEMU_MSG_RET,           /* our answer: 8 bytes */
	QEMU_MSG_CFG_WRITE,
	QEMU_MSG_CFG_READ,
	QEMU_MSG_BAR_WRITE,
	QEMU_MSG_BAR_READ,
	QEMU_MSG_SET_IRQFD,     /* INTx, which a VF does not have; two fds; no answer */
	QEMU_MSG_RESET,
};

struct qemu_msg_sysmem {
	uint64_t gpa[PIOEMU_QEMU_MAX_RAM];
	uint64_t len[PIOEMU_QEMU_MAX_RAM];
	uint64_t fd_off[PIOEMU_QEMU_MAX_RAM];
};

struct qemu_msg_cfg {
	uint32_t off;
	uint32_t value;
	int32_t len;
};

struct qemu_msg_bar {
	uint64_t addr;          /* as programmed into the BAR, not an offset */
	uint64_t value;
	uint32_t len;
	uint8_t is_memory;
	uint8_t pad[3];
};

_Static_assert(sizeof(struct qemu_msg_hdr) == 16, "proxy message header");
_Static_assert(sizeof(struct qemu_msg_sysmem) == 192, "proxy RAM message");
_Static_assert(sizeof(struct qemu_msg_cfg) == 12, "proxy config message");
_Static_assert(sizeof(struct qemu_msg_bar) == 24, "proxy BAR message");

struct qemu_msg {
	struct qemu_msg_hdr hdr;
	union {
		struct qemu_msg_sysmem sysmem;
		struct qemu_msg_cfg cfg;
		struct qemu_msg_bar bar;
	};
	int fd[PIOEMU_QEMU_MAX_RAM];
	unsigned int nb_fds;
};

static void
qemu_irq_raise(void *host, uint16_t vector)
{
	struct pioemu_qemu_fn *fn = host;

	pioemu_pcicfg_msix_raise(&fn->cfg, vector);
}

static const struct pioemu_host_ops qemu_host_ops = {
	.irq_raise = qemu_irq_raise,
};

int
pioemu_qemu_fn_create(struct pioemu_qemu_fn *fn, struct pioemu_nic *nic, int sock,
		const struct pioemu_vf_config *conf)
{
	struct pioemu_vf_config vf_conf = *conf;
	struct pioemu_pcicfg_conf cfg_conf;
	int rc;

	memset(fn, 0, sizeof(*fn));
	fn->sock = sock;

	vf_conf.bar_trapping = true;
	vf_conf.ops = &qemu_host_ops;
	vf_conf.host = fn;
	cfg_conf = (struct pioemu_pcicfg_conf) {
		.vendor_id = PIOEMU_ID_VENDOR,
		.device_id = vf_conf.device_id,
		.bar0_size = pioemu_vf_bar_len(&vf_conf),
		.bar0_prefetch = vf_conf.bar_prefetchable,
		.msix_vectors = vf_conf.nb_vectors,
	};
	rc = pioemu_pcicfg_init(&fn->cfg, &cfg_conf);
	if (rc != 0)
		return rc;

	fn->iommu = pioemu_iommu_create(nic, 0);
	if (fn->iommu == NULL)
		return -ENOMEM;
	rc = pioemu_vf_create(nic, &vf_conf, &fn->vf);
	if (rc != 0)
		goto fail_vf;
	pioemu_vf_iommu_set(fn->vf, fn->iommu);
	pioemu_vf_bus_master_set(fn->vf, false);
	return 0;

fail_vf:
	pioemu_iommu_destroy(fn->iommu);
	fn->iommu = NULL;
	return rc;
}

static void
qemu_ram_forget(struct pioemu_qemu_fn *fn)
{
	unsigned int i;

	pioemu_iommu_unmap_all(fn->iommu);
	for (i = 0; i < fn->nb_ram; i++)
		munmap(fn->ram[i].map, fn->ram[i].len);
	fn->nb_ram = 0;
}

void
pioemu_qemu_fn_destroy(struct pioemu_qemu_fn *fn)
{
	if (fn->vf == NULL)
		return;
	qemu_ram_forget(fn);
	pioemu_vf_destroy(fn->vf);
	fn->vf = NULL;
	pioemu_iommu_destroy(fn->iommu);
	fn->iommu = NULL;
	close(fn->sock);
	fn->sock = -1;
}

static int
qemu_ram_add(struct pioemu_qemu_fn *fn, const struct pioemu_qemu_ram *piece, int fd)
{
	struct pioemu_qemu_ram *ram = &fn->ram[fn->nb_ram];

	*ram = *piece;
	ram->map = mmap(NULL, ram->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)ram->fd_off);
	if (ram->map == MAP_FAILED)
		return -errno;
	fn->nb_ram++;
	return pioemu_iommu_map(fn->iommu, ram->gpa, ram->len, ram->map,
			PIOEMU_DMA_READ | PIOEMU_DMA_WRITE);
}

/*
 * The message replaces whatever an earlier one said. QEMU repeats it at every change of the
 * guest's address map, hundreds of times during a boot; mostly RAM has stayed where it was.
 */
static int
qemu_ram_set(struct pioemu_qemu_fn *fn, const struct qemu_msg *msg)
{
	struct pioemu_qemu_ram ram[PIOEMU_QEMU_MAX_RAM];
	bool is_same = msg->nb_fds == fn->nb_ram;
	unsigned int i;
	int rc;

	for (i = 0; i < msg->nb_fds; i++) {
		struct stat st;

		if (fstat(msg->fd[i], &st) != 0)
			return -EPROTO;
		ram[i] = (struct pioemu_qemu_ram) {
			.map = i < fn->nb_ram ? fn->ram[i].map : NULL,
			.len = msg->sysmem.len[i],
			.gpa = msg->sysmem.gpa[i],
			.fd_off = msg->sysmem.fd_off[i],
			.inode = st.st_ino,
		};
		/* Beyond the file's end a mapping can be made, and every touch of it is a SIGBUS. */
		if (ram[i].len == 0 || ram[i].fd_off > (uint64_t)st.st_size ||
				ram[i].len > (uint64_t)st.st_size - ram[i].fd_off) {
			fprintf(stderr, "pioemu: guest memory at 0x%llx is larger than its file\n",
				(unsigned long long)ram[i].gpa);
			return -EPROTO;
		}
		is_same = is_same && memcmp(&ram[i], &fn->ram[i], sizeof(ram[i])) == 0;
	}
	if (is_same)
		return 0;

	qemu_ram_forget(fn);
	for (i = 0; i < msg->nb_fds; i++) {
		rc = qemu_ram_add(fn, &ram[i], msg->fd[i]);
		if (rc != 0) {
			fprintf(stderr, "pioemu: guest memory at 0x%llx is refused: %s\n",
				(unsigned long long)ram[i].gpa, strerror(-rc));
			return -EPROTO;
		}
	}
	return 0;
}

static void
qemu_fds_close(struct qemu_msg *msg)
{
	unsigned int i;

	for (i = 0; i < msg->nb_fds; i++)
		close(msg->fd[i]);
	msg->nb_fds = 0;
}

static size_t
qemu_payload_size(int32_t cmd)
{
	switch (cmd) {
	case QEMU_MSG_SYNC_SYSMEM:
		return sizeof(struct qemu_msg_sysmem);
	case QEMU_MSG_CFG_WRITE:
	case QEMU_MSG_CFG_READ:
		return sizeof(struct qemu_msg_cfg);
	case QEMU_MSG_BAR_WRITE:
	case QEMU_MSG_BAR_READ:
		return sizeof(struct qemu_msg_bar);
	default:
		return 0;
	}
}

static void
qemu_fds_take(struct qemu_msg *msg, struct msghdr *mh)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(mh); cmsg != NULL; cmsg = CMSG_NXTHDR(mh, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		/* cannot be more: the control buffer has room for one set of these */
		msg->nb_fds = (unsigned int)((cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(msg->fd, CMSG_DATA(cmsg), msg->nb_fds * sizeof(int));
	}
}

static int
qemu_msg_recv(int sock, struct qemu_msg *msg)
{
	union {
		char buf[CMSG_SPACE(sizeof(msg->fd))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = &msg->hdr, .iov_len = sizeof(msg->hdr) };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	ssize_t got;

	memset(msg, 0, sizeof(*msg));
	do {
		got = recvmsg(sock, &mh, MSG_WAITALL | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return -ENOTCONN;
	if (got > 0)
		qemu_fds_take(msg, &mh);
	if (got != sizeof(msg->hdr) || msg->hdr.size != qemu_payload_size(msg->hdr.cmd)) {
		fprintf(stderr, "pioemu: proxy message %d of %llu bytes is not one of QEMU 7.2's\n",
			msg->hdr.cmd, (unsigned long long)msg->hdr.size);
		qemu_fds_close(msg);
		return -EPROTO;
	}
	if (msg->hdr.size == 0)
		return 0;

	do {
		got = recv(sock, &msg->sysmem, msg->hdr.size, MSG_WAITALL);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)msg->hdr.size) {
		qemu_fds_close(msg);
		return -ENOTCONN;
	}
	return 0;
}

static int
qemu_ret_send(int sock, uint64_t value)
{
	struct {
		struct qemu_msg_hdr hdr;
		uint64_t value;
	} ret = { { QEMU_MSG_RET, 0, sizeof(uint64_t) }, value };

	if (send(sock, &ret, sizeof(ret), MSG_NOSIGNAL) != (ssize_t)sizeof(ret))
		return -ENOTCONN;
	return 0;
}

static void
qemu_cfg_write(struct pioemu_qemu_fn *fn, const struct qemu_msg_cfg *req)
{
	enum pioemu_pcicfg_action action;

	action = pioemu_pcicfg_write(&fn->cfg, req->off, req->value, (unsigned int)req->len);
	if (action == PIOEMU_PCICFG_FLR)
		pioemu_vf_reset(fn->vf);
	pioemu_vf_bus_master_set(fn->vf, pioemu_pcicfg_is_bus_master(&fn->cfg));
}

static void
qemu_bar_write(struct pioemu_qemu_fn *fn, const struct qemu_msg_bar *req)
{
	uint64_t off;

	fn->nb_accesses++;
	switch (pioemu_pcicfg_decode(&fn->cfg, req->addr, req->len, &off)) {
	case PIOEMU_PCICFG_BAR0:
		pioemu_vf_bar_write(fn->vf, off, req->len, req->value);
		break;
	case PIOEMU_PCICFG_MSIX:
		pioemu_pcicfg_msix_write(&fn->cfg, off, req->value, req->len);
		break;
	case PIOEMU_PCICFG_NOWHERE:
		fn->nb_stray++;
		break;
	}
}

static uint64_t
qemu_bar_read(struct pioemu_qemu_fn *fn, const struct qemu_msg_bar *req)
{
	uint64_t off;

	fn->nb_accesses++;
	switch (pioemu_pcicfg_decode(&fn->cfg, req->addr, req->len, &off)) {
	case PIOEMU_PCICFG_BAR0:
		return pioemu_vf_bar_read(fn->vf, off, req->len);
	case PIOEMU_PCICFG_MSIX:
		return pioemu_pcicfg_msix_read(&fn->cfg, off, req->len);
	case PIOEMU_PCICFG_NOWHERE:
		break;
	}
	fn->nb_stray++;
	return UINT64_MAX;
}

static int
qemu_msg_answer(struct pioemu_qemu_fn *fn, const struct qemu_msg *msg)
{
	switch (msg->hdr.cmd) {
	case QEMU_MSG_SYNC_SYSMEM:
		return qemu_ram_set(fn, msg);
	case QEMU_MSG_SET_IRQFD:
		return 0;
	case QEMU_MSG_CFG_WRITE:
		qemu_cfg_write(fn, &msg->cfg);
		return qemu_ret_send(fn->sock, 0);
	case QEMU_MSG_CFG_READ:
		return qemu_ret_send(fn->sock, pioemu_pcicfg_read(&fn->cfg, msg->cfg.off,
				(unsigned int)msg->cfg.len));
	case QEMU_MSG_BAR_WRITE:
		qemu_bar_write(fn, &msg->bar);
		return qemu_ret_send(fn->sock, 0);
	case QEMU_MSG_BAR_READ:
		return qemu_ret_send(fn->sock, qemu_bar_read(fn, &msg->bar));
	case QEMU_MSG_RESET:
		pioemu_pcicfg_reset(&fn->cfg);
		pioemu_vf_bus_master_set(fn->vf, false);
		pioemu_vf_reset(fn->vf);
		return qemu_ret_send(fn->sock, 0);
	default:
		fprintf(stderr, "pioemu: proxy message %d is unknown\n", msg->hdr.cmd);
		return -EPROTO;
	}
}

int
pioemu_qemu_fn_serve(struct pioemu_qemu_fn *fn)
{
	struct qemu_msg msg;
	int rc;

	rc = qemu_msg_recv(fn->sock, &msg);
	if (rc != 0)
		return rc;
	rc = qemu_msg_answer(fn, &msg);
	qemu_fds_close(&msg);
	return rc;
}
