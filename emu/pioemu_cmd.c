/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MCDI commands: dispatch, and those that tell who and what the adapter is. */

#include "pioemu_priv.h"

#define CMD_PF_COUNT 2

static uint32_t
cmd_get_version(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	static const uint16_t version[4] = { 8, 0, 0, 1 };
	uint32_t i;

	(void)vf;
	ef10_le32_put(cmd->out + EF10_GET_VERSION_OUT_FIRMWARE_OFST, 0x00010800);
	ef10_le32_put(cmd->out + EF10_GET_VERSION_OUT_PCOL_OFST, 1);
	for (i = 0; i < 4; i++)
		ef10_le16_put(cmd->out + EF10_GET_VERSION_OUT_VERSION_OFST + 2 * i, version[i]);
	cmd->out_len = EF10_GET_VERSION_OUT_LEN;
	return 0;
}

/* What firmware keeps from a VF although the command's group would allow it. */
static uint32_t
cmd_not_for_vf(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	(void)cmd;
	return EF10_MCDI_ERR_EPERM;
}

static uint32_t
cmd_drv_attach(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t state = ef10_le32_get(cmd->in + EF10_DRV_ATTACH_IN_NEW_STATE_OFST);

	ef10_le32_put(cmd->out + EF10_DRV_ATTACH_OUT_OLD_STATE_OFST,
		vf->attached ? EF10_DRV_ATTACH_NEW_STATE_ATTACH : 0);
	ef10_le32_put(cmd->out + EF10_DRV_ATTACH_OUT_FUNC_FLAGS_OFST, 0);
	cmd->out_len = EF10_DRV_ATTACH_EXT_OUT_LEN;
	if (ef10_le32_get(cmd->in + EF10_DRV_ATTACH_IN_UPDATE_OFST) == 0)
		return 0;
	if ((state & EF10_DRV_ATTACH_NEW_STATE_ATTACH) == 0)
		pioemu_vf_teardown(vf);
	vf->attached = (state & EF10_DRV_ATTACH_NEW_STATE_ATTACH) != 0;
	return 0;
}

static uint32_t
cmd_entity_reset(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)cmd;
	pioemu_vf_teardown(vf);
	return 0;
}

static uint32_t
cmd_log_ctrl(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t dest = ef10_le32_get(cmd->in + EF10_LOG_CTRL_IN_LOG_DEST_OFST);
	uint32_t evq = ef10_le32_get(cmd->in + EF10_LOG_CTRL_IN_LOG_DEST_EVQ_OFST);

	if (evq >= vf->conf.nb_vis)
		return EF10_MCDI_ERR_EINVAL;
	vf->log_events = (dest & EF10_LOG_CTRL_LOG_DEST_EVQ) != 0;
	vf->log_evq = (uint16_t)evq;
	return 0;
}

static uint32_t
cmd_get_port_assignment(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	ef10_le32_put(cmd->out + EF10_GET_PORT_ASSIGNMENT_OUT_PORT_OFST, 0);
	cmd->out_len = EF10_GET_PORT_ASSIGNMENT_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_port_modes(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	ef10_le32_put(cmd->out + EF10_GET_PORT_MODES_OUT_MODES_OFST, 1u << EF10_PORT_MODE_1X1_1X1);
	ef10_le32_put(cmd->out + EF10_GET_PORT_MODES_OUT_DEFAULT_MODE_OFST, EF10_PORT_MODE_1X1_1X1);
	ef10_le32_put(cmd->out + EF10_GET_PORT_MODES_OUT_CURRENT_MODE_OFST, EF10_PORT_MODE_1X1_1X1);
	cmd->out_len = EF10_GET_PORT_MODES_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_function_info(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	ef10_le32_put(cmd->out + EF10_GET_FUNCTION_INFO_OUT_PF_OFST, 0);
	ef10_le32_put(cmd->out + EF10_GET_FUNCTION_INFO_OUT_VF_OFST, vf->index);
	cmd->out_len = EF10_GET_FUNCTION_INFO_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_pf_count(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	cmd->out[EF10_GET_PF_COUNT_OUT_PF_COUNT_OFST] = CMD_PF_COUNT;
	cmd->out_len = EF10_GET_PF_COUNT_OUT_LEN;
	return 0;
}

static uint32_t
cmd_privilege_mask(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t function = ef10_le32_get(cmd->in + EF10_PRIVILEGE_MASK_IN_FUNCTION_OFST);
	uint32_t change = ef10_le32_get(cmd->in + EF10_PRIVILEGE_MASK_IN_NEW_MASK_OFST);

	/* a VF may look at itself, and change nothing */
	if ((change & EF10_PRIVILEGE_MASK_NEW_MASK_DO_CHANGE) != 0 ||
	    EF10_GET(function, PRIVILEGE_MASK_FUNCTION_VF) != vf->index)
		return EF10_MCDI_ERR_EPERM;
	ef10_le32_put(cmd->out + EF10_PRIVILEGE_MASK_OUT_OLD_MASK_OFST, vf->conf.privileges);
	cmd->out_len = EF10_PRIVILEGE_MASK_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_capabilities(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint8_t *out = cmd->out, mode = EF10_GET_CAPABILITIES_VI_WINDOW_MODE_8K;
	uint32_t i;

	if (vf->conf.vi_stride == EF10_VI_STRIDE_16K)
		mode = EF10_GET_CAPABILITIES_VI_WINDOW_MODE_16K;
	else if (vf->conf.vi_stride == EF10_VI_STRIDE_64K)
		mode = EF10_GET_CAPABILITIES_VI_WINDOW_MODE_64K;
	ef10_le32_put(out + EF10_GET_CAPABILITIES_OUT_FLAGS1_OFST, vf->caps1);
	ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_RXPD_FW_VERSION_OFST, 0x1000);
	ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_TXPD_FW_VERSION_OFST, 0x1000);
	ef10_le32_put(out + EF10_GET_CAPABILITIES_OUT_FLAGS2_OFST, vf->caps2);
	/* contexts of the whole adapter; drivers divide them by the number of PFs */
	if ((vf->caps2 & EF10_GET_CAPABILITIES_FLAGS2_TX_TSO_V2) != 0)
		ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_TX_TSO_V2_N_CONTEXTS_OFST,
			CMD_PF_COUNT * vf->conf.nb_vis);
	for (i = 0; i < 4; i++)
		ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_NUM_VIS_PER_PORT_OFST + 2 * i,
			vf->conf.nb_vis);
	out[EF10_GET_CAPABILITIES_OUT_RX_DESC_CACHE_SIZE_OFST] = 64;
	out[EF10_GET_CAPABILITIES_OUT_TX_DESC_CACHE_SIZE_OFST] = 64;
	ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_NUM_PIO_BUFFS_OFST,
		vf->nic->conf.pio_nb_bufs);
	ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_SIZE_PIO_BUFF_OFST, vf->piobuf_size);
	out[EF10_GET_CAPABILITIES_OUT_VI_WINDOW_MODE_OFST] = mode;
	ef10_le16_put(out + EF10_GET_CAPABILITIES_OUT_MAC_STATS_NUM_STATS_OFST,
		(uint16_t)pioemu_mac_nb_stats(vf));
	cmd->out_len = vf->conf.caps_len;
	return 0;
}

/*
 * The workarounds a PF driver would have set. BUG35388 is what the configuration says; of the others
 * a VF may not decide.
 */
static uint32_t
cmd_workaround(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	switch (ef10_le32_get(cmd->in + EF10_WORKAROUND_IN_TYPE_OFST)) {
	case EF10_WORKAROUND_BUG35388:
		if (vf->family != EF10_FAMILY_HUNTINGTON)
			return EF10_MCDI_ERR_ENOENT;
		vf->indirect = vf->conf.bug35388_answer == 0 ||
			vf->conf.bug35388_answer == EF10_MCDI_ERR_EPERM;
		cmd->out_len = vf->conf.bug35388_answer == 0 ? EF10_WORKAROUND_EXT_OUT_LEN : 0;
		return vf->conf.bug35388_answer;
	case EF10_WORKAROUND_BUG26807:
		return EF10_MCDI_ERR_EPERM;
	case EF10_WORKAROUND_BUG61265:
		return vf->family == EF10_FAMILY_HUNTINGTON ? EF10_MCDI_ERR_ENOENT :
			EF10_MCDI_ERR_EPERM;
	default:
		return EF10_MCDI_ERR_ENOENT;
	}
}

static uint32_t
cmd_get_workarounds(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t implemented = 1u << EF10_WORKAROUND_BUG26807, enabled = 0;

	if (vf->family == EF10_FAMILY_HUNTINGTON) {
		implemented |= 1u << EF10_WORKAROUND_BUG35388;
		enabled |= vf->indirect ? 1u << EF10_WORKAROUND_BUG35388 : 0;
	} else {
		implemented |= 1u << EF10_WORKAROUND_BUG61265;
		enabled |= 1u << EF10_WORKAROUND_BUG61265;
	}
	ef10_le32_put(cmd->out + EF10_GET_WORKAROUNDS_OUT_IMPLEMENTED_OFST, implemented);
	ef10_le32_put(cmd->out + EF10_GET_WORKAROUNDS_OUT_ENABLED_OFST, enabled);
	cmd->out_len = EF10_GET_WORKAROUNDS_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_clock(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	ef10_le32_put(cmd->out + EF10_GET_CLOCK_OUT_SYS_FREQ_OFST, 800);
	ef10_le32_put(cmd->out + EF10_GET_CLOCK_OUT_DPCPU_FREQ_OFST, 800);
	cmd->out_len = EF10_GET_CLOCK_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_rxdp_config(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	ef10_le32_put(cmd->out + EF10_GET_RXDP_CONFIG_OUT_DATA_OFST,
		EF10_GET_RXDP_CONFIG_DATA_PAD_HOST_DMA |
		(uint32_t)EF10_PUT(GET_RXDP_CONFIG_DATA_PAD_HOST_LEN,
			EF10_GET_RXDP_CONFIG_PAD_HOST_64));
	cmd->out_len = EF10_GET_RXDP_CONFIG_OUT_LEN;
	return 0;
}

const struct pioemu_cmd_entry pioemu_cmds_info[] = {
	{ EF10_CMD_GET_VERSION, 0, cmd_get_version },
	{ EF10_CMD_GET_BOOT_STATUS, 0, cmd_not_for_vf },
	{ EF10_CMD_GET_BOARD_CFG, 0, cmd_not_for_vf },
	{ EF10_CMD_GET_VECTOR_CFG, 0, cmd_not_for_vf },
	{ EF10_CMD_GET_ASSERTS, 0, cmd_not_for_vf },
	{ EF10_CMD_REBOOT, 0, cmd_not_for_vf },
	{ EF10_CMD_SET_TUNNEL_ENCAP_UDP_PORTS, 0, cmd_not_for_vf },
	{ EF10_CMD_SET_NIC_GLOBAL, 0, cmd_not_for_vf },
	{ EF10_CMD_DRV_ATTACH, EF10_DRV_ATTACH_IN_LEN, cmd_drv_attach },
	{ EF10_CMD_ENTITY_RESET, 0, cmd_entity_reset },
	{ EF10_CMD_LOG_CTRL, EF10_LOG_CTRL_IN_LEN, cmd_log_ctrl },
	{ EF10_CMD_GET_PORT_ASSIGNMENT, 0, cmd_get_port_assignment },
	{ EF10_CMD_GET_PORT_MODES, 0, cmd_get_port_modes },
	{ EF10_CMD_GET_FUNCTION_INFO, 0, cmd_get_function_info },
	{ EF10_CMD_GET_PF_COUNT, 0, cmd_get_pf_count },
	{ EF10_CMD_PRIVILEGE_MASK, EF10_PRIVILEGE_MASK_IN_LEN, cmd_privilege_mask },
	{ EF10_CMD_GET_CAPABILITIES, 0, cmd_get_capabilities },
	{ EF10_CMD_WORKAROUND, EF10_WORKAROUND_IN_LEN, cmd_workaround },
	{ EF10_CMD_GET_WORKAROUNDS, 0, cmd_get_workarounds },
	{ EF10_CMD_GET_CLOCK, 0, cmd_get_clock },
	{ EF10_CMD_GET_RXDP_CONFIG, 0, cmd_get_rxdp_config },
	{ 0, 0, NULL },
};

static const struct pioemu_cmd_entry *
cmd_find(uint32_t code)
{
	static const struct pioemu_cmd_entry *const tables[] = {
		pioemu_cmds_info, pioemu_cmds_vi, pioemu_cmds_mac, pioemu_cmds_rx,
	};
	const struct pioemu_cmd_entry *entry;
	uint32_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		for (entry = tables[i]; entry->run != NULL; entry++) {
			if (entry->code == code)
				return entry;
		}
	}
	return NULL;
}

/* 0 or MC errno. */
uint32_t
pioemu_cmd_run(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	const struct pioemu_cmd_entry *entry = cmd_find(cmd->code);
	uint32_t need = ef10_cmd_priv(cmd->code);

	if (entry == NULL)
		return EF10_MCDI_ERR_ENOSYS;
	/* WORKAROUND decides by itself: what a VF is told depends on the workaround */
	if (need != EF10_PRIV_GENERAL && (vf->conf.privileges & need) == 0 &&
	    cmd->code != EF10_CMD_WORKAROUND)
		return EF10_MCDI_ERR_EPERM;
	if (cmd->in_len < entry->in_min) {
		pioemu_violation(vf, PIOEMU_VIOLATION_MCDI_MALFORMED, "%s with %u bytes, needs %u",
			ef10_cmd_name(cmd->code), cmd->in_len, entry->in_min);
		return EF10_MCDI_ERR_EINVAL;
	}
	return entry->run(vf, cmd);
}
