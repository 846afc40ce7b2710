"""Asks a kernel's agent to do something, by silent requests that nobody sees."""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Callable
from typing import Any

from jupyter_client.session import Session

from ..errors import DeadlineExceeded, FailedPrecondition, Internal, Message
from .listener import as_stream, close_stream
from .provisioner import AGENT_MODULE, AGENT_VARIABLE, KERNEL_PATH

#: Seconds that a request which the kernel has begun may take.
_RUN_TIMEOUT = 900.0
# Between attempts when the kernel drops its queue because a cell raised.
_ABORTED_PAUSE = 0.1

_CALL = f"__import__({AGENT_MODULE!r}, fromlist=['x']).request"

# One expression, as a statement would need names in the user's namespace. The agent finds its
# settings in the environment as it does when the provisioner started it.
_LOAD = """(lambda os, sys, json, ip, path, settings: ((
    sys.path.insert(0, path),
    os.environ.__setitem__({variable!r}, json.dumps(
        {{**json.loads(settings), "pythonpath": os.environ.get("PYTHONPATH")}})),
    ip.extension_manager.load_extension({module!r}),
) if {module!r} not in sys.modules else None,
    json.dumps(__import__({module!r}, fromlist=["x"]).problem()))[1])(
    __import__("os"), __import__("sys"), __import__("json"),
    __import__("IPython").get_ipython(), {path!r}, {settings!r})"""


class AgentConnection:
    """The shell channel to one kernel, for requests to its agent.

    Args:
        connect: makes the socket or stream; the kernel manager's ``connect_shell``.
        session: the kernel manager's session, for the key.
    """

    def __init__(self, connect: Callable[[], Any], session: Session) -> None:
        self._session = Session(config=session.config, key=session.key)
        self._replies: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._begun: dict[str, asyncio.Event] = {}
        self._stream = as_stream(connect())
        self._stream.on_recv(self._on_reply)

    @property
    def session_id(self) -> str:
        """Marks our own requests in what the kernel publishes."""
        return str(self._session.session)

    def began(self, msg_id: str) -> None:
        """Note that the kernel works on one of our requests."""
        if event := self._begun.get(msg_id):
            event.set()

    def close(self, reason: str) -> None:
        """Hang up; requests without an answer fail with ``reason``."""
        close_stream(self._stream)
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(FailedPrecondition(reason))

    async def request(
        self, body: dict[str, Any], *, patience: float, give_up: Callable[[], None] | None = None
    ) -> dict[str, Any]:
        """Have the agent do something; the kernel works on it after what is queued already.

        Args:
            body: ``{"do": …}``.
            patience: seconds until the kernel must have begun.
            give_up: called after that; makes a request that is begun later do nothing.

        Returns:
            The agent's reply without ``ok``.

        Raises:
            DeadlineExceeded: the kernel was busy all the time, or the request took too long.
            FailedPrecondition: the kernel went away meanwhile, has no agent, or refuses.
        """
        text = await self._evaluate(
            f"{_CALL}({json.dumps(body)!r})", patience=patience, give_up=give_up
        )
        try:
            reply = json.loads(ast.literal_eval(text))
            succeeded = reply.pop("ok")
        except (ValueError, SyntaxError, KeyError, AttributeError, TypeError):
            raise Internal(f"The kernel's agent gave a reply without sense: {text[:200]}") from None
        if not succeeded:
            raise FailedPrecondition(
                Message(
                    "The kernel refused: {cause}",
                    "KERNEL_REFUSED",
                    cause=reply.get("error", "no reason given"),
                )
            )
        return dict(reply)

    async def load(self, message: dict[str, Any], *, patience: float) -> str | None:
        """Load the agent into a kernel that was launched without it.

        Args:
            message: what the agent is told, without ``pythonpath``.
            patience: seconds until the kernel must have begun.

        Returns:
            Why the agent that is loaded there does not work, None if it does.

        Raises:
            FailedPrecondition: it can't be loaded there; the message holds the kernel's words.
            DeadlineExceeded: the kernel was busy all the time.
        """
        text = await self._evaluate(
            _LOAD.format(
                variable=AGENT_VARIABLE,
                module=AGENT_MODULE,
                path=str(KERNEL_PATH),
                settings=json.dumps(message),
            ),
            patience=patience,
        )
        try:
            problem = json.loads(ast.literal_eval(text))
        except (ValueError, SyntaxError, TypeError):
            return None
        return None if problem is None else str(problem)

    async def _evaluate(
        self, expression: str, *, patience: float, give_up: Callable[[], None] | None = None
    ) -> str:
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            reply = await self._execute(expression, deadline, give_up)
            if reply.get("status") != "aborted":
                break
            await asyncio.sleep(_ABORTED_PAUSE)
        outcome = reply.get("user_expressions", {}).get("reply", reply)
        if outcome.get("status") != "ok":
            raise FailedPrecondition(
                Message(
                    "The kernel could not do it: {error_name}: {cause}",
                    "KERNEL_FAILED",
                    error_name=outcome.get("ename", "error"),
                    cause=outcome.get("evalue", ""),
                )
            )
        return str(outcome.get("data", {}).get("text/plain", ""))

    async def _execute(
        self, expression: str, deadline: float, give_up: Callable[[], None] | None
    ) -> dict[str, Any]:
        if self._stream.closed():
            raise FailedPrecondition(Message("The kernel is gone.", "KERNEL_GONE"))
        loop = asyncio.get_running_loop()
        message = self._session.msg(
            "execute_request",
            {
                "code": "",
                "silent": True,
                "store_history": False,
                "user_expressions": {"reply": expression},
                "allow_stdin": False,
                "stop_on_error": False,
            },
        )
        msg_id = message["header"]["msg_id"]
        reply = self._replies[msg_id] = loop.create_future()
        begun = self._begun[msg_id] = asyncio.Event()
        try:
            self._session.send(self._stream, message)
            if not await _first(reply, begun, deadline - loop.time()):
                if give_up is not None:
                    give_up()
                # The kernel may have begun in this very moment.
                if not await _first(reply, begun, 1.0):
                    raise DeadlineExceeded(
                        Message(
                            "The kernel is busy. Wait until its cells are done, or interrupt them, "
                            "and try again.",
                            "KERNEL_BUSY",
                        )
                    )
            return await asyncio.wait_for(reply, _RUN_TIMEOUT)
        except TimeoutError:
            raise DeadlineExceeded(
                Message(
                    "The kernel did not finish within {seconds} seconds.",
                    "KERNEL_TIMEOUT",
                    seconds=_RUN_TIMEOUT,
                )
            ) from None
        finally:
            del self._replies[msg_id], self._begun[msg_id]

    def _on_reply(self, parts: list[bytes]) -> None:
        try:
            _, frames = self._session.feed_identities(parts)
            message = self._session.deserialize(frames)
        except (ValueError, TypeError):
            return  # not signed by the kernel
        reply = self._replies.get(message["parent_header"].get("msg_id", ""))
        if reply is not None and not reply.done():
            reply.set_result(message["content"])


async def _first(
    reply: asyncio.Future[dict[str, Any]], begun: asyncio.Event, patience: float
) -> bool:
    """Wait until either happens; return False when neither does in time."""
    waiter = asyncio.ensure_future(begun.wait())
    both: list[asyncio.Future[Any]] = [reply, waiter]
    try:
        done, _ = await asyncio.wait(
            both, timeout=max(patience, 0), return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        waiter.cancel()
    return bool(done)
