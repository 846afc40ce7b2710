"""Where things lie on disk: one directory per user, shared by all their Jupyter servers."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The data directory and the places in it.

    Attributes:
        root: the directory itself, mode 0700.
    """

    root: Path

    @property
    def id(self) -> str:
        """A random name of this home, by which what it made outside of it is known as its own."""
        path = self.root / "id"
        try:
            return path.read_text()
        except FileNotFoundError:
            part = self.root / f".id-{secrets.token_hex(8)}"
            part.write_text(secrets.token_hex(6))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(part)  # unlike a rename, it does not replace another server's
            part.unlink()
            return path.read_text()

    @property
    def catalog(self) -> Path:
        """The SQLite file of the catalog."""
        return self.root / "catalog.sqlite"

    @property
    def pairing(self) -> Path:
        """Which catalog the home belongs to; see ``catalog/pairing.py``."""
        return self.root / "catalog.json"

    @property
    def blobs(self) -> Path:
        """Content-addressed values: ``ab/abcdef…`` by SHA-256 of the content."""
        return self.root / "blobs"

    @property
    def spool(self) -> Path:
        """``KERNEL_ID/CHECKPOINT_ID.json``: manifests that are not yet in the catalog."""
        return self.root / "spool"

    @property
    def bundles(self) -> Path:
        """``NODE_ID/REVISION/``: the bundles of cell nodes."""
        return self.root / "bundles"

    @property
    def instances(self) -> Path:
        """``INSTANCE_ID/``: what instances have on this machine (socket, log, lock, pid)."""
        return self.root / "instances"

    @property
    def runtimes(self) -> Path:
        """``KEY/``: the runtime and its own packages, as containers of one base need them."""
        return self.root / "runtimes"

    @property
    def environments(self) -> Path:
        """``NODE_ID-REVISION.json``: what containers of a revision are made of; see ``uses.py``."""
        return self.root / "environments"

    @property
    def cache(self) -> Path:
        """What may be deleted at any time: downloads of package installers."""
        return self.root / "cache"

    @property
    def gateway(self) -> Path:
        """The gateway's files: routes, public key, port; HAProxy's own in ``haproxy/``."""
        return self.root / "gateway"

    @property
    def owner(self) -> Path:
        """The lock of the server that acts, of several servers of this home."""
        return self.root / "reconciler.lock"

    @property
    def caretaker(self) -> Path:
        """The lock of the process that ends what a killed server leaves, with its server's id."""
        return self.root / "caretaker.lock"

    @property
    def keys(self) -> Path:
        """Private keys, mode 0700; files 0600."""
        return self.root / "keys"

    def create(self) -> None:
        """Make the directories that are missing, readable by the owner only."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place in (
            self.blobs,
            self.spool,
            self.bundles,
            self.instances,
            self.runtimes,
            self.environments,
            self.cache,
            self.gateway,
            self.keys,
        ):
            place.mkdir(mode=0o700, exist_ok=True)


def default_root() -> Path:
    """Return the data directory that is used unless another one is configured."""
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()).resolve() / "node_deploy"
