/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef FUZZ_H
#define FUZZ_H

/*
 * What the fuzz targets share. A target defines the two functions that libFuzzer calls; without
 * libFuzzer, fuzz_main.cc calls them with files and with random bytes.
 *
 * The input is a stream of choices: numbers are read from it until it ends, and are 0 afterwards.
 */

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define FUZZ_CHECK(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
			abort(); \
		} \
	} while (0)

namespace fuzz {

class Input {
public:
	Input(const uint8_t *data, size_t size) : data_(data), left_(size) {}

	bool more() const { return left_ != 0; }
	size_t left() const { return left_; }
	const uint8_t *rest() const { return data_; }

	template <typename T> T get()
	{
		T v = 0;
		const size_t n = left_ < sizeof(v) ? left_ : sizeof(v);

		if (n != 0)
			memcpy(&v, data_, n);
		data_ += n;
		left_ -= n;
		return v;
	}

	uint32_t below(uint32_t n) { return (n <= 256 ? get<uint8_t>() : get<uint32_t>()) % n; }

	void bytes(void *out, size_t n)
	{
		for (size_t i = 0; i < n; i++)
			static_cast<uint8_t *>(out)[i] = get<uint8_t>();
	}

private:
	const uint8_t *data_;
	size_t left_;
};

} /* namespace fuzz */

#endif /* FUZZ_H */
