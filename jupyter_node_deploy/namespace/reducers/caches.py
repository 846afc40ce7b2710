"""How functions in ``lru_cache`` are reduced: the function, and what the cache knows."""

from __future__ import annotations

import functools
import gc
import types
from typing import Any

from ..format import builders
from ..format.caches import fill_cache
from ..importable import dict_of, found_in, module_of, mro, qualname_of
from ..pickler import NamespacePickler
from .functions import variable_path

_Call = tuple[tuple[Any, ...], dict[str, Any], Any]
_OWN = ("__wrapped__", "cache_parameters")


def reduce_cache(pickler: NamespacePickler, function: Any) -> Any:
    """By import, by name, or else the function, the cache's parameters and its contents."""
    module, qualname = function.__dict__.get("__module__"), function.__dict__.get("__qualname__")
    if found_in(module, qualname, function):
        pickler.imports(module, function)
        return NotImplemented
    path = variable_path(pickler, function, qualname)
    if path:
        return pickler.refer(path, function)
    parameters = function.cache_parameters()
    attributes = {name: value for name, value in function.__dict__.items() if name not in _OWN}
    arguments = (function.__wrapped__, parameters["maxsize"], parameters["typed"])
    made = builders.make_cache, arguments
    hits, misses, _, count = function.cache_info()
    if not count:
        return *made, attributes
    calls = _calls(function, parameters["typed"])
    if calls is None:
        _lose(pickler, function, "what it was called with")
    elif pickler.leaves_out(function, {_CACHE: calls}):
        reason = pickler.context.left.get((id(function), _CACHE))
        if reason is not None:
            _lose(pickler, function, reason)
    else:
        told = attributes, calls, hits, misses
        return *made, told, None, None, fill_cache
    return *made, attributes


def known_results(function: Any) -> list[Any] | None:
    """Return what a cache knows, None if it can't be told."""
    calls = _calls(function, function.cache_parameters()["typed"])
    return None if calls is None else [result for *_, result in calls]


_CACHE = "cache_info"


def _lose(pickler: NamespacePickler, function: Any, what: str) -> None:
    how = f"the results in its cache are not saved ({what}), so the node computes them again"
    pickler.lost.append((function, "", how))


def _mark() -> Any:
    """Return what stands before keyword arguments in the keys of caches."""

    @functools.cache
    def keyed(**_: Any) -> None: ...

    keyed(x=1)
    key = next(next(iter(part)) for part in gc.get_referents(keyed) if type(part) is dict)
    return next(part for part in key if type(part) is object)


_MARK = _mark()


def _calls(function: Any, typed: bool) -> list[_Call] | None:
    """Return what the cache knows, the oldest first; None if it can't be told."""
    if type(function.__wrapped__) is not types.FunctionType:
        return None
    parts = gc.get_referents(function)
    # Key, result and type of each entry, the oldest first; the dict of them; the function.
    places = [n for n, part in enumerate(parts) if part is function.__wrapped__]
    known = parts[places[-1] - 1] if places else None
    count = function.cache_info().currsize
    if type(known) is not dict or len(known) != count:
        return None
    if function.cache_parameters()["maxsize"] is None:
        items = list(known.items())
    else:
        entries = parts[: places[-1] - 1][-3 * count :]
        items = list(zip(entries[::3], entries[1::3], strict=True))
        if not all(key in known for key, _ in items):
            return None
    found = []
    for key, result in items:
        call = _call(key, typed)
        if call is None or any(_hashes_by_itself(one) for one in (*call[0], *call[1].values())):
            return None
        found.append((*call, result))
    return found


def _call(key: Any, typed: bool) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    if type(key) is not tuple:
        return (key,), {}
    marks = [n for n, part in enumerate(key) if part is _MARK]
    if not marks:
        return (key[: len(key) // 2] if typed else key), {}
    first = marks[0]
    rest = len(key) - first - 1
    count = (rest - first) // 3 if typed else rest // 2
    pairs = key[first + 1 : first + 1 + 2 * count]
    return key[:first], dict(zip(pairs[::2], pairs[1::2], strict=True))


def _hashes_by_itself(value: Any) -> bool:
    """Tell whether code of the notebook's says what the value's hash is."""
    kind = type(value)
    if type(value) in (tuple, frozenset):
        return any(map(_hashes_by_itself, value))
    owner = next((cls for cls in mro(kind) if "__hash__" in dict_of(cls)), object)
    return not found_in(module_of(owner), qualname_of(owner), owner)
