# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Huge pages for a test, given back afterwards."""

import contextlib
import fcntl
import os
import subprocess
import tempfile

SETTING = "/proc/sys/vm/nr_hugepages"


@contextlib.contextmanager
def hugepages(number):
    """A directory with a hugetlbfs of its own, and so many more pages of 2 MiB in the machine.

    OSError: the kernel or our rights do not permit that. Tests at the same time wait for each
    other by a lock on the setting itself."""
    with open(SETTING, "r+", encoding="ascii") as setting:
        fcntl.flock(setting, fcntl.LOCK_EX)
        before = int(setting.read())
        try:
            _set(setting, before + number)
            setting.seek(0)
            if int(setting.read()) < before + number:
                raise OSError("not enough memory for huge pages")
            where = tempfile.mkdtemp(prefix="hugepages")
            try:
                if subprocess.run(["mount", "-t", "hugetlbfs", "none", where], check=False,
                                  capture_output=True).returncode != 0:
                    raise OSError("hugetlbfs cannot be mounted")
                try:
                    yield where
                finally:
                    subprocess.run(["umount", where], check=True)
            finally:
                os.rmdir(where)
        finally:
            _set(setting, before)


def _set(setting, number):
    setting.seek(0)
    setting.write(str(number))
    setting.flush()
