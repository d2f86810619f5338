/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_CMD_H
#define PIOPMD_CMD_H

/*
 * The MCDI commands that the driver uses, as functions: arguments in host order in, parsed results
 * out. Each is one request, or what its comment says.
 *
 * All functions: any control thread, block as piopmd_mcdi_execute does. They return 0 or its negative
 * errno; "may refuse" marks commands whose refusal is normal on a VF and is not logged as an error.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "piopmd_mcdi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The function and its adapter (piopmd_cmd.c) */

/* GET_CAPABILITIES, as much of it as matters here. */
struct piopmd_cmd_caps {
	uint32_t flags1;		/* EF10_GET_CAPABILITIES_FLAGS1_* */
	uint32_t flags2;		/* EF10_GET_CAPABILITIES_FLAGS2_*; 0 when not reported */
	uint16_t rx_fw_id;		/* firmware variants */
	uint16_t tx_fw_id;
	uint16_t nb_piobufs;		/* of the whole adapter */
	uint16_t piobuf_size;
	uint32_t vi_stride;		/* 0: not reported */
	uint16_t nb_mac_stats;
};

struct piopmd_cmd_link {
	uint32_t speed_mbps;
	bool up;
	bool full_duplex;
	bool autoneg;
	uint32_t fcntl;			/* EF10_FCNTL_* */
	uint32_t caps;			/* EF10_PHY_CAP_* advertised */
};

struct piopmd_cmd_mac {
	uint16_t pdu;			/* longest frame with FCS and two tags */
	bool drain;			/* take nothing from the wire */
	struct rte_ether_addr addr;
};

/* Ends the assertion state an MC may be in; a VF may be refused. */
int piopmd_cmd_asserts_clear(struct piopmd_mcdi *mcdi);
int piopmd_cmd_attach(struct piopmd_mcdi *mcdi);
int piopmd_cmd_detach(struct piopmd_mcdi *mcdi);
/* Frees everything that this function holds in the adapter. */
int piopmd_cmd_function_reset(struct piopmd_mcdi *mcdi);
int piopmd_cmd_function_info_get(struct piopmd_mcdi *mcdi, uint16_t *pf, uint16_t *vf);
/* -ENOTSUP: firmware without privileges; then everybody may do everything. */
int piopmd_cmd_privileges_get(struct piopmd_mcdi *mcdi, uint16_t pf, uint16_t vf, uint32_t *mask);
int piopmd_cmd_caps_get(struct piopmd_mcdi *mcdi, struct piopmd_cmd_caps *caps);
int piopmd_cmd_mac_addr_get(struct piopmd_mcdi *mcdi, struct rte_ether_addr *addr);
/* The first 4 numbers of the firmware's version. */
int piopmd_cmd_version_get(struct piopmd_mcdi *mcdi, uint16_t version[4]);
/* May refuse: -EPERM means that the workaround is on and somebody else's to change. */
int piopmd_cmd_workaround_set(struct piopmd_mcdi *mcdi, uint32_t type, bool on);
/* EF10_PHY_CAP_* */
int piopmd_cmd_phy_caps_get(struct piopmd_mcdi *mcdi, uint32_t *caps);
int piopmd_cmd_link_get(struct piopmd_mcdi *mcdi, struct piopmd_cmd_link *link);
/* Sends events that are no queue's to this event queue. */
int piopmd_cmd_events_route(struct piopmd_mcdi *mcdi, uint16_t evq);
/* May refuse: the PF may keep the MAC to itself. */
int piopmd_cmd_mac_set(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_mac *mac);
/* Only the frame length; needs capability SET_MAC_ENHANCED. */
int piopmd_cmd_mac_pdu_set(struct piopmd_mcdi *mcdi, uint16_t pdu);
/* The device writes the statistics to addr every period_ms, without an event; 0: stop. */
int piopmd_cmd_mac_stats_periodic(struct piopmd_mcdi *mcdi, uint64_t addr, uint32_t len,
				  uint16_t period_ms);
/* The device writes them once, before the command returns. */
int piopmd_cmd_mac_stats_upload(struct piopmd_mcdi *mcdi, uint64_t addr, uint32_t len);
/* Combinations of fields that a receive filter may match on. *nb: in room, out number. */
int piopmd_cmd_filter_matches_get(struct piopmd_mcdi *mcdi, uint32_t *matches, uint16_t *nb);

/* VIs, queues, PIO buffers, filters, RSS (piopmd_cmd_vi.c) */

/* A ring in DMA memory, contiguous there. */
struct piopmd_cmd_ring {
	uint64_t iova;
	uint32_t nb_entries;		/* power of two */
};

struct piopmd_cmd_evq {
	struct piopmd_cmd_ring ring;
	uint16_t index;
	bool v2;			/* capability INIT_EVQ_V2 */
	bool interrupting;
	uint16_t vector;		/* interrupting */
	uint16_t target;		/* not interrupting: event queue that wakes in its place */
};

struct piopmd_cmd_rxq {
	struct piopmd_cmd_ring ring;
	uint16_t index;
	uint16_t evq;
	bool scatter;
	bool scatter_off_supported;	/* capability RX_DISABLE_SCATTER */
};

struct piopmd_cmd_txq {
	struct piopmd_cmd_ring ring;
	uint16_t index;
	uint16_t evq;
	bool ip_csum;
	bool l4_csum;
};

/* A receive filter. */
struct piopmd_cmd_filter {
	uint32_t match;			/* EF10_FILTER_OP_MATCH_* */
	struct rte_ether_addr src_mac;
	struct rte_ether_addr dst_mac;
	uint16_t ether_type;		/* network order, as everything below */
	uint16_t outer_vlan;
	uint16_t inner_vlan;
	uint8_t ip_proto;
	uint16_t src_port;
	uint16_t dst_port;
	uint8_t src_ip[16];		/* IPv4 in the first 4 bytes, the others 0 */
	uint8_t dst_ip[16];
	bool shared;			/* others may subscribe to the same match */
	bool drop;
	uint16_t rxq;
	uint32_t rss_context;		/* EF10_RSS_CONTEXT_ID_INVALID: no RSS */
};

int piopmd_cmd_vis_alloc(struct piopmd_mcdi *mcdi, uint16_t min, uint16_t max, uint16_t *nb_vis);
int piopmd_cmd_vis_free(struct piopmd_mcdi *mcdi);
/* -ENOENT: the PF has not made the port ready yet; try again. */
int piopmd_cmd_vadaptor_alloc(struct piopmd_mcdi *mcdi, bool mac_change_with_filters);
int piopmd_cmd_vadaptor_free(struct piopmd_mcdi *mcdi);
/* May refuse. */
int piopmd_cmd_vadaptor_mac_set(struct piopmd_mcdi *mcdi, const struct rte_ether_addr *addr);

int piopmd_cmd_evq_init(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_evq *evq);
int piopmd_cmd_evq_fini(struct piopmd_mcdi *mcdi, uint16_t index);
int piopmd_cmd_rxq_init(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_rxq *rxq);
/* -EALREADY: flushed before. A flush event follows otherwise. */
int piopmd_cmd_rxq_fini(struct piopmd_mcdi *mcdi, uint16_t index);
int piopmd_cmd_txq_init(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_txq *txq);
int piopmd_cmd_txq_fini(struct piopmd_mcdi *mcdi, uint16_t index);

/* May refuse: -EPERM no privilege, -ENOSPC pool empty. */
int piopmd_cmd_piobuf_alloc(struct piopmd_mcdi *mcdi, uint32_t *handle);
int piopmd_cmd_piobuf_free(struct piopmd_mcdi *mcdi, uint32_t handle);
/* May refuse. */
int piopmd_cmd_piobuf_link(struct piopmd_mcdi *mcdi, uint32_t handle, uint16_t vi);
/* -EALREADY and -ENOENT: there is no link. */
int piopmd_cmd_piobuf_unlink(struct piopmd_mcdi *mcdi, uint16_t vi);

int piopmd_cmd_filter_insert(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_filter *filter,
			     uint64_t *handle);
int piopmd_cmd_filter_remove(struct piopmd_mcdi *mcdi, uint64_t handle, bool shared);

/* May refuse: the adapter has few contexts. */
int piopmd_cmd_rss_alloc(struct piopmd_mcdi *mcdi, uint16_t nb_queues, uint32_t *context);
int piopmd_cmd_rss_free(struct piopmd_mcdi *mcdi, uint32_t context);
int piopmd_cmd_rss_flags_set(struct piopmd_mcdi *mcdi, uint32_t context, uint32_t flags);
int piopmd_cmd_rss_key_set(struct piopmd_mcdi *mcdi, uint32_t context, const uint8_t *key);
int piopmd_cmd_rss_table_set(struct piopmd_mcdi *mcdi, uint32_t context, const uint8_t *table);

#ifdef __cplusplus
}
#endif

#endif /* PIOPMD_CMD_H */
