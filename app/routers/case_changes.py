"""What happens to cases (hồ sơ) after their registration: status, edits, history, and the feed of changes."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response, Security

from app.deps import CaseChanges, CaseHistory, current_caller
from app.domain.caller import Caller, Scope
from app.errors import (
    AuditUnavailableError,
    CaseNotFoundError,
    FieldFaultError,
    IdempotencyKeyInUseError,
    IdempotencyKeyReusedError,
    PreconditionFailedError,
    ServiceUnavailableError,
    TransitionNotAllowedError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.case_answers import (
    ETAG,
    ONE_CASE,
    REPLAYED,
    WITH_ETAG,
    IfMatch,
    ReceiptNumberInPath,
    Responses,
    answer_once,
    changed_case,
    idempotency_key,
    keyed_request,
)
from app.routers.entity_tags import case_tag, wanted_versions
from app.schemas.case_changes import CasePatch, StatusStepRequest
from app.schemas.case_history import CaseFeedRead, CaseHistoryRead, FeedQuery, HistoryQuery
from app.schemas.case_views import CaseRead
from app.services.case_changes import StatusStep

router = APIRouter(route_class=ServiceRoute, prefix="/cases", tags=["cases"])

_ONCE: Responses = {200: {"headers": ETAG | REPLAYED}}


@router.get(
    "/changes",
    summary="Các thay đổi của hồ sơ",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_case_changes(
    query: Annotated[FeedQuery, Query()],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])],
    history: CaseHistory,
) -> CaseFeedRead:
    """List the changes of cases in the order of their commits, those after `after` only.

    Keep the sequence of the last change that you have worked off and send it as `after`: nothing is ever
    inserted before it. The sequences have no gap over the whole service; who does not see all agencies sees
    fewer of them. The items hold no personal data: read the case for more.
    """
    return CaseFeedRead.of(await history.feed(caller, after=query.after or 0, limit=query.limit))


@router.post(
    f"{ONE_CASE}/status",
    summary="Cập nhật trạng thái hồ sơ",
    response_model=CaseRead,
    responses={
        **problems.responses(
            FieldFaultError,
            CaseNotFoundError,
            TransitionNotAllowedError,
            PreconditionFailedError,
            IdempotencyKeyReusedError,
            IdempotencyKeyInUseError,
            AuditUnavailableError,
            ServiceUnavailableError,
        ),
        **_ONCE,
    },
)
async def change_case_status(
    *,
    receipt_number: ReceiptNumberInPath,
    body: StatusStepRequest,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_STATUS])],
    changes: CaseChanges,
    key: Annotated[str | None, Depends(idempotency_key)],
    if_match: IfMatch = None,
) -> Response:
    """Take a case one step further; a step that the table of statuses does not have is 409.

    An online case gets its due date when it becomes `received`. While a case is `supplement_requested` its
    clock stands, and the working hours spent so are added to its due date. With an `Idempotency-Key`, a
    request that is sent again gets the first answer.
    """
    keyed = keyed_request(key, f"POST /cases/{receipt_number}/status", body, changed_case)
    outcome = await changes.take_step(
        caller,
        receipt_number,
        StatusStep(body.to, body.note),
        versions=wanted_versions(if_match),
        keyed=keyed,
    )
    return answer_once(outcome, changed_case)


@router.patch(
    ONE_CASE,
    summary="Sửa hồ sơ",
    responses={
        **problems.responses(
            FieldFaultError,
            CaseNotFoundError,
            PreconditionFailedError,
            AuditUnavailableError,
            ServiceUnavailableError,
        ),
        **WITH_ETAG,
    },
)
async def edit_case(
    *,
    receipt_number: ReceiptNumberInPath,
    body: Annotated[CasePatch, Body(media_type="application/merge-patch+json")],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_WRITE])],
    changes: CaseChanges,
    response: Response,
    if_match: IfMatch = None,
) -> CaseRead:
    """Edit what was written into a case: what is not named stays, null empties.

    Who the applicant is, the procedure and the channel stay as they were registered. Plain
    `application/json` is taken too. Edits that change nothing leave the version as it is.
    """
    case = await changes.edit(caller, receipt_number, body.to_edits(), versions=wanted_versions(if_match))
    response.headers["ETag"] = case_tag(case)
    return CaseRead.of(case)


@router.get(
    f"{ONE_CASE}/history",
    summary="Lịch sử hồ sơ",
    responses=problems.responses(FieldFaultError, CaseNotFoundError, ServiceUnavailableError),
)
async def get_case_history(
    receipt_number: ReceiptNumberInPath,
    query: Annotated[HistoryQuery, Query()],
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])],
    history: CaseHistory,
) -> CaseHistoryRead:
    """Tell what happened to a case, oldest first: each member that changed, and each lookup made for it."""
    page = await history.history(caller, receipt_number, after=query.cursor, limit=query.limit)
    return CaseHistoryRead.of(page)
