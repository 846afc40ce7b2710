"""What a client can't see of verification; the rest is in the conformance tests."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from jupyter_node_deploy.errors import Unauthenticated
from jupyter_node_deploy.gateway import verifier as verifier_module
from jupyter_node_deploy.gateway.verifier import TokenVerifier


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


def pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture
def verifier(key):
    return TokenVerifier(pem(key))


def bearer(key, **changes):
    claims = {
        "iss": "jupyter-node-deploy",
        "aud": "jupyter-node-deploy",
        "folder": "f1",
        "iat": int(time.time()),
        "exp": int(time.time()) + 600,
        "jti": "t1",
    } | changes
    return f"Bearer {jwt.encode(claims, key, algorithm='ES256')}"


def test_grant(verifier, key):
    expiry = int(time.time()) + 60
    grant = verifier.verify(bearer(key, exp=expiry), {})
    assert (grant.folder, grant.token_id, grant.expires_at) == ("f1", "t1", expiry)


def test_verified_token_is_remembered(verifier, key, monkeypatch):
    token = bearer(key)
    verifier.verify(token, {})
    monkeypatch.setattr(verifier_module.jwt, "decode", None)
    assert verifier.verify(token, {}).folder == "f1"


def test_refusals_are_not_remembered(verifier, key):
    for number in range(50):
        with pytest.raises(Unauthenticated):
            verifier.verify(bearer(key, iss=f"other{number}"), {})
    assert verifier._verified == {}


def test_memory_is_bounded(verifier, key, monkeypatch):
    monkeypatch.setattr(verifier_module, "CACHE_SIZE", 10)
    tokens = [bearer(key, jti=f"t{number}") for number in range(30)]
    for token in tokens:
        verifier.verify(token, {})
    assert len(verifier._verified) == 10
    assert verifier.verify(tokens[0], {}).token_id == "t0"  # checked once more


def test_expired_ones_are_forgotten(verifier, key, monkeypatch):
    token = bearer(key)
    verifier.verify(token, {})
    later = time.time() + 601
    monkeypatch.setattr(verifier_module.time, "time", lambda: later)
    with pytest.raises(Unauthenticated, match="expired"):
        verifier.verify(token, {})
    assert verifier._verified == {}


def test_errors_do_not_carry_the_token(verifier, key):
    token = bearer(key, aud="another")
    with pytest.raises(Unauthenticated) as caught:
        verifier.verify(token, {})
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert token.split()[1][:20] not in str(caught.value.body())


@pytest.mark.parametrize(
    "other", [ec.generate_private_key(ec.SECP384R1()), None], ids=["P-384", "garbage"]
)
def test_only_p256_keys(other):
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
        TokenVerifier(b"garbage" if other is None else pem(other))


def test_clock_that_was_set_back(verifier, key):
    """A token issued just before the clock was set back is not from the future."""
    assert verifier.verify(bearer(key, iat=int(time.time()) + 30), {}).folder == "f1"
