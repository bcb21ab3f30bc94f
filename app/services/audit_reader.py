"""Reading the audit log, which is itself put on record. Changes nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from app.clock import Clock
from app.db import audit_search
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_search import AuditFilters, AuditPage, StoredRecord
from app.domain.caller import Caller
from app.errors import NotFoundError
from app.services.audit_log import AuditLog

READ: Final = "read"
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class AuditReader:
    """Shows auditors the records of the agencies in their reach."""

    def __init__(self, database: Database, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def records(
        self, caller: Caller, filters: AuditFilters, *, before: int | None, limit: int
    ) -> AuditPage:
        """Return a page of records, newest first; that they were read is durable before this returns.

        Raises:
            ServiceUnavailableError: the database cannot be read.
            AuditUnavailableError: the reading cannot be put on record.
        """
        async with self._database.search() as session:
            found = await audit_search.records(
                session, reach=caller.reach, filters=filters, before=before, limit=limit + 1
            )
        page = tuple(found[:limit])
        # What was searched for may name a person; which filters were used does not.
        details: dict[str, int | tuple[str, ...]] = {"filters": filters.used, "records": len(page)}
        await record_reading(self._audit, caller, at=self._clock(), result=READ, details=details)
        return AuditPage(page, page[-1].sequence if len(found) > limit else None)

    async def record(self, caller: Caller, sequence: int) -> StoredRecord:
        """Return one record; that it was read is durable before this returns.

        Raises:
            NotFoundError: there is none, or it is of an agency out of the caller's reach.
            ServiceUnavailableError, AuditUnavailableError: as for `records`.
        """
        async with self._database.read() as session:
            found = await audit_search.record(session, reach=caller.reach, sequence=sequence)
        if found is None:
            # What was typed in place of a sequence may be a person's number.
            await record_reading(self._audit, caller, at=self._clock(), result=NotFoundError.code)
            raise NotFoundError
        details = {"sequence": sequence}
        await record_reading(self._audit, caller, at=self._clock(), result=READ, details=details)
        return found


async def record_reading(
    audit: AuditLog,
    caller: Caller,
    *,
    at: datetime,
    result: str,
    details: Mapping[str, str | int | tuple[str, ...]] = NOTHING,
) -> None:
    """Make durable that the caller read, or tried to read, the audit log.

    Raises:
        AuditUnavailableError: it cannot be put on record.
    """
    event = AuditEvent.of_caller(caller, kind=AuditKind.ACCESS, at=at)
    await audit.append(replace(event, result=result, details=details))
