"""What became of the variables: the groups that were saved, and what could not be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .difference import Difference
from .footprint import NOTHING, Footprint


@dataclass
class SavedGroup:
    """Variables in one stream.

    Attributes:
        names: the variables.
        stream: the pickle of ``{name: value}``; empty when it was stored.
        buffers: its out-of-band buffers; views of live memory, valid until the next cell runs.
        uses: global names that its code may use and variables it refers to; ``*`` for anything.
        references: the variables among them that must be there before it is loaded.
        modules: top-level modules that loading it imports.
        identities: addresses of the variables' values and of those that it refers to by name.
        footprint: tells what the group shares with others.
        differences: attributes of its objects that could not be saved.
        seconds: of work that it took to pickle.
        size: bytes of stream and buffers.
        content: the hashes of stream and buffers when they are stored.
        digest: the hash of what the variables are made of when that is stored; empty: their types
            are built in, and their pickles lose nothing; None: it was not made.
    """

    names: list[str]
    stream: bytes
    buffers: list[memoryview] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    identities: dict[str, int] = field(default_factory=dict)
    footprint: Footprint = NOTHING
    differences: list[Difference] = field(default_factory=list)
    seconds: float = 0.0
    size: int = 0
    content: tuple[str, ...] | None = None
    digest: str | None = None

    def __post_init__(self) -> None:
        self.size = len(self.stream) + sum(buffer.nbytes for buffer in self.buffers)

    def stored(self, content: Sequence[str]) -> None:
        """Note the hashes, and let go of the user's memory."""
        self.content = tuple(content)
        self.stream, self.buffers = b"", []


@dataclass
class Saved:
    """What became of the variables.

    Attributes:
        groups: in load order.
        unsaved: for each variable that could not be saved, why and what to do.
    """

    groups: list[SavedGroup] = field(default_factory=list)
    unsaved: dict[str, str] = field(default_factory=dict)
