/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MCDI commands for virtual interfaces, their queues and PIO buffers, filters and RSS contexts. */

#include <string.h>

#include "pioemu_priv.h"

static uint32_t
bad_argument(struct pioemu_vf *vf, const struct pioemu_cmd *cmd, const char *what, uint32_t value)
{
	pioemu_violation(vf, PIOEMU_VIOLATION_MCDI_ARGUMENT, "%s: %s %u",
		ef10_cmd_name(cmd->code), what, value);
	return EF10_MCDI_ERR_EINVAL;
}

static uint32_t
cmd_alloc_vis(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t min = ef10_le32_get(cmd->in + EF10_ALLOC_VIS_IN_MIN_VI_COUNT_OFST);
	uint32_t max = ef10_le32_get(cmd->in + EF10_ALLOC_VIS_IN_MAX_VI_COUNT_OFST);

	if (vf->nb_alloc != 0)
		return EF10_MCDI_ERR_EALREADY;
	if (min > max || max == 0)
		return bad_argument(vf, cmd, "minimum above maximum", min);
	if (min > vf->conf.nb_vis)
		return EF10_MCDI_ERR_ENOSPC;
	vf->nb_alloc = (uint16_t)(max < vf->conf.nb_vis ? max : vf->conf.nb_vis);
	ef10_le32_put(cmd->out + EF10_ALLOC_VIS_OUT_VI_COUNT_OFST, vf->nb_alloc);
	/* a number on the controller: whoever adds it to a BAR offset or an instance is wrong */
	ef10_le32_put(cmd->out + EF10_ALLOC_VIS_OUT_VI_BASE_OFST, 512 + 1024u * vf->index);
	cmd->out_len = EF10_ALLOC_VIS_EXT_OUT_LEN;
	return 0;
}

static uint32_t
cmd_free_vis(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)cmd;
	if (vf->nb_alloc == 0)
		return EF10_MCDI_ERR_EALREADY;
	pioemu_vf_release_vis(vf);
	return 0;
}

static uint32_t
cmd_get_vi_alloc_info(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	ef10_le32_put(cmd->out + EF10_GET_VI_ALLOC_INFO_OUT_VI_COUNT_OFST, vf->nb_alloc);
	ef10_le32_put(cmd->out + EF10_GET_VI_ALLOC_INFO_OUT_VI_BASE_OFST, 512 + 1024u * vf->index);
	cmd->out_len = EF10_GET_VI_ALLOC_INFO_OUT_LEN;
	return 0;
}

/*
 * What the three INIT commands have in common: instance, power-of-two size within [min, max], and a
 * list of page addresses of the right length and alignment.
 */
static uint32_t
ring_check(struct pioemu_vf *vf, const struct pioemu_cmd *cmd, uint32_t instance, uint32_t size,
	   uint32_t min, uint32_t max, uint32_t addrs_at)
{
	uint32_t pages, i;

	if (instance >= vf->nb_alloc)
		return bad_argument(vf, cmd, "instance", instance);
	if (size < min || size > max || (size & (size - 1)) != 0)
		return bad_argument(vf, cmd, "size", size);
	pages = EF10_RING_PAGES(size);
	if (cmd->in_len < addrs_at + 8 * pages)
		return bad_argument(vf, cmd, "request length", cmd->in_len);
	for (i = 0; i < pages; i++) {
		if (ef10_le64_get(cmd->in + addrs_at + 8 * i) % EF10_DMA_PAGE_SIZE != 0)
			return bad_argument(vf, cmd, "alignment of page", i);
	}
	return 0;
}

static uint32_t
cmd_init_evq(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	const uint8_t *in = cmd->in;
	uint32_t size = ef10_le32_get(in + EF10_INIT_EVQ_IN_SIZE_OFST);
	uint32_t id = ef10_le32_get(in + EF10_INIT_EVQ_IN_INSTANCE_OFST);
	uint32_t flags = ef10_le32_get(in + EF10_INIT_EVQ_IN_FLAGS_OFST);
	uint32_t target = ef10_le32_get(in + EF10_INIT_EVQ_IN_IRQ_NUM_OFST);
	uint32_t type = (uint32_t)EF10_GET(flags, INIT_EVQ_FLAGS_TYPE);
	uint32_t granted = 0, rc;

	rc = ring_check(vf, cmd, id, size, EF10_EVQ_SIZE_MIN, EF10_EVQ_SIZE_MAX,
		EF10_INIT_EVQ_IN_DMA_ADDR_OFST);
	if (rc != 0)
		return rc;
	if ((flags & EF10_INIT_EVQ_FLAGS_INTERRUPTING) != 0 && target >= vf->conf.nb_vectors)
		return bad_argument(vf, cmd, "vector", target);
	if (type > EF10_INIT_EVQ_FLAGS_TYPE_AUTO ||
	    (type != 0 && (vf->caps2 & EF10_GET_CAPABILITIES_FLAGS2_INIT_EVQ_V2) == 0))
		return bad_argument(vf, cmd, "type", type);
	if (type == EF10_INIT_EVQ_FLAGS_TYPE_THROUGHPUT || type == EF10_INIT_EVQ_FLAGS_TYPE_AUTO)
		flags |= EF10_INIT_EVQ_FLAGS_RX_MERGE | EF10_INIT_EVQ_FLAGS_TX_MERGE;
	rc = pioemu_evq_init(vf, (uint16_t)id, size, flags, (uint16_t)target,
		in + EF10_INIT_EVQ_IN_DMA_ADDR_OFST);
	if (rc != 0)
		return rc;
	if ((flags & EF10_INIT_EVQ_FLAGS_RX_MERGE) != 0)
		granted |= EF10_INIT_EVQ_OUT_FLAGS_RX_MERGE;
	if ((flags & EF10_INIT_EVQ_FLAGS_TX_MERGE) != 0)
		granted |= EF10_INIT_EVQ_OUT_FLAGS_TX_MERGE;
	ef10_le32_put(cmd->out + EF10_INIT_EVQ_OUT_IRQ_OFST, target);
	ef10_le32_put(cmd->out + EF10_INIT_EVQ_OUT_FLAGS_OFST, granted);
	cmd->out_len = (vf->caps2 & EF10_GET_CAPABILITIES_FLAGS2_INIT_EVQ_V2) != 0 ?
		EF10_INIT_EVQ_V2_OUT_LEN : EF10_INIT_EVQ_OUT_LEN;
	return 0;
}

/* Finishing what a reboot of the MC has taken away is no mistake: EALREADY. */
static uint32_t
cmd_fini_evq(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t id = ef10_le32_get(cmd->in + EF10_FINI_EVQ_IN_INSTANCE_OFST);

	if (id >= vf->conf.nb_vis)
		return bad_argument(vf, cmd, "instance", id);
	if (!vf->vis[id].evq.active)
		return EF10_MCDI_ERR_EALREADY;
	pioemu_evq_fini(vf, (uint16_t)id);
	return 0;
}

/* INIT_RXQ and INIT_TXQ have the same layout up to the page list. */
static uint32_t
queue_check(struct pioemu_vf *vf, const struct pioemu_cmd *cmd, uint32_t min, uint32_t max)
{
	uint32_t evq = ef10_le32_get(cmd->in + EF10_INIT_TXQ_IN_TARGET_EVQ_OFST);
	uint32_t label = ef10_le32_get(cmd->in + EF10_INIT_TXQ_IN_LABEL_OFST);
	uint32_t rc;

	rc = ring_check(vf, cmd, ef10_le32_get(cmd->in + EF10_INIT_TXQ_IN_INSTANCE_OFST),
		ef10_le32_get(cmd->in + EF10_INIT_TXQ_IN_SIZE_OFST), min, max,
		EF10_INIT_TXQ_IN_DMA_ADDR_OFST);
	if (rc != 0)
		return rc;
	if (evq >= vf->nb_alloc || !vf->vis[evq].evq.active)
		return bad_argument(vf, cmd, "event queue", evq);
	if (label > EF10_FIELD_ONES(EF10_TX_EV_QLABEL_WIDTH))
		return bad_argument(vf, cmd, "label", label);
	if (ef10_le32_get(cmd->in + EF10_INIT_TXQ_IN_PORT_ID_OFST) != EF10_PORT_ID_ASSIGNED)
		return EF10_MCDI_ERR_NO_EVB_PORT;
	if (!vf->vadaptor)
		return EF10_MCDI_ERR_NO_VADAPTOR;
	return 0;
}

static uint32_t
cmd_init_rxq(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	const uint8_t *in = cmd->in;
	uint32_t flags = ef10_le32_get(in + EF10_INIT_RXQ_IN_FLAGS_OFST);
	uint32_t rc = queue_check(vf, cmd, EF10_RXQ_SIZE_MIN, EF10_RXQ_SIZE_MAX);

	if (rc != 0)
		return rc;
	if (EF10_GET(flags, INIT_RXQ_FLAGS_DMA_MODE) != EF10_INIT_RXQ_FLAGS_DMA_MODE_SINGLE_PACKET)
		return bad_argument(vf, cmd, "DMA mode",
			(uint32_t)EF10_GET(flags, INIT_RXQ_FLAGS_DMA_MODE));
	if ((flags & EF10_INIT_RXQ_FLAGS_DISABLE_SCATTER) != 0 &&
	    (vf->caps1 & EF10_GET_CAPABILITIES_FLAGS1_RX_DISABLE_SCATTER) == 0)
		return bad_argument(vf, cmd, "flags", flags);
	return pioemu_rxq_init(vf, (uint16_t)ef10_le32_get(in + EF10_INIT_RXQ_IN_INSTANCE_OFST),
		ef10_le32_get(in + EF10_INIT_RXQ_IN_SIZE_OFST),
		(uint16_t)ef10_le32_get(in + EF10_INIT_RXQ_IN_TARGET_EVQ_OFST),
		(uint16_t)ef10_le32_get(in + EF10_INIT_RXQ_IN_LABEL_OFST), flags,
		in + EF10_INIT_RXQ_IN_DMA_ADDR_OFST);
}

static uint32_t
cmd_init_txq(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	const uint8_t *in = cmd->in;
	uint32_t flags = ef10_le32_get(in + EF10_INIT_TXQ_IN_FLAGS_OFST);
	uint32_t max = vf->family == EF10_FAMILY_HUNTINGTON && !vf->indirect ?
		EF10_TXQ_SIZE_MAX_HUNTINGTON : EF10_TXQ_SIZE_MAX;
	uint32_t rc = queue_check(vf, cmd, EF10_TXQ_SIZE_MIN, max);

	if (rc != 0)
		return rc;
	/* what GET_CAPABILITIES does not offer */
	if ((flags & EF10_INIT_TXQ_FLAGS_CTPIO) != 0 ||
	    ((flags & EF10_INIT_TXQ_FLAGS_TSOV2_EN) != 0 &&
	     (vf->caps2 & EF10_GET_CAPABILITIES_FLAGS2_TX_TSO_V2) == 0))
		return bad_argument(vf, cmd, "flags", flags);
	return pioemu_txq_init(vf, (uint16_t)ef10_le32_get(in + EF10_INIT_TXQ_IN_INSTANCE_OFST),
		ef10_le32_get(in + EF10_INIT_TXQ_IN_SIZE_OFST),
		(uint16_t)ef10_le32_get(in + EF10_INIT_TXQ_IN_TARGET_EVQ_OFST),
		(uint16_t)ef10_le32_get(in + EF10_INIT_TXQ_IN_LABEL_OFST), flags,
		in + EF10_INIT_TXQ_IN_DMA_ADDR_OFST);
}

static uint32_t
cmd_fini_rxq(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t vi = ef10_le32_get(cmd->in + EF10_FINI_RXQ_IN_INSTANCE_OFST);

	if (vi >= vf->conf.nb_vis)
		return bad_argument(vf, cmd, "instance", vi);
	if (!vf->vis[vi].rxq.active)
		return EF10_MCDI_ERR_EALREADY;
	pioemu_rxq_fini(vf, (uint16_t)vi, true);
	return 0;
}

static uint32_t
cmd_fini_txq(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t vi = ef10_le32_get(cmd->in + EF10_FINI_TXQ_IN_INSTANCE_OFST);

	if (vi >= vf->conf.nb_vis)
		return bad_argument(vf, cmd, "instance", vi);
	if (!vf->vis[vi].txq.active)
		return EF10_MCDI_ERR_EALREADY;
	pioemu_txq_fini(vf, (uint16_t)vi, true);
	return 0;
}

static uint32_t
cmd_driver_event(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t id = ef10_le32_get(cmd->in + EF10_DRIVER_EVENT_IN_EVQ_OFST);
	uint64_t data = ef10_le64_get(cmd->in + EF10_DRIVER_EVENT_IN_DATA_OFST);

	if (id >= vf->nb_alloc || !vf->vis[id].evq.active)
		return bad_argument(vf, cmd, "event queue", id);
	pioemu_evq_write(vf, (uint16_t)id, EF10_SET(data, EV_CODE, EF10_EV_CODE_DRV_GEN));
	return 0;
}

/* Moderation only delays interrupts; the model grants what is asked and raises them at once. */
static uint32_t
cmd_set_evq_tmr(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t id = ef10_le32_get(cmd->in + EF10_SET_EVQ_TMR_IN_INSTANCE_OFST);

	if (id >= vf->nb_alloc || !vf->vis[id].evq.active)
		return bad_argument(vf, cmd, "event queue", id);
	if (ef10_le32_get(cmd->in + EF10_SET_EVQ_TMR_IN_TMR_MODE_OFST) > EF10_EVQ_TMR_MODE_HOLD_OFF)
		return bad_argument(vf, cmd, "mode",
			ef10_le32_get(cmd->in + EF10_SET_EVQ_TMR_IN_TMR_MODE_OFST));
	memcpy(cmd->out + EF10_SET_EVQ_TMR_OUT_TMR_LOAD_ACT_NS_OFST,
		cmd->in + EF10_SET_EVQ_TMR_IN_TMR_LOAD_REQ_NS_OFST, 8);
	cmd->out_len = EF10_SET_EVQ_TMR_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_evq_tmr_properties(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint8_t *out = cmd->out;

	(void)vf;
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_TMR_REG_NS_PER_COUNT_OFST, 1920);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_TMR_REG_MAX_COUNT_OFST, 0x3FFF);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_TMR_REG_STEP_OFST, 1);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_MCDI_TMR_MAX_NS_OFST, 1920 * 0x3FFF);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_MCDI_TMR_STEP_NS_OFST, 1920);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_BUG35388_TMR_NS_PER_COUNT_OFST, 1920);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_BUG35388_TMR_MAX_COUNT_OFST, 0xFF);
	ef10_le32_put(out + EF10_GET_EVQ_TMR_PROPERTIES_OUT_BUG35388_TMR_STEP_OFST, 1);
	cmd->out_len = EF10_GET_EVQ_TMR_PROPERTIES_OUT_LEN;
	return 0;
}

static uint32_t
cmd_alloc_piobuf(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t handle = 0, rc = pioemu_pio_alloc(vf, &handle);

	ef10_le32_put(cmd->out + EF10_ALLOC_PIOBUF_OUT_PIOBUF_HANDLE_OFST, handle);
	cmd->out_len = EF10_ALLOC_PIOBUF_OUT_LEN;
	return rc;
}

static uint32_t
cmd_free_piobuf(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	return pioemu_pio_free(vf, ef10_le32_get(cmd->in + EF10_FREE_PIOBUF_IN_PIOBUF_HANDLE_OFST));
}

static uint32_t
cmd_link_piobuf(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	return pioemu_pio_link(vf, ef10_le32_get(cmd->in + EF10_LINK_PIOBUF_IN_PIOBUF_HANDLE_OFST),
		ef10_le32_get(cmd->in + EF10_LINK_PIOBUF_IN_TXQ_INSTANCE_OFST));
}

static uint32_t
cmd_unlink_piobuf(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	return pioemu_pio_unlink(vf,
		ef10_le32_get(cmd->in + EF10_UNLINK_PIOBUF_IN_TXQ_INSTANCE_OFST));
}

const struct pioemu_cmd_entry pioemu_cmds_vi[] = {
	{ EF10_CMD_ALLOC_VIS, EF10_ALLOC_VIS_IN_LEN, cmd_alloc_vis },
	{ EF10_CMD_FREE_VIS, 0, cmd_free_vis },
	{ EF10_CMD_GET_VI_ALLOC_INFO, 0, cmd_get_vi_alloc_info },
	{ EF10_CMD_INIT_EVQ, EF10_INIT_EVQ_IN_LEN(1), cmd_init_evq },
	{ EF10_CMD_FINI_EVQ, EF10_FINI_EVQ_IN_LEN, cmd_fini_evq },
	{ EF10_CMD_INIT_RXQ, EF10_INIT_RXQ_IN_LEN(1), cmd_init_rxq },
	{ EF10_CMD_FINI_RXQ, EF10_FINI_RXQ_IN_LEN, cmd_fini_rxq },
	{ EF10_CMD_INIT_TXQ, EF10_INIT_TXQ_IN_LEN(1), cmd_init_txq },
	{ EF10_CMD_FINI_TXQ, EF10_FINI_TXQ_IN_LEN, cmd_fini_txq },
	{ EF10_CMD_DRIVER_EVENT, EF10_DRIVER_EVENT_IN_LEN, cmd_driver_event },
	{ EF10_CMD_SET_EVQ_TMR, EF10_SET_EVQ_TMR_IN_LEN, cmd_set_evq_tmr },
	{ EF10_CMD_GET_EVQ_TMR_PROPERTIES, 0, cmd_get_evq_tmr_properties },
	{ EF10_CMD_ALLOC_PIOBUF, 0, cmd_alloc_piobuf },
	{ EF10_CMD_FREE_PIOBUF, EF10_FREE_PIOBUF_IN_LEN, cmd_free_piobuf },
	{ EF10_CMD_LINK_PIOBUF, EF10_LINK_PIOBUF_IN_LEN, cmd_link_piobuf },
	{ EF10_CMD_UNLINK_PIOBUF, EF10_UNLINK_PIOBUF_IN_LEN, cmd_unlink_piobuf },
	{ 0, 0, NULL },
};
