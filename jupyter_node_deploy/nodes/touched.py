"""What a dry run touched, in sentences for the user: what to take along, to mount, to set."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from ..errors import Message
from ..namespace.touched import Touched
from ..specs import CellSpec

#: Files that are likely to hold credentials, by their path.
_SECRET = re.compile(
    r"(^|/)(\.netrc|\.pgpass|\.env(\.[\w.-]+)?|\.ssh|\.aws|\.azure|\.gnupg|\.kube|\.docker"
    r"|gcloud|id_(rsa|dsa|ecdsa|ed25519)|[\w.-]*(secret|password|credential|token)s?([._-][\w.-]*)?"
    r"|[\w.-]+\.(pem|key|p12|pfx|keystore|jks))(/|$)",
    re.IGNORECASE,
)


def is_secret(path: str) -> bool:
    """Tell whether a file is likely to hold credentials: it is copied by nobody but its owner."""
    return _SECRET.search(path) is not None


def words(touched: Touched | None, spec: CellSpec, backend: str) -> list[str]:
    """Return what is said of what a cell touches and its node does not bring.

    Args:
        backend: name of the backend; on this machine (``process``) only files are worth a word:
            programs, network and environment are the same.
    """
    if touched is None:
        return []
    found = _files(touched, spec)
    if backend != "process":
        found += _machine(touched, spec)
    return found


def _files(touched: Touched, spec: CellSpec) -> list[str]:
    read = [one for one in touched.files if not _mounted(one, spec)]
    secret = [one for one in read if is_secret(one)]
    plain = [one for one in read if one not in secret]
    found: list[str] = []
    if plain:
        found.append(
            Message(
                "The cell reads '{files}', which is outside of the node: a container does not have "
                "it, and where it is there, whoever changes it changes the answers. Mount it "
                "(--mount {first}), or put it beside the notebook, read it by its relative path "
                "and take it along (--file NAME).",
                "FILES_OUTSIDE",
                files=plain,
                first=plain[0],
            )
        )
    return [*found, secret_files(secret)] if secret else found


def secret_files(files: list[str]) -> Message:
    """Return what is said of files that may hold credentials."""
    return Message(
        "The cell reads '{files}', which may hold a secret: it does not go along. Make a secret of "
        "it, and read that from an environment variable (--env-secret).",
        "SECRET_FILES",
        files=files,
    )


def _machine(touched: Touched, spec: CellSpec) -> list[str]:
    found: list[str] = []
    written = [one for one in touched.written if not _mounted(one, spec, writes=True)]
    if written:
        found.append(
            Message(
                "The cell writes '{files}': in a container only /tmp can be written to, and ends "
                "with it. Mount a directory that may be written to (--mount PATH:rw).",
                "FILES_WRITTEN_OUTSIDE",
                files=written,
            )
        )
    if touched.programs:
        found.append(
            Message(
                "The cell starts '{programs}': the node's image must have it. Choose a kernel "
                "image that does (--kernel-image) if the base image does not.",
                "PROGRAMS_STARTED",
                programs=[PurePosixPath(one).name for one in touched.programs],
            )
        )
    if touched.addresses:
        local = [one for one in touched.addresses if _is_local(one)]
        others = [one for one in touched.addresses if one not in local]
        if others and not spec.egress:
            found.append(
                Message(
                    "The cell connects to '{addresses}', and the node may open no connections: "
                    "allow it (--egress yes).",
                    "CONNECTS_WITHOUT_EGRESS",
                    addresses=others,
                )
            )
        if local:
            found.append(
                Message(
                    "The cell connects to '{addresses}' of this machine: in a container that is "
                    "the container itself. Give the address by which others reach it.",
                    "CONNECTS_TO_THIS_MACHINE",
                    addresses=local,
                )
            )
    known = {one.name for one in spec.env}
    if variables := [one for one in touched.variables if one not in known]:
        found.append(
            Message(
                "The cell reads the environment variable '{variables}', which is set where the "
                "Jupyter server runs and not in a container: add it to the node's environment "
                "(--env, or --env-secret for a secret).",
                "VARIABLES_OF_THE_SERVER",
                variables=variables,
            )
        )
    return found


def _mounted(path: str, spec: CellSpec, *, writes: bool = False) -> bool:
    return any(one.covers(path) and not (writes and one.read_only) for one in spec.mounts)


def _is_local(address: str) -> bool:
    host = address.rpartition(":")[0]
    return address.startswith("unix:") or host.startswith("127.") or host in ("localhost", "::1")


def missing(touched: Touched | None, spec: CellSpec, beside: Iterable[str]) -> str:
    """Return what to do where a run failed and its node lacks files; empty if it is not that.

    Args:
        beside: files beside the notebook that the code names.
    """
    lacking = [*(touched.missing if touched is not None else ()), *beside]
    names = [
        name
        for name in dict.fromkeys(str(PurePosixPath(one)) for one in lacking)
        if name in {str(PurePosixPath(one)) for one in beside} and not _taken(name, spec)
    ]
    if not names:
        return ""
    return Message(
        "The cell reads '{files}', which is beside the notebook and not in the node: add it to the "
        "extra files (--file {first}).",
        "FILES_LEFT_BEHIND",
        files=names,
        first=names[0],
    )


def _taken(name: str, spec: CellSpec) -> bool:
    return any(PurePosixPath(name).is_relative_to(one) for one in spec.files)
