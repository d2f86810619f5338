/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */


#ifndef PIOEMU_CONF_OPTS_H
#define PIOEMU_CONF_OPTS_H

/* The table of options, for pioemu_conf.c. */

#include <stddef.h>

#include "pioemu_conf.h"

/* One setting being made: vf is NULL for options of the whole machine */
struct pioemu_conf_opt;
struct pioemu_conf_arg {
	const struct pioemu_conf_opt *opt;
	struct pioemu_conf *conf;
	struct pioemu_conf_vf *vf;
	const char *value;
	char *err;
	size_t err_len;
};

struct pioemu_conf_opt {
	const char *name;
	const char *arg;	/* NULL: takes no value */
	const char *help;
	bool per_vf;
	int (*set)(struct pioemu_conf_arg *a);
	/* For the setters that only store: where in the VF's or the machine's settings, and what */
	size_t off, size;
	uint64_t min, max;
};

/* Why a value is refused, into a->err. Returns -EINVAL */
int pioemu_conf_error(struct pioemu_conf_arg *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

extern const struct pioemu_conf_opt pioemu_conf_opts[];
extern const unsigned int pioemu_conf_nb_opts;

#endif /* PIOEMU_CONF_OPTS_H */
