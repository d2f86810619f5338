/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_PRIV_H
#define PIOEMU_PRIV_H

/*
 * Inside of the model. Everything here runs with the nic's lock held.
 *
 * Way of a frame out: pioemu_txq_service (doorbell, descriptors) -> pioemu_pio_read or
 * pioemu_dma_read (payload) -> pioemu_frame_* (checksums, VLAN) -> pioemu_wire_out -> completion
 * fifo -> pioemu_evq_write. Way in: a wire -> pioemu_rx_deliver -> pioemu_filter_lookup ->
 * pioemu_rss_hash -> rx ring -> pioemu_rxq_flush -> pioemu_evq_write.
 *
 * Names: idx is masked to the ring, counters (added, fetched, ...) run freely. Times are ticks of
 * pioemu_time_now(): TSC, or nanoseconds where there is none or where a test brings its clock.
 */

#include <pthread.h>
#include <stdarg.h>

#include "ef10_bits.h"
#include "ef10_desc.h"
#include "ef10_mcdi.h"
#include "ef10_regs.h"

#include "pioemu.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the model keeps rings and registers in host order: little endian only"
#endif

#define PIOEMU_VFS_MAX		64
#define PIOEMU_RING_PAGES_MAX	64
#define PIOEMU_PIOBUF_MAX	4096u
#define PIOEMU_FILTERS_MAX	1024
#define PIOEMU_RSS_MAX		64
#define PIOEMU_RX_DEST_MAX	64	/* queues one multicast frame is copied to */
#define PIOEMU_MCDI_FAULTS_MAX	16
#define PIOEMU_WIRES_MAX	8	/* of one VF */
#define PIOEMU_DMA_CACHE	4
#define PIOEMU_TSO_MAX		(65535 + 256)	/* longest frame TSO takes */
#define PIOEMU_ETH_MIN		60
#define PIOEMU_TX_BUDGET	64	/* frames of one queue in one poll */
#define PIOEMU_RX_BUDGET	64	/* frames of one wire in one poll */
#define PIOEMU_STALL_MS		100	/* longest a full receiver holds up a sender */
#define PIOEMU_MC_DB_IDLE	0xFFFFFFFEu	/* "no request": low byte neither 0 nor 1 */
#define PIOEMU_RPTR_IDLE	0xFFFFFFFFu

#define PIOEMU_LIKELY(x)	__builtin_expect(!!(x), 1)
#define PIOEMU_UNLIKELY(x)	__builtin_expect(!!(x), 0)

/* DMA */
struct pioemu_map {
	uint64_t iova;
	uint64_t len;
	uint8_t *host;
	uint32_t perm;
};

struct pioemu_iommu {
	struct pioemu_nic *nic;
	struct pioemu_map *maps;	/* sorted by iova */
	uint32_t nb, room, max;
};

/* Pages of a ring as the driver gave them, and where they are in host memory */
struct pioemu_ring {
	uint64_t gen;			/* dma_gen of the VF when host[] was looked up */
	uint32_t nb_pages;
	uint32_t perm;
	bool broken;			/* a page is not mapped: reported once */
	uint64_t iova[PIOEMU_RING_PAGES_MAX];
	uint64_t *host[PIOEMU_RING_PAGES_MAX];
};

/* Event queue */
struct pioemu_evq {
	bool active;
	bool interrupting, armed, rx_merge, tx_merge;
	uint16_t id;
	uint16_t target;		/* vector, or the EVQ that gets wake-ups */
	uint32_t size;
	uint32_t rptr;
	uint64_t written;		/* free running; slot = written & (size - 1) */
	struct pioemu_ring ring;
};

/* A frame that left and is not yet completed */
struct pioemu_tx_done {
	uint32_t end;			/* counter just behind its last descriptor */
	uint64_t due;			/* ticks */
	uint64_t sum;			/* of the payload as sent */
	uint8_t kind;			/* enum pioemu_tx_kind */
};

enum pioemu_tx_kind {
	PIOEMU_TX_OPTION,		/* an option descriptor */
	PIOEMU_TX_PLAIN,		/* a frame that is not looked at again */
	PIOEMU_TX_DMA,			/* a frame whose memory is compared at completion */
	PIOEMU_TX_PIO,			/* the same, with parts in a PIO buffer */
};

/* TSO version 2: two option descriptors, then one frame whose first descriptor is all of the header */
struct pioemu_tso {
	bool enabled;			/* INIT_TXQ TSOV2_EN */
	uint8_t options;		/* seen for the next frame: 0, 1, 2 = complete */
	uint16_t ip_id, mss;
	uint32_t seq;
	uint32_t hdr_len;		/* of the frame in vf->frame */
	uint32_t sent;			/* payload bytes that already left, when the wire made it wait */
};

struct pioemu_txq {
	bool active;
	bool dead;			/* the adapter destroyed it; the driver may not know yet */
	bool doorbell;			/* trapping BAR: rung, wptr_new and push hold the values */
	bool has_push;
	bool retry;			/* the frame at fetched was seen before and had to wait */
	bool wait_more;			/* the frame at fetched is incomplete until added changes */
	uint16_t vi, evq, label;
	uint32_t size;
	uint32_t wptr;			/* last value of the register */
	uint32_t wptr_new;
	uint64_t push;
	uint32_t added;			/* announced by doorbells */
	uint32_t fetched;
	uint32_t completed;
	uint32_t signalled;		/* covered by a TX event */
	uint32_t seq;			/* frames sent */
	uint32_t option;		/* EF10_TX_CSUM_FLAG_*; sticky */
	uint32_t vlan_nb;		/* tags to insert; sticky */
	uint16_t vlan_tci[2];
	struct pioemu_tso tso;
	uint32_t wire_done;		/* wires that already took the frame at fetched */
	uint64_t stall_until;		/* 0: not stalled */
	uint64_t *seen;			/* per entry: stamp of its doorbell, bit 0: by push */
	struct pioemu_ring ring;
	struct pioemu_tx_done *done;	/* fifo of size entries */
	uint32_t done_head, done_tail;
};

struct pioemu_rxq {
	bool active, dead;		/* as in pioemu_txq */
	bool prefix, no_scatter;
	uint16_t vi, evq, label;
	uint32_t size;
	uint32_t wptr;
	uint32_t added;
	uint32_t used;
	uint32_t merged;		/* frames of the event not yet written */
	uint64_t event;			/* that event without its LBITS */
	struct pioemu_ring ring;
};

struct pioemu_piobuf {
	struct pioemu_vf *owner;	/* NULL: free */
	bool held;			/* by another function */
	uint16_t nb_links;
	/* trapping BAR; a polled one has the bytes in its windows */
	uint64_t data[PIOEMU_PIOBUF_MAX / 8];
};

struct pioemu_vi {
	struct pioemu_evq evq;
	struct pioemu_rxq rxq;
	struct pioemu_txq txq;
	int pio;			/* index of the linked buffer, -1: none */
	uint32_t hold;			/* PIOEMU_HOLD_*; survives the queues */
	struct pioemu_stats stats;
};

/* Parsed frame. Offsets are 0 when the header is not there */
struct pioemu_pkt {
	const uint8_t *data;
	uint32_t len;
	uint16_t ethertype;
	uint16_t vlan[2];
	uint8_t nb_vlan;
	uint8_t l3_class, l4_class;
	uint8_t eth_base;		/* 0 Ethernet II, 1 LLC, 2 SNAP */
	uint8_t ip_proto;
	uint16_t l3_off, l4_off;
	uint16_t l4_len;		/* TCP or UDP header and payload, as IP tells */
	bool ip_bad, l4_bad;
};

#define PIOEMU_KEY_LEN 64
struct pioemu_filter {
	uint64_t handle;
	uint32_t match;			/* MATCH_FIELDS */
	uint32_t prio;			/* smaller wins: position in the parser's list */
	uint32_t dest;			/* RX_DEST */
	uint32_t queue;
	uint32_t rss;			/* context id or UINT32_MAX */
	bool exclusive;			/* INSERT, not SUBSCRIBE */
	uint64_t key[PIOEMU_KEY_LEN / 8];
	uint64_t mask[PIOEMU_KEY_LEN / 8];
};

struct pioemu_rss {
	bool used, exclusive;
	uint16_t nb_queues;
	uint32_t flags;
	uint8_t key[40];
	uint8_t table[128];
	uint32_t nibble[72][16];	/* Toeplitz sum of each 4 bits of a 36-byte input */
};

enum pioemu_wire_result {
	PIOEMU_WIRE_TAKEN,		/* or dropped and counted */
	PIOEMU_WIRE_WAIT,		/* not now, ask again for a while */
	PIOEMU_WIRE_HELD,		/* not now, ask again until a test releases it */
};

struct pioemu_wire;
struct pioemu_wire_ops {
	const char *name;
	enum pioemu_wire_result (*out)(struct pioemu_wire *wire, struct pioemu_vf *vf, uint16_t vi,
				       const uint8_t *frame, uint32_t len);
	unsigned int (*poll)(struct pioemu_wire *wire, struct pioemu_vf *vf);
	void (*idle)(struct pioemu_wire *wire);
	/* the VF leaves the wire; NULL ops of a wire without other users are freed after it */
	void (*detach)(struct pioemu_wire *wire, struct pioemu_vf *vf);
};

struct pioemu_wire {
	const struct pioemu_wire_ops *ops;
	uint32_t users;
};

struct pioemu_mcdi {
	bool epoch_lost;		/* after an MC reboot until a request with NOT_EPOCH = 0 */
	bool pending;			/* a response is due later */
	bool silent;			/* a fault swallowed the response */
	bool doorbell;			/* trapping BAR */
	uint64_t addr;
	uint64_t due;
	uint32_t out_len;
	uint32_t nb_faults;
	struct pioemu_mcdi_fault faults[PIOEMU_MCDI_FAULTS_MAX];
	uint8_t in[EF10_MCDI_PAYLOAD_MAX_V2];
	uint8_t out[8 + EF10_MCDI_PAYLOAD_MAX_V2];
};

struct pioemu_mac {
	uint8_t addr[6];
	uint32_t mtu;			/* longest frame without FCS that is let in; 0: any */
	bool drain;
	bool reject;			/* what is not for station, broadcast excepted */
	uint8_t station[6];		/* of SET_MAC */
	uint32_t fcntl;
	uint64_t stats_addr;
	uint32_t stats_len;
	uint64_t stats_period;		/* ticks; 0: off */
	uint64_t stats_due;
	bool stats_event;
	uint64_t stats_gen;
	uint64_t count[0x80];		/* by MC_CMD_MAC_* index */
};

struct pioemu_vf {
	struct pioemu_nic *nic;
	uint16_t index;
	enum ef10_family family;
	struct pioemu_vf_config conf;
	struct pioemu_host_ops ops;
	uint8_t *bar;
	size_t bar_len;
	bool bar_owned, gone, bus_master;
	bool attached, vadaptor;
	bool indirect;			/* bug 35388: EVQ registers go through TX_DESC_UPD */
	uint32_t caps1, caps2;		/* GET_CAPABILITIES FLAGS1, FLAGS2 as answered */
	bool log_events;
	uint16_t log_evq;
	uint16_t nb_alloc;		/* VIs allocated to the driver */
	uint16_t piobuf_size;
	uint32_t mc_db_high;		/* trapping BAR: MC_DB_LWRD */
	uint64_t collector;		/* trapping BAR: TX_DESC_UPD words on their way */
	uint32_t collected;		/* bit 0, 1: lower, upper half of it was written */
	uint32_t ind_rptr_hi;		/* bug 35388: upper half of an indirect EVQ_RPTR */

	struct pioemu_iommu *iommu;
	struct pioemu_map dma_cache[PIOEMU_DMA_CACHE];
	uint32_t dma_next;
	uint64_t dma_gen;

	struct pioemu_vi *vis;
	uint16_t tx_active[1024], rx_active[1024], ev_active[1024];
	uint16_t nb_tx, nb_rx, nb_ev;
	uint16_t rx_dirty[1024];	/* RXQs with an event not yet written */
	uint16_t nb_rx_dirty;
	uint32_t hold_all;

	struct pioemu_mcdi mcdi;
	struct pioemu_mac mac;
	struct pioemu_filter *filters;	/* sorted by prio */
	uint32_t nb_filters;
	uint64_t filter_next;
	struct pioemu_rss *rss[PIOEMU_RSS_MAX];

	struct pioemu_wire *wires[PIOEMU_WIRES_MAX];
	uint32_t nb_wires;

	uint32_t tx_delay_min_ns, tx_delay_max_ns, tx_batch_random;
	struct pioemu_stats stats;	/* of the function; datapath counters are per VI */
	uint64_t violations[PIOEMU_VIOLATION_NUM];
	char last[PIOEMU_VIOLATION_NUM][120];

	struct pioemu_stamp *stamps;
	uint32_t stamps_room;
	uint64_t stamps_head, stamps_tail;

	uint8_t frame[PIOEMU_TSO_MAX + 64];	/* the frame being sent, as the driver gave it */
	uint8_t segment[PIOEMU_FRAME_MAX + 64];	/* one of those TSO makes of it */
};

struct pioemu_nic {
	pthread_mutex_t lock;
	uint32_t want;			/* threads that wait for the lock */
	uint32_t held;			/* nesting of pioemu_nic_lock */
	pthread_t holder;		/* by whom; 0: nobody */
	struct pioemu_nic_config conf;
	struct pioemu_vf *vfs[PIOEMU_VFS_MAX];
	uint16_t nb_vfs;		/* slots ever used */
	struct pioemu_piobuf *piobufs;
	bool link_up;
	uint32_t link_speed;
	uint16_t boot_count;
	uint64_t rng;
	uint64_t now;			/* ticks, taken at the start of each entry */
	double ticks_per_ns;
	bool timed;			/* conf.time has a non-zero value */
	uint32_t trace_mask;
	pioemu_trace_cb trace_cb;
	void *trace_arg;
	unsigned int idle_polls;
};

/* pioemu_time.c */
uint64_t pioemu_time_now(const struct pioemu_nic *nic);
double pioemu_time_ticks_per_ns(void);
uint64_t pioemu_time_ticks(const struct pioemu_nic *nic, uint64_t ns);
uint64_t pioemu_time_dma_read(const struct pioemu_nic *nic, uint32_t len);

/* pioemu_trace.c */
#define PIOEMU_TRACE(vf, kind, ...) do { \
	if (PIOEMU_UNLIKELY(((vf)->nic->trace_mask & PIOEMU_TRACE_##kind) != 0)) \
		pioemu_trace_line(vf, __VA_ARGS__); \
} while (0)
void pioemu_trace_line(struct pioemu_vf *vf, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void pioemu_trace_bytes(struct pioemu_vf *vf, const char *what, const uint8_t *data, uint32_t len);

/* pioemu_fault.c */
void pioemu_violation(struct pioemu_vf *vf, enum pioemu_violation id, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
uint32_t pioemu_random(struct pioemu_nic *nic, uint32_t below);

/* pioemu_dma.c */
void pioemu_dma_copy(void *to, const void *from, size_t len);
uint8_t *pioemu_dma_ptr(struct pioemu_vf *vf, uint64_t iova, uint32_t len, uint32_t perm);
bool pioemu_dma_read(struct pioemu_vf *vf, uint64_t iova, void *buf, uint32_t len);
bool pioemu_dma_write(struct pioemu_vf *vf, uint64_t iova, const void *buf, uint32_t len);
void pioemu_ring_init(struct pioemu_ring *ring, const uint8_t *addrs, uint32_t nb_pages,
		      uint32_t perm);
bool pioemu_ring_map(struct pioemu_vf *vf, struct pioemu_ring *ring);

/* Entry of a ring whose pages pioemu_ring_map found all mapped */
static inline uint64_t *
pioemu_ring_entry(struct pioemu_ring *ring, uint32_t idx)
{
	return &ring->host[idx >> 9][idx & 511];
}

/* pioemu_nic.c */
void pioemu_nic_enter(struct pioemu_nic *nic);
void pioemu_nic_leave(struct pioemu_nic *nic);

/* pioemu_vf.c */
void pioemu_vf_release_vis(struct pioemu_vf *vf);
void pioemu_vf_teardown(struct pioemu_vf *vf);
void pioemu_vf_status_set(struct pioemu_vf *vf);
unsigned int pioemu_vf_service(struct pioemu_vf *vf);
void pioemu_list_add(uint16_t *list, uint16_t *nb, uint16_t vi);
void pioemu_list_remove(uint16_t *list, uint16_t *nb, uint16_t vi);

static inline uint32_t *
pioemu_vf_reg(struct pioemu_vf *vf, uint16_t vi, uint32_t reg)
{
	return (uint32_t *)(void *)(vf->bar + (size_t)vi * vf->conf.vi_stride + reg);
}

/* pioemu_evq.c */
void pioemu_evq_write(struct pioemu_vf *vf, uint16_t evq, uint64_t event);
void pioemu_evq_log(struct pioemu_vf *vf, uint64_t event);
void pioemu_evq_rptr(struct pioemu_vf *vf, uint16_t evq, uint32_t value);
void pioemu_evq_poll(struct pioemu_vf *vf);
uint32_t pioemu_evq_init(struct pioemu_vf *vf, uint16_t id, uint32_t size, uint32_t flags,
		    uint16_t target, const uint8_t *addrs);
void pioemu_evq_fini(struct pioemu_vf *vf, uint16_t id);

/* pioemu_txq.c */
enum pioemu_txq_step {
	PIOEMU_TXQ_FRAME,	/* a frame left, or an option took effect */
	PIOEMU_TXQ_IDLE,	/* nothing complete is announced */
	PIOEMU_TXQ_WAIT,	/* a frame is there, but it has to wait */
	PIOEMU_TXQ_DEAD,
};
uint32_t pioemu_txq_init(struct pioemu_vf *vf, uint16_t vi, uint32_t size, uint16_t evq,
		    uint16_t label, uint32_t flags, const uint8_t *addrs);
void pioemu_txq_fini(struct pioemu_vf *vf, uint16_t vi, bool event);
unsigned int pioemu_txq_service(struct pioemu_vf *vf, struct pioemu_txq *txq);
void pioemu_txq_error(struct pioemu_vf *vf, struct pioemu_txq *txq, uint8_t type);

enum pioemu_txq_step pioemu_txq_emit(struct pioemu_vf *vf, struct pioemu_txq *txq, uint8_t *frame,
			      uint32_t len);

/* pioemu_tso.c */
bool pioemu_tso_option(struct pioemu_tso *tso, uint64_t desc);
enum pioemu_txq_step pioemu_tso_send(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t len);

/* pioemu_txdone.c */
void pioemu_txdone_add(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t end,
		       enum pioemu_tx_kind kind, uint64_t sum);
unsigned int pioemu_txdone_service(struct pioemu_vf *vf, struct pioemu_txq *txq, bool at_once);
uint64_t pioemu_txdone_sum(struct pioemu_vf *vf, struct pioemu_txq *txq, uint32_t first,
			   uint32_t end);

/* pioemu_rxq.c */
uint32_t pioemu_rxq_init(struct pioemu_vf *vf, uint16_t vi, uint32_t size, uint16_t evq,
		    uint16_t label, uint32_t flags, const uint8_t *addrs);
void pioemu_rxq_fini(struct pioemu_vf *vf, uint16_t vi, bool event);
void pioemu_rxq_doorbell(struct pioemu_vf *vf, struct pioemu_rxq *rxq, uint32_t value);
void pioemu_rxq_error(struct pioemu_vf *vf, struct pioemu_rxq *rxq, uint8_t type);
bool pioemu_rxq_has_room(struct pioemu_vf *vf, uint16_t vi, uint32_t len);
enum pioemu_rx_result pioemu_rxq_deliver(struct pioemu_vf *vf, uint16_t vi,
					 const struct pioemu_pkt *pkt, uint32_t hash,
					 uint64_t event);
void pioemu_rxq_flush(struct pioemu_vf *vf);

/* pioemu_rx.c */
/* inside of the model only: PIOEMU_HOLD_RX; a queue that a filter names is not there yet */
#define PIOEMU_RX_HELD		((enum pioemu_rx_result)0x100)
#define PIOEMU_RX_ABSENT	((enum pioemu_rx_result)0x101)
enum pioemu_rx_result pioemu_rx_deliver(struct pioemu_vf *vf, const uint8_t *frame, uint32_t len,
					uint32_t flags, bool may_wait);

/* pioemu_frame.c */
void pioemu_frame_parse(struct pioemu_pkt *pkt, const uint8_t *data, uint32_t len);
void pioemu_frame_verify(struct pioemu_pkt *pkt);
void pioemu_frame_csum_insert(uint8_t *data, uint32_t len, bool ip, bool l4);

/* pioemu_pio.c */
uint32_t pioemu_pio_alloc(struct pioemu_vf *vf, uint32_t *handle);
uint32_t pioemu_pio_free(struct pioemu_vf *vf, uint32_t handle);
uint32_t pioemu_pio_link(struct pioemu_vf *vf, uint32_t handle, uint32_t vi);
uint32_t pioemu_pio_unlink(struct pioemu_vf *vf, uint32_t vi);
void pioemu_pio_release_all(struct pioemu_vf *vf);
uint8_t *pioemu_pio_bytes(struct pioemu_vf *vf, uint16_t vi);
bool pioemu_pio_read(struct pioemu_vf *vf, struct pioemu_txq *txq, uint64_t desc, uint8_t *to,
		     uint32_t *len);
void pioemu_pio_write(struct pioemu_vf *vf, uint16_t vi, uint32_t off, unsigned int len,
		      uint64_t value);

/* pioemu_filter.c */
struct pioemu_rx_dest {
	uint16_t vi;
	uint32_t hash;
};
uint32_t pioemu_filter_insert(struct pioemu_vf *vf, const uint8_t *req, bool subscribe,
			      uint64_t *handle);
uint32_t pioemu_filter_replace(struct pioemu_vf *vf, const uint8_t *req, uint64_t handle);
uint32_t pioemu_filter_remove(struct pioemu_vf *vf, uint64_t handle, bool unsubscribe);
void pioemu_filter_remove_all(struct pioemu_vf *vf);
uint32_t pioemu_filter_lookup(struct pioemu_vf *vf, const struct pioemu_pkt *pkt,
			      struct pioemu_rx_dest *dest);
extern const uint32_t pioemu_filter_matches[];
extern const uint32_t pioemu_filter_nb_matches;

/* pioemu_rss.c */
uint32_t pioemu_rss_alloc(struct pioemu_vf *vf, uint32_t type, uint32_t nb_queues, uint32_t *id);
uint32_t pioemu_rss_free(struct pioemu_vf *vf, uint32_t id);
struct pioemu_rss *pioemu_rss_get(struct pioemu_vf *vf, uint32_t id);
void pioemu_rss_key_set(struct pioemu_rss *rss, const uint8_t *key);
void pioemu_rss_free_all(struct pioemu_vf *vf);
uint32_t pioemu_rss_hash(const struct pioemu_rss *rss, const struct pioemu_pkt *pkt);

/* pioemu_mac.c */
void pioemu_mac_reset(struct pioemu_vf *vf);
void pioemu_mac_overflow(struct pioemu_vf *vf);
void pioemu_mac_count(struct pioemu_vf *vf, bool tx, const uint8_t *frame, uint32_t len);
void pioemu_mac_poll(struct pioemu_vf *vf);
uint32_t pioemu_mac_nb_stats(const struct pioemu_vf *vf);

/* pioemu_mcdi.c */
void pioemu_mcdi_doorbell(struct pioemu_vf *vf, uint64_t addr);
unsigned int pioemu_mcdi_poll(struct pioemu_vf *vf);
void pioemu_mcdi_reset(struct pioemu_vf *vf);

/* pioemu_cmd*.c */
struct pioemu_cmd {
	uint32_t code;
	const uint8_t *in;
	uint32_t in_len;
	uint8_t *out;			/* zeroed, EF10_MCDI_PAYLOAD_MAX_V2 bytes */
	uint32_t out_len;
	uint32_t err_arg;
};
/* 0 or the MC errno */
typedef uint32_t (*pioemu_cmd_fn)(struct pioemu_vf *vf, struct pioemu_cmd *cmd);
struct pioemu_cmd_entry {
	uint16_t code;
	uint16_t in_min;		/* shortest request */
	pioemu_cmd_fn run;
};
extern const struct pioemu_cmd_entry pioemu_cmds_info[];
extern const struct pioemu_cmd_entry pioemu_cmds_vi[];
extern const struct pioemu_cmd_entry pioemu_cmds_mac[];
extern const struct pioemu_cmd_entry pioemu_cmds_rx[];
uint32_t pioemu_cmd_run(struct pioemu_vf *vf, struct pioemu_cmd *cmd);

/* pioemu_wire*.c */
enum pioemu_wire_result pioemu_wire_out(struct pioemu_vf *vf, uint16_t vi, uint32_t *done,
					uint8_t *frame, uint32_t len);
unsigned int pioemu_wire_poll(struct pioemu_vf *vf);
void pioemu_wire_idle(struct pioemu_vf *vf);
void pioemu_wire_detach_all(struct pioemu_vf *vf);
int pioemu_wire_pcap_in(const char *path, bool loop, struct pioemu_wire **wire, char *err,
			size_t err_len);
int pioemu_wire_pcap_out(const char *path, struct pioemu_wire **wire, char *err, size_t err_len);
int pioemu_wire_tap(const char *name, struct pioemu_wire **wire, char *err, size_t err_len);

#endif /* PIOEMU_PRIV_H */
