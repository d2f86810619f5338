# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What the VM test runs: each scenario is one boot of the guest with a plan of scripts."""

import re
from dataclasses import dataclass, field

import frames
import kernels


@dataclass
class Scenario:
    """One boot. The wire plays `frames` frames to VF 0 and records what it sends back."""

    name: str
    text: str
    plan: list
    vf: list = field(default_factory=list)   # further options of `pioemu qemu`
    append: str = ""                         # to the kernel's command line
    frames: int = 0
    in_ci: tuple = ()                        # kernel series of the bounded set
    usual_s: int = 40                        # how long it takes on two cores of 2.5 GHz

    def options(self, results):
        wire = "loopback"
        if self.frames:
            wire = f"pcap-in={results}/wire-in.pcap,pcap-out={results}/wire-out.pcap"
        return [f"--wire={wire}", *self.vf]

    def judge_wire(self, results, sent):
        """Verdicts from the host's side: the bytes on the wire, and what the VF noticed."""
        try:
            wrong = frames.difference(sent, frames.read(results / "wire-out.pcap"))
        except (OSError, ValueError) as err:
            wrong = str(err)
        yield f"not ok byte-equal - {wrong}" if wrong else f"ok byte-equal {len(sent)} frames"
        try:
            stats = (results / "pioemu-stats.txt").read_text()
        except OSError as err:
            yield f"not ok violations - {err}"
            return
        found = re.findall(r"^.*violation.*$", stats, re.MULTILINE)
        yield "ok violations none" if not found else f"not ok violations - {'; '.join(found)}"


ALL = [
    Scenario("witness", "upstream's net_sfc on a Medford2 VF",
             [(60, "bind.sh yes"), (90, "witness.py 400")], frames=400, in_ci=("6.1", "6.12")),
    Scenario("witness-1903", "the same on Huntington, with its indirect register writes",
             [(60, "bind.sh yes"), (90, "witness.py 400")], vf=["--id=1903"], frames=400,
             in_ci=("6.12",)),
]


def choose(series, full, names):
    """(scenario, kernel series) to run, the bounded set unless full or named."""
    return [(scenario, kernel) for kernel in series for scenario in ALL
            if (scenario.name in names if names else full or kernel in scenario.in_ci)]


assert all(kernel in kernels.SERIES for s in ALL for kernel in s.in_ci)
