"""The rules that a request passes: who it is from, which node it is for, what goes along."""

from __future__ import annotations

from ...errors import InvalidArgument, Message, NotFound, PermissionDenied
from ...web import execute_path
from ..routes import Routes
from . import authentication, limits, refusals
from .listen import Listen
from .syntax import answer, quoted

_ALIAS_PREFIX = "datasphere.user."
_ROUTE = "x-node-deploy-route"
_REQUEST_ID = r"^[A-Za-z0-9._-]{1,128}$"
#: That of the node which was found.
_PATH = execute_path.of_node("%[var(txn.node)]")
NOTHING = NotFound(Message("No such path.", "NO_SUCH_PATH"))


def gateway(routes: Routes, listen: Listen) -> list[str]:
    """Return the section of the frontend that clients speak to."""
    tls = f" ssl crt {quoted(listen.certificate)} alpn h2,http/1.1" if listen.certificate else ""
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return [
        "frontend gateway",
        f"bind {host}:{listen.port}{tls}",
        "bind unix@run/handover.sock mode 600",
        *limits.connections(routes.limits),
        "log-format " + quoted(_LOG),
        # Before anything is decided: meanwhile this process may be replaced, or the routes.
        *limits.arrival(routes.limits),
        *_handover(),
        *_request_id(),
        *_form(),
        *limits.body(routes.limits),
        *_own_paths(),
        *authentication.token(routes),
        *limits.rate(routes.limits),
        *_folder(),
        *_target(),
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


def _form() -> list[str]:
    """Let one form of a request remain where HTTP has several."""
    connect = answer(InvalidArgument(Message("This is no proxy for CONNECT.", "NO_PROXY")))
    return [
        f"http-request return {connect} if METH_CONNECT",
        # As it may be written to a proxy: http://host/path
        "http-request set-uri %[pathq] unless { url -m beg / } or { url -m str * }",
    ]


def _own_paths() -> list[str]:
    # The first line is what makes HAProxy load the map that tells the generation.
    own = "{ path_beg /-/ } !{ req.fhdr(x-node-id) -m found } !{ req.fhdr(x-node-alias) -m found }"
    return [
        f"http-request set-var(txn.of) str(generation),map_str(maps/published.map) if {own}",
        f"http-request return {answer(NOTHING)} if {own}",
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
    by_path = "{ var(txn.by_path) -m found }"
    execute = f"{{ var(txn.path) -m reg {quoted(execute_path.PATTERN)} }}"
    prefix = len(_ALIAS_PREFIX)
    key = "var(txn.kind),concat(/,txn.name)"
    return [
        "http-request set-var(txn.names) req.fhdr_cnt(x-node-alias)",
        "http-request set-var(txn.names) req.fhdr_cnt(x-node-id),add(txn.names)",
        f"http-request return {two} if {{ var(txn.names) -m int gt 1 }}",
        "http-request set-var(txn.by_path) bool(true) if { var(txn.names) -m int 0 }",
        "http-request set-var(txn.kind) str(nodes)",
        f"http-request set-var(txn.name) req.fhdr(x-node-id) unless {by_path}",
        f"http-request set-var(txn.kind) str(aliases) if !{by_path} !{{ var(txn.name) -m found }}",
        f"http-request set-var(txn.name) req.fhdr(x-node-alias) if {is_alias}",
        f"http-request set-var(txn.path) path,url_dec if {by_path}",
        f"http-request return {no_path} if {by_path} !METH_POST",
        f"http-request return {no_path} if {by_path} !{execute}",
        f"http-request set-var(txn.kind) var(txn.path),word(-2,/) if {by_path}",
        f"http-request set-var(txn.name) var(txn.path),word(-1,/),field(1,:) if {by_path}",
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
        # An alias: a share at random.
        (
            "http-request set-var(txn.shares) var(txn.name),map_str_int(maps/totals.map,1) "
            f"if {is_alias}"
        ),
        f"http-request set-var(txn.share) rand,mod(txn.shares) if {is_alias}",
        (
            "http-request set-var(txn.node) var(txn.name),concat(/,txn.share),"
            f"map_str(maps/targets.map) if {is_alias}"
        ),
    ]


def _headers() -> list[str]:
    route = "%[var(txn.kind)]/%[var(txn.name)]/%[var(txn.node)]/%[var(txn.node)]"
    return [
        f"http-request set-path {_PATH} if {{ var(txn.by_path) -m found }}",
        "http-request del-header authorization",
        "http-request del-header proxy-authorization",
        "http-request set-header x-folder-id %[var(txn.folder)]",
        f"http-request set-header {_ROUTE} {route}",
    ]


def elsewhere() -> list[str]:
    """Return the section of the frontend for requests that no instance of a node took."""
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
        f"http-request set-path {_PATH} unless {{ req.fhdr(x-node-alias) -m found }}",
        "use_backend node_%[var(txn.node)]",
    ]
