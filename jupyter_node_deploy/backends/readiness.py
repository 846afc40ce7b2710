"""Asking fronts whether they can take requests."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any, NamedTuple

from ..errors import Message
from ..namespace.difference import Difference
from ..web.client import Client, ConnectFailed, ConnectionLost
from . import start_failure
from .base import InstanceStatus, ObservedInstance

#: Seconds that a front gets to answer, and how often in a row it may fail to before it counts as
#: unhealthy: on a busy machine one late answer means little, and taking it out means an outage.
_ANSWER, _SILENCES = 2.0, 3
_START = 60.0

_BY_READINESS = {
    "ready": InstanceStatus.HEALTHY,
    "starting": InstanceStatus.PREPARING,
    "draining": InstanceStatus.DELETING,
    "failed": InstanceStatus.UNHEALTHY,
}


class Answer(NamedTuple):
    """What a front says.

    Attributes:
        gave_up: it needs a new start.
        tries: how many of them, see ``ObservedInstance``; ``differences`` alike.
    """

    status: InstanceStatus
    reason: str = ""
    gave_up: bool = False
    tries: int | None = None
    differences: tuple[Difference, ...] = ()

    def of(self, seen: ObservedInstance) -> ObservedInstance:
        """Return an instance with what its front says."""
        return dataclasses.replace(
            seen,
            status=self.status,
            reason=self.reason,
            exited=self.gave_up,
            tries=self.tries,
            differences=self.differences,
        )


class Readiness:
    """Asks fronts, over connections that stay open between two questions."""

    def __init__(self) -> None:
        self._clients: dict[str, Client] = {}
        self._last: dict[str, Answer] = {}
        self._silences: dict[str, int] = {}

    async def ask(self, instance_id: str, address: str, started_at: float) -> Answer:
        """Ask the front of an instance.

        Args:
            started_at: Unix seconds; a front that just starts may not listen yet.
        """
        client = self._clients.get(instance_id)
        if client is None or str(client.address) != address:
            client = Client(address, max_idle=1)
            self._clients[instance_id] = client
        try:
            response = await client.request("GET", "/readyz", timeout=_ANSWER)
            body = json.loads(response.body)
            answer = _answer(body)
            self._last[instance_id], self._silences[instance_id] = answer, 0
            return answer
        except ConnectFailed as error:
            if time.time() - started_at < _START:
                return Answer(InstanceStatus.STARTED)
            reason = Message(
                "It does not listen: {cause}.", "INSTANCE_NOT_LISTENING", cause=str(error)
            )
            return Answer(InstanceStatus.UNHEALTHY, reason, gave_up=True)
        except TimeoutError:
            silences = self._silences[instance_id] = self._silences.get(instance_id, 0) + 1
            if silences < _SILENCES and instance_id in self._last:
                return self._last[instance_id]
            reason = Message(
                "It did not answer within {seconds} seconds, {times} times in a row.",
                "INSTANCE_SILENT",
                seconds=_ANSWER,
                times=silences,
            )
            return Answer(InstanceStatus.UNHEALTHY, reason)
        except (ConnectionLost, ValueError, KeyError, TypeError) as error:
            reason = Message(
                "Its health could not be asked: {cause}.",
                "INSTANCE_HEALTH_UNKNOWN",
                cause=str(error),
            )
            return Answer(InstanceStatus.UNHEALTHY, reason)

    def forget(self, instance_id: str) -> None:
        """Let go of an instance: it is gone, or another process answers for it from now on."""
        if client := self._clients.pop(instance_id, None):
            client.close()
        self._last.pop(instance_id, None)
        self._silences.pop(instance_id, None)

    def close(self) -> None:
        """Close all connections."""
        for instance_id in list(self._clients):
            self.forget(instance_id)


def _answer(body: dict[str, Any]) -> Answer:
    status, said = _BY_READINESS[body["status"]], body.get("reason") or ""
    if body["status"] == "failed":
        failure = body.get("failure")
        if failure is None:  # it goes on by itself, or would with a new start
            return Answer(status, said, gave_up=True)
        why = (
            start_failure.smoke_test(failure)
            if body.get("smoke_test")
            else start_failure.start(failure, said)
        )
        return Answer(status, why.reason, gave_up=True, tries=why.tries)
    differences = tuple(Difference(**one) for one in body.get("differences", ()))
    return Answer(status, said, differences=differences)
