#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
# The driver on real kernels: boots Debian's in QEMU with a software EF10 VF. See --help.
exec /usr/bin/python3 -B "$(dirname "$(realpath "$0")")/vm/vmtest.py" "$@"
