"""Asking a node through the gateway, as its clients do: a node that only we reach serves nobody.

Its instances are asked whether they live; the cell does not run.
"""

from __future__ import annotations

import asyncio
import contextlib
import time

import httpx

from ..access.tokens import signed
from ..errors import Message
from ..home import Home

_LIFETIME = 60  # seconds of a token
_PATIENCE = 1.0  # seconds until what is answered instead is believed
_ANSWER = 5.0
_PAUSE = 0.1


class Reach:
    """Sends requests to the gateway.

    Args:
        home: has the key that tokens are signed with.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._client: httpx.AsyncClient | None = None

    async def ask(self, url: str, node_id: str, folder: str) -> str:
        """Return why a cell node is not reached; empty if it is.

        Args:
            url: the gateway's.
            folder: id of one that may call the node.
        """
        if self._client is None:
            # The certificate is for the name that clients know the gateway by.
            self._client = httpx.AsyncClient(verify=False, trust_env=False, timeout=_ANSWER)  # noqa: S501
        token = await asyncio.to_thread(signed, self._home, folder, _LIFETIME)
        headers = {"authorization": f"Bearer {token}", "x-node-id": node_id}
        until = time.monotonic() + _PATIENCE
        while True:
            found = await self._ask(f"{url}/livez", headers)
            if not found or time.monotonic() > until:
                return found
            await asyncio.sleep(_PAUSE)

    async def _ask(self, url: str, headers: dict[str, str]) -> str:
        assert self._client is not None
        try:
            answer = await self._client.get(url, headers=headers)
        except httpx.HTTPError as error:
            return Message(
                "The gateway can't be reached at {url}: {cause}.",
                "GATEWAY_NOT_REACHED",
                url=url.removesuffix("/livez"),
                cause=str(error) or type(error).__name__,
            )
        if answer.status_code == 200:
            return ""
        said = answer.text[:200]
        with contextlib.suppress(ValueError, KeyError, TypeError):
            said = str(answer.json()["message"])
        return Message(
            "Requests do not get through the gateway to it: {status} {cause}",
            "NODE_NOT_REACHED",
            status=answer.status_code,
            cause=said,
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
