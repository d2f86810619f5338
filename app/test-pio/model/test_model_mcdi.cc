/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* MCDI: transport, identity, privileges, errors, life of a function. Codes: DPDK efx_regs_mcdi.h */

#include <tuple>

#include "model_fixture.h"

using namespace mini;

namespace {

class Mcdi : public ModelBar {};

constexpr int EPERM_ = 1, ENOENT_ = 2, EINVAL_ = 0x16, ENOSPC_ = 0x1C, ENOSYS_ = 0x26,
	EALREADY_ = 0x72;

/* a raw request: header words typed by hand */
TEST_P(Mcdi, GoldenVersion1And2Words)
{
	open();
	Mem buf = drv->mcdiBuf();
	uint32_t assert_req = 0x00000486, port_req[2] = { 0x002300FF, 0x000000B8 };

	/* first GET_ASSERTS of an epoch; a VF is refused: error flag, 8 bytes, EPERM */
	memcpy(buf.ptr, &assert_req, 4);
	drv->ring(buf.iova);
	drv->poll(2);
	EXPECT_EQ(get32(buf.ptr), 0x00C00886u);
	EXPECT_EQ(get32(buf.ptr + 4), 1u);

	/* GET_PORT_ASSIGNMENT, sequence 3, version 2 */
	memcpy(buf.ptr, port_req, 8);
	drv->ring(buf.iova);
	drv->poll(2);
	EXPECT_EQ(get32(buf.ptr), 0x00A300FFu);
	EXPECT_EQ(get32(buf.ptr + 4), 0x000400B8u);
	EXPECT_EQ(get32(buf.ptr + 8), 0u);
}

TEST_P(Mcdi, UnknownCommandIsEnosys)
{
	open();
	EXPECT_EQ(drv->mcdi(0x7E).err, ENOSYS_);
	EXPECT_EQ(drv->mcdi(0x1B7).err, ENOSYS_) << "GET_DESC_ADDR_INFO";
	EXPECT_EQ(drv->mcdi(0x7FFF).err, ENOSYS_);
}

TEST_P(Mcdi, TellsWhoItIs)
{
	static const uint8_t mac[6] = { 0x00, 0x0F, 0x53, 1, 2, 3 };

	memcpy(conf.mac, mac, 6);
	open();
	Answer a = drv->mcdi(0xEC);
	ASSERT_EQ(a.err, 0);
	ASSERT_GE(a.data.size(), 8u);
	EXPECT_NE(get32(&a.data[4]), 0xFFFFu) << "a VF";
	Bytes in;
	put32(in, 0, 0x01000000);
	a = drv->mcdi(0xAA, in);
	ASSERT_EQ(a.data.size(), 10u);
	EXPECT_EQ(get32(&a.data[0]), 1u);
	EXPECT_EQ(memcmp(&a.data[4], mac, 6), 0);
	a = drv->mcdi(0xB6);
	ASSERT_EQ(a.data.size(), 1u);
	EXPECT_GE(a.data[0], 1);
	a = drv->mcdi(0xAC);
	EXPECT_NE(get32(&a.data[0]), 0u);
	EXPECT_NE(get32(&a.data[4]), 0u);
}

TEST_P(Mcdi, PrivilegeMaskIsWhatWasConfigured)
{
	conf.privileges = 0x7F8;
	open();
	Answer info = drv->mcdi(0xEC);
	Bytes in;

	put32(in, 0, get32(&info.data[0]) | get32(&info.data[4]) << 16);
	put32(in, 4, 0);
	Answer a = drv->mcdi(0x5A, in);
	ASSERT_EQ(a.err, 0);
	EXPECT_EQ(get32(&a.data[0]), 0x7F8u);
	put32(in, 4, 0x80000004u);
	EXPECT_EQ(drv->mcdi(0x5A, in).err, EPERM_) << "a VF cannot give itself anything";
	EXPECT_EQ(drv->mcdi(0x8F).err, EPERM_) << "ALLOC_PIOBUF without ONLOAD";
}

TEST_P(Mcdi, LinkCommandsNeedTheLinkPrivilege)
{
	open();
	EXPECT_EQ(drv->mcdi(0x2A, Bytes(16)).err, EPERM_);
	EXPECT_EQ(drv->mcdi(0x2B, Bytes(4)).err, EPERM_);
	EXPECT_EQ(drv->mcdi(0x3D, Bytes(4)).err, EPERM_) << "REBOOT";
	EXPECT_EQ(drv->mcdi(0x18).err, EPERM_) << "GET_BOARD_CFG";
}

TEST_P(Mcdi, NotEpochIsRefusedAfterAReboot)
{
	open();
	uint32_t before = drv->read32(0x10);
	EXPECT_EQ(before >> 16, 0xB007u);
	ASSERT_EQ(drv->mcdi(0xB8).err, 0);
	pioemu_nic_mc_reboot(nic, false);
	EXPECT_EQ(drv->read32(0x10), before + 1);
	/* an error without payload: "the MC has rebooted" */
	EXPECT_EQ(drv->mcdi(0xB8).err, 1001);
	EXPECT_EQ(drv->mcdi(0xB8).err, 1001);
	EXPECT_EQ(drv->mcdi(0xB8, {}, true).err, 0);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0);
}

TEST_P(Mcdi, ViAllocationIsBounded)
{
	Bytes in;

	open();
	EXPECT_EQ(drv->mcdi(0x8C).err, EALREADY_) << "nothing to free";
	put32(in, 0, 17);
	put32(in, 4, 512);
	EXPECT_EQ(drv->mcdi(0x8B, in).err, ENOSPC_);
	put32(in, 0, 3);
	Answer a = drv->mcdi(0x8B, in);
	ASSERT_EQ(a.err, 0);
	EXPECT_EQ(get32(&a.data[0]), 16u) << "as many as there are";
	EXPECT_NE(get32(&a.data[4]), 0u) << "the base is a number on the adapter";
	EXPECT_EQ(drv->mcdi(0x8B, in).err, EALREADY_);
	EXPECT_EQ(drv->mcdi(0x8C).err, 0);
	EXPECT_EQ(drv->mcdi(0x8C).err, EALREADY_);
}

TEST_P(Mcdi, EverythingGoesWithEachKindOfEnd)
{
	struct {
		const char *name;
		std::function<void()> end;
		bool attached;
	} ends[] = {
		{ "ENTITY_RESET", [this] { drv->mcdi(0x20, { 1, 0, 0, 0 }); }, true },
		{ "detach", [this] {
			Bytes in(12);
			in[0] = 4;
			in[4] = 1;
			drv->mcdi(0x1C, in);
		}, false },
		{ "FLR", [this] { pioemu_vf_reset(vf); }, false },
		{ "MC reboot", [this] { pioemu_nic_mc_reboot(nic, false); }, false },
	};

	for (auto &e : ends) {
		SCOPED_TRACE(e.name);
		pioemu_vf_resources res;
		uint32_t rss;
		Bytes link;

		open();
		drv->startPair();
		ASSERT_EQ(drv->rssAlloc(4, &rss), 0);
		link = drv->mcdi(0x8F).data;
		put32(link, 4, 1);
		ASSERT_EQ(drv->mcdi(0x92, link).err, 0);
		Mem stats_mem = drv->alloc(1024);
		Bytes ms(20);
		put64(ms, 0, stats_mem.iova);
		put32(ms, 8, 0x03E8002C);
		put32(ms, 12, 0x68 * 8);
		ASSERT_EQ(drv->mcdi(0x2E, ms).err, 0);

		pioemu_vf_resources_get(vf, &res);
		EXPECT_EQ(res.nb_vis, 8);
		EXPECT_EQ(res.nb_evqs, 3);
		EXPECT_EQ(res.nb_rxqs, 1);
		EXPECT_EQ(res.nb_txqs, 1);
		EXPECT_EQ(res.nb_filters, 2);
		EXPECT_EQ(res.nb_rss, 1);
		EXPECT_EQ(res.nb_piobufs, 1);
		EXPECT_EQ(res.nb_pio_links, 1);
		EXPECT_TRUE(res.stats_dma && res.vadaptor && res.attached);

		e.end();
		pioemu_vf_resources_get(vf, &res);
		EXPECT_EQ(res.nb_vis | res.nb_evqs | res.nb_rxqs | res.nb_txqs | res.nb_filters |
			res.nb_rss | res.nb_piobufs | res.nb_pio_links, 0);
		EXPECT_FALSE(res.stats_dma || res.vadaptor);
		EXPECT_EQ(res.attached, e.attached);
		EXPECT_EQ(pioemu_nic_pio_free(nic), 16);
		EXPECT_EQ(pioemu_vf_violation_total(vf), 0u) << dump();
		drv.reset();
		pioemu_nic_destroy(nic);
		nic = nullptr;
	}
}

TEST_P(Mcdi, QueueCommandsCheckTheirArguments)
{
	Evq evq;
	Txq txq;
	Rxq rxq;

	open();
	EXPECT_EQ(drv->initEvq(evq, 0), EINVAL_) << "before ALLOC_VIS";
	drv->attach();
	drv->allocVis(4);
	EXPECT_EQ(drv->initEvq(evq, 4), EINVAL_) << "instance";
	EXPECT_EQ(drv->initEvq(evq, 0, 256), EINVAL_) << "too small";
	EXPECT_EQ(drv->initEvq(evq, 0, 768), EINVAL_) << "not a power of two";
	EXPECT_EQ(drv->initEvq(evq, 0, 512, 0x101, 999), EINVAL_) << "vector";
	ASSERT_EQ(drv->initEvq(evq, 0), 0);
	EXPECT_EQ(drv->initEvq(evq, 0), EALREADY_);
	EXPECT_EQ(drv->initTxq(txq, 0, 0), 0x1001) << "no vadaptor";
	drv->vadaptor();
	EXPECT_EQ(drv->initTxq(txq, 0, 1), EINVAL_) << "event queue is not there";
	EXPECT_EQ(drv->initTxq(txq, 0, 0, 4096), EINVAL_) << "Medford2 stops at 2048";
	EXPECT_EQ(drv->initTxq(txq, 0, 0, 512, 1u << 13), EINVAL_) << "CTPIO is not offered";
	EXPECT_EQ(drv->initRxq(rxq, 0, 0, 512, 64, 0x100 | 1u << 10), EINVAL_) << "packed stream";
	EXPECT_EQ(drv->initTxq(txq, 0, 0, 2048), 0);
	EXPECT_EQ(drv->initRxq(rxq, 0, 0, 4096, 64), 0);
	EXPECT_EQ(drv->initTxq(txq, 0, 0), EALREADY_);
	EXPECT_EQ(drv->fini(0x85, 0), 0);
	EXPECT_EQ(drv->fini(0x85, 0), EALREADY_);
	EXPECT_EQ(drv->fini(0x85, 9), EALREADY_) << "a VI that is not allocated (any more)";
	EXPECT_EQ(drv->fini(0x83, 9), EALREADY_);
	EXPECT_EQ(drv->fini(0x85, 99), EINVAL_);
	EXPECT_EQ(violations(PIOEMU_VIOLATION_MCDI_ARGUMENT), 10u);
	expect_clean = false;
}

TEST_P(Mcdi, FlushIsToldTwice)
{
	startLoopback();
	ASSERT_EQ(drv->fini(0x85, 1), 0);
	ASSERT_EQ(drv->fini(0x84, 1), 0);
	/* TX_FLUSH 0x0C and RX_FLUSH 0x10 of queue 1; the copies on EVQ 0 say TO_DRIVER (bit 12) */
	EXPECT_EQ(drv->expectEvent(drv->txev), 0xC000C00000000001ull);
	EXPECT_EQ(drv->expectEvent(drv->rxev), 0xC001000000000001ull);
	EXPECT_EQ(drv->expectEvent(drv->ev0), 0xC000C00000001001ull);
	EXPECT_EQ(drv->expectEvent(drv->ev0), 0xC001000000001001ull);
}

TEST_P(Mcdi, StartUpEventNamesTheQueue)
{
	Evq evq;

	open();
	drv->attach();
	drv->allocVis(8);
	ASSERT_EQ(drv->initEvq(evq, 5, 32768), 0);
	EXPECT_EQ(drv->expectEvent(evq), 0x5200000000000005ull);
	EXPECT_EQ(drv->event(evq), std::nullopt);
	/* DRIVER_EVENT comes back with code 7 */
	Bytes in;
	put32(in, 0, 5);
	put64(in, 4, 0x0123456789ABCDEFull);
	EXPECT_EQ(drv->mcdi(0x86, in).err, 0);
	EXPECT_EQ(drv->expectEvent(evq), 0x7123456789ABCDEFull);
}

TEST_P(Mcdi, CancelledDoorbellIsHarmless)
{
	open();
	drv->write32(0x204, 1);
	drv->poll(2);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0);
}

TEST_P(Mcdi, RequestBeforeTheLastAnswerIsCounted)
{
	pioemu_mcdi_fault fault = { 0xB8, 0, 1, PIOEMU_MCDI_SILENT, 0 };

	open();
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &fault), 0);
	EXPECT_EQ(drv->mcdi(0xB8).err, kNoAnswer);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0);
	expectViolation(PIOEMU_VIOLATION_MCDI_BUSY);
	/* with a cancel in between it is fine */
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &fault), 0);
	EXPECT_EQ(drv->mcdi(0xB8).err, kNoAnswer);
	drv->write32(0x204, 1);
	drv->poll();
	EXPECT_EQ(drv->mcdi(0xB8).err, 0);
	EXPECT_EQ(pioemu_vf_violation_total(vf), 0u);
}

TEST_P(Mcdi, MalformedRequestsGetNoAnswer)
{
	uint32_t no_resync = 0x00000006, response = 0x00800086, bad_v2[2] = { 0x000005FF, 0xB8 };
	Mem buf;

	open();
	buf = drv->mcdiBuf();
	memcpy(buf.ptr, &no_resync, 4);
	drv->ring(buf.iova);
	drv->poll(2);
	EXPECT_EQ(get32(buf.ptr), no_resync);
	memcpy(buf.ptr, &response, 4);
	drv->ring(buf.iova);
	drv->poll(2);
	EXPECT_EQ(get32(buf.ptr), response);
	memcpy(buf.ptr, bad_v2, 8);
	drv->ring(buf.iova);
	drv->poll(2);
	EXPECT_EQ(get32(buf.ptr), bad_v2[0]);
	drv->ring(buf.iova + 8);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_MCDI_MALFORMED, 4);
	/* a request that is too short for its command is answered */
	EXPECT_EQ(drv->mcdi(0x2C, Bytes(8)).err, EINVAL_);
	expectViolation(PIOEMU_VIOLATION_MCDI_MALFORMED);
	/* and one outside of mapped memory is a bad DMA */
	drv->ring(0x5000);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_DMA_UNMAPPED);
}

TEST_P(Mcdi, FaultsHitWhatTheyName)
{
	pioemu_mcdi_fault nth = { 0xB8, 1, 2, PIOEMU_MCDI_FAIL, 0x10 };
	pioemu_mcdi_fault any = { PIOEMU_MCDI_ANY, 0, 1, PIOEMU_MCDI_ZERO_ERROR, 0 };
	pioemu_mcdi_fault after = { 0x8B, 0, 1, PIOEMU_MCDI_FAIL_AFTER, 5 };
	pioemu_mcdi_fault cut = { 0xEC, 0, 1, PIOEMU_MCDI_SHORT, 4 };
	pioemu_mcdi_fault seq = { 0xEC, 0, 1, PIOEMU_MCDI_BAD_SEQ, 0 };

	open();
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &nth), 0);
	EXPECT_EQ(drv->mcdi(0xB6).err, 0);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0x10);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0x10);
	EXPECT_EQ(drv->mcdi(0xB8).err, 0);
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &any), 0);
	EXPECT_EQ(drv->mcdi(0xB6).err, 1001);
	EXPECT_EQ(drv->mcdi(0xB6).err, 0);
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &after), 0);
	EXPECT_EQ(drv->allocVis(4), 5);
	EXPECT_EQ(drv->allocVis(4), EALREADY_) << "it was carried out";
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &cut), 0);
	EXPECT_EQ(drv->mcdi(0xEC).data.size(), 4u);
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &seq), 0);
	EXPECT_EQ(drv->mcdi(0xEC).err, 1000);
	EXPECT_EQ(drv->mcdi(0xEC).err, 0);
	pioemu_vf_mcdi_fault_clear(vf);
	for (int i = 0; i < 16; i++)
		ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &nth), 0);
	EXPECT_EQ(pioemu_vf_mcdi_fault_add(vf, &nth), -ENOSPC);
}

TEST_P(Mcdi, DelayedAnswerComesWhenItIsDue)
{
	pioemu_mcdi_fault fault = { 0xB8, 0, 1, PIOEMU_MCDI_DELAY, 500 };

	open();
	ASSERT_EQ(pioemu_vf_mcdi_fault_add(vf, &fault), 0);
	EXPECT_EQ(drv->mcdi(0xB8).err, kNoAnswer);
	now += 499999;
	drv->poll();
	EXPECT_EQ(drv->lastResponse() & 1u << 23, 0u);
	now += 1;
	drv->poll();
	EXPECT_NE(drv->lastResponse() & 1u << 23, 0u);
}

TEST_P(Mcdi, EventInsteadOfPolling)
{
	uint32_t req[2] = { 0x010300FF | 1u << 21, 0x000000B8 };
	Mem buf;
	Bytes log;

	startLoopback();
	put32(log, 0, 2);
	put32(log, 4, 0);
	ASSERT_EQ(drv->mcdi(0x07, log).err, 0);
	buf = drv->mcdiBuf();
	memcpy(buf.ptr, req, 8);
	drv->ring(buf.iova);
	/* CMDDONE of sequence 3 */
	EXPECT_EQ(drv->expectEvent(drv->ev0), 0xC000300000000003ull);
	EXPECT_NE(get32(buf.ptr) & 1u << 23, 0u);
}

TEST_P(Mcdi, GoneDeviceReadsOnesAndDoesNothing)
{
	startLoopback();
	pioemu_vf_gone_set(vf, true);
	EXPECT_EQ(drv->read32(0x10), 0xFFFFFFFFu);
	EXPECT_EQ(drv->read32(0x00), 0xFFFFFFFFu);
	EXPECT_EQ(drv->mcdi(0xB8).err, kNoAnswer);
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(4);
	EXPECT_EQ(drv->event(drv->txev), std::nullopt);
	pioemu_vf_gone_set(vf, false);
	EXPECT_EQ(drv->read32(0x10) >> 16, 0xB007u);
	EXPECT_EQ(drv->mcdi(0xB8, {}, true).err, 0);
}

INSTANTIATE_BARS(Mcdi);

/* What differs between the families */
class Family : public ModelTest,
	       public ::testing::WithParamInterface<std::tuple<uint16_t, uint32_t, int>> {
protected:
	Family()
	{
		conf.device_id = std::get<0>(GetParam());
		conf.vi_stride = std::get<1>(GetParam());
	}
};

TEST_P(Family, CapabilitiesTellStrideAndPio)
{
	open();
	Answer a = drv->mcdi(0xBE);

	ASSERT_EQ(a.err, 0);
	ASSERT_EQ(a.data.size(), 160u);
	EXPECT_NE(get32(&a.data[0]) & 1u << 23, 0u) << "RX_PREFIX_LEN_14";
	EXPECT_EQ(get32(&a.data[0]) & 1u << 31, 0u) << "VXLAN_NVGRE";
	EXPECT_EQ(get32(&a.data[20]) & (1u << 15 | 1u << 21), 0u) << "CTPIO, super buffer";
	EXPECT_EQ(get16(&a.data[68]), 16) << "PIO buffers";
	EXPECT_EQ(get16(&a.data[70]), conf.device_id < 0x1A00 ? 2048 : 4096);
	EXPECT_EQ(a.data[72], std::get<2>(GetParam()));
	EXPECT_GE(get16(&a.data[76]), 0x61);
}

TEST_P(Family, LastViIsReachedThroughItsWindow)
{
	open();
	Evq ev0, ev;
	Txq txq;
	Rxq rxq;
	Driver::Filter all;

	ASSERT_EQ(pioemu_vf_wire_add_spec(vf, "loopback", nullptr, 0), 0);
	drv->attach();
	drv->allocVis(16);
	drv->vadaptor();
	ASSERT_EQ(drv->initEvq(ev0, 0), 0);
	ASSERT_EQ(drv->initEvq(ev, 15), 0);
	ASSERT_EQ(drv->initRxq(rxq, 15, 15), 0);
	ASSERT_EQ(drv->initTxq(txq, 15, 15), 0);
	all.match = 0x80000000u;
	all.queue = 15;
	ASSERT_EQ(drv->filterInsert(all), 0);
	drv->event(ev);
	drv->rxPost(rxq, 8);
	drv->txFrame(txq, plainFrame(100));
	drv->txPush(txq, true);
	drv->poll(2);
	EXPECT_EQ(stats(15).rx_frames, 1u);
	EXPECT_EQ(stats(15).tx_frames, 1u);
	EXPECT_GE(pioemu_vf_bar_len(&conf), 16 * conf.vi_stride);
}

TEST_P(Family, WorkaroundsAreAnswered)
{
	Bytes in(8);

	open();
	put32(in, 4, 1);
	put32(in, 0, 6);
	EXPECT_EQ(drv->mcdi(0x4A, in).err, EPERM_);
	put32(in, 0, 2);
	EXPECT_EQ(drv->mcdi(0x4A, in).err, ENOENT_);
	put32(in, 0, 7);
	EXPECT_EQ(drv->mcdi(0x4A, in).err, conf.device_id < 0x1A00 ? ENOENT_ : EPERM_);
	EXPECT_EQ(drv->mcdi(0x59).err, 0);
}

TEST_P(Family, BarLengthIsAPowerOfTwo)
{
	for (uint16_t nb : { 1, 3, 64, 1000 }) {
		conf.nb_vis = nb;
		size_t len = pioemu_vf_bar_len(&conf);

		EXPECT_EQ(len & (len - 1), 0u);
		EXPECT_GE(len, (size_t)nb * conf.vi_stride);
		EXPECT_LT(len, 2u * nb * conf.vi_stride + 8192);
	}
}

INSTANTIATE_TEST_SUITE_P(Ids, Family, ::testing::Values(
	std::make_tuple(0x1903, 8192, 0), std::make_tuple(0x1923, 8192, 0),
	std::make_tuple(0x1A03, 8192, 0), std::make_tuple(0x1B03, 8192, 0),
	std::make_tuple(0x1B03, 16384, 1), std::make_tuple(0x1B03, 65536, 2)));

class Config : public ModelTest {};

TEST_F(Config, NonsenseIsRefused)
{
	struct {
		const char *what;
		std::function<void(pioemu_vf_config &)> change;
	} bad[] = {
		{ "id", [](pioemu_vf_config &c) { c.device_id = 0x0903; } },
		{ "stride", [](pioemu_vf_config &c) { c.vi_stride = 4096; } },
		{ "stride of Medford", [](pioemu_vf_config &c) {
			c.device_id = 0x1A03;
			c.vi_stride = 65536;
		} },
		{ "no VI", [](pioemu_vf_config &c) { c.nb_vis = 0; } },
		{ "VIs", [](pioemu_vf_config &c) { c.nb_vis = 1025; } },
		{ "caps", [](pioemu_vf_config &c) { c.caps_len = 21; } },
		{ "merge", [](pioemu_vf_config &c) { c.rx_merge_max = 16; } },
		{ "group address", [](pioemu_vf_config &c) { c.mac[0] = 1; } },
	};

	nic = pioemu_nic_create(&nic_conf);
	for (auto &b : bad) {
		pioemu_vf_config c = conf;

		b.change(c);
		EXPECT_EQ(pioemu_vf_create(nic, &c, &vf), -EINVAL) << b.what;
		EXPECT_EQ(pioemu_vf_bar_len(&c), 0u) << b.what;
		EXPECT_EQ(vf, nullptr);
	}
	expect_clean = false;
}

TEST_F(Config, ShortCapabilitiesAndOldFirmware)
{
	conf.caps_len = 72;
	conf.caps2_clear = 1u << 7;
	open();
	EXPECT_EQ(drv->mcdi(0xBE).data.size(), 72u);
	drv->attach();
	drv->allocVis(4);
	/* no INIT_EVQ_V2: no types, and the short answer */
	Evq evq;
	EXPECT_EQ(drv->initEvq(evq, 0, 512, 0x100), EINVAL_);
	EXPECT_EQ(drv->initEvq(evq, 0, 512, 0x30), 0);
	expectViolation(PIOEMU_VIOLATION_MCDI_ARGUMENT);
}

TEST_F(Config, SixtyFourFunctionsAndNotOneMore)
{
	pioemu_vf *more;

	conf.nb_vis = 1;
	nic = pioemu_nic_create(&nic_conf);
	for (int i = 0; i < 64; i++) {
		ASSERT_EQ(pioemu_vf_create(nic, &conf, &vf), 0);
		EXPECT_EQ(pioemu_vf_index(vf), i);
		EXPECT_EQ(pioemu_vf_nic(vf), nic);
	}
	EXPECT_EQ(pioemu_vf_create(nic, &conf, &more), -ENOMEM);
	pioemu_vf_destroy(vf);
	EXPECT_EQ(pioemu_vf_create(nic, &conf, &vf), 0);
	EXPECT_EQ(pioemu_vf_index(vf), 63);
}

} /* namespace */
