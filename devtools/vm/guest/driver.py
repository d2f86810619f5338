# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""net_piopmd in the guest's testpmd."""

import os
import re

from guest import VM, Testpmd

# EAL looks a bare name up as the dynamic loader does, and skips its check for directories that
# everybody may write to, which a build folder may be below.
PLUGIN = "librte_net_piopmd.so.23"


def rung_of(log):
    """The rung the driver says it stands on."""
    found = re.findall(r"BAR mapped by rung (\S+):", log)
    return found[-1] if found else None


class Piopmd(Testpmd):
    """Debian's testpmd with our driver on one VF."""

    def __init__(self, vf, devargs="", app=(), eal=(), **kwargs):
        os.environ["LD_LIBRARY_PATH"] = str(VM / "build")
        args = ",".join(filter(None, [vf, "class=pio", devargs]))
        super().__init__(["-d", PLUGIN, "-a", args, "--log-level=pmd.net.piopmd*:info", *eal], app,
                         **kwargs)
