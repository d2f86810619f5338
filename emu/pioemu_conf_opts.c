/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */


/* The options: what each takes, and how it is set. */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <net/if.h>

#include "pioemu_conf_opts.h"
#include "pioemu_pcicfg.h"

int
pioemu_conf_error(struct pioemu_conf_arg *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->err, a->err_len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int
conf_number(struct pioemu_conf_arg *a, const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 ||
	    *out < min || *out > max)
		return pioemu_conf_error(a, "'%s' is not a number from %llu to %llu", text,
					 (unsigned long long)min, (unsigned long long)max);
	return 0;
}

static void *
conf_field(struct pioemu_conf_arg *a)
{
	return (char *)(a->opt->per_vf ? (void *)a->vf : (void *)a->conf) + a->opt->off;
}

static int
set_number(struct pioemu_conf_arg *a)
{
	uint64_t n;
	int rc = conf_number(a, a->value, a->opt->min, a->opt->max, &n);

	/* Little endian: the low bytes are the narrower number */
	if (rc == 0)
		memcpy(conf_field(a), &n, a->opt->size);
	return rc;
}

static int
set_yes_no(struct pioemu_conf_arg *a)
{
	if (strcmp(a->value, "yes") != 0 && strcmp(a->value, "no") != 0)
		return pioemu_conf_error(a, "'%s' is neither yes nor no", a->value);
	*(bool *)conf_field(a) = a->value[0] == 'y';
	return 0;
}

static int
set_flag(struct pioemu_conf_arg *a)
{
	*(bool *)conf_field(a) = true;
	return 0;
}

/* The program may change its directory before the model opens the file */
static int
conf_path(struct pioemu_conf_arg *a, const char *path, char *out, size_t out_len)
{
	char cwd[PATH_MAX] = "";
	int len;

	if (path[0] == '\0')
		return pioemu_conf_error(a, "the file name is empty");
	if (path[0] != '/' && getcwd(cwd, sizeof(cwd)) == NULL)
		return pioemu_conf_error(a, "the current directory is not known: %s",
					 strerror(errno));
	len = snprintf(out, out_len, "%s%s%s", cwd, path[0] == '/' ? "" : "/", path);
	if (len < 0 || (size_t)len >= out_len)
		return pioemu_conf_error(a, "the file name '%s' is too long", path);
	return 0;
}

static int
set_id(struct pioemu_conf_arg *a)
{
	static const uint16_t known[] = {
		PIOEMU_ID_MEDFORD2, PIOEMU_ID_MEDFORD, PIOEMU_ID_FARMINGDALE, PIOEMU_ID_GREENPORT,
	};
	const char *text = a->value;
	unsigned int i;
	char hex[8];

	if (strncmp(text, "1924:", 5) == 0)
		text += 5;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		snprintf(hex, sizeof(hex), "%04x", known[i]);
		if (strcmp(text, hex) == 0) {
			a->vf->dev.device_id = known[i];
			return 0;
		}
	}
	return pioemu_conf_error(a, "'%s' is not one of 1b03, 1a03, 1903, 1923", a->value);
}

static int
set_vi_stride(struct pioemu_conf_arg *a)
{
	if (strcmp(a->value, "8") != 0 && strcmp(a->value, "16") != 0 &&
	    strcmp(a->value, "64") != 0)
		return pioemu_conf_error(a, "'%s' is not one of 8, 16, 64 (KiB)", a->value);
	a->vf->dev.vi_stride = (uint32_t)atoi(a->value) * 1024;
	return 0;
}

static int
set_mac(struct pioemu_conf_arg *a)
{
	unsigned int b[6];
	unsigned int i;
	char tail;

	if (sscanf(a->value, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &tail) != 6 || (b[0] & 1) != 0 || strlen(a->value) != 17)
		return pioemu_conf_error(a, "'%s' is not a unicast MAC address", a->value);
	for (i = 0; i < 6; i++)
		a->vf->dev.mac[i] = (uint8_t)b[i];
	return 0;
}

/* One item of a wire; relative file names become absolute ones */
static int
conf_wire_item(struct pioemu_conf_arg *a, const char *item, char *out, size_t out_len, bool *peer)
{
	static const char * const files[] = { "pcap-in=", "pcap-loop=", "pcap-out=" };
	char path[PATH_MAX], why[2 * PATH_MAX];
	unsigned int i;
	int rc;

	if (strcmp(item, "peer") == 0) {
		*peer = true;
		out[0] = '\0';
		return 0;
	}
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t len = strlen(files[i]);

		if (strncmp(item, files[i], len) != 0)
			continue;
		rc = conf_path(a, item + len, path, sizeof(path));
		if (rc != 0)
			return rc;
		if (strcmp(files[i], "pcap-out=") == 0)
			rc = pioemu_conf_file_writable(path, why, sizeof(why));
		else
			rc = pioemu_conf_file_pcap(path, why, sizeof(why));
		if (rc != 0)
			return pioemu_conf_error(a, "%s", why);
		if ((size_t)snprintf(out, out_len, "%s%s", files[i], path) >= out_len)
			return pioemu_conf_error(a, "'%s' is too long", a->value);
		return 0;
	}
	if (strcmp(item, "loopback") != 0 && strcmp(item, "none") != 0 &&
	    (strncmp(item, "tap=", 4) != 0 || item[4] == '\0'))
		return pioemu_conf_error(a, "'%s' is not one of loopback, none, peer, pcap-in=FILE,"
					 " pcap-loop=FILE, pcap-out=FILE, tap=NAME", item);
	/* the rule of the kernel */
	if (strncmp(item, "tap=", 4) == 0 && strlen(item + 4) >= IFNAMSIZ)
		return pioemu_conf_error(a, "'%s': the name is longer than %d characters", item,
					 IFNAMSIZ - 1);
	if ((size_t)snprintf(out, out_len, "%s", item) >= out_len)
		return pioemu_conf_error(a, "'%s' is too long", a->value);
	return 0;
}

static int
set_wire(struct pioemu_conf_arg *a)
{
	char text[PIOEMU_CONF_WIRE_MAX], wire[PIOEMU_CONF_WIRE_MAX] = "";
	char item[PIOEMU_CONF_WIRE_MAX];
	bool peer = false;
	char *save = NULL;
	char *tok;
	int rc;

	if (strlen(a->value) >= sizeof(text))
		return pioemu_conf_error(a, "the wire is longer than %zu characters",
					 sizeof(text) - 1);
	strcpy(text, a->value);
	if (text[0] == '\0')
		return pioemu_conf_error(a, "the wire is empty; 'none' means no wire");
	for (tok = strtok_r(text, ",", &save); tok != NULL; tok = strtok_r(NULL, ",", &save)) {
		size_t used = strlen(wire);

		rc = conf_wire_item(a, tok, item, sizeof(item), &peer);
		if (rc != 0)
			return rc;
		if (item[0] == '\0')
			continue;
		if ((size_t)snprintf(wire + used, sizeof(wire) - used, "%s%s",
				     used != 0 ? "," : "", item) >= sizeof(wire) - used)
			return pioemu_conf_error(a, "'%s' is too long", a->value);
	}
	strcpy(a->vf->wire, wire);
	a->vf->peer = peer;
	return 0;
}

static int
set_no_pio_privilege(struct pioemu_conf_arg *a)
{
	a->vf->dev.privileges &= ~PIOEMU_PRIV_ONLOAD;
	return 0;
}

static int
set_tx_delay(struct pioemu_conf_arg *a)
{
	unsigned int min, max;
	char tail;

	if (sscanf(a->value, "%u,%u%c", &min, &max, &tail) != 2 || min > max || max > 1000000000u)
		return pioemu_conf_error(a, "'%s' is not MIN,MAX in nanoseconds, up to 1000000000",
					 a->value);
	a->vf->tx_delay_min_ns = min;
	a->vf->tx_delay_max_ns = max;
	return 0;
}

static int
set_link_down(struct pioemu_conf_arg *a)
{
	a->conf->nic.link_up = false;
	return 0;
}

static int
set_time(struct pioemu_conf_arg *a)
{
	struct pioemu_time_params t = a->conf->nic.time;
	char text[256];
	char *save = NULL;
	unsigned int i;
	uint64_t n;
	char *tok;
	const struct {
		const char *name;
		uint32_t *value;
	} fields[] = {
		{ "read-ns=", &t.read_ns },
		{ "read-ps-per-byte=", &t.read_ps_per_byte },
		{ "posted-ns=", &t.posted_ns },
		{ "line-ns=", &t.line_ns },
		{ "fence-ns=", &t.fence_ns },
	};

	if (strlen(a->value) >= sizeof(text))
		return pioemu_conf_error(a, "the list is too long");
	strcpy(text, a->value);
	for (tok = strtok_r(text, ",", &save); tok != NULL; tok = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (strncmp(tok, fields[i].name, strlen(fields[i].name)) == 0)
				break;
		if (i == sizeof(fields) / sizeof(fields[0]))
			return pioemu_conf_error(a, "'%s' is not one of read-ns=,"
						 " read-ps-per-byte=, posted-ns=, line-ns=, fence-ns=", tok);
		if (conf_number(a, tok + strlen(fields[i].name), 0, 1000000000, &n) != 0)
			return -EINVAL;
		*fields[i].value = (uint32_t)n;
	}
	a->conf->nic.time = t;
	return 0;
}

static int
set_idle(struct pioemu_conf_arg *a)
{
	if (strcmp(a->value, "auto") == 0)
		a->conf->idle = PIOEMU_CONF_IDLE_AUTO;
	else if (strcmp(a->value, "spin") == 0)
		a->conf->idle = PIOEMU_CONF_IDLE_SPIN;
	else if (strcmp(a->value, "yield") == 0)
		a->conf->idle = PIOEMU_CONF_IDLE_YIELD;
	else
		return pioemu_conf_error(a, "'%s' is not one of auto, spin, yield", a->value);
	return 0;
}

static int
set_path(struct pioemu_conf_arg *a)
{
	char *path = conf_field(a), why[2 * PATH_MAX];

	if (conf_path(a, a->value, path, a->opt->size) != 0)
		return -EINVAL;
	if (pioemu_conf_file_writable(path, why, sizeof(why)) != 0)
		return pioemu_conf_error(a, "%s", why);
	return 0;
}

static int
set_trace_mask(struct pioemu_conf_arg *a)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} kinds[] = {
		{ "mcdi", PIOEMU_TRACE_MCDI }, { "doorbell", PIOEMU_TRACE_DOORBELL },
		{ "desc", PIOEMU_TRACE_DESC }, { "event", PIOEMU_TRACE_EVENT },
		{ "frame", PIOEMU_TRACE_FRAME }, { "fault", PIOEMU_TRACE_FAULT },
		{ "bar", PIOEMU_TRACE_BAR }, { "all", PIOEMU_TRACE_ALL },
	};
	uint32_t mask = 0;
	char text[256];
	char *save = NULL;
	unsigned int i;
	char *tok;

	if (strlen(a->value) >= sizeof(text))
		return pioemu_conf_error(a, "the list is too long");
	strcpy(text, a->value);
	for (tok = strtok_r(text, ",", &save); tok != NULL; tok = strtok_r(NULL, ",", &save)) {
		for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
			if (strcmp(tok, kinds[i].name) == 0)
				break;
		if (i == sizeof(kinds) / sizeof(kinds[0]))
			return pioemu_conf_error(a, "'%s' is not one of mcdi, doorbell, desc,"
						 " event, frame, fault, bar, all", tok);
		mask |= kinds[i].bit;
	}
	a->conf->trace_mask = mask;
	return 0;
}

static int
set_stats_file(struct pioemu_conf_arg *a)
{
	char *path = a->conf->stats_file, why[2 * PATH_MAX];

	if (conf_path(a, a->value, path, sizeof(a->conf->stats_file)) != 0)
		return -EINVAL;
	if (pioemu_conf_file_writable(path, why, sizeof(why)) != 0)
		return pioemu_conf_error(a, "%s", why);
	a->conf->stats = true;
	return 0;
}

static int
set_no_wc(struct pioemu_conf_arg *a)
{
	a->conf->faults |= PIOEMU_CONF_FAULT(NO_WC);
	return 0;
}

static int
set_sysfs_fault(struct pioemu_conf_arg *a)
{
	static const char * const names[] = {
#define PIOEMU_CONF_FAULT_NAME(name, text, help) text,
		PIOEMU_CONF_FAULT_LIST(PIOEMU_CONF_FAULT_NAME)
#undef PIOEMU_CONF_FAULT_NAME
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(a->value, names[i]) == 0) {
			a->conf->faults |= 1u << i;
			return 0;
		}
	}
	return pioemu_conf_error(a, "'%s' is not a fault; pioemu --help lists them", a->value);
}

static int
set_memtype(struct pioemu_conf_arg *a)
{
	char path[PATH_MAX];

	if (conf_path(a, a->value, path, sizeof(path)) != 0)
		return -EINVAL;
	if (access(path, R_OK) != 0)
		return pioemu_conf_error(a, "%s: %s", path, strerror(errno));
	strcpy(a->conf->memtype_file, path);
	return 0;
}

static int
set_numa_node(struct pioemu_conf_arg *a)
{
	uint64_t n;
	int rc;

	if (strcmp(a->value, "-1") == 0) {
		a->conf->numa_node = -1;
		return 0;
	}
	rc = conf_number(a, a->value, 0, 63, &n);
	if (rc == 0)
		a->conf->numa_node = (int)n;
	return rc;
}

#define CONF_OF(type, field) offsetof(type, field), sizeof(((type *)NULL)->field)
#define CONF_VF(field) CONF_OF(struct pioemu_conf_vf, field)
#define CONF_ALL(field) CONF_OF(struct pioemu_conf, field)

const struct pioemu_conf_opt pioemu_conf_opts[] = {
	{ "vfs", "N", "number of VFs, 1..7 (1), at 0000:01:00.1, .2, ...; qemu: 1..4, see --slot", false,
	  set_number, CONF_ALL(nb_vfs), 1, PIOEMU_CONF_VFS_MAX },
	{ "id", "ID", "device id: 1b03, 1a03, 1903 or 1923 (1b03)", true, set_id, 0, 0, 0, 0 },
	{ "vi-stride", "KIB", "VI window: 8, 16 or 64; more than 8 for 1b03 only (8)", true,
	  set_vi_stride, 0, 0, 0, 0 },
	{ "vis", "N", "VIs of the VF, 1..1024 (64)", true, set_number, CONF_VF(dev.nb_vis),
	  1, 1024 },
	{ "vectors", "N", "MSI-X vectors, 1..32 (32)", true, set_number, CONF_VF(dev.nb_vectors),
	  1, PIOEMU_PCICFG_MSIX_MAX },
	{ "mac", "ADDR", "MAC address (02:50:49:4f:00:<VF number>)", true, set_mac, 0, 0, 0, 0 },
	{ "wire", "LIST", "where frames go and come from, see below (loopback)", true, set_wire,
	  0, 0, 0, 0 },
	{ "flow-control", "yes|no", "a full RX ring holds up the wire instead of losing frames"
	  " (no)", true, set_yes_no, CONF_VF(dev.flow_control), 0, 0 },
	{ "link-speed", "MBPS", "speed of the port (10000)", false, set_number,
	  CONF_ALL(nic.link_speed_mbps), 10, 400000 },
	{ "link-down", NULL, "start with the link down", false, set_link_down, 0, 0, 0, 0 },
	{ "no-pio-privilege", NULL, "the VF may not allocate PIO buffers", true,
	  set_no_pio_privilege, 0, 0, 0, 0 },
	{ "privileges", "MASK", "MC_CMD_PRIVILEGE_MASK of the VF (0x17fc)", true, set_number,
	  CONF_VF(dev.privileges), 0, UINT32_MAX },
	{ "caps1-set", "MASK", "add bits to GET_CAPABILITIES FLAGS1 (0)", true, set_number,
	  CONF_VF(dev.caps1_set), 0, UINT32_MAX },
	{ "caps1-clear", "MASK", "take bits from it (0)", true, set_number,
	  CONF_VF(dev.caps1_clear), 0, UINT32_MAX },
	{ "caps2-set", "MASK", "add bits to FLAGS2; 1 is TSO, which the model has (0)", true,
	  set_number, CONF_VF(dev.caps2_set), 0, UINT32_MAX },
	{ "caps2-clear", "MASK", "take bits from it; 0x80 is INIT_EVQ_V2 (0)", true, set_number,
	  CONF_VF(dev.caps2_clear), 0, UINT32_MAX },
	{ "pio-buffers", "N", "PIO buffers of the controller, 0..64 (16)", false, set_number,
	  CONF_ALL(nic.pio_nb_bufs), 0, 64 },
	{ "pio-held", "N", "of these, taken by another function (0)", false, set_number,
	  CONF_ALL(nic.pio_held), 0, 64 },
	{ "pio-link-strict", NULL, "FINI_TXQ drops the link of the PIO buffer", true, set_flag,
	  CONF_VF(dev.pio_link_strict), 0, 0 },
	{ "rx-merge", "N", "most frames in one RX event, 1..15 (8)", true, set_number,
	  CONF_VF(dev.rx_merge_max), 1, 15 },
	{ "tx-merge", "N", "most descriptors in one TX event, 1..512 (64)", true, set_number,
	  CONF_VF(dev.tx_merge_max), 1, 512 },
	{ "tx-delay", "MIN,MAX", "hold each TX completion for so many nanoseconds", true,
	  set_tx_delay, 0, 0, 0, 0 },
	{ "tx-recheck", NULL, "compare DMA payload again at its completion", true, set_flag,
	  CONF_VF(dev.tx_recheck), 0, 0 },
	{ "time", "LIST", "modelled PCIe time: read-ns=, read-ps-per-byte=, posted-ns=, line-ns=,"
	  " fence-ns= (all 0: off)", false, set_time, 0, 0, 0, 0 },
	{ "seed", "N", "seed of the model's random choices (1)", false, set_number,
	  CONF_ALL(nic.seed), 0, UINT64_MAX },
	{ "prefetchable", "yes|no", "prefetchable flag of BAR 0; no also means no resource0_wc"
	  " (yes)", true, set_yes_no, CONF_VF(dev.bar_prefetchable), 0, 0 },
	{ "no-wc", NULL, "no resource0_wc", false, set_no_wc, 0, 0, 0, 0 },
	{ "sysfs-fault", "NAME", "what the kernel refuses, see below; may be repeated", false,
	  set_sysfs_fault, 0, 0, 0, 0 },
	{ "memtype", "FILE", "serve FILE as the kernel's memory type list", false, set_memtype,
	  0, 0, 0, 0 },
	{ "numa-node", "N", "numa_node of the VFs (0)", false, set_numa_node, 0, 0, 0, 0 },
	{ "core", "N", "CPU of the model's thread (any)", false, set_number, CONF_ALL(core),
	  0, 1023 },
	{ "idle", "auto|spin|yield", "what that thread does without work (auto: spin for a short"
	  " while, then sleep)", false, set_idle, 0, 0, 0, 0 },
	{ "trace", "FILE", "write a trace of what the device sees and does", false, set_path,
	  CONF_ALL(trace_file), 0, 0 },
	{ "trace-mask", "LIST", "of mcdi, doorbell, desc, event, frame, fault, all (all)", false,
	  set_trace_mask, 0, 0, 0, 0 },
	{ "stats", NULL, "show statistics at exit (violations are always shown)", false,
	  set_flag, CONF_ALL(stats), 0, 0 },
	{ "stats-file", "FILE", "the same, into FILE instead of the standard error", false,
	  set_stats_file, 0, 0, 0, 0 },
	{ "keep", NULL, "leave the temporary directory to you", false, set_flag, CONF_ALL(keep),
	  0, 0 },
};
const unsigned int pioemu_conf_nb_opts = sizeof(pioemu_conf_opts) / sizeof(pioemu_conf_opts[0]);
