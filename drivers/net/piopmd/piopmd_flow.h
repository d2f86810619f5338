/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_FLOW_H
#define PIOPMD_FLOW_H

/*
 * A rule of rte_flow. What it matches becomes one hardware filter, or two where firmware knows only
 * "unicast that nobody else takes" and "group addresses that nobody else takes" and the rule means both.
 *
 * Rules live in a list of the adapter from rte_flow_create() to rte_flow_destroy(), whatever the port
 * does meanwhile. In the adapter they are installed while the port is started: port start and every
 * recovery install them anew, in the order in which they were made.
 *
 * All functions: adapter lock held.
 */

#include <sys/queue.h>

#include <rte_flow.h>

#include "piopmd.h"

#define PIOPMD_FLOW_FILTERS_MAX 2u

/* Of action RSS; complete: what the action left open is filled in. */
struct piopmd_flow_rss {
	enum rte_eth_hash_function func;	/* as given */
	uint64_t types;
	uint8_t key[PIOPMD_RSS_KEY_LEN];
	uint16_t nb_queues;
	uint16_t queues[PIOPMD_RETA_SIZE];
	uint16_t first;				/* lowest queue: the filter's */
	uint16_t span;				/* queues from there to the highest */
};

struct rte_flow {
	TAILQ_ENTRY(rte_flow) next;
	/* the first one is what the pattern says; rss_context is set when they are installed */
	struct piopmd_cmd_filter filters[PIOPMD_FLOW_FILTERS_MAX];
	uint64_t handles[PIOPMD_FLOW_FILTERS_MAX];
	bool installed[PIOPMD_FLOW_FILTERS_MAX];
	uint8_t nb_filters;
	bool spread;				/* action RSS */
	struct piopmd_flow_rss rss;		/* if so */
	uint32_t context;			/* of it; EF10_RSS_CONTEXT_ID_INVALID: not installed */
};

/* piopmd_flow_pattern.c: makes filters of a pattern. 0, or the negative errno that is in *error too. */
int piopmd_flow_pattern_parse(const struct piopmd_adapter *ad, const struct rte_flow_item *pattern,
			      struct rte_flow *flow, struct rte_flow_error *error);

/* piopmd_flow_action.c: says where their frames go. After the pattern. */
int piopmd_flow_actions_parse(const struct piopmd_adapter *ad, const struct rte_flow_action *actions,
			      struct rte_flow *flow, struct rte_flow_error *error);

#endif /* PIOPMD_FLOW_H */
