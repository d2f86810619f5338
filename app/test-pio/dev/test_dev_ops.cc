/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Single operations of ethdev: reset, pause frames, wake-up address, counts. */

#include <cstring>
#include <set>

#include <rte_power_intrinsics.h>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

class DevOps : public DevPort {};

TEST_F(DevOps, ResetGivesAFreshFunctionAndStartBringsBackTheRest)
{
	const Frame f = frame(64, 1);
	struct rte_ether_addr group = {{ 0x01, 0x00, 0x5e, 0x01, 0x02, 0x03 }};

	up(2, 2, "class=pio,pio_txqs=0");
	ASSERT_EQ(rte_eth_dev_set_mc_addr_list(port, &group, 1), 0);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(rte_eth_dev_stop(port), 0);
		EXPECT_EQ(resources().nb_piobufs, 1) << "outlives a stop";
		ASSERT_EQ(rte_eth_dev_reset(port), 0);
		struct pioemu_vf_resources res = resources();
		EXPECT_TRUE(res.attached);
		EXPECT_EQ(res.nb_vis + res.nb_piobufs + res.nb_filters + res.nb_rss, 0);
		ASSERT_EQ(rte_eth_dev_start(port), 0);
		EXPECT_EQ(resources().nb_piobufs, 1);
		EXPECT_EQ(inject(frame_to(group, 64, 2)), PIOEMU_RX_OK);
		for (struct rte_mbuf *m : receive(0, 1))
			rte_pktmbuf_free(m);
		capture_on();
		ASSERT_TRUE(send(0, { f }));
		EXPECT_EQ(captured(1), std::vector<Frame>{ f });
		ctl->vf_wire_remove_all(vf);
	}
	EXPECT_EQ(xstat("tx_pio_packets"), 3u);
	/* also with a new configuration, as after any reset */
	ASSERT_EQ(rte_eth_dev_reset(port), 0);
	ASSERT_EQ(configure(1, 1), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
}

TEST_F(DevOps, ResetRestoresTemplates)
{
	struct rte_pio_template_conf tc;
	struct rte_pio_template *t = nullptr;
	const Frame f = frame(100, 7);

	ASSERT_EQ(attach(), 0);
	ASSERT_EQ(configure(1, 1), 0);
	struct rte_pio_queue_conf qc;
	ASSERT_EQ(rte_pio_queue_conf_default(port, &qc), 0);
	qc.template_mem = 512;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &qc), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	memset(&tc, 0, sizeof(tc));
	tc.data = f.data();
	tc.len = static_cast<uint32_t>(f.size());
	tc.nb_slots = 1;
	ASSERT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
	ASSERT_EQ(rte_eth_dev_reset(port), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), -ENETDOWN);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	capture_on();
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO);
	EXPECT_EQ(captured(1), std::vector<Frame>{ f });
	EXPECT_TRUE(wait_for([&] { return rte_pio_reap(port, 0) == 0 && rte_pio_template_free(t) == 0; }));
}

TEST_F(DevOps, ResetOfADeviceThatIsGoneFails)
{
	up();
	ctl->vf_gone_set(vf, true);
	EXPECT_NE(rte_eth_dev_reset(port), 0);
	ctl->vf_gone_set(vf, false);
}

TEST_F(DevOps, PauseFramesCanBeReadAndNotSet)
{
	struct rte_eth_fc_conf fc;

	up();
	memset(&fc, 0xff, sizeof(fc));
	ASSERT_EQ(rte_eth_dev_flow_ctrl_get(port, &fc), 0);
	EXPECT_EQ(fc.mode, RTE_ETH_FC_FULL) << "what the model's PF has set";
	EXPECT_EQ(fc.high_water + fc.low_water + fc.pause_time, 0u);
	EXPECT_EQ(rte_eth_dev_flow_ctrl_set(port, &fc), -ENOTSUP);
}

TEST_F(DevOps, WakeUpAddressIsWhereTheNextEventAppears)
{
	struct rte_power_monitor_cond cond;

	up();
	for (uint32_t i = 0; i < 1000; i++) {
		memset(&cond, 0, sizeof(cond));
		ASSERT_EQ(rte_eth_get_monitor_addr(port, 0, &cond), 0);
		ASSERT_EQ(cond.size, 8u);
		const volatile uint64_t *addr = static_cast<const volatile uint64_t *>(cond.addr);
		ASSERT_EQ(cond.fn(*addr, cond.opaque), 0) << "nothing is there: sleep";
		ASSERT_EQ(inject(frame(64, i)), PIOEMU_RX_OK);
		ASSERT_TRUE(wait_for([&] { return cond.fn(*addr, cond.opaque) != 0; })) << i;
		for (struct rte_mbuf *m : receive(0, 1))
			rte_pktmbuf_free(m);
	}
}

TEST_F(DevOps, CountsOfDescriptors)
{
	up();
	capture_on();
	EXPECT_EQ(rte_eth_rx_queue_count(port, 0), 0);
	EXPECT_EQ(rte_eth_rx_descriptor_status(port, 0, 0), RTE_ETH_RX_DESC_AVAIL);
	for (uint32_t i = 0; i < 5; i++)
		ASSERT_EQ(inject(frame(64, i)), PIOEMU_RX_OK);
	EXPECT_TRUE(wait_for([&] { return rte_eth_rx_queue_count(port, 0) == 5; }));
	EXPECT_EQ(rte_eth_rx_descriptor_status(port, 0, 4), RTE_ETH_RX_DESC_DONE);
	EXPECT_EQ(rte_eth_rx_descriptor_status(port, 0, 5), RTE_ETH_RX_DESC_AVAIL);
	EXPECT_EQ(rte_eth_rx_descriptor_status(port, 0, 511), RTE_ETH_RX_DESC_UNAVAIL);
	EXPECT_EQ(rte_eth_rx_descriptor_status(port, 0, 512), -EINVAL);
	for (struct rte_mbuf *m : receive(0, 5))
		rte_pktmbuf_free(m);
	EXPECT_EQ(rte_eth_rx_queue_count(port, 0), 0);

	ctl->vf_hold_set(vf, PIOEMU_ALL, PIOEMU_HOLD_TX_EVENT);
	ASSERT_TRUE(send(0, { frame(64, 1), frame(64, 2), frame(64, 3) }));
	EXPECT_EQ(rte_eth_tx_descriptor_status(port, 0, 0), RTE_ETH_TX_DESC_DONE);
	EXPECT_EQ(rte_eth_tx_descriptor_status(port, 0, 501), RTE_ETH_TX_DESC_FULL);
	EXPECT_EQ(rte_eth_tx_descriptor_status(port, 0, 511), RTE_ETH_TX_DESC_UNAVAIL);
	EXPECT_EQ(rte_eth_tx_descriptor_status(port, 0, 512), -EINVAL);
	EXPECT_EQ(rte_eth_tx_done_cleanup(port, 0, 0), 0) << "held by the device";
	ctl->vf_hold_set(vf, PIOEMU_ALL, 0);
	EXPECT_TRUE(wait_for([&] {
		return rte_eth_tx_descriptor_status(port, 0, 501) == RTE_ETH_TX_DESC_DONE;
	}));
	EXPECT_EQ(rte_eth_tx_done_cleanup(port, 0, 2), 2);
	EXPECT_EQ(rte_eth_tx_done_cleanup(port, 0, 0), 1);
}

TEST_F(DevOps, ExtendedStatisticsByNameAndIdAgree)
{
	up(1, 1, "class=pio,pio_txqs=0,stats_period_ms=0");
	ASSERT_EQ(inject(frame(64, 1)), PIOEMU_RX_OK);
	for (struct rte_mbuf *m : receive(0, 1))
		rte_pktmbuf_free(m);
	const int nb = rte_eth_xstats_get(port, nullptr, 0);
	ASSERT_GT(nb, 60);
	std::vector<struct rte_eth_xstat_name> names(nb), one(1);
	std::vector<struct rte_eth_xstat> values(nb);
	ASSERT_EQ(rte_eth_xstats_get_names(port, names.data(), nb), nb);
	ASSERT_EQ(rte_eth_xstats_get(port, values.data(), nb), nb);
	std::set<std::string> seen;
	for (int i = 0; i < nb; i++) {
		uint64_t id = i, value;

		EXPECT_EQ(values[i].id, id);
		EXPECT_TRUE(seen.insert(names[i].name).second) << names[i].name << " twice";
		ASSERT_EQ(rte_eth_xstats_get_names_by_id(port, one.data(), 1, &id), 1);
		EXPECT_STREQ(one[0].name, names[i].name);
		ASSERT_EQ(rte_eth_xstats_get_by_id(port, &id, &value, 1), 1);
		EXPECT_EQ(value, values[i].value) << names[i].name;
	}
	EXPECT_EQ(xstat("mac_rx_64_packets") + xstat("mac_rx_65_to_127_packets"), 1u);
	/* older adapters have none of them */
	EXPECT_EQ(seen.count("fec_uncorrected_errors"), seen.count("fec_corrected_symbols_lane3"));
}

} /* namespace */
