"""What the audit log records of one event: who, why, what, whom, and how it ended.

Never a name, a birth date or the register's answer. Numbers of persons and the free text of a purpose are
sealed before they are stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from app.domain.caller import Caller
from app.domain.lookup_kind import LookupKind
from app.domain.time_ordered_id import time_ordered_id


class AuditKind(StrEnum):
    """Kind of an audit record (loại bản ghi kiểm toán).

    A lookup is an INTENT before the register is asked and an OUTCOME before the answer leaves; a process
    that died in between leaves an INTENT that the sweep closes as ABANDONED.
    """

    INTENT = "INTENT"
    OUTCOME = "OUTCOME"
    DENIED = "DENIED"
    ABANDONED = "ABANDONED"
    ACCESS = "ACCESS"
    CHANGE = "CHANGE"


@dataclass(frozen=True, slots=True)
class Subject:
    """A person concerned, by number, and as what.

    The one claimed, a household's head or member, or the one of whom an auditor reads who looked at him.
    """

    role: Literal["claimed", "head", "member", "reported"]
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event, before it has a place in the log. `details` holds codes and ids only."""

    kind: AuditKind
    at: datetime
    officer: str | None
    agency: str | None
    client: str | None
    source_address: str | None
    lookup_id: UUID | None = None
    lookup_kind: LookupKind | None = None
    procedure_code: str | None = None
    receipt_number: str | None = None
    purpose: str | None = field(default=None, repr=False)
    fields_asked: tuple[str, ...] = ()
    fields_given: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    result: str | None = None
    upstream_request_id: str | None = None
    details: Mapping[str, str | int | tuple[str, ...]] = field(default_factory=dict)
    event_id: UUID = field(default_factory=time_ordered_id)

    @classmethod
    def of_caller(cls, caller: Caller, *, kind: AuditKind, at: datetime) -> "AuditEvent":
        """Begin an event of a caller; the rest is added with `dataclasses.replace`."""
        return cls(
            kind=kind,
            at=at,
            officer=caller.username,
            agency=caller.agency_code,
            client=caller.client_id,
            source_address=caller.source_address,
        )
