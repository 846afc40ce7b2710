"""The parts of what SQLAlchemy makes of mapped classes: what was declared, not what it caches."""

from __future__ import annotations

from typing import Any

from ..importable import dict_of, module_of, mro, name_of
from ..mapping import describe
from .parts import Parts, Taker, reader_for

#: Of the state of an instance: what it is saved with, and what it is where it is not set. What it
#: was loaded with, and whose collections it is in, goes by objects that only one process has.
_STATE = {
    "committed_state": None,
    "expired": False,
    "expired_attributes": None,
    "info": None,
    "key": None,
    "modified": False,
}


def mapped_taker(kind: type) -> Taker | None:
    """Return what takes instances of a type of the mapping apart, None for other types."""
    keys = ((module_of(base), name_of(base)) for base in mro(kind))
    return next((_TAKERS[key] for key in keys if key in _TAKERS), None)


def mapping_of(cls: type) -> dict[str, str] | None:
    """Return what a class' mapping is, None if it has none of its own."""
    mapper = dict_of(cls).get("__mapper__")
    return describe(mapper) if hasattr(type(mapper), "iterate_properties") else None


def _of_class(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".class_", vars(obj)["class_"])], shared=False)


def _property(obj: Any, calls: bool) -> Parts:
    parent = getattr(obj, "parent", None)
    if parent is None:
        return Parts(attributes=reader_for(type(obj))(obj))
    return Parts(inside=[(".key", obj.key), (".parent", parent)], shared=False)


def _attribute(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".class_", obj.class_), (".key", obj.key)], shared=False)


def _registry(obj: Any, calls: bool) -> Parts:
    names = ("metadata", "type_annotation_map", "constructor")
    return Parts(inside=[(f".{name}", vars(obj).get(name)) for name in names])


def _state(obj: Any, calls: bool) -> Parts:
    own = vars(obj)
    found = [(f".{name}", own.get(name) or default) for name, default in _STATE.items()]
    return Parts(attributes=found)


def _expression(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".fget", obj.fget), (".fset", obj.fset), (".expr", obj.expr)])


_TAKERS: dict[tuple[str, str], Taker] = {
    ("sqlalchemy.ext.hybrid", "hybrid_property"): _expression,
    ("sqlalchemy.orm.attributes", "InstrumentedAttribute"): _attribute,
    ("sqlalchemy.orm.decl_api", "registry"): _registry,
    ("sqlalchemy.orm.instrumentation", "ClassManager"): _of_class,
    ("sqlalchemy.orm.interfaces", "MapperProperty"): _property,
    ("sqlalchemy.orm.mapper", "Mapper"): _of_class,
    ("sqlalchemy.orm.state", "InstanceState"): _state,
}
