/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "piopmd.h"

/* The PF may still be making our port ready: as long as upstream's driver is patient. */
#define VI_VADAPTOR_RETRY_US	(100 * 1000u)
#define VI_VADAPTOR_RETRIES	20u

static int
vi_vadaptor_alloc(struct piopmd_adapter *ad)
{
	bool mac_change =
		(ad->caps.flags1 & EF10_GET_CAPABILITIES_FLAGS1_PERMIT_SET_MAC) != 0;
	unsigned int i;
	int ret;

	for (i = 0; ; i++) {
		ret = piopmd_cmd_vadaptor_alloc(&ad->mcdi, mac_change);
		if (ret != -ENOENT || i == VI_VADAPTOR_RETRIES)
			return ret;
		rte_delay_us_sleep(VI_VADAPTOR_RETRY_US);
	}
}

int
piopmd_vi_start(struct piopmd_adapter *ad, uint16_t nb_vis, const char *name)
{
	uint16_t got;
	int ret;

	ret = piopmd_cmd_vis_alloc(&ad->mcdi, nb_vis, nb_vis, &got);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, name, "cannot get %u VIs: %s", nb_vis, rte_strerror(-ret));
		return ret;
	}
	ad->vis_held = true;

	ret = vi_vadaptor_alloc(ad);
	if (ret != 0) {
		PIOPMD_LOG_DRV(ERR, name, "cannot get a virtual port: %s", rte_strerror(-ret));
		piopmd_vi_stop(ad);
		return ret;
	}
	ad->vadaptor_held = true;
	return 0;
}

void
piopmd_vi_stop(struct piopmd_adapter *ad)
{
	int ret = 0;

	if (ad->vadaptor_held && ad->mcdi.state == PIOPMD_MCDI_READY)
		ret = piopmd_cmd_vadaptor_free(&ad->mcdi);
	ad->vadaptor_held = false;
	if (ret == 0 && ad->vis_held && ad->mcdi.state == PIOPMD_MCDI_READY)
		ret = piopmd_cmd_vis_free(&ad->mcdi);
	ad->vis_held = false;
	/*
	 * What the adapter refuses to take back, such as a port on which it has kept a filter, it would
	 * refuse to give again: the next start resets the function first, as if it had been lost.
	 */
	if (ret != 0)
		ad->attached = false;
}
