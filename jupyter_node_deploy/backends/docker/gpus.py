"""GPUs: whether the engine can give them to containers. Only a start tells."""

from __future__ import annotations

import re

from docker import DockerClient
from docker.errors import APIError
from docker.models.images import Image
from docker.types import DeviceRequest

from ...errors import FailedPrecondition, Message
from . import labels
from .engine import delete, words

_NO_DRIVER = re.compile(r"could not select device driver")
_NO_DEVICE = re.compile(r"nvidia-container-cli: (.*)")


def requests(count: int) -> list[DeviceRequest]:
    """Return what asks the engine for so many GPUs."""
    return [DeviceRequest(count=count, capabilities=[["gpu"]])] if count else []


def require(engine: DockerClient, image: Image, count: int, home: str) -> None:
    """Start a container that does nothing, with GPUs.

    Args:
        image: any that is there.
        home: id of the home.

    Raises:
        FailedPrecondition: the engine has no GPUs to give, or not so many.
    """
    container = engine.containers.create(
        image,
        entrypoint=["python3", "-c", ""],
        network_mode="none",
        device_requests=requests(count),
        labels={labels.BUILD: home},
    )
    try:
        container.start()
    except APIError as error:
        if (refused := refusal(error)) is not None:
            raise refused from None
        # What else is wrong with the image is told by who needs it.
    finally:
        delete(container)


def refusal(error: APIError) -> FailedPrecondition | None:
    """Return what the engine's words about GPUs mean; None if it speaks of something else."""
    said = words(error)
    if _NO_DRIVER.search(said):
        return FailedPrecondition(
            Message(
                "This machine's Docker engine has no GPUs to give. Install the NVIDIA "
                "Container Toolkit and restart the engine, or choose a configuration "
                "without GPUs. ({cause})",
                "GPUS_NOT_AVAILABLE",
                cause=said,
            )
        )
    if (found := _NO_DEVICE.search(said)) is not None:
        return FailedPrecondition(
            Message(
                "This machine can't give the container the GPUs of its configuration: are there "
                "so many, and does nvidia-smi work? ({cause})",
                "GPUS_NOT_AVAILABLE",
                cause=found[1].strip(),
            )
        )
    return None
