/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef SUBJECT_H
#define SUBJECT_H

/*
 * The contract suite runs every test on every subject that has what the test needs:
 *
 *	piotest  net_piotest, the second driver of this folder, with its own device model
 *	piopmd   net_piopmd on the emulator (below `pioemu run`)
 *	ring     net_ring: a port without PIO whose frames can be looked at
 *	null     net_null: a port without PIO that swallows everything
 *	sfc      net_sfc on the emulator: a port without PIO, on an adapter that has it
 *
 * Test names end with the subject: R2_OneCallDecides.SmallFrameLeavesByPio/piotest.
 */

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <rte_pio.h>

#include "mbuf_chain.h"

namespace pio {

using Frame = std::vector<uint8_t>;

/* A frame of len bytes that no other seq has; ethertype 0x88b5 (local experiments). */
Frame MakeFrame(uint32_t len, uint32_t seq);

/* What a wire makes of it: padded to 60. */
Frame Padded(const Frame &frame);

/* A port under test, with what the test has to be able to do behind its driver's back. */
class Subject {
public:
	virtual ~Subject() = default;

	/* Attach one more port. extra: device arguments for this subject, "" for none. */
	virtual uint16_t Attach(const std::string &extra) = 0;
	/* Close and remove a port. */
	virtual void Detach(uint16_t port) = 0;

	/* False: this run has no such device. */
	virtual bool Available() const { return true; }
	virtual bool HasPio() const = 0;
	/* Whether frames can be looked at, completions be held, the device be made to fail. */
	virtual bool CanCapture() const { return true; }
	virtual bool CanHold() const { return true; }
	virtual bool CanFail() const { return false; }

	/* Held, frames stay in the device; released, they leave. */
	virtual void Hold(uint16_t port, bool hold) = 0;
	/* All frames that left, in order; waits for at least nb of them, but not for ever. */
	virtual std::vector<Frame> Take(uint16_t port, size_t nb) = 0;
	/* Bytes that reached adapter memory since the port was attached, in 64-byte lines. */
	virtual bool CountsLines() const { return false; }
	virtual uint64_t Lines(uint16_t) { return 0; }
	virtual uint64_t Doorbells(uint16_t) { return 0; }
	/* What the device holds for queue 0; empty where it cannot be read. */
	virtual Frame Memory(uint16_t) { return {}; }
	/* Descriptors of a queue, for tests that fill it. */
	virtual uint16_t RingSize() const { return 512; }
	/* What has been announced is sent and its completion is there to be taken. */
	virtual void WaitIdle(uint16_t) {}
	/* The device fails and stays so until it is recovered. */
	virtual void Fail(uint16_t) {}
	virtual void Recover(uint16_t) {}
	/* It fails, and the driver brings it back: with its PIO memory, or without. */
	virtual void Reboot(uint16_t) {}
	virtual void RebootWithoutMemory(uint16_t) {}
	/* What the device saw a driver do wrong, for people; "" when nothing. */
	virtual std::string Violations(uint16_t) { return ""; }
	/* Reason that a queue out of PIO room counts. */
	virtual rte_pio_fb_reason RoomReason() const { return RTE_PIO_FB_NO_SLOT; }
	/* Ports attached from now on may not use PIO, or have no window; false: cannot be had. */
	virtual bool ForbidPio() { return false; }
	virtual bool ForbidMapping() { return false; }
	/* So many buffers are left for this port and those that share its pool. */
	virtual void LimitPool(uint16_t, unsigned) {}
};

/* Takes all of EAL's heap while it lives. */
class HostMemoryEater {
public:
	HostMemoryEater();
	~HostMemoryEater();

private:
	std::vector<void *> eaten;
};

std::unique_ptr<Subject> MakeSubject(const std::string &name);
std::unique_ptr<Subject> MakeEmuSubject(const std::string &name);

/* Subjects with PIO; subjects whose frames can be looked at; all. */
std::vector<std::string> PioSubjects();
std::vector<std::string> CaptureSubjects();
std::vector<std::string> AllSubjects();
std::string SubjectName(const ::testing::TestParamInfo<std::string> &info);

#define PIO_SUITE(suite, subjects) \
	class suite : public ::pio::ContractTest {}; \
	INSTANTIATE_TEST_SUITE_P(Contract, suite, ::testing::ValuesIn(::pio::subjects()), \
				 ::pio::SubjectName)

/* A port of the subject, set up in steps; everything is undone and checked at the end. */
class ContractTest : public ::testing::TestWithParam<std::string> {
protected:
	void SetUp() override;
	void TearDown() override;

	/* Attach, configure and set up nb_queues queues; nothing opted in, not started. */
	void Configure(uint16_t nb_queues = 1, const std::string &extra = "",
		       uint64_t offloads = 0);
	/* The driver's advice with our pool, changed by the test. */
	rte_pio_queue_conf Conf(const std::function<void(rte_pio_queue_conf &)> &change = {});
	/* Configure if need be, opt queue 0 in, start. */
	void Start(const std::function<void(rte_pio_queue_conf &)> &change = {});
	void StartPort();
	void StopPort();
	void Setup(uint16_t port, uint16_t nb_queues, uint64_t offloads);

	/* What a send answers that could go by PIO. */
	int PioPath() const { return subject->HasPio() ? RTE_PIO_BY_PIO : RTE_PIO_BY_RING; }
	int Send(const Frame &f, uint32_t flags = 0);
	rte_mbuf *Mbuf(const Frame &f, unsigned segs = 1) { return mbuf_chain(pool, f, segs); }
	/* Send by rte_eth_tx_burst(); true if the port took it. */
	bool Burst(const Frame &f, unsigned segs = 1);
	rte_pio_template *Template(const Frame &f, uint16_t slots = 1, uint32_t room = 0,
				   rte_pio_resident resident = RTE_PIO_RESIDENT_PREFERRED);
	rte_pio_template_info Info(const rte_pio_template *t);
	rte_pio_queue_stats Stats(uint16_t queue = 0);
	rte_pio_queue_info Queue(uint16_t queue = 0);
	/* struct: the function of the same name hides the plain name */
	struct rte_pio_credits Credits();
	std::vector<Frame> Take(size_t nb) { return subject->Take(port, nb); }
	/* Let everything complete, and take it. */
	void Settle();
	/* Wait for what follows from completions, but not for ever. */
	bool Eventually(const std::function<bool()> &cond);
	/* Fill whatever limits PIO; the device must be held. @return How many frames it took. */
	unsigned ExhaustPio(uint32_t len, uint32_t seq);
	/* Go on by the ring until it is full. */
	unsigned ExhaustRing(uint32_t seq);
	void ExpectFrames(const std::vector<Frame> &sent);

	std::unique_ptr<Subject> subject;
	uint16_t port = UINT16_MAX;
	bool started = false;
	std::vector<uint16_t> extra_ports;
	std::vector<rte_pio_template *> templates;
	rte_mempool *pool = nullptr;
	unsigned pool_size = 0;
};

} /* namespace pio */

#endif /* SUBJECT_H */
