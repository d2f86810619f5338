/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The datapath of the driver against an adapter gone mad: any event at any time, any bytes in
 * receive buffers, between calls of any kind. Whatever comes, the datapath writes only to its
 * rings, its doorbells and its own PIO memory, hands out only well-formed mbufs, and gives every
 * buffer back in the end. The stores are those of the tracing twin.
 */

#include <vector>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_pio_driver.h>

#include "first_cpu.h"
#include "fuzz.h"
#include "piopmd_dp.h"
#include "piopmd_io_trace.h"

namespace {

constexpr uint32_t kEntries = 512;
constexpr uint32_t kLimit = PIOPMD_DP_RING_LIMIT(kEntries);
constexpr uint32_t kWindow = 2048;
constexpr uint32_t kRoom = 512;			/* of a buffer, so that frames are scattered */
constexpr uint32_t kMbufs = 4095;
constexpr uint32_t kSteps = 600;

/* Where the datapath may store. */
alignas(4096) uint8_t g_regs[8192];
alignas(4096) uint8_t g_window[kWindow];
alignas(4096) uint64_t g_ring[kEntries];
alignas(4096) uint64_t g_evq[kEntries];
alignas(64) void *g_sw_ring[kEntries + 8];
rte_mempool *g_pool;

bool
holds(const void *area, size_t area_len, uintptr_t at, size_t len)
{
	const uintptr_t from = reinterpret_cast<uintptr_t>(area);

	return at >= from && len <= area_len && at - from <= area_len - len;
}

/* rte_pio_warm() posts to a stand-in of the queue, which lies on the stack. */
bool
on_stack(uintptr_t at)
{
	return at - reinterpret_cast<uintptr_t>(__builtin_frame_address(0)) < 65536;
}

class DatapathFuzz {
public:
	DatapathFuzz(const uint8_t *data, size_t size) : in_(data, size) {}
	~DatapathFuzz() { free(q_); }
	void run();

private:
	void clear(size_t size);
	uint64_t event();
	void events();
	rte_mbuf *mbuf();
	void tx_open();
	void tx_burst();
	void tx_send();
	void tx_template();
	void tx_step();
	void tx_close();
	void rx_open();
	void rx_burst();
	void rx_step();
	void rx_close();

	fuzz::Input in_;
	void *q_ = nullptr;
	uint32_t read_ = 1;	/* where the next event goes */
	piopmd_dp_txq *txq_ = nullptr;
	piopmd_dp_rxq *rxq_ = nullptr;
	eth_tx_burst_t tx_burst_ = nullptr;
	eth_rx_burst_t rx_burst_ = nullptr;
	const struct rte_pio_fp_ops *fp_ = nullptr;
	std::vector<rte_pio_template *> templates_;
	bool chains_ = false;	/* the queue takes them */
	uint8_t frame_[2048];
};

void
DatapathFuzz::clear(size_t size)
{
	memset(g_regs, 0, sizeof(g_regs));
	memset(g_evq, 0xFF, sizeof(g_evq));
	memset(g_sw_ring, 0, sizeof(g_sw_ring));
	in_.bytes(frame_, 64);
	q_ = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL(size, RTE_CACHE_LINE_SIZE));
	FUZZ_CHECK(q_ != nullptr);
	memset(q_, 0, size);
}

/* Often nearly right: event code 0 (receive) or 2 (transmit) and small fields. */
uint64_t
DatapathFuzz::event()
{
	switch (in_.below(4)) {
	case 0: return in_.get<uint64_t>();
	case 1: return UINT64_C(2) << 60 | in_.get<uint16_t>() % (2 * kEntries);
	default:
		return uint64_t{ in_.get<uint8_t>() } << 45 | uint64_t{ in_.get<uint8_t>() } << 24 |
			uint64_t{ in_.below(16) } << 48 | in_.get<uint16_t>();
	}
}

void
DatapathFuzz::events()
{
	for (uint32_t n = 1 + in_.below(8); n != 0; n--) {
		/* also where the datapath has not cleared yet */
		if (in_.below(16) == 0)
			read_ = in_.get<uint16_t>();
		g_evq[read_++ % kEntries] = event();
	}
}

rte_mbuf *
DatapathFuzz::mbuf()
{
	rte_mbuf *head = nullptr, *last = nullptr;

	for (uint32_t n = !chains_ || in_.below(8) ? 1 : 1 + in_.below(12); n != 0; n--) {
		rte_mbuf *m = rte_pktmbuf_alloc(g_pool);

		if (m == nullptr)
			break;
		m->data_len = static_cast<uint16_t>(in_.below(kRoom));
		m->pkt_len = m->data_len;
		if (head == nullptr) {
			head = m;
		} else {
			last->next = m;
			head->nb_segs++;
			head->pkt_len += m->data_len;
		}
		last = m;
	}
	if (head != nullptr && chains_ && in_.below(8) == 0)
		head->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	return head;
}

void
DatapathFuzz::tx_open()
{
	piopmd_dp_txq_conf conf = {};
	piopmd_dp_pio_conf pio = {};
	void *queues[1];
	const char *name;

	clear(piopmd_dp_txq_size());
	txq_ = static_cast<piopmd_dp_txq *>(q_);
	conf.nb_entries = kEntries;
	conf.max_fill = in_.below(2) ? kLimit : 64;
	conf.free_thresh = 32;
	conf.hw_ring = g_ring;
	conf.evq_ring = g_evq;
	conf.sw_ring = g_sw_ring;
	conf.vi_base = g_regs;
	chains_ = in_.below(2);
	conf.offloads = chains_ ? RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM :
		RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	conf.frame_max = 1518;
	conf.socket_id = SOCKET_ID_ANY;
	FUZZ_CHECK(piopmd_dp_txq_init(txq_, &conf) == 0);
	pio.window = in_.below(8) ? g_window : nullptr;
	pio.off_reason = RTE_PIO_FB_NO_MEMORY;
	pio.size = kWindow;
	pio.template_mem = 512;
	pio.threshold = 60 + in_.below(197);
	pio.fallback_mp = in_.below(8) ? g_pool : nullptr;
	pio.fallback_ring = in_.below(4) != 0;
	FUZZ_CHECK(piopmd_dp_txq_pio_attach(txq_, &pio) == 0);
	queues[0] = txq_;
	tx_burst_ = piopmd_dp_tx_burst_select(queues, 1, RTE_PIO_STORE_SSE2, &name);
	fp_ = piopmd_dp_pio_fp_select(RTE_PIO_STORE_SSE2);
	piopmd_dp_txq_start(txq_, read_);
}

void
DatapathFuzz::tx_burst()
{
	rte_mbuf *pkts[32];
	uint16_t n = 0;

	for (uint32_t want = 1 + in_.below(32); n < want; n++) {
		pkts[n] = mbuf();
		if (pkts[n] == nullptr)
			break;
	}
	const uint16_t taken = tx_burst_(txq_, pkts, n);

	FUZZ_CHECK(taken <= n);
	for (uint16_t i = taken; i < n; i++)
		rte_pktmbuf_free(pkts[i]);
}

void
DatapathFuzz::tx_send()
{
	const uint32_t flags = in_.get<uint8_t>() % 32;	/* one of them unknown */
	rte_pio_iov iov[RTE_PIO_IOV_MAX];
	struct rte_pio_credits credits;
	const uint16_t n = static_cast<uint16_t>(1 + in_.below(RTE_PIO_IOV_MAX - 1));

	for (uint16_t i = 0; i < n; i++) {
		iov[i].len = in_.below(256);
		iov[i].base = frame_ + in_.below(512);
	}
	switch (in_.below(5)) {
	case 0: fp_->sendv(txq_, iov, n, flags); break;
	case 1: FUZZ_CHECK(fp_->send_burst(txq_, iov, n, flags) <= n); break;
	case 2: fp_->warm(txq_, in_.below(2048)); break;
	case 3: fp_->credits(txq_, &credits); break;
	default: fp_->send(txq_, frame_, in_.below(2048), flags); break;
	}
}

void
DatapathFuzz::tx_template()
{
	rte_pio_template_conf conf = {};
	rte_pio_template *t;

	if (templates_.empty() || (templates_.size() < 6 && in_.below(4) == 0)) {
		conf.data = frame_;
		/* the library has checked these before a driver sees them */
		conf.len = RTE_PIO_FRAME_MIN + in_.below(400);
		conf.room = conf.len + (in_.below(2) ? 0 : in_.below(1200));
		conf.nb_slots = static_cast<uint16_t>(1 + in_.below(2));
		if (fp_->template_alloc(txq_, &conf, &t) == 0)
			templates_.push_back(t);
		return;
	}
	const size_t which = in_.below(static_cast<uint32_t>(templates_.size()));
	const rte_pio_update u = { frame_, in_.below(300), in_.below(300) };

	t = templates_[which];
	switch (in_.below(4)) {
	case 0: fp_->template_update(t, u.offset, u.data, u.len); break;
	case 1: fp_->template_send(t, in_.get<uint8_t>() % 32); break;
	case 2: fp_->template_update_send(t, &u, 1, in_.get<uint8_t>() % 32); break;
	default:
		FUZZ_CHECK(fp_->template_free(t) == 0);
		templates_.erase(templates_.begin() + static_cast<long>(which));
		break;
	}
}

void
DatapathFuzz::tx_step()
{
	switch (in_.below(6)) {
	case 0: events(); break;
	case 1: tx_burst(); break;
	case 2: tx_send(); break;
	case 3: tx_template(); break;
	case 4: fp_->reap(txq_); break;
	default: piopmd_dp_tx_done_cleanup(txq_, in_.below(64)); break;
	}
	piopmd_dp_txq_exception(txq_);
	piopmd_dp_tx_descriptor_status(txq_, in_.get<uint8_t>());
}

void
DatapathFuzz::tx_close()
{
	piopmd_dp_txq_drain(txq_);
	piopmd_dp_txq_stop(txq_);
	piopmd_dp_txq_purge(txq_);
	for (rte_pio_template *t : templates_)
		fp_->template_free(t);
	piopmd_dp_txq_purge(txq_);
	FUZZ_CHECK(piopmd_dp_txq_pio_detach(txq_) == 0);
}

void
DatapathFuzz::rx_open()
{
	piopmd_dp_rxq_conf conf = {};
	void *queues[1];
	const char *name;

	clear(piopmd_dp_rxq_size());
	rxq_ = static_cast<piopmd_dp_rxq *>(q_);
	conf.nb_entries = kEntries;
	conf.max_fill = in_.below(2) ? 496 : 64;
	conf.refill_threshold = 8;
	conf.mb_pool = g_pool;
	conf.buf_size = kRoom;
	conf.hw_ring = g_ring;
	conf.evq_ring = g_evq;
	conf.sw_ring = reinterpret_cast<rte_mbuf **>(g_sw_ring);
	conf.vi_base = g_regs;
	conf.evq_vi_base = g_regs;
	conf.prime_indirect = in_.below(2);
	conf.rss_hash = in_.below(2);
	conf.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM |
		(in_.below(4) ? RTE_ETH_RX_OFFLOAD_SCATTER : 0);
	FUZZ_CHECK(piopmd_dp_rxq_init(rxq_, &conf) == 0);
	queues[0] = rxq_;
	rx_burst_ = piopmd_dp_rx_burst_select(queues, 1, &name);
	FUZZ_CHECK(piopmd_dp_rxq_start(rxq_, read_) == 0);
	if (in_.below(2))
		piopmd_dp_rxq_intr_enable(rxq_);
}

/* What an application gets it can read, to the last byte. */
void
DatapathFuzz::rx_burst()
{
	rte_mbuf *pkts[64];
	const uint16_t want = static_cast<uint16_t>(1 + in_.below(64));
	const uint16_t n = rx_burst_(rxq_, pkts, want);

	FUZZ_CHECK(n <= want);
	for (uint16_t i = 0; i < n; i++) {
		uint32_t len = 0;
		uint16_t segs = 0;

		for (const rte_mbuf *m = pkts[i]; m != nullptr; m = m->next) {
			FUZZ_CHECK(m->pool == g_pool && rte_mbuf_refcnt_read(m) == 1);
			FUZZ_CHECK(m->data_off + m->data_len <= m->buf_len);
			len += m->data_len;
			segs++;
		}
		FUZZ_CHECK(len == pkts[i]->pkt_len && segs == pkts[i]->nb_segs);
		rte_pktmbuf_free(pkts[i]);
	}
}

void
DatapathFuzz::rx_step()
{
	switch (in_.below(3)) {
	case 0: events(); break;
	case 1: rx_burst(); break;
	default: {
		/* a prefix, with a length, in a buffer that is posted */
		const uint64_t d = g_ring[in_.get<uint16_t>() % kEntries];
		uint8_t *p = reinterpret_cast<uint8_t *>(d & UINT64_C(0xFFFFFFFFFFFF));

		if (p != nullptr)
			in_.bytes(p, PIOPMD_DP_RX_PREFIX_SIZE);
		break;
	}
	}
	piopmd_dp_rxq_exception(rxq_);
	piopmd_dp_rx_descriptor_status(rxq_, in_.get<uint8_t>());
	piopmd_dp_rx_queue_count(rxq_);
}

void
DatapathFuzz::rx_close()
{
	piopmd_dp_rxq_stop(rxq_);
	piopmd_dp_rxq_purge(rxq_);
}

void
DatapathFuzz::run()
{
	const bool tx = in_.below(2);

	memset(g_ring, 0, sizeof(g_ring));
	if (tx)
		tx_open();
	else
		rx_open();
	for (uint32_t i = 0; i < kSteps && in_.more(); i++) {
		if (tx)
			tx_step();
		else
			rx_step();
	}
	if (tx)
		tx_close();
	else
		rx_close();
	FUZZ_CHECK(rte_mempool_in_use_count(g_pool) == 0);
}

} /* namespace */

/* The tracing twin's stores end here. */
extern "C" void
io_trace_add(enum io_trace_op op, volatile void *addr, const void *data, unsigned int size, int)
{
	const uintptr_t at = reinterpret_cast<uintptr_t>(addr);

	if (op == IO_TRACE_WMB || op == IO_TRACE_FENCE)
		return;
	if (op == IO_TRACE_LINE)
		FUZZ_CHECK(holds(g_window, sizeof(g_window), at, size) && at % 64 == 0);
	else if (op == IO_TRACE_DESC)
		FUZZ_CHECK(holds(g_ring, sizeof(g_ring), at, size) || on_stack(at));
	else
		FUZZ_CHECK(holds(g_regs, sizeof(g_regs), at, size) || on_stack(at));
	memcpy(const_cast<void *>(addr), data, size);
}

extern "C" int
LLVMFuzzerInitialize(int *, char ***)
{
	static char arg[][32] = { "pio-fuzz-datapath", "--no-huge", "-m", "64", "--no-pci",
				  "--no-shconf", "--no-telemetry", "--iova-mode=va",
				  "--log-level=lib.eal:error", "--lcores", "" };
	static char *argv[RTE_DIM(arg) + 1];

	strcpy(arg[RTE_DIM(arg) - 1], first_cpu_lcore());
	for (size_t i = 0; i < RTE_DIM(arg); i++)
		argv[i] = arg[i];
	if (rte_eal_init(static_cast<int>(RTE_DIM(arg)), argv) < 0) {
		fprintf(stderr, "EAL does not start: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	g_pool = rte_pktmbuf_pool_create("fuzz", kMbufs, 32, 0, kRoom + RTE_PKTMBUF_HEADROOM,
					 SOCKET_ID_ANY);
	if (g_pool == nullptr) {
		fprintf(stderr, "no mempool: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	return 0;
}

extern "C" int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DatapathFuzz(data, size).run();
	return 0;
}
