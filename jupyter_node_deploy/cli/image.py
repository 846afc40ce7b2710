"""The options that say what a node of a Docker image is, and how they change a node form."""

from __future__ import annotations

import shlex
from argparse import ArgumentParser, Namespace
from typing import Any

from .failure import Failure

#: Option, field, and in which part of the spec.
_FIELDS = (
    ("image", None, "image"),
    ("registry_user", None, "username"),
    ("registry_secret", None, "password_secret"),
    ("protocol", "endpoint", "type"),
    ("port", "endpoint", "port"),
    ("request_timeout", "endpoint", "timeout"),
    ("idle_timeout", "endpoint", "idle_timeout"),
    ("metrics_port", "telemetry", "port"),
    ("metrics_path", "telemetry", "path"),
    ("health", "healthcheck", "type"),
    ("health_port", "healthcheck", "port"),
    ("health_path", "healthcheck", "path"),
    ("health_timeout", "healthcheck", "timeout"),
    ("health_interval", "healthcheck", "interval"),
    ("health_fails", "healthcheck", "fails_threshold"),
    ("health_passes", "healthcheck", "passes_threshold"),
)


def add_options(parser: ArgumentParser) -> None:
    """Add the options that creating and updating share."""
    group = parser.add_argument_group("Docker images")
    group.add_argument("--image", help="the image, such as registry.example.org/team/echo:1")
    group.add_argument("--registry-user", metavar="USER", help="user name for the registry")
    group.add_argument(
        "--registry-secret", metavar="SECRET", help="name of the secret with the password"
    )
    group.add_argument(
        "--kernel-image",
        metavar="IMAGE",
        help="of a cell: the image that it runs in, which has the kernel's Python; none: one that "
        "is made for it (Docker)",
    )
    group.add_argument("--command", metavar="WORDS", help="instead of the image's command")
    group.add_argument("--protocol", choices=("http", "http2", "grpc"), help="default: http")
    group.add_argument("--port", type=int, help="where the image listens")
    group.add_argument(
        "--idle-timeout", type=float, metavar="SECONDS", help="that a stream may be silent"
    )
    group.add_argument("--metrics-port", type=int, metavar="PORT", help="Prometheus metrics")
    group.add_argument("--metrics-path", metavar="PATH", help="default: /metrics")
    group.add_argument(
        "--health", choices=("http", "grpc"), help="how its health is asked (default: by its port)"
    )
    group.add_argument("--health-port", type=int, metavar="PORT", help="default: --port")
    group.add_argument(
        "--health-path", metavar="PATH", help="for grpc the name of the service (default: all)"
    )
    group.add_argument(
        "--health-timeout", type=float, metavar="SECONDS", help="that one check may take"
    )
    group.add_argument(
        "--health-interval", type=float, metavar="SECONDS", help="between two checks"
    )
    group.add_argument("--health-fails", type=int, metavar="N", help="until it is unhealthy")
    group.add_argument("--health-passes", type=int, metavar="N", help="until it is healthy")


def add_environment(parser: ArgumentParser) -> None:
    """Add the options about the environment of instances, of a cell or an image."""
    parser.add_argument(
        "--env",
        action="append",
        metavar="NAME=VALUE",
        help="environment variable (repeatable); deploy adds those given to what the notebook has "
        "set, update puts them in the place of all there were",
    )
    parser.add_argument(
        "--env-secret",
        action="append",
        metavar="NAME=SECRET",
        help="environment variable with the value of a secret (repeatable)",
    )
    parser.add_argument(
        "--mount",
        action="append",
        metavar="SOURCE[:TARGET][:rw]",
        help="absolute path of a file or directory of this machine that instances see, read-only "
        "unless rw (repeatable; those given replace all there were), or none",
    )
    parser.add_argument(
        "--egress",
        choices=("yes", "no"),
        help="whether instances may open connections to other machines (Docker)",
    )


def change_docker(docker: dict[str, Any], args: Namespace) -> None:
    """Put the options into an image's spec."""
    for option, part, field in _FIELDS:
        value = getattr(args, option)
        if value is not None:
            place = docker if part is None else _part(docker, part)
            place[field] = value
    if args.command is not None:
        docker["command"] = shlex.split(args.command) or None
    check = docker.get("healthcheck")
    if check is not None and "port" not in check:
        check["port"] = docker.get("endpoint", {}).get("port")
    change_environment(docker, args)


def change_environment(spec: dict[str, Any], args: Namespace) -> None:
    """Put the environment into the spec of a cell or an image; given variables are the only ones.

    Raises:
        Failure: one is not of the form NAME=VALUE.
    """
    if args.env is not None or args.env_secret is not None:
        spec["env"] = [
            *(_variable(text, "value") for text in args.env or ()),
            *(_variable(text, "secret") for text in args.env_secret or ()),
        ]
    if args.mount is not None:
        spec["mounts"] = [_mount(text) for text in args.mount if args.mount != ["none"]]
    if args.egress is not None:
        spec["egress"] = args.egress == "yes"


def change_kernel_image(cell: dict[str, Any], args: Namespace) -> None:
    """Put the options about the image that a cell runs in into its spec.

    Raises:
        Failure: a registry's user or secret is given, but there is no image.
    """
    if args.kernel_image is not None:
        named = {"image": args.kernel_image, "username": None, "password_secret": None}
        cell["image"] = None if args.kernel_image == "none" else named
    login = {"username": args.registry_user, "password_secret": args.registry_secret}
    login = {name: value for name, value in login.items() if value is not None}
    if login:
        if not cell.get("image"):
            raise Failure("A registry's user and secret go with --image or --kernel-image.", code=3)
        cell["image"] = cell["image"] | login


def require_no_image(args: Namespace) -> None:
    """Refuse options of images where a cell is meant.

    Raises:
        Failure: one was given; it is named.
    """
    shared = ("request_timeout", "registry_user", "registry_secret")
    for option in ("command", *(option for option, _, _ in _FIELDS if option not in shared)):
        if getattr(args, option) is not None:
            name = option.replace("_", "-")
            raise Failure(f"--{name} is for nodes of Docker images.", code=3)


def _part(docker: dict[str, Any], name: str) -> dict[str, Any]:
    part: dict[str, Any] = dict(docker.get(name) or {})  # a copy: the node's own is compared with
    docker[name] = part
    return part


def _mount(text: str) -> dict[str, Any]:
    path, _, way = text.rpartition(":")
    if way not in ("rw", "ro"):
        path = text
    source, _, target = path.partition(":")
    if not source.startswith("/") or (target and not target.startswith("/")):
        raise Failure(f"{text!r}: give absolute paths, SOURCE[:TARGET][:rw].", code=3)
    return {"source": source, "target": target or source, "read_only": way != "rw"}


def _variable(text: str, source: str) -> dict[str, Any]:
    name, separator, value = text.partition("=")
    if not separator:
        raise Failure(f"{text!r}: give NAME={source.upper()}.", code=3)
    # All fields, as the server shows them: what did not change is seen to be the same.
    return {"name": name, "value": None, "secret": None} | {source: value}
