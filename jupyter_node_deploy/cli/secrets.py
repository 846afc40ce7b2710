"""The commands about secrets. A value is never an argument: those are visible to other users."""

from __future__ import annotations

import getpass
import os
import sys

from .commands import Commands
from .connection import quoted
from .console import moment, table
from .context import Context


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("secret", "Encrypted values, such as a registry's password")
    parser = group.add("put", put, "Create or replace a secret; its value is read from stdin")
    parser.add_argument("name", help="its name")
    parser.add_argument("--folder", help="id or name (default: the default folder)")
    parser = group.add("list", list_, "List secrets, without their values")
    parser.add_argument("--folder", help="only of this folder (id or name)")
    parser = group.add("delete", delete, "Delete a secret", asks=True)
    parser.add_argument("name", help="its name")
    parser.add_argument("--folder", help="id or name (default: the default folder)")


def put(context: Context) -> None:
    """Create or replace a secret."""
    if os.isatty(0):
        value = getpass.getpass(f"Value of {context.args.name}: ")
    else:
        value = sys.stdin.read().removesuffix("\n")
    body = {
        "name": context.args.name,
        "value": value,
        "folder": context.folder(context.args.folder),
    }
    secret = context.api.call("POST", "secrets", body)
    context.console.result(secret, f"Stored {secret['name']}.")


def list_(context: Context) -> None:
    """List secrets."""
    found = context.api.call("GET", "secrets", query={"folder": context.args.folder})
    rows = [(item["name"], item["folder"], moment(item["updated_at"])) for item in found["secrets"]]
    context.console.result(
        found, table(("NAME", "FOLDER", "UPDATED"), rows) if rows else "No secrets."
    )


def delete(context: Context) -> None:
    """Delete a secret."""
    context.confirm(f"Delete the secret {context.args.name}?")
    context.api.call(
        "DELETE", f"secrets/{quoted(context.args.name)}", query={"folder": context.args.folder}
    )
    context.console.result({"deleted": context.args.name}, f"Deleted {context.args.name}.")
