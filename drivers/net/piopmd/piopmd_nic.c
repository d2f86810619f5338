/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <rte_errno.h>

#include "piopmd.h"

/* Without a queue of each kind and the management queue there is no port. */
#define NIC_VIS_MIN	3u
#define NIC_VIS_MAX	(1u + PIOPMD_RXQ_MAX + PIOPMD_TXQ_MAX)

/*
 * Size of receive DMA padding. A VF may not be allowed to ask: then the largest that exists is
 * assumed, as upstream does (efx ef10_nic.c).
 */
static uint16_t
nic_rx_pad_get(struct piopmd_mcdi *mcdi)
{
	uint8_t out[EF10_GET_RXDP_CONFIG_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_GET_RXDP_CONFIG,
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
		.quiet = true,
	};
	uint32_t data;

	if (piopmd_mcdi_execute(mcdi, &req) != 0)
		return 64u << EF10_GET_RXDP_CONFIG_PAD_HOST_256;
	data = ef10_le32_get(out + EF10_GET_RXDP_CONFIG_OUT_DATA_OFST);
	if ((data & EF10_GET_RXDP_CONFIG_DATA_PAD_HOST_DMA) == 0)
		return 1;
	return (uint16_t)(64u << EF10_GET(data, GET_RXDP_CONFIG_DATA_PAD_HOST_LEN));
}

/* Success and EPERM (the PF has set it) both mean that the indirect writes are in force. */
static int
nic_workarounds_set(struct piopmd_adapter *ad, const char *name)
{
	int ret;

	ad->limits.evq_indirect = false;
	if (ad->family != EF10_FAMILY_HUNTINGTON)
		return 0;
	ret = piopmd_cmd_workaround_set(&ad->mcdi, EF10_WORKAROUND_BUG35388, true);
	if (ret == 0 || ret == -EPERM) {
		ad->limits.evq_indirect = true;
		return 0;
	}
	if (ret == -ENOTSUP || ret == -ENOENT)
		return 0;
	PIOPMD_LOG_INIT(ERR, name, "cannot find out about bug 35388: %s", rte_strerror(-ret));
	return ret;
}

static uint32_t
nic_txq_entries_max(const struct piopmd_adapter *ad)
{
	if (ad->family == EF10_FAMILY_HUNTINGTON && !ad->limits.evq_indirect)
		return EF10_TXQ_SIZE_MAX_HUNTINGTON;
	return EF10_TXQ_SIZE_MAX;
}

static int
nic_caps_check(struct piopmd_adapter *ad, const char *name)
{
	struct piopmd_cmd_caps *caps = &ad->caps;

	if ((caps->flags1 & EF10_GET_CAPABILITIES_FLAGS1_RX_PREFIX_LEN_14) == 0) {
		PIOPMD_LOG_INIT(ERR, name,
				"this firmware variant (%#x) has no receive prefix: use full-feature firmware",
				caps->rx_fw_id);
		return -ENOTSUP;
	}
	if (ad->family != EF10_FAMILY_MEDFORD2)
		caps->vi_stride = EF10_VI_STRIDE_8K;
	if (caps->vi_stride == 0) {
		PIOPMD_LOG_INIT(ERR, name, "the firmware does not tell the VI stride: update it");
		return -ENOTSUP;
	}
	/* not told; or less than a slot and the scratch line, which is no size of a buffer */
	if (caps->nb_piobufs == 0 || caps->piobuf_size < 2 * RTE_PIO_LINE) {
		caps->nb_piobufs = EF10_PIOBUF_COUNT;
		caps->piobuf_size = EF10_PIOBUF_SIZE_ASSUMED;
	}
	/* both are data of a device: keep to what a window can hold, whole lines */
	caps->piobuf_size = RTE_ALIGN_FLOOR(RTE_MIN(caps->piobuf_size, EF10_PIOBUF_SIZE_MAX),
					    EF10_PIO_OFFSET_ALIGN);
	caps->nb_mac_stats = RTE_MAX(caps->nb_mac_stats, EF10_MAC_NSTATS);
	return 0;
}

static void
nic_privileges_get(struct piopmd_adapter *ad)
{
	uint32_t mask = 0;
	int ret = piopmd_cmd_privileges_get(&ad->mcdi, ad->pf, ad->vf, &mask);

	/* firmware that knows no privileges lets everybody try */
	ad->limits.pio_privilege = ret != 0 || (mask & EF10_PRIV_ONLOAD) != 0;
}

/* How many VIs there are for us, and whether RSS is to be had: by asking for them once. */
static int
nic_resources_probe(struct piopmd_adapter *ad, const char *name)
{
	struct piopmd_limits *limits = &ad->limits;
	uint64_t windows = ad->map.len / ad->caps.vi_stride;
	uint32_t context;
	uint16_t nb_vis;
	int ret;

	if (windows < NIC_VIS_MIN) {
		PIOPMD_LOG_INIT(ERR, name, "the BAR has room for %u VIs only", (unsigned int)windows);
		return -ENODEV;
	}
	ret = piopmd_cmd_vis_alloc(&ad->mcdi, NIC_VIS_MIN, (uint16_t)RTE_MIN(windows, NIC_VIS_MAX),
				   &nb_vis);
	if (ret != 0)
		return ret;
	limits->nb_vis = nb_vis;
	limits->nb_queues = (uint16_t)RTE_MIN((nb_vis - 1u) / 2, PIOPMD_TXQ_MAX);

	limits->rss = false;
	ret = piopmd_cmd_vadaptor_alloc(&ad->mcdi, false);
	if (ret == 0) {
		if (piopmd_cmd_rss_alloc(&ad->mcdi, limits->nb_queues, &context) == 0) {
			limits->rss = true;
			ret = piopmd_cmd_rss_free(&ad->mcdi, context);
		}
		limits->nb_matches = PIOPMD_MATCHES_MAX;
		if (ret == 0)
			ret = piopmd_cmd_filter_matches_get(&ad->mcdi, limits->matches,
							    &limits->nb_matches);
		if (ret == 0)
			ret = piopmd_cmd_vadaptor_free(&ad->mcdi);
	}
	if (ret == 0)
		ret = piopmd_cmd_vis_free(&ad->mcdi);
	return ret;
}

static int
nic_attach_steps(struct piopmd_adapter *ad, const char *name)
{
	struct piopmd_mcdi *mcdi = &ad->mcdi;
	int ret;

	ret = piopmd_cmd_asserts_clear(mcdi);
	if (ret == 0)
		ret = piopmd_cmd_attach(mcdi);
	if (ret == 0)
		ret = piopmd_cmd_function_reset(mcdi);
	if (ret == 0)
		ret = piopmd_cmd_function_info_get(mcdi, &ad->pf, &ad->vf);
	if (ret == 0)
		ret = piopmd_cmd_caps_get(mcdi, &ad->caps);
	if (ret == 0)
		ret = nic_caps_check(ad, name);
	if (ret == 0)
		ret = nic_workarounds_set(ad, name);
	if (ret == 0)
		nic_privileges_get(ad);
	ad->attached = ret == 0;
	return ret;
}

int
piopmd_nic_attach(struct piopmd_adapter *ad, const char *name)
{
	int ret = nic_attach_steps(ad, name);

	if (ret == 0)
		ret = piopmd_cmd_mac_addr_get(&ad->mcdi, &ad->mac_perm);
	if (ret == 0)
		ret = piopmd_cmd_phy_caps_get(&ad->mcdi, &ad->phy_caps);
	if (ret == 0)
		ret = piopmd_cmd_version_get(&ad->mcdi, ad->fw_version);
	if (ret == 0)
		ret = nic_resources_probe(ad, name);
	if (ret != 0) {
		PIOPMD_LOG_INIT(ERR, name, "cannot attach to the adapter: %s", rte_strerror(-ret));
		piopmd_nic_detach(ad);
		return ret;
	}
	ad->limits.txq_entries_max = nic_txq_entries_max(ad);
	ad->limits.piobuf_size = ad->caps.piobuf_size;
	ad->limits.nb_piobufs = ad->caps.nb_piobufs;
	ad->limits.rx_pad = nic_rx_pad_get(&ad->mcdi);
	PIOPMD_LOG_INIT(INFO, name,
			"%s VF %u.%u, %u queue pairs, VI stride %u KiB, %u PIO buffers of %u bytes%s",
			ef10_family_name(ad->family), ad->pf, ad->vf, ad->limits.nb_queues,
			ad->caps.vi_stride / 1024, ad->limits.nb_piobufs, ad->limits.piobuf_size,
			ad->limits.pio_privilege ? "" : ", no privilege for them");
	return 0;
}

void
piopmd_nic_detach(struct piopmd_adapter *ad)
{
	if (ad->mcdi.state != PIOPMD_MCDI_READY)
		return;
	ad->attached = false;
	/* refusals are logged; the reset at the next open makes up for them */
	piopmd_cmd_function_reset(&ad->mcdi);
	piopmd_cmd_detach(&ad->mcdi);
}

int
piopmd_nic_reattach(struct piopmd_adapter *ad, const char *name)
{
	struct piopmd_cmd_caps caps = ad->caps;
	int ret;

	ret = piopmd_mcdi_epoch_start(&ad->mcdi);
	if (ret == 0)
		ret = nic_attach_steps(ad, name);
	if (ret == 0 && (ad->caps.vi_stride != caps.vi_stride ||
			 ad->caps.piobuf_size != caps.piobuf_size ||
			 ad->caps.nb_mac_stats != caps.nb_mac_stats)) {
		PIOPMD_LOG_DRV(ERR, name,
			       "the firmware has changed its layout: detach and attach the device");
		ret = -ENODEV;
	}
	/* memory was laid out for these */
	if (ret != 0)
		ad->caps = caps;
	return ret;
}
