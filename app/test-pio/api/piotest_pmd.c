/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* ethdev side of net_piotest, and what tests reach for. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <ethdev_vdev.h>
#include <rte_kvargs.h>
#include <rte_malloc.h>

#include "piotest_priv.h"

/* ethdev operations */

static int
piotest_dev_configure(struct rte_eth_dev *dev)
{
	RTE_SET_USED(dev);
	return 0;
}

static void
piotest_queues_publish(struct piotest_port *port, enum piotest_state state)
{
	unsigned int i;

	for (i = 0; i < PIOTEST_MAX_QUEUES; i++) {
		if (port->txq[i] != NULL)
			__atomic_store_n(&port->txq[i]->state, state, __ATOMIC_RELEASE);
	}
}

static int
piotest_dev_start(struct rte_eth_dev *dev)
{
	struct piotest_port *port = piotest_port(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		piotest_txq_start(port->txq[i], dev);
		dev->data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
	}
	piotest_queues_publish(port, PIOTEST_RUNNING);
	rte_pio_driver_fp_unblock(dev->data->port_id);
	dev->data->dev_link.link_status = RTE_ETH_LINK_UP;
	return 0;
}

static int
piotest_dev_stop(struct rte_eth_dev *dev)
{
	struct piotest_port *port = piotest_port(dev);
	uint16_t i;

	rte_pio_driver_fp_block(dev->data->port_id, -ENETDOWN);
	piotest_queues_publish(port, PIOTEST_STOPPED);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		piotest_txq_ring(port->txq[i]);
	piotest_dev_flush(port->hw);
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		piotest_txq_purge(port->txq[i]);
		dev->data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STOPPED;
	}
	piotest_dev_reset(port->hw);
	dev->data->dev_link.link_status = RTE_ETH_LINK_DOWN;
	return 0;
}

static void
piotest_txq_free(struct piotest_port *port, uint16_t queue_id)
{
	struct piotest_txq *q = port->txq[queue_id];

	if (q == NULL)
		return;
	piotest_ungrant(port, q);
	rte_free(q->host_ring);
	rte_free(q->bounce);
	rte_free(q->sw);
	rte_free(q);
	port->txq[queue_id] = NULL;
}

static int
piotest_dev_close(struct rte_eth_dev *dev)
{
	struct piotest_port *port = piotest_port(dev);
	uint16_t i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	rte_pio_driver_unregister(dev);
	for (i = 0; i < PIOTEST_MAX_QUEUES; i++)
		piotest_txq_free(port, i);
	piotest_dev_destroy(port->hw);
	port->pool->nb_ports--;
	dev->data->mac_addrs = NULL;
	return 0;
}

static int
piotest_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	RTE_SET_USED(dev);
	info->max_rx_pktlen = PIOTEST_WIRE_MAX;
	info->max_mtu = PIOTEST_WIRE_MAX - 64;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_rx_queues = PIOTEST_MAX_QUEUES;
	info->max_tx_queues = PIOTEST_MAX_QUEUES;
	info->max_mac_addrs = 1;
	info->tx_offload_capa = RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
		RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	info->tx_queue_offload_capa = info->tx_offload_capa;
	info->tx_desc_lim = (struct rte_eth_desc_lim) {
		.nb_max = PIOTEST_RING_MAX, .nb_min = 16, .nb_align = 1,
	};
	info->default_txportconf.ring_size = 128;
	return 0;
}

static int
piotest_rx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		       unsigned int socket_id, const struct rte_eth_rxconf *conf,
		       struct rte_mempool *mp)
{
	RTE_SET_USED(nb_desc);
	RTE_SET_USED(socket_id);
	RTE_SET_USED(conf);
	RTE_SET_USED(mp);
	dev->data->rx_queues[queue_id] = piotest_port(dev);
	return 0;
}

static uint16_t
piotest_rx_burst(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	RTE_SET_USED(queue);
	RTE_SET_USED(pkts);
	RTE_SET_USED(nb);
	return 0;
}

/* ethdev takes the queue away; with templates it stays in the port, for setup to find. */
static void
piotest_tx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct piotest_port *port = piotest_port(dev);

	if (port->txq[queue_id] == NULL || rte_pio_driver_queue_release(dev, queue_id) != 0)
		return;
	piotest_txq_free(port, queue_id);
}

static struct piotest_txq *
piotest_txq_alloc(uint16_t nb_desc)
{
	uint32_t nb = RTE_MAX(nb_desc, (uint32_t)PIOTEST_BUF_SIZE / PIOTEST_ENTRY);
	struct piotest_txq *q;

	q = rte_zmalloc("piotest_txq", sizeof(*q), RTE_CACHE_LINE_SIZE);
	if (q == NULL)
		return NULL;
	q->host_ring = rte_zmalloc("piotest_ring", (size_t)nb * PIOTEST_ENTRY, PIOTEST_ENTRY);
	q->bounce = rte_zmalloc("piotest_bounce", (size_t)nb * PIOTEST_FRAME_MAX, 64);
	q->sw = rte_zmalloc("piotest_sw", nb * sizeof(*q->sw), 64);
	if (q->host_ring != NULL && q->bounce != NULL && q->sw != NULL)
		return q;
	rte_free(q->host_ring);
	rte_free(q->bounce);
	rte_free(q->sw);
	rte_free(q);
	return NULL;
}

static int
piotest_tx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
		       unsigned int socket_id, const struct rte_eth_txconf *conf)
{
	struct piotest_port *port = piotest_port(dev);
	struct piotest_txq *q;

	RTE_SET_USED(socket_id);
	RTE_SET_USED(conf);
	if (port->txq[queue_id] != NULL) {
		/* What piotest_tx_queue_release() could not take away. */
		dev->data->tx_queues[queue_id] = port->txq[queue_id];
		return -EBUSY;
	}
	q = piotest_txq_alloc(nb_desc);
	if (q == NULL)
		return -ENOMEM;
	q->dev = port->hw;
	q->hw = piotest_dev_queue(port->hw, queue_id);
	q->port_id = dev->data->port_id;
	q->queue_id = queue_id;
	q->nb_desc = nb_desc;
	q->state = PIOTEST_STOPPED;
	q->frame_max = rte_pio_driver_frame_max(dev->data->mtu);
	port->txq[queue_id] = q;
	dev->data->tx_queues[queue_id] = q;
	return 0;
}

static void
piotest_txq_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_txq_info *info)
{
	info->nb_desc = piotest_port(dev)->txq[queue_id]->nb_desc;
	info->conf.offloads = dev->data->dev_conf.txmode.offloads;
}

static int
piotest_link_update(struct rte_eth_dev *dev, int wait)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(wait);
	return 0;
}

static int
piotest_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct piotest_port *port = piotest_port(dev);
	unsigned int i;

	for (i = 0; i < PIOTEST_MAX_QUEUES; i++) {
		if (port->txq[i] != NULL)
			port->txq[i]->frame_max = rte_pio_driver_frame_max(mtu);
	}
	return 0;
}

/* What rte_pio counts; a queue without opt-in keeps no counters. */
static int
piotest_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	struct piotest_port *port = piotest_port(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		const struct piotest_txq *q = port->txq[i];

		if (q == NULL)
			continue;
		stats->opackets += q->stats.pio_packets + q->stats.ring_packets;
		stats->obytes += q->stats.pio_bytes + q->stats.ring_bytes;
	}
	return 0;
}

static int
piotest_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
			 unsigned int size)
{
	return (int)rte_pio_driver_xstats_names_get(dev, names, names != NULL ? size : 0);
}

static int
piotest_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	unsigned int nb = rte_pio_driver_xstats_count(dev), i;
	uint64_t *values;

	if (xstats == NULL || n < nb)
		return (int)nb;
	values = calloc(nb, sizeof(*values));
	if (values == NULL)
		return -ENOMEM;
	rte_pio_driver_xstats_get(dev, values, nb);
	for (i = 0; i < nb; i++)
		xstats[i] = (struct rte_eth_xstat) { .id = i, .value = values[i] };
	free(values);
	return (int)nb;
}

static int
piotest_xstats_reset(struct rte_eth_dev *dev)
{
	rte_pio_driver_xstats_reset(dev);
	return 0;
}

static const struct eth_dev_ops piotest_ops = {
	.dev_configure = piotest_dev_configure,
	.dev_start = piotest_dev_start,
	.dev_stop = piotest_dev_stop,
	.dev_close = piotest_dev_close,
	.dev_infos_get = piotest_infos_get,
	.rx_queue_setup = piotest_rx_queue_setup,
	.tx_queue_setup = piotest_tx_queue_setup,
	.tx_queue_release = piotest_tx_queue_release,
	.txq_info_get = piotest_txq_info_get,
	.link_update = piotest_link_update,
	.mtu_set = piotest_mtu_set,
	.stats_get = piotest_stats_get,
	.xstats_get_names = piotest_xstats_get_names,
	.xstats_get = piotest_xstats_get,
	.xstats_reset = piotest_xstats_reset,
};

/* vdev */

static const char *const piotest_args[] = {
	"pool", "bufs", "privilege", "map", "wc", NULL,
};

static const char *
piotest_arg(struct rte_kvargs *args, const char *key, const char *otherwise)
{
	const char *value = args != NULL ? rte_kvargs_get(args, key) : NULL;

	return value != NULL ? value : otherwise;
}

static int
piotest_port_init(struct rte_eth_dev *dev, struct rte_kvargs *args)
{
	static const struct rte_ether_addr mac = { { 0x02, 0x70, 0x69, 0x6f, 0, 1 } };
	struct piotest_port *port = piotest_port(dev);
	int ret;

	port->privilege = atoi(piotest_arg(args, "privilege", "1")) != 0;
	port->map = atoi(piotest_arg(args, "map", "1")) != 0;
	port->wc = atoi(piotest_arg(args, "wc", "0")) != 0;
	port->pool = piotest_pool_get(piotest_arg(args, "pool", dev->data->name),
				      (uint32_t)atoi(piotest_arg(args, "bufs", "4")));
	if (port->pool == NULL)
		return -ENOSPC;
	port->hw = piotest_dev_create();
	if (port->hw == NULL) {
		port->pool->nb_ports--;
		return -ENOMEM;
	}
	port->mac = mac;
	dev->data->mac_addrs = &port->mac;
	dev->data->dev_link.link_speed = RTE_ETH_SPEED_NUM_10G;
	dev->dev_ops = &piotest_ops;
	dev->tx_pkt_burst = piotest_tx_burst;
	dev->rx_pkt_burst = piotest_rx_burst;
	ret = rte_pio_driver_register(dev, &piotest_pio_ops, &piotest_fp_ops, &piotest_txq_dummy,
				      sizeof(piotest_txq_dummy));
	if (ret != 0) {
		piotest_dev_destroy(port->hw);
		port->pool->nb_ports--;
	}
	return ret;
}

static int
piotest_probe(struct rte_vdev_device *vdev)
{
	struct rte_kvargs *args = NULL;
	struct rte_eth_dev *dev;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (rte_vdev_device_args(vdev)[0] != '\0') {
		args = rte_kvargs_parse(rte_vdev_device_args(vdev), piotest_args);
		if (args == NULL)
			return -EINVAL;
	}
	dev = rte_eth_vdev_allocate(vdev, sizeof(struct piotest_port));
	ret = dev != NULL ? piotest_port_init(dev, args) : -ENOMEM;
	rte_kvargs_free(args);
	if (ret != 0) {
		if (dev != NULL) {
			dev->data->mac_addrs = NULL;
			rte_eth_dev_release_port(dev);
		}
		return ret;
	}
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
piotest_remove(struct rte_vdev_device *vdev)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(rte_vdev_device_name(vdev));

	return dev != NULL ? rte_eth_dev_close(dev->data->port_id) : 0;
}

static struct rte_vdev_driver piotest_driver = {
	.probe = piotest_probe,
	.remove = piotest_remove,
};

RTE_PMD_REGISTER_VDEV(net_piotest, piotest_driver);
RTE_PMD_REGISTER_PARAM_STRING(net_piotest,
	"pool=<name> bufs=<count> privilege=<0|1> map=<0|1> wc=<0|1>");

/* What tests reach for */

static struct piotest_port *
piotest_port_by_id(uint16_t port_id)
{
	return piotest_port(&rte_eth_devices[port_id]);
}

void
piotest_hold(uint16_t port_id, bool hold)
{
	struct piotest_dev *hw = piotest_port_by_id(port_id)->hw;

	hw->held = hold;
	if (!hold)
		piotest_dev_flush(hw);
}

void
piotest_pool_limit(uint16_t port_id, uint32_t nb_bufs)
{
	piotest_port_by_id(port_id)->pool->nb_taken =
		piotest_port_by_id(port_id)->pool->nb_free - nb_bufs;
}

uint32_t
piotest_capture_take(uint16_t port_id, void *frame, uint32_t size)
{
	return piotest_dev_capture_take(piotest_port_by_id(port_id)->hw, frame, size);
}

void
piotest_violations_get(uint16_t port_id, struct piotest_violations *v)
{
	*v = piotest_port_by_id(port_id)->hw->violations;
}

uint64_t
piotest_doorbells(uint16_t port_id)
{
	return piotest_port_by_id(port_id)->hw->doorbells;
}

uint64_t
piotest_lines(uint16_t port_id)
{
	struct piotest_port *port = piotest_port_by_id(port_id);
	uint64_t lines = 0;
	unsigned int i;

	for (i = 0; i < PIOTEST_MAX_QUEUES; i++)
		lines += port->txq[i] != NULL ? port->txq[i]->lines : 0;
	return lines;
}

bool
piotest_memory_get(uint16_t port_id, uint16_t queue_id, uint8_t *copy)
{
	struct piotest_txq *q = piotest_port_by_id(port_id)->txq[queue_id];

	if (q == NULL || !q->has_memory)
		return false;
	memcpy(copy, q->hw->memory, PIOTEST_BUF_SIZE);
	return true;
}

void
piotest_fail(uint16_t port_id)
{
	struct rte_eth_dev *dev = &rte_eth_devices[port_id];

	rte_pio_driver_fp_block(port_id, -EIO);
	piotest_queues_publish(piotest_port(dev), PIOTEST_FAILED);
	piotest_dev_reset(piotest_port(dev)->hw);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_ERR_RECOVERING, NULL);
}

static void
piotest_rebuild(struct rte_eth_dev *dev, bool memory)
{
	struct piotest_port *port = piotest_port(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		piotest_txq_purge(port->txq[i]);
		if (!memory && port->txq[i]->has_memory) {
			piotest_ungrant(port, port->txq[i]);
			port->txq[i]->off_reason = RTE_PIO_FB_DEVICE;
		}
		piotest_txq_start(port->txq[i], dev);
	}
	piotest_queues_publish(port, PIOTEST_RUNNING);
	rte_pio_driver_fp_unblock(dev->data->port_id);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_RECOVERY_SUCCESS, NULL);
}

void
piotest_recover(uint16_t port_id)
{
	piotest_rebuild(&rte_eth_devices[port_id], true);
}

void
piotest_recover_without_memory(uint16_t port_id)
{
	piotest_rebuild(&rte_eth_devices[port_id], false);
}
