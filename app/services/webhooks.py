"""Webhooks as administrators see them: made, listed, removed, and what they did not take sent again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.clock import Clock
from app.db import webhooks as rows
from app.db.case_changes import newest_sequence
from app.db.engine import BlockingSession, Database
from app.db.webhooks import WebhookRow
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.case_change import FeedItem
from app.domain.keyed_page import KeyedPage
from app.domain.time_ordered_id import time_ordered_id
from app.domain.webhook import SECRET_BYTES, WebhookSender, written_secret
from app.errors import AgencyNotFoundError, FieldFaultError, NotFoundError
from app.keys.sealing import Seal
from app.services.audit_log import AuditLog
from app.services.change_rows import feed_item
from app.services.directory import Directory

MOST: Final = 50
"""Webhooks of a whole deployment: each is served in turn."""


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook and how it stands; `failing` is the code of the last failure while one is being retried."""

    id: UUID
    url: str
    agency_code: str
    created_at: datetime
    delivered_to: int
    failures: int
    failing: str | None
    next_try_at: datetime | None
    dead_letters: int


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook that was just made, with its secret, which is told this once."""

    view: WebhookView
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A change that a webhook did not take."""

    item: FeedItem
    failure: str
    given_up_at: datetime
    is_to_resend: bool


class Webhooks:
    """Changes and tells of webhooks, within the caller's reach."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        audit: AuditLog,
        sender: WebhookSender,
        seal: Seal,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._audit = audit
        self._sender = sender
        self._seal = seal
        self._clock = clock

    async def list_webhooks(
        self, caller: Caller, *, after: UUID | None, limit: int
    ) -> KeyedPage[WebhookView]:
        """Return a page of the webhooks of the own agency and those below it, the oldest first.

        Raises:
            ServiceUnavailableError: the database cannot be read.
        """
        reach = await self._reach(caller)
        async with self._database.read() as session:
            found = await rows.list_webhooks(session, agency_codes=reach, after=after, limit=limit + 1)
        views = [_view(row, dead) for row, dead in found]
        return KeyedPage.cut(views, limit, key=lambda view: str(view.id))

    async def create(self, caller: Caller, url: str, agency_code: str | None) -> NewWebhook:
        """Make a webhook that gets the changes of an agency's cases and of those below it, from now on.

        Raises:
            AgencyNotFoundError: no such agency at or below the caller's.
            FieldFaultError: the settings do not allow this address, it gets these changes already, or there
                are too many webhooks.
            AuditUnavailableError, ServiceUnavailableError: it was not made.
        """
        agency_code = agency_code or caller.agency_code
        if agency_code not in await self._reach(caller):
            raise AgencyNotFoundError
        if not self._sender.is_allowed(url):
            raise FieldFaultError("/url", "host-not-allowed")
        secret, now = secrets.token_bytes(SECRET_BYTES), self._clock()
        webhook_id = time_ordered_id()  # lists are in the order of the ids
        row = WebhookRow(
            id=webhook_id,
            url=url,
            agency_code=agency_code,
            secret_sealed=self._seal.seal(secret, place=secret_place(webhook_id)),
            created_by=caller.username or caller.client_id,
            created_at=now,
            failures=0,
            next_at=now,
        )

        def work(session: BlockingSession) -> None:
            rows.lock_making(session)
            if rows.count_webhooks(session) >= MOST:
                raise FieldFaultError("/url", "too-many")
            if rows.is_subscribed(session, url, agency_code=row.agency_code):
                raise FieldFaultError("/url", "repeated")
            row.delivered_to = newest_sequence(session)
            rows.add_webhook(session, row)
            self._audit.append_in(session, self._change(caller, "webhook-created", webhook_id))

        await self._database.change(work)
        return NewWebhook(_view(row, 0), written_secret(secret))

    async def remove(self, caller: Caller, webhook_id: UUID) -> None:
        """Remove a webhook with its dead letters.

        Raises:
            NotFoundError: there is no such webhook within reach.
            AuditUnavailableError, ServiceUnavailableError: it was not removed.
        """
        reach = await self._reach(caller)

        def work(session: BlockingSession) -> None:
            _required(rows.find_webhook(session, webhook_id, agency_codes=reach))
            rows.remove_webhook(session, webhook_id)
            self._audit.append_in(session, self._change(caller, "webhook-removed", webhook_id))

        await self._database.change(work)

    async def dead_letters(
        self, caller: Caller, webhook_id: UUID, *, after: int, limit: int
    ) -> Sequence[DeadLetter]:
        """Return changes that a webhook did not take, in the order of the feed.

        Raises:
            NotFoundError: there is no such webhook within reach.
            ServiceUnavailableError: the database cannot be read.
        """
        reach = await self._reach(caller)

        def read(session: BlockingSession) -> Sequence[DeadLetter]:
            _required(rows.find_webhook(session, webhook_id, agency_codes=reach))
            found = rows.dead_letters(session, webhook_id, after=after, limit=limit)
            return [
                DeadLetter(feed_item(change), letter.failure, letter.given_up_at, letter.is_to_resend)
                for letter, change in found
            ]

        async with self._database.read() as session:
            return await session.run_sync(read)

    async def resend(self, caller: Caller, webhook_id: UUID, sequence: int) -> None:
        """Have a dead letter sent again, soon.

        Raises:
            NotFoundError: there is no such webhook within reach, or no such dead letter.
            AuditUnavailableError, ServiceUnavailableError: nothing was changed.
        """
        reach = await self._reach(caller)

        def work(session: BlockingSession) -> None:
            _required(rows.find_webhook(session, webhook_id, agency_codes=reach))
            if not rows.ask_to_resend(session, webhook_id, sequence):
                raise NotFoundError
            self._audit.append_in(session, self._change(caller, "webhook-resend-asked", webhook_id))

        await self._database.change(work)

    async def _reach(self, caller: Caller) -> frozenset[str]:
        # An administrator sees no cases, of whatever agency; here it is about the receivers.
        return await self._directory.agencies_below(caller.agency_code)

    def _change(self, caller: Caller, result: str, webhook_id: UUID) -> AuditEvent:
        # The address is left out: the log holds codes and ids only.
        return replace(
            AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=self._clock()),
            result=result,
            details={"webhook": str(webhook_id)},
        )


def secret_place(webhook_id: UUID) -> str:
    """Name the place for which a webhook's secret is sealed."""
    return f"webhook.secret:{webhook_id}"


def _required(row: WebhookRow | None) -> WebhookRow:
    if row is None:
        raise NotFoundError
    return row


def _view(row: WebhookRow, dead_letters: int) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.url,
        agency_code=row.agency_code,
        created_at=row.created_at,
        delivered_to=row.delivered_to,
        failures=row.failures,
        failing=row.last_failure if row.failures else None,
        next_try_at=row.next_at if row.failures else None,
        dead_letters=dead_letters,
    )
