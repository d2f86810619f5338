/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ef10_regs.h"

namespace
{

struct Reg {
	std::string name;
	uint64_t offset;
	unsigned int width;
	unsigned int count;
	ef10_reg_scope scope;
	ef10_reg_access access;
	uint32_t reset;

	uint64_t end() const { return offset + width / 8 * count; }
};

const std::vector<Reg> regs = {
#define REG(name, offset, width, count, scope, access, reset) \
	{#name, offset, width, count, EF10_REG_SCOPE_##scope, EF10_REG_##access, reset},
	EF10_REG_LIST(REG)
#undef REG
};

/* The register map of DPDK's efx_regs_ef10.h and Onload's ef10_regs.h (CTPIO), typed by hand */
const std::map<std::string, Reg> documented = {
	{"BIU_HW_REV_ID", {"", 0x000, 32, 1, EF10_REG_SCOPE_FUNCTION, EF10_REG_RO, 0xEB14FACE}},
	{"BIU_MC_SFT_STATUS", {"", 0x010, 32, 8, EF10_REG_SCOPE_FUNCTION, EF10_REG_RO, 0x1111FACE}},
	{"BIU_INT_ISR", {"", 0x090, 32, 1, EF10_REG_SCOPE_FUNCTION, EF10_REG_RO, 0}},
	{"MC_DB_LWRD", {"", 0x200, 32, 1, EF10_REG_SCOPE_FUNCTION, EF10_REG_WO, 0}},
	{"MC_DB_HWRD", {"", 0x204, 32, 1, EF10_REG_SCOPE_FUNCTION, EF10_REG_WO, 0}},
	{"EVQ_RPTR", {"", 0x400, 32, 1, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
	{"EVQ_TMR", {"", 0x420, 32, 1, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
	{"RX_DESC_UPD", {"", 0x830, 32, 1, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
	{"TX_DESC_UPD", {"", 0xA10, 32, 2, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
	{"TX_DESC_UPD_WPTR", {"", 0xA18, 32, 1, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
	{"TX_PIOBUF", {"", 0x1000, 64, 512, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
	{"CTPIO", {"", 0x3000, 64, 512, EF10_REG_SCOPE_VI, EF10_REG_WO, 0}},
};

TEST(HwRegs, ListIsWhatIsDocumented)
{
	EXPECT_EQ(regs.size(), documented.size());
	for (const Reg &reg : regs) {
		ASSERT_EQ(documented.count(reg.name), 1u) << reg.name;
		const Reg &want = documented.at(reg.name);
		EXPECT_EQ(reg.offset, want.offset) << reg.name;
		EXPECT_EQ(reg.width, want.width) << reg.name;
		EXPECT_EQ(reg.count, want.count) << reg.name;
		EXPECT_EQ(reg.scope, want.scope) << reg.name;
		EXPECT_EQ(reg.access, want.access) << reg.name;
		EXPECT_EQ(reg.reset, want.reset) << reg.name;
	}
}

TEST(HwRegs, ListIsInAscendingOrderWithoutOverlap)
{
	for (size_t i = 1; i < regs.size(); i++)
		EXPECT_GE(regs[i].offset, regs[i - 1].end()) << regs[i].name;
}

TEST(HwRegs, EveryRegisterIsAlignedToItsWidth)
{
	for (const Reg &reg : regs)
		EXPECT_EQ(reg.offset % (reg.width / 8), 0u) << reg.name;
}

TEST(HwRegs, RegistersAndApertureNeverShareAPage)
{
	for (const Reg &reg : regs) {
		if (reg.name == "TX_PIOBUF" || reg.name == "CTPIO")
			EXPECT_EQ(reg.offset % 4096, 0u) << reg.name;
		else
			EXPECT_LE(reg.end(), 0x1000u) << reg.name;
	}
	EXPECT_LE(EF10_REG_TX_PIOBUF + EF10_PIOBUF_SIZE_MAX, EF10_VI_STRIDE_MIN);
	EXPECT_LE(EF10_REG_CTPIO + 4096u, EF10_VI_STRIDE_16K);
}

TEST(HwRegs, NameCoversEachWordAndNothingBetween)
{
	std::map<uint64_t, std::string> names;

	for (const Reg &reg : regs)
		for (uint64_t offset = reg.offset; offset < reg.end(); offset += 4)
			names[offset] = reg.name;
	for (uint64_t offset = 0; offset < EF10_VI_STRIDE_64K; offset += 4) {
		const char *name = ef10_reg_name(offset);
		if (names.count(offset) == 0)
			EXPECT_EQ(name, nullptr) << std::hex << offset;
		else
			EXPECT_STREQ(name, names[offset].c_str()) << std::hex << offset;
	}
	EXPECT_EQ(ef10_reg_name(UINT64_MAX), nullptr);
}

TEST(HwRegs, ViWindowAddresses)
{
	/* MC_CMD_GET_CAPABILITIES_V3_OUT_VI_WINDOW_MODE_* */
	EXPECT_EQ(ef10_vi_stride(0), 8192u);
	EXPECT_EQ(ef10_vi_stride(1), 16384u);
	EXPECT_EQ(ef10_vi_stride(2), 65536u);
	EXPECT_EQ(ef10_vi_stride(3), 0u);
	EXPECT_EQ(ef10_vi_stride(255), 0u);

	EXPECT_EQ(ef10_vi_reg(8192, 0, EF10_REG_TX_DESC_UPD), 0xA10u);
	EXPECT_EQ(ef10_vi_reg(8192, 3, EF10_REG_TX_DESC_UPD_WPTR), 0x6A18u);
	EXPECT_EQ(ef10_vi_reg(16384, 3, EF10_REG_TX_PIOBUF), 0xD000u);
	EXPECT_EQ(ef10_vi_reg(65536, 1023, EF10_REG_RX_DESC_UPD), 0x3FF0830u);
	/* does not wrap at 32 bits */
	EXPECT_EQ(ef10_vi_reg(65536, 0x10000, EF10_REG_EVQ_RPTR), 0x100000400ull);
}

TEST(HwRegs, PciIdentity)
{
	/* DPDK efx.h, EFX_PCI_DEVID_* */
	EXPECT_EQ(ef10_family_of(0x1924, 0x1903), EF10_FAMILY_HUNTINGTON);
	EXPECT_EQ(ef10_family_of(0x1924, 0x1923), EF10_FAMILY_HUNTINGTON);
	EXPECT_EQ(ef10_family_of(0x1924, 0x1A03), EF10_FAMILY_MEDFORD);
	EXPECT_EQ(ef10_family_of(0x1924, 0x1B03), EF10_FAMILY_MEDFORD2);
	/* PFs, X4 VFs (no PIO there) and other vendors are not ours */
	for (uint16_t device : {0x0903, 0x0923, 0x0A03, 0x0B03, 0x1C03, 0x3C03, 0x0901, 0})
		EXPECT_EQ(ef10_family_of(0x1924, device), EF10_FAMILY_UNKNOWN) << device;
	EXPECT_EQ(ef10_family_of(0x1925, 0x1B03), EF10_FAMILY_UNKNOWN);
	EXPECT_EQ(EF10_VF_MEM_BAR, 0);
	EXPECT_EQ(EF10_PCI_CLASS_ETHERNET, 0x020000);

	EXPECT_STREQ(ef10_family_name(EF10_FAMILY_HUNTINGTON), "Huntington");
	EXPECT_STREQ(ef10_family_name(EF10_FAMILY_MEDFORD), "Medford");
	EXPECT_STREQ(ef10_family_name(EF10_FAMILY_MEDFORD2), "Medford2");
	EXPECT_STREQ(ef10_family_name(EF10_FAMILY_UNKNOWN), "unknown");
}

TEST(HwRegs, PiobufsOfTheFamilies)
{
	/* DPDK hunt_impl.h, medford_impl.h, medford2_impl.h */
	EXPECT_EQ(ef10_piobuf_size(EF10_FAMILY_HUNTINGTON), 2048u);
	EXPECT_EQ(ef10_piobuf_size(EF10_FAMILY_MEDFORD), 4096u);
	EXPECT_EQ(ef10_piobuf_size(EF10_FAMILY_MEDFORD2), 4096u);
	EXPECT_EQ(ef10_piobuf_size(EF10_FAMILY_UNKNOWN), 0u);
	EXPECT_EQ(EF10_PIOBUF_COUNT, 16u);
	EXPECT_EQ(EF10_PIOBUF_SIZE_ASSUMED, 2048u);
	EXPECT_EQ(EF10_PIOBUF_SIZE_MAX, 4096u);
	/* Onload memcpy_to_io.h, ef10_vi.c */
	EXPECT_EQ(EF10_PIO_STORE_BYTES, 8u);
	EXPECT_EQ(EF10_PIO_OFFSET_ALIGN, 64u);
	EXPECT_EQ(EF10_PIO_LEN_MIN, 16u);
}

TEST(HwRegs, McStatusWord)
{
	/* Linux ef10.c: healthy after one warm boot; no MC; device gone */
	EXPECT_EQ(EF10_GET(0xB0070001u, MC_STATUS_SIGNATURE), 0xB007u);
	EXPECT_EQ(EF10_GET(0xB0070001u, MC_STATUS_BOOT_COUNT), 1u);
	EXPECT_EQ(EF10_MASK(MC_STATUS_SIGNATURE), 0xFFFF0000u);
	EXPECT_EQ(EF10_MC_STATUS_SIGNATURE_OK, 0xB007);
	EXPECT_NE(EF10_GET(EF10_MC_STATUS_RESET, MC_STATUS_SIGNATURE),
		(uint64_t)EF10_MC_STATUS_SIGNATURE_OK);
	EXPECT_EQ(EF10_MC_STATUS_GONE, 0xFFFFFFFFu);
	EXPECT_EQ(EF10_MC_DB_CANCEL, 1u);
}

TEST(HwRegs, EventQueueWords)
{
	/* ER_DZ_EVQ_RPTR_REG, ER_FZ_EVQ_TMR_REG_16K, ER_DZ_RX_DESC_UPD_REG, magic doorbell */
	EXPECT_EQ(EF10_PUT(EVQ_RPTR, 0x7FFF) | EF10_PUT(EVQ_RPTR_VLD, 1), 0xFFFFu);
	EXPECT_EQ(EF10_PUT(EVQ_TMR_VAL, 0x3FFF), 0x3FFFu);
	EXPECT_EQ(EF10_PUT(EVQ_TMR_MODE, EF10_EVQ_TMR_MODE_HOLD_OFF), 0xC000u);
	EXPECT_EQ(EF10_PUT(EVQ_TMR_REL_VAL, 0x3FFF), 0x3FFF0000u);
	EXPECT_EQ(EF10_MASK(RX_DESC_WPTR), 0xFFFu);
	EXPECT_EQ(EF10_MASK(TX_DESC_WPTR), 0xFFFu);
	EXPECT_EQ(EF10_RX_DESC_WPTR_ALIGN, 8u);
	EXPECT_EQ(EF10_PUT(RX_DESC_MAGIC_DOORBELL, 1) | EF10_PUT(RX_DESC_MAGIC_CMD, 0) |
			EF10_PUT(RX_DESC_MAGIC_DATA, 0x55), 0x855u);
}

TEST(HwRegs, IndirectWritesOfBug35388)
{
	/* ER_DD_EVQ_INDIRECT: 0x800 | rptr[15:8], 0x900 | rptr[7:0], 0xC00 | mode << 8 | value */
	EXPECT_EQ(EF10_DD_EVQ_RPTR_HI(0x1234u), 0x812u);
	EXPECT_EQ(EF10_DD_EVQ_RPTR_LO(0x1234u), 0x934u);
	EXPECT_EQ(EF10_DD_EVQ_RPTR_HI(0x7FFFu), 0x87Fu);
	EXPECT_EQ(EF10_DD_EVQ_RPTR_LO(0x7FFFu), 0x9FFu);
	EXPECT_EQ(EF10_DD_EVQ_TMR(3, 0x80), 0xF80u);
	EXPECT_EQ(EF10_DD_EVQ_TMR(0, 0), 0xC00u);
	EXPECT_EQ(EF10_REG_DD_EVQ_INDIRECT, 0xA18);
}

} /* namespace */
