/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Set-up calls out of their usual order: before, between and after what a recovery does. */

#include <atomic>
#include <cerrno>
#include <thread>

#include <rte_dev.h>

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

/* A queue's thread that knows nothing of the recovery goes on allocating, sending and freeing. */
TEST_F(DevLifecycle, TemplatesComeAndGoDuringRecoveries)
{
	struct rte_pio_queue_conf pio;
	std::atomic<bool> stop{false};
	unsigned int sends = 0;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 1), 0);
	ASSERT_EQ(rte_pio_queue_conf_default(port, &pio), 0);
	pio.template_mem = 512;
	pio.fallback_mp = pool;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &pio), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	std::thread owner([&] {
		const Frame f = frame(64, 1);
		struct rte_pio_template_conf tc = {};

		tc.data = f.data();
		tc.len = 64;
		tc.nb_slots = 2;
		while (!stop) {
			rte_pio_template *t[3] = {};

			for (rte_pio_template *&one : t) {
				if (rte_pio_template_alloc(port, 0, &tc, &one) == 0 &&
				    rte_pio_template_send(one, 0) >= 0)
					sends++;
			}
			for (rte_pio_template *one : t)
				rte_pio_template_free(one);
		}
	});
	for (int i = 0; i < 3; i++)
		recover();
	stop = true;
	owner.join();
	EXPECT_GT(sends, 0u);
}

/* What an application may do when it is told of something, and again from nothing. */
class DevCallbacks : public DevLifecycle,
		     public ::testing::WithParamInterface<enum rte_eth_event_type> {
protected:
	std::atomic<int> nb_events{0};
	struct rte_device *device = nullptr;

	static int on_close(uint16_t port_id, enum rte_eth_event_type, void *arg, void *)
	{
		EXPECT_EQ(rte_eth_dev_stop(port_id), 0);
		EXPECT_EQ(rte_eth_dev_close(port_id), 0);
		static_cast<DevCallbacks *>(arg)->nb_events++;
		return 0;
	}

	static int on_restart(uint16_t port_id, enum rte_eth_event_type, void *arg, void *)
	{
		DevCallbacks *self = static_cast<DevCallbacks *>(arg);

		if (self->nb_events == 0) {
			EXPECT_EQ(rte_eth_dev_stop(port_id), 0);
			EXPECT_EQ(rte_eth_dev_start(port_id), 0);
		}
		self->nb_events++;
		return 0;
	}

	/* Makes the event come. */
	void provoke()
	{
		struct pioemu_mcdi_fault fault = {};

		switch (GetParam()) {
		case RTE_ETH_EVENT_INTR_LSC:
			ctl->nic_link_set(ctl->vf_nic(vf), false, 10000);
			break;
		case RTE_ETH_EVENT_INTR_RMV:
			ctl->vf_gone_set(vf, true);
			break;
		case RTE_ETH_EVENT_RECOVERY_FAILED:
			fault.cmd = 0x1c; /* DRV_ATTACH */
			fault.action = PIOEMU_MCDI_FAIL;
			fault.err = 5;
			ctl->vf_mcdi_fault_add(vf, &fault);
			/* fallthrough */
		default:
			ctl->nic_mc_reboot(ctl->vf_nic(vf), true);
			break;
		}
	}

	void run(rte_eth_dev_cb_fn fn)
	{
		struct rte_eth_dev_info info;

		conf.intr_conf.lsc = 1;
		up(1, 1, "class=pio,pio_txqs=0");
		ASSERT_EQ(rte_eth_dev_info_get(port, &info), 0);
		device = info.device;
		ASSERT_EQ(rte_eth_dev_callback_register(port, GetParam(), fn, this), 0);
		provoke();
		EXPECT_TRUE(wait_for([&] { return nb_events != 0; }, 20000));
	}

	void heal()
	{
		/* a device that comes back has lost everything */
		if (GetParam() == RTE_ETH_EVENT_INTR_RMV)
			ctl->vf_gone_set(vf, false);
		ctl->vf_mcdi_fault_clear(vf);
		ctl->nic_link_set(ctl->vf_nic(vf), true, 10000);
	}

};

TEST_P(DevCallbacks, MayCloseThePort)
{
	run(on_close);
	EXPECT_FALSE(rte_eth_dev_is_valid_port(port));
	port = RTE_MAX_ETHPORTS;
	EXPECT_EQ(rte_dev_remove(device), 0);

	/* ethdev keeps the callbacks of a port number, for whoever has it next */
	heal();
	ASSERT_EQ(attach(), 0);
	EXPECT_EQ(rte_eth_dev_callback_unregister(port, GetParam(), on_close, this), 0);
}

/* Not of a device that is gone or has failed: such a port does not start again. */
class DevRestart : public DevCallbacks {};

TEST_P(DevRestart, IsAllowedInACallback)
{
	run(on_restart);
	EXPECT_TRUE(wait_for([&] {
		return rte_eth_dev_callback_unregister(port, GetParam(), on_restart, this) == 0;
	}));
	heal();
	capture_on();
	/* and it is looked after as before */
	recover();
	ASSERT_TRUE(send(0, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Dev, DevCallbacks, ::testing::Values(RTE_ETH_EVENT_INTR_LSC,
	RTE_ETH_EVENT_ERR_RECOVERING, RTE_ETH_EVENT_RECOVERY_SUCCESS, RTE_ETH_EVENT_RECOVERY_FAILED,
	RTE_ETH_EVENT_INTR_RMV));
INSTANTIATE_TEST_SUITE_P(Dev, DevRestart, ::testing::Values(RTE_ETH_EVENT_INTR_LSC,
	RTE_ETH_EVENT_ERR_RECOVERING, RTE_ETH_EVENT_RECOVERY_SUCCESS));

} /* namespace */
