"""How classes that SQLAlchemy maps to tables are reduced, with all that belongs to the mapping.

The classes of one registry need each other: whichever is met first brings the registry with all of
them. First come the bare classes, then the columns of each, then expressions and relationships,
which may need any class; last, each mapping is compared with a description of what it was.
"""

from __future__ import annotations

import functools
import gc
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from ..format import mapped
from ..importable import dict_of, module_of, mro, name_of, qualname_of
from ..mapping import Unknown, describe, mapper_options, property_options, registry_of
from ..pickler import NamespacePickler, Reducer
from ..reasons import Unsavable

_INSIDE = "define the mapped classes inside the service cell, or in a local module"
#: Set by the mapper in each class that it maps.
_MADE = frozenset({"__mapper__", "_sa_class_manager", "__table__"})
#: The properties that are made anew, by their types' names.
_KINDS = frozenset(
    {
        "ColumnProperty",
        "MappedSQLExpression",
        "Relationship",
        "RelationshipProperty",
        "_RelationshipDeclared",
        "Synonym",
        "SynonymProperty",
    }
)
_NOBODYS = ("", "sqlalchemy")


class Family:
    """The classes of one registry, while they are pickled.

    Attributes:
        mapped: those whose mapping is in the stream by now.
    """

    def __init__(self, registry: Any) -> None:
        self.registry = registry
        self.mapped: set[type] = set()
        # A class whose statement has failed may be known, and is not mapped.
        managers = [one for one in list(registry._managers) if one.is_mapped]
        mappers = sorted((one.mapper for one in managers), key=_creation)
        for mapper in mappers:
            _check(mapper)
        self.steps = [
            registry,
            [mapper.class_ for mapper in mappers],
            *(_Step(mapped.map_class, *self._mapping(mapper)) for mapper in mappers),
            _Done(self, [mapper.class_ for mapper in mappers]),
            *(one for mapper in mappers for one in self._added(mapper)),
            *(_checked(mapper) for mapper in mappers),
        ]

    def _mapping(self, mapper: Any) -> tuple[Any, ...]:
        arguments = _arguments(mapper)
        columns = {
            name: _property(mapper, prop) for name, prop in _own(mapper) if _is_of_table(prop)
        }
        kept = {id(one) for prop in mapper._props.values() for one in _columns(prop)}
        tables = {id(one.local_table): one.local_table for one in mapper.iterate_to_root()}
        left = [one for table in tables.values() for one in table.c if id(one) not in kept]
        arguments["exclude_properties"] = left or None
        table = None if mapper.single else mapper.local_table
        return self.registry, mapper.class_, table, arguments, columns

    def _added(self, mapper: Any) -> Iterator[Any]:
        for name, prop in _own(mapper):
            if not _is_of_table(prop):
                yield _Step(mapped.add_property, mapper.class_, name, *_property(mapper, prop))


class _Step:
    """Stands in a stream for a call."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function = function
        self.arguments = arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


class _Done:
    """Stands where the classes are mapped: from here on their attributes can be named."""

    def __init__(self, family: Family, classes: list[type]) -> None:
        self.family = family
        self.classes = classes

    def __reduce__(self) -> Any:
        self.family.mapped.update(self.classes)
        return tuple, ()


def _creation(mapper: Any) -> Any:
    return len(list(mapper.iterate_to_root())), _orders(mapper)


def _orders(mapper: Any) -> int:
    return min((prop._creation_order for _, prop in _own(mapper)), default=0)


def _own(mapper: Any) -> list[tuple[str, Any]]:
    return [(name, prop) for name, prop in mapper._props.items() if prop.parent is mapper]


def _columns(prop: Any) -> tuple[Any, ...]:
    return tuple(getattr(prop, "columns", ()))


def _is_of_table(prop: Any) -> bool:
    columns = _columns(prop)
    return bool(columns) and all(type(one).__name__ == "Column" for one in columns)


def _refuse(mapper: Any, what: str) -> Unsavable:
    cls = mapper.class_
    return Unsavable(
        f"the class {qualname_of(cls)!r}, which SQLAlchemy maps to tables {what}", _INSIDE, cls
    )


def _arguments(mapper: Any) -> dict[str, Any]:
    found = mapper_options(mapper)
    parent = mapper.inherits
    if module_of_function(found.get("version_id_generator")) == "sqlalchemy":
        del found["version_id_generator"]
    for name in ("polymorphic_on", "version_id_col", "version_id_generator"):
        if parent is not None and name in found and found[name] is getattr(parent, name):
            del found[name]
    if mapper.single:
        found["inherit_condition"] = found["inherit_foreign_keys"] = None
    if mapper._primary_key_argument:
        found["primary_key"] = list(mapper._primary_key_argument)
    if parent is not None:
        found["inherits"] = parent.class_
    return found


def module_of_function(value: Any) -> str:
    """Return the top-level module of a function, empty if it is none."""
    return value.__module__.partition(".")[0] if type(value) is types.FunctionType else ""


def _property(mapper: Any, prop: Any) -> tuple[Any, ...]:
    kind = type(prop).__name__
    descriptor = getattr(getattr(prop, "descriptor", None), "fget", None)
    if getattr(prop, "map_column", None) or module_of_function(descriptor) not in _NOBODYS:
        raise _refuse(mapper, f"with {prop.key!r}, a {kind} with a descriptor or column of its own")
    return kind, _columns(prop), property_options(prop)


def _check(mapper: Any) -> None:
    """Refuse what a mapping made anew would not have.

    Raises:
        Unsavable: there is such a thing.
    """
    for name, prop in _own(mapper):
        kind = type(prop)
        if module_of(kind).partition(".")[0] != "sqlalchemy" or name_of(kind) not in _KINDS:
            raise _refuse(mapper, f"with {name!r}, a {name_of(kind)}")
    if mapper.concrete or getattr(mapper.local_table, "metadata", None) is None:
        raise _refuse(mapper, "of their own for each class, or to queries")
    if mapper.with_polymorphic is not None:
        raise _refuse(mapper, "with 'with_polymorphic' or 'polymorphic_load'")
    if "_sa_polymorphic_on" in mapper._props:
        raise _refuse(mapper, "with an expression as 'polymorphic_on'")
    holders = [mapper, mapper.class_manager, mapper.local_table, mapper.local_table.metadata]
    holders += [dict_of(mapper.class_)[name] for name, _ in _own(mapper)]
    holders += [mapper.registry, *mapper.local_table.c]
    for holder in holders:
        event = _listened(holder)
        if event:
            raise _refuse(mapper, f"with a function that is called at {event!r}")


def _listened(holder: Any) -> str:
    """Return an event of an object for which somebody else than SQLAlchemy has registered."""
    return _listened_at(getattr(holder, "dispatch", None))


def _listened_at(dispatch: Any) -> str:
    for name in getattr(dispatch, "_event_names", ()):
        if not all(_is_sqlalchemys(one) for one in getattr(dispatch, name)):
            return str(name)
    return ""


def _is_sqlalchemys(listener: Any) -> bool:
    if type(listener) is functools.partial:
        return _is_sqlalchemys(listener.func)
    function = getattr(listener, "__func__", listener)
    if type(function) is not types.FunctionType:
        return name_of(type(function)) == "portable_instancemethod"
    if module_of_function(function) != "sqlalchemy":
        return False
    if "_validator_events" in function.__qualname__:  # made of the class' own methods
        return True
    return all(
        _is_sqlalchemys(one)
        for cell in function.__closure__ or ()
        for one in gc.get_referents(cell)  # none, if it is empty
        if callable(one) and not issubclass(type(one), type)
    )


def _checked(mapper: Any) -> Any:
    return _Step(mapped.check_class, mapper.class_, [*mapper._props], describe(mapper))


def begun(pickler: NamespacePickler, registry: Any, obj: Any) -> Any:
    """Return how an object brings all of a registry, None if that has begun in this stream."""
    if id(registry) in pickler.families:
        return None
    try:
        family = pickler.families[id(registry)] = Family(registry)
    except Unknown as unknown:
        what = f"classes whose {str(unknown)!r} this version of SQLAlchemy keeps in an unknown way"
        raise Unsavable(what, _INSIDE, obj) from None
    return mapped.made, (family.steps, obj)


def without_mapping(cls: type, attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a class without those that its mapper makes."""
    mapper = attributes.get("__mapper__")
    if mapper is None:
        return attributes
    kept = {k: v for k, v in attributes.items() if k not in _MADE and k not in mapper._props}
    original = _original(kept.pop("__init__", None))
    inherited = (dict_of(one).get("__init__") for one in mro(cls)[1:])
    if original is not None and original is not next(filter(None, inherited)):
        kept["__init__"] = original
    return kept


def _original(function: Any) -> Any:
    return getattr(function, "_sa_original_init", function)


def mapped_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of SQLAlchemy's mappings are reduced, None if as usual."""
    if "sqlalchemy" not in sys.modules:
        return None
    for base in mro(kind):
        found = _REDUCERS.get((module_of(base), name_of(base)))
        if found is not None:
            return found
    return None


def _reduce_registry(pickler: NamespacePickler, registry: Any) -> Any:
    if type(registry._class_registry).__name__ != "WeakValueDictionary":
        what = "a registry of mapped classes with a 'class_registry' of the notebook's"
        raise Unsavable(what, _INSIDE, registry)
    whole = begun(pickler, registry, registry)
    if whole is not None:
        return whole
    arguments = registry.metadata, dict(registry.type_annotation_map), registry.constructor
    return mapped.make_registry, arguments


def _reduce_dispatch(pickler: NamespacePickler, dispatch: Any) -> Any:
    event = _listened_at(dispatch)
    if event:
        what = f"a function that SQLAlchemy calls at {event!r}"
        advice = "make what it listens to inside the service cell, or in a local module"
        raise Unsavable(what, advice, dispatch)
    return NotImplemented


def _of_class(
    builder: Callable[..., Any], class_of: Callable[[Any], Any], *, named: bool = False
) -> Reducer:
    def reduce(pickler: NamespacePickler, obj: Any) -> Any:
        cls = class_of(obj)
        if cls is None:
            return NotImplemented
        family = pickler.families.get(id(registry_of(cls)))
        if family is not None and cls not in family.mapped:
            raise Unsavable(
                f"an attribute that refers to {qualname_of(cls)!r}, which SQLAlchemy maps to "
                "tables, in the classes that it maps",
                _INSIDE,
                obj,
            )
        pickler.constants.add(id(obj))
        if not named:
            return builder, (cls,)
        if builder is mapped.attribute_of and dict_of(cls).get(obj.key) is not obj:
            raise Unsavable("an attribute of a mapped class with conditions", _INSIDE, obj)
        return builder, (cls, obj.key)

    return reduce


def _class_of_property(prop: Any) -> Any:
    parent = getattr(prop, "parent", None)
    return None if parent is None else parent.class_


_REDUCERS: dict[tuple[str, str], Reducer] = {
    ("sqlalchemy.event.base", "_DispatchCommon"): _reduce_dispatch,
    ("sqlalchemy.orm.decl_api", "registry"): _reduce_registry,
    ("sqlalchemy.orm.mapper", "Mapper"): _of_class(mapped.mapper_of, lambda one: one.class_),
    ("sqlalchemy.orm.instrumentation", "ClassManager"): _of_class(
        mapped.manager_of, lambda one: one.class_
    ),
    ("sqlalchemy.orm.interfaces", "MapperProperty"): _of_class(
        mapped.property_of, _class_of_property, named=True
    ),
    ("sqlalchemy.orm.attributes", "InstrumentedAttribute"): _of_class(
        mapped.attribute_of, lambda one: one.class_, named=True
    ),
}
