/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef RTE_PIO_TRACE_H
#define RTE_PIO_TRACE_H

/*
 * Trace points: set-up, and frames that did not leave by PIO. The plain path has none.
 * Switch on: --trace=lib.pio_ext
 */

#include <rte_trace_point.h>

#include "rte_pio.h"

RTE_TRACE_POINT(
	rte_pio_trace_register,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, int generic),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_int(generic);
)

RTE_TRACE_POINT(
	rte_pio_trace_unregister,
	RTE_TRACE_POINT_ARGS(uint16_t port_id),
	rte_trace_point_emit_u16(port_id);
)

RTE_TRACE_POINT(
	rte_pio_trace_block,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, int error),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_int(error);
)

RTE_TRACE_POINT(
	rte_pio_trace_queue_setup,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint16_t queue_id, uint32_t threshold,
			     uint32_t mem_min, uint32_t mem_pref, int ret),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u16(queue_id);
	rte_trace_point_emit_u32(threshold);
	rte_trace_point_emit_u32(mem_min);
	rte_trace_point_emit_u32(mem_pref);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	rte_pio_trace_queue_release,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint16_t queue_id, int ret),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u16(queue_id);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	rte_pio_trace_queue_switch,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint16_t queue_id, int on, int ret),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u16(queue_id);
	rte_trace_point_emit_int(on);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	rte_pio_trace_threshold_set,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint16_t queue_id, uint32_t len, int ret),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u16(queue_id);
	rte_trace_point_emit_u32(len);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	rte_pio_trace_template_alloc,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint16_t queue_id, const void *t, uint32_t len,
			     int ret),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u16(queue_id);
	rte_trace_point_emit_ptr(t);
	rte_trace_point_emit_u32(len);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	rte_pio_trace_template_free,
	RTE_TRACE_POINT_ARGS(const void *t),
	rte_trace_point_emit_ptr(t);
)

RTE_TRACE_POINT(
	rte_pio_trace_wc_selftest,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, int ret),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_int(ret);
)

RTE_TRACE_POINT(
	rte_pio_trace_fallback,
	RTE_TRACE_POINT_ARGS(uint16_t port_id, uint16_t queue_id, int reason, uint32_t len,
			     int path),
	rte_trace_point_emit_u16(port_id);
	rte_trace_point_emit_u16(queue_id);
	rte_trace_point_emit_int(reason);
	rte_trace_point_emit_u32(len);
	rte_trace_point_emit_int(path);
)

#endif /* RTE_PIO_TRACE_H */
