"""Builds the service: the only place where its objects are made and connected."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from importlib import metadata
from typing import Final

from fastapi import FastAPI

from app.adapters.population.factory import open_population_database
from app.db.engine import Database
from app.domain.holidays_vn import vietnamese_calendar
from app.intake.bearer import BearerAuthenticator
from app.intake.edge import APP_OPTIONS, install_edge
from app.keys import Keys, Sealer
from app.logs import configure_logs
from app.openapi import install_openapi
from app.routers import audit, auth, cases, documents, health, me, procedures, verify
from app.services.access import Access
from app.services.audit_log import AuditLog
from app.services.audit_reader import AuditReader
from app.services.cases import Cases
from app.services.directory import Directory
from app.services.health import Health
from app.services.logins import Logins
from app.services.lookup_policy import LookupPolicy
from app.services.lookups import Lookups
from app.services.procedures import Procedures
from app.services.profiles import Profiles
from app.services.tokens import Tokens
from app.settings import Settings, load_settings

Clock = Callable[[], datetime]

ROUTERS: Final = (auth, me, verify, cases, procedures, audit, health, documents)

# How far the clocks of two hosts may differ before one takes the other's lookup for abandoned.
_CLOCK_TOLERANCE_SECONDS: Final = 10.0

# Due dates of cases from before the service and far ahead of it must find their days off.
_CALENDAR_YEARS: Final = range(2020, 2041)


def utc_now() -> datetime:
    """Tell the time; tests pass their own clock instead."""
    return datetime.now(UTC)


def app_from_environment() -> FastAPI:
    """Build the service as its environment says; what each server process calls."""
    settings = load_settings()
    configure_logs(settings.log_level)
    return create_app(settings)


def create_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """Build the service; it opens its database and its way to the register when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _open_services(app, settings, clock, stack)
            yield

    app = FastAPI(
        title="motcua-dancu", version=metadata.version("motcua-dancu"), lifespan=lifespan, **APP_OPTIONS
    )
    for module in ROUTERS:
        app.include_router(module.router)
    install_openapi(app)
    install_edge(
        app,
        max_body_bytes=settings.max_body_bytes,
        request_timeout_seconds=settings.request_timeout_seconds,
        is_behind_tls=settings.public_url.scheme == "https",
    )
    return app


@asynccontextmanager
async def _sweeping(audit_log: AuditLog, *, older_than_seconds: float) -> AsyncIterator[None]:
    """Sweep beside the service; at its end, a sweep under way is finished."""
    stopping = asyncio.Event()
    task = asyncio.create_task(
        audit_log.run_sweeps(older_than_seconds=older_than_seconds, stopping=stopping), name="audit-sweeps"
    )
    try:
        yield
    finally:
        stopping.set()
        await task


async def _open_services(app: FastAPI, settings: Settings, clock: Clock, stack: AsyncExitStack) -> None:
    """Open what the service needs, in order; the stack closes it in reverse."""
    keys = Keys.read(settings.key_file)
    sealer = Sealer(keys)
    database = Database(settings.database_url)
    stack.push_async_callback(database.close)
    population = await stack.enter_async_context(open_population_database(settings))
    audit_log = AuditLog(
        database,
        sealer,
        clock,
        queue_limit=settings.audit_queue_limit,
        timeout_seconds=settings.audit_timeout_seconds,
    )
    audit_log.start()
    stack.push_async_callback(audit_log.stop)
    # The longest that a living lookup's INTENT stays open: itself, the register's answer and the OUTCOME.
    longest_lookup_seconds = 2 * settings.audit_timeout_seconds + population.deadline_seconds
    await stack.enter_async_context(
        _sweeping(audit_log, older_than_seconds=longest_lookup_seconds + _CLOCK_TOLERANCE_SECONDS)
    )
    directory = Directory(database, sealer, clock)
    tokens = Tokens(
        keys.signing_key,
        issuer=settings.issuer,
        lifetime_seconds=settings.token_lifetime_seconds,
        clock=clock,
    )
    logins = Logins(database, directory, tokens, clock)
    stack.callback(logins.close)
    cases = Cases(
        database=database,
        directory=directory,
        audit=audit_log,
        sealer=sealer,
        calendar=vietnamese_calendar(_CALENDAR_YEARS),
        clock=clock,
    )
    app.state.authenticate = BearerAuthenticator(
        Access(tokens=tokens, directory=directory, audit=audit_log, clock=clock)
    )
    app.state.audit_reader = AuditReader(database=database, audit=audit_log, clock=clock)
    app.state.cases = cases
    app.state.health = Health(database=database, audit=audit_log)
    app.state.logins = logins
    app.state.lookups = Lookups(
        policy=LookupPolicy(directory=directory, cases=cases),
        audit=audit_log,
        population=population,
        clock=clock,
        unit_code=settings.npd_unit_code,
    )
    app.state.procedures = Procedures(directory=directory)
    app.state.profiles = Profiles(directory=directory)
    app.state.tokens = tokens
