"""The directory where kernels leave manifests until a server takes them into the catalog."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import files
from ..ids import new_id
from ..namespace.manifest import Manifest
from ..namespace.records import NewerFormat, encode
from .blobs import is_hash

_log = logging.getLogger(__name__)

_MANIFEST = re.compile(r"(?!agent\.|error\.)[A-Za-z0-9_]{1,32}\.json")
_HASHES = re.compile(rb'"([0-9a-f]{64})"')
#: Bytes; a manifest is never near it, so what is larger is not one.
_LARGEST = 256 * 1024**2
#: Seconds after which a directory without a living agent is no kernel that is just starting.
_STARTING = 60.0
_REJECTED_KEPT = 100


class Rejected(Exception):
    """A file in the spool is not a manifest; the message says why."""


class Newer(Rejected):
    """A newer version's kernel left the manifest; only that version can take it in."""


@dataclass(frozen=True)
class AgentInfo:
    """What an agent announced when it was loaded: ``agent.json``."""

    pid: int
    python: str
    ipykernel: str
    started_at: float


@dataclass(frozen=True)
class AgentFailure:
    """The last checkpoint an agent could not write: ``error.json``."""

    message: str
    at: float


class Spool:
    """``root/KERNEL_ID/…``. Its methods block: call in a thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.rejected = root / "rejected"

    def kernel_ids(self) -> list[str]:
        """Return the kernels that have a directory here, of all servers, living or not."""
        return [
            entry.name
            for entry in _scan(self.root)
            if entry.is_dir(follow_symlinks=False) and entry.name != self.rejected.name
        ]

    def pending(self, kernel_id: str) -> list[Path]:
        """Return a kernel's manifests, oldest first."""
        found = []
        for entry in _scan(self.root / kernel_id):
            if _MANIFEST.fullmatch(entry.name):
                with contextlib.suppress(FileNotFoundError):
                    found.append((entry.stat(follow_symlinks=False).st_mtime_ns, entry.path))
        return [Path(path) for _, path in sorted(found)]

    def read(self, path: Path) -> Manifest:
        """Read and check one manifest.

        Raises:
            Newer: a newer version has written it.
            Rejected: it is not one.
            FileNotFoundError: another server took it meanwhile.
        """
        if path.is_symlink() or not path.is_file():
            path.lstat()
            raise Rejected("not a regular file")
        if path.stat().st_size > _LARGEST:
            raise Rejected("far too large")
        try:
            manifest = Manifest.read(_decode(path.read_bytes()))
        except NewerFormat as error:
            raise Newer(str(error)) from None
        except (ValueError, RecursionError) as error:
            raise Rejected(str(error) or type(error).__name__) from None
        if (manifest.id, manifest.kernel_id) != (path.stem, path.parent.name):
            raise Rejected(f"it is checkpoint {manifest.id} of kernel {manifest.kernel_id}")
        if bad := [name for name in manifest.blobs() if not is_hash(name)]:
            raise Rejected(f"{bad[0]!r} is not the SHA-256 of a blob")
        return manifest

    def reject(self, path: Path, reason: str) -> None:
        """Move a file that is not a manifest out of the way, and say so in the log."""
        self.rejected.mkdir(mode=0o700, exist_ok=True)
        target = self.rejected / f"{path.parent.name}-{path.name}"
        with contextlib.suppress(FileNotFoundError):
            path.replace(target)
            _log.warning("Set aside a bad checkpoint manifest as %s: %s", target, reason)
        aged = sorted(self.rejected.iterdir(), key=lambda file: file.lstat().st_mtime)
        for old in aged[:-_REJECTED_KEPT]:
            with contextlib.suppress(OSError):
                old.unlink()

    def agent(self, kernel_id: str) -> AgentInfo | None:
        """Return what the kernel's agent announced, or None when it has not."""
        data = _lenient(self.root / kernel_id / "agent.json")
        try:
            return AgentInfo(
                int(data["pid"]),
                str(data["python"]),
                str(data.get("ipykernel", "")),
                float(data["started_at"]),
            )
        except (KeyError, TypeError, ValueError):
            return None

    def forget_agent(self, kernel_id: str) -> None:
        """Take back the announcement of a process that is gone."""
        (self.root / kernel_id / "agent.json").unlink(missing_ok=True)

    def failure(self, kernel_id: str) -> AgentFailure | None:
        """Return the failure that the kernel's agent left, if any."""
        data = _lenient(self.root / kernel_id / "error.json")
        try:
            return AgentFailure(str(data["message"]), float(data["at"]))
        except (KeyError, TypeError, ValueError):
            return None

    def clear_failure(self, kernel_id: str) -> None:
        """Forget the failure that the kernel's agent left."""
        (self.root / kernel_id / "error.json").unlink(missing_ok=True)

    def abandoned(self, kernel_id: str) -> bool:
        """Tell whether no process is left that would write to the kernel's directory."""
        agent = self.agent(kernel_id)
        if agent is not None:
            return not _runs(agent.pid, agent.started_at)
        try:
            return time.time() - (self.root / kernel_id).stat().st_mtime > _STARTING
        except FileNotFoundError:
            return False

    def living(self) -> set[str]:
        """Return the kernels that run and have an agent, whoever started them."""
        return {
            kernel_id
            for kernel_id in self.kernel_ids()
            if (agent := self.agent(kernel_id)) and _runs(agent.pid, agent.started_at)
        }

    def remove(self, kernel_id: str) -> None:
        """Remove an abandoned kernel's directory, unless it still holds manifests."""
        # Its server may be starting it again at this moment: what that writes stays, and with it
        # the directory.
        if not self.abandoned(kernel_id):
            return
        directory = self.root / kernel_id
        for entry in _scan(directory):
            if not _MANIFEST.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()
        with contextlib.suppress(OSError):
            directory.rmdir()

    def references(self) -> set[str]:
        """Return every blob that some file here may refer to."""
        found: set[str] = set()
        for kernel_id in self.kernel_ids():
            for entry in _scan(self.root / kernel_id):
                with contextlib.suppress(OSError):
                    if entry.is_file(follow_symlinks=False):
                        data = Path(entry.path).read_bytes()
                        found.update(match.decode() for match in _HASHES.findall(data))
        return found

    def write_request(self, kernel_id: str) -> Path:
        """Write an empty file: as long as it is there, somebody waits for a request's end."""
        directory = self.root / kernel_id
        directory.mkdir(mode=0o700, exist_ok=True)
        target = directory / f"force-{new_id()}"
        target.touch(mode=0o600)
        return target

    def write_manifest(self, kernel_id: str, manifest: Manifest) -> Path:
        """Write the file that tells a kernel's agent which checkpoint to apply."""
        directory = self.root / kernel_id
        directory.mkdir(mode=0o700, exist_ok=True)
        target = directory / f"apply-{manifest.id}.json"
        files.replace(target, encode(manifest).encode())
        return target


def _scan(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except (FileNotFoundError, NotADirectoryError):
        return


def _decode(data: bytes) -> Any:
    # JSON has no NaN, and a browser would choke on it.
    decoded = json.loads(data, parse_constant=lambda _: None)
    return _mend(decoded) if b"\\ud" in data.lower() else decoded


def _mend(value: Any) -> Any:
    """Replace half surrogates, which can't be stored as UTF-8, in a decoded JSON value."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return value


def _lenient(path: Path) -> dict[str, Any]:
    try:
        decoded = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _runs(pid: int, since: float) -> bool:
    """Tell whether process ``pid`` runs and is the one that ran at ``since``."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    if sys.platform == "linux":
        # After a reboot the number may be another process's; that one started later.
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            if fields[0] == "Z":
                return False
            uptime = float(Path("/proc/uptime").read_text().split()[0])
            started = time.time() - uptime + float(fields[19]) / os.sysconf("SC_CLK_TCK")
            return started < since + 60.0
    return True
