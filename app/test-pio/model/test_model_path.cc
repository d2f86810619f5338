/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Frames through the model: ring, PIO, mixes, order, events. */

#include "model_fixture.h"

using namespace mini;

namespace {

class Path : public ModelBar {};

/* ESF_DZ_TX_*: completion of the last descriptor, label 0 */
uint64_t
txEvent(uint32_t index)
{
	return (uint64_t)2 << 60 | index;
}

TEST_P(Path, RingFrameComesBackByLoopback)
{
	Bytes frame = plainFrame(64);

	startLoopback();
	drv->txFrame(drv->txq, frame);
	drv->txPush(drv->txq);
	uint64_t ev = drv->expectEvent(drv->rxev);

	/* RX event: 64 + 14 bytes, unicast, first descriptor: LBITS 1 */
	EXPECT_EQ(ev, 0x000100000000004Eull);
	const uint8_t *buf = drv->rxBuf(drv->rxq, 0);
	EXPECT_EQ(get32(buf), 0u) << "hash without RSS";
	EXPECT_EQ(get16(buf + 8), 64u);
	EXPECT_EQ(Bytes(buf + 14, buf + 78), frame);
	EXPECT_EQ(drv->expectEvent(drv->txev), txEvent(1));
	EXPECT_EQ(stats().tx_frames, 1u);
	EXPECT_EQ(stats().tx_pio_frames, 0u);
}

TEST_P(Path, PioFrameIsWhatWasWritten)
{
	Bytes frame = plainFrame(98), in;

	startCapture();
	Answer pio = drv->mcdi(0x8F);
	ASSERT_EQ(pio.err, 0);
	in = pio.data;
	put32(in, 4, 1);
	ASSERT_EQ(drv->mcdi(0x92, in).err, 0);
	drv->pioWrite(1, 0x140, frame.data(), (uint32_t)frame.size());
	/* golden word of the descriptor: 98 bytes at 0x140 */
	ASSERT_EQ(txPio(0x140, 98), 0x9000006200000140ull);
	drv->txPost(drv->txq, txPio(0x140, 98));
	drv->txPush(drv->txq, true);
	EXPECT_EQ(drv->expectEvent(drv->txev), txEvent(1));
	EXPECT_EQ(taken(), frame);
	EXPECT_EQ(stats(1).tx_pio_frames, 1u);
}

INSTANTIATE_BARS(Path);

} /* namespace */
