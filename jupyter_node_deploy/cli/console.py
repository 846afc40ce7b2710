"""What a command shows: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from .failure import Failure
from .progress import Progress

# As it is, and as it is written in JSON.
_COLOUR = re.compile(r"(?:\x1b|\\u001b)\[[0-9;]*m")
#: Colours, and what else a terminal obeys: names of files and outputs of cells may have it.
_CONTROL = re.compile(
    r"(\x1b\[[0-9;]*m)|\r\n?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)


class Console:
    """Writes for people, or JSON for programs.

    Args:
        as_json: write results and failures as JSON.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._progress = Progress()

    def result(self, data: Any, text: str | None = None) -> None:
        """Show the result: ``data`` as JSON, or else ``text`` if there is any."""
        if self.as_json:
            self.write(json.dumps(data, indent=2, ensure_ascii=False))
        elif text is not None:
            self.write(text)

    def write(self, text: str) -> None:
        """Write a line to stdout."""
        with self._progress.aside():
            sys.stdout.write(harmless(text) + "\n")
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """Tell a person what happens meanwhile."""
        with self._progress.aside():
            sys.stderr.write(harmless(text) + "\n")
            sys.stderr.flush()

    def working(self, what: str, *, at_once: bool = False) -> AbstractContextManager[None]:
        """Tell a person what is being done as long as it takes; see ``Progress``."""
        return self._progress.working(what, at_once=at_once)

    def aside(self) -> AbstractContextManager[None]:
        """Keep quiet while somebody else speaks to the person."""
        return self._progress.aside()

    def failure(self, failure: Failure) -> None:
        """Show why the command failed."""
        if self.as_json:
            self.note(plain(json.dumps(failure.body(), ensure_ascii=False)))
            return
        self.note(f"Error: {failure.message}")
        for line in failure.traceback:
            self.note(line if sys.stderr.isatty() else plain(line))


def plain(text: str) -> str:
    """Return text without the colours that IPython puts into tracebacks."""
    return _COLOUR.sub("", text)


def harmless(text: str) -> str:
    """Return text with what a terminal would obey written out; colours stay."""
    return _CONTROL.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    if match[0][0] == "\r":
        return "\n"
    return match[0].encode("unicode_escape").decode()


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as aligned columns."""
    cells = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(columns))]
    lines = (
        "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )
    return "\n".join(lines)


def fields(pairs: Sequence[tuple[str, Any]]) -> str:
    """Return names and values below each other; without those that have no value."""
    shown = [(name, _cell(value)) for name, value in pairs if value not in (None, "", [])]
    width = max((len(name) for name, _ in shown), default=0)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in shown)


def moment(unix: float | None) -> str:
    """Return a time (Unix seconds) as local date and time."""
    return "-" if unix is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(unix))


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return "-" if value is None or value == "" else str(value)
