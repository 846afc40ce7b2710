"""``jupyter node update``: new code, another checkpoint or image, or other settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import image, kernelspec, notebook, spec
from .commands import Commands
from .connection import quoted
from .context import Context
from .deploy import given, pin, require_name, run_notebook
from .failure import Failure
from .waiting import add_wait, finish


def register(commands: Commands) -> None:
    """Add the command."""
    parser = commands.add(
        "update", update, "Change a node; new code or another image makes a new revision"
    )
    parser.add_argument("node", help="id or name")
    parser.add_argument("notebook", type=Path, nargs="?", help="run this notebook again")
    parser.add_argument("--cell", help="with a notebook: the cell, as for deploy")
    kernelspec.add_option(parser)
    parser.add_argument("--checkpoint", help="id or name of a pinned checkpoint to take instead")
    parser.add_argument("--name", help="its new name")
    spec.add_options(parser)
    image.add_options(parser)
    add_wait(parser)


def update(context: Context) -> None:
    """Run the command."""
    args = context.args
    if args.notebook and (args.checkpoint or not args.cell):
        raise Failure("With a notebook goes --cell, and no --checkpoint.", code=3)
    if args.kernel and not args.notebook:
        raise Failure("--kernel goes with a notebook, which it runs.", code=3)
    if args.name:
        require_name(args.name)
    node = context.api.call("GET", f"nodes/{quoted(args.node)}")
    if node["docker"] is not None and (args.notebook or args.checkpoint):
        raise Failure(f"The node {node['name']} is of an image, not of a cell.", code=3)
    checkpoint = None
    patch = given(context)
    if args.notebook:
        run, _ = run_notebook(context, notebook.read(args.notebook), args.cell)
        checkpoint = pin(context.api, run["id"], node["name"])
    elif args.checkpoint:
        checkpoint = context.api.call("GET", f"checkpoints/{quoted(args.checkpoint)}")
    if args.name:
        patch["name"] = args.name
    if node["docker"] is not None:
        spec.require_no_cell(args)
        docker = dict(node["docker"])
        image.change_docker(docker, args)
        if docker != node["docker"]:
            patch["docker"] = docker
    if node["cell"] is not None:
        image.require_no_image(args)
        cell = _cell(context, node, checkpoint)
        if cell != node["cell"]:
            patch["cell"] = cell
    provisioning = spec.change_provisioning(node["provisioning"], args)
    if provisioning != node["provisioning"]:
        patch["provisioning"] = provisioning
    if not patch:
        raise Failure("Nothing to change was given.", code=3)
    finish(context, context.api.call("PATCH", f"nodes/{node['id']}", patch))


def _cell(
    context: Context, node: dict[str, Any], checkpoint: dict[str, Any] | None
) -> dict[str, Any]:
    """The wanted spec: with new code, what is found in it anew, and the node's own settings."""
    cell: dict[str, Any] = dict(node["cell"])
    if checkpoint is not None:
        suggestion = context.api.call("POST", f"checkpoints/{checkpoint['id']}:suggest")
        found = suggestion["node"]["cell"]
        for name in ("inputs", "outputs", "requirements"):
            cell[name] = found[name]
        if cell.get("response") and context.args.response is None:
            cell["outputs"] = node["cell"]["outputs"]  # the body is the only one
        cell["files"] = [*dict.fromkeys([*cell["files"], *found["files"]])]
        cell["checkpoint"] = checkpoint["id"]
    spec.change_cell(cell, context.args, checkpoint)
    image.change_kernel_image(cell, context.args)
    for change in spec.changes(node["cell"], cell):
        context.console.note(f"Note: {change}")
    return cell
