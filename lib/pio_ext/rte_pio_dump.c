/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Everything about a port, for people. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include <ethdev_driver.h>

#include <eal_export.h>

#include "rte_pio_private.h"

static void
pio_dump_info(FILE *f, const struct rte_pio_info *info)
{
	uint16_t i;

	fprintf(f, "  PIO: %s", (info->flags & RTE_PIO_CAP_PIO) != 0 ? "yes" : "no");
	if (info->reason != RTE_PIO_FB_NONE)
		fprintf(f, ", reason %s", rte_pio_fb_reason_name(info->reason));
	fprintf(f, "\n  MTU %u, longest frame %u by ring", info->mtu, info->ring_frame_max);
	if (info->flags == 0) {
		fprintf(f, "\n");
		return;
	}
	fprintf(f, ", %u by PIO\n", info->pio_frame_max);
	fprintf(f, "  buffers: %u of %u bytes, %u free; memory: %u of %u bytes free\n",
		info->nb_bufs, info->buf_size, info->nb_bufs_free, info->mem_free,
		info->mem_total);
	fprintf(f, "  queues: %u opted in, at most %u with PIO; stores: %s; mapping: %s\n",
		info->nb_queues, info->nb_queues_max, rte_pio_store_kind_name(info->store),
		rte_pio_map_kind_name(info->map));
	fprintf(f, "  pool %s, %u holders\n", info->pool, info->nb_holders);
	for (i = 0; i < RTE_MIN(info->nb_holders, RTE_PIO_HOLDERS_MAX); i++)
		fprintf(f, "    port %u queue %u: %u bytes, %u templates\n",
			info->holders[i].port_id, info->holders[i].queue_id,
			info->holders[i].mem, info->holders[i].nb_templates);
}

static void
pio_dump_wc(FILE *f, const struct rte_pio_wc_info *wc)
{
	uint16_t i;

	fprintf(f, "  mapping: asked %s, granted %s, measured %s%s\n",
		rte_pio_map_kind_name(wc->asked), rte_pio_map_kind_name(wc->granted),
		rte_pio_wc_verdict_name(wc->measured), wc->degraded ? ", degraded" : "");
	if (wc->measured != RTE_PIO_WC_NOT_MEASURED)
		fprintf(f, "    self-test: 64 bytes %" PRIu32 ".%03" PRIu32 " ns, 8 bytes %" PRIu32
			".%03" PRIu32 " ns\n", wc->burst_ps / 1000, wc->burst_ps % 1000,
			wc->single_ps / 1000, wc->single_ps % 1000);
	for (i = 0; i < RTE_MIN(wc->nb_rungs, RTE_PIO_WC_RUNGS_MAX); i++) {
		const struct rte_pio_wc_rung *r = &wc->rungs[i];

		fprintf(f, "    %s (%s): %s%s\n", r->name, rte_pio_map_kind_name(r->map),
			r->taken ? "in use" : "refused: ", r->taken ? "" : r->reason);
		if (r->advice[0] != '\0')
			fprintf(f, "      %s\n", r->advice);
	}
}

static void
pio_dump_counters(FILE *f, const struct rte_pio_queue_stats *stats)
{
	char name[RTE_ETH_XSTATS_NAME_SIZE];
	unsigned int i;
	uint64_t value;

	for (i = 0; i < pio_counters_count(); i++) {
		value = pio_counter_value(stats, i);
		if (value == 0)
			continue;
		pio_counter_name(i, name, sizeof(name));
		fprintf(f, "    %s: %" PRIu64 "\n", name, value);
	}
}

static void
pio_dump_templates(FILE *f, uint16_t port_id, struct pio_queue *pq)
{
	struct rte_pio_template_info info;
	struct rte_pio_template *t;

	rte_spinlock_lock(&pq->lock);
	for (t = pq->templates; t != NULL; t = t->next) {
		rte_pio_fp_ops[port_id].template_info_get(t, &info);
		fprintf(f, "    template %p: %u bytes, room %u, %s, %u slots, %u in flight, "
			"%" PRIu64 " by PIO, %" PRIu64 " by ring, %" PRIu64 " updates, %" PRIu64
			" lines\n", (void *)t, info.len, info.room,
			info.resident ? "resident" : "in host memory", info.nb_slots,
			info.in_flight, info.sends, info.ring_sends, info.updates, info.lines);
	}
	rte_spinlock_unlock(&pq->lock);
}

static void
pio_dump_queue(FILE *f, uint16_t port_id, uint16_t queue_id)
{
	struct pio_queue *pq = pio_queue_get(port_id, queue_id);
	struct rte_pio_queue_stats stats;
	struct rte_pio_queue_info info;

	if (pq == NULL || rte_pio_queue_info_get(port_id, queue_id, &info) != 0)
		return;
	fprintf(f, "  queue %u: %s", queue_id, rte_pio_queue_state_name(info.state));
	if (info.reason != RTE_PIO_FB_NONE)
		fprintf(f, " (%s)", rte_pio_fb_reason_name(info.reason));
	fprintf(f, ", policy %s, fallback %s\n",
		info.conf.policy == RTE_PIO_POLICY_TRY ? "try" : "require",
		info.conf.fallback == RTE_PIO_FALLBACK_RING ? "ring" : "none");
	fprintf(f, "    %u bytes: %u slots of %u, threshold %u; templates %u of %u, %u of %u bytes "
		"free\n", info.mem, info.nb_slots, info.slot_size, info.threshold,
		info.nb_templates, info.conf.nb_templates_max, info.template_mem_free,
		info.template_mem);
	pio_queue_stats_read(pq, &stats);
	pio_dump_counters(f, &stats);
	pio_dump_templates(f, port_id, pq);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_dump, 26.11)
int
rte_pio_dump(FILE *f, uint16_t port_id)
{
	struct rte_pio_wc_info wc;
	struct rte_pio_info info;
	struct rte_eth_dev *dev;
	uint16_t q;
	int ret;

	ret = rte_pio_info_get(port_id, &info);
	if (ret != 0)
		return ret;
	if (f == NULL)
		return -EINVAL;
	dev = &rte_eth_devices[port_id];
	pio_lock();
	fprintf(f, "port %u (%s):\n", port_id, dev->data->name);
	pio_dump_info(f, &info);
	if (rte_pio_wc_info_get(port_id, &wc) == 0)
		pio_dump_wc(f, &wc);
	for (q = 0; q < dev->data->nb_tx_queues; q++)
		pio_dump_queue(f, port_id, q);
	if (pio_port_ops(port_id)->dump != NULL)
		pio_port_ops(port_id)->dump(dev, f);
	pio_unlock();
	return 0;
}
