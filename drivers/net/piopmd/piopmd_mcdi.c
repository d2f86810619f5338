/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_pause.h>

#include "ef10_mcdi.h"
#include "ef10_regs.h"

#include "piopmd_io.h"
#include "piopmd_log.h"
#include "piopmd_mcdi.h"

/* The longest payload that the length field of version 2 can tell. */
#define MCDI_PAYLOAD_MAX	(EF10_MCDI_PAYLOAD_MAX_V2 - 1)
#define MCDI_SEQ_MASK		((1u << EF10_MCDI_HDR_SEQ_WIDTH) - 1)

/* Codec */

int
piopmd_mcdi_request_encode(uint8_t *buf, const struct piopmd_mcdi_req *req, uint8_t seq,
			   bool epoch_new)
{
	uint32_t in_len = (uint32_t)req->in_len;
	uint64_t header;

	if (req->in_len > MCDI_PAYLOAD_MAX || req->out_size > EF10_MCDI_PAYLOAD_MAX_V2)
		return -EMSGSIZE;

	if (ef10_mcdi_needs_v2(req->cmd, in_len, (uint32_t)req->out_size)) {
		if (in_len != 0)
			memcpy(buf + EF10_MCDI_HDR_V2_LEN, req->in, in_len);
		header = ef10_mcdi_hdr_v2(req->cmd, in_len, seq, epoch_new);
		ef10_le32_put(buf + EF10_MCDI_HDR_V1_LEN, (uint32_t)(header >> 32));
		ef10_le32_put(buf, (uint32_t)header);
	} else {
		if (in_len != 0)
			memcpy(buf + EF10_MCDI_HDR_V1_LEN, req->in, in_len);
		ef10_le32_put(buf, ef10_mcdi_hdr_v1(req->cmd, in_len, seq, epoch_new));
	}
	return 0;
}

bool
piopmd_mcdi_response_is_complete(uint32_t word0)
{
	return EF10_GET(word0, MCDI_HDR_RESPONSE) != 0;
}

int
piopmd_mcdi_errno(uint32_t mc_err)
{
	switch (mc_err) {
	case EF10_MCDI_ERR_EPERM:
	case EF10_MCDI_ERR_NO_PRIVILEGE:
		return -EPERM;
	case EF10_MCDI_ERR_ENOENT:
	case EF10_MCDI_ERR_NO_VADAPTOR:
	case EF10_MCDI_ERR_NO_EVB_PORT:
	case EF10_MCDI_ERR_NO_MAC_ADDR:
		return -ENOENT;
	case EF10_MCDI_ERR_EINTR:
		return -EINTR;
	case EF10_MCDI_ERR_EEXIST:
	case EF10_MCDI_ERR_MAC_EXIST:
	case EF10_MCDI_ERR_VLAN_EXIST:
		return -EEXIST;
	case EF10_MCDI_ERR_EAGAIN:
		return -EAGAIN;
	case EF10_MCDI_ERR_ENOMEM:
	case EF10_MCDI_ERR_ALLOC_FAIL:
		return -ENOMEM;
	case EF10_MCDI_ERR_EACCES:
		return -EACCES;
	case EF10_MCDI_ERR_EBUSY:
	case EF10_MCDI_ERR_FILTERS_PRESENT:
	case EF10_MCDI_ERR_VIS_PRESENT:
	case EF10_MCDI_ERR_PIOBUFS_PRESENT:
		return -EBUSY;
	case EF10_MCDI_ERR_ENODEV:
	case EF10_MCDI_ERR_NO_VSWITCH:
	case EF10_MCDI_ERR_BAD_PCI_FUNC:
		return -ENODEV;
	case EF10_MCDI_ERR_EINVAL:
	case EF10_MCDI_ERR_VLAN_LIMIT:
		return -EINVAL;
	case EF10_MCDI_ERR_ENOSPC:
		return -ENOSPC;
	case EF10_MCDI_ERR_ERANGE:
		return -ERANGE;
	case EF10_MCDI_ERR_EDEADLK:
		return -EDEADLK;
	case EF10_MCDI_ERR_ENOSYS:
	case EF10_MCDI_ERR_ENOTSUP:
		return -ENOTSUP;
	case EF10_MCDI_ERR_ETIME:
		return -ETIMEDOUT;
	case EF10_MCDI_ERR_EALREADY:
		return -EALREADY;
	default:
		return -EIO;
	}
}

/* The MC's error in the payload of a response with the error flag. */
static int
mcdi_error_decode(const uint8_t *payload, size_t len, struct piopmd_mcdi_req *req, bool *rebooted)
{
	if (len == 0) {
		*rebooted = true;
		return -EIO;
	}
	if (len < EF10_MCDI_ERR_CODE_OFST + sizeof(uint32_t))
		return -EIO;
	req->mc_err = ef10_le32_get(payload + EF10_MCDI_ERR_CODE_OFST);
	if (len >= EF10_MCDI_ERR_ARG_OFST + sizeof(uint32_t))
		req->mc_err_arg = ef10_le32_get(payload + EF10_MCDI_ERR_ARG_OFST);
	return piopmd_mcdi_errno(req->mc_err);
}

int
piopmd_mcdi_response_decode(const uint8_t *buf, struct piopmd_mcdi_req *req, uint8_t seq,
			    bool *rebooted)
{
	const uint8_t *payload = buf + EF10_MCDI_HDR_V1_LEN;
	uint32_t word0 = ef10_le32_get(buf);
	uint32_t cmd, word1;
	size_t len;

	*rebooted = false;
	req->out_len = 0;
	req->mc_err = 0;
	req->mc_err_arg = 0;

	cmd = (uint32_t)EF10_GET(word0, MCDI_HDR_CODE);
	len = EF10_GET(word0, MCDI_HDR_DATALEN);
	if (cmd == EF10_MCDI_CODE_V2) {
		word1 = ef10_le32_get(buf + EF10_MCDI_HDR_V1_LEN);
		cmd = (uint32_t)EF10_GET(word1, MCDI_V2_CMD);
		len = EF10_GET(word1, MCDI_V2_LEN);
		payload = buf + EF10_MCDI_HDR_V2_LEN;
	}
	/* the error flag without payload comes from an MC that knows nothing of this request */
	if (EF10_GET(word0, MCDI_HDR_ERROR) != 0 && len == 0)
		return mcdi_error_decode(payload, len, req, rebooted);
	if (cmd != req->cmd || EF10_GET(word0, MCDI_HDR_SEQ) != seq)
		return -EIO;
	if (EF10_GET(word0, MCDI_HDR_ERROR) != 0)
		return mcdi_error_decode(payload, len, req, rebooted);

	req->out_len = len;
	if (len < req->out_min)
		return -EIO;
	if (req->out_size != 0)
		memcpy(req->out, payload, RTE_MIN(len, req->out_size));
	return 0;
}

/* Transport */

static uint32_t
mcdi_status_read(const struct piopmd_mcdi *mcdi)
{
	return piopmd_io_read32(mcdi->bar, EF10_REG_BIU_MC_SFT_STATUS);
}

static bool
mcdi_status_is_running(uint32_t status)
{
	return EF10_GET(status, MC_STATUS_SIGNATURE) == EF10_MC_STATUS_SIGNATURE_OK;
}

/* Compares the status word with what it was; a change moves the state. */
static int
mcdi_status_check(struct piopmd_mcdi *mcdi)
{
	uint32_t status = mcdi_status_read(mcdi);

	if (status == EF10_MC_STATUS_GONE) {
		mcdi->state = PIOPMD_MCDI_GONE;
		PIOPMD_LOG_MCDI(ERR, mcdi->name, "the device is gone: its registers read all ones");
		return -ENODEV;
	}
	if (!mcdi_status_is_running(status) ||
	    EF10_GET(status, MC_STATUS_BOOT_COUNT) != mcdi->boot_count) {
		mcdi->state = PIOPMD_MCDI_REBOOTED;
		PIOPMD_LOG_MCDI(NOTICE, mcdi->name, "the management controller has rebooted "
				"(status %08x)", status);
		return -EIO;
	}
	return 0;
}

static int
mcdi_state_errno(const struct piopmd_mcdi *mcdi)
{
	switch (mcdi->state) {
	case PIOPMD_MCDI_READY:
		return 0;
	case PIOPMD_MCDI_GONE:
		return -ENODEV;
	default:
		return -EIO;
	}
}

static bool
mcdi_is_over(uint64_t start, uint64_t limit_us)
{
	return rte_get_timer_cycles() - start > limit_us * rte_get_timer_hz() / US_PER_S;
}

/* One step of waiting: spins first, then sleeps, so that a model or a slow MC gets the CPU. */
static void
mcdi_pause(uint64_t start, uint32_t *pause_us)
{
	if (!mcdi_is_over(start, PIOPMD_MCDI_SPIN_US)) {
		rte_pause();
		return;
	}
	rte_delay_us_sleep(*pause_us);
	*pause_us = RTE_MIN(*pause_us * 2, PIOPMD_MCDI_POLL_MAX_US);
}

static int
mcdi_response_wait(struct piopmd_mcdi *mcdi, const struct piopmd_mcdi_req *req)
{
	const volatile uint32_t *word0 = mcdi->mz->addr;
	uint64_t start = rte_get_timer_cycles();
	uint32_t pause_us = PIOPMD_MCDI_POLL_MIN_US;
	int ret;

	for (;;) {
		if (piopmd_mcdi_response_is_complete(rte_le_to_cpu_32(*word0))) {
			piopmd_io_dma_rmb(); /* the rest was written before the first word */
			return 0;
		}
		ret = mcdi_status_check(mcdi);
		if (ret != 0)
			return ret;
		if (mcdi_is_over(start, PIOPMD_MCDI_TIMEOUT_US))
			break;
		mcdi_pause(start, &pause_us);
	}
	mcdi->state = PIOPMD_MCDI_DEAD;
	PIOPMD_LOG_MCDI(ERR, mcdi->name, "no response to %s (%#x) within %u ms",
			ef10_cmd_name(req->cmd), req->cmd, PIOPMD_MCDI_TIMEOUT_US / 1000);
	return -ETIMEDOUT;
}

static void
mcdi_result_log(const struct piopmd_mcdi *mcdi, const struct piopmd_mcdi_req *req, int ret)
{
	if (ret == 0)
		PIOPMD_LOG_MCDI(DEBUG, mcdi->name, "%s (%#x): %zu bytes in, %zu out",
				ef10_cmd_name(req->cmd), req->cmd, req->in_len, req->out_len);
	else if (req->mc_err == 0)
		PIOPMD_LOG_MCDI(ERR, mcdi->name, "%s (%#x) failed: %s", ef10_cmd_name(req->cmd),
				req->cmd, rte_strerror(-ret));
	else if (req->quiet)
		PIOPMD_LOG_MCDI(DEBUG, mcdi->name, "%s (%#x): %s", ef10_cmd_name(req->cmd),
				req->cmd, ef10_mcdi_err_name(req->mc_err));
	else
		PIOPMD_LOG_MCDI(ERR, mcdi->name, "%s (%#x) refused: %s (%#x), argument %u",
				ef10_cmd_name(req->cmd), req->cmd, ef10_mcdi_err_name(req->mc_err),
				req->mc_err, req->mc_err_arg);
}

static int
mcdi_execute_locked(struct piopmd_mcdi *mcdi, struct piopmd_mcdi_req *req)
{
	uint8_t seq = mcdi->seq;
	bool rebooted = false;
	int ret;

	req->mc_err = 0;
	ret = mcdi_state_errno(mcdi);
	if (ret != 0)
		return ret;
	ret = piopmd_mcdi_request_encode(mcdi->mz->addr, req, seq, mcdi->epoch_new);
	if (ret != 0)
		return ret;

	mcdi->seq = (mcdi->seq + 1) & MCDI_SEQ_MASK;
	mcdi->epoch_new = false;
	mcdi->nb_requests++;
	piopmd_io_mcdi_doorbell(mcdi->bar, mcdi->mz->iova);

	ret = mcdi_response_wait(mcdi, req);
	if (ret != 0)
		return ret;
	ret = piopmd_mcdi_response_decode(mcdi->mz->addr, req, seq, &rebooted);
	if (rebooted)
		mcdi->state = PIOPMD_MCDI_REBOOTED;
	mcdi_result_log(mcdi, req, ret);
	return ret;
}

int
piopmd_mcdi_execute(struct piopmd_mcdi *mcdi, struct piopmd_mcdi_req *req)
{
	int ret;

	pthread_mutex_lock(&mcdi->lock);
	ret = mcdi_execute_locked(mcdi, req);
	pthread_mutex_unlock(&mcdi->lock);
	return ret;
}

int
piopmd_mcdi_send(struct piopmd_mcdi *mcdi, uint32_t cmd, const uint8_t *in, size_t in_len,
		 bool quiet)
{
	struct piopmd_mcdi_req req = { .cmd = cmd, .in = in, .in_len = in_len, .quiet = quiet };

	return piopmd_mcdi_execute(mcdi, &req);
}

int
piopmd_mcdi_check(struct piopmd_mcdi *mcdi)
{
	int ret;

	pthread_mutex_lock(&mcdi->lock);
	ret = mcdi_state_errno(mcdi);
	if (ret == 0)
		ret = mcdi_status_check(mcdi);
	pthread_mutex_unlock(&mcdi->lock);
	return ret;
}

/* Waits for a running MC and notes its boot count. */
static int
mcdi_boot_wait(struct piopmd_mcdi *mcdi)
{
	uint64_t start = rte_get_timer_cycles();
	uint32_t pause_us = PIOPMD_MCDI_POLL_MIN_US;
	uint32_t status;

	for (;;) {
		status = mcdi_status_read(mcdi);
		if (status == EF10_MC_STATUS_GONE) {
			mcdi->state = PIOPMD_MCDI_GONE;
			PIOPMD_LOG_MCDI(ERR, mcdi->name,
					"the device does not answer: its registers read all ones");
			return -ENODEV;
		}
		if (mcdi_status_is_running(status))
			break;
		if (mcdi_is_over(start, PIOPMD_MCDI_BOOT_US)) {
			PIOPMD_LOG_MCDI(ERR, mcdi->name, "the management controller does not run "
					"(status %08x)", status);
			return -EIO;
		}
		mcdi_pause(start, &pause_us);
	}
	mcdi->boot_count = (uint16_t)EF10_GET(status, MC_STATUS_BOOT_COUNT);
	return 0;
}

int
piopmd_mcdi_epoch_start(struct piopmd_mcdi *mcdi)
{
	int ret;

	pthread_mutex_lock(&mcdi->lock);
	ret = mcdi_boot_wait(mcdi);
	if (ret == 0) {
		/* whatever was under way will not be answered any more */
		piopmd_io_write32(mcdi->bar, EF10_REG_MC_DB_HWRD, EF10_MC_DB_CANCEL);
		mcdi->epoch_new = true;
		mcdi->state = PIOPMD_MCDI_READY;
	}
	pthread_mutex_unlock(&mcdi->lock);
	return ret;
}

int
piopmd_mcdi_init(struct piopmd_mcdi *mcdi, const char *name, volatile void *bar, int socket_id)
{
	char zone[RTE_MEMZONE_NAMESIZE];
	int ret;

	memset(mcdi, 0, sizeof(*mcdi));
	mcdi->name = name;
	mcdi->bar = bar;
	snprintf(zone, sizeof(zone), "piopmd_%s_mcdi", name);
	mcdi->mz = rte_memzone_reserve_aligned(zone, EF10_MCDI_BUF_LEN, socket_id,
					       RTE_MEMZONE_IOVA_CONTIG, EF10_MCDI_BUF_ALIGN);
	if (mcdi->mz == NULL) {
		PIOPMD_LOG_MCDI(ERR, name, "no memory for the request buffer: %s",
				rte_strerror(rte_errno));
		return -ENOMEM;
	}
	pthread_mutex_init(&mcdi->lock, NULL);

	ret = piopmd_mcdi_epoch_start(mcdi);
	if (ret != 0)
		piopmd_mcdi_fini(mcdi);
	return ret;
}

void
piopmd_mcdi_fini(struct piopmd_mcdi *mcdi)
{
	if (mcdi->mz == NULL)
		return;
	if (mcdi->state != PIOPMD_MCDI_GONE)
		piopmd_io_write32(mcdi->bar, EF10_REG_MC_DB_HWRD, EF10_MC_DB_CANCEL);
	pthread_mutex_destroy(&mcdi->lock);
	rte_memzone_free(mcdi->mz);
	mcdi->mz = NULL;
	mcdi->state = PIOPMD_MCDI_OFF;
}
