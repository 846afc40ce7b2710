"""What is on the wire: each form of a request that could be read in two ways is read in one.

HAProxy's own parser refuses what is no HTTP, with its own page and not with our JSON: it has no
way to say anything else there. All that is HTTP gets JSON.
"""

import asyncio
import contextlib
import json
import socket
import threading
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psutil
import pytest

from jupyter_node_deploy.gateway.configuration import limits
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
from jupyter_node_deploy.web.message import Response

from ...support.waiting import until

EXECUTE = "/v1/nodes/node1:execute"
CHUNKED = "Transfer-Encoding: chunked"
REQUEST = "POST {target} HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n{headers}\r\n\r\n"


def connect(bench, timeout=30.0) -> socket.socket:
    url = urlsplit(bench.url)
    return socket.create_connection((url.hostname, url.port), timeout)


def request(bench, *headers: str, target=EXECUTE, body="{}", close=True) -> bytes:
    """Return the bytes of a request."""
    lines = [*headers, *(["Connection: close"] if close else [])]
    if not any(line.lower().startswith(("transfer-", "content-length")) for line in headers):
        lines.append(f"Content-Length: {len(body)}")
    token = bench.tokens.headers("f1")["Authorization"]
    head = REQUEST.format(target=target, token=token, headers="\r\n".join(lines))
    return (head + body).encode("latin-1")


def send(bench, data: bytes) -> tuple[int, bytes]:
    """Return status and body of the answer, after which the connection must be closed."""
    with connect(bench) as client:
        client.sendall(data)
        return parse(client.makefile("rb").read())


def parse(answer: bytes) -> tuple[int, bytes]:
    while answer.startswith(b"HTTP/1.1 100"):
        answer = answer.partition(b"\r\n\r\n")[2]
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


# --- one request, whatever it looks like ---


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(["Content-Length: 2", "Content-Length: 2"], id="the same length twice"),
        pytest.param(["Expect: 100-continue"], id="asks whether to go on"),
        pytest.param(["X-Own: one", " two"], id="a folded header"),
        pytest.param(["Host: a"], id="the same host twice"),
        pytest.param(["x_folder_id: f9", "x-node-deploy-route: nodes/x/y/z"], id="our own names"),
        pytest.param(
            ["Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", "Connection: Upgrade"],
            id="offers HTTP/2, as Java and curl do",
        ),
    ],
)
def test_headers_that_change_nothing(bench, upstream, headers):
    bench.serve(upstream)
    status, _ = send(bench, request(bench, *headers))
    assert status == 200
    (seen,) = upstream.requests
    assert (seen.target, seen.body, seen.headers["x-folder-id"]) == (EXECUTE, b"{}", "f1")
    assert not seen.headers.keys() & {"upgrade", "http2-settings", "authorization"}
    assert seen.headers["x-node-deploy-route"] == "nodes/node1/node1/node1"


def test_both_lengths(bench, upstream):
    """The chunks count, the length is forgotten, and nothing behind them is a request."""
    bench.serve(upstream)
    hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\nx-node-id: node1\r\n\r\n"
    for lengths in (["Content-Length: 90", CHUNKED], [CHUNKED, "Content-Length: 90"]):
        body = f"2\r\n{{}}\r\n0\r\n\r\n{hidden}"
        status, _ = send(bench, request(bench, *lengths, body=body, close=False))
        assert status == 200
        seen = upstream.requests.pop()
        assert (seen.target, seen.body) == (EXECUTE, b"{}")
        assert "content-length" not in seen.headers
        assert upstream.requests == []


def test_trailers_are_no_headers(bench, upstream):
    bench.serve(upstream)
    trailers = "x-folder-id: f9\r\nx-own: \xff\r\nauthorization: x\r\nx-node-id: other\r\n"
    chunks = f"2\r\n{{}}\r\n0\r\n{trailers}\r\n"
    status, _ = send(bench, request(bench, CHUNKED, "Trailer: x-folder-id", body=chunks))
    assert status == 200
    (seen,) = upstream.requests
    assert seen.headers["x-folder-id"] == "f1"
    assert not seen.headers.keys() & {"x-own", "authorization", "x-node-id", "trailer"}


def test_a_chunked_body_that_asks_whether_to_go_on(bench, upstream):
    bench.serve(upstream)
    with connect(bench) as client:
        client.sendall(request(bench, CHUNKED, "Expect: 100-continue", body=""))
        assert client.recv(1000).startswith(b"HTTP/1.1 100")
        client.sendall(b"2\r\n{}\r\n0\r\n\r\n")
        assert parse(client.makefile("rb").read())[0] == 200
    assert upstream.requests[0].body == b"{}"


@pytest.mark.parametrize("scheme", ["http", "HTTPS", "foo"])
@pytest.mark.parametrize("target", [EXECUTE, "/some/path?a=1&b=%20"])
def test_absolute_form(bench, upstream, scheme, target):
    bench.serve(upstream)
    headers = [] if target == EXECUTE else ["x-node-id: node1"]
    status, _ = send(bench, request(bench, *headers, target=f"{scheme}://a{target}"))
    assert status == 200
    assert upstream.requests[0].target == target


def test_bytes_beyond_ascii_in_a_header(bench, upstream):
    bench.serve(upstream)
    status, _ = send(bench, request(bench, "X-Own: \xff\xe4"))
    assert status == 200
    assert upstream.requests[0].headers["x-own"] == "\xff\xe4"


def test_pipelined_requests_are_answered_in_order(bench, upstream):
    bench.serve(upstream)
    first, wrong = request(bench, close=False), request(bench, target="/", close=False)
    with connect(bench) as client:
        client.sendall(first + wrong + request(bench))
        answers = client.makefile("rb").read()
    codes = [part[:3] for part in answers.split(b"HTTP/1.1 ")[1:]]
    assert codes == [b"200", b"404", b"200"]


# --- refused, with the reason ---


@pytest.mark.parametrize(
    ("target", "headers", "status", "reason"),
    [
        ("/v1/nodes/node1%0a:execute", [], 404, "NODE_NOT_FOUND"),
        ("/v1/nodes/node1%00:execute", [], 404, "NODE_NOT_FOUND"),
        ("/v1/nodes/node1%2f:execute", [], 404, "NO_SUCH_PATH"),
        ("/v1/nodes/../nodes/node1:execute", [], 404, "NO_SUCH_PATH"),
        ("//v1/nodes/node1:execute", [], 404, "NO_SUCH_PATH"),
        ("/", ["x-node-id: node1", "x-node-id: node1"], 400, "NODE_OR_ALIAS"),
        ("/", ["x-node-id: node1", "x-node-id: node2"], 400, "NODE_OR_ALIAS"),
        ("/", ["x-node-alias: a", "x-node-alias: b"], 400, "NODE_OR_ALIAS"),
        ("/", ["x-node-id: node1, node2"], 404, "NODE_NOT_FOUND"),
        ("/", ["x-node-id: node1", "x-folder-id: f1", "x-folder-id: f9"], 403, None),
    ],
)
def test_refused_with_a_reason(bench, upstream, target, headers, status, reason):
    bench.serve(upstream)
    asked = f"x-request-id: {uuid4().hex}"
    code, body = send(bench, request(bench, *headers, asked, target=target))
    answer = json.loads(body)
    assert code == status
    assert reason in (None, answer["reason"])
    assert upstream.requests == []
    # Its line is written after the answer.
    found = until(lambda: [one for one in lines(bench) if one["request"] == asked.split()[1]])
    assert [one["code"] for one in found] == [status]


def lines(bench) -> list[dict[str, Any]]:
    """Return the log's lines of requests: whatever was asked, each is one of JSON."""
    return [json.loads(line) for line in bench.gateway.log.splitlines() if '"request":' in line]


def test_connect_is_no_tunnel(bench, upstream):
    bench.serve(upstream)
    data = request(bench, "x-node-id: node1", target="a:80").replace(b"POST", b"CONNECT")
    status, body = send(bench, data.replace(b"Host: a\r\n", b"Host: a:80\r\n"))
    assert (status, json.loads(body)["reason"]) == (400, "NO_PROXY")
    assert upstream.requests == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GARBAGE\r\n\r\n", id="no HTTP"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", id="two hosts"),
        pytest.param(b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", id="a host beside another"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            id="two lengths",
        ),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\nab", id="+2"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            id="a space before the colon",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", id="a coding"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
            id="chunked twice",
        ),
        pytest.param(b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", id="a space in the path"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", id="a long header"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: a\r\n" * 300 + b"\r\n", id="many headers"
        ),
    ],
)
def test_what_is_no_http_is_refused_and_the_connection_closed(bench, upstream, data):
    bench.serve(upstream)
    status, _ = send(bench, data)
    assert status == 400
    assert upstream.requests == []


# --- slow, silent and half-closed clients ---


def test_a_head_that_does_not_end(bench, upstream, monkeypatch):
    monkeypatch.setattr(limits, "ARRIVAL", 0.5)
    bench.serve(upstream)
    with connect(bench) as client:
        client.sendall(f"POST {EXECUTE} HTTP/1.1\r\nHost: a\r\n".encode())
        assert parse(client.makefile("rb").read())[0] == 408


def test_a_small_body_that_does_not_come(bench, upstream, monkeypatch):
    monkeypatch.setattr(limits, "ARRIVAL", 0.5)
    bench.serve(upstream)
    with connect(bench) as client:
        client.sendall(request(bench, "Content-Length: 20"))
        status, body = parse(client.makefile("rb").read())
    assert (status, json.loads(body)["reason"]) == (408, "REQUEST_LATE")
    assert upstream.requests == []


def test_a_slow_upload_is_not_cut_while_it_goes_on(bench, upstream, monkeypatch):
    monkeypatch.setattr(limits, "ARRIVAL", 0.5)
    bench.serve(upstream)
    size = 40_000  # over what is waited for
    with connect(bench) as client:
        client.sendall(request(bench, f"Content-Length: {size}", body=""))
        for _ in range(8):
            time.sleep(0.2)
            client.sendall(b"a" * (size // 8))
        assert parse(client.makefile("rb").read())[0] == 200
    assert len(upstream.requests[0].body) == size


def test_an_answer_that_nobody_reads_is_held_back(bench, upstream):
    """What a slow reader has not read waits in the instance, not in the gateway."""
    size = 30_000_000

    async def large(request):
        return Response(200, b"a" * size)

    upstream.answer = large
    bench.serve(upstream)
    before = memory(bench)
    clients = [connect(bench, 60) for _ in range(6)]
    for client in clients:
        client.sendall(request(bench))
    time.sleep(1.5)
    grown = memory(bench) - before
    assert grown < 20_000_000, grown  # of 180 MB
    for client in clients:
        with client:
            assert len(parse(client.makefile("rb").read())[1]) == size


def memory(bench) -> int:
    """Return the resident bytes of the gateway's processes."""
    directory = str(bench.gateway.home.gateway / "haproxy")
    total = 0
    for process in psutil.process_iter():  # a container's, too
        with contextlib.suppress(psutil.Error):
            if process.name() == "haproxy" and process.cwd() == directory:
                total += process.memory_info().rss
    assert total
    return total


def test_who_closes_half_is_taken_to_have_left(bench, upstream):
    """It can't be told from who is gone, and what nobody waits for must not go on."""
    bench.serve(upstream)

    async def never(request):
        await asyncio.sleep(60)

    upstream.answer = never
    with connect(bench) as client:
        client.sendall(request(bench, close=False))
        until(lambda: upstream.requests)
        client.shutdown(socket.SHUT_WR)
        status, body = parse(client.makefile("rb").read())
    assert (status, json.loads(body)["reason"]) == (400, "NOT_HTTP")
    assert "closed the connection" in json.loads(body)["message"]
    assert until(lambda: upstream.cancelled) == 1


def test_an_instance_that_speaks_no_http(bench):
    """What an instance says is not passed on unless it is an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak():
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer:
                    peer.recv(65536)
                    peer.sendall(b"SSH-2.0-Nothing\r\n\r\n")

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        instance = InstanceRoute("a", f"127.0.0.1:{server.getsockname()[1]}")
        bench.gateway.publish(
            {"node1": NodeRoute("docker", ("f1",), "HEALTHY", instances=(instance,))}
        )
        status, body = send(bench, request(bench))
        server.shutdown(socket.SHUT_RDWR)
    assert (status, json.loads(body)["reason"]) == (503, "ANSWER_CUT_OFF")
