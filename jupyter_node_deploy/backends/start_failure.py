"""Why the cell of an instance does not start or pass its smoke test: in words, with advice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import Message

#: Failures in a row of what may pass by itself: a network, a busy machine.
_PASSING = 3
_LINES = 15  # of a traceback
_STARTS = re.compile(r"subprocess|Popen|check_(?:call|output)|create_subprocess|\bspawn|\bexec[lv]")
#: Debian's packages of libraries that wheels expect on the machine.
_PACKAGES = {
    "libgomp.so.1": "libgomp1",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libsndfile.so.1": "libsndfile1",
    "libportaudio.so.2": "libportaudio2",
    "libpq.so.5": "libpq5",
    "libodbc.so.2": "unixodbc",
    "libxml2.so.2": "libxml2",
    "libxslt.so.1": "libxslt1.1",
    "libmagic.so.1": "libmagic1",
    "libgdal.so": "libgdal-dev",
    "libgeos_c.so.1": "libgeos-c1v5",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libcairo.so.2": "libcairo2",
    "libtk8.6.so": "libtk8.6",
    "libatomic.so.1": "libatomic1",
    "libquadmath.so.0": "libquadmath0",
    "libgfortran.so.5": "libgfortran5",
}


@dataclass(frozen=True)
class StartFailure:
    """What is told of it.

    Attributes:
        tries: how often it may end like this until it is not started again; None: without end.
    """

    reason: Message
    tries: int | None


def smoke_test(failure: Mapping[str, Any]) -> StartFailure:
    """Return what is told of a smoke test that failed.

    Args:
        failure: ``error_name``, ``error_message``, ``traceback`` and ``stderr``.
    """
    advice, tries = _judge(failure)
    trace, said = [list(failure.get(key, ())) for key in ("traceback", "stderr")]
    if (both := min(len(trace), len(said))) and said[-both:] == trace[-both:]:
        del said[-both:]  # the worker has printed the traceback, too
    lines = [*trace, *said]
    told = "\n".join(line.rstrip() for line in lines if line.strip()).split("\n")
    reason = Message(
        "The cell does not run where the node serves, with the checkpoint's values: {cause} "
        "{advice}\n{log}",
        "SMOKE_TEST_FAILED",
        cause=_cause(failure),
        advice=advice,
        log="\n".join(told[-_LINES:]),
    )
    return StartFailure(reason, tries or 1)


def start(failure: Mapping[str, Any], said: str) -> StartFailure:
    """Return what is told of a start that failed.

    Args:
        failure: as for ``smoke_test``, perhaps with ``details``.
        said: what the instance says itself.
    """
    advice, tries = _judge({**failure, "error_message": said})
    reason = Message(
        "It does not start: {cause} {advice}",
        "INSTANCE_NOT_STARTED",
        cause=_sentence(said),
        advice=advice,
    )
    return StartFailure(reason, (tries or _PASSING) if advice else _PASSING)


def _cause(failure: Mapping[str, Any]) -> str:
    parts = (failure.get("error_name"), failure.get("error_message"))
    return _sentence(": ".join(str(part) for part in parts if part))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _judge(failure: Mapping[str, Any]) -> tuple[Message | str, int | None]:
    """Return what to do about a failure, and how often it is worth another try."""
    name, said = str(failure.get("error_name", "")), str(failure.get("error_message", ""))
    trace = "\n".join([*failure.get("traceback", ()), *failure.get("stderr", ())])
    whole = f"{name}: {said}\n{trace}"
    if found := re.search(r"([\w.+-]+\.so[\w.]*): cannot open shared object", whole):
        return _library(found[1]), 1
    if (
        found := re.search(r"(\S+): (?:command )?not found\b", trace)
        or re.search(r"Command '\[?'?([^\s']+).* exit status 127", said)
        or (_program(said, trace) if name == "FileNotFoundError" else None)
    ):
        return _no_program(found[1]), 1
    if found := re.search(
        r"No module named '([\w.]+)'|[Mm]issing optional dependency '([\w.-]+)'|"
        r"Import (\w+)`? failed|[Rr]equires the '?([\w-]+)'? (?:package|library|module)",
        whole,
    ):
        module = next(one for one in found.groups() if one)
        return Message(
            "Add the package of '{module}' to the node's requirements.",
            "MODULE_MISSING",
            module=module.partition(".")[0],
        ), 1
    if name == "ZoneInfoNotFoundError" or "No time zone found with key" in whole:
        return Message("Add tzdata to the node's requirements.", "ZONES_MISSING"), 1
    if name in ("gaierror", "URLError", "ConnectionError", "ConnectTimeout") or re.search(
        r"[Nn]ame or service not known|[Nn]ame resolution|[Nn]etwork is unreachable|"
        r"Failed to resolve|getaddrinfo failed|NewConnectionError|Connection refused|"
        r"No route to host",
        whole,
    ):
        return Message(
            "If the cell needs other machines, allow it connections to them: egress.",
            "NETWORK_MISSING",
        ), _PASSING
    if name == "FileNotFoundError" and (
        found := re.search(r"No such file or directory:? '?([^'\n]+)", whole)
    ):
        return Message(
            "{path} is not there where the node serves: read it by a path relative to the "
            "notebook, and choose it among the node's files.",
            "FILE_MISSING",
            path=found[1].strip(),
        ), 1
    if name == "KeyError" and re.search(r"\bos\.py\b|\benviron\b", trace):
        return Message(
            "Add {variable} to the node's environment variables.",
            "VARIABLE_MISSING",
            variable=said.strip("'\""),
        ), 1
    if "unsupported locale setting" in whole:
        return Message(
            "The locale is missing where the node serves: choose an image that has it, or format "
            "without one, for example by Babel.",
            "LOCALE_MISSING",
        ), 1
    if failure.get("signal") == 9 or name == "MemoryError" or "Unable to allocate" in whole:
        return Message(
            "Probably its memory was not enough: choose a larger configuration.",
            "MEMORY_MISSING",
        ), 1
    if re.search(r"Read-only file system|Permission denied|Operation not permitted", whole):
        return Message(
            "The node may write to its working directory and to /tmp only, and has no special "
            "rights.",
            "RIGHTS_MISSING",
        ), 1
    return "", _PASSING if name == "Timeout" else None


def _program(said: str, trace: str) -> re.Match[str] | None:
    """Return the program that could not be started; a file that is missing is told alike."""
    found = re.search(r"directory: '([^']+)'", said)
    if found is None or ("/" in found[1] and not _STARTS.search(trace)):
        return None
    return found if _STARTS.search(trace) or "." not in found[1] else None


def _no_program(program: str) -> Message:
    return Message(
        "There is no program '{program}' where the node serves: choose an image that has it.",
        "PROGRAM_MISSING",
        program=program,
    )


def _library(library: str) -> Message:
    package = _PACKAGES.get(library, "")
    if not package:
        return Message(
            "The system library {library}, which a package needs, is missing where the node "
            "serves: choose an image that has it.",
            "LIBRARY_MISSING",
            library=library,
            package="",
        )
    return Message(
        "The system library {library}, which a package needs, is missing where the node serves: "
        "choose an image with Debian's package {package}.",
        "LIBRARY_MISSING",
        library=library,
        package=package,
    )
