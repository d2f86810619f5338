/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Control side of rte_pio in net_piotest. Buffers come from pools by name, one per queue that
 * opted in: ports with the same pool compete, and the pool may be too small.
 */

#include <errno.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "piotest_priv.h"

#define PIOTEST_POOLS 8

static struct piotest_pool piotest_pools[PIOTEST_POOLS];

/* Pools */

struct piotest_pool *
piotest_pool_get(const char *name, uint32_t nb_bufs)
{
	struct piotest_pool *pool = NULL;
	unsigned int i;

	for (i = 0; i < PIOTEST_POOLS; i++) {
		if (piotest_pools[i].nb_ports == 0) {
			pool = &piotest_pools[i];
		} else if (strcmp(piotest_pools[i].name, name) == 0) {
			piotest_pools[i].nb_ports++;
			return &piotest_pools[i];
		}
	}
	if (pool == NULL)
		return NULL;
	strlcpy(pool->name, name, sizeof(pool->name));
	pool->nb_ports = 1;
	pool->nb_bufs = nb_bufs;
	pool->nb_free = nb_bufs;
	pool->nb_taken = 0;
	return pool;
}

/* rte_pio operations */

static int
piotest_info_get(struct rte_eth_dev *dev, struct rte_pio_info *info)
{
	struct piotest_port *port = piotest_port(dev);

	strlcpy(info->pool, port->pool->name, sizeof(info->pool));
	info->flags = RTE_PIO_CAP_PIO | RTE_PIO_CAP_TEMPLATE | RTE_PIO_CAP_CSUM |
		RTE_PIO_CAP_SHARED_POOL;
	info->buf_size = PIOTEST_BUF_SIZE;
	info->nb_bufs = port->pool->nb_bufs;
	info->nb_bufs_free = port->pool->nb_free;
	info->mem_total = info->nb_bufs * PIOTEST_BUF_SIZE;
	info->mem_free = info->nb_bufs_free * PIOTEST_BUF_SIZE;
	info->pio_frame_max = PIOTEST_FRAME_MAX;
	info->nb_queues_max = PIOTEST_MAX_QUEUES;
	info->store = rte_pio_store_kind_best(RTE_PIO_MAP_WB);
	info->map = port->map ? RTE_PIO_MAP_WB : RTE_PIO_MAP_NONE;
	if (!port->privilege)
		info->reason = RTE_PIO_FB_NO_PRIVILEGE;
	else if (!port->map)
		info->reason = RTE_PIO_FB_NO_MAPPING;
	if (!port->privilege || !port->map)
		info->flags = 0;
	return 0;
}

static int
piotest_queue_conf_default(struct rte_eth_dev *dev, struct rte_pio_queue_conf *conf)
{
	RTE_SET_USED(dev);
	conf->threshold = 256;
	conf->mem_min = 4096;
	conf->mem_pref = PIOTEST_BUF_SIZE;
	conf->template_mem = 1024;
	conf->nb_templates_max = 16;
	return 0;
}

/* Why there is nothing for a queue now; NONE: there is. */
static enum rte_pio_fb_reason
piotest_want(const struct piotest_port *port, const struct rte_pio_queue_conf *conf)
{
	if (!port->privilege)
		return RTE_PIO_FB_NO_PRIVILEGE;
	if (!port->map)
		return RTE_PIO_FB_NO_MAPPING;
	if (!port->wc && conf->wc_policy == RTE_PIO_WC_REQUIRE)
		return RTE_PIO_FB_WC;
	if (port->pool->nb_free <= port->pool->nb_taken || conf->mem_min > PIOTEST_BUF_SIZE)
		return RTE_PIO_FB_NO_MEMORY;
	return RTE_PIO_FB_NONE;
}

static int
piotest_grant(struct piotest_port *port, struct piotest_txq *q,
	      const struct rte_pio_queue_conf *conf)
{
	uint32_t reserve = RTE_ALIGN_CEIL(conf->template_mem, RTE_PIO_LINE);

	q->hw->memory = rte_malloc("piotest_memory", PIOTEST_BUF_SIZE, 4096);
	if (q->hw->memory == NULL)
		return -ENOMEM;
	memset(q->hw->memory, 0xdb, PIOTEST_BUF_SIZE);
	port->pool->nb_free--;
	q->scratch_off = PIOTEST_BUF_SIZE - PIOTEST_ENTRY;
	q->template_off = q->scratch_off - reserve;
	q->template_mem = reserve;
	q->has_memory = true;
	q->slot_size = RTE_ALIGN_CEIL(conf->threshold, RTE_PIO_LINE);
	return 0;
}

void
piotest_ungrant(struct piotest_port *port, struct piotest_txq *q)
{
	if (!q->has_memory)
		return;
	q->has_memory = false;
	port->pool->nb_free++;
	rte_free(q->hw->memory);
	q->hw->memory = NULL;
}

static int
piotest_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id,
		    const struct rte_pio_queue_conf *conf)
{
	struct piotest_port *port = piotest_port(dev);
	struct piotest_txq *q = port->txq[queue_id];
	int ret;

	if (conf->threshold > PIOTEST_FRAME_MAX)
		return -EINVAL;
	q->off_reason = piotest_want(port, conf);
	if (q->off_reason != RTE_PIO_FB_NONE &&
	    (conf->policy == RTE_PIO_POLICY_REQUIRE || conf->fallback == RTE_PIO_FALLBACK_NONE))
		return q->off_reason == RTE_PIO_FB_NO_MEMORY ? -ENOSPC : -ENXIO;
	if (q->off_reason == RTE_PIO_FB_NONE) {
		ret = piotest_grant(port, q, conf);
		if (ret != 0)
			return ret;
	}
	rte_pio_driver_templates_init(&q->templates, q->template_off,
				      q->has_memory ? q->template_mem : 0);
	q->kind = rte_pio_store_kind_best(RTE_PIO_MAP_WB);
	q->fallback_ring = conf->fallback == RTE_PIO_FALLBACK_RING;
	q->mp = conf->fallback_mp;
	q->tx_ol_flags = conf->tx_ol_flags;
	q->l2_len = conf->l2_len;
	q->l3_len = conf->l3_len;
	q->threshold = conf->threshold;
	q->pio_on = true;
	memset(&q->stats, 0, sizeof(q->stats));
	ret = rte_pio_driver_queue_bind(dev, queue_id, q, &q->stats);
	if (ret != 0)
		piotest_ungrant(port, q);
	else
		q->opted_in = true;
	return ret;
}

static int
piotest_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piotest_port *port = piotest_port(dev);
	struct piotest_txq *q = port->txq[queue_id];

	rte_pio_driver_queue_unbind(dev, queue_id);
	q->opted_in = false;
	piotest_ungrant(port, q);
	return 0;
}

static int
piotest_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	__atomic_store_n(&piotest_port(dev)->txq[queue_id]->pio_on, true, __ATOMIC_RELAXED);
	return 0;
}

static int
piotest_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	__atomic_store_n(&piotest_port(dev)->txq[queue_id]->pio_on, false, __ATOMIC_RELAXED);
	return 0;
}

static int
piotest_threshold_set(struct rte_eth_dev *dev, uint16_t queue_id, uint32_t len)
{
	struct piotest_txq *q = piotest_port(dev)->txq[queue_id];

	if (!q->has_memory)
		return -ENOTSUP;
	if (len < RTE_PIO_FRAME_MIN || len > q->slot_size)
		return -EINVAL;
	__atomic_store_n(&q->threshold, len, __ATOMIC_RELAXED);
	return 0;
}

static int
piotest_queue_info_get(struct rte_eth_dev *dev, uint16_t queue_id,
		       struct rte_pio_queue_info *info)
{
	struct piotest_txq *q = piotest_port(dev)->txq[queue_id];

	info->reason = q->off_reason;
	info->state = RTE_PIO_QUEUE_RING;
	if (!q->has_memory)
		return 0;
	info->state = q->pio_on ? RTE_PIO_QUEUE_STARTED : RTE_PIO_QUEUE_STOPPED;
	info->reason = q->pio_on ? RTE_PIO_FB_NONE : RTE_PIO_FB_STOPPED;
	info->store = q->kind;
	info->map = RTE_PIO_MAP_WB;
	info->mem = PIOTEST_BUF_SIZE;
	info->slot_size = q->slot_size;
	/* What limits frames of a full threshold: entries or byte credits. */
	info->nb_slots = RTE_MIN(q->template_off / PIOTEST_ENTRY, PIOTEST_CREDITS / q->slot_size);
	info->threshold = q->threshold;
	info->template_mem = q->template_mem;
	info->template_mem_free = rte_pio_driver_templates_mem_free(&q->templates);
	return 0;
}

static int
piotest_wc_info_get(struct rte_eth_dev *dev, struct rte_pio_wc_info *info)
{
	struct piotest_port *port = piotest_port(dev);

	info->asked = RTE_PIO_MAP_WC;
	info->granted = port->map ? RTE_PIO_MAP_WB : RTE_PIO_MAP_NONE;
	info->measured = port->measured;
	info->burst_ps = port->burst_ps;
	info->single_ps = port->single_ps;
	info->store = rte_pio_store_kind_best(RTE_PIO_MAP_WB);
	info->nb_rungs = 2;
	strlcpy(info->rungs[0].name, "bus", sizeof(info->rungs[0].name));
	info->rungs[0].map = RTE_PIO_MAP_WC;
	info->rungs[0].error = -ENODEV;
	strlcpy(info->rungs[0].reason, "the device is a model", sizeof(info->rungs[0].reason));
	strlcpy(info->rungs[0].advice, "use an adapter", sizeof(info->rungs[0].advice));
	strlcpy(info->rungs[1].name, "memory", sizeof(info->rungs[1].name));
	info->rungs[1].map = RTE_PIO_MAP_WB;
	info->rungs[1].taken = port->map;
	return 0;
}

static int
piotest_wc_selftest(struct rte_eth_dev *dev)
{
	struct piotest_port *port = piotest_port(dev);
	struct rte_pio_wc_info info;
	unsigned int i;

	memset(&info, 0, sizeof(info));
	for (i = 0; i < PIOTEST_MAX_QUEUES; i++) {
		struct piotest_txq *q = port->txq[i];

		if (q == NULL || !q->has_memory)
			continue;
		rte_pio_driver_wc_measure(q->hw->memory + q->scratch_off, &info);
		port->measured = info.measured;
		port->burst_ps = info.burst_ps;
		port->single_ps = info.single_ps;
		return 0;
	}
	return -ENOTSUP;
}

const struct rte_pio_driver_ops piotest_pio_ops = {
	.info_get = piotest_info_get,
	.queue_conf_default = piotest_queue_conf_default,
	.queue_setup = piotest_queue_setup,
	.queue_release = piotest_queue_release,
	.queue_start = piotest_queue_start,
	.queue_stop = piotest_queue_stop,
	.threshold_set = piotest_threshold_set,
	.queue_info_get = piotest_queue_info_get,
	.wc_info_get = piotest_wc_info_get,
	.wc_selftest = piotest_wc_selftest,
};
