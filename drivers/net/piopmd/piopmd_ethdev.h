/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_ETHDEV_H
#define PIOPMD_ETHDEV_H

/*
 * The operations of struct eth_dev_ops, by topic. They check what ethdev has not checked, take the
 * adapter lock and call the file that does the work. struct eth_dev_ops documents each of them.
 */

#include <ethdev_driver.h>

#include "piopmd_compat.h"

/*
 * Every operation that changes something begins here. Such operations are the primary process's; in a
 * secondary they answer -EPERM. On success the adapter lock is held.
 */
int piopmd_control_begin(struct rte_eth_dev *dev);
/* For what needs the running hardware, if there is any: not in the middle of a recovery. */
int piopmd_control_begin_healthy(struct rte_eth_dev *dev);
/* Gives the lock back and passes ret on. */
int piopmd_control_end(struct rte_eth_dev *dev, int ret);

/* piopmd_ethdev_info.c: information */

int piopmd_dev_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info);
int piopmd_dev_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats PIOPMD_QSTATS_ARG);
int piopmd_dev_stats_reset(struct rte_eth_dev *dev);
int piopmd_fw_version_get(struct rte_eth_dev *dev, char *version, size_t size);
int piopmd_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info);
const uint32_t *piopmd_supported_ptypes_get(struct rte_eth_dev *dev PIOPMD_PTYPES_COUNT_ARG);

/* piopmd_ethdev_queue.c: queues */

int piopmd_rx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
			  unsigned int socket_id, const struct rte_eth_rxconf *conf,
			  struct rte_mempool *mp);
void piopmd_rx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_tx_queue_setup(struct rte_eth_dev *dev, uint16_t queue_id, uint16_t nb_desc,
			  unsigned int socket_id, const struct rte_eth_txconf *conf);
void piopmd_tx_queue_release(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_rx_queue_start(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_rx_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_tx_queue_start(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_tx_queue_stop(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue_id);
int piopmd_get_monitor_addr(void *rx_queue, struct rte_power_monitor_cond *cond);
void piopmd_rxq_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_rxq_info *info);
void piopmd_txq_info_get(struct rte_eth_dev *dev, uint16_t queue_id, struct rte_eth_txq_info *info);
int piopmd_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue_id,
			     struct rte_eth_burst_mode *mode);
int piopmd_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue_id,
			     struct rte_eth_burst_mode *mode);

/* piopmd_ethdev_mode.c: addresses, modes, MTU, link, RSS */

int piopmd_promiscuous_enable(struct rte_eth_dev *dev);
int piopmd_promiscuous_disable(struct rte_eth_dev *dev);
int piopmd_allmulticast_enable(struct rte_eth_dev *dev);
int piopmd_allmulticast_disable(struct rte_eth_dev *dev);
int piopmd_dev_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr);
int piopmd_dev_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
			    uint32_t pool);
void piopmd_dev_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int piopmd_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *addrs, uint32_t nb);
int piopmd_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);
int piopmd_link_update(struct rte_eth_dev *dev, int wait_to_complete);
int piopmd_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf);
int piopmd_dev_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int piopmd_dev_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
			   uint16_t size);

#endif /* PIOPMD_ETHDEV_H */
