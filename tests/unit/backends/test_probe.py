"""Asking real servers for their health."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from jupyter_node_deploy.backends import probe
from jupyter_node_deploy.backends.probe import ProbeFailed, Prober, at_port
from jupyter_node_deploy.web.message import Request, Response
from jupyter_node_deploy.web.server import Server

SECONDS = 10.0


@pytest.fixture
async def prober() -> AsyncIterator[Prober]:
    async with Prober() as one:
        yield one


@contextlib.asynccontextmanager
async def grpc_server(servicer: Any) -> AsyncIterator[str]:
    server = grpc.aio.server()
    if servicer is not None:
        health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


@contextlib.asynccontextmanager
async def http_server(handler: Any) -> AsyncIterator[str]:
    server = Server(handler)
    bound = await server.start("127.0.0.1:0")
    try:
        yield str(bound)
    finally:
        await server.stop(0)


async def test_grpc_health(prober: Prober) -> None:
    servicer = health.aio.HealthServicer()
    long_name = "a" * 200 + ".Echo"
    await servicer.set(long_name, health_pb2.HealthCheckResponse.SERVING)
    await servicer.set("down", health_pb2.HealthCheckResponse.NOT_SERVING)
    async with grpc_server(servicer) as address:
        await prober.check_grpc(address, "", seconds=SECONDS)
        await prober.check_grpc(address, long_name, seconds=SECONDS)
        with pytest.raises(ProbeFailed, match="'down' says NOT_SERVING"):
            await prober.check_grpc(address, "down", seconds=SECONDS)
        with pytest.raises(ProbeFailed, match="no such service"):
            await prober.check_grpc(address, "unknown", seconds=SECONDS)
        with pytest.raises(ProbeFailed, match=r"does not speak HTTP/1\.1"):
            await prober.check_http(address, "/", http2=False, seconds=SECONDS)


async def test_a_grpc_server_without_health(prober: Prober) -> None:
    async with grpc_server(None) as address:
        with pytest.raises(ProbeFailed, match="does not offer"):
            await prober.check_grpc(address, "", seconds=SECONDS)


async def test_http_health(prober: Prober) -> None:
    async def handler(request: Request) -> Response:
        if request.path == "/slow":
            await asyncio.sleep(60)
        return Response({"/ok": 204, "/moved": 302}.get(request.path, 500))

    async with http_server(handler) as address:
        for path in ("/ok", "/moved"):
            await prober.check_http(address, path, http2=False, seconds=SECONDS)
        with pytest.raises(ProbeFailed, match="HTTP status 500"):
            await prober.check_http(address, "/no", http2=False, seconds=SECONDS)
        with pytest.raises(ProbeFailed, match=r"no answer within 0\.2 s"):
            await prober.check_http(address, "/slow", http2=False, seconds=0.2)
        with pytest.raises(ProbeFailed, match="does not speak HTTP/2"):
            await prober.check_grpc(address, "", seconds=SECONDS)


async def test_an_endless_answer_is_cut_off(
    prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe, "LIMIT", 1 << 20)

    async def handler(request: Request) -> Response:
        return Response(200, b"x" * (2 << 20))

    async with http_server(handler) as address:
        with pytest.raises(ProbeFailed, match="more than 1 MiB"):
            await prober.ask(address, "/", seconds=SECONDS)


async def test_nobody_there(prober: Prober) -> None:
    async with http_server(lambda request: Response(200)) as address:
        await prober.connect(address, seconds=SECONDS)
    for question in (
        prober.connect(address, seconds=SECONDS),
        prober.check_http(address, "/", http2=False, seconds=SECONDS),
        prober.check_grpc(address, "", seconds=SECONDS),
    ):
        with pytest.raises(ProbeFailed, match="nothing takes connections at port"):
            await question


def test_another_port_of_the_host() -> None:
    assert at_port("10.0.0.1:80", 9000) == "10.0.0.1:9000"
    assert at_port("[fd00::1]:80", 9000) == "[fd00::1]:9000"
