"""Whether the process lives and whether it can do its work, for orchestrators and load balancers."""

from typing import Annotated, Literal

from fastapi import APIRouter

from app import problems
from app.deps import Health
from app.errors import ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.schemas.base import ResponseSchema
from app.schemas.terms import term

router = APIRouter(route_class=ServiceRoute, prefix="/health", tags=["operations"])


class HealthRead(ResponseSchema):
    """The service's own state."""

    status: Annotated[Literal["ok"], term("Always `ok`; anything else is a problem.", "trạng thái")]


@router.get("/live", summary="Tiến trình đang chạy", responses=problems.responses())
async def live() -> HealthRead:
    """Answer as long as the process can answer at all."""
    return HealthRead(status="ok")


@router.get("/ready", summary="Sẵn sàng phục vụ", responses=problems.responses(ServiceUnavailableError))
async def ready(health: Health) -> HealthRead:
    """Answer `ok` when the database can be read and the audit log's writer runs."""
    await health.check()
    return HealthRead(status="ok")
