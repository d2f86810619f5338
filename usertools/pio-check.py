#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Why is my PIO slow, or off? One page for each EF10 virtual function, with the remedies."""

import argparse
import grp
import json
import os
import pwd
import re
import resource
import socket
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

DEVICES = "/sys/bus/pci/devices"
MEMTYPES = "/sys/kernel/debug/x86/pat_memtype_list"
LOCKDOWN = "/sys/kernel/security/lockdown"

# PCI ids of EF10 virtual functions with PIO, and of those without (AMD X4)
VENDOR = "0x1924"
FAMILIES = {"0x1903": "SFC9120 (Huntington)", "0x1923": "SFC9140 (Huntington)",
            "0x1a03": "SFC9200 (Medford)", "0x1b03": "SFC9250, X2 (Medford2)"}
WITHOUT_PIO = {"0x1c03": "X4 (Medford4)", "0x3c03": "X4 (Medford4)"}

# linux/ioport.h
IORESOURCE_PREFETCH = 0x2000
IORESOURCE_MEM_64 = 0x100000

# Each 8 KiB window of BAR 0, or larger, begins with a register page; the PIO page follows.
PAGE = 4096
WC = "write-combining"

# An unprivileged process with less must expect VFIO_IOMMU_MAP_DMA to fail with ENOMEM.
MEMLOCK_ENOUGH = 1 << 30

TELEMETRY_DEADLINE_S = 2
RTE_PIO_CAP_PIO = 1  # rte_pio_info::flags

OK, NOTE, PROBLEM = "ok", "note", "problem"


class Live:
    """Answers from the running system, and remembers them for --record."""

    def __init__(self):
        self.seen = {}

    def ask(self, question, *args):
        key = " ".join([question, *args])
        if key not in self.seen:
            try:
                self.seen[key] = getattr(self, "_" + question)(*args)
            except (OSError, ValueError, KeyError):
                self.seen[key] = None
        return self.seen[key]

    @staticmethod
    def _text(path):
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()

    @staticmethod
    def _link(path):
        return os.path.basename(os.readlink(path))

    @staticmethod
    def _memlock():
        """This process' limit of locked memory in bytes; -1: none."""
        return resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]

    @staticmethod
    def _names(path):
        return sorted(os.listdir(path))

    @staticmethod
    def _stat(path):
        found = os.stat(path)
        return [stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid]

    @staticmethod
    def _user(name):
        """[uid, [group ids]]; a number may be one that no user has"""
        try:
            entry = pwd.getpwuid(int(name)) if name.isdecimal() else pwd.getpwnam(name)
        except KeyError:
            if not name.isdecimal():
                raise
            return [int(name), sorted(os.getgroups()) if int(name) == os.getuid() else []]
        name = entry.pw_name
        groups = {g.gr_gid for g in grp.getgrall() if name in g.gr_mem} | {entry.pw_gid}
        return [entry.pw_uid, sorted(groups)]

    @staticmethod
    def _holders(path):
        """[[pid, command]] of processes that have the file open, as far as we may see."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                fds = os.listdir(f"/proc/{pid}/fd")
                if any(os.readlink(f"/proc/{pid}/fd/{fd}") == path for fd in fds):
                    found.append([int(pid), Path(f"/proc/{pid}/comm").read_text().strip()])
            except OSError:
                continue
        return found


    @staticmethod
    def _telemetry(path, command):
        """One question to a running DPDK application; one message is one answer."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.settimeout(TELEMETRY_DEADLINE_S)
            sock.connect(path)
            size = json.loads(sock.recv(1024))["max_output_len"]
            sock.send(command.encode())
            return json.loads(sock.recv(size)).get(command.partition(",")[0])


class Replay:
    """Answers from a recording; what was not asked then is absent now."""

    def __init__(self, seen):
        self.seen = seen

    def ask(self, question, *args):
        return self.seen.get(" ".join([question, *args]))


@dataclass
class Line:
    """One line of the page. problem: a short name; fix: the one command that mends it."""

    topic: str
    text: str
    level: str = OK
    problem: str = ""
    fix: str = ""


def size_text(size):
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size} {unit}"
        size //= 1024
    return ""


class Checker:
    """Everything about one host, for one user."""

    def __init__(self, source, user):
        self.ask = source.ask
        self.user = user
        found = self.ask("user", user)
        if found is None:
            raise SystemExit(f"pio-check: there is no user {user}")
        self.uid, self.gids = found

    # ---- what is asked of several places ----

    def may_use(self, path):
        """Read and write for the user: True, False, or None when there is no such file."""
        mode = self.ask("stat", path)
        if mode is None:
            return None
        bits, uid, gid = mode
        if self.uid == 0:
            return True
        if uid == self.uid:
            return bits & 0o600 == 0o600
        return bits & (0o060 if gid in self.gids else 0o006) in (0o060, 0o006)

    def device(self, bdf, name):
        return self.ask("text", f"{DEVICES}/{bdf}/{name}")

    def functions(self):
        """Addresses of EF10 virtual functions."""
        known = {**FAMILIES, **WITHOUT_PIO}
        return [bdf for bdf in self.ask("names", DEVICES) or []
                if self.device(bdf, "vendor") == VENDOR and self.device(bdf, "device") in known]

    def stranger(self, bdf):
        """Why this is no address of an EF10 virtual function; None: it is one."""
        if not re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]", bdf):
            return "is not a PCI address such as 0000:01:00.1"
        if bdf not in (self.ask("names", DEVICES) or []):
            return "there is no such PCI device"
        if bdf not in self.functions():
            return (f"is no EF10 virtual function, but {self.device(bdf, 'vendor')}:"
                    f"{self.device(bdf, 'device')}")
        return None

    def bar0(self, bdf):
        """(address, size, flags)"""
        lines = (self.device(bdf, "resource") or "0 0 0").splitlines()
        start, end, flags = (int(word, 16) for word in lines[0].split())
        return start, end - start + 1 if end else 0, flags

    def memory_types(self, start, size):
        """[(offset, length, type)] the kernel lists below the BAR; None: the list is closed."""
        text = self.ask("text", MEMTYPES)
        if text is None:
            return None
        found = []
        for first, last, kind in re.findall(
                r"PAT: \[mem 0x([0-9a-f]+)-0x([0-9a-f]+)\] (\S+)", text):
            low, high = int(first, 16), int(last, 16)
            if low < start + size and high > start:
                found.append((low - start, high - low, kind))
        return found

    # ---- the host ----

    def host(self):
        """Lines about what all functions share."""
        yield self.cpu()
        yield self.lockdown()
        yield from self.memory()

    def cpu(self):
        flags = re.search(r"^flags\s*:(.*)$", self.ask("text", "/proc/cpuinfo") or "",
                          re.MULTILINE)
        flags = flags.group(1).split() if flags else []
        if "movdir64b" in flags:
            return Line("CPU", "MOVDIR64B: one 64-byte store is one bus write, whatever the "
                        "mapping")
        wide = next((n for n, f in (("AVX-512", "avx512f"), ("AVX2", "avx2"), ("SSE2", "sse2"))
                     if f in flags), "8-byte")
        return Line("CPU", f"no MOVDIR64B; {wide} stores reach the adapter as 64-byte writes only "
                    "through a write-combining mapping", NOTE)

    def lockdown_mode(self):
        mode = re.search(r"\[(\w+)\]", self.ask("text", LOCKDOWN) or "")
        return mode.group(1) if mode else "none"

    def lockdown(self):
        mode = self.lockdown_mode()
        if mode == "none":
            return Line("lockdown", "none")
        return Line("lockdown", f"{mode}: the kernel refuses to map resource0 (Secure Boot)",
                    PROBLEM, "lockdown", "mokutil --disable-validation   (then reboot, and confirm "
                    "in the boot menu; or switch Secure Boot off in the firmware)")

    def memory(self):
        pages = sum(int(self.ask("text", f"/sys/kernel/mm/hugepages/{name}/nr_hugepages") or 0)
                    for name in self.ask("names", "/sys/kernel/mm/hugepages") or [])
        if pages:
            yield Line("hugepages", f"{pages} reserved")
        else:
            yield Line("hugepages", "none: DPDK starts with --no-huge only", PROBLEM,
                       "no-hugepages", "pio-setup.sh hugepages 512")
        limit = self.ask("memlock")
        if self.uid != 0 and limit is not None and 0 <= limit < MEMLOCK_ENOUGH:
            yield Line("memlock", f"{size_text(limit)}: VFIO must lock all of DPDK's memory",
                       PROBLEM, "memlock", "ulimit -l unlimited   (as root, or in "
                       "/etc/security/limits.conf)")

    # ---- one function ----

    def function(self, bdf):
        """Lines about one VF."""
        device = self.device(bdf, "device")
        if device in WITHOUT_PIO:
            yield Line("family", f"{WITHOUT_PIO[device]} has no PIO; net_sfc drives it", NOTE)
            return
        yield Line("family", FAMILIES[device])
        yield self.driver(bdf)
        yield from self.iommu(bdf)
        yield from self.window(bdf)
        yield from self.running(bdf)

    def driver(self, bdf):
        driver = self.ask("link", f"{DEVICES}/{bdf}/driver")
        if driver == "vfio-pci":
            return Line("driver", driver)
        if driver is None:
            return Line("driver", "bound to nothing", PROBLEM, "unbound",
                        f"dpdk-devbind.py -b vfio-pci {bdf}")
        return Line("driver", f"{driver}: a kernel driver owns the function", PROBLEM,
                    "wrong-driver", f"dpdk-devbind.py -b vfio-pci {bdf}")

    def iommu(self, bdf):
        group = self.ask("link", f"{DEVICES}/{bdf}/iommu_group")
        if group is None:
            option = "amd_iommu=on" if "AuthenticAMD" in (
                self.ask("text", "/proc/cpuinfo") or "") else "intel_iommu=on"
            yield Line("IOMMU", "off: the function has no group", PROBLEM, "no-iommu",
                       f"add '{option} iommu=pt' to GRUB_CMDLINE_LINUX in /etc/default/grub, "
                       "update-grub, reboot; enable VT-d or AMD-Vi in the firmware")
            return
        others = [other for other in
                  self.ask("names", f"/sys/kernel/iommu_groups/{group}/devices") or []
                  if other != bdf and not self.is_harmless(other)]
        if others:
            yield Line("IOMMU", f"group {group} is shared with {', '.join(others)}, which vfio-pci "
                       "does not own", PROBLEM, "group-not-viable",
                       f"dpdk-devbind.py -b vfio-pci {' '.join(others)}")
        else:
            yield Line("IOMMU", f"group {group}")
        may = self.may_use(f"/dev/vfio/{group}")
        if may is False:
            yield Line("access", f"user {self.user} may not open /dev/vfio/{group}", PROBLEM,
                       "group-rights", f"pio-setup.sh permit {self.user} {bdf}")
        elif may:
            yield Line("access", f"user {self.user} may open /dev/vfio/{group}")

    def is_harmless(self, bdf):
        """vfio takes a group when its other members are bridges, unbound, or its own."""
        driver = self.ask("link", f"{DEVICES}/{bdf}/driver")
        return driver in (None, "vfio-pci", "pcieport") or (
            self.device(bdf, "class") or "").startswith("0x0604")

    def window(self, bdf):
        """BAR 0, and whether its PIO pages can be mapped write-combining."""
        start, size, flags = self.bar0(bdf)
        prefetch = flags & IORESOURCE_PREFETCH
        yield Line("BAR 0", f"0x{start:x}, {size_text(size)}, "
                   f"{'64' if flags & IORESOURCE_MEM_64 else '32'} bit, "
                   f"{'' if prefetch else 'not '}prefetchable")
        why, problem, fix = self.refusal(bdf, prefetch)
        if why:
            yield Line("mapping", f"uncached (pio_map=vfio): {why}", PROBLEM, problem, fix)
        else:
            yield Line("mapping", "write-combining PIO pages are possible (pio_map=split)")
        yield from self.types(bdf, start, size)

    def refusal(self, bdf, prefetch):
        """Why the split mapping is refused: (text, problem, fix), or Nones. In the order in
        which the kernel would refuse."""
        if not prefetch:
            return ("the BAR is not prefetchable, so the kernel offers no resource0_wc",
                    "not-prefetchable", "a property of the adapter's firmware: use a CPU with "
                    "MOVDIR64B, which needs no write combining")
        if self.ask("stat", f"{DEVICES}/{bdf}/resource0_wc") is None:
            return ("the kernel offers no resource0_wc: it runs without PAT", "no-pat",
                    "remove 'nopat' from the kernel's command line, reboot")
        if self.lockdown_mode() != "none":
            return ("the kernel is locked down", "lockdown-wc", "see lockdown")
        for name in ("resource0", "resource0_wc"):
            if not self.may_use(f"{DEVICES}/{bdf}/{name}"):
                return (f"user {self.user} may not open {name}", "file-rights",
                        f"pio-setup.sh permit {self.user} {bdf}")
        owner = self.claimed_by(bdf)
        if owner:
            return (f"the BAR is claimed: {owner} has mapped it through VFIO", "claimed",
                    "end that program (or restart it with pio_map=split)")
        kind = self.mapped_by_others(bdf)
        if kind:
            return (f"a program maps the BAR {kind} through sysfs, and the oldest mapping's type "
                    "wins", "mapped",
                    f"fuser -v {DEVICES}/{bdf}/resource0*   (then end what it names)")
        return None, None, None

    def holders(self, bdf):
        group = self.ask("link", f"{DEVICES}/{bdf}/iommu_group")
        return self.ask("holders", f"/dev/vfio/{group}") or [] if group else []

    def claimed_by(self, bdf):
        """vfio-pci requests the region at the first mapping ("vfio-pci") or access ("vfio") through it;
        /proc/iomem then names it."""
        start, size, _ = self.bar0(bdf)
        iomem = self.ask("text", "/proc/iomem") or ""
        claim = f"{start:08x}-{start + size - 1:08x} : vfio"
        if not start or claim not in iomem or "iomem=relaxed" in (
                self.ask("text", "/proc/cmdline") or ""):
            return ""
        return ", ".join(f"{name} (pid {pid})" for pid, name in self.holders(bdf)) or "a program"

    def mapped_by_others(self, bdf):
        """The type of a mapping that is there although nobody drives the function; '' if none."""
        driver = self.ask("link", f"{DEVICES}/{bdf}/driver")
        if self.holders(bdf) or driver not in (None, "vfio-pci"):
            return ""
        start, size, _ = self.bar0(bdf)
        listed = self.memory_types(start, size)
        return listed[0][2] if listed else ""

    def types(self, bdf, start, size):
        """What the running application really has."""
        holders = self.holders(bdf)
        if not holders:
            return
        yield Line("in use", ", ".join(f"{name} (pid {pid})" for pid, name in holders))
        listed = self.memory_types(start, size)
        if listed is None:
            yield Line("types", "not verifiable: the kernel's list needs root and debugfs", NOTE,
                       "unverified", "mount -t debugfs none /sys/kernel/debug; run as root")
            return
        bad = [off for off, length, kind in listed
               if kind == WC and (off // PAGE % 2 == 0 or length > PAGE)]
        if bad:
            yield Line("types", f"register page 0x{bad[0]:x} is write-combining: registers do not "
                       "work so", PROBLEM, "registers-wc",
                       "end every program that maps this BAR, then start again")
            return
        pages = [off for off, length, kind in listed if kind == WC]
        if pages:
            yield Line("types", f"{len(pages)} PIO page(s) write-combining, registers not")
        elif listed:
            yield Line("types", f"all {listed[0][2]}: PIO stores are not combined",
                       NOTE if "MOVDIR64B" in self.cpu().text[:9] else PROBLEM, "not-combined",
                       "see mapping; start the application with pio_map=split to learn why")

    # ---- what an application that drives the function says of itself ----

    def running(self, bdf):
        for folder in ("/var/run/dpdk", f"/run/user/{self.uid}/dpdk"):
            for prefix in self.ask("names", folder) or []:
                path = f"{folder}/{prefix}/dpdk_telemetry.v2"
                for port in self.ask("telemetry", path, "/pio/list") or []:
                    info = self.ask("telemetry", path, f"/ethdev/info,{port}") or {}
                    if info.get("name") == bdf:
                        yield from self.port(path, port)

    def port(self, path, port):
        info = self.ask("telemetry", path, f"/pio/info,{port}") or {}
        yield self.pool(info)
        wc = self.ask("telemetry", path, f"/pio/wc,{port}") or {}
        rungs = "; ".join(wc.get("rungs", []))
        yield Line("granted", f"port {port}: {wc.get('granted')}, stores by {wc.get('store')}, "
                   f"measured: {wc.get('measured')} ({rungs})",
                   NOTE if wc.get("degraded") else OK)
        for queue in sorted({int(q) for holder in info.get("holders", [])
                             for q in re.findall(rf"^port {port} queue (\d+):", holder)}):
            yield self.queue(path, port, queue)

    @staticmethod
    def pool(info):
        text = (f"{info.get('nb_bufs_free')} of {info.get('nb_bufs')} buffers of "
                f"{info.get('buf_size')} bytes free")
        if info.get("flags", 0) & RTE_PIO_CAP_PIO and info.get("reason", "none") == "none":
            return Line("PIO", text)
        if info.get("reason") == "no_privilege":
            return Line("PIO", "the function lacks the privilege for PIO buffers", PROBLEM,
                        "no-privilege", "have the adapter's administrator grant ONLOAD to this "
                        "function (MC_CMD_PRIVILEGE_MODIFY on the PF)")
        if info.get("reason") == "no_memory":
            return Line("PIO", f"no buffer to be had: {text}", PROBLEM, "no-buffers",
                        "stop an application that holds some: " +
                        ("; ".join(info.get("holders", [])) or "none in this process"))
        return Line("PIO", f"off: {info.get('reason')}", PROBLEM, "pio-off",
                    "read the application's log: --log-level=pmd.net.piopmd*:debug")

    def queue(self, path, port, queue):
        info = self.ask("telemetry", path, f"/pio/queue,{port},{queue}") or {}
        stats = info.get("stats", {})
        others = sorted(((n, k) for k, n in stats.items() if n and
                         k.startswith(("fallback_", "refused_"))), reverse=True)
        text = (f"{info.get('state')}, frames up to {info.get('threshold')} bytes; "
                f"{stats.get('packets')} by PIO, {stats.get('ring_packets')} by the ring")
        if others:
            text += ": " + ", ".join(f"{n} {k}" for n, k in others)
        if info.get("state") == "started" or info.get("reason") == "none":
            return Line(f"queue {queue}", text)
        return Line(f"queue {queue}", f"{text} ({info.get('reason')})", PROBLEM, "queue-off",
                    "see PIO and mapping above")


def page(title, lines):
    """One block of the report."""
    out = [title]
    out += [f"  {line.topic:<11} {line.text}{'' if line.level == OK else f'   <- {line.level}'}"
            for line in lines]
    for line in lines:
        if line.fix:
            out.append(f"  {'fix':<11} {line.topic}: {line.fix}")
    return "\n".join(out)


def as_json(lines):
    return [{"topic": line.topic, "text": line.text, "level": line.level, "problem": line.problem,
             "fix": line.fix} for line in lines]


def myself():
    """Whom sudo works for, or who we are: the number of a user without name, as in containers."""
    if name := os.environ.get("SUDO_USER"):
        return name
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="Exit code: 0 no problem found, 1 there are problems, 2 no EF10 "
        "virtual function. Run it as root to see everything; --user says for whom to judge.")
    parser.add_argument("bdf", nargs="*", help="PCI addresses (default: every EF10 VF)")
    parser.add_argument("--user", default=myself(),
                        help="who will run the application (default: you)")
    parser.add_argument("--json", action="store_true", help="the same, for programs")
    parser.add_argument("--record", metavar="FILE", help="also write down all that was looked at, "
                        "to be judged elsewhere")
    parser.add_argument("--replay", metavar="FILE", help="judge such a recording, not this host")
    return parser.parse_args()


def main():
    args = parse_args()
    if args.replay:
        try:
            recording = json.loads(Path(args.replay).read_text(encoding="utf-8"))
            source, args.user = Replay(recording["seen"]), recording["user"]
        except OSError as e:
            sys.exit(f"pio-check: {args.replay}: {e.strerror}")
        except (ValueError, KeyError, TypeError):
            sys.exit(f"pio-check: {args.replay}: not a file that --record has written")
    else:
        source = Live()
    checker = Checker(source, args.user)
    functions = args.bdf or checker.functions()
    for bdf in args.bdf:
        if (why := checker.stranger(bdf)) is not None:
            print(f"pio-check: {bdf}: {why}; EF10 virtual functions here: "
                  f"{' '.join(checker.functions()) or 'none, pio-setup.sh vfs PF 1 creates one'}",
                  file=sys.stderr)
            return 2
    report = {"host": list(checker.host())}
    for bdf in functions:
        report[bdf] = list(checker.function(bdf))
    if args.record:
        text = json.dumps({"user": args.user, "seen": source.seen}, indent=1, sort_keys=True)
        try:
            Path(args.record).write_text(text + "\n", encoding="utf-8")
        except OSError as e:
            sys.exit(f"pio-check: --record {args.record}: {e.strerror}")
    if args.json:
        print(json.dumps({name: as_json(lines) for name, lines in report.items()}, indent=2))
    else:
        print("\n\n".join(page(name, lines) for name, lines in report.items()))
        if not functions:
            print("\nno EF10 virtual function: create one with pio-setup.sh vfs PF 1")
    if not functions:
        return 2
    return int(any(line.level == PROBLEM for lines in report.values() for line in lines))


if __name__ == "__main__":
    sys.exit(main())
