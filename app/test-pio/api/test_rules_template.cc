/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Rules R6 and R7: templates are reusable objects, and what is in flight is never touched. */

#include <algorithm>
#include <cstring>
#include <random>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* R6: any L2 frame, any number of sends, survives whatever happens to the port. */

PIO_SUITE(R6_TemplatesLast, CaptureSubjects);

TEST_P(R6_TemplatesLast, AnyNumberOfSends)
{
	Start();
	const Frame f = MakeFrame(100, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(Info(t).resident, subject->HasPio());
	for (int i = 0; i < 1000; i++) {
		ASSERT_EQ(rte_pio_template_send(t, 0), PioPath()) << i;
		ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
	}
	EXPECT_EQ(Info(t).sends + Info(t).ring_sends, 1000u);
}

TEST_P(R6_TemplatesLast, AnyLayer2Frame)
{
	std::vector<Frame> frames;

	Start([](rte_pio_queue_conf &c) { c.nb_templates_max = 1; });
	/* A bare header, ARP, a VLAN tag, LLDP, 802.3 with a length, a frame of noise. */
	frames.push_back(MakeFrame(14, 1));
	for (uint16_t type : { 0x0806, 0x8100, 0x88cc, 0x0026 }) {
		frames.push_back(MakeFrame(64, type));
		frames.back()[12] = (uint8_t)(type >> 8);
		frames.back()[13] = (uint8_t)type;
	}
	frames.push_back(MakeFrame(333, 9));
	for (const Frame &f : frames) {
		rte_pio_template *t = Template(f);
		ASSERT_NE(t, nullptr);
		EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
		ExpectFrames({ f });
		templates.clear();
		ASSERT_EQ(rte_pio_template_free(t), 0);
		Settle();
	}
}

TEST_P(R6_TemplatesLast, EveryLength)
{
	Start();
	for (uint32_t len = 14; len <= 700; len++) {
		Frame f = MakeFrame(len, len);
		rte_pio_template *t = Template(f);
		ASSERT_NE(t, nullptr);
		ASSERT_EQ(rte_pio_template_send(t, 0), PioPath());
		ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
		templates.clear();
		ASSERT_EQ(rte_pio_template_free(t), 0);
		Settle();
	}
}

TEST_P(R6_TemplatesLast, AcrossStopAndStart)
{
	Start();
	Frame f = MakeFrame(200, 1);
	rte_pio_template *t = Template(f, 2);
	ASSERT_NE(t, nullptr);
	for (int i = 0; i < 5; i++) {
		StopPort();
		EXPECT_EQ(rte_pio_template_send(t, 0), -ENETDOWN);
		/* Patched while the port is down. */
		f[20 + i] ^= 0xff;
		EXPECT_EQ(rte_pio_template_update(t, 20 + i, &f[20 + i], 1), 0);
		ASSERT_NO_FATAL_FAILURE(StartPort());
		EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
		EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
		ExpectFrames({ f, f });
	}
}

TEST_P(R6_TemplatesLast, WithSendsInFlightAtTheStop)
{
	Start();
	Frame f = MakeFrame(200, 1);
	rte_pio_template *t = Template(f, 2);
	ASSERT_NE(t, nullptr);
	ASSERT_GE(rte_pio_template_send(t, 0), 0);
	ASSERT_GE(rte_pio_template_send(t, 0), 0);
	StopPort();
	Take(2);
	EXPECT_EQ(Info(t).in_flight, 0u);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
}

TEST_P(R6_TemplatesLast, AllocatedWhileThePortIsDown)
{
	ASSERT_NO_FATAL_FAILURE(Configure());
	rte_pio_queue_conf conf = Conf();
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	const Frame f = MakeFrame(128, 3);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
	/* ... and freed while it is down. */
	StopPort();
	templates.clear();
	EXPECT_EQ(rte_pio_template_free(t), 0);
	EXPECT_EQ(rte_pio_queue_release(port, 0), 0);
}

TEST_P(R6_TemplatesLast, AcrossQueueStopAndStart)
{
	Start();
	Frame f = MakeFrame(150, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	f[30] ^= 0xff;
	EXPECT_EQ(rte_pio_template_update(t, 30, &f[30], 1), 0);
	ExpectFrames({ MakeFrame(150, 1) });
	ASSERT_EQ(rte_pio_queue_start(port, 0), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
}

TEST_P(R6_TemplatesLast, AcrossAnMtuChange)
{
	Start();
	const Frame f = MakeFrame(150, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	StopPort();
	if (rte_eth_dev_set_mtu(port, 1000) != 0)
		GTEST_SKIP() << "this port's MTU cannot be changed";
	ASSERT_NO_FATAL_FAILURE(StartPort());
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
}

TEST_P(R6_TemplatesLast, AcrossDeviceRecovery)
{
	if (!subject->CanFail())
		GTEST_SKIP() << "this device cannot be made to fail";
	Start();
	const Frame f = MakeFrame(150, 1), g = MakeFrame(70, 2);
	rte_pio_template *one = Template(f), *two = Template(g, 2);
	ASSERT_NE(one, nullptr);
	ASSERT_NE(two, nullptr);
	for (int i = 0; i < 3; i++) {
		subject->Reboot(port);
		Take(0);
		EXPECT_EQ(rte_pio_template_send(one, 0), RTE_PIO_BY_PIO);
		EXPECT_EQ(rte_pio_template_send(two, 0), RTE_PIO_BY_PIO);
		EXPECT_EQ(rte_pio_template_send(two, 0), RTE_PIO_BY_PIO);
		ExpectFrames({ f, g, g });
	}
	subject->Fail(port);
	EXPECT_EQ(rte_pio_template_send(one, 0), -EIO);
	EXPECT_EQ(rte_pio_template_update(one, 20, "x", 1), -EIO);
	EXPECT_EQ(Info(one).len, 150u);
	subject->Recover(port);
	Take(0);
	EXPECT_EQ(rte_pio_template_send(one, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ f });
}

TEST_P(R6_TemplatesLast, FreedInFlightAcrossRecovery)
{
	if (!subject->CanFail())
		GTEST_SKIP() << "this device cannot be made to fail";
	Start();
	const uint32_t room = Queue().template_mem_free;
	rte_pio_template *t = Template(MakeFrame(150, 1));
	ASSERT_NE(t, nullptr);
	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	templates.clear();
	ASSERT_EQ(rte_pio_template_free(t), 0);
	EXPECT_LT(Queue().template_mem_free, room) << "given back while the adapter reads it";
	subject->Reboot(port);
	EXPECT_EQ(Queue().template_mem_free, room);
}

TEST_P(R6_TemplatesLast, ALengthCanGrowAndShrink)
{
	Start();
	Frame f = MakeFrame(100, 1);
	rte_pio_template *t = Template(f, 2, 300);
	ASSERT_NE(t, nullptr);
	const Frame more = MakeFrame(150, 2);

	/* Past the end: longer. */
	ASSERT_EQ(rte_pio_template_update(t, 90, more.data(), 150), 0);
	f.resize(240);
	std::copy(more.begin(), more.end(), f.begin() + 90);
	EXPECT_EQ(Info(t).len, 240u);
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
	/* Cut: what was there is not padding either. */
	ASSERT_EQ(rte_pio_template_update(t, 20, nullptr, 0), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ Frame(f.begin(), f.begin() + 20) });
	/* Grown by length only: zeros. */
	ASSERT_EQ(rte_pio_template_update(t, 300, nullptr, 0), 0);
	f.resize(20);
	f.resize(300, 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), PioPath());
	ExpectFrames({ f });
}

TEST_P(R6_TemplatesLast, UpdateSendPatchesAndSendsInOneCall)
{
	std::mt19937 rnd(3);

	Start();
	Frame f = MakeFrame(400, 1);
	rte_pio_template *t = Template(f, 2);
	ASSERT_NE(t, nullptr);
	for (uint32_t i = 0; i < 500; i++) {
		Frame bytes = MakeFrame(64, i);
		rte_pio_update u[3];

		for (rte_pio_update &one : u) {
			one.offset = rnd() % 336;
			one.len = rnd() % 64;
			one.data = bytes.data();
			std::copy_n(bytes.begin(), one.len, f.begin() + one.offset);
		}
		ASSERT_EQ(rte_pio_template_update_send(t, u, 3, 0), PioPath());
		ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
	}
	EXPECT_EQ(Info(t).updates, 1500u);
	EXPECT_EQ(Stats().template_updates, 1500u);
}

/* R6, adapter side: what is resident costs a doorbell, what is dirty its lines. */

PIO_SUITE(R6_TemplatesAreResident, PioSubjects);

TEST_P(R6_TemplatesAreResident, OnlyDirtyLinesCrossTheBus)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(256, 1));
	ASSERT_NE(t, nullptr);
	EXPECT_EQ(Info(t).lines, 4u);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(Info(t).lines, 4u) << "a clean template is a doorbell and nothing else";
	Take(1);
	Settle();
	EXPECT_EQ(rte_pio_template_update(t, 70, "ab", 2), 0);
	EXPECT_EQ(Info(t).lines, 5u) << "one line";
	EXPECT_EQ(rte_pio_template_update(t, 127, "ab", 2), 0);
	EXPECT_EQ(Info(t).lines, 7u) << "two lines, across their border";
	const rte_pio_update u[] = { { "c", 0, 1 }, { "d", 255, 1 }, { "e", 1, 1 } };
	EXPECT_EQ(rte_pio_template_update_send(t, u, 3, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(Info(t).lines, 9u) << "first and last line, each once";
	EXPECT_EQ(Stats().template_lines, 9u);
}

TEST_P(R6_TemplatesAreResident, NoRoomMeansHostMemoryAndIsVisible)
{
	Start([](rte_pio_queue_conf &c) { c.template_mem = 128; });
	ASSERT_EQ(Queue().template_mem, 128u);
	rte_pio_template *in = Template(MakeFrame(128, 1));
	ASSERT_NE(in, nullptr);
	EXPECT_TRUE(Info(in).resident);
	EXPECT_EQ(Queue().template_mem_free, 0u);
	rte_pio_template *out = Template(MakeFrame(64, 2));
	ASSERT_NE(out, nullptr);
	EXPECT_FALSE(Info(out).resident);
	EXPECT_EQ(Info(out).nb_slots, 0u);
	EXPECT_EQ(rte_pio_template_send(out, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(Info(out).ring_sends, 1u);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_TEMPLATE_HOST], 1u);
	EXPECT_EQ(rte_pio_template_send(out, RTE_PIO_NO_FALLBACK), -ENOTSUP);
	EXPECT_EQ(rte_pio_template_send(in, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ MakeFrame(64, 2), MakeFrame(128, 1) });
}

TEST_P(R6_TemplatesAreResident, FreedRoomIsRoomAgain)
{
	Start([](rte_pio_queue_conf &c) {
		c.template_mem = 512;
		c.nb_templates_max = 8;
	});
	const uint32_t all = Queue().template_mem_free;
	std::mt19937 rnd(4);
	std::vector<rte_pio_template *> live;

	ASSERT_EQ(all, 512u);
	for (uint32_t i = 0; i < 2000; i++) {
		if (live.size() < 8 && rnd() % 2) {
			const Frame f = MakeFrame(14 + rnd() % 200, i);
			rte_pio_template_conf conf = {};
			rte_pio_template *t;

			conf.data = f.data();
			conf.len = (uint32_t)f.size();
			conf.nb_slots = 1 + rnd() % 2;
			ASSERT_EQ(rte_pio_template_alloc(port, 0, &conf, &t), 0);
			ASSERT_GE(rte_pio_template_send(t, 0), 0);
			live.push_back(t);
			ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
		} else if (!live.empty()) {
			size_t k = rnd() % live.size();

			ASSERT_EQ(rte_pio_template_free(live[k]), 0);
			live.erase(live.begin() + k);
		}
	}
	for (rte_pio_template *t : live)
		ASSERT_EQ(rte_pio_template_free(t), 0);
	EXPECT_TRUE(Eventually([&] { return Queue().template_mem_free == all; }));
	EXPECT_EQ(Queue().nb_templates, 0u);
}

TEST_P(R6_TemplatesAreResident, TemplatesAndSlotsNeverShareMemory)
{
	/* Many frames between two sends of a template: none of them may land in it. */
	Start();
	const Frame f = MakeFrame(256, 1);
	rte_pio_template *t = Template(f, 2);
	ASSERT_NE(t, nullptr);
	for (uint32_t i = 0; i < 100; i++) {
		std::vector<Frame> sent;

		for (uint32_t k = 0; k < 5; k++) {
			sent.push_back(MakeFrame(Queue().slot_size, 100 + 5 * i + k));
			ASSERT_GE(Send(sent.back()), 0);
		}
		sent.push_back(f);
		ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
		ASSERT_NO_FATAL_FAILURE(ExpectFrames(sent));
		Settle();
	}
}

/* R7: an update never changes a frame that is in flight. */

PIO_SUITE(R7_InFlightIsSafe, PioSubjects);

TEST_P(R7_InFlightIsSafe, OneSlotIsBusyWithoutFallback)
{
	Start([](rte_pio_queue_conf &c) { c.fallback = RTE_PIO_FALLBACK_NONE; });
	const Frame f = MakeFrame(100, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_update(t, 40, "changed", 7), -EBUSY);
	EXPECT_EQ(rte_pio_template_send(t, 0), -EBUSY);
	EXPECT_EQ(Stats().refused[RTE_PIO_FB_TEMPLATE_BUSY], 2u);
	subject->Hold(port, false);
	ExpectFrames({ f });
	Settle();
	EXPECT_EQ(rte_pio_template_update(t, 40, "changed", 7), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	Frame g = f;
	std::memcpy(&g[40], "changed", 7);
	ExpectFrames({ g });
}

TEST_P(R7_InFlightIsSafe, OneSlotFallsBackToTheRing)
{
	Start();
	const Frame f = MakeFrame(100, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	Frame g = f, h = f;
	std::memcpy(&g[40], "first", 5);
	std::memcpy(&h[40], "other", 5);

	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_update(t, 40, "first", 5), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	const rte_pio_update u = { "other", 40, 5 };
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(Stats().fallback[RTE_PIO_FB_TEMPLATE_BUSY], 2u);
	subject->Hold(port, false);
	ExpectFrames({ f, g, h });
	/* The slot catches up when it is free. */
	Settle();
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ h });
}

TEST_P(R7_InFlightIsSafe, TwoSlotsArePatchedWhileOneIsInFlight)
{
	Start([](rte_pio_queue_conf &c) { c.fallback = RTE_PIO_FALLBACK_NONE; });
	const Frame f = MakeFrame(200, 1);
	rte_pio_template *t = Template(f, 2);
	ASSERT_NE(t, nullptr);
	Frame g = f;
	std::memcpy(&g[100], "second", 6);

	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(Info(t).in_flight, 1u);
	EXPECT_EQ(rte_pio_template_update(t, 100, "second", 6), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(Info(t).in_flight, 2u);
	EXPECT_EQ(rte_pio_template_update(t, 100, "third!", 6), -EBUSY);
	subject->Hold(port, false);
	ExpectFrames({ f, g });
	/* The first slot missed a patch meanwhile: it gets it before it is sent. */
	Settle();
	for (int i = 0; i < 4; i++) {
		subject->Hold(port, true);
		EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
		EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
		subject->Hold(port, false);
		ExpectFrames({ g, g });
		Settle();
	}
}

TEST_P(R7_InFlightIsSafe, EveryPatchIsOnTheWireOnce)
{
	/* One outstanding send at any time, patched behind its back, both slots in turn. */
	Start();
	Frame f = MakeFrame(320, 1);
	rte_pio_template *t = Template(f, 2);
	ASSERT_NE(t, nullptr);
	std::vector<Frame> sent;
	std::mt19937 rnd(5);

	for (uint32_t i = 0; i < 200; i++) {
		subject->Hold(port, true);
		for (int k = 0; k < 3; k++) {
			const uint32_t off = rnd() % 312;
			const Frame bytes = MakeFrame(20, i * 3 + k);
			const rte_pio_update u = { bytes.data(), off, 8 };

			std::copy_n(bytes.begin(), 8, f.begin() + off);
			ASSERT_GE(rte_pio_template_update_send(t, &u, 1, 0), 0);
			sent.push_back(f);
		}
		subject->Hold(port, false);
		ASSERT_NO_FATAL_FAILURE(ExpectFrames(sent));
		sent.clear();
		Settle();
	}
}

TEST_P(R7_InFlightIsSafe, ASlotOfAFrameIsNotReusedBeforeItLeft)
{
	Start();
	std::vector<Frame> sent;

	subject->Hold(port, true);
	for (uint32_t i = 0; i < 50; i++) {
		sent.push_back(MakeFrame(100 + i, i));
		ASSERT_GE(Send(sent.back()), 0);
	}
	subject->Hold(port, false);
	ExpectFrames(sent);
}

TEST_P(R7_InFlightIsSafe, AFreedTemplateInFlightKeepsItsBytes)
{
	Start([](rte_pio_queue_conf &c) { c.template_mem = 128; });
	const Frame f = MakeFrame(128, 1);
	rte_pio_template *t = Template(f);
	ASSERT_NE(t, nullptr);
	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	templates.clear();
	ASSERT_EQ(rte_pio_template_free(t), 0);
	/* The reserve is still taken. */
	rte_pio_template *next = Template(MakeFrame(128, 2));
	ASSERT_NE(next, nullptr);
	EXPECT_FALSE(Info(next).resident);
	subject->Hold(port, false);
	ExpectFrames({ f });
	EXPECT_TRUE(Eventually([&] { return Queue().template_mem_free == 128; }));
	rte_pio_template *last = Template(MakeFrame(128, 3));
	ASSERT_NE(last, nullptr);
	EXPECT_TRUE(Info(last).resident);
}
