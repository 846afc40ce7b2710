"""Pulling an image from a registry, with its progress and failures in words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from typing import Any

from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound
from docker.models.images import Image
from docker.utils import parse_repository_tag

from ...errors import (
    CannotRun,
    FailedPrecondition,
    Message,
    NodeDeployError,
    PermissionDenied,
    Unavailable,
)
from ..base import RegistryImage
from .engine import words

Tell = Callable[[str], None]

#: Seconds that a registry gets to say whether it has an image.
_REGISTRY = 10.0

_ABSENT = re.compile(r"manifest unknown|not found|does not exist|no such image", re.IGNORECASE)
_DENIED = re.compile(
    r"unauthorized|authentication required|no basic auth|denied|forbidden|incorrect username",
    re.IGNORECASE,
)
_UNREACHABLE = re.compile(
    r"connection refused|no such host|i/o timeout|timeout exceeded|no route to host|"
    r"network is unreachable|server misbehaving|TLS handshake timeout|connection reset",
    re.IGNORECASE,
)
_INSECURE = re.compile(r"x509|HTTP response to HTTPS client", re.IGNORECASE)
_PLATFORM = re.compile(r"no matching manifest|does not match the specified platform")
_FULL = re.compile(r"no space left on device")
_TOO_MANY = re.compile(r"toomanyrequests|rate limit", re.IGNORECASE)


def find(engine: DockerClient, reference: str) -> Image | None:
    """Return the engine's own copy of an image, None if it has none."""
    try:
        return engine.images.get(reference)
    except ImageNotFound:
        return None


async def missing(engine: DockerClient, reference: str) -> str:
    """Say why an image is not to be had; empty if it is."""

    def ask() -> str:
        if find(engine, reference) is not None:
            return ""
        try:
            engine.images.get_registry_data(reference)
        except DockerException as error:
            return words(error)
        return ""

    try:
        return await asyncio.wait_for(asyncio.to_thread(ask), _REGISTRY)
    except TimeoutError:
        return "its registry does not answer"


def obtain(engine: DockerClient, image: RegistryImage, tell: Tell) -> tuple[Image, str]:
    """Return an image, from the registry where that is needed.

    As Kubernetes does it: ``latest`` (or no tag at all) is always asked for anew, another tag or a
    digest only if the engine has no copy of it.

    Args:
        tell: is given a line for each step.

    Returns:
        The image, and a note for the user ("" if there is none).

    Raises:
        FailedPrecondition: there is no such image, or not for this machine.
        PermissionDenied: the registry refuses.
        Unavailable: the registry can't be reached.
    """
    own = find(engine, image.reference)
    if own is not None and not _is_latest(image.reference):
        return own, ""
    try:
        pull(engine, image, tell)
    except Unavailable as error:
        if own is None:
            raise
        note = f"the engine's own copy of {image.reference} is used: {error.message}"
        tell(note)
        return own, note
    pulled = find(engine, image.reference)
    if pulled is None:
        raise FailedPrecondition(
            Message(
                "The image {image} was removed while it was pulled.",
                "IMAGE_NOT_FOUND",
                registry=registry_of(image.reference),
                image=image.reference,
                cause="",
            )
        )
    return pulled, ""


def pull(engine: DockerClient, image: RegistryImage, tell: Tell) -> None:
    """Pull an image; without a user, as who the engine's client is logged in.

    Raises:
        NodeDeployError: as for ``obtain``.
    """
    login = None
    if image.username is not None:
        login = {"username": image.username, "password": image.password or ""}
    repository, tag = parse_repository_tag(image.reference)
    tell(f"Pulling {image.reference}")
    try:
        events = engine.api.pull(
            repository, tag=tag or "latest", stream=True, decode=True, auth_config=login
        )
        _follow(events, image, tell)
    except APIError as error:
        raise explained(image, str(error.explanation or error)) from None
    except DockerException as error:
        raise explained(image, str(error)) from None
    tell(f"Pulled {image.reference}")


def explained(image: RegistryImage, message: str) -> NodeDeployError:
    """Return the engine's words about a failed pull as an error that says what to do."""
    reference, registry = image.reference, registry_of(image.reference)
    if _UNREACHABLE.search(message):
        return Unavailable(
            Message(
                "The registry {registry} can't be reached. Is its name right, and is it "
                "up? ({cause})",
                "REGISTRY_UNREACHABLE",
                registry=registry,
                cause=message,
            )
        )
    if _INSECURE.search(message):
        return Unavailable(
            Message(
                "The registry {registry} has no certificate that the engine trusts. Give "
                "the engine its CA (/etc/docker/certs.d/{registry}/ca.crt), or list it "
                "under insecure-registries. ({cause})",
                "REGISTRY_NOT_TRUSTED",
                registry=registry,
                cause=message,
            )
        )
    if _TOO_MANY.search(message):
        return Unavailable(
            Message(
                "The registry {registry} wants fewer pulls for now. ({cause})",
                "REGISTRY_LIMITS_PULLS",
                registry=registry,
                cause=message,
            )
        )
    if _DENIED.search(message):
        told = Message(
            "The registry {registry} refuses {image} without a user. If it is private, give a "
            "registry user and a secret; else check its name. ({cause})",
            "REGISTRY_REFUSES",
            registry=registry,
            image=reference,
            user=image.username,
            cause=message,
        )
        if image.username:
            told = Message(
                "The registry {registry} refuses {image} as '{user}'. Is the user right, and the "
                "secret's value the password? ({cause})",
                "REGISTRY_REFUSES",
                registry=registry,
                image=reference,
                user=image.username,
                cause=message,
            )
        return PermissionDenied(told)
    if _PLATFORM.search(message):
        return CannotRun(
            Message(
                "There is no {image} for this machine's processor. ({cause})",
                "IMAGE_NOT_FOR_MACHINE",
                image=reference,
                cause=message,
            )
        )
    if _FULL.search(message):
        return FailedPrecondition(
            Message(
                "The engine's disk is full, so {image} was not pulled. Make room, for "
                "example by `docker image prune`.",
                "ENGINE_DISK_FULL",
                image=reference,
            )
        )
    if _ABSENT.search(message):
        return FailedPrecondition(
            Message(
                "The registry {registry} has no image {image}. Check its name and tag. ({cause})",
                "IMAGE_NOT_FOUND",
                registry=registry,
                image=reference,
                cause=message,
            )
        )
    return Unavailable(
        Message(
            "The image {image} could not be pulled. {cause}",
            "IMAGE_NOT_PULLED",
            image=reference,
            cause=message,
        )
    )


def registry_of(reference: str) -> str:
    """Return the host, with its port, that an image comes from."""
    first, slash, _ = reference.partition("/")
    is_host = slash and ("." in first or ":" in first or first == "localhost")
    return first if is_host else "docker.io"


def _is_latest(reference: str) -> bool:
    _, tag = parse_repository_tag(reference)
    return tag in (None, "", "latest")


def _follow(events: Iterable[dict[str, Any]], image: RegistryImage, tell: Tell) -> None:
    sizes: dict[str, tuple[int, int]] = {}
    quarter = 0
    for event in events:
        if "error" in event:
            raise explained(image, str(event["error"]))
        layer, status = event.get("id"), str(event.get("status", ""))
        detail = event.get("progressDetail") or {}
        if layer and status == "Downloading" and detail.get("total"):
            sizes[layer] = int(detail["current"]), int(detail["total"])
            have, total = (sum(column) for column in zip(*sizes.values(), strict=True))
            if 4 * have // total > quarter:
                quarter = 4 * have // total
                tell(f"Downloaded {have / 1e6:.0f} of at least {total / 1e6:.0f} MB")
        elif layer and status == "Pull complete":
            tell(f"Layer {layer} is complete")
        elif not layer and status:
            tell(status)
