"""The labels by which the backend finds what it made: nothing else is ever touched."""

from __future__ import annotations

_PREFIX = "jupyter-node-deploy"
HOME = f"{_PREFIX}.home"
INSTANCE = f"{_PREFIX}.instance"
NODE = f"{_PREFIX}.node"
REVISION = f"{_PREFIX}.revision"
NOTES = f"{_PREFIX}.notes"
#: Of an image: JSON of its endpoint and health check.
WORKLOAD = f"{_PREFIX}.workload"
#: On a container that is being made into an image, and on the image.
BUILD = f"{_PREFIX}.build"
#: On such a container: the instance that is waiting for it.
BUILD_FOR = f"{_PREFIX}.build-for"
#: Repository of environment images; the tag is the key.
ENVIRONMENTS = f"{_PREFIX}/environment"
