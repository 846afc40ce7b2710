"""Makes one checkpoint: saves what may have changed, stores what is new, writes the manifest.

Runs in the kernel, or in a process forked from it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from ..namespace import OutOfTime, Saved, SavedGroup
from .attempt import Attempt
from .baseline import Baseline, Descriptions
from .describe.variables import describe
from .job import Job, Loaded
from .manifest import compose
from .store import chunks
from .store.blobs import BlobWriter, address_of
from .store.writing import Vanished, Writing

#: Bytes that may be hashed and written while the user waits.
QUICK = 4 * 1024**2


class Recorder:
    """Writes the checkpoints of one kernel.

    Args:
        kernel_id: the kernel's.
        spool: its directory there.
        blobs: where values go.
    """

    def __init__(self, kernel_id: str, spool: Path, blobs: BlobWriter) -> None:
        self._kernel_id = kernel_id
        self._spool = spool
        self._blobs = blobs

    def record(
        self,
        attempt: Attempt,
        baseline: Baseline | None,
        *,
        check: Callable[[], None] | None = None,
        limit: Callable[[], AbstractContextManager[object]] = nullcontext,
        behind: Callable[[Writing], None] | None = None,
    ) -> Baseline:
        """Make a checkpoint.

        Args:
            attempt: at the job; learns what was saved.
            baseline: what is known of the last checkpoint.
            check: see ``Attempt.save``; with it, no more is written than takes a moment.
            limit: see ``Attempt.save``.
            behind: takes what is left to be written, instead of its being written here.

        Returns:
            What is known of the checkpoint.

        Raises:
            OSError: it could not be written.
            OutOfTime: it would take longer than ``check`` allows.
        """
        job = attempt.job
        saved = attempt.save(baseline, check=check, limit=limit)
        if check is not None and _new(saved, job.loaded) > QUICK * job.patience:
            raise OutOfTime
        writing = Writing(self._blobs, job.started)
        for group in saved.groups:
            if group.content is None:
                group.stored(_put(writing, group, job.loaded))
            else:
                writing.keep(group.content)
        described = self._describe(job, saved, baseline.described if baseline else {})
        found = Baseline(job.id, saved, described, attempt.complete)
        if not job.amends or baseline is None or _differ(baseline.saved, saved):
            writing.manifest(self._spool / f"{job.id}.json", self._manifest(job, found))
            writing.put_into(writing.content, "random", job.random)
            carried = {name for group in saved.groups for name in group.names}
            for source in job.sources:
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
            if baseline is None:
                raise
            return self.record(Attempt(job), None, check=check, limit=limit)
        return found

    def _describe(
        self,
        job: Job,
        saved: Saved,
        known: Descriptions,
    ) -> Descriptions:
        content = {name: group.content or () for group in saved.groups for name in group.names}
        found = {}
        for name, value in job.values.items():
            key = content.get(name, ())
            old_key, info = known.get(name, ((), {}))
            # The same content looks the same; what has none may have changed.
            found[name] = (key, info if key and old_key == key else describe(name, value))
        return found

    def _manifest(self, job: Job, found: Baseline) -> dict[str, Any]:
        local = {one.module.partition(".")[0] for one in job.sources}
        return {
            **compose(job.id, self._kernel_id, job.operation, job.run, job.created_at),
            "variables": self._variables(job, found),
            "groups": [_group(group, local) for group in found.saved.groups],
            "files": [],
            "excluded": job.excluded,
            "amends": job.amends,
        }

    @staticmethod
    def _variables(job: Job, found: Baseline) -> list[dict[str, Any]]:
        size = {name: group.size for group in found.saved.groups for name in group.names}
        left_out = dict.fromkeys(
            job.excluded, "left out by %state_exclude: put it back with %state_include"
        )
        return [
            {
                **info,
                "size": size.get(name, 0),
                "reason": None
                if name in size
                else found.saved.unsaved.get(name) or left_out.get(name),
            }
            for name, (_, info) in found.described.items()
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
    modules = {*group.modules, *(group.footprint.imports & local)}
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
