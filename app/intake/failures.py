"""Answers what nobody within has answered, with the problem that it is."""

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.intake.request_context import route_template
from app.problems import problems

_log = structlog.get_logger("app.requests")


class Failures:
    """The last one who can answer at all; what marks answers, as for foreign origins, stands around it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on.

        Raises:
            ClientDisconnect: nobody would read an answer.
            Exception: an answer had begun. Its status has left, so breaking the connection is the only way
                left to say that this failed.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            raise
        except Exception as exc:
            if has_begun:
                _log.error("answer-broken-off", route=route_template(scope), exc_info=exc)
                raise
            await problems.respond(exc, Request(scope))(scope, receive, send)
