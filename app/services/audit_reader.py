"""Reading the audit log, which is itself put on record. Changes nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.db import audit_search
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_search import AuditFilters, AuditPage, StoredRecord
from app.domain.caller import Caller
from app.errors import NotFoundError
from app.services.audit_log import AuditLog

READ: Final = "read"


class AuditReader:
    """Shows auditors the records of the agencies in their reach."""

    def __init__(self, database: Database, audit: AuditLog, clock: Callable[[], datetime]) -> None:
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
        async with self._database.read() as session:
            found = await audit_search.records(
                session, reach=caller.reach, filters=filters, before=before, limit=limit + 1
            )
        page = tuple(found[:limit])
        # What was searched for may name a person; which filters were used does not.
        await self._put_on_record(caller, READ, {"filters": filters.used, "records": len(page)})
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
            await self._put_on_record(caller, NotFoundError.code, {})
            raise NotFoundError
        await self._put_on_record(caller, READ, {"sequence": sequence})
        return found

    async def _put_on_record(
        self, caller: Caller, result: str, details: Mapping[str, str | int | tuple[str, ...]]
    ) -> None:
        event = AuditEvent.of_caller(caller, kind=AuditKind.ACCESS, at=self._clock())
        await self._audit.append(replace(event, result=result, details=details))
