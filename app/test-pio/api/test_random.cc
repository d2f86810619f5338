/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Random calls against a simple model of what the contract promises. The model knows: which
 * frames were accepted, in order; what each template holds; whether PIO is on and up to which
 * length; how many credits were promised. After every call it is asked whether the answer was
 * allowed; whenever the queue is drained, whether the wire carried exactly what was accepted.
 *
 *	PIO_RANDOM_OPS=N   calls per seed (default 30000; the slow suite runs 1000000)
 *	PIO_RANDOM_SEED=N  one seed instead of three
 *
 * A failure prints the seed and the number of the call: run that seed alone to repeat it.
 */

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>

#include "subject.h"

using pio::Frame;
using pio::MakeFrame;
using pio::Padded;

namespace {

unsigned long
EnvNumber(const char *name, unsigned long otherwise)
{
	const char *value = std::getenv(name);

	return value != nullptr ? std::strtoul(value, nullptr, 0) : otherwise;
}

/* A template as the model sees it. */
struct Model {
	rte_pio_template *t;
	Frame content;
	uint32_t room;
	bool resident;
};

} /* namespace */

class RandomCalls : public pio::ContractTest {
protected:
	static constexpr unsigned kTemplates = 6;

	void Run(uint32_t seed, unsigned long ops);
	void Step();

	uint32_t Below(uint32_t n) { return n != 0 ? rnd() % n : 0; }
	uint32_t Length();
	uint32_t Flags();
	Frame Next(uint32_t len) { return MakeFrame(len, seq++); }

	/* Is this answer to a send of len bytes allowed? Accepted frames join the wire. */
	void Judge(int ret, const Frame &f, uint32_t flags, bool by_template, bool resident,
		   bool room_known);
	void Drain();

	void DoSend();
	void DoSendv();
	void DoBurst();
	void DoTxBurst();
	void DoTemplateAlloc();
	void DoTemplateFree();
	void DoTemplateUpdate();
	void DoTemplateSend();
	void DoCredits();
	void DoBad();
	void DoWarm();
	void DoSwitch();
	void DoThreshold();
	void DoHold();
	void DoRestart();
	void DoFail();

	std::vector<rte_pio_update> Patches(Model &m, Frame &content, std::deque<Frame> &bytes);

	std::mt19937 rnd;
	uint32_t seq = 0;
	std::deque<Frame> wire;
	std::vector<Model> models;
	bool pio_on = true;
	bool held = false;
	uint32_t threshold = 0;
	uint32_t slot = 0;
	uint32_t ring_max = 0;
};

uint32_t
RandomCalls::Length()
{
	switch (Below(8)) {
	case 0:
		return 14 + Below(50);
	case 1:
		return slot > 16 ? slot - 2 + Below(5) : 14 + Below(5);
	case 2:
		return threshold > 16 ? threshold - 2 + Below(5) : 14 + Below(5);
	case 3:
		return ring_max - 2 + Below(5);
	case 4:
		return 14 + Below(1500);
	default:
		return 14 + Below(250);
	}
}

uint32_t
RandomCalls::Flags()
{
	uint32_t flags = 0;

	if (Below(6) == 0)
		flags |= RTE_PIO_NO_FALLBACK;
	if (Below(6) == 0)
		flags |= RTE_PIO_MORE;
	return flags;
}

void
RandomCalls::Judge(int ret, const Frame &f, uint32_t flags, bool by_template, bool resident,
		      bool room_known)
{
	const uint32_t len = (uint32_t)f.size();
	const bool could = pio_on && subject->HasPio() &&
		(by_template ? resident : len <= threshold) && len <= Queue().mtu + 18u;

	if (ret == RTE_PIO_BY_PIO) {
		ASSERT_TRUE(could) << "by PIO, " << len << " bytes, threshold " << threshold;
	} else if (ret == RTE_PIO_BY_RING) {
		ASSERT_EQ(flags & RTE_PIO_NO_FALLBACK, 0u);
		ASSERT_LE(len, ring_max);
		ASSERT_FALSE(could && room_known) << "by ring although PIO had room";
	} else if (ret == -EMSGSIZE) {
		ASSERT_TRUE(len > ring_max || (flags & RTE_PIO_NO_FALLBACK) != 0) << len;
		ASSERT_FALSE(could) << len;
	} else if (ret == -ENOTSUP) {
		ASSERT_NE(flags & RTE_PIO_NO_FALLBACK, 0u);
		ASSERT_FALSE(could);
	} else if (ret == -EBUSY) {
		ASSERT_TRUE(by_template && (flags & RTE_PIO_NO_FALLBACK) != 0 && could);
	} else {
		/* Nothing else may happen, and these only while frames are in flight. */
		ASSERT_TRUE(ret == -EAGAIN || ret == -ENOBUFS) << ret;
		ASSERT_FALSE(wire.empty());
		ASSERT_FALSE(could && room_known);
	}
	if (ret >= 0)
		wire.push_back(Padded(f));
}

void
RandomCalls::DoSend()
{
	const Frame f = Next(Length());
	const uint32_t flags = Flags();
	bool room = false;

	/* Sometimes ask first: what was promised must hold. */
	if (Below(2) == 0)
		room = Credits().frames > 0;
	Judge(Send(f, flags), f, flags, false, false, room);
}

void
RandomCalls::DoSendv()
{
	const Frame f = Next(Length());
	const uint32_t flags = Flags();
	std::vector<rte_pio_iov> iov;
	uint32_t off = 0;

	while (off < f.size() && iov.size() < 5) {
		uint32_t part = Below((uint32_t)f.size() - off + 1);

		iov.push_back({ f.data() + off, part });
		off += part;
	}
	iov.push_back({ f.data() + off, (uint32_t)f.size() - off });
	const bool room = Credits().frames > 0;
	Judge(rte_pio_sendv(port, 0, iov.data(), (uint16_t)iov.size(), flags), f, flags, false,
	      false, room);
}

void
RandomCalls::DoBurst()
{
	std::vector<Frame> frames;
	std::vector<rte_pio_iov> iov;
	const uint32_t flags = Flags();

	for (uint32_t n = Below(8); n > 0; n--)
		frames.push_back(Next(Length()));
	for (const Frame &f : frames)
		iov.push_back({ f.data(), (uint32_t)f.size() });
	const int ret = rte_pio_send_burst(port, 0, iov.data(), (uint16_t)iov.size(), flags);
	if (frames.empty()) {
		ASSERT_EQ(ret, 0);
		return;
	}
	if (ret < 0) {
		Judge(ret, frames[0], flags, false, false, false);
		return;
	}
	ASSERT_GE(ret, 1);
	ASSERT_LE(ret, (int)frames.size());
	for (int i = 0; i < ret; i++)
		wire.push_back(Padded(frames[i]));
}

void
RandomCalls::DoTxBurst()
{
	std::vector<rte_mbuf *> mbufs;
	std::vector<Frame> frames;

	for (uint32_t n = Below(5); n > 0; n--) {
		frames.push_back(Next(std::min(Length(), ring_max)));
		mbufs.push_back(Mbuf(frames.back(), 1 + (Below(4) == 0) * Below(3)));
		if (mbufs.back() == nullptr) {
			mbufs.pop_back();
			frames.pop_back();
			break;
		}
	}
	const uint16_t sent = rte_eth_tx_burst(port, 0, mbufs.data(), (uint16_t)mbufs.size());
	for (size_t i = 0; i < mbufs.size(); i++) {
		if (i < sent)
			wire.push_back(Padded(frames[i]));
		else
			rte_pktmbuf_free(mbufs[i]);
	}
}

void
RandomCalls::DoTemplateAlloc()
{
	const Frame f = Next(14 + Below(300));
	rte_pio_template_conf conf = {};
	rte_pio_template *t;

	conf.data = f.data();
	conf.len = (uint32_t)f.size();
	conf.room = Below(2) != 0 ? conf.len + Below(200) : 0;
	conf.nb_slots = Below(3);
	conf.resident = Below(4) == 0 ? RTE_PIO_RESIDENT_REQUIRED : RTE_PIO_RESIDENT_PREFERRED;
	const int ret = rte_pio_template_alloc(port, 0, &conf, &t);
	if (models.size() == kTemplates) {
		ASSERT_EQ(ret, conf.resident == RTE_PIO_RESIDENT_REQUIRED && !subject->HasPio() ?
			  ret : -ENOSPC);
		return;
	}
	if (ret != 0) {
		ASSERT_EQ(conf.resident, RTE_PIO_RESIDENT_REQUIRED);
		ASSERT_EQ(ret, subject->HasPio() ? -ENOSPC : -ENOTSUP);
		return;
	}
	const rte_pio_template_info info = Info(t);
	ASSERT_EQ(info.len, conf.len);
	ASSERT_EQ(info.room, std::max(conf.room, conf.len));
	ASSERT_TRUE(info.resident || conf.resident == RTE_PIO_RESIDENT_PREFERRED);
	models.push_back({ t, f, info.room, info.resident });
	templates.push_back(t);
}

void
RandomCalls::DoTemplateFree()
{
	if (models.empty())
		return;
	const size_t k = Below((uint32_t)models.size());

	ASSERT_EQ(rte_pio_template_free(models[k].t), 0);
	models.erase(models.begin() + k);
	templates.erase(templates.begin() + k);
}

/* Some patches, and what they make of content; now and then one that must be refused. */
std::vector<rte_pio_update>
RandomCalls::Patches(Model &m, Frame &content, std::deque<Frame> &bytes)
{
	std::vector<rte_pio_update> u(Below(4));

	for (rte_pio_update &one : u) {
		if (Below(8) == 0) {
			/* A new length; what is uncovered is zeros. */
			one = { nullptr, 14 + Below(m.room - 13), 0 };
			content.resize(one.offset, 0);
			continue;
		}
		one.offset = Below((uint32_t)content.size() + 1);
		one.len = Below(std::min(m.room - one.offset, 100u) + 1);
		bytes.push_back(MakeFrame(one.len + 18, seq++));
		one.data = bytes.back().data() + 18;
		if (one.offset + one.len > content.size())
			content.resize(one.offset + one.len);
		std::copy_n(bytes.back().begin() + 18, one.len, content.begin() + one.offset);
	}
	return u;
}

void
RandomCalls::DoTemplateUpdate()
{
	if (models.empty())
		return;
	Model &m = models[Below((uint32_t)models.size())];
	std::deque<Frame> bytes;

	for (const rte_pio_update &u : Patches(m, m.content, bytes))
		ASSERT_EQ(rte_pio_template_update(m.t, u.offset, u.data, u.len), 0);
	ASSERT_EQ(Info(m.t).len, m.content.size());
	/* Out of range, at either end: nothing happens. */
	uint8_t byte = 0;
	ASSERT_EQ(rte_pio_template_update(m.t, m.room, &byte, 1), -EINVAL);
	ASSERT_EQ(rte_pio_template_update(m.t, (uint32_t)m.content.size() + 1, &byte, 1), -EINVAL);
}

void
RandomCalls::DoTemplateSend()
{
	if (models.empty())
		return;
	Model &m = models[Below((uint32_t)models.size())];
	const uint32_t flags = Flags();
	std::deque<Frame> bytes;
	Frame content = m.content;
	int ret;

	if (Below(2) == 0) {
		ret = rte_pio_template_send(m.t, flags);
	} else {
		std::vector<rte_pio_update> u = Patches(m, content, bytes);

		ret = rte_pio_template_update_send(m.t, u.data(), (uint16_t)u.size(), flags);
	}
	Judge(ret, content, flags, true, m.resident, false);
	if (ret >= 0)
		m.content = content;
	ASSERT_EQ(Info(m.t).len, m.content.size());
}

void
RandomCalls::DoCredits()
{
	const uint32_t flags = RTE_PIO_NO_FALLBACK | (Below(2) != 0 ? RTE_PIO_MORE : 0);
	const struct rte_pio_credits c = Credits();

	if (!pio_on || !subject->HasPio()) {
		ASSERT_EQ(c.frames, 0u);
		return;
	}
	/* Exactly that many, and one more. */
	for (uint32_t i = 0; i <= c.frames; i++) {
		const Frame f = Next(threshold);
		const int ret = Send(f, flags);

		ASSERT_EQ(ret, i < c.frames ? RTE_PIO_BY_PIO : held ? -EAGAIN : ret) << i;
		if (ret >= 0)
			wire.push_back(Padded(f));
	}
}

void
RandomCalls::DoBad()
{
	const Frame f = Next(64);
	const rte_pio_iov iov = { nullptr, 5 };

	switch (Below(5)) {
	case 0:
		ASSERT_EQ(Send(f, 1u << (4 + Below(28))), -EINVAL);
		break;
	case 1:
		ASSERT_EQ(rte_pio_send(port, 0, f.data(), Below(14), 0), -EINVAL);
		break;
	case 2:
		ASSERT_EQ(rte_pio_sendv(port, 0, &iov, 1, 0), -EINVAL);
		break;
	case 3:
		ASSERT_EQ(rte_pio_send(port, 1 + Below(2000), f.data(), 64, 0), -EINVAL);
		break;
	default:
		ASSERT_EQ(rte_pio_queue_release(port, 0), -EBUSY);
		break;
	}
}

void
RandomCalls::DoWarm()
{
	const uint32_t len = Length();
	const bool could = pio_on && subject->HasPio() && len <= threshold;

	ASSERT_EQ(rte_pio_warm(port, 0, len), could ? RTE_PIO_BY_PIO : RTE_PIO_BY_RING);
	if (!models.empty()) {
		Model &m = models[Below((uint32_t)models.size())];

		ASSERT_GE(rte_pio_template_send(m.t, RTE_PIO_WARM), 0);
	}
}

void
RandomCalls::DoSwitch()
{
	pio_on = Below(3) != 0;
	ASSERT_EQ(pio_on ? rte_pio_queue_start(port, 0) : rte_pio_queue_stop(port, 0), 0);
}

void
RandomCalls::DoThreshold()
{
	if (!subject->HasPio())
		return;
	const uint32_t len = 10 + Below(slot);

	if (rte_pio_threshold_set(port, 0, len) == 0) {
		ASSERT_TRUE(len >= 14 && len <= slot);
		threshold = len;
	} else {
		ASSERT_TRUE(len < 14 || len > slot);
	}
}

void
RandomCalls::DoHold()
{
	held = Below(2) != 0;
	subject->Hold(port, held);
}

void
RandomCalls::Drain()
{
	held = false;
	subject->Hold(port, false);
	Settle();
	std::vector<Frame> got = Take(wire.size());
	ASSERT_EQ(got.size(), wire.size());
	for (size_t i = 0; i < got.size(); i++)
		ASSERT_EQ(got[i], wire[i]) << "frame " << i << " since the last drain";
	wire.clear();
	Settle();
}

void
RandomCalls::DoRestart()
{
	ASSERT_NO_FATAL_FAILURE(Drain());
	StopPort();
	ASSERT_NO_FATAL_FAILURE(DoTemplateUpdate());
	ASSERT_NO_FATAL_FAILURE(StartPort());
}

void
RandomCalls::DoFail()
{
	if (!subject->CanFail())
		return;
	/* What had not left is lost, never sent twice: the wire is a beginning of the list. */
	subject->Reboot(port);
	std::vector<Frame> got = Take(0);
	ASSERT_LE(got.size(), wire.size());
	for (size_t i = 0; i < got.size(); i++)
		ASSERT_EQ(got[i], wire[i]);
	wire.clear();
}

void
RandomCalls::Step()
{
	const uint32_t what = Below(1000);

	if (what < 250)
		DoSend();
	else if (what < 350)
		DoSendv();
	else if (what < 430)
		DoBurst();
	else if (what < 530)
		DoTxBurst();
	else if (what < 560)
		DoTemplateAlloc();
	else if (what < 580)
		DoTemplateFree();
	else if (what < 660)
		DoTemplateUpdate();
	else if (what < 830)
		DoTemplateSend();
	else if (what < 850)
		DoCredits();
	else if (what < 880)
		DoBad();
	else if (what < 910)
		DoWarm();
	else if (what < 930)
		DoSwitch();
	else if (what < 945)
		DoThreshold();
	else if (what < 970)
		DoHold();
	else if (what < 998)
		Drain();
	else if (what < 999)
		DoRestart();
	else
		DoFail();
}

void
RandomCalls::Run(uint32_t seed, unsigned long ops)
{
	rnd.seed(seed);
	Start([](rte_pio_queue_conf &c) {
		c.nb_templates_max = kTemplates;
		c.template_mem = 1024;
	});
	ASSERT_FALSE(HasFatalFailure());
	slot = Queue().slot_size;
	threshold = Queue().threshold;
	ring_max = Queue().ring_frame_max;
	for (unsigned long i = 0; i < ops; i++) {
		Step();
		ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << ", call " << i;
	}
	ASSERT_NO_FATAL_FAILURE(Drain());
	/* The books agree with each other. */
	const rte_pio_queue_stats s = Stats();
	uint64_t sum = 0;
	for (uint64_t n : s.fallback)
		sum += n;
	ASSERT_EQ(s.ring_packets, sum);
	for (rte_pio_template *t : templates)
		ASSERT_EQ(rte_pio_template_free(t), 0);
	templates.clear();
	models.clear();
	ASSERT_TRUE(Eventually([&] {
		return Queue().template_mem_free == Queue().template_mem;
	}));
}

TEST_P(RandomCalls, AgreeWithTheModel)
{
	const unsigned long ops = EnvNumber("PIO_RANDOM_OPS", 30000);
	const unsigned long one = EnvNumber("PIO_RANDOM_SEED", 0);

	for (uint32_t seed = 1; seed <= 3; seed++) {
		ASSERT_NO_FATAL_FAILURE(Run(one != 0 ? (uint32_t)one : seed, ops));
		if (one != 0)
			break;
		StopPort();
		ASSERT_EQ(rte_pio_queue_release(port, 0), 0);
		pio_on = true;
	}
}

INSTANTIATE_TEST_SUITE_P(Contract, RandomCalls, ::testing::ValuesIn(pio::CaptureSubjects()),
			 pio::SubjectName);
