"""Tells the caller who it is."""

from typing import Annotated

from fastapi import APIRouter, Security

from app import problems
from app.deps import Profiles, current_caller
from app.domain.caller import Caller
from app.errors import ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.schemas.me import MeRead
from app.services.profiles import Profile

router = APIRouter(route_class=ServiceRoute, tags=["identity"])


@router.get(
    "/me",
    summary="Thông tin người gọi",
    response_model=MeRead,
    responses=problems.responses(ServiceUnavailableError),
)
async def read_me(caller: Annotated[Caller, Security(current_caller)], profiles: Profiles) -> Profile:
    """Tell who calls, its agency, roles and scopes, and what it may ask the population database.

    For each active procedure: the lookups and the members of a citizen's record. Both are empty for a caller
    whose token lacks the lookup's scope. A lookup may still be refused, as for an officer without a number.
    """
    return await profiles.of(caller)
