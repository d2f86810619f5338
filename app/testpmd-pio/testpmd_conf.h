/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Included before each of testpmd's files, after DPDK's configuration: testpmd's commands for
 * single drivers are left out, which would link it with each of them.
 */

#undef RTE_NET_BNXT
#undef RTE_NET_BOND
#undef RTE_NET_DPAA
#undef RTE_NET_I40E
#undef RTE_NET_ICE
#undef RTE_NET_IXGBE
#undef RTE_NET_MLX5
