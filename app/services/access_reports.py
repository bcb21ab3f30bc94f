"""Who looked at whom: for the citizen who asks, by the auditor who answers. Changes nothing else."""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import datetime

from app.clock import Clock
from app.db import audit_subjects
from app.db.audit_subjects import Look
from app.db.engine import Database
from app.domain.access_report import AccessPage, ReadRecord, access_entry
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.caller import Caller
from app.domain.identity_number import IdentityNumber
from app.keys.sealing import Sealer
from app.services.audit_log import PERSON, AuditLog
from app.services.audit_reader import READ


class AccessReports:
    """Tells auditors who looked at a person, and puts on record that they asked."""

    def __init__(self, *, database: Database, audit: AuditLog, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._sealer = sealer
        self._clock = clock

    async def report(
        self,
        caller: Caller,
        number: IdentityNumber,
        *,
        since: datetime | None,
        until: datetime | None,
        before: int | None,
        limit: int,
    ) -> AccessPage:
        """Return a page of the looks at a person by the agencies in the caller's reach, the latest first.

        Where an answer carried a second number of the person, the look is found under both; the report is
        about the number that is given and no other. That it was read is durable before this returns, under
        the same person.

        Raises:
            ServiceUnavailableError: the database cannot be read.
            AuditUnavailableError: the reading cannot be put on record.
        """
        ref = self._sealer.reference(number.value, use=PERSON)
        async with self._database.read() as session:
            looks = await audit_subjects.looks_at(
                session, ref, reach=caller.reach, since=since, until=until, before=before, limit=limit + 1
            )
        shown, shown_ref = looks[:limit], b64encode(ref).decode()
        entries = tuple(access_entry(_read(look), ref=shown_ref, tied_to=look.tied_to) for look in shown)
        await self._put_on_record(caller, number, entries=len(entries))
        return AccessPage(entries, shown[-1].last if len(looks) > limit else None)

    async def _put_on_record(self, caller: Caller, number: IdentityNumber, *, entries: int) -> None:
        event = AuditEvent.of_caller(caller, kind=AuditKind.ACCESS, at=self._clock())
        await self._audit.append(
            replace(
                event,
                result=READ,
                subjects=(Subject("reported", number.value),),
                details={"report": "access", "entries": entries},
            )
        )


def _read(look: Look) -> list[ReadRecord]:
    return [ReadRecord(sequence, json.loads(record)) for sequence, record in look.records]
