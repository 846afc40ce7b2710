"""How classes and the members of enumerations are reduced."""

from __future__ import annotations

import abc
import enum
import sys
import types
from _abc import _get_dump  # type: ignore[import-not-found]
from typing import Any

from ..format import builders
from ..format.instances import fill_parametrized
from ..importable import (
    HIDDEN_TYPES,
    bases_of,
    dict_of,
    found_in,
    is_heap_type,
    module_of,
    name_of,
    qualname_of,
)
from ..mapping import registry_of
from ..pickler import NamespacePickler
from ..reasons import Unsavable
from .functions import variable_path
from .mapped import begun, without_mapping

_SINGLETON_TYPES = (type(None), type(...), type(NotImplemented))
#: Made with the class, set otherwise, or (the last) a cache of ``copyreg``'s.
_NOT_STATE = frozenset(
    {
        "__dict__",
        "__weakref__",
        "__slots__",
        "_abc_impl",
        "__annotate_func__",
        "__annotations_cache__",
        "__slotnames__",
    }
)
_LAZY_ANNOTATIONS = sys.version_info >= (3, 14)


def reduce_class(pickler: NamespacePickler, cls: type) -> Any:
    """By import, by name, or else by value: a bare class first, then its attributes."""
    if cls in _SINGLETON_TYPES:
        pickler.constants.add(id(cls))
        return NotImplemented
    module, qualname = module_of(cls), qualname_of(cls)
    if found_in(module, qualname, cls):
        pickler.imports(module, cls)
        return NotImplemented
    if pickler.replaced(module, qualname):
        pickler.imports(module, cls)
        return builders.original, (module, qualname)
    if cls in HIDDEN_TYPES:
        pickler.constants.add(id(cls))
        return getattr, (types, HIDDEN_TYPES[cls])
    path = variable_path(pickler, cls, qualname)
    if path:
        return pickler.refer(path, cls)
    pickler.refuse_own(module, cls)
    if not is_heap_type(cls):
        raise Unsavable(f"the internal type {qualname!r}", "don't keep it in a variable", cls)
    namespace: dict[str, Any] = {"__module__": module, "__qualname__": qualname}
    if "__slots__" in dict_of(cls):
        namespace["__slots__"] = dict_of(cls)["__slots__"]
    registry = registry_of(cls)
    whole = None if registry is None else begun(pickler, registry, cls)
    if whole is not None:
        return whole
    pickler.classes[id(builders.class_namespace(cls))] = cls
    arguments = (type(cls), name_of(cls), bases_of(cls), namespace)
    fill = fill_parametrized if _is_found_by_parameters(cls) else builders.fill_class
    return builders.make_class, arguments, _state(cls), None, None, fill


def _is_found_by_parameters(cls: type) -> bool:
    """Tell whether it is what pydantic gives for ``Model[T]``."""
    metadata = dict_of(cls).get("__pydantic_generic_metadata__")
    generics: Any = sys.modules.get("pydantic._internal._generics")
    if generics is None or type(metadata) is not dict or not metadata.get("args"):
        return False
    try:
        found = generics.get_cached_generic_type_early(metadata["origin"], metadata["args"])
    except Exception:  # another version's
        return False
    return found is cls


def _state(cls: type) -> tuple[dict[str, Any], tuple[type, ...]]:
    own = dict_of(cls)
    attributes = {
        name: value
        for name, value in own.items()
        if name not in _NOT_STATE and not _made_with_class(cls, value)
    }
    attributes = without_mapping(cls, attributes)
    if _LAZY_ANNOTATIONS:
        if "__annotations_cache__" in own:
            attributes["__annotations__"] = own["__annotations_cache__"]
        if own.get("__annotate_func__") is not None:
            attributes["__annotate__"] = own["__annotate_func__"]
    registered: tuple[type, ...] = ()
    if issubclass(type(cls), abc.ABCMeta) and "_abc_impl" in own:
        references = _get_dump(cls)[0]
        registered = tuple(one for one in (ref() for ref in references) if one is not None)
    return attributes, registered


def _made_with_class(cls: type, value: Any) -> bool:
    """Tell the descriptors of slots, which come to be with the class."""
    kind = type(value)
    return (
        kind in (types.MemberDescriptorType, types.GetSetDescriptorType)
        and value.__objclass__ is cls
    )


def reduce_member(pickler: NamespacePickler, member: enum.Enum) -> Any:
    """A member of an enumeration: by its value, unless the enumeration itself is in the stream."""
    cls = type(member)
    if found_in(module_of(cls), qualname_of(cls), cls) or variable_path(
        pickler, cls, qualname_of(cls)
    ):
        pickler.constants.add(id(member))
        return NotImplemented
    base = getattr(cls, "_member_type_", object)
    reduced: Any = object.__reduce_ex__(member, 2)
    _, (_, *arguments), state, *_ = reduced
    return builders.make_member, (cls, base, tuple(arguments)), state
