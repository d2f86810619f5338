/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * A driver gone mad: random registers, MCDI requests, descriptors, doorbells, maps and injections. The
 * model may count whatever it likes; it must neither crash nor hang nor touch memory that is not
 * mapped (the sanitizers tell), and after a reset it must work as if nothing had happened.
 */

#include <random>

#include "model_fixture.h"

using namespace mini;

namespace {

class Fuzz : public ModelTest,
	     public ::testing::WithParamInterface<std::tuple<bool, uint32_t>> {
protected:
	std::mt19937 rng{ std::get<1>(GetParam()) };

	Fuzz()
	{
		conf.bar_trapping = std::get<0>(GetParam());
		expect_clean = false;
	}

	uint32_t below(uint32_t n) { return rng() % n; }

	uint64_t anyWord()
	{
		switch (below(6)) {
		case 0: return txDma(kIova + below(kArena), below(16384), below(2));
		case 1: return txPio(below(4096), below(4096), below(8) == 0);
		case 2: return 0x8000000000000000ull | (uint64_t)below(8) << 60 | rng();
		case 3: return rxDesc(kIova + below(kArena), below(16384));
		case 4: return kIova + below(kArena);
		default: return (uint64_t)rng() << 32 | rng();
		}
	}

	void anyRegister()
	{
		static const uint32_t regs[] = { 0, 0x10, 0x200, 0x204, 0x400, 0x420, 0x830, 0xA10,
			0xA14, 0xA18, 0xA1C, 0x1000, 0x1FF8, 0x2000, 0x3000 };
		uint64_t off = drv->vi((uint16_t)below(18)) + regs[below(15)];

		if (conf.bar_trapping) {
			static const unsigned int lens[] = { 1, 2, 4, 8, 3, 0, 9 };

			pioemu_vf_bar_write(vf, off + (below(8) == 0 ? below(8) : 0),
				lens[below(7)], anyWord());
			pioemu_vf_bar_read(vf, off, lens[below(7)]);
		} else if (off + 8 <= pioemu_vf_bar_len(&conf)) {
			drv->write32(off, below(4) ? below(5000) : (uint32_t)anyWord());
		}
	}

	void anyMcdi()
	{
		static const uint16_t cmds[] = {
			0x05, 0x06, 0x07, 0x08, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x29, 0x2A, 0x2B,
			0x2C, 0x2E, 0x3D, 0x43, 0x4A, 0x59, 0x5A, 0x5D, 0x5E, 0x80, 0x81, 0x82, 0x83,
			0x84, 0x85, 0x86, 0x8A, 0x8B, 0x8C, 0x8D, 0x8F, 0x90, 0x92, 0x93, 0x98, 0x99,
			0x9E, 0x9F, 0xA0, 0xA1, 0xA2, 0xA3, 0xAA, 0xAC, 0xB6, 0xB8, 0xBE, 0xBF, 0xC2,
			0xE1, 0xE2, 0xE4, 0xEC, 0xFF, 0x117, 0x120, 0x122, 0x12D, 0x12E, 0x1B7, 0x1C4 };
		Bytes in(below(4) ? below(64) : below(600));

		for (auto &b : in)
			b = below(3) ? 0 : (uint8_t)rng();
		for (size_t i = 0; i + 4 <= in.size() && i < 40; i += 4) {
			static const uint32_t words[] = { 0, 1, 2, 3, 8, 512, 2048, 0x01000000,
				0x80000000u, 0x10, 0x52530000, 0x50494F00, 0xFFFFFFFFu };

			if (below(2))
				put32(in, i, words[below(13)]);
		}
		/* a page list that may even be right */
		if (in.size() >= 44 && below(2)) {
			put64(in, 28, kIova + below(kArena) / 4096 * 4096);
			put64(in, 36, kIova + below(kArena) / 4096 * 4096);
		}
		if (in.size() > 0xFC && below(2))
			in.resize(0xFC);
		drv->mcdi(below(8) ? cmds[below(sizeof(cmds) / 2)] : below(0x300), in, below(16) == 0);
	}

	void rawMcdi()
	{
		Mem buf = drv->mcdiBuf();
		uint32_t word = (uint32_t)rng();

		if (below(2))
			word |= 0x80;
		memcpy(buf.ptr, &word, 4);
		word = (uint32_t)rng();
		memcpy(buf.ptr + 4, &word, 4);
		drv->ring(below(2) ? buf.iova : kIova + kArena - 256 * below(8));
		drv->poll();
	}

	void anyArena()
	{
		Mem mem = drv->mcdiBuf();

		for (int i = 0; i < 64; i++) {
			uint64_t word = anyWord();
			size_t at = (size_t)below((kArena - 8192) / 8) * 8;

			memcpy(mem.ptr + 4096 + at, &word, 8);
		}
	}

	void anyInjection()
	{
		Bytes frame(14 + below(9300), 0);

		for (auto &b : frame)
			b = below(2) ? 0 : (uint8_t)rng();
		if (below(2) && frame.size() > 60) {
			FrameSpec spec;

			spec.ip6 = below(2);
			spec.proto = below(2) ? 6 : 17;
			spec.vlans.resize(below(3));
			Bytes good = makeFrame(spec);
			good[below((uint32_t)good.size())] = (uint8_t)rng();
			frame = good;
		}
		switch (below(12)) {
		case 0: pioemu_vf_tx_err_inject(vf, (uint16_t)below(18), (uint8_t)below(16)); break;
		case 1: pioemu_vf_rx_err_inject(vf, (uint16_t)below(18), (uint8_t)below(16)); break;
		case 2: pioemu_vf_event_inject(vf, (uint16_t)below(18), anyWord()); break;
		case 3: pioemu_nic_link_set(nic, below(2), 10000); break;
		case 4: pioemu_vf_hold_set(vf, (uint16_t)below(18), below(8)); break;
		case 5: pioemu_vf_tx_delay_set(vf, 0, below(1000)); break;
		case 6: pioemu_vf_bus_master_set(vf, below(4) != 0); break;
		case 7: pioemu_vf_tx_batch_random_set(vf, (uint16_t)below(9)); break;
		case 8:
			if (below(8) == 0)
				pioemu_nic_mc_reboot(nic, below(2));
			break;
		default:
			pioemu_vf_frame_inject(vf, frame.data(), (uint32_t)frame.size(), below(4));
			break;
		}
		now += below(100000);
	}
};

TEST_P(Fuzz, NothingBreaksTheModel)
{
	pioemu_vf_resources res;
	uint8_t extra[4096];

	open();
	ASSERT_EQ(pioemu_vf_wire_add_spec(vf, "loopback", nullptr, 0), 0);
	drv->startPair();
	for (int i = 0; i < 6000; i++) {
		switch (below(8)) {
		case 0: case 1: anyRegister(); break;
		case 2: case 3: anyMcdi(); break;
		case 4: rawMcdi(); break;
		case 5: anyArena(); break;
		case 6: anyInjection(); break;
		default:
			pioemu_iommu_map(drv->iommu(), (uint64_t)below(16) << 12, 4096, extra,
				1 + below(3));
			pioemu_iommu_unmap(drv->iommu(), (uint64_t)below(16) << 12, 8192, nullptr);
			drv->poll();
			break;
		}
	}
	EXPECT_NE(dump(), "");

	/* back to order: reset, and a frame goes round */
	pioemu_vf_hold_set(vf, PIOEMU_ALL, 0);
	pioemu_vf_tx_delay_set(vf, 0, 0);
	pioemu_vf_tx_batch_random_set(vf, 0);
	pioemu_vf_bus_master_set(vf, true);
	pioemu_nic_link_set(nic, true, 10000);
	pioemu_vf_reset(vf);
	pioemu_vf_resources_get(vf, &res);
	EXPECT_EQ(res.nb_vis + res.nb_evqs + res.nb_filters + res.nb_piobufs + res.nb_rss, 0);
	EXPECT_EQ(pioemu_nic_pio_free(nic), 16);
	drv.reset();
	drv = std::make_unique<Driver>(nic, vf);
	pioemu_vf_violation_reset(vf);
	pioemu_vf_stats_reset(vf);
	drv->startPair();
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	EXPECT_NE(drv->expectEvent(drv->rxev), kEmpty);
	EXPECT_EQ(stats().rx_frames, 1u);
	EXPECT_EQ(pioemu_vf_violation_total(vf), 0u) << dump();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Fuzz, ::testing::Combine(::testing::Bool(),
	::testing::Range(1u, 9u)));

} /* namespace */
