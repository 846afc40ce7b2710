"""What a local module's source says about the module's variables."""

from __future__ import annotations

import ast
import collections
import types
from typing import Any

from ...namespace import quiet_warnings

#: Where one of these is mentioned, any name may be bound.
_BINDS_ANY = {"*", "globals", "locals", "vars", "setattr", "exec", "eval", "__dict__"}


class ModuleSource:
    """The variables of a module as its source has them.

    Args:
        source: the module's.

    Attributes:
        constants: values of the names that are set once, to a constant, and that nothing else at
            the top level mentions.
    """

    def __init__(self, source: bytes) -> None:
        self.constants: dict[str, Any] = {}
        self._functions: dict[str, int] = {}
        self._names: set[str] | None = None
        try:
            with quiet_warnings():
                self._read(ast.parse(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass

    def set_from_outside(self, name: str, value: Any) -> bool:
        """Tell whether a value is certainly not what the source makes of the name."""
        if self._names is None or isinstance(value, types.ModuleType):
            return False
        if name not in self._names:
            return True
        line = self._functions.get(name)
        if line is None:
            return False
        return type(value) is not types.FunctionType or value.__code__.co_firstlineno != line

    def _read(self, tree: ast.Module) -> None:
        mentioned: collections.Counter[str] = collections.Counter()
        constants: dict[str, Any] = {}
        functions: dict[str, int] = {}
        every: set[str] = set()
        for statement in tree.body:
            in_function = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
            for node in ast.walk(statement):
                found = _mentioned(node)
                every.update(found)
                if not in_function:
                    mentioned.update(found)
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                mentioned[statement.name] += 1
                if not statement.decorator_list:
                    functions[statement.name] = statement.lineno
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                target, value = statement.targets[0], statement.value
                if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                    constants[target.id] = value.value
        self.constants = {name: value for name, value in constants.items() if mentioned[name] == 1}
        if every.isdisjoint(_BINDS_ANY):
            self._functions = {n: line for n, line in functions.items() if mentioned[n] == 1}
            self._names = every


def _mentioned(node: ast.AST) -> list[str]:
    """Return the names that a node binds or reads."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [node.attr] if node.attr == "__dict__" else []
    if isinstance(node, ast.Import | ast.ImportFrom):
        found = [alias.asname or alias.name for alias in node.names]
        return [name.partition(".")[0] for name in found]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return list(node.names)
    name = getattr(node, "name", None)  # of functions, classes, exceptions, patterns
    return [name] if isinstance(name, str) else []
