"""What HAProxy brings along on every backend's host: TLS, HTTP/2 to callers, gRPC nodes."""

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor

import grpc
import httpx
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
from jupyter_node_deploy.specs import Healthcheck

from ...support.waiting import until_async
from .certificate import certificate
from .site import EXECUTE, Site


@pytest.fixture
async def site(home):
    site = Site(home)
    await site.prepare()
    yield site
    await site.close()


def trust(pem: bytes) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pem.partition(b"-----BEGIN EC")[0].decode())


async def test_https_with_http2_and_a_certificate_that_is_renewed(site, upstream, tmp_path):
    pem = tmp_path / "site.pem"
    pem.write_bytes(first := certificate())
    control = site.another(certificate=str(pem))
    await control.start()
    await control.publish({"node1": site.route(upstream)})
    assert control.url.startswith("https://")
    assert await control.reach("node1") == ""
    async with httpx.AsyncClient(verify=trust(first), http2=True) as client:
        answer = await client.post(control.url + EXECUTE, headers=site.headers)
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    async with httpx.AsyncClient(verify=trust(first)) as client:
        answer = await client.post(control.url + EXECUTE, headers=site.headers)
        assert answer.status_code == 200
        pem.write_bytes(second := certificate())
        await control.reload()
        answer = await client.post(control.url + EXECUTE, headers=site.headers)
        assert answer.status_code == 200  # over the old connection
    async with httpx.AsyncClient(verify=trust(second)) as client:
        answer = await client.post(control.url + EXECUTE, headers=site.headers)
        assert (answer.status_code, answer.http_version) == (200, "HTTP/1.1")


async def test_a_certificate_that_is_not_there(site, tmp_path):
    control = site.another(certificate=f"{tmp_path}/none.pem")
    with pytest.raises(Unavailable, match=r"none\.pem"):
        await control.start()


async def test_http2_without_tls(site, upstream):
    await site.control.start()
    await site.control.publish({"node1": site.route(upstream)})
    async with httpx.AsyncClient(http1=False, http2=True) as client:
        answers = await asyncio.gather(
            *(client.post(site.control.url + EXECUTE, headers=site.headers) for _ in range(20))
        )
        refused = await client.post(site.control.url + EXECUTE)
    assert {(one.status_code, one.http_version) for one in answers} == {(200, "HTTP/2")}
    assert (refused.status_code, refused.json()["reason"]) == (401, "TOKEN_MISSING")


class Echo(grpc.GenericRpcHandler):
    """``/echo.v1.Echo/Say`` answers what it is sent, ``Stream`` three times."""

    def service(self, details):
        if details.method.endswith("/Say"):
            return grpc.unary_unary_rpc_method_handler(say)
        if details.method.endswith("/Stream"):
            return grpc.unary_stream_rpc_method_handler(stream)
        return None


def say(request: bytes, context: grpc.ServicerContext) -> bytes:
    metadata = dict(context.invocation_metadata())
    context.set_trailing_metadata([("x-folder", metadata["x-folder-id"])])
    assert "authorization" not in metadata
    return request


def stream(request: bytes, context: grpc.ServicerContext):
    yield from [request] * 3


async def test_grpc_node(site):
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        server.add_generic_rpc_handlers([Echo()])
        checks = health.HealthServicer()
        checks.set("echo.v1.Echo", health_pb2.HealthCheckResponse.SERVING)
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            await call(site, port, checks)
        finally:
            server.stop(None).wait()


async def call(site, port, checks):
    route = NodeRoute(
        "docker",
        (site.folder,),
        "HEALTHY",
        instances=(InstanceRoute("a", f"127.0.0.1:{port}"),),
        protocol="grpc",
        healthcheck=Healthcheck(
            type="grpc",
            port=port,
            path="echo.v1.Echo",
            timeout=2.0,
            interval=0.2,
            fails_threshold=2,
            passes_threshold=1,
        ),
    )
    await site.control.start()
    await site.control.publish({"node1": route})
    metadata = [(name.lower(), value) for name, value in site.headers.items()]
    metadata.append(("x-node-id", "node1"))
    async with grpc.aio.insecure_channel(site.control.url.removeprefix("http://")) as channel:
        saying = channel.unary_unary("/echo.v1.Echo/Say")(b"hello", metadata=metadata)
        assert await saying == b"hello"
        assert dict(await saying.trailing_metadata())["x-folder"] == site.folder
        parts = channel.unary_stream("/echo.v1.Echo/Stream")(b"x", metadata=metadata)
        assert [part async for part in parts] == [b"x"] * 3
        for _ in range(3):  # a client that knows GOAWAY loses nothing
            await site.control.reload()
            for _ in range(20):
                assert await channel.unary_unary("/echo.v1.Echo/Say")(b"x", metadata=metadata)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await channel.unary_unary("/echo.v1.Echo/Say")(b"", metadata=metadata[1:])
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    checks.set("echo.v1.Echo", health_pb2.HealthCheckResponse.NOT_SERVING)

    async def taken_out():
        answer = await site.post("/", headers={"x-node-id": "node1"})
        return answer.status_code == 503

    await until_async(taken_out)
