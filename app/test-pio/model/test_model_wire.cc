/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Wires: pcap files in every flavour, peers, TAP, several at once. */

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "model_fixture.h"

using namespace mini;

namespace {

std::string
tempName()
{
	char name[] = "/tmp/pioemu-test-XXXXXX";
	int fd = mkstemp(name);

	close(fd);
	return name;
}

class Wire : public ModelTest {
protected:
	std::string path = tempName();
	char err[160] = "";

	~Wire() override { unlink(path.c_str()); }

	int add(const std::string &spec)
	{
		return pioemu_vf_wire_add_spec(vf, spec.c_str(), err, sizeof(err));
	}

	/* a pcap file by hand: magic as bytes, then words in that order */
	void writePcap(const Bytes &magic, bool big, const std::vector<Bytes> &frames,
		       uint32_t link = 1)
	{
		Bytes out = magic;
		auto u = [&](uint32_t v, int n) {
			for (int i = 0; i < n; i++)
				out.push_back((uint8_t)(v >> (8 * (big ? n - 1 - i : i))));
		};

		u(2, 2);
		u(4, 2);
		u(0, 4);
		u(0, 4);
		u(65535, 4);
		u(link, 4);
		for (const Bytes &f : frames) {
			u(1, 4);
			u(2, 4);
			u((uint32_t)f.size(), 4);
			u((uint32_t)f.size(), 4);
			out.insert(out.end(), f.begin(), f.end());
		}
		std::ofstream(path, std::ios::binary).write((const char *)out.data(),
			(std::streamsize)out.size());
	}

	Bytes readFile() const
	{
		std::ifstream in(path, std::ios::binary);

		return Bytes(std::istreambuf_iterator<char>(in), {});
	}

	Bytes received(uint32_t index)
	{
		const uint8_t *buf = drv->rxBuf(drv->rxq, index);

		return Bytes(buf + 14, buf + 14 + get16(buf + 8));
	}
};

TEST_F(Wire, PcapInReadsEveryFlavour)
{
	const struct {
		Bytes magic;
		bool big;
	} flavours[] = {
		{ { 0xD4, 0xC3, 0xB2, 0xA1 }, false }, { { 0xA1, 0xB2, 0xC3, 0xD4 }, true },
		{ { 0x4D, 0x3C, 0xB2, 0xA1 }, false }, { { 0xA1, 0xB2, 0x3C, 0x4D }, true },
	};

	for (auto &f : flavours) {
		Bytes one = plainFrame(100, 3), two = plainFrame(40, 4), padded = two;

		writePcap(f.magic, f.big, { one, two });
		open();
		ASSERT_EQ(add("pcap-in=" + path), 0) << err;
		drv->startPair();
		drv->poll(3);
		EXPECT_EQ(stats().rx_frames, 2u);
		EXPECT_EQ(received(0), one);
		padded.resize(60);
		EXPECT_EQ(received(1), padded);
		drv.reset();
		pioemu_nic_destroy(nic);
		nic = nullptr;
	}
}

TEST_F(Wire, PcapInLosesNothingForWantOfDescriptors)
{
	std::vector<Bytes> frames;

	for (uint32_t i = 0; i < 1000; i++)
		frames.push_back(plainFrame(60 + i % 100, (uint8_t)i));
	writePcap({ 0xD4, 0xC3, 0xB2, 0xA1 }, false, frames);
	open();
	ASSERT_EQ(add("pcap-in=" + path), 0);
	drv->startPair();
	drv->poll(50);
	EXPECT_EQ(stats().rx_frames, 256u);
	for (uint32_t i = 0; i < 1000; i++) {
		ASSERT_EQ(received(i), frames[i]) << i;
		drv->rxPost(drv->rxq, 1);
		if (i % 8 == 7)
			drv->poll();
		while (drv->event(drv->rxev))
			;
	}
	EXPECT_EQ(stats().rx_frames, 1000u);
	EXPECT_EQ(stats().rx_drop_nodesc, 0u);
	drv->poll(10);
	EXPECT_EQ(stats().rx_frames, 1000u) << "each frame once";
}

TEST_F(Wire, PcapInWaitsForQueuesThatAreJustStarting)
{
	Driver::Filter f;
	Rxq late;

	writePcap({ 0xD4, 0xC3, 0xB2, 0xA1 }, false,
		{ plainFrame(60, 1, 0x88B6), plainFrame(61, 1, 0x88B6) });
	open();
	drv->startPair();
	f.match = 0x40;
	f.ethertype = 0x88B6;
	f.queue = 5;
	ASSERT_EQ(drv->filterInsert(f), 0);
	ASSERT_EQ(add("pcap-in=" + path), 0);
	drv->poll(3);
	EXPECT_EQ(stats().rx_drop_filter, 0u);
	/* for a second: then it is dropped like any frame for a queue that is not there */
	now += 1000000000;
	drv->poll();
	EXPECT_EQ(stats().rx_drop_filter, 2u);
	drv.reset();
	pioemu_nic_destroy(nic);
	open();
	drv->startPair();
	ASSERT_EQ(drv->filterInsert(f), 0);
	ASSERT_EQ(add("pcap-in=" + path), 0);
	drv->poll(3);
	ASSERT_EQ(drv->initRxq(late, 5, 1), 0);
	drv->rxPost(late, 8);
	drv->poll(3);
	EXPECT_EQ(stats(5).rx_frames, 2u);
}

TEST_F(Wire, PcapLoopStartsAgain)
{
	writePcap({ 0xD4, 0xC3, 0xB2, 0xA1 }, false, { plainFrame(60), plainFrame(61) });
	open();
	ASSERT_EQ(add("pcap-loop=" + path), 0);
	drv->startPair();
	drv->poll(10);
	EXPECT_EQ(stats().rx_frames, 256u);
	EXPECT_EQ(received(254), plainFrame(60));
	EXPECT_EQ(received(255), plainFrame(61));
	/* an empty file must not be repeated for ever */
	drv.reset();
	pioemu_nic_destroy(nic);
	nic = nullptr;
	writePcap({ 0xD4, 0xC3, 0xB2, 0xA1 }, false, {});
	open();
	ASSERT_EQ(add("pcap-loop=" + path), 0);
	drv->startPair();
	drv->poll(3);
	EXPECT_EQ(stats().rx_frames, 0u);
}

TEST_F(Wire, DamagedFilesEndQuietly)
{
	Bytes file;

	writePcap({ 0xD4, 0xC3, 0xB2, 0xA1 }, false, { plainFrame(60), Bytes(9300), plainFrame(80) });
	file = readFile();
	file.resize(file.size() - 10);
	std::ofstream(path, std::ios::binary).write((const char *)file.data(),
		(std::streamsize)file.size());
	open();
	ASSERT_EQ(add("pcap-in=" + path), 0);
	drv->startPair();
	drv->poll(3);
	EXPECT_EQ(stats().rx_frames, 1u) << "one too long, one cut off";
}

TEST_F(Wire, SpecErrorsSayWhy)
{
	open();
	EXPECT_EQ(add("nonsense"), -EINVAL);
	EXPECT_NE(strstr(err, "nonsense"), nullptr);
	EXPECT_EQ(add("tap="), -EINVAL);
	EXPECT_EQ(add("pcap-out"), -EINVAL);
	EXPECT_EQ(add(""), -EINVAL);
	EXPECT_EQ(add("pcap-in=/nonexistent/file"), -ENOENT);
	EXPECT_NE(strstr(err, "/nonexistent/file"), nullptr);
	EXPECT_EQ(add("tap=this-name-is-too-long"), -EINVAL);
	EXPECT_EQ(add("pcap-in=" + path), -EINVAL) << "an empty file";
	writePcap({ 0xD4, 0xC3, 0xB2, 0xA1 }, false, {}, 101);
	EXPECT_EQ(add("pcap-in=" + path), -EINVAL) << "not Ethernet";
	EXPECT_EQ(pioemu_vf_wire_add_spec(vf, "nonsense", nullptr, 0), -EINVAL);
	EXPECT_EQ(add("none"), 0);
	EXPECT_EQ(add("loopback,loopback,nonsense"), -EINVAL);
	for (int i = 0; i < 8; i++) /* all of them: the mistake has left none */
		EXPECT_EQ(add("loopback"), 0);
	EXPECT_EQ(add("pcap-out=" + path), -ENOSPC);
}

TEST_F(Wire, PcapOutIsReadableWhenIdle)
{
	Bytes one = plainFrame(100), two = plainFrame(30), want;

	open();
	ASSERT_EQ(add("pcap-out=" + path + ",loopback"), 0) << err;
	drv->startPair();
	drv->txFrame(drv->txq, one);
	drv->txFrame(drv->txq, two);
	drv->txPush(drv->txq);
	drv->poll(20);
	Bytes file = readFile();
	ASSERT_EQ(file.size(), 24u + 16 + 100 + 16 + 60);
	EXPECT_EQ(get32(file.data()), 0xA1B23C4Du);
	EXPECT_EQ(get32(&file[20]), 1u);
	EXPECT_EQ(get32(&file[24 + 8]), 100u);
	EXPECT_EQ(Bytes(file.begin() + 40, file.begin() + 140), one);
	EXPECT_EQ(get32(&file[140 + 8]), 60u);
	EXPECT_EQ(stats().rx_frames, 2u) << "both wires have them";
}

TEST_F(Wire, PeersSeeEachOther)
{
	pioemu_vf *other;

	open();
	conf.mac[0] = 2;
	conf.mac[5] = 0x55;
	ASSERT_EQ(pioemu_vf_create(nic, &conf, &other), 0);
	EXPECT_EQ(pioemu_vf_wire_add_peer(vf, vf), -EINVAL);
	ASSERT_EQ(pioemu_vf_wire_add_peer(vf, other), 0);
	{
		Driver drv2(nic, other);

		drv->startPair();
		drv2.startPair();
		for (int i = 0; i < 10; i++) {
			drv->txFrame(drv->txq, plainFrame(64 + i));
			drv2.txFrame(drv2.txq, plainFrame(164 + i));
		}
		drv->txPush(drv->txq);
		drv2.txPush(drv2.txq);
		drv->poll(3);
		pioemu_stats s;
		pioemu_vf_stats_get(other, PIOEMU_ALL, &s);
		EXPECT_EQ(s.rx_frames, 10u);
		EXPECT_EQ(stats().rx_frames, 10u);
		EXPECT_EQ(get16(drv->rxBuf(drv->rxq, 9) + 8), 173u);
		EXPECT_EQ(get16(drv2.rxBuf(drv2.rxq, 9) + 8), 73u);
	}
	/* one end goes: frames vanish */
	pioemu_vf_destroy(other);
	drv->txFrame(drv->txq, plainFrame(64));
	drv->txPush(drv->txq);
	drv->poll(3);
	EXPECT_EQ(stats().tx_frames, 11u);
}

TEST_F(Wire, CaptureKeepsAsManyAsAsked)
{
	startCapture(3);
	for (int i = 0; i < 5; i++)
		drv->txFrame(drv->txq, plainFrame(60 + i));
	drv->txPush(drv->txq);
	drv->poll(2);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 3u);
	EXPECT_EQ(stats().wire_drops, 2u);
	uint8_t cut[10];
	uint16_t vi = 0;
	EXPECT_EQ(pioemu_vf_capture_take(vf, cut, sizeof(cut), &vi), 60u);
	EXPECT_EQ(vi, 1);
	EXPECT_EQ(taken(), plainFrame(61));
	EXPECT_EQ(taken(), plainFrame(62));
	EXPECT_EQ(taken(), Bytes());
	pioemu_vf_wire_remove_all(vf);
	EXPECT_EQ(pioemu_vf_capture_count(vf), 0u);
	EXPECT_EQ(pioemu_vf_wire_add_capture(vf, 0, nullptr, nullptr), -EINVAL);
}

/* In a network namespace of its own, in a child, so that nothing of the machine changes. */
int
tapChild()
{
	pioemu_nic_config nic_conf;
	pioemu_vf_config conf;
	pioemu_vf *vf;
	char err[160];

	if (unshare(CLONE_NEWNET) != 0)
		return 77;
	pioemu_nic_config_default(&nic_conf);
	pioemu_vf_config_default(&conf);
	pioemu_nic *nic = pioemu_nic_create(&nic_conf);
	if (pioemu_vf_create(nic, &conf, &vf) != 0)
		return 1;
	int rc = pioemu_vf_wire_add_spec(vf, "tap=ptest0", err, sizeof(err));
	if (rc == -ENOENT || rc == -EPERM || rc == -EACCES)
		return 77;
	if (rc != 0)
		return 2;
	{
		Driver drv(nic, vf);
		struct ifreq ifr = {};
		int sock = socket(AF_PACKET, SOCK_RAW, htons(0x0003));

		strcpy(ifr.ifr_name, "ptest0");
		if (sock < 0 || ioctl(sock, SIOCGIFFLAGS, &ifr) != 0 || !(ifr.ifr_flags & IFF_UP))
			return 3;
		if (setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, "ptest0", 7) != 0)
			return 4;
		drv.startPair();
		/* out: the kernel sees it on the interface */
		Bytes frame = plainFrame(70), got(2048);
		drv.txFrame(drv.txq, frame);
		drv.txPush(drv.txq);
		drv.poll(2);
		for (;;) {
			ssize_t n = recv(sock, got.data(), got.size(), MSG_DONTWAIT);

			if (n < 0)
				return 5;
			if (n == 70 && memcmp(got.data(), frame.data(), 70) == 0)
				break;
		}
		/* in: what the kernel sends there comes to the driver, whatever else it sends */
		struct ifreq idx = {};
		strcpy(idx.ifr_name, "ptest0");
		ioctl(sock, SIOCGIFINDEX, &idx);
		close(sock);
		sock = socket(AF_PACKET, SOCK_RAW, 0);
		if (setsockopt(sock, SOL_SOCKET, SO_BINDTODEVICE, "ptest0", 7) != 0)
			return 6;
		struct sockaddr_ll to = {};
		to.sll_family = AF_PACKET;
		to.sll_ifindex = idx.ifr_ifindex;
		to.sll_halen = 6;
		if (sendto(sock, frame.data(), 70, 0, (struct sockaddr *)&to, sizeof(to)) != 70)
			return 7;
		bool found = false;
		for (int i = 0; i < 100000 && !found; i++) {
			drv.poll();
			for (uint32_t b = 0; b < 16; b++)
				found = found || memcmp(drv.rxBuf(drv.rxq, b) + 14, frame.data(), 70) == 0;
		}
		close(sock);
		if (!found)
			return 8;
	}
	pioemu_nic_destroy(nic);
	return 0;
}

TEST(WireTap, FramesBothWays)
{
	pid_t pid = fork();
	int status;

	ASSERT_GE(pid, 0);
	if (pid == 0)
		_exit(tapChild());
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_TRUE(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		GTEST_SKIP() << "no right to make a network namespace or a TAP interface";
	EXPECT_EQ(WEXITSTATUS(status), 0);
}

} /* namespace */
