"""The sources of local modules, as they were when the kernel loaded them."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OWN = __name__.partition(".")[0]


@dataclass(frozen=True)
class Source:
    """The source of a local module.

    Attributes:
        module: its import name.
        path: relative, makes it importable again.
        content: the file's.
        spec: tells a module that was loaded again.
    """

    module: str
    path: str
    content: bytes
    spec: Any


class LocalModules:
    """Finds the imported modules that no package manager put there, and keeps their sources.

    A source is read once after its module was loaded or reloaded: a file edited since then is not
    what runs in the kernel.
    """

    def __init__(self) -> None:
        self._elsewhere: dict[str, int] = {}  # name → id of a module that is not local
        self._sources: dict[str, Source] = {}
        self._installed = tuple(_installed())

    def sources(self) -> list[Source]:
        """Return the sources of the local modules that are loaded."""
        found = []
        for name, module in list(sys.modules.items()):
            if self._elsewhere.get(name) == id(module):
                continue
            source = self._source(name, module)
            if source is None:
                self._elsewhere[name] = id(module)
                continue
            found.append(source)
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
        if name == "__main__" or name.partition(".")[0] == _OWN:
            return None
        if not isinstance(origin, str) or not origin.endswith(".py") or not spec.has_location:
            return None
        if origin.startswith(self._installed) or (
            os.path.realpath(origin).startswith(self._installed)
        ):
            return None
        try:
            content = Path(origin).read_bytes()
        except OSError:
            return None
        relative = name.replace(".", "/")
        is_package = spec.submodule_search_locations is not None
        path = f"{relative}/__init__.py" if is_package else f"{relative}.py"
        self._sources[name] = Source(name, path, content, spec)
        return self._sources[name]


def _installed() -> set[str]:
    """Return the directories whose modules belong to Python or to installed distributions."""
    scheme = sysconfig.get_paths()
    found = {scheme[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found.update(site.getsitepackages() if hasattr(site, "getsitepackages") else ())
    found.add(site.getusersitepackages())
    for base in {sys.prefix, sys.base_prefix, sys.exec_prefix}:
        found.add(os.path.join(base, "lib"))  # noqa: PTH118
        found.add(os.path.join(base, "Lib"))  # noqa: PTH118
    return {os.path.join(os.path.realpath(path), "") for path in found}  # noqa: PTH118
