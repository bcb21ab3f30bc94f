"""Verify an identity card, a household, and tell how the way to the population database looks."""

from typing import Annotated, Final

from fastapi import APIRouter, Response, Security

from app.deps import Language, Lookups, current_caller
from app.domain.caller import Caller, Scope
from app.errors import (
    AuditUnavailableError,
    CaseClosedError,
    CaseNotFoundError,
    FieldNotPermittedError,
    LookupBudgetExceededError,
    LookupNotPermittedError,
    OfficerIdMissingError,
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    PopulationDatabaseRefusedError,
    PopulationDatabaseTimeoutError,
    PopulationDatabaseUnavailableError,
    ProcedureNotFoundError,
    PurposeMismatchError,
    PurposeMissingError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.budget_headers import DOCUMENTED, tell_budgets
from app.schemas.lookup_views import citizen_share_view, household_head_view, id_card_view
from app.schemas.lookups import (
    PopulationStatusRead,
    ShareCitizenRead,
    ShareCitizenRequest,
    VerifyHouseholdHeadRead,
    VerifyHouseholdHeadRequest,
    VerifyIdCardRead,
    VerifyIdCardRequest,
)

router = APIRouter(route_class=ServiceRoute, tags=["lookups"])

_LOOKUP_ERRORS = (
    PurposeMissingError,
    PurposeMismatchError,
    ProcedureNotFoundError,
    LookupNotPermittedError,
    OfficerIdMissingError,
    LookupBudgetExceededError,
    CaseNotFoundError,
    CaseClosedError,
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    PopulationDatabaseRefusedError,
    PopulationDatabaseTimeoutError,
    PopulationDatabaseUnavailableError,
    AuditUnavailableError,
    ServiceUnavailableError,
)


_RESPONSES: Final = problems.responses(*_LOOKUP_ERRORS) | DOCUMENTED


@router.post("/verify/id-card", summary="Xác thực CCCD/CMND", responses=_RESPONSES)
async def verify_id_card(
    body: VerifyIdCardRequest,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.VERIFY_ID_CARD])],
    lookups: Lookups,
    language: Language,
    response: Response,
) -> VerifyIdCardRead:
    """Tell whether name, number and birth date as a whole are a person of the register.

    `not_found` is an answer, with status 200; it says nothing about which part was wrong. Every failure is
    a problem with a status of its own and never `not_found`.
    """
    answer = await lookups.verify_id_card(caller, body.to_purpose(), body.to_claim())
    tell_budgets(response, answer.receipt.budgets)
    return id_card_view(lookups, answer, language)


@router.post("/verify/household-head", summary="Xác thực chủ hộ", responses=_RESPONSES)
async def verify_household_head(
    body: VerifyHouseholdHeadRequest,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.VERIFY_HOUSEHOLD_HEAD])],
    lookups: Lookups,
    language: Language,
    response: Response,
) -> VerifyHouseholdHeadRead:
    """Tell whether the claimed person heads a household, and which members belong to it.

    A member is `unknown`, never `not_member`, when the head is not confirmed or the population database
    did not say. Numbers in the answer are masked.
    """
    answer = await lookups.verify_household_head(
        caller, body.to_purpose(), body.head.to_claim(), body.to_members()
    )
    tell_budgets(response, answer.receipt.budgets)
    return household_head_view(lookups, answer, language)


@router.post(
    "/citizens/share",
    summary="Chia sẻ thông tin công dân",
    responses=problems.responses(FieldNotPermittedError, *_LOOKUP_ERRORS) | DOCUMENTED,
    response_model_exclude_unset=True,
)
async def share_citizen(
    body: ShareCitizenRequest,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CITIZENS_SHARE])],
    lookups: Lookups,
    language: Language,
    response: Response,
) -> ShareCitizenRead:
    """Give the person's record, as far as the procedure may receive it and it was asked for.

    A member that is left out was not granted or not asked for; null means that the population database has
    no information. Nothing of the record is stored.
    """
    answer = await lookups.share_citizen(caller, body.to_purpose(), body.to_claim(), body.fields)
    tell_budgets(response, answer.receipt.budgets)
    return citizen_share_view(lookups, answer, language)


@router.get("/verify/status", summary="Tình trạng kết nối", responses=problems.responses())
async def population_status(
    _caller: Annotated[Caller, Security(current_caller)], lookups: Lookups
) -> PopulationStatusRead:
    """Tell whether lookups are worth trying right now, without asking the population database."""
    status = lookups.status()
    return PopulationStatusRead(
        state=status.state, profile=lookups.profile, retry_after_seconds=status.retry_after_seconds
    )
