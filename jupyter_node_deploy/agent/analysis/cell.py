"""What a cell's text says: the names it reads, needs and binds, in the order in which it runs."""

from __future__ import annotations
import __future__

import ast
import functools
import operator
import sys
from collections.abc import Collection
from dataclasses import dataclass, field

from ...namespace import quiet_warnings
from ...namespace.environment import names_within
from ...namespace.manifest import CellInfo
from .mutations import changed
from .reader import read

#: The compiler flags that ``from __future__ import …`` sets.
FUTURE_FLAGS = functools.reduce(
    operator.or_,
    (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names),
)
_ANNOTATIONS = __future__.annotations.compiler_flag
_ANNOTATIONS_LATE = sys.version_info >= (3, 14)


@dataclass
class Analysis:
    """The cell's info, and what else its text tells the agent.

    Attributes:
        info: goes into the manifest.
        submodules: dotted modules that the cell imports under the name of their first part.
        tree: the cell, parsed; None when it can't be.
    """

    info: CellInfo
    submodules: list[str] = field(default_factory=list)
    tree: ast.Module | None = None


def analyse(source: str, variables: Collection[str] = (), flags: int = 0) -> Analysis:
    """Analyse a cell.

    Args:
        source: Python, magics transformed.
        variables: the user's variables; their names are no builtins.
        flags: compiler flags in force.
    """
    info = CellInfo(source, flags=flags & FUTURE_FLAGS)
    try:
        with quiet_warnings():
            options = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | info.flags
            tree = compile(source, "<cell>", "exec", options | ast.PyCF_ONLY_AST, True)
            code = compile(source, "<cell>", "exec", options, True)
        late = _ANNOTATIONS_LATE or bool(info.flags & _ANNOTATIONS)
        found = read(tree.body, variables, late=late)
    except (SyntaxError, ValueError):
        info.syntax_error = True
        return Analysis(info)
    except (RecursionError, MemoryError):
        info.opaque = True
        return Analysis(info)
    info.reads, info.free, info.assigns = found.reads, found.free, found.assigns
    info.perhaps = found.perhaps
    info.modules, info.opaque = found.modules, found.opaque
    info.results, info.others = found.results, found.others
    free = {*found.free}
    if free:
        info.alters = sorted(free.intersection((*found.assigns, *changed(tree))))
    info.environment = sorted(names_within(code))
    ends_with = tree.body[-1] if tree.body else None
    if isinstance(ends_with, ast.Expr) and isinstance(ends_with.value, ast.Name):
        info.last = ends_with.value.id
    return Analysis(info, found.submodules, tree)
