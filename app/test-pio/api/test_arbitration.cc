/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * R14: ports and queues that want adapter memory, and what each outcome looks like. The pool is
 * the controller's: functions of other hosts draw from it too, which LimitPool() plays.
 */

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

class R14_Arbitration : public pio::ContractTest {
protected:
	/* Two ports with nb_queues each, nothing opted in. */
	void
	TwoPorts(uint16_t nb_queues, const std::string &extra = "")
	{
		ASSERT_NO_FATAL_FAILURE(Configure(nb_queues, extra));
		other = subject->Attach("");
		ASSERT_NO_FATAL_FAILURE(Setup(other, nb_queues, 0));
		extra_ports.push_back(other);
	}

	int
	OptIn(uint16_t p, uint16_t queue, rte_pio_policy policy)
	{
		rte_pio_queue_conf conf = Conf([&](rte_pio_queue_conf &c) { c.policy = policy; });

		return rte_pio_queue_setup(p, queue, &conf);
	}

	static rte_pio_info
	InfoOf(uint16_t p)
	{
		rte_pio_info info = {};

		EXPECT_EQ(rte_pio_info_get(p, &info), 0);
		return info;
	}

	static rte_pio_queue_info
	QueueOf(uint16_t p, uint16_t queue)
	{
		rte_pio_queue_info info = {};

		EXPECT_EQ(rte_pio_queue_info_get(p, queue, &info), 0);
		return info;
	}

	/* Both ports name exactly these holders, in this order. */
	void
	ExpectHolders(const std::vector<std::pair<uint16_t, uint16_t>> &want)
	{
		for (uint16_t p : { port, other }) {
			const rte_pio_info info = InfoOf(p);

			SCOPED_TRACE(p);
			ASSERT_EQ(info.nb_holders, want.size());
			uint32_t mem = 0;
			for (size_t i = 0; i < want.size() && i < RTE_PIO_HOLDERS_MAX; i++) {
				EXPECT_EQ(info.holders[i].port_id, want[i].first) << i;
				EXPECT_EQ(info.holders[i].queue_id, want[i].second) << i;
				EXPECT_EQ(info.holders[i].mem,
					  QueueOf(want[i].first, want[i].second).mem);
				mem += info.holders[i].mem;
			}
			EXPECT_LE(mem, info.mem_total - info.mem_free);
			EXPECT_EQ(info.nb_bufs_free, info.nb_bufs - want.size());
		}
	}

	uint16_t other = UINT16_MAX;
};

INSTANTIATE_TEST_SUITE_P(Contract, R14_Arbitration, ::testing::ValuesIn(pio::PioSubjects()),
			 pio::SubjectName);

TEST_P(R14_Arbitration, FirstComeFirstServed)
{
	ASSERT_NO_FATAL_FAILURE(TwoPorts(3));
	subject->LimitPool(port, 3);
	ASSERT_EQ(OptIn(port, 0, RTE_PIO_POLICY_REQUIRE), 0);
	ASSERT_EQ(OptIn(other, 1, RTE_PIO_POLICY_REQUIRE), 0);
	ASSERT_EQ(OptIn(port, 2, RTE_PIO_POLICY_TRY), 0);
	ExpectHolders({ { port, 0 }, { port, 2 }, { other, 1 } });
	/* The pool is empty now: who can live with the ring does, who cannot is told so. */
	ASSERT_EQ(OptIn(other, 0, RTE_PIO_POLICY_TRY), 0);
	EXPECT_EQ(OptIn(other, 2, RTE_PIO_POLICY_REQUIRE), -ENOSPC);
	EXPECT_EQ(QueueOf(other, 0).state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(QueueOf(other, 0).reason, RTE_PIO_FB_NO_MEMORY);
	EXPECT_EQ(QueueOf(other, 0).mem, 0u);
	EXPECT_EQ(QueueOf(other, 2).state, RTE_PIO_QUEUE_NONE);
	EXPECT_EQ(InfoOf(other).nb_queues, 2u) << "one with memory, one without";
	ExpectHolders({ { port, 0 }, { port, 2 }, { other, 1 } });

	/* What one gives back goes to who asks next, not to who was refused. */
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	EXPECT_EQ(QueueOf(other, 0).state, RTE_PIO_QUEUE_RING);
	ASSERT_EQ(OptIn(other, 2, RTE_PIO_POLICY_REQUIRE), 0);
	ExpectHolders({ { port, 2 }, { other, 1 }, { other, 2 } });
	for (uint16_t q : { 0, 1, 2 })
		ASSERT_EQ(rte_pio_queue_release(other, q), 0);
	ExpectHolders({ { port, 2 } });
}

TEST_P(R14_Arbitration, HoldersShowTheirTemplates)
{
	ASSERT_NO_FATAL_FAILURE(TwoPorts(1));
	Start();
	ASSERT_EQ(OptIn(other, 0, RTE_PIO_POLICY_REQUIRE), 0);
	ASSERT_NE(Template(MakeFrame(64, 1)), nullptr);
	ASSERT_NE(Template(MakeFrame(64, 2)), nullptr);
	for (uint16_t p : { port, other }) {
		EXPECT_EQ(InfoOf(p).holders[0].nb_templates, 2u);
		EXPECT_EQ(InfoOf(p).holders[1].nb_templates, 0u);
	}
	ASSERT_EQ(rte_pio_queue_release(other, 0), 0);
}

TEST_P(R14_Arbitration, AnEmptyPoolSaysWhy)
{
	/* Fill it by ourselves, so that everybody can know. */
	const bool piotest = GetParam() == "piotest";
	const uint16_t nb_queues = piotest ? 4 : 8;
	ASSERT_NO_FATAL_FAILURE(TwoPorts(nb_queues, piotest ? "bufs=6" : ""));
	const rte_pio_info before = InfoOf(port);
	std::vector<std::pair<uint16_t, uint16_t>> holders;

	EXPECT_EQ(before.reason, RTE_PIO_FB_NONE);
	ASSERT_LE(before.nb_bufs, 2u * nb_queues);
	for (uint16_t p : { port, other }) {
		for (uint16_t q = 0; q < nb_queues && holders.size() < before.nb_bufs; q++) {
			ASSERT_EQ(OptIn(p, q, RTE_PIO_POLICY_REQUIRE), 0) << p << " " << q;
			holders.push_back({ p, q });
		}
	}
	ExpectHolders(holders);
	for (uint16_t p : { port, other }) {
		EXPECT_EQ(InfoOf(p).nb_bufs_free, 0u);
		EXPECT_EQ(InfoOf(p).mem_free, 0u);
		EXPECT_EQ(InfoOf(p).reason, RTE_PIO_FB_NO_MEMORY);
		EXPECT_NE(InfoOf(p).flags & RTE_PIO_CAP_PIO, 0u) << "it could, but not now";
	}
	for (const auto &[p, q] : holders)
		ASSERT_EQ(rte_pio_queue_release(p, q), 0);
	ExpectHolders({});
	EXPECT_EQ(InfoOf(port).reason, RTE_PIO_FB_NONE);
	EXPECT_EQ(InfoOf(port).mem_free, before.mem_free);
}

TEST_P(R14_Arbitration, TheRaceIsLostAfterALook)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	ASSERT_GT(InfoOf(port).nb_bufs_free, 0u);
	/* ... and then somebody else takes the last one. */
	subject->LimitPool(port, 0);
	EXPECT_EQ(OptIn(port, 0, RTE_PIO_POLICY_REQUIRE), -ENOSPC);
	EXPECT_EQ(InfoOf(port).nb_queues, 0u);
	rte_pio_queue_conf conf = Conf([](rte_pio_queue_conf &c) {
		c.fallback = RTE_PIO_FALLBACK_NONE;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOSPC);
	ASSERT_EQ(OptIn(port, 0, RTE_PIO_POLICY_TRY), 0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 64), -ENOTSUP) << "no PIO, no threshold";
	/* Opting in anew is what gets memory that has become free. */
	subject->LimitPool(port, 1);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_RING);
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	ASSERT_EQ(OptIn(port, 0, RTE_PIO_POLICY_REQUIRE), 0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_STARTED);
}

TEST_P(R14_Arbitration, APortThatMayNotSeesWhoHolds)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	ASSERT_EQ(OptIn(port, 0, RTE_PIO_POLICY_REQUIRE), 0);
	ASSERT_TRUE(subject->ForbidPio());
	other = subject->Attach("");
	ASSERT_NO_FATAL_FAILURE(Setup(other, 1, 0));
	extra_ports.push_back(other);
	EXPECT_EQ(OptIn(other, 0, RTE_PIO_POLICY_REQUIRE), -ENXIO);
	const rte_pio_info info = InfoOf(other);
	EXPECT_EQ(info.flags, 0u);
	EXPECT_EQ(info.reason, RTE_PIO_FB_NO_PRIVILEGE);
	ASSERT_EQ(info.nb_holders, 1u);
	EXPECT_EQ(info.holders[0].port_id, port);
	EXPECT_STREQ(info.pool, InfoOf(port).pool);
}

TEST_P(R14_Arbitration, TheMinimumCountsAndThePreferenceIsCapped)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	const uint32_t buf = InfoOf(port).buf_size;

	for (uint32_t pref : { buf / 2, buf, 4 * buf }) {
		SCOPED_TRACE(pref);
		rte_pio_queue_conf conf = Conf([&](rte_pio_queue_conf &c) {
			c.policy = RTE_PIO_POLICY_REQUIRE;
			c.mem_min = buf / 4;
			c.mem_pref = pref;
			c.threshold = 100;
			c.template_mem = 128;
		});
		ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
		const rte_pio_queue_info q = Queue();
		EXPECT_GE(q.mem, buf / 4);
		EXPECT_LE(q.mem, buf);
		EXPECT_EQ(q.slot_size, 128u);
		EXPECT_EQ(q.template_mem, 128u);
		EXPECT_GT(q.nb_slots, 0u);
		EXPECT_LE(q.nb_slots * q.slot_size + q.template_mem, q.mem);
		ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	}
	/* No room for one slot beside the templates: that is no memory, too. */
	rte_pio_queue_conf conf = Conf([&](rte_pio_queue_conf &c) {
		c.policy = RTE_PIO_POLICY_REQUIRE;
		c.mem_min = c.mem_pref = buf + 64;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOSPC);
	conf.policy = RTE_PIO_POLICY_TRY;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_NO_MEMORY);
	EXPECT_EQ(Queue().mem, 0u);
	EXPECT_EQ(InfoOf(port).nb_holders, 0u) << "nothing is kept that is of no use";
}
