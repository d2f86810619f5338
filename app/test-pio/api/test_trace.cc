/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Trace points: on set-up and fallback, none on the plain path. */

#include <cstring>

#include <rte_trace.h>
#include <rte_trace_point.h>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;

namespace {

/* What one trace point wrote while something ran: the payloads of its events, one after another. */
class Trace {
public:
	explicit Trace(const std::string &name) : name(name)
	{
		EXPECT_GT(rte_trace_pattern(name.c_str(), true), 0) << "no trace point " << name;
		begin = Offset();
	}

	~Trace() { rte_trace_pattern(name.c_str(), false); }

	std::string
	Take()
	{
		const __rte_trace_header *h = Memory();
		std::string bytes;

		/* An event begins at a multiple of 8. */
		begin = RTE_ALIGN_CEIL(begin, 8u);
		if (h != nullptr && h->offset > begin)
			bytes.assign((const char *)h->mem + begin, h->offset - begin);
		begin = Offset();
		return bytes;
	}

	bool Fired() { return !Take().empty(); }

private:
	static const __rte_trace_header *
	Memory()
	{
		return static_cast<const __rte_trace_header *>(RTE_PER_LCORE(trace_mem));
	}

	static uint32_t
	Offset()
	{
		return Memory() != nullptr ? Memory()->offset : 0;
	}

	const std::string name;
	uint32_t begin;
};

/* A field of the payload of the first event, behind the 8 bytes of its head. */
template<typename T> T
At(const std::string &event, size_t offset)
{
	T value = {};

	EXPECT_GE(event.size(), 8 + offset + sizeof(T));
	if (event.size() >= 8 + offset + sizeof(T))
		memcpy(&value, event.data() + 8 + offset, sizeof(T));
	return value;
}

} /* namespace */

PIO_SUITE(TracePoints, AllSubjects);

TEST_P(TracePoints, SetUpFires)
{
	{
		/* Ports without a driver register when the first queue opts in. */
		Trace trace("lib.pio_ext.register");
		ASSERT_NO_FATAL_FAILURE(Configure());
		rte_pio_queue_conf conf = Conf();
		ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
		const std::string event = trace.Take();
		EXPECT_EQ(At<uint16_t>(event, 0), port);
		EXPECT_EQ(At<int>(event, 2), !subject->HasPio());
		ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
	}
	rte_pio_queue_conf conf = Conf([](rte_pio_queue_conf &c) { c.threshold = 200; });
	{
		Trace trace("lib.pio_ext.queue.setup");
		ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
		const std::string event = trace.Take();
		EXPECT_EQ(At<uint16_t>(event, 0), port);
		EXPECT_EQ(At<uint16_t>(event, 2), 0u);
		EXPECT_EQ(At<uint32_t>(event, 4), 200u);
		EXPECT_EQ(At<int>(event, 16), 0);
	}
	if (subject->HasPio()) {
		Trace trace("lib.pio_ext.block");
		ASSERT_NO_FATAL_FAILURE(StartPort());
		EXPECT_EQ(At<int>(trace.Take(), 2), 0);
		StopPort();
		EXPECT_EQ(At<int>(trace.Take(), 2), -ENETDOWN);
	}
	ASSERT_NO_FATAL_FAILURE(StartPort());
	{
		Trace trace("lib.pio_ext.queue.switch");
		ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
		EXPECT_EQ(At<int>(trace.Take(), 4), 0);
		ASSERT_EQ(rte_pio_queue_start(port, 0), 0);
		EXPECT_EQ(At<int>(trace.Take(), 4), 1);
	}
	{
		Trace trace("lib.pio_ext.threshold.set");
		const int ret = rte_pio_threshold_set(port, 0, 100);
		const std::string event = trace.Take();
		EXPECT_EQ(At<uint32_t>(event, 4), 100u);
		EXPECT_EQ(At<int>(event, 8), ret);
	}
	{
		Trace trace("lib.pio_ext.wc.selftest");
		rte_pio_wc_info wc;
		const int ret = rte_pio_wc_selftest(port, &wc);
		EXPECT_EQ(At<int>(trace.Take(), 2), ret);
	}
	rte_pio_template *t;
	{
		Trace trace("lib.pio_ext.template.alloc");
		t = Template(MakeFrame(100, 1));
		ASSERT_NE(t, nullptr);
		const std::string event = trace.Take();
		EXPECT_EQ(At<rte_pio_template *>(event, 4), t);
		EXPECT_EQ(At<uint32_t>(event, 12), 100u);
	}
	{
		Trace trace("lib.pio_ext.template.free");
		templates.clear();
		ASSERT_EQ(rte_pio_template_free(t), 0);
		EXPECT_EQ(At<rte_pio_template *>(trace.Take(), 0), t);
	}
	StopPort();
	{
		Trace trace("lib.pio_ext.queue.release");
		ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
		EXPECT_EQ(At<int>(trace.Take(), 4), 0);
	}
	{
		Trace trace("lib.pio_ext.unregister");
		const uint16_t was = port;
		subject->Detach(port);
		port = UINT16_MAX;
		EXPECT_EQ(At<uint16_t>(trace.Take(), 0), was);
	}
}

TEST_P(TracePoints, FallbackFiresWithItsReason)
{
	Start();
	rte_pio_template *t = Template(MakeFrame(100, 1));
	ASSERT_NE(t, nullptr);
	Trace trace("lib.pio_ext.fallback");

	ASSERT_EQ(Send(MakeFrame(900, 1)), RTE_PIO_BY_RING);
	std::string event = trace.Take();
	EXPECT_EQ(At<uint16_t>(event, 0), port);
	EXPECT_EQ(At<uint16_t>(event, 2), 0u);
	EXPECT_EQ(At<int>(event, 4), subject->HasPio() ? RTE_PIO_FB_LEN : RTE_PIO_FB_NO_DRIVER);
	EXPECT_EQ(At<uint32_t>(event, 8), 900u);
	EXPECT_EQ(At<int>(event, 12), RTE_PIO_BY_RING);

	ASSERT_EQ(rte_pio_queue_stop(port, 0), 0);
	ASSERT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(At<int>(trace.Take(), 4), RTE_PIO_FB_STOPPED);
	/* A call that was refused is traced with its errno. */
	ASSERT_EQ(Send(MakeFrame(64, 2), RTE_PIO_NO_FALLBACK), -ENOTSUP);
	event = trace.Take();
	EXPECT_EQ(At<int>(event, 4), RTE_PIO_FB_STOPPED);
	EXPECT_EQ(At<int>(event, 12), -ENOTSUP);
	Take(2);
}

TEST_P(TracePoints, ThePlainPathHasNone)
{
	if (!subject->HasPio())
		GTEST_SKIP() << "every frame is a fallback here";
	Start();
	rte_pio_template *t = Template(MakeFrame(100, 1), 2);
	ASSERT_NE(t, nullptr);
	const Frame f = MakeFrame(64, 2);
	const rte_pio_iov iov[] = { { f.data(), 30 }, { f.data() + 30, 34 } };
	const rte_pio_update u = { "x", 20, 1 };
	Trace trace("lib.pio_ext*");

	EXPECT_EQ(Send(f), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_sendv(port, 0, iov, 2, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_send_burst(port, 0, iov, 1, 0), 1);
	EXPECT_TRUE(Burst(f));
	EXPECT_EQ(rte_pio_template_update(t, 20, "y", 1), 0);
	EXPECT_EQ(rte_pio_template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_template_update_send(t, &u, 1, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_warm(port, 0, 64), RTE_PIO_BY_PIO);
	EXPECT_EQ(rte_pio_reap(port, 0), 0);
	Credits();
	EXPECT_FALSE(trace.Fired());
	/* It is on: a frame that is too long shows. */
	EXPECT_EQ(Send(MakeFrame(900, 3)), RTE_PIO_BY_RING);
	EXPECT_TRUE(trace.Fired());
	Take(7);
}
