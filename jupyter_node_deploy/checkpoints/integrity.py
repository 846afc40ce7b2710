"""Whether the values of a checkpoint are in the store, as the kernel wrote them."""

from __future__ import annotations

from ..errors import DataLoss
from ..namespace.manifest import Manifest
from .blobs import BlobStore


def check_there(blobs: BlobStore, manifest: Manifest) -> None:
    """Look whether each value is there, without reading it.

    Raises:
        DataLoss: one is missing; names its variables.
    """
    for blob, what in _contents(manifest):
        try:
            blobs.size(blob)
        except DataLoss as error:
            raise DataLoss(f"{what}: {error.message}") from None


def problems(blobs: BlobStore, manifest: Manifest) -> list[str]:
    """Read all values and compare them with their hashes.

    Returns:
        What is wrong, naming variables and hashes; empty when the checkpoint is intact.
    """
    found = []
    for blob, what in _contents(manifest):
        try:
            blobs.verify(blob)
        except DataLoss as error:
            found.append(f"{what}: {error.message}")
    return found


def _contents(manifest: Manifest) -> list[tuple[str, str]]:
    """Return each blob of a checkpoint with the words for what it holds."""
    found = {}
    for group in manifest.groups:
        for blob in group.blobs:
            found[blob] = f"Variable {', '.join(group.names)}"
    for file in manifest.files:
        found[file.blob] = f"Module {file.module}"
    return list(found.items())
