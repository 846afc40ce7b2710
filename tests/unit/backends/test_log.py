"""Logs that are read while they are written and rotated."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from jupyter_node_deploy.backends import log as log_module
from jupyter_node_deploy.backends.log import LogFile


@pytest.fixture
def log(tmp_path: Path) -> LogFile:
    return LogFile(tmp_path)


def write(log: LogFile, text: str) -> None:
    descriptor = log.open()
    os.write(descriptor, text.encode())
    os.close(descriptor)


def test_tail(log: LogFile) -> None:
    assert log.tail() == []
    write(log, "a\n\nb\nunfinished")
    assert log.tail() == ["a", "", "b", "unfinished"]
    assert log.tail(2) == ["b", "unfinished"]
    assert log.tail(0) == []
    assert log.path.stat().st_mode & 0o777 == 0o600


def test_rotation_keeps_one_older_file(log: LogFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "ROTATE_AT", 10)
    descriptor = log.open()
    os.write(descriptor, b"old 1\nold 2\n")
    log.rotate()
    os.write(descriptor, b"new\n")
    os.close(descriptor)
    assert log.path.read_text() == "new\n"
    assert log.tail() == ["old 1", "old 2", "new"]
    assert log.tail(2) == ["old 2", "new"]


async def test_follow(log: LogFile) -> None:
    write(log, "a\nb\nhal")
    lines = log.follow(tail=2)
    assert await anext(lines) == "b"
    write(log, "f\nc\n")
    assert [await anext(lines), await anext(lines)] == ["half", "c"]
    os.truncate(log.path, 0)
    write(log, "d\n")
    assert await anext(lines) == "d"
    log.path.unlink()
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(lines), 10)
