"""How large a request may be and how long it may take to arrive. Nothing is buffered here."""

import asyncio
import re
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import RequestMalformedError, RequestTimeoutError, RequestTooLargeError

_DIGITS: Final = re.compile(rb"[0-9]{1,18}")


class RequestLimits:
    """Refuses a body over `max_body_bytes`, and one that is not whole `timeout_seconds` after its headers.

    The errors come up where the body is read, and become problems there.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, timeout_seconds: float) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with its body under watch."""
        if scope["type"] == "http" and self._has_body(scope):
            receive = self._watched(receive)
        await self._app(scope, receive, send)

    def _has_body(self, scope: Scope) -> bool:
        length: bytes | None = None
        has_body = False
        for name, value in scope["headers"]:
            if name == b"content-length":
                length = value
            elif name == b"transfer-encoding":
                has_body = True
        if length is None:
            return has_body
        if not _DIGITS.fullmatch(length):
            raise RequestMalformedError
        if int(length) > self._max_body_bytes:
            raise RequestTooLargeError
        return has_body or int(length) > 0

    def _watched(self, receive: Receive) -> Receive:
        deadline = asyncio.get_running_loop().time() + self._timeout_seconds
        received = 0
        is_whole = False

        async def watched() -> Message:
            nonlocal received, is_whole
            if is_whole:
                # What comes now is the disconnection, which may take as long as it likes.
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise RequestTimeoutError from None
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                raise RequestTooLargeError
            is_whole = not message.get("more_body", False)
            return message

        return watched
