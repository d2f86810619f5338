# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Statistics of dpdk-test-pio-perf's records: medians, ratios with their range, percentiles."""

import json
from collections import defaultdict
from dataclasses import dataclass
from statistics import mean, median


def load(path, rejected_too=False):
    """The records of the runs that count, those of the others, and what belongs to no run."""
    records = []
    with open(path) as f:
        for number, line in enumerate(f, 1):
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                raise ValueError(f"{path}:{number}: not a record; was the program stopped?") from None
    verdicts = {r["run"]: r["verdict"] for r in records if r["type"] == "run"}
    return Results(records, verdicts, rejected_too)


@dataclass
class Value:
    """A figure of several runs: the median of the runs' own figures, and their range."""
    mid: float
    low: float
    high: float
    runs: int

    @classmethod
    def of(cls, values):
        values = [v for v in values if v is not None]
        return cls(median(values), min(values), max(values), len(values)) if values else None

    def text(self, form="{:.2f}"):
        mid, low, high = (form.format(v) for v in (self.mid, self.low, self.high))
        return f"{mid} [{low}..{high}]"


def percentile(pairs, share):
    """Of a histogram, [[value, count], ...] in ascending order."""
    total = sum(count for _, count in pairs)
    want = max(1, round(share * total))
    seen = 0
    for value, count in pairs:
        seen += count
        if seen >= want:
            return value
    return None


def merge(histograms):
    counts = defaultdict(int)
    for pairs in histograms:
        for value, count in pairs:
            counts[value] += count
    return sorted(counts.items())


class Results:
    def __init__(self, records, verdicts, rejected_too):
        self.verdicts = verdicts
        self.conditions = next((r for r in records if r["type"] == "conditions"), {})
        self.violations = sum(r["total"] for r in records if r["type"] == "violations")
        self.gates = [r for r in records if r["type"] == "gate"]
        self.all = records
        self.ok = [run for run, verdict in verdicts.items() if rejected_too or verdict == "ok"]
        good = set(self.ok)
        self.records = [r for r in records if r["run"] in good]

    @property
    def ghz(self):
        return self.conditions.get("tsc_ghz", 1.0)

    def select(self, kind, **want):
        return [r for r in self.records if r["type"] == kind
                and all(r.get(key) == value for key, value in want.items())]

    def values(self, kind, key):
        """Every value that a field has, in order of appearance."""
        return list(dict.fromkeys(r[key] for r in self.records if r["type"] == kind and key in r))

    def _by_round(self, kind, field, want):
        return {(r["run"], r.get("round")): r[field] for r in self.select(kind, **want)}

    def figure(self, kind, field, **want):
        """Median over rounds, then over runs."""
        runs = defaultdict(list)
        for (run, _), value in self._by_round(kind, field, want).items():
            runs[run].append(value)
        return Value.of([median(v) for v in runs.values()])

    def ratio(self, kind, field, want, base):
        """Of what was measured in the same round, then medians as above."""
        top, bottom = self._by_round(kind, field, want), self._by_round(kind, field, base)
        runs = defaultdict(list)
        for key in top.keys() & bottom.keys():
            if bottom[key]:
                runs[key[0]].append(top[key] / bottom[key])
        return Value.of([median(v) for v in runs.values()])

    def point(self, kind, hist, share, **want):
        """A percentile of a histogram, in cycles, run by run."""
        return {r["run"]: percentile(r[hist], share) for r in self.select(kind, **want) if r.get(hist)}

    def latency(self, kind, hist, share, **want):
        """The same in nanoseconds as a Value."""
        return Value.of([v / self.ghz for v in self.point(kind, hist, share, **want).values()])

    def latency_ratio(self, kind, hist, share, want, base):
        top, bottom = self.point(kind, hist, share, **want), self.point(kind, hist, share, **base)
        return Value.of([top[run] / bottom[run] for run in top.keys() & bottom.keys() if bottom[run]])

    def spread(self, kind, hist, high, low, **want):
        """One percentile over another of the same run."""
        top, bottom = self.point(kind, hist, high, **want), self.point(kind, hist, low, **want)
        return Value.of([top[run] / bottom[run] for run in top if bottom[run]])

    def samples(self, kind, hist, **want):
        """How many samples the smallest histogram has."""
        return min((sum(count for _, count in rec[hist]) for rec in self.select(kind, **want)
                    if rec.get(hist)), default=0)

    def left_out(self, kind, path):
        """Of the pieces of a path: share left out, the largest in any round, and what they add."""
        recs = [rec for rec in self.select(kind, path=path) if "cut" in rec]
        if not recs:
            return None
        return (mean(rec["cut"] for rec in recs), max(rec["cut"] for rec in recs),
                mean(rec["cycles_all"] / rec["cycles"] - 1 for rec in recs if rec["cycles"]))

    def pooled(self, kind, hist, **want):
        return merge(r[hist] for r in self.select(kind, **want) if r.get(hist))


def worst(values):
    """The largest of several Values by its middle; None when there is none."""
    values = [v for v in values if v is not None]
    return max(values, key=lambda v: v.mid) if values else None


@dataclass
class Target:
    name: str
    limit: float        # to be met
    stretch: float      # to be wished for; None: there is none
    value: Value
    at_least: bool = False
    note: str = ""      # what the figure is of, where that is found out by measuring

    def met(self, limit):
        if limit is None or self.value is None:
            return None
        return self.value.mid >= limit if self.at_least else self.value.mid <= limit

    @property
    def verdict(self):
        if self.value is None:
            return "not measured"
        if not self.met(self.limit):
            return "missed"
        return "met, stretch too" if self.met(self.stretch) else "met"

    @property
    def sign(self):
        return ">=" if self.at_least else "<="


FLOOR, SEND, PIO, RING = "floor", "rte_pio_send", "tx_burst PIO", "tx_burst ring"
NO_PUSH, NOTHING, TAKEN = "ring, not pushed", "nothing", ", completions taken between"
TEMPLATE, UPDATE = "template_send", "template_update_send"
SIMPLE, SFC = "net_sfc ef10_simple", "net_sfc ef10"


def _cpu(r, path, base, length, burst=1):
    return r.ratio("cpu", "cycles", dict(path=path, len=length, burst=burst),
                   dict(path=base, len=length, burst=burst))


def _cpu_best(r, path, bases, burst):
    """Against the best of several, whichever that is in most runs."""
    return worst([_cpu(r, path, base, 64, burst) for base in bases])


def threshold_cases(r):
    """PIO on against ring only: (len, burst, latency ratio, cycles PIO, cycles ring)."""
    out = []
    for length in r.values("threshold", "len"):
        for burst in r.values("threshold", "burst"):
            pio, ring = (dict(path=p, len=length, burst=burst) for p in (PIO, RING))
            ratio = r.latency_ratio("threshold", "done", 0.5, pio, ring)
            if ratio is not None:
                out.append((length, burst, ratio,
                            r.latency("threshold", "call", 0.5, **pio),
                            r.latency("threshold", "call", 0.5, **ring)))
    return out


def _recovered(r, path):
    """How much of what a cold cache costs a warm call saves: medians of all runs."""
    hot, cold, warm = (r.point("cold", "seen", 0.5, path=path, mode=m)
                       for m in ("hot", "cold", "cold + warm"))
    return Value.of([(cold[run] - warm[run]) / (cold[run] - hot[run])
                     for run in hot.keys() & cold.keys() & warm.keys() if cold[run] > hot[run]])


def _alone(r, what, burst):
    """The port's burst function against the ring's own."""
    want = dict(what=what, burst=burst)
    return r.ratio("alone", "cycles", dict(path="driver", **want), dict(path="ring's function", **want))


def _threshold_worst(r):
    """The case in which PIO on loses most, as a target."""
    cases = threshold_cases(r)
    length, burst, value = max(((c[0], c[1], c[2]) for c in cases), key=lambda c: c[2].mid,
                               default=(0, 0, None))
    return Target("payload in device, PIO on over ring only, default threshold, worst case, modelled",
                  1.03, None, value, note=f"{length} B, burst {burst}" if value else "")


def targets(r):
    """The targets of the project, in the order of the guide."""
    gen3 = dict(model="Gen3 x8", len=64)

    def done(kind, path, base, **want):
        return r.latency_ratio(kind, "done", 0.5, dict(path=path, **want), dict(path=base, **want))

    def tail(share, path):
        return r.spread("tail", "call", share, 0.5, path=path)

    out = [
        Target("tx_burst by PIO, 64 B, burst 1, over floor", 2.5, 2.0, _cpu(r, PIO, FLOOR, 64)),
        Target("the same over net_sfc ef10_simple", 0.7, None, _cpu(r, PIO, SIMPLE, 64)),
        Target("rte_pio_send, 64 B, over floor", 2.0, 1.6, _cpu(r, SEND, FLOOR, 64)),
        Target("rte_pio_send, 256 B, over floor", 2.0, 1.5, _cpu(r, SEND, FLOOR, 256)),
        Target("rte_pio_send, 1024 B, over floor", 1.5, 1.2, _cpu(r, SEND, FLOOR, 1024)),
        Target("tx_burst by PIO, 64 B, burst 32, over floor", 1.8, 1.5, _cpu(r, PIO, FLOOR, 64, 32)),
        Target("the same over net_sfc ef10_simple", 1.0, None, _cpu(r, PIO, SIMPLE, 64, 32)),
        Target("ring, burst 32, over the better datapath of net_sfc", 0.85, 0.7,
               _cpu_best(r, RING, (SIMPLE, SFC), 32)),
        Target("ring, burst 1, over the better datapath of net_sfc", 0.85, 0.7,
               _cpu_best(r, RING, (SIMPLE, SFC), 1)),
        Target("receive, burst 32, 64 B, over net_sfc ef10", 0.85, 0.7,
               r.ratio("rx", "cycles", dict(path="piopmd", len=64), dict(path=SFC, len=64))),
        Target("template_send over full copy, 64 B", 0.75, 0.6, _cpu(r, TEMPLATE, SEND, 64)),
        Target("template_send over full copy, 1514 B", 0.3, 0.25, _cpu(r, TEMPLATE, SEND, 1514)),
        Target("payload in device, rte_pio_send over floor, 64 B, no PCIe", 1.05, 1.02,
               done("latency", SEND, FLOOR, len=64)),
        Target("payload in device, rte_pio_send over floor, 256 B, no PCIe", 1.05, 1.02,
               done("latency", SEND, FLOOR, len=256)),
        Target("payload in device, PIO over own pushed ring, 64 B, no PCIe", 1.05, None,
               done("latency", SEND, RING, len=64)),
        Target("payload in device, PIO over own pushed ring, 64 B, modelled Gen3 x8", 0.5, 0.48,
               done("modelled", SEND, RING, **gen3)),
        Target("the same over the ring of net_sfc ef10_simple", 0.52, None,
               done("modelled", SEND, SIMPLE, **gen3)),
        Target("the same over a ring that does not push", 0.33, None,
               done("modelled", SEND, NO_PUSH, **gen3)),
        Target("doorbell seen, cold over hot, rte_pio_send 64 B", 2.6, None,
               r.latency_ratio("cold", "seen", 0.5, dict(path=SEND, mode="cold"),
                               dict(path=SEND, mode="hot"))),
        Target("doorbell seen, cold and warmed over hot", 1.6, 1.4,
               r.latency_ratio("cold", "seen", 0.5, dict(path=SEND, mode="cold + warm"),
                               dict(path=SEND, mode="hot"))),
        Target("share of the cold cost that warming saves", 0.6, None, _recovered(r, SEND), True),
        Target("doorbell seen, p99, cold over cold and warmed", 2.0, None,
               r.latency_ratio("cold", "seen", 0.99, dict(path=SEND, mode="cold"),
                               dict(path=SEND, mode="cold + warm")), True),
        Target("call, 64 B hot, p99 over p50, looks for completions included", 2.0, None,
               tail(0.99, SEND)),
        Target("call, 64 B hot, p99.9 over p50, looks for completions included", 6.0, None,
               tail(0.999, SEND)),
        Target("call, 64 B hot, p99 over p50, completions taken between sends", 2.0, None,
               tail(0.99, SEND + TAKEN)),
        Target("call, 64 B hot, p99.9 over p50, completions taken between sends", 6.0, None,
               tail(0.999, SEND + TAKEN)),
    ]
    one = dict(what="one queue", burst=1)
    rate = ("rate", "mpps", dict(path="rte_pio_send, PIO only", **one))
    out += [
        Target("frames a second, one queue with events, over floor", 0.9, 1.0,
               r.ratio(*rate, dict(path=FLOOR, **one)), True),
        Target("the same over net_sfc ef10_simple", 1.2, None,
               r.ratio(*rate, dict(path=SIMPLE, **one)), True),
        Target("frames a second, 16 queues over 1, one thread", 0.65, None,
               r.ratio("rate", "mpps", dict(what="queues", queues=16),
                       dict(what="queues", queues=1)), True),
        Target("doorbell seen, 16 queues over 1", 1.1, None,
               r.latency_ratio("queues", "seen", 0.5, dict(queues=16), dict(queues=1))),
        Target("queue without PIO, port without any, over the ring's function, burst 1", 1.01, 1.0,
               _alone(r, "no PIO queue on the port", 1)),
        Target("the same, burst 32", 1.01, 1.0, _alone(r, "no PIO queue on the port", 32)),
        Target("queue without PIO, beside PIO queues, over the ring's function, burst 1", 1.01, 1.0,
               _alone(r, "beside a PIO queue", 1)),
        Target("the same, burst 32", 1.01, 1.0, _alone(r, "beside a PIO queue", 32)),
        _threshold_worst(r),
    ]
    return out


def _validation(r):
    """
    The sweep: how much later payload and event come with a read time than without one. A ring
    frame waits for one read (its descriptor was pushed), a PIO frame for none.
    """
    recs = r.select("modelled", model="sweep")
    out = []
    for path in dict.fromkeys(rec["path"] for rec in recs):
        for length in dict.fromkeys(rec["len"] for rec in recs):
            def at(hist, read):
                value = r.latency("modelled", hist, 0.5, model="sweep", path=path, len=length,
                                  read_ns=read)
                return value.mid if value is not None else None

            if at("done", 0) is None or at("event", 0) is None:
                continue
            for read in dict.fromkeys(rec["read_ns"] for rec in recs):
                if read == 0 or at("done", read) is None:
                    continue
                out.append(dict(path=path, len=length, read_ns=read,
                                expected=0 if path == SEND else read,
                                done=at("done", read) - at("done", 0),
                                event=at("event", read) - at("event", 0)))
    return out


Results.validation = _validation
