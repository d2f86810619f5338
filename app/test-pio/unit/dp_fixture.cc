/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <rte_eal.h>
#include <rte_errno.h>

#include "dp_fixture.h"
#include "first_cpu.h"

static std::vector<dp::TraceEntry> g_trace;

extern "C" void
io_trace_add(enum io_trace_op op, volatile void *addr, const void *data, unsigned int size, int kind)
{
	dp::TraceEntry e{};

	e.op = op;
	e.addr = reinterpret_cast<uintptr_t>(addr);
	e.size = size;
	e.kind = kind;
	if (size != 0) {
		memcpy(e.data, data, size);
		memcpy(const_cast<void *>(addr), data, size);
	}
	g_trace.push_back(e);
}

namespace dp
{

uint64_t
TraceEntry::word(unsigned int i) const
{
	uint64_t v;

	memcpy(&v, data + 8 * i, 8);
	return v;
}

std::vector<TraceEntry> &
trace()
{
	return g_trace;
}

void
trace_clear()
{
	g_trace.clear();
}

std::string
trace_ops()
{
	std::string s;

	for (const TraceEntry &e : g_trace) {
		switch (e.op) {
		case IO_TRACE_LINE: s += 'L'; break;
		case IO_TRACE_DESC: s += 'D'; break;
		case IO_TRACE_WMB: s += 'w'; break;
		case IO_TRACE_FENCE: s += 'F'; break;
		case IO_TRACE_STORE32: s += 'R'; break;
		case IO_TRACE_STORE128: s += 'B'; break;
		}
	}
	return s;
}

Memory::Memory(size_t size, int fill, size_t align) : size_(size)
{
	ptr_ = aligned_alloc(align, (size + align - 1) / align * align);
	if (ptr_ == nullptr)
		abort();
	memset(ptr_, fill, size);
}

Memory::~Memory()
{
	free(ptr_);
}

void
eal_start()
{
	static bool started = false;
	static char arg[][32] = { "pio-test-unit", "--no-huge", "-m", "256", "--no-pci",
				  "--no-shconf", "--no-telemetry",
				  "--log-level=lib.eal:error", "--lcores", "" };
	static char *argv[RTE_DIM(arg) + 1];

	if (started)
		return;
	strcpy(arg[RTE_DIM(arg) - 1], first_cpu_lcore());
	for (size_t i = 0; i < RTE_DIM(arg); i++)
		argv[i] = arg[i];
	if (rte_eal_init(static_cast<int>(RTE_DIM(arg)), argv) < 0) {
		fprintf(stderr, "EAL does not start: %s\n", rte_strerror(rte_errno));
		abort();
	}
	started = true;
}

struct rte_mempool *
pool_create(unsigned int n, uint16_t room, unsigned int cache)
{
	static unsigned int count;
	const std::string name = "dp_pool_" + std::to_string(count++);
	struct rte_mempool *mp = rte_pktmbuf_pool_create(name.c_str(), n, cache, 0, room, 0);

	if (mp == nullptr) {
		fprintf(stderr, "no pool: %s\n", rte_strerror(rte_errno));
		abort();
	}
	return mp;
}

unsigned int
pool_in_use(const struct rte_mempool *mp)
{
	return rte_mempool_in_use_count(mp);
}

Bytes
frame_make(size_t len, unsigned int seed)
{
	Bytes f(len);
	uint32_t x = seed * 2654435761u + 12345;

	for (uint8_t &b : f) {
		x = x * 1664525u + 1013904223u;
		b = static_cast<uint8_t>(x >> 24);
	}
	return f;
}

TxTest::TxTest()
	: regs_(8192), window_(4096, 0xEE), hw_ring_(kEntries * 8), evq_(kEntries * 8, 0xFF),
	  sw_ring_(kEntries * sizeof(void *)), q_mem_(piopmd_dp_txq_size())
{
	eal_start();
	pool_ = pool_create(2047);
	fallback_pool_ = pool_create(1023);
	q_ = q_mem_.as<struct piopmd_dp_txq>();
	trace_clear();
}

TxTest::~TxTest()
{
	rte_mempool_free(pool_);
	rte_mempool_free(fallback_pool_);
}

struct piopmd_dp_pio_conf
TxTest::pio_conf(uint32_t threshold, uint32_t size, uint32_t template_mem)
{
	struct piopmd_dp_pio_conf c = {};

	c.window = window_.as<void>();
	c.size = size;
	c.template_mem = template_mem;
	c.threshold = threshold;
	c.fallback_mp = fallback_pool_;
	c.fallback_ring = true;
	return c;
}

void
TxTest::queue_make(uint64_t offloads, const struct piopmd_dp_pio_conf *pio, uint32_t max_fill)
{
	struct piopmd_dp_txq_conf conf = {};
	void *queues[] = { q_ };
	const char *name;

	conf.port_id = 3;
	conf.queue_id = 5;
	conf.nb_entries = kEntries;
	conf.max_fill = max_fill;
	conf.free_thresh = max_fill < 32 ? max_fill : 32;
	conf.hw_ring = hw_ring_.as<uint64_t>();
	conf.evq_ring = evq_.as<uint64_t>();
	conf.sw_ring = sw_ring_.as<void *>();
	conf.vi_base = regs_.as<void>();
	conf.offloads = offloads;
	conf.frame_max = 9018;
	conf.socket_id = SOCKET_ID_ANY;
	ASSERT_EQ(piopmd_dp_txq_init(q_, &conf), 0);
	if (pio != nullptr) {
		ASSERT_EQ(piopmd_dp_txq_pio_attach(q_, pio), 0);
	}
	burst_ = piopmd_dp_tx_burst_select(queues, 1, kind_, &name);
	fp_ = piopmd_dp_pio_fp_select(kind_);
	piopmd_dp_txq_start(q_, 1);
	trace_clear();
}

struct rte_mbuf *
TxTest::mbuf_make(const Bytes &frame)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(pool_);

	if (!frame.empty())
		memcpy(rte_pktmbuf_append(m, static_cast<uint16_t>(frame.size())), frame.data(),
		       frame.size());
	return m;
}

struct rte_mbuf *
TxTest::chain_make(const Bytes &frame, const std::vector<size_t> &cuts)
{
	struct rte_mbuf *head = nullptr;
	size_t from = 0;

	for (size_t i = 0; i <= cuts.size(); i++) {
		const size_t to = i < cuts.size() ? cuts[i] : frame.size();
		struct rte_mbuf *m = mbuf_make(Bytes(frame.begin() + static_cast<long>(from),
						     frame.begin() + static_cast<long>(to)));

		if (head == nullptr)
			head = m;
		else
			rte_pktmbuf_chain(head, m);
		from = to;
	}
	return head;
}

uint16_t
TxTest::burst(std::vector<struct rte_mbuf *> pkts)
{
	return burst_(q_, pkts.data(), static_cast<uint16_t>(pkts.size()));
}

int
TxTest::send(const Bytes &frame, uint32_t flags)
{
	return fp_->send(q_, frame.data(), static_cast<uint32_t>(frame.size()), flags);
}

/* TX_DESC_UPD at 0xA10 of the VI window: descriptor, then the write pointer at 0xA18. */
uint32_t
TxTest::wptr() const
{
	return *reinterpret_cast<const uint32_t *>(regs_.addr() + 0xA18);
}

uint64_t
TxTest::pushed() const
{
	return *reinterpret_cast<const uint64_t *>(regs_.addr() + 0xA10);
}

std::vector<Sent>
TxTest::fetch()
{
	std::vector<Sent> out;
	Sent cur{};
	bool open = false;

	for (; fetched_ != wptr(); fetched_ = (fetched_ + 1) % kEntries) {
		const uint64_t d = hw_ring_.as<uint64_t>()[fetched_];

		if (!open) {
			cur = Sent{};
			cur.csum = csum_;
			cur.first_desc = fetched_;
		}
		cur.last_desc = fetched_;
		if (d >> 63 == 0) {
			const uint8_t *p = reinterpret_cast<const uint8_t *>(d & 0xFFFFFFFFFFFF);

			EXPECT_NE(d >> 48 & 0x3FFF, 0u) << "descriptor of no bytes";
			cur.data.insert(cur.data.end(), p, p + (d >> 48 & 0x3FFF));
			open = (d >> 62 & 1) != 0;
		} else if ((d >> 60 & 7) == 1) {
			const uint32_t off = d & 0xFFF, len = d >> 32 & 0xFFF;

			EXPECT_FALSE(open) << "PIO piece inside a frame";
			EXPECT_EQ(off % 64, 0u);
			cur.pio = true;
			cur.data.assign(window_.as<uint8_t>() + off, window_.as<uint8_t>() + off + len);
		} else {
			EXPECT_EQ(d >> 60 & 7, 0u) << "unknown option";
			EXPECT_FALSE(open) << "option inside a frame";
			csum_ = d & 3;
			continue;
		}
		if (!open)
			out.push_back(cur);
	}
	EXPECT_FALSE(open) << "frame without an end";
	return out;
}

void
TxTest::event(uint64_t ev)
{
	uint64_t *slot = &evq_.as<uint64_t>()[evq_write_ % kEntries];

	ASSERT_EQ(*slot, UINT64_MAX) << "event queue overrun";
	*slot = ev;
	evq_write_++;
}

/* Code 2 at bit 60, index of the last completed descriptor at bit 0. */
void
TxTest::expect_next(std::deque<Bytes> &expected, std::deque<std::pair<Sent, Bytes>> *taken)
{
	for (const Sent &s : fetch()) {
		ASSERT_FALSE(expected.empty());
		Bytes e = expected.front();
		expected.pop_front();
		if (s.pio)
			e.resize(std::max<size_t>(e.size(), 60), 0);
		ASSERT_EQ(s.data, e);
		if (taken != nullptr)
			taken->push_back({ s, e });
	}
}

void
TxTest::complete(uint32_t index)
{
	event(UINT64_C(2) << 60 | (index % kEntries));
}

void
TxTest::complete_all()
{
	complete(fetched_ + kEntries - 1);
}

void
TxTest::stop_and_purge()
{
	piopmd_dp_txq_stop(q_);
	piopmd_dp_txq_purge(q_);
}

} // namespace dp
