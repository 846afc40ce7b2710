"""Saves variables in groups: those that share objects are pickled together."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from . import deep_recursion
from .definitions import definitions
from .footprint import together
from .garbage_collection import no_collection
from .importable import MADE, is_made
from .load_order import cycles, load_order, reachable
from .mapping import family_of
from .outcome import Saved, SavedGroup
from .pickler import Context
from .reducers.dispatch_table import reducer_for
from .sharing import Partition, instances, join_sharing
from .silence import quiet_warnings
from .streams import PLAIN, Stream, Streams

#: Seconds from which saving variables is long.
_LONG = 0.5


def save(
    namespace: dict[str, Any],
    names: Iterable[str],
    submodules: Mapping[str, tuple[str, ...]] | None = None,
    *,
    modules: Mapping[str, Any] | None = None,
    before: Saved | None = None,
    reached: Set[int] = frozenset(),
    check: Callable[[], None] | None = None,
    limit: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Saved:
    """Save variables of a namespace; the ones that can't be are named, with the reason.

    Args:
        namespace: the user's namespace, the ``__dict__`` of ``__main__``.
        names: the variables to save.
        submodules: for a module's name the submodules that were imported along with it.
        modules: variables of modules that are saved, too, by ``module.variable``.
        before: what was saved last; its groups are taken over as they are unless reached.
        reached: numbers of the groups of ``before`` that may have changed.
        check: called every so often; what it raises ends the work if it is no ``Exception``.
        limit: is around the saving of each stream; what it raises in there is the reason why
            the stream could not be saved.

    Raises:
        KeyboardInterrupt: the user interrupts; nothing else is raised by the variables' own code.
    """
    with no_collection(), quiet_warnings(), deep_recursion.bounded():
        work = _Save(namespace, names, submodules or {}, modules or {}, check, limit)
        return work.run(before or Saved(), reached)


class _Save:
    def __init__(
        self,
        namespace: dict[str, Any],
        names: Iterable[str],
        submodules: Mapping[str, tuple[str, ...]],
        modules: Mapping[str, Any],
        check: Callable[[], None] | None,
        limit: Callable[[], AbstractContextManager[object]],
    ) -> None:
        own = {name: namespace[name] for name in names}
        self.values = {**own, **modules}
        self.long: list[SavedGroup] = []  # what was saved before, and took long
        dicts = {id(value) for value in self.values.values() if type(value) is dict}
        made = [one for one in self.values.values() if _is_made(one)]
        made += [sys.modules[name] for name in MADE if name in sys.modules]
        self.context = Context(
            namespace,
            reducer_for,
            definitions(own),
            submodules,
            {id(vars(module)): module for module in made},
            dicts,
            check=check,
        )
        #: By the name of a class that SQLAlchemy maps, or maps with, the id of the registry.
        self.families = {
            name: registry
            for name, value in own.items()
            if id(value) in self.context.names and (registry := family_of(value)) != id(value)
        }
        self.streams = Streams(self.context, self.values, limit)
        self.unsaved = self.streams.unsaved

    def run(self, before: Saved, reached: Set[int]) -> Saved:
        if len(reached) < len(before.groups):
            self.long = [group for group in before.groups if group.seconds > _LONG]
        kept = [
            group
            for number, group in enumerate(before.groups)
            if number not in reached and self._is_current(group) and self._is_whole(group)
        ]
        streams: list[Stream] = []
        while True:
            # What shares objects with a new stream, or gets into a cycle with it, is saved again.
            streams += self._dumped(kept, streams)
            stale = self._touched(kept, streams)
            if not stale:
                break
            kept = [group for number, group in enumerate(kept) if number not in stale]
        partition = Partition(len(streams))
        self.context.bases = join_sharing(
            [stream.pickler for stream in streams],
            [stream.saved.footprint.addresses for stream in streams],
            partition,
            self.context.lenders,
        )
        self._join_cycles(streams, partition)
        merged: list[SavedGroup] = []
        for numbers in partition.sets():
            merged += (one.saved for one in self._merge([streams[number] for number in numbers]))
        return Saved(self._ordered([*kept, *merged]), self.unsaved)

    def _is_current(self, group: SavedGroup) -> bool:
        """Tell whether the names still stand for the objects that a group was made of."""
        return group.content is not None and all(
            name in self.values and id(self.values[name]) == address
            for name, address in group.identities.items()
        )

    def _dumped(self, kept: list[SavedGroup], streams: list[Stream]) -> list[Stream]:
        done = {name for group in kept for name in group.names}
        done.update(name for stream in streams for name in stream.names)
        found = []
        for names in [*self._joined(), *self._aliases()]:
            if done.isdisjoint(names) and self.unsaved.keys().isdisjoint(names):
                stream = self.streams.dump(names, cuts=True)
                if stream is not None:
                    done.update(names)
                    found.append(stream)
                    self.context.known |= instances(
                        stream.pickler, stream.saved.footprint.addresses
                    )
        return found

    def _joined(self) -> list[list[str]]:
        """Return the variables that shared objects before, where finding that out took long.

        They may share none any more: that is found out when all is looked at.
        """
        return [
            [name for name in self.values if name in group.names]
            for group in self.long
            if len(group.names) > 1 and self._is_current(group)
        ]

    def _touched(self, kept: list[SavedGroup], streams: list[Stream]) -> set[int]:
        """Return the kept groups that belong together with a new stream."""
        new = together(one.saved.footprint for one in streams)
        found = {number for number, group in enumerate(kept) if group.footprint.meets(new)}
        groups = [*kept, *(stream.saved for stream in streams)]
        for cycle in cycles(_needs(groups)):
            if any(number >= len(kept) for number in cycle):
                found.update(number for number in cycle if number < len(kept))
        return found

    def _aliases(self) -> list[list[str]]:
        """Return the variables: together those bound to the very same data object, or mapped."""
        found: dict[object, list[str]] = {}
        for name, value in self.values.items():
            kind = type(value)
            alone = kind in PLAIN or kind is types.ModuleType or id(value) in self.context.names
            mapped = self.families.get(name)
            found.setdefault(mapped or (name if alone else id(value)), []).append(name)
        return list(found.values())

    def _is_whole(self, group: SavedGroup) -> bool:
        """Tell whether it has all classes of the registries that it has any of."""
        registries = {self.families[name] for name in group.names if name in self.families}
        return not registries or all(
            name in group.names for name, one in self.families.items() if one in registries
        )

    def _join_cycles(self, streams: Sequence[Stream], partition: Partition) -> None:
        needs: dict[int, set[int]] = {}
        for number, needed in _needs([stream.saved for stream in streams]).items():
            mine = needs.setdefault(partition.find(number), set())
            mine |= {partition.find(other) for other in needed}
        for cycle in cycles(needs):
            for number in cycle[1:]:
                partition.join(cycle[0], number)

    def _merge(self, streams: list[Stream]) -> list[Stream]:
        """Pickle again what shares objects, together; or as it is should that fail."""
        bases = self.context.bases
        if len(streams) == 1:
            pickler = streams[0].pickler
            if pickler is None or not (pickler.cut or not bases.isdisjoint(pickler.views)):
                return streams
        names = [name for name in self.values if any(name in one.names for one in streams)]
        together = self.streams.dump(names)
        if together is not None:
            return [together]
        whole = [
            self.streams.dump(one.names) if one.pickler is not None and one.pickler.cut else one
            for one in streams
        ]
        return [one for one in whole if one is not None]

    def _ordered(self, groups: list[SavedGroup]) -> list[SavedGroup]:
        groups = self._without_lost(groups)
        holder = {name: number for number, group in enumerate(groups) for name in group.names}

        def numbers(names: Iterable[str], own: int) -> set[int]:
            return {holder[name] for name in names if name in holder} - {own}

        needs = {n: numbers(group.references, n) for n, group in enumerate(groups)}
        wishes = {n: numbers(group.uses, n) for n, group in enumerate(groups)}
        runs = {
            n: reachable(wishes, numbers(group.footprint.needed, n)) - {n}
            for n, group in enumerate(groups)
        }
        start = sorted(needs, key=lambda number: self._rank(groups[number]))
        return [groups[number] for number in load_order([needs, runs, wishes], start)]

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


def _is_made(value: Any) -> bool:
    return type(value) is types.ModuleType and is_made(value)


def _needs(groups: Sequence[SavedGroup]) -> dict[int, set[int]]:
    """Return for each group the groups that it refers to by name, itself included."""
    holder = {name: number for number, group in enumerate(groups) for name in group.names}
    return {
        number: {holder[name] for name in group.references if name in holder}
        for number, group in enumerate(groups)
    }
