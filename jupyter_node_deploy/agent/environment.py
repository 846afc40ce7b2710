"""The environment variables of the kernel, and which of them its cells have set."""

from __future__ import annotations

import os


class Environment:
    """What they are, as of the last cell.

    Attributes:
        variables: by name.
        assigned: names of those that a cell has set by their names.
    """

    def __init__(self) -> None:
        self.variables = dict(os.environ)
        self.assigned: set[str] = set()
        self._raw = os.environ._data.copy()  # type: ignore[attr-defined]

    def ran(self, source: str) -> None:
        """Note what a cell with this source has set."""
        # Decoding all of them would take longer than the rest.
        now = os.environ._data  # type: ignore[attr-defined]
        if now == self._raw:
            return
        self._raw = now.copy()
        before, self.variables = self.variables, dict(os.environ)
        for name, value in self.variables.items():
            if before.get(name) != value and name in source:
                self.assigned.add(name)
