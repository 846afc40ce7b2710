"""Which secrets a spec names."""

from __future__ import annotations

from .cell import CellSpec
from .environment import RegistryAccess
from .image import DockerSpec


def secrets_of(spec: CellSpec | DockerSpec) -> dict[str, str]:
    """Return the names of the secrets that a spec needs, by the path of the field."""
    kind = "cell" if isinstance(spec, CellSpec) else "docker"
    found = {
        f"{kind}.env.{index}.secret": variable.secret
        for index, variable in enumerate(spec.env)
        if variable.secret is not None
    }
    image: RegistryAccess | None = spec.image if isinstance(spec, CellSpec) else spec
    if image is not None and image.password_secret is not None:
        path = "cell.image.password_secret" if kind == "cell" else "docker.password_secret"
        found[path] = image.password_secret
    return found
