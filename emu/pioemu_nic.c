/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The controller: lock, clock, rounds over its functions, reboot. */

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "pioemu_priv.h"

#define NIC_IDLE_FLUSH	8	/* rounds without work before files are flushed */

void
pioemu_nic_config_default(struct pioemu_nic_config *conf)
{
	*conf = (struct pioemu_nic_config){
		.pio_nb_bufs = EF10_PIOBUF_COUNT,
		.link_speed_mbps = 10000,
		.link_up = true,
		.seed = 1,
	};
}

struct pioemu_nic *
pioemu_nic_create(const struct pioemu_nic_config *conf)
{
	pthread_mutexattr_t attr;
	struct pioemu_nic *nic = calloc(1, sizeof(*nic));

	if (nic == NULL)
		return NULL;
	nic->conf = *conf;
	nic->piobufs = calloc(conf->pio_nb_bufs + 1u, sizeof(*nic->piobufs));
	if (nic->piobufs == NULL) {
		free(nic);
		return NULL;
	}
	/* recursive: whoever holds it with pioemu_nic_lock may call everything else */
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&nic->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	nic->ticks_per_ns = conf->now_ns != NULL ? 1.0 : pioemu_time_ticks_per_ns();
	nic->link_up = conf->link_up;
	nic->link_speed = conf->link_speed_mbps;
	nic->boot_count = 1;
	nic->rng = conf->seed == 0 ? 1 : conf->seed;
	pioemu_nic_time_set(nic, &conf->time);
	if (pioemu_nic_pio_hold(nic, conf->pio_held) != 0)
		pioemu_nic_pio_hold(nic, conf->pio_nb_bufs);
	return nic;
}

void
pioemu_nic_destroy(struct pioemu_nic *nic)
{
	uint16_t i;

	if (nic == NULL)
		return;
	for (i = 0; i < nic->nb_vfs; i++) {
		if (nic->vfs[i] != NULL)
			pioemu_vf_destroy(nic->vfs[i]);
	}
	pthread_mutex_destroy(&nic->lock);
	free(nic->piobufs);
	free(nic);
}

/* Take the lock ahead of a thread that spins on pioemu_nic_poll. */
void
pioemu_nic_enter(struct pioemu_nic *nic)
{
	__atomic_fetch_add(&nic->want, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&nic->lock);
	__atomic_fetch_sub(&nic->want, 1, __ATOMIC_RELAXED);
	nic->now = pioemu_time_now(nic);
}

void
pioemu_nic_leave(struct pioemu_nic *nic)
{
	pthread_mutex_unlock(&nic->lock);
}

void
pioemu_nic_lock(struct pioemu_nic *nic)
{
	pioemu_nic_enter(nic);
	__atomic_store_n(&nic->holder, pthread_self(), __ATOMIC_RELAXED);
	nic->held++;
}

void
pioemu_nic_unlock(struct pioemu_nic *nic)
{
	if (--nic->held == 0)
		__atomic_store_n(&nic->holder, (pthread_t)0, __ATOMIC_RELAXED);
	pioemu_nic_leave(nic);
}

unsigned int
pioemu_nic_poll(struct pioemu_nic *nic)
{
	unsigned int done = 0;
	uint16_t i;

	/* stepping aside helps nobody while this thread holds the lock */
	if (__atomic_load_n(&nic->want, __ATOMIC_RELAXED) != 0 &&
	    __atomic_load_n(&nic->holder, __ATOMIC_RELAXED) != pthread_self()) {
		sched_yield();
		return 0;
	}
	pthread_mutex_lock(&nic->lock);
	nic->now = pioemu_time_now(nic);
	for (i = 0; i < nic->nb_vfs; i++) {
		if (nic->vfs[i] != NULL)
			done += pioemu_vf_service(nic->vfs[i]);
	}
	/* peers may have filled rings of functions served before them */
	for (i = 0; i < nic->nb_vfs; i++) {
		if (nic->vfs[i] != NULL && nic->vfs[i]->nb_rx_dirty != 0)
			pioemu_rxq_flush(nic->vfs[i]);
	}
	nic->idle_polls = done != 0 ? 0 : nic->idle_polls + 1;
	if (nic->idle_polls == NIC_IDLE_FLUSH) {
		for (i = 0; i < nic->nb_vfs; i++) {
			if (nic->vfs[i] != NULL)
				pioemu_wire_idle(nic->vfs[i]);
		}
	}
	pthread_mutex_unlock(&nic->lock);
	return done;
}

void
pioemu_nic_time_set(struct pioemu_nic *nic, const struct pioemu_time_params *params)
{
	pioemu_nic_enter(nic);
	nic->conf.time = *params;
	nic->timed = params->read_ns != 0 || params->read_ps_per_byte != 0 ||
		params->posted_ns != 0 || params->line_ns != 0 || params->fence_ns != 0;
	pioemu_nic_leave(nic);
}

void
pioemu_nic_mc_reboot(struct pioemu_nic *nic, bool with_event)
{
	uint16_t i;

	pioemu_nic_enter(nic);
	nic->boot_count++;
	for (i = 0; i < nic->nb_vfs; i++) {
		struct pioemu_vf *vf = nic->vfs[i];

		if (vf == NULL)
			continue;
		PIOEMU_TRACE(vf, FAULT, "mc reboot, count %u", nic->boot_count);
		if (with_event && !vf->gone)
			pioemu_evq_log(vf, ef10_mcdi_ev(EF10_MCDI_EV_CODE_MC_REBOOT,
				(uint32_t)EF10_PUT(MCDI_EV_MC_REBOOT_COUNT, nic->boot_count)));
		pioemu_vf_teardown(vf);
		pioemu_mcdi_reset(vf);
		memset(vf->mac.count, 0, sizeof(vf->mac.count));
		vf->attached = false;
		vf->mcdi.epoch_lost = true;
		pioemu_vf_status_set(vf);
	}
	pioemu_nic_leave(nic);
}
