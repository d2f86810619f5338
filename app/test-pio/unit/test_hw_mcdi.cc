/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Golden header words are what upstream's net_sfc was seen to send. Every offset and length of the
 * payloads is compared with upstream's header by check_hw_upstream.py; here are the ones whose
 * mistake would cost most, typed by hand, and what the lists promise.
 */

#include <errno.h>

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "ef10_mcdi.h"

namespace
{

TEST(HwMcdiHeader, Version1)
{
	/* GET_ASSERTS opens an epoch; REBOOT follows as request 1 */
	EXPECT_EQ(ef10_mcdi_hdr_v1(EF10_CMD_GET_ASSERTS, 4, 0, true), 0x00000486u);
	EXPECT_EQ(ef10_mcdi_hdr_v1(EF10_CMD_REBOOT, 4, 1, false), 0x002104BDu);
	/* the longest payload and the last sequence number */
	EXPECT_EQ(ef10_mcdi_hdr_v1(0x7E, EF10_MCDI_PAYLOAD_MAX_V1, 15, false), 0x002FFCFEu);
}

TEST(HwMcdiHeader, Version2)
{
	/* GET_PORT_ASSIGNMENT as request 3: words 002300FF 000000B8 */
	EXPECT_EQ(ef10_mcdi_hdr_v2(EF10_CMD_GET_PORT_ASSIGNMENT, 0, 3, false),
		0x000000B8002300FFull);
	/* INIT_RXQ of 568 bytes, start of an epoch */
	EXPECT_EQ(ef10_mcdi_hdr_v2(EF10_CMD_INIT_RXQ, 568, 0, true), 0x02380081000000FFull);
	EXPECT_EQ(ef10_mcdi_hdr_v2(0x7FFF, 1023, 15, false), 0x03FF7FFF002F00FFull);
	EXPECT_EQ(EF10_GET(0x1000u << 16, MCDI_V2_MESSAGE_TYPE),
		(uint64_t)EF10_MCDI_V2_MESSAGE_TYPE_TSA);
}

TEST(HwMcdiHeader, Response)
{
	/* the answer to request 3 above: 00A300FF 000400B8 */
	EXPECT_EQ(EF10_GET(0x00A300FFu, MCDI_HDR_CODE), (uint64_t)EF10_MCDI_CODE_V2);
	EXPECT_EQ(EF10_GET(0x00A300FFu, MCDI_HDR_SEQ), 3u);
	EXPECT_EQ(EF10_GET(0x00A300FFu, MCDI_HDR_RESPONSE), 1u);
	EXPECT_EQ(EF10_GET(0x00A300FFu, MCDI_HDR_ERROR), 0u);
	EXPECT_EQ(EF10_GET(0x00A300FFu, MCDI_HDR_NOT_EPOCH), 1u);
	EXPECT_EQ(EF10_GET(0x000400B8u, MCDI_V2_CMD), 0xB8u);
	EXPECT_EQ(EF10_GET(0x000400B8u, MCDI_V2_LEN), 4u);
	/* refused, version 1: code 06, 8 bytes of error */
	EXPECT_EQ(ef10_mcdi_hdr_v1(EF10_CMD_GET_ASSERTS, EF10_MCDI_ERR_LEN, 0, true) |
			EF10_MASK(MCDI_HDR_RESPONSE) | EF10_MASK(MCDI_HDR_ERROR), 0x00C00886u);
	EXPECT_EQ(EF10_PUT(MCDI_HDR_XFLAGS, EF10_MCDI_HDR_XFLAGS_EVREQ), 0x01000000u);
}

TEST(HwMcdiHeader, WhoNeedsVersion2)
{
	EXPECT_FALSE(ef10_mcdi_needs_v2(0x06, 4, 8));
	EXPECT_FALSE(ef10_mcdi_needs_v2(0x7E, 0xFC, 0xFC));
	EXPECT_TRUE(ef10_mcdi_needs_v2(0x80, 0, 0));
	EXPECT_TRUE(ef10_mcdi_needs_v2(0x7F, 0, 0));
	EXPECT_TRUE(ef10_mcdi_needs_v2(0x06, 0xFD, 0));
	EXPECT_TRUE(ef10_mcdi_needs_v2(0x06, 0, 0xFD));
}

TEST(HwMcdiHeader, Buffer)
{
	EXPECT_EQ(EF10_MCDI_BUF_ALIGN, 256u);
	EXPECT_EQ(EF10_MCDI_HDR_V1_LEN, 4u);
	EXPECT_EQ(EF10_MCDI_BUF_LEN, 1032u);
	/* an aligned address can never be taken for the word that cancels */
	EXPECT_NE(1u % EF10_MCDI_BUF_ALIGN, 0u);
	EXPECT_EQ(EF10_MCDI_ERR_CODE_OFST, 0u);
	EXPECT_EQ(EF10_MCDI_ERR_ARG_OFST, 4u);
}

TEST(HwMcdiCommands, ListIsInOrderOfCodesWithoutDuplicates)
{
	static const struct {
		const char *name;
		uint32_t code;
		uint32_t enumerator;
		uint32_t priv;
	} cmds[] = {
#define CMD(name, code, priv) {#name, code, EF10_CMD_##name, EF10_PRIV_##priv},
		EF10_CMD_LIST(CMD)
#undef CMD
	};
	std::set<std::string> names;
	uint32_t last = 0;

	for (const auto &cmd : cmds) {
		EXPECT_GT(cmd.code, last) << cmd.name;
		EXPECT_LE(cmd.code, 0x7FFFu) << cmd.name;
		EXPECT_EQ(cmd.enumerator, cmd.code) << cmd.name;
		EXPECT_TRUE(names.insert(cmd.name).second) << cmd.name;
		EXPECT_STREQ(ef10_cmd_name(cmd.code), cmd.name);
		EXPECT_EQ(ef10_cmd_priv(cmd.code), cmd.priv) << cmd.name;
		last = cmd.code;
	}
	EXPECT_STREQ(ef10_cmd_name(0x7FFF), "unknown");
	EXPECT_EQ(ef10_cmd_priv(0x7FFF), EF10_PRIV_GENERAL);
}

TEST(HwMcdiCommands, EverythingNetSfcSendsIsKnown)
{
	/* one life of an X2 port under net_sfc, with all its options */
	static const uint16_t cmds[] = {
		0x06, 0x3D, 0x1C, 0xB8, 0xFF, 0xEC, 0xB6, 0x1C4, 0xAA, 0x5A, 0x18, 0x24, 0x29,
		0xBE, 0xBF, 0x1B7, 0x4A, 0xAC, 0xC2, 0x2E, 0x28, 0x08, 0x05, 0x20, 0x07, 0x8C,
		0x8B, 0x98, 0x9E, 0x9F, 0xE4, 0x99, 0x80, 0x2C, 0x43, 0x5D, 0x81, 0x8A, 0x59,
		0x82, 0x85, 0x83, 0x84, 0xE1, 0xA0, 0xA2, 0x117, 0x12D, 0x12E, 0x2A, 0x2B,
	};

	for (uint16_t cmd : cmds)
		EXPECT_STRNE(ef10_cmd_name(cmd), "unknown") << std::hex << cmd;
}

TEST(HwMcdiCommands, PioNeedsTheOnloadPrivilege)
{
	for (uint32_t cmd : {0x8F, 0x90, 0x92, 0x93})
		EXPECT_EQ(ef10_cmd_priv(cmd), 4u) << std::hex << cmd;
	EXPECT_EQ(ef10_cmd_priv(0x06), 1u);
	EXPECT_EQ(ef10_cmd_priv(0x2A), 2u);
	EXPECT_EQ(ef10_cmd_priv(0x3D), 0x8000u);
	EXPECT_EQ(ef10_cmd_priv(0x82), 0u);
}

TEST(HwMcdiErrors, ListIsInOrderWithoutDuplicates)
{
	static const struct {
		const char *name;
		uint32_t value;
	} errors[] = {
#define ERR(name, value) {#name, value},
		EF10_MCDI_ERR_LIST(ERR)
#undef ERR
	};
	uint32_t last = 0;

	for (const auto &error : errors) {
		EXPECT_GT(error.value, last) << error.name;
		EXPECT_STREQ(ef10_mcdi_err_name(error.value), error.name);
		last = error.value;
	}
	EXPECT_STREQ(ef10_mcdi_err_name(0), "unknown");
	EXPECT_STREQ(ef10_mcdi_err_name(0xFFFF), "unknown");
}

TEST(HwMcdiErrors, SmallOnesAreErrnoValues)
{
	EXPECT_EQ((int)EF10_MCDI_ERR_EPERM, EPERM);
	EXPECT_EQ((int)EF10_MCDI_ERR_ENOENT, ENOENT);
	EXPECT_EQ((int)EF10_MCDI_ERR_EINVAL, EINVAL);
	EXPECT_EQ((int)EF10_MCDI_ERR_ENOSPC, ENOSPC);
	EXPECT_EQ((int)EF10_MCDI_ERR_ENOSYS, ENOSYS);
	EXPECT_EQ((int)EF10_MCDI_ERR_EALREADY, EALREADY);
	EXPECT_EQ((int)EF10_MCDI_ERR_ENOTSUP, EOPNOTSUPP);
}

TEST(HwMcdiStats, IndicesAreUniqueAndFitTheBuffer)
{
	static const struct {
		const char *name;
		uint32_t index;
	} stats[] = {
#define STAT(name, index) {#name, index},
		EF10_MAC_STAT_LIST(STAT)
#undef STAT
	};
	std::map<uint32_t, std::string> seen;

	for (const auto &stat : stats) {
		EXPECT_TRUE(seen.emplace(stat.index, stat.name).second)
			<< stat.name << " and " << seen[stat.index];
		EXPECT_LT(stat.index, (uint32_t)EF10_MAC_NSTATS_V4) << stat.name;
	}
	/* the last element of a buffer of any length is its generation */
	for (uint32_t nstats : {EF10_MAC_NSTATS, EF10_MAC_NSTATS_V2, EF10_MAC_NSTATS_V3,
			EF10_MAC_NSTATS_V4})
		EXPECT_EQ(seen.count(nstats - 1), 0u) << seen[nstats - 1];
	EXPECT_EQ((int)EF10_MAC_STAT_VADAPTER_RX_UNICAST_PACKETS, 0x4C);
	EXPECT_EQ((int)EF10_MAC_STAT_VADAPTER_TX_UNICAST_PACKETS, 0x57);
}

TEST(HwMcdiPayload, QueuesOfTheSmallestRing)
{
	/* what net_sfc sends for 512 entries */
	EXPECT_EQ(EF10_INIT_EVQ_IN_LEN(1), 44);
	EXPECT_EQ(EF10_INIT_TXQ_IN_LEN(1), 36);
	EXPECT_EQ(EF10_INIT_RXQ_V5_IN_LEN, 568);
	EXPECT_EQ(EF10_INIT_EVQ_IN_DMA_ADDR_OFST, 36);
	EXPECT_EQ(EF10_INIT_TXQ_IN_DMA_ADDR_OFST, 28);
	EXPECT_EQ(EF10_INIT_RXQ_IN_DMA_ADDR_OFST, 28);
	/* flags: management and data event queue, receive, transmit without checksums */
	EXPECT_EQ(EF10_INIT_EVQ_FLAGS_INTERRUPTING |
			EF10_PUT(INIT_EVQ_FLAGS_TYPE, EF10_INIT_EVQ_FLAGS_TYPE_THROUGHPUT), 0x101u);
	EXPECT_EQ(EF10_INIT_EVQ_FLAGS_RX_MERGE | EF10_INIT_EVQ_FLAGS_TX_MERGE, 0x30u);
	EXPECT_EQ(EF10_INIT_RXQ_FLAGS_PREFIX | EF10_INIT_RXQ_FLAGS_DISABLE_SCATTER, 0x300u);
	EXPECT_EQ(EF10_INIT_TXQ_FLAGS_IP_CSUM_DIS | EF10_INIT_TXQ_FLAGS_TCP_CSUM_DIS, 0x6u);
	EXPECT_EQ(EF10_INIT_TXQ_FLAGS_CTPIO, 0x2000u);
}

TEST(HwMcdiPayload, LargestRingsFitTheirMessages)
{
	EXPECT_LE(EF10_INIT_EVQ_IN_LEN(EF10_INIT_EVQ_DMA_ADDR_MAXNUM), 548);
	EXPECT_EQ(EF10_INIT_RXQ_IN_LEN(EF10_INIT_RXQ_DMA_ADDR_MAXNUM),
		EF10_INIT_RXQ_IN_SNAPSHOT_LENGTH_OFST);
	EXPECT_EQ(EF10_INIT_TXQ_IN_LEN(EF10_INIT_TXQ_DMA_ADDR_MAXNUM),
		EF10_INIT_TXQ_IN_QBB_FLAGS_OFST);
}

TEST(HwMcdiPayload, Pio)
{
	EXPECT_EQ(EF10_ALLOC_PIOBUF_OUT_PIOBUF_HANDLE_OFST, 0);
	EXPECT_EQ(EF10_ALLOC_PIOBUF_OUT_LEN, 4);
	EXPECT_EQ(EF10_FREE_PIOBUF_IN_PIOBUF_HANDLE_OFST, 0);
	EXPECT_EQ(EF10_FREE_PIOBUF_IN_LEN, 4);
	EXPECT_EQ(EF10_LINK_PIOBUF_IN_PIOBUF_HANDLE_OFST, 0);
	EXPECT_EQ(EF10_LINK_PIOBUF_IN_TXQ_INSTANCE_OFST, 4);
	EXPECT_EQ(EF10_LINK_PIOBUF_IN_LEN, 8);
	EXPECT_EQ(EF10_UNLINK_PIOBUF_IN_TXQ_INSTANCE_OFST, 0);
	EXPECT_EQ(EF10_UNLINK_PIOBUF_IN_LEN, 4);
	EXPECT_EQ(EF10_GET_CAPABILITIES_OUT_NUM_PIO_BUFFS_OFST, 68);
	EXPECT_EQ(EF10_GET_CAPABILITIES_OUT_SIZE_PIO_BUFF_OFST, 70);
	EXPECT_EQ(EF10_GET_CAPABILITIES_OUT_VI_WINDOW_MODE_OFST, 72);
	EXPECT_EQ(EF10_GET_CAPABILITIES_FLAGS1_RX_PREFIX_LEN_14, 0x00800000u);
}

TEST(HwMcdiPayload, MatchesOfFilters)
{
	/* unicast address, address + VLAN, unknown unicast and multicast, UDP 5-tuple of IPv4 */
	EXPECT_EQ(EF10_FILTER_OP_MATCH_DST_MAC, 0x10u);
	EXPECT_EQ(EF10_FILTER_OP_MATCH_DST_MAC | EF10_FILTER_OP_MATCH_OUTER_VLAN, 0x110u);
	EXPECT_EQ(EF10_FILTER_OP_MATCH_UNKNOWN_UCAST_DST, 0x80000000u);
	EXPECT_EQ(EF10_FILTER_OP_MATCH_UNKNOWN_MCAST_DST, 0x40000000u);
	EXPECT_EQ(EF10_FILTER_OP_MATCH_SRC_IP | EF10_FILTER_OP_MATCH_DST_IP |
			EF10_FILTER_OP_MATCH_SRC_PORT | EF10_FILTER_OP_MATCH_DST_PORT |
			EF10_FILTER_OP_MATCH_ETHER_TYPE | EF10_FILTER_OP_MATCH_IP_PROTO, 0x26Bu);
	EXPECT_EQ(EF10_FILTER_OP_IN_LEN, 108);
	EXPECT_EQ(EF10_FILTER_OP_EXT_IN_LEN, 172);
	EXPECT_EQ(EF10_FILTER_OP_V3_IN_LEN, 180);
}

TEST(HwMcdiPayload, RssTables)
{
	EXPECT_EQ(EF10_RSS_CONTEXT_KEY_LEN, 40);
	EXPECT_EQ(EF10_RSS_CONTEXT_TABLE_LEN, 128);
	EXPECT_EQ(EF10_RSS_CONTEXT_SET_KEY_IN_LEN,
		EF10_RSS_CONTEXT_SET_KEY_IN_TOEPLITZ_KEY_OFST + 40);
	EXPECT_EQ(EF10_RSS_CONTEXT_SET_TABLE_IN_LEN,
		EF10_RSS_CONTEXT_SET_TABLE_IN_INDIRECTION_TABLE_OFST + 128);
}

TEST(HwMcdiPayload, TimerTick)
{
	/* efx_nic.c: 1536 cycles per tick, from the clock in MHz */
	EXPECT_EQ(EF10_EVQ_TMR_TICK_CYCLES, 1536);
}

TEST(HwMcdiPayload, StatisticsCommands)
{
	/* what net_sfc sends: clear; periodic once a second; upload; stop */
	EXPECT_EQ(EF10_MAC_STATS_CMD_CLEAR | EF10_MAC_STATS_CMD_PERIODIC_NOEVENT, 0x22u);
	EXPECT_EQ(EF10_PUT(MAC_STATS_CMD_PERIOD_MS, 1000) | EF10_MAC_STATS_CMD_PERIODIC_CHANGE |
			EF10_MAC_STATS_CMD_PERIODIC_ENABLE | EF10_MAC_STATS_CMD_PERIODIC_NOEVENT,
		0x03E8002Cu);
	EXPECT_EQ(EF10_MAC_STATS_CMD_DMA | EF10_MAC_STATS_CMD_PERIODIC_NOEVENT, 0x21u);
	EXPECT_EQ(EF10_MAC_STATS_CMD_PERIODIC_CHANGE | EF10_MAC_STATS_CMD_PERIODIC_NOEVENT, 0x24u);
}

} /* namespace */
