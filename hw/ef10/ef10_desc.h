/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef EF10_DESC_H
#define EF10_DESC_H

/*
 * Descriptor rings, event queues and the receive packet prefix of EF10.
 *
 * Every descriptor and every event is one little-endian 64-bit word: build it in a register,
 * write it to the ring with one store; read an event with one load and parse the copy.
 *
 * Sources: DPDK drivers/common/sfc_efx/base/efx_regs_ef10.h (ESF_*, ESE_* names in comments),
 * efx_regs_mcdi.h (MCDI_EVENT_*), ef10_rx.c and net/sfc/sfc_ef10_rx.c (prefix, event rules),
 * ef10_impl.h (ring limits).
 */

#include "ef10_bits.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Rings. Sizes are powers of two; a ring is listed to the MC as DMA pages, each aligned to its
 * size, which need not be adjacent. The adapter never sees a completely full ring.
 */
#define EF10_DMA_PAGE_SIZE			4096u	/* EFX_BUF_SIZE */
#define EF10_DESC_SIZE				8u
#define EF10_EVENT_SIZE				8u
#define EF10_DESCS_PER_PAGE			(EF10_DMA_PAGE_SIZE / EF10_DESC_SIZE)
#define EF10_DMA_ADDR_BITS			48u	/* ESF_DZ_TX_KER_BUF_ADDR_WIDTH */
#define EF10_EVQ_SIZE_MIN			512u	/* EF10_EVQ_MINNEVS */
#define EF10_EVQ_SIZE_MAX			32768u	/* EF10_EVQ_MAXNEVS */
#define EF10_RXQ_SIZE_MIN			512u	/* EF10_RXQ_MINNDESCS */
#define EF10_RXQ_SIZE_MAX			4096u	/* EF10_RXQ_MAXNDESCS */
#define EF10_TXQ_SIZE_MIN			512u	/* EF10_TXQ_MINNDESCS */
/* MEDFORD_TXQ_MAXNDESCS, MEDFORD2_TXQ_MAXNDESCS */
#define EF10_TXQ_SIZE_MAX			2048u
#define EF10_TXQ_SIZE_MAX_HUNTINGTON		4096u	/* HUNT_TXQ_MAXNDESCS, not with bug 35388 */

/* Pages that a ring of this many entries takes */
#define EF10_RING_PAGES(entries) \
	(((entries) * EF10_DESC_SIZE + EF10_DMA_PAGE_SIZE - 1) / EF10_DMA_PAGE_SIZE)

/* Transmit DMA descriptor (ES_TX_KER_DESC) */
#define EF10_TX_DMA_ADDR_LBN			0	/* ESF_DZ_TX_KER_BUF_ADDR, any alignment */
#define EF10_TX_DMA_ADDR_WIDTH			48
#define EF10_TX_DMA_LEN_LBN			48	/* ESF_DZ_TX_KER_BYTE_CNT */
#define EF10_TX_DMA_LEN_WIDTH			14
/* ESF_DZ_TX_KER_CONT: frame goes on in the next one */
#define EF10_TX_DMA_CONT_LBN			62
#define EF10_TX_DMA_CONT_WIDTH			1
/* ESF_DZ_TX_DESC_IS_OPT, ESF_DZ_TX_KER_TYPE */
#define EF10_TX_IS_OPT_LBN			63
#define EF10_TX_IS_OPT_WIDTH			1
#define EF10_TX_DMA_LEN_MAX			0x3FFFu

/* Option descriptors: TX_IS_OPT set, told apart by their type */
#define EF10_TX_OPT_TYPE_LBN			60	/* ESF_DZ_TX_OPTION_TYPE */
#define EF10_TX_OPT_TYPE_WIDTH			3
#define EF10_TX_OPT_TYPE_CSUM			0	/* ESE_DZ_TX_OPTION_DESC_CRC_CSUM */
#define EF10_TX_OPT_TYPE_PIO			1	/* ESF_DZ_TX_PIO_OPT */
#define EF10_TX_OPT_TYPE_ALT			2	/* TX alternatives, Medford */
#define EF10_TX_OPT_TYPE_VLAN			6	/* ESE_DZ_TX_OPTION_DESC_VLAN */
#define EF10_TX_OPT_TYPE_TSO			7	/* ESE_DZ_TX_OPTION_DESC_TSO */

/*
 * Transmit PIO descriptor (ES_TX_PIO_DESC). The address is the offset in the PIO buffer that is
 * linked to the queue's VI: neither a host address nor an offset in the BAR.
 */
#define EF10_TX_PIO_ADDR_LBN			0	/* ESF_DZ_TX_PIO_BUF_ADDR */
#define EF10_TX_PIO_ADDR_WIDTH			12
#define EF10_TX_PIO_LEN_LBN			32	/* ESF_DZ_TX_PIO_BYTE_CNT */
#define EF10_TX_PIO_LEN_WIDTH			12
/* ESF_DZ_TX_PIO_CONT, not used by any driver */
#define EF10_TX_PIO_CONT_LBN			59
#define EF10_TX_PIO_CONT_WIDTH			1
#define EF10_TX_PIO_LEN_MAX			0xFFFu

/*
 * Checksum and CRC option (ES_TX_CSUM_TSTAMP_DESC). Sticky: it sets the state of the queue until
 * the next one. Every queue starts with one that switches all off (bug 29981).
 */
#define EF10_TX_CSUM_IP_LBN			0	/* ESF_DZ_TX_OPTION_IP_CSUM */
#define EF10_TX_CSUM_IP_WIDTH			1
#define EF10_TX_CSUM_UDP_TCP_LBN		1	/* ESF_DZ_TX_OPTION_UDP_TCP_CSUM */
#define EF10_TX_CSUM_UDP_TCP_WIDTH		1
#define EF10_TX_CSUM_CRC_MODE_LBN		2	/* ESF_DZ_TX_OPTION_CRC_MODE */
#define EF10_TX_CSUM_CRC_MODE_WIDTH		3
#define EF10_TX_CSUM_TIMESTAMP_LBN		5	/* ESF_DZ_TX_TIMESTAMP */
#define EF10_TX_CSUM_TIMESTAMP_WIDTH		1
#define EF10_TX_CSUM_INNER_IP_LBN		6	/* ESF_DZ_TX_OPTION_INNER_IP_CSUM */
#define EF10_TX_CSUM_INNER_IP_WIDTH		1
#define EF10_TX_CSUM_INNER_UDP_TCP_LBN		7	/* ESF_DZ_TX_OPTION_INNER_UDP_TCP_CSUM */
#define EF10_TX_CSUM_INNER_UDP_TCP_WIDTH	1
#define EF10_TX_CSUM_TS_AT_TXDP_LBN		8	/* ESF_DZ_TX_OPTION_TS_AT_TXDP */
#define EF10_TX_CSUM_TS_AT_TXDP_WIDTH		1
#define EF10_TX_CRC_MODE_OFF			0	/* ESE_DZ_TX_OPTION_CRC_OFF */
#define EF10_TX_CRC_MODE_FCOE			1	/* ESE_DZ_TX_OPTION_CRC_FCOE */
#define EF10_TX_CRC_MODE_ISCSI_HDR		2	/* ESE_DZ_TX_OPTION_CRC_ISCSI_HDR */
/* ESE_DZ_TX_OPTION_CRC_ISCSI_HDR_AND_PYLD */
#define EF10_TX_CRC_MODE_ISCSI			3
#define EF10_TX_CRC_MODE_FCOIP_FCOE		4	/* ESE_DZ_TX_OPTION_CRC_FCOIP_FCOE */
#define EF10_TX_CRC_MODE_FCOIP_MPA		5	/* ESE_DZ_TX_OPTION_CRC_FCOIP_MPA */

/* Flags of ef10_tx_desc_csum(), to be ORed */
#define EF10_TX_CSUM_FLAG_NONE			0u
#define EF10_TX_CSUM_FLAG_IP			(1u << EF10_TX_CSUM_IP_LBN)
#define EF10_TX_CSUM_FLAG_UDP_TCP		(1u << EF10_TX_CSUM_UDP_TCP_LBN)
#define EF10_TX_CSUM_FLAG_INNER_IP		(1u << EF10_TX_CSUM_INNER_IP_LBN)
#define EF10_TX_CSUM_FLAG_INNER_UDP_TCP		(1u << EF10_TX_CSUM_INNER_UDP_TCP_LBN)
#define EF10_TX_CSUM_FLAGS_ALL \
	(EF10_TX_CSUM_FLAG_IP | EF10_TX_CSUM_FLAG_UDP_TCP | EF10_TX_CSUM_FLAG_INNER_IP | \
		EF10_TX_CSUM_FLAG_INNER_UDP_TCP)

/* TX alternatives select (Onload, Medford 8000 series) */
#define EF10_TX_ALT_VFIFO_ID_LBN		48	/* TX_ALT_VFIFO_NORMAL: the ordinary path */
#define EF10_TX_ALT_VFIFO_ID_WIDTH		5
#define EF10_TX_ALT_IS_SELECT_LBN		59
#define EF10_TX_ALT_IS_SELECT_WIDTH		1
#define EF10_TX_ALT_VFIFO_NORMAL		0x1F

/* VLAN insertion (ES_TX_VLAN_DESC). Sticky. */
#define EF10_TX_VLAN_TAG1_LBN			0	/* ESF_DZ_TX_VLAN_TAG1 */
#define EF10_TX_VLAN_TAG1_WIDTH			16
#define EF10_TX_VLAN_TAG2_LBN			16	/* ESF_DZ_TX_VLAN_TAG2 */
#define EF10_TX_VLAN_TAG2_WIDTH			16
/* ESF_DZ_TX_VLAN_OP: number of tags, 0 = off */
#define EF10_TX_VLAN_OP_LBN			32
#define EF10_TX_VLAN_OP_WIDTH			2

/* TSO (ES_TX_TSO_DESC, ES_TX_TSO_V2_DESC_A, _B) */
#define EF10_TX_TSO_TYPE_LBN			56	/* ESF_DZ_TX_TSO_OPTION_TYPE */
#define EF10_TX_TSO_TYPE_WIDTH			4
#define EF10_TX_TSO_TYPE_NORMAL			0	/* ESE_DZ_TX_TSO_OPTION_DESC_NORMAL */
#define EF10_TX_TSO_TYPE_ENCAP			1	/* ESE_DZ_TX_TSO_OPTION_DESC_ENCAP */
#define EF10_TX_TSO_TYPE_FATSO2A		2	/* ESE_DZ_TX_TSO_OPTION_DESC_FATSO2A */
#define EF10_TX_TSO_TYPE_FATSO2B		3	/* ESE_DZ_TX_TSO_OPTION_DESC_FATSO2B */
/* ESF_DZ_TX_TSO_TCP_SEQNO: NORMAL, FATSO2A */
#define EF10_TX_TSO_SEQNO_LBN			0
#define EF10_TX_TSO_SEQNO_WIDTH			32
#define EF10_TX_TSO_IP_ID_LBN			32	/* ESF_DZ_TX_TSO_IP_ID: NORMAL, FATSO2A */
#define EF10_TX_TSO_IP_ID_WIDTH			16
#define EF10_TX_TSO_TCP_FLAGS_LBN		48	/* ESF_DZ_TX_TSO_TCP_FLAGS: NORMAL */
#define EF10_TX_TSO_TCP_FLAGS_WIDTH		8
#define EF10_TX_TSO_OUTER_IPID_LBN		0	/* ESF_DZ_TX_TSO_OUTER_IPID: FATSO2B */
#define EF10_TX_TSO_OUTER_IPID_WIDTH		16
#define EF10_TX_TSO_MSS_LBN			32	/* ESF_DZ_TX_TSO_TCP_MSS: FATSO2B */
#define EF10_TX_TSO_MSS_WIDTH			16

/* len 1..EF10_TX_DMA_LEN_MAX; a longer segment takes several descriptors joined by cont. */
static inline uint64_t
ef10_tx_desc_dma(uint64_t addr, uint32_t len, bool cont)
{
	return EF10_PUT(TX_DMA_CONT, cont) | EF10_PUT(TX_DMA_LEN, len) |
		EF10_PUT(TX_DMA_ADDR, addr);
}

/* dev_off: multiple of EF10_PIO_OFFSET_ALIGN; dev_off + len within the PIO buffer. */
static inline uint64_t
ef10_tx_desc_pio(uint32_t dev_off, uint32_t len)
{
	return EF10_MASK(TX_IS_OPT) | EF10_PUT(TX_OPT_TYPE, EF10_TX_OPT_TYPE_PIO) |
		EF10_PUT(TX_PIO_LEN, len) | EF10_PUT(TX_PIO_ADDR, dev_off);
}

/* flags: EF10_TX_CSUM_FLAG_* */
static inline uint64_t
ef10_tx_desc_csum(uint32_t flags)
{
	EF10_ASSERT((flags & ~EF10_TX_CSUM_FLAGS_ALL) == 0);
	return EF10_MASK(TX_IS_OPT) | EF10_PUT(TX_OPT_TYPE, EF10_TX_OPT_TYPE_CSUM) |
		(flags & EF10_TX_CSUM_FLAGS_ALL);
}

/* Tag the following frames with tci; ef10_tx_desc_vlan_off() ends it. */
static inline uint64_t
ef10_tx_desc_vlan(uint16_t tci)
{
	return EF10_MASK(TX_IS_OPT) | EF10_PUT(TX_OPT_TYPE, EF10_TX_OPT_TYPE_VLAN) |
		EF10_PUT(TX_VLAN_OP, 1) | EF10_PUT(TX_VLAN_TAG1, tci);
}

static inline uint64_t
ef10_tx_desc_vlan_off(void)
{
	return EF10_MASK(TX_IS_OPT) | EF10_PUT(TX_OPT_TYPE, EF10_TX_OPT_TYPE_VLAN);
}

/* Receive descriptor (ES_RX_KER_DESC) */
#define EF10_RX_DMA_ADDR_LBN			0	/* ESF_DZ_RX_KER_BUF_ADDR */
#define EF10_RX_DMA_ADDR_WIDTH			48
#define EF10_RX_DMA_LEN_LBN			48	/* ESF_DZ_RX_KER_BYTE_CNT */
#define EF10_RX_DMA_LEN_WIDTH			14
#define EF10_RX_DMA_RESERVED_LBN		62	/* ESF_DZ_RX_KER_RESERVED */
#define EF10_RX_DMA_RESERVED_WIDTH		2
#define EF10_RX_DMA_LEN_MAX			0x3FFFu

/* len includes the packet prefix. */
static inline uint64_t
ef10_rx_desc(uint64_t addr, uint32_t len)
{
	return EF10_PUT(RX_DMA_LEN, len) | EF10_PUT(RX_DMA_ADDR, addr);
}

/*
 * Packet prefix, written in front of the frame in the first buffer (capability RX_PREFIX_LEN_14,
 * flag INIT_RXQ PREFIX). The length leaves out the prefix; it is the only length of merged
 * frames.
 */
#define EF10_RX_PREFIX_LEN			14u
#define EF10_RX_PREFIX_HASH_OFST		0u	/* little endian, 4 bytes; 0: no hash */
#define EF10_RX_PREFIX_VLAN_OUTER_OFST		4u	/* big endian, 2 bytes */
#define EF10_RX_PREFIX_VLAN_INNER_OFST		6u	/* big endian, 2 bytes */
/* little endian, 2 bytes; 0 in cut-through mode */
#define EF10_RX_PREFIX_PKT_LEN_OFST		8u
#define EF10_RX_PREFIX_TSTAMP_OFST		10u	/* little endian, 4 bytes */

/*
 * Events. The host fills the ring with ones before it is used and again after it has consumed an
 * entry; an entry of which neither half is all ones has arrived.
 */
#define EF10_EVENT_EMPTY			UINT64_MAX

static inline bool
ef10_event_present(uint64_t ev)
{
	return (uint32_t)ev != UINT32_MAX && (uint32_t)(ev >> 32) != UINT32_MAX;
}

#define EF10_EV_CODE_LBN			60	/* ESF_DZ_EV_CODE */
#define EF10_EV_CODE_WIDTH			4
#define EF10_EV_CODE_RX				0	/* ESE_DZ_EV_CODE_RX_EV */
#define EF10_EV_CODE_TX				2	/* ESE_DZ_EV_CODE_TX_EV */
#define EF10_EV_CODE_DRIVER			5	/* ESE_DZ_EV_CODE_DRIVER_EV */
#define EF10_EV_CODE_DRV_GEN			7	/* FSE_AZ_EV_CODE_DRV_GEN_EV */
#define EF10_EV_CODE_MCDI			12	/* ESE_DZ_EV_CODE_MCDI_EV */

/*
 * Receive event (ES_RX_EVENT). (DSC_PTR_LBITS - descriptors already seen) & 15 tells how many it
 * completes: 1 = one frame or fragment of RX_EV_BYTES (prefix included); 2..15 = that many merged
 * frames, each with its length in its prefix, all with the classes of this event; 0 = the frame
 * was aborted.
 */
#define EF10_RX_EV_BYTES_LBN			0	/* ESF_DZ_RX_BYTES */
#define EF10_RX_EV_BYTES_WIDTH			14
/* ESF_DZ_RX_CONT: frame goes on in the next buffer */
#define EF10_RX_EV_CONT_LBN			14
#define EF10_RX_EV_CONT_WIDTH			1
#define EF10_RX_EV_PARSE_INCOMPLETE_LBN		15	/* ESF_DZ_RX_PARSE_INCOMPLETE */
#define EF10_RX_EV_PARSE_INCOMPLETE_WIDTH	1
#define EF10_RX_EV_QLABEL_LBN			16	/* ESF_DZ_RX_QLABEL */
#define EF10_RX_EV_QLABEL_WIDTH			5
#define EF10_RX_EV_ECRC_ERR_LBN			24	/* ESF_DZ_RX_ECRC_ERR: bad FCS */
#define EF10_RX_EV_ECRC_ERR_WIDTH		1
#define EF10_RX_EV_IPCKSUM_ERR_LBN		25	/* ESF_DZ_RX_IPCKSUM_ERR */
#define EF10_RX_EV_IPCKSUM_ERR_WIDTH		1
#define EF10_RX_EV_TCPUDP_CKSUM_ERR_LBN		26	/* ESF_DZ_RX_TCPUDP_CKSUM_ERR */
#define EF10_RX_EV_TCPUDP_CKSUM_ERR_WIDTH	1
#define EF10_RX_EV_CRC0_ERR_LBN			27	/* ESF_DZ_RX_CRC0_ERR */
#define EF10_RX_EV_CRC0_ERR_WIDTH		1
#define EF10_RX_EV_CRC1_ERR_LBN			28	/* ESF_DZ_RX_CRC1_ERR */
#define EF10_RX_EV_CRC1_ERR_WIDTH		1
#define EF10_RX_EV_ECC_ERR_LBN			29	/* ESF_DZ_RX_ECC_ERR, ESF_DZ_RX_TRUNC_ERR */
#define EF10_RX_EV_ECC_ERR_WIDTH		1
#define EF10_RX_EV_ABORT_LBN			30	/* ESF_EZ_RX_ABORT */
#define EF10_RX_EV_ABORT_WIDTH			1
#define EF10_RX_EV_ENCAP_HDR_LBN		32	/* ESF_EZ_RX_ENCAP_HDR */
#define EF10_RX_EV_ENCAP_HDR_WIDTH		2
#define EF10_RX_EV_MAC_CLASS_LBN		35	/* ESF_DZ_RX_MAC_CLASS */
#define EF10_RX_EV_MAC_CLASS_WIDTH		1
#define EF10_RX_EV_ETH_BASE_CLASS_LBN		36	/* ESF_DZ_RX_ETH_BASE_CLASS */
#define EF10_RX_EV_ETH_BASE_CLASS_WIDTH		3
#define EF10_RX_EV_ETH_TAG_CLASS_LBN		39	/* ESF_DZ_RX_ETH_TAG_CLASS */
#define EF10_RX_EV_ETH_TAG_CLASS_WIDTH		3
#define EF10_RX_EV_L3_CLASS_LBN			42	/* ESF_DZ_RX_L3_CLASS */
#define EF10_RX_EV_L3_CLASS_WIDTH		3
/* ESF_FZ_RX_L4_CLASS; 3 bits before Medford2 */
#define EF10_RX_EV_L4_CLASS_LBN			45
#define EF10_RX_EV_L4_CLASS_WIDTH		2
#define EF10_RX_EV_DSC_PTR_LBITS_LBN		48	/* ESF_DZ_RX_DSC_PTR_LBITS */
#define EF10_RX_EV_DSC_PTR_LBITS_WIDTH		4
#define EF10_RX_EV_INNER_IP_CKSUM_ERR_LBN	56	/* ESF_EZ_RX_IP_INNER_CHKSUM_ERR */
#define EF10_RX_EV_INNER_IP_CKSUM_ERR_WIDTH	1
#define EF10_RX_EV_INNER_TCPUDP_CKSUM_ERR_LBN	57	/* ESF_EZ_RX_TCP_UDP_INNER_CHKSUM_ERR */
#define EF10_RX_EV_INNER_TCPUDP_CKSUM_ERR_WIDTH	1
#define EF10_RX_EV_DROP_EVENT_LBN		58	/* ESF_DZ_RX_DROP_EVENT */
#define EF10_RX_EV_DROP_EVENT_WIDTH		1
#define EF10_RX_EV_OVERRIDE_HOLDOFF_LBN		59	/* ESF_DZ_RX_OVERRIDE_HOLDOFF */
#define EF10_RX_EV_OVERRIDE_HOLDOFF_WIDTH	1
#define EF10_RX_EV_MERGED_MAX			15u
#define EF10_RX_ENCAP_HDR_NONE			0	/* ESE_EZ_ENCAP_HDR_NONE */
#define EF10_RX_ENCAP_HDR_VXLAN			1	/* ESE_EZ_ENCAP_HDR_VXLAN */
#define EF10_RX_ENCAP_HDR_GRE			2	/* ESE_EZ_ENCAP_HDR_GRE */
#define EF10_RX_MAC_CLASS_UCAST			0	/* ESE_DZ_MAC_CLASS_UCAST */
#define EF10_RX_MAC_CLASS_MCAST			1	/* ESE_DZ_MAC_CLASS_MCAST */
#define EF10_RX_ETH_BASE_CLASS_ETH2		0	/* ESE_DZ_ETH_BASE_CLASS_ETH2 */
#define EF10_RX_ETH_BASE_CLASS_LLC		1	/* ESE_DZ_ETH_BASE_CLASS_LLC */
#define EF10_RX_ETH_BASE_CLASS_LLC_SNAP		2	/* ESE_DZ_ETH_BASE_CLASS_LLC_SNAP */
#define EF10_RX_ETH_TAG_CLASS_NONE		0	/* ESE_DZ_ETH_TAG_CLASS_NONE */
#define EF10_RX_ETH_TAG_CLASS_VLAN1		1	/* ESE_DZ_ETH_TAG_CLASS_VLAN1 */
#define EF10_RX_ETH_TAG_CLASS_VLAN2		2	/* ESE_DZ_ETH_TAG_CLASS_VLAN2 */
#define EF10_RX_L3_CLASS_UNKNOWN		0	/* ESE_DZ_L3_CLASS_UNKNOWN */
#define EF10_RX_L3_CLASS_IP4			1	/* ESE_DZ_L3_CLASS_IP4 */
#define EF10_RX_L3_CLASS_IP6			2	/* ESE_DZ_L3_CLASS_IP6 */
#define EF10_RX_L3_CLASS_FCOE			3	/* ESE_DZ_L3_CLASS_FCOE */
#define EF10_RX_L3_CLASS_IP4_FRAG		4	/* ESE_DZ_L3_CLASS_IP4_FRAG */
#define EF10_RX_L3_CLASS_ARP			5	/* ESE_DZ_L3_CLASS_ARP */
#define EF10_RX_L3_CLASS_IP6_FRAG		6	/* ESE_DZ_L3_CLASS_IP6_FRAG */
#define EF10_RX_L4_CLASS_UNKNOWN		0	/* ESE_FZ_L4_CLASS_UNKNOWN */
#define EF10_RX_L4_CLASS_TCP			1	/* ESE_FZ_L4_CLASS_TCP */
#define EF10_RX_L4_CLASS_UDP			2	/* ESE_FZ_L4_CLASS_UDP */

/*
 * Transmit event (ES_TX_EVENT). DESCR_INDX is the last completed descriptor: all up to it are done.
 * Mask it with the ring size: whether silicon masks it is not documented.
 */
#define EF10_TX_EV_DESCR_INDX_LBN		0	/* ESF_DZ_TX_DESCR_INDX */
#define EF10_TX_EV_DESCR_INDX_WIDTH		16
#define EF10_TX_EV_QLABEL_LBN			16	/* ESF_DZ_TX_QLABEL */
#define EF10_TX_EV_QLABEL_WIDTH			5
#define EF10_TX_EV_TYPE_LBN			24	/* ESF_EZ_TX_SOFT1 */
#define EF10_TX_EV_TYPE_WIDTH			7
#define EF10_TX_EV_CAN_MERGE_LBN		31	/* ESF_EZ_TX_CAN_MERGE */
#define EF10_TX_EV_CAN_MERGE_WIDTH		1
/* ESF_DZ_TX_SOFT2: of TYPE_TSTAMP_LO, _HI */
#define EF10_TX_EV_TSTAMP_LBN			32
#define EF10_TX_EV_TSTAMP_WIDTH			16
#define EF10_TX_EV_DROP_EVENT_LBN		58	/* ESF_DZ_TX_DROP_EVENT */
#define EF10_TX_EV_DROP_EVENT_WIDTH		1
#define EF10_TX_EV_OVERRIDE_HOLDOFF_LBN		59	/* ESF_DZ_TX_OVERRIDE_HOLDOFF */
#define EF10_TX_EV_OVERRIDE_HOLDOFF_WIDTH	1
/* types: firmware's use of SOFT1 (Linux ef10_regs.h, TX_TIMESTAMP_EVENT_*) */
#define EF10_TX_EV_TYPE_COMPLETION		0x00
#define EF10_TX_EV_TYPE_CTPIO			0x11
#define EF10_TX_EV_TYPE_CTPIO_TSTAMP_LO		0x12
#define EF10_TX_EV_TYPE_CTPIO_TSTAMP_HI		0x13
#define EF10_TX_EV_TYPE_TSTAMP_LO		0x51
#define EF10_TX_EV_TYPE_TSTAMP_HI		0x52

/* Driver event (ES_DRIVER_EV) */
#define EF10_DRV_EV_SUB_CODE_LBN		56	/* ESF_DZ_DRV_SUB_CODE */
#define EF10_DRV_EV_SUB_CODE_WIDTH		4
#define EF10_DRV_EV_SUB_CODE_WAKE_UP		1	/* ESE_DZ_DRV_WAKE_UP_EV */
/* ESE_DZ_DRV_START_UP_EV: INIT_EVQ is done */
#define EF10_DRV_EV_SUB_CODE_START_UP		2
#define EF10_DRV_EV_SUB_CODE_TIMER		3	/* ESE_DZ_DRV_TIMER_EV */
#define EF10_DRV_EV_EVQ_ID_LBN			0	/* ESF_DZ_DRV_EVQ_ID */
#define EF10_DRV_EV_EVQ_ID_WIDTH		14
#define EF10_DRV_EV_TMR_ID_LBN			0	/* ESF_DZ_DRV_TMR_ID */
#define EF10_DRV_EV_TMR_ID_WIDTH		14

/* Event a driver sends itself with DRIVER_EVENT: the command's 64 bits, except the code */
#define EF10_DRV_GEN_EV_DATA_LBN		0	/* ESF_DZ_EV_DATA */
#define EF10_DRV_GEN_EV_DATA_WIDTH		60

/* MCDI event (MCDI_EVENT structure) */
#define EF10_MCDI_EV_DATA_LBN			0	/* MCDI_EVENT_DATA */
#define EF10_MCDI_EV_DATA_WIDTH			32
#define EF10_MCDI_EV_CONT_LBN			32	/* MCDI_EVENT_CONT */
#define EF10_MCDI_EV_CONT_WIDTH			1
#define EF10_MCDI_EV_LEVEL_LBN			33	/* MCDI_EVENT_LEVEL */
#define EF10_MCDI_EV_LEVEL_WIDTH		3
#define EF10_MCDI_EV_SRC_LBN			36	/* MCDI_EVENT_SRC */
#define EF10_MCDI_EV_SRC_WIDTH			8
#define EF10_MCDI_EV_CODE_LBN			44	/* MCDI_EVENT_CODE */
#define EF10_MCDI_EV_CODE_WIDTH			8
#define EF10_MCDI_EV_LEVEL_INFO			0	/* MCDI_EVENT_LEVEL_INFO */
#define EF10_MCDI_EV_LEVEL_WARN			1	/* MCDI_EVENT_LEVEL_WARN */
#define EF10_MCDI_EV_LEVEL_ERR			2	/* MCDI_EVENT_LEVEL_ERR */
#define EF10_MCDI_EV_LEVEL_FATAL		3	/* MCDI_EVENT_LEVEL_FATAL */

/* X(name, code): EF10_MCDI_EV_CODE_<name> is MCDI_EVENT_CODE_<name> */
#define EF10_MCDI_EV_CODE_LIST(X) \
	X(BADSSERT, 0x01) \
	X(CMDDONE, 0x03) \
	X(LINKCHANGE, 0x04) \
	X(SENSOREVT, 0x05) \
	X(SCHEDERR, 0x06) \
	X(REBOOT, 0x07) \
	X(MAC_STATS_DMA, 0x08) \
	X(FWALERT, 0x09) \
	X(FLR, 0x0A) \
	X(TX_ERR, 0x0B) \
	X(TX_FLUSH, 0x0C) \
	X(RX_FLUSH, 0x10) \
	X(RX_ERR, 0x11) \
	X(MC_REBOOT, 0x15) \
	X(PAR_ERR, 0x16) \
	X(ECC_CORR_ERR, 0x17) \
	X(ECC_FATAL_ERR, 0x18) \
	X(MC_BIST, 0x19) \
	X(PROXY_REQUEST, 0x1C) \
	X(PROXY_RESPONSE, 0x1D) \
	X(DBRET, 0x1E) \
	X(LINKCHANGE_V2, 0x20)

enum ef10_mcdi_ev_code {
#define EF10_MCDI_EV_ENUM(name, code) EF10_MCDI_EV_CODE_##name = code,
	EF10_MCDI_EV_CODE_LIST(EF10_MCDI_EV_ENUM)
#undef EF10_MCDI_EV_ENUM
};

static inline const char *
ef10_mcdi_ev_name(uint32_t code)
{
	switch (code) {
#define EF10_MCDI_EV_CASE(name, code) case code: return #name;
	EF10_MCDI_EV_CODE_LIST(EF10_MCDI_EV_CASE)
#undef EF10_MCDI_EV_CASE
	default:
		return "unknown";
	}
}

/* DATA of CMDDONE (requests sent with MCDI_HDR_XFLAGS_EVREQ) */
#define EF10_MCDI_EV_CMDDONE_SEQ_LBN		0	/* MCDI_EVENT_CMDDONE_SEQ */
#define EF10_MCDI_EV_CMDDONE_SEQ_WIDTH		8
#define EF10_MCDI_EV_CMDDONE_DATALEN_LBN	8	/* MCDI_EVENT_CMDDONE_DATALEN */
#define EF10_MCDI_EV_CMDDONE_DATALEN_WIDTH	8
#define EF10_MCDI_EV_CMDDONE_ERRNO_LBN		16	/* MCDI_EVENT_CMDDONE_ERRNO */
#define EF10_MCDI_EV_CMDDONE_ERRNO_WIDTH	8

/* DATA of LINKCHANGE */
#define EF10_MCDI_EV_LINKCHANGE_LP_CAP_LBN	0	/* MCDI_EVENT_LINKCHANGE_LP_CAP */
#define EF10_MCDI_EV_LINKCHANGE_LP_CAP_WIDTH	16
#define EF10_MCDI_EV_LINKCHANGE_SPEED_LBN	16	/* MCDI_EVENT_LINKCHANGE_SPEED */
#define EF10_MCDI_EV_LINKCHANGE_SPEED_WIDTH	4
#define EF10_MCDI_EV_LINKCHANGE_FCNTL_LBN	20	/* MCDI_EVENT_LINKCHANGE_FCNTL */
#define EF10_MCDI_EV_LINKCHANGE_FCNTL_WIDTH	4
/* MCDI_EVENT_LINKCHANGE_LINK_FLAGS, bit 0 */
#define EF10_MCDI_EV_LINKCHANGE_UP_LBN		24
#define EF10_MCDI_EV_LINKCHANGE_UP_WIDTH	1
#define EF10_MCDI_EV_LINKCHANGE_FD_LBN		25	/* ..._LINK_FLAGS, bit 1 */
#define EF10_MCDI_EV_LINKCHANGE_FD_WIDTH	1
/* DATA of LINKCHANGE_V2; sent only if DRV_ATTACH asked for it */
#define EF10_MCDI_EV_LINKCHANGE_V2_LP_CAP_LBN	0	/* MCDI_EVENT_LINKCHANGE_V2_LP_CAP */
#define EF10_MCDI_EV_LINKCHANGE_V2_LP_CAP_WIDTH	24
#define EF10_MCDI_EV_LINKCHANGE_V2_SPEED_LBN	24	/* MCDI_EVENT_LINKCHANGE_V2_SPEED */
#define EF10_MCDI_EV_LINKCHANGE_V2_SPEED_WIDTH	4
#define EF10_MCDI_EV_LINKCHANGE_V2_UP_LBN	28	/* MCDI_EVENT_LINKCHANGE_V2_FLAGS_LINK_UP */
#define EF10_MCDI_EV_LINKCHANGE_V2_UP_WIDTH	1
#define EF10_MCDI_EV_LINKCHANGE_V2_FCNTL_LBN	29	/* MCDI_EVENT_LINKCHANGE_V2_FCNTL */
#define EF10_MCDI_EV_LINKCHANGE_V2_FCNTL_WIDTH	3
/* speeds: MCDI_EVENT_LINKCHANGE_SPEED_* */
#define EF10_MCDI_EV_SPEED_UNKNOWN		0
#define EF10_MCDI_EV_SPEED_100M			1
#define EF10_MCDI_EV_SPEED_1G			2
#define EF10_MCDI_EV_SPEED_10G			3
#define EF10_MCDI_EV_SPEED_40G			4
#define EF10_MCDI_EV_SPEED_25G			5
#define EF10_MCDI_EV_SPEED_50G			6
#define EF10_MCDI_EV_SPEED_100G			7

/* DATA of TX_ERR and RX_ERR: the queue is dead, a flush event follows */
#define EF10_MCDI_EV_TX_ERR_TXQ_LBN		0	/* MCDI_EVENT_TX_ERR_TXQ */
#define EF10_MCDI_EV_TX_ERR_TXQ_WIDTH		12
#define EF10_MCDI_EV_TX_ERR_TYPE_LBN		12	/* MCDI_EVENT_TX_ERR_TYPE */
#define EF10_MCDI_EV_TX_ERR_TYPE_WIDTH		4
#define EF10_MCDI_EV_TX_ERR_INFO_LBN		16	/* MCDI_EVENT_TX_ERR_INFO */
#define EF10_MCDI_EV_TX_ERR_INFO_WIDTH		16
/* MCDI_EVENT_TX_ERR_DL_FAIL: descriptor fetch */
#define EF10_MCDI_EV_TX_ERR_DL_FAIL		1
#define EF10_MCDI_EV_TX_ERR_NO_EOP		2	/* MCDI_EVENT_TX_ERR_NO_EOP */
#define EF10_MCDI_EV_TX_ERR_2BIG		3	/* MCDI_EVENT_TX_ERR_2BIG */
#define EF10_MCDI_EV_TX_BAD_OPTDESC		5	/* MCDI_EVENT_TX_BAD_OPTDESC */
#define EF10_MCDI_EV_TX_OPT_IN_PKT		8	/* MCDI_EVENT_TX_OPT_IN_PKT */
#define EF10_MCDI_EV_TX_ERR_BAD_DMA_OR_PIO	9	/* MCDI_EVENT_TX_ERR_BAD_DMA_OR_PIO */
#define EF10_MCDI_EV_RX_ERR_RXQ_LBN		0	/* MCDI_EVENT_RX_ERR_RXQ */
#define EF10_MCDI_EV_RX_ERR_RXQ_WIDTH		12
#define EF10_MCDI_EV_RX_ERR_TYPE_LBN		12	/* MCDI_EVENT_RX_ERR_TYPE */
#define EF10_MCDI_EV_RX_ERR_TYPE_WIDTH		4
#define EF10_MCDI_EV_RX_ERR_INFO_LBN		16	/* MCDI_EVENT_RX_ERR_INFO */
#define EF10_MCDI_EV_RX_ERR_INFO_WIDTH		16

/*
 * DATA of TX_FLUSH and RX_FLUSH. Sent twice: to the queue's own event queue, and with TO_DRIVER to
 * event queue 0, where drivers ignore it.
 */
#define EF10_MCDI_EV_TX_FLUSH_TXQ_LBN		0	/* MCDI_EVENT_TX_FLUSH_TXQ */
#define EF10_MCDI_EV_TX_FLUSH_TXQ_WIDTH		12
#define EF10_MCDI_EV_TX_FLUSH_TO_DRIVER_LBN	12	/* MCDI_EVENT_TX_FLUSH_TO_DRIVER */
#define EF10_MCDI_EV_TX_FLUSH_TO_DRIVER_WIDTH	1
#define EF10_MCDI_EV_RX_FLUSH_RXQ_LBN		0	/* MCDI_EVENT_RX_FLUSH_RXQ */
#define EF10_MCDI_EV_RX_FLUSH_RXQ_WIDTH		12
#define EF10_MCDI_EV_RX_FLUSH_TO_DRIVER_LBN	12	/* MCDI_EVENT_RX_FLUSH_TO_DRIVER */
#define EF10_MCDI_EV_RX_FLUSH_TO_DRIVER_WIDTH	1

/* DATA of MC_REBOOT */
#define EF10_MCDI_EV_MC_REBOOT_COUNT_LBN	0	/* MCDI_EVENT_MC_REBOOT_COUNT */
#define EF10_MCDI_EV_MC_REBOOT_COUNT_WIDTH	16

/* An MCDI event without source, level and continuation */
static inline uint64_t
ef10_mcdi_ev(enum ef10_mcdi_ev_code code, uint32_t data)
{
	return EF10_PUT(EV_CODE, EF10_EV_CODE_MCDI) | EF10_PUT(MCDI_EV_CODE, code) | data;
}

#ifdef __cplusplus
}
#endif

#endif /* EF10_DESC_H */
