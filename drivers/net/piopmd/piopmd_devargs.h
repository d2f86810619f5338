/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_DEVARGS_H
#define PIOPMD_DEVARGS_H

/*
 * Device arguments, the text behind the PCI address: -a 0000:01:00.1,class=pio,pio_txqs=[0-3,7]
 *
 *	class=pio		claims the device for this driver; without it the next driver is asked
 *	pio_txqs=LIST		TX queues that use PIO by themselves, for applications that do not know
 *				rte_pio: numbers and ranges, as [0-3,7], 0-3,7 or all. Default: none
 *	pio_threshold=BYTES	longest frame such a queue sends by PIO
 *	pio_map=auto|split|vfio	how the BAR is mapped (piopmd_map.h). Default: auto
 *	wc=any|require		whether a PIO window that is not write-combining fails the probe.
 *				Default: any
 *	stats_period_ms=MS	how often the device writes its statistics; 0: when they are read
 *
 * Every value is checked before the device is touched. A bad one fails the probe with one log line
 * that names key, value and range.
 */

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of pio_txqs; more than any VF has TX queues (see PIOPMD_TXQ_MAX in piopmd.h). */
#define PIOPMD_DEVARGS_TXQ_MAX		64
#define PIOPMD_DEVARGS_THRESHOLD_MIN	60	/* the shortest Ethernet frame without FCS */
#define PIOPMD_DEVARGS_THRESHOLD_MAX	4032	/* the largest buffer less its scratch line */
#define PIOPMD_DEVARGS_STATS_PERIOD_MAX	65535	/* 16 bits in MAC_STATS */
#define PIOPMD_DEVARGS_STATS_PERIOD_DEF	1000

#define PIOPMD_PARAM_STRING \
	"class=pio " \
	"pio_txqs=<list|all> " \
	"pio_threshold=<60-4032> " \
	"pio_map=auto|split|vfio " \
	"wc=any|require " \
	"stats_period_ms=<0-65535>"

enum piopmd_map_mode {
	PIOPMD_MAP_MODE_AUTO,	/* the best rung that is granted */
	PIOPMD_MAP_MODE_SPLIT,	/* sysfs mappings or failure */
	PIOPMD_MAP_MODE_VFIO,	/* VFIO's own mapping */
};

struct piopmd_devargs {
	uint64_t pio_txqs;		/* bit q: TX queue q opts in by itself */
	bool pio_txqs_all;		/* "all": every TX queue the application sets up */
	uint16_t pio_threshold;		/* 0: not given */
	enum piopmd_map_mode map_mode;
	bool wc_require;
	uint16_t stats_period_ms;
};

/* Whether the arguments claim the device for this driver. NULL: they do not. */
bool piopmd_devargs_is_ours(const char *args);

/*
 * Parses args into *da.
 *
 * name is for log lines only. Returns 0, or -EINVAL (unknown key, bad value; *da is unchanged), or
 * -ENOMEM.
 */
int piopmd_devargs_parse(const char *name, const char *args, struct piopmd_devargs *da);

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_DEVARGS_H */
