/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* rte_flow actions: where the frames of a rule go. */

#include <errno.h>
#include <string.h>

#include "piopmd_flow.h"

static int
flow_conf_error(const struct rte_flow_action *action, const char *message,
		struct rte_flow_error *error)
{
	return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION_CONF, action->conf,
				  message);
}

static int
flow_queue_parse(const struct piopmd_adapter *ad, const struct rte_flow_action *action,
		 struct rte_flow *flow, struct rte_flow_error *error)
{
	const struct rte_flow_action_queue *queue = action->conf;

	if (queue == NULL)
		return flow_conf_error(action, "QUEUE without a queue", error);
	if (queue->index >= ad->data->nb_rx_queues)
		return flow_conf_error(action, "no such receive queue", error);
	flow->filters[0].rxq = queue->index;
	return 0;
}

static int
flow_rss_check(const struct piopmd_adapter *ad, const struct rte_flow_action *action,
	       struct rte_flow_error *error)
{
	const struct rte_flow_action_rss *rss = action->conf;

	if (!ad->limits.rss)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ACTION, action,
					  "RSS is not to be had from this adapter");
	if (rss == NULL)
		return flow_conf_error(action, "RSS without a configuration", error);
	if (rss->func != RTE_ETH_HASH_FUNCTION_DEFAULT &&
	    rss->func != RTE_ETH_HASH_FUNCTION_TOEPLITZ)
		return flow_conf_error(action, "the hash function is Toeplitz", error);
	if (rss->level != 0)
		return flow_conf_error(action, "RSS hashes the outermost headers: level 0", error);
	if ((rss->types & ~piopmd_rss_types_supported(ad)) != 0)
		return flow_conf_error(action, "RSS types that are not in flow_type_rss_offloads",
				       error);
	if (rss->key_len != 0 && (rss->key_len != PIOPMD_RSS_KEY_LEN || rss->key == NULL))
		return flow_conf_error(action, "the RSS key has 40 bytes", error);
	if (rss->queue_num == 0 || rss->queue_num > PIOPMD_RETA_SIZE || rss->queue == NULL)
		return flow_conf_error(action, "RSS spreads to 1 to 128 queues", error);
	return 0;
}

static int
flow_rss_parse(const struct piopmd_adapter *ad, const struct rte_flow_action *action,
	       struct rte_flow *flow, struct rte_flow_error *error)
{
	const struct rte_flow_action_rss *in = action->conf;
	struct piopmd_flow_rss *rss = &flow->rss;
	uint16_t last = 0;
	uint32_t i;
	int ret;

	ret = flow_rss_check(ad, action, error);
	if (ret != 0)
		return ret;
	rss->first = UINT16_MAX;
	for (i = 0; i < in->queue_num; i++) {
		if (in->queue[i] >= ad->data->nb_rx_queues)
			return flow_conf_error(action, "no such receive queue", error);
		rss->queues[i] = in->queue[i];
		rss->first = RTE_MIN(rss->first, in->queue[i]);
		last = RTE_MAX(last, in->queue[i]);
	}
	rss->nb_queues = (uint16_t)in->queue_num;
	rss->span = (uint16_t)(last - rss->first + 1);
	rss->func = in->func;
	rss->types = in->types;
	memcpy(rss->key, in->key_len != 0 ? in->key : piopmd_rss_key(ad), sizeof(rss->key));
	if (rss->types == 0)
		rss->types = ad->rss.on ? ad->rss.types : piopmd_rss_types_supported(ad);
	flow->spread = true;
	flow->filters[0].rxq = rss->first;
	return 0;
}

static int
flow_action_refuse(const struct rte_flow_action *action, struct rte_flow_error *error)
{
	const char *message;

	switch (action->type) {
	case RTE_FLOW_ACTION_TYPE_MARK:
	case RTE_FLOW_ACTION_TYPE_FLAG:
		message = "what the adapter writes before a frame has no room for a mark";
		break;
	case RTE_FLOW_ACTION_TYPE_COUNT:
		message = "the adapter does not count what a filter matches";
		break;
	default:
		message = "action not supported: QUEUE, RSS and DROP are";
		break;
	}
	return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ACTION, action, message);
}

int
piopmd_flow_actions_parse(const struct piopmd_adapter *ad, const struct rte_flow_action *actions,
			  struct rte_flow *flow, struct rte_flow_error *error)
{
	const struct rte_flow_action *action;
	bool fate = false;
	int ret = 0;

	if (actions == NULL)
		return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION_NUM, NULL,
					  "no actions");
	for (action = actions; action->type != RTE_FLOW_ACTION_TYPE_END; action++) {
		if (action->type == RTE_FLOW_ACTION_TYPE_VOID)
			continue;
		if (action->type == RTE_FLOW_ACTION_TYPE_QUEUE)
			ret = flow_queue_parse(ad, action, flow, error);
		else if (action->type == RTE_FLOW_ACTION_TYPE_RSS)
			ret = flow_rss_parse(ad, action, flow, error);
		else if (action->type == RTE_FLOW_ACTION_TYPE_DROP)
			flow->filters[0].drop = true;
		else
			ret = flow_action_refuse(action, error);
		if (ret != 0)
			return ret;
		if (fate)
			return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ACTION, action,
						  "one of QUEUE, RSS and DROP, not several");
		fate = true;
	}
	if (!fate)
		return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ACTION_NUM, actions,
					  "where do the frames go? One of QUEUE, RSS and DROP");
	if (flow->nb_filters == 2) {
		flow->filters[1].rxq = flow->filters[0].rxq;
		flow->filters[1].drop = flow->filters[0].drop;
	}
	return 0;
}
