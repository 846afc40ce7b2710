"""What the saved streams call to map classes to tables, as SQLAlchemy's declarative base did.

Streams name these functions, so a name here is part of the saved format. The classes' own bodies
are not run again: a mapping is made of its tables and properties, and then described; if that
differs from what the kernel's mapping was, nothing is restored.
"""

from __future__ import annotations

import importlib
from typing import Any

from ..mapping import describe


class Differs(Exception):
    """A class was mapped otherwise than it was in the kernel."""


def made(steps: list[Any], result: Any) -> Any:
    """Return what was made by the steps, which have been taken by now."""
    return result


def make_registry(metadata: Any, types: dict[Any, Any], constructor: Any) -> Any:
    """Make a registry that maps no class yet."""
    orm: Any = importlib.import_module("sqlalchemy.orm")
    return orm.registry(metadata=metadata, type_annotation_map=types, constructor=constructor)


def map_class(
    registry: Any, cls: type, table: Any, arguments: dict[str, Any], columns: dict[str, Any]
) -> None:
    """Map a class.

    Args:
        table: its own one, None if it has only that of the class that it derives from.
        arguments: of the mapper.
        columns: those of its properties that have columns of tables, as ``make_property`` takes
            them, by name.
    """
    properties = {name: make_property(*one) for name, one in columns.items()}
    registry.map_imperatively(cls, table, properties=properties, **arguments)


def make_property(kind: str, positional: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Make a property of a mapping: ``ColumnProperty``, ``Relationship`` and so on."""
    for name in ("properties", "relationships", "descriptor_props"):
        module = importlib.import_module(f"sqlalchemy.orm.{name}")
        if hasattr(module, kind):
            return getattr(module, kind)(*positional, **options)
    raise Differs(f"this version of SQLAlchemy has no {kind}")


def add_property(cls: type, name: str, *parts: Any) -> None:
    """Add a property to a mapped class, as ``make_property`` takes it."""
    mapper_of(cls).add_property(name, make_property(*parts))


def check_class(cls: type, names: list[str], expected: Any) -> None:
    """Put the properties of a class in order, and compare its mapping with what it was.

    Raises:
        Differs: it is another one.
    """
    mapper = mapper_of(cls)
    properties = mapper._props
    if sorted(properties) != sorted(names):
        raise Differs(f"the class {cls.__name__!r} has other mapped attributes than it had")
    for name in names:
        properties[name] = properties.pop(name)
    found = describe(mapper)
    for part in sorted({*found, *expected}):
        if found.get(part) != expected.get(part):
            raise Differs(f"the mapping of the class {cls.__name__!r} is not as it was: {part}")


def mapper_of(cls: type) -> Any:
    """Return the mapper of a class."""
    return cls.__dict__["__mapper__"]


def manager_of(cls: type) -> Any:
    """Return what instruments a mapped class."""
    return cls.__dict__["_sa_class_manager"]


def property_of(cls: type, name: str) -> Any:
    """Return a property of a class' mapping."""
    return mapper_of(cls)._props[name]


def attribute_of(cls: type, name: str) -> Any:
    """Return a mapped attribute of a class."""
    return cls.__dict__[name]
