"""Routes as HAProxy's map files: all that may change without a reload."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from math import gcd

from ...errors import NodeDeployError
from ..routes import Routes, TargetRoute
from .refusals import alias_refusal, is_ready, node_refusal

Map = dict[str, str]

#: The map that tells which generation is served.
PUBLISHED = "published"

#: What the weights of an alias are scaled to if their sum, in lowest terms, is over it.
SHARES = 1000


def maps(routes: Routes, digest: str) -> dict[str, Map]:
    """Return each map's keys and values, by the name of its file, in the order to update them.

    Args:
        routes: what to publish.
        digest: of the configuration that the maps belong to.
    """
    targets, totals, following = _aliases(routes)
    return {
        "targets": targets,
        "next": following,
        "totals": totals,
        "revoked": dict.fromkeys(routes.revoked, "1"),
        "access": {
            f"{kind}/{name}/{folder}": "1"
            for kind, many in (("nodes", routes.nodes), ("aliases", routes.aliases))
            for name, route in many.items()
            for folder in route.acl
        },
        "folders": dict.fromkeys(routes.folders, "1"),
        "refusals": _refusals(routes),
        # Last: who sees this generation sees all of it.
        PUBLISHED: {"digest": digest, "generation": str(routes.generation)},
    }


def _refusals(routes: Routes) -> Map:
    """Return what to answer for what can't be called now, as base64 of the JSON body.

    Encoded, because neither a map file nor the runtime API could take any text as it is.
    """
    found: Map = {}
    for node_id, node in routes.nodes.items():
        if not is_ready(node):
            found[f"nodes/{node_id}"] = _encoded(node_refusal(node_id, node))
    for name, alias in routes.aliases.items():
        if not _ready(routes, alias.targets):
            found[f"aliases/{name}"] = _encoded(alias_refusal(name, alias, routes))
    return found


def _aliases(routes: Routes) -> tuple[Map, Map, Map]:
    """Return the node of each share, each alias' number of shares, and each node's successor.

    A request takes a share at random. The successors are a ring, which is followed when none of a
    node's instances takes connections.
    """
    shares, totals, following = Map(), Map(), Map()
    for name, alias in routes.aliases.items():
        ready = _ready(routes, alias.targets)
        counts = _counts([target.weight for target in ready])
        nodes = [target.node for target in ready]
        filled = [node for node, count in zip(nodes, counts, strict=True) for _ in range(count)]
        shares |= {f"{name}/{share}": node for share, node in enumerate(filled)}
        if filled:
            totals[name] = str(len(filled))
        following |= {
            f"{name}/{node}": after
            for node, after in zip(nodes, nodes[1:] + nodes[:1], strict=True)
        }
    return shares, totals, following


def _ready(routes: Routes, targets: Sequence[TargetRoute]) -> list[TargetRoute]:
    nodes = routes.nodes
    return [t for t in targets if t.node in nodes and is_ready(nodes[t.node])]


def _counts(weights: Sequence[int]) -> list[int]:
    """Return whole numbers in proportion to the weights, at least 1 each, few in all."""
    divisor = gcd(*weights) or 1
    total = sum(weights) // divisor
    if total <= SHARES:
        return [weight // divisor for weight in weights]
    return [max(1, round(weight * SHARES / sum(weights))) for weight in weights]


def _encoded(error: NodeDeployError) -> str:
    return base64.b64encode(json.dumps(error.body()).encode()).decode()
