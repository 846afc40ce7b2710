"""The commands about the gateway."""

from __future__ import annotations

from .commands import Commands
from .console import fields
from .context import Context


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("gateway", "The address that requests to nodes go to")
    group.add("status", status, "Show where it answers and whether it runs")


def status(context: Context) -> None:
    """Show the gateway."""
    found = context.api.call("GET", "gateway")
    pairs = [
        ("URL", found["url"]),
        ("Running", "yes" if found["running"] else "no"),
        ("Process", found["pid"]),
        ("Generation", found["generation"]),
    ]
    context.console.result(found, fields(pairs))
