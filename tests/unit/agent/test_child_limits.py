"""What limits the processes that make checkpoints."""

from __future__ import annotations

import sys

import pytest

from jupyter_node_deploy.agent import child_limits


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.parametrize(("free", "crowded"), [(1 << 50, False), (1 << 20, True)])
def test_crowded(monkeypatch: pytest.MonkeyPatch, free: float, crowded: bool) -> None:
    monkeypatch.setattr(child_limits, "_free_of_machine", lambda: free)
    assert child_limits.crowded() is crowded
