"""Handlers of folders, tokens, aliases and secrets."""

from __future__ import annotations

from ..access.models import Alias, Folder, IssuedToken, TokenCreate, TokenInfo
from ..access.secrets import Secret, SecretPut
from .call import Call
from .models import AliasList, FolderList, SecretList, TokenList


async def list_folders(call: Call) -> FolderList:
    """List folders; the default one is made at first sight."""
    await call.services.folders.default()
    return FolderList(folders=await call.services.folders.list())


async def create_folder(call: Call) -> Folder:
    """Create a folder."""
    return await call.services.folders.create(call.body.name)


async def get_folder(call: Call) -> Folder:
    """Return a folder."""
    return await call.services.folders.get(call.path["folder"])


async def delete_folder(call: Call) -> None:
    """Delete a folder that nothing uses."""
    await call.services.folders.delete(call.path["folder"])


async def list_tokens(call: Call) -> TokenList:
    """List issued tokens."""
    return TokenList(tokens=await call.services.tokens.list(call.query.folder))


async def issue_token(call: Call) -> IssuedToken:
    """Issue a token."""
    request: TokenCreate = call.body
    return await call.services.tokens.issue(
        request.folder, request.ttl_seconds, request.description
    )


async def revoke_token(call: Call) -> TokenInfo:
    """Revoke a token."""
    return await call.services.tokens.revoke(call.path["token"])


async def list_aliases(call: Call) -> AliasList:
    """List aliases."""
    return AliasList(aliases=await call.services.aliases.list())


async def create_alias(call: Call) -> Alias:
    """Create an alias."""
    return await call.services.aliases.create(call.body)


async def get_alias(call: Call) -> Alias:
    """Return an alias."""
    return await call.services.aliases.get(call.path["alias"])


async def update_alias(call: Call) -> Alias:
    """Change an alias."""
    return await call.services.aliases.update(call.path["alias"], call.body)


async def delete_alias(call: Call) -> None:
    """Delete an alias."""
    await call.services.aliases.delete(call.path["alias"])


async def list_secrets(call: Call) -> SecretList:
    """List secrets, without their values."""
    return SecretList(secrets=await call.services.secrets.list(call.query.folder))


async def put_secret(call: Call) -> Secret:
    """Create a secret or replace its value."""
    request: SecretPut = call.body
    return await call.services.secrets.put(
        request.name, request.value.get_secret_value(), request.folder
    )


async def delete_secret(call: Call) -> None:
    """Delete a secret."""
    await call.services.secrets.delete(call.path["secret"], call.query.folder)
