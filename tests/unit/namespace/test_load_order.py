"""Cycles and load orders against definitions of what they are."""

from __future__ import annotations

from functools import partial
from operator import ne

from hypothesis import given
from hypothesis import strategies as st

from jupyter_node_deploy.namespace.load_order import cycles, load_order

GRAPHS = st.integers(1, 8).flatmap(
    lambda size: st.fixed_dictionaries(
        {n: st.sets(st.integers(0, size - 1).filter(partial(ne, n))) for n in range(size)}
    )
)


def reachable(graph: dict[int, set[int]], start: int) -> set[int]:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        for other in graph[waiting.pop()]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


@given(GRAPHS)
def test_cycles_are_the_sets_that_reach_each_other(graph: dict[int, set[int]]) -> None:
    reach = {n: reachable(graph, n) for n in graph}
    expected = {
        frozenset(m for m in graph if n in reach[m] and m in reach[n])
        for n in graph
        if n in reach[n]
    }

    assert {frozenset(cycle) for cycle in cycles(graph)} == expected


@given(GRAPHS, GRAPHS)
def test_needs_come_first(graph: dict[int, set[int]], wishes: dict[int, set[int]]) -> None:
    needs = {n: {other for other in others if other < n} for n, others in graph.items()}
    wished = {n: {w for w in wishes.get(n, set()) if w in needs} for n in needs}

    order = load_order([needs, wished], list(reversed(needs)))

    assert sorted(order) == sorted(needs)
    assert all(order.index(other) < order.index(n) for n in needs for other in needs[n])


def test_a_long_chain() -> None:
    chain = {n: {n + 1} for n in range(5000)} | {5000: set()}

    assert cycles(chain) == []
    assert load_order([chain, {n: set() for n in chain}], list(chain)) == list(range(5000, -1, -1))


def test_what_is_wished_for_most_comes_first_where_it_can() -> None:
    """0 needs 1, which had better come after 2; that 2 wishes for 0 matters less."""
    needs = {0: {1}, 1: set(), 2: set()}
    better = {0: set(), 1: {2}, 2: set()}
    wishes = {0: set(), 1: set(), 2: {0}}

    for start in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        assert load_order([needs, better, wishes], start) == [2, 1, 0]
