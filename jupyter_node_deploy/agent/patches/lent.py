"""What one package has put into the classes of another, or into modules of Python's own.

``tqdm.pandas()`` gives pandas' classes methods of tqdm's: nothing of the notebook's is in them.
Many packages do such things when they are imported, to their own dependencies or for each other.
So what is found counts only where a fresh interpreter that imports the patched module alone does
not have it.
"""

from __future__ import annotations

import ast
import functools
import json
import subprocess
import sys
import types
from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...namespace.importable import dict_of, found_in, is_heap_type, module_of, mro, qualname_of
from .sites import KERNEL

_CHECKED = 64
#: Seconds that a fresh interpreter may take to import some packages.
_LONGEST = 30.0
_STANDARD = sys.stdlib_module_names


@dataclass(frozen=True)
class Lent:
    """An attribute of one package's that another one has set.

    Attributes:
        path: of the attribute.
        module: that has it, or has the class that has it.
        lender: top-level module of the package that has set it.
    """

    path: str
    module: str
    lender: str


def candidates(
    callers: Set[str], imported: Set[str], check: Callable[[], None] | None = None
) -> Iterator[Lent]:
    """Yield what may have been set by another package.

    Args:
        callers: top-level modules of which the notebook has called functions that, by their names,
            change something: only these are looked for in Python's own modules.
        imported: top-level modules that the notebook has imported.
        check: called every so often.
    """
    callers = callers - _STANDARD
    lenders = callers | (imported - _STANDARD)
    if not lenders:
        return
    uses: dict[str, set[str]] = {}
    found: dict[str, Lent] = {}
    seen: set[int] = set()
    for number, (name, module) in enumerate(list(sys.modules.items())):
        if check is not None and number % _CHECKED == 0:
            check()
        top = name.partition(".")[0]
        if type(module) is not types.ModuleType or top in KERNEL:
            continue
        used = uses.setdefault(top, set())
        for attribute, value in list(vars(module).items()):
            kind = type(value)
            if kind is types.ModuleType:
                used.add(value.__name__.partition(".")[0])
            elif kind is types.FunctionType:
                lender = _lender(value)
                if top in _STANDARD and lender in callers and not _by_import(attribute, value):
                    found.setdefault(
                        f"{name}.{attribute}", Lent(f"{name}.{attribute}", name, lender)
                    )
                used.add((value.__module__ or "").partition(".")[0])
            elif issubclass(kind, type) and id(value) not in seen:
                seen.add(id(value))
                used.add(module_of(value).partition(".")[0])
                for one in _of_class(value, callers, lenders):
                    found.setdefault(one.path, one)
    for one in found.values():
        top = one.module.partition(".")[0]
        # A dependency's methods are in a package's classes because that package was written so.
        if one.lender != top and (top in _STANDARD or one.lender not in uses.get(top, ())):
            yield one


def _by_import(name: str, function: types.FunctionType) -> bool:
    """Tell whether the function's module puts it there as it is imported, as torch does.

    A node that uses the module has it, too.
    """
    maker = function.__globals__.get("__name__")
    return type(maker) is str and name in _assigned_by(maker)


@functools.cache
def _assigned_by(module: str) -> frozenset[str]:
    """Return the names of the attributes of others that a module assigns to by being imported."""
    file = getattr(sys.modules.get(module), "__file__", None)
    try:
        waiting: list[ast.AST] = [*ast.parse(Path(file).read_bytes()).body] if file else []
    except (OSError, ValueError, SyntaxError):
        return frozenset()
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Assign):
            found.update(one.attr for one in node.targets if isinstance(one, ast.Attribute))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            waiting += ast.iter_child_nodes(node)
        elif isinstance(node, ast.ExceptHandler):
            waiting += node.body
    return frozenset(found)


def _of_class(cls: type, callers: Set[str], lenders: Set[str]) -> Iterator[Lent]:
    module, qualname = module_of(cls), qualname_of(cls)
    if not is_heap_type(cls) or not found_in(module, qualname, cls):
        return
    top = module.partition(".")[0]
    # What a class was made with by its base's package is no patch.
    bases = {module_of(base).partition(".")[0] for base in (*mro(cls), *mro(type(cls)))}
    lenders = (callers if top in _STANDARD else lenders) - bases
    if not lenders:
        return
    for attribute, value in list(dict_of(cls).items()):
        for lender in lenders_of(value):
            if lender and lender != top and lender in lenders:
                yield Lent(f"{module}.{qualname}.{attribute}", module, lender)
                break


def lenders_of(value: Any) -> Iterator[str]:
    """Yield the packages whose functions and classes a class' attribute is made of."""
    kind = type(value)
    if kind in (staticmethod, classmethod):
        value = value.__func__
    elif kind is property:
        value = value.fget
    kind = type(value)
    if kind is types.FunctionType:
        yield _lender(value)
    elif is_heap_type(kind) and any("__get__" in dict_of(base) for base in mro(kind)):
        yield module_of(kind).partition(".")[0]
        own = getattr(value, "__dict__", None)
        for inner in list(own.values()) if type(own) is dict else ():
            if issubclass(type(inner), type):
                yield module_of(inner).partition(".")[0]
            elif type(inner) is types.FunctionType:
                yield _lender(inner)


def _lender(function: types.FunctionType) -> str:
    name = function.__globals__.get("__name__")
    return name.partition(".")[0] if type(name) is str else ""


def absent(found: Collection[Lent]) -> list[Lent]:
    """Return those that a fresh interpreter does not have, or has otherwise; it takes a while.

    Should no such interpreter come to an end, these are all of them.
    """
    if not found:
        return []
    asked = [[one.path, one.module, one.lender] for one in found]
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            input=json.dumps({"path": [p for p in sys.path if type(p) is str], "asked": asked}),
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=True,
        )
        there = set(json.loads(done.stdout.splitlines()[-1]))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        there = set()
    return [one for one in found if one.path not in there]


#: Reads what is asked, and prints which of it is there and the lender's: ``[[path, module, top]]``.
_PROGRAM = """
import importlib, json, sys
order = json.load(sys.stdin)
sys.path[:] = order["path"]
there = []
for path, module, lender in order["asked"]:
    try:
        found = importlib.import_module(module)
        for step in path[len(module) + 1:].split("."):
            found = vars(found)[step]
    except BaseException:
        continue
    for inner in ("__func__", "fget"):
        found = getattr(found, inner, found)
    made = getattr(found, "__globals__", None)
    name = made.get("__name__", "") if made else lender
    if name.partition(".")[0] == lender:
        there.append(path)
print()
print(json.dumps(there))
"""
