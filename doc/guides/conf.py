# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Configuration of Sphinx; devtools/build-doc.sh runs it, with warnings as errors."""

import pathlib
import re

top = pathlib.Path(__file__).resolve().parents[2]

project = "piopmd"
copyright = "2026, The piopmd developers"
version = re.search(r"version: '([^']*)'", (top / "meson.build").read_text()).group(1)
release = version

html_theme = "alabaster"
html_theme_options = {"description": "Programmed I/O transmit for DPDK", "page_width": "62em"}
html_show_sourcelink = False
html_copy_source = False
# "--" is an option of a command as often as it is a dash
smartquotes = False
highlight_language = "none"
