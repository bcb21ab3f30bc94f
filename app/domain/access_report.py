"""Who looked at a person: the records of one look folded into one entry of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.domain.audit_event import AuditKind


class AccessStatus(StrEnum):
    """What became of a look at a person."""

    ANSWERED = "answered"
    """The register was asked; `result` is its answer or the code of the failure."""

    OPEN = "open"
    """The register is being asked."""

    ABANDONED = "abandoned"
    """The register was asked, perhaps; nobody knows the answer, and nobody got it."""

    REFUSED = "refused"
    """The register was not asked; `result` is the reason."""

    REPORTED = "reported"
    """An auditor read who had looked at the person."""


_STATUSES: Final = {
    AuditKind.OUTCOME: AccessStatus.ANSWERED,
    AuditKind.INTENT: AccessStatus.OPEN,
    AuditKind.ABANDONED: AccessStatus.ABANDONED,
    AuditKind.DENIED: AccessStatus.REFUSED,
    AuditKind.ACCESS: AccessStatus.REPORTED,
}


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record of the log with its place, read from its bytes."""

    sequence: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One look at a person: who, when, why, as what, and how it ended.

    `roles` tells as what the person was concerned; `sequences` are the records that say all this.
    """

    status: AccessStatus
    at: datetime
    lookup_id: str | None
    lookup_kind: str | None
    officer: str | None
    agency: str | None
    client: str | None
    source_address: str | None
    procedure_code: str | None
    receipt_number: str | None
    roles: tuple[str, ...]
    fields_asked: tuple[str, ...]
    fields_given: tuple[str, ...]
    result: str | None
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AccessPage:
    """Entries, the latest first; the next page holds those before `next_before`, if there are any."""

    entries: tuple[AccessEntry, ...]
    next_before: int | None


def access_entry(records: Sequence[ReadRecord], *, ref: str, tied_to: str | None) -> AccessEntry:
    """Fold the records of one look, in their order, into what it was.

    Args:
        records: All records of the look; at least one.
        ref: The person's keyed reference as records have it, base64.
        tied_to: The receipt number of a case registered after the lookup, if it was tied to one.
    """
    first, last = records[0].content, records[-1].content
    roles = (
        subject["role"]
        for record in records
        for subject in record.content["subjects"]
        if subject["ref"] == ref
    )
    return AccessEntry(
        status=_STATUSES[AuditKind(last["kind"])],
        at=datetime.fromisoformat(first["at"]),
        lookup_id=first["lookup_id"],
        lookup_kind=first["lookup_kind"],
        officer=first["officer"],
        agency=first["agency"],
        client=first["client"],
        source_address=first["source_address"],
        procedure_code=first["procedure_code"],
        receipt_number=first["receipt_number"] or tied_to,
        roles=tuple(dict.fromkeys(roles)),
        fields_asked=tuple(first["fields_asked"]),
        fields_given=tuple(last["fields_given"]),
        result=last["result"],
        sequences=tuple(record.sequence for record in records),
    )
