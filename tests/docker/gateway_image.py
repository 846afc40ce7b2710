"""An image with a HAProxy of its own: Debian's on the base image."""

import contextlib

import docker
from docker.errors import ImageNotFound, NotFound

from . import base_image

TAG = "jupyter-node-deploy-test/haproxy:bookworm-1"
_BUILDER = "jupyter-node-deploy-test-haproxy"
_INSTALL = "apt-get update -qq && apt-get install -y -qq --no-install-recommends haproxy"


def ensure(engine: docker.DockerClient) -> str:
    """Return the reference of an image with HAProxy."""
    with contextlib.suppress(ImageNotFound):
        engine.images.get(TAG)
        return TAG
    with contextlib.suppress(NotFound):
        engine.containers.get(_BUILDER).remove(force=True)
    container = engine.containers.create(
        base_image.ensure(engine),
        ["sh", "-c", f"{_INSTALL} && rm -rf /var/lib/apt/lists /var/cache/apt"],
        name=_BUILDER,
        network_mode="host",  # where the mirror can be reached
    )
    try:
        container.start()
        assert container.wait()["StatusCode"] == 0, container.logs().decode()
        repository, tag = TAG.split(":")
        container.commit(repository, tag)
    finally:
        container.remove(force=True)
    return TAG
