/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "piopmd.h"

/*
 * Frames longer than this gain nothing by PIO that a doorbell with a pushed descriptor does not: the
 * limit of upstream's Linux driver (efx_piobuf_size).
 */
#define EXT_THRESHOLD_DEF	256u
/*
 * On a mapping that is known not to combine, each 8 bytes are a bus transaction of their own. 16 of
 * them are no slower than the DMA read that they replace (532 ns, Gen3 x8,
 * doc/guides/tools/benchmark.rst) as long as one takes 33 ns or less.
 */
#define EXT_THRESHOLD_UNCOMBINED 128u
#define EXT_TEMPLATES_DEF	16u

static struct piopmd_txq *
ext_txq(struct rte_eth_dev *dev, uint16_t queue_id)
{
	return piopmd_adapter_of(dev)->txq[queue_id];
}

enum rte_pio_map_kind
piopmd_ext_map_kind(const struct piopmd_map *map)
{
	if (map->rung == PIOPMD_MAP_RUNGS)
		return RTE_PIO_MAP_NONE;
	switch (map->pio_type) {
	case PIOPMD_MEMTYPE_WC:
		return RTE_PIO_MAP_WC;
	case PIOPMD_MEMTYPE_UC:
		return RTE_PIO_MAP_UC;
	default:
		return RTE_PIO_MAP_UNKNOWN;
	}
}

/* A direct store leaves as 64 bytes whatever the mapping is. */
static bool
ext_is_combining(const struct piopmd_adapter *ad)
{
	return piopmd_ext_map_kind(&ad->map) == RTE_PIO_MAP_WC || ad->store == RTE_PIO_STORE_MOVDIR64B;
}

static int
ext_info_get(struct rte_eth_dev *dev, struct rte_pio_info *info)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_limits *limits = &ad->limits;
	const struct rte_pci_addr *addr = &piopmd_pci_of(dev)->addr;
	/* of this port only: what other functions hold is not to be found out without taking it */
	uint16_t held = __atomic_load_n(&ad->nb_piobufs_held, __ATOMIC_RELAXED);

	info->flags = RTE_PIO_CAP_PIO | RTE_PIO_CAP_TEMPLATE | RTE_PIO_CAP_CSUM |
		RTE_PIO_CAP_SECONDARY | RTE_PIO_CAP_SHARED_POOL;
	info->buf_size = limits->piobuf_size;
	info->nb_bufs = limits->nb_piobufs;
	info->nb_bufs_free = (uint32_t)limits->nb_piobufs - RTE_MIN(held, limits->nb_piobufs);
	info->mem_total = info->nb_bufs * info->buf_size;
	info->mem_free = info->nb_bufs_free * info->buf_size;
	info->pio_frame_max = limits->piobuf_size - RTE_PIO_LINE;
	info->nb_queues_max = RTE_MIN(limits->nb_piobufs, ad->map.nb_pio);
	info->store = ad->store;
	info->map = piopmd_ext_map_kind(&ad->map);
	info->reason = RTE_PIO_FB_NONE;
	if (!limits->pio_privilege) {
		info->reason = RTE_PIO_FB_NO_PRIVILEGE;
		info->flags = 0;
	}
	/* the pool belongs to the controller, which is alone on its bus */
	snprintf(info->pool, sizeof(info->pool), "ef10-%04x:%02x", addr->domain, addr->bus);
	return 0;
}

/* With the store that a set-up would choose now. What cannot be verified may well combine. */
static uint32_t
ext_threshold_advice(const struct piopmd_adapter *ad)
{
	enum rte_pio_map_kind map = piopmd_ext_map_kind(&ad->map);

	if (map == RTE_PIO_MAP_UC && rte_pio_store_kind_best(map) != RTE_PIO_STORE_MOVDIR64B)
		return EXT_THRESHOLD_UNCOMBINED;
	return EXT_THRESHOLD_DEF;
}

static int
ext_queue_conf_default(struct rte_eth_dev *dev, struct rte_pio_queue_conf *conf)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	conf->threshold = ext_threshold_advice(ad);
	conf->mem_min = conf->threshold + RTE_PIO_LINE;
	conf->mem_pref = ad->limits.piobuf_size;
	conf->template_mem = 0;
	conf->nb_templates_max = EXT_TEMPLATES_DEF;
	return 0;
}

static int
ext_conf_check(struct rte_eth_dev *dev, uint16_t queue_id, const struct rte_pio_queue_conf *conf)
{
	const struct piopmd_limits *limits = &piopmd_adapter_of(dev)->limits;

	if (conf->threshold > limits->piobuf_size - RTE_PIO_LINE) {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "transmit queue %u: PIO threshold %u: range %u "
			       "to %u", queue_id, conf->threshold, RTE_PIO_FRAME_MIN,
			       limits->piobuf_size - RTE_PIO_LINE);
		return -EINVAL;
	}
	return 0;
}

/* Gets a buffer. On failure the queue's reason says why. */
static int
ext_memory_get(struct rte_eth_dev *dev, struct piopmd_txq *txq,
	       const struct rte_pio_queue_conf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	if (conf->mem_min > ad->limits.piobuf_size) {
		txq->pio.reason = RTE_PIO_FB_NO_MEMORY;
		PIOPMD_LOG_DRV(NOTICE, piopmd_name_of(dev), "transmit queue %u: mem_min %u: a queue "
			       "gets at most one PIO buffer of %u bytes", txq->queue_id, conf->mem_min,
			       ad->limits.piobuf_size);
		return -ENOSPC;
	}
	if (conf->wc_policy == RTE_PIO_WC_REQUIRE && !ext_is_combining(ad)) {
		txq->pio.reason = RTE_PIO_FB_WC;
		PIOPMD_LOG_DRV(NOTICE, piopmd_name_of(dev), "transmit queue %u: the PIO window is not "
			       "known to be write-combining: %s", txq->queue_id,
			       ad->map.refused[PIOPMD_MAP_RUNG_SPLIT].reason);
		return -ENXIO;
	}
	return piopmd_txq_piobuf_alloc(ad, txq);
}

static void
ext_dp_conf_fill(struct rte_eth_dev *dev, struct piopmd_txq *txq,
		 const struct rte_pio_queue_conf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_dp_pio_conf *dp = &txq->pio.conf;

	memset(dp, 0, sizeof(*dp));
	if (txq->pio.allocated) {
		dp->window = ad->map.base + ef10_vi_reg(ad->map.stride, txq->queue_id,
							EF10_REG_TX_PIOBUF);
		dp->size = RTE_ALIGN_CEIL(RTE_MIN(conf->mem_pref, ad->limits.piobuf_size),
					  RTE_PIO_LINE);
	}
	dp->off_reason = txq->pio.reason;
	dp->template_mem = conf->template_mem;
	dp->threshold = conf->threshold;
	dp->fallback_mp = conf->fallback_mp;
	dp->fallback_ring = conf->fallback == RTE_PIO_FALLBACK_RING;
	dp->tx_ol_flags = conf->tx_ol_flags;
}

/* The kind of store goes with the mapping, or is one that was forced since. The port is stopped. */
static int
ext_store_choose(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	ad->store = rte_pio_store_kind_best(piopmd_ext_map_kind(&ad->map));
	return rte_pio_driver_fp_set(dev, piopmd_dp_pio_fp_select(ad->store));
}

static int
ext_queue_setup_locked(struct rte_eth_dev *dev, uint16_t queue_id,
		       const struct rte_pio_queue_conf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_txq *txq = ext_txq(dev, queue_id);
	bool must = conf->policy == RTE_PIO_POLICY_REQUIRE ||
		conf->fallback == RTE_PIO_FALLBACK_NONE;
	int ret;

	ret = ext_conf_check(dev, queue_id, conf);
	if (ret == 0)
		ret = ext_store_choose(dev);
	if (ret != 0)
		return ret;
	ret = ext_memory_get(dev, txq, conf);
	if (ret != 0 && (must || ret == -EIO))
		return ret;
	ext_dp_conf_fill(dev, txq, conf);
	ret = piopmd_dp_txq_pio_attach(txq->dp, &txq->pio.conf);
	if (ret == -ENOSPC && !must) {
		/* too little for one slot beside the templates: by the ring then */
		piopmd_txq_piobuf_free(ad, txq);
		txq->pio.reason = RTE_PIO_FB_NO_MEMORY;
		ext_dp_conf_fill(dev, txq, conf);
		ret = piopmd_dp_txq_pio_attach(txq->dp, &txq->pio.conf);
	}
	if (ret != 0)
		goto fail_attach;
	ret = rte_pio_driver_queue_bind(dev, queue_id, txq->dp, piopmd_dp_txq_pio_stats(txq->dp));
	if (ret != 0)
		goto fail_bind;
	txq->pio.opted_in = true;
	return 0;

fail_bind:
	piopmd_dp_txq_pio_detach(txq->dp);
fail_attach:
	piopmd_txq_piobuf_free(ad, txq);
	return ret;
}

static int
ext_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, const struct rte_pio_queue_conf *conf)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	pthread_mutex_lock(&ad->lock);
	ret = piopmd_recover_attach(dev);
	if (ret == 0)
		ret = ext_queue_setup_locked(dev, queue_id, conf);
	else
		ret = -EIO;
	if (ret == 0)
		piopmd_burst_select(dev);
	pthread_mutex_unlock(&ad->lock);
	return ret;
}

static int
ext_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_txq *txq = ext_txq(dev, queue_id);
	int ret;

	pthread_mutex_lock(&ad->lock);
	ret = piopmd_dp_txq_pio_detach(txq->dp);
	if (ret == 0) {
		rte_pio_driver_queue_unbind(dev, queue_id);
		piopmd_txq_piobuf_free(ad, txq);
		memset(&txq->pio, 0, sizeof(txq->pio));
		piopmd_burst_select(dev);
	}
	pthread_mutex_unlock(&ad->lock);
	return ret;
}

/* Under the lock, since a recovery publishes the same words. */
static int
ext_queue_enable(struct rte_eth_dev *dev, uint16_t queue_id, bool on)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);

	pthread_mutex_lock(&ad->lock);
	piopmd_dp_txq_pio_enable_publish(ext_txq(dev, queue_id)->dp, on);
	pthread_mutex_unlock(&ad->lock);
	return 0;
}

static int
ext_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	return ext_queue_enable(dev, queue_id, true);
}

static int
ext_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	return ext_queue_enable(dev, queue_id, false);
}

static int
ext_threshold_set(struct rte_eth_dev *dev, uint16_t queue_id, uint32_t len)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_txq *txq = ext_txq(dev, queue_id);
	int ret = -ENOTSUP;

	pthread_mutex_lock(&ad->lock);
	/* a buffer that a reset or a recovery has taken comes back with the next start */
	if (txq->pio.reason == RTE_PIO_FB_NONE)
		ret = piopmd_dp_txq_pio_threshold_publish(txq->dp, len);
	pthread_mutex_unlock(&ad->lock);
	return ret;
}

static enum rte_pio_queue_state
ext_queue_state(const struct piopmd_dp_pio_info *dp)
{
	if (!dp->opted_in)
		return RTE_PIO_QUEUE_NONE;
	if (dp->enabled)
		return RTE_PIO_QUEUE_STARTED;
	return dp->off_reason == RTE_PIO_FB_STOPPED ? RTE_PIO_QUEUE_STOPPED : RTE_PIO_QUEUE_RING;
}

static int
ext_queue_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_pio_queue_info *info)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct piopmd_dp_pio_info dp;

	piopmd_dp_txq_pio_info_get(ext_txq(dev, queue_id)->dp, &dp);
	info->state = ext_queue_state(&dp);
	info->reason = dp.off_reason;
	info->store = ad->store;
	info->map = piopmd_ext_map_kind(&ad->map);
	info->mem = dp.size;
	info->slot_size = dp.slot_size;
	info->nb_slots = dp.nb_slots;
	info->threshold = dp.threshold;
	info->template_mem = dp.template_mem;
	info->template_mem_free = dp.template_mem_free;
	return 0;
}

/* Rungs as rte_pio shows them, best first; the last two differ only in how the CPU stores. */

static struct rte_pio_wc_rung *
ext_rung_add(struct rte_pio_wc_info *info, const char *name, enum rte_pio_map_kind map)
{
	struct rte_pio_wc_rung *rung = &info->rungs[info->nb_rungs++];

	snprintf(rung->name, sizeof(rung->name), "%s", name);
	rung->map = map;
	return rung;
}

static void
ext_rung_refused(struct rte_pio_wc_rung *rung, int err, const char *reason, const char *advice)
{
	rung->error = -err;
	snprintf(rung->reason, sizeof(rung->reason), "%s", reason);
	snprintf(rung->advice, sizeof(rung->advice), "%s", advice);
}

static int
ext_wc_info_get(struct rte_eth_dev *dev, struct rte_pio_wc_info *info)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct piopmd_map_refusal *refused = ad->map.refused;
	struct rte_pio_wc_rung *rung;
	bool direct = ad->store == RTE_PIO_STORE_MOVDIR64B;

	info->asked = ad->devargs.map_mode == PIOPMD_MAP_MODE_VFIO ? RTE_PIO_MAP_UC : RTE_PIO_MAP_WC;
	info->granted = piopmd_ext_map_kind(&ad->map);
	info->measured = ad->wc.measured;
	info->burst_ps = ad->wc.burst_ps;
	info->single_ps = ad->wc.single_ps;
	info->store = ad->store;
	info->degraded = info->granted != RTE_PIO_MAP_WC && !direct;

	rung = ext_rung_add(info, "vfio-wc", RTE_PIO_MAP_WC);
	ext_rung_refused(rung, refused[PIOPMD_MAP_RUNG_VFIO_WC].err,
			 refused[PIOPMD_MAP_RUNG_VFIO_WC].reason,
			 refused[PIOPMD_MAP_RUNG_VFIO_WC].advice);
	rung = ext_rung_add(info, "split", RTE_PIO_MAP_WC);
	if (ad->map.rung == PIOPMD_MAP_RUNG_SPLIT) {
		rung->taken = true;
		return 0;
	}
	ext_rung_refused(rung, refused[PIOPMD_MAP_RUNG_SPLIT].err,
			 refused[PIOPMD_MAP_RUNG_SPLIT].reason,
			 refused[PIOPMD_MAP_RUNG_SPLIT].advice);
	rung = ext_rung_add(info, "vfio-direct", RTE_PIO_MAP_UC);
	if (direct) {
		rung->taken = true;
		return 0;
	}
	ext_rung_refused(rung, ENOTSUP, "this CPU has no 64-byte direct stores (MOVDIR64B)", "");
	rung = ext_rung_add(info, "vfio", RTE_PIO_MAP_UC);
	rung->taken = ad->map.rung == PIOPMD_MAP_RUNG_VFIO;
	return 0;
}

/* The scratch line of a queue whose buffer is linked; NULL: there is none. */
static void *
ext_scratch_line(const struct piopmd_adapter *ad)
{
	struct piopmd_dp_pio_info dp;
	uint16_t i;

	for (i = 0; i < ad->nb_txq; i++) {
		if (ad->txq[i] == NULL || !ad->txq[i]->pio.linked)
			continue;
		piopmd_dp_txq_pio_info_get(ad->txq[i]->dp, &dp);
		if (dp.scratch != NULL)
			return dp.scratch;
	}
	return NULL;
}

static int
ext_wc_selftest(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_pio_wc_info info;
	int ret = -ENOTSUP;
	void *line;

	memset(&info, 0, sizeof(info));
	pthread_mutex_lock(&ad->lock);
	line = ad->health == PIOPMD_HEALTH_OK ? ext_scratch_line(ad) : NULL;
	if (line != NULL) {
		rte_pio_driver_wc_measure(line, &info);
		ad->wc.measured = info.measured;
		ad->wc.burst_ps = info.burst_ps;
		ad->wc.single_ps = info.single_ps;
		ret = 0;
	} else {
		PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "no queue has a linked PIO buffer to test: opt "
			       "one in and start the port");
	}
	pthread_mutex_unlock(&ad->lock);
	return ret;
}

static void
ext_dump(struct rte_eth_dev *dev, FILE *f)
{
	static const char * const health[] = {
		[PIOPMD_HEALTH_OK] = "ok",
		[PIOPMD_HEALTH_RECOVERING] = "recovering",
		[PIOPMD_HEALTH_FAILED] = "failed",
		[PIOPMD_HEALTH_GONE] = "gone",
	};
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	uint16_t i;

	fprintf(f, "  net_piopmd: %s VF %u.%u, %u VIs of %u KiB, health %s, %" PRIu64 " recoveries\n",
		ef10_family_name(ad->family), ad->pf, ad->vf, ad->limits.nb_vis,
		ad->caps.vi_stride / 1024, health[ad->health], ad->nb_recoveries);
	fprintf(f, "  BAR: rung %s, registers %s, PIO %s, %u windows\n",
		piopmd_map_rung_name(ad->map.rung), piopmd_memtype_name(ad->map.regs_type),
		piopmd_memtype_name(ad->map.pio_type), ad->map.nb_windows);
	/* the lock is the primary's; queues come and go there only */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return;
	pthread_mutex_lock(&ad->lock);
	for (i = 0; i < PIOPMD_TXQ_MAX; i++) {
		if (ad->txq[i] != NULL && ad->txq[i]->pio.allocated)
			fprintf(f, "  queue %u: PIO buffer handle %#x%s\n", i,
				ad->txq[i]->pio.handle,
				ad->txq[i]->pio.linked ? ", linked" : "");
	}
	pthread_mutex_unlock(&ad->lock);
}

static const struct rte_pio_driver_ops ext_ops = {
	.info_get = ext_info_get,
	.queue_conf_default = ext_queue_conf_default,
	.queue_setup = ext_queue_setup,
	.queue_release = ext_queue_release,
	.queue_start = ext_queue_start,
	.queue_stop = ext_queue_stop,
	.threshold_set = ext_threshold_set,
	.queue_info_get = ext_queue_info_get,
	.wc_info_get = ext_wc_info_get,
	.wc_selftest = ext_wc_selftest,
	.dump = ext_dump,
};

int
piopmd_ext_register(struct rte_eth_dev *dev)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = rte_pio_driver_register(dev, &ext_ops, piopmd_dp_pio_fp_select(ad->store),
					  &piopmd_dp_txq_dummy, piopmd_dp_txq_size());

	if (ret != 0)
		PIOPMD_LOG_INIT(ERR, piopmd_name_of(dev), "cannot register for rte_pio: %s",
				rte_strerror(-ret));
	return ret;
}

void
piopmd_ext_unregister(struct rte_eth_dev *dev)
{
	rte_pio_driver_unregister(dev);
}

int
piopmd_ext_devargs_apply(struct rte_eth_dev *dev, uint16_t queue_id)
{
	const struct piopmd_devargs *da = &piopmd_adapter_of(dev)->devargs;
	struct rte_pio_queue_conf conf;
	int ret;

	if (!da->pio_txqs_all && (da->pio_txqs & (UINT64_C(1) << queue_id)) == 0)
		return 0;
	ret = rte_pio_queue_conf_default(dev->data->port_id, &conf);
	if (ret != 0)
		return ret;
	if (da->pio_threshold != 0) {
		conf.threshold = da->pio_threshold;
		conf.mem_min = 0;
	}
	return rte_pio_queue_setup(dev->data->port_id, queue_id, &conf);
}
