"""Brings a session back to a checkpoint."""

from __future__ import annotations

import contextlib
import json
import pickle
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..namespace import Corrupted, Failure, SavedGroup, random_state, restore
from ..namespace.manifest import Group, Manifest, Operation, Options
from ..namespace.options import OptionReader
from ..namespace.records import NewerFormat
from .agent import Agent
from .analysis.identifiers import Identifiers
from .describe.variables import user_variables
from .run import Run
from .store.blobs import BlobWriter, address_of

#: That read blobs at a time.
_THREADS = 4


class NotApplied(Exception):
    """The session is as it was; the message says why."""


@dataclass(frozen=True)
class Applied:
    """What became of it.

    Attributes:
        id: the ``Rollback`` checkpoint.
        restored: variables that differed and have the checkpoint's value again.
        removed: variables that the checkpoint does not have.
        failures: what could not be restored, and has the value that it had.
    """

    id: str
    restored: list[str]
    removed: list[str]
    failures: list[Failure]


def apply(agent: Agent, path: Path, blobs: Path) -> Applied:
    """Restore the variables of a checkpoint into the running session.

    What is the same already is left alone. Variables that the checkpoint could not save or that
    the user excluded keep the values they have.

    Args:
        path: the checkpoint's manifest.
        blobs: the store's directory.

    Raises:
        NotApplied: the manifest can't be read, or a value is corrupted.
        OSError: the ``Rollback`` checkpoint could not be written.
    """
    try:
        manifest = Manifest.read(json.loads(path.read_bytes()))
    except (OSError, ValueError) as error:
        raise NotApplied(f"the checkpoint's manifest can't be read: {error}") from error
    if agent.changed:
        agent.checkpoint(Operation.FORCED, everything=True)  # so that it can be undone
    agent.verify()
    baseline = agent.settle()
    namespace = agent.shell.user_ns
    values = user_variables(agent.shell)
    present = baseline.saved.groups if baseline is not None else []
    different = _different(present, manifest)
    before = dict(namespace)
    with ThreadPoolExecutor(_THREADS) as pool:
        loader = _Loader(BlobWriter(blobs), pool)
        loader.begin(blob for group in different for blob in group.blobs)
        failures = restore(different, loader.locate, namespace)
        damaged = [failure.reason for failure in failures if failure.blob]
        if damaged:
            namespace.clear()
            namespace.update(before)
            raise NotApplied(damaged[0])
        failures += _restore_random(manifest.random, loader)
        failures += _restore_options(manifest.options, loader, agent.options)
    known = {variable.name for variable in manifest.variables}
    removed = [name for name in values if name not in known and name not in agent.excluded]
    for name in removed:
        del namespace[name]
    failed = {name for failure in failures for name in failure.names}
    agent.last = Run(
        cell=manifest.cell,
        code=manifest.code,
        cell_id=manifest.cell_id,
        execution_count=manifest.execution_count,
        status=manifest.status,
        literals=manifest.literals,
    )
    agent.origins.literal = {*(manifest.literals or ())}
    return Applied(
        id=agent.rollback(_changed(different, removed), loader.loaded),
        restored=[name for group in different for name in group.names if name not in failed],
        removed=removed,
        failures=failures,
    )


class _Loader:
    """Finds blobs, and remembers where their content is in memory.

    Attributes:
        loaded: for addresses of memory the size of the content, and its blob.
    """

    def __init__(self, blobs: BlobWriter, pool: Executor) -> None:
        self.loaded: dict[int, tuple[int, str]] = {}
        self._blobs = blobs
        self._pool = pool
        self._begun: dict[str, Callable[[], Path | memoryview]] = {}

    def begin(self, blobs: Iterable[str]) -> None:
        """Begin to read blobs that will be wanted: that takes longer than unpickling."""
        for blob in blobs:
            with contextlib.suppress(OSError, NewerFormat, Corrupted):  # told where it is wanted
                self._begun[blob] = self._blobs.reading(blob, self._pool)

    def locate(self, blob: str) -> Path | memoryview:
        """Return a blob's file, or its content."""
        # Whoever wants the same content another time gets memory of his own.
        wait = self._begun.pop(blob, None) or self._blobs.reading(blob, self._pool)
        found = wait()
        if isinstance(found, memoryview):
            self.loaded[address_of(found)] = found.nbytes, blob
        return found


def _restore_random(blob: str | None, loader: _Loader) -> list[Failure]:
    """Set the shared random generators as they were, where the checkpoint knows that."""
    if blob is None:
        return []
    try:
        random_state.restore(_content(loader, blob))
    except Exception as error:
        reason = f"the state of the random generators could not be restored: {error}"
        return [Failure((), reason, error=error)]
    return []


def _restore_options(
    options: Options | None, loader: _Loader, reader: OptionReader
) -> list[Failure]:
    """Set the options of all loaded packages as they were."""
    try:
        streams = {} if options is None else _content(loader, options.blob)
    except Exception as error:
        return [Failure((), f"the options of packages could not be set: {error}", error=error)]
    return [Failure((), reason) for reason in reader.set_back(streams)]


def _content(loader: _Loader, blob: str) -> Any:
    """Return what a blob is the pickle of."""
    content = loader.locate(blob)
    return pickle.loads(content.read_bytes() if isinstance(content, Path) else content)


def _changed(different: list[Group], removed: list[str]) -> Identifiers | None:
    """Return what differs now from the last checkpoint; None for anything."""
    names = {name for group in different for name in group.names}
    if any("." in name for name in names):
        return None  # a module's
    return Identifiers(names.union(removed))


def _different(saved: list[SavedGroup], manifest: Manifest) -> list[Group]:
    """Return the checkpoint's groups that the session has not, in load order.

    Whatever uses a function or class that is replaced is replaced along with it, since it would
    go on using the one that it holds.
    """
    code = {v.name for v in manifest.variables if v.kind in ("function", "class")}
    present = {(tuple(group.names), group.content) for group in saved}
    replaced: set[str] = set()
    found = []
    for group in manifest.groups:
        key = (tuple(group.names), group.blobs)
        if key not in present or not replaced.isdisjoint(group.uses):
            replaced.update(code.intersection(group.names))
            found.append(group)
    return found
