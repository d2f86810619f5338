/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "ef10_mcdi.h"
#include "ef10_regs.h"

#include "piopmd_cmd.h"

int
piopmd_cmd_asserts_clear(struct piopmd_mcdi *mcdi)
{
	uint8_t in[EF10_GET_ASSERTS_IN_LEN];
	uint8_t out[EF10_GET_ASSERTS_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_ASSERTS,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out),
		.quiet = true,
	};
	int ret;

	ef10_le32_put(in + EF10_GET_ASSERTS_IN_CLEAR_OFST, 1);
	ret = piopmd_mcdi_execute(mcdi, &req);
	return ret == -EPERM ? 0 : ret;
}

static int
cmd_attach_state_set(struct piopmd_mcdi *mcdi, uint32_t state)
{
	uint8_t in[EF10_DRV_ATTACH_IN_LEN];
	uint8_t out[EF10_DRV_ATTACH_EXT_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_DRV_ATTACH,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out), .out_min = EF10_DRV_ATTACH_OUT_LEN,
	};

	ef10_le32_put(in + EF10_DRV_ATTACH_IN_NEW_STATE_OFST, state);
	ef10_le32_put(in + EF10_DRV_ATTACH_IN_UPDATE_OFST, 1);
	ef10_le32_put(in + EF10_DRV_ATTACH_IN_FIRMWARE_ID_OFST,
		      EF10_DRV_ATTACH_FIRMWARE_ID_DONT_CARE);
	return piopmd_mcdi_execute(mcdi, &req);
}

int
piopmd_cmd_attach(struct piopmd_mcdi *mcdi)
{
	return cmd_attach_state_set(mcdi, EF10_DRV_ATTACH_NEW_STATE_ATTACH |
				    EF10_DRV_ATTACH_NEW_STATE_SUBVARIANT_AWARE);
}

int
piopmd_cmd_detach(struct piopmd_mcdi *mcdi)
{
	return cmd_attach_state_set(mcdi, EF10_DRV_ATTACH_NEW_STATE_SUBVARIANT_AWARE);
}

int
piopmd_cmd_function_reset(struct piopmd_mcdi *mcdi)
{
	uint8_t in[EF10_ENTITY_RESET_IN_LEN];

	ef10_le32_put(in + EF10_ENTITY_RESET_IN_FLAG_OFST,
		      EF10_ENTITY_RESET_FLAG_FUNCTION_RESOURCE_RESET);
	return piopmd_mcdi_send(mcdi, EF10_CMD_ENTITY_RESET, in, sizeof(in), false);
}

int
piopmd_cmd_function_info_get(struct piopmd_mcdi *mcdi, uint16_t *pf, uint16_t *vf)
{
	uint8_t out[EF10_GET_FUNCTION_INFO_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_FUNCTION_INFO,
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
	};
	int ret = piopmd_mcdi_execute(mcdi, &req);

	if (ret != 0)
		return ret;
	*pf = (uint16_t)ef10_le32_get(out + EF10_GET_FUNCTION_INFO_OUT_PF_OFST);
	*vf = (uint16_t)ef10_le32_get(out + EF10_GET_FUNCTION_INFO_OUT_VF_OFST);
	return 0;
}

int
piopmd_cmd_privileges_get(struct piopmd_mcdi *mcdi, uint16_t pf, uint16_t vf, uint32_t *mask)
{
	uint8_t in[EF10_PRIVILEGE_MASK_IN_LEN];
	uint8_t out[EF10_PRIVILEGE_MASK_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_PRIVILEGE_MASK,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
		.quiet = true,
	};
	int ret;

	ef10_le32_put(in + EF10_PRIVILEGE_MASK_IN_FUNCTION_OFST,
		      (uint32_t)(EF10_PUT(PRIVILEGE_MASK_FUNCTION_PF, pf) |
				 EF10_PUT(PRIVILEGE_MASK_FUNCTION_VF, vf)));
	ef10_le32_put(in + EF10_PRIVILEGE_MASK_IN_NEW_MASK_OFST, 0);
	ret = piopmd_mcdi_execute(mcdi, &req);
	if (ret == 0)
		*mask = ef10_le32_get(out + EF10_PRIVILEGE_MASK_OUT_OLD_MASK_OFST);
	return ret;
}

int
piopmd_cmd_caps_get(struct piopmd_mcdi *mcdi, struct piopmd_cmd_caps *caps)
{
	uint8_t out[EF10_GET_CAPABILITIES_V4_OUT_LEN] = { 0 };
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_CAPABILITIES,
		.out = out, .out_size = sizeof(out), .out_min = EF10_GET_CAPABILITIES_OUT_LEN,
	};
	int ret = piopmd_mcdi_execute(mcdi, &req);

	if (ret != 0)
		return ret;
	memset(caps, 0, sizeof(*caps));
	caps->flags1 = ef10_le32_get(out + EF10_GET_CAPABILITIES_OUT_FLAGS1_OFST);
	caps->rx_fw_id = ef10_le16_get(out + EF10_GET_CAPABILITIES_OUT_RX_DPCPU_FW_ID_OFST);
	caps->tx_fw_id = ef10_le16_get(out + EF10_GET_CAPABILITIES_OUT_TX_DPCPU_FW_ID_OFST);
	caps->nb_mac_stats = EF10_MAC_NSTATS;
	if (req.out_len >= EF10_GET_CAPABILITIES_V2_OUT_LEN) {
		caps->flags2 = ef10_le32_get(out + EF10_GET_CAPABILITIES_OUT_FLAGS2_OFST);
		caps->nb_piobufs = ef10_le16_get(out + EF10_GET_CAPABILITIES_OUT_NUM_PIO_BUFFS_OFST);
		caps->piobuf_size =
			ef10_le16_get(out + EF10_GET_CAPABILITIES_OUT_SIZE_PIO_BUFF_OFST);
	}
	if (req.out_len >= EF10_GET_CAPABILITIES_V3_OUT_LEN)
		caps->vi_stride = ef10_vi_stride(out[EF10_GET_CAPABILITIES_OUT_VI_WINDOW_MODE_OFST]);
	if (req.out_len >= EF10_GET_CAPABILITIES_V4_OUT_LEN)
		caps->nb_mac_stats =
			ef10_le16_get(out + EF10_GET_CAPABILITIES_OUT_MAC_STATS_NUM_STATS_OFST);
	return 0;
}

int
piopmd_cmd_mac_addr_get(struct piopmd_mcdi *mcdi, struct rte_ether_addr *addr)
{
	uint8_t in[EF10_VPORT_GET_MAC_ADDRESSES_IN_LEN];
	uint8_t out[EF10_VPORT_GET_MAC_ADDRESSES_OUT_LEN(1)];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_VPORT_GET_MAC_ADDRESSES,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
	};
	int ret;

	ef10_le32_put(in + EF10_VPORT_GET_MAC_ADDRESSES_IN_VPORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	ret = piopmd_mcdi_execute(mcdi, &req);
	if (ret != 0)
		return ret;
	memcpy(addr->addr_bytes, out + EF10_VPORT_GET_MAC_ADDRESSES_OUT_MACADDR_OFST,
	       RTE_ETHER_ADDR_LEN);
	return rte_is_valid_assigned_ether_addr(addr) ? 0 : -EADDRNOTAVAIL;
}

int
piopmd_cmd_version_get(struct piopmd_mcdi *mcdi, uint16_t version[4])
{
	uint8_t out[EF10_GET_VERSION_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_VERSION,
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
	};
	int ret = piopmd_mcdi_execute(mcdi, &req);
	unsigned int i;

	if (ret != 0)
		return ret;
	for (i = 0; i < 4; i++)
		version[i] = ef10_le16_get(out + EF10_GET_VERSION_OUT_VERSION_OFST +
					   i * sizeof(uint16_t));
	return 0;
}

int
piopmd_cmd_workaround_set(struct piopmd_mcdi *mcdi, uint32_t type, bool on)
{
	uint8_t in[EF10_WORKAROUND_IN_LEN];
	uint8_t out[EF10_WORKAROUND_EXT_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_WORKAROUND,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out),
		.quiet = true,
	};

	ef10_le32_put(in + EF10_WORKAROUND_IN_TYPE_OFST, type);
	ef10_le32_put(in + EF10_WORKAROUND_IN_ENABLED_OFST, on);
	return piopmd_mcdi_execute(mcdi, &req);
}

int
piopmd_cmd_phy_caps_get(struct piopmd_mcdi *mcdi, uint32_t *caps)
{
	uint8_t out[EF10_GET_PHY_CFG_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_PHY_CFG,
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
	};
	int ret = piopmd_mcdi_execute(mcdi, &req);

	if (ret == 0)
		*caps = ef10_le32_get(out + EF10_GET_PHY_CFG_OUT_SUPPORTED_CAP_OFST);
	return ret;
}

int
piopmd_cmd_link_get(struct piopmd_mcdi *mcdi, struct piopmd_cmd_link *link)
{
	uint8_t out[EF10_GET_LINK_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_LINK,
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
	};
	int ret = piopmd_mcdi_execute(mcdi, &req);
	uint32_t flags;

	if (ret != 0)
		return ret;
	flags = ef10_le32_get(out + EF10_GET_LINK_OUT_FLAGS_OFST);
	link->speed_mbps = ef10_le32_get(out + EF10_GET_LINK_OUT_LINK_SPEED_OFST);
	link->up = (flags & EF10_GET_LINK_FLAGS_LINK_UP) != 0;
	link->full_duplex = (flags & EF10_GET_LINK_FLAGS_FULL_DUPLEX) != 0;
	link->caps = ef10_le32_get(out + EF10_GET_LINK_OUT_CAP_OFST);
	link->autoneg = (link->caps & EF10_PHY_CAP_AN) != 0;
	link->fcntl = ef10_le32_get(out + EF10_GET_LINK_OUT_FCNTL_OFST);
	return 0;
}

int
piopmd_cmd_events_route(struct piopmd_mcdi *mcdi, uint16_t evq)
{
	uint8_t in[EF10_LOG_CTRL_IN_LEN];

	ef10_le32_put(in + EF10_LOG_CTRL_IN_LOG_DEST_OFST, EF10_LOG_CTRL_LOG_DEST_EVQ);
	ef10_le32_put(in + EF10_LOG_CTRL_IN_LOG_DEST_EVQ_OFST, evq);
	return piopmd_mcdi_send(mcdi, EF10_CMD_LOG_CTRL, in, sizeof(in), false);
}

int
piopmd_cmd_mac_set(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_mac *mac)
{
	uint8_t in[EF10_SET_MAC_IN_LEN] = { 0 };

	ef10_le32_put(in + EF10_SET_MAC_IN_MTU_OFST, mac->pdu);
	ef10_le32_put(in + EF10_SET_MAC_IN_DRAIN_OFST, mac->drain);
	memcpy(in + EF10_SET_MAC_IN_ADDR_OFST, mac->addr.addr_bytes, RTE_ETHER_ADDR_LEN);
	ef10_le32_put(in + EF10_SET_MAC_IN_FCNTL_OFST, EF10_FCNTL_AUTO);
	return piopmd_mcdi_send(mcdi, EF10_CMD_SET_MAC, in, sizeof(in), true);
}

int
piopmd_cmd_mac_pdu_set(struct piopmd_mcdi *mcdi, uint16_t pdu)
{
	uint8_t in[EF10_SET_MAC_EXT_IN_LEN] = { 0 };

	ef10_le32_put(in + EF10_SET_MAC_IN_MTU_OFST, pdu);
	ef10_le32_put(in + EF10_SET_MAC_IN_CONTROL_OFST, EF10_SET_MAC_CONTROL_CFG_MTU);
	return piopmd_mcdi_send(mcdi, EF10_CMD_SET_MAC, in, sizeof(in), false);
}

static int
cmd_mac_stats(struct piopmd_mcdi *mcdi, uint32_t op, uint64_t addr, uint32_t len)
{
	uint8_t in[EF10_MAC_STATS_IN_LEN] = { 0 };

	ef10_le64_put(in + EF10_MAC_STATS_IN_DMA_ADDR_OFST, addr);
	ef10_le32_put(in + EF10_MAC_STATS_IN_CMD_OFST, op);
	ef10_le32_put(in + EF10_MAC_STATS_IN_DMA_LEN_OFST, len);
	if (addr != 0)
		ef10_le32_put(in + EF10_MAC_STATS_IN_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	return piopmd_mcdi_send(mcdi, EF10_CMD_MAC_STATS, in, sizeof(in), true);
}

int
piopmd_cmd_mac_stats_periodic(struct piopmd_mcdi *mcdi, uint64_t addr, uint32_t len,
			      uint16_t period_ms)
{
	uint32_t op = EF10_MAC_STATS_CMD_PERIODIC_CHANGE | EF10_MAC_STATS_CMD_PERIODIC_NOEVENT;

	if (period_ms == 0)
		return cmd_mac_stats(mcdi, op, 0, 0);
	op |= EF10_MAC_STATS_CMD_PERIODIC_ENABLE |
		(uint32_t)EF10_PUT(MAC_STATS_CMD_PERIOD_MS, period_ms);
	return cmd_mac_stats(mcdi, op, addr, len);
}

int
piopmd_cmd_mac_stats_upload(struct piopmd_mcdi *mcdi, uint64_t addr, uint32_t len)
{
	return cmd_mac_stats(mcdi, EF10_MAC_STATS_CMD_DMA | EF10_MAC_STATS_CMD_PERIODIC_NOEVENT, addr,
			     len);
}

int
piopmd_cmd_filter_matches_get(struct piopmd_mcdi *mcdi, uint32_t *matches, uint16_t *nb)
{
	uint8_t in[EF10_GET_PARSER_DISP_INFO_IN_LEN];
	uint8_t out[EF10_MCDI_PAYLOAD_MAX_V1];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_PARSER_DISP_INFO,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out),
		.out_min = EF10_GET_PARSER_DISP_INFO_OUT_LEN(0),
	};
	uint32_t i, count;
	int ret;

	ef10_le32_put(in + EF10_GET_PARSER_DISP_INFO_IN_OP_OFST,
		      EF10_GET_PARSER_DISP_INFO_OP_SUPPORTED_RX_MATCHES);
	ret = piopmd_mcdi_execute(mcdi, &req);
	if (ret != 0)
		return ret;
	count = ef10_le32_get(out + EF10_GET_PARSER_DISP_INFO_OUT_NUM_SUPPORTED_MATCHES_OFST);
	count = RTE_MIN(count, (RTE_MIN(req.out_len, sizeof(out)) -
				EF10_GET_PARSER_DISP_INFO_OUT_SUPPORTED_MATCHES_OFST) /
			sizeof(uint32_t));
	count = RTE_MIN(count, *nb);
	for (i = 0; i < count; i++)
		matches[i] = ef10_le32_get(out + EF10_GET_PARSER_DISP_INFO_OUT_SUPPORTED_MATCHES_OFST +
					   i * sizeof(uint32_t));
	*nb = (uint16_t)count;
	return 0;
}
