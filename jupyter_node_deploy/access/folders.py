"""Folders: who may call what is said in terms of them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ..catalog import folders
from ..catalog.engine import Catalog
from ..errors import AlreadyExists, FailedPrecondition, InvalidArgument, Message, NotFound
from ..ids import new_id
from .models import Folder

# Named here: inside the service, `list` is its method.
Folders = list[Folder]
FolderIds = list[str]

DEFAULT = "default"


class FolderService:
    """Creates, lists and deletes folders."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    async def default(self) -> Folder:
        """Return the folder ``default``, made at first need."""
        row = await self._catalog.read(folders.find, DEFAULT)
        if row is not None:
            return Folder(**row)
        try:
            return await self.create(DEFAULT)
        except AlreadyExists:  # another server was first
            return await self.get(DEFAULT)

    async def list(self) -> Folders:
        """Return all folders by name."""
        return [Folder(**row) for row in await self._catalog.read(folders.all_)]

    async def get(self, id_or_name: str) -> Folder:
        """Return a folder.

        Raises:
            NotFound: there is none with this id or name.
        """
        row = await self._catalog.read(folders.find, id_or_name)
        if row is None:
            raise NotFound(Message("No folder '{folder}'.", "FOLDER_NOT_FOUND", folder=id_or_name))
        return Folder(**row)

    async def resolve(self, id_or_name: str | None) -> Folder:
        """Return a folder, the default one for None.

        Raises:
            NotFound: there is none with this id or name.
        """
        return await self.default() if id_or_name is None else await self.get(id_or_name)

    async def check(self, ids_or_names: Sequence[str]) -> FolderIds:
        """Return an ACL's folder ids, each once.

        Raises:
            InvalidArgument: some don't exist; details name them.
        """
        known = await self._catalog.read(folders.ids, ids_or_names)
        unknown = [
            {"path": f"acl.{index}", "message": f"no folder {key!r}"}
            for index, key in enumerate(ids_or_names)
            if key not in known
        ]
        if unknown:
            raise InvalidArgument(
                Message("The ACL lists folders that don't exist.", "ACL_FOLDER_NOT_FOUND"), unknown
            )
        return [*dict.fromkeys(known[key] for key in ids_or_names)]

    async def create(self, name: str) -> Folder:
        """Create a folder.

        Raises:
            AlreadyExists: the name is taken.
        """
        folder = Folder(id=new_id(), name=name, created_at=time.time())
        try:
            await self._catalog.write(folders.add, folder.model_dump())
        except IntegrityError:
            raise AlreadyExists(
                Message("There is a folder '{name}' already.", "FOLDER_NAME_TAKEN", name=name)
            ) from None
        return folder

    async def delete(self, id_or_name: str) -> None:
        """Delete a folder that nothing uses; its tokens go with it (they gave access to nothing).

        Raises:
            NotFound: there is none with this id or name.
            FailedPrecondition: it has nodes, aliases or secrets, or an ACL lists it.
        """
        await self._catalog.write(_delete, id_or_name)


def _delete(conn: Connection, id_or_name: str) -> None:
    row = folders.find(conn, id_or_name)
    if row is None:
        raise NotFound(Message("No folder '{folder}'.", "FOLDER_NOT_FOUND", folder=id_or_name))
    uses = folders.uses(conn, row["id"])
    if uses:
        listed = "; ".join(f"{kind} {', '.join(names)}" for kind, names in uses.items())
        raise FailedPrecondition(
            Message(
                "The folder '{folder}' is in use, as home or in an ACL: {uses}. Move or "
                "delete these first.",
                "FOLDER_IN_USE",
                folder=row["name"],
                uses=listed,
            )
        )
    folders.remove(conn, row["id"])
