/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <arpa/inet.h>
#include <atomic>
#include <cstring>
#include <set>

#include <rte_interrupts.h>
#include <rte_ip.h>
#include <rte_thash.h>

#include "dev_port.h"

namespace {

class DevFeatures : public DevPort {
protected:
	static constexpr struct rte_ether_addr broadcast = {{ 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }};
	static constexpr struct rte_ether_addr other = {{ 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 }};
	static constexpr struct rte_ether_addr group1 = {{ 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 }};
	static constexpr struct rte_ether_addr group2 = {{ 0x33, 0x33, 0x00, 0x00, 0x00, 0x01 }};

	bool takes(const struct rte_ether_addr &dst)
	{
		enum pioemu_rx_result result = inject(frame_to(dst, 64, 1));

		if (result == PIOEMU_RX_OK) {
			for (struct rte_mbuf *m : receive(0, 1))
				rte_pktmbuf_free(m);
		} else {
			EXPECT_EQ(result, PIOEMU_RX_FILTERED);
		}
		return result == PIOEMU_RX_OK;
	}

	Frame ipv4_udp(uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport, uint8_t proto = 17)
	{
		Frame f = frame(80, sport);

		f[12] = 0x08;
		f[13] = 0x00;
		struct rte_ipv4_hdr ip;
		memset(&ip, 0, sizeof(ip));
		ip.version_ihl = 0x45;
		ip.total_length = htons(66);
		ip.time_to_live = 64;
		ip.next_proto_id = proto;
		ip.src_addr = htonl(src);
		ip.dst_addr = htonl(dst);
		ip.hdr_checksum = rte_ipv4_cksum(&ip);
		memcpy(&f[14], &ip, sizeof(ip));
		uint16_t ports[4] = { htons(sport), htons(dport), htons(46), 0 };
		memcpy(&f[34], ports, sizeof(ports));
		return f;
	}
};

constexpr struct rte_ether_addr DevFeatures::broadcast, DevFeatures::other, DevFeatures::group1,
	DevFeatures::group2;

TEST_F(DevFeatures, OnlyOwnAddressAndBroadcastByDefault)
{
	up();
	EXPECT_TRUE(takes(mac));
	EXPECT_TRUE(takes(broadcast));
	EXPECT_FALSE(takes(other));
	EXPECT_FALSE(takes(group1));
}

TEST_F(DevFeatures, PromiscuousAndAllMulticastModes)
{
	up();
	ASSERT_EQ(rte_eth_promiscuous_enable(port), 0);
	EXPECT_TRUE(takes(other));
	EXPECT_TRUE(takes(group1));
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_TRUE(takes(other)) << "the mode survives a restart";
	ASSERT_EQ(rte_eth_promiscuous_disable(port), 0);
	EXPECT_FALSE(takes(other));
	EXPECT_FALSE(takes(group1));

	ASSERT_EQ(rte_eth_allmulticast_enable(port), 0);
	EXPECT_FALSE(takes(other));
	EXPECT_TRUE(takes(group1));
	EXPECT_TRUE(takes(group2));
	ASSERT_EQ(rte_eth_allmulticast_disable(port), 0);
	EXPECT_FALSE(takes(group1));
	EXPECT_TRUE(takes(mac));
	EXPECT_TRUE(takes(broadcast));
}

TEST_F(DevFeatures, RefusedModeIsReportedAndChangesNothing)
{
	up();
	struct pioemu_mcdi_fault fault = { 0x8a, 0, 1, PIOEMU_MCDI_FAIL, 1 };
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	EXPECT_EQ(rte_eth_promiscuous_enable(port), -EPERM);
	EXPECT_EQ(rte_eth_promiscuous_get(port), 0);
	ctl->vf_mcdi_fault_clear(vf);
	EXPECT_FALSE(takes(other));
	EXPECT_FALSE(takes(group1));
	EXPECT_TRUE(takes(mac));
}

TEST_F(DevFeatures, UnicastAndMulticastAddresses)
{
	struct rte_ether_addr list[2] = { group1, group2 };
	struct rte_ether_addr unicast = other;

	up();
	ASSERT_EQ(rte_eth_dev_mac_addr_add(port, &unicast, 0), 0);
	EXPECT_TRUE(takes(other));
	ASSERT_EQ(rte_eth_dev_mac_addr_remove(port, &unicast), 0);
	EXPECT_FALSE(takes(other));

	ASSERT_EQ(rte_eth_dev_set_mc_addr_list(port, list, 2), 0);
	EXPECT_TRUE(takes(group1));
	EXPECT_TRUE(takes(group2));
	ASSERT_EQ(rte_eth_dev_set_mc_addr_list(port, &list[1], 1), 0);
	EXPECT_FALSE(takes(group1));
	EXPECT_TRUE(takes(group2));
	EXPECT_EQ(rte_eth_dev_set_mc_addr_list(port, &unicast, 1), -EINVAL);
	EXPECT_TRUE(takes(group2)) << "a refused list changes nothing";
	ASSERT_EQ(rte_eth_dev_set_mc_addr_list(port, nullptr, 0), 0);
	EXPECT_FALSE(takes(group2));
}

TEST_F(DevFeatures, OwnAddressCanBeChanged)
{
	struct rte_ether_addr addr = other;
	struct rte_ether_addr old;

	up();
	old = mac;
	ASSERT_EQ(rte_eth_dev_default_mac_addr_set(port, &addr), 0);
	EXPECT_TRUE(takes(other));
	EXPECT_FALSE(takes(old));
	EXPECT_TRUE(takes(broadcast));
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_TRUE(takes(other)) << "it survives a restart";
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_default_mac_addr_set(port, &old), 0) << "also while stopped";
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_TRUE(takes(old));
	EXPECT_FALSE(takes(other));
}

TEST_F(DevFeatures, MtuLimitsBothDirections)
{
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	up();
	capture_on();
	EXPECT_EQ(inject(frame(1519, 1)), PIOEMU_RX_OK) << "one tag's worth above 1514";
	for (struct rte_mbuf *m : receive(0, 1))
		rte_pktmbuf_free(m);
	ASSERT_EQ(rte_eth_dev_set_mtu(port, 500), 0);
	struct rte_mbuf *m = mbuf(frame(519, 1));
	EXPECT_EQ(rte_eth_tx_burst(port, 0, &m, 1), 1);
	EXPECT_EQ(captured(1).size(), 0u) << "longer than the MTU allows";
	ASSERT_TRUE(send(0, { frame(518, 2) }));
	EXPECT_EQ(captured(1).size(), 1u);
	struct rte_eth_stats stats;
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.oerrors, 1u);
	EXPECT_EQ(stats.opackets, 1u);
	ASSERT_EQ(rte_eth_dev_set_mtu(port, 9000), 0);
	EXPECT_EQ(inject(frame(9014, 3)), PIOEMU_RX_OK);
	for (struct rte_mbuf *in : receive(0, 1)) {
		EXPECT_EQ(in->pkt_len, 9014u);
		rte_pktmbuf_free(in);
	}
	EXPECT_EQ(rte_eth_dev_set_mtu(port, 9203), -EINVAL);
	EXPECT_EQ(rte_eth_dev_set_mtu(port, 67), -EINVAL);
	uint16_t mtu;
	ASSERT_EQ(rte_eth_dev_get_mtu(port, &mtu), 0);
	EXPECT_EQ(mtu, 9000);
}

TEST_F(DevFeatures, FramesTooLongForABufferAreRefusedAtStart)
{
	conf.rxmode.mtu = 4000;
	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 1), 0);
	EXPECT_EQ(rte_eth_dev_start(port), -EINVAL);
	EXPECT_EQ(resources().nb_vis, 0);
}

TEST_F(DevFeatures, RssSpreadsAsToeplitzSays)
{
	uint8_t key[40];
	struct rte_eth_dev_info info;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = static_cast<uint8_t>(i * 37 + 11);
	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_RSS_HASH;
	conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	conf.rx_adv_conf.rss_conf.rss_key = key;
	conf.rx_adv_conf.rss_conf.rss_key_len = sizeof(key);
	up(4, 1);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	EXPECT_EQ(info.reta_size, 128);
	EXPECT_EQ(info.hash_key_size, 40);
	bool udp = (info.flow_type_rss_offloads & RTE_ETH_RSS_NONFRAG_IPV4_UDP) != 0;
	ASSERT_TRUE(udp);

	std::set<uint16_t> used;
	for (uint16_t i = 0; i < 64; i++) {
		uint32_t src = 0x0a000001 + i * 7, dst = 0x0a0000fe;
		uint16_t sport = static_cast<uint16_t>(1000 + i), dport = 53;
		uint32_t tuple[3] = { src, dst, (uint32_t)sport << 16 | dport };
		uint32_t hash = rte_softrss(tuple, 3, key);
		uint16_t queue = hash % 128 % 4;

		ASSERT_EQ(inject(ipv4_udp(src, dst, sport, dport)), PIOEMU_RX_OK);
		std::vector<struct rte_mbuf *> got = receive(queue, 1);
		ASSERT_EQ(got.size(), 1u) << "flow " << i;
		EXPECT_NE(got[0]->ol_flags & RTE_MBUF_F_RX_RSS_HASH, 0u);
		EXPECT_EQ(got[0]->hash.rss, hash);
		rte_pktmbuf_free(got[0]);
		used.insert(queue);
	}
	EXPECT_EQ(used.size(), 4u);
}

TEST_F(DevFeatures, RssTableKeyAndTypesCanBeChanged)
{
	struct rte_eth_rss_reta_entry64 reta[2];
	struct rte_eth_rss_conf rss;
	uint8_t key[40], got_key[40];

	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	up(2, 1);
	memset(reta, 0, sizeof(reta));
	reta[0].mask = reta[1].mask = UINT64_MAX;
	ASSERT_EQ(rte_eth_dev_rss_reta_query(port, reta, 128), 0);
	EXPECT_EQ(reta[0].reta[0], 0);
	EXPECT_EQ(reta[0].reta[1], 1);
	for (int g = 0; g < 2; g++) {
		for (int i = 0; i < 64; i++)
			reta[g].reta[i] = 1;
	}
	ASSERT_EQ(rte_eth_dev_rss_reta_update(port, reta, 128), 0);
	for (uint16_t i = 0; i < 16; i++) {
		ASSERT_EQ(inject(ipv4_udp(0x0a000001u + i, 2, i, 5)), PIOEMU_RX_OK);
		std::vector<struct rte_mbuf *> got = receive(1, 1);
		ASSERT_EQ(got.size(), 1u);
		rte_pktmbuf_free(got[0]);
	}
	reta[0].reta[5] = 2;
	EXPECT_NE(rte_eth_dev_rss_reta_update(port, reta, 128), 0) << "no such queue";
	EXPECT_NE(rte_eth_dev_rss_reta_update(port, reta, 64), 0) << "no such table";

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = static_cast<uint8_t>(255 - i);
	memset(&rss, 0, sizeof(rss));
	rss.rss_key = key;
	rss.rss_key_len = 40;
	rss.rss_hf = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	ASSERT_EQ(rte_eth_dev_rss_hash_update(port, &rss), 0);
	memset(&rss, 0, sizeof(rss));
	rss.rss_key = got_key;
	rss.rss_key_len = 40;
	ASSERT_EQ(rte_eth_dev_rss_hash_conf_get(port, &rss), 0);
	EXPECT_EQ(memcmp(got_key, key, 40), 0);
	EXPECT_EQ(rss.rss_hf, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP);
	/* all of it survives a restart */
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	ASSERT_EQ(inject(ipv4_udp(7, 7, 7, 7)), PIOEMU_RX_OK);
	std::vector<struct rte_mbuf *> got = receive(1, 1);
	ASSERT_EQ(got.size(), 1u);
	rte_pktmbuf_free(got[0]);
}

TEST_F(DevFeatures, QueuesStopAndStartAlone)
{
	up(1, 2, "class=pio,pio_txqs=1");
	capture_on();
	ASSERT_EQ(rte_eth_dev_tx_queue_stop(port, 1), 0);
	EXPECT_EQ(resources().nb_txqs, 1);
	ASSERT_TRUE(send(0, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
	ASSERT_EQ(rte_eth_dev_tx_queue_start(port, 1), 0);
	ASSERT_TRUE(send(1, { frame(64, 2) }));
	EXPECT_EQ(captured(1).size(), 1u);
	EXPECT_EQ(xstat("tx_q1_pio_packets"), 1u);

	ASSERT_EQ(rte_eth_dev_rx_queue_stop(port, 0), 0);
	EXPECT_EQ(resources().nb_rxqs, 0);
	EXPECT_EQ(resources().nb_filters, 0);
	EXPECT_NE(inject(frame(64, 3)), PIOEMU_RX_OK);
	ASSERT_EQ(rte_eth_dev_rx_queue_start(port, 0), 0);
	EXPECT_TRUE(takes(mac));
}

TEST_F(DevFeatures, DeferredQueuesWaitForTheirStart)
{
	struct rte_eth_rxconf rxconf;
	struct rte_eth_txconf txconf;
	struct rte_eth_dev_info info;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_configure(port, 2, 2, &conf), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	rxconf = info.default_rxconf;
	txconf = info.default_txconf;
	for (uint16_t q = 0; q < 2; q++) {
		rxconf.rx_deferred_start = q;
		txconf.tx_deferred_start = q;
		ASSERT_EQ(rte_eth_rx_queue_setup(port, q, 512, 0, &rxconf, pool), 0);
		ASSERT_EQ(rte_eth_tx_queue_setup(port, q, 512, 0, &txconf), 0);
	}
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(resources().nb_rxqs, 1);
	EXPECT_EQ(resources().nb_txqs, 1);
	ASSERT_EQ(rte_eth_dev_tx_queue_start(port, 1), 0);
	ASSERT_EQ(rte_eth_dev_rx_queue_start(port, 1), 0);
	capture_on();
	ASSERT_TRUE(send(1, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
}

struct LscSeen {
	std::atomic<int> nb{0};

	static int on_event(uint16_t, enum rte_eth_event_type, void *arg, void *)
	{
		static_cast<LscSeen *>(arg)->nb++;
		return 0;
	}
};

TEST_F(DevFeatures, LinkChangesAreReported)
{
	struct rte_eth_link link;
	LscSeen seen;

	conf.intr_conf.lsc = 1;
	up();
	ASSERT_EQ(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_INTR_LSC, LscSeen::on_event, &seen), 0);
	ctl->nic_link_set(ctl->vf_nic(vf), false, 10000);
	EXPECT_TRUE(wait_for([&] { return seen.nb == 1; }));
	ASSERT_EQ(rte_eth_link_get_nowait(port, &link), 0);
	EXPECT_EQ(link.link_status, RTE_ETH_LINK_DOWN);
	ctl->nic_link_set(ctl->vf_nic(vf), true, 25000);
	EXPECT_TRUE(wait_for([&] { return seen.nb == 2; }));
	ASSERT_EQ(rte_eth_link_get_nowait(port, &link), 0);
	EXPECT_EQ(link.link_status, RTE_ETH_LINK_UP);
	EXPECT_EQ(link.link_speed, RTE_ETH_SPEED_NUM_25G);
	rte_eth_dev_callback_unregister(port, RTE_ETH_EVENT_INTR_LSC, LscSeen::on_event, &seen);
	ctl->nic_link_set(ctl->vf_nic(vf), true, 10000);
}

TEST_F(DevFeatures, ReceiveInterruptsWakeOncePerArming)
{
	struct rte_epoll_event event;

	conf.intr_conf.rxq = 1;
	up(2, 1);
	for (uint16_t q = 0; q < 2; q++)
		ASSERT_EQ(rte_eth_dev_rx_intr_ctl_q(port, q, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
						    reinterpret_cast<void *>((uintptr_t)q)), 0);
	for (uint32_t round = 0; round < 50; round++) {
		ASSERT_EQ(rte_eth_dev_rx_intr_enable(port, 0), 0);
		EXPECT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 0) << "nothing is there";
		ASSERT_EQ(inject(frame(64, round)), PIOEMU_RX_OK);
		ASSERT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 2000), 1) << round;
		EXPECT_EQ(event.epdata.data, nullptr);
		ASSERT_EQ(rte_eth_dev_rx_intr_disable(port, 0), 0);
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		ASSERT_EQ(got.size(), 1u);
		rte_pktmbuf_free(got[0]);
	}
	/* a frame that came before the arming wakes too */
	ASSERT_EQ(inject(frame(64, 99)), PIOEMU_RX_OK);
	ASSERT_EQ(rte_eth_dev_rx_intr_enable(port, 0), 0);
	EXPECT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 2000), 1);
	for (struct rte_mbuf *m : receive(0, 1))
		rte_pktmbuf_free(m);
	for (uint16_t q = 0; q < 2; q++)
		rte_eth_dev_rx_intr_ctl_q(port, q, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_DEL, nullptr);
}

TEST_F(DevFeatures, StatisticsCountAndReset)
{
	struct rte_eth_stats stats;

	up(1, 1, "class=pio,pio_txqs=0,stats_period_ms=0");
	capture_on();
	ASSERT_TRUE(send(0, { frame(64, 1), frame(1000, 2) }));
	ASSERT_EQ(captured(2).size(), 2u);
	EXPECT_TRUE(takes(mac));
	EXPECT_FALSE(takes(other));
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.opackets, 2u);
	EXPECT_EQ(stats.obytes, 1064u);
	EXPECT_EQ(stats.ipackets, 1u);
	EXPECT_EQ(stats.ibytes, 64u);
	EXPECT_EQ(stats.q_opackets[0], 2u);
	EXPECT_EQ(stats.q_obytes[0], 1064u);
	EXPECT_EQ(xstat("vadapter_tx_unicast_packets"), 2u);
	EXPECT_EQ(xstat("vadapter_rx_unicast_packets"), 1u);
	ASSERT_EQ(rte_eth_stats_reset(port), 0);
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.opackets + stats.obytes + stats.ipackets + stats.ibytes, 0u);
	EXPECT_EQ(xstat("tx_pio_packets"), 1u) << "basic and extended ones are reset apart";
	ASSERT_EQ(rte_eth_xstats_reset(port), 0);
	EXPECT_EQ(xstat("tx_pio_packets"), 0u);
	EXPECT_EQ(xstat("vadapter_tx_unicast_packets"), 0u);
	ASSERT_TRUE(send(0, { frame(64, 3) }));
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.opackets, 1u) << "statistics outlive the stop";
}

TEST_F(DevFeatures, ChecksumErrorsAreFlagged)
{
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM;
	up();
	Frame good = ipv4_udp(1, 2, 3, 4);
	Frame bad = good;
	bad[24] ^= 0xff;
	ASSERT_EQ(inject(good), PIOEMU_RX_OK);
	ASSERT_EQ(inject(bad), PIOEMU_RX_OK);
	std::vector<struct rte_mbuf *> got = receive(0, 2);
	ASSERT_EQ(got.size(), 2u);
	EXPECT_EQ(got[0]->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK, RTE_MBUF_F_RX_IP_CKSUM_GOOD);
	EXPECT_EQ(got[1]->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK, RTE_MBUF_F_RX_IP_CKSUM_BAD);
	EXPECT_EQ(got[0]->packet_type & RTE_PTYPE_L3_MASK, RTE_PTYPE_L3_IPV4_EXT_UNKNOWN);
	EXPECT_EQ(got[0]->packet_type & RTE_PTYPE_L4_MASK, RTE_PTYPE_L4_UDP);
	for (struct rte_mbuf *m : got)
		rte_pktmbuf_free(m);
}

TEST_F(DevFeatures, ManyQueuePairs)
{
	struct rte_eth_dev_info info;
	const uint16_t nb = 31; /* of the 64 VIs one is for management */

	pool_use(nb * 512 + 1024, RTE_MBUF_DEFAULT_BUF_SIZE);
	ASSERT_EQ(attach("class=pio,pio_txqs=all"), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	ASSERT_EQ(info.max_tx_queues, nb);
	ASSERT_EQ(info.max_rx_queues, nb);
	conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	ASSERT_EQ(configure(nb, nb), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	EXPECT_EQ(resources().nb_piobufs, 16) << "as many as there are";
	for (uint16_t q = 0; q < nb; q++) {
		Frame f = frame(64, q);

		ASSERT_TRUE(send(q, { f }));
		EXPECT_EQ(captured(1), std::vector<Frame>{ f }) << "queue " << q;
		EXPECT_EQ(xstat("tx_q" + std::to_string(q) + "_pio_packets"), q < 16 ? 1u : 0u);
	}
}

/*
 * The adapter pads the end of a write, here to 64 bytes. A private area of 8 bytes leaves a buffer's
 * start aligned to 8 only.
 */
TEST_F(DevFeatures, PrivateAreaOfMbufsCountsForThePadding)
{
	struct rte_eth_rxq_info rxq_info;
	uint16_t sizes[2];

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	for (unsigned int i = 0; i < 2; i++) {
		struct rte_mempool *mp = rte_pktmbuf_pool_create("private", 1023, 0,
			static_cast<uint16_t>(8 * i), RTE_MBUF_DEFAULT_BUF_SIZE, 0);

		ASSERT_NE(mp, nullptr);
		ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, mp), 0);
		ASSERT_EQ(rte_eth_rx_queue_info_get(port, 0, &rxq_info), 0);
		sizes[i] = rxq_info.rx_buf_size;
		ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, pool), 0);
		rte_mempool_free(mp);
	}
	EXPECT_EQ(sizes[0], RTE_MBUF_DEFAULT_DATAROOM);
	EXPECT_EQ(sizes[1], RTE_MBUF_DEFAULT_DATAROOM - (64 - 8));
}

TEST_F(DevFeatures, BadQueueSetupsAreRefused)
{
	struct rte_mempool *small = rte_pktmbuf_pool_create("small", 63, 0, 0, 400, 0);

	ASSERT_NE(small, nullptr);
	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	EXPECT_EQ(rte_eth_rx_queue_setup(port, 0, 8, 0, nullptr, pool), -EINVAL);
	EXPECT_EQ(rte_eth_rx_queue_setup(port, 0, 8192, 0, nullptr, pool), -EINVAL);
	EXPECT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, small), -EINVAL);
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 0, 8, 0, nullptr), -EINVAL);
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 0, 8192, 0, nullptr), -EINVAL);
	struct rte_eth_dev_info info;
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	struct rte_eth_txconf txconf = info.default_txconf;
	txconf.tx_free_thresh = 512;
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, &txconf), -EINVAL);
	conf.lpbk_mode = 1;
	EXPECT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), -ENOTSUP);
	rte_mempool_free(small);
}

} /* namespace */
