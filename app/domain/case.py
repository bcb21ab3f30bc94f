"""A case (hồ sơ) as a value, and what follows from its dates: hours left and whether it is overdue.

What a person wrote prints nowhere.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.case_status import (
    CaseStatus,
    Channel,
    DocumentForm,
    PaymentStatus,
    ProcedureLevel,
    is_ended,
)
from app.domain.lookup_kind import LookupKind
from app.domain.working_time import WorkCalendar

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who hands a case in (người nộp hồ sơ), as written on the form.

    `id_number` is masked in lists. Without one, `other_document` says what paper the person has.
    """

    full_name: str = field(repr=False)
    id_number: str | None = field(repr=False)
    birth_date: str = field(repr=False)
    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)
    address: str | None = field(repr=False)
    other_document: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Document:
    """One of the papers handed in with a case (giấy tờ nộp kèm)."""

    name: str = field(repr=False)
    copies: int
    form: DocumentForm


@dataclass(frozen=True, slots=True)
class CaseContent:
    """All that a person wrote into a case; stored only encrypted."""

    applicant: Applicant
    organization_name: str | None = field(repr=False)
    note: str | None = field(repr=False)
    related_url: str | None = field(repr=False)
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRegistration:
    """What a caller asks to be registered. Only a system names the agency; `lookup_ids` do not repeat."""

    procedure_code: str
    channel: Channel
    content: CaseContent
    field_visit_on: date | None = None
    lookup_ids: tuple[UUID, ...] = ()
    agency_code: str | None = None


@dataclass(frozen=True, slots=True)
class CaseAgency:
    """The agency that received a case."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class CaseProcedure:
    """The procedure as it stood when the case was registered."""

    code: str
    name: str
    level: ProcedureLevel
    processing_days: int


@dataclass(frozen=True, slots=True)
class LookupOfCase:
    """A lookup that belongs to a case, and how it ended."""

    lookup_id: UUID
    kind: LookupKind
    result: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class CaseClock:
    """How a case stands against its due date at one moment.

    `hours_left` are working hours, negative when late; None without a due date or once the case has ended.
    """

    hours_left: float | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A case with all that its reader is shown; `lookups` oldest first."""

    receipt_number: str
    agency: CaseAgency
    procedure: CaseProcedure
    channel: Channel
    content: CaseContent
    status: CaseStatus
    received_at: datetime
    due_at: datetime | None
    field_visit_on: date | None
    returned_at: datetime | None
    ended_at: datetime | None
    clock: CaseClock
    payment_status: PaymentStatus
    lookups: tuple[LookupOfCase, ...]
    version: int


@dataclass(frozen=True, slots=True)
class CasePosition:
    """A place in the list of cases, newest first: right after the case with these values."""

    received_at: datetime
    receipt_number: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of a list; `next_position` is None on the last."""

    items: tuple[Case, ...]
    next_position: CasePosition | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilters:
    """Which cases a list holds; None leaves a filter out. Ends of spans are exclusive."""

    status: CaseStatus | None = None
    procedure_code: str | None = None
    channel: Channel | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    due_before: datetime | None = None
    is_overdue: bool | None = None


def clock_of(
    status: CaseStatus, due_at: datetime | None, *, now: datetime, calendar: WorkCalendar
) -> CaseClock:
    """Tell how many working hours are left, to two decimals, and whether the due date has passed.

    Lateness is a matter of the clock, not of working hours: past a due date at closing time a case is late
    although no working time has gone by since.
    """
    if due_at is None or is_ended(status):
        return CaseClock(hours_left=None, is_overdue=False)
    left = calendar.working_time_between(now, due_at) / _HOUR
    # Adding zero turns the negative zero of a rounded trifle into a plain one.
    return CaseClock(hours_left=round(left, 2) + 0.0, is_overdue=now > due_at)
