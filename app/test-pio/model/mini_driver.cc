/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include "mini_driver.h"

#include <sys/mman.h>

#include <stdexcept>

namespace mini {

void
put16(Bytes &b, size_t at, uint16_t v)
{
	if (b.size() < at + 2)
		b.resize(at + 2);
	b[at] = (uint8_t)v;
	b[at + 1] = (uint8_t)(v >> 8);
}

void
put32(Bytes &b, size_t at, uint32_t v)
{
	put16(b, at, (uint16_t)v);
	put16(b, at + 2, (uint16_t)(v >> 16));
}

void
put64(Bytes &b, size_t at, uint64_t v)
{
	put32(b, at, (uint32_t)v);
	put32(b, at + 4, (uint32_t)(v >> 32));
}

uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t
get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

uint64_t
get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* ESF_DZ_TX_KER_*: address 0-47, length 48-61, CONT 62 */
uint64_t
txDma(uint64_t addr, uint32_t len, bool cont)
{
	return addr | (uint64_t)len << 48 | (uint64_t)cont << 62;
}

/* ESF_DZ_TX_PIO_*: offset 0-11, length 32-43, CONT 59, type 1 in 60-62, option bit 63 */
uint64_t
txPio(uint32_t off, uint32_t len, bool cont)
{
	return (uint64_t)9 << 60 | (uint64_t)cont << 59 | (uint64_t)len << 32 | off;
}

/* ESF_DZ_RX_KER_*: address 0-47, length 48-61 */
uint64_t
rxDesc(uint64_t addr, uint32_t len)
{
	return addr | (uint64_t)len << 48;
}

static void
putBe16(Bytes &b, uint16_t v)
{
	b.push_back((uint8_t)(v >> 8));
	b.push_back((uint8_t)v);
}

/* RFC 1071, the slow and obvious way */
static uint16_t
inetSum(const Bytes &data)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < data.size(); i += 2)
		sum += (uint32_t)(data[i] << 8) + (i + 1 < data.size() ? data[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xFFFF) + (sum >> 16);
	return (uint16_t)~sum;
}

Bytes
plainFrame(uint32_t len, uint8_t seed, uint16_t ethertype)
{
	Bytes f = { 0x02, 'P', 'I', 'O', 0, 0, 0x02, 0, 0, 0, 0, 0x77 };

	putBe16(f, ethertype);
	while (f.size() < len)
		f.push_back((uint8_t)(seed + f.size()));
	f.resize(len);
	return f;
}

Bytes
makeFrame(const FrameSpec &s)
{
	size_t ip_len = s.ip6 ? 40 : 20, l4_hdr = s.proto == 6 ? 20 : s.proto == 17 ? 8 : 0;
	size_t eth_len = 14 + 4 * s.vlans.size();
	size_t l4_len = s.len > eth_len + ip_len + l4_hdr ? s.len - eth_len - ip_len : l4_hdr;
	Bytes f(s.dst, s.dst + 6), l4, pseudo;

	f.insert(f.end(), s.src, s.src + 6);
	for (uint16_t tci : s.vlans) {
		putBe16(f, 0x8100);
		putBe16(f, tci);
	}
	putBe16(f, s.ip6 ? 0x86DD : 0x0800);

	if (l4_hdr != 0) {
		putBe16(l4, s.src_port);
		putBe16(l4, s.dst_port);
	}
	if (s.proto == 6) {
		for (int i = 0; i < 8; i++)
			l4.push_back(0x11);
		putBe16(l4, 0x5010);
		putBe16(l4, 0x2000);
		putBe16(l4, 0);
		putBe16(l4, 0);
	} else if (s.proto == 17) {
		putBe16(l4, (uint16_t)l4_len);
		putBe16(l4, 0);
	}
	while (l4.size() < l4_len)
		l4.push_back((uint8_t)(s.seed + l4.size()));
	pseudo.insert(pseudo.end(), s.src_ip, s.src_ip + (s.ip6 ? 16 : 4));
	pseudo.insert(pseudo.end(), s.dst_ip, s.dst_ip + (s.ip6 ? 16 : 4));
	putBe16(pseudo, s.proto);
	putBe16(pseudo, (uint16_t)l4_len);
	pseudo.insert(pseudo.end(), l4.begin(), l4.end());
	if (l4_hdr != 0 && !s.no_csum) {
		size_t at = s.proto == 6 ? 16 : 6;
		uint16_t sum = inetSum(pseudo);

		if (sum == 0 && s.proto == 17)
			sum = 0xFFFF;
		if (s.bad_l4)
			sum ^= 0x0101;
		l4[at] = (uint8_t)(sum >> 8);
		l4[at + 1] = (uint8_t)sum;
	}

	Bytes ip;
	if (s.ip6) {
		ip = { 0x60, 0, 0, 0 };
		putBe16(ip, (uint16_t)l4_len);
		ip.push_back(s.proto);
		ip.push_back(64);
		ip.insert(ip.end(), s.src_ip, s.src_ip + 16);
		ip.insert(ip.end(), s.dst_ip, s.dst_ip + 16);
	} else {
		ip = { 0x45, 0 };
		putBe16(ip, (uint16_t)(20 + l4_len));
		ip.insert(ip.end(), { 0x12, 0x34, 0, 0, 64, s.proto, 0, 0 });
		ip.insert(ip.end(), s.src_ip, s.src_ip + 4);
		ip.insert(ip.end(), s.dst_ip, s.dst_ip + 4);
		uint16_t sum = s.no_csum ? 0 : inetSum(ip);

		if (s.bad_ip)
			sum ^= 0x0101;
		ip[10] = (uint8_t)(sum >> 8);
		ip[11] = (uint8_t)sum;
	}
	f.insert(f.end(), ip.begin(), ip.end());
	f.insert(f.end(), l4.begin(), l4.end());
	if (f.size() < s.len)
		f.resize(s.len);
	return f;
}

Driver::Driver(pioemu_nic *nic, pioemu_vf *vf, uint32_t perm)
	: nic_(nic), vf_(vf), iommu_(pioemu_iommu_create(nic, 0)),
	  stride_(pioemu_vf_config_get(vf)->vi_stride),
	  trapping_(pioemu_vf_config_get(vf)->bar_trapping),
	  bar_(static_cast<uint8_t *>(pioemu_vf_bar(vf)))
{
	arena_ = static_cast<uint8_t *>(mmap(nullptr, kArena, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	if (iommu_ == nullptr || arena_ == MAP_FAILED ||
	    pioemu_iommu_map(iommu_, kIova, kArena, arena_, perm) != 0)
		throw std::runtime_error("no memory");
	pioemu_vf_iommu_set(vf, iommu_);
	mcdi_ = alloc(4096);
}

Driver::~Driver()
{
	pioemu_vf_iommu_set(vf_, nullptr);
	pioemu_iommu_destroy(iommu_);
	munmap(arena_, kArena);
}

void
Driver::poll(unsigned int rounds)
{
	while (rounds-- > 0)
		pioemu_nic_poll(nic_);
}

Mem
Driver::alloc(size_t len, size_t align)
{
	size_t at = (used_ + align - 1) / align * align;

	if (at + len > kArena)
		throw std::runtime_error("arena is full");
	used_ = at + len;
	return { arena_ + at, kIova + at };
}

void
Driver::write32(uint64_t off, uint32_t value)
{
	if (trapping_)
		pioemu_vf_bar_write(vf_, off, 4, value);
	else
		__atomic_store_n(reinterpret_cast<uint32_t *>(bar_ + off), value, __ATOMIC_RELEASE);
}

uint32_t
Driver::read32(uint64_t off)
{
	if (trapping_)
		return (uint32_t)pioemu_vf_bar_read(vf_, off, 4);
	return __atomic_load_n(reinterpret_cast<uint32_t *>(bar_ + off), __ATOMIC_ACQUIRE);
}

/* PIO aperture at +0x1000 of the window, in aligned 8-byte stores, the last padded with zeros */
void
Driver::pioWrite(uint16_t n, uint32_t off, const void *data, uint32_t len)
{
	const uint8_t *p = static_cast<const uint8_t *>(data);

	for (uint32_t at = 0; at < len; at += 8) {
		uint64_t word = 0;

		memcpy(&word, p + at, len - at < 8 ? len - at : 8);
		if (trapping_)
			pioemu_vf_bar_write(vf_, vi(n) + 0x1000 + off + at, 8, word);
		else
			memcpy(bar_ + vi(n) + 0x1000 + off + at, &word, 8);
	}
}

void
Driver::ring(uint64_t addr)
{
	write32(0x200, (uint32_t)(addr >> 32));
	write32(0x204, (uint32_t)addr);
}

uint32_t
Driver::lastResponse() const
{
	return __atomic_load_n(reinterpret_cast<uint32_t *>(mcdi_.ptr), __ATOMIC_ACQUIRE);
}

Answer
Driver::mcdi(uint32_t cmd, const Bytes &in, bool new_epoch)
{
	bool v2 = cmd > 0x7F || in.size() > 0xFC;
	size_t hdr = v2 ? 8 : 4;
	uint32_t word = 0x80 | seq_ << 16 | (new_epoch ? 0 : 1u << 21);
	Answer answer{ kNoAnswer, {} };

	word |= v2 ? 0x7F : cmd | (uint32_t)in.size() << 8;
	memset(mcdi_.ptr, 0, 8 + 0x400);
	memcpy(mcdi_.ptr, &word, 4);
	if (v2) {
		uint32_t ext = cmd | (uint32_t)in.size() << 16;

		memcpy(mcdi_.ptr + 4, &ext, 4);
	}
	if (!in.empty())
		memcpy(mcdi_.ptr + hdr, in.data(), in.size());
	ring(mcdi_.iova);
	poll(4);
	word = lastResponse();
	if ((word & 1u << 23) == 0)
		return answer;
	uint32_t len = v2 ? get32(mcdi_.ptr + 4) >> 16 & 0x3FF : word >> 8 & 0xFF;
	if ((word >> 16 & 15) != seq_)
		answer.err = 1000;
	seq_ = (seq_ + 1) & 15;
	if (answer.err == 1000)
		return answer;
	answer.data.assign(mcdi_.ptr + hdr, mcdi_.ptr + hdr + len);
	answer.err = 0;
	if ((word & 1u << 22) != 0)
		answer.err = len >= 4 ? (int)get32(answer.data.data()) : 1001;
	return answer;
}

int
Driver::attach()
{
	Bytes in;

	mcdi(0x06, { 1, 0, 0, 0 }, true);
	put32(in, 0, 5);
	put32(in, 4, 1);
	put32(in, 8, 0xFFFFFFFFu);
	return mcdi(0x1C, in).err;
}

int
Driver::allocVis(uint32_t nb)
{
	Bytes in;

	put32(in, 0, nb);
	put32(in, 4, nb);
	return mcdi(0x8B, in).err;
}

int
Driver::vadaptor()
{
	Bytes in(30);

	put32(in, 0, 0x01000000);
	return mcdi(0x98, in).err;
}

int
Driver::initEvq(Evq &evq, uint16_t id, uint32_t size, uint32_t flags, uint16_t irq)
{
	Bytes in(36);
	uint32_t pages = (size * 8 + 4095) / 4096;

	evq.id = id;
	evq.size = size;
	evq.read = 0;
	evq.mem = alloc(pages * 4096);
	memset(evq.mem.ptr, 0xFF, pages * 4096);
	put32(in, 0, size);
	put32(in, 4, id);
	put32(in, 16, flags);
	put32(in, 24, irq);
	for (uint32_t i = 0; i < pages; i++)
		put64(in, 36 + 8 * i, evq.mem.iova + 4096 * i);
	return mcdi(0x80, in).err;
}

int
Driver::initQueue(uint32_t cmd, uint32_t size, uint16_t evq, uint16_t n, uint32_t flags,
		  uint64_t iova)
{
	Bytes in(28);
	uint32_t pages = (size * 8 + 4095) / 4096;

	put32(in, 0, size);
	put32(in, 4, evq);
	put32(in, 12, n);
	put32(in, 16, flags);
	put32(in, 24, 0x01000000);
	for (uint32_t i = 0; i < pages; i++)
		put64(in, 28 + 8 * i, iova + 4096 * i);
	return mcdi(cmd, in).err;
}

int
Driver::initTxq(Txq &q, uint16_t n, uint16_t evq, uint32_t size, uint32_t flags)
{
	q = { n, size, alloc(size * 8), 0, 0 };
	return initQueue(0x82, size, evq, n, flags, q.mem.iova);
}

int
Driver::initRxq(Rxq &q, uint16_t n, uint16_t evq, uint32_t size, uint32_t buf_len, uint32_t flags)
{
	q = { n, size, buf_len, alloc(size * 8), alloc((size_t)size * buf_len), 0, 0 };
	return initQueue(0x81, size, evq, n, flags, q.mem.iova);
}

int
Driver::fini(uint32_t cmd, uint16_t instance)
{
	Bytes in;

	put32(in, 0, instance);
	return mcdi(cmd, in).err;
}

int
Driver::rssAlloc(uint32_t nb_queues, uint32_t *id)
{
	Bytes in;

	put32(in, 0, 0x01000000);
	put32(in, 4, 0);
	put32(in, 8, nb_queues);
	Answer a = mcdi(0x9E, in);
	if (a.err == 0)
		*id = get32(a.data.data());
	return a.err;
}

int
Driver::filterInsert(const Filter &f, uint64_t *handle, bool subscribe)
{
	Bytes in(180);
	auto be16 = [&in](size_t at, uint16_t v) {
		in[at] = (uint8_t)(v >> 8);
		in[at + 1] = (uint8_t)v;
	};

	put32(in, 0, subscribe ? 2 : 0);
	put32(in, 12, 0x01000000);
	put32(in, 16, f.match);
	put32(in, 20, f.drop ? 0 : 1);
	put32(in, 24, f.queue);
	put32(in, 28, f.rss == 0xFFFFFFFFu ? 0 : 1);
	put32(in, 32, f.rss);
	put32(in, 40, 0xFFFFFFFFu);
	memcpy(&in[44], f.src_mac, 6);
	be16(50, f.src_port);
	memcpy(&in[52], f.dst_mac, 6);
	be16(58, f.dst_port);
	be16(60, f.ethertype);
	be16(62, f.inner_vlan);
	be16(64, f.outer_vlan);
	in[66] = f.proto;
	memcpy(&in[76], f.src_ip, 16);
	memcpy(&in[92], f.dst_ip, 16);
	Answer a = mcdi(0x8A, in);
	if (a.err == 0 && handle != nullptr)
		*handle = get64(&a.data[4]);
	return a.err;
}

int
Driver::filterRemove(uint64_t handle, bool unsubscribe)
{
	Bytes in(172);

	put32(in, 0, unsubscribe ? 3 : 1);
	put64(in, 4, handle);
	return mcdi(0x8A, in).err;
}

void
Driver::startPair()
{
	Filter ucast, mcast;
	int bad = 0;

	bad |= attach();
	bad |= allocVis(8);
	bad |= vadaptor();
	bad |= initEvq(ev0, 0);
	bad |= initEvq(rxev, 1);
	bad |= initEvq(txev, 2);
	bad |= initRxq(rxq, 1, 1);
	bad |= initTxq(txq, 1, 2);
	ucast.match = 0x80000000u;
	ucast.queue = 1;
	mcast.match = 0x40000000u;
	mcast.queue = 1;
	bad |= filterInsert(ucast);
	bad |= filterInsert(mcast);
	if (bad != 0)
		throw std::runtime_error("the queue pair does not start");
	/* "init done" of the three event queues */
	event(ev0);
	event(rxev);
	event(txev);
	rxPost(rxq, 256);
	/* the option descriptor every queue starts with: all checksums off */
	txPost(txq, 0x8000000000000000ull);
	txPush(txq);
	poll();
	txq.completed = 1;
}

std::optional<uint64_t>
Driver::event(Evq &evq)
{
	uint64_t *slot = reinterpret_cast<uint64_t *>(evq.mem.ptr) + (evq.read & (evq.size - 1));
	uint64_t ev = __atomic_load_n(slot, __ATOMIC_ACQUIRE);

	if ((uint32_t)ev == 0xFFFFFFFFu || ev >> 32 == 0xFFFFFFFFu)
		return std::nullopt;
	*slot = kEmpty;
	evq.read++;
	return ev;
}

uint64_t
Driver::expectEvent(Evq &evq)
{
	for (int i = 0; i < 16; i++) {
		auto ev = event(evq);

		if (ev)
			return *ev;
		poll();
	}
	return kEmpty;
}

void
Driver::txPost(Txq &q, uint64_t desc)
{
	memcpy(q.mem.ptr + 8 * (q.added++ & (q.size - 1)), &desc, 8);
}

void
Driver::txPush(Txq &q, bool push)
{
	uint32_t wptr = q.added & (q.size - 1);
	uint64_t desc = get64(q.mem.ptr + 8 * ((q.added - 1) & (q.size - 1)));

	if (push) {
		write32(vi(q.vi) + 0xA10, (uint32_t)desc);
		write32(vi(q.vi) + 0xA14, (uint32_t)(desc >> 32));
	}
	write32(vi(q.vi) + 0xA18, wptr);
}

void
Driver::txFrame(Txq &q, const Bytes &frame, uint32_t seg)
{
	Mem mem = alloc(frame.size(), 1);

	memcpy(mem.ptr, frame.data(), frame.size());
	for (uint32_t at = 0; at < frame.size(); at += seg) {
		uint32_t n = (uint32_t)frame.size() - at < seg ? (uint32_t)frame.size() - at : seg;

		txPost(q, txDma(mem.iova + at, n, at + n < frame.size()));
	}
}

void
Driver::rxPost(Rxq &q, uint32_t nb)
{
	for (uint32_t i = 0; i < nb; i++) {
		uint32_t idx = q.added++ & (q.size - 1);
		uint64_t desc = rxDesc(q.bufs.iova + (uint64_t)idx * q.buf_len, q.buf_len);

		memcpy(q.mem.ptr + 8 * idx, &desc, 8);
	}
	write32(vi(q.vi) + 0x830, q.added & (q.size - 1) & ~7u);
}

} /* namespace mini */
