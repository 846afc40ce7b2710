"""Reads the options of a kernel's process, as they are when a checkpoint is asked for."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..apart import save_apart
from ..difference import Difference
from ..reasons import describe
from .entry import Entry
from .setter import set_options
from .table import TABLE

#: Characters of a value's text.
_TEXT = 100


@dataclass(frozen=True)
class _Package:
    """What is known of one package: its pickled options, empty when none is set."""

    stream: bytes = b""
    texts: Mapping[str, str] = field(default_factory=dict)
    uses: frozenset[str] = frozenset()
    lost: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The options that are not at their defaults.

    Attributes:
        content: a pickle of ``{module: pickle of {option: value}}``; empty when there is none.
        texts: each value as text, by module and option.
        uses: global names that functions among the values use.
        lost: options that can't be saved.
    """

    content: bytes = b""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    lost: tuple[Difference, ...] = ()


class OptionReader:
    """Reads options, again only where one has changed; made when the kernel has just started."""

    def __init__(self) -> None:
        self._start: dict[str, Mapping[str, Any]] = {}
        self._copies: dict[str, Any] = {}
        self._packages: dict[str, _Package] = {}
        self._reading = Reading()
        for name, entry in TABLE.items():
            if name in sys.modules:
                self._start[name] = entry.read(sys.modules[name])
                entry.begin(sys.modules[name])

    def read(
        self, namespace: dict[str, Any], names: Iterable[str], code: str | None = None
    ) -> Reading:
        """Return the options as they are now.

        Args:
            namespace: the user's.
            names: the variables that are saved.
            code: all that has run since the last time; None: anything, so nothing is taken over.
        """
        changed = False
        for name, entry in TABLE.items():
            module = sys.modules.get(name)
            if module is None:
                continue
            try:
                live = entry.live(module)
                if code is not None and self._is_as_before(entry, live, code):
                    continue
                found = self._read(entry, module, namespace, names)
                self._copies[name] = entry.copy(live)
            except Exception:  # it is being imported, or of a version that has no such options
                found = _Package()
            changed = changed or found != self._packages.get(name)
            self._packages[name] = found
        if changed:
            self._reading = _together(self._packages)
        return self._reading

    def _is_as_before(self, entry: Entry, live: Any, code: str) -> bool:
        if entry.module not in self._copies or (entry.word and entry.word in code):
            return False
        return entry.equal(live, self._copies[entry.module])

    def _read(
        self, entry: Entry, module: Any, namespace: dict[str, Any], names: Iterable[str]
    ) -> _Package:
        start = self._start.get(entry.module, {})
        values = entry.changed(module, start)
        lost = [_difference(entry, *one) for one in entry.lost(module, start).items()]
        if not values:
            return _Package(lost=tuple(lost))
        names = list(names)
        try:
            stream, uses = save_apart(namespace, names, values)
        except Exception:
            for name in list(values):
                try:
                    save_apart(namespace, names, {name: values[name]})
                except Exception as error:
                    reason = f"its value can't be saved ({describe(error)})"
                    lost.append(_difference(entry, name, reason))
                    del values[name]
            stream, uses = save_apart(namespace, names, values)
        shown = entry.shown(module, values, start)
        texts = {name: _text(value) for name, value in shown.items()}
        return _Package(stream, texts, uses, tuple(lost))

    def set_back(self, streams: Mapping[str, bytes]) -> list[str]:
        """Set the options of all loaded modules as a checkpoint has them; return what can't be.

        Args:
            streams: for each module the pickle of ``{option: value}``; the others are at their
                defaults.
        """
        failures = []
        for name, entry in TABLE.items():
            module = sys.modules.get(name)
            try:
                values = pickle.loads(streams[name]) if name in streams and module else {}
                if module is not None:
                    start = self._start.get(name, {})
                    present = entry.changed(module, start)
                    back = entry.back(module, present, start)
                    set_options(name, {**back, **values})
            except Exception as error:
                failures.append(f"the options of {name} could not be set ({describe(error)})")
        return failures


def _together(packages: Mapping[str, _Package]) -> Reading:
    streams = {name: one.stream for name, one in packages.items() if one.stream}
    return Reading(
        content=pickle.dumps(streams, 5) if streams else b"",
        texts={name: dict(packages[name].texts) for name in streams if packages[name].texts},
        uses=tuple(sorted(frozenset().union(*(one.uses for one in packages.values())))),
        lost=tuple(difference for one in packages.values() for difference in one.lost),
    )


def _difference(entry: Entry, name: str, detail: str) -> Difference:
    return Difference(
        kind="option",
        subject=f"{entry.module}: {name}",
        detail=detail,
        modules=[entry.module.partition(".")[0]],
    )


def _text(value: Any) -> str:
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
