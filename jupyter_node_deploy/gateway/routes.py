"""Routes: all that the gateway needs to know, in one file that is replaced as a whole.

``gateway/routes.json`` is what a gateway that is started anew begins with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ..access.keys import AUDIENCE
from ..files import replace
from ..specs import Healthcheck
from ..web.address import Address
from ..web.server import BODY_LIMIT

#: Bytes that the limit may be at most.
LARGEST_BODY = 999_999_999


@dataclass(frozen=True)
class Limits:
    """What callers may ask of the gateway; 0 for no limit.

    Attributes:
        body: bytes of a request's body.
        rate: requests of one token in a second.
        connections: of one address at a time.
    """

    body: int = BODY_LIMIT
    rate: int = 0
    connections: int = 0


@dataclass(frozen=True)
class InstanceRoute:
    """One instance that takes requests; ``address`` is ``unix:/path`` or ``HOST:PORT``."""

    id: str
    address: str


@dataclass(frozen=True)
class NodeRoute:
    """What the gateway knows of a node.

    Attributes:
        type: ``cell`` or ``docker``.
        acl: ids of the folders that may call.
        status: the node's status; only SUSPENDED and DELETING keep requests from its instances
            (while an update is prepared or has failed, the old revision serves on).
        reason: why it is not healthy, in words for callers.
        timeout: seconds until an answer begins, waiting for a worker included.
        instances: those that should get requests.
        protocol: docker: ``http``, ``http2`` or ``grpc``, as the endpoint's type is.
        idle_timeout: docker: seconds that a stream or a websocket may be silent.
        healthcheck: docker: how its instances are asked whether they are well; None for one that
            only connects.
        concurrency: requests that an instance carries out at a time, None if that is not known;
            with several instances no more are given to one while others could take them.
    """

    type: str
    acl: tuple[str, ...]
    status: str
    reason: str = ""
    timeout: float = 60.0
    instances: tuple[InstanceRoute, ...] = ()
    protocol: str = "http"
    idle_timeout: float = 300.0
    healthcheck: Healthcheck | None = None
    concurrency: int | None = None


@dataclass(frozen=True)
class TargetRoute:
    """A node that an alias sends to, and its weight relative to the others'."""

    node: str
    weight: int


@dataclass(frozen=True)
class AliasRoute:
    """What the gateway knows of an alias; its ACL alone decides who may call through it."""

    acl: tuple[str, ...]
    targets: tuple[TargetRoute, ...]


@dataclass(frozen=True)
class Routes:
    """One generation of everything.

    Attributes:
        nodes: by id.
        aliases: by name.
        revoked: ids of revoked tokens and when they would have expired (Unix seconds).
    """

    generation: int = 0
    audience: str = AUDIENCE
    limits: Limits = Limits()
    nodes: Mapping[str, NodeRoute] = field(default_factory=dict)
    aliases: Mapping[str, AliasRoute] = field(default_factory=dict)
    revoked: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that may call anything at all."""
        routes: list[NodeRoute | AliasRoute] = [*self.nodes.values(), *self.aliases.values()]
        return frozenset(folder for route in routes for folder in route.acl)

    def write(self, path: Path) -> None:
        """Replace the file; a reader sees the old routes or the new ones, nothing between."""
        replace(path, self.encode())

    def encode(self) -> bytes:
        """Return the file's content."""
        return json.dumps(asdict(self), default=Healthcheck.model_dump).encode()

    @classmethod
    def read(cls, path: Path) -> Routes:
        """Read the file.

        Raises:
            OSError: it is missing or unreadable.
            ValueError: it does not hold routes; the message says what is wrong.
        """
        return cls.decode(path.read_bytes())

    @classmethod
    def decode(cls, content: bytes) -> Routes:
        """Read the file's content.

        Raises:
            ValueError: it does not hold routes; the message says what is wrong.
        """
        value = json.loads(content)
        try:
            return cls(
                generation=int(value["generation"]),
                audience=_text(value["audience"]),
                limits=Limits(**{key: int(limit) for key, limit in value["limits"].items()}),
                nodes={_text(key): _node(node) for key, node in value["nodes"].items()},
                aliases={_text(key): _alias(alias) for key, alias in value["aliases"].items()},
                revoked={_text(key): float(expiry) for key, expiry in value["revoked"].items()},
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not routes: {type(error).__name__}: {error}") from error


def _node(value: Any) -> NodeRoute:
    return NodeRoute(
        type=_text(value["type"]),
        acl=_acl(value["acl"]),
        status=_text(value["status"]),
        reason=_text(value["reason"]),
        timeout=float(value["timeout"]),
        instances=tuple(
            InstanceRoute(
                id=_text(instance["id"]), address=str(Address.parse(_text(instance["address"])))
            )
            for instance in value["instances"]
        ),
        # Not in files of older versions.
        protocol=_text(value.get("protocol", "http")),
        idle_timeout=float(value.get("idle_timeout", 300.0)),
        healthcheck=_healthcheck(value.get("healthcheck")),
        concurrency=None if (many := value.get("concurrency")) is None else int(many),
    )


def _healthcheck(value: Any) -> Healthcheck | None:
    return None if value is None else Healthcheck.model_validate(value)


def _alias(value: Any) -> AliasRoute:
    return AliasRoute(
        acl=_acl(value["acl"]),
        targets=tuple(
            TargetRoute(node=_text(target["node"]), weight=_weight(target["weight"]))
            for target in value["targets"]
        ),
    )


def _acl(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):  # a string would pass for a list of one-letter folders
        raise TypeError(f"want a list of folders, got {value!r}")
    return tuple(_text(folder) for folder in value)


def _weight(value: Any) -> int:
    weight = int(value)
    if weight <= 0:
        raise ValueError(f"not routes: a weight must be over 0, got {weight}")
    return weight


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"want text, got {value!r}")
    return value
