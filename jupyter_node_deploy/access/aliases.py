"""Aliases: stable names that split requests over nodes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ..catalog import aliases
from ..catalog.engine import Catalog
from ..errors import AlreadyExists, InvalidArgument, Message, NotFound
from .folders import FolderService
from .models import Alias, AliasCreate, AliasPatch, AliasTarget

# Named here: inside the service, `list` is its method.
Aliases = list[Alias]


class AliasService:
    """Creates, changes, lists and deletes aliases.

    Args:
        on_change: awaited after each change, so that the gateway learns of it.
    """

    def __init__(
        self,
        catalog: Catalog,
        folders: FolderService,
        on_change: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._catalog = catalog
        self._folders = folders
        self._on_change = on_change

    async def list(self) -> Aliases:
        """Return all aliases by name."""
        return [Alias(**row) for row in await self._catalog.read(aliases.all_)]

    async def get(self, name: str) -> Alias:
        """Return an alias.

        Raises:
            NotFound: there is none of this name.
        """
        return Alias(**await self._catalog.read(_get, name))

    async def create(self, new: AliasCreate) -> Alias:
        """Create an alias; targets may be given by a node's id or name.

        Raises:
            AlreadyExists: the name is taken.
            NotFound: no such folder.
            InvalidArgument: a target or a folder of the ACL does not exist; details name it.
        """
        folder = (await self._folders.resolve(new.folder)).id
        now = time.time()
        row = {
            "name": new.name,
            "folder": folder,
            "acl": [folder] if new.acl is None else await self._folders.check(new.acl),
            "created_at": now,
            "updated_at": now,
        }
        alias = Alias(**await self._catalog.write(_create, row, new.targets))
        await self._changed()
        return alias

    async def update(self, name: str, patch: AliasPatch) -> Alias:
        """Change an alias; what the patch leaves out stays.

        Raises:
            NotFound: no alias of this name, or no such folder.
            InvalidArgument: a target or a folder of the ACL does not exist; details name it.
        """
        values: dict[str, Any] = {"updated_at": time.time()}
        if patch.folder is not None:
            values["folder"] = (await self._folders.get(patch.folder)).id
        if patch.acl is not None:
            values["acl"] = await self._folders.check(patch.acl)
        alias = Alias(**await self._catalog.write(_change, name, values, patch.targets))
        await self._changed()
        return alias

    async def delete(self, name: str) -> None:
        """Delete an alias.

        Raises:
            NotFound: there is none of this name.
        """
        if not await self._catalog.write(aliases.remove, name):
            raise NotFound(Message("No alias '{alias}'.", "ALIAS_NOT_FOUND", alias=name))
        await self._changed()

    async def _changed(self) -> None:
        if self._on_change is not None:
            await self._on_change()


def _get(conn: Connection, name: str) -> aliases.Row:
    row = aliases.get(conn, name)
    if row is None:
        raise NotFound(Message("No alias '{alias}'.", "ALIAS_NOT_FOUND", alias=name))
    return row


def _create(conn: Connection, row: aliases.Row, targets: Sequence[AliasTarget]) -> aliases.Row:
    row = row | {"targets": _targets(conn, targets)}
    try:
        aliases.add(conn, row)
    except IntegrityError:
        raise AlreadyExists(
            Message("There is an alias '{name}' already.", "ALIAS_NAME_TAKEN", name=row["name"])
        ) from None
    return row


def _change(
    conn: Connection, name: str, values: aliases.Row, targets: Sequence[AliasTarget] | None
) -> aliases.Row:
    _get(conn, name)
    if targets is not None:
        values = values | {"targets": _targets(conn, targets)}
    aliases.change(conn, name, values)
    return _get(conn, name)


def _targets(conn: Connection, targets: Sequence[AliasTarget]) -> list[dict[str, Any]]:
    known = aliases.node_ids(conn, [target.node for target in targets])
    unknown = [
        {"path": f"targets.{index}.node", "message": f"no node {target.node!r}"}
        for index, target in enumerate(targets)
        if target.node not in known
    ]
    if unknown:
        raise InvalidArgument(
            Message("The alias names nodes that don't exist.", "ALIAS_TARGET_NOT_FOUND"), unknown
        )
    weights: dict[str, int] = {}
    for target in targets:  # a node given by id and by name is one target
        node = known[target.node]
        weights[node] = weights.get(node, 0) + target.weight
    return [{"node": node, "weight": weight} for node, weight in weights.items()]
