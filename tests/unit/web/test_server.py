"""The HTTP server and client against each other and against raw sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from jupyter_node_deploy.errors import NotFound
from jupyter_node_deploy.web.address import Address
from jupyter_node_deploy.web.client import Client, ConnectFailed, ConnectionLost
from jupyter_node_deploy.web.message import Handler, Request, Response
from jupyter_node_deploy.web.server import Server


async def echo(request: Request) -> Response:
    if request.path == "/missing":
        raise NotFound("no such thing")
    if request.path == "/broken":
        raise RuntimeError("secret detail")
    return Response.json(
        {
            "method": request.method,
            "target": request.target,
            "headers": request.headers,
            "size": len(request.body),
        }
    )


@asynccontextmanager
async def serving(handler: Handler = echo, body_limit: int = 1000) -> AsyncIterator[Address]:
    server = Server(handler, body_limit=body_limit)
    address = await server.start("127.0.0.1:0")
    try:
        yield address
    finally:
        await server.stop()


async def raw(address: Address, *parts: bytes) -> bytes:
    """Send parts one after the other, return all that comes until the server closes."""
    reader, writer = await asyncio.open_connection(address.host, address.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.01)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]


def test_client_reuses_its_connection_and_sees_errors_in_the_documented_form() -> None:
    async def scenario() -> None:
        async with serving() as address:
            client = Client(str(address))
            for n in range(3):
                answer = await client.request("POST", f"/x?n={n}", {"x-a": "b"}, b"1234")
                seen = json.loads(answer.body)
                assert answer.status == 200
                assert (seen["target"], seen["size"]) == (f"/x?n={n}", 4)
                assert seen["headers"]["x-a"] == "b"
            missing = await client.request("GET", "/missing")
            assert missing.status == 404
            assert json.loads(missing.body) == {
                "code": 5,
                "message": "no such thing",
                "details": [],
            }
            broken = await client.request("GET", "/broken")
            assert broken.status == 500
            assert b"secret" not in broken.body
            assert len(client._idle) == 1
            client.close()

    run(scenario())


def test_unix_socket(tmp_path: Path) -> None:
    async def scenario() -> None:
        server = Server(echo)
        await server.start(f"unix:{tmp_path}/s")
        client = Client(f"unix:{tmp_path}/s")
        assert (await client.request("GET", "/")).status == 200
        client.close()
        await server.stop()
        with pytest.raises(ConnectFailed):
            await client.request("GET", "/")

    run(scenario())


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\ncontent-length: 1001\r\n\r\n" + b"x" * 1001,
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n" + b"x" * 1001,
        b"GET / HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_too_large_is_413_even_while_the_client_goes_on_sending(request_bytes: bytes) -> None:
    async def scenario() -> None:
        async with serving() as address:
            answer = await raw(address, request_bytes, b"z" * 100_000)
            assert answer.startswith(b"HTTP/1.1 413 ")
            assert b'"code":8' in answer

    run(scenario())


def test_garbage_is_400() -> None:
    async def scenario() -> None:
        async with serving() as address:
            answer = await raw(address, b"\x16\x03\x01 what\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 400 ")
            assert b'"code":3' in answer

    run(scenario())


def test_pipelined_requests_are_answered_in_order() -> None:
    async def scenario() -> None:
        async with serving() as address:
            one = b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n"
            many = b"".join(one % n for n in range(40))
            last = b"GET /last HTTP/1.1\r\nconnection: close\r\n\r\n"
            answer = await raw(address, many + last)
            places = [answer.find(b'"/%d"' % n) for n in range(40)]
            assert -1 not in places
            assert places == sorted(places)
            assert answer.count(b"HTTP/1.1 200") == 41

    run(scenario())


def test_chunked_body_expect_continue_head_and_upgrade() -> None:
    async def scenario() -> None:
        async with serving() as address:
            chunked = await raw(
                address,
                b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n"
                b"connection: close\r\n\r\n",
                b"3\r\nabc\r\n2\r\n",
                b"de\r\n0\r\n\r\n",
            )
            assert chunked.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 ")
            assert b'"size":5' in chunked
            head = await raw(address, b"HEAD / HTTP/1.0\r\n\r\n")
            assert head.endswith(b"\r\n\r\n")
            upgrade = await raw(
                address,
                b"GET / HTTP/1.1\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n",
            )
            assert upgrade.startswith(b"HTTP/1.1 200 ")

    run(scenario())


def test_trailers_are_no_headers() -> None:
    async def scenario() -> None:
        async with serving() as address:
            answer = await raw(
                address,
                b"POST / HTTP/1.1\r\nx-folder-id: f1\r\ntransfer-encoding: chunked\r\n"
                b"connection: close\r\n\r\n1\r\na\r\n0\r\nx-folder-id: f9\r\nx-own: \xff\r\n\r\n",
            )
            seen = json.loads(answer.partition(b"\r\n\r\n")[2])
            assert seen["headers"]["x-folder-id"] == "f1"
            assert "x-own" not in seen["headers"]

    run(scenario())


def test_stop_finishes_what_is_in_flight_and_refuses_the_rest() -> None:
    async def scenario() -> None:
        entered = asyncio.Event()

        async def slow(request: Request) -> Response:
            entered.set()
            await asyncio.sleep(0.2)
            return Response(200, b"done")

        server = Server(slow)
        address = await server.start("127.0.0.1:0")
        client = Client(str(address))
        answer = asyncio.create_task(client.request("GET", "/"))
        await entered.wait()
        await server.stop(grace=10)
        assert (await answer).body == b"done"
        with pytest.raises(ConnectFailed):
            await client.request("GET", "/")

    run(scenario())


def test_client_timeout_cancels_the_handler() -> None:
    async def scenario() -> None:
        cancelled = asyncio.Event()

        async def forever(request: Request) -> Response:
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()
            return Response(200)

        async with serving(forever) as address:
            client = Client(str(address))
            with pytest.raises(TimeoutError):
                await client.request("GET", "/", timeout=0.1)
            await asyncio.wait_for(cancelled.wait(), 5)

    run(scenario())


def test_lost_connection_is_told_apart_from_none() -> None:
    async def scenario() -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ConnectionLost):
            await Client(f"127.0.0.1:{port}").request("GET", "/")
        server.close()

    run(scenario())


@pytest.mark.parametrize("text", ["unix:/a b/c", "127.0.0.1:80", "[::1]:8080"])
def test_addresses_read_as_written(text: str) -> None:
    assert str(Address.parse(text)) == text


def test_bad_address() -> None:
    with pytest.raises(ValueError, match="not an address"):
        Address.parse("localhost")
