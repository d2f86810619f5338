# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""devtools/vm-test.sh: the driver and its tools on Debian's own kernels, in QEMU."""

import argparse
import re
import signal
import sys
import time
from pathlib import Path

import frames
import kernels
import machine
import scenarios


# Of one boot whose QEMU dies of a signal; what is counted in the summary.
QEMU_ATTEMPTS = 3
CI_BUDGET_S = 570
# What is left of the budget must be enough for a boot on a slow machine.
LAST_BOOT_S = 180


def parse_args():
    parser = argparse.ArgumentParser(
        prog="vm-test.sh", description=__doc__, formatter_class=argparse.RawTextHelpFormatter,
        epilog="The guest is Debian's kernel under software emulation (no KVM) with an emulated\n"
        "IOMMU; it sees the host's file system read-only. Kernels are downloaded once to\n"
        f"{kernels.cache_dir()} and never installed. Nothing else on the host is\n"
        "changed. Exit code: 0 all passed, 1 something failed, 77 nothing could run.")
    parser.add_argument("--build", type=Path, default=machine.SOURCE / "build",
                        help="build folder (build/)")
    parser.add_argument("--results", type=Path, help="where logs go (BUILD/vm-results)")
    parser.add_argument("--kernel", choices=[*kernels.SERIES, "all"], default="all")
    parser.add_argument("--ci", action="store_true",
                        help="a bounded set instead of every scenario on every kernel")
    parser.add_argument("--budget", type=int, default=None, metavar="SECONDS",
                        help=f"what has not ended by then fails (--ci: {CI_BUDGET_S}); what could\n"
                        f"start in its last {LAST_BOOT_S} s only is skipped")
    parser.add_argument("--patience", type=int, default=2, metavar="N",
                        help="N times longer deadlines than an idle machine needs (2)")
    parser.add_argument("--scenario", action="append", default=[], metavar="NAME",
                        help="only this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="show the scenarios and end")
    return parser.parse_args()


class Report:
    """Prints and counts verdicts, and keeps the times QEMU died apart from them."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.qemu_deaths = []

    def take(self, where, line):
        print(f"{line.partition(' ')[0] if line.startswith('ok') else 'not ok'} {where} "
              f"{re.sub('^(not )?ok ', '', line)}", flush=True)
        if line.startswith("ok"):
            self.passed += 1
        else:
            self.failed += 1

    def skip(self, where, why):
        print(f"skip {where} - {why}", flush=True)
        self.skipped += 1

    def qemu_died(self, err, left):
        """A defect of QEMU 7.2, not a verdict about us: see doc/guides/tools/vm_test.rst"""
        print(f"# {err}; {'once more' if left else 'given up'}", flush=True)
        self.qemu_deaths.append(str(err))

    def end(self, seconds, results):
        print(f"# {seconds:.0f} s, logs in {results}")
        print(f"# QEMU itself died {len(self.qemu_deaths)} times"
              + "".join(f"; {death}" for death in self.qemu_deaths))
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed or not self.passed else 0


def run_one(scenario, series, args, report, end):
    """Boot one guest for one scenario, and judge what it and the wire say."""
    name = f"{scenario.name}-{series}"
    try:
        kernel = kernels.get(series)
    except kernels.KernelError as err:
        report.take(name, f"not ok kernel - {err}")
        return
    guest = machine.Machine(name, kernel, args.build, args.results,
                            scenario.options(args.results / name), scenario.qemu, scenario.append,
                            args.patience)
    sent = scenario.make_frames(name)
    for left in reversed(range(QEMU_ATTEMPTS)):
        try:
            guest.prepare()
            for vf, flow in enumerate(sent):
                frames.write(guest.results / f"wire-in-{vf}.pcap", flow)
                (guest.shared / f"frames-{vf}").write_text("".join(f"{f.hex()}\n" for f in flow))
            guest.run(scenario.plan, end)
            break
        except machine.QemuCrash as err:
            report.qemu_died(err, left)
            if left:
                guest.keep_aside(f"qemu-died-{QEMU_ATTEMPTS - left}")
            else:
                report.take(name, f"not ok machine - {err}")
        except machine.MachineError as err:
            report.take(name, f"not ok machine - {err}")
            break
    for script, line in guest.verdicts():
        report.take(f"{name}: {script}:", line)
    for line in scenario.judge(guest.results, sent):
        report.take(f"{name}: host:", line)
    print(f"# {name}: {kernel.release}, {guest.seconds:.0f} s", flush=True)


def main():
    args = parse_args()
    if args.list:
        for scenario in scenarios.ALL:
            print(f"{scenario.name:<14} {scenario.text}")
        return 0
    missing = machine.packages_missing()
    if missing:
        print(f"skip all - not installed: {' '.join(missing)}; run "
              "devtools/install-packages.sh base ci")
        return 77
    unbuilt = [name for name in machine.BUILT if not (args.build / name).exists()]
    if unbuilt:
        print(f"no {', '.join(unbuilt)} in {args.build}: build first (devtools/build.sh), or give "
              "--build")
        return 1
    args.build = args.build.resolve()
    args.results = (args.results or args.build / "vm-results").resolve()

    names = {s.name for s in scenarios.ALL}
    unknown = set(args.scenario) - names
    if unknown:
        print(f"no scenario {', '.join(sorted(unknown))}; there are: {', '.join(sorted(names))}")
        return 1
    series = list(kernels.SERIES) if args.kernel == "all" else [args.kernel]
    budget = args.budget or (CI_BUDGET_S if args.ci else float("inf"))
    report = Report()
    started = time.monotonic()
    for scenario, kernel in scenarios.choose(series, args.ci, args.scenario):
        # the first one always runs: a budget that is too small must not look like success
        if report.passed + report.failed > 0 and time.monotonic() > started + budget - LAST_BOOT_S:
            report.skip(f"{scenario.name}-{kernel}", f"no time left of {budget} s")
            continue
        run_one(scenario, kernel, args, report, started + budget)
    return report.end(time.monotonic() - started, args.results)


if __name__ == "__main__":
    # end like an error, which takes the guest along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("vm-test: terminated"))
    sys.exit(main())
