/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include "subject.h"

#include <cstring>
#include <map>

#include <rte_bus_vdev.h>
#include <rte_cycles.h>
#include <rte_eth_ring.h>
#include <rte_malloc.h>
#include <rte_ring.h>

#include "piotest.h"

namespace pio {

Frame
MakeFrame(uint32_t len, uint32_t seq)
{
	Frame f(len);
	uint32_t x = seq * 2654435761u + 1;

	for (uint32_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		f[i] = (uint8_t)(x >> 24);
	}
	/* Unicast addresses, then the sequence number for people who read a failure. */
	const uint8_t head[] = { 0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x88, 0xb5,
				 (uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8),
				 (uint8_t)seq };
	std::memcpy(f.data(), head, std::min<size_t>(len, sizeof(head)));
	return f;
}

Frame
Padded(const Frame &frame)
{
	Frame f = frame;

	if (f.size() < 60)
		f.resize(60, 0);
	return f;
}

namespace {

unsigned next_id;

class VdevSubject : public Subject {
public:
	void
	Detach(uint16_t port) override
	{
		char name[RTE_ETH_NAME_MAX_LEN];

		if (rte_eth_dev_get_name_by_port(port, name) == 0)
			rte_vdev_uninit(name);
	}

protected:
	static uint16_t
	AttachVdev(const std::string &driver, const std::string &args)
	{
		std::string name = driver + std::to_string(next_id++);
		uint16_t port = UINT16_MAX;

		if (rte_vdev_init(name.c_str(), args.c_str()) == 0)
			rte_eth_dev_get_port_by_name(name.c_str(), &port);
		return port;
	}
};

class PiotestSubject : public VdevSubject {
public:
	uint16_t
	Attach(const std::string &extra) override
	{
		/* One pool for all ports of a test, as for the functions of one controller. */
		return AttachVdev(PIOTEST_NAME, "pool=common" + forbidden +
				  (extra.empty() ? "" : "," + extra));
	}

	bool HasPio() const override { return true; }
	bool CanFail() const override { return true; }
	bool CountsLines() const override { return true; }
	uint64_t Lines(uint16_t port) override { return piotest_lines(port); }
	uint64_t Doorbells(uint16_t port) override { return piotest_doorbells(port); }
	void Hold(uint16_t port, bool hold) override { piotest_hold(port, hold); }
	void Fail(uint16_t port) override { piotest_fail(port); }
	void Recover(uint16_t port) override { piotest_recover(port); }
	rte_pio_fb_reason RoomReason() const override { return RTE_PIO_FB_NO_CREDIT; }
	void LimitPool(uint16_t port, unsigned bufs) override { piotest_pool_limit(port, bufs); }

	bool
	ForbidPio() override
	{
		forbidden = ",privilege=0";
		return true;
	}

	bool
	ForbidMapping() override
	{
		forbidden = ",map=0";
		return true;
	}

	void
	Reboot(uint16_t port) override
	{
		piotest_fail(port);
		piotest_recover(port);
	}

	void
	RebootWithoutMemory(uint16_t port) override
	{
		piotest_fail(port);
		piotest_recover_without_memory(port);
	}

	Frame
	Memory(uint16_t port) override
	{
		Frame copy(PIOTEST_BUF_SIZE);

		return piotest_memory_get(port, 0, copy.data()) ? copy : Frame();
	}

	std::vector<Frame>
	Take(uint16_t port, size_t) override
	{
		std::vector<Frame> frames;
		uint8_t data[16384];
		uint32_t len;

		while ((len = piotest_capture_take(port, data, sizeof(data))) != 0)
			frames.emplace_back(data, data + len);
		return frames;
	}

	std::string
	Violations(uint16_t port) override
	{
		piotest_violations v;

		piotest_violations_get(port, &v);
		if (v.overwritten + v.sequence + v.malformed + v.credits + v.overrun == 0)
			return "";
		return "overwritten " + std::to_string(v.overwritten) + " sequence " +
			std::to_string(v.sequence) + " malformed " +
			std::to_string(v.malformed) + " credits " + std::to_string(v.credits) +
			" overrun " + std::to_string(v.overrun);
	}

private:
	std::string forbidden;
};

/* The port's transmit rings are ours to look at: what lies in them has been sent. */
class RingSubject : public Subject {
public:
	static constexpr unsigned kQueues = 4;

	uint16_t
	Attach(const std::string &) override
	{
		std::string name = "pio_ring" + std::to_string(next_id++);
		Port p;

		for (unsigned q = 0; q < kQueues; q++)
			p.rings[q] = rte_ring_create((name + "_" + std::to_string(q)).c_str(), 64,
						     SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
		int port = rte_eth_from_rings(name.c_str(), p.rings, kQueues, p.rings, kQueues,
					      0);
		if (port < 0)
			return UINT16_MAX;
		ports[(uint16_t)port] = p;
		return (uint16_t)port;
	}

	void
	Detach(uint16_t port) override
	{
		char name[RTE_ETH_NAME_MAX_LEN];

		Take(port, 0);
		rte_eth_dev_get_name_by_port(port, name);
		rte_eth_dev_close(port);
		for (rte_ring *r : ports[port].rings)
			rte_ring_free(r);
		ports.erase(port);
	}

	bool HasPio() const override { return false; }
	uint16_t RingSize() const override { return 63; }
	/* Nothing moves until Take(). */
	void Hold(uint16_t, bool) override {}

	std::vector<Frame>
	Take(uint16_t port, size_t) override
	{
		std::vector<Frame> frames;
		void *p;

		for (rte_ring *r : ports[port].rings) {
			while (rte_ring_dequeue(r, &p) == 0) {
				rte_mbuf *m = static_cast<rte_mbuf *>(p);
				Frame f(m->pkt_len);

				const void *data = rte_pktmbuf_read(m, 0, m->pkt_len, f.data());
				if (data != f.data())
					std::memcpy(f.data(), data, f.size());
				frames.push_back(Padded(f));
				rte_pktmbuf_free(m);
			}
		}
		return frames;
	}

private:
	struct Port {
		rte_ring *rings[kQueues];
	};
	std::map<uint16_t, Port> ports;
};

class NullSubject : public VdevSubject {
public:
	uint16_t
	Attach(const std::string &) override
	{
		return AttachVdev("net_null", "");
	}

	bool HasPio() const override { return false; }
	bool CanCapture() const override { return false; }
	bool CanHold() const override { return false; }
	void Hold(uint16_t, bool) override {}
	std::vector<Frame> Take(uint16_t, size_t) override { return {}; }
};

constexpr unsigned kPoolSize = 2047;

} /* namespace */

HostMemoryEater::HostMemoryEater()
{
	/* From large to small, so that nothing is left between. */
	for (size_t size = 64 << 20; size >= 64; size /= 2) {
		while (void *p = rte_malloc("eaten", size, 0))
			eaten.push_back(p);
	}
}

HostMemoryEater::~HostMemoryEater()
{
	for (void *p : eaten)
		rte_free(p);
}

std::unique_ptr<Subject>
MakeSubject(const std::string &name)
{
	if (name == "piotest")
		return std::make_unique<PiotestSubject>();
	if (name == "ring")
		return std::make_unique<RingSubject>();
	if (name == "null")
		return std::make_unique<NullSubject>();
	return MakeEmuSubject(name);
}

std::vector<std::string>
PioSubjects()
{
	return { "piotest", "piopmd" };
}

std::vector<std::string>
CaptureSubjects()
{
	return { "piotest", "piopmd", "ring", "sfc" };
}

std::vector<std::string>
AllSubjects()
{
	return { "piotest", "piopmd", "ring", "null", "sfc" };
}

std::string
SubjectName(const ::testing::TestParamInfo<std::string> &info)
{
	return info.param;
}

/* ContractTest */

void
ContractTest::SetUp()
{
	subject = MakeSubject(GetParam());
	ASSERT_NE(subject, nullptr);
	if (!subject->Available())
		GTEST_SKIP() << "needs a VF: run below pioemu run, see subject_emu.cc";
	pool = rte_mempool_lookup("pio_contract");
	if (pool == nullptr)
		pool = rte_pktmbuf_pool_create("pio_contract", kPoolSize, 0, 0,
					       RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	ASSERT_NE(pool, nullptr);
	pool_size = rte_mempool_avail_count(pool);
	ASSERT_EQ(pool_size, kPoolSize) << "a test before this one lost mbufs";
}

void
ContractTest::TearDown()
{
	if (port == UINT16_MAX)
		return;
	if (subject->CanHold())
		subject->Hold(port, false);
	for (rte_pio_template *t : templates)
		EXPECT_EQ(rte_pio_template_free(t), 0);
	templates.clear();
	StopPort();
	EXPECT_EQ(subject->Violations(port), "");
	for (uint16_t p : extra_ports) {
		EXPECT_EQ(subject->Violations(p), "");
		rte_eth_dev_stop(p);
		subject->Detach(p);
	}
	subject->Detach(port);
	port = UINT16_MAX;
	EXPECT_EQ(rte_mempool_avail_count(pool), pool_size) << "mbufs leaked";
}

void
ContractTest::Setup(uint16_t p, uint16_t nb_queues, uint64_t offloads)
{
	rte_eth_conf conf = {};
	rte_eth_dev_info info;

	ASSERT_NE(p, UINT16_MAX) << "the port cannot be attached";
	ASSERT_EQ(rte_eth_dev_info_get(p, &info), 0);
	conf.txmode.offloads = offloads | (info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS);
	ASSERT_EQ(rte_eth_dev_configure(p, 1, nb_queues, &conf), 0);
	ASSERT_EQ(rte_eth_rx_queue_setup(p, 0, 512, SOCKET_ID_ANY, nullptr, pool), 0);
	for (uint16_t q = 0; q < nb_queues; q++)
		ASSERT_EQ(rte_eth_tx_queue_setup(p, q, subject->RingSize(), SOCKET_ID_ANY,
						 nullptr), 0);
}

void
ContractTest::Configure(uint16_t nb_queues, const std::string &extra, uint64_t offloads)
{
	port = subject->Attach(extra);
	Setup(port, nb_queues, offloads);
}

rte_pio_queue_conf
ContractTest::Conf(const std::function<void(rte_pio_queue_conf &)> &change)
{
	rte_pio_queue_conf conf;

	EXPECT_EQ(rte_pio_queue_conf_default(port, &conf), 0);
	conf.fallback_mp = pool;
	if (subject->HasPio())
		conf.template_mem = 1024;
	if (change)
		change(conf);
	return conf;
}

void
ContractTest::Start(const std::function<void(rte_pio_queue_conf &)> &change)
{
	if (port == UINT16_MAX) {
		ASSERT_NO_FATAL_FAILURE(Configure());
	}
	rte_pio_queue_conf conf = Conf(change);
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &conf), 0);
	ASSERT_NO_FATAL_FAILURE(StartPort());
}

void
ContractTest::StartPort()
{
	ASSERT_EQ(rte_eth_dev_start(port), 0);
	started = true;
}

void
ContractTest::StopPort()
{
	if (started) {
		EXPECT_EQ(rte_eth_dev_stop(port), 0);
	}
	started = false;
}

bool
ContractTest::Eventually(const std::function<bool()> &cond)
{
	const uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();

	while (!cond()) {
		if (rte_get_timer_cycles() > end)
			return cond();
		subject->WaitIdle(port);
		EXPECT_EQ(rte_pio_reap(port, 0), 0);
	}
	return true;
}

void
ContractTest::Settle()
{
	subject->WaitIdle(port);
	ASSERT_EQ(rte_pio_reap(port, 0), 0);
	ASSERT_TRUE(Eventually([&] {
		for (const rte_pio_template *t : templates) {
			if (Info(t).in_flight != 0)
				return false;
		}
		/* While PIO is stopped there are no credits to look at. */
		return Queue().state != RTE_PIO_QUEUE_STARTED ||
			Credits().frames >= Queue().nb_slots;
	}));
}

int
ContractTest::Send(const Frame &f, uint32_t flags)
{
	return rte_pio_send(port, 0, f.data(), (uint32_t)f.size(), flags);
}

bool
ContractTest::Burst(const Frame &f, unsigned segs)
{
	rte_mbuf *m = Mbuf(f, segs);

	if (m == nullptr)
		return false;
	if (rte_eth_tx_burst(port, 0, &m, 1) == 1)
		return true;
	rte_pktmbuf_free(m);
	return false;
}

rte_pio_template *
ContractTest::Template(const Frame &f, uint16_t slots, uint32_t room, rte_pio_resident resident)
{
	rte_pio_template_conf conf = {};
	rte_pio_template *t = nullptr;

	conf.data = f.data();
	conf.len = (uint32_t)f.size();
	conf.room = room;
	conf.nb_slots = slots;
	conf.resident = resident;
	EXPECT_EQ(rte_pio_template_alloc(port, 0, &conf, &t), 0);
	if (t != nullptr)
		templates.push_back(t);
	return t;
}

rte_pio_template_info
ContractTest::Info(const rte_pio_template *t)
{
	rte_pio_template_info info = {};

	EXPECT_EQ(rte_pio_template_info_get(t, &info), 0);
	return info;
}

rte_pio_queue_stats
ContractTest::Stats(uint16_t queue)
{
	rte_pio_queue_stats stats = {};

	EXPECT_EQ(rte_pio_stats_get(port, queue, &stats), 0);
	return stats;
}

rte_pio_queue_info
ContractTest::Queue(uint16_t queue)
{
	rte_pio_queue_info info = {};

	EXPECT_EQ(rte_pio_queue_info_get(port, queue, &info), 0);
	return info;
}

struct rte_pio_credits
ContractTest::Credits()
{
	struct rte_pio_credits credits = {};

	EXPECT_EQ(rte_pio_credits(port, 0, &credits), 0);
	return credits;
}

unsigned
ContractTest::ExhaustPio(uint32_t len, uint32_t seq)
{
	unsigned n = 0;

	while (n < 1000 && Send(MakeFrame(len, seq + n), RTE_PIO_NO_FALLBACK) == RTE_PIO_BY_PIO)
		n++;
	return n;
}

unsigned
ContractTest::ExhaustRing(uint32_t seq)
{
	unsigned n = 0;

	while (n < 10000 && Send(MakeFrame(64, seq + n)) >= 0)
		n++;
	return n;
}

void
ContractTest::ExpectFrames(const std::vector<Frame> &sent)
{
	if (!subject->CanCapture())
		return;
	std::vector<Frame> got = Take(sent.size());

	ASSERT_EQ(got.size(), sent.size());
	for (size_t i = 0; i < sent.size(); i++)
		ASSERT_EQ(got[i], Padded(sent[i])) << "frame " << i << " of " << sent.size();
}

} /* namespace pio */
