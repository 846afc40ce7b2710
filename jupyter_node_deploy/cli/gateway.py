"""The commands about the gateway."""

from __future__ import annotations

from typing import Any

from .commands import Commands
from .console import fields
from .context import Context


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("gateway", "The address that requests to nodes go to")
    group.add("status", status, "Show where it answers and whether it runs")
    group.add("reload", reload, "Replace its process by a new one, losing no request")
    parser = group.add("logs", logs, "Show the end of its log")
    parser.add_argument(
        "--tail", type=int, default=100, metavar="LINES", help="at most so many (default: 100)"
    )


def status(context: Context) -> None:
    """Show the gateway."""
    _show(context, context.api.call("GET", "gateway"))


def reload(context: Context) -> None:
    """Reload the gateway, then show it."""
    _show(context, context.api.call("POST", "gateway:reload"))


def logs(context: Context) -> None:
    """Show the gateway's log."""
    found = context.api.call("GET", "gateway/logs", query={"tail": context.args.tail})
    context.console.result(found, "\n".join(found["lines"]))


def _show(context: Context, found: dict[str, Any]) -> None:
    pairs = [
        ("Kind", found["kind"]),
        ("HAProxy", found["program"]),
        ("URL", found["url"]),
        ("Running", "yes" if found["running"] else f"no: {found['reason']}"),
        ("Generation", found["generation"]),
    ]
    context.console.result(found, fields(pairs))
