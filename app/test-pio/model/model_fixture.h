/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef MODEL_FIXTURE_H
#define MODEL_FIXTURE_H

#include <gtest/gtest.h>

#include <cerrno>

#include <memory>
#include <string>

#include "mini_driver.h"

namespace mini {

/* A controller with one VF and a driver; the clock stands still until a test moves it. */
class ModelTest : public ::testing::Test {
protected:
	pioemu_nic_config nic_conf;
	pioemu_vf_config conf;
	pioemu_nic *nic = nullptr;
	pioemu_vf *vf = nullptr;
	std::unique_ptr<Driver> drv;
	uint64_t now = 1000000000;
	bool expect_clean = true;	/* no violation may be left at the end */

	ModelTest()
	{
		pioemu_nic_config_default(&nic_conf);
		pioemu_vf_config_default(&conf);
		nic_conf.now_ns = [](void *arg) { return *static_cast<uint64_t *>(arg); };
		nic_conf.now_arg = &now;
		conf.nb_vis = 16;
	}

	void open(uint32_t perm = PIOEMU_DMA_READ | PIOEMU_DMA_WRITE)
	{
		nic = pioemu_nic_create(&nic_conf);
		ASSERT_NE(nic, nullptr);
		ASSERT_EQ(pioemu_vf_create(nic, &conf, &vf), 0);
		drv = std::make_unique<Driver>(nic, vf, perm);
	}

	void startLoopback()
	{
		open();
		ASSERT_EQ(pioemu_vf_wire_add_spec(vf, "loopback", nullptr, 0), 0);
		drv->startPair();
	}

	void startCapture(uint32_t frames = 4096)
	{
		open();
		ASSERT_EQ(pioemu_vf_wire_add_capture(vf, frames, nullptr, nullptr), 0);
		drv->startPair();
	}

	Bytes taken()
	{
		Bytes frame(16384);

		frame.resize(pioemu_vf_capture_take(vf, frame.data(), (uint32_t)frame.size(),
			nullptr));
		return frame;
	}

	uint64_t violations(enum pioemu_violation id)
	{
		return pioemu_vf_violation_get(vf, id, nullptr);
	}

	/* exactly these, and nothing else */
	void expectViolation(enum pioemu_violation id, uint64_t nb = 1)
	{
		pioemu_violation_info info;

		EXPECT_EQ(pioemu_vf_violation_get(vf, id, &info), nb)
			<< pioemu_violation_name(id) << ": " << info.last;
		EXPECT_STRNE(info.last, "");
		pioemu_vf_violation_reset(vf);
		pioemu_vf_violation_reset(vf);
		EXPECT_EQ(pioemu_vf_violation_total(vf), 0u);
	}

	pioemu_stats stats(uint16_t vi = PIOEMU_ALL)
	{
		pioemu_stats s;

		pioemu_vf_stats_get(vf, vi, &s);
		return s;
	}

	std::string dump()
	{
		char *text = nullptr;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		pioemu_vf_dump(vf, out);
		fclose(out);
		std::string s(text, len);
		free(text);
		return s;
	}

	void TearDown() override
	{
		if (nic == nullptr)
			return;
		if (expect_clean) {
			EXPECT_EQ(pioemu_vf_violation_total(vf), 0u) << dump();
		}
		drv.reset();
		pioemu_nic_destroy(nic);
	}
};

/* The same with both kinds of BAR */
class ModelBar : public ModelTest, public ::testing::WithParamInterface<bool> {
protected:
	ModelBar() { conf.bar_trapping = GetParam(); }
};

inline std::string
barName(const ::testing::TestParamInfo<bool> &info)
{
	return info.param ? "trapping" : "polled";
}

#define INSTANTIATE_BARS(suite) \
	INSTANTIATE_TEST_SUITE_P(Bar, suite, ::testing::Bool(), barName)

} /* namespace mini */

#endif /* MODEL_FIXTURE_H */
