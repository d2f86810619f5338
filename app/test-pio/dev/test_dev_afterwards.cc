/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* What a port is like after something went wrong, or after it was repaired. */

#include <atomic>
#include <cerrno>

#include <rte_dev.h>
#include <rte_interrupts.h>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class DevAfterwards : public DevPort {
protected:
	std::atomic<int> nb_events{0};

	static int on_event(uint16_t, enum rte_eth_event_type, void *arg, void *)
	{
		static_cast<DevAfterwards *>(arg)->nb_events++;
		return 0;
	}

	/* does something, and waits for what is reported of it */
	void until(enum rte_eth_event_type type, const std::function<void()> &what)
	{
		nb_events = 0;
		ASSERT_EQ(rte_eth_dev_callback_register(port, type, on_event, this), 0);
		what();
		EXPECT_TRUE(wait_for([&] { return nb_events != 0; }, 20000));
		/* -EAGAIN while it is being called */
		EXPECT_TRUE(wait_for([&] {
			return rte_eth_dev_callback_unregister(port, type, on_event, this) == 0;
		}));
	}

	void recover()
	{
		until(RTE_ETH_EVENT_RECOVERY_SUCCESS,
		      [&] { ctl->nic_mc_reboot(ctl->vf_nic(vf), true); });
	}

	bool link_is_up()
	{
		struct rte_eth_link link;

		EXPECT_EQ(rte_eth_link_get_nowait(port, &link), 0);
		return link.link_status == RTE_ETH_LINK_UP;
	}
};

TEST_F(DevAfterwards, RefusedGroupAddressesLeaveThoseBefore)
{
	struct rte_ether_addr groups[] = {
		{{ 0x01, 0, 0x5e, 0, 0, 1 }}, {{ 0x01, 0, 0x5e, 0, 0, 2 }}, {{ 0x01, 0, 0x5e, 0, 0, 3 }},
	};
	/* the second of the new ones finds the adapter full */
	struct pioemu_mcdi_fault fault = { 0x8a, 1, 1, PIOEMU_MCDI_FAIL, 0x1c };

	up(1, 1);
	ASSERT_EQ(rte_eth_dev_set_mc_addr_list(port, &groups[0], 1), 0);
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	EXPECT_EQ(rte_eth_dev_set_mc_addr_list(port, &groups[1], 2), -ENOSPC);
	ctl->vf_mcdi_fault_clear(vf);
	/* the next start begins with what was in force */
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(inject(frame_to(groups[0], 64, 1)), PIOEMU_RX_OK);
	EXPECT_EQ(inject(frame_to(groups[1], 64, 2)), PIOEMU_RX_FILTERED);
	EXPECT_EQ(inject(frame_to(groups[2], 64, 3)), PIOEMU_RX_FILTERED);
	for (struct rte_mbuf *m : receive(0, 1))
		rte_pktmbuf_free(m);
}

TEST_F(DevAfterwards, LinkOfARemovedDeviceIsDown)
{
	up();
	ASSERT_TRUE(link_is_up());
	until(RTE_ETH_EVENT_INTR_RMV, [&] { ctl->vf_gone_set(vf, true); });
	EXPECT_FALSE(link_is_up());
	EXPECT_EQ(detach(), 0);
	ctl->vf_gone_set(vf, false);
}

/* With link interrupts ethdev shows what it has stored, and never asks. */
TEST_F(DevAfterwards, StoredLinkOfARemovedDeviceIsDown)
{
	conf.intr_conf.lsc = 1;
	up();
	ASSERT_TRUE(link_is_up());
	until(RTE_ETH_EVENT_INTR_RMV, [&] { ctl->vf_gone_set(vf, true); });
	EXPECT_FALSE(link_is_up());
	EXPECT_EQ(detach(), 0);
	ctl->vf_gone_set(vf, false);
}

TEST_F(DevAfterwards, LinkOfAPortThatHasFailedIsDown)
{
	/* every attempt to attach again fails */
	struct pioemu_mcdi_fault fault = { 0x1c, 0, 0, PIOEMU_MCDI_FAIL, 5 };

	up();
	ASSERT_TRUE(link_is_up());
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	until(RTE_ETH_EVENT_RECOVERY_FAILED, [&] { ctl->nic_mc_reboot(ctl->vf_nic(vf), true); });
	EXPECT_FALSE(link_is_up());
	ctl->vf_mcdi_fault_clear(vf);
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_TRUE(link_is_up());
}

/* A thread that sleeps until a frame comes knows nothing of a recovery. */
TEST_F(DevAfterwards, ReceiveInterruptsWakeAfterARecovery)
{
	struct rte_epoll_event event;

	conf.intr_conf.rxq = 1;
	up();
	ASSERT_EQ(rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD,
					    nullptr), 0);
	ASSERT_EQ(rte_eth_dev_rx_intr_enable(port, 0), 0);
	recover();
	/* what the recovery itself may have raised */
	while (rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0) == 1)
		ASSERT_EQ(rte_eth_dev_rx_intr_enable(port, 0), 0);
	ASSERT_EQ(inject(frame(64, 1)), PIOEMU_RX_OK);
	EXPECT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 2000), 1);
	ASSERT_EQ(rte_eth_dev_rx_intr_disable(port, 0), 0);
	for (struct rte_mbuf *m : receive(0, 1))
		rte_pktmbuf_free(m);
	rte_eth_dev_rx_intr_ctl_q(port, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_DEL, nullptr);
}

/* The adapter's counters begin anew with it; what a reset had noted of them means nothing then. */
TEST_F(DevAfterwards, CountersAreSoundAfterARecovery)
{
	struct rte_eth_stats stats;

	up(1, 1, "class=pio,stats_period_ms=0");
	/* frames that find no descriptor are counted by the device alone */
	for (uint32_t i = 0; i < nb_rxd + 100u; i++)
		inject(frame(64, i));
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	ASSERT_GT(stats.imissed, 0u);
	ASSERT_EQ(rte_eth_stats_reset(port), 0);
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.imissed, 0u);
	recover();
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.imissed, 0u);
	EXPECT_EQ(xstat("mac_rx_packets"), 0u);
}

/* The adapter has taken its PIO memory back; the next start gets some again, and with this threshold. */
TEST_F(DevAfterwards, ThresholdIsSetAfterAReset)
{
	struct rte_pio_queue_info qi;
	const Frame f = frame(120, 1);

	up(1, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(rte_eth_dev_reset(port), 0);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 100), 0);
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &qi), 0);
	EXPECT_EQ(qi.threshold, 100u);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 100, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 101, 0), -ENOBUFS) << "by the ring: no mempool";
}

/* The adapter keeps a filter, and with it the virtual port. */
TEST_F(DevAfterwards, PortStartsAgainWhenAStopWasRefused)
{
	struct pioemu_mcdi_fault fault = { 0x8a, 0, 0, PIOEMU_MCDI_FAIL, 0x05 };

	up(1, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ctl->vf_mcdi_fault_clear(vf);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	ASSERT_TRUE(send(0, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
	EXPECT_EQ(xstat("tx_pio_packets"), 1u);
	EXPECT_EQ(inject(frame(64, 2)), PIOEMU_RX_OK);
	for (struct rte_mbuf *m : receive(0, 1))
		rte_pktmbuf_free(m);
}

} /* namespace */
