#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Count test cases in a log of `meson test` and print "N passed, N failed, N skipped".

The names of those that failed come first, with what a GoogleTest case said of it.

usage: count-results.py TESTLOG.json

A GoogleTest program counts with each of its cases, a script that prints TAP with each of its
points, any other script once. Exit code 0 when something passed and nothing failed.
"""

import json
import re
import sys

SAID_LINES = 20

GTEST_START = re.compile(r"^\[==========\] Running \d+ tests? from ", re.M)
GTEST_RUN = re.compile(r"\[ RUN      \] \S+$", re.M)
# the list of failed tests at the end has the same marks, but no time; the time and a test's
# parameter are the only things that follow a name
GTEST_END = re.compile(r"\[(       OK |  FAILED  |  SKIPPED )\] \S+.* \(\d+ ms\)$", re.M)
# a failed case as a whole: name, what it printed
GTEST_FAILED = re.compile(r"^\[ RUN      \] (\S+)\n((?:(?!\[ RUN ).*\n)*?)\[  FAILED  \] ", re.M)
TAP_PLAN = re.compile(r"^1\.\.\d+", re.M)
TAP_POINT = re.compile(r"^(not ok|ok)\b([^\n]*)", re.M)


def cases(test):
    """Yield "passed", "failed" or "skipped" for each case of one meson test."""
    out = test.get("stdout") or ""
    if GTEST_START.search(out):
        ends = [m.group(1).strip() for m in GTEST_END.finditer(out)]
        for end in ends:
            yield {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}[end]
        # a case that was begun and never ended took the program with it
        for _ in range(len(GTEST_RUN.findall(out)) - len(ends)):
            yield "failed"
        # a filter that no case has the name of (any more) tests nothing
        if not GTEST_RUN.search(out):
            yield "failed"
    elif TAP_PLAN.search(out):
        for verdict, rest in TAP_POINT.findall(out):
            if "# skip" in rest.lower():
                yield "skipped"
            else:
                yield "passed" if verdict == "ok" else "failed"


def report(test):
    """Print what is known of a run that failed."""
    print(f"failed: {test['name']}, {test['result']}")
    for name, said in GTEST_FAILED.findall(test.get("stdout") or ""):
        print(f"  {name}")
        print("".join(f"    {line}\n" for line in said.splitlines()[:SAID_LINES]), end="")


def count(log):
    """Sum up a log: one JSON object a line."""
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for line in log:
        test = json.loads(line)
        found = list(cases(test))
        result = test["result"]
        if result in ("OK", "EXPECTEDFAIL"):
            found = found or ["passed"]
        elif result == "SKIP":
            found = found or ["skipped"]
        elif "failed" not in found:
            # the program failed as a whole: crash at exit, timeout, leak report, ...
            found.append("failed")
        if "failed" in found:
            report(test)
        for case in found:
            total[case] += 1
    return total


def main():
    """Print the line; a missing log means that no test has run."""
    try:
        with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
            total = count(log)
    except FileNotFoundError:
        total = {"passed": 0, "failed": 0, "skipped": 0}
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 0 if total["passed"] > 0 and total["failed"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
