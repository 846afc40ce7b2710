"""The commands about checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import notebook
from .commands import Commands
from .connection import quoted
from .console import fields, moment, size, table
from .context import Context
from .failure import Failure

_WENT = {
    "number": "went because there are newer ones (keep_checkpoints)",
    "budget": "went to make room (checkpoint_budget)",
    "deleted": "was deleted",
}


def register(commands: Commands) -> None:
    """Add the commands."""
    group = commands.group("checkpoint", "Saved states of notebooks")
    parser = group.add("list", list_, "List checkpoints, newest first")
    parser.add_argument("--notebook", help="only of this notebook (path on the server)")
    parser.add_argument("--cell", help="only of the cell with this id; copies have the same")
    parser.add_argument("--kernel", help="only of the kernel with this id")
    parser.add_argument("--pinned", action="store_true", help="only pinned ones")
    parser.add_argument("--limit", type=int, default=100, help="at most so many (default: 100)")
    parser = group.add("find", find, "Find the checkpoint of the run that a notebook's cell shows")
    parser.add_argument("notebook", type=Path, help="the .ipynb file")
    parser.add_argument(
        "--cell", required=True, help="number of the code cell, counted from 1, or its id"
    )
    group.add("show", show, "Show a checkpoint").add_argument("checkpoint", help="id or name")
    parser = group.add(
        "force", force, "Make a checkpoint of a running kernel, as soon as it is not busy"
    )
    parser.add_argument("kernel", help="id of the kernel, or path of its notebook on the server")
    parser = group.add("pin", pin, "Name a checkpoint and keep it")
    parser.add_argument("checkpoint", help="id or name")
    parser.add_argument("name", help="its name")
    parser = group.add("rename", rename, "Give a pinned checkpoint another name")
    parser.add_argument("checkpoint", help="id or name")
    parser.add_argument("name", help="its new name")
    parser = group.add("unpin", unpin, "Let a checkpoint rotate out again")
    parser.add_argument("checkpoint", help="id or name")
    parser = group.add("apply", apply, "Restore the variables in a running kernel", asks=True)
    parser.add_argument("checkpoint", help="id or name")
    parser.add_argument("kernel", help="id of the kernel, or path of its notebook on the server")
    parser = group.add("delete", delete, "Delete a checkpoint", asks=True)
    parser.add_argument("checkpoint", help="id or name")
    parser = group.add("suggest", suggest, "Show the node form, prefilled from a checkpoint")
    parser.add_argument("checkpoint", help="id or name")


def list_(context: Context) -> None:
    """List checkpoints."""
    args = context.args
    query = {
        "notebook": args.notebook,
        "cell_id": args.cell,
        "kernel_id": args.kernel,
        "pinned": "true" if args.pinned else None,
        "limit": args.limit,
    }
    found = context.api.call("GET", "checkpoints", query=query)
    rows = [
        (
            item["id"],
            item["name"],
            item["operation"],
            item["status"],
            moment(item["created_at"]),
            size(item["size"]),
            item["notebook"],
            item["first_line"],
        )
        for item in found["checkpoints"]
    ]
    columns = ("ID", "NAME", "OPERATION", "STATUS", "CREATED", "SIZE", "NOTEBOOK", "CODE")
    text = table(columns, rows) if rows else "No checkpoints. Run a cell of a notebook."
    context.console.result(found, f"{text}\n{_kept(found['kept'])}")


def find(context: Context) -> None:
    """Find a cell's checkpoint."""
    source = notebook.read(context.args.notebook)
    cell = source.upto(context.args.cell)[-1]
    others = [one for one in source.cells if one is not cell]
    path = source.path.resolve()
    root = context.api.server.root
    shown = str(path.relative_to(root)) if root and path.is_relative_to(root) else None
    body = {
        "notebook": shown,
        "kernel_id": _kernel_of(context, shown),
        "cell_id": cell.id,
        "code": cell.source,
        "execution_count": cell.execution_count,
        "other_cells": [one.id for one in others],
        "repeated": any(one.source.strip() == cell.source.strip() for one in others),
    }
    found = context.api.call("POST", "checkpoints:find", body)
    if found["checkpoint"] is None:
        why = "There is no checkpoint of the run that the cell shows."
        if found["gone"]:
            why = f"The checkpoint of the run that the cell shows {_WENT[found['gone']['reason']]}."
        raise Failure(f"{why} jupyter node deploy runs the notebook up to it.", code=5)
    if found["changed"]:
        context.console.note("Note: the cell's code has changed since it ran.")
    _show(context, context.api.call("GET", f"checkpoints/{found['checkpoint']['id']}"))


def show(context: Context) -> None:
    """Show a checkpoint."""
    _show(context, context.api.call("GET", _path(context)))


def force(context: Context) -> None:
    """Force a checkpoint."""
    body = {"kernel_id": _kernel(context)}
    try:
        _show(context, _made(context, body))
    except KeyboardInterrupt:
        context.api.call("POST", "checkpoints:cancel", body)
        raise


def _made(context: Context, body: dict[str, Any]) -> dict[str, Any]:
    """Have a checkpoint made, however long the kernel is busy."""
    told = False
    while True:
        try:
            made: dict[str, Any] = context.api.call("POST", "checkpoints", {**body, "stay": True})
        except Failure as failure:
            if failure.reason != "CHECKPOINT_WAITS":
                raise
            if not told:
                context.console.note(f"{failure.message} Ctrl+C ends the waiting.")
            told = True
        else:
            return made


def pin(context: Context) -> None:
    """Pin a checkpoint."""
    _show(context, context.api.call("POST", _path(context) + ":pin", {"name": context.args.name}))


def rename(context: Context) -> None:
    """Rename a checkpoint."""
    _show(context, context.api.call("PATCH", _path(context), {"name": context.args.name}))


def unpin(context: Context) -> None:
    """Unpin a checkpoint."""
    _show(context, context.api.call("POST", _path(context) + ":unpin"))


def apply(context: Context) -> None:
    """Apply a checkpoint."""
    context.confirm("The variables of the running kernel are replaced. Go on?")
    body = {"kernel_id": _kernel(context)}
    applied = context.api.call("POST", _path(context) + ":apply", body)
    for failure in applied["failures"]:
        context.console.note(f"Not restored: {', '.join(failure['names'])}: {failure['reason']}")
    _show(context, applied)


def delete(context: Context) -> None:
    """Delete a checkpoint."""
    context.confirm(f"Delete the checkpoint {context.args.checkpoint}?")
    context.api.call("DELETE", _path(context))
    context.console.result(
        {"deleted": context.args.checkpoint}, f"Deleted {context.args.checkpoint}."
    )


def suggest(context: Context) -> None:
    """Show the prefilled form."""
    found = context.api.call("POST", _path(context) + ":suggest")
    cell = found["node"]["cell"]
    pairs = [
        ("Name", found["node"]["name"]),
        ("Inputs", [f"{item['name']}: {item['type']}" for item in cell["inputs"]]),
        ("Outputs", [f"{item['name']}: {item['type']}" for item in cell["outputs"]]),
        ("Requirements", cell["requirements"]),
        (
            "Carried",
            [
                f"{', '.join(group['names'])} ({size(group['size'])})"
                for group in found["carried_groups"]
            ],
        ),
        ("Files", found["files"]),
        ("Options", _options(found)),
        ("Environment", [f"{item['name']}={item['value']}" for item in cell["env"]]),
        ("Unsaved", [f"{item['name']} ({item['reason']})" for item in found["unsaved"]]),
        ("Warnings", found["warnings"]),
    ]
    context.console.result(found, fields(pairs))


def _options(found: dict[str, Any]) -> list[str]:
    return [
        f"{module} {name} = {text}"
        for module, values in found["options"].items()
        for name, text in values.items()
    ]


def _path(context: Context) -> str:
    return f"checkpoints/{quoted(context.args.checkpoint)}"


def _kernel(context: Context) -> str:
    given: str = context.args.kernel
    for session in context.api.jupyter("GET", "api/sessions"):
        if session["path"] == given:
            return str(session["kernel"]["id"])
    if any(kernel["id"] == given for kernel in context.api.jupyter("GET", "api/kernels")):
        return given
    raise Failure(f"No running kernel has the id, and no open notebook the path, {given!r}.")


def _kernel_of(context: Context, path: str | None) -> str | None:
    """Return the kernel of an open notebook."""
    sessions = context.api.jupyter("GET", "api/sessions") if path else []
    return next((str(one["kernel"]["id"]) for one in sessions if one["path"] == path), None)


def _kept(kept: dict[str, Any]) -> str:
    text = (
        f"{kept['count']} kept ({kept['pinned']} pinned), {size(kept['size'])}; of those that are "
        f"not pinned the newest {kept['limit']} and up to {size(kept['budget'])}."
    )
    if last := kept["last_gone"]:
        text += f" The last one {_WENT[last['reason']]} {moment(last['gone_at'])}."
    return text


def _show(context: Context, checkpoint: dict[str, Any]) -> None:
    pairs = [
        ("ID", checkpoint["id"]),
        ("Name", checkpoint["name"]),
        ("Operation", checkpoint["operation"]),
        ("Status", checkpoint["status"]),
        ("Notebook", checkpoint["notebook"]),
        ("Created", moment(checkpoint["created_at"])),
        ("Size", size(checkpoint["size"])),
        ("Options", _options(checkpoint)),
    ]
    rows = [
        (
            item["name"],
            item["type"],
            size(item["size"]),
            item["reason"] or item["preview"].split("\n")[0],
        )
        for item in checkpoint["variables"]
    ]
    text = [fields(pairs), "", checkpoint["code"], ""]
    if rows:
        text.append(table(("VARIABLE", "TYPE", "SIZE", "VALUE"), rows))
    context.console.result(checkpoint, "\n".join(text).rstrip())
