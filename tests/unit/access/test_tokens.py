import time

import jwt
import pytest

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.keys import public_key_path
from jupyter_node_deploy.access.tokens import TokenService
from jupyter_node_deploy.catalog import tokens as queries
from jupyter_node_deploy.errors import InvalidArgument, NotFound


@pytest.fixture
def tokens(catalog, home):
    return TokenService(catalog, home, FolderService(catalog))


async def test_issued_token_verifies(tokens, catalog, home):
    folder = await FolderService(catalog).create("team")
    issued = await tokens.issue("team", 60, "for the dashboard")
    assert issued.folder == folder.id
    assert jwt.get_unverified_header(issued.token) == {"alg": "ES256", "typ": "JWT"}
    claims = jwt.decode(
        issued.token,
        public_key_path(home).read_bytes(),
        algorithms=["ES256"],
        audience="jupyter-node-deploy",
    )
    assert claims == {
        "iss": "jupyter-node-deploy",
        "aud": "jupyter-node-deploy",
        "sub": f"folder:{folder.id}",
        "folder": folder.id,
        "iat": int(issued.expires_at) - 60,
        "exp": int(issued.expires_at),
        "jti": issued.id,
    }


async def test_token_is_shown_once_and_not_kept(tokens, home):
    issued = await tokens.issue()
    assert issued.token not in repr(issued)
    for path in home.root.rglob("*"):
        if path.is_file():
            assert issued.token.rpartition(".")[2].encode() not in path.read_bytes()


async def test_list(tokens, catalog):
    await FolderService(catalog).create("team")
    first, second = await tokens.issue("team", description="a"), await tokens.issue()
    assert {info.id for info in await tokens.list()} == {first.id, second.id}
    (info,) = await tokens.list("team")
    assert (info.id, info.description, info.revoked_at) == (first.id, "a", None)
    with pytest.raises(NotFound):
        await tokens.list("none")


async def test_revoke(catalog, home):
    calls = []

    async def on_change():
        calls.append(await catalog.read(queries.revoked, time.time()))

    tokens = TokenService(catalog, home, FolderService(catalog), on_change)
    issued = await tokens.issue()
    info = await tokens.revoke(issued.id)
    assert info.revoked_at is not None
    assert calls == [{issued.id: issued.expires_at}]
    assert (await tokens.revoke(issued.id)).revoked_at == info.revoked_at
    with pytest.raises(NotFound):
        await tokens.revoke("none")


async def test_revocations_are_kept_until_expiry(tokens, catalog):
    issued = await tokens.issue(ttl_seconds=60)
    await tokens.revoke(issued.id)
    assert issued.id in await catalog.read(queries.revoked, issued.expires_at - 1)
    assert await catalog.read(queries.revoked, issued.expires_at) == {}


@pytest.mark.parametrize("ttl", [0, -1, 10**9])
async def test_lifetimes(tokens, ttl):
    with pytest.raises(InvalidArgument):
        await tokens.issue(ttl_seconds=ttl)


async def test_unknown_folder(tokens):
    with pytest.raises(NotFound):
        await tokens.issue("none")
