/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Rules R8 and R9: warming, opt-in. */

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* R8: warming emits nothing and touches nothing that lives. */

/* Every call that can send, with the flag. */
static void
WarmByEveryCall(uint16_t port, rte_pio_template *t, int path)
{
	const Frame f = MakeFrame(64, 2);
	const rte_pio_iov iov[] = { { f.data(), 30 }, { f.data() + 30, 34 } };
	const rte_pio_update u = { "x", 50, 1 };

	EXPECT_EQ(rte_pio_warm(port, 0, 64), path);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 64, RTE_PIO_WARM), path);
	EXPECT_EQ(rte_pio_sendv(port, 0, iov, 2, RTE_PIO_WARM), path);
	EXPECT_EQ(rte_pio_send_burst(port, 0, iov, 2, RTE_PIO_WARM), 2);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_WARM), path);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, RTE_PIO_WARM), path);
}

PIO_SUITE(R8_WarmIsSilent, PioSubjects);

TEST_P(R8_WarmIsSilent, EmitsNothing)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(100, 1));
	ASSERT_NE(t, nullptr);
	const uint64_t doorbells = subject->Doorbells(port);

	WarmByEveryCall(port, t, RTE_PIO_BY_PIO);
	EXPECT_EQ(subject->Doorbells(port), doorbells);
	EXPECT_GE(Stats().warms, 6u);
	EXPECT_EQ(Stats().pio_packets, 0u);
	/* What comes first on the wire is what is sent next; the patch was not applied. */
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ MakeFrame(100, 1) });
}

TEST_P(R8_WarmIsSilent, TouchesNoLiveSlot)
{
	std::vector<Frame> sent;

	Start();
	rte_pio_template *t = Template(MakeFrame(100, 1000), 2);
	ASSERT_NE(t, nullptr);
	subject->Hold(port, true);
	const struct rte_pio_credits before = Credits();
	for (uint32_t i = 0; i < before.frames; i++) {
		EXPECT_EQ(rte_pio_warm(port, 0, Queue().threshold), RTE_PIO_BY_PIO);
		sent.push_back(MakeFrame(Queue().threshold, i));
		ASSERT_EQ(Send(sent.back()), RTE_PIO_BY_PIO);
		EXPECT_EQ(Send(MakeFrame(200, 99), RTE_PIO_WARM), RTE_PIO_BY_PIO);
	}
	sent.push_back(MakeFrame(100, 1000));
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_send(t, RTE_PIO_WARM), RTE_PIO_BY_PIO);
	/* All slots in flight: still legal. */
	EXPECT_EQ(Credits().frames, 0u);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), RTE_PIO_BY_PIO);
	subject->Hold(port, false);
	ExpectFrames(sent);
}

TEST_P(R8_WarmIsSilent, RunsTheStoresOfASend)
{
	Start();
	if (!subject->CountsLines())
		GTEST_SKIP() << "this subject's stores are looked at by the tracing twin";
	const uint64_t before = subject->Lines(port);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), RTE_PIO_BY_PIO);
	EXPECT_GT(subject->Lines(port), before);
	/* ... and nowhere but at the end of the queue's memory. */
	const Frame a = subject->Memory(port);
	EXPECT_EQ(Send(MakeFrame(64, 5), RTE_PIO_WARM), RTE_PIO_BY_PIO);
	const Frame b = subject->Memory(port);
	EXPECT_TRUE(std::equal(a.begin(), a.end() - 128, b.begin()));
	EXPECT_FALSE(std::equal(a.end() - 128, a.end(), b.end() - 128));
}

TEST_P(R8_WarmIsSilent, DoesNotRingForPendingFrames)
{
	Start();
	const uint64_t doorbells = subject->Doorbells(port);
	ASSERT_EQ(Send(MakeFrame(64, 1), RTE_PIO_MORE), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), RTE_PIO_BY_PIO);
	EXPECT_EQ(subject->Doorbells(port), doorbells);
	EXPECT_EQ(rte_pio_reap(port, 0), 0);
	ExpectFrames({ MakeFrame(64, 1) });
}

TEST_P(R8_WarmIsSilent, TellsWhenTheFrameWouldGoByTheRing)
{
	Start();
	EXPECT_EQ(rte_pio_warm(port, 0, Queue().threshold + 1), RTE_PIO_BY_RING);
	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), RTE_PIO_BY_RING);
	ExpectFrames({});
}

/* R8 where there is nothing to warm: silent all the same. */

PIO_SUITE(R8_WarmIsSilentAnywhere, AllSubjects);

TEST_P(R8_WarmIsSilentAnywhere, EveryCallWithTheFlag)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(100, 1));
	ASSERT_NE(t, nullptr);

	WarmByEveryCall(port, t, PioPath());
	EXPECT_EQ(Stats().pio_packets + Stats().ring_packets, 0u);
	EXPECT_EQ(Info(t).updates, 0u);
	ExpectFrames({});
}

/* R9: opt-in is per queue. */

PIO_SUITE(R9_OptInIsPerQueue, CaptureSubjects);

TEST_P(R9_OptInIsPerQueue, OtherQueuesStayAsTheyAre)
{
	ASSERT_NO_FATAL_FAILURE(Configure(3));
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 1, &conf), 0);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	const Frame f = MakeFrame(64, 1);

	for (uint16_t q : { 0, 2 }) {
		struct rte_pio_credits c;
		rte_pio_template_conf tc = {};
		rte_pio_template *t;

		tc.data = f.data();
		tc.len = 64;
		EXPECT_EQ(rte_pio_send(port, q, f.data(), 64, 0), -ENOTSUP);
		EXPECT_EQ(rte_pio_credits(port, q, &c), -ENOTSUP);
		EXPECT_EQ(rte_pio_warm(port, q, 64), -ENOTSUP);
		EXPECT_EQ(rte_pio_reap(port, q), -ENOTSUP);
		EXPECT_EQ(rte_pio_template_alloc(port, q, &tc, &t), -ENOTSUP);
		EXPECT_EQ(rte_pio_queue_stop(port, q), -ENOTSUP);
		EXPECT_EQ(Queue(q).state, RTE_PIO_QUEUE_NONE);
		/* Its frames go as ever, and hold their mbufs as ever. */
		subject->Hold(port, true);
		const unsigned before = rte_mempool_avail_count(pool);
		rte_mbuf *m = Mbuf(f);
		ASSERT_EQ(rte_eth_tx_burst(port, q, &m, 1), 1);
		EXPECT_EQ(rte_mempool_avail_count(pool), before - 1);
		subject->Hold(port, false);
		ExpectFrames({ f });
	}
	EXPECT_EQ(rte_pio_send(port, 1, f.data(), 64, 0), PioPath());
	ExpectFrames({ f });
	EXPECT_EQ(Stats(1).pio_packets + Stats(1).ring_packets, 1u);
}

TEST_P(R9_OptInIsPerQueue, ReleasingEndsIt)
{
	Start();
	EXPECT_EQ(Send(MakeFrame(64, 1)), PioPath());
	Take(1);
	StopPort();
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(Send(MakeFrame(64, 2)), -ENOTSUP);
	EXPECT_TRUE(Burst(MakeFrame(64, 3)));
	ExpectFrames({ MakeFrame(64, 3) });
	StopPort();
	/* And begins anew. */
	ASSERT_NO_FATAL_FAILURE(Start());
	EXPECT_EQ(Send(MakeFrame(64, 4)), PioPath());
	ExpectFrames({ MakeFrame(64, 4) });
}

/* R9, lifetime: what a PIO driver does when ethdev takes the queue away. */

PIO_SUITE(R9_OptInFollowsTheQueue, PioSubjects);

TEST_P(R9_OptInFollowsTheQueue, ARepeatedSetupReleasesIt)
{
	Start();
	StopPort();
	ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, subject->RingSize(), SOCKET_ID_ANY, nullptr), 0);
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
	rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	EXPECT_EQ(info.nb_queues, 0u);
	EXPECT_EQ(info.mem_free, info.mem_total);
	ASSERT_NO_FATAL_FAILURE(Start());
	EXPECT_EQ(Send(MakeFrame(64, 1)), RTE_PIO_BY_PIO);
	ExpectFrames({ MakeFrame(64, 1) });
}

TEST_P(R9_OptInFollowsTheQueue, ARepeatedSetupIsBusyWithTemplates)
{
	Start();
	const Frame f = MakeFrame(99, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	StopPort();
	EXPECT_EQ(rte_eth_tx_queue_setup(port, 0, subject->RingSize(), SOCKET_ID_ANY, nullptr),
		  -EBUSY);
	/* Nothing is lost. */
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_STARTED);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ f });
}

TEST_P(R9_OptInFollowsTheQueue, ClosingThePortFreesWhatWasForgotten)
{
	Start();
	ASSERT_NE(Template(MakeFrame(99, 1)), nullptr);
	ASSERT_NE(Template(MakeFrame(99, 2), 2), nullptr);
	/* Handles are dead after the close: the fixture must not free them. */
	templates.clear();
}
