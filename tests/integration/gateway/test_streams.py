"""What docker nodes get of a connection: an upgrade, and parts of an answer as they come."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute

HEAD = b"\r\n\r\n"


class Service(socketserver.BaseRequestHandler):
    """Upgrades and echoes, or sends an event and waits for leave to send the next."""

    go_on = threading.Event()

    def handle(self) -> None:
        head = b""
        while HEAD not in head:
            if not (part := self.request.recv(65536)):
                return  # a health check that only connects
            head += part
        if b"upgrade: websocket" in head.lower():
            self.request.sendall(
                b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\n"
                b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
            )
            while data := self.request.recv(65536):
                self.request.sendall(data.upper())
        else:
            self.request.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                b"Connection: close\r\n\r\ndata: 1\n\n"
            )
            self.go_on.wait(30)
            self.request.sendall(b"data: 2\n\n")


@pytest.fixture
def node(bench) -> Iterator[None]:
    Service.go_on.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Service) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        instance = InstanceRoute("a", f"127.0.0.1:{server.server_address[1]}")
        route = NodeRoute("docker", ("f1",), "HEALTHY", instances=(instance,))
        bench.gateway.publish({"node1": route})
        yield
        server.shutdown()
        thread.join()


def connect(bench, *headers: str) -> socket.socket:
    url = urlsplit(bench.url)
    client = socket.create_connection((url.hostname, url.port), 30)
    token = bench.tokens.headers("f1")["Authorization"]
    lines = ["GET /path HTTP/1.1", "Host: x", f"Authorization: {token}", "x-node-id: node1"]
    client.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
    return client


def read_until(client: socket.socket, end: bytes) -> bytes:
    seen = b""
    while end not in seen:
        part = client.recv(65536)
        assert part, seen
        seen += part
    return seen


def test_websocket(bench, node):
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    headers = ("Connection: Upgrade", "Upgrade: websocket", key, "Sec-WebSocket-Version: 13")
    with connect(bench, *headers) as client:
        assert read_until(client, HEAD).startswith(b"HTTP/1.1 101 ")
        for text in (b"one", b"two"):
            client.sendall(text)
            assert read_until(client, text.upper())
        bench.gateway.reload()  # an open one stays with the process that has it
        client.sendall(b"three")
        assert read_until(client, b"THREE")


def test_events_come_one_by_one(bench, node):
    with connect(bench, "Accept: text/event-stream") as client:
        assert b"200 OK" in read_until(client, b"data: 1")
        Service.go_on.set()
        read_until(client, b"data: 2")
