"""The start of a zygote: a process of the user's interpreter, and the socket to it.

It is begun before the front imports what it needs: both take as long, and can do it together.
"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

_PRIVATE = Path(__file__).resolve().parents[2] / "kernel_path"
# Run with the user's interpreter. The current directory must not be searched for our imports.
_COMMAND = (
    "import sys; sys.path[:1] == [''] and sys.path.pop(0); sys.path.insert(0, sys.argv[5]); "
    "from _jupyter_node_deploy.runtime.worker.zygote import main; main(sys.argv[1:])"
)


class Launched(NamedTuple):
    """A zygote that was started.

    Attributes:
        control: the socket for its commands.
        stacks: descriptor of a file that it and its workers add their stacks to when they are sent
            ``threads.STACK_SIGNAL``.
    """

    process: subprocess.Popen[bytes]
    control: socket.socket
    stacks: int


def launch(python: str, bundle: Path, work: Path, hash_seed: int | None) -> Launched:
    """Start a zygote.

    Args:
        python: the user's interpreter.
        bundle: the bundle's directory.
        work: the current directory of the workers.
        hash_seed: the kernel's: what remembers a hash is saved with it.

    Raises:
        OSError: the interpreter does not start.
    """
    ours, its = socket.socketpair()
    with tempfile.TemporaryFile() as file:
        stacks = os.dup(file.fileno())
    fcntl.fcntl(stacks, fcntl.F_SETFL, fcntl.fcntl(stacks, fcntl.F_GETFL) | os.O_APPEND)
    with its:
        variables = {"MPLBACKEND": "agg", **os.environ}
        if hash_seed is not None:
            variables["PYTHONHASHSEED"] = str(hash_seed)
        arguments = [its.fileno(), os.getpid(), bundle.absolute(), work, _PRIVATE, stacks]
        try:
            process = subprocess.Popen(
                [python, "-c", _COMMAND, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=2,  # ours is the request log
                pass_fds=[its.fileno(), stacks],
                start_new_session=True,  # Ctrl-C is for the front: it drains
                env=variables,
            )
        except OSError:
            ours.close()
            os.close(stacks)
            raise
    return Launched(process, ours, stacks)
