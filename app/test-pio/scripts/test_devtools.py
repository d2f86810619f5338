#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Tests of the scripts that judge others: a judge that never complains is worth nothing."""

import contextlib
import importlib.util
import io
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[3]


def load(path):
    """Import a script whose name is no module name."""
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class CountResults(unittest.TestCase):
    """devtools/count-results.py"""

    def setUp(self):
        self.count = load(TOP / "devtools/count-results.py").count

    def total(self, *tests):
        """Counts of a log of (result, stdout)."""
        import json
        total = self.count(json.dumps({"name": "t", "result": r, "stdout": o}) for r, o in tests)
        return total["passed"], total["failed"], total["skipped"]

    GTEST = ("[==========] Running 3 tests from 1 test suite.\n"
             "[ RUN      ] A.One\n[       OK ] A.One (0 ms)\n"
             "[ RUN      ] S/A.Two/0\ntext[       OK ] S/A.Two/0 (12 ms)\n")

    def test_a_gtest_program_without_any_case_is_a_failure(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(self.total(
                ("OK", "Note: Google Test filter = Gone.*\n"
                 "[==========] Running 0 tests from 0 test suites.\n"
                 "[==========] 0 tests from 0 test suites ran. (0 ms total)\n"
                 "[  PASSED  ] 0 tests.\n")), (0, 1, 0))

    def test_gtest_cases_count_each(self):
        self.assertEqual(self.total(("OK", self.GTEST)), (2, 0, 0))

    def test_gtest_failure_is_counted_once_and_not_in_the_summary_again(self):
        out = self.GTEST + ("[ RUN      ] A.Three/1\nfile: Failure\n"
                            "[  FAILED  ] A.Three/1, where GetParam() = 5 (1 ms)\n"
                            "[  FAILED  ] 1 test, listed below:\n"
                            "[  FAILED  ] A.Three/1, where GetParam() = 5\n")
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.assertEqual(self.total(("FAIL", out)), (2, 1, 0))
        self.assertEqual(said.getvalue(), "failed: t, FAIL\n  A.Three/1\n    file: Failure\n")

    def test_gtest_skip(self):
        out = self.GTEST + "[ RUN      ] A.Three\n[  SKIPPED ] A.Three (0 ms)\n"
        self.assertEqual(self.total(("OK", out)), (2, 0, 1))

    def test_gtest_crash_in_a_case_fails_that_case(self):
        self.assertEqual(self.total(("FAIL", self.GTEST + "[ RUN      ] A.Three\n")), (2, 1, 0))

    def test_gtest_failure_after_the_last_case_counts(self):
        self.assertEqual(self.total(("FAIL", self.GTEST)), (2, 1, 0))

    def test_scripts_count_once(self):
        self.assertEqual(self.total(("OK", "x"), ("FAIL", ""), ("SKIP", ""), ("TIMEOUT", "")),
                         (1, 2, 1))

    def test_tap_points_count_each(self):
        self.assertEqual(self.total(("FAIL", "1..3\nok 1 - a\nnot ok 2\nok 3 # SKIP no\n")),
                         (1, 1, 1))

    def test_nothing_run_is_a_failure(self):
        run = subprocess.run([sys.executable, TOP / "devtools/count-results.py", "/nonexistent"],
                             capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout), (1, "0 passed, 0 failed, 0 skipped\n"))


class Tree(unittest.TestCase):
    """A small tree of its own in which a check script runs."""

    script = None

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)
        (self.dir / "devtools").mkdir()
        shutil.copy(TOP / "devtools" / self.script, self.dir / "devtools")
        subprocess.run(["git", "init", "-q", self.dir], check=True)

    def check(self, name, text):
        """Exit code and output of the check with one more file in the tree."""
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        subprocess.run(["git", "-C", self.dir, "add", "-A"], check=True)
        env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        run = subprocess.run([self.dir / "devtools" / self.script], capture_output=True, text=True,
                             check=False, env=env)
        path.unlink()
        return run.returncode, run.stdout

    def assert_complains(self, name, text, about):
        """The check fails and says why."""
        code, out = self.check(name, text)
        self.assertEqual(code, 1, f"{name}: {text!r} was accepted")
        self.assertIn(about, out)

    def assert_accepts(self, name, text):
        """The check passes."""
        code, out = self.check(name, text)
        self.assertEqual(code, 0, out)


class CheckLayers(Tree):
    """devtools/check-layers.sh"""

    script = "check-layers.sh"

    def test_who_may_not_include_whom(self):
        for name, header in (
                ("hw/ef10/ef10_x.h", "string.h"),
                ("emu/pioemu_x.c", "rte_eal.h"),
                ("emu/pioemu_x.c", "../drivers/net/piopmd/piopmd_dp.h"),
                ("lib/pio_ext/rte_x.c", "ef10_regs.h"),
                ("lib/pio_ext/rte_x.c", "piopmd.h"),
                ("drivers/net/piopmd/piopmd_x.c", "pioemu.h"),
                ("drivers/net/piopmd/piopmd_x.c", "rte_pio.h"),
                ("drivers/net/piopmd/piopmd_x.c", "rte_pio_store.h"),
                ("drivers/net/piopmd/piopmd_tx.c", "piopmd.h"),
                ("drivers/net/piopmd/piopmd_rx.c", "ethdev_driver.h"),
                ("examples/x/main.c", "rte_pio_driver.h")):
            with self.subTest(name=name, header=header):
                self.assert_complains(name, f'#include "{header}"\n', header)

    def test_who_may(self):
        for name, header in (
                ("hw/ef10/ef10_x.h", "stdint.h"),
                ("emu/pioemu_x.c", "ef10_regs.h"),
                ("drivers/net/piopmd/piopmd_x.c", "ethdev_driver.h"),
                ("drivers/net/piopmd/piopmd_testpmd.c", "rte_pio.h"),
                ("drivers/net/piopmd/piopmd_io.h", "rte_pio_store.h"),
                ("drivers/net/piopmd/piopmd_pio.c", "rte_pio_driver.h")):
            with self.subTest(name=name, header=header):
                self.assert_accepts(name, f'#include "{header}"\n')

    def test_stores_and_fences_stand_in_one_file(self):
        for code in ("rte_wmb();", "rte_io_wmb();", "rte_write32(1, p);", "_mm_sfence();",
                     'asm volatile("sfence");'):
            with self.subTest(code=code):
                text = f"static void\nf(void *p)\n{{\n\t{code}\n}}\n"
                self.assert_complains("drivers/net/piopmd/piopmd_txq.c", text, "piopmd_io.h only")
                self.assert_accepts("drivers/net/piopmd/piopmd_io.h", text)

    def test_comments_do_not_count(self):
        self.assert_accepts("drivers/net/piopmd/piopmd_x.c", "/* before rte_wmb() */\n")

    def test_versions_and_environment(self):
        self.assert_complains("lib/pio_ext/rte_x.c", "#if RTE_VERSION < 5\n#endif\n", "compat/")
        self.assert_complains("drivers/net/piopmd/piopmd_x.c", 'char *p = getenv("X");\n', "getenv")


class CheckFiles(Tree):
    """devtools/check-files.sh"""

    script = "check-files.sh"
    SPDX = "/* SPDX-License-Identifier: BSD-3-Clause */\n"

    def test_accepts_a_clean_file(self):
        self.assert_accepts("a.c", self.SPDX + "int a; /* why */\n")

    def test_licence_line(self):
        self.assert_complains("a.c", "int a;\n", "SPDX")
        self.assert_complains("a.rst", "text\n", "SPDX")

    def test_what_may_not_stay(self):
        for text, about in (("/* TO" "DO: x */", "left open"),
                            ('"/wo' 'rk/x"', "path of one machine"),
                            ("int a; ", "white space"), ("int a; // x", "// comment"),
                            ("/* " + 110 * "x" + " */", "columns")):
            with self.subTest(text=text):
                self.assert_complains("a.c", self.SPDX + text + "\n", about)

    def test_scripts_are_executable(self):
        self.assert_complains("a.sh", "#!/bin/sh\n# SPDX-License-Identifier: BSD-3-Clause\n",
                              "not executable")


class SourceEntries(unittest.TestCase):
    """devtools/dpdk-source.sh --entries"""

    def entries(self, files):
        """What is made of apt's files: (one-line form, deb822 form)."""
        with tempfile.TemporaryDirectory() as name:
            apt, out = pathlib.Path(name) / "apt", pathlib.Path(name) / "out"
            (apt / "sources.list.d").mkdir(parents=True)
            out.mkdir()
            for path, text in files.items():
                (apt / path).write_text(text, encoding="utf-8")
            subprocess.run([TOP / "devtools/dpdk-source.sh", "--entries", apt, out], check=True)
            return ((out / "piopmd.list").read_text(encoding="utf-8"),
                    (out / "piopmd.sources").read_text(encoding="utf-8"))

    def test_one_line_form(self):
        lines, stanzas = self.entries({
            "sources.list": "# deb http://no/ no main\ndeb http://a/debian bookworm main\n"
                            "deb-src http://a/debian bookworm main\n"
                            "deb cdrom:[Debian]/ bookworm main\n",
            "sources.list.d/x.list": " deb [signed-by=/k trusted=no] http://b/x y/\n"})
        self.assertEqual(lines, "deb-src [signed-by=/k trusted=no] http://b/x y/\n"
                                "deb-src http://a/debian bookworm main\n")
        self.assertEqual(stanzas, "")

    def test_deb822_form(self):
        lines, stanzas = self.entries({
            "sources.list.d/debian.sources":
                "Types: deb\n# a comment\nURIs: http://a/debian\nSuites: bookworm x\n"
                "Components: main\nSigned-By: /k\n\n"
                "Enabled: no\nTypes: deb\nURIs: http://off/\n\n"
                "Enabled: yes\nTypes: deb deb-src\nURIs: http://b/\nSuites: ./\n"})
        self.assertEqual(lines, "")
        self.assertEqual(stanzas,
                         "Types: deb-src\nURIs: http://a/debian\nSuites: bookworm x\n"
                         "Components: main\nSigned-By: /k\n\n"
                         "Enabled: yes\nTypes: deb-src\nURIs: http://b/\nSuites: ./\n\n")


class PcapCompare(unittest.TestCase):
    """usertools/pio-pcap-compare.py"""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)

    def pcap(self, name, frames, order="<", magic=0xA1B2C3D4, cut=0):
        """Write frames to a pcap file."""
        data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
        for frame in frames:
            data += struct.pack(order + "IIII", 0, 0, len(frame) - cut, len(frame))
            data += frame[:len(frame) - cut]
        (self.dir / name).write_bytes(data)
        return self.dir / name

    def compare(self, *args):
        """Exit code and output."""
        run = subprocess.run([sys.executable, TOP / "usertools/pio-pcap-compare.py", *args],
                             capture_output=True, text=True, check=False)
        return run.returncode, run.stdout

    FRAMES = [bytes(range(60)), bytes(100), bytes([7] * 1514)]

    def test_equal_in_any_byte_order_and_precision(self):
        a = self.pcap("a", self.FRAMES)
        b = self.pcap("b", self.FRAMES, order=">", magic=0xA1B23C4D)
        self.assertEqual(self.compare(a, b), (0, "3\n"))

    def test_one_bit_is_a_difference(self):
        a = self.pcap("a", self.FRAMES)
        changed = bytearray(self.FRAMES[2])
        changed[1513] ^= 1
        code, out = self.compare(a, self.pcap("b", self.FRAMES[:2] + [bytes(changed)]))
        self.assertEqual(code, 1)
        self.assertIn("frame 2 differs at byte 1513", out)

    def test_order_number_and_length_count(self):
        a = self.pcap("a", self.FRAMES)
        for frames in (self.FRAMES[::-1], self.FRAMES[:2], self.FRAMES + [bytes(60)],
                       [self.FRAMES[0] + b"\0"] + self.FRAMES[1:]):
            self.assertEqual(self.compare(a, self.pcap("b", frames))[0], 1)

    def test_padding_is_zeros_up_to_the_length_and_no_further(self):
        short = self.pcap("a", [bytes([1] * 42)])
        padded = bytes([1] * 42) + bytes(18)
        self.assertEqual(self.compare("--pad", "60", short, self.pcap("b", [padded]))[0], 0)
        self.assertEqual(self.compare(short, self.pcap("b", [padded]))[0], 1)
        self.assertEqual(self.compare("--pad", "60", short, self.pcap("b", [padded + b"\0"]))[0], 1)
        self.assertEqual(
            self.compare("--pad", "60", short, self.pcap("b", [padded[:-1] + b"\1"]))[0], 1)

    def test_a_cut_or_broken_file_is_an_error(self):
        a = self.pcap("a", self.FRAMES)
        self.assertEqual(self.compare(a, self.pcap("b", self.FRAMES, cut=1))[0], 1)
        (self.dir / "c").write_bytes(a.read_bytes()[:-1])
        self.assertEqual(self.compare(a, self.dir / "c")[0], 1)
        (self.dir / "d").write_bytes(b"no pcap")
        self.assertEqual(self.compare(a, self.dir / "d")[0], 1)
        self.assertEqual(self.compare(a, self.dir / "missing")[0], 1)


if __name__ == "__main__":
    unittest.main()
