"""Starts the agent in a kernel and takes away the traces of how it got there."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .agent import Agent

#: Holds the settings as JSON when the kernel starts; see ``Settings``.
VARIABLE = "JUPYTER_NODE_DEPLOY_AGENT"
_PACKAGE = __name__.partition(".")[0]
_ARGUMENT = f"--InteractiveShellApp.extra_extensions={_PACKAGE}.agent"

#: The oldest Python that the rest of the agent can be imported by.
_OLDEST = (3, 10)

_agent: Agent | None = None
_problem: str | None = None


@dataclass(frozen=True)
class Settings:
    """What the server tells the agent.

    Attributes:
        home: the data directory.
        kernel_id: the kernel's id; names the agent's directory in the spool.
        mode: ``standard`` or ``autosave``.
        pythonpath: what PYTHONPATH was without us, None when it was not set.
        pythonhashseed: the same of PYTHONHASHSEED.
        hash_seed: what the server set it to; None: nobody knows by what the process hashes.
    """

    home: Path
    kernel_id: str
    mode: str = "standard"
    pythonpath: str | None = None
    pythonhashseed: str | None = None
    hash_seed: int | None = None

    @classmethod
    def parse(cls, text: str) -> Settings:
        """Read the settings.

        Raises:
            ValueError: they are malformed.
        """
        try:
            told = json.loads(text)
            return cls(
                Path(told["home"]),
                str(told["kernel_id"]),
                str(told.get("mode", "standard")),
                told.get("pythonpath"),
                told.get("pythonhashseed"),
                told.get("hash_seed"),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{VARIABLE} is malformed: {error!r}") from error


def start(shell: Any) -> Agent | None:
    """Start the agent of this process, once; without settings there is nothing to start."""
    global _agent, _problem  # noqa: PLW0603 - one process, one kernel
    text = os.environ.pop(VARIABLE, None)
    settings = None
    try:
        settings = Settings.parse(text) if text else None
        _clean_up(settings)
        if settings is not None and sys.version_info < _OLDEST:
            _problem = (
                "it runs Python {}.{}; checkpoints are made of Python {}.{} and later ones. Choose "
                "a kernel of a later Python.".format(*sys.version_info[:2], *_OLDEST)
            )
        elif settings is not None and running() is None:
            from .agent import Agent

            _agent = Agent(
                shell, settings.home, settings.kernel_id, settings.mode, settings.hash_seed
            )
            _agent.start()
            _problem = None
    except Exception as error:  # IPython would print it into the user's session
        _agent = None
        _problem = _words(error, settings)
    return _agent


def running() -> Agent | None:
    """Return the agent of this process, None in one that was forked from the kernel."""
    return _agent if _agent is not None and _agent.pid == os.getpid() else None


def problem() -> str | None:
    """Return why there is no agent in this process; None where it runs or nobody started it."""
    return _problem


def _words(error: Exception, settings: Settings | None) -> str:
    if isinstance(error, OSError) and settings is not None:
        return f"it can't write to {error.filename or settings.home}: {error.strerror}."
    return f"its agent did not start: {type(error).__name__}: {error}"


def _clean_up(settings: Settings | None) -> None:
    if settings is not None:
        _put_back("PYTHONPATH", settings.pythonpath)
        if settings.hash_seed is not None:
            _put_back("PYTHONHASHSEED", settings.pythonhashseed)
    package = sys.modules[_PACKAGE]
    directory = str(Path(package.__file__ or "").resolve().parents[1])
    sys.path[:] = [entry for entry in sys.path if _resolved(entry) != directory]
    sys.path_importer_cache.pop(directory, None)
    sys.argv[:] = [argument for argument in sys.argv if argument != _ARGUMENT]


def _put_back(name: str, value: str | None) -> None:
    """Give what the user's code starts the environment that it would have without us."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _resolved(entry: str) -> str:
    return os.path.realpath(entry) if isinstance(entry, str) and entry else ""
