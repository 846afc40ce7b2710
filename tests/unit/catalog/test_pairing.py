"""A home and its catalog: another one, or an older state of it, is told apart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.pairing import Pairing
from jupyter_node_deploy.errors import DataLoss, FailedPrecondition
from jupyter_node_deploy.home import Home

Open = Callable[[str], Catalog]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
async def opened(home: Home) -> AsyncIterator[Open]:
    """Return what opens a catalog's file in the home; all are closed at the end."""
    catalogs = []

    def open_(name: str) -> Catalog:
        catalogs.append(Catalog(f"sqlite:///{home.root / name}"))
        return catalogs[-1]

    yield open_
    for catalog in catalogs:
        catalog.close()


async def test_a_home_stays_with_its_first_catalog(home: Home, opened: Open) -> None:
    first, second = opened("first"), opened("second")
    for catalog in (first, second):
        await catalog.upgrade()
    await Pairing(home, first).confirm()
    with pytest.raises(FailedPrecondition, match="belongs to another catalog") as refused:
        await Pairing(home, second).confirm()
    assert str(home.pairing) in refused.value.message
    await Pairing(home, first).confirm()


async def test_an_older_state_of_the_catalog_is_refused(home: Home, opened: Open) -> None:
    catalog = opened("catalog")
    await catalog.upgrade()
    await Pairing(home, catalog).confirm()
    with (
        contextlib.closing(sqlite3.connect(home.root / "catalog")) as source,
        contextlib.closing(sqlite3.connect(home.root / "backup")) as copy,
    ):
        source.backup(copy)
    await Pairing(home, catalog).confirm()
    catalog.close()
    with pytest.raises(FailedPrecondition, match="restored from a backup"):
        await Pairing(home, opened("backup")).confirm()
    home.pairing.unlink()  # as the message says
    await Pairing(home, opened("backup")).confirm()


async def test_a_crash_between_the_two_writes_is_no_difference(home: Home, opened: Open) -> None:
    catalog = opened("catalog")
    await catalog.upgrade()
    await Pairing(home, catalog).confirm()
    before = home.pairing.read_bytes()
    await Pairing(home, catalog).confirm()
    home.pairing.write_bytes(before)
    await Pairing(home, catalog).confirm()
    assert json.loads(home.pairing.read_text())["sequence"] == 3


async def test_servers_of_one_home_confirm_at_once(home: Home, opened: Open) -> None:
    catalogs = [opened("catalog") for _ in range(4)]
    await catalogs[0].upgrade()
    await asyncio.gather(*(Pairing(home, one).confirm() for one in catalogs * 5))
    assert json.loads(home.pairing.read_text())["sequence"] == 20


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "null", "[" * 100_000, "\0" * 57),
        *('{"id": null, "sequence": 1}', '{"id": "a", "sequence": 1e999}'),
        *('{"id": "a", "sequence": "1"}', '{"id": "a", "sequence": true}'),
    ],
    ids=range(10),
)
async def test_what_is_not_known_is_not_guessed(home: Home, opened: Open, content: str) -> None:
    catalog = opened("catalog")
    await catalog.upgrade()
    home.pairing.write_text(content)
    with pytest.raises(DataLoss, match="damaged"):
        await Pairing(home, catalog).confirm()
    assert home.pairing.read_text() == content


async def test_a_directory_in_its_place_is_told(home: Home, opened: Open) -> None:
    catalog = opened("catalog")
    await catalog.upgrade()
    home.pairing.mkdir()
    with pytest.raises(DataLoss, match="damaged"):
        await Pairing(home, catalog).confirm()
