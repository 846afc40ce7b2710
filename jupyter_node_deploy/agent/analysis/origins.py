"""Where the values of variables come from, as far as the texts of cells show it.

A caller plausibly sends what the notebook's author wrote down (``amount = 100``); what was
computed, read or fitted is the notebook's state. Told by the text alone, statement by statement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .cell import Analysis
from .ipython_syntax import inner_code, is_shell
from .mutations import base_of, changed, is_change

#: Functions that say a value rather than compute one, by the last part of their name.
_CONSTRUCTORS = frozenset(
    {
        "Categorical",
        "Counter",
        "DataFrame",
        "DatetimeIndex",
        "Decimal",
        "Fraction",
        "Index",
        "Interval",
        "MultiIndex",
        "OrderedDict",
        "Path",
        "Period",
        "RangeIndex",
        "Series",
        "Timedelta",
        "Timestamp",
        "UUID",
        "arange",
        "array",
        "asarray",
        "bool",
        "bytearray",
        "bytes",
        "complex",
        "date",
        "date_range",
        "datetime",
        "defaultdict",
        "deque",
        "dict",
        "eye",
        "float",
        "float16",
        "float32",
        "float64",
        "from_arrays",
        "from_dict",
        "from_product",
        "from_records",
        "from_tuples",
        "fromisoformat",
        "frozenset",
        "full",
        "int",
        "int16",
        "int32",
        "int64",
        "int8",
        "linspace",
        "list",
        "ones",
        "period_range",
        "range",
        "set",
        "str",
        "tensor",
        "time",
        "timedelta",
        "timedelta_range",
        "to_datetime",
        "to_timedelta",
        "tuple",
        "uint16",
        "uint32",
        "uint64",
        "uint8",
        "zeros",
    }
)
#: Methods that only write another way what a value says.
_SAYING = frozenset(
    {
        "astype",
        "copy",
        "dedent",
        "encode",
        "join",
        "lower",
        "rename_axis",
        "replace",
        "reshape",
        "set_index",
        "split",
        "splitlines",
        "strip",
        "tz_localize",
        "upper",
    }
)


class Origins:
    """What is known of a kernel's variables.

    Attributes:
        literal: names of those that a cell's text says; all others were computed.
    """

    def __init__(self) -> None:
        self.literal: set[str] = set()

    def ran(self, cell: Analysis) -> list[str]:
        """Note a cell that has run.

        Returns:
            The variables that a node made from it could take from a request, as it would: those
            that the cell reads, as they were before.
        """
        before, info = self.literal, cell.info
        self.literal = before.difference(info.assigns)
        if cell.tree is not None:
            _Statements(before, self.literal).run(cell.tree.body)
        free = {*info.free}
        return sorted(before & free | self.literal - free)


class _Statements:
    """Follows the top level of a cell; what is in blocks is computed."""

    def __init__(self, before: set[str], literal: set[str]) -> None:
        self._known = {*before}
        self._found = literal

    def run(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value)
        elif isinstance(node, ast.AnnAssign):
            if node.value is not None:
                self._assign(node.target, node.value)
        elif isinstance(node, ast.Expr) and is_change(node.value):
            call = node.value
            assert isinstance(call, ast.Call)
            parts = [*call.args, *(part.value for part in call.keywords)]
            if not all(map(self._is_literal, parts)):
                self._forget(changed(node))
        elif isinstance(node, ast.Expr):
            self._magic(node.value)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._forget(changed(node))
            self._forget(_bound(node))

    def _magic(self, node: ast.expr) -> None:
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and is_shell(node.func.value)
        ):
            return
        code = inner_code(
            node.func.attr, [one.value for one in node.args if isinstance(one, ast.Constant)]
        )
        if code is not None and code.keeps:
            try:
                self.run(ast.parse(code.source).body)
            except SyntaxError:
                return

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self._set(target.id, literal=self._is_literal(value))
        elif isinstance(target, ast.Tuple | ast.List):
            several = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(
                target.elts
            )
            for number, part in enumerate(target.elts):
                self._assign(part, value.elts[number] if several else value)  # type: ignore[attr-defined]
        elif isinstance(target, ast.Starred):
            self._assign(target.value, value)
        elif not self._is_literal(value):
            self._forget(base_of(target))

    def _set(self, name: str, *, literal: bool) -> None:
        for names in (self._known, self._found):
            (names.add if literal else names.discard)(name)

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._set(name, literal=False)

    def _is_literal(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            return node.id in self._known
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return all(map(self._is_literal, node.elts))
        if isinstance(node, ast.Starred):
            return self._is_literal(node.value)
        if isinstance(node, ast.Dict):
            keys = [key for key in node.keys if key is not None]
            return all(map(self._is_literal, [*keys, *node.values]))
        if isinstance(node, ast.UnaryOp):
            return self._is_literal(node.operand)
        if isinstance(node, ast.BinOp):
            return _is_number(node.left) and _is_number(node.right)
        if isinstance(node, ast.Call):
            return self._is_saying(node)
        if not isinstance(node, ast.Attribute):
            return False
        # ``Colour.RED``, as classes and their members are called.
        member = isinstance(node.value, ast.Name) and node.value.id[0].isupper()
        return node.attr in ("nan", "inf", "pi") or (member and node.attr.isupper())

    def _is_saying(self, node: ast.Call) -> bool:
        function = node.func
        parts = [*node.args, *(part.value for part in node.keywords)]
        if isinstance(function, ast.Attribute):
            name = function.attr
            says = name in _SAYING and self._is_literal(function.value)
            # Of a module: ``moment.date()`` takes nothing, and computes.
            says = says or (name in _CONSTRUCTORS and (bool(parts) or name[0].isupper()))
        else:
            # Of a class, as they are called: ``Order(7, "tea")`` is a record.
            says = isinstance(function, ast.Name) and (
                function.id in _CONSTRUCTORS or (bool(parts) and _is_class_name(function.id))
            )
        return says and all(map(self._is_part, parts))

    def _is_part(self, node: ast.expr) -> bool:
        # ``dtype=np.float32``, ``defaultdict(list)``
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        return name in _CONSTRUCTORS or self._is_literal(node)


def _is_class_name(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _is_number(node.left) and _is_number(node.right)
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant | ast.List | ast.Tuple) and not any(
        isinstance(part, ast.Name) for part in ast.walk(node)
    )


def _bound(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
