/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <cstring>

#include <rte_dev.h>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class DevBasic : public DevPort {};

TEST_F(DevBasic, AttachAndDetachLeaveNothing)
{
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(attach(), 0);
		ASSERT_EQ(detach(), 0);
	}
}

TEST_F(DevBasic, BadDeviceArgumentFailsTheProbe)
{
	EXPECT_NE(attach("class=pio,pio_txqs=99"), 0);
	EXPECT_NE(attach("class=pio,pio_threshold=1"), 0);
	EXPECT_NE(attach("class=pio,unknown=1"), 0);
	/* possible in general, not on this VF: 31 queue pairs and 4 or 2 KiB buffers */
	EXPECT_NE(attach("class=pio,pio_txqs=63"), 0);
	ASSERT_EQ(attach("class=pio,pio_txqs=30,pio_threshold=1984"), 0);
}

TEST_F(DevBasic, ConfigureStartStopCycle)
{
	ASSERT_EQ(attach(), 0);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(configure(2, 3), 0);
		ASSERT_EQ(rte_eth_dev_start(port), 0);
		struct pioemu_vf_resources res = resources();
		EXPECT_EQ(res.nb_vis, 1 + 2 + 3) << "sized to the queues";
		EXPECT_EQ(res.nb_evqs, 6);
		EXPECT_EQ(res.nb_rxqs, 2);
		EXPECT_EQ(res.nb_txqs, 3);
		EXPECT_TRUE(res.vadaptor);
		ASSERT_EQ(rte_eth_dev_stop(port), 0);
		res = resources();
		EXPECT_EQ(res.nb_vis, 0);
		EXPECT_FALSE(res.vadaptor);
		EXPECT_TRUE(res.attached);
		ASSERT_EQ(rte_eth_dev_stop(port), 0) << "may be repeated";
	}
}

TEST_F(DevBasic, QueueStatesFollowStartAndStop)
{
	up(1, 1);
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;
	ASSERT_EQ(rte_eth_rx_queue_info_get(port, 0, &rx), 0);
	ASSERT_EQ(rte_eth_tx_queue_info_get(port, 0, &tx), 0);
	EXPECT_EQ(rx.queue_state, RTE_ETH_QUEUE_STATE_STARTED);
	EXPECT_EQ(tx.queue_state, RTE_ETH_QUEUE_STATE_STARTED);
	EXPECT_EQ(rx.nb_desc, 512);
	EXPECT_EQ(tx.nb_desc, 512);
	EXPECT_EQ(rx.mp, pool);
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_rx_queue_info_get(port, 0, &rx), 0);
	ASSERT_EQ(rte_eth_tx_queue_info_get(port, 0, &tx), 0);
	EXPECT_EQ(rx.queue_state, RTE_ETH_QUEUE_STATE_STOPPED);
	EXPECT_EQ(tx.queue_state, RTE_ETH_QUEUE_STATE_STOPPED);
}

TEST_F(DevBasic, LinkIsUpAfterStartAndDownAfterStop)
{
	struct rte_eth_link link;

	up();
	ASSERT_EQ(rte_eth_link_get_nowait(port, &link), 0);
	EXPECT_EQ(link.link_status, RTE_ETH_LINK_UP);
	EXPECT_EQ(link.link_speed, RTE_ETH_SPEED_NUM_10G);
	EXPECT_EQ(link.link_duplex, RTE_ETH_LINK_FULL_DUPLEX);
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_link_get_nowait(port, &link), 0);
	EXPECT_EQ(link.link_status, RTE_ETH_LINK_DOWN);
}

TEST_F(DevBasic, EveryLengthLeavesByTheRingUnchanged)
{
	std::vector<Frame> frames;

	up();
	capture_on();
	for (uint32_t len = 14; len <= 1518; len++)
		frames.push_back(frame(len, len));
	ASSERT_TRUE(send(0, frames));
	std::vector<Frame> got = captured(frames.size());
	ASSERT_EQ(got.size(), frames.size());
	for (size_t i = 0; i < frames.size(); i++)
		ASSERT_EQ(got[i], padded(frames[i])) << "length " << frames[i].size();
	EXPECT_EQ(emu_stats().tx_pio_frames, 0u);
}

TEST_F(DevBasic, EveryLengthLeavesByPioUnchanged)
{
	std::vector<Frame> frames;

	up(1, 1, "class=pio,pio_txqs=0,pio_threshold=1536");
	capture_on();
	for (uint32_t len = 14; len <= 1518; len++)
		frames.push_back(frame(len, len));
	/* one at a time, so that there is always a slot */
	for (const Frame &f : frames) {
		ASSERT_TRUE(send(0, { f }, 1));
		std::vector<Frame> got = captured(1);
		ASSERT_EQ(got.size(), 1u);
		ASSERT_EQ(got[0], padded(f)) << "length " << f.size();
	}
	EXPECT_EQ(emu_stats().tx_pio_frames, frames.size());
	EXPECT_EQ(xstat("tx_pio_packets"), frames.size());
}

TEST_F(DevBasic, PioAndRingKeepTheOrder)
{
	std::vector<Frame> frames;
	uint32_t x = 12345;

	up(1, 1, "class=pio,pio_txqs=0,pio_threshold=256");
	capture_on(65536);
	for (uint32_t i = 0; i < 20000; i++) {
		x = x * 1664525 + 1013904223;
		frames.push_back(frame(60 + (x >> 16) % 600, i));
	}
	ASSERT_TRUE(send(0, frames, 17));
	std::vector<Frame> got = captured(frames.size());
	ASSERT_EQ(got.size(), frames.size());
	for (size_t i = 0; i < frames.size(); i++)
		ASSERT_EQ(got[i], frames[i]) << "frame " << i;
	uint64_t by_pio = xstat("tx_pio_packets");
	EXPECT_GT(by_pio, 0u);
	EXPECT_EQ(by_pio + xstat("tx_pio_ring_packets"), frames.size());
	EXPECT_GT(xstat("tx_pio_fallback_threshold") + xstat("tx_pio_fallback_len"), 1000u);
	EXPECT_EQ(emu_stats().tx_pio_frames, by_pio);
}

TEST_F(DevBasic, MultiSegmentFramesLeaveWhole)
{
	std::vector<Frame> frames;

	conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	up(1, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(rte_eth_dev_set_mtu(port, 9000), -EINVAL) << "receive buffers are too small";
	capture_on();
	for (unsigned int segs = 2; segs <= 8; segs++) {
		frames.clear();
		for (uint32_t len = 60; len <= 1518; len += 97)
			frames.push_back(frame(len, len));
		ASSERT_TRUE(send(0, frames, 8, segs));
		std::vector<Frame> got = captured(frames.size());
		ASSERT_EQ(got, frames) << segs << " segments";
	}
	EXPECT_GT(xstat("tx_pio_fallback_segs"), 0u);
}

TEST_F(DevBasic, JumboFramesBothWays)
{
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	conf.rxmode.mtu = 9000;
	up();
	capture_on();
	for (uint32_t len : { 1519u, 2048u, 4096u, 8999u, 9014u, 9018u }) {
		Frame f = frame(len, len);

		ASSERT_TRUE(send(0, { f }, 1, 6));
		std::vector<Frame> got = captured(1);
		ASSERT_EQ(got.size(), 1u) << len;
		EXPECT_EQ(got[0], f) << len;

		ASSERT_EQ(inject(f), PIOEMU_RX_OK) << len;
		std::vector<struct rte_mbuf *> in = receive(0, 1);
		ASSERT_EQ(in.size(), 1u) << len;
		EXPECT_EQ(bytes_of(in[0]), f) << len;
		EXPECT_EQ(in[0]->pkt_len, len);
		rte_pktmbuf_free(in[0]);
	}
}

TEST_F(DevBasic, EveryLengthIsReceivedUnchanged)
{
	up();
	for (uint32_t len = 60; len <= 1518; len++) {
		Frame f = frame(len, len);

		ASSERT_EQ(inject(f), PIOEMU_RX_OK);
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		ASSERT_EQ(got.size(), 1u) << len;
		EXPECT_EQ(bytes_of(got[0]), f) << len;
		EXPECT_EQ(got[0]->port, port);
		rte_pktmbuf_free(got[0]);
	}
	struct rte_eth_stats stats;
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.ipackets, 1518u - 59);
	EXPECT_EQ(stats.q_ipackets[0], stats.ipackets);
	EXPECT_EQ(stats.imissed, 0u);
	EXPECT_EQ(stats.ierrors, 0u);
}

TEST_F(DevBasic, RingsWrapManyTimes)
{
	const uint32_t nb = 70000;

	up(1, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(ctl->vf_wire_add_spec(vf, "loopback", nullptr, 0), 0);
	uint32_t sent = 0, got = 0, bad = 0;
	/* ends when all are there or nothing moves any more, however slow the machine is */
	auto step = [&] {
		struct rte_mbuf *pkts[32];
		uint32_t before = got;
		uint16_t n = 0;

		while (n < 16 && sent + n < nb && sent + n - got < 256) {
			pkts[n] = mbuf(frame(60 + (sent + n) % 400, sent + n));
			if (pkts[n] == nullptr)
				break;
			n++;
		}
		uint16_t out = rte_eth_tx_burst(port, 0, pkts, n);
		for (uint16_t i = out; i < n; i++)
			rte_pktmbuf_free(pkts[i]);
		sent += out;
		n = rte_eth_rx_burst(port, 0, pkts, 32);
		for (uint16_t i = 0; i < n; i++) {
			bad += bytes_of(pkts[i]) != frame(60 + got % 400, got);
			got++;
			rte_pktmbuf_free(pkts[i]);
		}
		return got != before;
	};
	while (got < nb && wait_for(step, 10000))
		;
	EXPECT_EQ(got, nb) << sent << " sent, " << got << " received";
	EXPECT_EQ(bad, 0u);
	EXPECT_EQ(emu_stats().rx_drop_nodesc, 0u);
}

TEST_F(DevBasic, StopInTheMiddleSendsWhatWasAccepted)
{
	up(1, 1, "class=pio,pio_txqs=0");
	capture_on(65536);
	for (uint32_t round = 0; round < 5; round++) {
		std::vector<Frame> frames;

		for (uint32_t i = 0; i < 300; i++)
			frames.push_back(frame(60 + i, round * 1000 + i));
		ASSERT_TRUE(send(0, frames, 32));
		ASSERT_EQ(rte_eth_dev_stop(port), 0);
		EXPECT_EQ(captured(frames.size()), frames) << "round " << round;
		EXPECT_EQ(rte_mempool_in_use_count(pool), 0u);
		ASSERT_EQ(rte_eth_dev_start(port), 0);
	}
}

TEST_F(DevBasic, WithoutPrivilegeOrBuffersFramesGoByTheRing)
{
	ASSERT_EQ(attach("class=pio,pio_txqs=[0-1]"), 0);
	struct pioemu_nic *nic = ctl->vf_nic(vf);
	ASSERT_EQ(ctl->nic_pio_hold(nic, ctl->nic_pio_free(nic)), 0);
	EXPECT_EQ(configure(1, 2), 0);
	ASSERT_EQ(ctl->nic_pio_hold(nic, 0), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	std::vector<Frame> frames = { frame(60, 1), frame(128, 2), frame(1000, 3) };
	ASSERT_TRUE(send(0, frames));
	EXPECT_EQ(captured(3), frames);
	EXPECT_EQ(xstat("tx_q0_pio_fallback_no_memory"), 3u);
	EXPECT_EQ(xstat("tx_pio_packets"), 0u);
	EXPECT_EQ(emu_stats().tx_pio_frames, 0u);
}

TEST_F(DevBasic, RegistersAndFirmwareVersion)
{
	struct rte_dev_reg_info info;
	uint32_t regs[8] = { 0 };
	char version[64];

	ASSERT_EQ(attach(), 0);
	memset(&info, 0, sizeof(info));
	ASSERT_EQ(rte_eth_dev_get_reg_info(port, &info), 0);
	EXPECT_EQ(info.width, 4u);
	ASSERT_LE(info.length, 8u);
	info.data = regs;
	ASSERT_EQ(rte_eth_dev_get_reg_info(port, &info), 0);
	EXPECT_EQ(regs[0], 0xeb14faceu) << "BIU_HW_REV_ID";
	EXPECT_EQ(regs[1] >> 16, 0xb007u) << "BIU_MC_SFT_STATUS";
	EXPECT_EQ(info.version >> 16, 0x1924u);

	EXPECT_EQ(rte_eth_dev_fw_version_get(port, version, sizeof(version)), 0);
	EXPECT_GT(strlen(version), 4u);
	int need = rte_eth_dev_fw_version_get(port, version, 3);
	EXPECT_EQ(need, static_cast<int>(strlen("8.0.0.1 rx0 tx0") + 1));
}

} /* namespace */
