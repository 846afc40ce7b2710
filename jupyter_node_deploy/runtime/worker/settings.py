"""What of the process a cell's text sets to a value that a request may choose.

``pd.options.display.precision = digits``, ``os.environ["MODE"] = mode``: no variable holds it, and
the checkpoint has it as the example set it, so two runs with the example show nothing.
(user's interpreter, standard library only)
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator, Mapping
from typing import Any

#: Functions of modules that set what their arguments say.
_SETS = re.compile(
    r"(un)?(set(?!p$|_title|_x|_y|_trace)|register|install|enable|disable|configure)|rc$|chdir$"
    r"|putenv$|basicConfig$|addLevelName$|add_type$|filterwarnings$"
)
#: Calls that return what belongs to the process.
_OWNERS = frozenset({"decimal.getcontext", "logging.getLogger", "locale.localeconv"})


def set_by(source: str, namespace: Mapping[str, Any]) -> list[str]:
    """Return what a cell sets of modules and of the process to values that are not constant.

    Args:
        source: the cell's.
        namespace: the restored one, whose modules it may name.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # it has magics
        return []
    roots = {
        name: value.__name__
        for name, value in namespace.items()
        if type(value) is types.ModuleType and not name.startswith("__")
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            before = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                roots[name] = before + (alias.name if alias.asname or before else name)
    return list(dict.fromkeys(path for node in ast.walk(tree) for path in _set(node, roots)))


def _set(node: ast.AST, roots: Mapping[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        constant = not isinstance(node, ast.AugAssign) and _is_constant(node.value)
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in () if constant else targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                yield from _path(target, roots)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        if not isinstance(call.func, ast.Attribute | ast.Name):
            return
        given = [*call.args, *(one.value for one in call.keywords)]
        for path in () if all(map(_is_constant, given)) else _path(call.func, roots):
            name = path.rpartition(".")[2]
            if _SETS.match(name) or path in ("os.environ.update", "sys.path.append"):
                yield path


def _path(node: ast.expr, roots: Mapping[str, str]) -> Iterator[str]:
    """Yield the dotted path that an expression has in a module, if it has one."""
    steps: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            steps.clear()
            node = node.value
        elif isinstance(node, ast.Call) and not _OWNERS.isdisjoint(_path(node.func, roots)):
            node = node.func
        else:
            return
    if node.id in roots:
        yield ".".join([roots[node.id], *reversed(steps)])


def _is_constant(node: ast.AST | None) -> bool:
    return node is None or not any(
        isinstance(part, ast.Name | ast.Call | ast.Await) for part in ast.walk(node)
    )
