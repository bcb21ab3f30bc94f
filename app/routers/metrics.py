"""Figures of the service for Prometheus."""

from fastapi import APIRouter
from starlette.responses import Response

from app.deps import Exposition
from app.intake.route import ServiceRoute
from app.services.metrics import CONTENT_TYPE

router = APIRouter(route_class=ServiceRoute, tags=["operations"])


class MetricsText(Response):
    """Prometheus' text format."""

    media_type = CONTENT_TYPE


@router.get("/metrics", summary="Số liệu vận hành", response_class=MetricsText)
async def metrics(exposition: Exposition) -> MetricsText:
    """Give counts and times in Prometheus' text format; nothing personal. Keep it inside the network."""
    return MetricsText(await exposition.text())
