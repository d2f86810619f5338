/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#include "piopmd_devargs.h"
#include "piopmd_log.h"

#define DEVARGS_KEY_CLASS	"class"
#define DEVARGS_CLASS_PIO	"pio"
#define DEVARGS_KEY_TXQS	"pio_txqs"

/* Handler of one key. Returns 0 or -EINVAL; the caller logs. */
typedef int (devargs_set_t)(const char *value, struct piopmd_devargs *da);

static int
devargs_number_parse(const char *value, unsigned long min, unsigned long max, unsigned long *number)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)value[0]))
		return -EINVAL;
	errno = 0;
	n = strtoul(value, &end, 0);
	if (errno != 0 || *end != '\0' || n < min || n > max)
		return -EINVAL;
	*number = n;
	return 0;
}

static int
devargs_class_set(const char *value, struct piopmd_devargs *da)
{
	RTE_SET_USED(da);
	return strcmp(value, DEVARGS_CLASS_PIO) == 0 ? 0 : -EINVAL;
}

/* One number or range, "4" or "0-3", ended by len. */
static int
devargs_range_add(const char *text, size_t len, uint64_t *mask)
{
	unsigned long first, last;
	char piece[16];
	char *dash;

	if (len == 0 || len >= sizeof(piece))
		return -EINVAL;
	memcpy(piece, text, len);
	piece[len] = '\0';

	dash = strchr(piece, '-');
	if (dash != NULL)
		*dash = '\0';
	if (devargs_number_parse(piece, 0, PIOPMD_DEVARGS_TXQ_MAX - 1, &first) != 0)
		return -EINVAL;
	last = first;
	if (dash != NULL &&
	    devargs_number_parse(dash + 1, first, PIOPMD_DEVARGS_TXQ_MAX - 1, &last) != 0)
		return -EINVAL;

	for (; first <= last; first++)
		*mask |= UINT64_C(1) << first;
	return 0;
}

static int
devargs_txqs_set(const char *value, struct piopmd_devargs *da)
{
	size_t len = strlen(value);
	uint64_t mask = 0;
	size_t piece;

	if (strcmp(value, "all") == 0) {
		da->pio_txqs_all = true;
		return 0;
	}
	if (value[0] == '[') {
		if (len < 2 || value[len - 1] != ']')
			return -EINVAL;
		value++;
		len -= 2;
	}
	for (;;) {
		for (piece = 0; piece < len && value[piece] != ','; piece++)
			;
		if (devargs_range_add(value, piece, &mask) != 0)
			return -EINVAL;
		if (piece == len)
			break;
		value += piece + 1;
		len -= piece + 1;
	}
	da->pio_txqs |= mask;
	return 0;
}

static int
devargs_threshold_set(const char *value, struct piopmd_devargs *da)
{
	unsigned long n;

	if (devargs_number_parse(value, PIOPMD_DEVARGS_THRESHOLD_MIN, PIOPMD_DEVARGS_THRESHOLD_MAX,
				 &n) != 0)
		return -EINVAL;
	da->pio_threshold = (uint16_t)n;
	return 0;
}

static int
devargs_map_set(const char *value, struct piopmd_devargs *da)
{
	if (strcmp(value, "auto") == 0)
		da->map_mode = PIOPMD_MAP_MODE_AUTO;
	else if (strcmp(value, "split") == 0)
		da->map_mode = PIOPMD_MAP_MODE_SPLIT;
	else if (strcmp(value, "vfio") == 0)
		da->map_mode = PIOPMD_MAP_MODE_VFIO;
	else
		return -EINVAL;
	return 0;
}

static int
devargs_wc_set(const char *value, struct piopmd_devargs *da)
{
	if (strcmp(value, "any") == 0)
		da->wc_require = false;
	else if (strcmp(value, "require") == 0)
		da->wc_require = true;
	else
		return -EINVAL;
	return 0;
}

static int
devargs_stats_period_set(const char *value, struct piopmd_devargs *da)
{
	unsigned long n;

	if (devargs_number_parse(value, 0, PIOPMD_DEVARGS_STATS_PERIOD_MAX, &n) != 0)
		return -EINVAL;
	da->stats_period_ms = (uint16_t)n;
	return 0;
}

static const struct devargs_key {
	const char *key;
	const char *range;
	devargs_set_t *set;
} devargs_keys[] = {
	{ DEVARGS_KEY_CLASS, "pio", devargs_class_set },
	{ DEVARGS_KEY_TXQS, "numbers and ranges from 0 to 63 such as [0-3,7], or all",
	  devargs_txqs_set },
	{ "pio_threshold", "60 to 4032", devargs_threshold_set },
	{ "pio_map", "auto, split, vfio", devargs_map_set },
	{ "wc", "any, require", devargs_wc_set },
	{ "stats_period_ms", "0 to 65535", devargs_stats_period_set },
};

static const struct devargs_key *
devargs_key_find(const char *key)
{
	size_t i;

	for (i = 0; i < RTE_DIM(devargs_keys); i++) {
		if (strcmp(devargs_keys[i].key, key) == 0)
			return &devargs_keys[i];
	}
	return NULL;
}

/*
 * In "pio_txqs=0-3,7" the comma also separates arguments, so that "7" arrives as a key without value:
 * it belongs to the list in front of it.
 */
static bool
devargs_pair_is_list_rest(const struct rte_kvargs_pair *pair, const struct devargs_key *previous)
{
	return pair->value == NULL && previous != NULL && previous->set == devargs_txqs_set;
}

static int
devargs_pair_parse(const char *name, const struct rte_kvargs_pair *pair,
		   const struct devargs_key **previous, uint32_t *seen, struct piopmd_devargs *da)
{
	const struct devargs_key *key;
	const char *value = pair->value;
	uint32_t bit;

	if (devargs_pair_is_list_rest(pair, *previous)) {
		key = *previous;
		value = pair->key;
	} else {
		key = devargs_key_find(pair->key);
		if (key == NULL) {
			PIOPMD_LOG_INIT(ERR, name,
					"unknown argument \"%s\"; known: " PIOPMD_PARAM_STRING,
					pair->key);
			return -EINVAL;
		}
		bit = UINT32_C(1) << (key - devargs_keys);
		if ((*seen & bit) != 0) {
			PIOPMD_LOG_INIT(ERR, name, "argument %s= is given twice", key->key);
			return -EINVAL;
		}
		*seen |= bit;
		*previous = key;
	}

	if (value == NULL || key->set(value, da) != 0) {
		PIOPMD_LOG_INIT(ERR, name, "argument %s=%s: bad value; range: %s", key->key,
				value == NULL ? "" : value, key->range);
		return -EINVAL;
	}
	return 0;
}

bool
piopmd_devargs_is_ours(const char *args)
{
	struct rte_kvargs *kvlist;
	bool ours = false;
	unsigned int i;

	if (args == NULL)
		return false;
	kvlist = rte_kvargs_parse(args, NULL);
	if (kvlist == NULL)
		return false;
	for (i = 0; i < kvlist->count && !ours; i++)
		ours = strcmp(kvlist->pairs[i].key, DEVARGS_KEY_CLASS) == 0 &&
			kvlist->pairs[i].value != NULL &&
			strcmp(kvlist->pairs[i].value, DEVARGS_CLASS_PIO) == 0;
	rte_kvargs_free(kvlist);
	return ours;
}

int
piopmd_devargs_parse(const char *name, const char *args, struct piopmd_devargs *da)
{
	struct piopmd_devargs parsed = { .stats_period_ms = PIOPMD_DEVARGS_STATS_PERIOD_DEF };
	const struct devargs_key *previous = NULL;
	struct rte_kvargs *kvlist;
	uint32_t seen = 0;
	unsigned int i;
	int ret = 0;

	if (args != NULL && args[0] != '\0') {
		kvlist = rte_kvargs_parse(args, NULL);
		if (kvlist == NULL) {
			PIOPMD_LOG_INIT(ERR, name, "cannot parse the arguments \"%s\"", args);
			return -EINVAL;
		}
		for (i = 0; i < kvlist->count && ret == 0; i++)
			ret = devargs_pair_parse(name, &kvlist->pairs[i], &previous, &seen, &parsed);
		rte_kvargs_free(kvlist);
	}
	if (ret == 0)
		*da = parsed;
	return ret;
}
