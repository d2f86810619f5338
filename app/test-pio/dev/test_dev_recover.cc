/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MC reboots, queue errors, a device that goes away: the port comes back by itself, or says so. */

#include <atomic>
#include <cstring>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class DevRecover : public DevPort {
protected:
	std::atomic<int> nb_recovering{0};
	std::atomic<int> nb_success{0};
	std::atomic<int> nb_failed{0};
	std::atomic<int> nb_removed{0};

	static int on_event(uint16_t, enum rte_eth_event_type type, void *arg, void *)
	{
		DevRecover *self = static_cast<DevRecover *>(arg);

		switch (type) {
		case RTE_ETH_EVENT_ERR_RECOVERING:
			self->nb_recovering++;
			break;
		case RTE_ETH_EVENT_RECOVERY_SUCCESS:
			self->nb_success++;
			break;
		case RTE_ETH_EVENT_RECOVERY_FAILED:
			self->nb_failed++;
			break;
		case RTE_ETH_EVENT_INTR_RMV:
			self->nb_removed++;
			break;
		default:
			break;
		}
		return 0;
	}

	static constexpr enum rte_eth_event_type types[] = {
		RTE_ETH_EVENT_ERR_RECOVERING, RTE_ETH_EVENT_RECOVERY_SUCCESS,
		RTE_ETH_EVENT_RECOVERY_FAILED, RTE_ETH_EVENT_INTR_RMV,
	};

	void watch()
	{
		for (enum rte_eth_event_type type : types)
			ASSERT_EQ(rte_eth_dev_callback_register(port, type, on_event, this), 0);
	}

	void unwatch()
	{
		for (enum rte_eth_event_type type : types)
			rte_eth_dev_callback_unregister(port, type, on_event, this);
	}

	void TearDown() override
	{
		if (attached())
			unwatch();
		DevPort::TearDown();
	}

	/* polls both queues, as the application's threads do, until cond */
	bool poll_until(const std::function<bool()> &cond, unsigned int ms = 10000)
	{
		return wait_for([&] {
			struct rte_mbuf *m;

			if (rte_eth_rx_burst(port, 0, &m, 1) == 1)
				rte_pktmbuf_free(m);
			rte_eth_tx_burst(port, 0, &m, 0);
			return cond();
		}, ms);
	}

	void traffic_works(uint32_t seq)
	{
		frames_pass(0, { frame(64, seq), frame(700, seq + 1), frame(90, seq + 2) });
	}
};

TEST_F(DevRecover, McRebootWithEventRestoresQueuesFiltersAndPio)
{
	struct rte_ether_addr extra = {{ 0x02, 0, 0, 0, 0, 0x77 }};

	up(1, 1, "class=pio,pio_txqs=0");
	watch();
	capture_on();
	ASSERT_EQ(rte_eth_dev_mac_addr_add(port, &extra, 0), 0);
	traffic_works(1);
	uint64_t by_pio = xstat("tx_pio_packets");
	EXPECT_GT(by_pio, 0u);

	for (int round = 1; round <= 3; round++) {
		ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
		ASSERT_TRUE(poll_until([&] { return nb_success == round; })) << "round " << round;
		EXPECT_EQ(nb_recovering, round);
		ctl->vf_wire_remove_all(vf);
		capture_on();
		traffic_works(10 * round);
		EXPECT_GT(xstat("tx_pio_packets"), by_pio) << "PIO is back";
		by_pio = xstat("tx_pio_packets");
		EXPECT_EQ(inject(frame_to(extra, 64, 5)), PIOEMU_RX_OK) << "filters are back";
		for (struct rte_mbuf *m : receive(0, 1))
			rte_pktmbuf_free(m);
	}
	EXPECT_EQ(nb_failed, 0);
}

TEST_F(DevRecover, ModeOfErrorHandlingIsClaimed)
{
	struct rte_eth_dev_info info;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	EXPECT_EQ(info.err_handle_mode, RTE_ETH_ERROR_HANDLE_MODE_PROACTIVE);
}

TEST_F(DevRecover, SilentRebootIsNoticedByTheStatusWord)
{
	up(1, 1, "class=pio,pio_txqs=0");
	watch();
	ctl->nic_mc_reboot(ctl->vf_nic(vf), false);
	ASSERT_TRUE(poll_until([&] { return nb_success == 1; }));
	capture_on();
	traffic_works(1);
}

TEST_F(DevRecover, RebootWhileStoppedIsRepairedByTheStart)
{
	up(1, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ctl->nic_mc_reboot(ctl->vf_nic(vf), false);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	traffic_works(1);
	EXPECT_GT(xstat("tx_pio_packets"), 0u);
}

TEST_F(DevRecover, QueueErrorsRestartThePort)
{
	up(1, 1, "class=pio,pio_txqs=0");
	watch();
	ASSERT_EQ(ctl->vf_tx_err_inject(vf, 0, 9), 0);
	ASSERT_TRUE(poll_until([&] { return nb_success == 1; }));
	capture_on();
	traffic_works(1);
	ASSERT_EQ(ctl->vf_rx_err_inject(vf, 0, 1), 0);
	ASSERT_TRUE(poll_until([&] { return nb_success == 2; }));
	traffic_works(10);
}

TEST_F(DevRecover, FramesInFlightAreFreedCountedAndNotSentAgain)
{
	std::vector<Frame> frames;

	up(1, 1, "class=pio");
	watch();
	capture_on();
	ctl->vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_FETCH);
	for (uint32_t i = 0; i < 100; i++)
		frames.push_back(frame(60 + i, i));
	ASSERT_TRUE(send(0, frames));
	ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
	ASSERT_TRUE(poll_until([&] { return nb_success == 1; }));
	ctl->vf_hold_set(vf, PIOEMU_ALL, 0);
	traffic_works(1000);
	rte_eth_tx_done_cleanup(port, 0, 0);
	EXPECT_LE(rte_mempool_in_use_count(pool), nb_rxd - 10u)
		<< "only the receive ring holds buffers";
	struct rte_eth_stats stats;
	ASSERT_EQ(rte_eth_stats_get(port, &stats), 0);
	EXPECT_EQ(stats.oerrors, 100u);
}

TEST_F(DevRecover, CallsAnswerEioMeanwhileAndWorkAfterwards)
{
	up(1, 1, "class=pio,pio_txqs=0");
	watch();
	capture_on();
	Frame f = frame(64, 1);
	ASSERT_EQ(rte_pio_send(port, 0, f.data(), 64, 0), RTE_PIO_BY_PIO);
	/* every attempt to attach again fails */
	struct pioemu_mcdi_fault fault = { 0x1c, 0, 0, PIOEMU_MCDI_FAIL, 5 };
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
	ASSERT_TRUE(poll_until([&] { return nb_failed == 1; }));
	EXPECT_EQ(nb_success, 0);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 64, 0), -EIO);
	EXPECT_EQ(rte_eth_promiscuous_enable(port), -EIO);
	struct rte_mbuf *m = mbuf(f);
	EXPECT_EQ(rte_eth_tx_burst(port, 0, &m, 1), 0);
	EXPECT_EQ(rte_eth_rx_burst(port, 0, &m, 1), 0);
	rte_pktmbuf_free(m);

	ctl->vf_mcdi_fault_clear(vf);
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	(void)captured(1);
	traffic_works(5);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 64, 0), RTE_PIO_BY_PIO);
}

TEST_F(DevRecover, LostPioBuffersTurnIntoTheRing)
{
	up(1, 1, "class=pio,pio_txqs=0");
	watch();
	struct pioemu_mcdi_fault fault = { 0x8f, 0, 0, PIOEMU_MCDI_FAIL, 0x1c };
	ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
	ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
	ASSERT_TRUE(poll_until([&] { return nb_success == 1; }));
	capture_on();
	traffic_works(1);
	EXPECT_EQ(xstat("tx_pio_fallback_device"), 3u);
	/* and back, once there are buffers again */
	ctl->vf_mcdi_fault_clear(vf);
	uint64_t by_pio = xstat("tx_pio_packets");
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	traffic_works(10);
	EXPECT_GT(xstat("tx_pio_packets"), by_pio);
}

TEST_F(DevRecover, TemplatesSurvive)
{
	struct rte_pio_queue_conf qc;
	struct rte_pio_template_conf tc;
	struct rte_pio_template_info ti;
	struct rte_pio_template *t;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 1), 0);
	ASSERT_EQ(rte_pio_queue_conf_default(port, &qc), 0);
	qc.policy = RTE_PIO_POLICY_REQUIRE;
	qc.template_mem = 512;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &qc), 0);
	Frame f = frame(200, 42);
	memset(&tc, 0, sizeof(tc));
	tc.data = f.data();
	tc.len = 200;
	tc.resident = RTE_PIO_RESIDENT_REQUIRED;
	ASSERT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	watch();
	capture_on();
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(captured(1), std::vector<Frame>{ f });

	ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
	ASSERT_TRUE(poll_until([&] { return nb_success == 1; }));
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(captured(1), std::vector<Frame>{ f });

	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_pio_template_update(t, 20, "hello", 5), 0);
	memcpy(&f[20], "hello", 5);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(captured(1), std::vector<Frame>{ f });
	ASSERT_EQ(rte_pio_template_info_get(t, &ti), 0);
	EXPECT_TRUE(ti.resident);
	ASSERT_EQ(rte_pio_template_free(t), 0);
}

TEST_F(DevRecover, RemovedDeviceIsReportedAndLetGo)
{
	up(1, 1, "class=pio,pio_txqs=0");
	watch();
	ctl->vf_gone_set(vf, true);
	ASSERT_TRUE(poll_until([&] { return nb_removed == 1; }));
	Frame f = frame(64, 1);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 64, 0), -EIO);
	EXPECT_EQ(rte_eth_promiscuous_enable(port), -ENODEV);
	unwatch();
	EXPECT_EQ(detach(), 0);
	EXPECT_NE(attach(), 0) << "it does not answer";
	ctl->vf_gone_set(vf, false);
	EXPECT_EQ(attach(), 0) << "it is back";
}

TEST_F(DevRecover, SelfTestOfPlainMemoryIsNotDistinguishable)
{
	struct rte_pio_wc_info info;

	ASSERT_EQ(attach("class=pio,pio_txqs=0"), 0);
	ASSERT_EQ(configure(1, 1), 0);
	EXPECT_EQ(rte_pio_wc_selftest(port, &info), -ENOTSUP) << "not started: nothing is linked";
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	ASSERT_EQ(rte_pio_wc_selftest(port, &info), 0);
	EXPECT_EQ(info.measured, RTE_PIO_WC_NOT_DISTINGUISHABLE);
}

} /* namespace */
