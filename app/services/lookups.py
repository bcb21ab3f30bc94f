"""The three looks into the register. For each: permit, INTENT, ask, OUTCOME, answer; never another order.

No transaction and no connection is held while the register is asked. Nothing of its answer is stored.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.adapters.population.port import (
    HeadResult,
    HouseholdAnswer,
    KnownPerson,
    MemberResult,
    PopulationDatabase,
    PopulationStatus,
)
from app.clock import Clock
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.caller import Caller
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup import NOT_FOUND, Purpose, warnings_of
from app.domain.lookup_kind import LookupKind
from app.domain.time_ordered_id import time_ordered_id
from app.domain.working_time import vietnam_day
from app.errors import (
    AuditUnavailableError,
    DomainError,
    FieldFaultError,
    ServiceUnavailableError,
)
from app.services.checkpoint_patience import CheckpointPatience
from app.services.household_records import HouseholdRecords
from app.services.lookup_answers import CitizenShareAnswer, HouseholdHeadAnswer, IdCardAnswer
from app.services.lookup_journal import LookupJournal, OpenedLookup
from app.services.lookup_meter import Stopwatch
from app.services.lookup_policy import LookupPolicy

_BIRTH_DATE_POINTERS: Final = {
    LookupKind.ID_CARD: "/birth_date",
    LookupKind.HOUSEHOLD_HEAD: "/head/birth_date",
    LookupKind.CITIZEN_SHARE: "/birth_date",
}


class Lookups:
    """Looks into the register on behalf of officers, each with its INTENT and OUTCOME on record."""

    def __init__(
        self,
        *,
        policy: LookupPolicy,
        journal: LookupJournal,
        population: PopulationDatabase,
        patience: CheckpointPatience,
        clock: Clock,
        unit_code: str | None,
        extra_household_questions: int,
    ) -> None:
        self._policy = policy
        self._journal = journal
        self._population = population
        self._patience = patience
        self._households = HouseholdRecords(population, journal, extra_questions=extra_household_questions)
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
        subjects = (Subject("claimed", claim.id_number.value),)
        opened = await self._open(LookupKind.ID_CARD, caller, purpose, claim, subjects)
        person = await self._journal.ask(opened, self._population.verify(claim, opened.context))
        receipt = await self._journal.close(opened, "exists" if person else NOT_FOUND, person=person)
        life_status = person.life_status if person else None
        return IdCardAnswer(receipt, person is not None, warnings_of(claim, life_status))

    async def verify_household_head(
        self, caller: Caller, purpose: Purpose, head: IdentityClaim, members: Sequence[IdentityNumber]
    ) -> HouseholdHeadAnswer:
        """Verify a household's head and members (xác thực chủ hộ); errors as for `verify_id_card`."""
        subjects = (
            Subject("head", head.id_number.value),
            *(Subject("member", member.value) for member in members),
        )
        opened = await self._open(LookupKind.HOUSEHOLD_HEAD, caller, purpose, head, subjects)
        answer = await self._journal.ask(opened, self._checked_household(opened, head, members))
        receipt = await self._journal.close(opened, answer.head, person=answer.person)
        life_status = answer.person.life_status if answer.person else None
        return HouseholdHeadAnswer(
            receipt,
            answer.head,
            tuple(zip(members, answer.members, strict=True)),
            warnings_of(head, life_status, members=members),
        )

    async def _checked_household(
        self, opened: OpenedLookup, head: IdentityClaim, members: Sequence[IdentityNumber]
    ) -> HouseholdAnswer:
        if self._population.household_strategy == "records":
            answer = await self._households.check(opened, head, members)
        else:
            answer = await self._population.check_household(head, members, opened.context)
        return _with_the_head_among(answer, head, members)

    async def share_citizen(
        self, caller: Caller, purpose: Purpose, claim: IdentityClaim, fields: Sequence[str] | None
    ) -> CitizenShareAnswer:
        """Share a citizen's record (chia sẻ thông tin công dân) as far as the procedure may receive it.

        `fields` None asks for all that the procedure may receive. Errors as for `verify_id_card`.
        """
        subjects = (Subject("claimed", claim.id_number.value),)
        opened = await self._open(
            LookupKind.CITIZEN_SHARE, caller, purpose, claim, subjects, fields_asked=fields
        )
        citizen = await self._journal.ask(opened, self._population.find_citizen(claim, opened.context))
        given = opened.permission.fields if citizen else ()
        person = KnownPerson.of(citizen) if citizen else None
        receipt = await self._journal.close(
            opened, "found" if citizen else NOT_FOUND, person=person, fields_given=given
        )
        life_status = citizen.life_status if citizen else None
        return CitizenShareAnswer(receipt, citizen, given, warnings_of(claim, life_status))

    async def _open(
        self,
        kind: LookupKind,
        caller: Caller,
        purpose: Purpose,
        claim: IdentityClaim,
        subjects: tuple[Subject, ...],
        *,
        fields_asked: Sequence[str] | None = None,
    ) -> OpenedLookup:
        """Permit the lookup and make its INTENT durable; a refusal is put on record and raised.

        Bad input is no refusal: it leaves no record, and only one who may look learns of it. Nor does a
        question that the register would not be asked: nobody is looked at then.
        """
        stopwatch = Stopwatch()
        asked = replace(
            AuditEvent.of_caller(caller, kind=AuditKind.INTENT, at=self._clock()),
            lookup_id=time_ordered_id(),
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
            await self._journal.deny(asked, refusal.code)
            raise
        if claim.birth_date.begins_after(vietnam_day(self._clock())):
            raise FieldFaultError(_BIRTH_DATE_POINTERS[kind], "in-future")
        self._patience.refuse_if_over()
        self._population.refuse_if_unavailable(kind)
        return await self._journal.open(
            asked, permission, unit_code=self._unit_code or caller.agency_code, stopwatch=stopwatch
        )


def _with_the_head_among(
    answer: HouseholdAnswer, head: IdentityClaim, members: Sequence[IdentityNumber]
) -> HouseholdAnswer:
    """Make a confirmed head whom the members name a member, whatever the register says or leaves out of him.

    He is known by the number of the claim and by those that the answer carries of him.
    """
    if answer.head is not HeadResult.CONFIRMED:
        return answer
    own = {head.id_number.value, *(answer.person.id_numbers if answer.person else ())}
    told = zip(members, answer.members, strict=True)
    results = tuple(MemberResult.MEMBER if number.value in own else result for number, result in told)
    return replace(answer, members=results)
