/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */


/* The settings as a whole: defaults, one after the other, checked together, in a file, in words. */

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "pioemu_conf_opts.h"

#define PIOEMU_CONF_MAGIC 0x70696f656d750001ull

void
pioemu_conf_default(struct pioemu_conf *conf)
{
	unsigned int i;

	memset(conf, 0, sizeof(*conf));
	pioemu_nic_config_default(&conf->nic);
	conf->nb_vfs = 1;
	conf->core = -1;
	conf->trace_mask = PIOEMU_TRACE_ALL;
	for (i = 0; i < PIOEMU_CONF_VFS_MAX; i++) {
		pioemu_vf_config_default(&conf->vf[i].dev);
		strcpy(conf->vf[i].wire, "loopback");
	}
}

/* "1=VALUE" is for VF 1 alone, "VALUE" for all */
static int
conf_set_per_vf(const struct pioemu_conf_opt *opt, struct pioemu_conf_arg *a)
{
	const char *value = a->value;
	unsigned int first = 0, last = PIOEMU_CONF_VFS_MAX - 1;
	unsigned int i;
	int rc = 0;

	if (value != NULL && isdigit((unsigned char)value[0]) &&
	    (value[1] == '=' || (opt->arg == NULL && value[1] == '\0'))) {
		first = (unsigned int)(value[0] - '0');
		last = first;
		if (first >= PIOEMU_CONF_VFS_MAX)
			return pioemu_conf_error(a, "there is no VF %u: VFs count from 0 to %u",
						 first, PIOEMU_CONF_VFS_MAX - 1);
		a->value = value + 2;
	} else if (opt->arg == NULL && value != NULL) {
		return pioemu_conf_error(a, "'%s' is not a VF's number", value);
	}
	for (i = first; i <= last && rc == 0; i++) {
		a->vf = &a->conf->vf[i];
		rc = opt->set(a);
	}
	return rc;
}

int
pioemu_conf_set(struct pioemu_conf *conf, const char *name, const char *value, char *err,
		size_t err_len)
{
	struct pioemu_conf_arg a = {
		.conf = conf, .value = value, .err = err, .err_len = err_len,
	};
	const struct pioemu_conf_opt *opt = NULL;
	char reason[512];
	unsigned int i;
	int rc;

	for (i = 0; i < pioemu_conf_nb_opts; i++)
		if (strcmp(pioemu_conf_opts[i].name, name) == 0)
			opt = &pioemu_conf_opts[i];
	if (opt == NULL)
		return pioemu_conf_error(&a, "unknown option --%s", name);
	if (opt->arg != NULL && value == NULL)
		return pioemu_conf_error(&a, "--%s needs a value: %s", name, opt->arg);
	if (opt->arg == NULL && !opt->per_vf && value != NULL)
		return pioemu_conf_error(&a, "--%s takes no value", name);
	a.opt = opt;
	a.err = reason;
	a.err_len = sizeof(reason);
	rc = opt->per_vf ? conf_set_per_vf(opt, &a) : opt->set(&a);
	if (rc != 0)
		snprintf(err, err_len, "--%s: %s", name, reason);
	return rc;
}

int
pioemu_conf_check(const struct pioemu_conf *conf, char *err, size_t err_len)
{
	unsigned int i;

	for (i = 0; i < conf->nb_vfs; i++) {
		const struct pioemu_conf_vf *vf = &conf->vf[i];

		if (vf->dev.vi_stride != 8192 && vf->dev.device_id != PIOEMU_ID_MEDFORD2) {
			snprintf(err, err_len, "VF %u: --vi-stride %u is for id 1b03 only, not %04x",
				 i, vf->dev.vi_stride / 1024, vf->dev.device_id);
			return -EINVAL;
		}
		if (pioemu_vf_bar_len(&vf->dev) == 0) {
			snprintf(err, err_len, "VF %u: these options do not fit together", i);
			return -EINVAL;
		}
		if (vf->peer && (i ^ 1u) >= conf->nb_vfs) {
			snprintf(err, err_len, "VF %u: --wire peer needs VF %u too: raise --vfs", i,
				 i ^ 1u);
			return -EINVAL;
		}
	}
	if (conf->nic.pio_held > conf->nic.pio_nb_bufs) {
		snprintf(err, err_len, "--pio-held %u is more than --pio-buffers %u",
			 conf->nic.pio_held, conf->nic.pio_nb_bufs);
		return -EINVAL;
	}
	if (conf->core >= sysconf(_SC_NPROCESSORS_CONF)) {
		snprintf(err, err_len, "--core %d: this machine has CPUs 0 to %ld", conf->core,
			 sysconf(_SC_NPROCESSORS_CONF) - 1);
		return -EINVAL;
	}
	return 0;
}

struct pioemu_conf_file {
	uint64_t magic;
	uint64_t size;
	struct pioemu_conf conf;
};

int
pioemu_conf_save(const struct pioemu_conf *conf, const char *path)
{
	struct pioemu_conf_file file = { PIOEMU_CONF_MAGIC, sizeof(file), *conf };
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = write(fd, &file, sizeof(file));
	close(fd);
	return done == (ssize_t)sizeof(file) ? 0 : -EIO;
}

int
pioemu_conf_load(struct pioemu_conf *conf, const char *path)
{
	struct pioemu_conf_file file;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return -errno;
	done = read(fd, &file, sizeof(file));
	close(fd);
	if (done != (ssize_t)sizeof(file) || file.magic != PIOEMU_CONF_MAGIC ||
	    file.size != sizeof(file))
		return -EPROTO;
	*conf = file.conf;
	return 0;
}

const char *
pioemu_conf_option(unsigned int i, const char **arg)
{
	if (i >= pioemu_conf_nb_opts)
		return NULL;
	*arg = pioemu_conf_opts[i].arg;
	return pioemu_conf_opts[i].name;
}

bool
pioemu_conf_is_host_option(const char *name)
{
	/* what the preload imitates, or what its own thread needs */
	static const char * const host_only[] = {
		"no-wc", "sysfs-fault", "memtype", "numa-node", "core", "idle", "keep",
	};
	unsigned int i;

	for (i = 0; i < sizeof(host_only) / sizeof(host_only[0]); i++) {
		if (strcmp(host_only[i], name) == 0)
			return true;
	}
	return false;
}

void
pioemu_conf_help(FILE *out, bool with_host)
{
	static const struct {
		const char *name, *help;
	} faults[] = {
#define PIOEMU_CONF_FAULT_HELP(name, text, help) { text, help },
		PIOEMU_CONF_FAULT_LIST(PIOEMU_CONF_FAULT_HELP)
#undef PIOEMU_CONF_FAULT_HELP
	};
	unsigned int i;
	char head[64];

	for (i = 0; i < pioemu_conf_nb_opts; i++) {
		const struct pioemu_conf_opt *opt = &pioemu_conf_opts[i];

		if (!with_host && pioemu_conf_is_host_option(opt->name))
			continue;
		snprintf(head, sizeof(head), "--%s%s%s", opt->name, opt->arg != NULL ? " " : "",
			 opt->arg != NULL ? opt->arg : "");
		fprintf(out, "  %c %-26s %s\n", opt->per_vf ? '*' : ' ', head, opt->help);
	}
	fprintf(out,
		"  * belongs to a VF: \"--id 1=1903\" sets VF 1 only (VFs count from 0).\n\n"
		"Wires (--wire), items separated by commas; frames leave on all of them:\n"
		"  loopback         frames come back to the same VF\n"
		"  peer             VFs in pairs back to back: 0 and 1, 2 and 3, ...\n"
		"  pcap-in=FILE     frames of FILE arrive once, as fast as the VF takes them\n"
		"  pcap-loop=FILE   the same for ever\n"
		"  pcap-out=FILE    frames that leave are written to FILE\n"
		"  tap=NAME         a Linux TAP interface\n"
		"  none             frames vanish\n");
	if (!with_host)
		return;
	fprintf(out, "\nWhat the emulated host's kernel refuses (--sysfs-fault):\n");
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		fprintf(out, "  %-16s %s\n", faults[i].name, faults[i].help);
}
