"""Puts lookups on record: INTENT before the register is asked, OUTCOME before anybody hears the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4

import structlog

from app.adapters.population.port import KnownPerson, LookupContext
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.lookup import LookupReceipt
from app.domain.time_ordered_id import time_ordered_id
from app.errors import PopulationDatabaseError, PopulationDatabaseMismatchError
from app.services.audit_log import AuditLog
from app.services.lookup_policy import Permission

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)

INTERNAL_ERROR: Final = "internal-error"


@dataclass(frozen=True, slots=True)
class OpenedLookup:
    """A lookup whose INTENT is durable."""

    lookup_id: UUID
    intent: AuditEvent
    context: LookupContext
    permission: Permission


class LookupJournal:
    """Opens lookups, asks for them, and closes them. Whatever was opened is closed, failures too."""

    def __init__(self, audit: AuditLog, clock: Callable[[], datetime]) -> None:
        self._audit = audit
        self._clock = clock

    async def deny(self, asked: AuditEvent, reason: str) -> None:
        """Record that a lookup was refused; `reason` is the error's code."""
        await self._audit.append(replace(asked, kind=AuditKind.DENIED, result=reason))

    async def open(self, asked: AuditEvent, permission: Permission, *, unit_code: str) -> OpenedLookup:
        """Make the INTENT of a permitted lookup durable, under an id of its own for the register."""
        context = LookupContext(
            request_id=str(uuid4()),
            service_code=permission.national_code,
            officer_id_number=permission.officer_id_number,
            unit_code=unit_code,
            account=permission.username,
        )
        intent = replace(
            asked,
            at=self._clock(),
            procedure_code=permission.procedure_code,
            fields_asked=permission.fields,
            upstream_request_id=context.request_id,
        )
        return await self._opened(intent, context, permission)

    async def open_part(self, whole: OpenedLookup, subject: Subject, context: LookupContext) -> OpenedLookup:
        """Make the INTENT durable of one more question that a lookup needs, about one of those concerned."""
        intent = replace(
            whole.intent,
            event_id=time_ordered_id(),
            lookup_id=time_ordered_id(),
            at=self._clock(),
            subjects=(subject,),
            upstream_request_id=context.request_id,
        )
        return await self._opened(intent, context, whole.permission)

    async def ask(self, opened: OpenedLookup, question: Awaitable[Answer]) -> Answer:
        """Ask the register; a failure is put on record as the lookup's OUTCOME before it is raised."""
        try:
            return await question
        except PopulationDatabaseError as failure:
            if isinstance(failure, PopulationDatabaseMismatchError):
                log.error("alert", alert=failure.code, lookup_id=str(opened.lookup_id))  # noqa: TRY400 - a traceback adds nothing
            await self.close(opened, failure.code)
            raise
        except Exception:
            await self.close(opened, INTERNAL_ERROR)
            raise

    async def close(
        self,
        opened: OpenedLookup,
        result: str,
        *,
        person: KnownPerson | None = None,
        fields_given: tuple[str, ...] = (),
    ) -> LookupReceipt:
        """Make the lookup's OUTCOME durable; `person` is whom the answer was about, if it told of one."""
        intent, answered_at = opened.intent, self._clock()
        position = await self._audit.append(
            replace(
                intent,
                kind=AuditKind.OUTCOME,
                event_id=time_ordered_id(),
                at=answered_at,
                result=result,
                subjects=_with_record(intent.subjects, person),
                fields_given=fields_given,
            )
        )
        return LookupReceipt(
            lookup_id=opened.lookup_id,
            upstream_request_id=opened.context.request_id,
            answered_at=answered_at,
            sequence=position.sequence,
            tree_size=position.tree_size,
            root=position.root,
        )

    async def _opened(
        self, intent: AuditEvent, context: LookupContext, permission: Permission
    ) -> OpenedLookup:
        await self._audit.append(intent)
        if intent.lookup_id is None:
            raise ValueError("a lookup's INTENT has its id")
        return OpenedLookup(intent.lookup_id, intent, context, permission)


def _with_record(subjects: tuple[Subject, ...], person: KnownPerson | None) -> tuple[Subject, ...]:
    """Add the numbers that the answer carried, so that a report finds the lookup under each of them.

    The person that an answer carries is always the first of those concerned: the claimed one or the head.
    """
    if person is None:
        return subjects
    first = subjects[0]
    others = (number for number in person.id_numbers if number != first.number)
    return (first, *(Subject(first.role, number) for number in others), *subjects[1:])
