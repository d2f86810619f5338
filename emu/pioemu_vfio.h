/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#ifndef PIOEMU_VFIO_H
#define PIOEMU_VFIO_H

/*
 * The VFIO preload, inside.
 *
 *   pioemu_vfio.c        the interposed calls: open, ioctl, stat, opendir, ...
 *   pioemu_vfio_call.c   a VFIO ioctl as a message, carried out here or in the host process
 *   pioemu_vfio_host.c   the process that has the VFs: model, its thread, life of the objects
 *   pioemu_vfio_ioctl.c  what the ioctls do, in the host process
 *   pioemu_vfio_irq.c    interrupts as eventfds
 *   pioemu_vfio_server.c its second thread: other processes, `pioemu ctl`, closed descriptors
 *   pioemu_vfio_ctl.c    the commands of `pioemu ctl`
 *   pioemu_vfio_maps.c, _memtype.c  mappings of the BAR, and the kernel's memory type list
 *   pioemu_vfio_msg.c    calls as packets; the launcher has this file too
 *
 * What a program holds are ordinary descriptors, told apart by the path they were opened by,
 * which /proc/self/fd shows: obj/c<n> (a FIFO) is a container, obj/g<n> a group, vf<n> a device.
 * So dup(), descriptor passing and reuse of numbers need no bookkeeping, and mmap, pread, pwrite,
 * close on them are the kernel's own. Nothing here is called on a datapath.
 *
 * The first process of a session that opens a container or a group becomes the host; the model
 * reaches its memory directly. Any other process sends its ioctls to it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pioemu_conf.h"
#include "pioemu_session.h"

#define PIOEMU_VFIO_EXPORT __attribute__((visibility("default")))

#define PIOEMU_VFIO_CONTAINERS	64	/* RTE_MAX_VFIO_CONTAINERS */
#define PIOEMU_VFIO_ARG_MAX	16384	/* longest ioctl argument, longest answer of pioemu ctl */
#define PIOEMU_VFIO_FDS_MAX	253	/* SCM_MAX_FD */

/* ---- a call as a message ---- */

enum pioemu_vfio_kind {
	PIOEMU_VFIO_NONE,
	PIOEMU_VFIO_CONTAINER,
	PIOEMU_VFIO_GROUP,
	PIOEMU_VFIO_DEVICE,
	PIOEMU_VFIO_CTL,	/* a command of `pioemu ctl` in arg, the answer comes back there */
};

struct pioemu_vfio_call {
	uint32_t kind;		/* enum pioemu_vfio_kind */
	uint32_t nr;		/* container, group or VF */
	uint64_t req;		/* ioctl number */
	uint64_t value;		/* of ioctls without a structure */
	int32_t result;		/* the ioctl's result or negative errno */
	uint32_t len;		/* bytes used of arg */
	uint32_t nb_fds;	/* of fds: SET_IRQS; positions without eventfd hold -1 */
	int32_t fds[PIOEMU_VFIO_FDS_MAX];
	uint8_t arg[PIOEMU_VFIO_ARG_MAX];
};

/* pioemu_vfio.c: the session's directory, NULL when the program does not run under pioemu */
const char *pioemu_vfio_dir(void);
/* PIOEMU_CONF_FAULT() bits of the session, known in every process of it */
uint32_t pioemu_vfio_faults(const char *dir);
/* One line on the standard error */
void pioemu_vfio_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* pioemu_vfio_call.c */
enum pioemu_vfio_kind pioemu_vfio_identify(int fd, uint32_t *nr);
/* Result as of ioctl(), errno set */
int pioemu_vfio_call_ioctl(enum pioemu_vfio_kind kind, uint32_t nr, unsigned long req, void *arg);

/* pioemu_vfio_memtype.c: a descriptor with the list, or -1 and errno */
int pioemu_vfio_memtype_open(const char *dir, uint32_t faults, int cloexec);

/* ---- host process ---- */

/* Interrupts of one VF. VFIO_PCI_MSIX, ERR and REQ; -1: not set */
struct pioemu_vfio_irqs {
	uint32_t nb_msix;
	int *msix;
	int err, req;
};

struct pioemu_vfio_dev {
	struct pioemu_vf *vf;
	const struct pioemu_conf_vf *conf;
	uint8_t *bar;
	uint8_t *cfg;		/* configuration space, in the device's file */
	int file;		/* own descriptor of the file: tells whether others are open */
	bool open;
	struct pioemu_vfio_irqs irqs;
};

struct pioemu_vfio_container {
	int fifo;		/* reading end, -1: slot is free */
	uint32_t iommu_type;	/* 0: SET_IOMMU not yet done */
	uint32_t nb_groups;
	struct pioemu_iommu *iommu;
};

struct pioemu_vfio_group {
	int fifo;		/* -1: closed */
	struct pioemu_vfio_container *container;
};

struct pioemu_vfio_host {
	struct pioemu_conf conf;
	struct pioemu_nic *nic;
	struct pioemu_vfio_dev devs[PIOEMU_CONF_VFS_MAX];
	struct pioemu_vfio_group groups[PIOEMU_CONF_VFS_MAX];
	struct pioemu_vfio_container containers[PIOEMU_VFIO_CONTAINERS];
};

/* This process is the host. A child after fork() is not */
bool pioemu_vfio_host_here(void);
/* Open as the kernel's /dev/vfio/vfio and /dev/vfio/<nr>; flags of open(). Negative errno */
int pioemu_vfio_host_open_container(int flags);
int pioemu_vfio_host_open_group(uint32_t nr, int flags);
/* Carry out call->kind, nr, req; fills call->result */
void pioemu_vfio_host_exec(struct pioemu_vfio_call *call);
/* Notice descriptors that were closed since, as the kernel does at the last close */
void pioemu_vfio_host_reap(void);
/* Configuration space as after power on */
void pioemu_vfio_host_cfg_reset(struct pioemu_vfio_host *h, struct pioemu_vfio_dev *dev);
/* Write report.<pid>; with the statistics of all VFs */
void pioemu_vfio_host_report(void);
/* A descriptor out of the way of the program's own, close-on-exec. fd is closed */
int pioemu_vfio_fd_hide(int fd);

/* pioemu_vfio_ioctl.c; host lock held */
void pioemu_vfio_ioctl(struct pioemu_vfio_host *host, struct pioemu_vfio_call *call);
void pioemu_vfio_group_detach(struct pioemu_vfio_host *host, uint32_t vf);
void pioemu_vfio_dev_release(struct pioemu_vfio_host *host, struct pioemu_vfio_dev *dev);

/* pioemu_vfio_irq.c; the nic's lock held where they change something */
int pioemu_vfio_irqs_init(struct pioemu_vfio_irqs *irqs, uint32_t nb_msix);
void pioemu_vfio_irqs_release(struct pioemu_vfio_irqs *irqs);
int pioemu_vfio_irqs_set(struct pioemu_vfio_irqs *irqs, const struct pioemu_vfio_call *call);
void pioemu_vfio_irq_fire(int fd);

/* pioemu_vfio_server.c */
int pioemu_vfio_server_start(const char *dir);
void pioemu_vfio_server_stop(void);
/* In a child after fork(), which has no such thread */
void pioemu_vfio_server_forget(void);

/* pioemu_vfio_ctl.c: command line in call->arg, text answer there, result 0 or negative errno */
void pioemu_vfio_ctl(struct pioemu_vfio_host *host, struct pioemu_vfio_call *call);

#endif /* PIOEMU_VFIO_H */
