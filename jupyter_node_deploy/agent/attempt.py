"""An attempt at a job: what of the session must be looked at, and saving it.

Begins in the kernel, and goes along into a process that is forked to do the rest.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..namespace import Everything, Reach, Saved, save
from ..namespace.definitions import definitions
from ..namespace.digest import compared, digest, folded
from .baseline import Baseline
from .job import Job
from .patches.patches import NOTHING, Patches, find


class Attempt:
    """An attempt at a job.

    Args:
        job: what is to be made.

    Attributes:
        job: as given.
        saved: what became of the variables, None before that is known.
        complete: whether every group was looked at for that.
        patches: what of packages was changed, None before that is known.
        digests: what the variables of groups that were saved are made of, by the groups' names;
            of some only, before there was the time for all.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.saved: Saved | None = None
        self.complete = False
        self.patches: Patches | None = None
        self.digests: dict[tuple[str, ...], bytes] = {}
        self._inside: dict[str, Any] = {}
        self._reached: tuple[Baseline | None, set[int] | None] | None = None

    def reached(self, baseline: Baseline | None) -> set[int] | None:
        """Return the numbers of the baseline's groups that must be looked at, None for all."""
        if self._reached is None or self._reached[0] is not baseline:
            self._reached = baseline, self._find_reached(baseline)
        return self._reached[1]

    def _find_reached(self, baseline: Baseline | None) -> set[int] | None:
        job = self.job
        if baseline is None or job.touched is None:
            return None
        local = {source.module.partition(".")[0] for source in job.sources}
        reach = Reach(
            baseline.saved,
            job.namespace,
            job.values.keys() - set(job.excluded),
            job.harmless,
            local.__contains__,
        )
        try:
            return reach.groups(job.touched.names, job.touched.modules)
        except Everything:
            return None

    def save(
        self,
        baseline: Baseline | None,
        *,
        check: Callable[[], None] | None = None,
        limit: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> Saved:
        """Save, once, what may have changed since the baseline; nothing is written.

        Args:
            baseline: what is known of the last checkpoint.
            check: see ``namespace.save``, as is ``limit``.
            limit: is around the saving of each stream.

        Raises:
            OutOfTime: it would take longer than ``check`` allows.
        """
        if self.saved is not None:
            return self.saved
        job = self.job
        reached = self.reached(baseline)
        kept = baseline.saved if baseline is not None else Saved()
        self.patches = find(
            job.suspicion,
            job.namespace,
            job.is_local,
            baseline.patches if baseline is not None else NOTHING,
            walk=job.walk or (baseline is None and job.suspicion.walked),
            forked=os.getpid() != job.pid,
            check=check,
        )
        patched = self.patches.values
        self._inside.update(patched)
        for source in job.sources:
            self._inside.update(source.variables())
        self.saved = save(
            job.namespace,
            [name for name in job.values if name not in job.excluded],
            job.submodules,
            modules=self._inside,
            before=kept,
            reached={
                number
                for number, group in enumerate(kept.groups)
                if reached is None
                or number in reached
                or (patched and not patched.keys().isdisjoint(group.names))
            },
            check=check,
            limit=limit,
        )
        self.complete = reached is None
        return self.saved

    def digest(self, seconds: float, *, largest: float = float("inf"), calls: bool = True) -> bool:
        """Digest the variables that were saved, before anything changes them.

        Args:
            seconds: that it may take, about.
            largest: bytes of the groups that are looked at.
            calls: whether libraries may be asked what they save of their objects in C.

        Returns:
            Whether that is done, and every other group has its digest.
        """
        assert self.saved is not None
        until = time.monotonic() + seconds
        groups = [one for one in self.saved.groups if one.digest is None]
        named: dict[int, str] | None = None
        done = True
        for group in groups:
            names = tuple(group.names)
            if names in self.digests:
                continue
            if group.content is not None or group.size > largest or time.monotonic() > until:
                done = False
                continue
            if named is None:
                named = definitions(self.job.values)
            values = self._values(group.names)
            left = until - time.monotonic()
            found = values and digest(
                values, self.job.namespace, named, calls=calls, seconds=max(left, 0.0)
            )
            if found:
                self.digests[names] = folded(found).encode()
            done = done and bool(found)
        return done

    def _values(self, names: list[str]) -> dict[str, object]:
        known = {**self.job.values, **self._inside}
        return {name: compared(known[name]) for name in names if name in known}
