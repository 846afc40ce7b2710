"""An attempt at a job: what of the session must be looked at, and saving it.

Begins in the kernel, and goes along into a process that is forked to do the rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from ..namespace import Everything, Reach, Saved, save
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
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.saved: Saved | None = None
        self.complete = False
        self.patches: Patches | None = None
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
        self.saved = save(
            job.namespace,
            [name for name in job.values if name not in job.excluded],
            job.submodules,
            modules={
                **patched,
                **{k: v for one in job.sources for k, v in one.variables().items()},
            },
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
