"""What a cell's text may change outside of the notebook: attributes of modules, registrations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Methods that change what they are called on.
_MUTATORS = frozenset(
    {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove"}
    | {"setdefault", "update"}
)
#: What functions are called that enter something somewhere, or replace something.
_REGISTERS = re.compile(
    r"register|patch|install|enable|activate|initiali|extension|component|factory|overload"
    r"|registry$|^add_type$|hook|apply$|pandas$|extend|^pickle$|^start$"
)
_NAME_LENGTH = 200
#: What is around them in a dotted name, where the function itself is called otherwise.
_REGISTERED_IN = re.compile(r"register|registry|extension|patch")


@dataclass
class Change:
    """What one top-level statement may change; all names as the text has them, dotted.

    Attributes:
        name: of the function or class that it defines, None for other statements.
        stores: attributes that it assigns to.
        into: containers that it assigns into, or calls a method of that changes them.
        registers: functions that it calls, or decorates with, that by their name register or
            replace something, with their arguments as they are written.
        texts: in the calls of these.
        bare: those among them that it calls without arguments.
        calls: other functions that it calls for their effect, or decorates with.
        decorates: the functions among these that decorate what it defines.
        hidden: names with an underscore of the attributes that it assigns to, of whatever.
        sets_any: it sets attributes whose names the text does not tell.
    """

    name: str | None = None
    stores: list[str] = field(default_factory=list)
    into: list[str] = field(default_factory=list)
    registers: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    texts: dict[str, set[str]] = field(default_factory=dict)
    bare: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    decorates: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    sets_any: bool = False


@dataclass
class Changes:
    """What a cell may change.

    Attributes:
        parts: of each statement that may change anything.
        imported: for a name that it imports the dotted path of what that is.
    """

    parts: list[Change] = field(default_factory=list)
    imported: dict[str, str] = field(default_factory=dict)


def changes(tree: ast.Module | None) -> Changes:
    """Return what a cell may change outside of the notebook.

    Args:
        tree: the cell; None when it could not be parsed, and so was not run.
    """
    found = Changes()
    for statement in tree.body if tree is not None else ():
        part = Change(getattr(statement, "name", None))
        for node in ast.walk(statement):
            reader = _READERS.get(type(node))
            if reader is not None:
                reader(node, part, found.imported)
        if part != Change(part.name):
            found.parts.append(part)
    return found


def dotted(node: ast.AST, *, calls: bool = False) -> str:
    """Return the longest way from a name along attributes that an expression begins with.

    Args:
        node: the expression.
        calls: go on through calls; else what is called may return something new.
    """
    steps: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            steps.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript | ast.Starred):
            steps.clear()
            node = node.value
        elif calls and isinstance(node, ast.Call):
            steps.clear()
            node = node.func
        elif isinstance(node, ast.Name):
            return ".".join([node.id, *reversed(steps)])
        else:
            return ""


def _targets(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Tuple | ast.List):
        for one in node.elts:
            yield from _targets(one)
    elif isinstance(node, ast.Attribute | ast.Subscript):
        yield node


def _assigned(node: ast.AST, part: Change, _: dict[str, str]) -> None:
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    for target in targets:
        for one in _targets(target):
            if isinstance(one, ast.Attribute):
                _hide(one.attr, part)
            path = dotted(one)
            if path and not path.startswith("self."):
                whole = isinstance(one, ast.Attribute) and path.endswith(f".{one.attr}")
                (part.stores if whole else part.into).append(path)


def _hide(name: str, part: Change) -> None:
    if name.startswith("_") and not name.startswith("__"):
        part.hidden.add(name)


def _called(node: ast.AST, part: Change, _: dict[str, str]) -> None:
    assert isinstance(node, ast.Call)
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in ("setattr", "delattr") and len(node.args) > 1:
            owner, name = dotted(node.args[0]), node.args[1]
            if isinstance(name, ast.Constant) and type(name.value) is str:
                _hide(name.value, part)
            if isinstance(name, ast.Constant) and type(name.value) is str and owner:
                part.stores.append(f"{owner}.{name.value}")
            else:
                part.sets_any = True
    elif isinstance(function, ast.Attribute) and function.attr == "__setattr__":
        for name in node.args[1:2]:
            if isinstance(name, ast.Constant) and type(name.value) is str:
                _hide(name.value, part)
    elif isinstance(function, ast.Attribute) and function.attr in _MUTATORS:
        path = dotted(function.value)
        if path:
            part.into.append(path)
    path = dotted(function)
    if path.rpartition(".")[2] == "register":  # whatever becomes of what it returns
        _noted(path, node, part)


def _noted(path: str, node: ast.Call, part: Change) -> bool:
    written = tuple(ast.unparse(one)[:_NAME_LENGTH] for one in node.args)
    if not _note(path, written, part):
        return False
    part.texts.setdefault(path, set()).update(_texts(node))
    return True


def _expressed(node: ast.AST, part: Change, _: dict[str, str]) -> None:
    assert isinstance(node, ast.Expr)
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    if isinstance(value, ast.Call):
        path = dotted(value.func, calls=True)
        if _noted(path, value, part) and not value.args and not value.keywords:
            part.bare.append(dotted(value.func))


def _decorated(node: ast.AST, part: Change, _: dict[str, str]) -> None:
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    for decorator in node.decorator_list:
        path = dotted(decorator, calls=True)
        _note(path, (node.name,), part)
        if node.name == part.name:
            part.decorates.add(path)


def _texts(node: ast.Call) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and type(one.value) is str:
            yield one.value[:_NAME_LENGTH]


def _note(path: str, names: tuple[str, ...], part: Change) -> bool:
    """Note a call; tell whether it is one that registers or replaces something."""
    before, _, name = path.rpartition(".")
    if path and (_REGISTERS.search(name) or _REGISTERED_IN.search(before)):
        if (path, names) not in part.registers:
            part.registers.append((path, names))
        return True
    if path:
        part.calls.append(path)
    return False


def _imported(node: ast.AST, _: Change, imported: dict[str, str]) -> None:
    assert isinstance(node, ast.Import)
    for alias in node.names:
        imported[alias.asname or alias.name.partition(".")[0]] = (
            alias.name if alias.asname else alias.name.partition(".")[0]
        )


def _imported_from(node: ast.AST, _: Change, imported: dict[str, str]) -> None:
    assert isinstance(node, ast.ImportFrom)
    if node.module and not node.level:
        for alias in node.names:
            imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"


_READERS = {
    ast.Assign: _assigned,
    ast.AugAssign: _assigned,
    ast.AnnAssign: _assigned,
    ast.Delete: _assigned,
    ast.For: _assigned,
    ast.Call: _called,
    ast.Expr: _expressed,
    ast.FunctionDef: _decorated,
    ast.AsyncFunctionDef: _decorated,
    ast.ClassDef: _decorated,
    ast.Import: _imported,
    ast.ImportFrom: _imported_from,
}
