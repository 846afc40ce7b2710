"""Fingerprints of variables: whether a run changed any of them in place."""

from __future__ import annotations

import functools
import hashlib
import random
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from .definitions import definitions
from .garbage_collection import no_collection
from .immutable_types import PLAIN
from .pickler import Context, NamespacePickler, Reducer
from .reducers.caches import known_results, reduce_cache
from .reducers.dispatch_table import reducer_for
from .silence import quiet_warnings


def fingerprints(namespace: dict[str, Any], names: Iterable[str]) -> dict[str, str | None]:
    """Return a fingerprint of the content of each variable.

    Two of one process are equal when nothing was changed in place between them. The state of random
    generators is not content, nor are constants that a cache has come to know, nor is the way in
    which pandas lays out a frame's columns.

    Args:
        namespace: the user's namespace, the ``__dict__`` of ``__main__``.
        names: the variables.

    Returns:
        The fingerprint by name, None for a variable that can't be read as a whole.
    """
    values = {name: namespace[name] for name in names}
    return _of(values, Context(namespace, reducer_for, definitions(values), reducers=_reducers()))


def module_fingerprints(
    namespace: dict[str, Any], modules: Mapping[str, Any]
) -> dict[str, str | None]:
    """Return fingerprints of the variables of modules, by ``module.variable``."""
    context = Context(namespace, reducer_for, reducers=_reducers())
    values = {
        f"{module}.{name}": value
        for module, content in modules.items()
        for name, value in list(vars(content).items())
        if not name.startswith("__")
    }
    return _of(values, context)


def _of(values: Mapping[str, Any], context: Context) -> dict[str, str | None]:
    with no_collection(), quiet_warnings():
        return {name: _one(name, value, context) for name, value in values.items()}


def _one(name: str, value: Any, context: Context) -> str | None:
    pickler = NamespacePickler(context, frozenset([name]))
    try:
        pickler.dump(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # the value's own code
        return None
    digest = hashlib.blake2b(pickler.file.getvalue(), digest_size=16)
    for buffer in pickler.buffers:
        digest.update(buffer)
    return digest.hexdigest()


def _reducers() -> dict[type, Reducer | None]:
    found: dict[type, Reducer | None] = {
        random.Random: _nothing,
        random.SystemRandom: _nothing,
        functools._lru_cache_wrapper: _cache,
    }
    numpy = sys.modules.get("numpy.random")
    for name in ("Generator", "RandomState", "PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"):
        if hasattr(numpy, name):
            found[getattr(numpy, name)] = _nothing
    torch = sys.modules.get("torch")
    if hasattr(torch, "Generator"):
        found[torch.Generator] = _nothing  # type: ignore[union-attr]
    pandas = sys.modules.get("pandas")
    if hasattr(pandas, "DataFrame"):
        found[pandas.DataFrame] = _frame  # type: ignore[union-attr]
    return found


def _nothing(pickler: NamespacePickler, obj: Any) -> Any:
    return type, (None,)


def _cache(pickler: NamespacePickler, function: Any) -> Any:
    # That more is known than before is no change: it would be found out again. A result that can
    # be changed is another matter.
    results = known_results(function)
    if results is None or not all(type(one) in _CONSTANT for one in results):
        return reduce_cache(pickler, function)
    return list, ([function.__wrapped__, function.cache_parameters()],)


_CONSTANT = PLAIN | {int, str, bytes}


def _frame(pickler: NamespacePickler, obj: Any) -> Any:
    # Column by column: reading a frame may join its blocks, which changes its own pickle.
    columns = [obj.iloc[:, number].array for number in range(obj.shape[1])]
    return list, ([obj.columns, obj.index, columns, obj.attrs],)
