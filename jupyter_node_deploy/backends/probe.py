"""Asking an instance of any image: over HTTP/1.1, HTTP/2 without TLS, or gRPC's health protocol.

Short questions with bounded answers, for health and metrics; requests of clients go another way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import httpx

from ..web.address import Address

#: Bytes of an answer that are read; more is a failure.
LIMIT = 4 * 1024 * 1024
_SERVING = 1
_GRPC_STATUS = {
    "5": "it knows no such service",
    "12": "it does not offer grpc.health.v1.Health",
}
_HEALTH = {0: "UNKNOWN", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}


class ProbeFailed(Exception):
    """No good answer; the message says why, in words for the user."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def at_port(address: str, port: int) -> str:
    """Return the address of another port of the same host."""
    return str(Address(host=Address.parse(address).host, port=port))


class Prober:
    """Asks instances; each question is a connection of its own."""

    def __init__(self) -> None:
        # No proxies from the environment: instances are on this machine.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http1 = httpx.AsyncClient(trust_env=False, limits=limits)
        self._http2 = httpx.AsyncClient(trust_env=False, limits=limits, http1=False, http2=True)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http1.aclose()
        await self._http2.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.close()

    async def ask(
        self,
        address: str,
        path: str,
        *,
        seconds: float,
        http2: bool = False,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        """Get a path, or post ``content`` to it.

        Args:
            address: ``HOST:PORT``.
            seconds: for the whole exchange.
            http2: speak HTTP/2 from the first byte (h2c).

        Raises:
            ProbeFailed: no answer, or one that is too large.
        """
        client = self._http2 if http2 else self._http1
        request = client.build_request(
            "GET" if content is None else "POST",
            f"http://{address}{path}",
            headers=headers,
            content=content,
            timeout=seconds,
        )
        try:
            async with asyncio.timeout(seconds):
                response = await client.send(request, stream=True)
                try:
                    body = bytearray()
                    async for chunk in response.aiter_raw():
                        body += chunk
                        if len(body) > LIMIT:
                            raise ProbeFailed(f"its answer has more than {LIMIT >> 20} MiB")
                finally:
                    await response.aclose()
        except (TimeoutError, httpx.TimeoutException):
            raise ProbeFailed(f"no answer within {seconds:g} s") from None
        except httpx.ConnectError:
            raise _refused(address) from None
        except httpx.RemoteProtocolError as error:
            spoken = "HTTP/2 without TLS" if http2 else "HTTP/1.1"
            raise ProbeFailed(f"it does not speak {spoken} ({error})") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ProbeFailed(f"the connection broke: {error or type(error).__name__}") from None
        return Answer(response.status_code, dict(response.headers), bytes(body))

    async def connect(self, address: str, *, seconds: float) -> None:
        """Check that something takes connections.

        Raises:
            ProbeFailed: nothing does.
        """
        parsed = Address.parse(address)
        try:
            async with asyncio.timeout(seconds):
                _, writer = await asyncio.open_connection(parsed.host, parsed.port)
        except (OSError, TimeoutError):
            raise _refused(address) from None
        writer.close()

    async def check_http(self, address: str, path: str, *, http2: bool, seconds: float) -> None:
        """Check that a path answers with 2xx or 3xx.

        Raises:
            ProbeFailed: it does not.
        """
        answer = await self.ask(address, path, http2=http2, seconds=seconds)
        if not 200 <= answer.status < 400:
            raise ProbeFailed(f"{path} answered with HTTP status {answer.status}")

    async def check_grpc(self, address: str, service: str, *, seconds: float) -> None:
        """Ask ``grpc.health.v1.Health/Check`` whether a service, "" for all, is SERVING.

        Raises:
            ProbeFailed: it is not.
        """
        name = service.encode()
        # HealthCheckRequest{string service = 1} in gRPC's frame: a flag and four bytes of length.
        message = b"\x0a" + _varint(len(name)) + name if name else b""
        answer = await self.ask(
            address,
            "/grpc.health.v1.Health/Check",
            http2=True,
            seconds=seconds,
            headers={"content-type": "application/grpc", "te": "trailers"},
            content=b"\x00" + len(message).to_bytes(4, "big") + message,
        )
        status = answer.headers.get("grpc-status", "0")
        if answer.status != 200 or status != "0":
            words = _GRPC_STATUS.get(status) or answer.headers.get("grpc-message") or "it failed"
            raise ProbeFailed(f"{words} (HTTP status {answer.status}, gRPC status {status})")
        serving = _serving(answer.body)
        if serving != _SERVING:
            what = f"the service {service!r}" if service else "the server"
            raise ProbeFailed(f"{what} says {_HEALTH.get(serving, serving)}")


def _refused(address: str) -> ProbeFailed:
    return ProbeFailed(f"nothing takes connections at port {Address.parse(address).port}")


def _serving(body: bytes) -> int:
    """Return the status of a HealthCheckResponse{ServingStatus status = 1}."""
    message = body[5:]
    if len(body) < 5 or body[0] or int.from_bytes(body[1:5], "big") != len(message):
        raise ProbeFailed("its answer is no message of grpc.health.v1")
    if not message:  # a field that is 0 is left out
        return 0
    if message[0] != 0x08 or len(message) < 2:
        raise ProbeFailed("its answer is no message of grpc.health.v1")
    return message[1]


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
