"""The commands about nodes that exist."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .commands import Commands
from .connection import quoted
from .console import moment, table
from .context import Context
from .failure import Failure
from .node_view import show_node
from .waiting import add_wait, finish


def register(commands: Commands) -> None:
    """Add the commands."""
    commands.add("list", list_, "List nodes")
    for name, run, help_ in (
        ("suspend", suspend, "Stop a node's instances and keep the node"),
        ("revisions", revisions, "List a node's revisions"),
    ):
        commands.add(name, run, help_).add_argument("node", help="id or name")
    for name, run, help_ in (
        ("resume", resume, "Start a suspended node again"),
        ("restart", restart, "Put new instances in the place of the old, losing no request"),
    ):
        parser = commands.add(name, run, help_)
        parser.add_argument("node", help="id or name")
        add_wait(parser)
    parser = commands.add("show", show, "Show a node")
    parser.add_argument("node", help="id or name")
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="wait at most so long (and 60 s) until it is healthy, failed or suspended",
    )
    parser = commands.add("delete", delete, "Delete a node", asks=True)
    parser.add_argument("node", help="id or name")
    parser = commands.add("execute", execute, "Send a test request to a node")
    parser.add_argument("node", help="id or name")
    parser.add_argument(
        "input",
        nargs="?",
        default="-",
        help="JSON object of the inputs, @FILE, or - for stdin (default)",
    )
    parser = commands.add("logs", logs, "Show a node's log")
    parser.add_argument("node", help="id or name")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until interrupted")
    parser.add_argument("-n", "--tail", type=int, metavar="LINES", help="only the last lines")
    parser.add_argument("--instance", help="only this instance")
    parser = commands.add("rollback", rollback, "Go back to an earlier revision")
    parser.add_argument("node", help="id or name")
    parser.add_argument("--revision", type=int, help="its number (default: the one before)")
    add_wait(parser)
    parser = commands.add("export", export, "Write what runs a node elsewhere into an archive")
    parser.add_argument("node", help="id or name")
    parser.add_argument(
        "--format",
        choices=("bundle", "docker", "compose"),
        help="the cell's own files (default), or what plain Docker or Compose needs",
    )
    parser.add_argument("-o", "--output", type=Path, help="file (default: NODE.tar.gz)")


def list_(context: Context) -> None:
    """List nodes."""
    found = context.api.call("GET", "nodes")
    rows = [
        (node["name"], node["id"], node["status"], node["revision"], node["reason"])
        for node in found["nodes"]
    ]
    context.console.result(
        found,
        table(("NAME", "ID", "STATUS", "REVISION", "REASON"), rows)
        if rows
        else "No nodes. Make one: jupyter node deploy NOTEBOOK --cell N --name NAME",
    )


def show(context: Context) -> None:
    """Show a node."""
    query = {"wait": context.args.wait}
    show_node(context, context.api.call("GET", _path(context), query=query))


def suspend(context: Context) -> None:
    """Suspend a node."""
    show_node(context, context.api.call("POST", _path(context) + ":suspend"))


def resume(context: Context) -> None:
    """Resume a node."""
    finish(context, context.api.call("POST", _path(context) + ":resume"))


def restart(context: Context) -> None:
    """Restart a node."""
    finish(context, context.api.call("POST", _path(context) + ":restart"))


def rollback(context: Context) -> None:
    """Roll a node back."""
    body = {"revision": context.args.revision}
    finish(context, context.api.call("POST", _path(context) + ":rollback", body))


def delete(context: Context) -> None:
    """Delete a node."""
    node = context.api.call("GET", _path(context))
    context.confirm(f"Delete {node['name']} with its {node['revision']} revision(s)?")
    deleted = context.api.call("DELETE", f"nodes/{node['id']}")
    context.console.result(deleted, f"Deleted {node['name']} ({node['id']}).")


def execute(context: Context) -> None:
    """Send a test request."""
    answer = context.api.call("POST", _path(context) + ":execute", {"input": _input(context)})
    context.console.write(json.dumps(answer, indent=2, ensure_ascii=False))


def logs(context: Context) -> None:
    """Show log lines."""
    args = context.args
    query = {"follow": "1" if args.follow else None, "tail": args.tail, "instance": args.instance}
    for line in context.api.lines(_path(context) + "/logs", query):
        context.console.write(json.dumps({"line": line}) if args.json else line)


def revisions(context: Context) -> None:
    """List revisions."""
    found = context.api.call("GET", _path(context) + "/revisions")
    rows = [
        (
            item["number"],
            "*" if item["active"] else "",
            moment(item["created_at"]),
            (item["docker"] or {}).get("image") or (item["cell"] or {}).get("checkpoint"),
            item["reason"],
        )
        for item in found["revisions"]
    ]
    columns = ("REVISION", "ACTIVE", "CREATED", "CHECKPOINT OR IMAGE", "REASON")
    context.console.result(found, table(columns, rows))


def export(context: Context) -> None:
    """Write an export."""
    target: Path = context.args.output or Path(f"{context.args.node}.tar.gz")
    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as file:
            query = {"format": context.args.format}
            context.api.download(_path(context) + "/export", file, query)
        part.replace(target)
    except OSError as error:
        raise Failure(f"Can't write {target}: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    context.console.result({"file": str(target)}, f"Wrote {target}.")


def _path(context: Context) -> str:
    return f"nodes/{quoted(context.args.node)}"


def _input(context: Context) -> Any:
    given: str = context.args.input
    try:
        if given == "-":
            given = sys.stdin.read()
        elif given.startswith("@"):
            given = Path(given[1:]).read_text()
        return json.loads(given)
    except OSError as error:
        raise Failure(f"Can't read {given[1:]}: {error.strerror}.") from error
    except ValueError as error:
        raise Failure(f"The input is not JSON: {error}.", code=3) from error
