"""Networks of nodes: no two nodes share one.

By its inner network, which has no route out, a node's image is reached from this machine, so by
the gateway; what may reach other machines has an outer one beside it. On neither of them do
instances reach each other.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Set
from datetime import datetime

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.networks import Network

from ...errors import Message, ResourceExhausted
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

    def name(self, node_id: str, *, internal: bool) -> str:
        """Return the name of one of a node's networks."""
        return f"jupyter-node-{self._home}-{node_id}{'' if internal else '-out'}"

    def ensure(self, node_id: str, *, internal: bool) -> Network:
        """Return one of a node's networks, which is made at need.

        Args:
            internal: the inner one, without a route out.

        Raises:
            ResourceExhausted: the engine has no addresses left for a network.
        """
        name = self.name(node_id, internal=internal)
        with self._lock:
            with contextlib.suppress(NotFound):
                return self._engine.networks.get(name)
            try:
                return self._engine.networks.create(
                    name,
                    driver="bridge",
                    internal=internal,
                    check_duplicate=True,
                    options=None if internal else {"com.docker.network.bridge.enable_icc": "false"},
                    labels={labels.HOME: self._home, labels.NODE: node_id},
                )
            except APIError as error:
                if "address pool" not in str(error):
                    raise
                raise ResourceExhausted(
                    Message(
                        "The Docker engine has no addresses left for another node's network. "
                        "Suspend or delete nodes, or give the engine more: default-address-pools "
                        "with small networks (size 28) in /etc/docker/daemon.json.",
                        "ENGINE_NETWORKS_EXHAUSTED",
                    )
                ) from error

    def remove_unused(self, node_id: str) -> None:
        """Remove a node's networks unless it has containers, of which some may not run yet."""
        mine = [f"{labels.HOME}={self._home}", f"{labels.NODE}={node_id}"]
        with self._lock:
            if self._engine.api.containers(all=True, quiet=True, filters={"label": mine}):
                return
            for internal in (True, False):
                with contextlib.suppress(NotFound, APIError):
                    self._engine.networks.get(self.name(node_id, internal=internal)).remove()

    def tidy(self, in_use: Set[str], *, older: float) -> None:
        """Remove the networks of all nodes but these (ids), if they have so many seconds."""
        for network in self._engine.networks.list(filters={"label": f"{labels.HOME}={self._home}"}):
            node_id = (network.attrs.get("Labels") or {}).get(labels.NODE)
            made = datetime.fromisoformat(network.attrs["Created"]).timestamp()
            if node_id is not None and node_id not in in_use and time.time() - made > older:
                self.remove_unused(node_id)
