"""Answers HEAD wherever GET is answered (RFC 9110, 9.3.2), as `curl -I` and balancers ask."""

from starlette.types import ASGIApp, Receive, Scope, Send


class HeadAsGet:
    """Has a HEAD done as a GET; the server, which keeps the scope that it made, leaves the content out.

    Everything inside, also log and figures, sees a GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
