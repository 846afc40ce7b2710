"""What a cell's text changes in place: items, attributes, and objects whose methods change them."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .ipython_syntax import is_shell

#: Methods that change their object.
_CHANGING = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "extendleft",
        "fill",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "put",
        "remove",
        "resize",
        "reverse",
        "rotate",
        "setdefault",
        "sort",
        "subtract",
        "update",
    }
)


def is_change(node: ast.expr) -> bool:
    """Tell whether an expression is the call of a method that changes its object."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    in_place = any(
        part.arg == "inplace"
        and not (isinstance(part.value, ast.Constant) and not part.value.value)
        for part in node.keywords
    )
    return (node.func.attr in _CHANGING or in_place) and not is_shell(node.func.value)


def changed(tree: ast.AST) -> Iterable[str]:
    """Yield names whose objects are changed in place: items set, attributes set, methods called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            yield from base_of(node)
        elif isinstance(node, ast.AugAssign):
            yield from base_of(node.target)
        elif isinstance(node, ast.Call) and is_change(node):
            yield from base_of(node.func)


def base_of(node: ast.expr) -> Iterable[str]:
    """Yield the name that ``name.attribute[item]`` begins with, if it does."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
