#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Run dpdk-test-pio-perf on the emulator or on an adapter, and report: tables, CSV, JSON, plots."""

import argparse
import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import pio_bench_compare as compare  # noqa: E402
import pio_bench_stats as stats  # noqa: E402

GAVE_UP = 1  # exit code of dpdk-test-pio-perf when something does not come, such as the model
VFS = 4  # net_piopmd twice, net_sfc twice


def table(title, head, rows, out):
    if not rows:
        return
    rows = [[str(cell) for cell in row] for row in rows]
    width = [max(len(row[i]) for row in rows + [head]) for i in range(len(head))]

    def line(row):
        cells = [row[0].ljust(width[0])] + [c.rjust(w) for c, w in zip(row[1:], width[1:])]
        return "  ".join(cells).rstrip()

    out.write(f"\n{title}\n{'-' * len(title)}\n{line(head)}\n")
    out.writelines(line(row) + "\n" for row in rows)


def text(value, form="{:.2f}"):
    return value.text(form) if value is not None else "-"


def conditions(r, out):
    c = r.conditions
    good = len(r.ok)
    out.write(f"dpdk-test-pio-perf: adapter: {c.get('adapter', 'unknown')}\n")
    inside = c.get("adapter") == "emulated by pioemu"   # the model took part
    for key in ("date", "cpu", "cpus", "tsc_ghz", "kernel", "dpdk", "compiler", "memory", "priority",
                "store", "mapping", "overhead_cycles", "scale"):
        if key in c:
            out.write(f"  {key:16} {c[key]}\n")
    out.write(f"  {'runs':16} {good} count, {len(r.verdicts) - good} rejected\n")
    for run, verdict in r.verdicts.items():
        if verdict != "ok":
            taken = ", taken all the same (--rejected-too)" if run in r.ok else ""
            out.write(f"    run {run}: {verdict}{taken}\n")
    for key, name, form in (("oneway_ns", "between the CPUs, one way, ns", "{:.0f}"),
                            ("lost", "time lost, share", "{:.3f}"),
                            ("tsc_per_add", "TSC cycles of an addition", "{:.2f}"),
                            ("overhead_cycles", "TSC cycles of an empty measurement", "{:.0f}")):
        value = stats.Value.of([g.get(key) for g in r.gates if g["run"] in r.ok])
        if value is not None and (inside or key != "oneway_ns"):
            out.write(f"  {name:32} {value.text(form)}\n")
    if inside:
        out.write(f"  violations seen by the emulator: {r.violations}\n")
    out.write("Figures are medians of the runs' medians with [lowest..highest run]. Ratios of cycles and\n"
              "rates are taken within a round, between paths measured within milliseconds of each\n"
              "other; ratios of latencies within a run, between paths that took turns.\n")


def cpu_tables(r, out):
    for burst in r.values("cpu", "burst"):
        rows = []
        for path in r.values("cpu", "path"):
            row = [path]
            for length in r.values("cpu", "len"):
                want = dict(path=path, len=length, burst=burst)
                value = r.figure("cpu", "cycles", **want)
                share = r.figure("cpu", "pio_share", **{k: v for k, v in want.items()}) \
                    if any("pio_share" in rec for rec in r.select("cpu", **want)) else None
                mark = "" if share is None or share.mid >= 0.995 or "ring" in path \
                    else f" ({share.mid:.0%} PIO)"
                row.append("-" if value is None else f"{value.mid:.1f}{mark}")
            if any(cell != "-" for cell in row[1:]):
                rows.append(row)
        table(f"CPU: TSC cycles a frame, burst {burst}, completions included",
              ["path"] + [f"{n} B" for n in r.values("cpu", "len")], rows, out)
    rows = [[path] + [text(r.ratio("cpu", "cycles", dict(path=path, len=64, burst=b),
                                   dict(path=stats.FLOOR, len=64, burst=b)))
                      for b in r.values("cpu", "burst")]
            for path in r.values("cpu", "path") if path != stats.FLOOR]
    table("CPU: 64 B, ratio to the floor", ["path"] + [f"burst {b}" for b in r.values("cpu", "burst")],
          rows, out)
    rows = [[path] + [text(r.figure("rx", "cycles", path=path, len=n), "{:.1f}")
                      for n in r.values("rx", "len")] for path in r.values("rx", "path")]
    table("CPU: TSC cycles a received frame, burst 32, events there before",
          ["path"] + [f"{n} B" for n in r.values("rx", "len")], rows, out)
    rows = [[f"{what}, burst {burst}"] + [
        text(r.figure("alone", "cycles", what=what, burst=burst, path=p)) for p in r.values("alone", "path")]
        for what in r.values("alone", "what") for burst in r.values("alone", "burst")]
    table("CPU: TSC cycles a frame, 64 B, queue without PIO, by the port's function and by the ring's",
          ["case"] + r.values("alone", "path"), rows, out)
    rows = []
    for kind in ("cpu", "rx", "alone"):
        for path in r.values(kind, "path"):
            left = r.left_out(kind, path)
            if left is not None:
                rows.append([f"{kind}: {path}", f"{left[0]:.3%}", f"{left[1]:.1%}", f"{left[2]:.1%}"])
    table("CPU: pieces left out as interrupted (longer than eight medians)",
          ["path", "share", "most in a round", "would add"], rows, out)


def tail_tables(r, out):
    rows = []
    for path in r.values("tail", "path"):
        point = {s: r.point("tail", "call", s, path=path) for s in (.5, .9, .99, .999)}
        cells = [f"{stats.Value.of(list(runs.values())).mid:.0f}" for runs in point.values()]
        rows.append([path, r.samples("tail", "call", path=path)] + cells +
                    [text(r.spread("tail", "call", s, .5, path=path)) if path != stats.NOTHING else "-"
                     for s in (.99, .999)] +
                    [text(r.latency("tail", "seen", .5, path=path), "{:.0f}")])
    table("Call, 64 B, hot, the adapter on the other core: TSC cycles, and doorbell seen, ns",
          ["path", "samples a run", "p50", "p90", "p99", "p99.9", "p99/p50", "p99.9/p50", "seen p50"],
          rows, out)
    rows = []
    for path in r.values("tail", "path"):
        if path.endswith(stats.TAKEN):
            rows.append([path] + [text(r.latency("tail", "take", s, path=path), "{:.0f}")
                                  for s in (.5, .99, .999)])
    table("What it costs to take completions between sends, ns a time", ["path", "p50", "p99", "p99.9"],
          rows, out)


def latency_tables(r, out):
    for hist, what in (("seen", "doorbell seen"), ("done", "payload in the device")):
        rows = [[path] + [text(r.latency("latency", hist, 0.5, path=path, len=n), "{:.0f}")
                          for n in r.values("latency", "len")] for path in r.values("latency", "path")]
        table(f"Latency, hot, no PCIe: call to {what}, ns, p50",
              ["path"] + [f"{n} B" for n in r.values("latency", "len")], rows, out)
    rows = []
    for path in r.values("latency", "path"):
        for hist in ("call", "done"):
            pairs = r.pooled("latency", hist, path=path, len=64)
            if pairs:
                rows.append([f"{path}: {hist}"] + [
                    f"{stats.percentile(pairs, p) / r.ghz:.0f}" for p in (.5, .9, .99, .999)])
    table("Latency, hot, no PCIe, 64 B: percentiles of all runs together, ns",
          ["path", "p50", "p90", "p99", "p99.9"], rows, out)
    rows = [[path] + [text(r.latency("cold", "seen", 0.5, path=path, mode=m), "{:.0f}")
                      for m in r.values("cold", "mode")] for path in r.values("cold", "path")]
    table("Latency, 64 B, no PCIe: call to doorbell seen, ns, p50", ["path"] + r.values("cold", "mode"),
          rows, out)
    rows = [[path] + [text(r.latency("cold", "warm", p, path=path, mode="cold + warm"), "{:.0f}")
                      for p in (.5, .99)] for path in r.values("cold", "path")
            if r.select("cold", path=path, mode="cold + warm")]
    table("What warming itself takes from cold caches, ns", ["path", "p50", "p99"], rows, out)
    rows = [[path] + [text(r.latency("queues", "seen", .5, path=path, queues=n), "{:.0f}")
                      for n in r.values("queues", "queues")] for path in r.values("queues", "path")]
    table("Latency, hot, 64 B, no PCIe, by the number of running queues: call to doorbell seen, ns, p50",
          ["path"] + [f"{n} queues" for n in r.values("queues", "queues")], rows, out)
    rows = []
    for path in r.values("load", "path"):
        for mpps in r.values("load", "mpps"):
            pairs = r.pooled("load", "done", path=path, mpps=mpps)
            if pairs:
                share = r.figure("load", "pio_share", path=path, mpps=mpps)
                rows.append([f"{path}, {mpps} Mpps"] + [
                    f"{stats.percentile(pairs, p) / r.ghz:.0f}" for p in (.5, .9, .99, .999)] +
                    [f"{share.mid:.0%}"])
    table("Open loop, 64 B, no PCIe: intended time to payload in the device, ns",
          ["path and load", "p50", "p90", "p99", "p99.9", "PIO"], rows, out)
    rows = [[path] + [text(r.latency("rtt", "rtt", 0.5, path=path, len=n), "{:.0f}")
                      for n in r.values("rtt", "len")] for path in r.values("rtt", "path")]
    table("Round trip: call to frame received, ns, p50", ["path"] + [f"{n} B" for n in
                                                                     r.values("rtt", "len")], rows, out)


def rate_tables(r, out):
    rows = []
    keys = ("what", "path", "burst", "len", "queues", "slots")
    for key in dict.fromkeys(tuple(rec[k] for k in keys) for rec in r.select("rate")):
        want = dict(zip(keys, key))
        recs = r.select("rate", **want)
        left = sum(rec["left"] for rec in recs)
        pio = sum(rec["left_by_pio"] for rec in recs)
        rows.append([f"{want['what']}: {want['path']}", want["burst"], want["len"] or "mix",
                     want["queues"], want["slots"] or "-", text(r.figure("rate", "mpps", **want)),
                     f"{pio / left:.0%}" if left else "-"])
    table("Throughput with events: million frames a second (the model's thread is the device)",
          ["series and path", "burst", "bytes", "queues", "slots", "Mpps", "PIO"], rows, out)


def model_text(rec):
    return (f"read {rec['read_ns']} ns + {rec['read_ps_per_byte']} ps/B, posted {rec['posted_ns']} ns, "
            f"line {rec['line_ns']} ns, fence {rec['fence_ns']} ns")


def modelled_tables(r, out):
    for model in r.values("modelled", "model"):
        if model == "sweep":
            continue
        recs = r.select("modelled", model=model)
        lengths = list(dict.fromkeys(rec["len"] for rec in recs))
        rows = []
        for path in dict.fromkeys(rec["path"] for rec in recs):
            rows.append([path] + [text(r.latency("modelled", "done", 0.5, path=path, len=n, model=model),
                                       "{:.0f}") for n in lengths])
        rows.append(["PIO over own ring"] + [
            text(r.latency_ratio("modelled", "done", 0.5, dict(path=stats.SEND, len=n, model=model),
                                 dict(path=stats.RING, len=n, model=model))) for n in lengths])
        table(f"Modelled PCIe, {model} ({model_text(recs[0])}): payload in the device, ns, p50",
              ["path"] + [f"{n} B" for n in lengths], rows, out)
    rows = []
    for rec in r.validation():
        rows.append([f"{rec['path']}, {rec['len']} B"] + [
            f"{v:.0f}" for v in (rec["read_ns"], rec["expected"], rec["done"], rec["event"])] +
            [f"{rec['done'] - rec['expected']:+.0f}", f"{rec['event'] - rec['expected']:+.0f}"])
    table("Modelled PCIe, validation: what was put in against what came out, ns more than with read "
          "time 0", ["path", "read-ns", "expected", "device stamp", "event at the CPU", "stamp off",
                     "event off"], rows, out)
    rows = [[f"{n} B, burst {b}", text(ratio, "{:.3f}"), text(pio, "{:.0f}"), text(ring, "{:.0f}")]
            for n, b, ratio, pio, ring in stats.threshold_cases(r)]
    recs = r.select("threshold")
    if recs:
        table(f"PIO on (default threshold) over ring only, modelled Gen3 x8 ({model_text(recs[0])}): "
              "payload in the device, p50, and CPU beside it",
              ["case", "ratio", "call PIO, ns", "call ring, ns"], rows, out)


def target_rows(r, form):
    rows = []
    for t in stats.targets(r):
        stretch = "-" if t.stretch is None else f"{t.sign} {t.stretch:g}"
        note = f" ({t.note})" if t.note else ""
        rows.append([t.name + note, f"{t.sign} {t.limit:g}", stretch, text(t.value, form), t.verdict])
    return rows


def modelled_note(r):
    """What "modelled" stands for in the table of targets; "": nothing was."""
    recs = r.select("modelled", model="Gen3 x8") or r.select("threshold")
    return f"Modelled PCIe, Gen3 x8: {model_text(recs[0])}.\n" if recs else ""


def target_table(r, out):
    rows = target_rows(r, "{:.3f}")
    if any(row[4] != "not measured" for row in rows):
        table("Targets", ["metric", "target", "stretch", "measured", ""], rows, out)
        out.write(modelled_note(r))


def write_targets_rst(r, out):
    """The verdicts as they stand in the guide."""
    out.write(".. list-table::\n   :header-rows: 1\n   :widths: 46 10 10 22 12\n\n")
    for row in [["Metric", "Target", "Stretch", "Measured", "Verdict"]] + target_rows(r, "{:.2f}"):
        out.writelines(f"   {'* -' if i == 0 else '  -'} {cell}\n" for i, cell in enumerate(row))
    out.write("\n" + modelled_note(r))


def report(r, out):
    conditions(r, out)
    target_table(r, out)
    cpu_tables(r, out)
    tail_tables(r, out)
    latency_tables(r, out)
    rate_tables(r, out)
    modelled_tables(r, out)


def summary(r):
    """For machines: the targets and every figure once."""
    out = {"conditions": r.conditions, "runs": r.verdicts, "violations": r.violations, "targets": [],
           "figures": []}
    for t in stats.targets(r):
        out["targets"].append(dict(name=t.name, target=t.limit, stretch=t.stretch, sign=t.sign,
                                   verdict=t.verdict, **(vars(t.value) if t.value else {})))
    keys = ("what", "path", "len", "burst", "mode", "mpps", "model", "queues", "slots")
    for kind, fields in (("cpu", ("cycles",)), ("rx", ("cycles",)), ("alone", ("cycles",)),
                         ("rate", ("mpps",))):
        names = [k for k in keys if k not in fields]
        for case in dict.fromkeys(tuple((k, rec[k]) for k in names if k in rec)
                                  for rec in r.select(kind)):
            for field in fields:
                value = r.figure(kind, field, **dict(case))
                out["figures"].append(dict(kind=kind, field=field, **dict(case), **vars(value)))
    for kind in ("latency", "tail", "cold", "load", "queues", "modelled", "threshold", "rtt"):
        extra = ("read_ns",) if kind == "modelled" else ()
        for case in dict.fromkeys(tuple((k, rec[k]) for k in keys + extra if k in rec)
                                  for rec in r.select(kind)):
            for hist in ("call", "seen", "done", "event", "warm", "take", "rtt"):
                for share in (0.5, 0.99, 0.999):
                    value = r.latency(kind, hist, share, **dict(case))
                    if value is not None:
                        out["figures"].append(dict(kind=kind, field=f"{hist} p{share * 100:g} ns",
                                                   **dict(case), **vars(value)))
    return out


def write_hgrm(r, out):
    """One file for each path, in the format of HdrHistogram's percentile output, nanoseconds."""
    for path in r.values("latency", "path"):
        pairs = r.pooled("latency", "done", path=path, len=64)
        total = sum(count for _, count in pairs)
        name = path.replace(" ", "_").replace(",", "")
        with open(out / f"done_64_{name}.hgrm", "w") as f:
            f.write(f"{'Value':>12} {'Percentile':>14} {'TotalCount':>10} {'1/(1-Percentile)':>14}\n\n")
            seen = 0
            for value, count in pairs:
                seen += count
                share = seen / total
                inverse = f"{1 / (1 - share):14.2f}" if seen < total else f"{'inf':>14}"
                f.write(f"{value / r.ghz:12.3f} {share:14.12f} {seen:10d} {inverse}\n")


def write_files(r, out):
    data = summary(r)
    (out / "summary.json").write_text(json.dumps(data, indent=1) + "\n")
    names = list(dict.fromkeys(key for row in data["figures"] for key in row))
    with open(out / "summary.csv", "w", newline="") as f:
        writer = csv.DictWriter(f, names)
        writer.writeheader()
        writer.writerows(data["figures"])
    write_hgrm(r, out)
    with open(out / "report.txt", "w") as f:
        report(r, f)
    with open(out / "targets.rst", "w") as f:
        write_targets_rst(r, f)
    samples = out / "samples.csv"
    if samples.exists():
        with open(samples, "rb") as src, gzip.open(f"{samples}.gz", "wb", compresslevel=6) as dst:
            shutil.copyfileobj(src, dst)
        samples.unlink()


def find(name, explicit, *relative):
    """A program: as told, beside this script's build or installation, or on PATH."""
    here = Path(__file__).resolve().parent
    for candidate in ([Path(explicit)] if explicit else [here / r for r in relative] +
                      ([Path(shutil.which(name))] if shutil.which(name) else [])):
        if candidate.is_file() and os.access(candidate, os.X_OK):
            return str(candidate)
    sys.exit(f"pio-bench: {explicit or name} is no program; build the project, or name the build "
             "directory by --build DIR")


def check_vf(option, address):
    """What keeps a VF from being measured; None: nothing."""
    if not re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7]", address):
        return f"--{option} {address}: must be a PCI address such as 0000:03:00.2"
    # EAL looks there, too
    device = Path(os.environ.get("SYSFS_PCI_DEVICES", "/sys/bus/pci/devices")) / address
    if not device.is_dir():
        return f"--{option} {address}: no such PCI device; pio-check.py lists the VFs, " \
               "pio-setup.sh vfs makes some"
    driver = device / "driver"
    bound = driver.resolve().name if driver.exists() else "no driver"
    if bound != "vfio-pci":
        return f"--{option} {address}: bound to {bound}, not to vfio-pci: pio-setup.sh bind {address}"
    return None


def check_hardware(args):
    """End with what is wrong about the options for an adapter, before anything starts."""
    given = {o: getattr(args, o) for o in ("pio", "rx", "sfc") if getattr(args, o)}
    if not given:
        return
    wrong = None
    if not args.pio:
        wrong = f"--{list(given)[0]} needs --pio ADDRESS, the VF that sends"
    elif len(set(given.values())) != len(given):
        wrong = "--pio, --rx and --sfc must be different VFs"
    elif args.phases and args.phases != "rtt":
        wrong = f"--phases {args.phases}: an adapter shows round trips only: --phases rtt, or leave it out"
    else:
        wrong = next(filter(None, (check_vf(o, a) for o, a in given.items())), None)
    if wrong:
        print(f"pio-bench: {wrong}", file=sys.stderr)
        sys.exit(2)


def command(args, out):
    build = Path(args.build).resolve() if args.build else None
    perf = find("dpdk-test-pio-perf",
                str(build / "app/test-pio/bench/dpdk-test-pio-perf") if build else None,
                "dpdk-test-pio-perf", "../build/app/test-pio/bench/dpdk-test-pio-perf")
    cmd = [perf, "--out", str(out), "--scale", str(args.scale), "--core", str(args.core)]
    for option in ("phases", "len", "pio", "rx", "sfc"):
        if getattr(args, option):
            cmd += [f"--{option}", getattr(args, option)]
    if args.huge:
        cmd.append("--huge")
    if args.fifo:
        cmd.append("--fifo")
    if args.pio:
        return cmd
    pioemu = find("pioemu", str(build / "emu/pioemu") if build else None, "pioemu",
                  "../build/emu/pioemu")
    return [pioemu, "run", "--vfs", str(VFS), "--core", str(args.model_core), "--idle", "spin", "--",
            *cmd, "--model-core", str(args.model_core)]


def append(source, target, header):
    """The lines of one file behind those of another; of CSV files the first header remains."""
    with open(source, "rb") as src, open(target, "ab") as dst:
        if header and dst.tell() != 0:
            src.readline()
        shutil.copyfileobj(src, dst)


def run_verdicts(path, code):
    """What the program says of its runs; the one in which it gave up is a rejected one."""
    try:
        records = [json.loads(line) for line in path.open()]
    except (OSError, ValueError):
        records = []
    begun = {rec["run"] for rec in records if rec["type"] == "gate"}
    verdicts = {rec["run"]: rec["verdict"] for rec in records if rec["type"] == "run"}
    if code not in (0, GAVE_UP) or (code == GAVE_UP and begun <= verdicts.keys()):
        sys.exit(f"pio-bench: the benchmark ended with code {code}")
    with path.open("a") as f:
        for run in begun - verdicts.keys():
            verdicts[run] = "the program gave up, as it said"
            f.write(json.dumps(dict(type="run", run=run, verdict=verdicts[run])) + "\n")
    return list(verdicts.values())


def measure(args, out):
    """
    Each run in a process of its own: where its memory lies makes a difference between processes, and
    so belongs to the range of the runs. An adapter is left in the hands of one.
    """
    names = ("results.jsonl", "samples.csv")
    for name in names:
        (out / name).unlink(missing_ok=True)
    each = args.runs if args.pio else 1
    ok, done, start = 0, 0, time.monotonic()
    while ok < args.runs and done < 2 * args.runs:
        passed = time.monotonic() - start
        if args.time and done != 0 and passed > args.time:
            print(f"pio-bench: only {ok} of {args.runs} runs count: out of time", file=sys.stderr)
            break
        with tempfile.TemporaryDirectory(dir=out) as tmp:
            try:
                code = subprocess.run(
                    command(args, tmp) + ["--runs", str(each), "--first", str(done + 1)],
                    timeout=max(args.timeout - passed, 1)).returncode
            except subprocess.TimeoutExpired:
                sys.exit(f"pio-bench: not done after {args.timeout} s")
            verdicts = run_verdicts(Path(tmp, names[0]), code)
            for name in names:
                append(Path(tmp, name), out / name, name.endswith(".csv"))
        done += len(verdicts)
        ok += verdicts.count("ok")


def parse():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--out", default="pio-bench", help="directory of the report (pio-bench)")
    p.add_argument("--runs", type=int, default=7, help="runs that count (7)")
    p.add_argument("--scale", type=int, default=100, help="percent of the usual number of samples")
    p.add_argument("--phases", help="some phases only, such as cpu,latency")
    p.add_argument("--len", metavar="N", help="frames of one length only, in phase cpu")
    p.add_argument("--build", help="build directory to take the programs from")
    p.add_argument("--core", type=int, default=0, help="CPU that measures (0)")
    p.add_argument("--model-core", type=int, default=1, help="CPU of the emulated adapter (1)")
    p.add_argument("--huge", action="store_true", help="hugepages, which must have been reserved")
    p.add_argument("--fifo", action="store_true", help="real-time priority, on a machine of one's own")
    p.add_argument("--quick", action="store_true",
                   help="a look in three minutes: --runs 3 --scale 30 --time 90")
    p.add_argument("--time", metavar="S", type=float,
                   help="seconds after which no further run begins; there are fewer then")
    p.add_argument("--timeout", type=int, default=1200, help="seconds after which the run is ended")
    p.add_argument("--rejected-too", action="store_true",
                   help="count runs of a busy machine as well; the report says so")
    p.add_argument("--compare", nargs=2, metavar="DIR",
                   help="say whether two reports agree within their ranges; runs nothing")
    p.add_argument("--no-run", action="store_true", help="report what lies in --out from before")
    p.add_argument("--no-plots", action="store_true", help="tables only")
    hw = p.add_argument_group("on an adapter (VFs bound to vfio-pci): round trips only")
    hw.add_argument("--pio", metavar="ADDRESS", help="VF that sends, such as 0000:03:00.2")
    hw.add_argument("--rx", metavar="ADDRESS", help="VF that receives; default: a loopback cable")
    hw.add_argument("--sfc", metavar="ADDRESS", help="VF for net_sfc, looped back in the same way")
    args = p.parse_args()
    if args.quick:
        args.runs, args.scale, args.time = 3, 30, 90
    return args


def main():
    args = parse()
    if args.compare:
        sys.exit(compare.main(*args.compare))
    if not args.no_run:
        check_hardware(args)
    out = Path(args.out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    if not args.no_run:
        measure(args, out)
    try:
        r = stats.load(out / "results.jsonl", args.rejected_too)
    except (OSError, ValueError) as e:
        sys.exit(f"pio-bench: {e}")
    if not r.ok:
        sys.exit("pio-bench: every run was rejected: the machine is too busy. End other programs, or "
                 "name an idle CPU by --core. See " + str(out / "results.jsonl"))
    write_files(r, out)
    report(r, sys.stdout)
    if not args.no_plots:
        try:
            import pio_bench_plots as plots
        except ImportError:
            print("\nno plots: python3-matplotlib is not installed")
        else:
            plots.draw(r, out)
    print(f"\nfiles: {out}")


if __name__ == "__main__":
    main()
