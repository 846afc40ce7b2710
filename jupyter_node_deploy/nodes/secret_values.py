"""Values of the secrets that a spec names: for its environment, and for its image's registry."""

from __future__ import annotations

from ..access.secrets import SecretService
from ..specs import CellSpec, DockerSpec, RegistryAccess


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


async def password(image: RegistryAccess, folder: str, secrets: SecretService) -> str | None:
    """Return the registry's password, None if none is declared.

    Raises:
        NodeDeployError: as for ``variables``.
    """
    if image.password_secret is None:
        return None
    return await secrets.reveal(image.password_secret, folder)
