"""What a class' mapping to tables by SQLAlchemy is, in words: the same in kernel and node.

Kernel and worker both describe, and what the kernel has saved is compared with what the worker
made of it. Only what was declared is described: what the mapper makes of that on first use is not.
"""

from __future__ import annotations

import inspect
import sys
import types
from typing import Any

from .importable import dict_of, module_of, mro, qualname_of

#: Of mappers what their constructor is given elsewhere, or keeps under another name.
_MAPPERS_OWN = frozenset(
    {
        "self",
        "class_",
        "local_table",
        "properties",
        "inherits",
        "primary_key",
        "with_polymorphic",
        "_polymorphic_map",
        "include_properties",
        "exclude_properties",
    }
)
#: Of relationships: what the attribute is called in which a parameter is kept; None: not kept.
_KEPT = {
    "self": None,
    "secondary": None,  # in _init_args, like the next ones
    "primaryjoin": None,
    "secondaryjoin": None,
    "order_by": None,
    "foreign_keys": None,
    "remote_side": None,
    "back_populates": None,
    "uselist": None,
    "attribute_options": None,  # of dataclasses, which are not described
    "overlaps": "_overlaps",
    "cascade": "_cascade",
    "bake_queries": None,
    "cascade_backrefs": None,
    "_local_remote_pairs": None,
    "column": None,
    "descriptor": None,
    "additional_columns": None,
    "default_scalar_value": "_default_scalar_value",
    "_instrument": "instrument",
    "_assume_readonly_dc_attributes": None,
}
_ARGUMENTS = (
    "secondary",
    "primaryjoin",
    "secondaryjoin",
    "order_by",
    "foreign_keys",
    "remote_side",
    "back_populates",
)
_MISSING = object()


class Unknown(Exception):
    """A part of a mapping that can't be read."""


def mapper_options(mapper: Any) -> dict[str, Any]:
    """Return what a mapper's constructor was given, but for table, properties and inheritance.

    Raises:
        Unknown: this version of SQLAlchemy keeps it otherwise.
    """
    return {
        name: _attribute(mapper, name)
        for name in inspect.signature(type(mapper).__init__).parameters
        if name not in _MAPPERS_OWN
    }


def property_options(prop: Any) -> dict[str, Any]:
    """Return what a property's constructor was given, but for its columns.

    Raises:
        Unknown: this version of SQLAlchemy keeps it otherwise.
    """
    found = {
        name: _attribute(prop, kept)
        for name in inspect.signature(type(prop).__init__).parameters
        if (kept := _KEPT.get(name, name)) is not None
    }
    if "info" in found:
        found["info"] = dict(prop.info)
    if "_init_args" in vars_of(prop):
        for name in _ARGUMENTS:
            kept = getattr(prop._init_args, name, None)
            found[name] = declared(_attribute(prop, name) if kept is None else kept.argument)
        found["argument"] = declared(prop.argument)
        # With what was generated for it, either end names the other.
        if found["back_populates"]:
            found["backref"] = None
        found["cascade"] = ", ".join(sorted(prop._cascade))
        found["overlaps"] = ",".join(sorted(prop._overlaps)) or None
        found["uselist"] = prop.uselist
    return found


def vars_of(prop: Any) -> dict[str, Any]:
    """Return the attributes of a property, empty if it has slots only."""
    return getattr(prop, "__dict__", {})


def declared(argument: Any) -> Any:
    """Return an argument of a relationship as it was written: text, if that is looked up later."""
    holder: Any
    for holder in (getattr(argument, "__self__", None), argument):
        if type(holder).__name__ == "_class_resolver":
            return holder.arg
    return argument


def _attribute(holder: Any, name: str) -> Any:
    value = getattr(holder, name, _MISSING)
    if value is _MISSING:
        raise Unknown(name)
    return value


def describe(mapper: Any) -> dict[str, str]:
    """Return the parts of a mapping, by the names that people read.

    Raises:
        Unknown: this version of SQLAlchemy keeps a part otherwise.
    """
    found = {
        f"its mapper's {name}": _words(value) for name, value in mapper_options(mapper).items()
    }
    found["the class it inherits from"] = _words(mapper.inherits and mapper.inherits.class_)
    found["its primary key"] = _words(list(mapper.primary_key))
    found["the order of its attributes"] = _words([*mapper._props])
    found["its polymorphic classes"] = _words(
        {f"{key!r}: {qualname_of(one.class_)}" for key, one in mapper.polymorphic_map.items()}
    )
    for name, validator in mapper.validators.items():
        found[f"the validator of {name!r}"] = _words(validator)
    for name, prop in mapper._props.items():
        found[f"the kind of {name!r}"] = type(prop).__name__.replace("_Declared", "")
        found[f"the class of {name!r}"] = _words(prop.parent.class_)
        columns = getattr(prop, "columns", None)
        if columns is not None:
            found[f"the columns of {name!r}"] = _words(columns)
        for option, value in property_options(prop).items():
            if option != "uselist":  # found out on first use
                found[f"{option!r} of {name!r}"] = _words(value)
    _describe_table(found, mapper.local_table)
    return found


def _describe_table(found: dict[str, str], table: Any) -> None:
    schema: Any = sys.modules["sqlalchemy.schema"]
    found["its table"] = _statement(schema.CreateTable(table))
    found["its table's indexes"] = _words(
        sorted(_statement(schema.CreateIndex(one)) for one in table.indexes)
    )
    for column in table.columns:
        words = [column.key, repr(column.type), column.autoincrement, column.info]
        for default in (column.default, column.onupdate, column.server_default):
            words.append(type(default).__name__)
            words.append(getattr(default, "arg", None))
        found[f"its column {column.name!r}"] = _words(words)


def _statement(element: Any) -> str:
    return str(element.compile()).strip()


def _words(value: Any) -> str:
    kind = type(value)
    if kind in (list, tuple):
        return f"[{', '.join(map(_words, value))}]"
    if kind in (set, frozenset):
        return f"{{{', '.join(sorted(map(_words, value)))}}}"
    if kind is dict:
        return f"{{{', '.join(f'{_words(k)}: {_words(v)}' for k, v in value.items())}}}"
    if issubclass(kind, type):
        return f"{module_of(value)}.{qualname_of(value)}"
    if kind is types.FunctionType:
        return f"{value.__module__}.{value.__qualname__}: {_code(value.__code__)}"
    if kind is types.MethodType:
        return _words(value.__func__)
    if value is None or kind in (bool, int, float, complex, str, bytes):
        return repr(value)
    if hasattr(value, "table") and hasattr(value, "key") and hasattr(value, "type"):
        return f"{value.table}.{value.key}"
    if hasattr(value, "compile") and hasattr(value, "_annotations"):
        return f"{value}: {_parameters(value)}"
    if module_of(kind) == "sqlalchemy.orm.mapper":
        return _words(value.class_)
    return f"{module_of(kind)}.{qualname_of(kind)}"


def _parameters(expression: Any) -> str:
    return _words(sorted((one, _words(held)) for one, held in _bound(expression).items()))


def _bound(expression: Any) -> dict[str, Any]:
    try:
        return dict(expression.compile().params)
    except Exception:  # it can't be compiled alone
        return {}


def _code(code: types.CodeType) -> str:
    constants = [
        _code(one) if isinstance(one, types.CodeType) else repr(one) for one in code.co_consts
    ]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def registry_of(cls: type) -> Any:
    """Return the registry that a class is mapped by, or is the base of classes for, or None."""
    own = dict_of(cls)
    mapper = own.get("__mapper__")
    return own.get("_sa_registry") if mapper is None else getattr(mapper, "registry", None)


def family_of(value: Any) -> int:
    """Return the id of what a variable is saved together with: a registry, or itself."""
    if "sqlalchemy.orm" in sys.modules and issubclass(type(value), type):
        for cls in mro(value):
            registry = registry_of(cls) if module_of(cls) != "builtins" else None
            if registry is not None:
                return id(registry)
    return id(value)
