"""The one tornado handler: authenticate, authorize, parse, call, render."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from pydantic import BaseModel
from tornado import web
from tornado.iostream import StreamClosedError

from ..errors import InvalidArgument, Message, NotFound, PermissionDenied, TooLarge, Unavailable
from ..services import Services
from .call import Answer, Call, Download, Lines, Reply
from .failure import render
from .route import PREFIX, Route

#: Key of the Jupyter server's settings under which the app puts its ``Access``.
SETTING = "jupyter_node_deploy_access"

_PIECE = 256 * 1024
#: Seconds that a stream may take to fail as a request does; later its failure ends the stream.
_FIRST_LINE = 0.5


class Access:
    """What handlers see of the app: its services, or why there are none.

    Attributes:
        services: None until the app has started, and if it failed to.
        reason: in words for the user, while there are no services.
        body_limit: bytes of a request's body.
    """

    def __init__(self, body_limit: int) -> None:
        self.services: Services | None = None
        self.reason: str = Message(
            "The extension is starting; try again in a moment.", "EXTENSION_STARTING"
        )
        self.body_limit = body_limit


class ControlHandler(APIHandler):
    """Serves the routes that share a path; none, for paths that don't exist."""

    _pump: asyncio.Task[None] | None = None

    def initialize(self, routes: Mapping[str, Route]) -> None:
        """Take the routes by their method."""
        self._routes = routes

    @web.authenticated
    async def get(self, **path: str) -> None:
        """Answer GET."""
        await self._dispatch("GET", path)

    @web.authenticated
    async def head(self, **path: str) -> None:
        """Answer HEAD as GET; tornado leaves the body out."""
        await self._dispatch("GET", path)

    @web.authenticated
    async def post(self, **path: str) -> None:
        """Answer POST."""
        await self._dispatch("POST", path)

    @web.authenticated
    async def put(self, **path: str) -> None:
        """Answer PUT."""
        await self._dispatch("PUT", path)

    @web.authenticated
    async def patch(self, **path: str) -> None:
        """Answer PATCH."""
        await self._dispatch("PATCH", path)

    @web.authenticated
    async def delete(self, **path: str) -> None:
        """Answer DELETE."""
        await self._dispatch("DELETE", path)

    def get_login_url(self) -> str:
        """Refuse a caller who is not logged in; called by ``web.authenticated``."""
        raise web.HTTPError(401, "No valid Jupyter token or login.")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Render what failed before or outside of the dispatch."""
        error = kwargs.get("exc_info", (None, None))[1]
        self._render_failure(error or web.HTTPError(status_code))

    def on_connection_close(self) -> None:
        """Stop a stream whose reader has gone."""
        if self._pump is not None:
            self._pump.cancel()

    async def _dispatch(self, method: str, path: dict[str, str]) -> None:
        try:
            route = self._route(method)
            await self._authorize(route)
            await self._send(route, await route.handle(self._call(route, path)))
        except StreamClosedError:
            self.log.debug("the client has gone: %s", self.request.path)
        except Exception as error:
            if self._headers_written:
                raise
            self._render_failure(error)

    def _route(self, method: str) -> Route:
        if not self._routes:
            raise NotFound(
                Message(
                    "There is nothing at {path}.",
                    "PATH_NOT_FOUND",
                    path=self.request.path,
                )
            )
        if method not in self._routes:
            allowed = ", ".join(sorted(self._routes))
            self.set_header("Allow", allowed)
            raise web.HTTPError(405, f"{method} is not possible here; possible: {allowed}.")
        return self._routes[method]

    async def _authorize(self, route: Route) -> None:
        resource = f"node_deploy:{route.resource}"
        if not await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, route.action, resource)
        ):
            raise PermissionDenied(
                Message(
                    "You are not authorized to {action} {resource}.",
                    "NOT_AUTHORIZED",
                    action=route.action,
                    resource=resource,
                )
            )

    def _call(self, route: Route, path: dict[str, str]) -> Call:
        access: Access = self.settings[SETTING]
        if access.services is None:
            raise Unavailable(access.reason)
        if len(self.request.body) > access.body_limit:
            raise TooLarge(
                Message(
                    "The body is over {limit} bytes.",
                    "BODY_TOO_LARGE",
                    limit=access.body_limit,
                )
            )
        names = {name: self.get_query_arguments(name)[-1] for name in self.request.query_arguments}
        return Call(
            services=access.services,
            path=path,
            query=None if route.query is None else route.query.model_validate(names),
            body=None if route.request is None else self._body(route.request),
            user=self.current_user.username,
        )

    def _body(self, model: type[BaseModel]) -> BaseModel:
        try:
            content = json.loads(self.request.body or b"{}")
        except RecursionError:
            raise _not_json("nested too deeply") from None
        except ValueError as error:
            raise _not_json(str(error)) from None
        return model.model_validate(content)

    async def _send(self, route: Route, answer: Answer) -> None:
        self.set_status(route.status)
        match answer:
            case None:
                self.finish(set_content_type=route.content)
            case BaseModel():
                self.finish(answer.model_dump_json(by_alias=True))
            case Reply():
                self.set_status(answer.status or route.status)
                for name, value in answer.headers.items():
                    self.set_header(name, value)
                self.finish(answer.body, set_content_type=answer.content_type)
            case Download():
                await self._send_file(answer)
            case _:
                await self._send_lines(answer)

    async def _send_file(self, download: Download) -> None:
        try:
            self.set_header("Content-Type", download.content_type)
            self.set_header("Content-Disposition", f'attachment; filename="{download.filename}"')
            with download.path.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    self.write(piece)
                    await self.flush()
            self.finish(set_content_type=download.content_type)
        finally:
            download.path.unlink(missing_ok=True)

    async def _send_lines(self, lines: Lines) -> None:
        first = asyncio.ensure_future(anext(lines, None))
        await asyncio.wait([first], timeout=_FIRST_LINE)
        if first.done():
            first.result()  # what fails at once can still be answered as a failure
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Accel-Buffering", "no")
        try:
            await self.flush()  # the reader learns that it is connected
        except StreamClosedError:
            first.cancel()
            raise
        self._pump = asyncio.create_task(self._pump_lines(first, lines))
        await asyncio.wait([self._pump])
        if not self._pump.cancelled():
            self._pump.result()
            self.finish(set_content_type="text/plain; charset=utf-8")

    async def _pump_lines(self, first: asyncio.Future[str | None], lines: Lines) -> None:
        try:
            line = await first
            while line is not None:
                self.write(line + "\n")
                await self.flush()
                line = await anext(lines, None)
        finally:
            await lines.aclose()

    def _render_failure(self, error: BaseException) -> None:
        status, body, headers = render(error, self.log)
        self.set_status(status)
        for name, value in headers.items():
            self.set_header(name, value)
        self.finish(json.dumps(body))


def _not_json(cause: str) -> InvalidArgument:
    return InvalidArgument(
        Message("The body is not valid JSON: {cause}.", "BODY_NOT_JSON", cause=cause)
    )


def handlers(routes: list[Route]) -> list[tuple[str, type[ControlHandler], dict[str, Any]]]:
    """Return tornado's rules for the routes, and one for all other paths below the prefix."""
    by_pattern: dict[str, dict[str, Route]] = {}
    for route in routes:
        by_pattern.setdefault(route.pattern, {})[route.method] = route
    rules: list[tuple[str, type[ControlHandler], dict[str, Any]]] = [
        (pattern, ControlHandler, {"routes": found}) for pattern, found in by_pattern.items()
    ]
    return [*rules, (PREFIX + r"(?:/.*)?", ControlHandler, {"routes": {}})]
