"""Waiting until a node serves what was asked for."""

from __future__ import annotations

import time
from argparse import ArgumentParser, BooleanOptionalAction
from typing import Any

from .connection import Connection
from .console import Console
from .context import Context
from .failure import Failure
from .node_view import show_node

_LOOK = 1.0  # seconds between two looks at what it is doing


def add_wait(parser: ArgumentParser) -> None:
    """Add the options about waiting for a node."""
    parser.add_argument(
        "--wait",
        action=BooleanOptionalAction,
        default=True,
        help="wait until the node is healthy (default), or don't",
    )
    parser.add_argument(
        "--timeout", type=float, default=120.0, metavar="SECONDS", help="wait at most so long"
    )


def finish(context: Context, node: dict[str, Any]) -> None:
    """Wait for the node if that is wanted, and show it."""
    if context.args.wait:
        told = f"Waiting until {node['name']} is healthy"
        with context.console.working(told, at_once=True):
            node = settled(context.api, context.console, node, context.args.timeout)
    show_node(context, node)


def settled(
    api: Connection, console: Console, node: dict[str, Any], timeout: float
) -> dict[str, Any]:
    """Wait until the node's newest revision serves.

    Raises:
        Failure: it failed, or the time is over; the node stays.
    """
    until = time.monotonic() + timeout
    path, wanted = f"nodes/{node['id']}", node["revision"]
    told = ""
    while (left := until - time.monotonic()) > 0:
        node = api.call("GET", path, query={"wait": min(left, _LOOK)})
        if node["status"] == "PREPARING" and node["reason"] != told:
            told = node["reason"]
            console.note(f"  {told}")  # a step of a build, or why it starts again
        found = api.call("GET", f"{path}/revisions")["revisions"]
        revisions = {item["number"]: item for item in found}
        if wanted in revisions and revisions[wanted]["reason"]:
            raise Failure(f"Revision {wanted} failed: {revisions[wanted]['reason']}", code=9)
        if node["status"] == "FAILED":
            raise Failure(f"The node failed: {node['reason']}", code=9)
        if node["status"] == "SUSPENDED" or (
            node["status"] == "HEALTHY" and revisions[node["revision"]]["active"]
        ):
            return node
        time.sleep(0.1)
    raise Failure(
        f"The node is not healthy after {timeout:g} s: {node['status']} {node['reason']}".rstrip(),
        code=4,
    )
