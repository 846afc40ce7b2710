"""Choices that take no network; the rest is in the conformance tests."""

from collections import Counter

from jupyter_node_deploy.gateway.balancer import choose
from jupyter_node_deploy.gateway.routes import TargetRoute


def test_choice_follows_the_weights():
    targets = [TargetRoute("a", 1), TargetRoute("b", 3)]
    seen = Counter(choose(targets).node for _ in range(4000))
    # 1000 expected, standard deviation 27: outside of this once in billions of runs.
    assert 800 < seen["a"] < 1200


def test_only_target():
    assert choose([TargetRoute("a", 7)]).node == "a"
