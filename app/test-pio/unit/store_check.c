/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Exact bytes, and none outside: in C, so that cross-arm64.sh can run it for NEON, too. */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "store_kinds.h"

#define LINE RTE_PIO_STORE_LINE
#define LEN_MAX 1600
#define NB_PIECES 4
#define CANARY 0xc5

static char failure[160];

/* size bytes of memory between two pages that fault. */
struct guarded {
	uint8_t *begin;
	uint8_t *end;
};

static int
guarded_map(struct guarded *g, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t inner = (size + page - 1) / page * page;
	uint8_t *p = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, inner, PROT_READ | PROT_WRITE) != 0)
		return -1;
	g->begin = p + page;
	g->end = g->begin + inner;
	return 0;
}

static void
guarded_unmap(struct guarded *g)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	munmap(g->begin - page, (size_t)(g->end - g->begin) + 2 * page);
}

/* Bytes that differ from those of any other place nearby. */
static void
fill(uint8_t *p, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		/* 0 is what padding is made of. */
		p[i] = (uint8_t)(seed >> 24) | 1;
	}
}

/* dst holds the len bytes of want, zeros up to the line's end, the canary everywhere else. */
static int
is_exact(const struct guarded *dst, const uint8_t *at, const uint8_t *want, uint32_t len)
{
	uint32_t padded = RTE_ALIGN_CEIL(len, LINE), i;

	if (memcmp(at, want, len) != 0)
		return 0;
	for (i = len; i < padded; i++) {
		if (at[i] != 0)
			return 0;
	}
	for (i = 1; i <= 2 * LINE && at - i >= dst->begin; i++) {
		if (at[-(int)i] != CANARY)
			return 0;
	}
	for (i = padded; i < padded + 2 * LINE && at + i < dst->end; i++) {
		if (at[i] != CANARY)
			return 0;
	}
	return 1;
}

static const char *
copy_one(const struct store_kind *kind, const struct guarded *dst, const uint8_t *src,
	 uint32_t len)
{
	uint32_t room = RTE_ALIGN_CEIL(len, LINE);
	/* In the middle, and where the next byte faults. */
	uint8_t *places[] = { dst->begin + 2 * LINE, dst->end - room };
	uint32_t i;

	for (i = 0; i < RTE_DIM(places); i++) {
		memset(places[i] - 2 * LINE, CANARY, 2 * LINE);
		memset(places[i], CANARY, RTE_MIN((size_t)(dst->end - places[i]),
						  (size_t)room + 2 * LINE));
		kind->copy(places[i], src, len);
		if (!is_exact(dst, places[i], src, len)) {
			snprintf(failure, sizeof(failure), "copy of %u bytes from alignment %u, "
				 "place %u", len, (unsigned int)((uintptr_t)src % LINE), i);
			return failure;
		}
	}
	return NULL;
}

const char *
store_check_copy(const struct store_kind *kind)
{
	const char *ret = NULL;
	struct guarded src, dst;
	uint32_t len, align;

	if (guarded_map(&src, LEN_MAX + 2 * LINE) != 0 ||
	    guarded_map(&dst, LEN_MAX + 5 * LINE) != 0)
		return "no memory";
	fill(src.begin, (size_t)(src.end - src.begin), 1);
	for (len = 0; len <= LEN_MAX && ret == NULL; len++) {
		for (align = 0; align < LINE && ret == NULL; align++)
			ret = copy_one(kind, &dst, src.begin + LINE + align, len);
		/* Nothing readable in front of it, nothing behind it. */
		if (ret == NULL)
			ret = copy_one(kind, &dst, src.begin, len);
		if (ret == NULL)
			ret = copy_one(kind, &dst, src.end - len, len);
	}
	guarded_unmap(&src);
	guarded_unmap(&dst);
	return ret;
}

/* n pieces, each of them up against a page that faults, behind it or (odd ones) in front. */
static const char *
gather_one(const struct store_kind *kind, const struct guarded *src, const struct guarded *dst,
	   const uint32_t *len, uint16_t n)
{
	struct rte_pio_iov iov[NB_PIECES] = { 0 };
	uint8_t want[NB_PIECES * LEN_MAX];
	uint32_t total = 0;
	uint8_t *at;
	uint16_t i;

	for (i = 0; i < n; i++) {
		iov[i].base = i % 2 == 0 ? src[i].end - len[i] : src[i].begin;
		iov[i].len = len[i];
		memcpy(want + total, iov[i].base, len[i]);
		total += len[i];
	}
	at = dst->end - RTE_ALIGN_CEIL(total, LINE);
	memset(at - 2 * LINE, CANARY, (size_t)(dst->end - at) + 2 * LINE);
	kind->gather(at, iov, n);
	if (is_exact(dst, at, want, total))
		return NULL;
	snprintf(failure, sizeof(failure), "gather of %u pieces, the first two %u and %u bytes", n,
		 len[0], n > 1 ? len[1] : 0);
	return failure;
}

const char *
store_check_gather(const struct store_kind *kind)
{
	struct guarded src[NB_PIECES], dst;
	const char *ret = NULL;
	uint32_t len[NB_PIECES];
	uint32_t rnd = 1, i;
	uint16_t n;

	for (i = 0; i < NB_PIECES; i++) {
		if (guarded_map(&src[i], LEN_MAX) != 0)
			return "no memory";
		fill(src[i].begin, (size_t)(src[i].end - src[i].begin), i);
	}
	if (guarded_map(&dst, NB_PIECES * LEN_MAX + 3 * LINE) != 0)
		return "no memory";
	/* Every cut of two pieces around two lines. */
	for (len[0] = 0; len[0] <= 3 * LINE && ret == NULL; len[0]++) {
		for (len[1] = 0; len[1] <= 3 * LINE && ret == NULL; len[1]++)
			ret = gather_one(kind, src, &dst, len, 2);
	}
	/* More of them, longer ones, and none. */
	for (i = 0; i < 20000 && ret == NULL; i++) {
		uint32_t most = i % 2 == 0 ? LINE : LEN_MAX;

		for (n = 0; n < NB_PIECES; n++) {
			rnd = rnd * 1664525u + 1013904223u;
			len[n] = (rnd >> 16) % (most + 1);
		}
		ret = gather_one(kind, src, &dst, len, (uint16_t)(i % (NB_PIECES + 1)));
	}
	for (i = 0; i < NB_PIECES; i++)
		guarded_unmap(&src[i]);
	guarded_unmap(&dst);
	return ret;
}
