"""What an auditor asks the audit log for, and what comes of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.audit_event import AuditKind

_NAMES: Final = {
    "officer": "officer",
    "agency": "agency",
    "kind": "kind",
    "lookup_id": "lookup_id",
    "receipt_number": "receipt_number",
    "since": "from",
    "until": "to",
}


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """Which records a list holds; None leaves a filter out. `until` is exclusive."""

    officer: str | None = None
    agency: str | None = None
    kind: AuditKind | None = None
    lookup_id: UUID | None = None
    receipt_number: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def used(self) -> tuple[str, ...]:
        """Names of the filters that are set, as the contract spells them."""
        return tuple(name for member, name in _NAMES.items() if getattr(self, member) is not None)


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record with its place; `content` are the canonical bytes of which the leaf hash is made.

    It is None once the record was pruned.
    """

    sequence: int
    content: bytes | None = field(repr=False)
    leaf_hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Records, newest first; the next page holds those before `next_before`, if there are any."""

    items: tuple[StoredRecord, ...]
    next_before: int | None
