"""What limits the processes that make checkpoints."""

from __future__ import annotations

import sys

import pytest

from jupyter_node_deploy.agent import bounds


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
@pytest.mark.parametrize(("free", "crowded"), [(1 << 50, False), (1 << 20, True)])
def test_crowded(monkeypatch: pytest.MonkeyPatch, free: float, crowded: bool) -> None:
    monkeypatch.setattr(bounds, "_free_of_machine", lambda: free)
    assert bounds.crowded() is crowded
