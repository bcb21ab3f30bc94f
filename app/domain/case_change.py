"""What changed in a case: the changes of its history, and the form in which they are told."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.case import CaseContent, Document
from app.domain.case_status import CaseStatus, PaymentStatus
from app.domain.lookup_kind import LookupKind
from app.domain.working_time import VIETNAM_TIME


class ChangeKind(StrEnum):
    """Kind of a case's change (loại thay đổi), as the feed tells it."""

    REGISTERED = "registered"
    STATUS_CHANGED = "status_changed"
    DETAILS_CHANGED = "details_changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One member of a case before and after a change, as JSON has it."""

    name: str
    old: Any = field(repr=False)
    new: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaseDetails:
    """What of a case may be edited after its registration; of the applicant only how to reach the person."""

    content: CaseContent
    field_visit_on: date | None
    payment_status: PaymentStatus


Edits = Mapping[str, Any]
"""New values by the names of `EDITABLE`; what is not named stays."""

_CONTACTS: Final = ("phone", "email", "address")
_TEXTS: Final = ("organization_name", "note", "related_url", "documents")


def _contact(name: str) -> Callable[[CaseDetails], Any]:
    return lambda details: getattr(details.content.applicant, name)


def _text(name: str) -> Callable[[CaseDetails], Any]:
    return lambda details: getattr(details.content, name)


EDITABLE: Final[dict[str, Callable[[CaseDetails], Any]]] = {
    **{f"applicant.{name}": _contact(name) for name in _CONTACTS},
    **{name: _text(name) for name in _TEXTS},
    "field_visit_on": lambda details: details.field_visit_on,
    "payment_status": lambda details: details.payment_status,
}
"""The members that may be edited, and where each stands."""


def edited(details: CaseDetails, edits: Edits) -> CaseDetails:
    """Put the new values in the place of the old.

    Raises:
        KeyError: a name is not one of `EDITABLE`.
    """
    applicant, content, details_own = {}, {}, {}
    for name, value in edits.items():
        EDITABLE[name]
        if name.startswith("applicant."):
            applicant[name.removeprefix("applicant.")] = value
        elif name in _TEXTS:
            content[name] = value
        else:
            details_own[name] = value
    changed = replace(details.content, applicant=replace(details.content.applicant, **applicant), **content)
    return replace(details, content=changed, **details_own)


def differences(old: CaseDetails, new: CaseDetails) -> tuple[FieldChange, ...]:
    """Tell which members differ, in the order of `EDITABLE`."""
    pairs = ((name, read(old), read(new)) for name, read in EDITABLE.items())
    return tuple(FieldChange(name, as_json(a), as_json(b)) for name, a, b in pairs if a != b)


def as_json(value: Any) -> Any:  # noqa: ANN401 - whatever a member of a case may be
    """Write a value as an answer shows it."""
    match value:
        case datetime():
            return value.astimezone(VIETNAM_TIME).isoformat()
        case date():
            return value.isoformat()
        case tuple():
            return [asdict(item) if isinstance(item, Document) else as_json(item) for item in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """Something that happened to a case; `order` tells apart what happened at the same moment.

    Either `change`, with the `note` given for it, or one lookup.
    """

    at: datetime
    order: str
    officer: str | None
    client: str | None
    change: FieldChange | None = None
    note: str | None = field(default=None, repr=False)
    lookup_id: UUID | None = None
    lookup_kind: LookupKind | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryPosition:
    """A place in a case's history: right after the entry with these values."""

    at: datetime
    order: str

    @property
    def version(self) -> int | None:
        """The case's version after the change; None where the entry is a lookup."""
        kind, _, rest = self.order.partition("-")
        return int(rest.partition("-")[0]) if kind == "change" else None

    @property
    def lookup_id(self) -> UUID | None:
        """The lookup; None where the entry is of a change."""
        kind, _, rest = self.order.partition("-")
        return UUID(rest) if kind == "lookup" else None


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of a case's history; `next_position` is None on the last."""

    entries: tuple[HistoryEntry, ...]
    next_position: HistoryPosition | None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One change as the feed tells it; `status` is the case's after it."""

    sequence: int
    receipt_number: str
    kind: ChangeKind
    status: CaseStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Changes in commit order; `has_more` tells whether others follow already."""

    items: tuple[FeedItem, ...]
    has_more: bool
