/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Templates: the calls that are off the critical path, with the queue's list of templates, and
 * the helper that gives drivers lines of the reserve, the host shadow and the deferred free.
 */

#include <errno.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_malloc.h>

#include <eal_export.h>
#include <piopmd_compat.h>

#include "rte_pio_private.h"
#include "rte_pio_trace.h"

/* Calls of applications */

static bool
pio_template_conf_valid(const struct rte_pio_template_conf *conf)
{
	size_t i;

	for (i = 0; i < RTE_DIM(conf->reserved); i++) {
		if (conf->reserved[i] != 0)
			return false;
	}
	return conf->data != NULL && conf->len >= RTE_PIO_FRAME_MIN &&
		(conf->room == 0 || conf->room >= conf->len) && conf->nb_slots <= 2 &&
		(conf->resident == RTE_PIO_RESIDENT_PREFERRED ||
		 conf->resident == RTE_PIO_RESIDENT_REQUIRED);
}

/* Count it first: when the count is taken the list has room. */
static bool
pio_template_reserve(struct pio_queue *pq)
{
	bool room;

	rte_spinlock_lock(&pq->lock);
	room = pq->nb_templates < pq->conf.nb_templates_max;
	if (room)
		pq->nb_templates++;
	rte_spinlock_unlock(&pq->lock);
	return room;
}

static void
pio_template_link(struct pio_queue *pq, struct rte_pio_template *t)
{
	rte_spinlock_lock(&pq->lock);
	if (t == NULL) {
		pq->nb_templates--;
	} else {
		t->prev = NULL;
		t->next = pq->templates;
		if (t->next != NULL)
			t->next->prev = t;
		pq->templates = t;
	}
	rte_spinlock_unlock(&pq->lock);
}

static void
pio_template_unlink(struct pio_queue *pq, struct rte_pio_template *t)
{
	rte_spinlock_lock(&pq->lock);
	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		pq->templates = t->next;
	if (t->next != NULL)
		t->next->prev = t->prev;
	pq->nb_templates--;
	rte_spinlock_unlock(&pq->lock);
}

static int
pio_template_make(struct pio_queue *pq, void *queue_data, const struct rte_pio_template_conf *conf,
		  uint16_t port_id, struct rte_pio_template **t)
{
	const struct rte_pio_fp_ops *fp = &rte_pio_fp_ops[port_id];
	struct rte_pio_template_info info;
	uint16_t mtu = rte_eth_devices[port_id].data->mtu;
	int ret;

	ret = fp->template_alloc(queue_data, conf, t);
	if (ret != 0)
		return ret;
	memset(&info, 0, sizeof(info));
	fp->template_info_get(*t, &info);
	/* One that no path could ever take is refused now and not at its first send. */
	if (!info.resident &&
	    conf->room > rte_pio_driver_ring_frame_max(mtu, pq->conf.fallback_mp)) {
		fp->template_free(*t);
		return -EMSGSIZE;
	}
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_template_alloc, 26.11)
int
rte_pio_template_alloc(uint16_t port_id, uint16_t queue_id,
		       const struct rte_pio_template_conf *conf, struct rte_pio_template **t)
{
	struct rte_pio_template_conf full;
	struct rte_eth_dev *dev;
	struct pio_queue *pq;
	int error;
	int ret;

	if (t != NULL)
		*t = NULL;
	if (!rte_eth_dev_is_valid_port(port_id))
		return -ENODEV;
	dev = &rte_eth_devices[port_id];
	if (queue_id >= dev->data->nb_tx_queues || t == NULL || conf == NULL ||
	    !pio_template_conf_valid(conf))
		return -EINVAL;
	pq = pio_queue_get(port_id, queue_id);
	if (pq == NULL)
		return -ENOTSUP;
	error = pio_local[port_id].port->queues.error;
	if (error != 0 && error != -ENETDOWN)
		return error;
	full = *conf;
	full.room = RTE_MAX(conf->room, conf->len);
	full.nb_slots = RTE_MAX(conf->nb_slots, 1);
	/* What cannot go by the ring must be resident. */
	if (pq->conf.fallback == RTE_PIO_FALLBACK_NONE)
		full.resident = RTE_PIO_RESIDENT_REQUIRED;
	ret = pio_csum_check(dev, queue_id, full.tx_ol_flags, full.l2_len, full.l3_len);
	if (ret != 0)
		return ret;
	if (full.room > rte_pio_driver_frame_max(dev->data->mtu))
		return -EMSGSIZE;
	if (!pio_template_reserve(pq))
		return -ENOSPC;
	ret = pio_template_make(pq, pio_local[port_id].port->queues.data[queue_id], &full, port_id,
				t);
	if (ret != 0)
		*t = NULL;
	pio_template_link(pq, *t);
	rte_pio_trace_template_alloc(port_id, queue_id, *t, full.len, ret);
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_template_free, 26.11)
int
rte_pio_template_free(struct rte_pio_template *t)
{
	struct pio_queue *pq;

	if (t == NULL)
		return 0;
	rte_pio_trace_template_free(t);
	pq = pio_queue_get(t->port_id, t->queue_id);
	if (pq != NULL)
		pio_template_unlink(pq, t);
	return rte_pio_fp_ops[t->port_id].template_free(t);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_template_info_get, 26.11)
int
rte_pio_template_info_get(const struct rte_pio_template *t, struct rte_pio_template_info *info)
{
	if (t == NULL || info == NULL)
		return -EINVAL;
	memset(info, 0, sizeof(*info));
	return rte_pio_fp_ops[t->port_id].template_info_get(t, info);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_template_update_blocked, 26.11)
int
rte_pio_template_update_blocked(struct rte_pio_template *t, uint32_t offset, const void *data,
				uint32_t len)
{
	struct pio_port *port = pio_local[t->port_id].port;
	int error = port != NULL ? port->queues.error : -ENODEV;

	/* A stopped port: the host shadow takes it, and the adapter gets it once the port runs. */
	if (error == 0 || error == -ENETDOWN)
		return rte_pio_fp_ops[t->port_id].template_update(t, offset, data, len);
	return error;
}

/* Helper of drivers: lines of the reserve */

/* First of nb free neighbouring lines, lowest first; -1: none. */
static int
pio_lines_find(const struct rte_pio_driver_templates *set, uint32_t nb)
{
	uint64_t want;
	uint32_t first;

	if (nb == 0 || nb > set->nb_lines)
		return -1;
	want = rte_pio_driver_template_live(nb * RTE_PIO_LINE);
	for (first = 0; first + nb <= set->nb_lines; first++) {
		if ((set->used & (want << first)) == 0)
			return (int)first;
	}
	return -1;
}

static void
pio_lines_set(struct rte_pio_driver_templates *set, uint32_t off, uint32_t nb, bool used)
{
	uint64_t lines = rte_pio_driver_template_live(nb * RTE_PIO_LINE) <<
		((off - set->begin) / RTE_PIO_LINE);

	if (used)
		set->used |= lines;
	else
		set->used &= ~lines;
}

static unsigned int
pio_slots_in_flight(const struct rte_pio_driver_template *t)
{
	return (t->slot_state[0] == RTE_PIO_DRIVER_SLOT_IN_FLIGHT) +
		(t->slot_state[1] == RTE_PIO_DRIVER_SLOT_IN_FLIGHT);
}

/* Nothing is in flight, and every line is dirty. */
static void
pio_slots_reset(struct rte_pio_driver_template *t)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(t->slot_state); i++) {
		t->dirty[i] = UINT64_MAX;
		t->slot_state[i] = i < t->nb_slots ? RTE_PIO_DRIVER_SLOT_FREE :
			RTE_PIO_DRIVER_SLOT_ABSENT;
	}
}

/* All slots or none. */
static int
pio_lines_take(struct rte_pio_driver_templates *set, struct rte_pio_driver_template *t,
	       unsigned int nb_slots)
{
	unsigned int i;
	int first;

	for (i = 0; i < nb_slots; i++) {
		first = pio_lines_find(set, t->nb_lines);
		if (first < 0)
			break;
		t->slot_off[i] = set->begin + (uint32_t)first * RTE_PIO_LINE;
		pio_lines_set(set, t->slot_off[i], t->nb_lines, true);
	}
	if (i == nb_slots) {
		t->nb_slots = (uint8_t)nb_slots;
		return 0;
	}
	while (i-- > 0)
		pio_lines_set(set, t->slot_off[i], t->nb_lines, false);
	return -ENOSPC;
}

/* Helper of drivers: templates */

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_templates_init, 26.11)
void
rte_pio_driver_templates_init(struct rte_pio_driver_templates *set, uint32_t begin, uint32_t mem)
{
	memset(set, 0, sizeof(*set));
	set->begin = begin;
	set->nb_lines = RTE_MIN(mem / RTE_PIO_LINE, (uint32_t)RTE_PIO_DRIVER_TEMPLATE_LINES);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_create, 26.11)
int
rte_pio_driver_template_create(struct rte_pio_driver_templates *set, uint16_t port_id,
			       uint16_t queue_id, const struct rte_pio_template_conf *conf,
			       size_t size, int socket_id, struct rte_pio_driver_template **out)
{
	size_t shadow_off = RTE_ALIGN_CEIL(size, (size_t)RTE_PIO_LINE);
	struct rte_pio_driver_template *t;
	uint32_t nb_lines = RTE_ALIGN_CEIL(conf->room, RTE_PIO_LINE) / RTE_PIO_LINE;
	int ret = -ENOSPC;

	/* Structure and shadow in one piece: they are used together. */
	t = rte_zmalloc_socket("rte_pio_template", shadow_off + nb_lines * RTE_PIO_LINE,
			       RTE_PIO_LINE, socket_id);
	if (t == NULL)
		return -ENOMEM;
	t->base.port_id = port_id;
	t->base.queue_id = queue_id;
	t->set = set;
	t->shadow = (uint8_t *)t + shadow_off;
	t->len = conf->len;
	t->room = conf->room;
	t->nb_lines = nb_lines;
	t->live = rte_pio_driver_template_live(t->len);
	t->l2_len = conf->l2_len;
	t->l3_len = conf->l3_len;
	t->tx_ol_flags = conf->tx_ol_flags;
	memcpy(t->shadow, conf->data, conf->len);
	if (nb_lines <= RTE_PIO_DRIVER_TEMPLATE_LINES)
		ret = pio_lines_take(set, t, conf->nb_slots);
	if (ret != 0 && conf->resident == RTE_PIO_RESIDENT_REQUIRED) {
		rte_free(t);
		return ret;
	}
	pio_slots_reset(t);
	set->nb++;
	*out = t;
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_destroy, 26.11)
void
rte_pio_driver_template_destroy(struct rte_pio_driver_template *t)
{
	unsigned int i;

	if (pio_slots_in_flight(t) != 0) {
		t->freed = 1;
		return;
	}
	for (i = 0; i < t->nb_slots; i++)
		pio_lines_set(t->set, t->slot_off[i], t->nb_lines, false);
	t->set->nb--;
	rte_free(t);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_invalidate, 26.11)
void
rte_pio_driver_template_invalidate(struct rte_pio_driver_template *t)
{
	pio_slots_reset(t);
	if (t->freed != 0)
		rte_pio_driver_template_destroy(t);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_info_get, 26.11)
void
rte_pio_driver_template_info_get(const struct rte_pio_driver_template *t,
				 struct rte_pio_template_info *info)
{
	info->len = t->len;
	info->room = t->room;
	info->nb_slots = t->nb_slots;
	info->in_flight = (uint16_t)pio_slots_in_flight(t);
	info->resident = t->nb_slots != 0;
	info->sends = t->sends;
	info->ring_sends = t->ring_sends;
	info->updates = t->updates;
	info->lines = t->lines;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_len_set, 26.11)
void
rte_pio_driver_template_len_set(struct rte_pio_driver_template *t, uint32_t len)
{
	uint32_t low = RTE_MIN(len, t->len);
	uint32_t high = RTE_MAX(len, t->len);
	uint64_t lines;

	if (low == high)
		return;
	/* Shorter: what was there must not show as padding. Longer: it is zeros already. */
	memset(t->shadow + low, 0, high - low);
	t->len = len;
	t->live = rte_pio_driver_template_live(len);
	if (t->nb_slots == 0)
		return;
	lines = (UINT64_MAX << (low / RTE_PIO_LINE)) & rte_pio_driver_template_live(high);
	t->dirty[0] |= lines;
	t->dirty[1] |= lines;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pio_driver_template_mbuf, 26.11)
struct rte_mbuf *
rte_pio_driver_template_mbuf(const struct rte_pio_driver_template *t, struct rte_mempool *mp,
			     const struct rte_pio_update *updates, uint16_t n)
{
	const struct rte_pio_iov iov = { .base = t->shadow, .len = t->len };
	struct rte_mbuf *m = rte_pio_driver_mbuf(mp, &iov, 1, t->len);
	uint32_t len = t->len;
	uint8_t *data;
	uint16_t i;

	if (m == NULL)
		return NULL;
	data = rte_pktmbuf_mtod(m, uint8_t *);
	for (i = 0; i < n; i++) {
		const struct rte_pio_update *u = &updates[i];

		if (u->data != NULL) {
			memcpy(data + u->offset, u->data, u->len);
			len = RTE_MAX(len, u->offset + u->len);
		} else {
			if (u->offset > len)
				memset(data + len, 0, u->offset - len);
			len = u->offset;
		}
	}
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
	return m;
}
