"""Builds the service: the web application around what `app/composition/service.py` connects."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import metadata
from typing import Any, Final

from fastapi import APIRouter, FastAPI

from app.clock import Clock, utc_now
from app.composition.gates import make_gates
from app.composition.service import Composition
from app.intake.connection import GATES, NAMED_ORIGINS
from app.intake.edge import APP_OPTIONS, install_edge
from app.intake.open_routes import refuse_unguarded
from app.logs import configure_logs
from app.openapi import install_openapi
from app.routers import (
    agencies,
    audit,
    auth,
    case_changes,
    case_search,
    cases,
    clients,
    console,
    documents,
    health,
    me,
    metrics,
    officers,
    procedures,
    receipts,
    reports,
    verify,
    webhooks,
)
from app.serving.draining import draining
from app.serving.memory import give_freed_memory_back, spare_the_collector
from app.serving.threads import take_short_turns
from app.settings.settings import Settings, load_settings

# In the order in which their paths are tried: first what is asked most.
ROUTERS: Final = (
    verify,
    cases,
    case_changes,
    case_search,
    receipts,
    auth,
    me,
    procedures,
    audit,
    reports,
    webhooks,
    agencies,
    officers,
    clients,
    health,
    metrics,
    documents,
    console,
)


# For all services that a process builds: FastAPI takes a while to work out what each route needs.
ROUTES: Final = APIRouter(generate_unique_id_function=APP_OPTIONS["generate_unique_id_function"])
for _module in ROUTERS:
    ROUTES.include_router(_module.router)


def app_from_environment() -> FastAPI:
    """Build the service as its environment says; what each server process calls."""
    give_freed_memory_back()
    take_short_turns()
    settings = load_settings()
    configure_logs(settings.log_level)
    return create_app(settings)


def create_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """Build the service; it opens its database and its way to the register when it starts."""
    gates = make_gates(settings)
    named_origins = frozenset(origin.encode("ascii") for origin in settings.allowed_origins)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with AsyncExitStack() as stack:
            await Composition(settings, clock, stack).open(app.state)
            gates.on_refusal = app.state.metrics.request_refused
            stack.enter_context(draining(gates, notice_seconds=settings.shutdown_notice_seconds))
            spare_the_collector()
            yield {GATES: gates, NAMED_ORIGINS: named_origins}

    app = FastAPI(
        title="motcua-dancu", version=metadata.version("motcua-dancu"), lifespan=lifespan, **APP_OPTIONS
    )
    app.state.gates = gates
    app.router.routes.extend(ROUTES.routes)
    refuse_unguarded(app.routes)
    install_openapi(app)
    install_edge(
        app,
        max_body_bytes=settings.max_body_bytes,
        request_timeout_seconds=settings.request_timeout_seconds,
        is_behind_tls=settings.public_url.scheme == "https",
        allowed_origins=settings.allowed_origins,
        gates=gates,
    )
    return app
