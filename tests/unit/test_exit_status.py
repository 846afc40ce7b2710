"""Ends of processes in words."""

import signal

import pytest

from jupyter_node_deploy.exit_status import ending


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended with exit code 0"),
        (7, "ended with exit code 7"),
        (-signal.SIGKILL, "was killed by SIGKILL (most likely because memory ran out)"),
        (-signal.SIGUSR1, "was killed by SIGUSR1"),
        (-250, "was killed by signal 250"),
    ],
)
def test_ending(status: int, words: str) -> None:
    assert ending(status) == words
