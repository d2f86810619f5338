/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_REFUSE_H
#define PIOEMU_REFUSE_H

/* How the launcher tells the object that refuses mmap() what to refuse */
#define PIOEMU_REFUSE_ENV	"PIOEMU_REFUSE"
#define PIOEMU_REFUSE_EPERM	"eperm"
#define PIOEMU_REFUSE_EINVAL	"einval"
#define PIOEMU_REFUSE_CLAIM	"claimed-at-open"

#endif /* PIOEMU_REFUSE_H */
