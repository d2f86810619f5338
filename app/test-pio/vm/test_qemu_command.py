# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""test_qemu_command.py PIOEMU: the command line of `pioemu qemu`, and what it starts. In QEMU's
place stand small programs, so that no QEMU is needed."""

import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PIOEMU = sys.argv.pop(1)


def run(*args):
    return subprocess.run([PIOEMU, "qemu", *args], capture_output=True, text=True, timeout=60,
                          check=False)


class Command(unittest.TestCase):
    def refuse(self, words, *args):
        done = run(*args)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        self.assertIn(words, done.stderr)

    def test_help_names_every_option(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--slot", "--bug35388", "--vfs", "--wire", "--prefetchable", "SIGUSR1"):
            self.assertIn(option, done.stdout)

    def test_mistakes_are_named(self):
        self.refuse("no QEMU command")
        self.refuse("no QEMU command", "--")
        self.refuse("'qemu' is not an option", "qemu")
        self.refuse("unknown option --frob", "--frob", "--", "true")
        self.refuse("--slot needs a value", "--slot")
        self.refuse("--slot 0: not a number 1..31", "--slot", "0", "--", "true")
        self.refuse("--slot x", "--slot=x", "--", "true")
        self.refuse("not one of success, eperm, enoent", "--bug35388=perhaps", "--", "true")
        self.refuse("'bad' is not one of", "--id=bad", "--", "true")
        self.refuse("slots up to 31", "--slot=31", "--vfs=2", "--", "true")
        self.refuse("at most 4 VFs", "--vfs=5", "--", "true")

    def test_options_about_an_imitated_host_do_not_exist_here(self):
        for option in ("--no-wc", "--sysfs-fault=no-wc", "--memtype=/dev/null", "--core=0",
                       "--idle=spin", "--numa-node=0", "--keep"):
            self.refuse("unknown option", option, "--", "true")
            self.assertNotIn(option.split("=")[0] + " ", run("--help").stdout)

    def test_wire_that_cannot_be_had(self):
        done = run("--wire=tap=lo", "--", "true")   # not a TAP
        self.assertEqual(done.returncode, 125)
        self.assertIn("tap=lo", done.stderr)

    def test_file_that_cannot_be_made(self):
        with tempfile.TemporaryDirectory() as scratch:
            done = run(f"--wire=pcap-out={scratch}/no/such/file", "--", "true")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no/such/file: No such file", done.stderr)

    def test_command_gets_the_devices_behind_its_own_arguments(self):
        done = run("--vfs=2", "--slot=3", "--", "printf", "%s\n", "mine")
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.split("\n")
        self.assertEqual(lines[0], "mine")
        self.assertRegex(" ".join(lines[1:]),
                         r"^-device x-pci-proxy-dev,fd=\d+,addr=0x3 "
                         r"-device x-pci-proxy-dev,fd=\d+,addr=0x4 "
                         r"-chardev socket,id=pioemu-qtest,fd=\d+ "
                         r"-object qtest,id=pioemu-interrupts,chardev=pioemu-qtest,log=/dev/null")

    def test_descriptors_are_open_sockets_there_and_nothing_else_is(self):
        done = run("--", "sh", "-c", "ls -l /proc/self/fd | grep -c socket:")
        self.assertEqual(done.stdout.strip(), "2", done.stderr)

    def test_exit_status_is_the_commands(self):
        self.assertEqual(run("--", "sh", "-c", "exit 7").returncode, 7)
        self.assertEqual(run("--", "sh", "-c", "kill -9 $$").returncode, 128 + 9)
        self.assertEqual(run("--", "/no/such/qemu").returncode, 127)

    def test_statistics_are_written_at_the_end(self):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "stats"
            run(f"--stats-file={file}", "--id=1a03", "--", "true")
            self.assertIn("1924:1a03", file.read_text())

    def test_termination_takes_the_command_along(self):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "pid"
            child = subprocess.Popen([PIOEMU, "qemu", "--", "sh", "-c",
                                      f"echo $$ > {file}; exec sleep 60"])
            self.addCleanup(child.kill)
            end = time.monotonic() + 20
            while not (file.exists() and file.read_text().strip()):
                self.assertLess(time.monotonic(), end, "the command did not start")
                time.sleep(0.02)
            pid = int(file.read_text())
            child.send_signal(signal.SIGTERM)
            self.assertEqual(child.wait(timeout=30), 128 + signal.SIGTERM)
            self.assertFalse(Path(f"/proc/{pid}").exists())


if __name__ == "__main__":
    unittest.main()
