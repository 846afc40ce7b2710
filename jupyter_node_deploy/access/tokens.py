"""Issuing and revoking tokens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import jwt
from sqlalchemy import Connection

from ..catalog import tokens
from ..catalog.engine import Catalog
from ..errors import InvalidArgument, Message, NotFound
from ..home import Home
from ..ids import new_id
from .folders import FolderService
from .keys import ALGORITHM, AUDIENCE, ISSUER, signing_key
from .models import DEFAULT_TTL, MAX_TTL, IssuedToken, TokenInfo

# Named here: inside the service, `list` is its method.
Tokens = list[TokenInfo]

#: Seconds for which an expired token is still listed.
REMEMBER = 30 * 24 * 3600


class TokenService:
    """Issues tokens for folders; the gateway verifies them by itself.

    Args:
        on_change: awaited after a revocation, so that the gateway learns of it.
    """

    def __init__(
        self,
        catalog: Catalog,
        home: Home,
        folders: FolderService,
        on_change: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._catalog = catalog
        self._home = home
        self._folders = folders
        self._on_change = on_change

    async def issue(
        self,
        folder: str | None = None,
        ttl_seconds: int = DEFAULT_TTL,
        description: str = "",
    ) -> IssuedToken:
        """Issue a token; this is the only time that it is shown.

        Args:
            folder: id or name; None for the default folder.
            ttl_seconds: lifetime, 1 to ``MAX_TTL``.
            description: for the list of tokens.

        Raises:
            NotFound: no such folder.
            InvalidArgument: the lifetime is out of range.
            DataLoss: the signing key is damaged.
        """
        if not 1 <= ttl_seconds <= MAX_TTL:
            raise InvalidArgument(
                Message(
                    "ttl_seconds must be 1 to {limit}, got {seconds}.",
                    "TOKEN_TTL_INVALID",
                    limit=MAX_TTL,
                    seconds=ttl_seconds,
                )
            )
        home_folder = (await self._folders.resolve(folder)).id
        now = int(time.time())
        token_id = new_id()
        token = await asyncio.to_thread(signed, self._home, home_folder, ttl_seconds, token_id, now)
        row = {
            "id": token_id,
            "folder": home_folder,
            "description": description,
            "created_at": float(now),
            "expires_at": float(now + ttl_seconds),
        }
        await self._catalog.write(_add, row)
        return IssuedToken(
            token=token, id=token_id, folder=home_folder, expires_at=row["expires_at"]
        )

    async def list(self, folder: str | None = None) -> Tokens:
        """Return the tokens of a folder (id or name), or all, newest first.

        Raises:
            NotFound: no such folder.
        """
        folder_id = None if folder is None else (await self._folders.get(folder)).id
        return [TokenInfo(**row) for row in await self._catalog.read(tokens.all_, folder_id)]

    async def revoke(self, token_id: str) -> TokenInfo:
        """Revoke a token: from the return on, the gateway refuses it.

        Raises:
            NotFound: no token of this id was issued.
        """
        info = await self._catalog.write(_revoke, token_id)
        if self._on_change is not None:
            await self._on_change()
        return info


def signed(
    home: Home, folder: str, seconds: int, token_id: str = "", now: int | None = None
) -> str:
    """Return a token for a folder (id) that nobody has on a list.

    Args:
        now: Unix seconds when its lifetime begins; None for now.

    Raises:
        DataLoss: the signing key is damaged.
    """
    now = int(time.time()) if now is None else now
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": f"folder:{folder}",
        "folder": folder,
        "iat": now,
        "exp": now + seconds,
        "jti": token_id or new_id(),
    }
    return jwt.encode(claims, signing_key(home), algorithm=ALGORITHM)


def _add(conn: Connection, row: tokens.Row) -> None:
    tokens.forget(conn, row["created_at"] - REMEMBER)
    tokens.add(conn, row)


def _revoke(conn: Connection, token_id: str) -> TokenInfo:
    tokens.revoke(conn, token_id, time.time())
    row = tokens.get(conn, token_id)
    if row is None:
        raise NotFound(Message("No token '{token}'.", "TOKEN_NOT_FOUND", token=token_id))
    return TokenInfo(**row)
