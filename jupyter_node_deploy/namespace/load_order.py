"""Orders of things that need each other: cycles, and who is loaded first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set


def cycles(needs: Mapping[int, Set[int]]) -> list[list[int]]:
    """Return the strongly connected components that have more than one member.

    Args:
        needs: for each number the numbers that it needs.
    """
    # Tarjan's algorithm, with an explicit stack: chains may be longer than the recursion limit.
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    found: list[list[int]] = []
    for root in needs:
        if root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = [(root, iter(needs[root]))]
        index[root] = low[root] = len(index)
        path.append(root)
        on_path.add(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    path.append(other)
                    on_path.add(other)
                    work.append((other, iter(needs.get(other, ()))))
                    break
                if other in on_path:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    cut = path.index(node)
                    if len(path) - cut > 1:
                        found.append(path[cut:])
                    on_path.difference_update(path[cut:])
                    del path[cut:]
    return found


def load_order(needs: Sequence[Mapping[int, Set[int]]], start: Sequence[int]) -> list[int]:
    """Return all numbers, each after those that it needs.

    Args:
        needs: what must come first, which is without cycles; then what had better come first, each
            less than the one before: their cycles are cut somewhere.
        start: all numbers, in the order that they have when nothing else matters.
    """
    order = list(start)
    for count in range(len(needs), 0, -1):
        order = _depth_first(
            order, {n: set().union(*(one[n] for one in needs[:count])) for n in start}
        )
    return order


def reachable(edges: Mapping[int, Set[int]], start: Set[int]) -> set[int]:
    """Return the numbers, and all that they lead to."""
    found: set[int] = set()
    waiting = [*start]
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += edges[number]
    return found


def _depth_first(start: Sequence[int], edges: Mapping[int, Set[int]]) -> list[int]:
    place = {number: position for position, number in enumerate(start)}
    done: set[int] = set()
    ordered: list[int] = []
    for root in start:
        if root in done:
            continue
        done.add(root)
        work = [(root, iter(sorted(edges[root], key=place.__getitem__)))]
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in done:
                    done.add(other)
                    work.append((other, iter(sorted(edges[other], key=place.__getitem__))))
                    break
            else:
                ordered.append(node)
                work.pop()
    return ordered
