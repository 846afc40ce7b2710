"""Loads saved groups into a namespace, each alone, so that one that fails stops no other."""

from __future__ import annotations

import collections
import hashlib
import importlib
import json
import os
import pickle
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import memory
from .format import builders
from .format.registrations import Registration
from .importable import is_array
from .manifest import BundleState, Group
from .memory import mapped, speaks_of_resizing
from .places import held, put, resolve
from .reasons import describe
from .records import NewerFormat
from .silence import quiet_warnings

Locate = Callable[[str], "Path | memoryview"]

#: The registrations that were done again, by their names.
repeated: dict[str, Registration] = {}


class Corrupted(Exception):
    """The content of a blob is not what its name says."""


@dataclass(frozen=True)
class Failure:
    """A group that could not be restored.

    Attributes:
        names: its variables.
        reason: why, and what to do, in words for people.
        blob: SHA-256 of the corrupted or missing blob, if that is why.
        error: what loading raised, if anything.
    """

    names: tuple[str, ...]
    reason: str
    blob: str | None = None
    error: BaseException | None = None


class _BadBlob(Exception):
    def __init__(self, blob: str, words: str) -> None:
        super().__init__(words)
        self.blob = blob
        self.words = words


def restore_state(
    directory: str | os.PathLike[str],
    namespace: dict[str, Any],
    *,
    verified: bool = False,
    code: Iterable[Path] = (),
) -> list[Failure]:
    """Restore a bundle's state.

    Args:
        directory: holds ``manifest.json`` and ``blobs/``.
        namespace: ``vars(sys.modules["__main__"])``.
        verified: the blobs were compared with their hashes already.
        code: files with the code that will use it.

    Returns:
        The groups that could not be restored; all others are in the namespace.

    Raises:
        NewerFormat: a newer version has written the manifest.
        ValueError: the namespace is another one, or the manifest is malformed.
        OSError: the manifest can't be read.
    """
    state = Path(directory)
    path = (state / "blobs").joinpath
    locate: Locate = (lambda blob: mapped(path(blob))) if verified else path
    resized = speaks_of_resizing(file.read_bytes() for file in code)
    saved = read_state(state)
    failures: list[Failure] = []
    for name in saved.imports:
        with _reported((name,), failures):
            importlib.import_module(name)
    return failures + restore(saved.groups, locate, namespace, resized=resized)


def read_state(state: Path) -> BundleState:
    """Return what ``manifest.json`` in a bundle's state says.

    Raises:
        NewerFormat: a newer version has written the manifest.
        ValueError: the manifest is malformed.
        OSError: the manifest can't be read.
    """
    return BundleState.read(json.loads((state / "manifest.json").read_bytes()))


def restore(
    groups: Iterable[Group], locate: Locate, namespace: dict[str, Any], *, resized: bool = False
) -> list[Failure]:
    """Restore groups in the order given, which is that of the manifest.

    Args:
        groups: as in a manifest.
        locate: returns the file of a blob by its SHA-256, or its content in memory of its own,
            which it has compared with the hash; else it raises :class:`Corrupted`.
        namespace: ``vars(sys.modules["__main__"])``.
        resized: whether arrays may be resized; also seen in the groups' own code.

    Returns:
        The groups that could not be restored.

    Raises:
        ValueError: the namespace is another one.
    """
    if namespace is not builders.user_namespace():
        raise ValueError("a namespace can only be restored into that of the module __main__")
    failures: list[Failure] = []
    waiting: list[tuple[Group, memoryview]] = []
    for group in groups:
        with _reported(group.names, failures):
            waiting.append((group, _blob(group.pickle, locate)))
    if any(group.buffers for group, _ in waiting):
        resized = resized or speaks_of_resizing(stream for _, stream in waiting)
    memory.resized = resized
    with quiet_warnings():
        while waiting:
            failed: list[Failure] = []
            again = []
            for group, stream in waiting:
                before = len(failed)
                with _reported(group.names, failed):
                    _place(namespace, _load(group, stream, locate))
                if len(failed) > before:
                    again.append((group, stream))
            # What could not be loaded may need something that came after it.
            if len(again) == len(waiting) or all(one.blob for one in failed):
                failures += failed
                break
            waiting = again
    return failures


@contextmanager
def _reported(names: Iterable[str], failures: list[Failure]) -> Iterator[None]:
    names = tuple(names)
    try:
        yield
    except KeyboardInterrupt:
        raise
    except _BadBlob as bad:
        failures.append(Failure(names, f"{_saved(names)} {bad.words}", blob=bad.blob))
    except BaseException as error:
        failures.append(Failure(names, f"{_listed(names)}: {_why(error)}", error=error))


def _load(group: Group, stream: memoryview, locate: Locate) -> dict[str, Any]:
    buffers = [_blob(blob, locate) for blob in group.buffers]
    values = pickle.loads(stream, buffers=buffers)
    return {name: values[name] for name in group.names}


def _place(namespace: dict[str, Any], values: Mapping[str, Any]) -> None:
    """Bind values to their names, those with a dot in the modules or classes that they name."""
    # What a module's own functions and other modules hold of it must stay the same object, and so
    # must what the notebook shares with it: the notebook is what the cell sees.
    alone = all("." in name for name in values)
    for name, value in values.items():
        path, _, attribute = name.rpartition(".")
        if not path:
            namespace[name] = value
        elif type(value) is Registration:
            value.repeat()
            repeated[name] = value
        else:
            holder = resolve(path)
            try:
                before = held(holder, attribute)
            except AttributeError:
                before = None
            if not (alone and _refilled(before, value)):
                put(holder, attribute, value)


def _refilled(held: Any, value: Any) -> bool:
    """Give a container another one's content; tell whether they are of such a type."""
    kind = type(value)
    if type(held) is not kind:
        return False
    if kind in (list, bytearray):
        held[:] = value
    elif kind in (dict, set, collections.OrderedDict, collections.Counter):
        held.clear()
        held.update(value)
    elif kind is collections.defaultdict:
        held.clear()
        held.update(value)
        held.default_factory = value.default_factory
    elif kind is collections.deque and held.maxlen == value.maxlen:
        held.clear()
        held.extend(value)
    elif kind is types.SimpleNamespace:
        held.__dict__.clear()
        held.__dict__.update(value.__dict__)
    elif is_array(kind) and (held.dtype, held.shape) == (value.dtype, value.shape):
        if not held.flags.writeable:
            return False
        held[...] = value
    else:
        return False
    return True


def _blob(blob: str, locate: Locate) -> memoryview:
    """Return a blob's content in memory that is its own."""
    try:
        found = locate(blob)
        if isinstance(found, memoryview):
            return found
        view = mapped(found)
        if hashlib.sha256(view).hexdigest() != blob:
            raise Corrupted
    except OSError as error:
        words = f"can't be read: blob {blob}: {error.strerror or error}"
        raise _BadBlob(blob, words) from error
    except NewerFormat as error:
        raise _BadBlob(blob, f"can't be read: {error}") from error
    except Corrupted:
        words = f"is corrupted: the content of blob {blob} does not match its hash"
        raise _BadBlob(blob, words) from None
    return view


def _why(error: BaseException) -> str:
    if isinstance(error, builders.NotRestored):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"it needs the module {error.name!r}, which is not installed here"
    return f"it could not be loaded ({describe(error)})"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _saved(names: tuple[str, ...]) -> str:
    return f"The saved value of {_listed(names)}"
