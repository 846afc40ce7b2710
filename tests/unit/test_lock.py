import asyncio
import os
import threading
import time

from jupyter_node_deploy.lock import acquire, aheld, held, is_held, is_ours


def test_lock(tmp_path):
    path = tmp_path / "lock"
    assert not is_held(path)
    descriptor = acquire(path)
    assert descriptor is not None
    assert is_held(path)
    assert acquire(path) is None
    os.close(descriptor)
    assert not is_held(path)
    again = acquire(path)
    assert again is not None
    os.close(again)


def test_file_that_was_deleted_or_replaced(tmp_path):
    path = tmp_path / "lock"
    descriptor = acquire(path)
    assert descriptor is not None
    assert is_ours(descriptor, path)
    path.unlink()
    assert not is_ours(descriptor, path)
    path.touch()
    assert not is_ours(descriptor, path)
    os.close(descriptor)


def test_patience_ends(tmp_path):
    path = tmp_path / "lock"
    with held(path):
        began = time.monotonic()
        assert acquire(path, patience=0.2) is None
        assert time.monotonic() - began >= 0.2


def test_who_waits_has_it_when_the_holder_is_done(tmp_path):
    path = tmp_path / "lock"
    descriptor = acquire(path)
    assert descriptor is not None
    threading.Timer(0.1, os.close, [descriptor]).start()
    with held(path):
        assert is_held(path)
    assert not is_held(path)


async def test_the_loop_goes_on_while_a_task_waits(tmp_path):
    path = tmp_path / "lock"
    descriptor = acquire(path)
    assert descriptor is not None
    asyncio.get_running_loop().call_later(0.1, os.close, descriptor)
    async with asyncio.timeout(5), aheld(path):
        assert is_held(path)
    assert not is_held(path)


def test_a_file_that_its_holder_deletes(tmp_path):
    path = tmp_path / "lock"
    descriptor = acquire(path)
    assert descriptor is not None
    threading.Timer(0.1, path.unlink).start()  # and goes on holding what nobody can find
    with held(path):
        assert is_held(path)
    os.close(descriptor)
