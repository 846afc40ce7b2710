"""How pint's quantities and units are reduced: with the registry that they belong to.

By themselves they come back in the registry that the package keeps for everybody. pint is never
imported here: where nobody has, there is nothing of its.
"""

from __future__ import annotations

import sys
from typing import Any

from ..format.instances import fill_derived, fill_registry, make_instance
from ..pickler import NamespacePickler, Reducer
from .attributes import attributes_of


def unit_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of pint's are reduced, None if as usual."""
    pint = sys.modules.get("pint")
    shared = getattr(sys.modules.get("pint.util"), "SharedRegistryObject", None)
    if pint is None or shared is None:
        return None
    if issubclass(kind, getattr(pint, "UnitRegistry", ())):
        return _reduce_registry
    if kind is getattr(pint, "ApplicationRegistry", None):
        return _reduce_application_registry
    if not issubclass(kind, shared):
        return None
    registry = getattr(kind, "_REGISTRY", None)
    own = registry is not None and registry is not getattr(pint, "_DEFAULT_REGISTRY", None)
    return _reduce_shared if own else None


def _reduce_shared(pickler: NamespacePickler, obj: Any) -> Any:
    state: Any = object, None, attributes_of(obj), {}, False
    return make_instance, (object, type(obj)), state, None, None, fill_derived


def _reduce_registry(pickler: NamespacePickler, registry: Any) -> Any:
    pint: Any = sys.modules["pint"]
    if registry is pint._DEFAULT_REGISTRY:
        return getattr, (pint, "_DEFAULT_REGISTRY")
    everybodys = pint.application_registry.get() is registry
    state = dict(attributes_of(registry)), everybodys
    return make_instance, (object, type(registry)), state, None, None, fill_registry


def _reduce_application_registry(pickler: NamespacePickler, registry: Any) -> Any:
    pint: Any = sys.modules["pint"]
    if registry is pint.application_registry:
        return getattr, (pint, "application_registry")
    return NotImplemented
