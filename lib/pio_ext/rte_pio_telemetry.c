/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Telemetry: /pio/list, /pio/info, /pio/queue, /pio/templates, /pio/wc. Read only. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_telemetry.h>

#include <piopmd_compat.h>

#include "rte_pio_private.h"

/** Longest parameter string: two numbers. */
#define PIO_TEL_PARAMS 32

/* "PORT" or "PORT,QUEUE": decimal numbers and nothing else. */
static int
pio_tel_params(const char *params, unsigned int nb, uint16_t *out)
{
	char *end;
	unsigned long value;
	unsigned int i;

	if (params == NULL || strlen(params) >= PIO_TEL_PARAMS)
		return -EINVAL;
	for (i = 0; i < nb; i++) {
		if (*params < '0' || *params > '9')
			return -EINVAL;
		value = strtoul(params, &end, 10);
		if (value > UINT16_MAX || *end != (i + 1 < nb ? ',' : '\0'))
			return -EINVAL;
		out[i] = (uint16_t)value;
		params = end + 1;
	}
	return 0;
}

static int
pio_tel_list(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct rte_pio_info info;
	uint16_t port_id;

	RTE_SET_USED(cmd);
	RTE_SET_USED(params);
	rte_tel_data_start_array(d, RTE_TEL_INT_VAL);
	RTE_ETH_FOREACH_DEV(port_id) {
		if (rte_pio_info_get(port_id, &info) == 0 &&
		    (info.flags != 0 || info.nb_queues != 0))
			rte_tel_data_add_array_int(d, port_id);
	}
	return 0;
}

static void
pio_tel_holders(struct rte_tel_data *d, const struct rte_pio_info *info)
{
	struct rte_tel_data *list = rte_tel_data_alloc();
	char text[64];
	uint16_t i;

	if (list == NULL)
		return;
	/* Containers nest one level only: each holder is a line. */
	rte_tel_data_start_array(list, RTE_TEL_STRING_VAL);
	for (i = 0; i < RTE_MIN(info->nb_holders, RTE_PIO_HOLDERS_MAX); i++) {
		snprintf(text, sizeof(text), "port %u queue %u: %u bytes, %u templates",
			 info->holders[i].port_id, info->holders[i].queue_id,
			 info->holders[i].mem, info->holders[i].nb_templates);
		rte_tel_data_add_array_string(list, text);
	}
	rte_tel_data_add_dict_container(d, "holders", list, 0);
}

static int
pio_tel_info(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct rte_pio_info info;
	uint16_t port_id;

	RTE_SET_USED(cmd);
	if (pio_tel_params(params, 1, &port_id) != 0 || rte_pio_info_get(port_id, &info) != 0)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_int(d, "port", port_id);
	rte_tel_data_add_dict_uint(d, "flags", info.flags);
	rte_tel_data_add_dict_string(d, "reason", rte_pio_fb_reason_name(info.reason));
	rte_tel_data_add_dict_uint(d, "buf_size", info.buf_size);
	rte_tel_data_add_dict_uint(d, "nb_bufs", info.nb_bufs);
	rte_tel_data_add_dict_uint(d, "nb_bufs_free", info.nb_bufs_free);
	rte_tel_data_add_dict_uint(d, "mem_total", info.mem_total);
	rte_tel_data_add_dict_uint(d, "mem_free", info.mem_free);
	rte_tel_data_add_dict_uint(d, "pio_frame_max", info.pio_frame_max);
	rte_tel_data_add_dict_uint(d, "ring_frame_max", info.ring_frame_max);
	rte_tel_data_add_dict_int(d, "mtu", info.mtu);
	rte_tel_data_add_dict_int(d, "nb_queues_max", info.nb_queues_max);
	rte_tel_data_add_dict_int(d, "nb_queues", info.nb_queues);
	rte_tel_data_add_dict_string(d, "store", rte_pio_store_kind_name(info.store));
	rte_tel_data_add_dict_string(d, "map", rte_pio_map_kind_name(info.map));
	rte_tel_data_add_dict_string(d, "pool", info.pool);
	pio_tel_holders(d, &info);
	return 0;
}

static void
pio_tel_counters(struct rte_tel_data *d, uint16_t port_id, uint16_t queue_id)
{
	struct rte_tel_data *counters = rte_tel_data_alloc();
	struct rte_pio_queue_stats stats;
	char name[RTE_TEL_MAX_STRING_LEN];
	unsigned int i;

	if (counters == NULL)
		return;
	rte_tel_data_start_dict(counters);
	if (rte_pio_stats_get(port_id, queue_id, &stats) == 0) {
		for (i = 0; i < pio_counters_count(); i++) {
			pio_counter_name(i, name, sizeof(name));
			rte_tel_data_add_dict_uint(counters, name, pio_counter_value(&stats, i));
		}
	}
	rte_tel_data_add_dict_container(d, "stats", counters, 0);
}

static int
pio_tel_queue(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct rte_pio_queue_info info;
	uint16_t id[2];

	RTE_SET_USED(cmd);
	if (pio_tel_params(params, 2, id) != 0 ||
	    rte_pio_queue_info_get(id[0], id[1], &info) != 0)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_int(d, "port", id[0]);
	rte_tel_data_add_dict_int(d, "queue", id[1]);
	rte_tel_data_add_dict_string(d, "state", rte_pio_queue_state_name(info.state));
	rte_tel_data_add_dict_string(d, "reason", rte_pio_fb_reason_name(info.reason));
	rte_tel_data_add_dict_string(d, "store", rte_pio_store_kind_name(info.store));
	rte_tel_data_add_dict_string(d, "map", rte_pio_map_kind_name(info.map));
	rte_tel_data_add_dict_uint(d, "mem", info.mem);
	rte_tel_data_add_dict_uint(d, "slot_size", info.slot_size);
	rte_tel_data_add_dict_uint(d, "nb_slots", info.nb_slots);
	rte_tel_data_add_dict_uint(d, "threshold", info.threshold);
	rte_tel_data_add_dict_uint(d, "ring_frame_max", info.ring_frame_max);
	rte_tel_data_add_dict_int(d, "mtu", info.mtu);
	rte_tel_data_add_dict_uint(d, "template_mem", info.template_mem);
	rte_tel_data_add_dict_uint(d, "template_mem_free", info.template_mem_free);
	rte_tel_data_add_dict_int(d, "nb_templates", info.nb_templates);
	pio_tel_counters(d, id[0], id[1]);
	return 0;
}

/* The queue's thread may free templates meanwhile: the lock of the list keeps them. */
static void
pio_tel_templates_of(struct rte_tel_data *list, uint16_t port_id, struct pio_queue *pq)
{
	struct rte_pio_template_info info;
	struct rte_pio_template *t;
	char text[RTE_TEL_MAX_STRING_LEN];

	rte_spinlock_lock(&pq->lock);
	for (t = pq->templates; t != NULL; t = t->next) {
		rte_pio_fp_ops[port_id].template_info_get(t, &info);
		snprintf(text, sizeof(text), "len %u room %u resident %u slots %u in_flight %u "
			 "sends %" PRIu64 " ring_sends %" PRIu64 " updates %" PRIu64
			 " lines %" PRIu64, info.len, info.room, info.resident, info.nb_slots,
			 info.in_flight, info.sends, info.ring_sends, info.updates, info.lines);
		rte_tel_data_add_array_string(list, text);
	}
	rte_spinlock_unlock(&pq->lock);
}

static int
pio_tel_templates(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct pio_queue *pq;
	uint16_t id[2];

	RTE_SET_USED(cmd);
	if (pio_tel_params(params, 2, id) != 0 || !rte_eth_dev_is_valid_port(id[0]) ||
	    id[1] >= rte_eth_devices[id[0]].data->nb_tx_queues)
		return -EINVAL;
	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	pio_lock();
	pq = pio_queue_get(id[0], id[1]);
	if (pq != NULL)
		pio_tel_templates_of(d, id[0], pq);
	pio_unlock();
	return 0;
}

static void
pio_tel_rungs(struct rte_tel_data *d, const struct rte_pio_wc_info *wc)
{
	struct rte_tel_data *list = rte_tel_data_alloc();
	char text[RTE_TEL_MAX_STRING_LEN];
	uint16_t i;

	if (list == NULL)
		return;
	rte_tel_data_start_array(list, RTE_TEL_STRING_VAL);
	for (i = 0; i < RTE_MIN(wc->nb_rungs, RTE_PIO_WC_RUNGS_MAX); i++) {
		snprintf(text, sizeof(text), "%s: %s%s", wc->rungs[i].name,
			 wc->rungs[i].taken ? "in use" : "refused: ", wc->rungs[i].reason);
		rte_tel_data_add_array_string(list, text);
	}
	rte_tel_data_add_dict_container(d, "rungs", list, 0);
}

static int
pio_tel_wc(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct rte_pio_wc_info wc;
	uint16_t port_id;

	RTE_SET_USED(cmd);
	if (pio_tel_params(params, 1, &port_id) != 0 || rte_pio_wc_info_get(port_id, &wc) != 0)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_int(d, "port", port_id);
	rte_tel_data_add_dict_string(d, "asked", rte_pio_map_kind_name(wc.asked));
	rte_tel_data_add_dict_string(d, "granted", rte_pio_map_kind_name(wc.granted));
	rte_tel_data_add_dict_string(d, "measured", rte_pio_wc_verdict_name(wc.measured));
	rte_tel_data_add_dict_string(d, "store", rte_pio_store_kind_name(wc.store));
	rte_tel_data_add_dict_int(d, "degraded", wc.degraded);
	rte_tel_data_add_dict_uint(d, "burst_ps", wc.burst_ps);
	rte_tel_data_add_dict_uint(d, "single_ps", wc.single_ps);
	pio_tel_rungs(d, &wc);
	return 0;
}

RTE_INIT(pio_telemetry_init)
{
	rte_telemetry_register_cmd("/pio/list", pio_tel_list,
		"Ports with PIO, or with queues that opted in. Takes no parameters");
	rte_telemetry_register_cmd("/pio/info", pio_tel_info,
		"What a port can do and who holds its PIO memory. Parameters: int port_id");
	rte_telemetry_register_cmd("/pio/queue", pio_tel_queue,
		"State and counters of a queue. Parameters: int port_id, int queue_id");
	rte_telemetry_register_cmd("/pio/templates", pio_tel_templates,
		"Templates of a queue. Parameters: int port_id, int queue_id");
	rte_telemetry_register_cmd("/pio/wc", pio_tel_wc,
		"What the mapping of a port really is. Parameters: int port_id");
}
