"""What the streams call for functions in ``lru_cache``, when they are loaded.

Streams name these functions, so a name here is part of the saved format.
"""

from __future__ import annotations

from typing import Any

#: Calls that are made so that a cache counts as it did.
_MOST = 100_000


def fill_cache(
    made: Any,
    state: tuple[dict[str, Any], list[tuple[tuple[Any, ...], dict[str, Any], Any]], int, int],
) -> None:
    """Complete a cached function: it knows the results of some calls, without making them.

    Args:
        state: its attributes; arguments and result of the calls that it knows, the oldest first;
            its hits and its misses.
    """
    attributes, calls, hits, misses = state
    made.__dict__.update(attributes)
    function = made.__wrapped__
    code, defaults, options = function.__code__, function.__defaults__, function.__kwdefaults__
    forgotten = misses - len(calls)
    results = [None] * forgotten if _is_full(made, calls) and forgotten < _MOST else []
    results += [result for *_, result in calls]
    results.reverse()
    function.__code__ = _stored.__code__.replace(co_freevars=code.co_freevars)
    function.__defaults__ = None
    function.__kwdefaults__ = {"_results_of_the_cache": results}
    try:
        for _ in range(len(results) - len(calls)):
            made(object())
        for arguments, named, _ in calls:
            made(*arguments, **named)
        arguments, named, _ = calls[-1]
        for _ in range(hits if hits < _MOST else 0):
            made(*arguments, **named)
    except Exception:  # of somebody's hash
        made.cache_clear()
    finally:
        function.__code__, function.__defaults__ = code, defaults
        function.__kwdefaults__ = options


def _is_full(made: Any, calls: list[Any]) -> bool:
    return bool(made.cache_parameters()["maxsize"] == len(calls))


def _stored(*_: Any, _results_of_the_cache: list[Any], **__: Any) -> Any:
    return _results_of_the_cache.pop()
