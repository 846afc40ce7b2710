"""Reads the top level of a cell as it would run, for the names that it reads, needs and binds."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from . import scope
from .imports import Imports
from .ipython_syntax import inner_code, is_harmless, is_shell

#: As the kernel starts with: what the session adds to them a node does not have.
_BUILTINS = frozenset(vars(builtins))
_REACH_ANYTHING = frozenset({"exec", "eval", "globals"})
#: At the top level of a cell these show all variables, when called without arguments.
_SHOW_ALL = frozenset({"locals", "vars", "dir"})


@dataclass(frozen=True)
class Reading:
    """What the statements of a cell do with global names, in the order in which they run.

    Attributes:
        reads: names that they may read, also inside of functions.
        free: those among them that they read before they have surely bound them.
        perhaps: those of them that they may have bound by then: in a loop, or in a branch.
        assigns: names that they bind to values and do not delete.
        results: those of them that are bound here and now.
        others: those that only loops bind, or functions that are called.
        modules: top-level modules that they import.
        submodules: dotted modules that they import under the name of their first part.
        opaque: they may read and bind anything.
    """

    reads: list[str]
    free: list[str]
    perhaps: list[str]
    assigns: list[str]
    results: list[str]
    others: list[str]
    modules: list[str]
    submodules: list[str]
    opaque: bool


def read(body: Iterable[ast.stmt], variables: Collection[str], *, late: bool) -> Reading:
    """Read the statements of a cell.

    Args:
        body: the statements.
        variables: the user's variables; their names are no builtins.
        late: whether annotations are not evaluated where they stand.
    """
    reader = _Reader(variables, late=late)
    reader.run(body)
    assigned = [name for name in reader.assigned if name not in reader.removed]
    return Reading(
        list(reader.reads),
        list(reader.free),
        [name for name, perhaps in reader.free.items() if perhaps],
        assigned,
        [name for name in assigned if name in reader.results],
        [name for name in assigned if name in reader.others and name not in reader.results],
        list(reader.imports.modules),
        reader.imports.submodules,
        reader.opaque or "__main__" in reader.imports.modules,
    )


class _Reader(ast.NodeVisitor):
    """Goes through the top level of a cell as it would run.

    ``bound`` holds the names that are surely bound at this point, ``touched`` those that may be.
    What functions read counts when their name is first read: not before can they have been called.
    """

    def __init__(self, variables: Collection[str], *, late: bool) -> None:
        self.variables = variables
        self.late = late
        self.reads: dict[str, None] = {}
        self.free: dict[str, bool] = {}
        self.assigned: dict[str, None] = {}
        self.results: set[str] = set()
        self.others: set[str] = set()
        self.writes: dict[str, list[str]] = {}
        self.targets: set[int] = set()
        self.removed: set[str] = set()
        self.imports = Imports()
        self.opaque = False
        self.bound: set[str] = set()
        self.touched: set[str] = set()
        self.delayed: dict[str, list[str]] = {}

    def run(self, body: Iterable[ast.stmt]) -> None:
        body = list(body)
        for statement in body:
            self.visit(statement)
        for statement in body:
            self.imports.note(statement)
        for names in list(self.delayed.values()):
            for name in names:
                self._note(name)

    # Names

    def _note(self, name: str) -> bool:
        """Note that a name may be read; return whether it may be a variable."""
        if name in _REACH_ANYTHING and name not in self.variables and name not in self.bound:
            self.opaque = True
        if name == "get_ipython" and name not in self.variables:
            self.opaque = True
            return False
        if name in _BUILTINS and name not in self.variables and name not in self.assigned:
            return False
        self.reads[name] = None
        return True

    def _read(self, name: str) -> None:
        if self._note(name) and name not in self.bound:
            self.free.setdefault(name, name in self.touched)
        self.others.update(self.writes.pop(name, ()))
        for delayed in self.delayed.pop(name, ()):
            self._read(delayed)

    def _bind(self, name: str, *, value: bool = True, looped: bool = False) -> None:
        self.bound.add(name)
        self.touched.add(name)
        if value:
            self.assigned.setdefault(name)
            (self.others if looped else self.results).add(name)
            self.removed.discard(name)
            self.delayed.pop(name, None)

    def _unbind(self, name: str) -> None:
        self.bound.discard(name)
        self.touched.discard(name)
        self.removed.add(name)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._read(node.id)
        elif isinstance(node.ctx, ast.Store):
            self._bind(node.id, looped=id(node) in self.targets)
        else:
            self._read(node.id)
            self._unbind(node.id)

    # Statements that bind

    def visit_Assign(self, node: ast.Assign) -> None:
        target = node.targets[0]
        function = node.value if isinstance(node.value, ast.Lambda) else None
        if function and len(node.targets) == 1 and isinstance(target, ast.Name):
            self._define(target.id, function)
            self.assigned.setdefault(target.id)
            return
        self.visit(node.value)
        for target in node.targets:
            self.visit(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self._read(node.target.id)
        self.visit(node.value)
        self.visit(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
        if not self.late:
            self.visit(node.annotation)
        if node.value is not None or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self.visit(node.target)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name in scope.imported(node):
            self._bind(name, value=False)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if any(alias.name == "*" for alias in node.names):
            self.opaque = True
        self.visit_Import(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._define(node.name, node)
        if node.decorator_list:
            self._read(node.name)  # the decorator may call it at once

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def _define(self, name: str, node: scope.Function) -> None:
        evaluated = scope.defaults_and_decorators(node)
        if not self.late:
            evaluated += scope.annotations_of(node)
        for part in evaluated:
            self.visit(part)
        outside = scope.of_function(node)
        self._bind(name, value=False)
        self.delayed[name] = [*outside.reads]
        self.writes[name] = [*outside.writes]
        for written in outside.writes:
            self.assigned.setdefault(written)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(part)
        body, methods = scope.of_class(node)
        self._use(body)
        self._bind(node.name, value=False)
        self.delayed[node.name] = [*methods.reads]
        for written in methods.writes:
            self.assigned.setdefault(written)
        if node.decorator_list or node.bases or node.keywords:
            self._read(node.name)

    def _use(self, outside: scope.Outside) -> None:
        for name in outside.reads:
            self._read(name)
        for name in (*outside.writes, *outside.walrus):
            self._bind(name)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in scope.defaults_and_decorators(node):
            self.visit(part)
        self._use(scope.of_function(node))

    def _comprehension(self, node: scope.Comprehension) -> None:
        self.visit(node.generators[0].iter)
        self._use(scope.of_comprehension(node))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    # Statements with branches

    def _branches(self, *branches: Iterable[ast.AST]) -> None:
        """Visit alternatives; surely bound afterwards is what each of them binds."""
        before, after = self.bound, []
        for branch in branches:
            self.bound = set(before)
            for node in branch:
                self.visit(node)
            after.append(self.bound)
        self.bound = set.intersection(*after)

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._branches([*scope.walruses(node.test), *node.body], node.orelse)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.visit(node.test)
        self._branches([*scope.walruses(node.test), node.body], [node.orelse])

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.visit(node.values[0])
        self._branches(node.values[1:], [])

    def visit_While(self, node: ast.While) -> None:
        self.visit(node.test)
        always = isinstance(node.test, ast.Constant) and bool(node.test.value)
        body = [*scope.walruses(node.test), *node.body]
        self._branches(*([body] if always else [body, []]))
        self._branches(node.orelse, [])

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        self.targets.update(map(id, ast.walk(node.target)))
        self._branches([node.target, *node.body], [])
        self._branches(node.orelse, [])

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_Try(self, node: Any) -> None:
        handlers: list[Iterable[ast.AST]] = [[handler] for handler in node.handlers]
        before = set(self.bound)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)
        done = self.bound
        if handlers:
            self.bound = before
            leaves = [_leaves(handler.body) for handler in node.handlers]
            staying = [h for h, gone in zip(handlers, leaves, strict=True) if not gone]
            for handler, gone in zip(handlers, leaves, strict=True):
                if gone:
                    self.bound = set(before)
                    for part in handler:
                        self.visit(part)
            self.bound = set(before)
            if staying:
                self._branches(*staying)
                done &= self.bound
        self.bound = done
        for statement in node.finalbody:
            self.visit(statement)

    visit_TryStar = visit_Try  # noqa: N815

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self.bound.add(node.name)
        for statement in node.body:
            self.visit(statement)
        if node.name:
            self.bound.discard(node.name)

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.visit(item.optional_vars)
        for statement in node.body:
            self.visit(statement)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> None:
        self.visit_With(node)

    def visit_Match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        cases: list[Iterable[ast.AST]] = [
            [case.pattern, *filter(None, [case.guard]), *case.body] for case in node.cases
        ]
        last = node.cases[-1]
        complete = (
            last.guard is None
            and isinstance(last.pattern, ast.MatchAs)
            and last.pattern.pattern is None
        )
        self._branches(*cases, *([] if complete else [[]]))

    def _capture(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self.generic_visit(node)
        if node.name:
            self._bind(node.name)

    visit_MatchAs = visit_MatchStar = _capture  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        self.generic_visit(node)
        if node.rest:
            self._bind(node.rest)

    # Calls

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Attribute) and is_shell(function.value):
            self._magic(function.attr, node.args)
            return
        if (
            isinstance(function, ast.Name)
            and function.id in _SHOW_ALL
            and not node.args
            and function.id not in self.variables
        ):
            self.opaque = True
        self.generic_visit(node)

    def _magic(self, method: str, arguments: list[ast.expr]) -> None:
        texts = [part.value for part in arguments if isinstance(part, ast.Constant)]
        if not is_harmless(method, texts):
            self.opaque = True
        code = inner_code(method, texts)
        if code is not None:
            try:
                body = ast.parse(code.source).body
            except SyntaxError:
                self.opaque = True
                return
            before = {*self.bound}, {*self.assigned}
            for statement in body:
                self.visit(statement)
                self.imports.note(statement)
            for name in code.binds:
                self._bind(name)
            if not code.keeps:
                self.bound, assigned = before
                self.assigned = {name: None for name in self.assigned if name in assigned}


def _leaves(body: list[ast.stmt]) -> bool:
    """Tell whether a block ends by leaving the cell or the loop."""
    return bool(body) and isinstance(body[-1], ast.Raise | ast.Break | ast.Continue | ast.Return)
