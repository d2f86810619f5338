#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""The arithmetic of pio-bench.py's report, on records made by hand.

usage: test_bench_stats.py USERTOOLS-DIRECTORY [unittest arguments]
"""

import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

stats = compare = TOOLS = None


def results(records, verdicts=None, rejected_too=False):
    return stats.Results(records, verdicts or {1: "ok"}, rejected_too)


def cpu(path, cycles, run=1, turn=1, length=64, burst=1, **more):
    return dict(type="cpu", run=run, round=turn, path=path, len=length, burst=burst, cycles=cycles, **more)


class Percentiles(unittest.TestCase):
    def test_a_share_counts_samples_not_buckets(self):
        pairs = [[10, 97], [20, 2], [1000, 1]]
        for share, value in ((0.5, 10), (0.97, 10), (0.98, 20), (0.99, 20), (0.995, 1000), (1, 1000)):
            with self.subTest(share=share):
                self.assertEqual(stats.percentile(pairs, share), value)

    def test_one_sample_is_every_percentile(self):
        self.assertEqual({stats.percentile([[7, 1]], share) for share in (0.001, 0.5, 0.999)}, {7})

    def test_histograms_add_up(self):
        self.assertEqual(stats.merge([[[5, 1], [7, 2]], [[5, 3], [6, 1]]]), [(5, 4), (6, 1), (7, 2)])


class Figures(unittest.TestCase):
    def test_runs_count_alike_however_many_rounds_they_have(self):
        r = results([cpu("a", 10, turn=n) for n in range(9)] + [cpu("a", 20, run=2)] +
                    [cpu("a", 40, run=3)], {1: "ok", 2: "ok", 3: "ok"})
        self.assertEqual(r.figure("cpu", "cycles", path="a"), stats.Value(20, 10, 40, 3))

    def test_ratios_are_of_the_same_round(self):
        # both drift, the ratio does not: medians of each alone would give 20 / 10
        r = results([cpu("a", 10, turn=1), cpu("b", 10, turn=1), cpu("a", 20, turn=2),
                     cpu("b", 20, turn=2), cpu("a", 90, turn=3), cpu("b", 5, turn=4)])
        self.assertEqual(r.ratio("cpu", "cycles", dict(path="a"), dict(path="b")),
                         stats.Value(1, 1, 1, 1))

    def test_rejected_runs_do_not_count_unless_asked_for(self):
        records = [cpu("a", 10), cpu("a", 99, run=2)]
        verdicts = {1: "ok", 2: "the clock changed"}
        self.assertEqual(results(records, verdicts).figure("cpu", "cycles", path="a").high, 10)
        self.assertEqual(results(records, verdicts, True).figure("cpu", "cycles", path="a").high, 99)

    def test_a_tail_has_the_range_of_its_runs(self):
        records = [dict(type="tail", run=run, path="x", call=[[20, 985], [high, 15]])
                   for run, high in ((1, 40), (2, 60), (3, 100))]
        r = results(records, {1: "ok", 2: "ok", 3: "ok"})
        self.assertEqual(r.spread("tail", "call", .99, .5, path="x"), stats.Value(3, 2, 5, 3))
        self.assertEqual(r.spread("tail", "call", .98, .5, path="x"), stats.Value(1, 1, 1, 3))
        self.assertEqual(r.samples("tail", "call", path="x"), 1000)
        self.assertIsNone(r.spread("tail", "call", .99, .5, path="y"))

    def test_what_was_left_out_is_said(self):
        r = results([cpu("a", 10, cut=0.0, cycles_all=10), cpu("a", 10, turn=2, cut=0.02, cycles_all=12)])
        share, most, more = r.left_out("cpu", "a")
        self.assertAlmostEqual(share, 0.01)
        self.assertAlmostEqual(most, 0.02)
        self.assertAlmostEqual(more, 0.1)
        self.assertIsNone(r.left_out("cpu", "b"))

    def test_recovered_share_of_the_cold_cost(self):
        records = [dict(type="cold", run=1, path="x", mode=mode, seen=[[value, 1]])
                   for mode, value in (("hot", 100), ("cold", 300), ("cold + warm", 150))]
        self.assertEqual(stats._recovered(results(records), "x").mid, 0.75)

    def test_validation_expects_a_read_of_the_ring_and_none_of_pio(self):
        records = [dict(type="modelled", model="sweep", run=1, path=path, len=64, read_ns=read,
                        done=[[base + read * late, 1]], event=[[2 * base + read * late, 1]])
                   for path, base, late in ((stats.SEND, 100, 0), (stats.RING, 130, 1))
                   for read in (0, 500)]
        pio, ring = results(records).validation()
        self.assertEqual((pio["expected"], pio["done"], pio["event"]), (0, 0, 0))
        self.assertEqual((ring["expected"], ring["done"], ring["event"]), (500, 500, 500))


class Verdicts(unittest.TestCase):
    def test_limits_belong_to_what_is_met(self):
        for mid, at_least, verdict in ((2.0, False, "met"), (2.001, False, "missed"),
                                       (1.5, False, "met, stretch too"), (2.0, True, "met"),
                                       (1.999, True, "missed")):
            with self.subTest(mid=mid, at_least=at_least):
                t = stats.Target("x", 2.0, 3.0 if at_least else 1.5, stats.Value(mid, 0, 9, 7), at_least)
                self.assertEqual(t.verdict, verdict)
        self.assertEqual(stats.Target("x", 1, None, None).verdict, "not measured")

    def test_the_middle_decides_not_the_best_run(self):
        self.assertEqual(stats.Target("x", 2.0, None, stats.Value(2.1, 1.0, 2.2, 7)).verdict, "missed")

    def test_the_better_datapath_of_the_peer_is_the_measure(self):
        records = [cpu(stats.RING, 10), cpu(stats.SIMPLE, 20), cpu(stats.SFC, 40)]
        value = {t.name: t for t in stats.targets(results(records))}
        t = value["ring, burst 1, over the better datapath of net_sfc"]
        self.assertEqual((t.value.mid, t.verdict), (0.5, "met, stretch too"))

    def test_the_worst_case_is_named(self):
        records = [dict(type="threshold", run=1, path=path, len=length, burst=16, call=[[1, 1]],
                        done=[[value, 1]])
                   for path, length, value in ((stats.PIO, 64, 100), (stats.RING, 64, 200),
                                               (stats.PIO, 256, 110), (stats.RING, 256, 100))]
        t = stats.targets(results(records))[-1]
        self.assertEqual((t.value.mid, t.note, t.verdict), (1.1, "256 B, burst 16", "missed"))

    def test_nothing_measured_is_no_verdict(self):
        self.assertEqual({t.verdict for t in stats.targets(results([]))}, {"not measured"})


class Comparison(unittest.TestCase):
    @staticmethod
    def summary(low, mid, high, runs=7, **conditions):
        value = dict(low=low, mid=mid, high=high, runs=runs)
        return dict(conditions=conditions, targets=[dict(name="a ratio", verdict="met", **value)],
                    figures=[dict(kind="cpu", path="a", len=64, **value)])

    def compare(self, *summaries):
        with tempfile.TemporaryDirectory() as tmp:
            dirs = [Path(tmp, str(i)) for i in range(len(summaries))]
            for path, summary in zip(dirs, summaries):
                path.mkdir()
                (path / "summary.json").write_text(json.dumps(summary))
            return subprocess.run([sys.executable, "-B", TOOLS + "/pio-bench.py", "--compare", *dirs],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  env=os.environ, timeout=60, check=False)

    def test_ranges_that_meet_agree(self):
        done = self.compare(self.summary(1, 1.1, 1.2), self.summary(1.2, 1.3, 1.4))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("agree", done.stdout)
        self.assertIn("1 of 1 targets and 1 of 1 figures agree", done.stdout)

    def test_ranges_apart_differ(self):
        done = self.compare(self.summary(1, 1.1, 1.2), self.summary(1.21, 1.3, 1.4))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("DIFFER", done.stdout)
        self.assertIn("0 of 1 targets and 0 of 1 figures agree", done.stdout)
        self.assertIn("kind=cpu path=a len=64: 1.1 [1..1.2] and 1.3 [1.21..1.4]", done.stdout)

    def test_other_conditions_are_said(self):
        done = self.compare(self.summary(1, 1, 1, store="avx512"), self.summary(1, 1, 1, store="sse2"))
        self.assertIn("not alike: store: avx512 and sse2", done.stdout)

    def test_a_figure_of_one_run_has_no_range(self):
        one, two = self.summary(1, 1, 1, runs=1), self.summary(2, 2, 2)
        del one["targets"][0], two["targets"][0]
        done = self.compare(one, two)
        self.assertIn("0 of 0 targets and 0 of 0 figures", done.stdout)
        self.assertEqual(done.returncode, 1)

    def test_a_directory_without_report_is_refused(self):
        with tempfile.TemporaryDirectory() as tmp:
            done = subprocess.run([sys.executable, "-B", TOOLS + "/pio-bench.py", "--compare", tmp, tmp],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--compare wants two directories", done.stdout)

    def test_gaps_are_shares(self):
        a, b = dict(low=1, mid=2, high=3), dict(low=4, mid=5, high=6)
        self.assertEqual((compare.gap(a, b), compare.gap(b, a), compare.gap(a, a)), (0.5, 0.5, 0))


class Runs(unittest.TestCase):
    def verdicts(self, code, *records):
        report = importlib.import_module("pio-bench")
        with tempfile.TemporaryDirectory() as tmp:
            path = Path(tmp, "results.jsonl")
            path.write_text("".join(json.dumps(rec) + "\n" for rec in records))
            return report.run_verdicts(path, code), path.read_text()

    def test_a_run_in_which_the_program_gave_up_is_rejected_and_on_record(self):
        records = [dict(type="gate", run=3), cpu("a", 1, run=3)]
        verdicts, text = self.verdicts(1, *records)
        self.assertEqual(verdicts, ["the program gave up, as it said"])
        self.assertEqual(json.loads(text.splitlines()[-1]),
                         dict(type="run", run=3, verdict="the program gave up, as it said"))

    def test_a_program_that_never_began_or_crashed_ends_the_report(self):
        whole = [dict(type="gate", run=1), dict(type="run", run=1, verdict="ok")]
        for code, records in ((1, []), (2, whole[:1]), (-11, whole), (1, whole)):
            with self.subTest(code=code, records=len(records)):
                with self.assertRaisesRegex(SystemExit, f"ended with code {code}"):
                    self.verdicts(code, *records)
        self.assertEqual(self.verdicts(0, *whole)[0], ["ok"])


class Report(unittest.TestCase):
    def test_what_is_modelled_says_so_with_its_parameters(self):
        report = importlib.import_module("pio-bench")
        params = dict(read_ns=532, read_ps_per_byte=290, posted_ns=250, line_ns=12, fence_ns=40)
        records = [dict(type="modelled", model="Gen3 x8", run=1, path=path, len=64, seen=[[1, 1]],
                        done=[[value, 1]], **params)
                   for path, value in ((stats.SEND, 50), (stats.RING, 100))]
        for write in (report.write_targets_rst, report.target_table, report.modelled_tables):
            with self.subTest(write=write.__name__):
                out = io.StringIO()
                write(results(records), out)
                self.assertIn("odelled PCIe, Gen3 x8", out.getvalue())
                self.assertIn("read 532 ns + 290 ps/B, posted 250 ns, line 12 ns, fence 40 ns",
                              out.getvalue())
                self.assertIn("0.50", out.getvalue())


if __name__ == "__main__":
    TOOLS = str(Path(sys.argv[1]).resolve())
    sys.path.insert(0, TOOLS)
    stats = importlib.import_module("pio_bench_stats")
    compare = importlib.import_module("pio_bench_compare")
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=1)
