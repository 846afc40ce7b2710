"""``jupyter node deploy``: from a notebook file or an image to a healthy node."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from ..specs.names import LENGTH, is_valid, proposed
from . import arrival, image, kernelspec, notebook, spec
from .commands import Commands
from .connection import Connection, quoted
from .context import Context
from .failure import Failure
from .waiting import add_wait, finish


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add(
        "deploy",
        deploy,
        "Make a node of a notebook's cell (after running it), or of an image",
        asks=True,
    )
    parser.add_argument("notebook", type=Path, nargs="?", help="the .ipynb file")
    parser.add_argument("--cell", help="number of the code cell, counted from 1, or its id")
    kernelspec.add_option(parser)
    parser.add_argument("--name", help="name of the node (default: from the notebook's name)")
    parser.add_argument(
        "--update", action="store_true", help="if the node exists, make a new revision of it"
    )
    spec.add_options(parser)
    image.add_options(parser)
    add_wait(parser)


def deploy(context: Context) -> None:
    """Run the command."""
    args = context.args
    if args.image is not None:
        return _deploy_image(context)
    if args.notebook is None or args.cell is None:
        raise Failure("Give a notebook and --cell, or --image and --port.", code=3)
    image.require_no_image(args)
    return _deploy_cell(context)


def _deploy_image(context: Context) -> None:
    args = context.args
    if args.notebook is not None or args.cell is not None:
        raise Failure("Give a notebook and --cell, or --image and --port; not both.", code=3)
    if args.kernel is not None:
        raise Failure("--kernel goes with a notebook, not with a Docker image.", code=3)
    spec.require_no_cell(args)
    docker: dict[str, Any] = {}
    image.change_docker(docker, args)
    if "port" not in docker.get("endpoint", {}):
        raise Failure("With --image goes --port, where the image listens.", code=3)
    provisioning = spec.change_provisioning({}, args)
    name = args.name or _name_of(args.image)
    existing = _existing(context.api, name)
    if existing is None:
        form = {"name": name, "type": "docker", "docker": docker, "provisioning": provisioning}
        node = context.api.call("POST", "nodes", form | given(context))
    elif args.update:
        patch = {"docker": docker, "provisioning": existing["provisioning"] | provisioning}
        node = context.api.call("PATCH", f"nodes/{existing['id']}", patch | given(context))
    else:
        raise _exists(name)
    finish(context, node)


def _name_of(reference: str) -> str:
    """Return a node's name after an image: its last part without tag."""
    last = reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
    name = re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")[:63].rstrip("-")
    return name if name[:1].isalpha() else f"node-{name}"[:63].rstrip("-")


def _deploy_cell(context: Context) -> None:
    args = context.args
    source = notebook.read(args.notebook)
    source.upto(args.cell)  # a wrong cell is told before a server is started
    if args.name:
        require_name(args.name)
    given(context)  # a folder that is not there is told before the notebook has run
    existing = _existing(context.api, args.name) if args.name else None
    if existing is not None and not args.update:
        raise _exists(args.name)
    checkpoint, suggestion = run_notebook(context, source, args.cell)
    form = suggestion["node"]
    if args.name:
        form["name"] = args.name
    else:
        existing = _existing(context.api, form["name"])
        if existing is not None and not args.update:
            raise _exists(form["name"])
    _complete(context, form, checkpoint)
    if existing is not None and existing["cell"] is not None:
        for change in spec.changes(existing["cell"], form["cell"]):
            context.console.note(f"Note: {change}")
    told = _try(context, form, _open(suggestion))
    pinned = pin(context.api, checkpoint["id"], form["name"])
    try:
        if existing is None:
            node = context.api.call("POST", "nodes", form)
        else:
            # As many instances as it has: only the cell is another.
            provisioning = spec.change_provisioning(existing["provisioning"], args)
            patch = {"cell": form["cell"], "provisioning": provisioning, **given(context)}
            node = context.api.call("PATCH", f"nodes/{existing['id']}", patch)
    except Failure:
        context.api.call("POST", f"checkpoints/{pinned['id']}:unpin")
        raise
    for warning in node["warnings"]:
        if warning not in told:
            context.console.note(f"Note: {warning}")
    finish(context, node)


def _open(suggestion: dict[str, Any]) -> list[str]:
    """Return the suggestion's warnings but those about variables that were given now."""
    known = {one["name"] for one in suggestion["node"]["cell"].get("env", [])}
    infos = suggestion.get("warnings_info", [None] * len(suggestion["warnings"]))
    return [
        warning
        for warning, info in zip(suggestion["warnings"], infos, strict=True)
        if info is None
        or info["reason"] != "ENVIRONMENT_NOT_CARRIED"
        or info["metadata"]["subject"] not in known
    ]


def _try(context: Context, form: dict[str, Any], warnings: list[str]) -> list[str]:
    """Make the dry run and tell what is known before anything is created; return what was told."""
    for warning in warnings:
        context.console.note(f"Note: {warning}")
    # What it refuses is told where the node is created.
    found = context.api.call("POST", "nodes:validate", {"node": form})["warnings"]
    new = [one for one in found if one not in warnings]
    for warning in new:
        context.console.note(f"Note: {warning}")
    if new:
        context.confirm(f"Create {form['name']}, although it differs from the notebook?")
    return [*warnings, *new]


def run_notebook(
    context: Context, source: notebook.Notebook, cell: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a notebook up to a cell on the server; return its checkpoint, and the form for that."""
    return asyncio.run(_run(context, source, cell))


async def _run(
    context: Context, source: notebook.Notebook, wanted: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    from . import session  # only here: tornado takes a while to import

    cells = source.upto(wanted)
    name = kernelspec.choose(context.api, source, context.args.kernel)
    async with session.opened(context.api, source, name) as kernel:
        with context.console.working("Starting the kernel"):
            await arrival.ready(context.api, kernel.id)
        for number in range(1, len(cells)):
            await session.run_cell(kernel, cells, number, context.console)
        before = arrival.reported(context.api, kernel.id)
        await session.run_cell(kernel, cells, len(cells), context.console)
        if context.api.call("GET", "settings/mode")["mode"] != "standard":
            found = context.api.call("POST", "checkpoints", {"kernel_id": kernel.id})
        else:
            with context.console.working("Waiting for the cell's checkpoint"):
                found = await arrival.arrived(context.api, kernel.id, cells[-1].id, before)
        # Now: as long as the kernel is there, it completes the checkpoint for the form.
        return found, context.api.call("POST", f"checkpoints/{found['id']}:suggest")


def pin(api: Connection, checkpoint_id: str, node: str) -> dict[str, Any]:
    """Pin a checkpoint under the first free name of ``NODE-1``, ``NODE-2`` and so on."""
    pinned = api.call("GET", "checkpoints", query={"pinned": "true", "limit": 1000})["checkpoints"]
    pattern = re.compile(re.escape(node) + r"-(\d+)")
    used = [int(match[1]) for item in pinned if (match := pattern.fullmatch(item["name"]))]
    number = max(used, default=0) + 1
    while True:
        try:
            done: dict[str, Any] = api.call(
                "POST", f"checkpoints/{checkpoint_id}:pin", {"name": f"{node}-{number}"}
            )
            return done
        except Failure as failure:
            if failure.status != 409:
                raise
            number += 1  # somebody else was first


def require_name(name: str) -> None:
    """Refuse a name that no node can have, before the notebook runs for it.

    Raises:
        Failure: with one that would do.
    """
    if not is_valid(name):
        like = proposed(name)
        raise Failure(
            f"A node can't be called {name!r}: a name has up to {LENGTH} small letters from a to "
            "z, digits and hyphens; it begins with a letter and does not end with a hyphen."
            + (f" Possible: --name {like}" if like else ""),
            code=3,
        )


def _existing(api: Connection, name: str) -> dict[str, Any] | None:
    try:
        node: dict[str, Any] = api.call("GET", f"nodes/{quoted(name)}")
    except Failure as failure:
        if failure.status == 404:
            return None
        raise
    return node


def _exists(name: str) -> Failure:
    return Failure(
        f"There is a node {name!r} already. To make a new revision of it, add --update "
        f"(or: jupyter node update {name} --help).",
        status=409,
        code=6,
    )


def _complete(context: Context, form: dict[str, Any], checkpoint: dict[str, Any]) -> None:
    cell = form["cell"]
    cell["checkpoint"] = checkpoint["id"]
    found = cell.get("env", [])
    spec.change_cell(cell, context.args, checkpoint)
    # Beside those given: without what the notebook has set the cell would answer otherwise.
    given_names = {one["name"] for one in cell.get("env", [])}
    cell["env"] = [*cell.get("env", []), *(one for one in found if one["name"] not in given_names)]
    image.change_kernel_image(cell, context.args)
    form["provisioning"] = spec.change_provisioning(form["provisioning"], context.args)
    form.update(given(context))


def given(context: Context) -> dict[str, Any]:
    """Return what was given of the fields that make no new revision."""
    args = context.args
    fields = {
        "description": args.description,
        "folder": context.folder(args.folder),
        "acl": context.folders(args.acl),
    }
    return {name: value for name, value in fields.items() if value is not None}
