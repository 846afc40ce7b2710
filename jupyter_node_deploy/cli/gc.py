"""``jupyter node gc``: what is left of nodes that the catalog does not know."""

from __future__ import annotations

from .commands import Commands
from .connection import quoted
from .console import table
from .context import Context


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add(
        "gc",
        gc,
        "List what there is of nodes that the catalog neither knows nor has deleted",
        asks=True,
    )
    parser.add_argument("--delete", action="store_true", help="and delete it")


def gc(context: Context) -> None:
    """Run the command."""
    found = context.api.call("GET", "strays")
    rows = [
        (one["node"], len(one["instances"]), ", ".join(map(str, one["revisions"])))
        for one in found["strays"]
    ]
    if not rows:
        return context.console.result(found, "There is nothing.")
    text = table(("NODE", "INSTANCES", "REVISIONS"), rows)
    if not context.args.delete:
        return context.console.result(found, f"{text}\nTo delete it: jupyter node gc --delete")
    context.console.note(text)
    context.confirm("Delete these instances and bundles? Nothing brings them back.")
    for node, *_ in rows:
        context.api.call("DELETE", f"strays/{quoted(node)}")
    return context.console.result(found, f"Deleted what there was of {len(rows)} nodes.")
