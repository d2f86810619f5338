/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* `pioemu ctl`: what a person or a script can do to the VFs of a running session */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pioemu_vfio.h"

#define CTL_WORDS_MAX 8

struct ctl_args {
	struct pioemu_vfio_host *host;
	int nb;				/* words behind the command's own */
	char *word[CTL_WORDS_MAX];
	FILE *out;
};

struct ctl_command {
	const char *name;
	int nb_min, nb_max;		/* words behind it */
	const char *help;
	int (*run)(struct ctl_args *a);
};

static int
ctl_number(struct ctl_args *a, int i, unsigned long max, unsigned long *out)
{
	char *end;

	errno = 0;
	*out = strtoul(a->word[i], &end, 0);
	if (a->word[i][0] < '0' || a->word[i][0] > '9' || *end != '\0' || errno != 0 || *out > max) {
		fprintf(a->out, "'%s' is not a number up to %lu", a->word[i], max);
		return -EINVAL;
	}
	return 0;
}

static int
ctl_dev(struct ctl_args *a, int i, struct pioemu_vfio_dev **dev)
{
	unsigned long nr;

	if (ctl_number(a, i, a->host->conf.nb_vfs - 1u, &nr) != 0)
		return -EINVAL;
	*dev = &a->host->devs[nr];
	return 0;
}

static int
ctl_choice(struct ctl_args *a, int i, const char *yes, const char *no, bool *out)
{
	*out = strcmp(a->word[i], yes) == 0;
	if (!*out && strcmp(a->word[i], no) != 0) {
		fprintf(a->out, "'%s' is neither %s nor %s", a->word[i], yes, no);
		return -EINVAL;
	}
	return 0;
}

static int
ctl_link(struct ctl_args *a)
{
	unsigned long mbps = a->host->conf.nic.link_speed_mbps;
	bool up;

	if (ctl_choice(a, 0, "up", "down", &up) != 0 ||
	    (a->nb == 2 && ctl_number(a, 1, 400000, &mbps) != 0))
		return -EINVAL;
	pioemu_nic_link_set(a->host->nic, up, (uint32_t)mbps);
	return 0;
}

static int
ctl_reboot(struct ctl_args *a)
{
	bool with_event = true;

	if (a->nb == 1 && ctl_choice(a, 0, "event", "silent", &with_event) != 0)
		return -EINVAL;
	pioemu_nic_mc_reboot(a->host->nic, with_event);
	return 0;
}

static int
ctl_fire(struct ctl_args *a, bool err)
{
	struct pioemu_vfio_dev *dev;
	int fd;

	if (ctl_dev(a, 0, &dev) != 0)
		return -EINVAL;
	fd = err ? dev->irqs.err : dev->irqs.req;
	if (fd < 0) {
		fprintf(a->out, "the driver has not armed this interrupt");
		return -ENOENT;
	}
	pioemu_vfio_irq_fire(fd);
	return 0;
}

static int
ctl_request(struct ctl_args *a)
{
	return ctl_fire(a, false);
}

static int
ctl_error(struct ctl_args *a)
{
	return ctl_fire(a, true);
}

static int
ctl_gone(struct ctl_args *a)
{
	struct pioemu_vfio_dev *dev;
	bool gone;

	if (ctl_dev(a, 0, &dev) != 0 || ctl_choice(a, 1, "on", "off", &gone) != 0)
		return -EINVAL;
	pioemu_vf_gone_set(dev->vf, gone);
	return 0;
}

static int
ctl_pio_hold(struct ctl_args *a)
{
	unsigned long nb;

	if (ctl_number(a, 0, UINT16_MAX, &nb) != 0)
		return -EINVAL;
	if (pioemu_nic_pio_hold(a->host->nic, (uint16_t)nb) != 0) {
		fprintf(a->out, "only %u PIO buffers are free",
			pioemu_nic_pio_free(a->host->nic));
		return -ENOSPC;
	}
	return 0;
}

static int
ctl_queue_error(struct ctl_args *a, bool tx)
{
	struct pioemu_vfio_dev *dev;
	unsigned long vi, type = 1;
	int rc;

	if (ctl_dev(a, 0, &dev) != 0 || ctl_number(a, 1, UINT16_MAX, &vi) != 0 ||
	    (a->nb == 3 && ctl_number(a, 2, UINT8_MAX, &type) != 0))
		return -EINVAL;
	rc = tx ? pioemu_vf_tx_err_inject(dev->vf, (uint16_t)vi, (uint8_t)type) :
		  pioemu_vf_rx_err_inject(dev->vf, (uint16_t)vi, (uint8_t)type);
	if (rc != 0)
		fprintf(a->out, "VI %lu has no such queue", vi);
	return rc;
}

static int
ctl_tx_error(struct ctl_args *a)
{
	return ctl_queue_error(a, true);
}

static int
ctl_rx_error(struct ctl_args *a)
{
	return ctl_queue_error(a, false);
}

static int
ctl_wire(struct ctl_args *a)
{
	struct pioemu_vfio_dev *dev;
	char err[512] = "";
	const char *p;
	int rc;

	if (ctl_dev(a, 0, &dev) != 0)
		return -EINVAL;
	/* This process has another directory than the caller */
	for (p = a->word[1]; (p = strstr(p, "pcap-")) != NULL; p++) {
		size_t n = strcspn(p, "=,");

		if ((p == a->word[1] || p[-1] == ',') && p[n] == '=' && p[n + 1] != '/') {
			fprintf(a->out, "'%.*s': a file needs its full path", (int)strcspn(p, ","), p);
			return -EINVAL;
		}
	}
	rc = pioemu_vf_wire_add_spec(dev->vf, a->word[1], err, sizeof(err));
	if (rc != 0)
		fprintf(a->out, "%s", err[0] != '\0' ? err : strerror(-rc));
	return rc;
}

static int
ctl_unwire(struct ctl_args *a)
{
	struct pioemu_vfio_dev *dev;

	if (ctl_dev(a, 0, &dev) != 0)
		return -EINVAL;
	pioemu_vf_wire_remove_all(dev->vf);
	return 0;
}

static int
ctl_stats(struct ctl_args *a)
{
	struct pioemu_vfio_dev *dev;

	if (ctl_dev(a, 0, &dev) != 0)
		return -EINVAL;
	pioemu_vf_dump(dev->vf, a->out);
	return 0;
}

static int
ctl_violations(struct ctl_args *a)
{
	struct pioemu_violation_info info;
	struct pioemu_vfio_dev *dev;
	int i;

	if (ctl_dev(a, 0, &dev) != 0)
		return -EINVAL;
	for (i = 0; i < PIOEMU_VIOLATION_NUM; i++)
		if (pioemu_vf_violation_get(dev->vf, i, &info) != 0)
			fprintf(a->out, "%s %llu %s\n", pioemu_violation_name(i),
				(unsigned long long)info.count, info.last);
	return 0;
}

static int
ctl_reset(struct ctl_args *a)
{
	struct pioemu_vfio_dev *dev;

	if (ctl_dev(a, 0, &dev) != 0)
		return -EINVAL;
	pioemu_vf_stats_reset(dev->vf);
	pioemu_vf_violation_reset(dev->vf);
	return 0;
}

static int ctl_help(struct ctl_args *a);

static const struct ctl_command ctl_commands[] = {
	{ "help", 0, 0, "help                       this list", ctl_help },
	{ "link", 1, 2, "link up|down [MBPS]        change the link of the port", ctl_link },
	{ "reboot", 0, 1, "reboot [event|silent]      restart the MC; silent: without events",
	  ctl_reboot },
	{ "request", 1, 1, "request VF                 VFIO device request: \"let go of it\"",
	  ctl_request },
	{ "error", 1, 1, "error VF                   VFIO error interrupt", ctl_error },
	{ "gone", 2, 2, "gone VF on|off             surprise removal: registers read all ones",
	  ctl_gone },
	{ "pio-hold", 1, 1, "pio-hold N                 another function takes N PIO buffers",
	  ctl_pio_hold },
	{ "tx-error", 2, 3, "tx-error VF VI [TYPE]      break a TX queue", ctl_tx_error },
	{ "rx-error", 2, 3, "rx-error VF VI [TYPE]      break an RX queue", ctl_rx_error },
	{ "wire", 2, 2, "wire VF LIST               add wires, as by --wire; files by full path",
	  ctl_wire },
	{ "unwire", 1, 1, "unwire VF                  take all wires off", ctl_unwire },
	{ "stats", 1, 1, "stats VF                   statistics and violations", ctl_stats },
	{ "violations", 1, 1, "violations VF              violations: name, count, latest",
	  ctl_violations },
	{ "reset", 1, 1, "reset VF                   set statistics and violations to 0",
	  ctl_reset },
};
#define CTL_NB_COMMANDS (sizeof(ctl_commands) / sizeof(ctl_commands[0]))

static int
ctl_help(struct ctl_args *a)
{
	unsigned int i;

	for (i = 0; i < CTL_NB_COMMANDS; i++)
		fprintf(a->out, "  %s\n", ctl_commands[i].help);
	return 0;
}

static int
ctl_run(struct ctl_args *a, const char *name)
{
	unsigned int i;

	for (i = 0; i < CTL_NB_COMMANDS; i++) {
		const struct ctl_command *cmd = &ctl_commands[i];

		if (name == NULL || strcmp(name, cmd->name) != 0)
			continue;
		if (a->nb < cmd->nb_min || a->nb > cmd->nb_max) {
			fprintf(a->out, "usage: %s", cmd->help);
			return -EINVAL;
		}
		return cmd->run(a);
	}
	fprintf(a->out, "unknown command '%s'; 'help' lists them", name != NULL ? name : "");
	return -EINVAL;
}

void
pioemu_vfio_ctl(struct pioemu_vfio_host *host, struct pioemu_vfio_call *call)
{
	struct ctl_args a = { .host = host };
	char line[PIOEMU_VFIO_ARG_MAX];
	char *save = NULL;
	char *name, *word;

	call->arg[sizeof(call->arg) - 1] = '\0';
	strcpy(line, (char *)call->arg);
	memset(call->arg, 0, sizeof(call->arg));
	a.out = fmemopen(call->arg, sizeof(call->arg), "w");
	if (a.out == NULL) {
		call->result = -ENOMEM;
		return;
	}
	name = strtok_r(line, " ", &save);
	while (a.nb < CTL_WORDS_MAX && (word = strtok_r(NULL, " ", &save)) != NULL)
		a.word[a.nb++] = word;
	call->result = ctl_run(&a, name);
	fclose(a.out);
	call->arg[sizeof(call->arg) - 1] = '\0';
	call->len = (uint32_t)strlen((char *)call->arg);
}
