# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""pio-setup.sh on a real kernel: virtual functions by sriov_numvfs of a physical one; binding
by dpdk-devbind.py; functions for a user who is not root; and all of it undone."""

import os
import subprocess
import sys
from pathlib import Path

from guest import SYSFS, VF0, VM, bind, driver_of, hugepages, verdict

TOOL = VM / "src/usertools/pio-setup.sh"
PF, CHILDREN = "0000:00:12.0", ["0000:00:12.1", "0000:00:12.2"]
NOTES = Path("/run/pio-setup.undo")

# As a driver uses them: the group opened, a register page read, a PIO page mapped
AS_USER = """
import mmap, os, sys
group, device = sys.argv[1:]
os.close(os.open(group, os.O_RDWR))
registers, pages = (os.open(f"{device}/{name}", os.O_RDWR) for name in ("resource0", "resource0_wc"))
mmap.mmap(registers, 4096)[0:4]
mmap.mmap(pages, 4096, offset=4096)
"""


def setup(*args):
    done = subprocess.run([TOOL, *args], capture_output=True, text=True, check=False)
    print("+ pio-setup.sh", *args, "->", done.returncode)
    print(done.stdout, done.stderr, flush=True)
    return done


def vfs():
    return int((SYSFS / PF / "sriov_numvfs").read_text())


def nobody_uses(bdf):
    """Can the user 'nobody' use the function's files? The error's words, or ''."""
    group = (SYSFS / bdf / "iommu_group").resolve().name
    done = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                           sys.executable, "-B", "-c", AS_USER, f"/dev/vfio/{group}", SYSFS / bdf],
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


bind(PF, "pci-pf-stub")
hugepages(0)
verdict("pf", driver_of(PF) == "pci-pf-stub" and vfs() == 0, f"driver {driver_of(PF)}")

done = setup("--dry-run", "vfs", PF, "2")
verdict("dry-run", "would create 2 VFs" in done.stdout and vfs() == 0 and not NOTES.exists(),
        "something was changed")
done = setup("vfs", PF, "3")
verdict("too-many-vfs", done.returncode == 1 and "at most 2 VFs" in done.stderr and vfs() == 0,
        done.stderr)

verdict("vfs", setup("vfs", PF, "2").returncode == 0 and vfs() == 2, f"{vfs()} VFs")
verdict("vfs-appear", all((SYSFS / bdf).exists() for bdf in CHILDREN), "not there")
verdict("no-kernel-driver", not any(driver_of(bdf) for bdf in CHILDREN), "a driver took them")
verdict("vfs-again", "2 VFs already" in setup("vfs", PF, "2").stdout, "not said")
done = setup("vfs", PF, "1")
verdict("vfs-in-use", done.returncode == 1 and vfs() == 2, done.stderr)
# dpdk-devbind.py knows no NVMe functions: a binding that fails, which undo must survive
done = setup("bind", CHILDREN[0])
verdict("bind-fails", done.returncode == 1 and "failed: bind" in done.stderr, done.stderr)

bind(VF0, None)
verdict("bind", setup("bind", VF0).returncode == 0 and driver_of(VF0) == "vfio-pci", "not bound")
verdict("not-for-nobody", "Permission denied" in nobody_uses(VF0), "nobody may use it")
verdict("permit", setup("permit", "nobody", VF0).returncode == 0, "failed")
wrong = nobody_uses(VF0)
verdict("for-nobody", not wrong, wrong)

done = setup("undo")
verdict("undo", done.returncode == 0 and not NOTES.exists(), done.stderr)
verdict("undone-vfs", vfs() == 0 and not (SYSFS / CHILDREN[0]).exists() and
        (SYSFS / PF / "sriov_drivers_autoprobe").read_text() == "1\n", f"{vfs()} VFs")
verdict("undone-bind", driver_of(VF0) is None, f"driver {driver_of(VF0)}")
verdict("undone-failed-bind", f"{CHILDREN[0]} is as before" in done.stdout, done.stdout)
verdict("undone-permit", os.stat(SYSFS / VF0 / "resource0").st_uid == 0, "not given back")

# A later step that is refused leaves the earlier ones noted
done = setup("all", "nobody", PF, "2")
verdict("all-stops", done.returncode == 1 and "are available" in done.stderr and vfs() == 0,
        done.stderr)
