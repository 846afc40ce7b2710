"""What is seen of a container: the status of its instance, and why it is not healthy."""

from __future__ import annotations

import contextlib
import functools
import json
import time
from datetime import datetime
from typing import Any

from docker.errors import DockerException
from docker.models.containers import Container

from ...errors import Internal, Message
from ..base import InstanceStatus, ObservedInstance
from ..readiness import Readiness
from . import labels
from .calls import Calls
from .directories import Directories
from .images import Images, advice
from .memory import Shortages

#: Bytes that an instance may leave in its directory, which is meant for a socket.
_RUN_BYTES = 1024**2
_REASON_LINES = 5


class Observer:
    """Looks at containers and asks the instances in them.

    Args:
        call: for the engine.
        images: asks instances of images.
    """

    def __init__(
        self, call: Calls, images: Images, shortages: Shortages, directories: Directories
    ) -> None:
        self._call = call
        self._images = images
        self._shortages = shortages
        self._directories = directories
        self._readiness = Readiness()

    async def observe(
        self, container: Container, *, starting: bool = False, removing: bool = False
    ) -> ObservedInstance:
        """Return what is seen of an instance.

        Args:
            starting: it was made this moment, and is about to be started.
            removing: it is about to go.
        """
        state, tags = container.attrs["State"], container.labels
        instance_id = tags[labels.INSTANCE]
        started_at = _seconds(state["StartedAt"])
        seen = functools.partial(
            ObservedInstance,
            instance_id=instance_id,
            node_id=tags[labels.NODE],
            revision=int(tags[labels.REVISION]),
            started_at=started_at,
            notes=(*json.loads(tags[labels.NOTES]), *self._shortages.notes(instance_id)),
        )
        if removing or state["Status"] == "removing":
            return seen(status=InstanceStatus.DELETING)
        if state["Status"] == "created" and starting:
            return seen(status=InstanceStatus.CREATED)
        if state["Status"] == "paused":
            reason = Message(
                "Somebody has paused its container: docker unpause makes it go on.",
                "CONTAINER_PAUSED",
            )
            return seen(status=InstanceStatus.UNHEALTHY, reason=reason)
        if state["Status"] != "running":
            reason = await self._call(why_ended, container)
            return seen(status=InstanceStatus.UNHEALTHY, reason=reason, exited=True)
        if labels.WORKLOAD in tags:
            await self._call(self._shortages.refresh)
            address, verdict = await self._images.ask(container, started_at or time.time())
            return seen(
                status=verdict.status,
                reason=verdict.reason,
                address=address,
                checked_at=verdict.checked_at,
            )
        if await self._call(self._directories.size, instance_id) > _RUN_BYTES:
            await self._call(container.kill)
            reason = Message(
                "It was ended because it wrote files where only its socket belongs.",
                "INSTANCE_WROTE_FILES",
            )
            return seen(status=InstanceStatus.UNHEALTHY, reason=reason, exited=True)
        await self._call(self._shortages.refresh)
        address = f"unix:{self._directories.socket(instance_id)}"
        answer = await self._readiness.ask(instance_id, address, started_at or 0.0)
        if answer.status is InstanceStatus.UNHEALTHY:
            # Perhaps it is just ending: its socket closes a moment before it is gone.
            with contextlib.suppress(Internal):
                await self._call(container.reload)
            if container.attrs["State"]["Status"] != "running":
                return await self.observe(container, starting=starting, removing=removing)
        return answer.of(seen(status=answer.status, address=address))

    def forget(self, instance_id: str) -> None:
        """Let go of an instance: it is gone, or another container answers for it from now on."""
        self._readiness.forget(instance_id)

    def close(self) -> None:
        """Let go of all."""
        self._readiness.close()


def why_ended(container: Container) -> Message:
    """Say why a container does not run, with the last lines of its log."""
    state = container.attrs["State"]
    tail = ""
    with contextlib.suppress(DockerException):
        tail = container.logs(tail=_REASON_LINES).decode(errors="replace").strip()
    return _logged(state, advice(container, tail), tail) if tail else _silent(state)


def _logged(state: dict[str, Any], hint: str, tail: str) -> Message:
    if state.get("OOMKilled"):
        return Message(
            "The container reached its memory limit, and was killed. {advice} "
            "Its last lines:\n{log}",
            "CONTAINER_OUT_OF_MEMORY",
            advice=hint,
            log=tail,
        )
    if cause := state.get("Error"):
        return Message(
            "The container could not be started: {cause}. {advice} Its last lines:\n{log}",
            "CONTAINER_NOT_STARTED",
            cause=cause,
            advice=hint,
            log=tail,
        )
    return Message(
        "The container has ended with exit status {exit_status}. {advice} Its last lines:\n{log}",
        "CONTAINER_ENDED",
        exit_status=state["ExitCode"],
        advice=hint,
        log=tail,
    )


def _silent(state: dict[str, Any]) -> Message:
    if state.get("OOMKilled"):
        return Message(
            "The container reached its memory limit, and was killed.",
            "CONTAINER_OUT_OF_MEMORY",
            advice="",
            log="",
        )
    if cause := state.get("Error"):
        return Message(
            "The container could not be started: {cause}.",
            "CONTAINER_NOT_STARTED",
            cause=cause,
            advice="",
            log="",
        )
    return Message(
        "The container has ended with exit status {exit_status}.",
        "CONTAINER_ENDED",
        exit_status=state["ExitCode"],
        advice="",
        log="",
    )


def _seconds(time_: str) -> float | None:
    """Return Unix seconds of the engine's time; None if it is not set."""
    return None if time_.startswith("0001-") else datetime.fromisoformat(time_).timestamp()
