"""Exports: a node as files that run on another machine with plain Docker, or without it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from ...backends import runtime_source
from ...errors import InvalidArgument
from ...specs import CellSpec, DockerSpec, EnvironmentVariable, Mount
from .layout import SMOKE_TEST, SMOKE_TEST_PASSED, WHEELS

Format = Literal["bundle", "docker", "compose"]

#: Of cells, with ``{version}`` for Python's ``MAJOR.MINOR``.
BASE_IMAGE = "python:{version}-slim"
#: Where an exported cell listens, and as whom it runs.
_PORT, _USER = 8080, "64123:64123"
#: Files of a bundle that stay: whoever runs it elsewhere starts it as often as they like.
_ONLY_HERE = shutil.ignore_patterns(SMOKE_TEST, SMOKE_TEST_PASSED)

_DOCKERFILE = """\
# {name}: a notebook cell as a REST service; see README.md
ARG BASE={base}
FROM ${{BASE}}
# Whatever the base has: packages are installed as root, and the cell runs without rights.
USER root
{system}# For package indexes of your own: docker build --build-arg PIP_INDEX_URL=…
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
# The image is the environment: Debian's Python would want one in it.
ARG PIP_BREAK_SYSTEM_PACKAGES=1
WORKDIR /srv
# The service's own packages, out of the cell's sight.
COPY runtime/requirements.txt runtime/
RUN python3 -m pip install --no-cache-dir --target runtime/packages -r runtime/requirements.txt
# The cell's packages, in the versions that it was tried with.
COPY bundle/requirements.txt bundle/
{wheels}RUN cd bundle && python3 -m pip install --no-cache-dir -r requirements.txt
COPY --chown={user} runtime runtime
COPY --chown={user} bundle bundle
USER {user}
ENV HOME=/tmp
WORKDIR /tmp
EXPOSE {port}
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python3", "-I", "-c", \\
  "from urllib.request import urlopen; urlopen('http://127.0.0.1:{port}/readyz')"]
ENTRYPOINT ["python3", "-I", "/srv/runtime/serve.py", "/srv/bundle", "--python", "python3"]
CMD ["--listen", "0.0.0.0:{port}", "--directory", "/tmp/instance"]
"""


def write(
    target: Path,
    name: str,
    spec: CellSpec | DockerSpec,
    bundle: Path | None,
    *,
    base: str,
    form: Format,
) -> None:
    """Write an export into ``target``, a directory that does not exist yet.

    Args:
        name: of the node and its revision.
        bundle: of a cell.
        base: reference of the cell's base image.

    Raises:
        InvalidArgument: the node has no such form.
    """
    if form == "bundle":
        if bundle is None:
            message = "a node of an image has no bundle; choose docker or compose"
            raise InvalidArgument(f"format: {message}.", [{"path": "format", "message": message}])
        shutil.copytree(bundle, target, copy_function=_link, ignore=_ONLY_HERE)
        return
    target.mkdir()
    if isinstance(spec, CellSpec):
        assert bundle is not None
        _context(target, name, spec, bundle, base)
    if secret := _secrets(spec.env):
        head = "# Copy to .env and fill in; keep that file to yourself."
        _write(target / "env.sample", [head, *(f"{one}=" for one in secret)])
    if form == "compose":
        _write(target / "docker-compose.yml", _compose(name, spec))
    elif isinstance(spec, DockerSpec):
        _write(target / "run.sh", ["#!/bin/sh", "set -eu", f"exec {command(name, spec)}"])
        (target / "run.sh").chmod(0o755)
    _write(target / "README.md", _readme(name, spec, form))


def packed(
    name: str, spec: CellSpec | DockerSpec, bundle: Path | None, *, base: str, form: Format
) -> Path:
    """Write an export as ``NAME/…`` into a new ``.tar.gz``; the caller deletes the file.

    Raises:
        InvalidArgument: see ``write``.
    """
    with tempfile.TemporaryDirectory(prefix="jupyter-node-deploy-") as work:
        source = Path(work) / name
        write(source, name, spec, bundle, base=base, form=form)
        descriptor, path = tempfile.mkstemp(prefix=f"{name}-", suffix=".tar.gz")
        try:
            with (
                os.fdopen(descriptor, "wb") as file,
                tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive,
            ):
                archive.add(source, arcname=name)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
    return Path(path)


def _context(target: Path, name: str, spec: CellSpec, bundle: Path, base: str) -> None:
    """Write what an image of a cell is built from."""
    shutil.copytree(bundle, target / "bundle", copy_function=_link, ignore=_ONLY_HERE)
    runtime_source.copy(target / "runtime")
    _write(target / "runtime" / "requirements.txt", runtime_source.requirements())
    text = _DOCKERFILE.format(
        name=name,
        system=_system(bundle),
        wheels="COPY bundle/wheels bundle/wheels\n" if (bundle / WHEELS).is_dir() else "",
        base=spec.image.image if spec.image else base,
        user=_USER,
        port=_PORT,
    )
    (target / "Dockerfile").write_text(text, encoding="utf-8")


def _system(bundle: Path) -> str:
    """Return the line that installs system libraries, where the cell loads some."""
    place = bundle / "libraries.txt"
    lines = place.read_text(encoding="utf-8").split() if place.exists() else []
    packages = sorted({one.partition("=")[2] for one in lines} - {""})
    if not packages:
        return ""
    return (
        "# Libraries of the system that the packages load.\n"
        "RUN apt-get update && apt-get install -y --no-install-recommends "
        f"{' '.join(packages)} && rm -rf /var/lib/apt/lists/*\n"
    )


def command(name: str, spec: CellSpec | DockerSpec) -> str:
    """Return the command that runs the image, as hardened as here."""
    port = _port(spec)
    words = ["docker", "run", "--rm", "--name", name, "-p", f"127.0.0.1:{port}:{port}"]
    words += ["--read-only", "--tmpfs", "/tmp", "--tmpfs", "/run", "--cap-drop", "ALL"]  # noqa: S108
    words += ["--security-opt", "no-new-privileges"]
    for variable in spec.env:
        if variable.value is not None:
            words += ["-e", f"{variable.name}={variable.value}"]
    if _secrets(spec.env):
        words += ["--env-file", ".env"]
    for one in spec.mounts:
        words += ["-v", _volume(one)]
    if isinstance(spec, CellSpec):
        return shlex.join([*words, name])
    return shlex.join([*words, spec.image, *(spec.command or ())])


def _compose(name: str, spec: CellSpec | DockerSpec) -> list[str]:
    port = _port(spec)
    image = name if isinstance(spec, CellSpec) else spec.image
    lines = ["services:", f"  {_service(name)}:", f"    image: {_text(image)}"]
    if isinstance(spec, CellSpec):
        lines.append("    build: .")
    elif spec.command is not None:
        lines.append(f"    command: [{', '.join(map(_text, spec.command))}]")
    lines += [
        "    ports:",
        f'      - "127.0.0.1:${{PORT:-{port}}}:{port}"',
        "    read_only: true",
        "    tmpfs: [/tmp, /run]",
        "    cap_drop: [ALL]",
        '    security_opt: ["no-new-privileges:true"]',
        "    restart: unless-stopped",
    ]
    if spec.mounts:
        lines += ["    volumes:", *(f"      - {_text(_volume(one))}" for one in spec.mounts)]
    if spec.env:
        lines.append("    environment:")
        for one in spec.env:
            value = f'"${{{one.name}:?see env.sample}}"' if one.value is None else _text(one.value)
            lines.append(f"      {one.name}: {value}")
    return lines


def _readme(name: str, spec: CellSpec | DockerSpec, form: Format) -> list[str]:
    port = _port(spec)
    lines = [f"# {name}", "", "A node made by jupyter_node_deploy. All it needs is Docker.", ""]
    if _secrets(spec.env):
        lines += ["Secrets are not part of an export: copy `env.sample` to `.env`, fill it in.", ""]
    if isinstance(spec, DockerSpec) and spec.username is not None:
        registry = spec.image.partition("/")[0]
        lines += [f"Log in first: `docker login -u {spec.username} {registry}`", ""]
    if form == "compose":
        build = " --build" if isinstance(spec, CellSpec) else ""
        commands = [f"docker compose up{build}"]
    elif isinstance(spec, CellSpec):
        commands = [f"docker build -t {name} .", command(name, spec)]
    else:
        commands = ["./run.sh"]
    lines += ["```", *commands, "```", ""]
    if isinstance(spec, CellSpec):
        url = f"http://127.0.0.1:{port}/"
        lines.append(f"`bundle/README.md` has an example of a request; send it to {url}")
    else:
        lines.append(f"It listens at 127.0.0.1:{port} ({spec.endpoint.type}).")
    lines += [
        "",
        "Nobody is asked for a token here: keep the port to this machine, or put a gateway",
    ]
    return [*lines, "in front of it."]


def _port(spec: CellSpec | DockerSpec) -> int:
    return _PORT if isinstance(spec, CellSpec) else spec.endpoint.port


def _link(source: str, target: str) -> None:
    # Large states are not copied only to be packed.
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


def _secrets(variables: Iterable[EnvironmentVariable]) -> list[str]:
    return [one.name for one in variables if one.secret is not None]


def _volume(mount: Mount) -> str:
    return f"{mount.source}:{mount.target}{':ro' if mount.read_only else ''}"


def _service(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", name.lower())


def _text(value: str) -> str:
    """Return a string for Compose's YAML: JSON is part of it, a dollar sign is written twice."""
    return json.dumps(value).replace("$", "$$")


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
