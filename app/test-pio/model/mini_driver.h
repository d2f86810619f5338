/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef MINI_DRIVER_H
#define MINI_DRIVER_H

/*
 * A small driver for EF10 VFs that shares nothing with the product but the emulator's interface: all
 * offsets, layouts and words are typed here from public sources (DPDK efx_regs_ef10.h,
 * efx_regs_mcdi.h), so that a mistake in hw/ef10 cannot hide in both.
 *
 * It owns an arena of "host memory" that is mapped for DMA at kIova, and drives the BAR like a real
 * driver: by stores to the shared memory (polled) or by accesses one by one (trapping).
 */

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pioemu.h"

namespace mini {

using Bytes = std::vector<uint8_t>;

constexpr uint64_t kIova = 0x0000123400000000ull;
constexpr size_t kArena = 8u << 20;
constexpr uint64_t kEmpty = ~0ull;
constexpr int kNoAnswer = -1;

/* Words */
uint64_t txDma(uint64_t addr, uint32_t len, bool cont = false);
uint64_t txPio(uint32_t off, uint32_t len, bool cont = false);
uint64_t rxDesc(uint64_t addr, uint32_t len);

/* Frames. Checksums are right unless a flag says otherwise; payload bytes count up from seed. */
struct FrameSpec {
	uint8_t dst[6] = { 0x02, 'P', 'I', 'O', 0, 0 };
	uint8_t src[6] = { 0x02, 0, 0, 0, 0, 0x77 };
	std::vector<uint16_t> vlans;
	bool ip6 = false;
	uint8_t proto = 17;
	uint8_t src_ip[16] = { 10, 0, 0, 1 };
	uint8_t dst_ip[16] = { 10, 0, 0, 2 };
	uint16_t src_port = 1000, dst_port = 2000;
	uint32_t len = 64;
	uint8_t seed = 1;
	bool bad_ip = false, bad_l4 = false, no_csum = false;
};
Bytes makeFrame(const FrameSpec &spec);
Bytes plainFrame(uint32_t len, uint8_t seed = 1, uint16_t ethertype = 0x88B5);

struct Mem {
	uint8_t *ptr;
	uint64_t iova;
};

struct Evq {
	uint16_t id;
	uint32_t size;
	Mem mem;
	uint32_t read;
};

struct Txq {
	uint16_t vi;
	uint32_t size;
	Mem mem;
	uint32_t added;
	uint32_t completed;
};

struct Rxq {
	uint16_t vi;
	uint32_t size;
	uint32_t buf_len;
	Mem mem;
	Mem bufs;
	uint32_t added;
	uint32_t used;
};

struct Answer {
	int err;	/* MC errno, 0, or kNoAnswer */
	Bytes data;
};

class Driver {
public:
	/* The VF must outlive the driver. perm: of the whole arena */
	Driver(pioemu_nic *nic, pioemu_vf *vf,
		uint32_t perm = PIOEMU_DMA_READ | PIOEMU_DMA_WRITE);
	~Driver();
	Driver(const Driver &) = delete;
	Driver &operator=(const Driver &) = delete;

	pioemu_vf *vf() const { return vf_; }
	pioemu_iommu *iommu() const { return iommu_; }
	void poll(unsigned int rounds = 1);

	/* Memory and registers */
	Mem alloc(size_t len, size_t align = 4096);
	void write32(uint64_t off, uint32_t value);
	uint32_t read32(uint64_t off);
	uint64_t vi(uint16_t n) const { return (uint64_t)n * stride_; }
	void pioWrite(uint16_t vi, uint32_t off, const void *data, uint32_t len);

	/* MCDI. new_epoch as after a probe */
	Answer mcdi(uint32_t cmd, const Bytes &in = {}, bool new_epoch = false);
	uint32_t lastResponse() const;	/* first word of the buffer */
	Mem mcdiBuf() const { return mcdi_; }
	void ring(uint64_t addr);	/* MC doorbell */

	/* The way a driver comes up. Each returns the MC errno */
	int attach();
	int allocVis(uint32_t nb);
	int vadaptor();
	int initEvq(Evq &evq, uint16_t id, uint32_t size = 512, uint32_t flags = 0x100,
		uint16_t irq = 0);
	int initTxq(Txq &txq, uint16_t vi, uint16_t evq, uint32_t size = 512, uint32_t flags = 6);
	int initRxq(Rxq &rxq, uint16_t vi, uint16_t evq, uint32_t size = 512,
		uint32_t buf_len = 2048, uint32_t flags = 0x100);
	int fini(uint32_t cmd, uint16_t instance);
	int rssAlloc(uint32_t nb_queues, uint32_t *id);
	/* attach, VIs, vadaptor, EVQ 0 and one queue pair on VI 1 with EVQs 1 and 2, filters for all */
	void startPair();

	/* Filters */
	struct Filter {
		uint32_t match = 0;
		bool drop = false;
		uint16_t queue = 0;
		uint32_t rss = 0xFFFFFFFFu;
		uint8_t dst_mac[6] = {}, src_mac[6] = {};
		uint16_t ethertype = 0, outer_vlan = 0, inner_vlan = 0;
		uint8_t proto = 0;
		uint8_t src_ip[16] = {}, dst_ip[16] = {};
		uint16_t src_port = 0, dst_port = 0;
	};
	int filterInsert(const Filter &filter, uint64_t *handle = nullptr, bool subscribe = false);
	int filterRemove(uint64_t handle, bool unsubscribe = false);

	/* Rings */
	std::optional<uint64_t> event(Evq &evq);	/* consumes one */
	uint64_t expectEvent(Evq &evq);			/* polls until there is one, kEmpty: none */
	void txPost(Txq &txq, uint64_t desc);
	void txPush(Txq &txq, bool push = false);
	/* a frame in one or more pieces of at most seg bytes */
	void txFrame(Txq &txq, const Bytes &frame, uint32_t seg = 16383);
	void rxPost(Rxq &rxq, uint32_t nb);
	const uint8_t *rxBuf(const Rxq &rxq, uint32_t index) const
	{
		return rxq.bufs.ptr + (size_t)(index & (rxq.size - 1)) * rxq.buf_len;
	}

	Evq ev0{}, rxev{}, txev{};
	Rxq rxq{};
	Txq txq{};

private:
	int initQueue(uint32_t cmd, uint32_t size, uint16_t evq, uint16_t vi, uint32_t flags,
		uint64_t iova);

	pioemu_nic *nic_;
	pioemu_vf *vf_;
	pioemu_iommu *iommu_;
	uint32_t stride_;
	bool trapping_;
	uint8_t *bar_;
	uint8_t *arena_;
	size_t used_ = 0;
	Mem mcdi_{};
	uint32_t seq_ = 0;
};

/* Little endian words in byte vectors */
void put16(Bytes &b, size_t at, uint16_t v);
void put32(Bytes &b, size_t at, uint32_t v);
void put64(Bytes &b, size_t at, uint64_t v);
uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
uint64_t get64(const uint8_t *p);

} /* namespace mini */

#endif /* MINI_DRIVER_H */
