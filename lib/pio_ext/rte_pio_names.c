/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* What values are called, in logs, statistics, telemetry and the dump. */

#include <assert.h>

#include <rte_common.h>

#include <eal_export.h>

#include "rte_pio.h"

/* The reasons' names are parts of xstat names: lower case, no blanks. */
static const char *const pio_fb_reason_names[] = {
	[RTE_PIO_FB_NONE] = "none",
	[RTE_PIO_FB_LEN] = "len",
	[RTE_PIO_FB_THRESHOLD] = "threshold",
	[RTE_PIO_FB_NO_SLOT] = "no_slot",
	[RTE_PIO_FB_NO_CREDIT] = "no_credit",
	[RTE_PIO_FB_RING_FULL] = "ring_full",
	[RTE_PIO_FB_SEGS] = "segs",
	[RTE_PIO_FB_OFFLOAD] = "offload",
	[RTE_PIO_FB_STOPPED] = "stopped",
	[RTE_PIO_FB_NO_MEMORY] = "no_memory",
	[RTE_PIO_FB_NO_PRIVILEGE] = "no_privilege",
	[RTE_PIO_FB_NO_MAPPING] = "no_mapping",
	[RTE_PIO_FB_WC] = "wc",
	[RTE_PIO_FB_NO_DRIVER] = "no_driver",
	[RTE_PIO_FB_TEMPLATE_BUSY] = "template_busy",
	[RTE_PIO_FB_TEMPLATE_HOST] = "template_host",
	[RTE_PIO_FB_DEVICE] = "device",
};

static const char *const pio_map_kind_names[] = {
	[RTE_PIO_MAP_NONE] = "none",
	[RTE_PIO_MAP_UNKNOWN] = "unverified",
	[RTE_PIO_MAP_UC] = "uncached",
	[RTE_PIO_MAP_WC] = "write-combining",
	[RTE_PIO_MAP_WB] = "write-back",
};

static const char *const pio_queue_state_names[] = {
	[RTE_PIO_QUEUE_NONE] = "none",
	[RTE_PIO_QUEUE_RING] = "ring only",
	[RTE_PIO_QUEUE_STOPPED] = "stopped",
	[RTE_PIO_QUEUE_STARTED] = "started",
};

static const char *const pio_wc_verdict_names[] = {
	[RTE_PIO_WC_NOT_MEASURED] = "not measured",
	[RTE_PIO_WC_COMBINING] = "combining",
	[RTE_PIO_WC_NOT_COMBINING] = "not combining",
	[RTE_PIO_WC_NOT_DISTINGUISHABLE] = "not distinguishable",
};

static_assert(RTE_DIM(pio_fb_reason_names) == RTE_PIO_FB_MAX, "a reason has no name");
static_assert(RTE_DIM(pio_map_kind_names) == RTE_PIO_MAP_MAX, "a mapping has no name");
static_assert(RTE_DIM(pio_queue_state_names) == RTE_PIO_QUEUE_STATE_MAX, "a state has no name");
static_assert(RTE_DIM(pio_wc_verdict_names) == RTE_PIO_WC_VERDICT_MAX, "a verdict has no name");

static const char *
pio_name(const char *const *names, unsigned int nb, unsigned int value)
{
	return value < nb ? names[value] : "unknown";
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_fb_reason_name, 26.11)
const char *
rte_pio_fb_reason_name(enum rte_pio_fb_reason reason)
{
	return pio_name(pio_fb_reason_names, RTE_DIM(pio_fb_reason_names), reason);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_map_kind_name, 26.11)
const char *
rte_pio_map_kind_name(enum rte_pio_map_kind map)
{
	return pio_name(pio_map_kind_names, RTE_DIM(pio_map_kind_names), map);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_state_name, 26.11)
const char *
rte_pio_queue_state_name(enum rte_pio_queue_state state)
{
	return pio_name(pio_queue_state_names, RTE_DIM(pio_queue_state_names), state);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_wc_verdict_name, 26.11)
const char *
rte_pio_wc_verdict_name(enum rte_pio_wc_verdict verdict)
{
	return pio_name(pio_wc_verdict_names, RTE_DIM(pio_wc_verdict_names), verdict);
}
