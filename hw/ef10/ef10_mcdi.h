/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef EF10_MCDI_H
#define EF10_MCDI_H

/*
 * MCDI: commands of a function to the management controller (MC) of the adapter. This header has
 * transport, header words, errors, privileges and the list of commands. The payloads are in
 * ef10_mcdi_cmd.h (function, port, statistics) and ef10_mcdi_queue.h (VIs, PIO buffers, queues,
 * filters, RSS), which it includes.
 *
 * Exchange: one buffer in DMA memory, aligned to EF10_MCDI_BUF_ALIGN, holds the request and then,
 * in its place, the response. Write the payload, then the header; barrier; MC_DB_LWRD = high half
 * of the address, MC_DB_HWRD = low half. Poll the first header word until MCDI_HDR_RESPONSE is
 * set. One request at a time per function. A responder writes that word last.
 *
 * A response with MCDI_HDR_ERROR carries an error code as its payload; with MCDI_HDR_ERROR and no
 * payload at all, the MC has rebooted. After a reboot it refuses requests with NOT_EPOCH until it
 * has seen one without.
 *
 * Source: DPDK drivers/common/sfc_efx/base/efx_regs_mcdi.h, efx_mcdi.c, ef10_mcdi.c.
 * EF10_MCDI_HDR_X is MCDI_HEADER_X there, EF10_MCDI_ERR_X is MC_CMD_ERR_X, EF10_CMD_X is
 * MC_CMD_X.
 */

#include "ef10_bits.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EF10_MCDI_BUF_ALIGN			256u
#define EF10_MCDI_HDR_V1_LEN			4u
#define EF10_MCDI_HDR_V2_LEN			8u
#define EF10_MCDI_PAYLOAD_MAX_V1		0xFCu	/* MCDI_CTL_SDU_LEN_MAX_V1 */
#define EF10_MCDI_PAYLOAD_MAX_V2		0x400u	/* MCDI_CTL_SDU_LEN_MAX_V2 */
#define EF10_MCDI_BUF_LEN			(EF10_MCDI_HDR_V2_LEN + EF10_MCDI_PAYLOAD_MAX_V2)
#define EF10_MCDI_CMD_MAX_V1			0x7Eu	/* 0x7F announces version 2 */

/* First header word, both versions */
#define EF10_MCDI_HDR_CODE_LBN			0	/* command, or MCDI_CODE_V2 */
#define EF10_MCDI_HDR_CODE_WIDTH		7
#define EF10_MCDI_HDR_RESYNC_LBN		7	/* always 1 */
#define EF10_MCDI_HDR_RESYNC_WIDTH		1
#define EF10_MCDI_HDR_DATALEN_LBN		8	/* payload bytes; 0 in version 2 */
#define EF10_MCDI_HDR_DATALEN_WIDTH		8
#define EF10_MCDI_HDR_SEQ_LBN			16	/* response repeats it */
#define EF10_MCDI_HDR_SEQ_WIDTH			4
#define EF10_MCDI_HDR_NOT_EPOCH_LBN		21	/* 0: first request of an epoch */
#define EF10_MCDI_HDR_NOT_EPOCH_WIDTH		1
#define EF10_MCDI_HDR_ERROR_LBN			22
#define EF10_MCDI_HDR_ERROR_WIDTH		1
#define EF10_MCDI_HDR_RESPONSE_LBN		23
#define EF10_MCDI_HDR_RESPONSE_WIDTH		1
#define EF10_MCDI_HDR_XFLAGS_LBN		24
#define EF10_MCDI_HDR_XFLAGS_WIDTH		8
#define EF10_MCDI_HDR_XFLAGS_EVREQ		0x01	/* answer with a CMDDONE event */
#define EF10_MCDI_HDR_XFLAGS_DBRET		0x02
#define EF10_MCDI_CODE_V2			0x7F	/* MC_CMD_V2_EXTN */

/* Second header word, version 2 only (MC_CMD_V2_EXTN_IN_*) */
#define EF10_MCDI_V2_CMD_LBN			0	/* MC_CMD_V2_EXTN_IN_EXTENDED_CMD */
#define EF10_MCDI_V2_CMD_WIDTH			15
#define EF10_MCDI_V2_LEN_LBN			16	/* MC_CMD_V2_EXTN_IN_ACTUAL_LEN */
#define EF10_MCDI_V2_LEN_WIDTH			10
#define EF10_MCDI_V2_MESSAGE_TYPE_LBN		28	/* MC_CMD_V2_EXTN_IN_MESSAGE_TYPE */
#define EF10_MCDI_V2_MESSAGE_TYPE_WIDTH		4
#define EF10_MCDI_V2_MESSAGE_TYPE_MC		0
#define EF10_MCDI_V2_MESSAGE_TYPE_TSA		1

/* Payload of an error response */
#define EF10_MCDI_ERR_CODE_OFST			0u	/* MC_CMD_ERR_CODE_OFST */
/* MC_CMD_ERR_ARG_OFST: the argument at fault */
#define EF10_MCDI_ERR_ARG_OFST			4u
#define EF10_MCDI_ERR_PROXY_HANDLE_OFST		4u	/* MC_CMD_ERR_PROXY_PENDING_HANDLE_OFST */
#define EF10_MCDI_ERR_LEN			8u

/* Request header of version 1 (also of a response, ORed with MCDI_HDR_RESPONSE) */
static inline uint32_t
ef10_mcdi_hdr_v1(uint32_t cmd, uint32_t len, uint32_t seq, bool new_epoch)
{
	return (uint32_t)(EF10_PUT(MCDI_HDR_CODE, cmd) | EF10_MASK(MCDI_HDR_RESYNC) |
		EF10_PUT(MCDI_HDR_DATALEN, len) | EF10_PUT(MCDI_HDR_SEQ, seq) |
		EF10_PUT(MCDI_HDR_NOT_EPOCH, !new_epoch));
}

/* Request header of version 2: first word in the low half, second in the high half */
static inline uint64_t
ef10_mcdi_hdr_v2(uint32_t cmd, uint32_t len, uint32_t seq, bool new_epoch)
{
	return ef10_mcdi_hdr_v1(EF10_MCDI_CODE_V2, 0, seq, new_epoch) |
		((EF10_PUT(MCDI_V2_CMD, cmd) | EF10_PUT(MCDI_V2_LEN, len)) << 32);
}

/* MCDI_V2_LEN counts 0..1023, so a payload of exactly EF10_MCDI_PAYLOAD_MAX_V2 cannot be told. */
static inline bool
ef10_mcdi_needs_v2(uint32_t cmd, uint32_t in_len, uint32_t out_len)
{
	return cmd > EF10_MCDI_CMD_MAX_V1 || in_len > EF10_MCDI_PAYLOAD_MAX_V1 ||
		out_len > EF10_MCDI_PAYLOAD_MAX_V1;
}

/* Error codes: X(name, value). Those below 0x1000 are Linux errno values. */
#define EF10_MCDI_ERR_LIST(X) \
	X(EPERM, 0x01) \
	X(ENOENT, 0x02) \
	X(EINTR, 0x04) \
	X(EIO, 0x05) \
	X(EEXIST, 0x06) \
	X(EAGAIN, 0x0B) \
	X(ENOMEM, 0x0C) \
	X(EACCES, 0x0D) \
	X(EBUSY, 0x10) \
	X(ENODEV, 0x13) \
	X(EINVAL, 0x16) \
	X(ENOSPC, 0x1C) \
	X(EROFS, 0x1E) \
	X(EPIPE, 0x20) \
	X(ERANGE, 0x22) \
	X(EDEADLK, 0x23) \
	X(ENOSYS, 0x26) \
	X(ETIME, 0x3E) \
	X(ENOLINK, 0x43) \
	X(EPROTO, 0x47) \
	X(EBADMSG, 0x4A) \
	X(ENOTSUP, 0x5F) \
	X(EADDRNOTAVAIL, 0x63) \
	X(ENOTCONN, 0x6B) \
	X(EALREADY, 0x72) \
	X(ESTALE, 0x74) \
	X(ALLOC_FAIL, 0x1000) \
	X(NO_VADAPTOR, 0x1001) \
	X(NO_EVB_PORT, 0x1002) \
	X(NO_VSWITCH, 0x1003) \
	X(VLAN_LIMIT, 0x1004) \
	X(BAD_PCI_FUNC, 0x1005) \
	X(BAD_VLAN_MODE, 0x1006) \
	X(BAD_VSWITCH_TYPE, 0x1007) \
	X(BAD_VPORT_TYPE, 0x1008) \
	X(MAC_EXIST, 0x1009) \
	X(SLAVE_NOT_PRESENT, 0x100A) \
	X(DATAPATH_DISABLED, 0x100B) \
	X(CLIENT_NOT_FN, 0x100C) \
	X(TRANSPORT_NOPROXY, 0x100D) \
	X(VLAN_EXIST, 0x100E) \
	X(NO_MAC_ADDR, 0x100F) \
	X(PROXY_PENDING, 0x1010) \
	X(PROXY_INPROGRESS, 0x1011) \
	X(PROXY_UNEXPECTED, 0x1012) \
	X(NO_PRIVILEGE, 0x1013) \
	X(FILTERS_PRESENT, 0x1014) \
	X(NO_CLOCK, 0x1015) \
	X(UNREACHABLE, 0x1016) \
	X(QUEUE_FULL, 0x1017) \
	X(NO_PCIE, 0x1018) \
	X(NO_DATAPATH, 0x1019) \
	X(VIS_PRESENT, 0x101A) \
	X(PIOBUFS_PRESENT, 0x101B)

enum ef10_mcdi_err {
#define EF10_MCDI_ERR_ENUM(name, value) EF10_MCDI_ERR_##name = value,
	EF10_MCDI_ERR_LIST(EF10_MCDI_ERR_ENUM)
#undef EF10_MCDI_ERR_ENUM
};

static inline const char *
ef10_mcdi_err_name(uint32_t err)
{
	switch (err) {
#define EF10_MCDI_ERR_CASE(name, value) case value: return #name;
	EF10_MCDI_ERR_LIST(EF10_MCDI_ERR_CASE)
#undef EF10_MCDI_ERR_CASE
	default:
		return "unknown";
	}
}

/*
 * Privileges: bits of PRIVILEGE_MASK (MC_CMD_PRIVILEGE_MASK_IN_GRP_*). EF10_PRIV_GENERAL is what
 * every function may do. A command without its privilege is refused with EPERM; NO_PRIVILEGE
 * exists, but drivers do not know it.
 */
#define EF10_PRIV_GENERAL			0u
#define EF10_PRIV_ADMIN				(1u << 0)
#define EF10_PRIV_LINK				(1u << 1)
#define EF10_PRIV_ONLOAD			(1u << 2)	/* PIO buffers */
#define EF10_PRIV_PTP				(1u << 3)
#define EF10_PRIV_INSECURE_FILTERS		(1u << 4)
#define EF10_PRIV_MAC_SPOOFING			(1u << 5)
#define EF10_PRIV_UNICAST			(1u << 6)
#define EF10_PRIV_MULTICAST			(1u << 7)
#define EF10_PRIV_BROADCAST			(1u << 8)
#define EF10_PRIV_ALL_MULTICAST			(1u << 9)
#define EF10_PRIV_PROMISCUOUS			(1u << 10)
#define EF10_PRIV_MAC_SPOOFING_TX		(1u << 11)
#define EF10_PRIV_CHANGE_MAC			(1u << 12)
#define EF10_PRIV_UNRESTRICTED_VLAN		(1u << 13)
#define EF10_PRIV_INSECURE			(1u << 14)
#define EF10_PRIV_ADMIN_TSA_UNBOUND		(1u << 15)
#define EF10_PRIV_MAE				(1u << 16)

/* Commands by code: X(name, code, privilege). The last is MC_CMD_0x<code>_PRIVILEGE_CTG. */
#define EF10_CMD_LIST(X) \
	X(GET_BOOT_STATUS, 0x05, GENERAL) \
	X(GET_ASSERTS, 0x06, ADMIN) \
	X(LOG_CTRL, 0x07, GENERAL) \
	X(GET_VERSION, 0x08, GENERAL) \
	X(GET_BOARD_CFG, 0x18, GENERAL) \
	X(DRV_ATTACH, 0x1C, GENERAL) \
	X(ENTITY_RESET, 0x20, GENERAL) \
	X(GET_PHY_CFG, 0x24, GENERAL) \
	X(GET_LOOPBACK_MODES, 0x28, GENERAL) \
	X(GET_LINK, 0x29, GENERAL) \
	X(SET_LINK, 0x2A, LINK) \
	X(SET_ID_LED, 0x2B, LINK) \
	X(SET_MAC, 0x2C, GENERAL) \
	X(MAC_STATS, 0x2E, GENERAL) \
	X(REBOOT, 0x3D, ADMIN_TSA_UNBOUND) \
	X(GET_PHY_STATE, 0x43, GENERAL) \
	X(WORKAROUND, 0x4A, ADMIN) \
	X(GET_WORKAROUNDS, 0x59, GENERAL) \
	X(PRIVILEGE_MASK, 0x5A, GENERAL) \
	X(VADAPTOR_SET_MAC, 0x5D, GENERAL) \
	X(VADAPTOR_GET_MAC, 0x5E, GENERAL) \
	X(INIT_EVQ, 0x80, GENERAL) \
	X(INIT_RXQ, 0x81, GENERAL) \
	X(INIT_TXQ, 0x82, GENERAL) \
	X(FINI_EVQ, 0x83, GENERAL) \
	X(FINI_RXQ, 0x84, GENERAL) \
	X(FINI_TXQ, 0x85, GENERAL) \
	X(DRIVER_EVENT, 0x86, GENERAL) \
	X(FILTER_OP, 0x8A, GENERAL) \
	X(ALLOC_VIS, 0x8B, GENERAL) \
	X(FREE_VIS, 0x8C, GENERAL) \
	X(GET_VI_ALLOC_INFO, 0x8D, GENERAL) \
	X(ALLOC_PIOBUF, 0x8F, ONLOAD) \
	X(FREE_PIOBUF, 0x90, ONLOAD) \
	X(LINK_PIOBUF, 0x92, ONLOAD) \
	X(UNLINK_PIOBUF, 0x93, ONLOAD) \
	X(VADAPTOR_ALLOC, 0x98, GENERAL) \
	X(VADAPTOR_FREE, 0x99, GENERAL) \
	X(RSS_CONTEXT_ALLOC, 0x9E, GENERAL) \
	X(RSS_CONTEXT_FREE, 0x9F, GENERAL) \
	X(RSS_CONTEXT_SET_KEY, 0xA0, GENERAL) \
	X(RSS_CONTEXT_GET_KEY, 0xA1, GENERAL) \
	X(RSS_CONTEXT_SET_TABLE, 0xA2, GENERAL) \
	X(RSS_CONTEXT_GET_TABLE, 0xA3, GENERAL) \
	X(VPORT_GET_MAC_ADDRESSES, 0xAA, GENERAL) \
	X(GET_CLOCK, 0xAC, GENERAL) \
	X(GET_PF_COUNT, 0xB6, GENERAL) \
	X(GET_PORT_ASSIGNMENT, 0xB8, GENERAL) \
	X(GET_CAPABILITIES, 0xBE, GENERAL) \
	X(GET_VECTOR_CFG, 0xBF, GENERAL) \
	X(GET_RXDP_CONFIG, 0xC2, GENERAL) \
	X(RSS_CONTEXT_SET_FLAGS, 0xE1, GENERAL) \
	X(RSS_CONTEXT_GET_FLAGS, 0xE2, GENERAL) \
	X(GET_PARSER_DISP_INFO, 0xE4, GENERAL) \
	X(GET_FUNCTION_INFO, 0xEC, GENERAL) \
	X(GET_PORT_MODES, 0xFF, GENERAL) \
	X(SET_TUNNEL_ENCAP_UDP_PORTS, 0x117, ADMIN) \
	X(SET_EVQ_TMR, 0x120, GENERAL) \
	X(GET_EVQ_TMR_PROPERTIES, 0x122, GENERAL) \
	X(GET_NIC_GLOBAL, 0x12D, GENERAL) \
	X(SET_NIC_GLOBAL, 0x12E, ADMIN) \
	X(GET_DESC_ADDR_INFO, 0x1B7, GENERAL) \
	X(GET_CLIENT_MAC_ADDRESSES, 0x1C4, GENERAL)

enum ef10_cmd {
#define EF10_CMD_ENUM(name, code, priv) EF10_CMD_##name = code,
	EF10_CMD_LIST(EF10_CMD_ENUM)
#undef EF10_CMD_ENUM
};

static inline const char *
ef10_cmd_name(uint32_t cmd)
{
	switch (cmd) {
#define EF10_CMD_CASE(name, code, priv) case code: return #name;
	EF10_CMD_LIST(EF10_CMD_CASE)
#undef EF10_CMD_CASE
	default:
		return "unknown";
	}
}

/* Privilege bits that a function needs for the command; none for unknown ones (ENOSYS anyway). */
static inline uint32_t
ef10_cmd_priv(uint32_t cmd)
{
	switch (cmd) {
#define EF10_CMD_CASE(name, code, priv) case code: return EF10_PRIV_##priv;
	EF10_CMD_LIST(EF10_CMD_CASE)
#undef EF10_CMD_CASE
	default:
		return EF10_PRIV_GENERAL;
	}
}

#ifdef __cplusplus
}
#endif

#include "ef10_mcdi_cmd.h"
#include "ef10_mcdi_queue.h"

#endif /* EF10_MCDI_H */
