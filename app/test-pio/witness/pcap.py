# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Frames in classic pcap files, as the wire and net_pcap take and leave them."""

import struct
import time


def write_pcap(path, frames):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for data in frames:
            out.write(struct.pack("<IIII", 0, 0, len(data), len(data)) + data)


def read_pcap(path):
    """The frames that are there as a whole: the last one may be on its way still."""
    with open(path, "rb") as file:
        data = file.read()
    frames, at = [], 24
    while at + 16 <= len(data):
        end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        if end > len(data):
            break
        frames.append(data[at + 16:end])
        at = end
    return frames


def wait_pcap(path, count):
    """The frames of a file that is being written, once there are so many; after a minute what is
    there."""
    end = time.monotonic() + 60
    while len(frames := read_pcap(path)) < count and time.monotonic() < end:
        time.sleep(0.02)
    return frames
