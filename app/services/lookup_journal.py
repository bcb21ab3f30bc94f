"""Puts lookups on record: INTENT before the register is asked, OUTCOME before anybody hears the answer."""

import time
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from uuid import UUID

from opentelemetry.trace import SpanKind

from app import traces
from app.adapters.population.port import KnownPerson, LookupContext
from app.alerts import Alert, Alerts
from app.clock import Clock
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.lookup import NOT_FOUND, LookupReceipt
from app.domain.lookup_budget import Standing
from app.domain.lookup_kind import LookupKind
from app.domain.random_pieces import random_piece
from app.domain.time_ordered_id import id_of_a_part, time_ordered_id
from app.errors import (
    LookupBudgetExceededError,
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
)
from app.services.audit_log import AuditLog, Counts
from app.services.lookup_meter import LookupMeter, Stopwatch
from app.services.lookup_policy import Permission
from app.services.lookup_watch import LookupWatch

Answer = TypeVar("Answer")

INTERNAL_ERROR: Final = "internal-error"

_KINDS: Final = {kind: {traces.LOOKUP_KIND: kind.value} for kind in LookupKind}


@dataclass(frozen=True, slots=True)
class OpenedLookup:
    """A lookup whose INTENT is durable, at `sequence`; `budgets` are those that it was taken from, if any."""

    lookup_id: UUID
    intent: AuditEvent
    sequence: int
    context: LookupContext
    permission: Permission
    stopwatch: Stopwatch
    is_counted: bool
    budgets: tuple[Standing, ...]


class LookupJournal:
    """Opens lookups, asks for them, and closes them. Whatever was opened is closed, failures too."""

    def __init__(
        self,
        audit: AuditLog,
        clock: Clock,
        *,
        alerts: Alerts,
        watch: LookupWatch,
        meter: LookupMeter,
    ) -> None:
        self._audit = audit
        self._meter = meter
        self._alerts = alerts
        self._watch = watch
        self._clock = clock

    async def deny(self, asked: AuditEvent, reason: str) -> None:
        """Record that a lookup was refused; `reason` is the error's code."""
        event_id = time_ordered_id()
        await self._audit.append(replace(asked, event_id=event_id, kind=AuditKind.DENIED, result=reason))
        if asked.lookup_kind is not None:
            self._meter.refused(asked.lookup_kind, reason)

    async def open(
        self, asked: AuditEvent, permission: Permission, *, unit_code: str, stopwatch: Stopwatch
    ) -> OpenedLookup:
        """Make the INTENT of a permitted lookup durable, under an id of its own for the register.

        It is taken from the budgets in the same step.

        Raises:
            LookupBudgetExceededError: a budget does not allow it, which is on record now.
            AuditUnavailableError: it cannot be put on record.
        """
        context = LookupContext(
            request_id=str(UUID(bytes=random_piece(), version=4)),
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
        try:
            opened = await self._opened(intent, context, permission, stopwatch, counts=Counts.LOOKUP)
        except LookupBudgetExceededError as refusal:
            self._alerts.tell(
                Alert.LOOKUP_BUDGET_EXCEEDED,
                about=intent.officer,
                agency=intent.agency,
                client=intent.client,
                budget=" ".join(refusal.named),
            )
            kind, scope = refusal.named
            self._meter.budget_hit(scope, kind)
            await self.deny(intent, refusal.code)
            raise
        self._watch.see(intent)
        return opened

    async def open_part(self, whole: OpenedLookup, subject: Subject, context: LookupContext) -> OpenedLookup:
        """Make the INTENT durable of one more question that a lookup needs, about one of those concerned.

        The whole was taken from the budgets, with everybody whom it concerns; what is told of a case's
        lookups, and figures of them, leave its parts out.
        """
        intent = replace(
            whole.intent,
            event_id=time_ordered_id(),
            lookup_id=id_of_a_part(),
            at=self._clock(),
            subjects=(subject,),
            upstream_request_id=context.request_id,
            details={"part_of": str(whole.lookup_id)},
        )
        return await self._opened(intent, context, whole.permission, Stopwatch())

    async def ask(self, opened: OpenedLookup, question: Awaitable[Answer]) -> Answer:
        """Ask the register; a failure is put on record as the lookup's OUTCOME before it is raised."""
        try:
            return await _timed(question, opened)
        except PopulationDatabaseError as failure:
            if isinstance(failure, PopulationDatabaseMismatchError):
                self._alerts.tell(
                    Alert.POPULATION_DATABASE_MISMATCH,
                    about=opened.intent.officer or opened.intent.client,
                    lookup_id=str(opened.lookup_id),
                )
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
        outcome = replace(
            intent,
            kind=AuditKind.OUTCOME,
            event_id=time_ordered_id(),
            at=answered_at,
            result=result,
            subjects=_with_record(intent.subjects, person),
            fields_given=fields_given,
        )
        is_miss = opened.is_counted and result == NOT_FOUND
        position = await self._audit.append(
            outcome, counts=Counts.MISS if is_miss else None, after=opened.sequence
        )
        if opened.is_counted and intent.lookup_kind is not None:
            self._meter.ended(intent.lookup_kind, result, opened.stopwatch)
        return LookupReceipt(
            lookup_id=opened.lookup_id,
            upstream_request_id=opened.context.request_id,
            answered_at=answered_at,
            sequence=position.sequence,
            tree_size=position.tree_size,
            root=position.root,
            budgets=position.budgets or opened.budgets,
        )

    async def _opened(
        self,
        intent: AuditEvent,
        context: LookupContext,
        permission: Permission,
        stopwatch: Stopwatch,
        *,
        counts: Counts | None = None,
    ) -> OpenedLookup:
        position = await self._audit.append(intent, counts=counts)
        if intent.lookup_id is None:
            raise ValueError("a lookup's INTENT has its id")
        return OpenedLookup(
            intent.lookup_id,
            intent,
            position.sequence,
            context,
            permission,
            stopwatch,
            counts is not None,
            position.budgets,
        )


async def _timed(question: Awaitable[Answer], opened: OpenedLookup) -> Answer:
    began = time.perf_counter()
    kind = opened.intent.lookup_kind
    try:
        with traces.span(
            "ask population database", None if kind is None else _KINDS[kind], kind=SpanKind.CLIENT
        ):
            return await question
    finally:
        opened.stopwatch.asked(began)


def _with_record(subjects: tuple[Subject, ...], person: KnownPerson | None) -> tuple[Subject, ...]:
    """Add the numbers that the answer carried, so that a report finds the lookup under each of them.

    The person that an answer carries is always the first of those concerned: the claimed one or the head.
    """
    if person is None:
        return subjects
    first = subjects[0]
    others = (number for number in person.id_numbers if number != first.number)
    return (first, *(Subject(first.role, number) for number in others), *subjects[1:])
