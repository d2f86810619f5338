/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MCDI transport: read a request, have it carried out, write the response. Faults act here. */

#include <string.h>

#include "pioemu_priv.h"

/* A request as read from host memory. */
struct mcdi_request {
	uint64_t addr;
	uint32_t hdr;			/* first word */
	bool v2;
	struct pioemu_cmd cmd;
};

void
pioemu_mcdi_reset(struct pioemu_vf *vf)
{
	vf->mcdi.pending = false;
	vf->mcdi.silent = false;
	vf->mcdi.doorbell = false;
}

/* The response in mcdi->out goes to the host, its first word last. */
static void
mcdi_write(struct pioemu_vf *vf)
{
	struct pioemu_mcdi *mcdi = &vf->mcdi;
	uint8_t *p = pioemu_dma_ptr(vf, mcdi->addr, mcdi->out_len, PIOEMU_DMA_WRITE);
	uint32_t hdr = ef10_le32_get(mcdi->out);
	uint32_t event;

	mcdi->pending = false;
	PIOEMU_TRACE(vf, MCDI, "mcdi response 0x%08x len=%u", hdr, mcdi->out_len);
	if ((vf->nic->trace_mask & PIOEMU_TRACE_MCDI) != 0)
		pioemu_trace_bytes(vf, "mcdi response", mcdi->out, mcdi->out_len);
	if (p != NULL) {
		memcpy(p + 4, mcdi->out + 4, mcdi->out_len - 4);
		__atomic_store_n((uint32_t *)(void *)p, hdr, __ATOMIC_RELEASE);
	} else if (!pioemu_dma_write(vf, mcdi->addr + 4, mcdi->out + 4, mcdi->out_len - 4) ||
		   !pioemu_dma_write(vf, mcdi->addr, mcdi->out, 4)) {
		return;
	}
	if ((EF10_GET(hdr, MCDI_HDR_XFLAGS) & EF10_MCDI_HDR_XFLAGS_EVREQ) == 0)
		return;
	event = (uint32_t)(EF10_PUT(MCDI_EV_CMDDONE_SEQ, EF10_GET(hdr, MCDI_HDR_SEQ)) |
		EF10_PUT(MCDI_EV_CMDDONE_DATALEN, EF10_GET(hdr, MCDI_HDR_DATALEN)));
	if (EF10_GET(hdr, MCDI_HDR_ERROR) != 0 && mcdi->out_len > 8)
		event |= (uint32_t)EF10_PUT(MCDI_EV_CMDDONE_ERRNO, mcdi->out[mcdi->out_len - 8]);
	pioemu_evq_log(vf, ef10_mcdi_ev(EF10_MCDI_EV_CODE_CMDDONE, event));
}

/* Compose the response: version and sequence of the request, payload or error. */
static void
mcdi_compose(struct pioemu_vf *vf, const struct mcdi_request *req, const uint8_t *payload,
	     uint32_t len, bool error, uint32_t seq)
{
	struct pioemu_mcdi *mcdi = &vf->mcdi;
	uint32_t hdr_len = req->v2 ? EF10_MCDI_HDR_V2_LEN : EF10_MCDI_HDR_V1_LEN;
	uint64_t hdr = req->hdr;

	if (!req->v2 && len > EF10_MCDI_PAYLOAD_MAX_V1)
		len = EF10_MCDI_PAYLOAD_MAX_V1;
	hdr = EF10_SET(hdr, MCDI_HDR_SEQ, seq);
	hdr = EF10_SET(hdr, MCDI_HDR_ERROR, error);
	hdr = EF10_SET(hdr, MCDI_HDR_RESPONSE, 1);
	hdr = EF10_SET(hdr, MCDI_HDR_DATALEN, req->v2 ? 0 : len);
	ef10_le32_put(mcdi->out, (uint32_t)hdr);
	if (req->v2)
		ef10_le32_put(mcdi->out + 4, (uint32_t)(EF10_PUT(MCDI_V2_CMD, req->cmd.code) |
			EF10_PUT(MCDI_V2_LEN, len)));
	memcpy(mcdi->out + hdr_len, payload, len);
	mcdi->out_len = hdr_len + len;
	mcdi->addr = req->addr;
}

/* false: the MC cannot make sense of it, and says nothing */
static bool
mcdi_read(struct pioemu_vf *vf, uint64_t addr, struct mcdi_request *req)
{
	uint8_t hdr[EF10_MCDI_HDR_V2_LEN];
	uint32_t hdr_len = EF10_MCDI_HDR_V1_LEN, word;

	memset(req, 0, sizeof(*req));
	req->addr = addr;
	if (addr % EF10_MCDI_BUF_ALIGN != 0) {
		pioemu_violation(vf, PIOEMU_VIOLATION_MCDI_MALFORMED, "address 0x%llx is not aligned",
			(unsigned long long)addr);
		return false;
	}
	if (!pioemu_dma_read(vf, addr, hdr, 4))
		return false;
	req->hdr = ef10_le32_get(hdr);
	req->cmd.code = (uint32_t)EF10_GET(req->hdr, MCDI_HDR_CODE);
	req->cmd.in_len = (uint32_t)EF10_GET(req->hdr, MCDI_HDR_DATALEN);
	req->v2 = req->cmd.code == EF10_MCDI_CODE_V2;
	if (req->v2) {
		if (!pioemu_dma_read(vf, addr, hdr, sizeof(hdr)))
			return false;
		word = ef10_le32_get(hdr + 4);
		hdr_len = EF10_MCDI_HDR_V2_LEN;
		req->cmd.code = (uint32_t)EF10_GET(word, MCDI_V2_CMD);
		req->cmd.in_len = (uint32_t)EF10_GET(word, MCDI_V2_LEN);
	}
	if (EF10_GET(req->hdr, MCDI_HDR_RESYNC) == 0 || EF10_GET(req->hdr, MCDI_HDR_RESPONSE) != 0 ||
	    (!req->v2 && req->cmd.in_len > EF10_MCDI_PAYLOAD_MAX_V1) ||
	    (req->v2 && EF10_GET(req->hdr, MCDI_HDR_DATALEN) != 0)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_MCDI_MALFORMED, "header 0x%08x", req->hdr);
		return false;
	}
	memset(vf->mcdi.in, 0, sizeof(vf->mcdi.in));
	if (!pioemu_dma_read(vf, addr + hdr_len, vf->mcdi.in, req->cmd.in_len))
		return false;
	req->cmd.in = vf->mcdi.in;
	return true;
}

/* The fault that hits this command, if any. Each that matches counts it. */
static const struct pioemu_mcdi_fault *
mcdi_fault(struct pioemu_vf *vf, uint32_t code)
{
	uint32_t i;

	for (i = 0; i < vf->mcdi.nb_faults; i++) {
		struct pioemu_mcdi_fault *fault = &vf->mcdi.faults[i];

		if ((fault->cmd != PIOEMU_MCDI_ANY && fault->cmd != code) ||
		    fault->count == UINT32_MAX)
			continue;
		if (fault->skip > 0) {
			fault->skip--;
			continue;
		}
		/* count 0: always. A used-up one is marked by UINT32_MAX */
		if (fault->count != 0 && --fault->count == 0)
			fault->count = UINT32_MAX;
		return fault;
	}
	return NULL;
}

static void
mcdi_error(struct pioemu_vf *vf, const struct mcdi_request *req, uint32_t err)
{
	uint8_t payload[EF10_MCDI_ERR_LEN];

	vf->stats.mcdi_errors++;
	ef10_le32_put(payload + EF10_MCDI_ERR_CODE_OFST, err);
	ef10_le32_put(payload + EF10_MCDI_ERR_ARG_OFST, req->cmd.err_arg);
	mcdi_compose(vf, req, payload, sizeof(payload), true,
		(uint32_t)EF10_GET(req->hdr, MCDI_HDR_SEQ));
}

/* Carry out a request and compose its response. false: there shall be none */
static bool
mcdi_execute(struct pioemu_vf *vf, struct mcdi_request *req)
{
	const struct pioemu_mcdi_fault *fault = mcdi_fault(vf, req->cmd.code);
	uint32_t action = fault == NULL ? UINT32_MAX : fault->action;
	uint32_t seq = (uint32_t)EF10_GET(req->hdr, MCDI_HDR_SEQ);
	static const uint8_t none[1];
	uint8_t out[EF10_MCDI_PAYLOAD_MAX_V2] = { 0 };
	uint32_t err;

	if (vf->mcdi.epoch_lost && EF10_GET(req->hdr, MCDI_HDR_NOT_EPOCH) != 0) {
		mcdi_compose(vf, req, none, 0, true, seq);
		return true;
	}
	vf->mcdi.epoch_lost = false;
	if (action == PIOEMU_MCDI_SILENT)
		return false;
	if (action == PIOEMU_MCDI_FAIL) {
		mcdi_error(vf, req, fault->err);
		return true;
	}
	if (action == PIOEMU_MCDI_ZERO_ERROR) {
		mcdi_compose(vf, req, none, 0, true, seq);
		return true;
	}
	req->cmd.out = out;
	err = pioemu_cmd_run(vf, &req->cmd);
	if (action == PIOEMU_MCDI_SILENT_AFTER)
		return false;
	if (action == PIOEMU_MCDI_FAIL_AFTER)
		err = fault->err;
	if (action == PIOEMU_MCDI_SHORT && fault->err < req->cmd.out_len)
		req->cmd.out_len = fault->err;
	if (action == PIOEMU_MCDI_BAD_SEQ)
		seq = (seq + 1) & 15;
	if (err != 0)
		mcdi_error(vf, req, err);
	else
		mcdi_compose(vf, req, out, req->cmd.out_len, false, seq);
	if (action == PIOEMU_MCDI_DELAY) {
		vf->mcdi.pending = true;
		vf->mcdi.due = vf->nic->now + pioemu_time_ticks(vf->nic, fault->err * 1000ull);
	}
	return true;
}

/* MC_DB was written: addr is the request's DMA address, or EF10_MC_DB_CANCEL. */
void
pioemu_mcdi_doorbell(struct pioemu_vf *vf, uint64_t addr)
{
	struct mcdi_request req;

	PIOEMU_TRACE(vf, DOORBELL, "mc_db 0x%llx", (unsigned long long)addr);
	if ((uint32_t)addr == EF10_MC_DB_CANCEL) {
		pioemu_mcdi_reset(vf);
		return;
	}
	if (vf->mcdi.pending || vf->mcdi.silent) {
		pioemu_violation(vf, PIOEMU_VIOLATION_MCDI_BUSY, "request at 0x%llx",
			(unsigned long long)addr);
		vf->mcdi.pending = false;
		vf->mcdi.silent = false;
	}
	if (!mcdi_read(vf, addr, &req))
		return;
	vf->stats.mcdi_requests++;
	PIOEMU_TRACE(vf, MCDI, "mcdi request %s (0x%x) v%d len=%u seq=%u epoch=%d",
		ef10_cmd_name(req.cmd.code), req.cmd.code, req.v2 ? 2 : 1, req.cmd.in_len,
		(uint32_t)EF10_GET(req.hdr, MCDI_HDR_SEQ),
		EF10_GET(req.hdr, MCDI_HDR_NOT_EPOCH) == 0);
	if ((vf->nic->trace_mask & PIOEMU_TRACE_MCDI) != 0 && req.cmd.in_len > 0)
		pioemu_trace_bytes(vf, "mcdi request", req.cmd.in, req.cmd.in_len);
	if (!mcdi_execute(vf, &req)) {
		vf->mcdi.silent = true;
		return;
	}
	if (!vf->mcdi.pending)
		mcdi_write(vf);
}

/* Polled BAR: take the doorbell. Any BAR: send a delayed response. */
unsigned int
pioemu_mcdi_poll(struct pioemu_vf *vf)
{
	uint32_t *low = pioemu_vf_reg(vf, 0, EF10_REG_MC_DB_HWRD);
	uint64_t addr;
	uint32_t value;

	if (PIOEMU_UNLIKELY(vf->mcdi.pending) && vf->nic->now >= vf->mcdi.due)
		mcdi_write(vf);
	if (vf->conf.bar_trapping ||
	    __atomic_load_n(low, __ATOMIC_RELAXED) == PIOEMU_MC_DB_IDLE)
		return 0;
	/* the high half was written first; consumed before the answer, as the next may be equal */
	value = __atomic_exchange_n(low, PIOEMU_MC_DB_IDLE, __ATOMIC_ACQ_REL);
	if (value == PIOEMU_MC_DB_IDLE)
		return 0;
	addr = (uint64_t)__atomic_load_n(pioemu_vf_reg(vf, 0, EF10_REG_MC_DB_LWRD),
		__ATOMIC_RELAXED) << 32 | value;
	pioemu_mcdi_doorbell(vf, addr);
	return 1;
}
