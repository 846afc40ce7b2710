"""What runs HAProxy: the same files whichever it is."""

from __future__ import annotations

from typing import Protocol

from .configuration import Listen


class Launcher(Protocol):
    """Starts and ends HAProxy for one directory; calls may block."""

    def listen(self, port: int) -> Listen:
        """Return what the configuration has to say for the public port to be ``port``."""

    def start(self, port: int) -> None:
        """Start it; return at once.

        Raises:
            Unavailable: it can't be started at all.
        """

    def runs(self) -> bool:
        """Return whether it was started and did not end."""

    def reach(self, networks: frozenset[str]) -> None:
        """See to it that it can reach instances in these networks, and no others."""

    def end(self) -> None:
        """End it at once; fine if there is none."""

    def log(self) -> str:
        """Return the end of what it wrote."""
