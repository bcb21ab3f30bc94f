"""The three looks into the register. For each: permit, INTENT, ask, OUTCOME, answer; never another order.

No transaction and no connection is held while the register is asked. Nothing of its answer is stored.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID, uuid4

import structlog

from app.adapters.population.port import (
    HouseholdAnswer,
    KnownPerson,
    LookupContext,
    PopulationDatabase,
    PopulationStatus,
)
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.caller import Caller
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup import LookupReceipt, Purpose, warnings_of
from app.domain.lookup_kind import LookupKind
from app.domain.working_time import VIETNAM_TIME
from app.errors import (
    AuditUnavailableError,
    DomainError,
    FieldFaultError,
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    ServiceUnavailableError,
)
from app.services.audit_log import AuditLog
from app.services.lookup_answers import CitizenShareAnswer, HouseholdHeadAnswer, IdCardAnswer
from app.services.lookup_policy import LookupPolicy, Permission

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)

INTERNAL_ERROR: Final = "internal-error"


@dataclass(frozen=True, slots=True)
class _Opened:
    """A lookup whose INTENT is durable."""

    lookup_id: UUID
    intent: AuditEvent
    context: LookupContext
    permission: Permission


class Lookups:
    """Looks into the register on behalf of officers, each with its INTENT and OUTCOME on record."""

    def __init__(
        self,
        *,
        policy: LookupPolicy,
        audit: AuditLog,
        population: PopulationDatabase,
        clock: Callable[[], datetime],
        unit_code: str | None,
    ) -> None:
        self._policy = policy
        self._audit = audit
        self._population = population
        self._clock = clock
        self._unit_code = unit_code

    @property
    def profile(self) -> str:
        """Name of the way to the register."""
        return self._population.profile

    @property
    def is_test_data(self) -> bool:
        """Whether the people behind it are invented."""
        return self._population.is_test_data

    def status(self) -> PopulationStatus:
        """Tell how the way to the register looks right now."""
        return self._population.status()

    async def verify_id_card(self, caller: Caller, purpose: Purpose, claim: IdentityClaim) -> IdCardAnswer:
        """Verify an identity card (xác thực CCCD/CMND): is the claim as a whole a person of the register?

        Raises:
            DomainError: one of those of `LookupPolicy.decide`, of `PopulationDatabase`, FieldFaultError for
                a birth date in the future, or AuditUnavailableError.
        """
        self._refuse_future(claim, "/birth_date")
        subjects = (Subject("claimed", claim.id_number.value),)
        opened = await self._open(LookupKind.ID_CARD, caller, purpose, subjects)
        person = await self._ask(opened, self._population.verify(claim, opened.context))
        receipt = await self._close(
            opened, "exists" if person else "not_found", subjects=_with_record(subjects, person)
        )
        life_status = person.life_status if person else None
        return IdCardAnswer(receipt, person is not None, warnings_of(claim, life_status))

    async def verify_household_head(
        self, caller: Caller, purpose: Purpose, head: IdentityClaim, members: Sequence[IdentityNumber]
    ) -> HouseholdHeadAnswer:
        """Verify a household's head and members (xác thực chủ hộ); errors as for `verify_id_card`."""
        self._refuse_future(head, "/head/birth_date")
        subjects = (
            Subject("head", head.id_number.value),
            *(Subject("member", member.value) for member in members),
        )
        opened = await self._open(LookupKind.HOUSEHOLD_HEAD, caller, purpose, subjects)
        answer: HouseholdAnswer = await self._ask(
            opened, self._population.check_household(head, members, opened.context)
        )
        receipt = await self._close(opened, answer.head, subjects=_with_record(subjects, answer.person))
        life_status = answer.person.life_status if answer.person else None
        return HouseholdHeadAnswer(
            receipt,
            answer.head,
            tuple(zip(members, answer.members, strict=True)),
            warnings_of(head, life_status),
        )

    async def share_citizen(
        self, caller: Caller, purpose: Purpose, claim: IdentityClaim, fields: Sequence[str] | None
    ) -> CitizenShareAnswer:
        """Share a citizen's record (chia sẻ thông tin công dân) as far as the procedure may receive it.

        `fields` None asks for all that the procedure may receive. Errors as for `verify_id_card`.
        """
        self._refuse_future(claim, "/birth_date")
        subjects = (Subject("claimed", claim.id_number.value),)
        opened = await self._open(LookupKind.CITIZEN_SHARE, caller, purpose, subjects, fields)
        citizen = await self._ask(opened, self._population.find_citizen(claim, opened.context))
        given = opened.permission.fields if citizen else ()
        person = KnownPerson.of(citizen) if citizen else None
        receipt = await self._close(
            opened,
            "found" if citizen else "not_found",
            subjects=_with_record(subjects, person),
            fields_given=given,
        )
        life_status = citizen.life_status if citizen else None
        return CitizenShareAnswer(receipt, citizen, given, warnings_of(claim, life_status))

    def _refuse_future(self, claim: IdentityClaim, pointer: str) -> None:
        if claim.birth_date.begins_after(self._clock().astimezone(VIETNAM_TIME).date()):
            raise FieldFaultError(pointer, "in-future")

    async def _open(
        self,
        kind: LookupKind,
        caller: Caller,
        purpose: Purpose,
        subjects: tuple[Subject, ...],
        fields_asked: Sequence[str] | None = None,
    ) -> _Opened:
        """Permit the lookup and make its INTENT durable; a refusal is put on record and raised."""
        lookup_id = uuid4()
        asked = replace(
            AuditEvent.of_caller(caller, kind=AuditKind.INTENT, at=self._clock()),
            lookup_id=lookup_id,
            lookup_kind=kind,
            procedure_code=await self._policy.known_procedure_code(purpose),
            receipt_number=purpose.receipt_number,
            purpose=purpose.note,
            fields_asked=tuple(fields_asked or ()),
            subjects=subjects,
        )
        try:
            permission = await self._policy.decide(caller, kind, purpose, fields_asked)
        except (AuditUnavailableError, ServiceUnavailableError):
            # Nobody decided anything, so there is no refusal to record.
            raise
        except DomainError as refusal:
            await self._audit.append(replace(asked, kind=AuditKind.DENIED, result=refusal.code))
            raise
        context = LookupContext(
            request_id=str(uuid4()),
            service_code=permission.national_code,
            officer_id_number=permission.officer_id_number,
            unit_code=self._unit_code or caller.agency_code,
            account=permission.username,
        )
        intent = replace(
            asked,
            at=self._clock(),
            procedure_code=permission.procedure_code,
            fields_asked=permission.fields,
            upstream_request_id=context.request_id,
        )
        await self._audit.append(intent)
        return _Opened(lookup_id, intent, context, permission)

    async def _ask(self, opened: _Opened, question: Awaitable[Answer]) -> Answer:
        """Ask the register; a failure is put on record as the lookup's OUTCOME before it is raised."""
        try:
            return await question
        except PopulationDatabaseError as failure:
            if isinstance(failure, PopulationDatabaseMismatchError):
                log.error("alert", alert=failure.code, lookup_id=str(opened.lookup_id))  # noqa: TRY400 - a traceback adds nothing
            await self._close(opened, failure.code)
            raise
        except Exception:
            await self._close(opened, INTERNAL_ERROR)
            raise

    async def _close(
        self,
        opened: _Opened,
        result: str,
        *,
        subjects: tuple[Subject, ...] | None = None,
        fields_given: tuple[str, ...] = (),
    ) -> LookupReceipt:
        """Make the lookup's OUTCOME durable."""
        intent, answered_at = opened.intent, self._clock()
        position = await self._audit.append(
            replace(
                intent,
                kind=AuditKind.OUTCOME,
                event_id=uuid4(),
                at=answered_at,
                result=result,
                subjects=intent.subjects if subjects is None else subjects,
                fields_given=fields_given,
            )
        )
        return LookupReceipt(
            lookup_id=opened.lookup_id,
            upstream_request_id=opened.context.request_id,
            answered_at=answered_at,
            sequence=position.sequence,
            tree_size=position.tree_size,
        )


def _with_record(subjects: tuple[Subject, ...], person: KnownPerson | None) -> tuple[Subject, ...]:
    """Add the numbers that the answer carried, so that a report finds the lookup under each of them.

    The person that an answer carries is always the first of those concerned: the claimed one or the head.
    """
    if person is None:
        return subjects
    first = subjects[0]
    others = (number for number in person.id_numbers if number != first.number)
    return (first, *(Subject(first.role, number) for number in others), *subjects[1:])
