"""Who may enter a route, which says so in its signature.

    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])]

Without scopes any accepted token will do; without `CurrentCaller` the route is public. The caller is
authenticated and the scopes are checked before anything of the request's body is read, by `ServiceRoute`.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.security import SecurityScopes
from starlette.requests import Request

from app.domain.caller import Caller


class Authenticator(Protocol):
    """What `app.state.authenticate` has to be."""

    async def __call__(self, request: Request, scopes: frozenset[str]) -> Caller:
        """Tell who calls.

        Raises:
            UnauthenticatedError: no token, or one that we do not accept.
            InsufficientScopeError: the token lacks one of `scopes`.
        """
        ...


class _Admission(NamedTuple):
    caller: Caller
    scopes: frozenset[str]


async def admit(request: Request, scopes: frozenset[str]) -> None:
    """Authenticate the caller and check the scopes; `CurrentCaller` gives the result to the route."""
    authenticate: Authenticator = request.app.state.authenticate
    request.state.admission = _Admission(await authenticate(request, scopes), scopes)


class CurrentCaller:
    """A dependency: the caller of the request, which `ServiceRoute` has admitted before its body was read."""

    async def __call__(self, request: Request, declared: SecurityScopes) -> Caller:
        """Give the caller. Async, because FastAPI runs plain functions in a thread."""
        admission: _Admission = request.state.admission
        # Scopes declared where ServiceRoute does not see them, as on include_router, were not checked.
        if not admission.scopes.issuperset(declared.scopes):
            raise RuntimeError("a scope was declared outside the route's own signature and router")
        return admission.caller


def caller_name(state: dict[str, object]) -> str | None:
    """Name the caller of a request for its log line, if there is one."""
    admission = state.get("admission")
    if not isinstance(admission, _Admission):
        return None
    return admission.caller.username or admission.caller.client_id


def required_scopes(dependant: Dependant) -> frozenset[str] | None:
    """Tell the scopes that a route declares; None for a public route."""
    found = [
        frozenset(map(str, (*(part.parent_oauth_scopes or ()), *(part.own_oauth_scopes or ()))))
        for part in _parts(dependant)
        if isinstance(part.call, CurrentCaller)
    ]
    return frozenset().union(*found) if found else None


def scopes_of(route: APIRoute) -> frozenset[str] | None:
    """Tell the scopes of a route; None for a public one."""
    return required_scopes(route.dependant)


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    for part in dependant.dependencies:
        yield part
        yield from _parts(part)
