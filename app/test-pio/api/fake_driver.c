/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <ethdev_driver.h>

#include "fake_driver.h"

bool fake_driver_binds = true;
int fake_driver_setup_ret;
int fake_driver_bind_again;
int fake_driver_bind_null;

static struct rte_pio_queue_stats fake_stats;
static uint64_t fake_queue;

static int
fake_info_get(struct rte_eth_dev *dev, struct rte_pio_info *info)
{
	RTE_SET_USED(dev);
	info->flags = RTE_PIO_CAP_PIO;
	return 0;
}

static int
fake_conf_default(struct rte_eth_dev *dev, struct rte_pio_queue_conf *conf)
{
	RTE_SET_USED(dev);
	conf->threshold = 200;
	conf->mem_pref = 1024;
	return 0;
}

static int
fake_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, const struct rte_pio_queue_conf *conf)
{
	RTE_SET_USED(conf);
	if (fake_driver_setup_ret != 0)
		return fake_driver_setup_ret;
	fake_driver_bind_null = rte_pio_driver_queue_bind(dev, queue_id, NULL, &fake_stats);
	if (fake_driver_binds) {
		int ret = rte_pio_driver_queue_bind(dev, queue_id, &fake_queue, &fake_stats);

		if (ret != 0)
			return ret;
		fake_driver_bind_again = rte_pio_driver_queue_bind(dev, queue_id, &fake_queue,
								   &fake_stats);
	}
	return 0;
}

static int
fake_queue_op(struct rte_eth_dev *dev, uint16_t queue_id)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(queue_id);
	return 0;
}

static int
fake_threshold_set(struct rte_eth_dev *dev, uint16_t queue_id, uint32_t len)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(queue_id);
	RTE_SET_USED(len);
	return 0;
}

static int
fake_queue_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_pio_queue_info *info)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(queue_id);
	info->state = RTE_PIO_QUEUE_STARTED;
	return 0;
}

static int
fake_wc_info_get(struct rte_eth_dev *dev, struct rte_pio_wc_info *info)
{
	RTE_SET_USED(dev);
	RTE_SET_USED(info);
	return 0;
}

struct rte_pio_driver_ops fake_driver_ops = {
	.info_get = fake_info_get,
	.queue_conf_default = fake_conf_default,
	.queue_setup = fake_queue_setup,
	.queue_release = fake_queue_op,
	.queue_start = fake_queue_op,
	.queue_stop = fake_queue_op,
	.threshold_set = fake_threshold_set,
	.queue_info_get = fake_queue_info_get,
	.wc_info_get = fake_wc_info_get,
};

static int
fake_send(void *queue, const void *frame, uint32_t len, uint32_t flags)
{
	RTE_SET_USED(frame);
	RTE_SET_USED(len);
	RTE_SET_USED(flags);
	return queue == &fake_queue ? RTE_PIO_BY_PIO : -ENOTSUP;
}

static int
fake_sendv(void *queue, const struct rte_pio_iov *iov, uint16_t n, uint32_t flags)
{
	RTE_SET_USED(n);
	return fake_send(queue, iov, 0, flags);
}

static int
fake_template_send(struct rte_pio_template *t, uint32_t flags)
{
	RTE_SET_USED(t);
	RTE_SET_USED(flags);
	return -ENOTSUP;
}

static int
fake_template_update_send(struct rte_pio_template *t, const struct rte_pio_update *updates,
			  uint16_t n, uint32_t flags)
{
	RTE_SET_USED(updates);
	RTE_SET_USED(n);
	return fake_template_send(t, flags);
}

static int
fake_template_update(struct rte_pio_template *t, uint32_t offset, const void *data, uint32_t len)
{
	RTE_SET_USED(offset);
	RTE_SET_USED(data);
	return fake_template_send(t, len);
}

static int
fake_warm(void *queue, uint32_t len)
{
	return fake_send(queue, NULL, len, 0);
}

static int
fake_credits(void *queue, struct rte_pio_credits *credits)
{
	return fake_send(queue, credits, 0, 0);
}

static int
fake_reap(void *queue)
{
	return fake_send(queue, NULL, 0, 0);
}

static int
fake_template_alloc(void *queue, const struct rte_pio_template_conf *conf,
		    struct rte_pio_template **t)
{
	RTE_SET_USED(queue);
	RTE_SET_USED(conf);
	RTE_SET_USED(t);
	return -ENOTSUP;
}

static int
fake_template_info_get(const struct rte_pio_template *t, struct rte_pio_template_info *info)
{
	RTE_SET_USED(t);
	RTE_SET_USED(info);
	return 0;
}

static int
fake_template_free(struct rte_pio_template *t)
{
	RTE_SET_USED(t);
	return 0;
}

struct rte_pio_fp_ops fake_driver_fp = {
	.send = fake_send,
	.sendv = fake_sendv,
	.send_burst = fake_sendv,
	.template_send = fake_template_send,
	.template_update_send = fake_template_update_send,
	.template_update = fake_template_update,
	.warm = fake_warm,
	.credits = fake_credits,
	.reap = fake_reap,
	.template_alloc = fake_template_alloc,
	.template_info_get = fake_template_info_get,
	.template_free = fake_template_free,
};

int
fake_driver_register(uint16_t port)
{
	static const uint64_t dummy;

	return rte_pio_driver_register(&rte_eth_devices[port], &fake_driver_ops, &fake_driver_fp,
				       &dummy, sizeof(dummy));
}
