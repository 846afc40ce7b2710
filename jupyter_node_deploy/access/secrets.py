"""Secrets: named values, encrypted at rest, that go to registries and nodes but never back out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, TypeAdapter
from pydantic import ValidationError as PydanticError
from sqlalchemy import Connection

from ..catalog import secrets
from ..catalog.engine import Catalog
from ..errors import DataLoss, FailedPrecondition, InvalidArgument, Message, NotFound
from ..home import Home
from .folders import FolderService
from .keys import read_or_create

SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{1,61}[A-Za-z0-9]$")]

VALUE_LIMIT = 64 * 1024  # bytes in UTF-8
_NONCE = 12


class SecretPut(BaseModel):
    """A secret to create or replace."""

    model_config = ConfigDict(extra="forbid")

    name: SecretName
    value: SecretStr = Field(max_length=VALUE_LIMIT)
    folder: str | None = Field(default=None, description="Id or name; the default folder if null.")


class Secret(BaseModel):
    """A secret as the API shows it: without its value. Times are Unix seconds."""

    name: str
    folder: str
    created_at: float
    updated_at: float


# Named here: inside the service, `list` is its method.
Secrets = list[Secret]
Names = list[str]


class SecretService:
    """Keeps secrets, by folder and name.

    Values are encrypted with AES-256-GCM and the key ``keys/secrets.key``, bound to their folder
    and name: a ciphertext moved to another row does not decrypt.
    """

    def __init__(self, catalog: Catalog, home: Home, folders: FolderService) -> None:
        self._catalog = catalog
        self._home = home
        self._folders = folders

    async def put(self, name: str, value: str, folder: str | None = None) -> Secret:
        """Create a secret, or replace its value.

        Raises:
            InvalidArgument: the name breaks the rules, or the value is empty or too long.
            NotFound: no such folder.
            DataLoss: the key file is damaged.
        """
        try:
            TypeAdapter(SecretName).validate_python(name)
        except PydanticError:
            raise InvalidArgument(
                Message(
                    "A secret's name has 3 to 63 Latin letters, digits, '-' and '_', begins with a "
                    "letter and does not end with '-' or '_'.",
                    "SECRET_NAME_INVALID",
                    name=name,
                ),
                [{"path": "name", "message": f"{name!r} breaks these rules"}],
            ) from None
        content = value.encode()
        if not 0 < len(content) <= VALUE_LIMIT:
            raise InvalidArgument(
                Message(
                    "A secret's value has 1 to {limit} bytes.",
                    "SECRET_VALUE_SIZE",
                    limit=VALUE_LIMIT,
                )
            )
        folder_id = (await self._folders.resolve(folder)).id
        nonce = os.urandom(_NONCE)
        sealed = self._cipher().encrypt(nonce, content, _context(folder_id, name))
        row = await self._catalog.write(secrets.put, folder_id, name, nonce + sealed, time.time())
        return _shown(row)

    async def list(self, folder: str | None = None) -> Secrets:
        """Return the secrets of a folder (None: the default one) by name, without values.

        Raises:
            NotFound: no such folder.
        """
        folder_id = (await self._folders.resolve(folder)).id
        return [_shown(row) for row in await self._catalog.read(secrets.all_, folder_id)]

    async def delete(self, name: str, folder: str | None = None) -> None:
        """Delete a secret.

        Raises:
            NotFound: no such secret or folder.
            FailedPrecondition: nodes use it; the message names them.
        """
        folder_id = (await self._folders.resolve(folder)).id
        await self._catalog.write(_delete, folder_id, name)

    async def missing(self, names: Iterable[str], folder: str) -> Names:
        """Return which of the names are no secrets of a folder, given by its id."""
        wanted = set(names)
        return sorted(wanted - await self._catalog.read(secrets.names, folder)) if wanted else []

    async def require(self, needed: Mapping[str, str], folder: str) -> None:
        """Check that secrets exist.

        Args:
            needed: their names by the path of the field that names them.
            folder: id of the folder that they must be in.

        Raises:
            InvalidArgument: some don't; details name the fields.
        """
        missing = await self.missing(needed.values(), folder)
        details = [
            {"path": path, "message": f"the folder has no secret {name!r}"}
            for path, name in needed.items()
            if name in missing
        ]
        if details:
            raise InvalidArgument(
                Message(
                    "The node's folder has no secret '{secrets}'. Create it first: "
                    "`jupyter node secret put NAME`.",
                    "NODE_SECRET_NOT_FOUND",
                    secrets=missing,
                ),
                details,
            )

    async def reveal(self, name: str, folder: str | None = None) -> str:
        """Return a secret's value; for use inside the server, never in an answer or a log.

        Raises:
            NotFound: no such secret or folder.
            DataLoss: it can't be decrypted: the key file is another one, or the row was changed.
        """
        folder_id = (await self._folders.resolve(folder)).id
        row = await self._catalog.read(_get, folder_id, name)
        sealed = bytes(row["ciphertext"])
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        try:
            return self._cipher().decrypt(nonce, rest, _context(folder_id, name)).decode()
        except (InvalidTag, ValueError):
            raise DataLoss(
                Message(
                    "The secret '{secret}' can't be decrypted: it was written with another key "
                    "than {path}, or changed since. Set its value again.",
                    "SECRET_NOT_READABLE",
                    secret=name,
                    path=str(self._home.keys / "secrets.key"),
                )
            ) from None

    def _cipher(self) -> AESGCM:
        path = self._home.keys / "secrets.key"
        key = read_or_create(path, lambda: AESGCM.generate_key(256))
        if len(key) != 32:
            raise DataLoss(
                Message(
                    "The key file {path} is damaged. Restore it from a backup, or delete it to "
                    "get a new one and set all secrets again.",
                    "SECRETS_KEY_DAMAGED",
                    path=str(path),
                )
            )
        return AESGCM(key)


def _context(folder: str, name: str) -> bytes:
    return f"{folder}/{name}".encode()


def _get(conn: Connection, folder: str, name: str) -> secrets.Row:
    row = secrets.get(conn, folder, name)
    if row is None:
        raise NotFound(Message("No secret '{secret}'.", "SECRET_NOT_FOUND", secret=name))
    return row


def _delete(conn: Connection, folder: str, name: str) -> None:
    if users := secrets.users(conn, folder, name):
        raise FailedPrecondition(
            Message(
                "The secret '{secret}' is used by the nodes {nodes}. Update or delete "
                "these first; to change its value, put it again under the same name.",
                "SECRET_IN_USE",
                secret=name,
                nodes=users,
            )
        )
    if not secrets.remove(conn, folder, name):
        raise NotFound(Message("No secret '{secret}'.", "SECRET_NOT_FOUND", secret=name))


def _shown(row: secrets.Row) -> Secret:
    return Secret(**{key: row[key] for key in Secret.model_fields})
