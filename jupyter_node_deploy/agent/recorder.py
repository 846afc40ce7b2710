"""Makes one checkpoint: saves what may have changed, stores what is new, writes the manifest."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..namespace import Everything, OutOfTime, Reach, Saved, SavedGroup, save
from .analysis.identifiers import Identifiers
from .describe.variables import describe
from .local_modules.sources import Source
from .manifest import Run, compose
from .store import chunks
from .store.blobs import BlobWriter, address_of
from .store.writing import Vanished, Writing

Descriptions = Mapping[str, tuple[tuple[str, ...], dict[str, Any]]]
Loaded = Mapping[int, tuple[int, str]]

#: Bytes that may be hashed and written while the user waits.
QUICK = 4 * 1024**2


@dataclass
class Order:
    """A checkpoint that is to be made.

    Attributes:
        operation: ``Cell run``, ``Forced`` or ``Rollback``.
        run: what it shows.
        namespace: the user's.
        values: the user's variables, excluded ones too.
        excluded: those that are not to be saved.
        submodules: for a module's name the submodules that were imported along with it.
        sources: local modules.
        random: the state of the shared random generators; a forked process has another.
        touched: what the cells since the last checkpoint mention; None: anything.
        started: when the user began to wait, by ``time.monotonic()``.
        id: the checkpoint's id.
        amends: whether it takes the place of the checkpoint with this id, should it differ.
        saved: what was saved already.
        reached: the groups that were looked at for that, None for all.
        looked_up: what the cells can reach of a state, once it was found out.
        loaded: for addresses of memory the size of what was loaded there just now, and its blob.
        patience: how many times as long as after a cell the user may be kept waiting.
    """

    operation: str
    run: Run
    namespace: dict[str, Any]
    values: dict[str, Any]
    excluded: list[str]
    submodules: Mapping[str, tuple[str, ...]]
    sources: list[Source]
    random: bytes
    touched: Identifiers | None
    started: float
    id: str
    amends: bool = False
    created_at: float = field(default_factory=time.time)
    saved: Saved | None = None
    reached: set[int] | None = None
    looked_up: tuple[State | None, set[int] | None] | None = None
    loaded: Loaded = field(default_factory=dict)
    patience: int = 1


@dataclass
class State:
    """What is known after a checkpoint; nothing of the user's is in it.

    Attributes:
        id: the checkpoint.
        saved: its groups, all of them stored.
        described: what the manifest says about each variable, by the hashes of its group.
        verified: whether every group was looked at when it was made, or since.
    """

    id: str
    saved: Saved
    described: Descriptions
    verified: bool


class Recorder:
    """Writes the checkpoints of one kernel.

    Args:
        kernel_id: the kernel's.
        spool: its directory there.
        blobs: where values go.
        harmless: returns the names that IPython put into the namespace and that lead nowhere.
    """

    def __init__(
        self, kernel_id: str, spool: Path, blobs: BlobWriter, harmless: Callable[[], set[str]]
    ) -> None:
        self._kernel_id = kernel_id
        self._spool = spool
        self._blobs = blobs
        self._harmless = harmless

    def reached(self, order: Order, before: State | None) -> set[int] | None:
        """Return the numbers of the groups saved before that must be looked at, None for all."""
        if order.looked_up is None or order.looked_up[0] is not before:
            order.looked_up = before, self._reached(order, before)
        return order.looked_up[1]

    def _reached(self, order: Order, before: State | None) -> set[int] | None:
        if before is None or order.touched is None:
            return None
        local = {source.module.partition(".")[0] for source in order.sources}
        reach = Reach(
            before.saved,
            order.namespace,
            order.values.keys() - set(order.excluded),
            self._harmless(),
            local.__contains__,
        )
        try:
            return reach.groups(order.touched.names, order.touched.modules)
        except Everything:
            return None

    def record(
        self,
        order: Order,
        before: State | None,
        *,
        check: Callable[[], None] | None = None,
        limit: Callable[[], AbstractContextManager[object]] = nullcontext,
        behind: Callable[[Writing], None] | None = None,
    ) -> State:
        """Make a checkpoint.

        Args:
            order: what to do; gets ``saved``.
            before: what is known of the last one.
            check: see ``save``; with it, no more is written than takes a moment.
            limit: see ``save``.
            behind: takes what is left to be written, instead of its being written here.

        Returns:
            What is known now.

        Raises:
            OSError: it could not be written.
            OutOfTime: it would take longer than ``check`` allows.
        """
        saved = self.save(order, before, check=check, limit=limit)
        if check is not None and _new(saved, order.loaded) > QUICK * order.patience:
            raise OutOfTime
        writing = Writing(self._blobs, order.started)
        for group in saved.groups:
            if group.content is None:
                group.stored(_put(writing, group, order.loaded))
            else:
                writing.keep(group.content)
        described = self._describe(order, saved, before.described if before else {})
        state = State(order.id, saved, described, order.reached is None)
        if not order.amends or before is None or _differ(before.saved, saved):
            writing.manifest(self._spool / f"{order.id}.json", self._manifest(order, state))
            writing.put_into(writing.content, "random", order.random)
            carried = {name for group in saved.groups for name in group.names}
            for source in order.sources:
                names = [n for n in source.changed if f"{source.module}.{n}" not in carried]
                entry = {
                    "module": source.module,
                    "path": source.path,
                    "edited": source.edited,
                    "changed": names,
                }
                writing.put_into(entry, "blob", source.content)
                writing.content["files"].append(entry)
        try:
            (behind or Writing.run)(writing)
        except Vanished:
            if before is None:
                raise
            order.saved = None
            return self.record(order, None, check=check, limit=limit)
        return state

    def save(
        self,
        order: Order,
        before: State | None,
        *,
        check: Callable[[], None] | None = None,
        limit: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> Saved:
        """Save what may have changed since the last checkpoint; nothing is written."""
        if order.saved is not None:
            return order.saved
        reached = self.reached(order, before)
        kept = before.saved if before is not None else Saved()
        order.saved = save(
            order.namespace,
            [name for name in order.values if name not in order.excluded],
            order.submodules,
            modules={k: v for one in order.sources for k, v in one.variables().items()},
            before=kept,
            reached=set(range(len(kept.groups))) if reached is None else reached,
            check=check,
            limit=limit,
        )
        order.reached = reached
        return order.saved

    def _describe(
        self,
        order: Order,
        saved: Saved,
        known: Descriptions,
    ) -> Descriptions:
        content = {name: group.content or () for group in saved.groups for name in group.names}
        found = {}
        for name, value in order.values.items():
            key = content.get(name, ())
            old_key, info = known.get(name, ((), {}))
            # The same content looks the same; what has none may have changed.
            found[name] = (key, info if key and old_key == key else describe(name, value))
        return found

    def _manifest(self, order: Order, state: State) -> dict[str, Any]:
        local = {one.module.partition(".")[0] for one in order.sources}
        return {
            **compose(order.id, self._kernel_id, order.operation, order.run, order.created_at),
            "variables": self._variables(order, state),
            "groups": [_group(group, local) for group in state.saved.groups],
            "files": [],
            "excluded": order.excluded,
            "amends": order.amends,
        }

    @staticmethod
    def _variables(order: Order, state: State) -> list[dict[str, Any]]:
        size = {name: group.size for group in state.saved.groups for name in group.names}
        left_out = dict.fromkeys(
            order.excluded, "left out by %state_exclude: put it back with %state_include"
        )
        return [
            {
                **info,
                "size": size.get(name, 0),
                "reason": None
                if name in size
                else state.saved.unsaved.get(name) or left_out.get(name),
            }
            for name, (_, info) in state.described.items()
        ]


def _new(saved: Saved, loaded: Loaded) -> int:
    """Return how many bytes must be hashed."""
    return sum(
        len(group.stream) + sum(one.nbytes for one in group.buffers if not _known(one, loaded))
        for group in saved.groups
        if not group.content
    )


def _put(writing: Writing, group: SavedGroup, loaded: Loaded) -> list[str]:
    names = [writing.put(group.stream, chunks.of_stream(group.stream))]
    for buffer in group.buffers:
        blob = _known(buffer, loaded)
        if blob is not None:
            writing.keep([blob])
        else:
            blob = writing.put(buffer, chunks.of_buffer(buffer))
        names.append(blob)
    return names


def _known(buffer: memoryview, loaded: Loaded) -> str | None:
    """Return the blob that a buffer was just loaded from."""
    size, blob = loaded.get(address_of(buffer), (0, None)) if loaded else (0, None)
    return blob if size == buffer.nbytes else None


def _group(group: SavedGroup, local: set[str]) -> dict[str, Any]:
    stream, *buffers = group.content or ("",)
    # A node that calls a function which imports a local module needs that module's state.
    modules = {*group.modules, *(group.trace.imports & local)}
    return {
        "names": group.names,
        "pickle": stream,
        "buffers": buffers,
        "size": group.size,
        "uses": group.uses,
        "modules": sorted(modules),
    }


def _differ(one: Saved, other: Saved) -> bool:
    def content(saved: Saved) -> Any:
        groups = {(tuple(group.names), group.content) for group in saved.groups}
        return groups, saved.unsaved

    return bool(content(one) != content(other))
