# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What the VM test runs: each scenario is one boot of the guest with a plan of scripts."""

import re
from dataclasses import dataclass, field

import frames
import kernels


# QEMU 7.2's one device with SR-IOV, two virtual functions at most; that it is no network adapter
# does not matter to pio-setup.sh
PF_OPTIONS = ["-device", "nvme-subsys,id=nvme", "-device",
              "nvme,subsys=nvme,serial=1,addr=0x12,sriov_max_vfs=2,sriov_vq_flexible=4,"
              "sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=3"]


@dataclass
class Scenario:
    """One boot. The wires play `frames` frames to each VF, or a script sends them; they record what
    the VF sends."""

    name: str
    text: str
    plan: list
    vf: list = field(default_factory=list)   # further options of `pioemu qemu`
    qemu: list = field(default_factory=list) # further options of QEMU
    append: str = ""                         # to the kernel's command line
    frames: int = 0                          # 0: loopback wires, nothing to compare
    longest: int = 1514                      # of these frames
    by_script: bool = False                  # scripts have them, as lines of digits
    loopback: tuple = ()                     # VFs without those frames
    in_ci: tuple = ()                        # kernel series of the bounded set

    def options(self, results):
        if not self.frames:
            return ["--wire=loopback", *self.vf]
        play = "" if self.by_script else f"pcap-in={results}/wire-in-%d.pcap,"
        return self.vf + [
            f"--wire={vf}=loopback" if vf in self.loopback else
            f"--wire={vf}={play.replace('%d', str(vf))}pcap-out={results}/wire-out-{vf}.pcap"
            for vf in range(self.nb_vfs())]

    def make_frames(self, seed):
        """Those of each VF."""
        return [frames.make(self.frames, seed, vf, self.longest) for vf in range(self.nb_vfs())]

    def nb_vfs(self):
        return 2 if "--vfs=2" in self.vf else 1

    def judge(self, results, sent):
        """Verdicts from the host's side: the bytes on the wires, and what the VFs noticed."""
        for vf, flow in enumerate(sent):
            if not self.frames or vf in self.loopback:
                continue
            try:
                wrong = frames.difference(flow, frames.read(results / f"wire-out-{vf}.pcap"))
            except (OSError, ValueError) as err:
                wrong = str(err)
            yield f"not ok byte-equal-vf{vf} - {wrong}" if wrong else (
                f"ok byte-equal-vf{vf} {len(flow)} frames")
        try:
            stats = (results / "pioemu-stats.txt").read_text()
        except OSError as err:
            yield f"not ok violations - {err}"
            return
        found = re.findall(r"^.*violation.*$", stats, re.MULTILINE)
        yield "ok violations none" if not found else f"not ok violations - {'; '.join(found)}"


ALL = [
    Scenario("witness", "upstream's net_sfc on a Medford2 VF",
             [(60, "bind.sh yes"), (90, "witness.py 400")], frames=400, in_ci=("6.12",)),
    Scenario("witness-1903", "the same on Huntington, with its indirect register writes",
             [(60, "bind.sh yes"), (90, "witness.py 400")], vf=["--id=1903"], frames=400),
    # VF 0 and 1 have the wire's frames; what else runs there must not send any
    Scenario("driver", "net_piopmd forwards by PIO, split and uncached mapping, memory types",
             [(90, "piopmd.py split 0 400"), (90, "piopmd.py vfio 1 400")],
             vf=["--vfs=2"], frames=400, in_ci=("6.1", "6.12")),
    Scenario("commands", "testpmd's commands for PIO, split and uncached mapping",
             [(90, "commands.py split 0"), (90, "commands.py vfio 1")],
             vf=["--vfs=2"], frames=24, longest=200, by_script=True, in_ci=("6.12",)),
    Scenario("life", "unbinding while in use, no access, reset, interrupts, user tools",
             [(60, "access.py"), (60, "interrupts.py"), (60, "unbind.py split"),
              (60, "unbind.py vfio"), (90, "tools.py")],
             vf=["--vfs=2"], in_ci=("6.12",)),
    Scenario("setup", "pio-setup.sh on a physical function, and for a user who is not root",
             [(120, "setup.py")], qemu=PF_OPTIONS),
    Scenario("second", "a secondary process, receive interrupts",
             [(90, "secondary.py"), (60, "rx-interrupts.py")], vf=["--vfs=2"]),
    Scenario("reset", "the machine is reset while a function is in use",
             [(60, "in-use.py"), (0, "reset"), (90, "piopmd.py split 0 400")],
             vf=["--vfs=2"], frames=400, loopback=(1,)),
    Scenario("refusals", "what the kernel refuses, and the next rung",
             [(220, "refuse.py rights rights-wc older-uncached older-combining unverifiable claimed "
               "require:rights")], in_ci=("6.1",)),
    Scenario("relaxed", "a kernel with iomem=relaxed, which refuses less and warns less",
             [(90, "piopmd.py split 0 400"), (90, "piopmd.py vfio 1 400"),
              (90, "refuse.py older-uncached combining-vfio")],
             vf=["--vfs=2"], append="iomem=relaxed", frames=400),
    Scenario("lockdown", "a kernel in lockdown, as with Secure Boot",
             [(90, "piopmd.py auto 0 400 uc"), (90, "refuse.py lockdown require:lockdown")],
             append="lockdown=integrity", frames=400, in_ci=("6.12",)),
    Scenario("plain-bar", "BAR 0 not prefetchable: no resource0_wc",
             [(60, "bind.sh no"), (90, "piopmd.py auto 0 400 uc"),
              (90, "refuse.py not-prefetchable")],
             vf=["--prefetchable=no"], frames=400, in_ci=("6.1",)),
    Scenario("driver-1903", "net_piopmd on Huntington, with its indirect register writes",
             [(90, "piopmd.py split 0 400"), (90, "piopmd.py vfio 1 400")],
             vf=["--id=1903", "--vfs=2"], frames=400, in_ci=("6.12",)),
    Scenario("driver-64k", "the same with VI windows of 64 KiB",
             [(90, "piopmd.py split 0 400"), (90, "piopmd.py vfio 1 400")],
             vf=["--vi-stride=64", "--vfs=2"], frames=400),
]


def choose(series, bounded, names):
    """(scenario, kernel series) to run: named, of the bounded set, or all."""
    return [(scenario, kernel) for kernel in series for scenario in ALL
            if (scenario.name in names if names else kernel in scenario.in_ci or not bounded)]


assert all(kernel in kernels.SERIES for s in ALL for kernel in s.in_ci)
