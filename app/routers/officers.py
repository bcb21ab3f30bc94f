"""Officers' accounts (tài khoản cán bộ), for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from app.deps import Officers
from app.domain.accounts import ACCOUNT_NAME_PATTERN
from app.errors import (
    AuditUnavailableError,
    FieldFaultError,
    LastAdminError,
    NotFoundError,
    PreconditionFailedError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.entity_tags import FOR_NO_VERSION
from app.routers.put_by_name import Admin, created, name_in_path, tell_that_it_is_new
from app.schemas.accounts import OfficerListRead, OfficerPutRequest, OfficerRead
from app.schemas.keyed_lists import KeyedListQuery

router = APIRouter(route_class=ServiceRoute, prefix="/officers", tags=["administration"])

_InPath = Annotated[str, name_in_path("User name of the officer.", "tên đăng nhập", example="receiver9")]
_NewInPath = Annotated[
    str,
    name_in_path(
        "User name of the officer.", "tên đăng nhập", example="receiver9", pattern=ACCOUNT_NAME_PATTERN
    ),
]


@router.get(
    "",
    summary="Danh sách tài khoản cán bộ",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_officers(
    query: Annotated[KeyedListQuery, Query()], caller: Admin, officers: Officers
) -> OfficerListRead:
    """List officers' accounts of the own agency and those below it, active or not."""
    return OfficerListRead.of(await officers.list_officers(caller, after=query.cursor, limit=query.limit))


@router.get(
    "/{username}",
    summary="Xem tài khoản cán bộ",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_officer(username: _InPath, caller: Admin, officers: Officers) -> OfficerRead:
    """Return one account; its 12-digit number is masked, and nothing shows a password."""
    return OfficerRead.of(await officers.get(caller, username))


@router.put(
    "/{username}",
    summary="Thêm hoặc thay tài khoản cán bộ",
    dependencies=FOR_NO_VERSION,
    responses={
        **problems.responses(
            NotFoundError,
            FieldFaultError,
            PreconditionFailedError,
            LastAdminError,
            AuditUnavailableError,
            ServiceUnavailableError,
        ),
        **created("The account is new.", OfficerRead),
    },
)
async def put_officer(
    username: _NewInPath, body: OfficerPutRequest, caller: Admin, officers: Officers, response: Response
) -> OfficerRead:
    """Create an officer's account or replace it; `id_number` and `password` stay where they are left out.

    An officer who is disabled is out within half a minute: all tokens end, and stay ended when the account is
    enabled again; a new password ends those from before it as well. An account is never removed. The change
    is on record, without number or password.
    """
    officer, is_new = await officers.put(caller, body.to_put(username))
    if is_new:
        tell_that_it_is_new(response, f"/officers/{username}")
    return OfficerRead.of(officer)


@router.delete(
    "/{username}/second-factor",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Gỡ xác thực hai yếu tố",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(
        NotFoundError, PreconditionFailedError, AuditUnavailableError, ServiceUnavailableError
    ),
)
async def remove_second_factor(username: _InPath, caller: Admin, officers: Officers) -> None:
    """Take away an officer's second factor, as when the phone is lost. The change is on record.

    The password, which may be short beside one, is then due for change: until there is another, or a second
    factor again, tokens given for it from then on have no scopes.
    """
    await officers.remove_second_factor(caller, username)
