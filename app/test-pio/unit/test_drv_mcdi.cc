/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The MCDI codec of the driver. The golden words are upstream's on the wire: its first GET_ASSERTS, a
 * REBOOT with sequence number 1, and a GET_PORT_ASSIGNMENT with sequence number 3 and its response.
 */

#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

#include "ef10_mcdi.h"

#include "piopmd_mcdi.h"

namespace {

constexpr uint8_t FILL = 0xa5;

class DrvMcdi : public ::testing::Test {
protected:
	uint8_t buf[EF10_MCDI_BUF_LEN + 16];
	uint8_t in[EF10_MCDI_PAYLOAD_MAX_V2 + 16];
	uint8_t out[EF10_MCDI_PAYLOAD_MAX_V2];
	struct piopmd_mcdi_req req;
	bool rebooted = false;

	void SetUp() override
	{
		memset(buf, FILL, sizeof(buf));
		for (size_t i = 0; i < sizeof(in); i++)
			in[i] = static_cast<uint8_t>(i * 7 + 1);
		memset(out, FILL, sizeof(out));
		memset(&req, 0, sizeof(req));
		req.in = in;
		req.out = out;
	}

	uint32_t word(size_t i) const { return ef10_le32_get(buf + i * 4); }

	void word_put(size_t i, uint32_t value) { ef10_le32_put(buf + i * 4, value); }

	/* everything from offset on is as it was */
	bool untouched_from(size_t offset) const
	{
		for (size_t i = offset; i < sizeof(buf); i++) {
			if (buf[i] != FILL)
				return false;
		}
		return true;
	}

	bool out_untouched_from(size_t offset) const
	{
		for (size_t i = offset; i < sizeof(out); i++) {
			if (out[i] != FILL)
				return false;
		}
		return true;
	}
};

TEST_F(DrvMcdi, FirstRequestOfAnEpochIsUpstreamsGetAsserts)
{
	ef10_le32_put(in, 1);
	req.cmd = 0x06;
	req.in_len = 4;
	req.out_size = 140;
	ASSERT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, true), 0);
	EXPECT_EQ(word(0), 0x00000486u);
	EXPECT_EQ(word(1), 1u);
	EXPECT_TRUE(untouched_from(8));
}

TEST_F(DrvMcdi, LaterRequestSaysNotEpoch)
{
	ef10_le32_put(in, 1);
	req.cmd = 0x3d;
	req.in_len = 4;
	ASSERT_EQ(piopmd_mcdi_request_encode(buf, &req, 1, false), 0);
	EXPECT_EQ(word(0), 0x002104bdu);
	EXPECT_EQ(word(1), 1u);
}

TEST_F(DrvMcdi, HighCommandTakesVersion2)
{
	req.cmd = 0xb8;
	req.out_size = 4;
	ASSERT_EQ(piopmd_mcdi_request_encode(buf, &req, 3, false), 0);
	EXPECT_EQ(word(0), 0x002300ffu);
	EXPECT_EQ(word(1), 0x000000b8u);
	EXPECT_TRUE(untouched_from(8));
}

TEST_F(DrvMcdi, LongRequestAndLongResponseTakeVersion2)
{
	req.cmd = 0x24;
	req.in_len = 0xfc;
	ASSERT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, false), 0);
	EXPECT_EQ(word(0) & 0x7f, 0x24u) << "252 bytes still fit version 1";
	EXPECT_EQ(memcmp(buf + 4, in, 0xfc), 0);

	req.in_len = 0xfd;
	ASSERT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, false), 0);
	EXPECT_EQ(word(0) & 0x7f, 0x7fu);
	EXPECT_EQ(word(1), 0x00fd0024u);
	EXPECT_EQ(memcmp(buf + 8, in, 0xfd), 0);

	req.in_len = 0;
	req.out_size = 0xfd;
	ASSERT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, false), 0);
	EXPECT_EQ(word(0) & 0x7f, 0x7fu);
}

TEST_F(DrvMcdi, RequestBeyondTheProtocolIsRefusedAndWritesNothing)
{
	req.cmd = 0x80;
	req.in_len = 0x400; /* the length field has 10 bits */
	EXPECT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, false), -EMSGSIZE);
	req.in_len = 0;
	req.out_size = 0x401;
	EXPECT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, false), -EMSGSIZE);
	EXPECT_TRUE(untouched_from(0));

	req.out_size = 0;
	req.in_len = 0x3ff;
	EXPECT_EQ(piopmd_mcdi_request_encode(buf, &req, 0, false), 0);
	EXPECT_TRUE(untouched_from(8 + 0x3ff));
}

TEST_F(DrvMcdi, ResponseIsCompleteOnlyWithItsBit)
{
	EXPECT_FALSE(piopmd_mcdi_response_is_complete(0x002300ffu));
	EXPECT_TRUE(piopmd_mcdi_response_is_complete(0x00a300ffu));
}

TEST_F(DrvMcdi, Version2ResponseGivesItsPayload)
{
	word_put(0, 0x00a300ffu);
	word_put(1, 0x000400b8u);
	word_put(2, 1);
	req.cmd = 0xb8;
	req.out_size = 4;
	req.out_min = 4;
	ASSERT_EQ(piopmd_mcdi_response_decode(buf, &req, 3, &rebooted), 0);
	EXPECT_EQ(req.out_len, 4u);
	EXPECT_EQ(ef10_le32_get(out), 1u);
	EXPECT_TRUE(out_untouched_from(4));
	EXPECT_FALSE(rebooted);
}

TEST_F(DrvMcdi, LongerResponseIsCutAtTheBuffer)
{
	memcpy(buf + 4, in, 28);
	word_put(0, 0x00801c29u | 0x80); /* GET_LINK, 28 bytes, sequence 0 */
	req.cmd = 0x29;
	req.out_size = 8;
	ASSERT_EQ(piopmd_mcdi_response_decode(buf, &req, 0, &rebooted), 0);
	EXPECT_EQ(req.out_len, 28u);
	EXPECT_EQ(memcmp(out, in, 8), 0);
	EXPECT_TRUE(out_untouched_from(8));
}

TEST_F(DrvMcdi, ShorterResponseThanNeededIsAnError)
{
	word_put(0, 0x00800429u | 0x80);
	req.cmd = 0x29;
	req.out_size = 28;
	req.out_min = 28;
	EXPECT_EQ(piopmd_mcdi_response_decode(buf, &req, 0, &rebooted), -EIO);
	EXPECT_TRUE(out_untouched_from(0));
	EXPECT_FALSE(rebooted);
}

TEST_F(DrvMcdi, ForeignResponseIsAnError)
{
	word_put(0, 0x00a300ffu);
	word_put(1, 0x000400b8u);
	req.out_size = 4;
	req.cmd = 0xb9;
	EXPECT_EQ(piopmd_mcdi_response_decode(buf, &req, 3, &rebooted), -EIO) << "other command";
	req.cmd = 0xb8;
	EXPECT_EQ(piopmd_mcdi_response_decode(buf, &req, 4, &rebooted), -EIO) << "other sequence";
	EXPECT_TRUE(out_untouched_from(0));
	EXPECT_FALSE(rebooted);
}

TEST_F(DrvMcdi, ErrorCarriesCodeAndArgument)
{
	word_put(0, 0x00c0089eu | 0x80); /* ERROR and RESPONSE, 8 bytes */
	word_put(1, 0x1c);
	word_put(2, 7);
	req.cmd = 0x1e;
	EXPECT_EQ(piopmd_mcdi_response_decode(buf, &req, 0, &rebooted), -ENOSPC);
	EXPECT_EQ(req.mc_err, 0x1cu);
	EXPECT_EQ(req.mc_err_arg, 7u);
	EXPECT_FALSE(rebooted);
}

TEST_F(DrvMcdi, ErrorWithoutPayloadMeansReboot)
{
	word_put(0, 0x00c000ffu);
	word_put(1, 0x00000000u); /* it does not even know the command */
	req.cmd = 0xb8;
	EXPECT_EQ(piopmd_mcdi_response_decode(buf, &req, 3, &rebooted), -EIO);
	EXPECT_TRUE(rebooted);
}

TEST_F(DrvMcdi, McErrorsBecomeErrnos)
{
	static const struct {
		uint32_t mc;
		int ret;
	} map[] = {
		{ 1, -EPERM }, { 2, -ENOENT }, { 4, -EINTR }, { 5, -EIO }, { 6, -EEXIST },
		{ 0x0b, -EAGAIN }, { 0x0c, -ENOMEM }, { 0x0d, -EACCES }, { 0x10, -EBUSY },
		{ 0x16, -EINVAL }, { 0x1c, -ENOSPC }, { 0x22, -ERANGE }, { 0x23, -EDEADLK },
		{ 0x26, -ENOTSUP }, { 0x3e, -ETIMEDOUT }, { 0x5f, -ENOTSUP }, { 0x72, -EALREADY },
		{ 0x1000, -ENOMEM }, { 0x1001, -ENOENT }, { 0x1002, -ENOENT }, { 0x1003, -ENODEV },
		{ 0x1004, -EINVAL }, { 0x1005, -ENODEV }, { 0x1009, -EEXIST }, { 0x1013, -EPERM },
		{ 0x1014, -EBUSY }, { 0x9999, -EIO }, { 0, -EIO },
	};

	for (const auto &m : map)
		EXPECT_EQ(piopmd_mcdi_errno(m.mc), m.ret) << "MC error " << m.mc;
}

} /* namespace */
