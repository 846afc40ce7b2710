"""The route table: unambiguous, and its patterns match what they say."""

import re

import pytest

from jupyter_node_deploy.api.route import PREFIX, Route
from jupyter_node_deploy.api.route_table import ROUTES


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_a_path_matches_its_own_pattern_only(route: Route) -> None:
    path = f"{PREFIX}/" + re.sub(r"{\w+}", "some%3Aname", route.path)
    matching = {other.path for other in ROUTES if re.fullmatch(other.pattern, path)}
    assert matching == {route.path}


def test_operations_and_requests_are_unique() -> None:
    assert len({route.operation for route in ROUTES}) == len(ROUTES)
    assert len({(route.method, route.path) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
def test_reading_needs_no_more_than_the_right_to_read(route: Route) -> None:
    if route.method == "GET":
        assert route.action == "read"
        assert route.request is None
    elif route.operation not in ("findCheckpoint", "suggestNode", "sliceCheckpoint"):
        # Those change nothing.
        assert route.action in ("write", "execute")
