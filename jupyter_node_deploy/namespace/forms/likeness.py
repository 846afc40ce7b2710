"""How JSON's values become like those of the checkpoint: tuples, sets, keys that are numbers.

JSON has objects, arrays and scalars; each may have stood for one kind of Python's. Where one place
of an example held two kinds (a list and a tuple in one list), no request can say which it means.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from . import kinds, objects
from .faults import Mismatch, NoInput
from .labels import key_text
from .objects import Make

_DEPTH = 64
_OF_JSON = kinds.LEAVES | {type(None)}


@dataclass
class Like:
    """What JSON's scalars, arrays and objects of one place stand for; None where there were none.

    Attributes:
        scalar: ``object``: ``str`` and the like stand for themselves; another type.
        maker: of such a type, where it is none of NumPy's.
        array: its type, and what is particular to it: the length limit of a deque.
        items: of the array.
        object: likewise, and the type of its keys.
        members: of the object, by key; of all others: ``rest``.
    """

    scalar: type | None = None
    maker: Make | None = None
    array: tuple[Any, ...] | None = None
    items: Like | None = None
    object: tuple[Any, ...] | None = None
    members: dict[str, Like] = field(default_factory=dict)


def like(value: Any, depth: int = _DEPTH) -> Like:
    """Return what the parts of a value are.

    Raises:
        NoInput: JSON can't say all of it.
    """
    kind = type(value)
    if value is None:
        return Like()
    if kind in kinds.LEAVES:
        return Like(scalar=object)
    if kinds.is_scalar(kind) and value.dtype.kind in "biufU":
        return Like(scalar=kind)
    maker = objects.scalar_of(value)
    if maker is not None:
        return Like(scalar=kind, maker=maker)
    if depth == 0:
        raise NoInput("it is nested too deeply")
    if kind in kinds.SEQUENCES:
        extra = value.maxlen if kind is collections.deque else None
        return Like(array=(kind, extra), items=united(value, depth))
    if kinds.is_record(kind):
        return Like(array=(kind, None), items=united(tuple.__iter__(value), depth))
    if kind in kinds.MAPPINGS:
        of_keys = {type(key) for key in value}
        if len(of_keys) > 1 or not of_keys <= {str, int}:
            names = ", ".join(sorted(one.__name__ for one in of_keys))
            raise NoInput(f"its keys are of the types {names}, and JSON's keys are text")
        extra = value.default_factory if kind is collections.defaultdict else None
        members = {key_text(key): like(item, depth - 1) for key, item in value.items()}
        return Like(object=(kind, next(iter(of_keys), str), extra), members=members)
    fields = objects.fields_of(value)
    if fields is not None:
        members = {name: like(item, depth - 1) for name, item in fields.items()}
        return Like(object=(kind, str, objects.made), members=members)
    raise NoInput(f"JSON has nothing that stands for a {_name(kind)}")


def is_plain(value: Any) -> bool:
    """Tell whether a value is made of JSON's own types only, told in a moment."""
    below, seen = [value], set[int]()
    while below:
        items = below.pop()
        if id(items) in seen:
            continue
        seen.add(id(items))
        kind = type(items)
        if kind is dict:
            if not {*map(type, items)} <= {str}:
                return False
            items = items.values()
        elif kind is not list:
            return False
        if not _OF_JSON.issuperset(map(type, items)):
            below += [item for item in items if type(item) not in _OF_JSON]
    return True


def _name(kind: type) -> str:
    module = kinds.module_of(kind)
    return kind.__name__ if module in ("builtins", "__main__") else f"{module}.{kind.__name__}"


def united(values: Iterable[Any], depth: int = _DEPTH) -> Like:
    """Return what the parts of all the values are.

    Raises:
        NoInput: they are of several kinds where JSON has one.
    """
    values = list(values)
    if kinds.LEAVES.issuperset(map(type, values)):
        return Like(scalar=object) if values else Like()
    found = Like()
    for value in values:
        found = _both(found, like(value, depth - 1))
    return found


def _both(one: Like, other: Like) -> Like:
    members = dict(one.members)
    for key, inner in other.members.items():
        members[key] = _both(members[key], inner) if key in members else inner
    items = (one.items, other.items)
    return Like(
        scalar=_one_of(one.scalar, other.scalar),
        maker=one.maker or other.maker,
        array=_one_of(one.array, other.array),
        items=_both(*items) if None not in items else items[0] or items[1],  # type: ignore[arg-type]
        object=_one_of(one.object, other.object),
        members=members,
    )


def _one_of(one: Any, other: Any) -> Any:
    if one is None or other is None or one == other:
        return one if other is None else other
    names = [
        getattr(part[0] if type(part) is tuple else part, "__name__", "") for part in (one, other)
    ]
    told = " and ".join("number or text" if name == "object" else name for name in names)
    raise NoInput(f"it holds several kinds of values that look alike in JSON ({told})")


def restorer(found: Like) -> Make | None:
    """Return what makes of JSON's value one like the example; None where that is the value itself.

    What is of another shape than the example stays as it is: whether it may be is for a schema.
    """
    scalar = found.scalar if found.scalar not in (None, object) else None
    items = restorer(found.items) if found.items is not None else None
    members = {key: make for key, one in found.members.items() if (make := restorer(one))}
    rest = None
    if found.members and members.keys() == found.members.keys():
        rest = _restorer_of_all(found.members.values())
    of_list = _of_list(found.array, items)
    of_dict = _of_dict(found.object, members, rest)
    if scalar is None and of_list is None and of_dict is None:
        return None
    to_scalar = found.maker or (scalar_maker(scalar) if scalar is not None else None)

    def restore(value: Any) -> Any:
        kind = type(value)
        if kind is list:
            return value if of_list is None else of_list(value)
        if kind is dict:
            return value if of_dict is None else of_dict(value)
        return value if to_scalar is None or value is None else to_scalar(value)

    return restore


def _restorer_of_all(members: Iterable[Like]) -> Make | None:
    """Return what restores a member with a key that the example did not have."""
    found = Like()
    try:
        for one in members:
            found = _both(found, one)
    except NoInput:
        return None
    return restorer(found)


def scalar_maker(kind: Any) -> Make:
    """Return what makes NumPy's scalar of JSON's; of another kind of value it makes nothing."""
    letter = kind().dtype.kind
    taken = {"b": (bool,), "i": (int,), "u": (int,), "f": (int, float), "U": (str,)}[letter]

    def make(value: Any) -> Any:
        if type(value) not in taken:
            return value
        try:
            return kind(value)
        except OverflowError:
            raise Mismatch(f"the number does not fit into {kind.__name__}") from None

    return make


def _of_list(array: tuple[Any, ...] | None, items: Make | None) -> Make | None:
    if array is None:
        return None
    kind, extra = array
    if kind is list:
        return None if items is None else lambda value: [items(item) for item in value]
    make = kind if extra is None else lambda values: kind(values, extra)
    make = kind._make if kinds.is_record(kind) else make

    def restore(value: list[Any]) -> Any:
        try:
            return make(value if items is None else map(items, value))
        except TypeError as error:  # a set's items can be hashed, in the example
            raise Mismatch(f"can't be in a {kind.__name__}: {error}") from None

    return restore


def _of_dict(
    mapping: tuple[Any, ...] | None, members: dict[str, Make], rest: Make | None
) -> Make | None:
    if mapping is None:
        return None
    kind, of_keys, factory = mapping
    if kind is dict and of_keys is str and not members and rest is None:
        return None

    def record(value: dict[str, Any]) -> Any:
        fields = {
            key: make(item) if (make := members.get(key)) else item for key, item in value.items()
        }
        return objects.made(kind, fields)

    def restore(value: dict[str, Any]) -> Any:
        made: Any = kind() if factory is None else kind(factory)
        for key, item in value.items():
            make = members.get(key, rest)
            made[_integer(key) if of_keys is int else key] = item if make is None else make(item)
        return made

    return record if factory is objects.made else restore


def _integer(key: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise Mismatch(f"the key {key!r} is no integer, as in the example", f".{key}") from None
