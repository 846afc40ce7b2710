"""The files that the gateway lives by, looked at again whenever they change."""

from __future__ import annotations

import logging
from pathlib import Path

from ..home import Home
from .keys import public_key_path
from .routes import Routes
from .verifier import TokenVerifier

log = logging.getLogger(__name__)


class Source:
    """Reads routes and public key; keeps the last good ones when a file is bad or gone."""

    def __init__(self, home: Home) -> None:
        self._routes_file = _File(home.gateway / "routes.json")
        self._key_file = _File(public_key_path(home))
        self._key: bytes | None = None
        self.routes = Routes()
        self.verifier: TokenVerifier | None = None

    def poll(self) -> bool:
        """Look at the files; return whether there is something new."""
        routes_changed = self._routes_file.changed() and self._read_routes()
        key_changed = self._key_file.changed() and self._read_key()
        return routes_changed or key_changed

    def _read_routes(self) -> bool:
        path = self._routes_file.path
        try:
            routes = Routes.read(path)
        except (OSError, ValueError) as error:
            log.error(  # noqa: TRY400 - what is wrong with the file, not where we noticed
                "can't read %s, going on with generation %s: %s",
                path,
                self.routes.generation,
                error,
            )
            return False
        if self._key is not None and routes.audience != self.routes.audience:
            self.verifier = TokenVerifier(self._key, routes.audience)
        self.routes = routes
        return True

    def _read_key(self) -> bool:
        path = self._key_file.path
        try:
            key = path.read_bytes()
            self.verifier = TokenVerifier(key, self.routes.audience)
        except (OSError, ValueError) as error:
            log.error("can't read %s, going on with the last one: %s", path, error)  # noqa: TRY400
            return False
        self._key = key
        return True


class _File:
    def __init__(self, path: Path) -> None:
        self.path = path
        # As if it had been seen: a file that is not there yet is no change.
        self._seen: tuple[int, int, int] | None = None

    def changed(self) -> bool:
        try:
            stat = self.path.stat()
        except OSError:
            found = None
        else:
            found = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        changed = found != self._seen
        self._seen = found
        return changed
