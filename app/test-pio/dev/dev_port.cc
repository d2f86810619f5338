/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <algorithm>
#include <cstring>
#include <dirent.h>
#include <dlfcn.h>
#include <fstream>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_interrupts.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_random.h>

#include "dev_port.h"

const struct pioemu_ctl *DevPort::ctl;

ProcessUse
ProcessUse::now()
{
	ProcessUse use = {};
	DIR *dir = opendir("/proc/self/fd");

	while (readdir(dir) != nullptr)
		use.nb_fds++;
	closedir(dir);

	/* mappings of files: the heap of libc comes and goes as it likes */
	std::ifstream maps("/proc/self/maps");
	std::string line;
	while (std::getline(maps, line))
		use.nb_maps += line.find("resource0") != std::string::npos ||
			line.find("/vf") != std::string::npos;

	struct rte_malloc_socket_stats stats;
	if (rte_malloc_get_socket_stats(0, &stats) == 0)
		use.heap_bytes = stats.heap_allocsz_bytes;
	rte_memzone_walk([](const struct rte_memzone *, void *arg) {
		static_cast<ProcessUse *>(arg)->nb_memzones++;
	}, &use);
	return use;
}

void
DevPort::SetUp()
{
	if (ctl == nullptr) {
		void *sym = dlsym(RTLD_DEFAULT, PIOEMU_CTL_SYMBOL);
		ASSERT_NE(sym, nullptr) << "run below pioemu run --wire none";
		ctl = reinterpret_cast<pioemu_ctl_get_fn>(sym)(PIOEMU_VERSION);
		ASSERT_NE(ctl, nullptr);
	}
	memset(&conf, 0, sizeof(conf));
	/* what ethdev and the libraries make at their first use and keep */
	static bool first = true;
	if (first) {
		ASSERT_EQ(attach("class=pio,pio_txqs=0"), 0);
		ASSERT_EQ(detach(), 0);
		ASSERT_GE(rte_intr_tls_epfd(), 0);
		first = false;
	}
	pool_use(4095, RTE_MBUF_DEFAULT_BUF_SIZE);
}

void
DevPort::TearDown()
{
	if (attached()) {
		EXPECT_EQ(detach(), 0);
	}
	if (vf != nullptr) {
		ctl->vf_mcdi_fault_clear(vf);
		ctl->vf_hold_set(vf, PIOEMU_ALL, 0);
		ctl->vf_wire_remove_all(vf);
		struct pioemu_vf_resources res = resources();
		EXPECT_EQ(res.nb_vis, 0);
		EXPECT_EQ(res.nb_piobufs, 0);
		EXPECT_EQ(res.nb_pio_links, 0);
		EXPECT_EQ(res.nb_filters, 0);
		EXPECT_EQ(res.nb_rss, 0);
		EXPECT_EQ(res.nb_evqs + res.nb_rxqs + res.nb_txqs, 0);
		EXPECT_FALSE(res.attached);
		EXPECT_FALSE(res.vadaptor);
		EXPECT_FALSE(res.stats_dma);
		if (!expect_violations) {
			EXPECT_EQ(violations(), "");
		}
		ctl->vf_violation_reset(vf);
		ctl->vf_stats_reset(vf);
	}
	if (pool != nullptr) {
		EXPECT_EQ(rte_mempool_avail_count(pool), pool_size);
		/* the emulator's threads close their own descriptors a little later */
		ProcessUse use;
		wait_for([&] {
			use = ProcessUse::now();
			return use.nb_fds <= use_before.nb_fds;
		}, 2000);
		/* fewer: something of the test before was still open when this one began */
		EXPECT_LE(use.nb_fds, use_before.nb_fds);
		EXPECT_EQ(use.nb_maps, use_before.nb_maps);
		EXPECT_EQ(use.heap_bytes, use_before.heap_bytes);
		EXPECT_EQ(use.nb_memzones, use_before.nb_memzones);
		rte_mempool_free(pool);
	}
}

void
DevPort::pool_use(unsigned int nb, uint16_t data_room)
{
	rte_mempool_free(pool);
	pool = rte_pktmbuf_pool_create("dev_port", nb, 0, 0, data_room, 0);
	ASSERT_NE(pool, nullptr);
	pool_size = nb;
	/* what the emulator's threads still have open of the last test goes within milliseconds */
	use_before = ProcessUse::now();
	for (int i = 0; i < 10; i++) {
		usleep(2000);
		use_before.nb_fds = std::min(use_before.nb_fds, ProcessUse::now().nb_fds);
	}
}

std::string
DevPort::pci_name(uint16_t vf_nb)
{
	return "0000:01:00." + std::to_string(vf_nb + 1);
}

int
DevPort::attach(const std::string &args)
{
	std::string name = pci_name(vf_nb);
	int ret = rte_dev_probe((name + "," + args).c_str());

	/* the model's VFs exist from the first open of the device on */
	vf = ctl->vf_by_index(vf_nb);
	if (ret != 0)
		return ret;
	if (rte_eth_dev_get_port_by_name(name.c_str(), &port) != 0) {
		port = RTE_MAX_ETHPORTS;
		return -ENODEV;
	}
	return rte_eth_macaddr_get(port, &mac);
}

int
DevPort::detach()
{
	struct rte_eth_dev_info info;
	int ret = rte_eth_dev_info_get(port, &info);

	if (ret != 0)
		return ret;
	ret = rte_eth_dev_stop(port);
	if (ret != 0)
		ADD_FAILURE() << "stop: " << ret;
	if (rte_eth_dev_close(port) != 0)
		ADD_FAILURE() << "close";
	port = RTE_MAX_ETHPORTS;
	return rte_dev_remove(info.device);
}

int
DevPort::configure(uint16_t nb_rxq, uint16_t nb_txq)
{
	int ret = rte_eth_dev_configure(port, nb_rxq, nb_txq, &conf);

	for (uint16_t q = 0; q < nb_rxq && ret == 0; q++)
		ret = rte_eth_rx_queue_setup(port, q, nb_rxd, 0, nullptr, pool);
	for (uint16_t q = 0; q < nb_txq && ret == 0; q++)
		ret = rte_eth_tx_queue_setup(port, q, nb_txd, 0, nullptr);
	return ret;
}

void
DevPort::up(uint16_t nb_rxq, uint16_t nb_txq, const std::string &args)
{
	ASSERT_EQ(attach(args), 0);
	ASSERT_EQ(configure(nb_rxq, nb_txq), 0);
	ASSERT_EQ(rte_eth_dev_start(port), 0);
}

Frame
DevPort::frame_to(const struct rte_ether_addr &dst, uint32_t len, uint32_t seq) const
{
	Frame f(len);
	uint64_t x = seq * UINT64_C(0x9e3779b97f4a7c15) + len;

	for (uint32_t i = 0; i < len; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		f[i] = static_cast<uint8_t>(x >> 56);
	}
	memcpy(&f[0], &dst, 6);
	memcpy(&f[6], &mac, 6);
	f[12] = 0x88; /* local experimental Ethernet type 1 */
	f[13] = 0xb5;
	if (len >= 18) {
		f[14] = static_cast<uint8_t>(seq >> 24);
		f[15] = static_cast<uint8_t>(seq >> 16);
		f[16] = static_cast<uint8_t>(seq >> 8);
		f[17] = static_cast<uint8_t>(seq);
	}
	return f;
}

Frame
DevPort::frame(uint32_t len, uint32_t seq) const
{
	return frame_to(mac, len, seq);
}

Frame
DevPort::padded(Frame f)
{
	if (f.size() < 60)
		f.resize(60, 0);
	return f;
}

bool
DevPort::wait_for(const std::function<bool()> &cond, unsigned int ms)
{
	uint64_t end = rte_get_timer_cycles() + ms * rte_get_timer_hz() / 1000;

	while (!cond()) {
		if (rte_get_timer_cycles() > end)
			return cond();
		rte_delay_us_sleep(50);
	}
	return true;
}

bool
DevPort::send(uint16_t queue, const std::vector<Frame> &frames, unsigned int burst,
	      unsigned int nb_segs)
{
	size_t at = 0;

	while (at < frames.size()) {
		struct rte_mbuf *pkts[64];
		uint16_t n = 0;
		uint16_t sent = 0;

		while (n < burst && n < 64 && at + n < frames.size()) {
			if (!wait_for([&] {
				pkts[n] = mbuf(frames[at + n], nb_segs);
				if (pkts[n] == nullptr)
					rte_eth_tx_done_cleanup(port, queue, 0);
				return pkts[n] != nullptr;
			    }))
				break;
			n++;
		}
		bool all = wait_for([&] {
			sent += rte_eth_tx_burst(port, queue, pkts + sent, n - sent);
			return sent == n;
		});
		for (uint16_t i = sent; i < n; i++)
			rte_pktmbuf_free(pkts[i]);
		if (!all || n == 0)
			return false;
		at += n;
	}
	return true;
}

void
DevPort::capture_on(uint32_t max_frames)
{
	ASSERT_EQ(ctl->vf_wire_add_capture(vf, max_frames, nullptr, nullptr), 0);
}

std::vector<Frame>
DevPort::captured(size_t nb)
{
	std::vector<Frame> frames;
	uint8_t buf[16384];

	wait_for([&] {
		uint32_t len;

		while ((len = ctl->vf_capture_take(vf, buf, sizeof(buf), nullptr)) != 0)
			frames.emplace_back(buf, buf + len);
		return frames.size() >= nb;
	});
	return frames;
}

enum pioemu_rx_result
DevPort::inject(const Frame &f, uint32_t flags)
{
	return ctl->vf_frame_inject(vf, f.data(), static_cast<uint32_t>(f.size()), flags);
}

std::vector<struct rte_mbuf *>
DevPort::receive(uint16_t queue, size_t nb, unsigned int ms)
{
	std::vector<struct rte_mbuf *> got;

	wait_for([&] {
		struct rte_mbuf *pkts[32];
		uint16_t n = rte_eth_rx_burst(port, queue, pkts, 32);

		got.insert(got.end(), pkts, pkts + n);
		return got.size() >= nb;
	}, ms);
	return got;
}

Frame
DevPort::bytes_of(const struct rte_mbuf *m)
{
	Frame f;

	for (; m != nullptr; m = m->next) {
		const uint8_t *p = rte_pktmbuf_mtod(m, const uint8_t *);

		f.insert(f.end(), p, p + m->data_len);
	}
	return f;
}

void
DevPort::frames_pass(uint16_t queue, const std::vector<Frame> &frames)
{
	ASSERT_TRUE(send(queue, frames));
	EXPECT_EQ(captured(frames.size()), frames);
	ASSERT_EQ(inject(frames.back()), PIOEMU_RX_OK);
	std::vector<struct rte_mbuf *> got = receive(0, 1);
	ASSERT_EQ(got.size(), 1u);
	EXPECT_EQ(bytes_of(got[0]), frames.back());
	rte_pktmbuf_free(got[0]);
}

uint64_t
DevPort::xstat(const std::string &name)
{
	uint64_t id, value;

	if (rte_eth_xstats_get_id_by_name(port, name.c_str(), &id) != 0 ||
	    rte_eth_xstats_get_by_id(port, &id, &value, 1) != 1) {
		ADD_FAILURE() << "no xstat " << name;
		return UINT64_MAX;
	}
	return value;
}

struct pioemu_stats
DevPort::emu_stats(uint16_t vi)
{
	struct pioemu_stats stats = {};

	EXPECT_EQ(ctl->vf_stats_get(vf, vi, &stats), 0);
	return stats;
}

struct pioemu_vf_resources
DevPort::resources()
{
	struct pioemu_vf_resources res = {};

	ctl->vf_resources_get(vf, &res);
	return res;
}

std::string
DevPort::violations()
{
	std::string text;

	for (int i = 0; i < PIOEMU_VIOLATION_NUM; i++) {
		struct pioemu_violation_info info;
		enum pioemu_violation id = static_cast<enum pioemu_violation>(i);

		if (ctl->vf_violation_get(vf, id, &info) != 0)
			text += std::string(ctl->violation_name(id)) + " " +
				std::to_string(info.count) + " " + info.last + "\n";
	}
	return text;
}
