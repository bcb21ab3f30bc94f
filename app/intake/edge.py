"""Puts the edge around an app: what `create_app` calls, and how the server must be started."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app.intake.admission import Admission
from app.intake.connection import GuardedHttpProtocol
from app.intake.cross_origin import OPTIONS as CROSS_ORIGIN_OPTIONS
from app.intake.cross_origin import NamedOrigins
from app.intake.failures import Failures
from app.intake.gates import Gates
from app.intake.head_requests import HeadAsGet
from app.intake.limits import RequestLimits
from app.intake.request_context import RequestContext
from app.problems import problems


def _operation_id(route: APIRoute) -> str:
    return route.name


APP_OPTIONS: Final[dict[str, Any]] = {
    # The documents' own pages, without inline scripts or outside files, are in app/routers/documents.py.
    "docs_url": None,
    "redoc_url": None,
    "openapi_url": None,
    # Operation ids are what generated clients call their methods.
    "generate_unique_id_function": _operation_id,
    # A redirect would repeat the path that was sent.
    "redirect_slashes": False,
    # Spans would carry paths and queries, and log records the values that failed validation.
    "telemetry": {"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
}
"""Of `FastAPI(...)`."""

SERVER_OPTIONS: Final[dict[str, Any]] = {
    "http": GuardedHttpProtocol,
    # Whatever library for it is installed: there is no WebSocket here.
    "ws": "none",
    "server_header": False,
    "access_log": False,
    # `configure_logs` has taken the server's loggers over.
    "log_config": None,
}
"""Of `uvicorn.run(...)`."""


def install_edge(
    app: FastAPI,
    *,
    max_body_bytes: int,
    request_timeout_seconds: float,
    is_behind_tls: bool,
    gates: Gates,
    allowed_origins: tuple[str, ...] = (),
) -> None:
    """Add problems, gates, limits, foreign origins and the request context.

    Middleware added later would stand outside of them. The app's `state.authenticate` must be an
    `Authenticator` (`app/intake/access.py`) before the first request.
    """
    problems.install(app)
    # The last one added is the outermost. The wait for a place is no part of the time to arrive.
    app.add_middleware(Admission, gates=gates)
    app.add_middleware(RequestLimits, max_body_bytes=max_body_bytes, timeout_seconds=request_timeout_seconds)
    app.add_middleware(Failures)
    if allowed_origins:
        app.add_middleware(NamedOrigins, allow_origins=allowed_origins, **CROSS_ORIGIN_OPTIONS)
    app.add_middleware(RequestContext, is_behind_tls=is_behind_tls)
    app.add_middleware(HeadAsGet)
