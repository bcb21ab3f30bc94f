"""Connected systems (hệ thống kết nối), for administrators."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response, Security, status

from app.deps import Clients, current_caller
from app.domain.accounts import ACCOUNT_NAME_PATTERN
from app.domain.caller import Caller, Scope
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
from app.schemas.clients import ClientListRead, ClientPutRequest, ClientRead
from app.schemas.keyed_lists import KeyedListQuery

router = APIRouter(route_class=ServiceRoute, prefix="/clients", tags=["administration"])

_Admin = Annotated[Caller, Security(current_caller, scopes=[Scope.ADMIN])]
# Not checked as a pattern: what cannot be is answered as what is not there.
_InPath = Annotated[
    str,
    Path(
        description="Id of the system. (vi: mã hệ thống kết nối)",
        json_schema_extra={"x-vi-term": "mã hệ thống kết nối"},
        examples=["one-stop"],
    ),
]
_NewInPath = Annotated[
    str,
    Path(
        description="Id of the system. (vi: mã hệ thống kết nối)",
        json_schema_extra={"x-vi-term": "mã hệ thống kết nối"},
        pattern=ACCOUNT_NAME_PATTERN,
        examples=["one-stop"],
    ),
]
_CREATED: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "description": "The system is new.",
        "model": ClientRead,
        "headers": {
            "Location": {"description": "Path of what was made.", "schema": {"type": "string"}},
        },
    }
}


@router.get(
    "",
    summary="Danh sách hệ thống kết nối",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_clients(
    query: Annotated[KeyedListQuery, Query()], caller: _Admin, clients: Clients
) -> ClientListRead:
    """List connected systems of the own agency and those below it, active or not."""
    return ClientListRead.of(await clients.list_clients(caller, after=query.cursor, limit=query.limit))


@router.get(
    "/{client_id}",
    summary="Xem hệ thống kết nối",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_client(client_id: _InPath, caller: _Admin, clients: Clients) -> ClientRead:
    """Return one system, without its secret."""
    return ClientRead.of(await clients.get(caller, client_id))


@router.put(
    "/{client_id}",
    summary="Thêm hoặc thay hệ thống kết nối",
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
async def put_client(
    client_id: _NewInPath, body: ClientPutRequest, caller: _Admin, clients: Clients, response: Response
) -> ClientRead:
    """Create a connected system or replace it. Its secret stays as it was where it is left out.

    A system that is disabled, or calls from outside its networks, is out within half a minute, with the
    officers whom it vouched for; tokens from before it was disabled stay ended when it is enabled again. The
    change is on record, without the secret.
    """
    client, is_new = await clients.put(caller, body.to_put(client_id))
    if is_new:
        response.status_code = status.HTTP_201_CREATED
        response.headers["Location"] = f"/clients/{client_id}"
    return ClientRead.of(client)
