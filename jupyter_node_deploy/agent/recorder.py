"""Makes one checkpoint: saves what may have changed, stores what is new, writes the manifest.

Runs in the kernel, or in a process forked from it.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from ..namespace import OutOfTime, Saved, SavedGroup, environment
from ..namespace.manifest import Group, LocalFile, Manifest, Options, PythonInfo
from ..namespace.options import Reading
from .attempt import Attempt
from .baseline import Baseline, Descriptions
from .describe.variables import describe
from .job import Job, Loaded
from .local_modules.sources import Source
from .patches.patches import Patches
from .store import chunks
from .store.blobs import BlobWriter, address_of
from .store.writing import Vanished, Writing

#: Bytes that may be hashed and written while the user waits.
QUICK = 4 * 1024**2
#: Seconds and bytes of what is digested while the user waits; more is when nobody does.
_DIGEST, _DIGEST_SIZE = 0.0004, 8 * 1024
#: Seconds in which variables are digested in idle time, and in a process of its own.
_DIGEST_IDLE, _DIGEST_BEHIND = 0.005, 10.0


class Recorder:
    """Writes the checkpoints of one kernel.

    Args:
        kernel_id: the kernel's.
        spool: its directory there.
        blobs: where values go.
        hash_seed: the kernel's; None where nobody knows.
    """

    def __init__(
        self, kernel_id: str, spool: Path, blobs: BlobWriter, hash_seed: int | None
    ) -> None:
        self._kernel_id = kernel_id
        self._hash_seed = hash_seed
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
        calls: bool = True,
    ) -> Baseline:
        """Make a checkpoint.

        Args:
            attempt: at the job; learns what was saved.
            baseline: what is known of the last checkpoint.
            check: see ``Attempt.save``; with it, no more is written than takes a moment.
            limit: see ``Attempt.save``.
            behind: takes what is left to be written, instead of its being written here.
            calls: see ``Attempt.digest``.

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
        digested = _digest(attempt, quick=check is not None, calls=calls)
        writing = Writing(self._blobs, job.started)
        for group in saved.groups:
            if group.content is None:
                group.stored(_put(writing, group, job.loaded))
            else:
                writing.keep(group.content)
            content = attempt.digests.get(tuple(group.names))
            if group.digest is None and content is not None:
                group.digest = writing.put(content)
            elif group.digest:
                writing.keep([group.digest])
        described = _describe(job, saved, baseline.described if baseline else {})
        patches = attempt.patches or Patches()
        found = Baseline(
            job.id,
            saved,
            described,
            attempt.complete,
            digested,
            patches.known,
            job.options.content,
        )
        if not job.amends or baseline is None or _differ(baseline, found):
            manifest = self._manifest(job, found, patches)
            writing.manifest(self._spool / f"{job.id}.json", manifest)
            writing.put_into(manifest, "random", job.random)
            if manifest.options is not None:
                writing.put_into(manifest.options, "blob", job.options.content)
            for source, file in zip(job.sources, manifest.files, strict=True):
                writing.put_into(file, "blob", source.content)
        try:
            (behind or Writing.run)(writing)
        except Vanished:
            if baseline is None:
                raise
            return self.record(Attempt(job), None, check=check, limit=limit)
        return found

    def _manifest(self, job: Job, found: Baseline, patches: Patches) -> Manifest:
        """Return the manifest; what is known only once all is written is missing."""
        run = job.run
        local = {one.module.partition(".")[0] for one in job.sources}
        carried = {name for group in found.saved.groups for name in group.names}
        read = {*run.cell.environment}
        read.update(*(group.footprint.environment for group in found.saved.groups))
        read.update(*(source.environment for source in job.sources))
        return Manifest(
            id=job.id,
            kernel_id=self._kernel_id,
            msg_id=run.msg_id,
            cell_id=run.cell_id,
            execution_count=run.execution_count,
            operation=job.operation,
            status=run.status,
            code=run.code,
            created_at=job.created_at,
            duration=run.duration,
            python=PythonInfo.current(self._hash_seed),
            cell=run.cell,
            variables=[info for _, info in found.described.values()],
            groups=[_group(group, local, patches) for group in found.saved.groups],
            files=[_file(source, carried) for source in job.sources],
            excluded=job.excluded,
            literals=run.literals and [name for name in run.literals if name in job.values],
            amends=job.amends,
            differences=[
                *job.options.lost,
                *patches.differences(found.saved.unsaved),
                *(one for group in found.saved.groups for one in group.differences),
            ],
            options=_options(job.options),
            environment=environment.information(job.environment, read, job.assigned),
        )


def _digest(attempt: Attempt, *, quick: bool, calls: bool) -> bool:
    """Digest what was saved, as much as there is time for; tell whether all is.

    Raises:
        OutOfTime: it is the purpose of the attempt, and would take longer.
    """
    if not quick:
        attempt.digest(_DIGEST_BEHIND, calls=calls)
        return True  # what took too long will again
    if not attempt.job.amends:
        return attempt.digest(_DIGEST, largest=_DIGEST_SIZE)
    if not attempt.digest(_DIGEST_IDLE):
        raise OutOfTime
    return True


def _options(reading: Reading) -> Options | None:
    if not reading.content:
        return None
    return Options(blob="", values={**reading.texts}, uses=[*reading.uses])


def _describe(job: Job, saved: Saved, known: Descriptions) -> Descriptions:
    """Return what there is to say about each variable, by the hashes of its group."""
    holder = {name: group for group in saved.groups for name in group.names}
    found = {}
    for name, value in job.values.items():
        group = holder.get(name)
        key = (group and group.content) or ()
        before = known.get(name)
        # The same content looks the same; what has none may have changed.
        if before is None or not key or before[0] != key:
            info = describe(name, value)
            if group is not None:
                info.size = group.size
            elif name in job.excluded:
                info.reason = "left out by %state_exclude: put it back with %state_include"
            else:
                info.reason = saved.unsaved.get(name)
            before = key, info
        found[name] = before
    return found


def _file(source: Source, carried: Set[str]) -> LocalFile:
    changed = [name for name in source.changed if f"{source.module}.{name}" not in carried]
    return LocalFile(
        module=source.module,
        path=source.path,
        blob="",
        edited=source.edited,
        changed=changed,
        changed_by=[*source.changed_by],
        environment=sorted(source.environment),
        origin=source.spec.origin,
    )


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


def _group(group: SavedGroup, local: set[str], patches: Patches) -> Group:
    stream, *buffers = group.content or ("",)
    # A node that calls a function which imports a local module needs that module's state.
    modules = {*group.modules, *(group.footprint.imports & local)}
    patched = patches.values.keys() & {*group.names}
    concerns = {module for name in patched for module in patches.concerns(name)}
    return Group(
        names=group.names,
        pickle=stream,
        buffers=buffers,
        size=group.size,
        uses=group.uses,
        modules=sorted(modules),
        concerns=sorted(concerns),
        digest=group.digest,
        environment=sorted(group.footprint.environment),
    )


def _differ(one: Baseline, other: Baseline) -> bool:
    def content(found: Baseline) -> Any:
        groups = {(tuple(group.names), group.content, group.digest) for group in found.saved.groups}
        known = found.patches
        told = known.differences, known.users
        return groups, found.saved.unsaved, found.options, told

    return bool(content(one) != content(other))
