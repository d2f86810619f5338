# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""usertools/pio-setup.sh on a tree of files that stands for a host."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[3] / "usertools/pio-setup.sh"
PF, VF, VF2 = "0000:01:00.0", "0000:01:00.1", "0000:01:00.2"

# Stands for dpdk-devbind.py: moves the driver link, and the group node appears.
DEVBIND = """#!/bin/bash
echo "devbind $*" >> "$PIO_SETUP_ROOT/calls"
case $1 in -u) bdf=$2 driver= ;; *) bdf=$3 driver=$2 ;; esac
device=$PIO_SETUP_ROOT/sys/bus/pci/devices/$bdf
rm -f "$device/driver"
[ -z "$driver" ] || ln -s "../../drivers/$driver" "$device/driver"
[ "$driver" != vfio-pci ] || touch "$PIO_SETUP_ROOT/dev/vfio/7"
"""


class Host(unittest.TestCase):
    """One PF with two VFs, the first on the kernel's driver, an IOMMU, no hugepages."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)
        for folder in ("sys/bus/pci/drivers/vfio-pci", "sys/bus/pci/devices", "dev/vfio", "run",
                       "sys/kernel/iommu_groups/7", "sys/kernel/mm/hugepages/hugepages-2048kB",
                       "bin"):
            (self.root / folder).mkdir(parents=True)
        self.devices = self.root / "sys/bus/pci/devices"
        self.pages = self.root / "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
        self.pages.write_text("0\n")
        for bdf in (PF, VF, VF2):
            (self.devices / bdf).mkdir()
        for name, text in (("sriov_numvfs", "0"), ("sriov_totalvfs", "4"),
                           ("sriov_drivers_autoprobe", "1")):
            (self.devices / PF / name).write_text(text + "\n")
        for i, bdf in enumerate((VF, VF2)):
            (self.devices / PF / f"virtfn{i}").symlink_to(f"../{bdf}")
            (self.devices / bdf / "iommu_group").symlink_to("../../../../kernel/iommu_groups/7")
            for name in ("resource0", "resource0_wc"):
                (self.devices / bdf / name).touch()
        (self.devices / VF / "driver").symlink_to("../../drivers/sfc")
        for name, text in (("dpdk-devbind.py", DEVBIND),
                           ("modprobe", '#!/bin/sh\necho "modprobe $*" >> "$PIO_SETUP_ROOT/calls"\n')):
            tool = self.root / "bin" / name
            tool.write_text(text)
            tool.chmod(0o755)

    def run_tool(self, *args):
        env = dict(os.environ, PIO_SETUP_ROOT=str(self.root),
                   PATH=f"{self.root}/bin:{os.environ['PATH']}")
        return subprocess.run([TOOL, *args], env=env, capture_output=True, text=True, timeout=60)

    def succeed(self, *args):
        done = self.run_tool(*args)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def refuse(self, text, *args):
        before = self.snapshot()
        done = self.run_tool(*args)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(text, done.stderr)
        self.assertEqual(self.snapshot(), before)

    def driver(self, bdf):
        link = self.devices / bdf / "driver"
        return os.path.basename(os.readlink(link)) if link.is_symlink() else None

    def calls(self):
        path = self.root / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def snapshot(self):
        """All that a step may change."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            at = path.lstat()
            what = os.readlink(path) if path.is_symlink() else (
                path.read_text() if path.is_file() else "")
            found[str(path.relative_to(self.root))] = (what, at.st_uid, at.st_gid)
        return found


class Steps(Host):
    def test_hugepages_are_reserved_and_given_back(self):
        self.assertIn("reserve 64", self.succeed("hugepages", "64"))
        self.assertEqual(self.pages.read_text(), "64\n")
        self.succeed("undo")
        self.assertEqual(self.pages.read_text(), "0\n")
        self.assertIn("nothing to undo", self.succeed("undo"))

    def test_undo_survives_a_binding_that_failed(self):
        (self.root / "bin/dpdk-devbind.py").write_text("#!/bin/sh\nexit 1\n")
        done = self.run_tool("bind", VF)
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed: bind", done.stderr)
        self.assertIn(f"{VF} is as before", self.succeed("undo"))
        self.assertEqual(self.driver(VF), "sfc")

    def test_hugepages_leave_memory_to_the_host(self):
        (self.root / "proc").mkdir()
        (self.root / "proc/meminfo").write_text(
            "MemTotal:        1024000 kB\nMemFree:          100000 kB\nMemAvailable:     614400 kB\n")
        self.refuse("251 hugepages need 502 MiB more, and 600 MiB are available", "hugepages", "251")
        self.assertIn("reserve 250", self.succeed("hugepages", "250"))
        self.assertIn("reserve 500", self.succeed("hugepages", "500"))

    def test_hugepages_are_never_taken_away(self):
        self.pages.write_text("100\n")
        self.assertIn("reserved already", self.succeed("hugepages", "64"))
        self.assertEqual(self.pages.read_text(), "100\n")

    def test_vfs_are_created_without_kernel_driver(self):
        self.succeed("vfs", PF, "2")
        self.assertEqual((self.devices / PF / "sriov_numvfs").read_text(), "2\n")
        self.assertEqual((self.devices / PF / "sriov_drivers_autoprobe").read_text(), "0\n")
        self.succeed("undo")
        self.assertEqual((self.devices / PF / "sriov_numvfs").read_text(), "0\n")
        self.assertEqual((self.devices / PF / "sriov_drivers_autoprobe").read_text(), "1\n")

    def test_same_number_of_vfs_is_left_alone(self):
        (self.devices / PF / "sriov_numvfs").write_text("2\n")
        self.assertIn("has 2 VFs already", self.succeed("vfs", PF, "2"))

    def test_other_number_of_vfs_is_refused_while_some_exist(self):
        (self.devices / PF / "sriov_numvfs").write_text("1\n")
        self.refuse("stop their users", "vfs", PF, "2")

    def test_more_vfs_than_the_adapter_has_are_refused(self):
        self.refuse("allows at most 4", "vfs", PF, "5")

    def test_vfs_need_a_physical_function(self):
        self.refuse("no physical function", "vfs", VF, "1")

    def test_bind_remembers_the_driver(self):
        self.succeed("bind", VF, VF2)
        self.assertEqual([self.driver(VF), self.driver(VF2)], ["vfio-pci", "vfio-pci"])
        self.assertIn("bound to vfio-pci already", self.succeed("bind", VF))
        self.succeed("undo")
        self.assertEqual([self.driver(VF), self.driver(VF2)], ["sfc", None])

    def test_bind_needs_an_iommu(self):
        (self.root / "sys/kernel/iommu_groups/7").rmdir()
        self.refuse("the IOMMU is off", "bind", VF)

    def test_unknown_device_and_bad_address(self):
        self.refuse("no device 0000:09:00.0", "bind", "0000:09:00.0")
        self.refuse("not a PCI address", "bind", "../../etc")
        self.refuse("not a PCI address", "vfs", "eth0", "1")

    def test_modules_are_loaded_only_when_missing(self):
        self.succeed("modules")
        self.assertEqual(self.calls(), [])
        (self.root / "sys/bus/pci/drivers/vfio-pci").rmdir()
        self.succeed("modules")
        self.succeed("undo")
        self.assertEqual(self.calls(), ["modprobe vfio-pci", "modprobe -r vfio-pci"])

    def test_permit_needs_a_bound_function_and_a_user(self):
        self.refuse("bind " + VF, "permit", "nobody", VF)
        self.refuse("no user 'no-such-user'", "permit", "no-such-user", VF)

    @unittest.skipIf(os.geteuid() != 0, "only root can give files away")
    def test_permit_and_undo(self):
        (self.root / "dev/vfio/7").touch()
        (self.devices / VF / "resource0_wc").unlink()  # BAR not prefetchable: not an error
        self.succeed("permit", "nobody", VF)
        nobody = (self.devices / VF / "resource0").stat().st_uid
        self.assertNotEqual(nobody, 0)
        self.assertEqual((self.root / "dev/vfio/7").stat().st_uid, nobody)
        self.assertEqual((self.devices / VF2 / "resource0").stat().st_uid, 0)
        self.succeed("undo")
        self.assertEqual((self.devices / VF / "resource0").stat().st_uid, 0)
        self.assertEqual((self.root / "dev/vfio/7").stat().st_uid, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can give files away")
    def test_permit_for_a_user_without_a_name(self):
        (self.root / "dev/vfio/7").touch()
        self.succeed("permit", "3999999", VF)
        self.assertEqual((self.devices / VF / "resource0").stat().st_uid, 3999999)
        self.assertNotIn("give", self.succeed("permit", "3999999", VF))
        self.succeed("undo")
        self.assertEqual((self.devices / VF / "resource0").stat().st_uid, 0)

    @unittest.skipIf(os.geteuid() != 0, "only root can give files away")
    def test_all_then_undo_leaves_the_host_as_it_was(self):
        before = self.snapshot()
        self.succeed("all", "nobody", PF, "2")
        self.assertEqual([self.driver(VF), self.driver(VF2)], ["vfio-pci", "vfio-pci"])
        self.assertEqual(self.pages.read_text(), "512\n")
        self.succeed("undo")
        (self.root / "calls").unlink()
        (self.root / "dev/vfio/7").unlink()  # in reality gone with the driver
        self.assertEqual(self.snapshot(), before)

    def test_dry_run_changes_nothing(self):
        before = self.snapshot()
        text = self.succeed("--dry-run", "all", "nobody", PF, "2")
        for expected in ("would reserve 512", "would create 2 VFs", f"would bind {VF}",
                         "would give"):
            self.assertIn(expected, text)
        self.assertEqual(self.snapshot(), before)

    def test_wrong_usage(self):
        for args, why in (((), "a step is missing"), (("frob",), "unknown step 'frob'"),
                          (("hugepages",), "hugepages needs one argument: N"),
                          (("vfs", PF), "vfs needs two arguments: PF N"),
                          (("bind",), "bind needs the functions: BDF..."),
                          (("permit", "nobody"), "permit needs a user and functions"),
                          (("all", "nobody"), "all needs three arguments: USER PF N"),
                          (("undo", "all"), "undo takes no arguments")):
            done = self.run_tool(*args)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("usage:", done.stderr)
            self.assertIn(f"pio-setup: {why}", done.stderr.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
