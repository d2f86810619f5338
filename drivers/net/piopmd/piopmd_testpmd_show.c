/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* testpmd's pio commands that only look: show port ... pio ... */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_pio.h>

#include "piopmd_testpmd.h"

static void
testpmd_show_info(portid_t port_id)
{
	static const char *const names[] = {"pio", "template", "csum", "secondary", "shared-pool"};
	struct rte_pio_info info;
	unsigned int i;
	int ret;

	ret = rte_pio_info_get(port_id, &info);
	if (ret != 0) {
		piopmd_testpmd_error("show pio info", port_id, PIOPMD_TESTPMD_NO_QUEUE, ret, 0, NULL);
		return;
	}
	printf("\n********************* PIO infos for port %-3u *********************\n", port_id);
	printf("Capabilities:");
	for (i = 0; i < RTE_DIM(names); i++) {
		if ((info.flags & (UINT64_C(1) << i)) != 0)
			printf(" %s", names[i]);
	}
	printf("%s\n", info.flags == 0 ? " none: every frame goes by the ring" : "");
	printf("Reason: %s\n", rte_pio_fb_reason_name(info.reason));
	printf("MTU: %u, longest frame by the ring: %u, by PIO: %u\n", info.mtu, info.ring_frame_max,
	       info.pio_frame_max);
	printf("Buffers: %u of %u bytes, free: %u\n", info.nb_bufs, info.buf_size, info.nb_bufs_free);
	printf("Adapter memory: %u bytes, free: %u\n", info.mem_total, info.mem_free);
	printf("Queues: %u opted in, at most %u with PIO\n", info.nb_queues, info.nb_queues_max);
	printf("Store: %s, mapping: %s\n", rte_pio_store_kind_name(info.store),
	       rte_pio_map_kind_name(info.map));
	printf("Pool: %s, holders: %u\n", info.pool[0] != '\0' ? info.pool : "none", info.nb_holders);
	for (i = 0; i < info.nb_holders && i < RTE_PIO_HOLDERS_MAX; i++)
		printf("  port %u txq %u: %u bytes, templates: %u\n", info.holders[i].port_id,
		       info.holders[i].queue_id, info.holders[i].mem, info.holders[i].nb_templates);
}

static void
testpmd_show_wc_info(portid_t port_id, const struct rte_pio_wc_info *wc)
{
	const struct rte_pio_wc_rung *rung;
	uint16_t i;

	printf("\n********************* PIO mapping of port %-3u *********************\n", port_id);
	printf("Asked: %s, granted: %s, measured: %s\n", rte_pio_map_kind_name(wc->asked),
	       rte_pio_map_kind_name(wc->granted), rte_pio_wc_verdict_name(wc->measured));
	printf("Store: %s, degraded: %s\n", rte_pio_store_kind_name(wc->store),
	       wc->degraded ? "yes" : "no");
	if (wc->measured != RTE_PIO_WC_NOT_MEASURED)
		printf("Self-test: 64 bytes in %u ps, 8 bytes in %u ps\n", wc->burst_ps,
		       wc->single_ps);
	for (i = 0; i < wc->nb_rungs && i < RTE_PIO_WC_RUNGS_MAX; i++) {
		rung = &wc->rungs[i];
		printf("Rung %s (%s): %s%s\n", rung->name, rte_pio_map_kind_name(rung->map),
		       rung->taken ? "in use" : "refused: ", rung->taken ? "" : rung->reason);
		if (rung->advice[0] != '\0')
			printf("  Advice: %s\n", rung->advice);
	}
}

static void
testpmd_show_wc(portid_t port_id)
{
	struct rte_pio_wc_info wc;
	int ret;

	ret = rte_pio_wc_info_get(port_id, &wc);
	if (ret != 0)
		piopmd_testpmd_error("show pio wc", port_id, PIOPMD_TESTPMD_NO_QUEUE, ret, 0, NULL);
	else
		testpmd_show_wc_info(port_id, &wc);
}

static void
testpmd_show_queue(portid_t port_id, queueid_t queue_id, const struct rte_pio_queue_info *info)
{
	printf("\n********************* PIO of port %-3u txq %-3u *********************\n", port_id,
	       queue_id);
	printf("State: %s, reason: %s\n", rte_pio_queue_state_name(info->state),
	       rte_pio_fb_reason_name(info->reason));
	if (info->state == RTE_PIO_QUEUE_NONE)
		return;
	printf("Policy: %s, fallback: %s, wc: %s, mempool: %s\n",
	       info->conf.policy == RTE_PIO_POLICY_TRY ? "try" : "require",
	       info->conf.fallback == RTE_PIO_FALLBACK_RING ? "ring" : "none",
	       info->conf.wc_policy == RTE_PIO_WC_ANY ? "any" : "require",
	       info->conf.fallback_mp != NULL ? info->conf.fallback_mp->name : "none");
	printf("Adapter memory: %u bytes, slots: %u of %u bytes\n", info->mem, info->nb_slots,
	       info->slot_size);
	printf("Threshold: %u, longest frame by the ring: %u, MTU: %u\n", info->threshold,
	       info->ring_frame_max, info->mtu);
	printf("Templates: %u of %u, template memory: %u bytes, free: %u\n", info->nb_templates,
	       info->conf.nb_templates_max, info->template_mem, info->template_mem_free);
	printf("Store: %s, mapping: %s\n", rte_pio_store_kind_name(info->store),
	       rte_pio_map_kind_name(info->map));
}

static void
testpmd_show_stats(portid_t port_id, queueid_t queue_id)
{
	struct rte_pio_queue_stats stats;
	unsigned int i;
	int ret;

	ret = rte_pio_stats_get(port_id, queue_id, &stats);
	if (ret != 0) {
		piopmd_testpmd_error("show pio stats", port_id, queue_id, ret, 0, NULL);
		return;
	}
	printf("\n##################### PIO stats of port %-3u txq %-3u #####################\n",
	       port_id, queue_id);
	printf("PIO-packets: %" PRIu64 ", PIO-bytes: %" PRIu64 "\n", stats.pio_packets,
	       stats.pio_bytes);
	printf("Ring-packets: %" PRIu64 ", Ring-bytes: %" PRIu64 "\n", stats.ring_packets,
	       stats.ring_bytes);
	printf("Template-sends: %" PRIu64 ", Template-updates: %" PRIu64 ", Template-lines: %" PRIu64
	       "\n", stats.template_sends, stats.template_updates, stats.template_lines);
	printf("Warms: %" PRIu64 "\n", stats.warms);
	for (i = 0; i < RTE_PIO_FB_MAX; i++) {
		if (stats.fallback[i] != 0 || stats.refused[i] != 0)
			printf("Reason %s: by the ring: %" PRIu64 ", refused: %" PRIu64 "\n",
			       rte_pio_fb_reason_name(i), stats.fallback[i], stats.refused[i]);
	}
}

/* Of one queue, or of all that opted in (queue_id PIOPMD_TESTPMD_NO_QUEUE). */
static void
testpmd_show_queues(const char *what, portid_t port_id, int queue_id)
{
	struct rte_pio_queue_info info;
	uint16_t q, nb, shown = 0;
	int ret;

	if (!rte_eth_dev_is_valid_port(port_id)) {
		piopmd_testpmd_error("show pio", port_id, PIOPMD_TESTPMD_NO_QUEUE, -ENODEV, 0, NULL);
		return;
	}
	nb = queue_id == PIOPMD_TESTPMD_NO_QUEUE ? piopmd_testpmd_nb_queues(port_id) :
		(uint16_t)(queue_id + 1);
	for (q = queue_id == PIOPMD_TESTPMD_NO_QUEUE ? 0 : (uint16_t)queue_id; q < nb; q++) {
		ret = rte_pio_queue_info_get(port_id, q, &info);
		if (ret != 0) {
			piopmd_testpmd_error("show pio", port_id, q, ret, 0, NULL);
			return;
		}
		if (info.state == RTE_PIO_QUEUE_NONE && queue_id == PIOPMD_TESTPMD_NO_QUEUE)
			continue;
		if (strcmp(what, "stats") == 0)
			testpmd_show_stats(port_id, q);
		else
			testpmd_show_queue(port_id, q, &info);
		shown++;
	}
	if (shown == 0)
		printf("port %u: no queue has opted in: 'port config %u txq (queue_id) pio setup'\n",
		       port_id, port_id);
}

static void
testpmd_show_templates(portid_t port_id, int queue_id)
{
	if (!rte_eth_dev_is_valid_port(port_id)) {
		piopmd_testpmd_error("show pio templates", port_id, PIOPMD_TESTPMD_NO_QUEUE, -ENODEV, 0,
				     NULL);
		return;
	}
	/* how a template stands is for the queue's thread to ask */
	if (!piopmd_testpmd_owns_queues("show pio templates"))
		return;
	if (piopmd_testpmd_templates_show(port_id, queue_id) == 0)
		printf("port %u: no template: 'pio template create port %u txq (queue_id) ...'\n",
		       port_id, port_id);
}

static void
testpmd_show_dump(portid_t port_id)
{
	int ret = rte_pio_dump(stdout, port_id);

	if (ret != 0)
		piopmd_testpmd_error("show pio dump", port_id, PIOPMD_TESTPMD_NO_QUEUE, ret, 0, NULL);
}

static void
testpmd_show_port_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (strcmp(args->what, "info") == 0)
		testpmd_show_info(args->port_id);
	else if (strcmp(args->what, "wc") == 0)
		testpmd_show_wc(args->port_id);
	else if (strcmp(args->what, "dump") == 0)
		testpmd_show_dump(args->port_id);
	else if (strcmp(args->what, "templates") == 0)
		testpmd_show_templates(args->port_id, PIOPMD_TESTPMD_NO_QUEUE);
	else
		testpmd_show_queues(args->what, args->port_id, PIOPMD_TESTPMD_NO_QUEUE);
}

static void
testpmd_show_txq_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (strcmp(args->what, "templates") == 0)
		testpmd_show_templates(args->port_id, args->queue_id);
	else
		testpmd_show_queues(args->what, args->port_id, args->queue_id);
}

/* Measures and then shows what it found. */
static void
testpmd_selftest_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;
	struct rte_pio_wc_info wc;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	ret = rte_pio_wc_selftest(args->port_id, &wc);
	if (ret != 0)
		piopmd_testpmd_error("pio selftest", args->port_id, PIOPMD_TESTPMD_NO_QUEUE, ret,
				     ENOTSUP, "no queue of the port holds adapter memory: opt one in "
				     "('port config (port_id) txq (queue_id) pio setup')");
	else
		testpmd_show_wc_info(args->port_id, &wc);
}

static cmdline_parse_token_string_t testpmd_show_port_what =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, what,
				 "info#wc#queues#stats#templates#dump");
static cmdline_parse_token_string_t testpmd_show_txq_what =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, what, "info#stats#templates");
static cmdline_parse_token_string_t testpmd_selftest_selftest =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "selftest");

static cmdline_parse_inst_t testpmd_show_port = {
	.f = testpmd_show_port_parsed,
	.help_str = "show port <port_id> pio info|wc|queues|stats|templates|dump",
	.tokens = {&piopmd_testpmd_token_show.hdr, &piopmd_testpmd_token_port.hdr,
		&piopmd_testpmd_token_port_id.hdr, &piopmd_testpmd_token_pio.hdr,
		&testpmd_show_port_what.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_show_txq = {
	.f = testpmd_show_txq_parsed,
	.help_str = "show port <port_id> txq <queue_id> pio info|stats|templates",
	.tokens = {&piopmd_testpmd_token_show.hdr, &piopmd_testpmd_token_port.hdr,
		&piopmd_testpmd_token_port_id.hdr, &piopmd_testpmd_token_txq.hdr,
		&piopmd_testpmd_token_queue_id.hdr, &piopmd_testpmd_token_pio.hdr,
		&testpmd_show_txq_what.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_selftest = {
	.f = testpmd_selftest_parsed,
	.help_str = "pio selftest port <port_id>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_selftest_selftest.hdr,
		&piopmd_testpmd_token_port.hdr, &piopmd_testpmd_token_port_id.hdr, NULL},
};

struct testpmd_driver_commands piopmd_testpmd_show_commands = {
	.commands = {
		{&testpmd_show_port,
		 "show port (port_id) pio info|wc|queues|stats|templates|dump\n"
		 "    Show what PIO the port has, how its window is mapped, its queues that opted in,\n"
		 "    their counters, their templates, or everything.\n"},
		{&testpmd_show_txq,
		 "show port (port_id) txq (queue_id) pio info|stats|templates\n"
		 "    Show what a transmit queue got, its counters, or its templates.\n"},
		{&testpmd_selftest,
		 "pio selftest port (port_id)\n"
		 "    Measure whether the mapping of the port combines writes, and show it.\n"},
		{NULL, NULL},
	},
};
TESTPMD_ADD_DRIVER_COMMANDS(piopmd_testpmd_show_commands)
