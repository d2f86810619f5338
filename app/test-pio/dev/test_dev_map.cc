/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The mapping ladder against what a kernel may refuse. PIO_MAP_FAULT names what `pioemu run
 * --sysfs-fault` of this run refuses; every refusal must lead to the next rung with its own errno and
 * reason, and never to a wrong mapping or a signal.
 */

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include <rte_pio.h>

#include "dev_port.h"

namespace {

struct Refusal {
	int error;		/* of rung split; 0: taken */
	const char *reason;	/* part of it */
	enum rte_pio_map_kind granted;
};

const std::map<std::string, Refusal> refusals = {
	{ "none", { 0, "", RTE_PIO_MAP_WC } },
	{ "no-wc", { ENOENT, "resource0_wc", RTE_PIO_MAP_UC } },
	{ "eacces", { EACCES, "may not be opened", RTE_PIO_MAP_UC } },
	{ "wc-eacces", { EACCES, "may not be opened", RTE_PIO_MAP_UC } },
	{ "eperm", { EPERM, "locked down", RTE_PIO_MAP_UC } },
	{ "einval", { EINVAL, "claimed", RTE_PIO_MAP_UC } },
	{ "claimed-at-open", { EBUSY, "claims the BAR when", RTE_PIO_MAP_UC } },
	{ "older-uc", { EEXIST, "older mapping", RTE_PIO_MAP_UC } },
	{ "reg-wc", { EFAULT, "register page", RTE_PIO_MAP_UC } },
	{ "no-memtype", { 0, "", RTE_PIO_MAP_UNKNOWN } },
	{ "memtype-eacces", { 0, "", RTE_PIO_MAP_UNKNOWN } },
};

class MapLadder : public DevPort {
protected:
	Refusal refusal;

	void SetUp() override
	{
		const char *fault = getenv("PIO_MAP_FAULT");
		auto it = refusals.find(fault == nullptr ? "none" : fault);

		ASSERT_NE(it, refusals.end()) << fault;
		refusal = it->second;
		DevPort::SetUp();
	}

	static const struct rte_pio_wc_rung *rung(const struct rte_pio_wc_info &info, const char *name)
	{
		for (uint16_t i = 0; i < info.nb_rungs; i++) {
			if (strcmp(info.rungs[i].name, name) == 0)
				return &info.rungs[i];
		}
		return nullptr;
	}

	/* on each queue a frame by PIO, one by the ring, one in */
	void traffic_works()
	{
		ASSERT_EQ(configure(1, 2), 0);
		ASSERT_EQ(rte_eth_dev_start(port), 0);
		capture_on();
		for (uint16_t q = 0; q < 2; q++)
			frames_pass(q, { frame(64, 1), frame(1000, 2) });
		EXPECT_EQ(emu_stats().tx_pio_frames, 2u);
		ASSERT_EQ(rte_eth_dev_stop(port), 0);
	}
};

TEST_F(MapLadder, AutoTakesTheBestRungThatIsGranted)
{
	struct rte_pio_wc_info info;

	ASSERT_EQ(attach("class=pio,pio_txqs=[0-1]"), 0);
	ASSERT_EQ(rte_pio_wc_info_get(port, &info), 0);
	EXPECT_EQ(info.asked, RTE_PIO_MAP_WC);
	EXPECT_EQ(info.granted, refusal.granted);
	const struct rte_pio_wc_rung *kernel = rung(info, "vfio-wc");
	ASSERT_NE(kernel, nullptr);
	EXPECT_EQ(kernel->error, -ENOTSUP);
	EXPECT_NE(kernel->reason[0], '\0');
	const struct rte_pio_wc_rung *split = rung(info, "split");
	ASSERT_NE(split, nullptr);
	EXPECT_EQ(split->taken, refusal.error == 0);
	EXPECT_EQ(split->error, -refusal.error) << split->reason;
	EXPECT_NE(strstr(split->reason, refusal.reason), nullptr) << split->reason;
	if (refusal.error != 0) {
		EXPECT_NE(split->advice[0], '\0');
		EXPECT_TRUE(info.rungs[info.nb_rungs - 1].taken);
	}
	traffic_works();
}

TEST_F(MapLadder, SplitIsHadOrTheProbeFails)
{
	int ret = attach("class=pio,pio_map=split,pio_txqs=[0-1]");

	if (refusal.error != 0) {
		EXPECT_NE(ret, 0);
		return;
	}
	ASSERT_EQ(ret, 0);
	traffic_works();
}

TEST_F(MapLadder, VfioNeverTouchesTheFiles)
{
	struct rte_pio_wc_info info;

	ASSERT_EQ(attach("class=pio,pio_map=vfio,pio_txqs=[0-1]"), 0);
	ASSERT_EQ(rte_pio_wc_info_get(port, &info), 0);
	EXPECT_EQ(info.asked, RTE_PIO_MAP_UC);
	EXPECT_EQ(info.granted, RTE_PIO_MAP_UC);
	EXPECT_EQ(rung(info, "split")->error, -ECANCELED);
	traffic_works();
}

TEST_F(MapLadder, RequiredWriteCombiningIsVerifiedOrTheProbeFails)
{
	int ret = attach("class=pio,wc=require,pio_txqs=[0-1]");

	if (refusal.granted != RTE_PIO_MAP_WC) {
		EXPECT_NE(ret, 0);
		return;
	}
	ASSERT_EQ(ret, 0);
	traffic_works();
}

TEST_F(MapLadder, QueueThatRequiresWriteCombining)
{
	struct rte_pio_queue_conf qc;
	struct rte_pio_queue_info qi;

	ASSERT_EQ(attach("class=pio"), 0);
	ASSERT_EQ(configure(1, 1), 0);
	ASSERT_EQ(rte_pio_queue_conf_default(port, &qc), 0);
	qc.wc_policy = RTE_PIO_WC_REQUIRE;
	qc.policy = RTE_PIO_POLICY_REQUIRE;
	int ret = rte_pio_queue_setup(port, 0, &qc);
	struct rte_pio_info info;
	ASSERT_EQ(rte_pio_info_get(port, &info), 0);
	if (refusal.granted == RTE_PIO_MAP_WC || info.store == RTE_PIO_STORE_MOVDIR64B) {
		EXPECT_EQ(ret, 0);
		return;
	}
	EXPECT_EQ(ret, -ENXIO);
	qc.policy = RTE_PIO_POLICY_TRY;
	ASSERT_EQ(rte_pio_queue_setup(port, 0, &qc), 0);
	ASSERT_EQ(rte_pio_queue_info_get(port, 0, &qi), 0);
	EXPECT_EQ(qi.state, RTE_PIO_QUEUE_RING);
	EXPECT_EQ(qi.reason, RTE_PIO_FB_WC);
}

/* Where every 8 bytes are known to cross the bus by themselves, fewer of them pay. */
TEST_F(MapLadder, AdvisedThresholdGoesWithTheMapping)
{
	struct rte_pio_queue_conf qc;
	struct rte_pio_queue_info qi;

	for (const char *args : { "class=pio,pio_txqs=0", "class=pio,pio_txqs=0,pio_map=vfio" }) {
		SCOPED_TRACE(args);
		bool uncached = strstr(args, "vfio") != nullptr || refusal.granted == RTE_PIO_MAP_UC;

		/* a CPU with direct stores combines by itself, so it is tested without, too */
		for (enum rte_pio_store_kind kind : { RTE_PIO_STORE_MOVDIR64B, RTE_PIO_STORE_SCALAR }) {
			uint32_t want = uncached && kind == RTE_PIO_STORE_SCALAR ? 128 : 256;

			if (rte_pio_store_kind_set(kind) != 0)
				continue;
			EXPECT_EQ(attach(args), 0);
			EXPECT_EQ(configure(1, 1), 0);
			EXPECT_EQ(rte_pio_queue_conf_default(port, &qc), 0);
			EXPECT_EQ(qc.threshold, want);
			EXPECT_EQ(qc.mem_min, want + 64);
			/* what pio_txqs opts in follows the advice */
			EXPECT_EQ(rte_pio_queue_info_get(port, 0, &qi), 0);
			EXPECT_EQ(qi.threshold, want);
			EXPECT_EQ(qi.slot_size, want);
			EXPECT_EQ(detach(), 0);
		}
		rte_pio_store_kind_set(RTE_PIO_STORE_AUTO);
	}
}

TEST_F(MapLadder, AttachingAgainAndAgainLeavesNothing)
{
	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(attach("class=pio"), 0);
		ASSERT_EQ(detach(), 0);
		EXPECT_NE(attach("class=pio,pio_threshold=5000"), 0);
	}
}

} /* namespace */
