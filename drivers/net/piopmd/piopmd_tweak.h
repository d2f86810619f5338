/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_TWEAK_H
#define PIOPMD_TWEAK_H

/*
 * Tuning constants of the datapath and the reasons for their values. Figures come from
 * app/test-pio/bench.
 */

/**
 * Where the free-running counters of a ring of n entries start: two laps before they wrap, so that
 * a mistake at the wrap shows in the first second of any run and not after minutes.
 */
#define PIOPMD_COUNTER_START(n) (0u - 2u * (n))

/**
 * Transmit descriptors in flight that make a burst look for completions, when the application gave
 * no tx_free_thresh. Early reaping keeps few mbufs in rotation, so that those the pool hands out
 * are still in the cache; below one cache line of events it would read lines that the adapter is
 * about to write.
 */
#define PIOPMD_TX_REAP_INFLIGHT 64u

/** mbufs collected on the stack before they go back to their pool in one call. */
#define PIOPMD_TX_FREE_BULK 64u

/**
 * Credits at which a PIO send looks for completions after its doorbell, where it delays nobody,
 * instead of in front of the frame that finds no slot.
 */
#define PIOPMD_PIO_REAP_CREDITS 2u

/**
 * With fewer slots than this the last credit alone makes a send look: of three slots of 1 KiB
 * every send would find two or fewer left.
 */
#define PIOPMD_PIO_REAP_SLOTS 8u

/**
 * Bytes that a burst copies to the window before it rings: the adapter takes the first frames while
 * the next ones are copied. With one doorbell at the end, 16 frames of 256 bytes were in the device
 * 1.28 times as late as by the ring (modelled, Gen3 x8); with 2048 bytes 1.00, 1024 0.88, 512 0.84,
 * 256 0.82 times. A doorbell each 512 bytes costs a quarter of a cycle a frame of 64 bytes.
 */
#define PIOPMD_PIO_PUSH_BYTES 512u

/**
 * A template send looks for completions behind its doorbell when these bits of the number of such
 * sends are 0. Its own frame cannot have completed yet: looking each time cost as much as the send,
 * and gathers in eights what several templates left behind. Who has one template with one slot pays
 * in front of the next send, or calls rte_pio_reap() in between.
 */
#define PIOPMD_TEMPLATE_REAP_MASK 7u

/** Receive buffers taken from the pool at once; the hardware takes descriptors in eights. */
#define PIOPMD_RX_REFILL_BULK 8u

/** Segments of a received frame; a chain that gets longer is dropped. 64 x 256 B > 9 KiB + margin. */
#define PIOPMD_RX_SEGS_MAX 64u

#endif /* PIOPMD_TWEAK_H */
