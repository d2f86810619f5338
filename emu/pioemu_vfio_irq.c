/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/* Interrupts: eventfds the driver gave by VFIO_DEVICE_SET_IRQS */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "pioemu_vfio.h"

int
pioemu_vfio_irqs_init(struct pioemu_vfio_irqs *irqs, uint32_t nb_msix)
{
	uint32_t i;

	irqs->msix = malloc(nb_msix * sizeof(*irqs->msix));
	if (irqs->msix == NULL)
		return -ENOMEM;
	irqs->nb_msix = nb_msix;
	for (i = 0; i < nb_msix; i++)
		irqs->msix[i] = -1;
	irqs->err = -1;
	irqs->req = -1;
	return 0;
}

/* fd: the program's, or -1. We keep a duplicate, since the program may close its own */
static int
irq_assign(int *slot, int fd)
{
	int dup = -1;

	if (fd >= 0) {
		dup = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (dup < 0)
			return -errno;
		dup = pioemu_vfio_fd_hide(dup);
	}
	if (*slot >= 0)
		close(*slot);
	*slot = dup;
	return 0;
}

void
pioemu_vfio_irqs_release(struct pioemu_vfio_irqs *irqs)
{
	uint32_t i;

	for (i = 0; i < irqs->nb_msix; i++)
		irq_assign(&irqs->msix[i], -1);
	irq_assign(&irqs->err, -1);
	irq_assign(&irqs->req, -1);
}

void
pioemu_vfio_irq_fire(int fd)
{
	const uint64_t one = 1;

	/* The counter of an eventfd is as good as never full; a lost interrupt is not our loss */
	if (fd >= 0 && write(fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		return;
}

static int *
irq_slot(struct pioemu_vfio_irqs *irqs, uint32_t index, uint32_t nr)
{
	if (index == VFIO_PCI_MSIX_IRQ_INDEX)
		return &irqs->msix[nr];
	return index == VFIO_PCI_ERR_IRQ_INDEX ? &irqs->err : &irqs->req;
}

static int
irq_trigger(struct pioemu_vfio_irqs *irqs, const struct vfio_irq_set *set, const uint8_t *bools)
{
	uint32_t i;

	for (i = 0; i < set->count; i++)
		if (bools == NULL || bools[i] != 0)
			pioemu_vfio_irq_fire(*irq_slot(irqs, set->index, set->start + i));
	return 0;
}

int
pioemu_vfio_irqs_set(struct pioemu_vfio_irqs *irqs, const struct pioemu_vfio_call *call)
{
	const uint32_t types = VFIO_IRQ_SET_DATA_TYPE_MASK;
	struct vfio_irq_set set;
	uint32_t i, nb;
	int rc = 0;

	if (call->len < sizeof(set))
		return -EINVAL;
	memcpy(&set, call->arg, sizeof(set));
	switch (set.index) {
	case VFIO_PCI_MSIX_IRQ_INDEX:
		nb = irqs->nb_msix;
		break;
	case VFIO_PCI_ERR_IRQ_INDEX:
	case VFIO_PCI_REQ_IRQ_INDEX:
		nb = 1;
		break;
	default:
		return -EINVAL;
	}
	if (set.start >= nb || set.count > nb - set.start ||
	    (set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;
	switch (set.flags & types) {
	case VFIO_IRQ_SET_DATA_NONE:
		if (set.count != 0)
			return irq_trigger(irqs, &set, NULL);
		for (i = set.start; i < nb; i++)	/* off, with all vectors */
			irq_assign(irq_slot(irqs, set.index, i), -1);
		return 0;
	case VFIO_IRQ_SET_DATA_BOOL:
		if (call->len < sizeof(set) + set.count)
			return -EINVAL;
		return irq_trigger(irqs, &set, call->arg + sizeof(set));
	case VFIO_IRQ_SET_DATA_EVENTFD:
		if (call->nb_fds != set.count)
			return -EINVAL;
		for (i = 0; i < set.count && rc == 0; i++)
			rc = irq_assign(irq_slot(irqs, set.index, set.start + i), call->fds[i]);
		return rc;
	default:
		return -EINVAL;
	}
}
