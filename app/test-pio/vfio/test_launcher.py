#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""The launcher `pioemu`: options, life of its temporary directory, further processes.

usage: test_launcher.py PIOEMU [ASAN_PROGRAM]
"""

import array
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PIOEMU = None
ASAN_PROGRAM = None
PYTHON = "/usr/bin/python3"
TIMEOUT = 60

# A program that has the VFs until its standard input ends
HOLD = ("import os, sys\n"
        "fd = os.open('/dev/vfio/vfio', os.O_RDWR)\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n")

# Threads that open and close containers, and children that try to
FORKS = """
import errno, os, signal, threading
os.open('/dev/vfio/vfio', os.O_RDWR)
end = threading.Event()
def churn():
    while not end.is_set():
        os.close(os.open('/dev/vfio/vfio', os.O_RDWR))
threads = [threading.Thread(target=churn) for _ in range(2)]
for thread in threads:
    thread.start()
codes = set()
for _ in range(10):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        try:
            os.open('/dev/vfio/vfio', os.O_RDWR)
            os._exit(0)
        except OSError as e:
            os._exit(e.errno)
    codes.add(os.waitpid(child, 0)[1])
    if not all(map(os.WIFEXITED, codes)):
        break
end.set()
for thread in threads:
    thread.join()
print('busy' if codes == {errno.EBUSY << 8} else codes)
"""

# Whether some thread of ours runs all the time
CLOSES = """
import os, time
os.open('/dev/vfio/vfio', os.O_RDWR)
os.closerange(3, 2000)
before = time.process_time()
time.sleep(2)
print('slept' if time.process_time() - before < 1 else 'ran')
"""

# A child that outlives a process with the VFs
DAEMON = """
import os, signal
os.open('/dev/vfio/vfio', os.O_RDWR)
child = os.fork()
if child == 0:
    os.closerange(0, 3)
    signal.pause()
print(child, flush=True)
"""


def until(condition):
    """Wait for something that another process does."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("nothing happened")
        time.sleep(0.01)


class Launcher(unittest.TestCase):
    """Each test has a directory of its own for sessions, and leaves it empty."""

    def setUp(self):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="pt", dir=base)
        self.env = dict(os.environ, PIOEMU_DIR=self.dir)
        self.env.pop("PIOEMU_SESSION", None)
        # in a build with AddressSanitizer: what Python still holds at its exit is not ours to judge
        self.env["ASAN_OPTIONS"] = "detect_leaks=0"
        self.running = []

    def tearDown(self):
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()
        shutil.rmtree(self.dir)

    def sessions(self):
        return os.listdir(self.dir)

    def pioemu(self, *args, **kwargs):
        return subprocess.run([PIOEMU, *args], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT, check=False,
                              **kwargs)

    def start(self, *args, **kwargs):
        process = subprocess.Popen([PIOEMU, *args], env=self.env, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   **kwargs)
        self.running.append(process)
        return process

    def hold(self, *options):
        """A session with a process that has the VFs; returns the launcher."""
        process = self.start("run", *options, "--", PYTHON, "-c", HOLD)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def end(self, process, signum=None):
        if signum is not None:
            process.send_signal(signum)
        out, err = process.communicate(timeout=TIMEOUT)
        return process.returncode, out, err


class Usage(Launcher):
    def test_help_names_every_option(self):
        for args in (["--help"], ["run", "--help"], ["help"]):
            result = self.pioemu(*args)
            self.assertEqual(result.returncode, 0)
            for word in ("run", "join", "ctl", "qemu", "--vfs", "--id", "--vi-stride", "--wire",
                         "pcap-in=", "pcap-out=", "tap=", "peer", "--core", "--trace", "--stats",
                         "--no-pio-privilege", "--pio-buffers", "--prefetchable", "--no-wc",
                         "--sysfs-fault", "claimed-at-open", "--time", "--session"):
                self.assertIn(word, result.stdout)

    def test_version(self):
        result = self.pioemu("--version")
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stdout, r"^pioemu \d+\.\d+")

    def test_mistakes_are_named_and_change_nothing(self):
        mistakes = [
            ([], "a command is missing"),
            (["walk"], "unknown command 'walk'"),
            (["run"], "program to start is missing"),
            (["run", "--vfs", "2"], "program to start is missing"),
            (["run", "--vfs"], "--vfs needs a value"),
            (["run", "--vfs", "0", "true"], "'0' is not a number from 1 to 7"),
            (["run", "--vfs", "8", "true"], "'8' is not a number from 1 to 7"),
            (["run", "--vfs", "2x", "true"], "'2x' is not a number"),
            (["run", "--colour", "true"], "unknown option '--colour'"),
            (["run", "--id", "1c03", "true"], "'1c03' is not one of 1b03"),
            (["run", "--id", "9=1b03", "true"], "there is no VF 9"),
            (["run", "--vi-stride", "32", "true"], "'32' is not one of 8, 16, 64"),
            (["run", "--id", "1903", "--vi-stride", "16", "true"], "is for id 1b03 only"),
            (["run", "--wire", "string", "true"], "'string' is not one of loopback"),
            (["run", "--wire", "pcap-in=/nonexistent.pcap", "true"], "No such file"),
            (["run", "--wire", "pcap-in=/etc/passwd", "true"], "not a classic pcap file"),
            (["run", "--wire", "pcap-loop=/etc", "true"], "Is a directory"),
            (["run", "--wire", "pcap-out=/nonexistent/x", "true"], "/nonexistent/x: No such file"),
            (["run", "--wire", "pcap-out=/", "true"], "Is a directory"),
            (["run", "--wire", "tap=a234567890123456", "true"], "longer than 15 characters"),
            (["run", "--trace", "/nonexistent/x", "true"], "/nonexistent/x: No such file"),
            (["run", "--stats-file", "/nonexistent/x", "true"], "/nonexistent/x: No such file"),
            (["run", "--wire", "peer", "true"], "needs VF 1 too"),
            (["run", "--mac", "01:00:00:00:00:00", "true"], "not a unicast MAC address"),
            (["run", "--prefetchable", "maybe", "true"], "neither yes nor no"),
            (["run", "--sysfs-fault", "bad", "true"], "'bad' is not a fault"),
            (["run", "--memtype", "/nonexistent", "true"], "No such file"),
            (["run", "--core", "9999", "true"], "not a number"),
            (["run", "--core", "1000", "true"], "this machine has CPUs"),
            (["run", "--pio-held", "5", "--pio-buffers", "4", "true"], "is more than"),
            (["run", "--time", "read=1", "true"], "'read=1' is not one of"),
            (["run", "--tx-delay", "5,2", "true"], "is not MIN,MAX"),
            (["run", "--trace-mask", "noise", "true"], "'noise' is not one of"),
            (["run", "--idle", "dream", "true"], "not one of auto, spin, yield"),
            (["run", "--stats=yes", "true"], "takes no value"),
            (["join"], "program to start is missing"),
            (["join", "--session"], "--session needs a value"),
            (["ctl"], "command is missing"),
            (["ctl", "--loud", "help"], "unknown option '--loud'"),
        ]
        for args, text in mistakes:
            with self.subTest(args=args):
                result = self.pioemu(*args)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(text, result.stderr)
                self.assertIn("pioemu --help", result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(self.sessions(), [])


class Guide(unittest.TestCase):
    """doc/guides/tools/pioemu.rst names what there is."""

    ROOT = pathlib.Path(__file__).resolve().parents[3]

    def setUp(self):
        self.guide = (self.ROOT / "doc/guides/tools/pioemu.rst").read_text()

    def test_has_every_violation_and_who_sees_it(self):
        header = (self.ROOT / "emu/pioemu.h").read_text()
        violations = re.findall(r'X\(([A-Z_]+), "([^"]*)"\)', header)
        self.assertGreater(len(violations), 20)
        for name, text in violations:
            row = re.search(rf"^{name} +(\S+) +(\S+) ", self.guide, re.MULTILINE)
            self.assertIsNotNone(row, name)
            self.assertEqual(row.group(1) == "--", "trapping only" in text, name)

    def test_has_every_refusal(self):
        header = (self.ROOT / "emu/pioemu_conf.h").read_text()
        for name in re.findall(r'X\([A-Z_]+, "([a-z-]+)"', header):
            self.assertIsNotNone(re.search(rf"^{name} ", self.guide, re.MULTILINE), name)


class Program(Launcher):
    def test_exit_status_is_the_programs(self):
        for status in (0, 1, 2, 37, 255):
            result = self.pioemu("run", "--", "sh", "-c", f"exit {status}")
            self.assertEqual(result.returncode, status)
        self.assertEqual(self.sessions(), [])

    def test_dashes_are_optional_and_arguments_untouched(self):
        result = self.pioemu("run", "--vfs", "2", "printf", "%s\n", "--vfs", "-x", "a b")
        self.assertEqual(result.stdout, "--vfs\n-x\na b\n")

    def test_what_cannot_be_started(self):
        script = pathlib.Path(self.dir, "file")
        for args, status, text in (
                (["no-such-program-anywhere"], 127, "no such program in PATH"),
                (["/no/such/program"], 127, "No such file"),
                ([str(script)], 126, "Permission denied")):
            script.write_text("#!/bin/sh\n")
            script.chmod(0o600)
            if status == 126 and os.geteuid() == 0:
                script.chmod(0o644)  # root too may only execute what is executable for somebody
            result = self.pioemu("run", "--", *args)
            self.assertEqual(result.returncode, status)
            self.assertIn(text, result.stderr)
        script.unlink()

    def test_static_program_is_refused(self):
        # an x86-64 or arm64 ELF executable without program headers, so without an interpreter
        machine = struct.unpack_from("<H", pathlib.Path(os.path.realpath("/bin/sh")).read_bytes(),
                                     18)[0]
        head = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\x02\x01\x01", 2, machine, 1, 0, 0, 0, 0,
                           64, 56, 0, 0, 0, 0)
        program = pathlib.Path(self.dir, "static")
        program.write_bytes(head)
        program.chmod(0o755)
        result = self.pioemu("run", "--", str(program))
        program.unlink()
        self.assertEqual(result.returncode, 126)
        self.assertIn("statically linked", result.stderr)

    def test_program_sees_its_machine(self):
        result = self.pioemu("run", "--vfs", "3", "--", "sh", "-c",
                             "ls $SYSFS_PCI_DEVICES; echo $PIOEMU_SESSION")
        lines = result.stdout.split()
        self.assertEqual(lines[:3], ["0000:01:00.1", "0000:01:00.2", "0000:01:00.3"])
        self.assertTrue(lines[3].startswith(self.dir + "/pioemu."))

    def test_preload_of_the_user_stays(self):
        self.env["LD_PRELOAD"] = "libm.so.6"
        self.env["ASAN_OPTIONS"] += ":verify_asan_link_order=0"     # of the launcher itself
        result = self.pioemu("run", "--", "sh", "-c", "echo $LD_PRELOAD")
        words = result.stdout.split()
        self.assertIn("libm.so.6", words)
        self.assertTrue(words[-1].endswith("/libpioemu_vfio.so"), words)

    def test_may_lie_below_a_name_with_a_blank(self):
        """The dynamic loader takes a blank in LD_PRELOAD for the end of a name."""
        there = pathlib.Path(self.dir, "a b")
        there.mkdir()
        for name in ("pioemu", "libpioemu_vfio.so", "libpioemu_refuse.so"):
            shutil.copy2(pathlib.Path(PIOEMU).parent / name, there)
        program = ["run", "--sysfs-fault", "eperm", "--", PYTHON, "-c",
                   "import os; os.open('/dev/vfio/vfio', 2); print(os.environ['LD_PRELOAD'])"]
        result = subprocess.run([there / "pioemu", *program], env=self.env, text=True,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
                                check=False)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, rf"{self.dir}/pioemu\.\w+/libpioemu_refuse\.so\n$")
        # and where both names have one, it is said what to do
        result = subprocess.run([there / "pioemu", *program],
                                env=dict(self.env, PIOEMU_DIR=str(there)), text=True,
                                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT,
                                check=False)
        self.assertEqual(result.returncode, 125)
        self.assertIn("set PIOEMU_DIR", result.stderr)
        shutil.rmtree(there)
        self.assertEqual(self.sessions(), [])

    def test_death_by_signal_is_passed_on(self):
        result = self.pioemu("run", "--", "sh", "-c", "kill -9 $$")
        self.assertEqual(result.returncode, -signal.SIGKILL)
        self.assertEqual(self.sessions(), [])

    def test_program_of_asan_runs(self):
        if ASAN_PROGRAM is None:
            self.skipTest("no AddressSanitizer")
        result = self.pioemu("run", "--", ASAN_PROGRAM)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "asan\n", ""))

    def test_a_child_after_fork_does_not_wait_for_threads_it_lacks(self):
        result = self.pioemu("run", "--", PYTHON, "-c", FORKS)
        self.assertEqual((result.returncode, result.stdout), (0, "busy\n"), result.stderr)

    def test_a_child_does_not_keep_the_vfs_of_its_parent(self):
        """It lives on after the first program: the next one has the VFs, and ctl reaches it."""
        process = self.start("run", "--", "sh", "-c", '"$0" -c "$1"; exec "$0" -c "$2"', PYTHON,
                             DAEMON, HOLD)
        daemon = int(process.stdout.readline())
        self.assertEqual(process.stdout.readline(), "ready\n")
        self.assertIn("vf0 1924:1b03", self.pioemu("ctl", "stats", "0").stdout)
        os.kill(daemon, signal.SIGKILL)
        self.assertEqual(self.end(process)[0], 0)

    def test_a_program_that_closes_every_descriptor_ends(self):
        """As daemons do. The model's descriptors are gone too, and cost no time."""
        process = self.start("run", "--stats", "--", PYTHON, "-c", CLOSES)
        code, out, err = self.end(process)
        self.assertEqual((code, out), (0, "slept\n"), err)
        self.assertIn("vf0 1924:1b03", err)

    def test_a_second_program_of_a_session_gets_the_vfs_after_the_first(self):
        one = f"{PYTHON} -c \"import os; os.open('/dev/vfio/vfio', 2); print('ok')\""
        result = self.pioemu("run", "--", "sh", "-c", f"{one}; {one}")
        self.assertEqual(result.stdout, "ok\nok\n", result.stderr)


class Directory(Launcher):
    def test_exists_while_the_program_runs_and_is_private(self):
        process = self.hold()
        (name,) = self.sessions()
        path = pathlib.Path(self.dir, name)
        self.assertEqual(path.stat().st_mode & 0o777, 0o700)
        self.assertEqual((path / "mem0").stat().st_mode & 0o777, 0o600)
        self.assertEqual((path / "mem0").stat().st_ino, (path / "vf0").stat().st_ino)
        self.assertEqual(self.end(process)[0], 0)
        self.assertEqual(self.sessions(), [])

    def test_goes_when_a_signal_ends_the_run(self):
        for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(signum=signum):
                process = self.start("run", "--", "sh", "-c", "echo ready; exec sleep 600")
                process.stdout.readline()
                process.send_signal(signum)
                process.wait(timeout=TIMEOUT)
                self.assertEqual(process.returncode, -signum)
                self.assertEqual(self.sessions(), [])

    def test_signals_reach_the_program(self):
        process = self.start("run", "--", "sh", "-c",
                             "trap 'echo caught; exit 5' USR1; echo ready; "
                             "while :; do sleep 0.02; done")
        process.stdout.readline()
        code, out, _ = self.end(process, signal.SIGUSR1)
        self.assertEqual((code, out), (5, "caught\n"))

    def test_left_over_of_a_killed_run_goes_at_the_next_start(self):
        dead = self.hold()
        live = self.hold()
        before = self.sessions()
        self.assertEqual(len(before), 2)
        dead.kill()         # the launcher; its program gets SIGTERM
        dead.wait()
        # the next starts find the lock free as soon as the program has ended too
        until(lambda: self.pioemu("run", "--", "true").returncode == 0 and
              len(self.sessions()) == 1)
        self.assertEqual(self.end(live)[0], 0)
        self.assertEqual(self.sessions(), [])

    def test_keep_leaves_it(self):
        result = self.pioemu("run", "--keep", "--", "true")
        self.assertEqual(len(self.sessions()), 1)
        self.assertIn(self.sessions()[0], result.stderr)
        # no later start takes it for what a killed run left
        kept = self.sessions()
        self.pioemu("run", "--", "true")
        self.assertEqual(self.sessions(), kept)

    def test_may_be_named_in_any_way(self):
        """The kernel shows descriptors by one name only; the user may have given another."""
        real = pathlib.Path(self.dir, "real")
        real.mkdir()
        link = pathlib.Path(self.dir, "link")
        link.symlink_to(real)
        program = [PYTHON, "-c", "import fcntl, os; "
                   "print(fcntl.ioctl(os.open('/dev/vfio/vfio', os.O_RDWR), 0x3b64))"]
        for name in (str(real), f"{real}/", f"{self.dir}//real", str(link),
                     os.path.relpath(real)):
            with self.subTest(name=name):
                self.env["PIOEMU_DIR"] = name
                # VFIO_GET_API_VERSION, which the session answers and no socket or file does
                result = self.pioemu("run", "--", *program)
                self.assertEqual((result.returncode, result.stdout), (0, "0\n"), result.stderr)
                process = self.hold()
                (session,) = os.listdir(real)
                self.env["PIOEMU_DIR"] = self.dir
                for given in (f"{name}/{session}", f"{name}/{session}/"):
                    result = self.pioemu("join", "--session", given, *program[:2], "print('in')")
                    self.assertEqual(result.stdout, "in\n", result.stderr)
                self.assertEqual(self.end(process)[0], 0)
        link.unlink()
        real.rmdir()
        self.env["PIOEMU_DIR"] = str(real)
        result = self.pioemu("run", "--", "true")
        self.assertEqual(result.returncode, 125)
        self.assertIn(f"cannot make a directory {real}/", result.stderr)


class Report(Launcher):
    def test_statistics_on_request_only(self):
        for options, shown in (([], False), (["--stats"], True)):
            process = self.hold(*options)
            code, _, err = self.end(process)
            self.assertEqual(code, 0)
            self.assertEqual("vf0 1924:1b03" in err, shown, err)

    def test_statistics_into_a_file(self):
        path = pathlib.Path(self.dir, "stats")
        _, _, err = self.end(self.hold("--stats-file", str(path), "--vfs", "2"))
        self.assertEqual(err, "")
        self.assertIn("vf1 1924:1b03", path.read_text())
        path.unlink()

    def test_statistics_survive_a_killed_program(self):
        process = self.start("run", "--stats", "--", PYTHON, "-c",
                             HOLD.replace("print(", "print(os.getpid(), "))
        pid = int(process.stdout.readline().split()[0])
        until(lambda: list(pathlib.Path(self.dir).glob("pioemu.*/report.*")))
        os.kill(pid, signal.SIGKILL)
        code, _, err = self.end(process)
        self.assertEqual(code, -signal.SIGKILL)
        self.assertIn("vf0 1924:1b03", err)


class Join(Launcher):
    def test_needs_a_session(self):
        for args in (["join", "true"], ["ctl", "help"]):
            result = self.pioemu(*args)
            self.assertEqual(result.returncode, 125)
            self.assertIn("no `pioemu run` of yours", result.stderr)

    def test_session_is_named_when_there_are_two(self):
        first, second = self.hold(), self.hold()
        result = self.pioemu("join", "true")
        self.assertEqual(result.returncode, 125)
        for name in self.sessions():
            self.assertIn(name, result.stderr)
        for name in self.sessions():
            for given in (name, f"{self.dir}/{name}"):
                result = self.pioemu("join", "--session", given, "sh", "-c",
                                     "echo $PIOEMU_SESSION")
                self.assertEqual(result.stdout, f"{self.dir}/{name}\n", result.stderr)
        result = self.pioemu("join", "--session", "pioemu.none", "true")
        self.assertEqual(result.returncode, 125)
        self.assertIn("no session 'pioemu.none'", result.stderr)
        self.end(first)
        self.end(second)

    def test_second_process_cannot_take_the_vfs(self):
        process = self.hold()
        result = self.pioemu("join", PYTHON, "-c",
                             "import os; os.open('/dev/vfio/vfio', os.O_RDWR)")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("Device or resource busy", result.stderr)
        self.assertIn("has the VFs", result.stderr)
        self.end(process)

    def test_descriptors_passed_on_work_in_the_joined_process(self):
        """What EAL does: container and group come from the primary by SCM_RIGHTS."""
        path = os.path.join(self.dir, "socket")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.bind(path)
            server.listen()
            primary = self.start("run", "--", PYTHON, "-c", PRIMARY, path)
            conn, _ = server.accept()
            with conn:
                _, fds, _, _ = socket.recv_fds(conn, 1, 2)
                result = self.pioemu("join", PYTHON, "-c", SECONDARY, *map(str, fds),
                                     pass_fds=fds)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stdout, "ok\n")
                for fd in fds:
                    os.close(fd)
            self.assertEqual(self.end(primary)[0], 0)
        os.unlink(path)
        self.assertEqual(self.sessions(), [])


VFIO = """
import array, ctypes, fcntl, mmap, os, socket, struct, sys
def no(n): return (ord(';') << 8) | (100 + n)
GET_STATUS, SET_CONTAINER, GET_DEVICE_FD = no(3), no(4), no(6)
SET_IOMMU, MAP_DMA = no(2), no(13)
GET_INFO, SET_IRQS = no(7), no(10)
libc = ctypes.CDLL(None, use_errno=True)
def call(fd, req, arg):
    rc = libc.ioctl(fd, ctypes.c_ulong(req), arg)
    return -ctypes.get_errno() if rc < 0 else rc
"""

PRIMARY = VFIO + """
container = os.open('/dev/vfio/vfio', os.O_RDWR)
group = os.open('/dev/vfio/77', os.O_RDWR)
assert call(group, SET_CONTAINER, struct.pack('i', container)) == 0
assert call(container, SET_IOMMU, 1) == 0
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
device = call(group, GET_DEVICE_FD, b'0000:01:00.1')
assert device > 0
bar = mmap.mmap(device, 8192)
bar[4096:4104] = b'primary!'
socket.send_fds(s, [b'x'], [container, group])
s.recv(1)
assert bar[4096:4104] == b'joined!!'
"""

SECONDARY = VFIO + """
container, group = map(int, sys.argv[1:3])
status = ctypes.create_string_buffer(struct.pack('II', 8, 0))
assert call(group, GET_STATUS, status) == 0
assert struct.unpack('II', status.raw[:8])[1] == 3          # viable, has a container
device = call(group, GET_DEVICE_FD, b'0000:01:00.1')
assert device > 0, device
info = ctypes.create_string_buffer(struct.pack('IIIII', 20, 0, 0, 0, 0))
assert call(device, GET_INFO, info) == 0
assert struct.unpack('IIIII', info.raw[:20])[2] == 9
bar = mmap.mmap(device, 8192)
assert bar[4096:4104] == b'primary!'                         # the same registers
bar[4096:4104] = b'joined!!'
# an eventfd of this process, fired by the device in the other one
event = os.eventfd(0, os.EFD_NONBLOCK)
assert call(device, SET_IRQS, struct.pack('IIIIIi', 24, 0x24, 2, 5, 1, event)) == 0
assert call(device, SET_IRQS, struct.pack('IIIII', 20, 0x21, 2, 5, 1)) == 0
assert os.eventfd_read(event) == 1
# memory of this process alone is out of the device's reach
lone = mmap.mmap(-1, 4096)
where = ctypes.addressof(ctypes.c_char.from_buffer(lone))
rc = call(container, MAP_DMA, struct.pack('IIQQQ', 32, 3, 1 << 46, 4096, 4096))
assert rc == -14, rc
print('ok')
"""


class Ctl(Launcher):
    def test_commands_reach_the_vfs(self):
        process = self.hold("--vfs", "2")
        result = self.pioemu("ctl", "help")
        self.assertEqual(result.returncode, 0)
        for word in ("link", "reboot", "request", "gone", "pio-hold", "stats", "violations"):
            self.assertIn(word, result.stdout)
        for args in (["link", "down"], ["link", "up", "25000"], ["violations", "1"],
                     ["reset", "0"], ["gone", "0", "on"], ["gone", "0", "off"],
                     ["reboot", "silent"]):
            result = self.pioemu("ctl", *args)
            self.assertEqual((result.returncode, result.stderr), (0, ""), args)
        self.assertIn("vf1 1924:1b03", self.pioemu("ctl", "stats", "1").stdout)
        self.end(process)

    def test_mistakes_are_named(self):
        process = self.hold()
        for args, code, text in (
                (["dance"], 2, "unknown command 'dance'"),
                (["link"], 2, "usage: link up|down"),
                (["link", "sideways"], 2, "neither up nor down"),
                (["stats", "1"], 2, "'1' is not a number up to 0"),
                (["request", "0"], 1, "has not armed"),
                (["tx-error", "0", "3"], 1, "no such queue"),
                (["wire", "0", "loopback,pcap-out=x"], 2, "'pcap-out=x': a file needs its full"),
                (["wire", "0", "loopback,peers"], 2, "\"peers\" is not known"),
                (["pio-hold", "1000"], 1, "PIO buffers are free")):
            result = self.pioemu("ctl", *args)
            self.assertEqual(result.returncode, code, args)
            self.assertIn(text, result.stderr)
        for _ in range(7):      # and the one of --wire: no mistake has added any
            self.assertEqual(self.pioemu("ctl", "wire", "0", "loopback").returncode, 0)
        self.end(process)

    def test_session_without_vfs_in_use(self):
        process = self.start("run", "--", "sh", "-c", "echo ready; read x")
        process.stdout.readline()
        result = self.pioemu("ctl", "link", "down")
        self.assertEqual(result.returncode, 125)
        self.assertIn("no process", result.stderr)
        self.end(process)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    PIOEMU = os.path.realpath(sys.argv.pop(1))
    if len(sys.argv) > 1 and os.path.exists(sys.argv[1]):
        ASAN_PROGRAM = os.path.realpath(sys.argv.pop(1))
    unittest.main(verbosity=2)
