/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Each offload that the driver claims, with it and without it; a claim without a case fails. */

#include <arpa/inet.h>
#include <cstring>
#include <map>
#include <utility>

#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "dev_port.h"

namespace {

constexpr uint8_t TCP = 6, UDP = 17;
constexpr size_t L3 = 14, L4 = 34;

class DevOffloads : public DevPort {
protected:
	/* IPv4 frame of 100 bytes with right checksums */
	Frame ipv4(uint8_t proto) const
	{
		Frame f = frame(100, proto);
		struct rte_ipv4_hdr ip;

		f[12] = 0x08;
		f[13] = 0x00;
		memset(&ip, 0, sizeof(ip));
		ip.version_ihl = 0x45;
		ip.total_length = htons(static_cast<uint16_t>(f.size() - L3));
		ip.time_to_live = 64;
		ip.next_proto_id = proto;
		ip.src_addr = htonl(0x0a000001);
		ip.dst_addr = htonl(0x0a000002);
		ip.hdr_checksum = rte_ipv4_cksum(&ip);
		memcpy(&f[L3], &ip, sizeof(ip));
		if (proto == UDP) {
			const uint16_t len = htons(static_cast<uint16_t>(f.size() - L4));

			memcpy(&f[L4 + 4], &len, sizeof(len));
		} else {
			f[L4 + 12] = 0x50;
		}
		l4_sum_set(f, proto);
		return f;
	}

	static size_t l4_sum_at(uint8_t proto)
	{
		return L4 + (proto == UDP ? offsetof(struct rte_udp_hdr, dgram_cksum) :
			     offsetof(struct rte_tcp_hdr, cksum));
	}

	static void l4_sum_set(Frame &f, uint8_t proto)
	{
		struct rte_ipv4_hdr ip;
		uint16_t sum;

		memset(&f[l4_sum_at(proto)], 0, 2);
		memcpy(&ip, &f[L3], sizeof(ip));
		sum = rte_ipv4_udptcp_cksum(&ip, &f[L4]);
		memcpy(&f[l4_sum_at(proto)], &sum, sizeof(sum));
	}

	void up_with(uint64_t rx, uint64_t tx, uint16_t nb_rxq = 1)
	{
		memset(&conf, 0, sizeof(conf));
		conf.rxmode.offloads = rx;
		conf.txmode.offloads = tx;
		up(nb_rxq, 1);
	}

	void down()
	{
		ctl->vf_wire_remove_all(vf);
		ASSERT_EQ(detach(), 0);
	}

	/* flags that a frame arrives with */
	uint64_t flags_of(const Frame &f)
	{
		EXPECT_EQ(inject(f), PIOEMU_RX_OK);
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		uint64_t flags = got.empty() ? UINT64_MAX : got[0]->ol_flags;

		for (struct rte_mbuf *m : got)
			rte_pktmbuf_free(m);
		return flags;
	}

	void rx_checksum(uint64_t offload, size_t bad_at, uint8_t proto, uint64_t mask, uint64_t good,
			 uint64_t bad)
	{
		Frame right = ipv4(proto), wrong = right;

		wrong[bad_at] ^= 0x55;
		up_with(offload, 0);
		EXPECT_EQ(flags_of(right) & mask, good);
		EXPECT_EQ(flags_of(wrong) & mask, bad);
		down();
		up_with(0, 0);
		EXPECT_EQ(flags_of(right) & mask, 0u);
		EXPECT_EQ(flags_of(wrong) & mask, 0u);
		down();
	}

	/* the frame without this checksum leaves with it, where that was asked for and configured */
	void tx_checksum(uint64_t offload, size_t at, uint8_t proto, uint64_t flags)
	{
		const Frame right = ipv4(proto);
		Frame without = right;

		without[at] = without[at + 1] = 0;
		for (const uint64_t asked : { flags, UINT64_C(0) }) {
			up_with(0, offload);
			capture_on();
			struct rte_mbuf *m = mbuf(without);
			m->l2_len = L3;
			m->l3_len = L4 - L3;
			m->ol_flags |= asked;
			EXPECT_EQ(rte_eth_tx_prepare(port, 0, &m, 1), 1);
			EXPECT_EQ(rte_eth_tx_burst(port, 0, &m, 1), 1);
			EXPECT_EQ(captured(1), std::vector<Frame>{ asked != 0 ? right : without });
			down();
		}
		/* not configured: said by the preparation */
		up_with(0, 0);
		struct rte_mbuf *m = mbuf(without);
		m->l2_len = L3;
		m->l3_len = L4 - L3;
		m->ol_flags |= flags;
		EXPECT_EQ(rte_eth_tx_prepare(port, 0, &m, 1), 0);
		EXPECT_EQ(rte_errno, ENOTSUP);
		rte_pktmbuf_free(m);
		down();
	}

	void rx_scatter()
	{
		const Frame f = frame(5000, 1);

		conf.rxmode.mtu = 5000;
		conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
		up();
		EXPECT_EQ(inject(f), PIOEMU_RX_OK);
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		ASSERT_EQ(got.size(), 1u);
		EXPECT_GT(got[0]->nb_segs, 1);
		EXPECT_EQ(bytes_of(got[0]), f);
		rte_pktmbuf_free(got[0]);
		down();
		/* without it such an MTU does not start */
		memset(&conf, 0, sizeof(conf));
		conf.rxmode.mtu = 5000;
		ASSERT_EQ(attach(), 0);
		ASSERT_EQ(configure(1, 1), 0);
		EXPECT_EQ(rte_eth_dev_start(port), -EINVAL);
		down();
	}

	void rx_rss_hash()
	{
		for (const uint64_t offload : { UINT64_C(0) + RTE_ETH_RX_OFFLOAD_RSS_HASH, UINT64_C(0) }) {
			memset(&conf, 0, sizeof(conf));
			conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
			conf.rxmode.offloads = offload;
			conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
			up();
			EXPECT_EQ((flags_of(ipv4(UDP)) & RTE_MBUF_F_RX_RSS_HASH) != 0, offload != 0);
			down();
		}
	}

	void tx_multi_segs()
	{
		const Frame f = frame(1000, 1);

		up_with(0, RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
		capture_on();
		struct rte_mbuf *m = mbuf(f, 5);
		EXPECT_EQ(rte_eth_tx_prepare(port, 0, &m, 1), 1);
		EXPECT_EQ(rte_eth_tx_burst(port, 0, &m, 1), 1);
		EXPECT_EQ(captured(1), std::vector<Frame>{ f });
		down();
		up_with(0, 0);
		m = mbuf(f, 5);
		EXPECT_EQ(rte_eth_tx_prepare(port, 0, &m, 1), 0);
		EXPECT_EQ(rte_errno, ENOTSUP);
		rte_pktmbuf_free(m);
		down();
	}

	/* mbufs go back to their pool whole, without a look at their references */
	void tx_fast_free()
	{
		struct rte_eth_burst_mode with, without;
		std::vector<Frame> frames;

		for (uint32_t i = 0; i < 600; i++)
			frames.push_back(frame(64, i));
		up_with(0, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE);
		capture_on();
		ASSERT_EQ(rte_eth_tx_burst_mode_get(port, 0, &with), 0);
		ASSERT_TRUE(send(0, frames));
		EXPECT_EQ(captured(frames.size()), frames);
		EXPECT_TRUE(wait_for([&] {
			EXPECT_GE(rte_eth_tx_done_cleanup(port, 0, 0), 0);
			return rte_mempool_in_use_count(pool) <= nb_rxd;
		}));
		down();
		up_with(0, 0);
		ASSERT_EQ(rte_eth_tx_burst_mode_get(port, 0, &without), 0);
		EXPECT_STRNE(with.info, without.info) << "the faster burst is chosen for it";
		down();
	}
};

TEST_F(DevOffloads, EachClaimedBitHasItsEffect)
{
	const uint64_t ip_mask = RTE_MBUF_F_RX_IP_CKSUM_MASK, l4_mask = RTE_MBUF_F_RX_L4_CKSUM_MASK;
	const std::map<uint64_t, std::function<void()>> rx = {
		{ RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, [&] {
			rx_checksum(RTE_ETH_RX_OFFLOAD_IPV4_CKSUM, L3 + 10, UDP, ip_mask,
				    RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_IP_CKSUM_BAD);
		} },
		{ RTE_ETH_RX_OFFLOAD_UDP_CKSUM, [&] {
			rx_checksum(RTE_ETH_RX_OFFLOAD_UDP_CKSUM, l4_sum_at(UDP), UDP, l4_mask,
				    RTE_MBUF_F_RX_L4_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_BAD);
		} },
		{ RTE_ETH_RX_OFFLOAD_TCP_CKSUM, [&] {
			rx_checksum(RTE_ETH_RX_OFFLOAD_TCP_CKSUM, l4_sum_at(TCP), TCP, l4_mask,
				    RTE_MBUF_F_RX_L4_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_BAD);
		} },
		{ RTE_ETH_RX_OFFLOAD_SCATTER, [&] { rx_scatter(); } },
		{ RTE_ETH_RX_OFFLOAD_RSS_HASH, [&] { rx_rss_hash(); } },
	};
	const std::map<uint64_t, std::function<void()>> tx = {
		{ RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, [&] {
			tx_checksum(RTE_ETH_TX_OFFLOAD_IPV4_CKSUM, L3 + 10, UDP,
				    RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
		} },
		{ RTE_ETH_TX_OFFLOAD_UDP_CKSUM, [&] {
			tx_checksum(RTE_ETH_TX_OFFLOAD_UDP_CKSUM, l4_sum_at(UDP), UDP,
				    RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_UDP_CKSUM);
		} },
		{ RTE_ETH_TX_OFFLOAD_TCP_CKSUM, [&] {
			tx_checksum(RTE_ETH_TX_OFFLOAD_TCP_CKSUM, l4_sum_at(TCP), TCP,
				    RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM);
		} },
		{ RTE_ETH_TX_OFFLOAD_MULTI_SEGS, [&] { tx_multi_segs(); } },
		{ RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE, [&] { tx_fast_free(); } },
	};
	struct rte_eth_dev_info info;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	down();
	EXPECT_EQ(info.rx_queue_offload_capa & ~info.rx_offload_capa, 0u);
	EXPECT_EQ(info.tx_queue_offload_capa & ~info.tx_offload_capa, 0u);
	for (const auto &side : { std::make_pair(info.rx_offload_capa, &rx),
				  std::make_pair(info.tx_offload_capa, &tx) }) {
		const bool is_rx = side.second == &rx;

		for (int bit = 0; bit < 64; bit++) {
			const uint64_t offload = UINT64_C(1) << bit;
			const auto test = side.second->find(offload);
			const char *name = is_rx ? rte_eth_dev_rx_offload_name(offload) :
				rte_eth_dev_tx_offload_name(offload);

			ASSERT_EQ((side.first & offload) != 0, test != side.second->end())
				<< (is_rx ? "rx " : "tx ") << name
				<< ": claimed without a case, or the other way round";
			if (test == side.second->end())
				continue;
			SCOPED_TRACE(std::string(is_rx ? "rx " : "tx ") + name);
			test->second();
			memset(&conf, 0, sizeof(conf));
		}
	}
}

/* Limits of rte_eth_dev_info are where the driver begins to refuse. */
TEST_F(DevOffloads, ClaimedLimitsAreTheRealOnes)
{
	struct rte_eth_dev_info info;

	pool_use(8191, RTE_MBUF_DEFAULT_BUF_SIZE);
	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	/* the tests of queues and of flows have cases for these */
	EXPECT_EQ(info.dev_capa & ~(RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP |
				    RTE_ETH_DEV_CAPA_FLOW_RULE_KEEP), 0u);
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	EXPECT_EQ(rte_eth_rx_queue_setup(port, 0, info.rx_desc_lim.nb_min, 0, nullptr, pool), 0);
	EXPECT_EQ(rte_eth_rx_queue_setup(port, 0, info.rx_desc_lim.nb_max, 0, nullptr, pool), 0);
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 0, info.tx_desc_lim.nb_max, 0, nullptr), 0);
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 0, info.tx_desc_lim.nb_min, 0, nullptr), 0);
	EXPECT_NE(rte_eth_dev_configure(port, info.max_rx_queues + 1, 1, &conf), 0);
	EXPECT_NE(rte_eth_dev_configure(port, 1, info.max_tx_queues + 1, &conf), 0);

	/* as many segments as are allowed, in the smallest ring */
	conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	nb_txd = info.tx_desc_lim.nb_min;
	ASSERT_EQ(configure(1, 1), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	const Frame f = frame(1500, 1);
	ASSERT_TRUE(send(0, { f, f, f }, 1, info.tx_desc_lim.nb_mtu_seg_max));
	EXPECT_EQ(captured(3), (std::vector<Frame>{ f, f, f }));
	/* the greatest MTU is set, and carried */
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	conf.rxmode.mtu = info.max_mtu;
	ASSERT_EQ(configure(1, 1), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	const Frame longest = frame(info.max_rx_pktlen, 2);
	ASSERT_TRUE(send(0, { longest }, 1, 5));
	EXPECT_EQ(captured(1), std::vector<Frame>{ longest });
	EXPECT_EQ(inject(longest), PIOEMU_RX_OK);
	for (struct rte_mbuf *m : receive(0, 1)) {
		EXPECT_EQ(bytes_of(m), longest);
		rte_pktmbuf_free(m);
	}
}

} /* namespace */
