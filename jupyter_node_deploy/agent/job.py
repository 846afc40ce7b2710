"""A checkpoint that is to be made: what the kernel was like when it was asked for."""

from __future__ import annotations

import random
import string
import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from ..namespace.manifest import Operation
from ..namespace.options import Reading
from .analysis.identifiers import Identifiers
from .local_modules.sources import Source
from .patches.suspicion import Suspicion
from .run import Run

#: For addresses of memory the size of what was loaded there just now, and its blob.
Loaded = Mapping[int, tuple[int, str]]

#: Not read from its module when an id is made: the notebook may have changed it there.
_CHARACTERS = string.ascii_lowercase + string.digits
#: Of our own, and asks the system for a seed once: that takes as long as a small checkpoint.
_generator = random.Random()  # noqa: S311 - an id is no secret


@dataclass(frozen=True)
class Job:
    """A checkpoint that is to be made.

    Attributes:
        operation: what makes the checkpoint.
        run: what the checkpoint shows.
        namespace: the user's.
        values: the user's variables, excluded ones too.
        harmless: names that IPython put into the namespace and that lead nowhere.
        excluded: variables that are not to be saved.
        submodules: for a module's name the submodules that were imported along with it.
        sources: local modules.
        random: the state of the shared random generators; a forked process has another.
        options: those of the process and of packages.
        environment: the process' environment variables.
        assigned: names of those that the notebook has set.
        touched: what the cells since the last checkpoint mention; None: anything.
        suspicion: what the session's cells may have changed of packages.
        walk: whether packages must be looked at for that.
        is_local: tells of a module's name whether it is one of the user's own files.
        pid: the kernel's process.
        started: when the user began to wait, by ``time.monotonic()``.
        id: the checkpoint's id.
        created_at: Unix seconds.
        amends: whether it takes the place of the checkpoint with this id, should it differ.
        loaded: memory that need not be hashed again.
        patience: how many times as long as after a cell the user may be kept waiting.
    """

    operation: Operation
    run: Run
    namespace: dict[str, Any]
    values: Mapping[str, Any]
    harmless: Set[str]
    excluded: list[str]
    submodules: Mapping[str, tuple[str, ...]]
    sources: list[Source]
    random: bytes
    options: Reading
    environment: Mapping[str, str]
    assigned: Set[str]
    touched: Identifiers | None
    suspicion: Suspicion
    walk: bool
    is_local: Callable[[str], bool]
    pid: int
    started: float
    id: str
    created_at: float = field(default_factory=time.time)
    amends: bool = False
    loaded: Loaded = field(default_factory=dict)
    patience: int = 1


def new_id() -> str:
    """Return an id for a checkpoint: 20 characters, the first a letter."""
    number = _generator.getrandbits(128)
    rest = "".join(_CHARACTERS[number // 36**place % 36] for place in range(19))
    return _CHARACTERS[(number >> 100) % 26] + rest
