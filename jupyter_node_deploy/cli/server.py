"""The commands about the Jupyter server that the others speak to."""

from __future__ import annotations

from . import servers
from .commands import Commands
from .connection import Server
from .console import fields
from .context import Context


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("server", "The Jupyter server behind the commands")
    group.add("start", start, "Start one in the background unless one runs")
    group.add("stop", stop, "Stop it, and the nodes that it serves", asks=True)
    group.add("status", status, "Show the one that runs")


def start(context: Context) -> None:
    """Start a server unless one runs."""
    _show(context, context.api.server)


def status(context: Context) -> None:
    """Show the running server."""
    server = context.running
    if server is None:
        context.console.result({"running": False}, "No Jupyter server with the extension runs.")
    else:
        _show(context, server)


def stop(context: Context) -> None:
    """Stop the running server."""
    server = context.running
    if server is None:
        context.console.result({"stopped": None}, "No Jupyter server with the extension runs.")
        return
    context.confirm(f"Stop {server.url}, with its kernels and nodes?")
    with context.console.working("Stopping the Jupyter server, its kernels and nodes"):
        servers.stop(server)
    context.console.result({"stopped": server.url}, f"Stopped {server.url}.")


def _show(context: Context, server: Server) -> None:
    root = None if server.root is None else str(server.root)
    data = {"running": True, "url": server.url, "pid": server.pid, "root_dir": root}
    context.console.result(
        data, fields([("URL", server.url), ("Process", server.pid), ("Root", root)])
    )
