# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Plots of pio-bench.py. Whatever comes from modelled PCIe says so, with its parameters."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

import pio_bench_stats as stats  # noqa: E402

# one colour for a path in every plot
COLOURS = {stats.FLOOR: "0.35", stats.SEND: "tab:blue", stats.PIO: "tab:cyan",
           stats.TEMPLATE: "tab:green", stats.UPDATE: "tab:olive", stats.RING: "tab:orange",
           stats.NO_PUSH: "tab:gray", stats.SIMPLE: "tab:red", stats.SFC: "tab:pink", "net_null": "tab:brown",
           "net_ring": "tab:purple", "net_memif": "0.6"}
FORMATS = ("svg", "png")

plt.rcParams.update({"figure.figsize": (8, 5), "axes.grid": True, "grid.alpha": 0.3,
                     "font.size": 9, "svg.hashsalt": "pio-bench", "savefig.dpi": 110})


def _save(fig, out, name):
    fig.tight_layout()
    for form in FORMATS:
        # no date in the file: the same data gives the same picture
        fig.savefig(out / f"{name}.{form}", metadata={"Date": None} if form == "svg" else None)
    plt.close(fig)


def _line(ax, xs, values, path, **kw):
    """A line of Values with the range of runs as error bars; holes are left out."""
    points = [(x, v) for x, v in zip(xs, values) if v is not None]
    if not points:
        return
    xs = [x for x, _ in points]
    mids = [v.mid for _, v in points]
    bars = [[v.mid - v.low for _, v in points], [v.high - v.mid for _, v in points]]
    kw.setdefault("label", path)
    ax.errorbar(xs, mids, yerr=bars, marker="o", markersize=3, capsize=2, linewidth=1.2,
                color=COLOURS.get(path), **kw)


def _params(rec):
    return (f"read {rec['read_ns']} ns + {rec['read_ps_per_byte']} ps/B, posted {rec['posted_ns']} ns, "
            f"line {rec['line_ns']} ns, fence {rec['fence_ns']} ns")


def percentiles(r, out):
    paths = r.values("latency", "path")
    if not paths:
        return
    fig, ax = plt.subplots()
    for path in paths:
        pairs = r.pooled("latency", "done", path=path, len=64)
        total = sum(count for _, count in pairs)
        xs, ys, seen = [], [], 0
        for value, count in pairs:
            seen += count
            if seen < total:
                xs.append(total / (total - seen))
                ys.append(value / r.ghz)
        ax.plot(xs, ys, label=path, color=COLOURS.get(path), linewidth=1.2)
    ax.set_xscale("log")
    ticks = (2, 10, 100, 1000)
    ax.set_xticks(ticks, ["50 %", "90 %", "99 %", "99.9 %"])
    ax.set_xlim(1, 3000)
    ax.set_ylim(0, 2000)
    ax.set_xlabel("percentile of frames")
    ax.set_ylabel("call to payload in the device, ns")
    ax.set_title("64 B, hot, software adapter without PCIe")
    ax.legend()
    _save(fig, out, "latency_percentiles")


def latency_by_size(r, out):
    lengths = r.values("latency", "len")
    fig, axes = plt.subplots(1, 2, figsize=(12, 5))
    for path in r.values("latency", "path"):
        _line(axes[0], lengths, [r.latency("latency", "done", 0.5, path=path, len=n) for n in lengths],
              path)
    axes[0].set_title("software adapter without PCIe")
    recs = r.select("modelled", model="Gen3 x8")
    if recs:
        p = recs[0]
        lengths = list(dict.fromkeys(rec["len"] for rec in recs))
        base = {}
        for path in dict.fromkeys(rec["path"] for rec in recs):
            _line(axes[1], lengths, [r.latency("modelled", "done", 0.5, path=path, len=n,
                                               model="Gen3 x8") for n in lengths], path)
            seen = [r.latency("modelled", "seen", 0.5, path=path, len=n, model="Gen3 x8")
                    for n in lengths]
            base[path] = [v.mid if v is not None else None for v in seen]
        # the model's lines stand on what it takes the software adapter to notice the doorbell
        for path, name in ((stats.SEND, "model, PIO"), (stats.RING, "model, pushed ring")):
            if path in base:
                points = [(n, s + p["posted_ns"] + (
                    p["fence_ns"] + p["line_ns"] * -(-n // 64) if path == stats.SEND
                    else p["read_ns"] + p["read_ps_per_byte"] * n / 1000))
                    for n, s in zip(lengths, base[path]) if s is not None]
                axes[1].plot([n for n, _ in points], [y for _, y in points], "--",
                             color=COLOURS[path], linewidth=1, label=name)
        axes[1].set_title(f"modelled PCIe Gen3 x8\n{_params(p)}", fontsize=8)
    for ax in axes:
        ax.set_xlabel("frame length, bytes")
        ax.set_ylabel("call to payload in the device, ns, p50")
        ax.set_ylim(bottom=0)
        ax.legend()
    _save(fig, out, "latency_by_size")


def cycles_by_size(r, out):
    lengths = r.values("cpu", "len")
    if not lengths:
        return
    fig, ax = plt.subplots()
    for path in (stats.FLOOR, stats.SEND, stats.PIO, stats.TEMPLATE, stats.UPDATE, stats.RING,
                 stats.SIMPLE, stats.SFC, "net_null", "net_ring"):
        _line(ax, lengths, [r.figure("cpu", "cycles", path=path, len=n, burst=1) for n in lengths], path)
    for base in (stats.RING, stats.SIMPLE):
        cross = crossover(r, lengths, stats.PIO, base)
        if cross is not None:
            ax.axvline(cross, color=COLOURS[base], linestyle=":", linewidth=1)
            ax.text(cross, ax.get_ylim()[1], f" {cross:.0f} B", color=COLOURS[base], va="top")
    ax.set_xlabel("frame length, bytes")
    ax.set_ylabel("TSC cycles a frame, burst 1, completions included")
    ax.set_title("CPU cost; dotted: from here on the ring costs less than PIO")
    ax.set_ylim(bottom=0)
    ax.legend(ncol=2)
    _save(fig, out, "cycles_by_size")


def crossover(r, lengths, pio, base):
    """The length where the line of pio passes that of base from below; None: it does not."""
    last = None
    for n in lengths:
        a, b = (r.figure("cpu", "cycles", path=p, len=n, burst=1) for p in (pio, base))
        if a is None or b is None:
            continue
        diff = a.mid - b.mid
        if last is not None and last[1] < 0 <= diff:
            return last[0] + (n - last[0]) * -last[1] / (diff - last[1])
        last = (n, diff)
    return None


def saving(r, out):
    recs = r.select("modelled", model="sweep")
    if not recs:
        return
    reads = sorted({rec["read_ns"] for rec in recs})
    fig, ax = plt.subplots()
    for n, style in zip(sorted({rec["len"] for rec in recs}), ("-", "--")):
        values = []
        for read in reads:
            ring, pio = (r.point("modelled", "done", 0.5, model="sweep", path=p, len=n, read_ns=read)
                         for p in (stats.RING, stats.SEND))
            values.append(stats.Value.of([(ring[run] - pio[run]) / r.ghz
                                          for run in ring.keys() & pio.keys()]))
        _line(ax, reads, values, stats.SEND, label=f"{n} B", linestyle=style)
        p = recs[0]
        cost = p["fence_ns"] + p["line_ns"] * -(-n // 64)
        ax.plot(reads, [x - cost for x in reads], color="0.5", linewidth=0.8, linestyle=style,
                label=f"model, {n} B: read time - {cost} ns")
    ax.set_xlabel("modelled DMA read round trip, ns")
    ax.set_ylabel("payload in the device sooner by PIO than by the pushed ring, ns")
    ax.set_title(f"Saving, modelled PCIe: posted {p['posted_ns']} ns, line {p['line_ns']} ns, "
                 f"fence {p['fence_ns']} ns")
    ax.legend()
    _save(fig, out, "saving_modelled")


def cold(r, out):
    modes, paths = r.values("cold", "mode"), r.values("cold", "path")
    if not modes:
        return
    fig, ax = plt.subplots(figsize=(9, 5))
    width = 0.8 / len(modes)
    for i, mode in enumerate(modes):
        for j, path in enumerate(paths):
            v = r.latency("cold", "seen", 0.5, path=path, mode=mode)
            if v is None:
                continue
            x = j + (i - (len(modes) - 1) / 2) * width
            ax.bar(x, v.mid, width, color=f"C{i}", label=mode if j == 0 or (mode == modes[-1] and
                   path == stats.SEND) else None, yerr=[[v.mid - v.low], [v.high - v.mid]], capsize=2)
    ax.set_xticks(range(len(paths)), paths, rotation=15)
    ax.set_ylabel("call to doorbell seen, ns, p50")
    ax.set_title("64 B after idling and with evicted caches, software adapter without PCIe")
    ax.legend()
    _save(fig, out, "hot_cold_warm")


def strips(r, out):
    """Every run's ratio of the targets that are ratios of CPU cycles: does it repeat?"""
    cases = [("tx_burst PIO / floor, 64 B", stats.PIO, stats.FLOOR, 64, 1),
             ("rte_pio_send / floor, 64 B", stats.SEND, stats.FLOOR, 64, 1),
             ("rte_pio_send / floor, 256 B", stats.SEND, stats.FLOOR, 256, 1),
             ("tx_burst PIO / floor, burst 32", stats.PIO, stats.FLOOR, 64, 32),
             ("tx_burst PIO / net_sfc simple", stats.PIO, stats.SIMPLE, 64, 1),
             ("ring / net_sfc simple, burst 32", stats.RING, stats.SIMPLE, 64, 32),
             ("template / rte_pio_send, 64 B", stats.TEMPLATE, stats.SEND, 64, 1)]
    fig, ax = plt.subplots()
    names = []
    for name, path, base, n, burst in cases:
        top = r._by_round("cpu", "cycles", dict(path=path, len=n, burst=burst))
        bottom = r._by_round("cpu", "cycles", dict(path=base, len=n, burst=burst))
        keys = sorted(top.keys() & bottom.keys())
        if not keys:
            continue
        y = len(names)
        names.append(name)
        spots = [y + 0.05 * (run % 7 - 3) for run, _ in keys]
        ax.scatter([top[k] / bottom[k] for k in keys], spots, s=7, alpha=0.5,
                   c=[run for run, _ in keys], cmap="viridis")
    if names:
        ax.set_yticks(range(len(names)), names)
        ax.set_xlabel("ratio, one dot a round, one colour a run")
        ax.set_xlim(left=0)
        ax.set_title("Ratios of TSC cycles, round by round")
        _save(fig, out, "ratios")
    plt.close(fig)


def rates(r, out):
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.5))
    for ax, key, series in ((axes[0], "slots", ("slots", "slots, then ring")),
                            (axes[1], "queues", ("queues",))):
        for what in series:
            recs = r.select("rate", what=what)
            xs = sorted({rec[key] for rec in recs})
            path = recs[0]["path"] if recs else ""
            _line(ax, xs, [r.figure("rate", "mpps", what=what, **{key: x}) for x in xs],
                  stats.SEND, label=f"{path} ({what})",
                  linestyle="--" if "then ring" in what else "-")
        ax.set_xscale("log", base=2)
        ax.set_xlabel({"slots": "PIO slots of the queue",
                       "queues": "queues, one thread for all of them"}[key])
        ax.set_ylabel("million frames a second")
        ax.set_ylim(bottom=0)
        ax.legend()
    fig.suptitle("64 B, with events; the model's one thread is the device")
    if r.select("rate"):
        _save(fig, out, "rates")
    plt.close(fig)


def draw(r, out):
    for plot in (percentiles, latency_by_size, cycles_by_size, saving, cold, strips, rates):
        plot(r, out)
