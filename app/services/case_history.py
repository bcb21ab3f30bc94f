"""What happened to cases: the history of one, and the feed of all changes. Changes nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db import audit_outcomes, case_changes, case_lookups, directory
from app.db.case_changes import ChangeRow
from app.db.engine import BlockingSession, Database, Session
from app.domain import policy
from app.domain.caller import Caller
from app.domain.case_change import FeedPage, HistoryEntry, HistoryPage, HistoryPosition
from app.domain.lookup_kind import LookupKind
from app.keys.sealing import Seal
from app.services.change_rows import ChangeRows, feed_item
from app.services.finding_cases import find_case

# One change may hold hundreds of documents, before and after it: few are read at once, and a page ends early
# rather than hold much more than this.
_CHANGES_AT_ONCE: Final = 10
_PAGE_BYTES: Final = 2**20


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
        Where entries hold much, a page ends before the limit.

        Raises:
            CaseNotFoundError: no such case, or one out of the caller's reach.
            ServiceUnavailableError: the database cannot be read.
        """
        async with self._database.read() as session:
            await session.run_sync(find_case, receipt_number, agency_codes=caller.reach)
            lookups = await session.run_sync(_lookups, receipt_number, after, limit=limit + 1)
            changes, is_cut = await self._changes(session, receipt_number, after, wanted=limit + 1)
        rest = sorted((*lookups, *changes), key=_place)
        if is_cut:
            rest = [entry for entry in rest if _place(entry) <= _place(changes[-1])]
        shown = tuple(rest[:limit])
        has_more = is_cut or len(rest) > limit
        return HistoryPage(shown, HistoryPosition(*_place(shown[-1])) if has_more else None)

    async def feed(self, caller: Caller, *, after: int, limit: int) -> FeedPage:
        """Return the changes after a sequence, in commit order, of the cases within the caller's reach.

        A later call never brings one before those that this one has brought.

        Raises:
            ServiceUnavailableError: the database cannot be read.
        """
        async with self._database.read() as session:
            last = await session.run_sync(case_changes.newest_sequence)
            # What the caller came with may lack an agency that another process has just made.
            below = await session.run_sync(directory.agencies_below, caller.agency_code)
            reach = policy.reach(caller.agency_code, below, roles=None if caller.is_system else caller.roles)
            rows = await case_changes.changes_between(
                session, after, last, agency_codes=reach, limit=limit + 1
            )
        return FeedPage(tuple(map(feed_item, rows[:limit])), has_more=len(rows) > limit)

    async def _changes(
        self, session: Session, receipt_number: str, after: HistoryPosition | None, *, wanted: int
    ) -> tuple[list[HistoryEntry], bool]:
        """Give the first entries of changes after a position, and whether they were cut for their size.

        There are as many as `wanted` if there are so many, but at least one is given whatever its size.
        """
        found: list[HistoryEntry] = []
        room = _PAGE_BYTES
        at, version = (after.at, after.version) if after else (None, None)
        while True:
            # The change that the position is in may have no more entries.
            limit = min(wanted - len(found) + 1, _CHANGES_AT_ONCE)
            rows = await case_changes.changes_from(
                session, receipt_number, at=at, version=version, limit=limit
            )
            taken = _fitting(rows, room)
            found += await asyncio.to_thread(self._opened, taken, after)
            is_cut = len(taken) < len(rows)
            if len(found) >= wanted or (len(rows) < limit and not is_cut):
                return found[:wanted], False
            if found and is_cut:
                return found, True
            room -= sum(map(_size, taken))
            at, version = taken[-1].at, taken[-1].version + 1

    def _opened(self, rows: Sequence[ChangeRow], after: HistoryPosition | None) -> list[HistoryEntry]:
        return [entry for row in rows for entry in self._rows.entries(row) if _is_after(entry, after)]


def _lookups(
    session: BlockingSession, receipt_number: str, after: HistoryPosition | None, *, limit: int
) -> list[HistoryEntry]:
    """Give lookups of a case after a position, failed ones too: the tied, and of the later so many."""
    entries = {
        lookup.lookup_id: _lookup_entry(lookup.lookup_id, lookup.kind, lookup.result, lookup.answered_at)
        for lookup in case_lookups.tied_lookups(session, receipt_number)
    }
    at, lookup_id = (after.at, after.lookup_id) if after else (None, None)
    for outcome in (
        *audit_outcomes.outcomes_of(session, list(entries)),
        *audit_outcomes.outcomes_of_case(session, receipt_number, at=at, lookup_id=lookup_id, limit=limit),
    ):
        entry = _lookup_entry(outcome.lookup_id, LookupKind(outcome.lookup_kind), outcome.result, outcome.at)
        entries[outcome.lookup_id] = replace(entry, officer=outcome.officer, client=outcome.client)
    return [entry for entry in entries.values() if _is_after(entry, after)]


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


def _fitting(rows: Sequence[ChangeRow], room: int) -> list[ChangeRow]:
    """Take the first rows whose values fit into so many bytes, at least one."""
    taken: list[ChangeRow] = []
    for row in rows:
        room -= _size(row)
        if taken and room < 0:
            break
        taken.append(row)
    return taken


def _size(row: ChangeRow) -> int:
    return len(row.details_sealed or b"")


def _place(entry: HistoryEntry) -> tuple[datetime, str]:
    return entry.at, entry.order


def _is_after(entry: HistoryEntry, after: HistoryPosition | None) -> bool:
    return after is None or _place(entry) > (after.at, after.order)
