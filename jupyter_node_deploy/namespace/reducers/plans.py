"""How polars' lazy frames and expressions are reduced: with the Python functions that they call.

Polars has functions of the notebook copied by cloudpickle, with the globals that they see: as such
they would not see what a request sets. In what polars writes they are replaced by tokens, and are
saved as functions. polars is never imported here: where nobody has, there is nothing of its.
"""

from __future__ import annotations

import pickle
import re
import secrets
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..format.plans import fill_plan, held, held_function
from ..pickler import NamespacePickler, Reducer

#: Of this process: what it has loaded itself may have tokens of another one.
_SALT = secrets.token_hex(8)
_TOKEN = re.compile(rb"held:[0-9a-f]{16}:[0-9a-f]+;")


def plan_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of polars' are reduced, None if as usual."""
    polars = sys.modules.get("polars")
    mine = (getattr(polars, "LazyFrame", None), getattr(polars, "Expr", None))
    return _reduce_plan if kind in mine else None


class _Token:
    def __init__(self, text: str) -> None:
        self.text = text

    def __reduce__(self) -> Any:
        return held_function, (self.text,)


def _reduce_plan(pickler: NamespacePickler, plan: Any) -> Any:
    functions: dict[str, Any] = {}
    with _held(functions):
        make, arguments, state, *_ = plan.__reduce_ex__(5)
    if type(state) is bytes:
        for found in _TOKEN.findall(state):
            token = found.decode()
            if token not in functions:  # not asked for yet since it was loaded here
                functions[token] = held[token]
    if not functions:
        return make, arguments, state
    return make, arguments, (state, functions), None, None, fill_plan


@contextmanager
def _held(functions: dict[str, Any]) -> Iterator[None]:
    """Have what this thread pickles replaced by tokens."""
    mine = threading.get_ident()
    dumps: Callable[..., bytes] = pickle.dumps

    def replaced(obj: Any, *arguments: Any, **options: Any) -> bytes:
        if threading.get_ident() != mine:
            return dumps(obj, *arguments, **options)
        token = f"held:{_SALT}:{id(obj):x};"
        functions[token] = obj
        return dumps(_Token(token), 4)

    pickle.dumps = replaced
    try:
        yield
    finally:
        pickle.dumps = dumps
