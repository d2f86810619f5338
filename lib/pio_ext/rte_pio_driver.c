/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Registration of drivers, the table of the inline calls, and the layout of adapter memory. */

#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_stdatomic.h>

#include <eal_export.h>
#include <piopmd_compat.h>

#include "rte_pio_private.h"
#include "rte_pio_trace.h"

RTE_LOG_REGISTER_DEFAULT(pio_logtype, NOTICE);

struct pio_local pio_local[RTE_MAX_ETHPORTS];

/* What ports stand on that nobody registered: no queue passes the inline check. */
static const struct rte_pio_fp_queues pio_no_queues;

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_fp_ops, 26.11)
struct rte_pio_fp_ops rte_pio_fp_ops[RTE_MAX_ETHPORTS];

static rte_spinlock_recursive_t pio_control_lock = RTE_SPINLOCK_RECURSIVE_INITIALIZER;

void
pio_lock(void)
{
	rte_spinlock_recursive_lock(&pio_control_lock);
}

void
pio_unlock(void)
{
	rte_spinlock_recursive_unlock(&pio_control_lock);
}

/* Entries of unregistered ports have the empty queue table: nothing else of them is reached. */
RTE_INIT(pio_fp_init)
{
	unsigned int i;

	for (i = 0; i < RTE_MAX_ETHPORTS; i++)
		rte_pio_fp_ops[i].queues = &pio_no_queues;
}

const struct rte_pio_driver_ops *
pio_port_ops(uint16_t port_id)
{
	const struct rte_pio_driver_ops *ops = pio_local[port_id].ops;

	return ops != NULL ? ops : &pio_generic_ops;
}

struct pio_queue *
pio_queue_get(uint16_t port_id, uint16_t queue_id)
{
	struct pio_port *port = pio_local[port_id].port;

	return port != NULL && queue_id < RTE_MAX_QUEUES_PER_PORT ? port->queue[queue_id] : NULL;
}

static bool
pio_ops_complete(const struct rte_pio_driver_ops *ops)
{
	return ops != NULL && ops->info_get != NULL && ops->queue_conf_default != NULL &&
		ops->queue_setup != NULL && ops->queue_release != NULL &&
		ops->queue_start != NULL && ops->queue_stop != NULL &&
		ops->threshold_set != NULL && ops->queue_info_get != NULL &&
		ops->wc_info_get != NULL;
}

static bool
pio_fp_complete(const struct rte_pio_fp_ops *fp)
{
	return fp != NULL && fp->send != NULL && fp->sendv != NULL && fp->send_burst != NULL &&
		fp->template_send != NULL && fp->template_update_send != NULL &&
		fp->template_update != NULL && fp->warm != NULL && fp->credits != NULL &&
		fp->reap != NULL && fp->template_alloc != NULL &&
		fp->template_info_get != NULL && fp->template_free != NULL;
}

static const char *
pio_memzone_name(uint16_t port_id, char *name, size_t size)
{
	snprintf(name, size, "rte_pio_port_%u", port_id);
	return name;
}

/* The shared part of a port: made by the primary, found by secondaries. */
static int
pio_port_create(const struct rte_eth_dev *dev, const void *dummy, size_t dummy_size,
		struct pio_port **out)
{
	char name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *mz;
	struct pio_port *port;
	unsigned int i;

	mz = rte_memzone_reserve(pio_memzone_name(dev->data->port_id, name, sizeof(name)),
				 sizeof(*port), dev->data->numa_node, 0);
	if (mz == NULL)
		return -ENOMEM;
	port = mz->addr;
	memset(port, 0, sizeof(*port));
	port->dummy = rte_malloc_socket("rte_pio_dummy", dummy_size, RTE_CACHE_LINE_SIZE,
					dev->data->numa_node);
	if (port->dummy == NULL) {
		rte_memzone_free(mz);
		return -ENOMEM;
	}
	memcpy(port->dummy, dummy, dummy_size);
	for (i = 0; i < RTE_MAX_QUEUES_PER_PORT; i++)
		port->queues.data[i] = port->dummy;
	port->queues.error = -ENETDOWN;
	*out = port;
	return 0;
}

static struct pio_port *
pio_port_find(uint16_t port_id)
{
	char name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *mz;

	mz = rte_memzone_lookup(pio_memzone_name(port_id, name, sizeof(name)));
	return mz != NULL ? mz->addr : NULL;
}

static void
pio_port_destroy(uint16_t port_id, struct pio_port *port)
{
	char name[RTE_MEMZONE_NAMESIZE];

	rte_free(port->dummy);
	rte_memzone_free(rte_memzone_lookup(pio_memzone_name(port_id, name, sizeof(name))));
}

/* Functions first: as long as the queue table is the empty one, nobody calls them. */
static void
pio_fp_publish(uint16_t port_id, const struct rte_pio_fp_ops *fp,
	       const struct rte_pio_fp_queues *queues)
{
	struct rte_pio_fp_ops *entry = &rte_pio_fp_ops[port_id];
	struct rte_pio_fp_ops new = *fp;

	new.queues = entry->queues;
	*entry = new;
	rte_atomic_thread_fence(rte_memory_order_release);
	entry->queues = queues;
}

int
pio_driver_register(struct rte_eth_dev *dev, const struct rte_pio_driver_ops *ops,
		    const struct rte_pio_fp_ops *fp, const void *dummy, size_t dummy_size)
{
	uint16_t port_id = dev->data->port_id;
	struct pio_local *local = &pio_local[port_id];
	struct pio_port *port;
	int ret;

	/* The stand-in gives way; what stood on it belonged to an earlier port of this id. */
	if (local->ops == &pio_generic_ops && ops != &pio_generic_ops)
		rte_pio_driver_unregister(dev);
	if (local->ops != NULL)
		return -EEXIST;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		ret = pio_port_create(dev, dummy, dummy_size, &port);
		if (ret != 0)
			return ret;
		port->generic = ops == &pio_generic_ops;
	} else {
		port = pio_port_find(port_id);
		/* The stand-in knows its own queues only. */
		if (port == NULL || port->generic != (ops == &pio_generic_ops))
			return -ENODEV;
	}
	local->ops = ops;
	local->port = port;
	pio_fp_publish(port_id, fp, &port->queues);
	rte_pio_trace_register(port_id, port->generic);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_register, 26.11)
int
rte_pio_driver_register(struct rte_eth_dev *dev, const struct rte_pio_driver_ops *ops,
			const struct rte_pio_fp_ops *fp, const void *dummy, size_t dummy_size)
{
	int ret;

	if (dev == NULL || !pio_ops_complete(ops) || !pio_fp_complete(fp) || dummy == NULL ||
	    dummy_size == 0)
		return -EINVAL;
	pio_lock();
	ret = pio_driver_register(dev, ops, fp, dummy, dummy_size);
	pio_unlock();
	if (ret != 0)
		PIO_LOG(ERR, "port %u: a PIO driver cannot register: %s", dev->data->port_id,
			strerror(-ret));
	return ret;
}

/* Free what the application left behind; its handles are dead from here on. */
static void
pio_templates_drop(uint16_t port_id, struct pio_queue *pq)
{
	while (pq->templates != NULL) {
		PIO_LOG(NOTICE, "port %u queue %u: a template was never freed", port_id,
			pq->templates->queue_id);
		rte_pio_template_free(pq->templates);
	}
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_unregister, 26.11)
void
rte_pio_driver_unregister(struct rte_eth_dev *dev)
{
	/* dev->data is zeros in a secondary process once the primary has closed the port */
	uint16_t port_id = (uint16_t)(dev - rte_eth_devices);
	struct pio_local *local = &pio_local[port_id];
	struct pio_port *port;
	uint16_t q;

	pio_lock();
	port = local->port;
	if (local->ops == NULL)
		goto out;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		rte_pio_driver_fp_block(port_id, -ENETDOWN);
		for (q = 0; q < RTE_MAX_QUEUES_PER_PORT && port->nb_queues > 0; q++) {
			if (port->queue[q] == NULL)
				continue;
			pio_templates_drop(port_id, port->queue[q]);
			pio_queue_release(dev, q);
		}
	}
	rte_pio_fp_ops[port_id].queues = &pio_no_queues;
	rte_atomic_thread_fence(rte_memory_order_seq_cst);
	local->ops = NULL;
	local->port = NULL;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		pio_port_destroy(port_id, port);
	rte_pio_trace_unregister(port_id);
out:
	pio_unlock();
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_fp_set, 26.11)
int
rte_pio_driver_fp_set(struct rte_eth_dev *dev, const struct rte_pio_fp_ops *fp)
{
	uint16_t port_id = dev->data->port_id;
	struct pio_port *port;
	int ret = 0;

	if (!pio_fp_complete(fp))
		return -EINVAL;
	pio_lock();
	port = pio_local[port_id].port;
	if (port == NULL)
		ret = -ENODEV;
	else if (port->queues.error == 0)
		ret = -EBUSY;
	else
		pio_fp_publish(port_id, fp, &port->queues);
	pio_unlock();
	return ret;
}

/* What the inline calls compare with; everything stored before is visible to who sees it. */
static void
pio_bound_publish(struct pio_port *port, uint32_t nb)
{
	rte_atomic_store_explicit((uint32_t __rte_atomic *)&port->queues.nb_queues, nb,
				  rte_memory_order_release);
}

/*
 * Called from whichever thread handles a failing device, so without the library's lock: two
 * stores that readers see in either order. A reader that passes with the old bound is what the
 * grace period of the caller is for.
 */
RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_fp_block, 26.11)
void
rte_pio_driver_fp_block(uint16_t port_id, int error)
{
	struct pio_port *port;

	if (port_id >= RTE_MAX_ETHPORTS || pio_local[port_id].port == NULL)
		return;
	port = pio_local[port_id].port;
	port->queues.error = error;
	pio_bound_publish(port, 0);
	rte_pio_trace_block(port_id, error);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_fp_unblock, 26.11)
void
rte_pio_driver_fp_unblock(uint16_t port_id)
{
	struct pio_port *port;

	if (port_id >= RTE_MAX_ETHPORTS || pio_local[port_id].port == NULL)
		return;
	port = pio_local[port_id].port;
	port->queues.error = 0;
	pio_bound_publish(port, port->queues.nb_bound);
	rte_pio_trace_block(port_id, 0);
}

/* The bound follows the highest queue that has opted in. */
static void
pio_bound_update(struct pio_port *port)
{
	uint32_t bound = 0;
	uint32_t q;

	for (q = 0; q < RTE_MAX_QUEUES_PER_PORT; q++) {
		if (port->queues.data[q] != port->dummy)
			bound = q + 1;
	}
	port->queues.nb_bound = bound;
	if (port->queues.error == 0)
		pio_bound_publish(port, bound);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_queue_bind, 26.11)
int
rte_pio_driver_queue_bind(struct rte_eth_dev *dev, uint16_t queue_id, void *queue_data,
			  struct rte_pio_queue_stats *stats)
{
	struct pio_port *port;
	int ret = 0;

	if (queue_id >= RTE_MAX_QUEUES_PER_PORT || queue_data == NULL || stats == NULL)
		return -EINVAL;
	pio_lock();
	port = pio_local[dev->data->port_id].port;
	/* Only from within ops->queue_setup, which has the queue's record at hand. */
	if (port == NULL || port->queue[queue_id] == NULL) {
		ret = -EINVAL;
	} else if (port->queues.data[queue_id] != port->dummy) {
		ret = -EEXIST;
	} else {
		port->queue[queue_id]->stats = stats;
		pio_queue_stats_rebase(port->queue[queue_id]);
		port->queues.data[queue_id] = queue_data;
		pio_bound_update(port);
	}
	pio_unlock();
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_queue_unbind, 26.11)
void
rte_pio_driver_queue_unbind(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct pio_port *port;

	if (queue_id >= RTE_MAX_QUEUES_PER_PORT)
		return;
	pio_lock();
	port = pio_local[dev->data->port_id].port;
	if (port != NULL) {
		port->queues.data[queue_id] = port->dummy;
		pio_bound_update(port);
	}
	pio_unlock();
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_queue_release, 26.11)
int
rte_pio_driver_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	int ret;

	pio_lock();
	ret = pio_queue_release(dev, queue_id);
	pio_unlock();
	return ret == -ENOTSUP ? 0 : ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_queue_conf_get, 26.11)
bool
rte_pio_driver_queue_conf_get(struct rte_eth_dev *dev, uint16_t queue_id,
			      struct rte_pio_queue_conf *conf)
{
	struct pio_queue *pq;

	pio_lock();
	pq = pio_queue_get(dev->data->port_id, queue_id);
	if (pq != NULL && conf != NULL)
		*conf = pq->conf;
	pio_unlock();
	return pq != NULL;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_foreach, 26.11)
void
rte_pio_driver_template_foreach(struct rte_eth_dev *dev, uint16_t queue_id,
				void (*fn)(struct rte_pio_template *t, void *arg), void *arg)
{
	struct rte_pio_template *t, *next;
	struct pio_queue *pq;

	pio_lock();
	pq = pio_queue_get(dev->data->port_id, queue_id);
	if (pq != NULL) {
		rte_spinlock_lock(&pq->lock);
		for (t = pq->templates; t != NULL; t = next) {
			next = t->next;
			fn(t, arg);
		}
		rte_spinlock_unlock(&pq->lock);
	}
	pio_unlock();
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_trace_fallback, 26.11)
void
rte_pio_driver_trace_fallback(uint16_t port_id, uint16_t queue_id, enum rte_pio_fb_reason reason,
			      uint32_t len, int path)
{
	rte_pio_trace_fallback(port_id, queue_id, reason, len, path);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_layout, 26.11)
int
rte_pio_driver_layout(uint32_t mem, uint32_t threshold, uint32_t template_mem,
		      struct rte_pio_driver_layout *layout)
{
	uint32_t slot_size, reserve;

	if (mem % RTE_PIO_LINE != 0 || threshold < RTE_PIO_FRAME_MIN ||
	    threshold > UINT16_MAX || template_mem > RTE_PIO_TEMPLATE_MEM_MAX)
		return -EINVAL;
	slot_size = RTE_ALIGN_CEIL(threshold, RTE_PIO_LINE);
	reserve = RTE_ALIGN_CEIL(template_mem, RTE_PIO_LINE);
	if (mem < RTE_PIO_LINE + reserve + slot_size)
		return -ENOSPC;
	layout->slot_size = slot_size;
	layout->scratch_off = mem - RTE_PIO_LINE;
	layout->template_mem = reserve;
	layout->template_off = layout->scratch_off - reserve;
	layout->nb_slots = layout->template_off / slot_size;
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_queue_error, 26.11)
int
rte_pio_queue_error(uint16_t port_id, uint16_t queue_id)
{
	struct pio_port *port;
	int error;

	if (!rte_eth_dev_is_valid_port(port_id))
		return -ENODEV;
	if (queue_id >= rte_eth_devices[port_id].data->nb_tx_queues)
		return -EINVAL;
	port = pio_local[port_id].port;
	if (port == NULL || port->queues.data[queue_id] == port->dummy)
		return -ENOTSUP;
	error = port->queues.error;
	/* Unblocked since the inline check: as if the port had been down a moment longer. */
	return error != 0 ? error : -ENETDOWN;
}
