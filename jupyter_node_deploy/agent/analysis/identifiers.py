"""Every name that a cell's text mentions, whatever for."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from .cell import Analysis
from .ipython_syntax import inner_code, is_shell

#: Magics that run or change more than their text says.
_WIDE = frozenset({"autoreload", "debug", "load_ext", "pdb", "reload_ext", "unload_ext"})


@dataclass(frozen=True)
class Identifiers:
    """What a cell's text mentions.

    Attributes:
        names: of anything that is no attribute; names local to a function are among them.
        modules: top-level modules that it imports.
    """

    names: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)

    def __or__(self, other: Identifiers) -> Identifiers:
        return Identifiers(self.names | other.names, self.modules | other.modules)


def identifiers(cell: Analysis) -> Identifiers | None:
    """Return what a cell mentions; None when its text does not tell what it may do."""
    if cell.info.opaque:
        return None
    reader = _Reader()
    if cell.tree is None:
        return reader.found  # it is no Python: nothing was run
    try:
        reader.visit(cell.tree)
    except (_Opaque, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return reader.found


class _Opaque(Exception):
    """The text does not tell."""


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found = Identifiers()

    def visit_Name(self, node: ast.Name) -> None:
        self.found.names.add(node.id)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.found.names.add(node.name)
        self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.found.names.add(node.name)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        self.found.names.update(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.found.modules.add(top)
            self.found.names.add(alias.asname or top)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.found.modules.add((node.module or "").partition(".")[0])
        self.found.names.update(alias.asname or alias.name for alias in node.names)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self._binds(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self._binds(node.name)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        self.visit_MatchAs(node)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self._binds(node.rest)
        self.generic_visit(node)

    def _binds(self, name: str | None) -> None:
        if name:
            self.found.names.add(name)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if not isinstance(function, ast.Attribute) or not is_shell(function.value):
            self.generic_visit(node)
            return
        # A magic: that it is a harmless one was found out with the cell's other properties.
        texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
        if texts and texts[0] in _WIDE:
            raise _Opaque
        code = inner_code(function.attr, texts)
        if code is not None:
            self.visit(ast.parse(code.source))
            self.found.names.update(code.binds)
