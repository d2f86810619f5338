/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Receive: events of every shape, what the mbufs say, refill, and a device that misbehaves. Event
 * words are composed here from the tables of DPDK's efx_regs_ef10.h.
 */

#include <cerrno>
#include <cstring>
#include <random>

#include "dp_fixture.h"

namespace dp
{

/* ES_RX_EVENT */
constexpr uint64_t kCont = UINT64_C(1) << 14;
constexpr uint64_t kFcsError = UINT64_C(1) << 24;
constexpr uint64_t kIpError = UINT64_C(1) << 25;
constexpr uint64_t kL4Error = UINT64_C(1) << 26;
constexpr uint64_t kTruncated = UINT64_C(1) << 29;
constexpr uint64_t tag(uint64_t n) { return n << 39; }
constexpr uint64_t l3(uint64_t c) { return c << 42; }
constexpr uint64_t l4(uint64_t c) { return c << 45; }

class DpRx : public ::testing::Test
{
protected:
	static constexpr uint32_t kEntries = 512;
	static constexpr uint32_t kRoom = 2048;

	DpRx()
		: regs_(8192), hw_ring_(kEntries * 8), evq_(kEntries * 8, 0xFF),
		  sw_ring_((kEntries + 8) * sizeof(void *)), q_mem_(piopmd_dp_rxq_size())
	{
		eal_start();
		pool_ = pool_create(1023, kRoom + RTE_PKTMBUF_HEADROOM);
		q_ = q_mem_.as<struct piopmd_dp_rxq>();
	}

	~DpRx() override
	{
		piopmd_dp_rxq_stop(q_);
		piopmd_dp_rxq_purge(q_);
		EXPECT_EQ(pool_in_use(pool_), 0u) << "buffers are lost";
		rte_mempool_free(pool_);
	}

	struct piopmd_dp_rxq_conf conf(uint64_t offloads = 0)
	{
		struct piopmd_dp_rxq_conf c = {};

		c.port_id = 3;
		c.queue_id = 1;
		c.nb_entries = kEntries;
		c.max_fill = 496;
		c.refill_threshold = 8;
		c.mb_pool = pool_;
		c.buf_size = kRoom;
		c.hw_ring = hw_ring_.as<uint64_t>();
		c.evq_ring = evq_.as<uint64_t>();
		c.sw_ring = sw_ring_.as<struct rte_mbuf *>();
		c.vi_base = regs_.as<void>();
		c.evq_vi_base = regs_.as<void>();
		c.rss_hash = true;
		c.offloads = offloads | RTE_ETH_RX_OFFLOAD_CHECKSUM;
		return c;
	}

	void start(const struct piopmd_dp_rxq_conf &c)
	{
		ASSERT_EQ(piopmd_dp_rxq_init(q_, &c), 0);
		restart();
	}

	void restart()
	{
		memset(evq_.as<void>(), 0xFF, kEntries * 8);
		evq_write_ = 1;
		used_ = 0;
		trace_clear();
		ASSERT_EQ(piopmd_dp_rxq_start(q_, 1), 0);
	}

	uint32_t wptr() const { return *reinterpret_cast<const uint32_t *>(regs_.addr() + 0x830); }

	/* DSC_PTR_LBITS: low bits of the number of buffers used up so far. */
	uint64_t lbits() const { return UINT64_C(1) * (used_ % 16) << 48; }

	/* The next posted buffer; descriptor: address 0..47, length 48..61. */
	uint8_t *take(uint32_t *len)
	{
		const uint64_t d = hw_ring_.as<uint64_t>()[used_++ % kEntries];

		*len = d >> 48 & 0x3FFF;
		return reinterpret_cast<uint8_t *>(d & 0xFFFFFFFFFFFF);
	}

	void event(uint64_t ev)
	{
		uint64_t *slot = &evq_.as<uint64_t>()[evq_write_++ % kEntries];

		ASSERT_EQ(*slot, UINT64_MAX) << "event queue overrun";
		*slot = ev;
	}

	/* Prefix and frame into the next buffer, no event yet. */
	void place(const Bytes &f, uint32_t hash = 0)
	{
		uint32_t len;
		uint8_t *p = take(&len);
		const uint16_t n = static_cast<uint16_t>(f.size());

		ASSERT_EQ(len, kRoom);
		memset(p, 0xAB, 14);
		memcpy(p, &hash, 4);
		memcpy(p + 8, &n, 2);
		memcpy(p + 14, f.data(), f.size());
	}

	/* One frame, one event. */
	void deliver(const Bytes &f, uint64_t bits = 0, uint32_t hash = 0)
	{
		place(f, hash);
		event(bits | lbits() | (f.size() + 14));
	}

	/* n frames, one event. */
	void deliver_merged(const std::vector<Bytes> &frames, uint64_t bits = 0)
	{
		for (const Bytes &f : frames)
			place(f, static_cast<uint32_t>(f.size()) * 3);
		event(bits | lbits() | (frames.back().size() + 14));
	}

	/* One frame over several buffers, one event each. */
	void deliver_scattered(const Bytes &f, uint64_t bits = 0)
	{
		size_t from = 0;

		while (from < f.size()) {
			uint32_t len;
			uint8_t *p = take(&len);
			const size_t head = from == 0 ? 14 : 0;
			const size_t n = std::min(f.size() - from, len - head);
			const bool more = from + n < f.size();

			memset(p, 0, head);
			memcpy(p + head, &f[from], n);
			event(bits | lbits() | (more ? kCont : 0) | (n + head));
			from += n;
		}
	}

	std::vector<struct rte_mbuf *> burst(uint16_t n = 32)
	{
		std::vector<struct rte_mbuf *> pkts(n);

		pkts.resize(piopmd_dp_rx_burst(q_, pkts.data(), n));
		return pkts;
	}

	static Bytes bytes_of(const struct rte_mbuf *m)
	{
		Bytes b;

		for (; m != nullptr; m = m->next) {
			const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

			b.insert(b.end(), p, p + m->data_len);
		}
		return b;
	}

	/* One frame out, freed. */
	void expect_frame(const Bytes &f)
	{
		const auto pkts = burst();

		ASSERT_EQ(pkts.size(), 1u);
		EXPECT_EQ(bytes_of(pkts[0]), f);
		rte_pktmbuf_free(pkts[0]);
	}

	struct piopmd_dp_rx_stats stats()
	{
		struct piopmd_dp_rx_stats s;

		piopmd_dp_rx_stats_get(q_, &s);
		return s;
	}

	Memory regs_, hw_ring_, evq_, sw_ring_, q_mem_;
	struct rte_mempool *pool_;
	struct piopmd_dp_rxq *q_;
	uint32_t evq_write_ = 1;
	uint32_t used_ = 0;
};

/* A pool whose buffers are the application's own memory: who frees an mbuf must see that. */
TEST_F(DpRx, BuffersOfPinnedExternalMemoryStaySo)
{
	constexpr uint16_t elt = kRoom + RTE_PKTMBUF_HEADROOM;
	Memory own(600 * elt);
	struct rte_pktmbuf_extmem mem = {};

	mem.buf_ptr = own.as<void>();
	mem.buf_iova = own.addr();
	mem.buf_len = 600 * elt;
	mem.elt_size = elt;
	struct rte_mempool *pinned = rte_pktmbuf_pool_create_extbuf("dp_pinned", 600, 0, 0, elt,
								   SOCKET_ID_ANY, &mem, 1);
	ASSERT_NE(pinned, nullptr);
	auto c = conf(RTE_ETH_RX_OFFLOAD_SCATTER);
	c.mb_pool = pinned;
	start(c);
	for (unsigned int round = 0; round < 3; round++) {
		deliver(frame_make(100, round));
		deliver_merged({ frame_make(60, 1), frame_make(70, 2) });
		deliver_scattered(frame_make(3000, 3));
		const auto pkts = burst();
		ASSERT_EQ(pkts.size(), 4u);
		EXPECT_EQ(bytes_of(pkts[0]), frame_make(100, round));
		EXPECT_EQ(bytes_of(pkts[3]), frame_make(3000, 3));
		for (struct rte_mbuf *m : pkts) {
			for (const struct rte_mbuf *seg = m; seg != nullptr; seg = seg->next) {
				EXPECT_TRUE(RTE_MBUF_HAS_EXTBUF(seg));
				EXPECT_TRUE(RTE_MBUF_HAS_PINNED_EXTBUF(seg));
			}
			rte_pktmbuf_free(m);
		}
	}
	piopmd_dp_rxq_stop(q_);
	piopmd_dp_rxq_purge(q_);
	EXPECT_EQ(pool_in_use(pinned), 0u);
	rte_mempool_free(pinned);
}

TEST_F(DpRx, StartPostsBuffersBeforeTheDoorbell)
{
	start(conf());
	EXPECT_EQ(wptr(), 496u);
	ASSERT_EQ(trace_ops(), std::string(496, 'D') + "wR");
	EXPECT_EQ(trace().back().addr, regs_.addr() + 0x830);
	EXPECT_EQ(trace().back().size, 4u);
	const struct rte_mbuf *m = sw_ring_.as<struct rte_mbuf *>()[0];
	EXPECT_EQ(hw_ring_.as<uint64_t>()[0],
		  UINT64_C(2048) << 48 | (rte_mbuf_iova_get(m) + RTE_PKTMBUF_HEADROOM));
}

TEST_F(DpRx, EveryFieldOfTheMbufIsSet)
{
	const Bytes f = frame_make(123);

	start(conf());
	deliver(f, l3(1) | l4(2), 0xCAFEBABE);
	const auto pkts = burst();
	ASSERT_EQ(pkts.size(), 1u);
	const struct rte_mbuf *m = pkts[0];
	EXPECT_EQ(bytes_of(m), f);
	EXPECT_EQ(m->pkt_len, 123u);
	EXPECT_EQ(m->data_len, 123);
	EXPECT_EQ(m->nb_segs, 1);
	EXPECT_EQ(m->next, nullptr);
	EXPECT_EQ(m->port, 3);
	EXPECT_EQ(rte_mbuf_refcnt_read(m), 1);
	EXPECT_EQ(m->hash.rss, 0xCAFEBABEu);
	EXPECT_EQ(m->vlan_tci, 0);
	EXPECT_EQ(m->packet_type, RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN | RTE_PTYPE_L4_UDP);
	EXPECT_EQ(m->ol_flags, RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_GOOD |
		  RTE_MBUF_F_RX_L4_CKSUM_GOOD);
	rte_pktmbuf_free(pkts[0]);
}

struct ClassCase {
	uint64_t bits;
	uint32_t ptype;
	uint64_t flags;
};

TEST_F(DpRx, ClassesBecomePacketTypesAndChecksumFlags)
{
	const uint64_t ip = RTE_MBUF_F_RX_IP_CKSUM_GOOD, l4ok = RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	const uint64_t ip_bad = RTE_MBUF_F_RX_IP_CKSUM_BAD, l4_bad = RTE_MBUF_F_RX_L4_CKSUM_BAD;
	const uint32_t v4 = RTE_PTYPE_L3_IPV4_EXT_UNKNOWN, v6 = RTE_PTYPE_L3_IPV6_EXT_UNKNOWN;
	const uint32_t e = RTE_PTYPE_L2_ETHER, v = RTE_PTYPE_L2_ETHER_VLAN, qq = RTE_PTYPE_L2_ETHER_QINQ;
	const ClassCase cases[] = {
		{ 0, e, 0 },
		{ l3(1), e | v4, ip },
		{ l3(1) | l4(1), e | v4 | RTE_PTYPE_L4_TCP, ip | l4ok },
		{ l3(1) | l4(2), e | v4 | RTE_PTYPE_L4_UDP, ip | l4ok },
		{ l3(2) | l4(1), e | v6 | RTE_PTYPE_L4_TCP, l4ok },
		{ l3(2) | l4(2), e | v6 | RTE_PTYPE_L4_UDP, l4ok },
		{ l3(2), e | v6, 0 },
		{ l3(3), e, 0 },
		{ l3(4), e | v4 | RTE_PTYPE_L4_FRAG, ip },
		{ l3(5), RTE_PTYPE_L2_ETHER_ARP, 0 },
		{ l3(6), e | v6 | RTE_PTYPE_L4_FRAG, 0 },
		{ tag(1) | l3(1) | l4(1), v | v4 | RTE_PTYPE_L4_TCP, ip | l4ok },
		{ tag(2) | l3(2) | l4(2), qq | v6 | RTE_PTYPE_L4_UDP, l4ok },
		{ l3(1) | l4(1) | kIpError, e | v4 | RTE_PTYPE_L4_TCP, ip_bad | l4ok },
		{ l3(1) | l4(1) | kL4Error, e | v4 | RTE_PTYPE_L4_TCP, ip | l4_bad },
		{ l3(1) | l4(2) | kIpError | kL4Error, e | v4 | RTE_PTYPE_L4_UDP, ip_bad | l4_bad },
		{ l3(2) | l4(1) | kIpError, e | v6 | RTE_PTYPE_L4_TCP, l4ok },
		{ kIpError | kL4Error, e, 0 },
		{ tag(7) | l3(7) | l4(3), 0, 0 }, /* values that do not exist */
	};

	start(conf());
	for (const ClassCase &c : cases) {
		deliver(frame_make(60), c.bits);
		const auto pkts = burst();
		ASSERT_EQ(pkts.size(), 1u);
		EXPECT_EQ(pkts[0]->packet_type, c.ptype) << std::hex << c.bits;
		EXPECT_EQ(pkts[0]->ol_flags & ~RTE_MBUF_F_RX_RSS_HASH, c.flags) << std::hex << c.bits;
		EXPECT_EQ((pkts[0]->ol_flags & RTE_MBUF_F_RX_RSS_HASH) != 0,
			  (c.ptype & RTE_PTYPE_L3_MASK) != 0) << std::hex << c.bits;
		rte_pktmbuf_free(pkts[0]);
	}
}

TEST_F(DpRx, FlagsFollowTheOffloads)
{
	auto c = conf();

	c.offloads = 0;
	c.rss_hash = false;
	start(c);
	deliver(frame_make(60), l3(1) | l4(1));
	const auto pkts = burst();
	ASSERT_EQ(pkts.size(), 1u);
	EXPECT_EQ(pkts[0]->ol_flags, 0u);
	rte_pktmbuf_free(pkts[0]);
}

TEST_F(DpRx, MergedEventsOverSeveralBursts)
{
	std::vector<Bytes> frames;

	start(conf());
	for (unsigned int i = 0; i < 15; i++)
		frames.push_back(frame_make(60 + i, i));
	deliver_merged(frames, l3(1) | l4(1));
	deliver(frame_make(99));
	size_t seen = 0;
	for (size_t n : { 4u, 4u, 4u, 3u }) {
		const auto pkts = burst(n == 3 ? 32 : static_cast<uint16_t>(n));
		ASSERT_EQ(pkts.size(), n == 3 ? 4u : n) << "the last burst goes on to the next event";
		for (struct rte_mbuf *m : pkts) {
			const Bytes expected = seen < 15 ? frames[seen] : frame_make(99);

			EXPECT_EQ(bytes_of(m), expected);
			if (seen < 15) {
				EXPECT_EQ(m->hash.rss, expected.size() * 3);
				EXPECT_NE(m->packet_type & RTE_PTYPE_L4_TCP, 0u);
			} else {
				EXPECT_EQ(m->packet_type, RTE_PTYPE_L2_ETHER);
			}
			rte_pktmbuf_free(m);
			seen++;
		}
	}
	EXPECT_EQ(seen, 16u);
	EXPECT_EQ(stats().packets, 16u);
}

TEST_F(DpRx, RandomTrafficOverManyLaps)
{
	std::mt19937 rng(5);
	std::deque<Bytes> expected;
	unsigned int seed = 0, received = 0;

	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	for (unsigned int round = 0; round < 4000; round++) {
		uint32_t free_bufs = (wptr() - used_) % kEntries;

		for (unsigned int i = 0; i < rng() % 12 && free_bufs > 20; i++) {
			if (rng() % 3 == 0) {
				std::vector<Bytes> frames;

				for (unsigned int k = 0; k < 2 + rng() % 14; k++)
					frames.push_back(frame_make(14 + rng() % 1500, ++seed));
				deliver_merged(frames);
				expected.insert(expected.end(), frames.begin(), frames.end());
			} else if (rng() % 4 == 0) {
				expected.push_back(frame_make(2034 + rng() % 7000, ++seed));
				deliver_scattered(expected.back());
			} else {
				expected.push_back(frame_make(14 + rng() % 2000, ++seed));
				deliver(expected.back());
			}
			free_bufs = (wptr() - used_) % kEntries;
		}
		for (struct rte_mbuf *m : burst(static_cast<uint16_t>(1 + rng() % 40))) {
			ASSERT_FALSE(expected.empty());
			ASSERT_EQ(bytes_of(m), expected.front());
			EXPECT_EQ(m->pkt_len, expected.front().size());
			expected.pop_front();
			rte_pktmbuf_free(m);
			received++;
		}
	}
	EXPECT_GT(used_, 8 * kEntries) << "counters wrapped";
	EXPECT_EQ(stats().packets, received);
	EXPECT_EQ(stats().errors + stats().aborts + stats().nombuf, 0u);
	EXPECT_FALSE(piopmd_dp_rxq_exception(q_));
}

TEST_F(DpRx, RefillGoesInEightsAndRingsOnce)
{
	start(conf());
	for (unsigned int i = 0; i < 7; i++) {
		deliver(frame_make(60));
		trace_clear();
		expect_frame(frame_make(60));
		EXPECT_EQ(trace_ops(), "") << "not yet eight";
	}
	deliver(frame_make(60));
	trace_clear();
	expect_frame(frame_make(60));
	EXPECT_EQ(trace_ops(), "DDDDDDDDwR");
	EXPECT_EQ(wptr() % 8, 0u);
}

TEST_F(DpRx, EmptyPoolCountsAndRecovers)
{
	std::vector<struct rte_mbuf *> held;

	start(conf());
	for (;;) {
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool_);
		if (m == nullptr)
			break;
		held.push_back(m);
	}
	for (unsigned int i = 0; i < 16; i++)
		deliver(frame_make(60));
	trace_clear();
	const auto pkts = burst();
	EXPECT_EQ(pkts.size(), 16u) << "what is there is delivered";
	EXPECT_EQ(trace_ops(), "");
	EXPECT_GE(stats().nombuf, 8u);
	for (struct rte_mbuf *m : held)
		rte_pktmbuf_free(m);
	for (struct rte_mbuf *m : pkts)
		rte_pktmbuf_free(m);
	EXPECT_EQ(burst().size(), 0u) << "a burst posts what is missing, though nothing came";
	EXPECT_EQ(trace_ops(), std::string(16, 'D') + "wR");
}

TEST_F(DpRx, StartWithoutBuffersFailsAndMayBeRepeated)
{
	std::vector<struct rte_mbuf *> held;
	const auto c = conf();

	ASSERT_EQ(piopmd_dp_rxq_init(q_, &c), 0);
	for (struct rte_mbuf *m; (m = rte_pktmbuf_alloc(pool_)) != nullptr;)
		held.push_back(m);
	EXPECT_EQ(piopmd_dp_rxq_start(q_, 1), -ENOMEM);
	EXPECT_EQ(burst().size(), 0u);
	for (struct rte_mbuf *m : held)
		rte_pktmbuf_free(m);
	restart();
	deliver(frame_make(60));
	expect_frame(frame_make(60));
}

TEST_F(DpRx, BadFramesAreDroppedAndTheNextIsGood)
{
	start(conf());
	deliver(frame_make(60), kFcsError);
	deliver(frame_make(61), kTruncated);
	deliver_merged({ frame_make(60), frame_make(60), frame_make(60) }, kFcsError);
	deliver(frame_make(62));
	expect_frame(frame_make(62));
	EXPECT_EQ(stats().errors, 5u);
	EXPECT_EQ(stats().packets, 1u);
	EXPECT_FALSE(piopmd_dp_rxq_exception(q_));
}

TEST_F(DpRx, ImpossibleLengthsAreErrors)
{
	start(conf());
	for (uint64_t bytes : { 0, 13, 14, 2049, 16383 }) {
		place(frame_make(60));
		event(lbits() | bytes);
	}
	deliver(frame_make(62));
	expect_frame(frame_make(62));
	EXPECT_EQ(stats().errors, 5u);
	/* lengths of merged frames are in their prefixes */
	uint8_t *first = reinterpret_cast<uint8_t *>(hw_ring_.as<uint64_t>()[used_ % kEntries] &
						     0xFFFFFFFFFFFF);
	place(frame_make(60));
	place(frame_make(64));
	first[8] = 0xF3; /* 2035: one more than fits */
	first[9] = 0x07;
	event(lbits() | (64 + 14));
	expect_frame(frame_make(64));
	EXPECT_EQ(stats().errors, 6u);
}

TEST_F(DpRx, ScatteredFrameIsOneChain)
{
	const Bytes f = frame_make(9000);

	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	deliver_scattered(f, l3(1) | l4(2));
	const auto pkts = burst();
	ASSERT_EQ(pkts.size(), 1u);
	EXPECT_EQ(pkts[0]->nb_segs, 5);
	EXPECT_EQ(pkts[0]->pkt_len, 9000u);
	EXPECT_EQ(bytes_of(pkts[0]), f);
	EXPECT_NE(pkts[0]->packet_type & RTE_PTYPE_L4_UDP, 0u);
	rte_pktmbuf_free(pkts[0]);
	EXPECT_EQ(stats().bytes, 9000u);
}

TEST_F(DpRx, ChainMayEndInALaterBurst)
{
	const Bytes f = frame_make(5000);

	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	deliver_scattered(f);
	/* hide the last event for a while */
	uint64_t *last = &evq_.as<uint64_t>()[evq_write_ - 1];
	const uint64_t kept = *last;
	*last = UINT64_MAX;
	EXPECT_EQ(burst().size(), 0u);
	*last = kept;
	expect_frame(f);
}

TEST_F(DpRx, ScatteredFrameWithoutTheOffloadIsDroppedWhole)
{
	start(conf());
	deliver_scattered(frame_make(5000));
	deliver(frame_make(62));
	expect_frame(frame_make(62));
	EXPECT_EQ(stats().errors, 1u);
}

TEST_F(DpRx, ErrorInTheMiddleDropsTheWholeChain)
{
	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	for (uint64_t bits : { UINT64_C(0) | kCont, kCont | kFcsError, UINT64_C(0) | kCont, UINT64_C(0) }) {
		place(frame_make(100));
		event(bits | lbits() | 114);
	}
	deliver(frame_make(62));
	expect_frame(frame_make(62));
	EXPECT_EQ(stats().errors, 1u);
}

TEST_F(DpRx, AbortedFrameIsDropped)
{
	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	place(frame_make(100));
	event(kCont | lbits() | 114);
	event(lbits()); /* the same descriptor again: given up */
	deliver(frame_make(62));
	expect_frame(frame_make(62));
	EXPECT_EQ(stats().aborts, 1u);
}

TEST_F(DpRx, EndlessChainIsCut)
{
	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	for (unsigned int i = 0; i < 200; i++) {
		place(frame_make(100));
		event(kCont | lbits() | 114);
	}
	EXPECT_EQ(burst().size(), 0u);
	EXPECT_EQ(stats().errors, 1u);
	place(frame_make(100));
	event(lbits() | 114); /* its end */
	deliver(frame_make(62));
	expect_frame(frame_make(62));
}

TEST_F(DpRx, ForeignEventStaysForControl)
{
	start(conf());
	deliver(frame_make(60));
	event(UINT64_C(0xC) << 60 | 5);
	EXPECT_TRUE(piopmd_dp_rxq_exception(q_)) << "seen behind frames nobody has read";
	deliver(frame_make(61));
	expect_frame(frame_make(60));
	EXPECT_TRUE(piopmd_dp_rxq_exception(q_));
	EXPECT_EQ(burst().size(), 0u);
	EXPECT_EQ(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)0);
	EXPECT_EQ(piopmd_dp_rxq_stop(q_), 2u);
}

TEST_F(DpRx, MoreBuffersThanPostedIsAnException)
{
	auto c = conf();

	c.max_fill = 8;
	start(c);
	deliver(frame_make(60));
	event(UINT64_C(14) << 48 | 74); /* 13 more, but 7 are posted */
	expect_frame(frame_make(60));
	EXPECT_TRUE(piopmd_dp_rxq_exception(q_));
	EXPECT_EQ(piopmd_dp_rxq_stop(q_), 2u);
}

TEST_F(DpRx, MergedEventInsideAChainIsAnException)
{
	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	place(frame_make(100));
	event(kCont | lbits() | 114);
	deliver_merged({ frame_make(60), frame_make(60) });
	EXPECT_EQ(burst().size(), 0u);
	EXPECT_TRUE(piopmd_dp_rxq_exception(q_));
}

TEST_F(DpRx, GarbageNeverCrashesOrLeaks)
{
	std::mt19937_64 rng(9);

	for (unsigned int run = 0; run < 300; run++) {
		start(conf(run % 2 ? RTE_ETH_RX_OFFLOAD_SCATTER : 0));
		for (unsigned int i = 0; i < 64; i++) {
			/* mostly receive events, sometimes anything */
			const uint64_t ev = rng();

			evq_.as<uint64_t>()[evq_write_++ % kEntries] =
				rng() % 8 ? ev & ~(UINT64_C(0xF) << 60) : ev;
		}
		for (unsigned int i = 0; i < 10; i++)
			for (struct rte_mbuf *m : burst()) {
				ASSERT_LE(m->data_len, kRoom);
				ASSERT_NE(m->pkt_len, 0u);
				rte_pktmbuf_free(m);
			}
		EXPECT_LE(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)kEntries);
		piopmd_dp_rxq_stop(q_);
		piopmd_dp_rxq_purge(q_);
		ASSERT_EQ(pool_in_use(pool_), 0u);
	}
}

TEST_F(DpRx, RingFullOfAbortsEnds)
{
	start(conf());
	for (uint32_t i = 0; i < kEntries; i++)
		evq_.as<uint64_t>()[i] = 0; /* code 0, no descriptor used: aborts for ever */
	EXPECT_EQ(burst().size(), 0u);
	EXPECT_EQ(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)0);
}

TEST_F(DpRx, CountAndStatusFollowTheEvents)
{
	auto c = conf();

	c.max_fill = 64;
	start(c);
	EXPECT_EQ(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)0);
	deliver(frame_make(60));
	deliver_merged({ frame_make(60), frame_make(61), frame_make(62) });
	EXPECT_EQ(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)4);
	EXPECT_EQ(piopmd_dp_rx_descriptor_status(q_, 3), RTE_ETH_RX_DESC_DONE);
	EXPECT_EQ(piopmd_dp_rx_descriptor_status(q_, 4), RTE_ETH_RX_DESC_AVAIL);
	EXPECT_EQ(piopmd_dp_rx_descriptor_status(q_, 63), RTE_ETH_RX_DESC_AVAIL);
	EXPECT_EQ(piopmd_dp_rx_descriptor_status(q_, 64), RTE_ETH_RX_DESC_UNAVAIL);
	EXPECT_EQ(piopmd_dp_rx_descriptor_status(q_, kEntries), -EINVAL);
	for (struct rte_mbuf *m : burst(2))
		rte_pktmbuf_free(m);
	EXPECT_EQ(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)2) << "the rest of a merged event";
	for (struct rte_mbuf *m : burst())
		rte_pktmbuf_free(m);
	EXPECT_EQ(piopmd_dp_rx_queue_count(q_), (piopmd_queue_count_t)0);
}

TEST_F(DpRx, ConsumedEventsAreClearedByWholeLines)
{
	start(conf());
	for (unsigned int i = 0; i < 20; i++)
		deliver(frame_make(60));
	for (struct rte_mbuf *m : burst())
		rte_pktmbuf_free(m);
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ(evq_.as<uint64_t>()[i], UINT64_MAX) << i;
	EXPECT_NE(evq_.as<uint64_t>()[16], UINT64_MAX);
}

TEST_F(DpRx, InterruptIsArmedAfterEachBurstThatConsumed)
{
	start(conf());
	trace_clear();
	piopmd_dp_rxq_intr_enable(q_);
	ASSERT_EQ(trace_ops(), "wR");
	EXPECT_EQ(trace()[1].addr, regs_.addr() + 0x400);
	EXPECT_EQ(static_cast<uint32_t>(trace()[1].word(0)), 1u);
	trace_clear();
	EXPECT_EQ(burst().size(), 0u);
	EXPECT_EQ(trace_ops(), "") << "nothing consumed, still armed";
	deliver(frame_make(60));
	expect_frame(frame_make(60));
	ASSERT_EQ(trace_ops(), "wR");
	EXPECT_EQ(static_cast<uint32_t>(trace()[1].word(0)), 2u);
	piopmd_dp_rxq_intr_disable(q_);
	trace_clear();
	deliver(frame_make(60));
	expect_frame(frame_make(60));
	EXPECT_EQ(trace_ops(), "");
}

TEST_F(DpRx, StopPurgeStartIsAFreshQueue)
{
	start(conf(RTE_ETH_RX_OFFLOAD_SCATTER));
	deliver_merged({ frame_make(60), frame_make(60), frame_make(60) });
	for (struct rte_mbuf *m : burst(1))
		rte_pktmbuf_free(m);
	for (struct rte_mbuf *m : burst(2))
		rte_pktmbuf_free(m);
	place(frame_make(100));
	event(kCont | lbits() | 114);
	EXPECT_EQ(burst().size(), 0u);
	EXPECT_EQ(piopmd_dp_rxq_stop(q_), 3u);
	EXPECT_EQ(burst().size(), 0u);
	piopmd_dp_rxq_purge(q_);
	piopmd_dp_rxq_purge(q_);
	EXPECT_EQ(pool_in_use(pool_), 0u);
	restart();
	deliver(frame_make(77));
	expect_frame(frame_make(77));
	piopmd_dp_rxq_fail(q_);
	deliver(frame_make(77));
	EXPECT_EQ(burst().size(), 0u);
}

TEST_F(DpRx, BlockedBurstAcknowledges)
{
	struct rte_mbuf *m;

	start(conf());
	piopmd_dp_rxq_ack_clear(q_);
	EXPECT_FALSE(piopmd_dp_rxq_ack(q_));
	EXPECT_EQ(piopmd_dp_rx_burst_blocked(q_, &m, 1), 0);
	EXPECT_TRUE(piopmd_dp_rxq_ack(q_));
}

TEST_F(DpRx, LastPostedFrameIsTakenOnTheFirstLap)
{
	auto c = conf();

	c.max_fill = 64;
	start(c);
	for (unsigned int i = 0; i < 64; i++)
		deliver(frame_make(60, i));
	const auto pkts = burst(64);
	EXPECT_EQ(pkts.size(), 64u);
	for (struct rte_mbuf *m : pkts)
		rte_pktmbuf_free(m);
}

TEST_F(DpRx, LastPostedFrameIsTakenWithAnEmptyPool)
{
	std::vector<struct rte_mbuf *> held, got;

	start(conf());
	held.resize(rte_mempool_avail_count(pool_));
	ASSERT_EQ(rte_mempool_get_bulk(pool_, reinterpret_cast<void **>(held.data()),
				       static_cast<unsigned int>(held.size())), 0);
	for (unsigned int i = 0; i < 496; i++)
		deliver(frame_make(60, i));
	for (unsigned int i = 0; i < 16; i++)
		for (struct rte_mbuf *m : burst(32))
			got.push_back(m);
	EXPECT_EQ(got.size(), 496u);
	for (struct rte_mbuf *m : got)
		rte_pktmbuf_free(m);
	for (struct rte_mbuf *m : held)
		rte_pktmbuf_free(m);
}

TEST_F(DpRx, BadConfigurationIsRefused)
{
	const auto good = conf();
	auto refused = [&](auto change) {
		auto c = good;

		change(c);
		return piopmd_dp_rxq_init(q_, &c) == -EINVAL;
	};

	ASSERT_EQ(piopmd_dp_rxq_init(q_, &good), 0);
	EXPECT_TRUE(refused([](auto &x) { x.nb_entries = 500; }));
	EXPECT_TRUE(refused([](auto &x) { x.nb_entries = 256; }));
	EXPECT_TRUE(refused([](auto &x) { x.nb_entries = 8192; }));
	EXPECT_TRUE(refused([](auto &x) { x.max_fill = 503; }));
	EXPECT_TRUE(refused([](auto &x) { x.refill_threshold = 7; }));
	EXPECT_TRUE(refused([](auto &x) { x.refill_threshold = x.max_fill + 1; }));
	EXPECT_TRUE(refused([](auto &x) { x.buf_size = 14; }));
	EXPECT_TRUE(refused([](auto &x) { x.buf_size = 16384; }));
	EXPECT_TRUE(refused([](auto &x) { x.mb_pool = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.hw_ring = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.evq_ring = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.sw_ring = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.vi_base = nullptr; }));
	EXPECT_TRUE(refused([](auto &x) { x.evq_vi_base = nullptr; }));
	ASSERT_EQ(piopmd_dp_rxq_init(q_, &good), 0);
}

} // namespace dp
