/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef BENCH_LATENCY_H
#define BENCH_LATENCY_H

/* From the call to the device: frames sent apart from each other, stamped by the model. */

#include "bench_path.h"

enum bench_mode {
	BENCH_HOT,		/* sent a moment ago */
	BENCH_IDLE,		/* after a sleep of a millisecond */
	BENCH_COLD,		/* caches of data and code evicted */
	BENCH_COLD_WARM,	/* evicted, then warmed */
	BENCH_MODE_NUM,
};

struct bench_latency {
	struct bench_hist call;		/* cycles of the call */
	struct bench_hist seen;		/* to the doorbell noticed */
	struct bench_hist done;		/* to the payload in the device, each frame */
	struct bench_hist event;	/* to the completion event seen by the CPU; piopmd only */
	struct bench_hist warm;		/* cycles of the warming */
	struct bench_hist take;		/* cycles of taking completions between sends */
	uint32_t pio, pushed;		/* frames that the device got so */
	uint32_t lost;			/* frames without a stamp, and what was sent with them */
};

extern const char *const bench_mode_names[BENCH_MODE_NUM];

/* Frames of a batch, and the gap between calls. */
struct bench_latency_conf {
	uint32_t len;
	uint32_t burst;
	uint32_t n;		/* calls */
	uint64_t gap_ns;	/* the model is idle again after it */
	enum bench_mode mode;
	bool event;		/* wait for the completion event */
	bool take;		/* take completions in the middle of the gap */
	bool raw;		/* keep every sample, beside the histograms */
};

void bench_latency_reset(struct bench_latency *l);
/* Send a batch and add what the device saw. */
void bench_latency_batch(struct bench_path *p, const struct bench_latency_conf *c,
			 struct bench_latency *l);
/* The common part of a record: path, len, burst, mode, histograms. */
void bench_latency_record(const struct bench_path *p, const struct bench_latency_conf *c,
			  const struct bench_latency *l);
/* Let the model stamp the frames of these ports, or stop it. */
void bench_latency_stamps(struct bench_path *paths, unsigned int nb, bool on);

#endif /* BENCH_LATENCY_H */
