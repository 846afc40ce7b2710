"""Handlers of nodes."""

from __future__ import annotations

import asyncio
import contextlib

from ..errors import DeadlineExceeded, InvalidArgument, Message
from ..nodes.instances.exchange import NodeAnswer
from ..specs import DryRun, Node, Provisioning
from ..web import docs_page
from ..web.exposition import CONTENT_TYPE
from .call import Call, Download, Lines, Reply, json_reply
from .models import LogQuery, NodeList, RevisionList, StrayList, ValidateRequest


async def _id(call: Call) -> str:
    """The node's id, whether the path has its id or its name."""
    return (await call.services.nodes.get(call.path["node"])).id


async def list_(call: Call) -> NodeList:
    """List nodes."""
    return NodeList(nodes=await call.services.nodes.list())


async def create(call: Call) -> Node:
    """Create a node."""
    _check_provisioning(call, call.body.provisioning)
    return await call.services.nodes.create(call.body, call.user)


async def validate(call: Call) -> DryRun:
    """Run the cell once as the node would, and create nothing."""
    request: ValidateRequest = call.body
    return await call.services.nodes.validate(request.node, request.input)


async def get(call: Call) -> Node:
    """Return a node, at once or when it has settled."""
    node = await call.services.nodes.get(call.path["node"])
    if call.query.wait:
        with contextlib.suppress(DeadlineExceeded):
            return await call.services.nodes.wait(node.id, timeout=call.query.wait)
        return await call.services.nodes.get(node.id)
    return node


async def patch(call: Call) -> Node:
    """Change a node."""
    _check_provisioning(call, call.body.provisioning)
    return await call.services.nodes.patch(await _id(call), call.body)


async def delete(call: Call) -> Node:
    """Begin to delete a node."""
    return await call.services.nodes.delete(await _id(call))


async def suspend(call: Call) -> Node:
    """Stop a node's instances and keep the node."""
    return await call.services.nodes.suspend(await _id(call))


async def resume(call: Call) -> Node:
    """Start a suspended node again."""
    return await call.services.nodes.resume(await _id(call))


async def restart(call: Call) -> Node:
    """Put new instances in the place of the old ones."""
    return await call.services.nodes.restart(await _id(call))


async def rollback(call: Call) -> Node:
    """Make an earlier revision the wanted one."""
    return await call.services.nodes.rollback(await _id(call), call.body.revision)


async def execute(call: Call) -> Reply:
    """Pass a test request to an instance and its answer back, errors included."""
    status, body = await call.services.nodes.instances.execute(await _id(call), call.body.input)
    return json_reply(status, body)


async def request(call: Call) -> NodeAnswer:
    """Send any test request to an instance."""
    return await call.services.nodes.instances.request(await _id(call), call.body)


async def revisions(call: Call) -> RevisionList:
    """List a node's revisions."""
    return RevisionList(revisions=await call.services.nodes.revisions(await _id(call)))


async def logs(call: Call) -> Lines:
    """Return a node's log lines."""
    query: LogQuery = call.query
    node = await _id(call)

    async def lines() -> Lines:
        async for line in call.services.nodes.instances.logs(
            node, instance=query.instance, follow=query.follow, tail=query.tail
        ):
            yield line

    return lines()


async def metrics(call: Call) -> Reply:
    """Return a node's metrics as Prometheus text."""
    text = await call.services.nodes.instances.metrics(await _id(call))
    return Reply(text.encode(), content_type=CONTENT_TYPE)


async def openapi(call: Call) -> Reply:
    """Return the OpenAPI document of a node's own API."""
    return json_reply(None, await call.services.nodes.instances.openapi(await _id(call)))


async def docs(call: Call) -> Reply:
    """Return a cell node's page; what is sent from it is a test request."""
    await call.services.nodes.instances.openapi(await _id(call))  # what the page asks for first
    content = await asyncio.to_thread(docs_page.content)
    return Reply(content, content_type=docs_page.CONTENT_TYPE, headers=docs_page.HEADERS)


async def export(call: Call) -> Download:
    """Return an archive of what runs a node elsewhere."""
    node = await call.services.nodes.get(call.path["node"])
    path = await call.services.nodes.export(node.id, call.query.format)
    return Download(path, f"{node.name}-{node.revision}.tar.gz", "application/gzip")


def _check_provisioning(call: Call, wanted: Provisioning | None) -> None:
    """Refuse a configuration or a zone that the server does not offer."""
    if wanted is None:
        return
    sizes = [offered.id for offered in call.services.configurations]
    zones = {offered.id: offered.subnets for offered in call.services.zones}
    details = []
    if wanted.configuration not in sizes:
        message = f"there is no {wanted.configuration!r}; there are {', '.join(sizes)}"
        details.append({"path": "provisioning.configuration", "message": message})
    for index, zone in enumerate(wanted.zones):
        path = f"provisioning.zones.{index}"
        if zone.zone not in zones:
            message = f"there is no {zone.zone!r}; there are {', '.join(zones)}"
            details.append({"path": f"{path}.zone", "message": message})
        elif zone.subnet is not None and zone.subnet not in zones[zone.zone]:
            details.append({"path": f"{path}.subnet", "message": "the zone has no such subnet"})
    if details:
        raise InvalidArgument(
            Message("The provisioning names what is not offered here.", "PROVISIONING_NOT_OFFERED"),
            details,
        )


async def strays(call: Call) -> StrayList:
    """List what there is of nodes that the catalog does not know."""
    return StrayList(strays=await call.services.strays.list())


async def delete_stray(call: Call) -> None:
    """Delete what there is of one."""
    await call.services.strays.remove(call.path["node"])
