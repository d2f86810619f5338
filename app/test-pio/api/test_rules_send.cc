/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Rules R1 to R5: what a send does, and what it does not. */

#include <algorithm>
#include <random>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

/* R1: frames of a queue leave in submission order, whichever call and path each takes. */

PIO_SUITE(R1_OrderIsKept, CaptureSubjects);

TEST_P(R1_OrderIsKept, AcrossCallsAndPaths)
{
	std::mt19937 rnd(1);
	uint32_t seq = 0;

	Start([](rte_pio_queue_conf &c) { c.nb_templates_max = 2; });
	rte_pio_template *t = Template(MakeFrame(100, 1000000), 2);
	ASSERT_NE(t, nullptr);
	for (int round = 0; round < 300; round++) {
		std::vector<Frame> sent;

		for (int i = 0; i < 10; i++) {
			uint32_t len = rnd() % 2 ? 14 + rnd() % 200 : 14 + rnd() % 1200;
			Frame f = MakeFrame(len, seq++);

			switch (rnd() % 5) {
			case 0:
				ASSERT_GE(Send(f), 0);
				break;
			case 1: {
				uint32_t cut = rnd() % len;
				rte_pio_iov iov[] = { { f.data(), cut },
						      { f.data() + cut, len - cut } };
				ASSERT_GE(rte_pio_sendv(port, 0, iov, 2, 0), 0);
				break;
			}
			case 2: {
				rte_pio_iov one = { f.data(), len };
				ASSERT_EQ(rte_pio_send_burst(port, 0, &one, 1, 0), 1);
				break;
			}
			case 3:
				ASSERT_TRUE(Burst(f));
				break;
			default: {
				f.resize(100, 0);
				rte_pio_update u = { f.data(), 0, 100 };
				ASSERT_GE(rte_pio_template_update_send(t, &u, 1, 0), 0);
				break;
			}
			}
			sent.push_back(f);
		}
		ASSERT_NO_FATAL_FAILURE(ExpectFrames(sent));
	}
}

TEST_P(R1_OrderIsKept, InsideABurst)
{
	std::vector<Frame> sent;
	std::vector<rte_pio_iov> iov;

	Start();
	/* Short ones, and long ones between them. */
	for (uint32_t seq = 0; seq < 12; seq++)
		sent.push_back(MakeFrame(seq % 4 == 3 ? 700 : 64 + seq, seq));
	for (const Frame &f : sent)
		iov.push_back({ f.data(), (uint32_t)f.size() });
	ASSERT_EQ(rte_pio_send_burst(port, 0, iov.data(), 12, 0), 12);
	ExpectFrames(sent);
}

TEST_P(R1_OrderIsKept, WhilePioIsSwitchedOffAndOn)
{
	std::vector<Frame> sent;

	Start();
	for (uint32_t seq = 0; seq < 40; seq++) {
		sent.push_back(MakeFrame(64, seq));
		ASSERT_GE(Send(sent.back()), 0);
		if (seq % 4 == 1) {
			ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
		}
		if (seq % 4 == 3) {
			ASSERT_EQ(rte_pio_queue_start(port, 0), 0);
		}
	}
	ExpectFrames(sent);
}

TEST_P(R1_OrderIsKept, WhenPioRunsOutInTheMiddle)
{
	std::vector<Frame> sent;

	Start();
	subject->Hold(port, true);
	for (uint32_t seq = 0; seq < 50; seq++) {
		sent.push_back(MakeFrame(200, seq));
		ASSERT_GE(Send(sent.back()), 0);
	}
	subject->Hold(port, false);
	Settle();
	ExpectFrames(sent);
}

TEST_P(R1_OrderIsKept, OfFramesThatWaitForTheirDoorbell)
{
	std::vector<Frame> sent;

	Start();
	for (uint32_t seq = 0; seq < 6; seq++) {
		/* Short, long, short ... all but the last held back. */
		sent.push_back(MakeFrame(seq % 2 ? 900 : 64, seq));
		ASSERT_GE(Send(sent.back(), seq < 5 ? RTE_PIO_MORE : 0), 0);
	}
	ExpectFrames(sent);
}

/* R2: one call decides, falls back and tells; an error changed nothing. */

PIO_SUITE(R2_OneCallDecides, PioSubjects);

TEST_P(R2_OneCallDecides, SmallFrameLeavesByPio)
{
	Start();
	Frame f = MakeFrame(64, 1);
	EXPECT_EQ(Send(f), RTE_PIO_BY_PIO);
	ExpectFrames({ f });
	EXPECT_EQ(Stats().pio_packets, 1u);
	EXPECT_EQ(Stats().pio_bytes, 64u);
	EXPECT_EQ(Stats().ring_packets, 0u);
}

TEST_P(R2_OneCallDecides, LongFrameLeavesByRing)
{
	Start();
	Frame f = MakeFrame(1000, 1);
	EXPECT_EQ(Send(f), RTE_PIO_BY_RING);
	ExpectFrames({ f });
	EXPECT_EQ(Stats().pio_packets, 0u);
	EXPECT_EQ(Stats().ring_packets, 1u);
	EXPECT_EQ(Stats().ring_bytes, 1000u);
}

TEST_P(R2_OneCallDecides, TheThresholdIsExact)
{
	Start([](rte_pio_queue_conf &c) { c.threshold = 200; });
	ASSERT_EQ(Queue().slot_size, 256u);
	EXPECT_EQ(Send(MakeFrame(200, 1)), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(MakeFrame(201, 2)), RTE_PIO_BY_RING);
	EXPECT_EQ(rte_pio_threshold_set(port, 0, 201), 0);
	EXPECT_EQ(Send(MakeFrame(201, 3)), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(MakeFrame(202, 4)), RTE_PIO_BY_RING);
	ExpectFrames({ MakeFrame(200, 1), MakeFrame(201, 2), MakeFrame(201, 3),
		       MakeFrame(202, 4) });
}

TEST_P(R2_OneCallDecides, EveryLengthArrivesWhole)
{
	Start();
	const uint32_t slot = Queue().slot_size;

	for (uint32_t len = 14; len <= 1518; len++) {
		Frame f = MakeFrame(len, len);
		ASSERT_EQ(Send(f), len <= slot ? RTE_PIO_BY_PIO : RTE_PIO_BY_RING) << len;
		ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
	}
}

TEST_P(R2_OneCallDecides, PiecesArriveWithoutGaps)
{
	std::mt19937 rnd(2);

	Start();
	for (uint32_t seq = 0; seq < 500; seq++) {
		Frame f = MakeFrame(14 + rnd() % 500, seq);
		std::vector<rte_pio_iov> iov;
		uint32_t off = 0;

		while (off < f.size() && iov.size() + 1 < RTE_PIO_IOV_MAX) {
			uint32_t part = std::min<uint32_t>(rnd() % 70, f.size() - off);
			/* Empty pieces are pieces, too. */
			iov.push_back({ part != 0 ? f.data() + off : nullptr, part });
			off += part;
		}
		iov.push_back({ f.data() + off, (uint32_t)f.size() - off });
		ASSERT_GE(rte_pio_sendv(port, 0, iov.data(), (uint16_t)iov.size(), 0), 0);
		ASSERT_NO_FATAL_FAILURE(ExpectFrames({ f }));
	}
}

TEST_P(R2_OneCallDecides, TheMemoryIsOursAgainAfterTheCall)
{
	Start();
	Frame small = MakeFrame(64, 1), large = MakeFrame(1000, 2);
	const Frame small_was = small, large_was = large;

	subject->Hold(port, true);
	ASSERT_EQ(Send(small), RTE_PIO_BY_PIO);
	ASSERT_EQ(Send(large), RTE_PIO_BY_RING);
	std::fill(small.begin(), small.end(), 0xee);
	std::fill(large.begin(), large.end(), 0xee);
	subject->Hold(port, false);
	ExpectFrames({ small_was, large_was });
}

TEST_P(R2_OneCallDecides, MbufsSentByPioAreFreeAtOnce)
{
	Start();
	subject->Hold(port, true);
	const unsigned before = rte_mempool_avail_count(pool);
	ASSERT_TRUE(Burst(MakeFrame(64, 1)));
	EXPECT_EQ(rte_mempool_avail_count(pool), before);
	EXPECT_EQ(Stats().pio_packets, 1u);
	ASSERT_TRUE(Burst(MakeFrame(1000, 2)));
	EXPECT_EQ(rte_mempool_avail_count(pool), before - 1);
	subject->Hold(port, false);
	ExpectFrames({ MakeFrame(64, 1), MakeFrame(1000, 2) });
}

TEST_P(R2_OneCallDecides, ABurstTellsHowManyWent)
{
	std::vector<Frame> frames;
	std::vector<rte_pio_iov> iov;

	Start();
	for (uint32_t i = 0; i < 20; i++)
		frames.push_back(MakeFrame(60 + 40 * (i % 10), i));
	for (const Frame &f : frames)
		iov.push_back({ f.data(), (uint32_t)f.size() });
	EXPECT_EQ(rte_pio_send_burst(port, 0, iov.data(), 20, 0), 20);
	ExpectFrames(frames);
	EXPECT_EQ(rte_pio_send_burst(port, 0, iov.data(), 0, 0), 0);
	EXPECT_EQ(rte_pio_send_burst(port, 0, nullptr, 0, 0), 0);
	/* The first frame that cannot go ends the burst; those before it went. */
	iov[3].len = 13;
	EXPECT_EQ(rte_pio_send_burst(port, 0, iov.data(), 20, 0), 3);
	ExpectFrames({ frames[0], frames[1], frames[2] });
	/* Not even the first: its error. */
	EXPECT_EQ(rte_pio_send_burst(port, 0, &iov[3], 5, 0), -EINVAL);
	ExpectFrames({});
}

TEST_P(R2_OneCallDecides, NoFallbackMeansPioOrNothing)
{
	Start();
	EXPECT_EQ(Send(MakeFrame(1000, 1), RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	EXPECT_EQ(Send(MakeFrame(64, 2), RTE_PIO_NO_FALLBACK), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(Send(MakeFrame(64, 3), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	ExpectFrames({ MakeFrame(64, 2) });
	EXPECT_EQ(Stats().ring_packets, 0u);
}

TEST_P(R2_OneCallDecides, FallbackNoneIsNoFallbackForEveryCall)
{
	Start([](rte_pio_queue_conf &c) { c.fallback = RTE_PIO_FALLBACK_NONE; });
	EXPECT_EQ(Send(MakeFrame(1000, 1)), -EMSGSIZE);
	EXPECT_EQ(Send(MakeFrame(64, 2)), RTE_PIO_BY_PIO);
	/* mbufs have a ring of their own right: it takes them. */
	EXPECT_TRUE(Burst(MakeFrame(1000, 3)));
	ExpectFrames({ MakeFrame(64, 2), MakeFrame(1000, 3) });
}

/* All that a caller can see of a queue, to compare before and after a call that failed. */
struct Visible {
	struct rte_pio_credits credits;
	uint64_t lines;
	uint64_t pio, ring;
	unsigned mbufs;
	Frame memory;

	bool
	operator==(const Visible &o) const
	{
		return credits.frames == o.credits.frames && credits.bytes == o.credits.bytes &&
			lines == o.lines && pio == o.pio && ring == o.ring &&
			mbufs == o.mbufs && memory == o.memory;
	}
};

TEST_P(R2_OneCallDecides, AnErrorChangedNothing)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(100, 77));
	ASSERT_NE(t, nullptr);
	auto see = [&] {
		return Visible{ Credits(), subject->Lines(port), Stats().pio_packets,
				Stats().ring_packets, rte_mempool_avail_count(pool),
				subject->Memory(port) };
	};
	const Frame f = MakeFrame(64, 1), big = MakeFrame(2000, 2);
	const rte_pio_iov bad[] = { { f.data(), 20 }, { nullptr, 20 } };
	const rte_pio_update outside[] = { { f.data(), 0, 4 }, { f.data(), 98, 3 } };
	const Visible before = see();

	EXPECT_EQ(Send(f, 1u << 31), -EINVAL);
	EXPECT_EQ(rte_pio_send(port, 0, nullptr, 64, 0), -EINVAL);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 13, 0), -EINVAL);
	EXPECT_EQ(Send(big), -EMSGSIZE);
	EXPECT_EQ(Send(f, RTE_PIO_CSUM), -EINVAL);
	EXPECT_EQ(rte_pio_sendv(port, 0, bad, 2, 0), -EINVAL);
	EXPECT_EQ(rte_pio_template_update_send(t, outside, 2, 0), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, 98, f.data(), 3), -EINVAL);
	EXPECT_TRUE(see() == before);
	/* Neither has the template: the first of the two patches was not applied. */
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ MakeFrame(100, 77) });
}

TEST_P(R2_OneCallDecides, AFullQueueChangedNothing)
{
	Start();
	subject->Hold(port, true);
	const unsigned n = ExhaustRing(0);
	ASSERT_GT(n, 0u);
	const Frame memory = subject->Memory(port);
	const uint64_t lines = subject->Lines(port);
	const unsigned mbufs = rte_mempool_avail_count(pool);

	for (int i = 0; i < 3; i++)
		EXPECT_EQ(Send(MakeFrame(64, 5000)), -EAGAIN);
	EXPECT_EQ(subject->Lines(port), lines);
	EXPECT_EQ(subject->Memory(port), memory);
	EXPECT_EQ(rte_mempool_avail_count(pool), mbufs);
	subject->Hold(port, false);
	std::vector<Frame> sent;
	for (uint32_t i = 0; i < n; i++)
		sent.push_back(MakeFrame(64, i));
	ExpectFrames(sent);
}

TEST_P(R2_OneCallDecides, AFailedUpdateSendAppliesNoPatch)
{
	Start([](rte_pio_queue_conf &c) { c.fallback = RTE_PIO_FALLBACK_NONE; });
	const Frame was = MakeFrame(128, 1);
	rte_pio_template *t = Template(was);
	ASSERT_NE(t, nullptr);
	const uint8_t patch[4] = { 1, 2, 3, 4 };
	const rte_pio_update u = { patch, 64, 4 };

	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -EBUSY);
	EXPECT_EQ(Info(t).updates, 0u);
	subject->Hold(port, false);
	Settle();
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	ExpectFrames({ was, was });
}

TEST_P(R2_OneCallDecides, AFailedFallbackOfUpdateSendAppliesNoPatch)
{
	Start();
	const Frame was = MakeFrame(128, 1);
	rte_pio_template *t = Template(was);
	ASSERT_NE(t, nullptr);
	const uint8_t patch[4] = { 1, 2, 3, 4 };
	const rte_pio_update u = { patch, 64, 4 };
	std::vector<rte_mbuf *> all(rte_mempool_avail_count(pool));

	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	ASSERT_EQ(rte_pktmbuf_alloc_bulk(pool, all.data(), (unsigned)all.size()), 0);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -ENOBUFS);
	rte_pktmbuf_free_bulk(all.data(), (unsigned)all.size());
	EXPECT_EQ(Info(t).updates, 0u);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	ExpectFrames({ was });
}

/* R3: no "ring must be empty first". */

PIO_SUITE(R3_NoEmptyRingFirst, PioSubjects);

TEST_P(R3_NoEmptyRingFirst, PioFollowsRingFramesInFlight)
{
	Start();
	subject->Hold(port, true);
	ASSERT_EQ(Send(MakeFrame(1000, 1)), RTE_PIO_BY_RING);
	ASSERT_TRUE(Burst(MakeFrame(1200, 2)));
	EXPECT_EQ(Send(MakeFrame(64, 3)), RTE_PIO_BY_PIO);
	EXPECT_EQ(Send(MakeFrame(1000, 4)), RTE_PIO_BY_RING);
	EXPECT_EQ(Send(MakeFrame(64, 5)), RTE_PIO_BY_PIO);
	subject->Hold(port, false);
	ExpectFrames({ MakeFrame(1000, 1), MakeFrame(1200, 2), MakeFrame(64, 3),
		       MakeFrame(1000, 4), MakeFrame(64, 5) });
}

TEST_P(R3_NoEmptyRingFirst, SeveralPioFramesAreInFlight)
{
	Start();
	subject->Hold(port, true);
	for (uint32_t i = 0; i < 3; i++)
		EXPECT_EQ(Send(MakeFrame(100, i)), RTE_PIO_BY_PIO);
	subject->Hold(port, false);
	ExpectFrames({ MakeFrame(100, 0), MakeFrame(100, 1), MakeFrame(100, 2) });
}

/* R4: no call spins. The device is held for good: a call that waits for it never returns. */

PIO_SUITE(R4_NoCallSpins, PioSubjects);

TEST_P(R4_NoCallSpins, NoRoomIsAgainAtOnce)
{
	Start();
	subject->Hold(port, true);
	ASSERT_GT(ExhaustPio(Queue().threshold, 0), 0u);
	EXPECT_EQ(Send(MakeFrame(Queue().threshold, 100), RTE_PIO_NO_FALLBACK), -EAGAIN);
	ASSERT_GT(ExhaustRing(200), 0u);
	EXPECT_EQ(Send(MakeFrame(64, 300)), -EAGAIN);
	EXPECT_EQ(Send(MakeFrame(1000, 300)), -EAGAIN);
	EXPECT_FALSE(Burst(MakeFrame(64, 300)));
	EXPECT_EQ(rte_pio_reap(port, 0), 0);
	EXPECT_EQ(Credits().frames, 0u);
	EXPECT_GE(rte_pio_warm(port, 0, 64), 0);
}

TEST_P(R4_NoCallSpins, TemplatesInFlightAreBusyAtOnce)
{
	Start([](rte_pio_queue_conf &c) { c.fallback = RTE_PIO_FALLBACK_NONE; });
	rte_pio_template *t = Template(MakeFrame(100, 1));
	ASSERT_NE(t, nullptr);
	const uint8_t byte = 1;
	const rte_pio_update u = { &byte, 20, 1 };

	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_send(t, 0), -EBUSY);
	EXPECT_EQ(rte_pio_template_update(t, 20, &byte, 1), -EBUSY);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), -EBUSY);
	EXPECT_EQ(Info(t).in_flight, 1u);
	/* Free does not wait for the last send either. */
	templates.clear();
	EXPECT_EQ(rte_pio_template_free(t), 0);
	subject->Hold(port, false);
	ExpectFrames({ MakeFrame(100, 1) });
}

/* R5: length and credits are checked before the first byte crosses the bus. */

PIO_SUITE(R5_CheckedBeforeTheBus, PioSubjects);

TEST_P(R5_CheckedBeforeTheBus, NoByteOfARefusedFrameReachesTheAdapter)
{
	Start();
	if (!subject->CountsLines())
		GTEST_SKIP() << "this subject's lines are counted by the emulator's violations";
	const uint32_t slot = Queue().slot_size;
	const Frame f = MakeFrame(2000, 1);
	rte_pio_template *t = Template(MakeFrame(100, 2), 1, 128);
	ASSERT_NE(t, nullptr);
	std::vector<rte_pio_iov> many(RTE_PIO_IOV_MAX + 1, rte_pio_iov{ f.data(), 2 });
	const rte_pio_iov huge[] = { { f.data(), 64 }, { f.data(), UINT32_MAX } };
	const uint64_t before = subject->Lines(port);

	EXPECT_EQ(rte_pio_send(port, 0, f.data(), slot + 1, RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), UINT32_MAX, RTE_PIO_NO_FALLBACK), -EMSGSIZE);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), UINT32_MAX, 0), -EMSGSIZE);
	EXPECT_EQ(rte_pio_send(port, 0, f.data(), 0, 0), -EINVAL);
	EXPECT_EQ(rte_pio_sendv(port, 0, many.data(), RTE_PIO_IOV_MAX + 1, 0), -EINVAL);
	EXPECT_EQ(rte_pio_sendv(port, 0, huge, 2, 0), -EMSGSIZE);
	EXPECT_EQ(rte_pio_template_update(t, 100, f.data(), 29), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, 101, f.data(), 1), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, UINT32_MAX, f.data(), 2), -EINVAL);
	EXPECT_EQ(rte_pio_template_update(t, 2, f.data(), UINT32_MAX), -EINVAL);
	EXPECT_EQ(rte_pio_warm(port, 0, 13), -EINVAL);
	EXPECT_EQ(subject->Lines(port), before);
	ExpectFrames({});
}

TEST_P(R5_CheckedBeforeTheBus, CreditsAreExact)
{
	for (uint32_t threshold : { 60u, 128u, 256u, 500u }) {
		SCOPED_TRACE(threshold);
		Start([&](rte_pio_queue_conf &c) {
			c.threshold = threshold;
			c.template_mem = 256;
		});
		/* Twice, with some frames in flight the second time. */
		for (int round = 0; round < 2; round++) {
			subject->Hold(port, true);
			if (round == 1) {
				ASSERT_EQ(Send(MakeFrame(60, 1)), RTE_PIO_BY_PIO);
			}
			const struct rte_pio_credits c = Credits();
			ASSERT_GT(c.frames, 0u);
			EXPECT_GE(c.bytes, c.frames * threshold);
			for (uint32_t i = 0; i < c.frames; i++)
				ASSERT_EQ(Send(MakeFrame(threshold, i), RTE_PIO_NO_FALLBACK),
					  RTE_PIO_BY_PIO) << i << " of " << c.frames;
			EXPECT_EQ(Credits().frames, 0u);
			EXPECT_EQ(Send(MakeFrame(threshold, 99), RTE_PIO_NO_FALLBACK), -EAGAIN);
			EXPECT_EQ(Send(MakeFrame(threshold, 99)), RTE_PIO_BY_RING);
			subject->Hold(port, false);
			Take(c.frames + 1);
			Settle();
		}
		StopPort();
		ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	}
}

TEST_P(R5_CheckedBeforeTheBus, CreditsNeverExceedWhatTheRingTakes)
{
	Start();
	subject->Hold(port, true);
	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	EXPECT_EQ(Credits().frames, 0u);
	ASSERT_GT(ExhaustRing(0), 0u);
	ASSERT_EQ(rte_pio_queue_start(port, 0), 0);
	EXPECT_EQ(Credits().frames, 0u);
	EXPECT_EQ(Credits().bytes, 0u);
	EXPECT_EQ(Send(MakeFrame(64, 1), RTE_PIO_NO_FALLBACK), -EAGAIN);
}
