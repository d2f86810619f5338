/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_H
#define PIOPMD_H

/*
 * net_piopmd, control plane: the adapter object and what its files offer each other.
 *
 * State of a port (enum piopmd_state):
 *
 *	         probe                 dev_configure            dev_start
 *	(none) --------> ATTACHED -----------------> CONFIGURED ---------> STARTED
 *	   ^              |    ^                      |   ^  ^ dev_stop      |  |
 *	   |  dev_close   |    |       dev_configure  |   |  +---------------+  |
 *	   +--------------+    |       with an error  +---+                     |
 *	   ^                   +----------------------+                         |
 *	   |                                          |                         |
 *	   +------------------------------------------+     dev_close stops first
 *
 * The device fails independently of that (enum piopmd_health): OK -> RECOVERING (MC reboot, queue
 * error: everything is rebuilt) -> OK, or -> FAILED (only dev_stop, dev_close, dev_reset make sense),
 * or -> GONE (registers read all ones: nothing is written any more, every hardware step is skipped).
 *
 * Who owns what:
 *
 *	rte_pci_device        EAL; BAR and VFIO device are opened by piopmd_map_open in probe and closed by
 *	                      piopmd_map_close in dev_close
 *	struct piopmd_adapter dev_private, in shared memory; secondaries read it
 *	rxq[], txq[]          made by *_queue_setup, freed by *_queue_release or dev_close
 *
 * Locks, outermost first:
 *
 *	rte_pio's control lock (library)
 *	  adapter lock        ethdev operations against the alarm and interrupt callbacks, which only try
 *	                      it, so that cancelling them never deadlocks
 *	    mcdi.lock         one request at a time
 *
 * So nobody calls a function of rte_pio that takes the library's lock with the adapter lock held. The
 * datapath takes none of them.
 *
 * VI and event queue numbers (function-relative), for nrx receive queues:
 *
 *	management	EVQ 0
 *	RX queue q	VI q, EVQ 1 + q
 *	TX queue q	VI q, EVQ 1 + nrx + q		PIO window: that of VI q
 */

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <ethdev_driver.h>
#include <rte_ether.h>

#include "ef10_desc.h"
#include "ef10_mcdi.h"
#include "ef10_regs.h"

#include "piopmd_cmd.h"
#include "piopmd_compat.h"
#include "piopmd_devargs.h"
#include "piopmd_evq.h"
#include "piopmd_log.h"
#include "piopmd_map.h"
#include "piopmd_mcdi.h"
#include "piopmd_rxq.h"
#include "piopmd_txq.h"

#define PIOPMD_RXQ_MAX		64u
#define PIOPMD_TXQ_MAX		64u
#define PIOPMD_MAC_ADDRS_MAX	32u	/* unicast, own address included */
#define PIOPMD_MC_ADDRS_MAX	256u
#define PIOPMD_MATCHES_MAX	32u	/* kinds of filters */
#define PIOPMD_RETA_SIZE	EF10_RSS_CONTEXT_TABLE_LEN
#define PIOPMD_RSS_KEY_LEN	EF10_RSS_CONTEXT_KEY_LEN

static_assert(PIOPMD_TXQ_MAX <= PIOPMD_DEVARGS_TXQ_MAX, "pio_txqs can name every queue");

/*
 * Frame length that SET_MAC gets for an MTU: Ethernet header, two tags' worth, FCS and 16 bytes (bug
 * 16011), rounded up to 8 (EFX_MAC_PDU_*; 1500 gives 0x608). EFX_MAC_SDU_MAX is the limit.
 */
#define PIOPMD_PDU_OVERHEAD	38u
#define PIOPMD_PDU(mtu)		RTE_ALIGN_CEIL((mtu) + PIOPMD_PDU_OVERHEAD, 8u)
#define PIOPMD_MTU_MAX		9202u
#define PIOPMD_FRAME_OVERHEAD	(RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN)	/* without FCS */

/* The alarm that polls what no interrupt reports. */
#define PIOPMD_HOUSEKEEPING_US	(1000 * 1000u)

enum piopmd_state {
	PIOPMD_ATTACHED = 1,
	PIOPMD_CONFIGURED,
	PIOPMD_STARTED,
};

enum piopmd_health {
	PIOPMD_HEALTH_OK,
	PIOPMD_HEALTH_RECOVERING,
	PIOPMD_HEALTH_FAILED,
	PIOPMD_HEALTH_GONE,
};

/* What the hardware at hand can do; constant after attach. */
struct piopmd_limits {
	uint16_t nb_vis;		/* VIs that this function can have */
	uint16_t nb_queues;		/* of each direction */
	uint32_t txq_entries_max;
	uint32_t piobuf_size;
	uint16_t nb_piobufs;		/* of the adapter */
	uint16_t rx_pad;		/* receive DMA is padded to a multiple of this */
	bool pio_privilege;
	bool evq_indirect;		/* Huntington bug 35388 */
	bool rss;
	uint16_t nb_matches;
	uint32_t matches[PIOPMD_MATCHES_MAX];
};

/* A receive filter that is installed. */
struct piopmd_filter_entry {
	uint64_t handle;
	uint32_t match;
	struct rte_ether_addr addr;
	bool shared;			/* a subscription */
	bool wanted;			/* scratch of piopmd_filters_apply */
};

#define PIOPMD_FILTERS_MAX	(PIOPMD_MAC_ADDRS_MAX + PIOPMD_MC_ADDRS_MAX + 3u)

struct piopmd_filters {
	/* wanted */
	struct rte_ether_addr uc_addrs[PIOPMD_MAC_ADDRS_MAX];	/* 0: own; zeros: free */
	struct rte_ether_addr mc_addrs[PIOPMD_MC_ADDRS_MAX];
	uint16_t nb_mc_addrs;
	bool promisc;
	bool allmulti;
	bool isolated;			/* none of these: only what rules of rte_flow ask for */
	/* installed; only while receive queue 0 runs */
	bool active;
	uint16_t nb;
	struct piopmd_filter_entry entries[PIOPMD_FILTERS_MAX];
};

struct piopmd_rss {
	bool on;
	uint32_t context;		/* EF10_RSS_CONTEXT_ID_INVALID: none */
	uint32_t flat_context;		/* hashes the same, spreads nothing; made when first needed */
	uint64_t types;			/* RTE_ETH_RSS_* */
	uint8_t key[PIOPMD_RSS_KEY_LEN];
	uint8_t table[PIOPMD_RETA_SIZE];
};

/* Rules of rte_flow, oldest first (piopmd_flow.h) */
TAILQ_HEAD(piopmd_flow_list, rte_flow);

struct piopmd_stats {
	const struct rte_memzone *mz;	/* the device writes here */
	uint64_t *raw;			/* last consistent copy */
	uint64_t *base;			/* what a reset has seen */
	bool periodic;
	bool running;
};

/* What the last self-test of the mapping found. */
struct piopmd_wc_result {
	enum rte_pio_wc_verdict measured;
	uint32_t burst_ps;
	uint32_t single_ps;
};

struct piopmd_adapter {
	/* constant after probe */
	struct rte_eth_dev_data *data;
	enum ef10_family family;
	struct piopmd_devargs devargs;
	struct piopmd_map map;
	struct piopmd_cmd_caps caps;
	uint32_t phy_caps;
	uint16_t fw_version[4];
	struct piopmd_limits limits;
	struct rte_ether_addr mac_perm;
	uint16_t pf;
	uint16_t vf;
	enum rte_pio_store_kind store;

	/* under lock */
	pthread_mutex_t lock;
	enum piopmd_state state;
	enum piopmd_health health;
	struct piopmd_mcdi mcdi;
	struct piopmd_evq mgmt_evq;
	bool attached;			/* since the last reboot of the MC */
	bool vis_held;
	bool vadaptor_held;
	bool intr_on;			/* management event queue raises vector 0 */
	bool recovery_wanted;		/* an event asks for it */
	bool recovery_told;		/* ERR_RECOVERING was reported */
	unsigned int recover_tries;
	uint64_t nb_recoveries;
	bool link_changed;		/* LINKCHANGE was seen */
	uint16_t nb_rxq;		/* of the running configuration */
	uint16_t nb_txq;
	uint16_t nb_piobufs_held;	/* read by any thread */
	struct piopmd_rxq *rxq[PIOPMD_RXQ_MAX];
	struct piopmd_txq *txq[PIOPMD_TXQ_MAX];
	struct piopmd_filters filters;
	struct piopmd_flow_list flows;
	struct piopmd_rss rss;
	struct piopmd_stats stats;
	struct piopmd_wc_result wc;
};

static inline struct piopmd_adapter *
piopmd_adapter_of(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

static inline struct rte_pci_device *
piopmd_pci_of(const struct rte_eth_dev *dev)
{
	return container_of(dev->device, struct rte_pci_device, device);
}

/* PCI address, for log lines */
static inline const char *
piopmd_name_of(const struct rte_eth_dev *dev)
{
	return dev->device->name;
}

/* First register of a VI's window */
static inline volatile void *
piopmd_vi_base(const struct piopmd_adapter *ad, uint16_t vi)
{
	return ad->map.base + ef10_vi_reg(ad->map.stride, vi, 0);
}

static inline uint16_t
piopmd_rxq_evq_index(uint16_t queue_id)
{
	return (uint16_t)(PIOPMD_EVQ_MGMT + 1 + queue_id);
}

static inline uint16_t
piopmd_txq_evq_index(const struct piopmd_adapter *ad, uint16_t queue_id)
{
	return (uint16_t)(PIOPMD_EVQ_MGMT + 1 + ad->nb_rxq + queue_id);
}

/* piopmd_nic.c: the function as such */

/* First epoch, attach, capabilities, limits. Reads what is constant into *ad. */
int piopmd_nic_attach(struct piopmd_adapter *ad, const char *name);
/* Gives everything back to the adapter. May be repeated. */
void piopmd_nic_detach(struct piopmd_adapter *ad);
/* After an MC reboot: attach again, with the same limits or better. */
int piopmd_nic_reattach(struct piopmd_adapter *ad, const char *name);

/* piopmd_vi.c: VIs and vadaptor */

int piopmd_vi_start(struct piopmd_adapter *ad, uint16_t nb_vis, const char *name);
void piopmd_vi_stop(struct piopmd_adapter *ad);

/* piopmd_port.c: start and stop of everything, MTU, MAC */

int piopmd_port_start(struct rte_eth_dev *dev);
void piopmd_port_stop(struct rte_eth_dev *dev);
int piopmd_port_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);

/* piopmd_recover.c */

/* What the health of a started port asks for; HEALTH_OK: nothing. Adapter lock held. */
enum piopmd_health piopmd_recover_check(struct rte_eth_dev *dev);
/*
 * The next step of it. Adapter lock held. Returns what the application is to be told once the lock is
 * free, RTE_ETH_EVENT_MAX: nothing.
 */
enum rte_eth_event_type piopmd_recover_step(struct rte_eth_dev *dev, enum piopmd_health need);
/* Attaches again if the MC has lost us since. Adapter lock held, port not running. */
int piopmd_recover_attach(struct rte_eth_dev *dev);
/* Resets the function and attaches again. Adapter lock held, port not running. */
int piopmd_recover_reset(struct rte_eth_dev *dev);

/* piopmd_filter.c: which frames are received */

/* Installs what is wanted, now and until piopmd_filters_stop. */
int piopmd_filters_start(struct rte_eth_dev *dev);
/* Removes all; the wishes stay. */
void piopmd_filters_stop(struct rte_eth_dev *dev);
/*
 * Makes the installed filters what is wanted, new ones before old ones go, so that nothing is missed.
 * Does nothing while stopped. On an error as much as possible is installed.
 */
int piopmd_filters_apply(struct rte_eth_dev *dev);
int piopmd_promiscuous_set(struct rte_eth_dev *dev, bool on);
int piopmd_allmulticast_set(struct rte_eth_dev *dev, bool on);
int piopmd_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr);
int piopmd_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index);
void piopmd_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int piopmd_mc_addrs_set(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t nb);

/* piopmd_flow.c: rte_flow */

int piopmd_flow_ops_get(struct rte_eth_dev *dev, const struct rte_flow_ops **ops);
/* Installs every rule; on an error none is installed. */
int piopmd_flows_start(struct rte_eth_dev *dev);
/* Takes them out of the adapter; the rules stay. */
void piopmd_flows_stop(struct rte_eth_dev *dev);
/* Forgets all rules of a stopped port. */
void piopmd_flows_free(struct piopmd_adapter *ad);
/* -EINVAL: a rule names a receive queue that is not among nb_rxq. */
int piopmd_flows_check(struct rte_eth_dev *dev, uint16_t nb_rxq);
/* A rule decides about these frames, so the port's own filter of the same match has to stay away. */
bool piopmd_flows_claim(const struct piopmd_adapter *ad, uint32_t match,
			const struct rte_ether_addr *addr);

/* piopmd_rss.c */

/* What a context is told. */
struct piopmd_rss_conf {
	uint16_t nb_queues;		/* that its table reaches from the filter's queue on */
	uint64_t types;			/* RTE_ETH_RSS_* */
	const uint8_t *key;		/* PIOPMD_RSS_KEY_LEN bytes */
	const uint8_t *table;		/* PIOPMD_RETA_SIZE offsets */
};

/* The port's key, or the one that it would have. */
const uint8_t *piopmd_rss_key(const struct piopmd_adapter *ad);
int piopmd_rss_context_make(struct piopmd_adapter *ad, const struct piopmd_rss_conf *conf,
			    uint32_t *context);
/* Also when there is none. */
void piopmd_rss_context_free(struct piopmd_adapter *ad, uint32_t *context);
/*
 * For a filter that names one queue: the frames get the same hash as others. Belongs to the port;
 * EF10_RSS_CONTEXT_ID_INVALID while RSS is off.
 */
int piopmd_rss_flat_get(struct piopmd_adapter *ad, uint32_t *context);
int piopmd_rss_configure(struct rte_eth_dev *dev);
int piopmd_rss_start(struct rte_eth_dev *dev);
void piopmd_rss_stop(struct rte_eth_dev *dev);
uint64_t piopmd_rss_types_supported(const struct piopmd_adapter *ad);
int piopmd_rss_hash_update(struct rte_eth_dev *dev, const struct rte_eth_rss_conf *conf);
int piopmd_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int piopmd_rss_reta_update(struct rte_eth_dev *dev, const struct rte_eth_rss_reta_entry64 *reta,
			   uint16_t size);
int piopmd_rss_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
			  uint16_t size);

/* piopmd_link.c: link, management events, interrupts, housekeeping */

int piopmd_link_get(struct rte_eth_dev *dev, struct rte_eth_link *link);
/* RTE_ETH_LINK_SPEED_* of EF10_PHY_CAP_* */
uint32_t piopmd_link_speed_capa(uint32_t phy_caps);
int piopmd_intr_start(struct rte_eth_dev *dev);
void piopmd_intr_stop(struct rte_eth_dev *dev);
int piopmd_housekeeping_start(struct rte_eth_dev *dev);
void piopmd_housekeeping_stop(struct rte_eth_dev *dev);
/* Reports the kernel's request to give the device back as RTE_ETH_EVENT_INTR_RMV. */
int piopmd_removal_watch(struct rte_eth_dev *dev);
void piopmd_removal_unwatch(struct rte_eth_dev *dev);

/* piopmd_stats.c */

int piopmd_stats_setup(struct rte_eth_dev *dev);
void piopmd_stats_release(struct rte_eth_dev *dev);
int piopmd_stats_start(struct rte_eth_dev *dev);
void piopmd_stats_stop(struct rte_eth_dev *dev);
int piopmd_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG);
int piopmd_stats_reset(struct rte_eth_dev *dev);
/* The next three call rte_pio: adapter lock not held by the caller. */
int piopmd_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int size);
int piopmd_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
			    unsigned int size);
int piopmd_xstats_reset(struct rte_eth_dev *dev);

/* piopmd_ext.c: rte_pio */

/* How the CPU sees the PIO window */
enum rte_pio_map_kind piopmd_ext_map_kind(const struct piopmd_map *map);
int piopmd_ext_register(struct rte_eth_dev *dev);
void piopmd_ext_unregister(struct rte_eth_dev *dev);
/* Opts in what pio_txqs names. Adapter lock not held. */
int piopmd_ext_devargs_apply(struct rte_eth_dev *dev, uint16_t queue_id);

/* piopmd_pci.c */

/* Detaches from the device and gives it back: the last step of dev_close. */
void piopmd_pci_close(struct rte_eth_dev *dev);

/* piopmd_ethdev.c */

extern const struct eth_dev_ops piopmd_eth_dev_ops;

/* Makes an ethdev port of an attached adapter. */
int piopmd_port_init(struct rte_eth_dev *dev);
/* Chooses the burst functions for the queues that are set up. */
void piopmd_burst_select(struct rte_eth_dev *dev);
int piopmd_dev_close(struct rte_eth_dev *dev);

#endif /* PIOPMD_H */
