"""Procedures (thủ tục hành chính), for any caller; an administrator changes them."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response, Security

from app.deps import Procedures, current_caller
from app.domain.caller import Caller
from app.errors import (
    AuditUnavailableError,
    FieldFaultError,
    NotFoundError,
    PreconditionFailedError,
    RootAdminNeededError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.entity_tags import FOR_NO_VERSION
from app.routers.put_by_name import Admin, created, name_in_path, tell_that_it_is_new
from app.schemas.keyed_lists import KeyedListQuery
from app.schemas.procedures import (
    DueDateQuery,
    DueDateRead,
    ProcedureListRead,
    ProcedurePut,
    ProcedureRead,
)

router = APIRouter(route_class=ServiceRoute, prefix="/procedures", tags=["procedures"])

# Narrower than what may be asked for: "." and "-1" are no names to put into a path.
_NEW_CODE: Final = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9])?$"
CodeInPath = Annotated[str, name_in_path("Code of the procedure.", "mã thủ tục", example="1.004194")]
NewCodeInPath = Annotated[
    str, name_in_path("Code of the procedure.", "mã thủ tục", example="1.004194", pattern=_NEW_CODE)
]


@router.get(
    "",
    summary="Danh sách thủ tục hành chính",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_procedures(
    query: Annotated[KeyedListQuery, Query()],
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
    code: CodeInPath,
    _caller: Annotated[Caller, Security(current_caller)],
    procedures: Procedures,
) -> ProcedureRead:
    """Return one procedure: what it is, and which lookups and citizen fields it allows."""
    return ProcedureRead.of(await procedures.get(code))


@router.put(
    "/{code}",
    summary="Thêm hoặc thay thủ tục hành chính",
    dependencies=FOR_NO_VERSION,
    responses={
        **problems.responses(
            FieldFaultError,
            PreconditionFailedError,
            RootAdminNeededError,
            AuditUnavailableError,
            ServiceUnavailableError,
        ),
        **created("The procedure is new.", ProcedureRead),
    },
)
async def put_procedure(
    code: NewCodeInPath,
    body: ProcedurePut,
    caller: Admin,
    procedures: Procedures,
    response: Response,
) -> ProcedureRead:
    """Create a procedure or replace it as a whole. Cases received before keep what it was on their day.

    Procedures hold for all agencies, so only an administrator of the root agency changes them.
    The change is on record. A new procedure counts at once; where one is replaced, new cases and lookups at
    other processes of the service follow within half a minute.
    """
    procedure = body.to_procedure(code)
    if await procedures.put(caller, procedure):
        tell_that_it_is_new(response, f"/procedures/{code}")
    return ProcedureRead.of(procedure)


@router.get(
    "/{code}/due-date",
    summary="Tính ngày hẹn trả",
    responses=problems.responses(NotFoundError, FieldFaultError, ServiceUnavailableError),
)
async def get_due_date(
    code: CodeInPath,
    query: Annotated[DueDateQuery, Query()],
    _caller: Annotated[Caller, Security(current_caller)],
    procedures: Procedures,
) -> DueDateRead:
    """Tell when a case of this procedure would be due, counted in working hours, and the days off until then.

    The hours are the service's working hours; a case received outside them counts from the next opening.
    """
    return DueDateRead.of(await procedures.due_date(code, query.received_at))
