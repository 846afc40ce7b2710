"""Notes what the runs of a dry run touch outside of their environment.

Runs in the zygote and the workers of a dry run only (user's interpreter, standard library only):
where the front has made the file ``touched`` beside the workers' directory. That file is written,
not memory, because workers fork and may be killed. See ``namespace/touched.py``.

What code of the user's does counts wherever it is loaded; what packages do for it counts while the
cell runs, but not what they do while they are imported: they look for settings in many places.
"""

from __future__ import annotations

import collections.abc
import json
import os
import shlex
import shutil
import socket
import stat
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from .cell import FILENAME
from .outside import OWN, Outside

_IMPORT = "<frozen importlib"
#: What asks for entry points or versions lists each directory of ``sys.path``.
_METADATA = os.path.join(os.path.dirname(os.__file__), "importlib", "metadata", "")
#: Variables that every process has, or that say how a package is to run and not what it finds.
_ORDINARY = frozenset(
    (
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "OLDPWD", "TMPDIR", "TEMP", "TMP"),
        *("TERM", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "LANG", "LANGUAGE"),
        *("TRACEPARENT", "TRACESTATE", "MPLBACKEND", "DISPLAY", "HOSTNAME", "SHLVL", "_"),
        *("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHASHSEED", "PYTHONUNBUFFERED", "LD_LIBRARY_PATH"),
        *("DEBIAN_FRONTEND", "PYTHONIOENCODING", "PYTHONDONTWRITEBYTECODE", "MAIL"),
    )
)
_SHELLS = ("sh", "bash", "dash", "zsh")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Touching:
    """Notes what is touched, from now on and in what is forked from this process.

    Args:
        notes: the file that is written to.
        work: the workers' current directory.
        bundle: its directory.
    """

    def __init__(self, notes: Path, work: str, bundle: str) -> None:
        self._notes = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._work = work + os.sep
        self._before = {name.partition(".")[0] for name in sys.modules}  # by what starts Python
        self._running = 0
        self._seen: set[tuple[str, str]] = set()
        self._bound: set[int] = set()
        self._resolved: set[int] = set()
        self._listing: tuple[int, int] | None = None
        self._busy = threading.local()
        self._outside = Outside(work, bundle)
        self._heard: dict[str, Callable[..., None]] = {
            "open": self._opened,
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "sqlite3.connect": self._connected_to_file,
            "subprocess.Popen": self._started,
            "os.system": self._shell,
            "os.exec": self._executed,
            "os.posix_spawn": self._executed,
            "socket.getaddrinfo": self._looked_up,
            "socket.connect": self._connected,
            "socket.bind": self._is_bound,
            "tempfile.mkstemp": self._outside.made,
            "tempfile.mkdtemp": self._outside.made,
        }
        sys.addaudithook(self._hear)
        self._watch_environment()

    def watch(self, cell: Any) -> None:
        """Note that a cell's runs begin and end: what packages do in them counts, too."""
        run, coroutine = cell.run, cell.coroutine

        def noted(namespace: dict[str, Any]) -> None:
            self._running += 1
            try:
                run(namespace)
            finally:
                self._running -= 1
                self._end()

        async def awaited(namespace: dict[str, Any]) -> None:
            self._running += 1
            try:
                await coroutine(namespace)
            finally:
                self._running -= 1
                self._end()

        cell.run, cell.coroutine = noted, awaited

    def _note(self, kind: str, what: str) -> None:
        if (kind, what) in self._seen:
            return
        self._seen.add((kind, what))
        text = json.dumps([kind, what]) + "\n"
        os.write(self._notes, text.encode())

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        heard = self._heard.get(event)
        if heard is None or getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            frame = sys._getframe(1)
            if event == "open" and frame.f_code.co_filename == tempfile.__file__:
                self._outside.made(arguments[0])
            elif self._counts(frame):
                heard(*arguments)
        except Exception:  # noqa: S110 - what is noted must not change what happens
            pass
        finally:
            self._busy.now = False

    def _counts(self, frame: FrameType | None) -> bool:
        """Tell whether it is the user's doing: by the frame that it comes from, outwards."""
        main = sys.modules["__main__"].__dict__
        nearest = True
        while frame is not None:
            name = frame.f_code.co_filename
            if frame.f_globals is main or name == FILENAME or name.startswith(self._work):
                return True
            if name.startswith((_IMPORT, _METADATA)) or (nearest and name.startswith(OWN)):
                return False
            nearest = False
            frame = frame.f_back
        return self._running > 0

    # --- files ---

    def _opened(self, path: Any, mode: Any, flags: int) -> None:
        if (name := self._outside.path(path)) is None:
            return
        if isinstance(mode, str):
            writes = any(letter in mode for letter in "wax+")
        else:
            writes = bool(flags & _WRITES)
        if writes:
            self._outside.written.add(name)
            if not self._outside.brings(name):
                self._note("written", name)
        else:
            self._is_read(name, path)

    def _is_read(self, name: str, given: Any) -> None:
        if name in self._outside.written:
            return
        if not os.path.exists(name):
            inside = name.startswith(self._work)
            self._note("missing", name[len(self._work) :] if inside else os.fsdecode(given))
        elif not self._outside.brings(name):
            self._note("files", name)

    def _listed(self, path: Any) -> None:
        name = self._outside.path("." if path is None else path)
        if name is None or not os.path.isdir(name):
            return
        if not self._outside.brings(os.path.join(name, "")):
            self._note("files", name)

    def _connected_to_file(self, database: Any) -> None:
        text = os.fsdecode(database)
        if text and text != ":memory:" and not text.startswith("file:"):
            name = self._outside.path(text)
            if name is not None:
                self._is_read(name, text)

    # --- programs ---

    def _started(self, executable: Any, arguments: Any, *_: Any) -> None:
        given = [arguments] if isinstance(arguments, (str, bytes, os.PathLike)) else [*arguments]
        words = [os.fsdecode(word) for word in given]
        program = os.fsdecode(executable) if executable else words[0]
        if os.path.basename(program) in _SHELLS and "-c" in words[:2]:
            self._shell(words[words.index("-c") + 1])
        else:
            self._program(program)

    def _executed(self, program: Any, *_: Any) -> None:
        self._program(os.fsdecode(program))

    def _shell(self, command: Any) -> None:
        text = os.fsdecode(command)
        try:
            words = shlex.split(text)
        except ValueError:
            words = text.split()
        while words and "=" in words[0]:  # variables for it
            words.pop(0)
        if words:
            self._program(words[0])

    def _program(self, name: str) -> None:
        path = shutil.which(name) or name
        if os.path.realpath(path) != os.path.realpath(sys.executable):
            self._note("programs", path)

    # --- addresses ---

    def _looked_up(self, host: Any, port: Any, *_: Any) -> None:
        if not host:
            return
        name = host.decode() if isinstance(host, bytes) else str(host)
        if isinstance(port, (str, bytes)) and not str(port).isdigit():
            port = socket.getservbyname(os.fsdecode(port))
        if port is None or int(port) not in self._bound:
            if port is not None:
                self._resolved.add(int(port))
            self._note("addresses", name if port is None else f"{name}:{int(port)}")

    def _connected(self, _: Any, address: Any) -> None:
        if isinstance(address, tuple) and len(address) >= 2:
            if address[1] not in self._bound and address[1] not in self._resolved:
                self._note("addresses", f"{address[0]}:{address[1]}")
        elif isinstance(address, (str, bytes)):
            name = os.fsdecode(address)
            if name and name[0] != "\0" and not name.startswith(tempfile.gettempdir() + os.sep):
                self._note("addresses", f"unix:{os.path.abspath(name)}")

    def _is_bound(self, sock: Any, address: Any) -> None:
        if isinstance(address, tuple) and len(address) >= 2 and address[1]:
            self._bound.add(address[1])

    # --- variables ---

    def _watch_environment(self) -> None:
        """Hear of reads of ``os.environ``, which raise no audit event."""
        kind: Any = type(os.environ)
        look, step = kind.__getitem__, kind.__iter__

        def item(environment: Any, name: Any) -> Any:
            value = look(environment, name)
            if not getattr(self._busy, "now", False):
                self._busy.now = True
                try:
                    self._variable(name, _caller(sys._getframe(1)))
                finally:
                    self._busy.now = False
            return value

        def every(environment: Any) -> Any:
            self._listing = _place(_caller(sys._getframe(1)))
            return step(environment)

        kind.__getitem__, kind.__iter__ = item, every

    def _variable(self, name: str, frame: FrameType | None) -> None:
        # Who copies the whole environment has asked for none of it.
        if frame is None or name in _ORDINARY or name.startswith(("LC_", "XDG_", "NODE_DEPLOY_")):
            return
        if _place(frame) != self._listing and self._counts(frame):
            self._note("variables", name)

    # --- what is there at the end of a run ---

    def _end(self) -> None:
        self._busy.now = True
        try:
            for name in {*self._packages()}:
                self._note("modules", name)
            self._mapped()
            self._held()
        except Exception:  # noqa: S110 - what is noted must not change what happens
            pass
        finally:
            self._busy.now = False

    def _packages(self) -> Any:
        """Yield for what is loaded of packages the shortest names that have a file."""
        for name in list(sys.modules):
            parts = name.split(".")
            if parts[0] in self._before:
                continue
            for end in range(1, len(parts) + 1):
                module = sys.modules.get(".".join(parts[:end]))
                file = getattr(module, "__file__", None)
                if isinstance(file, str):
                    if self._outside.is_package(file):
                        yield ".".join(parts[:end])
                    break

    def _mapped(self) -> None:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            names = {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if "/" in line}
        for name in names:
            path = os.path.realpath(name)
            if ".so" in os.path.basename(name):
                if not self._outside.installed(path):
                    self._note("libraries", name)
            else:
                self._has(name)

    def _held(self) -> None:
        for number in os.listdir("/proc/self/fd"):
            try:
                name = os.readlink(f"/proc/self/fd/{number}")
            except OSError:
                continue
            self._has(name)

    def _has(self, name: str) -> None:
        """Note a file that is open or mapped, by whatever code."""
        if not name.startswith("/") or name.endswith(" (deleted)"):
            return
        path = self._outside.path(name)
        if path is None or self._outside.brings(path) or path in self._outside.written:
            return
        try:
            regular = stat.S_ISREG(os.stat(path).st_mode)
        except OSError:
            return
        if regular and ("files", path) not in self._seen and path not in self._standard():
            self._note("files", path)

    def _standard(self) -> set[str]:
        """Return the files behind standard output and errors: logs of who has started this."""
        found = {sys.executable, os.path.realpath(sys.executable)}
        for number in (0, 1, 2):
            try:
                found.add(os.readlink(f"/proc/self/fd/{number}"))
            except OSError:
                continue
        return found


def _caller(frame: FrameType | None) -> FrameType | None:
    """Return the frame that reads the environment: not those of ``os`` and of abstract classes."""
    own = (os.__file__, collections.abc.__file__, "<frozen os>", "<frozen _collections_abc>")
    while frame is not None and frame.f_code.co_filename in own:
        frame = frame.f_back
    return frame


def _place(frame: FrameType | None) -> tuple[int, int] | None:
    return None if frame is None else (id(frame), frame.f_lasti)
