# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""EAL's --lcores for CPUs that we may use: in a container these need not be the first ones."""

import os


def lcores(number=2):
    """So many lcores, on one CPU if there is no second one."""
    cpus = sorted(os.sched_getaffinity(0))
    return "--lcores=" + ",".join(f"{i}@{cpus[min(i, len(cpus) - 1)]}" for i in range(number))
