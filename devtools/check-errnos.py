#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Every errno that the headers of rte_pio name for a call has a test.

The pairs of function and errno are read from the comments above the declarations, "as
rte_pio_x()" included. Tested is what a test expects of a call, EXPECT_EQ(rte_pio_x(...), -EYYY),
or what a comment of a test says about a call that is made in another way:

    errno: rte_pio_x EYYY EZZZ, rte_pio_y EYYY

usage: check-errnos.py [-l]     -l lists the pairs, with the files that test them
"""

import collections
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
HEADERS = ["lib/pio_ext/rte_pio.h", "lib/pio_ext/rte_pio_driver.h", "lib/pio_ext/rte_pio_store.h"]
TESTS = ["app/test-pio/api", "app/test-pio/secondary", "app/test-pio/unit", "app/test-pio/dev"]

COMMENTED = re.compile(r"/\*\*((?:[^*]|\*(?!/))*)\*/\s*(?:__rte_experimental\s+)?"
                       r"(?:static (?:inline|__rte_always_inline) )?"
                       r"(?!void)[\w ]+?\s(rte_pio_\w+)\(")
ERRNO = re.compile(r"-(E[A-Z0-9]{2,})\b")
REFERENCE = re.compile(r"\b(?:[Aa]s|errno that)\s+(rte_pio_\w+)\(\)")
MARKER = re.compile(r"errno: (rte_pio_\w+(?: E[A-Z0-9]+)+(?:, rte_pio_\w+(?: E[A-Z0-9]+)+)*)")
# What the fixtures and the programs of the tests call the calls
ALIASES = {"Send": "rte_pio_send", "OptIn": "rte_pio_queue_setup",
           "fake_driver_register": "rte_pio_driver_register",
           "fake_driver_bind_again": "rte_pio_driver_queue_bind",
           "Create": "rte_pio_driver_template_create"}
CALL = re.compile(r"(?:EXPECT|ASSERT)(?:_EQ)?\(\s*(" + "|".join(ALIASES) + r"|rte_pio_\w+)\b")


def documented(text):
    """{function: errnos} of a header."""
    own, refers = collections.defaultdict(set), collections.defaultdict(set)
    for comment, function in COMMENTED.findall(text):
        comment = re.sub(r"\s*\n\s*\*\s*", " ", comment)
        # what it returns, not what it does besides
        returns = re.split(r"@return|\b(?=Errors as|Otherwise as)", comment, maxsplit=1)[-1]
        own[function].update(ERRNO.findall(returns))
        refers[function].update(REFERENCE.findall(returns))
    return own, refers


def resolve(own, refers):
    for _ in refers:
        for function, others in refers.items():
            for other in others:
                own[function] |= own.get(other, set())
    return own


def arguments_end(text, start):
    """Index behind the bracket that closes the one at start."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return len(text)


def tested(text):
    """Pairs that a test expects, or has a marker for."""
    pairs = set()
    for found in CALL.finditer(text):
        end = found.end()
        if text[end:end + 1] == "(":
            end = arguments_end(text, end)
        expected = re.match(r"\s*,\s*-(E[A-Z0-9]+)\b", text[end:end + 40])
        if expected:
            name = found.group(1)
            pairs.add((ALIASES.get(name, name), expected.group(1)))
    for marker in MARKER.findall(text):
        for entry in marker.split(", "):
            function, *errnos = entry.split()
            pairs.update((function, errno) for errno in errnos)
    return pairs


def main():
    own, refers = collections.defaultdict(set), collections.defaultdict(set)
    for header in HEADERS:
        for into, of in zip((own, refers), documented((TOP / header).read_text())):
            for function, values in of.items():
                into[function] |= values
    wanted = {(f, e) for f, errnos in resolve(own, refers).items() for e in errnos}
    where = collections.defaultdict(list)
    for directory in TESTS:
        for path in sorted((TOP / directory).iterdir()):
            if path.suffix in (".c", ".cc", ".py"):
                for pair in tested(path.read_text()):
                    where[pair].append(path.name)
    if "-l" in sys.argv[1:]:
        for pair in sorted(wanted):
            print(f"{pair[0]:36} {pair[1]:10} {' '.join(where[pair])}")
    missing = sorted(pair for pair in wanted if not where[pair])
    for function, errno in missing:
        print(f"check-errnos: no test expects -{errno} of {function}()")
    unknown = sorted(pair for pair in where if pair[0] in own and pair not in wanted and where[pair])
    for function, errno in unknown:
        print(f"check-errnos: the comment of {function}() does not name -{errno}, which "
              f"{' '.join(where[(function, errno)])} expects")
    if missing or unknown or len(wanted) < 100:
        print(f"check-errnos: {len(missing)} of {len(wanted)} pairs without test")
        return 1
    print(f"check-errnos: {len(wanted)} pairs of function and errno, each has a test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
