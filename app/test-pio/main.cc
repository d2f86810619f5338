/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Entry of dpdk-test-pio: one EAL for the whole program, since EAL cannot be started twice.
 *
 *	dpdk-test-pio [--gtest_...] [--huge] [--observe] [EAL options]
 *
 *	--huge		huge pages
 *	--observe	telemetry, and traces of what a test switches on; both in a directory that is
 *			removed at the end
 *
 * EAL options are added to the defaults below. By default no device is probed, while the PCI bus
 * is scanned: a test attaches the VF that it needs, with the device arguments that it needs, by
 * rte_dev_probe().
 */

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "first_cpu.h"

namespace {

bool
has_option(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return false;
}

/* A directory for what EAL writes; it goes with the program. */
class ScratchDir {
public:
	ScratchDir()
	{
		char name[] = "/tmp/dpdk-test-pio.XXXXXX";

		path = mkdtemp(name) != nullptr ? name : "";
		/* where telemetry has its socket */
		setenv("RUNTIME_DIRECTORY", path.c_str(), 1);
	}

	~ScratchDir()
	{
		std::error_code ignored;

		std::filesystem::remove_all(path, ignored);
	}

	std::string path;
};

} /* namespace */

int
main(int argc, char **argv)
{
	/* takes its own options out of argv, wherever they stand */
	::testing::InitGoogleTest(&argc, argv);
	if (::testing::GTEST_FLAG(list_tests))
		return RUN_ALL_TESTS();

	/* --no-shconf: no file outlives the run, and programs may run side by side */
	std::vector<const char *> args = {
		argv[0], "--no-shconf", "--lcores", first_cpu_lcore(),
	};
	std::unique_ptr<ScratchDir> scratch;
	std::string trace_dir;
	if (has_option(argc, argv, "--observe")) {
		scratch = std::make_unique<ScratchDir>();
		trace_dir = "--trace-dir=" + scratch->path;
		args.push_back(trace_dir.c_str());
	} else {
		args.push_back("--no-telemetry");
	}
	if (!has_option(argc, argv, "--huge")) {
		args.insert(args.end(), { "--no-huge", "-m", "256" });
	}
	/* an address that no device has: nothing is probed until a test asks */
	if (!has_option(argc, argv, "-a"))
		args.insert(args.end(), { "-a", "ffff:ff:1f.7" });
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--huge") != 0 && strcmp(argv[i], "--observe") != 0)
			args.push_back(argv[i]);
	}
	args.push_back(nullptr);

	if (rte_eal_init(args.size() - 1, const_cast<char **>(args.data())) < 0) {
		fprintf(stderr, "dpdk-test-pio: EAL did not start: %s\n", rte_strerror(rte_errno));
		return 1;
	}
	int ret = RUN_ALL_TESTS();
	if (rte_eal_cleanup() != 0) {
		fprintf(stderr, "dpdk-test-pio: EAL did not stop cleanly\n");
		ret = 1;
	}
	return ret;
}
