"""Which saved groups a piece of code can reach, and so may have changed.

This only ever saves work: what is not reached is taken to be as it was. Whatever could lead around
it, a namespace looked up at run time, a module that remembers objects, makes everything reached.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from .outcome import Saved, SavedGroup
from .reducers.code import ANYTHING

#: With these, code can get at any object.
_MODULES = frozenset(
    {
        "IPython",
        "__main__",
        "builtins",
        "code",
        "ctypes",
        "gc",
        "importlib",
        "inspect",
        "ipykernel",
        "pdb",
        "runpy",
        "sys",
        "traceback",
    }
)
_NAMES = frozenset(
    {
        "__builtins__",
        "__import__",
        "breakpoint",
        "eval",
        "exec",
        "get_ipython",
        "globals",
        "locals",
        "vars",
    }
)


class Everything(Exception):
    """The code may reach anything."""


class Reach:
    """Finds what code can reach.

    Args:
        before: what was saved before the code ran.
        namespace: the user's, as it is now.
        variables: those that are saved; the others in the namespace can't be looked into.
        harmless: names in the namespace that are not the user's, and lead nowhere.
        is_local: tells whether a top-level module is one of the user's own files.
    """

    def __init__(
        self,
        before: Saved,
        namespace: Mapping[str, Any],
        variables: Set[str],
        harmless: Set[str],
        is_local: Callable[[str], bool],
    ) -> None:
        self._groups = before.groups
        self._unsaved = before.unsaved
        self._namespace = namespace
        self._variables = variables
        self._harmless = harmless
        self._is_local = is_local
        self._holder = {name: group for group in before.groups for name in group.names}

    def groups(self, names: Iterable[str], modules: Iterable[str]) -> set[int]:
        """Return the numbers of the groups that code which uses these names can reach.

        Args:
            names: identifiers in the code.
            modules: top-level modules that it imports.

        Raises:
            Everything: it may reach all of them.
        """
        self._check_modules(modules)
        number = {id(group): position for position, group in enumerate(self._groups)}
        found: set[int] = set()
        waiting = list(names)
        seen: set[str] = set()
        always = [group for group in self._groups if group.footprint.foreign]
        while waiting or always:
            if always:
                group: SavedGroup | None = always.pop()
            else:
                name = waiting.pop()
                if name in seen:
                    continue
                seen.add(name)
                group = self._group(name)
            if group is None or number[id(group)] in found:
                continue
            found.add(number[id(group)])
            if group.footprint.blind:
                raise Everything
            self._check_modules(group.modules)
            self._check_modules(group.footprint.imports)
            waiting += group.names
            waiting += group.uses
            always += self._neighbours(group)
        return found

    def _group(self, name: str) -> SavedGroup | None:
        if name == ANYTHING or (name in _NAMES and name not in self._variables):
            raise Everything
        group = self._holder.get(name)
        if group is None:
            # New variables were made of what the code reached by other names. The rest can't be
            # looked into: what could not be saved, is left out, or is kept by IPython.
            kept_out = name in self._namespace and name not in self._variables
            if name in self._unsaved or (kept_out and name not in self._harmless):
                raise Everything
        return group

    def _check_modules(self, modules: Iterable[str]) -> None:
        for module in modules:
            if module in _MODULES or self._is_local(module):
                raise Everything

    def _neighbours(self, group: SavedGroup) -> list[SavedGroup]:
        """Return groups that share memory with one, or objects through a module."""
        found = []
        if "torch" in group.modules:
            found += [one for one in self._groups if {"torch", "numpy"} & {*one.modules}]
        if group.footprint.memory:
            found += [one for one in self._groups if one.footprint.overlaps(group.footprint)]
        for name in group.names:
            value = self._namespace.get(name)
            if type(value) is types.ModuleType:
                kept = [id(one) for one in list(value.__dict__.values())]
                found += [one for one in self._groups if one.footprint.addresses.has_any(kept)]
        return found
