/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOPMD_VFIO_H
#define PIOPMD_VFIO_H

/*
 * The VFIO device without its BAR: what rte_pci_map_device() does besides mapping, for the split rung of
 * the ladder (piopmd_map.h). The BAR is never read, written or mapped through the device: that would
 * claim it.
 *
 * The descriptor of the open device is the dev_fd of the PCI device's interrupt handle, as EAL has it.
 *
 * All functions: control thread only.
 */

#include <bus_pci_driver.h>

/*
 * Opens the device (container, group, DMA mappings of EAL), sets memory decoding and bus mastering,
 * resets it, and prepares its interrupt handle. -ENODEV not bound to vfio-pci, -EIO anything else.
 */
int piopmd_vfio_open(struct rte_pci_device *pci);

/*
 * Arms the request to give the device back (unbind, removal), as EAL does for devices that it has
 * mapped: from then on vfio_req_intr_handle of the PCI device can have callbacks.
 */
int piopmd_vfio_req_arm(struct rte_pci_device *pci);

/* Undoes both. Unmap the BAR first. May be repeated. */
void piopmd_vfio_close(struct rte_pci_device *pci);

#endif /* PIOPMD_VFIO_H */
