"""Which modules the statements of a cell import, wherever they stand."""

from __future__ import annotations

import ast


class Imports:
    """What was found so far.

    Attributes:
        modules: top-level modules, in the order of the statements.
        submodules: dotted modules that are imported under the name of their first part.
    """

    def __init__(self) -> None:
        self.modules: dict[str, None] = {}
        self.submodules: list[str] = []

    def note(self, statement: ast.stmt) -> None:
        """Note what a statement imports, and the statements inside of it."""
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.modules[alias.name.partition(".")[0]] = None
                    if "." in alias.name and not alias.asname:
                        self.submodules.append(alias.name)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.modules[node.module.partition(".")[0]] = None
