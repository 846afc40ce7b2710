"""The commands about folders."""

from __future__ import annotations

from .commands import Commands
from .connection import quoted
from .console import table
from .context import Context


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("folder", "Spaces that nodes live in and tokens are issued for")
    group.add("list", list_, "List folders")
    group.add("create", create, "Create a folder").add_argument("name", help="its name")
    parser = group.add("delete", delete, "Delete a folder that nothing uses", asks=True)
    parser.add_argument("folder", help="id or name")


def list_(context: Context) -> None:
    """List folders."""
    found = context.api.call("GET", "folders")
    rows = [(folder["name"], folder["id"]) for folder in found["folders"]]
    context.console.result(found, table(("NAME", "ID"), rows))


def create(context: Context) -> None:
    """Create a folder."""
    folder = context.api.call("POST", "folders", {"name": context.args.name})
    context.console.result(folder, f"Created {folder['name']} ({folder['id']}).")


def delete(context: Context) -> None:
    """Delete a folder."""
    context.confirm(f"Delete the folder {context.args.folder}?")
    context.api.call("DELETE", f"folders/{quoted(context.args.folder)}")
    context.console.result({"deleted": context.args.folder}, f"Deleted {context.args.folder}.")
