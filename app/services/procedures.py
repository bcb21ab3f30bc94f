"""Procedures (thủ tục hành chính) as any caller may read them, and an administrator may change them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from app.clock import Clock
from app.db import directory as rows
from app.db.engine import Database
from app.domain import policy
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.directory import Procedure
from app.domain.holidays_vn import YEARS
from app.domain.lookup_kind import LookupKind
from app.domain.working_time import VIETNAM_TIME, WorkCalendar
from app.errors import FieldFaultError, NotFoundError, RootAdminNeededError
from app.services.audit_log import AuditLog
from app.services.directory import Directory

CREATED: Final = "procedure-created"
REPLACED: Final = "procedure-replaced"

_CODES: Final = ("level", "processing_days", "national_code", "is_active", "share_fields")


@dataclass(frozen=True, slots=True)
class ProcedurePage:
    """One page of the list; `next_code` is the code after which the next begins, None on the last."""

    items: tuple[Procedure, ...]
    next_code: str | None


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a case is due, and the named days off from its receipt to then, both days included."""

    received_at: datetime
    due_at: datetime
    days_off: tuple[tuple[date, str], ...]


class Procedures:
    """Reads and changes procedures, active or not."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        audit: AuditLog,
        calendar: Callable[[], WorkCalendar],
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._audit = audit
        self._calendar = calendar
        self._clock = clock

    async def list_procedures(self, *, after: str | None, limit: int) -> ProcedurePage:
        """Return a page of the procedures in the order of their codes."""
        async with self._database.read() as session:
            procedures = (await rows.procedures(session)).values()
        rest = [procedure for procedure in procedures if after is None or procedure.code > after]
        return ProcedurePage(tuple(rest[:limit]), rest[limit - 1].code if len(rest) > limit else None)

    async def get(self, code: str) -> Procedure:
        """Return one procedure.

        Raises:
            NotFoundError: there is no such procedure.
        """
        async with self._database.read() as session:
            procedure = await rows.procedure(session, code)
        if procedure is None:
            raise NotFoundError
        return procedure

    async def put(self, caller: Caller, procedure: Procedure) -> bool:
        """Create a procedure, or replace the one of its code; tell whether it is new.

        Cases that were received before keep what the procedure was then. It is read as it is at once; for new
        cases and lookups other processes follow a replacement within half a minute.

        Raises:
            RootAdminNeededError: the caller is not of the root agency. What a procedure may ask of the
                register holds for the desks of all agencies.
            ServiceUnavailableError, AuditUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        if not policy.may_change_procedures(caller, root_code=await self._directory.root_code()):
            raise RootAdminNeededError
        async with self._database.write() as session:
            old = await rows.put_procedure(session, procedure)
            await self._audit.append_within(session, _change(caller, old, procedure, at=self._clock()))
        self._directory.forget_procedures()
        return old is None

    async def due_date(self, code: str, received_at: datetime | None) -> DueDate:
        """Tell when a case received then, by default now, would be due.

        Raises:
            NotFoundError: there is no such procedure.
            FieldFaultError: the calendar has no such year, or not that of the due date.
        """
        procedure = await self._directory.procedure(code)
        if procedure is None:
            raise NotFoundError
        received_at = (received_at or self._clock()).astimezone(VIETNAM_TIME)
        if received_at.year not in YEARS:
            raise FieldFaultError("received_at", "out-of-range")
        calendar = self._calendar()
        due_at = calendar.due_at(received_at, procedure.processing_days)
        if due_at.year not in YEARS:
            raise FieldFaultError("received_at", "out-of-range")
        return DueDate(received_at, due_at, tuple(calendar.days_off_between(received_at, due_at)))


def _change(caller: Caller, old: Procedure | None, new: Procedure, *, at: datetime) -> AuditEvent:
    details = {f"new_{name}": value for name, value in _codes(new).items()}
    if old is not None:
        details |= {f"old_{name}": value for name, value in _codes(old).items()}
    return replace(
        AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=at),
        procedure_code=new.code,
        result=CREATED if old is None else REPLACED,
        details=details,
    )


def _codes(procedure: Procedure) -> dict[str, str | int | tuple[str, ...]]:
    # The name is left out: the log holds codes and ids only.
    return {name: getattr(procedure, name) for name in _CODES} | {
        "lookups": tuple(kind.value for kind in LookupKind if kind in procedure.lookups)
    }
