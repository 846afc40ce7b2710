"""Values of the secrets that a spec names: for its environment, and for its image's registry."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

from ..access.secrets import SecretService
from ..errors import Message, NodeDeployError
from ..specs import CellSpec, DockerSpec, RegistryAccess

#: Characters of a value that can be told from other words, and of a line of one.
_LEAST, _LEAST_LINE = 4, 12


async def variables(
    spec: CellSpec | DockerSpec, folder: str, secrets: SecretService
) -> dict[str, str]:
    """Return the environment variables with the values of their secrets: only for an instance.

    Raises:
        NotFound: a secret is gone; the message says what to do.
        DataLoss: a secret can't be decrypted.
    """
    found: dict[str, str] = {}
    for variable in spec.env:
        if variable.secret is not None:
            found[variable.name] = await secrets.reveal(variable.secret, folder)
        elif variable.value is not None:
            found[variable.name] = variable.value
    return found


async def of(spec: CellSpec | DockerSpec, folder: str, secrets: SecretService) -> list[str]:
    """Return the values of the secrets in its environment, as far as they are there."""
    found = []
    for variable in spec.env:
        if variable.secret is not None:
            with contextlib.suppress(NodeDeployError):
                found.append(await secrets.reveal(variable.secret, folder))
    return found


def concealed(said: str, values: Iterable[str]) -> str:
    """Return what an instance says without values of secrets: a traceback may have them."""
    parts = {
        form
        for value in values
        for part in (value, *(line for line in value.splitlines() if len(line) >= _LEAST_LINE))
        for form in (part, repr(part)[1:-1])
        if len(form) >= _LEAST
    }
    # The longest first: another one may be a part of it.
    told: str = _without(said, sorted(parts, key=len, reverse=True))
    return told


def _without(said: Any, parts: list[str]) -> Any:
    if isinstance(said, Message):
        return said.altered(lambda value: _without(value, parts))
    if isinstance(said, (list, tuple)):
        return [_without(one, parts) for one in said]
    if isinstance(said, str):
        for part in parts:
            said = said.replace(part, "****")
    return said


async def password(image: RegistryAccess, folder: str, secrets: SecretService) -> str | None:
    """Return the registry's password, None if none is declared.

    Raises:
        NodeDeployError: as for ``variables``.
    """
    if image.password_secret is None:
        return None
    return await secrets.reveal(image.password_secret, folder)
