"""Which values may be looked into without running code of the user's, and what kind each is."""

from __future__ import annotations

import array
import collections
import sys
from typing import Any

from ..immutable_types import PLAIN

#: JSON's own.
LEAVES: frozenset[type] = frozenset({bool, int, float, str})
MAPPINGS: frozenset[type] = frozenset(
    {dict, collections.OrderedDict, collections.defaultdict, collections.Counter}
)
SEQUENCES: frozenset[type] = frozenset({list, tuple, set, frozenset, collections.deque})
#: Sequences that no request can bring.
VIEWS: frozenset[type] = frozenset({range, array.array, type({}.keys()), type({}.values())})
BYTES: frozenset[type] = frozenset({bytes, bytearray})
_FIELDS = "__dataclass_fields__"
STANDARD = PLAIN - {complex, range, slice} - LEAVES


def of_pandas(kind: type) -> str | None:
    """Return the name of a class of pandas that has a JSON form; None if it is none of these."""
    return _name_in("pandas", kind)


def is_index(value: Any) -> bool:
    """Tell whether a value is a pandas Index of any kind."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, getattr(pandas, "Index", ()))


def is_array(kind: type) -> bool:
    """Tell whether it is NumPy's array, and no class made of it."""
    return _name_in("numpy", kind) == "ndarray"


def is_tensor(kind: type) -> bool:
    """Tell whether it is torch's tensor, and no class made of it."""
    return _name_in("torch", kind) == "Tensor"


def is_extension_array(value: Any) -> bool:
    """Tell whether a value is an array of pandas' own."""
    kind = type(value)
    if module_of(kind) != "pandas":
        return False
    extensions = getattr(getattr(sys.modules.get("pandas"), "api", None), "extensions", None)
    return extensions is not None and isinstance(value, extensions.ExtensionArray)


def is_scalar(kind: type) -> bool:
    """Tell whether it is a NumPy scalar's type."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and issubclass(kind, getattr(numpy, "generic", ()))


def _name_in(module: str, kind: type) -> str | None:
    loaded = sys.modules.get(module)
    name = kind.__name__
    return name if loaded is not None and loaded.__dict__.get(name) is kind else None


def is_record(kind: type) -> bool:
    """Tell whether it is a class that ``namedtuple`` has made, iterated as any tuple."""
    return (
        issubclass(kind, tuple)
        and tuple in kind.__bases__
        and type(kind.__dict__.get("_fields")) is tuple
        and "__iter__" not in kind.__dict__
    )


def fields_of(value: Any) -> dict[str, Any] | None:
    """Return a dataclass instance's fields as they are stored; None if it is none or has others."""
    kind = type(value)
    known = [vars(base) for base in type.__dict__["__mro__"].__get__(kind)]
    if any("__getattribute__" in one for one in known[:-1]):
        return None
    fields = next((one[_FIELDS] for one in known if _FIELDS in one), None)
    try:
        stored = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    if type(fields) is not dict or type(stored) is not dict:
        return None
    names = [name for name, one in fields.items() if one._field_type.name == "_FIELD"]
    return {name: stored[name] for name in names} if names and {*names} <= stored.keys() else None


def module_of(kind: type) -> str:
    """Return the top-level module of a class."""
    module = type.__dict__["__module__"].__get__(kind)
    return module.partition(".")[0] if isinstance(module, str) else ""
