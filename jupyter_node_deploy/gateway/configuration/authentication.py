"""The rules that a token is verified by, and the table of those that were."""

from __future__ import annotations

from ...access.keys import ALGORITHM, ISSUER
from ...errors import Unauthenticated
from ..routes import Routes
from . import refusals
from .syntax import answer, quoted

TOKEN_LIMIT = 4096  # characters; ours have about 400
#: Tokens that are remembered as verified.
TOKENS = 4096


def table() -> list[str]:
    """Return the section of the table of verified tokens."""
    return ["backend tokens", f"stick-table type binary len 32 size {TOKENS} expire 10m"]


def token(routes: Routes) -> list[str]:
    """Verify the token; afterwards ``txn.folder`` and ``txn.jti`` are what it says."""
    invalid = answer(Unauthenticated(refusals.INVALID))
    none = answer(Unauthenticated(refusals.NO_TOKEN))
    expired = answer(Unauthenticated(refusals.EXPIRED))
    revoked = answer(Unauthenticated(refusals.REVOKED))
    payload = "var(txn.payload),json_query"
    # What can't change about a token is looked at once: a signature costs more than all the rest.
    # The configuration it was looked at with is this process', which keeps the table.
    once = (
        f"{{ var(txn.token),jwt_header_query('$.alg') -m str {ALGORITHM} }}",
        f"{{ var(txn.token),jwt_verify({ALGORITHM},public.pem) -m int 1 }}",
        f"{{ {payload}('$.iss') -m str {ISSUER} }}",
        f"{{ {payload}('$.aud') -m str {quoted(routes.audience)} }}",
        f"{{ {payload}('$.iat') -m found }}",
        "{ var(txn.exp) -m found }",
        "{ var(txn.jti),length gt 0 }",
        "{ var(txn.folder) -m reg ^[A-Za-z0-9._-]+$ }",
    )
    unknown = "!{ var(txn.good) -m found }"
    return [
        f"http-request return {invalid} if {{ req.fhdr_cnt(authorization) gt 1 }}",
        "http-request set-var(txn.token) http_auth_bearer",
        f"http-request return {none} unless {{ var(txn.token),length gt 0 }}",
        f"http-request return {invalid} if {{ var(txn.token),length gt {TOKEN_LIMIT} }}",
        "http-request set-var(txn.seal) var(txn.token),sha2(256)",
        "http-request set-var(txn.payload) var(txn.token),field(2,.),ub64dec",
        f"http-request set-var(txn.folder) {payload}('$.folder')",
        f"http-request set-var(txn.jti) {payload}('$.jti')",
        f"http-request set-var(txn.exp) {payload}('$.exp','int')",
        "http-request set-var(txn.good) bool(true) if { var(txn.seal),in_table(tokens) }",
        f"http-request set-var(txn.new) bool(true) if {unknown} {' '.join(once)}",
        "http-request track-sc0 var(txn.seal) table tokens if { var(txn.new) -m found }",
        f"http-request return {invalid} if {unknown} !{{ var(txn.new) -m found }}",
        f"http-request return {expired} if {{ date,neg,add(txn.exp) -m int le 0 }}",
        f"http-request return {revoked} if {{ var(txn.jti),map_str(maps/revoked.map) -m found }}",
    ]
