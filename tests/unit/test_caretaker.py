"""When a caretaker ends what runs, and when it ends itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy import caretaker
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.lock import acquire, is_held

from ..support.waiting import until


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path)
    found.create()
    return found


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[Home]:
    """The homes whose instances were ended."""
    found: list[Home] = []

    async def end(home: Home, *_: str) -> None:
        found.append(home)

    monkeypatch.setattr(caretaker, "_end", end)
    monkeypatch.setattr(caretaker, "_LOOK", 0.01)
    monkeypatch.setattr(caretaker, "_HANDED_ON", 0.1)
    return found


def announce(home: Home, pid: int, backend: str = "process") -> None:
    home.caretaker.write_text(json.dumps([pid, backend, "process", ""]))


class Watch:
    """A caretaker at work."""

    def __init__(self, home: Home, grace: float) -> None:
        if not home.caretaker.exists():
            announce(home, os.getpid())
        argv = [str(home.root), "--grace", str(grace)]
        self._thread = threading.Thread(target=caretaker.main, args=(argv,), daemon=True)
        self._thread.start()
        until(lambda: is_held(home.caretaker) or not self.there)

    @property
    def there(self) -> bool:
        return self._thread.is_alive()

    def goes(self) -> None:
        until(lambda: not self.there, "the caretaker's end")


@pytest.fixture
def owner(home: Home) -> Iterator[list[int]]:
    """The lock of the server that acts; whoever takes it out lets it go."""
    lock = acquire(home.owner)
    assert lock is not None
    held = [lock]
    yield held
    for one in held:
        os.close(one)


def test_it_ends_what_nobody_takes_over(home: Home, ended: list[Home], owner: list[int]) -> None:
    (home.instances / "n-1-0").mkdir()
    watch = Watch(home, 0.3)
    time.sleep(0.6)
    assert (watch.there, ended) == (True, [])
    os.close(owner.pop())
    watch.goes()
    assert ended == [home]


def test_a_server_that_takes_over_in_time_keeps_it(
    home: Home, ended: list[Home], owner: list[int]
) -> None:
    (home.instances / "n-1-0").mkdir()
    watch = Watch(home, 0.5)
    for _ in range(3):
        os.close(owner.pop())
        time.sleep(0.2)
        lock = acquire(home.owner, patience=5)
        assert lock is not None
        owner.append(lock)
        time.sleep(0.1)
    assert (watch.there, ended) == (True, [])
    caretaker.dismiss(home)
    watch.goes()
    assert ended == []


def test_after_a_clean_stop_it_goes(home: Home, ended: list[Home], owner: list[int]) -> None:
    announce(home, os.getpid())
    watch = Watch(home, 60)
    time.sleep(0.1)
    os.close(owner.pop())
    watch.goes()
    assert ended == []


def test_a_server_that_is_just_starting_is_waited_for(home: Home, ended: list[Home]) -> None:
    announce(home, os.getpid())
    watch = Watch(home, 60)
    time.sleep(0.4)
    assert watch.there
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    announce(home, gone.pid)
    watch.goes()
    assert ended == []


def test_there_is_one_of_a_home(
    home: Home, ended: list[Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []

    class Popen:
        def __init__(self, command: list[str], **_: Any) -> None:
            started.append(command)

    monkeypatch.setattr(subprocess, "Popen", Popen)
    caretaker.hire(home, "process", "process", "")
    assert len(started) == 1
    watch = Watch(home, 60)
    caretaker.hire(home, "process", "process", "")
    assert len(started) == 1
    caretaker.dismiss(home)
    watch.goes()


def test_it_ends_what_the_last_server_ran(
    home: Home, monkeypatch: pytest.MonkeyPatch, ended: list[Home]
) -> None:
    asked: list[tuple[str, ...]] = []

    async def end(_: Home, *how: str) -> None:
        asked.append(how)

    monkeypatch.setattr(caretaker, "_end", end)
    server = acquire(home.owner)
    assert server is not None
    watch = Watch(home, 0.3)
    monkeypatch.setattr(subprocess, "Popen", None)  # it is there
    caretaker.hire(home, "docker", "container", "python:3.12")
    os.close(server)
    watch.goes()
    assert asked == [("docker", "container", "python:3.12")]


def test_one_that_is_just_going_stays_for_a_server_that_comes(
    home: Home, ended: list[Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    came = threading.Event()
    close = os.close

    def slow(descriptor: int) -> None:
        if threading.current_thread() is not threading.main_thread() and not came.is_set():
            monkeypatch.setattr(os, "close", close)
            came.set()
            time.sleep(0.3)  # it still holds its lock
        close(descriptor)

    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    announce(home, gone.pid)
    look_after = caretaker._look_after

    def looked(*args: Any) -> Any:
        found = look_after(*args)
        if not came.is_set():
            monkeypatch.setattr(os, "close", slow)
        return found

    monkeypatch.setattr(caretaker, "_look_after", looked)
    watch = Watch(home, 60)
    assert came.wait(10)
    caretaker.hire(home, "process", "process", "")
    time.sleep(0.6)
    assert (watch.there, is_held(home.caretaker)) == (True, True)
    caretaker.dismiss(home)
    watch.goes()
