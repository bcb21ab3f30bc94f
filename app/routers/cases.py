"""Cases (hồ sơ): register, list, read."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Response, Security, status

from app.deps import Cases, current_caller
from app.domain.caller import Caller, Scope
from app.errors import (
    AgencyNotFoundError,
    AuditUnavailableError,
    CaseNotFoundError,
    FieldFaultError,
    IdempotencyKeyInUseError,
    IdempotencyKeyReusedError,
    LookupAlreadyTiedError,
    LookupNotFoundError,
    ProcedureNotFoundError,
    PurposeMismatchError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.case_answers import (
    ETAG,
    LOCATION,
    ONE_CASE,
    REPLAYED,
    WITH_ETAG,
    ReceiptNumberInPath,
    Responses,
    answer_once,
    created_case,
    idempotency_key,
    keyed_request,
)
from app.routers.entity_tags import case_tag, is_unchanged
from app.schemas.case_views import CaseListRead, CaseRead
from app.schemas.cases import CaseListQuery, RegisterCaseRequest

router = APIRouter(route_class=ServiceRoute, prefix="/cases", tags=["cases"])

_CREATED: Final[Responses] = {201: {"headers": LOCATION | ETAG | REPLAYED}}
_UNCHANGED: Final[Responses] = {304: {"description": "The caller has this state already.", "headers": ETAG}}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Tiếp nhận hồ sơ",
    response_model=CaseRead,
    responses={
        **problems.responses(
            FieldFaultError,
            ProcedureNotFoundError,
            AgencyNotFoundError,
            LookupNotFoundError,
            PurposeMismatchError,
            LookupAlreadyTiedError,
            IdempotencyKeyReusedError,
            IdempotencyKeyInUseError,
            AuditUnavailableError,
            ServiceUnavailableError,
        ),
        **_CREATED,
    },
)
async def register_case(
    body: RegisterCaseRequest,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_WRITE])],
    cases: Cases,
    key: Annotated[str | None, Depends(idempotency_key)],
) -> Response:
    """Register a case and give it its receipt number and due date.

    An officer registers for the own agency; a system names the agency in `agency_code`. The lookups in
    `lookup_ids` are tied to the case: those that the same officer made in the last 24 hours for the same
    procedure. An online case has no due date until it is received.

    With an `Idempotency-Key`, a request that is sent again within 24 hours makes no second case: it gets the
    first answer, with `Idempotency-Replayed: true`. A request that was refused does not use its key up.
    """
    keyed = keyed_request(key, "POST /cases", body, created_case)
    outcome = await cases.register(caller, body.to_registration(), keyed=keyed)
    return answer_once(outcome, created_case)


@router.get(
    "", summary="Danh sách hồ sơ", responses=problems.responses(FieldFaultError, ServiceUnavailableError)
)
async def list_cases(
    query: Annotated[CaseListQuery, Query()],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])],
    cases: Cases,
) -> CaseListRead:
    """List cases, newest first, with the applicants' numbers masked.

    A receiver sees the own agency's cases; a manager and a system also those of the agencies below. While
    one pages, new cases appear before the first page only: none is lost or shown twice.
    """
    page = await cases.list_cases(caller, query.to_filters(), after=query.cursor, limit=query.limit)
    return CaseListRead.of(page)


@router.get(
    ONE_CASE,
    summary="Xem hồ sơ",
    response_model=CaseRead,
    responses={**problems.responses(CaseNotFoundError, ServiceUnavailableError), **WITH_ETAG, **_UNCHANGED},
)
async def get_case(
    receipt_number: ReceiptNumberInPath,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])],
    cases: Cases,
    response: Response,
    if_none_match: Annotated[
        list[str] | None,
        Header(
            description="Entity tags that the caller has, or `*`. (vi: phiên bản đã có)",
            json_schema_extra={"x-vi-term": "phiên bản đã có"},
        ),
    ] = None,
) -> CaseRead | Response:
    """Return one case with the applicant's number in full.

    A case of another agency is answered as one that never was. The entity tag is weak: it changes with the
    case's version, with each lookup made for it and when it becomes overdue, but not with `hours_left`.
    """
    case = await cases.get(caller, receipt_number)
    tag = case_tag(case)
    if is_unchanged(tag, if_none_match):
        return Response(status_code=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return CaseRead.of(case)
