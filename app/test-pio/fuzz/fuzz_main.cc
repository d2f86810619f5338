/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Runs a fuzz target without libFuzzer: first the files named, then random inputs.
 *
 * usage: program [-runs=N] [-seed=N] [FILE...]
 */

#include <random>
#include <string>
#include <vector>

#include "fuzz.h"

static constexpr size_t kInputMax = 2048;

static std::vector<uint8_t>
file_read(const char *path)
{
	std::vector<uint8_t> data;
	FILE *f = fopen(path, "rb");
	int c;

	if (f == nullptr) {
		perror(path);
		exit(2);
	}
	while ((c = fgetc(f)) != EOF)
		data.push_back(static_cast<uint8_t>(c));
	fclose(f);
	return data;
}

/* Half of the bytes are small numbers, which most choices are. */
static std::vector<uint8_t>
input_make(std::mt19937 &rng)
{
	std::vector<uint8_t> data(rng() % kInputMax);

	for (uint8_t &b : data)
		b = static_cast<uint8_t>(rng() % 2 == 0 ? rng() % 16 : rng());
	return data;
}

int
main(int argc, char **argv)
{
	unsigned long runs = 200, seed = 1;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		const std::string arg = argv[i];

		if (arg.rfind("-runs=", 0) == 0) {
			runs = strtoul(&argv[i][6], nullptr, 0);
		} else if (arg.rfind("-seed=", 0) == 0) {
			seed = strtoul(&argv[i][6], nullptr, 0);
		} else {
			const std::vector<uint8_t> data = file_read(argv[i]);

			LLVMFuzzerTestOneInput(data.data(), data.size());
		}
	}
	std::mt19937 rng(static_cast<uint32_t>(seed));
	for (unsigned long i = 0; i < runs; i++) {
		const std::vector<uint8_t> data = input_make(rng);

		LLVMFuzzerTestOneInput(data.data(), data.size());
	}
	printf("%lu random inputs from seed %lu\n", runs, seed);
	return 0;
}
