/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* PIO buffers: pool, links, windows, and what a driver can do wrong with them. */

#include "model_fixture.h"

using namespace mini;

namespace {

constexpr int EPERM_ = 1, ENOENT_ = 2, EBUSY_ = 0x10, EINVAL_ = 0x16, ENOSPC_ = 0x1C,
	EALREADY_ = 0x72;

class Pio : public ModelBar {
protected:
	uint32_t handle = 0;

	int allocPio(uint32_t *h)
	{
		Answer a = drv->mcdi(0x8F);

		if (a.err == 0)
			*h = get32(a.data.data());
		return a.err;
	}

	int freePio(uint32_t h)
	{
		Bytes in;

		put32(in, 0, h);
		return drv->mcdi(0x90, in).err;
	}

	int link(uint32_t h, uint32_t vi)
	{
		Bytes in;

		put32(in, 0, h);
		put32(in, 4, vi);
		return drv->mcdi(0x92, in).err;
	}

	int unlink(uint32_t vi)
	{
		Bytes in;

		put32(in, 0, vi);
		return drv->mcdi(0x93, in).err;
	}

	void startPio()
	{
		startCapture();
		ASSERT_EQ(allocPio(&handle), 0);
		ASSERT_EQ(link(handle, 1), 0);
	}

	void post(uint32_t off, uint32_t len)
	{
		drv->txPost(drv->txq, txPio(off, len));
		drv->txPush(drv->txq, true);
	}

	void fill(uint16_t vi, uint8_t value = 0)
	{
		Bytes all(4096, value);

		drv->pioWrite(vi, 0, all.data(), pioSize());
	}

	uint32_t pioSize() const { return conf.device_id < 0x1A00 ? 2048 : 4096; }

	void expectTxErr()
	{
		EXPECT_EQ(drv->expectEvent(drv->txev), 0xC000B00000009001ull) << "type 9";
		EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
	}
};

TEST_P(Pio, PoolIsSharedByAllFunctions)
{
	uint32_t h[16];
	pioemu_vf *other;

	open();
	for (uint32_t &i : h)
		ASSERT_EQ(allocPio(&i), 0);
	for (int i = 1; i < 16; i++)
		EXPECT_NE(h[i], h[i - 1]);
	EXPECT_EQ(pioemu_nic_pio_free(nic), 0);
	uint32_t more = 0;
	EXPECT_EQ(allocPio(&more), ENOSPC_);
	ASSERT_EQ(pioemu_vf_create(nic, &conf, &other), 0);
	{
		Driver drv2(nic, other);

		EXPECT_EQ(drv2.mcdi(0x8F).err, ENOSPC_);
		ASSERT_EQ(freePio(h[3]), 0);
		EXPECT_EQ(drv2.mcdi(0x8F).err, 0);
		EXPECT_EQ(allocPio(&more), ENOSPC_);
		/* nobody frees what belongs to another function */
		Bytes in;
		put32(in, 0, h[5]);
		EXPECT_EQ(drv2.mcdi(0x90, in).err, ENOENT_);
	}
	pioemu_vf_destroy(other);
	EXPECT_EQ(allocPio(&more), 0) << "what a function held comes back with its end";
}

TEST_P(Pio, BuffersHeldByAnotherFunction)
{
	uint32_t h;

	nic_conf.pio_held = 15;
	open();
	EXPECT_EQ(pioemu_nic_pio_free(nic), 1);
	EXPECT_EQ(allocPio(&h), 0);
	EXPECT_EQ(allocPio(&h), ENOSPC_);
	EXPECT_EQ(pioemu_nic_pio_hold(nic, 16), -ENOSPC);
	EXPECT_EQ(pioemu_nic_pio_hold(nic, 0), 0);
	EXPECT_EQ(pioemu_nic_pio_free(nic), 15);
	EXPECT_EQ(allocPio(&h), 0);
}

TEST_P(Pio, NoPrivilegeNoPio)
{
	conf.privileges &= ~PIOEMU_PRIV_ONLOAD;
	open();
	EXPECT_EQ(allocPio(&handle), EPERM_);
	EXPECT_EQ(freePio(0), EPERM_);
	EXPECT_EQ(link(0, 0), EPERM_);
	EXPECT_EQ(unlink(0), EPERM_);
	EXPECT_EQ(pioemu_nic_pio_free(nic), 16);
}

TEST_P(Pio, LinkAndUnlinkErrors)
{
	uint32_t other;

	startPio();
	ASSERT_EQ(allocPio(&other), 0);
	EXPECT_EQ(link(handle, 1), EALREADY_);
	EXPECT_EQ(link(other, 1), EBUSY_) << "a VI has at most one";
	EXPECT_EQ(link(other + 1, 2), ENOENT_);
	EXPECT_EQ(link(other, 8), EINVAL_) << "a VI that is not allocated";
	EXPECT_EQ(link(other, 0xFFFFFFFFu), EINVAL_);
	EXPECT_EQ(unlink(2), EALREADY_);
	EXPECT_EQ(unlink(16), EINVAL_);
	EXPECT_EQ(unlink(1), 0);
	EXPECT_EQ(link(other, 1), 0);
	EXPECT_EQ(freePio(other), 0) << "freeing takes the link along";
	EXPECT_EQ(unlink(1), EALREADY_);
	EXPECT_EQ(freePio(other), ENOENT_);
}

TEST_P(Pio, ContentSurvivesSends)
{
	Bytes frame = plainFrame(200);

	startPio();
	drv->pioWrite(1, 64, frame.data(), 200);
	for (int i = 0; i < 5; i++) {
		post(64, 200);
		drv->poll(2);
		EXPECT_EQ(taken(), frame);
	}
	/* the template: only one word is written again */
	frame[16] ^= 0xFF;
	drv->pioWrite(1, 64 + 16, frame.data() + 16, 8);
	post(64, 200);
	drv->poll(2);
	EXPECT_EQ(taken(), frame);
}

TEST_P(Pio, MixWithRingKeepsOrder)
{
	startPio();
	std::vector<Bytes> want;

	for (uint32_t i = 0; i < 48; i++) {
		Bytes frame = plainFrame(60 + i, (uint8_t)i);

		want.push_back(frame);
		if (i % 3 == 0) {
			drv->pioWrite(1, (i / 3) * 128, frame.data(), 60 + i);
			drv->txPost(drv->txq, txPio((i / 3) * 128, 60 + i));
		} else {
			drv->txFrame(drv->txq, frame, i % 2 ? 30 : 2000);
		}
	}
	drv->txPush(drv->txq);
	drv->poll(2);
	for (const Bytes &frame : want)
		EXPECT_EQ(taken(), frame);
	EXPECT_EQ(stats(1).tx_pio_frames, 16u);
}

TEST_P(Pio, EveryLengthAndSlot)
{
	startPio();
	for (uint32_t len = 16; len <= 1518; len++) {
		uint32_t off = len * 64 % (pioSize() - 1536);
		Bytes frame = plainFrame(len, (uint8_t)len), want = frame;

		drv->pioWrite(1, off, frame.data(), len);
		drv->txPost(drv->txq, txPio(off, len));
		drv->txPush(drv->txq);
		ASSERT_NE(drv->expectEvent(drv->txev), kEmpty);
		want.resize(len < 60 ? 60 : len);
		ASSERT_EQ(taken(), want) << len;
	}
}

TEST_P(Pio, ChecksumOffloadAppliesToo)
{
	FrameSpec raw, right;

	startPio();
	raw.no_csum = true;
	Bytes frame = makeFrame(raw);
	drv->pioWrite(1, 0, frame.data(), 64);
	drv->txPost(drv->txq, 0x8000000000000003ull);
	post(0, 64);
	drv->poll(2);
	EXPECT_EQ(taken(), makeFrame(right));
	/* the buffer keeps what the driver wrote */
	drv->txPost(drv->txq, 0x8000000000000000ull);
	post(0, 64);
	drv->poll(2);
	EXPECT_EQ(taken(), frame);
}

TEST_P(Pio, FrameOfPioAndDmaParts)
{
	Bytes frame = plainFrame(300);
	Mem mem;

	startPio();
	mem = drv->alloc(300, 1);
	memcpy(mem.ptr, frame.data(), 300);
	drv->pioWrite(1, 0, frame.data(), 128);
	drv->txPost(drv->txq, txPio(0, 128, true));
	drv->txPost(drv->txq, txDma(mem.iova + 128, 172));
	drv->txPush(drv->txq);
	drv->poll(2);
	EXPECT_EQ(taken(), frame);
}

TEST_P(Pio, LinkSurvivesFiniUnlessStrict)
{
	for (bool strict : { false, true }) {
		conf.pio_link_strict = strict;
		startPio();
		ASSERT_EQ(drv->fini(0x85, 1), 0);
		EXPECT_EQ(unlink(1), strict ? EALREADY_ : 0);
		drv.reset();
		pioemu_nic_destroy(nic);
		nic = nullptr;
	}
}

TEST_P(Pio, ViolationUnwritten)
{
	Bytes frame = plainFrame(120);

	startPio();
	/* the last line is missing */
	drv->pioWrite(1, 0, frame.data(), 64);
	post(0, 120);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_UNWRITTEN);
	EXPECT_NE(taken(), frame);
	/* a relink forgets what was there */
	fill(1);
	post(0, 120);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_violation_total(vf), 0u);
	ASSERT_EQ(unlink(1), 0);
	ASSERT_EQ(freePio(handle), 0);
	ASSERT_EQ(allocPio(&handle), 0);
	ASSERT_EQ(link(handle, 1), 0);
	post(0, 120);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_UNWRITTEN);
}

TEST_P(Pio, ViolationChangedInFlight)
{
	Bytes frame = plainFrame(64);

	startPio();
	drv->pioWrite(1, 0, frame.data(), 64);
	drv->pioWrite(1, 64, frame.data(), 64);
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_TX_EVENT);
	post(0, 64);
	drv->poll(2);
	/* the line beside may be written, the same bytes do no harm, others do */
	drv->pioWrite(1, 64, frame.data() + 8, 8);
	drv->pioWrite(1, 0, frame.data(), 64);
	pioemu_vf_hold_set(vf, 1, 0);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_violation_total(vf), 0u) << dump();
	pioemu_vf_hold_set(vf, 1, PIOEMU_HOLD_TX_EVENT);
	post(0, 64);
	drv->poll(2);
	drv->pioWrite(1, 56, frame.data(), 8);
	pioemu_vf_hold_set(vf, 1, 0);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_CHANGED);
	EXPECT_EQ(taken(), frame);
	EXPECT_EQ(taken(), frame) << "the frame left as it was at the doorbell";
}

TEST_P(Pio, ViolationUnlinked)
{
	startCapture();
	post(0, 64);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_UNLINKED);
	expectTxErr();
}

TEST_P(Pio, ViolationRange)
{
	startPio();
	fill(1, 1);
	post(pioSize() - 64, 64);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_violation_total(vf), 0u);
	taken();
	drv->expectEvent(drv->txev);
	post(pioSize() - 64, 65);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_RANGE);
	expectTxErr();
}

TEST_P(Pio, ViolationTooShort)
{
	startPio();
	fill(1, 1);
	post(0, 15);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_RANGE);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u) << "odd, but sent";
	post(0, 0);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_RANGE);
	EXPECT_EQ(stats(1).tx_errors, 1u);
}

TEST_P(Pio, ViolationUnaligned)
{
	startPio();
	fill(1, 1);
	post(32, 64);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_UNALIGNED);
}

TEST_P(Pio, HuntingtonHasTwoKilobytes)
{
	conf.device_id = 0x1903;
	startPio();
	fill(1, 1);
	post(1984, 64);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
	post(2048, 64);
	drv->poll(2);
	expectViolation(PIOEMU_VIOLATION_PIO_RANGE);
}

INSTANTIATE_BARS(Pio);

/* What only a trapping BAR can see */
class PioTrap : public Pio {};

TEST_P(PioTrap, ViolationWidthAndAlignment)
{
	startPio();
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x1000, 4, 1);
	expectViolation(PIOEMU_VIOLATION_PIO_WIDTH);
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x1004, 8, 1);
	expectViolation(PIOEMU_VIOLATION_PIO_WIDTH);
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x1FFC, 8, 1);
	EXPECT_EQ(violations(PIOEMU_VIOLATION_PIO_WIDTH), 1u);
	EXPECT_EQ(violations(PIOEMU_VIOLATION_PIO_STRAY), 1u) << "and beyond the end";
	expect_clean = false;
}

TEST_P(PioTrap, ViolationStrayStoreAndRead)
{
	startCapture();
	pioemu_vf_bar_write(vf, drv->vi(1) + 0x1000, 8, 1);
	expectViolation(PIOEMU_VIOLATION_PIO_STRAY);
	EXPECT_EQ(pioemu_vf_bar_read(vf, drv->vi(1) + 0x1000, 8), ~0ull);
	expectViolation(PIOEMU_VIOLATION_PIO_READ);
}

TEST_P(PioTrap, WindowsOfOneBufferShowTheSame)
{
	Bytes frame = plainFrame(96);

	startPio();
	ASSERT_EQ(link(handle, 3), 0);
	drv->pioWrite(3, 0, frame.data(), 96);
	post(0, 96);
	drv->poll(2);
	EXPECT_EQ(taken(), frame);
}

INSTANTIATE_TEST_SUITE_P(Bar, PioTrap, ::testing::Values(true), barName);

/* Model time: programmed frames save both reads */
TEST_P(Pio, ModelTimeOfLinesAndFence)
{
	pioemu_time_params t = {};

	startPio();
	fill(1, 1);
	t.read_ns = 500;
	t.posted_ns = 250;
	t.line_ns = 12;
	t.fence_ns = 40;
	pioemu_nic_time_set(nic, &t);
	now += now & 1;
	post(0, 130);
	drv->poll(2);
	now += 250 + 40 + 3 * 12 - 1;
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
	now += 1;
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 1u);
}

} /* namespace */
