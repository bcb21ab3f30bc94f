"""Checks a household by reading everybody's own record, where the register has no such operation.

Each record read is a lookup of its own, on record about the person it concerns. Legally heavier than the one
operation, so a setting allows it, and off by default.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import uuid4

from app.adapters.population.port import (
    HeadResult,
    HouseholdAnswer,
    KnownPerson,
    MemberResult,
    PopulationDatabase,
)
from app.domain.audit_event import Subject
from app.domain.citizen import Citizen
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.errors import PopulationDatabaseError
from app.services.lookup_journal import LookupJournal, OpenedLookup

_HEAD_HIMSELF: Final = "CH01"
_AT_ONCE: Final = 4
"""Records of one household that are read at the same time: few, for others wait for the register too."""

MOST_ROUNDS: Final = 14
"""How many questions one after the other a household takes at most: the head's, and 50 members' by fours."""


class HouseholdRecords:
    """Finds out who heads a household and who belongs to it from the people's own records."""

    def __init__(self, population: PopulationDatabase, journal: LookupJournal) -> None:
        self._population = population
        self._journal = journal

    async def check(
        self, whole: OpenedLookup, head: IdentityClaim, members: Sequence[IdentityNumber]
    ) -> HouseholdAnswer:
        """Answer as the one operation would; a member whose record cannot be read is unknown.

        Raises:
            PopulationDatabaseError: the head's own record cannot be read.
            AuditUnavailableError: a record read could not be put on record.
        """
        unknown = (MemberResult.UNKNOWN,) * len(members)
        citizen = await self._head(whole, head)
        if citizen is None:
            return HouseholdAnswer(HeadResult.NOT_FOUND, None, unknown)
        person = KnownPerson.of(citizen)
        if not _is_head(citizen):
            return HouseholdAnswer(HeadResult.NOT_HEAD, person, unknown)
        results = await self._members(whole, citizen, members)
        return HouseholdAnswer(HeadResult.CONFIRMED, person, results)

    async def _members(
        self, whole: OpenedLookup, head: Citizen, members: Sequence[IdentityNumber]
    ) -> tuple[MemberResult, ...]:
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(number: IdentityNumber) -> MemberResult:
            async with places:
                return await self._member(whole, head, number)

        # Every lookup that was opened is closed before the first failure is raised.
        ended = await asyncio.gather(*(one(number) for number in members), return_exceptions=True)
        results = []
        for result in ended:
            if isinstance(result, BaseException):
                raise result
            results.append(result)
        return tuple(results)

    async def _head(self, whole: OpenedLookup, head: IdentityClaim) -> Citizen | None:
        # The id that the answer will name is the one of this question.
        part = await self._journal.open_part(whole, Subject("head", head.id_number.value), whole.context)
        citizen = await self._journal.ask(part, self._population.find_citizen(head, part.context))
        person = KnownPerson.of(citizen) if citizen else None
        await self._journal.close(part, "found" if citizen else "not_found", person=person)
        return citizen

    async def _member(self, whole: OpenedLookup, head: Citizen, number: IdentityNumber) -> MemberResult:
        context = replace(whole.context, request_id=str(uuid4()))
        part = await self._journal.open_part(whole, Subject("member", number.value), context)
        try:
            citizen = await self._journal.ask(part, self._population.find_by_number(number, part.context))
        except PopulationDatabaseError:
            return MemberResult.UNKNOWN
        person = KnownPerson.of(citizen) if citizen else None
        await self._journal.close(part, "found" if citizen else "not_found", person=person)
        if citizen is None:
            return MemberResult.NOT_MEMBER
        return MemberResult.MEMBER if _heads(head, citizen) else MemberResult.NOT_MEMBER


def _is_head(citizen: Citizen) -> bool:
    """Tell whether a record names its own person as head, by the relation or by the number."""
    named = citizen.household_head
    if named is None:
        return False
    is_himself = named.relationship is not None and named.relationship.code == _HEAD_HIMSELF
    return is_himself or _heads(citizen, citizen)


def _heads(head: Citizen, citizen: Citizen) -> bool:
    """Tell whether `head` is the one whom the citizen's record names; an empty number names nobody."""
    named = citizen.household_head
    if named is None:
        return False
    pairs = ((head.id_number, named.id_number), (head.old_id_number, named.old_id_number))
    return any(own is not None and own == told for own, told in pairs)
