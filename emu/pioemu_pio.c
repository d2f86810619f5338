/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * PIO buffers: a pool shared by all functions of the controller, linked to VIs one by one.
 *
 * Where the bytes are depends on the front end. A trapping BAR routes each store to the buffer, so
 * that all windows linked to one buffer show the same bytes. A polled BAR cannot route anything:
 * there the bytes of a buffer are those of the window of the VI that sends.
 *
 * Linking and unlinking fills the VI's window (or the buffer, when that was its first link) with
 * poison: silicon promises nothing about the content at that moment, and a driver that sends what it
 * never wrote shows up. Poison words contain their own offset.
 */

#include <errno.h>

#include "pioemu_priv.h"

#define PIO_HANDLE(index)	(0x50494F00u | (index))	/* opaque to the driver */
#define PIO_POISON(off)		(0xFEEDF0CE5EED0000ull | (off))

static int
pio_index(struct pioemu_vf *vf, uint32_t handle)
{
	uint32_t i = handle ^ PIO_HANDLE(0);

	if (i >= vf->nic->conf.pio_nb_bufs || vf->nic->piobufs[i].owner != vf)
		return -1;
	return (int)i;
}

static void
pio_poison(uint8_t *bytes)
{
	uint32_t off;

	for (off = 0; off < PIOEMU_PIOBUF_MAX; off += 8)
		ef10_le64_put(bytes + off, PIO_POISON(off));
}

/* The aperture of a VI in BAR memory. */
static uint8_t *
pio_window(struct pioemu_vf *vf, uint16_t vi)
{
	return vf->bar + (size_t)vi * vf->conf.vi_stride + EF10_REG_TX_PIOBUF;
}

/* Where the bytes that this VI would send are; NULL: no buffer is linked. */
uint8_t *
pioemu_pio_bytes(struct pioemu_vf *vf, uint16_t vi)
{
	int i = vf->vis[vi].pio;

	if (i < 0)
		return NULL;
	return vf->conf.bar_trapping ? (uint8_t *)vf->nic->piobufs[i].data : pio_window(vf, vi);
}

uint32_t
pioemu_pio_alloc(struct pioemu_vf *vf, uint32_t *handle)
{
	struct pioemu_nic *nic = vf->nic;
	uint16_t i;

	for (i = 0; i < nic->conf.pio_nb_bufs; i++) {
		struct pioemu_piobuf *buf = &nic->piobufs[i];

		if (buf->owner != NULL || buf->held)
			continue;
		buf->owner = vf;
		buf->nb_links = 0;
		pio_poison((uint8_t *)buf->data);
		*handle = PIO_HANDLE(i);
		return 0;
	}
	return EF10_MCDI_ERR_ENOSPC;
}

uint32_t
pioemu_pio_free(struct pioemu_vf *vf, uint32_t handle)
{
	int i = pio_index(vf, handle);
	uint16_t vi;

	if (i < 0)
		return EF10_MCDI_ERR_ENOENT;
	for (vi = 0; vi < vf->conf.nb_vis; vi++) {
		if (vf->vis[vi].pio == i)
			pioemu_pio_unlink(vf, vi);
	}
	vf->nic->piobufs[i].owner = NULL;
	return 0;
}

uint32_t
pioemu_pio_link(struct pioemu_vf *vf, uint32_t handle, uint32_t vi)
{
	int i = pio_index(vf, handle);

	if (i < 0)
		return EF10_MCDI_ERR_ENOENT;
	if (vi >= vf->nb_alloc)
		return EF10_MCDI_ERR_EINVAL;
	if (vf->vis[vi].pio >= 0)
		return vf->vis[vi].pio == i ? EF10_MCDI_ERR_EALREADY : EF10_MCDI_ERR_EBUSY;
	vf->vis[vi].pio = i;
	vf->nic->piobufs[i].nb_links++;
	if (!vf->conf.bar_trapping)
		pio_poison(pio_window(vf, (uint16_t)vi));
	return 0;
}

uint32_t
pioemu_pio_unlink(struct pioemu_vf *vf, uint32_t vi)
{
	int i;

	if (vi >= vf->conf.nb_vis)
		return EF10_MCDI_ERR_EINVAL;
	i = vf->vis[vi].pio;
	if (i < 0)
		return EF10_MCDI_ERR_EALREADY;
	vf->vis[vi].pio = -1;
	vf->nic->piobufs[i].nb_links--;
	if (!vf->conf.bar_trapping)
		pio_poison(pio_window(vf, (uint16_t)vi));
	return 0;
}

void
pioemu_pio_release_all(struct pioemu_vf *vf)
{
	uint16_t i;

	for (i = 0; i < vf->nic->conf.pio_nb_bufs; i++) {
		if (vf->nic->piobufs[i].owner == vf)
			pioemu_pio_free(vf, PIO_HANDLE(i));
	}
}

/* A word that still is poison was never written; the driver has to write whole 8-byte words. */
static void
pio_check_written(struct pioemu_vf *vf, uint16_t vi, const uint8_t *bytes, uint32_t off, uint32_t len)
{
	const uint64_t *word = (const uint64_t *)(const void *)bytes + off / 8;
	const uint64_t *end = (const uint64_t *)(const void *)bytes + (off + len + 7) / 8;
	uint64_t poison = PIO_POISON(off & ~7u);
	uint32_t poisoned = 0;

	for (; word < end; word++, poison += 8)
		poisoned += *word == poison;
	if (PIOEMU_UNLIKELY(poisoned != 0))
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_UNWRITTEN, "vi %u: %u words of frame %u+%u",
			vi, poisoned, off, len);
}

/*
 * Append what a PIO descriptor names to *len bytes at "to": the snapshot at doorbell time. false: the
 * queue has to go into error. What is only unwise is recorded and carried out.
 */
bool
pioemu_pio_read(struct pioemu_vf *vf, struct pioemu_txq *txq, uint64_t desc, uint8_t *to,
		uint32_t *len)
{
	uint32_t off = (uint32_t)EF10_GET(desc, TX_PIO_ADDR);
	uint32_t n = (uint32_t)EF10_GET(desc, TX_PIO_LEN);
	const uint8_t *bytes = pioemu_pio_bytes(vf, txq->vi);

	if (PIOEMU_UNLIKELY(bytes == NULL)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_UNLINKED, "vi %u descriptor 0x%016llx",
			txq->vi, (unsigned long long)desc);
		return false;
	}
	if (PIOEMU_UNLIKELY(n == 0 || off + n > vf->piobuf_size)) {
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_RANGE, "vi %u: %u+%u of %u", txq->vi, off,
			n, vf->piobuf_size);
		return false;
	}
	/* a frame that had to wait is read again; what is odd about it has been recorded */
	if (txq->retry)
		goto copy;
	if (PIOEMU_UNLIKELY(n < EF10_PIO_LEN_MIN))
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_RANGE, "vi %u: length %u below %u",
			txq->vi, n, EF10_PIO_LEN_MIN);
	if (PIOEMU_UNLIKELY(off % EF10_PIO_OFFSET_ALIGN != 0))
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_UNALIGNED, "vi %u: offset %u", txq->vi, off);
	pio_check_written(vf, txq->vi, bytes, off, n);
copy:
	pioemu_dma_copy(to + *len, bytes + off, n);
	*len += n;
	return true;
}

/* Trapping BAR: a store of the driver to the aperture. */
void
pioemu_pio_write(struct pioemu_vf *vf, uint16_t vi, uint32_t off, unsigned int len, uint64_t value)
{
	uint8_t *bytes = pioemu_pio_bytes(vf, vi);
	unsigned int i;

	if (len != EF10_PIO_STORE_BYTES || off % EF10_PIO_STORE_BYTES != 0)
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_WIDTH, "vi %u: %u bytes at %u", vi, len, off);
	if (bytes == NULL || off + len > vf->piobuf_size) {
		pioemu_violation(vf, PIOEMU_VIOLATION_PIO_STRAY, "vi %u: %u bytes at %u", vi, len, off);
		return;
	}
	for (i = 0; i < len; i++)
		bytes[off + i] = (uint8_t)(value >> (8 * i));
}

int
pioemu_nic_pio_hold(struct pioemu_nic *nic, uint16_t nb_bufs)
{
	uint16_t i, nb = 0;
	int rc = 0;

	pioemu_nic_enter(nic);
	for (i = 0; i < nic->conf.pio_nb_bufs; i++)
		nb += nic->piobufs[i].owner == NULL;
	if (nb_bufs > nb) {
		rc = -ENOSPC;
	} else {
		for (i = 0; i < nic->conf.pio_nb_bufs; i++) {
			struct pioemu_piobuf *buf = &nic->piobufs[i];

			buf->held = buf->owner == NULL && nb_bufs > 0;
			nb_bufs -= buf->held;
		}
	}
	pioemu_nic_leave(nic);
	return rc;
}

uint16_t
pioemu_nic_pio_free(struct pioemu_nic *nic)
{
	uint16_t i, nb = 0;

	pioemu_nic_enter(nic);
	for (i = 0; i < nic->conf.pio_nb_bufs; i++)
		nb += nic->piobufs[i].owner == NULL && !nic->piobufs[i].held;
	pioemu_nic_leave(nic);
	return nb;
}
