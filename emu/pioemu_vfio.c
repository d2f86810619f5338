/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * The interposed calls. Libraries call them before our constructors run (libnuma does), so
 * everything is resolved at the first use. Each looks at the path and passes all others on.
 */

/* With 64 the C library gives the plain calls the names of the others; both are defined here */
#undef _FILE_OFFSET_BITS

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "pioemu_vfio.h"

#define VFIO_MEMTYPE "/sys/kernel/debug/x86/pat_memtype_list"

/* The next definition of a call; the pointer's type comes from the variable */
#define VFIO_NEXT(fn, name) do { \
	if ((fn) == NULL) \
		*(void **)(&(fn)) = dlsym(RTLD_NEXT, name); \
	if ((fn) == NULL) { \
		errno = ENOSYS; \
		return -1; \
	} \
} while (0)

const char *
pioemu_vfio_dir(void)
{
	const char *dir = getenv(PIOEMU_SESSION_ENV);

	return dir != NULL && dir[0] == '/' ? dir : NULL;
}

void
pioemu_vfio_say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	dprintf(STDERR_FILENO, "pioemu: %.*s", len + 1, line);
}

/* The session's twin of a kernel path, or the path itself */
static const char *
vfio_redirect(const char *path, char *buf, size_t len)
{
	static const char * const roots[] = {
		"/dev/vfio", "/sys/module/vfio", "/sys/module/vfio_pci",
		"/sys/module/vfio_iommu_type1", "/sys/kernel/iommu_groups", VFIO_MEMTYPE,
	};
	const char *dir;
	unsigned int i;

	if (path == NULL || (strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/sys/", 5) != 0))
		return path;
	for (i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		size_t n = strlen(roots[i]);

		if (strncmp(path, roots[i], n) != 0 || (path[n] != '\0' && path[n] != '/'))
			continue;
		dir = pioemu_vfio_dir();
		if (dir == NULL || (size_t)snprintf(buf, len, "%s/root%s", dir, path) >= len)
			return path;
		return buf;
	}
	return path;
}

uint32_t
pioemu_vfio_faults(const char *dir)
{
	static uint32_t faults;
	static bool known;
	static struct pioemu_conf conf;
	char path[PATH_MAX];

	if (!known) {
		snprintf(path, sizeof(path), "%s/conf", dir);
		if (pioemu_conf_load(&conf, path) == 0)
			faults = conf.faults;
		known = true;
	}
	return faults;
}

/* Rights the emulated host refuses to resource0 and resource0_wc */
static bool
vfio_open_refused(const char *dir, const char *path)
{
	const char *last = strrchr(path, '/');
	uint32_t faults;

	if (strncmp(path, dir, strlen(dir)) != 0 || last == NULL ||
	    strncmp(last, "/resource0", 10) != 0)
		return false;
	faults = pioemu_vfio_faults(dir);
	return (faults & PIOEMU_CONF_FAULT(EACCES)) != 0 ||
	       ((faults & PIOEMU_CONF_FAULT(WC_EACCES)) != 0 &&
		strcmp(last, "/resource0_wc") == 0);
}

/* 1: *fd is the answer (-1 with errno); 0: not ours */
static int
vfio_open(const char *path, int flags, int *fd)
{
	static const char dev[] = "/dev/vfio/";
	const char *dir;
	char *end;
	unsigned long nr;

	if (path == NULL || path[0] != '/' || (dir = pioemu_vfio_dir()) == NULL)
		return 0;
	if (vfio_open_refused(dir, path)) {
		errno = EACCES;
		*fd = -1;
		return 1;
	}
	if (strcmp(path, VFIO_MEMTYPE) == 0) {
		*fd = pioemu_vfio_memtype_open(dir, pioemu_vfio_faults(dir), flags & O_CLOEXEC);
		return 1;
	}
	if (strncmp(path, dev, sizeof(dev) - 1) != 0)
		return 0;
	path += sizeof(dev) - 1;
	nr = strtoul(path, &end, 10);
	if (strcmp(path, "vfio") == 0) {
		*fd = pioemu_vfio_host_open_container(flags);
	} else if (path[0] >= '0' && path[0] <= '9' && *end == '\0' && nr <= INT_MAX) {
		*fd = pioemu_vfio_host_open_group((uint32_t)nr, flags);
	} else {
		*fd = -ENOENT;	/* noiommu-<nr> and others */
	}
	if (*fd < 0) {
		errno = -*fd;
		*fd = -1;
	}
	return 1;
}

static mode_t
vfio_mode(int flags, va_list ap)
{
	return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(ap, mode_t) : 0;
}

/* Every flavour of open() that C libraries export */
#define VFIO_OPEN(name) \
PIOEMU_VFIO_EXPORT int \
name(const char *path, int flags, ...) \
{ \
	static int (*next)(const char *, int, ...); \
	char buf[PATH_MAX]; \
	va_list ap; \
	mode_t mode; \
	int fd; \
	if (vfio_open(path, flags, &fd)) \
		return fd; \
	va_start(ap, flags); \
	mode = vfio_mode(flags, ap); \
	va_end(ap); \
	VFIO_NEXT(next, #name); \
	return next(vfio_redirect(path, buf, sizeof(buf)), flags, mode); \
}

VFIO_OPEN(open)
VFIO_OPEN(open64)

/* What _FORTIFY_SOURCE makes of open() with two arguments */
#define VFIO_OPEN_2(name) \
PIOEMU_VFIO_EXPORT int name(const char *path, int flags); \
int \
name(const char *path, int flags) \
{ \
	static int (*next)(const char *, int); \
	char buf[PATH_MAX]; \
	int fd; \
	if (vfio_open(path, flags, &fd)) \
		return fd; \
	VFIO_NEXT(next, #name); \
	return next(vfio_redirect(path, buf, sizeof(buf)), flags); \
}

VFIO_OPEN_2(__open_2)
VFIO_OPEN_2(__open64_2)

#define VFIO_OPENAT(name) \
PIOEMU_VFIO_EXPORT int \
name(int at, const char *path, int flags, ...) \
{ \
	static int (*next)(int, const char *, int, ...); \
	char buf[PATH_MAX]; \
	va_list ap; \
	mode_t mode; \
	int fd; \
	if (vfio_open(path, flags, &fd)) \
		return fd; \
	va_start(ap, flags); \
	mode = vfio_mode(flags, ap); \
	va_end(ap); \
	VFIO_NEXT(next, #name); \
	return next(at, vfio_redirect(path, buf, sizeof(buf)), flags, mode); \
}

VFIO_OPENAT(openat)
VFIO_OPENAT(openat64)

/* Only the memory type list is read by stdio; its own opens do not pass through open() above */
#define VFIO_FOPEN(name) \
PIOEMU_VFIO_EXPORT FILE * \
name(const char *path, const char *mode) \
{ \
	static FILE *(*next)(const char *, const char *); \
	int fd; \
	if (path != NULL && strcmp(path, VFIO_MEMTYPE) == 0 && vfio_open(path, O_RDONLY, &fd)) \
		return fd < 0 ? NULL : fdopen(fd, mode); \
	if (next == NULL) \
		*(void **)(&next) = dlsym(RTLD_NEXT, #name); \
	if (next == NULL) { \
		errno = ENOSYS; \
		return NULL; \
	} \
	return next(path, mode); \
}

VFIO_FOPEN(fopen)
VFIO_FOPEN(fopen64)

PIOEMU_VFIO_EXPORT int
ioctl(int fd, unsigned long req, ...)
{
	static int (*next)(int, unsigned long, ...);
	enum pioemu_vfio_kind kind;
	uint32_t nr;
	va_list ap;
	void *arg;

	va_start(ap, req);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (_IOC_TYPE(req) == VFIO_TYPE && pioemu_vfio_dir() != NULL) {
		kind = pioemu_vfio_identify(fd, &nr);
		if (kind != PIOEMU_VFIO_NONE)
			return pioemu_vfio_call_ioctl(kind, nr, req, arg);
	}
	VFIO_NEXT(next, "ioctl");
	return next(fd, req, arg);
}

#define VFIO_STAT(name, type) \
PIOEMU_VFIO_EXPORT int \
name(const char *path, type *st) \
{ \
	static int (*next)(const char *, type *); \
	char buf[PATH_MAX]; \
	VFIO_NEXT(next, #name); \
	return next(vfio_redirect(path, buf, sizeof(buf)), st); \
}

VFIO_STAT(stat, struct stat)
VFIO_STAT(stat64, struct stat64)

/* Programs linked with a C library before 2.33 */
#define VFIO_XSTAT(name, type) \
PIOEMU_VFIO_EXPORT int name(int version, const char *path, type *st); \
int \
name(int version, const char *path, type *st) \
{ \
	static int (*next)(int, const char *, type *); \
	char buf[PATH_MAX]; \
	VFIO_NEXT(next, #name); \
	return next(version, vfio_redirect(path, buf, sizeof(buf)), st); \
}

VFIO_XSTAT(__xstat, struct stat)
VFIO_XSTAT(__xstat64, struct stat64)

PIOEMU_VFIO_EXPORT int
access(const char *path, int mode)
{
	static int (*next)(const char *, int);
	char buf[PATH_MAX];

	VFIO_NEXT(next, "access");
	return next(vfio_redirect(path, buf, sizeof(buf)), mode);
}

PIOEMU_VFIO_EXPORT DIR *
opendir(const char *path)
{
	static DIR *(*next)(const char *);
	char buf[PATH_MAX];

	if (next == NULL)
		*(void **)(&next) = dlsym(RTLD_NEXT, "opendir");
	if (next == NULL) {
		errno = ENOSYS;
		return NULL;
	}
	return next(vfio_redirect(path, buf, sizeof(buf)));
}
