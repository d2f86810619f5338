/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef FAKE_DRIVER_H
#define FAKE_DRIVER_H

/*
 * A PIO driver that does nothing but call the library: for what rte_pio_driver.h answers to wrong
 * calls of drivers. It registers on any port.
 */

#include <stdbool.h>

#include <rte_pio_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

extern struct rte_pio_driver_ops fake_driver_ops;
extern struct rte_pio_fp_ops fake_driver_fp;

/* What its queue_setup does. */
extern bool fake_driver_binds;
extern int fake_driver_setup_ret;
/* What a second rte_pio_driver_queue_bind(), and ones with NULL, answered in it. */
extern int fake_driver_bind_again;
extern int fake_driver_bind_null;

int fake_driver_register(uint16_t port);

#ifdef __cplusplus
}
#endif

#endif /* FAKE_DRIVER_H */
