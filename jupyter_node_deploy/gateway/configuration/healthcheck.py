"""Health checks as HAProxy makes them: over HTTP by itself, over gRPC byte by byte."""

from __future__ import annotations

from ...specs import Healthcheck
from .syntax import milliseconds, quoted

#: What ``check`` takes on a server of a cell node: its front answers /readyz at any load.
CELL = "inter 2s fastinter 500ms downinter 1s rise 1 fall 2"


def lines(check: Healthcheck | None, *, cell: bool) -> list[str]:
    """Return the lines of a backend that say what is sent and what is a good answer."""
    if cell:
        return [
            "option httpchk",
            "http-check send meth GET uri /readyz",
            "http-check expect status 200",
        ]
    if check is None:
        return []
    if check.type == "grpc":
        return [
            "option tcp-check",
            f"tcp-check connect port {check.port}",
            f"tcp-check send-binary {_grpc_request(check.target).hex()}",
            # A HealthCheckResponse {status: SERVING} and nothing else, uncompressed.
            "tcp-check expect binary 00000000020801",
        ]
    return [
        "option httpchk",
        f"http-check connect port {check.port}",
        f"http-check send meth GET uri {quoted(check.target)} ver HTTP/1.1 hdr host localhost",
        "http-check expect rstatus ^[23]",
    ]


def keywords(check: Healthcheck | None, *, cell: bool) -> str:
    """Return the words of a server that say how often it is checked.

    A failed connection takes it out at once: the next request need not find out again.
    """
    times = CELL
    if not cell and check is not None:
        inter = milliseconds(check.interval)
        times = (
            f"inter {inter}ms fastinter {min(inter, 1000)}ms downinter {min(inter, 1000)}ms "
            f"rise {check.passes_threshold} fall {check.fails_threshold}"
        )
    return f"check {times} observe layer4 error-limit 1 on-error mark-down"


def _grpc_request(service: str) -> bytes:
    """Return ``grpc.health.v1.Health/Check`` as HTTP/2 without TLS.

    HAProxy has no check for it, and a body of its HTTP checks can't begin with a NUL as a gRPC
    message does. So this is the connection's preface, empty SETTINGS, and stream 1 with HEADERS
    and DATA; the answer needs nothing more from the client.
    """
    name = service.encode()
    message = b"\x0a" + _varint(len(name)) + name if name else b""
    headers = b"\x83\x86" + b"".join(  # :method: POST, :scheme: http
        _literal(key, value)
        for key, value in (
            (b":path", b"/grpc.health.v1.Health/Check"),
            (b":authority", b"localhost"),
            (b"content-type", b"application/grpc"),
            (b"te", b"trailers"),
        )
    )
    body = b"\0" + len(message).to_bytes(4, "big") + message
    return b"".join(
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            _frame(4, 0, 0, b""),  # SETTINGS
            _frame(1, 4, 1, headers),  # HEADERS, END_HEADERS
            _frame(0, 1, 1, body),  # DATA, END_STREAM
        )
    )


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
    )


def _literal(name: bytes, value: bytes) -> bytes:
    """Return an HPACK literal, not indexed, neither part Huffman coded (RFC 7541, 6.2.2)."""
    return b"\0" + bytes((len(name),)) + name + bytes((len(value),)) + value


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*found, number))
