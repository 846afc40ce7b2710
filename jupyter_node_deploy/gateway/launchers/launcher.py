"""What runs HAProxy: the same files whichever it is."""

from __future__ import annotations

from typing import Protocol

from ..configuration.listen import Listen


class Launcher(Protocol):
    """Starts and ends HAProxy for one directory; calls block.

    Attributes:
        kind: ``process`` or ``container``.
    """

    kind: str

    def listen(self, port: int) -> Listen:
        """Return what the configuration has to say for the public port to be ``port``."""

    def program(self) -> str:
        """Return what is run, for people: a path with its version, or an image.

        Raises:
            Unavailable: there is nothing to run.
        """

    def prepare(self) -> None:
        """Make the directory ``run``, and whatever else must be there before a start."""

    def start(self) -> None:
        """Start it; return at once.

        Raises:
            Unavailable: it can't be started at all.
        """

    def runs(self) -> bool:
        """Return whether it was started and did not end."""

    def fits(self) -> bool:
        """Return whether what runs was started as this launcher would do it."""

    def quiesce(self) -> None:
        """Let it finish what it has, accept nothing new, and end."""

    def end(self) -> None:
        """End it at once; fine if there is none."""

    def rotate(self) -> None:
        """Begin a new log if this one is long."""

    def log(self, lines: int) -> str:
        """Return the last lines of what it wrote."""
