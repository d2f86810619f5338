# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""One boot of the test guest: `pioemu qemu` with Debian's kernel, a plan of scripts, results."""

import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import kernels

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent.parent

# Boot to a shell takes 4 to 10 s on two idle cores; a loaded CI machine gets time.
BOOT_DEADLINE_S = 90
# What the host must have installed; the guest sees the host's tools too.
NEEDED = ("qemu-system-x86", "busybox-static", "kmod", "pciutils", "dpdk", "dpdk-dev")
# What runs on the host and in the guest; testpmd's commands need DPDK's sources to be built.
BUILT = ("emu/pioemu", "librte_net_piopmd.so.23", "app/test-pio/vm/pio-rx-intr",
         "app/testpmd-pio/dpdk-testpmd-pio")
# After SIGTERM; pioemu itself gives QEMU 10 s.
STOP_DEADLINE_S = 20
MONITOR_DEADLINE_S = 20
POLL_S = 0.1


class MachineError(Exception):
    """The guest did not come as far as it must; the text says where to look."""


# What a defect of QEMU's own ends in. SIGKILL and SIGTERM come from elsewhere.
CRASH_SIGNALS = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE,
                 signal.SIGTRAP)


class QemuCrash(MachineError):
    """QEMU itself has died of a signal: nothing is known about what was to be tested."""


def _export(tag, path, readonly):
    flags = ",readonly=on" if readonly else ""
    # remap: one export may span several host file systems
    return ["-virtfs", f"local,path={path},mount_tag={tag},security_model=none,"
            f"multidevs=remap{flags}"]


class Machine:
    """A guest with its own results folder. run() boots it, runs the plan and powers it off."""

    def __init__(self, name, kernel, build, results, pioemu_options=(), qemu_options=(), append="",
                 patience=1):
        self.name = name
        self.kernel = kernel
        self.build = Path(build).resolve()
        self.results = Path(results).resolve() / name
        self.pioemu_options = list(pioemu_options)
        self.qemu_options = list(qemu_options)
        self.append = append
        self.patience = patience
        self._resets = False
        self.shared = self.results / "guest"
        self.seconds = 0.0
        self._monitor = None

    def _command(self, initramfs):
        memory_mb = 1024
        return [
            self.build / "emu/pioemu", "qemu", *self.pioemu_options,
            f"--stats-file={self.results}/pioemu-stats.txt", "--",
            "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max",
            # One CPU: QEMU lets go of its lock while it waits for the proxy, and its guard
            # against re-entrance then drops what another CPU does to the same device.
            "-smp", "1",
            "-M", "q35,kernel-irqchip=split,memory-backend=mem",
            # share=on: the VF reads and writes guest memory from its own process
            "-object", f"memory-backend-memfd,id=mem,size={memory_mb}M,share=on",
            "-m", str(memory_mb), "-nodefaults", "-display", "none",
            *([] if self._resets else ["-no-reboot"]),
            "-device", "intel-iommu,intremap=off", *self.qemu_options,
            *_export("hostroot", "/", True), *_export("results", self.shared, False),
            "-monitor", f"unix:{self._monitor},server=on,wait=off",
            "-serial", f"file:{self.results}/console.log",
            "-kernel", self.kernel.vmlinuz, "-initrd", initramfs,
            # no_timer_check: on a busy host the kernel's test of its timer fails, and it panics.
            # What stands behind -- is for the first process.
            "-append", f"console=ttyS0 quiet panic=-1 no_timer_check intel_iommu=on {self.append} -- "
                       f"{SOURCE} {self.build}",
        ]

    def prepare(self):
        """An empty results folder."""
        for path in (SOURCE, self.build, self.results):
            if re.search(r"[,\s\"]", str(path)):
                raise MachineError(f"QEMU and the guest's kernel cannot take this path: '{path}'")
        shutil.rmtree(self.results, ignore_errors=True)
        self.shared.mkdir(parents=True)

    def keep_aside(self, suffix):
        """The results folder under another name, for whoever wants to know more."""
        aside = self.results.with_name(f"{self.name}.{suffix}")
        shutil.rmtree(aside, ignore_errors=True)
        self.results.rename(aside)

    def _last_script(self):
        """Where the plan was, in words."""
        passed = self.shared / "passed"
        if not passed.exists():
            return "while it booted"
        if (self.shared / "finished").exists():
            return "when the plan was done"
        return f"in script {passed.read_text().strip()}"

    def run(self, plan, end=float("inf")):
        """plan: (deadline in seconds, 'script arguments') each. Returns when all has ended.
        end: the latest time for it on the monotonic clock."""
        self._resets = any(script == "reset" for _, script in plan)
        plan = [(deadline * self.patience, script) for deadline, script in plan]
        (self.shared / "plan").write_text("".join(f"{d} {s}\n" for d, s in plan))
        (self.shared / "patience").write_text(str(self.patience))
        initramfs = self.results / "initramfs.gz"
        kernels.build_initramfs(self.kernel, HERE / "init", initramfs)

        boots = 2 if self._resets else 1
        deadline = boots * BOOT_DEADLINE_S * self.patience + sum(d for d, _ in plan)
        started = time.monotonic()
        # A socket's path is short by nature (108 bytes): not below the results
        with tempfile.TemporaryDirectory(prefix="piopmd-vm-") as scratch, \
                open(self.results / "pioemu.log", "wb") as log:
            self._monitor = Path(scratch) / "monitor"
            child = subprocess.Popen(list(map(str, self._command(initramfs))),
                                     stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                code = self._serve(child, min(started + deadline, end))
            finally:
                self._stop(child)
        self.seconds = time.monotonic() - started
        initramfs.unlink()

        # pioemu's own word: QEMU was killed by that signal. Its own death would be negative here.
        if code is not None and code - 128 in CRASH_SIGNALS:
            raise QemuCrash(f"{self.name}: QEMU died of {signal.Signals(code - 128).name} "
                            f"{self._last_script()} after {self.seconds:.0f} s")
        if not (self.shared / "finished").exists():
            why = (f"no end within {self.seconds:.0f} s" if code is None
                   else f"pioemu exit code {code}")
            raise MachineError(f"{self.name}: {why}; see {self.results}/console.log, pioemu.log")
        if code != 0:
            raise MachineError(f"{self.name}: pioemu exit code {code}; see {self.results}")

    def _serve(self, child, end):
        """Answer the guest's questions until pioemu ends: its exit code, None at the deadline."""
        answered = 0
        while time.monotonic() < end:
            try:
                return child.wait(timeout=POLL_S)
            except subprocess.TimeoutExpired:
                pass
            if self._resets and (self.shared / "finished").exists():
                child.send_signal(signal.SIGTERM)
                return child.wait(timeout=STOP_DEADLINE_S)
            ask = self.shared / f"ask-{answered}"
            if ask.exists():
                part = self.shared / f".answer-{answered}"
                part.write_text(self._answer(child, ask.read_text().strip()))
                part.rename(self.shared / f"answer-{answered}")
                answered += 1
        return None

    def _answer(self, child, question):
        """'link up', 'link down': of the VFs. 'tlb LOW HIGH': page table entries, of the process
        that is running, that map these physical addresses."""
        word, *args = question.split()
        if word == "link":
            child.send_signal(signal.SIGUSR2 if args == ["up"] else signal.SIGUSR1)
            return "done"
        if word != "tlb":
            raise MachineError(f"{self.name}: the guest asks '{question}'")
        low, high = (int(arg, 16) for arg in args)
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(MONITOR_DEADLINE_S)
            monitor.connect(str(self._monitor))
            self._monitor_read(monitor)
            monitor.sendall(b"info tlb\n")
            return "\n".join(line for line in self._monitor_read(monitor).splitlines()
                             if re.match(r"[0-9a-f]{16}: [0-9a-f]{16} ", line)
                             and low <= int(line[18:34], 16) < high)

    @staticmethod
    def _monitor_read(monitor):
        text = b""
        while not text.endswith(b"(qemu) "):
            got = monitor.recv(65536)
            if not got:
                break
            text += got
        return text.decode(errors="replace")

    @staticmethod
    def _stop(child):
        """pioemu takes QEMU along on SIGTERM, and QEMU dies with pioemu in any case."""
        if child.poll() is not None:
            return
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def verdicts(self):
        """(script, 'ok NAME' or 'not ok NAME - why') for everything the guest reported."""
        found = []
        for tap in sorted(self.shared.glob("*.tap"), key=lambda p: int(p.name.split("-")[0])):
            lines = tap.read_text(errors="replace").splitlines()
            script = tap.stem.split("-", 1)[1]
            ended = lines[-1] if lines else ""
            found += [(script, line) for line in lines if line.startswith(("ok ", "not ok "))]
            if not ended.startswith("exit 0 "):
                found.append((script, f"not ok {script} - {ended or 'never ran'}, "
                              f"see {self.shared / tap.stem}.log"))
            elif not any(s == script for s, _ in found):
                found.append((script, f"not ok {script} - reported nothing"))
        return found


def packages_missing():
    """The packages of devtools/packages.txt that the VM test needs and the machine lacks."""
    listed = subprocess.run([SOURCE / "devtools/install-packages.sh", "--list", "base", "ci"],
                            stdout=subprocess.PIPE, text=True, check=False).stdout.split()
    return [name for name in listed if name in NEEDED]
