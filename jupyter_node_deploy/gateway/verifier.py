"""Verification of tokens in the data plane: a signature, a file of revocations, nobody to ask."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ..errors import Unauthenticated
from .refusals import EXPIRED, INVALID, NO_TOKEN, REVOKED
from .routes import AUDIENCE, ISSUER

ALGORITHM = "ES256"
CACHE_SIZE = 4096
TOKEN_LIMIT = 4096  # characters; ours have about 400


@dataclass(frozen=True, slots=True)
class Grant:
    """What a verified token says.

    Attributes:
        folder: the folder it was issued for.
        token_id: its ``jti``, by which it can be revoked.
        expires_at: Unix seconds.
    """

    folder: str
    token_id: str
    expires_at: float


class TokenVerifier:
    """Checks bearer tokens.

    A token that verified is remembered until it expires (at most ``CACHE_SIZE`` of them); a
    refusal is not, so that no caller can fill the memory with garbage or be locked out by it.

    Args:
        public_key: PEM of the P-256 public key.
        audience: the ``aud`` that a token must have.

    Raises:
        ValueError: ``public_key`` is not such a key.
    """

    def __init__(self, public_key: bytes, audience: str = AUDIENCE) -> None:
        key = serialization.load_pem_public_key(public_key)
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(
            key.curve, ec.SECP256R1
        ):
            raise ValueError("not a P-256 public key")
        self._key = key
        self._audience = audience
        self._verified: dict[str, Grant] = {}

    def verify(self, authorization: str, revoked: Mapping[str, float]) -> Grant:
        """Return what the token in an ``Authorization`` header grants.

        Raises:
            Unauthenticated: there is none, or it is not valid, expired or revoked.
        """
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated(NO_TOKEN)
        token = token.strip()
        grant = self._verified.get(token)
        if grant is None:
            grant = self._decode(token)
            if len(self._verified) >= CACHE_SIZE:
                del self._verified[next(iter(self._verified))]
            self._verified[token] = grant
        if grant.expires_at <= time.time():
            self._verified.pop(token, None)
            raise Unauthenticated(EXPIRED)
        if grant.token_id in revoked:
            raise Unauthenticated(REVOKED)
        return grant

    def _decode(self, token: str) -> Grant:
        try:
            if len(token) > TOKEN_LIMIT:
                raise jwt.InvalidTokenError
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],  # pinned: the token's own word on it is not taken
                audience=self._audience,
                issuer=ISSUER,
                options={
                    "require": ["exp", "iat", "aud", "iss", "jti", "folder"],
                    # The issuer's clock is this machine's: only a step back of it could differ.
                    "verify_iat": False,
                },
            )
            folder, token_id = claims["folder"], claims["jti"]
            if not isinstance(folder, str) or not folder or not isinstance(token_id, str):
                raise jwt.InvalidTokenError
            return Grant(folder, token_id, float(claims["exp"]))
        except jwt.ExpiredSignatureError:
            raise Unauthenticated(EXPIRED) from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            # From None: a cause could carry the token into a log.
            raise Unauthenticated(INVALID) from None
