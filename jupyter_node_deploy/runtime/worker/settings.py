"""What of the process and of the saved state a cell's text sets as a request may choose.

``pd.options.display.precision = digits``, ``os.environ["MODE"] = mode``, ``cache[text] = answer``:
the checkpoint has it as the example set it, so two runs with the example show nothing.
(user's interpreter, standard library only)
"""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Collection, Iterator, Mapping
from typing import Any

#: Functions of modules that set what their arguments say.
_SETS = re.compile(
    r"(un)?(set(?!p$|_title|_x|_y|_trace)|register|install|enable|disable|configure)|rc$|chdir$"
    r"|putenv$|basicConfig$|addLevelName$|add_type$|filterwarnings$"
)
#: Methods of containers that do nothing more when they are called with the same again.
_PUTS = frozenset({"add", "discard", "setdefault", "update"})
#: Calls that return what belongs to the process.
_OWNERS = frozenset({"decimal.getcontext", "logging.getLogger", "locale.localeconv"})


def set_by(source: str, namespace: Mapping[str, Any]) -> list[str]:
    """Return what a cell sets of modules and of the process to values that are not constant.

    Args:
        source: the cell's.
        namespace: the restored one, whose modules it may name.
    """
    tree = _tree(source)
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


def put_into(source: str, names: Collection[str]) -> list[str]:
    """Return the variables into which a cell puts what is not constant: items, attributes.

    Args:
        source: the cell's.
        names: of the saved variables; one that the cell binds itself is its own.
    """
    nodes = list(ast.walk(_tree(source)))
    bound = {node.id for node in nodes if isinstance(node, ast.Name) and _is_stored(node)}
    found = (name for node in nodes for name in _bases(node))
    return [name for name in dict.fromkeys(found) if name in names and name not in bound]


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _bases(node: ast.AST) -> Iterator[str]:
    """Yield the variables into which one statement or call puts something."""
    targets: list[ast.expr] = []
    given: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets, given = node.targets, [node.value]
    elif (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _PUTS
    ):
        targets, given = [node.func], [*node.args, *(one.value for one in node.keywords)]
    for target in targets:
        parts, base = [*given], target
        while isinstance(base, ast.Attribute | ast.Subscript):
            if isinstance(base, ast.Subscript):
                parts.append(base.slice)
            base = base.value
        if isinstance(base, ast.Name) and base is not target and not all(map(_is_constant, parts)):
            yield base.id


def _tree(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # it has magics
        return ast.Module([], [])


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
