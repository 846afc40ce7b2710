import os

from jupyter_node_deploy.lock import acquire, is_held, is_ours


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
