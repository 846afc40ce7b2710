import json
import stat

import pytest
from pydantic import ValidationError
from sqlalchemy import select, update

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.secrets import SecretPut, SecretService
from jupyter_node_deploy.catalog.tables import secrets as table
from jupyter_node_deploy.errors import DataLoss, InvalidArgument, NotFound

VALUE = "correct horse battery staple ä"


@pytest.fixture
def secrets(catalog, home):
    return SecretService(catalog, home, FolderService(catalog))


async def test_value_comes_back_only_by_reveal(secrets):
    shown = await secrets.put("registry-password", VALUE)
    assert await secrets.reveal("registry-password") == VALUE
    assert await secrets.list() == [shown]
    assert VALUE not in json.dumps(shown.model_dump())
    assert set(shown.model_dump()) == {"name", "folder", "created_at", "updated_at"}


async def test_replace(secrets):
    first = await secrets.put("name", "old")
    second = await secrets.put("name", "new")
    assert await secrets.reveal("name") == "new"
    assert second.created_at == first.created_at
    assert len(await secrets.list()) == 1


async def test_folders_are_apart(secrets, catalog):
    await FolderService(catalog).create("other")
    await secrets.put("name", "mine")
    await secrets.put("name", "theirs", "other")
    assert await secrets.reveal("name") == "mine"
    assert await secrets.reveal("name", "other") == "theirs"
    await secrets.delete("name", "other")
    assert await secrets.reveal("name") == "mine"
    with pytest.raises(NotFound):
        await secrets.reveal("name", "other")
    with pytest.raises(NotFound):
        await secrets.put("name", "value", "none")


async def test_delete(secrets):
    await secrets.put("name", VALUE)
    await secrets.delete("name")
    assert await secrets.list() == []
    with pytest.raises(NotFound):
        await secrets.delete("name")


async def test_nothing_on_disk_is_readable(secrets, home):
    await secrets.put("name", VALUE)
    for path in home.root.rglob("*"):
        if path.is_file():
            assert VALUE.encode() not in path.read_bytes()
    key = home.keys / "secrets.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


async def test_same_value_twice_looks_different(secrets, catalog):
    await secrets.put("one", VALUE)
    await secrets.put("two", VALUE)
    found = await catalog.read(lambda conn: conn.scalars(select(table.c.ciphertext)).all())
    assert len(set(found)) == 2


async def test_ciphertext_moved_to_another_name(secrets, catalog):
    await secrets.put("one", VALUE)
    await secrets.put("two", "other")

    def move(conn):
        stolen = conn.scalar(select(table.c.ciphertext).where(table.c.name == "one"))
        conn.execute(update(table).where(table.c.name == "two").values(ciphertext=stolen))

    await catalog.write(move)
    with pytest.raises(DataLoss, match="two"):
        await secrets.reveal("two")


@pytest.mark.parametrize("content", [b"", b"x", b"\x01" * 40])
async def test_damaged_ciphertext(secrets, catalog, content):
    await secrets.put("name", VALUE)
    await catalog.write(
        lambda conn: conn.execute(update(table).values(ciphertext=content)) and None
    )
    with pytest.raises(DataLoss, match="name") as caught:
        await secrets.reveal("name")
    assert VALUE not in str(caught.value)


@pytest.mark.parametrize("key", [b"", b"short", b"0" * 32])
async def test_key_that_is_another_one(secrets, home, key):
    await secrets.put("name", VALUE)
    (home.keys / "secrets.key").write_bytes(key)
    with pytest.raises(DataLoss):
        await secrets.reveal("name")


@pytest.mark.parametrize("name", ["abc", "Ab1", "a" * 63, "A-b_c", "json_key"])
async def test_names(secrets, name):
    assert (await secrets.put(name, VALUE)).name == name


@pytest.mark.parametrize("name", ["", "ab", "1abc", "abc-", "abc_", "a" * 64, "a b", "äbc", "a.c"])
async def test_names_that_break_the_rules(secrets, name):
    with pytest.raises(InvalidArgument) as caught:
        await secrets.put(name, VALUE)
    assert VALUE not in str(caught.value.body())
    with pytest.raises(ValidationError):
        SecretPut(name=name, value="x")


async def test_values(secrets):
    await secrets.put("largest", "a" * 65536)
    for value in ("", "a" * 65537):
        with pytest.raises(InvalidArgument):
            await secrets.put("name", value)


def test_request_does_not_show_the_value():
    assert VALUE not in repr(SecretPut(name="name", value=VALUE))
