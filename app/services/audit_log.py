"""The audit log (nhật ký kiểm toán) as the services see it: append, and close what a dead process left open.

Nothing here changes or deletes a record. How records become durable is `audit_writer`'s business.
"""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import structlog

from app import traces
from app.alerts import Alerts
from app.clock import Clock
from app.db import audit
from app.db.audit import Intent, NewRecord
from app.db.audit_tree import AuditTreeBrokenError
from app.db.engine import BlockingSession, Database, Session
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_record import SealedSubject, canonical_bytes
from app.domain.lookup_budget import Charge, Limits, Miss, holders_of
from app.domain.lookup_kind import LookupKind
from app.errors import AuditUnavailableError, ServiceUnavailableError
from app.keys.sealing import Seal, Sealer
from app.pauses import pause
from app.services.audit_data_keys import AuditDataKeys
from app.services.audit_writer import RETRY_AFTER_SECONDS, AuditWriter, Position

log = structlog.get_logger(__name__)

__all__ = ["AuditLog", "Counts", "Position"]

ABANDONED: Final = "abandoned"
PERSON: Final = "person"
"""Use of the references by which the log knows persons."""

_KEY_PAUSE_SECONDS: Final = 0.1
_SWEEP_BATCH: Final = 500
_SWEEP_PAUSE_SECONDS: Final = 60.0


class Counts(StrEnum):
    """As what an event counts against budgets."""

    LOOKUP = "lookup"
    MISS = "miss"


class AuditLog:
    """Appends events. `start` it before use and `stop` it at the end, on the same event loop."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        *,
        queue_limit: int,
        timeout_seconds: float,
        alerts: Alerts | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._begun: dict[int, datetime] = {}
        self._writer = AuditWriter(
            database,
            queue_limit=queue_limit,
            timeout_seconds=timeout_seconds,
            limits=limits,
            alerts=alerts or Alerts(),
        )
        self.data_keys = AuditDataKeys(database, sealer)

    @property
    def is_running(self) -> bool:
        """Whether events are taken."""
        return self._writer.is_running

    @property
    def queue_length(self) -> int:
        """How many events wait to become durable."""
        return self._writer.queue_length

    def start(self) -> None:
        """Begin to take events."""
        self._writer.start()

    async def stop(self) -> None:
        """Take no more events, finish those under way within the time that one may take, and end."""
        await self._writer.stop()

    async def append(
        self, event: AuditEvent, *, counts: Counts | None = None, after: int | None = None
    ) -> Position:
        """Append an event; it is durable when this returns.

        Where budgets are on, one that `counts` is taken from those of its officer, agency and client. One
        that ends a lookup comes `after` the sequence of its INTENT.

        Raises:
            AuditUnavailableError: it is not known to be durable, or its lookup has been closed already.
                It may still become durable later.
            LookupBudgetExceededError: it counts as a lookup, which a budget does not allow.
        """
        with traces.span("audit append", {traces.AUDIT_KIND: event.kind.value}):
            seal = await self._seal_for(event) if event.subjects or event.purpose else None
            return await self._writer.append(self._sealed(event, seal, counts=counts, after=after))

    async def append_within(self, session: Session, event: AuditEvent) -> Position:
        """Append an event with the caller's own changes: durable if and only if these are.

        Call it last: it holds up all other appends, of all processes, until the caller's transaction ends.

        Raises:
            AuditUnavailableError: the event's lookup has been closed already, or somebody else has changed
                the log so that nothing can be appended to it.
            ValueError: the event names persons or a purpose, which need a key that another transaction makes.
        """
        return await session.run_sync(self.append_in, event)

    def append_in(self, session: BlockingSession, event: AuditEvent) -> Position:
        """Append as `append_within` does, in a transaction that blocks its thread."""
        record = self._sealed(event)
        try:
            appended = audit.append(session.connection(), [record])
        except AuditTreeBrokenError as exc:
            # Logged as the writer does; the alarm is the checkpoints' business.
            log.warning("audit-append-failed", failure=type(exc).__name__, records=1)
            raise AuditUnavailableError(retry_after_seconds=RETRY_AFTER_SECONDS) from exc
        sequence = appended.sequences[0]
        if sequence is None:
            raise AuditUnavailableError(retry_after_seconds=RETRY_AFTER_SECONDS)
        return Position(sequence, appended.tree.size, appended.tree.root)

    async def sweep(self, older_than: datetime) -> int:
        """Close the INTENTs of before `older_than` that nothing closed, as ABANDONED; return how many.

        One from a clock that is ahead is as old as it was seen here for the first time. An OUTCOME that comes
        later all the same is refused, and with it the answer.
        """
        closed = 0
        while True:
            async with self._database.read() as session:
                unclosed = await audit.unclosed_intents(session, limit=_SWEEP_BATCH)
            now = self._clock()
            begun = {
                one.sequence: min(one.at, now, self._begun.get(one.sequence, now)) for one in unclosed.intents
            }
            orphans = [intent for intent in unclosed.intents if begun[intent.sequence] < older_than]
            open_still = [sequence for sequence, at in begun.items() if at >= older_than]
            self._begun = {sequence: begun[sequence] for sequence in open_still}
            all_closed_before = min(open_still, default=unclosed.until)
            if orphans or all_closed_before > unclosed.since:
                async with self._database.write() as session:
                    # Another process may have found the same ones: what is closed already stays as it is.
                    appended = await audit.append_within(
                        session, [self._abandonment(intent) for intent in orphans]
                    )
                    await audit.move_unclosed_from(session, all_closed_before)
                closed += sum(sequence is not None for sequence in appended.sequences)
            if open_still or len(unclosed.intents) < _SWEEP_BATCH:
                return closed

    async def run_sweeps(self, *, older_than_seconds: float, stopping: asyncio.Event) -> None:
        """Sweep now, again when what is open now has become too old, then every minute, until `stopping`.

        To be stopped and not cancelled: SQLite's driver answers a cancelled question all the same, perhaps
        after the event loop is gone.
        """
        seconds = older_than_seconds
        while not stopping.is_set():
            try:
                closed = await self.sweep(self._clock() - timedelta(seconds=older_than_seconds))
            except Exception as failure:  # noqa: BLE001 - the next sweep makes up for it
                log.warning("audit-sweep-failed", failure=type(failure).__name__)
            else:
                if closed:
                    log.warning("audit-lookups-abandoned", lookups=closed)
            await pause(seconds, stopping=stopping)
            seconds = _SWEEP_PAUSE_SECONDS

    def _abandonment(self, intent: Intent) -> NewRecord:
        """Say of a lookup that nobody knows how it ended; whom it concerned stands in its INTENT."""
        record = json.loads(intent.record)
        event = AuditEvent(
            kind=AuditKind.ABANDONED,
            at=self._clock(),
            officer=record["officer"],
            agency=record["agency"],
            client=record["client"],
            source_address=record["source_address"],
            lookup_id=UUID(record["lookup_id"]),
            lookup_kind=record["lookup_kind"] and LookupKind(record["lookup_kind"]),
            procedure_code=record["procedure_code"],
            receipt_number=record["receipt_number"],
            fields_asked=tuple(record["fields_asked"]),
            result=ABANDONED,
            upstream_request_id=record["upstream_request_id"],
        )
        return self._sealed(event, after=intent.sequence)

    async def _seal_for(self, event: AuditEvent) -> Seal:
        """Return the seal of the event's agency and month.

        Raises:
            AuditUnavailableError: there is none, and none could be made in time.
        """
        if not self.is_running:
            raise AuditUnavailableError(retry_after_seconds=RETRY_AFTER_SECONDS)
        if (known := self.data_keys.at_hand(event.agency, event.at)) is not None:
            return known
        try:
            async with asyncio.timeout(self._timeout_seconds):
                while True:
                    with suppress(ServiceUnavailableError):
                        return await self.data_keys.to_seal(event.agency, event.at)
                    await asyncio.sleep(_KEY_PAUSE_SECONDS)
        except TimeoutError as exc:
            raise AuditUnavailableError(retry_after_seconds=RETRY_AFTER_SECONDS) from exc

    def _sealed(
        self,
        event: AuditEvent,
        seal: Seal | None = None,
        *,
        counts: Counts | None = None,
        after: int | None = None,
    ) -> NewRecord:
        """Make the event's record, its numbers and its purpose sealed for their place in it."""
        if seal is None and (event.subjects or event.purpose):
            raise ValueError("there is something to seal, and no key for it")
        subjects, purpose = ([], None) if seal is None else self._contents(event, seal)
        record = canonical_bytes(event, subjects=subjects, purpose_sealed=purpose)
        toll = None if counts is None else _toll(counts, event, subjects)
        return audit.new_record(event, record, subjects, toll=toll, after=after)

    def _contents(self, event: AuditEvent, seal: Seal) -> tuple[list[SealedSubject], bytes | None]:
        place = f"audit:{event.event_id}"
        subjects = [
            SealedSubject(
                subject.role,
                self._sealer.reference(subject.number, use=PERSON),
                seal.seal(subject.number.encode(), place=f"{place}:{index}"),
            )
            for index, subject in enumerate(event.subjects)
        ]
        purpose = event.purpose
        return subjects, seal.seal(purpose.encode(), place=f"{place}:purpose") if purpose else None


def _toll(counts: Counts, event: AuditEvent, subjects: Sequence[SealedSubject]) -> Charge | Miss:
    holders = holders_of(officer=event.officer, agency=event.agency, client=event.client)
    if counts is Counts.MISS:
        return Miss(holders, event.at)
    return Charge(holders, frozenset(subject.ref for subject in subjects), event.at)
