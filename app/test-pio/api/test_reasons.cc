/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * R12 as a table: every reason there is has a case that makes frames go another way for it, and
 * counts it and nothing else. A new reason does not compile before it stands here.
 */

#include <cstring>
#include <iterator>
#include <set>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* Reason, and the subjects on which it can be had. */
#define REASONS(X) \
	X(LEN, "piotest piopmd ring null sfc") \
	X(THRESHOLD, "piotest piopmd") \
	X(NO_SLOT, "piopmd") \
	X(NO_CREDIT, "piotest") \
	X(RING_FULL, "piotest piopmd ring sfc") \
	X(SEGS, "piotest piopmd") \
	X(OFFLOAD, "piotest") \
	X(STOPPED, "piotest piopmd ring null sfc") \
	X(NO_MEMORY, "piotest piopmd") \
	X(NO_PRIVILEGE, "piotest piopmd") \
	X(NO_MAPPING, "piotest") \
	X(WC, "piotest piopmd") \
	X(NO_DRIVER, "ring null sfc") \
	X(TEMPLATE_BUSY, "piotest piopmd") \
	X(TEMPLATE_HOST, "piotest piopmd") \
	X(DEVICE, "piotest piopmd")

#define ENTRY(reason, subjects) { RTE_PIO_FB_##reason, subjects },
static constexpr struct {
	rte_pio_fb_reason reason;
	const char *subjects;
} kReasons[] = { REASONS(ENTRY) };
#undef ENTRY

/* In the enum's order, so none is missing and none is there twice. */
static constexpr bool
ReasonsAreComplete()
{
	for (size_t i = 0; i < std::size(kReasons); i++) {
		if (kReasons[i].reason != (rte_pio_fb_reason)(i + 1) || *kReasons[i].subjects == 0)
			return false;
	}
	return std::size(kReasons) == RTE_PIO_FB_MAX - 1;
}
static_assert(ReasonsAreComplete(), "a reason has no case in the table above");

class R12_EveryReason : public pio::ContractTest {
protected:
	/* Each provokes its reason, and says what it expects. */
#define DECLARE(reason, subjects) void reason();
	REASONS(DECLARE)
#undef DECLARE

	void
	Check(rte_pio_fb_reason reason)
	{
		const rte_pio_queue_stats s = Stats();

		EXPECT_EQ(s.fallback[reason], fallback);
		EXPECT_EQ(s.refused[reason], refused);
		EXPECT_GT(fallback + refused, 0u);
		for (int r = 0; r < RTE_PIO_FB_MAX; r++) {
			if (r == reason || others.count(r) != 0)
				continue;
			EXPECT_EQ(s.fallback[r] + s.refused[r], 0u)
				<< rte_pio_fb_reason_name((rte_pio_fb_reason)r) << " counts too";
		}
		if (subject->CanHold())
			subject->Hold(port, false);
		if (subject->CanCapture())
			Take(s.ring_packets + s.pio_packets);
	}

	void
	TearDown() override
	{
		EXPECT_EQ(rte_pio_store_kind_set(RTE_PIO_STORE_AUTO), 0);
		ContractTest::TearDown();
	}

	uint64_t fallback = 0, refused = 0;
	/* Reasons that count on the way. */
	std::set<int> others;
};

INSTANTIATE_TEST_SUITE_P(Contract, R12_EveryReason, ::testing::ValuesIn(pio::AllSubjects()),
			 pio::SubjectName);

#define CASE(reason, subjects) \
TEST_P(R12_EveryReason, reason) \
{ \
	if (std::strstr(subjects, GetParam().c_str()) == nullptr) \
		GTEST_SKIP() << "not to be had here, but on " subjects; \
	ASSERT_NO_FATAL_FAILURE(reason()); \
	Check(RTE_PIO_FB_##reason); \
}
REASONS(CASE)
#undef CASE

void
R12_EveryReason::LEN()
{
	Start();
	if (subject->HasPio()) {
		EXPECT_EQ(Send(MakeFrame(1000, 1)), RTE_PIO_BY_RING);
		fallback = 1;
	}
	EXPECT_EQ(Send(MakeFrame(Queue().ring_frame_max + 1, 2)), -EMSGSIZE);
	refused = 1;
}

void
R12_EveryReason::THRESHOLD()
{
	Start([](rte_pio_queue_conf &c) { c.threshold = 100; });
	EXPECT_EQ(Send(MakeFrame(101, 1)), RTE_PIO_BY_RING);
	EXPECT_TRUE(Burst(MakeFrame(128, 2)));
	EXPECT_EQ(Send(MakeFrame(101, 3), RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	fallback = 2;
	refused = 1;
}

void
R12_EveryReason::NO_SLOT()
{
	Start();
	subject->Hold(port, true);
	ASSERT_GT(ExhaustPio(Queue().threshold, 0), 0u);
	EXPECT_EQ(Send(MakeFrame(Queue().threshold, 1)), RTE_PIO_BY_RING);
	EXPECT_TRUE(Burst(MakeFrame(Queue().threshold, 2)));
	fallback = 2;
	refused = 1;
}

void
R12_EveryReason::NO_CREDIT()
{
	NO_SLOT();
}

void
R12_EveryReason::RING_FULL()
{
	Start();
	subject->Hold(port, true);
	ASSERT_GT(ExhaustRing(0), 0u);
	refused = 1;
	others = { RTE_PIO_FB_NO_SLOT, RTE_PIO_FB_NO_CREDIT, RTE_PIO_FB_NO_DRIVER };
}

void
R12_EveryReason::SEGS()
{
	Start();
	EXPECT_TRUE(Burst(MakeFrame(120, 1), 2));
	fallback = 1;
}

void
R12_EveryReason::OFFLOAD()
{
	ASSERT_NO_FATAL_FAILURE(Configure(1, "", RTE_ETH_TX_OFFLOAD_IPV4_CKSUM));
	Start();
	rte_mbuf *m = Mbuf(MakeFrame(120, 1));
	ASSERT_NE(m, nullptr);
	m->ol_flags = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	m->l2_len = 14;
	m->l3_len = 20;
	ASSERT_EQ(rte_eth_tx_burst(port, 0, &m, 1), 1);
	fallback = 1;
}

void
R12_EveryReason::STOPPED()
{
	Start();
	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(64, 2), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 1;
	refused = 1;
}

void
R12_EveryReason::NO_MEMORY()
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	subject->LimitPool(port, 0);
	Start();
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_NO_MEMORY);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_TRUE(Burst(MakeFrame(64, 2)));
	EXPECT_EQ(Send(MakeFrame(64, 3), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 2;
	refused = 1;
}

void
R12_EveryReason::NO_PRIVILEGE()
{
	ASSERT_TRUE(subject->ForbidPio());
	Start();
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(64, 2), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 1;
	refused = 1;
}

void
R12_EveryReason::NO_MAPPING()
{
	ASSERT_TRUE(subject->ForbidMapping());
	Start();
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	fallback = 1;
}

void
R12_EveryReason::WC()
{
	/* Neither write combining nor a store that does without. */
	ASSERT_NO_FATAL_FAILURE(Configure(1, GetParam() == "piopmd" ? "pio_map=vfio" : ""));
	ASSERT_EQ(rte_pio_store_kind_set(RTE_PIO_STORE_SCALAR), 0);
	rte_pio_queue_conf conf = Conf([](rte_pio_queue_conf &c) {
		c.wc_policy = RTE_PIO_WC_REQUIRE;
		c.policy = RTE_PIO_POLICY_REQUIRE;
	});
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENXIO);
	Start([](rte_pio_queue_conf &c) { c.wc_policy = RTE_PIO_WC_REQUIRE; });
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_WC);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(64, 2), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 1;
	refused = 1;
}

void
R12_EveryReason::NO_DRIVER()
{
	Start();
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(Send(MakeFrame(64, 2)), RTE_PIO_BY_RING);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 2;
	refused = 1;
}

void
R12_EveryReason::TEMPLATE_BUSY()
{
	Start();
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_NO_FALLBACK), -EBUSY);
	fallback = 1;
	refused = 1;
}

void
R12_EveryReason::TEMPLATE_HOST()
{
	Start([](rte_pio_queue_conf &c) { c.template_mem = 0; });
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 1;
	refused = 1;
}

void
R12_EveryReason::DEVICE()
{
	ASSERT_TRUE(subject->CanFail());
	Start();
	subject->RebootWithoutMemory(port);
	EXPECT_EQ(Queue().reason, RTE_PIO_FB_DEVICE);
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_RING);
	EXPECT_TRUE(Burst(MakeFrame(64, 2)));
	EXPECT_EQ(Send(MakeFrame(64, 3), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	fallback = 2;
	refused = 1;
}
