/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_H
#define PIOEMU_H

/*
 * pioemu: a software EF10 SR-IOV VF. This header is the one interface between the model and
 * whoever hosts it: the VFIO preload, the QEMU proxy, tests.
 *
 * Objects
 *   pioemu_nic    one controller: the pool of PIO buffers, the port's link, the lock, the clock
 *   pioemu_vf     one virtual function of it: BAR, MCDI, VIs, rings, filters
 *   pioemu_iommu  one DMA address space; several VFs may share it (a VFIO container)
 *   pioemu_wire   where frames go to and come from; a VF may have several
 *
 * Call order
 *   pioemu_nic_create -> pioemu_iommu_create -> pioemu_vf_create -> pioemu_vf_wire_add_spec
 *   -> pioemu_nic_poll in a loop, and/or pioemu_vf_bar_write ... -> destroy in reverse order.
 *   pioemu_nic_destroy also destroys what still hangs on it, except pioemu_iommu objects.
 *
 * Threads
 *   Every function may be called from any thread. Each takes the nic's lock; pioemu_nic_poll
 *   steps aside for the others, so a thread that spins on it starves nobody. Callbacks run with
 *   that lock held, must not block and must not call any pioemu_* function.
 *   After pioemu_iommu_unmap returned, the model does not touch the unmapped memory any more.
 *
 * Two ways to drive the registers, one model
 *   polled BAR    the driver maps the memory of pioemu_vf_bar(); nothing traps; pioemu_nic_poll
 *                 consumes MC_DB and EVQ_RPTR by exchange and compares the ring write pointers.
 *                 A PIO buffer's bytes are read from the window of the VI that sends.
 *   trapping BAR  every access comes through pioemu_vf_bar_read/_write, which act at once;
 *                 pioemu_nic_poll is still needed for whatever takes time or comes from wires.
 *                 Windows linked to one PIO buffer show the same bytes, as in hardware.
 *
 * The model trusts nobody: whatever is written to it becomes at worst a counted violation.
 * Errors are negative errno values; functions without a stated errno cannot fail.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PIOEMU_VERSION		1
#define PIOEMU_ALL		UINT16_MAX	/* every VI, every vector */
/* Longest frame a wire carries, without FCS: EFX_MAC_SDU_MAX, for which SET_MAC gets 9240, two tags. */
#define PIOEMU_FRAME_MAX	9224

struct pioemu_nic;
struct pioemu_vf;
struct pioemu_iommu;
struct pioemu_wire;

/* ---- controller ---- */

/*
 * Model time: what PCIe would add, in the terms of the latency model of perf.md. All zero: off.
 * A DMA read of n bytes takes read_ns + n * read_ps_per_byte / 1000; a posted write (doorbell,
 * event) takes posted_ns; each 64-byte line of a PIO frame takes line_ns and the frame's store
 * fence fence_ns before its doorbell counts. A descriptor that came by push is not read again.
 */
struct pioemu_time_params {
	uint32_t read_ns;
	uint32_t read_ps_per_byte;
	uint32_t posted_ns;
	uint32_t line_ns;
	uint32_t fence_ns;
};

/* What pioemu_nic_create and pioemu_vf_create take; *_default() fills in usable values */
struct pioemu_nic_config {
	uint16_t pio_nb_bufs;		/* PIO buffers shared by all VFs; default 16 */
	uint16_t pio_held;		/* of these, held by "another function"; default 0 */
	uint32_t link_speed_mbps;	/* default 10000 */
	bool link_up;			/* default true */
	uint64_t seed;			/* of every random choice the model makes; default 1 */
	uint64_t (*now_ns)(void *arg);	/* own clock (tests); NULL: monotonic */
	void *now_arg;
	struct pioemu_time_params time;
};

void pioemu_nic_config_default(struct pioemu_nic_config *conf);
/* NULL: out of memory */
struct pioemu_nic *pioemu_nic_create(const struct pioemu_nic_config *conf);
void pioemu_nic_destroy(struct pioemu_nic *nic);

/*
 * One round over everything that is due: doorbells, MCDI, wires, delayed completions, periodic
 * statistics. Bounded work. Returns how much was done; 0 several times in a row means idle, and
 * the caller may sleep a little (tens of microseconds: drivers back off when MCDI is slow).
 */
unsigned int pioemu_nic_poll(struct pioemu_nic *nic);

/*
 * Hold off the model from another thread, for instance around fork(). Keep it short: drivers wait for
 * their commands. Whoever holds the lock may call everything here, pioemu_nic_poll too, and so
 * runs the model by itself, when it likes.
 */
void pioemu_nic_lock(struct pioemu_nic *nic);
void pioemu_nic_unlock(struct pioemu_nic *nic);

/* All VFs see the link change; those that asked for events (LOG_CTRL) get LINKCHANGE */
void pioemu_nic_link_set(struct pioemu_nic *nic, bool up, uint32_t speed_mbps);
/* The MC restarts: every VF loses all resources; with_event: MC_REBOOT events are sent before */
void pioemu_nic_mc_reboot(struct pioemu_nic *nic, bool with_event);
/* How many PIO buffers "another function" holds, from now on. -ENOSPC: fewer are free */
int pioemu_nic_pio_hold(struct pioemu_nic *nic, uint16_t nb_bufs);
uint16_t pioemu_nic_pio_free(struct pioemu_nic *nic);
void pioemu_nic_time_set(struct pioemu_nic *nic, const struct pioemu_time_params *params);

/* Text trace, one line without newline per call. mask: PIOEMU_TRACE_*; 0 or NULL switch off */
#define PIOEMU_TRACE_MCDI	0x01u
#define PIOEMU_TRACE_DOORBELL	0x02u
#define PIOEMU_TRACE_DESC	0x04u
#define PIOEMU_TRACE_EVENT	0x08u
#define PIOEMU_TRACE_FRAME	0x10u
#define PIOEMU_TRACE_FAULT	0x20u	/* violations, injections, resets */
#define PIOEMU_TRACE_BAR	0x40u	/* each access of a trapping BAR */
#define PIOEMU_TRACE_ALL	0x7fu
typedef void (*pioemu_trace_cb)(void *arg, const char *line);
void pioemu_nic_trace_set(struct pioemu_nic *nic, uint32_t mask, pioemu_trace_cb cb, void *arg);

/* ---- DMA address space ---- */

#define PIOEMU_DMA_READ		0x1u	/* the device may read host memory */
#define PIOEMU_DMA_WRITE	0x2u	/* the device may write host memory */

/* max_maps: like the kernel's dma_entry_limit (65535 when 0) */
struct pioemu_iommu *pioemu_iommu_create(struct pioemu_nic *nic, uint32_t max_maps);
/* VFs that still use it are left without any mapping */
void pioemu_iommu_destroy(struct pioemu_iommu *iommu);
/*
 * VFIO type 1 v2 semantics. map: -EINVAL zero length, wrap-around, no permission; -EEXIST
 * overlap; -ENOSPC too many maps; -ENOMEM. unmap: every map that lies wholly inside goes;
 * -EINVAL when an end would cut a map in two (then nothing goes). *unmapped gets the bytes.
 */
int pioemu_iommu_map(struct pioemu_iommu *iommu, uint64_t iova, uint64_t len, void *host,
		     uint32_t perm);
int pioemu_iommu_unmap(struct pioemu_iommu *iommu, uint64_t iova, uint64_t len,
		       uint64_t *unmapped);
void pioemu_iommu_unmap_all(struct pioemu_iommu *iommu);

/* ---- virtual function ---- */

#define PIOEMU_ID_VENDOR	0x1924
#define PIOEMU_ID_FARMINGDALE	0x1903	/* Huntington, SFC9120 */
#define PIOEMU_ID_GREENPORT	0x1923	/* Huntington, SFC9140 */
#define PIOEMU_ID_MEDFORD	0x1a03
#define PIOEMU_ID_MEDFORD2	0x1b03

/* Privilege bits as in MC_CMD_PRIVILEGE_MASK; without ONLOAD the PIO commands answer EPERM */
#define PIOEMU_PRIV_ONLOAD	0x004u
#define PIOEMU_PRIV_DEFAULT	0x17fcu

struct pioemu_host_ops {
	/* An MSI-X message. vector < nb_vectors. NULL: interrupts vanish */
	void (*irq_raise)(void *host, uint16_t vector);
};

struct pioemu_vf_config {
	uint16_t device_id;		/* default PIOEMU_ID_MEDFORD2 */
	uint32_t vi_stride;		/* 8192, 16384 or 65536 (the latter two: 1b03); default 8192 */
	uint16_t nb_vis;		/* VIs of the VF, 1..1024; default 64 */
	uint16_t nb_vectors;		/* MSI-X vectors; default 32 */
	uint8_t mac[6];			/* all zero: 02:50:49:4f:00:<VF number> */
	uint32_t privileges;		/* PRIVILEGE_MASK; default PIOEMU_PRIV_DEFAULT */
	bool bar_prefetchable;		/* for the front end's config space; default true */
	bool bar_trapping;		/* default false: polled */
	void *bar;			/* memory of pioemu_vf_bar_len() bytes, zeroed, page aligned;
					 * NULL: the model makes its own */
	/* WORKAROUND(35388), Huntington: 0 = success, or the MC errno; default 2 (ENOENT), since
	 * a polled BAR cannot see the indirect writes; 0 and 1 (EPERM) want a trapping BAR */
	uint32_t bug35388_answer;
	uint32_t caps1_set, caps1_clear;	/* changes to GET_CAPABILITIES FLAGS1 / FLAGS2 */
	uint32_t caps2_set, caps2_clear;
	uint16_t caps_len;		/* length of that response: 20, 72, 76, 78, 84, 148, 152, 160 */
	bool pio_link_strict;		/* FINI_TXQ drops the VI's PIO link; default false */
	uint8_t rx_merge_max;		/* frames in one RX event, 1..15; default 8 */
	uint16_t tx_merge_max;		/* descriptors in one TX event; default 64 */
	bool tx_recheck;		/* compare DMA payload again at completion; default false
					 * (PIO payload always is) */
	bool flow_control;		/* a frame for a full RX ring waits and blocks its sender
					 * (at most 100 ms) instead of being dropped; default false */
	/* The PCI command register, where a driver writes it unseen: looked at in each DMA.
	 * NULL: pioemu_vf_bus_master_set() alone decides */
	const uint16_t *pci_command;
	const struct pioemu_host_ops *ops;
	void *host;			/* first argument of the ops */
};

void pioemu_vf_config_default(struct pioemu_vf_config *conf);
/* Power of two that holds nb_vis windows; 0 when conf is not valid */
size_t pioemu_vf_bar_len(const struct pioemu_vf_config *conf);
/* -EINVAL conf not valid; -ENOMEM */
int pioemu_vf_create(struct pioemu_nic *nic, const struct pioemu_vf_config *conf,
		     struct pioemu_vf **vf);
void pioemu_vf_destroy(struct pioemu_vf *vf);
uint16_t pioemu_vf_index(const struct pioemu_vf *vf);
struct pioemu_nic *pioemu_vf_nic(const struct pioemu_vf *vf);
const struct pioemu_vf_config *pioemu_vf_config_get(const struct pioemu_vf *vf);
void *pioemu_vf_bar(struct pioemu_vf *vf);
/* NULL: no mapping at all. A new VF has none */
void pioemu_vf_iommu_set(struct pioemu_vf *vf, struct pioemu_iommu *iommu);
/* PCI command register's bus master bit; while off every DMA is a violation; default true */
void pioemu_vf_bus_master_set(struct pioemu_vf *vf, bool on);
/* Function level reset; on return nothing is in flight */
void pioemu_vf_reset(struct pioemu_vf *vf);

/*
 * Trapping BAR, 1..8 bytes, off + len within the BAR (else reads are all ones, writes vanish,
 * both counted). A 16-byte doorbell arrives as two writes of 8 bytes, lower one first.
 */
uint64_t pioemu_vf_bar_read(struct pioemu_vf *vf, uint64_t off, unsigned int len);
void pioemu_vf_bar_write(struct pioemu_vf *vf, uint64_t off, unsigned int len, uint64_t value);

/* ---- faults ---- */

/* Surprise removal: registers read all ones, nothing answers any more; false: back, reset */
void pioemu_vf_gone_set(struct pioemu_vf *vf, bool gone);

#define PIOEMU_MCDI_ANY		0u
enum pioemu_mcdi_action {
	PIOEMU_MCDI_FAIL,	/* answer with MC errno err */
	PIOEMU_MCDI_FAIL_AFTER,	/* carry it out, then answer with err */
	PIOEMU_MCDI_SILENT,	/* never answer */
	PIOEMU_MCDI_SILENT_AFTER, /* carry it out, never answer */
	PIOEMU_MCDI_ZERO_ERROR,	/* an error without payload: "the MC rebooted" */
	PIOEMU_MCDI_BAD_SEQ,	/* answer with a wrong sequence number */
	PIOEMU_MCDI_SHORT,	/* carry it out, cut the response to err bytes */
	PIOEMU_MCDI_DELAY,	/* carry it out, answer err microseconds later */
};
struct pioemu_mcdi_fault {
	uint32_t cmd;		/* command code or PIOEMU_MCDI_ANY */
	uint32_t skip;		/* matching commands left alone first */
	uint32_t count;		/* then so many are hit; 0: all */
	enum pioemu_mcdi_action action;
	uint32_t err;
};
/* Faults are tried in the order they were added. -ENOSPC: more than 16 */
int pioemu_vf_mcdi_fault_add(struct pioemu_vf *vf, const struct pioemu_mcdi_fault *fault);
void pioemu_vf_mcdi_fault_clear(struct pioemu_vf *vf);

/* Queue errors: the event, then the queue is gone, as after FINI. -ENOENT: no such queue */
int pioemu_vf_tx_err_inject(struct pioemu_vf *vf, uint16_t vi, uint8_t type);
int pioemu_vf_rx_err_inject(struct pioemu_vf *vf, uint16_t vi, uint8_t type);
/* Any event word on an EVQ. -ENOENT: no such EVQ */
int pioemu_vf_event_inject(struct pioemu_vf *vf, uint16_t evq, uint64_t event);

#define PIOEMU_HOLD_TX_FETCH	0x1u	/* descriptors are not fetched: ring and credits run dry */
#define PIOEMU_HOLD_TX_EVENT	0x2u	/* frames leave, completions are withheld */
#define PIOEMU_HOLD_RX		0x4u	/* frames wait on the wire */
/* vi: one VI or PIOEMU_ALL; what: the new set of bits, 0 releases everything */
void pioemu_vf_hold_set(struct pioemu_vf *vf, uint16_t vi, uint32_t what);
/* Each TX completion waits min..max nanoseconds, chosen at random; order is kept */
void pioemu_vf_tx_delay_set(struct pioemu_vf *vf, uint32_t min_ns, uint32_t max_ns);
/* TX events cover a random number of descriptors, 1..max, instead of whole batches; 0: off */
void pioemu_vf_tx_batch_random_set(struct pioemu_vf *vf, uint16_t max);

/* ---- violations: what a driver did wrong ---- */

#define PIOEMU_VIOLATION_LIST(X) \
	X(PIO_CHANGED, "PIO bytes changed while a send of them was in flight") \
	X(PIO_UNWRITTEN, "PIO bytes sent that were never written since the link") \
	X(PIO_UNLINKED, "PIO descriptor on a VI without PIO buffer") \
	X(PIO_UNALIGNED, "PIO descriptor offset is not a multiple of 64") \
	X(PIO_RANGE, "PIO descriptor beyond the buffer, or shorter than 16 bytes") \
	X(PIO_WIDTH, "PIO window written with less than aligned 8 bytes (trapping only)") \
	X(PIO_STRAY, "PIO window written while no buffer is linked (trapping only)") \
	X(PIO_READ, "PIO window read (trapping only)") \
	X(DMA_UNMAPPED, "DMA outside mapped memory") \
	X(DMA_PERMISSION, "DMA against the permission of the mapping") \
	X(DMA_BUS_MASTER, "DMA while bus mastering is off") \
	X(TX_CHANGED, "DMA payload changed while in flight (option tx_recheck)") \
	X(TX_DESC, "TX descriptor is malformed (length 0, unknown option)") \
	X(TX_NO_EOP, "TX frame without end, or too many descriptors") \
	X(TX_TOO_LONG, "TX frame longer than the MAC allows") \
	X(TX_OVERRUN, "TX write pointer passed the oldest descriptor not yet completed") \
	X(TX_DEAD, "doorbell of a TXQ or RXQ that is not initialised (trapping only)") \
	X(RX_WPTR, "RX write pointer is not a multiple of 8") \
	X(RX_OVERRUN, "RX write pointer passed the oldest descriptor not yet used") \
	X(RX_DESC, "RX descriptor is malformed (too short for the prefix, reserved bits)") \
	X(WPTR_RANGE, "ring write pointer beyond the ring") \
	X(EVQ_OVERRUN, "event written over an entry the driver had not yet consumed") \
	X(EVQ_RPTR, "event read pointer beyond the ring, or reserved bits set") \
	X(DOORBELL_WIDTH, "register access of wrong width or alignment (trapping only)") \
	X(REG_UNKNOWN, "access to an address without register (trapping only)") \
	X(MCDI_MALFORMED, "MCDI request with a bad header, length or address") \
	X(MCDI_BUSY, "MCDI request while the last one was not answered") \
	X(MCDI_ARGUMENT, "MCDI request refused because of an argument out of range")

enum pioemu_violation {
#define PIOEMU_VIOLATION_ENUM(name, text) PIOEMU_VIOLATION_##name,
	PIOEMU_VIOLATION_LIST(PIOEMU_VIOLATION_ENUM)
#undef PIOEMU_VIOLATION_ENUM
	PIOEMU_VIOLATION_NUM
};

struct pioemu_violation_info {
	uint64_t count;
	char last[120];		/* details of the latest one, "" when none */
};
const char *pioemu_violation_name(enum pioemu_violation id);	/* "PIO_CHANGED" */
/* info may be NULL. Returns the count */
uint64_t pioemu_vf_violation_get(struct pioemu_vf *vf, enum pioemu_violation id,
				 struct pioemu_violation_info *info);
uint64_t pioemu_vf_violation_total(struct pioemu_vf *vf);
void pioemu_vf_violation_reset(struct pioemu_vf *vf);

/* ---- statistics ---- */

#define PIOEMU_STATS_LIST(X) \
	X(tx_frames) X(tx_bytes) X(tx_pio_frames) X(tx_pio_bytes) X(tx_desc) X(tx_doorbells) \
	X(tx_pushes) X(tx_events) X(tx_errors) X(tx_drop_link) \
	X(rx_frames) X(rx_bytes) X(rx_events) X(rx_errors) X(rx_drop_nodesc) X(rx_drop_filter) \
	X(rx_drop_trunc) X(rx_drop_link) X(wire_drops) \
	X(mcdi_requests) X(mcdi_errors) X(events_lost) X(irqs) X(resets) X(dma_lookups)

struct pioemu_stats {
#define PIOEMU_STATS_FIELD(name) uint64_t name;
	PIOEMU_STATS_LIST(PIOEMU_STATS_FIELD)
#undef PIOEMU_STATS_FIELD
};
/* vi: one VI's datapath counters, or PIOEMU_ALL for the VF. -ENOENT: no such VI */
int pioemu_vf_stats_get(struct pioemu_vf *vf, uint16_t vi, struct pioemu_stats *stats);
void pioemu_vf_stats_reset(struct pioemu_vf *vf);
/* Statistics and violations for people */
void pioemu_vf_dump(struct pioemu_vf *vf, FILE *out);

/* State a test may want to look at */
struct pioemu_vi_info {
	bool evq, rxq, txq;		/* initialised */
	uint32_t tx_pending;		/* descriptors announced and not yet completed */
	uint32_t rx_avail;		/* descriptors announced and not yet used */
};
int pioemu_vf_vi_info_get(struct pioemu_vf *vf, uint16_t vi, struct pioemu_vi_info *info);
/* PIO buffers the VF holds, VIs allocated, filters, RSS contexts: all 0 after a clean detach */
struct pioemu_vf_resources {
	uint16_t nb_vis, nb_piobufs, nb_pio_links, nb_filters, nb_rss, nb_evqs, nb_rxqs, nb_txqs;
	bool attached, vadaptor, stats_dma;
};
void pioemu_vf_resources_get(struct pioemu_vf *vf, struct pioemu_vf_resources *res);

/*
 * Device stamps of TX frames for latency measurement, in TSC ticks (x86; else nanoseconds).
 * seen: doorbell noticed; done: whole payload in the device, after whatever model time adds.
 */
struct pioemu_stamp {
	uint64_t seen;
	uint64_t done;
	uint32_t seq;		/* frames sent on this VI since INIT_TXQ, from 0 */
	uint16_t vi;
	uint16_t len;
	bool pio, pushed;
};
/* Keep the last nb stamps; 0 switches off. -ENOMEM */
int pioemu_vf_stamps_enable(struct pioemu_vf *vf, uint32_t nb);
/* Take up to nb stamps, oldest first. Returns how many */
uint32_t pioemu_vf_stamps_take(struct pioemu_vf *vf, struct pioemu_stamp *stamps, uint32_t nb);

/* ---- wires ---- */

/*
 * A wire pads to 60 bytes like a MAC, drops while the link is down, and belongs to one VF
 * (a peer wire to two). Frames of a VF leave on all its wires; each of them may bring frames in.
 *
 * Spec: items separated by commas; -EINVAL with the reason in *err (may be NULL) else.
 *   none              frames vanish
 *   loopback          frames come back to the same VF
 *   tap=NAME          Linux TAP interface, created when absent; up when pioemu may set it
 *   pcap-in=FILE      classic pcap, us or ns, either byte order; each frame once, as fast as
 *                     the VF takes them (none is dropped for want of RX descriptors)
 *   pcap-loop=FILE    the same for ever
 *   pcap-out=FILE     written with nanoseconds; flushed whenever the VF is idle
 * -ENOENT, -EACCES, -EPERM ...: the file or interface cannot be opened. After an error the VF has
 * the wires that it had before.
 */
int pioemu_vf_wire_add_spec(struct pioemu_vf *vf, const char *spec, char *err, size_t err_len);
/* Whether such a wire could read frames from a file; else a negative errno and a text in err. */
int pioemu_pcap_check(const char *path, char *err, size_t err_len);
/* Two VFs of one nic, back to back. -EINVAL, -ENOMEM */
int pioemu_vf_wire_add_peer(struct pioemu_vf *a, struct pioemu_vf *b);

/* Test wire: cb sees each frame that leaves (already padded). NULL cb: keep them for _take */
typedef void (*pioemu_frame_cb)(void *arg, uint16_t vf, uint16_t vi, const void *frame,
				uint32_t len);
int pioemu_vf_wire_add_capture(struct pioemu_vf *vf, uint32_t max_frames, pioemu_frame_cb cb,
			       void *arg);
/* Oldest captured frame: its length, 0 when none; cut to size. vi may be NULL */
uint32_t pioemu_vf_capture_take(struct pioemu_vf *vf, void *frame, uint32_t size, uint16_t *vi);
uint32_t pioemu_vf_capture_count(struct pioemu_vf *vf);
void pioemu_vf_wire_remove_all(struct pioemu_vf *vf);

enum pioemu_rx_result {
	PIOEMU_RX_OK,		/* delivered to at least one queue */
	PIOEMU_RX_NODESC,	/* every queue that wanted it had no descriptors */
	PIOEMU_RX_FILTERED,	/* no filter wanted it */
	PIOEMU_RX_LINK_DOWN,	/* link down or MAC draining */
	PIOEMU_RX_TOO_LONG,	/* longer than the MTU lets in */
};
#define PIOEMU_INJECT_BAD_FCS	0x1u
#define PIOEMU_INJECT_NO_PAD	0x2u	/* leave a runt as short as it is */
/* A frame from the network, at once */
enum pioemu_rx_result pioemu_vf_frame_inject(struct pioemu_vf *vf, const void *frame,
					     uint32_t len, uint32_t flags);

/* ---- control from a program that runs under the preload ---- */

/*
 * The preload exports one symbol, pioemu_ctl_get. A test finds it by dlsym(RTLD_DEFAULT, ...)
 * and calls the model through the table, so that it needs no library to link with:
 *   const struct pioemu_ctl *ctl = get(PIOEMU_VERSION);  ctl->vf_by_index(0); ...
 * The table's functions are those above of the same name.
 */
#define PIOEMU_CTL_LIST(X) \
	X(nic_lock) X(nic_unlock) X(nic_poll) X(nic_link_set) X(nic_mc_reboot) X(nic_pio_hold) \
	X(nic_pio_free) X(nic_time_set) X(nic_trace_set) \
	X(vf_index) X(vf_nic) X(vf_config_get) X(vf_bar) X(vf_reset) X(vf_gone_set) \
	X(vf_mcdi_fault_add) X(vf_mcdi_fault_clear) X(vf_tx_err_inject) X(vf_rx_err_inject) \
	X(vf_event_inject) X(vf_hold_set) X(vf_tx_delay_set) X(vf_tx_batch_random_set) \
	X(violation_name) X(vf_violation_get) X(vf_violation_total) \
	X(vf_violation_reset) X(vf_stats_get) X(vf_stats_reset) X(vf_dump) X(vf_vi_info_get) \
	X(vf_resources_get) X(vf_stamps_enable) X(vf_stamps_take) X(vf_wire_add_spec) \
	X(vf_wire_add_peer) X(vf_wire_add_capture) X(vf_capture_take) X(vf_capture_count) \
	X(vf_wire_remove_all) X(vf_frame_inject)

struct pioemu_ctl {
	uint32_t version;
	uint32_t size;			/* of this structure */
	/* VF n of the process in order of creation; NULL when there is none */
	struct pioemu_vf *(*vf_by_index)(uint16_t n);
#define PIOEMU_CTL_FIELD(name) __typeof__(pioemu_##name) *name;
	PIOEMU_CTL_LIST(PIOEMU_CTL_FIELD)
#undef PIOEMU_CTL_FIELD
};
typedef const struct pioemu_ctl *(*pioemu_ctl_get_fn)(uint32_t version);
#define PIOEMU_CTL_SYMBOL "pioemu_ctl_get"

/*
 * For front ends: fill the table. The front end defines and exports
 * pioemu_ctl_get(version), which returns NULL for a version it does not know.
 */
const struct pioemu_ctl *pioemu_ctl_table(uint32_t version,
					  struct pioemu_vf *(*vf_by_index)(uint16_t n));

#ifdef __cplusplus
}
#endif

#endif /* PIOEMU_H */
