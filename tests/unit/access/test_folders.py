import asyncio

import pytest
from pydantic import ValidationError

from jupyter_node_deploy.access.aliases import AliasService
from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.models import AliasCreate, FolderCreate
from jupyter_node_deploy.access.secrets import SecretService
from jupyter_node_deploy.access.tokens import TokenService
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)


@pytest.fixture
def folders(catalog):
    return FolderService(catalog)


async def test_default_is_made_at_first_need(folders):
    assert await folders.list() == []
    first = await folders.default()
    assert first.name == "default"
    assert await folders.default() == first
    assert await folders.resolve(None) == first


async def test_default_is_one_for_servers_that_start_at_once(folders, home):
    others = [Catalog(f"sqlite:///{home.catalog}") for _ in range(4)]
    found = await asyncio.gather(*(FolderService(other).default() for other in others))
    assert len({folder.id for folder in found}) == 1
    for other in others:
        other.close()


async def test_create_get_list(folders):
    b, a = await folders.create("b"), await folders.create("a")
    assert [folder.name for folder in await folders.list()] == ["a", "b"]
    assert await folders.get("a") == await folders.get(a.id) == await folders.resolve("a") == a
    with pytest.raises(AlreadyExists, match="'b'"):
        await folders.create(b.name)
    with pytest.raises(NotFound, match="'c'"):
        await folders.get("c")


async def test_check_of_an_acl(folders):
    a, b = await folders.create("a"), await folders.create("b")
    assert await folders.check(["b", a.id, b.id]) == [b.id, a.id]
    assert await folders.check([]) == []
    with pytest.raises(InvalidArgument) as caught:
        await folders.check(["a", "x", "y"])
    assert [detail["path"] for detail in caught.value.details] == ["acl.1", "acl.2"]


async def test_delete(folders, catalog, home):
    folder = await folders.create("a")
    await TokenService(catalog, home, FolderService(catalog)).issue("a")
    await folders.delete(folder.id)
    assert await folders.list() == []
    with pytest.raises(NotFound):
        await folders.delete("a")


@pytest.mark.parametrize("use", ["node", "node's ACL", "alias", "alias' ACL", "secret"])
async def test_delete_of_one_in_use(folders, catalog, home, add_node, use):
    mine, other = await folders.create("mine"), await folders.create("other")
    folder = mine if use in ("node", "alias", "secret") else other
    acl = [mine.id] if use.endswith("ACL") else [other.id]
    if use.startswith("node"):
        await add_node("n1", "thing", folder.id, acl)
    elif use.startswith("alias"):
        await add_node("n1", "node", other.id)
        await AliasService(catalog, FolderService(catalog)).create(
            AliasCreate(name="thing", folder=folder.id, acl=acl, targets=[{"node": "n1"}])
        )
    else:
        await SecretService(catalog, home, FolderService(catalog)).put("thing", "value", folder.id)
    with pytest.raises(FailedPrecondition, match="thing"):
        await folders.delete("mine")
    assert await folders.get("mine") == mine


@pytest.mark.parametrize("name", ["", "A", "1a", "a_b", "a-", "a" * 64, "a b", "ä"])
def test_names(name):
    with pytest.raises(ValidationError):
        FolderCreate(name=name)
