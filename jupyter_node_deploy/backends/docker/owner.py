"""The user that containers run as, never root: what they may see on this machine is theirs."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

#: Of containers when the server itself is root; above all ids that systems give out.
_ID = 64123


@dataclass(frozen=True)
class Owner:
    """A user and a group id."""

    uid: int
    gid: int

    @classmethod
    def current(cls) -> Owner:
        """Return the server's own user, or a fixed one if that is root."""
        if os.getuid() == 0:
            return cls(_ID, _ID)
        return cls(os.getuid(), os.getgid())

    @property
    def user(self) -> str:
        """``UID:GID``, as the engine wants it."""
        return f"{self.uid}:{self.gid}"

    def make(self, directory: Path) -> Path:
        """Make a directory that only this user can enter."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.getuid() == 0:
            os.chown(directory, self.uid, self.gid)
        return directory

    def give(self, directory: Path) -> None:
        """Make a tree this user's."""
        if os.getuid() == 0:
            for place in (directory, *directory.rglob("*")):
                os.chown(place, self.uid, self.gid, follow_symlinks=False)

    def let_pass(self, directory: Path) -> None:
        """Let this user reach its own things in a directory of the server's."""
        if os.getuid() == 0:
            os.chown(directory, -1, self.gid)
            directory.chmod(0o710)

    def let_read(self, directory: Path) -> None:
        """Let this user read a tree of the server's; only root's needs it."""
        if os.getuid() != 0:
            return
        for place in (directory, *directory.rglob("*")):
            mode = place.lstat().st_mode
            if not stat.S_ISLNK(mode):
                os.chown(place, -1, self.gid)
                place.chmod(stat.S_IMODE(mode) | (0o050 if stat.S_ISDIR(mode) else 0o040))
