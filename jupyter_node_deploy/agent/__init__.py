"""The agent: makes checkpoints from inside a user's kernel, as an extension of IPython.

Standard library only, CPython 3.10 to 3.14; an older one's kernel says that it is older. In
kernels it goes by the name
``_jupyter_node_deploy.agent``, and nothing of it shows in the user's session.
"""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """Start the agent; called by IPython, and harmless when called again."""
    from .startup import start

    start(shell)


def request(text: str) -> str:
    """Do what the server asks for; see ``requests``."""
    from .requests import answer

    return answer(text)


def problem() -> "str | None":
    """Return why there is no agent in this process, None where there is."""
    from . import startup

    return startup.problem()
