"""The sources of local modules, as they were when the kernel loaded them."""

from __future__ import annotations

import contextlib
import functools
import os
import site
import sys
import sysconfig
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...namespace import quiet_warnings
from ...namespace.environment import names_within
from ...namespace.importable import MADE
from ...namespace.places import held
from .state import ModuleState, was_edited

_OWN = __name__.partition(".")[0]
_SITES = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Source:
    """The source of a local module.

    Attributes:
        module: its import name.
        path: relative, makes it importable again.
        content: the file's.
        spec: tells a module that was loaded again.
        edited: whether the file was changed before it was read, but after it was loaded.
        changed: the module's variables that are not as loading it makes them.
        environment: names that it may read of the environment.
        changed_by: local modules whose code has changed it while they were loaded.
    """

    module: str
    path: str
    content: bytes
    spec: Any
    edited: bool = False
    changed: tuple[str, ...] = ()
    environment: frozenset[str] = frozenset()
    changed_by: tuple[str, ...] = ()

    def variables(self) -> dict[str, Any]:
        """Return what those variables are now, by ``module.variable``."""
        module = sys.modules.get(self.module)
        found = {}
        for name in self.changed:
            *classes, attribute = name.split(".")
            with contextlib.suppress(AttributeError):
                holder = functools.reduce(held, classes, module)
                found[f"{self.module}.{name}"] = held(holder, attribute)
        return found


class LocalModules:
    """Finds the imported modules that no package manager put there, and keeps their sources.

    A source is read once after its module was loaded or reloaded: a file edited since then is not
    what runs in the kernel.
    """

    def __init__(self) -> None:
        self._elsewhere: dict[str, int] = {}  # name → id of a module that is not local
        self._sources: dict[str, Source] = {}
        self._states: dict[str, ModuleState] = {}
        self._local = {"": False, "__main__": True}
        self._began = False  # what was loaded before the first cell is not the notebook's
        self._loaded: tuple[list[str], list[int]] | None = None
        #: Local modules that are being loaded, the outermost first; and those of it that were.
        self._loading: list[str] = []
        self._batch: list[str] = []
        self._before: dict[str, tuple[str, ...]] = {}
        self._changed_by: dict[str, dict[str, None]] = {}
        self._installed = tuple(_installed())

    def begin(self) -> None:
        """Note that what is loaded from now on is the notebook's doing."""
        self.sources()
        self._began = True

    def begins(self, module: Any) -> None:
        """Note that the code of a module is about to run, in whatever thread."""
        name = self._loadable(module)
        if name is None:
            return
        if not self._loading:
            self._batch = []
            self._before = self._changed()
        self._loading.append(name)

    def ended(self, module: Any) -> None:
        """Note what a module is like whose code has run, before anything else changes it."""
        name = self._loadable(module)
        if name is None or name not in self._loading:
            return
        self._loading.remove(name)
        if self._source(name, module) is not None:
            self._batch.append(name)
        if self._loading:
            return
        # What modules do to others while they are loaded they do in a node, too, if only all of
        # them are loaded there.
        for one, changed in self._changed().items():
            before = self._before.get(one, ())
            if changed == before:
                continue
            others = (other for other in self._batch if other != one)
            self._changed_by.setdefault(one, {}).update(dict.fromkeys(others))
            if not before:
                self._states[one].again(vars(sys.modules[one]))

    def _loadable(self, module: Any) -> str | None:
        """Return the name of a local module that has a place among those that are loaded."""
        spec = module.__dict__.get("__spec__")
        name = getattr(spec, "name", None)
        if name is None or sys.modules.get(name) is not module:
            return None
        return name if self._is_user_file(name, spec, spec.origin) else None

    def _changed(self) -> dict[str, tuple[str, ...]]:
        """Return for each known local module which of its variables were changed."""
        return {
            name: state.changed(vars(sys.modules[name]))
            for name, state in self._states.items()
            if isinstance(sys.modules.get(name), types.ModuleType)
        }

    def sources(self, written: Iterable[str] = ()) -> list[Source]:
        """Return the sources of the local modules that are loaded.

        Args:
            written: what the notebook has assigned to or into, ``module.variable``: how that was
                before may have been seen too late.
        """
        found = []
        loaded = [*sys.modules], [*map(id, list(sys.modules.values()))]
        if loaded == self._loaded:  # only the local ones may have been loaded again
            modules = [(name, sys.modules[name]) for name in self._sources if name in sys.modules]
        else:
            modules = list(sys.modules.items())
        self._loaded = loaded
        for name, module in modules:
            if self._elsewhere.get(name) == id(module):
                continue
            source = self._source(name, module)
            if source is None:
                self._elsewhere[name] = id(module)
                continue
            changed = self._states[name].changed(module.__dict__)
            more = _variables(name, module, written)
            found.append(
                replace(
                    source,
                    changed=tuple(dict.fromkeys([*changed, *more])),
                    changed_by=tuple(self._changed_by.get(name, ())),
                )
            )
        return found

    def _source(self, name: str, module: Any) -> Source | None:
        try:
            spec = module.__dict__.get("__spec__")
            origin = spec.origin if spec is not None else None
        except AttributeError:  # some put other objects than modules there
            return None
        known = self._sources.get(name)
        if known is not None and known.spec is spec:
            return known
        if spec is None and self._began and _is_made(name, module):
            MADE.add(name)
        elif spec is not None:
            MADE.discard(name)
        if origin is None or not self._is_user_file(name, spec, origin):
            return None
        try:
            content = Path(origin).read_bytes()
        except OSError:
            return None
        relative = name.replace(".", "/")
        is_package = spec.submodule_search_locations is not None
        path = f"{relative}/__init__.py" if is_package else f"{relative}.py"
        self._states[name] = ModuleState(content, module.__dict__, self.is_local)
        self._sources[name] = Source(
            name, path, content, spec, was_edited(origin), environment=_environment(content)
        )
        return self._sources[name]

    def _is_user_file(self, name: str, spec: Any, origin: Any) -> bool:
        if name == "__main__" or name.partition(".")[0] == _OWN:
            return False
        if not isinstance(origin, str) or not origin.endswith(".py") or not spec.has_location:
            return False
        installed = self._installed
        return not (origin.startswith(installed) or os.path.realpath(origin).startswith(installed))

    def is_local(self, name: str) -> bool:
        """Tell of a module's name whether it is the notebook or a local module."""
        if name not in self._local:
            spec = getattr(sys.modules.get(name), "__spec__", None)
            self._local[name] = self._is_user_file(name, spec, getattr(spec, "origin", None))
        return self._local[name]


def _is_made(name: str, module: Any) -> bool:
    """Tell of a module without a spec whether Python code has made it, which a name leads to.

    Extension modules make such modules, too, for what they share.
    """
    content = module.__dict__
    if "." in name or name in ("__main__", "__mp_main__") or type(module) is not types.ModuleType:
        return False
    return "__builtins__" in content or any(
        type(value) is types.FunctionType
        and value.__globals__.get("__name__") in (name, "__main__")
        for value in list(content.values())
    )


def _variables(module: str, holder: Any, written: Iterable[str]) -> Iterator[str]:
    """Yield the variables of a module, and attributes of its classes, that were written to."""
    for path in written:
        if path.startswith(f"{module}."):
            name, *more = path.removeprefix(f"{module}.").split(".")
            value = vars(holder).get(name)
            if issubclass(type(value), type) and more:
                if more[0] != "__dict__":  # its items, of which the text does not tell
                    yield f"{name}.{more[0]}"
            elif value is not None and not isinstance(value, types.ModuleType):
                yield name


def _environment(content: bytes) -> frozenset[str]:
    if b"env" not in content:
        return frozenset()
    try:
        with quiet_warnings():
            return names_within(compile(content, "<module>", "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


def _installed() -> set[str]:
    """Return the directories whose modules belong to Python or to installed distributions."""
    scheme = sysconfig.get_paths()
    found = {scheme[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found.update(site.getsitepackages() if hasattr(site, "getsitepackages") else ())
    found.add(site.getusersitepackages())
    for base in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        found.add(os.path.join(base, "lib"))  # noqa: PTH118
        found.add(os.path.join(base, "Lib"))  # noqa: PTH118
    # What a .pth file of the environment has put on the path, a node's interpreter has there, too.
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    found.update(one for one in sys.path if one.endswith(_SITES) and one not in given)
    return {os.path.join(os.path.realpath(path), "") for path in found}  # noqa: PTH118
