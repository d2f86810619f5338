/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pioemu_session.h"

#define SESSION_PCI "root/sys/bus/pci"
#define SESSION_KEEP "keep"

/* linux/ioport.h: what the third column of sysfs "resource" shows */
#define IORESOURCE_MEM		0x00000200ull
#define IORESOURCE_PREFETCH	0x00002000ull
#define IORESOURCE_SIZEALIGN	0x00040000ull
#define IORESOURCE_MEM_64	0x00100000ull

const char *
pioemu_session_bdf(unsigned int vf, char *buf, size_t len)
{
	snprintf(buf, len, "0000:01:00.%u", (vf + 1) % 8);
	return buf;
}

uint64_t
pioemu_session_bar_phys(unsigned int vf)
{
	/* 4 GiB apart: more than any BAR needs, and above every machine's RAM */
	return 0x380000000000ull + ((uint64_t)vf << 32);
}

void
pioemu_session_cfg(unsigned int vf, const struct pioemu_vf_config *dev, uint8_t *cfg, size_t len)
{
	const struct pioemu_pcicfg_conf conf = {
		.vendor_id = PIOEMU_ID_VENDOR, .device_id = dev->device_id,
		.bar0_size = pioemu_vf_bar_len(dev), .bar0_prefetch = dev->bar_prefetchable,
		.msix_vectors = dev->nb_vectors,
	};
	uint64_t bar0 = pioemu_session_bar_phys(vf);
	struct pioemu_pcicfg space;

	memset(cfg, 0, len);
	if (pioemu_pcicfg_init(&space, &conf) != 0)
		return;		/* pioemu_conf_check() lets no such settings pass */
	pioemu_pcicfg_write(&space, 0x10, (uint32_t)bar0, 4);
	pioemu_pcicfg_write(&space, 0x14, (uint32_t)(bar0 >> 32), 4);
	pioemu_pcicfg_write(&space, 0x18, (uint32_t)(bar0 + PIOEMU_SESSION_BAR2_OFF), 4);
	memcpy(cfg, space.reg, len < sizeof(space.reg) ? len : sizeof(space.reg));
}

/*
 * Where sessions are. Descriptors are known by their path as the kernel shows it, so the base has
 * neither symbolic links nor doubled slashes. buf: PATH_MAX bytes
 */
static const char *
session_base(char *buf)
{
	const char *base = getenv(PIOEMU_SESSION_DIR_ENV);

	if (base == NULL || base[0] == '\0')
		base = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
	/* One that is not there is said to be when something is looked for or made in it */
	return realpath(base, buf) != NULL ? buf : base;
}

static int
session_rm_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static void
session_rm_tree(const char *dir)
{
	nftw(dir, session_rm_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* The directory's lock: a descriptor, or -EWOULDBLOCK while somebody lives in it */
static int
session_lock(const char *dir)
{
	struct stat by_fd, by_name;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		rc = -errno;
	else if (fstat(fd, &by_fd) != 0 || stat(dir, &by_name) != 0 ||
		 by_fd.st_ino != by_name.st_ino || by_fd.st_uid != geteuid())
		rc = -ENOENT;	/* somebody removed it between open and lock, or it is not ours */
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/* Calls fn with each directory of ours, dead or alive; stops when fn returns other than 0 */
static int
session_walk(const char *base, int (*fn)(const char *dir, void *arg), void *arg)
{
	char path[sizeof(((struct pioemu_session *)NULL)->dir)];
	struct dirent *e;
	int rc = 0;
	DIR *d = opendir(base);

	if (d == NULL)
		return -errno;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, PIOEMU_SESSION_PREFIX, strlen(PIOEMU_SESSION_PREFIX)) != 0 ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", base, e->d_name) >= sizeof(path))
			continue;
		rc = fn(path, arg);
	}
	closedir(d);
	return rc;
}

static int
session_reap(const char *dir, void *arg)
{
	char keep[PATH_MAX];
	int fd;

	(void)arg;
	snprintf(keep, sizeof(keep), "%s/" SESSION_KEEP, dir);
	if (access(keep, F_OK) == 0)
		return 0;
	fd = session_lock(dir);
	if (fd >= 0) {
		session_rm_tree(dir);
		close(fd);
	}
	return 0;
}

static int
session_mkdirs(const struct pioemu_session *s, const char *rel)
{
	char path[PATH_MAX];
	char *p;

	snprintf(path, sizeof(path), "%s/%s", s->dir, rel);
	for (p = path + strlen(s->dir) + 1; ; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return -errno;
		*p = c;
		if (c == '\0')
			return 0;
	}
}

static int __attribute__((format(printf, 4, 5)))
session_file(const struct pioemu_session *s, const char *rel, const char *name,
	     const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list ap;
	FILE *f;
	int rc;

	snprintf(path, sizeof(path), "%s/%s/%s", s->dir, rel, name);
	f = fopen(path, "we");
	if (f == NULL)
		return -errno;
	va_start(ap, fmt);
	rc = vfprintf(f, fmt, ap) < 0 ? -EIO : 0;
	va_end(ap);
	return fclose(f) != 0 ? -errno : rc;
}

static int
session_symlink(const struct pioemu_session *s, const char *rel, const char *name,
		const char *target)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", s->dir, rel, name);
	return symlink(target, path) != 0 ? -errno : 0;
}

/* The device's memory and its names */
static int
session_vf_memory(const struct pioemu_session *s, unsigned int vf, const char *rel, bool wc)
{
	char file[PATH_MAX], name[PATH_MAX];
	int fd;

	snprintf(file, sizeof(file), "%s/mem%u", s->dir, vf);
	fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)PIOEMU_SESSION_REGION(9)) != 0) {
		close(fd);
		return -errno;
	}
	close(fd);
	snprintf(name, sizeof(name), "%s/vf%u", s->dir, vf);
	if (link(file, name) != 0)
		return -errno;
	snprintf(name, sizeof(name), "%s/%s/resource0", s->dir, rel);
	if (link(file, name) != 0)
		return -errno;
	snprintf(name, sizeof(name), "%s/%s/resource0_wc", s->dir, rel);
	if (wc && link(file, name) != 0)
		return -errno;
	return 0;
}

static int
session_vf_resource(const struct pioemu_session *s, unsigned int vf, const char *rel,
		    const struct pioemu_vf_config *dev)
{
	uint64_t flags = IORESOURCE_MEM | IORESOURCE_SIZEALIGN | IORESOURCE_MEM_64;
	uint64_t bar0 = pioemu_session_bar_phys(vf);
	uint64_t bar2 = bar0 + PIOEMU_SESSION_BAR2_OFF;
	uint64_t bar0_len = pioemu_vf_bar_len(dev);
	/* Bits 0..7 repeat the BAR's own low bits: 64 bit (4), prefetchable (8) */
	uint64_t low = 4 | (dev->bar_prefetchable ? 8 : 0);
	unsigned long long zero = 0;

	return session_file(s, rel, "resource",
			    "0x%016llx 0x%016llx 0x%016llx\n"
			    "0x%016llx 0x%016llx 0x%016llx\n"
			    "0x%016llx 0x%016llx 0x%016llx\n"
			    "0x%016llx 0x%016llx 0x%016llx\n"
			    "0x%016llx 0x%016llx 0x%016llx\n"
			    "0x%016llx 0x%016llx 0x%016llx\n"
			    "0x%016llx 0x%016llx 0x%016llx\n",
			    (unsigned long long)bar0, (unsigned long long)(bar0 + bar0_len - 1),
			    (unsigned long long)(flags | low |
				(dev->bar_prefetchable ? IORESOURCE_PREFETCH : 0)),
			    zero, zero, zero,
			    (unsigned long long)bar2,
			    (unsigned long long)(bar2 + PIOEMU_PCICFG_MSIX_BAR_SIZE - 1),
			    (unsigned long long)(IORESOURCE_MEM | IORESOURCE_SIZEALIGN),
			    zero, zero, zero, zero, zero, zero, zero, zero, zero,
			    zero, zero, zero);
}

static int
session_vf_config(const struct pioemu_session *s, unsigned int vf, const char *rel,
		  const struct pioemu_vf_config *dev)
{
	uint8_t cfg[PIOEMU_PCICFG_SIZE];
	char path[PATH_MAX];
	FILE *f;

	pioemu_session_cfg(vf, dev, cfg, sizeof(cfg));
	snprintf(path, sizeof(path), "%s/%s/config", s->dir, rel);
	f = fopen(path, "we");
	if (f == NULL)
		return -errno;
	fwrite(cfg, 1, sizeof(cfg), f);
	return fclose(f) != 0 ? -errno : 0;
}

static int
session_vf(const struct pioemu_session *s, unsigned int vf, const struct pioemu_conf *conf)
{
	const struct pioemu_vf_config *dev = &conf->vf[vf].dev;
	bool wc = dev->bar_prefetchable && (conf->faults & PIOEMU_CONF_FAULT(NO_WC)) == 0;
	char rel[64], group[64], devices[96], link[128], bdf[16];
	int rc;

	pioemu_session_bdf(vf, bdf, sizeof(bdf));
	snprintf(rel, sizeof(rel), SESSION_PCI "/devices/%s", bdf);
	snprintf(group, sizeof(group), "root/sys/kernel/iommu_groups/%u",
		 PIOEMU_SESSION_GROUP0 + vf);
	snprintf(devices, sizeof(devices), "%s/devices", group);
	if ((rc = session_mkdirs(s, rel)) != 0 || (rc = session_mkdirs(s, devices)) != 0)
		return rc;
	if ((rc = session_file(s, rel, "vendor", "0x%04x\n", PIOEMU_ID_VENDOR)) != 0 ||
	    (rc = session_file(s, rel, "device", "0x%04x\n", dev->device_id)) != 0 ||
	    (rc = session_file(s, rel, "subsystem_vendor", "0x%04x\n", PIOEMU_ID_VENDOR)) != 0 ||
	    (rc = session_file(s, rel, "subsystem_device", "0x%04x\n",
			       PIOEMU_PCICFG_SUBSYSTEM)) != 0 ||
	    (rc = session_file(s, rel, "class", "0x020000\n")) != 0 ||
	    (rc = session_file(s, rel, "revision", "0x00\n")) != 0 ||
	    (rc = session_file(s, rel, "irq", "0\n")) != 0 ||
	    (rc = session_file(s, rel, "enable", "1\n")) != 0 ||
	    (rc = session_file(s, rel, "numa_node", "%d\n", conf->numa_node)) != 0 ||
	    (rc = session_file(s, rel, "max_vfs", "0\n")) != 0 ||
	    (rc = session_file(s, rel, "uevent", "DRIVER=vfio-pci\nPCI_SLOT_NAME=%s\n", bdf)) != 0)
		return rc;
	snprintf(link, sizeof(link), "../../../../kernel/iommu_groups/%u",
		 PIOEMU_SESSION_GROUP0 + vf);
	if ((rc = session_symlink(s, rel, "driver", "../../drivers/vfio-pci")) != 0 ||
	    (rc = session_symlink(s, rel, "iommu_group", link)) != 0)
		return rc;
	snprintf(link, sizeof(link), "../../../../bus/pci/devices/%s", bdf);
	if ((rc = session_symlink(s, devices, bdf, link)) != 0)
		return rc;
	snprintf(link, sizeof(link), "%u", PIOEMU_SESSION_GROUP0 + vf);
	if ((rc = session_file(s, "root/dev/vfio", link, "%s", "")) != 0)
		return rc;
	if ((rc = session_vf_resource(s, vf, rel, dev)) != 0 ||
	    (rc = session_vf_config(s, vf, rel, dev)) != 0)
		return rc;
	return session_vf_memory(s, vf, rel, wc);
}

/*
 * The kernel's memory type list. Empty: it is made up at each open from the mappings that exist;
 * whatever stands in it is served as it is.
 */
static int
session_memtype(const struct pioemu_session *s, const struct pioemu_conf *conf)
{
	static const char rel[] = "root/sys/kernel/debug/x86";
	char line[65536];
	size_t len = 0;
	int rc = 0;
	FILE *in;

	if ((conf->faults & PIOEMU_CONF_FAULT(NO_LIST)) != 0)
		return 0;
	if ((rc = session_mkdirs(s, rel)) != 0)
		return rc;
	if (conf->memtype_file[0] == '\0')
		return session_file(s, rel, "pat_memtype_list", "%s", "");
	in = fopen(conf->memtype_file, "re");
	if (in == NULL)
		return -errno;
	len = fread(line, 1, sizeof(line), in);
	if (ferror(in) != 0 || len == sizeof(line))
		rc = -EFBIG;
	fclose(in);
	return rc != 0 ? rc : session_file(s, rel, "pat_memtype_list", "%.*s", (int)len, line);
}

static int
session_populate(const struct pioemu_session *s, const struct pioemu_conf *conf)
{
	static const char * const dirs[] = {
		"obj", "root/dev/vfio", "root/sys/module/vfio", "root/sys/module/vfio_pci",
		"root/sys/module/vfio_iommu_type1", SESSION_PCI "/drivers/vfio-pci",
		"root/sys/kernel/iommu_groups",
	};
	char path[PATH_MAX];
	unsigned int i;
	int rc;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if ((rc = session_mkdirs(s, dirs[i])) != 0)
			return rc;
	if ((rc = session_file(s, "root/dev/vfio", "vfio", "%s", "")) != 0)
		return rc;
	if (conf->keep && (rc = session_file(s, ".", SESSION_KEEP, "%s", "")) != 0)
		return rc;
	if ((rc = session_memtype(s, conf)) != 0)
		return rc;
	for (i = 0; i < conf->nb_vfs; i++)
		if ((rc = session_vf(s, i, conf)) != 0)
			return rc;
	snprintf(path, sizeof(path), "%s/conf", s->dir);
	return pioemu_conf_save(conf, path);
}

int
pioemu_session_create(struct pioemu_session *s, const struct pioemu_conf *conf, char *err,
		      size_t err_len)
{
	char buf[PATH_MAX];
	const char *base = session_base(buf);
	int tries, rc;

	session_walk(base, session_reap, NULL);
	for (tries = 0; ; tries++) {
		snprintf(s->dir, sizeof(s->dir), "%s/%sXXXXXX", base, PIOEMU_SESSION_PREFIX);
		if (mkdtemp(s->dir) == NULL) {
			rc = -errno;
			snprintf(err, err_len, "cannot make a directory %s: %s", s->dir,
				 strerror(-rc));
			return rc;
		}
		/* Another launcher may take the yet unlocked directory for a left-over */
		s->lock_fd = session_lock(s->dir);
		if (s->lock_fd >= 0)
			break;
		rmdir(s->dir);
		if (tries == 10) {
			snprintf(err, err_len, "cannot lock %s: %s", s->dir, strerror(-s->lock_fd));
			return s->lock_fd;
		}
	}
	rc = session_populate(s, conf);
	if (rc != 0) {
		snprintf(err, err_len, "cannot fill %s: %s", s->dir, strerror(-rc));
		pioemu_session_remove(s);
	}
	return rc;
}

void
pioemu_session_remove(struct pioemu_session *s)
{
	session_rm_tree(s->dir);
	close(s->lock_fd);
	s->lock_fd = -1;
}

struct session_search {
	const char *name;	/* last part wanted; NULL: any */
	char found[sizeof(((struct pioemu_session *)NULL)->dir)];
	char list[1024];
	unsigned int nb;
};

static int
session_match(const char *dir, void *arg)
{
	struct session_search *search = arg;
	const char *last = strrchr(dir, '/') + 1;
	size_t used = strlen(search->list);
	int fd = session_lock(dir);

	if (fd >= 0 || fd != -EWOULDBLOCK) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	snprintf(search->list + used, sizeof(search->list) - used, " %s", last);
	if (search->name != NULL && strcmp(search->name, last) != 0)
		return 0;
	search->nb++;
	strcpy(search->found, dir);
	return 0;
}

int
pioemu_session_find(struct pioemu_session *s, const char *name, char *err, size_t err_len)
{
	struct session_search search = { .name = name };
	char buf[PATH_MAX], path[PATH_MAX];
	const char *base = session_base(buf);
	char *last;

	/* A directory may be one of another base, and needs no search for its name */
	if (name != NULL && strchr(name, '/') != NULL && realpath(name, path) != NULL) {
		last = strrchr(path, '/');
		*last = '\0';
		search.name = last + 1;
		base = path;
	}
	session_walk(base, session_match, &search);
	if (search.nb == 1) {
		strcpy(s->dir, search.found);
		s->lock_fd = -1;
		return 0;
	}
	if (search.list[0] == '\0')
		snprintf(err, err_len, "no `pioemu run` of yours is going on below %s", base);
	else if (name != NULL)
		snprintf(err, err_len, "there is no session '%s'; there are:%s", name, search.list);
	else
		snprintf(err, err_len, "name one with --session; there are:%s", search.list);
	return -ENOENT;
}
