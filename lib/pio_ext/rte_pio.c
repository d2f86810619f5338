/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Control calls: what can be checked without knowing the adapter is checked here, the rest is
 * the driver's. A check fails before anything is changed.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_malloc.h>

#include <eal_export.h>
#include <piopmd_compat.h>

#include "rte_pio_private.h"
#include "rte_pio_trace.h"

#define PIO_L4_CKSUM(flags) ((flags) & RTE_MBUF_F_TX_L4_MASK)

static struct rte_eth_dev *
pio_dev(uint16_t port_id)
{
	return rte_eth_dev_is_valid_port(port_id) ? &rte_eth_devices[port_id] : NULL;
}

/* Counters */

static const uint64_t *
pio_stats_words(const struct rte_pio_queue_stats *stats)
{
	return (const uint64_t *)stats;
}

void
pio_queue_stats_read(const struct pio_queue *pq, struct rte_pio_queue_stats *stats)
{
	/* The queue's thread writes them meanwhile: each is loaded once, as a whole. */
	const volatile uint64_t *now = pio_stats_words(pq->stats);
	const uint64_t *base = pio_stats_words(&pq->base);
	uint64_t *out = (uint64_t *)stats;
	size_t i;

	RTE_BUILD_BUG_ON(sizeof(*stats) % sizeof(uint64_t) != 0);
	for (i = 0; i < sizeof(*stats) / sizeof(uint64_t); i++)
		out[i] = now[i] - base[i];
}

void
pio_queue_stats_rebase(struct pio_queue *pq)
{
	struct rte_pio_queue_stats now;

	memset(&pq->base, 0, sizeof(pq->base));
	pio_queue_stats_read(pq, &now);
	pq->base = now;
}

/* Configuration */

static uint64_t
pio_txq_offloads(const struct rte_eth_dev *dev, uint16_t queue_id)
{
	uint64_t offloads = dev->data->dev_conf.txmode.offloads;
	struct rte_eth_txq_info info;

	if (rte_eth_tx_queue_info_get(dev->data->port_id, queue_id, &info) == 0)
		offloads |= info.conf.offloads;
	return offloads;
}

int
pio_csum_check(const struct rte_eth_dev *dev, uint16_t queue_id, uint64_t tx_ol_flags,
	       uint16_t l2_len, uint16_t l3_len)
{
	const uint64_t ip = RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6;
	const uint64_t l4 = PIO_L4_CKSUM(tx_ol_flags);
	uint64_t need = 0;

	if (tx_ol_flags == 0)
		return 0;
	/* One of the two address families, at least one checksum, no checksum of an IPv6 header. */
	if ((tx_ol_flags & ~(ip | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)) != 0 ||
	    (tx_ol_flags & ip) == 0 || (tx_ol_flags & ip) == ip ||
	    (tx_ol_flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK)) == 0 ||
	    ((tx_ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0 &&
	     (tx_ol_flags & RTE_MBUF_F_TX_IPV4) == 0) ||
	    l4 == RTE_MBUF_F_TX_SCTP_CKSUM || l2_len < RTE_ETHER_HDR_LEN || l3_len < 20) {
		PIO_LOG(ERR, "port %u queue %u: tx_ol_flags 0x%" PRIx64 " with l2_len %u and l3_len "
			"%u: one of IPV4 and IPV6 with IP, TCP or UDP checksum, and the header "
			"lengths (l2_len >= 14, l3_len >= 20) are needed", dev->data->port_id,
			queue_id, tx_ol_flags, l2_len, l3_len);
		return -EINVAL;
	}
	if ((tx_ol_flags & RTE_MBUF_F_TX_IP_CKSUM) != 0)
		need |= RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	if (l4 == RTE_MBUF_F_TX_TCP_CKSUM)
		need |= RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
	if (l4 == RTE_MBUF_F_TX_UDP_CKSUM)
		need |= RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	need &= ~pio_txq_offloads(dev, queue_id);
	if (need != 0) {
		PIO_LOG(ERR, "port %u queue %u: tx_ol_flags needs the transmit offloads 0x%" PRIx64
			", which neither port nor queue was configured with", dev->data->port_id,
			queue_id, need);
		return -ENOTSUP;
	}
	return 0;
}

/* Is a field of conf within its range? If not, the log says which one and what it may be. */
static bool
pio_field_check(const struct rte_eth_dev *dev, uint16_t queue_id, const char *field,
		uint64_t value, bool good, const char *range)
{
	if (!good)
		PIO_LOG(ERR, "port %u queue %u: %s %" PRIu64 ": %s", dev->data->port_id, queue_id,
			field, value, range);
	return good;
}

/* What can be said about a conf whatever the adapter. */
static int
pio_queue_conf_check(const struct rte_eth_dev *dev, uint16_t queue_id,
		     const struct rte_pio_queue_conf *conf)
{
	char range[48];
	size_t i;

#define PIO_CHECK(field, good, range) \
	do { \
		if (!pio_field_check(dev, queue_id, #field, conf->field, good, range)) \
			return -EINVAL; \
	} while (0)

	PIO_CHECK(policy, (unsigned int)conf->policy <= RTE_PIO_POLICY_REQUIRE,
		  "0 (TRY) or 1 (REQUIRE)");
	PIO_CHECK(fallback, (unsigned int)conf->fallback <= RTE_PIO_FALLBACK_NONE,
		  "0 (RING) or 1 (NONE)");
	PIO_CHECK(wc_policy, (unsigned int)conf->wc_policy <= RTE_PIO_WC_REQUIRE,
		  "0 (ANY) or 1 (REQUIRE)");
	PIO_CHECK(threshold, conf->threshold == 0 || (conf->threshold >= RTE_PIO_FRAME_MIN &&
						      conf->threshold <= UINT16_MAX),
		  "0 or 14 to 65535");
	snprintf(range, sizeof(range), "0 or at least mem_min, %" PRIu32, conf->mem_min);
	PIO_CHECK(mem_pref, conf->mem_pref == 0 || conf->mem_pref >= conf->mem_min, range);
	PIO_CHECK(template_mem, conf->template_mem <= RTE_PIO_TEMPLATE_MEM_MAX, "0 to 4096");
	for (i = 0; i < RTE_DIM(conf->reserved); i++)
		PIO_CHECK(reserved[i], conf->reserved[i] == 0, "0");
#undef PIO_CHECK
	return 0;
}

static int
pio_queue_setup_check(const struct rte_eth_dev *dev, uint16_t queue_id,
		      const struct rte_pio_queue_conf *conf)
{
	uint16_t port_id = dev->data->port_id;
	int ret;

	if (queue_id >= dev->data->nb_tx_queues || dev->data->tx_queues[queue_id] == NULL) {
		PIO_LOG(ERR, "port %u queue %u: no such transmit queue, or not set up: call "
			"rte_eth_tx_queue_setup() first", port_id, queue_id);
		return -EINVAL;
	}
	if (conf == NULL) {
		PIO_LOG(ERR, "port %u queue %u: conf is NULL", port_id, queue_id);
		return -EINVAL;
	}
	ret = pio_queue_conf_check(dev, queue_id, conf);
	if (ret != 0)
		return ret;
	if (pio_queue_get(port_id, queue_id) != NULL)
		return -EEXIST;
	if (dev->data->dev_started != 0) {
		PIO_LOG(ERR, "port %u queue %u: cannot opt in while the port is started", port_id,
			queue_id);
		return -EBUSY;
	}
	return pio_csum_check(dev, queue_id, conf->tx_ol_flags, conf->l2_len, conf->l3_len);
}

/* Replace each 0 that stands for the driver's advice. */
static void
pio_queue_conf_complete(struct rte_eth_dev *dev, struct rte_pio_queue_conf *conf)
{
	struct rte_pio_queue_conf advice;

	memset(&advice, 0, sizeof(advice));
	if (pio_port_ops(dev->data->port_id)->queue_conf_default(dev, &advice) != 0)
		return;
	if (conf->threshold == 0)
		conf->threshold = advice.threshold;
	if (conf->mem_pref == 0)
		conf->mem_pref = RTE_MAX(advice.mem_pref, conf->mem_min);
	/* One slot, the templates' reserve and the scratch line: less is of no use. */
	if (conf->mem_min == 0)
		conf->mem_min = RTE_MIN(conf->mem_pref,
					RTE_ALIGN_CEIL(conf->threshold, RTE_PIO_LINE) +
					RTE_ALIGN_CEIL(conf->template_mem, RTE_PIO_LINE) +
					RTE_PIO_LINE);
}

static int
pio_queue_optin(struct rte_eth_dev *dev, uint16_t queue_id, const struct rte_pio_queue_conf *conf)
{
	uint16_t port_id = dev->data->port_id;
	struct pio_queue *pq;
	struct pio_port *port;
	int ret;

	/* NULL counts as the stand-in, which another queue may have brought here already */
	if (pio_port_ops(port_id) == &pio_generic_ops &&
	    (conf->policy == RTE_PIO_POLICY_REQUIRE || conf->fallback == RTE_PIO_FALLBACK_NONE)) {
		PIO_LOG(ERR, "port %u queue %u: driver %s has no PIO, so policy must be TRY and fallback "
			"RING", port_id, queue_id, dev->device->driver->name);
		return -ENOTSUP;
	}
	if (pio_local[port_id].ops == NULL) {
		ret = pio_generic_register(dev);
		if (ret != 0)
			return ret;
	}
	port = pio_local[port_id].port;
	pq = rte_zmalloc_socket("rte_pio_queue", sizeof(*pq), RTE_CACHE_LINE_SIZE,
				dev->data->numa_node);
	if (pq == NULL)
		return -ENOMEM;
	pq->conf = *conf;
	pio_queue_conf_complete(dev, &pq->conf);
	rte_spinlock_init(&pq->lock);
	port->queue[queue_id] = pq;
	ret = pio_port_ops(port_id)->queue_setup(dev, queue_id, &pq->conf);
	if (ret == 0 && pq->stats == NULL) {
		PIO_LOG(ERR, "port %u queue %u: the driver has not bound the queue", port_id,
			queue_id);
		ret = -EIO;
	}
	if (ret != 0) {
		port->queue[queue_id] = NULL;
		rte_free(pq);
		return ret;
	}
	port->nb_queues++;
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_setup, 26.11)
int
rte_pio_queue_setup(uint16_t port_id, uint16_t queue_id, const struct rte_pio_queue_conf *conf)
{
	struct rte_eth_dev *dev = pio_dev(port_id);
	int ret;

	if (dev == NULL)
		return -ENODEV;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -EPERM;
	pio_lock();
	ret = pio_queue_setup_check(dev, queue_id, conf);
	if (ret == 0) {
		ret = pio_queue_optin(dev, queue_id, conf);
		rte_pio_trace_queue_setup(port_id, queue_id, conf->threshold, conf->mem_min,
					  conf->mem_pref, ret);
	}
	pio_unlock();
	return ret;
}

int
pio_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	uint16_t port_id = dev->data->port_id;
	struct pio_queue *pq = pio_queue_get(port_id, queue_id);
	struct pio_port *port = pio_local[port_id].port;
	int ret;

	if (pq == NULL)
		return -ENOTSUP;
	if (pq->nb_templates != 0) {
		PIO_LOG(ERR, "port %u queue %u: %u templates must be freed first", port_id,
			queue_id, pq->nb_templates);
		return -EBUSY;
	}
	ret = pio_port_ops(port_id)->queue_release(dev, queue_id);
	rte_pio_trace_queue_release(port_id, queue_id, ret);
	if (ret != 0)
		return ret;
	/* Nothing of the queue may be left for the inline calls, whatever the driver did. */
	rte_pio_driver_queue_unbind(dev, queue_id);
	port->queue[queue_id] = NULL;
	port->nb_queues--;
	rte_free(pq);
	return 0;
}

/*
 * What the other calls on a queue have in common. On success the lock is held, *pq is the opted-in
 * queue.
 */
static int
pio_queue_enter(uint16_t port_id, uint16_t queue_id, bool change, struct rte_eth_dev **dev,
		struct pio_queue **pq)
{
	*dev = pio_dev(port_id);
	if (*dev == NULL)
		return -ENODEV;
	if (change && rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -EPERM;
	if (queue_id >= (*dev)->data->nb_tx_queues)
		return -EINVAL;
	pio_lock();
	pio_generic_attach(port_id);
	*pq = pio_queue_get(port_id, queue_id);
	if (*pq == NULL) {
		pio_unlock();
		return -ENOTSUP;
	}
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_release, 26.11)
int
rte_pio_queue_release(uint16_t port_id, uint16_t queue_id)
{
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int ret;

	ret = pio_queue_enter(port_id, queue_id, true, &dev, &pq);
	if (ret != 0)
		return ret;
	if (dev->data->dev_started != 0) {
		PIO_LOG(ERR, "port %u queue %u: cannot opt out while the port is started", port_id,
			queue_id);
		ret = -EBUSY;
	} else {
		ret = pio_queue_release(dev, queue_id);
	}
	pio_unlock();
	return ret;
}

static int
pio_queue_switch(uint16_t port_id, uint16_t queue_id, bool on)
{
	const struct rte_pio_driver_ops *ops;
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int ret;

	ret = pio_queue_enter(port_id, queue_id, true, &dev, &pq);
	if (ret != 0)
		return ret;
	ops = pio_port_ops(port_id);
	ret = on ? ops->queue_start(dev, queue_id) : ops->queue_stop(dev, queue_id);
	rte_pio_trace_queue_switch(port_id, queue_id, on, ret);
	pio_unlock();
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_start, 26.11)
int
rte_pio_queue_start(uint16_t port_id, uint16_t queue_id)
{
	return pio_queue_switch(port_id, queue_id, true);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_stop, 26.11)
int
rte_pio_queue_stop(uint16_t port_id, uint16_t queue_id)
{
	return pio_queue_switch(port_id, queue_id, false);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_threshold_set, 26.11)
int
rte_pio_threshold_set(uint16_t port_id, uint16_t queue_id, uint32_t len)
{
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int ret;

	ret = pio_queue_enter(port_id, queue_id, true, &dev, &pq);
	if (ret != 0)
		return ret;
	ret = len < RTE_PIO_FRAME_MIN ? -EINVAL :
		pio_port_ops(port_id)->threshold_set(dev, queue_id, len);
	if (ret == -EINVAL)
		PIO_LOG(ERR, "port %u queue %u: threshold %u is not in 14..slot size", port_id,
			queue_id, len);
	rte_pio_trace_threshold_set(port_id, queue_id, len, ret);
	pio_unlock();
	return ret;
}

/* Information */

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_conf_default, 26.11)
int
rte_pio_queue_conf_default(uint16_t port_id, struct rte_pio_queue_conf *conf)
{
	struct rte_eth_dev *dev = pio_dev(port_id);
	int ret;

	if (dev == NULL)
		return -ENODEV;
	if (conf == NULL)
		return -EINVAL;
	memset(conf, 0, sizeof(*conf));
	pio_lock();
	ret = pio_port_ops(port_id)->queue_conf_default(dev, conf);
	pio_unlock();
	return ret;
}

/* Collect who holds memory of the pool, on every port that draws from it. */
static void
pio_holders_fill(struct rte_pio_info *info)
{
	struct rte_pio_queue_info qi;
	struct rte_pio_info other;
	struct pio_queue *pq;
	uint32_t nb_bufs = 0;
	uint16_t port_id, q;

	RTE_ETH_FOREACH_DEV(port_id) {
		struct rte_eth_dev *dev = &rte_eth_devices[port_id];
		const struct rte_pio_driver_ops *ops = pio_local[port_id].ops;

		if (ops == NULL)
			continue;
		memset(&other, 0, sizeof(other));
		if (ops->info_get(dev, &other) != 0 || strcmp(other.pool, info->pool) != 0)
			continue;
		for (q = 0; q < dev->data->nb_tx_queues; q++) {
			pq = pio_queue_get(port_id, q);
			memset(&qi, 0, sizeof(qi));
			if (pq == NULL || ops->queue_info_get(dev, q, &qi) != 0 || qi.mem == 0)
				continue;
			nb_bufs += (qi.mem + info->buf_size - 1) / RTE_MAX(info->buf_size, 1u);
			if (info->nb_holders < RTE_PIO_HOLDERS_MAX)
				info->holders[info->nb_holders] = (struct rte_pio_holder) {
					.port_id = port_id, .queue_id = q, .mem = qi.mem,
					.nb_templates = pq->nb_templates,
				};
			info->nb_holders++;
		}
	}
	/* A driver knows what its own port holds; here is what all ports of the pool do. */
	nb_bufs = info->nb_bufs - RTE_MIN(nb_bufs, info->nb_bufs);
	info->nb_bufs_free = RTE_MIN(info->nb_bufs_free, nb_bufs);
	info->mem_free = RTE_MIN(info->mem_free, info->nb_bufs_free * info->buf_size);
	if (info->reason == RTE_PIO_FB_NONE && info->nb_bufs_free == 0)
		info->reason = RTE_PIO_FB_NO_MEMORY;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_info_get, 26.11)
int
rte_pio_info_get(uint16_t port_id, struct rte_pio_info *info)
{
	struct rte_eth_dev *dev = pio_dev(port_id);
	int ret;

	if (dev == NULL)
		return -ENODEV;
	if (info == NULL)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	pio_lock();
	pio_generic_attach(port_id);
	ret = pio_port_ops(port_id)->info_get(dev, info);
	info->mtu = dev->data->mtu;
	info->ring_frame_max = rte_pio_driver_frame_max(info->mtu);
	if (pio_local[port_id].port != NULL)
		info->nb_queues = pio_local[port_id].port->nb_queues;
	if (info->pool[0] != '\0')
		pio_holders_fill(info);
	pio_unlock();
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_info_get, 26.11)
int
rte_pio_queue_info_get(uint16_t port_id, uint16_t queue_id, struct rte_pio_queue_info *info)
{
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int ret;

	if (rte_eth_dev_is_valid_port(port_id) && info == NULL)
		return -EINVAL;
	ret = pio_queue_enter(port_id, queue_id, false, &dev, &pq);
	if (ret == -ENOTSUP) {
		memset(info, 0, sizeof(*info));
		info->mtu = dev->data->mtu;
		info->ring_frame_max = rte_pio_driver_frame_max(info->mtu);
		return 0;
	}
	if (ret != 0)
		return ret;
	memset(info, 0, sizeof(*info));
	ret = pio_port_ops(port_id)->queue_info_get(dev, queue_id, info);
	info->conf = pq->conf;
	info->mtu = dev->data->mtu;
	info->ring_frame_max = rte_pio_driver_ring_frame_max(info->mtu, pq->conf.fallback_mp);
	info->nb_templates = pq->nb_templates;
	pio_unlock();
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_wc_info_get, 26.11)
int
rte_pio_wc_info_get(uint16_t port_id, struct rte_pio_wc_info *info)
{
	struct rte_eth_dev *dev = pio_dev(port_id);
	int ret;

	if (dev == NULL)
		return -ENODEV;
	if (info == NULL)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	pio_lock();
	ret = pio_port_ops(port_id)->wc_info_get(dev, info);
	pio_unlock();
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_wc_selftest, 26.11)
int
rte_pio_wc_selftest(uint16_t port_id, struct rte_pio_wc_info *info)
{
	struct rte_eth_dev *dev = pio_dev(port_id);
	const struct rte_pio_driver_ops *ops;
	int ret;

	if (dev == NULL)
		return -ENODEV;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -EPERM;
	if (info == NULL)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	pio_lock();
	ops = pio_port_ops(port_id);
	ret = ops->wc_selftest != NULL ? ops->wc_selftest(dev) : -ENOTSUP;
	if (ret == 0)
		ret = ops->wc_info_get(dev, info);
	rte_pio_trace_wc_selftest(port_id, ret);
	pio_unlock();
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_stats_get, 26.11)
int
rte_pio_stats_get(uint16_t port_id, uint16_t queue_id, struct rte_pio_queue_stats *stats)
{
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int ret;

	if (rte_eth_dev_is_valid_port(port_id) && stats == NULL)
		return -EINVAL;
	ret = pio_queue_enter(port_id, queue_id, false, &dev, &pq);
	if (ret != 0)
		return ret;
	pio_queue_stats_read(pq, stats);
	pio_unlock();
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_stats_reset, 26.11)
int
rte_pio_stats_reset(uint16_t port_id, uint16_t queue_id)
{
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int ret;

	ret = pio_queue_enter(port_id, queue_id, true, &dev, &pq);
	if (ret != 0)
		return ret;
	pio_queue_stats_rebase(pq);
	pio_unlock();
	return 0;
}
