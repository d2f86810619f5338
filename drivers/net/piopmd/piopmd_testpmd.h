/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_TESTPMD_H
#define PIOPMD_TESTPMD_H

/*
 * What the files with testpmd's pio commands share. The commands know the public rte_pio.h only
 * and take any port; they stand here because testpmd takes commands from drivers alone.
 *
 * A command is keywords, port and queue, which testpmd's parser completes, and a tail of options,
 * "NAME VALUE ...", which we parse, since testpmd's parser says no more of a bad word than "Bad
 * arguments".
 */

#include <stdbool.h>
#include <stdint.h>

#include <cmdline_parse.h>
#include <cmdline_parse_num.h>
#include <cmdline_parse_string.h>

#include "testpmd.h"

/* Every pio command is parsed into this. */
struct piopmd_testpmd_args {
	cmdline_fixed_string_t keyword;	/* of no interest once it was parsed */
	cmdline_fixed_string_t what;	/* the keyword that chooses among several */
	portid_t port_id;
	queueid_t queue_id;
	uint32_t number;
	cmdline_multi_string_t tail;
};

extern cmdline_parse_token_string_t piopmd_testpmd_token_config;
extern cmdline_parse_token_string_t piopmd_testpmd_token_pio;
extern cmdline_parse_token_string_t piopmd_testpmd_token_port;
extern cmdline_parse_token_num_t piopmd_testpmd_token_port_id;
extern cmdline_parse_token_num_t piopmd_testpmd_token_queue_id;
extern cmdline_parse_token_string_t piopmd_testpmd_token_set;
extern cmdline_parse_token_string_t piopmd_testpmd_token_show;
extern cmdline_parse_token_string_t piopmd_testpmd_token_tail;
extern cmdline_parse_token_string_t piopmd_testpmd_token_txq;

/* The commands, by file. */
extern struct testpmd_driver_commands piopmd_testpmd_show_commands;
extern struct testpmd_driver_commands piopmd_testpmd_queue_commands;
extern struct testpmd_driver_commands piopmd_testpmd_send_commands;
extern struct testpmd_driver_commands piopmd_testpmd_template_commands;

/*
 * Most bytes that one command takes as hexadecimal digits. A line of testpmd holds 512 characters
 * and loses what goes beyond without a word: what is longer than this may have lost something.
 */
#define PIOPMD_TESTPMD_HEX_MAX 200
#define PIOPMD_TESTPMD_PATCHES_MAX 16
/* Longest test frame: beyond every MTU. */
#define PIOPMD_TESTPMD_FRAME_MAX 16384

struct piopmd_testpmd_hex {
	uint8_t data[PIOPMD_TESTPMD_HEX_MAX];
	uint32_t len;
};

enum piopmd_testpmd_kind {
	PIOPMD_TESTPMD_NUMBER,	/* min..max */
	PIOPMD_TESTPMD_CHOICE,	/* value is the index in choices, "a|b|c" */
	PIOPMD_TESTPMD_FLAGS,	/* "a,b": value has a bit for each, by its index in choices */
	PIOPMD_TESTPMD_HEX,	/* bytes -> hex */
	PIOPMD_TESTPMD_WORD,	/* anything without a blank -> word */
};

/* An option: what it may be, then what was given. A list ends with name NULL. */
struct piopmd_testpmd_option {
	const char *name;
	enum piopmd_testpmd_kind kind;
	const char *choices;
	uint32_t min;
	uint32_t max;

	bool given;
	uint32_t value;
	struct piopmd_testpmd_hex *hex;
	char *word;		/* in the tail */
};

/* What flags of a send are called in a command; bit i is 1 << i in rte_pio.h, save WARM. */
#define PIOPMD_TESTPMD_SEND_FLAGS "more|no-fallback|warm|csum"

#define PIOPMD_TESTPMD_CSUMS "none|ipv4|ipv4-tcp|ipv4-udp|ipv6-tcp|ipv6-udp"
/* Initialisers of the three options; their places in the list are neighbours. */
#define PIOPMD_TESTPMD_OPTION_CSUM {"csum", PIOPMD_TESTPMD_CHOICE, PIOPMD_TESTPMD_CSUMS}
#define PIOPMD_TESTPMD_OPTION_L2_LEN {"l2-len", PIOPMD_TESTPMD_NUMBER, .max = 127}
#define PIOPMD_TESTPMD_OPTION_L3_LEN {"l3-len", PIOPMD_TESTPMD_NUMBER, .max = 511}

/*
 * Parse a tail, which is changed. Says on stderr what is wrong with it, after "command: ".
 * Returns false then.
 */
bool piopmd_testpmd_options(const char *command, char *tail, struct piopmd_testpmd_option *options);

/* Parse len characters of hexadecimal digits. NULL, or what is wrong with them. */
const char *piopmd_testpmd_hex_parse(const char *text, size_t len, struct piopmd_testpmd_hex *hex);

/*
 * Say on stderr what an errno (negative) means for a command and what to do. advice replaces the
 * general advice for errno only_for.
 */
void piopmd_testpmd_error(const char *command, portid_t port_id, int queue_id, int error,
			  int only_for, const char *advice);

/* Queue number of piopmd_testpmd_error() for what concerns the whole port. */
#define PIOPMD_TESTPMD_NO_QUEUE (-1)

/*
 * A test frame, good until the next call: from the port to testpmd's peer of it, of the EtherType
 * for experiments, with bytes that count up.
 */
const uint8_t *piopmd_testpmd_frame(portid_t port_id, uint32_t len);

/* Transmit queues of a port; 0: no such port. */
uint16_t piopmd_testpmd_nb_queues(portid_t port_id);

/*
 * Whether the thread of the prompt may act as the thread of a queue. While testpmd forwards, its
 * own threads do: says so on stderr.
 */
bool piopmd_testpmd_owns_queues(const char *command);

/*
 * Repeat a call that returns a path, count times. -EAGAIN and -EBUSY are tried again, for up
 * to 5 s each time. Prints what was sent (with flag RTE_PIO_WARM: nothing was), and what ended it.
 */
void piopmd_testpmd_repeat(const char *command, portid_t port_id, queueid_t queue_id,
			   uint32_t count, uint32_t flags, int (*send)(void *arg), void *arg);

/* What options csum (of PIOPMD_TESTPMD_CSUMS), l2-len and l3-len, in this order, ask for. */
struct piopmd_testpmd_csum {
	uint64_t ol_flags;
	uint16_t l2_len;
	uint16_t l3_len;
};
struct piopmd_testpmd_csum piopmd_testpmd_csum_get(const struct piopmd_testpmd_option *options);

/* How many templates of a queue were created by commands, and print them. */
unsigned int piopmd_testpmd_templates_show(portid_t port_id, int queue_id);

#endif /* PIOPMD_TESTPMD_H */
