"""Revisions in the catalog: what is written comes back, and a damaged row is alone with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from jupyter_node_deploy.catalog import nodes as rows
from jupyter_node_deploy.catalog import secrets
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.nodes import NodeRecord, RevisionRecord
from jupyter_node_deploy.catalog.tables import folders
from jupyter_node_deploy.errors import DataLoss
from jupyter_node_deploy.specs import RevisionSpec

SPEC = RevisionSpec.model_validate(
    {
        "cell": {
            "checkpoint": "c",
            "inputs": [{"name": "x", "default": None}, {"name": "z"}],
            "outputs": [{"name": "y", "schema": {"type": "integer"}}],
            "env": [{"name": "A", "secret": "key"}],
            "queue_timeout": 3,
        },
        "provisioning": {"instances": 2},
        "python": "/usr/bin/python3",
        "isolation": {"chosen": "shared", "reason": "nothing changed"},
    }
)


def node(name: str) -> NodeRecord:
    return NodeRecord(
        id=name,
        name=name,
        type="cell",
        description="",
        folder="f",
        acl=[],
        desired="running",
        revision=1,
        active_revision=None,
        status="CREATED",
        reason="",
        created_at=1.0,
        updated_at=1.0,
        created_by=None,
    )


def fill(conn: Connection) -> None:
    conn.execute(insert(folders).values(id="f", name="f", created_at=0.0))
    for name in ("good", "bad"):
        rows.add(conn, node(name), RevisionRecord(name, 1, SPEC, "c", True, "", 1.0))


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    await catalog.upgrade()
    await catalog.write(fill)
    yield catalog
    catalog.close()


def damage(tmp_path: Path, text: str) -> None:
    with sqlite3.connect(tmp_path / "catalog.sqlite") as conn:
        conn.execute("UPDATE revisions SET spec = ? WHERE node_id = 'bad'", (text,))
    conn.close()


def written(**changes: Any) -> str:
    return json.dumps({**SPEC.model_dump(mode="json", by_alias=True), **changes})


async def test_a_spec_comes_back_as_written(catalog: Catalog) -> None:
    found = await catalog.read(rows.revision_of, "good", 1)
    assert found == RevisionRecord("good", 1, SPEC, "c", True, "", 1.0)
    assert found.damage == ""
    assert found.spec.cell is not None
    assert [one.has_default for one in found.spec.cell.inputs] == [True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON"),
        ("null", "valid dictionary"),
        ("{}", "provisioning: Field required"),
        (written(newer=1), "newer: Extra inputs"),
        (written(cell=None), "a cell or an image"),
        (written(cell={"checkpoint": "c", "outputs": []}), "cell.outputs: "),
    ],
)
async def test_a_damaged_row_leaves_the_others_alone(
    catalog: Catalog, tmp_path: Path, text: str, words: str
) -> None:
    damage(tmp_path, text)
    _, revisions = await catalog.read(rows.every_with_revisions)
    (good,), (bad,) = revisions["good"], revisions["bad"]
    assert good.spec == SPEC
    assert words in bad.damage
    assert bad.damage.startswith("Revision 1 can't be read from the catalog: ")
    with pytest.raises(DataLoss, match="delete it and create it anew"):
        bad.spec  # noqa: B018 - raises
    assert await catalog.read(secrets.users, "f", "key") == ["good"]
