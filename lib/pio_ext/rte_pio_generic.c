/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Stand-in for a PIO driver, on ports whose driver has none: every frame gets an mbuf of
 * fallback_mp and goes by rte_eth_tx_burst(), templates live in host memory. It registers like a
 * driver when the first queue of such a port opts in, and stays as long as the port.
 *
 * The port's driver does not tell when it starts, stops or drops a queue, so the calls look at
 * dev->data for themselves; that is cheap beside what an mbuf costs.
 */

#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_malloc.h>

#include <piopmd_compat.h>

#include "rte_pio_private.h"

/** Advice: the host memory of that many templates is no matter. */
#define PIO_GENERIC_TEMPLATES 64

struct pio_generic_queue {
	const struct rte_eth_dev_data *data;	/**< Shared memory, like this. */
	struct rte_mempool *mp;
	uint64_t tx_ol_flags;
	uint16_t l2_len;
	uint16_t l3_len;
	uint16_t queue_id;
	bool opted_in;				/**< False: the dummy. */
	bool stopped;				/**< rte_pio_queue_stop(); written by control. */
	struct rte_pio_queue_stats stats;
	struct rte_pio_driver_templates templates;
};

/* Can the queue be used at all? */
static int
pio_generic_ready(const struct pio_generic_queue *q)
{
	if (!q->opted_in)
		return -ENOTSUP;
	if (q->queue_id >= q->data->nb_tx_queues)
		return -EINVAL;
	return q->data->dev_started != 0 ? 0 : -ENETDOWN;
}

static enum rte_pio_fb_reason
pio_generic_reason(const struct pio_generic_queue *q)
{
	return q->stopped ? RTE_PIO_FB_STOPPED : RTE_PIO_FB_NO_DRIVER;
}

/* What excludes a frame from the ring. */
static int
pio_generic_refusal(struct pio_generic_queue *q, uint32_t len, uint32_t flags)
{
	if ((flags & RTE_PIO_NO_FALLBACK) != 0)
		return rte_pio_driver_refuse(&q->stats, pio_generic_reason(q));
	if (len > rte_pio_driver_ring_frame_max(q->data->mtu, q->mp))
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_LEN);
	return 0;
}

static int
pio_generic_csum(struct pio_generic_queue *q, struct rte_mbuf *m, uint64_t tx_ol_flags,
		 uint16_t l2_len, uint16_t l3_len)
{
	m->ol_flags |= tx_ol_flags;
	m->l2_len = l2_len;
	m->l3_len = l3_len;
	/* Drivers expect what this does to the frame, such as the pseudo header's sum. */
	if (rte_eth_tx_prepare(q->data->port_id, q->queue_id, &m, 1) == 1)
		return 0;
	rte_pktmbuf_free(m);
	return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_OFFLOAD);
}

/* The last step of every send. m is NULL when there was none to be had. */
static int
pio_generic_xmit(struct pio_generic_queue *q, struct rte_mbuf *m)
{
	enum rte_pio_fb_reason reason = pio_generic_reason(q);
	uint32_t len;

	if (m == NULL) {
		q->stats.refused[reason]++;
		return -ENOBUFS;
	}
	len = m->pkt_len;
	if (rte_eth_tx_burst(q->data->port_id, q->queue_id, &m, 1) != 1) {
		rte_pktmbuf_free(m);
		return rte_pio_driver_refuse(&q->stats, RTE_PIO_FB_RING_FULL);
	}
	rte_pio_driver_fallback(&q->stats, reason, 1, len);
	return RTE_PIO_BY_RING;
}

/* A checked frame in n pieces. */
static int
pio_generic_pieces(struct pio_generic_queue *q, const struct rte_pio_iov *iov, uint16_t n,
		   uint32_t len, uint32_t flags)
{
	struct rte_mbuf *m;
	int ret;

	if ((flags & RTE_PIO_CSUM) != 0 && q->tx_ol_flags == 0)
		return -EINVAL;
	ret = pio_generic_ready(q);
	if (ret != 0)
		return ret;
	ret = pio_generic_refusal(q, len, flags);
	if (ret != 0)
		goto out;
	if ((flags & RTE_PIO_WARM) != 0) {
		q->stats.warms++;
		return RTE_PIO_BY_RING;
	}
	m = rte_pio_driver_mbuf(q->mp, iov, n, len);
	if (m != NULL && (flags & RTE_PIO_CSUM) != 0)
		ret = pio_generic_csum(q, m, q->tx_ol_flags, q->l2_len, q->l3_len);
	if (ret == 0)
		ret = pio_generic_xmit(q, m);
out:
	rte_pio_driver_trace_fallback(q->data->port_id, q->queue_id, pio_generic_reason(q), len,
				      ret);
	return ret;
}

static int
pio_generic_send(void *queue, const void *frame, uint32_t len, uint32_t flags)
{
	const struct rte_pio_iov iov = { .base = frame, .len = len };
	struct pio_generic_queue *q = queue;

	if (!q->opted_in)
		return -ENOTSUP;
	if (rte_pio_driver_frame_check(frame, len, flags) != 0)
		return -EINVAL;
	return pio_generic_pieces(q, &iov, 1, len, flags);
}

static int
pio_generic_sendv(void *queue, const struct rte_pio_iov *iov, uint16_t n, uint32_t flags)
{
	struct pio_generic_queue *q = queue;
	int64_t len;

	if (!q->opted_in)
		return -ENOTSUP;
	len = rte_pio_driver_iov_check(iov, n, flags);
	if (len < 0)
		return -EINVAL;
	/* Longer than any MTU: the exact figure does not matter any more. */
	return pio_generic_pieces(q, iov, n, (uint32_t)RTE_MIN(len, (int64_t)UINT32_MAX), flags);
}

/*
 * One frame after the other. Drivers without PIO coalesce their doorbells inside a burst only,
 * and a burst of mbufs could be cut short in the middle of frames that were counted already.
 */
static int
pio_generic_send_burst(void *queue, const struct rte_pio_iov *frames, uint16_t n, uint32_t flags)
{
	struct pio_generic_queue *q = queue;
	uint16_t i;
	int ret;

	if (!q->opted_in)
		return -ENOTSUP;
	if ((flags & ~RTE_PIO_FLAGS_ALL) != 0 || (frames == NULL && n > 0))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		ret = pio_generic_send(q, frames[i].base, frames[i].len, flags);
		if (ret < 0)
			return i > 0 ? i : ret;
	}
	return n;
}

static int
pio_generic_warm(void *queue, uint32_t len)
{
	struct pio_generic_queue *q = queue;
	int ret;

	if (!q->opted_in)
		return -ENOTSUP;
	if (len < RTE_PIO_FRAME_MIN)
		return -EINVAL;
	ret = pio_generic_ready(q);
	if (ret != 0)
		return ret;
	q->stats.warms++;
	return RTE_PIO_BY_RING;
}

static int
pio_generic_credits(void *queue, struct rte_pio_credits *credits)
{
	struct pio_generic_queue *q = queue;
	int ret;

	if (!q->opted_in)
		return -ENOTSUP;
	if (credits == NULL)
		return -EINVAL;
	ret = pio_generic_ready(q);
	if (ret == 0)
		*credits = (struct rte_pio_credits) { 0 };
	return ret;
}

static int
pio_generic_reap(void *queue)
{
	struct pio_generic_queue *q = queue;
	int ret;

	ret = pio_generic_ready(q);
	/* Few drivers offer it, and those that do not free by themselves when they send. */
	if (ret == 0)
		rte_eth_tx_done_cleanup(q->data->port_id, q->queue_id, 0);
	return ret;
}

/* Templates: host memory only */

/** A template and the queue it is sent on. */
struct pio_generic_template {
	struct rte_pio_driver_template t;
	struct pio_generic_queue *q;
};

static int
pio_generic_template_alloc(void *queue, const struct rte_pio_template_conf *conf,
			   struct rte_pio_template **t)
{
	struct pio_generic_queue *q = queue;
	struct rte_pio_driver_template *dt;
	int ret;

	if (!q->opted_in || conf->resident == RTE_PIO_RESIDENT_REQUIRED)
		return -ENOTSUP;
	ret = rte_pio_driver_template_create(&q->templates, q->data->port_id, q->queue_id, conf,
					     sizeof(struct pio_generic_template),
					     q->data->numa_node, &dt);
	if (ret != 0)
		return ret;
	((struct pio_generic_template *)dt)->q = q;
	*t = &dt->base;
	return 0;
}

static int
pio_generic_template_free(struct rte_pio_template *t)
{
	rte_pio_driver_template_destroy((struct rte_pio_driver_template *)t);
	return 0;
}

static int
pio_generic_template_info_get(const struct rte_pio_template *t, struct rte_pio_template_info *info)
{
	rte_pio_driver_template_info_get((const struct rte_pio_driver_template *)t, info);
	return 0;
}

static int
pio_generic_template_update(struct rte_pio_template *base, uint32_t offset, const void *data,
			    uint32_t len)
{
	struct pio_generic_template *t = (struct pio_generic_template *)base;
	uint32_t frame_len = t->t.len;

	if (rte_pio_driver_template_check(&t->t, &frame_len, offset, data, len) != 0)
		return -EINVAL;
	rte_pio_driver_template_patch(&t->t, offset, data, len);
	t->q->stats.template_updates++;
	return 0;
}

static int
pio_generic_template_check(const struct pio_generic_template *t,
			   const struct rte_pio_update *updates, uint16_t n, uint32_t flags,
			   uint32_t *len)
{
	uint16_t i;

	if ((flags & ~RTE_PIO_FLAGS_ALL) != 0 || (updates == NULL && n > 0) ||
	    ((flags & RTE_PIO_CSUM) != 0 && t->t.tx_ol_flags == 0))
		return -EINVAL;
	*len = t->t.len;
	for (i = 0; i < n; i++) {
		if (rte_pio_driver_template_check(&t->t, len, updates[i].offset, updates[i].data,
						  updates[i].len) != 0)
			return -EINVAL;
	}
	return 0;
}

/* The patches go to the copy that is sent first, and to the template when it has been sent. */
static int
pio_generic_template_update_send(struct rte_pio_template *base,
				 const struct rte_pio_update *updates, uint16_t n, uint32_t flags)
{
	struct pio_generic_template *t = (struct pio_generic_template *)base;
	struct pio_generic_queue *q = t->q;
	struct rte_mbuf *m;
	uint32_t len;
	uint16_t i;
	int ret;

	if (pio_generic_template_check(t, updates, n, flags, &len) != 0)
		return -EINVAL;
	ret = pio_generic_ready(q);
	if (ret != 0)
		return ret;
	ret = pio_generic_refusal(q, len, flags);
	if (ret != 0)
		goto out;
	if ((flags & RTE_PIO_WARM) != 0) {
		q->stats.warms++;
		return RTE_PIO_BY_RING;
	}
	m = rte_pio_driver_template_mbuf(&t->t, q->mp, updates, n);
	if (m != NULL && (flags & RTE_PIO_CSUM) != 0)
		ret = pio_generic_csum(q, m, t->t.tx_ol_flags, t->t.l2_len, t->t.l3_len);
	if (ret == 0)
		ret = pio_generic_xmit(q, m);
	if (ret == RTE_PIO_BY_RING) {
		t->t.ring_sends++;
		q->stats.template_updates += n;
		for (i = 0; i < n; i++)
			rte_pio_driver_template_patch(&t->t, updates[i].offset, updates[i].data,
						      updates[i].len);
	}
out:
	rte_pio_driver_trace_fallback(q->data->port_id, q->queue_id, pio_generic_reason(q), len,
				      ret);
	return ret;
}

static int
pio_generic_template_send(struct rte_pio_template *t, uint32_t flags)
{
	return pio_generic_template_update_send(t, NULL, 0, flags);
}

static const struct rte_pio_fp_ops pio_generic_fp = {
	.send = pio_generic_send,
	.sendv = pio_generic_sendv,
	.send_burst = pio_generic_send_burst,
	.template_send = pio_generic_template_send,
	.template_update_send = pio_generic_template_update_send,
	.template_update = pio_generic_template_update,
	.warm = pio_generic_warm,
	.credits = pio_generic_credits,
	.reap = pio_generic_reap,
	.template_alloc = pio_generic_template_alloc,
	.template_info_get = pio_generic_template_info_get,
	.template_free = pio_generic_template_free,
};

/* Control */

static struct pio_generic_queue *
pio_generic_queue(const struct rte_eth_dev *dev, uint16_t queue_id)
{
	return pio_local[dev->data->port_id].port->queues.data[queue_id];
}

static int
pio_generic_info_get(struct rte_eth_dev *dev, struct rte_pio_info *info)
{
	RTE_SET_USED(dev);
	info->reason = RTE_PIO_FB_NO_DRIVER;
	return 0;
}

static int
pio_generic_queue_conf_default(struct rte_eth_dev *dev, struct rte_pio_queue_conf *conf)
{
	RTE_SET_USED(dev);
	conf->nb_templates_max = PIO_GENERIC_TEMPLATES;
	return 0;
}

static int
pio_generic_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id,
			const struct rte_pio_queue_conf *conf)
{
	struct pio_generic_queue *q;
	int ret;

	q = rte_zmalloc_socket("rte_pio_generic", sizeof(*q), RTE_CACHE_LINE_SIZE,
			       dev->data->numa_node);
	if (q == NULL)
		return -ENOMEM;
	q->data = dev->data;
	q->queue_id = queue_id;
	q->mp = conf->fallback_mp;
	q->tx_ol_flags = conf->tx_ol_flags;
	q->l2_len = conf->l2_len;
	q->l3_len = conf->l3_len;
	q->opted_in = true;
	rte_pio_driver_templates_init(&q->templates, 0, 0);
	ret = rte_pio_driver_queue_bind(dev, queue_id, q, &q->stats);
	if (ret != 0)
		rte_free(q);
	return ret;
}

static int
pio_generic_queue_release(struct rte_eth_dev *dev, uint16_t queue_id)
{
	struct pio_generic_queue *q = pio_generic_queue(dev, queue_id);

	rte_pio_driver_queue_unbind(dev, queue_id);
	rte_free(q);
	return 0;
}

static int
pio_generic_queue_start(struct rte_eth_dev *dev, uint16_t queue_id)
{
	pio_generic_queue(dev, queue_id)->stopped = false;
	return 0;
}

static int
pio_generic_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id)
{
	pio_generic_queue(dev, queue_id)->stopped = true;
	return 0;
}

static int
pio_generic_threshold_set(struct rte_eth_dev *dev, uint16_t queue_id, uint32_t len)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(queue_id);
	RTE_SET_USED(len);
	return -ENOTSUP;
}

static int
pio_generic_queue_info_get(struct rte_eth_dev *dev, uint16_t queue_id,
			   struct rte_pio_queue_info *info)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(queue_id);
	info->state = RTE_PIO_QUEUE_RING;
	info->reason = RTE_PIO_FB_NO_DRIVER;
	return 0;
}

static int
pio_generic_wc_info_get(struct rte_eth_dev *dev, struct rte_pio_wc_info *info)
{
	struct rte_pio_wc_rung *rung = &info->rungs[0];

	info->nb_rungs = 1;
	strlcpy(rung->name, "driver", sizeof(rung->name));
	rung->error = -ENOTSUP;
	snprintf(rung->reason, sizeof(rung->reason), "driver %s of this port has no PIO",
		 dev->device->driver->name);
	strlcpy(rung->advice, "use a port whose driver offers PIO", sizeof(rung->advice));
	return 0;
}

const struct rte_pio_driver_ops pio_generic_ops = {
	.info_get = pio_generic_info_get,
	.queue_conf_default = pio_generic_queue_conf_default,
	.queue_setup = pio_generic_queue_setup,
	.queue_release = pio_generic_queue_release,
	.queue_start = pio_generic_queue_start,
	.queue_stop = pio_generic_queue_stop,
	.threshold_set = pio_generic_threshold_set,
	.queue_info_get = pio_generic_queue_info_get,
	.wc_info_get = pio_generic_wc_info_get,
};

/* What queues without opt-in stand on: opted_in is false. */
static const struct pio_generic_queue pio_generic_dummy;

/* The port goes away: so does what stood on it. */
static int
pio_generic_destroyed(uint16_t port_id, enum rte_eth_event_type type, void *arg, void *ret)
{
	RTE_SET_USED(type);
	RTE_SET_USED(arg);
	RTE_SET_USED(ret);
	if (pio_local[port_id].ops == &pio_generic_ops)
		rte_pio_driver_unregister(&rte_eth_devices[port_id]);
	return 0;
}

static int
pio_generic_enroll(struct rte_eth_dev *dev)
{
	static bool watching;
	int ret;

	if (!watching) {
		ret = rte_eth_dev_callback_register(RTE_ETH_ALL, RTE_ETH_EVENT_DESTROY,
						    pio_generic_destroyed, NULL);
		if (ret != 0)
			return -ENOMEM;
		watching = true;
	}
	return pio_driver_register(dev, &pio_generic_ops, &pio_generic_fp, &pio_generic_dummy,
				   sizeof(pio_generic_dummy));
}

int
pio_generic_register(struct rte_eth_dev *dev)
{
	uint16_t port_id = dev->data->port_id;
	int ret;

	ret = pio_generic_enroll(dev);
	if (ret != 0)
		return ret;
	rte_pio_driver_fp_unblock(port_id);
	PIO_LOG(INFO, "port %u: driver %s has no PIO, frames go by rte_eth_tx_burst()", port_id,
		dev->device->driver->name);
	return 0;
}

void
pio_generic_attach(uint16_t port_id)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY || pio_local[port_id].ops != NULL)
		return;
	/* Fails when the primary has not opted in on this port, and then there is nothing to do. */
	pio_generic_enroll(&rte_eth_devices[port_id]);
}
