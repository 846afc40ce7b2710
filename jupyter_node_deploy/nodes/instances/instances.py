"""A node's running instances, asked past the gateway."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from ...backends.base import Backend, InstanceStatus, ObservedInstance
from ...backends.probe import ProbeFailed, Prober, at_port
from ...catalog import nodes as rows
from ...catalog.engine import Catalog
from ...catalog.nodes import NodeRecord
from ...errors import (
    DeadlineExceeded,
    Message,
    NodeDeployError,
    NotFound,
    Unavailable,
    Unimplemented,
)
from ...specs import DockerSpec, Endpoint
from ...web import execute_path
from ...web.client import Client, ConnectFailed, ConnectionLost
from ...web.message import Response
from .. import render
from .exchange import NodeAnswer, NodeRequest, answer
from .logs import merged
from .metrics import Scrape, merge

_ANSWER = 10.0


class Instances:
    """Talks to instances of nodes, given by id or name.

    Args:
        catalog: what they should run.
        backend: where they run.
    """

    def __init__(self, catalog: Catalog, backend: Backend) -> None:
        self._catalog = catalog
        self._backend = backend

    async def execute(
        self,
        id_or_name: str,
        input: dict[str, Any],  # noqa: A002
    ) -> tuple[int, dict[str, Any]]:
        """Send a request to a healthy instance.

        Returns:
            HTTP status and body, as a client of the gateway would get them; a body that is no
            JSON object as ``{"content_type", "body"}``, as text.

        Raises:
            Unavailable: no instance is healthy.
            DeadlineExceeded: no answer came.
        """
        node = await self._find(id_or_name)
        spec = await self._spec(node)
        seconds = float((spec.get("cell") or {}).get("timeout", 60.0))
        response = await _ask(
            await self._healthy(node),
            "POST",
            execute_path.of_node(node.id),
            headers={"content-type": "application/json", "x-folder-id": node.folder},
            body=json.dumps({"input": input}).encode(),
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

    async def request(self, id_or_name: str, wanted: NodeRequest) -> NodeAnswer:
        """Send any request to a healthy instance.

        Raises:
            Unavailable: no instance is healthy.
            Unimplemented: the node does not speak HTTP/1.1.
            DeadlineExceeded: no answer came.
        """
        node = await self._find(id_or_name)
        seconds = _patience(node, await self._spec(node))
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

    async def metrics(self, id_or_name: str) -> str:
        """Return the metrics of the healthy instances as one Prometheus text."""
        node = await self._find(id_or_name)
        revisions = await self._catalog.read(rows.revisions_of, node.id)
        shown = [render.show(one, active=False) for one in revisions]
        images = {one.number: one.docker for one in shown if one.docker is not None}
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

    async def openapi(self, id_or_name: str) -> dict[str, Any]:
        """Return the OpenAPI document of a healthy instance.

        Raises:
            Unavailable: none is healthy.
        """
        node = await self._find(id_or_name)
        response = await _ask(await self._healthy(node), "GET", "/openapi.json")
        document: dict[str, Any] = json.loads(response.body)
        return document

    async def logs(
        self,
        id_or_name: str,
        *,
        instance: str | None = None,
        follow: bool = False,
        tail: int | None = None,
    ) -> AsyncIterator[str]:
        """Yield the log lines of an instance, or of all with ``[instance]`` before each line.

        Args:
            follow: go on until the instances are removed.
            tail: begin with that many last lines of each instance.

        Raises:
            NotFound: the node has no such instance.
        """
        node = await self._find(id_or_name)
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

    async def _find(self, id_or_name: str) -> NodeRecord:
        return await self._catalog.read(rows.find, id_or_name)

    async def _spec(self, node: NodeRecord) -> Mapping[str, Any]:
        """Return what a node's revision runs."""
        revision = await self._catalog.read(rows.revision_of, node.id, node.revision)
        return revision.spec

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


def _patience(node: NodeRecord, spec: Mapping[str, Any]) -> float:
    """Return seconds for an answer to a request of one's own making."""
    image = spec.get("docker")
    if not image:
        return 2 * float(spec["cell"]["timeout"])  # as long in the queue
    endpoint = Endpoint.model_validate(image["endpoint"])
    if endpoint.type != "http":
        raise Unimplemented(
            Message(
                f"Test requests speak HTTP/1.1, and the node {node.name!r} {endpoint.type}: send "
                "them to the gateway with a client of that protocol.",
                "TEST_NEEDS_HTTP1",
                node=node.name,
                protocol=endpoint.type,
            )
        )
    return endpoint.timeout


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
