/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * A VF to which the PF does not grant PIO: a good port without it. A run of its own:
 * pioemu run --privileges 0x17f8, without ONLOAD.
 */

#include <cerrno>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class PioPrivileges : public DevPort {
protected:
	struct rte_pio_queue_conf conf_of(enum rte_pio_policy policy)
	{
		struct rte_pio_queue_conf pio;

		EXPECT_EQ(rte_pio_queue_conf_default(port, &pio), 0);
		pio.policy = policy;
		pio.fallback_mp = pool;
		return pio;
	}
};

TEST_F(PioPrivileges, ThePortWorksWithoutPio)
{
	struct rte_pio_info info;

	up(2, 2);
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	EXPECT_EQ(info.flags & RTE_PIO_CAP_PIO, 0u);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_PRIVILEGE);
	capture_on();
	frames_pass(1, { frame(60, 1), frame(700, 2), frame(1500, 3) });
	EXPECT_EQ(resources().nb_piobufs, 0);
}

TEST_F(PioPrivileges, RequireIsRefusedAndChangesNothing)
{
	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 1), 0);
	struct rte_pio_queue_conf pio = conf_of(RTE_PIO_POLICY_REQUIRE);
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &pio), -ENXIO);
	struct rte_pio_queue_info info;
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &info), 0);
	EXPECT_EQ(info.state, RTE_PIO_QUEUE_NONE);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	std::vector<Frame> frames = { frame(60, 1) };
	EXPECT_EQ(rte_pio_send(port, 0, frames[0].data(), 60, 0), -ENOTSUP);
	ASSERT_TRUE(send(0, frames));
	EXPECT_EQ(captured(1), frames);
}

TEST_F(PioPrivileges, TryGoesByTheRingAndSaysWhy)
{
	struct rte_pio_queue_info info;
	struct rte_pio_queue_stats stats;

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 1), 0);
	struct rte_pio_queue_conf pio = conf_of(RTE_PIO_POLICY_TRY);
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &pio), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &info), 0);
	EXPECT_EQ(info.state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_PRIVILEGE);
	capture_on();
	std::vector<Frame> frames = { frame(60, 1), frame(60, 2) };
	EXPECT_EQ(rte_pio_send(port, 0, frames[0].data(), 60, 0), RTE_PIO_BY_RING);
	ASSERT_TRUE(send(0, { frames[1] }));
	EXPECT_EQ(captured(2), frames);
	ASSERT_EQ(rte_pio_stats_get(port, 0, &stats), 0);
	EXPECT_EQ(stats.pio_packets, 0u);
	EXPECT_EQ(stats.fallback[RTE_PIO_FB_NO_PRIVILEGE], 2u);
	EXPECT_EQ(rte_pio_send(port, 0, frames[0].data(), 60, RTE_PIO_NO_FALLBACK), -ENOTSUP);
}

TEST_F(PioPrivileges, QueuesOptedInByDeviceArgumentsGoByTheRing)
{
	struct rte_pio_queue_info info;

	up(1, 1, "class=pio,pio_txqs=0");
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &info), 0);
	EXPECT_EQ(info.state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_PRIVILEGE);
	capture_on();
	std::vector<Frame> frames = { frame(60, 1) };
	ASSERT_TRUE(send(0, frames));
	EXPECT_EQ(captured(1), frames);
	EXPECT_EQ(xstat("tx_pio_fallback_no_privilege"), 1u);
}

} /* namespace */
