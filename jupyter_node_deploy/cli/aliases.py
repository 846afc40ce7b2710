"""The commands about aliases."""

from __future__ import annotations

from typing import Any

from .commands import Commands
from .connection import quoted
from .console import table
from .context import Context
from .failure import Failure

_TARGET = "node (id or name) and its weight (default: 100)"


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("alias", "Stable names that split requests over nodes")
    group.add("list", list_, "List aliases")
    parser = group.add("create", create, "Create an alias")
    parser.add_argument("name", help="its name")
    parser.add_argument("target", nargs="+", metavar="NODE[:WEIGHT]", help=_TARGET)
    parser.add_argument("--folder", help="id or name (default: the default folder)")
    parser.add_argument("--acl", action="append", metavar="FOLDER", help="folder that may call it")
    parser = group.add("update", update, "Change an alias")
    parser.add_argument("name", help="its name")
    parser.add_argument("target", nargs="*", metavar="NODE[:WEIGHT]", help=_TARGET)
    parser.add_argument("--folder", help="id or name")
    parser.add_argument("--acl", action="append", metavar="FOLDER", help="folder that may call it")
    parser = group.add("delete", delete, "Delete an alias", asks=True)
    parser.add_argument("name", help="its name")


def list_(context: Context) -> None:
    """List aliases."""
    found = context.api.call("GET", "aliases")
    rows = [(alias["name"], _targets(alias), alias["acl"]) for alias in found["aliases"]]
    columns = ("NAME", "TARGETS", "ACL")
    context.console.result(found, table(columns, rows) if rows else "No aliases.")


def create(context: Context) -> None:
    """Create an alias."""
    alias = context.api.call("POST", "aliases", {"name": context.args.name} | _body(context))
    context.console.result(alias, f"Created {alias['name']}: {_targets(alias)}.")


def update(context: Context) -> None:
    """Change an alias."""
    alias = context.api.call("PATCH", f"aliases/{quoted(context.args.name)}", _body(context))
    context.console.result(alias, f"{alias['name']}: {_targets(alias)}.")


def delete(context: Context) -> None:
    """Delete an alias."""
    context.confirm(f"Delete the alias {context.args.name}?")
    context.api.call("DELETE", f"aliases/{quoted(context.args.name)}")
    context.console.result({"deleted": context.args.name}, f"Deleted {context.args.name}.")


def _body(context: Context) -> dict[str, Any]:
    args = context.args
    body = {
        "targets": [_target(text) for text in args.target] or None,
        "folder": context.folder(args.folder),
        "acl": context.folders(args.acl),
    }
    return {name: value for name, value in body.items() if value is not None}


def _target(text: str) -> dict[str, Any]:
    node, _, weight = text.partition(":")
    if not weight:
        return {"node": node}
    if not weight.isdigit():
        raise Failure(f"{text!r}: the weight {weight!r} is not a number.", code=3)
    return {"node": node, "weight": int(weight)}


def _targets(alias: dict[str, Any]) -> str:
    return ", ".join(f"{target['node']}:{target['weight']}" for target in alias["targets"])
