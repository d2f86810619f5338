#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Break each rule of rte_pio on purpose, and see whether its own tests notice.

Library and driver are built in a directory of their own, one breakage after the other, and the
contract suite of a finished build runs on them. A breakage is caught when a test of the rule that
it breaks fails (or crashes, or hangs). Takes about ten minutes.

usage: mutate.py [--build DIR] [PATTERN]
    --build DIR   finished build with tests (default: build)
    PATTERN       only breakages whose rule and text match this regular expression
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
HANGS_AFTER = 90
LIB, DRV = "lib/pio_ext/", "drivers/net/piopmd/piopmd_"

# Rule (how the suites of its tests begin), file, text, its replacement, what that breaks
MUTATIONS = [
    ("R1_", DRV + "pio.c", "q->pio_map + off, frames[i].base, frames[i].len,",
     "q->pio_map + off, frames[n - 1 - i].base, frames[n - 1 - i].len,",
     "a burst leaves in the opposite order"),
    ("R1_", LIB + "rte_pio_generic.c",
     "ret = pio_generic_send(q, frames[i].base, frames[i].len, flags);",
     "ret = pio_generic_send(q, frames[n - 1 - i].base, frames[n - 1 - i].len, flags);",
     "without PIO, a burst leaves in the opposite order"),
    ("R2_", DRV + "pio.c", "(r->flags & RTE_PIO_NO_FALLBACK) != 0 || !q->pio_fallback_ring",
     "!q->pio_fallback_ring", "NO_FALLBACK falls back"),
    ("R2_", DRV + "pio.c", "\treturn RTE_PIO_BY_RING;\n}\n\n/* Gather", "\treturn RTE_PIO_BY_PIO;\n}\n\n/* Gather",
     "a frame that went by the ring is said to have gone by PIO"),
    ("R2_", DRV + "template.c",
     "\tret = piopmd_pio_ring_begin(t->q, ring, &m);\n\tif (ret != 0)\n\t\treturn ret;\n"
     "\ttemplate_patch(t, updates, n);\n",
     "\ttemplate_patch(t, updates, n);\n\tret = piopmd_pio_ring_begin(t->q, ring, &m);\n"
     "\tif (ret != 0)\n\t\treturn ret;\n", "a failed update_send leaves its patch behind"),
    ("R3_", DRV + "pio.c", "return likely(len - RTE_PIO_FRAME_MIN < span && q->slots",
     "return likely(q->completed == added && len - RTE_PIO_FRAME_MIN < span && q->slots",
     None),
    ("R3_", DRV + "pio.c", "\tif (q->slots.nb_free == 0)\n\t\treturn RTE_PIO_FB_NO_SLOT;",
     "\tif (q->slots.nb_free == 0 || q->completed != q->added)\n\t\treturn RTE_PIO_FB_NO_SLOT;",
     "PIO waits for an empty ring"),
    ("R4_", DRV + "pio.c", "\tif (reap && (piopmd_tx_room(q, q->added) < descs ||",
     "\twhile (reap && (piopmd_tx_room(q, q->added) < descs ||", "a send waits for a slot"),
    ("R5_", DRV + "pio.c", "RTE_MIN(room, q->slots.nb_free);", "RTE_MIN(room, q->slots.nb);",
     "credits are promised for slots in flight"),
    ("R5_", DRV + "pio.c", "\tif (q->csum != EF10_TX_CSUM_FLAG_NONE && room != 0)\n\t\troom--;\n"
     "\tcredits->frames = q->pio_span == 0 ? 0 : ",
     "\tcredits->frames = ", "credits are promised while PIO is stopped"),
    ("R6_", DRV + "template.c",
     "\tt->generation = t->q->generation;\n\trte_pio_driver_template_invalidate(&t->base);\n",
     "\tt->generation = t->q->generation;\n",
     "templates are not written anew after the adapter lost them"),
    ("R6_", LIB + "rte_pio_template.c", "\tmemset(t->shadow + low, 0, high - low);\n", "",
     "what was cut off shows again when a template grows"),
    ("R6_", LIB + "rte_pio_driver.h", "\tlines = (UINT64_MAX << first) & ",
     "\tlines = (UINT64_C(1) << first) & ", "of a patch only the first line is written"),
    ("R7_", LIB + "rte_pio_driver.h",
     "\tif (likely(t->slot_state[cur] == RTE_PIO_DRIVER_SLOT_FREE))",
     "\tif (likely(t->slot_state[cur] != RTE_PIO_DRIVER_SLOT_ABSENT))", "a template in flight is written"),
    ("R7_", LIB + "rte_pio_driver.h", "\tt->dirty[0] |= lines;\n\tt->dirty[1] |= lines;\n",
     "\tt->dirty[t->cur] |= lines;\n", "the other slot misses a patch"),
    ("R7_", LIB + "rte_pio_driver.h", "\ts->nb_free--;\n", "",
     "slots of frames in flight are given out again"),
    ("R7_", LIB + "rte_pio_template.c",
     "\tif (pio_slots_in_flight(t) != 0) {\n\t\tt->freed = 1;\n\t\treturn;\n\t}\n", "",
     "a freed template gives its memory back while it is in flight"),
    ("R8_", DRV + "pio.c", "\tw->doorbell = twin->doorbell;\n", "", "warming rings the doorbell"),
    ("R8_", DRV + "pio.c", "\tw->pio_map = q->pio_scratch;\n\tw->pio_off_mask = 0;\n", "",
     "warming writes a live slot"),
    ("R8_", LIB + "rte_pio_generic.c", "\tif ((flags & RTE_PIO_WARM) != 0) {\n\t\tq->stats.warms++;\n"
     "\t\treturn RTE_PIO_BY_RING;\n\t}\n\tm = rte_pio_driver_mbuf",
     "\tm = rte_pio_driver_mbuf", "without PIO, a warming send is sent"),
    ("R9_", DRV + "pio.c", "\tif (q->pio_opted_in) \\\n\t\treturn pio_tx_queue_",
     "\tif (q->hw_ring != NULL) \\\n\t\treturn pio_tx_queue_", None),
    ("R9_", LIB + "rte_pio_driver.c", "\tif (port == NULL || port->queues.data[queue_id] == port->dummy)\n"
     "\t\treturn -ENOTSUP;\n", "\tif (port == NULL)\n\t\treturn -ENOTSUP;\n",
     "queues without opt-in are counted, and answer another errno"),
    ("R9_", LIB + "rte_pio.c", "\trte_pio_driver_queue_unbind(dev, queue_id);\n\tport->queue[queue_id] = NULL;\n"
     "\tport->nb_queues--;\n", "\tport->queue[queue_id] = NULL;\n",
     "a released queue is still counted"),
    ("R10_", LIB + "rte_pio_wc.c", "#define PIO_WC_BUS_RATIO 4", "#define PIO_WC_BUS_RATIO 0",
     "plain memory is called combining"),
    ("R10_", DRV + "ext.c", "\tsnprintf(rung->reason, sizeof(rung->reason), \"%s\", reason);\n",
     "\t(void)reason;\n", "a refused rung has no reason"),
    ("R11_", LIB + "rte_pio_store.c",
     "\tif (pio_store_forced != RTE_PIO_STORE_AUTO)\n\t\treturn pio_store_forced;\n", "",
     "a forced kind is not used"),
    ("R11_", LIB + "rte_pio_store.h", "\"movdqa	%%xmm3, 48(%0)\"", "\"movdqa	%%xmm2, 48(%0)\"",
     "SSE2 stores the wrong register"),
    ("R12_", LIB + "rte_pio_driver.h", "\tstats->fallback[reason] += packets;",
     "\tstats->fallback[RTE_PIO_FB_LEN] += packets;", "every fallback counts as length"),
    ("R12_", LIB + "rte_pio_driver.h", "\tstats->refused[reason]++;\n\tswitch", "\tswitch",
     "refused calls are not counted"),
    ("R12_", LIB + "rte_pio.c", "\tpq->base = now;\n", "\tpq->base.pio_packets = now.pio_packets;\n",
     "a reset forgets most counters"),
    ("R13_", DRV + "ext.c", "\tinfo->reason = RTE_PIO_FB_NONE;\n\tif (!limits->pio_privilege) {\n",
     "\tinfo->reason = RTE_PIO_FB_NONE;\n\t{\n", "there is no PIO without hardware"),
    ("R14_", LIB + "rte_pio.c",
     "\tinfo->nb_bufs_free = RTE_MIN(info->nb_bufs_free, nb_bufs);\n", "",
     "what other ports hold is not seen"),
    ("R14_", LIB + "rte_pio.c", "\t\t\tinfo->nb_holders++;\n", "\t\t\tinfo->nb_holders = 1;\n",
     "only one holder is named"),
    ("R14_", DRV + "ext.c", "\tif (ret == 0) {\n\t\trte_pio_driver_queue_unbind(dev, queue_id);\n"
     "\t\tpiopmd_txq_piobuf_free(ad, txq);\n",
     "\tif (ret == 0) {\n\t\trte_pio_driver_queue_unbind(dev, queue_id);\n",
     "a released queue keeps its buffer"),
    ("R14_", DRV + "ext.c", "\tif (conf->mem_min > ad->limits.piobuf_size) {",
     "\tif (conf->mem_min > 2 * ad->limits.piobuf_size) {", "a minimum that cannot be met is granted"),
    ("R15_", LIB + "rte_pio_driver.h", "RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;",
     "RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN + RTE_VLAN_HLEN;", "lengths are with FCS"),
    ("R15_", DRV + "dp_txq.c", "RTE_MIN(q->pio_threshold, q->frame_max) -", "q->pio_threshold -",
     "PIO does not obey the MTU"),
    ("R15_", LIB + "rte_pio_store.h", "\tmemset(buf.line, 0, sizeof(buf.line));\n\trte_pio_store_stage",
     "\tmemset(buf.line, 0xee, sizeof(buf.line));\n\trte_pio_store_stage", None),
    ("R15_", LIB + "rte_pio_store.h", "\"r\" ((uint64_t)n),", "\"r\" (UINT64_C(64)),",
     "a short frame is not padded with zeros"),
    ("R16_", LIB + "rte_pio_generic.c",
     "\tif (rte_eth_tx_burst(q->data->port_id, q->queue_id, &m, 1) != 1) {\n\t\trte_pktmbuf_free(m);\n",
     "\tif (rte_eth_tx_burst(q->data->port_id, q->queue_id, &m, 1) != 1) {\n",
     "without PIO, an mbuf is lost when the ring is full"),
    ("R16_", LIB + "rte_pio.c",
     "\t    (conf->policy == RTE_PIO_POLICY_REQUIRE || conf->fallback == RTE_PIO_FALLBACK_NONE)) {\n",
     "\t    conf->fallback == RTE_PIO_FALLBACK_NONE) {\n",
     "without PIO, REQUIRE is granted"),
    ("R16_", LIB + "rte_pio_template.c", "\t\t\tlen = RTE_MAX(len, u->offset + u->len);\n", "",
     "a template that grows by update_send leaves short by the ring"),
    ("MoreIsRungFor", DRV + "pio.c", "\t/* a send that fails rings for what is pending, too */\n"
     "\tif (ret < 0 && q->ctl == 0)\n\t\tpiopmd_tx_flush(q);\n", "",
     "a failed send does not ring for what is pending"),
    ("Checksums", DRV + "pio.c", "(flags & RTE_PIO_CSUM) != 0 ? q->pio_csum : EF10_TX_CSUM_FLAG_NONE;",
     "q->pio_csum;", "frames that did not ask get checksums"),
    ("Errno_EEXIST", LIB + "rte_pio.c", "\tif (pio_queue_get(port_id, queue_id) != NULL)\n\t\treturn -EEXIST;\n",
     "", "a queue opts in twice"),
    ("Errno_EBUSY", LIB + "rte_pio.c", "\tif (pq->nb_templates != 0) {", "\tif (pq->nb_templates > 1) {",
     "a queue with a template is released"),
    ("Errno_EIO", LIB + "rte_pio_driver.c", "\tpio_bound_publish(port, 0);\n", "",
     "a failed device is not blocked"),
    ("Errno_ENOMEM", LIB + "rte_pio.c", "\tif (pq == NULL)\n\t\treturn -ENOMEM;\n\tpq->conf",
     "\tif (pq == NULL)\n\t\treturn -ENOSPC;\n\tpq->conf", "no host memory is taken for no adapter memory"),
    ("Observe", LIB + "rte_pio_telemetry.c", "rte_tel_data_add_dict_uint(d, \"mem_free\", info.mem_free);",
     "rte_tel_data_add_dict_uint(d, \"mem_free\", info.mem_total);", "telemetry tells another figure"),
    ("TracePoints", DRV + "pio.c",
     "\trte_pio_driver_trace_fallback(q->port_id, q->queue_id, ring.reason, len, ret);\n", "",
     "a fallback is not traced"),
    ("Xstats", LIB + "rte_pio_xstats.c", "\t\t\tif (i < size)\n\t\t\t\tvalues[i] += ",
     "\t\t\tif (i < size)\n\t\t\t\tvalues[i] = ", "the port's xstats are those of its last queue"),
]


def grouped(pattern):
    """Breakages that consist of several replacements: all but the last have no text."""
    group = []
    for rule, path, old, new, text in MUTATIONS:
        group.append((path, old, new))
        if text is not None:
            if re.search(pattern, f"{rule} {text}"):
                yield rule, group, text
            group = []
    assert not group


class Scratch:
    """Library and driver, to be broken."""

    def __init__(self, build, work):
        self.source, self.build = pathlib.Path(work, "source"), pathlib.Path(work, "build")
        files = subprocess.run(["git", "-C", TOP, "ls-files", "-z"], check=True,
                               capture_output=True, text=True).stdout.split("\0")
        for name in filter(None, files):
            target = self.source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(TOP / name, target)
            shutil.copymode(TOP / name, target)
        with open(build / "meson-info/intro-buildoptions.json", encoding="utf-8") as f:
            options = {o["name"]: o["value"] for o in json.load(f)}
        self.run("meson", "setup", self.build, self.source, "-Dtests=false", "-Dtestpmd=false",
                 "-Dwerror=false",
                 f"-Ddpdk_source={options['dpdk_source']}")
        outputs = subprocess.run(["ninja", "-C", self.build, "-t", "targets", "all"], check=True,
                                 capture_output=True, text=True).stdout
        self.libraries = re.findall(r"^(librte_\w+\.so[.\d]*): c_LINKER", outputs, re.MULTILINE)
        assert len(self.libraries) == 2, self.libraries
        self.compile()

    @staticmethod
    def run(*command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"mutate: {' '.join(map(str, command))}\n{done.stdout[-4000:]}"
                             f"{done.stderr[-4000:]}")

    def compile(self):
        self.run("ninja", "-C", self.build, *self.libraries)

    def replace(self, group):
        """Break; returns what undoes it."""
        before = {}
        for path, old, new in group:
            file = self.source / path
            text = file.read_text()
            before.setdefault(file, text)
            file.write_text(text.replace(old, new))
        return before


def failures(build, libraries, tests):
    """Names of those tests that fail, those that crash or hang included. tests: as Contract/*."""
    bad = set()
    environment = dict(os.environ, LD_LIBRARY_PATH=f"{libraries}:{build / 'emu'}")
    program = build / "app/test-pio/dpdk-test-pio"
    emulator = [build / "emu/pioemu", "run", "--wire", "none", "--vfs", "3", "--privileges",
                "2=0x17f8", "--"]
    for front, subjects in (([], ("piotest", "ring", "null")), (emulator, ("piopmd",))):
        names = ":".join(f"Contract/{tests}/{subject}" for subject in subjects)
        command = [*front, program, "--observe", f"--gtest_filter={names}:-*RandomCalls*"]
        with tempfile.TemporaryFile("w+", errors="replace") as out:
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT,
                                       stdin=subprocess.DEVNULL, env=environment)
            try:
                code = process.wait(HANGS_AFTER)
            except subprocess.TimeoutExpired:
                process.terminate()
                try:
                    code = process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    code = process.wait()
                code = code or 1
            out.seek(0)
            text = out.read()
        failed = re.findall(r"^\[  FAILED  \] (\S+?),? (?:where|\()", text, re.MULTILINE)
        bad.update(failed)
        started = re.findall(r"^\[ RUN      \] (\S+)", text, re.MULTILINE)
        if code != 0 and not failed:
            if not started:
                raise SystemExit(f"mutate: {command} ends with {code}:\n{text[-2000:]}")
            bad.add(started[-1])
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build")
    parser.add_argument("pattern", nargs="?", default="")
    args = parser.parse_args()
    os.environ["PATH"] = "/usr/bin:/bin:" + os.environ["PATH"]  # see build.sh
    build = args.build.resolve()
    survived = total = 0
    for _, path, old, _, _ in MUTATIONS:
        if (TOP / path).read_text().count(old) != 1:
            raise SystemExit(f"mutate: {path} has not exactly one of\n{old}")
    with tempfile.TemporaryDirectory(prefix="mutate") as work:
        scratch = Scratch(build, work)
        bad = failures(build, scratch.build, "*")
        if bad:
            raise SystemExit(f"mutate: these fail unbroken: {' '.join(sorted(bad))}")
        for rule, group, text in grouped(args.pattern):
            before = scratch.replace(group)
            scratch.compile()
            own = sorted(failures(build, scratch.build, rule + "*"))
            others = [] if own else sorted(failures(build, scratch.build, "*"))
            for file, content in before.items():
                file.write_text(content)
            total += 1
            survived += not own
            names = " ".join(name.removeprefix("Contract/") for name in (own or others)[:2])
            print(f"{'caught' if own else 'MISSED'}  {rule.rstrip('_'):14} {text}: "
                  f"{len(own or others)} {'of its' if own else 'other'} tests fail: {names}",
                  flush=True)
    print(f"mutate: {total} breakages, {total - survived} caught by tests of their rule")
    return survived != 0


if __name__ == "__main__":
    sys.exit(main())
