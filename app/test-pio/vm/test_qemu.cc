/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The QEMU front end, with this test in QEMU's place at the other end of the sockets. The
 * messages are laid out by hand from what QEMU 7.2 sends, not with the front end's structures.
 */

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include <dirent.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

extern "C" {
#include "emu/pioemu_qemu.h"
#include "emu/pioemu_qtest.h"
}

namespace {

enum { SYSMEM = 0, RET = 1, CFG_WRITE = 2, CFG_READ = 3, BAR_WRITE = 4, BAR_READ = 5,
	SET_IRQFD = 6, RESET = 7 };

constexpr uint64_t bar0 = 0xfe900000, bar2 = 0xfebff000;
constexpr uint64_t ram_gpa = 0x100000, ram_len = 0x40000;

std::vector<uint8_t>
bytes_u64(std::initializer_list<uint64_t> words)
{
	std::vector<uint8_t> out;

	for (uint64_t word : words) {
		for (int i = 0; i < 8; i++)
			out.push_back(static_cast<uint8_t>(word >> (8 * i)));
	}
	return out;
}

size_t
open_fds()
{
	DIR *dir = opendir("/proc/self/fd");
	size_t nb = 0;

	while (readdir(dir) != nullptr)
		nb++;
	closedir(dir);
	return nb;
}

class Qemu : public ::testing::Test
{
protected:
	void SetUp() override
	{
		pioemu_nic_config nic_conf;
		pioemu_vf_config vf_conf;
		int pair[2];

		pioemu_nic_config_default(&nic_conf);
		nic_ = pioemu_nic_create(&nic_conf);
		ASSERT_NE(nullptr, nic_);
		pioemu_vf_config_default(&vf_conf);
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		peer_ = pair[0];
		/* a reply that does not come must fail the test, not hang it */
		timeval limit = { 5, 0 };
		setsockopt(peer_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		ASSERT_EQ(0, pioemu_qemu_fn_create(&fn_, nic_, pair[1], &vf_conf));
		ram_fd_ = memfd_create("ram", 0);
		ASSERT_EQ(0, ftruncate(ram_fd_, static_cast<off_t>(ram_len)));
		ram_ = static_cast<uint8_t *>(mmap(nullptr, ram_len, PROT_READ | PROT_WRITE,
				MAP_SHARED, ram_fd_, 0));
		ASSERT_NE(MAP_FAILED, static_cast<void *>(ram_));
	}

	void TearDown() override
	{
		pioemu_qemu_fn_destroy(&fn_);
		pioemu_nic_destroy(nic_);
		munmap(ram_, ram_len);
		close(ram_fd_);
		close(peer_);
	}

	/* Send a message as QEMU does, have it served: what serve() says. */
	int send(int32_t cmd, std::vector<uint8_t> payload, std::vector<int> fds = {},
			int64_t claimed_size = -1)
	{
		uint64_t size = claimed_size >= 0 ? static_cast<uint64_t>(claimed_size) : payload.size();
		std::vector<uint8_t> head = bytes_u64({ static_cast<uint32_t>(cmd), size });
		alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * 16)] = {};
		iovec iov[2] = { { head.data(), head.size() }, { payload.data(), payload.size() } };
		msghdr mh = {};

		mh.msg_iov = iov;
		mh.msg_iovlen = 2;
		if (!fds.empty()) {
			mh.msg_control = control;
			mh.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
			cmsghdr *cmsg = CMSG_FIRSTHDR(&mh);
			cmsg->cmsg_level = SOL_SOCKET;
			cmsg->cmsg_type = SCM_RIGHTS;
			cmsg->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
			memcpy(CMSG_DATA(cmsg), fds.data(), sizeof(int) * fds.size());
		}
		EXPECT_EQ(static_cast<ssize_t>(head.size() + payload.size()), sendmsg(peer_, &mh, 0));
		return pioemu_qemu_fn_serve(&fn_);
	}

	uint64_t reply()
	{
		struct { int32_t cmd; uint32_t pad; uint64_t size, value; } ret = {};

		EXPECT_EQ(static_cast<ssize_t>(sizeof(ret)), recv(peer_, &ret, sizeof(ret), MSG_WAITALL));
		EXPECT_EQ(RET, ret.cmd);
		EXPECT_EQ(8u, ret.size);
		return ret.value;
	}

	uint64_t ask(int32_t cmd, std::vector<uint8_t> payload)
	{
		EXPECT_EQ(0, send(cmd, std::move(payload)));
		return reply();
	}

	/* off and value share a word, then comes the length, which ends at 12 bytes */
	std::vector<uint8_t> cfg_msg(uint32_t off, uint32_t value, uint32_t len)
	{
		std::vector<uint8_t> msg = bytes_u64({ off | static_cast<uint64_t>(value) << 32, len });

		msg.resize(12);
		return msg;
	}
	uint64_t cfg_read(uint32_t off, uint32_t len) { return ask(CFG_READ, cfg_msg(off, 0, len)); }
	void cfg_write(uint32_t off, uint32_t value, uint32_t len)
	{
		ask(CFG_WRITE, cfg_msg(off, value, len));
	}

	uint64_t bar_read(uint64_t addr, uint32_t len)
	{
		return ask(BAR_READ, bytes_u64({ addr, 0, len | UINT64_C(1) << 32 }));
	}
	void bar_write(uint64_t addr, uint64_t value, uint32_t len)
	{
		ask(BAR_WRITE, bytes_u64({ addr, value, len | UINT64_C(1) << 32 }));
	}

	/* gpa, len, offset of up to eight pieces */
	std::vector<uint8_t> sysmem_msg(uint64_t gpa, uint64_t len, uint64_t off)
	{
		return bytes_u64({ gpa, 0, 0, 0, 0, 0, 0, 0, len, 0, 0, 0, 0, 0, 0, 0,
				off, 0, 0, 0, 0, 0, 0, 0 });
	}

	void start(uint32_t command)
	{
		cfg_write(0x10, bar0, 4);
		cfg_write(0x14, 0, 4);
		cfg_write(0x18, bar2, 4);
		cfg_write(0x04, command, 2);
		ASSERT_EQ(0, send(SYSMEM, sysmem_msg(ram_gpa, ram_len, 0), { ram_fd_ }));
	}

	/*
	 * MCDI version 1 request GET_VERSION (code 8) at guest address `at`: true when the VF has
	 * answered it, which it does while it serves the doorbell.
	 */
	bool mcdi_is_answered(uint64_t at)
	{
		uint32_t header = 0x00200088, zero = 0;

		memcpy(ram_ + (at - ram_gpa), &header, 4);
		memcpy(ram_ + (at - ram_gpa) + 4, &zero, 4);
		bar_write(bar0 + 0x200, 0, 4);
		bar_write(bar0 + 0x204, at, 4);
		for (int i = 0; i < 10; i++)
			pioemu_nic_poll(nic_);
		memcpy(&header, ram_ + (at - ram_gpa), 4);
		return (header & (1u << 23)) != 0;
	}

	uint64_t violations(pioemu_violation id) { return pioemu_vf_violation_get(fn_.vf, id, nullptr); }

	pioemu_nic *nic_ = nullptr;
	pioemu_qemu_fn fn_ = {};
	int peer_ = -1, ram_fd_ = -1;
	uint8_t *ram_ = nullptr;
};

TEST_F(Qemu, AnswersConfigurationCycles)
{
	EXPECT_EQ(0x1b031924u, cfg_read(0, 4));
	cfg_write(0x10, 0xffffffff, 4);
	EXPECT_EQ(0xfu & cfg_read(0x10, 4), 0xcu);
	EXPECT_EQ(pioemu_vf_bar_len(pioemu_vf_config_get(fn_.vf)),
			0x100000000u - (cfg_read(0x10, 4) & ~0xfull));
}

TEST_F(Qemu, RegistersAnswerAtTheirBusAddress)
{
	start(2);
	EXPECT_EQ(0xb007u, bar_read(bar0 + 0x10, 4) >> 16);
	EXPECT_EQ(0u, fn_.nb_stray);
}

TEST_F(Qemu, NothingAnswersOutsideTheBarsOrWithDecodingOff)
{
	start(2);
	EXPECT_EQ(UINT64_MAX, bar_read(bar0 - 8, 8));
	EXPECT_EQ(UINT64_MAX, bar_read(bar2 + 4096, 4));
	cfg_write(0x04, 0, 2);
	EXPECT_EQ(UINT64_MAX, bar_read(bar0 + 0x10, 4));
	bar_write(bar0 + 0x204, 0x100000, 4);
	EXPECT_EQ(4u, fn_.nb_stray);
	EXPECT_EQ(0u, pioemu_vf_violation_total(fn_.vf));
}

TEST_F(Qemu, AccessesOfImpossibleLengthAreHarmless)
{
	start(2);
	for (uint32_t len : { 0u, 3u, 16u, UINT32_MAX }) {
		bar_read(bar0 + 0x10, len);
		bar_write(bar0 + 0x10, 0, len);
		bar_write(bar2, 0, len);
		cfg_read(0, len);
		cfg_write(0, 0, len);
	}
	EXPECT_EQ(0x1924u, cfg_read(0, 2));
}

TEST_F(Qemu, CommandsReachTheModelThroughGuestMemory)
{
	start(6);
	EXPECT_TRUE(mcdi_is_answered(ram_gpa + 0x1000));
	EXPECT_EQ(0u, pioemu_vf_violation_total(fn_.vf));
}

TEST_F(Qemu, NoDmaWithoutBusMaster)
{
	start(2);
	EXPECT_FALSE(mcdi_is_answered(ram_gpa + 0x1000));
	EXPECT_NE(0u, violations(PIOEMU_VIOLATION_DMA_BUS_MASTER));
}

TEST_F(Qemu, NoDmaOutsideGuestMemory)
{
	start(6);
	bar_write(bar0 + 0x200, 0, 4);
	bar_write(bar0 + 0x204, ram_gpa + ram_len, 4);
	pioemu_nic_poll(nic_);
	EXPECT_NE(0u, violations(PIOEMU_VIOLATION_DMA_UNMAPPED));
}

TEST_F(Qemu, RepeatedMemoryMessageKeepsTheMapping)
{
	start(6);
	void *map = fn_.ram[0].map;
	size_t fds = open_fds();

	ASSERT_EQ(0, send(SYSMEM, sysmem_msg(ram_gpa, ram_len, 0), { ram_fd_ }));
	EXPECT_EQ(map, fn_.ram[0].map);
	EXPECT_EQ(fds, open_fds());
	EXPECT_TRUE(mcdi_is_answered(ram_gpa + 0x1000));
}

TEST_F(Qemu, NewMemoryMessageReplacesTheOldOne)
{
	start(6);
	ASSERT_EQ(0, send(SYSMEM, sysmem_msg(ram_gpa + ram_len, 0x10000, 0x1000), { ram_fd_ }));
	bar_write(bar0 + 0x200, 0, 4);
	bar_write(bar0 + 0x204, ram_gpa + 0x1000, 4);
	pioemu_nic_poll(nic_);
	EXPECT_NE(0u, violations(PIOEMU_VIOLATION_DMA_UNMAPPED));
	EXPECT_EQ(1u, fn_.nb_ram);
	/* offset 0x1000 of the file is where the new region begins */
	memset(ram_ + 0x2000, 0, 8);
	uint32_t header = 0x00200088;
	memcpy(ram_ + 0x2000, &header, 4);
	bar_write(bar0 + 0x204, ram_gpa + ram_len + 0x1000, 4);
	pioemu_nic_poll(nic_);
	memcpy(&header, ram_ + 0x2000, 4);
	EXPECT_NE(0u, header & (1u << 23));
}

TEST_F(Qemu, MemoryLargerThanItsFileIsRefused)
{
	size_t fds = open_fds();

	EXPECT_EQ(-EPROTO, send(SYSMEM, sysmem_msg(0, ram_len + 4096, 0), { ram_fd_ }));
	EXPECT_EQ(-EPROTO, send(SYSMEM, sysmem_msg(0, 4096, ram_len), { ram_fd_ }));
	EXPECT_EQ(-EPROTO, send(SYSMEM, sysmem_msg(0, 4096, UINT64_MAX - 4095), { ram_fd_ }));
	EXPECT_EQ(-EPROTO, send(SYSMEM, sysmem_msg(0, 0, 0), { ram_fd_ }));
	EXPECT_EQ(-EPROTO, send(SYSMEM, sysmem_msg(0, 4096, 123), { ram_fd_ })); /* not a page */
	EXPECT_EQ(fds, open_fds());
	EXPECT_EQ(0u, fn_.nb_ram);
}

TEST_F(Qemu, InterruptDescriptorsAreClosed)
{
	size_t fds = open_fds();

	EXPECT_EQ(0, send(SET_IRQFD, {}, { ram_fd_, ram_fd_ }));
	EXPECT_EQ(fds, open_fds());
}

TEST_F(Qemu, ResetIsAColdStart)
{
	start(6);
	ASSERT_TRUE(mcdi_is_answered(ram_gpa + 0x1000));
	ask(RESET, {});
	EXPECT_EQ(0u, cfg_read(0x04, 2));
	EXPECT_EQ(0xcu, cfg_read(0x10, 4));
	EXPECT_EQ(UINT64_MAX, bar_read(bar0 + 0x10, 4));
	start(6);
	EXPECT_TRUE(mcdi_is_answered(ram_gpa + 0x1000));
}

TEST_F(Qemu, FunctionLevelResetStopsDmaUntilTheHostAllowsItAgain)
{
	pioemu_stats stats;

	start(6);
	cfg_write(0x48, 0x8000, 2);
	cfg_write(0x04, 2, 2);
	EXPECT_FALSE(mcdi_is_answered(ram_gpa + 0x1000));
	cfg_write(0x04, 6, 2);
	EXPECT_TRUE(mcdi_is_answered(ram_gpa + 0x2000));
	ASSERT_EQ(0, pioemu_vf_stats_get(fn_.vf, PIOEMU_ALL, &stats));
	EXPECT_EQ(1u, stats.resets);
}

TEST_F(Qemu, StrangeMessagesEndTheConnection)
{
	EXPECT_EQ(-EPROTO, send(8, {}));
	EXPECT_EQ(-EPROTO, send(-1, {}));
	EXPECT_EQ(-EPROTO, send(RET, bytes_u64({ 0 })));
}

TEST_F(Qemu, WrongPayloadLengthEndsTheConnection)
{
	EXPECT_EQ(-EPROTO, send(CFG_READ, {}, {}, 1 << 30));
}

TEST_F(Qemu, ClosedPeerIsNotAnError)
{
	close(peer_);
	peer_ = -1;
	EXPECT_EQ(-ENOTCONN, pioemu_qemu_fn_serve(&fn_));
}

TEST_F(Qemu, MessageCutShortByAClosingPeer)
{
	std::vector<uint8_t> head = bytes_u64({ BAR_READ, 24 });

	ASSERT_EQ(16, write(peer_, head.data(), head.size()));
	close(peer_);
	peer_ = -1;
	EXPECT_EQ(-ENOTCONN, pioemu_qemu_fn_serve(&fn_));
}

class Qtest : public Qemu
{
protected:
	void SetUp() override
	{
		int pair[2];

		Qemu::SetUp();
		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
		far_ = pair[0];
		pioemu_qtest_init(&qtest_, pair[1]);
		start(6);
		for (uint64_t vector = 0; vector < 4; vector++) {
			bar_write(bar2 + vector * 16, 0xfee00000 + (vector << 12), 8);
			bar_write(bar2 + vector * 16 + 8, 0x4100 + vector, 4);
			bar_write(bar2 + vector * 16 + 12, 0, 4);
		}
		cfg_write(0x82, 0x8000, 2);
	}

	void TearDown() override
	{
		close(far_);
		close(qtest_.sock);
		Qemu::TearDown();
	}

	/* What QEMU has got up to now */
	std::string lines()
	{
		char buf[4096];
		ssize_t got = recv(far_, buf, sizeof(buf), MSG_DONTWAIT);

		return got > 0 ? std::string(buf, static_cast<size_t>(got)) : "";
	}
	std::string raise(std::initializer_list<unsigned int> vectors)
	{
		for (unsigned int vector : vectors)
			pioemu_pcicfg_msix_raise(&fn_.cfg, vector);
		EXPECT_EQ(0, pioemu_qtest_send(&qtest_, &fn_, 1));
		return lines();
	}
	int answer(const char *text)
	{
		EXPECT_EQ(static_cast<ssize_t>(strlen(text)), write(far_, text, strlen(text)));
		return pioemu_qtest_recv(&qtest_);
	}

	pioemu_qtest qtest_;
	int far_ = -1;
};

TEST_F(Qtest, MessageIsTheTableEntryOfTheVector)
{
	EXPECT_EQ("writel 0xfee02000 0x4102\n", raise({ 2 }));
	EXPECT_EQ("", raise({}));
}

TEST_F(Qtest, SameVectorWaitsForTheAnswerOthersDoNot)
{
	EXPECT_EQ("writel 0xfee01000 0x4101\n", raise({ 1 }));
	EXPECT_EQ("writel 0xfee00000 0x4100\n", raise({ 1, 0 }));
	EXPECT_EQ("", raise({ 1 }));
	EXPECT_EQ(0, answer("OK\n"));
	EXPECT_EQ("writel 0xfee01000 0x4101\n", raise({}));
}

TEST_F(Qtest, AnswersMayArriveInPieces)
{
	raise({ 0, 1 });
	EXPECT_EQ(0, answer("O"));
	EXPECT_EQ(0, answer("K\nO"));
	EXPECT_EQ(0, answer("K\n"));
	EXPECT_EQ(0u, qtest_.under_way[0]);
	EXPECT_EQ(0u, qtest_.nb_refused);
}

TEST_F(Qtest, RefusedMessagesAreCountedAndDoNotBlockTheVector)
{
	raise({ 3 });
	EXPECT_EQ(0, answer("FAIL Unknown command 'writel'\n"));
	EXPECT_EQ(1u, qtest_.nb_refused);
	EXPECT_EQ("writel 0xfee03000 0x4103\n", raise({ 3 }));
}

TEST_F(Qtest, MoreAnswersThanMessagesAreHarmless)
{
	EXPECT_EQ(0, answer("OK\nOK\nOK\n"));
	EXPECT_EQ("writel 0xfee00000 0x4100\n", raise({ 0 }));
}

TEST_F(Qtest, FullSocketKeepsTheVectorPending)
{
	std::string block(4096, ' ');

	while (::send(qtest_.sock, block.data(), block.size(), MSG_DONTWAIT) > 0)
		;
	pioemu_pcicfg_msix_raise(&fn_.cfg, 1);
	EXPECT_EQ(0, pioemu_qtest_send(&qtest_, &fn_, 1));
	EXPECT_EQ(0u, qtest_.under_way[0]);
	while (!lines().empty())
		;
	EXPECT_EQ("writel 0xfee01000 0x4101\n", raise({}));
}

TEST_F(Qtest, ClosedPeerIsSeen)
{
	close(far_);
	far_ = -1;
	EXPECT_EQ(-ENOTCONN, pioemu_qtest_recv(&qtest_));
	pioemu_pcicfg_msix_raise(&fn_.cfg, 0);
	EXPECT_EQ(-ENOTCONN, pioemu_qtest_send(&qtest_, &fn_, 1));
}

} /* namespace */
