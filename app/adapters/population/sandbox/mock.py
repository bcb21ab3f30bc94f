"""The embedded mock of the population database: answers from a file of invented people.

What the public material leaves open is settled here as follows. The register's word on households is taken
as it stands, so a head or a member who has died or is missing is still one, and the answer carries the head's
life status to warn of it. A person without a household of his own is no head.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple, assert_never

from app.adapters.population.port import (
    HeadResult,
    HouseholdAnswer,
    HouseholdStrategy,
    KnownPerson,
    LookupContext,
    MemberResult,
    PopulationStatus,
)
from app.adapters.population.sandbox import records
from app.adapters.population.sandbox.sandbox_population import SandboxPopulation, ScriptedFault
from app.domain.citizen import Citizen, HouseholdHead
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup_kind import LookupKind
from app.errors import (
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    PopulationDatabaseRefusedError,
    PopulationDatabaseTimeoutError,
)

_SLOW_SECONDS: Final = 2.0


class _Found(NamedTuple):
    position: int
    person: records.PersonRecord


class MockPopulationDatabase:
    """A `PopulationDatabase` over the sandbox's people."""

    def __init__(
        self,
        population: SandboxPopulation,
        *,
        deadline_seconds: float,
        household_strategy: HouseholdStrategy = "operation",
    ) -> None:
        self._population = population
        self._deadline_seconds = deadline_seconds
        self._household_strategy = household_strategy

    @property
    def profile(self) -> str:
        """Name of the way to the register."""
        return "mock"

    @property
    def is_test_data(self) -> bool:
        """Everybody here is invented."""
        return True

    @property
    def deadline_seconds(self) -> float:
        """Longest time in seconds that one call can take."""
        return self._deadline_seconds

    @property
    def household_strategy(self) -> HouseholdStrategy:
        """The mock has the one operation or reads records, as the settings say."""
        return self._household_strategy

    def refuse_if_unavailable(self, kind: LookupKind) -> None:
        """Return: the mock never refuses."""
        del kind

    def status(self) -> PopulationStatus:
        """Tell that the mock is there: scripted faults do not count toward a circuit."""
        return PopulationStatus(state="available", retry_after_seconds=None)

    async def verify(self, claim: IdentityClaim, context: LookupContext) -> KnownPerson | None:
        """Tell whether the claim as a whole is a person of the file."""
        del context
        found = await self._find(claim)
        return None if found is None else _known(found.person)

    async def find_citizen(self, claim: IdentityClaim, context: LookupContext) -> Citizen | None:
        """Return the record of the person whom the claim as a whole names."""
        del context
        found = await self._find(claim)
        return None if found is None else records.citizen(found.person, self._household_head(found.position))

    async def find_by_number(self, number: IdentityNumber, context: LookupContext) -> Citizen | None:
        """Return the record of the person with this number."""
        del context
        await self._play_script(self._population.scripted_fault(number))
        position = self._population.position(number)
        if position is None:
            return None
        return records.citizen(self._population.person(position), self._household_head(position))

    async def check_household(
        self, head: IdentityClaim, members: Sequence[IdentityNumber], context: LookupContext
    ) -> HouseholdAnswer:
        """Tell whether the claimed person heads a household, and which members belong to it."""
        del context
        found = await self._find(head)
        if found is None or not self._is_head(found.position):
            return HouseholdAnswer(
                head=HeadResult.NOT_FOUND if found is None else HeadResult.NOT_HEAD,
                person=None if found is None else _known(found.person),
                members=(MemberResult.UNKNOWN,) * len(members),
            )
        return HouseholdAnswer(
            head=HeadResult.CONFIRMED,
            person=_known(found.person),
            members=tuple(self._member(found.position, number) for number in members),
        )

    async def _find(self, claim: IdentityClaim) -> _Found | None:
        await self._play_script(self._population.scripted_fault(claim.id_number))
        position = self._population.position(claim.id_number)
        # A number that nobody has costs the same look at a record: the time taken must tell nothing.
        read = self._population.decoy(claim.id_number) if position is None else position
        person = self._population.person(read)
        is_match = claim.matches(
            full_name=person.full_name, id_numbers=person.id_numbers, birth_date=person.birth_date
        )
        return _Found(read, person) if is_match else None

    async def _play_script(self, fault: ScriptedFault | None) -> None:
        match fault:
            # As a claim, the number of a partial household is one that nobody has.
            case None | ScriptedFault.PARTIAL_HOUSEHOLD:
                return
            case ScriptedFault.TIMEOUT:
                raise PopulationDatabaseTimeoutError
            case ScriptedFault.UNAVAILABLE | ScriptedFault.GARBAGE:
                raise PopulationDatabaseError
            case ScriptedFault.PROCEDURE_REFUSED | ScriptedFault.OFFICER_REFUSED:
                raise PopulationDatabaseRefusedError
            case ScriptedFault.ANSWERS_WITH_ANOTHER_PERSON:
                raise PopulationDatabaseMismatchError
            case ScriptedFault.SLOW_2_SECONDS:
                await asyncio.sleep(min(_SLOW_SECONDS, self._deadline_seconds))
                if self._deadline_seconds < _SLOW_SECONDS:
                    raise PopulationDatabaseTimeoutError
            case unreachable:
                assert_never(unreachable)

    def _is_head(self, position: int) -> bool:
        membership = self._population.membership(position)
        return membership is not None and membership.head == position

    def _member(self, head: int, number: IdentityNumber) -> MemberResult:
        if self._population.scripted_fault(number) is ScriptedFault.PARTIAL_HOUSEHOLD:
            return MemberResult.UNKNOWN
        position = self._population.position(number)
        membership = None if position is None else self._population.membership(position)
        # The head is in his own household, so he needs no case of his own.
        is_member = membership is not None and membership.head == head
        return MemberResult.MEMBER if is_member else MemberResult.NOT_MEMBER

    def _household_head(self, position: int) -> HouseholdHead | None:
        membership = self._population.membership(position)
        if membership is None:
            return None
        return records.household_head(
            self._population.person(membership.head),
            membership.relationship_code,
            self._population.relationship_labels,
        )


def _known(person: records.PersonRecord) -> KnownPerson:
    return KnownPerson(id_numbers=person.id_numbers, life_status=person.life_status)
