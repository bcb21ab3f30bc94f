"""Around every request: its id, its trace, the headers that every answer has, and its one line in the log.

The line names the route's template and never the path, the query, a header's text or anything of the body.
"""

import re
import time
from typing import Final, Protocol

import structlog
from opentelemetry.trace import Span, StatusCode
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from app import traces
from app.intake.access import caller_name
from app.intake.admission import leave_uncounted
from app.intake.request_ids import accept_request_id, bind_request_id, problem_code_of, request_id_of

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_TRACEPARENT: Final = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}(?P<more>-.*)?"
)
# The status that access logs use for a caller who went away; it never leaves the house.
_CLIENT_CLOSED: Final = 499
_SERVER_FAILED: Final = 500

_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
# A route may set these itself: pages need their own policy, public files may be kept.
_DEFAULT_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_TLS_HEADER: Final = (b"strict-transport-security", b"max-age=31536000")

_log = structlog.get_logger("app.requests")


def trace_id_of(traceparent: str | None) -> str | None:
    """Read the trace id of a W3C traceparent header; None if it is not a valid one."""
    if traceparent is None:
        return None
    form = _TRACEPARENT.fullmatch(traceparent)
    if form is None or form["version"] == "ff" or (form["version"] == "00" and form["more"]):
        return None
    if not form["trace"].strip("0") or not form["parent"].strip("0"):
        return None
    return form["trace"]


def route_template(scope: Scope) -> str:
    """Name the route that a request was for, as `/cases/{receipt_number}`; `unmatched` if there was none."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    route = included if included is not None else scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or "unmatched")


class RequestFigures(Protocol):
    """Who counts requests; what an app has as `state.requests`, if it counts them."""

    def began(self) -> None:
        """Note that a request came."""
        ...

    def ended(self, method: str, route: str, *, status: int, seconds: float) -> None:
        """Count a request by its route's template."""
        ...


class RequestContext:
    """The outermost middleware but one: no answer lacks its headers, and no request its line."""

    def __init__(self, app: ASGIApp, *, is_behind_tls: bool = False) -> None:
        self._app = app
        self._headers = (*_HEADERS, _TLS_HEADER) if is_behind_tls else _HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and say how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        traceparent = _begin(scope)
        figures: RequestFigures | None = getattr(getattr(scope.get("app"), "state", None), "requests", None)
        if figures is not None:
            figures.began()
        answer = _Answer(send, (*self._headers, (b"x-request-id", request_id_of(scope).encode("ascii"))))
        try:
            with traces.request_span(traceparent) as span:
                _bind_trace(scope, traceparent, span)
                try:
                    await self._app(scope, receive, answer.send)
                except ClientDisconnect:
                    answer.status = _CLIENT_CLOSED
                if traces.is_on():
                    _describe(span, scope, answer.status)
        finally:
            leave_uncounted(scope)
            seconds = time.perf_counter() - started
            if figures is not None:
                figures.ended(_method(scope), route_template(scope), status=answer.status, seconds=seconds)
            _write_line(scope, answer.status, seconds)


class _Answer:
    """The way out: adds the headers and remembers the status."""

    def __init__(self, send: Send, headers: tuple[tuple[bytes, bytes], ...]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers.extend(pair for pair in _DEFAULT_HEADERS if pair[0] not in present)
            headers.extend(self._headers)
            message = {**message, "headers": headers}
        await self._send(message)


def _begin(scope: Scope) -> str | None:
    """Bind the request's id, and give its traceparent if it is a valid one."""
    request_ids: list[bytes] = []
    traceparents: list[bytes] = []
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            request_ids.append(value)
        elif name == b"traceparent":
            traceparents.append(value)
    request_id = accept_request_id(_only(request_ids))
    bind_request_id(scope, request_id)
    clear_contextvars()
    bind_contextvars(request_id=request_id)
    traceparent = _only(traceparents)
    return None if trace_id_of(traceparent) is None else traceparent


def _bind_trace(scope: Scope, traceparent: str | None, span: Span) -> None:
    """Name the trace in the log: the caller's, or the one that begins here."""
    trace_id = trace_id_of(traceparent) or traces.trace_id_of(span)
    if trace_id is not None:
        scope["state"]["trace_id"] = trace_id
        bind_contextvars(trace_id=trace_id)


def _describe(span: Span, scope: Scope, status: int) -> None:
    method, route = _method(scope), route_template(scope)
    span.update_name(f"{method} {route}")
    span.set_attributes({traces.METHOD: method, traces.ROUTE: route, traces.STATUS: status})
    problem = problem_code_of(scope)
    if problem is not None:
        span.set_attribute(traces.ERROR, problem)
    if status >= _SERVER_FAILED:
        span.set_status(StatusCode.ERROR)


def _only(values: list[bytes]) -> str | None:
    """Read a header that was sent once; sent more often, it says nothing."""
    return values[0].decode("latin-1") if len(values) == 1 else None


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "OTHER"


def _write_line(scope: Scope, status: int, seconds: float) -> None:
    _log.info(
        "request",
        method=_method(scope),
        route=route_template(scope),
        status=status,
        duration_ms=round(seconds * 1000, 2),
        problem=problem_code_of(scope),
        caller=caller_name(scope["state"]),
    )
