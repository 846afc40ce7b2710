"""What runs HAProxy: the same files whichever it is."""

from __future__ import annotations

from typing import Protocol

from .listen import Listen


class Launcher(Protocol):
    """Starts and ends HAProxy for one directory; calls block."""

    def listen(self, port: int) -> Listen:
        """Return what the configuration has to say for the public port to be ``port``."""

    def prepare(self) -> None:
        """Make the directory ``run``, and whatever else must be there before a start."""

    def start(self) -> None:
        """Start it; return at once.

        Raises:
            Unavailable: it can't be started at all.
        """

    def runs(self) -> bool:
        """Return whether it was started, as this launcher would do it, and did not end."""

    def quiesce(self) -> None:
        """Let it finish what it has, accept nothing new, and end."""

    def end(self) -> None:
        """End it at once; fine if there is none."""

    def log(self, lines: int) -> str:
        """Return the last lines of what it wrote."""
