"""Changes cases after their registration: steps of the status, and edits of what was written."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from app.clock import Clock
from app.db import case_lookups
from app.db.cases import CaseRow, FoundCase
from app.db.engine import BlockingSession
from app.domain import policy
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.case import Case
from app.domain.case_change import ChangeKind, Edits, FieldChange, as_json, differences, edited
from app.domain.case_progress import stepped
from app.domain.case_status import CaseStatus, allowed_next, may_follow, needs_note
from app.domain.working_time import WorkCalendar
from app.errors import FieldFaultError, PreconditionFailedError, TransitionNotAllowedError
from app.services.case_rows import CaseRows, progress_of, put_progress
from app.services.case_words import CaseWords
from app.services.case_writer import CaseWriter, KeptAnswer, KeyedRequest, Written
from app.services.finding_cases import find_case

Versions = Collection[int]
"""The versions of a case of which a caller says that it must be one."""


@dataclass(frozen=True, slots=True)
class StatusStep:
    """A step that is asked for; `note` explains it to the applicant and to colleagues."""

    target: CaseStatus
    note: str | None


class CaseChanges:
    """Changes the cases within a caller's reach; of two who change one case, the later sees the earlier."""

    def __init__(
        self,
        *,
        writer: CaseWriter,
        rows: CaseRows,
        words: CaseWords,
        calendar: Callable[[], WorkCalendar],
        clock: Clock,
    ) -> None:
        self._writer = writer
        self._rows = rows
        self._words = words
        self._calendar = calendar
        self._clock = clock

    async def take_step(
        self,
        caller: Caller,
        receipt_number: str,
        step: StatusStep,
        *,
        versions: Versions | None,
        keyed: KeyedRequest | None,
    ) -> Case | KeptAnswer:
        """Change a case's status (cập nhật trạng thái hồ sơ).

        Raises:
            CaseNotFoundError: no such case, or one out of the caller's reach.
            PreconditionFailedError: the case has none of `versions`.
            TransitionNotAllowedError: the table of statuses has no such step; the allowed ones are named.
            FieldFaultError: the step needs a note.
            IdempotencyKeyReusedError, IdempotencyKeyInUseError: what the key says.
            AuditUnavailableError, ServiceUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """

        def work(session: BlockingSession) -> Written:
            found = self._found(session, receipt_number, versions, agency_codes=caller.reach)
            row, now = found.row, self._clock()
            old = progress_of(row)
            if not may_follow(old.status, step.target):
                raise TransitionNotAllowedError(*allowed_next(old.status))
            if needs_note(step.target) and step.note is None:
                raise FieldFaultError("/note", "required")
            new = stepped(
                old,
                step.target,
                processing_days=row.processing_days,
                now=now,
                calendar=self._calendar(),
            )
            put_progress(row, new)
            fields = tuple(
                FieldChange(name, as_json(getattr(old, name)), as_json(getattr(new, name)))
                for name in ("status", "due_at", "returned_at")
                if getattr(old, name) != getattr(new, name)
            )
            event = _event(
                caller,
                row,
                at=now,
                result="case-status-changed",
                details={"old_status": old.status.value, "new_status": new.status.value},
            )
            return self._written(
                session, found, ChangeKind.STATUS_CHANGED, fields, note=step.note, event=event
            )

        return await self._writer.write_once(caller, work, keyed=keyed)

    async def edit(
        self, caller: Caller, receipt_number: str, edits: Edits, *, versions: Versions | None
    ) -> Case:
        """Edit what was written into a case; edits that change nothing leave its version as it is.

        Raises:
            CaseNotFoundError: no such case, or one of an agency whose cases the caller may not edit.
            PreconditionFailedError: the case has none of `versions`.
            AuditUnavailableError, ServiceUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """

        def work(session: BlockingSession) -> Written:
            agencies = policy.editable_agencies(caller)
            found = self._found(session, receipt_number, versions, agency_codes=agencies)
            row = found.row
            old = self._rows.details(row)
            new = edited(old, edits)
            fields = differences(old, new)
            if not fields:
                return Written(case=self._case(session, found, self._clock()), event=None)
            self._rows.put_details(row, new)
            if row.has_words:
                self._words.put(session, row, new.content)
            event = _event(
                caller,
                row,
                at=self._clock(),
                result="case-edited",
                details={"fields": tuple(change.name for change in fields)},
            )
            return self._written(session, found, ChangeKind.DETAILS_CHANGED, fields, note=None, event=event)

        return await self._writer.write(caller, work)

    def _found(
        self,
        session: BlockingSession,
        receipt_number: str,
        versions: Versions | None,
        *,
        agency_codes: Collection[str],
    ) -> FoundCase:
        found = find_case(session, receipt_number, agency_codes=agency_codes, is_to_change=True)
        if versions is not None and found.row.version not in versions:
            raise PreconditionFailedError
        return found

    def _written(
        self,
        session: BlockingSession,
        found: FoundCase,
        kind: ChangeKind,
        fields: tuple[FieldChange, ...],
        *,
        note: str | None,
        event: AuditEvent,
    ) -> Written:
        found.row.version += 1
        session.flush()
        case = self._case(session, found, event.at)
        return Written(case=case, kind=kind, fields=fields, note=note, event=event)

    def _case(self, session: BlockingSession, found: FoundCase, now: datetime) -> Case:
        number = found.row.receipt_number
        lookups = case_lookups.lookups_of(session, [number])
        return self._rows.case(found, lookups.get(number, ()), now)


def _event(
    caller: Caller,
    row: CaseRow,
    *,
    at: datetime,
    result: str,
    details: dict[str, str | int | tuple[str, ...]],
) -> AuditEvent:
    return replace(
        AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=at),
        procedure_code=row.procedure_code,
        receipt_number=row.receipt_number,
        result=result,
        details={"case_agency": row.agency_code} | details,
    )
