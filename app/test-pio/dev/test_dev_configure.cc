/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Configurations that are refused, and what the port is good for afterwards. */

#include <cerrno>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class DevConfigure : public DevPort {
protected:
	rte_pio_template *t = nullptr;

	/* A port of two transmit queues, of which the second has a template; stopped. */
	void template_on_the_second_queue()
	{
		struct rte_pio_queue_conf pio;
		struct rte_pio_template_conf tc = {};

		ASSERT_EQ(attach(), 0);
		const Frame f = frame(64, 1);
		ASSERT_EQ(configure(1, 2), 0);
		ASSERT_EQ(rte_pio_queue_conf_default(port, &pio), 0);
		pio.policy = RTE_PIO_POLICY_REQUIRE;
		pio.template_mem = 128;
		ASSERT_EQ(rte_pio_queue_setup(port, 1, &pio), 0);
		tc.data = f.data();
		tc.len = 64;
		ASSERT_EQ(rte_pio_template_alloc(port, 1, &tc, &t), 0);
	}
};

/* ethdev frees its array of queues when a configuration fails; the queue with the template stays. */
TEST_F(DevConfigure, CloseAfterAQueueWithTemplatesWasToGo)
{
	template_on_the_second_queue();
	EXPECT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), -EBUSY);
	EXPECT_EQ(detach(), 0);
}

TEST_F(DevConfigure, TemplatesFreedBetweenTwoConfigurations)
{
	template_on_the_second_queue();
	EXPECT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), -EBUSY);
	EXPECT_EQ(rte_pio_template_free(t), 0);
	/* no transmit queue at all: there is no array to note anything in */
	EXPECT_EQ(rte_eth_dev_configure(port, 1, 0, &conf), 0);
	EXPECT_EQ(resources().nb_piobufs, 0u);
}

TEST_F(DevConfigure, QueueWithTemplatesIsThereAgain)
{
	struct rte_mbuf *m;

	template_on_the_second_queue();
	const Frame f = frame(64, 7);
	EXPECT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), -EBUSY);
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 2, &conf), 0);
	ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, pool), 0);
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, nullptr), 0);
	capture_on();
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	m = mbuf(f);
	EXPECT_EQ(rte_eth_tx_burst(port, 1, &m, 1), 1);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(captured(2).size(), 2u);
	EXPECT_EQ(rte_pio_template_free(t), 0);
}

/* Nobody asks ethdev whether there is a receive queue that could raise an interrupt. */
TEST_F(DevConfigure, ReceiveInterruptsWithoutReceiveQueues)
{
	ASSERT_EQ(attach(), 0);
	conf.intr_conf.rxq = 1;
	ASSERT_EQ(rte_eth_dev_configure(port, 0, 1, &conf), 0);
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, nullptr), 0);
	capture_on();
	EXPECT_EQ(rte_eth_dev_start(port), 0);
	ASSERT_TRUE(send(0, { frame(64, 1) }));
	EXPECT_EQ(captured(1).size(), 1u);
}

/* Any threshold below the number of descriptors is in range; the ring itself takes a few less. */
TEST_F(DevConfigure, GreatestReceiveFreeThreshold)
{
	struct rte_eth_rxconf rxconf = {};

	ASSERT_EQ(attach(), 0);
	const Frame f = frame(64, 1);
	ASSERT_EQ(rte_eth_dev_configure(port, 1, 1, &conf), 0);
	rxconf.rx_free_thresh = 511;
	ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, &rxconf, pool), 0);
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, nullptr), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	/* twice as many frames as there are descriptors: it is refilled */
	for (int i = 0; i < 1024; i++) {
		ASSERT_EQ(inject(f), PIOEMU_RX_OK) << i;
		std::vector<struct rte_mbuf *> got = receive(0, 1);
		ASSERT_EQ(got.size(), 1u) << i;
		rte_pktmbuf_free(got[0]);
	}
}

} /* namespace */
