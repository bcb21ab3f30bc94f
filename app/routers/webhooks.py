"""Webhooks (đăng ký nhận thông báo): administrators say who is told of the changes of cases."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Query, Security, status

from app.deps import Webhooks, current_caller
from app.domain.caller import Caller, Scope
from app.errors import (
    AgencyNotFoundError,
    AuditUnavailableError,
    FieldFaultError,
    NotFoundError,
    PreconditionFailedError,
    ServiceUnavailableError,
)
from app.intake.route import ServiceRoute
from app.problems import problems
from app.routers.entity_tags import FOR_NO_VERSION
from app.schemas.audit import SequenceInPath
from app.schemas.webhooks import (
    DeadLetterListRead,
    DeadLetterQuery,
    NewWebhookRead,
    WebhookListQuery,
    WebhookListRead,
    WebhookRequest,
)

router = APIRouter(route_class=ServiceRoute, prefix="/webhooks", tags=["webhooks"])

_Admin = Annotated[Caller, Security(current_caller, scopes=[Scope.ADMIN])]
_WebhookId = Annotated[
    UUID,
    Path(
        description="Id of the webhook. (vi: mã đăng ký nhận thông báo)",
        json_schema_extra={"x-vi-term": "mã đăng ký nhận thông báo"},
        examples=["6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11"],
    ),
]
_CHANGE_ERRORS: Final = (
    NotFoundError,
    PreconditionFailedError,
    AuditUnavailableError,
    ServiceUnavailableError,
)


@router.get(
    "",
    summary="Danh sách đăng ký nhận thông báo",
    responses=problems.responses(FieldFaultError, ServiceUnavailableError),
)
async def list_webhooks(
    query: Annotated[WebhookListQuery, Query()], caller: _Admin, webhooks: Webhooks
) -> WebhookListRead:
    """List the webhooks of the own agency and those below it, the oldest first, with how each stands."""
    return WebhookListRead.of(await webhooks.list_webhooks(caller, after=query.cursor, limit=query.limit))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Đăng ký nhận thông báo",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(
        FieldFaultError,
        PreconditionFailedError,
        AgencyNotFoundError,
        AuditUnavailableError,
        ServiceUnavailableError,
    ),
)
async def create_webhook(body: WebhookRequest, caller: _Admin, webhooks: Webhooks) -> NewWebhookRead:
    """Have the changes of an agency's cases, and of those below it, sent to an address from now on.

    The answer holds the secret by which the messages are signed (Standard Webhooks): it is told only here.
    An address is taken only if `MOTCUA_WEBHOOK_HOSTS` names its host, and once for an agency.
    """
    return NewWebhookRead.of_new(await webhooks.create(caller, body.url, body.agency_code))


@router.delete(
    "/{webhook_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Hủy đăng ký nhận thông báo",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(*_CHANGE_ERRORS),
)
async def remove_webhook(webhook_id: _WebhookId, caller: _Admin, webhooks: Webhooks) -> None:
    """Remove a webhook, with the changes that it did not take."""
    await webhooks.remove(caller, webhook_id)


@router.get(
    "/{webhook_id}/dead-letters",
    summary="Các thông báo không gửi được",
    responses=problems.responses(NotFoundError, FieldFaultError, ServiceUnavailableError),
)
async def list_dead_letters(
    webhook_id: _WebhookId,
    query: Annotated[DeadLetterQuery, Query()],
    caller: _Admin,
    webhooks: Webhooks,
) -> DeadLetterListRead:
    """List the changes that were given up after many tries, in the order of the feed."""
    letters = await webhooks.dead_letters(caller, webhook_id, after=query.after or 0, limit=query.limit + 1)
    return DeadLetterListRead.of(letters, limit=query.limit)


@router.post(
    "/{webhook_id}/dead-letters/{sequence}/resend",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Gửi lại thông báo",
    dependencies=FOR_NO_VERSION,
    responses=problems.responses(*_CHANGE_ERRORS),
)
async def resend_dead_letter(
    webhook_id: _WebhookId,
    sequence: Annotated[SequenceInPath, Path()],
    caller: _Admin,
    webhooks: Webhooks,
) -> None:
    """Have one of them sent again, within seconds; when it is taken it leaves the list."""
    await webhooks.resend(caller, webhook_id, sequence)
