"""Delivers changes of cases to webhooks: each in the order of the feed, tried until it is taken or given up.

One process at a time serves a webhook, holding it by a lease. A change is delivered before that is noted, so
a process that dies in between leaves it to be delivered once more, under the same message id.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from app.clock import Clock
from app.db import webhooks as rows
from app.db.case_changes import ChangeRow
from app.db.engine import BlockingSession, Database
from app.db.webhooks import WebhookRow
from app.domain.case_change import FeedItem
from app.domain.webhook import DeliveryFailure, WebhookSender, delivery_of, is_given_up, pause_after
from app.keys.sealing import Seal
from app.pauses import pause
from app.services.change_rows import feed_item
from app.services.webhooks import secret_place

log = structlog.get_logger(__name__)

_PAUSE_SECONDS: Final = 1.0
_BATCH: Final = 100
# No delivery begins after the longest turn, and one takes ten seconds at most. Should the database take the
# rest of the lease, what its holder notes then comes to nothing, and another delivers the same once more.
_LEASE: Final = timedelta(seconds=30)
_LONGEST_TURN: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is to be delivered to a webhook in one turn, by who holds it until then."""

    webhook_id: UUID
    leased_until: datetime
    url: str
    secret: bytes = field(repr=False)
    failures: int
    again: tuple[FeedItem, ...]
    items: tuple[FeedItem, ...]
    complete_to: int


class WebhookDelivery:
    """Serves the webhooks that are due, each in a task of its own."""

    def __init__(
        self,
        *,
        database: Database,
        sender: WebhookSender,
        seal: Seal,
        clock: Clock,
    ) -> None:
        self._database = database
        self._sender = sender
        self._seal = seal
        self._clock = clock
        self._turns: dict[UUID, asyncio.Task[None]] = {}

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Deliver what there is, again and again, until `stopping`; end with the deliveries under way."""
        while not stopping.is_set():
            try:
                await self._begin_turns(stopping)
            except Exception as failure:  # noqa: BLE001 - the next try makes up for it
                log.warning("webhooks-not-served", failure=type(failure).__name__)
            await pause(_PAUSE_SECONDS, stopping=stopping)
        await self._ended_turns()

    async def deliver_due(self) -> None:
        """Give each webhook that is due its turn, all at once.

        Raises:
            ServiceUnavailableError: the database failed before any began.
        """
        await self._begin_turns(asyncio.Event())
        await self._ended_turns()

    async def _begin_turns(self, stopping: asyncio.Event) -> None:
        """Begin the turns that are due; one that is slow is not waited for, and holds up no other webhook."""
        async with self._database.read() as session:
            due = await rows.due_webhooks(session, now=self._clock())
        for webhook_id, agency_code in due:
            if webhook_id not in self._turns:
                turn = asyncio.create_task(self._served(webhook_id, agency_code, stopping), name="webhook")
                self._turns[webhook_id] = turn
                turn.add_done_callback(partial(self._forget, webhook_id))

    def _forget(self, webhook_id: UUID, _turn: "asyncio.Task[None]") -> None:
        del self._turns[webhook_id]

    async def _ended_turns(self) -> None:
        if self._turns:
            await asyncio.wait(list(self._turns.values()))

    async def _served(self, webhook_id: UUID, agency_code: str, stopping: asyncio.Event) -> None:
        try:
            turn = await self._database.change(lambda session: self._turn(session, webhook_id, agency_code))
            if turn is not None:
                await self._serve(turn, stopping)
        except Exception as failure:  # noqa: BLE001 - the next turn makes up for it
            log.warning("webhook-not-served", webhook=str(webhook_id), failure=type(failure).__name__)

    async def _serve(self, turn: _Turn, stopping: asyncio.Event) -> None:
        ends_at = self._clock() + _LONGEST_TURN

        def is_over() -> bool:
            return stopping.is_set() or self._clock() >= ends_at

        for item in turn.again:
            if is_over():
                break
            await self._send_again(turn, item)
        failures, is_ours = turn.failures, True
        for item in turn.items:
            if is_over() or not is_ours:
                break
            failure = await self._send(turn, item)
            if failure is None:
                failures = 0
                is_ours = await self._note(turn, delivered_to=item.sequence, failures=0, last_failure=None)
                continue
            failures += 1
            if not is_given_up(failure, failures):
                await self._note_failure(turn, failure, failures)
                break
            is_ours = await self._give_up(turn, item, failure)
            failures = 0
        else:
            await self._note(turn, delivered_to=turn.complete_to)
        await self._note(turn, leased_until=None)

    def _turn(self, session: BlockingSession, webhook_id: UUID, agency_code: str) -> _Turn | None:
        now = self._clock()
        row = rows.lease(session, webhook_id, now=now, until=now + _LEASE)
        if row is None:
            return None
        changes, complete_to = self._next_changes(session, row, agency_code, now)
        again = rows.letters_to_resend(session, webhook_id, limit=_BATCH)
        return _Turn(
            webhook_id=webhook_id,
            leased_until=now + _LEASE,
            url=row.url,
            secret=self._seal.unseal(row.secret_sealed, place=secret_place(webhook_id)),
            failures=row.failures,
            again=tuple(feed_item(rows.change_of(session, sequence)) for sequence in again),
            items=tuple(map(feed_item, changes)),
            complete_to=complete_to,
        )

    @staticmethod
    def _next_changes(
        session: BlockingSession, row: WebhookRow, agency_code: str, now: datetime
    ) -> tuple[Sequence[ChangeRow], int]:
        if row.next_at > now:
            # Taken for its letters. The change that waits keeps its pause, or asking would cost it its tries.
            return (), row.delivered_to
        return rows.changes_to_deliver(session, row.delivered_to, agency_code=agency_code, limit=_BATCH)

    async def _send(self, turn: _Turn, item: FeedItem) -> DeliveryFailure | None:
        delivery = delivery_of(
            item, webhook_id=turn.webhook_id, url=turn.url, secret=turn.secret, now=self._clock()
        )
        return await self._sender.send(delivery)

    async def _send_again(self, turn: _Turn, item: FeedItem) -> None:
        failure = await self._send(turn, item)

        def note(session: BlockingSession) -> None:
            if failure is None:
                rows.remove_dead_letter(session, turn.webhook_id, item.sequence)
            else:
                rows.add_dead_letter(
                    session, turn.webhook_id, item.sequence, failure=_code(failure), at=self._clock()
                )

        await self._database.change(note)

    async def _give_up(self, turn: _Turn, item: FeedItem, failure: DeliveryFailure) -> bool:
        def note(session: BlockingSession) -> bool:
            if not _noted(session, turn, delivered_to=item.sequence, failures=0):
                return False
            rows.add_dead_letter(
                session, turn.webhook_id, item.sequence, failure=_code(failure), at=self._clock()
            )
            return True

        if not await self._database.change(note):
            return False
        log.error(
            "webhook-change-given-up",
            webhook=str(turn.webhook_id),
            sequence=item.sequence,
            failure=_code(failure),
        )
        return True

    async def _note_failure(self, turn: _Turn, failure: DeliveryFailure, failures: int) -> None:
        await self._note(
            turn,
            failures=failures,
            last_failure=_code(failure),
            next_at=self._clock() + pause_after(failures),
        )
        log.warning(
            "webhook-delivery-failed",
            webhook=str(turn.webhook_id),
            failures=failures,
            failure=_code(failure),
        )

    async def _note(self, turn: _Turn, **values: object) -> bool:
        return await self._database.change(lambda session: _noted(session, turn, **values))


def _noted(session: BlockingSession, turn: _Turn, **values: object) -> bool:
    return rows.note_progress(session, turn.webhook_id, leased_until=turn.leased_until, values=values)


def _code(failure: DeliveryFailure) -> str:
    return failure.code if failure.status is None else f"{failure.code}-{failure.status}"
