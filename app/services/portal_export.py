"""Writes changes of cases as messages of the national portal. That it was done is on record."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from app.clock import Clock
from app.db import case_changes, directory
from app.db.case_changes import ChangeRow
from app.db.engine import BlockingSession, Database
from app.domain.audit_event import AuditKind
from app.domain.case_status import CaseStatus
from app.domain.portal_message import Step, messages_of
from app.services.case_rows import CaseRows
from app.services.change_rows import ChangeRows, feed_item
from app.services.finding_cases import find_case
from app.services.operator_audit import OperatorAuditLog

EXPORTED: Final = "portal-exported"
_BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Exported:
    """The messages of one change."""

    sequence: int
    messages: list[dict[str, Any]] = field(repr=False)


class NotYetReachedError(Exception):
    """The feed is shorter than was told before; `end` is its last sequence. Was a backup restored?"""

    def __init__(self, end: int) -> None:
        super().__init__(f"the feed ends at {end}")
        self.end = end


class PortalExport:
    """Reads the feed with the cases that it is about, for the whole deployment."""

    def __init__(
        self,
        *,
        database: Database,
        audit: OperatorAuditLog,
        rows: CaseRows,
        changes: ChangeRows,
        clock: Clock,
    ) -> None:
        self._database = database
        self._audit = audit
        self._rows = rows
        self._changes = changes
        self._clock = clock

    async def messages(self, *, after: int) -> AsyncIterator[Exported]:
        """Give the messages of every change after a sequence that there is now, in the order of the feed.

        What is given is put on record before it is given.

        Raises:
            NotYetReachedError: there is no such sequence, and what is given it next would never be exported.
            ServiceUnavailableError, AuditUnavailableError: what was given so far stands.
        """
        async with self._database.read() as session:
            end = await session.run_sync(case_changes.newest_sequence)
            tree = await directory.agency_tree(session)
        if after > end:
            raise NotYetReachedError(end)
        codes = frozenset(tree.agencies)
        while True:
            async with self._database.read() as session:
                found = await case_changes.full_changes_between(
                    session, after, end, agency_codes=codes, limit=_BATCH
                )
                batch = await session.run_sync(self._exported, found, codes)
            if not batch:
                return
            await self._put_on_record(batch, agency=tree.root_code)
            for exported in batch:
                yield exported
            after = batch[-1].sequence

    def _exported(
        self, session: BlockingSession, changes: Sequence[ChangeRow], codes: frozenset[str]
    ) -> list[Exported]:
        return [Exported(row.sequence, self._messages(session, row, codes)) for row in changes]

    def _messages(
        self, session: BlockingSession, row: ChangeRow, codes: frozenset[str]
    ) -> list[dict[str, Any]]:
        found = find_case(session, row.receipt_number, agency_codes=codes)
        note = next((entry.note for entry in self._changes.entries(row)), None)
        received_at = case_changes.first_time_in(session, row.receipt_number, CaseStatus.RECEIVED)
        step = Step(row.officer or row.client, note, received_at)
        return messages_of(feed_item(row), self._rows.case(found, (), self._clock()), step)

    async def _put_on_record(self, batch: list[Exported], *, agency: str | None) -> None:
        async with self._database.write() as session:
            await self._audit.append_result(
                session,
                EXPORTED,
                kind=AuditKind.ACCESS,
                at=self._clock(),
                agency=agency,
                details={"first": batch[0].sequence, "last": batch[-1].sequence},
            )
