"""Handlers of loggers as plain data: those that write to the process' own stdout and stderr.

All other handlers lead out of the process, and stay behind.
"""

from __future__ import annotations

import sys
from typing import Any

_STREAMS = ("stderr", "stdout")
_STYLES = {"PercentStyle": "%", "StrFormatStyle": "{", "StringTemplateStyle": "$"}

#: Stream, level, and of the formatter the format, that of dates, the style and the defaults.
Plain = tuple[str, int, tuple[Any, ...] | None]


def of_logger(logger: Any) -> list[Any]:
    """Return the handlers of a logger, or of a place for one."""
    found: list[Any] = getattr(logger, "handlers", [])
    return found


def plain(module: Any, handler: Any) -> Plain | None:
    """Return a handler as plain data, None if that can't say all of it.

    Args:
        module: ``logging``.
        handler: of any type.
    """
    if type(handler) not in (module.StreamHandler, _made.get("kind")) or handler.filters:
        return None
    stream = next((name for name in _STREAMS if _is(handler.stream, name)), None)
    formatter = handler.formatter
    if stream is None or handler.terminator != "\n":
        return None
    if formatter is None:
        return stream, handler.level, None
    style = getattr(formatter, "_style", None)
    known = _STYLES.get(type(style).__name__)
    if type(formatter) is not module.Formatter or known is None:
        return None
    if {*vars(formatter)} - {"_style", "_fmt", "datefmt"}:  # a clock of its own
        return None
    defaults = getattr(style, "_defaults", None)
    if not all(type(one) in (str, int, float, bool) for one in (defaults or {}).values()):
        return None
    told = formatter._fmt, formatter.datefmt, known, defaults
    return stream, handler.level, told


def _is(stream: Any, name: str) -> bool:
    return stream is getattr(sys, name) or stream is getattr(sys, f"__{name}__")


def add(module: Any, logger: Any, found: list[Plain]) -> None:
    """Add handlers made of plain data to a logger, but for those that it has.

    Args:
        module: ``logging``.
        logger: one of its.
        found: the handlers.
    """
    present = [plain(module, one) for one in of_logger(logger)]
    for stream, level, formatter in found:
        if (stream, level, formatter) in present:
            continue
        handler = _kind(module)(stream)
        handler.setLevel(level)
        if formatter is not None:
            words, dates, style, defaults = formatter
            more = {"defaults": defaults} if defaults else {}
            handler.setFormatter(module.Formatter(words, dates, style, **more))
        logger.addHandler(handler)


_made: dict[str, Any] = {}


def _kind(module: Any) -> Any:
    """Return a handler's class whose stream is what ``sys`` has when something is logged.

    A worker's stdout and stderr are not there yet when its state is restored.
    """
    if not _made:

        class StreamHandler(module.StreamHandler):  # type: ignore[misc]
            def __init__(self, name: str) -> None:
                module.Handler.__init__(self)
                self._stream = name

            @property
            def stream(self) -> Any:
                return getattr(sys, self._stream)

        StreamHandler.__module__, StreamHandler.__qualname__ = "logging", "StreamHandler"
        _made["kind"] = StreamHandler
    return _made["kind"]
