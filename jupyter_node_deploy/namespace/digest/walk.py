"""Walks over variables and hashes their parts."""

from __future__ import annotations

import marshal
import time
import types
from collections.abc import Mapping
from typing import Any

from ..importable import module_of, qualname_of
from .code import code_taker
from .data import data_taker
from .mapped import mapped_taker
from .omitted import is_omitted
from .parts import Parts, Taker, is_module_dict, taker_for, type_words
from .tree import Part, leaf, whole

#: Levels that are gone down; each takes some of Python's own.
_DEEP = 60
#: Parts of one container that are told apart by their labels; more are, in so many ranges, those
#: of numbers and texts in ranges of as many or more.
_MANY = 64
#: Bytes of a text from which only its hash is kept.
_LONG = 200
#: Parts between looks at the clock.
_OFTEN = 64

_SCALARS = frozenset({type(None), bool, int, float, complex, str, bytes})
_NAMED = (types.FunctionType, type)

#: A way to an object: the way to what holds it, and a label.
Path = tuple[Any, str]


class TooLong(Exception):
    """The walk takes longer than it may."""


class Walk:
    """Walks over the variables of a group, which may share objects.

    Args:
        namespace: the user's.
        named: the variable by which a function or class of the notebook is known, by its id.
        calls: whether what libraries save of their objects in C may be asked for.
        parts: of each variable that are looked at.
        until: when to give up, by ``time.monotonic()``.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        named: Mapping[int, str],
        *,
        calls: bool,
        parts: int,
        until: float,
    ) -> None:
        self._namespace = namespace
        self._named = named
        self._calls = calls
        self._parts = self._left = parts
        self._until = until
        self._seen: dict[int, tuple[Path, Any]] = {}
        self._kept: list[Any] = []  # temporaries: nothing else may get their addresses
        self._places: list[tuple[int, int, Path]] = []

    def variable(self, name: str, value: Any) -> Part:
        """Return the digest of a variable.

        Raises:
            TooLong: it takes too long.
        """
        self._left = self._parts
        return self._visit(value, (None, name), 0, top=True)

    def _visit(self, obj: Any, path: Path, depth: int, *, top: bool = False) -> Part:
        kind = type(obj)
        if kind in _SCALARS:
            return _scalar(kind, obj)
        known = self._seen.get(id(obj))
        if known is not None:
            return leaf("", f"the same object as {_words(known[0])}")
        self._left -= 1
        if self._left <= 0 or depth > _DEEP:
            return Part("", type_words(kind), "", 1)
        if self._left % _OFTEN == 0 and time.monotonic() > self._until:
            raise TooLong
        taker = _takers.get(kind)
        if taker is None:
            taker = _takers[kind] = _taker(kind)
        what = type_words(kind)
        if taker is _omitted:
            return Part("", what, "", 1)
        if not top and id(obj) in self._named and isinstance(obj, _NAMED):
            name = qualname_of(obj) if isinstance(obj, type) else obj.__qualname__
            return leaf("", f"the notebook's {name}")
        if kind is dict and (module := self._namespace_of(obj)):
            return leaf("", f"the namespace of {module}")
        try:
            parts = taker(obj, self._calls)
        except (KeyboardInterrupt, TooLong):
            raise
        except Exception:  # a library has changed what it keeps where
            return Part("", what, "", 1)
        if parts.shared:
            self._seen[id(obj)] = path, obj
        else:
            self._kept.append(obj)
        return self._whole(parts.what or self._type_of(kind, what), parts, path, depth)

    def _namespace_of(self, obj: dict[Any, Any]) -> str:
        return "the notebook" if obj is self._namespace else is_module_dict(obj)

    def _type_of(self, kind: type, what: str) -> str:
        if module_of(kind) == "__main__" and "." not in what:
            found = self._namespace.get(what)
            if found is not kind and issubclass(type(found), type):
                return f"{what} (defined earlier)"
        return what

    def _whole(self, what: str, parts: Parts, path: Path, depth: int) -> Part:
        inside: dict[str, Part] = {}
        ways: list[tuple[str, Any]] = list(parts.inside)
        if parts.place is not None and (holder := self._overlaps(parts.place, path)):
            inside["(memory)"] = leaf("", f"shown by {holder}, too")
        ways += sorted(parts.attributes, key=lambda one: one[0])
        for label, value in ways:
            part = self._visit(value, (path, label), depth + 1)
            if part.hash:
                inside[label] = part
        if parts.items is not None:
            inside.update(self._items(parts.items, path, depth))
        if parts.pairs is not None:
            inside.update(self._pairs(parts.pairs, path, depth))
        members = []
        if parts.members:
            few = len(parts.members) <= _MANY and _all_scalar(parts.members)
            named = {f"{{{one!r}}}": one for one in parts.members} if few else {}
            if few and max(map(len, named)) <= _LONG:
                for label in sorted(named):
                    inside[label] = self._visit(named[label], (path, label), depth + 1)
            else:
                members = [self._visit(one, (path, "{…}"), depth + 1) for one in parts.members]
        text = parts.text or _text_of(parts)
        content = parts.content + parts.text.encode("utf-8", "surrogatepass")
        made = whole(what, text, content, inside, members=members)
        made.skipped += parts.skipped + sum(not one.hash for one in inside.values())
        return made

    def _items(self, items: list[Any], path: Path, depth: int) -> dict[str, Part]:
        if len(items) <= _MANY:
            return {
                f"[{number}]": self._visit(one, (path, f"[{number}]"), depth + 1)
                for number, one in enumerate(items)
            }
        plain = _all_scalar(items)
        found = {}
        step = -(-len(items) // _MANY)
        step = max(step, _MANY) if plain else step
        for start in range(0, len(items), step):
            part = items[start : start + step]
            label = f"~[{start}:{start + len(part)}]"
            if plain:
                found[label] = leaf("list", f"{len(part)} items", marshal.dumps(part, 2))
            else:
                found[label] = self._range(
                    {f"[{number}]": (path, one) for number, one in enumerate(part, start)},
                    depth,
                )
        return found

    def _pairs(self, pairs: list[tuple[Any, Any]], path: Path, depth: int) -> dict[str, Part]:
        if len(pairs) > _MANY and _all_scalar([one for pair in pairs for one in pair]):
            step = max(-(-len(pairs) // _MANY), _MANY)
            return {
                f"~[{pairs[start][0]!r:.40} and {step - 1} after it]": leaf(
                    "dict", f"{step} items", marshal.dumps(pairs[start : start + step], 2)
                )
                for start in range(0, len(pairs), step)
            }
        labelled: dict[str, tuple[Path, Any]] = {}
        for number, (key, value) in enumerate(pairs):
            if type(key) in _SCALARS:
                label = f"[{key!r}]"
                if len(label) > _LONG or label in labelled:
                    label = f"{label[:_LONG]}#{number}"
            else:
                label = f"[key {number}]"
                labelled[f"{label}.key"] = path, key
            labelled[label] = path, value
        if len(labelled) <= _MANY:
            return {
                label: self._visit(one, (way, label), depth + 1)
                for label, (way, one) in labelled.items()
            }
        labels = list(labelled)
        step = -(-len(labels) // _MANY)
        return {
            f"~{labels[start]} and {step - 1} after it": self._range(
                {label: labelled[label] for label in labels[start : start + step]}, depth
            )
            for start in range(0, len(labels), step)
        }

    def _range(self, ways: Mapping[str, tuple[Path, Any]], depth: int) -> Part:
        inside = {
            label: self._visit(one, (path, label), depth + 1) for label, (path, one) in ways.items()
        }
        return whole("", f"{len(inside)} items", b"", inside)

    def _overlaps(self, place: tuple[int, int], path: Path) -> str:
        """Return the way to what shows the same memory, if something was seen that does."""
        low, high = place
        found = next((way for one, other, way in self._places if one < high and low < other), None)
        if len(self._places) < 1000:
            self._places.append((low, high, path))
        return "" if found is None else _words(found)


def _omitted(obj: Any, calls: bool) -> Parts:
    raise NotImplementedError


_takers: dict[type, Taker] = {}


def _taker(kind: type) -> Taker:
    if is_omitted(kind):
        return _omitted
    return code_taker(kind) or data_taker(kind) or mapped_taker(kind) or taker_for(kind)


def _all_scalar(items: list[Any]) -> bool:
    return set(map(type, items)) <= _SCALARS


def _scalar(kind: type, obj: Any) -> Part:
    if kind is int and not -(2**63) <= obj < 2**64:
        return leaf("int", f"{obj:x}"[:_LONG], f"{obj:x}".encode())  # decimal takes long
    if kind in (str, bytes) and len(obj) > _LONG:
        content = obj.encode("utf-8", "surrogatepass") if kind is str else obj
        return leaf(kind.__name__, f"{obj[:_LONG]!r}", content)
    return leaf(kind.__name__, repr(obj))


def _text_of(parts: Parts) -> str:
    """Return a text of what has no text of its own: how much is in it, or all if that is little."""
    if parts.items is not None:
        if len(parts.items) <= 8 and _all_scalar(parts.items):
            return repr(parts.items)
        return f"{len(parts.items)} items"
    if parts.pairs is not None:
        return f"{len(parts.pairs)} items"
    if parts.members:
        return f"{len(parts.members)} members"
    return ""


def _words(path: Path) -> str:
    labels = []
    way: Any = path
    while way is not None:
        way, label = way
        labels.append(label)
    return "".join(reversed(labels))
