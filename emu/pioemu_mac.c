/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MAC: address, MTU, drain, counters and their DMA, link. */

#include <string.h>

#include "pioemu_priv.h"

#define FCS_LEN	4

void
pioemu_mac_reset(struct pioemu_vf *vf)
{
	struct pioemu_mac *mac = &vf->mac;
	uint64_t gen = mac->stats_gen;

	memset(mac, 0, sizeof(*mac));
	memcpy(mac->addr, vf->conf.mac, sizeof(mac->addr));
	mac->fcntl = EF10_FCNTL_AUTO;
	/* generations never repeat, so that no reader mixes two lives of one buffer */
	mac->stats_gen = gen;
}

uint32_t
pioemu_mac_nb_stats(const struct pioemu_vf *vf)
{
	return vf->family == EF10_FAMILY_MEDFORD2 ? EF10_MAC_NSTATS_V2 : EF10_MAC_NSTATS;
}

/* Size classes, inclusive upper ends with FCS; TX has one more below 64. */
static uint32_t
mac_size_class(uint32_t len)
{
	static const uint16_t top[] = { 64, 127, 255, 511, 1023, 1522, 9216 };
	uint32_t i;

	for (i = 0; i < sizeof(top) / sizeof(top[0]) && len > top[i]; i++)
		;
	return i;
}

/* Count a good frame. Bytes of the MAC and of the vadaptor include the FCS. */
void
pioemu_mac_count(struct pioemu_vf *vf, bool tx, const uint8_t *frame, uint32_t len)
{
	static const uint8_t broadcast[6] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
	uint64_t *count = vf->mac.count;
	uint32_t kind = 0;

	if ((frame[0] & 1) != 0)
		kind = memcmp(frame, broadcast, 6) == 0 ? 2 : 1;
	len += FCS_LEN;
	if (tx) {
		count[EF10_MAC_STAT_TX_PKTS]++;
		count[EF10_MAC_STAT_TX_BYTES] += len;
		count[EF10_MAC_STAT_TX_UNICAST_PKTS + kind]++;
		count[EF10_MAC_STAT_TX_64_PKTS + mac_size_class(len)]++;
		count[EF10_MAC_STAT_VADAPTER_TX_UNICAST_PACKETS + 2 * kind]++;
		count[EF10_MAC_STAT_VADAPTER_TX_UNICAST_BYTES + 2 * kind] += len;
	} else {
		count[EF10_MAC_STAT_RX_PKTS]++;
		count[EF10_MAC_STAT_RX_GOOD_PKTS]++;
		count[EF10_MAC_STAT_RX_BYTES] += len;
		count[EF10_MAC_STAT_RX_UNICAST_PKTS + kind]++;
		count[EF10_MAC_STAT_RX_64_PKTS + mac_size_class(len)]++;
		count[EF10_MAC_STAT_VADAPTER_RX_UNICAST_PACKETS + 2 * kind]++;
		count[EF10_MAC_STAT_VADAPTER_RX_UNICAST_BYTES + 2 * kind] += len;
	}
}

void
pioemu_mac_overflow(struct pioemu_vf *vf)
{
	vf->mac.count[EF10_MAC_STAT_RX_PKTS]++;
	vf->mac.count[EF10_MAC_STAT_RX_NODESC_DROPS]++;
	vf->mac.count[EF10_MAC_STAT_VADAPTER_RX_OVERFLOW]++;
}

/* One write of the counters: generation, body, generation. */
static bool
mac_stats_dma(struct pioemu_vf *vf, uint64_t addr, uint32_t len)
{
	uint32_t nb = len / 8 < pioemu_mac_nb_stats(vf) ? len / 8 : pioemu_mac_nb_stats(vf);
	uint64_t gen = ++vf->mac.stats_gen;

	if (nb < 2)
		return false;
	if (!pioemu_dma_write(vf, addr, &gen, 8))
		return false;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	if (!pioemu_dma_write(vf, addr + 8, &vf->mac.count[1], 8 * (nb - 2)))
		return false;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	return pioemu_dma_write(vf, addr + 8 * (nb - 1), &gen, 8);
}

/* The periodic write. Memory that is gone ends it: the driver should have switched it off first. */
void
pioemu_mac_poll(struct pioemu_vf *vf)
{
	struct pioemu_mac *mac = &vf->mac;

	if (mac->stats_period == 0 || vf->nic->now < mac->stats_due)
		return;
	mac->stats_due = vf->nic->now + mac->stats_period;
	if (!mac_stats_dma(vf, mac->stats_addr, mac->stats_len)) {
		mac->stats_period = 0;
		return;
	}
	if (mac->stats_event)
		pioemu_evq_log(vf, ef10_mcdi_ev(EF10_MCDI_EV_CODE_MAC_STATS_DMA,
			(uint32_t)mac->stats_gen));
}

static uint32_t
mac_event_speed(uint32_t mbps)
{
	switch (mbps) {
	case 100:
		return EF10_MCDI_EV_SPEED_100M;
	case 1000:
		return EF10_MCDI_EV_SPEED_1G;
	case 10000:
		return EF10_MCDI_EV_SPEED_10G;
	case 25000:
		return EF10_MCDI_EV_SPEED_25G;
	case 40000:
		return EF10_MCDI_EV_SPEED_40G;
	case 50000:
		return EF10_MCDI_EV_SPEED_50G;
	case 100000:
		return EF10_MCDI_EV_SPEED_100G;
	default:
		return EF10_MCDI_EV_SPEED_UNKNOWN;
	}
}

void
pioemu_nic_link_set(struct pioemu_nic *nic, bool up, uint32_t speed_mbps)
{
	uint16_t i;

	pioemu_nic_enter(nic);
	nic->link_up = up;
	nic->link_speed = speed_mbps;
	for (i = 0; i < nic->nb_vfs; i++) {
		struct pioemu_vf *vf = nic->vfs[i];

		if (vf == NULL || vf->gone)
			continue;
		PIOEMU_TRACE(vf, FAULT, "link %s %u Mbit/s", up ? "up" : "down", speed_mbps);
		pioemu_evq_log(vf, ef10_mcdi_ev(EF10_MCDI_EV_CODE_LINKCHANGE,
			(uint32_t)(EF10_PUT(MCDI_EV_LINKCHANGE_SPEED, mac_event_speed(speed_mbps)) |
				EF10_PUT(MCDI_EV_LINKCHANGE_FCNTL, EF10_FCNTL_BIDIR) |
				EF10_PUT(MCDI_EV_LINKCHANGE_UP, up) |
				EF10_PUT(MCDI_EV_LINKCHANGE_FD, 1))));
	}
	pioemu_nic_leave(nic);
}

/* Capabilities of the PHY: the speeds of the family's products, pause and autonegotiation. */
static uint32_t
mac_phy_caps(const struct pioemu_vf *vf)
{
	uint32_t caps = EF10_PHY_CAP_1000FDX | EF10_PHY_CAP_10000FDX | EF10_PHY_CAP_40000FDX |
		EF10_PHY_CAP_PAUSE | EF10_PHY_CAP_ASYM | EF10_PHY_CAP_AN;

	if (vf->family == EF10_FAMILY_MEDFORD2)
		caps |= EF10_PHY_CAP_25000FDX | EF10_PHY_CAP_50000FDX | EF10_PHY_CAP_100000FDX;
	return caps;
}

static uint32_t
cmd_get_phy_cfg(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	ef10_le32_put(cmd->out + EF10_GET_PHY_CFG_OUT_FLAGS_OFST, EF10_GET_PHY_CFG_FLAGS_PRESENT);
	ef10_le32_put(cmd->out + EF10_GET_PHY_CFG_OUT_SUPPORTED_CAP_OFST, mac_phy_caps(vf));
	memcpy(cmd->out + EF10_GET_PHY_CFG_OUT_NAME_OFST, "pioemu", 6);
	ef10_le32_put(cmd->out + EF10_GET_PHY_CFG_OUT_MEDIA_TYPE_OFST, EF10_PHY_MEDIA_SFP_PLUS);
	memcpy(cmd->out + EF10_GET_PHY_CFG_OUT_REVISION_OFST, "0", 1);
	cmd->out_len = EF10_GET_PHY_CFG_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_phy_state(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	ef10_le32_put(cmd->out + EF10_GET_PHY_STATE_OUT_STATE_OFST, EF10_GET_PHY_STATE_STATE_OK);
	cmd->out_len = EF10_GET_PHY_STATE_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_link(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	const struct pioemu_nic *nic = vf->nic;

	ef10_le32_put(cmd->out + EF10_GET_LINK_OUT_CAP_OFST, mac_phy_caps(vf));
	ef10_le32_put(cmd->out + EF10_GET_LINK_OUT_LP_CAP_OFST, nic->link_up ? mac_phy_caps(vf) : 0);
	ef10_le32_put(cmd->out + EF10_GET_LINK_OUT_LINK_SPEED_OFST, nic->link_speed);
	ef10_le32_put(cmd->out + EF10_GET_LINK_OUT_FLAGS_OFST,
		(nic->link_up ? EF10_GET_LINK_FLAGS_LINK_UP : 0) | EF10_GET_LINK_FLAGS_FULL_DUPLEX);
	ef10_le32_put(cmd->out + EF10_GET_LINK_OUT_FCNTL_OFST, EF10_FCNTL_BIDIR);
	cmd->out_len = EF10_GET_LINK_OUT_LEN;
	return 0;
}

static uint32_t
cmd_get_loopback_modes(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t at;

	for (at = 0; at < EF10_GET_LOOPBACK_MODES_OUT_V2_LEN; at += 8)
		ef10_le64_put(cmd->out + at, 1u << EF10_LOOPBACK_NONE);
	cmd->out_len = vf->family == EF10_FAMILY_MEDFORD2 ? EF10_GET_LOOPBACK_MODES_OUT_V2_LEN :
		EF10_GET_LOOPBACK_MODES_OUT_LEN;
	return 0;
}

/* A VF cannot change the port; with the LINK privilege the request is accepted and has no effect. */
static uint32_t
cmd_set_link(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	if ((ef10_le32_get(cmd->in + EF10_SET_LINK_IN_CAP_OFST) & ~mac_phy_caps(vf)) != 0)
		return EF10_MCDI_ERR_EINVAL;
	return 0;
}

static uint32_t
cmd_set_id_led(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	(void)vf;
	return ef10_le32_get(cmd->in + EF10_SET_ID_LED_IN_STATE_OFST) >
		EF10_SET_ID_LED_STATE_DEFAULT ? EF10_MCDI_ERR_EINVAL : 0;
}

static uint32_t
cmd_set_mac(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t control = EF10_SET_MAC_CONTROL_CFG_MTU | EF10_SET_MAC_CONTROL_CFG_DRAIN |
		EF10_SET_MAC_CONTROL_CFG_REJECT | EF10_SET_MAC_CONTROL_CFG_FCNTL |
		EF10_SET_MAC_CONTROL_CFG_FCS;
	uint32_t mtu = ef10_le32_get(cmd->in + EF10_SET_MAC_IN_MTU_OFST);

	if (cmd->in_len >= EF10_SET_MAC_EXT_IN_LEN &&
	    (vf->caps1 & EF10_GET_CAPABILITIES_FLAGS1_SET_MAC_ENHANCED) != 0)
		control = ef10_le32_get(cmd->in + EF10_SET_MAC_IN_CONTROL_OFST);
	if ((control & EF10_SET_MAC_CONTROL_CFG_MTU) != 0) {
		if (mtu > PIOEMU_FRAME_MAX + 16)
			return EF10_MCDI_ERR_EINVAL;
		/* 0 is what net_sfc sends before it knows one */
		vf->mac.mtu = mtu;
	}
	if ((control & EF10_SET_MAC_CONTROL_CFG_DRAIN) != 0)
		vf->mac.drain = ef10_le32_get(cmd->in + EF10_SET_MAC_IN_DRAIN_OFST) != 0;
	if ((control & EF10_SET_MAC_CONTROL_CFG_REJECT) != 0) {
		vf->mac.reject = (ef10_le32_get(cmd->in + EF10_SET_MAC_IN_REJECT_OFST) &
				  EF10_SET_MAC_REJECT_UNCST) != 0;
		memcpy(vf->mac.station, cmd->in + EF10_SET_MAC_IN_ADDR_OFST, 6);
	}
	if ((control & EF10_SET_MAC_CONTROL_CFG_FCNTL) != 0)
		vf->mac.fcntl = ef10_le32_get(cmd->in + EF10_SET_MAC_IN_FCNTL_OFST);
	return 0;
}

static uint32_t
cmd_mac_stats(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	struct pioemu_mac *mac = &vf->mac;
	uint64_t addr = ef10_le64_get(cmd->in + EF10_MAC_STATS_IN_DMA_ADDR_OFST);
	uint32_t flags = ef10_le32_get(cmd->in + EF10_MAC_STATS_IN_CMD_OFST);
	uint32_t len = ef10_le32_get(cmd->in + EF10_MAC_STATS_IN_DMA_LEN_OFST);
	bool enable = (flags & EF10_MAC_STATS_CMD_PERIODIC_ENABLE) != 0;

	if ((flags & EF10_MAC_STATS_CMD_DMA) != 0 || enable) {
		if (len == 0 || len % 8 != 0 || len > sizeof(mac->count) || addr % 8 != 0)
			return EF10_MCDI_ERR_EINVAL;
	}
	if ((flags & EF10_MAC_STATS_CMD_CLEAR) != 0)
		memset(mac->count, 0, sizeof(mac->count));
	if ((flags & EF10_MAC_STATS_CMD_PERIODIC_CHANGE) != 0) {
		mac->stats_period = 0;
		if (enable) {
			uint64_t ms = EF10_GET(flags, MAC_STATS_CMD_PERIOD_MS);

			if (ms == 0)
				return EF10_MCDI_ERR_EINVAL;
			mac->stats_addr = addr;
			mac->stats_len = len;
			mac->stats_period = pioemu_time_ticks(vf->nic, ms * 1000000u);
			mac->stats_due = vf->nic->now + mac->stats_period;
			mac->stats_event =
				(flags & EF10_MAC_STATS_CMD_PERIODIC_NOEVENT) == 0;
		}
	}
	if (((flags & EF10_MAC_STATS_CMD_DMA) != 0 || enable) &&
	    !mac_stats_dma(vf, addr, len)) {
		mac->stats_period = 0;
		return EF10_MCDI_ERR_EIO;
	}
	return 0;
}

static uint32_t
cmd_vadaptor_alloc(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	static const uint8_t none[6];
	const uint8_t *addr = cmd->in + EF10_VADAPTOR_ALLOC_IN_MACADDR_OFST;

	if (ef10_le32_get(cmd->in + EF10_VADAPTOR_ALLOC_IN_UPSTREAM_PORT_ID_OFST) !=
	    EF10_PORT_ID_ASSIGNED)
		return EF10_MCDI_ERR_NO_EVB_PORT;
	if (vf->vadaptor)
		return EF10_MCDI_ERR_EEXIST;
	vf->vadaptor = true;
	memcpy(vf->mac.addr, memcmp(addr, none, 6) == 0 ? vf->conf.mac : addr, 6);
	return 0;
}

static uint32_t
vadaptor_check(struct pioemu_vf *vf, const struct pioemu_cmd *cmd)
{
	if (ef10_le32_get(cmd->in) != EF10_PORT_ID_ASSIGNED)
		return EF10_MCDI_ERR_NO_EVB_PORT;
	return vf->vadaptor ? 0 : EF10_MCDI_ERR_NO_VADAPTOR;
}

static uint32_t
cmd_vadaptor_free(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t rc = vadaptor_check(vf, cmd);

	if (rc != 0)
		return rc;
	if (vf->nb_filters != 0)
		return EF10_MCDI_ERR_FILTERS_PRESENT;
	vf->vadaptor = false;
	return 0;
}

static uint32_t
cmd_vadaptor_set_mac(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	const uint8_t *addr = cmd->in + EF10_VADAPTOR_SET_MAC_IN_MACADDR_OFST;
	uint32_t rc = vadaptor_check(vf, cmd);

	if (rc != 0)
		return rc;
	if ((addr[0] & 1) != 0)
		return EF10_MCDI_ERR_EINVAL;
	if (memcmp(addr, vf->mac.addr, 6) == 0)
		return 0;
	if ((vf->conf.privileges & EF10_PRIV_CHANGE_MAC) == 0)
		return EF10_MCDI_ERR_EPERM;
	if (vf->nb_filters != 0 && (vf->caps1 & EF10_GET_CAPABILITIES_FLAGS1_PERMIT_SET_MAC) == 0)
		return EF10_MCDI_ERR_FILTERS_PRESENT;
	memcpy(vf->mac.addr, addr, 6);
	return 0;
}

static uint32_t
cmd_vadaptor_get_mac(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	uint32_t rc = vadaptor_check(vf, cmd);

	if (rc != 0)
		return rc;
	memcpy(cmd->out, vf->mac.addr, 6);
	cmd->out_len = EF10_VADAPTOR_GET_MAC_OUT_LEN;
	return 0;
}

static uint32_t
cmd_vport_get_mac_addresses(struct pioemu_vf *vf, struct pioemu_cmd *cmd)
{
	ef10_le32_put(cmd->out + EF10_VPORT_GET_MAC_ADDRESSES_OUT_MACADDR_COUNT_OFST, 1);
	memcpy(cmd->out + EF10_VPORT_GET_MAC_ADDRESSES_OUT_MACADDR_OFST, vf->conf.mac, 6);
	cmd->out_len = EF10_VPORT_GET_MAC_ADDRESSES_OUT_LEN(1);
	return 0;
}

const struct pioemu_cmd_entry pioemu_cmds_mac[] = {
	{ EF10_CMD_GET_PHY_CFG, 0, cmd_get_phy_cfg },
	{ EF10_CMD_GET_PHY_STATE, 0, cmd_get_phy_state },
	{ EF10_CMD_GET_LINK, 0, cmd_get_link },
	{ EF10_CMD_GET_LOOPBACK_MODES, 0, cmd_get_loopback_modes },
	{ EF10_CMD_SET_LINK, EF10_SET_LINK_IN_LEN, cmd_set_link },
	{ EF10_CMD_SET_ID_LED, EF10_SET_ID_LED_IN_LEN, cmd_set_id_led },
	{ EF10_CMD_SET_MAC, EF10_SET_MAC_IN_LEN, cmd_set_mac },
	{ EF10_CMD_MAC_STATS, EF10_MAC_STATS_IN_LEN, cmd_mac_stats },
	{ EF10_CMD_VADAPTOR_ALLOC, EF10_VADAPTOR_ALLOC_IN_LEN, cmd_vadaptor_alloc },
	{ EF10_CMD_VADAPTOR_FREE, EF10_VADAPTOR_FREE_IN_LEN, cmd_vadaptor_free },
	{ EF10_CMD_VADAPTOR_SET_MAC, EF10_VADAPTOR_SET_MAC_IN_LEN, cmd_vadaptor_set_mac },
	{ EF10_CMD_VADAPTOR_GET_MAC, EF10_VADAPTOR_GET_MAC_IN_LEN, cmd_vadaptor_get_mac },
	{ EF10_CMD_VPORT_GET_MAC_ADDRESSES, EF10_VPORT_GET_MAC_ADDRESSES_IN_LEN,
	  cmd_vport_get_mac_addresses },
	{ 0, 0, NULL },
};
