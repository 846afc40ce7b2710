"""Asking fronts whether they can take requests."""

from __future__ import annotations

import json
import time

from ..errors import Message
from ..web.client import Client, ConnectFailed, ConnectionLost
from .base import InstanceStatus

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
#: Status, reason, and whether the front has given up and needs a new start.
Answer = tuple[InstanceStatus, str, bool]


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
            status = body["status"]
            answer = _BY_READINESS[status], body.get("reason") or "", status == "failed"
            self._last[instance_id], self._silences[instance_id] = answer, 0
            return answer
        except ConnectFailed as error:
            if time.time() - started_at < _START:
                return InstanceStatus.STARTED, "", False
            reason = Message(
                "It does not listen: {cause}.", "INSTANCE_NOT_LISTENING", cause=str(error)
            )
            return InstanceStatus.UNHEALTHY, reason, True
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
            return InstanceStatus.UNHEALTHY, reason, False
        except (ConnectionLost, ValueError, KeyError, TypeError) as error:
            reason = Message(
                "Its health could not be asked: {cause}.",
                "INSTANCE_HEALTH_UNKNOWN",
                cause=str(error),
            )
            return InstanceStatus.UNHEALTHY, reason, False

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
