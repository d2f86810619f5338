# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Do two reports of pio-bench.py agree? Each figure has a range, that of its runs."""

import json
import sys
from pathlib import Path

VALUE = ("mid", "low", "high", "runs")
SAME = ("adapter", "cpu", "kernel", "dpdk", "compiler", "memory", "priority", "store", "scale")
SHOWN = 20


def read(directory):
    """Conditions, targets and figures of a report: {what: {mid, low, high, runs}}."""
    path = Path(directory) / "summary.json"
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as e:
        sys.exit(f"pio-bench: {path}: {e}; --compare wants two directories that --out has filled")
    targets, above = {}, ""
    for t in data["targets"]:
        # "the same" refers to the row above
        same = t["name"].startswith("the same")
        above = above if same else t["name"]
        if "mid" in t:
            targets[f"{above}; {t['name']}" if same else above] = t
    figures = {}
    for f in data["figures"]:
        name = " ".join(f"{k}={v}" for k, v in f.items() if k not in VALUE)
        # no range, nothing to agree within
        if f["runs"] > 1:
            figures[name] = f
    return data["conditions"], targets, figures


def agree(a, b):
    """The ranges meet."""
    return a["low"] <= b["high"] and b["low"] <= a["high"]


def gap(a, b):
    """What lies between the ranges, as a share of the smaller figure; 0: they meet."""
    between = max(a["low"] - b["high"], b["low"] - a["high"], 0)
    smaller = min(abs(a["mid"]), abs(b["mid"]))
    return between / smaller if smaller else float(between > 0)


def text(v):
    return f"{v['mid']:.4g} [{v['low']:.4g}..{v['high']:.4g}]"


def report(one, two, out):
    """Print the comparison. True: every target agrees."""
    (cond1, targets1, figures1), (cond2, targets2, figures2) = one, two
    for key in SAME:
        if cond1.get(key) != cond2.get(key):
            out.write(f"not alike: {key}: {cond1.get(key)} and {cond2.get(key)}\n")
    both = [name for name in targets1 if name in targets2]
    bad = [name for name in both if not agree(targets1[name], targets2[name])]
    width = max(map(len, both), default=0)
    out.write("Targets: median and range of the first report, of the second, change\n")
    for name in both:
        a, b = targets1[name], targets2[name]
        change = f"{b['mid'] / a['mid'] - 1:+.1%}" if a["mid"] else "-"
        out.write(f"  {name:{width}}  {text(a):>24}  {text(b):>24}  {change:>7}  "
                  f"{'DIFFER' if name in bad else 'agree'}"
                  f"{'' if a['verdict'] == b['verdict'] else ', verdicts differ'}\n")
    common = [name for name in figures1 if name in figures2]
    apart = sorted((name for name in common if not agree(figures1[name], figures2[name])),
                   key=lambda name: -gap(figures1[name], figures2[name]))
    out.write(f"{len(both) - len(bad)} of {len(both)} targets and {len(common) - len(apart)} of "
              f"{len(common)} figures agree within their ranges\n")
    for name in apart[:SHOWN]:
        out.write(f"  {name}: {text(figures1[name])} and {text(figures2[name])}, "
                  f"{gap(figures1[name], figures2[name]):.1%} between them\n")
    if len(apart) > SHOWN:
        out.write(f"  and {len(apart) - SHOWN} more\n")
    return bool(both) and not bad


def main(one, two):
    """The exit code: 0 when every target agrees."""
    return 0 if report(read(one), read(two), sys.stdout) else 1
