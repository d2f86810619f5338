/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <errno.h>

#include <ethdev_pci.h>

#include "piopmd.h"

static const struct rte_pci_id piopmd_pci_ids[] = {
	{ RTE_PCI_DEVICE(EF10_PCI_VENDOR, EF10_PCI_DEVICE_HUNTINGTON_VF) },
	{ RTE_PCI_DEVICE(EF10_PCI_VENDOR, EF10_PCI_DEVICE_HUNTINGTON_GREENPORT_VF) },
	{ RTE_PCI_DEVICE(EF10_PCI_VENDOR, EF10_PCI_DEVICE_MEDFORD_VF) },
	{ RTE_PCI_DEVICE(EF10_PCI_VENDOR, EF10_PCI_DEVICE_MEDFORD2_VF) },
	{ .vendor_id = 0 },
};

static int
pci_devargs_check(const struct piopmd_adapter *ad, const char *name)
{
	const struct piopmd_devargs *da = &ad->devargs;

	if (ad->limits.nb_queues < PIOPMD_DEVARGS_TXQ_MAX &&
	    (da->pio_txqs >> ad->limits.nb_queues) != 0) {
		PIOPMD_LOG_INIT(ERR, name, "argument pio_txqs=%#" PRIx64 " (bits): bad value; range: "
				"queues 0 to %u of this VF", da->pio_txqs, ad->limits.nb_queues - 1);
		return -EINVAL;
	}
	if (da->pio_threshold > ad->limits.piobuf_size - RTE_PIO_LINE) {
		PIOPMD_LOG_INIT(ERR, name, "argument pio_threshold=%u: bad value; range: %u to %u on "
				"this VF", da->pio_threshold, PIOPMD_DEVARGS_THRESHOLD_MIN,
				ad->limits.piobuf_size - RTE_PIO_LINE);
		return -EINVAL;
	}
	return 0;
}

static void
pci_adapter_close(struct piopmd_adapter *ad, struct rte_pci_device *pci)
{
	piopmd_nic_detach(ad);
	piopmd_mcdi_fini(&ad->mcdi);
	piopmd_map_close(&ad->map, pci);
}

/* One descent of the ladder: map, talk to the MC, map the windows that it says there are. */
static int
pci_adapter_open_once(struct piopmd_adapter *ad, struct rte_pci_device *pci)
{
	uint16_t nb_queues;
	int ret;

	ret = piopmd_map_open(&ad->map, pci, ad->devargs.map_mode, ad->devargs.wc_require);
	if (ret != 0)
		return ret;
	ret = piopmd_mcdi_init(&ad->mcdi, pci->name, ad->map.base, pci->device.numa_node);
	if (ret == 0)
		ret = piopmd_nic_attach(ad, pci->name);
	if (ret == 0) {
		nb_queues = ad->limits.nb_queues;
		ret = piopmd_map_windows(&ad->map, pci, ad->caps.vi_stride,
					 (uint16_t)(1 + 2 * nb_queues), nb_queues);
	}
	/* the kernel may have revoked the pages: touch them no more */
	if (ret == -EAGAIN)
		ad->mcdi.state = PIOPMD_MCDI_GONE;
	if (ret != 0)
		pci_adapter_close(ad, pci);
	return ret;
}

static int
pci_adapter_open(struct piopmd_adapter *ad, struct rte_pci_device *pci)
{
	int ret = pci_adapter_open_once(ad, pci);

	/* -EAGAIN: the rung in use broke while windows were mapped, and is refused from now on */
	if (ret == -EAGAIN)
		ret = pci_adapter_open_once(ad, pci);
	return ret;
}

static int
pci_port_init_primary(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_pci_device *pci = piopmd_pci_of(dev);
	const struct rte_devargs *devargs = dev->device->devargs;
	int ret;

	ad->data = dev->data;
	ad->family = ef10_family_of(pci->id.vendor_id, pci->id.device_id);
	ad->rss.context = EF10_RSS_CONTEXT_ID_INVALID;
	ret = piopmd_devargs_parse(pci->name, devargs->args, &ad->devargs);
	if (ret != 0)
		return ret;
	ret = pci_adapter_open(ad, pci);
	if (ret != 0)
		return ret;
	ret = pci_devargs_check(ad, pci->name);
	if (ret != 0)
		goto fail_check;
	ad->store = rte_pio_store_kind_best(piopmd_ext_map_kind(&ad->map));
	pthread_mutex_init(&ad->lock, NULL);
	ret = piopmd_port_init(dev);
	if (ret != 0)
		goto fail_port;
	PIOPMD_LOG_INIT(INFO, pci->name, "BAR mapped by rung %s: registers %s, PIO %s",
			piopmd_map_rung_name(ad->map.rung), piopmd_memtype_name(ad->map.regs_type),
			piopmd_memtype_name(ad->map.pio_type));
	return 0;

fail_port:
	pthread_mutex_destroy(&ad->lock);
fail_check:
	pci_adapter_close(ad, pci);
	return ret;
}

static int
pci_port_init_secondary(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_pci_device *pci = piopmd_pci_of(dev);
	int ret;

	ret = piopmd_map_secondary(&ad->map, pci);
	if (ret != 0)
		return ret;
	ret = piopmd_ext_register(dev);
	if (ret != 0) {
		piopmd_map_secondary_close(&ad->map, pci);
		return ret;
	}
	dev->dev_ops = &piopmd_eth_dev_ops;
	piopmd_burst_select(dev);
	return 0;
}

static int
pci_port_init(struct rte_eth_dev *dev)
{
	int ret;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		ret = pci_port_init_primary(dev);
	else
		ret = pci_port_init_secondary(dev);
	return ret;
}

static int
piopmd_pci_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	RTE_SET_USED(driver);

	if (pci->device.devargs == NULL || !piopmd_devargs_is_ours(pci->device.devargs->args))
		return 1; /* not for us: the next driver is asked */
	return rte_eth_dev_pci_generic_probe(pci, sizeof(struct piopmd_adapter), pci_port_init);
}

/* The last steps of dev_close: nothing of the device is touched after this. */
void
piopmd_pci_close(struct rte_eth_dev *dev)
{
	struct piopmd_adapter *ad = piopmd_adapter_of(dev);
	struct rte_pci_device *pci = piopmd_pci_of(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		piopmd_map_secondary_close(&ad->map, pci);
		return;
	}
	pci_adapter_close(ad, pci);
	pthread_mutex_destroy(&ad->lock);
}

static int
piopmd_pci_remove(struct rte_pci_device *pci)
{
	return rte_eth_dev_pci_generic_remove(pci, piopmd_dev_close);
}

static struct rte_pci_driver piopmd_pci_driver = {
	.id_table = piopmd_pci_ids,
	/* no RTE_PCI_DRV_NEED_MAPPING: see piopmd_map.h */
	.drv_flags = RTE_PCI_DRV_INTR_LSC | RTE_PCI_DRV_INTR_RMV,
	.probe = piopmd_pci_probe,
	.remove = piopmd_pci_remove,
};

RTE_PMD_REGISTER_PCI(net_piopmd, piopmd_pci_driver);
RTE_PMD_REGISTER_PCI_TABLE(net_piopmd, piopmd_pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(net_piopmd, "* vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(net_piopmd, PIOPMD_PARAM_STRING);

RTE_LOG_REGISTER_SUFFIX(piopmd_logtype_init, init, NOTICE);
RTE_LOG_REGISTER_SUFFIX(piopmd_logtype_driver, driver, NOTICE);
RTE_LOG_REGISTER_SUFFIX(piopmd_logtype_mcdi, mcdi, NOTICE);
