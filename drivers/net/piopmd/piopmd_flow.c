/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* rte_flow: the operations, and the rules in the adapter. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_flow_driver.h>
#include <rte_malloc.h>

#include "piopmd_ethdev.h"
#include "piopmd_flow.h"

/* Rules in the adapter */

static int
flow_context_get(struct piopmd_adapter *ad, struct rte_flow *flow, uint32_t *context)
{
	const struct piopmd_flow_rss *rss = &flow->rss;
	uint8_t table[PIOPMD_RETA_SIZE];
	struct piopmd_rss_conf conf = {
		.nb_queues = rss->span, .types = rss->types, .key = rss->key, .table = table,
	};
	unsigned int i;
	int ret;

	*context = EF10_RSS_CONTEXT_ID_INVALID;
	if (flow->filters[0].drop)
		return 0;
	if (!flow->spread)
		return piopmd_rss_flat_get(ad, context);
	for (i = 0; i < PIOPMD_RETA_SIZE; i++)
		table[i] = (uint8_t)(rss->queues[i % rss->nb_queues] - rss->first);
	ret = piopmd_rss_context_make(ad, &conf, &flow->context);
	*context = flow->context;
	return ret;
}

/* The first error; what could not be removed is still marked as installed. */
static int
flow_remove(struct piopmd_adapter *ad, struct rte_flow *flow)
{
	int first = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < flow->nb_filters; i++) {
		if (!flow->installed[i])
			continue;
		ret = ad->mcdi.state != PIOPMD_MCDI_READY ? 0 :
			piopmd_cmd_filter_remove(&ad->mcdi, flow->handles[i],
						 flow->filters[i].shared);
		/* an adapter that has rebooted has forgotten it */
		if (ret == 0 || ret == -ENOENT || ad->mcdi.state != PIOPMD_MCDI_READY)
			flow->installed[i] = false;
		else if (first == 0)
			first = ret;
	}
	if (first == 0)
		piopmd_rss_context_free(ad, &flow->context);
	return first;
}

/* All of it or nothing. */
static int
flow_install(struct piopmd_adapter *ad, struct rte_flow *flow)
{
	uint32_t context;
	unsigned int i;
	int ret;

	ret = flow_context_get(ad, flow, &context);
	for (i = 0; i < flow->nb_filters && ret == 0; i++) {
		flow->filters[i].rss_context = context;
		ret = piopmd_cmd_filter_insert(&ad->mcdi, &flow->filters[i], &flow->handles[i]);
		flow->installed[i] = ret == 0;
	}
	if (ret != 0)
		flow_remove(ad, flow);
	return ret;
}

int
piopmd_flows_start(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_flow *flow;
	unsigned int nb = 0;
	int ret;

	TAILQ_FOREACH(flow, &ad->flows, next) {
		ret = flow_install(ad, flow);
		if (ret != 0) {
			PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "flow rule %u (match %#x) cannot be "
				       "installed again: %s. Destroy it", nb, flow->filters[0].match,
				       rte_strerror(-ret));
			piopmd_flows_stop(dev);
			return ret;
		}
		nb++;
	}
	return 0;
}

void
piopmd_flows_stop(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_flow *flow;

	TAILQ_FOREACH(flow, &ad->flows, next) {
		flow_remove(ad, flow);
		/* the VIs go as well, and filters on them with them */
		memset(flow->installed, 0, sizeof(flow->installed));
		flow->context = EF10_RSS_CONTEXT_ID_INVALID;
	}
}

void
piopmd_flows_free(struct piopmd_adapter *ad)
{
	struct rte_flow *flow;

	while ((flow = TAILQ_FIRST(&ad->flows)) != NULL) {
		TAILQ_REMOVE(&ad->flows, flow, next);
		rte_free(flow);
	}
}

int
piopmd_flows_check(struct rte_eth_dev *dev, uint16_t nb_rxq)
{
	const struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	const struct rte_flow *flow;
	unsigned int last;

	TAILQ_FOREACH(flow, &ad->flows, next) {
		last = flow->filters[0].rxq + (flow->spread ? flow->rss.span - 1u : 0);
		if (!flow->filters[0].drop && last >= nb_rxq) {
			PIOPMD_LOG_DRV(ERR, piopmd_name_of(dev), "a flow rule leads to receive queue "
				       "%u: destroy it first, or configure more queues than %u", last,
				       nb_rxq);
			return -EINVAL;
		}
	}
	return 0;
}

bool
piopmd_flows_claim(const struct piopmd_adapter *ad, uint32_t match, const struct rte_ether_addr *addr)
{
	const struct rte_flow *flow;
	unsigned int i;

	TAILQ_FOREACH(flow, &ad->flows, next) {
		for (i = 0; i < flow->nb_filters; i++) {
			if (flow->filters[i].match == match &&
			    ((match & EF10_FILTER_OP_MATCH_DST_MAC) == 0 ||
			     rte_is_same_ether_addr(&flow->filters[i].dst_mac, addr)))
				return true;
		}
	}
	return false;
}

/* Operations */

static int
flow_begin(struct rte_eth_dev *dev, struct rte_flow_error *error)
{
	int ret = piopmd_control_begin_healthy(dev);

	if (ret == 0)
		return 0;
	return rte_flow_error_set(error, -ret, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
				  ret == -EPERM ? "flow rules are the primary process's" :
				  ret == -ENODEV ? "the device is gone" :
				  "the port recovers or has failed: wait for RECOVERY_SUCCESS or stop it");
}

static int
flow_attr_check(const struct rte_flow_attr *attr, struct rte_flow_error *error)
{
	if (attr == NULL)
		return rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_ATTR, NULL,
					  "no attributes");
	if (attr->group != 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR_GROUP, attr,
					  "there is one group: 0");
	if (attr->priority != 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR_PRIORITY, attr,
					  "the adapter's order is fixed, more specific filters first: "
					  "priority 0");
	if (attr->transfer != 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR_TRANSFER, attr,
					  "a VF does not rule what others get");
	if (attr->egress != 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR_EGRESS, attr,
					  "there are no transmit filters");
	if (attr->ingress == 0)
		return rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ATTR_INGRESS, attr,
					  "rules are for ingress");
	return 0;
}

static bool
flow_filter_same(const struct piopmd_cmd_filter *a, const struct piopmd_cmd_filter *b)
{
	/* fields that are not matched are zero */
	return a->match == b->match && rte_is_same_ether_addr(&a->src_mac, &b->src_mac) &&
		rte_is_same_ether_addr(&a->dst_mac, &b->dst_mac) && a->ether_type == b->ether_type &&
		a->outer_vlan == b->outer_vlan && a->inner_vlan == b->inner_vlan &&
		a->ip_proto == b->ip_proto && a->src_port == b->src_port &&
		a->dst_port == b->dst_port && memcmp(a->src_ip, b->src_ip, sizeof(a->src_ip)) == 0 &&
		memcmp(a->dst_ip, b->dst_ip, sizeof(a->dst_ip)) == 0;
}

/* The adapter would take a shared filter twice and deliver some frames twice. */
static int
flow_unique_check(const struct piopmd_adapter *ad, const struct rte_flow *flow,
		  struct rte_flow_error *error)
{
	const struct rte_flow *other;

	TAILQ_FOREACH(other, &ad->flows, next) {
		if (flow_filter_same(&flow->filters[0], &other->filters[0]))
			return rte_flow_error_set(error, EEXIST, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
						  "there is a rule with this pattern already");
	}
	return 0;
}

static int
flow_parse(const struct piopmd_adapter *ad, const struct rte_flow_attr *attr,
	   const struct rte_flow_item *pattern, const struct rte_flow_action *actions,
	   struct rte_flow *flow, struct rte_flow_error *error)
{
	int ret;

	memset(flow, 0, sizeof(*flow));
	flow->context = EF10_RSS_CONTEXT_ID_INVALID;
	ret = flow_attr_check(attr, error);
	if (ret == 0)
		ret = piopmd_flow_pattern_parse(ad, pattern, flow, error);
	if (ret == 0)
		ret = piopmd_flow_actions_parse(ad, actions, flow, error);
	if (ret == 0)
		ret = flow_unique_check(ad, flow, error);
	return ret;
}

static int
piopmd_flow_validate(struct rte_eth_dev *dev, const struct rte_flow_attr *attr,
		     const struct rte_flow_item *pattern, const struct rte_flow_action *actions,
		     struct rte_flow_error *error)
{
	struct rte_flow flow;
	int ret = flow_begin(dev, error);

	if (ret != 0)
		return ret;
	return piopmd_control_end(dev, flow_parse(piopmd_adapter_of(dev), attr, pattern, actions,
						  &flow, error));
}

static int
flow_install_error_set(int ret, struct rte_flow_error *error)
{
	const char *message;

	switch (ret) {
	case -EPERM:
		message = "the PF does not grant this VF such filters (INSECURE_FILTERS)";
		break;
	case -EEXIST:
		message = "another function of the adapter has a filter with this match";
		break;
	case -ENOSPC:
		message = "the adapter has no filter or RSS context left";
		break;
	default:
		message = "the adapter refuses the filter";
		break;
	}
	return rte_flow_error_set(error, -ret, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL, message);
}

/* With the lock held. The port's own filter of the same match gives way first. */
static int
flow_add(struct rte_eth_dev *dev, struct rte_flow *flow, struct rte_flow_error *error)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret;

	TAILQ_INSERT_TAIL(&ad->flows, flow, next);
	if (ad->state != PIOPMD_STARTED)
		return 0;
	ret = piopmd_filters_apply(dev);
	if (ret == 0)
		ret = flow_install(ad, flow);
	if (ret == 0)
		return 0;
	TAILQ_REMOVE(&ad->flows, flow, next);
	piopmd_filters_apply(dev);
	return flow_install_error_set(ret, error);
}

static struct rte_flow *
piopmd_flow_create(struct rte_eth_dev *dev, const struct rte_flow_attr *attr,
		   const struct rte_flow_item *pattern, const struct rte_flow_action *actions,
		   struct rte_flow_error *error)
{
	struct rte_flow *flow;
	int ret;

	if (flow_begin(dev, error) != 0)
		return NULL;
	flow = rte_zmalloc("piopmd_flow", sizeof(*flow), 0);
	if (flow == NULL) {
		ret = rte_flow_error_set(error, ENOMEM, RTE_FLOW_ERROR_TYPE_UNSPECIFIED, NULL,
					 "no memory for the rule");
	} else {
		ret = flow_parse(piopmd_adapter_of(dev), attr, pattern, actions, flow, error);
		if (ret == 0)
			ret = flow_add(dev, flow, error);
	}
	if (ret != 0) {
		rte_free(flow);
		flow = NULL;
	}
	piopmd_control_end(dev, 0);
	return flow;
}

/* With the lock held. A rule that the adapter does not let go stays, and can be destroyed later. */
static int
flow_drop(struct rte_eth_dev *dev, struct rte_flow *flow, struct rte_flow_error *error)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	int ret = flow_remove(ad, flow);

	if (ret != 0)
		return rte_flow_error_set(error, -ret, RTE_FLOW_ERROR_TYPE_HANDLE, flow,
					  "the adapter did not remove the filter: try again");
	TAILQ_REMOVE(&ad->flows, flow, next);
	rte_free(flow);
	/* what the rule had replaced; an error is logged there */
	piopmd_filters_apply(dev);
	return 0;
}

static struct rte_flow *
flow_find(const struct piopmd_adapter *ad, const struct rte_flow *wanted,
	  struct rte_flow_error *error)
{
	struct rte_flow *flow;

	TAILQ_FOREACH(flow, &ad->flows, next) {
		if (flow == wanted)
			return flow;
	}
	rte_flow_error_set(error, EINVAL, RTE_FLOW_ERROR_TYPE_HANDLE, NULL, "no such flow rule");
	return NULL;
}

static int
piopmd_flow_destroy(struct rte_eth_dev *dev, struct rte_flow *flow, struct rte_flow_error *error)
{
	int ret = flow_begin(dev, error);

	if (ret != 0)
		return ret;
	flow = flow_find(piopmd_adapter_of(dev), flow, error);
	return piopmd_control_end(dev, flow == NULL ? -EINVAL : flow_drop(dev, flow, error));
}

static int
piopmd_flow_flush(struct rte_eth_dev *dev, struct rte_flow_error *error)
{
	struct rte_flow *flow, *next;
	int ret = flow_begin(dev, error);
	int first = 0;

	if (ret != 0)
		return ret;
	for (flow = TAILQ_FIRST(&piopmd_adapter_of(dev)->flows); flow != NULL; flow = next) {
		next = TAILQ_NEXT(flow, next);
		ret = flow_drop(dev, flow, error);
		if (first == 0)
			first = ret;
	}
	return piopmd_control_end(dev, first);
}

/* What an action RSS has become. */
static void
flow_rss_query(const struct rte_flow *flow, struct rte_flow_action_rss *out)
{
	*out = (struct rte_flow_action_rss){
		.func = flow->rss.func,
		.types = flow->rss.types,
		.key_len = PIOPMD_RSS_KEY_LEN,
		.queue_num = flow->rss.nb_queues,
		.key = flow->rss.key,
		.queue = flow->rss.queues,
	};
}

static int
piopmd_flow_query(struct rte_eth_dev *dev, struct rte_flow *flow,
		  const struct rte_flow_action *action, void *data, struct rte_flow_error *error)
{
	int ret = flow_begin(dev, error);

	if (ret != 0)
		return ret;
	flow = flow_find(piopmd_adapter_of(dev), flow, error);
	if (flow == NULL)
		ret = -EINVAL;
	else if (action->type != RTE_FLOW_ACTION_TYPE_RSS || !flow->spread)
		ret = rte_flow_error_set(error, ENOTSUP, RTE_FLOW_ERROR_TYPE_ACTION, action,
					 "only the action RSS of a rule that has it can be queried");
	else
		flow_rss_query(flow, data);
	return piopmd_control_end(dev, ret);
}

/* Promiscuous mode and addresses can go on being changed; they count again when isolation ends. */
static int
piopmd_flow_isolate(struct rte_eth_dev *dev, int on, struct rte_flow_error *error)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	bool before;
	int ret = flow_begin(dev, error);

	if (ret != 0)
		return ret;
	before = ad->filters.isolated;
	ad->filters.isolated = on != 0;
	ret = piopmd_filters_apply(dev);
	if (ret != 0) {
		ad->filters.isolated = before;
		piopmd_filters_apply(dev);
		ret = flow_install_error_set(ret, error);
	}
	return piopmd_control_end(dev, ret);
}

static const struct rte_flow_ops flow_ops = {
	.validate = piopmd_flow_validate,
	.create = piopmd_flow_create,
	.destroy = piopmd_flow_destroy,
	.flush = piopmd_flow_flush,
	.query = piopmd_flow_query,
	.isolate = piopmd_flow_isolate,
};

int
piopmd_flow_ops_get(struct rte_eth_dev *dev, const struct rte_flow_ops **ops)
{
	RTE_SET_USED(dev);
	*ops = &flow_ops;
	return 0;
}
