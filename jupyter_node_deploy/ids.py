"""Identifiers: 20 random characters of ``[a-z0-9]``, the first a letter, as DataSphere's were."""

from __future__ import annotations

import secrets
import string

_LETTERS = string.ascii_lowercase
_ALPHABET = _LETTERS + string.digits


def new_id() -> str:
    """Return a new identifier (about 103 random bits: it can't be guessed)."""
    return secrets.choice(_LETTERS) + "".join(secrets.choice(_ALPHABET) for _ in range(19))
