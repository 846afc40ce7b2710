"""Routes as HAProxy's configuration: what a process is started with. Pure functions of values.

All names of files are relative to the directory that HAProxy runs in. It needs HAProxy 2.6.

A request passes the frontend ``gateway``, which decides everything from the map files, and the
backend of its node. Two internal sockets close what HAProxy leaves open:

- ``handover``: a process that was replaced passes the requests that still come over its
  connections to its successor. So none of them follows old routes, and none is lost.
- ``elsewhere``: a request that no instance of a node took is answered there, or sent to the next
  node of its alias.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...errors import (
    DeadlineExceeded,
    InvalidArgument,
    Message,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from .. import refusals
from ..routes import ISSUER, InstanceRoute, NodeRoute, Routes
from ..verifier import ALGORITHM, TOKEN_LIMIT
from . import healthcheck
from .syntax import address, answer, error_file, milliseconds, name, quoted

#: Seconds on top of what a cell's instance may take, so that its own answer comes first.
MARGIN = 5.0
#: Requests that may wait for one of several instances.
QUEUE = 64
#: Tokens that are remembered as verified.
TOKENS = 4096
#: Files, so half as many connections, that it uses at most; the system may allow it less.
OPEN_FILES = 65536
#: Seconds that a replaced process gets for requests at work, beyond the longest timeout.
OLD_PROCESS = 60.0

_ALIAS_PREFIX = "datasphere.user."
_ROUTE = "x-node-deploy-route"
_EXECUTE = r"^(/datasphere)?/v1/(nodes|aliases)/[^/:]+:execute$"
_REQUEST_ID = r"^[A-Za-z0-9._-]{1,128}$"
_NOTHING = NotFound(Message("No such path.", "NO_SUCH_PATH"))
_CLAIMS = ("folder", "jti", "iss", "aud")


@dataclass(frozen=True)
class Listen:
    """Where HAProxy listens.

    Attributes:
        host: of the public address, as is ``port``.
        certificate: name of a PEM file with certificate and key, for TLS.
        metrics: ``HOST:PORT`` of the Prometheus exporter, empty for none.
        scrapers: who may ask the exporter, as IP addresses or networks; empty for all.
    """

    host: str
    port: int
    certificate: str = ""
    metrics: str = ""
    scrapers: tuple[str, ...] = ()


def configuration(routes: Routes, listen: Listen) -> str:
    """Return the configuration file.

    Raises:
        ValueError: an id, a path or an address can't be written in one.
    """
    sections = [
        _global(routes),
        _defaults(routes),
        _metrics(listen),
        _gateway(routes, listen),
        _elsewhere(),
        [
            "backend tokens",
            f"stick-table type binary len 32 size {TOKENS} expire 10m",
        ],
        [
            "backend successor",
            "timeout server 1d",
            "server successor unix@run/handover.sock proto h2",
        ],
        *(_node(node_id, node) for node_id, node in sorted(routes.nodes.items())),
    ]
    return "\n".join(_section(lines) for lines in sections if lines)


def digest(routes: Routes, listen: Listen, public_key: bytes) -> str:
    """Return what names a process' configuration, leaving out what its runtime API can change."""
    nodes = {
        node_id: replace(node, acl=(), status="", reason="", instances=())
        for node_id, node in routes.nodes.items()
    }
    text = configuration(replace(routes, generation=0, nodes=nodes), listen)
    return hashlib.sha256(text.encode() + public_key).hexdigest()


def error_files() -> dict[str, bytes]:
    """Return answers to what HAProxy finds before or after its rules, by name of the file."""
    lost = Unavailable(refusals.LOST)
    late = DeadlineExceeded(Message("The request did not arrive in time.", "REQUEST_LATE"))
    return {
        "400.http": error_file(InvalidArgument(Message("Not a valid HTTP request.", "NOT_HTTP"))),
        "408.http": error_file(late),
        # Whether to send it again is for the caller to judge.
        "502.http": error_file(lost, retry=False),
    }


def server(node: NodeRoute, instance: InstanceRoute) -> str:
    """Return the words that define a server, in the configuration and in the runtime API."""
    cell = node.type == "cell"
    words = [address(instance.address)]
    if not cell and node.protocol != "http":
        words.append("proto h2")
    words.append(healthcheck.keywords(node.healthcheck, cell=cell))
    if (many := maximum(node)) is not None:
        words.append(f"maxconn {many}")
    return " ".join(words)


def server_name(instance: InstanceRoute) -> str:
    """Return the name of an instance's server.

    An instance that is started again may get another address, and then is another server: what
    HAProxy knows of the old one's health says nothing about it.
    """
    return f"{name(instance.id)}.{zlib.crc32(instance.address.encode()):08x}"


def maximum(node: NodeRoute) -> int | None:
    """Return how many requests an instance gets at a time; None for no limit.

    The only instance of a node has a queue of its own, and nobody to leave requests to.
    """
    if node.concurrency is None:
        return None
    return node.concurrency if len(node.instances) > 1 else 0


def backend(node_id: str) -> str:
    """Return the name of a node's backend."""
    return f"node_{name(node_id)}"


def limit(node: NodeRoute) -> float:
    """Return seconds for an answer."""
    # A cell's request may wait for a worker as long as it may run.
    return 2 * node.timeout + MARGIN if node.type == "cell" else node.timeout


def _section(lines: Iterable[str]) -> str:
    head, *rest = lines
    return "\n".join([head, *(f"    {line}" for line in rest), ""])


def _longest(routes: Routes) -> float:
    """Return the longest silence on any connection, in whole minutes so that it seldom changes."""
    seconds = max(
        (max(limit(node), node.idle_timeout) for node in routes.nodes.values()), default=0.0
    )
    return 60.0 * max(10, -(-seconds // 60))


def _global(routes: Routes) -> list[str]:
    return [
        "global",
        "log stdout format raw local0 info",
        "stats socket unix@run/admin.sock mode 600 level admin expose-fd listeners",
        f"hard-stop-after {int(_longest(routes) + OLD_PROCESS)}s",
        # Under an engine's limit of millions it would reserve memory for as many.
        f"fd-hard-limit {OPEN_FILES}",
        # The longest header: a token of 4 KiB is ours to refuse.
        "tune.bufsize 65536",
    ]


def _defaults(routes: Routes) -> list[str]:
    longest = milliseconds(_longest(routes))
    return [
        "defaults",
        "mode http",
        "log global",
        "timeout connect 2s",
        "timeout http-request 60s",
        "timeout http-keep-alive 120s",
        f"timeout client {longest}ms",
        f"timeout server {longest}ms",
        # Only where nothing was sent: a request is never carried out twice.
        "retry-on conn-failure",
        "retries 3",
        "option redispatch 1",
        # Who left needs no answer.
        "option abortonclose",
        # In a process that was replaced: a client may just be about to use its connection.
        "option idle-close-on-response",
        "errorfile 400 errors/400.http",
        "errorfile 408 errors/408.http",
        "errorfile 502 errors/502.http",
    ]


def _metrics(listen: Listen) -> list[str]:
    if not listen.metrics:
        return []
    allowed = [f"http-request deny unless {{ src {' '.join(listen.scrapers)} }}"]
    return [
        "frontend metrics",
        f"bind {listen.metrics}",
        "no log",
        *(allowed if listen.scrapers else []),
        "http-request use-service prometheus-exporter if { path /metrics }",
        f"http-request return {answer(_NOTHING)}",
    ]


def _gateway(routes: Routes, listen: Listen) -> list[str]:
    tls = f" ssl crt {quoted(listen.certificate)} alpn h2,http/1.1" if listen.certificate else ""
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return [
        "frontend gateway",
        f"bind {host}:{listen.port}{tls}",
        "bind unix@run/handover.sock mode 600",
        "log-format " + quoted(_LOG),
        *_handover(),
        *_request_id(),
        # So that a connection can be kept although its request was refused.
        "http-request wait-for-body time 60s if { req.hdr_val(content-length) 1:32768 }",
        *_own_paths(),
        *_token(routes),
        *_folder(),
        *_target(),
        *_body(routes),
        *_headers(),
        "use_backend successor if { var(txn.handover) -m found }",
        "use_backend node_%[var(txn.node)]",
    ]


_LOG = (
    '{"at":"%[date,utime(%Y-%m-%dT%H:%M:%SZ)]","request":"%[var(txn.id)]",'
    '"node":"%[var(txn.node)]","folder":"%[var(txn.allowed)]","alias":"%[var(txn.alias)]",'
    '"instance":"%s","code":%ST,"ms":%Ta,"end":"%ts"}'
)


def _handover() -> list[str]:
    return [
        "http-request set-var(txn.handover) bool(true) if { stopping }",
        "http-request allow if { var(txn.handover) -m found }",
    ]


def _request_id() -> list[str]:
    return [
        "http-request set-var(txn.id) req.fhdr(x-request-id)",
        # What a caller gives goes into logs: only if it is harmless there.
        f"http-request set-var(txn.id) uuid() unless {{ var(txn.id) -m reg {_REQUEST_ID} }}",
        "http-request set-header x-request-id %[var(txn.id)]",
        "http-after-response set-header x-request-id %[var(txn.id)] if { var(txn.id) -m found }",
    ]


def _own_paths() -> list[str]:
    # The first line is what makes HAProxy load the map that tells the generation.
    own = "{ path_beg /-/ } !{ req.fhdr(x-node-id) -m found } !{ req.fhdr(x-node-alias) -m found }"
    return [
        f"http-request set-var(txn.of) str(generation),map_str(maps/published.map) if {own}",
        f"http-request return {answer(_NOTHING)} if {own}",
    ]


def _token(routes: Routes) -> list[str]:
    """Verify the token; afterwards ``txn.folder`` and ``txn.jti`` are what it says."""
    invalid = answer(Unauthenticated(refusals.INVALID))
    none = answer(Unauthenticated(refusals.NO_TOKEN))
    expired = answer(Unauthenticated(refusals.EXPIRED))
    revoked = answer(Unauthenticated(refusals.REVOKED))
    claims = [
        f"http-request set-var(txn.{claim}) var(txn.token),jwt_payload_query('$.{claim}')"
        for claim in _CLAIMS
    ]
    return [
        f"http-request return {invalid} if {{ req.fhdr_cnt(authorization) gt 1 }}",
        "http-request set-var(txn.token) http_auth_bearer",
        f"http-request return {none} unless {{ var(txn.token),length gt 0 }}",
        f"http-request return {invalid} if {{ var(txn.token),length gt {TOKEN_LIMIT} }}",
        # A signature costs more than all the rest: only the first request with a token pays.
        "http-request set-var(txn.seal) var(txn.token),sha2(256)",
        "http-request set-var(txn.known) bool(true) if { var(txn.seal),in_table(tokens) }",
        (
            f"http-request return {invalid} if !{{ var(txn.known) -m found }} "
            f"!{{ var(txn.token),jwt_header_query('$.alg') -m str {ALGORITHM} }}"
        ),
        (
            f"http-request return {invalid} if !{{ var(txn.known) -m found }} "
            f"!{{ var(txn.token),jwt_verify({ALGORITHM},public.pem) -m int 1 }}"
        ),
        "http-request track-sc0 var(txn.seal) table tokens unless { var(txn.known) -m found }",
        *claims,
        "http-request set-var(txn.exp) var(txn.token),jwt_payload_query('$.exp','int')",
        "http-request set-var(txn.iat) var(txn.token),jwt_payload_query('$.iat')",
        (
            f"http-request return {invalid} unless {{ var(txn.iss) -m str {ISSUER} }} "
            f"{{ var(txn.aud) -m str {quoted(routes.audience)} }} {{ var(txn.exp) -m found }} "
            "{ var(txn.iat) -m found } { var(txn.jti),length gt 0 } "
            "{ var(txn.folder) -m reg ^[A-Za-z0-9._-]+$ }"
        ),
        f"http-request return {expired} if {{ date,neg,add(txn.exp) -m int le 0 }}",
        f"http-request return {revoked} if {{ var(txn.jti),map_str(maps/revoked.map) -m found }}",
    ]


def _folder() -> list[str]:
    other = answer(PermissionDenied(refusals.OTHER_FOLDER))
    without = answer(refusals.no_access("@@"), "var(txn.folder)")
    return [
        f"http-request return {other} if {{ req.fhdr_cnt(x-folder-id) gt 1 }}",
        (
            f"http-request return {other} if {{ req.fhdr_cnt(x-folder-id) gt 0 }} "
            "!{ req.fhdr(x-folder-id),strcmp(txn.folder) eq 0 }"
        ),
        (
            f"http-request return {without} unless "
            "{ var(txn.folder),map_str(maps/folders.map) -m found }"
        ),
        "http-request set-var(txn.allowed) var(txn.folder)",
    ]


def _target() -> list[str]:
    """Find the node; afterwards ``txn.node`` is it."""
    two = answer(InvalidArgument(refusals.TWO_NAMES))
    no_path = answer(NotFound(refusals.NO_PATH))
    shown = "var(txn.name),bytes(0,64),json(utf8s)"
    no_node = answer(refusals.no_node("@@"), shown)
    no_alias = answer(refusals.no_alias("@@"), shown)
    is_alias = "{ var(txn.kind) -m str aliases }"
    by_path = "!{ req.fhdr(x-node-id) -m found } !{ req.fhdr(x-node-alias) -m found }"
    prefix = len(_ALIAS_PREFIX)
    key = "var(txn.kind),concat(/,txn.name)"
    return [
        (
            f"http-request return {two} if {{ req.fhdr_cnt(x-node-id) gt 0 }} "
            "{ req.fhdr_cnt(x-node-alias) gt 0 }"
        ),
        "http-request set-var(txn.kind) str(nodes) if { req.fhdr(x-node-id) -m found }",
        "http-request set-var(txn.kind) str(aliases) if { req.fhdr(x-node-alias) -m found }",
        "http-request set-var(txn.name) req.fhdr(x-node-id) if { req.fhdr(x-node-id) -m found }",
        (
            "http-request set-var(txn.name) req.fhdr(x-node-alias) "
            "if { req.fhdr(x-node-alias) -m found }"
        ),
        f"http-request set-var(txn.by_path) bool(true) if {by_path}",
        "http-request set-var(txn.path) path,url_dec if { var(txn.by_path) -m found }",
        f"http-request return {no_path} if {{ var(txn.by_path) -m found }} !METH_POST",
        (
            f"http-request return {no_path} if {{ var(txn.by_path) -m found }} "
            f"!{{ var(txn.path) -m reg {quoted(_EXECUTE)} }}"
        ),
        "http-request set-var(txn.kind) var(txn.path),word(-2,/) if { var(txn.by_path) -m found }",
        (
            "http-request set-var(txn.name) var(txn.path),word(-1,/),field(1,:) "
            "if { var(txn.by_path) -m found }"
        ),
        (
            f"http-request set-var(txn.name) var(txn.name),bytes({prefix}) if {is_alias} "
            f"{{ var(txn.name) -m beg {_ALIAS_PREFIX} }}"
        ),
        f"http-request set-var(txn.access) {key},concat(/,txn.folder),map_str(maps/access.map)",
        f"http-request return {no_alias} if !{{ var(txn.access) -m found }} {is_alias}",
        f"http-request return {no_node} if !{{ var(txn.access) -m found }}",
        f"http-request set-var(txn.alias) var(txn.name) if {is_alias}",
        f"http-request set-var(txn.node) var(txn.name) unless {is_alias}",
        f"http-request set-var(txn.refusal) {key},map_str(maps/refusals.map)",
        (
            "http-request return status 503 content-type application/json hdr retry-after 1 "
            'lf-string "%[var(txn.refusal),b64dec]" if { var(txn.refusal) -m found }'
        ),
        # An alias: a slot at random.
        (
            "http-request set-var(txn.slots) var(txn.name),map_str_int(maps/totals.map,1) "
            f"if {is_alias}"
        ),
        f"http-request set-var(txn.slot) rand,mod(txn.slots) if {is_alias}",
        (
            "http-request set-var(txn.node) var(txn.name),concat(/,txn.slot),"
            f"map_str(maps/targets.map) if {is_alias}"
        ),
    ]


def _body(routes: Routes) -> list[str]:
    size = routes.body_limit
    text = f"The body is over {size} bytes."
    large = answer(TooLarge(Message(text, "BODY_TOO_LARGE", limit=size)))
    return [f"http-request return {large} if {{ req.hdr_val(content-length) gt {size} }}"]


def _headers() -> list[str]:
    route = "%[var(txn.kind)]/%[var(txn.name)]/%[var(txn.node)]/%[var(txn.node)]"
    return [
        "http-request set-path /v1/nodes/%[var(txn.node)]:execute if { var(txn.by_path) -m found }",
        "http-request del-header authorization",
        "http-request del-header proxy-authorization",
        "http-request set-header x-folder-id %[var(txn.folder)]",
        f"http-request set-header {_ROUTE} {route}",
    ]


def _elsewhere() -> list[str]:
    node = answer(refusals.nobody("Node @@"), "var(txn.name)")
    alias = answer(refusals.nobody("Alias @@"), "var(txn.name)")
    is_alias = "{ var(txn.kind) -m str aliases }"
    return [
        "frontend elsewhere",
        "bind unix@run/elsewhere.sock mode 600",
        "no log",
        *(
            f"http-request set-var(txn.{part}) req.fhdr({_ROUTE}),field({number},/)"
            for number, part in enumerate(("kind", "name", "first", "last"), start=1)
        ),
        f"http-request return {node} unless {is_alias}",
        "http-request set-var(txn.node) var(txn.name),concat(/,txn.last),map_str(maps/next.map)",
        f"http-request return {alias} unless {{ var(txn.node) -m found }}",
        f"http-request return {alias} if {{ var(txn.node),strcmp(txn.first) eq 0 }}",
        (
            f"http-request set-header {_ROUTE} "
            "aliases/%[var(txn.name)]/%[var(txn.first)]/%[var(txn.node)]"
        ),
        (
            "http-request set-path /v1/nodes/%[var(txn.node)]:execute "
            "unless { req.fhdr(x-node-alias) -m found }"
        ),
        "use_backend node_%[var(txn.node)]",
    ]


def _node(node_id: str, node: NodeRoute) -> list[str]:
    cell = node.type == "cell"
    seconds = limit(node)
    late = answer(refusals.late(seconds))
    text = f"No instance took the request within {seconds:g} s."
    nobody = answer(Unavailable(Message(text, "REQUEST_NOT_TAKEN", seconds=seconds)))
    full = answer(ResourceExhausted(Message("The queue is full; try again later.", "QUEUE_FULL")))
    elsewhere = "proto h2" if node.protocol != "http" else ""
    return [
        f"backend {backend(node_id)}",
        "balance leastconn",
        f"timeout server {milliseconds(seconds)}ms",
        f"timeout queue {milliseconds(seconds)}ms",
        f"timeout tunnel {milliseconds(node.idle_timeout)}ms",
        f"http-error {late}",
        f"http-error {nobody}",
        *healthcheck.lines(node.healthcheck, cell=cell),
        f"http-request return {full} if {{ queue ge {QUEUE} }}",
        *(_cell_headers() if cell else _stream_timeouts(node)),
        *(
            f"server {server_name(instance)} {server(node, instance)}"
            for instance in node.instances
        ),
        f"server elsewhere unix@run/elsewhere.sock backup {elsewhere}".rstrip(),
    ]


def _cell_headers() -> list[str]:
    """Keep from a cell what is meant for one hop only; a Docker node may need it."""
    both = ("connection", "keep-alive", "upgrade", "proxy-connection")
    return [
        *(f"http-request del-header {header}" for header in (*both, "te", "trailer")),
        *(f"http-response del-header {header}" for header in (*both, "proxy-authenticate")),
    ]


def _stream_timeouts(node: NodeRoute) -> list[str]:
    """Give a stream its own patience: HAProxy has one for an answer's begin and for its middle."""
    idle = milliseconds(node.idle_timeout)
    return [
        f"http-request set-timeout server {idle}ms if {{ {kind} }}"
        for kind in (
            "req.fhdr(accept) -m sub text/event-stream",
            "req.fhdr(content-type) -m beg application/grpc",
        )
    ]
