"""The command line as a whole: its commands, and what happens when one fails."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter

from .._version import __version__
from . import (
    aliases,
    checkpoints,
    deploy,
    folders,
    gateway,
    gc,
    nodes,
    openapi,
    secrets,
    server,
    tokens,
    update,
)
from .commands import Commands
from .console import Console
from .context import Context
from .failure import Failure

_EPILOG = """\
The commands speak to your running Jupyter server, or start one in the background.

examples:
  jupyter node deploy notebook.ipynb --cell 2 --name my-node
  jupyter node token create
  jupyter node execute my-node '{"input_data": {"left_bound": 1, "right_bound": 10}}'
"""


def parser() -> ArgumentParser:
    """Return the parser of all commands."""
    top = ArgumentParser(
        prog="jupyter node",
        description="Turn a notebook cell into a REST service.",
        epilog=_EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = Commands(top)
    for module in (
        deploy,
        nodes,
        update,
        checkpoints,
        aliases,
        folders,
        secrets,
        tokens,
        gateway,
        gc,
        server,
        openapi,
    ):
        module.register(commands)
    return top


def run(argv: list[str]) -> int:
    """Run one command; return its exit status."""
    try:
        args = parser().parse_args(argv)
    except SystemExit as done:  # --help, --version, or a usage error
        return done.code if isinstance(done.code, int) else 2
    console = Console(args.json)
    try:
        args.run(Context(args))
    except Failure as failure:
        console.failure(failure)
        return 1
    except KeyboardInterrupt:
        console.note("Interrupted.")
        return 130
    except BrokenPipeError:  # `jupyter node logs … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0
