"""Debian packages behind shared libraries that a run has loaded from the system.

Wheels bring most of what they need, but not all: ``lightgbm`` takes ``libgomp.so.1`` of the
system, ``opencv`` ``libGL.so.1``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import PurePosixPath

#: What a user's file may be called, the names that loaders ask for are not: they become arguments.
_SONAME = re.compile(r"(lib[\w.+-]+?\.so(?:\.\d+)?)(?:\.[\d.]+)?", re.ASCII)
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
#: In every image that has Python, or given by the engine with the machine's GPUs.
_EVERYWHERE = re.compile(
    r"(ld-|linux-vdso|lib(c|m|dl|rt|util|pthread|resolv|nsl|anl|mvec|gcc_s|stdc\+\+|z|bz2|lzma|ffi"
    r"|ssl|crypto|sqlite3|uuid|expat|readline|ncursesw?|tinfow?|panelw?|crypt|db-[\d.]+|gdbm\w*"
    r"|nss_\w+|tirpc|python[\d.]+|cuda|nvidia[\w-]*)[-.])"
)
#: Where this machine can't say what brings a library.
_KNOWN = {
    "libgomp.so.1": "libgomp1",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libgfortran.so.5": "libgfortran5",
    "libquadmath.so.0": "libquadmath0",
    "libopenblas.so.0": "libopenblas0",
    "liblapack.so.3": "liblapack3",
    "libpq.so.5": "libpq5",
    "libodbc.so.2": "unixodbc",
    "libmagic.so.1": "libmagic1",
    "libsndfile.so.1": "libsndfile1",
    "libportaudio.so.2": "libportaudio2",
    "libxml2.so.2": "libxml2",
    "libxslt.so.1": "libxslt1.1",
    "libcairo.so.2": "libcairo2",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libmariadb.so.3": "libmariadb3",
    "libgraphviz.so": "graphviz",
    "libtbb.so.12": "libtbb12",
    "libnuma.so.1": "libnuma1",
}


def packages(libraries: Iterable[str]) -> dict[str, str]:
    """Return the Debian package of each library by the name that loaders ask for.

    An empty text stands for a library of which nobody knows what brings it.

    Args:
        libraries: paths on this machine. Those that are everywhere are left out.
    """
    wanted: dict[str, str] = {}
    for path in libraries:
        name = PurePosixPath(path).name
        match = _SONAME.fullmatch(name)
        if match is not None and not _EVERYWHERE.match(name):
            wanted[match[1]] = path
    if not wanted:
        return {}
    owners = _owners(wanted.values())
    return {name: owners.get(path) or _KNOWN.get(name, "") for name, path in wanted.items()}


def _owners(paths: Iterable[str]) -> dict[str, str]:
    """Return what this machine's package manager says, where that is Debian's."""
    if shutil.which("dpkg") is None:
        return {}
    asked = {}
    for path in paths:
        asked[path] = path
        asked[path.removeprefix("/usr")] = path  # as it was known before /lib led to /usr/lib
    done = subprocess.run(
        ["dpkg", "-S", *asked], capture_output=True, text=True, check=False, timeout=30
    )
    found = {}
    for line in done.stdout.splitlines():
        owner, _, path = line.partition(": ")
        if path in asked:
            package = owner.partition(",")[0].partition(":")[0]
            if _PACKAGE.fullmatch(package):  # else a diversion, in words
                found[asked[path]] = package
    return found
