/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Templates: which lines cross the bus, what is never overwritten, and what happens without room. */

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

#include "dp_fixture.h"

namespace dp
{

class DpTemplate : public TxTest
{
protected:
	/* 2048 bytes: 3 slots of 256, 1216 of templates (19 lines, from 768), scratch. */
	static constexpr uint32_t kReserve = 1216;
	static constexpr uint32_t kBegin = 768;

	void templates(bool fallback = true, uint64_t offloads = 0)
	{
		auto conf = pio_conf(256, 2048, kReserve);

		conf.fallback_ring = fallback;
		queue_make(offloads, &conf);
	}

	struct rte_pio_template *make(const Bytes &data, uint16_t slots = 1, uint32_t room = 0,
				      enum rte_pio_resident resident = RTE_PIO_RESIDENT_REQUIRED,
				      uint64_t ol_flags = 0)
	{
		struct rte_pio_template_conf conf = {};
		struct rte_pio_template *t = nullptr;

		conf.data = data.data();
		conf.len = static_cast<uint32_t>(data.size());
		conf.room = std::max<uint32_t>(room, conf.len);
		conf.nb_slots = slots;
		conf.resident = resident;
		conf.tx_ol_flags = ol_flags;
		error_ = fp_->template_alloc(q_, &conf, &t);
		return t;
	}

	int update(struct rte_pio_template *t, uint32_t offset, const Bytes &data)
	{
		return fp_->template_update(t, offset, data.data(), static_cast<uint32_t>(data.size()));
	}

	int update_send(struct rte_pio_template *t, uint32_t offset, const Bytes &data, uint32_t flags = 0)
	{
		const struct rte_pio_update u = { data.data(), offset, static_cast<uint32_t>(data.size()) };

		return fp_->template_update_send(t, &u, 1, flags);
	}

	struct rte_pio_template_info info(struct rte_pio_template *t)
	{
		struct rte_pio_template_info i = {};

		EXPECT_EQ(fp_->template_info_get(t, &i), 0);
		return i;
	}

	const struct rte_pio_queue_stats &stats() { return *piopmd_dp_txq_pio_stats(q_); }

	int error_ = 0;
};

static Bytes
patched(Bytes frame, size_t offset, const Bytes &data)
{
	std::copy(data.begin(), data.end(), frame.begin() + static_cast<long>(offset));
	return frame;
}

/* Whatever is sent in between: nobody calls reap, and all of the reserve is needed each time. */
TEST_F(DpTemplate, MemoryOfTemplatesFreedInFlightIsFoundAgain)
{
	templates();
	for (unsigned int i = 0; i < 64; i++) {
		struct rte_pio_template *t = make(frame_make(kReserve, i));

		ASSERT_EQ(error_, 0) << i;
		ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO) << i;
		ASSERT_EQ(fp_->template_free(t), 0);
		if (i >= 32 || i % 2 == 0) {
			ASSERT_EQ(fp_->send(q_, frame_make(64).data(), 64, 0), RTE_PIO_BY_PIO) << i;
		}
		fetch();
		complete_all();
	}
}

TEST_F(DpTemplate, AllocWritesTheFrameAndFences)
{
	const Bytes f = frame_make(150);

	templates();
	struct rte_pio_template *t = make(f);
	ASSERT_EQ(error_, 0);
	EXPECT_EQ(trace_ops(), "LLLF");
	for (size_t i = 0; i < 3; i++)
		EXPECT_EQ(trace()[i].addr, window_.addr() + kBegin + 64 * i);
	EXPECT_EQ(memcmp(window_.as<uint8_t>() + kBegin, f.data(), 150), 0);
	EXPECT_EQ(t->port_id, 3);
	EXPECT_EQ(t->queue_id, 5);
	EXPECT_TRUE(info(t).resident);
	EXPECT_EQ(fp_->template_free(t), 0);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
}

TEST_F(DpTemplate, CleanSendIsADoorbellAndNothingElse)
{
	const Bytes f = frame_make(150);

	templates();
	struct rte_pio_template *t = make(f);
	for (unsigned int i = 0; i < 3 * kEntries; i++) {
		trace_clear();
		ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
		ASSERT_EQ(trace_ops(), "DwB");
		EXPECT_EQ(trace()[0].word(0), 0x9000009600000300u) << "150 bytes at 768";
		const auto sent = fetch();
		ASSERT_EQ(sent.size(), 1u);
		ASSERT_EQ(sent[0].data, f);
		complete_all();
	}
	EXPECT_EQ(info(t).sends, 3u * kEntries);
	EXPECT_EQ(stats().template_sends, 3u * kEntries);
	EXPECT_EQ(stats().template_lines, 3u) << "those of the allocation";
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, UpdateWritesOnlyTheLinesThatChange)
{
	const Bytes f = frame_make(300), patch = frame_make(6, 9);

	templates();
	struct rte_pio_template *t = make(f);
	trace_clear();
	ASSERT_EQ(update(t, 61, patch), 0); /* over the border of lines 0 and 1 */
	ASSERT_EQ(trace_ops(), "LLF");
	EXPECT_EQ(trace()[0].addr, window_.addr() + kBegin);
	EXPECT_EQ(trace()[1].addr, window_.addr() + kBegin + 64);
	trace_clear();
	ASSERT_EQ(update(t, 200, patch), 0);
	ASSERT_EQ(trace_ops(), "LF");
	EXPECT_EQ(trace()[0].addr, window_.addr() + kBegin + 192);
	trace_clear();
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "DwB") << "the update has fenced";
	EXPECT_EQ(fetch().at(0).data, patched(patched(f, 61, patch), 200, patch));
	EXPECT_EQ(info(t).updates, 2u);
	EXPECT_EQ(info(t).lines, 5u + 3u);
	complete_all();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, UpdateSendHasOneFenceAndOneDoorbell)
{
	const Bytes f = frame_make(300), a = frame_make(4, 5), b = frame_make(8, 6);
	const struct rte_pio_update updates[] = { { a.data(), 10, 4 }, { b.data(), 240, 8 },
						  { a.data(), 20, 4 } };

	templates();
	struct rte_pio_template *t = make(f);
	trace_clear();
	ASSERT_EQ(fp_->template_update_send(t, updates, 3, 0), RTE_PIO_BY_PIO);
	ASSERT_EQ(trace_ops(), "LLFDwB");
	EXPECT_EQ(trace()[0].addr, window_.addr() + kBegin);
	EXPECT_EQ(trace()[1].addr, window_.addr() + kBegin + 192);
	EXPECT_EQ(fetch().at(0).data, patched(patched(patched(f, 10, a), 240, b), 20, a));
	complete_all();
	trace_clear();
	ASSERT_EQ(fp_->template_update_send(t, nullptr, 0, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "DwB") << "no patch is template_send";
	fetch();
	complete_all();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, TwoSlotsTakeTurnsWhileOneIsInFlight)
{
	Bytes f = frame_make(100);

	templates();
	struct rte_pio_template *t = make(f, 2);
	for (unsigned int i = 0; i < 100; i++) {
		const Bytes patch = frame_make(4, i);

		f = patched(f, 30, patch);
		ASSERT_EQ(update_send(t, 30, patch), RTE_PIO_BY_PIO) << i;
		if (i != 0) {
			/* complete the one before: exactly one stays in flight */
			complete(fetched_ + kEntries - 1);
		}
		const auto sent = fetch();
		ASSERT_EQ(sent.size(), 1u);
		ASSERT_EQ(sent[0].data, f) << "the slot that is in flight did not change";
	}
	complete_all();
	EXPECT_EQ(fp_->template_free(t), 0);
}

/* Number of slots of a template whose slots are all in flight. */
class DpTemplateInFlight : public DpTemplate, public ::testing::WithParamInterface<int>
{
protected:
	struct rte_pio_template *in_flight(const Bytes &f, bool fallback)
	{
		templates(fallback);
		struct rte_pio_template *t = make(f, static_cast<uint16_t>(GetParam()));
		for (int i = 0; i < GetParam(); i++)
			EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
		trace_clear();
		return t;
	}
};

TEST_P(DpTemplateInFlight, WithoutFallbackEverythingIsBusyAndChangesNothing)
{
	const Bytes f = frame_make(100), patch = frame_make(4, 5);
	struct rte_pio_template *t = in_flight(f, false);

	EXPECT_EQ(fp_->template_send(t, 0), -EBUSY);
	EXPECT_EQ(update(t, 30, patch), -EBUSY);
	EXPECT_EQ(update_send(t, 30, patch), -EBUSY);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(info(t).updates, 0u);
	for (const Sent &s : fetch())
		EXPECT_EQ(s.data, f);
	complete_all();
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "DwB") << "still clean";
	EXPECT_EQ(fetch().at(0).data, f);
	complete_all();
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_P(DpTemplateInFlight, WithFallbackThePatchWaitsAndTheRingSendsIt)
{
	const Bytes f = frame_make(100), patch = frame_make(4, 5);
	struct rte_pio_template *t = in_flight(f, true);

	EXPECT_EQ(fp_->template_send(t, RTE_PIO_NO_FALLBACK), -EBUSY);
	EXPECT_EQ(update_send(t, 30, patch, RTE_PIO_NO_FALLBACK), -EBUSY);
	EXPECT_EQ(info(t).updates, 0u) << "no patch was applied";
	EXPECT_EQ(update(t, 30, patch), 0);
	EXPECT_EQ(trace_ops(), "") << "it waits in host memory";
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_TEMPLATE_BUSY], 1u);
	auto sent = fetch();
	ASSERT_EQ(sent.size(), GetParam() + 1u);
	EXPECT_EQ(sent.back().data, patched(f, 30, patch));
	sent.pop_back();
	for (const Sent &s : sent)
		EXPECT_EQ(s.data, f) << "what is in flight never changes";
	complete_all();
	trace_clear();
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "LFDwB") << "the slot gets the patch now";
	EXPECT_EQ(fetch().at(0).data, patched(f, 30, patch));
	complete_all();
	EXPECT_EQ(fp_->reap(q_), 0);
	EXPECT_EQ(fp_->template_free(t), 0);
}

INSTANTIATE_TEST_SUITE_P(Slots, DpTemplateInFlight, ::testing::Values(1, 2));

TEST_F(DpTemplate, FailedUpdateSendAppliesNothing)
{
	const Bytes f = frame_make(100), patch = frame_make(4, 5);
	auto conf = pio_conf(256, 2048, kReserve);

	conf.fallback_mp = nullptr;
	queue_make(0, &conf, 3);
	struct rte_pio_template *t = make(f, 2);
	for (unsigned int i = 0; i < 2; i++)
		ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	trace_clear();
	EXPECT_EQ(update_send(t, 30, patch), -ENOBUFS);
	ASSERT_EQ(send(frame_make(64)), RTE_PIO_BY_PIO); /* the ring is full now */
	trace_clear();
	EXPECT_EQ(update_send(t, 30, patch), -EAGAIN);
	EXPECT_EQ(update_send(t, 98, patch), -EINVAL);
	EXPECT_EQ(update_send(t, 30, patch, 1u << 9), -EINVAL);
	EXPECT_EQ(update_send(t, 30, patch, RTE_PIO_CSUM), -EINVAL);
	EXPECT_EQ(fp_->template_update_send(t, nullptr, 1, 0), -EINVAL);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(info(t).updates, 0u);
	fetch();
	complete_all();
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(fetch().at(0).data, f);
	complete_all();
	fp_->reap(q_);
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, UpdateOutsideTheTemplateIsRefused)
{
	const Bytes patch = frame_make(10);

	templates();
	struct rte_pio_template *t = make(frame_make(100), 1, 110);
	trace_clear();
	EXPECT_EQ(update(t, 101, patch), -EINVAL) << "a gap behind the end";
	EXPECT_EQ(update(t, 100, frame_make(11)), -EINVAL) << "past the room";
	EXPECT_EQ(fp_->template_update(t, 0, nullptr, 4), -EINVAL);
	EXPECT_EQ(fp_->template_update(t, 13, nullptr, 0), -EINVAL) << "shorter than a header";
	EXPECT_EQ(fp_->template_update(t, 111, nullptr, 0), -EINVAL);
	EXPECT_EQ(fp_->template_update(t, UINT32_MAX, patch.data(), 10), -EINVAL);
	EXPECT_EQ(fp_->template_update(t, 50, patch.data(), UINT32_MAX), -EINVAL);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(info(t).updates, 0u);
	EXPECT_EQ(update(t, 100, patch), 0);
	EXPECT_EQ(info(t).len, 110u);
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, LengthGrowsAndShrinksWithZerosBehind)
{
	const Bytes f = frame_make(200);

	templates();
	struct rte_pio_template *t = make(f, 1, 300);
	ASSERT_EQ(fp_->template_update(t, 70, nullptr, 0), 0);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(fetch().at(0).data, Bytes(f.begin(), f.begin() + 70));
	complete_all();
	ASSERT_EQ(fp_->template_update(t, 300, nullptr, 0), 0);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	Bytes e(f.begin(), f.begin() + 70);
	e.resize(300, 0);
	EXPECT_EQ(fetch().at(0).data, e);
	complete_all();
	ASSERT_EQ(fp_->template_update(t, 20, nullptr, 0), 0);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	e.resize(20);
	e.resize(60, 0);
	EXPECT_EQ(fetch().at(0).data, e) << "padded";
	complete_all();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, WithoutRoomPreferredLivesInHostMemory)
{
	const Bytes f = frame_make(640), patch = frame_make(4, 5);

	templates();
	struct rte_pio_template *a = make(f); /* 10 of 19 lines */
	EXPECT_EQ(make(f), nullptr);
	EXPECT_EQ(error_, -ENOSPC);
	struct rte_pio_template *b = make(f, 1, 0, RTE_PIO_RESIDENT_PREFERRED);
	ASSERT_NE(b, nullptr);
	EXPECT_FALSE(info(b).resident);
	trace_clear();
	EXPECT_EQ(update(b, 0, patch), 0);
	EXPECT_EQ(trace_ops(), "");
	EXPECT_EQ(fp_->template_send(b, RTE_PIO_NO_FALLBACK), -ENOTSUP);
	EXPECT_EQ(fp_->template_send(b, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(update_send(b, 4, patch), RTE_PIO_BY_RING);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 2u);
	EXPECT_EQ(sent[0].data, patched(f, 0, patch));
	EXPECT_EQ(sent[1].data, patched(patched(f, 0, patch), 4, patch));
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_TEMPLATE_HOST], 2u);
	EXPECT_EQ(info(b).ring_sends, 2u);
	EXPECT_EQ(fp_->template_free(b), 0);
	EXPECT_EQ(fp_->template_free(a), 0);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
}

TEST_F(DpTemplate, FreeInFlightReturnsTheLinesWithTheCompletion)
{
	struct piopmd_dp_pio_info i;
	const Bytes f = frame_make(1216);

	templates();
	struct rte_pio_template *t = make(f);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(fp_->template_free(t), 0);
	piopmd_dp_txq_pio_info_get(q_, &i);
	EXPECT_EQ(i.template_mem_free, 0u);
	EXPECT_EQ(make(frame_make(64)), nullptr) << "its lines are not handed out";
	EXPECT_EQ(error_, -ENOSPC);
	EXPECT_EQ(fetch().at(0).data, f);
	complete_all();
	EXPECT_EQ(fp_->reap(q_), 0);
	piopmd_dp_txq_pio_info_get(q_, &i);
	EXPECT_EQ(i.template_mem_free, kReserve);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
}

TEST_F(DpTemplate, DetachIsBusyWhileTemplatesExist)
{
	templates();
	struct rte_pio_template *t = make(frame_make(64));
	stop_and_purge();
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), -EBUSY);
	EXPECT_EQ(fp_->template_free(t), 0);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
}

TEST_F(DpTemplate, ContentSurvivesLossOfTheAdaptersMemory)
{
	const Bytes f = frame_make(150), patch = frame_make(4, 5);

	templates();
	struct rte_pio_template *t = make(f, 2);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	stop_and_purge();
	memset(window_.as<void>(), 0x55, 4096);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	trace_clear();
	EXPECT_EQ(update(t, 0, patch), 0) << "allowed while stopped";
	EXPECT_EQ(trace_ops(), "") << "but the window is not touched";
	fetched_ = evq_write_ = 1;
	trace_clear();
	piopmd_dp_txq_start(q_, 1);
	EXPECT_EQ(trace_ops().find('L'), std::string::npos) << "the queue's thread writes, at a send";
	trace_clear();
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "LLLDFwBLLLFDwB") << "each slot once";
	for (const Sent &s : fetch())
		EXPECT_EQ(s.data, patched(f, 0, patch));
	complete_all();
	fp_->reap(q_);
	EXPECT_EQ(fp_->template_free(t), 0);
}

/* The buffer is linked anew at each start of a queue, and is then no longer what was written. */
TEST_F(DpTemplate, NothingIsCleanAfterARestart)
{
	const Bytes f = frame_make(150), patch = frame_make(4, 5);
	enum { SEND, UPDATE_SEND, UPDATE, WARM, NB };

	templates();
	struct rte_pio_template *t = make(f);
	for (unsigned int use = 0; use < NB; use++) {
		stop_and_purge();
		EXPECT_EQ(fp_->template_send(t, 0), -ENETDOWN) << "a thread that polls meanwhile";
		memset(window_.as<void>(), 0x55, 4096);
		memset(evq_.as<void>(), 0xFF, kEntries * 8);
		fetched_ = evq_write_ = 1;
		piopmd_dp_txq_start(q_, 1);
		if (use == UPDATE) {
			EXPECT_EQ(update(t, 140, patch), 0);
		} else if (use == WARM) {
			EXPECT_EQ(fp_->template_send(t, RTE_PIO_WARM), RTE_PIO_BY_PIO);
		}
		EXPECT_EQ(use == UPDATE_SEND ? update_send(t, 140, patch) : fp_->template_send(t, 0),
			  RTE_PIO_BY_PIO);
		EXPECT_EQ(fetch().at(0).data, use == SEND ? f : patched(f, 140, patch)) << use;
		complete_all();
		fp_->reap(q_);
		trace_clear();
		ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
		EXPECT_EQ(trace_ops(), "DwB") << "clean again, by use " << use;
	}
	stop_and_purge();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, AllocatedOnAStoppedQueueItIsWrittenAtTheFirstSend)
{
	const Bytes f = frame_make(150);

	templates();
	stop_and_purge();
	struct rte_pio_template *t = make(f);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	fetched_ = evq_write_ = 1;
	piopmd_dp_txq_start(q_, 1);
	piopmd_dp_txq_pio_enable_publish(q_, false);
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_RING) << "PIO is off";
	piopmd_dp_txq_pio_enable_publish(q_, true);
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 2u);
	EXPECT_EQ(sent[1].data, f);
	stop_and_purge();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, WithoutMemoryAfterRecoveryItGoesByTheRing)
{
	const Bytes f = frame_make(150), patch = frame_make(4, 5);

	templates();
	struct rte_pio_template *t = make(f);
	stop_and_purge();
	piopmd_dp_txq_pio_move(q_, nullptr, RTE_PIO_FB_DEVICE);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	fetched_ = evq_write_ = 1;
	piopmd_dp_txq_start(q_, 1);
	trace_clear();
	EXPECT_EQ(update_send(t, 10, patch), RTE_PIO_BY_RING);
	EXPECT_EQ(fetch().at(0).data, patched(f, 10, patch));
	EXPECT_EQ(stats().fallback[RTE_PIO_FB_DEVICE], 1u);
	stop_and_purge();
	piopmd_dp_txq_pio_move(q_, window_.as<void>(), RTE_PIO_FB_NONE);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	fetched_ = evq_write_ = 1;
	piopmd_dp_txq_start(q_, 1);
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(fetch().at(0).data, patched(f, 10, patch));
	complete_all();
	fp_->reap(q_);
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, PioStoppedSendsTheShadowByTheRing)
{
	const Bytes f = frame_make(150);

	templates();
	struct rte_pio_template *t = make(f);
	piopmd_dp_txq_pio_enable_publish(q_, false);
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_RING);
	EXPECT_EQ(fetch().at(0).data, f);
	piopmd_dp_txq_pio_enable_publish(q_, true);
	trace_clear();
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "DwB") << "it survived in the adapter";
	stop_and_purge();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, StatesOfTheQueueHaveTheirErrno)
{
	templates();
	struct rte_pio_template *t = make(frame_make(100));
	struct rte_pio_template_conf conf = {};
	const Bytes f = frame_make(64);

	piopmd_dp_txq_stop(q_);
	EXPECT_EQ(fp_->template_send(t, 0), -ENETDOWN);
	EXPECT_EQ(fp_->template_send(t, RTE_PIO_WARM), -ENETDOWN);
	memset(evq_.as<void>(), 0xFF, kEntries * 8);
	piopmd_dp_txq_start(q_, 1);
	piopmd_dp_txq_fail(q_);
	EXPECT_EQ(fp_->template_send(t, 0), -EIO);
	EXPECT_EQ(update(t, 0, f), -EIO);
	EXPECT_EQ(update_send(t, 0, f), -EIO);
	EXPECT_EQ(make(f), nullptr);
	EXPECT_EQ(error_, -EIO);
	EXPECT_EQ(info(t).updates, 0u);

	Memory mem(piopmd_dp_txq_size());
	memcpy(mem.as<void>(), &piopmd_dp_txq_dummy, piopmd_dp_txq_size());
	conf.data = f.data();
	conf.len = conf.room = 64;
	conf.nb_slots = 1;
	struct rte_pio_template *none = nullptr;
	EXPECT_EQ(fp_->template_alloc(mem.as<void>(), &conf, &none), -ENOTSUP);
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, AllocRefusesWhatNoPathTakes)
{
	templates();
	EXPECT_EQ(make(frame_make(64), 1, 2049, RTE_PIO_RESIDENT_PREFERRED), nullptr);
	EXPECT_EQ(error_, -EMSGSIZE) << "longer than an mbuf of the fallback pool";
	EXPECT_EQ(make(frame_make(64), 1, 0, RTE_PIO_RESIDENT_PREFERRED, RTE_MBUF_F_TX_IP_CKSUM), nullptr);
	EXPECT_EQ(error_, -ENOTSUP) << "the queue has no such offload";
	stop_and_purge();
	templates(false);
	EXPECT_EQ(make(frame_make(64), 1, 1217, RTE_PIO_RESIDENT_REQUIRED), nullptr);
	EXPECT_EQ(error_, -ENOSPC);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
}

TEST_F(DpTemplate, ChecksumsAreThoseOfTheTemplate)
{
	templates(true, RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM);
	struct rte_pio_template *t = make(frame_make(100), 2, 0, RTE_PIO_RESIDENT_REQUIRED,
					  RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_TCP_CKSUM);
	struct rte_pio_template *plain = make(frame_make(100));
	ASSERT_EQ(fp_->template_send(t, RTE_PIO_CSUM), RTE_PIO_BY_PIO);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(fp_->template_send(plain, RTE_PIO_CSUM), -EINVAL);
	const auto sent = fetch();
	ASSERT_EQ(sent.size(), 2u);
	EXPECT_EQ(sent[0].csum, 2u);
	EXPECT_EQ(sent[1].csum, 0u);
	stop_and_purge();
	EXPECT_EQ(fp_->template_free(t), 0);
	EXPECT_EQ(fp_->template_free(plain), 0);
}

TEST_F(DpTemplate, MoreDelaysFenceAndDoorbell)
{
	const Bytes patch = frame_make(4);

	templates();
	struct rte_pio_template *t = make(frame_make(100), 2);
	trace_clear();
	ASSERT_EQ(update_send(t, 0, patch, RTE_PIO_MORE), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "LD");
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "LDLDFwB") << "the second slot lacked the patch";
	EXPECT_EQ(fetch().size(), 2u);
	stop_and_purge();
	EXPECT_EQ(fp_->template_free(t), 0);
}

TEST_F(DpTemplate, WarmTouchesNoSlotAndAppliesNoPatch)
{
	const uintptr_t scratch = window_.addr() + 2048 - 64;
	const Bytes f = frame_make(200), patch = frame_make(100, 4);

	templates();
	struct rte_pio_template *t = make(f);
	ASSERT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO); /* its only slot is in flight */
	const Bytes window(window_.as<uint8_t>(), window_.as<uint8_t>() + 2048 - 64);
	const Bytes regs(regs_.as<uint8_t>(), regs_.as<uint8_t>() + 8192);
	trace_clear();
	EXPECT_EQ(update_send(t, 50, patch, RTE_PIO_WARM), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "LLLFDwB");
	for (const TraceEntry &e : trace()) {
		EXPECT_FALSE(regs_.holds(e.addr));
		EXPECT_FALSE(hw_ring_.holds(e.addr));
		if (e.op == IO_TRACE_LINE) {
			EXPECT_EQ(e.addr, scratch);
		}
	}
	EXPECT_EQ(fp_->template_send(t, RTE_PIO_WARM), RTE_PIO_BY_PIO);
	EXPECT_EQ(memcmp(window_.as<void>(), window.data(), window.size()), 0);
	EXPECT_EQ(memcmp(regs_.as<void>(), regs.data(), regs.size()), 0);
	EXPECT_EQ(info(t).updates, 0u);
	EXPECT_EQ(info(t).sends, 1u);
	EXPECT_EQ(info(t).in_flight, 1u);
	EXPECT_EQ(fetch().at(0).data, f);
	complete_all();
	trace_clear();
	EXPECT_EQ(fp_->template_send(t, 0), RTE_PIO_BY_PIO);
	EXPECT_EQ(trace_ops(), "DwB");
	EXPECT_EQ(fetch().at(0).data, f);
	stop_and_purge();
	EXPECT_EQ(fp_->template_free(t), 0);
}

/* In-flight content is checked against what it was when it was posted, at every step. */
TEST_F(DpTemplate, RandomUseNeverChangesWhatIsInFlight)
{
	std::mt19937 rng(11);
	struct Live { struct rte_pio_template *t; Bytes now; };
	std::vector<Live> live;
	std::deque<Bytes> expected;
	std::deque<std::pair<Sent, Bytes>> in_flight;
	auto conf = pio_conf(128, 4096, 2048);

	queue_make(0, &conf);
	for (unsigned int round = 0; round < 20000; round++) {
		const unsigned int what = rng() % 12;

		if (what == 0 && live.size() < 12) {
			const Bytes f = frame_make(14 + rng() % 300, round);
			struct rte_pio_template *t = make(f, 1 + rng() % 2,
							  static_cast<uint32_t>(f.size()) + rng() % 100,
							  RTE_PIO_RESIDENT_PREFERRED);
			ASSERT_EQ(error_, 0);
			live.push_back({ t, f });
		} else if (what == 1 && !live.empty()) {
			const size_t i = rng() % live.size();

			ASSERT_EQ(fp_->template_free(live[i].t), 0);
			live.erase(live.begin() + static_cast<long>(i));
		} else if (what == 2) {
			const Bytes f = frame_make(14 + rng() % 200, round);

			if (send(f, rng() % 2 ? RTE_PIO_MORE : 0) >= 0)
				expected.push_back(f);
		} else if (!live.empty()) {
			Live &l = live[rng() % live.size()];
			const Bytes patch = frame_make(1 + rng() % 79, round);
			const uint32_t off = rng() % (l.now.size() + 1);
			const struct rte_pio_update u = { patch.data(), off, (uint32_t)patch.size() };
			const bool fits = off + patch.size() <= info(l.t).room;
			Bytes next = l.now;

			next.resize(std::max(next.size(), off + patch.size()), 0);
			if (fits)
				next = patched(next, off, patch);
			if (what < 6) {
				const int ret = fp_->template_update(l.t, off, patch.data(), u.len);

				ASSERT_TRUE(ret == (fits ? 0 : -EINVAL)) << ret;
				if (ret == 0)
					l.now = next;
			} else if (what < 9) {
				const int ret = fp_->template_update_send(l.t, &u, 1, rng() % 4);

				if (ret >= 0) {
					l.now = next;
					expected.push_back(next);
				} else {
					ASSERT_TRUE(ret == -EINVAL || ret == -EBUSY || ret == -EAGAIN ||
						    ret == -ENOTSUP || ret == -ENOBUFS) << ret;
				}
			} else if (fp_->template_send(l.t, rng() % 4) >= 0) {
				expected.push_back(l.now);
			}
		}
		ASSERT_NO_FATAL_FAILURE(expect_next(expected, &in_flight)) << "round " << round;
		for (const auto &p : in_flight) {
			if (!p.first.pio)
				continue;
			const uint64_t d = hw_ring_.as<uint64_t>()[p.first.last_desc];
			ASSERT_EQ(memcmp(window_.as<uint8_t>() + (d & 0xFFF), p.second.data(),
					 p.second.size()), 0) << "round " << round;
		}
		if (rng() % 4 == 0 && !in_flight.empty()) {
			const size_t n = 1 + rng() % in_flight.size();

			complete(in_flight[n - 1].first.last_desc);
			in_flight.erase(in_flight.begin(), in_flight.begin() + static_cast<long>(n));
		}
	}
	EXPECT_GT(stats().template_sends, 3000u);
	EXPECT_GT(stats().fallback[RTE_PIO_FB_TEMPLATE_BUSY], 100u);
	for (const Live &l : live)
		fp_->template_free(l.t);
	stop_and_purge();
	EXPECT_EQ(pool_in_use(fallback_pool_), 0u);
	EXPECT_EQ(piopmd_dp_txq_pio_detach(q_), 0);
}

} // namespace dp
