/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <rte_trace_point_register.h>

#include "rte_pio_trace.h"

RTE_TRACE_POINT_REGISTER(rte_pio_trace_register,
	lib.pio_ext.register)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_unregister,
	lib.pio_ext.unregister)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_block,
	lib.pio_ext.block)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_queue_setup,
	lib.pio_ext.queue.setup)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_queue_release,
	lib.pio_ext.queue.release)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_queue_switch,
	lib.pio_ext.queue.switch)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_threshold_set,
	lib.pio_ext.threshold.set)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_template_alloc,
	lib.pio_ext.template.alloc)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_template_free,
	lib.pio_ext.template.free)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_wc_selftest,
	lib.pio_ext.wc.selftest)

RTE_TRACE_POINT_REGISTER(rte_pio_trace_fallback,
	lib.pio_ext.fallback)
