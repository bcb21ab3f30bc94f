"""Agencies (cơ quan), for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.deps import Agencies
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
from app.routers.put_by_name import Admin, created, name_in_path, tell_that_it_is_new
from app.schemas.accounts import AgencyListRead, AgencyPut, AgencyRead
from app.schemas.keyed_lists import KeyedListQuery

router = APIRouter(route_class=ServiceRoute, prefix="/agencies", tags=["administration"])

_InPath = Annotated[str, name_in_path("Code of the agency.", "mã định danh cơ quan", example="H24.17")]
_NewInPath = Annotated[
    str,
    name_in_path(
        "Code of the agency.", "mã định danh cơ quan", example="H24.17", pattern=AGENCY_CODE_PATTERN
    ),
]


@router.get(
    "",
    summary="Danh sách cơ quan",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_agencies(
    query: Annotated[KeyedListQuery, Query()], caller: Admin, agencies: Agencies
) -> AgencyListRead:
    """List the own agency and those below it."""
    return AgencyListRead.of(await agencies.list_agencies(caller, after=query.cursor, limit=query.limit))


@router.get(
    "/{code}",
    summary="Xem cơ quan",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_agency(code: _InPath, caller: Admin, agencies: Agencies) -> AgencyRead:
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
        **created("The agency is new.", AgencyRead),
    },
)
async def put_agency(
    code: _NewInPath, body: AgencyPut, caller: Admin, agencies: Agencies, response: Response
) -> AgencyRead:
    """Create an agency below another, or replace it. None is ever removed: cases and the audit log name it.

    The change is on record. Other processes of the service follow within half a minute.
    """
    agency = body.to_agency(code)
    is_new = await agencies.put(caller, agency)
    if is_new:
        tell_that_it_is_new(response, f"/agencies/{code}")
    return AgencyRead.of(agency)
