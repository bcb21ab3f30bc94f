"""Which routes need no scope, each with its reason; the service does not start with another one without.

Forgetting a route's scope must not open it.
"""

from collections.abc import Iterable
from typing import Final

from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

from app.intake.access import scopes_of

PUBLIC: Final = {
    "POST /auth/token": "where tokens come from; it checks its callers itself",
    "GET /.well-known/jwks.json": "public keys",
    "GET /.well-known/oauth-authorization-server": "where tokens are given; nothing that is not public",
    "GET /health/live": "for the orchestrator; tells nothing of what is inside",
    "GET /health/ready": "as above",
    "GET /metrics": "figures for the monitoring inside the network; nothing personal",
    "GET /audit/checkpoint": "what is signed is there to be kept by everybody; a size and a hash",
    "GET /audit/public-key": "public keys",
    "GET /openapi.json": "the contract is public",
    "GET /docs": "as above",
    "GET /redoc": "as above",
    "GET /docs/assets/{name}": "as above",
    "GET /favicon.ico": "as above",
    "GET /console": "a page without data; its user logs in on it",
    "GET /console/": "as above",
    "GET /console/{name}": "files of that page",
    "GET /problems": "what each kind of problem means",
    "GET /problems/{code}": "as above",
}
"""Routes that anybody may call, with the reason."""

ANY_TOKEN: Final = {
    "GET /me": "tells the caller about itself",
    "GET /me/account": "tells the caller what its own account still needs",
    "POST /me/password": "changes the caller's own account; needed where a token has no scopes yet",
    "POST /me/second-factor": "as above",
    "PUT /me/second-factor": "as above",
    "GET /procedures": "procedures may be read with any token",
    "GET /procedures/{code}": "as above",
    "GET /procedures/{code}/due-date": "counts with the procedure's days and the public calendar",
    "GET /verify/status": "may be called with any token",
}
"""Routes for which every accepted token is enough, with the reason."""


class UnguardedRouteError(Exception):
    """A route neither declares a scope nor is known to need none."""


def refuse_unguarded(routes: Iterable[BaseRoute]) -> None:
    """Check every route of an app against the two lists.

    Raises:
        UnguardedRouteError: one of them would be open without a reason.
    """
    for context in iter_route_contexts(list(routes)):
        route = context.original_route
        for name in _names(route):
            scopes = scopes_of(route) if isinstance(route, APIRoute) else None
            if scopes or (scopes is None and name in PUBLIC) or (scopes is not None and name in ANY_TOKEN):
                continue
            raise UnguardedRouteError(f"{name} declares no scope, and no reason is known for that")


def _names(route: BaseRoute) -> list[str]:
    path = getattr(route, "path", "")
    methods = getattr(route, "methods", None) or {"ANY"}
    return [f"{method} {path}" for method in sorted(methods)]
