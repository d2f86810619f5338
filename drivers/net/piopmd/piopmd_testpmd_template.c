/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* testpmd's pio template commands. A template has a number, which is its place in the list. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rte_pio.h>

#include "piopmd_testpmd.h"

#define TEMPLATES_MAX 256

/* Only the prompt's thread touches it, and the ethdev callback that it runs into at close. */
static struct {
	struct rte_pio_template *t;
	uint16_t port_id;	/* t is dead when its port has closed: not to be asked then */
	uint16_t queue_id;
} testpmd_templates[TEMPLATES_MAX];

/* The close of a port has freed its templates. */
static int
testpmd_templates_forget(uint16_t port_id, enum rte_eth_event_type type, void *arg, void *ret)
{
	unsigned int i;

	RTE_SET_USED(type);
	RTE_SET_USED(arg);
	RTE_SET_USED(ret);
	for (i = 0; i < TEMPLATES_MAX; i++) {
		if (testpmd_templates[i].port_id == port_id)
			testpmd_templates[i].t = NULL;
	}
	return 0;
}

unsigned int
piopmd_testpmd_templates_show(portid_t port_id, int queue_id)
{
	struct rte_pio_template_info info;
	struct rte_pio_template *t;
	unsigned int i, shown = 0;

	for (i = 0; i < TEMPLATES_MAX; i++) {
		t = testpmd_templates[i].t;
		if (t == NULL || testpmd_templates[i].port_id != port_id ||
		    (queue_id != PIOPMD_TESTPMD_NO_QUEUE &&
		     testpmd_templates[i].queue_id != queue_id) ||
		    rte_pio_template_info_get(t, &info) != 0)
			continue;
		printf("template %u: port %u txq %u, %u bytes, room %u, %s, slots: %u, in flight: %u, "
		       "by PIO: %" PRIu64 ", by the ring: %" PRIu64 ", updates: %" PRIu64
		       ", lines: %" PRIu64 "\n", i, t->port_id, t->queue_id, info.len, info.room,
		       info.resident ? "resident" : "in host memory", info.nb_slots, info.in_flight,
		       info.sends, info.ring_sends, info.updates, info.lines);
		shown++;
	}
	return shown;
}

/* The template of a number, if the prompt may use it now. */
static struct rte_pio_template *
testpmd_template_get(const char *command, uint32_t id)
{
	if (!piopmd_testpmd_owns_queues(command))
		return NULL;
	if (id >= TEMPLATES_MAX || testpmd_templates[id].t == NULL) {
		fprintf(stderr, "%s: no template %u: 'show port (port_id) pio templates' lists them\n",
			command, id);
		return NULL;
	}
	return testpmd_templates[id].t;
}

enum {
	CREATE_SLOTS, CREATE_ROOM, CREATE_RESIDENT, CREATE_CSUM, CREATE_L2_LEN, CREATE_L3_LEN,
	CREATE_LEN, CREATE_HEX, CREATE_NB,
};

static void
testpmd_template_create(const char *command, const struct piopmd_testpmd_args *args,
			const struct rte_pio_template_conf *conf)
{
	static bool armed;
	unsigned int id = 0;
	int ret;

	while (id < TEMPLATES_MAX && testpmd_templates[id].t != NULL)
		id++;
	if (id == TEMPLATES_MAX) {
		fprintf(stderr, "%s: %u templates exist: 'pio template destroy (id)' first\n", command,
			TEMPLATES_MAX);
		return;
	}
	if (!armed)
		armed = rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_DESTROY,
						      testpmd_templates_forget, NULL) == 0;
	ret = armed ? rte_pio_template_alloc(args->port_id, args->queue_id, conf,
					     &testpmd_templates[id].t) : -ENOMEM;
	if (ret != 0) {
		testpmd_templates[id].t = NULL;
		piopmd_testpmd_error(command, args->port_id, args->queue_id, ret, ENOSPC,
				     "'templates' of the setup exist already, or 'template-mem' of it "
				     "is used up and 'resident required': destroy one, or opt in anew");
		return;
	}
	testpmd_templates[id].port_id = args->port_id;
	testpmd_templates[id].queue_id = args->queue_id;
	printf("%s: port %u txq %u: template %u\n", command, args->port_id, args->queue_id, id);
}

static void
testpmd_create_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio template create";
	struct piopmd_testpmd_args *args = parsed;
	struct piopmd_testpmd_hex hex;
	struct piopmd_testpmd_option o[CREATE_NB + 1] = {
		[CREATE_SLOTS] = {"slots", PIOPMD_TESTPMD_NUMBER, .min = 1, .max = 2},
		[CREATE_ROOM] = {"room", PIOPMD_TESTPMD_NUMBER, .min = RTE_PIO_FRAME_MIN,
			.max = PIOPMD_TESTPMD_FRAME_MAX},
		[CREATE_RESIDENT] = {"resident", PIOPMD_TESTPMD_CHOICE, "preferred|required"},
		[CREATE_CSUM] = PIOPMD_TESTPMD_OPTION_CSUM,
		[CREATE_L2_LEN] = PIOPMD_TESTPMD_OPTION_L2_LEN,
		[CREATE_L3_LEN] = PIOPMD_TESTPMD_OPTION_L3_LEN,
		[CREATE_LEN] = {"len", PIOPMD_TESTPMD_NUMBER, .min = RTE_PIO_FRAME_MIN,
			.max = PIOPMD_TESTPMD_FRAME_MAX},
		[CREATE_HEX] = {"hex", PIOPMD_TESTPMD_HEX, .hex = &hex},
	};
	struct rte_pio_template_conf conf = {0};
	struct piopmd_testpmd_csum csum;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	if (!piopmd_testpmd_options(command, args->tail, o) || !piopmd_testpmd_owns_queues(command))
		return;
	if (o[CREATE_LEN].given == o[CREATE_HEX].given) {
		fprintf(stderr, "%s: give the frame: either 'len (bytes)' or 'hex (digits)'\n",
			command);
		return;
	}
	conf.data = hex.data;
	conf.len = hex.len;
	if (o[CREATE_LEN].given) {
		conf.len = o[CREATE_LEN].value;
		conf.data = piopmd_testpmd_frame(args->port_id, conf.len);
	}
	conf.room = o[CREATE_ROOM].value;
	conf.nb_slots = (uint16_t)o[CREATE_SLOTS].value;
	conf.resident = o[CREATE_RESIDENT].value == 0 ? RTE_PIO_RESIDENT_PREFERRED :
		RTE_PIO_RESIDENT_REQUIRED;
	csum = piopmd_testpmd_csum_get(&o[CREATE_CSUM]);
	conf.tx_ol_flags = csum.ol_flags;
	conf.l2_len = csum.l2_len;
	conf.l3_len = csum.l3_len;
	if (conf.room != 0 && conf.room < conf.len) {
		fprintf(stderr, "%s: room %u is less than the length of the frame, %u\n", command,
			conf.room, conf.len);
		return;
	}
	testpmd_template_create(command, args, &conf);
}

struct testpmd_patches {
	struct rte_pio_update updates[PIOPMD_TESTPMD_PATCHES_MAX];
	struct piopmd_testpmd_hex hex[PIOPMD_TESTPMD_PATCHES_MAX];
	uint16_t nb;
};

/* "OFFSET:DIGITS,OFFSET:DIGITS..." */
static bool
testpmd_patches_parse(const char *command, const char *word, struct testpmd_patches *patches)
{
	const char *wrong = NULL;
	unsigned long offset;
	char *end;
	size_t len;

	for (patches->nb = 0; wrong == NULL && *word != '\0'; patches->nb++) {
		if (patches->nb == PIOPMD_TESTPMD_PATCHES_MAX) {
			wrong = "more than 16 patches";
			break;
		}
		offset = strtoul(word, &end, 10);
		if (*word < '0' || *word > '9' || *end != ':' || offset > UINT16_MAX) {
			wrong = "must be (offset):(digits), several with commas between";
			break;
		}
		word = end + 1;
		len = strcspn(word, ",");
		wrong = piopmd_testpmd_hex_parse(word, len, &patches->hex[patches->nb]);
		patches->updates[patches->nb].offset = (uint32_t)offset;
		patches->updates[patches->nb].data = patches->hex[patches->nb].data;
		patches->updates[patches->nb].len = patches->hex[patches->nb].len;
		word += len + (word[len] == ',' ? 1 : 0);
	}
	if (wrong != NULL)
		fprintf(stderr, "%s: at: %s\n", command, wrong);
	return wrong == NULL;
}

/* The one reason for EINVAL that is left for the library to find. */
#define PATCH_ADVICE "a patch begins past the end of the frame or ends past its room, or the new " \
	"length is below 14: 'show port (port_id) pio templates' tells both"

enum {UPDATE_AT, UPDATE_LENGTH, UPDATE_NB};

static void
testpmd_update_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio template update";
	struct piopmd_testpmd_args *args = parsed;
	struct piopmd_testpmd_option o[UPDATE_NB + 1] = {
		[UPDATE_AT] = {"at", PIOPMD_TESTPMD_WORD},
		[UPDATE_LENGTH] = {"length", PIOPMD_TESTPMD_NUMBER, .min = RTE_PIO_FRAME_MIN,
			.max = PIOPMD_TESTPMD_FRAME_MAX},
	};
	struct testpmd_patches patches = {.nb = 0};
	struct rte_pio_template *t;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	t = testpmd_template_get(command, args->number);
	if (t == NULL || !piopmd_testpmd_options(command, args->tail, o))
		return;
	if (o[UPDATE_AT].given == o[UPDATE_LENGTH].given) {
		fprintf(stderr, "%s: give either 'at (offset):(digits)' or 'length (bytes)'\n", command);
		return;
	}
	if (o[UPDATE_AT].given && !testpmd_patches_parse(command, o[UPDATE_AT].word, &patches))
		return;
	if (patches.nb > 1) {
		fprintf(stderr, "%s: one patch at a time; 'pio template update_send' takes several\n",
			command);
		return;
	}
	if (o[UPDATE_AT].given)
		ret = rte_pio_template_update(t, patches.updates[0].offset, patches.updates[0].data,
					      patches.updates[0].len);
	else
		ret = rte_pio_template_update(t, o[UPDATE_LENGTH].value, NULL, 0);
	if (ret == -EBUSY)
		piopmd_testpmd_error(command, t->port_id, t->queue_id, ret, EBUSY, "every copy of the "
				     "template is in flight: try again, or create it with 'slots 2'");
	else if (ret != 0)
		piopmd_testpmd_error(command, t->port_id, t->queue_id, ret, EINVAL, PATCH_ADVICE);
	else
		printf("%s: template %u: done\n", command, args->number);
}

struct testpmd_template_send {
	struct rte_pio_template *t;
	struct testpmd_patches patches;
	uint32_t flags;
};

static int
testpmd_template_send_one(void *arg)
{
	struct testpmd_template_send *send = arg;

	if (send->patches.nb == 0)
		return rte_pio_template_send(send->t, send->flags);
	return rte_pio_template_update_send(send->t, send->patches.updates, send->patches.nb,
					    send->flags);
}

enum {SEND_COUNT, SEND_FLAGS, SEND_AT, SEND_NB};

static void
testpmd_template_send_run(const char *command, struct piopmd_testpmd_args *args, bool with_tail,
			  bool with_patches)
{
	struct piopmd_testpmd_option o[SEND_NB + 1] = {
		[SEND_COUNT] = {"count", PIOPMD_TESTPMD_NUMBER, .min = 1, .max = 100000000},
		[SEND_FLAGS] = {"flags", PIOPMD_TESTPMD_FLAGS, PIOPMD_TESTPMD_SEND_FLAGS},
		[SEND_AT] = {with_patches ? "at" : NULL, PIOPMD_TESTPMD_WORD},
	};
	struct testpmd_template_send send = {.flags = 0};

	send.t = testpmd_template_get(command, args->number);
	if (send.t == NULL || (with_tail && !piopmd_testpmd_options(command, args->tail, o)))
		return;
	if (with_patches && !o[SEND_AT].given) {
		fprintf(stderr, "%s: 'at (offset):(digits)' is missing\n", command);
		return;
	}
	if (with_patches && !testpmd_patches_parse(command, o[SEND_AT].word, &send.patches))
		return;
	send.flags = o[SEND_FLAGS].value;
	piopmd_testpmd_repeat(command, send.t->port_id, send.t->queue_id,
			      o[SEND_COUNT].given ? o[SEND_COUNT].value : 1, send.flags,
			      testpmd_template_send_one, &send);
}

static void
testpmd_template_send_parsed(void *parsed, struct cmdline *cl, void *with_tail)
{
	RTE_SET_USED(cl);
	testpmd_template_send_run("pio template send", parsed, with_tail != NULL, false);
}

static void
testpmd_update_send_parsed(void *parsed, struct cmdline *cl, void *data)
{
	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	testpmd_template_send_run("pio template update_send", parsed, true, true);
}

static void
testpmd_destroy_parsed(void *parsed, struct cmdline *cl, void *data)
{
	static const char command[] = "pio template destroy";
	struct piopmd_testpmd_args *args = parsed;
	struct rte_pio_template *t;
	int ret;

	RTE_SET_USED(cl);
	RTE_SET_USED(data);
	t = testpmd_template_get(command, args->number);
	if (t == NULL)
		return;
	ret = rte_pio_template_free(t);
	if (ret != 0) {
		piopmd_testpmd_error(command, t->port_id, t->queue_id, ret, 0, NULL);
		return;
	}
	testpmd_templates[args->number].t = NULL;
	printf("%s: template %u: done\n", command, args->number);
}

static cmdline_parse_token_string_t testpmd_token_template =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "template");
static cmdline_parse_token_string_t testpmd_token_create =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "create");
static cmdline_parse_token_string_t testpmd_token_update =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "update");
static cmdline_parse_token_string_t testpmd_token_send =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "send");
static cmdline_parse_token_string_t testpmd_token_update_send =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "update_send");
static cmdline_parse_token_string_t testpmd_token_destroy =
	TOKEN_STRING_INITIALIZER(struct piopmd_testpmd_args, keyword, "destroy");
static cmdline_parse_token_num_t testpmd_token_id =
	TOKEN_NUM_INITIALIZER(struct piopmd_testpmd_args, number, RTE_UINT32);

static cmdline_parse_inst_t testpmd_create = {
	.f = testpmd_create_parsed,
	.help_str = "pio template create port <port_id> txq <queue_id> [slots 1|2] [room <bytes>] "
		"[resident preferred|required] [csum <csum>] len <bytes>|hex <digits>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_token_template.hdr,
		&testpmd_token_create.hdr, &piopmd_testpmd_token_port.hdr,
		&piopmd_testpmd_token_port_id.hdr, &piopmd_testpmd_token_txq.hdr,
		&piopmd_testpmd_token_queue_id.hdr, &piopmd_testpmd_token_tail.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_update = {
	.f = testpmd_update_parsed,
	.help_str = "pio template update <id> at <offset>:<digits>|length <bytes>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_token_template.hdr,
		&testpmd_token_update.hdr, &testpmd_token_id.hdr, &piopmd_testpmd_token_tail.hdr,
		NULL},
};

static cmdline_parse_inst_t testpmd_template_send = {
	.f = testpmd_template_send_parsed,
	.help_str = "pio template send <id>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_token_template.hdr,
		&testpmd_token_send.hdr, &testpmd_token_id.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_template_send_tail = {
	.f = testpmd_template_send_parsed,
	.data = &testpmd_token_send, /* only not NULL counts */
	.help_str = "pio template send <id> [count <n>] [flags <flag>,...]",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_token_template.hdr,
		&testpmd_token_send.hdr, &testpmd_token_id.hdr, &piopmd_testpmd_token_tail.hdr,
		NULL},
};

static cmdline_parse_inst_t testpmd_update_send = {
	.f = testpmd_update_send_parsed,
	.help_str = "pio template update_send <id> [count <n>] [flags <flag>,...] "
		"at <offset>:<digits>,...",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_token_template.hdr,
		&testpmd_token_update_send.hdr, &testpmd_token_id.hdr,
		&piopmd_testpmd_token_tail.hdr, NULL},
};

static cmdline_parse_inst_t testpmd_destroy = {
	.f = testpmd_destroy_parsed,
	.help_str = "pio template destroy <id>",
	.tokens = {&piopmd_testpmd_token_pio.hdr, &testpmd_token_template.hdr,
		&testpmd_token_destroy.hdr, &testpmd_token_id.hdr, NULL},
};

struct testpmd_driver_commands piopmd_testpmd_template_commands = {
	.commands = {
		{&testpmd_create,
		 "pio template create port (port_id) txq (queue_id) [slots 1|2] [room (bytes)]\n"
		 "    [resident preferred|required]\n"
		 "    [csum ...] [l2-len (bytes)] [l3-len (bytes)] len (bytes)|hex (digits)\n"
		 "    Lay a frame into adapter memory and give it a number.\n"},
		{&testpmd_update,
		 "pio template update (id) at (offset):(digits)|length (bytes)\n"
		 "    Patch a template, or set the length of its frame.\n"},
		{&testpmd_template_send,
		 "pio template send (id) [count (n)] [flags more|no-fallback|warm|csum[,...]]\n"
		 "    Send a template as it stands.\n"},
		{&testpmd_template_send_tail, ""},
		{&testpmd_update_send,
		 "pio template update_send (id) [count (n)]\n"
		 "    [flags more|no-fallback|warm|csum[,...]] at (offset):(digits)[,...]\n"
		 "    Patch a template and send it.\n"},
		{&testpmd_destroy,
		 "pio template destroy (id)\n"
		 "    Free a template.\n"},
		{NULL, NULL},
	},
};
TESTPMD_ADD_DRIVER_COMMANDS(piopmd_testpmd_template_commands)
