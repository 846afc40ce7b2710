"""What tests of nodes share."""

from pathlib import Path

import pytest

from jupyter_node_deploy.checkpoints.blobs import BlobStore


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    """An empty blob store."""
    return BlobStore(tmp_path / "blobs")
