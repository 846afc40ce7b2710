"""A node's running instances, asked past the gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from ..backends.base import Backend, InstanceStatus, ObservedInstance
from ..backends.probe import ProbeFailed, Prober, at_port
from ..catalog.nodes import NodeRecord
from ..errors import DeadlineExceeded, Message, NodeDeployError, NotFound, Unavailable
from ..web.client import Client, ConnectFailed, ConnectionLost
from ..web.message import Response
from .exchange import NodeAnswer, NodeRequest, answer
from .logs import merged
from .metrics import Scrape, merge
from .models import DockerSpec

_ANSWER = 10.0


class Instances:
    """Talks to instances.

    Args:
        backend: where they run.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def execute(
        self, node: NodeRecord, given: dict[str, Any], seconds: float
    ) -> tuple[int, dict[str, Any]]:
        """Send a request to a healthy instance; return HTTP status and body.

        Args:
            given: the input object.
            seconds: that the cell may take.

        Raises:
            Unavailable: no instance is healthy.
            DeadlineExceeded: no answer came.
        """
        response = await _ask(
            await self._healthy(node),
            "POST",
            f"/v1/nodes/{node.id}:execute",
            headers={"content-type": "application/json", "x-folder-id": node.folder},
            body=json.dumps({"input": given}).encode(),
            seconds=2 * seconds + _ANSWER,  # as long in the queue as in the cell
        )
        content_type = response.headers.get("content-type", "")
        if content_type == "application/json":
            with contextlib.suppress(ValueError):
                body = json.loads(response.body)
                if isinstance(body, dict):
                    return response.status, body
        text = response.body.decode("utf-8", "replace")
        return response.status, {"content_type": content_type, "body": text}

    async def request(self, node: NodeRecord, wanted: NodeRequest, seconds: float) -> NodeAnswer:
        """Send any request to a healthy instance.

        Args:
            seconds: that it may take to answer.

        Raises:
            Unavailable: no instance is healthy.
            DeadlineExceeded: no answer came.
        """
        instance = await self._healthy(node)
        start = time.monotonic()
        response = await _ask(
            instance,
            wanted.method,
            wanted.path,
            headers=wanted.headers_for(node.folder),
            body=wanted.body.encode(),
            seconds=seconds + _ANSWER,
        )
        return answer(response, time.monotonic() - start)

    async def metrics(self, node: NodeRecord, images: Mapping[int, DockerSpec]) -> str:
        """Return the metrics of the healthy instances as one Prometheus text.

        Args:
            images: by revision, of a node of type ``docker``.
        """
        healthy = await self._all_healthy(node)
        async with Prober() as prober:
            scrapes = await asyncio.gather(
                *(_scrape(one, images.get(one.revision), prober) for one in healthy)
            )
        found = {
            one.instance_id: scrape
            for one, scrape in zip(healthy, scrapes, strict=True)
            if scrape is not None
        }
        # In a thread: it takes a while for the many metrics that some images have.
        return await asyncio.to_thread(merge, node.id, found)

    async def openapi(self, node: NodeRecord) -> dict[str, Any]:
        """Return the OpenAPI document of a healthy instance.

        Raises:
            Unavailable: none is healthy.
        """
        response = await _ask(await self._healthy(node), "GET", "/openapi.json")
        document: dict[str, Any] = json.loads(response.body)
        return document

    async def logs(
        self, node: NodeRecord, instance: str | None, *, follow: bool, tail: int | None
    ) -> AsyncIterator[str]:
        """Yield log lines of one instance or, each marked with its id, of all.

        Raises:
            NotFound: the node has no such instance.
        """
        ids = sorted(one.instance_id for one in await self._backend.observe(node.id))
        if instance is not None:
            if instance not in ids:
                raise NotFound(
                    Message(
                        f"The node {node.name!r} has no instance {instance!r}.",
                        "INSTANCE_NOT_FOUND",
                        instance=instance,
                    )
                )
            ids = [instance]
        sources = {id_: self._backend.logs(id_, follow=follow, tail=tail) for id_ in ids}
        async for line in merged(sources, together=follow):
            yield line

    async def _all_healthy(self, node: NodeRecord) -> list[ObservedInstance]:
        instances = await self._backend.observe(node.id)
        return [one for one in instances if one.status is InstanceStatus.HEALTHY]

    async def _healthy(self, node: NodeRecord) -> ObservedInstance:
        healthy = await self._all_healthy(node)
        # While an update is under way, what serves is what is tested.
        healthy.sort(key=lambda one: one.revision != node.active_revision)
        if node.desired != "running" or not healthy:
            raise Unavailable(
                Message(
                    f"The node {node.name!r} is {node.status}. {node.reason}".strip(),
                    "NODE_NOT_HEALTHY",
                    node=node.name,
                    status=node.status,
                    cause=node.reason,
                )
            )
        return healthy[0]


async def _ask(
    instance: ObservedInstance,
    method: str,
    target: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    seconds: float = _ANSWER,
) -> Response:
    if instance.address is None:
        raise Unavailable(f"The instance {instance.instance_id} has no address yet.")
    client = Client(instance.address, max_idle=0)
    try:
        return await client.request(method, target, headers, body, seconds)
    except TimeoutError as error:
        raise DeadlineExceeded(
            Message(
                f"The instance did not answer within {seconds:g} s.",
                "INSTANCE_TIMEOUT",
                seconds=seconds,
            )
        ) from error
    except (ConnectFailed, ConnectionLost) as error:
        raise Unavailable(Message(f"The instance is gone: {error}.", "INSTANCE_GONE")) from error
    finally:
        client.close()


async def _scrape(
    instance: ObservedInstance, image: DockerSpec | None, prober: Prober
) -> Scrape | None:
    """Return an instance's metrics; None when its image declares none."""
    try:
        if image is None:
            answer = await _ask(instance, "GET", "/metrics")
            status, headers, body = answer.status, answer.headers, answer.body
        else:
            telemetry = image.telemetry
            if telemetry is None:
                return None
            if instance.address is None:
                return Scrape(failure="it has no address yet")
            got = await prober.ask(
                at_port(instance.address, telemetry.port),
                telemetry.path,
                http2=image.speaks_http2(telemetry.port),
                seconds=_ANSWER,
                headers={"accept": "text/plain;version=0.0.4, application/openmetrics-text;q=0.5"},
            )
            status, headers, body = got.status, dict(got.headers), got.body
    except NodeDeployError as error:
        return Scrape(failure=error.message)
    except ProbeFailed as error:
        return Scrape(failure=str(error))
    if status != 200:
        return Scrape(failure=f"HTTP status {status}")
    return Scrape(body.decode("utf-8", "replace"), headers.get("content-type", ""))
