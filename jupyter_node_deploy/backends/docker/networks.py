"""Networks of nodes: each node that may reach other machines has a bridge of its own."""

from __future__ import annotations

import contextlib
import threading

from docker import DockerClient
from docker.errors import APIError, NotFound

from . import labels


class Networks:
    """Makes and removes the networks of nodes. Its methods block.

    Args:
        engine: where.
        home: id of the home.
    """

    def __init__(self, engine: DockerClient, home: str) -> None:
        self._engine = engine
        self._home = home
        self._lock = threading.Lock()

    def name(self, node_id: str) -> str:
        """Return the name of a node's network."""
        return f"jupyter-node-{self._home}-{node_id}"

    def ensure(self, node_id: str, *, internal: bool = False) -> str:
        """Return the name of a node's network, which is made at need.

        Args:
            internal: without a route out.
        """
        name = self.name(node_id)
        with self._lock, contextlib.suppress(NotFound):
            found = self._engine.networks.get(name)
            if found.attrs["Internal"] == internal:
                return name
            found.remove()
        with self._lock:
            self._engine.networks.create(
                name,
                driver="bridge",
                internal=internal,
                check_duplicate=True,
                options={"com.docker.network.bridge.enable_icc": "false"},
                labels={labels.HOME: self._home, labels.NODE: node_id},
            )
        return name

    def remove_unused(self, node_id: str) -> None:
        """Remove a node's network unless something uses it."""
        with contextlib.suppress(NotFound, APIError):
            self._engine.networks.get(self.name(node_id)).remove()
