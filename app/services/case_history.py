"""What happened to cases: the history of one, and the feed of all changes. Changes nothing."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.db import audit_outcomes, case_changes, case_lookups, directory
from app.db.case_changes import ChangeRow
from app.db.engine import BlockingSession, Database
from app.domain import policy
from app.domain.caller import Caller
from app.domain.case_change import (
    ChangeKind,
    FeedItem,
    FeedPage,
    HistoryEntry,
    HistoryPage,
    HistoryPosition,
)
from app.domain.case_status import CaseStatus
from app.domain.lookup_kind import LookupKind
from app.keys import Seal
from app.services.change_rows import ChangeRows
from app.services.finding_cases import find_case


class CaseHistory:
    """Tells what happened to the cases within a caller's reach."""

    def __init__(self, *, database: Database, seal: Seal) -> None:
        self._database = database
        self._rows = ChangeRows(seal)

    async def history(
        self, caller: Caller, receipt_number: str, *, after: HistoryPosition | None, limit: int
    ) -> HistoryPage:
        """Return a page of what happened to one case, changes and lookups, oldest first.

        Lookups that failed are in it. Of one whose audit record was pruned, the officer is no longer known.

        Raises:
            CaseNotFoundError: no such case, or one out of the caller's reach.
            ServiceUnavailableError: the database cannot be read.
        """
        async with self._database.read() as session:
            await session.run_sync(find_case, receipt_number, agency_codes=caller.reach)
            changes = await session.run_sync(case_changes.changes_of, receipt_number)
            entries = await session.run_sync(_lookups, receipt_number)
        entries += (entry for row in changes for entry in self._rows.entries(row))
        # A case has tens of entries, not thousands: all are read, and cut to the page here.
        entries.sort(key=_place)
        rest = [entry for entry in entries if after is None or _place(entry) > (after.at, after.order)]
        shown = tuple(rest[:limit])
        return HistoryPage(shown, HistoryPosition(*_place(shown[-1])) if len(rest) > limit else None)

    async def feed(self, caller: Caller, *, after: int, limit: int) -> FeedPage:
        """Return the changes after a sequence, in commit order, of the cases within the caller's reach.

        A later call never brings one before those that this one has brought.

        Raises:
            ServiceUnavailableError: the database cannot be read.
        """
        async with self._database.read() as session:
            last = await session.run_sync(case_changes.newest_sequence)
            # What the caller came with may lack an agency that another process has just made.
            below = (await directory.agency_tree(session)).reach.get(caller.agency_code, frozenset())
            reach = policy.reach(
                caller.agency_code, below, roles=None if caller.username is None else caller.roles
            )
            rows = await case_changes.changes_between(
                session, after, last, agency_codes=reach, limit=limit + 1
            )
        return FeedPage(tuple(map(_feed_item, rows[:limit])), has_more=len(rows) > limit)


def _lookups(session: BlockingSession, receipt_number: str) -> list[HistoryEntry]:
    """Give the lookups of a case: those tied to it, and those made for it later, answered or not."""
    tied = case_lookups.lookups_of(session, [receipt_number]).get(receipt_number, ())
    entries = {
        lookup.lookup_id: _lookup_entry(lookup.lookup_id, lookup.kind, lookup.result, lookup.answered_at)
        for lookup in tied
    }
    for outcome in (
        *audit_outcomes.outcomes_of(session, list(entries)),
        *audit_outcomes.outcomes_of_case(session, receipt_number),
    ):
        entry = _lookup_entry(outcome.lookup_id, LookupKind(outcome.lookup_kind), outcome.result, outcome.at)
        entries[outcome.lookup_id] = replace(entry, officer=outcome.officer, client=outcome.client)
    return list(entries.values())


def _lookup_entry(lookup_id: UUID, kind: LookupKind, result: str, at: datetime) -> HistoryEntry:
    return HistoryEntry(
        at=at,
        order=f"lookup-{lookup_id}",
        officer=None,
        client=None,
        lookup_id=lookup_id,
        lookup_kind=kind,
        result=result,
    )


def _place(entry: HistoryEntry) -> tuple[datetime, str]:
    return entry.at, entry.order


def _feed_item(row: ChangeRow) -> FeedItem:
    return FeedItem(row.sequence, row.receipt_number, ChangeKind(row.kind), CaseStatus(row.status), row.at)
