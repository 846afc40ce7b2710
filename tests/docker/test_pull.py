"""Pulling from a real registry with a password."""

from __future__ import annotations

import json
from collections.abc import Iterator

import docker
import pytest

from jupyter_node_deploy.backends.base import RegistryImage
from jupyter_node_deploy.backends.docker import pull
from jupyter_node_deploy.errors import FailedPrecondition, PermissionDenied, Unavailable

from .registry import PASSWORD, USER, Registry


@pytest.fixture
def reference(registry: Registry, http_image: str, engine: docker.DockerClient) -> Iterator[str]:
    """An image that only the registry has."""
    reference = registry.push(http_image, "team/echo:1")
    yield reference
    if pull.find(engine, reference) is not None:
        engine.images.remove(reference)


def test_with_user_and_password(engine: docker.DockerClient, reference: str) -> None:
    lines: list[str] = []
    image, note = pull.obtain(engine, RegistryImage(reference, USER, PASSWORD), lines.append)
    assert reference in image.tags
    assert note == ""
    assert lines[0] == f"Pulling {reference}"
    assert lines[-1] == f"Pulled {reference}"
    assert PASSWORD not in json.dumps([lines, image.attrs])
    # A copy is there now, so nobody need be asked.
    again, _ = pull.obtain(engine, RegistryImage(reference), lines.append)
    assert again.id == image.id


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ((None, None), "without a user. If it is private, give a registry user and a secret"),
        ((USER, "wrong"), "as 'json_key'. Is the user right, and the secret's value the password"),
        (("nobody", PASSWORD), "as 'nobody'"),
    ],
)
def test_without_access(
    engine: docker.DockerClient,
    reference: str,
    login: tuple[str | None, str | None],
    words: str,
) -> None:
    with pytest.raises(PermissionDenied) as caught:
        pull.obtain(engine, RegistryImage(reference, *login), lambda line: None)
    assert words in caught.value.message
    assert reference in caught.value.message
    assert PASSWORD not in caught.value.message


def test_what_is_not_there(engine: docker.DockerClient, registry: Registry) -> None:
    for name in ("team/echo:none", "nothing/here:1"):
        image = RegistryImage(f"{registry.host}/{name}", USER, PASSWORD)
        with pytest.raises(FailedPrecondition, match="has no image"):
            pull.obtain(engine, image, lambda line: None)


def test_a_registry_that_is_away(engine: docker.DockerClient, http_image: str) -> None:
    away = "localhost:1/team/echo"
    with pytest.raises(Unavailable, match="can't be reached"):
        pull.obtain(engine, RegistryImage(f"{away}:1"), lambda line: None)
    # `latest` is asked for each time; without the registry a copy will do, and that is said.
    engine.images.get(http_image).tag(away, "latest")
    try:
        image, note = pull.obtain(engine, RegistryImage(away), lambda line: None)
    finally:
        engine.images.remove(f"{away}:latest")
    assert image.id == engine.images.get(http_image).id
    assert "own copy" in note
