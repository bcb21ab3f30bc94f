"""Procedures (thủ tục hành chính), for any caller."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Security

from app import problems
from app.deps import Procedures, current_caller
from app.domain.caller import Caller
from app.errors import FieldFaultError, NotFoundError, ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.schemas.procedures import ProcedureListQuery, ProcedureListRead, ProcedureRead

router = APIRouter(route_class=ServiceRoute, prefix="/procedures", tags=["procedures"])


@router.get(
    "",
    summary="Danh sách thủ tục hành chính",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_procedures(
    query: Annotated[ProcedureListQuery, Query()],
    _caller: Annotated[Caller, Security(current_caller)],
    procedures: Procedures,
) -> ProcedureListRead:
    """List the procedures, active or not, in the order of their codes."""
    return ProcedureListRead.of(await procedures.list_procedures(after=query.cursor, limit=query.limit))


@router.get(
    "/{code}",
    summary="Xem thủ tục hành chính",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_procedure(
    code: Annotated[
        str,
        Path(
            description="Code of the procedure. (vi: mã thủ tục)",
            json_schema_extra={"x-vi-term": "mã thủ tục"},
            examples=["1.004194"],
        ),
    ],
    _caller: Annotated[Caller, Security(current_caller)],
    procedures: Procedures,
) -> ProcedureRead:
    """Return one procedure: what it is, and which lookups and citizen fields it allows."""
    return ProcedureRead.of(await procedures.get(code))
