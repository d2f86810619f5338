/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef MBUF_CHAIN_H
#define MBUF_CHAIN_H

#include <cstdint>
#include <cstring>
#include <vector>

#include <rte_mbuf.h>

/* A frame in so many mbufs of about the same length; NULL when the pool has not enough of them. */
static inline struct rte_mbuf *
mbuf_chain(struct rte_mempool *pool, const std::vector<uint8_t> &frame, unsigned int nb_segs)
{
	struct rte_mbuf *head = nullptr;
	size_t at = 0;

	for (unsigned int i = 0; i < nb_segs; i++) {
		size_t n = i + 1 == nb_segs ? frame.size() - at : frame.size() / nb_segs;
		struct rte_mbuf *m = rte_pktmbuf_alloc(pool);

		if (m == nullptr || rte_pktmbuf_append(m, static_cast<uint16_t>(n)) == nullptr) {
			rte_pktmbuf_free(m);
			rte_pktmbuf_free(head);
			return nullptr;
		}
		memcpy(rte_pktmbuf_mtod(m, void *), &frame[at], n);
		at += n;
		if (head == nullptr)
			head = m;
		else
			rte_pktmbuf_chain(head, m);
	}
	return head;
}

#endif /* MBUF_CHAIN_H */
