"""What the gateway promises, seen by a client and by an instance."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.gateway.routes import AliasRoute, Limits, NodeRoute, TargetRoute
from jupyter_node_deploy.web.message import Response

from ...support.waiting import until

EXECUTE = "/v1/nodes/node1:execute"


def node(*instances, acl=("f1",), status="HEALTHY", kind="cell", **rest) -> NodeRoute:
    return NodeRoute(type=kind, acl=acl, status=status, instances=instances, **rest)


def alias(*targets, acl=("f1",)) -> AliasRoute:
    return AliasRoute(acl=acl, targets=tuple(TargetRoute(*target) for target in targets))


def assert_error(response, status, code, *words, reason=None):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body.keys() - {"reason", "metadata"} == {"code", "message", "details"}
    assert body["code"] == code
    for word in words:
        assert word in body["message"]
    assert reason in (None, body["reason"])
    for value in body.get("metadata", {}).values():  # the message is filled with it
        assert value == "" or str(value) in body["message"] or value == body["metadata"]["status"]


# --- routing ---


@pytest.mark.parametrize("prefix", ["", "/datasphere"])
def test_execute_reaches_the_node(bench, upstream, prefix):
    bench.serve(upstream)
    body = b'{"folder_id": "f1", "input": {"x": "\xc3\xa4"}}'
    response = bench.post(prefix + EXECUTE, data=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    seen = upstream.requests[0]
    assert seen.method == "POST"
    assert seen.path == EXECUTE
    assert seen.body == body
    assert seen.headers["content-type"] == "application/json"


def test_colon_may_be_encoded(bench, upstream):
    bench.serve(upstream)
    url = urlsplit(bench.url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("POST", "/v1/nodes/node1%3Aexecute", b"{}", bench.tokens.headers("f1"))
    assert connection.getresponse().status == 200
    assert upstream.requests[0].path == EXECUTE


def test_body_is_not_looked_into(bench, upstream):
    bench.serve(upstream)
    assert bench.post(data=b"\x00\xffnot json").status_code == 200
    assert upstream.requests[0].body == b"\x00\xffnot json"


def test_large_bodies_pass_both_ways(bench, upstream):
    bench.serve(upstream)
    body = bytes(range(128)) * 40_000
    response = bench.post(data=body)
    assert response.json()["body"].encode("latin-1") == body


def test_chunked_body(bench, upstream):
    bench.serve(upstream)
    assert bench.post(data=iter([b'{"input"', b": {}}"])).status_code == 200
    seen = upstream.requests[0]
    assert seen.body == b'{"input": {}}'


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_header_routed_form_passes_everything(bench, upstream, method):
    bench.serve(upstream)
    headers = bench.tokens.headers("f1") | {"x-node-id": "node1", "x-folder-id": "f1", "x-own": "1"}
    response = requests.request(
        method, f"{bench.url}/any/path?a=1&b=%20", headers=headers, data=b"[1]", timeout=60
    )
    assert response.status_code == 200
    seen = upstream.requests[0]
    assert (seen.method, seen.target, seen.body) == (method, "/any/path?a=1&b=%20", b"[1]")
    assert seen.headers["x-own"] == "1"


def test_head_answers_without_body(bench, upstream):
    bench.serve(upstream)
    headers = bench.tokens.headers("f1") | {"x-node-id": "node1"}
    response = requests.head(f"{bench.url}/", headers=headers, timeout=60)
    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize("name", ["steady", "datasphere.user.steady"])
def test_header_routed_alias(bench, upstream, name):
    bench.serve(upstream, aliases={"steady": alias(("node1", 1))})
    assert bench.post("/", headers={"x-node-alias": name}).status_code == 200
    assert upstream.requests[0].target == "/"


def test_header_routed_form_names_one_thing(bench, upstream):
    bench.serve(upstream, aliases={"steady": alias(("node1", 1))})
    both = {"x-node-alias": "steady", "x-node-id": "node1"}
    assert_error(bench.post("/", headers=both), 400, 3, reason="NODE_OR_ALIAS")
    assert upstream.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1/nodes/node1",
        "/v1/nodes/:execute",
        "/v2/nodes/node1:execute",
        "/v1/nodes/a/b:execute",
    ],
)
def test_unknown_path(bench, upstream, path):
    bench.serve(upstream)
    assert_error(bench.post(path), 404, 5, reason="NO_SUCH_PATH")


def test_execute_takes_only_post(bench, upstream):
    bench.serve(upstream)
    response = requests.get(bench.url + EXECUTE, headers=bench.tokens.headers("f1"), timeout=60)
    assert_error(response, 404, 5, reason="NO_SUCH_PATH")


def test_instance_on_unix_socket(bench, make_upstream):
    place = bench.gateway.home.instances / "i"
    place.mkdir(mode=0o700, exist_ok=True)
    upstream = make_upstream("a", f"unix:{place}/s")
    Owner.current().give(place)  # HAProxy's container has a user of its own
    bench.serve(upstream)
    assert bench.post().json()["instance"] == "a"


# --- authentication ---


def unsigned(claims):
    return jwt.encode(claims, "", algorithm="none")


def signed_with_public_key(bench, claims):
    """HS256, with the public key as if it were a shared secret."""
    secret = (bench.gateway.home.gateway / "public.pem").read_bytes()

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    message = part({"alg": "HS256", "typ": "JWT"}) + b"." + part(claims)
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return (message + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


def with_other_payload(token, claims):
    head, _, signature = token.split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{head}.{payload}.{signature}"


BAD = {
    "none": lambda b: None,
    "empty": lambda b: "",
    "basic": lambda b: "Basic dXNlcjpwYXNz",
    "bearer without token": lambda b: "Bearer ",
    "garbage": lambda b: "Bearer garbage",
    "three parts": lambda b: "Bearer a.b.c",
    "binary": lambda b: b"Bearer \xff\xfe.\xfd.\xfc",
    "long": lambda b: "Bearer " + "a" * 20_000,
    "expired": lambda b: f"Bearer {b.tokens.make('f1', exp=int(time.time()) - 5)}",
    "other key": lambda b: (
        "Bearer "
        + jwt.encode(
            b.tokens.claims("f1"), ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"
        )
    ),
    "cut signature": lambda b: f"Bearer {b.tokens.make('f1')[:-4]}",
    "other payload": lambda b: (
        "Bearer " + with_other_payload(b.tokens.make("f2"), b.tokens.claims("f1"))
    ),
    "alg none": lambda b: f"Bearer {unsigned(b.tokens.claims('f1'))}",
    "HS256 with the public key": lambda b: (
        "Bearer " + signed_with_public_key(b, b.tokens.claims("f1"))
    ),
    "wrong audience": lambda b: f"Bearer {b.tokens.make('f1', aud='another')}",
    "wrong issuer": lambda b: f"Bearer {b.tokens.make('f1', iss='another')}",
    "no audience": lambda b: f"Bearer {b.tokens.make('f1', aud=None)}",
    "no issuer": lambda b: f"Bearer {b.tokens.make('f1', iss=None)}",
    "no expiry": lambda b: f"Bearer {b.tokens.make('f1', exp=None)}",
    "no id": lambda b: f"Bearer {b.tokens.make('f1', jti=None)}",
    "no folder": lambda b: f"Bearer {b.tokens.make('f1', folder=None)}",
    "folder not text": lambda b: f"Bearer {b.tokens.make('f1', folder=['f1'])}",
    "empty folder": lambda b: f"Bearer {b.tokens.make('f1', folder='')}",
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_token_is_refused(bench, upstream, kind):
    bench.serve(upstream)
    value = BAD[kind](bench)
    headers = {} if value is None else {"Authorization": value}
    response = requests.post(bench.url + EXECUTE, headers=headers, data=b"{}", timeout=60)
    assert_error(response, 401, 16)
    assert response.headers["www-authenticate"] == "Bearer"
    assert upstream.requests == []


def test_two_tokens_are_none(bench, upstream):
    bench.serve(upstream)
    url = urlsplit(bench.url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.putrequest("POST", EXECUTE)
    for folder in ("f1", "f1"):
        connection.putheader("Authorization", f"Bearer {bench.tokens.make(folder)}")
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    assert connection.getresponse().status == 401


def test_scheme_in_any_case(bench, upstream):
    bench.serve(upstream)
    response = bench.post(headers={"Authorization": f"bearer {bench.tokens.make('f1')}"})
    assert response.status_code == 200


def test_token_is_refused_from_its_expiry_on(bench, upstream):
    bench.serve(upstream)
    expiry = int(time.time()) + 2
    headers = {"Authorization": f"Bearer {bench.tokens.make('f1', exp=expiry)}"}
    assert bench.post(headers=headers).status_code == 200  # now it is remembered
    time.sleep(expiry - time.time() + 0.01)
    assert_error(bench.post(headers=headers), 401, 16, "expired", reason="TOKEN_EXPIRED")


def test_revoked_token_is_refused(bench, upstream):
    bench.serve(upstream)
    headers = {"Authorization": f"Bearer {bench.tokens.make('f1', jti='gone')}"}
    assert bench.post(headers=headers).status_code == 200  # now it is remembered
    bench.serve(upstream, revoked={"gone": time.time() + 600})
    assert_error(bench.post(headers=headers), 401, 16, "revoked", reason="TOKEN_REVOKED")
    assert bench.post().status_code == 200  # another token of the folder


# --- access ---


def test_folder_without_any_access_learns_nothing(bench, upstream):
    bench.serve(upstream, aliases={"steady": alias(("node1", 1))})
    bodies = [
        bench.post(path, folder="f9").json()
        for path in (EXECUTE, "/v1/nodes/none:execute", "/v1/aliases/steady:execute")
    ]
    assert_error(bench.post(folder="f9"), 403, 7, reason="FOLDER_HAS_NO_ACCESS")
    assert bodies[0] == bodies[1] == bodies[2]


def test_foreign_node_looks_like_none(bench, make_upstream):
    mine, foreign = make_upstream("mine"), make_upstream("foreign")
    bench.gateway.publish(
        {
            "node1": node(mine.route),
            "node2": node(foreign.route, acl=("f2",)),
            "node3": node(acl=("f2",), status="SUSPENDED"),
        }
    )
    answers = {
        name: bench.post(f"/v1/nodes/{name}:execute") for name in ("none1", "node2", "node3")
    }
    for answer in answers.values():
        assert_error(answer, 404, 5)
    texts = {answer.text.replace(name, "ID") for name, answer in answers.items()}
    assert len(texts) == 1
    assert bench.post("/v1/nodes/node2:execute", folder="f2").json()["instance"] == "foreign"
    assert len(foreign.requests) == 1


def test_foreign_alias_looks_like_none(bench, upstream):
    bench.serve(
        upstream,
        aliases={"open": alias(("node1", 1)), "theirs": alias(("node1", 1), acl=("f2",))},
    )
    theirs = bench.post("/v1/aliases/theirs:execute")
    none = bench.post("/v1/aliases/nosuch:execute")
    assert_error(theirs, 404, 5)
    assert theirs.text.replace("theirs", "ID") == none.text.replace("nosuch", "ID")


def test_node_of_several_folders(bench, upstream):
    bench.gateway.publish({"node1": node(upstream.route, acl=("f1", "f2"))})
    for folder in ("f1", "f2"):
        assert bench.post(folder=folder).status_code == 200
        assert upstream.requests[-1].headers["x-folder-id"] == folder


def test_folder_header_must_be_the_tokens(bench, upstream):
    bench.gateway.publish({"node1": node(upstream.route, acl=("f1", "f2"))})
    assert bench.post(headers={"x-folder-id": "f1"}).status_code == 200
    assert_error(bench.post(headers={"x-folder-id": "f2"}), 403, 7, reason="TOKEN_OF_OTHER_FOLDER")
    assert_error(bench.post(headers={"x-folder-id": "f9"}), 403, 7, reason="TOKEN_OF_OTHER_FOLDER")
    assert len(upstream.requests) == 1


# --- aliases ---


def test_alias_splits_by_weight(bench, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    bench.gateway.publish(
        {"node1": node(a.route), "node2": node(b.route)},
        aliases={"steady": alias(("node1", 75), ("node2", 25))},
    )
    session = requests.Session()
    headers = bench.tokens.headers("f1")
    seen = Counter(
        session.post(f"{bench.url}/v1/aliases/steady:execute", headers=headers, timeout=60).json()[
            "instance"
        ]
        for _ in range(400)
    )
    # 300 expected, standard deviation 8.7: outside of this once in millions of runs.
    assert 250 < seen["a"] < 350
    assert seen["a"] + seen["b"] == 400


def test_alias_of_nodes_that_the_caller_may_not_call(bench, upstream):
    bench.gateway.publish(
        {"node1": node(upstream.route, acl=("f2",))}, aliases={"steady": alias(("node1", 1))}
    )
    assert bench.post("/v1/aliases/steady:execute").status_code == 200
    assert_error(bench.post(), 404, 5)


def test_alias_leaves_out_what_is_not_ready(bench, upstream, dead):
    bench.gateway.publish(
        {
            "node1": node(upstream.route),
            "node2": node(status="SUSPENDED"),
            "node3": node(dead),
        },
        aliases={"steady": alias(("node1", 1), ("node2", 500), ("node3", 500), ("gone", 500))},
    )
    for _ in range(10):
        assert bench.post("/v1/aliases/steady:execute").status_code == 200


def test_alias_with_nothing_ready_does_not_reveal_the_node(bench, upstream):
    bench.gateway.publish(
        {"node2": node(acl=("f2",), status="FAILED", reason="secret reason")},
        aliases={"steady": alias(("node2", 1)), "empty": alias(("gone", 1))},
    )
    response = bench.post("/v1/aliases/steady:execute")
    assert_error(response, 503, 14, "steady", reason="NODE_NOT_READY")
    assert "node2" not in response.text
    assert "secret reason" not in response.text
    assert_error(
        bench.post("/v1/aliases/empty:execute"), 503, 14, "empty", reason="ALIAS_HAS_NO_NODE"
    )


# --- states and failures ---


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("CREATED", "starting"),
        ("PREPARING", "starting"),
        ("UNHEALTHY", "no healthy instance"),
        ("FAILED", "could not be started"),
        ("DELETING", "deleted"),
        ("HEALTHY", "no healthy instance"),
    ],
)
def test_node_without_instances_says_why(bench, status, words):
    bench.gateway.publish({"node1": node(status=status, reason="the worker ran out of memory")})
    response = bench.post()
    assert_error(
        response, 503, 14, words, "the worker ran out of memory", "node1", reason="NODE_NOT_READY"
    )
    assert "retry-after" in response.headers


@pytest.mark.parametrize("status", ["PREPARING", "FAILED", "UNHEALTHY"])
def test_old_revision_serves_while_the_new_one_does_not(bench, upstream, status):
    bench.gateway.publish({"node1": node(upstream.route, status=status)})
    assert bench.post().status_code == 200


def test_suspended_node_gets_nothing(bench, upstream):
    bench.gateway.publish({"node1": node(upstream.route, status="SUSPENDED")})
    assert_error(bench.post(), 503, 14, "suspended", reason="NODE_NOT_READY")
    assert upstream.requests == []


def test_dead_instance_is_passed_over(bench, make_upstream, dead):
    alive = make_upstream("alive")
    bench.gateway.publish({"node1": node(dead, alive.route)})
    for _ in range(20):
        assert bench.post().json()["instance"] == "alive"


def test_all_instances_dead(bench, dead):
    bench.gateway.publish({"node1": node(dead)})
    assert_error(bench.post(), 503, 14, "no healthy instance", reason="NO_INSTANCE_ACCEPTS")


def test_instance_that_comes_back_gets_requests_again(bench, make_upstream):
    first = make_upstream("first")
    bench.serve(first)
    assert bench.post().status_code == 200
    first.close()
    assert bench.post().status_code == 503
    make_upstream("second", first.address)
    response = until(lambda: (got := bench.post()).status_code != 503 and got)
    assert response.json()["instance"] == "second"


def test_lost_request_is_not_sent_twice(bench, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")

    for upstream in (a, b):

        async def die(request, upstream=upstream):
            for connection in list(upstream._server.connections):
                connection.abort()
            await asyncio.sleep(60)

        upstream.answer = die
    bench.serve(a, b)
    assert_error(bench.post(), 503, 14, "may have been carried out", reason="ANSWER_CUT_OFF")
    assert len(a.requests) + len(b.requests) == 1


def test_timeout(bench, upstream):
    async def sleep(request):
        await asyncio.sleep(60)

    upstream.answer = sleep
    bench.gateway.publish({"node1": node(upstream.route, timeout=0.2)})
    assert_error(bench.post(), 504, 4, reason="INSTANCE_TIMEOUT")


def test_answers_of_the_instance_pass_unchanged(bench, upstream):
    async def refuse(request):
        body = b'{"code":8,"message":"queue full","details":[]}'
        return Response(
            429, body, {"content-type": "application/json", "retry-after": "7", "x-own": "1"}
        )

    upstream.answer = refuse
    bench.serve(upstream)
    response = bench.post()
    assert response.status_code == 429
    assert response.content == b'{"code":8,"message":"queue full","details":[]}'
    assert response.headers["retry-after"] == "7"
    assert response.headers["x-own"] == "1"


def test_body_over_the_limit(bench, upstream):
    bench.serve(upstream, limits=Limits(body=1000))
    assert bench.post(data=b"a" * 1000).status_code == 200
    assert_error(bench.post(data=b"a" * 1001), 413, 8, reason="BODY_TOO_LARGE")
    for length in (2**31, 3_000_000_000, 2**32 + 4, 2**63 - 1):  # more than its numbers hold
        url = urlsplit(bench.url)
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=30)
        connection.putrequest("POST", EXECUTE)
        headers = bench.tokens.headers("f1") | {"content-length": str(length)}
        for header in headers.items():
            connection.putheader(*header)
        connection.endheaders(b"{}")
        assert connection.getresponse().status == 413, length
        connection.close()
    # Before anybody looks at the token.
    stranger = requests.post(bench.url + EXECUTE, data=b"a" * 1001, timeout=60)
    assert_error(stranger, 413, 8, reason="BODY_TOO_LARGE")
    assert len(upstream.requests) == 1
    # Nobody knows the size of a chunked one before its end: an instance has a limit of its own.
    assert bench.post(data=iter([b"a" * 1001])).status_code == 200


def test_rate_of_a_token(bench, upstream):
    bench.serve(upstream, limits=Limits(rate=5))
    headers = bench.tokens.headers("f1")
    answers = [bench.post(headers=headers) for _ in range(20)]
    assert answers[0].status_code == 200
    assert_error(answers[-1], 429, 8, reason="TOO_MANY_REQUESTS")
    assert answers[-1].headers["retry-after"] == "1"
    other = {"Authorization": f"Bearer {bench.tokens.make('f1', jti='another')}"}
    assert bench.post(headers=other).status_code == 200
    time.sleep(2.1)  # the window slides
    assert bench.post(headers=headers).status_code == 200


def test_connections_of_an_address(bench, upstream):
    bench.serve(upstream, limits=Limits(connections=3))
    url = urlsplit(bench.url)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection((url.hostname, url.port)))
        with pytest.raises(requests.ConnectionError):
            bench.post()

    def served() -> int:
        try:
            return bench.post().status_code
        except requests.ConnectionError:
            return 0

    assert until(served) == 200  # when it has seen that they are closed


# --- headers ---


def test_token_does_not_reach_the_instance(bench, upstream):
    bench.serve(upstream)
    bench.post()
    assert "authorization" not in upstream.requests[0].headers


def test_folder_is_the_verified_one(bench, upstream):
    bench.serve(upstream)
    bench.post(headers={"Connection": "x-folder-id, x-request-id"})
    seen = upstream.requests[0].headers
    assert seen["x-folder-id"] == "f1"
    assert seen["x-request-id"]


def test_request_id_is_kept_or_made(bench, upstream):
    bench.serve(upstream)
    kept = bench.post(headers={"x-request-id": "My-id_1.2"})
    assert upstream.requests[0].headers["x-request-id"] == "My-id_1.2"
    assert kept.headers["x-request-id"] == "My-id_1.2"
    made = bench.post()
    assert upstream.requests[1].headers["x-request-id"] == made.headers["x-request-id"]
    replaced = bench.post(headers={"x-request-id": 'a"b c'})
    assert replaced.headers["x-request-id"] == upstream.requests[2].headers["x-request-id"]
    assert replaced.headers["x-request-id"] not in ('a"b c', made.headers["x-request-id"])
    assert requests.post(bench.url + EXECUTE, timeout=60).headers["x-request-id"]


def test_hop_by_hop_headers_stay(bench, upstream):
    async def answer(request):
        return Response(200, b"ok", {"keep-alive": "timeout=1", "upgrade": "x", "x-own": "1"})

    upstream.answer = answer
    bench.serve(upstream)
    hop = {"TE": "trailers", "Proxy-Authorization": "Basic x", "Keep-Alive": "1", "Upgrade": "x"}
    response = bench.post(headers=hop | {"x-own": "1"})
    seen = upstream.requests[0].headers
    assert seen["x-own"] == "1"
    assert not {name.lower() for name in hop} & set(seen)
    assert response.headers["x-own"] == "1"
    assert "keep-alive" not in response.headers
    assert "upgrade" not in response.headers


# --- load ---


def test_connection_is_kept_alive(bench, upstream):
    bench.serve(upstream)
    url = urlsplit(bench.url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.connect()
    sock = connection.sock
    for path in (EXECUTE, "/v1/nodes/none:execute", EXECUTE):  # also after an error
        connection.request("POST", path, b"{}", bench.tokens.headers("f1"))
        connection.getresponse().read()
        assert connection.sock is sock
    connection.close()
    assert len(upstream.requests) == 2


def test_many_at_once_each_get_their_own_answer(bench, make_upstream):
    bench.serve(make_upstream("a"), make_upstream("b"))
    headers = bench.tokens.headers("f1")

    def call(worker):
        with requests.Session() as session:
            for number in range(20):
                body = f"{worker}-{number}"
                response = session.post(bench.url + EXECUTE, headers=headers, data=body, timeout=60)
                assert response.json()["body"] == body
        return 20

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(call, range(16))) == 320


def test_idle_instance_comes_before_a_busy_one(bench, make_upstream):
    busy, idle = make_upstream("busy"), make_upstream("idle")
    release = asyncio.Event()

    async def wait(request):
        await release.wait()
        return await busy.echo(request)

    busy.answer = wait
    bench.serve(busy, idle)
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(bench.post)
        while not busy.requests:  # until one is stuck there
            if stuck.done():
                stuck = pool.submit(bench.post)
            time.sleep(0.01)
        for _ in range(6):
            assert bench.post().json()["instance"] == "idle"
        busy._loop.call_soon_threadsafe(release.set)
        assert stuck.result().json()["instance"] == "busy"


def test_new_routes_lose_no_request(bench, make_upstream):
    """Instances change under load; the old one is only closed after the new routes are in."""
    current = make_upstream("i0")
    bench.serve(current)
    stop = threading.Event()
    headers = bench.tokens.headers("f1")

    def call(_worker):
        answers = Counter[int]()
        with requests.Session() as session:
            while not stop.is_set():
                answers[
                    session.post(bench.url + EXECUTE, headers=headers, timeout=60).status_code
                ] += 1
        return answers

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(call, worker) for worker in range(4)]
        try:
            for number in range(1, 11):
                fresh = make_upstream(f"i{number}")
                bench.serve(fresh)
                current._run(current._server.stop(30))  # drained, as a backend does
                current = fresh
        finally:
            stop.set()
        answers = sum((call.result() for call in calls), Counter[int]())
    assert set(answers) == {200}


def test_request_of_a_caller_who_left_is_given_up(bench, upstream):
    async def sleep(request):
        await asyncio.sleep(60)

    upstream.answer = sleep
    bench.serve(upstream)
    url = urlsplit(bench.url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("POST", EXECUTE, b"{}", bench.tokens.headers("f1"))
    until(lambda: upstream.requests)
    connection.close()
    assert until(lambda: upstream.cancelled) == 1


def test_tokens_are_not_in_the_log(bench, upstream):
    bench.serve(upstream)
    good = bench.tokens.make("f1", jti="secret-token")
    bad = good[:-3]
    for token in (good, bad):
        headers = {"Authorization": f"Bearer {token}"}
        requests.post(bench.url + EXECUTE, headers=headers, timeout=60)
        requests.post(f"{bench.url}/{token}", headers=headers, timeout=60)
    text = bench.gateway.log
    assert '"code":401' in text
    for token in (good, bad):
        for part in token.split("."):
            assert part not in text
