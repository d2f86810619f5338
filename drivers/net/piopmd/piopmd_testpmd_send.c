/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* testpmd's pio commands for the thread of a queue: send, warm, credits, reap. */

#include <errno.h>
#include <string.h>

#include <rte_pio.h>

#include "piopmd_testpmd.h"

enum {SEND_COUNT, SEND_FLAGS, SEND_LEN, SEND_HEX, SEND_NB};

struct testpmd_send {
	portid_t port_id;
	queueid_t queue_id;
	const uint8_t *frame;
	uint32_t len;
	uint32_t flags;
};

static int
testpmd_send_one(void *arg)
{
	struct testpmd_send *send = arg;

	return rte_pio_send(send->port_id, send->queue_id, send->frame, send->len, send->flags);
}

static void
testpmd_send_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio send";
	struct piopmd_testpmd_args *args = parsed;
	struct piopmd_testpmd_hex hex;
	struct piopmd_testpmd_option options[SEND_NB + 1] = {
		[SEND_COUNT] = {"count", PIOPMD_TESTPMD_NUMBER, .min = 1, .max = 100000000},
		[SEND_FLAGS] = {"flags", PIOPMD_TESTPMD_FLAGS, PIOPMD_TESTPMD_SEND_FLAGS},
		[SEND_LEN] = {"len", PIOPMD_TESTPMD_NUMBER, .min = RTE_PIO_FRAME_MIN,
			.max = PIOPMD_TESTPMD_FRAME_MAX},
		[SEND_HEX] = {"hex", PIOPMD_TESTPMD_HEX, .hex = &hex},
	};
	struct testpmd_send send = {.port_id = args->port_id, .queue_id = args->queue_id};

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (!piopmd_testpmd_options(command, args->tail, options) ||
	    !piopmd_testpmd_owns_queues(command))
		return;
	if (options[SEND_LEN].given == options[SEND_HEX].given) {
		fprintf(stderr, "%s: give the frame: either 'len (bytes)' or 'hex (digits)'\n",
			command);
		return;
	}
	send.frame = hex.data;
	send.len = hex.len;
	send.flags = options[SEND_FLAGS].value;
	if (options[SEND_LEN].given) {
		send.len = options[SEND_LEN].value;
		send.frame = piopmd_testpmd_frame(args->port_id, send.len);
	}
	piopmd_testpmd_repeat(command, args->port_id, args->queue_id,
			      options[SEND_COUNT].given ? options[SEND_COUNT].value : 1,
			      send.flags, testpmd_send_one, &send);
}

static void
testpmd_warm_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio warm";
	struct piopmd_testpmd_args *args = parsed;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (!piopmd_testpmd_owns_queues(command))
		return;
	if (args->number < RTE_PIO_FRAME_MIN) {
		fprintf(stderr, "%s: len %u: EINVAL (%s): a frame has %u bytes or more\n", command,
			args->number, strerror(EINVAL), RTE_PIO_FRAME_MIN);
		return;
	}
	ret = rte_pio_warm(args->port_id, args->queue_id, args->number);
	if (ret < 0)
		piopmd_testpmd_error(command, args->port_id, args->queue_id, ret, 0, NULL);
	else
		printf("%s: port %u txq %u: %s\n", command, args->port_id, args->queue_id,
		       ret == RTE_PIO_BY_PIO ? "warmed" :
		       "nothing done: such a frame goes by the ring");
}

static void
testpmd_credits_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio credits";
	struct piopmd_testpmd_args *args = parsed;
	struct rte_pio_credits credits;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (!piopmd_testpmd_owns_queues(command))
		return;
	ret = rte_pio_credits(args->port_id, args->queue_id, &credits);
	if (ret != 0)
		piopmd_testpmd_error(command, args->port_id, args->queue_id, ret, 0, NULL);
	else
		printf("%s: port %u txq %u: %u frames, %u bytes\n", command, args->port_id,
		       args->queue_id, credits.frames, credits.bytes);
}

static void
testpmd_reap_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio reap";
	struct piopmd_testpmd_args *args = parsed;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (!piopmd_testpmd_owns_queues(command))
		return;
	ret = rte_pio_reap(args->port_id, args->queue_id);
	if (ret != 0)
		piopmd_testpmd_error(command, args->port_id, args->queue_id, ret, 0, NULL);
	else
		printf("%s: port %u txq %u: done\n", command, args->port_id, args->queue_id);
}

static cmdline_parse_token_string_t testpmd_send_send =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "send");
static cmdline_parse_token_string_t testpmd_send_warm =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "warm");
static cmdline_parse_token_string_t testpmd_send_len =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "len");
static cmdline_parse_token_num_t testpmd_send_number =
	TOKEN_NUM_INITIALIZER(struct piopmd_testpmd_args, number, RTE_UINT32);
static cmdline_parse_token_string_t testpmd_send_credits =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "credits");
static cmdline_parse_token_string_t testpmd_send_reap =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "reap");

#define QUEUE_TOKENS &piopmd_testpmd_token_port.hdr, &piopmd_testpmd_token_port_id.hdr, \
	&piopmd_testpmd_token_txq.hdr, &piopmd_testpmd_token_queue_id.hdr

static cmdline_parse_inst_t testpmd_send = {
	.f = testpmd_send_parsed,
	.help_str = "pio send port <port_id> txq <queue_id> [count <n>] [flags <flag>,...] "
		"len <bytes>|hex <digits>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_send_send.hdr, QUEUE_TOKENS,
		&piopmd_testpmd_token_tail.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_warm = {
	.f = testpmd_warm_parsed,
	.help_str = "pio warm port <port_id> txq <queue_id> len <bytes>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_send_warm.hdr, QUEUE_TOKENS,
		&testpmd_send_len.hdr, &testpmd_send_number.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_credits = {
	.f = testpmd_credits_parsed,
	.help_str = "pio credits port <port_id> txq <queue_id>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_send_credits.hdr, QUEUE_TOKENS, NULL},
};

static cmdline_parse_inst_t testpmd_reap = {
	.f = testpmd_reap_parsed,
	.help_str = "pio reap port <port_id> txq <queue_id>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_send_reap.hdr, QUEUE_TOKENS, NULL},
};

struct testpmd_driver_commands piopmd_testpmd_send_commands = {
	.commands = {
		{&testpmd_send,
		 "pio send port (port_id) txq (queue_id) [count (n)]\n"
		 "    [flags more|no-fallback|warm|csum[,...]] len (bytes)|hex (digits)\n"
		 "    Send a frame n times without an mbuf: the given bytes, or a test frame of that\n"
		 "    length (without FCS).\n"},
		{&testpmd_warm,
		 "pio warm port (port_id) txq (queue_id) len (bytes)\n"
		 "    Run the code of a send of that length without sending.\n"},
		{&testpmd_credits,
		 "pio credits port (port_id) txq (queue_id)\n"
		 "    Show how many frames the next sends will take by PIO.\n"},
		{&testpmd_reap,
		 "pio reap port (port_id) txq (queue_id)\n"
		 "    Take completions, and ring for frames sent with the flag more.\n"},
		{NULL, NULL},
	},
};
TESTPMD_ADD_DRIVER_COMMANDS(piopmd_testpmd_send_commands)
