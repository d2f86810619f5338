/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "ef10_desc.h"
#include "ef10_mcdi.h"

#include "piopmd_cmd.h"

/* A command whose only argument is one number. */
static int
cmd_one_arg(struct piopmd_mcdi *mcdi, uint32_t cmd, uint32_t arg, bool quiet)
{
	uint8_t in[sizeof(uint32_t)];

	ef10_le32_put(in, arg);
	return piopmd_mcdi_send(mcdi, cmd, in, sizeof(in), quiet);
}

/* The DMA pages of a ring. */
static void
cmd_ring_put(uint8_t *addrs, const struct piopmd_cmd_ring *ring)
{
	uint32_t i;

	for (i = 0; i < EF10_RING_PAGES(ring->nb_entries); i++)
		ef10_le64_put(addrs + i * sizeof(uint64_t),
			      ring->iova + (uint64_t)i * EF10_DMA_PAGE_SIZE);
}

int
piopmd_cmd_vis_alloc(struct piopmd_mcdi *mcdi, uint16_t min, uint16_t max, uint16_t *nb_vis)
{
	uint8_t in[EF10_ALLOC_VIS_IN_LEN];
	uint8_t out[EF10_ALLOC_VIS_EXT_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_ALLOC_VIS,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out), .out_min = EF10_ALLOC_VIS_OUT_LEN,
	};
	uint32_t count;
	int ret;

	ef10_le32_put(in + EF10_ALLOC_VIS_IN_MIN_VI_COUNT_OFST, min);
	ef10_le32_put(in + EF10_ALLOC_VIS_IN_MAX_VI_COUNT_OFST, max);
	ret = piopmd_mcdi_execute(mcdi, &req);
	if (ret != 0)
		return ret;
	count = ef10_le32_get(out + EF10_ALLOC_VIS_OUT_VI_COUNT_OFST);
	if (count < min)
		return -EIO;
	*nb_vis = (uint16_t)RTE_MIN(count, max);
	return 0;
}

int
piopmd_cmd_vis_free(struct piopmd_mcdi *mcdi)
{
	int ret = piopmd_mcdi_send(mcdi, EF10_CMD_FREE_VIS, NULL, 0, true);

	return ret == -EALREADY ? 0 : ret;
}

int
piopmd_cmd_vadaptor_alloc(struct piopmd_mcdi *mcdi, bool mac_change_with_filters)
{
	uint8_t in[EF10_VADAPTOR_ALLOC_IN_LEN] = { 0 };

	ef10_le32_put(in + EF10_VADAPTOR_ALLOC_IN_UPSTREAM_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	if (mac_change_with_filters)
		ef10_le32_put(in + EF10_VADAPTOR_ALLOC_IN_FLAGS_OFST,
			      EF10_VADAPTOR_ALLOC_FLAGS_PERMIT_SET_MAC_WHEN_FILTERS_INSTALLED);
	return piopmd_mcdi_send(mcdi, EF10_CMD_VADAPTOR_ALLOC, in, sizeof(in), true);
}

int
piopmd_cmd_vadaptor_free(struct piopmd_mcdi *mcdi)
{
	return cmd_one_arg(mcdi, EF10_CMD_VADAPTOR_FREE, EF10_PORT_ID_ASSIGNED, false);
}

int
piopmd_cmd_vadaptor_mac_set(struct piopmd_mcdi *mcdi, const struct rte_ether_addr *addr)
{
	uint8_t in[EF10_VADAPTOR_SET_MAC_IN_LEN];

	ef10_le32_put(in + EF10_VADAPTOR_SET_MAC_IN_UPSTREAM_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	memcpy(in + EF10_VADAPTOR_SET_MAC_IN_MACADDR_OFST, addr->addr_bytes, RTE_ETHER_ADDR_LEN);
	return piopmd_mcdi_send(mcdi, EF10_CMD_VADAPTOR_SET_MAC, in, sizeof(in), true);
}

static uint32_t
cmd_evq_flags(const struct piopmd_cmd_evq *evq)
{
	uint32_t flags = evq->interrupting ? EF10_INIT_EVQ_FLAGS_INTERRUPTING : 0;

	/* the device may merge events: the type of version 2 says the same as the flags of version 1 */
	if (evq->v2)
		return flags | (uint32_t)EF10_PUT(INIT_EVQ_FLAGS_TYPE,
						  EF10_INIT_EVQ_FLAGS_TYPE_THROUGHPUT);
	return flags | EF10_INIT_EVQ_FLAGS_RX_MERGE | EF10_INIT_EVQ_FLAGS_TX_MERGE;
}

int
piopmd_cmd_evq_init(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_evq *evq)
{
	uint8_t in[EF10_INIT_EVQ_IN_LEN(EF10_INIT_EVQ_DMA_ADDR_MAXNUM)] = { 0 };
	uint8_t out[EF10_INIT_EVQ_V2_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_INIT_EVQ,
		.in = in, .in_len = EF10_INIT_EVQ_IN_LEN(EF10_RING_PAGES(evq->ring.nb_entries)),
		.out = out, .out_size = sizeof(out), .out_min = EF10_INIT_EVQ_OUT_LEN,
	};

	if (EF10_RING_PAGES(evq->ring.nb_entries) > EF10_INIT_EVQ_DMA_ADDR_MAXNUM)
		return -EINVAL;
	ef10_le32_put(in + EF10_INIT_EVQ_IN_SIZE_OFST, evq->ring.nb_entries);
	ef10_le32_put(in + EF10_INIT_EVQ_IN_INSTANCE_OFST, evq->index);
	ef10_le32_put(in + EF10_INIT_EVQ_IN_FLAGS_OFST, cmd_evq_flags(evq));
	/* one field, read as a vector or as a queue by the flag */
	ef10_le32_put(in + EF10_INIT_EVQ_IN_IRQ_NUM_OFST,
		      evq->interrupting ? evq->vector : evq->target);
	cmd_ring_put(in + EF10_INIT_EVQ_IN_DMA_ADDR_OFST, &evq->ring);
	return piopmd_mcdi_execute(mcdi, &req);
}

int
piopmd_cmd_evq_fini(struct piopmd_mcdi *mcdi, uint16_t index)
{
	return cmd_one_arg(mcdi, EF10_CMD_FINI_EVQ, index, false);
}

int
piopmd_cmd_rxq_init(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_rxq *rxq)
{
	uint8_t in[EF10_INIT_RXQ_EXT_IN_LEN] = { 0 };
	uint32_t flags = EF10_INIT_RXQ_FLAGS_PREFIX;

	if (EF10_RING_PAGES(rxq->ring.nb_entries) > EF10_INIT_RXQ_DMA_ADDR_MAXNUM)
		return -EINVAL;
	if (!rxq->scatter && rxq->scatter_off_supported)
		flags |= EF10_INIT_RXQ_FLAGS_DISABLE_SCATTER;
	ef10_le32_put(in + EF10_INIT_RXQ_IN_SIZE_OFST, rxq->ring.nb_entries);
	ef10_le32_put(in + EF10_INIT_RXQ_IN_TARGET_EVQ_OFST, rxq->evq);
	ef10_le32_put(in + EF10_INIT_RXQ_IN_INSTANCE_OFST, rxq->index);
	ef10_le32_put(in + EF10_INIT_RXQ_IN_FLAGS_OFST, flags);
	ef10_le32_put(in + EF10_INIT_RXQ_IN_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	cmd_ring_put(in + EF10_INIT_RXQ_IN_DMA_ADDR_OFST, &rxq->ring);
	return piopmd_mcdi_send(mcdi, EF10_CMD_INIT_RXQ, in, sizeof(in), false);
}

int
piopmd_cmd_rxq_fini(struct piopmd_mcdi *mcdi, uint16_t index)
{
	return cmd_one_arg(mcdi, EF10_CMD_FINI_RXQ, index, true);
}

int
piopmd_cmd_txq_init(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_txq *txq)
{
	uint8_t in[EF10_INIT_TXQ_IN_LEN(EF10_INIT_TXQ_DMA_ADDR_MAXNUM)] = { 0 };
	uint32_t pages = EF10_RING_PAGES(txq->ring.nb_entries);
	uint32_t flags = 0;

	if (pages > EF10_INIT_TXQ_DMA_ADDR_MAXNUM)
		return -EINVAL;
	if (!txq->ip_csum)
		flags |= EF10_INIT_TXQ_FLAGS_IP_CSUM_DIS;
	if (!txq->l4_csum)
		flags |= EF10_INIT_TXQ_FLAGS_TCP_CSUM_DIS;
	ef10_le32_put(in + EF10_INIT_TXQ_IN_SIZE_OFST, txq->ring.nb_entries);
	ef10_le32_put(in + EF10_INIT_TXQ_IN_TARGET_EVQ_OFST, txq->evq);
	ef10_le32_put(in + EF10_INIT_TXQ_IN_INSTANCE_OFST, txq->index);
	ef10_le32_put(in + EF10_INIT_TXQ_IN_FLAGS_OFST, flags);
	ef10_le32_put(in + EF10_INIT_TXQ_IN_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	cmd_ring_put(in + EF10_INIT_TXQ_IN_DMA_ADDR_OFST, &txq->ring);
	return piopmd_mcdi_send(mcdi, EF10_CMD_INIT_TXQ, in, EF10_INIT_TXQ_IN_LEN(pages), false);
}

int
piopmd_cmd_txq_fini(struct piopmd_mcdi *mcdi, uint16_t index)
{
	return cmd_one_arg(mcdi, EF10_CMD_FINI_TXQ, index, true);
}

int
piopmd_cmd_piobuf_alloc(struct piopmd_mcdi *mcdi, uint32_t *handle)
{
	uint8_t out[EF10_ALLOC_PIOBUF_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_ALLOC_PIOBUF,
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
		.quiet = true,
	};
	int ret = piopmd_mcdi_execute(mcdi, &req);

	if (ret == 0)
		*handle = ef10_le32_get(out + EF10_ALLOC_PIOBUF_OUT_PIOBUF_HANDLE_OFST);
	return ret;
}

int
piopmd_cmd_piobuf_free(struct piopmd_mcdi *mcdi, uint32_t handle)
{
	return cmd_one_arg(mcdi, EF10_CMD_FREE_PIOBUF, handle, false);
}

int
piopmd_cmd_piobuf_link(struct piopmd_mcdi *mcdi, uint32_t handle, uint16_t vi)
{
	uint8_t in[EF10_LINK_PIOBUF_IN_LEN];

	ef10_le32_put(in + EF10_LINK_PIOBUF_IN_PIOBUF_HANDLE_OFST, handle);
	ef10_le32_put(in + EF10_LINK_PIOBUF_IN_TXQ_INSTANCE_OFST, vi);
	return piopmd_mcdi_send(mcdi, EF10_CMD_LINK_PIOBUF, in, sizeof(in), true);
}

int
piopmd_cmd_piobuf_unlink(struct piopmd_mcdi *mcdi, uint16_t vi)
{
	return cmd_one_arg(mcdi, EF10_CMD_UNLINK_PIOBUF, vi, true);
}

/* Fields of the match, in network order. */
static void
cmd_filter_match_put(uint8_t *in, const struct piopmd_cmd_filter *filter)
{
	memcpy(in + EF10_FILTER_OP_IN_SRC_MAC_OFST, filter->src_mac.addr_bytes, RTE_ETHER_ADDR_LEN);
	memcpy(in + EF10_FILTER_OP_IN_DST_MAC_OFST, filter->dst_mac.addr_bytes, RTE_ETHER_ADDR_LEN);
	memcpy(in + EF10_FILTER_OP_IN_SRC_PORT_OFST, &filter->src_port, sizeof(uint16_t));
	memcpy(in + EF10_FILTER_OP_IN_DST_PORT_OFST, &filter->dst_port, sizeof(uint16_t));
	memcpy(in + EF10_FILTER_OP_IN_ETHER_TYPE_OFST, &filter->ether_type, sizeof(uint16_t));
	memcpy(in + EF10_FILTER_OP_IN_INNER_VLAN_OFST, &filter->inner_vlan, sizeof(uint16_t));
	memcpy(in + EF10_FILTER_OP_IN_OUTER_VLAN_OFST, &filter->outer_vlan, sizeof(uint16_t));
	/* two bytes, low one first (ef10_filter.c: "in low byte, high byte is zero") */
	in[EF10_FILTER_OP_IN_IP_PROTO_OFST] = filter->ip_proto;
	memcpy(in + EF10_FILTER_OP_IN_SRC_IP_OFST, filter->src_ip, sizeof(filter->src_ip));
	memcpy(in + EF10_FILTER_OP_IN_DST_IP_OFST, filter->dst_ip, sizeof(filter->dst_ip));
}

int
piopmd_cmd_filter_insert(struct piopmd_mcdi *mcdi, const struct piopmd_cmd_filter *filter,
			 uint64_t *handle)
{
	uint8_t in[EF10_FILTER_OP_EXT_IN_LEN] = { 0 };
	uint8_t out[EF10_FILTER_OP_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_FILTER_OP,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
	};
	bool rss = filter->rss_context != EF10_RSS_CONTEXT_ID_INVALID;
	int ret;

	ef10_le32_put(in + EF10_FILTER_OP_IN_OP_OFST, filter->shared ?
		      EF10_FILTER_OP_OP_SUBSCRIBE : EF10_FILTER_OP_OP_INSERT);
	ef10_le32_put(in + EF10_FILTER_OP_IN_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	ef10_le32_put(in + EF10_FILTER_OP_IN_MATCH_FIELDS_OFST, filter->match);
	ef10_le32_put(in + EF10_FILTER_OP_IN_RX_DEST_OFST, filter->drop ?
		      EF10_FILTER_OP_RX_DEST_DROP : EF10_FILTER_OP_RX_DEST_HOST);
	ef10_le32_put(in + EF10_FILTER_OP_IN_RX_QUEUE_OFST, filter->rxq);
	ef10_le32_put(in + EF10_FILTER_OP_IN_RX_MODE_OFST, rss ?
		      EF10_FILTER_OP_RX_MODE_RSS : EF10_FILTER_OP_RX_MODE_SIMPLE);
	if (rss)
		ef10_le32_put(in + EF10_FILTER_OP_IN_RX_CONTEXT_OFST, filter->rss_context);
	ef10_le32_put(in + EF10_FILTER_OP_IN_TX_DEST_OFST, EF10_FILTER_OP_TX_DEST_DEFAULT);
	cmd_filter_match_put(in, filter);

	ret = piopmd_mcdi_execute(mcdi, &req);
	if (ret == 0)
		*handle = ef10_le64_get(out + EF10_FILTER_OP_OUT_HANDLE_OFST);
	return ret;
}

int
piopmd_cmd_filter_remove(struct piopmd_mcdi *mcdi, uint64_t handle, bool shared)
{
	uint8_t in[EF10_FILTER_OP_EXT_IN_LEN] = { 0 };
	uint8_t out[EF10_FILTER_OP_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_FILTER_OP,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out),
	};

	ef10_le32_put(in + EF10_FILTER_OP_IN_OP_OFST, shared ?
		      EF10_FILTER_OP_OP_UNSUBSCRIBE : EF10_FILTER_OP_OP_REMOVE);
	ef10_le64_put(in + EF10_FILTER_OP_IN_HANDLE_OFST, handle);
	return piopmd_mcdi_execute(mcdi, &req);
}

int
piopmd_cmd_rss_alloc(struct piopmd_mcdi *mcdi, uint16_t nb_queues, uint32_t *context)
{
	uint8_t in[EF10_RSS_CONTEXT_ALLOC_IN_LEN];
	uint8_t out[EF10_RSS_CONTEXT_ALLOC_OUT_LEN];
	struct piopmd_mcdi_req req = {
		.cmd = EF10_CMD_RSS_CONTEXT_ALLOC,
		.in = in, .in_len = sizeof(in),
		.out = out, .out_size = sizeof(out), .out_min = sizeof(out),
		.quiet = true,
	};
	int ret;

	ef10_le32_put(in + EF10_RSS_CONTEXT_ALLOC_IN_UPSTREAM_PORT_ID_OFST, EF10_PORT_ID_ASSIGNED);
	ef10_le32_put(in + EF10_RSS_CONTEXT_ALLOC_IN_TYPE_OFST,
		      EF10_RSS_CONTEXT_ALLOC_TYPE_EXCLUSIVE);
	ef10_le32_put(in + EF10_RSS_CONTEXT_ALLOC_IN_NUM_QUEUES_OFST, nb_queues);
	ret = piopmd_mcdi_execute(mcdi, &req);
	if (ret != 0)
		return ret;
	*context = ef10_le32_get(out + EF10_RSS_CONTEXT_ALLOC_OUT_RSS_CONTEXT_ID_OFST);
	return *context == EF10_RSS_CONTEXT_ID_INVALID ? -ENOENT : 0;
}

int
piopmd_cmd_rss_free(struct piopmd_mcdi *mcdi, uint32_t context)
{
	return cmd_one_arg(mcdi, EF10_CMD_RSS_CONTEXT_FREE, context, false);
}

int
piopmd_cmd_rss_flags_set(struct piopmd_mcdi *mcdi, uint32_t context, uint32_t flags)
{
	uint8_t in[EF10_RSS_CONTEXT_SET_FLAGS_IN_LEN];

	ef10_le32_put(in + EF10_RSS_CONTEXT_SET_FLAGS_IN_RSS_CONTEXT_ID_OFST, context);
	ef10_le32_put(in + EF10_RSS_CONTEXT_SET_FLAGS_IN_FLAGS_OFST, flags);
	return piopmd_mcdi_send(mcdi, EF10_CMD_RSS_CONTEXT_SET_FLAGS, in, sizeof(in), false);
}

int
piopmd_cmd_rss_key_set(struct piopmd_mcdi *mcdi, uint32_t context, const uint8_t *key)
{
	uint8_t in[EF10_RSS_CONTEXT_SET_KEY_IN_LEN];

	ef10_le32_put(in + EF10_RSS_CONTEXT_SET_KEY_IN_RSS_CONTEXT_ID_OFST, context);
	memcpy(in + EF10_RSS_CONTEXT_SET_KEY_IN_TOEPLITZ_KEY_OFST, key, EF10_RSS_CONTEXT_KEY_LEN);
	return piopmd_mcdi_send(mcdi, EF10_CMD_RSS_CONTEXT_SET_KEY, in, sizeof(in), false);
}

int
piopmd_cmd_rss_table_set(struct piopmd_mcdi *mcdi, uint32_t context, const uint8_t *table)
{
	uint8_t in[EF10_RSS_CONTEXT_SET_TABLE_IN_LEN];

	ef10_le32_put(in + EF10_RSS_CONTEXT_SET_TABLE_IN_RSS_CONTEXT_ID_OFST, context);
	memcpy(in + EF10_RSS_CONTEXT_SET_TABLE_IN_INDIRECTION_TABLE_OFST, table,
	       EF10_RSS_CONTEXT_TABLE_LEN);
	return piopmd_mcdi_send(mcdi, EF10_CMD_RSS_CONTEXT_SET_TABLE, in, sizeof(in), false);
}
