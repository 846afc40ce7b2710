"""What a spec takes from secrets: environment variables and the registry's password."""

from __future__ import annotations

from ..access.secrets import SecretService
from ..specs import CellSpec, DockerSpec, RegistryAccess


def secrets_of(spec: CellSpec | DockerSpec) -> dict[str, str]:
    """Return the names of the secrets that a spec needs, by the path of the field."""
    kind = "cell" if isinstance(spec, CellSpec) else "docker"
    found = {
        f"{kind}.env.{index}.secret": variable.secret
        for index, variable in enumerate(spec.env)
        if variable.secret is not None
    }
    image = image_of(spec)
    if image is not None and image.password_secret is not None:
        path = "cell.image.password_secret" if kind == "cell" else "docker.password_secret"
        found[path] = image.password_secret
    return found


def image_of(spec: CellSpec | DockerSpec) -> RegistryAccess | None:
    """Return the image that a spec names, None when it is made for the cell."""
    return spec.image if isinstance(spec, CellSpec) else spec


async def environment(
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
        NodeDeployError: as for ``environment``.
    """
    if image.password_secret is None:
        return None
    return await secrets.reveal(image.password_secret, folder)
