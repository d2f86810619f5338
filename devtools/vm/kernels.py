# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The piopmd developers
"""Debian kernels for the VM test: found in the archive, unpacked into a cache, never installed."""

import fcntl
import gzip
import lzma
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# Series -> meta package, and the suite of Debian 12 that has it: no further apt source is needed.
SERIES = {"6.12": "linux-image-6.12-amd64", "6.1": "linux-image-amd64"}
SUITE = {"6.12": "bookworm-security", "6.1": "bookworm"}

# What the guest loads. Everything these need is found with depmod, because the split into
# modules differs between the series (vfio_virqfd and virtio_pci are built in on 6.12).
# pci-pf-stub: a driver for any physical function, which allows virtual ones.
WANTED = ["vfio_iommu_type1", "vfio-pci", "virtio_pci", "9pnet_virtio", "9p", "pci-pf-stub"]

# Module parameters. Without interrupt remapping (the proxy cannot have it, see doc/guides/tools/
# vm_test.rst) type1 refuses a container unless it is told that this is meant.
PARAMS = {"vfio_iommu_type1": "allow_unsafe_interrupts=1"}

UNPACK = ["./boot/vmlinuz-*", "./boot/config-*", "./lib/modules/*/modules.*",
          "./lib/modules/*/kernel/drivers/vfio/*", "./lib/modules/*/kernel/drivers/virtio/*",
          "./lib/modules/*/kernel/virt/*", "./lib/modules/*/kernel/net/9p/*",
          "./lib/modules/*/kernel/fs/9p/*", "./lib/modules/*/kernel/fs/netfs/*",
          "./lib/modules/*/kernel/fs/*cache*/*", "./lib/modules/*/kernel/drivers/pci/*"]
# Counts changes of this list: what is in the cache with another number is fetched again.
LAYOUT = 2

DOWNLOAD_DEADLINE_S = 300
UNPACK_DEADLINE_S = 120


class KernelError(Exception):
    """No kernel of that series can be had; the text says why and what to do."""


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "piopmd" / "vm"


def _run(argv, timeout, **kwargs):
    # depmod is in a folder that a plain user's PATH lacks
    kwargs.setdefault("env", dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin"))
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, **kwargs).stdout


def package_of_the_day(series):
    """The versioned package the meta package depends on today, and its version."""
    meta = SERIES[series]
    try:
        shown = _run(["apt-cache", "show", "--no-all-versions", meta], 60)
    except (subprocess.CalledProcessError, FileNotFoundError) as err:
        raise KernelError(f"apt does not know {meta}: is the suite {SUITE[series]} among its "
                          "sources? Then run 'apt-get update'") from err
    found = re.search(r"^Depends: .*?(linux-image-" + re.escape(series) + r"\.\S*amd64)", shown,
                      re.MULTILINE)
    if found is None:
        raise KernelError(f"{meta} does not name a {series} kernel: not a Debian 12 archive?")
    version = re.search(r"^Version: (\S+)", shown, re.MULTILINE)
    return found.group(1), version.group(1)


def _unpack(package, into):
    """Download PACKAGE to a scratch folder and unpack the parts the guest needs."""
    with tempfile.TemporaryDirectory(dir=into.parent) as scratch:
        try:
            # apt drops to _apt, which cannot write below a private cache: stay who we are
            _run(["apt-get", "download", "-o", "APT::Sandbox::User=root", package],
                 DOWNLOAD_DEADLINE_S, cwd=scratch)
        except subprocess.CalledProcessError as err:
            raise KernelError(f"download of {package} failed: {err.stderr.strip()}") from err
        deb = next(Path(scratch).glob("*.deb"))
        into.mkdir()
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                              stdout=subprocess.PIPE) as source:
            # tar complains about patterns without a match (no fscache on 6.12): checked below
            subprocess.run(["tar", "-x", "-C", into, "--wildcards", *UNPACK],
                           stdin=source.stdout, stderr=subprocess.DEVNULL, check=False,
                           timeout=UNPACK_DEADLINE_S)
    release = package.removeprefix("linux-image-")
    if not (into / "boot" / f"vmlinuz-{release}").is_file():
        raise KernelError(f"{package} holds no vmlinuz-{release}")
    for module in (into / "lib/modules").rglob("*.ko.xz"):
        module.with_suffix("").write_bytes(lzma.decompress(module.read_bytes()))
        module.unlink()
    _run(["depmod", "-b", into, release], UNPACK_DEADLINE_S)


class Kernel:
    """One unpacked kernel."""

    def __init__(self, series, root, release):
        self.series = series
        self.release = release
        self.vmlinuz = root / "boot" / f"vmlinuz-{release}"
        self._modules = root / "lib/modules" / release

    def load_order(self):
        """Paths of WANTED and all they depend on, dependencies first."""
        depends = {}
        for line in (self._modules / "modules.dep").read_text().splitlines():
            path, _, rest = line.partition(":")
            depends[path] = rest.split()
        by_name = {Path(p).stem.replace("-", "_"): p for p in depends}
        builtin = {Path(p).stem.replace("-", "_")
                   for p in (self._modules / "modules.builtin").read_text().split()}
        order = []

        def add(path):
            for needed in reversed(depends[path]):
                add(needed)
            if path not in order:
                order.append(path)

        for name in WANTED:
            key = name.replace("-", "_")
            if key in by_name:
                add(by_name[key])
            elif key not in builtin:
                raise KernelError(f"kernel {self.release} has no module {name}")
        return [self._modules / path for path in order]


def _fetch(series, top):
    """The folder of today's kernel in the cache, filled when it is not there."""
    package, version = package_of_the_day(series)
    release = package.removeprefix("linux-image-")
    root = top / f"{series}_{release}_{version}_{LAYOUT}"
    if not root.is_dir():
        partial = top / f".partial-{series}"
        shutil.rmtree(partial, ignore_errors=True)
        _unpack(package, partial)
        for stale in top.glob(f"{series}_*"):
            shutil.rmtree(stale)
        partial.rename(root)
    return root


def get(series):
    """The kernel of SERIES: from the cache when today's is there, from the archive otherwise. apt's
    lists may be old or absent: they are brought up to date then, once. With no archive to be
    reached, the kernel that is in the cache has to do."""
    top = cache_dir()
    top.mkdir(parents=True, exist_ok=True)
    with open(top / f".lock-{series}", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            root = _fetch(series, top)
        except KernelError:
            try:
                if os.geteuid() == 0:
                    subprocess.run(["apt-get", "update"], check=False, stdin=subprocess.DEVNULL,
                                   capture_output=True, timeout=DOWNLOAD_DEADLINE_S)
                root = _fetch(series, top)
            except KernelError as err:
                root = next(top.glob(f"{series}_*_{LAYOUT}"), None)
                if root is None:
                    raise
                print(f"# {err}; using {root.name}", flush=True)
    return Kernel(series, root, root.name.split("_")[1])


def _cpio_entry(out, name, mode, data=b""):
    """One member of a 'newc' archive, the form the kernel unpacks (initramfs buffer format)."""
    encoded = name.encode() + b"\0"
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0]
    out.write(b"070701" + b"".join(b"%08X" % f for f in fields) + encoded)
    out.write(b"\0" * (-(110 + len(encoded)) % 4))
    out.write(data + b"\0" * (-len(data) % 4))


def build_initramfs(kernel, init_script, target):
    """busybox, the modules in load order, and the init script."""
    busybox = shutil.which("busybox")
    if busybox is None:
        raise KernelError("busybox is missing: apt-get install busybox-static")
    listing = []
    with gzip.open(target, "wb", compresslevel=1) as out:
        for folder in ("bin", "dev", "proc", "sys", "r", "mod"):
            _cpio_entry(out, folder, 0o040755)
        _cpio_entry(out, "bin/busybox", 0o100755, Path(busybox).read_bytes())
        _cpio_entry(out, "init", 0o100755, Path(init_script).read_bytes())
        for path in kernel.load_order():
            _cpio_entry(out, f"mod/{path.name}", 0o100644, path.read_bytes())
            param = PARAMS.get(path.stem.replace("-", "_"), "")
            listing.append(f"{path.name} {param}".rstrip())
        _cpio_entry(out, "mod/order", 0o100644, ("\n".join(listing) + "\n").encode())
        _cpio_entry(out, "TRAILER!!!", 0)
