"""A small app behind the whole edge, for the tests of the edge."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Body, FastAPI, Form, Query, Security
from starlette.requests import Request
from starlette.types import ASGIApp

from app.domain.caller import Caller
from app.domain.caller import Scope as Permission
from app.errors import (
    DomainError,
    InsufficientScopeError,
    PopulationDatabaseUnavailableError,
    ServiceUnavailableError,
    UnauthenticatedError,
)
from app.intake.access import CurrentCaller
from app.intake.edge import APP_OPTIONS, install_edge
from app.intake.gates import Gate, Gates
from app.intake.route import ServiceRoute
from app.schemas.base import RequestSchema
from app.schemas.texts import FullName, IdNumber, Note
from app.schemas.times import DEFAULT_LIMIT, Limit

MAX_BODY_BYTES = 4_096
RECEIVER = Caller(
    username="receiver",
    client_id=None,
    agency_code="H24.15",
    roles=frozenset(),
    scopes=frozenset({Permission.CASES_READ}),
    reach=frozenset({"H24.15"}),
    source_address="127.0.0.1",
)
TOKEN = {"Authorization": "Bearer good"}


class Person(RequestSchema):
    full_name: FullName
    id_number: IdNumber


class Papers(RequestSchema):
    applicant: Person
    copies: int = 1
    note: Note | None = None


async def authenticate(request: Request, scopes: frozenset[str]) -> Caller:
    if request.headers.get("authorization") != TOKEN["Authorization"]:
        raise UnauthenticatedError
    missing = scopes - RECEIVER.scopes
    if missing:
        raise InsufficientScopeError(*sorted(missing))
    return RECEIVER


current_caller = CurrentCaller()
router = APIRouter(route_class=ServiceRoute)


@router.get("/public")
async def public(limit: Limit = DEFAULT_LIMIT, name: Annotated[str, Query()] = "") -> dict[str, Any]:
    return {"limit": limit, "name": name}


@router.post("/public")
async def echo(papers: Papers) -> dict[str, Any]:
    return papers.model_dump()


@router.get("/secured")
async def secured(
    caller: Annotated[Caller, Security(current_caller, scopes=[Permission.CASES_READ])],
) -> dict[str, Any]:
    return {"username": caller.username}


@router.post("/secured")
async def secured_echo(
    papers: Papers, caller: Annotated[Caller, Security(current_caller, scopes=[Permission.CASES_READ])]
) -> dict[str, Any]:
    return {"username": caller.username, "copies": papers.copies}


@router.get("/admins")
async def admins(
    caller: Annotated[Caller, Security(current_caller, scopes=[Permission.ADMIN])],
) -> dict[str, Any]:
    return {"username": caller.username}


@router.patch("/papers/{number}")
async def patch(
    number: int, papers: Annotated[Papers, Body(media_type="application/merge-patch+json")]
) -> dict[str, Any]:
    return {"number": number, "copies": papers.copies}


@router.post("/token")
async def token(grant_type: Annotated[str, Form()]) -> dict[str, Any]:
    return {"grant_type": grant_type}


@router.get("/broken")
async def broken() -> None:
    number = "100190000001"
    raise ZeroDivisionError(f"NGUYỄN THỊ MINH NGỌC {number}")


def make_gate(
    *,
    places: int = 4,
    most_waiting: int = 4,
    wait_seconds: float = 5.0,
    refusal: type[DomainError] = ServiceUnavailableError,
    monotonic: Callable[[], float] = time.monotonic,
) -> Gate:
    return Gate(
        places=places,
        most_waiting=most_waiting,
        wait_seconds=wait_seconds,
        refusal=refusal,
        monotonic=monotonic,
    )


def make_gates(
    *, lookups: Gate | None = None, log_ins: Gate | None = None, requests: Gate | None = None
) -> Gates:
    return Gates(
        lookups=lookups or make_gate(refusal=PopulationDatabaseUnavailableError),
        log_ins=log_ins or make_gate(),
        requests=requests or make_gate(),
    )


def make_app(
    *routers: APIRouter,
    request_timeout_seconds: float = 30.0,
    gates: Gates | None = None,
    allowed_origins: tuple[str, ...] = (),
) -> FastAPI:
    app = FastAPI(**APP_OPTIONS)
    app.state.authenticate = authenticate
    for each in (router, *routers):
        app.include_router(each)
    install_edge(
        app,
        max_body_bytes=MAX_BODY_BYTES,
        request_timeout_seconds=request_timeout_seconds,
        is_behind_tls=False,
        allowed_origins=allowed_origins,
        gates=gates or make_gates(),
    )
    return app


@asynccontextmanager
async def open_client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://testserver", headers={"Accept-Language": "en"}
    ) as client:
        yield client


def make_raising_app(error: Exception) -> FastAPI:
    """Build an app one of whose routes fails as told."""
    raising = APIRouter(route_class=ServiceRoute)

    @raising.get("/raise")
    async def fail() -> None:
        raise error

    return make_app(raising)
