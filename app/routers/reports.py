"""Reports on lookups and on cases."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Response, Security

from app.deps import CaseReports, Language, LookupReports, current_caller
from app.domain.caller import Caller, Scope
from app.errors import AuditUnavailableError, FieldFaultError, ServiceUnavailableError
from app.intake.route import JSON, ServiceRoute
from app.problems import problems
from app.schemas.case_reports import CaseReportQuery, CaseReportRead, case_counts_as_csv
from app.schemas.csv_text import MEDIA_TYPE
from app.schemas.lookup_reports import (
    LookupReportQuery,
    LookupReportRead,
    SnoopingReportRead,
    SpanQuery,
    counts_as_csv,
)
from app.schemas.media_types import prefers

router = APIRouter(route_class=ServiceRoute, prefix="/reports", tags=["reports"])

_ERRORS: Final = (FieldFaultError, AuditUnavailableError, ServiceUnavailableError)
_VARIES: Final = {"Vary": "Accept"}
_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
}


@router.get(
    "/lookups",
    summary="Thống kê lượt tra cứu",
    response_model=LookupReportRead,
    responses=_CSV | problems.responses(*_ERRORS),
)
async def count_lookups(
    query: Annotated[LookupReportQuery, Query()],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.REPORTS_READ, Scope.AUDIT_READ])],
    reports: LookupReports,
    response: Response,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> LookupReportRead | Response:
    """Count the lookups of the own agency and those below it that ended in a span, which the answer names.

    It is at most ten years long; without `from` it is the 30 days before `to`, or before now where `to` is
    still to come. With `Accept: text/csv` the rows come as CSV for a spreadsheet. Reading is put on record.
    """
    report = await reports.counts(caller, query.group_by, since=query.since, until=query.until)
    if prefers(accept, MEDIA_TYPE, default=JSON):
        headers = {"Content-Disposition": 'attachment; filename="lookups.csv"'} | _VARIES
        return Response(counts_as_csv(report.rows), media_type=MEDIA_TYPE, headers=headers)
    response.headers.update(_VARIES)
    return LookupReportRead.of(report)


@router.get(
    "/cases",
    summary="Thống kê hồ sơ",
    response_model=CaseReportRead,
    responses=_CSV | problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def count_cases(
    query: Annotated[CaseReportQuery, Query()],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.REPORTS_READ, Scope.CASES_READ])],
    reports: CaseReports,
    response: Response,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> CaseReportRead | Response:
    """Count the cases of the own agency and those below it that were received in a span, as they stand now.

    `received` is `in_progress` and `completed_on_time` and `completed_late`, and those that were rejected,
    withdrawn or stopped. Days are of Vietnam's time; the officer is who registered the case.
    With `Accept: text/csv` the rows come as CSV for a spreadsheet.
    """
    rows = await reports.counts(caller, query.group_by, since=query.since, until=query.until)
    if prefers(accept, MEDIA_TYPE, default=JSON):
        headers = {"Content-Disposition": 'attachment; filename="cases.csv"'} | _VARIES
        return Response(case_counts_as_csv(rows), media_type=MEDIA_TYPE, headers=headers)
    response.headers.update(_VARIES)
    return CaseReportRead.of(rows)


@router.get("/snooping", summary="Dấu hiệu tra cứu bất thường", responses=problems.responses(*_ERRORS))
async def find_signs_of_snooping(
    query: Annotated[SpanQuery, Query()],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.AUDIT_READ])],
    reports: LookupReports,
    language: Language,
) -> SnoopingReportRead:
    """Look through the lookups that ended in a span of at most 31 days; without `from`, of 7.

    Told are lookups for no case, outside working hours, far above those of peers, of one person by many
    officers, in a row without finding anybody, and of neighbouring numbers. A finding is a reason to ask and
    proves nothing. Reading is itself put on record.
    """
    findings = await reports.signs_of_snooping(caller, since=query.since, until=query.until)
    return SnoopingReportRead.of(findings, language)
