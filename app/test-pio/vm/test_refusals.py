# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""test_refusals.py BUILD: everything a kernel may refuse of the split mapping, imitated below
`pioemu run`: the next rung with its own reason, an error where the rung is required, and never a
signal. What a real kernel can be made to refuse is in devtools/vm-test.sh too."""

import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "witness"))
from lcores import lcores  # noqa: E402

BUILD = Path(sys.argv.pop(1)).resolve()
VF = "0000:01:00.1"

# option of `pioemu run`: what the driver's log must say
REFUSALS = {
    "--prefetchable=no": "there is no resource0_wc",
    "--sysfs-fault=no-wc": "there is no resource0_wc",
    "--sysfs-fault=eacces": "may not be opened",
    "--sysfs-fault=wc-eacces": "may not be opened",
    "--sysfs-fault=eperm": "locked down",
    "--sysfs-fault=einval": "claimed by another mapping",
    "--sysfs-fault=claimed-at-open": "claims the BAR when the device is opened",
    "--sysfs-fault=older-uc": "an older mapping of the BAR wins",
    "--sysfs-fault=reg-wc": "a register page would not be uncached",
}
UNVERIFIED = ("--sysfs-fault=no-memtype", "--sysfs-fault=memtype-eacces")


def testpmd(option, devargs):
    """Forward a little with testpmd: (exit code, output)."""
    env = dict(os.environ, LD_LIBRARY_PATH=str(BUILD))
    done = subprocess.run(
        [BUILD / "emu/pioemu", "run", *([option] if option else []), "--", "dpdk-testpmd",
         "--no-huge", "-m", "256", "--no-shconf", "--no-telemetry", lcores(),
         "-d", "librte_net_piopmd.so.23", "-a", f"{VF},class=pio,{devargs}",
         "--log-level=pmd.net.piopmd*:info", "--", "-i", "--total-num-mbufs=2048"],
        input="set promisc 0 on\nstart tx_first 4\nstop\nshow port xstats 0\nquit\n", cwd="/", env=env,
        capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


class Refusals(unittest.TestCase):
    def runs_on(self, rung, option, devargs="pio_txqs=0"):
        """The port stands on this rung, and frames leave by PIO."""
        code, text = testpmd(option, devargs)
        self.assertEqual(code, 0, text)
        self.assertIn(f"BAR mapped by rung {rung}:", text)
        self.assertGreater(int(re.search(r"tx_pio_packets: (\d+)", text).group(1)), 0, text)
        self.assertNotIn("violation", text)
        return text

    def fails(self, option, devargs, words):
        """The probe fails in order, with a line that has these words."""
        code, text = testpmd(option, devargs)
        self.assertGreaterEqual(code, 0, text)
        self.assertIn("No probed ethernet devices", text)
        self.assertTrue(any(all(word in line for word in words) for line in text.splitlines()), text)

    def test_nothing_is_refused(self):
        text = self.runs_on("split", "")
        self.assertIn("registers uncached, PIO write-combining", text)
        self.assertNotIn("no split mapping", text)

    def test_switched_off(self):
        self.assertNotIn("no split mapping", self.runs_on("vfio", "", "pio_txqs=0,pio_map=vfio"))

    def test_each_refusal_leads_to_the_next_rung(self):
        for option, words in REFUSALS.items():
            with self.subTest(option):
                text = self.runs_on("vfio", option)
                self.assertRegex(text, rf"no split mapping: .*{words}")

    def test_each_refusal_is_an_error_where_split_is_required(self):
        for option, words in REFUSALS.items():
            with self.subTest(option):
                self.fails(option, "pio_map=split", ["pio_map=split cannot be had:", words])

    def test_each_refusal_is_an_error_where_combining_is_required(self):
        for option, words in REFUSALS.items():
            with self.subTest(option):
                self.fails(option, "wc=require", ["wc=require cannot be met:", words])
        self.fails("", "wc=require,pio_map=vfio", ["wc=require cannot be met:", "switched off"])

    def test_unverified_types_are_used_and_said(self):
        for option in UNVERIFIED:
            with self.subTest(option):
                self.assertIn("PIO not verified", self.runs_on("split", option))
                self.fails(option, "wc=require",
                           ["wc=require cannot be met:", "cannot be verified"])


if __name__ == "__main__":
    unittest.main()
