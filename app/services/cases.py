"""Cases (hồ sơ): register, list, read. What a person wrote is stored only encrypted."""

from dataclasses import dataclass, replace
from uuid import UUID

from app.clock import Clock
from app.db import case_lookups, cases
from app.db.cases import CaseRow, FoundCase
from app.db.engine import BlockingSession, Database
from app.domain import policy
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.case import Case, CaseContent, CaseFilters, CasePage, CasePosition, CaseRegistration
from app.domain.case_status import CaseStatus
from app.domain.directory import Agency, Procedure
from app.domain.partial_date import PartialDate
from app.domain.receipt_number import format_receipt_number
from app.domain.working_time import vietnam_day
from app.errors import (
    AgencyNotFoundError,
    CaseClosedError,
    FieldFaultError,
    LookupAlreadyTiedError,
    ProcedureNotFoundError,
)
from app.services.case_rows import CaseRows
from app.services.case_words import CaseWords
from app.services.case_writer import CaseWriter, KeptAnswer, KeyedRequest, Written
from app.services.directory import Directory
from app.services.finding_cases import find_case
from app.services.lookup_ties import lookups_to_tie


@dataclass(frozen=True, slots=True)
class CaseForLookup:
    """What a lookup must know of the case that it is made for."""

    agency_code: str
    procedure_code: str


class Cases:
    """The cases of all agencies; a caller sees those of the agencies within reach, and no trace of others."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        writer: CaseWriter,
        rows: CaseRows,
        words: CaseWords,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._writer = writer
        self._rows = rows
        self._words = words
        self._clock = clock

    async def register(
        self, caller: Caller, wanted: CaseRegistration, *, keyed: KeyedRequest | None = None
    ) -> Case | KeptAnswer:
        """Register a case (tiếp nhận hồ sơ) and tie the lookups made for it.

        Raises:
            FieldFaultError, AgencyNotFoundError, ProcedureNotFoundError: the request does not hold.
            LookupNotFoundError, PurposeMismatchError, LookupAlreadyTiedError: a lookup cannot be tied.
            IdempotencyKeyReusedError, IdempotencyKeyInUseError: what the key says.
            AuditUnavailableError, ServiceUnavailableError: it was not saved, unless the connection was lost
                during the commit.
        """
        self._check_applicant(wanted.content)
        agency = await self._agency_for(caller, wanted.agency_code)
        procedure = await self._directory.procedure(wanted.procedure_code)

        def work(session: BlockingSession) -> Written:
            # Only here, because a repetition gets its answer whatever has become of the procedure.
            if procedure is None or not procedure.is_active:
                raise ProcedureNotFoundError
            return self._registered(session, caller, wanted, agency=agency, procedure=procedure)

        return await self._writer.write_once(caller, work, keyed=keyed)

    def _registered(
        self,
        session: BlockingSession,
        caller: Caller,
        wanted: CaseRegistration,
        *,
        agency: Agency,
        procedure: Procedure,
    ) -> Written:
        now = self._clock()
        lookups = lookups_to_tie(session, caller, wanted, now)
        # From here on nothing is refused but by a race that the database decides.
        day = vietnam_day(now)
        counter = cases.take_receipt_number(session, agency_code=agency.code, day=day)
        receipt_number = format_receipt_number(agency.code, day, counter)
        row = self._rows.new_row(caller, wanted, receipt_number, agency=agency, procedure=procedure, now=now)
        cases.add_case(session, row)
        self._words.put(session, row, wanted.content)
        if not case_lookups.tie_lookups(session, receipt_number, lookups):
            raise LookupAlreadyTiedError
        return Written(
            case=self._rows.case(FoundCase(row, agency.name), lookups, now),
            event=_registration_event(caller, row, wanted.lookup_ids),
        )

    async def get(self, caller: Caller, receipt_number: str) -> Case:
        """Return one case with the applicant's number in full.

        Raises:
            CaseNotFoundError: no such case, or one out of the caller's reach.
        """
        async with self._database.read() as session:
            found = await session.run_sync(find_case, receipt_number, agency_codes=caller.reach)
            lookups = await session.run_sync(case_lookups.lookups_of, [receipt_number])
        return self._rows.case(found, lookups.get(receipt_number, ()), self._clock())

    async def list_cases(
        self, caller: Caller, filters: CaseFilters, *, after: CasePosition | None, limit: int
    ) -> CasePage:
        """Return a page of the cases within the caller's reach, newest first, with numbers masked."""
        now = self._clock()
        async with self._database.search() as session:
            # One more than asked for tells whether there is another page.
            found = await cases.list_cases(
                session, filters, agency_codes=caller.reach, after=after, limit=limit + 1, now=now
            )
            shown = found[:limit]
            numbers = [case.row.receipt_number for case in shown]
            lookups = await session.run_sync(case_lookups.lookups_of, numbers)
        items = tuple(
            self._rows.listed(case, lookups.get(case.row.receipt_number, ()), now) for case in shown
        )
        if len(found) <= limit:
            return CasePage(items, next_position=None)
        return CasePage(items, CasePosition(items[-1].received_at, items[-1].receipt_number))

    async def open_case_for_lookup(self, caller: Caller, receipt_number: str) -> CaseForLookup:
        """Return what a lookup must know of an open case of the caller's own agency.

        Raises:
            CaseNotFoundError: no such case, or one of another agency.
            CaseClosedError: the case has ended.
        """
        async with self._database.read() as session:
            found = await session.run_sync(find_case, receipt_number, agency_codes={caller.agency_code})
        if not policy.takes_lookups(CaseStatus(found.row.status)):
            raise CaseClosedError
        return CaseForLookup(found.row.agency_code, found.row.procedure_code)

    def _check_applicant(self, content: CaseContent) -> None:
        applicant = content.applicant
        if applicant.id_number is None and applicant.other_document is None:
            raise FieldFaultError("/applicant/id_number", "required")
        today = vietnam_day(self._clock())
        if PartialDate.parse(applicant.birth_date).begins_after(today):
            raise FieldFaultError("/applicant/birth_date", "in-future")

    async def _agency_for(self, caller: Caller, agency_code: str | None) -> Agency:
        if not caller.is_system:
            if agency_code is not None:
                raise FieldFaultError("/agency_code", "not-permitted-here")
            agency_code = caller.agency_code
        elif agency_code is None:
            raise FieldFaultError("/agency_code", "required")
        agency = await self._directory.agency(agency_code) if agency_code in caller.reach else None
        if agency is None:
            raise AgencyNotFoundError
        return agency


def _registration_event(caller: Caller, row: CaseRow, lookup_ids: tuple[UUID, ...]) -> AuditEvent:
    return replace(
        AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=row.received_at),
        procedure_code=row.procedure_code,
        receipt_number=row.receipt_number,
        result="case-registered",
        details={"case_agency": row.agency_code, "lookup_ids": tuple(map(str, lookup_ids))},
    )
