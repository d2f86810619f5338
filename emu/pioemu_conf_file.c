/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The piopmd developers
 */

/*
 * Whether the files that options name will do. Asked before the program starts: once it runs, an
 * error of the model would reach it as a VFIO error only, and it would go on without a VF.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pioemu_conf.h"

static int
conf_file_error(const char *path, int error, char *err, size_t err_len)
{
	snprintf(err, err_len, "%s: %s", path, strerror(error));
	return -error;
}

int
pioemu_conf_file_writable(const char *path, char *err, size_t err_len)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	struct stat st;

	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return conf_file_error(path, EISDIR, err, err_len);
		return access(path, W_OK) == 0 ? 0 : conf_file_error(path, errno, err, err_len);
	}
	if (errno != ENOENT || slash == NULL)
		return conf_file_error(path, errno, err, err_len);
	/* the directory that it will be made in */
	snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return access(dir, W_OK | X_OK) == 0 ? 0 : conf_file_error(path, errno, err, err_len);
}

int
pioemu_conf_file_pcap(const char *path, char *err, size_t err_len)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return conf_file_error(path, errno, err, err_len);
	if (S_ISDIR(st.st_mode))
		return conf_file_error(path, EISDIR, err, err_len);
	if (access(path, R_OK) != 0)
		return conf_file_error(path, errno, err, err_len);
	/* what is read from a pipe is gone */
	return S_ISREG(st.st_mode) ? pioemu_pcap_check(path, err, err_len) : 0;
}
