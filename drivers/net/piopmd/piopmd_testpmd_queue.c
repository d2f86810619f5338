/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* testpmd's pio commands for the control thread: opt in and out, on and off, threshold. */

#include <errno.h>
#include <string.h>

#include <rte_pio.h>

#include "piopmd_testpmd.h"

enum {
	SETUP_POLICY, SETUP_FALLBACK, SETUP_WC, SETUP_THRESHOLD, SETUP_SLOTS, SETUP_MEM_MIN,
	SETUP_MEM_PREF, SETUP_TEMPLATE_MEM, SETUP_TEMPLATES, SETUP_CSUM, SETUP_L2_LEN,
	SETUP_L3_LEN, SETUP_MEMPOOL, SETUP_NB,
};

/* Fill conf, which holds the driver's advice, with what was given. */
static bool
testpmd_setup_conf(const char *command, portid_t port_id, const struct piopmd_testpmd_option *o,
		   struct rte_pio_queue_conf *conf)
{
	struct piopmd_testpmd_csum csum = piopmd_testpmd_csum_get(&o[SETUP_CSUM]);
	uint32_t slot;

	conf->policy = o[SETUP_POLICY].value == 0 ? RTE_PIO_POLICY_TRY : RTE_PIO_POLICY_REQUIRE;
	conf->fallback = o[SETUP_FALLBACK].value == 0 ? RTE_PIO_FALLBACK_RING :
		RTE_PIO_FALLBACK_NONE;
	conf->wc_policy = o[SETUP_WC].value == 0 ? RTE_PIO_WC_ANY : RTE_PIO_WC_REQUIRE;
	if (o[SETUP_THRESHOLD].given)
		conf->threshold = o[SETUP_THRESHOLD].value;
	if (o[SETUP_TEMPLATE_MEM].given)
		conf->template_mem = o[SETUP_TEMPLATE_MEM].value;
	if (o[SETUP_TEMPLATES].given)
		conf->nb_templates_max = (uint16_t)o[SETUP_TEMPLATES].value;
	if (o[SETUP_MEM_MIN].given)
		conf->mem_min = o[SETUP_MEM_MIN].value;
	if (o[SETUP_MEM_PREF].given)
		conf->mem_pref = o[SETUP_MEM_PREF].value;
	if (o[SETUP_SLOTS].given) {
		if (o[SETUP_MEM_PREF].given || o[SETUP_MEM_MIN].given) {
			fprintf(stderr, "%s: slots and mem-min or mem-pref: give one of them\n",
				command);
			return false;
		}
		/* slots, the template reserve and the scratch line: see rte_pio.h */
		slot = RTE_ALIGN_CEIL(conf->threshold, RTE_PIO_LINE);
		conf->mem_pref = o[SETUP_SLOTS].value * slot +
			RTE_ALIGN_CEIL(conf->template_mem, RTE_PIO_LINE) + RTE_PIO_LINE;
		conf->mem_min = conf->mem_pref;
	}
	conf->tx_ol_flags = csum.ol_flags;
	conf->l2_len = csum.l2_len;
	conf->l3_len = csum.l3_len;
	if (o[SETUP_MEMPOOL].value == 0)
		conf->fallback_mp = mbuf_pool_find(rte_eth_dev_socket_id(port_id) < 0 ? 0 :
			(unsigned int)rte_eth_dev_socket_id(port_id), 0);
	return true;
}

static void
testpmd_setup_parsed(void *parsed, struct cmdline *cl, void *with_tail)
{
	struct piopmd_testpmd_option options[SETUP_NB + 1] = {
		[SETUP_POLICY] = {"policy", PIOPMD_TESTPMD_CHOICE, "try|require"},
		[SETUP_FALLBACK] = {"fallback", PIOPMD_TESTPMD_CHOICE, "ring|none"},
		[SETUP_WC] = {"wc", PIOPMD_TESTPMD_CHOICE, "any|require"},
		[SETUP_THRESHOLD] = {"threshold", PIOPMD_TESTPMD_NUMBER, .min = RTE_PIO_FRAME_MIN,
			.max = UINT16_MAX},
		[SETUP_SLOTS] = {"slots", PIOPMD_TESTPMD_NUMBER, .min = 1, .max = 1024},
		[SETUP_MEM_MIN] = {"mem-min", PIOPMD_TESTPMD_NUMBER, .min = 1, .max = 1 << 20},
		[SETUP_MEM_PREF] = {"mem-pref", PIOPMD_TESTPMD_NUMBER, .min = 1, .max = 1 << 20},
		[SETUP_TEMPLATE_MEM] = {"template-mem", PIOPMD_TESTPMD_NUMBER,
			.max = RTE_PIO_TEMPLATE_MEM_MAX},
		[SETUP_TEMPLATES] = {"templates", PIOPMD_TESTPMD_NUMBER, .max = UINT16_MAX},
		[SETUP_CSUM] = PIOPMD_TESTPMD_OPTION_CSUM,
		[SETUP_L2_LEN] = PIOPMD_TESTPMD_OPTION_L2_LEN,
		[SETUP_L3_LEN] = PIOPMD_TESTPMD_OPTION_L3_LEN,
		[SETUP_MEMPOOL] = {"mempool", PIOPMD_TESTPMD_CHOICE, "on|off"},
	};
	static const char command[] = "pio setup";
	struct piopmd_testpmd_args *args = parsed;
	struct rte_pio_queue_conf conf;
	struct rte_pio_queue_info info;
	int ret;

	RTE_SET_USED(cl);
	if (with_tail != NULL && !piopmd_testpmd_options(command, args->tail, options))
		return;
	ret = rte_pio_queue_conf_default(args->port_id, &conf);
	if (ret == 0) {
		if (!testpmd_setup_conf(command, args->port_id, options, &conf))
			return;
		ret = rte_pio_queue_setup(args->port_id, args->queue_id, &conf);
	}
	if (ret == 0)
		ret = rte_pio_queue_info_get(args->port_id, args->queue_id, &info);
	if (ret != 0) {
		piopmd_testpmd_error(command, args->port_id, args->queue_id, ret, ENOTSUP, "the port "
				     "has no PIO ('policy try fallback ring' does without), or the "
				     "queue lacks the offload of 'csum' ('port config (port_id) "
				     "tx_offload ... on')");
		return;
	}
	printf("%s: port %u txq %u: %u slots of %u bytes, template memory %u, reason %s\n", command,
	       args->port_id, args->queue_id, info.nb_slots, info.slot_size, info.template_mem,
	       rte_pio_fb_reason_name(info.reason));
}

static void
testpmd_release_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	ret = rte_pio_queue_release(args->port_id, args->queue_id);
	if (ret != 0)
		piopmd_testpmd_error("pio release", args->port_id, args->queue_id, ret, EBUSY,
				     "the port is started ('port stop (port_id)' first), or templates "
				     "exist ('pio template destroy (id)' first)");
}

static void
testpmd_switch_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (strcmp(args->what, "on") == 0)
		ret = rte_pio_queue_start(args->port_id, args->queue_id);
	else
		ret = rte_pio_queue_stop(args->port_id, args->queue_id);
	if (ret != 0)
		piopmd_testpmd_error("set pio", args->port_id, args->queue_id, ret, ENOTSUP,
				     "the queue has not opted in: 'port config (port_id) txq "
				     "(queue_id) pio setup' first");
}

static void
testpmd_threshold_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;
	struct rte_pio_queue_info info;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	ret = rte_pio_threshold_set(args->port_id, args->queue_id, args->number);
	if (ret == -EINVAL && rte_pio_queue_info_get(args->port_id, args->queue_id, &info) == 0) {
		fprintf(stderr, "set pio threshold: port %u txq %u: EINVAL (%s): %u is not in %u..%u; "
			"longer slots need 'port config ... pio release' and setup\n",
			args->port_id, args->queue_id, strerror(EINVAL), args->number,
			RTE_PIO_FRAME_MIN, info.slot_size);
		return;
	}
	if (ret != 0)
		piopmd_testpmd_error("set pio threshold", args->port_id, args->queue_id, ret, ENOTSUP,
				     "the queue has not opted in, or has no PIO: 'show port (port_id) "
				     "txq (queue_id) pio info' tells");
}

static void
testpmd_clear_parsed(void *parsed, struct cmdline *cl, void *data)
{
	struct piopmd_testpmd_args *args = parsed;
	uint16_t q, nb = piopmd_testpmd_nb_queues(args->port_id);
	unsigned int cleared = 0;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (nb == 0) {
		piopmd_testpmd_error("clear pio stats", args->port_id, PIOPMD_TESTPMD_NO_QUEUE,
				     -ENODEV, 0, NULL);
		return;
	}
	for (q = 0; q < nb; q++) {
		ret = rte_pio_stats_reset(args->port_id, q);
		if (ret == 0)
			cleared++;
		else if (ret != -ENOTSUP) /* the others have not opted in */
			piopmd_testpmd_error("clear pio stats", args->port_id, q, ret, 0, NULL);
	}
	printf("clear pio stats: port %u: %u queues\n", args->port_id, cleared);
}

static cmdline_parse_token_string_t testpmd_queue_setup =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "setup");
static cmdline_parse_token_string_t testpmd_queue_release =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "release");
static cmdline_parse_token_string_t testpmd_queue_switch =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, what, "on#off");
static cmdline_parse_token_string_t testpmd_queue_threshold =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "threshold");
static cmdline_parse_token_num_t testpmd_queue_number =
	TOKEN_NUM_INITIALIZER(struct piopmd_testpmd_args, number, RTE_UINT32);
static cmdline_parse_token_string_t testpmd_queue_clear =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "clear");
static cmdline_parse_token_string_t testpmd_queue_stats =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "stats");

#define QUEUE_TOKENS \
	&piopmd_testpmd_token_port.hdr, &piopmd_testpmd_token_port_id.hdr, \
	&piopmd_testpmd_token_txq.hdr, &piopmd_testpmd_token_queue_id.hdr, \
	&piopmd_testpmd_token_pio.hdr
#define CONFIG_TOKENS \
	&piopmd_testpmd_token_port.hdr, &piopmd_testpmd_token_config.hdr, \
	&piopmd_testpmd_token_port_id.hdr, &piopmd_testpmd_token_txq.hdr, \
	&piopmd_testpmd_token_queue_id.hdr, &piopmd_testpmd_token_pio.hdr

static cmdline_parse_inst_t testpmd_setup = {
	.f = testpmd_setup_parsed,
	.help_str = "port config <port_id> txq <queue_id> pio setup",
	.tokens = {CONFIG_TOKENS, &testpmd_queue_setup.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_setup_tail = {
	.f = testpmd_setup_parsed,
	.data = &testpmd_queue_setup, /* only not NULL counts */
	.help_str = "port config <port_id> txq <queue_id> pio setup <option> <value>...",
	.tokens = {CONFIG_TOKENS, &testpmd_queue_setup.hdr, &piopmd_testpmd_token_tail.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_release = {
	.f = testpmd_release_parsed,
	.help_str = "port config <port_id> txq <queue_id> pio release",
	.tokens = {CONFIG_TOKENS, &testpmd_queue_release.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_switch = {
	.f = testpmd_switch_parsed,
	.help_str = "set port <port_id> txq <queue_id> pio on|off",
	.tokens = {&piopmd_testpmd_token_set.hdr, QUEUE_TOKENS, &testpmd_queue_switch.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_threshold = {
	.f = testpmd_threshold_parsed,
	.help_str = "set port <port_id> txq <queue_id> pio threshold <len>",
	.tokens = {&piopmd_testpmd_token_set.hdr, QUEUE_TOKENS, &testpmd_queue_threshold.hdr,
		&testpmd_queue_number.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_clear = {
	.f = testpmd_clear_parsed,
	.help_str = "clear port <port_id> pio stats",
	.tokens = {&testpmd_queue_clear.hdr, &piopmd_testpmd_token_port.hdr,
		&piopmd_testpmd_token_port_id.hdr, &piopmd_testpmd_token_pio.hdr,
		&testpmd_queue_stats.hdr, NULL},
};

struct testpmd_driver_commands piopmd_testpmd_queue_commands = {
	.commands = {
		{&testpmd_setup,
		 "port config (port_id) txq (queue_id) pio setup [(option) (value)]...\n"
		 "    Opt a transmit queue in, while the port is stopped. What is not given is the\n"
		 "    driver's advice. Options:\n"
		 "    policy try|require   what to do when PIO is not to be had (default try)\n"
		 "    fallback ring|none   what to do with a frame that cannot go by PIO (ring)\n"
		 "    wc any|require       what the mapping must be (any)\n"
		 "    threshold (bytes)    longer frames go by the ring\n"
		 "    slots (n)            adapter memory for n frames in flight; or in bytes:\n"
		 "    mem-min (bytes), mem-pref (bytes)\n"
		 "    template-mem (bytes) of it for templates; templates (n) may exist\n"
		 "    csum none|ipv4|ipv4-tcp|ipv4-udp|ipv6-tcp|ipv6-udp, l2-len (bytes),\n"
		 "    l3-len (bytes)       what the flag csum of a send asks for\n"
		 "    mempool on|off       mbufs for what goes by the ring: testpmd's pool (on)\n"},
		{&testpmd_setup_tail, ""},
		{&testpmd_release,
		 "port config (port_id) txq (queue_id) pio release\n"
		 "    Opt a transmit queue out, while the port is stopped.\n"},
		{&testpmd_switch,
		 "set port (port_id) txq (queue_id) pio on|off\n"
		 "    Use PIO on a queue that has opted in, or the ring only.\n"},
		{&testpmd_threshold,
		 "set port (port_id) txq (queue_id) pio threshold (len)\n"
		 "    Let frames longer than this go by the ring.\n"},
		{&testpmd_clear,
		 "clear port (port_id) pio stats\n"
		 "    Let the PIO counters of all queues start from 0.\n"},
		{NULL, NULL},
	},
};
TESTPMD_ADD_DRIVER_COMMANDS(piopmd_testpmd_queue_commands)
