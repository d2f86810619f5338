#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""What the manual prints as C compiles: the @code blocks of rte_pio.h and the C blocks of the
programmer's guide, each in a function of its own, without a warning.

usage: test_doc_code.py
"""

import pathlib
import re
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
HEADER = TOP / "lib/pio_ext/rte_pio.h"
GUIDE = TOP / "doc/guides/prog_guide/pio_ext.rst"

# what the examples take for granted
PROLOGUE = """
#include <stdio.h>
#include <stdlib.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_pio.h>
void example_%d(uint16_t port, const void *frame, struct rte_mempool *pool, uint32_t price);
void example_%d(uint16_t port, const void *frame, struct rte_mempool *pool, uint32_t price)
{
(void)port; (void)frame; (void)pool; (void)price;
"""


def blocks():
    """Yield (file, line number, text) of each block of C."""
    lines = HEADER.read_text().splitlines()
    begin = None
    for number, line in enumerate(lines, 1):
        if line.strip() == "* @code":
            begin = number
        elif line.strip() == "* @endcode":
            yield HEADER, begin + 1, "\n".join(
                text.removeprefix(" *") for text in lines[begin:number - 1])
    text = GUIDE.read_text()
    for match in re.finditer(r"^\.\. code-block:: c\n\n((?:   .*\n|\n)+)", text, re.M):
        yield GUIDE, text.count("\n", 0, match.start(1)) + 1, match.group(1)


def main():
    flags = subprocess.run(["pkg-config", "--cflags", "libdpdk"], check=True,
                           capture_output=True, text=True).stdout.split()
    flags = [flag.replace("-I", "-isystem", 1) if flag.startswith("-I") else flag for flag in flags]
    source = ""
    count = 0
    for path, line, text in blocks():
        source += PROLOGUE % (count, count)
        source += f'#line {line} "{path.relative_to(TOP)}"\n{text}\n}}\n'
        count += 1
    if count < 4:
        sys.exit(f"only {count} blocks of C found: has their form changed?")
    with tempfile.NamedTemporaryFile("w", suffix=".c") as stream:
        stream.write(source)
        stream.flush()
        # an example may leave a result unused
        result = subprocess.run(
            ["gcc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-but-set-variable",
             "-DALLOW_EXPERIMENTAL_API", *flags, f"-I{TOP / 'lib/pio_ext'}", "-c", "-o", "/dev/null",
             stream.name], check=False)
    if result.returncode != 0:
        sys.exit("an example does not compile")
    print(f"{count} examples compile")


if __name__ == "__main__":
    main()
