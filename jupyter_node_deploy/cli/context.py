"""What every command gets: its options, a console, and a server when it wants one."""

from __future__ import annotations

import os
from argparse import Namespace
from functools import cached_property
from pathlib import Path
from typing import Any

from ..home import default_root
from . import servers
from .connection import Connection, Server, quoted
from .console import Console
from .failure import Failure


class Context:
    """The surroundings of one command.

    Args:
        args: the parsed options.
    """

    def __init__(self, args: Namespace) -> None:
        self.args = args
        self.console = Console(bool(getattr(args, "json", False)))

    @property
    def data_dir(self) -> Path:
        """The data directory whose server is meant."""
        return Path(self.args.data_dir).resolve() if self.args.data_dir else default_root()

    @property
    def running(self) -> Server | None:
        """The server that runs, or that the user named; None if there is none."""
        if self.args.server:
            return servers.named(self.args.server, self.args.token)
        return servers.find(self.data_dir, exact=bool(self.args.data_dir))

    @cached_property
    def api(self) -> Connection:
        """A connection to the running server; one is started when none runs."""
        server = self.running or servers.start(
            self.data_dir, self.console, exact=bool(self.args.data_dir)
        )
        return Connection(server, working=self.console.working)

    def folder(self, id_or_name: str | None) -> str | None:
        """Return the id of a folder that was given by id or name; None stays None."""
        if id_or_name is None:
            return None
        found: dict[str, Any] = self.api.call("GET", f"folders/{quoted(id_or_name)}")
        return str(found["id"])

    def folders(self, given: list[str] | None) -> list[str] | None:
        """Return the ids of folders that were given by id or name."""
        return None if given is None else [str(self.folder(name)) for name in given]

    def confirm(self, question: str) -> None:
        """Ask before something is lost, unless ``--yes`` was given or nobody is there to ask."""
        if self.args.yes or not os.isatty(0):
            return
        if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
            raise Failure("Nothing was done.")
