"""Whether the process lives and whether it can do its work, for orchestrators and load balancers."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter

from app.deps import Gates, Health
from app.errors import ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.problems import problems
from app.schemas.base import ResponseSchema
from app.schemas.terms import term

# About what another process needs to take over.
_RESTART_SECONDS: Final = 5

router = APIRouter(route_class=ServiceRoute, prefix="/health", tags=["operations"])


class HealthRead(ResponseSchema):
    """The service's own state."""

    status: Annotated[Literal["ok"], term("Always `ok`; anything else is a problem.", "trạng thái")]


class ReadyRead(HealthRead):
    """The service's own state, and how the audit log's checkpoints and the way to the register look."""

    population_database: Annotated[
        Literal["available", "degraded", "unavailable"],
        term("As `GET /verify/status` tells it; cases are received whatever it is.", "tình trạng kết nối"),
    ]
    audit_checkpoints: Annotated[
        Literal["current", "late", "refusing"],
        term(
            "`late` when the audit log's checkpoints cannot be signed or anchored; `refusing` when that has "
            "lasted so long that lookups are answered with 503.",
            "tình trạng xác nhận nhật ký",
        ),
    ]


@router.get("/live", summary="Tiến trình đang chạy", responses=problems.responses())
async def live() -> HealthRead:
    """Answer as long as the process can answer at all."""
    return HealthRead(status="ok")


@router.get("/ready", summary="Sẵn sàng phục vụ", responses=problems.responses(ServiceUnavailableError))
async def ready(gates: Gates, health: Health) -> ReadyRead:
    """Answer `ok` when the database can be read, the audit log's writer runs and the process is to go on."""
    if gates.is_draining:
        raise ServiceUnavailableError(retry_after_seconds=_RESTART_SECONDS)
    population = await health.check()
    return ReadyRead(status="ok", population_database=population.state, audit_checkpoints=health.checkpoints)
