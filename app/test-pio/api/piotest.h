/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOTEST_H
#define PIOTEST_H

/*
 * net_piotest: a second PIO driver, as unlike EF10 as the contract allows, so that nothing of
 * rte_pio_driver.h is shaped by one adapter only. A vdev with a device model of its own:
 *
 * - a queue that opts in has its ring in device memory: entries of 128 bytes, any number;
 * - a frame by PIO is an entry with the first 96 bytes inline; the device fetches the rest by DMA
 *   from a bounce buffer of the driver. The device grants byte credits for such frames;
 * - a frame by the ring is an entry (also there) that only names an mbuf;
 * - a template is an entry that names bytes in device memory;
 * - completions are one free-running count in host memory.
 *
 * The device works when its doorbell is rung, unless it is held, so a test sees every state it
 * wants. It keeps what it sent, and counts what a driver must never do.
 *
 *	net_piotestN[,pool=NAME][,bufs=N][,privilege=0][,map=0][,wc=0]
 *
 * Files: piotest_dev.c the device, piotest_tx.c the datapath, piotest_ext.c the control side of
 * rte_pio, piotest_pmd.c ethdev.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_mbuf.h>

#include <rte_pio_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIOTEST_NAME		"net_piotest"
#define PIOTEST_BUF_SIZE	8192	/**< Device memory of a queue. */
#define PIOTEST_ENTRY		128	/**< Bytes of a ring entry. */
#define PIOTEST_INLINE		96	/**< Of these, frame bytes. */
#define PIOTEST_FRAME_MAX	1024	/**< Longest frame by PIO. */
#define PIOTEST_CREDITS		3072	/**< Byte credits of a queue. */
#define PIOTEST_MAX_QUEUES	4

/* The device */

enum piotest_entry_type {
	PIOTEST_ENTRY_PUSH = 1,		/**< Inline bytes, the rest from dma. */
	PIOTEST_ENTRY_DMA,		/**< All bytes from dma; more: the frame goes on. */
	PIOTEST_ENTRY_TEMPLATE,		/**< All bytes from device memory at offset. */
};

/** Entry as the device reads it. */
struct piotest_entry {
	uint8_t type;
	uint8_t more;
	uint8_t csum;			/**< Insert IPv4 and UDP/TCP checksums. */
	uint8_t l3_off;			/**< Where the IPv4 header begins. */
	uint16_t len;			/**< Bytes of the frame, or of this piece of it. */
	uint16_t inline_len;
	uint32_t offset;
	uint32_t seq;			/**< Free-running, checked by the device. */
	uint64_t dma;
	uint64_t reserved;
	uint8_t data[PIOTEST_INLINE];
};

/** What a driver did wrong. */
struct piotest_violations {
	uint64_t overwritten;	/**< Bytes of a frame changed between doorbell and completion. */
	uint64_t sequence;	/**< An entry was not the next one. */
	uint64_t malformed;	/**< Type, length or offset makes no sense. */
	uint64_t credits;	/**< More bytes pushed than granted. */
	uint64_t overrun;	/**< More entries announced than the ring has. */
};

/** One transmit queue of the device. */
struct piotest_hwq {
	uint8_t *memory;		/**< PIOTEST_BUF_SIZE bytes, or NULL. */
	uint8_t *ring;			/**< Entries: in memory, or in host memory. */
	uint32_t ring_entries;
	uint32_t tail;			/**< Free-running: entries announced. */
	uint32_t fetched;		/**< Free-running: entries whose frame has left. */
	uint32_t pos;			/**< Where entry `fetched` is in the ring. */
	uint32_t *completed;		/**< Free-running count in host memory. */
	bool enabled;
};

struct piotest_dev;

struct piotest_dev *piotest_dev_create(void);
void piotest_dev_destroy(struct piotest_dev *dev);
struct piotest_hwq *piotest_dev_queue(struct piotest_dev *dev, uint16_t queue_id);
void piotest_dev_doorbell(struct piotest_dev *dev, struct piotest_hwq *q, uint32_t tail);
/** Let everything that was announced leave, held or not. */
void piotest_dev_flush(struct piotest_dev *dev);
/** Forget what was announced, lose the memory's content. */
void piotest_dev_reset(struct piotest_dev *dev);

/* The driver, as tests see it */

/** Held, frames neither leave nor complete; released, they do at once. */
void piotest_hold(uint16_t port_id, bool hold);

/** Others than this process take buffers of the port's pool until nb_bufs are left. */
void piotest_pool_limit(uint16_t port_id, uint32_t nb_bufs);

/** Oldest frame that left: its length, 0 if there is none. */
uint32_t piotest_capture_take(uint16_t port_id, void *frame, uint32_t size);

void piotest_violations_get(uint16_t port_id, struct piotest_violations *v);

/** Doorbells rung, over all queues. */
uint64_t piotest_doorbells(uint16_t port_id);

/** 64-byte lines written to device memory, over all queues. */
uint64_t piotest_lines(uint16_t port_id);

/** Copy what the device's memory of a queue holds; false if it has none. */
bool piotest_memory_get(uint16_t port_id, uint16_t queue_id, uint8_t *copy);

/** The device fails: calls are -EIO, what was in flight is lost. */
void piotest_fail(uint16_t port_id);

/** ... and comes back, memory lost. */
void piotest_recover(uint16_t port_id);

/** ... and comes back without PIO memory: the reason is DEVICE from then on. */
void piotest_recover_without_memory(uint16_t port_id);

#ifdef __cplusplus
}
#endif

#endif /* PIOTEST_H */
