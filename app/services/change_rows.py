"""Turns changes of cases into rows, and rows into a case's history. Old and new values are encrypted."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from app.db.case_changes import ChangeRow
from app.domain.caller import Caller
from app.domain.case import Case
from app.domain.case_change import ChangeKind, FeedItem, FieldChange, HistoryEntry
from app.domain.case_status import CaseStatus
from app.keys.sealing import Seal

_REGISTERED: Final = "status"


class ChangeRows:
    """The way of a change into its row, and of a row into entries of the history."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def columns(
        self,
        caller: Caller,
        case: Case,
        kind: ChangeKind,
        fields: tuple[FieldChange, ...],
        *,
        note: str | None,
        at: datetime,
    ) -> dict[str, Any]:
        """Make the row of a change, but for its sequence; `case` is as the change left it."""
        return {
            "receipt_number": case.receipt_number,
            "agency_code": case.agency.code,
            "kind": kind.value,
            "status": case.status.value,
            "version": case.version,
            "at": at,
            "officer": caller.username,
            "client": caller.client_id,
            "details_sealed": self._sealed(case, fields, note) if fields or note else None,
        }

    def entries(self, row: ChangeRow) -> Iterator[HistoryEntry]:
        """Give the entries of one change, one for each member that changed; the note goes with the first.

        Raises:
            SealBrokenError: the values were altered, belong to another change, or have another key.
        """
        fields, note = self._details(row)
        for index, change in enumerate(fields):
            yield HistoryEntry(
                at=row.at,
                order=f"change-{row.version:09d}-{index:03d}",
                officer=row.officer,
                client=row.client,
                change=change,
                note=note if index == 0 else None,
            )

    def _sealed(self, case: Case, fields: tuple[FieldChange, ...], note: str | None) -> bytes:
        details = {"note": note, "fields": [[change.name, change.old, change.new] for change in fields]}
        plain = json.dumps(details, ensure_ascii=False, separators=(",", ":")).encode()
        return self._seal.seal(plain, place=change_place(case.receipt_number, case.version))

    def _details(self, row: ChangeRow) -> tuple[list[FieldChange], str | None]:
        if row.details_sealed is None:
            # A registration: what it wrote is the case itself.
            return [FieldChange(_REGISTERED, None, row.status)], None
        plain = self._seal.unseal(row.details_sealed, place=change_place(row.receipt_number, row.version))
        details = json.loads(plain)
        return [FieldChange(*change) for change in details["fields"]], details["note"]


def feed_item(row: ChangeRow) -> FeedItem:
    """Say what the feed tells of a change."""
    return FeedItem(row.sequence, row.receipt_number, ChangeKind(row.kind), CaseStatus(row.status), row.at)


def change_place(receipt_number: str, version: int) -> str:
    """Name the place for which what a change wrote is sealed."""
    return f"case.change:{receipt_number}:{version}"
