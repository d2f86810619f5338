/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef RTE_PIO_PRIVATE_H
#define RTE_PIO_PRIVATE_H

/*
 * Inside of the library.
 *
 *	pio_local[port]   per process: operations of the driver, pointer to the shared part
 *	struct pio_port   per port, in a memzone: queue table of the inline calls, opted-in queues
 *	struct pio_queue  per opted-in queue, in shared memory: conf, statistics baseline, templates
 *
 * Locks: the library's lock (per process, recursive) is held by every control call, and by
 * telemetry, so that nothing it looks at goes away. pio_queue::lock (shared) guards the list of
 * templates, which the queue's thread changes; it is taken last and never around a driver call
 * that may wait. The inline calls take no lock.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_log.h>
#include <rte_spinlock.h>

#include "rte_pio.h"
#include "rte_pio_driver.h"

extern int pio_logtype;
#define RTE_LOGTYPE_PIO_EXT pio_logtype

#define PIO_LOG(level, ...) RTE_LOG_LINE(level, PIO_EXT, __VA_ARGS__)

/** An opted-in queue. */
struct pio_queue {
	struct rte_pio_queue_conf conf;		/**< As it is in force: no zero for advice. */
	struct rte_pio_queue_stats base;	/**< Counters at the last reset. */
	const struct rte_pio_queue_stats *stats;	/**< The driver's counters. */
	rte_spinlock_t lock;			/**< Guards what follows. */
	uint16_t nb_templates;
	struct rte_pio_template *templates;
};

/** A port with a driver, or with the stand-in for ports without. */
struct pio_port {
	struct rte_pio_fp_queues queues;
	bool generic;			/**< The stand-in. */
	uint16_t nb_queues;		/**< Opted in. */
	void *dummy;
	struct pio_queue *queue[RTE_MAX_QUEUES_PER_PORT];
};

/** What a process knows of a port. */
struct pio_local {
	const struct rte_pio_driver_ops *ops;	/**< NULL: nobody registered. */
	struct pio_port *port;
};

extern struct pio_local pio_local[RTE_MAX_ETHPORTS];

void pio_lock(void);
void pio_unlock(void);

/** Operations to ask about a port: its driver's, or the stand-in's. */
const struct rte_pio_driver_ops *pio_port_ops(uint16_t port_id);

/** The queue if it has opted in, else NULL. */
struct pio_queue *pio_queue_get(uint16_t port_id, uint16_t queue_id);

/** Let this process take part in a port that the primary runs on the stand-in. */
void pio_generic_attach(uint16_t port_id);

/** Put the stand-in on a port without a PIO driver. @return 0 or -ENOMEM. */
int pio_generic_register(struct rte_eth_dev *dev);

/** rte_pio_driver_register() without its checks and log; lock held. */
int pio_driver_register(struct rte_eth_dev *dev, const struct rte_pio_driver_ops *ops,
			const struct rte_pio_fp_ops *fp, const void *dummy, size_t dummy_size);

/** Stand-in for the operations of a driver. */
extern const struct rte_pio_driver_ops pio_generic_ops;

/** Current counters, baseline taken off. */
void pio_queue_stats_read(const struct pio_queue *pq, struct rte_pio_queue_stats *stats);
void pio_queue_stats_rebase(struct pio_queue *pq);

/** The counters by name, for xstats, telemetry and the dump. */
unsigned int pio_counters_count(void);
void pio_counter_name(unsigned int i, char *name, size_t size);
uint64_t pio_counter_value(const struct rte_pio_queue_stats *stats, unsigned int i);

/** Release without looking whether the port is started. @return 0, -ENOTSUP, -EBUSY. */
int pio_queue_release(struct rte_eth_dev *dev, uint16_t queue_id);

/** Are the checksums of tx_ol_flags among the offloads of the queue? Lengths are checked too. */
int pio_csum_check(const struct rte_eth_dev *dev, uint16_t queue_id, uint64_t tx_ol_flags,
		   uint16_t l2_len, uint16_t l3_len);

#endif /* RTE_PIO_PRIVATE_H */
