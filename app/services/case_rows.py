"""Turns registrations into rows, and rows into cases. What a person wrote is encrypted for its own case."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime

from app.db.cases import CaseRow, FoundCase
from app.domain.caller import Caller
from app.domain.case import (
    Applicant,
    Case,
    CaseAgency,
    CaseContent,
    CaseProcedure,
    CaseRegistration,
    Document,
    LookupOfCase,
    clock_of,
)
from app.domain.case_change import CaseDetails
from app.domain.case_progress import CaseProgress
from app.domain.case_status import (
    CaseStatus,
    Channel,
    DocumentForm,
    PaymentStatus,
    ProcedureLevel,
    initial_status,
)
from app.domain.directory import Agency, Procedure
from app.domain.identity_number import IdentityNumber
from app.domain.working_time import WorkCalendar
from app.keys.sealing import Sealer
from app.services.case_words import APPLICANT


class CaseRows:
    """The way of a case into its row and back."""

    def __init__(self, sealer: Sealer, calendar: Callable[[], WorkCalendar]) -> None:
        self._sealer = sealer
        self._calendar = calendar

    def new_row(
        self,
        caller: Caller,
        wanted: CaseRegistration,
        receipt_number: str,
        *,
        agency: Agency,
        procedure: Procedure,
        now: datetime,
    ) -> CaseRow:
        """Make the row of a case registered now; its due date counts only from when it is received."""
        status = initial_status(wanted.channel)
        is_received = status is CaseStatus.RECEIVED
        id_number = wanted.content.applicant.id_number
        return CaseRow(
            receipt_number=receipt_number,
            agency_code=agency.code,
            procedure_code=procedure.code,
            procedure_name=procedure.name,
            procedure_level=procedure.level,
            processing_days=procedure.processing_days,
            channel=wanted.channel.value,
            status=status.value,
            payment_status=PaymentStatus.NOT_REQUIRED.value,
            received_at=now,
            due_at=self._calendar().due_at(now, procedure.processing_days) if is_received else None,
            field_visit_on=wanted.field_visit_on,
            returned_at=None,
            ended_at=None,
            supplement_since=None,
            supplement_requests=0,
            registered_by=caller.username or caller.client_id,
            applicant_ref=id_number and self._sealer.reference(id_number, use=APPLICANT),
            content_sealed=self._seal(receipt_number, wanted.content),
            has_words=True,
            version=1,
        )

    def case(self, found: FoundCase, lookups: tuple[LookupOfCase, ...], now: datetime) -> Case:
        """Return the case of a row as it stands now.

        Raises:
            SealBrokenError: its content was altered, belongs to another case, or has another key.
        """
        return self._case(found, self.content(found.row), lookups, now)

    def listed(
        self,
        found: FoundCase,
        lookups: tuple[LookupOfCase, ...],
        now: datetime,
        *,
        content: CaseContent | None = None,
    ) -> Case:
        """Return the case as lists show it, with the applicant's number masked.

        `content` is what was written in it, where the caller has opened that already.

        Raises:
            SealBrokenError: its content was altered, belongs to another case, or has another key.
        """
        return self._case(found, _masked(content or self.content(found.row)), lookups, now)

    def _case(
        self, found: FoundCase, content: CaseContent, lookups: tuple[LookupOfCase, ...], now: datetime
    ) -> Case:
        row = found.row
        status = CaseStatus(row.status)
        return Case(
            receipt_number=row.receipt_number,
            agency=CaseAgency(row.agency_code, found.agency_name),
            procedure=CaseProcedure(
                row.procedure_code,
                row.procedure_name,
                ProcedureLevel(row.procedure_level),
                row.processing_days,
            ),
            channel=Channel(row.channel),
            content=content,
            status=status,
            received_at=row.received_at,
            due_at=row.due_at,
            field_visit_on=row.field_visit_on,
            returned_at=row.returned_at,
            ended_at=row.ended_at,
            # While a case waits for a supplement, its clock stands.
            clock=clock_of(status, row.due_at, now=row.supplement_since or now, calendar=self._calendar()),
            payment_status=PaymentStatus(row.payment_status),
            lookups=lookups,
            version=row.version,
        )

    def details(self, row: CaseRow) -> CaseDetails:
        """Return what of a row's case may be edited.

        Raises:
            SealBrokenError: its content was altered, belongs to another case, or has another key.
        """
        return CaseDetails(self.content(row), row.field_visit_on, PaymentStatus(row.payment_status))

    def content(self, row: CaseRow) -> CaseContent:
        """Return what was written in a row's case.

        Raises:
            SealBrokenError: it was altered, belongs to another case, or has another key.
        """
        return self._unseal(row.receipt_number, row.content_sealed)

    def put_details(self, row: CaseRow, details: CaseDetails) -> None:
        """Write what was edited into the row."""
        row.content_sealed = self._seal(row.receipt_number, details.content)
        row.field_visit_on = details.field_visit_on
        row.payment_status = details.payment_status.value

    def _seal(self, receipt_number: str, content: CaseContent) -> bytes:
        plain = json.dumps(asdict(content), ensure_ascii=False, separators=(",", ":"))
        return self._sealer.seal(plain.encode(), place=content_place(receipt_number))

    def _unseal(self, receipt_number: str, sealed: bytes) -> CaseContent:
        fields = json.loads(self._sealer.unseal(sealed, place=content_place(receipt_number)))
        documents = fields.pop("documents")
        return CaseContent(
            applicant=Applicant(**fields.pop("applicant")),
            documents=tuple(
                Document(document["name"], document["copies"], DocumentForm(document["form"]))
                for document in documents
            ),
            **fields,
        )


def progress_of(row: CaseRow) -> CaseProgress:
    """Return how far the row's case has come."""
    return CaseProgress(
        status=CaseStatus(row.status),
        due_at=row.due_at,
        returned_at=row.returned_at,
        ended_at=row.ended_at,
        supplement_since=row.supplement_since,
        supplement_requests=row.supplement_requests,
    )


def put_progress(row: CaseRow, progress: CaseProgress) -> None:
    """Write how far a case has come into its row."""
    row.status = progress.status.value
    row.due_at = progress.due_at
    row.returned_at = progress.returned_at
    row.ended_at = progress.ended_at
    row.supplement_since = progress.supplement_since
    row.supplement_requests = progress.supplement_requests


def _masked(content: CaseContent) -> CaseContent:
    id_number = content.applicant.id_number
    if id_number is None:
        return content
    applicant = replace(content.applicant, id_number=IdentityNumber(id_number).masked())
    return replace(content, applicant=applicant)


def content_place(receipt_number: str) -> str:
    """Name the place for which what was written in a case is sealed."""
    return f"case.content:{receipt_number}"
