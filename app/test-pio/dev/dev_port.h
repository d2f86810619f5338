/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef DEV_PORT_H
#define DEV_PORT_H

/*
 * A port of net_piopmd on the emulator, for tests through ethdev.
 *
 * The program runs below `pioemu run --wire none`. A test attaches the VF with the device arguments it
 * needs, sees what leaves through a capture wire, and injects what arrives. At its end the fixture
 * detaches and requires that nothing is left: no resource in the adapter, no mbuf outside the pool, no
 * memory, descriptor or mapping of the process, no violation seen by the model.
 */

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "emu/pioemu.h"
#include "mbuf_chain.h"

using Frame = std::vector<uint8_t>;

/* What a process holds; compared before and after. */
struct ProcessUse {
	size_t nb_fds;
	size_t nb_maps;
	size_t heap_bytes;
	size_t nb_memzones;

	static ProcessUse now();
};

class DevPort : public ::testing::Test {
protected:
	static const struct pioemu_ctl *ctl;
	struct pioemu_vf *vf = nullptr;
	struct rte_mempool *pool = nullptr;
	unsigned int pool_size = 0;
	uint16_t port = RTE_MAX_ETHPORTS;
	uint16_t vf_nb = 0;
	struct rte_ether_addr mac;
	struct rte_eth_conf conf;
	uint16_t nb_rxd = 512;
	uint16_t nb_txd = 512;
	ProcessUse use_before;
	bool expect_violations = false;

	void SetUp() override;
	void TearDown() override;

	static std::string pci_name(uint16_t vf_nb);
	/* "class=pio" and more; returns the result of rte_dev_probe() */
	int attach(const std::string &args = "class=pio");
	int detach();
	bool attached() const { return port != RTE_MAX_ETHPORTS; }
	/* configure and set up queues with conf, nb_rxd, nb_txd */
	int configure(uint16_t nb_rxq, uint16_t nb_txq);
	/* attach, configure, start; fails the test on error */
	void up(uint16_t nb_rxq = 1, uint16_t nb_txq = 1, const std::string &args = "class=pio");
	/* a pool of its own, in place of the default one */
	void pool_use(unsigned int nb, uint16_t data_room);

	/* a frame of len bytes (without FCS) whose bytes depend on seq */
	Frame frame(uint32_t len, uint32_t seq) const;
	Frame frame_to(const struct rte_ether_addr &dst, uint32_t len, uint32_t seq) const;
	/* what the wire makes of it */
	static Frame padded(Frame f);
	/* an mbuf of nb_segs pieces */
	struct rte_mbuf *mbuf(const Frame &f, unsigned int nb_segs = 1) const
	{
		return mbuf_chain(pool, f, nb_segs);
	}
	/* sends all, with retries up to a deadline; false: not all were taken */
	bool send(uint16_t queue, const std::vector<Frame> &frames, unsigned int burst = 32,
		  unsigned int nb_segs = 1);
	/* everything that leaves within the deadline, until nb frames are there */
	std::vector<Frame> captured(size_t nb);
	/* waits for cond, up to ms */
	static bool wait_for(const std::function<bool()> &cond, unsigned int ms = 3000);
	void capture_on(uint32_t max_frames = 8192);
	enum pioemu_rx_result inject(const Frame &f, uint32_t flags = 0);
	/* receives nb frames of a queue, or what comes within the deadline */
	std::vector<struct rte_mbuf *> receive(uint16_t queue, size_t nb, unsigned int ms = 2000);
	static Frame bytes_of(const struct rte_mbuf *m);
	/* all of them leave through a queue as they are, and the last one comes in by queue 0 */
	void frames_pass(uint16_t queue, const std::vector<Frame> &frames);
	uint64_t xstat(const std::string &name);
	struct pioemu_stats emu_stats(uint16_t vi = PIOEMU_ALL);
	struct pioemu_vf_resources resources();
	std::string violations();
};

#endif /* DEV_PORT_H */
