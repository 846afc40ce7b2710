"""Clients that ask without a break, and count what they are told."""

import asyncio
import contextlib
import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from ...support.waiting import until

CONCURRENCY = 32


class Load:
    """Clients that keep their connections and send one request after the other."""

    def __init__(self, url: str, headers: dict[str, str], body: bytes = b"{}") -> None:
        self.address = urlsplit(url)
        self.headers = headers
        self.body = body
        self.answers: Counter[int | str] = Counter()
        self.stop = threading.Event()

    @property
    def failed(self) -> Counter[int | str]:
        """What was not a 200: other codes, and names of what broke."""
        return self.answers - Counter({200: self.answers[200]})

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            calls = [pool.submit(self._client) for _ in range(CONCURRENCY)]
            try:
                yield
            finally:
                self.stop.set()
        for call in calls:
            call.result()

    def wait(self, count: int) -> None:
        """Return when there are so many answers."""
        until(lambda: self.answers.total() >= count, lambda: self.answers, seconds=300)

    async def until(self, count: int) -> None:
        await asyncio.to_thread(self.wait, count)

    def _client(self) -> None:
        connection = http.client.HTTPConnection(str(self.address.hostname), self.address.port, 60)
        while not self.stop.is_set():
            try:
                connection.request("POST", self.address.path, self.body, self.headers)
                response = connection.getresponse()
                response.read()
                answer: int | str = response.status
            except (OSError, http.client.HTTPException) as error:
                answer = type(error).__name__
                connection.close()
            self.answers[answer] += 1
        connection.close()
