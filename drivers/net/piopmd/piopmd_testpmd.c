/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* testpmd's pio commands: help, options, and what is said of an error. */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_pio.h>

#include "piopmd_testpmd.h"

/* A device that completes nothing for so long does not come back. */
#define SEND_PATIENCE_S 5

cmdline_parse_token_string_t piopmd_testpmd_token_config =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "config");
cmdline_parse_token_string_t piopmd_testpmd_token_pio =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "pio");
cmdline_parse_token_string_t piopmd_testpmd_token_port =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "port");
cmdline_parse_token_num_t piopmd_testpmd_token_port_id =
	TOKEN_NUM_INITIALIZER(struct piopmd_testpmd_args, port_id, RTE_UINT16);
cmdline_parse_token_num_t piopmd_testpmd_token_queue_id =
	TOKEN_NUM_INITIALIZER(struct piopmd_testpmd_args, queue_id, RTE_UINT16);
cmdline_parse_token_string_t piopmd_testpmd_token_set =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "set");
cmdline_parse_token_string_t piopmd_testpmd_token_show =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "show");
cmdline_parse_token_string_t piopmd_testpmd_token_tail =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, tail, TOKEN_STRING_MULTI);
cmdline_parse_token_string_t piopmd_testpmd_token_txq =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "txq");

/* Errors */

/* The errnos of rte_pio.h, with what to do in terms of testpmd's commands. */
static const struct {
	int error;
	const char *name;
	const char *advice;
} testpmd_errors[] = {
	{ENODEV, "ENODEV", "no such port: 'show port summary all' lists them"},
	{EINVAL, "EINVAL", "a value is out of its range: the log says which one, "
		"'show port (port_id) pio info' and '... pio queues' tell the limits"},
	{ENOTSUP, "ENOTSUP", "the queue has not opted in ('port config (port_id) txq (queue_id) pio "
		"setup'), or PIO is not to be had and the fallback is excluded"},
	{EMSGSIZE, "EMSGSIZE", "longer than every allowed path takes: 'show port (port_id) txq "
		"(queue_id) pio info' tells the limits"},
	{EAGAIN, "EAGAIN", "no credit, or the ring is full: try again"},
	{ENOSPC, "ENOSPC", "adapter memory is exhausted: ask for less, or release other queues; "
		"'show port (port_id) pio info' shows who holds it"},
	{ENOMEM, "ENOMEM", "host memory is exhausted: give testpmd more (EAL's -m)"},
	{ENOBUFS, "ENOBUFS", "the fallback has no mbuf: opt in with 'mempool on', or give testpmd "
		"more (--total-num-mbufs)"},
	{EBUSY, "EBUSY", "the port is started: 'port stop (port_id)' first"},
	{EEXIST, "EEXIST", "the queue has opted in already: 'port config (port_id) txq (queue_id) pio "
		"release' first"},
	{EPERM, "EPERM", "not from a secondary process: do it in the primary"},
	{ENETDOWN, "ENETDOWN", "the port is stopped: 'port start (port_id)' first"},
	{EIO, "EIO", "the device failed: wait for its recovery"},
	{ENXIO, "ENXIO", "PIO lacks a privilege or a mapping: the log and 'show port (port_id) pio "
		"wc' tell which"},
};

void
piopmd_testpmd_error(const char *command, portid_t port_id, int queue_id, int error, int only_for,
		     const char *advice)
{
	const char *name = "error";
	unsigned int i;

	if (error != -only_for)
		advice = NULL;
	for (i = 0; i < RTE_DIM(testpmd_errors); i++) {
		if (testpmd_errors[i].error != -error)
			continue;
		name = testpmd_errors[i].name;
		if (advice == NULL)
			advice = testpmd_errors[i].advice;
	}
	fprintf(stderr, "%s: port %u", command, port_id);
	if (queue_id != PIOPMD_TESTPMD_NO_QUEUE)
		fprintf(stderr, " txq %d", queue_id);
	/* a queue out of range is the usual cause, and the only one that no log names */
	if (error == -EINVAL && queue_id >= piopmd_testpmd_nb_queues(port_id)) {
		fprintf(stderr, ": EINVAL (%s): the port has %u transmit queues, counted from 0\n",
			strerror(EINVAL), piopmd_testpmd_nb_queues(port_id));
		return;
	}
	fprintf(stderr, ": %s (%s)%s%s\n", name, strerror(-error), advice != NULL ? ": " : "",
		advice != NULL ? advice : "");
}

uint16_t
piopmd_testpmd_nb_queues(portid_t port_id)
{
	struct rte_eth_dev_info info;

	if (!rte_eth_dev_is_valid_port(port_id) || rte_eth_dev_info_get(port_id, &info) != 0)
		return 0;
	return info.nb_tx_queues;
}

bool
piopmd_testpmd_owns_queues(const char *command)
{
	if (test_done != 0)
		return true;
	fprintf(stderr, "%s: EBUSY (%s): testpmd forwards, and its threads own the queues: 'stop' "
		"first\n", command, strerror(EBUSY));
	return false;
}

/* Options */

/* Index of a word of len characters in "a|b|c"; -1: not in it. */
static int
testpmd_choice(const char *choices, const char *word, size_t len)
{
	size_t n;
	int i;

	for (i = 0; *choices != '\0'; i++) {
		n = strcspn(choices, "|");
		if (n == len && strncmp(choices, word, n) == 0)
			return i;
		choices += n + (choices[n] == '|' ? 1 : 0);
	}
	return -1;
}

const char *
piopmd_testpmd_hex_parse(const char *text, size_t len, struct piopmd_testpmd_hex *hex)
{
	char byte[3] = "";
	size_t i;

	if (len == 0 || len % 2 != 0)
		return "hexadecimal digits come in pairs, such as 0a1b2c";
	if (len / 2 > sizeof(hex->data))
		return "too long: at most 200 bytes, since a line of testpmd holds 512 characters";
	for (i = 0; i < len; i++) {
		if (isxdigit((unsigned char)text[i]) == 0)
			return "not a hexadecimal digit: only 0-9, a-f, A-F, without blanks";
		byte[i % 2] = text[i];
		if (i % 2 == 1)
			hex->data[i / 2] = (uint8_t)strtoul(byte, NULL, 16);
	}
	hex->len = (uint32_t)(len / 2);
	return NULL;
}

static bool
testpmd_option_number(const char *command, const char *word, struct piopmd_testpmd_option *o)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (isdigit((unsigned char)*word) == 0 || *end != '\0' || errno != 0 || value < o->min ||
	    value > o->max) {
		fprintf(stderr, "%s: %s %s: must be a number, %u..%u\n", command, o->name, word,
			o->min, o->max);
		return false;
	}
	o->value = (uint32_t)value;
	return true;
}

/* A choice, or a list of flags. */
static bool
testpmd_option_choice(const char *command, const char *word, struct piopmd_testpmd_option *o)
{
	bool flags = o->kind == PIOPMD_TESTPMD_FLAGS;
	const char *part = word;
	size_t len;
	int i;

	do {
		len = flags ? strcspn(part, ",") : strlen(part);
		i = testpmd_choice(o->choices, part, len);
		if (i < 0) {
			fprintf(stderr, "%s: %s %s: must be %s%s\n", command, o->name, word,
				o->choices, flags ? ", several with commas between" : "");
			return false;
		}
		o->value = flags ? o->value | UINT32_C(1) << i : (uint32_t)i;
		part += len + (part[len] == ',' ? 1 : 0);
	} while (*part != '\0');
	return true;
}

static bool
testpmd_option_parse(const char *command, char *word, struct piopmd_testpmd_option *o)
{
	const char *wrong;

	switch (o->kind) {
	case PIOPMD_TESTPMD_NUMBER:
		return testpmd_option_number(command, word, o);
	case PIOPMD_TESTPMD_CHOICE:
	case PIOPMD_TESTPMD_FLAGS:
		return testpmd_option_choice(command, word, o);
	case PIOPMD_TESTPMD_HEX:
		wrong = piopmd_testpmd_hex_parse(word, strlen(word), o->hex);
		if (wrong != NULL)
			fprintf(stderr, "%s: %s: %s\n", command, o->name, wrong);
		return wrong == NULL;
	default:
		o->word = word;
		return true;
	}
}

static void
testpmd_option_unknown(const char *command, const char *word,
		       const struct piopmd_testpmd_option *options)
{
	fprintf(stderr, "%s: unknown option %s: there are", command, word);
	for (; options->name != NULL; options++)
		fprintf(stderr, " %s", options->name);
	fprintf(stderr, "; see 'help pio'\n");
}

bool
piopmd_testpmd_options(const char *command, char *tail, struct piopmd_testpmd_option *options)
{
	struct piopmd_testpmd_option *o;
	char *name, *value, *state;

	tail[strcspn(tail, "#")] = '\0'; /* testpmd's comment */
	for (name = strtok_r(tail, " \t\r\n", &state); name != NULL;
	     name = strtok_r(NULL, " \t\r\n", &state)) {
		for (o = options; o->name != NULL && strcmp(o->name, name) != 0; o++)
			;
		if (o->name == NULL) {
			testpmd_option_unknown(command, name, options);
			return false;
		}
		value = strtok_r(NULL, " \t\r\n", &state);
		if (value == NULL) {
			fprintf(stderr, "%s: %s: a value is missing; see 'help pio'\n", command, name);
			return false;
		}
		if (o->given) {
			fprintf(stderr, "%s: %s is given twice\n", command, name);
			return false;
		}
		if (!testpmd_option_parse(command, value, o))
			return false;
		o->given = true;
	}
	return true;
}

struct piopmd_testpmd_csum
piopmd_testpmd_csum_get(const struct piopmd_testpmd_option *options)
{
	/* in the order of PIOPMD_TESTPMD_CSUMS; l3_len is that of a header without options */
	static const struct piopmd_testpmd_csum csums[] = {
		{0},
		{RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM, RTE_ETHER_HDR_LEN, 20},
		{RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_TCP_CKSUM,
			RTE_ETHER_HDR_LEN, 20},
		{RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_UDP_CKSUM,
			RTE_ETHER_HDR_LEN, 20},
		{RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_TCP_CKSUM, RTE_ETHER_HDR_LEN, 40},
		{RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM, RTE_ETHER_HDR_LEN, 40},
	};
	struct piopmd_testpmd_csum csum = csums[options[0].value];

	if (options[1].given)
		csum.l2_len = (uint16_t)options[1].value;
	if (options[2].given)
		csum.l3_len = (uint16_t)options[2].value;
	return csum;
}

/* Sends */

const uint8_t *
piopmd_testpmd_frame(portid_t port_id, uint32_t len)
{
	static uint8_t frame[PIOPMD_TESTPMD_FRAME_MAX];
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)frame;
	uint32_t i;

	memset(eth, 0, sizeof(*eth));
	if (rte_eth_dev_is_valid_port(port_id)) {
		rte_ether_addr_copy(&peer_eth_addrs[port_id], &eth->dst_addr);
		rte_eth_macaddr_get(port_id, &eth->src_addr);
	}
	eth->ether_type = rte_cpu_to_be_16(0x88b5); /* IEEE 802 local experimental */
	for (i = sizeof(*eth); i < len; i++)
		frame[i] = (uint8_t)(i - sizeof(*eth));
	return frame;
}

void
piopmd_testpmd_repeat(const char *command, portid_t port_id, queueid_t queue_id, uint32_t count,
		      uint32_t flags, int (*send)(void *arg), void *arg)
{
	const uint64_t patience = SEND_PATIENCE_S * rte_get_timer_hz();
	uint64_t deadline = rte_get_timer_cycles() + patience;
	uint32_t by[2] = {0, 0};
	int ret = 0;

	while (by[RTE_PIO_BY_PIO] + by[RTE_PIO_BY_RING] < count) {
		ret = send(arg);
		if (ret == RTE_PIO_BY_PIO || ret == RTE_PIO_BY_RING) {
			by[ret]++;
			deadline = rte_get_timer_cycles() + patience;
		} else if ((ret != -EAGAIN && ret != -EBUSY) ||
			   rte_get_timer_cycles() > deadline) {
			break;
		} else {
			rte_delay_us_sleep(50);
		}
	}
	if (ret >= 0 || by[RTE_PIO_BY_PIO] + by[RTE_PIO_BY_RING] != 0)
		printf("%s: port %u txq %u: %u by PIO, %u by the ring%s\n", command, port_id, queue_id,
		       by[RTE_PIO_BY_PIO], by[RTE_PIO_BY_RING],
		       (flags & RTE_PIO_WARM) != 0 ? " if it had not been to warm: none was sent" :
		       "");
	if (ret < 0)
		piopmd_testpmd_error(command, port_id, queue_id, ret, EBUSY,
				     "every copy of the template is in flight: try again, or create "
				     "it with 'slots 2'");
}

/* Help */

static void
testpmd_help_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const struct testpmd_driver_commands *const groups[] = {
		&piopmd_testpmd_show_commands,
		&piopmd_testpmd_queue_commands,
		&piopmd_testpmd_send_commands,
		&piopmd_testpmd_template_commands,
	};
	unsigned int g, i;

	RTE_SET_USED(parsed);
	RTE_SET_USED(cl); /* which has no output while commands come from a file */
	RTE_SET_USED(data);
	printf("\nProgrammed I/O, on any port:\n----------------------------\n");
	for (g = 0; g < RTE_DIM(groups); g++) {
		for (i = 0; groups[g]->commands[i].ctx != NULL; i++)
			printf("%s\n", groups[g]->commands[i].help);
	}
}

static cmdline_parse_token_string_t testpmd_help_help =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "help");

static cmdline_parse_inst_t testpmd_help = {
	.f = testpmd_help_parsed,
	.help_str = "help pio",
	.tokens = {&testpmd_help_help.hdr, &piopmd_testpmd_token_pio.hdr, NULL},
};

static struct testpmd_driver_commands testpmd_help_commands = {
	.commands = {
		{&testpmd_help, "help pio\n    Show the pio commands.\n"},
		{NULL, NULL},
	},
};
TESTPMD_ADD_DRIVER_COMMANDS(testpmd_help_commands)
