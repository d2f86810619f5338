# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Frames for the wire: classic pcap files, written and compared."""

import random
import struct

# MAC addresses of the software VFs end in their number. Frames go to them: the driver's first
# filter lets them in.
VF_MAC = "0250494f00{:02x}"
ETHERNET = 1
MAGIC_US, MAGIC_NS = 0xA1B2C3D4, 0xA1B23C4D


def make(count, seed, vf, longest=1514):
    """UDP-like frames of 60 bytes and more, half of them small; the payload tells them apart."""
    rng = random.Random(f"{seed} {vf}")
    frames = []
    for i in range(count):
        length = rng.randint(60, min(256, longest)) if i % 2 else rng.randint(60, longest)
        head = bytes.fromhex(VF_MAC.format(vf) + "02aabbccdd01" + "0800")
        frames.append(head + struct.pack(">I", i) + rng.randbytes(length - len(head) - 4))
    return frames


def write(path, frames):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", MAGIC_US, 2, 4, 0, 0, 65535, ETHERNET))
        for i, frame in enumerate(frames):
            out.write(struct.pack("<IIII", i // 1000, i % 1000, len(frame), len(frame)) + frame)


def read(path):
    data = path.read_bytes()
    if len(data) < 24 or struct.unpack_from("<I", data)[0] not in (MAGIC_US, MAGIC_NS):
        raise ValueError(f"{path} is not a pcap file of this machine's byte order")
    frames, at = [], 24
    while at < len(data):
        _, _, kept, _ = struct.unpack_from("<IIII", data, at)
        frames.append(data[at + 16:at + 16 + kept])
        at += 16 + kept
    return frames


def difference(sent, received):
    """'' when equal in content and order, else the first difference in words."""
    for i, (a, b) in enumerate(zip(sent, received)):
        if a != b:
            at = next((k for k, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            return f"frame {i}: {len(a)} bytes became {len(b)}, first difference at {at}"
    if len(sent) != len(received):
        return f"{len(sent)} frames became {len(received)}"
    return ""
