/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Details of the contract that are no rule of their own: checksums, delayed doorbells. */

#include <cstring>

#include <rte_ip.h>
#include <rte_udp.h>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* Checksums asked for per frame: inserted where asked, and nowhere else. */

PIO_SUITE(Checksums, PioSubjects);

static Frame
UdpFrame(uint32_t seq, uint32_t payload)
{
	Frame f = MakeFrame(14 + 20 + 8 + payload, seq);
	rte_ipv4_hdr ip = {};
	rte_udp_hdr udp = {};

	f[12] = 0x08;
	f[13] = 0x00;
	ip.version_ihl = 0x45;
	ip.total_length = rte_cpu_to_be_16((uint16_t)(f.size() - 14));
	ip.time_to_live = 64;
	ip.next_proto_id = IPPROTO_UDP;
	ip.src_addr = rte_cpu_to_be_32(0x0a000001);
	ip.dst_addr = rte_cpu_to_be_32(0x0a000002);
	udp.src_port = rte_cpu_to_be_16(1000);
	udp.dst_port = rte_cpu_to_be_16(2000);
	udp.dgram_len = rte_cpu_to_be_16((uint16_t)(8 + payload));
	memcpy(&f[14], &ip, sizeof(ip));
	memcpy(&f[34], &udp, sizeof(udp));
	/* Hardware that computes the whole sum starts from the pseudo header's. */
	udp.dgram_cksum = rte_ipv4_phdr_cksum((rte_ipv4_hdr *)&f[14], 0);
	memcpy(&f[34], &udp, sizeof(udp));
	return f;
}

static Frame
WithChecksums(Frame f)
{
	auto *ip = (rte_ipv4_hdr *)&f[14];
	auto *udp = (rte_udp_hdr *)&f[34];

	ip->hdr_checksum = 0;
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->dgram_cksum = 0;
	udp->dgram_cksum = rte_ipv4_udptcp_cksum(ip, udp);
	return f;
}

TEST_P(Checksums, OnlyFramesThatAsk)
{
	ASSERT_NO_FATAL_FAILURE(Configure(1, "", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM |
						  RTE_ETH_TX_OFFLOAD_UDP_CKSUM));
	auto csum = [](auto &c) {
		c.tx_ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
			RTE_MBUF_F_TX_UDP_CKSUM;
		c.l2_len = 14;
		c.l3_len = 20;
	};
	Start([&](rte_pio_queue_conf &c) { csum(c); });
	const Frame small = UdpFrame(1, 60), large = UdpFrame(2, 900);
	rte_pio_template_conf tc = {};
	rte_pio_template *t;
	tc.data = small.data();
	tc.len = (uint32_t)small.size();
	csum(tc);
	ASSERT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
	templates.push_back(t);

	/* PIO, ring, template, in changing order. */
	EXPECT_EQ(Send(small), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(small, RTE_PIO_CSUM), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(large), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(large, RTE_PIO_CSUM), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(small), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_CSUM), RTE_PIO_BY_PIO);
	ExpectFrames({ small, WithChecksums(small), large, WithChecksums(large), small,
		       WithChecksums(small) });
	Settle();
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	Settle();
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_CSUM | RTE_PIO_MORE), RTE_PIO_BY_PIO);
	Settle();
	ExpectFrames({ small, WithChecksums(small) });
}

/* RTE_PIO_MORE: any later call rings for what is pending. */

PIO_SUITE(MoreIsRungFor, PioSubjects);

TEST_P(MoreIsRungFor, ByAnyLaterCall)
{
	Start();
	const Frame f = MakeFrame(64, 1), g = MakeFrame(64, 999);
	rte_pio_template *t = Template(g, 2);
	ASSERT_NE(t, nullptr);
	using Frames = std::vector<Frame>;
	struct Call {
		const char *name;
		std::function<Frames()> run;
	};
	const std::vector<Call> calls = {
		{ "send", [&]() -> Frames { Send(f); return { f }; } },
		{ "failed send", [&]() -> Frames { Send(f, 1u << 31); return {}; } },
		{ "too long a send", [&]() -> Frames { Send(MakeFrame(1600, 1)); return {}; } },
		{ "tx_burst", [&]() -> Frames { Burst(f); return { f }; } },
		{ "empty tx_burst", [&]() -> Frames {
			rte_eth_tx_burst(port, 0, nullptr, 0);
			return {};
		} },
		{ "template", [&]() -> Frames { rte_pio_template_send(t, 0); return { g }; } },
		{ "reap", [&]() -> Frames { rte_pio_reap(port, 0); return {}; } },
		{ "stop", [&]() -> Frames { StopPort(); return {}; } },
	};
	for (const auto &[name, call] : calls) {
		SCOPED_TRACE(name);
		const uint64_t doorbells = subject->Doorbells(port);
		ASSERT_EQ(Send(MakeFrame(64, 7), RTE_PIO_MORE), RTE_PIO_BY_PIO);
		EXPECT_EQ(subject->Doorbells(port), doorbells);
		std::vector<Frame> sent = call();
		sent.insert(sent.begin(), MakeFrame(64, 7));
		ExpectFrames(sent);
		if (started) {
			Settle();
		}
	}
}

/* What a port without PIO answers does not depend on what other queues of it have done. */

PIO_SUITE(PortsWithoutPio, AllSubjects);

TEST_P(PortsWithoutPio, RefuseToBeRequiredOnEveryQueue)
{
	if (subject->HasPio())
		GTEST_SKIP() << "this port has PIO";
	ASSERT_NO_FATAL_FAILURE(Configure(2));
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	conf.policy = RTE_PIO_POLICY_REQUIRE;
	EXPECT_EQ(rte_pio_queue_setup(port, 1, &conf), -ENOTSUP);
	conf.policy = RTE_PIO_POLICY_TRY;
	conf.fallback = RTE_PIO_FALLBACK_NONE;
	EXPECT_EQ(rte_pio_queue_setup(port, 1, &conf), -ENOTSUP);
	EXPECT_EQ(Queue(1).state, RTE_PIO_QUEUE_NONE);
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOTSUP);
}
