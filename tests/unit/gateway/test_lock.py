import os

from jupyter_node_deploy.gateway.lock import acquire, is_held


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
