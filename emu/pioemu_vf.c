/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* A virtual function: configuration, life, reset, and one round of service. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pioemu_priv.h"

#define CAPS1_DEFAULT \
	(EF10_GET_CAPABILITIES_FLAGS1_SET_MAC_ENHANCED | EF10_GET_CAPABILITIES_FLAGS1_PERMIT_SET_MAC | \
	 EF10_GET_CAPABILITIES_FLAGS1_ADDITIONAL_RSS_MODES | \
	 EF10_GET_CAPABILITIES_FLAGS1_TX_VLAN_INSERTION | \
	 EF10_GET_CAPABILITIES_FLAGS1_RX_PREFIX_LEN_0 | EF10_GET_CAPABILITIES_FLAGS1_RX_PREFIX_LEN_14 | \
	 EF10_GET_CAPABILITIES_FLAGS1_RX_BATCHING | EF10_GET_CAPABILITIES_FLAGS1_RX_DISABLE_SCATTER | \
	 EF10_GET_CAPABILITIES_FLAGS1_EVB)
#define CAPS2_DEFAULT \
	(EF10_GET_CAPABILITIES_FLAGS2_EVQ_TIMER_CTRL | EF10_GET_CAPABILITIES_FLAGS2_INIT_EVQ_V2)

void
pioemu_vf_config_default(struct pioemu_vf_config *conf)
{
	*conf = (struct pioemu_vf_config){
		.device_id = PIOEMU_ID_MEDFORD2,
		.vi_stride = EF10_VI_STRIDE_8K,
		.nb_vis = 64,
		.nb_vectors = 32,
		.privileges = PIOEMU_PRIV_DEFAULT,
		.bar_prefetchable = true,
		.bug35388_answer = EF10_MCDI_ERR_ENOENT,
		.caps_len = EF10_GET_CAPABILITIES_V8_OUT_LEN,
		.rx_merge_max = 8,
		.tx_merge_max = 64,
	};
}

static bool
vf_config_is_valid(const struct pioemu_vf_config *conf)
{
	enum ef10_family family = ef10_family_of(EF10_PCI_VENDOR, conf->device_id);
	static const uint16_t caps_len[] = { 20, 72, 76, 78, 84, 148, 152, 160 };
	size_t i;

	for (i = 0; i < sizeof(caps_len) / sizeof(caps_len[0]); i++) {
		if (caps_len[i] == conf->caps_len)
			break;
	}
	if (i == sizeof(caps_len) / sizeof(caps_len[0]) || family == EF10_FAMILY_UNKNOWN)
		return false;
	if (conf->vi_stride != EF10_VI_STRIDE_8K &&
	    (family != EF10_FAMILY_MEDFORD2 || (conf->vi_stride != EF10_VI_STRIDE_16K &&
						conf->vi_stride != EF10_VI_STRIDE_64K)))
		return false;
	return conf->nb_vis >= 1 && conf->nb_vis <= 1024 && conf->rx_merge_max >= 1 &&
		conf->rx_merge_max <= EF10_RX_EV_MERGED_MAX && conf->tx_merge_max >= 1 &&
		(conf->mac[0] & 1) == 0;
}

size_t
pioemu_vf_bar_len(const struct pioemu_vf_config *conf)
{
	size_t len = EF10_VI_STRIDE_8K;

	if (!vf_config_is_valid(conf))
		return 0;
	while (len < (size_t)conf->nb_vis * conf->vi_stride)
		len *= 2;
	return len;
}

/* The MC's status word: signature and reboot counter, or ones when the device is gone. */
void
pioemu_vf_status_set(struct pioemu_vf *vf)
{
	uint32_t status = vf->gone ? EF10_MC_STATUS_GONE :
		(uint32_t)(EF10_PUT(MC_STATUS_SIGNATURE, EF10_MC_STATUS_SIGNATURE_OK) |
			EF10_PUT(MC_STATUS_BOOT_COUNT, vf->nic->boot_count));

	__atomic_store_n(pioemu_vf_reg(vf, 0, EF10_REG_BIU_MC_SFT_STATUS), status,
		__ATOMIC_RELEASE);
}

/* Registers as after a reset. */
static void
vf_bar_init(struct pioemu_vf *vf)
{
	uint32_t i;

	memset(vf->bar, vf->gone ? 0xFF : 0, EF10_REG_TX_PIOBUF);
	if (!vf->gone) {
		*pioemu_vf_reg(vf, 0, EF10_REG_BIU_HW_REV_ID) = EF10_HW_REV_ID;
		for (i = 1; i < 8; i++)
			*pioemu_vf_reg(vf, 0, EF10_REG_BIU_MC_SFT_STATUS + 4 * i) =
				EF10_MC_STATUS_RESET;
		*pioemu_vf_reg(vf, 0, EF10_REG_MC_DB_HWRD) = PIOEMU_MC_DB_IDLE;
	}
	pioemu_vf_status_set(vf);
}

static void
vf_free(struct pioemu_vf *vf)
{
	if (vf->bar_owned)
		munmap(vf->bar, vf->bar_len);
	free(vf->stamps);
	free(vf->filters);
	free(vf->vis);
	free(vf);
}

static struct pioemu_vf *
vf_alloc(struct pioemu_nic *nic, const struct pioemu_vf_config *conf)
{
	struct pioemu_vf *vf = calloc(1, sizeof(*vf));
	uint16_t i;

	if (vf == NULL)
		return NULL;
	vf->nic = nic;
	vf->conf = *conf;
	vf->bar_len = pioemu_vf_bar_len(conf);
	vf->bar = conf->bar;
	vf->vis = calloc(conf->nb_vis, sizeof(*vf->vis));
	vf->filters = calloc(PIOEMU_FILTERS_MAX, sizeof(*vf->filters));
	if (vf->bar == NULL) {
		vf->bar = mmap(NULL, vf->bar_len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		vf->bar_owned = vf->bar != MAP_FAILED;
	}
	if (vf->vis == NULL || vf->filters == NULL || vf->bar == MAP_FAILED) {
		vf_free(vf);
		return NULL;
	}
	for (i = 0; i < conf->nb_vis; i++)
		vf->vis[i].pio = -1;
	return vf;
}

static void
vf_setup(struct pioemu_vf *vf)
{
	static const uint8_t none[6];

	vf->family = ef10_family_of(EF10_PCI_VENDOR, vf->conf.device_id);
	vf->piobuf_size = (uint16_t)ef10_piobuf_size(vf->family);
	vf->caps1 = (CAPS1_DEFAULT | vf->conf.caps1_set) & ~vf->conf.caps1_clear;
	vf->caps2 = (CAPS2_DEFAULT | vf->conf.caps2_set) & ~vf->conf.caps2_clear;
	if (memcmp(vf->conf.mac, none, 6) == 0) {
		memcpy(vf->conf.mac, "\x02PIO\x00", 5);
		vf->conf.mac[5] = (uint8_t)vf->index;
	}
	if (vf->conf.ops != NULL)
		vf->ops = *vf->conf.ops;
	vf->bus_master = true;
	vf->dma_gen = 1;
	pioemu_mac_reset(vf);
	vf_bar_init(vf);
}

int
pioemu_vf_create(struct pioemu_nic *nic, const struct pioemu_vf_config *conf, struct pioemu_vf **out)
{
	struct pioemu_vf *vf;
	uint16_t i;

	*out = NULL;
	if (!vf_config_is_valid(conf))
		return -EINVAL;
	vf = vf_alloc(nic, conf);
	if (vf == NULL)
		return -ENOMEM;
	pioemu_nic_enter(nic);
	for (i = 0; i < nic->nb_vfs && nic->vfs[i] != NULL; i++)
		;
	if (i == PIOEMU_VFS_MAX) {
		pioemu_nic_leave(nic);
		vf_free(vf);
		return -ENOMEM;
	}
	vf->index = i;
	vf_setup(vf);
	nic->vfs[i] = vf;
	if (i == nic->nb_vfs)
		nic->nb_vfs++;
	pioemu_nic_leave(nic);
	*out = vf;
	return 0;
}

void
pioemu_vf_destroy(struct pioemu_vf *vf)
{
	struct pioemu_nic *nic;

	if (vf == NULL)
		return;
	nic = vf->nic;
	pioemu_nic_enter(nic);
	pioemu_vf_teardown(vf);
	pioemu_wire_detach_all(vf);
	nic->vfs[vf->index] = NULL;
	pioemu_nic_leave(nic);
	vf_free(vf);
}

uint16_t
pioemu_vf_index(const struct pioemu_vf *vf)
{
	return vf->index;
}

struct pioemu_nic *
pioemu_vf_nic(const struct pioemu_vf *vf)
{
	return vf->nic;
}

const struct pioemu_vf_config *
pioemu_vf_config_get(const struct pioemu_vf *vf)
{
	return &vf->conf;
}

void *
pioemu_vf_bar(struct pioemu_vf *vf)
{
	return vf->bar;
}

void
pioemu_list_add(uint16_t *list, uint16_t *nb, uint16_t vi)
{
	uint16_t i;

	for (i = 0; i < *nb; i++) {
		if (list[i] == vi)
			return;
	}
	list[(*nb)++] = vi;
}

void
pioemu_list_remove(uint16_t *list, uint16_t *nb, uint16_t vi)
{
	uint16_t i;

	for (i = 0; i < *nb && list[i] != vi; i++)
		;
	if (i == *nb)
		return;
	(*nb)--;
	memmove(&list[i], &list[i + 1], (*nb - i) * sizeof(list[0]));
}

/* FREE_VIS: queues, links and event queues go, without a word. */
void
pioemu_vf_release_vis(struct pioemu_vf *vf)
{
	uint16_t vi;

	for (vi = 0; vi < vf->nb_alloc; vi++) {
		pioemu_txq_fini(vf, vi, false);
		pioemu_rxq_fini(vf, vi, false);
		if (vf->vis[vi].pio >= 0)
			pioemu_pio_unlink(vf, vi);
		if (vf->vis[vi].evq.active)
			pioemu_evq_fini(vf, vi);
	}
	vf->nb_alloc = 0;
}

/* Everything the function holds goes: ENTITY_RESET, detach, FLR, MC reboot. */
void
pioemu_vf_teardown(struct pioemu_vf *vf)
{
	PIOEMU_TRACE(vf, FAULT, "teardown");
	pioemu_vf_release_vis(vf);
	pioemu_pio_release_all(vf);
	pioemu_filter_remove_all(vf);
	pioemu_rss_free_all(vf);
	pioemu_mac_reset(vf);
	vf->vadaptor = false;
	vf->log_events = false;
}

static void
vf_reset(struct pioemu_vf *vf)
{
	vf->stats.resets++;
	pioemu_vf_teardown(vf);
	pioemu_mcdi_reset(vf);
	vf->mcdi.epoch_lost = false;
	vf->attached = false;
	vf->indirect = false;
	vf_bar_init(vf);
}

void
pioemu_vf_reset(struct pioemu_vf *vf)
{
	pioemu_nic_enter(vf->nic);
	vf_reset(vf);
	pioemu_nic_leave(vf->nic);
}

void
pioemu_vf_gone_set(struct pioemu_vf *vf, bool gone)
{
	pioemu_nic_enter(vf->nic);
	vf->gone = gone;
	vf_reset(vf);
	pioemu_nic_leave(vf->nic);
}

/* One round. Returns how much was done. */
unsigned int
pioemu_vf_service(struct pioemu_vf *vf)
{
	unsigned int done = 0;
	uint16_t i;

	if (vf->gone)
		return 0;
	done += pioemu_mcdi_poll(vf);
	for (i = 0; i < vf->nb_tx; i++)
		done += pioemu_txq_service(vf, &vf->vis[vf->tx_active[i]].txq);
	done += pioemu_wire_poll(vf);
	pioemu_rxq_flush(vf);
	if (!vf->conf.bar_trapping)
		pioemu_evq_poll(vf);
	pioemu_mac_poll(vf);
	return done;
}

int
pioemu_vf_vi_info_get(struct pioemu_vf *vf, uint16_t vi, struct pioemu_vi_info *info)
{
	const struct pioemu_vi *v;

	if (vi >= vf->conf.nb_vis)
		return -ENOENT;
	pioemu_nic_enter(vf->nic);
	v = &vf->vis[vi];
	*info = (struct pioemu_vi_info){
		.evq = v->evq.active,
		.rxq = v->rxq.active,
		.txq = v->txq.active,
		.tx_pending = v->txq.active ? v->txq.added - v->txq.completed : 0,
		.rx_avail = v->rxq.active ? v->rxq.added - v->rxq.used : 0,
	};
	pioemu_nic_leave(vf->nic);
	return 0;
}

void
pioemu_vf_resources_get(struct pioemu_vf *vf, struct pioemu_vf_resources *res)
{
	uint16_t i;

	pioemu_nic_enter(vf->nic);
	*res = (struct pioemu_vf_resources){
		.nb_vis = vf->nb_alloc,
		.nb_filters = (uint16_t)vf->nb_filters,
		.nb_evqs = vf->nb_ev,
		.nb_rxqs = vf->nb_rx,
		.nb_txqs = vf->nb_tx,
		.attached = vf->attached,
		.vadaptor = vf->vadaptor,
		.stats_dma = vf->mac.stats_period != 0,
	};
	for (i = 0; i < vf->nic->conf.pio_nb_bufs; i++)
		res->nb_piobufs += vf->nic->piobufs[i].owner == vf;
	for (i = 0; i < vf->conf.nb_vis; i++)
		res->nb_pio_links += vf->vis[i].pio >= 0;
	for (i = 0; i < PIOEMU_RSS_MAX; i++)
		res->nb_rss += vf->rss[i] != NULL;
	pioemu_nic_leave(vf->nic);
}

int
pioemu_vf_stamps_enable(struct pioemu_vf *vf, uint32_t nb)
{
	struct pioemu_stamp *stamps = NULL;

	if (nb != 0) {
		stamps = calloc(nb, sizeof(*stamps));
		if (stamps == NULL)
			return -ENOMEM;
	}
	pioemu_nic_enter(vf->nic);
	free(vf->stamps);
	vf->stamps = stamps;
	vf->stamps_room = nb;
	vf->stamps_head = 0;
	vf->stamps_tail = 0;
	pioemu_nic_leave(vf->nic);
	return 0;
}

uint32_t
pioemu_vf_stamps_take(struct pioemu_vf *vf, struct pioemu_stamp *stamps, uint32_t nb)
{
	uint32_t n = 0;

	pioemu_nic_enter(vf->nic);
	while (n < nb && vf->stamps_tail != vf->stamps_head)
		stamps[n++] = vf->stamps[vf->stamps_tail++ % vf->stamps_room];
	pioemu_nic_leave(vf->nic);
	return n;
}
