/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Every command of the management controller and every allocation fails in turn, from probe to close: no
 * crash, no hang, nothing left over, and the device works afterwards.
 */

#include <cerrno>
#include <cstring>
#include <dlfcn.h>

#include <rte_malloc.h>
#include <rte_memzone.h>

#include "flow_port.h"

namespace {

/* Allocations that are still granted; negative: all are. */
int alloc_left = -1;
bool alloc_failed;

/* Counts what the driver and the library ask for, whoever else is in the process. */
bool
alloc_denied(const void *caller)
{
	Dl_info info;

	if (alloc_left < 0 || dladdr(caller, &info) == 0 || info.dli_fname == nullptr ||
	    (strstr(info.dli_fname, "librte_net_piopmd") == nullptr &&
	     strstr(info.dli_fname, "librte_pio_ext") == nullptr))
		return false;
	if (alloc_left-- > 0)
		return false;
	alloc_left = -1;
	alloc_failed = true;
	return true;
}

template <typename F>
F
alloc_real(const char *name)
{
	return reinterpret_cast<F>(dlsym(RTLD_NEXT, name));
}

} /* namespace */

/* The program's definitions come before those of the DPDK libraries. */

extern "C" void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	static auto real = alloc_real<decltype(&rte_zmalloc_socket)>("rte_zmalloc_socket");

	return alloc_denied(__builtin_return_address(0)) ? nullptr : real(type, size, align, socket);
}

extern "C" void *
rte_zmalloc(const char *type, size_t size, unsigned int align)
{
	static auto real = alloc_real<decltype(&rte_zmalloc)>("rte_zmalloc");

	return alloc_denied(__builtin_return_address(0)) ? nullptr : real(type, size, align);
}

extern "C" void *
rte_calloc_socket(const char *type, size_t num, size_t size, unsigned int align, int socket)
{
	static auto real = alloc_real<decltype(&rte_calloc_socket)>("rte_calloc_socket");

	return alloc_denied(__builtin_return_address(0)) ? nullptr :
		real(type, num, size, align, socket);
}

extern "C" void *
rte_calloc(const char *type, size_t num, size_t size, unsigned int align)
{
	static auto real = alloc_real<decltype(&rte_calloc)>("rte_calloc");

	return alloc_denied(__builtin_return_address(0)) ? nullptr : real(type, num, size, align);
}

extern "C" const struct rte_memzone *
rte_memzone_reserve_aligned(const char *name, size_t len, int socket, unsigned int flags,
			    unsigned int align)
{
	static auto real = alloc_real<decltype(&rte_memzone_reserve_aligned)>(
		"rte_memzone_reserve_aligned");

	if (alloc_denied(__builtin_return_address(0))) {
		rte_errno = ENOMEM;
		return nullptr;
	}
	return real(name, len, socket, flags, align);
}

extern "C" const struct rte_memzone *
rte_eth_dma_zone_reserve(const struct rte_eth_dev *dev, const char *name, uint16_t queue, size_t size,
			 unsigned int align, int socket)
{
	static auto real = alloc_real<const struct rte_memzone *(*)(const struct rte_eth_dev *,
		const char *, uint16_t, size_t, unsigned int, int)>("rte_eth_dma_zone_reserve");

	if (alloc_denied(__builtin_return_address(0))) {
		rte_errno = ENOMEM;
		return nullptr;
	}
	return real(dev, name, queue, size, align, socket);
}

namespace {

class FaultsOfTheDevice : public FlowPort {
protected:
	void SetUp() override
	{
		FlowPort::SetUp();
		conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	}

	void TearDown() override
	{
		alloc_left = -1;
		FlowPort::TearDown();
	}

	/* everything from probe to close; how far it gets is up to the fault */
	void life()
	{
		if (attach("class=pio,pio_txqs=0") != 0)
			return;
		if (configure(2, 2) == 0 && rte_eth_dev_start(port) == 0) {
			rte_eth_promiscuous_enable(port);
			rte_eth_dev_set_mtu(port, 1400);
			struct rte_eth_stats stats;
			rte_eth_stats_get(port, &stats);
			rules();
			rte_eth_dev_rx_queue_stop(port, 1);
			rte_eth_dev_rx_queue_start(port, 1);
			rte_eth_dev_tx_queue_stop(port, 0);
			rte_eth_dev_tx_queue_start(port, 0);
		}
		EXPECT_EQ(detach(), 0);
	}

	void rules()
	{
		const uint16_t queues[] = { 0, 1 };
		struct rte_flow_action_rss rss = {};

		rss.queue = queues;
		rss.queue_num = 2;
		struct rte_flow *flow = spread(Pattern().eth(), rss);
		to_queue(Pattern().eth(nullptr, nullptr, 0x0806), 1);
		if (flow != nullptr)
			rte_flow_destroy(port, flow, &error);
	}

	void works()
	{
		up(1, 1, "class=pio,pio_txqs=0");
		capture_on();
		ASSERT_TRUE(send(0, { frame(64, 1), frame(900, 2) }));
		EXPECT_EQ(captured(2).size(), 2u);
		EXPECT_EQ(emu_stats().tx_pio_frames, 1u);
		ctl->vf_wire_remove_all(vf);
		ctl->vf_stats_reset(vf);
		ASSERT_EQ(detach(), 0);
	}

	/* each command in turn; the device must work after any of them */
	void each_command(enum pioemu_mcdi_action action, uint32_t err)
	{
		ASSERT_EQ(attach(), 0);
		ASSERT_EQ(detach(), 0);
		ctl->vf_stats_reset(vf);
		life();
		uint64_t nb = emu_stats().mcdi_requests;
		ASSERT_GT(nb, 30u);
		for (uint32_t i = 0; i < nb; i++) {
			SCOPED_TRACE("command " + std::to_string(i));
			struct pioemu_mcdi_fault fault = { PIOEMU_MCDI_ANY, i, 1, action, err };

			ASSERT_EQ(ctl->vf_mcdi_fault_add(vf, &fault), 0);
			life();
			ctl->vf_mcdi_fault_clear(vf);
			if (HasFailure())
				return;
		}
		works();
		/* a command that is refused is not the driver's fault */
		ctl->vf_violation_reset(vf);
	}
};

TEST_F(FaultsOfTheDevice, EachCommandRefused)
{
	each_command(PIOEMU_MCDI_FAIL, 0x05);
}

TEST_F(FaultsOfTheDevice, EachCommandForbidden)
{
	each_command(PIOEMU_MCDI_FAIL, 0x01);
}

TEST_F(FaultsOfTheDevice, EachCommandCarriedOutAndThenRefused)
{
	each_command(PIOEMU_MCDI_FAIL_AFTER, 0x0b);
}

TEST_F(FaultsOfTheDevice, EachResponseCutShort)
{
	each_command(PIOEMU_MCDI_SHORT, 0);
}

TEST_F(FaultsOfTheDevice, EachResponseIsForeign)
{
	each_command(PIOEMU_MCDI_BAD_SEQ, 0);
}

TEST_F(FaultsOfTheDevice, McRebootsAtEachCommand)
{
	each_command(PIOEMU_MCDI_ZERO_ERROR, 0);
}

TEST_F(FaultsOfTheDevice, EachAllocationFails)
{
	life();
	int nb = 0;

	for (;; nb++) {
		SCOPED_TRACE("allocation " + std::to_string(nb));
		ProcessUse before = ProcessUse::now();

		alloc_failed = false;
		alloc_left = nb;
		life();
		alloc_left = -1;
		if (!alloc_failed)
			break;
		ProcessUse after = ProcessUse::now();
		ASSERT_EQ(after.heap_bytes, before.heap_bytes);
		ASSERT_EQ(after.nb_memzones, before.nb_memzones);
		ASSERT_EQ(after.nb_maps, before.nb_maps);
		ASSERT_LT(nb, 1000);
	}
	EXPECT_GT(nb, 20);
	works();
}

} /* namespace */
