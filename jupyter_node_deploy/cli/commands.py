"""How command groups put themselves into the parser."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable

from .context import Context

Run = Callable[[Context], None]


class Commands:
    """The commands below a parser."""

    def __init__(self, parser: ArgumentParser) -> None:
        self._subparsers = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(self, name: str, run: Run, help_: str, *, asks: bool = False) -> ArgumentParser:
        """Add a command with the options that every command has.

        Args:
            asks: it asks before something is lost, and takes ``--yes``.
        """
        parser = self._subparsers.add_parser(name, help=help_, description=help_)
        parser.add_argument("--json", action="store_true", help="print JSON")
        parser.add_argument(
            "--server", metavar="URL", help="base URL of the Jupyter server (default: yours)"
        )
        parser.add_argument(
            "--token", help="token of that server (default: that of your own, or JUPYTER_TOKEN)"
        )
        parser.add_argument(
            "--data-dir", metavar="DIR", help="only a server with this data directory"
        )
        yes = "do not ask" if asks else SUPPRESS
        parser.add_argument("-y", "--yes", action="store_true", help=yes)
        parser.set_defaults(run=run)
        return parser

    def group(self, name: str, help_: str) -> Commands:
        """Add a group of commands."""
        return Commands(self._subparsers.add_parser(name, help=help_, description=help_))
