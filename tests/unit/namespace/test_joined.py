"""Variables that share objects and take long are saved together at the first attempt."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_node_deploy.namespace import Saved, groups, save


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
