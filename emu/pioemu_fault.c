/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Violations (what a driver did wrong), injected faults, and statistics. */

#include <errno.h>
#include <string.h>

#include "pioemu_priv.h"

static const struct {
	const char *name, *text;
} violations[PIOEMU_VIOLATION_NUM] = {
#define VIOLATION_ENTRY(name, text) { #name, text },
	PIOEMU_VIOLATION_LIST(VIOLATION_ENTRY)
#undef VIOLATION_ENTRY
};

const char *
pioemu_violation_name(enum pioemu_violation id)
{
	return (unsigned int)id < PIOEMU_VIOLATION_NUM ? violations[id].name : "?";
}

void
pioemu_violation(struct pioemu_vf *vf, enum pioemu_violation id, const char *fmt, ...)
{
	va_list ap;

	vf->violations[id]++;
	va_start(ap, fmt);
	vsnprintf(vf->last[id], sizeof(vf->last[id]), fmt, ap);
	va_end(ap);
	PIOEMU_TRACE(vf, FAULT, "violation %s: %s", violations[id].name, vf->last[id]);
}

uint64_t
pioemu_vf_violation_get(struct pioemu_vf *vf, enum pioemu_violation id,
			struct pioemu_violation_info *info)
{
	uint64_t count;

	if ((unsigned int)id >= PIOEMU_VIOLATION_NUM)
		return 0;
	pioemu_nic_enter(vf->nic);
	count = vf->violations[id];
	if (info != NULL) {
		info->count = count;
		memcpy(info->last, vf->last[id], sizeof(info->last));
	}
	pioemu_nic_leave(vf->nic);
	return count;
}

uint64_t
pioemu_vf_violation_total(struct pioemu_vf *vf)
{
	uint64_t total = 0;
	unsigned int i;

	pioemu_nic_enter(vf->nic);
	for (i = 0; i < PIOEMU_VIOLATION_NUM; i++)
		total += vf->violations[i];
	pioemu_nic_leave(vf->nic);
	return total;
}

void
pioemu_vf_violation_reset(struct pioemu_vf *vf)
{
	pioemu_nic_enter(vf->nic);
	memset(vf->violations, 0, sizeof(vf->violations));
	memset(vf->last, 0, sizeof(vf->last));
	pioemu_nic_leave(vf->nic);
}

/* xorshift64*: repeatable from the seed, good enough to choose delays. below > 0 */
uint32_t
pioemu_random(struct pioemu_nic *nic, uint32_t below)
{
	nic->rng ^= nic->rng >> 12;
	nic->rng ^= nic->rng << 25;
	nic->rng ^= nic->rng >> 27;
	return (uint32_t)((nic->rng * 0x2545F4914F6CDD1Dull) >> 32) % below;
}

int
pioemu_vf_mcdi_fault_add(struct pioemu_vf *vf, const struct pioemu_mcdi_fault *fault)
{
	int rc = -ENOSPC;

	pioemu_nic_enter(vf->nic);
	if (vf->mcdi.nb_faults < PIOEMU_MCDI_FAULTS_MAX) {
		vf->mcdi.faults[vf->mcdi.nb_faults++] = *fault;
		rc = 0;
	}
	pioemu_nic_leave(vf->nic);
	return rc;
}

void
pioemu_vf_mcdi_fault_clear(struct pioemu_vf *vf)
{
	pioemu_nic_enter(vf->nic);
	vf->mcdi.nb_faults = 0;
	pioemu_nic_leave(vf->nic);
}

int
pioemu_vf_tx_err_inject(struct pioemu_vf *vf, uint16_t vi, uint8_t type)
{
	int rc = -ENOENT;

	pioemu_nic_enter(vf->nic);
	if (vi < vf->conf.nb_vis && vf->vis[vi].txq.active) {
		pioemu_txq_error(vf, &vf->vis[vi].txq, type);
		rc = 0;
	}
	pioemu_nic_leave(vf->nic);
	return rc;
}

int
pioemu_vf_rx_err_inject(struct pioemu_vf *vf, uint16_t vi, uint8_t type)
{
	int rc = -ENOENT;

	pioemu_nic_enter(vf->nic);
	if (vi < vf->conf.nb_vis && vf->vis[vi].rxq.active) {
		pioemu_rxq_error(vf, &vf->vis[vi].rxq, type);
		rc = 0;
	}
	pioemu_nic_leave(vf->nic);
	return rc;
}

int
pioemu_vf_event_inject(struct pioemu_vf *vf, uint16_t evq, uint64_t event)
{
	int rc = -ENOENT;

	pioemu_nic_enter(vf->nic);
	if (evq < vf->conf.nb_vis && vf->vis[evq].evq.active) {
		pioemu_evq_write(vf, evq, event);
		rc = 0;
	}
	pioemu_nic_leave(vf->nic);
	return rc;
}

void
pioemu_vf_hold_set(struct pioemu_vf *vf, uint16_t vi, uint32_t what)
{
	uint16_t i;

	pioemu_nic_enter(vf->nic);
	if (vi == PIOEMU_ALL)
		vf->hold_all = what;
	for (i = 0; i < vf->conf.nb_vis; i++) {
		if (vi != PIOEMU_ALL && vi != i)
			continue;
		vf->vis[i].hold = vi == PIOEMU_ALL ? 0 : what;
	}
	pioemu_nic_leave(vf->nic);
}

void
pioemu_vf_tx_delay_set(struct pioemu_vf *vf, uint32_t min_ns, uint32_t max_ns)
{
	pioemu_nic_enter(vf->nic);
	vf->tx_delay_min_ns = min_ns;
	vf->tx_delay_max_ns = max_ns < min_ns ? min_ns : max_ns;
	pioemu_nic_leave(vf->nic);
}

void
pioemu_vf_tx_batch_random_set(struct pioemu_vf *vf, uint16_t max)
{
	pioemu_nic_enter(vf->nic);
	vf->tx_batch_random = max;
	pioemu_nic_leave(vf->nic);
}

static void
stats_add(struct pioemu_stats *sum, const struct pioemu_stats *add)
{
#define STATS_ADD(name) sum->name += add->name;
	PIOEMU_STATS_LIST(STATS_ADD)
#undef STATS_ADD
}

int
pioemu_vf_stats_get(struct pioemu_vf *vf, uint16_t vi, struct pioemu_stats *stats)
{
	uint16_t i;

	if (vi != PIOEMU_ALL && vi >= vf->conf.nb_vis)
		return -ENOENT;
	pioemu_nic_enter(vf->nic);
	if (vi != PIOEMU_ALL) {
		*stats = vf->vis[vi].stats;
	} else {
		*stats = vf->stats;
		for (i = 0; i < vf->conf.nb_vis; i++)
			stats_add(stats, &vf->vis[i].stats);
	}
	pioemu_nic_leave(vf->nic);
	return 0;
}

void
pioemu_vf_stats_reset(struct pioemu_vf *vf)
{
	uint16_t i;

	pioemu_nic_enter(vf->nic);
	memset(&vf->stats, 0, sizeof(vf->stats));
	for (i = 0; i < vf->conf.nb_vis; i++)
		memset(&vf->vis[i].stats, 0, sizeof(vf->vis[i].stats));
	pioemu_nic_leave(vf->nic);
}

void
pioemu_vf_dump(struct pioemu_vf *vf, FILE *out)
{
	struct pioemu_violation_info info;
	struct pioemu_stats stats;
	unsigned int i;

	pioemu_vf_stats_get(vf, PIOEMU_ALL, &stats);
	fprintf(out, "vf%u %04x:%04x", vf->index, PIOEMU_ID_VENDOR, vf->conf.device_id);
#define STATS_PRINT(name) \
	if (stats.name != 0) \
		fprintf(out, " " #name "=%llu", (unsigned long long)stats.name);
	PIOEMU_STATS_LIST(STATS_PRINT)
#undef STATS_PRINT
	fprintf(out, "\n");
	for (i = 0; i < PIOEMU_VIOLATION_NUM; i++) {
		if (pioemu_vf_violation_get(vf, i, &info) == 0)
			continue;
		fprintf(out, "vf%u violation %s %llu times: %s; last: %s\n", vf->index,
			violations[i].name, (unsigned long long)info.count, violations[i].text,
			info.last);
	}
}
