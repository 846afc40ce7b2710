"""``jupyter node openapi``: the control API's description, without a server."""

from __future__ import annotations

from .._version import __version__
from .commands import Commands
from .context import Context


def register(commands: Commands) -> None:
    """Add the command."""
    commands.add("openapi", show, "Print the OpenAPI document of the control API")


def show(context: Context) -> None:
    """Print the document."""
    from ..api import openapi, route_table  # the models take a while to import

    context.console.write(openapi.text(route_table.ROUTES, __version__).rstrip("\n"))
