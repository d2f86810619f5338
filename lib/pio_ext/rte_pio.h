/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef RTE_PIO_H
#define RTE_PIO_H

/**
 * @file
 * Programmed I/O transmit for Ethernet devices.
 *
 * @warning
 * @b EXPERIMENTAL: all functions in this file may change without notice.
 *
 * Small frames leave sooner when the CPU stores them into the adapter (PIO) than when the adapter
 * first has to fetch a descriptor and the payload by DMA. Adapter memory is scarce: few queues
 * get some, it holds few frames, and it takes shorter frames than the ring does. This extension
 * shows these limits and falls back to the descriptor ring by itself when they bite.
 *
 * <b>Model.</b> A transmit queue opts in. From then on one thread, the queue's thread, may use
 * three ways to send on it; all frames leave in the order of the calls, whichever path each takes:
 *
 * - rte_eth_tx_burst(): small single-segment mbufs leave by PIO and are free when it returns;
 * - rte_pio_send() and its kin: a frame in any memory, no mbuf;
 * - templates: frames that stay in adapter memory, are patched and sent again and again.
 *
 * Queues that did not opt in behave and cost as before.
 *
 * <b>Order of calls.</b>
 *
 *	rte_eth_dev_configure, rte_eth_tx_queue_setup
 *	rte_pio_info_get              what is there?                         any thread
 *	rte_pio_queue_conf_default    the driver's advice                    any thread
 *	rte_pio_queue_setup           opt in; the port is not started yet    control thread
 *	rte_pio_queue_info_get        what was granted?                      any thread
 *	rte_eth_dev_start
 *	rte_pio_send, rte_pio_template_alloc, rte_eth_tx_burst, ...          the queue's thread
 *	rte_pio_queue_stop/_start, rte_pio_threshold_set                     control thread
 *	rte_pio_stats_get, rte_pio_wc_info_get, rte_pio_dump                 any thread
 *	rte_pio_template_free                                                the queue's thread
 *	rte_eth_dev_stop
 *	rte_pio_queue_release         opt out                                control thread
 *
 * <b>Example.</b> Run on a port with or without PIO; the only difference is the speed. The tests
 * compile it.
 * @code
 *	struct rte_pio_queue_conf conf;
 *	int path;
 *
 *	rte_pio_queue_conf_default(port, &conf);
 *	conf.fallback_mp = pool;
 *	if (rte_pio_queue_setup(port, 0, &conf) != 0)
 *		rte_exit(EXIT_FAILURE, "queue 0 of port %u cannot opt in\n", port);
 *	rte_eth_dev_start(port);
 *
 *	do {
 *		path = rte_pio_send(port, 0, frame, 64, 0);
 *	} while (path == -EAGAIN);
 *	if (path < 0)
 *		rte_exit(EXIT_FAILURE, "not sent: %s\n", rte_strerror(-path));
 *	printf("frame left by %s\n", path == RTE_PIO_BY_PIO ? "PIO" : "the ring");
 * @endcode
 * On return the frame's memory is the caller's again. After -EAGAIN nothing was sent and nothing
 * changed. When it was the ring, rte_pio_stats_get() counts why.
 *
 * A template, in two copies: the one in flight is left alone while the other is patched. Each send
 * writes 4 bytes anew, so one line of 64 crosses the bus.
 * @code
 *	struct rte_pio_template_conf tconf = { .data = frame, .len = 64, .nb_slots = 2 };
 *	struct rte_pio_update patch = { .data = &price, .offset = 40, .len = 4 };
 *	struct rte_pio_template *t;
 *	int ret;
 *
 *	ret = rte_pio_template_alloc(port, 0, &tconf, &t);
 *	if (ret != 0)
 *		rte_exit(EXIT_FAILURE, "no template: %s\n", rte_strerror(-ret));
 *	price = 4711;
 *	ret = rte_pio_template_update_send(t, &patch, 1, 0);
 *	rte_pio_template_free(t);
 * @endcode
 * It is resident in the adapter if the queue opted in with template_mem of at least 128, else in
 * host memory.
 *
 * <b>Adapter memory of a queue</b>, worked example: 2048 bytes granted, template_mem 192,
 * threshold 250. A slot holds one frame: the threshold rounded up to 64, so 256 bytes.
 *
 *	offset    0  256  512  768 1024 1280 1536   1792        1984
 *	          |s0 |s1 |s2 |s3 |s4 |s5 |s6      | templates | scratch |
 *	                                             3 lines     1 line
 *
 * Seven frames can be in flight by PIO; the eighth goes by the ring. rte_pio_queue_info_get()
 * shows these figures, rte_pio_credits() how many slots are free now.
 *
 * <b>Lengths</b> are bytes of the frame without FCS, from 14 up. PIO pads frames below 60 with
 * zeros, like a MAC. The longest frame follows dev->data->mtu, see
 * rte_pio_queue_info::ring_frame_max.
 *
 * <b>Threads.</b> Each call names one of: @e control thread (one thread at a time per process
 * calls these), @e queue's thread (one thread at a time per queue; rte_eth_tx_burst() on that
 * queue counts), @e any thread. No call waits for the adapter unless it says so. To hand a queue to
 * another thread, ring for what RTE_PIO_MORE held back (rte_pio_reap()), then an ordinary
 * release/acquire pair suffices.
 *
 * <b>Secondary processes</b> may send on queues that they own and read information and
 * statistics; what changes something answers -EPERM. On a port without a PIO driver a secondary
 * calls rte_pio_queue_info_get() once before its first send.
 *
 * <b>Errors</b> are negative errno values. An error means that nothing was sent and that nothing
 * was changed. Each call lists its own; they always mean the same:
 *
 * | errno     | meaning                                  | what to do                            |
 * |-----------|------------------------------------------|---------------------------------------|
 * | -ENODEV   | no such port                             | check the port id                     |
 * | -EINVAL   | bad queue, NULL, unknown flag, range     | fix the caller; the log names it      |
 * | -ENOTSUP  | no PIO here and fallback is excluded, or | opt in, or allow the fallback         |
 * |           | the queue did not opt in                 |                                       |
 * | -EMSGSIZE | longer than every allowed path takes     | shorten it, or raise the MTU          |
 * | -EAGAIN   | no credit, or the ring is full           | call again                            |
 * | -ENOSPC   | adapter memory is exhausted              | ask for less, release other queues    |
 * | -ENOMEM   | host memory is exhausted                 | give EAL more memory                  |
 * | -ENOBUFS  | the fallback needs an mbuf and has none  | give or enlarge fallback_mp           |
 * | -EBUSY    | template in flight, queue running, or    | call again; stop the port; free them  |
 * |           | templates still allocated                |                                       |
 * | -EEXIST   | already opted in, already registered     | release first                         |
 * | -EPERM    | not from a secondary process             | call from the primary                 |
 * | -ENETDOWN | the port is stopped                      | start it                              |
 * | -EIO      | the device failed, recovery follows      | wait for RTE_ETH_EVENT_RECOVERY_SUCCESS |
 * | -ENXIO    | REQUIRE cannot be met for want of        | read the log: it says what is missing |
 * |           | privilege or mapping                     |                                       |
 */

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_compat.h>
#include <rte_config.h>

#include <rte_pio_core.h>
#include <rte_pio_store.h>

#ifdef __cplusplus
extern "C" {
#endif

struct rte_mempool;

/** @name What a send returns when the frame was taken
 * @{
 */
#define RTE_PIO_BY_PIO	0	/**< It left by PIO. */
#define RTE_PIO_BY_RING	1	/**< It left by the descriptor ring. */
/**@}*/

/** @name Flags of a send
 * @{
 */
/**
 * More follows at once: do not ring the doorbell yet. Any later send on the queue (also one that
 * fails), rte_eth_tx_burst(), rte_pio_reap() and the stop of the port ring for what is pending.
 */
#define RTE_PIO_MORE		(UINT32_C(1) << 0)
/** By PIO or not at all, whatever the queue's conf says. */
#define RTE_PIO_NO_FALLBACK	(UINT32_C(1) << 1)
/** Run the call without sending: see rte_pio_warm(). */
#define RTE_PIO_WARM		(UINT32_C(1) << 2)
/** Insert the checksums that tx_ol_flags of the queue's (or the template's) conf names. */
#define RTE_PIO_CSUM		(UINT32_C(1) << 3)
/** All flags that exist; any other bit is -EINVAL. */
#define RTE_PIO_FLAGS_ALL	(RTE_PIO_MORE | RTE_PIO_NO_FALLBACK | RTE_PIO_WARM | RTE_PIO_CSUM)
/**@}*/

#define RTE_PIO_FRAME_MIN	14	/**< Shortest frame: a bare Ethernet header. */
#define RTE_PIO_IOV_MAX		64	/**< Most pieces of one frame in rte_pio_sendv(). */
#define RTE_PIO_LINE		64	/**< Adapter memory is written by lines of this many bytes. */
#define RTE_PIO_TEMPLATE_MEM_MAX 4096	/**< Most template memory of a queue: 64 lines. */
#define RTE_PIO_HOLDERS_MAX	32	/**< Entries of rte_pio_info::holders. */
#define RTE_PIO_WC_RUNGS_MAX	8	/**< Entries of rte_pio_wc_info::rungs. */

/** @name rte_pio_info::flags
 * @{
 */
#define RTE_PIO_CAP_PIO		(UINT64_C(1) << 0)	/**< Frames can leave by PIO. */
#define RTE_PIO_CAP_TEMPLATE	(UINT64_C(1) << 1)	/**< Templates can live in the adapter. */
#define RTE_PIO_CAP_CSUM	(UINT64_C(1) << 2)	/**< RTE_PIO_CSUM works on PIO frames. */
#define RTE_PIO_CAP_SECONDARY	(UINT64_C(1) << 3)	/**< Secondary processes may send. */
#define RTE_PIO_CAP_SHARED_POOL	(UINT64_C(1) << 4)	/**< Other functions draw from the pool. */
/**@}*/

/** What to do when adapter memory is not to be had at set-up. */
enum rte_pio_policy {
	RTE_PIO_POLICY_TRY,	/**< Opt in all the same, everything by the ring. */
	RTE_PIO_POLICY_REQUIRE,	/**< Fail the set-up. */
};

/** What to do with a frame that cannot go by PIO. */
enum rte_pio_fallback {
	RTE_PIO_FALLBACK_RING,	/**< Send it by the ring. */
	RTE_PIO_FALLBACK_NONE,	/**< Refuse it. Mbufs of rte_eth_tx_burst() go by the ring. */
};

/** What the mapping must be for a queue to use PIO. */
enum rte_pio_wc_policy {
	RTE_PIO_WC_ANY,		/**< Any mapping will do. */
	RTE_PIO_WC_REQUIRE,	/**< Write combining, or a store kind that does not need it. */
};

/** State of a queue as rte_pio sees it. */
enum rte_pio_queue_state {
	RTE_PIO_QUEUE_NONE,	/**< Not opted in. */
	RTE_PIO_QUEUE_RING,	/**< Opted in, no PIO to be had: see rte_pio_queue_info::reason. */
	RTE_PIO_QUEUE_STOPPED,	/**< rte_pio_queue_stop() was called: everything by the ring. */
	RTE_PIO_QUEUE_STARTED,	/**< PIO in use whenever the port is started. */
	RTE_PIO_QUEUE_STATE_MAX,
};

/**
 * Why a frame did not leave by PIO. Each has a name (rte_pio_fb_reason_name()) and two counters
 * per queue: frames that went by the ring instead, and calls that were refused.
 */
enum rte_pio_fb_reason {
	RTE_PIO_FB_NONE,		/**< No reason: PIO is in use. */
	RTE_PIO_FB_LEN,			/**< Longer than a slot. */
	RTE_PIO_FB_THRESHOLD,		/**< Fits a slot, but is longer than the threshold. */
	RTE_PIO_FB_NO_SLOT,		/**< All slots are in flight. */
	RTE_PIO_FB_NO_CREDIT,		/**< The adapter's byte credits are used up. */
	RTE_PIO_FB_RING_FULL,		/**< No descriptor or event room: the ring cannot either. */
	RTE_PIO_FB_SEGS,		/**< A multi-segment mbuf. */
	RTE_PIO_FB_OFFLOAD,		/**< It asks for an offload that PIO cannot do. */
	RTE_PIO_FB_STOPPED,		/**< rte_pio_queue_stop(). */
	RTE_PIO_FB_NO_MEMORY,		/**< No adapter memory was granted. */
	RTE_PIO_FB_NO_PRIVILEGE,	/**< The function may not use PIO. */
	RTE_PIO_FB_NO_MAPPING,		/**< The window could not be mapped. */
	RTE_PIO_FB_WC,			/**< Mapping not write combining, and wc_policy REQUIRE. */
	RTE_PIO_FB_NO_DRIVER,		/**< The port's driver has no PIO. */
	RTE_PIO_FB_TEMPLATE_BUSY,	/**< Every slot of the template is in flight. */
	RTE_PIO_FB_TEMPLATE_HOST,	/**< The template is not resident in the adapter. */
	RTE_PIO_FB_DEVICE,		/**< The device lost its PIO memory in a recovery. */
	RTE_PIO_FB_MAX,
};

/** Whether a template must live in adapter memory. */
enum rte_pio_resident {
	RTE_PIO_RESIDENT_PREFERRED,	/**< If there is room; else host memory and the ring. */
	RTE_PIO_RESIDENT_REQUIRED,	/**< Else rte_pio_template_alloc() fails. */
};

/** Who holds adapter memory. */
struct rte_pio_holder {
	uint16_t port_id;	/**< Port of the queue. */
	uint16_t queue_id;	/**< Transmit queue. */
	uint32_t mem;		/**< Bytes of adapter memory. */
	uint32_t nb_templates;	/**< Templates that exist on it. */
};

/** What a port can do and what is free now. All zero on a port without PIO, except MTU fields. */
struct rte_pio_info {
	uint64_t flags;			/**< RTE_PIO_CAP_*; 0: no PIO. */
	uint32_t buf_size;		/**< Bytes of one PIO buffer: the most one queue gets. */
	uint32_t nb_bufs;		/**< PIO buffers of the pool. */
	uint32_t nb_bufs_free;		/**< Of these, not held by a queue of this process group. */
	uint32_t mem_total;		/**< Bytes of the pool. */
	uint32_t mem_free;		/**< Bytes not held by a queue of this process group. */
	uint32_t pio_frame_max;		/**< Longest frame that PIO can ever take. */
	uint32_t ring_frame_max;	/**< Longest frame that the ring takes at this MTU. */
	uint16_t mtu;			/**< dev->data->mtu. */
	uint16_t nb_queues_max;		/**< Queues that can have PIO at the same time. */
	uint16_t nb_queues;		/**< Queues of this port that opted in. */
	uint16_t nb_holders;		/**< Queues that hold memory of the pool (may exceed holders). */
	enum rte_pio_store_kind store;	/**< How 64-byte lines are stored. */
	enum rte_pio_map_kind map;	/**< Mapping of the window. */
	/** Why no PIO, or no memory, is to be had now; RTE_PIO_FB_NONE when there is some. */
	enum rte_pio_fb_reason reason;
	char pool[32];			/**< Name of the pool; ports that share it have the same. */
	/** All holders of the pool, on this and other ports. Filled by the library. */
	struct rte_pio_holder holders[RTE_PIO_HOLDERS_MAX];
	uint64_t reserved[8];		/**< 0. */
};

/** How a queue opts in. Start from rte_pio_queue_conf_default(), or from zeros. */
struct rte_pio_queue_conf {
	enum rte_pio_policy policy;		/**< When adapter memory is not to be had. */
	enum rte_pio_fallback fallback;		/**< When a frame cannot go by PIO. */
	enum rte_pio_wc_policy wc_policy;	/**< What the mapping must be. */
	/** Bytes, 14..buf_size - 64: longer frames go by the ring. 0: the driver's advice. */
	uint32_t threshold;
	/** Bytes of adapter memory without which PIO is not worth it. 0: one slot's worth. */
	uint32_t mem_min;
	/** Bytes of adapter memory wanted, >= mem_min. 0: the driver's advice. */
	uint32_t mem_pref;
	/** Bytes of it kept for resident templates, rounded up to 64, at most 4096. */
	uint32_t template_mem;
	/** Templates that may exist at the same time, resident or not. */
	uint16_t nb_templates_max;
	/** L2 header length of frames sent with RTE_PIO_CSUM; 0 without tx_ol_flags. */
	uint16_t l2_len;
	/** L3 header length of frames sent with RTE_PIO_CSUM; 0 without tx_ol_flags. */
	uint16_t l3_len;
	/**
	 * Checksums that RTE_PIO_CSUM inserts: RTE_MBUF_F_TX_IP_CKSUM, _TCP_CKSUM or _UDP_CKSUM
	 * with _IPV4 or _IPV6; 0: none. The queue must have the matching offloads.
	 */
	uint64_t tx_ol_flags;
	/** Mbufs for mbuf-less frames that go by the ring; NULL: such frames are -ENOBUFS. */
	struct rte_mempool *fallback_mp;
	uint64_t reserved[4];	/**< Must be 0. */
};

/** What a queue got. */
struct rte_pio_queue_info {
	enum rte_pio_queue_state state;	/**< How the queue stands. */
	/** Why the queue does not use PIO; RTE_PIO_FB_NONE in state STARTED. */
	enum rte_pio_fb_reason reason;
	enum rte_pio_store_kind store;	/**< How 64-byte lines are stored. */
	enum rte_pio_map_kind map;	/**< Mapping of the window. */
	uint32_t mem;			/**< Bytes of adapter memory granted. */
	uint32_t slot_size;		/**< Bytes of a slot: the longest threshold. */
	uint32_t nb_slots;		/**< Frames that can be in flight by PIO. */
	uint32_t threshold;		/**< Longer frames go by the ring. */
	uint32_t ring_frame_max;	/**< Longest mbuf-less frame the ring takes at this MTU. */
	uint32_t template_mem;		/**< Bytes kept for resident templates. */
	uint32_t template_mem_free;	/**< Of these, free. */
	uint16_t nb_templates;		/**< Templates that exist. */
	uint16_t mtu;			/**< dev->data->mtu. */
	/** As given to rte_pio_queue_setup(); zeros that stand for advice are replaced by it. */
	struct rte_pio_queue_conf conf;
	uint64_t reserved[4];		/**< 0. */
};

/** What the next calls of the queue's thread can send by PIO. */
struct rte_pio_credits {
	uint32_t frames;	/**< Frames of at most the threshold. */
	uint32_t bytes;		/**< frames x slot size, or what the adapter's byte credits allow. */
};

/**
 * Counters of a queue. Bytes are frame lengths as given: no padding, no FCS. On a queue with a
 * PIO driver, frames of rte_eth_tx_burst() are counted too, and ring_packets is the sum of
 * fallback[].
 */
struct rte_pio_queue_stats {
	uint64_t pio_packets;		/**< Frames by PIO, templates included. */
	uint64_t pio_bytes;		/**< Their bytes. */
	uint64_t ring_packets;		/**< Frames by the ring, for one of the reasons. */
	uint64_t ring_bytes;		/**< Their bytes. */
	uint64_t template_sends;	/**< Template frames by PIO. */
	uint64_t template_updates;	/**< Patches applied. */
	uint64_t template_lines;	/**< 64-byte lines written for templates. */
	uint64_t warms;			/**< Warm calls. */
	uint64_t fallback[RTE_PIO_FB_MAX];	/**< Frames by the ring, by reason. */
	uint64_t refused[RTE_PIO_FB_MAX];	/**< Calls that got an error, by reason. */
};

/** A frame to keep in adapter memory. */
struct rte_pio_template_conf {
	const void *data;	/**< Content, copied; any alignment. */
	uint32_t len;		/**< Bytes, >= 14. */
	uint32_t room;		/**< Longest it may become, >= len. 0: len. */
	/**
	 * 1 or 2 copies in adapter memory, 0 means 1. With 2 it can be patched and sent while its
	 * last send is in flight.
	 */
	uint16_t nb_slots;
	uint16_t l2_len;	/**< As in rte_pio_queue_conf. */
	uint16_t l3_len;	/**< As in rte_pio_queue_conf. */
	enum rte_pio_resident resident;	/**< Must it live in adapter memory? */
	uint64_t tx_ol_flags;	/**< As in rte_pio_queue_conf, for sends of this template. */
	uint64_t reserved[2];	/**< Must be 0. */
};

/** State of a template. */
struct rte_pio_template_info {
	uint32_t len;		/**< Length of the frame now. */
	uint32_t room;		/**< Longest it may become. */
	uint16_t nb_slots;	/**< Copies in adapter memory; 0: not resident. */
	uint16_t in_flight;	/**< Slots whose send is not known to have completed. */
	bool resident;		/**< False: it goes by the ring from host memory. */
	uint64_t sends;		/**< Sends by PIO. */
	uint64_t ring_sends;	/**< Sends by the ring. */
	uint64_t updates;	/**< Patches applied. */
	uint64_t lines;		/**< 64-byte lines that crossed the bus for it. */
	uint64_t reserved[2];	/**< 0. */
};

/** What the self-test made of a mapping. */
enum rte_pio_wc_verdict {
	RTE_PIO_WC_NOT_MEASURED,	/**< No self-test ran yet. */
	RTE_PIO_WC_COMBINING,		/**< Eight stores cost like one: they cross together. */
	RTE_PIO_WC_NOT_COMBINING,	/**< Eight stores cost like eight. */
	/** Too fast for a bus, or in between: plain memory answers this, never COMBINING. */
	RTE_PIO_WC_NOT_DISTINGUISHABLE,
	RTE_PIO_WC_VERDICT_MAX,
};

/** A way to map the window. */
struct rte_pio_wc_rung {
	char name[24];		/**< Short name, such as "split" or "vfio". */
	enum rte_pio_map_kind map;	/**< What it gives. */
	bool taken;		/**< The port stands on this one. */
	int32_t error;		/**< 0, or the negative errno of the refusal. */
	char reason[160];	/**< Why it was refused, or "" */
	char advice[160];	/**< The one thing to do about it, or "" */
};

/** What the mapping of a port really is. */
struct rte_pio_wc_info {
	enum rte_pio_map_kind asked;		/**< What the driver wanted. */
	enum rte_pio_map_kind granted;		/**< What it knows it got (UNKNOWN: not verifiable). */
	enum rte_pio_wc_verdict measured;	/**< What the last self-test says. */
	enum rte_pio_store_kind store;		/**< How 64-byte lines are stored. */
	bool degraded;		/**< Correct but slow: 8 bytes per bus transaction. */
	uint16_t nb_rungs;	/**< Rungs of the ladder, best first, up to the one taken. */
	uint32_t burst_ps;	/**< Self-test: picoseconds per 64 bytes by eight stores. */
	uint32_t single_ps;	/**< Self-test: picoseconds per single 8-byte store. */
	struct rte_pio_wc_rung rungs[RTE_PIO_WC_RUNGS_MAX];	/**< The ladder. */
	uint64_t reserved[4];	/**< 0. */
};

/* Control */

/**
 * Tell what a port can do with PIO and what is free now.
 *
 * Any thread. Does not wait for the adapter. Secondary processes may call it.
 *
 * @param port_id Port.
 * @param info    Filled on success. A port without PIO gives 0 and no flags.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: info is NULL.
 */
__rte_experimental
int rte_pio_info_get(uint16_t port_id, struct rte_pio_info *info);

/**
 * Get the driver's advice for rte_pio_queue_setup(): policy TRY, fallback RING, and sizes that
 * suit the adapter. On a port without PIO: the same policies, sizes 0.
 *
 * Any thread.
 *
 * @param port_id Port.
 * @param conf    Filled on success. fallback_mp is NULL: the caller knows its pool.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: conf is NULL.
 */
__rte_experimental
int rte_pio_queue_conf_default(uint16_t port_id, struct rte_pio_queue_conf *conf);

/**
 * Opt a transmit queue in. After rte_eth_tx_queue_setup() and while the port is not started.
 *
 * With policy TRY and fallback RING it succeeds on every port: what could not be had is told by
 * rte_pio_queue_info_get() and counted per frame. A repeated rte_eth_tx_queue_setup() of the queue
 * by a PIO driver releases the opt-in.
 *
 * Control thread. May wait for the adapter's management processor, with the driver's deadline.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that is set up.
 * @param conf     What is wanted; copied.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: queue out of range or not set up, conf NULL or a field out of its range. The log
 *     names the field, the value and the range.
 *   - -EEXIST: the queue has opted in already. Release it first.
 *   - -EBUSY: the port is started. Stop it first.
 *   - -ENOTSUP: the port never has PIO and policy is REQUIRE or fallback is NONE, or tx_ol_flags
 *     asks for an offload that the queue was not given. Use TRY and RING, or enable the offload.
 *   - -ENOSPC: mem_min is not free, or what is free has no room for one slot beside template_mem,
 *     and policy is REQUIRE or fallback is NONE. Ask for less, release other queues, see
 *     rte_pio_info::holders.
 *   - -ENXIO: PIO needs a privilege or a mapping that is missing, and policy is REQUIRE or
 *     fallback is NONE. The log and rte_pio_wc_info_get() say which.
 *   - -ENOMEM: host memory exhausted. Give EAL more.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
int rte_pio_queue_setup(uint16_t port_id, uint16_t queue_id,
			const struct rte_pio_queue_conf *conf);

/**
 * Opt a queue out and give its adapter memory back. While the port is not started.
 *
 * Control thread. May wait for the adapter's management processor, with the driver's deadline.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: queue out of range. Check the id.
 *   - -ENOTSUP: the queue has not opted in. Nothing to do.
 *   - -EBUSY: templates still exist, or the port is started. Free them, stop the port.
 */
__rte_experimental
int rte_pio_queue_release(uint16_t port_id, uint16_t queue_id);

/**
 * Use PIO on an opted-in queue (as it is after set-up). Only publishes the wish: the queue's
 * thread acts on it in its next call. Order is kept. Templates survive.
 *
 * Control thread, port started or not. Does not wait.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @return
 *   - 0, also if it was started already
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: queue out of range. Check the id.
 *   - -ENOTSUP: the queue has not opted in. Call rte_pio_queue_setup().
 */
__rte_experimental
int rte_pio_queue_start(uint16_t port_id, uint16_t queue_id);

/**
 * Do not use PIO on an opted-in queue: everything goes by the ring, for the reason
 * RTE_PIO_FB_STOPPED, until rte_pio_queue_start(). With fallback NONE sends are -ENOTSUP. Only
 * publishes the wish, as rte_pio_queue_start(). Order is kept. Templates survive.
 *
 * Control thread, port started or not. Does not wait.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @return
 *   - 0, also if it was stopped already
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: queue out of range. Check the id.
 *   - -ENOTSUP: the queue has not opted in. Call rte_pio_queue_setup().
 */
__rte_experimental
int rte_pio_queue_stop(uint16_t port_id, uint16_t queue_id);

/**
 * Change the threshold: frames longer than this go by the ring. Only publishes the value.
 *
 * Control thread, port started or not. Does not wait.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param len      Bytes without FCS, 14..rte_pio_queue_info::slot_size.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: queue or len out of range. Slots keep their size: a longer threshold needs
 *     rte_pio_queue_setup() anew.
 *   - -ENOTSUP: the queue has not opted in, or has no PIO (state RING).
 */
__rte_experimental
int rte_pio_threshold_set(uint16_t port_id, uint16_t queue_id, uint32_t len);

/**
 * Tell what a queue got and how it stands. A queue that has not opted in gives 0 and state NONE.
 *
 * Any thread. Secondary processes may call it.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue.
 * @param info     Filled on success.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range, info NULL.
 */
__rte_experimental
int rte_pio_queue_info_get(uint16_t port_id, uint16_t queue_id, struct rte_pio_queue_info *info);

/**
 * Tell what the mapping of the window is: asked for, granted, measured, and why each better way
 * was refused.
 *
 * Any thread. Secondary processes may call it.
 *
 * @param port_id Port.
 * @param info    Filled on success. A port without PIO gives granted NONE and one refused rung.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: info is NULL.
 */
__rte_experimental
int rte_pio_wc_info_get(uint16_t port_id, struct rte_pio_wc_info *info);

/**
 * Measure the mapping: time bursts of 64 bytes against single stores on a spare line. Takes less
 * than a millisecond of CPU time; emits nothing; sends on other threads go on.
 *
 * Control thread.
 *
 * @param port_id Started port with at least one queue that holds adapter memory.
 * @param info    Filled on success, as by rte_pio_wc_info_get() with the measured fields.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: info is NULL.
 *   - -ENOTSUP: the port has no PIO, or no line to measure on now: no queue holds adapter memory,
 *     or the device is not running. Opt a queue in, start the port.
 */
__rte_experimental
int rte_pio_wc_selftest(uint16_t port_id, struct rte_pio_wc_info *info);

/**
 * Read the counters of a queue. They are also ethdev xstats (PIO drivers) and in telemetry.
 *
 * Any thread: each counter is read whole, the set is not a snapshot. Secondaries may call it.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param stats    Filled on success.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range, stats NULL.
 *   - -ENOTSUP: the queue has not opted in. Call rte_pio_queue_setup().
 */
__rte_experimental
int rte_pio_stats_get(uint16_t port_id, uint16_t queue_id, struct rte_pio_queue_stats *stats);

/**
 * Let the counters of a queue start from 0. The queue's thread goes on undisturbed.
 *
 * Control thread.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EPERM: not from a secondary process. Call it in the primary.
 *   - -EINVAL: queue out of range. Check the id.
 *   - -ENOTSUP: the queue has not opted in. Call rte_pio_queue_setup().
 */
__rte_experimental
int rte_pio_stats_reset(uint16_t port_id, uint16_t queue_id);

/**
 * Print all that is known about a port, for people.
 *
 * Any thread.
 *
 * @param f       Where to.
 * @param port_id Port.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: f is NULL.
 */
__rte_experimental
int rte_pio_dump(FILE *f, uint16_t port_id);

/**
 * Name of a reason, such as "threshold". Any thread.
 *
 * @param reason Reason.
 * @return The name; "unknown" for a value out of range. Never NULL.
 */
__rte_experimental
const char *rte_pio_fb_reason_name(enum rte_pio_fb_reason reason);

/**
 * Name of a queue state, such as "started". Any thread.
 *
 * @param state State.
 * @return The name; "unknown" for a value out of range. Never NULL.
 */
__rte_experimental
const char *rte_pio_queue_state_name(enum rte_pio_queue_state state);

/**
 * Name of a verdict, such as "not distinguishable". Any thread.
 *
 * @param verdict Verdict.
 * @return The name; "unknown" for a value out of range. Never NULL.
 */
__rte_experimental
const char *rte_pio_wc_verdict_name(enum rte_pio_wc_verdict verdict);

/* Sending */

/**
 * Send one flat frame without an mbuf. The memory is the caller's again on return.
 *
 * The call decides the path, falls back by itself and says which path it took. It also takes
 * completions. It never spins on the adapter.
 *
 * Queue's thread.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param frame    Ethernet header and payload, any alignment.
 * @param len      Bytes without FCS, >= 14.
 * @param flags    RTE_PIO_MORE, _NO_FALLBACK, _WARM, _CSUM or 0.
 * @return
 *   - RTE_PIO_BY_PIO, RTE_PIO_BY_RING: sent
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range, unknown flag, frame NULL, len below 14, or RTE_PIO_CSUM on a
 *     queue whose conf has no tx_ol_flags. Fix the caller.
 *   - -ENOTSUP: the queue has not opted in, or uses no PIO and the fallback is excluded, or the
 *     port's driver has no PIO and refuses the checksum for this frame.
 *   - -EMSGSIZE: longer than every allowed path takes. See rte_pio_queue_info::ring_frame_max,
 *     and rte_pio_queue_info::threshold when the fallback is excluded.
 *   - -EAGAIN: no credit (fallback excluded) or ring full. Call again.
 *   - -ENOBUFS: it had to go by the ring and fallback_mp is NULL or empty. Enlarge it or wait.
 *   - -ENETDOWN: the port is stopped. Start it.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
static inline int
rte_pio_send(uint16_t port_id, uint16_t queue_id, const void *frame, uint32_t len, uint32_t flags)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return -ENODEV;
	fp = &rte_pio_fp_ops[port_id];
	if (unlikely(queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(port_id, queue_id);
	return fp->send(fp->queues->data[queue_id], frame, len, flags);
}

/**
 * Send one frame gathered from pieces, without an mbuf. As rte_pio_send(), and:
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param iov      Pieces in order, any alignment; a piece may be empty.
 * @param n        Number of pieces, 1..RTE_PIO_IOV_MAX.
 * @param flags    As for rte_pio_send().
 * @return
 *   As rte_pio_send(). -EINVAL also: iov NULL, n out of range, or a piece without base but with
 *   a length.
 */
__rte_experimental
static inline int
rte_pio_sendv(uint16_t port_id, uint16_t queue_id, const struct rte_pio_iov *iov, uint16_t n,
	      uint32_t flags)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return -ENODEV;
	fp = &rte_pio_fp_ops[port_id];
	if (unlikely(queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(port_id, queue_id);
	return fp->sendv(fp->queues->data[queue_id], iov, n, flags);
}

/**
 * Send several flat frames with one doorbell. Each is decided on as by rte_pio_send(); the first
 * one that cannot be sent ends the call.
 *
 * Queue's thread.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param frames   One frame per entry.
 * @param n        Number of frames.
 * @param flags    As for rte_pio_send(); RTE_PIO_MORE withholds the doorbell of the last.
 * @return
 *   How many frames were sent, 1..n (0 if n is 0; n with RTE_PIO_WARM). If not even the first:
 *   the negative errno that rte_pio_send() would have returned for it, -EINVAL also: frames NULL
 *   with n > 0.
 */
__rte_experimental
static inline int
rte_pio_send_burst(uint16_t port_id, uint16_t queue_id, const struct rte_pio_iov *frames,
		   uint16_t n, uint32_t flags)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return -ENODEV;
	fp = &rte_pio_fp_ops[port_id];
	if (unlikely(queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(port_id, queue_id);
	return fp->send_burst(fp->queues->data[queue_id], frames, n, flags);
}

/**
 * Tell how many frames the next calls of this thread will send by PIO with nothing in between:
 * exactly that many of at most the threshold, no more. Takes completions first.
 *
 * Queue's thread.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param credits  Filled on success; zeros while the queue does not use PIO.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range, credits NULL.
 *   - -ENOTSUP: the queue has not opted in.
 *   - -ENETDOWN: the port is stopped. Start it.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
static inline int
rte_pio_credits(uint16_t port_id, uint16_t queue_id, struct rte_pio_credits *credits)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return -ENODEV;
	fp = &rte_pio_fp_ops[port_id];
	if (unlikely(queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(port_id, queue_id);
	return fp->credits(fp->queues->data[queue_id], credits);
}

/**
 * Warm the send path: run the code of a send of len bytes and its stores, all to the scratch
 * line, so that caches, branch predictors and translations are ready. Emits nothing, rings no
 * doorbell (not even a pending one), touches no live slot; legal at any time on a started port,
 * also with all slots in flight.
 *
 * Queue's thread.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param len      Bytes of the frame to come, >= 14.
 * @return
 *   - RTE_PIO_BY_PIO: warmed
 *   - RTE_PIO_BY_RING: such a frame would go by the ring (too long, PIO not in use): nothing done
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range, len below 14.
 *   - -ENOTSUP: the queue has not opted in.
 *   - -ENETDOWN: the port is stopped. Start it.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
static inline int
rte_pio_warm(uint16_t port_id, uint16_t queue_id, uint32_t len)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return -ENODEV;
	fp = &rte_pio_fp_ops[port_id];
	if (unlikely(queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(port_id, queue_id);
	return fp->warm(fp->queues->data[queue_id], len);
}

/**
 * Take completions without sending (every send does it too), and ring for what RTE_PIO_MORE
 * held back.
 *
 * Queue's thread.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @return
 *   - 0
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range.
 *   - -ENOTSUP: the queue has not opted in.
 *   - -ENETDOWN: the port is stopped. Start it.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
static inline int
rte_pio_reap(uint16_t port_id, uint16_t queue_id)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return -ENODEV;
	fp = &rte_pio_fp_ops[port_id];
	if (unlikely(queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(port_id, queue_id);
	return fp->reap(fp->queues->data[queue_id]);
}

/* Templates */

/**
 * Lay a frame into adapter memory, to be sent any number of times. The content is kept in host
 * memory too: it survives stop and start of the port, queue_stop and queue_start, and device
 * recovery without further calls. rte_eth_dev_close() frees what the application did not; its
 * handles are dead then.
 *
 * Queue's thread, port started or stopped.
 *
 * @param port_id  Port.
 * @param queue_id Transmit queue that opted in.
 * @param conf     Content and wishes; copied.
 * @param t        Set to the template on success, to NULL on failure.
 * @return
 *   - 0; rte_pio_template_info_get() tells whether it is resident
 *   - -ENODEV: no such port. Check the id.
 *   - -EINVAL: queue out of range, conf or t or data NULL, len below 14, room below len, more
 *     than 2 slots, unknown residency.
 *   - -ENOTSUP: the queue has not opted in, the port never has PIO and residency is REQUIRED, or
 *     tx_ol_flags asks for an offload that the queue was not given.
 *   - -EMSGSIZE: room is longer than every allowed path takes. See
 *     rte_pio_queue_info::ring_frame_max.
 *   - -ENOSPC: no room in template_mem and residency is REQUIRED (or the queue's fallback is NONE,
 *     which means the same), or nb_templates_max templates exist. Free one, or opt in with more.
 *   - -ENOMEM: host memory exhausted. Give EAL more.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
int rte_pio_template_alloc(uint16_t port_id, uint16_t queue_id,
			   const struct rte_pio_template_conf *conf, struct rte_pio_template **t);

/**
 * Free a template. Never waits: its adapter memory returns when its last send has completed.
 *
 * Queue's thread, port in any state.
 *
 * @param t From rte_pio_template_alloc(); NULL does nothing. Not to be used afterwards.
 * @return 0
 */
__rte_experimental
int rte_pio_template_free(struct rte_pio_template *t);

/**
 * Tell how a template stands.
 *
 * Queue's thread, port in any state. What completed since the last send or reap may still be
 * shown as in flight.
 *
 * @param t    Template.
 * @param info Filled on success.
 * @return
 *   - 0
 *   - -EINVAL: t or info is NULL.
 */
__rte_experimental
int rte_pio_template_info_get(const struct rte_pio_template *t,
			      struct rte_pio_template_info *info);

/**
 * Patch a template. Only the 64-byte lines that change cross the bus. Bytes of a send that is in
 * flight never change: with two slots the other one is written; when every slot is in flight
 * the patch waits in host memory if the fallback is RING (a send then goes by the ring, or by PIO
 * once a slot is free), else the answer is -EBUSY.
 *
 * A patch may begin anywhere up to the end of the frame; one that goes past the end makes the
 * frame longer, up to room. data NULL with len 0 sets the length: the frame ends at offset, new
 * bytes are 0.
 *
 * Ends with a store fence: an ordinary release/acquire hand-over of the queue to another thread
 * suffices afterwards.
 *
 * Queue's thread, port started or stopped.
 *
 * @param t      Template.
 * @param offset First byte to change.
 * @param data   New bytes, any alignment.
 * @param len    Number of bytes.
 * @return
 *   - 0
 *   - -EINVAL: t NULL, data NULL with len > 0, offset past the end of the frame, offset + len past
 *     room, or a new length below 14.
 *   - -EBUSY: every slot is in flight and the fallback is NONE. Call again.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
static inline int
rte_pio_template_update(struct rte_pio_template *t, uint32_t offset, const void *data,
			uint32_t len)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(t == NULL))
		return -EINVAL;
	fp = &rte_pio_fp_ops[t->port_id];
	if (unlikely(t->queue_id >= fp->queues->nb_queues))
		return rte_pio_template_update_blocked(t, offset, data, len);
	return fp->template_update(t, offset, data, len);
}

/**
 * Send a template as it stands: a doorbell and nothing else when it is resident and clean.
 *
 * Queue's thread.
 *
 * @param t     Template.
 * @param flags RTE_PIO_MORE, _NO_FALLBACK, _WARM, _CSUM or 0.
 * @return
 *   - RTE_PIO_BY_PIO, RTE_PIO_BY_RING: sent
 *   - -EINVAL: t NULL, unknown flag, or RTE_PIO_CSUM on a template whose conf has no tx_ol_flags.
 *   - -EBUSY: every slot is in flight and the fallback is excluded. Call again.
 *   - -ENOTSUP: not resident, or the queue uses no PIO, and the fallback is excluded.
 *   - -EMSGSIZE: it has to go by the ring and is longer than the MTU or fallback_mp allows.
 *   - -EAGAIN: ring full. Call again.
 *   - -ENOBUFS: it had to go by the ring and fallback_mp is NULL or empty. Enlarge it or wait.
 *   - -ENETDOWN: the port is stopped. Start it.
 *   - -EIO: the device failed. Wait for its recovery.
 */
__rte_experimental
static inline int
rte_pio_template_send(struct rte_pio_template *t, uint32_t flags)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(t == NULL))
		return -EINVAL;
	fp = &rte_pio_fp_ops[t->port_id];
	if (unlikely(t->queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(t->port_id, t->queue_id);
	return fp->template_send(t, flags);
}

/**
 * Patch and send: the call for the critical path. One fence, one doorbell. If it fails, no patch
 * was applied.
 *
 * Queue's thread.
 *
 * @param t       Template.
 * @param updates Patches, applied in order.
 * @param n       Number of patches; 0 is rte_pio_template_send().
 * @param flags   As for rte_pio_template_send(). With RTE_PIO_WARM no patch is applied.
 * @return
 *   As rte_pio_template_send(). -EINVAL also: updates NULL with n > 0, or a patch that
 *   rte_pio_template_update() would refuse.
 */
__rte_experimental
static inline int
rte_pio_template_update_send(struct rte_pio_template *t, const struct rte_pio_update *updates,
			     uint16_t n, uint32_t flags)
{
	const struct rte_pio_fp_ops *fp;

	if (unlikely(t == NULL))
		return -EINVAL;
	fp = &rte_pio_fp_ops[t->port_id];
	if (unlikely(t->queue_id >= fp->queues->nb_queues))
		return rte_pio_queue_error(t->port_id, t->queue_id);
	return fp->template_update_send(t, updates, n, flags);
}

#ifdef __cplusplus
}
#endif

#endif /* RTE_PIO_H */
