"""A hard case: a notebook, requests to the service that its last cell becomes, what must come."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any


@dataclass
class Case:
    """One notebook.

    Attributes:
        text: its cells, ``---`` between them; the last one is the service.
        asked: requests, each with the ``result`` that must come: from the live session, too.
        reported: what is told about variables that can't be saved, a part of the words.
        refused: a part of the words in which the node is refused.
        warned: variables that the node might need, and that it is made without.
        told: warnings of the suggestion, parts of their words.
        files: local files; ``__write__ NAME TEXT`` as a cell changes one between the cells.
        needs: modules without which the case can't run.
        options: of the node.
        live: whether the session must give the same answers.
    """

    text: str
    asked: list[tuple[dict[str, Any], Any]] = field(default_factory=lambda: [({}, True)])
    reported: dict[str, str] = field(default_factory=dict)
    refused: str = ""
    warned: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    live: bool = True

    @property
    def cells(self) -> list[str]:
        return [cell.strip("\n") for cell in dedent(self.text).split("---\n")]


#: What is told about iterators of itertools where Python can't pickle them.
NO_ITERTOOLS = (
    "an iterator of itertools, which can't be saved" if sys.version_info >= (3, 14) else ""
)
