"""Variables that share objects and take long are saved together at the first attempt."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from jupyter_node_deploy.namespace import Saved, groups, save
from jupyter_node_deploy.namespace.streams import Streams


def streams(saved: Saved) -> dict[tuple[str, ...], bytes]:
    return {tuple(group.names): group.stream for group in saved.groups}


def test_variables_that_shared_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_LONG", -1.0)
    rows = [{"n": 1}]
    namespace: dict[str, Any] = {"rows": rows, "x": 1, "view": {"rows": rows}}
    before = save(namespace, [*namespace])
    assert set(streams(before)) == {("rows", "view"), ("x",)}
    for group in before.groups:
        group.stored(["its hash"])
    (reached,) = ({n} for n, group in enumerate(before.groups) if "rows" in group.names)

    rows[0]["n"] = 2
    changed = streams(save(namespace, [*namespace], before=before, reached=reached))
    assert changed["rows", "view"] == streams(save(namespace, [*namespace]))["rows", "view"]

    # One that is another object now is not taken for what it was.
    other = namespace | {"view": {"rows": None}}
    found = save(other, [*other], before=before, reached=reached)
    assert set(streams(found)) == {("rows",), ("x",), ("view",)}

    # That they share nothing any more is found out when all is looked at.
    namespace["view"]["rows"] = None
    kept = save(namespace, [*namespace], before=before, reached=reached)
    assert set(streams(kept)) == {("rows", "view"), ("x",)}
    full = save(namespace, [*namespace], before=before, reached=set(range(len(before.groups))))
    assert set(streams(full)) == {("rows",), ("x",), ("view",)}


class Node:
    """Of a large graph; counts how often it is taken apart."""

    taken = 0

    def __init__(self, before: Node | None = None) -> None:
        self.before = before

    def __getstate__(self) -> dict[str, Any]:
        Node.taken += 1
        return self.__dict__


class Holder:
    """Refers to a part of a graph."""

    def __init__(self, part: Any) -> None:
        self.part = part


@pytest.fixture
def graph() -> list[Node]:
    nodes = [Node()]
    nodes += [Node(nodes[0]) for _ in range(2000)]
    return nodes


def test_a_large_graph_that_many_variables_share_is_not_taken_apart_for_each(
    graph: list[Node],
) -> None:
    namespace: dict[str, Any] = {"graph": Holder(graph)}
    for number in range(30):
        namespace[f"x{number}"] = Holder([graph[number], namespace["graph"]])
    namespace["other"] = Holder([1])
    Node.taken = 0
    saved = save(namespace, [*namespace])
    assert Node.taken <= 3 * len(graph)
    assert not saved.unsaved
    names = [name for name in namespace if name != "other"]
    assert set(streams(saved)) == {tuple(names), ("other",)}
    assert streams(saved)[tuple(names)] == streams(save(namespace, names))[tuple(names)]

    # One more variable later: what is there is not gone over for each either.
    for group in saved.groups:
        group.stored(["its hash"])
    namespace["later"] = Holder(graph[7])
    Node.taken = 0
    saved = save(namespace, [*namespace], before=saved)
    assert Node.taken <= 3 * len(graph)
    assert set(streams(saved)) == {(*names, "later"), ("other",)}


def test_one_of_the_variables_that_share_a_large_graph_cannot_be_saved(graph: list[Node]) -> None:
    namespace: dict[str, Any] = {"graph": graph, "x": Holder(graph[1]), "y": Holder(graph[2])}
    namespace["z"] = Holder([graph[3], (n for n in [1])])
    saved = save(namespace, [*namespace])
    assert saved.unsaved.keys() == {"z"}
    assert "generator" in saved.unsaved["z"]
    assert set(streams(saved)) == {("graph", "x", "y")}


def test_variables_that_only_together_cannot_be_saved_are_whole_apart(
    graph: list[Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace: dict[str, Any] = {"graph": graph, "x": Holder(graph[1])}
    dump = Streams.dump

    def fail(self: Streams, names: list[str], **options: bool) -> Any:
        return None if len(names) > 1 else dump(self, names, **options)

    monkeypatch.setattr(Streams, "dump", fail)
    part = pickle.loads(streams(save(namespace, [*namespace]))["x",])["x"].part
    assert type(part) is type(part.before) is Node
