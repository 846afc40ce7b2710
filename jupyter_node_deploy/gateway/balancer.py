"""Choosing: among an alias' targets by weight, among a node's instances by load and health."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Sequence

from ..web.client import Client, ConnectFailed
from ..web.message import Response
from .routes import InstanceRoute, TargetRoute

#: Seconds for which an instance that refused a connection is left alone.
REST = 1.0


class Balancer:
    """Sends requests to instances, over kept-alive connections."""

    def __init__(self) -> None:
        self._upstreams: dict[str, _Upstream] = {}
        self._turn = 0

    def keep(self, addresses: Collection[str]) -> None:
        """Forget the instances that are gone; requests that they still answer are not disturbed."""
        for address in self._upstreams.keys() - set(addresses):
            self._upstreams.pop(address).client.close()

    async def send(
        self,
        instances: Sequence[InstanceRoute],
        method: str,
        target: str,
        headers: dict[str, str],
        body: bytes,
        timeout: float,  # noqa: ASYNC109 - the client's
    ) -> tuple[Response, str]:
        """Send a request to the instance with the least in flight.

        Goes on to the next one only when nothing was sent to the last.

        Args:
            instances: at least one.
            method: of the request, as are ``target``, ``headers`` and ``body``.
            timeout: seconds for the answer.

        Returns:
            The answer, and the id of the instance that gave it.

        Raises:
            ConnectFailed: no instance takes connections.
            ConnectionLost: it was sent, the answer did not come.
            TimeoutError: no answer in time.
        """
        left = list(instances)
        while True:
            instance, upstream = self._pick(left)
            try:
                response = await upstream.client.request(method, target, headers, body, timeout)
            except ConnectFailed:
                upstream.down_until = time.monotonic() + REST
                left.remove(instance)
                if not left:
                    raise
            else:
                upstream.down_until = 0.0
                return response, instance.id

    def _pick(self, instances: Sequence[InstanceRoute]) -> tuple[InstanceRoute, _Upstream]:
        # Those that refused lately come last, not never: they may be all there is.
        now = time.monotonic()
        pairs = [(instance, self._upstream(instance.address)) for instance in instances]
        instance, upstream = min(
            pairs,
            key=lambda pair: (pair[1].down_until > now, pair[1].client.in_flight, pair[1].turn),
        )
        self._turn += 1
        upstream.turn = self._turn  # equally loaded ones take turns
        return instance, upstream

    def _upstream(self, address: str) -> _Upstream:
        upstream = self._upstreams.get(address)
        if upstream is None:
            upstream = self._upstreams[address] = _Upstream(address)
        return upstream


class _Upstream:
    __slots__ = ("client", "down_until", "turn")

    def __init__(self, address: str) -> None:
        self.client = Client(address)
        self.down_until = 0.0
        self.turn = 0


def choose(targets: Sequence[TargetRoute]) -> TargetRoute:
    """Return one of the targets, each with a probability in proportion to its weight.

    At random and not in turn: callers that alternate between two kinds of requests would else
    send each kind to one node.
    """
    weights = [target.weight for target in targets]
    return random.choices(targets, weights)[0]  # noqa: S311 - nothing depends on its secrecy
