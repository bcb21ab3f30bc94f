"""Officers' accounts (tài khoản cán bộ), for administrators."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response, Security, status

from app.deps import Officers, current_caller
from app.domain.accounts import ACCOUNT_NAME_PATTERN
from app.domain.caller import Caller, Scope
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
from app.schemas.accounts import OfficerListRead, OfficerPutRequest, OfficerRead
from app.schemas.keyed_lists import KeyedListQuery

router = APIRouter(route_class=ServiceRoute, prefix="/officers", tags=["administration"])

_Admin = Annotated[Caller, Security(current_caller, scopes=[Scope.ADMIN])]
# Not checked as a pattern: what cannot be is answered as what is not there.
_InPath = Annotated[
    str,
    Path(
        description="User name of the officer. (vi: tên đăng nhập)",
        json_schema_extra={"x-vi-term": "tên đăng nhập"},
        examples=["receiver9"],
    ),
]
_NewInPath = Annotated[
    str,
    Path(
        description="User name of the officer. (vi: tên đăng nhập)",
        json_schema_extra={"x-vi-term": "tên đăng nhập"},
        pattern=ACCOUNT_NAME_PATTERN,
        examples=["receiver9"],
    ),
]
_CREATED: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "description": "The account is new.",
        "model": OfficerRead,
        "headers": {
            "Location": {"description": "Path of what was made.", "schema": {"type": "string"}},
        },
    }
}


@router.get(
    "",
    summary="Danh sách tài khoản cán bộ",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_officers(
    query: Annotated[KeyedListQuery, Query()], caller: _Admin, officers: Officers
) -> OfficerListRead:
    """List officers' accounts of the own agency and those below it, active or not."""
    return OfficerListRead.of(await officers.list_officers(caller, after=query.cursor, limit=query.limit))


@router.get(
    "/{username}",
    summary="Xem tài khoản cán bộ",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_officer(username: _InPath, caller: _Admin, officers: Officers) -> OfficerRead:
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
        **_CREATED,
    },
)
async def put_officer(
    username: _NewInPath, body: OfficerPutRequest, caller: _Admin, officers: Officers, response: Response
) -> OfficerRead:
    """Create an officer's account or replace it; `id_number` and `password` stay where they are left out.

    Who is disabled is out within half a minute, with the tokens that he has, which stay ended when he is
    enabled again; a new password ends those from before it as well. An account is never removed. The change
    is on record, without number or password.
    """
    officer, is_new = await officers.put(caller, body.to_put(username))
    if is_new:
        response.status_code = status.HTTP_201_CREATED
        response.headers["Location"] = f"/officers/{username}"
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
async def remove_second_factor(username: _InPath, caller: _Admin, officers: Officers) -> None:
    """Take away an officer's second factor, as when the phone is lost. The change is on record.

    The password, which may be short beside one, is then due for change: until there is another, or a second
    factor again, tokens given for it from then on have no scopes.
    """
    await officers.remove_second_factor(caller, username)
