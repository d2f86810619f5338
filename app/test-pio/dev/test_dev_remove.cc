/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* The kernel wants the device back (unbind, hot unplug), in both ways of mapping. */

#include <atomic>
#include <cstdlib>

#include <rte_dev.h>

#include "dev_port.h"

namespace {

class DevRemove : public DevPort, public ::testing::WithParamInterface<const char *> {
protected:
	std::atomic<int> nb_removed{0};
	std::atomic<int> nb_dev_events{0};
	std::atomic<bool> detached{false};
	bool detach_in_callback = false;

	static int on_removed(uint16_t, enum rte_eth_event_type, void *arg, void *)
	{
		DevRemove *self = static_cast<DevRemove *>(arg);

		self->nb_removed++;
		if (self->detach_in_callback) {
			EXPECT_EQ(self->detach(), 0);
			self->detached = true;
		}
		return 0;
	}

	static void on_dev_event(const char *, enum rte_dev_event_type type, void *arg)
	{
		static_cast<DevRemove *>(arg)->nb_dev_events += type == RTE_DEV_EVENT_REMOVE;
	}

	/* what the kernel does; the emulator's own program does it here */
	static void request()
	{
		const char *pioemu = getenv("PIOEMU_BIN");

		ASSERT_NE(pioemu, nullptr);
		ASSERT_EQ(system((std::string("LD_PRELOAD= '") + pioemu + "' ctl request 0").c_str()), 0);
	}
};

TEST_P(DevRemove, RequestIsReportedOnceAndTheDeviceCanBeLetGo)
{
	up(1, 1, std::string("class=pio,pio_txqs=0,pio_map=") + GetParam());
	ASSERT_EQ(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_INTR_RMV, on_removed, this), 0);
	ASSERT_EQ(rte_dev_event_callback_register(nullptr, on_dev_event, this), 0);
	request();
	ASSERT_TRUE(wait_for([&] { return nb_removed == 1 && nb_dev_events == 1; }));
	EXPECT_EQ(nb_removed, 1);
	EXPECT_EQ(nb_dev_events, 1);
	rte_dev_event_callback_unregister(nullptr, on_dev_event, this);
	rte_eth_dev_callback_unregister(port, RTE_ETH_EVENT_INTR_RMV, on_removed, this);
	EXPECT_EQ(detach(), 0);
	EXPECT_EQ(attach(), 0);
}

TEST_P(DevRemove, ApplicationMayDetachInTheCallback)
{
	up(1, 1, std::string("class=pio,pio_map=") + GetParam());
	uint16_t p = port;
	ASSERT_EQ(rte_eth_dev_callback_register(port, RTE_ETH_EVENT_INTR_RMV, on_removed, this), 0);
	detach_in_callback = true;
	request();
	/* the port goes first, the device is let go of after that */
	ASSERT_TRUE(wait_for([&] { return detached.load(); }));
	EXPECT_EQ(nb_removed, 1);
	EXPECT_FALSE(rte_eth_dev_is_valid_port(p));
	/* the callback's memory is ethdev's, and stays until somebody asks */
	ASSERT_EQ(attach(), 0);
	rte_eth_dev_callback_unregister(port, RTE_ETH_EVENT_INTR_RMV, on_removed, this);
}

INSTANTIATE_TEST_SUITE_P(Map, DevRemove, ::testing::Values("split", "vfio"));

} /* namespace */
