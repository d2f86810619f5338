# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""net_piopmd in the guest's testpmd."""

import os
import re

from guest import CASE, RESULTS, VM, Testpmd

# Root without the right to pass over file permissions; EAL still needs its other rights.
WITHOUT_OVERRIDE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search",
                    "--inh-caps=-dac_override,-dac_read_search"]

# EAL looks a bare name up as the dynamic loader does, and skips its check for directories that
# everybody may write to, which a build folder may be below.
PLUGIN = "librte_net_piopmd.so.23"


def environment():
    """For programs that load the driver."""
    return dict(os.environ, LD_LIBRARY_PATH=str(VM / "build"))


def rung_of(log):
    """The rung the driver says it stands on."""
    found = re.findall(r"BAR mapped by rung (\S+):", log)
    return found[-1] if found else None


# Debian's testpmd with the commands of our driver.
TESTPMD_PIO = VM / "build/app/testpmd-pio/dpdk-testpmd-pio"


class Piopmd(Testpmd):
    """Debian's testpmd with our driver on one VF."""

    def __init__(self, vf, devargs="", app=(), eal=(), **kwargs):
        args = ",".join(filter(None, [vf, "class=pio", devargs]))
        super().__init__(["-d", PLUGIN, "-a", args, "--log-level=pmd.net.piopmd*:info", *eal], app,
                         env=environment(), **kwargs)


def probe_log(vf, devargs="", **kwargs):
    """What testpmd says when it starts with vf, and whether our port is there then."""
    path = RESULTS / f"{CASE}.log"
    before = path.stat().st_size
    port = False
    try:
        with Piopmd(vf, devargs, **kwargs) as pmd:
            port = "net_piopmd" in pmd.command("show port info 0")
    except EOFError:
        pass
    return path.read_bytes()[before:].decode(errors="replace"), port
