"""Key files: made once whoever comes first, readable by the owner only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ..errors import DataLoss
from ..files import replace, write_part
from ..home import Home

#: How tokens are signed, by whom, and for whom.
ALGORITHM = "ES256"
ISSUER = AUDIENCE = "jupyter-node-deploy"


def signing_key(home: Home) -> ec.EllipticCurvePrivateKey:
    """Return the key that signs tokens, made at first need with its public half beside.

    Raises:
        DataLoss: the key file can't be read as a P-256 private key.
    """
    path = home.keys / "signing.pem"
    content = read_or_create(path, _new_signing_key)
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except ValueError:
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DataLoss(
            f"The signing key {path} is damaged. Restore it from a backup, or delete it to get a "
            "new one; tokens issued so far then stop working."
        )
    _publish(key, public_key_path(home))
    return key


def public_key_path(home: Home) -> Path:
    """Where the gateway finds the public half."""
    return home.gateway / "public.pem"


def read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of a private file; when it is missing, make it (mode 0600).

    Several processes may do so at once: all of them get the content of the one that was first.
    """
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = write_part(path, make())
    try:
        # A link fails where a rename would replace the other process's key.
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
    return path.read_bytes()


def _new_signing_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _publish(key: ec.EllipticCurvePrivateKey, path: Path) -> None:
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with contextlib.suppress(FileNotFoundError):
        if path.read_bytes() == public:
            return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace(path, public, 0o644)
