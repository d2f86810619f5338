/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_CONF_H
#define PIOEMU_CONF_H

/*
 * The options of `pioemu run`: one table serves the command line and --help. The settings travel
 * from the launcher to the preloaded object as a file.
 *
 * An option that belongs to a VF takes an optional "N=" before its value: --id 1903 is for all
 * VFs, --id 1=1903 for VF 1 only. Later settings win.
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pioemu.h"

/* Functions 1..7 of 0000:01:00; function 0 would be the PF */
#define PIOEMU_CONF_VFS_MAX	7
#define PIOEMU_CONF_WIRE_MAX	1024

enum pioemu_conf_idle {
	PIOEMU_CONF_IDLE_AUTO,	/* spin for a short while, then sleep for tens of microseconds */
	PIOEMU_CONF_IDLE_SPIN,	/* never let go of the CPU: for benchmarks on a core of its own */
	PIOEMU_CONF_IDLE_YIELD,	/* sched_yield() between rounds */
};

/* What the kernel of the emulated host refuses, one bit each (--sysfs-fault) */
#define PIOEMU_CONF_FAULT_LIST(X) \
	X(NO_WC, "no-wc", "no resource0_wc (BAR not prefetchable, or a kernel without PAT)") \
	X(EACCES, "eacces", "opening resource0 and resource0_wc fails with EACCES (file rights)") \
	X(WC_EACCES, "wc-eacces", "opening resource0_wc alone fails with EACCES") \
	X(EPERM, "eperm", "mapping resource0 and resource0_wc fails with EPERM (lockdown)") \
	X(EINVAL, "einval", "mapping them fails with EINVAL (somebody claimed the BAR)") \
	X(CLAIM, "claimed-at-open", "opening the VFIO device claims the BAR: the mappings made" \
	  " before are revoked (SIGBUS), new ones fail with EINVAL") \
	X(OLDER_UC, "older-uc", "an older mapping wins: the type list shows resource0_wc" \
	  " mappings as uncached-minus") \
	X(REG_WC, "reg-wc", "an older mapping wins: the type list shows resource0 mappings as" \
	  " write-combining") \
	X(NO_LIST, "no-memtype", "the kernel's memory type list does not exist (no debugfs)") \
	X(LIST_EACCES, "memtype-eacces", "the memory type list may not be read")

enum {
#define PIOEMU_CONF_FAULT_BIT(name, text, help) PIOEMU_CONF_FAULT_NR_##name,
	PIOEMU_CONF_FAULT_LIST(PIOEMU_CONF_FAULT_BIT)
#undef PIOEMU_CONF_FAULT_BIT
};
#define PIOEMU_CONF_FAULT(name) (1u << PIOEMU_CONF_FAULT_NR_##name)

struct pioemu_conf_vf {
	struct pioemu_vf_config dev;
	char wire[PIOEMU_CONF_WIRE_MAX];	/* for pioemu_vf_wire_add_spec, without peer */
	bool peer;				/* wired to its neighbour: 0 and 1, 2 and 3, ... */
	uint32_t tx_delay_min_ns, tx_delay_max_ns;
};

struct pioemu_conf {
	struct pioemu_nic_config nic;
	uint16_t nb_vfs;
	struct pioemu_conf_vf vf[PIOEMU_CONF_VFS_MAX];
	int core;				/* of the model thread; -1: anywhere */
	enum pioemu_conf_idle idle;
	bool stats;				/* statistics at exit, not only violations */
	char stats_file[PATH_MAX];		/* "": stderr */
	char trace_file[PATH_MAX];		/* "": no trace */
	uint32_t trace_mask;
	char memtype_file[PATH_MAX];		/* "": the list follows the real mappings */
	uint32_t faults;			/* PIOEMU_CONF_FAULT() bits */
	int numa_node;
	bool keep;				/* leave the temporary tree behind */
};

void pioemu_conf_default(struct pioemu_conf *conf);

/*
 * Apply one option. value: NULL when none was given. -EINVAL with the reason in err; conf is
 * then unchanged.
 */
int pioemu_conf_set(struct pioemu_conf *conf, const char *name, const char *value, char *err,
		    size_t err_len);
/* Checks that need the whole: -EINVAL with the reason in err */
int pioemu_conf_check(const struct pioemu_conf *conf, char *err, size_t err_len);
/*
 * Whether a file that an option names can be written, or read as frames. 0, or a negative errno and
 * a text in err.
 */
int pioemu_conf_file_writable(const char *path, char *err, size_t err_len);
int pioemu_conf_file_pcap(const char *path, char *err, size_t err_len);
/*
 * The settings as a file in the session's directory, for the preloaded object of the same build.
 * 0 or negative errno; load: -EPROTO when another build wrote the file.
 */
int pioemu_conf_save(const struct pioemu_conf *conf, const char *path);
int pioemu_conf_load(struct pioemu_conf *conf, const char *path);

/* For the command line: option i, NULL behind the last. *arg: what it takes, NULL if nothing */
const char *pioemu_conf_option(unsigned int i, const char **arg);
/* Is option `name` about the host that `pioemu run` imitates? A guest has one of its own. */
bool pioemu_conf_is_host_option(const char *name);

/* All options, or those that are not about the host. */
void pioemu_conf_help(FILE *out, bool with_host);

#endif /* PIOEMU_CONF_H */
