import pytest
from pydantic import ValidationError

from jupyter_node_deploy.access.aliases import AliasService
from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.models import AliasCreate, AliasPatch
from jupyter_node_deploy.catalog import aliases as queries
from jupyter_node_deploy.errors import AlreadyExists, InvalidArgument, NotFound

TARGETS = [{"node": "n1", "weight": 90}, {"node": "second", "weight": 10}]


@pytest.fixture
async def folder(catalog, add_node):
    folder = await FolderService(catalog).default()
    await add_node("n1", "first", folder.id)
    await add_node("n2", "second", folder.id)
    return folder


@pytest.fixture
def calls():
    return []


@pytest.fixture
def aliases(catalog, folder, calls):
    async def on_change():
        calls.append(1)

    return AliasService(catalog, FolderService(catalog), on_change)


async def test_create(aliases, folder, catalog, calls):
    alias = await aliases.create(AliasCreate(name="steady", targets=TARGETS))
    assert alias.acl == [folder.id]
    assert [(t.node, t.weight) for t in alias.targets] == [("n1", 90), ("n2", 10)]
    assert await aliases.get("steady") == alias
    assert await aliases.list() == [alias]
    assert await catalog.read(queries.referring, "n2") == ["steady"]
    assert await catalog.read(queries.referring, "n3") == []
    assert len(calls) == 1


async def test_create_in_a_folder(aliases, catalog):
    other = await FolderService(catalog).create("other")
    alias = await aliases.create(
        AliasCreate(name="a", folder="other", acl=["default", "other"], targets=TARGETS)
    )
    assert alias.folder == other.id
    assert len(alias.acl) == 2
    with pytest.raises(NotFound):
        await aliases.create(AliasCreate(name="b", folder="none", targets=TARGETS))
    with pytest.raises(InvalidArgument, match="ACL"):
        await aliases.create(AliasCreate(name="b", acl=["none"], targets=TARGETS))


async def test_name_that_is_taken(aliases):
    await aliases.create(AliasCreate(name="steady", targets=TARGETS))
    with pytest.raises(AlreadyExists):
        await aliases.create(AliasCreate(name="steady", targets=TARGETS[:1]))
    assert len((await aliases.get("steady")).targets) == 2


async def test_targets_must_exist(aliases, calls):
    with pytest.raises(InvalidArgument) as caught:
        await aliases.create(AliasCreate(name="a", targets=[{"node": "n1"}, {"node": "none"}]))
    assert caught.value.details == [{"path": "targets.1.node", "message": "no node 'none'"}]
    assert calls == []


async def test_node_by_id_and_by_name_is_one_target(aliases):
    alias = await aliases.create(
        AliasCreate(name="a", targets=[{"node": "n1", "weight": 1}, {"node": "first", "weight": 2}])
    )
    assert [(t.node, t.weight) for t in alias.targets] == [("n1", 3)]


async def test_update(aliases, calls):
    before = await aliases.create(AliasCreate(name="steady", targets=TARGETS))
    after = await aliases.update("steady", AliasPatch(targets=[{"node": "n2", "weight": 5}]))
    assert [(t.node, t.weight) for t in after.targets] == [("n2", 5)]
    assert (after.acl, after.created_at) == (before.acl, before.created_at)
    assert (await aliases.update("steady", AliasPatch(acl=[]))).acl == []
    assert len(calls) == 3
    with pytest.raises(NotFound):
        await aliases.update("none", AliasPatch())


async def test_delete(aliases, calls):
    await aliases.create(AliasCreate(name="steady", targets=TARGETS))
    await aliases.delete("steady")
    assert await aliases.list() == []
    assert len(calls) == 2
    with pytest.raises(NotFound):
        await aliases.delete("steady")


@pytest.mark.parametrize(
    "targets",
    [
        [],
        [{"node": "n1", "weight": 0}],
        [{"node": "n1", "weight": -5}],
        [{"node": "n1", "weight": 1.5}],
        [{"node": "n1", "weight": 1}, {"node": "n1", "weight": 2}],
        [{"weight": 1}],
    ],
)
def test_targets_that_make_no_sense(targets):
    with pytest.raises(ValidationError):
        AliasCreate(name="a", targets=targets)
    with pytest.raises(ValidationError):
        AliasPatch(targets=targets)
