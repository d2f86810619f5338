/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Configuration space of the QEMU front end. Offsets and values are typed from the PCI and PCI
 * Express specifications, not taken from the code under test.
 */

#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

extern "C" {
#include "emu/pioemu_pcicfg.h"
}

namespace {

constexpr uint64_t bar_size = 0x80000;

pioemu_pcicfg_conf
conf_x2(bool prefetch = true)
{
	pioemu_pcicfg_conf conf = {};

	conf.vendor_id = 0x1924;
	conf.device_id = 0x1b03;
	conf.bar0_size = bar_size;
	conf.bar0_prefetch = prefetch;
	conf.msix_vectors = 4;
	return conf;
}

class PciCfg : public ::testing::Test
{
protected:
	void SetUp() override
	{
		pioemu_pcicfg_conf conf = conf_x2();

		ASSERT_EQ(0, pioemu_pcicfg_init(&cfg_, &conf));
	}

	uint32_t read(uint32_t off, unsigned int len) { return pioemu_pcicfg_read(&cfg_, off, len); }
	pioemu_pcicfg_action write(uint32_t off, uint32_t value, unsigned int len)
	{
		return pioemu_pcicfg_write(&cfg_, off, value, len);
	}

	/* What firmware and kernel do with a BAR: BAR 0 at 4 GiB + 1 MiB, BAR 2 at 16 MiB */
	void enable_memory()
	{
		write(0x10, 0x00100000, 4);
		write(0x14, 1, 4);
		write(0x18, 0x01000000, 4);
		write(0x04, 0x0002, 2);
	}

	void enable_msix() { write(0x82, 0x8000, 2); }
	void set_entry(unsigned int vector, uint64_t addr, uint32_t data, uint32_t ctl)
	{
		pioemu_pcicfg_msix_write(&cfg_, vector * 16, addr, 8);
		pioemu_pcicfg_msix_write(&cfg_, vector * 16 + 8, data, 4);
		pioemu_pcicfg_msix_write(&cfg_, vector * 16 + 12, ctl, 4);
	}
	int take(uint32_t eligible = UINT32_MAX)
	{
		return pioemu_pcicfg_msix_take(&cfg_, eligible, &addr_, &data_);
	}

	pioemu_pcicfg cfg_ = {};
	uint64_t addr_ = 0;
	uint32_t data_ = 0;
};

TEST_F(PciCfg, IdentifiesAnEthernetFunction)
{
	EXPECT_EQ(0x1b031924u, read(0x00, 4));
	EXPECT_EQ(0x0200u, read(0x0a, 2));
	EXPECT_EQ(0u, read(0x0e, 1)); /* header type 0, one function */
	EXPECT_EQ(0u, read(0x3d, 1)); /* a VF has no INTx pin */
}

TEST_F(PciCfg, CapabilityListHoldsExpressWithFlrThenMsix)
{
	EXPECT_EQ(0x10u, read(0x06, 2) & 0x10);
	uint32_t at = read(0x34, 1);
	EXPECT_EQ(0x10u, read(at, 1));
	EXPECT_EQ(2u, read(at + 2, 2) & 0xf);
	EXPECT_NE(0u, read(at + 4, 4) & (1u << 28));
	at = read(at + 1, 1);
	EXPECT_EQ(0x11u, read(at, 1));
	EXPECT_EQ(3u, read(at + 2, 2) & 0x7ff); /* four vectors */
	EXPECT_EQ(0x00000002u, read(at + 4, 4)); /* table: BAR 2, offset 0 */
	EXPECT_EQ(0x00000802u, read(at + 8, 4)); /* pending bits: BAR 2 */
	EXPECT_EQ(0u, read(at + 1, 1));
}

TEST_F(PciCfg, BarsAreSizedByWritingOnes)
{
	for (uint32_t off : {0x10u, 0x14u, 0x18u, 0x1cu, 0x20u, 0x24u, 0x30u})
		write(off, 0xffffffff, 4);
	EXPECT_EQ(0xfff8000cu, read(0x10, 4)); /* 512 KiB, 64 bit, prefetchable */
	EXPECT_EQ(0xffffffffu, read(0x14, 4));
	EXPECT_EQ(0xfffff000u, read(0x18, 4)); /* 4 KiB, 32 bit */
	for (uint32_t off : {0x1cu, 0x20u, 0x24u, 0x30u})
		EXPECT_EQ(0u, read(off, 4)) << off;
}

TEST_F(PciCfg, PrefetchableBitIsAnOption)
{
	pioemu_pcicfg_conf conf = conf_x2(false);

	ASSERT_EQ(0, pioemu_pcicfg_init(&cfg_, &conf));
	EXPECT_EQ(0x4u, read(0x10, 4));
}

TEST_F(PciCfg, ReadOnlyRegistersIgnoreWrites)
{
	pioemu_pcicfg before = cfg_;

	for (uint32_t off : {0x00u, 0x08u, 0x2cu, 0x34u, 0x40u, 0x44u, 0x80u, 0x84u, 0x88u, 0xf0u})
		write(off, off == 0x80 ? 0x3fffffff : 0xffffffff, 4);
	EXPECT_EQ(0, memcmp(before.reg, cfg_.reg, sizeof(cfg_.reg)));
}

TEST_F(PciCfg, AccessBeyondTheSpaceIsAllOnesAndChangesNothing)
{
	pioemu_pcicfg before = cfg_;

	EXPECT_EQ(UINT32_MAX, read(256, 1));
	EXPECT_EQ(UINT32_MAX, read(254, 4));
	EXPECT_EQ(UINT32_MAX, read(0, 0));
	EXPECT_EQ(UINT32_MAX, read(0, 5));
	EXPECT_EQ(UINT32_MAX, read(UINT32_MAX, 4));
	EXPECT_EQ(PIOEMU_PCICFG_NONE, write(254, 0x12345678, 4));
	EXPECT_EQ(PIOEMU_PCICFG_NONE, write(0x48, 0x8000, 5));
	EXPECT_EQ(0, memcmp(&before, &cfg_, sizeof(cfg_)));
}

TEST_F(PciCfg, FlrIsReportedOnceAndKeepsTheBars)
{
	enable_memory();
	write(0x04, 0x0006, 2);
	enable_msix();
	EXPECT_EQ(PIOEMU_PCICFG_FLR, write(0x48, 0x8000, 2));
	EXPECT_EQ(0u, read(0x48, 2) & 0x8000); /* acts, reads as zero */
	EXPECT_EQ(0u, read(0x04, 2));
	EXPECT_EQ(0u, read(0x82, 2) & 0x8000);
	EXPECT_EQ(0x0010000cu, read(0x10, 4));
	EXPECT_EQ(0x01000000u, read(0x18, 4));
	EXPECT_EQ(PIOEMU_PCICFG_NONE, write(0x48, 0x0010, 2));
}

TEST_F(PciCfg, FlrIsSeenInAccessesOfAnyWidth)
{
	EXPECT_EQ(PIOEMU_PCICFG_FLR, write(0x49, 0x80, 1));
	EXPECT_EQ(PIOEMU_PCICFG_FLR, write(0x48, 0x00008000, 4));
	EXPECT_EQ(PIOEMU_PCICFG_NONE, write(0x48, 0x80, 1));
	EXPECT_EQ(PIOEMU_PCICFG_NONE, write(0x4a, 0x8000, 2));
}

TEST_F(PciCfg, DecodesOnlyWhileMemoryIsOn)
{
	uint64_t off = 0;

	enable_memory();
	EXPECT_EQ(PIOEMU_PCICFG_BAR0, pioemu_pcicfg_decode(&cfg_, 0x100100010, 4, &off));
	EXPECT_EQ(0x10u, off);
	EXPECT_EQ(PIOEMU_PCICFG_MSIX, pioemu_pcicfg_decode(&cfg_, 0x01000008, 8, &off));
	EXPECT_EQ(8u, off);
	write(0x04, 0, 2);
	EXPECT_EQ(PIOEMU_PCICFG_NOWHERE, pioemu_pcicfg_decode(&cfg_, 0x100100010, 4, &off));
}

TEST_F(PciCfg, DecodesToTheLastByteAndNotBeyond)
{
	const uint64_t base = 0x100100000;
	uint64_t off = 0;

	enable_memory();
	EXPECT_EQ(PIOEMU_PCICFG_BAR0, pioemu_pcicfg_decode(&cfg_, base + bar_size - 8, 8, &off));
	EXPECT_EQ(PIOEMU_PCICFG_NOWHERE, pioemu_pcicfg_decode(&cfg_, base + bar_size - 4, 8, &off));
	EXPECT_EQ(PIOEMU_PCICFG_NOWHERE, pioemu_pcicfg_decode(&cfg_, base - 1, 1, &off));
	EXPECT_EQ(PIOEMU_PCICFG_NOWHERE, pioemu_pcicfg_decode(&cfg_, UINT64_MAX, 8, &off));
	EXPECT_EQ(PIOEMU_PCICFG_NOWHERE, pioemu_pcicfg_decode(&cfg_, base, 0, &off));
	EXPECT_EQ(PIOEMU_PCICFG_NOWHERE, pioemu_pcicfg_decode(&cfg_, base, 16, &off));
}

TEST_F(PciCfg, VectorsWaitUntilMsixIsEnabledAndUnmasked)
{
	set_entry(1, 0xfee00000, 0x41, 1);
	pioemu_pcicfg_msix_raise(&cfg_, 1);
	EXPECT_EQ(-EAGAIN, take());
	EXPECT_EQ(2u, pioemu_pcicfg_msix_read(&cfg_, 0x800, 8)); /* pending bit */
	enable_msix();
	EXPECT_EQ(-EAGAIN, take()); /* still masked by its entry */
	set_entry(1, 0xfee00000, 0x41, 0);
	write(0x82, 0xc000, 2);
	EXPECT_EQ(-EAGAIN, take()); /* and by the function */
	enable_msix();
	ASSERT_EQ(1, take());
	EXPECT_EQ(0xfee00000u, addr_);
	EXPECT_EQ(0x41u, data_);
	EXPECT_EQ(0u, pioemu_pcicfg_msix_read(&cfg_, 0x800, 8));
	EXPECT_EQ(-EAGAIN, take());
}

TEST_F(PciCfg, RaisedTwiceIsTakenOnceAndIneligibleStaysPending)
{
	enable_msix();
	set_entry(0, 0xfee01000, 0x30, 0);
	set_entry(3, 0xfee02000, 0x33, 0);
	pioemu_pcicfg_msix_raise(&cfg_, 3);
	pioemu_pcicfg_msix_raise(&cfg_, 3);
	pioemu_pcicfg_msix_raise(&cfg_, 0);
	ASSERT_EQ(3, take(~1u));
	EXPECT_EQ(0x33u, data_);
	EXPECT_EQ(-EAGAIN, take(~1u));
	ASSERT_EQ(0, take());
}

TEST_F(PciCfg, VectorsThatDoNotExistAreIgnored)
{
	enable_msix();
	pioemu_pcicfg_msix_raise(&cfg_, 4);
	pioemu_pcicfg_msix_raise(&cfg_, UINT32_MAX);
	EXPECT_EQ(-EAGAIN, take());
	EXPECT_EQ(0u, pioemu_pcicfg_msix_read(&cfg_, 0x800, 8));
}

TEST_F(PciCfg, PendingBitsAndTheRestOfThePageAreReadOnly)
{
	pioemu_pcicfg_msix_write(&cfg_, 0x800, UINT64_MAX, 8);
	pioemu_pcicfg_msix_write(&cfg_, 4 * 16, UINT64_MAX, 8);
	pioemu_pcicfg_msix_write(&cfg_, 4 * 16 - 4, UINT64_MAX, 8); /* straddles the table's end */
	EXPECT_EQ(0u, pioemu_pcicfg_msix_read(&cfg_, 0x800, 8));
	EXPECT_EQ(0u, pioemu_pcicfg_msix_read(&cfg_, 4 * 16, 8));
	EXPECT_EQ(1u, pioemu_pcicfg_msix_read(&cfg_, 4 * 16 - 4, 4)); /* masked, as after reset */
}

TEST_F(PciCfg, ResetForgetsEverything)
{
	pioemu_pcicfg fresh = cfg_;

	enable_memory();
	enable_msix();
	set_entry(2, 0xfee00000, 1, 0);
	pioemu_pcicfg_msix_raise(&cfg_, 2);
	pioemu_pcicfg_reset(&cfg_);
	EXPECT_EQ(0, memcmp(&fresh, &cfg_, sizeof(cfg_)));
	EXPECT_FALSE(pioemu_pcicfg_is_bus_master(&cfg_));
}

TEST(PciCfgInit, RefusesSizesThatCannotBe)
{
	pioemu_pcicfg cfg;
	pioemu_pcicfg_conf conf = conf_x2();

	for (uint64_t size : {0ul, 2048ul, 0x80001ul, 0x60000ul}) {
		conf.bar0_size = size;
		EXPECT_EQ(-EINVAL, pioemu_pcicfg_init(&cfg, &conf)) << size;
	}
	conf = conf_x2();
	for (unsigned int vectors : {0u, 33u}) {
		conf.msix_vectors = static_cast<uint16_t>(vectors);
		EXPECT_EQ(-EINVAL, pioemu_pcicfg_init(&cfg, &conf)) << vectors;
	}
}

} /* namespace */
