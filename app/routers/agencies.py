"""Agencies (cơ quan), for administrators."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response, Security, status

from app.deps import Agencies, current_caller
from app.domain.caller import Caller, Scope
from app.domain.receipt_number import AGENCY_CODE_PATTERN
from app.errors import (
    AuditUnavailableError,
    FieldFaultError,
    NotFoundError,
    PreconditionFailedError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.entity_tags import FOR_NO_VERSION
from app.schemas.accounts import AgencyListRead, AgencyPut, AgencyRead
from app.schemas.keyed_lists import KeyedListQuery

router = APIRouter(route_class=ServiceRoute, prefix="/agencies", tags=["administration"])

_Admin = Annotated[Caller, Security(current_caller, scopes=[Scope.ADMIN])]
# Not checked as a pattern: what cannot be is answered as what is not there.
_InPath = Annotated[
    str,
    Path(
        description="Code of the agency. (vi: mã định danh cơ quan)",
        json_schema_extra={"x-vi-term": "mã định danh cơ quan"},
        examples=["H24.17"],
    ),
]
_NewInPath = Annotated[
    str,
    Path(
        description="Code of the agency. (vi: mã định danh cơ quan)",
        json_schema_extra={"x-vi-term": "mã định danh cơ quan"},
        pattern=AGENCY_CODE_PATTERN,
        examples=["H24.17"],
    ),
]
_CREATED: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "description": "The agency is new.",
        "model": AgencyRead,
        "headers": {
            "Location": {"description": "Path of what was made.", "schema": {"type": "string"}},
        },
    }
}


@router.get(
    "",
    summary="Danh sách cơ quan",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_agencies(
    query: Annotated[KeyedListQuery, Query()], caller: _Admin, agencies: Agencies
) -> AgencyListRead:
    """List the own agency and those below it."""
    return AgencyListRead.of(await agencies.list_agencies(caller, after=query.cursor, limit=query.limit))


@router.get(
    "/{code}",
    summary="Xem cơ quan",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_agency(code: _InPath, caller: _Admin, agencies: Agencies) -> AgencyRead:
    """Return one agency."""
    return AgencyRead.of(await agencies.get(caller, code))


@router.put(
    "/{code}",
    summary="Thêm hoặc thay cơ quan",
    dependencies=FOR_NO_VERSION,
    responses={
        **problems.responses(
            NotFoundError,
            FieldFaultError,
            PreconditionFailedError,
            AuditUnavailableError,
            ServiceUnavailableError,
        ),
        **_CREATED,
    },
)
async def put_agency(
    code: _NewInPath, body: AgencyPut, caller: _Admin, agencies: Agencies, response: Response
) -> AgencyRead:
    """Create an agency below another, or replace it. None is ever removed: cases and the audit log name it.

    The change is on record. Other processes of the service follow within half a minute.
    """
    agency = body.to_agency(code)
    is_new = await agencies.put(caller, agency)
    if is_new:
        response.status_code = status.HTTP_201_CREATED
        response.headers["Location"] = f"/agencies/{code}"
    return AgencyRead.of(agency)
