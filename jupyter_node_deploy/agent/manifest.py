"""Puts a checkpoint's manifest together and writes it into the spool."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import string
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..namespace import Saved, SavedGroup, random_state
from .blobs import BlobWriter
from .variables import describe

_LETTERS = string.ascii_lowercase


@dataclass
class Run:
    """The run of a cell that a checkpoint shows.

    Attributes:
        cell: what its text says, as the manifest has it.
        code: as the user typed it.
        duration: seconds.
    """

    cell: dict[str, Any]
    code: str
    msg_id: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    status: str = "ok"
    duration: float = 0.0


def new_id() -> str:
    """Return an id for a checkpoint: 20 characters, the first a letter."""
    rest = (secrets.choice(_LETTERS + string.digits) for _ in range(19))
    return secrets.choice(_LETTERS) + "".join(rest)


def group_key(group: SavedGroup) -> tuple[str, ...]:
    """Return the hashes of a group's stream and buffers, which tell whether it has changed."""
    contents: list[bytes | memoryview] = [group.stream, *group.buffers]
    return tuple(hashlib.sha256(content).hexdigest() for content in contents)


class ManifestWriter:
    """Writes the blobs and manifests of one kernel.

    Args:
        spool: the kernel's directory there.
        blobs: where values go.
    """

    def __init__(self, kernel_id: str, spool: Path, blobs: BlobWriter) -> None:
        self._kernel_id = kernel_id
        self._spool = spool
        self._blobs = blobs
        self._described: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {}

    def write(
        self,
        operation: str,
        run: Run,
        values: Mapping[str, Any],
        saved: Saved,
        files: list[dict[str, str]],
        excluded: list[str],
        started: float,
    ) -> str:
        """Write a checkpoint.

        Args:
            operation: ``Cell run``, ``Forced`` or ``Rollback``.
            values: the user's variables, excluded ones too.
            started: when the capture began, by ``time.monotonic()``.

        Returns:
            The checkpoint's id.

        Raises:
            OSError: something could not be written.
        """
        groups = [self._put(group) for group in saved.groups]
        checkpoint = new_id()
        manifest = {
            "format": 1,
            "id": checkpoint,
            "kernel_id": self._kernel_id,
            "msg_id": run.msg_id,
            "cell_id": run.cell_id,
            "execution_count": run.execution_count,
            "operation": operation,
            "status": run.status,
            "code": run.code,
            "created_at": time.time(),
            "duration": run.duration,
            "cwd": _cwd(),
            "python": python_info(),
            "cell": run.cell,
            "variables": self._variables(values, groups, saved.unsaved, excluded),
            "groups": groups,
            "random": self._blobs.put(random_state.capture()),
            "files": files,
            "excluded": excluded,
            "capture_seconds": time.monotonic() - started,
        }
        write_json(self._spool / f"{checkpoint}.json", manifest)
        return checkpoint

    def _put(self, group: SavedGroup) -> dict[str, Any]:
        return {
            "names": group.names,
            "pickle": self._blobs.put(group.stream),
            "buffers": [self._blobs.put(buffer) for buffer in group.buffers],
            "size": len(group.stream) + sum(buffer.nbytes for buffer in group.buffers),
            "uses": group.uses,
            "modules": group.modules,
        }

    def _variables(
        self,
        values: Mapping[str, Any],
        groups: list[dict[str, Any]],
        unsaved: Mapping[str, str],
        excluded: list[str],
    ) -> list[dict[str, Any]]:
        holder = {name: group for group in groups for name in group["names"]}
        left_out = dict.fromkeys(
            excluded, "left out by %state_exclude: put it back with %state_include"
        )
        found: list[dict[str, Any]] = []
        described: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {}
        for name, value in values.items():
            group = holder.get(name)
            key = (group["pickle"], *group["buffers"]) if group else ()
            known = self._described.get(name)
            # The same content looks the same; what has none may have changed.
            info = known[1] if known and key and known[0] == key else describe(name, value)
            described[name] = (key, info)
            found.append(
                {
                    **info,
                    "size": group["size"] if group else 0,
                    "reason": None if group else unsaved.get(name) or left_out.get(name),
                }
            )
        self._described = described
        return found


def python_info() -> dict[str, Any]:
    """Return the kernel's interpreter as the manifest has it."""
    return {
        "executable": sys.executable,
        "version": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "path": [entry for entry in sys.path if isinstance(entry, str)],
    }


def write_json(path: Path, content: Any) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it could not be written.
    """
    # No NaN: a reader in another language would choke on it.
    text = json.dumps(content, allow_nan=False)
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _cwd() -> str:
    try:
        return str(Path.cwd())
    except OSError:  # it was removed
        return ""
