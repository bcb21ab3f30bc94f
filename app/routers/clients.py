"""Connected systems (hệ thống kết nối), for administrators."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.deps import Clients
from app.domain.accounts import ACCOUNT_NAME_PATTERN
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
from app.schemas.clients import ClientListRead, ClientPutRequest, ClientRead
from app.schemas.keyed_lists import KeyedListQuery

router = APIRouter(route_class=ServiceRoute, prefix="/clients", tags=["administration"])

_InPath = Annotated[str, name_in_path("Id of the system.", "mã hệ thống kết nối", example="one-stop")]
_NewInPath = Annotated[
    str,
    name_in_path(
        "Id of the system.", "mã hệ thống kết nối", example="one-stop", pattern=ACCOUNT_NAME_PATTERN
    ),
]


@router.get(
    "",
    summary="Danh sách hệ thống kết nối",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_clients(
    query: Annotated[KeyedListQuery, Query()], caller: Admin, clients: Clients
) -> ClientListRead:
    """List connected systems of the own agency and those below it, active or not."""
    return ClientListRead.of(await clients.list_clients(caller, after=query.cursor, limit=query.limit))


@router.get(
    "/{client_id}",
    summary="Xem hệ thống kết nối",
    responses=problems.responses(NotFoundError, ServiceUnavailableError),
)
async def get_client(client_id: _InPath, caller: Admin, clients: Clients) -> ClientRead:
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
        **created("The system is new.", ClientRead),
    },
)
async def put_client(
    client_id: _NewInPath, body: ClientPutRequest, caller: Admin, clients: Clients, response: Response
) -> ClientRead:
    """Create a connected system or replace it. Its secret stays as it was where it is left out.

    A system that is disabled, or calls from outside its networks, is out within half a minute, with the
    officers whom it vouched for; tokens from before it was disabled stay ended when it is enabled again. The
    change is on record, without the secret.
    """
    client, is_new = await clients.put(caller, body.to_put(client_id))
    if is_new:
        tell_that_it_is_new(response, f"/clients/{client_id}")
    return ClientRead.of(client)
