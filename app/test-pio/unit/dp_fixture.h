/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef DP_FIXTURE_H
#define DP_FIXTURE_H

/*
 * The datapath on the tracing twin: queues in plain memory, and a small adapter that does what the
 * tests tell it to, when they tell it to. The adapter decodes with constants of its own, typed
 * from the hardware documents, so that a mistake in hw/ef10 does not cancel out here.
 */

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_pio_driver.h>

#include "piopmd_dp.h"
#include "piopmd_dp_queue.h"
#include "piopmd_io_trace.h"

namespace dp
{

using Bytes = std::vector<uint8_t>;

struct TraceEntry {
	io_trace_op op;
	uintptr_t addr;
	unsigned int size;
	int kind;
	uint8_t data[64];

	uint64_t word(unsigned int i) const;
};

/* What the datapath did since trace_clear(). */
std::vector<TraceEntry> &trace();
void trace_clear();
/*
 * One letter per entry, without compiler barriers: L line, D descriptor, F fence, B doorbell,
 * R register.
 */
std::string trace_ops();

/* Aligned and zeroed. */
class Memory
{
public:
	explicit Memory(size_t size, int fill = 0, size_t align = 4096);
	~Memory();
	Memory(const Memory &) = delete;
	Memory &operator=(const Memory &) = delete;
	template <typename T> T *as() const { return static_cast<T *>(ptr_); }
	uintptr_t addr() const { return reinterpret_cast<uintptr_t>(ptr_); }
	bool holds(uintptr_t p) const { return p >= addr() && p < addr() + size_; }

private:
	void *ptr_;
	size_t size_;
};

/* Starts EAL once, without hugepages, devices and files. */
void eal_start();
struct rte_mempool *pool_create(unsigned int n, uint16_t room = RTE_MBUF_DEFAULT_BUF_SIZE,
				unsigned int cache = 32);
/* Objects of a pool that somebody holds. */
unsigned int pool_in_use(const struct rte_mempool *mp);

Bytes frame_make(size_t len, unsigned int seed = 1);

struct Sent {
	bool pio;
	Bytes data;
	uint32_t csum;		/* option bits in force */
	uint32_t first_desc;	/* ring index */
	uint32_t last_desc;
};

class TxTest : public ::testing::Test
{
protected:
	static constexpr uint32_t kEntries = 512;
	static constexpr uint32_t kLimit = kEntries - 10;

	TxTest();
	~TxTest() override;

	/* Set up, opt in (unless pio is null) and start. */
	void queue_make(uint64_t offloads, const struct piopmd_dp_pio_conf *pio,
			uint32_t max_fill = kLimit);
	struct piopmd_dp_pio_conf pio_conf(uint32_t threshold = 256, uint32_t size = 2048,
					   uint32_t template_mem = 0);
	/* A ring-only and a PIO queue with the usual settings. */
	void ring_queue(uint64_t offloads = 0) { queue_make(offloads, nullptr); }
	void pio_queue(uint32_t threshold = 256) { auto c = pio_conf(threshold); queue_make(0, &c); }

	struct rte_mbuf *mbuf_make(const Bytes &frame);
	struct rte_mbuf *chain_make(const Bytes &frame, const std::vector<size_t> &cuts);
	uint16_t burst(std::vector<struct rte_mbuf *> pkts);
	int send(const Bytes &frame, uint32_t flags = 0);

	/* The adapter */
	uint32_t wptr() const;			/* last doorbell */
	uint64_t pushed() const;		/* descriptor on the last doorbell */
	std::vector<Sent> fetch();		/* frames announced since the last call */
	/* these are what comes next of expected, PIO frames padded; taken: where they go on to */
	void expect_next(std::deque<Bytes> &expected,
			 std::deque<std::pair<Sent, Bytes>> *taken = nullptr);
	void complete(uint32_t index);		/* event: descriptors up to this ring index */
	void complete_all();			/* what was fetched */
	void event(uint64_t ev);		/* any event */

	void stop_and_purge();

	Memory regs_, window_, hw_ring_, evq_, sw_ring_, q_mem_;
	struct rte_mempool *pool_;
	struct rte_mempool *fallback_pool_;
	struct piopmd_dp_txq *q_;
	const struct rte_pio_fp_ops *fp_ = nullptr;
	eth_tx_burst_t burst_ = nullptr;
	enum rte_pio_store_kind kind_ = RTE_PIO_STORE_SSE2;
	uint32_t fetched_ = 1;
	uint32_t evq_write_ = 1;
	uint32_t csum_ = 0;
};

} // namespace dp

#endif /* DP_FIXTURE_H */
