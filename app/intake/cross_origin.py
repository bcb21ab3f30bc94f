"""Lets the pages of named foreign origins call the service from a browser (CORS)."""

from typing import Any, Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SENT: Final = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Traceparent",
    "X-Request-Id",
)
_SHOWN: Final = (
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
)
_PREFLIGHT_MAX_AGE_SECONDS: Final = 600

OPTIONS: Final[dict[str, Any]] = {
    "allow_methods": _METHODS,
    "allow_headers": _SENT,
    "expose_headers": _SHOWN,
    # Tokens are sent by the page itself; cookies there are none.
    "allow_credentials": False,
    "max_age": _PREFLIGHT_MAX_AGE_SECONDS,
}
"""Of `NamedOrigins`, beside its `allow_origins`."""


class NamedOrigins(CORSMiddleware):
    """Answers preflights of the named origins and marks what goes to them.

    Any other origin meets the service as it is without this: its preflight is an `OPTIONS` that no route has.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http":
            origins = [value for name, value in scope["headers"] if name == b"origin"]
            if len(origins) != 1 or not self.is_allowed_origin(origins[0].decode("latin-1")):
                await self.app(scope, receive, send)
                return
        await super().__call__(scope, receive, send)
