/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef RTE_PIO_DRIVER_H
#define RTE_PIO_DRIVER_H

/**
 * @file
 * Driver side of rte_pio: registration, and helpers that every driver would write again.
 *
 * @warning
 * @b EXPERIMENTAL: all functions in this file may change without notice.
 *
 * <b>What a driver does.</b>
 *
 *	probe (each process)   rte_pio_driver_register(dev, ops, fp, dummy, size)
 *	                       the port is blocked with -ENETDOWN from here to its first start
 *	ops->queue_setup       get adapter memory; rte_pio_driver_queue_bind(dev, q, queue, stats)
 *	dev_start              rte_pio_driver_fp_unblock(port)
 *	dev_stop               rte_pio_driver_fp_block(port, -ENETDOWN), then stop the queues
 *	recovery               rte_pio_driver_fp_block(port, -EIO), grace period, rebuild, unblock
 *	tx_queue_release       rte_pio_driver_queue_release(dev, q) for a queue that opted in
 *	ops->queue_release     rte_pio_driver_queue_unbind(dev, q); give adapter memory back
 *	close (each process)   rte_pio_driver_unregister(dev)
 *
 * Only the primary binds, releases and blocks: these live in shared memory and act in all
 * processes. A secondary only registers its own function pointers.
 *
 * <b>What the library checks</b> before a control op runs: port, process type, queue range, NULL,
 * ranges of conf that do not depend on the adapter, opted in or not, port started or not,
 * checksum offloads. Ops check what only the driver knows.
 *
 * <b>What the fast-path functions check</b> in every build: flags, length, NULL, see
 * rte_pio_driver_frame_check(). On the dummy queue every one of them answers -ENOTSUP. The
 * dummy is copied to shared memory at registration; it must not point to itself.
 *
 * <b>Which reason counts</b> when several apply: first what is true of the queue (STOPPED,
 * NO_MEMORY, ...), then LEN, THRESHOLD, OFFLOAD, then what passes by itself (RING_FULL, NO_SLOT,
 * NO_CREDIT). rte_pio_driver_refuse() turns a reason into the errno.
 *
 * <b>Helpers</b>, each usable without the others:
 *
 * - rte_pio_driver_layout(): scratch line, template reserve and slots of a piece of memory
 * - struct rte_pio_slots: equal slots, given and taken back in order
 * - struct rte_pio_driver_templates, struct rte_pio_driver_template: lines of the reserve, host
 *   shadow, dirty lines per slot, in-flight state, deferred free
 * - rte_pio_driver_mbuf(): the mbuf of a flat or gathered frame that goes by the ring
 * - rte_pio_driver_xstats_*(): the same xstat names for every driver
 * - rte_pio_driver_wc_measure(): the self-test
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_compat.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <rte_pio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_eth_dev;

/**
 * Control operations of a driver. Called with the library's lock held, so one at a time; those
 * marked "any process" must work on shared data in secondary processes too. Results start
 * zeroed. All are needed unless marked optional.
 */
struct rte_pio_driver_ops {
	/** Fill all but MTU fields, nb_queues and holders. Any process. */
	int (*info_get)(struct rte_eth_dev *dev, struct rte_pio_info *info);
	/** Fill threshold, mem_min, mem_pref, template_mem, nb_templates_max. Any process. */
	int (*queue_conf_default)(struct rte_eth_dev *dev, struct rte_pio_queue_conf *conf);
	/**
	 * Opt in: get memory, call rte_pio_driver_queue_bind(). conf has no zero that stands for
	 * advice left: these were replaced by queue_conf_default's. When memory, privilege or
	 * mapping is missing: with policy TRY and fallback RING bind all the same and count the
	 * reason per frame, else return -ENOSPC or -ENXIO and change nothing.
	 */
	int (*queue_setup)(struct rte_eth_dev *dev, uint16_t queue_id,
			   const struct rte_pio_queue_conf *conf);
	/** Opt out: the library has made sure that no templates exist. */
	int (*queue_release)(struct rte_eth_dev *dev, uint16_t queue_id);
	/** Publish PIO on. */
	int (*queue_start)(struct rte_eth_dev *dev, uint16_t queue_id);
	/** Publish PIO off. */
	int (*queue_stop)(struct rte_eth_dev *dev, uint16_t queue_id);
	/** Publish the threshold; -EINVAL beyond a slot, -ENOTSUP without PIO. */
	int (*threshold_set)(struct rte_eth_dev *dev, uint16_t queue_id, uint32_t len);
	/** Fill all but conf, MTU fields and nb_templates. Any process. */
	int (*queue_info_get)(struct rte_eth_dev *dev, uint16_t queue_id,
			      struct rte_pio_queue_info *info);
	/** Fill all. Any process. */
	int (*wc_info_get)(struct rte_eth_dev *dev, struct rte_pio_wc_info *info);
	/** Measure, keep the result for wc_info_get. Optional: -ENOTSUP without. */
	int (*wc_selftest)(struct rte_eth_dev *dev);
	/** Print what else is worth knowing. Optional. Any process. */
	void (*dump)(struct rte_eth_dev *dev, FILE *f);
};

/* Registration */

/**
 * Make a port a PIO port. In each process; in the primary first. The port is blocked with
 * -ENETDOWN until rte_pio_driver_fp_unblock().
 *
 * @param dev        Port, allocated.
 * @param ops        Control operations; kept by reference.
 * @param fp         Fast-path functions, all set but queues; copied.
 * @param dummy      What queues without opt-in stand on; copied to shared memory.
 * @param dummy_size Bytes of it.
 * @return 0; -EINVAL: a NULL argument or operation; -EEXIST: registered already; -ENOMEM: no host
 *   memory; -ENODEV: secondary, and the primary has not registered the port.
 */
__rte_experimental
int rte_pio_driver_register(struct rte_eth_dev *dev, const struct rte_pio_driver_ops *ops,
			    const struct rte_pio_fp_ops *fp, const void *dummy,
			    size_t dummy_size);

/**
 * Undo the registration in this process. In the primary it releases every queue that is still
 * opted in, and frees their templates. Does nothing on a port that is not registered.
 *
 * @param dev Port.
 */
__rte_experimental
void rte_pio_driver_unregister(struct rte_eth_dev *dev);

/**
 * Replace the fast-path functions, such as by a twin for another store kind. Port blocked.
 *
 * @param dev Port.
 * @param fp  Fast-path functions, all set but queues; copied.
 * @return 0; -EINVAL: a function is missing; -ENODEV: not registered; -EBUSY: not blocked.
 */
__rte_experimental
int rte_pio_driver_fp_set(struct rte_eth_dev *dev, const struct rte_pio_fp_ops *fp);

/**
 * Let every fast-path call of the port, in all processes, answer an errno. Template calls that
 * only touch host memory go on while error is -ENETDOWN. Calls that began before may still be
 * running: wait for the queue's threads before tearing down.
 *
 * @param port_id Port.
 * @param error   -ENETDOWN or -EIO.
 */
__rte_experimental
void rte_pio_driver_fp_block(uint16_t port_id, int error);

/**
 * End rte_pio_driver_fp_block().
 *
 * @param port_id Port.
 */
__rte_experimental
void rte_pio_driver_fp_unblock(uint16_t port_id);

/**
 * Bind a queue that opts in: from ops->queue_setup.
 *
 * @param dev        Port.
 * @param queue_id   Queue.
 * @param queue_data What the fast-path functions get; in shared memory.
 * @param stats      Counters in shared memory, written by the queue's thread only.
 * @return 0; -EINVAL: a NULL argument, or not from within ops->queue_setup; -EEXIST: bound already.
 */
__rte_experimental
int rte_pio_driver_queue_bind(struct rte_eth_dev *dev, uint16_t queue_id, void *queue_data,
			      struct rte_pio_queue_stats *stats);

/**
 * Put the dummy back: from ops->queue_release.
 *
 * @param dev      Port.
 * @param queue_id Queue.
 */
__rte_experimental
void rte_pio_driver_queue_unbind(struct rte_eth_dev *dev, uint16_t queue_id);

/**
 * Release the opt-in of a queue whose ethdev queue goes away.
 *
 * @param dev      Port.
 * @param queue_id Queue.
 * @return 0, also without opt-in; -EBUSY: templates exist, nothing changed.
 */
__rte_experimental
int rte_pio_driver_queue_release(struct rte_eth_dev *dev, uint16_t queue_id);

/**
 * Ask whether a queue has opted in.
 *
 * @param dev      Port.
 * @param queue_id Queue.
 * @param conf     What it opted in with, advice filled in; may be NULL.
 * @return True if it has; else conf is left alone.
 */
__rte_experimental
bool rte_pio_driver_queue_conf_get(struct rte_eth_dev *dev, uint16_t queue_id,
				   struct rte_pio_queue_conf *conf);

/**
 * Call fn for each template of a queue. Control thread, the queue's thread not in a call.
 *
 * @param dev      Port.
 * @param queue_id Queue; without opt-in there is nothing to call fn for.
 * @param fn       May call rte_pio_driver_template_invalidate(), may not allocate or free templates.
 * @param arg      For fn.
 */
__rte_experimental
void rte_pio_driver_template_foreach(struct rte_eth_dev *dev, uint16_t queue_id,
				     void (*fn)(struct rte_pio_template *t, void *arg),
				     void *arg);

/* xstats: port totals, then the opted-in queues; names are those of the statistics */

/**
 * Count the port's xstats; the number changes when queues opt in or out.
 *
 * @param dev Port.
 * @return How many there are now.
 */
__rte_experimental
unsigned int rte_pio_driver_xstats_count(struct rte_eth_dev *dev);

/**
 * Fill up to size names.
 *
 * @param dev   Port.
 * @param names Room for size names; may be NULL with size 0.
 * @param size  Number of names.
 * @return How many there are.
 */
__rte_experimental
unsigned int rte_pio_driver_xstats_names_get(struct rte_eth_dev *dev,
					     struct rte_eth_xstat_name *names, unsigned int size);

/**
 * Fill up to size values, in the order of the names.
 *
 * @param dev    Port.
 * @param values Room for size values; may be NULL with size 0.
 * @param size   Number of values.
 * @return How many there are.
 */
__rte_experimental
unsigned int rte_pio_driver_xstats_get(struct rte_eth_dev *dev, uint64_t *values,
				       unsigned int size);

/**
 * Let all of them start from 0.
 *
 * @param dev Port.
 */
__rte_experimental
void rte_pio_driver_xstats_reset(struct rte_eth_dev *dev);

/* Frames */

/**
 * Longest frame at an MTU: Ethernet header and one VLAN tag more than the MTU, FCS not counted.
 *
 * @param mtu As dev->data->mtu.
 * @return Bytes.
 */
static inline uint32_t
rte_pio_driver_frame_max(uint16_t mtu)
{
	return (uint32_t)mtu + RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
}

/**
 * Longest mbuf-less frame by the ring: it must fit the MTU and one mbuf of the pool.
 *
 * @param mtu As dev->data->mtu.
 * @param mp  Pool; NULL: the MTU alone counts.
 * @return Bytes.
 */
static inline uint32_t
rte_pio_driver_ring_frame_max(uint16_t mtu, struct rte_mempool *mp)
{
	uint32_t max = rte_pio_driver_frame_max(mtu);

	if (mp != NULL)
		max = RTE_MIN(max, (uint32_t)rte_pktmbuf_data_room_size(mp) -
				   RTE_PKTMBUF_HEADROOM);
	return max;
}

/**
 * The checks of a flat frame that stay in every build.
 *
 * @param frame First byte.
 * @param len   Bytes.
 * @param flags RTE_PIO_* flags of a send.
 * @return 0 or -EINVAL.
 */
static inline int
rte_pio_driver_frame_check(const void *frame, uint32_t len, uint32_t flags)
{
	if (unlikely((flags & ~RTE_PIO_FLAGS_ALL) != 0 || len < RTE_PIO_FRAME_MIN ||
		     frame == NULL))
		return -EINVAL;
	return 0;
}

/**
 * The checks of a gathered frame that stay in every build.
 *
 * @param iov   Pieces.
 * @param n     Number of pieces.
 * @param flags RTE_PIO_* flags of a send.
 * @return Its length, or -EINVAL.
 */
static inline int64_t
rte_pio_driver_iov_check(const struct rte_pio_iov *iov, uint16_t n, uint32_t flags)
{
	uint64_t len = 0;
	uint16_t i;

	if (unlikely((flags & ~RTE_PIO_FLAGS_ALL) != 0 || iov == NULL || n == 0 ||
		     n > RTE_PIO_IOV_MAX))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (unlikely(iov[i].base == NULL && iov[i].len != 0))
			return -EINVAL;
		len += iov[i].len;
	}
	if (unlikely(len < RTE_PIO_FRAME_MIN))
		return -EINVAL;
	return (int64_t)len;
}

/**
 * Make the mbuf of a frame that goes by the ring.
 *
 * @param mp  Pool, or NULL.
 * @param iov Pieces, checked.
 * @param n   Number of pieces.
 * @param len Their sum, at most rte_pio_driver_ring_frame_max().
 * @return NULL: no pool, or it is empty (-ENOBUFS).
 */
static inline struct rte_mbuf *
rte_pio_driver_mbuf(struct rte_mempool *mp, const struct rte_pio_iov *iov, uint16_t n,
		    uint32_t len)
{
	struct rte_mbuf *m;
	uint8_t *data;
	uint16_t i;

	if (mp == NULL)
		return NULL;
	m = rte_pktmbuf_alloc(mp);
	if (m == NULL)
		return NULL;
	data = rte_pktmbuf_mtod(m, uint8_t *);
	for (i = 0; i < n; i++) {
		if (iov[i].len == 0)
			continue;
		memcpy(data, iov[i].base, iov[i].len);
		data += iov[i].len;
	}
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
	return m;
}

/**
 * Count a refused call.
 *
 * @param stats  Counters of the queue.
 * @param reason Why.
 * @return The errno that belongs to the reason: -EMSGSIZE, -EAGAIN, -EBUSY or -ENOTSUP.
 */
static inline int
rte_pio_driver_refuse(struct rte_pio_queue_stats *stats, enum rte_pio_fb_reason reason)
{
	stats->refused[reason]++;
	switch (reason) {
	case RTE_PIO_FB_LEN:
	case RTE_PIO_FB_THRESHOLD:
		return -EMSGSIZE;
	case RTE_PIO_FB_NO_SLOT:
	case RTE_PIO_FB_NO_CREDIT:
	case RTE_PIO_FB_RING_FULL:
		return -EAGAIN;
	case RTE_PIO_FB_TEMPLATE_BUSY:
		return -EBUSY;
	default:
		return -ENOTSUP;
	}
}

/**
 * Count frames that leave by the ring on an opted-in queue.
 *
 * @param stats   Counters of the queue.
 * @param reason  Why not by PIO.
 * @param packets Frames.
 * @param bytes   Their bytes.
 */
static inline void
rte_pio_driver_fallback(struct rte_pio_queue_stats *stats, enum rte_pio_fb_reason reason,
			uint32_t packets, uint32_t bytes)
{
	stats->fallback[reason] += packets;
	stats->ring_packets += packets;
	stats->ring_bytes += bytes;
}

/**
 * Trace point of an mbuf-less frame or template that went by the ring (path RTE_PIO_BY_RING) or
 * was refused (negative errno). Costs one load while tracing is off.
 *
 * @param port_id  Port.
 * @param queue_id Queue.
 * @param reason   Why not by PIO.
 * @param len      Bytes of the frame.
 * @param path     What the call answers.
 */
__rte_experimental
void rte_pio_driver_trace_fallback(uint16_t port_id, uint16_t queue_id,
				   enum rte_pio_fb_reason reason, uint32_t len, int path);

/* Layout and slots */

/** Parts of a queue's adapter memory, as offsets from its first byte. */
struct rte_pio_driver_layout {
	uint32_t slot_size;	/**< Threshold rounded up to 64. */
	uint32_t nb_slots;	/**< Slots that fit, from offset 0. */
	uint32_t template_off;	/**< First line of the template reserve. */
	uint32_t template_mem;	/**< Bytes of it, multiple of 64. */
	uint32_t scratch_off;	/**< The last line. */
};

/**
 * Divide memory: slots first, then the template reserve, the scratch line last.
 *
 * @param mem          Bytes granted, multiple of 64.
 * @param threshold    Longest frame of a slot, >= 14.
 * @param template_mem Bytes wanted for templates.
 * @param layout       Filled on success.
 * @return 0; -EINVAL: mem is no multiple of 64, threshold below 14; -ENOSPC: not even one slot
 *   fits beside the rest.
 */
__rte_experimental
int rte_pio_driver_layout(uint32_t mem, uint32_t threshold, uint32_t template_mem,
			  struct rte_pio_driver_layout *layout);

/**
 * Equal slots, given out and taken back in the same order. Any number, no division. Example, 3
 * slots of 128 from 0: take gives 0, 128, 256; after put(1) it gives 0 again.
 */
struct rte_pio_slots {
	uint32_t next;		/**< Offset that the next take gives. */
	uint32_t nb_free;	/**< Slots that can be taken. */
	uint32_t size;		/**< Bytes of a slot. */
	uint32_t begin;		/**< Offset of the first slot. */
	uint32_t end;		/**< Offset behind the last one. */
	uint32_t nb;		/**< Slots in all. */
};

/**
 * Begin with all slots free.
 *
 * @param s     Slots.
 * @param begin Offset of the first one.
 * @param nb    How many.
 * @param size  Bytes of each.
 */
static inline void
rte_pio_slots_init(struct rte_pio_slots *s, uint32_t begin, uint32_t nb, uint32_t size)
{
	s->next = begin;
	s->nb_free = nb;
	s->size = size;
	s->begin = begin;
	s->end = begin + nb * size;
	s->nb = nb;
}

/**
 * Take the next slot.
 *
 * @param s Slots; nb_free must not be 0.
 * @return Its offset.
 */
static inline uint32_t
rte_pio_slots_take(struct rte_pio_slots *s)
{
	uint32_t off = s->next;

	s->nb_free--;
	s->next = off + s->size;
	if (s->next == s->end)
		s->next = s->begin;
	return off;
}

/**
 * Take back the n slots that were given out first.
 *
 * @param s Slots.
 * @param n At most as many as are out.
 */
static inline void
rte_pio_slots_put(struct rte_pio_slots *s, uint32_t n)
{
	s->nb_free += n;
}

/* Templates */

/** Most lines of a template reserve: one bit each. */
#define RTE_PIO_DRIVER_TEMPLATE_LINES 64

/** Templates of one queue. */
struct rte_pio_driver_templates {
	uint32_t begin;		/**< Offset of the reserve in adapter memory. */
	uint32_t nb_lines;	/**< Lines of the reserve; 0: everything lives in host memory. */
	uint64_t used;		/**< One bit per line. */
	uint32_t nb;		/**< Templates that hold memory, freed ones in flight included. */
};

/** State of a template's slot. */
enum rte_pio_driver_slot_state {
	RTE_PIO_DRIVER_SLOT_FREE,	/**< May be written and sent. */
	RTE_PIO_DRIVER_SLOT_IN_FLIGHT,	/**< Its send is not known to have completed. */
	RTE_PIO_DRIVER_SLOT_ABSENT,	/**< The template does not have it. */
};

/**
 * A template as a driver sees it. Drivers may embed it as the first member of their own.
 * Life of a slot: dirty lines are flushed, it is posted, it is in flight until completed.
 */
struct rte_pio_driver_template {
	struct rte_pio_template base;	/**< What the application holds. */
	struct rte_pio_driver_templates *set;	/**< Templates of its queue. */
	uint8_t *shadow;		/**< Host copy, 64-byte aligned, zeros behind len. */
	uint32_t len;			/**< Bytes of the frame now. */
	uint32_t room;			/**< Longest it may become. */
	uint64_t live;			/**< One bit per line that len (at least 60) covers. */
	uint64_t dirty[2];		/**< Lines of a slot that differ from the shadow. */
	uint32_t slot_off[2];		/**< Offset of a slot in adapter memory. */
	uint8_t nb_slots;		/**< 0: not resident. */
	uint8_t cur;			/**< Slot to use when it is free. */
	uint8_t slot_state[2];		/**< enum rte_pio_driver_slot_state. */
	uint8_t freed;			/**< Freed by the application while in flight. */
	uint16_t l2_len;		/**< As in rte_pio_template_conf. */
	uint16_t l3_len;		/**< As in rte_pio_template_conf. */
	uint32_t nb_lines;		/**< Lines of a slot. */
	uint64_t tx_ol_flags;		/**< As in rte_pio_template_conf. */
	uint64_t sends;			/**< Sends by PIO. */
	uint64_t ring_sends;		/**< Sends by the ring; the driver counts them. */
	uint64_t updates;		/**< Patches applied. */
	uint64_t lines;			/**< Lines flushed. */
};

/**
 * No templates yet.
 * @param set   Of a queue, zeroed or unused.
 * @param begin Offset of the reserve in adapter memory, multiple of 64.
 * @param mem   Bytes of it; what exceeds 64 lines is not used.
 */
__rte_experimental
void rte_pio_driver_templates_init(struct rte_pio_driver_templates *set, uint32_t begin,
				   uint32_t mem);

/**
 * Bytes of the reserve that are free.
 *
 * @param set Templates of the queue.
 * @return Bytes, a multiple of 64; not necessarily in one piece.
 */
static inline uint32_t
rte_pio_driver_templates_mem_free(const struct rte_pio_driver_templates *set)
{
	return (set->nb_lines - (uint32_t)__builtin_popcountll(set->used)) * RTE_PIO_LINE;
}

/**
 * Make a template: host shadow, and lines in adapter memory if there is room. All lines are
 * dirty; the caller flushes them.
 *
 * @param set       Templates of the queue.
 * @param port_id   Port.
 * @param queue_id  Queue.
 * @param conf      As checked by rte_pio_template_alloc(), room and nb_slots not 0.
 * @param size      Bytes of the driver's structure, at least that of the base.
 * @param socket_id Where to allocate.
 * @param t         Set on success.
 * @return 0; -ENOSPC: residency is required and there is no room; -ENOMEM: no host memory.
 */
__rte_experimental
int rte_pio_driver_template_create(struct rte_pio_driver_templates *set, uint16_t port_id,
				   uint16_t queue_id, const struct rte_pio_template_conf *conf,
				   size_t size, int socket_id,
				   struct rte_pio_driver_template **t);

/**
 * Free a template now, or when its last send has completed.
 *
 * @param t Template; not to be used afterwards.
 */
__rte_experimental
void rte_pio_driver_template_destroy(struct rte_pio_driver_template *t);

/**
 * The adapter's memory was lost (unlinked, reset): every line is dirty again and nothing is in
 * flight. Freed templates whose send will never complete go away: t may be dead afterwards.
 *
 * @param t Template.
 */
__rte_experimental
void rte_pio_driver_template_invalidate(struct rte_pio_driver_template *t);

/**
 * Fill what rte_pio_template_info_get() shows.
 *
 * @param t    Template.
 * @param info Filled.
 */
__rte_experimental
void rte_pio_driver_template_info_get(const struct rte_pio_driver_template *t,
				      struct rte_pio_template_info *info);

/**
 * Make the mbuf of a template that goes by the ring, with patches that the template itself gets
 * only when the mbuf has been sent.
 *
 * @param t       Template.
 * @param mp      Pool, or NULL.
 * @param updates Patches, checked; the frame fits rte_pio_driver_ring_frame_max().
 * @param n       Number of patches.
 * @return NULL: no pool, or it is empty (-ENOBUFS).
 */
__rte_experimental
struct rte_mbuf *rte_pio_driver_template_mbuf(const struct rte_pio_driver_template *t,
					      struct rte_mempool *mp,
					      const struct rte_pio_update *updates, uint16_t n);

/**
 * @internal Lines that a frame of len bytes covers, at least the padding to 60.
 *
 * @param len Bytes, 1..4096.
 * @return One bit per line.
 */
static inline uint64_t
rte_pio_driver_template_live(uint32_t len)
{
	uint32_t lines = (len + RTE_PIO_LINE - 1) / RTE_PIO_LINE;

	return lines >= 64 ? UINT64_MAX : (UINT64_C(1) << lines) - 1;
}

/**
 * Check a patch, so that several can be checked before the first is applied.
 *
 * @param t      Template.
 * @param len    In: length of the frame before the patch. Out: after it.
 * @param offset As in struct rte_pio_update.
 * @param data   As in struct rte_pio_update.
 * @param n      Its len.
 * @return 0 or -EINVAL.
 */
static inline int
rte_pio_driver_template_check(const struct rte_pio_driver_template *t, uint32_t *len,
			      uint32_t offset, const void *data, uint32_t n)
{
	if (likely(data != NULL)) {
		if (unlikely(offset > *len || n > t->room - offset))
			return -EINVAL;
		*len = RTE_MAX(*len, offset + n);
		return 0;
	}
	if (n != 0 || offset < RTE_PIO_FRAME_MIN || offset > t->room)
		return -EINVAL;
	*len = offset;
	return 0;
}

/**
 * Set the length; what is behind it is zeros. Out of line: not on the critical path.
 *
 * @param t   Template.
 * @param len Bytes, 14..room.
 */
__rte_experimental
void rte_pio_driver_template_len_set(struct rte_pio_driver_template *t, uint32_t len);

/**
 * Apply a checked patch to the shadow, and note which lines each slot lacks now.
 *
 * @param t      Template.
 * @param offset As in struct rte_pio_update.
 * @param data   As in struct rte_pio_update.
 * @param n      Its len.
 */
static inline void
rte_pio_driver_template_patch(struct rte_pio_driver_template *t, uint32_t offset,
			      const void *data, uint32_t n)
{
	uint32_t first = offset / RTE_PIO_LINE;
	uint64_t lines;

	t->updates++;
	if (unlikely(data == NULL)) {
		rte_pio_driver_template_len_set(t, offset);
		return;
	}
	if (unlikely(n == 0))
		return;
	memcpy(t->shadow + offset, data, n);
	if (unlikely(offset + n > t->len)) {
		t->len = offset + n;
		t->live = rte_pio_driver_template_live(t->len);
	}
	if (t->nb_slots == 0)
		return;
	/* Bits first..last: resident templates have at most 64 lines. */
	lines = (UINT64_MAX << first) & rte_pio_driver_template_live(offset + n);
	t->dirty[0] |= lines;
	t->dirty[1] |= lines;
}

/**
 * The slot that can be written and sent now: the current one, else the other.
 *
 * @param t Template.
 * @return 0 or 1; -1: all are in flight, or the template is not resident.
 */
static inline int
rte_pio_driver_template_slot(const struct rte_pio_driver_template *t)
{
	const unsigned int cur = t->cur;

	if (likely(t->slot_state[cur] == RTE_PIO_DRIVER_SLOT_FREE))
		return (int)cur;
	return t->slot_state[cur ^ 1] == RTE_PIO_DRIVER_SLOT_FREE ? (int)(cur ^ 1) : -1;
}

/** Stores one line of a template: dev_off is the offset in adapter memory. */
typedef void (*rte_pio_driver_line_t)(void *ctx, uint32_t dev_off, const void *line);

/**
 * Write the dirty lines of a slot, ascending. The caller issues the fence.
 * @param t     Resident template.
 * @param slot  Not in flight.
 * @param store Inlined when it is a constant.
 * @param ctx   For store.
 * @return How many lines were written.
 */
static __rte_always_inline uint32_t
rte_pio_driver_template_flush(struct rte_pio_driver_template *t, unsigned int slot,
			      rte_pio_driver_line_t store, void *ctx)
{
	uint64_t todo = t->dirty[slot] & t->live;
	uint32_t nb = 0;

	if (todo == 0)
		return 0;
	t->dirty[slot] &= ~todo;
	do {
		uint32_t off = (uint32_t)__builtin_ctzll(todo) * RTE_PIO_LINE;

		store(ctx, t->slot_off[slot] + off, t->shadow + off);
		todo &= todo - 1;
		nb++;
	} while (todo != 0);
	t->lines += nb;
	return nb;
}

/**
 * The send of a slot was posted.
 *
 * @param t    Template.
 * @param slot From rte_pio_driver_template_slot().
 */
static inline void
rte_pio_driver_template_posted(struct rte_pio_driver_template *t, unsigned int slot)
{
	t->slot_state[slot] = RTE_PIO_DRIVER_SLOT_IN_FLIGHT;
	t->sends++;
	if (unlikely(t->cur != slot))
		t->cur = (uint8_t)slot;
}

/**
 * The send of a slot has completed.
 *
 * @param t    Template; may be dead afterwards.
 * @param slot The one that was posted.
 */
static inline void
rte_pio_driver_template_completed(struct rte_pio_driver_template *t, unsigned int slot)
{
	t->slot_state[slot] = RTE_PIO_DRIVER_SLOT_FREE;
	if (unlikely(t->freed != 0))
		rte_pio_driver_template_destroy(t);
}

/* Self-test */

/**
 * What the times of a burst of eight stores, of a single store and of a single store to ordinary
 * memory say about a mapping.
 *
 * @param burst_ps  Picoseconds of a burst.
 * @param single_ps Picoseconds of a single store.
 * @param memory_ps Picoseconds of a single store to ordinary memory.
 * @return Never NOT_MEASURED.
 */
__rte_experimental
enum rte_pio_wc_verdict rte_pio_driver_wc_verdict(uint32_t burst_ps, uint32_t single_ps,
						  uint32_t memory_ps);

/**
 * Time bursts of eight 8-byte stores to a line, each followed by a fence, against single stores,
 * and fill measured, burst_ps and single_ps. Ordinary memory gives NOT_DISTINGUISHABLE.
 *
 * @param line 64 bytes of the mapping, 64-byte aligned, that nothing is sent from.
 * @param info Result.
 */
__rte_experimental
void rte_pio_driver_wc_measure(void *line, struct rte_pio_wc_info *info);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PIO_DRIVER_H */
