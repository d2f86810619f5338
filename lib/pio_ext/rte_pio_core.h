/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef RTE_PIO_CORE_H
#define RTE_PIO_CORE_H

/**
 * @file
 * Inside of the inline calls of rte_pio.h. Applications do not use this header directly.
 *
 * One entry per port, filled when a driver registers. A call costs two bounds checks, two loads
 * and one indirect call. There are no NULL tests, because no entry is ever empty:
 *
 *	rte_pio_fp_ops[port]            per process: the driver's functions
 *	  .queues -> rte_pio_fp_queues  shared by all processes: the driver's queue objects
 *	               .nb_queues       highest opted-in queue + 1; 0 while the port is blocked
 *	               .data[queue]     queue object, or the driver's dummy for a queue without opt-in
 *
 * A port that nobody registered has the empty table (nb_queues 0), so that its calls end in
 * rte_pio_queue_error(), out of line, which finds the errno.
 */

#include <stdint.h>

#include <rte_common.h>
#include <rte_compat.h>
#include <rte_config.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_pio_credits;
struct rte_pio_template_conf;
struct rte_pio_template_info;

/** A piece of a frame, or a whole frame: memory of the caller, read only during the call. */
struct rte_pio_iov {
	const void *base;	/**< First byte, any alignment. */
	uint32_t len;		/**< Bytes. */
};

/** One patch of a template. */
struct rte_pio_update {
	/** New bytes, any alignment; NULL with len 0: the frame ends at offset from now on. */
	const void *data;
	uint32_t offset;	/**< First byte to change, 0..length of the frame. */
	uint32_t len;		/**< Bytes; offset + len <= room. */
};

/**
 * Head of a template. The application holds a pointer to it and looks at nothing inside;
 * drivers embed it as the first member of theirs.
 */
struct rte_pio_template {
	uint16_t port_id;			/**< Set by the driver's template_alloc. */
	uint16_t queue_id;			/**< Set by the driver's template_alloc. */
	uint32_t reserved;			/**< 0. */
	struct rte_pio_template *next;		/**< Library: the queue's templates. */
	struct rte_pio_template *prev;		/**< Library: the queue's templates. */
};

/**
 * What the inline calls look up by queue. In shared memory, written by the control thread of the
 * primary process only.
 */
struct rte_pio_fp_queues {
	uint32_t nb_queues;	/**< Bound of the inline check; 0 while the port is blocked. */
	int32_t error;		/**< 0, or the negative errno of a blocked port. */
	uint32_t nb_bound;	/**< nb_queues as it is while the port is not blocked. */
	uint32_t reserved;	/**< 0. */
	void *data[RTE_MAX_QUEUES_PER_PORT];	/**< Never NULL below nb_bound. */
};

/**
 * Fast-path functions of one port, in this process. All run in the thread of their queue.
 * What they have to answer is the contract of the call of the same name in rte_pio.h; the
 * template pointers they get are those that template_alloc returned.
 */
struct rte_pio_fp_ops {
	/** Filled by the library: the port's queues, or the empty table. */
	const struct rte_pio_fp_queues *queues;
	/** rte_pio_send() */
	int (*send)(void *queue, const void *frame, uint32_t len, uint32_t flags);
	/** rte_pio_sendv() */
	int (*sendv)(void *queue, const struct rte_pio_iov *iov, uint16_t n, uint32_t flags);
	/** rte_pio_send_burst() */
	int (*send_burst)(void *queue, const struct rte_pio_iov *frames, uint16_t n,
			  uint32_t flags);
	/** rte_pio_template_send() */
	int (*template_send)(struct rte_pio_template *t, uint32_t flags);
	/** rte_pio_template_update_send() */
	int (*template_update_send)(struct rte_pio_template *t,
				    const struct rte_pio_update *updates, uint16_t n,
				    uint32_t flags);
	/** rte_pio_template_update() */
	int (*template_update)(struct rte_pio_template *t, uint32_t offset, const void *data,
			       uint32_t len);
	/** rte_pio_warm() */
	int (*warm)(void *queue, uint32_t len);
	/* Second cache line: not on the critical path. */
	/** rte_pio_credits() */
	int (*credits)(void *queue, struct rte_pio_credits *credits);
	/** rte_pio_reap() */
	int (*reap)(void *queue);
	/** rte_pio_template_alloc(): conf is checked, room and nb_slots are not 0. */
	int (*template_alloc)(void *queue, const struct rte_pio_template_conf *conf,
			      struct rte_pio_template **t);
	/** rte_pio_template_info_get() */
	int (*template_info_get)(const struct rte_pio_template *t,
				 struct rte_pio_template_info *info);
	/** rte_pio_template_free() */
	int (*template_free)(struct rte_pio_template *t);
	void *reserved[3];	/**< NULL. */
} __rte_cache_aligned;

/** One entry per port, never without functions. */
extern struct rte_pio_fp_ops rte_pio_fp_ops[RTE_MAX_ETHPORTS];

/**
 * Find out why a call did not pass the inline bounds checks.
 *
 * @param port_id  Port, any value.
 * @param queue_id Queue, any value.
 * @return Negative errno, never 0: -ENODEV, -EINVAL, -ENOTSUP, -ENETDOWN or -EIO.
 */
__rte_experimental
int rte_pio_queue_error(uint16_t port_id, uint16_t queue_id);

/**
 * rte_pio_template_update() on a port that is blocked: allowed while it is only stopped.
 *
 * @param t      Template.
 * @param offset First byte to change.
 * @param data   New bytes.
 * @param len    Number of bytes.
 * @return As rte_pio_template_update(); -EIO: the port has failed.
 */
__rte_experimental
int rte_pio_template_update_blocked(struct rte_pio_template *t, uint32_t offset,
				    const void *data, uint32_t len);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PIO_CORE_H */
