/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* What the model shares with its host: DMA maps, interrupts, link, statistics, trace, threads. */

#include <atomic>
#include <thread>

#include "model_fixture.h"

using namespace mini;

namespace {

class Iommu : public ModelTest {
protected:
	uint8_t mem[4 * 4096];
	pioemu_iommu *mmu = nullptr;

	void SetUp() override
	{
		open();
		mmu = drv->iommu();
	}

	int map(uint64_t iova, uint64_t len, void *host, uint32_t perm = 3)
	{
		return pioemu_iommu_map(mmu, iova, len, host, perm);
	}
};

TEST_F(Iommu, MapChecks)
{
	uint64_t bytes;

	EXPECT_EQ(map(0, 0, mem), -EINVAL);
	EXPECT_EQ(map(~0ull, 2, mem), -EINVAL);
	EXPECT_EQ(map(0, 4096, mem, 0), -EINVAL);
	EXPECT_EQ(map(0x1000, 0x2000, mem), 0);
	EXPECT_EQ(map(0x2FFF, 1, mem), -EEXIST);
	EXPECT_EQ(map(0x0, 0x1001, mem), -EEXIST);
	EXPECT_EQ(map(0x0, 0x10000, mem), -EEXIST);
	EXPECT_EQ(map(0x0, 0x1000, mem), 0);
	EXPECT_EQ(map(~0ull - 4095, 4096, mem), 0) << "the last page";
	/* an end inside of a map: nothing goes */
	EXPECT_EQ(pioemu_iommu_unmap(mmu, 0x0, 0x2000, &bytes), -EINVAL);
	EXPECT_EQ(bytes, 0u);
	EXPECT_EQ(pioemu_iommu_unmap(mmu, 0x800, 0x2800, &bytes), -EINVAL);
	EXPECT_EQ(pioemu_iommu_unmap(mmu, 0x0, 0, &bytes), -EINVAL);
	EXPECT_EQ(pioemu_iommu_unmap(mmu, 0x0, 0x4000, &bytes), 0);
	EXPECT_EQ(bytes, 0x3000u);
	EXPECT_EQ(pioemu_iommu_unmap(mmu, 0x0, 0x4000, &bytes), 0);
	EXPECT_EQ(bytes, 0u);
	EXPECT_EQ(pioemu_iommu_unmap(mmu, ~0ull - 4095, 4096, &bytes), 0);
	EXPECT_EQ(bytes, 4096u);
}

TEST_F(Iommu, LimitOfMaps)
{
	pioemu_iommu *small = pioemu_iommu_create(nic, 2);

	EXPECT_EQ(pioemu_iommu_map(small, 0x0000, 16, mem, 3), 0);
	EXPECT_EQ(pioemu_iommu_map(small, 0x1000, 16, mem, 3), 0);
	EXPECT_EQ(pioemu_iommu_map(small, 0x2000, 16, mem, 3), -ENOSPC);
	pioemu_iommu_unmap_all(small);
	EXPECT_EQ(pioemu_iommu_map(small, 0x2000, 16, mem, 3), 0);
	pioemu_iommu_destroy(small);
}

TEST_F(Iommu, ManySmallMapsInAnyOrder)
{
	constexpr uint32_t kNb = 20000;
	pioemu_iommu *many = pioemu_iommu_create(nic, 0);
	uint64_t bytes;

	for (uint32_t i = 0; i < kNb; i++) {
		uint64_t page = (uint64_t)i * 7919 % kNb;

		ASSERT_EQ(pioemu_iommu_map(many, page << 12, 4096, mem, 3), 0);
	}
	EXPECT_EQ(pioemu_iommu_unmap(many, 0, (uint64_t)kNb << 12, &bytes), 0);
	EXPECT_EQ(bytes, (uint64_t)kNb << 12);
	pioemu_iommu_destroy(many);
}

/* A frame from memory at iova; returns what the model said about it */
class DmaFrame : public Iommu {
protected:
	void SetUp() override
	{
		open();
		mmu = drv->iommu();
		ASSERT_EQ(pioemu_vf_wire_add_capture(vf, 16, nullptr, nullptr), 0);
		drv->startPair();
	}

	Bytes frameFrom(uint64_t iova, uint32_t len)
	{
		drv->txPost(drv->txq, txDma(iova, len));
		drv->txPush(drv->txq);
		drv->poll(2);
		return taken();
	}
};

TEST_F(DmaFrame, CrossesMapsThatAreApartInHostMemory)
{
	Bytes frame = plainFrame(3000);

	/* pages 2, 0, 3 of the host memory in a row of device addresses */
	ASSERT_EQ(map(0x10000, 4096, mem + 2 * 4096), 0);
	ASSERT_EQ(map(0x11000, 4096, mem), 0);
	ASSERT_EQ(map(0x12000, 4096, mem + 3 * 4096), 0);
	memcpy(mem + 2 * 4096 + 3000, frame.data(), 1096);
	memcpy(mem, frame.data() + 1096, 1904);
	EXPECT_EQ(frameFrom(0x10000 + 3000, 3000), frame);
}

TEST_F(DmaFrame, UnmappedMemoryIsNotTouchedAnyMore)
{
	Bytes frame = plainFrame(100);

	memcpy(mem, frame.data(), 100);
	ASSERT_EQ(map(0x10000, 4096, mem), 0);
	EXPECT_EQ(frameFrom(0x10000, 100), frame);
	ASSERT_EQ(pioemu_iommu_unmap(mmu, 0x10000, 4096, nullptr), 0);
	EXPECT_EQ(frameFrom(0x10000, 100), Bytes());
	expectViolation(PIOEMU_VIOLATION_DMA_UNMAPPED);
}

TEST_F(DmaFrame, PermissionsCount)
{
	ASSERT_EQ(map(0x10000, 4096, mem, PIOEMU_DMA_WRITE), 0);
	EXPECT_EQ(frameFrom(0x10000, 100), Bytes());
	expectViolation(PIOEMU_VIOLATION_DMA_PERMISSION);
	/* and the other way round: a receive buffer the device may only read */
	ASSERT_EQ(map(0x20000, 4096, mem, PIOEMU_DMA_READ), 0);
	uint64_t desc = rxDesc(0x20000, 2048);
	memcpy(drv->rxq.mem.ptr, &desc, 8);
	Bytes frame = plainFrame(64);
	EXPECT_EQ(pioemu_vf_frame_inject(vf, frame.data(), 64, 0), PIOEMU_RX_FILTERED);
	EXPECT_GE(violations(PIOEMU_VIOLATION_DMA_PERMISSION), 1u);
	expect_clean = false;
}

TEST_F(DmaFrame, NeedsBusMastering)
{
	Bytes frame = plainFrame(100);

	memcpy(mem, frame.data(), 100);
	ASSERT_EQ(map(0x10000, 4096, mem), 0);
	pioemu_vf_bus_master_set(vf, false);
	EXPECT_EQ(frameFrom(0x10000, 100), Bytes());
	EXPECT_GE(violations(PIOEMU_VIOLATION_DMA_BUS_MASTER), 1u);
	expect_clean = false;
}

TEST_F(DmaFrame, NoAddressSpaceAtAll)
{
	pioemu_vf_iommu_set(vf, nullptr);
	frameFrom(0x10000, 100);
	EXPECT_GE(violations(PIOEMU_VIOLATION_DMA_UNMAPPED), 1u);
	expect_clean = false;
	pioemu_vf_iommu_set(vf, mmu);
}

TEST_F(Iommu, EventQueueThatIsNotMapped)
{
	Bytes in(44);

	drv->attach();
	drv->allocVis(4);
	put32(in, 0, 512);
	put64(in, 36, 0x777000);
	EXPECT_EQ(drv->mcdi(0x80, in).err, 0);
	EXPECT_GE(violations(PIOEMU_VIOLATION_DMA_UNMAPPED), 1u);
	EXPECT_EQ(stats().events_lost, 1u);
	expect_clean = false;
}

/* Interrupts */
class Irq : public ModelBar {
protected:
	std::vector<uint16_t> raised;
	pioemu_host_ops ops = {};

	void SetUp() override
	{
		ops.irq_raise = [](void *host, uint16_t vector) {
			static_cast<std::vector<uint16_t> *>(host)->push_back(vector);
		};
		conf.ops = &ops;
		conf.host = &raised;
		conf.nb_vectors = 4;
		open();
		ASSERT_EQ(drv->attach(), 0);
		ASSERT_EQ(drv->allocVis(8), 0);
	}

	void prime(const Evq &evq)
	{
		drv->write32(drv->vi(evq.id) + 0x400, evq.read & (evq.size - 1));
		drv->poll();
	}
};

TEST_P(Irq, RaisedOnceWhenPrimed)
{
	Evq evq;

	/* INTERRUPTING, vector 3 */
	ASSERT_EQ(drv->initEvq(evq, 2, 512, 0x101, 3), 0);
	EXPECT_TRUE(raised.empty()) << "not armed yet";
	drv->event(evq);
	prime(evq);
	EXPECT_TRUE(raised.empty()) << "nothing to tell";
	pioemu_vf_event_inject(vf, 2, 0x7000000000000001ull);
	EXPECT_EQ(raised, std::vector<uint16_t>{ 3 });
	pioemu_vf_event_inject(vf, 2, 0x7000000000000002ull);
	EXPECT_EQ(raised.size(), 1u) << "one interrupt for each priming";
	drv->event(evq);
	/* one event was not consumed: the interrupt follows at once */
	prime(evq);
	EXPECT_EQ(raised.size(), 2u);
	drv->event(evq);
	prime(evq);
	/* the same value again must count as a priming, too */
	pioemu_vf_event_inject(vf, 2, 0x7000000000000003ull);
	EXPECT_EQ(raised.size(), 3u);
	drv->event(evq);
	EXPECT_EQ(stats().irqs, 3u);
}

TEST_P(Irq, ArmedFromTheStart)
{
	Evq evq;

	ASSERT_EQ(drv->initEvq(evq, 1, 512, 0x105, 0), 0);
	EXPECT_EQ(raised, std::vector<uint16_t>{ 0 }) << "by the start-up event";
}

TEST_P(Irq, WakeUpThroughAnotherQueue)
{
	Evq main_evq, evq;

	ASSERT_EQ(drv->initEvq(main_evq, 0, 512, 0x101, 1), 0);
	drv->event(main_evq);
	prime(main_evq);
	ASSERT_EQ(drv->initEvq(evq, 5, 512, 0x100, 0), 0);
	drv->event(evq);
	prime(evq);
	pioemu_vf_event_inject(vf, 5, 0x7000000000000001ull);
	/* DRIVER event, WAKE_UP, of queue 5 */
	EXPECT_EQ(drv->expectEvent(main_evq), 0x5100000000000005ull);
	EXPECT_EQ(raised, std::vector<uint16_t>{ 1 });
}

TEST_P(Irq, ViolationRptr)
{
	Evq evq;

	ASSERT_EQ(drv->initEvq(evq, 1, 512, 0x101, 0), 0);
	drv->write32(drv->vi(1) + 0x400, 512);
	drv->poll();
	expectViolation(PIOEMU_VIOLATION_EVQ_RPTR);
	drv->write32(drv->vi(1) + 0x400, 0x10001);
	drv->poll();
	expectViolation(PIOEMU_VIOLATION_EVQ_RPTR);
	drv->write32(drv->vi(1) + 0x400, 0x8001);
	drv->poll();
}

INSTANTIATE_BARS(Irq);

/* Huntington bug 35388: registers behind TX_DESC_UPD, which only a trapping BAR can see */
TEST_F(ModelTest, IndirectEventQueueRegisters)
{
	std::vector<uint16_t> raised;
	pioemu_host_ops ops = {};
	Evq evq;
	Txq txq;
	Bytes in(8);

	ops.irq_raise = [](void *host, uint16_t vector) {
		static_cast<std::vector<uint16_t> *>(host)->push_back(vector);
	};
	conf.ops = &ops;
	conf.host = &raised;
	conf.device_id = 0x1903;
	conf.bar_trapping = true;
	conf.bug35388_answer = 0;
	open();
	ASSERT_EQ(pioemu_vf_wire_add_capture(vf, 4, nullptr, nullptr), 0);
	put32(in, 0, 2);
	put32(in, 4, 1);
	EXPECT_EQ(drv->mcdi(0x4A, in).err, 0);
	drv->attach();
	drv->allocVis(8);
	drv->vadaptor();
	ASSERT_EQ(drv->initEvq(evq, 1, 1024, 0x101, 0), 0);
	drv->event(evq);
	/* read pointer 1: high part, low part */
	drv->write32(drv->vi(1) + 0xA18, 0x800);
	drv->write32(drv->vi(1) + 0xA18, 0x901);
	EXPECT_TRUE(raised.empty());
	pioemu_vf_event_inject(vf, 1, 0x7000000000000000ull);
	EXPECT_EQ(raised.size(), 1u);
	/* the timer goes the same way and rings nothing */
	drv->write32(drv->vi(1) + 0xA18, 0xC00 | 2 << 8 | 5);
	/* rings stop at 2048, and a write pointer still is one */
	EXPECT_EQ(drv->initTxq(txq, 1, 1, 4096), 0x16);
	ASSERT_EQ(drv->initTxq(txq, 1, 1, 2048), 0);
	drv->txFrame(txq, plainFrame(64));
	drv->txPush(txq);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
	pioemu_vf_violation_reset(vf);
}

TEST_F(ModelTest, HuntingtonWithoutTheBugHasLongRings)
{
	Evq evq;
	Txq txq;

	conf.device_id = 0x1903;
	open();
	drv->attach();
	drv->allocVis(8);
	drv->vadaptor();
	ASSERT_EQ(drv->initEvq(evq, 1), 0);
	EXPECT_EQ(drv->initTxq(txq, 1, 1, 4096), 0);
}

/* Registers, trapping */
class Trap : public ModelTest {
protected:
	void SetUp() override
	{
		conf.bar_trapping = true;
		startCapture();
	}
};

TEST_F(Trap, ViolationDoorbellWidth)
{
	for (unsigned int len : { 1u, 2u }) {
		pioemu_vf_bar_write(vf, drv->vi(1) + 0xA18, len, 2);
		expectViolation(PIOEMU_VIOLATION_DOORBELL_WIDTH);
	}
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x832, 4, 2);
	expectViolation(PIOEMU_VIOLATION_DOORBELL_WIDTH);
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x200, 8, 2);
	EXPECT_EQ(violations(PIOEMU_VIOLATION_DOORBELL_WIDTH), 1u);
	pioemu_vf_violation_reset(vf);
	/* the two halves of a 16-byte store are right, and push */
	drv->txFrame(drv->txq, plainFrame(64));
	uint64_t desc = get64(drv->txq.mem.ptr + 8);
	pioemu_vf_bar_write(vf, drv->vi(1) + 0xA10, 8, desc);
	pioemu_vf_bar_write(vf, drv->vi(1) + 0xA18, 8, 2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
	EXPECT_EQ(stats(1).tx_pushes, 1u);
}

TEST_F(Trap, ViolationUnknownRegister)
{
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x500, 4, 2);
	expectViolation(PIOEMU_VIOLATION_REG_UNKNOWN);
	pioemu_vf_bar_write(vf, pioemu_vf_bar_len(&conf) - 4, 8, 2);
	expectViolation(PIOEMU_VIOLATION_REG_UNKNOWN);
	EXPECT_EQ(pioemu_vf_bar_read(vf, ~0ull - 7, 8), ~0ull);
	expectViolation(PIOEMU_VIOLATION_REG_UNKNOWN);
	EXPECT_EQ(pioemu_vf_bar_read(vf, 0, 4), 0xEB14FACEull);
	EXPECT_EQ(pioemu_vf_bar_read(vf, 0x10, 2), 1ull);
}

TEST_F(Trap, ViolationDoorbellOfNothing)
{
	drv->write32(drv->vi(3) + 0xA18, 1);
	expectViolation(PIOEMU_VIOLATION_TX_DEAD);
	drv->write32(drv->vi(3) + 0x830, 8);
	expectViolation(PIOEMU_VIOLATION_TX_DEAD);
}

/* Link and statistics */
class Mac : public ModelBar {
protected:
	Mem mem;
	static constexpr uint32_t kNb = 0x68;

	int stats(uint32_t cmd, uint64_t addr, uint32_t len = kNb * 8)
	{
		Bytes in(20);

		put64(in, 0, addr);
		put32(in, 8, cmd);
		put32(in, 12, len);
		put32(in, 16, 0x01000000);
		return drv->mcdi(0x2E, in).err;
	}

	uint64_t stat(uint32_t index) const { return get64(mem.ptr + 8 * index); }
};

TEST_P(Mac, LinkChangeIsToldWhereLogsGo)
{
	Bytes log;

	startLoopback();
	pioemu_nic_link_set(nic, false, 10000);
	EXPECT_EQ(drv->event(drv->ev0), std::nullopt) << "nobody asked";
	put32(log, 0, 2);
	put32(log, 4, 0);
	ASSERT_EQ(drv->mcdi(0x07, log).err, 0);
	pioemu_nic_link_set(nic, false, 25000);
	/* LINKCHANGE 0x04: speed 5 = 25G, flow control 2, full duplex, down */
	EXPECT_EQ(drv->expectEvent(drv->ev0), 0xC000400002250000ull);
	Answer a = drv->mcdi(0x29);
	EXPECT_EQ(get32(&a.data[8]), 25000u);
	EXPECT_EQ(get32(&a.data[16]) & 1, 0u);
	pioemu_nic_link_set(nic, true, 100000);
	EXPECT_EQ(drv->expectEvent(drv->ev0), 0xC000400003270000ull);
	a = drv->mcdi(0x29);
	EXPECT_EQ(get32(&a.data[8]), 100000u);
	EXPECT_EQ(get32(&a.data[16]) & 3, 3u);
	EXPECT_EQ(get32(drv->mcdi(0x43).data.data()), 1u);
	/* what is supported includes pause and autonegotiation */
	EXPECT_EQ(get32(&drv->mcdi(0x24).data[8]) & 0x700, 0x700u);
}

TEST_P(Mac, CountersByDma)
{
	FrameSpec mcast, bcast;

	startLoopback();
	mem = drv->alloc(4096);
	mcast.dst[0] = 1;
	memset(bcast.dst, 0xFF, 6);
	for (int i = 0; i < 3; i++)
		drv->txFrame(drv->txq, plainFrame(60));
	drv->txFrame(drv->txq, makeFrame(mcast));
	drv->txFrame(drv->txq, makeFrame(bcast));
	drv->txPush(drv->txq);
	drv->poll(2);
	ASSERT_EQ(stats(0x21, mem.iova), 0);
	EXPECT_NE(stat(0), 0u);
	EXPECT_EQ(stat(0), stat(kNb - 1)) << "generations";
	EXPECT_EQ(stat(0x57), 3u);
	EXPECT_EQ(stat(0x58), 3 * 64u) << "with FCS";
	EXPECT_EQ(stat(0x59), 1u);
	EXPECT_EQ(stat(0x5B), 1u);
	EXPECT_EQ(stat(0x4C), 3u);
	EXPECT_EQ(stat(0x4E), 1u);
	EXPECT_EQ(stat(0x50), 1u);
	EXPECT_EQ(stat(1), 5u);
	EXPECT_EQ(stat(0x1C), 5u);
	EXPECT_EQ(stat(0x0A), 3u) << "64-byte frames";
	uint64_t gen = stat(0);
	ASSERT_EQ(stats(0x23, mem.iova), 0);
	EXPECT_EQ(stat(1), 0u) << "cleared";
	EXPECT_NE(stat(0), gen);
}

TEST_P(Mac, PeriodicDmaUntilSwitchedOff)
{
	startLoopback();
	mem = drv->alloc(4096);
	ASSERT_EQ(stats(0x03E8002C, mem.iova), 0);
	uint64_t gen = stat(0);
	EXPECT_NE(gen, 0u) << "the first one at once";
	now += 999999999;
	drv->poll();
	EXPECT_EQ(stat(0), gen);
	now += 1;
	drv->poll();
	EXPECT_NE(stat(0), gen);
	EXPECT_EQ(stat(0), stat(kNb - 1));
	gen = stat(0);
	ASSERT_EQ(stats(0x24, 0), 0);
	now += 5000000000ull;
	drv->poll();
	EXPECT_EQ(stat(0), gen);
	EXPECT_EQ(stats(0x21, mem.iova, 12), 0x16) << "not a multiple of 8";
	EXPECT_EQ(stats(0x2C, mem.iova), 0x16) << "no period";
	EXPECT_EQ(pioemu_vf_violation_total(vf), 0u);
	EXPECT_EQ(stats(0x21, 0x5000), 5);
	expectViolation(PIOEMU_VIOLATION_DMA_UNMAPPED);
}

TEST_P(Mac, OverflowIsCountedLikeSilicon)
{
	startLoopback();
	mem = drv->alloc(4096);
	Bytes frame = plainFrame(64);
	for (int i = 0; i < 260; i++)
		pioemu_vf_frame_inject(vf, frame.data(), 64, 0);
	ASSERT_EQ(stats(0x21, mem.iova), 0);
	EXPECT_EQ(stat(0x36), 4u);
	EXPECT_EQ(stat(0x54), 4u);
}

INSTANTIATE_BARS(Mac);

/* Reboot told by event; other functions are hit too */
TEST_F(ModelTest, RebootEventComesBeforeTheQueuesGo)
{
	Bytes log;

	startLoopback();
	put32(log, 0, 2);
	put32(log, 4, 0);
	ASSERT_EQ(drv->mcdi(0x07, log).err, 0);
	pioemu_nic_mc_reboot(nic, true);
	EXPECT_EQ(drv->event(drv->ev0), 0xC001500000000002ull);
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(4);
	EXPECT_EQ(stats().tx_frames, 0u);
	EXPECT_EQ(drv->event(drv->txev), std::nullopt);
}

TEST_F(ModelTest, TraceTellsWhatHappens)
{
	std::string text;

	open();
	pioemu_nic_trace_set(nic, PIOEMU_TRACE_ALL, [](void *arg, const char *line) {
		EXPECT_EQ(strchr(line, '\n'), nullptr);
		*static_cast<std::string *>(arg) += std::string(line) + "\n";
	}, &text);
	pioemu_vf_wire_add_spec(vf, "loopback", nullptr, 0);
	drv->startPair();
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(2);
	for (const char *want : { "mcdi request DRV_ATTACH", "mcdi request INIT_TXQ", "tx_doorbell vi=1",
				  "tx_desc vi=1 idx=1", "rx vi=1 len=64", "tx vi=1 len=64",
				  "event evq=1" })
		EXPECT_NE(text.find(want), std::string::npos) << want;
	pioemu_nic_trace_set(nic, 0, nullptr, nullptr);
	size_t size = text.size();
	drv->poll(2);
	drv->mcdi(0xB8);
	EXPECT_EQ(text.size(), size);
}

TEST_F(ModelTest, ControlTableHasEveryFunction)
{
	static pioemu_vf *only;

	open();
	only = vf;
	auto by_index = [](uint16_t n) -> pioemu_vf * { return n == 0 ? only : nullptr; };
	EXPECT_EQ(pioemu_ctl_table(PIOEMU_VERSION + 1, by_index), nullptr);
	const pioemu_ctl *ctl = pioemu_ctl_table(PIOEMU_VERSION, by_index);
	ASSERT_NE(ctl, nullptr);
	EXPECT_EQ(ctl->size, sizeof(*ctl));
	EXPECT_EQ(ctl->vf_by_index(0), vf);
#define HAS(name) EXPECT_EQ(ctl->name, pioemu_##name);
	PIOEMU_CTL_LIST(HAS)
#undef HAS
	for (int i = 0; i < PIOEMU_VIOLATION_NUM; i++)
		EXPECT_STRNE(ctl->violation_name((enum pioemu_violation)i), "?");
	EXPECT_STREQ(ctl->violation_name((enum pioemu_violation)1000), "?");
}

/* A thread that polls without pause must not keep others out, nor work while one holds the lock. */
TEST_F(ModelTest, PollingThreadStepsAside)
{
	std::atomic<bool> stop{ false };
	Bytes frame = plainFrame(64);
	uint8_t extra[4096];

	nic_conf.now_ns = nullptr;
	startLoopback();
	std::thread poller([&] {
		while (!stop)
			pioemu_nic_poll(nic);
	});
	for (uint32_t i = 1; i <= 50; i++) {
		ASSERT_EQ(pioemu_iommu_map(drv->iommu(), 0x10000, 4096, extra, 3), 0);
		ASSERT_EQ(pioemu_iommu_unmap(drv->iommu(), 0x10000, 4096, nullptr), 0);
		pioemu_vf_frame_inject(vf, frame.data(), 64, 0);
		pioemu_nic_lock(nic);
		drv->txFrame(drv->txq, frame);
		drv->txPush(drv->txq);
		std::this_thread::yield();
		EXPECT_EQ(stats().tx_frames, i - 1) << "the model stands still";
		pioemu_nic_unlock(nic);
		while (stats().tx_frames != i)
			std::this_thread::yield();
	}
	stop = true;
	poller.join();
	EXPECT_EQ(stats().rx_frames, 100u);
}

} /* namespace */
