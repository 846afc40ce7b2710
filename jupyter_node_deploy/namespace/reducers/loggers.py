"""How loguru's loggers are taken apart: each is the process' own core, and options of its own.

Handlers are the core's, and lead out of the process.
"""

from __future__ import annotations

import sys
from typing import Any

from ..pickler import NamespacePickler, Reducer


def logger_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of loguru's are reduced, None if as usual."""
    logger = getattr(sys.modules.get("loguru"), "logger", None)
    if logger is not None and kind is type(logger):
        return _reduce_logger
    if logger is not None and kind is type(getattr(logger, "_core", None)):
        return _reduce_core
    return None


def _reduce_logger(pickler: NamespacePickler, obj: Any) -> Any:
    loguru = sys.modules["loguru"]
    pickler.imports("loguru", obj)
    if obj is loguru.logger:
        return getattr, (loguru, "logger")
    return type(obj), (obj._core, *obj._options)


def _reduce_core(pickler: NamespacePickler, obj: Any) -> Any:
    logger = sys.modules["loguru"].logger
    if obj is not logger._core:
        return NotImplemented
    pickler.imports("loguru", obj)
    return getattr, (logger, "_core")
