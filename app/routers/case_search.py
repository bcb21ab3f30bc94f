"""Search cases (tra cứu hồ sơ) by what was written in them; the words stand in no URL."""

from typing import Annotated

from fastapi import APIRouter, Security

from app.deps import CaseSearch, current_caller
from app.domain.caller import Caller, Scope
from app.errors import ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.problems import problems
from app.schemas.case_search import CaseSearchRequest
from app.schemas.case_views import CaseListRead

router = APIRouter(route_class=ServiceRoute, prefix="/cases", tags=["cases"])


@router.post("/search", summary="Tra cứu hồ sơ", responses=problems.responses(ServiceUnavailableError))
async def search_cases(
    body: CaseSearchRequest,
    caller: Annotated[Caller, Security(current_caller, scopes=[Scope.CASES_READ])],
    search: CaseSearch,
) -> CaseListRead:
    """Find cases, newest first, with the applicants' numbers masked.

    A name is found by words of it in their order, from the start of any word, without regard to case,
    diacritics and blanks: `minh ng` finds NGUYỄN THỊ MINH NGỌC. A birth date may be a shorter form of the
    case's. For the next page, send the same body with the `cursor`. A page can be shorter than `limit`
    although another follows.
    """
    page = await search.search(
        caller, body.to_criteria(), body.to_filters(), after=body.cursor, limit=body.limit
    )
    return CaseListRead.of(page)
