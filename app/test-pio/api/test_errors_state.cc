/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Every errno of every call, continued: those for the state of port, queue or memory. */

#include "observe.h"
#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* -EMSGSIZE: longer than every allowed path takes. */

PIO_SUITE(Errno_EMSGSIZE, AllSubjects);

TEST_P(Errno_EMSGSIZE, FramesAndTemplates)
{
	Start();
	const uint32_t max = Queue().ring_frame_max;
	const Frame f = MakeFrame(max + 64, 1);
	const rte_pio_iov iov[] = { { f.data(), 64 }, { f.data() + 64, max } };
	rte_pio_template_conf tc = {};
	rte_pio_template *t;

	EXPECT_EQ(rte_pio_send(port, 0, f.data(), max + 1, 0), -EMSGSIZE);
	EXPECT_EQ(rte_pio_sendv(port, 0, iov, 2, 0), -EMSGSIZE);
	const rte_pio_iov one = { f.data(), max + 1 };
	EXPECT_EQ(rte_pio_send_burst(port, 0, &one, 1, 0), -EMSGSIZE);
	tc.data = f.data();
	tc.len = 64;
	tc.room = max + 1;
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -EMSGSIZE);
	EXPECT_EQ(Queue().nb_templates, 0u);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_LEN], subject->HasPio() ? 3u : 3u);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), max, 0), RTE_PIO_BY_RING);
	ExpectFrames({ Frame(f.begin(), f.begin() + max) });
}

PIO_SUITE(Errno_EMSGSIZE_Pio, PioSubjects);

TEST_P(Errno_EMSGSIZE_Pio, ATemplateThatHasToGoByARingThatIsTooShort)
{
	rte_mempool *small = rte_pktmbuf_pool_create("pio_short", 31, 0, 0,
						     RTE_PKTMBUF_HEADROOM + 256, SOCKET_ID_ANY);
	ASSERT_NE(small, nullptr);
	Start([&](rte_pio_queue_conf &c) { c.fallback_mp = small; });
	const Frame f = MakeFrame(400, 1);
	const rte_pio_update u = { "x", 20, 1 };
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), -EMSGSIZE);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -EMSGSIZE);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, RTE_PIO_NO_FALLBACK), -ENOTSUP);
	EXPECT_EQ(Info(t).updates, 0u);
	ASSERT_EQ(rte_pio_queue_start(port, 0), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ f });
	StopPort();
	templates.clear();
	EXPECT_EQ(rte_pio_template_free(t), 0);
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	rte_mempool_free(small);
}

/* -EAGAIN: ring full, no credit (R4 has the PIO side). */

PIO_SUITE(Errno_EAGAIN, CaptureSubjects);

TEST_P(Errno_EAGAIN, AFullRing)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	const rte_pio_update u = { "x", 20, 1 };
	subject->Hold(port, true);
	const unsigned n = ExhaustRing(0);
	ASSERT_GT(n, 10u);
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	EXPECT_EQ(Send(f), -EAGAIN);
	EXPECT_EQ(rte_pio_sendv(port, 0, &iov, 1, 0), -EAGAIN);
	EXPECT_EQ(rte_pio_send_burst(port, 0, &iov, 1, 0), -EAGAIN);
	EXPECT_EQ(rte_pio_template_send(t, 0), -EAGAIN);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -EAGAIN);
	EXPECT_EQ(Info(t).updates, 0u) << "nothing changed";
	EXPECT_GE(Stats().refused[RTE_PIO_FB_RING_FULL], 5u);
	subject->Hold(port, false);
	EXPECT_EQ(Take(n).size(), n);
	Settle();
	EXPECT_GE(Send(f), 0);
	ExpectFrames({ f });
}

TEST_P(Errno_EAGAIN, ABurstStopsWhereTheRingIsFull)
{
	Start();
	subject->Hold(port, true);
	std::vector<Frame> frames;
	std::vector<rte_pio_iov> iov;
	for (uint32_t i = 0; i < 1000; i++)
		frames.push_back(MakeFrame(64, i));
	for (const Frame &f : frames)
		iov.push_back({ f.data(), 64 });
	const int n = rte_pio_send_burst(port, 0, iov.data(), 1000, 0);
	ASSERT_GT(n, 10);
	ASSERT_LT(n, 1000);
	EXPECT_EQ(rte_pio_send_burst(port, 0, iov.data(), 1000, 0), -EAGAIN);
	frames.resize(n);
	subject->Hold(port, false);
	ExpectFrames(frames);
}

/* -ENOSPC: adapter memory, or the number of templates, is exhausted (R14 has set-up). */

PIO_SUITE(Errno_ENOSPC, AllSubjects);

TEST_P(Errno_ENOSPC, AsManyTemplatesAsWereAsked)
{
	Start([](rte_pio_queue_conf &c) { c.nb_templates_max = 2; });
	const Frame f = MakeFrame(64, 1);
	ASSERT_NE(Template(f), nullptr);
	ASSERT_NE(Template(f), nullptr);
	rte_pio_template_conf tc = {};
	rte_pio_template *t;
	tc.data = f.data();
	tc.len = 64;
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOSPC);
	EXPECT_EQ(Queue().nb_templates, 2u);
	rte_pio_template_free(templates.back());
	templates.pop_back();
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
	templates.push_back(t);
}

PIO_SUITE(Errno_ENOSPC_Pio, PioSubjects);

TEST_P(Errno_ENOSPC_Pio, ARequiredTemplateWithoutRoom)
{
	Start([](rte_pio_queue_conf &c) { c.template_mem = 192; });
	const Frame f = MakeFrame(100, 1);
	rte_pio_template_conf tc = {};
	rte_pio_template *t;

	tc.data = f.data();
	tc.len = 100;
	tc.resident = RTE_PIO_RESIDENT_REQUIRED;
	tc.nb_slots = 2;
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOSPC) << "two slots of two lines";
	EXPECT_EQ(Queue().template_mem_free, 192u) << "not even the first slot is kept";
	tc.nb_slots = 1;
	ASSERT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
	templates.push_back(t);
	EXPECT_TRUE(Info(t).resident);
	EXPECT_EQ(Queue().template_mem_free, 64u);
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOSPC);
}

TEST_P(Errno_ENOSPC_Pio, WithoutFallbackEveryTemplateIsRequired)
{
	Start([](rte_pio_queue_conf &c) {
		c.template_mem = 64;
		c.fallback = RTE_PIO_FALLBACK_NONE;
	});
	const Frame f = MakeFrame(100, 1);
	rte_pio_template_conf tc = {};
	rte_pio_template *t;

	tc.data = f.data();
	tc.len = 100;
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOSPC);
}

/* -ENOBUFS: the fallback needs an mbuf and there is none. */

PIO_SUITE(Errno_ENOBUFS, AllSubjects);

TEST_P(Errno_ENOBUFS, AnEmptyPool)
{
	Start();
	if (subject->HasPio()) {
		ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	}
	rte_pio_template *t = Template(MakeFrame(64, 1));
	ASSERT_NE(t, nullptr);
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	const rte_pio_update u = { "x", 20, 1 };
	std::vector<rte_mbuf *> all(rte_mempool_avail_count(pool));
	ASSERT_EQ(rte_pktmbuf_alloc_bulk(pool, all.data(), (unsigned)all.size()), 0);
	EXPECT_EQ(Send(f), -ENOBUFS);
	EXPECT_EQ(rte_pio_sendv(port, 0, &iov, 1, 0), -ENOBUFS);
	EXPECT_EQ(rte_pio_send_burst(port, 0, &iov, 1, 0), -ENOBUFS);
	EXPECT_EQ(rte_pio_template_send(t, 0), -ENOBUFS);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -ENOBUFS);
	EXPECT_EQ(Info(t).updates, 0u);
	rte_pktmbuf_free_bulk(all.data(), (unsigned)all.size());
	EXPECT_EQ(Send(f), RTE_PIO_BY_RING);
	ExpectFrames({ f });
}

/* -EBUSY: running, or templates exist (R7 has templates in flight). */

PIO_SUITE(Errno_EBUSY, AllSubjects);

TEST_P(Errno_EBUSY, OptInAndOutOfAStartedPort)
{
	ASSERT_NO_FATAL_FAILURE(Configure(2));
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 1, &conf), 0);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -EBUSY);
	EXPECT_EQ(rte_pio_queue_release(port, 1), -EBUSY);
	EXPECT_EQ(Queue(0).state, RTE_PIO_QUEUE_NONE);
	EXPECT_NE(Queue(1).state, RTE_PIO_QUEUE_NONE);
}

TEST_P(Errno_EBUSY, TemplatesExist)
{
	Start();
	const Frame f = MakeFrame(64, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	StopPort();
	EXPECT_EQ(rte_pio_queue_release(port, 0), -EBUSY);
	EXPECT_EQ(rte_pio_driver_queue_release(pio_observe_dev(port), 0), -EBUSY);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
	StopPort();
	templates.clear();
	EXPECT_EQ(rte_pio_template_free(t), 0);
	EXPECT_EQ(rte_pio_queue_release(port, 0), 0);
}

/* -EEXIST: opted in already. */

PIO_SUITE(Errno_EEXIST, AllSubjects);

TEST_P(Errno_EEXIST, OptInTwice)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	const rte_pio_queue_info before = Queue();
	conf.threshold = 64;
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -EEXIST);
	EXPECT_EQ(Queue().conf.threshold, before.conf.threshold);
	EXPECT_EQ(Queue().mem, before.mem);
}

/* -ENETDOWN: the port is stopped. */

PIO_SUITE(Errno_ENETDOWN, AllSubjects);

TEST_P(Errno_ENETDOWN, EverySendOfAStoppedPort)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	const rte_pio_update u = { "x", 20, 1 };
	struct rte_pio_credits credits;
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);

	/* Before the first start, and after a stop. */
	for (int round = 0; round < 2; round++) {
		EXPECT_EQ(Send(f), -ENETDOWN);
		EXPECT_EQ(rte_pio_sendv(port, 0, &iov, 1, 0), -ENETDOWN);
		EXPECT_EQ(rte_pio_send_burst(port, 0, &iov, 1, 0), -ENETDOWN);
		EXPECT_EQ(rte_pio_credits(port, 0, &credits), -ENETDOWN);
		EXPECT_EQ(rte_pio_warm(port, 0, 64), -ENETDOWN);
		EXPECT_EQ(rte_pio_reap(port, 0), -ENETDOWN);
		EXPECT_EQ(rte_pio_template_send(t, 0), -ENETDOWN);
		EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -ENETDOWN);
		EXPECT_EQ(Info(t).updates, 0u);
		if (round == 0) {
			ASSERT_NO_FATAL_FAILURE(StartPort());
			EXPECT_EQ(Send(f), PioPath());
			ExpectFrames({ f });
			StopPort();
		}
	}
}

/* -EIO: the device failed. */

PIO_SUITE(Errno_EIO, PioSubjects);

TEST_P(Errno_EIO, EverySendOfAFailedDevice)
{
	if (!subject->CanFail())
		GTEST_SKIP() << "this device cannot be made to fail";
	Start();
	const Frame f = MakeFrame(64, 1);
	const rte_pio_iov iov = { f.data(), 64 };
	const rte_pio_update u = { "x", 20, 1 };
	struct rte_pio_credits credits;
	rte_pio_template_conf tc = {};
	rte_pio_template *t = Template(f), *out;
	ASSERT_NE(t, nullptr);

	tc.data = f.data();
	tc.len = 64;
	subject->Hold(port, true);
	for (uint32_t i = 0; i < 5; i++)
		ASSERT_GE(Send(MakeFrame(64, i)), 0);
	subject->Fail(port);
	EXPECT_EQ(Send(f), -EIO);
	EXPECT_EQ(rte_pio_sendv(port, 0, &iov, 1, 0), -EIO);
	EXPECT_EQ(rte_pio_send_burst(port, 0, &iov, 1, 0), -EIO);
	EXPECT_EQ(rte_pio_credits(port, 0, &credits), -EIO);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), -EIO);
	EXPECT_EQ(rte_pio_reap(port, 0), -EIO);
	EXPECT_EQ(rte_pio_template_send(t, 0), -EIO);
	EXPECT_EQ(rte_pio_template_update(t, 20, "x", 1), -EIO);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -EIO);
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &out), -EIO);
	EXPECT_EQ(Info(t).updates, 0u);
	EXPECT_FALSE(Burst(f));
	subject->Recover(port);
	subject->Hold(port, false);
	Take(0);
	EXPECT_EQ(Send(f), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ f, f });
}

/* -ENOMEM: host memory is exhausted at opt-in and at template_alloc. */

PIO_SUITE(Errno_ENOMEM, AllSubjects);

TEST_P(Errno_ENOMEM, NoHostMemory)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	ASSERT_NO_FATAL_FAILURE(Start());
	const Frame f = MakeFrame(64, 1);
	rte_pio_template_conf tc = {};
	rte_pio_template *t = nullptr;
	tc.data = f.data();
	tc.len = 64;
	{
		pio::HostMemoryEater eater;
		EXPECT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), -ENOMEM);
		EXPECT_EQ(t, nullptr);
	}
	EXPECT_EQ(Queue().nb_templates, 0u);
	ASSERT_EQ(rte_pio_template_alloc(port, 0, &tc, &t), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
	rte_pio_template_free(t);
	StopPort();
	ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	rte_pio_info before, after;
	ASSERT_EQ(rte_pio_info_get(port, &before), 0);
	rte_pio_queue_conf conf = Conf();
	{
		pio::HostMemoryEater eater;
		EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), -ENOMEM);
	}
	EXPECT_EQ(Queue().state, RTE_PIO_QUEUE_NONE);
	ASSERT_EQ(rte_pio_info_get(port, &after), 0);
	EXPECT_EQ(after.mem_free, before.mem_free);
	EXPECT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
}
