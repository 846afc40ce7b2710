"""Names that functions, classes and comprehensions use from outside of themselves."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass
class Outside:
    """What a scope does to the names around it, in order of appearance.

    Attributes:
        reads: names that it may read.
        writes: global names that it declares as such and binds.
        walrus: names that a comprehension binds around itself.
    """

    reads: dict[str, None] = field(default_factory=dict)
    writes: dict[str, None] = field(default_factory=dict)
    walrus: dict[str, None] = field(default_factory=dict)


def of_function(node: Function) -> Outside:
    """Return what the body of a function uses from outside."""
    scope = _Scope()
    arguments = node.args
    for argument in (
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):
        scope.bound.add(argument.arg)
    scope.bind_type_parameters(node)
    for part in node.body if isinstance(node.body, list) else [node.body]:
        scope.visit(part)
    return scope.outside()


def of_class(node: ast.ClassDef) -> tuple[Outside, Outside]:
    """Return what a class' body reads when it runs, and what its methods use when called."""
    scope = _Scope()
    scope.bind_type_parameters(node)
    for part in node.body:
        scope.visit(part)
    methods = Outside()
    for inner in scope.inner:
        methods.reads |= inner.reads
        methods.writes |= inner.writes
    scope.inner.clear()
    return scope.outside(), methods


def of_comprehension(node: Comprehension) -> Outside:
    """Return what a comprehension uses, but for its first iterable, which is evaluated outside."""
    scope = _Scope()
    for position, generator in enumerate(node.generators):
        if position:
            scope.visit(generator.iter)
        scope.visit(generator.target)
        for condition in generator.ifs:
            scope.visit(condition)
    if isinstance(node, ast.DictComp):
        scope.visit(node.key)
        scope.visit(node.value)
    else:
        scope.visit(node.elt)
    outside = scope.outside()
    outside.walrus = scope.walrus
    return outside


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the names that an import statement binds."""
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    return [alias.asname or alias.name for alias in node.names if alias.name != "*"]


def defaults_and_decorators(node: Function) -> list[ast.expr]:
    """Return what is evaluated when the function is defined."""
    found = [] if isinstance(node, ast.Lambda) else list(node.decorator_list)
    found += node.args.defaults
    found += [default for default in node.args.kw_defaults if default is not None]
    return found


def annotations_of(node: Function) -> list[ast.expr]:
    """Return the annotations of a function."""
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ]
    found = [argument.annotation for argument in every if argument.annotation is not None]
    if not isinstance(node, ast.Lambda) and node.returns is not None:
        found.append(node.returns)
    return found


def walruses(test: ast.expr) -> list[ast.expr]:
    """Return the targets that are bound where ``a and (b := …)`` holds."""
    if isinstance(test, ast.NamedExpr):
        return [test.target, *walruses(test.value)]
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        return [name for part in test.values for name in walruses(part)]
    if isinstance(test, ast.Compare):
        return [name for part in (test.left, test.comparators[0]) for name in walruses(part)]
    return []


class _Scope(ast.NodeVisitor):
    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.declared: set[str] = set()  # global or nonlocal
        self.globals: set[str] = set()
        self.loads: dict[str, None] = {}
        self.walrus: dict[str, None] = {}
        self.inner: list[Outside] = []

    def outside(self) -> Outside:
        own = self.bound - self.declared
        found = Outside({name: None for name in self.loads if name not in own})
        for inner in self.inner:
            found.reads |= {name: None for name in inner.reads if name not in own}
            found.writes |= inner.writes
        found.writes |= dict.fromkeys(sorted(self.bound & self.globals))
        return found

    def bind_type_parameters(self, node: ast.AST) -> None:
        self.bound.update(parameter.name for parameter in getattr(node, "type_params", ()))

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.loads[node.id] = None
        else:
            self.bound.add(node.id)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.loads[node.target.id] = None
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.walrus[node.target.id] = None
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in (*defaults_and_decorators(node), *annotations_of(node)):
            self.visit(part)
        self.bound.add(node.name)
        self.inner.append(of_function(node))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in defaults_and_decorators(node):
            self.visit(part)
        self.inner.append(of_function(node))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(part)
        self.inner.extend(of_class(node))
        self.bound.add(node.name)

    def _comprehension(self, node: Comprehension) -> None:
        self.visit(node.generators[0].iter)
        inner = of_comprehension(node)
        self.bound.update(inner.walrus)
        self.walrus |= inner.walrus
        self.inner.append(inner)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension  # noqa: N815

    def visit_Global(self, node: ast.Global) -> None:
        self.declared.update(node.names)
        self.globals.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.declared.update(node.names)
        # Of a scope around this one: its reads must reach that scope.
        self.loads.update(dict.fromkeys(node.names))

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        self.bound.update(imported(node))

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.visit_Import(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    def _capture(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    visit_MatchAs = visit_MatchStar = _capture  # noqa: N815

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.bound.add(node.rest)
        self.generic_visit(node)
