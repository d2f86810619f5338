# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""usertools/pio-check.py on recordings of hosts: each trouble has its text and its remedy."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[3] / "usertools/pio-check.py"
DEV = "/sys/bus/pci/devices"
VF = "0000:01:00.1"
BAR, BAR_SIZE = 0xfe900000, 0x80000
PREFETCH_64 = "0x000000000014220c"
PLAIN_64 = "0x0000000000140204"
FREE_ROOT = [0o600, 0, 0]


def good_host():
    """Root, an X2 VF on vfio-pci, nobody uses it: nothing to complain about."""
    return {
        "user root": [0, [0]],
        "memlock": -1,
        "text /proc/cpuinfo": "vendor_id\t: GenuineIntel\nflags\t\t: fpu sse2 avx2 avx512f",
        "text /proc/cmdline": "quiet intel_iommu=on",
        "text /proc/iomem": "fe900000-fe97ffff : 0000:01:00.1",
        "text /sys/kernel/security/lockdown": "[none] integrity confidentiality",
        "text /sys/kernel/debug/x86/pat_memtype_list": "PAT memtype list:",
        "names /sys/kernel/mm/hugepages": ["hugepages-2048kB"],
        "text /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "512",
        f"names {DEV}": ["0000:00:00.0", VF],
        f"text {DEV}/0000:00:00.0/vendor": "0x8086",
        f"text {DEV}/{VF}/vendor": "0x1924",
        f"text {DEV}/{VF}/device": "0x1b03",
        f"text {DEV}/{VF}/resource": f"0x{BAR:016x} 0x{BAR + BAR_SIZE - 1:016x} {PREFETCH_64}\n"
                                     "0x0 0x0 0x0",
        f"link {DEV}/{VF}/driver": "vfio-pci",
        f"link {DEV}/{VF}/iommu_group": "77",
        "names /sys/kernel/iommu_groups/77/devices": [VF],
        "stat /dev/vfio/77": FREE_ROOT,
        f"stat {DEV}/{VF}/resource0": FREE_ROOT,
        f"stat {DEV}/{VF}/resource0_wc": FREE_ROOT,
        "holders /dev/vfio/77": [],
    }


def memtypes(*ranges):
    """The kernel's list; ranges: (offset in the BAR, length, type)."""
    return "PAT memtype list:\n" + "\n".join(
        f"PAT: [mem 0x{BAR + off:016x}-0x{BAR + off + length:016x}] {kind}"
        for off, length, kind in ranges)


def run_tool(*args):
    done = subprocess.run([sys.executable, "-B", TOOL, *args], capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stdout, done.stderr


def judge(seen, user="root", *args):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({"user": user, "seen": seen}, file)
        file.flush()
        return run_tool("--replay", file.name, *args)


class Check(unittest.TestCase):
    def setUp(self):
        self.seen = good_host()

    def problems(self, user="root"):
        """{problem: fix} of everything that is at level 'problem'."""
        code, out, err = judge(self.seen, user, "--json")
        self.assertEqual(err, "")
        found = {line["problem"]: line["fix"] for lines in json.loads(out).values()
                 for line in lines if line["level"] == "problem"}
        self.assertEqual(code, 1 if found else 0)
        return found

    def assert_only(self, problem, fix, user="root"):
        found = self.problems(user)
        self.assertEqual(list(found), [problem])
        self.assertIn(fix, found[problem])

    def line(self, topic):
        _, out, _ = judge(self.seen, "root", "--json")
        return next(line for lines in json.loads(out).values() for line in lines
                    if line["topic"] == topic)

    def as_user(self):
        self.seen["user alice"] = [1000, [1000, 100]]

    def test_good_host_has_no_problem(self):
        self.assertEqual(self.problems(), {})
        code, text, _ = judge(self.seen)
        self.assertEqual(code, 0)
        self.assertIn("write-combining PIO pages are possible", text)
        self.assertIn("512 KiB, 64 bit, prefetchable", text)

    def test_unbound(self):
        del self.seen[f"link {DEV}/{VF}/driver"]
        self.assert_only("unbound", f"dpdk-devbind.py -b vfio-pci {VF}")

    def test_kernel_driver(self):
        self.seen[f"link {DEV}/{VF}/driver"] = "sfc"
        self.assert_only("wrong-driver", f"dpdk-devbind.py -b vfio-pci {VF}")

    def test_no_iommu(self):
        del self.seen[f"link {DEV}/{VF}/iommu_group"]
        self.assert_only("no-iommu", "intel_iommu=on")

    def test_no_iommu_on_amd(self):
        del self.seen[f"link {DEV}/{VF}/iommu_group"]
        self.seen["text /proc/cpuinfo"] = "vendor_id\t: AuthenticAMD\nflags : sse2"
        self.assert_only("no-iommu", "amd_iommu=on")

    def test_group_shared_with_a_kernel_driver(self):
        self.seen["names /sys/kernel/iommu_groups/77/devices"] = [VF, "0000:02:00.0"]
        self.seen[f"link {DEV}/0000:02:00.0/driver"] = "nvme"
        self.assert_only("group-not-viable", "dpdk-devbind.py -b vfio-pci 0000:02:00.0")

    def test_group_shared_with_a_bridge_or_nothing_is_fine(self):
        self.seen["names /sys/kernel/iommu_groups/77/devices"] = [VF, "0000:00:1c.0", "0000:03:00.0"]
        self.seen[f"link {DEV}/0000:00:1c.0/driver"] = "pcieport"
        self.assertEqual(self.problems(), {})

    def test_not_prefetchable(self):
        key = f"text {DEV}/{VF}/resource"
        self.seen[key] = self.seen[key].replace(PREFETCH_64, PLAIN_64)
        del self.seen[f"stat {DEV}/{VF}/resource0_wc"]
        self.assert_only("not-prefetchable", "MOVDIR64B")

    def test_no_pat(self):
        del self.seen[f"stat {DEV}/{VF}/resource0_wc"]
        self.assert_only("no-pat", "nopat")

    def test_lockdown(self):
        self.seen["text /sys/kernel/security/lockdown"] = "none [integrity] confidentiality"
        self.assertEqual(set(self.problems()), {"lockdown", "lockdown-wc"})

    def test_claimed_names_the_program(self):
        self.seen["text /proc/iomem"] += "\n  fe900000-fe97ffff : vfio-pci"
        self.seen["holders /dev/vfio/77"] = [[4711, "dpdk-testpmd"]]
        self.seen["text /sys/kernel/debug/x86/pat_memtype_list"] = memtypes()
        self.assert_only("claimed", "pio_map=split")
        self.assertIn("dpdk-testpmd (pid 4711)", self.line("mapping")["text"])

    def test_claimed_by_an_access_without_a_mapping(self):
        self.seen["text /proc/iomem"] += "\n  fe900000-fe97ffff : vfio"
        self.seen["holders /dev/vfio/77"] = [[4711, "python3"]]
        self.assert_only("claimed", "pio_map=split")

    def test_relaxed_kernel_does_not_refuse_a_claimed_bar(self):
        self.seen["text /proc/iomem"] += "\n  fe900000-fe97ffff : vfio-pci"
        self.seen["text /proc/cmdline"] += " iomem=relaxed"
        self.assertEqual(self.problems(), {})

    def test_mapped_by_a_program_that_does_not_drive_it(self):
        listed = memtypes((0, BAR_SIZE, "uncached-minus"))
        self.seen["text /sys/kernel/debug/x86/pat_memtype_list"] = listed
        self.assert_only("mapped", f"fuser -v {DEV}/{VF}/resource0")
        self.assertIn("maps the BAR uncached-minus", self.line("mapping")["text"])
        self.seen[f"link {DEV}/{VF}/driver"] = "sfc"  # whose mapping that is
        self.assert_only("wrong-driver", "dpdk-devbind.py")

    def test_file_rights_of_a_plain_user(self):
        self.as_user()
        self.assertEqual(set(self.problems("alice")), {"group-rights", "file-rights"})
        self.assertEqual(set(self.problems("alice").values()),
                         {f"pio-setup.sh permit alice {VF}"})

    def test_file_rights_by_owner_group_and_others(self):
        self.as_user()
        for rights in ([0o600, 1000, 0], [0o660, 0, 100], [0o666, 0, 0]):
            for path in ("/dev/vfio/77", f"{DEV}/{VF}/resource0", f"{DEV}/{VF}/resource0_wc"):
                self.seen["stat " + path] = rights
            self.assertEqual(self.problems("alice"), {})
        # the group's rights do not help its owner, as in the kernel
        self.seen["stat /dev/vfio/77"] = [0o066, 1000, 100]
        self.assertIn("group-rights", self.problems("alice"))

    def test_only_the_wc_file_is_closed(self):
        self.as_user()
        for path in ("/dev/vfio/77", f"{DEV}/{VF}/resource0"):
            self.seen["stat " + path] = [0o600, 1000, 0]
        self.assert_only("file-rights", "permit alice", "alice")

    def test_memlock_of_a_plain_user(self):
        self.as_user()
        for path in ("/dev/vfio/77", f"{DEV}/{VF}/resource0", f"{DEV}/{VF}/resource0_wc"):
            self.seen["stat " + path] = [0o666, 0, 0]
        self.seen["memlock"] = 8 << 20
        self.assert_only("memlock", "ulimit -l unlimited", "alice")

    def test_no_hugepages(self):
        self.seen["text /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"] = "0"
        self.assert_only("no-hugepages", "pio-setup.sh hugepages")

    def in_use(self, *ranges):
        self.seen["holders /dev/vfio/77"] = [[4711, "dpdk-testpmd"]]
        self.seen["text /sys/kernel/debug/x86/pat_memtype_list"] = memtypes(*ranges)

    def test_split_mapping_in_use_is_verified(self):
        self.in_use((0, 4096, "uncached-minus"), (4096, 4096, "write-combining"),
                    (8192, 4096, "uncached-minus"), (12288, 4096, "write-combining"))
        self.assertEqual(self.problems(), {})
        self.assertIn("2 PIO page(s) write-combining", self.line("types")["text"])

    def test_write_combining_register_page_is_found(self):
        self.in_use((0, 4096, "write-combining"), (4096, 4096, "write-combining"))
        self.assert_only("registers-wc", "end every program")
        self.in_use((0, BAR_SIZE, "write-combining"))
        self.assert_only("registers-wc", "end every program")

    def test_uncached_pio_pages_are_a_problem_without_movdir64b(self):
        self.in_use((0, BAR_SIZE, "uncached-minus"))
        self.assert_only("not-combined", "pio_map=split")
        self.seen["text /proc/cpuinfo"] += " movdir64b"
        self.assertEqual(self.problems(), {})

    def test_other_functions_in_the_type_list_do_not_count(self):
        self.in_use((BAR_SIZE, 4096, "write-combining"), (-4096, 4096, "write-combining"),
                    (4096, 4096, "write-combining"))
        self.assertEqual(self.problems(), {})

    def test_closed_type_list_is_said(self):
        self.in_use()
        del self.seen["text /sys/kernel/debug/x86/pat_memtype_list"]
        self.assertEqual(self.problems(), {})
        self.assertIn("not verifiable", self.line("types")["text"])

    def run_application(self, **info):
        path = "/var/run/dpdk/rte/dpdk_telemetry.v2"
        self.seen["names /var/run/dpdk"] = ["rte"]
        for question, answer in {
            "/pio/list": [0, 1],
            "/ethdev/info,0": {"name": "0000:05:00.0"},
            "/ethdev/info,1": {"name": VF},
            "/pio/info,1": {"flags": 7, "reason": "none", "nb_bufs": 16, "nb_bufs_free": 15,
                            "buf_size": 4096, "holders": ["port 1 queue 2: 4096 bytes, 0 templates",
                                                          "port 11 queue 3: 4096 bytes"], **info},
            "/pio/wc,1": {"granted": "write-combining", "store": "avx512", "degraded": 0,
                          "measured": "combining", "rungs": ["split: in use"]},
            "/pio/queue,1,2": {"state": "started", "reason": "none", "threshold": 256,
                               "stats": {"packets": 9, "ring_packets": 4, "fallback_len": 3,
                                         "fallback_no_slot": 1, "refused_len": 0}},
        }.items():
            self.seen[f"telemetry {path} {question}"] = answer

    def test_running_application_tells_threshold_and_reasons(self):
        self.run_application()
        self.assertEqual(self.problems(), {})
        self.assertIn("15 of 16 buffers of 4096 bytes", self.line("PIO")["text"])
        self.assertIn("write-combining, stores by avx512", self.line("granted")["text"])
        self.assertEqual(self.line("queue 2")["text"], "started, frames up to 256 bytes; 9 by PIO, "
                         "4 by the ring: 3 fallback_len, 1 fallback_no_slot")

    def test_no_privilege(self):
        self.run_application(flags=0, reason="no_privilege", holders=[])
        self.assert_only("no-privilege", "ONLOAD")

    def test_no_buffers_names_the_holders(self):
        self.run_application(reason="no_memory", nb_bufs_free=0)
        self.assert_only("no-buffers", "port 1 queue 2: 4096 bytes")

    def test_queue_that_lost_pio(self):
        self.run_application()
        queue = self.seen["telemetry /var/run/dpdk/rte/dpdk_telemetry.v2 /pio/queue,1,2"]
        queue.update(state="ring only", reason="no_memory")
        self.assert_only("queue-off", "see PIO")

    def test_silent_application_does_not_hurt(self):
        self.run_application()
        for question in ("/pio/info,1", "/pio/wc,1"):
            del self.seen[f"telemetry /var/run/dpdk/rte/dpdk_telemetry.v2 {question}"]
        self.assertEqual(list(self.problems()), ["pio-off"])

    def test_x4_has_no_pio(self):
        self.seen[f"text {DEV}/{VF}/device"] = "0x3c03"
        self.assertEqual(self.problems(), {})
        self.assertIn("no PIO", self.line("family")["text"])

    def test_no_function_at_all(self):
        self.seen[f"names {DEV}"] = ["0000:00:00.0"]
        code, text, _ = judge(self.seen)
        self.assertEqual(code, 2)
        self.assertIn("no EF10 virtual function", text)

    def test_empty_recording_does_not_crash(self):
        code, _, err = judge({"user root": [0, [0]]})
        self.assertEqual((code, err), (2, ""))

    def test_address_that_is_no_ef10_function(self):
        self.seen[f"names {DEV}"] = ["0000:00:00.0", VF]
        self.seen[f"text {DEV}/0000:00:00.0/vendor"] = "0x8086"
        self.seen[f"text {DEV}/0000:00:00.0/device"] = "0x29c0"
        for bdf, why in (("eth0", "is not a PCI address such as 0000:01:00.1"),
                         ("01:00.1", "is not a PCI address such as 0000:01:00.1"),
                         ("0000:99:00.0", "there is no such PCI device"),
                         ("0000:00:00.0", "is no EF10 virtual function, but 0x8086:0x29c0")):
            code, out, err = judge(self.seen, "root", bdf)
            self.assertEqual((code, out), (2, ""))
            self.assertEqual(err, f"pio-check: {bdf}: {why}; EF10 virtual functions here: {VF}\n")
        self.assertEqual(judge(self.seen, "root", VF)[::2], (0, ""))

    def test_files_that_cannot_be_used(self):
        for args, text in ((("--replay", "/nonexistent/x"), "/nonexistent/x: No such file"),
                           (("--replay", __file__), "not a file that --record has written"),
                           (("--replay", "/"), "Is a directory"),
                           (("--record", "/nonexistent/x"), "--record /nonexistent/x: No such")):
            code, _, err = run_tool(*args)
            self.assertEqual(code, 1)
            self.assertIn(text, err)
            self.assertEqual(len(err.splitlines()), 1, err)

    def test_unknown_user(self):
        code, _, err = judge(self.seen, "mallory")
        self.assertNotEqual(code, 0)
        self.assertIn("no user mallory", err)

    def test_user_without_a_name(self):
        """As in a container that was given any number."""
        code, text, err = run_tool("--user", "3999999999")
        self.assertIn(code, (0, 1, 2))
        self.assertEqual(err, "")
        self.assertTrue(text.startswith("host\n"))
        self.seen["user 3999999999"] = [3999999999, []]
        for fix in self.problems("3999999999").values():
            self.assertEqual(fix, f"pio-setup.sh permit 3999999999 {VF}")

    def test_every_problem_on_the_page_has_its_remedy(self):
        del self.seen[f"link {DEV}/{VF}/driver"]
        self.seen["text /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"] = "0"
        _, text, _ = judge(self.seen)
        self.assertEqual(text.count("<- problem"), text.count("  fix "))

    def test_recording_this_host_replays_equal(self):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "recording"
            code, text, err = run_tool("--record", file)
            self.assertIn(code, (0, 1, 2), err)
            self.assertEqual(run_tool("--replay", file), (code, text, ""))


if __name__ == "__main__":
    unittest.main()
