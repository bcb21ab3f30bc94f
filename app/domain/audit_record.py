"""The bytes of an audit record: RFC 8785 JSON, the same for ever; leaves of the Merkle tree are made of them.

Every record has the same members; one that does not apply is null or empty. Numbers of persons and the
purpose come in sealed: nothing here could leak them.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app.domain.audit_event import AuditEvent, AuditKind

CLOSING: Final = frozenset({AuditKind.OUTCOME, AuditKind.ABANDONED})
"""Kinds that end a lookup."""

# Above this, RFC 8785's numbers, which are doubles, are no longer exact.
_LARGEST_INTEGER: Final = 2**53 - 1

# Our members' names are ASCII, so that sorting by code point is RFC 8785's order, and no record holds a
# fraction or an integer that no double holds, whose spelling is where JSON writers differ. What is left,
# Python's own writer does as the RFC says and five times as fast as the library that the tests compare it
# with; it is on every lookup's path.
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class SealedSubject:
    """A person concerned as the log keeps it: a keyed reference to search by, and the number encrypted."""

    role: str
    ref: bytes = field(repr=False)
    sealed: bytes = field(repr=False)


def closed_lookup(event: AuditEvent) -> UUID | None:
    """Return the lookup that the event ends, if it ends one."""
    return event.lookup_id if event.kind in CLOSING else None


def canonical_bytes(
    event: AuditEvent, *, subjects: Sequence[SealedSubject], purpose_sealed: bytes | None
) -> bytes:
    """Write the record as RFC 8785 has it.

    Raises:
        ValueError: a text cannot be written as UTF-8, or an integer is none that every JSON reader keeps.
    """
    if any(isinstance(value, int) and abs(value) > _LARGEST_INTEGER for value in event.details.values()):
        raise ValueError("an integer of the details is over 53 bits")
    record = {
        "event_id": str(event.event_id),
        "kind": event.kind,
        "at": instant(event.at),
        "lookup_id": None if event.lookup_id is None else str(event.lookup_id),
        "lookup_kind": event.lookup_kind,
        "officer": event.officer,
        "agency": event.agency,
        "client": event.client,
        "source_address": event.source_address,
        "procedure_code": event.procedure_code,
        "receipt_number": event.receipt_number,
        "purpose_sealed": None if purpose_sealed is None else _base64(purpose_sealed),
        "fields_asked": event.fields_asked,
        "fields_given": event.fields_given,
        "subjects": [
            {"role": subject.role, "ref": _base64(subject.ref), "sealed": _base64(subject.sealed)}
            for subject in subjects
        ],
        "result": event.result,
        "upstream_request_id": event.upstream_request_id,
        "details": dict(event.details),
    }
    return _CANONICAL.encode(record).encode()


def instant(at: datetime) -> str:
    """Write a moment as records have it: in UTC and all of one length, so that texts compare as times do.

    Raises:
        ValueError: the moment has no offset.
    """
    if at.tzinfo is None:
        raise ValueError("naive datetime")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _base64(value: bytes) -> str:
    return b64encode(value).decode()
