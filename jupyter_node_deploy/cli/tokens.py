"""The commands about tokens."""

from __future__ import annotations

import re

from .commands import Commands
from .connection import quoted
from .console import moment, table
from .context import Context
from .failure import Failure

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("token", "Tokens that call nodes")
    parser = group.add("create", create, "Issue a token and print it; it is not shown again")
    parser.add_argument("--folder", help="id or name (default: the default folder)")
    parser.add_argument(
        "--ttl", default="12h", help="lifetime, such as 30m, 12h or 7d (default: 12h)"
    )
    parser.add_argument("--description", default="", help="what it is for")
    parser = group.add("list", list_, "List issued tokens")
    parser.add_argument("--folder", help="only of this folder (id or name)")
    group.add("revoke", revoke, "Revoke a token").add_argument("token_id", help="its id")


def create(context: Context) -> None:
    """Issue a token; stdout gets it and nothing else."""
    args = context.args
    body = {
        "folder": context.folder(args.folder),
        "ttl_seconds": seconds(args.ttl),
        "description": args.description,
    }
    issued = context.api.call("POST", "tokens", body)
    context.console.result(issued, issued["token"])


def list_(context: Context) -> None:
    """List tokens."""
    found = context.api.call("GET", "tokens", query={"folder": context.args.folder})
    rows = [
        (
            item["id"],
            item["folder"],
            moment(item["created_at"]),
            moment(item["expires_at"]),
            moment(item["revoked_at"]),
            item["description"],
        )
        for item in found["tokens"]
    ]
    columns = ("ID", "FOLDER", "ISSUED", "EXPIRES", "REVOKED", "DESCRIPTION")
    context.console.result(found, table(columns, rows) if rows else "No tokens.")


def revoke(context: Context) -> None:
    """Revoke a token."""
    token = context.api.call("DELETE", f"tokens/{quoted(context.args.token_id)}")
    context.console.result(token, f"Revoked {token['id']}.")


def seconds(text: str) -> int:
    """Return a lifetime such as ``12h`` in seconds."""
    match = re.fullmatch(r"(\d+)([smhd]?)", text.strip())
    if match is None:
        raise Failure(f"{text!r} is not a lifetime; write it like 30m, 12h or 7d.", code=3)
    return int(match[1]) * _UNITS[match[2]]
