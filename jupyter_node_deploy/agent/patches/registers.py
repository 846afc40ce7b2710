"""Registers of packages in whose entries nothing need be the notebook's: names, colours, defaults.

A walk can't tell such an entry from a package's own. So each register is asked for the names that
stand in the texts of the calls that enter something in that package. Runs in the kernel.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from ...namespace.format.registrations import Registration

_Entries = Iterator[tuple[str, Registration]]


def entries(said: Mapping[str, Set[str]]) -> dict[str, Registration]:
    """Return what the notebook has entered, by the names under which it is saved.

    Args:
        said: texts in calls that enter something, by the top-level module of what is called.
    """
    found: dict[str, Registration] = {}
    for top, read in _REGISTERS.items():
        module = sys.modules.get(top)
        if module is not None and top in said:
            with contextlib.suppress(Exception):  # of another version
                found.update(read(module, said[top]))
    return found


def _error_handlers(codecs: Any, said: Set[str]) -> _Entries:
    for name in sorted(said):
        try:
            handler = codecs.lookup_error(name)
        except LookupError:
            continue
        if not hasattr(codecs, getattr(handler, "__name__", "")):
            call = Registration("codecs.register_error", (name, handler))
            yield f"codecs.register_error[{name!r}]", call


def _types(mimetypes: Any, said: Set[str]) -> _Entries:
    known = mimetypes._db.types_map if mimetypes._db is not None else ({}, {})
    for strict in (True, False):
        for ending in sorted(said & known[strict].keys()):
            call = Registration("mimetypes.add_type", (known[strict][ending], ending, strict))
            yield f"mimetypes.types_map[{ending!r}]", call


def _archives(shutil: Any, said: Set[str]) -> _Entries:
    for register in ("_ARCHIVE_FORMATS", "_UNPACK_FORMATS"):
        yield from _items(f"shutil.{register}", getattr(shutil, register), said)


def _colours(matplotlib: Any, said: Set[str]) -> _Entries:
    maps = getattr(matplotlib, "colormaps", None)
    if maps is not None:
        new = {name: one for name, one in maps._cmaps.items() if name not in maps._builtin_cmaps}
        yield from _items("matplotlib.colormaps._cmaps", new, said)
    lists = getattr(matplotlib, "color_sequences", None)
    if lists is not None:
        yield from _items(
            "matplotlib.color_sequences._color_sequences", lists._color_sequences, said
        )


def _extensions(spacy: Any, said: Set[str]) -> _Entries:
    underscore = sys.modules["spacy.tokens.underscore"].Underscore
    for register in ("doc_extensions", "span_extensions", "token_extensions"):
        path = f"spacy.tokens.underscore.Underscore.{register}"
        yield from _items(path, getattr(underscore, register), said)


def _units(pint: Any, said: Set[str]) -> _Entries:
    registry = pint.application_registry.get()
    if registry is not pint._DEFAULT_REGISTRY:
        call = Registration("pint.set_application_registry", (registry,))
        yield "pint.application_registry[0]", call


def _items(path: str, register: Mapping[str, Any], said: Set[str]) -> _Entries:
    for name in sorted(said & register.keys()):
        yield f"{path}[{name!r}]", Registration(f"{path}.__setitem__", (name, register[name]))


_REGISTERS: dict[str, Callable[[Any, Set[str]], _Entries]] = {
    "codecs": _error_handlers,
    "matplotlib": _colours,
    "mimetypes": _types,
    "pint": _units,
    "shutil": _archives,
    "spacy": _extensions,
}
