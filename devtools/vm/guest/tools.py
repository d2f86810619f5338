# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""tools.py: usertools on a real kernel: pio-setup.sh prepares and undoes, pio-check.py tells the
same story as the driver, before, while and after a function is used."""

import json
import os
import subprocess
from pathlib import Path

from driver import Piopmd, rung_of
from guest import SYSFS, VF0, VM, bind, driver_of, hugepages, verdict

TOOLS = VM / "src/usertools"


def setup(*args):
    done = subprocess.run([TOOLS / "pio-setup.sh", *args], capture_output=True, text=True,
                          check=False)
    print("+ pio-setup.sh", *args, "->", done.returncode)
    print(done.stdout, done.stderr, flush=True)
    return done


def problems(*args):
    """{problem: fix} of VF 0 and the host, as pio-check.py sees them."""
    done = subprocess.run(["python3", "-B", TOOLS / "pio-check.py", "--json", *args],
                          capture_output=True, text=True, check=False)
    print("+ pio-check.py", *args, "->", done.returncode)
    print(done.stdout, done.stderr, flush=True)
    report = json.loads(done.stdout)
    return {line["problem"]: line["fix"] for name in ("host", VF0) for line in report[name]
            if line["level"] == "problem"}, report


bind(VF0, None)
for file in Path("/dev/hugepages").glob("rtemap_*"):
    file.unlink()  # DPDK leaves them for its next start
hugepages(0)
found, _ = problems()
verdict("check-unbound", {"unbound", "no-hugepages"} <= set(found), f"{found}")

verdict("setup-hugepages", setup("hugepages", "64").returncode == 0)
verdict("setup-too-many-hugepages", "are available" in setup("hugepages", "4000").stderr and
        Path("/proc/sys/vm/nr_hugepages").read_text() == "64\n", "not refused, or changed")
verdict("setup-bind", setup("bind", VF0).returncode == 0 and driver_of(VF0) == "vfio-pci")
verdict("setup-no-pf", "no physical function" in setup("vfs", VF0, "2").stderr)
found, report = problems()
verdict("check-bound", not set(found) - {"not-combined"}, f"{found}")

found, _ = problems("--user", "nobody")
verdict("check-rights", {"group-rights", "file-rights"} <= set(found), f"{found}")
verdict("check-names-remedy", found.get("file-rights") == f"pio-setup.sh permit nobody {VF0}")
verdict("setup-permit", setup("permit", "nobody", VF0).returncode == 0)
found, _ = problems("--user", "nobody")
verdict("check-permitted", not {"group-rights", "file-rights"} & set(found), f"{found}")

with Piopmd(VF0, "pio_txqs=0") as pmd:
    found, report = problems()
    types = [line["text"] for line in report[VF0] if line["topic"] == "types"]
    verdict("check-in-use-split", rung_of(pmd.log) == "split" and
            any("write-combining, registers not" in text for text in types), f"{types}")
    topics = {line["topic"]: line["text"] for line in report[VF0]}
    verdict("check-telemetry", "write-combining" in topics.get("granted", "") and
            "started" in topics.get("queue 0", ""), f"{topics}")
with Piopmd(VF0, "pio_txqs=0,pio_map=vfio") as pmd:
    found, report = problems()
    verdict("check-in-use-vfio", "claimed" in found and "testpmd" in str(report[VF0]), f"{found}")

verdict("setup-undo", setup("undo").returncode == 0)
verdict("setup-undone", driver_of(VF0) is None and
        os.stat(SYSFS / VF0 / "resource0").st_uid == 0, "not as before")
