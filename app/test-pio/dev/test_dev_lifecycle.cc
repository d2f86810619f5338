/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Set-up calls out of their usual order: before, between and after what a recovery does. */

#include <atomic>
#include <cerrno>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class DevLifecycle : public DevPort {
protected:
	std::atomic<int> nb_success{0};

	static int on_success(uint16_t, enum rte_eth_event_type, void *arg, void *)
	{
		static_cast<DevLifecycle *>(arg)->nb_success++;
		return 0;
	}

	/* The MC reboots, the port comes back. */
	void recover()
	{
		nb_success = 0;
		ASSERT_EQ(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_RECOVERY_SUCCESS,
							on_success, this), 0);
		ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
		EXPECT_TRUE(wait_for([&] { return nb_success != 0; }, 20000));
		/* -EAGAIN while it is being called */
		EXPECT_TRUE(wait_for([&] {
			return rte_eth_dev_callback_unregister(port, RTE_ETH_EVENT_RECOVERY_SUCCESS,
							       on_success, this) == 0;
		}));
	}

	uint8_t tx_state(uint16_t queue)
	{
		struct rte_eth_txq_info info;

		EXPECT_EQ(rte_eth_tx_queue_info_get(port, queue, &info), 0);
		return info.queue_state;
	}
};

TEST_F(DevLifecycle, StartNeedsEveryQueue)
{
	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(rte_eth_dev_configure(port, 2, 2, &conf), 0);
	ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, pool), 0);
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, nullptr), 0);
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 1, 512, 0, nullptr), 0);
	EXPECT_EQ(rte_eth_dev_start(port), -EINVAL);
	ASSERT_EQ(rte_eth_rx_queue_setup(port, 1, 512, 0, nullptr, pool), 0);
	EXPECT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 3, &conf), 0);
	EXPECT_EQ(rte_eth_dev_start(port), -EINVAL);
}

TEST_F(DevLifecycle, TransmitQueuesAreNotSetUpWhileThePortRuns)
{
	up(1, 2, "class=pio,pio_txqs=1");
	capture_on();
	ASSERT_EQ(rte_eth_dev_tx_queue_stop(port, 1), 0);
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 1, 512, 0, nullptr), -EBUSY);
	ASSERT_EQ(rte_eth_dev_tx_queue_start(port, 1), 0);
	ASSERT_TRUE(send(1, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
	EXPECT_EQ(xstat("tx_pio_packets"), 1u);
}

/* Between the release of a queue and its set-up there is nothing, whatever happens then. */
TEST_F(DevLifecycle, ReceiveQueueThatIsNotThereSurvivesARecovery)
{
	struct rte_eth_rxconf bad = {};

	up(2, 1);
	capture_on();
	ASSERT_EQ(rte_eth_dev_rx_queue_stop(port, 1), 0);
	bad.rx_free_thresh = 512;
	EXPECT_EQ(rte_eth_rx_queue_setup(port, 1, 512, 0, &bad, pool), -EINVAL);
	recover();
	ASSERT_TRUE(send(0, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
	ASSERT_EQ(rte_eth_rx_queue_setup(port, 1, 512, 0, nullptr, pool), 0);
	ASSERT_EQ(rte_eth_dev_rx_queue_start(port, 1), 0);
	recover();
	EXPECT_EQ(rte_eth_dev_rx_queue_stop(port, 1), 0);
}

TEST_F(DevLifecycle, RecoveryLeavesStoppedQueuesStoppedAndStartedOnesStarted)
{
	struct rte_eth_dev_info info;
	struct rte_eth_txconf txconf;

	ASSERT_EQ(attach(), 0);
	capture_on();
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 2, &conf), 0);
	ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
	ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, pool), 0);
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, nullptr), 0);
	txconf = info.default_txconf;
	txconf.tx_deferred_start = 1;
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 1, 512, 0, &txconf), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	ASSERT_EQ(rte_eth_dev_tx_queue_start(port, 1), 0);
	ASSERT_EQ(rte_eth_dev_tx_queue_stop(port, 0), 0);
	recover();
	EXPECT_EQ(tx_state(0), RTE_ETH_QUEUE_STATE_STOPPED);
	EXPECT_EQ(tx_state(1), RTE_ETH_QUEUE_STATE_STARTED);
	ASSERT_TRUE(send(1, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
	/* a start of the port begins with what set-up asked for */
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	EXPECT_EQ(tx_state(0), RTE_ETH_QUEUE_STATE_STARTED);
	EXPECT_EQ(tx_state(1), RTE_ETH_QUEUE_STATE_STOPPED);
}

TEST_F(DevLifecycle, QueuesWithTemplatesAreNotConfiguredAway)
{
	struct rte_pio_queue_conf pio;
	struct rte_pio_template_conf tc = {};
	const Frame f = frame(64, 1);
	rte_pio_template *t;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 2), 0);
	ASSERT_EQ(rte_pio_queue_conf_default(port, &pio), 0);
	pio.policy = RTE_PIO_POLICY_REQUIRE;
	pio.template_mem = 128;
	ASSERT_EQ(rte_pio_queue_setup(port, 1, &pio), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	tc.data = f.data();
	tc.len = 64;
	ASSERT_EQ(rte_pio_template_alloc(port, 1, &tc, &t), 0);
	ASSERT_EQ(rte_eth_dev_stop(port), 0);
	EXPECT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), -EBUSY);
	EXPECT_EQ(resources().nb_piobufs, 1u);
	EXPECT_EQ(rte_pio_template_free(t), 0);
	EXPECT_EQ(configure(1, 1), 0);
	EXPECT_EQ(resources().nb_piobufs, 0u);
	EXPECT_EQ(configure(1, 2), 0);
	EXPECT_EQ(rte_pio_queue_setup(port, 1, &pio), 0);
	EXPECT_EQ(rte_eth_dev_start(port), 0);
}

} /* namespace */
