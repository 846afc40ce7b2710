"""Saves variables in groups: those that share objects are pickled together."""

from __future__ import annotations

import functools
import gc
import pickle
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import deep
from .importable import HIDDEN_TYPES, found_in, module_of, qualname_of
from .order import cycles, load_order
from .pickler import Context, NamespacePickler
from .quiet import quiet_warnings
from .reasons import explain
from .sharing import Partition, join_sharing

#: Their values share nothing with anybody, and need none of our reducers.
_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})
_OWN_MODULES = {__name__.partition(".")[0], "builtins", "__main__"}
#: Attempts, when another thread changes what is being pickled.
_ATTEMPTS = 3


@dataclass
class SavedGroup:
    """Variables in one stream.

    Attributes:
        names: the variables.
        stream: the pickle of ``{name: value}``.
        buffers: its out-of-band buffers; views of live memory, valid until the next cell runs.
        uses: global names that its code may use and variables it refers to; ``*`` for anything.
        references: the variables among them that must be there before it is loaded.
        modules: top-level modules that loading it imports.
    """

    names: list[str]
    stream: bytes
    buffers: list[memoryview] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)


@dataclass
class Saved:
    """What became of the variables.

    Attributes:
        groups: in load order.
        unsaved: for each variable that could not be saved, why and what to do.
    """

    groups: list[SavedGroup]
    unsaved: dict[str, str]


def save(
    namespace: dict[str, Any],
    names: Iterable[str],
    submodules: Mapping[str, tuple[str, ...]] | None = None,
) -> Saved:
    """Save variables of a namespace; the ones that can't be are named, with the reason.

    Args:
        namespace: the user's namespace, the ``__dict__`` of ``__main__``.
        names: the variables to save.
        submodules: for a module's name the submodules that were imported along with it.

    Raises:
        KeyboardInterrupt: the user interrupts; nothing else is raised by the variables' own code.
    """
    collecting = gc.isenabled()
    gc.disable()  # a million new memo entries would be gone over again and again
    try:
        with quiet_warnings():
            return _Save(namespace, names, submodules or {}).run()
    finally:
        if collecting:
            gc.enable()


@dataclass
class _Stream:
    names: list[str]
    pickler: NamespacePickler | None
    saved: SavedGroup


class _Save:
    def __init__(
        self,
        namespace: dict[str, Any],
        names: Iterable[str],
        submodules: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.values = {name: namespace[name] for name in names}
        self.unsaved: dict[str, str] = {}
        dicts = {id(value) for value in self.values.values() if type(value) is dict}
        self.context = Context(namespace, definitions(self.values), submodules, dicts)

    def run(self) -> Saved:
        streams = [
            stream
            for stream in (self._dump(names) for names in self._aliases())
            if stream is not None
        ]
        partition = Partition(len(streams))
        self.context.bases = join_sharing([stream.pickler for stream in streams], partition)
        self._join_cycles(streams, partition)
        merged: list[_Stream] = []
        for numbers in partition.sets():
            merged += self._merge([streams[number] for number in numbers])
        return Saved(self._ordered(merged), self.unsaved)

    def _aliases(self) -> list[list[str]]:
        """Return the variables, those bound to the very same data object together."""
        found: dict[object, list[str]] = {}
        for name, value in self.values.items():
            kind = type(value)
            alone = kind in _PLAIN or kind is types.ModuleType or id(value) in self.context.names
            found.setdefault(name if alone else id(value), []).append(name)
        return list(found.values())

    def _dump(self, names: list[str]) -> _Stream | None:
        values = {name: self.values[name] for name in names}
        if len(names) == 1 and type(values[names[0]]) in _PLAIN:
            stream = pickle.dumps(values, 5)
            return _Stream(names, None, SavedGroup(names, stream))
        for attempt in range(_ATTEMPTS):
            pickler = NamespacePickler(self.context, frozenset(names))
            try:
                try:
                    pickler.dump(values)
                except RecursionError:
                    pickler = deep.run(lambda: self._pickled(values))
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                if attempt + 1 < _ATTEMPTS and _changed_meanwhile(error):
                    continue
                if len(names) == 1 or not _distinct(values):
                    for name, value in values.items():
                        self.unsaved[name] = explain(name, value, error, pickler.last)
                return None
            return _Stream(names, pickler, _group(names, pickler))
        return None

    def _pickled(self, values: Mapping[str, Any]) -> NamespacePickler:
        pickler = NamespacePickler(self.context, frozenset(values))
        pickler.dump(values)
        return pickler

    def _join_cycles(self, streams: Sequence[_Stream], partition: Partition) -> None:
        holder = {name: n for n, stream in enumerate(streams) for name in stream.names}
        needs: dict[int, set[int]] = {}
        for number, stream in enumerate(streams):
            mine = needs.setdefault(partition.find(number), set())
            mine |= {partition.find(holder[r]) for r in stream.saved.references if r in holder}
        for cycle in cycles(needs):
            for number in cycle[1:]:
                partition.join(cycle[0], number)

    def _merge(self, streams: list[_Stream]) -> list[_Stream]:
        """Pickle again what shares objects, together; or as it is should that fail."""
        bases = self.context.bases
        if len(streams) == 1:
            pickler = streams[0].pickler
            if pickler is None or bases.isdisjoint(pickler.views):
                return streams
        names = [name for name in self.values if any(name in one.names for one in streams)]
        together = self._dump(names)
        return streams if together is None else [together]

    def _ordered(self, streams: list[_Stream]) -> list[SavedGroup]:
        groups = self._without_lost([stream.saved for stream in streams])
        holder = {name: number for number, group in enumerate(groups) for name in group.names}

        def numbers(names: list[str], own: int) -> set[int]:
            return {holder[name] for name in names if name in holder} - {own}

        needs = {n: numbers(group.references, n) for n, group in enumerate(groups)}
        wishes = {n: numbers(group.uses, n) for n, group in enumerate(groups)}
        start = sorted(needs, key=lambda number: self._rank(groups[number]))
        return [groups[number] for number in load_order(needs, wishes, start)]

    def _rank(self, group: SavedGroup) -> int:
        values = [self.values[name] for name in group.names]
        if all(type(value) is types.ModuleType for value in values):
            return 0
        return 1 if all(id(value) in self.context.names for value in values) else 2

    def _without_lost(self, groups: list[SavedGroup]) -> list[SavedGroup]:
        """Leave out the groups that refer to a variable that could not be saved."""
        while True:
            kept = []
            for group in groups:
                lost = next((name for name in group.references if name in self.unsaved), None)
                if lost is None:
                    kept.append(group)
                    continue
                reason = f"it needs {lost!r}, which can't be saved ({self.unsaved[lost]})"
                self.unsaved.update(dict.fromkeys(group.names, reason))
            if len(kept) == len(groups):
                return kept
            groups = kept


def is_definition(value: Any) -> bool:
    """Tell whether a value is a function or class of the notebook, referred to by name."""
    kind = type(value)
    if kind is types.FunctionType:
        return not found_in(value.__module__, value.__qualname__, value)
    if issubclass(kind, type):
        return value not in HIDDEN_TYPES and not found_in(
            module_of(value), qualname_of(value), value
        )
    if kind is functools._lru_cache_wrapper:
        attributes = value.__dict__
        return not found_in(attributes.get("__module__"), attributes.get("__qualname__"), value)
    return kind in _NAMED_TYPES and value.__module__ == "__main__"


_NAMED_TYPES = tuple(
    getattr(typing, name)
    for name in ("TypeVar", "ParamSpec", "TypeVarTuple", "NewType")
    if hasattr(typing, name)
)


def definitions(values: Mapping[str, Any]) -> dict[int, str]:
    """Return the name by which each function and class of the notebook is referred to."""
    found: dict[int, str] = {}
    for name, value in values.items():
        if is_definition(value) and (id(value) not in found or _own_name(value) == name):
            found[id(value)] = name
    return found


def _own_name(value: Any) -> Any:
    if issubclass(type(value), type):
        return qualname_of(value)
    return getattr(value, "__name__", None)


def _group(names: list[str], pickler: NamespacePickler) -> SavedGroup:
    return SavedGroup(
        names=names,
        stream=pickler.file.getvalue(),
        buffers=pickler.buffers,
        uses=sorted(pickler.uses | pickler.references),
        references=sorted(pickler.references),
        modules=sorted(pickler.modules - _OWN_MODULES),
    )


def _distinct(values: Mapping[str, Any]) -> bool:
    return len({id(value) for value in values.values()}) > 1


def _changed_meanwhile(error: BaseException) -> bool:
    words = error.args[0] if type(error) is RuntimeError and error.args else None
    return type(words) is str and "changed size during iteration" in words
